"""What the `filters:` of a route can be. How they behave is in `bridge.mapping`."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, cast

from bridge.profile import source
from bridge.profile.durations import CUT, Duration
from bridge.profile.forms import Corners, Form, Formula, Items, OneOf, Row, Wrong
from bridge.profile.problems import Notes, nearest
from bridge.profile.shapes import Json, Subject, figure, is_nothing, refuse, resolve, shorten
from bridge.profile.structures import Field, Fields, Given, ListOf, Record
from bridge.profile.values import Choice, Ends, Length, Number, Switch, Text

# Shape: the same value in gives the same value out, whenever it comes.


@dataclass(frozen=True, slots=True)
class Clamp:
    """Keep a value between two ends."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Invert:
    """Turn the way around: 0 becomes 1. Where there is no way from 0 to 1, the sign changes."""

    way: bool = True
    """Whether the value is on the way from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Curve:
    """Bend the way from the low end to the high end; the ends stay."""

    shape: Literal["exp", "log", "s", "power", "bezier", "points"]
    power: float = 2.0
    """The exponent, for `power`. Above 0."""
    points: tuple[tuple[float, float], ...] = ()
    """For `points`: at least two corners (x, y), x rising from 0 to 1, joined by straight lines; y from 0 to 1.
    For `bezier`: the two handles, each from 0 to 1, as in CSS's `cubic-bezier`."""


@dataclass(frozen=True, slots=True)
class Deadzone:
    """Around the centre nothing happens; outside, the way is stretched so that no value is lost."""

    width: float
    """The whole width of the zone, on the way from 0 to 1. Above 0, below 1."""
    center: float = 0.5


@dataclass(frozen=True, slots=True)
class Detent:
    """Near some points a value snaps to them."""

    points: tuple[float, ...]
    """Rising, from 0 to 1."""
    width: float = 0.05
    """How far on each side a point attracts. Above 0."""


@dataclass(frozen=True, slots=True)
class Levels:
    """Only certain values: so many of equal distance from 0 to 1, or those of a list; the nearest is taken."""

    values: tuple[float, ...]
    """Rising, at least two."""


@dataclass(frozen=True, slots=True)
class Round:
    """The nearest multiple of a step."""

    step: float
    """Above 0."""


@dataclass(frozen=True, slots=True)
class Math:
    """A safe expression of `x`: numbers, + - * / % **, comparisons, and/or/not, `a if b else c`, and the functions
    abs, min, max, floor, ceil, round, sqrt, exp, log, sin, cos, tan, sign, clamp(x, low, high), pi."""

    expression: str
    """As written. It has been parsed once, and is known to be good."""


@dataclass(frozen=True, slots=True)
class Choose:
    """The way from 0 to 1, cut into as many equal parts as the list has items; the item is what comes out."""

    items: tuple[float | str, ...]
    """At least two. Text fits targets that take text (prompt, word, choices)."""


@dataclass(frozen=True, slots=True)
class Wrap:
    """What leaves one end comes in at the other."""

    low: float
    high: float


# Motion: goes on after the hand has stopped. Every time is a `Duration`.


@dataclass(frozen=True, slots=True)
class Smooth:
    """Follow a level with a lag, the same lag at every tick rate."""

    attack: Duration
    """Until a sudden rise has gone 63 % of the way. `CUT` follows at once."""
    release: Duration
    """The same for a fall."""


@dataclass(frozen=True, slots=True)
class OneEuro:
    """The 1 euro filter (Casiez, Roussel, Vogel 2012): calm while slow, quick while fast. Moves on samples only."""

    min_cutoff: float = 1.0
    """Hz; lower is calmer at rest. Above 0."""
    beta: float = 0.0
    """How much speed opens the filter. 0 or more."""
    d_cutoff: float = 1.0
    """Hz, of the speed's own filter. Above 0."""


@dataclass(frozen=True, slots=True)
class Slew:
    """At most so much per second; one speed up, one down."""

    up: float
    """Units per second. Above 0; infinite for no limit."""
    down: float


@dataclass(frozen=True, slots=True)
class Spring:
    """Follow like a mass on a spring: may overshoot and swing."""

    period: Duration
    """How long one swing takes without damping. Not `CUT`."""
    damping: float = 1.0
    """1 arrives without overshoot, less swings. Above 0."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Keep the highest value for a time before it may fall."""

    time: Duration


