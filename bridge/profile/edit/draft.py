"""A profile's text on its way to another one: what stands where, and the edits that make the new text.

Every edit is a stretch of the text with what replaces it. They are applied together, and the new text is read again:
unless it says what was asked for, and the same as before of everything else, there is no new text.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

import yaml

from bridge.profile.edit import writing
from bridge.profile.edit.outline import Outline, Piece, line_end, line_start, next_line, outline
from bridge.profile.edit.said import Path, called, everything, find, nothing, read, says
from bridge.profile.edit.writing import EditError, Layout
from bridge.profile.source import nodes
from bridge.profile.source.problems import lines_of

_AFTER: Final[Mapping[str, tuple[str, ...]]] = {
    "prompts": ("scenes", "cues", "routes", "pages", "lights"),
    "scenes": ("cues", "routes", "pages", "lights"),
    "cues": ("routes", "pages", "lights"),
    "routes": ("pages", "lights"),
    "pages": ("lights",),
}
"""What a new section stands before; one of another name, or where none of these is there, stands last."""

_BLANKS: Final = re.compile(" *")
_BLOCK_MARK: Final = re.compile(r"[|>][-+0-9]*")
_COMMA: Final = re.compile(r"[ \t]*,")
_GAP: Final = re.compile(r"[ \t]*(?=[,}\]])")
_DASH: Final = re.compile(r"- +$")


class Draft:
    """A profile's text, what it says, where it says it, and the edits to come. Makes one edit of the whole, at the end."""

    def __init__(self, text: str) -> None:
        self._mark = "\ufeff" if text.startswith("\ufeff") else ""
        self._text = text[len(self._mark) :]
        self._said = read(self._text)
        self._outline = _outline(self._text)
        self._newline = _newline(self._text)
        self._layout = _layout(self._outline.root)
        self._edits: list[tuple[int, int, str]] = []

    # What is there.

    def said(self, path: Path) -> nodes.Node | None:
        """Return what the profile says at `path`, with anchors and `<<` filled in; None: nothing of that name."""
        return find(self._said, path)

    def written(self, path: Path) -> Piece | None:
        """Return what is written at `path`; None where only `<<` brings it. Raise `EditError` inside of an alias."""
        piece = self._outline.root
        for index, step in enumerate(path):
            if piece is None:
                return None
            if piece.kind == "alias":
                raise self._shared(path[:index], piece)
            piece = _child(piece, step)
        return piece

    # What to change.

    def add(self, path: Path, value: Any) -> None:
        """Add an entry, with whatever it stands in that is missing or empty."""
        parent, depth = self._outline.root, 0
        while True:
            step, rest = path[depth], path[depth + 1 :]
            if parent is None:
                self._add_section(str(step), _nest(rest, value), len(rest))
                return
            if parent.kind == "alias":
                raise self._shared(path[:depth], parent)
            if parent.kind != ("sequence" if isinstance(step, int) else "mapping"):
                noun = "list" if isinstance(step, int) else "mapping"
                raise EditError(f"{called(path[:depth])} is no {noun} that something could be added to")
            child, said = _child(parent, step), self.said(path[: depth + 1])
            if child is None:
                if said is not None:
                    raise EditError(f"{called(path[: depth + 1])} comes from elsewhere, through <<: write it out first")
                self._add_entry(parent, step, _nest(rest, value), len(rest))
                return
            if said is not None and nothing(said) and child.kind != "alias" and not child.children:
                self._fill(parent, child, _nest(rest, value), len(rest))
                return
            if not rest:
                if child.kind == "alias":
                    raise self._shared(path, child)
                raise EditError(f"{called(path)} is made of what stands elsewhere, through <<: write it out first")
            parent, depth = child, depth + 1

    def extend(self, path: Path, entries: Mapping[str, Any]) -> None:
        """Add entries to the mapping at `path`, which has some."""
        piece = self.written(path)
        if piece is None or piece.kind != "mapping":
            raise EditError(f"{called(path)} comes from elsewhere: write it out first, so that values can be added")
        if piece.flow:
            self._append(piece, [_pair(key, value) for key, value in entries.items()])
        else:
            layout = self._layout
            self._insert_below(piece, [row for k, v in entries.items() for row in layout.entry(piece.column, k, v)])

    def replace(self, path: Path, value: Any) -> None:
        """Write another value in the place of the one at `path`."""
        piece, parent = self.written(path), self.written(path[:-1])
        if piece is None or parent is None:
            raise EditError(f"{called(path)} comes from elsewhere, through <<")
        key = next((name for name, it in parent.pairs if it is piece), piece)
        if self._replace_items(piece, self.said(path), value):
            return
        if piece.kind in ("mapping", "sequence"):
            self._rescue_comments(piece, key)
            if not piece.flow:
                self._replace_block(piece, key, value)
                return
        indent = parent.column + self._layout.step
        rows = writing.literal(value, indent) if isinstance(value, str) and not parent.flow else None
        if piece.style in ("|", ">"):
            self._replace_literal(piece, value, rows)
        elif rows is None:
            written = writing.flow(value, in_flow=parent.flow, quote=_quote(piece))
            self._put(piece.start, self._gap_end(piece), self._after_key(key, piece, written))
        else:
            self._put(piece.start, piece.end, self._after_key(key, piece, rows[0]))
            self._insert(self._below(piece.end), rows[1:])

    # Where it goes.

    def _add_entry(self, parent: Piece, step: str | int, value: Any, levels: int) -> None:
        last = parent.children[-1] if parent.children else None
        quote = None if last is None else _quote(last)
        in_flow = _in_flow(parent, levels)
        if parent.flow:
            entry = (
                _pair(step, value, quote) if isinstance(step, str) else writing.flow(value, in_flow=True, quote=quote)
            )
            self._append(parent, [entry])
        elif isinstance(step, int):
            dash = self._dash_of(parent)
            self._insert_below(parent, self._layout.item(parent.column, dash, value, in_flow=in_flow, quote=quote))
        elif parent is self._outline.root:
            self._add_section(step, value, levels)
        else:
            rows = self._layout.entry(parent.column, step, value, levels, in_flow=in_flow, quote=quote)
            self._insert_below(parent, rows)

    def _add_section(self, name: str, value: Any, levels: int) -> None:
        root = self._outline.root
        keys = [] if root is None else [key for key, _ in root.pairs]
        column = 0 if root is None else root.column
        rows = self._layout.entry(column, name, value, levels)
        airy = any(self._blank_before(self._above_comments(key, column)) for key in keys[1:])
        behind = next((key for key in keys if key.text in _AFTER.get(name, ())), None)
        if behind is not None:
            # Comments above the first section are the file's.
            above = behind.start if behind is keys[0] else self._above_comments(behind, column)
            self._insert(line_start(self._text, above), rows + [""] * airy)
            return
        end = self._outline.end
        # After a block of text that keeps its blank lines, one more would be part of the text.
        keeps = root is not None and root.last.style in ("|", ">") and root.last.end == end
        gap = airy and not keeps and not self._blank_before(end)
        self._insert(end, [""] * gap + rows)

    def _fill(self, parent: Piece, piece: Piece, value: Any, levels: int) -> None:
        """Write `value` where nothing stands, or brackets without anything between them."""
        key = next((name for name, it in parent.pairs if it is piece), piece) if parent.kind == "mapping" else piece
        if piece.kind != "scalar" and self._text[piece.start + 1 : piece.end - 1].strip():
            # There are comments between the brackets.
            self._append(piece, [writing.flow(value, in_flow=True)[1:-1]])
        elif parent.flow or parent.kind == "sequence":
            self._put(piece.start, self._gap_end(piece), self._after_key(key, piece, writing.flow(value, in_flow=True)))
        else:
            width = piece.start - line_start(self._text, piece.start)
            rows = self._layout.value(width, parent.column, value, levels, in_flow=_in_flow(parent, levels))
            if rows[0]:
                self._put(piece.start, piece.end, self._after_key(key, piece, rows[0]))
            else:
                self._put(len(self._text[: piece.start].rstrip(" ")), piece.end, "")
            self._insert(self._past_comments(self._below(piece.end), parent.column + 1), rows[1:])

    def _append(self, piece: Piece, entries: list[str]) -> None:
        """Add entries between the brackets of a mapping or list, on lines of their own where the last one is."""
        text = self._text
        if not piece.children:
            at = piece.end - 1
            break_before = "\n" in text[piece.start : piece.end]
            self._put(at, at, ", ".join(entries) + (self._newline if break_before else ""))
            return
        # The key of the last entry, or its only part.
        first = piece.children[-2 if piece.kind == "mapping" else -1]
        last = piece.children[-1]
        comma = _COMMA.match(text, last.end)
        start = line_start(text, first.start)
        # A comma right after nothing would belong to the text before it.
        blank = " " if last.empty else ""
        if text[start : first.start].strip() or start <= piece.start:
            self._put(last.end, last.end, "".join(f"{blank}, {entry}" for entry in entries))
            return
        indent = self._newline + text[start : first.start]
        rest = text[comma.end() if comma else last.end : line_end(text, last.end)]
        if rest.strip() and not rest.lstrip().startswith("#"):
            self._put(last.end, last.end, "".join(f"{blank},{indent}{entry}" for entry in entries))
        else:
            end = line_end(text, last.end)
            if comma is None:
                self._put(last.end, last.end, f"{blank},")
            self._put(end, end, ",".join(indent + entry for entry in entries) + ("," if comma else ""))

    def _insert_below(self, block: Piece, rows: list[str]) -> None:
        """Insert lines after the last entry of a block, and after the comments that are as deep as its entries."""
        at = self._below(block.end)
        # Comments at the margin may be about the section that follows.
        self._insert(self._past_comments(at, block.column) if block.column else at, rows)

    def _past_comments(self, at: int, column: int) -> int:
        """Return where the comments end that follow `at` and are at least `column` deep; blank lines may be between."""
        end, here = at, at
        while here < len(self._text):
            row = self._text[here : line_end(self._text, here)]
            if row.strip() and not self._is_comment(here, column):
                break
            here = next_line(self._text, here)
            if row.strip():
                end = here
        return end

    def _below(self, end: int) -> int:
        """Return where the line begins that follows what ends at `end`; a block of text may end with its line break."""
        return end if end and self._text[end - 1] in "\r\n" else next_line(self._text, end)

    def _replace_items(self, piece: Piece, said: nodes.Node | None, value: Any) -> bool:
        """Replace single items of a list where the new one is as long and all are single values; return whether so."""
        if not isinstance(said, nodes.Sequence) or not isinstance(value, list | tuple) or not piece.children:
            return False
        if len(value) != len(said.items) or any(child.kind != "scalar" for child in piece.children):
            return False
        for child, item, new in zip(piece.children, said.items, value, strict=True):
            if not says(item, new):
                written = writing.flow(new, in_flow=True, quote=_quote(child))
                self._put(child.start, self._gap_end(child), _spaced(child, written))
        return True

    def _replace_block(self, piece: Piece, key: Piece, value: Any) -> None:
        if piece.anchor is not None:
            raise EditError(f"the value on line {self._line(piece)} is marked &{piece.anchor}: other places may use it")
        colon = self._text.index(":", key.end)
        self._put(colon + 1, colon + 1, " " + writing.flow(value))
        self._put(line_end(self._text, colon), self._last_line(piece.end), "")

    def _replace_literal(self, piece: Piece, value: Any, rows: list[str] | None) -> None:
        """Replace a block of text by `value`, or by the `rows` that it is as a block; the comment beside `|` stays."""
        mark = _BLOCK_MARK.match(self._text, piece.start)
        if mark is None:
            raise EditError(f"the text on line {self._line(piece)} cannot be replaced")
        self._put(piece.start, mark.end(), writing.flow(value) if rows is None else rows[0])
        below = [] if rows is None else [self._newline + row for row in rows[1:]]
        self._put(line_end(self._text, piece.start), self._last_line(piece.end), "".join(below))

    def _last_line(self, end: int) -> int:
        return line_end(self._text, len(self._text[:end].rstrip("\r\n")))

    def _rescue_comments(self, piece: Piece, key: Piece) -> None:
        """Move the comments inside of what is replaced above the line that it begins on."""
        start = line_start(self._text, key.start)
        inside = [text for place, text in self._outline.comments if self._first_line(piece, key) <= place < piece.end]
        indent = " " * self._depth(start)
        self._insert(start, [indent + text for text in inside])

    def _first_line(self, piece: Piece, key: Piece) -> int:
        return piece.start if piece.flow else line_end(self._text, key.end)

    def _after_key(self, key: Piece, piece: Piece, written: str) -> str:
        """Return `written` with what must stand between it and the key of a place where nothing stood."""
        if not piece.empty or not written:
            return written
        if key is not piece and ":" not in self._text[key.end : piece.start]:
            return f": {written}"
        return _spaced(piece, written)

    def _gap_end(self, piece: Piece) -> int:
        """Return where what is replaced ends: with nothing between brackets, at the comma or bracket that follows."""
        gap = _GAP.match(self._text, piece.end) if piece.empty else None
        return piece.end if gap is None else gap.end()

    def _dash_of(self, sequence: Piece) -> str:
        """Return the dash of the last item with the blanks after it."""
        before = self._text[: sequence.children[-1].start]
        found = _DASH.search(before, line_start(before, len(before)))
        return found.group() if found is not None else "- "

    def _is_comment(self, start: int, column: int) -> bool:
        """Return whether the line that begins at `start` is a comment at least as deep as `column`."""
        depth = self._depth(start)
        return depth >= column and self._text.startswith("#", start + depth)

    def _above_comments(self, key: Piece, column: int) -> int:
        """Return where the line of a key begins, or the first of the comments right above it."""
        at = line_start(self._text, key.start)
        while at and self._is_comment(above := self._line_before(at), column) and column == self._depth(above):
            at = above
        return at

    def _blank_before(self, at: int) -> bool:
        """Return whether the line before the one that begins at `at` is blank, or there is none."""
        return not self._text[self._line_before(at) : at].strip()

    def _line_before(self, at: int) -> int:
        """Return where the line begins before the one that begins at `at`."""
        return line_start(self._text, max(at - (2 if self._text.startswith("\r\n", at - 2) else 1), 0)) if at else 0

    def _depth(self, start: int) -> int:
        """Return how far the line that begins at `start` is indented."""
        found = _BLANKS.match(self._text, start)
        return 0 if found is None else found.end() - start

    def _line(self, piece: Piece) -> int:
        return len(lines_of(self._text[: piece.start]))

    def _shared(self, path: Path, piece: Piece) -> EditError:
        copied = self._text[piece.start : piece.end]
        return EditError(f"{called(path)} is {copied}, a copy of what stands elsewhere: write it out first")

    def _insert(self, at: int, rows: Sequence[str]) -> None:
        if rows:
            ended = at == 0 or self._text[at - 1] in "\r\n" or any(start == at for start, _, _ in self._edits)
            self._put(at, at, ("" if ended else self._newline) + "".join(row + self._newline for row in rows))

    def _put(self, start: int, end: int, new: str) -> None:
        self._edits.append((start, end, new))

    # What became of it.

    def result(self, asked: Mapping[Path, Any]) -> str:
        """Return the new text. Raise `EditError` unless it says what was `asked` by path, and nothing else changed."""
        if not self._edits:
            return self._mark + self._text
        text, after = [], 0
        for start, end, new in sorted(self._edits, key=lambda edit: edit[:2]):
            if start < after:
                raise EditError("the places to be edited run into each other")
            text += [self._text[after:start], new]
            after = end
        text.append(self._text[after:])
        edited = "".join(text)
        try:
            said, comments = read(edited), outline(edited).comments
        except (EditError, yaml.YAMLError) as error:
            raise EditError("this cannot be written into the profile in its present form") from error
        for path, value in asked.items():
            there = find(said, path)
            if there is None or not says(there, value):
                raise EditError(f"{called(path)} cannot be written so that it would be read as it is")
        before = self._said
        if any(end == len(self._text) for _, end, _ in self._edits) and not self._text.endswith(("\r", "\n")):
            # The last line had no end, which it needs now: to a block of text it is part of the text.
            before = read(self._text + self._newline)
        dropped = frozenset(self._cut(path) for path in asked)
        if everything(before, (), dropped) != everything(said, (), dropped):
            raise EditError(
                "this would change something else in the profile, too, which shares it through & and * or <<"
            )
        if Counter(it for _, it in self._outline.comments) - Counter(it for _, it in comments):
            raise EditError("this would lose a comment of the profile")
        return self._mark + edited

    def _cut(self, path: Path) -> Path:
        """Return the beginning of `path` that was missing or empty before, or all of it."""
        for length in range(1, len(path)):
            node = self.said(path[:length])
            if node is None or nothing(node):
                return path[:length]
        return path


