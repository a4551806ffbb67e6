"""The bank of smoothers, against one plain smoother each."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bridge.mapping.bank import GRID, RATE, Bank

NEAR = 1e-4
TOLERANCE = 1e-9
ROUNDED = 5.1e-7

way = st.floats(-2, 2).map(lambda number: round(number, 4))
lag = st.sampled_from([0.0, 1e-9, 0.001, 0.02, 0.3, 2.0, 600.0])


@dataclass
class Reference:
    """One smoother as its description reads: asked at any time, it goes on from where it was."""

    attack: float
    release: float
    level: float = math.nan
    target: float = math.nan
    then: float = 0.0
    doubtful: bool = False
    """Whether it came so near to being near that rounding decides."""

    def at(self, now: float) -> float:
        if self.level != self.target and now > self.then:
            lag = self.attack if self.target > self.level else self.release
            self.level = self.target + (self.level - self.target) * math.exp(-(now - self.then) / lag)
            near = NEAR * max(1.0, abs(self.target))
            self.doubtful |= math.isclose(abs(self.level - self.target), near, rel_tol=1e-6)
            if abs(self.level - self.target) <= near:
                self.level = self.target
        self.then = now
        return self.level

    def feed(self, target: float, now: float) -> float:
        level = self.at(now)
        lag = self.attack if target > level else self.release
        self.level = target if level != level or lag <= 0 else level
        self.target = target
        return self.level


@dataclass
class Pair:
    """A bank's slot beside its reference, with what a chunk must get."""

    attack: float
    release: float
    peak: bool = False
    span: float = 1.0
    bank: Bank = field(default_factory=Bank)

    def __post_init__(self) -> None:
        self.slot = self.bank.add(self.attack, self.release, 0.0, self.span, -100.0, 100.0, self.peak)
        self.reference = Reference(self.attack, self.release)
        self.grid = 0
        self.highest = -math.inf

    def feed(self, target: float, now: float) -> tuple[float, float]:
        """Return what the bank and the reference say to a sample."""
        for grid in range(self.grid + 1, math.floor(now * RATE) + 1):
            self._see(self.reference.at(grid / RATE))
        self.grid = math.floor(now * RATE)
        self._see(self.reference.at(now))
        level = self.reference.feed(target, now)
        self._see(level)
        return self.bank.feed(self.slot, target, now), level * self.span

    def tick(self, grid: int, *, asked: bool = True) -> None:
        """Let time pass; the reference goes to each point of the grid, whether the bank is asked or not."""
        for each in range(self.grid + 1, grid + 1):
            self._see(self.reference.at(each / RATE))
        self.grid = max(grid, self.grid)
        if asked:
            self.bank.tick(grid)

    def _see(self, level: float) -> None:
        if level == level:
            self.highest = max(self.highest, level)

    def taken(self) -> None:
        self.highest = self.reference.level


# What happens to a slot: samples at any time, ticks at some points of the grid.
step = st.tuples(st.floats(0, 0.3), st.one_of(way, st.none(), st.just("skipped")))


def play(pair: Pair, steps: Sequence[tuple[float, float | str | None]]) -> list[tuple[float, float]]:
    """Feed and tick; return each value that the bank gave beside the reference's."""
    now, seen = 0.0, [pair.feed(0.5, 0.0)]
    for pause, event in steps:
        now += pause
        match event:
            case float():
                seen.append(pair.feed(event, now))
            case _:
                grid = math.floor(now * RATE)
                pair.tick(grid, asked=event is None)
                if event is None and grid / RATE >= pair.reference.then:
                    seen.append((pair.bank.value(pair.slot), pair.reference.level * pair.span))
    return seen


@given(lag, lag, st.lists(step, max_size=30))
def test_levels_are_those_of_a_smoother_whatever_ticks_come(
    attack: float, release: float, steps: list[tuple[float, float | str | None]]
) -> None:
    pair = Pair(attack, release)

    seen = play(pair, steps)

    assume(not pair.reference.doubtful)
    for bank, reference in seen:
        assert bank == pytest.approx(reference, abs=TOLERANCE)


