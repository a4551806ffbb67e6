"""PURE. The smoothers of all simple routes at once: a tick costs the same for one as for ten thousand.

    bank = Bank()
    slot = bank.add(attack=0.1, release=0.5, begin=0.0, span=2.0, low=0.0, high=2.0, peak=False)
    bank.feed(slot, 0.0, now=12.0)                         # 0.0: the first sample jumps
    bank.feed(slot, 1.0, now=12.0)                         # 0.0: on its way, from now on
    bank.tick(round(12.1 * RATE))                          # the time of a point of the grid
    bank.take()                                            # [(slot, 1.264241, None)]

Between two samples a smoother's level is known for any moment from where it began, so nothing is computed as time
passes: a tick only says how late it is, and `take` computes what a chunk gets, in whole-array operations. Hence the
levels do not depend on how often, or when, ticks come, not even in the last bit. And because a level goes straight to
its target, the highest one since the last `take` is at the end of a stretch: at a sample, or now.
"""

import math
from array import array
from itertools import repeat
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bridge.mapping.motion import NEAR

RATE: Final = 60
"""Points of the grid per second, on which everything that moves by itself moves."""
GRID: Final = 1 / RATE
"""Seconds from one point of the grid to the next; point `n` is at `n / RATE` seconds of `bridge.clock`."""
UNITS: Final = 1e6
"""Values are taken to the sixth decimal: a change below that is none."""
FARTHEST: Final = 1e12
"""No way goes farther: whatever was sent, sums and differences stay finite."""


