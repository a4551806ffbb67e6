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
Colour = tuple[int, int, int]
"""Red, green and blue, 0 to 255."""


@dataclass(frozen=True, slots=True)
class Crop:
    """How much of each side is cut off, as parts of the width or height, 0 to below 1; together less than all of it."""

    left: float = 0.0
    top: float = 0.0
    right: float = 0.0
    bottom: float = 0.0


@dataclass(frozen=True, slots=True)
class Shape:
    """What becomes of a picture's geometry: cropped, then turned, then mirrored, then brought to its size."""

    size: Size | None = None
    """None: as it is after that, its sides even."""
    fit: Fit = "contain"
    pad: Colour = (0, 0, 0)
    """The colour of the bars of `contain`; where there is alpha, they are transparent."""
    crop: Crop = Crop()
    rotate: Literal[0, 90, 180, 270] = 0
    """Degrees clockwise."""
    flip: Literal["", "horizontal", "vertical", "both"] = ""
    """`horizontal`: left and right change places."""


@dataclass(frozen=True, slots=True)
class Alpha:
    """What of a picture is transparent."""

    key: Literal["opaque", "luma", "chroma", "constant"] = "opaque"
    """Nothing; what is dark; what is near to a colour; all of it alike."""
    colour: Colour = (0, 255, 0)
    """Of `chroma`."""
    threshold: float = 0.1
    """0 to 1: how dark, how near, or (`constant`) how opaque. `output/<name>/key` sets it."""
    soft: float = 0.1
    """0 to 1: over how much beyond the threshold it becomes opaque."""


@dataclass(frozen=True, slots=True)
class Gone:
    """What an output shows when no picture comes."""

    show: Literal["hold", "loop", "source", "clip", "slate"] = "hold"
    """The last picture, the last seconds back and forth, the source video, a video file, or the bridge's own card."""
    after: Duration = CUT
    """How long the last picture is held before."""
    back: Duration = CUT
    """The fade with which the live picture returns."""
    clip: str = ""
    """The path of the video file, looped."""


@dataclass(frozen=True, slots=True)
class Feed:
    """Which picture an output shows (`from:`)."""

    scope: str = ""
    """The name of one Scope of several; empty: the only one."""
    sink: str = ""
    """The id of a graph's sink; empty: the first."""


@dataclass(frozen=True, slots=True)
class Showing:
    """How an output shows its picture, whatever it is."""

    of: Feed = Feed()
    fps: Fraction | None = Fraction(30)
    """The rate of the output's own clock, 1 to 120; None: as many as the source brings."""
    fill: Literal["repeat", "blend"] = "repeat"
    """What a tick shows that comes between two pictures: the one before, or a mix of both."""
    steady: float = 0.1
    """How long a picture may be kept back, at most, so that those which come in bursts show at an even pace: seconds, 0 to
    1; 0 shows each as it comes."""
    shape: Shape = Shape()
    gone: Gone = Gone()


@dataclass(frozen=True, slots=True)
class Ndi:
    """An NDI source on the network."""

    name: str
    """What receivers see, after the machine's name."""
    showing: Showing = Showing()
    alpha: Alpha = Alpha()
    failover: str = ""
    """The NDI source, as it is announced, that receivers turn to when this one is gone; empty: none."""


@dataclass(frozen=True, slots=True)
class Spout:
    """A Spout sender on this machine (Windows)."""

    name: str
    showing: Showing = Showing()
    alpha: Alpha = Alpha()


@dataclass(frozen=True, slots=True)
class Syphon:
    """A Syphon server on this machine (macOS)."""

    name: str
    showing: Showing = Showing()
    alpha: Alpha = Alpha()


@dataclass(frozen=True, slots=True)
class Window:
    """A window, or a whole screen."""

    screen: int
    """Which screen it is on, from 1."""
    showing: Showing = Showing()
    fullscreen: bool = False


@dataclass(frozen=True, slots=True)
class Recording:
    """A video file, or a folder of images."""

    file: str
    """Its path, from the profile's folder; `{date}` and `{time}` stand for when it begins, `{number}` for each image's."""
    showing: Showing = Showing()
    codec: Literal["h264", "prores", "utvideo", "png", "jpeg"] = "h264"
    """In an .mp4 (fragmented: whole up to its last second, whatever happens), .mov, .mkv or .avi file; images: one each."""
    waits: bool = False
    """Whether it begins when `record` says so; else with the show."""


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream to another machine, encoded as H.264."""

    url: str
    """`rtmp://`, `rtsp://` or `udp://`, with where it goes."""
    showing: Showing = Showing()
    bitrate: float = 6e6
    """Bits per second."""


OutputOptions = Ndi | Spout | Syphon | Window | Recording | Stream


def keyed(options: OutputOptions) -> Alpha | None:
    """Return what of an output's picture is transparent; None for one that is opaque, or can be nothing else."""
    match options:
        case Ndi(alpha=alpha) | Spout(alpha=alpha) | Syphon(alpha=alpha) if alpha.key != "opaque":
            return alpha
        case _:
            return None
