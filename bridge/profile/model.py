"""A profile, read and found good: what the rest of the program works from.

These are the results of reading, not the file: names are resolved, ranges are filled in, durations are typed.
`bridge.profile.load` makes them.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from bridge.catalogue import STANDARD, Catalogue
from bridge.parameters import Parameter, PerChunk
from bridge.profile.durations import CUT, Duration
from bridge.profile.filters import Curve, Filter
from bridge.profile.inputs import TOLERANCE, InputOptions
from bridge.profile.outputs import OutputOptions

Range = tuple[float, float]
"""Two ends, in order of travel: the first may be the larger one, which turns the route around."""
Mix = Literal["latest", "add", "multiply", "max", "min", "average"]
"""How a route joins what else drives its target: `latest` sets the base (the hand), the others act on top of it."""
Takeover = Literal["jump", "pickup", "scale", "catch up", "parallel"]
"""How a control takes a target that something else has moved."""
Law = Literal["linear", "equal power"]
Method = Literal["linear", "slerp"]


# Targets: a value may be overtaken by a newer one, a trigger is never lost.


@dataclass(frozen=True, slots=True)
class ParameterTarget:
    """VALUE. A parameter of Scope from the catalogue, or (`param/<name>`) one that only the pipeline knows."""

    parameter: Parameter
    element: int | None = None
    """Which element of a list (`denoising_step_list[2]`), from 1."""
    node: str | None = None
    """The one node of a chain or graph that gets it (`node/<id>/<parameter>`); None: all."""


@dataclass(frozen=True, slots=True)
class LoraTarget:
    """VALUE. A LoRA's strength, by its short name."""

    lora: str
    """A name in `loras`."""


@dataclass(frozen=True, slots=True)
class ImageTarget:
    """VALUE, text. An image, by its short name or a path on the server."""

    role: Literal["reference", "first", "last"]

    @property
    def parameter(self) -> str:
        """The key of Scope's messages."""
        match self.role:
            case "reference":
                return "vace_ref_images"
            case "first" | "last":
                return f"{self.role}_frame_image"

    def told(self, path: str) -> str | list[str]:
        """Return what Scope is told, of an image at `path`."""
        return [path] if self.role == "reference" else path


@dataclass(frozen=True, slots=True)
class ControlTarget:
    """VALUE. A key held (`ctrl/key/<code>`, 0 or 1) or the mouse moved (`ctrl/mouse`, two numbers)."""

    control: str
    """A W3C key code like `KeyW`, or `mouse`."""


@dataclass(frozen=True, slots=True)
class PromptTarget:
    """VALUE, text. The prompt: a name in the bank, its number from 1, or any text."""


@dataclass(frozen=True, slots=True)
class PromptNamed:
    """TRIGGER. One prompt of the bank becomes the one in force."""

    name: str


@dataclass(frozen=True, slots=True)
class PromptStep:
    """TRIGGER. Through the bank in the file's order, around the ends; `random` never repeats the one in force."""

    step: Literal["next", "previous", "random"]


@dataclass(frozen=True, slots=True)
class SlotTarget:
    """VALUE. One of several prompts that are mixed in space: its text (as `PromptTarget`), or its weight, a number."""

    slot: str
    control: Literal["text", "weight"]


@dataclass(frozen=True, slots=True)
class FadeTarget:
    """VALUE. How the next change of prompt arrives."""

    control: Literal["steps", "method"]
    """`transition_steps`: chunks, 0 cuts, 1 counts as 2; `temporal_interpolation_method`: linear or slerp."""


@dataclass(frozen=True, slots=True)
class WordTarget:
    """VALUE, text or 0..1. A word that prompts contain as `{name}`: one of `prompts.words`, or any text."""

    word: str


@dataclass(frozen=True, slots=True)
class SeedRandom:
    """TRIGGER. Another random seed."""


@dataclass(frozen=True, slots=True)
class SceneTarget:
    """TRIGGER. Recall a scene, or (`scene/save/<name>`) write what is live into the profile as that scene."""

    scene: str
    save: bool = False


@dataclass(frozen=True, slots=True)
class CueTarget:
    """TRIGGER. A cue by its name, or the next one (`go`), or the one before (`back`)."""

    name: str = ""
    step: Literal["name", "go", "back"] = "name"


@dataclass(frozen=True, slots=True)
class PageTarget:
    """TRIGGER. A page by its name, or the next or previous one, around the ends: of the pages that the input has of its own
    from which it comes, else of the rig's."""

    name: str = ""
    step: Literal["name", "next", "previous"] = "name"


