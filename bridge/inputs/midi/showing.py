"""PURE. What a lamp, a ring and a motor of a controller are told, as MIDI messages.

lamp_wish(lamp, "blink red")         # messages, and where the lamp cannot blink those of every second turn
ring_message(ring, 0.5)
motor_messages(address, 0.5)
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bridge.profile.controllers.colours import nearest, rgb
from bridge.profile.controllers.model import Address, Lamp, LampKind, Manner, Ring

Messages = tuple[bytes, ...]

TICKS: Final = 5
"""Per second: what blinks by software changes at every one, 2.5 times a second on and off."""
TURNS: Final[Mapping[str, int]] = {"blink": 1, "pulse": 2}
"""How many ticks a turn of each manner lasts, where the lamp cannot do it by itself."""
FAINT: Final = 8
"""A colour that is mixed is dim with this part of its light: an eye still takes it for clearly lit."""

_PLAIN: Final = Manner()
_OFF: Final = "off"
_SOLID: Final = "solid"
_STYLES: Final = ("fan", "single", "spread", "trim", "pan")
"""How a ring had better show a value, the best first: from the left, as a fader does. `pan` marks a middle that most values
do not have, and comes where there is nothing else."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What something is to be told."""

    messages: Messages
    other: Messages = ()
    """What it is told in every second turn."""
    turn: int = 0
    """Ticks that each turn lasts; 0: it is told `messages` once."""

    def at(self, tick: int) -> Messages:
        """Return what it is told at a tick."""
        return self.other if self.turn and tick // self.turn % 2 else self.messages

    def next(self, tick: int) -> int:
        """Return the tick of the next turn; only of one that has turns."""
        return (tick // self.turn + 1) * self.turn


def is_dark(light: str) -> bool:
    """Return whether a light, as of `surface.Shown`, is none."""
    return not light or not any(rgb(_read(light)[1]))


def lamp_wish(lamp: Lamp, light: str) -> Wish:
    """Return what a lamp is told for `light`, as of `surface.Shown`; raise `ValueError` if its colour is none.

    A colour that the lamp lacks is mixed where it can be, else it is the nearest. What a lamp cannot do in this colour
    is done by telling it on and off, `pulse` at half the rate of `blink`. `dim` is dark where nothing is dim, so that
    it is told from what is lit.
    """
    dark = lamp_dark(lamp)
    if is_dark(light):
        return Wish(dark)
    manner, colour = _read(light)
    kind = lamp.kind
    solid = kind.manners.get(_SOLID, _PLAIN)
    own = kind.manners.get(manner)
    name = nearest(colour, _colours(kind, solid))
    mixed = bool(kind.free) and name != colour
    if name == _OFF and not mixed:
        return Wish(dark)
    if manner == "dim":
        if own is not None and not mixed:
            return Wish(_told(lamp, own, nearest(colour, _colours(kind, own))))
        return Wish((_mixed(lamp, colour, FAINT),) if kind.free else dark)
    if own is not None and not mixed and name in _colours(kind, own):
        return Wish(_cleared(lamp, solid, own) + _told(lamp, own, name))
    lit = (_mixed(lamp, colour),) if mixed else _told(lamp, solid, name)
    return Wish(lit, dark, TURNS[manner]) if manner in TURNS else Wish(lit)


def lamp_dark(lamp: Lamp) -> Messages:
    """Return what darkens a lamp."""
    return _told(lamp, lamp.kind.manners.get(_SOLID, _PLAIN), _OFF)


def _read(light: str) -> tuple[str, str]:
    manner, _, colour = light.rpartition(" ")
    return manner or _SOLID, colour


def _colours(kind: LampKind, manner: Manner) -> list[str]:
    """Return the colours that a lamp has in a manner."""
    return [name for name in manner.colours or kind.colours if name != _OFF]


def _value(kind: LampKind, manner: Manner, name: str) -> int:
    if name in manner.colours:
        return manner.colours[name]
    if name == _OFF or name not in kind.colours:
        return kind.colours.get(_OFF, 0)
    return kind.colours[name] + manner.add if manner.value is None else manner.value


def _told(lamp: Lamp, manner: Manner, name: str) -> Messages:
    told = _message(lamp.at, _value(lamp.kind, manner, name), manner.channel)
    return (told,) if manner.also is None else (told, _message(lamp.at, manner.also.value, manner.also.channel))


def _cleared(lamp: Lamp, solid: Manner, manner: Manner) -> Messages:
    """Return what comes before a manner that has a channel of its own.

    Such a lamp goes to and fro between the colour of this channel and the one that it was last told on the plain one
    (Novation, Launchpad MK2 Programmer's Reference, "Flashing"): without this it would blink between red and red.
    """
    plain = solid.channel or lamp.at.channel
    if manner.channel in (None, plain) or (manner.also is not None and manner.also.channel == plain):
        return ()
    return (_message(lamp.at, _value(lamp.kind, solid, _OFF), plain),)


def _mixed(lamp: Lamp, colour: str, faint: int = 1) -> bytes:
    """Return the SysEx that mixes a colour; `faint` is what its parts are divided by."""
    parts = {"number": lamp.at.number}
    for name, part in zip("rgb", rgb(colour), strict=True):
        eight = -(-part // faint)
        parts |= {name: eight >> 1, f"{name}_high": eight >> 7, f"{name}_low": eight & 0x7F}
    return bytes(parts[byte] if isinstance(byte, str) else byte for byte in lamp.kind.free)


def ring_message(ring: Ring, way: float, blinking: bool = False) -> bytes:
    """Return what shows a place on the way, 0 to 1; `blinking` only if the ring can."""
    low, high = ring.blinking if blinking and ring.blinking is not None else (ring.low, ring.high)
    return _message(ring.at, low + _place(way, high - low))


def ring_dark(ring: Ring) -> bytes | None:
    """Return what darkens a ring by its value; None: it cannot be dark by that."""
    return None if ring.off is None else _message(ring.at, ring.off)


def style_message(ring: Ring) -> bytes | None:
    """Return what makes a ring show values as they had better be shown; None: it has one way alone."""
    style = next((style for style in _STYLES if style in ring.styles), None)
    return None if ring.style is None or style is None else _message(ring.style, ring.styles[style])


def style_dark(ring: Ring) -> bytes | None:
    """Return what darkens a ring by its style, where no value does; None: it cannot."""
    if ring.style is None or ring.off is not None or _OFF not in ring.styles or style_message(ring) is None:
        return None
    return _message(ring.style, ring.styles[_OFF])


def motor_messages(at: Address, way: float) -> Messages:
    """Return what sends a motor to a place on the way, 0 to 1; none for a form that no motor fader has.

    As the decoder reads them: the middle of a bend is 8192, that of 14 bits 8192 of 16383.
    """
    status = at.channel - 1
    match at.message:
        case "cc":
            return (_message(at, _place(way, 127)),)
        case "cc14":
            value, number = _place(way, 16383), at.number & 0x1F
            return (bytes((0xB0 | status, number, value >> 7)), bytes((0xB0 | status, number + 32, value & 0x7F)))
        case "bend":
            value = _place(2 * way, 8192) if way <= 0.5 else 8192 + _place(2 * way - 1, 8191)
            return (bytes((0xE0 | status, value & 0x7F, value >> 7)),)
        case _:
            return ()


def _place(way: float, length: int) -> int:
    """Return how far on a length: rounded, halves away from its beginning, so that the middle of 127 is 64."""
    return math.floor(way * length + 0.5) if length >= 0 else -math.floor(-way * length + 0.5)


def _message(at: Address, value: int, channel: int | None = None) -> bytes:
    status = 0x90 if at.message == "note" else 0xB0
    return bytes((status | ((channel or at.channel) - 1), at.number & 0x7F, min(127, max(0, value))))