@given(lag, lag, st.lists(step, max_size=30), st.integers(1, 50))
def test_many_ticks_leave_the_very_bits_that_one_leaves(
    attack: float, release: float, steps: list[tuple[float, float | str | None]], last: int
) -> None:
    ticked, spared = Pair(attack, release), Pair(attack, release)
    play(ticked, steps)
    play(spared, [(pause, "skipped" if event is None else event) for pause, event in steps])
    for pair in (ticked, spared):
        pair.tick(1000 + last)

    assert ticked.bank.value(ticked.slot) == spared.bank.value(spared.slot)


@given(lag, lag, st.sampled_from([1.0, -1.0, 40.0]), st.lists(st.lists(step, max_size=8), max_size=6))
def test_a_chunk_gets_the_peak_of_the_way_and_then_the_newest(
    attack: float, release: float, span: float, chunks: list[list[tuple[float, float | str | None]]]
) -> None:
    pair = Pair(attack, release, peak=True, span=span)
    assert pair.bank.take() == []
    pair.feed(0.5, 0.0)
    told, now = math.inf, 0.0
    for steps in chunks:
        for pause, event in steps:
            now += pause
            if isinstance(event, float):
                pair.feed(event, now)
            else:
                pair.tick(math.floor(now * RATE))
        pair.tick(math.floor(now * RATE))
        assume(not pair.reference.doubtful)
        peak, newest = pair.highest * span, pair.reference.level * span
        waited, taken = pair.bank.waiting, pair.bank.take()
        pair.taken()
        if taken:
            ((slot, value, later),) = taken
            assert slot == pair.slot
            assert waited
            assert value == pytest.approx(peak, abs=ROUNDED)
            assert (value if later is None else later) == pytest.approx(newest, abs=ROUNDED)
            told = value
            assert pair.bank.waiting is (later is not None)
        else:
            assert told == pytest.approx(peak, abs=2 * ROUNDED)
            assert told == pytest.approx(newest, abs=2 * ROUNDED)


@given(lag, lag, st.booleans(), st.lists(st.tuples(step, st.booleans()), max_size=20), way)
def test_take_never_loses_the_last_value(
    attack: float, release: float, peak: bool, steps: list[tuple[tuple[float, float | str | None], bool]], last: float
) -> None:
    pair, now = Pair(attack, release, peak), 0.0
    told: list[float] = []
    for (pause, event), taken in steps:
        now += pause
        if isinstance(event, float):
            pair.bank.feed(pair.slot, event, now)
        else:
            pair.bank.tick(math.floor(now * RATE))
        if taken:
            told = [value for _, value, _ in pair.bank.take()] or told
    pair.bank.feed(pair.slot, last, now)
    pair.bank.tick(math.ceil((now + 20 * 600.0) * RATE))

    assert not pair.bank.moving
    for _ in range(2):  # a peak, then what it came down to
        told = [value for _, value, _ in pair.bank.take()] or told
    assert told == [pytest.approx(last, abs=ROUNDED)]
    assert not pair.bank.waiting
    assert pair.bank.take() == []


def test_a_lag_is_the_time_to_63_percent_up_and_down() -> None:
    bank = Bank()
    slot = bank.add(0.1, 0.5, 0.0, 1.0, 0.0, 1.0, peak=False)
    assert bank.feed(slot, 0.0, 0.0) == 0.0
    assert bank.feed(slot, 1.0, 0.0) == 0.0
    assert bank.feed(slot, 1.0, 0.1) == pytest.approx(1 - math.exp(-1))
    assert bank.feed(slot, 1.0, 9.0) == 1.0
    assert bank.feed(slot, 0.0, 10.0) == 1.0
    bank.tick(round(10.5 * RATE))
    assert bank.value(slot) == pytest.approx(math.exp(-1))


def test_the_way_is_spread_and_kept_inside() -> None:
    bank = Bank()
    up = bank.add(0.0, 0.0, 0.2, 2.0, 0.0, 1.0, peak=False)
    down = bank.add(0.0, 0.0, 0.9, -0.8, 0.0, 1.0, peak=True)
    assert [bank.feed(up, level, 0.0) for level in (0.25, 0.75, -0.5)] == [0.7, 1.0, 0.0]
    assert [bank.feed(down, level, 0.0) for level in (0.25, 0.75, 0.5)] == pytest.approx([0.7, 0.3, 0.5])
    assert bank.take() == [(up, 0.0, None), (down, 0.3, 0.5)]
    assert bank.take() == [(down, 0.5, None)]


