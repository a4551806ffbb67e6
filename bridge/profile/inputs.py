"""The inputs of a profile: the options that `bridge.inputs` opens them with.

How they are written is in `language.inputs`.
"""

from dataclasses import dataclass
from typing import Final, Literal

from bridge.profile.controllers.model import Controller

Takeover = Literal["jump", "pickup", "scale", "catch up", "parallel"]
"""How the controls of an input take a target that something else has moved; the same words as of a route."""

TOLERANCE: Final = 0.015
"""How near, as a part of the whole way, a control counts as being where the value is: two steps of a 7-bit fader."""

FEATURES: Final = ("bass", "mid", "high", "onset", "kick", "centroid", "beat")
"""What an audio input hears."""

PATTERNS: Final = ("bars", "clock")
"""The test patterns that a video input can be."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where UDP packets go."""

    host: str | None
    """None: whoever sent last, for replies."""
    port: int


@dataclass(frozen=True, slots=True)
class Osc:
    """OSC over UDP."""

    port: int
    """1 to 65535; 0 lets the system choose (tests)."""
    host: str = "127.0.0.1"
    """The address to listen on. Beyond loopback, `allow` says who is heard."""
    allow: tuple[str, ...] = ()
    """Hosts and networks (`192.168.10.0/24`) whose datagrams are taken; empty: any that can reach `host`."""
    range: tuple[float, float] | None = None
    """The range that this input's numbers mean as "the whole way"; None: in the target's own unit, as sent."""
    takeover: Takeover = "jump"
    reply: Address | None = None
    """Where values go as numbers."""
    reply_text: Address | None = None
    """Where values, states and errors go as text."""
    forward: tuple[Address, ...] = ()
    """Where every datagram that is heard goes on to."""
    remote: Address | None = None
    """The program that is asked for `listen`: AbletonOSC."""
    listen: tuple[str, ...] = ()
    """What `remote` is asked to tell of: `tempo`, `scene/Drop`, `track/Drums/meter`."""
    takeover_tolerance: float = TOLERANCE


@dataclass(frozen=True, slots=True)
class Midi:
    """A MIDI port."""

    port: str
    """Its name, or a pattern with `*`; of a virtual port, what it is called."""
    controller: Controller | None = None
    """The controller whose names the signals have; None: raw numbers."""
    takeover: Takeover = "jump"
    instance: int = 1
    """Which of the ports that fit, from 1 in the order of the system's list."""
    out: str | None = None
    """The port that lamps are shown on, as `port`; None: the one that is called as the input is."""
    virtual: bool = False
    """Whether the bridge makes the port, for other programs to connect to."""
    takeover_tolerance: float = TOLERANCE


@dataclass(frozen=True, slots=True)
class Audio:
    """What a sound card hears."""

    device: str
    """Its name, or `default`."""
    channels: tuple[int, ...] = ()
    """From 1, mixed into one; empty: all."""
    features: tuple[str, ...] = FEATURES
    gain: float | None = None
    """In decibels; None: by itself."""


@dataclass(frozen=True, slots=True)
class Video:
    """Video for Scope to transform."""

    kind: Literal["ndi", "spout", "syphon", "file", "camera", "screen", "pattern"]
    source: str
    """The sender's name, the file's path, the device's or screen's number or name, the pattern's name."""


@dataclass(frozen=True, slots=True)
class Http:
    """The bridge's own HTTP and WebSocket server."""

    range: tuple[float, float] | None = None
    """As of `Osc`."""
    takeover: Takeover = "jump"
    takeover_tolerance: float = TOLERANCE


InputOptions = Osc | Midi | Audio | Video | Http
