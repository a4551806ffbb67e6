"""Motion: lags, springs, peaks, sums."""

import math
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bridge.mapping.motion import (
    FARTHEST,
    NEAR,
    Accumulator,
    Normaliser,
    OneEuroFilter,
    PeakHolder,
    Slewer,
    Smoother,
    Springer,
)
from bridge.mapping.stage import Stage
from bridge.profile.durations import CUT, Duration, Unit
from bridge.profile.filters import Accumulate, Hold, Normalise, OneEuro, Slew, Smooth, Spring
from tests.mapping.show import Show, play

level = st.floats(-1, 1)
lag = st.floats(0.01, 10)
span = st.floats(0, 5)
spaced = st.lists(st.tuples(st.floats(0, 2), level), min_size=1, max_size=15)
"""Samples: seconds after the one before, and the value."""


def at_times(spaced: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    now, samples = 0.0, []
    for pause, value in spaced:
        now += pause
        samples.append((now, value))
    return samples


def seconds(amount: float) -> Duration:
    return Duration(amount)


def smoother(attack: float, release: float) -> Smoother:
    return Smoother(Smooth(seconds(attack), seconds(release)), Show())


# Smooth.


@given(level, level, lag, st.lists(span, max_size=20))
def test_smooth_goes_straight_to_its_target_and_never_beyond(
    start: float, target: float, lag: float, spans: list[float]
) -> None:
    smooth, now = smoother(lag, lag), 0.0
    smooth.feed(start, now)
    seen = [smooth.feed(target, now) or 0.0]
    for each in spans:
        now += each
        seen += smooth.tick(now)

    assert seen == sorted(seen, reverse=target < start)
    assert all(min(start, target) <= one <= max(start, target) for one in seen)


@given(level, level, lag)
def test_smooth_comes_to_rest_exactly_at_its_target(start: float, target: float, lag: float) -> None:
    smooth = smoother(lag, lag)
    smooth.feed(start, 0.0)
    smooth.feed(target, 0.0)

    assert smooth.moving is (start != target)
    assert smooth.tick(20 * lag) == ((target,) if start != target else ())
    assert not smooth.moving
    assert smooth.tick(30 * lag) == ()
    assert smooth.feed(target, 40 * lag) == target


@given(level, level, lag, st.floats(0, 20))
def test_smooth_is_an_exponential_until_it_is_near(start: float, target: float, lag: float, lags: float) -> None:
    smooth = smoother(lag, lag)
    smooth.feed(start, 0.0)
    smooth.feed(target, 0.0)
    smooth.tick(lags * lag)

    left = (start - target) * math.exp(-lags)
    assume(abs(abs(left) - NEAR) > 1e-9)
    assert smooth.feed(target, lags * lag) == pytest.approx(
        target if abs(left) <= NEAR and lags * lag > 0 else target + left, abs=1e-12
    )


def test_a_lag_is_the_time_to_63_percent_up_and_down() -> None:
    smooth = smoother(attack=0.1, release=0.5)

    assert smooth.feed(0.0, 0.0) == 0.0
    assert not smooth.moving
    assert smooth.feed(1.0, 0.0) == 0.0
    assert smooth.moving
    assert smooth.tick(0.1) == pytest.approx((1 - math.exp(-1),))
    assert smooth.tick(9.0) == (1.0,)
    assert smooth.feed(0.0, 10.0) == 1.0
    assert smooth.tick(10.5) == pytest.approx((math.exp(-1),))


def test_no_lag_follows_at_once() -> None:
    smooth = smoother(attack=0.0, release=0.5)

    assert smooth.feed(0.0, 0.0) == 0.0
    assert smooth.feed(1.0, 0.0) == 1.0
    assert not smooth.moving
    assert smooth.feed(0.5, 0.0) == 1.0
    assert smooth.moving


@pytest.mark.parametrize(("target", "near"), [(0.0, 1e-4), (0.5, 1e-4), (100.0, 1e-2), (-100.0, 1e-2)])
def test_near_is_a_ten_thousandth_of_a_unit_or_of_a_larger_target(target: float, near: float) -> None:
    for distance, arrived in ((near * 0.999, True), (near * 1.001, False)):
        smooth = smoother(1.0, 1.0)
        smooth.feed(target + distance * math.e, 0.0)
        smooth.feed(target, 0.0)
        smooth.tick(1.0)
        assert smooth.moving is not arrived


def test_a_jump_that_is_near_from_the_start_arrives_with_the_first_tick() -> None:
    smooth = smoother(1.0, 1.0)
    smooth.feed(0.0, 0.0)

    assert smooth.feed(NEAR / 2, 1.0) == 0.0
    assert smooth.moving
    assert smooth.tick(1.000001) == (NEAR / 2,)


def test_a_smoother_may_start_somewhere() -> None:
    smooth = smoother(attack=1.0, release=1.0)
    smooth.start_at(0.5, 10.0)

    assert not smooth.moving
    assert smooth.feed(1.0, 12.0) == 0.5
    assert smooth.tick(13.0) == pytest.approx((1.0 - 0.5 / math.e,))


def test_a_lag_in_beats_follows_the_tempo_from_when_it_was_last_asked() -> None:
    show = Show(bpm=60.0)
    smooth = Smoother(Smooth(Duration(1.0, Unit.BEATS), CUT), show)
    smooth.feed(0.0, 0.0)
    smooth.feed(1.0, 0.0)
    smooth.tick(1.0)
    show.bpm = 120.0

    assert smooth.tick(1.5) == pytest.approx((1 - math.exp(-2),))
    show.bpm = math.inf
    assert smooth.tick(1.6) == (1.0,)


def test_a_target_reached_stays_reached_when_the_tempo_changes() -> None:
    show = Show(bpm=60.0)
    smooth = Smoother(Smooth(Duration(1.0, Unit.BEATS), Duration(1.0, Unit.BEATS)), show)
    smooth.feed(0.0, 0.0)
    smooth.feed(1.0, 0.0)
    smooth.tick(60.0)
    show.bpm = 20.0

    assert smooth.feed(1.0, 60.5) == 1.0
    assert not smooth.moving


def test_levels_go_no_farther_than_sums_allow() -> None:
    stages: list[Stage] = [smoother(1.0, 1.0), Slewer(Slew(1.0, 1.0)), Springer(Spring(seconds(1.0)), Show())]
    stages += [PeakHolder(Hold(CUT), Show()), OneEuroFilter(OneEuro())]

    assert [stage.feed(1e300, 0.0) for stage in stages] == [FARTHEST] * 5
    assert FARTHEST == 1e12


# The 1 euro filter.


def one_euro_of_the_paper(
    samples: Sequence[tuple[float, float]], min_cutoff: float, beta: float, d_cutoff: float
) -> list[float]:
    """Algorithms 1 and 2 of Casiez, Roussel and Vogel (CHI 2012), with the rate taken from the times."""

    def alpha(rate: float, cutoff: float) -> float:
        tau = 1.0 / (2 * math.pi * cutoff)
        te = 1.0 / rate
        return 1.0 / (1.0 + tau / te)

    (then, hatxprev), *others = samples
    dxhatprev, out = 0.0, [hatxprev]
    for now, x in others:
        rate = 1.0 / (now - then)
        dx = (x - hatxprev) * rate
        edx = alpha(rate, d_cutoff) * dx + (1 - alpha(rate, d_cutoff)) * dxhatprev
        cutoff = min_cutoff + beta * abs(edx)
        hatxprev = alpha(rate, cutoff) * x + (1 - alpha(rate, cutoff)) * hatxprev
        dxhatprev, then = edx, now
        out.append(hatxprev)
    return out


@given(
    st.lists(st.tuples(st.floats(1e-3, 2), level), min_size=1, max_size=15),
    st.floats(0.01, 10),
    st.floats(0, 10),
    st.floats(0.01, 10),
)
def test_one_euro_is_that_of_the_paper(
    spaced: list[tuple[float, float]], min_cutoff: float, beta: float, d_cutoff: float
) -> None:
    samples = at_times(spaced)
    filter = OneEuroFilter(OneEuro(min_cutoff, beta, d_cutoff))

    assert play(filter, samples).values == pytest.approx(
        one_euro_of_the_paper(samples, min_cutoff, beta, d_cutoff), abs=1e-9
    )


@given(st.lists(st.tuples(st.floats(0.01, 2), st.lists(level, min_size=1, max_size=3)), min_size=1, max_size=8))
def test_one_euro_takes_the_last_of_several_samples_at_one_moment(bursts: list[tuple[float, list[float]]]) -> None:
    now, all_of_them, the_last = 0.0, OneEuroFilter(OneEuro(beta=1.0)), OneEuroFilter(OneEuro(beta=1.0))
    for pause, values in bursts:
        now += pause
        outs = [all_of_them.feed(value, now) for value in values]
        assert outs[-1] == the_last.feed(values[-1], now)


def test_one_euro_gives_these_values() -> None:
    # At 2 pi samples per second a cutoff of 1 Hz takes half of each step.
    step = 1 / (2 * math.pi)
    calm, quick = OneEuroFilter(OneEuro(1.0, 0.0, 1.0)), OneEuroFilter(OneEuro(1.0, step, 1.0))

    assert [calm.feed(value, n * step) for n, value in enumerate((0.0, 1.0, 1.0))] == pytest.approx([0.0, 0.5, 0.75])
    # The speed is half of 2 pi, the cutoff 1.5 Hz, and 1.5 of 2.5 parts of the step are taken.
    assert [quick.feed(value, n * step) for n, value in enumerate((0.0, 1.0))] == pytest.approx([0.0, 0.6])


def test_one_euro_takes_samples_that_are_as_close_as_times_can_be() -> None:
    filter = OneEuroFilter(OneEuro(1.0, 1.0, 1.0))
    filter.feed(0.0, 0.0)

    assert filter.feed(1.0, 5e-324) == pytest.approx(0.0)
    # The speed has grown by 2 pi already, as that of a jump does, and opens the filter for the next sample.
    slower = (2 * math.pi + 2 * math.pi) / (2 * math.pi + 1.0)
    turned = 2 * math.pi * (1.0 + slower)
    assert filter.feed(1.0, 1.0) == pytest.approx(turned / (turned + 1.0))


def test_one_euro_never_moves_by_itself() -> None:
    filter = OneEuroFilter(OneEuro())
    filter.feed(0.0, 0.0)
    filter.feed(1.0, 1.0)

    assert filter.moving is False
    assert filter.tick(2.0) == ()


# Slew.


@given(spaced, lag, lag)
def test_slew_is_never_faster_than_allowed_and_never_beyond_its_samples(
    spaced: list[tuple[float, float]], up: float, down: float
) -> None:
    samples = at_times(spaced)
    ticks = [now + part for now, _ in samples for part in (0.0, 0.3, 0.7)]
    left = play(Slewer(Slew(up, down)), samples, ticks).left

    for (then, before), (now, after) in pairwise(left):
        assert -down * (now - then) - 1e-9 <= after - before <= up * (now - then) + 1e-9
    assert all(min(v for _, v in samples) <= value <= max(v for _, v in samples) for _, value in left)


def test_slew_walks_in_a_straight_line_and_arrives() -> None:
    slew = Slewer(Slew(up=2.0, down=0.5))

    assert slew.feed(0.0, 0.0) == 0.0
    assert not slew.moving
    assert slew.feed(1.0, 0.0) == 0.0
    assert slew.moving
    assert slew.tick(0.25) == (0.5,)
    assert slew.feed(1.0, 0.375) == 0.75
    assert slew.tick(0.5) == (1.0,)
    assert not slew.moving
    assert slew.tick(0.6) == ()
    assert slew.feed(0.0, 1.0) == 1.0
    assert slew.tick(2.0) == (0.5,)
    assert slew.moving
    assert slew.tick(4.0) == (0.0,)
    assert not slew.moving


def test_slew_without_a_limit_follows_at_once() -> None:
    slew = Slewer(Slew(up=math.inf, down=1.0))
    slew.feed(0.0, 0.0)

    assert slew.feed(1.0, 0.0) == 1.0
    assert not slew.moving
    assert slew.feed(0.0, 0.0) == 1.0
    assert slew.tick(0.5) == (0.5,)
    down = Slewer(Slew(up=1.0, down=math.inf))
    down.feed(1.0, 0.0)
    assert down.feed(0.0, 1.0) == 0.0


# Spring.


def by_small_steps(
    start: float, target: float, period: float, damping: float, until: float, speed: float = 0.0
) -> float:
    """The spring by the fourth-order Runge-Kutta method: another way to the same place."""
    turn, steps = 2 * math.pi / period, 400
    h, x, v = until / steps, start - target, speed

    def force(x: float, v: float) -> float:
        return -turn * turn * x - 2 * damping * turn * v

    for _ in range(steps):
        k1, l1 = v, force(x, v)
        k2, l2 = v + h / 2 * l1, force(x + h / 2 * k1, v + h / 2 * l1)
        k3, l3 = v + h / 2 * l2, force(x + h / 2 * k2, v + h / 2 * l2)
        k4, l4 = v + h * l3, force(x + h * k3, v + h * l3)
        x, v = x + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4), v + h / 6 * (l1 + 2 * l2 + 2 * l3 + l4)
    return target + x


