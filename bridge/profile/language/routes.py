"""What the `routes:` of a profile can be, as they are written. What they become is in `building.routes`."""

import re
from dataclasses import dataclass
from typing import Final

from bridge.profile.language.filters.chain import FilterList
from bridge.profile.language.takeover import TakeoverShape
from bridge.profile.shapes.shape import Json, Subject, is_nothing, refuse, resolve, shorten
from bridge.profile.shapes.structures import Field, Fields, Given, ListOf, Record
from bridge.profile.shapes.values import Choice, Ends, Length, Number, Text
from bridge.profile.source import nodes
from bridge.profile.source.mistakes import DASH_WITHOUT_SPACE
from bridge.profile.source.problems import Notes, Place
from bridge.profile.targets import lookup
from bridge.profile.targets.names import TYPOGRAPHIC, without_typographic_quotes

ARROW: Final = " -> "
_A_NAME: Final = r"[^/{}\[\]*]+"


@dataclass(frozen=True, slots=True)
class OneOrMore:
    """A text, or a list of texts."""

    what: str
    item: str
    """The regular expression of one, for the schema."""
    least: int = 1

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> list[Given[str]] | None:
        if isinstance(node, nodes.Sequence):
            if len(node.items) < self.least:
                notes.error(
                    node.place,
                    f"{subject.called} takes {self.least} or more, and here {_are(len(node.items))}",
                    subject.hint,
                )
                return None
            texts = [(self._text(item, notes, subject), item.place) for item in node.items]
            return [Given(text, place, place) for text, place in texts if text is not None] or None
        if self.least > 1:
            refuse(node, notes, subject, f"a list of {self.least} or more")
            return None
        text = self._text(node, notes, subject)
        return None if text is None else [Given(text, node.place, node.place)]

    def _text(self, node: nodes.Node, notes: Notes, subject: Subject) -> str | None:
        text = Text(self.what).read(node, notes, subject)
        if text is None or not (plain := without_typographic_quotes(text)):
            return text
        _note_typographic(node.place, plain, notes)
        return plain

    def schema(self) -> Json:
        one: Json = {"type": "string", "pattern": f"^(?:{self.item})$"}
        several: Json = {"type": "array", "items": one, "minItems": self.least}
        return several if self.least > 1 else {"anyOf": [one, several]}


def _note_typographic(place: Place, written: str, notes: Notes) -> None:
    notes.error(
        place,
        TYPOGRAPHIC,
        f"write {shorten(written, 80)}",
    )


def _are(number: int) -> str:
    return {0: "is none", 1: "is one"}.get(number, f"are {number}")


_SIGNAL = r"[^/]+/.*[^/]"
_TARGET = rf"{lookup.regex_of_all()}|.*\{{\w+\}}.*"


@dataclass(frozen=True, slots=True)
class Signal:
    """One signal: `input/path`."""

    what: str = "a signal: input/path"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> Given[str] | None:
        text = Text(self.what).read(node, notes, subject)
        return None if text is None else Given(text, node.place, node.place)

    def schema(self) -> Json:
        return {"type": "string", "pattern": f"^(?:{_SIGNAL})$"}


@dataclass(frozen=True, slots=True)
class Name:
    """The name of a route."""

    what: str = "a name"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> str | None:
        name = Text(self.what).read(node, notes, subject)
        if name is not None and not re.fullmatch(_A_NAME, name):
            notes.error(
                node.place, f"a route cannot be called '{shorten(name)}': a name has no / * {{ }} [ ]", subject.hint
            )
            return None
        return name

    def schema(self) -> Json:
        return {"type": "string", "pattern": f"^{_A_NAME}$"}


