"""YAML text to nodes that know their place, and every reason why it could not be read.

Scalars stay text: what `on` or `1:30` means is decided by whoever wants a number or a switch, as YAML 1.2 would. After a
mistake the unreadable piece is blanked out and reading goes on, so one report shows all mistakes of a file.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from bridge.profile.source.mistakes import BLANK, Repair
from bridge.profile.source.nodes import Mapping, Node, Scalar, Sequence, Unreadable
from bridge.profile.source.problems import Notes, Place, did_you_mean, lines_of

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

MOST_CHARACTERS = 2_000_000
"""No profile is larger; what is, was opened by mistake."""

_MOST_REPAIRS = 40
_DEEPEST = 40
_MOST_NODES = 200_000

_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue001-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_ODD_INDENT = re.compile(r"^ *([\xa0\u2000-\u200b\u202f\u205f\u3000])", re.MULTILINE)


def compose(text: str, notes: Notes) -> Node | None:
    """Return the root of the document in `text`, or None if there is none; what is wrong goes to `notes`."""
    if len(text) > MOST_CHARACTERS:
        notes.error(Place(1, 1, 1, 1), f"this file has more than {MOST_CHARACTERS:,} characters: it is no profile")
        return None
    text = _printable(text, notes)
    repair = Repair(text, notes)
    for _ in range(_MOST_REPAIRS):
        builder = _Builder(notes, repair)
        try:
            root = builder.build(repair.text)
        except yaml.MarkedYAMLError as error:
            if not repair.after(error):
                return Unreadable(Place(1, 1, 1, 1))
        else:
            builder.complain()
            return root
    return Unreadable(Place(1, 1, 1, 1))


def _printable(text: str, notes: Notes) -> str:
    """Note characters that no profile can hold, and replace them by what keeps all places as they are."""
    text = text.replace("\x85", " ").replace("\u2028", " ").replace("\u2029", " ")
    unprintable = _UNPRINTABLE.search(text)
    if unprintable is not None:
        number = len(_UNPRINTABLE.findall(text))
        more = f", as there are {number - 1} more" if number > 1 else ""
        notes.error(
            _place_of(text, unprintable.start()),
            f"this is the control character U+{ord(unprintable.group()):04X}, which a profile cannot hold{more}",
            "delete it, or save the file as UTF-8 text",
        )
        text = _UNPRINTABLE.sub("\ue001", text)
    found = _ODD_INDENT.search(text)
    if found is not None:
        notes.error(
            _place_of(text, found.start(1)),
            f"this looks like a space but is U+{ord(found.group(1)):04X}, as web pages use it",
            "replace it by an ordinary space",
        )
        while found is not None:
            text = text[: found.start(1)] + " " + text[found.end(1) :]
            found = _ODD_INDENT.search(text)
    return text


def _place_of(text: str, index: int) -> Place:
    before = lines_of(text[:index])
    line, column = len(before), len(before[-1]) + 1
    return Place(line, column, line, column + 1)


def _start(event: Any) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _place(start: Any, end: Any) -> Place:
    return Place(start.line + 1, start.column + 1, end.line + 1, end.column + 1)


class _TooMuch(Exception):
    """The document is deeper or larger than any profile."""


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not come yet."""

    event: Any
    since: int
    """The line after which its children may stand."""
    children: list[Node]
    nodes: int = 1


