"""PURE. Gates: some of what arrives passes, some of it later.

    at_most = RateLimiter(AtMost(Duration(0.5)), around)
    at_most.feed(0.1, now=12.0)                            # 0.1
    at_most.feed(0.2, now=12.1)                            # None: not yet
    at_most.tick(12.5)                                     # (0.2,)

What was due at a moment counts as gone at that moment, however late the tick that took it: so the rest of the night
does not depend on when ticks come.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Final, assert_never

from bridge.mapping.stage import Around
from bridge.profile.filters import (
    DOUBLE_PRESS,
    LONG_PRESS,
    AtMost,
    Changed,
    Delay,
    Edge,
    Every,
    Gate,
    Press,
    Toggle,
    Wait,
    When,
)

UP: Final = 0.5
"""From here up a signal is up, below it is down; before the first sample it is down."""


@dataclass(slots=True)
class NoiseGate:
    """Open above one threshold, closed below another; closed at the start."""

    option: Gate
    _open: bool = False

    @property
    def moving(self) -> bool:
        """Never: it acts on samples only."""
        return False

    def feed(self, value: float, now: float) -> float | None:
        """Return the value while the gate is open, and 0 when it closes."""
        was = self._open
        self._open = value >= (self.option.close if was else self.option.open)
        if self._open:
            return value
        return 0.0 if was else None

    def tick(self, now: float) -> tuple[float, ...]:
        """Return nothing."""
        return ()


@dataclass(slots=True)
class EdgeDetector:
    """Rises and falls through a threshold; below it at the start."""

    option: Edge
    _up: bool = False

    @property
    def moving(self) -> bool:
        """Never: it acts on samples only."""
        return False

    def feed(self, value: float, now: float) -> float | None:
        """Return what the edge gives, if the value makes one."""
        was, self._up = self._up, value >= self.option.threshold
        if was == self._up:
            return None
        match self.option.edge:
            case "both":
                return float(self._up)
            case "rise":
                return 1.0 if self._up else None
            case "fall":
                return None if self._up else 1.0
            case _:
                assert_never(self.option.edge)

    def tick(self, now: float) -> tuple[float, ...]:
        """Return nothing."""
        return ()


@dataclass(slots=True)
class ToggleSwitch:
    """On and off, in turn with each rise."""

    option: Toggle
    _on: bool = field(init=False)
    _up: bool = False

    def __post_init__(self) -> None:
        self._on = self.option.start

    @property
    def moving(self) -> bool:
        """Never: it acts on samples only."""
        return False

    def start_at(self, on: bool) -> None:
        """Count as on or off from now on, because something else has put the target there."""
        self._on = on

    def feed(self, value: float, now: float) -> float | None:
        """Return 1 or 0 on a rise."""
        was, self._up = self._up, value >= UP
        if was or not self._up:
            return None
        self._on = not self._on
        return float(self._on)

    def tick(self, now: float) -> tuple[float, ...]:
        """Return nothing."""
        return ()


@dataclass(slots=True)
class Divider:
    """One press in so many, with its release."""

    option: Every
    _count: int = 0
    """Rises since the last release that passed."""
    _up: bool = False

    @property
    def moving(self) -> bool:
        """Never: it acts on samples only."""
        return False

    def feed(self, value: float, now: float) -> float | None:
        """Return 1 on the n-th rise, and 0 on the fall after it."""
        was, self._up = self._up, value >= UP
        if was == self._up:
            return None
        if self._up:
            self._count += 1
            return 1.0 if self._count == self.option.count else None
        if self._count < self.option.count:
            return None
        self._count = 0
        return 0.0

    def tick(self, now: float) -> tuple[float, ...]:
        """Return nothing."""
        return ()


@dataclass(slots=True)
class ChangeDetector:
    """Only what is far enough from the last that passed; the first passes."""

    option: Changed
    _last: float | None = None

    @property
    def moving(self) -> bool:
        """Never: it acts on samples only."""
        return False

    def feed(self, value: float, now: float) -> float | None:
        """Return the value if it is another."""
        if self._last is not None and abs(value - self._last) <= self.option.by:
            return None
        self._last = value
        return value

    def tick(self, now: float) -> tuple[float, ...]:
        """Return nothing."""
        return ()


@dataclass(slots=True)
class Conditional:
    """Only while something is so."""

    option: When
    around: Around

    @property
    def moving(self) -> bool:
        """Never: what came while it was not so is gone."""
        return False

    def feed(self, value: float, now: float) -> float | None:
        """Return the value if the condition holds."""
        return value if self.around.holds(self.option) else None

    def tick(self, now: float) -> tuple[float, ...]:
        """Return nothing."""
        return ()


@dataclass(slots=True)
class DelayLine:
    """Everything so much later, in its order."""

    option: Delay
    around: Around
    _waiting: deque[tuple[float, float]] = field(default_factory=deque)
    """When it came, and the value."""

    @property
    def moving(self) -> bool:
        """Whether anything is waiting."""
        return bool(self._waiting)

    def feed(self, value: float, now: float) -> float | None:
        """Take a value; return it only if there is no delay."""
        if not self._waiting and self.around.seconds(self.option.time) <= 0.0:
            return value
        self._waiting.append((now, value))
        return None

    def tick(self, now: float) -> tuple[float, ...]:
        """Return all that is due."""
        late = self.around.seconds(self.option.time)
        due: list[float] = []
        while self._waiting and self._waiting[0][0] + late <= now:
            due.append(self._waiting.popleft()[1])
        return tuple(due)


@dataclass(slots=True)
class RateLimiter:
    """At most one in a time. The first passes at once; of what is held back, the newest comes when the time is over."""

    option: AtMost
    around: Around
    _last: float | None = None
    """When the last one left, or was due."""
    _held: float | None = None

    @property
    def moving(self) -> bool:
        """Whether one is held back."""
        return self._held is not None

    def feed(self, value: float, now: float) -> float | None:
        """Take a value; return it if the time is over."""
        if self._last is not None and now < self._last + self.around.seconds(self.option.time):
            self._held = value
            return None
        self._last, self._held = now, None
        return value

    def tick(self, now: float) -> tuple[float, ...]:
        """Return the one held back, if the time is over."""
        if self._held is None or self._last is None:
            return ()
        due = self._last + self.around.seconds(self.option.time)
        if now < due:
            return ()
        held, self._held, self._last = self._held, None, due
        return (held,)


@dataclass(slots=True)
class LineWaiter:
    """The newest of what came before a line leaves at the line; what comes on the line passes at once."""

    option: Wait
    around: Around
    _held: float | None = None
    _since: float = 0.0
    """From when on the next line counts."""

    @property
    def moving(self) -> bool:
        """Whether one is waiting."""
        return self._held is not None

    def feed(self, value: float, now: float) -> float | None:
        """Take a value; return it if this is the moment."""
        if self._held is None:
            if self.around.line(now, self.option.until) <= now:
                return value
            self._since = now
        self._held = value
        return None

    def tick(self, now: float) -> tuple[float, ...]:
        """Return the one that waited, if a line has come."""
        if self._held is None:
            return ()
        if self.around.line(self._since, self.option.until) > now:
            # The lines of a tempo move when it changes: only the part of the way that is left is asked for again.
            self._since = now if self.option.until.musical else self._since
            return ()
        held, self._held = self._held, None
        return (held,)


@dataclass(slots=True)
class Button:
    """The events of a button: 1 where the one asked for happens, and 0 where a plain press ends."""

    option: Press
    _up: bool = False
    _pressed: float | None = None
    """When the press came that may still become a long one, or the first of two."""

    @property
    def moving(self) -> bool:
        """Whether the press may become a long one."""
        return self.option.kind == "long" and self._pressed is not None

    def feed(self, value: float, now: float) -> float | None:
        """Return what the rise or the fall brings about."""
        was, self._up = self._up, value >= UP
        if was == self._up:
            return None
        match self.option.kind:
            case "press":
                return float(self._up)
            case "release":
                return None if self._up else 1.0
            case "long":
                return self._long(now)
            case "double":
                return self._double(now)
            case _:
                assert_never(self.option.kind)

    def tick(self, now: float) -> tuple[float, ...]:
        """Return 1 when the button has been held for long enough."""
        if not self.moving or not self._is_long(now):
            return ()
        self._pressed = None
        return (1.0,)

    def _long(self, now: float) -> float | None:
        if self._up:
            self._pressed = now
            return None
        long = self._is_long(now)
        self._pressed = None
        return 1.0 if long else None

    def _is_long(self, now: float) -> bool:
        return self._pressed is not None and now >= self._pressed + LONG_PRESS

    def _double(self, now: float) -> float | None:
        if not self._up:
            return None
        if self._pressed is not None and now <= self._pressed + DOUBLE_PRESS:
            self._pressed = None
            return 1.0
        self._pressed = now
        return None
