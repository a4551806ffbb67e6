"""When pictures are shown that do not come evenly: an even pace, within a bound, and no delay that is of no use."""

import random
from collections.abc import Callable, Sequence
from itertools import pairwise
from statistics import mean, pstdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.outputs.jitter import Steady

BOUND = 0.1


def shown(arrivals: Sequence[float], bound: float = BOUND, steady: Steady | None = None) -> list[float]:
    steady = steady or Steady()
    return [steady.due(arrival, number, bound) for number, arrival in enumerate(arrivals)]


def intervals(times: Sequence[float]) -> list[float]:
    return [later - earlier for earlier, later in pairwise(times)]


def unevenness(times: Sequence[float]) -> float:
    return pstdev(intervals(times))


def delays(arrivals: Sequence[float], times: Sequence[float]) -> list[float]:
    return [time - arrival for arrival, time in zip(arrivals, times, strict=True)]


def jittered(rate: float, jitter: float, count: int, seed: int = 1) -> list[float]:
    chance = random.Random(seed)
    return sorted(number / rate + chance.uniform(-jitter, jitter) for number in range(count))


def bursts(rate: float, chunk: int, count: int, within: float = 0.05) -> list[float]:
    return [number // chunk * chunk / rate + number % chunk * within / chunk for number in range(count)]


gaps = st.lists(
    st.one_of(st.floats(0, 0.2), st.floats(0, 0.002), st.just(0.0), st.floats(0.5, 30)), min_size=1, max_size=150
)


@given(gaps, st.sampled_from([0.0, 0.05, 0.1, 1.0]), st.data())
def test_the_order_is_kept_and_nothing_is_kept_back_longer_than_the_bound(
    gaps: list[float], bound: float, data: st.DataObject
) -> None:
    steady = Steady()
    arrived = last = 100.0
    number = 0
    for gap in gaps:
        arrived += gap
        number = data.draw(st.sampled_from([number + 1] * 8 + [0, number + 7]))
        due = steady.due(arrived, number, bound)
        assert arrived <= due <= arrived + bound + 1e-9
        assert due >= last
        assert 0 <= steady.delay <= bound + 1e-9
        last = due


@given(gaps)
def test_without_a_bound_each_is_shown_when_it_comes(gaps: list[float]) -> None:
    arrivals = [sum(gaps[:count]) for count in range(len(gaps))]

    assert shown(arrivals, bound=0.0) == arrivals


@pytest.mark.parametrize("rate", [8, 16, 30, 60])
def test_what_comes_evenly_is_not_kept_back(rate: int) -> None:
    arrivals = [number / rate for number in range(200)]
    steady = Steady()

    assert max(delays(arrivals, shown(arrivals, steady=steady))) < 0.002
    assert steady.delay < 0.002
    assert steady.period == pytest.approx(1 / rate, rel=1e-6)


@pytest.mark.parametrize(("rate", "jitter"), [(16, 0.01), (30, 0.01), (30, 0.03), (60, 0.01)])
def test_jitter_within_the_bound_is_gone_from_what_is_shown_and_costs_no_more_than_itself(
    rate: float, jitter: float
) -> None:
    arrivals = jittered(rate, jitter, 600)
    times = shown(arrivals)

    assert unevenness(times[60:]) < unevenness(arrivals[60:]) / 10
    assert mean(delays(arrivals, times)[60:]) < 1.3 * jitter


@pytest.mark.parametrize(("rate", "chunk"), [(16, 12), (16, 4), (16, 5), (24, 12), (30, 23), (8, 4)])
def test_chunks_that_come_in_bursts_show_at_the_rate_of_their_pictures(rate: float, chunk: int) -> None:
    arrivals = bursts(rate, chunk, 480)
    times = shown(arrivals, bound=1.0)

    assert unevenness(times[100:]) < unevenness(arrivals[100:]) / 20
    assert max(intervals(times[100:])) < 1.1 / rate


def test_of_bursts_longer_than_the_bound_as_much_is_evened_out_as_it_allows() -> None:
    arrivals = bursts(16, 12, 480)
    times = shown(arrivals, bound=0.1)

    assert unevenness(times[100:]) < unevenness(arrivals[100:])
    assert max(delays(arrivals, times)) <= 0.1 + 1e-9


def test_the_delay_shrinks_when_the_network_calms() -> None:
    rough = [number / 30 for number in range(300)]
    chance = random.Random(2)
    rough = sorted(arrival + chance.uniform(0, 0.06) for arrival in rough)
    calm = [10.06 + number / 30 for number in range(300)]
    steady = Steady()
    late = delays(rough + calm, shown(rough + calm, steady=steady))

    assert mean(late[100:300]) > 0.02
    assert max(late[-150:]) < 0.005
    assert steady.delay < 0.005


@pytest.mark.parametrize("rates", [(16, 8, 30), (30, 10, 16), (8, 60, 8)])
def test_a_rate_that_changes_is_followed(rates: tuple[int, ...]) -> None:
    arrivals = [0.0]
    for rate in rates:
        for _ in range(rate * 10):
            arrivals.append(arrivals[-1] + 1 / rate)
    steady = Steady()
    times = shown(arrivals, steady=steady)

    settled = rates[-1] * 4
    assert unevenness(times[-settled:]) < 0.002
    assert max(delays(arrivals, times)[-settled:]) < 0.01
    assert steady.period == pytest.approx(1 / rates[-1], rel=0.01)


@pytest.mark.parametrize("arrive", [lambda count: jittered(16, 0.01, count), lambda count: bursts(16, 4, count)])
def test_after_a_pause_it_goes_on_as_before(arrive: Callable[[int], list[float]]) -> None:
    before = arrive(240)
    after = [before[-1] + 20 + arrival for arrival in arrive(240)]
    times = shown(before + after, bound=0.3)

    assert times[240] < after[0] + 0.2
    assert unevenness(times[250:]) < unevenness(after[10:]) / 5
    assert unevenness(times[60:240]) < unevenness(before[60:]) / 5


def test_after_a_number_that_begins_anew_it_is_steady_again() -> None:
    steady = Steady()
    arrivals = jittered(30, 0.01, 300)
    shown(arrivals, steady=steady)
    again = [arrivals[-1] + 3 + arrival for arrival in arrivals]
    times = shown(again, steady=steady)

    assert times[0] == again[0]
    assert unevenness(times[60:]) < unevenness(again[60:]) / 10


def test_a_time_that_goes_back_is_a_new_beginning_and_keeps_the_order() -> None:
    steady = Steady()
    first = steady.due(10.0, 0, BOUND)

    assert steady.due(4.0, 1, BOUND) == first
    assert steady.due(10.5, 2, BOUND) == 10.5


def test_patience_grows_with_the_rate_and_with_the_bursts_but_not_with_one_pause() -> None:
    def patience(arrivals: Sequence[float]) -> float:
        steady = Steady()
        shown(arrivals, steady=steady)
        return steady.patience

    assert patience([0.0]) == patience([number / 30 for number in range(100)]) == 0.3
    assert patience([number / 4 for number in range(50)]) == pytest.approx(0.75)
    assert 0.75 < patience(bursts(16, 12, 100)) < 1.5
    assert patience([number / 30 + 7 * (number > 80) for number in range(100)]) == 0.3