def _outline(text: str) -> Outline:
    try:
        return outline(text)
    except yaml.YAMLError as error:
        raise EditError("this profile cannot be read, so nothing is written") from error


def _newline(text: str) -> str:
    """Return the line break that most lines end with."""
    pairs = text.count("\r\n")
    singles = {"\r\n": pairs, "\n": text.count("\n") - pairs, "\r": text.count("\r") - pairs}
    return max(("\n", "\r\n", "\r"), key=lambda each: singles[each])


def _layout(root: Piece | None) -> Layout:
    """Return how much deeper the keys, and the dashes, of a block are than the key above it, as they mostly are."""
    found: dict[str, Counter[int]] = {"mapping": Counter(), "sequence": Counter()}
    for piece in [] if root is None else root.walk():
        if piece.kind == "mapping" and not piece.flow:
            for _, value in piece.pairs:
                if value.children and not value.flow:
                    found[value.kind][value.column - piece.column] += 1
    step = found["mapping"].most_common(1)[0][0] if found["mapping"] else 0
    dash = found["sequence"].most_common(1)[0][0] if found["sequence"] else -1
    step = step or dash if dash > 0 else step
    return Layout(step or 2, dash if dash >= 0 else step or 2)


def _child(piece: Piece, step: str | int) -> Piece | None:
    if isinstance(step, str):
        return piece.get(step) if piece.kind == "mapping" else None
    return piece.children[step] if piece.kind == "sequence" and step < len(piece.children) else None


def _nest(path: Path, value: Any) -> Any:
    """Return `value` inside of mappings and lists, so that it is found at `path`."""
    for step in reversed(path):
        value = [value] if isinstance(step, int) else {step: value}
    return value


def _in_flow(parent: Piece, levels: int) -> bool:
    """Return whether a new mapping in `parent` is in brackets: as the last of its neighbours, or if there is none."""
    if levels:
        return True
    return next((it.flow for it in reversed(parent.children) if it.kind == "mapping" and it.children), True)


def _pair(key: str, value: Any, quote: str | None = None) -> str:
    """Return an entry as it stands between brackets."""
    return f"{writing.key(key, in_flow=True)}: {writing.flow(value, in_flow=True, quote=quote)}"


def _quote(piece: Piece) -> str | None:
    return piece.style if piece.style in ("'", '"') else None


def _spaced(piece: Piece, written: str) -> str:
    """Return `written` with a blank before it where it comes right after a colon, dash or anchor."""
    return f" {written}" if piece.empty else written
