"""What every filter keeps: the same at every tick rate, finite, at rest in the end."""

import math
from collections.abc import Sequence
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.mapping.stages import open_stage, pulses
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
from bridge.relative import RELATIVE
from tests.mapping.show import Show, play

way = st.floats(0, 1)
positive = st.floats(0.01, 10)
duration = st.builds(Duration, st.one_of(st.just(0.0), st.floats(0.01, 3)), st.sampled_from(Unit))
lasting = st.builds(Duration, st.floats(0.01, 3), st.sampled_from(Unit))
ends = st.tuples(st.floats(-2, 0), st.floats(0.1, 2))
rising = st.lists(way, min_size=2, max_size=6, unique=True).map(sorted).map(tuple)

OPTIONS: dict[type, st.SearchStrategy[Filter]] = {
    Clamp: ends.map(lambda pair: Clamp(*pair)),
    Invert: st.builds(Invert, st.booleans()),
    Curve: st.one_of(
        st.sampled_from([Curve("exp"), Curve("log"), Curve("s"), Curve("points", points=((0, 0.2), (0.5, 1), (1, 0)))]),
        st.builds(lambda power: Curve("power", power), positive),
        st.builds(lambda one, other: Curve("bezier", points=(one, other)), st.tuples(way, way), st.tuples(way, way)),
    ),
    Deadzone: st.builds(Deadzone, st.floats(0.01, 0.99), way),
    Detent: st.builds(Detent, rising, st.floats(0.01, 0.5)),
    Levels: st.builds(Levels, rising),
    Round: st.builds(Round, positive),
    Math: st.builds(Math, st.sampled_from(["x * 2 - 1", "1 / x", "sqrt(x)", "x ** 400", "exp(x)", "x % 0.3"])),
    Choose: st.builds(Choose, st.sampled_from([("a", "b", "c"), (0.1, 0.5), ("a", 2.0)])),
    Wrap: ends.map(lambda pair: Wrap(*pair)),
    Smooth: st.builds(Smooth, duration, duration),
    OneEuro: st.builds(OneEuro, positive, st.floats(0, 5), positive),
    Slew: st.builds(Slew, st.one_of(positive, st.just(math.inf)), st.one_of(positive, st.just(math.inf))),
    Spring: st.builds(Spring, lasting, st.one_of(st.just(1.0), st.floats(0.05, 5))),
    Hold: st.builds(Hold, duration),
    Delay: st.builds(Delay, duration),
    Accumulate: st.builds(Accumulate, st.floats(-1, 1), wrap=st.booleans()),
    Encoder: st.builds(Encoder, st.sampled_from(["steps", "auto", *RELATIVE]), st.floats(1, 500), st.floats(0, 3)),
    Normalise: st.builds(Normalise, duration),
    Envelope: st.builds(Envelope, duration, duration, way, duration),
    Gate: st.builds(lambda pair: Gate(max(pair), min(pair)), st.tuples(way, way)),
    Edge: st.builds(Edge, way, st.sampled_from(["rise", "fall", "both"])),
    Toggle: st.builds(Toggle, st.booleans()),
    Every: st.builds(Every, st.integers(2, 4)),
    AtMost: st.builds(AtMost, duration),
    Changed: st.builds(Changed, st.floats(0, 0.5)),
    When: st.builds(When, page=st.just("looks"), negate=st.booleans()),
    Wait: st.builds(Wait, duration),
    Press: st.builds(Press, st.sampled_from(["press", "release", "long", "double"])),
}
option = st.one_of(*OPTIONS.values())
sample = st.one_of(st.sampled_from([0.0, 0.5, 1.0]), st.floats(-1, 2))
moment = st.floats(0, 10)
samples = st.lists(st.tuples(moment, sample), min_size=1, max_size=12).map(
    lambda them: sorted(them, key=lambda each: each[0])
)
END = 12.0

ONLY_THE_NEWEST = (Smooth, Slew, Spring, Hold, Envelope)
"""Of these a tick brings the level at that moment: more ticks, more levels."""


def test_every_filter_of_the_language_is_tested_here() -> None:
    assert set(OPTIONS) == set(get_args(Filter))


@pytest.mark.parametrize("kind", OPTIONS, ids=lambda kind: kind.__name__)
@given(data=st.data(), samples=samples, ticks=st.lists(moment, max_size=30), end=st.floats(10, END))
def test_the_same_leaves_at_every_tick_rate(
    kind: type, data: st.DataObject, samples: Sequence[tuple[float, float]], ticks: list[float], end: float
) -> None:
    option = data.draw(OPTIONS[kind])
    coarse = play(open_stage(option, Show()), samples, [end])
    fine = play(open_stage(option, Show()), samples, [*ticks, end])

    assert fine.fed == coarse.fed
    assert fine.last == coarse.last
    if kind not in ONLY_THE_NEWEST:
        assert fine.values == coarse.values


@given(option)
def test_a_stage_has_its_fields_and_nothing_else(option: Filter) -> None:
    assert not hasattr(open_stage(option, Show()), "__dict__")


@pytest.mark.parametrize("kind", OPTIONS, ids=lambda kind: kind.__name__)
@given(data=st.data(), samples=samples)
def test_every_filter_comes_to_rest_and_is_then_silent(
    kind: type, data: st.DataObject, samples: Sequence[tuple[float, float]]
) -> None:
    stage = open_stage(data.draw(OPTIONS[kind]), Show())
    play(stage, samples, [1e5])

    assert not stage.moving
    assert stage.tick(2e5) == ()


@given(
    option,
    st.lists(st.tuples(moment, st.floats(allow_nan=False, allow_infinity=False)), max_size=8),
    st.lists(moment, max_size=8),
)
def test_only_finite_numbers_leave_whatever_finite_arrives(
    option: Filter, samples: list[tuple[float, float]], ticks: list[float]
) -> None:
    left = play(open_stage(option, Show()), samples, [*ticks, END]).values

    assert all(math.isfinite(value) for value in left)


@given(option, samples, st.lists(moment, max_size=8))
def test_what_does_not_move_has_nothing_to_tell(
    option: Filter, samples: list[tuple[float, float]], ticks: list[float]
) -> None:
    stage = open_stage(option, Show())
    moments = sorted([*((now, None) for now in ticks), *samples], key=lambda each: (each[0], each[1] is not None))
    for now, value in moments:
        if not stage.moving:
            assert stage.tick(now) == ()
        else:
            stage.tick(now)
        if value is not None:
            stage.feed(value, now)


PULSES: list[tuple[Filter, bool]] = [
    (Press("press"), False),
    (Press("release"), True),
    (Press("long"), True),
    (Press("double"), True),
    (Edge(0.5, "both"), False),
    (Edge(0.5, "rise"), True),
    (Edge(0.5, "fall"), True),
    (Every(2), True),
    (Toggle(), False),
    (Gate(0.5, 0.4), False),
    (Envelope(CUT, CUT), False),
    (Clamp(0, 1), False),
]


@pytest.mark.parametrize(("option", "expected"), PULSES)
def test_events_are_told_from_levels(option: Filter, expected: bool) -> None:
    assert pulses(option) is expected