@given(level, level, st.one_of(st.sampled_from([0.999999, 1.0, 1.000001]), st.floats(0.05, 4)), st.floats(0.01, 2))
def test_a_spring_obeys_its_equation(start: float, target: float, damping: float, until: float) -> None:
    spring = Springer(Spring(seconds(1.0), damping), Show())
    spring.feed(start, 0.0)
    spring.feed(target, 0.0)

    assert spring.feed(target, until) == pytest.approx(
        by_small_steps(start, target, 1.0, damping, until), abs=1.5 * NEAR
    )


@given(spaced, st.one_of(st.just(1.0), st.floats(0.05, 4)), st.lists(st.floats(0, 30), max_size=10))
def test_a_spring_goes_on_with_the_speed_it_has(
    spaced: list[tuple[float, float]], damping: float, again: list[float]
) -> None:
    """A target that is only said again changes nothing."""
    samples = at_times(spaced)
    repeated = list(samples)
    for now in again:
        said = [value for then, value in samples if then <= now]
        if said and all(then != now for then, _ in samples):
            repeated.append((now, said[-1]))
    end = samples[-1][0] + 1.0
    plain = play(Springer(Spring(seconds(1.0), damping), Show()), samples, [end])
    other = play(
        Springer(Spring(seconds(1.0), damping), Show()),
        sorted((one for one in repeated if one[0] <= end), key=lambda one: one[0]),
        [end],
    )

    assert other.last == pytest.approx(plain.last, abs=3 * NEAR)


