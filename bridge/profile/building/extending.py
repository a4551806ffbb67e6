"""PURE. One profile on top of another: `extends: house.yaml`, where the house's rig is described once for every night.

This file wins. Mappings are merged key by key, to any depth; the lists in `JOINED`, whose items stand each by itself,
are joined, the house's first; any other list is one value, like a number. What is wrong in the house's file is shown
there, with its own name and lines.
"""

import os.path
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from bridge.profile.language.profile import Extends
from bridge.profile.language.scenes import is_long
from bridge.profile.shapes.shape import Subject, is_nothing
from bridge.profile.shapes.structures import Given
from bridge.profile.source import nodes
from bridge.profile.source.compose import compose
from bridge.profile.source.files import Files, beside, text_of
from bridge.profile.source.problems import Notes, Place, lines_of

DEEPEST: Final = 5
"""How many profiles may stand below one another, this file not counted."""
JOINED: Final = frozenset({"routes", "allow", "forward", "listen", "features"})
"""Keys whose lists are joined. A range, a schedule, the choices of a word or an order of preference is replaced."""


def extended(root: nodes.Mapping, notes: Notes, path: str, files: Files) -> tuple[nodes.Mapping, tuple[str, ...]]:
    """Return a profile with what it extends put below it, and the paths of the files that were read for it.

    `path` is where the profile itself is: what it names is looked for beside it. Every file counts once, however many
    name it. What cannot be read goes to `notes`, and what it might have said counts as unknown, not as missing.
    """
    layers = _Layers(notes, files)
    layers.add(root, path, (path,))
    merged, *above = layers.found
    for layer in above:
        merged = _merged(layer, merged, ())
    if not layers.whole:
        merged = doubtful(merged)
    return merged, tuple(layers.read)


@dataclass(slots=True)
class _Layers:
    """The profiles that one is made of, the lowest first."""

    notes: Notes
    files: Files
    found: list[nodes.Mapping] = field(default_factory=list)
    read: list[str] = field(default_factory=list)
    whole: bool = True
    """Whether all of them could be read."""
    _known: set[str] = field(default_factory=set)

    def add(self, node: nodes.Mapping, path: str, chain: tuple[str, ...]) -> None:
        """Add what `node` extends, then `node` itself; `chain` leads from the first profile to this one."""
        for named in self._named(node):
            self._below(named, beside(path, named.value), chain)
        self.found.append(node)

    def _named(self, node: nodes.Mapping) -> Iterator[Given[str]]:
        for key, value in node.pairs:
            if isinstance(key, nodes.Scalar) and key.text == "extends":
                given = Extends().read(value, self.notes, Subject("extends", "house.yaml"))
                self.whole = self.whole and given is not None
                yield from given or ()

    def _below(self, named: Given[str], path: str, chain: tuple[str, ...]) -> None:
        same = [os.path.normpath(one) for one in chain]
        if os.path.normpath(path) in same:
            first = same.index(os.path.normpath(path))
            loop = [*chain[first:], chain[first]]
            self.notes.error(
                named.place,
                f"these profiles extend each other in a circle: {' → '.join(loop)}",
                "put what both need into a third file, and let each extend that",
            )
        elif len(chain) > DEEPEST:
            self.whole = False
            self.notes.error(
                named.place,
                f"more than {DEEPEST} profiles stand below one another: {' → '.join([*chain, path])}",
                "let one file extend several: extends: [rig.yaml, looks.yaml]",
            )
        elif os.path.normpath(path) not in self._known:
            self._known.add(os.path.normpath(path))
            self._read(named, path, chain)

    def _read(self, named: Given[str], path: str, chain: tuple[str, ...]) -> None:
        text = text_of(self.files, path, named.place, self.notes)
        if text is None:
            self.whole = False
            return
        self.read.append(path)
        own = Notes(lines_of(text), path)
        root = compose(text, own)
        by = self.notes.include(own)
        match None if root is None else _moved(root, by):
            case nodes.Mapping() as node:
                self.add(node, path, (*chain, path))
            case None if own.problems():
                self.whole = False
            case None:
                self.notes.error(
                    Place(by + 1, 1, by + 1, 1), "this profile is empty", "put into it what every night needs"
                )
            case nodes.Unreadable():
                self.whole = False
            case node:
                self.notes.error(
                    node.place,
                    f"a profile is a mapping, and this is {'a list' if isinstance(node, nodes.Sequence) else 'text'}",
                    "for example: inputs: {td: {osc: 9000}}",
                )