def test_values_are_taken_to_the_sixth_decimal() -> None:
    bank = Bank()
    slot = bank.add(0.0, 0.0, 0.0, 1.0, 0.0, 1.0, peak=False)
    bank.feed(slot, 0.1 + 0.2, 0.0)
    assert bank.take() == [(slot, 0.3, None)]
    bank.feed(slot, 0.3000004, 0.1)
    assert not bank.waiting
    assert bank.take() == []
    bank.feed(slot, 0.3000006, 0.2)
    assert bank.waiting
    assert bank.take() == [(slot, 0.300001, None)]


def test_a_slow_drift_is_told_as_soon_as_it_can_be_seen() -> None:
    bank = Bank()
    slot = bank.add(3600.0, 3600.0, 0.0, 1.0, 0.0, 1.0, peak=False)
    bank.feed(slot, 0.0, 0.0)
    bank.take()
    bank.feed(slot, 1e-3, 0.0)
    told: list[float] = []
    for grid in range(1, 300):
        bank.tick(grid)
        assert bank.waiting is (abs(bank.value(slot) - (told[-1] if told else 0.0)) > 5e-7)
        told += [value for _, value, _ in bank.take()]
    assert told == [1e-6]


def test_a_sample_finds_what_has_moved_since_the_last_tick() -> None:
    bank = Bank()
    slot = bank.add(1.0, 1.0, 0.0, 1.0, 0.0, 1.0, peak=False)
    bank.feed(slot, 0.0, 0.0)
    bank.take()
    bank.feed(slot, 1e-3, 0.0)
    assert bank.feed(slot, 1e-3, 0.0004) < 0.5e-6
    assert not bank.waiting
    assert bank.feed(slot, 1e-3, 0.0008) > 0.5e-6
    assert bank.waiting


def test_moving_until_all_have_settled() -> None:
    bank = Bank()
    quick, slow = (bank.add(lag, lag, 0.0, 1.0, 0.0, 1.0, peak=False) for lag in (0.01, 0.1))
    assert not bank.moving
    for slot in (quick, slow):
        bank.feed(slot, 0.0, 0.0)
    assert not bank.moving
    for slot in (quick, slow):
        bank.feed(slot, 1.0, 0.0)
    settled: dict[int, int] = {}
    for grid in range(1, 120):
        assert bank.moving is (slow not in settled)
        bank.tick(grid)
        settled |= {slot: grid for slot in (quick, slow) if slot not in settled and bank.value(slot) == 1.0}

    lags_until_near = -math.log(NEAR)
    assert settled[quick] == math.ceil(0.01 * lags_until_near * RATE)
    assert settled[slow] == math.ceil(0.1 * lags_until_near * RATE)
    assert not bank.moving


def test_one_that_is_called_back_does_not_keep_the_bank_moving_beyond_the_next_take() -> None:
    bank = Bank()
    slot = bank.add(600.0, 0.0, 0.0, 1.0, 0.0, 1.0, peak=False)
    bank.feed(slot, 0.0, 0.0)
    bank.feed(slot, 1.0, 0.0)
    assert bank.moving
    bank.feed(slot, 0.0, 1.0)
    bank.take()
    assert not bank.moving


def test_no_lag_moves_only_on_samples() -> None:
    bank = Bank()
    slot = bank.add(0.0, 0.5, 0.0, 1.0, 0.0, 1.0, peak=False)
    assert bank.feed(slot, 0.0, 0.0) == 0.0
    assert bank.feed(slot, 1.0, 0.0) == 1.0
    assert not bank.moving
    assert bank.feed(slot, 0.5, 0.0) == 1.0
    assert bank.moving


def test_a_peak_reached_on_the_way_is_not_lost_when_the_level_then_drops_at_once() -> None:
    bank = Bank()
    slot = bank.add(0.5, 0.0, 0.0, 1.0, 0.0, 1.0, peak=True)
    bank.feed(slot, 0.0, 0.0)
    bank.take()
    bank.feed(slot, 1.0, 0.0)
    bank.feed(slot, 0.0, 0.5)
    assert bank.waiting
    ((_, peak, newest),) = bank.take()
    assert peak == pytest.approx(1 - math.exp(-1), abs=ROUNDED)
    assert newest == 0.0


