"""Shapes of filters: a value in one word, or a mapping with more; numbers in a row; an expression of x."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final, Generic

from bridge.profile.expressions import LONGEST, ExpressionError, parse
from bridge.profile.shapes.shape import Json, Shape, Subject, T, figure, is_nothing, refuse, resolve, shorten
from bridge.profile.shapes.structures import Fields, Given, Record
from bridge.profile.shapes.values import Ends, Length, Number, Text
from bridge.profile.source import nodes
from bridge.profile.source.problems import Notes, Place


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why values that are good each by itself do not go together."""

    message: str
    hint: str
    key: str = ""
    """The key whose value is at fault; empty: all of it."""


@dataclass(frozen=True, slots=True)
class Form(Generic[T]):
    """A value in one word, a mapping with more, or nothing at all: `edge`, `edge: 0.3`, `edge: {threshold: 0.3}`."""

    what: str
    make: Callable[[Fields], T | Wrong]
    """What the keys that were given mean together."""
    record: Record | None = None
    """The keys of a mapping; None: it cannot be one."""
    short: Shape[Any] | None = None
    """What stands there without a mapping."""
    key: str = ""
    """The key that a value without a mapping stands for."""
    words: Shape[Any] | None = None
    """What stands there if it is a word and no number."""
    word_key: str = ""
    bare: bool = False
    """Whether the name alone, or `true`, is enough."""
    hints: Mapping[str, Callable[[re.Match[str]], str]] = field(default_factory=dict)
    """What to say to a text that is nearly right, by its regular expression."""

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> T | None:
        if self.bare and isinstance(node, nodes.Scalar):
            if is_nothing(node) or resolve(node) is True:
                return self._made({}, node.place, notes)
            if resolve(node) is False:
                notes.error(node.place, f"{subject.called} takes true", "if it is not wanted, take it out")
                return None
        if isinstance(node, nodes.Mapping) and self.record is not None:
            fields = self.record.read(node, notes, subject)
            if fields is None:
                return None
            if len(fields) < len(node.pairs) and isinstance(self.make(fields), Wrong):
                return None  # what is missing or odd may come of the key that could not be read
            return self._made(fields, node.place, notes)
        shape, key = self.short, self.key
        if isinstance(node, nodes.Scalar):
            for regex, say in self.hints.items():
                if near := re.fullmatch(regex, node.text.strip()):
                    refuse(node, notes, subject, self.what, say(near))
                    return None
            if self.words is not None and isinstance(resolve(node), str):
                shape, key = self.words, self.word_key
        if isinstance(node, nodes.Sequence) and not isinstance(shape, Row | Items | Ends):
            shape = None
        if shape is None or isinstance(node, nodes.Mapping) or (isinstance(node, nodes.Scalar) and is_nothing(node)):
            refuse(node, notes, subject, self.what)
            return None
        value = shape.read(node, notes, subject)
        return None if value is None else self._made({key: Given(value, node.place, node.place)}, node.place, notes)

    def schema(self) -> Json:
        forms = [one.schema() for one in (self.short, self.words, self.record) if one is not None]
        if self.bare:
            forms.append({"enum": [True, None]})
        return forms[0] if len(forms) == 1 else {"anyOf": forms}

    def _made(self, fields: Fields, place: Place, notes: Notes) -> T | None:
        made = self.make(fields)
        if isinstance(made, Wrong):
            notes.error(fields[made.key].place if made.key in fields else place, made.message, made.hint)
            return None
        return made


