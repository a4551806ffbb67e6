"""What the `lights:` of a profile can be: the lamps of a controller, by what they stand for and how it is with that."""

import re
from dataclasses import dataclass
from typing import Final

from bridge.profile.shapes.shape import Json, Subject, refuse, resolve
from bridge.profile.shapes.structures import Field, Record
from bridge.profile.source import nodes
from bridge.profile.source.problems import Notes, nearest

COLOURS: Final = (
    "off",
    "white",
    "red",
    "orange",
    "amber",
    "yellow",
    "lime",
    "green",
    "cyan",
    "blue",
    "purple",
    "magenta",
    "pink",
)
MANNERS: Final = ("dim", "blink", "pulse")

_LIGHT = rf"(?:(?:{'|'.join(MANNERS)}) )?(?:{'|'.join(COLOURS)}|#[0-9a-fA-F]{{6}})"


@dataclass(frozen=True, slots=True)
class Light:
    """A colour, and perhaps how it shines."""

    what: str = "a colour like red, perhaps with dim, blink or pulse before it"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> str | None:
        if isinstance(node, nodes.Scalar) and isinstance(resolve(node), str):
            text = " ".join(node.text.split())
            if re.fullmatch(_LIGHT, text):
                return text
            first, _, last = text.rpartition(" ")
            manner = nearest(first, MANNERS) if first else ""
            colour = last if last.startswith("#") else nearest(last, COLOURS if first else (*MANNERS, *COLOURS))
            near = None if manner is None or colour is None else f"did you mean '{f'{manner} {colour}'.strip()}'?"
            turned = f"write {last} {first}" if re.fullmatch(_LIGHT, f"{last} {first}") else None
            colours = (
                None if turned or near else f"the colours are {', '.join(COLOURS)}, or one like '#ff8800', in quotes"
            )
            refuse(node, notes, subject, self.what, turned or near, colours)
            return None
        bare = re.match(r"#[0-9a-fA-F]{6}\b", notes.rest_of_line(node.place).strip())
        refuse(node, notes, subject, self.what, f'in quotes: "{bare[0]}"' if bare else None)
        return None

    def schema(self) -> Json:
        return {"type": "string", "pattern": f"^(?:{_LIGHT})$"}


_ALIASES: Final = {"on": "active", "off": "idle", "asked": "waiting"}

LIGHT: Final = Record(
    "a light",
    (
        Field("idle", Light(), "While it could be taken, and is not.", "dim red", default="off"),
        Field("waiting", Light(), "From when it was asked for until the picture shows it.", "blink red", default="off"),
        Field("active", Light(), "While the picture shows it.", "red", default="off"),
    ),
    aliases=_ALIASES,
)

LIGHT_OF_VALUE: Final = Record(
    "a light of a value",
    (
        Field(
            "idle",
            Light(),
            "Until something has set the value.",
            "off",
            default="off",
        ),
        Field(
            "waiting",
            Light(),
            "While the control stands elsewhere than the value, and has not taken it over.",
            "blink amber",
            default="off",
        ),
        Field("active", Light(), "While the control and the value are one.", "green", default="off"),
        Field(
            "clipped",
            Light(),
            "While the control asks for more than the value's range has.",
            "red",
            default="as active",
        ),
    ),
    aliases={**_ALIASES, "clip": "clipped"},
)

LIGHT_OF_BEAT: Final = Record(
    "a light of the beat",
    (
        Field("idle", Light(), "Between the beats.", "off", default="off"),
        Field("active", Light(), "A flash on each beat.", "white", default="off"),
    ),
    aliases=_ALIASES,
)

_OF: Final = {
    "scene": "a scene",
    "cue": "a cue",
    "prompt": "a prompt of the bank",
    "page": "a page",
    "snapshot": "a snapshot",
    "route": "a route that can be switched on",
    "source": "a video input",
    "pipeline": "a pipeline",
    "output": "an output's freeze",
    "trigger": "anything else that happens, like undo",
}

LIGHTS: Final = Record(
    "the section lights",
    (
        *(
            Field(
                name,
                LIGHT,
                f"The lamps of pads and buttons that stand for {about}.",
                "{idle: dim red, waiting: blink red, active: red}",
            )
            for name, about in _OF.items()
        ),
        Field(
            "value",
            LIGHT_OF_VALUE,
            "The lamps and rings of faders, knobs and encoders.",
            "{waiting: blink amber, active: green, clipped: red}",
        ),
        Field("beat", LIGHT_OF_BEAT, "The lamps of buttons that lead to `tap`.", "{active: white}"),
    ),
    aliases={
        "scenes": "scene",
        "cues": "cue",
        "prompts": "prompt",
        "pages": "page",
        "snapshots": "snapshot",
        "sources": "source",
        "routes": "route",
        "values": "value",
        "fader": "value",
        "knob": "value",
        "encoder": "value",
        "ring": "value",
        "tap": "beat",
        "tempo": "beat",
        "triggers": "trigger",
        "other": "trigger",
    },
)
