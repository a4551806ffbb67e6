"""PURE. What the show is like around its filters: the tempo, the chunk, the page, the scene, what was heard last."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from bridge.errors import Refused
from bridge.mapping import coerce
from bridge.mapping.beat import Times, beats_of
from bridge.mapping.pages import Pages
from bridge.profile.durations import Duration
from bridge.profile.filters import When
from bridge.signals import Value

_CLOSE: Final = 1e-6
"""Seconds before a line in which it counts as come: the latency is added and taken off again, in rounded numbers."""


@dataclass(slots=True)
class Surroundings:
    """The one place that filters, fades and cues look at. It goes on through reloads."""

    times: Times = field(default_factory=Times)
    pages: Pages = field(default_factory=Pages)
    scene: str | None = None
    """The scene recalled last."""
    source: str | None = None
    """The video input that was asked for last; None: nobody has asked."""
    pipeline: str | None = None
    """The pipeline that was asked for last; None: nobody has asked."""
    state: str = "searching"
    """How the talk with Scope stands."""
    quiet: bool = False
    """Whether a panic has silenced what moves by itself, until the next scene."""
    latency: float = 0.0
    """Seconds from a value to the picture that shows it, as far as somebody has measured it."""
    modulates: bool = False
    """Whether Scope swings parameters with the beat itself, so that the bridge must not."""
    heard: dict[str, Sequence[Value]] = field(default_factory=dict)
    """The last values of every signal that somebody wanted."""

    def beside(self) -> "Surroundings":
        """Return the same for another Scope of the show: what the show is like, without what its own Scope is like."""
        return Surroundings(
            Times(self.times.tempo.copy(), self.times.chunk),
            self.pages.copy(),
            self.scene,
            quiet=self.quiet,
            heard=dict(self.heard),
        )

    def seconds(self, duration: Duration) -> float:
        """Return how long a duration takes now."""
        return self.times.seconds(duration)

    def line(self, now: float, grid: Duration) -> float:
        """Return when to act so that the picture changes on the next line of a grid, the latency taken off; of
        seconds or chunks, so long after `now`."""
        if not grid.musical:
            return now + self.seconds(grid)
        line = self.times.tempo.line(now + self.latency, beats_of(grid)) - self.latency
        return line if line - now > _CLOSE else now

    def holds(self, condition: When) -> bool:
        """Return whether everything that the condition names is so, or, with `negate`, not so."""
        return self._is_so(condition) is not condition.negate

    def _is_so(self, condition: When) -> bool:
        if condition.page is not None and condition.page not in self.pages.current:
            return False
        if condition.scene is not None and condition.scene != self.scene:
            return False
        if condition.state is not None and condition.state != self.state:
            return False
        return condition.signal is None or self._within(condition)

    def _within(self, condition: When) -> bool:
        assert condition.signal is not None
        try:
            number = coerce.number(self.heard[condition.signal])
        except (KeyError, Refused):
            return False
        if condition.above is None and condition.below is None:
            return number >= 0.5
        return (condition.above is None or number >= condition.above) and (
            condition.below is None or number < condition.below
        )
