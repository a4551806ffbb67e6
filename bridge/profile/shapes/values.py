"""Shapes of single values: numbers, switches, choices, text, times, ranges."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bridge.profile.durations import CUT, Duration, Unit
from bridge.profile.shapes.shape import ENVIRONMENT, FLOAT, Json, Subject, figure, refuse, resolve, shorten, span
from bridge.profile.source import nodes
from bridge.profile.source.mistakes import ENVIRONMENT_HINT
from bridge.profile.source.nodes import Node, Scalar, Unreadable
from bridge.profile.source.problems import Notes, Place, did_you_mean

_MEANT_AS_SWITCH = {"on": "true", "yes": "true", "1": "true", "off": "false", "no": "false", "0": "false"}


@dataclass(frozen=True, slots=True)
class Number:
    """A finite number, perhaps between two ends."""

    low: float | None = None
    high: float | None = None
    whole: bool = False
    above: bool = False
    """Whether `low` itself is excluded."""

    @property
    def what(self) -> str:
        noun = "a whole number" if self.whole else "a number"
        return f"{noun} above {figure(self.low or 0)}" if self.above else noun + span(self.low, self.high)

    def read(self, node: Node, notes: Notes, subject: Subject) -> float | None:
        value = resolve(node) if isinstance(node, Scalar) else None
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            refuse(node, notes, subject, self.what, _number_hint(node))
            return None
        if self.whole and value != int(value):
            notes.error(
                node.place, f"{subject.called} takes {self.what}, and {figure(value)} is not whole", subject.hint
            )
            return None
        too_low = self.low is not None and (value <= self.low if self.above else value < self.low)
        if too_low or (self.high is not None and value > self.high):
            notes.error(
                node.place,
                f"{subject.called} takes {self.what}, and {figure(value)} is outside",
                self._nearest(value) or subject.hint,
            )
            return None
        return int(value) if self.whole else float(value)

    def schema(self) -> Json:
        result: Json = {"type": "integer" if self.whole else "number"}
        if self.low is not None:
            result["exclusiveMinimum" if self.above else "minimum"] = _compact(self.low)
        if self.high is not None:
            result["maximum"] = _compact(self.high)
        return result

    def _nearest(self, value: float) -> str | None:
        if self.above:
            return None
        end = self.low if self.low is not None and value < self.low else self.high
        return None if end is None else f"the nearest it takes is {figure(end)}"


def _compact(number: float) -> float:
    return int(number) if float(number).is_integer() else number


def _number_hint(node: Node) -> str | None:
    if not isinstance(node, Scalar):
        return None
    text = node.text.strip()
    if re.fullmatch(r"[-+]?\d+,\d+", text):
        return f"decimals have a point: {text.replace(',', '.')}"
    if (percent := re.fullmatch(r"(\d+(?:\.\d+)?) ?%", text)) and float(percent[1]) <= 100:
        return f"write {figure(float(percent[1]) / 100)} for {percent[0]}"
    if not node.plain and FLOAT.fullmatch(text):
        return f"without quotes it is a number: {text}"
    return None


@dataclass(frozen=True, slots=True)
class Switch:
    """True or false, and no other word for them."""

    what: str = "true or false"

    def read(self, node: Node, notes: Notes, subject: Subject) -> bool | None:
        value = resolve(node) if isinstance(node, Scalar) else None
        if isinstance(value, bool):
            return value
        meant = _MEANT_AS_SWITCH.get(node.text.lower()) if isinstance(node, Scalar) else None
        refuse(node, notes, subject, self.what, f"write {meant}" if meant else None)
        return None

    def schema(self) -> Json:
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words."""

    options: tuple[str, ...]
    meant: Mapping[str, str] = field(default_factory=dict)
    """What people write for one of the options."""

    @property
    def what(self) -> str:
        *most, last = self.options
        return f"{', '.join(most)} or {last}" if most else last

    def read(self, node: Node, notes: Notes, subject: Subject) -> str | None:
        if isinstance(node, Scalar):
            if node.text in self.options:
                return node.text
            meant = self.meant.get(node.text.casefold())
            near = f"did you mean '{meant}'?" if meant else did_you_mean(node.text, self.options)
        else:
            near = None
        refuse(node, notes, subject, self.what, near)
        return None

    def schema(self) -> Json:
        return {"enum": list(self.options)}


