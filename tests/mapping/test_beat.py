"""Tempo, oscillators, and the grid on which everything moves."""

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.mapping import Mapping, compile
from bridge.mapping.beat import SHAPES, Tempo, Times, beats_of, oscillate
from bridge.profile.durations import Duration, Unit
from bridge.profile.filters import Delay, Every, Smooth, Wait
from bridge.profile.model import Profile, Route, TempoSource
from bridge.signals import Batch
from tests.mapping.build import PROMPTS, mapping, route, send, target_of, told

BPM = Profile("test.yaml", prompts=PROMPTS, tempo=(TempoSource("bpm", bpm=60.0),))


def test_beats_are_counted_evenly_and_a_new_tempo_makes_no_jump() -> None:
    tempo = Tempo(120.0, begin=10.0)
    assert tempo.beats(12.0) == 4.0
    tempo.turn_to(60.0, 12.0)
    assert (tempo.beats(12.0), tempo.beats(13.0)) == (4.0, 5.0)
    assert tempo.when(5.0) == 13.0


@pytest.mark.parametrize(
    ("now", "beats", "line"),
    [(10.0, 4, 10.0), (10.1, 4, 12.0), (11.9, 4, 12.0), (12.0, 4, 12.0), (10.1, 1, 10.5), (10.1, 16, 18.0)],
)
def test_the_next_line_of_a_grid(now: float, beats: float, line: float) -> None:
    assert Tempo(120.0, begin=10.0).line(now, beats) == pytest.approx(line)


def test_taps_set_the_tempo_the_beat_and_the_bar() -> None:
    tempo = Tempo(120.0, begin=0.0)
    for tap in (10.0, 10.6, 11.2, 11.8):
        tempo.tap(tap)

    assert tempo.bpm == pytest.approx(100.0)
    assert tempo.beats(11.8) == pytest.approx(3.0)
    assert tempo.line(11.9, 4) == pytest.approx(12.4)


def test_one_tap_sets_the_bar_and_leaves_the_tempo_and_a_late_one_begins_anew() -> None:
    tempo = Tempo(120.0, begin=0.0)
    tempo.tap(10.1)
    assert (tempo.bpm, tempo.beats(10.1)) == (120.0, 0.0)
    tempo.tap(10.6)
    tempo.tap(13.0)
    assert tempo.bpm == pytest.approx(120.0)
    assert tempo.beats(13.0) == 0.0


def test_a_tempo_that_nobody_taps_is_not_believed() -> None:
    tempo = Tempo(120.0, begin=0.0)
    for tap in range(5):
        tempo.tap(tap / 100)
    assert tempo.bpm == 400.0
    tempo.turn_to(1.0, 1.0)
    assert tempo.bpm == 20.0


def test_only_the_last_eight_taps_count() -> None:
    tempo = Tempo(120.0, begin=0.0)
    moment = 0.0
    for apart in [1.0] * 10 + [0.5] * 8:
        moment += apart
        tempo.tap(moment)

    assert tempo.bpm == pytest.approx(120.0)


@pytest.mark.parametrize(
    ("duration", "seconds"),
    [
        (Duration(1.5), 1.5),
        (Duration(2, Unit.CHUNKS), 1.0),
        (Duration(2, Unit.BEATS), 1.2),
        (Duration(1, Unit.BARS), 2.4),
    ],
)
def test_how_long_a_duration_is(duration: Duration, seconds: float) -> None:
    assert Times(Tempo(100.0), chunk=0.5).seconds(duration) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("shape", "values"),
    [
        ("sine", [0.0, 0.5, 1.0, 0.5]),
        ("triangle", [0.0, 0.5, 1.0, 0.5]),
        ("saw", [0.0, 0.25, 0.5, 0.75]),
        ("square", [1.0, 1.0, 0.0, 0.0]),
    ],
)
def test_oscillators(shape: str, values: list[float]) -> None:
    assert [oscillate(shape, 3 + quarter / 4, 0) for quarter in range(4)] == pytest.approx(values)


@given(st.sampled_from([*SHAPES, "random"]), st.floats(0, 1e6), st.integers(0, 100))
def test_an_oscillator_stays_between_0_and_1_and_is_always_the_same(shape: str, position: float, seed: int) -> None:
    assert 0.0 <= oscillate(shape, position, seed) <= 1.0
    assert oscillate(shape, position, seed) == oscillate(shape, position, seed)


def test_random_holds_a_value_for_its_period() -> None:
    assert oscillate("random", 3.01, 1) == oscillate("random", 3.99, 1)
    assert len({oscillate("random", period, 1) for period in range(20)}) == 20
    assert oscillate("random", 3.0, 1) != oscillate("random", 3.0, 2)


