"""What single values in the file of a controller can be: runs of numbers, MIDI messages in hexadecimal, known words."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bridge.profile.shapes.shape import Json, Subject, is_nothing, refuse, resolve, shorten, told
from bridge.profile.shapes.structures import Given
from bridge.profile.source import nodes
from bridge.profile.source.problems import Notes, did_you_mean

_RUN = re.compile(r"([0-9]{1,9})(?:-([0-9]{1,9}))?")


@dataclass(frozen=True, slots=True)
class Counted:
    """Numbers, one after the other, and how they were written."""

    numbers: tuple[int, ...]
    rows: tuple[int, ...] = ()
    """How many each row has, of those that were written as a list of rows."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """A number, a run of numbers like `48-55`, or a list of such, or of rows of such."""

    low: int
    high: int

    @property
    def what(self) -> str:
        return f"a whole number from {self.low} to {self.high}, a run like 16-23, or a list of these"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> Counted | None:
        if not isinstance(node, nodes.Sequence):
            found = self._run(node, notes, subject)
            return None if found is None else Counted(found)
        if not node.items:
            notes.error(node.place, f"{subject.called} takes {self.what}, and this list is empty", subject.hint)
            return None
        rows: list[tuple[int, ...] | None] = []
        for item in node.items:
            if isinstance(item, nodes.Sequence):
                inner = [self._run(one, notes, subject) for one in item.items]
                rows.append(None if None in inner else tuple(number for run in inner if run for number in run))
            else:
                rows.append(self._run(item, notes, subject))
        if None in rows:
            return None
        whole = [row for row in rows if row is not None]
        nested = any(isinstance(item, nodes.Sequence) for item in node.items) or all(len(row) > 1 for row in whole)
        return Counted(
            tuple(number for row in whole for number in row), tuple(len(row) for row in whole) if nested else ()
        )

    def schema(self) -> Json:
        one: Json = {
            "anyOf": [
                {"type": "integer", "minimum": self.low, "maximum": self.high},
                {"type": "string", "pattern": "^[0-9]+-[0-9]+$"},
            ]
        }
        row: Json = {"anyOf": [one, {"type": "array", "items": one}]}
        return {"anyOf": [one, {"type": "array", "items": row, "minItems": 1}]}

    def _run(self, node: nodes.Node, notes: Notes, subject: Subject) -> tuple[int, ...] | None:
        text = node.text.strip() if isinstance(node, nodes.Scalar) else ""
        found = _RUN.fullmatch(text)
        if found is None:
            refuse(node, notes, subject, self.what, _meant(text))
            return None
        first, last = int(found[1]), int(found[2] or found[1])
        for number in (first, last):
            if not self.low <= number <= self.high:
                off = "channels count from 1" if number == 0 and self.low == 1 else None
                end = self.low if number < self.low else self.high
                notes.error(
                    node.place,
                    f"{subject.called} goes from {self.low} to {self.high}, and {number} is outside",
                    off or f"the nearest it takes is {end}",
                )
                return None
        return tuple(range(first, last + 1)) if first <= last else tuple(range(first, last - 1, -1))


def _meant(text: str) -> str | None:
    """Return what to write for a run in other words, or for a number as charts have it."""
    if found := re.fullmatch(r"([0-9]+) ?(?:\.\.+|to|bis|:|–|—|- | -| - ) ?([0-9]+)", text):
        return f"write {found[1]}-{found[2]}"
    if found := re.fullmatch(r"(?:0x)?([0-9a-fA-F]{1,2})h?", text):
        return f"numbers are decimal: if this is hexadecimal, write {int(found[1], 16)}"
    return None


@dataclass(frozen=True, slots=True)
class Hex:
    """A MIDI message in hexadecimal, with words for some of its bytes."""

    words: tuple[str, ...] = ()
    one: str = ""
    """A word that must be in it, once."""
    sysex: bool = True
    """Whether it must be a system exclusive message."""

    @property
    def what(self) -> str:
        kind = "a SysEx message" if self.sysex else "a MIDI message"
        return f"{kind} in hexadecimal, like F0 7E 00 06 01 F7"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> tuple[int | str, ...] | None:
        text = node.text.strip() if isinstance(node, nodes.Scalar) and resolve(node) is not None else ""
        if not text:
            refuse(node, notes, subject, self.what)
            return None
        found: list[int | str] = []
        for part in text.replace(",", " ").split():
            byte = part.lower().removeprefix("0x").removesuffix("h")
            if re.fullmatch(r"[0-9a-f]{1,2}", byte) and part not in self.words:
                found.append(int(byte, 16))
            elif part in self.words:
                found.append(part)
            else:
                near = did_you_mean(part, self.words)
                pairs = "a space goes between two bytes" if re.fullmatch(r"[0-9a-fA-F]{4,}", part) else None
                among = f"the words are {', '.join(self.words)}" if self.words else None
                notes.error(
                    node.place,
                    f"'{shorten(part)}' in {subject.called} is no byte in hexadecimal, from 00 to FF",
                    near or pairs or among or subject.hint,
                )
                return None
        wrong = self._wrong(found)
        if wrong is not None:
            notes.error(node.place, wrong, subject.hint)
            return None
        return tuple(found)

    def schema(self) -> Json:
        word = "|".join(["[0-9a-fA-F]{2}", *self.words])
        return {"type": "string", "pattern": f"^(?:{word})( (?:{word}))*$"}

    def _wrong(self, found: list[int | str]) -> str | None:
        first, inner = found[0], found[1:]
        if self.sysex and first != 0xF0:
            return "a SysEx message begins with F0, and this one does not"
        if not isinstance(first, int) or first < 0x80:
            return "a MIDI message begins with a byte from 80 on, and this one does not"
        if first == 0xF0:
            if found[-1] != 0xF7:
                return "a SysEx message ends with F7, and this one does not"
            inner = found[1:-1]
        elif first > 0xF0:
            return f"this begins with {first:02X}, and what can be sent is SysEx, and messages that begin with 80 to EF"
        elif len(inner) != (length := 1 if first & 0xF0 in (0xC0, 0xD0) else 2):
            after = "1 byte" if length == 1 else f"{length} bytes"
            return f"a message that begins with {first:02X} has {after} after that, and this one {len(inner)}"
        for one in inner:
            if isinstance(one, int) and one > 0x7F:
                return f"inside a message bytes go to 7F, and {one:02X} is beyond"
        if self.one and found.count(self.one) != 1:
            return (
                f"the word {self.one} stands once, in the place of the number, and here {found.count(self.one)} times"
            )
        return None


@dataclass(frozen=True, slots=True)
class ByWord:
    """A mapping of known words to values, of which some may be given."""

    words: tuple[str, ...]
    called: str
    """What a word is, with its article: `a colour`."""
    item: Any
    needed: str = ""
    """A word that must be among them."""
    why: str = ""
    """Why it must."""
    meant: Mapping[str, str] = field(default_factory=dict)
    """What people write for one of the words."""

    @property
    def what(self) -> str:
        return f"a mapping: {self.called}, a colon, {self.item.what}"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> dict[str, Given[Any]] | None:
        if not isinstance(node, nodes.Mapping) or is_nothing(node):
            refuse(node, notes, subject, self.what)
            return None
        found: dict[str, Given[Any]] = {}
        good = True
        for key, value in node.pairs:
            if not isinstance(key, nodes.Scalar):
                if not isinstance(key, nodes.Unreadable):
                    notes.error(key.place, f"a key of {subject.called} is {self.called}, not {told(key)}")
                good = False
            elif key.text not in self.words:
                meant = self.meant.get(key.text)
                notes.error(
                    key.place,
                    f"there is no {self.called.split(' ', 1)[1]} called '{shorten(key.text)}'",
                    (f"did you mean '{meant}'?" if meant else did_you_mean(key.text, self.words))
                    or f"there are {', '.join(self.words)}",
                )
                good = False
            else:
                read = self.item.read(value, notes, Subject(key.text, ""))
                good = good and read is not None
                if read is not None:
                    found[key.text] = Given(read, value.place, key.place)
        if good and self.needed and self.needed not in found and node.whole:
            notes.error(node.place, f"{subject.called} needs '{self.needed}': {self.why}", subject.hint)
            return None
        return found if good else None

    def schema(self) -> Json:
        result: Json = {
            "type": "object",
            "properties": {word: self.item.schema() for word in self.words},
            "additionalProperties": False,
        }
        return {**result, "required": [self.needed]} if self.needed else result
