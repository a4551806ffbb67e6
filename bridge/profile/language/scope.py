"""What the `scope:` of a profile can be."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from bridge.profile.language.inputs import SIGNALS
from bridge.profile.language.pipelines import Chain, LoadShape
from bridge.profile.shapes.kinds import OneKind
from bridge.profile.shapes.shape import Json, Subject, is_nothing, refuse, resolve, shorten
from bridge.profile.shapes.structures import Field, Fields, Given, ListOf, Record, Table
from bridge.profile.shapes.values import Choice, Number, Text
from bridge.profile.source import nodes
from bridge.profile.source.problems import Notes
from bridge.profile.targets import lookup

ENVIRONMENT: Final = re.compile(r"\$\{(\w+)(?::-([^}]*))?\}")
"""`${NAME}` or `${NAME:-what holds without it}`."""


@dataclass(frozen=True, slots=True)
class Url:
    """Where a server is: an address with `${NAME:-default}` for what the environment says."""

    what: str = "an address like http://127.0.0.1:8000"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> Given[str] | None:
        text = Text(self.what, environment=True).read(node, notes, subject)
        return None if text is None else Given(text, node.place, node.place)

    def schema(self) -> Json:
        return {"type": "string", "pattern": r"^(https?://\S+|.*\$\{\w+(:-[^}]*)?\}.*)$"}


@dataclass(frozen=True, slots=True)
class RelayUrl:
    """The address of a TURN or STUN server."""

    what: str = "an address like turn:turn.example.org:3478"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> str | None:
        text = Text(self.what).read(node, notes, subject)
        if text is None:
            return None
        found = re.fullmatch(
            r"(?:(stun|stuns|turn|turns):)?(//)?([\w.\-]+|\[[0-9a-fA-F:]+\])(:[0-9]{1,5})?(\?.*)?", text
        )
        if found is None or not found[1] or found[2]:
            rest = f"{found[3]}{found[4] or ''}" if found else "turn.example.org:3478"
            notes.error(
                node.place,
                f"a relay's address begins with turn: or stun:, and '{shorten(text)}' is none",
                f"write {(found and found[1]) or 'turn'}:{rest}",
            )
            return None
        return text

    def schema(self) -> Json:
        return {"type": "string", "pattern": r"^(stuns?|turns?):[^/\s]\S*$"}


@dataclass(frozen=True, slots=True)
class OneOrMore:
    """One text, or a list of them."""

    item: RelayUrl | Text
    plural: str

    @property
    def what(self) -> str:
        return f"{self.item.what}, or a list of them"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> list[Given[str]] | None:
        if isinstance(node, nodes.Scalar) and resolve(node) is not None:
            one = self.item.read(node, notes, subject)
            return None if one is None else [Given(one, node.place, node.place)]
        return ListOf(self.item, self.plural, distinct=True).read(node, notes, subject)

    def schema(self) -> Json:
        return {"anyOf": [self.item.schema(), ListOf(self.item, self.plural, distinct=True).schema()]}


RELAY = Record(
    "a relay",
    (
        Field(
            "urls",
            OneOrMore(RelayUrl(), "addresses"),
            "Where the TURN or STUN server is, one address or several.",
            '["turn:turn.example.org:3478"]',
            required=True,
        ),
        Field(
            "username", Text(environment=True), "Who to be there. `${NAME}` takes a variable of the environment.", "vj"
        ),
        Field(
            "credential",
            Text(environment=True),
            "The password. `${NAME}` takes a variable of the environment, which is where a secret belongs.",
            '"${TURN_SECRET}"',
        ),
    ),
    aliases={"url": "urls", "user": "username", "password": "credential", "secret": "credential"},
)


@dataclass(frozen=True, slots=True)
class Videos:
    """The video inputs that a Scope transforms."""

    every: tuple[Given[str], ...] = ()
    """For each source."""
    by_source: Mapping[str, Given[list[Given[str]]]] = field(default_factory=dict)
    """By the id of a graph's source."""