# Places. A node that is used twice, by an alias, stays one node.


def _moved(node: nodes.Node, by: int) -> nodes.Node:
    known: dict[int, nodes.Node] = {}

    def moved(one: nodes.Node) -> nodes.Node:
        if id(one) not in known:
            line, column, end_line, end_column = one.place
            place = Place(line + by, column, end_line + by, end_column)
            match one:
                case nodes.Mapping():
                    pairs = tuple((moved(key), moved(value)) for key, value in one.pairs)
                    known[id(one)] = replace(one, place=place, pairs=pairs)
                case nodes.Sequence():
                    known[id(one)] = replace(one, place=place, items=tuple(moved(item) for item in one.items))
                case _:
                    known[id(one)] = replace(one, place=place)
        return known[id(one)]

    return moved(node)


def doubtful(node: nodes.Mapping) -> nodes.Mapping:
    """Return a profile of which something may be missing, in any of its mappings and lists."""

    def unsure(one: nodes.Node) -> nodes.Node:
        match one:
            case nodes.Mapping():
                return doubtful(one)
            case nodes.Sequence():
                return replace(one, items=tuple(unsure(item) for item in one.items), whole=False)
            case _:
                return one

    return replace(node, pairs=tuple((key, unsure(value)) for key, value in node.pairs), whole=False)


# Merging.


def _merged(over: nodes.Mapping, under: nodes.Mapping, path: tuple[str, ...]) -> nodes.Mapping:
    """Return both mappings as one, its keys in the order of the one below: a bank keeps its order.

    At the top the order says nothing, and the beginning of the profile is that of the file itself.
    """
    own = _by_key(over)
    house = {name: pair for name, pair in _by_key(under).items() if path or name != "extends"}
    first, then = (house, own) if path else (own, house)
    pairs: list[tuple[nodes.Node, nodes.Node]] = []
    for name in [*first, *(name for name in then if name not in first)]:
        if name in own and name in house:
            pairs.append((own[name][0], _joined(own[name][1], house[name][1], (*path, name))))
        else:
            pairs.append(own[name] if name in own else house[name])
    odd = [pair for one in (under, over) for pair in one.pairs if not isinstance(pair[0], nodes.Scalar)]
    return nodes.Mapping(over.place, (*pairs, *odd), over.whole and under.whole)


def _by_key(node: nodes.Mapping) -> dict[str, tuple[nodes.Node, nodes.Node]]:
    return {key.text: (key, value) for key, value in node.pairs if isinstance(key, nodes.Scalar)}


def _joined(over: nodes.Node, under: nodes.Node, path: tuple[str, ...]) -> nodes.Node:
    """Return what holds of a value that both files give."""
    if is_nothing(over):
        return under
    over, under = _long(over, under, path), _long(under, over, path)
    match over, under:
        case nodes.Mapping(), nodes.Mapping():
            return _merged(over, under, path)
        case nodes.Sequence(), nodes.Sequence() if path[-1] in JOINED:
            said = {item.text for item in under.items if isinstance(item, nodes.Scalar)}
            more = [item for item in over.items if not (isinstance(item, nodes.Scalar) and item.text in said)]
            return nodes.Sequence(over.place, (*under.items, *more), over.whole and under.whole)
        case _:
            return over


def _long(node: nodes.Node, other: nodes.Node, path: tuple[str, ...]) -> nodes.Node:
    """Return a value that has a short and a long form in its long one, where the other file has that."""
    if not isinstance(other, nodes.Mapping):
        return node
    match node:
        case nodes.Scalar() if path == ("scope",) or (len(path) == 2 and path[0] == "scopes"):
            return _under("url", node)
        case nodes.Mapping() if path == ("safe",) or (len(path) == 2 and path[0] == "scenes"):
            return _under("set", node) if is_long(other) and not is_long(node) else node
        case _:
            return node


def _under(key: str, node: nodes.Node) -> nodes.Mapping:
    return nodes.Mapping(node.place, ((nodes.Scalar(node.place, key, True), node),))
