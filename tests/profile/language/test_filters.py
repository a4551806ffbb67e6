"""Filters as they are written: what each may be, what it means, and that the editor is told the same."""

import math
from typing import Any

import jsonschema
import pytest

from bridge.profile.durations import CUT, Duration, Unit
from bridge.profile.filters import (
    Accumulate,
    AtMost,
    Changed,
    Choose,
    Clamp,
    Curve,
    Deadzone,
    Delay,
    Detent,
    Edge,
    Encoder,
    Envelope,
    Every,
    Filter,
    Gate,
    Hold,
    Invert,
    Levels,
    Math,
    Normalise,
    OneEuro,
    Round,
    Slew,
    Smooth,
    Spring,
    Toggle,
    Wait,
    When,
    Wrap,
)
from bridge.profile.language.filters.chain import BARE, FILTERS, KEYS, FilterItem, FilterList
from bridge.profile.shapes.shape import Subject
from bridge.profile.shapes.structures import example_node
from bridge.profile.shapes.values import Anything
from bridge.profile.source import nodes
from bridge.profile.source.compose import compose
from bridge.profile.source.problems import Notes, Problem

SUBJECT = Subject("filters", "")
SCHEMA = jsonschema.Draft202012Validator(FilterItem().schema())
BEAT = Duration(1, Unit.BEATS)


def ms(amount: float) -> Duration:
    return Duration(amount / 1000)


def read(text: str) -> tuple[Filter | None, tuple[Problem, ...]]:
    """Return the filter that stands in a profile as an item of `filters`, and what is wrong with it."""
    notes = Notes([f"filters: {text}"])
    root = compose(f"filters: {text}", notes)
    assert isinstance(root, nodes.Mapping)
    return FilterItem().read(root.pairs[0][1], notes, SUBJECT), notes.problems()


def plain(text: str) -> Any:
    """Return what a filter is as JSON, for the schema."""
    return Anything().read(example_node(text), Notes([text]), SUBJECT)


