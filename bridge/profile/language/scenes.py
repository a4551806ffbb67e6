"""What `scenes:`, `cues:`, `start:` and `safe:` can be, as they are written. What they become is in `building.scenes`.

    scenes:
      intro: {noise_scale: 0.3, prompt: reef}
      drop:  {fade: 2 bars, curve: s, set: {noise_scale: {to: 0.8, fade: 4 s}, prompt: neon}}
    cues:
      doors: {scene: intro}
      first: {scene: drop, wait: 4 bars, follow: 8 bars}

Values are kept as they stand: what one may be is known once the names of the whole profile are.
"""

import re
from dataclasses import dataclass, replace
from typing import Any, Final

from bridge.profile.durations import Duration
from bridge.profile.filters import Curve
from bridge.profile.language.filters.shape import CurveShape
from bridge.profile.shapes.shape import Json, Subject, is_nothing, refuse, shorten, told
from bridge.profile.shapes.slips import with_commas, with_space
from bridge.profile.shapes.structures import Field, Given, Record, Table
from bridge.profile.shapes.values import Length, Text
from bridge.profile.source import nodes
from bridge.profile.source.problems import Notes, did_you_mean
from bridge.profile.targets import lookup
from bridge.profile.targets.names import TYPOGRAPHIC, without_typographic_quotes

NAME: Final = r"[^/{}\[\]*]+"
"""What the name of a scene, cue, page or prompt must match, whole: it becomes part of a target."""


_TARGET: Final = re.compile(lookup.regex_of_all())


def _is_target(name: str) -> bool:
    return _TARGET.fullmatch(name) is not None


@dataclass(frozen=True, slots=True)
class Time:
    """How long something in a show takes, where a bare number could be bars as well as seconds."""

    what: str = "a time like 2 s, 4 chunks, 1 beat or 2 bars"
    cut: bool = True
    """Whether nothing (`cut`) is a good time."""

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> Duration | None:
        text = node.text.strip() if isinstance(node, nodes.Scalar) else ""
        if text.replace(".", "", 1).isdigit() and text.strip("0."):
            refuse(node, notes, subject, self.what, f"with its unit: {text} bars, or {text} s")
            return None
        return Length(self.what, self.cut).read(node, notes, subject)

    def schema(self) -> Json:
        return Length(self.what, self.cut).schema()


@dataclass(frozen=True, slots=True)
class FadeCurve:
    """How a fade runs."""

    @property
    def what(self) -> str:
        return CurveShape().what

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> Curve | None:
        if isinstance(node, nodes.Scalar) and node.text == "linear":
            notes.error(node.place, "a fade runs evenly by itself", "take the curve out, or use s, exp or log")
            return None
        return CurveShape().read(node, notes, subject)

    def schema(self) -> Json:
        return CurveShape().schema()


@dataclass(frozen=True, slots=True)
class Values:
    """Targets with their values; each is read by what its target takes, once all names are known."""

    what: str = "a mapping: targets with their values"
    start: bool = False
    """Whether a show starts with them: then no value has a time of its own."""

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> nodes.Mapping | None:
        node = _repaired(node, notes)
        if isinstance(node, nodes.Mapping):
            return node
        if is_nothing(node):
            return nodes.Mapping(node.place, ())
        refuse(node, notes, subject, self.what, _as_values(node, subject))
        return None

    def schema(self) -> Json:
        result = lookup.values_schema(start=self.start)
        if self.start:
            return result
        # A mapping with `to` is a value with a time, whatever the target; what may stand there is the reading's matter.
        timed: Json = {"type": "object", "required": ["to"]}
        for table in ("properties", "patternProperties"):
            result[table] = {
                name: {"description": value["description"], "examples": value["examples"], "if": timed, "else": value}
                for name, value in result[table].items()
            }
        return {**result, "allOf": [{"additionalProperties": {"if": timed, "then": VALUE.schema()}}]}


def _repaired(node: nodes.Node, notes: Notes) -> nodes.Node:
    """Return values with the missing spaces and quotes in them that are sure to be meant, after noting these."""
    if not isinstance(node, nodes.Mapping):
        return with_space(node, _is_target, notes)
    pairs = []
    for written, value in node.pairs:
        key = _without_quotes(written, notes)
        entry = with_space(key, _is_target, notes) if isinstance(value, nodes.Scalar) and not value.text else key
        pairs.append(entry.pairs[0] if isinstance(entry, nodes.Mapping) else (key, value))
    return with_commas(replace(node, pairs=tuple(pairs)), notes, _is_target)


def _without_quotes(key: nodes.Node, notes: Notes) -> nodes.Node:
    """Return a key without the typographic quotes around it, after noting them."""
    if not isinstance(key, nodes.Scalar) or not (plain := without_typographic_quotes(key.text)):
        return key
    notes.error(key.place, TYPOGRAPHIC, f"write {shorten(plain, 80)}")
    return replace(key, text=plain)


