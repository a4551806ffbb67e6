"""PURE. Motion filters: what goes on after the hand has stopped, and what remembers where the hand has been.

A level on its way is computed from where and when that way began, never from the tick before: so it is the same, to the
last bit, however often it is asked. Where a time changes on the way (a tempo does that), the way begins anew from the
last moment at which it was asked.
"""

import math
from collections import deque
from dataclasses import dataclass, field
from typing import Final

from bridge.mapping.shape import clamp, wrap
from bridge.mapping.stage import Around
from bridge.profile.filters import Accumulate, Hold, Normalise, OneEuro, Slew, Smooth, Spring

NEAR: Final = 1e-4
"""Distance to the target, in units or (of a target beyond 1) as a part of it, at which a level counts as arrived."""
FARTHEST: Final = 1e12
"""No level goes farther: whatever was sent, sums, differences and squares stay finite."""


def _level(value: float) -> float:
    return clamp(-FARTHEST, FARTHEST, value)


def _near(target: float) -> float:
    return NEAR * max(1.0, abs(target))


@dataclass(slots=True)
class Smoother:
    """Follow a level with a lag; the first one is taken at once."""

    option: Smooth
    around: Around
    _target: float | None = None
    _from: float = 0.0
    """The level at `_since`."""
    _since: float = 0.0
    _lag: float = 0.0
    """Seconds to 63 % of the way, as last asked."""
    _asked: float = 0.0
    """When it was last asked."""
    _moving: bool = False

    @property
    def moving(self) -> bool:
        """Whether the level is not yet its target."""
        return self._moving

    def start_at(self, level: float, now: float) -> None:
        """Be somewhere, at rest: the next sample goes from there."""
        self._target, self._from, self._since, self._asked = _level(level), _level(level), now, now
        self._lag, self._moving = self._seconds(), False

    def feed(self, value: float, now: float) -> float | None:
        """Take the level wanted from `now` on; return the level at `now`."""
        value = _level(value)
        self._from = value if self._target is None else self._at(now)
        self._target, self._since, self._asked = value, now, now
        self._lag = self._seconds()
        if self._lag <= 0.0:
            self._from = value
        self._moving = self._from != value
        return self._from

    def tick(self, now: float) -> tuple[float, ...]:
        """Return the level at `now`, if it was on its way."""
        if not self._moving:
            return ()
        level = self._at(now)
        self._moving = level != self._target
        return (level,)

    def _at(self, now: float) -> float:
        assert self._target is not None
        lag = self._seconds()
        if lag != self._lag:
            self._from, self._since, self._lag = self._along(self._target, self._asked), self._asked, lag
        self._asked = now
        return self._along(self._target, now)

    def _along(self, target: float, now: float) -> float:
        if now <= self._since:
            return self._from
        left = (self._from - target) * math.exp((self._since - now) / self._lag) if self._lag > 0.0 else 0.0
        if abs(left) <= _near(target):
            return target
        # The sum may miss by the last bit, and a level never moves away from its target.
        return min(self._from, target + left) if left > 0.0 else max(self._from, target + left)

    def _seconds(self) -> float:
        assert self._target is not None
        return self.around.seconds(self.option.attack if self._target > self._from else self.option.release)


@dataclass(slots=True)
class OneEuroFilter:
    """The 1 euro filter, as its paper has it: a low-pass whose cutoff rises with the speed of the signal.

    Of several samples at the same moment the last one counts.
    """

    option: OneEuro
    _level: float | None = None
    _speed: float = 0.0
    """Per second, smoothed."""
    _then: float = 0.0
    _before: tuple[float, float, float] | None = None
    """Level, speed and time before the last moment; None: it was the first."""

    @property
    def moving(self) -> bool:
        """Never: it moves on samples only."""
        return False

    def feed(self, value: float, now: float) -> float | None:
        """Take a sample; return the level."""
        value = _level(value)
        if self._level is not None and now > self._then:
            self._before = (self._level, self._speed, self._then)
        self._then = now
        if self._before is None:
            self._level = value
            return value
        level, speed, then = self._before
        span = now - then
        # A low-pass of (value - level) / span, without that division: two samples may be as close as floats are.
        turn = 2.0 * math.pi * self.option.d_cutoff
        self._speed = (speed + turn * (value - level)) / (turn * span + 1.0)
        turned = 2.0 * math.pi * (self.option.min_cutoff + self.option.beta * abs(self._speed)) * span
        self._level = level + turned / (turned + 1.0) * (value - level)
        return self._level

    def tick(self, now: float) -> tuple[float, ...]:
        """Return nothing."""
        return ()