@dataclass(frozen=True, slots=True)
class SnapshotTarget:
    """TRIGGER. Keep everything that is live, or bring it back."""

    action: Literal["save", "recall"]
    number: int
    """1 to 99."""


@dataclass(frozen=True, slots=True)
class RouteTarget:
    """VALUE. A named route's depth (`amount`, 0 to 1) or whether it acts (`on`, a switch)."""

    route: str
    control: Literal["amount", "on"]


@dataclass(frozen=True, slots=True)
class OutputTarget:
    """VALUE. Something about an output of the bridge."""

    output: str
    """The output's name, or `all`."""
    control: Literal["freeze", "level", "key"]
    """`freeze` a switch, `level` 0 to 1, `key` the threshold of its key, 0 to 1."""


@dataclass(frozen=True, slots=True)
class SourceTarget:
    """TRIGGER. Which video input Scope transforms."""

    source: str


@dataclass(frozen=True, slots=True)
class PositionTarget:
    """VALUE, 0 to 1. Where in its file a video input is."""

    source: str


@dataclass(frozen=True, slots=True)
class PipelineTarget:
    """TRIGGER. Which pipeline runs."""

    pipeline: str


@dataclass(frozen=True, slots=True)
class BridgeTarget:
    """`tap`, `undo`, `panic`, `lamps` (controllers are told anew what they show): TRIGGER. `bypass` VALUE, 0 Scope to 1 the source. VALUE, switches: `record`; `standby`,
    which server plays, 1 the standby and 0 the main one; `server record` (`scope/record`), whether Scope itself records
    what it makes, and the file is fetched when that ends."""

    act: Literal["tap", "undo", "panic", "lamps", "bypass", "record", "standby", "server record"]


@dataclass(frozen=True, slots=True)
class OfScope:
    """As the target it holds, of one Scope of several: `left/noise_scale`."""

    scope: str
    target: "Target"


Target = (
    ParameterTarget | LoraTarget | ImageTarget | ControlTarget
    | PromptTarget | PromptNamed | PromptStep | SlotTarget | FadeTarget | WordTarget | SeedRandom
    | SceneTarget | CueTarget | PageTarget | SnapshotTarget | RouteTarget
    | OutputTarget | SourceTarget | PositionTarget | PipelineTarget | BridgeTarget | OfScope
)  # fmt: skip


# What the sections of a profile say.


@dataclass(frozen=True, slots=True)
class Relay:
    """TURN or STUN servers of one's own, instead of the server's `/ice-servers`."""

    urls: tuple[str, ...]
    username: str | None = None
    credential: str | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """One pipeline that a Scope runs."""

    id: str
    """What `node/<id>/...` names, and Scope's own `node_id`."""
    pipeline: str
    load: Mapping[str, Any] = field(default_factory=dict)
    """As `Scope.load`."""


@dataclass(frozen=True, slots=True)
class Graph:
    """A graph of Scope's own form, checked: `nodes` and `edges` as its API takes them, in their order."""

    nodes: tuple[Mapping[str, Any], ...]
    """Each with `id` and `type` (`source`, `pipeline`, `sink`, `record`, `node`) at least."""
    edges: tuple[Mapping[str, Any], ...]
    """Each with `from`, `from_port`, `to_node`, `to_port`."""


@dataclass(frozen=True, slots=True)
class Modulation:
    """A parameter that swings with the beat: by Scope's own tempo where it has one, else by the bridge's."""

    shape: Literal["sine", "cosine", "triangle", "saw", "square", "exp_decay"] = "sine"
    depth: float = 0.3
    """0 to 1."""
    rate: Literal["half_beat", "beat", "2_beat", "bar", "2_bar", "4_bar"] = "bar"


