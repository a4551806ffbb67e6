"""Gates: what passes, and when."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.mapping.gate import (
    Button,
    ChangeDetector,
    Conditional,
    DelayLine,
    Divider,
    EdgeDetector,
    LineWaiter,
    NoiseGate,
    RateLimiter,
    ToggleSwitch,
)
from bridge.mapping.stage import Stage
from bridge.profile.durations import CUT, Duration, Unit
from bridge.profile.filters import (
    DOUBLE_PRESS,
    LONG_PRESS,
    AtMost,
    Changed,
    Delay,
    Edge,
    Every,
    Gate,
    Press,
    Toggle,
    Wait,
    When,
)
from tests.mapping.show import Show, play

value = st.one_of(st.sampled_from([0.0, 0.25, 0.5, 1.0]), st.floats(-1, 2))
values = st.lists(value, max_size=20)
moment = st.integers(0, 640).map(lambda part: part / 64)
samples = st.lists(st.tuples(moment, value), max_size=20).map(lambda them: sorted(them, key=lambda each: each[0]))
ticks = st.lists(st.floats(0, 15), max_size=20)

BEAT = Duration(1.0, Unit.BEATS)
BAR = Duration(1.0, Unit.BARS)


def seconds(amount: float) -> Duration:
    return Duration(amount)


def passed(stage: Stage, *values: float) -> list[float | None]:
    return [stage.feed(value, float(now)) for now, value in enumerate(values)]


def rises(values: Sequence[float], threshold: float = 0.5) -> list[bool]:
    return [value >= threshold and (index == 0 or values[index - 1] < threshold) for index, value in enumerate(values)]


@pytest.mark.parametrize(
    "stage",
    [
        NoiseGate(Gate(0.5, 0.5)),
        EdgeDetector(Edge()),
        ToggleSwitch(Toggle()),
        Divider(Every(2)),
        ChangeDetector(Changed()),
        Conditional(When(page="looks"), Show()),
        Button(Press("press")),
        Button(Press("release")),
        Button(Press("double")),
    ],
)
def test_what_acts_on_samples_never_moves_by_itself(stage: Stage) -> None:
    for now, each in enumerate((1.0, 0.0, 1.0)):
        stage.feed(each, float(now))
        assert stage.moving is False
        assert stage.tick(now + 0.9) == ()


# Gate.


def test_a_gate_opens_at_one_threshold_and_closes_below_the_other() -> None:
    gate = NoiseGate(Gate(open=0.5, close=0.25))

    assert passed(gate, 0.3, 0.4999, 0.5, 0.7, 0.3, 0.25, 0.2499, 0.1, 0.4, 0.6) == [
        None, None, 0.5, 0.7, 0.3, 0.25, 0.0, None, None, 0.6
    ]  # fmt: skip


@given(values, st.floats(0.5, 1), st.floats(0, 0.5))
def test_what_passes_a_gate_is_as_it_was_or_the_0_of_its_closing(
    values: list[float], open: float, close: float
) -> None:
    out = passed(NoiseGate(Gate(open, close)), *values)

    is_open = False
    for value, left in zip(values, out, strict=True):
        was, is_open = is_open, value >= open or (is_open and value >= close)
        assert left == (value if is_open else 0.0 if was else None)


# Edge.


@pytest.mark.parametrize(
    ("edge", "out"),
    [
        ("both", [None, 1.0, None, 0.0, None, 1.0]),
        ("rise", [None, 1.0, None, None, None, 1.0]),
        ("fall", [None, None, None, 1.0, None, None]),
    ],
)
def test_an_edge_leaves_and_nothing_between(edge: Literal["rise", "fall", "both"], out: list[float | None]) -> None:
    assert passed(EdgeDetector(Edge(0.25, edge)), 0.2499, 0.25, 0.9, 0.2499, 0.0, 1.0) == out


def test_an_edge_is_at_a_half_and_both_ways_if_nothing_is_said() -> None:
    assert passed(EdgeDetector(Edge()), 0.4999, 0.5, 0.4999) == [None, 1.0, 0.0]


@given(values, st.floats(-1, 1))
def test_rises_and_falls_take_turns(values: list[float], threshold: float) -> None:
    out = [left for left in passed(EdgeDetector(Edge(threshold)), *values) if left is not None]

    assert out == [1.0, 0.0] * (len(out) // 2) + [1.0] * (len(out) % 2)
    assert out.count(1.0) == sum(rises(values, threshold))


# Toggle and every.


def test_a_toggle_changes_with_each_rise() -> None:
    presses = (1.0, 0.0, 0.5, 0.4999, 1.0, 1.0)

    assert passed(ToggleSwitch(Toggle()), *presses) == [1.0, None, 0.0, None, 1.0, None]
    assert passed(ToggleSwitch(Toggle(start=True)), *presses) == [0.0, None, 1.0, None, 0.0, None]


def test_the_nth_press_passes_with_its_release() -> None:
    assert passed(Divider(Every(3)), *[1.0, 0.0] * 7) == [
        None, None, None, None, 1.0, 0.0, None, None, None, None, 1.0, 0.0, None, None
    ]  # fmt: skip
    assert passed(Divider(Every(2)), 0.5, 0.4999, 0.5, 1.0, 0.5, 0.4999, 0.4) == [
        None, None, 1.0, None, None, 0.0, None
    ]  # fmt: skip


@given(values, st.integers(2, 5))
def test_every_passes_one_rise_in_so_many(values: list[float], count: int) -> None:
    out = passed(Divider(Every(count)), *values)

    assert out.count(1.0) == sum(rises(values)) // count
    assert out.count(1.0) - out.count(0.0) in (0, 1)


# Changed and when.


def test_only_what_differs_passes() -> None:
    assert passed(ChangeDetector(Changed()), 0.0, 0.0, 0.1, 0.1, 0.0) == [0.0, None, 0.1, None, 0.0]
    assert passed(ChangeDetector(Changed(0.25)), 0.0, 0.25, 0.26, 0.5, 0.0) == [0.0, None, 0.26, None, 0.0]


@given(values, st.floats(0, 1))
def test_changes_are_measured_from_the_last_that_passed(values: list[float], by: float) -> None:
    out = [left for left in passed(ChangeDetector(Changed(by)), *values) if left is not None]

    assert all(abs(one - other) > by for one, other in pairwise(out))
    assert out[:1] == values[:1]
    assert not out or abs(values[-1] - out[-1]) <= by


def test_when_passes_only_while_it_is_so() -> None:
    show = Show()
    stage, opposite = Conditional(When(page="looks"), show), Conditional(When(page="looks", negate=True), show)

    assert (stage.feed(0.3, 0.0), opposite.feed(0.3, 0.0)) == (0.3, None)
    show.so = False
    assert (stage.feed(0.4, 1.0), opposite.feed(0.4, 1.0)) == (None, 0.4)
    assert stage.moving is False


# Delay.


@given(samples, st.floats(0.001, 3), ticks)
def test_a_delay_loses_nothing_and_keeps_the_order(
    samples: list[tuple[float, float]], late: float, ticks: list[float]
) -> None:
    delay = DelayLine(Delay(seconds(late)), Show())
    left = play(delay, samples, [*ticks, 20.0]).left

    assert [value for _, value in left] == [value for _, value in samples]
    moments = sorted([*ticks, 20.0, *(now for now, _ in samples)])
    for (when, _), (came, _) in zip(left, samples, strict=True):
        assert when == next(now for now in moments if now >= came + late)


def test_several_may_be_due_at_once() -> None:
    delay = DelayLine(Delay(seconds(1.0)), Show())

    assert passed(delay, 0.1) == [None]
    assert delay.moving
    assert delay.feed(0.2, 0.25) is None
    assert delay.feed(0.3, 0.5) is None
    assert delay.tick(0.999) == ()
    assert delay.tick(1.25) == (0.1, 0.2)
    assert delay.moving
    assert delay.tick(1.5) == (0.3,)
    assert not delay.moving


def test_no_delay_passes_at_once_but_never_overtakes() -> None:
    show = Show(bpm=60.0)
    delay = DelayLine(Delay(BEAT), show)

    assert DelayLine(Delay(CUT), show).feed(0.3, 0.0) == 0.3
    delay.feed(0.1, 0.0)
    show.bpm = float("inf")
    assert delay.feed(0.2, 0.1) is None
    assert delay.tick(0.1) == (0.1, 0.2)
    assert delay.feed(0.3, 0.2) == 0.3


def test_a_delay_in_beats_follows_the_tempo() -> None:
    show = Show(bpm=60.0)
    delay = DelayLine(Delay(BEAT), show)
    delay.feed(0.1, 0.0)

    assert delay.tick(0.5) == ()
    show.bpm = 120.0
    assert delay.tick(0.5) == (0.1,)


# At most.


@given(samples, st.floats(0.2, 3), ticks)
def test_at_most_never_exceeds_its_rate_and_always_lands_the_last(
    samples: list[tuple[float, float]], time: float, ticks: list[float]
) -> None:
    tick = time / 20
    stage = RateLimiter(AtMost(seconds(time)), Show())
    left = play(stage, samples, [*ticks, *(step * tick for step in range(int(20 / tick)))]).left

    assert left[:1] == samples[:1]
    assert [value for _, value in left[-1:]] == [value for _, value in samples[-1:]]
    for first, (then, _) in enumerate(left):
        for count, (now, _) in enumerate(left[first + 1 :], start=1):
            assert now - then >= count * time - tick - 1e-9


def test_the_first_passes_at_once_and_the_newest_when_the_time_is_over() -> None:
    stage = RateLimiter(AtMost(seconds(0.5)), Show())

    assert stage.feed(0.1, 0.0) == 0.1
    assert not stage.moving
    assert stage.feed(0.2, 0.1) is None
    assert stage.moving
    assert stage.feed(0.3, 0.4999) is None
    assert stage.tick(0.4999) == ()
    assert stage.tick(0.6) == (0.3,)
    assert not stage.moving
    assert stage.tick(0.7) == ()
    assert stage.feed(0.4, 0.9999) is None
    assert stage.tick(1.0) == (0.4,)
    assert stage.feed(0.5, 1.5) == 0.5
    assert stage.feed(0.6, 2.0) == 0.6
    assert stage.tick(2.5) == ()


def test_what_is_overdue_is_overtaken_by_what_arrives() -> None:
    stage = RateLimiter(AtMost(seconds(0.5)), Show())
    stage.feed(0.1, 0.0)
    stage.feed(0.2, 0.1)

    assert stage.feed(0.3, 0.5) == 0.3
    assert not stage.moving


def test_at_most_in_beats_follows_the_tempo() -> None:
    show = Show(bpm=60.0)
    stage = RateLimiter(AtMost(BEAT), show)
    stage.feed(0.1, 0.0)
    stage.feed(0.2, 0.25)

    assert stage.tick(0.5) == ()
    show.bpm = 120.0
    assert stage.tick(0.5) == (0.2,)


# Wait.


def test_the_newest_leaves_at_the_line() -> None:
    wait = LineWaiter(Wait(BAR), Show(bpm=120.0))

    assert wait.feed(0.1, 0.5) is None
    assert wait.moving
    assert wait.feed(0.2, 1.5) is None
    assert wait.tick(1.9999) == ()
    assert wait.tick(2.0) == (0.2,)
    assert not wait.moving
    assert wait.tick(4.0) == ()
    assert wait.feed(0.3, 4.0) == 0.3
    assert not wait.moving


def test_a_line_is_not_missed_by_a_late_tick() -> None:
    wait = LineWaiter(Wait(BEAT), Show(bpm=60.0))
    wait.feed(0.1, 0.5)
    wait.tick(0.75)

    assert wait.tick(1.25) == (0.1,)


def test_seconds_count_from_the_first_that_waits() -> None:
    wait = LineWaiter(Wait(seconds(1.0)), Show())

    assert wait.feed(0.1, 0.25) is None
    assert wait.feed(0.2, 1.0) is None
    assert wait.tick(1.1) == ()
    assert wait.tick(1.25) == (0.2,)
    assert LineWaiter(Wait(CUT), Show()).feed(0.3, 0.1) == 0.3


def test_a_line_moves_with_the_tempo() -> None:
    show = Show(bpm=60.0)
    wait = LineWaiter(Wait(BAR), show)
    wait.feed(0.1, 0.5)
    assert wait.tick(2.5) == ()
    show.bpm = 120.0  # its lines are at 2 and 4 seconds: the one at 2 was none when it passed

    assert wait.tick(3.0) == ()
    assert wait.tick(4.0) == (0.1,)


@given(samples, ticks)
def test_what_leaves_at_a_line_is_the_newest_before_it(samples: list[tuple[float, float]], ticks: list[float]) -> None:
    left = play(LineWaiter(Wait(BAR), Show(bpm=120.0)), samples, [*ticks, 20.0]).values

    newest: dict[int, float] = {}
    for now, value in samples:
        if now % 2.0:
            newest[int(now // 2.0) + 1] = value
    on_lines = [value for now, value in samples if not now % 2.0]
    assert sorted(left) == sorted([*newest.values(), *on_lines])


# Press.


@pytest.mark.parametrize(
    ("kind", "out"),
    [("press", [None, 1.0, None, 0.0, None, 1.0]), ("release", [None, None, None, 1.0, None, None])],
)
def test_press_and_release_are_the_two_ends_of_a_press(
    kind: Literal["press", "release"], out: list[float | None]
) -> None:
    assert passed(Button(Press(kind)), 0.4999, 0.5, 1.0, 0.4999, 0.0, 1.0) == out


def test_a_long_press_counts_while_it_is_held_and_once() -> None:
    button = Button(Press("long"))

    assert button.feed(1.0, 0.0) is None
    assert button.moving
    assert button.feed(0.8, 0.1) is None
    assert button.tick(0.5999) == ()
    assert button.tick(0.6) == (1.0,)
    assert not button.moving
    assert button.tick(1.3) == ()
    assert button.feed(0.0, 2.0) is None
    assert button.feed(1.0, 3.0) is None
    assert button.feed(0.0, 3.5999) is None
    assert not button.moving
    assert button.tick(4.0) == ()


def test_a_long_press_that_no_tick_saw_counts_with_its_release() -> None:
    button = Button(Press("long"))
    button.feed(1.0, 0.0)

    assert button.feed(0.0, 0.6) == 1.0
    assert button.feed(1.0, 1.0) is None
    assert button.feed(0.0, 1.5) is None


def test_two_presses_within_the_time_are_a_double_one_and_three_are_no_two() -> None:
    button = Button(Press("double"))

    assert [button.feed(float(n % 2 == 0), n * 0.1) for n in range(6)] == [None, None, 1.0, None, None, None]
    assert button.feed(1.0, 0.6) == 1.0


@pytest.mark.parametrize(("pause", "out"), [(0.35, 1.0), (0.3501, None)])
def test_a_double_press_has_its_time(pause: float, out: float | None) -> None:
    button = Button(Press("double"))
    button.feed(1.0, 0.0)
    button.feed(0.0, 0.1)

    assert button.feed(1.0, pause) == out
    button.feed(0.0, pause)
    assert button.feed(1.0, pause + 0.1) == (None if out else 1.0)


def test_these_are_the_times_of_a_button() -> None:
    assert (LONG_PRESS, DOUBLE_PRESS) == (0.6, 0.35)
