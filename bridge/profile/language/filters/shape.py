"""Filters that give the same for the same value, whenever it comes: how they are written."""

from dataclasses import dataclass
from typing import Final, Literal, cast

from bridge.profile.filters import Choose, Clamp, Curve, Deadzone, Detent, Filter, Invert, Levels, Math, Round, Wrap
from bridge.profile.language.filters.forms import Corners, Form, Formula, Items, OneOf, Row
from bridge.profile.shapes.shape import Json, Subject, is_nothing, refuse, resolve
from bridge.profile.shapes.structures import Field, Fields, Record, value_of
from bridge.profile.shapes.values import Choice, Ends, Number
from bridge.profile.source import nodes
from bridge.profile.source.problems import Notes

CURVE = Record(
    "curve",
    (
        Field("power", Number(0, 100, above=True), "The exponent: 2 starts slowly, 0.5 starts fast.", "2"),
        Field(
            "bezier",
            Row(4, 0, 1, rising=False, exactly=True),
            "Two handles x1, y1, x2, y2, as in `cubic-bezier` of CSS.",
            "[0.4, 0, 0.2, 1]",
        ),
        Field(
            "points",
            Corners(),
            "Corners [x, y] joined by straight lines, x rising from 0 to 1.",
            "[[0, 0], [0.3, 0.8], [1, 1]]",
        ),
    ),
    aliases={"pow": "power", "exponent": "power", "gamma": "power", "cubic-bezier": "bezier", "table": "points"},
)


@dataclass(frozen=True, slots=True)
class CurveShape:
    """A named curve, or one of one's own."""

    what: str = "exp, log, s, {power: 2}, {bezier: [0.4, 0, 0.2, 1]} or {points: [[0, 0], [0.3, 0.8], [1, 1]]}"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> Curve | None:
        if isinstance(node, nodes.Mapping):
            found = OneOf(CURVE).read(node, notes, subject)
            return None if found is None else self._own(found)
        if not isinstance(node, nodes.Scalar):
            refuse(node, notes, subject, self.what)
            return None
        own = next((one for one in CURVE.fields if one.name == node.text), None)
        if own is not None:
            said = "its exponent" if own.name == "power" else "numbers"
            notes.error(node.place, f"the curve {own.name} needs {said}", f"write curve: {{{own.name}: {own.example}}}")
            return None
        if node.text == "linear":
            notes.error(node.place, "a linear curve bends nothing", f"take the filter out, or use one of {_NAMED.what}")
            return None
        name = _NAMED.read(node, notes, subject)
        return None if name is None else Curve(cast("Literal['exp', 'log', 's']", name))

    def schema(self) -> Json:
        return {"anyOf": [_NAMED.schema(), OneOf(CURVE).schema()]}

    def _own(self, found: Fields) -> Curve:
        if "power" in found:
            return Curve("power", found["power"].value)
        if "points" in found:
            return Curve("points", points=found["points"].value)
        x1, y1, x2, y2 = found["bezier"].value
        return Curve("bezier", points=((x1, y1), (x2, y2)))


_NAMED = Choice(("exp", "log", "s"))
DEADZONE = Record(
    "deadzone",
    (
        Field("width", Number(0.01, 0.99), "The whole width of the zone, from 0 to 1.", "0.1", required=True),
        Field("center", Number(0, 1), "Where it lies.", "0.5", default="0.5, the middle"),
    ),
    aliases={"size": "width", "centre": "center", "at": "center"},
)
DETENT = Record(
    "detent",
    (
        Field("points", Row(1, 0, 1), "Where values snap to, rising, from 0 to 1.", "[0, 0.5, 1]", required=True),
        Field("width", Number(0.001, 1), "How far on each side a point attracts.", "0.05", default="0.05"),
    ),
    aliases={"at": "points", "point": "points", "size": "width"},
)


