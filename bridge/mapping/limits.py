"""PURE. Guards: what holds a change back so that the picture is not cut to pieces. The newest always comes later."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from bridge.mapping.beat import Times
from bridge.profile.durations import Duration
from bridge.profile.model import Guard

UNASKED = 1, Duration(2.0)
"""How often a change may come: what guards a target that cuts and is driven by a moving signal, where the profile has no guard for it: one in so long."""


@dataclass(slots=True)
class Limiter:
    """So many in so long."""

    rules: Sequence[tuple[int, Duration]]
    unasked: bool = False
    """Whether the profile has not asked for it: then it holds back what moves, and not what is meant."""
    _told: deque[float] = field(default_factory=deque)

    def free_at(self, times: Times) -> float:
        """Return from when on the next one may go; it may be long past."""
        moment = -1e18
        for count, duration in self.rules:
            if len(self._told) >= count:
                moment = max(moment, self._told[-count] + times.seconds(duration))
        return moment

    def tell(self, now: float) -> None:
        """Note that one goes."""
        self._told.append(now)
        if len(self._told) > max((count for count, _ in self.rules), default=0):
            self._told.popleft()

    def adopt(self, old: "Limiter") -> None:
        """Count what has gone already."""
        self._told.extend(old._told)


def limiter(guard: Guard, cuts: bool) -> Limiter | None:
    """Return what keeps to a guard; `cuts` says whether every change of the target cuts. None if nothing limits it."""
    rules = [rule for rule in (guard.max_rate, guard.max_cuts if cuts else None) if rule is not None]
    return Limiter(rules) if rules else None