def _as_values(node: nodes.Node, subject: Subject) -> str | None:
    """Return how to write what stands in a list as the mapping that it should be."""
    if not isinstance(node, nodes.Sequence):
        return None
    pairs = [pair for item in node.items if isinstance(item, nodes.Mapping) for pair in item.pairs]
    written = [
        f"{key.text}: {value.text}"
        for key, value in pairs
        if isinstance(key, nodes.Scalar) and isinstance(value, nodes.Scalar)
    ]
    return f"write {subject.name}: {{{shorten(', '.join(written), 60)}}}" if written else None


@dataclass(frozen=True, slots=True)
class AsItStands:
    """Anything, left for later."""

    what: str = "the value"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> nodes.Node | None:
        return None if isinstance(node, nodes.Unreadable) else node

    def schema(self) -> Json:
        return {}


VALUE = Record(
    "a value with a time",
    (
        Field("to", AsItStands(), "The value, as the target takes it.", "0.8", required=True),
        Field("fade", Time(), "How long this value takes to get there.", "4 s", default="the scene's own"),
        Field("curve", FadeCurve(), "How it gets there.", "exp", default="the scene's own"),
    ),
    aliases={"value": "to", "time": "fade", "over": "fade", "in": "fade"},
)
"""`to` is read by what the target takes."""

SCENE = Record(
    "a scene with a time",
    (
        Field(
            "fade",
            Time(),
            "How long the values take: numbers go there, the prompt fades; what is on or off, or a choice, changes at "
            "once.",
            "2 bars",
            default="cut",
        ),
        Field("curve", FadeCurve(), "How the numbers go: `s` starts and ends slowly.", "s", default="evenly"),
        Field(
            "set",
            Values(),
            "Targets with their values; a value may be `{to: 0.8, fade: 4 s, curve: exp}`.",
            "{noise_scale: 0.8, prompt: neon}",
            required=True,
        ),
    ),
    aliases={"values": "set", "time": "fade", "in": "fade"},
)
_LONG = tuple(one.name for one in SCENE.fields)


@dataclass(frozen=True, slots=True)
class Written:
    """A scene as it stands in the file."""

    values: nodes.Mapping
    fade: Given[Duration] | None = None
    curve: Given[Curve] | None = None


def is_long(node: nodes.Mapping) -> bool:
    """Return whether a scene has a time and `set`, as against one that is its values."""
    return any(isinstance(key, nodes.Scalar) and key.text in _LONG for key, _ in node.pairs)


@dataclass(frozen=True, slots=True)
class SceneShape:
    """Targets with their values, or these in `set` beside a fade."""

    what: str = "targets with their values, or a mapping of fade, curve, set"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> Written | None:
        node = with_space(node, _is_target, notes)
        if isinstance(node, nodes.Mapping) and is_long(node):
            return self._long(node, notes, subject)
        if not isinstance(node, nodes.Mapping) and not is_nothing(node):
            refuse(node, notes, subject, self.what, _as_values(node, subject))
            return None
        values = Values().read(node, notes, subject)
        return None if values is None else Written(values)

    def schema(self) -> Json:
        return {"anyOf": [SCENE.schema(), Values().schema()]}

    def _long(self, node: nodes.Mapping, notes: Notes, subject: Subject) -> Written | None:
        """Read a scene with a fade. Values that stand beside it, instead of in `set`, are one mistake, not many."""
        stray = [pair for pair in node.pairs if _stray(pair[0])]
        if stray:
            key, value = stray[0]
            said = next(one.text for one, _ in node.pairs if isinstance(one, nodes.Scalar) and one.text in _LONG)
            entry = f"{_text(key)}: {value.text}" if isinstance(value, nodes.Scalar) else f"{_text(key)}: …"
            notes.error(
                key.place,
                f"'{shorten(_text(key))}' stands beside '{said}', and in a scene with a time the values are in 'set'",
                f"write set: {{{entry}}}",
            )
            pairs = tuple(pair for pair in node.pairs if not _stray(pair[0]))
            node = replace(node, pairs=pairs, whole=False)
        elif node.whole and all(_text(key) in ("fade", "curve") for key, _ in node.pairs):
            notes.error(
                node.pairs[0][0].place,
                f"the scene '{shorten(subject.name)}' has a {_text(node.pairs[0][0])} and no values",
                f"write {subject.name}: {{fade: 2 bars, set: {{noise_scale: 0.8}}}}",
            )
            node = replace(node, whole=False)
        found = SCENE.read(node, notes, subject)
        return None if found is None or stray else Written(found["set"].value, found.get("fade"), found.get("curve"))


