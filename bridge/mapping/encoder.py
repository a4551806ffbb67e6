"""PURE. An encoder at work: it says how far it was turned, and its target goes as far from wherever it is now."""

import math
from dataclasses import dataclass, field
from typing import Final

from bridge.mapping.shape import clamp
from bridge.profile.filters import Encoder
from bridge.relative import Detector, Relative, steps

SLOW: Final = 5.0
"""Steps per second up to which nothing is accelerated: each is one step."""
QUICK: Final = 25.0
"""Steps per second at which an `acceleration` of 1 doubles a step; in between and beyond it grows evenly."""
FASTEST: Final = 100.0
"""Steps per second beyond which nothing is accelerated any more: nobody turns so fast."""


@dataclass(slots=True)
class Turner:
    """The filter `encoder`: movements come in, the place on the way leaves.

    A step is 1 / `turn` of the way, times 1 + `acceleration` · (speed - 5) / 20, with the speed in steps per second since
    the message before, from 5 to 100. The first step, one after a turn back and one that comes alone are not accelerated.
    """

    option: Encoder
    clicks: bool = False
    """Whether it is for events: each message upwards is one, and those downwards are nothing."""
    items: int = 0
    """How many things there are to choose from, with a step from each to the next whatever its speed; then what leaves is
    the number of one, from 0. With 0 there is a way."""
    level: float | None = None
    """Where it is; None before anything told."""
    _relative: Relative | None = None
    """How steps are told; None where they come as such, or while that is not known."""
    _detector: Detector | None = None
    _then: float = -math.inf
    """When it was turned last."""
    _speed: float = 0.0
    """In steps per second, negative to the left."""
    _raw: bool = field(init=False)

    def __post_init__(self) -> None:
        self._raw = self.option.relative != "steps"
        if self.option.relative == "auto":
            self._detector = Detector()
        elif self.option.relative != "steps":
            self._relative = self.option.relative

    @property
    def moving(self) -> bool:
        """Never: it moves on samples only."""
        return False

    def start_at(self, level: float | None) -> None:
        """Be somewhere: the next step goes from there. None: at none of the items, so that a step up leads to the first."""
        self.level = level

    def feed(self, value: float, now: float) -> float | None:
        """Take a movement; return where it leads."""
        count = self._steps(value)
        if count == 0:
            return None
        factor = self._accelerated(count, now)
        if self.clicks:
            return 1.0 if count > 0 else None
        if self.items:
            level = self.level if self.level is not None else -1.0 if count > 0 else float(self.items)
            self.level = clamp(0.0, self.items - 1.0, level + (round(count) or math.copysign(1.0, count)))
        else:
            level = 0.0 if self.level is None else self.level
            # From beyond the way, where something else has put it, the next step must not throw it back.
            self.level = clamp(min(0.0, level), max(1.0, level), level + count * factor / self.option.turn)
        return self.level

    def tick(self, now: float) -> tuple[float, ...]:
        """Return nothing."""
        return ()

    def _steps(self, value: float) -> float:
        if not self._raw:
            return value
        message = round(clamp(0.0, 127.0, value * 127.0))
        if self._detector is not None:
            self._relative = self._detector.feed(message)
        return 0.0 if self._relative is None else float(steps(self._relative, message))

    def _accelerated(self, count: float, now: float) -> float:
        """Return how much farther a step goes for the speed with which it came."""
        since, self._then = now - self._then, now
        if since > 0:
            speed = clamp(-FASTEST, FASTEST, count / since)
            self._speed = 0.0 if speed * self._speed < 0 else speed
        elif self._speed * count < 0:
            self._speed = 0.0
        return 1.0 + self.option.acceleration * max(0.0, abs(self._speed) - SLOW) / (QUICK - SLOW)
