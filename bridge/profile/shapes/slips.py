"""Slips that YAML reads as something else: a comma in text between braces, a space that is missing after a colon.

`{prompt: reef, at night}` is YAML, and says nothing that anyone means. What is meant can be told once it is known which
keys there may be; the slip is noted, and what was meant is read on, so that it has no other mistakes in its wake.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bridge.profile.shapes.shape import Shape, resolve, shorten
from bridge.profile.source import nodes
from bridge.profile.source.nodes import Node, Scalar, Unreadable
from bridge.profile.source.problems import Notes, Place

_GLUED = re.compile(r"([A-Za-z_][^:]*):(\S.*)", re.DOTALL)
_QUOTES = str.maketrans("", "", '\u201c\u201d\u201e\u201f"')


def with_commas(
    node: nodes.Mapping,
    notes: Notes,
    known: Callable[[str], bool] = lambda _: False,
    shape_of: Callable[[str], Shape[Any] | None] = lambda _: None,
) -> nodes.Mapping:
    """Return a mapping in braces in which text that its commas cut into pieces is whole; note each such text.

    A piece is what no colon follows, behind a text, unless it is a `known` name: that one lacks its value. `shape_of`
    tells what a key takes: of one that takes a list, the pieces are meant to be its items.
    """
    if notes.source(node.place)[:1] != "{" or not any(_is_piece(key, value, notes) for key, value in node.pairs):
        return node
    pairs: list[tuple[Node, Node]] = []
    cut: dict[int, Scalar] = {}
    for key, value in node.pairs:
        before, text = pairs[-1] if pairs else (key, value)
        if (
            pairs
            and isinstance(key, Scalar)
            and isinstance(before, Scalar)
            and isinstance(text, Scalar)
            and text.plain
            and isinstance(resolve(text), str)
            and _is_piece(key, value, notes)
            and not known(key.text)
        ):
            cut.setdefault(len(pairs) - 1, key)
            pairs[-1] = (before, replace(text, text=f"{text.text}, {key.text}"))
        else:
            pairs.append((key, value))
    for index, piece in cut.items():
        name, whole = pairs[index]
        assert isinstance(name, Scalar)
        assert isinstance(whole, Scalar)
        shape = shape_of(name.text)
        several = shape is not None and _takes_a_list(shape)
        written = shorten(whole.text.translate(_QUOTES), 60)
        notes.error(
            piece.place,
            f"'{shorten(piece.text)}' stands alone, because between {{ and }} a comma separates entries",
            f"several go into brackets: {name.text}: [{written}]"
            if several
            else f'text with a comma needs quotes: {name.text}: "{written}"',
        )
        if several:
            pairs[index] = (name, Unreadable(whole.place))
    return replace(node, pairs=tuple(pairs))


def _takes_a_list(shape: Shape[Any]) -> bool:
    schema = shape.schema()
    return any(one.get("type") == "array" for one in (schema, *schema.get("anyOf", ())))


def _is_piece(key: Node, value: Node, notes: Notes) -> bool:
    """Return whether no value and no colon follows what stands as a key."""
    if not isinstance(key, Scalar) or not key.plain or not isinstance(value, Scalar) or value.text:
        return False
    return value.plain and not notes.rest_of_line(key.place).lstrip().startswith(":")


def with_space(node: Node, known: Callable[[str], bool], notes: Notes) -> Node:
    """Return the mapping that a text like `prompt:reef` was meant to be, where `prompt` is `known`, after noting it."""
    if not isinstance(node, Scalar) or not node.plain or not (glued := _GLUED.fullmatch(node.text)):
        return node
    name, value = glued[1], glued[2]
    if not known(name):
        return node
    line, column = node.place.line, node.place.column + len(name)
    notes.error(Place(line, column, line, column + 1), "a space is missing after this colon", f"write {name}: {value}")
    return nodes.Mapping(node.place, ((replace(node, text=name), replace(node, text=value)),), whole=False)