GOOD = [
    ("{clamp: [0.2, 0.8]}", Clamp(0.2, 0.8)),
    ("invert", Invert()),
    ("{invert: true}", Invert()),
    ("{invert: }", Invert()),
    ("{curve: exp}", Curve("exp")),
    ("{curve: log}", Curve("log")),
    ("{curve: s}", Curve("s")),
    ("{curve: {power: 3}}", Curve("power", 3)),
    ("{curve: {bezier: [0.4, 0, 0.2, 1]}}", Curve("bezier", points=((0.4, 0), (0.2, 1)))),
    ("{curve: {points: [[0, 0], [0.3, 0.8], [1, 1]]}}", Curve("points", points=((0, 0), (0.3, 0.8), (1, 1)))),
    ("{deadzone: 0.2}", Deadzone(0.2)),
    ("{deadzone: {width: 0.2, center: 0.4}}", Deadzone(0.2, 0.4)),
    ("{detent: [0, 0.5]}", Detent((0, 0.5))),
    ("{detent: {points: [0.5], width: 0.1}}", Detent((0.5,), 0.1)),
    ("{levels: 3}", Levels((0, 0.5, 1))),
    ("{levels: [0.1, 0.7]}", Levels((0.1, 0.7))),
    ("{round: 0.25}", Round(0.25)),
    ("{math: x * 2}", Math("x * 2")),
    ('{math: "min(x, 0.8)"}', Math("min(x, 0.8)")),
    ("{math: 0.5}", Math("0.5")),
    ("{choose: [reef, neon]}", Choose(("reef", "neon"))),
    ("{choose: [0.2, 1]}", Choose((0.2, 1.0))),
    ("{choose: [reef, 2]}", Choose(("reef", "2"))),
    ("{wrap: [0, 2]}", Wrap(0, 2)),
    ("{smooth: 150 ms}", Smooth(ms(150), ms(150))),
    ("{smooth: 1 beat}", Smooth(BEAT, BEAT)),
    ("{smooth: {attack: 5 ms, release: 2 s}}", Smooth(ms(5), Duration(2))),
    ("{smooth: {release: 2 s}}", Smooth(CUT, Duration(2))),
    ("one_euro", OneEuro()),
    ("{one_euro: {min_cutoff: 2, beta: 0.5, d_cutoff: 3}}", OneEuro(2, 0.5, 3)),
    ("{slew: 0.5}", Slew(0.5, 0.5)),
    ("{slew: {up: 2}}", Slew(2, math.inf)),
    ("{slew: {down: 2}}", Slew(math.inf, 2)),
    ("{spring: 400 ms}", Spring(ms(400))),
    ("{spring: {period: 400 ms, damping: 0.4}}", Spring(ms(400), 0.4)),
    ("{hold: 200 ms}", Hold(ms(200))),
    ("{delay: 1 beat}", Delay(BEAT)),
    ("accumulate", Accumulate()),
    ("{accumulate: 0.05}", Accumulate(0.05)),
    (
        "{accumulate: {step: -0.1, low: -1, high: 3, start: 2, wrap: true}}",
        Accumulate(-0.1, -1, 3, 2, wrap=True),
    ),
    ("{accumulate: {low: 0.5}}", Accumulate(low=0.5, start=0.5)),
    ("{encoder: offset}", Encoder("offset")),
    ("encoder", Encoder()),
    ("{encoder: auto}", Encoder("auto")),
    ("{encoder: {turn: 50, acceleration: 1}}", Encoder("steps", 50.0, 1.0)),
    ("{encoder: {relative: on off}}", Encoder("on off")),
    ("{normalise: 10 s}", Normalise(Duration(10))),
    ("{normalise: {window: 10 s, floor: 0.1}}", Normalise(Duration(10), 0.1)),
    ("{envelope: {attack: 5 ms, decay: 400 ms}}", Envelope(ms(5), ms(400))),
    ("{envelope: {decay: 400 ms}}", Envelope(CUT, ms(400))),
    (
        "{envelope: {attack: 5 ms, decay: 1 s, sustain: 0.5, release: 2 s}}",
        Envelope(ms(5), Duration(1), 0.5, Duration(2)),
    ),
    ("{gate: 0.5}", Gate(0.5, 0.5)),
    ("{gate: {open: 0.6, close: 0.5}}", Gate(0.6, 0.5)),
    ("{gate: {open: 0.6}}", Gate(0.6, 0.6)),
    ("edge", Edge()),
    ("{edge: 0.3}", Edge(0.3)),
    ("{edge: fall}", Edge(edge="fall")),
    ("{edge: {threshold: 0.3, edge: rise}}", Edge(0.3, "rise")),
    ("toggle", Toggle()),
    ("{toggle: {start: true}}", Toggle(start=True)),
    ("{every: 4}", Every(4)),
    ("{at_most: 100 ms}", AtMost(ms(100))),
    ("changed", Changed()),
    ("{changed: 0.01}", Changed(0.01)),
    ("{changed: {by: 0.01}}", Changed(0.01)),
    ("{when: {page: looks}}", When(page="looks")),
    ("{when: {scene: drop, state: streaming, negate: true}}", When(scene="drop", state="streaming", negate=True)),
    ("{when: {signal: apc/shift}}", When(signal="apc/shift")),
    ("{when: {signal: td/a, above: 0.2, below: 0.9}}", When(signal="td/a", above=0.2, below=0.9)),
    ("{wait: bar}", Wait(Duration(1, Unit.BARS))),
    ("{wait: 2 s}", Wait(Duration(2))),
]


@pytest.mark.parametrize(("text", "meant"), GOOD, ids=[text for text, _ in GOOD])
def test_a_filter_means_what_it_says(text: str, meant: Filter) -> None:
    assert read(text) == (meant, ())


@pytest.mark.parametrize("text", [text for text, _ in GOOD])
def test_the_schema_takes_what_the_reader_takes(text: str) -> None:
    assert [error.message for error in SCHEMA.iter_errors(plain(text))] == []


