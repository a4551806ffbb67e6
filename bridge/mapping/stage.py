"""PURE. What one filter at work is, and what it may know of the show around it."""

from typing import Protocol

from bridge.profile.durations import Duration
from bridge.profile.filters import When


class Around(Protocol):
    """The show around a filter. Times are seconds of `bridge.clock`."""

    def seconds(self, duration: Duration) -> float:
        """Return how long a duration takes now: at the tempo in force, with chunks as measured."""

    def line(self, now: float, grid: Duration) -> float:
        """Return when the next line of a grid (so many beats or bars, counted from the tempo's beginning) comes: `now`
        itself on a line. For seconds or chunks: so long after `now`."""

    def holds(self, condition: When) -> bool:
        """Return whether the condition holds now, its `negate` included."""


class Stage(Protocol):
    """One filter at work. Pure: the same samples at the same times bring the same, however often it is asked.

    Times never go back. A stage is fed or ticked in the order of time; `tick` at the moment of a sample comes before it.
    """

    @property
    def moving(self) -> bool:
        """Whether something would leave by itself as time passes: only then `tick` is asked."""

    def feed(self, value: float, now: float) -> float | None:
        """Take a sample; return what leaves at once, None if nothing does."""

    def tick(self, now: float) -> tuple[float, ...]:
        """Return what left by itself since the last call, oldest first; of a level that moves, only the newest."""
