"""What the file says, section by section, also of what could not be read.

A mistake in one section must not make what is right in another one look wrong: where something could not be read, what
is missing is unknown, and not missing.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bridge.profile.building import scenes
from bridge.profile.building.extending import doubtful
from bridge.profile.language.profile import PROFILE
from bridge.profile.language.prompts import PROMPTS
from bridge.profile.language.scope import SCOPE
from bridge.profile.shapes.shape import is_nothing
from bridge.profile.shapes.structures import Fields, Record
from bridge.profile.source import nodes
from bridge.profile.source.problems import Place, nearest


def with_misspelt(root: nodes.Mapping) -> nodes.Mapping:
    """Return a profile in which a section whose key is probably misspelt counts as unreadable, and not as missing.

    So does a key of `prompts`, `scope` and each of `scopes`. Whatever is near `extends` may stand for anything: nothing counts as missing.
    """
    found, sure = _with_misspelt(root, PROFILE)
    if not sure:
        found = doubtful(found)
    return replace(found, pairs=tuple((key, _below(key, value)) for key, value in found.pairs))


def _below(key: nodes.Node, value: nodes.Node) -> nodes.Node:
    """Return a section with what is misspelt in it."""
    if not isinstance(key, nodes.Scalar) or not isinstance(value, nodes.Mapping):
        return value
    match key.text:
        case "prompts":
            return _with_misspelt(value, PROMPTS)[0]
        case "scope":
            return _with_misspelt(value, SCOPE)[0]
        case "scopes":
            each = (
                (name, _with_misspelt(one, SCOPE)[0] if isinstance(one, nodes.Mapping) else one)
                for name, one in value.pairs
            )
            return replace(value, pairs=tuple(each))
        case _:
            return value


def _with_misspelt(node: nodes.Mapping, record: Record) -> tuple[nodes.Mapping, bool]:
    """Return `node` with what is misspelt in it, and whether that can be no more than these keys."""
    pairs, more = [], []
    meant = {near: key.place for key, _ in node.pairs if isinstance(key, nodes.Scalar) and (near := _near(key, record))}
    for key, value in node.pairs:
        if isinstance(key, nodes.Scalar) and key.text in meant and isinstance(value, nodes.Mapping | nodes.Sequence):
            value = replace(value, whole=False)  # the rest of it may be what the other key says
        pairs.append((key, value))
    given = {key.text for key, _ in node.pairs if isinstance(key, nodes.Scalar)}
    for name, place in meant.items():
        if name not in given:
            more.append((nodes.Scalar(place, name, True), nodes.Unreadable(place)))
    return replace(node, pairs=(*pairs, *more)), "extends" not in meant


def _near(key: nodes.Scalar, record: Record) -> str | None:
    """Return the key of `record` that an unknown one probably stands for."""
    known = [one.name for one in record.fields]
    if key.text in known:
        return None
    glued = re.match(r"([A-Za-z_]+):", key.text)
    if glued and glued[1] in known:
        return glued[1]
    return record.aliases.get(key.text) or nearest(key.text, known)


@dataclass(frozen=True, slots=True)
class Sections:
    """A profile, as it is written and as its keys were read."""

    root: nodes.Mapping
    fields: Fields

    def section(self, name: str) -> Mapping[str, Any]:
        """Return what was read of a section that is a mapping; an empty one if nothing was."""
        given = self.fields.get(name)
        return given.value if given is not None else {}

    def node(self, *keys: str) -> nodes.Node | None:
        """Return what is written below `keys`, or None."""
        node: nodes.Node | None = self.root
        for key in keys:
            pairs = node.pairs if isinstance(node, nodes.Mapping) else ()
            node = next((value for name, value in pairs if isinstance(name, nodes.Scalar) and name.text == key), None)
        return node

    def key(self, name: str) -> Place | None:
        """Return where the key of a section stands, or None."""
        return next(
            (key.place for key, _ in self.root.pairs if isinstance(key, nodes.Scalar) and key.text == name), None
        )

    def names(self, *keys: str) -> Collection[str] | None:
        """Return the names given below `keys`, also of what has mistakes in it; None where that cannot be known."""
        node: nodes.Node = self.root
        for key in keys:
            if not isinstance(node, nodes.Mapping):
                return None if isinstance(node, nodes.Unreadable) else ()
            below = [value for name, value in node.pairs if isinstance(name, nodes.Scalar) and name.text == key]
            if not below:
                return () if node.whole else None
            node = below[0]
        if isinstance(node, nodes.Mapping) and node.whole:
            return [name.text for name, _ in node.pairs if isinstance(name, nodes.Scalar)]
        return () if is_nothing(node) else None

    def bank(self) -> Collection[str] | None:
        """Return the names below `prompts.bank`; None where they, or those of the file beside it, cannot be known."""
        unread = isinstance(self.node("prompts", "file"), nodes.Unreadable)
        return None if unread else self.names("prompts", "bank")

    def slots(self, read: Collection[str]) -> Collection[str] | None:
        """Return the names of the slots; None if what the file says of them could not be read."""
        return read if read or (self.node("prompts", "slots") is None and self.complete("prompts")) else None

    def routes_called(self) -> Collection[str] | None:
        """Return the names that routes have, those of pages, too; None where that cannot be known."""
        lists = [self.node("routes")]
        turned = self.node("pages")
        for name, _ in turned.pairs if isinstance(turned, nodes.Mapping) else ():
            if isinstance(name, nodes.Scalar):
                lists.append(self.node("pages", name.text, "routes"))
        if not (self.complete("routes") and self.complete("pages")):
            return None
        return [
            value.text
            for each in lists
            if isinstance(each, nodes.Sequence)
            for item in each.items
            if isinstance(item, nodes.Mapping)
            for key, value in item.pairs
            if isinstance(key, nodes.Scalar) and key.text == "name" and isinstance(value, nodes.Scalar)
        ]

    def complete(self, *keys: str) -> bool:
        """Return whether all that the file says below `keys` could be read; if nothing is there, whether that is so."""
        match self.node(*keys):
            case None:
                return self.root.whole
            case nodes.Mapping(whole=whole):
                return whole
            case nodes.Sequence(items=items, whole=whole):
                return whole and not any(isinstance(item, nodes.Unreadable) for item in items)
            case node:
                return not isinstance(node, nodes.Unreadable)

    def knows_pipeline(self, scope: str = "") -> bool:
        """Return whether the pipelines of a Scope are those that were read, or the usual one because the file names
        none. `scope` is its name, empty for the only one."""
        keys = ("scopes", scope) if scope else ("scope",)
        if scope:
            given = self.section("scopes").get(scope)
            fields: Fields = {} if given is None else given.value
        else:
            given, fields = self.fields.get("scope"), self.section("scope")
        if "pipeline" in fields or "graph" in fields:
            return True
        node = self.node(*keys)
        unread = given is None and node is not None
        named = any(self.node(*keys, key) is not None for key in ("pipeline", "graph"))
        return not (named or unread) and self.complete(*keys)

    def start_node(self, target: str) -> nodes.Node | None:
        """Return the value that the show starts with for a target, also through the scene that `start` names."""
        start = self.node("start")
        if not isinstance(start, nodes.Scalar):
            return self.node("start", target)
        return self.node("scenes", start.text, "set", target) or self.node("scenes", start.text, target)

    def start_names(self) -> list[str]:
        """Return the targets that the show starts with, as they are written, also through the scene it names."""
        start = self.node("start")
        if isinstance(start, nodes.Scalar):
            start = self.node("scenes", start.text, "set") or self.node("scenes", start.text)
        pairs = start.pairs if isinstance(start, nodes.Mapping) else ()
        return [key.text for key, _ in pairs if isinstance(key, nodes.Scalar)]

    def read_whole(self, section: str) -> bool:
        """Return whether all that there may be of a section was read: then what it does not say is not said."""
        return self.complete(section) and (section in self.fields or self.key(section) is None)

    def beginning(self) -> Place:
        """Return where the profile begins: the place of what is missing in it."""
        return self.root.pairs[0][0].place if self.root.pairs else self.root.place

    def texts(self) -> Iterator[nodes.Scalar]:
        """Yield the prompts that scenes and the start say, in their own words or by name."""
        found = [self.node("start"), self.node("safe")]
        every = self.node("scenes")
        found.extend(node for _, node in every.pairs) if isinstance(every, nodes.Mapping) else None
        for node in found:
            if isinstance(node, nodes.Mapping):
                inner = [value for key, value in node.pairs if isinstance(key, nodes.Scalar) and key.text == "set"]
                values = inner[0] if inner else node
                yield from scenes.texts(values if isinstance(values, nodes.Mapping) else None)
