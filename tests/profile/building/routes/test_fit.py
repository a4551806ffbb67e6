"""Whether a route fits its target: how far values go through filters, and what is said where they go too far."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import profile
from bridge.mapping.stages import open_stage
from bridge.profile.building.routes.intervals import ANYTHING, WAY, Interval, reach, settled, through
from bridge.profile.durations import CUT, Duration
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
    Press,
    Round,
    Slew,
    Smooth,
    Spring,
    Toggle,
    Wait,
    When,
    Wrap,
)
from tests.mapping.show import Show, play

TICK = Duration(0.2)
part = st.floats(0, 1)
share = st.floats(0.01, 0.9)
number = st.floats(-2, 2)
rising = st.lists(part, min_size=2, max_size=5, unique=True).map(lambda row: tuple(sorted(row)))
ends = st.tuples(number, st.floats(0.1, 2)).map(lambda pair: (pair[0], pair[0] + pair[1]))
corners = st.tuples(st.lists(st.floats(0.1, 0.9), max_size=3, unique=True), st.lists(part, min_size=5, max_size=5)).map(
    lambda drawn: tuple(zip([0.0, *sorted(drawn[0]), 1.0], drawn[1], strict=False))
)
filters: st.SearchStrategy[Filter] = st.one_of(
    ends.map(lambda pair: Clamp(*pair)),
    st.booleans().map(Invert),
    st.sampled_from([Curve("exp"), Curve("log"), Curve("s")]),
    st.floats(0.1, 8).map(lambda power: Curve("power", power)),
    st.tuples(part, part, part, part).map(lambda four: Curve("bezier", points=(four[:2], four[2:]))),
    corners.map(lambda points: Curve("points", points=points)),
    st.tuples(share, part).map(lambda pair: Deadzone(*pair)),
    st.tuples(rising, share).map(lambda pair: Detent(*pair)),
    rising.map(Levels),
    st.floats(0.01, 3).map(Round),
    st.sampled_from(["x * 2 - 0.5", "x ** 2", "1 if x > 0.3 else x", "abs(x - 0.5)", "sin(x * pi)"]).map(Math),
    st.lists(number, min_size=2, max_size=5).map(lambda items: Choose(tuple(items))),
    st.just(Choose(("reef", "neon", "ember"))),
    ends.map(lambda pair: Wrap(*pair)),
    st.just(Smooth(TICK, CUT)),
    st.just(OneEuro(beta=0.5)),
    st.just(Slew(1, math.inf)),
    st.floats(0.1, 2).map(lambda damping: Spring(TICK, damping)),
    st.just(Hold(TICK)),
    st.just(Delay(TICK)),
    st.booleans().map(lambda around: Accumulate(0.3, -1, 2, 0.5, around)),
    st.just(Normalise(TICK)),
    st.sampled_from([Envelope(TICK, TICK), Envelope(CUT, TICK, 0.5, TICK)]),
    ends.map(lambda pair: Gate(pair[1], pair[0])),
    st.tuples(part, st.sampled_from(["rise", "fall", "both"])).map(lambda pair: Edge(pair[0], pair[1])),  # type: ignore[arg-type]
    st.booleans().map(Toggle),
    st.just(Every(2)),
    st.just(AtMost(TICK)),
    part.map(Changed),
    st.just(When(page="a")),
    st.just(Wait(TICK)),
    st.sampled_from([Press("press"), Press("release"), Press("long"), Press("double")]),
)
interval = st.tuples(number, number).map(lambda pair: (min(pair), max(pair)))


@given(filters, interval, st.lists(st.tuples(part, st.floats(0.01, 1)), min_size=1, max_size=12))
def test_no_filter_lets_out_what_is_said_to_be_out_of_reach(
    one: Filter, come: Interval, moves: list[tuple[float, float]]
) -> None:
    samples, now = [], 0.0
    for way, pause in moves:
        now += pause
        samples.append((now, min(come[1], max(come[0], come[0] + way * (come[1] - come[0])))))
    ticks = [index * 0.07 for index in range(int(now / 0.07) + 30)]

    left = play(open_stage(one, Show()), samples, ticks).values

    reached = reach(one, come)
    if isinstance(one, Changed) and reached is None:
        left = left[1:]  # the first always passes
    if reached is None:
        assert left == []
    else:
        assert all(reached[0] - 1e-6 <= value <= reached[1] + 1e-6 for value in left)


@pytest.mark.parametrize(
    ("one", "come", "reached"),
    [
        (Clamp(0.2, 0.8), WAY, (0.2, 0.8)),
        (Clamp(0.2, 0.8), ANYTHING, (0.2, 0.8)),
        (Invert(way=False), (1, 2), (-2, -1)),
        (Invert(), (0.2, 0.3), (0.7, 0.8)),
        (Curve("power", 2), (0.5, 1), (0.25, 1)),
        (Curve("points", points=((0, 0.2), (0.5, 0.9), (1, 0.4))), WAY, (0.2, 0.9)),
        (Curve("points", points=((0, 0.2), (0.5, 0.9), (1, 0.4))), (0, 0.25), (0.2, 0.55)),
        (Levels((0, 0.5, 1)), (0.3, 0.6), (0.5, 0.5)),
        (Round(50), WAY, (0, 0)),
        (Math("x * 2"), WAY, (0, 2)),
        (Math("x * 2"), ANYTHING, ANYTHING),
        (Math("1 / 0"), WAY, None),
        (Choose((3.0, 5.0, 4.0)), WAY, (3, 5)),
        (Choose((3.0, 5.0, 4.0)), (0.9, 1), (4, 4)),
        (Wrap(0, 1), (0.2, 0.3), (0.2, 0.3)),
        (Wrap(0, 1), (0.2, 3), (0, 1)),
        (Spring(TICK), WAY, WAY),
        (Spring(TICK, 0.5), ANYTHING, ANYTHING),
        (Accumulate(low=-1, high=4), (7, 9), (-1, 4)),
        (Normalise(TICK), ANYTHING, WAY),
        (Gate(0.5, 0.4), WAY, (0, 1)),
        (Gate(1.5, 1.5), WAY, None),
        (Edge(0.5, "rise"), WAY, (1, 1)),
        (Edge(0.5, "fall"), (0.6, 1), None),
        (Edge(2), WAY, None),
        (Toggle(), (0, 0.4), None),
        (Changed(1), WAY, None),
    ],
    ids=str,
)
def test_an_interval_is_as_narrow_as_can_be_told(one: Filter, come: Interval, reached: Interval | None) -> None:
    assert reach(one, come) == (None if reached is None else pytest.approx(reached))


def test_a_single_jump_of_a_spring_stays_well_inside_what_it_can_reach() -> None:
    low, high = reach(Spring(TICK, 0.4), WAY) or (0, 0)
    once = math.exp(-math.pi * 0.4 / math.sqrt(1 - 0.4**2))

    assert high > 1 + once
    assert low == pytest.approx(1 - high)


def test_nothing_comes_after_a_filter_that_lets_nothing_through() -> None:
    assert through([Clamp(0, 0.2), Toggle(), Invert()], WAY) == [WAY, (0, 0.2), None, None]


@pytest.mark.parametrize(
    ("row", "has_way", "way"),
    [
        ([Invert()], True, True),
        ([Invert()], False, False),
        ([Normalise(TICK), Invert()], False, True),
        ([Toggle(), Invert()], False, True),
        ([Clamp(0, 1), Invert()], False, True),
        ([Clamp(-1, 1), Invert()], False, False),
        ([Math("x * 5"), Invert()], True, True),
    ],
)
def test_invert_turns_the_way_around_where_there_is_one(row: list[Filter], has_way: bool, way: bool) -> None:
    assert settled(row, has_way)[-1] == Invert(way)


# What is said of it.

HEAD = """\
inputs: {td: {osc: 9000}, desk: {osc: 9001, range: [0, 1]}, cam: {video: {pattern: bars}}}
outputs: {program: {ndi: A}}
scope: {vace: images, video: [cam]}
loras: {change: smooth, arcane: a.safetensors}
start: {prompt: reef}
prompts: {bank: {reef: "{mood} reef", neon: rain}, words: {mood: [calm, tense]}}
scenes: {intro: {prompt: reef}}
routes:
  - td/any -> prompt
  - desk/any -> word/mood