@dataclass(frozen=True, slots=True)
class Delay:
    """Everything so much later, nothing lost."""

    time: Duration


@dataclass(frozen=True, slots=True)
class Accumulate:
    """Add up what arrives: for relative encoders. Each sample is a movement."""

    step: float = 0.01
    """What a movement of 1 adds."""
    low: float = 0.0
    high: float = 1.0
    start: float = 0.0
    wrap: bool = False
    """Whether what leaves one end comes in at the other."""


@dataclass(frozen=True, slots=True)
class Normalise:
    """Spread what has arrived lately over 0 to 1: between its running minimum and maximum. Moves on samples only."""

    window: Duration
    """How fast the ends forget: an old extreme fades with this time constant."""
    floor: float = 1e-3
    """The smallest span that counts as movement; below it the output is 0. Above 0."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A rise through 0.5 starts a shape of its own: up in `attack`, down to `sustain` in `decay`, held while the
    signal stays up, down to 0 in `release`. With `sustain` 0 (the default) it is a plain pulse."""

    attack: Duration
    decay: Duration
    sustain: float = 0.0
    """0 to 1."""
    release: Duration = CUT


# Gates: some of it passes.


@dataclass(frozen=True, slots=True)
class Gate:
    """Open above a threshold: what passes, passes as it is; below, 0 comes out once."""

    open: float
    """From here up it opens."""
    close: float
    """Below here it closes; not above `open`: the difference is the hysteresis."""


@dataclass(frozen=True, slots=True)
class Edge:
    """A rise through the threshold gives 1, a fall gives 0; nothing between."""

    threshold: float = 0.5
    edge: Literal["rise", "fall", "both"] = "both"
    """Which of them leaves: `rise` gives 1 (and nothing on the fall), `fall` gives 1 on each fall."""


@dataclass(frozen=True, slots=True)
class Toggle:
    """Each rise through 0.5 changes between 0 and 1."""

    start: bool = False


@dataclass(frozen=True, slots=True)
class Every:
    """Only every n-th rise through 0.5 passes; the first is the n-th."""

    count: int
    """2 or more."""


@dataclass(frozen=True, slots=True)
class AtMost:
    """At most one in a time; the last one always comes, at the end of the time."""

    time: Duration
    """The shortest time between two."""


@dataclass(frozen=True, slots=True)
class Changed:
    """Only what differs from the last that passed."""

    by: float = 0.0
    """By more than this."""


@dataclass(frozen=True, slots=True)
class When:
    """Passes only while something is so; what came while it was not is gone."""

    page: str | None = None
    scene: str | None = None
    """The scene recalled last."""
    state: str | None = None
    """The talk with Scope: searching, loading, connecting, streaming, paused."""
    signal: str | None = None
    """The last number of this signal counts: at least `above`, less than `below`."""
    above: float | None = None
    below: float | None = None
    negate: bool = False
    """Passes while it is not so."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Until the next line of so many beats or bars (seconds: so long); the newest that waits is what leaves."""

    until: Duration


@dataclass(frozen=True, slots=True)
class Press:
    """Which event of a button counts: each gives a pulse, 1 and at once 0. A route's key `press` makes it."""

    kind: Literal["press", "release", "long", "double"]
    """`press` on a rise through 0.5, `release` on the fall, `long` when it was held for `LONG_PRESS`, `double` on the
    second rise within `DOUBLE_PRESS`."""


LONG_PRESS: Final = 0.6
"""Seconds that a button is held for a long press."""
DOUBLE_PRESS: Final = 0.35
"""Seconds within which two presses are a double one."""

Filter = (
    Clamp | Invert | Curve | Deadzone | Detent | Levels | Round | Math | Choose | Wrap
    | Smooth | OneEuro | Slew | Spring | Hold | Delay | Accumulate | Normalise | Envelope
    | Gate | Edge | Toggle | Every | AtMost | Changed | When | Wait | Press
)  # fmt: skip


TIME: Final = Length(cut=False)
_LAG: Final = Length()