def lfo(shape: str, period: Duration, **options: Any) -> Mapping:
    made = Route(
        f"lfo/{shape}", target_of("vace_context_scale"), "vace_context_scale", source=(0, 1), period=period, **options
    )
    return compile(replace(BPM, routes=(made,)))


def test_an_lfo_swings_over_its_range_in_seconds_or_bars_from_when_the_show_began() -> None:
    show = lfo("triangle", Duration(2.0), out=(0.8, 1.4))
    show.tick(5.0)
    assert show.moving
    assert told(show, 5.5)["vace_context_scale"] == pytest.approx(1.1, abs=0.02)
    assert told(show, 6.0)["vace_context_scale"] == pytest.approx(1.4, abs=0.02)

    bars = lfo("saw", Duration(2, Unit.BARS))
    bars.tick(5.0)
    assert told(bars, 9.0)["vace_context_scale"] == pytest.approx(1.0, abs=0.02)


def test_an_lfo_begins_where_its_phase_says() -> None:
    show = lfo("saw", Duration(2.0), phase=0.5)
    show.tick(5.0)

    assert told(show, 5.0)["vace_context_scale"] == pytest.approx(1.0)


def beating(signal: str, *filters: Any, target: str = "prompt/next") -> Mapping:
    made = Route(signal, target_of(target), target, filters, source=(0, 1) if signal == "tempo/phase" else None)
    return compile(replace(BPM, routes=(made,), start={"prompt": (target_of("prompt"), "reef")}))


def heard(show: Mapping, until: float) -> list[float]:
    """Return when the prompt changed."""
    return [round(step / 100, 1) for step in range(int(until * 100)) if told(show, 10.0 + step / 100)]


def test_beats_and_bars_are_triggers() -> None:
    assert heard(beating("tempo/beat"), 3.5) == [0.0, 1.0, 2.0, 3.0]
    assert heard(beating("tempo/bar"), 9.0) == [0.0, 4.0, 8.0]
    assert heard(beating("tempo/bar", Every(2)), 17.0) == [4.0, 12.0]


def test_where_in_the_bar_we_are_and_how_fast_it_goes() -> None:
    show = beating("tempo/phase", target="noise_scale")
    show.tick(10.0)
    assert told(show, 11.0)["noise_scale"] == pytest.approx(0.25, abs=0.02)
    assert told(show, 13.0)["noise_scale"] == pytest.approx(0.75, abs=0.02)
    assert told(show, 14.5)["noise_scale"] == pytest.approx(0.125, abs=0.02)
    assert told(beating("tempo/bpm", target="param/speed"), 10.0) == {"speed": 60.0}


def test_a_tap_is_a_beat() -> None:
    show = compile(
        replace(
            BPM,
            routes=(
                Route("tempo/beat", target_of("prompt/next"), "prompt/next"),
                Route("td/tap", target_of("tap"), "tap"),
            ),
        )
    )
    for tap in (10.3, 10.8, 11.3):
        send(show, path="td/tap", now=tap)
    assert show.around.times.tempo.bpm == pytest.approx(120.0)
    show.take(11.35)
    assert not show.waiting
    assert told(show, 11.85)
    assert not told(show, 12.2)
    assert told(show, 12.35)


def test_what_waits_for_a_bar_comes_on_its_line() -> None:
    show = mapping(route("noise_scale", Wait(Duration(1, Unit.BARS))), profile=BPM)
    show.tick(10.0)
    assert send(show, 0.3, now=11.0) == {}
    assert send(show, 0.4, now=12.0) == {}
    assert told(show, 13.9) == {}
    assert told(show, 14.05) == {"noise_scale": 0.4}
    assert not show.moving


@given(
    st.lists(st.tuples(st.floats(0, 0.5), st.floats(0, 1)), min_size=1, max_size=15),
    st.lists(st.floats(0, 10), max_size=20),
)
def test_the_same_signals_bring_the_same_whenever_somebody_asks(
    steps: list[tuple[float, float]], ticks: list[float]
) -> None:
    """A chain of filters that all move, a fade, an oscillator: with and without somebody asking in between."""

    def play(asked: list[float]) -> tuple[Any, ...]:
        slow = Smooth(Duration(0.1), Duration(0.3))
        made = (
            route("noise_scale", Delay(Duration(0.1)), slow, slow),
            route("noise_scale", signal="lfo/sine", source=(0, 1), out=(0.0, 0.1), period=Duration(1.0), mix="add"),
            route("vace_context_scale", slow, source=(0, 1)),
        )
        show = compile(replace(BPM, routes=made))
        show.tick(20.0)
        now, events = 20.0, []
        for apart, value in steps:
            now += apart
            events.append((now, value))
        for moment, sent in sorted([*events, *((20.0 + at, None) for at in asked)], key=lambda one: one[0]):
            if sent is None:
                show.tick(moment)
            else:
                show.feed(Batch(moment, [("td/x", (sent,))]))
        show.tick(31.0)
        return tuple(state.asked for state in show.states())

    assert play(ticks) == play([])