def test_a_smoother_that_was_never_fed_has_nothing_to_give() -> None:
    bank = Bank()
    assert bank.take() == []
    newest, peak = (bank.add(0.1, 0.1, 0.3, 1.0, 0.0, 1.0, peak) for peak in (False, True))
    bank.tick(10)
    assert not bank.waiting
    assert not bank.moving
    assert bank.take() == []
    assert math.isnan(bank.value(newest))
    bank.feed(peak, 0.5, 1.0)
    bank.feed(peak, 0.0, 1.0)
    assert bank.take() == [(peak, 0.8, None)]
    bank.tick(1000)
    assert bank.take() == [(peak, 0.8, 0.3)]


def test_a_value_that_goes_and_comes_back_has_not_changed() -> None:
    bank = Bank()
    newest, peak = (bank.add(0.0, 0.0, 0.0, 1.0, 0.0, 1.0, peak) for peak in (False, True))
    for slot in (newest, peak):
        bank.feed(slot, 0.5, 0.0)
    bank.take()
    for slot in (newest, peak):
        bank.feed(slot, 0.7, 0.1)
        bank.feed(slot, 0.5, 0.2)
    assert bank.take() == [(peak, 0.7, 0.5)]


@pytest.mark.parametrize("peak", [False, True])
def test_a_smoother_that_is_halted_says_nothing_until_the_next_sample_which_is_told_anew(peak: bool) -> None:
    bank = Bank()
    slot = bank.add(0.5, 0.5, 0.0, 1.0, 0.0, 1.0, peak)
    bank.feed(slot, 0.9, 0.0)
    bank.take()
    bank.feed(slot, 0.0, 0.0)
    bank.tick(10)
    bank.halt(slot)
    bank.tick(20)
    assert bank.take() == []
    assert not bank.moving
    assert not bank.waiting

    assert bank.feed(slot, 0.9, 1.0) == 0.9
    assert bank.waiting
    assert bank.take() == [(slot, 0.9, None)]


def test_a_slot_given_back_is_forgotten_and_used_again() -> None:
    bank = Bank()
    first, second = (bank.add(0.1, 0.1, 0.0, 1.0, 0.0, 1.0, peak=True) for _ in range(2))
    for slot in (first, second):
        bank.feed(slot, 0.5, 0.0)
    bank.feed(first, 0.0, 0.0)
    assert len(bank) == 2
    bank.release(first)
    assert len(bank) == 1
    assert bank.take() == [(second, 0.5, None)]

    assert bank.add(0.0, 0.0, 0.2, 1.0, 0.0, 1.0, peak=False) == first
    bank.tick(60)
    assert bank.take() == []
    assert bank.feed(first, 0.1, 1.0) == pytest.approx(0.3)
    assert bank.take() == [(first, 0.3, None)]


@given(lag, lag, st.booleans(), st.lists(step, max_size=10), st.lists(step, max_size=10), st.booleans())
def test_a_route_carried_over_goes_on_as_it_was(
    attack: float,
    release: float,
    peak: bool,
    before: list[tuple[float, float | str | None]],
    after: list[tuple[float, float | str | None]],
    taken: bool,
) -> None:
    stayed, moved = Pair(attack, release, peak), Pair(attack, release, peak)
    for pair in (stayed, moved):
        play(pair, before)
        if taken:
            pair.bank.take()
    bank = Bank()
    bank.add(1.0, 1.0, 0.0, 1.0, 0.0, 1.0, peak=False)
    slot = bank.add(attack, release, 0.0, 1.0, -100.0, 100.0, peak)
    bank.carry(moved.bank, moved.slot, slot)
    moved.bank, moved.slot = bank, slot

    now = sum(pause for pause, _ in before)
    for pause, event in after:
        now += pause
        for pair in (stayed, moved):
            if isinstance(event, float):
                pair.feed(event, now)
            else:
                pair.tick(math.floor(now * RATE))
    assert moved.bank.value(moved.slot) == stayed.bank.value(stayed.slot)
    assert [taken[1:] for taken in moved.bank.take()] == [taken[1:] for taken in stayed.bank.take()]
    assert moved.bank.waiting == stayed.bank.waiting


@given(st.lists(st.sampled_from([math.inf, -math.inf, 1e308, -1e308, math.nan, 0.0, 1e-320]), max_size=6), lag)
def test_whatever_was_sent_it_recovers(ways: list[float], lag: float) -> None:
    bank = Bank()
    slot = bank.add(lag, lag, 0.0, 2.0, 0.0, 2.0, peak=False)
    for number, each in enumerate(ways):
        assert 0.0 <= bank.feed(slot, each, float(number)) <= 2.0
        bank.tick(RATE * number)
        assert all(0.0 <= value <= 2.0 for _, value, _ in bank.take())
    bank.feed(slot, 0.5, 10.0)
    bank.tick(RATE * 1_000_000)
    bank.take()
    assert bank.value(slot) == 1.0