_INPUTS_OF_VIDEO: Final = OneOrMore(Text("the name of a video input"), "video inputs")
_BY_SOURCE: Final = Table("a source of the graph", _INPUTS_OF_VIDEO, name=r".*\S.*", examples="cam")


@dataclass(frozen=True, slots=True)
class VideoShape:
    """The name of a video input, several, or those of each source."""

    @property
    def what(self) -> str:
        return f"{_INPUTS_OF_VIDEO.what}; of a graph, by source"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> Videos | None:
        if isinstance(node, nodes.Mapping):
            found = _BY_SOURCE.read(node, notes, Subject(subject.name, "{front: cam, back: [spare, cam]}"))
            return None if found is None else Videos((), found)
        every = _INPUTS_OF_VIDEO.read(node, notes, subject)
        return None if every is None else Videos(tuple(every))

    def schema(self) -> Json:
        return {"anyOf": [*_INPUTS_OF_VIDEO.schema()["anyOf"], {**_BY_SOURCE.schema(), "type": "object"}]}


OUTPUT_SINKS: Final = Record(
    "output_sinks",
    (
        Field("ndi", Text("the name of an NDI source"), "The NDI source that receivers see.", "Scope"),
        Field("spout", Text("the name of a Spout sender"), "The Spout sender on Scope's machine (Windows).", "Scope"),
        Field("syphon", Text("the name of a Syphon server"), "The Syphon server on Scope's machine (macOS).", "Scope"),
    ),
)

INPUT_SOURCE: Final = OneKind(
    Record(
        "an input source",
        (
            Field("ndi", Text(), "An NDI source on Scope's network, as it is announced.", '"FOH (Cam 1)"'),
            Field("spout", Text(), "A Spout sender on Scope's machine (Windows).", "Resolume"),
            Field("syphon", Text(), "A Syphon server on Scope's machine (macOS).", "Resolume"),
            Field("video_file", Text(), "A video file on Scope's machine.", "loops/haze.mp4"),
        ),
        aliases={"file": "video_file", "video": "video_file"},
    ),
    {kind: f"video from {kind}" for kind in ("ndi", "spout", "syphon", "video_file")},
)

MODULATION: Final = Record(
    "a modulation",
    (
        Field(
            "shape",
            Choice(("sine", "cosine", "triangle", "saw", "square", "exp_decay")),
            "How it swings; `exp_decay` falls from each beginning.",
            "sine",
            default="sine",
        ),
        Field("depth", Number(0, 1), "How far, in the parameter's own unit.", "0.3", default="0.3"),
        Field(
            "rate",
            Choice(("half_beat", "beat", "2_beat", "bar", "2_bar", "4_bar")),
            "How long one swing takes.",
            "bar",
            default="bar",
        ),
    ),
    aliases={"wave": "shape", "period": "rate", "amount": "depth"},
)

MODULATIONS: Final = Table(
    "a modulation",
    MODULATION,
    name=r"\w+",
    name_rule="it stands under the name of a parameter",
    examples="{shape: sine, depth: 0.3, rate: bar}",
)