def test_a_machine_that_slept_does_not_go_through_the_whole_night() -> None:
    show = lfo("sine", Duration(1.0))
    show.tick(10.0)
    show.tick(10.0 + 8 * 3600)

    assert show.moving
    assert math.isclose(show._now, 10.0 + 8 * 3600)


def test_a_ninth_tap_no_longer_knows_of_the_first() -> None:
    tempo = Tempo(120.0, begin=0.0)
    for tap in (10.0, 11.0, 12.0):
        tempo.tap(tap)
    for step in range(1, 8):
        tempo.tap(12.0 + step / 2)
    assert tempo.bpm == pytest.approx(120.0)


def test_the_slowest_row_of_taps_is_thirty_a_minute() -> None:
    tempo = Tempo(120.0, begin=0.0)
    for tap in (10.0, 12.0, 14.0):
        tempo.tap(tap)
    assert tempo.bpm == pytest.approx(30.0)

    tempo.tap(16.01)
    assert tempo.bpm == pytest.approx(30.0)
    assert tempo.beats(16.01) == 0.0


def test_a_moment_on_a_line_is_on_it_whatever_rounding_has_made_of_it() -> None:
    tempo = Tempo(124.0, begin=10.1)
    for beat in range(1000):
        now = 10.1 + beat * 60 / 124
        assert tempo.line(now, 1) == pytest.approx(now, abs=1e-5)
        assert tempo.line(now, 1) >= now


def test_random_holds_another_value_in_each_period_over_the_whole_range() -> None:
    held = [oscillate("random", period + 0.3, seed=3) for period in range(200)]

    assert [oscillate("random", period + 0.9, seed=3) for period in range(200)] == held
    assert min(held) < 0.05
    assert max(held) > 0.95
    assert all(0.0 <= value < 1.0 for value in held)
    assert 0.4 < sum(held) / len(held) < 0.6
    assert [oscillate("random", period + 0.3, seed=4) for period in range(200)] != held


def test_the_second_tap_gives_the_tempo() -> None:
    tempo = Tempo(120.0, begin=0.0)
    tempo.tap(10.0)
    tempo.tap(11.0)

    assert tempo.bpm == pytest.approx(60.0)
    assert tempo.beats(11.0) == pytest.approx(1.0)


def test_beats_and_bars_in_beats() -> None:
    assert beats_of(Duration(3.0, Unit.BEATS)) == 3.0
    assert beats_of(Duration(3.0, Unit.BARS)) == 12.0


@pytest.mark.parametrize(
    ("now", "phase", "position", "count"),
    [(10.0, 0.0, 0.0, 0), (10.25, 0.5, 0.5, 0), (11.5, 0.0, 3.0, 3), (12.125, 0.25, 0.25, 4), (9.0, 0.0, 0.0, 0)],
)
def test_the_beat_is_told_as_scopes_clients_tell_it(now: float, phase: float, position: float, count: int) -> None:
    show = compile(replace(BPM, tempo=(TempoSource("bpm", bpm=120.0),)))
    assert show.beat(10.0) is None  # nothing was heard yet: there is no first beat
    show.tick(10.0)

    assert show.beat(now) == {
        "bpm": 120.0,
        "beat_phase": phase,
        "bar_position": position,
        "beat_count": count,
        "is_playing": True,
    }


def test_there_is_no_beat_to_tell_until_somebody_has_said_a_tempo() -> None:
    show = mapping()
    assert send(show, path="panel/tap", now=1.0) == {}
    assert show.beat(1.2) is None
    send(show, path="panel/tap", now=1.6)

    told = show.beat(2.2)
    assert told is not None
    assert (told["bpm"], told["beat_count"], told["beat_phase"]) == (100.0, 2, 0.0)


@given(st.floats(20, 400), st.floats(0, 1e5), st.floats(0, 1e5))
def test_a_beat_that_is_told_is_within_its_bar(bpm: float, begin: float, later: float) -> None:
    told = Tempo(bpm, begin, said=True).state(begin + later)

    assert told is not None
    assert 0 <= told["beat_phase"] < 1
    assert 0 <= told["bar_position"] < 4
    assert told["bar_position"] == pytest.approx(told["beat_count"] % 4 + told["beat_phase"], abs=2e-6)
