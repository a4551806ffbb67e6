"""PURE. What each target is set to: by the hand, by what acts on top of the hand, by a scene that fades.

A `Cell` holds one target's value. A `Dial` is the cell of a number: its *base* is what was set last (`mix: latest`, a
scene, the page), and each `Part` is what one route adds to it. What a chunk gets is worked out when a message may go:
of every part the strongest since the last one, if that is what its `per_chunk` says, mixed as if all had come at once.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from bridge.mapping.shape import bend
from bridge.parameters import PerChunk
from bridge.profile.filters import Curve
from bridge.profile.model import Mix, Range, Target

SAME = 5e-7
"""Two numbers nearer than this are one: six decimals go out."""


@dataclass(slots=True, eq=False)
class Part:
    """What one route brings to one dial, as the way from 0 to 1 or, without a range, the number itself."""

    mix: Mix
    per_chunk: PerChunk
    onto: Callable[[float], float]
    """From the way to the target's unit."""
    calm: Callable[[], bool] = lambda: False
    """Whether it is to be left out now: switched off, or quiet after a panic."""
    amount: Callable[[], float] = lambda: 1.0
    """How deep it acts, 0 to 1."""
    order: int = 0
    """Its place among the profile's routes: parts act in that order."""
    way: float | None = None
    """The newest; None before anything came."""
    _peak: float = 0.0
    _sum: float = 0.0
    _count: int = 0

    def feed(self, way: float) -> None:
        """Take a new way; of all since `rest`, the chunk gets what `per_chunk` says."""
        self._peak = way if self._count == 0 else max(self._peak, way)
        self._sum += way
        self._count += 1
        self.way = way

    def rest(self) -> None:
        """A chunk has taken what there was: begin anew from the newest."""
        self._count, self._sum = 0, 0.0
        if self.way is not None:
            self.feed(self.way)

    def adopt(self, old: "Part") -> None:
        """Go on from where the same route's part was."""
        self.way, self._peak, self._sum, self._count = old.way, old._peak, old._sum, old._count

    def value(self, newest: bool) -> float:
        """Return what it stands for, in the target's unit: now, or for the chunk."""
        assert self.way is not None
        way = self.way
        if not newest and self._count:
            match self.per_chunk:
                case "max":
                    way = self._peak
                case "mean":
                    way = self._sum / self._count
                case "newest":
                    pass
        return self.onto(way * self.amount() if self.mix == "latest" else way)


@dataclass(slots=True)
class Ramp:
    """A fade of a base, from where it was to where a scene wants it."""

    begin: float
    end: float
    since: float
    seconds: float
    curve: Curve | None

    def at(self, now: float) -> float:
        """Return where it is."""
        gone = min(1.0, max(0.0, (now - self.since) / self.seconds))
        way = gone if self.curve is None or gone >= 1.0 else bend(self.curve, gone)
        return self.begin + (self.end - self.begin) * way

    def over(self, now: float) -> bool:
        """Return whether it has arrived."""
        return now - self.since >= self.seconds


@dataclass(slots=True, eq=False)
class Cell:
    """One target and what it is set to."""

    target: Target
    text: str
    """The target, as a profile writes it."""
    wire: Callable[["Cell", float], None]
    """Told with the time, whenever the value is another one or is to be said again."""
    value: Any = None
    """None until something was set."""
    at: float = 0.0
    """When the signal came that set it last."""
    by: object = None
    """What set it last; None: it stands where the show began."""

    def put(self, value: Any, now: float, by: object) -> None:
        """Set it, whatever moved before."""
        self.value, self.at, self.by = value, now, by
        self.wire(self, now)

    @property
    def asked(self) -> Any:
        """What is wanted of the target now, everything taken together."""
        return self.value


@dataclass(slots=True, eq=False)
class Dial(Cell):
    """The cell of a number: `value` is its base."""

    limits: Range | None = None
    """Within which it stays."""
    whole: bool = False
    rest: float = 0.0
    """What parts act on while nothing was set."""
    owner: Part | None = None
    """The part that set the base last, if a route did."""
    parts: list[Part] = field(default_factory=list)
    """What acts on top of the base, in the order of the profile."""
    ramp: Ramp | None = None

    @property
    def base(self) -> float:
        """The base as a number: where it rests, while nothing was set, or something that is none."""
        return self.value if is_number(self.value) else self.rest

    @property
    def _is_plain(self) -> bool:
        """Whether what was set is no number: a pipeline's own parameter takes text and lists as well, as they are."""
        return self.value is not None and not is_number(self.value)

    def put(self, value: Any, now: float, by: object) -> None:
        """Set the base, and end any fade."""
        self.ramp, self.owner = None, None
        Cell.put(self, value, now, by)

    def hand(self, part: Part, value: float, now: float, by: object) -> None:
        """Set the base from a route, which keeps what the chunk gets of it."""
        if self.owner is not part:
            part.rest()
        self.ramp, self.owner = None, part
        Cell.put(self, value, now, by)

    def fade(self, ramp: Ramp, by: object) -> None:
        """Let the base go along a ramp."""
        self.ramp, self.owner, self.by = ramp, None, by

    def tick(self, now: float) -> None:
        """Take the base along its ramp."""
        if self.ramp is None:
            return
        self.value, self.at = self.ramp.at(now), now
        if self.ramp.over(now):
            self.ramp = None
        self.wire(self, now)

    def mixed(self, newest: bool) -> float:
        """Return base and parts together: as they are now, or as the chunk gets them."""
        owner = self.owner
        base = self.base
        if owner is not None and not newest and owner.per_chunk != "newest":
            base = owner.value(newest=False)
        total, together = base, 1
        for part in self.parts:
            if part.way is None or part.calm():
                continue
            value = part.value(newest)
            amount = part.amount()
            match part.mix:
                case "add":
                    wanted = total + value
                case "multiply":
                    wanted = total * value
                case "max":
                    wanted = max(total, value)
                case "min":
                    wanted = min(total, value)
                case "average":
                    wanted = (total * together + value) / (together + 1)
                    together += 1
                case "latest":
                    wanted = total
            total += (wanted - total) * amount
        if self.limits is None and isinstance(base, int) and total == base:
            return base  # a whole number that nothing acts on stays one: a plugin may count with it
        return float(self.told(total)) if not self.whole else int(self.told(total))

    @property
    def acted_on(self) -> bool:
        """Whether anything acts on top of the base now."""
        return any(part.way is not None and not part.calm() for part in self.parts)

    def told(self, value: Any) -> Any:
        """Return a number as it goes out: within the limits, whole where it must be, to six decimals."""
        if not is_number(value):
            return value
        if self.limits is not None:
            value = min(self.limits[1], max(self.limits[0], value))
        return round(value) if self.whole else round(value, 6)

    @property
    def asked(self) -> Any:
        """Base and parts together, as they are now; None while nothing was set and nothing acts."""
        if self._is_plain:
            return self.value
        if self.value is None and all(part.way is None for part in self.parts):
            return None
        return self.mixed(newest=True)

    def chunk(self) -> tuple[Any, bool]:
        """Return what the chunk gets, and whether the newest is something else and must follow; begin anew."""
        if self._is_plain:
            return self.value, False
        told, newest = self.mixed(newest=False), self.mixed(newest=True)
        if self.owner is not None:
            self.owner.rest()
        for part in self.parts:
            part.rest()
        return told, abs(told - newest) > SAME


def is_number(value: Any) -> TypeGuard[float]:
    """Return whether a value is a number that can be mixed, faded and taken over."""
    return isinstance(value, int | float) and not isinstance(value, bool)
