"""How old a value is when a chunk uses it, worked out by hand and by the trace."""

import math

import pytest

from bridge.bench.trace import RATE, Trace, chunks_until_fresh, ratios
from bridge.strip import Strip

LOOK = 1 / RATE


def moving(begin: float, looks: int, trace: Trace) -> None:
    """Let the hand move at every look from `begin` on."""
    for look in range(looks):
        trace.look(True, begin + look * LOOK)


def resting(begin: float, looks: int, trace: Trace) -> None:
    """Let the hand stay where it is."""
    for look in range(looks):
        trace.look(False, begin + look * LOOK)


def shows(trace: Trace, chunk: int, start: float, probe: float, dropped: int = 0) -> None:
    """Let a frame of a chunk come."""
    trace.show(Strip(frame=12 * chunk, chunk=chunk, start_ms=1000 * start, probe=probe, dropped=dropped))


def test_an_age_is_the_time_since_the_hand_was_where_the_chunk_has_it() -> None:
    trace = Trace(first=500)
    moving(0.0, 60, trace)
    shows(trace, 1, start=0.5 + LOOK / 2, probe=500 + 15)
    shows(trace, 2, start=0.9 + LOOK / 2, probe=500 + 54)

    assert trace.ages() == pytest.approx([0.25 + LOOK / 2, 0.0])
    assert trace.ages(begin=0.6) == pytest.approx([0.0])
    assert trace.ages(end=0.6) == pytest.approx([0.25 + LOOK / 2])


def test_a_place_where_the_hand_rested_is_as_old_as_the_end_of_the_rest() -> None:
    trace = Trace()
    moving(0.0, 2, trace)  # places 0 and 1
    resting(2 * LOOK, 58, trace)  # at 1
    moving(1.0, 30, trace)  # from 2 on
    shows(trace, 1, start=1.2 + LOOK / 2, probe=1)

    assert trace.ages() == pytest.approx([0.2 + 1.5 * LOOK])


def test_a_chunk_that_begins_while_the_hand_rests_says_nothing() -> None:
    trace = Trace()
    moving(0.0, 10, trace)
    resting(10 * LOOK, 60, trace)
    shows(trace, 1, start=0.8, probe=3)

    assert trace.ages() == []


def test_a_place_of_an_earlier_hand_or_none_at_all_says_nothing() -> None:
    trace = Trace(first=500)
    moving(0.0, 60, trace)
    shows(trace, 1, start=0.3, probe=499)
    shows(trace, 2, start=0.5, probe=math.nan)

    assert trace.ages() == []
    assert not trace.landed


def test_only_the_first_frame_of_a_chunk_counts_and_the_last_place_must_land() -> None:
    trace = Trace()
    moving(0.0, 10, trace)
    for _ in range(12):
        shows(trace, 1, start=0.1, probe=2)
    assert len(trace.chunks) == 1
    assert not trace.landed
    shows(trace, 2, start=0.6, probe=9)
    assert trace.landed
    moving(1.0, 1, trace)
    assert not trace.landed


def test_what_the_server_threw_away_is_counted_from_the_first_on() -> None:
    trace = Trace()
    assert trace.dropped == 0
    assert trace.first_drop is None
    for chunk, dropped in enumerate((0, 0, 2, 5)):
        shows(trace, chunk, start=0.5 * chunk, probe=0, dropped=dropped)

    assert trace.dropped == 5
    assert trace.first_drop == 1.0
    assert trace.lengths == [0.5, 0.5, 0.5]


def test_a_ratio_is_to_the_longest_chunk_that_ended_in_the_last_seconds() -> None:
    trace = Trace()
    moving(0.0, 12 * RATE, trace)
    starts = [0.1, 1.1, 1.6, 2.1, 6.05, 6.2]  # a long one of 3.95 s, from 2.1 on
    for chunk, start in enumerate(starts):
        shows(trace, chunk, start, probe=max(0, round((start - 0.5) * RATE)))

    found = ratios(trace, span=2.0)

    assert [start for start, _ in found] == starts[1:]
    assert [ratio for _, ratio in found] == pytest.approx([0.5, 0.5, 0.5, 0.5 / 3.95, 0.5 / 3.95], abs=0.05)


@pytest.mark.parametrize(
    ("found", "counts"),
    [
        ([0.5, 0.9, 0.9, 0.8], [0]),
        ([0.5, 1.4, 1.3, 0.8], [3]),
        ([1.5, 0.9, 1.2, 0.8], [1]),
        ([0.5, 1.4, 1.3, 1.2], [4]),
    ],
)
def test_it_is_counted_how_many_chunks_a_jump_is_felt(found: list[float], counts: list[int]) -> None:
    assert chunks_until_fresh(list(zip((1.0, 2.0, 3.0, 4.0), found, strict=True)), [0.5], 1.1) == counts


def test_each_jump_is_counted_by_itself() -> None:
    found = [(1.0, 2.0), (2.0, 1.0), (3.0, 1.0), (4.0, 2.0), (5.0, 2.0), (6.0, 1.0)]

    assert chunks_until_fresh(found, [0.5, 3.5], 1.1) == [1, 2]
