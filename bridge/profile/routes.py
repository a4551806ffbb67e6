"""What the `routes:` of a profile can be."""

import re
from dataclasses import dataclass
from typing import Final

from bridge.profile import later, source, targets
from bridge.profile.filters import FilterList
from bridge.profile.problems import Notes, Place
from bridge.profile.shapes import Json, Subject, is_nothing, refuse, resolve, shorten
from bridge.profile.structures import Field, Fields, Given, ListOf, Record
from bridge.profile.values import Choice, Ends, Text

ARROW: Final = " -> "


@dataclass(frozen=True, slots=True)
class Signal:
    """`input/path`."""

    what: str = "a signal: input/path"

    def read(self, node: source.Node, notes: Notes, subject: Subject) -> Given[str] | None:
        if isinstance(node, source.Sequence):
            notes.error(
                node.place, "several signals in one route come with a later version", "write one route for each"
            )
            return None
        text = Text(self.what).read(node, notes, subject)
        return None if text is None else Given(text, node.place, node.place)

    def schema(self) -> Json:
        return {"type": "string", "pattern": r"^[^/*{}\[\]]+/[^*{}\[\]]*[^*{}\[\]/]$"}


@dataclass(frozen=True, slots=True)
class TargetName:
    """The name of a target."""

    what: str = "a target"

    def read(self, node: source.Node, notes: Notes, subject: Subject) -> Given[str] | None:
        if isinstance(node, source.Sequence):
            notes.error(
                node.place, "several targets in one route come with a later version", "write one route for each"
            )
            return None
        text = Text(self.what).read(node, notes, subject)
        return None if text is None else Given(text, node.place, node.place)

    def schema(self) -> Json:
        return {"type": "string", "pattern": f"^(?:{targets.regex_of_all()})$"}


LONG_ROUTE = Record(
    "a route",
    (
        Field(
            "from",
            Signal(),
            "The signal: an input's name and the OSC address, as in `td/noise`.",
            "td/noise",
            required=True,
        ),
        Field("to", TargetName(), "The target: see the table of targets.", "noise_scale", required=True),
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
            "per_chunk",
            Choice(("newest", "max", "mean")),
            "What a chunk gets of all that moved since the last one: Scope takes one value per chunk.",
            "max",
            default="newest",
        ),
    ),
    later=later.ROUTE,
    aliases={
        "signal": "from",
        "source": "from",
        "target": "to",
        "filter": "filters",
        "through": "filters",
        "range": "out",
        "chunk": "per_chunk",
    },
)


@dataclass(frozen=True, slots=True)
class RouteItem:
    """`signal -> target`, or a mapping."""

    what: str = "a route like 'td/noise -> noise_scale'"

    def read(self, node: source.Node, notes: Notes, subject: Subject) -> Fields | None:
        match node:
            case source.Scalar():
                return self._short(node, notes)
            case source.Mapping():
                return self._long(node, notes, subject)
            case _:
                refuse(
                    node, notes, Subject("routes", "[td/noise -> noise_scale]"), "routes like 'td/noise -> noise_scale'"
                )
                return None

    def schema(self) -> Json:
        target = TargetName().schema()["pattern"].removeprefix("^").removesuffix("$")
        signal = Signal().schema()["pattern"].removeprefix("^").removesuffix("$")
        return {"anyOf": [{"type": "string", "pattern": f"^{signal} +-> +{target}$"}, LONG_ROUTE.schema()]}

    def _short(self, node: source.Scalar, notes: Notes) -> Fields | None:
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
        return {
            "from": Given(Given(signal, start, start), start, start),
            "to": Given(Given(target, end, end), end, end),
        }

    def _no_arrow(self, node: source.Scalar, notes: Notes) -> None:
        text = shorten(node.text, 80)
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

    def _long(self, node: source.Mapping, notes: Notes, subject: Subject) -> Fields | None:
        if len(node.pairs) == 1:
            key, value = node.pairs[0]
            if isinstance(key, source.Scalar) and isinstance(value, source.Scalar):
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
        return LONG_ROUTE.read(node, notes, subject)


@dataclass(frozen=True, slots=True)
class RouteList:
    """Routes, each an item with a dash."""

    what: str = "a list of routes, each on a line that begins with a dash"

    def read(self, node: source.Node, notes: Notes, subject: Subject) -> list[Given[Fields]] | None:
        match node:
            case source.Sequence():
                return ListOf(RouteItem(), "routes", empty=True).read(node, notes, subject)
            case source.Scalar() if is_nothing(node):
                return []
            case source.Scalar(text=text) if ARROW in text:
                written = notes.source(node.place)
                notes.error(node.place, "each route begins with a dash", f"write - {shorten(written, 60)}")
            case source.Mapping(pairs=((source.Scalar() as key, value), *_)):
                written = f"{key.text} -> {value.text}" if isinstance(value, source.Scalar) and "/" in key.text else ""
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
