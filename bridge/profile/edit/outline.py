"""Where everything in a profile stands, to the character: what an edit of its text needs.

`source` gives what a profile says, with anchors and `<<` filled in; this gives what is written, an alias as an alias. Only
a text that `source` reads without a problem has an outline worth anything.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import yaml

Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_ANCHOR: Final = re.compile(r"&[^\s,\[\]{}]+")
_BETWEEN: Final = re.compile(r"(?:\s+|(?<=\s)#[^\r\n]*)*")


@dataclass(slots=True)
class Piece:
    """A value as it is written. Places are indexes into the text."""

    kind: Literal["scalar", "mapping", "sequence", "alias"]
    start: int
    """Its first character, after its anchor. Of nothing (`key:`) where something would stand."""
    end: int = 0
    """After its last character. A block ends with the text of its last value."""
    column: int = 0
    """Of a block, how deep its keys or dashes are indented."""
    flow: bool = False
    """Whether it stands in brackets."""
    style: str = ""
    """Of a scalar: `"`, `'`, `|`, `>`, or empty."""
    anchor: str | None = None
    text: str = ""
    """Of a scalar, what it says."""
    children: list["Piece"] = field(default_factory=list)
    """Of a mapping, keys and values in turn."""

    @property
    def pairs(self) -> list[tuple["Piece", "Piece"]]:
        """The keys of a mapping with their values."""
        return list(zip(self.children[::2], self.children[1::2], strict=True))

    @property
    def empty(self) -> bool:
        """Whether nothing stands there, as after a key whose entries are all commented out."""
        return self.kind == "scalar" and self.start == self.end

    @property
    def last(self) -> "Piece":
        """The value whose end is the end of this one."""
        return self if self.flow or not self.children else self.children[-1].last

    def get(self, key: str) -> "Piece | None":
        """Return the value that is written for `key` here; None if there is none, or only through `<<`."""
        return next((value for name, value in self.pairs if name.text == key and name.kind == "scalar"), None)

    def walk(self) -> Iterator["Piece"]:
        """Yield this and everything in it."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class Outline:
    """The whole text of a profile."""

    root: Piece | None
    end: int
    """Where the document ends: at `...`, or with the text."""
    comments: tuple[tuple[int, str], ...]
    """Each comment from its `#` to the end of its line, with its place."""


def outline(text: str) -> Outline:
    """Return where everything stands in `text`, which begins with no byte order mark. Raise `yaml.YAMLError`."""
    # As `source` reads it: these are line ends to YAML, and to nobody else.
    clean = text.replace("\x85", " ").replace("\u2028", " ").replace("\u2029", " ")
    stack: list[Piece] = []
    root: Piece | None = None
    end = len(text)
    for event in yaml.parse(clean, Loader=Loader):
        match event:
            case yaml.ScalarEvent():
                piece = _scalar(event, clean)
            case yaml.AliasEvent():
                piece = Piece("alias", _index(event.start_mark), _index(event.end_mark))
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                stack.append(_opened(event, clean))
                continue
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                piece = _closed(stack.pop(), event)
            case yaml.DocumentEndEvent(explicit=True):
                end = _index(event.start_mark)
                continue
            case _:
                continue
        if stack:
            stack[-1].children.append(piece)
        else:
            root = None if piece.empty else piece
    return Outline(root, end, tuple(_comments(clean, root)))


def line_start(text: str, index: int) -> int:
    """Return where the line begins that `index` is in."""
    return max(text.rfind("\n", 0, index), text.rfind("\r", 0, index)) + 1


def line_end(text: str, index: int) -> int:
    """Return where the line ends that `index` is in, before its line break."""
    found = re.compile(r"\r|\n|\Z").search(text, index)
    return len(text) if found is None else found.start()


def next_line(text: str, index: int) -> int:
    """Return where the line begins that follows the one `index` is in; after the last one, the end of the text."""
    end = line_end(text, index)
    return end + (2 if text.startswith("\r\n", end) else 1 if end < len(text) else 0)


def _index(mark: Any) -> int:
    index: int = mark.index
    return index


def _value_start(event: Any, text: str) -> int:
    """Return where what an event is about begins, after its anchor."""
    start: int = event.start_mark.index
    if event.anchor is None:
        return start
    anchor = _ANCHOR.match(text, start)
    return start if anchor is None else anchor.end()


def _past_blanks(text: str, index: int) -> int:
    found = _BETWEEN.match(text, index)
    return index if found is None else found.end()


def _scalar(event: Any, text: str) -> Piece:
    start, end = _value_start(event, text), event.end_mark.index
    style = event.style or ""
    if event.anchor is not None and (event.value or style):
        start = _past_blanks(text, start)
    if start == end and not style:
        # The parsers differ in where nothing is: here it is right after the colon, dash or anchor.
        start = end = len(text[:start].rstrip())
    if style in ("|", ">"):
        header = text[start : line_end(text, start)].split("#")[0]
        if "+" not in header:
            end = line_end(text, start + len(text[start:end].rstrip()))
    return Piece("scalar", start, end, style=style, anchor=event.anchor, text=event.value)


def _opened(event: Any, text: str) -> Piece:
    start = _value_start(event, text)
    if event.anchor is not None:
        start = _past_blanks(text, start)
    kind: Literal["mapping", "sequence"] = "mapping" if isinstance(event, yaml.MappingStartEvent) else "sequence"
    column = start - line_start(text, start)
    return Piece(kind, start, start, column, bool(event.flow_style), anchor=event.anchor)


def _closed(piece: Piece, event: Any) -> Piece:
    piece.end = event.end_mark.index if piece.flow else piece.children[-1].end
    return piece


def _comments(text: str, root: Piece | None) -> Iterator[tuple[int, str]]:
    """Yield what begins with `#` after a blank and in no scalar."""
    index = 0
    scalars = [] if root is None else [piece for piece in root.walk() if piece.kind == "scalar"]
    stretches: list[tuple[int, int]] = []
    for piece in scalars:
        # The line that begins a block of text can have a comment; the block itself begins with the next line.
        start = next_line(text, piece.start) if piece.style in ("|", ">") else piece.start
        stretches.append((min(start, piece.end), piece.end))
    for start, end in [*stretches, (len(text), len(text))]:
        while index < start:
            found = text.find("#", index, start)
            if found < 0:
                break
            index = line_end(text, found)
            if found == 0 or text[found - 1] in " \t\r\n":
                yield found, text[found:index]
            else:
                index = found + 1
        index = max(index, end)