@dataclass(frozen=True, slots=True)
class Text:
    """Text on one line or several, which count as one; a number is taken as its digits."""

    what: str = "text"
    environment: bool = False
    """Whether `${NAME}` in it stands for what the environment says."""

    def read(self, node: Node, notes: Notes, subject: Subject) -> str | None:
        match node:
            case Unreadable():
                return None
            case nodes.Mapping() | nodes.Sequence():
                _not_text(node, notes, subject)
                return None
            case Scalar():
                return self._scalar(node, notes, subject)

    def schema(self) -> Json:
        return {"anyOf": [{"type": "string", "pattern": r"\S"}, {"type": "number"}]}

    def _scalar(self, node: Scalar, notes: Notes, subject: Subject) -> str | None:
        comment = notes.rest_of_line(node.place).strip() if node.plain else ""
        value = resolve(node)
        if value is None or not node.text.strip():
            if comment.startswith("#"):
                notes.error(
                    _comment_place(node.place, notes),
                    f"{subject.called} has no text: everything after # is a comment",
                    f'put it in quotes: {subject.name}: "{shorten(comment)}"',
                )
            else:
                notes.error(node.place, f"{subject.called} takes {self.what}, and here is none", subject.hint)
            return None
        if isinstance(value, bool):
            notes.error(
                node.place,
                f"{subject.called} takes {self.what}, and {node.text} is a switch",
                f'in quotes it is text: "{node.text}"',
            )
            return None
        if re.match(r"#\S", comment):
            whole = f"{node.text} {comment}"
            notes.error(
                _comment_place(node.place, notes),
                f"{subject.called} ends before this #: YAML takes the rest of the line for a comment",
                f'if it belongs to the text, use quotes: "{shorten(whole, 60)}"',
                f"if it is a comment, put a space after it: # {shorten(comment[1:], 40)}",
            )
            return None
        if not self.environment and (found := ENVIRONMENT.search(node.text)):
            notes.warning(node.place, f"{found[0]} stays as it stands here", ENVIRONMENT_HINT)
        return " ".join(node.text.split())


def _comment_place(place: Place, notes: Notes) -> Place:
    line = notes.lines[place.end_line - 1]
    column = line.index("#", max(0, place.end_column - 1)) + 1
    return Place(place.end_line, column, place.end_line, len(line.rstrip()) + 1)