@dataclass(frozen=True, slots=True)
class Row:
    """Numbers in a row: so many, each higher than the one before or not."""

    least: int = 2
    low: float | None = None
    high: float | None = None
    rising: bool = True
    exactly: bool = False
    """Whether there are `least` of them and no more."""

    @property
    def what(self) -> str:
        one = Number(self.low, self.high).what.removeprefix("a number")
        many = f"{self.least} numbers" if self.exactly else f"{self.least} or more numbers"
        many = "a list of numbers" if self.least == 1 else many
        return f"{many}{one}{', each higher than the one before' if self.rising else ''}"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> tuple[float, ...] | None:
        if not isinstance(node, nodes.Sequence):
            refuse(node, notes, subject, self.what)
            return None
        count = len(node.items)
        if count < self.least or (self.exactly and count != self.least):
            notes.error(node.place, f"{subject.called} takes {self.what}, and here {_are(count)}", subject.hint)
            return None
        number = Number(self.low, self.high)
        found = [number.read(item, notes, Subject(subject.name, "")) for item in node.items]
        numbers = [one for one in found if one is not None]
        if len(numbers) < count:
            return None
        for item, (before, after) in zip(node.items[1:], pairwise(numbers), strict=True):
            if self.rising and after <= before:
                ordered = sorted(set(numbers))
                notes.error(
                    item.place,
                    f"{subject.called} rises from one number to the next, and {figure(after)} comes after "
                    f"{figure(before)}",
                    f"write [{', '.join(map(figure, ordered))}]" if len(ordered) >= self.least else subject.hint,
                )
                return None
        return tuple(numbers)

    def schema(self) -> Json:
        result: Json = {"type": "array", "items": Number(self.low, self.high).schema(), "minItems": self.least}
        if self.rising:
            result["uniqueItems"] = True
        return {**result, "maxItems": self.least} if self.exactly else result


def _are(count: int) -> str:
    return {0: "is none", 1: "is one"}.get(count, f"are {count}")


_WAY: Final = Number(0, 1)
TIME: Final = Length(cut=False)
"""A time that is not nothing."""


@dataclass(frozen=True, slots=True)
class Corners:
    """Points that straight lines join: `[[0, 0], [0.3, 0.8], [1, 1]]`, from the beginning of the way to its end."""

    what: str = "a list of points like [[0, 0], [0.3, 0.8], [1, 1]]"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> tuple[tuple[float, float], ...] | None:
        if not isinstance(node, nodes.Sequence):
            refuse(node, notes, subject, self.what)
            return None
        if node.items and all(isinstance(item, nodes.Scalar) for item in node.items):
            texts = [item.text for item in node.items if isinstance(item, nodes.Scalar)]
            pairs = ", ".join(f"[{x}, {y}]" for x, y in zip(texts[::2], texts[1::2], strict=False))
            even = len(texts) % 2 == 0
            notes.error(
                node.place,
                "each point of a curve is a list of its own, x and y, and here stand numbers alone",
                f"write [{shorten(pairs, 60)}]" if even else subject.hint,
            )
            return None
        if len(node.items) < 2:
            notes.error(
                node.place, f"{subject.called} takes two or more points, and here {_are(len(node.items))}", subject.hint
            )
            return None
        found = [self._point(item, notes) for item in node.items]
        points = [point for point in found if point is not None]
        if len(points) < len(found):
            return None
        for item, (before, after) in zip(node.items[1:], pairwise(points), strict=True):
            if after[0] <= before[0]:
                notes.error(
                    item.place,
                    f"the points of a curve go from left to right, and {figure(after[0])} comes after "
                    f"{figure(before[0])}",
                    "sort them by their first number",
                )
                return None
        for item, x, end in ((node.items[0], points[0][0], 0), (node.items[-1], points[-1][0], 1)):
            if x != end:
                notes.error(
                    item.place,
                    f"the {'last' if end else 'first'} point of a curve is at {end}, the {'end' if end else 'beginning'}"
                    f" of the way, and this one is at {figure(x)}",
                    subject.hint,
                )
                return None
        return tuple(points)

    def schema(self) -> Json:
        point: Json = {"type": "array", "items": _WAY.schema(), "minItems": 2, "maxItems": 2}
        return {"type": "array", "items": point, "minItems": 2}

    def _point(self, node: nodes.Node, notes: Notes) -> tuple[float, float] | None:
        if not isinstance(node, nodes.Sequence) or len(node.items) != 2:
            refuse(node, notes, Subject("a point of the curve", ""), "two numbers, like [0.3, 0.8]")
            return None
        x, y = (_WAY.read(item, notes, Subject("a point of the curve", "")) for item in node.items)
        return None if x is None or y is None else (x, y)