LONG_ROUTE = Record(
    "a route",
    (
        Field(
            "from",
            OneOrMore("a signal: input/path", _SIGNAL),
            "The signal: an input's name and the OSC address, or what the control is called, as in `td/noise` and "
            "`apc/fader/1`; a list makes a route of each. `*` is "
            "any run inside a segment, `**` any rest, `{n}` a run that the target repeats, `td/xy[1]` the first value.",
            "td/noise",
            required=True,
        ),
        Field(
            "to",
            OneOrMore("a target", _TARGET),
            "The target: see the table of targets; a list makes a route to each.",
            "noise_scale",
        ),
        Field(
            "across",
            OneOrMore("a target", _TARGET, least=2),
            "Instead of `to`: several targets. At 0 the first has all of its way, at 1 the last; between two, both "
            "have a part.",
            "[lora/arcane, lora/ghibli]",
        ),
        Field(
            "law",
            Choice(("linear", "equal power")),
            "How two neighbours of `across` share: `equal power` keeps the middle as strong as the ends.",
            "equal power",
            default="linear",
        ),
        Field(
            "in",
            Ends(),
            "What the signal's numbers mean as the whole way, instead of the input's `range`; `[1, 0]` turns it around.",
            "[0, 1]",
            default="the input's `range`, else the target's own unit",
        ),
        Field(
            "out",
            Ends(),
            "Where the way begins and ends, in the target's unit; `[0.9, 0.1]` turns it around.",
            "[0.1, 0.9]",
            default="the target's whole range",
        ),
        Field(
            "filters",
            FilterList(),
            "What happens to the value on its way, in this order. Filters see 0 to 1, the way, wherever the route has "
            "a range, and the value as sent otherwise.",
            "[{curve: exp}, {smooth: 150 ms}]",
        ),
        Field(
            "name",
            Name(),
            "Makes targets of the route's own: `route/kick/amount` and `route/kick/on`.",
            "kick",
        ),
        Field(
            "amount",
            Number(0, 1),
            "The depth that the route starts with: at 0 it does nothing, at 1 all of it.",
            "0.5",
            default="1",
        ),
        Field(
            "mix",
            Choice(
                ("latest", "add", "multiply", "max", "min", "average"),
                meant={
                    **dict.fromkeys(("sum", "plus", "+", "offset"), "add"),
                    **dict.fromkeys(("product", "times", "scale", "*"), "multiply"),
                    **dict.fromkeys(("set", "replace", "override", "newest"), "latest"),
                    **dict.fromkeys(("mean", "avg"), "average"),
                    **dict.fromkeys(("maximum", "highest"), "max"),
                    **dict.fromkeys(("minimum", "lowest"), "min"),
                },
            ),
            "How the route joins what else drives its target: `latest` sets it, the others act on top of that.",
            "add",
            default="latest",
        ),
        Field(
            "per_chunk",
            Choice(
                ("newest", "max", "mean"),
                meant={
                    **dict.fromkeys(("latest", "last"), "newest"),
                    **dict.fromkeys(("maximum", "peak"), "max"),
                    **dict.fromkeys(("average", "avg"), "mean"),
                },
            ),
            "What a chunk gets of all that moved since the last one: Scope takes one value per chunk.",
            "max",
            default="max for sound, envelopes and beats, else newest",
        ),
        Field(
            "press",
            Choice(
                ("press", "release", "long", "double"),
                meant={
                    **dict.fromkeys(("hold", "held"), "long"),
                    **dict.fromkeys(("down", "on", "click", "short"), "press"),
                    **dict.fromkeys(("up", "off"), "release"),
                    **dict.fromkeys(("twice", "2"), "double"),
                },
            ),
            "Which event of a button counts: `long` is held for 0.6 s, `double` comes twice within 0.35 s.",
            "long",
            default="a rise through 0.5",
        ),
        Field(
            "every",
            Number(2, 9999, whole=True),
            "Only every n-th rise passes; the first is the n-th.",
            "8",
        ),
        Field(
            "takeover",
            TakeoverShape(),
            "How a control takes a target that something else has moved: at once, when it comes by, or by degrees; "
            "`{pickup: 0.03}` says how near counts as there, as a part of the way.",
            "pickup",
            default="that of the input, else jump",
        ),
        Field(
            "period",
            Length(cut=False),
            "How long one swing of an `lfo/…` takes.",
            "2 bars",
            default="1 bar",
        ),
        Field(
            "phase",
            Number(0, 1),
            "Where in its period an `lfo/…` begins.",
            "0.25",
            default="0",
        ),
    ),
    aliases={
        "signal": "from",
        "source": "from",
        "target": "to",
        "filter": "filters",
        "through": "filters",
        "range": "out",
        "chunk": "per_chunk",
        "depth": "amount",
        "on": "amount",
        "enabled": "amount",
        "speed": "period",
        "rate": "period",
        "crossfade": "across",
        "blend": "mix",
        "mode": "mix",
        "label": "name",
    },
)