def _given(fields: Fields, key: str, otherwise: Any) -> Any:
    return fields[key].value if key in fields else otherwise


def _per_second(near: re.Match[str]) -> str:
    seconds = float(near[1]) / (1000 if near[2] == "ms" else 1)
    return f"the whole way in {near[0]} is {1 / seconds:.4g} per second" if seconds else "for no limit, take it out"


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

    def read(self, node: source.Node, notes: Notes, subject: Subject) -> Curve | None:
        if isinstance(node, source.Mapping):
            found = OneOf(CURVE).read(node, notes, subject)
            return None if found is None else self._own(found)
        if not isinstance(node, source.Scalar):
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
SMOOTH = Record(
    "smooth",
    (
        Field("attack", _LAG, "The lag of a rise.", "10 ms", default="follows at once"),
        Field("release", _LAG, "The lag of a fall.", "400 ms", default="follows at once"),
    ),
    aliases={"rise": "attack", "up": "attack", "fall": "release", "down": "release", "decay": "release"},
)
ONE_EURO = Record(
    "one_euro",
    (
        Field("min_cutoff", Number(0.001, 1000), "Hz; lower is calmer at rest.", "1", default="1"),
        Field("beta", Number(0, 1000), "How much speed opens the filter.", "0.5", default="0"),
        Field("d_cutoff", Number(0.001, 1000), "Hz, of the speed's own filter.", "1", default="1"),
    ),
    aliases={"cutoff": "min_cutoff", "mincutoff": "min_cutoff", "fcmin": "min_cutoff", "dcutoff": "d_cutoff"},
)
SLEW = Record(
    "slew",
    (
        Field("up", Number(0, above=True), "So much up in a second, at most.", "2", default="no limit"),
        Field("down", Number(0, above=True), "So much down in a second, at most.", "0.5", default="no limit"),
    ),
    aliases={"rise": "up", "attack": "up", "fall": "down", "release": "down"},
)
SPRING = Record(
    "spring",
    (
        Field("period", TIME, "How long one swing takes without damping.", "400 ms", required=True),
        Field(
            "damping",
            Number(0.01, 100),
            "1 arrives without swinging over, less swings.",
            "0.4",
            default="1",
        ),
    ),
    aliases={"time": "period", "damp": "damping"},
)
ACCUMULATE = Record(
    "accumulate",
    (
        Field("step", Number(), "What a movement of 1 adds.", "0.01", default="0.01"),
        Field("low", Number(), "The lower end.", "0", default="0"),
        Field("high", Number(), "The upper end.", "1", default="1"),
        Field("start", Number(), "Where it begins.", "0.5", default="0, or the end that is nearest to it"),
        Field("wrap", Switch(), "Whether what leaves one end comes in at the other.", "true", default="it stays there"),
    ),
    aliases={"min": "low", "max": "high", "initial": "start", "by": "step", "amount": "step"},
)
NORMALISE = Record(
    "normalise",
    (
        Field("window", TIME, "How fast the ends forget what has been.", "10 s", required=True),
        Field(
            "floor",
            Number(0, above=True),
            "The smallest span that counts as movement: below it 0 comes out, and not noise made large.",
            "0.01",
            default="0.001",
        ),
    ),
    aliases={"time": "window", "min": "floor"},
)
ENVELOPE = Record(
    "envelope",
    (
        Field("attack", _LAG, "Up to 1.", "5 ms", default="at once"),
        Field("decay", _LAG, "From 1 down to `sustain`.", "400 ms", default="at once"),
        Field("sustain", Number(0, 1), "Where it stays while the signal stays up.", "0.5", default="0, a plain pulse"),
        Field("release", _LAG, "From `sustain` down to 0, when the signal falls.", "1 s", default="at once"),
    ),
    aliases={"a": "attack", "d": "decay", "s": "sustain", "r": "release", "hold": "sustain"},
)
GATE = Record(
    "gate",
    (
        Field("open", Number(), "From here up it opens.", "0.6", required=True),
        Field("close", Number(), "Below here it closes.", "0.5", default="where it opens"),
    ),
    aliases={"threshold": "open", "high": "open", "on": "open", "low": "close", "off": "close"},
)
EDGE = Record(
    "edge",
    (
        Field("threshold", Number(), "Where the edge is.", "0.3", default="0.5"),
        Field(
            "edge",
            Choice(("rise", "fall", "both")),
            "Which of them leaves: `rise` gives 1 on each rise, `fall` gives 1 on each fall, `both` 1 and 0.",
            "rise",
            default="both",
        ),
    ),
    aliases={"at": "threshold", "level": "threshold", "direction": "edge", "on": "edge"},
)
TOGGLE = Record(
    "toggle",
    (Field("start", Switch(), "Whether it begins as on.", "true", default="off"),),
    aliases={"initial": "start", "on": "start"},
)
CHANGED = Record("changed", (Field("by", Number(0), "By more than this.", "0.01", default="0"),))
WHEN = Record(
    "when",
    (
        Field("page", Text("the name of a page"), "While this page is in force.", "perform"),
        Field("scene", Text("the name of a scene"), "While this scene is the one recalled last.", "drop"),
        Field(
            "state",
            Choice(("searching", "loading", "connecting", "streaming", "paused")),
            "While the talk with Scope stands so.",
            "streaming",
        ),
        Field(
            "signal",
            Text("a signal: input/path"),
            "While the last number of this signal is at least `above` and less than `below`; without both, 0.5 or more.",
            "apc/shift",
        ),
        Field("above", Number(), "From here up, of `signal`.", "0.5"),
        Field("below", Number(), "Below here, of `signal`.", "0.9"),
        Field("negate", Switch(), "Whether it passes while all that is not so.", "true", default="false"),
    ),
    aliases={"not": "negate", "unless": "negate", "from": "signal", "is": "state", "min": "above", "max": "below"},
)