def test_a_thousand_slots_do_not_touch_each_other() -> None:
    bank = Bank()
    references = [Reference(0.01 + number / 900, 0.5) for number in range(1000)]
    slots = [bank.add(each.attack, each.release, 0.0, 1.0, 0.0, 1.0, peak=False) for each in references]
    for number, (slot, reference) in enumerate(zip(slots, references, strict=True)):
        for one, now in ((0.0, 0.0), (number / 1000, 0.0), (0.25, number * GRID / 2000)):
            assert bank.feed(slot, one, now) == pytest.approx(reference.feed(one, now))
    bank.tick(20)
    for reference in references:
        reference.at(20 / RATE)

    taken = {slot: value for slot, value, _ in bank.take()}
    assert [taken[slot] for slot in slots] == pytest.approx([each.level for each in references], abs=ROUNDED)


def test_near_is_a_part_of_where_it_goes_when_that_is_far() -> None:
    bank = Bank()
    slot = bank.add(1.0, 1.0, 0.0, 1.0, 0.0, 1000.0, peak=False)
    bank.feed(slot, 0.0, 0.0)
    bank.feed(slot, 500.0, 0.0)
    bank.tick(math.floor(-math.log(NEAR) * RATE))
    assert bank.moving
    assert bank.value(slot) == pytest.approx(500.0 * (1 - NEAR), rel=NEAR / 50)
    bank.tick(math.ceil(-math.log(NEAR) * RATE))
    assert not bank.moving
    assert bank.value(slot) == 500.0


def test_a_step_too_small_to_be_seen_is_taken_with_the_next_tick() -> None:
    bank = Bank()
    slot = bank.add(1.0, 1.0, 0.0, 1.0, 0.0, 1.0, peak=False)
    bank.feed(slot, 0.5, 0.0)
    bank.tick(60)
    assert bank.feed(slot, 0.50005, 1.0) == pytest.approx(0.5, abs=TOLERANCE)
    assert bank.value(slot) == pytest.approx(0.5, abs=TOLERANCE)
    assert bank.moving
    bank.tick(61)
    assert bank.value(slot) == 0.50005
    assert not bank.moving


def test_what_moved_is_waiting_however_late_anybody_asks() -> None:
    bank = Bank()
    slot = bank.add(0.01, 0.01, 0.0, 1.0, 0.0, 1.0, peak=False)
    bank.feed(slot, 0.0, 0.0)
    bank.take()
    bank.feed(slot, 1.0, 0.0)
    for grid in (1, 600, 601):
        bank.tick(grid)
    assert not bank.moving
    assert bank.waiting


def test_what_moves_and_waits_is_carried_over_too() -> None:
    old, new = Bank(), Bank()
    slots = [old.add(0.5, 0.5, 0.0, 1.0, 0.0, 1.0, peak) for peak in (False, True)]
    for slot in slots:
        old.feed(slot, 1.0, 1.0)
        old.feed(slot, 0.0, 1.0)
    old.tick(90)
    carried = [new.add(0.5, 0.5, 0.0, 1.0, 0.0, 1.0, peak) for peak in (True, False)][::-1]
    for before, after in zip(slots, carried, strict=True):
        new.carry(old, before, after)

    assert new.moving
    assert new.waiting
    assert sorted(new.take()) == sorted((carried[slot], value, later) for slot, value, later in old.take())
    assert new.waiting
    new.tick(91)
    assert [new.value(slot) for slot in carried] == pytest.approx([math.exp(-(91 / RATE - 1) / 0.5)] * 2)


def test_a_late_sample_or_tick_does_not_turn_time_back() -> None:
    bank = Bank()
    slot = bank.add(0.1, 0.1, 0.0, 1.0, -100.0, 100.0, peak=False)
    bank.feed(slot, 0.0, 1.0)
    bank.feed(slot, 1.0, 1.0)
    bank.tick(66)
    reached = bank.value(slot)
    bank.tick(63)
    assert bank.value(slot) == reached
    assert bank.feed(slot, 1.0, 0.5) == 0.0  # as early as the last sample, and not before


