"""Shapes of what has a kind: an input is `osc:` or `midi:` or …, exactly one of them, and has the keys of its kind.

What is said in a word where nothing else is to be said of it is here too: `gone: loop`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bridge.profile.shapes.shape import Json, Subject, is_nothing, refuse, resolve
from bridge.profile.shapes.slips import with_space
from bridge.profile.shapes.structures import Fields, Given, Record
from bridge.profile.shapes.values import Switch
from bridge.profile.source import nodes
from bridge.profile.source.problems import Notes, Place, did_you_mean


@dataclass(frozen=True, slots=True)
class OneKind:
    """A mapping in which one of some keys says what it is, and others belong to some kinds only."""

    record: Record
    kinds: Mapping[str, str]
    """The keys of which one is given, with what they make of it: `an OSC input`."""
    belongs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Keys that not every kind has: to the kinds that have them."""
    both: str = "keep one of them; to have both, write two, each under a name of its own"
    """What to do where two kinds are given."""

    @property
    def what(self) -> str:
        return f"a mapping with {self._one_of}"

    @property
    def _one_of(self) -> str:
        *most, last = self.kinds
        return f"{', '.join(most)} or {last}"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> Fields | None:
        node = with_space(node, self._known.__contains__, notes)
        if not isinstance(node, nodes.Mapping) or is_nothing(node):
            refuse(node, notes, subject, self.what)
            return None
        fields = self.record.read(node, notes, subject)
        if fields is None:
            return None
        keys = [key for key, _ in node.pairs if isinstance(key, nodes.Scalar)]
        given = [key for key in keys if key.text in self.kinds]
        if len(given) > 1:
            first, second = given[:2]
            notes.error(
                second.place,
                f"{subject.called} is '{first.text}' already and cannot be '{second.text}' too",
                self.both,
                elsewhere=first.place,
            )
            return None
        if not given:
            if node.whole and len(keys) == len(node.pairs) and all(key.text in self._known for key in keys):
                self._missing(node, notes, subject)
            return None
        kind = given[0].text
        if kind not in fields:
            return None
        return {name: one for name, one in fields.items() if self._fits(name, one.key, kind, notes)}

    def schema(self) -> Json:
        return {**self.record.schema(), "type": "object", "oneOf": [{"required": [kind]} for kind in self.kinds]}

    @property
    def _known(self) -> set[str]:
        return {one.name for one in self.record.fields}

    def _fits(self, name: str, place: Place, kind: str, notes: Notes) -> bool:
        able = self.belongs.get(name)
        if able is None or kind in able:
            return True
        *most, last = (self.kinds[one] for one in able)
        of = f"{', '.join(most)} or {last}" if most else last
        notes.error(
            place,
            f"'{name}' is a key of {of}, and this is {self.kinds[kind]}",
            "take it out",
        )
        return False

    def _missing(self, node: nodes.Mapping, notes: Notes, subject: Subject) -> None:
        line = node.place.line
        end = node.place.end_column if node.place.end_line == line else len(notes.lines[line - 1].rstrip()) + 1
        notes.error(
            Place(line, node.place.column, line, end),
            f"{self.record.called} needs to say what it is: {self._one_of}",
            subject.hint or self.record.fields[0].subject.hint,
        )


@dataclass(frozen=True, slots=True)
class InAWord:
    """A mapping, or a word that stands for one: `gone: loop` is `gone: {show: loop}`."""

    whole: Record | OneKind
    words: Mapping[str, Mapping[str, Any]]
    """By the word: the keys of the mapping that it stands for, with their values as they are read."""
    meant: Mapping[str, str] = field(default_factory=dict)
    """What to say of words that are none, because more is to be said."""

    @property
    def record(self) -> Record:
        """The keys of the mapping."""
        return self.whole if isinstance(self.whole, Record) else self.whole.record

    @property
    def what(self) -> str:
        *most, last = self.words
        return f"{', '.join(most)} or {last}, or {self.whole.what}"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> Fields | None:
        node = with_space(node, {one.name for one in self.record.fields}.__contains__, notes)
        if not isinstance(node, nodes.Scalar) or resolve(node) is None:
            return self.whole.read(node, notes, subject)
        if node.text in self.words:
            return {key: Given(value, node.place, node.place) for key, value in self.words[node.text].items()}
        near = self.meant.get(node.text) or did_you_mean(node.text, self.words)
        refuse(node, notes, subject, self.what, near)
        return None

    def schema(self) -> Json:
        return {"anyOf": [{"enum": list(self.words)}, self.whole.schema()]}


@dataclass(frozen=True, slots=True)
class Yes:
    """True: what is not wanted is left out."""

    what: str = "true"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> bool | None:
        value = Switch("true").read(node, notes, subject)
        if value is False:
            notes.error(node.place, f"{subject.called} takes true", "if it is not wanted, take it out")
        return value or None

    def schema(self) -> Json:
        return {"const": True}
