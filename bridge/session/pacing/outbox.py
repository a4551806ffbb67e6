"""PURE. What waits for the next message to Scope: one entry per parameter, merged as that parameter allows.

Scope takes one message per chunk. What a chunk gets of a hand that moved fifty times is for the mapping to say; the
Outbox joins what was said at several times, knows what Scope has been told already, and never says an event twice.

    outbox.put(Change("noise_scale", 0.2, at=1.00))
    outbox.put(Change("noise_scale", 0.9, at=1.02))
    outbox.put(Change("reset_cache", True, at=1.02))
    outbox.take()    # noise_scale 0.9 and reset_cache, in one message

A message is for all nodes of a graph or for one, and these go at their own times. What was asked for last counts,
whichever way it goes: a value for all takes the place of those that wait for one node, and one for a node follows it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bridge.parameters import Change, Merge, parameter

_Key = tuple[str, str | None]
"""A parameter, and the one node that gets it."""


class Outbox:
    """Changes that wait for a chunk. The newest always gets there; an event is never lost, nor sent twice."""

    def __init__(self) -> None:
        self._waiting: dict[_Key, Change] = {}
        self._known: dict[str, Any] = {}
        """What all nodes of Scope have been told, by parameter."""
        self._known_at: dict[_Key, Any] = {}
        """What one node has been told since, and no other."""
        self._apart: set[str] = set()
        """The parameters that have ever waited for one node."""
        self._addresses: dict[str | None, bool] | None = None
        """`addresses`, until something else waits."""

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def restart(self, state: Mapping[str, Any]) -> None:
        """A new session begins with `state`: drop what waits, and count from now on only what differs from it.

        Events that waited are dropped too: a cache reset or a fade means nothing to a picture that begins anew.
        """
        self._waiting.clear()
        self._addresses = None
        self._known = {name: _lasting(name, value) for name, value in state.items()}
        self._known_at.clear()

    def clear(self) -> None:
        """Drop what waits."""
        self._waiting.clear()
        self._addresses = None

    def forget(self, name: str) -> None:
        """Do not count on Scope having any value of a parameter."""
        self._known.pop(name, None)
        self._known_at = {key: told for key, told in self._known_at.items() if key[0] != name}

    def put(self, change: Change) -> None:
        """Let a change wait for the next message, merged with what waits already."""
        self._addresses = None
        key = change.parameter, change.node
        merge = parameter(change.parameter).merge
        if change.node is not None:
            self._apart.add(change.parameter)
        elif change.parameter in self._apart:
            self._overtake(change, merge)
        waiting = self._waiting.get(key)
        if merge is Merge.UNION:
            value = change.value if waiting is None else union(waiting.value, change.value)
            change = replace(change, value=[entry for entry in value if not self._has_entry(key, entry)])
            news = bool(change.value)
        elif merge in (Merge.REPLACE, Merge.TOGETHER):
            news = not self._has(key, _lasting(change.parameter, change.value))
        else:
            coming = self._waiting.get((change.parameter, None))
            news = change.node is None or coming is None or change.value is not True or coming.value is not True
            if waiting is not None:
                change = replace(change, value=_both(merge, waiting.value, change.value))
        if news:
            self._waiting[key] = change
        else:
            self._waiting.pop(key, None)  # Scope has it, or it came back to what Scope has: nothing to say

    def _overtake(self, change: Change, merge: Merge) -> None:
        """Let a change for all nodes take the place of what waits for one of them."""
        if merge is Merge.SUM:
            return
        for key, waiting in list(self._waiting.items()):
            if key[0] != change.parameter or key[1] is None:
                continue
            left = []
            if merge is Merge.UNION:
                paths = {entry["path"] for entry in change.value}
                left = [entry for entry in waiting.value if entry["path"] not in paths]
            if left:
                self._waiting[key] = replace(waiting, value=left)
            else:
                del self._waiting[key]

    def _has(self, key: _Key, value: Any) -> bool:
        """Return whether Scope was told a value, or is about to be: the node, or every node."""
        name, node = key
        if node is not None and (coming := self._waiting.get((name, None))) is not None:
            return bool(_lasting(name, coming.value) == value)
        if node is not None and key in self._known_at:
            return bool(self._known_at[key] == value)
        everywhere = name in self._known and self._known[name] == value
        return everywhere and (
            node is not None or all(told == value for (one, _), told in self._known_at.items() if one == name)
        )

    def _has_entry(self, key: _Key, entry: dict[str, Any]) -> bool:
        """The same, of one entry of a list of `{path, ...}`."""
        name, node = key
        path = entry["path"]
        apart = {at: told[path] for (one, at), told in self._known_at.items() if one == name and path in told}
        everywhere = self._known.get(name, {}).get(path) == entry
        if node is not None:
            coming = self._waiting.get((name, None))
            same = next((each for each in coming.value if each["path"] == path), None) if coming is not None else None
            if same is not None:
                return bool(same == entry)
            return bool(apart[node] == entry) if node in apart else everywhere
        return everywhere and all(told == entry for told in apart.values())

    @property
    def addresses(self) -> Mapping[str | None, bool]:
        """Who has something to take, in the order in which it began to wait: a node, or None for all. With it, whether
        any of that is urgent."""
        if self._addresses is None:
            found: dict[str | None, bool] = {}
            for key in self._waiting:
                if not self._follows(key):
                    found[key[1]] = found.get(key[1], False) or parameter(key[0]).urgent
            self._addresses = found
        return self._addresses

    def _follows(self, key: _Key) -> bool:
        """Return whether what waits for one node comes after something that waits for all."""
        name, node = key
        return node is not None and (name, None) in self._waiting and parameter(name).merge is not Merge.SUM

    def split(self, nodes: Sequence[str]) -> None:
        """Have what waits for all wait for each of these nodes by itself: they are all there are."""
        for key, change in [(key, change) for key, change in self._waiting.items() if key[1] is None]:
            del self._waiting[key]
            for node in nodes:
                newer = self._waiting.pop((change.parameter, node), None)
                self.put(replace(change, node=node))
                if newer is not None:
                    self.put(newer)

    def take(self, node: str | None = None) -> list[Change]:
        """Return what the next message to one node, or to all, carries, in the order in which it began to wait.

        Afterwards it waits no more.
        """
        taken = {key: change for key, change in self._waiting.items() if key[1] == node and not self._follows(key)}
        self._waiting = {key: change for key, change in self._waiting.items() if key not in taken}
        self._addresses = None
        changes = list(taken.values())
        self.told(changes)
        return changes

    def told(self, changes: Iterable[Change]) -> None:
        """Count `changes` as told to Scope."""
        for change in changes:
            name, node = change.parameter, change.node
            value = _lasting(name, change.value)
            joined = parameter(name).merge is Merge.UNION
            if node is not None:
                self._known_at[name, node] = {**self._known_at.get((name, node), {}), **value} if joined else value
                continue
            self._known[name] = {**self._known.get(name, {}), **value} if joined else value
            for key in [key for key in self._known_at if key[0] == name]:
                left = (
                    {path: entry for path, entry in self._known_at[key].items() if path not in value}
                    if joined
                    else None
                )
                if left:
                    self._known_at[key] = left
                else:
                    del self._known_at[key]


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
