"""PURE. How a control takes a value that something else has moved away from it.

A scene fades noise_scale to 0.8 while the fader stands at 0.2. The next touch of the fader must not throw the picture
back. Everything is a place on the control's own way, 0 to 1 as a rule, so that the same movement of the hand is the same
to a value that is led evenly and to one that is led by ratios.

Whatever the mode, but for `jump`: a value never moves by more than the control has moved, and the tolerance; and until a
control has met a value that it is to pick up, it moves it by no more than the tolerance.

- `pickup`: the value stays until the control has come to it. A control that was thrown past it between two messages would
  have to jump: instead the value goes along from there, as in `catch up`, while the hand goes on.
- `scale`: the value takes its way to the end that the hand is going to at the rate at which the control takes its own.
- `catch up`: the value waits while the control comes nearer, and goes along when it moves away.
- `parallel`: the value moves as the control does, and they are one when one end has brought them together.

Of a value beyond what the control can reach, the end counts: there it goes along, and comes in faster than the hand moves.

A fader that nobody touches is not quite at rest: its last bits shake. So what stays within the tolerance of where it stood
is nobody's hand: it neither moves a value nor ends a fade that passes by, unless a finger is known to be on it.
"""

import math
from dataclasses import dataclass
from typing import Final

from bridge.profile.inputs import TOLERANCE, Takeover

NOISE: Final = 0.015
"""How far, as a part of the whole way, a control that nobody moves may shake: two steps of a 7-bit fader."""
REST: Final = 1.0
"""Seconds after which a control that has not left its place but for that is at rest."""
_SAME: Final = 1e-9
"""What may be lost of a place by way of the target's unit."""


@dataclass(slots=True)
class Grip:
    """One control's hold on one value."""

    mode: Takeover
    low: float = 0.0
    """The ends of what the control can reach, in any order. Where it goes beyond them, they go with it."""
    high: float = 1.0
    tolerance: float = TOLERANCE
    """How near, as a part of the whole way, a control counts as being where the value is."""
    motor: bool = False
    """Whether a motor brings the control to where the value is, while no finger is on it."""
    holds: bool = False
    """Whether the control and the value are one: then the value is where the control is."""
    _control: float | None = None
    """Where the control is; None before that is known."""
    _along: bool = False
    """Whether the value goes along with the hand, though they have not met."""
    _value: float | None = None
    """Where the value was after the control's last message; None: it does not matter."""
    _finger: bool | None = None
    """Whether a finger is on it; None: it does not say so."""
    _rest: float | None = None
    """Where it stands, but for its noise."""
    _left: float = -math.inf
    """When it left the place before."""

    def __post_init__(self) -> None:
        self.low, self.high = sorted((self.low, self.high))

    def let_go(self) -> None:
        """Something else has moved the value."""
        if self.holds:
            self.holds = self._along = False
            self._rest, self._left = self._control, -math.inf

    def touch(self, down: bool) -> None:
        """A finger has come, or gone."""
        self._finger = down
        if down and self.motor and not self.holds:
            # The motor has brought it to the value, or nearly: how nearly, its next message tells.
            self._control, self._value, self._along = None, None, True

    def waits(self, value: float, moved: bool) -> bool:
        """Return whether the control has to come to the value first. `moved` says that something else has moved that: then
        it does so too while nobody knows where it is. One with a motor comes by itself."""
        if self.motor and not self._finger:
            return False
        if self._control is None:
            return moved and not self._along
        return (moved or not self.holds) and abs(self._control - value) > self._near

    def move(self, control: float, value: float, now: float = 0.0, fading: bool = False) -> float | None:
        """Take where the control is now, and where the value is; return where the value goes, None if it stays.

        With `fading` the value is moving by itself.
        """
        before, self._control = self._control, control
        self.low, self.high = min(self.low, control), max(self.high, control)
        resting = self._rests(control, now)
        left, self._value = self._value, value
        if resting or (left is not None and abs(value - left) > self._near + _SAME):
            self._along = False  # what was between the two of them is over
        if self.mode == "jump" or self.holds:
            self.holds = True
            return control
        if resting and fading:
            return None
        if abs(control - value) <= self._near:
            return self._meets(control)
        if before is None or before == control:
            return None
        if abs(before - value) <= self._near:
            return self._meets(control)  # they were one before the hand moved
        if self._passes(before, control, value):
            if self._reaches(value) and (self._along or self.mode != "pickup"):
                return self._meets(control)
            # It would have to jump now to be where the control is.
            self._along = True
            if self._reaches(value):
                return None
        elif resting or (self.mode == "pickup" and not self._along):
            return None
        self._value = self._led(before, control, value)
        return None if self._value == value else self._value

    @property
    def _near(self) -> float:
        return self.tolerance * (self.high - self.low)

    def _meets(self, control: float) -> float:
        self.holds, self._along = True, False
        return control

    def _reaches(self, value: float) -> bool:
        return self.low <= value <= self.high

    def _passes(self, before: float, control: float, value: float) -> bool:
        """Return whether the control goes through the value, or of one beyond its reach is at the end next to it."""
        if value > self.high:
            return max(before, control) >= self.high - self._near
        if value < self.low:
            return min(before, control) <= self.low + self._near
        return min(before, control) <= value <= max(before, control)

    def _rests(self, control: float, now: float) -> bool:
        """Return whether it is no hand that the control's message comes from."""
        if self._rest is None:
            self._rest = control
        elif abs(control - self._rest) > NOISE * (self.high - self.low):
            self._rest, self._left = control, now
        if self._finger is not None and (self._finger or self.motor):
            return not self._finger
        return now - self._left > REST

    def _led(self, before: float, control: float, value: float) -> float:
        """Return where the value goes that is not where the control is."""
        by = control - before
        farthest = abs(by) + self._near
        if value > self.high:
            return max(self.high, value - farthest) if by < 0 else value
        if value < self.low:
            return min(self.low, value + farthest) if by > 0 else value
        if self.mode == "scale":
            # Both have a way to go to the same end.
            end = self.high if by > 0 else self.low
            moved = value + max(-farthest, min(farthest, by * (end - value) / (end - before)))
        elif self.mode == "parallel" or by * (control - value) > 0:
            moved = value + by
        else:
            moved = value  # the control comes nearer
        return min(self.high, max(self.low, moved))