_KEYS: Final = {field.name for field in LONG_ROUTE.fields}


def short(signal: Given[str], target: Given[str]) -> Fields:
    """Return what a route of one signal to one target reads as: what a short route is, and a pad of a grid."""
    return {
        "from": Given([signal], signal.place, signal.place),
        "to": Given([target], target.place, target.place),
    }


@dataclass(frozen=True, slots=True)
class RouteItem:
    """`signal -> target`, or a mapping."""

    what: str = "a route like 'td/noise -> noise_scale'"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> Fields | None:
        match node:
            case nodes.Scalar():
                return self._short(node, notes)
            case nodes.Mapping():
                return self._long(node, notes, subject)
            case _:
                refuse(
                    node, notes, Subject("routes", "[td/noise -> noise_scale]"), "routes like 'td/noise -> noise_scale'"
                )
                return None

    def schema(self) -> Json:
        long: Json = {**LONG_ROUTE.schema(), "oneOf": [{"required": ["to"]}, {"required": ["across"]}]}
        return {"anyOf": [{"type": "string", "pattern": f"^{_SIGNAL} +-> +(?:{_TARGET})$"}, long]}

    def _short(self, node: nodes.Scalar, notes: Notes) -> Fields | None:
        text = node.text
        if resolve(node) is None:
            notes.error(node.place, "this route is empty", "for example: - td/noise -> noise_scale")
            return None
        parts = text.split(ARROW)
        if len(parts) > 2:
            targets_of = ", then ".join(f"{parts[0].strip()} -> {target.strip()}" for target in parts[1:])
            notes.error(
                node.place,
                f"a short route has one arrow, and this one has {len(parts) - 1}",
                f"write one route for each: {shorten(targets_of, 80)}",
            )
            return None
        if len(parts) == 1:
            self._no_arrow(node, notes)
            return None
        signal, target = parts[0].strip(), parts[1].strip()
        plain = without_typographic_quotes(signal) or signal, without_typographic_quotes(target) or target
        if plain != (signal, target):
            _note_typographic(node.place, " -> ".join(one.rstrip("\u201d\u201c\u2019") for one in plain), notes)
            return None
        if not signal or not target:
            notes.error(
                node.place,
                "a route needs a signal before the arrow and a target after it",
                "for example: td/noise -> noise_scale",
            )
            return None
        quoted = 0 if node.plain else 1
        start, end = node.place, node.place
        if node.place.line == node.place.end_line:
            written = notes.lines[node.place.line - 1]
            column = node.place.column + quoted
            middle = written.find(ARROW, column - 1) + 1
            if middle:
                after = middle + len(ARROW)
                after += len(written[after - 1 :]) - len(written[after - 1 :].lstrip())
                line = node.place.line
                start = Place(line, column, line, column + len(signal))
                end = Place(line, after, line, after + len(target))
        return short(Given(signal, start, start), Given(target, end, end))

    def _no_arrow(self, node: nodes.Scalar, notes: Notes) -> None:
        text = shorten(node.text, 80)
        comment = notes.rest_of_line(node.place) if node.plain else ""
        if comment.lstrip().startswith("#") and ARROW in comment:
            line = notes.lines[node.place.end_line - 1]
            start = line.index("#", node.place.end_column - 1) + 1
            notes.error(
                Place(node.place.end_line, start, node.place.end_line, len(line.rstrip()) + 1),
                "this route ends before this #: YAML takes the rest of the line for a comment",
                f'put it in quotes: - "{shorten(node.text + comment, 80)}"',
            )
            return
        if bare := re.fullmatch(r"(?P<signal>.*[^-=\s>])?\s*[-=]+>\s*(?P<target>.*)", text):
            missing = "target after" if bare["signal"] else "signal before"
            if not bare["signal"] or not bare["target"]:
                notes.error(
                    node.place,
                    f"a route needs a {missing} the arrow",
                    f"for example: {bare['signal'] or 'td/noise'} -> {bare['target'] or 'noise_scale'}",
                )
                return
        arrow = re.search(r"\s*(?:-+>|=+>|→|⇒|>+)\s*", text)
        if arrow and text[: arrow.start()].strip() and text[arrow.end() :].strip():
            start = node.place.column + arrow.start() + (not node.plain)
            end = node.place.column + arrow.end() + (not node.plain)
            place = Place(node.place.line, start, node.place.line, end)
            notes.error(
                place if node.place.line == node.place.end_line else node.place,
                "the arrow of a route is '->' with a space on each side",
                f"write {text[: arrow.start()]} -> {text[arrow.end() :]}",
            )
            return
        notes.error(
            node.place,
            f"a route needs an arrow and a target, and '{text}' has none",
            f"for example: {text if '/' in text else 'td/noise'} -> noise_scale",
        )

    def _long(self, node: nodes.Mapping, notes: Notes, subject: Subject) -> Fields | None:
        if len(node.pairs) == 1:
            key, value = node.pairs[0]
            if isinstance(key, nodes.Scalar) and isinstance(value, nodes.Scalar):
                if ARROW in key.text:
                    notes.error(key.place, "a short route ends with its target", f"write {key.text}")
                    return None
                if "/" in key.text and value.text:
                    notes.error(
                        key.place,
                        "between a signal and its target stands an arrow, not a colon",
                        f"write {key.text} -> {shorten(value.text)}",
                    )
                    return None
        fields = LONG_ROUTE.read(node, notes, subject)
        return None if fields is None else self._with_one_end(fields, node, notes)

    def _with_one_end(self, fields: Fields, node: nodes.Mapping, notes: Notes) -> Fields | None:
        """Return the route if it leads somewhere, and to one thing."""
        written = {key.text: key.place for key, _ in node.pairs if isinstance(key, nodes.Scalar)}
        if "to" in written and "across" in written:
            notes.error(
                written["across"],
                "a route leads to one target (to) or across several (across), and this one says both",
                "delete one",
                elsewhere=written["to"],
            )
            return None
        if "to" not in written and "across" not in written and node.whole and written.keys() <= _KEYS:
            place = node.place
            line = notes.lines[place.line - 1]
            end = place.end_column if place.end_line == place.line else len(line.rstrip()) + 1
            notes.error(
                Place(place.line, place.column, place.line, end),
                "a route needs the key 'to'",
                "for example: to: noise_scale",
            )
            return None
        return fields


