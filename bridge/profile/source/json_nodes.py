"""JSON text to the nodes of a profile: what another program wrote is read, and marked, like what a person did.

    compose_json('{"nodes": []}', notes)        # a Mapping with one key, whose value is an empty Sequence

YAML is no help here: it refuses tabs, and characters that JSON writes in two halves.
"""

import re
from bisect import bisect_right
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Final, NoReturn

from bridge.profile.source.compose import MOST_CHARACTERS
from bridge.profile.source.nodes import Mapping, Node, Scalar, Sequence
from bridge.profile.source.problems import Notes, Place

_BLANK: Final = re.compile(r"[ \t\r\n]*")
_WORD: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|true|false|null")
_LINE_BREAK: Final = re.compile(r"\r\n|\r|\n")
_DEEPEST: Final = 40


def compose_json(text: str, notes: Notes) -> Node | None:
    """Return what the JSON in `text` says, or None after noting why it is none; `notes` has the lines of `text`."""
    if len(text) > MOST_CHARACTERS:
        notes.error(Place(1, 1, 1, 1), f"this file has more than {MOST_CHARACTERS:,} characters: it is no graph")
        return None
    return _Reader(text, notes).document()


class _Broken(Exception):
    """The text is no JSON, which has been noted."""


class _Reader:
    """Reads one text from its beginning to its end."""

    def __init__(self, text: str, notes: Notes) -> None:
        self._text = text
        self._notes = notes
        self._at = 0
        self._starts = [0, *(found.end() for found in _LINE_BREAK.finditer(text))]

    def document(self) -> Node | None:
        """Return all that the text says, or None if it is no JSON."""
        try:
            found = self._value(0)
            self._skip()
            if self._at < len(self._text):
                self._fail("the JSON ends before this", "delete what comes after it")
        except _Broken:
            return None
        return found

    def _value(self, depth: int) -> Node:
        self._skip()
        if depth > _DEEPEST:
            self._fail(f"this is more than {_DEEPEST} levels deep", "a graph needs four")
        match self._text[self._at : self._at + 1]:
            case "{":
                return self._mapping(depth)
            case "[":
                return self._sequence(depth)
            case '"':
                return self._string()
            case _:
                return self._word()

    def _mapping(self, depth: int) -> Mapping:
        start = self._at
        self._at += 1
        pairs: dict[str, tuple[Node, Node]] = {}
        while not self._closes("}", first=not pairs):
            self._skip()
            if self._text[self._at : self._at + 1] != '"':
                self._fail("a key of JSON stands in double quotes, and here is none", 'for example: "nodes"')
            key = self._string()
            self._skip()
            if self._text[self._at : self._at + 1] != ":":
                self._fail("a colon is missing after this key", f'write "{key.text}": and its value')
            self._at += 1
            value = self._value(depth + 1)
            if key.text in pairs:
                self._notes.error(
                    key.place,
                    f"'{key.text}' is given twice, and only one of them can count",
                    "delete one",
                    elsewhere=pairs[key.text][0].place,
                )
            pairs.setdefault(key.text, (key, value))
        return Mapping(self._place(start), tuple(pairs.values()))

    def _sequence(self, depth: int) -> Sequence:
        start = self._at
        self._at += 1
        items: list[Node] = []
        while not self._closes("]", first=not items):
            items.append(self._value(depth + 1))
        return Sequence(self._place(start), tuple(items))

    def _closes(self, bracket: str, *, first: bool) -> bool:
        """Go past the bracket that ends a list or mapping, or past the comma before its next entry."""
        self._skip()
        character = self._text[self._at : self._at + 1]
        if character == bracket:
            self._at += 1
            return True
        if first:
            return False
        if character != ",":
            self._fail(f"a comma or {bracket} is missing here", "put one between the entries, or close what was opened")
        self._at += 1
        self._skip()
        if self._text[self._at : self._at + 1] == bracket:
            self._fail("after this comma an entry is missing", "delete the comma before it")
        return False

    def _string(self) -> Scalar:
        start = self._at
        try:
            text, self._at = scanstring(self._text, start + 1, True)
        except ValueError:
            self._fail("this text is no JSON: its quotes, or a backslash in it", 'for example: "longlive"')
        return Scalar(self._place(start), text, False)

    def _word(self) -> Scalar:
        start = self._at
        found = _WORD.match(self._text, start)
        if found is None:
            ended = start >= len(self._text)
            self._fail(
                "the JSON ends here, in the middle" if ended else "this is no JSON",
                "export the graph again" if ended else 'texts stand in double quotes: "longlive"',
            )
        self._at = found.end()
        return Scalar(self._place(start), found[0], True)

    def _skip(self) -> None:
        found = _BLANK.match(self._text, self._at)
        assert found is not None
        self._at = found.end()

    def _place(self, start: int, end: int | None = None) -> Place:
        stop = self._at if end is None else end
        line, last = bisect_right(self._starts, start), bisect_right(self._starts, stop)
        return Place(line, start - self._starts[line - 1] + 1, last, stop - self._starts[last - 1] + 1)

    def _fail(self, message: str, hint: str) -> NoReturn:
        self._notes.error(self._place(self._at, self._at + 1), message, hint)
        raise _Broken