@dataclass(slots=True)
class Slewer:
    """Follow a level at a limited speed; the first one is taken at once."""

    option: Slew
    _target: float | None = None
    _from: float = 0.0
    _since: float = 0.0
    _moving: bool = False

    @property
    def moving(self) -> bool:
        """Whether the level is not yet its target."""
        return self._moving

    def feed(self, value: float, now: float) -> float | None:
        """Take the level wanted from `now` on; return the level at `now`."""
        value = _level(value)
        self._from = value if self._target is None else self._at(now)
        self._target, self._since = value, now
        if math.isinf(self._speed()):
            self._from = value
        self._moving = self._from != value
        return self._from

    def tick(self, now: float) -> tuple[float, ...]:
        """Return the level at `now`, if it was on its way."""
        if not self._moving:
            return ()
        level = self._at(now)
        self._moving = level != self._target
        return (level,)

    def _at(self, now: float) -> float:
        assert self._target is not None
        if self._from == self._target:
            return self._target
        level = self._from + self._speed() * (now - self._since)
        return min(self._target, level) if self._target > self._from else max(self._target, level)

    def _speed(self) -> float:
        assert self._target is not None
        return self.option.up if self._target > self._from else -self.option.down


@dataclass(slots=True)
class Springer:
    """Follow like a damped mass on a spring, by its closed solution; the first level is taken at once."""

    option: Spring
    around: Around
    _target: float | None = None
    _from: float = 0.0
    """The level less the target, at `_since`."""
    _speed: float = 0.0
    """Per second, at `_since`."""
    _since: float = 0.0
    _period: float = 0.0
    """Seconds, as last asked."""
    _asked: float = 0.0
    """When it was last asked."""
    _moving: bool = False

    @property
    def moving(self) -> bool:
        """Whether the mass is not yet at rest at its target."""
        return self._moving

    def feed(self, value: float, now: float) -> float | None:
        """Take the level wanted from `now` on; return the level at `now`."""
        value = _level(value)
        level, speed = (value, 0.0) if self._target is None else self._at(now)
        self._period = self.around.seconds(self.option.period)
        if self._period <= 0.0:
            level, speed = value, 0.0
        self._target, self._from, self._speed = value, level - value, speed
        self._since = self._asked = now
        self._moving = level != value or speed != 0.0
        return level

    def tick(self, now: float) -> tuple[float, ...]:
        """Return the level at `now`, if the mass was moving."""
        if not self._moving:
            return ()
        level, speed = self._at(now)
        self._moving = level != self._target or speed != 0.0
        return (level,)

    def _at(self, now: float) -> tuple[float, float]:
        assert self._target is not None
        period = self.around.seconds(self.option.period)
        if period != self._period:
            level, self._speed = self._along(self._target, self._asked)
            self._from, self._since, self._period = level - self._target, self._asked, period
        self._asked = now
        return self._along(self._target, now)

    def _along(self, target: float, now: float) -> tuple[float, float]:
        """Return level and speed. Near means little energy, not little distance: that falls with time and never rises
        again, so what has come to rest stays at rest."""
        span = now - self._since
        if span <= 0.0:
            return target + self._from, self._speed
        if self._period <= 0.0:
            return target, 0.0
        turn = 2.0 * math.pi / self._period
        pull = self.option.damping * turn
        even, odd = _swing(turn, self.option.damping, span)
        left = self._from * even + (self._speed + pull * self._from) * odd
        speed = self._speed * even - (pull * self._speed + turn * turn * self._from) * odd
        if math.hypot(left, speed / turn) <= _near(target):
            return target, 0.0
        return target + left, speed


