"""What the `filters:` of a route can be. How they behave is in `bridge.mapping`."""

from dataclasses import dataclass
from typing import Literal, cast

from bridge.profile import later, source
from bridge.profile.problems import Notes, did_you_mean
from bridge.profile.shapes import Json, Subject, refuse, shorten
from bridge.profile.structures import Field, Given, ListOf, Record
from bridge.profile.values import Choice, Ends, Number, Seconds


@dataclass(frozen=True, slots=True)
class Clamp:
    """Keep a value between two ends."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Curve:
    """Bend the way from the low end to the high end; the ends stay."""

    shape: Literal["exp", "log", "s", "power"]
    power: float = 2.0
    """The exponent, for `power`. Above 0."""


@dataclass(frozen=True, slots=True)
class Smooth:
    """Follow a level with a lag, the same lag at every tick rate."""

    attack: float
    """Seconds until a sudden rise has gone 63 % of the way. 0 follows at once."""
    release: float
    """The same for a fall."""


Filter = Clamp | Curve | Smooth


@dataclass(frozen=True, slots=True)
class CurveShape:
    """A named curve, or a power."""

    what: str = "exp, log, s or {power: 2}"

    def read(self, node: source.Node, notes: Notes, subject: Subject) -> Curve | None:
        if isinstance(node, source.Mapping):
            found = CURVE.read(node, notes, subject)
            return None if not found else Curve("power", found["power"].value)
        if isinstance(node, source.Scalar) and node.text == "power":
            notes.error(node.place, "the curve power needs its exponent", "write curve: {power: 2}")
            return None
        if isinstance(node, source.Scalar) and node.text == "linear":
            notes.error(node.place, "a linear curve bends nothing", f"take the filter out, or use one of {_NAMED.what}")
            return None
        name = _NAMED.read(node, notes, subject)
        return None if name is None else Curve(cast("Literal['exp', 'log', 's']", name))

    def schema(self) -> Json:
        return {"anyOf": [_NAMED.schema(), CURVE.schema()]}


_NAMED = Choice(("exp", "log", "s"), later=later.CURVES)
CURVE = Record(
    "curve",
    (
        Field(
            "power", Number(0, 100, above=True), "The exponent: 2 starts slowly, 0.5 starts fast.", "2", required=True
        ),
    ),
    later=dict.fromkeys(later.CURVES, "a curve of your own"),
)
SMOOTH = Record(
    "smooth",
    (
        Field("attack", Seconds(), "The lag of a rise.", "10 ms", default="follows at once"),
        Field("release", Seconds(), "The lag of a fall.", "400 ms", default="follows at once"),
    ),
    aliases={"rise": "attack", "up": "attack", "fall": "release", "down": "release", "decay": "release"},
)


@dataclass(frozen=True, slots=True)
class SmoothShape:
    """One time, or one for each direction."""

    what: str = "a time like 150 ms, or {attack: 10 ms, release: 400 ms}"

    def read(self, node: source.Node, notes: Notes, subject: Subject) -> Smooth | None:
        if isinstance(node, source.Mapping):
            found = SMOOTH.read(node, notes, subject)
            if found is None:
                return None
            if not found:
                notes.error(node.place, "smooth needs a time", subject.hint)
                return None
            times = {name: given.value for name, given in found.items()}
            return Smooth(times.get("attack", 0.0), times.get("release", 0.0))
        seconds = Seconds(self.what).read(node, notes, subject)
        return None if seconds is None else Smooth(seconds, seconds)

    def schema(self) -> Json:
        return {"anyOf": [Seconds().schema(), {**SMOOTH.schema(), "minProperties": 1}]}


@dataclass(frozen=True, slots=True)
class ClampShape:
    """Two ends, the lower one first."""

    what: str = "two numbers, the lower one first"

    def read(self, node: source.Node, notes: Notes, subject: Subject) -> Clamp | None:
        ends = Ends(rising=True).read(node, notes, subject)
        return None if ends is None else Clamp(*ends)

    def schema(self) -> Json:
        return Ends(rising=True).schema()


FILTERS: tuple[Field[Filter], ...] = (
    Field("clamp", ClampShape(), "Keep the value between two ends.", "[0.2, 0.8]"),
    Field(
        "curve",
        CurveShape(),
        "Bend the way from the low end to the high end; the ends stay. `exp` starts slowly, `log` starts fast, "
        "`s` does both, `{power: 2}` is an exponent of your own.",
        "exp",
    ),
    Field(
        "smooth",
        SmoothShape(),
        "Follow with a lag: the time in which a sudden change gets 63 % of the way; one for both directions, or "
        "`attack` for a rise and `release` for a fall.",
        "150 ms",
    ),
)
"""What a route can do to a value, in the order in which the route lists it."""


@dataclass(frozen=True, slots=True)
class FilterItem:
    """One filter: a mapping with one key."""

    what: str = "a filter like {smooth: 150 ms}"

    def read(self, node: source.Node, notes: Notes, subject: Subject) -> Filter | None:
        known = {one.name: one for one in FILTERS}
        if isinstance(node, source.Scalar):
            near = did_you_mean(node.text, known)
            name = node.text if node.text in known else near.split("'")[1] if near else None
            if name is None and node.text in later.FILTERS:
                self._later(node, node.text, notes)
            elif name is None:
                refuse(node, notes, Subject("filters", ""), f"filters like {{smooth: 150 ms}}: {', '.join(known)}")
            else:
                notes.error(
                    node.place,
                    f"the filter {name} needs a value",
                    f"write {{{name}: {known[name].example}}}",
                )
            return None
        if not isinstance(node, source.Mapping):
            refuse(node, notes, Subject("filters", "[{smooth: 150 ms}]"), "filters like {smooth: 150 ms}")
            return None
        pairs = [(key, value) for key, value in node.pairs if isinstance(key, source.Scalar)]
        if len(pairs) != 1 or len(node.pairs) != 1:
            second = node.pairs[1][0].place if len(node.pairs) > 1 else node.place
            notes.error(
                second,
                "each filter is an item of its own, because their order counts"
                if len(node.pairs) > 1
                else "a filter has a name and a value",
                "write [{curve: exp}, {smooth: 150 ms}]",
            )
            return None
        key, value = pairs[0]
        if key.text in known:
            return known[key.text].shape.read(value, notes, known[key.text].subject)
        if key.text in later.FILTERS:
            self._later(key, key.text, notes)
            return None
        near = did_you_mean(key.text, known)
        notes.error(
            key.place,
            f"there is no filter called '{shorten(key.text)}'",
            near or f"the filters are {', '.join(known)}",
        )
        return None

    def schema(self) -> Json:
        return {
            "type": "object",
            "properties": {one.name: one.schema() for one in FILTERS},
            "additionalProperties": False,
            "minProperties": 1,
            "maxProperties": 1,
        }

    def _later(self, node: source.Scalar, name: str, notes: Notes) -> None:
        names = ", ".join(one.name for one in FILTERS)
        notes.error(node.place, f"the filter '{name}' comes with a later version", f"this one has {names}")


_LIST: ListOf[Filter] = ListOf(FilterItem(), "filters", empty=True)


@dataclass(frozen=True, slots=True)
class FilterList:
    """Filters in their order."""

    what: str = "a list of filters like [{smooth: 150 ms}]"

    def read(self, node: source.Node, notes: Notes, subject: Subject) -> list[Given[Filter]] | None:
        if isinstance(node, source.Mapping):
            items = ", ".join(
                f"{{{key.text}: {shorten(value.text)}}}" if isinstance(value, source.Scalar) else f"{{{key.text}: …}}"
                for key, value in node.pairs
                if isinstance(key, source.Scalar)
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