@dataclass(frozen=True, slots=True)
class LevelsShape:
    """How many, or which."""

    what: str = "how many levels, from 2, or a list of them, rising"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> Levels | None:
        if isinstance(node, nodes.Sequence):
            values = _SOME.read(node, notes, subject)
            return None if values is None else Levels(values)
        if isinstance(node, nodes.Scalar) and resolve(node) in (0, 1) and not isinstance(resolve(node), bool):
            notes.error(node.place, "levels are at least two, or nothing would ever move", subject.hint)
            return None
        if not isinstance(node, nodes.Scalar) or is_nothing(node):
            refuse(node, notes, subject, self.what)
            return None
        count = _COUNT.read(node, notes, subject)
        return None if count is None else Levels(tuple(index / (int(count) - 1) for index in range(int(count))))

    def schema(self) -> Json:
        return {"anyOf": [_COUNT.schema(), _SOME.schema()]}


_COUNT: Final = Number(2, 1024, whole=True)
_SOME: Final = Row()

SHAPE: Final[tuple[Field[Filter], ...]] = (
    Field(
        "clamp",
        Form(
            "two numbers, the lower one first",
            lambda fields: Clamp(*fields["ends"].value),
            short=Ends(rising=True),
            key="ends",
        ),
        "Keep the value between two ends.",
        "[0.2, 0.8]",
    ),
    Field(
        "invert",
        Form("true", lambda fields: Invert(), bare=True),
        "Turn the way around, 0 becomes 1; where there is no way, the sign changes.",
        "true",
    ),
    Field(
        "curve",
        CurveShape(),
        "Bend the way from the low end to the high end. `exp` starts slowly, `log` starts fast, `s` does both, "
        "`{power: 2}` is an exponent, `{bezier: …}` has two handles, `{points: …}` any corners.",
        "exp",
    ),
    Field(
        "deadzone",
        Form(
            "a width like 0.1, or {width: 0.1, center: 0.5}",
            lambda fields: Deadzone(fields["width"].value, value_of(fields, "center", 0.5)),
            DEADZONE,
            Number(0.01, 0.99),
            "width",
        ),
        "Around the centre nothing happens; outside, the way is stretched so that no value is lost.",
        "0.1",
    ),
    Field(
        "detent",
        Form(
            "points like [0, 0.5, 1], or {points: [0.5], width: 0.05}",
            lambda fields: Detent(fields["points"].value, value_of(fields, "width", 0.05)),
            DETENT,
            Row(1, 0, 1),
            "points",
        ),
        "Near these points a value snaps to them.",
        "[0.5]",
    ),
    Field(
        "levels",
        LevelsShape(),
        "Only certain values: so many of equal distance from 0 to 1, or those of a list; the nearest is taken.",
        "5",
    ),
    Field(
        "round",
        Form(
            "a step like 0.25",
            lambda fields: Round(fields["step"].value),
            short=Number(0, above=True),
            key="step",
        ),
        "The nearest multiple of a step.",
        "0.25",
    ),
    Field(
        "math",
        Form(Formula().what, lambda fields: Math(fields["x"].value), short=Formula(), key="x"),
        "An expression of `x`, the value: numbers, `+ - * / % **`, comparisons, `and`, `or`, `not`, `a if b else c`, "
        "`pi`, and abs, min, max, floor, ceil, round, sqrt, exp, log, sin, cos, tan, sign, clamp(x, low, high).",
        "x * 0.5 + 0.25",
    ),
    Field(
        "choose",
        Form(Items().what, lambda fields: Choose(fields["items"].value), short=Items(), key="items"),
        "The way cut into as many equal parts as the list has items; the item is what comes out. Text, as the last "
        "filter, is for targets that take text.",
        "[reef, neon, ember]",
    ),
    Field(
        "wrap",
        Form(
            "two numbers, the lower one first",
            lambda fields: Wrap(*fields["ends"].value),
            short=Ends(rising=True),
            key="ends",
        ),
        "What leaves one end comes in at the other.",
        "[0, 1]",
    ),
)
"""Filters that give the same for the same, whenever it comes."""