@dataclass(frozen=True, slots=True)
class Scope:
    """Which Scope to talk to, and what it should run."""

    url: str = "http://127.0.0.1:8000"
    """Without a slash at the end."""
    pipeline: str = "longlive"
    """The one that runs; of a chain or graph, the one that the prompt is for, else the last."""
    load: Mapping[str, Any] = field(default_factory=dict)
    """Load parameters, as the server takes them; LoRAs, their merge mode and VACE are in it already. Of a chain or
    graph, those of the main pipeline."""
    ice: Literal["auto", "loopback"] = "auto"
    """Which addresses WebRTC offers: what the URL needs, or 127.0.0.1 alone."""
    frames_per_chunk: int | None = None
    """How many frames the pipeline makes in one call, where the bridge's own table does not know; at least 1."""
    video: tuple[str, ...] = ()
    """The video inputs that Scope transforms, the first that lives; empty: text mode."""
    input_mode: Literal["text", "video"] = "text"
    """How sessions begin: dreaming from the prompt alone, or transforming video."""
    vace: Literal["off", "images", "video"] = "off"
    standby: str | None = None
    """The server that takes over, without a slash at the end."""
    relay: Relay | None = None
    name: str = ""
    """What the profile calls it, where it has several; empty: the only one."""
    chain: tuple[Node, ...] = ()
    """All pipelines of a chain or graph, in order, the main one among them; empty: `pipeline` alone."""
    graph: Graph | None = None
    """None: `nodes`, one after the other."""
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By the id of a graph's source node: the video inputs for it, the first that lives. Empty: `video` for every one."""
    tempo: Literal["off", "link", "midi_clock"] = "off"
    """What Scope's own tempo follows."""
    modulations: Mapping[str, Modulation] = field(default_factory=dict)
    """By parameter."""
    output_sinks: Mapping[Literal["ndi", "spout", "syphon"], str] = field(default_factory=dict)
    """What Scope itself sends on its own machine: the sender's name by kind."""
    images: Mapping[str, str] = field(default_factory=dict)
    """Images of this machine that the server needs: the path of each, by what values call it."""
    input_source: tuple[Literal["ndi", "spout", "syphon", "video_file"], str] | None = None
    """What Scope itself takes in on its own machine, instead of video from the bridge: the kind and the sender's name."""

    @property
    def called(self) -> str:
        """What a sentence calls it: of several, with its name."""
        return f"Scope {self.name}" if self.name else "Scope"

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The pipelines that it runs, in order; a lone one has its own name as its id."""
        return self.chain or (Node(self.pipeline, self.pipeline, self.load),)


PLACES: Final = re.compile(r"\{\{|\}\}|\{([^{}]*)\}")
"""Where a prompt names a word, as its group 1; `{{` and `}}` are braces and have none."""


@dataclass(frozen=True, slots=True)
class Prompts:
    """The prompt bank and how prompts give way to each other."""

    bank: Mapping[str, str] = field(default_factory=dict)
    """Text by name, in the order of the file (of `file:` first). `{word}` stands for the word of that name."""
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The choices of each word; the first is where it starts."""
    fade: Duration = CUT
    """How a change of prompt arrives. Never 1 chunk, which Scope cannot do."""
    fade_method: Method = "linear"
    blend: Method = "linear"
    """How slots mix in space. `slerp` only with two slots."""
    slots: tuple[str, ...] = ()
    """None, or two to four names. The first has weight 1 at the start, the others 0; `prompt` means the first."""


@dataclass(frozen=True, slots=True)
class Route:
    """One signal to one target, or across several."""

    signal: str
    """`input/path`, as in the profile, without `[n]`. May hold `*` (inside a segment), `**` (any rest), `{n}`."""
    target: Target | None
    """None: across several, or the target's text holds `{n}` and is resolved (`targets.named`) with each signal."""
    target_text: str
    """The target, as in the profile; of several, joined by `, `."""
    filters: tuple[Filter, ...] = ()
    """In their order; those of the keys `press` and `every` come first."""
    source: Range | None = None
    """The signal's range that means the target's whole way, from `in:`, the input, or the kind of signal; None: values
    are in the target's own unit."""
    out: Range | None = None
    """Where the way begins and ends, in the target's unit; None: the whole way of the target, or no scaling."""
    per_chunk: PerChunk = "newest"
    argument: int | None = None
    """Which of the message's values counts, from 1; None: the last."""
    name: str = ""
    """Makes `route/<name>/amount` and `route/<name>/on`; empty: unnamed."""
    mix: Mix = "latest"
    amount: float = 1.0
    """The depth that the route starts with, 0 to 1."""
    on: bool = True
    across: tuple[tuple[str, Target], ...] = ()
    """For `across:`, each target's text and the target; two or more."""
    law: Law = "linear"
    period: Duration | None = None
    """Of an `lfo/<shape>`; one bar if not given."""
    phase: float = 0.0
    """Where in its period an `lfo` begins, 0 to 1."""
    takeover: Takeover = "jump"
    takeover_tolerance: float = TOLERANCE
    """How near, as a part of the whole way, the control counts as being where the value is; 0 to 0.5."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What a scene does to one target."""

    target: Target
    value: Any
    """Coerced and clamped."""
    fade: Duration | None = None
    """None: the scene's own."""
    curve: Curve | None = None
    """None: the scene's own."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A set of target values, recalled at once or over time."""

    name: str
    settings: Mapping[str, Setting]
    """By the target's text."""
    fade: Duration = CUT
    curve: Curve | None = None
    """How fades run; None: evenly."""