@given(level, level, st.floats(1, 5), st.lists(st.floats(0, 3), max_size=20))
def test_a_spring_that_is_damped_enough_does_not_overshoot(
    start: float, target: float, damping: float, ticks: list[float]
) -> None:
    left = play(Springer(Spring(seconds(1.0), damping), Show()), [(0.0, start), (0.0, target)], sorted(ticks)).values

    assert all(min(start, target) - 1e-12 <= value <= max(start, target) + 1e-12 for value in left)


def test_a_spring_swings_once_in_its_period() -> None:
    spring = Springer(Spring(seconds(2.0), damping=0.1), Show())

    assert spring.feed(0.0, 0.0) == 0.0
    assert not spring.moving
    assert spring.feed(1.0, 0.0) == 0.0
    assert spring.moving
    turn = math.pi * math.sqrt(1 - 0.01)
    half = math.pi / turn
    assert spring.tick(half) == pytest.approx((1 + math.exp(-0.1 * math.pi * half),))
    assert spring.tick(2 * half) == pytest.approx((1 - math.exp(-0.1 * math.pi * 2 * half),))
    assert spring.moving


def test_a_critically_damped_spring_gives_this_value() -> None:
    spring = Springer(Spring(seconds(2 * math.pi)), Show())
    spring.feed(1.0, 0.0)
    spring.feed(0.0, 0.0)

    assert spring.tick(1.0) == pytest.approx((2 * math.exp(-1),))


