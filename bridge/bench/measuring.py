"""Measuring side by side: rounds in turn, the median of each contender, no garbage collection meanwhile."""

import gc
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any, Final, Protocol, Self

from bridge.clock import Clock, now


@dataclass(frozen=True, slots=True)
class Effort:
    """How much time to spend."""

    rounds: int
    """How often each contender runs; at least 1."""
    scale: float
    """How much is done in a round, of what gives a steady figure; above 0, at most 1."""

    def times(self, number: int) -> int:
        """Return `number`, or as much of it as there is time for; at least 1."""
        return max(1, round(number * self.scale))


STEADY = Effort(rounds=15, scale=1.0)
QUICK = Effort(rounds=3, scale=0.05)
"""Enough to see that everything works; the figures are rough."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing measured, beside its peer."""

    name: str
    value: float
    """In `unit`."""
    unit: str
    peer: str = ""
    """What it is compared with; empty: nothing."""
    peer_value: float | None = None
    """In the same unit."""
    target: float | None = None
    """The highest that will do: of the ratio to the peer, or, without one, of the value. None: there is no target."""

    @property
    def ratio(self) -> float | None:
        """How many times the peer's value it is; None without a peer."""
        return self.value / self.peer_value if self.peer_value else None

    @property
    def met(self) -> bool | None:
        """Whether the target is reached; None without one."""
        if self.target is None:
            return None
        return (self.value if self.ratio is None else self.ratio) <= self.target

    def as_json(self) -> dict[str, Any]:
        """Return the figure as an object, with what follows from it."""
        return {
            "name": self.name,
            "value": self.value,
            "unit": self.unit,
            "peer": self.peer or None,
            "peer_value": self.peer_value,
            "ratio": self.ratio,
            "target": self.target,
            "met": self.met,
        }


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that a matter's figures are about."""

    measure: Callable[[Effort], Iterable[Figure]]
    """Measures, and yields each figure when it is known."""
    usual: bool = True
    """Whether it is measured if nobody asks for one part."""


class Matter(Protocol):
    """A module that measures one matter."""

    PARTS: Mapping[str, Part]
    """By name, in their order."""


@dataclass(frozen=True, slots=True)
class Contender:
    """Something that is timed."""

    run: Callable[[], object]
    """One round of it."""
    count: int = 1
    """How many of what the figure is about happen in a round."""
    before: Callable[[], object] = lambda: None
    """What must be done before each round, and is not timed."""


class Stalls:
    """Looks, while it is entered, how late a thread runs that wants to run often: where it is late, the machine was busy
    with something else, and so is what is measured."""

    EVERY: Final = 0.005
    """Seconds."""

    def __init__(self) -> None:
        self.longest = 0.0
        """The latest, in seconds."""
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, name="stalls")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        before = now()
        while not self._over.wait(self.EVERY):
            moment = now()
            self.longest = max(self.longest, moment - before - self.EVERY)
            before = moment


def side_by_side(contenders: Mapping[str, Contender], rounds: int, clock: Clock | None = None) -> dict[str, float]:
    """Return what one of each contender takes, in microseconds: the median of `rounds` rounds, by `clock`, which is
    `bridge.clock` unless it is processor time that is asked for.

    All run in every round, each time another one first, so that a slow moment of the machine meets all alike. A round
    before those is not counted.
    """
    taken: dict[str, list[float]] = {name: [] for name in contenders}
    order = list(contenders)
    for number in range(rounds + 1):
        for name in order:
            seconds = _timed(contenders[name], clock or now)
            if number:
                taken[name].append(seconds)
        order.append(order.pop(0))
    return {name: median(taken[name]) / contenders[name].count * 1e6 for name in contenders}


def _timed(contender: Contender, clock: Clock) -> float:
    gc.collect()
    contender.before()  # after it, so that the round begins warm
    enabled = gc.isenabled()
    gc.disable()
    try:
        began = clock()
        contender.run()
        return clock() - began
    finally:
        if enabled:
            gc.enable()