@dataclass(frozen=True, slots=True)
class Cue:
    """A scene in a list, with a time."""

    name: str
    scene: str
    wait: Duration | None = None
    """From `go` until it acts: to the next line of so many beats or bars; seconds: so long."""
    follow: Duration | None = None
    """From when it acts until the next cue goes by itself."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """What a controller does meanwhile: its routes come before those of the profile for the same signal."""

    name: str
    held: str | None = None
    """`while:` the signal that holds the page, for as long as it is up."""
    latched: str | None = None
    """`from:` the signal whose press goes to the page, and from it back to where one came from."""
    routes: tuple[Route, ...] = ()
    """Those of its grids, too: a pad is a route from `<grid>/<row>/<column>`, from 1."""
    on: str | None = None
    """The input whose controls it is for: the pages of each such input are turned apart from all others. None: the page is
    one of those for the whole rig."""


@dataclass(frozen=True, slots=True)
class Guard:
    """Limits for a target: what is held back arrives later, the newest of it."""

    max_rate: tuple[int, Duration] | None = None
    """So many changes at most in so long."""
    max_cuts: tuple[int, Duration] | None = None
    """The same, of changes that cut the picture."""


@dataclass(frozen=True, slots=True)
class TempoSource:
    """Where the tempo comes from; the first of a profile's that is alive."""

    kind: Literal["link", "midi_clock", "input", "bpm"]
    name: str = ""
    """Of `midi_clock` the port's name or pattern, of `input` the input's name."""
    bpm: float = 0.0
    """Of `bpm`, 20 to 400."""


@dataclass(frozen=True, slots=True)
class Profile:
    """Everything a show needs to know."""

    path: str
    """The file it came from, as it was named."""
    scope: Scope = field(default_factory=Scope)
    """The only Scope, or the first of several."""
    scopes: Mapping[str, Scope] = field(default_factory=dict)
    """By name, in the file's order, where there are several (`scopes:`); empty: `scope` alone."""
    inputs: Mapping[str, InputOptions] = field(default_factory=dict)
    outputs: Mapping[str, OutputOptions] = field(default_factory=dict)
    prompts: Prompts = field(default_factory=Prompts)
    start: Mapping[str, tuple[Target, Any]] = field(default_factory=dict)
    """What is set before the first frame: by the target's text, the target and its value, coerced and clamped."""
    routes: tuple[Route, ...] = ()
    loras: Mapping[str, str] = field(default_factory=dict)
    """File by short name."""
    lora_change: Literal["cut", "smooth"] = "cut"
    images: Mapping[str, str] = field(default_factory=dict)
    """File by short name."""
    tempo: tuple[TempoSource, ...] = ()
    start_scene: str | None = None
    """The scene that `start` names, whose values `start` holds."""
    safe: Scene | None = None
    """Where panic fades to; None: to the values of `start`."""
    scenes: Mapping[str, Scene] = field(default_factory=dict)
    cues: Mapping[str, Cue] = field(default_factory=dict)
    """In the order of the list."""
    pages: Mapping[str, Page] = field(default_factory=dict)
    """The first is where a show starts."""
    lights: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Colour and behaviour by kind of target (`scene`, `prompt`) and state (`idle`, `waiting`, `active`)."""
    guards: Mapping[str, Guard] = field(default_factory=dict)
    """By the target's text."""
    files: tuple[str, ...] = ()
    """The other files it was read from (`extends`, `prompts.file`), as paths: a change of one is a change of it."""
    catalogue: Catalogue = STANDARD
    """What the server can be told, as far as it was known when the profile was read."""


def routes_of(profile: Profile) -> Iterator[tuple[str | None, Route]]:
    """Yield all routes with the page they belong to: those of the profile first."""
    for route in profile.routes:
        yield None, route
    for page in profile.pages.values():
        for route in page.routes:
            yield page.name, route
