"""PURE. From what the controls of a controller are to show to what the device is told: lamps, rings and motors.

    feedback = Feedback(controller)
    port.send(*feedback.begin())
    feedback.show({"pad/1/1": Shown(light="blink red"), "fader/1": Shown(way=0.5)})
    port.send(*feedback.due(now))        # and again at `feedback.next_due(now)`

What a device is told is what differs from what it shows, no faster than it can take it. What waits to be sent waits as a
control and not as a message: the newest state goes out, and nothing that is out of date.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import floor, inf, isfinite
from typing import Final, Literal

from bridge.inputs.midi.echoes import Echoes
from bridge.inputs.midi.showing import (
    TICKS,
    Messages,
    Wish,
    is_dark,
    lamp_dark,
    lamp_wish,
    motor_messages,
    ring_dark,
    ring_message,
    style_dark,
    style_message,
)
from bridge.profile.controllers.model import Address, Control, Controller, Lamp, Ring
from bridge.signals import Value
from bridge.surface import Shown, View

HAND: Final = 0.3
"""Seconds after a control was last moved by hand in which nothing moves it against the hand."""
BURST: Final = 0.02
"""Seconds from one burst of messages to the next."""
WAITS: Final = "blink white"
"""How a lamp says that its control waits, where the view says nothing."""

_Kind = Literal["style", "ring", "lamp", "motor"]


@dataclass(slots=True, eq=False)
class _Part:
    """One thing of the device that can be told what to show."""

    kind: _Kind
    controls: list[Control]
    """Those that it belongs to: on a device with layers several may share a lamp."""
    wish: Wish | None = None
    """None: it is left as it is."""
    known: Messages | None = None
    """What it shows, as far as is known; None: nothing is."""
    telling: Messages = ()
    """What it is being told, of which `told` messages are out: a burst may end between two."""
    told: int = 0

    def lacks(self, tick: int) -> Messages | None:
        """Return what it is to be told; None: nothing."""
        wanted = None if self.wish is None else self.wish.at(tick)
        return None if wanted == self.known else wanted

    def shows(self, messages: Messages | None) -> None:
        """Take what it shows now; None: nobody knows."""
        self.known, self.telling, self.told = messages, (), 0


@dataclass(slots=True)
class _Hand:
    """What the hand does with one control that moves or shows by itself where it is."""

    touches: bool = False
    until: float = -inf
    """When nothing holds it back any more, in seconds."""


@dataclass(slots=True)
class _Follower:
    """What changes by itself as one control is moved by hand."""

    motor: _Part | None = None
    ring: _Part | None = None
    lamp: _Part | None = None
    hand: _Hand = field(default_factory=_Hand)


class Feedback:
    """Lets one device show a `View`. Times are in seconds, of any clock that does not go back.

    A lamp shows its control's `light`, a ring and a motor its `way`. A ring shows values filled from the left, if it has
    the choice. A control that `waits` has its ring blink, else its own lamp by its light, or the lamp `beside` it as long
    as the view gives that none. A light that is empty leaves room for that; `off` is dark on purpose.

    A motor does not move while its control is touched, nor shortly after it was moved by hand; nor is a ring that
    follows the hand told anything then: on many devices its value is the control's own.
    """

    def __init__(self, controller: Controller) -> None:
        self._controller = controller
        self._parts: dict[tuple[_Kind, Address], _Part] = {}
        self._parts_of: dict[str, list[_Part]] = {}
        """By the control that has a say in them."""
        self._guests: dict[str, list[Control]] = {}
        """By the control whose lamp stands for them."""
        self._followers: dict[str, _Follower] = {}
        self._touches: dict[str, _Hand] = {}
        """By path."""
        for control in controller.controls.values():
            self._add(control)
        for control in controller.controls.values():
            beside = controller.controls.get(control.beside)
            if control.lamp is None and beside is not None and beside.lamp is not None:
                self._guests.setdefault(beside.name, []).append(control)
                self._parts_of.setdefault(control.name, []).append(self._parts["lamp", beside.lamp.at])
        self._shows = tuple(name for name in controller.controls if name in self._parts_of)
        # Below 50 messages a second a burst is one message, and they come further apart.
        self._most = max(1, controller.rate // round(1 / BURST))
        self._apart = max(BURST, 1 / max(1, controller.rate))
        self._lights: dict[tuple[Address, str], Wish] = {}
        self._reports = frozenset(
            report.name.replace("{n}", str(number))
            for report in controller.reports
            for number in range(1, report.count + 1)
        )
        self._echoes = Echoes()
        self._view: dict[str, Shown] = {}
        self._queue: dict[_Part, None] = {}
        """What may have to be told something, longest first: so all have their turn, however often one changes."""
        self._turning: dict[_Part, None] = {}
        """What blinks by software."""
        self._moved: list[_Hand] = []
        """Those that have moved since anybody said what time it is."""
        self._free = -inf
        """When the next burst may go."""
        self._ended = False
        self._want(self._parts.values())
        self._forget()

    def _add(self, control: Control) -> None:
        follower = _Follower()
        if control.ring is not None:
            if control.ring.style is not None and style_message(control.ring) is not None:
                self._part("style", control.ring.style, control)
            ring = self._part("ring", control.ring.at, control)
            # The steps of an encoder do not say where it is: then nobody knows what its ring makes of them.
            follower.ring = ring if control.ring.own and control.relative is None else None
        if control.lamp is not None:
            lamp = self._part("lamp", control.lamp.at, control)
            # Such buttons (MIDI Fighter Twister, nanoKONTROL2) may light themselves while they are pressed.
            follower.lamp = lamp if control.lamp.at == control.sends and control.sends.message == "cc" else None
        if control.motor is not None and motor_messages(control.motor, 0.0):
            follower.motor = self._part("motor", control.motor, control)
            if control.touch is not None:
                self._touches[f"{control.name}/touch"] = follower.hand
        if follower.motor or follower.ring or follower.lamp:
            self._followers[control.name] = follower

    def _part(self, kind: _Kind, at: Address, control: Control) -> _Part:
        part = self._parts.setdefault((kind, at), _Part(kind, []))
        part.controls.append(control)
        self._parts_of.setdefault(control.name, []).append(part)
        return part

    @property
    def shows(self) -> Sequence[str]:
        """The controls that can show something, by name: by a lamp, a ring or a motor, or the lamp of another."""
        return self._shows

    def begin(self, *, asks: bool = True) -> list[bytes]:
        """Return what the device is told first, when its port has opened; all that it is to show follows by `due`.

        Nothing is known of it any more, of its controls neither. Unless it `asks`, it is not made to tell where they stand.
        """
        for follower in self._followers.values():
            follower.hand.touches, follower.hand.until = False, -inf
        self._moved.clear()
        self._echoes = Echoes()
        self._free = -inf
        self._ended = False
        self._forget()
        return [*self._controller.start, *(self._controller.ask if asks else ())]

    def refresh(self) -> None:
        """Have everything told anew, whatever the device should be showing; what has changed goes first."""
        changed = dict(self._queue)
        self._forget()
        self._queue = changed | self._queue

    def end(self) -> list[bytes]:
        """Return what darkens every lamp and ring that can be dark, and then lets go of the device; motors stay.

        Nothing more is sent until `begin`.
        """
        self._ended = True
        self._queue.clear()
        return [*(message for part in self._parts.values() for message in _darkness(part)), *self._controller.stop]

    def show(self, view: View) -> None:
        """Take what all controls are to show from now on."""
        before, self._view = self._view, dict(view)
        moved = (self._parts_of.get(name, ()) for name in {**before, **view} if before.get(name) != view.get(name))
        self._want(dict.fromkeys(part for parts in moved for part in parts))

    def heard(self, path: str, values: Sequence[Value]) -> None:
        """Take what a control sent: its own path, `fader/1` or `fader/1/touch`, and its values as decoded.

        What the device shows by itself for it needs no telling.
        """
        if path in self._reports:  # it has turned to something else, and may have forgotten what it was told
            self.refresh()
            return
        value = values[0] if values else None
        if not isinstance(value, int | float) or not isfinite(value):
            return
        if (touch := self._touches.get(path)) is not None:
            touch.touches = value >= 0.5
        elif (follower := self._followers.get(path)) is not None:
            self._follow(follower, min(1.0, max(0.0, value)))

    def _follow(self, follower: _Follower, way: float) -> None:
        if follower.lamp is not None:
            at = _lamp_of(follower.lamp).at
            follower.lamp.shows((bytes((0xB0 | (at.channel - 1), at.number, round(127 * way))),))
        if follower.ring is not None:
            follower.ring.shows((ring_message(_ring_of(follower.ring), way),))
        if follower.motor is not None:
            follower.motor.shows(motor_messages(_motor_of(follower.motor), way))
        self._moved.append(follower.hand)
        for part in (follower.lamp, follower.ring, follower.motor):
            if part is not None:
                self._queue.setdefault(part)

    def sent_back(self, message: bytes, now: float) -> bool:
        """Take a message that came in; return whether it is only the echo of one that was sent, and says nothing.

        A value that its control sends in the same form is one soon after it was sent. Anything else is one only on a port
        that sends back most of what it is told: nobody who presses a pad as it flashes is taken for an echo.
        """
        return self._echoes.came(bytes(message), now)

    def due(self, now: float) -> list[bytes]:
        """Return what the device is to be told now: a burst of at most `controller.rate` / 50 messages, each 20 ms."""
        tick = self._look(now)
        if self._ended or now < self._free:
            return []
        messages: list[bytes] = []
        for part in list(self._queue):
            if len(messages) == self._most:
                break
            if now >= self._held(part):
                messages += self._tell(part, tick, now, self._most - len(messages))
        if messages:
            self._free = now + self._apart
        return messages

    def _tell(self, part: _Part, tick: int, now: float, most: int) -> Messages:
        wanted = part.lacks(tick)
        if wanted is None:
            del self._queue[part]
            return ()
        anew = bool(part.told) and wanted != part.telling
        if wanted != part.telling:
            part.telling, part.told = wanted, 0
        messages = wanted[part.told : part.told + most]
        part.told += len(messages)
        if part.told == len(wanted):
            part.shows(wanted)
            del self._queue[part]
        else:
            part.known = None
            if anew:  # What changes faster than it can be told must not keep the others waiting.
                del self._queue[part]
                self._queue[part] = None
        for message in messages:
            self._echoes.sent(message, now, value=_tells_back(part))
        return messages

    def next_due(self, now: float) -> float | None:
        """Return when `due` is to be asked again, `now` or later; None: not before the next `show` or `heard`."""
        tick = self._look(now)
        if self._ended:
            return None
        first = max(now, self._free)
        soonest = min((part.wish.next(tick) / TICKS for part in self._turning if part.wish is not None), default=inf)
        for part in self._queue:
            if soonest <= first:
                break
            if part.lacks(tick) is not None:
                soonest = min(soonest, max(first, self._held(part)))
        return soonest if isfinite(soonest) else None

    def _look(self, now: float) -> int:
        """Take what time it is; return its tick."""
        for hand in self._moved:
            hand.until = now + HAND
        self._moved.clear()
        tick = floor(now * TICKS)
        for part in self._turning:
            if part.lacks(tick) is not None:
                self._queue.setdefault(part)
        return tick

    def _held(self, part: _Part) -> float:
        """Return until when a part is left to the hand."""
        if part.kind not in ("ring", "motor"):
            return -inf
        held = -inf
        for control in part.controls:
            follower = self._followers.get(control.name)
            if follower is not None and part in (follower.ring, follower.motor):
                # Who touches a fader only keeps its motor still.
                held = max(held, inf if follower.hand.touches and part is follower.motor else follower.hand.until)
        return held

    def _forget(self) -> None:
        """Count as unknown what the device shows."""
        self._queue = dict.fromkeys(self._parts.values())
        for part in self._queue:
            part.shows(None)

    def _want(self, parts: Iterable[_Part]) -> None:
        """Work out what these parts are to be told for the view."""
        for part in parts:
            wish = self._wish(part)
            if wish == part.wish:
                continue
            part.wish = wish
            self._queue.setdefault(part)
            self._turning.pop(part, None)
            if wish is not None and wish.turn:
                self._turning[part] = None

    def _wish(self, part: _Part) -> Wish | None:
        match part.kind:
            case "lamp":
                lit = (light for control in part.controls if not is_dark(light := self._light(control)))
                return self._lamp_wish(_lamp_of(part), next(lit, ""))
            case "ring":
                return self._ring_wish(part)
            case "style":
                return self._style_wish(part)
            case "motor":
                shown = self._shown(part)
                way = None if shown is None else shown.way
                return None if way is None else Wish(motor_messages(_motor_of(part), _within(way)))

    def _lamp_wish(self, lamp: Lamp, light: str) -> Wish:
        wish = self._lights.get((lamp.at, light))
        if wish is None:
            wish = self._lights[lamp.at, light] = lamp_wish(lamp, light)
        return wish

    def _ring_wish(self, part: _Part) -> Wish | None:
        ring, dark = _ring_of(part), ring_dark(_ring_of(part))
        shown = self._shown(part)
        if shown is None or shown.way is None:
            if dark is None and style_dark(ring) is not None:
                return None
            return Wish((dark or ring_message(ring, 0.0),))
        way = _within(shown.way)
        if shown.waits and ring.blinking is not None:
            return Wish((ring_message(ring, way, blinking=True),))
        lit = (ring_message(ring, way),)
        if self._blinks(part) and style_dark(ring) is None:
            return Wish(lit, (dark or ring_message(ring, 0.0),), turn=1)
        return Wish(lit)

    def _style_wish(self, part: _Part) -> Wish | None:
        """A ring that no value darkens is dark by its style, if it has such."""
        ring = _ring_of(part)
        message, dark = style_message(ring), style_dark(ring)
        if message is None:
            return None
        shown = self._shown(part)
        if dark is None:
            return Wish((message,))
        if shown is None or shown.way is None:
            return Wish((dark,))
        return Wish((message,), (dark,), turn=1) if self._blinks(part) else Wish((message,))

    def _blinks(self, part: _Part) -> bool:
        """Return whether a ring has to blink by software: its control waits, and nothing else says so."""
        for control in part.controls:
            shown = self._view.get(control.name)
            if shown is not None and shown.way is not None:
                lit = control.lamp is not None and not is_dark(self._light(control))
                return shown.waits and _ring_of(part).blinking is None and not lit
        return False

    def _shown(self, part: _Part) -> Shown | None:
        """Return what the first control of a part is to show that has a value."""
        found = (self._view.get(control.name) for control in part.controls)
        return next((shown for shown in found if shown is not None and shown.way is not None), None)

    def _light(self, control: Control) -> str:
        """Return the light of a control's lamp: its own, or that of a control beside it that waits."""
        shown = self._view.get(control.name)
        light = "" if shown is None else _light_of(shown, control)
        if light:
            return light
        for guest in self._guests.get(control.name, ()):
            shown = self._view.get(guest.name)
            if shown is not None and shown.waits and not is_dark(light := _light_of(shown, guest)):
                return light
        return ""


