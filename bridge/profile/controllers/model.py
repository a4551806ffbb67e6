"""What there is to know of a controller. Channels count from 1, as people do; numbers and values are those of MIDI."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from bridge.relative import Relative

Kind = Literal["fader", "knob", "encoder", "button", "pad", "wheel", "report"]
"""What a control is to the hand: a `fader` and a `knob` have a place, an `encoder` and a `wheel` only move, a `button` and a
`pad` are pressed, and a `report` is what the device tells of itself."""

Message = Literal["cc", "cc14", "note", "bend", "pressure", "program", "nrpn"]
"""`cc14` is a pair of controllers, `number` (0 to 31) with the upper seven bits and `number + 32` with the lower ones."""

STYLES: Final = ("off", "single", "fan", "pan", "spread", "trim")
"""How a ring can show a value: one lamp, filled from the left, from the middle, from the middle to both sides, and as `pan`
with the middle marked."""


@dataclass(frozen=True, slots=True)
class Address:
    """Which MIDI message something is."""

    message: Message
    channel: int
    """1 to 16."""
    number: int = 0
    """0 to 127, of `nrpn` to 16383; 0 for bend, pressure and program, which have none."""


@dataclass(frozen=True, slots=True)
class Also:
    """One more message that a lamp takes: `value` at the lamp's number, on another channel."""

    channel: int
    value: int


@dataclass(frozen=True, slots=True)
class Manner:
    """How a lamp is told to shine in some manner, where that differs from telling it the colour."""

    channel: int | None = None
    """Another channel for the same message, 1 to 16."""
    add: int = 0
    """What is added to the colour's value."""
    value: int | None = None
    """One value for all colours but `off`."""
    colours: Mapping[str, int] = field(default_factory=dict)
    """Colours with a value of their own in this manner; those that it lacks have none in this manner."""
    also: Also | None = None
    """Sent after the colour."""


@dataclass(frozen=True, slots=True)
class LampKind:
    """The lamps of one kind, and how they are told what to show.

    A lamp is told a colour by the value of its own message. Of a colour that it does not have it shows the nearest.
    """

    name: str
    colours: Mapping[str, int]
    """The value of each colour, `off` among them; `on` is the only one of a lamp that has no choice of colours."""
    manners: Mapping[str, Manner] = field(default_factory=dict)
    """By `solid`, `dim`, `blink`, `pulse`. Without an entry `solid` is the plain message; the others the lamp cannot."""
    free: tuple[int | str, ...] = ()
    """The SysEx that shows any colour, without a manner: bytes, and in place of some `number` (the lamp's), `r`, `g`, `b`
    (seven bits), `r_high`, `r_low` and so on (eight bits in two bytes). Empty: it has none."""
    unsure: str = ""
    """What of it nobody has confirmed; empty: all is sure."""


@dataclass(frozen=True, slots=True)
class Lamp:
    """The lamp of a control."""

    at: Address
    """`note` or `cc`."""
    kind: LampKind


@dataclass(frozen=True, slots=True)
class Ring:
    """Lamps around or beside a control that show a value."""

    at: Address
    """`cc`."""
    low: int = 0
    """What shows 0 of the way."""
    high: int = 127
    """What shows all of it."""
    blinking: tuple[int, int] | None = None
    """The same ends for a value that blinks; None: it cannot."""
    off: int | None = None
    """What darkens it; None: it cannot be dark."""
    style: Address | None = None
    """Where it is told how to show values; None: it has one way alone."""
    styles: Mapping[str, int] = field(default_factory=dict)
    """The values of `style`, by `STYLES`."""
    own: bool = True
    """Whether it follows the hand by itself: then what the control sends is what it shows."""


@dataclass(frozen=True, slots=True)
class Control:
    """One control of a controller."""

    name: str
    """`fader/1`, `pad/3/5` (row from the top, column), `shift`: what signals are called."""
    kind: Kind
    sends: Address
    relative: Relative | None = None
    """How it says how far it was turned; None: it says where it is."""
    lamp: Lamp | None = None
    ring: Ring | None = None
    motor: Address | None = None
    """Where its motor is told to go, in the same form as the control sends it."""
    touch: Address | None = None
    """What it sends while a finger is on it: `<name>/touch`."""
    beside: str = ""
    """The control whose lamp stands for this one, where it has none and that one has nothing else to say."""
    unsure: str = ""
    """What of it nobody has confirmed; empty: all is sure."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a device tells of itself by SysEx: `template/{n}` with the number in it, counted from 1."""

    name: str
    """With `{n}`."""
    begin: bytes
    """What the message begins with, F0 first."""
    end: bytes
    """What follows the one byte that is the number, F7 last."""
    count: int
    """The numbers are 0 to `count` - 1; their signals are called 1 to `count`."""


@dataclass(frozen=True, slots=True)
class Controller:
    """A model of controller."""

    name: str
    """What a profile calls it: `akai-apc40-mk2`."""
    title: str
    """What people call it: `Akai APC40 mkII`."""
    ports: tuple[str, ...]
    """Patterns of what its ports are called, as `inputs.midi.port` compares them."""
    controls: Mapping[str, Control]
    """By name."""
    reports: tuple[Report, ...] = ()
    start: tuple[bytes, ...] = ()
    """What it is sent when its port opens."""
    ask: tuple[bytes, ...] = ()
    """What makes it send where its controls are; sent after `start`, unless the input's controls jump."""
    stop: tuple[bytes, ...] = ()
    """What it is sent when the bridge lets go of it, after its lamps were put out."""
    rate: int = 500
    """Messages per second that it takes."""
    notes: tuple[str, ...] = ()
    """What people must know to use it: a mode to switch on, an editor to use."""
    unsure: tuple[str, ...] = ()
    """What nobody has confirmed on the device."""
    file: str = ""
    """The user's file it was read from; empty: it is one of ours."""