def test_an_overdamped_spring_gives_this_value() -> None:
    spring = Springer(Spring(seconds(2 * math.pi), damping=1.25), Show())
    spring.feed(1.0, 0.0)
    spring.feed(0.0, 0.0)
    # x'' + 2.5 x' + x = 0 has the roots -1/2 and -2.
    assert spring.tick(1.0) == pytest.approx((4 / 3 * math.exp(-0.5) - 1 / 3 * math.exp(-2),))


def test_a_spring_at_its_target_with_speed_is_still_moving() -> None:
    spring = Springer(Spring(seconds(1.0), damping=0.01), Show())
    spring.feed(0.0, 0.0)
    spring.feed(1.0, 0.0)
    crossing = (math.pi - math.acos(0.01)) / (2 * math.pi * math.sqrt(1 - 1e-4))  # cos + 0.01 sin is 0 there
    level = spring.tick(crossing)[0]

    assert level == pytest.approx(1.0, abs=1e-2)
    assert spring.moving
    spring.feed(level, crossing)
    assert spring.moving
    spring.tick(1000.0)
    assert not spring.moving


@pytest.mark.parametrize(("energy", "rests"), [(0.98, True), (1.02, False)])
@pytest.mark.parametrize("quarter", [0.0, 0.125, 0.25])
def test_a_spring_rests_when_it_will_never_again_be_farther_than_near(
    energy: float, rests: bool, quarter: float
) -> None:
    damping, period = 0.001, 20.0
    turn = 2 * math.pi / period
    swings = math.log(1 / (energy * NEAR)) / (damping * turn) / period
    when = (math.floor(swings) + quarter) * period
    size = energy * NEAR * math.exp(damping * turn * when)  # what is left of it then
    spring = Springer(Spring(seconds(period), damping), Show())
    spring.feed(0.0, 0.0)
    spring.feed(-size, 0.0)
    spring.tick(when)

    assert spring.moving is not rests