def _stray(key: nodes.Node) -> bool:
    near = isinstance(key, nodes.Scalar) and (key.text in SCENE.aliases or did_you_mean(key.text, _LONG) is not None)
    return isinstance(key, nodes.Scalar) and not near


def _text(node: nodes.Node) -> str:
    return node.text if isinstance(node, nodes.Scalar) else told(node)


@dataclass(frozen=True, slots=True)
class Named:
    """A scene: by its name, or its values in place."""

    start: bool = False
    """Whether it is where a show starts: before the first frame nothing can fade."""

    @property
    def what(self) -> str:
        return "a scene's name, or a mapping: targets with their values"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> Given[str] | Written | None:
        node = with_space(node, _is_target, notes)
        if isinstance(node, nodes.Scalar) and not is_nothing(node):
            text = Text(self.what).read(node, notes, subject)
            return None if text is None else Given(text, node.place, node.place)
        if self.start and isinstance(node, nodes.Mapping) and is_long(node):
            key = next(key for key, _ in node.pairs if isinstance(key, nodes.Scalar) and key.text in _LONG)
            notes.error(
                key.place,
                "a show starts before its first frame, and nothing can fade there",
                "write the values alone: start: {prompt: reef, noise_scale: 0.4}, or the name of a scene",
            )
            return None
        if isinstance(node, nodes.Mapping) or is_nothing(node):
            return SceneShape().read(node, notes, subject)
        refuse(node, notes, subject, self.what, _as_values(node, subject))
        return None

    def schema(self) -> Json:
        inline = Values(start=True).schema() if self.start else SceneShape().schema()
        return {"anyOf": [{"type": "string", "pattern": f"^(?:{NAME})$"}, inline]}


CUE = Record(
    "a cue",
    (
        Field("scene", Text("a scene's name"), "The scene that the cue recalls.", "drop", required=True),
        Field(
            "wait",
            Time("a time like 2 s, or a line like bar, 1 beat or 4 bars", cut=False),
            "From go until the cue acts: to the next line of so many beats or bars, or so many seconds.",
            "4 bars",
            default="at once",
        ),
        Field(
            "follow",
            Time(cut=False),
            "From when the cue acts until the next one goes by itself.",
            "8 bars",
            default="the next one waits for go",
        ),
        Field("note", Text(), "What the operator wants to remember.", '"when the strings stop"'),
    ),
    aliases={"to": "scene", "name": "note", "text": "note", "delay": "wait", "after": "wait", "next": "follow"},
)


@dataclass(frozen=True, slots=True)
class NamedItems:
    """A table of scenes or of cues; a list, which is what one thinks of first, is answered with what to write."""

    table: Table[Any]
    sample: str
    """An entry of the table, to paste."""

    @property
    def what(self) -> str:
        return self.table.what

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> dict[str, Given[Any]] | None:
        if isinstance(node, nodes.Sequence):
            first = node.items[0] if node.items else node
            notes.error(
                first.place,
                f"{subject.called} is a mapping: each has a name, which stands before a colon, without a dash",
                f"write {self._written(first, notes)}",
                "they come in the order in which they stand here" if subject.name == "cues" else None,
            )
            return None
        return self.table.read(node, notes, subject)

    def schema(self) -> Json:
        return self.table.schema()

    def _written(self, item: nodes.Node, notes: Notes) -> str:
        """Return an item of the list as an entry of the table."""
        if isinstance(item, nodes.Scalar):
            return f"{shorten(item.text)}: {self.sample.partition(': ')[2]}" if item.text else self.sample
        if not isinstance(item, nodes.Mapping) or not item.pairs:
            return self.sample
        entries = {
            key.text: value.text
            for key, value in item.pairs
            if isinstance(key, nodes.Scalar) and isinstance(value, nodes.Scalar)
        }
        name = entries.pop("name", None)
        key, value = item.pairs[0]
        if name is None and isinstance(key, nodes.Scalar) and len(item.pairs) == 1 and key.text != "scene":
            return f"{shorten(key.text)}: {shorten(notes.source(value.place), 60)}"
        inside = ", ".join(f"{key}: {shorten(text)}" for key, text in entries.items())
        return f"{shorten(name or self.sample.partition(':')[0])}: {{{inside}}}" if inside else self.sample


SCENES = NamedItems(
    Table(
        "a scene",
        SceneShape(),
        NAME,
        reserved={"save": "scene/save/<name> writes what is live into the profile"},
        examples="{noise_scale: 0.3, prompt: reef}",
    ),
    "intro: {noise_scale: 0.3, prompt: reef}",
)
CUES = NamedItems(
    Table(
        "a cue",
        CUE,
        NAME,
        reserved={"go": "cue/go is the next cue of the list", "back": "cue/back is the cue before"},
        examples="{scene: intro}",
    ),
    "doors: {scene: intro}",
)
START = Named(start=True)
SAFE = Named()