def _not_text(node: nodes.Mapping | nodes.Sequence, notes: Notes, subject: Subject) -> None:
    written = notes.source(node.place)
    if written[:1] in {"{", "["}:
        notes.error(
            node.place,
            f"text that begins with {written[0]} must be in quotes, because YAML gives that character a meaning",
            f'write "{shorten(written, 60)}"',
        )
    elif isinstance(node, nodes.Mapping) and node.pairs and isinstance(node.pairs[0][0], Scalar):
        key = node.pairs[0][0]
        notes.error(
            key.place,
            f"{subject.called} takes text, and YAML takes '{shorten(key.text)}' for a key because of the colon after it",
            f'put the whole text in quotes: "{shorten(written, 60)}"',
        )
    else:
        refuse(node, notes, subject, "text")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A word of a certain form, turned into a value."""

    what: str
    regex: str
    """What the whole word must match; the same in Python and in JSON Schema."""
    hints: Mapping[str, str] = field(default_factory=dict)
    """What to say to a word that matches one of these: regex to hint."""

    def read(self, node: Node, notes: Notes, subject: Subject) -> re.Match[str] | None:
        if isinstance(node, Scalar):
            text = node.text.strip()
            if found := re.fullmatch(self.regex, text):
                return found
            for regex, hint in self.hints.items():
                if near := re.fullmatch(regex, text):
                    refuse(node, notes, subject, self.what, near.expand(hint))
                    return None
        refuse(node, notes, subject, self.what)
        return None

    def schema(self) -> Json:
        return {"type": "string", "pattern": f"^(?:{self.regex})$"}


_UNITS = {
    "ms": Unit.SECONDS,
    "s": Unit.SECONDS,
    "chunk": Unit.CHUNKS,
    "chunks": Unit.CHUNKS,
    "beat": Unit.BEATS,
    "beats": Unit.BEATS,
    "bar": Unit.BARS,
    "bars": Unit.BARS,
}
_LENGTH = r"([0-9]{1,9}(?:\.[0-9]+)?) ?(ms|s|chunks?|beats?|bars?)"
_ONE = r"(beat|bar|chunk)"
_ALMOST = {
    r"([0-9.]+) ?(?:sec|secs|seconds?)": r"write \1 s",
    r"([0-9.]+) ?(?:msec|millis|milliseconds?)": r"write \1 ms",
}
_NUMBER = r"([0-9]{1,9}(?:\.[0-9]{1,9})?)"
_MINUTES = re.compile(rf"{_NUMBER} ?(?:m|min|mins|minutes?)")
_CLOCK = re.compile(r"(?:([0-9]{1,3}):)?([0-9]{1,3}):([0-9]{2}(?:\.[0-9]{1,9})?)")
_FRACTION = re.compile(r"(?:([0-9]{1,3}) +)?([0-9]{1,3}) ?/ ?([1-9][0-9]{0,2}) ?(?:of an? )?(ms|s|chunk|beat|bar)s?")


def _length_hint(text: str, cut: bool) -> str | None:
    """Return what to write for a text that is almost a time, or None."""
    if re.fullmatch(r"0+(\.0*)?", text):
        return "write cut" if cut else None
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
        return f"with its unit: {text} ms, or {text} s"
    if minutes := _MINUTES.fullmatch(text):
        return f"write {figure(60 * float(minutes[1]))} s"
    if clock := _CLOCK.fullmatch(text):
        return f"write {figure(3600 * int(clock[1] or 0) + 60 * int(clock[2]) + float(clock[3]))} s"
    if part := _FRACTION.fullmatch(text):
        unit = f"{part[4]}s" if part[4] in _UNITS and f"{part[4]}s" in _UNITS else part[4]
        return f"write {figure(int(part[1] or 0) + int(part[2]) / int(part[3]))} {unit}"
    for regex, said in _ALMOST.items():
        if near := re.fullmatch(regex, text):
            return near.expand(said)
    return None


@dataclass(frozen=True, slots=True)
class Length:
    """A duration: `cut`, `20 ms`, `2 s`, `4 chunks`, `1 beat`, `2 bars`; `bar` is 1 bar."""

    what: str = "a time like 150 ms, 2 s, 4 chunks, 1 beat or 2 bars"
    cut: bool = True
    """Whether nothing (`cut`, 0) is a good length."""

    def read(self, node: Node, notes: Notes, subject: Subject) -> Duration | None:
        text = node.text.strip() if isinstance(node, Scalar) else ""
        if text == "cut" and self.cut:
            return CUT
        if one := re.fullmatch(_ONE, text):
            return Duration(1.0, _UNITS[one[1]])
        if found := re.fullmatch(_LENGTH, text):
            amount = float(found[1]) / (1000 if found[2] == "ms" else 1)
            if amount or self.cut:
                return Duration(amount, _UNITS[found[2]])
            notes.error(node.place, f"{subject.called} takes a time, and this is none", subject.hint)
            return None
        refuse(node, notes, subject, self.what, _length_hint(text, self.cut))
        return None

    def schema(self) -> Json:
        return {"type": "string", "pattern": f"^(?:{'cut|' if self.cut else ''}{_ONE}|{_LENGTH})$"}


@dataclass(frozen=True, slots=True)
class Ends:
    """Two numbers: where something begins and where it ends."""

    rising: bool = False
    """Whether the second must be the larger one."""

    @property
    def what(self) -> str:
        return "two numbers, the lower one first" if self.rising else "two different numbers"

    def read(self, node: Node, notes: Notes, subject: Subject) -> tuple[float, float] | None:
        if not isinstance(node, nodes.Sequence) or len(node.items) != 2:
            hint = None
            if isinstance(node, nodes.Sequence) and len(node.items) == 4:
                texts = [item.text for item in node.items if isinstance(item, Scalar)]
                if all(text.isdigit() for text in texts) and len(texts) == 4:
                    hint = f"decimals have a point: [{texts[0]}.{texts[1]}, {texts[2]}.{texts[3]}]"
            elif isinstance(node, Scalar) and (
                found := re.fullmatch(r"(-?[0-9.]+) ?(?:\.\.+|-|to|bis|,|;|:) ?(-?[0-9.]+)", node.text.strip())
            ):
                hint = f"write [{found[1]}, {found[2]}]"
            if isinstance(node, nodes.Sequence):
                notes.error(
                    node.place, f"{subject.called} takes two numbers, not {len(node.items)}", hint, subject.hint
                )
            else:
                refuse(node, notes, subject, "two numbers", hint)
            return None
        number = Number()
        first, second = (number.read(item, notes, Subject(subject.name, "")) for item in node.items)
        if first is None or second is None:
            return None
        if first == second:
            notes.error(
                node.place,
                f"{subject.called} begins and ends at {figure(first)}: there is no way between",
                subject.hint,
            )
            return None
        if self.rising and first > second:
            notes.error(
                node.place,
                f"{subject.called} takes the lower end first",
                f"write [{figure(second)}, {figure(first)}]",
            )
            return None
        return first, second

    def schema(self) -> Json:
        return {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2, "uniqueItems": True}


@dataclass(frozen=True, slots=True)
class Anything:
    """Any value, as Scope's JSON will carry it."""

    what: str = "any value"

    def read(self, node: Node, notes: Notes, subject: Subject) -> Any:
        """Return the value; `Absent` stands for what could not be read, because None is a value here."""
        match node:
            case Unreadable():
                return Absent
            case Scalar():
                value = resolve(node)
                if isinstance(value, float) and not math.isfinite(value):
                    notes.error(node.place, f"{subject.called} takes any value but infinite ones")
                    return Absent
                return value
            case nodes.Sequence():
                items = [self.read(item, notes, subject) for item in node.items]
                return Absent if Absent in items else items
            case nodes.Mapping():
                result = {}
                for key, item in node.pairs:
                    if not isinstance(key, Scalar):
                        refuse(key, notes, Subject("a key", ""), "text")
                        return Absent
                    result[key.text] = self.read(item, notes, Subject(key.text, ""))
                return Absent if Absent in result.values() else result

    def schema(self) -> Json:
        return {}


class Absent:
    """Stands for a value that could not be read where every value, even nothing, would be good."""