@dataclass(frozen=True, slots=True)
class RouteList:
    """Routes, each an item with a dash."""

    what: str = "a list of routes, each on a line that begins with a dash"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> list[Given[Fields]] | None:
        match node:
            case nodes.Sequence():
                return ListOf(RouteItem(), "routes", empty=True).read(node, notes, subject)
            case nodes.Scalar() if is_nothing(node):
                return []
            case nodes.Scalar(text=text) if ARROW in text:
                written, place, said = notes.source(node.place), node.place, "each route begins with a dash"
                if dash := DASH_WITHOUT_SPACE.match(written):
                    place = Place(place.line, place.column, place.line, place.column + dash.end())
                    written, said = written[dash.end() :], "a space is missing after this dash"
                notes.error(place, said, f"write - {shorten(written, 60)}")
            case nodes.Mapping(pairs=((nodes.Scalar() as key, value), *_)):
                written = f"{key.text} -> {value.text}" if isinstance(value, nodes.Scalar) and "/" in key.text else ""
                notes.error(
                    key.place,
                    "routes is a list: each route begins with a dash",
                    f"write - {shorten(written, 60)}" if written else "for example: - td/noise -> noise_scale",
                )
            case _:
                refuse(node, notes, subject, self.what)
        return None

    def schema(self) -> Json:
        return {"anyOf": [ListOf(RouteItem(), "routes", empty=True).schema(), {"type": "null"}]}
