"""What the file says, section by section, also of what could not be read.

A mistake in one section must not make what is right in another one look wrong: where something could not be read, what
is missing is unknown, and not missing.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bridge.profile import scenes, source
from bridge.profile.problems import Place
from bridge.profile.shapes import is_nothing
from bridge.profile.structures import Fields


@dataclass(frozen=True, slots=True)
class Sections:
    """A profile, as it is written and as its keys were read."""

    root: source.Mapping
    fields: Fields

    def section(self, name: str) -> Mapping[str, Any]:
        """Return what was read of a section that is a mapping; an empty one if nothing was."""
        given = self.fields.get(name)
        return given.value if given is not None else {}

    def node(self, *keys: str) -> source.Node | None:
        """Return what is written below `keys`, or None."""
        node: source.Node | None = self.root
        for key in keys:
            pairs = node.pairs if isinstance(node, source.Mapping) else ()
            node = next((value for name, value in pairs if isinstance(name, source.Scalar) and name.text == key), None)
        return node

    def key(self, name: str) -> Place | None:
        """Return where the key of a section stands, or None."""
        return next(
            (key.place for key, _ in self.root.pairs if isinstance(key, source.Scalar) and key.text == name), None
        )

    def names(self, *keys: str) -> Collection[str] | None:
        """Return the names given below `keys`, also of what has mistakes in it; None where that cannot be known."""
        node: source.Node = self.root
        for key in keys:
            if not isinstance(node, source.Mapping):
                return None if isinstance(node, source.Unreadable) else ()
            below = [value for name, value in node.pairs if isinstance(name, source.Scalar) and name.text == key]
            if not below:
                return () if node.whole else None
            node = below[0]
        if isinstance(node, source.Mapping) and node.whole:
            return [name.text for name, _ in node.pairs if isinstance(name, source.Scalar)]
        return () if is_nothing(node) else None

    def slots(self, read: Collection[str]) -> Collection[str] | None:
        """Return the names of the slots; None if what the file says of them could not be read."""
        return read if read or (self.node("prompts", "slots") is None and self.complete("prompts")) else None

    def routes_called(self) -> Collection[str] | None:
        """Return the names that routes have, those of pages, too; None where that cannot be known."""
        lists = [self.node("routes")]
        turned = self.node("pages")
        for name, _ in turned.pairs if isinstance(turned, source.Mapping) else ():
            if isinstance(name, source.Scalar):
                lists.append(self.node("pages", name.text, "routes"))
        if not (self.complete("routes") and self.complete("pages")):
            return None
        return [
            value.text
            for each in lists
            if isinstance(each, source.Sequence)
            for item in each.items
            if isinstance(item, source.Mapping)
            for key, value in item.pairs
            if isinstance(key, source.Scalar) and key.text == "name" and isinstance(value, source.Scalar)
        ]

    def complete(self, section: str) -> bool:
        """Return whether all that the file says in a section could be read; if the section is missing, whether it is."""
        match self.node(section):
            case None:
                return self.root.whole
            case source.Mapping(whole=whole):
                return whole
            case source.Sequence(items=items, whole=whole):
                return whole and not any(isinstance(item, source.Unreadable) for item in items)
            case node:
                return not isinstance(node, source.Unreadable)

    def knows_pipeline(self) -> bool:
        """Return whether the pipeline is the one that was read, or the usual one because the file names none."""
        if "pipeline" in self.section("scope"):
            return True
        node = self.node("scope")
        unread = "scope" not in self.fields and node is not None
        named = isinstance(node, source.Mapping) and self.node("scope", "pipeline") is not None
        return not (named or unread) and self.complete("scope")

    def start_node(self, target: str) -> source.Node | None:
        """Return the value that the show starts with for a target, also through the scene that `start` names."""
        start = self.node("start")
        if not isinstance(start, source.Scalar):
            return self.node("start", target)
        return self.node("scenes", start.text, "set", target) or self.node("scenes", start.text, target)

    def read_whole(self, section: str) -> bool:
        """Return whether all that there may be of a section was read: then what it does not say is not said."""
        return self.complete(section) and (section in self.fields or self.key(section) is None)

    def beginning(self) -> Place:
        """Return where the profile begins: the place of what is missing in it."""
        return self.root.pairs[0][0].place if self.root.pairs else self.root.place

    def texts(self) -> Iterator[source.Scalar]:
        """Yield the prompts that scenes and the start say, in their own words or by name."""
        nodes = [self.node("start"), self.node("safe")]
        every = self.node("scenes")
        nodes.extend(node for _, node in every.pairs) if isinstance(every, source.Mapping) else None
        for node in nodes:
            if isinstance(node, source.Mapping):
                inner = [value for key, value in node.pairs if isinstance(key, source.Scalar) and key.text == "set"]
                values = inner[0] if inner else node
                yield from scenes.texts(values if isinstance(values, source.Mapping) else None)
