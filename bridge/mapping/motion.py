"""PURE. Filters that move by themselves after the hand has stopped."""

import math
from dataclasses import dataclass

NEAR = 1e-4
"""Distance to the target, as a part of the jump's size or of 1, at which a lag counts as arrived."""


@dataclass(slots=True)
class Smoother:
    """Follow a level with a lag: exactly the same lag at every tick rate, with one time to rise and one to fall."""

    attack: float
    """Seconds until a sudden rise has gone 63 % of the way; 0 follows at once."""
    release: float
    """The same for a fall."""
    _level: float | None = None
    _target: float = 0.0
    _then: float = 0.0

    @property
    def moving(self) -> bool:
        """Whether the level would change by itself as time passes."""
        return self._level is not None and self._level != self._target

    def __call__(self, target: float, now: float) -> float:
        """Take the level wanted from `now` on, and return the level at `now`. The first one is taken at once."""
        if self._level is None:
            self._level, self._target, self._then = target, target, now
            return target
        lag = self.attack if self._target > self._level else self.release
        gone = -math.expm1(-max(0.0, now - self._then) / lag) if lag > 0 else 1.0
        level = self._level + (self._target - self._level) * gone
        if abs(level - self._target) <= NEAR * max(1.0, abs(self._target)):
            level = self._target
        self._level, self._target, self._then = level, target, now
        lag = self.attack if target > level else self.release
        if lag <= 0:
            self._level = target
        return self._level