def test_every_filter_is_among_the_good_ones() -> None:
    assert {type(meant).__name__ for _, meant in GOOD} == {
        type(found).__name__ for one in FILTERS if (found := read(f"{{{one.name}: {one.example}}}")[0])
    }
    assert len(FILTERS) == len({type(meant) for _, meant in GOOD})


@pytest.mark.parametrize("one", FILTERS, ids=lambda one: one.name)
def test_the_example_of_a_filter_is_good(one: Any) -> None:
    found, problems = read(f"{{{one.name}: {one.example}}}")

    assert found is not None
    assert problems == ()
    assert one.about.endswith(".")


@pytest.mark.parametrize("record", KEYS, ids=lambda record: record.called)
def test_every_key_of_a_filter_has_a_good_example(record: Any) -> None:
    for key in record.fields:
        notes = Notes([key.example])
        assert key.shape.read(example_node(key.example), notes, key.subject) is not None, key.name
        assert notes.problems() == ()
        assert key.about.endswith(".")


def test_a_bare_word_is_good_exactly_where_nothing_is_needed() -> None:
    assert BARE == ("invert", "one_euro", "accumulate", "encoder", "edge", "toggle", "changed")
    for one in FILTERS:
        assert (read(one.name)[0] is not None) == (one.name in BARE)
        assert SCHEMA.is_valid(one.name) == (one.name in BARE)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("{clamp: 0.5}", "'clamp' takes two numbers, not the number 0.5", "for example: clamp: [0.2, 0.8]"),
        ("{clamp: {low: 0}}", "'clamp' takes two numbers, the lower one first, not a mapping", None),
        ("{wrap: [1, 0]}", "'wrap' takes the lower end first", "write [0, 1]"),
        ("{invert: 0.5}", "'invert' takes true, not the number 0.5", None),
        ("{curve: linear}", "a linear curve bends nothing", None),
        ("{curve: power}", "the curve power needs its exponent", "write curve: {power: 2}"),
        ("{curve: points}", "the curve points needs numbers", None),
        ("{curve: {}}", "'curve' needs one of power, bezier, points", "for example: curve: exp"),
        ("{curve: {gamma: 2}}", "there is no key 'gamma' in curve", "did you mean 'power'?"),
        ("{curve: {points: [[0, 0]]}}", "'points' takes two or more points, and here is one", None),
        ("{curve: {points: [[0, 0], [1, 2]]}}", "'a point of the curve' takes a number from 0 to 1", None),
        ("{curve: {points: [[0, 0], [0.5, 1]]}}", "the last point of a curve is at 1, the end of the way", None),
        ("{curve: {bezier: [0, 2, 0, 1]}}", "'bezier' takes a number from 0 to 1, and 2 is outside", None),
        ("{deadzone: 2}", "'deadzone' takes a number from 0.01 to 0.99, and 2 is outside", None),
        ("{deadzone: {center: 0.5}}", "deadzone needs the key 'width'", "for example: width: 0.1"),
        ("{detent: [0.5, 0.5]}", "'detent' rises from one number to the next, and 0.5 comes after 0.5", "write [0.5]"),
        ("{detent: []}", "'detent' takes a list of numbers from 0 to 1", None),
        ("{levels: [0.5]}", "'levels' takes 2 or more numbers", None),
        ("{levels: many}", "'levels' takes a whole number from 2 to 1024, not the text 'many'", None),
        ("{levels: {}}", "'levels' takes how many levels, from 2, or a list of them, rising, not a mapping", None),
        ("{round: 0}", "'round' takes a number above 0, and 0 is outside", None),
        ("{math: }", "'math' takes an expression of x", None),
        ("{math: x times 2}", "between two values stands something like * or +", None),
        ("{choose: [reef]}", "'choose' takes a list of two or more, like [reef, neon, ember], and here is one", None),
        ('{choose: "reef, neon"}', "'choose' takes a list of two or more", "write [reef, neon]"),
        ("{choose: [reef, true]}", "'choose' takes text, and true is a switch", 'in quotes it is text: "true"'),
        ("{smooth: 0 ms}", "'smooth' takes a time, and this is none", None),
        ("{smooth: {}}", "smooth needs a time", "for example: smooth: 150 ms"),
        ("{smooth: {attack: cut}}", "smooth needs a time", None),
        ("{one_euro: 1}", "one_euro takes true, or {min_cutoff: 1, beta: 0.5}, not the number 1", None),
        ("{slew: 200 ms}", "'slew' takes a speed per second", "the whole way in 200 ms is 5 per second"),
        ("{slew: {}}", "slew needs a speed", None),
        ("{spring: {damping: 0.5}}", "spring needs the key 'period'", None),
        ("{accumulate: {step: 0}}", "a step of 0 goes nowhere", None),
        ("{accumulate: {start: 5}}", "it begins at 5, which is not from 0 to 1", "begin at 1"),
        ("{accumulate: {low: 1}}", "the lower end comes before the upper one, and here they are 1 and 1", None),
        ("{envelope: {}}", "this envelope is over as soon as it begins", None),
        ("{edge: up}", "'edge' takes true, a threshold", "write edge: rise"),
        ("{edge: off}", "'edge' takes true, a threshold", "write edge: fall"),
        ("{toggle: on}", "'toggle' takes true, or {start: true}, not the text 'on'", None),
        ("{at_most: 4 per s}", "at_most takes the time between two", "it takes the time between two: write 250 ms"),
        ("{when: page}", "'when' takes a mapping like {page: perform}", None),
        ("{when: {}}", "when needs to say what must be so", None),
        ("{when: {negate: true}}", "when needs to say what must be so", None),
        ("{when: {not: true}}", "there is no key 'not' in when", "did you mean 'negate'?"),
        ("{smooth: {atack: 5 ms}}", "there is no key 'atack' in smooth", "did you mean 'attack'?"),
        ("{when: {signal: td/a, above: 1, below: 0}}", "no number is 1 or more and less than 0", None),
        ("{smoothe: 1 s}", "there is no filter called 'smoothe'", "did you mean 'smooth'?"),
        ("{wobble: 1}", "there is no filter called 'wobble'", "the filters are clamp, invert"),
        ("{quantize: 4}", "there is no filter called 'quantize'", "did you mean 'levels'?"),
        ("{press: long}", "'press' is a key of the route, not a filter", "write it beside filters: press: long"),
        ('"smooth:1 s"', "a space is missing after the colon", "write {smooth: 1 s}"),
        ("[{curve: s}, invert]", "this list stands where one filter belongs", None),
        ("{}", "a filter has a name and a value", None),
        ("{curve: s, invert: true}", "each filter is an item of its own, because their order counts", None),
    ],
)
def test_a_mistake_is_said_with_a_way_out(text: str, message: str, hint: str | None) -> None:
    found, problems = read(text)

    assert found is None
    assert [problem.message[: len(message)] for problem in problems] == [message]
    assert problems[0].hints
    assert hint is None or problems[0].hints[0].startswith(hint)


def test_filters_stand_in_a_list_in_their_order() -> None:
    text = "filters: [{smooth: 1 s}, invert, {every: 2}]"
    notes = Notes([text])
    root = compose(text, notes)
    assert isinstance(root, nodes.Mapping)

    found = FilterList().read(root.pairs[0][1], notes, SUBJECT)

    assert found is not None
    assert [one.value for one in found] == [Smooth(Duration(1), Duration(1)), Invert(), Every(2)]
    assert [one.place.column for one in found] == [11, 26, 34]


@pytest.mark.parametrize(
    "text", ["{curve: {}}", "{curve: {power: 2, bezier: [0, 0, 1, 1]}}", "{gate: {}}", "{every: 1}", "{edge: up}", "{}"]
)
def test_the_schema_refuses_what_the_reader_refuses(text: str) -> None:
    assert read(text)[0] is None
    assert not SCHEMA.is_valid(plain(text))