@dataclass(frozen=True, slots=True)
class LevelsShape:
    """How many, or which."""

    what: str = "how many levels, from 2, or a list of them, rising"

    def read(self, node: source.Node, notes: Notes, subject: Subject) -> Levels | None:
        if isinstance(node, source.Sequence):
            values = _SOME.read(node, notes, subject)
            return None if values is None else Levels(values)
        if isinstance(node, source.Scalar) and resolve(node) in (0, 1) and not isinstance(resolve(node), bool):
            notes.error(node.place, "levels are at least two, or nothing would ever move", subject.hint)
            return None
        if not isinstance(node, source.Scalar) or is_nothing(node):
            refuse(node, notes, subject, self.what)
            return None
        count = _COUNT.read(node, notes, subject)
        return None if count is None else Levels(tuple(index / (int(count) - 1) for index in range(int(count))))

    def schema(self) -> Json:
        return {"anyOf": [_COUNT.schema(), _SOME.schema()]}


_COUNT: Final = Number(2, 1024, whole=True)
_SOME: Final = Row()


def _smooth(fields: Fields) -> Smooth | Wrong:
    if "time" in fields:
        return Smooth(fields["time"].value, fields["time"].value)
    attack, release = _given(fields, "attack", CUT), _given(fields, "release", CUT)
    if not attack.amount and not release.amount:
        return Wrong("smooth needs a time", "for example: smooth: 150 ms")
    return Smooth(attack, release)


def _slew(fields: Fields) -> Slew | Wrong:
    if "both" in fields:
        return Slew(fields["both"].value, fields["both"].value)
    if not fields:
        return Wrong("slew needs a speed", "for example: slew: {up: 2, down: 0.5}")
    return Slew(_given(fields, "up", math.inf), _given(fields, "down", math.inf))


def _accumulate(fields: Fields) -> Accumulate | Wrong:
    low, high = float(_given(fields, "low", 0.0)), float(_given(fields, "high", 1.0))
    step, start = _given(fields, "step", 0.01), _given(fields, "start", min(max(0.0, low), high))
    if not step:
        return Wrong("a step of 0 goes nowhere", "for example: step: 0.01", "step")
    if low >= high:
        key = "high" if "high" in fields else "low"
        return Wrong(
            f"the lower end comes before the upper one, and here they are {figure(low)} and {figure(high)}",
            f"write {{low: {figure(high)}, high: {figure(low)}}}" if low > high else "for example: {low: 0, high: 1}",
            key,
        )
    if not low <= start <= high:
        return Wrong(
            f"it begins at {figure(start)}, which is not from {figure(low)} to {figure(high)}",
            f"begin at {figure(min(max(start, low), high))}",
            "start",
        )
    return Accumulate(step, low, high, start, _given(fields, "wrap", False))