class Bank:
    """Smoothers whose levels are spread over a range: `begin + level * span`, kept between `low` and `high`.

    Slots are numbers from 0 up; those released are used again. Times are seconds, and never go back.
    """

    def __init__(self) -> None:
        self._constants: list[tuple[float, float, float, float, float, float]] = []
        """What `add` was given, by slot: attack, release, begin, span, low, high."""
        self._begin, self._span, self._low, self._high = array("d"), array("d"), array("d"), array("d")
        self._peak = bytearray()
        """Whether a chunk gets the highest level, by slot."""
        self._target = array("d")
        """The level wanted; not a number until the first sample."""
        self._distance = array("d")
        """The level less the target, at the time of the last sample; 0 at rest."""
        self._since = array("d")
        """When the last sample came."""
        self._pull = array("d")
        """The part of its distance that a level loses per second, below 0."""
        self._rest = array("d")
        """From when on the level is its target: the first moment at which it is near."""
        self._top = array("d")
        """The highest level that a sample found since the last `take`, or the level at that."""
        self._told = array("d")
        """The value that the last `take` gave for the chunk."""
        self._free: list[int] = []
        self._grid = 0
        self._time = 0.0
        self._last_rest = -math.inf
        """By when all are at rest; some time before, perhaps, where one was sent elsewhere on its way."""
        self._waiting = False
        self._stirred = False
        """Whether something has happened since anybody asked that may have changed a value."""

    def __len__(self) -> int:
        """Return how many slots are in use."""
        return len(self._constants) - len(self._free)

    def add(self, attack: float, release: float, begin: float, span: float, low: float, high: float, peak: bool) -> int:
        """Return the slot of a new smoother; it has no value until it is fed.

        `attack` and `release` are the seconds to 63 % of the way up and down, 0 follows at once. The value is
        `begin + level * span`, between `low` and `high`. With `peak` a chunk gets the value of the highest level.
        """
        slot = self._free.pop() if self._free else self._grow()
        self._constants[slot] = (attack, release, begin, span, low, high)
        self._begin[slot], self._span[slot], self._low[slot], self._high[slot] = begin, span, low, high
        self._peak[slot] = peak
        self._target[slot] = math.nan
        self._distance[slot] = self._since[slot] = self._pull[slot] = 0.0
        self._rest[slot] = self._top[slot] = self._told[slot] = -math.inf
        return slot

    def release(self, slot: int) -> None:
        """Give a slot back: what waits there is dropped."""
        self._target[slot] = math.nan
        self._distance[slot] = 0.0
        self._rest[slot] = -math.inf
        self._free.append(slot)

    def halt(self, slot: int) -> None:
        """Forget where a smoother is: something else has taken its value. The next sample is taken at once, and told."""
        self._target[slot] = math.nan
        self._distance[slot] = 0.0
        self._rest[slot] = self._top[slot] = self._told[slot] = -math.inf

    def start_at(self, slot: int, level: float, now: float) -> None:
        """Let a smoother be somewhere, at rest: the next sample goes from there."""
        self._target[slot], self._since[slot] = level, now
        self._distance[slot] = 0.0
        self._rest[slot] = -math.inf

    def carry(self, old: "Bank", old_slot: int, slot: int) -> None:
        """Let `slot` go on as `old_slot` of the bank `old` was, with what waits there; both have the same times."""
        for mine, its in (
            (self._target, old._target),
            (self._distance, old._distance),
            (self._since, old._since),
            (self._pull, old._pull),
            (self._rest, old._rest),
            (self._top, old._top),
            (self._told, old._told),
        ):
            mine[slot] = its[old_slot]
        self._last_rest = max(self._last_rest, self._rest[slot])
        self._stirred = True
        self.tick(old._grid)

    def feed(self, slot: int, way: float, now: float) -> float:
        """Give a smoother the level it shall go to from `now` on; return its value at `now`. The first is taken at
        once."""
        attack, release, begin, span, low, high = self._constants[slot]
        if not -FARTHEST <= way <= FARTHEST:
            way = max(-FARTHEST, min(FARTHEST, way))
        since = self._since[slot]
        if now < since:
            now = since
        level = self._target[slot]
        if level != level:
            level = way
        elif now < self._rest[slot]:
            level += self._distance[slot] * math.exp((now - since) * self._pull[slot])
        if level > self._top[slot]:
            self._top[slot] = level
        distance = level - way
        if distance:
            lag = attack if distance < 0 else release
            if lag > 0:
                rest = math.log(abs(distance) / (NEAR * max(1.0, abs(way)))) * lag
                rest = now + rest if rest > 0 else math.nextafter(now, math.inf)
                self._rest[slot] = rest
                self._pull[slot] = -1.0 / lag
                if rest > self._last_rest:
                    self._last_rest = rest
            else:
                level, distance = way, 0.0
                self._stirred = True  # the height it fell from may be a peak
        if not distance:
            self._rest[slot] = -math.inf
        self._target[slot] = way
        self._distance[slot] = distance
        self._since[slot] = now
        value = begin + level * span
        value = low if value < low else high if value > high else value
        if not self._waiting and abs(value - self._told[slot]) * UNITS > 0.5:
            self._waiting = True
        return value

    def tick(self, grid: int) -> None:
        """Advance all to point number `grid`; a point that has gone by already changes nothing."""
        if grid <= self._grid:
            return
        self._stirred = self._stirred or self.moving
        self._grid, self._time = grid, grid / RATE

    @property
    def moving(self) -> bool:
        """Whether a value may change by itself as time passes: then `tick` is wanted.

        It may say so for a while after the last one has come to rest, where that one was sent elsewhere on its way.
        """
        return self._time < self._last_rest

    @property
    def waiting(self) -> bool:
        """Whether `take` has something to give; nothing, perhaps, if a value has gone and come back since."""
        if self._stirred and not self._waiting:
            chunk, newest = self._values(self._levels())
            self._waiting = bool(self._changed(chunk, newest).any())
        self._stirred = False
        return self._waiting

    def value(self, slot: int) -> float:
        """Return the value at the last tick, or sample if that is later; not a number if there was no sample."""
        _, _, begin, span, low, high = self._constants[slot]
        level = self._target[slot]
        if self._time < self._rest[slot]:
            gone = max(0.0, self._time - self._since[slot])
            level += self._distance[slot] * math.exp(gone * self._pull[slot])
        value = begin + level * span
        return low if value < low else high if value > high else value

    def take(self) -> list[tuple[int, float, float | None]]:
        """Return what has changed since it was last taken: slot, value for this chunk, rounded to six decimals.

        Where a chunk gets the peak and the level is elsewhere by now, its value comes third, else None; it stays
        waiting, and the next chunk gets it, or a new peak.
        """
        if not self._constants:
            return []
        levels = self._levels()
        chunk, newest = self._values(levels)
        (slots,) = np.nonzero(self._changed(chunk, newest))
        _view(self._told)[slots] = chunk[slots]
        np.copyto(_view(self._top), levels, where=self._peaks() & (levels == levels))
        left = np.abs(newest - chunk) * UNITS > 0.5
        self._waiting = bool(left.any())
        self._stirred = False
        if self.moving:
            self._last_rest = float(_view(self._rest).max())
        given = slots.tolist(), chunk[slots].tolist()
        if not self._waiting:
            return list(zip(*given, repeat(None)))
        newer = zip(newest[slots].tolist(), left[slots].tolist(), strict=True)
        later = (value if differs else None for value, differs in newer)
        return list(zip(*given, later, strict=True))

    def _grow(self) -> int:
        self._constants.append((0.0, 0.0, 0.0, 0.0, 0.0, 0.0))
        self._peak.append(False)
        for column in (
            *(self._begin, self._span, self._low, self._high),
            *(self._target, self._distance, self._since, self._pull, self._rest, self._top, self._told),
        ):
            column.append(0.0)
        return len(self._constants) - 1

    def _levels(self) -> NDArray[np.float64]:
        """Return the levels at the last tick, or sample where that is later; not a number where there was none."""
        gone = np.maximum(self._time - _view(self._since), 0.0)
        distance = _view(self._distance) * np.exp(gone * _view(self._pull))
        levels: NDArray[np.float64] = _view(self._target) + np.where(self._time < _view(self._rest), distance, 0.0)
        return levels

    def _values(self, levels: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the values that a chunk would get now, and the newest: the same array if nobody asks for a peak."""
        newest = self._spread(levels)
        if 1 not in self._peak:
            return newest, newest
        return self._spread(np.where(self._peaks(), np.maximum(levels, _view(self._top)), levels)), newest

    def _spread(self, levels: NDArray[np.float64]) -> NDArray[np.float64]:
        values = _view(self._begin) + levels * _view(self._span)
        values = np.minimum(np.maximum(values, _view(self._low)), _view(self._high))
        return np.rint(values * UNITS) / UNITS

    def _changed(self, chunk: NDArray[np.float64], newest: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return where there is something to tell; nowhere where there was no sample: what is no number is not more."""
        told = _view(self._told)
        changed = np.abs(newest - told) * UNITS > 0.5
        return changed if chunk is newest else changed | (np.abs(chunk - told) * UNITS > 0.5)

    def _peaks(self) -> NDArray[np.bool_]:
        return np.frombuffer(self._peak, dtype=np.bool_)


def _view(column: "array[float]") -> NDArray[np.float64]:
    """Return a column as numpy sees it, the same memory. Not to be kept: a column that is looked at cannot grow."""
    return np.frombuffer(column, dtype=np.float64)