@dataclass(frozen=True, slots=True)
class Formula:
    """An expression of `x`, the value that comes in."""

    what: str = "an expression of x, like x * 2 + 0.1"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> str | None:
        if not isinstance(node, nodes.Scalar) or is_nothing(node):
            refuse(node, notes, subject, self.what)
            return None
        try:
            return parse(node.text).text
        except ExpressionError as error:
            message, _, hint = str(error).partition("; ")
            notes.error(_inside(node, error.offset, notes), message, hint or subject.hint)
            return None

    def schema(self) -> Json:
        return {"anyOf": [{"type": "string", "pattern": r"\S", "maxLength": LONGEST}, {"type": "number"}]}


def _inside(node: nodes.Scalar, offset: int, notes: Notes) -> Place:
    """Return the place of what stands at an offset of a text; all of it where that cannot be told."""
    place = node.place
    column = place.column + offset + (not node.plain)
    line = notes.lines[place.line - 1]
    begin = place.column - 1 + (not node.plain)
    if place.line != place.end_line or line[begin : begin + len(node.text)] != node.text:
        return place
    word = re.match(r"\w+|\*\*|//|\S", node.text[offset:])
    return Place(place.line, column, place.line, column + (len(word[0]) if word else 1))


@dataclass(frozen=True, slots=True)
class Items:
    """Two or more numbers, or two or more texts: of both together, all are text."""

    what: str = "a list of two or more, like [reef, neon, ember]"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> tuple[float | str, ...] | None:
        if not isinstance(node, nodes.Sequence):
            alone = isinstance(node, nodes.Scalar) and re.split(r"\s*[,/|]\s*", node.text.strip())
            refuse(node, notes, subject, self.what, f"write [{', '.join(alone)}]" if alone and len(alone) > 1 else None)
            return None
        if len(node.items) < 2:
            notes.error(
                node.place, f"{subject.called} takes {self.what}, and here {_are(len(node.items))}", subject.hint
            )
            return None
        if all(isinstance(item, nodes.Scalar) and _is_number(resolve(item)) for item in node.items):
            numbers = [Number().read(item, notes, subject) for item in node.items]
            return tuple(one for one in numbers if one is not None) if None not in numbers else None
        texts = [Text().read(item, notes, subject) for item in node.items]
        return tuple(one for one in texts if one is not None) if None not in texts else None

    def schema(self) -> Json:
        return {"type": "array", "items": Text().schema(), "minItems": 2}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


@dataclass(frozen=True, slots=True)
class OneOf:
    """A record of which exactly one key is given."""

    record: Record

    @property
    def what(self) -> str:
        return self.record.what

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> Fields | None:
        fields = self.record.read(node, notes, subject)
        if fields is None or not isinstance(node, nodes.Mapping):
            return None
        names: Collection[str] = [one.name for one in self.record.fields]
        given = [key for key, _ in node.pairs if isinstance(key, nodes.Scalar) and key.text in names]
        if len(given) > 1:
            notes.error(
                given[1].place,
                f"{subject.called} is '{given[0].text}' already and cannot be '{given[1].text}' too",
                "delete one",
                elsewhere=given[0].place,
            )
            return None
        if not given and not node.pairs:
            notes.error(node.place, f"{subject.called} needs one of {', '.join(names)}", subject.hint)
        return fields or None

    def schema(self) -> Json:
        return {**self.record.schema(), "type": "object", "minProperties": 1, "maxProperties": 1}
