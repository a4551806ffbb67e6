"""A show for filters to run in: a tempo, a chunk, conditions; and a way to play samples with ticks between them."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from bridge.mapping.stage import Stage
from bridge.profile.durations import BEATS_PER_BAR, CHUNK_SECONDS, Duration, Unit
from bridge.profile.filters import When


@dataclass
class Show:
    """Beats are counted from 0 seconds."""

    bpm: float = 120.0
    so: bool = True
    """Whether conditions hold."""

    def seconds(self, duration: Duration) -> float:
        match duration.unit:
            case Unit.SECONDS:
                return duration.amount
            case Unit.CHUNKS:
                return duration.amount * CHUNK_SECONDS
            case Unit.BEATS:
                return duration.amount * 60.0 / self.bpm
            case Unit.BARS:
                return duration.amount * BEATS_PER_BAR * 60.0 / self.bpm

    def line(self, now: float, grid: Duration) -> float:
        length = self.seconds(grid)
        if not length or not grid.musical:
            return now + length
        return math.ceil(now / length) * length

    def holds(self, condition: When) -> bool:
        return self.so is not condition.negate


@dataclass
class Played:
    """What left a stage."""

    left: list[tuple[float, float]] = field(default_factory=list)
    """When, and the value."""
    fed: list[float | None] = field(default_factory=list)
    """What each sample brought about at once."""

    @property
    def values(self) -> list[float]:
        return [value for _, value in self.left]

    @property
    def last(self) -> float | None:
        return self.left[-1][1] if self.left else None


def play(stage: Stage, samples: Iterable[tuple[float, float]], ticks: Sequence[float] = ()) -> Played:
    """Feed samples (when, value) in order, and tick at the times between and at each sample.

    As the engine does: a stage is only ticked while it is moving, and at the moment of a sample before it.
    """
    played = Played()
    moments = [(now, 0, 0.0) for now in ticks] + [(now, 1, value) for now, value in samples]
    for now, kind, value in sorted(moments, key=lambda moment: moment[:2]):
        if stage.moving:
            played.left += [(now, each) for each in stage.tick(now)]
        if kind == 1:
            out = stage.feed(value, now)
            played.fed.append(out)
            played.left += [] if out is None else [(now, out)]
    return played