def test_a_spring_in_beats_follows_the_tempo_without_a_jump() -> None:
    show = Show(bpm=60.0)
    spring = Springer(Spring(Duration(1.0, Unit.BEATS), 0.2), show)
    spring.feed(0.0, 0.0)
    spring.feed(1.0, 0.0)
    (earlier,), (before,) = spring.tick(0.3 - 1e-6), spring.tick(0.3)
    show.bpm = 180.0

    assert spring.tick(0.3) == pytest.approx((before,))
    after = by_small_steps(before, 1.0, 1 / 3, 0.2, 0.1, speed=(before - earlier) / 1e-6)
    assert spring.tick(0.4) == pytest.approx((after,), abs=1e-4)


def test_a_spring_of_no_period_follows_at_once() -> None:
    spring = Springer(Spring(CUT), Show())
    spring.feed(0.0, 0.0)

    assert spring.feed(1.0, 0.0) == 1.0
    assert not spring.moving


# Hold.


def highest_of_late(samples: Sequence[tuple[float, float]], held: float, now: float) -> float:
    """The definition: the highest of what was in force in the last so many seconds."""
    ends = [then for then, _ in samples[1:]] + [math.inf]
    return max(
        value
        for (then, value), end in zip(samples, ends, strict=True)
        if then <= now and (end > now or end + held > now)
    )


@given(spaced, st.floats(0, 3), st.lists(st.floats(0, 40), max_size=10))
def test_hold_is_the_highest_of_late(spaced: list[tuple[float, float]], held: float, ticks: list[float]) -> None:
    samples = at_times(spaced)
    hold = PeakHolder(Hold(seconds(held)), Show())
    said: list[tuple[float, float]] = []
    out = 0.0
    for now, value in sorted([*samples, *((tick, math.nan) for tick in ticks)], key=lambda one: one[0]):
        if math.isnan(value):
            left = hold.tick(now) if hold.moving else ()
            out = left[-1] if left else out
        else:
            said.append((now, value))
            out = hold.feed(value, now) or 0.0
        if said:
            assert out == highest_of_late(said, held, now)


def test_a_peak_is_held_from_when_it_is_over() -> None:
    hold = PeakHolder(Hold(seconds(0.5)), Show())

    assert hold.feed(1.0, 0.0) == 1.0
    assert not hold.moving
    assert hold.feed(0.2, 3.0) == 1.0
    assert hold.moving
    assert hold.feed(0.4, 3.2) == 1.0
    assert hold.feed(0.1, 3.3) == 1.0
    assert hold.tick(3.4999) == ()
    assert hold.tick(3.5) == (0.4,)
    assert hold.moving
    assert hold.tick(3.8) == (0.1,)
    assert not hold.moving
    assert hold.tick(9.0) == ()
    assert hold.feed(0.1, 9.0) == 0.1
    assert hold.feed(0.3, 9.1) == 0.3


def test_the_shortest_peak_is_held_too() -> None:
    hold = PeakHolder(Hold(seconds(0.5)), Show())
    hold.feed(0.0, 0.0)
    hold.feed(1.0, 1.0)

    assert hold.feed(0.0, 1.0) == 1.0
    assert hold.tick(1.4) == ()
    assert hold.tick(1.5) == (0.0,)


# Accumulate.


@given(st.lists(st.floats(-50, 50), max_size=20), st.booleans())
def test_accumulate_stays_between_its_ends(movements: list[float], around: bool) -> None:
    total = Accumulator(Accumulate(0.1, -1.0, 2.0, start=0.5, wrap=around))

    assert all(-1.0 <= (total.feed(movement, 0.0) or 0.0) <= 2.0 for movement in movements)


def test_accumulate_adds_up_steps_and_stops_at_the_ends() -> None:
    total = Accumulator(Accumulate(step=0.25, start=0.5))

    assert [total.feed(movement, 0.0) for movement in (1, 1, 1, -1, -4, 1)] == [0.75, 1.0, 1.0, 0.75, 0.0, 0.25]
    assert total.moving is False
    assert total.tick(1.0) == ()


