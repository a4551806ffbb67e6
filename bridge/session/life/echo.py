"""PURE. Whether Scope has what it was told: what a session shows, held against what was sent to it.

The data channel acknowledges nothing. But a server shows the parameters of its first session, as they came in, and so a
channel that seems open and leads nowhere gives itself away: what the server shows is what it had before.

    echo.begin({"noise_scale": 0.3})
    echo.sent({"noise_scale": 0.8}, now=1.0)
    echo.heard({"noise_scale": 0.3}, now=4.0)    # nothing of it: that is what it began with
"""

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

RECENT: Final = 6.0
"""Seconds for which a value may be on its way, or be shown though newer ones went since."""
AGAIN: Final = 2
"""How often one value is said to be lost."""
PATIENCE: Final = 1.5
"""Seconds that a message has until it must show."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a server has of what was sent to it."""

    anything: bool | None
    """Whether it has any of it. None if that cannot be told: nothing was sent, or not long ago, or what it shows is
    neither old nor new, because somebody else has changed it."""
    lost: tuple[str, ...] = ()
    """The parameters of which it has an older value, though the newest was sent long enough ago."""


class Echo:
    """What one session was told, and what it may show."""

    def __init__(self) -> None:
        self._before: dict[str, Any] = {}
        """What it began with; of what was told since, what it showed last."""
        self._sent: dict[str, deque[tuple[float, Any]]] = {}
        self._lost: dict[str, tuple[Any, int]] = {}
        """The values that were said to be lost, and how often."""

    def begin(self, parameters: Mapping[str, Any]) -> None:
        """A session begins with these parameters, as the offer has them."""
        self._before = dict(parameters)
        self._sent.clear()
        self._lost.clear()

    def sent(self, body: Mapping[str, Any], now: float) -> None:
        """A message with these keys went. Those of events, and of single nodes, are not for here."""
        for key, value in body.items():
            told = self._sent.setdefault(key, deque(maxlen=32))
            told.append((now, value))

    def heard(self, shown: Mapping[str, Any], now: float) -> Heard:
        """Return what the server has of what was sent, as it shows its parameters `now`."""
        found = False
        lost: list[str] = []
        for key, told in self._sent.items():
            while len(told) > 1 and told[0][0] < now - RECENT:
                told.popleft()
            value = shown.get(key)
            if any(same(value, sent) for _, sent in told):
                self._before[key] = value
                found = True
            elif told[-1][0] <= now - PATIENCE and key in shown and same(value, self._before.get(key)):
                lost.append(key)
        silent = any(
            told[0][0] <= now - PATIENCE and same(shown.get(key), self._before.get(key))
            for key, told in self._sent.items()
        )
        lost = [key for key in lost if self._worth_another(key, self._sent[key][-1][1])]
        return Heard(True if found else False if silent else None, tuple(lost))

    def _worth_another(self, key: str, value: Any) -> bool:
        """Return whether a value that does not show is to be sent again: not for ever, against somebody else's hand."""
        before, times = self._lost.get(key, (value, 0))
        times = times + 1 if same(before, value) else 1
        self._lost[key] = value, times
        return times <= AGAIN


def same(one: Any, other: Any) -> bool:
    """Return whether two values are the same JSON, but for how precisely numbers are written."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return math.isclose(one, other, rel_tol=1e-6, abs_tol=1e-9)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return bool(one == other)