def _envelope(fields: Fields) -> Envelope | Wrong:
    attack, decay, release = (_given(fields, key, CUT) for key in ("attack", "decay", "release"))
    sustain = _given(fields, "sustain", 0.0)
    if not sustain and "release" in fields:
        return Wrong(
            "the release begins from the sustain, and this envelope has none",
            "for a pulse, write decay instead; to hold it while the signal is up, add sustain: 0.8",
            "release",
        )
    if not sustain and not attack.amount and not decay.amount:
        return Wrong(
            "this envelope is over as soon as it begins", "for example: envelope: {attack: 5 ms, decay: 400 ms}"
        )
    return Envelope(attack, decay, sustain, release)


def _gate(fields: Fields) -> Gate | Wrong:
    opens = fields["open"].value
    closes = _given(fields, "close", opens)
    if closes > opens:
        return Wrong(
            f"the gate opens at {figure(opens)} and would close at {figure(closes)}, above it",
            f"write {{open: {figure(closes)}, close: {figure(opens)}}}",
            "close",
        )
    return Gate(opens, closes)


def _when(fields: Fields) -> When | Wrong:
    asked = [key for key in ("page", "scene", "state", "signal") if key in fields]
    for key in ("above", "below"):
        if key in fields and "signal" not in fields:
            return Wrong(
                f"'{key}' is about a signal, and this names none",
                f"for example: when: {{signal: apc/fader/1, {key}: 0.5}}",
                key,
            )
    if not asked:
        return Wrong("when needs to say what must be so", "for example: when: {page: perform}")
    above, below = _given(fields, "above", None), _given(fields, "below", None)
    if above is not None and below is not None and above >= below:
        return Wrong(
            f"no number is {figure(above)} or more and less than {figure(below)}",
            f"write {{above: {figure(below)}, below: {figure(above)}}}" if above > below else "make below larger",
            "below",
        )
    words = {key: fields[key].value for key in asked}
    return When(**words, above=above, below=below, negate=_given(fields, "negate", False))


def _apart(near: re.Match[str]) -> str:
    rate = float(near[1])
    return f"it takes the time between two: write {1000 / rate:.4g} ms" if rate else "to let nothing pass, use when"