def test_accumulate_may_go_around() -> None:
    total = Accumulator(Accumulate(step=0.25, wrap=True))

    assert [total.feed(movement, 0.0) for movement in (3, 2, -2, -9)] == [0.75, 0.25, 0.75, 0.5]


def test_accumulate_begins_at_0_with_hundredths_between_0_and_1() -> None:
    assert Accumulator(Accumulate()).feed(1.0, 0.0) == 0.01
    assert Accumulator(Accumulate()).feed(200.0, 0.0) == 1.0
    assert Accumulator(Accumulate()).feed(-200.0, 0.0) == 0.0


# Normalise.


def normalised_by_definition(samples: Sequence[tuple[float, float]], window: float, floor: float) -> list[float]:
    """Each sample between the ends, when every earlier sample counts for what is left of its distance to what came
    after it, interval by interval."""
    out = []
    for end in range(len(samples)):
        seen = samples[: end + 1]
        extremes = []
        for index, (_, value) in enumerate(seen):
            high = low = value
            for (then, held), (now, _) in zip(seen[index:], seen[index + 1 :], strict=False):
                kept = math.exp(-(now - then) / window)
                high = held + (max(high, held) - held) * kept
                low = held - (held - min(low, held)) * kept
            extremes.append((low, high))
        low = min(*(low for low, _ in extremes), seen[-1][1])
        high = max(*(high for _, high in extremes), seen[-1][1])
        out.append((seen[-1][1] - low) / (high - low) if high - low >= floor else 0.0)
    return out


@given(spaced, st.floats(0.05, 5))
def test_normalise_is_as_defined(spaced: list[tuple[float, float]], window: float) -> None:
    samples = at_times([(pause, round(value, 2)) for pause, value in spaced])
    normalise = Normaliser(Normalise(seconds(window), floor=0.1), Show())
    expected = normalised_by_definition(samples, window, 0.1)

    for (now, value), wanted in zip(samples, expected, strict=True):
        out = normalise.feed(value, now)
        assert out is not None
        span = normalise._high - normalise._low
        if abs(span - 0.1) > 1e-9:
            assert out == pytest.approx(wanted, abs=1e-9)
        assert 0.0 <= out <= 1.0


@given(spaced, st.floats(0.05, 5), st.lists(st.floats(0, 30), max_size=8))
def test_normalise_takes_no_notice_of_what_is_said_again(
    spaced: list[tuple[float, float]], window: float, again: list[float]
) -> None:
    samples = at_times([(pause, round(value, 2)) for pause, value in spaced])
    option = Normalise(seconds(window), floor=1e-6)
    plain, other = Normaliser(option, Show()), Normaliser(option, Show())
    said = None
    for now, value in sorted([*samples, *((when, math.nan) for when in again)], key=lambda one: one[0]):
        if not math.isnan(value):
            said = value
            assert other.feed(value, now) == pytest.approx(plain.feed(value, now), abs=1e-6)
        elif said is not None:
            other.feed(said, now)


def test_normalise_gives_these_values() -> None:
    normalise = Normaliser(Normalise(seconds(1.0)), Show())

    assert normalise.feed(5.0, 0.0) == 0.0
    assert normalise.feed(7.0, 0.0) == 1.0
    assert normalise.feed(5.0, 0.0) == 0.0
    assert normalise.feed(6.0, 0.0) == 0.5
    # After one time constant of 6 the ends 5 and 7 are at 6 -+ 2/e... both e times nearer to 6.
    near = 1 / math.e
    assert normalise.feed(6.0 + near / 2, 1.0) == pytest.approx(0.75)
    assert normalise.moving is False
    assert normalise.tick(2.0) == ()


@pytest.mark.parametrize(("span", "out"), [(0.125, 1.0), (0.1249, 0.0)])
def test_normalise_leaves_alone_what_is_too_small_to_be_movement(span: float, out: float) -> None:
    normalise = Normaliser(Normalise(seconds(1.0), floor=0.125), Show())
    normalise.feed(0.0, 0.0)

    assert normalise.feed(span, 0.0) == out


def test_normalise_without_a_window_forgets_at_once() -> None:
    normalise = Normaliser(Normalise(CUT, floor=0.5), Show())
    normalise.feed(0.0, 0.0)
    normalise.feed(1.0, 1.0)

    assert normalise.feed(1.0, 2.0) == 0.0
    assert normalise.feed(0.0, 2.0) == 0.0
    assert normalise.feed(2.0, 3.0) == 1.0
