"""The outputs of a profile: the options that `bridge.outputs` opens them with.

How they are written is in `language.outputs`.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from bridge.profile.durations import CUT, Duration

Fit = Literal["contain", "cover", "stretch"]
Size = tuple[int, int]
"""Width and height in pixels, both even."""


@dataclass(frozen=True, slots=True)
class Gone:
    """What an output shows when no picture comes."""

    show: Literal["hold", "loop", "source", "slate"] = "hold"
    """The last picture, the last seconds back and forth, the source video, or the bridge's own card."""
    after: Duration = CUT
    """How long the last picture is held before."""
    back: Duration = CUT
    """The fade with which the live picture returns."""


@dataclass(frozen=True, slots=True)
class Feed:
    """Which picture an output shows (`from:`)."""

    scope: str = ""
    """The name of one Scope of several; empty: the only one."""
    sink: str = ""
    """The id of a graph's sink; empty: the first."""


@dataclass(frozen=True, slots=True)
class Ndi:
    """An NDI source on the network."""

    name: str
    """What receivers see, after the machine's name."""
    fps: Fraction = Fraction(30)
    """The rate of the output's own clock; frames are repeated to keep it. 1 to 120."""
    size: Size | None = None
    """None: as the pipeline makes them."""
    fit: Fit = "contain"
    gone: Gone = Gone()
    of: Feed = Feed()


@dataclass(frozen=True, slots=True)
class Spout:
    """A Spout sender on this machine (Windows). The fields are those of `Ndi`."""

    name: str
    fps: Fraction = Fraction(30)
    size: Size | None = None
    fit: Fit = "contain"
    gone: Gone = Gone()
    of: Feed = Feed()


@dataclass(frozen=True, slots=True)
class Syphon:
    """A Syphon server on this machine (macOS). The fields are those of `Ndi`."""

    name: str
    fps: Fraction = Fraction(30)
    size: Size | None = None
    fit: Fit = "contain"
    gone: Gone = Gone()
    of: Feed = Feed()


@dataclass(frozen=True, slots=True)
class Window:
    """A window, or a whole screen. The fields not told of are those of `Ndi`."""

    screen: int
    """Which screen it is on, from 1."""
    fullscreen: bool = False
    fps: Fraction = Fraction(30)
    size: Size | None = None
    fit: Fit = "contain"
    gone: Gone = Gone()
    of: Feed = Feed()


@dataclass(frozen=True, slots=True)
class Recording:
    """A video file. The fields not told of are those of `Ndi`."""

    file: str
    """Its path, from the profile's folder; `{date}` and `{time}` stand for when it begins."""
    fps: Fraction = Fraction(30)
    size: Size | None = None
    fit: Fit = "contain"
    gone: Gone = Gone()
    of: Feed = Feed()


OutputOptions = Ndi | Spout | Syphon | Window | Recording
