"""What YAML or a word processor made of a text, without a word: a mark cut out, quotes that quote nothing; and names
that look like places."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from bridge.profile.shapes.shape import shorten
from bridge.profile.shapes.structures import Given
from bridge.profile.source import nodes
from bridge.profile.source.problems import Notes

_QUOTED: Final = re.compile("([“”„‟«»‘’‚‛])(.*)[“”„‟«»‘’‚‛]", re.DOTALL)
_ANCHOR: Final = re.compile(r"&([^\s,\[\]{}]+)\s+\S")


def check_writing(root: nodes.Mapping, notes: Notes) -> None:
    """Warn of texts of which something is lost, or that keep what was meant for YAML."""
    for node in _scalars(root, set()):
        if not node.plain:
            continue
        if quoted := _QUOTED.fullmatch(node.text.strip()):
            notes.warning(
                node.place,
                f"the quotes {quoted[1]} … {node.text.strip()[-1]} become part of the text: YAML knows \" and ' only",
                f'write "{shorten(quoted[2])}"',
            )
        anchor = _ANCHOR.match(notes.source(node.place))
        if anchor and not _copied(anchor[1], notes):
            notes.warning(
                node.place,
                f"YAML takes &{anchor[1]} for a mark that *{anchor[1]} would copy, and cuts it out of this text",
                f'for text that begins with &, use quotes: "&{anchor[1]} {shorten(node.text)}"',
            )


def check_places(tables: Iterable[tuple[str, Mapping[str, Given[Any]]]], notes: Notes) -> None:
    """Warn of names that are numbers where a number means the place in the list; `tables` are by what a name is of."""
    for noun, table in tables:
        for place, (name, given) in enumerate(table.items(), 1):
            if not name.isdecimal() or name != str(int(name)) or not 1 <= int(name) <= len(table) or int(name) == place:
                continue
            there = list(table)[int(name) - 1]
            notes.warning(
                given.key,
                f"a number means a place in the list, and this {noun} called '{name}' is number {place}: "
                f"'{shorten(there)}', number {name}, can only be reached by its name",
                f"give it a name with a letter, like {noun[0]}{name}",
            )


def _scalars(node: nodes.Node, seen: set[int]) -> Iterator[nodes.Scalar]:
    """Yield every value once; a copy of something marked is that thing itself."""
    if id(node) in seen:
        return
    seen.add(id(node))
    match node:
        case nodes.Scalar():
            yield node
        case nodes.Sequence(items=items):
            for item in items:
                yield from _scalars(item, seen)
        case nodes.Mapping(pairs=pairs):
            for _, value in pairs:
                yield from _scalars(value, seen)


def _copied(name: str, notes: Notes) -> bool:
    return any(re.search(rf"\*{re.escape(name)}(?![^\s,\]}}])", line) for line in notes.lines)
