"""Shapes made of others: keys with a description and an example, lists, and mappings of both kinds."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic

from bridge.profile.shapes.shape import Json, Shape, Subject, T, is_nothing, refuse, resolve, shorten, told
from bridge.profile.shapes.slips import with_commas, with_space
from bridge.profile.shapes.values import Absent, Anything
from bridge.profile.source import nodes
from bridge.profile.source.compose import compose
from bridge.profile.source.nodes import Node, Scalar, Unreadable
from bridge.profile.source.problems import Notes, Place, did_you_mean


@dataclass(frozen=True, slots=True)
class Given(Generic[T]):
    """A value that was read, and where."""

    value: T
    place: Place
    """Where the value stands."""
    key: Place
    """Where its key stands; for an item of a list, the item itself."""


Fields = Mapping[str, Given[Any]]
"""What a `Record` read: by key, only what was given and could be read."""


def section_of(fields: Fields, name: str) -> Mapping[str, Any]:
    """Return what was read under a key that holds a mapping; an empty one if nothing was."""
    return fields[name].value if name in fields else {}


def value_of(fields: Fields, name: str, otherwise: Any = None) -> Any:
    """Return what was read under a key, or `otherwise`."""
    return fields[name].value if name in fields else otherwise


@dataclass(frozen=True, slots=True)
class ListOf(Generic[T]):
    """A list of one kind of things, at least one."""

    item: Shape[T]
    plural: str
    empty: bool = False
    """Whether the list may have no item."""
    distinct: bool = False
    """Whether an item may come only once."""

    @property
    def what(self) -> str:
        return f"a list of {self.plural}"

    def read(self, node: Node, notes: Notes, subject: Subject) -> list[Given[T]] | None:
        if not isinstance(node, nodes.Sequence):
            alone = isinstance(node, Scalar) and resolve(node) is not None and " -> " not in node.text
            written = f"write {subject.name}: [{shorten(node.text)}]" if alone and isinstance(node, Scalar) else None
            refuse(node, notes, subject, self.what, written)
            return None
        if not node.items and not self.empty:
            notes.error(node.place, f"{subject.called} takes {self.what}, and this one is empty", subject.hint)
            return None
        found: list[Given[T]] = []
        for item in node.items:
            value = self.item.read(item, notes, subject)
            if value is None:
                continue
            first = next((one for one in found if one.value == value), None) if self.distinct else None
            if first is None:
                found.append(Given(value, item.place, item.place))
            else:
                notes.error(
                    item.place,
                    f"'{shorten(str(value))}' is among the {self.plural} of {subject.called} twice",
                    "delete one",
                    elsewhere=first.place,
                )
        return found

    def schema(self) -> Json:
        result: Json = {"type": "array", "items": self.item.schema()}
        if self.distinct:
            result["uniqueItems"] = True
        return result if self.empty else {**result, "minItems": 1}


@dataclass(frozen=True, slots=True)
class Field(Generic[T]):
    """One key: its name, what it holds, what that means."""

    name: str
    shape: Shape[T]
    about: str
    """What it is for: a sentence or two, for the reference and the editor."""
    example: str
    """A value to paste, in YAML."""
    default: str = ""
    """What holds without it, in words; empty where nothing does."""
    required: bool = False

    @property
    def subject(self) -> Subject:
        """What this field is called in sentences."""
        return Subject(self.name, self.example)

    def schema(self) -> Json:
        """Return the field's JSON Schema with its description and example."""
        example = Anything().read(example_node(self.example), Notes([self.example]), self.subject)
        about = f"{self.about} Without it: {self.default}." if self.default else self.about
        return {**self.shape.schema(), "description": about, "examples": [example]}


def example_node(text: str) -> Node:
    """Return the node of an example value that is our own."""
    root = compose(f"example: {text}", Notes([f"example: {text}"]))
    assert isinstance(root, nodes.Mapping), f"an example that is no YAML: {text}"
    return root.pairs[0][1]


def decimal_comma(key: Scalar, value: Node, notes: Notes) -> bool:
    """Note that a key is the rest of a number like 0,4; return whether it is."""
    if not (re.fullmatch(r"\d+", key.text) and is_nothing(value)):
        return False
    notes.error(
        key.place,
        f"this {key.text} stands alone, because a comma separates entries",
        f"decimals have a point: 0.{key.text}",
    )
    return True


def entries(node: nodes.Mapping, notes: Notes, called: str) -> Iterator[tuple[Scalar, Node]]:
    """Yield keys and values; note each key that is not a plain name."""
    for key, value in node.pairs:
        if isinstance(key, Scalar):
            yield key, value
        elif not isinstance(key, Unreadable):
            notes.error(key.place, f"a key of {called} is a name, not {told(key)}")


