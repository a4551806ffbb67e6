"""PURE. Which routes hear a signal: exact names by dictionary, patterns by a tree of segments, at first sight only.

`*` stands for any run inside a segment, `**` for any rest (nothing, too), `{n}` for any run that the target repeats.
"""

import re
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")

_WILD = re.compile(r"\*+|\{(\w+)\}")


def is_pattern(signal: str) -> bool:
    """Return whether a signal's name stands for several."""
    return _WILD.search(signal) is not None


@dataclass(slots=True)
class _Node(Generic[T]):
    exact: dict[str, "_Node[T]"] = field(default_factory=dict)
    anything: "_Node[T] | None" = None
    """What follows a segment that is `*` alone."""
    named: dict[str, "_Node[T]"] = field(default_factory=dict)
    """What follows a segment that is `{n}` alone, by the name."""
    wild: dict[str, tuple[re.Pattern[str], "_Node[T]"]] = field(default_factory=dict)
    """By any other segment with wildcards, as written: what it matches, and what follows."""
    ends: list[tuple[int, T]] = field(default_factory=list)
    rests: list[tuple[int, T]] = field(default_factory=list)
    """What has `**` here: it hears everything below."""


_Found = list[tuple[int, T, dict[str, str]]]


class Patterns(Generic[T]):
    """Things that are found by the patterns they were added with."""

    def __init__(self) -> None:
        self._root: _Node[T] = _Node()
        self._count = 0

    def add(self, pattern: str, thing: T) -> None:
        """Let `thing` hear what matches `pattern`."""
        node = self._root
        ending = (self._count, thing)
        self._count += 1
        for segment in pattern.split("/"):
            if segment == "**":
                node.rests.append(ending)
                return
            node = _below(node, segment)
        node.ends.append(ending)

    def find(self, path: str) -> list[tuple[T, dict[str, str]]]:
        """Return what hears `path`, in the order added, each with what its `{n}` stand for."""
        found: _Found[T] = []
        _search(self._root, path.split("/"), 0, {}, found)
        if len(found) > 1:
            found.sort(key=lambda one: one[0])
        return [(thing, captured) for _, thing, captured in found]


def _below(node: _Node[T], segment: str) -> _Node[T]:
    """Return what follows a segment of a pattern."""
    found = _WILD.search(segment)
    if found is None:
        return node.exact.setdefault(segment, _Node())
    if segment == "*":
        node.anything = node.anything or _Node()
        return node.anything
    if found[1] and found[0] == segment:
        return node.named.setdefault(found[1], _Node())
    if segment not in node.wild:
        node.wild[segment] = _matcher(segment), _Node()
    return node.wild[segment][1]


def _search(node: _Node[T], segments: list[str], index: int, captured: dict[str, str], found: _Found[T]) -> None:
    """Collect what hears a path from its segment `index` on."""
    if node.rests:
        found.extend((order, thing, captured) for order, thing in node.rests)
    if index == len(segments):
        found.extend([(order, thing, captured) for order, thing in node.ends])
        return
    segment = segments[index]
    exact = node.exact.get(segment)
    if exact is not None:
        _search(exact, segments, index + 1, captured, found)
    if node.anything is not None:
        _search(node.anything, segments, index + 1, captured, found)
    for name, below in node.named.items() if node.named and segment else ():
        if captured.get(name, segment) == segment:
            _search(below, segments, index + 1, {**captured, name: segment}, found)
    for matcher, below in node.wild.values() if node.wild else ():
        if match := matcher.fullmatch(segment):
            again = {name[1:]: text for name, text in match.groupdict().items()}
            if all(captured.get(name, text) == text for name, text in again.items()):
                _search(below, segments, index + 1, {**captured, **again}, found)


def _matcher(segment: str) -> re.Pattern[str]:
    """Return what a segment with wildcards matches; `{n}` twice in it must be the same text twice."""
    pieces, position, seen = [], 0, set()
    for found in _WILD.finditer(segment):
        pieces.append(re.escape(segment[position : found.start()]))
        name = found[1]
        if name is None:
            pieces.append(".*")
        elif name in seen:
            pieces.append(f"(?P=_{name})")
        else:
            seen.add(name)
            pieces.append(f"(?P<_{name}>.+)")
        position = found.end()
    pieces.append(re.escape(segment[position:]))
    return re.compile("".join(pieces))


def fill(template: str, captured: dict[str, str]) -> str:
    """Return a target's text with each `{n}` replaced by what it stands for."""
    return _WILD.sub(lambda found: captured.get(found[1], found[0]) if found[1] else found[0], template)