SCOPE = Record(
    "scope",
    (
        Field(
            "url",
            Url(),
            "Where the Scope server is. `${NAME:-default}` takes a variable of the environment.",
            "http://127.0.0.1:8000",
            default="http://127.0.0.1:8000",
        ),
        Field(
            "pipeline",
            Chain(),
            "Which pipeline Scope runs, or several in a row, of which each takes the pictures of the one before.",
            "[video-depth-anything, longlive]",
            default="longlive",
        ),
        Field(
            "graph",
            Text("the path of a graph"),
            "A graph of pipelines, instead of `pipeline`: the file that Scope's own page exports, looked for beside the "
            "profile.",
            "graph.json",
        ),
        Field(
            "load",
            LoadShape(),
            "What the pipeline is loaded with; a change loads it anew. Of a chain or graph, below the name of a pipeline "
            "or node what that one is loaded with, else the main one: the one that the prompt is for. Other keys are "
            "passed on: plugins have their own.",
            "{width: 576, height: 320}",
            default="the pipeline's own values",
        ),
        Field(
            "ice",
            Choice(("auto", "loopback")),
            "Which addresses WebRTC offers: `auto` what the URL needs, `loopback` 127.0.0.1 alone (rehearsal, tests).",
            "auto",
            default="auto",
        ),
        Field(
            "frames_per_chunk",
            Number(1, 1000, whole=True),
            "How many frames the pipeline, or the main one, makes in one call; needed only for a plugin that makes more "
            "than 12.",
            "24",
            default="the bridge's own table",
        ),
        Field(
            "video",
            VideoShape(),
            "The video inputs that Scope transforms: the first that is alive. Of a graph with several sources, by the id "
            "of the source: `{front: cam, back: [spare, cam]}`.",
            "[cam]",
            default="Scope dreams from its prompt alone",
        ),
        Field(
            "input_source",
            INPUT_SOURCE,
            "What Scope takes in on its own machine, instead of video from the bridge.",
            "{ndi: FOH}",
        ),
        Field(
            "output_sinks",
            OUTPUT_SINKS,
            "What Scope sends on its own machine, beside the picture that comes back to the bridge.",
            "{ndi: Scope}",
        ),
        Field(
            "vace",
            Choice(("off", "images", "video")),
            "What VACE follows: `images` reference images, `video` the source video, `off` nothing (and no GPU memory).",
            "images",
            default="what load says",
        ),
        Field(
            "standby",
            Url(),
            "Another server, kept loaded and warm, which takes over when the first one fails, or when `standby` says so.",
            "http://gpu-b:8000",
        ),
        Field(
            "tempo",
            Choice(("off", "link", "midi_clock")),
            "What Scope's own tempo follows, for what it does on the beat itself: `modulations` and "
            "`beat_cache_reset_rate`.",
            "link",
            default="off: the bridge does what is in `modulations`, by the tempo of the show",
        ),
        Field(
            "modulations",
            MODULATIONS,
            "Parameters that swing with the beat, around where a hand or a scene has put them.",
            "{noise_scale: {shape: sine, depth: 0.3, rate: bar}}",
        ),
        Field(
            "relay",
            RELAY,
            "A TURN or STUN server of your own, for networks that let no video through.",
            '{urls: ["turn:turn.example.org:3478"], username: vj, credential: "${TURN_SECRET}"}',
            default="the ones that the server names",
        ),
    ),
    aliases={
        "address": "url",
        "host": "url",
        "server": "url",
        "params": "load",
        "load_params": "load",
        "input": "video",
        "source": "video",
        "fallback": "standby",
        "turn": "relay",
        "ice_servers": "relay",
        "chain": "pipeline",
        "pipelines": "pipeline",
        "modulation": "modulations",
        "sinks": "output_sinks",
        "videos": "video",
    },
)


@dataclass(frozen=True, slots=True)
class ScopeShape:
    """An address, or a mapping."""

    what: str = "an address like http://127.0.0.1:8000, or a mapping with url and pipeline"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> Fields | None:
        if isinstance(node, nodes.Mapping) or is_nothing(node):
            return SCOPE.read(node, notes, subject)
        if not isinstance(node, nodes.Scalar):
            refuse(node, notes, subject, self.what)
            return None
        given = Url().read(node, notes, subject)
        return None if given is None else {"url": Given(given, node.place, node.place)}

    def schema(self) -> Json:
        return {"anyOf": [Url().schema(), SCOPE.schema()]}


SCOPES: Final = Table(
    "a Scope",
    ScopeShape(),
    reserved={
        **dict.fromkeys(SIGNALS, "signals of the bridge begin with that"),
        **dict.fromkeys(lookup.heads(), "targets begin with that"),
    },
    examples="{url: http://gpu-a:8000}",
)
"""Several Scopes, by name."""