@dataclass(frozen=True, slots=True)
class Record:
    """A mapping with known keys."""

    called: str
    """What it is, with its article: `a route`."""
    fields: tuple[Field[Any], ...]
    open: bool = False
    """Whether other keys are passed on as they are; what is near a known one gets a warning."""
    aliases: Mapping[str, str] = field(default_factory=dict)
    """What people write for a key of another name."""

    @property
    def what(self) -> str:
        names = [one.name for one in self.fields]
        return f"a mapping of {', '.join(names)}" if len(names) > 1 else f"a mapping with {names[0]}"

    def read(self, node: Node, notes: Notes, subject: Subject) -> Fields | None:
        if self._may_be_empty and is_nothing(node):
            return {}
        known = {one.name: one for one in self.fields}
        node = with_space(node, known.__contains__, notes)
        if not isinstance(node, nodes.Mapping):
            refuse(node, notes, subject, self.what)
            return None
        node = with_commas(
            node,
            notes,
            lambda name: name in known or name in self.aliases,
            lambda name: known[name].shape if name in known else None,
        )
        found: dict[str, Given[Any]] = {}
        unreadable = False
        for key, value in entries(node, notes, self.called):
            name = key.text
            if name in known:
                read = known[name].shape.read(value, notes, known[name].subject)
                if read is None or read is Absent:
                    unreadable = True
                else:
                    found[name] = Given(read, value.place, key.place)
            elif self.open:
                self._other(key, value, known, found, notes)
            else:
                unreadable = True
                self._unknown(key, value, known, notes)
        if not unreadable:
            for one in self.fields:
                if one.required and one.name not in found:
                    if node.whole:
                        self._missing(one, node, notes)
                    return None
        return None if unreadable and any(one.required and one.name not in found for one in self.fields) else found

    def schema(self) -> Json:
        result: Json = {
            "type": ["object", "null"] if self._may_be_empty else "object",
            "properties": {one.name: one.schema() for one in self.fields},
            "additionalProperties": self.open,
        }
        required = [one.name for one in self.fields if one.required]
        return {**result, "required": required} if required else result

    @property
    def _may_be_empty(self) -> bool:
        """Whether nothing needs to be given: then neither does the mapping, as where all of it is commented out."""
        return not any(one.required for one in self.fields)

    def _other(
        self, key: Scalar, value: Node, known: Mapping[str, Field[Any]], found: dict[str, Given[Any]], notes: Notes
    ) -> None:
        near = self.aliases.get(key.text)
        hint = f"did you mean '{near}'?" if near else did_you_mean(key.text, known)
        if hint is not None:
            notes.warning(
                key.place,
                f"Scope ignores what it does not know, and '{key.text}' may be such a key",
                hint,
                misspelt=True,
            )
        read = Anything().read(value, notes, Subject(key.text, ""))
        if read is not Absent:
            found[key.text] = Given(read, value.place, key.place)

    def _missing(self, one: Field[Any], node: Node, notes: Notes) -> None:
        # What is missing has no place: the beginning of what lacks it is marked.
        line = node.place.line
        width = len(notes.lines[line - 1].rstrip()) + 1
        end = node.place.end_column if node.place.end_line == line else width
        notes.error(
            Place(line, node.place.column, line, end),
            f"{self.called} needs the key '{one.name}'",
            one.subject.hint,
        )

    def _unknown(self, key: Scalar, value: Node, known: Mapping[str, Field[Any]], notes: Notes) -> None:
        name = key.text
        if decimal_comma(key, value, notes):
            return
        if glued := re.fullmatch(r"([A-Za-z_]+):(.+)", name):
            notes.error(key.place, "a space is missing after the colon", f"write {glued[1]}: {glued[2]}")
            return
        near = self.aliases.get(name)
        if near is None:
            hint = did_you_mean(name, known)
            near = hint.split("'")[1] if hint else None
        else:
            hint = f"did you mean '{near}'?"
        notes.error(
            key.place,
            f"there is no key '{shorten(name)}' in {self.called}",
            hint or f"{self.called} has {', '.join(known)}",
            known[near].subject.hint if near else None,
        )


@dataclass(frozen=True, slots=True)
class Table(Generic[T]):
    """A mapping whose keys are names that the profile gives."""

    called: str
    """What one entry is, with its article: `an input`."""
    item: Shape[T]
    name: str = r"[^/{}\[\]*]+"
    """What a name must match, whole."""
    name_rule: str = "a name has no / * { } [ ]"
    reserved: Mapping[str, str] = field(default_factory=dict)
    """Names that cannot be given, with the reason."""
    examples: str = ""

    @property
    def what(self) -> str:
        return f"a mapping: the name of {self.called}, a colon, {self.item.what}"

    def read(self, node: Node, notes: Notes, subject: Subject) -> dict[str, Given[T]] | None:
        if is_nothing(node):
            return {}
        if not isinstance(node, nodes.Mapping):
            refuse(node, notes, subject, self.what)
            return None
        node = with_commas(node, notes, shape_of=lambda _: self.item)
        found: dict[str, Given[T]] = {}
        for key, value in entries(node, notes, subject.name):
            name = key.text
            if name in self.reserved:
                notes.error(
                    key.place,
                    f"{self.called} cannot be called '{name}': {self.reserved[name]}",
                    f"give it another name, like 'my {name}'",
                )
            elif not re.fullmatch(self.name, name) or name != name.strip():
                notes.error(
                    key.place,
                    f"{self.called} cannot be called '{shorten(name)}': {self._against(name)}"
                    if name.strip()
                    else f"{self.called} needs a name, and this one is empty",
                    f"for example: {subject.name}: {subject.example}" if subject.example else None,
                )
            else:
                read = self.item.read(value, notes, Subject(name, self.examples))
                if read is not None:
                    found[name] = Given(read, value.place, key.place)
        return found

    def _against(self, name: str) -> str:
        """Return what a name breaks."""
        return self.name_rule if name == name.strip() else "a name neither begins nor ends with a space"

    def schema(self) -> Json:
        names: Json = {"pattern": f"^(?:{self.name})$"}
        if self.reserved:
            names = {**names, "not": {"enum": list(self.reserved)}}
        return {"type": ["object", "null"], "additionalProperties": self.item.schema(), "propertyNames": names}