class _Builder:
    """Makes nodes from the parser's events, without recursion. Complaints wait until the whole text was parsed."""

    def __init__(self, notes: Notes, repair: Repair) -> None:
        self._notes = notes
        self._repair = repair
        self._complaints: list[tuple[Place, str, tuple[str | None, ...], Place | None]] = []
        self._anchors: dict[str, tuple[Node, int]] = {}

    def complain(self) -> None:
        """Note what was found wrong."""
        for place, message, hints, elsewhere in self._complaints:
            self._notes.error(place, message, *hints, elsewhere=elsewhere)

    def build(self, text: str) -> Node | None:
        """Return the root, or None for an empty document. Raise `yaml.MarkedYAMLError` where the parser stops."""
        try:
            return self._build(yaml.parse(text, Loader=_Loader))
        except _TooMuch:
            return Unreadable(Place(1, 1, 1, 1))

    def _build(self, events: Iterator[Any]) -> Node | None:
        root: Node | None = None
        stack: list[_Open] = []
        documents = 0
        line = 0
        for event in events:
            kind = type(event)
            if kind is yaml.ScalarEvent:
                node, size = self._scalar(event), 1
                line = event.end_mark.line + 1
            elif kind is yaml.AliasEvent:
                node, size = self._alias(event)
            elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                if len(stack) >= _DEEPEST:
                    self._complain(
                        _place(event.start_mark, event.end_mark),
                        f"this is more than {_DEEPEST} levels deep, and a profile needs eight",
                    )
                    raise _TooMuch
                stack.append(_Open(event, line if stack else 0, []))
                continue
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                opened = stack.pop()
                node, size = self._collection(opened, event), opened.nodes
                event = opened.event
            elif kind is yaml.DocumentStartEvent:
                documents += 1
                if documents > 1:
                    self._complain(
                        _place(event.start_mark, event.end_mark),
                        "a profile is one document, and '---' begins a second one",
                        "delete the line, or put the rest into a file of its own",
                    )
                    break
                continue
            else:
                continue
            anchor = getattr(event, "anchor", None)
            if anchor is not None and kind is not yaml.AliasEvent:
                self._anchors[anchor] = node, size
            if stack:
                stack[-1].children.append(node)
                stack[-1].nodes += size
                if stack[-1].nodes > _MOST_NODES:
                    self._complain(
                        node.place, f"with all its anchors filled in, this is more than {_MOST_NODES:,} values"
                    )
                    raise _TooMuch
            else:
                root = node
        return None if isinstance(root, Scalar) and root.plain and not root.text else root

    def _complain(self, place: Place, message: str, *hints: str | None, elsewhere: Place | None = None) -> None:
        self._complaints.append((place, message, hints, elsewhere))

    def _scalar(self, event: Any) -> Node:
        place = _place(event.start_mark, event.end_mark)
        if event.style == "|" or event.style == ">":
            place = Place(place.line, place.column, place.line, place.column + 1)
        flowing = event.style != "|" and event.style != ">"
        if event.value.startswith(BLANK) or (flowing and self._repair.left_out(place.line, place.end_line)):
            return Unreadable(place)
        if event.tag is not None:
            return self._tagged(event, place)
        return Scalar(place, event.value, event.style is None or event.style == "")

    def _tagged(self, event: Any, place: Place) -> Node:
        tag = event.tag.replace("tag:yaml.org,2002:", "!!")
        self._complain(
            place,
            f"YAML takes {tag} for a tag, and a profile has none",
            f'for text that begins with an exclamation mark, use quotes: "{self._notes.source(place)}"',
        )
        return Unreadable(place)

    def _alias(self, event: Any) -> tuple[Node, int]:
        place = _place(event.start_mark, event.end_mark)
        if event.anchor in self._anchors:
            return self._anchors[event.anchor]
        if self._repair.lost(f"&{event.anchor}"):
            return Unreadable(place), 1
        self._complain(
            place,
            f"YAML takes *{event.anchor} for the copy of something marked &{event.anchor}, and nothing above is",
            did_you_mean(event.anchor, self._anchors),
            f'for text that begins with a star, use quotes: "*{event.anchor}"',
        )
        return Unreadable(place), 1

    def _collection(self, opened: _Open, end: Any) -> Node:
        place = _place(opened.event.start_mark, end.end_mark)
        if not opened.event.flow_style:
            # A block has no end of its own: the parser's is the beginning of what follows.
            last = opened.children[-1].place if opened.children else place
            place = Place(place.line, place.column, last.end_line, last.end_column)
        if opened.event.tag is not None:
            return self._tagged(opened.event, _place(opened.event.start_mark, opened.event.end_mark))
        after = end.end_mark.line + 1
        since = place.line if opened.event.flow_style else opened.since
        whole = not self._repair.doubtful(since, after)
        children = self._without_emptied(opened.children, after)
        if isinstance(opened.event, yaml.SequenceStartEvent):
            return Sequence(place, tuple(children), whole)
        return Mapping(place, self._pairs(children), whole)

    def _without_emptied(self, children: list[Node], after: int) -> list[Node]:
        """Return `children`, of which those are unreadable that only became empty because lines were left out."""
        ends = [*(child.place.line for child in children), after][1:]
        return [
            Unreadable(child.place)
            if isinstance(child, Scalar)
            and child.plain
            and not child.text
            and self._repair.doubtful(child.place.line + 1, end)
            else child
            for child, end in zip(children, ends, strict=True)
        ]

    def _pairs(self, children: list[Node]) -> tuple[tuple[Node, Node], ...]:
        """Return keys with values; a key that comes twice counts once, `<<` brings what is not given beside it."""
        pairs: list[tuple[Node, Node]] = []
        seen: dict[str, Place] = {}
        merged: list[Node] = []
        for key, value in zip(children[::2], children[1::2], strict=True):
            if not isinstance(key, Scalar):
                pairs.append((key, value))
            elif key.plain and key.text == "<<":
                merged.append(value)
            elif key.text in seen:
                self._complain(
                    key.place,
                    f"'{key.text}' is given twice, and only one of them can count",
                    "put both into one, or give one another name",
                    elsewhere=seen[key.text],
                )
            else:
                seen[key.text] = key.place
                pairs.append((key, value))
        for value in merged:
            for source in value.items if isinstance(value, Sequence) else (value,):
                if not isinstance(source, Mapping):
                    self._complain(source.place, "<< brings in the keys of a mapping, and this is none")
                    continue
                for key, inherited in source.pairs:
                    if isinstance(key, Scalar) and key.text not in seen:
                        seen[key.text] = key.place
                        pairs.append((key, inherited))
        return tuple(pairs)
