"""PURE. What waits for the next message to Scope: one entry per parameter, merged as that parameter allows.

Scope takes one message per chunk. What a chunk gets of a hand that moved fifty times is for the mapping to say; the
Outbox joins what was said at several times, knows what Scope has been told already, and never says an event twice.

    outbox.put(Change("noise_scale", 0.2, at=1.00))
    outbox.put(Change("noise_scale", 0.9, at=1.02))
    outbox.put(Change("reset_cache", True, at=1.02))
    outbox.take()    # noise_scale 0.9 and reset_cache, in one message
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bridge.parameters import Change, Merge, parameter

_Key = tuple[str, str | None]
"""A parameter, and the one node that gets it."""


class Outbox:
    """Changes that wait for a chunk. The newest always gets there; an event is never lost, nor sent twice."""

    def __init__(self) -> None:
        self._waiting: dict[_Key, Change] = {}
        self._known: dict[_Key, Any] = {}
        """What Scope has been told."""

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def restart(self, state: Mapping[str, Any]) -> None:
        """A new session begins with `state`: drop what waits, and count from now on only what differs from it.

        Events that waited are dropped too: a cache reset or a fade means nothing to a picture that begins anew.
        """
        self._waiting.clear()
        self._known = {(name, None): _lasting(name, value) for name, value in state.items()}

    def put(self, change: Change) -> None:
        """Let a change wait for the next message, merged with what waits already."""
        key = change.parameter, change.node
        waiting = self._waiting.get(key)
        merge = parameter(change.parameter).merge
        if merge is Merge.UNION:
            value = change.value if waiting is None else union(waiting.value, change.value)
            known = self._known.get(key, {})
            value = [entry for entry in value if entry["path"] not in known or known[entry["path"]] != entry]
            change = replace(change, value=value)
            news = bool(value)
        elif merge in (Merge.REPLACE, Merge.TOGETHER):
            news = key not in self._known or self._known[key] != _lasting(change.parameter, change.value)
        else:
            news = True
            if waiting is not None:
                change = replace(change, value=_both(merge, waiting.value, change.value))
        if news:
            self._waiting[key] = change
        else:
            self._waiting.pop(key, None)  # Scope has it, or it came back to what Scope has: nothing to say

    def take(self) -> list[Change]:
        """Return what the next message carries, in the order in which it began to wait; afterwards it waits no more.

        One message is for all nodes or for one: what is for another node goes on waiting.
        """
        node = next((node for _, node in self._waiting), None)
        taken = {key: change for key, change in self._waiting.items() if key[1] == node}
        self._waiting = {key: change for key, change in self._waiting.items() if key not in taken}
        for key, change in taken.items():
            told = _lasting(change.parameter, change.value)
            if parameter(change.parameter).merge is Merge.UNION:
                told = {**self._known.get(key, {}), **told}
            self._known[key] = told
        return list(taken.values())


def _both(merge: Merge, old: Any, new: Any) -> Any:
    """Return what two events of one parameter that wait for the same message become."""
    if merge is Merge.SUM:
        return _sum(old, new)
    return old or new if isinstance(new, bool) else new


def _lasting(name: str, value: Any) -> Any:
    """Return what of a change stays in Scope's state: of prompts, not the way to them; of a list, each entry."""
    match parameter(name).merge:
        case Merge.TOGETHER:
            return {"prompts": value["prompts"]}
        case Merge.UNION:
            return {entry["path"]: entry for entry in value}
        case _:
            return value


def union(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return two lists of `{path, ...}` as one; of two entries with one path, the newer."""
    return list({entry["path"]: entry for entry in [*old, *new]}.values())


def _sum(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    merged = {**old, **new}
    if "mouse" in old and "mouse" in new:
        merged["mouse"] = [a + b for a, b in zip(old["mouse"], new["mouse"], strict=True)]
    return merged
