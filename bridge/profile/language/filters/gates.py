"""Filters that let some of what comes pass: how they are written."""

import re
from typing import Final

from bridge.profile.filters import AtMost, Changed, Edge, Every, Filter, Gate, Toggle, Wait, When
from bridge.profile.language.filters.forms import TIME, Form, Wrong
from bridge.profile.shapes.shape import figure
from bridge.profile.shapes.structures import Field, Fields, Record, value_of
from bridge.profile.shapes.values import Choice, Length, Number, Switch, Text

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


def _gate(fields: Fields) -> Gate | Wrong:
    opens = fields["open"].value
    closes = value_of(fields, "close", opens)
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
    above, below = value_of(fields, "above", None), value_of(fields, "below", None)
    if above is not None and below is not None and above >= below:
        return Wrong(
            f"no number is {figure(above)} or more and less than {figure(below)}",
            f"write {{above: {figure(below)}, below: {figure(above)}}}" if above > below else "make below larger",
            "below",
        )
    words = {key: fields[key].value for key in asked}
    return When(**words, above=above, below=below, negate=value_of(fields, "negate", False))


def _apart(near: re.Match[str]) -> str:
    rate = float(near[1])
    return f"it takes the time between two: write {1000 / rate:.4g} ms" if rate else "to let nothing pass, use when"


GATES: Final[tuple[Field[Filter], ...]] = (
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
            lambda fields: Edge(value_of(fields, "threshold", 0.5), value_of(fields, "edge", "both")),
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
            lambda fields: Toggle(value_of(fields, "start", False)),
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
            lambda fields: Changed(value_of(fields, "by", 0.0)),
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
"""Filters that let some of it pass."""
