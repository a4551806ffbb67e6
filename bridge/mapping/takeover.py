"""PURE. How a control takes a value that something else has moved away from it.

A scene fades noise_scale to 0.8 while the fader stands at 0.2. The next touch of the fader must not throw the picture
back. Everything is in the target's own unit.
"""

from dataclasses import dataclass

from bridge.profile.model import Takeover

TOLERANCE = 0.015
"""How near, as a part of the whole way, a control counts as being where the value is: two steps of a 7-bit fader."""


@dataclass(slots=True)
class Grip:
    """One control's hold on one value."""

    mode: Takeover
    low: float
    """The ends of what the control can reach, in any order."""
    high: float
    holds: bool = False
    """Whether the control and the value are one: then the value is where the control is."""
    _control: float | None = None

    def __post_init__(self) -> None:
        self.low, self.high = sorted((self.low, self.high))

    def let_go(self) -> None:
        """Something else has moved the value."""
        self.holds = False

    def move(self, control: float, value: float) -> float | None:
        """Take where the control is now, and where the value is; return where the value goes, None if it stays."""
        before, self._control = self._control, control
        if self.mode == "jump" or self.holds:
            self.holds = True
            return control
        near = TOLERANCE * (self.high - self.low)
        crossed = before is not None and min(before, control) <= value <= max(before, control)
        if abs(control - value) <= near or crossed:
            self.holds = True
            return control
        if before is None or self.mode == "pickup":
            return None
        by = control - before
        if self.mode == "scale":
            moved = self._scaled(before, by, value)
        elif self.mode == "catch up":
            # The gap closes by as much as the control moves, if the control moves away from the value at all.
            gap = control - value
            moved = value + max(-abs(by), min(abs(by), gap)) if by * gap > 0 else value
        else:
            moved = value + by
        moved = min(self.high, max(self.low, moved))
        return None if moved == value else moved

    def _scaled(self, before: float, by: float, value: float) -> float:
        """Both have a way to go to the same end: the value takes its own at the rate at which the control takes its."""
        if by == 0:
            return value
        end = self.high if by > 0 else self.low
        left = end - before
        return end if left == 0 else value + by * (end - value) / left
