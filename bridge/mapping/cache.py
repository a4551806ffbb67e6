"""PURE. Scope's cache is reset where it hurts least: on the line of a phrase, before Scope does it anywhere.

Scope forgets the past frames by itself every so often, and the picture jumps. How long it is until then is heard of it
(`scope/cache`); with a tempo that somebody has said, the bridge does it on the last line of a phrase before that. The
line is worked out as a time, so nothing has to tick until it is near.
"""

import math
from dataclasses import dataclass
from typing import Final

from bridge.mapping.around import Surroundings
from bridge.mapping.bank import RATE
from bridge.parameters import PARAMETERS
from bridge.profile.durations import Duration, Unit
from bridge.profile.model import ParameterTarget

RESET: Final = ParameterTarget(PARAMETERS["reset_cache"])
PHRASE: Final = Duration(4.0, Unit.BARS)
MARGIN: Final = Duration(2.0, Unit.CHUNKS)
"""How much sooner than Scope the bridge must be at least: a message takes a chunk to get there."""
CLOSE: Final = 10.0
"""Seconds before the line from which on the time must be told step by step; signals of Scope come oftener than that."""

_SOON: Final = 1e-6
"""Seconds by which a point of the grid may be before a line and still be on it."""


@dataclass(slots=True)
class CacheReset:
    """Knows when Scope's cache is to be reset."""

    around: Surroundings
    due: float = math.inf
    """When, in seconds of `bridge.clock`; infinite: nobody knows yet, or it is not wanted."""
    point: float = math.inf
    """The first point of the engine's grid at that time."""
    _runs_out: float | None = None
    """When Scope would do it by itself, as it was last heard."""
    _done: bool = False
    """Whether it was reset, and has not been heard to have begun anew yet."""

    def hear(self, left: float, now: float) -> None:
        """Take how many seconds are left until Scope resets its cache by itself."""
        self._runs_out = now + left
        if left > self._window:
            self._done = False
        self.plan(now)

    def plan(self, now: float) -> None:
        """Look for the line anew: because the tempo is another one, or what is known of Scope."""
        self.due = self.point = math.inf
        if self._runs_out is None or self._done or not self.around.times.tempo.said:
            return
        line = self.around.line(max(now, self._runs_out - self._window), PHRASE)
        if line < self._runs_out:
            self.due, self.point = line, math.ceil(line * RATE - 1e-6)

    def adopt(self, old: "CacheReset", now: float) -> None:
        """Go on with what `old` has heard."""
        self._runs_out, self._done = old._runs_out, old._done
        self.plan(now)

    def comes(self, now: float) -> bool:
        """Return whether to reset it now; then that counts as done. Not where Scope has done it by itself meanwhile."""
        if self.due > now + _SOON or self._runs_out is None:
            return False
        self._done = True
        self.due = self.point = math.inf
        return now < self._runs_out

    @property
    def _window(self) -> float:
        """Seconds that must be left on a line so that the cache lasts until the next one."""
        return self.around.seconds(PHRASE) + self.around.seconds(MARGIN)
