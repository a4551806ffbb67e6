"""What the `filters:` of a route can be: a list of them, whose order counts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bridge.profile.filters import Filter
from bridge.profile.language.filters.forms import Form
from bridge.profile.language.filters.gates import CHANGED, EDGE, GATE, GATES, TOGGLE, WHEN
from bridge.profile.language.filters.motion import (
    ACCUMULATE,
    ENCODER,
    ENVELOPE,
    MOTION,
    NORMALISE,
    ONE_EURO,
    SLEW,
    SMOOTH,
    SPRING,
)
from bridge.profile.language.filters.shape import CURVE, DEADZONE, DETENT, SHAPE
from bridge.profile.shapes.shape import Json, Subject, is_nothing, refuse, shorten
from bridge.profile.shapes.structures import Field, Given, ListOf, Record
from bridge.profile.source import nodes
from bridge.profile.source.problems import Notes, nearest

FILTERS: Final[tuple[Field[Filter], ...]] = (*SHAPE, *MOTION, *GATES)
"""What a route can do to a value: shape, motion, gates."""

KEYS: tuple[Record, ...] = (
    CURVE, DEADZONE, DETENT, SMOOTH, ONE_EURO, SLEW, SPRING, ACCUMULATE, ENCODER, NORMALISE, ENVELOPE, GATE, EDGE,
    TOGGLE, CHANGED, WHEN,
)  # fmt: skip
"""The filters that can be mappings, with their keys."""

_KNOWN: Final[Mapping[str, Field[Filter]]] = {one.name: one for one in FILTERS}
BARE: Final = tuple(one.name for one in FILTERS if isinstance(one.shape, Form) and one.shape.bare)
"""The filters whose name alone is enough."""
_MEANT: Final[Mapping[str, str]] = {
    "adsr": "envelope",
    "debounce": "at_most",
    "ease": "curve",
    "easing": "curve",
    "exp": "curve",
    "expr": "math",
    "expression": "math",
    "filter": "when",
    "flip": "invert",
    "formula": "math",
    "if": "when",
    "integrate": "accumulate",
    "jog": "encoder",
    "lag": "smooth",
    "limit": "clamp",
    "log": "curve",
    "lowpass": "smooth",
    "mod": "wrap",
    "normalize": "normalise",
    "offset": "math",
    "one-euro": "one_euro",
    "oneeuro": "one_euro",
    "multiply": "math",
    "peak": "hold",
    "portamento": "slew",
    "quantise": "levels",
    "quantize": "levels",
    "ramp": "slew",
    "rate_limit": "at_most",
    "relative": "encoder",
    "reverse": "invert",
    "rotary": "encoder",
    "select": "choose",
    "snap": "detent",
    "slide": "smooth",
    "steps": "levels",
    "sync": "wait",
    "threshold": "gate",
    "throttle": "at_most",
    "unless": "when",
}
"""What other programs call it."""
_OF_ROUTES: Final = {
    "amount": "0.5",
    "in": "[0, 1]",
    "mix": "add",
    "out": "[0.1, 0.9]",
    "per_chunk": "max",
    "press": "long",
    "takeover": "pickup",
}
"""Keys of a route, with a value to paste, that people look for among filters."""
_SCALES: Final = frozenset({"map", "range", "remap", "scale"})


@dataclass(frozen=True, slots=True)
class FilterItem:
    """One filter: a mapping with one key, or its name where that is enough."""

    what: str = "a filter like {smooth: 150 ms}"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> Filter | None:
        match node:
            case nodes.Scalar():
                return self._word(node, notes)
            case nodes.Mapping():
                return self._mapping(node, notes)
            case nodes.Sequence(items=(nodes.Scalar(text=name), nodes.Scalar(text=value))) if name in _KNOWN:
                notes.error(
                    node.place, "a filter is its name, a colon and a value, not a list", f"write {{{name}: {value}}}"
                )
            case nodes.Sequence(items=(nodes.Mapping(), *_)):
                notes.error(
                    node.place,
                    "this list stands where one filter belongs",
                    "write its items without the inner brackets or dashes",
                )
            case _:
                refuse(node, notes, Subject("filters", "[{smooth: 150 ms}]"), "filters like {smooth: 150 ms}")
        return None

    def schema(self) -> Json:
        one: Json = {
            "type": "object",
            "properties": {one.name: one.schema() for one in FILTERS},
            "additionalProperties": False,
            "minProperties": 1,
            "maxProperties": 1,
        }
        return {"anyOf": [{"enum": list(BARE)}, one]}

    def _word(self, node: nodes.Scalar, notes: Notes) -> Filter | None:
        if node.text in BARE:
            one = _KNOWN[node.text]
            return one.shape.read(nodes.Scalar(node.place, "", plain=True), notes, one.subject)
        if node.text in _KNOWN:
            one = _KNOWN[node.text]
            notes.error(node.place, f"the filter {one.name} needs a value", f"write {{{one.name}: {one.example}}}")
        elif glued := re.fullmatch(r"(\w+):(\S.*)", node.text):
            notes.error(node.place, "a space is missing after the colon", f"write {{{glued[1]}: {glued[2]}}}")
        elif is_nothing(node):
            refuse(node, notes, Subject("filters", "[{smooth: 150 ms}]"), "filters like {smooth: 150 ms}")
        else:
            self._unknown(node, notes)
        return None

    def _mapping(self, node: nodes.Mapping, notes: Notes) -> Filter | None:
        pairs = [(key, value) for key, value in node.pairs if isinstance(key, nodes.Scalar)]
        if len(pairs) != 1 or len(node.pairs) != 1:
            self._not_one(node, pairs, notes)
            return None
        key, value = pairs[0]
        if key.text in _KNOWN:
            one = _KNOWN[key.text]
            return one.shape.read(value, notes, one.subject)
        self._unknown(key, notes)
        return None

    def _not_one(self, node: nodes.Mapping, pairs: list[tuple[nodes.Scalar, nodes.Node]], notes: Notes) -> None:
        if len(node.pairs) < 2 or len(pairs) < 2:
            notes.error(node.place, "a filter has a name and a value", "write [{curve: exp}, {smooth: 150 ms}]")
            return
        (first, value), (second, other) = pairs[:2]
        one = _KNOWN.get(first.text)
        record = one.shape.record if one is not None and isinstance(one.shape, Form) else None
        if one is not None and one.name in ("math", "choose") and is_nothing(other) and isinstance(value, nodes.Scalar):
            texts = ", ".join([value.text, *(key.text for key, _ in pairs[1:])])
            what, written = ("the expression", f'"{texts}"') if one.name == "math" else ("the list", f"[{texts}]")
            notes.error(
                second.place,
                f"the comma before this ends {what}, because commas separate the entries of braces",
                f"write {{{one.name}: {written}}}",
            )
        elif record is not None and is_nothing(value) and second.text in {field.name for field in record.fields}:
            inner = ", ".join(
                f"{key.text}: {given.text if isinstance(given, nodes.Scalar) else '…'}" for key, given in pairs[1:]
            )
            notes.error(
                second.place,
                f"'{second.text}' belongs to {first.text}, and stands beside it",
                f"move it to the right, or write {{{first.text}: {{{shorten(inner, 60)}}}}}",
            )
        elif isinstance(value, nodes.Scalar) and (rest := _after_comma(value, second, other)):
            notes.error(
                second.place,
                f"this {second.text} stands alone, because a comma separates entries",
                f"decimals have a point: {{{first.text}: {rest}}}",
            )
        else:
            notes.error(
                second.place,
                "each filter is an item of its own, because their order counts",
                "write [{curve: exp}, {smooth: 150 ms}]",
            )

    def _unknown(self, node: nodes.Scalar, notes: Notes) -> None:
        name = node.text
        if name in _OF_ROUTES:
            notes.error(
                node.place,
                f"'{name}' is a key of the route, not a filter",
                f"write it beside filters: {name}: {_OF_ROUTES[name]}",
            )
            return
        message = f"there is no filter called '{shorten(name)}'"
        if name.lower() in _SCALES:
            notes.error(node.place, message, "a route's own keys do that: in: [0, 127], out: [0.1, 0.9]")
            return
        near = _MEANT.get(name.lower()) or nearest(name, _KNOWN)
        notes.error(
            node.place,
            message,
            f"did you mean '{near}'?" if near else f"the filters are {', '.join(_KNOWN)}",
            f"for example: {{{near}: {_KNOWN[near].example}}}" if near and name.lower() in _MEANT else None,
        )


def _after_comma(value: nodes.Scalar, second: nodes.Scalar, other: nodes.Node) -> str | None:
    """Return the number that was meant by two entries like `0` and `5 s`; None if they are none."""
    if not (re.fullmatch(r"-?[0-9]+", value.text) and re.fullmatch(r"[0-9]+( ?[a-z]+)?", second.text)):
        return None
    return f"{value.text}.{second.text}" if is_nothing(other) else None


_LIST: ListOf[Filter] = ListOf(FilterItem(), "filters", empty=True)


@dataclass(frozen=True, slots=True)
class FilterList:
    """Filters in their order."""

    what: str = "a list of filters like [{smooth: 150 ms}]"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> list[Given[Filter]] | None:
        if isinstance(node, nodes.Mapping):
            items = ", ".join(
                f"{{{key.text}: {shorten(value.text)}}}" if isinstance(value, nodes.Scalar) else f"{{{key.text}: …}}"
                for key, value in node.pairs
                if isinstance(key, nodes.Scalar)
            )
            notes.error(
                node.place,
                "filters is a list, because their order counts, and here stands a mapping",
                f"write filters: [{shorten(items, 60)}]",
            )
            return None
        return _LIST.read(node, notes, subject)

    def schema(self) -> Json:
        return _LIST.schema()
