"""Scope's cache is reset on the line of a phrase."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.mapping import Mapping, compile
from bridge.profile.durations import Duration
from bridge.profile.filters import Smooth
from bridge.profile.model import Guard, Profile, TempoSource
from bridge.signals import Batch, Sample
from tests.mapping.build import route, send, target_of, told

BPM = Profile("test.yaml", tempo=(TempoSource("bpm", bpm=120.0),))
PHRASE = 8.0
"""Seconds of four bars at 120 bpm."""


def show(profile: Profile = BPM, *samples: Sample) -> Mapping:
    """Return a show whose beats count from 0 seconds and whose chunks take half a second, so that the cache must last
    for 9 s on a line."""
    made = compile(profile)
    made.feed(Batch(0.0, [("scope/chunk", (0.5,)), *samples]))
    return made


def resets(show: Mapping, end: float, begin: float = 0.0, every: float = 0.1) -> list[float]:
    """Let the time go on and return when the cache was reset, as far as one asks so often."""
    found = []
    for step in range(round((end - begin) / every) + 1):
        now = begin + step * every
        if told(show, now).get("reset_cache"):
            found.append(round(now, 3))
    return found


def left(show: Mapping, seconds: float, now: float) -> None:
    show.feed(Batch(now, [("scope/cache", (seconds,))]))


@pytest.mark.parametrize(
    ("seconds", "line"),
    [(100.0, 96.0), (97.5, 96.0), (96.9, 88.0), (9.5, 8.0), (8.5, 8.0), (3.0, None)],
)
def test_it_is_reset_once_on_the_last_line_on_which_it_would_not_last_for_a_phrase_and_two_chunks(
    seconds: float, line: float | None
) -> None:
    made = show()
    left(made, seconds, 0.1)

    assert resets(made, 120.0, 0.1) == ([] if line is None else [pytest.approx(line + 0.1, abs=0.11)])


def test_nothing_ticks_for_it_until_the_line_is_near() -> None:
    made = show()
    left(made, 100.0, 0.1)
    assert not made.moving
    made.tick(85.9)
    assert not made.moving
    made.tick(86.1)
    assert made.moving
    assert not made.waiting
    made.tick(96.0)
    assert told(made, 96.0) == {"reset_cache": True}
    assert not made.moving


def test_without_a_tempo_that_somebody_said_nothing_is_done_and_two_taps_say_it() -> None:
    made = show(Profile("test.yaml"))
    left(made, 20.0, 0.1)
    assert resets(made, 4.0, 0.1) == []
    for tap in (4.0, 4.5):
        send(made, path="panel/tap", now=tap)

    assert resets(made, 20.0, 4.5) == [pytest.approx(12.0, abs=0.11)]


def test_it_is_told_so_early_that_the_picture_is_new_on_the_line() -> None:
    made = show(BPM, ("scope/latency", (1.5,)))
    left(made, 100.0, 0.1)

    assert resets(made, 120.0, 0.1) == [pytest.approx(94.5, abs=0.11)]


def test_what_is_heard_late_of_a_cache_that_was_reset_resets_it_no_second_time() -> None:
    made = show()
    left(made, 9.5, 0.1)
    assert len(resets(made, 8.3, 0.1)) == 1
    left(made, 1.2, 8.3)
    assert resets(made, 30.0, 8.3) == []
    left(made, 250.0, 30.0)
    left(made, 20.0, 40.0)

    assert resets(made, 70.0, 40.0) == [pytest.approx(56.0, abs=0.11)]


def test_a_cut_that_somebody_made_puts_it_off() -> None:
    made = show()
    left(made, 20.0, 0.1)
    left(made, 250.0, 7.0)

    assert resets(made, 100.0, 7.0) == []


def test_a_guard_holds_it_back() -> None:
    guarded = Profile("test.yaml", tempo=BPM.tempo, guards={"reset_cache": Guard(max_rate=(1, Duration(30.0)))})
    made = show(guarded)
    assert send(made, path="panel/reset_cache", now=0.1) == {"reset_cache": True}
    left(made, 17.0, 0.2)

    assert resets(made, 60.0, 0.2) == [pytest.approx(30.1, abs=0.11)]


def test_what_is_known_of_it_goes_on_through_an_edit_also_with_another_tempo() -> None:
    made = show()
    left(made, 100.0, 0.1)
    slower = Profile("test.yaml", tempo=(TempoSource("bpm", bpm=60.0),))
    again = compile(slower, made, 0.0 + PHRASE)

    # Sixteen beats have gone; from there the lines are 16 s apart, and one lasts for 17 s.
    assert resets(again, 120.0, PHRASE) == [pytest.approx(88.0, abs=0.11)]


def test_what_makes_no_sense_is_not_believed() -> None:
    made = show()
    for value in ("soon", -1.0, float("nan"), float("inf")):
        made.feed(Batch(0.1, [("scope/cache", (value,))]))

    assert not made.moving
    assert resets(made, 40.0, 0.1) == []


@given(st.floats(9.0, 50.0), st.lists(st.floats(0.0, 59.0), max_size=20), st.booleans())
def test_it_is_the_same_however_often_one_asks(seconds: float, asked: list[float], moves: bool) -> None:
    """Also beside a smoother that goes step by step."""
    profile = Profile(
        "test.yaml",
        tempo=BPM.tempo,
        routes=(route("lora/a", Smooth(Duration(9.0), Duration(9.0)), profile=Profile("", loras={"a": "a"})),),
        loras={"a": "a"},
    )
    once, often = show(profile), show(profile)
    for made in (once, often):
        made.feed(Batch(0.1, [("scope/cache", (seconds,)), *([("td/x", (1.0,))] if moves else ())]))
    for now in sorted(asked):
        often.tick(max(0.1, now))
    for made in (once, often):
        made.tick(59.0)

    assert (
        [(change.parameter, change.at) for change in once.take(59.0) if change.parameter == "reset_cache"]
        == [(change.parameter, change.at) for change in often.take(59.0) if change.parameter == "reset_cache"]
        != []
    )


def test_after_a_sleep_in_which_scope_did_it_by_itself_it_is_too_late() -> None:
    made = show()
    left(made, 20.0, 0.1)

    assert told(made, 300.0) == {}


def test_the_target_is_the_one_that_a_hand_can_press() -> None:
    made = show(Profile("test.yaml", tempo=BPM.tempo, start={"noise_scale": (target_of("noise_scale"), 0.5)}))
    left(made, 9.5, 0.1)
    resets(made, 8.2, 0.1)

    assert made.state()["values"] == {"noise_scale": 0.5}
    assert "reset_cache" not in made.initial()
