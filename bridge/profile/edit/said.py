"""What a profile says at a place, to be compared with what was to be written there."""

from collections.abc import Mapping
from typing import Any

from bridge.profile.edit.writing import EditError
from bridge.profile.shapes.shape import is_nothing, resolve
from bridge.profile.source import nodes
from bridge.profile.source.compose import compose
from bridge.profile.source.nodes import Node, Scalar
from bridge.profile.source.problems import Notes, Severity, lines_of

Path = tuple[str | int, ...]
"""The way to a value: keys, and places in lists from 0."""


def read(text: str) -> Node | None:
    """Return what a text says. Raise `EditError` if it cannot be read without a problem."""
    notes = Notes(lines_of(text))
    root = compose(text, notes)
    problem = next((each for each in notes.problems() if each.severity is Severity.ERROR), None)
    if problem is not None:
        raise EditError(f"line {problem.line} cannot be read, so nothing is written: {problem.message}")
    if not isinstance(root, nodes.Mapping | None):
        raise EditError("a profile is a mapping of sections, and this is none")
    return root


def find(node: Node | None, path: Path) -> Node | None:
    """Return what is at `path` below `node`, with anchors and `<<` filled in; None: nothing of that name."""
    for step in path:
        if isinstance(node, nodes.Mapping) and isinstance(step, str):
            node = next((it for key, it in node.pairs if isinstance(key, Scalar) and key.text == step), None)
        elif isinstance(node, nodes.Sequence) and isinstance(step, int) and step < len(node.items):
            node = node.items[step]
        else:
            return None
    return node


def nothing(node: Node) -> bool:
    """Return whether `node` is a mapping or list without entries, or nothing at all."""
    match node:
        case Scalar():
            return is_nothing(node)
        case nodes.Mapping():
            return not node.pairs
        case nodes.Sequence():
            return not node.items
        case _:
            return False


def value_of(node: Node | None) -> Any:
    """Return what `node` is read as: numbers, text, switches, lists and mappings; None for what cannot be read."""
    match node:
        case Scalar():
            return resolve(node)
        case nodes.Sequence():
            return [value_of(it) for it in node.items]
        case nodes.Mapping():
            return {key.text: value_of(it) for key, it in node.pairs if isinstance(key, Scalar)}
        case _:
            return None


def says(node: Node, value: Any) -> bool:
    """Return whether `node` is read as `value`: text as text, 1 as 1.0, a switch as a switch."""
    match node:
        case Scalar():
            said = resolve(node)
            if isinstance(value, bool) or isinstance(said, bool) or value is None or said is None:
                return said is value
            if isinstance(value, str) or isinstance(said, str):
                return isinstance(value, str) and isinstance(said, str) and said == value
            return isinstance(value, int | float) and bool(said == value)
        case nodes.Sequence():
            return (
                isinstance(value, list | tuple) and len(value) == len(node.items) and all(map(says, node.items, value))
            )
        case nodes.Mapping():
            keys = [key.text for key, _ in node.pairs if isinstance(key, Scalar)]
            return (
                isinstance(value, Mapping)
                and len(keys) == len(node.pairs) == len(value)
                and all(key in value and says(it, value[key]) for key, (_, it) in zip(keys, node.pairs, strict=True))
            )
        case _:
            return False


def everything(node: Node | None, path: Path, dropped: frozenset[Path]) -> Any:
    """Return what `node`, at `path`, says, in its order, without what is at the paths to be dropped."""
    match node:
        case Scalar():
            return node.text, node.plain
        case nodes.Sequence():
            places: list[Path] = [(*path, index) for index in range(len(node.items))]
            return [
                everything(it, place, dropped)
                for it, place in zip(node.items, places, strict=True)
                if place not in dropped
            ]
        case nodes.Mapping():
            entries = []
            for key, it in node.pairs:
                place = (*path, key.text) if isinstance(key, Scalar) else path
                if place not in dropped:
                    entries.append((everything(key, place, dropped), everything(it, place, dropped)))
            return entries
        case _:
            return []


def called(path: Path) -> str:
    """Return how a sentence calls a place: `'scenes.drop.noise_scale'`."""
    steps = ".".join(f"item {step + 1}" if isinstance(step, int) else step for step in path)
    return f"'{steps}'" if steps else "the profile"