def test_a_value_stays_between_its_limits_whoever_asks() -> None:
    bank = Bank()
    slot = bank.add(attack=0.1, release=0.1, begin=0.0, span=2.0, low=0.2, high=1.5, peak=False)

    for sent, kept in ((0.0, 0.2), (1.0, 1.5), (0.5, 1.0)):
        bank.halt(slot)
        assert bank.feed(slot, sent, 0.0) == pytest.approx(kept)
        assert bank.value(slot) == pytest.approx(kept)
        assert bank.take() == [(slot, kept, None)]


def test_a_change_of_one_millionth_is_told_and_a_smaller_one_is_not() -> None:
    bank = Bank()
    slot = bank.add(attack=0.0, release=0.0, begin=0.0, span=1.0, low=0.0, high=1.0, peak=False)
    bank.feed(slot, 0.5, 0.0)
    assert bank.take() == [(slot, 0.5, None)]

    bank.feed(slot, 0.5000004, 0.0)
    assert (bank.waiting, bank.take()) == (False, [])
    bank.feed(slot, 0.500001, 0.0)
    assert bank.waiting
    assert bank.take() == [(slot, 0.500001, None)]


def test_a_slot_that_is_used_again_knows_nothing_of_before() -> None:
    bank = Bank()
    slot = bank.add(attack=1.0, release=1.0, begin=0.0, span=1.0, low=0.0, high=1.0, peak=True)
    bank.feed(slot, 0.9, 0.0)
    bank.feed(slot, 0.1, 0.0)
    bank.release(slot)
    again = bank.add(attack=1.0, release=1.0, begin=0.0, span=1.0, low=0.0, high=1.0, peak=True)

    assert (again, len(bank)) == (slot, 1)
    assert bank.take() == []
    assert bank.feed(again, 0.3, 0.5) == 0.3
    assert bank.take() == [(slot, 0.3, None)]


def test_what_was_taken_elsewhere_is_told_again_even_where_it_was() -> None:
    bank = Bank()
    slot = bank.add(attack=0.0, release=0.0, begin=0.0, span=1.0, low=0.0, high=1.0, peak=True)
    bank.feed(slot, 0.5, 0.0)
    bank.take()
    bank.halt(slot)

    assert bank.take() == []
    bank.feed(slot, 0.5, 1.0)
    assert bank.take() == [(slot, 0.5, None)]


def test_a_slot_that_was_given_back_keeps_nothing_moving() -> None:
    bank = Bank()
    slots = [bank.add(attack=1.0, release=1.0, begin=0.0, span=1.0, low=0.0, high=1.0, peak=False) for _ in range(2)]
    for slot in slots:
        bank.feed(slot, 0.0, 0.0)
        bank.feed(slot, 1.0, 0.0)
    bank.tick(RATE)
    bank.release(slots[0])
    bank.take()
    assert bank.moving

    bank.tick(20 * RATE)
    assert bank.take() == [(slots[1], 1.0, None)]
    assert not bank.moving


def test_a_peak_that_is_one_millionth_higher_is_told() -> None:
    bank = Bank()
    slot = bank.add(attack=0.0, release=0.0, begin=0.0, span=1.0, low=0.0, high=1.0, peak=True)
    bank.feed(slot, 0.5, 0.0)
    bank.take()
    bank.feed(slot, 0.500001, 1.0)
    bank.feed(slot, 0.5, 1.0)

    assert bank.take() == [(slot, 0.500001, 0.5)]
    assert bank.take() == [(slot, 0.5, None)]
    assert GRID * RATE == 1


def test_a_smoother_that_is_put_somewhere_on_its_way_rests_there() -> None:
    bank = Bank()
    slot = bank.add(attack=1.0, release=1.0, begin=0.0, span=1.0, low=0.0, high=1.0, peak=False)
    bank.feed(slot, 0.0, 0.0)
    bank.feed(slot, 1.0, 0.0)
    bank.tick(RATE // 2)
    bank.start_at(slot, 0.9, 0.5)
    bank.tick(RATE)

    assert bank.value(slot) == 0.9
    assert bank.feed(slot, 0.0, 1.0) == 0.9
    bank.tick(2 * RATE)
    assert bank.value(slot) == pytest.approx(0.9 * math.exp(-1))