"""


def said(route: str) -> list[str]:
    """Return what is wrong with a route, without what has nothing to do with fitting."""
    problems = profile.read(f"{HEAD}  - {{{route}}}\n", "x.yaml", {}).problems
    return [problem.message for problem in problems if "cuts the picture" not in problem.message]


@pytest.mark.parametrize(
    "route",
    [
        "from: desk/a, to: bypass, filters: [invert, {curve: s}, {smooth: 150 ms}]",
        "from: desk/a, to: vace_context_scale, out: [0.5, 2]",
        "from: desk/a, to: vace_context_scale, out: [2, 0.5]",
        "from: desk/a, to: vace_context_scale, mix: add, out: [-0.5, 0.5]",
        "from: desk/a, to: vace_context_scale, mix: multiply, out: [0, 5]",
        "from: desk/a, to: bypass, filters: [{math: x * 2}, {clamp: [0, 1]}]",
        "from: desk/a, to: bypass, out: [0, 0.4], filters: [{math: x * 2}]",
        "from: desk/a, to: bypass, out: [0.3, 0.6], filters: [{spring: {period: 300 ms, damping: 0.5}}]",
        "from: desk/a, to: vace_context_scale, out: [0, 4], filters: [{clamp: [0, 0.5]}]",
        "from: td/a, to: lora/arcane, filters: [{smooth: 1 s}]",
        "from: td/enc, to: bypass, filters: [accumulate]",
        "from: td/a, to: param/glow, filters: [{math: x * 200}, {gate: 64}, {clamp: [0, 99]}]",
        "from: td/a, to: param/glow, filters: [{normalise: 10 s}, {curve: exp}]",
        "from: td/a, to: param/glow, in: [0, 127], filters: [{levels: 5}]",
        "from: desk/a, to: prompt, filters: [{choose: [reef, neon]}]",
        "from: desk/a, to: prompt, press: double, filters: [{choose: [reef, neon]}]",
        "from: desk/a, to: word/mood, filters: [{choose: [calm, tense]}]",
        "from: desk/a, to: spatial_interpolation_method, filters: [{choose: [linear, slerp]}]",
        "from: td/a, to: tap, filters: [{edge: rise}]",
        "from: desk/a, to: scene/intro, press: long",
        "from: desk/a, to: bypass, filters: [{when: {scene: intro}}, {when: {signal: td/any, above: 0.5}}]",
        "from: desk/a, to: lora/arcane, per_chunk: mean",
        "from: desk/a, to: paused, filters: [toggle]",
    ],
)
def test_a_route_that_fits_is_left_in_peace(route: str) -> None:
    assert said(route) == []


@pytest.mark.parametrize(
    ("route", "message"),
    [
        (
            "from: desk/a, to: vace_context_scale, out: [0.2, 2.6]",
            "vace_context_scale goes from 0 to 2, but this route can send up to 2.6",
        ),
        (
            "from: desk/a, to: vace_context_scale, out: [0, 4], filters: [{clamp: [0, 0.6]}]",
            "vace_context_scale goes from 0 to 2, but this route can send up to 2.4",
        ),
        (
            "from: desk/a, to: bypass, filters: [{math: x * 2}]",
            "bypass goes from 0 to 1, but this route can send up to 2",
        ),
        (
            "from: desk/a, to: bypass, filters: [{math: x - 1}, {smooth: 1 s}]",
            "bypass goes from 0 to 1, but this route can send down to -1",
        ),
        (
            "from: td/a, to: bypass, filters: [{choose: [0.5, 3]}]",
            "bypass goes from 0 to 1, but this route can send up to 3",
        ),
        (
            "from: desk/a, to: bypass, mix: add, out: [-1.2, 0]",
            "bypass goes from 0 to 1, but this route can add down to -1.2",
        ),
        (
            "from: desk/a, to: bypass, mix: max, filters: [{math: x * 3}]",
            "bypass goes from 0 to 1, but this route can send up to 3",
        ),
        (
            "from: td/a, to: param/glow, filters: [{deadzone: 0.1}]",
            "a deadzone stretches the way from one end to the other, and param/glow has no range of its own",
        ),
        (
            "from: td/a, to: param/glow, filters: [{levels: 4}]",
            "levels divide the way from one end to the other, and param/glow has no range of its own",
        ),
        (
            "from: desk/a, to: bypass, filters: [{clamp: [0, 0.4]}, {clamp: [0.5, 0.6]}]",
            "the values that come here go from 0 to 0.4, and this keeps them at 0.5 for ever",
        ),
        (
            "from: desk/a, to: bypass, filters: [{gate: 0}]",
            "this gate opens at 0, and the values that come here go from 0 to 1: it is always open",
        ),
        (
            "from: desk/a, to: prompt, filters: [{smooth: 1 s}]",
            "'filters' works on numbers, and prompt takes a name in the bank or any text",
        ),
        (
            "from: td/a, to: prompt, press: long",
            "'press' works on numbers, and prompt takes a name in the bank or any text",
        ),
        (
            "from: desk/a, to: output/program/level, per_chunk: max",
            "'per_chunk' is about values that Scope takes chunk by chunk, and output/program/level acts otherwise",
        ),
        (
            "from: desk/a, to: paused, per_chunk: max",
            "'per_chunk' is about values that Scope takes chunk by chunk, and paused acts otherwise",
        ),
        ("from: desk/a, to: tap, out: [0, 1]", "'out' is a range in the target's unit, and tap has none"),
        (
            "from: desk/a, to: bypass, filters: [{when: {scene: outro}}]",
            "there is no scene called 'outro', so this would never be so",
        ),
        (
            "from: desk/a, to: bypass, filters: [{when: {page: looks}}]",
            "there is no page called 'looks', so this would never be so",
        ),
        (
            'from: desk/a, to: bypass, filters: [{when: {signal: "td/*"}}]',
            "a condition is about one signal, not a pattern",
        ),
        ("from: desk/a, to: bypass, filters: [{when: {signal: tdd/a}}]", "there is no input called 'tdd'"),
    ],
)
def test_what_does_not_fit_is_said_with_the_numbers(route: str, message: str) -> None:
    assert said(route) == [message]


def test_the_filter_that_leaves_the_range_is_marked_not_one_that_comes_after_it() -> None:
    text = f"{HEAD}  - {{from: desk/a, to: bypass, filters: [invert, {{math: x * 2}}, {{smooth: 1 s}}]}}\n"

    (problem,) = profile.read(text, "x.yaml", {}).problems

    excerpt = problem.excerpt
    assert excerpt.text[excerpt.column - 1 : excerpt.column - 1 + excerpt.width] == "{math: x * 2}"
