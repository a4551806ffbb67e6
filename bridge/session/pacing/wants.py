"""PURE. What is wanted of one Scope: what the profile begins with, and what hands have changed since.

A value is for all nodes of a graph or for one. Of these the newer counts: one for all takes the place of those that
single nodes had.
"""

from collections.abc import Container, Iterator, Mapping
from typing import Any

from bridge.parameters import Change, Merge, parameter
from bridge.session.pacing.outbox import union

Key = tuple[str, str | None]
"""A parameter, and the one node that it is for."""


class Wants:
    """The newest that anybody asked for, through all sessions."""

    def __init__(self) -> None:
        self._begun: dict[str, Any] = {}
        """What the profile begins with: its start values, and defaults."""
        self._touched: dict[str, Any] = {}
        """The newest value of every sticky parameter that somebody has changed since."""
        self._touched_at: dict[Key, Any] = {}
        """The same, of what went to one node only."""
        self._asked: dict[Key, Any] = {}
        """The newest value that was asked for, of events too."""
        self._apart: set[str] = set()
        """The parameters of which a single node was ever asked to have its own value."""

    @property
    def state(self) -> dict[str, Any]:
        """What all nodes are to have."""
        state = dict(self._begun)
        for name, value in self._touched.items():
            state[name] = joined(state.get(name), name, value)
        return state

    def of_nodes(self) -> Iterator[tuple[str, str | None, Any]]:
        """Yield what single nodes are to have: the parameter, the node, and the value."""
        for (name, node), value in self._touched_at.items():
            yield name, node, value

    def begin_with(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Set what the profile begins with. Return what is another value by that: not what a hand has changed since, and
        not prompts, of which the mapping says how one gives way to another."""
        before, self._begun = self.state, dict(values)
        return {
            name: value
            for name, value in self.state.items()
            if parameter(name).merge is not Merge.TOGETHER and (name not in before or before[name] != value)
        }

    def take_in(self, change: Change) -> None:
        """A hand asks for something."""
        name, node = change.parameter, change.node
        known = parameter(name)
        value = {"prompts": change.value["prompts"]} if known.merge is Merge.TOGETHER else change.value
        if node is not None:
            self._apart.add(name)
            if known.sticky:
                self._touched_at[name, node] = joined(self._touched_at.get((name, node)), name, value)
        else:
            if name in self._apart:
                supersede(self._touched_at, name, value)
                supersede(self._asked, name, value)
            if known.sticky:
                self._touched[name] = joined(self._touched.get(name), name, value)
        self._asked[name, node] = joined(self._asked.get((name, node)), name, value)

    def keep(self, names: Container[str]) -> None:
        """Forget what hands have changed of any other parameter."""
        self._touched = {name: value for name, value in self._touched.items() if name in names}
        self._touched_at = {key: value for key, value in self._touched_at.items() if key[0] in names}
        self._asked = {key: value for key, value in self._asked.items() if key[0] in names}

    def adopt(self, other: "Wants") -> None:
        """Want from now on what `other` wants."""
        self._begun, self._touched = dict(other._begun), dict(other._touched)
        self._touched_at, self._asked = dict(other._touched_at), dict(other._asked)
        self._apart = set(other._apart)

    def asked(self, parameter: str, node: str | None = None) -> Any:
        """Return the newest value that a hand asked for, else what the profile begins with; None if there is none."""
        found = of(self._asked, parameter, node)
        return self.state.get(parameter) if found is None else found


def joined(before: Any, name: str, value: Any) -> Any:
    """Return a parameter's value after another change of it: lists of `{path, ...}` are joined."""
    return union(before, value) if before is not None and parameter(name).merge is Merge.UNION else value


def supersede(values: dict[Key, Any], name: str, value: Any) -> None:
    """Let a value for all nodes take the place of those that single ones have."""
    for key in [key for key in values if key[0] == name and key[1] is not None]:
        left = []
        if parameter(name).merge is Merge.UNION:
            paths = {entry["path"] for entry in value}
            left = [entry for entry in values[key] if entry["path"] not in paths]
        if left:
            values[key] = left
        else:
            del values[key]


def of(values: Mapping[Key, Any], name: str, node: str | None) -> Any:
    """Return a node's own value, else that of all."""
    found = values.get((name, node))
    return values.get((name, None)) if found is None else found
