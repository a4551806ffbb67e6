"""Lags and curves."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.mapping.motion import Smoother
from bridge.mapping.shape import bend
from bridge.profile.filters import Curve

level = st.floats(-1, 1)
lag = st.floats(0.01, 10)
span = st.floats(0, 5)
way = st.floats(0, 1)
curve = st.one_of(
    st.sampled_from([Curve("exp"), Curve("log"), Curve("s")]),
    st.floats(0.2, 6).map(lambda power: Curve("power", power)),
)


@given(level, level, lag, lag, span, span)
def test_smooth_does_not_depend_on_the_tick_rate(
    start: float, target: float, attack: float, release: float, first: float, second: float
) -> None:
    coarse, fine = Smoother(attack, release), Smoother(attack, release)
    for smooth in (coarse, fine):
        smooth(start, 0.0)
        smooth(target, 0.0)
    fine(target, first)

    assert fine(target, first + second) == pytest.approx(coarse(target, first + second), abs=3e-4)


@given(level, level, lag, st.lists(span, max_size=20))
def test_smooth_goes_straight_to_its_target_and_never_beyond(
    start: float, target: float, lag: float, spans: list[float]
) -> None:
    smooth, now = Smoother(lag, lag), 0.0
    seen = [smooth(start, now), smooth(target, now)]
    for each in spans:
        now += each
        seen.append(smooth(target, now))

    assert seen == sorted(seen, reverse=target < start)
    assert all(min(start, target) <= one <= max(start, target) for one in seen)


@given(level, level, lag)
def test_smooth_comes_to_rest(start: float, target: float, lag: float) -> None:
    smooth = Smoother(lag, lag)
    smooth(start, 0.0)
    smooth(target, 0.0)

    assert smooth(target, 20 * lag) == target
    assert not smooth.moving


def test_a_lag_is_the_time_to_63_percent_up_and_down() -> None:
    smooth = Smoother(attack=0.1, release=0.5)
    smooth(0.0, 0.0)
    smooth(1.0, 0.0)
    assert smooth(1.0, 0.1) == pytest.approx(1 - math.exp(-1))
    assert smooth(1.0, 9.0) == 1.0
    smooth(0.0, 10.0)
    assert smooth(0.0, 10.5) == pytest.approx(math.exp(-1))


def test_no_lag_follows_at_once() -> None:
    smooth = Smoother(attack=0.0, release=0.5)
    smooth(0.0, 0.0)

    assert smooth(1.0, 0.0) == 1.0
    assert smooth(0.5, 0.0) == 1.0


@given(curve, way, way)
def test_curves_are_monotonic_and_keep_their_ends(curve: Curve, one: float, other: float) -> None:
    low, high = sorted((one, other))

    assert bend(curve, 0.0) == 0.0
    assert bend(curve, 1.0) == pytest.approx(1.0)
    assert bend(curve, low) <= bend(curve, high)
    assert 0.0 <= bend(curve, one) <= 1.0 + 1e-12


@given(curve, st.floats(allow_nan=False))
def test_beyond_the_ends_a_curve_stays_at_them(curve: Curve, value: float) -> None:
    assert 0.0 <= bend(curve, value) <= 1.0 + 1e-12


def test_curves_bend_the_way_their_names_say() -> None:
    assert bend(Curve("exp"), 0.5) < 0.2
    assert bend(Curve("log"), 0.5) > 0.8
    assert bend(Curve("s"), 0.5) == 0.5
    assert bend(Curve("s"), 0.1) < 0.1
    assert bend(Curve("power", 3.0), 0.5) == 0.125