FILTERS: tuple[Field[Filter], ...] = (
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
            lambda fields: Deadzone(fields["width"].value, _given(fields, "center", 0.5)),
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
            lambda fields: Detent(fields["points"].value, _given(fields, "width", 0.05)),
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
    Field(
        "smooth",
        Form("a time like 150 ms, or {attack: 10 ms, release: 400 ms}", _smooth, SMOOTH, TIME, "time"),
        "Follow with a lag: the time in which a sudden change gets 63 % of the way; one for both directions, or "
        "`attack` for a rise and `release` for a fall.",
        "150 ms",
    ),
    Field(
        "one_euro",
        Form(
            "true, or {min_cutoff: 1, beta: 0.5}",
            lambda fields: OneEuro(
                _given(fields, "min_cutoff", 1.0), _given(fields, "beta", 0.0), _given(fields, "d_cutoff", 1.0)
            ),
            ONE_EURO,
            bare=True,
        ),
        "The 1 euro filter, for trackers and hands: calm while slow, quick while fast.",
        "{min_cutoff: 1, beta: 0.5}",
    ),
    Field(
        "slew",
        Form(
            "a speed per second like 0.5, or {up: 2, down: 0.5}",
            _slew,
            SLEW,
            Number(0, above=True),
            "both",
            hints={r"([0-9.]*[0-9]) ?(ms|s)": _per_second},
        ),
        "At most so much in a second: on the way from 0 to 1, 0.5 takes two seconds for all of it.",
        "0.5",
    ),
    Field(
        "spring",
        Form(
            "a time like 400 ms, or {period: 400 ms, damping: 0.4}",
            lambda fields: Spring(fields["period"].value, _given(fields, "damping", 1.0)),
            SPRING,
            TIME,
            "period",
        ),
        "Follow like a mass on a spring; with a damping below 1 it swings over.",
        "{period: 400 ms, damping: 0.4}",
    ),
    Field(
        "hold",
        Form(TIME.what, lambda fields: Hold(fields["time"].value), short=TIME, key="time"),
        "Keep the highest value so long before it may fall.",
        "200 ms",
    ),
    Field(
        "delay",
        Form(TIME.what, lambda fields: Delay(fields["time"].value), short=TIME, key="time"),
        "Everything so much later; nothing is lost.",
        "1 beat",
    ),
    Field(
        "accumulate",
        Form(
            "a step like 0.01, or {step: 0.01, low: 0, high: 1}",
            _accumulate,
            ACCUMULATE,
            Number(),
            "step",
            bare=True,
        ),
        "Add up what arrives, for encoders that send movements: each goes so far.",
        "0.01",
    ),
    Field(
        "normalise",
        Form(
            "a time like 10 s, or {window: 10 s, floor: 0.01}",
            lambda fields: Normalise(fields["window"].value, _given(fields, "floor", 1e-3)),
            NORMALISE,
            TIME,
            "window",
        ),
        "Spread what has arrived of late over 0 to 1, between its lowest and its highest.",
        "10 s",
    ),
    Field(
        "envelope",
        Form(
            "a mapping like {attack: 5 ms, decay: 400 ms}",
            _envelope,
            ENVELOPE,
            hints={r"[0-9.]+ ?(?:ms|s|beats?|bars?)": lambda near: f"a pulse of that length is {{decay: {near[0]}}}"},
        ),
        "A rise through 0.5 starts a shape of its own: up, down to the sustain, and down to 0 when the signal falls.",
        "{attack: 5 ms, decay: 400 ms}",
    ),
    Field(
        "gate",
        Form("a threshold like 0.5, or {open: 0.6, close: 0.5}", _gate, GATE, Number(), "open"),
        "Open above a threshold: what passes, passes as it is; below, 0 comes out once. Between `close` and `open` it "
        "stays as it was.",
        "{open: 0.6, close: 0.5}",
    ),
    Field(
        "edge",
        Form(
            "true, a threshold like 0.3, rise, fall or both, or {threshold: 0.3, edge: rise}",
            lambda fields: Edge(_given(fields, "threshold", 0.5), _given(fields, "edge", "both")),
            EDGE,
            Number(),
            "threshold",
            Choice(("rise", "fall", "both")),
            "edge",
            bare=True,
            hints={
                "up|rising|raise|on|press": lambda near: "write edge: rise",
                "down|falling|off|release": lambda near: "write edge: fall",
            },
        ),
        "A rise through the threshold gives 1, a fall gives 0; nothing between.",
        "{threshold: 0.3, edge: rise}",
    ),
    Field(
        "toggle",
        Form(
            "true, or {start: true}",
            lambda fields: Toggle(_given(fields, "start", False)),
            TOGGLE,
            bare=True,
        ),
        "Each rise through 0.5 changes between 0 and 1.",
        "true",
    ),
    Field(
        "every",
        Form(
            Number(2, 9999, whole=True).what,
            lambda fields: Every(int(fields["count"].value)),
            short=Number(2, 9999, whole=True),
            key="count",
        ),
        "Only every n-th rise through 0.5 passes; the first is the n-th.",
        "4",
    ),
    Field(
        "at_most",
        Form(
            "the time between two, like 100 ms or 1 beat",
            lambda fields: AtMost(fields["time"].value),
            short=TIME,
            key="time",
            hints={r"([0-9]+(?:\.[0-9]+)?) ?(?:hz|Hz|per s|per second|/s|x)": _apart},
        ),
        "At most one in a time; the last one always comes, at the end of it.",
        "100 ms",
    ),
    Field(
        "changed",
        Form(
            "true, or a number like 0.01",
            lambda fields: Changed(_given(fields, "by", 0.0)),
            CHANGED,
            Number(0),
            "by",
            bare=True,
        ),
        "Only what differs from the last that passed, by more than this.",
        "0.01",
    ),
    Field(
        "when",
        Form("a mapping like {page: perform}", _when, WHEN),
        "Passes only while all of it is so; what came meanwhile is gone.",
        "{page: perform}",
    ),
    Field(
        "wait",
        Form(
            "a line like beat, bar or 4 bars, or a time",
            lambda fields: Wait(fields["until"].value),
            short=Length("a line like beat, bar or 4 bars, or a time like 2 s", cut=False),
            key="until",
            hints={r"[0-9]+(?:\.[0-9]+)?": lambda near: f"with its unit: {near[0]} bars, or {near[0]} s"},
        ),
        "Until the next line of so many beats or bars; of what waits, the newest leaves.",
        "bar",
    ),
)
"""What a route can do to a value: shape, motion, gates."""

