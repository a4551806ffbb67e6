"""What a person wants to know of the running bridge, as plain data. The console shows it; the app takes the snapshot."""

from dataclasses import dataclass
from enum import Enum
from typing import Any


class Phase(Enum):
    """Where the talk with Scope stands, in the words that the console uses."""

    SEARCHING = "searching"
    """No server answers."""
    LOADING = "loading"
    """The server loads the pipeline."""
    CONNECTING = "connecting"
    """The session is being set up, or waits for its first frame."""
    STREAMING = "streaming"
    """Frames come."""
    PAUSED = "paused"
    """The GPU idles because it was told to."""


@dataclass(frozen=True, slots=True)
class ScopeStatus:
    """The session with Scope."""

    url: str
    phase: Phase
    detail: str
    """One sentence: what is happening, or what went wrong and what happens next."""
    version: str | None = None
    pipeline: str | None = None
    fps: float = 0.0
    """Frames received per second, over about two seconds."""
    chunk_seconds: float | None = None
    """How long one chunk takes, measured; None until known."""
    frames: int = 0
    """Received since the bridge started."""
    chunks: int = 0
    """Finished chunks seen since the bridge started."""
    messages: int = 0
    """Parameter messages sent since the bridge started."""
    frame_age: float | None = None
    """Seconds since the newest frame came; None before the first."""
    sessions: int = 0
    """Sessions that brought frames since the bridge started: more than 1 means it reconnected."""
    name: str = ""
    """What the profile calls it, where it has several; empty: the only one."""
    progress: float | None = None
    """How far a load or download has come, 0 to 1; None where nothing of that kind goes on, or nobody says."""
    bandwidth: float | None = None
    """What arrives, in bit/s over about two seconds; None until known."""
    round_trip: float | None = None
    """From here to the server and back, in seconds; None until known."""
    latency: float | None = None
    """From hand to picture, in seconds, as it was calibrated here; None if it never was."""
    warning: str = ""
    """What is not as it should be although frames come: a newer version, a queue that overflowed; or empty."""
    standby: str = ""
    """How the standby server is: `ready`, or what it waits for; empty: there is none."""
    on_standby: bool = False
    """Whether the standby server plays."""
    sent_up: int = 0
    """Frames of video that were sent to Scope since the bridge started."""
    sent_up_again: int = 0
    """How many of them were sent before: the source had nothing new."""
    dropped_up: int = 0
    """Frames of the sources that were not sent, as a newer one was there already."""


@dataclass(frozen=True, slots=True)
class InputStatus:
    """One input."""

    name: str
    where: str
    """For a person: `OSC on 127.0.0.1:9000`."""
    signals: int = 0
    refused: int = 0
    """Packets or values that could not be taken."""
    detail: str = ""
    """The last complaint, or empty."""
    feeds: str = ""
    """Of a video input: the Scopes that its pictures go up to now, `Scope left, Scope right`; empty: none."""


@dataclass(frozen=True, slots=True)
class OutputStatus:
    """One output."""

    name: str
    where: str
    """For a person: `NDI source MACHINE (Scope Bridge)`."""
    sent: int = 0
    """Frames sent, repeats included."""
    repeated: int = 0
    overwritten: int = 0
    """Frames of Scope that a newer one replaced before this output took them."""
    shown: int = 0
    """Frames of Scope that were shown, repeats left out."""
    age: float | None = None
    """Seconds since the newest frame came; None before the first."""
    delay: float = 0.0
    """Seconds for which pictures are kept back now, so that they show at an even pace."""
    conversion: float | None = None
    """Seconds that making a picture for this output takes, as a mean; None: none was made yet."""
    receivers: int | None = None
    """How many watch, where it can be known."""
    frozen: bool = False
    level: float = 1.0
    detail: str = ""
    """What is wrong, or empty."""


@dataclass(frozen=True, slots=True)
class RouteStatus:
    """One route, with its value as asked and as the picture shows it."""

    signal: str
    target: str
    asked: Any = None
    """The value that the hand asked for; None until something arrived."""
    in_picture: Any = None
    """The value in the frames shown now; None until one was sent."""
    age: float | None = None
    """Seconds since the last signal; None until something arrived."""
    clamped: int = 0
    refused: int = 0
    detail: str = ""
    """Why the last signal was refused, or empty."""
    sent: Any = None
    """The value that Scope was told last; None until one was sent."""


@dataclass(frozen=True, slots=True)
class CueStatus:
    """One cue of the list."""

    name: str
    scene: str
    note: str = ""
    """What the profile reminds the person at the desk of."""


@dataclass(frozen=True, slots=True)
class WordStatus:
    """One word that prompts contain."""

    name: str
    said: str
    """What stands for it now."""
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FaderStatus:
    """One number that is worth a fader: a LoRA's strength, a slot's weight, how deep a named route acts."""

    name: str
    """For a person: `arcane`, `base`, `kick`."""
    target: str
    """As the profile would name it: `lora/arcane`."""
    value: float | None
    """Where a hand or a scene has put it, without what routes add to it; of what fades, where it goes."""
    low: float
    """Where the fader begins and ends, in the target's unit; a value may lie beyond."""
    high: float


@dataclass(frozen=True, slots=True)
class ShowStatus:
    """Where the show is: what was called, what comes, and what there is to call."""

    scene: str | None = None
    """The scene recalled last."""
    scenes: tuple[str, ...] = ()
    cue: str | None = None
    """The cue that acted last."""
    coming: str | None = None
    """The cue that was called and waits for its line."""
    cues: tuple[CueStatus, ...] = ()
    """In the order of the list."""
    turned: tuple[str, ...] = ()
    """The pages in force: those that controllers have of their own, then the rig's."""
    pages: tuple[str, ...] = ()
    bpm: float | None = None
    """The tempo; None while nobody has said one and beats are only counted."""
    words: tuple[WordStatus, ...] = ()
    faders: tuple[FaderStatus, ...] = ()
    snapshots: tuple[int, ...] = ()
    """The numbers that something is kept under."""


@dataclass(frozen=True, slots=True)
class Status:
    """Everything, at one moment."""

    profile: str
    """The profile's path."""
    seconds: float
    """Since the bridge started."""
    scope: ScopeStatus
    """The only Scope, or the first of several."""
    inputs: tuple[InputStatus, ...] = ()
    outputs: tuple[OutputStatus, ...] = ()
    routes: tuple[RouteStatus, ...] = ()
    prompt: str = ""
    """The prompt asked for, words filled in."""
    bank: tuple[str, ...] = ()
    """The names in the prompt bank."""
    show: ShowStatus = ShowStatus()
    complaints: tuple[str, ...] = ()
    """What needs a person, newest last: a profile with problems, an output that is down."""
    notes: tuple[str, ...] = ()
    """What the profile asks for and does not get, though it is good: what waits for a later version of the bridge, what
    Scope will ignore."""
    others: tuple[ScopeStatus, ...] = ()
    """The further Scopes of the profile."""