def _swing(turn: float, damping: float, span: float) -> tuple[float, float]:
    """Return the two solutions of x'' + 2 `damping` `turn` x' + `turn`² x = 0 after `span` seconds: the one that
    without its decay is even (it begins at 1) and the one that is odd (it begins with a slope of 1)."""
    pull = damping * turn
    if damping < 1.0:
        inner = turn * math.sqrt(1.0 - damping * damping)
        decay = math.exp(-pull * span)
        return decay * math.cos(inner * span), decay * math.sin(inner * span) / inner
    if damping == 1.0:
        decay = math.exp(-pull * span)
        return decay, decay * span
    inner = turn * math.sqrt(damping * damping - 1.0)
    # -pull + inner, without the digits that this difference would lose.
    slow = math.exp(-turn * turn / (pull + inner) * span)
    return (
        slow * (1.0 + math.exp(-2.0 * inner * span)) / 2.0,
        slow * -math.expm1(-2.0 * inner * span) / (2.0 * inner),
    )


@dataclass(slots=True)
class PeakHolder:
    """The highest level of the last so many seconds, where a level lasts until the next one comes."""

    option: Hold
    around: Around
    _levels: deque[tuple[float, float]] = field(default_factory=deque)
    """Levels that are or will be the highest, and when the next one came: ever lower ones, the last one is that in
    force."""

    @property
    def moving(self) -> bool:
        """Whether the level will fall by itself."""
        return len(self._levels) > 1

    def feed(self, value: float, now: float) -> float | None:
        """Take a level; return the highest."""
        value = _level(value)
        if self._levels:
            last, _ = self._levels.pop()
            self._levels.append((last, now))
        while self._levels and self._levels[-1][0] <= value:
            self._levels.pop()
        self._levels.append((value, math.inf))
        self._fall(now)
        return self._levels[0][0]

    def tick(self, now: float) -> tuple[float, ...]:
        """Return the level if it fell."""
        return (self._levels[0][0],) if self._fall(now) else ()

    def _fall(self, now: float) -> bool:
        held = self.around.seconds(self.option.time)
        before = len(self._levels)
        while len(self._levels) > 1 and now >= self._levels[0][1] + held:
            self._levels.popleft()
        return len(self._levels) < before


@dataclass(slots=True)
class Accumulator:
    """The sum of all movements, between two ends or around them."""

    option: Accumulate
    _level: float = field(init=False)

    def __post_init__(self) -> None:
        self._level = self.option.start

    @property
    def moving(self) -> bool:
        """Never: it moves on samples only."""
        return False

    def feed(self, value: float, now: float) -> float | None:
        """Take a movement; return where it leads."""
        keep = wrap if self.option.wrap else clamp
        self._level = keep(self.option.low, self.option.high, self._level + _level(value) * self.option.step)
        return self._level

    def tick(self, now: float) -> tuple[float, ...]:
        """Return nothing."""
        return ()


@dataclass(slots=True)
class Normaliser:
    """Where a level is between the lowest and the highest of late; 0 while these are too close.

    A level lasts until the next one comes, and meanwhile both ends approach it. So it makes no difference whether a
    sender repeats what has not changed.
    """

    option: Normalise
    around: Around
    _last: float | None = None
    _low: float = 0.0
    _high: float = 0.0
    _then: float = 0.0

    @property
    def moving(self) -> bool:
        """Never: it moves on samples only."""
        return False

    def feed(self, value: float, now: float) -> float | None:
        """Take a sample; return its place, 0 to 1."""
        value = _level(value)
        if self._last is None:
            self._low = self._high = value
        else:
            window = self.around.seconds(self.option.window)
            kept = math.exp((self._then - now) / window) if window > 0.0 else 0.0
            self._low = min(value, self._last - (self._last - self._low) * kept)
            self._high = max(value, self._last + (self._high - self._last) * kept)
        self._last, self._then = value, now
        span = self._high - self._low
        return 0.0 if span < self.option.floor else (value - self._low) / span

    def tick(self, now: float) -> tuple[float, ...]:
        """Return nothing."""
        return ()