KEYS: tuple[Record, ...] = (
    CURVE, DEADZONE, DETENT, SMOOTH, ONE_EURO, SLEW, SPRING, ACCUMULATE, NORMALISE, ENVELOPE, GATE, EDGE, TOGGLE,
    CHANGED, WHEN,
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
    "reverse": "invert",
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

    def read(self, node: source.Node, notes: Notes, subject: Subject) -> Filter | None:
        match node:
            case source.Scalar():
                return self._word(node, notes)
            case source.Mapping():
                return self._mapping(node, notes)
            case source.Sequence(items=(source.Scalar(text=name), source.Scalar(text=value))) if name in _KNOWN:
                notes.error(
                    node.place, "a filter is its name, a colon and a value, not a list", f"write {{{name}: {value}}}"
                )
            case source.Sequence(items=(source.Mapping(), *_)):
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

    def _word(self, node: source.Scalar, notes: Notes) -> Filter | None:
        if node.text in BARE:
            one = _KNOWN[node.text]
            return one.shape.read(source.Scalar(node.place, "", plain=True), notes, one.subject)
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

    def _mapping(self, node: source.Mapping, notes: Notes) -> Filter | None:
        pairs = [(key, value) for key, value in node.pairs if isinstance(key, source.Scalar)]
        if len(pairs) != 1 or len(node.pairs) != 1:
            self._not_one(node, pairs, notes)
            return None
        key, value = pairs[0]
        if key.text in _KNOWN:
            one = _KNOWN[key.text]
            return one.shape.read(value, notes, one.subject)
        self._unknown(key, notes)
        return None

    def _not_one(self, node: source.Mapping, pairs: list[tuple[source.Scalar, source.Node]], notes: Notes) -> None:
        if len(node.pairs) < 2 or len(pairs) < 2:
            notes.error(node.place, "a filter has a name and a value", "write [{curve: exp}, {smooth: 150 ms}]")
            return
        (first, value), (second, other) = pairs[:2]
        one = _KNOWN.get(first.text)
        record = one.shape.record if one is not None and isinstance(one.shape, Form) else None
        if (
            one is not None
            and one.name in ("math", "choose")
            and is_nothing(other)
            and isinstance(value, source.Scalar)
        ):
            texts = ", ".join([value.text, *(key.text for key, _ in pairs[1:])])
            what, written = ("the expression", f'"{texts}"') if one.name == "math" else ("the list", f"[{texts}]")
            notes.error(
                second.place,
                f"the comma before this ends {what}, because commas separate the entries of braces",
                f"write {{{one.name}: {written}}}",
            )
        elif record is not None and is_nothing(value) and second.text in {field.name for field in record.fields}:
            inner = ", ".join(
                f"{key.text}: {given.text if isinstance(given, source.Scalar) else '…'}" for key, given in pairs[1:]
            )
            notes.error(
                second.place,
                f"'{second.text}' belongs to {first.text}, and stands beside it",
                f"move it to the right, or write {{{first.text}: {{{shorten(inner, 60)}}}}}",
            )
        elif isinstance(value, source.Scalar) and (rest := _after_comma(value, second, other)):
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

    def _unknown(self, node: source.Scalar, notes: Notes) -> None:
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


def _after_comma(value: source.Scalar, second: source.Scalar, other: source.Node) -> str | None:
    """Return the number that was meant by two entries like `0` and `5 s`; None if they are none."""
    if not (re.fullmatch(r"-?[0-9]+", value.text) and re.fullmatch(r"[0-9]+( ?[a-z]+)?", second.text)):
        return None
    return f"{value.text}.{second.text}" if is_nothing(other) else None


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
