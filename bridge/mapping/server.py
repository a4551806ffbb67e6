"""PURE. What is heard of Scope itself: how long its chunks are, how it stands, when its cache runs out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from bridge.errors import Refused
from bridge.mapping import coerce
from bridge.mapping.around import Surroundings
from bridge.mapping.cache import CacheReset
from bridge.signals import Value

CHUNK: Final = "scope/chunk"
"""Seconds that a chunk takes, 0.01 to 60."""
STATE: Final = "scope/state"
"""How the talk with Scope stands, in a word."""
LATENCY: Final = "scope/latency"
"""Seconds from a value to the picture that shows it, 0 to 60."""
CACHE: Final = "scope/cache"
"""Seconds until Scope resets its cache by itself."""
MODULATES: Final = "scope/modulates"
"""1 while Scope swings parameters with the beat itself (`modulations`)."""


@dataclass(slots=True)
class Server:
    """Takes what is heard of Scope; what makes no sense is not believed."""

    around: Surroundings
    cache: CacheReset

    def hear(self, path: str, values: Sequence[Value], now: float) -> None:
        """Take one of `SIGNALS`."""
        _HEARD[path](self, values, now)

    def _chunk(self, values: Sequence[Value], now: float) -> None:
        seconds = _number(values)
        if seconds is not None and 0.01 <= seconds <= 60:
            self.around.times.chunk = seconds

    def _state(self, values: Sequence[Value], now: float) -> None:
        if values and isinstance(values[-1], str):
            self.around.state = values[-1]

    def _latency(self, values: Sequence[Value], now: float) -> None:
        seconds = _number(values)
        if seconds is not None and 0 <= seconds <= 60:
            self.around.latency = seconds

    def _cache(self, values: Sequence[Value], now: float) -> None:
        seconds = _number(values)
        if seconds is not None and 0 <= seconds < 1e6:
            self.cache.hear(seconds, now)

    def _modulates(self, values: Sequence[Value], now: float) -> None:
        number = _number(values)
        if number is not None:
            self.around.modulates = number >= 0.5


_HEARD: Final[dict[str, Callable[[Server, Sequence[Value], float], None]]] = {
    CHUNK: Server._chunk,
    STATE: Server._state,
    LATENCY: Server._latency,
    CACHE: Server._cache,
    MODULATES: Server._modulates,
}
SIGNALS: Final = frozenset(_HEARD)
"""The signals that say how Scope is doing."""


def _number(values: Sequence[Value]) -> float | None:
    try:
        return coerce.number(values)
    except Refused:
        return None