def _tells_back(part: _Part) -> bool:
    """Return whether its own control sends what it is told. What others send as well is a hand's: the rings of the X-Touch
    Compact are told by the messages that its faders on layer B send."""
    return part.kind == "motor" or (part.kind == "ring" and _ring_of(part).at == part.controls[0].sends)


def _light_of(shown: Shown, control: Control) -> str:
    """Return what a view says of a light; a control that waits says so by light if nothing else does."""
    blinks = control.ring is not None and control.ring.blinking is not None
    return shown.light or (WAITS if shown.waits and not blinks else "")


def _darkness(part: _Part) -> Iterable[bytes]:
    if part.kind == "lamp":
        return lamp_dark(_lamp_of(part))
    if part.kind == "motor":
        return ()
    dark = style_dark(_ring_of(part)) if part.kind == "style" else ring_dark(_ring_of(part))
    return () if dark is None else (dark,)


def _lamp_of(part: _Part) -> Lamp:
    lamp = part.controls[0].lamp
    assert lamp is not None
    return lamp


def _ring_of(part: _Part) -> Ring:
    ring = part.controls[0].ring
    assert ring is not None
    return ring


def _motor_of(part: _Part) -> Address:
    motor = part.controls[0].motor
    assert motor is not None
    return motor


def _within(way: float) -> float:
    return min(1.0, max(0.0, way))
