"""PURE. What waits for the next message to Scope: one entry per parameter, merged as that parameter allows.

Scope takes one message per chunk, so between two messages a hand may have moved a fader fifty times and pressed a
button once. The Outbox keeps what the next chunk must get: the fader's last place, and the press.

    outbox.put(Change("noise_scale", 0.2, at=1.00))
    outbox.put(Change("noise_scale", 0.9, at=1.02))
    outbox.put(Change("reset_cache", True, at=1.02))
    outbox.take()    # noise_scale 0.9 and reset_cache, in one message
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bridge.parameters import Change, Merge, parameter


@dataclass(slots=True)
class _Waiting:
    newest: Change
    value: Any
    """What the chunk gets, if it were sent now."""
    at: float
    """When the signal behind `value` arrived."""
    total: float = 0.0
    count: int = 0


class Outbox:
    """Changes that wait for a chunk. The newest always gets there; an event is never lost, nor sent twice."""

    def __init__(self) -> None:
        self._waiting: dict[str, _Waiting] = {}
        self._known: dict[str, Any] = {}
        """What Scope has been told, by parameter."""

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def restart(self, state: Mapping[str, Any]) -> None:
        """A new session begins with `state`: drop what waits, and count from now on only what differs from it.

        Events that waited are dropped too: a cache reset or a fade means nothing to a picture that begins anew.
        """
        self._waiting.clear()
        self._known = dict(state)

    def put(self, change: Change) -> None:
        """Let a change wait for the next message, merged with what waits already."""
        name = change.parameter
        waiting = self._waiting.get(name)
        match parameter(name).merge:
            case Merge.REPLACE:
                self._replace(change, waiting)
            case Merge.TOGETHER:
                if self._known.get(name) == _lasting(change):
                    self._waiting.pop(name, None)  # Scope has them: nothing to say
                    return
                self._keep(change, change.value, waiting)
            case Merge.UNION:
                value = change.value if waiting is None else _union(waiting.value, change.value)
                self._keep(change, value, waiting)
            case Merge.SUM:
                value = change.value if waiting is None else _sum(waiting.value, change.value)
                self._keep(change, value, waiting)
            case Merge.ONCE:
                value = change.value if waiting is None else (waiting.value or change.value)
                self._keep(change, value, waiting)

    def take(self) -> list[Change]:
        """Return what the next chunk gets, in the order in which it began to wait; afterwards nothing of it waits.

        A parameter with `per_chunk` max or mean keeps waiting when its newest value is another than the one taken: so
        the picture also gets to where the hand, or the silence after the kick, has come to rest.
        """
        taken = []
        still: dict[str, _Waiting] = {}
        for name, waiting in self._waiting.items():
            newest = waiting.newest
            taken.append(replace(newest, value=waiting.value, at=waiting.at))
            match parameter(name).merge:
                case Merge.REPLACE:
                    self._known[name] = waiting.value
                    if newest.value != waiting.value:
                        still[name] = _begin(newest)
                case Merge.TOGETHER:
                    self._known[name] = _lasting(newest)
                case Merge.UNION | Merge.SUM | Merge.ONCE:
                    pass
        self._waiting = still
        return taken

    def _replace(self, change: Change, waiting: _Waiting | None) -> None:
        name = change.parameter
        if waiting is None:
            if name not in self._known or self._known[name] != change.value:
                self._waiting[name] = _begin(change)
            return
        waiting.newest = change
        match change.per_chunk:
            case "max" if _is_number(change.value) and _is_number(waiting.value):
                if change.value >= waiting.value:
                    waiting.value, waiting.at = change.value, change.at
            case "mean" if _is_number(change.value) and waiting.count:
                waiting.total += change.value
                waiting.count += 1
                waiting.value, waiting.at = waiting.total / waiting.count, change.at
            case _:
                waiting.value, waiting.at = change.value, change.at
                if name in self._known and self._known[name] == change.value:
                    del self._waiting[name]  # it came back to what Scope has: nothing to say

    def _keep(self, change: Change, value: Any, waiting: _Waiting | None) -> None:
        if waiting is None:
            self._waiting[change.parameter] = _Waiting(change, value, change.at)
        else:
            waiting.newest, waiting.value, waiting.at = change, value, change.at


def _begin(change: Change) -> _Waiting:
    number = _is_number(change.value)
    return _Waiting(change, change.value, change.at, total=change.value if number else 0.0, count=1 if number else 0)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _lasting(change: Change) -> Any:
    """Return what of a change of prompts stays in Scope's state: the prompts, not the way to them."""
    return {"prompts": change.value["prompts"]}


def _union(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({entry["path"]: entry for entry in [*old, *new]}.values())


def _sum(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    merged = {**old, **new}
    if "mouse" in old and "mouse" in new:
        merged["mouse"] = [a + b for a, b in zip(old["mouse"], new["mouse"], strict=True)]
    return merged
