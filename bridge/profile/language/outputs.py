"""What the `outputs:` of a profile can be, as they are written."""

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from bridge.profile.durations import CUT, Duration
from bridge.profile.outputs import Size
from bridge.profile.shapes.kinds import OneKind
from bridge.profile.shapes.shape import Json, Subject, refuse, shorten
from bridge.profile.shapes.structures import Field, Record, Table
from bridge.profile.shapes.values import Choice, Length, Number, Switch, Text
from bridge.profile.source import nodes
from bridge.profile.source.problems import Notes, did_you_mean

_BROADCAST = {
    "23.976": Fraction(24000, 1001),
    "23.98": Fraction(24000, 1001),
    "29.97": Fraction(30000, 1001),
    "47.952": Fraction(48000, 1001),
    "59.94": Fraction(60000, 1001),
    "119.88": Fraction(120000, 1001),
}


@dataclass(frozen=True, slots=True)
class Rate:
    """Frames per second; 29.97 and its kin mean the exact broadcast rates."""

    what: str = "a number from 1 to 120"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> Fraction | None:
        value = Number(1, 120).read(node, notes, subject)
        if value is None:
            return None
        assert isinstance(node, nodes.Scalar)
        return _BROADCAST.get(node.text) or Fraction(value).limit_denominator(1001)

    def schema(self) -> Json:
        return Number(1, 120).schema()


@dataclass(frozen=True, slots=True)
class Pixels:
    """Width and height."""

    what: str = "a width and a height like 1920x1080"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> Size | None:
        text = node.text.strip() if isinstance(node, nodes.Scalar) else ""
        found = re.fullmatch(r"([0-9]{1,6}) ?(x|X|×|\*|,|by) ?([0-9]{1,6})", text)
        if found is None or found[2] != "x" or " " in text:
            refuse(node, notes, subject, self.what, f"write {found[1]}x{found[3]}" if found else None)
            return None
        width, height = int(found[1]), int(found[3])
        if not (16 <= width <= 8192 and 16 <= height <= 8192):
            notes.error(node.place, f"a picture has 16 to 8192 pixels each way, and {text} has not", subject.hint)
            return None
        if width % 2 or height % 2:
            notes.error(
                node.place,
                f"a picture's width and height are even, and {text} has an odd one",
                f"write {width + width % 2}x{height + height % 2}",
            )
            return None
        return width, height

    def schema(self) -> Json:
        return {"type": "string", "pattern": r"^[0-9]{1,4}x[0-9]{1,4}$"}


@dataclass(frozen=True, slots=True)
class Back:
    """How the live picture returns."""

    what: str = "cut, or a fade like fade 1 s"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> Duration | None:
        text = node.text.strip() if isinstance(node, nodes.Scalar) else ""
        if text == "cut":
            return CUT
        word, _, rest = text.partition(" ")
        if not isinstance(node, nodes.Scalar) or word != "fade":
            length = re.fullmatch(r"[0-9.]+ ?(ms|s|chunks?|beats?|bars?)", text)
            refuse(node, notes, subject, self.what, f"write fade {text}" if length else None)
            return None
        return Length().read(nodes.Scalar(node.place, rest.strip(), node.plain), notes, Subject("fade", "1 s"))

    def schema(self) -> Json:
        return {"type": "string", "pattern": "^(cut|fade .+)$"}


@dataclass(frozen=True, slots=True)
class VideoFile:
    """The path of a video file to write."""

    what: str = "the path of a video file, like recordings/{date}.mp4"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> str | None:
        text = Text(self.what).read(node, notes, subject)
        if text is None:
            return None
        for found in re.finditer(r"\{([^{}]*)\}", text):
            if found[1] not in ("date", "time"):
                near = did_you_mean(found[1], ("date", "time"))
                notes.error(
                    node.place,
                    f"a recording's name can hold {{date}} and {{time}}, and {found[0]} is neither",
                    near,
                    subject.hint,
                )
                return None
        if not re.search(r"[^/\\]\.(mp4|mov|mkv)$", text):
            stem = re.sub(r"\.\w{1,4}$", "", text.rstrip("/\\")) or "show"
            notes.error(
                node.place,
                f"a recording is an .mp4, .mov or .mkv file, and '{shorten(text)}' is none",
                f'write "{stem}.mp4"',
            )
            return None
        return text

    def schema(self) -> Json:
        return {"type": "string", "pattern": r"\.(mp4|mov|mkv)$"}


GONE = Record(
    "gone",
    (
        Field(
            "show",
            Choice(("hold", "loop", "source", "slate")),
            "What shows: `hold` the last picture, `loop` the last seconds back and forth, `source` the video that goes "
            "into Scope, `slate` a card.",
            "loop",
            default="hold",
        ),
        Field("after", Length(), "How long the last picture is held before that.", "3 s", default="at once"),
        Field("back", Back(), "How the live picture returns: `cut`, or a fade.", "fade 1 s", default="cut"),
    ),
)

OUTPUT = Record(
    "an output",
    (
        Field(
            "ndi",
            Text("the name of an NDI source"),
            "The NDI source that receivers see, after the machine's name.",
            "Scope Bridge",
        ),
        Field(
            "spout", Text("the name of a Spout sender"), "The Spout sender on this machine (Windows).", "Scope Bridge"
        ),
        Field(
            "syphon", Text("the name of a Syphon server"), "The Syphon server on this machine (macOS).", "Scope Bridge"
        ),
        Field("window", Number(1, 16, whole=True), "A window on the screen of this number.", "2"),
        Field(
            "record", VideoFile(), "A video file; `{date}` and `{time}` are when it begins.", '"recordings/{date}.mp4"'
        ),
        Field("fullscreen", Switch(), "Whether the window fills its screen.", "true", default="false"),
        Field(
            "from",
            Text("a Scope, a sink of its graph, or both as left/wide"),
            "Which picture: that of one Scope of several, of one sink of a graph, or of one Scope's sink, `left/wide`.",
            "left",
            default="the first Scope's, and of a graph that of the first sink",
        ),
        Field(
            "size",
            Pixels(),
            "The picture's width and height in pixels.",
            "1920x1080",
            default="as the pipeline makes it",
        ),
        Field(
            "fit",
            Choice(("contain", "cover", "stretch")),
            "How a picture of another shape gets that size: `contain` with bars, `cover` cut off, `stretch` distorted.",
            "contain",
            default="contain",
        ),
        Field(
            "fps",
            Rate(),
            "Frames per second on the output's own clock; frames are repeated to keep it. 29.97 and 59.94 are exact.",
            "30",
            default="30",
        ),
        Field(
            "gone",
            GONE,
            "What shows when no picture comes, and how the live one returns.",
            "{show: loop, after: 3 s, back: fade 1 s}",
            default="the last picture stays",
        ),
    ),
    aliases={
        "name": "ndi",
        "rate": "fps",
        "framerate": "fps",
        "resolution": "size",
        "file": "record",
        "display": "window",
        "screen": "window",
        "scope": "from",
        "sink": "from",
    },
)

ONE_OUTPUT: Final = OneKind(
    OUTPUT,
    {
        "ndi": "an NDI output",
        "spout": "a Spout output",
        "syphon": "a Syphon output",
        "window": "a window",
        "record": "a recording",
    },
    {"fullscreen": ("window",)},
)
"""An output: `OUTPUT`'s keys, of which one says what it is."""

OUTPUTS = Table(
    "an output",
    ONE_OUTPUT,
    reserved={"all": "that means every output", "page": "that is the picture on the page"},
    examples="{ndi: Scope Bridge}",
)
