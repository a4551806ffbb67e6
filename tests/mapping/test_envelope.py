"""Envelopes: a shape of its own."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.mapping.envelope import EnvelopeGenerator
from bridge.profile.durations import Duration, Unit
from bridge.profile.filters import Envelope
from tests.mapping.show import Show, play

span = st.floats(0, 5)


def seconds(amount: float) -> Duration:
    return Duration(amount)


def envelope(attack: float, decay: float, sustain: float = 0.0, release: float = 0.0) -> EnvelopeGenerator:
    return EnvelopeGenerator(Envelope(seconds(attack), seconds(decay), sustain, seconds(release)), Show())


def shape(stage: EnvelopeGenerator, *times: float) -> list[float]:
    """The level at each time, and whether it moves after it."""
    levels, last = [], 0.0
    for now in times:
        for value in stage.tick(now):
            last = value
        levels.append(last)
    return levels


def test_an_envelope_rests_until_it_is_pressed() -> None:
    stage = envelope(1.0, 2.0)

    assert not stage.moving
    assert stage.tick(5.0) == ()


def test_an_envelope_is_a_plain_pulse_however_short_the_press() -> None:
    for release in (0.0, 1.5, 60.0):
        stage = envelope(1.0, 2.0)
        assert stage.feed(1.0, 10.0) == 0.0
        assert stage.moving
        if release <= 1.0:
            assert stage.feed(0.0, 10.0 + release) == 0.0
        assert shape(stage, 10.0, 10.5, 11.0, 11.5, 12.0, 13.0) == pytest.approx([0, 0.5, 1, 0.75, 0.5, 0])
        assert not stage.moving
        assert stage.tick(14.0) == ()


def test_an_envelope_holds_its_sustain_while_the_signal_is_up() -> None:
    stage = envelope(1.0, 1.0, 0.5, 2.0)
    stage.feed(0.5, 0.0)

    assert shape(stage, 0.25, 1.0, 1.5, 2.0) == pytest.approx([0.25, 1.0, 0.75, 0.5])
    assert not stage.moving
    assert stage.feed(0.9, 5.0) == 0.5
    assert stage.feed(0.4999, 6.0) == 0.5
    assert stage.moving
    assert shape(stage, 7.0, 7.5) == pytest.approx([0.25, 0.125])
    assert stage.moving
    assert shape(stage, 8.0) == [0.0]
    assert not stage.moving


def test_an_envelope_released_early_still_runs_through_attack_and_decay() -> None:
    stage = envelope(1.0, 1.0, 0.5, 1.0)
    stage.feed(1.0, 0.0)
    stage.feed(0.0, 0.25)

    assert shape(stage, 0.5, 1.0, 2.0, 2.5, 3.0) == pytest.approx([0.5, 1.0, 0.5, 0.25, 0.0])
    assert not stage.moving


def test_an_envelope_without_a_release_falls_with_the_signal() -> None:
    stage = envelope(0.0, 0.0, 0.5)

    assert stage.feed(1.0, 0.0) == 0.5
    assert not stage.moving
    assert stage.feed(0.0, 1.0) == 0.0
    assert not stage.moving


def test_an_envelope_starts_again_from_the_level_where_it_is() -> None:
    stage = envelope(1.0, 2.0)
    stage.feed(1.0, 0.0)
    stage.feed(0.0, 0.1)

    assert stage.feed(1.0, 2.0) == pytest.approx(0.5)
    assert shape(stage, 2.5, 3.0, 4.0, 5.0) == pytest.approx([0.75, 1.0, 0.5, 0.0])
    assert not stage.moving


def test_an_envelope_begins_with_a_rise_and_only_with_one() -> None:
    stage = envelope(0.0, 1.0)

    assert stage.feed(0.4999, 0.0) == 0.0
    assert not stage.moving
    assert stage.feed(0.5, 0.0) == 1.0
    assert stage.feed(1.0, 0.5) == 0.5
    assert stage.feed(0.5, 0.75) == 0.25
    assert stage.feed(0.0, 0.75) == 0.25
    assert stage.feed(0.7, 0.75) == 1.0


def test_an_envelope_in_beats_stays_where_it_is_when_the_tempo_changes() -> None:
    show = Show()
    attack, decay, release = (Duration(beats, Unit.BEATS) for beats in (1.0, 3.0, 5.0))
    option = Envelope(attack, decay, 0.5, release)

    def at(when: float, released: float = math.inf) -> EnvelopeGenerator:
        """At 30 bpm a beat takes 2 seconds; from `when` on it takes half a second."""
        show.bpm = 30.0
        stage = EnvelopeGenerator(option, show)
        play(stage, [(10.0, 1.0)] + ([(released, 0.0)] if released <= when else []), [when])
        show.bpm = 120.0
        return stage

    rising, sinking, held, falling, over = at(10.5), at(13.5), at(20.0), at(22.5, 20.0), at(40.0, 20.0)
    assert rising.feed(1.0, 10.5) == pytest.approx(0.25)
    assert shape(rising, 10.625, 10.875, 11.625, 12.375) == pytest.approx([0.5, 1.0, 0.75, 0.5])
    assert sinking.feed(1.0, 13.5) == pytest.approx(0.875)
    assert shape(sinking, 13.875, 14.625) == pytest.approx([0.75, 0.5])
    assert held.feed(1.0, 20.0) == pytest.approx(0.5)
    assert held.feed(0.0, 20.0) == pytest.approx(0.5)
    assert shape(held, 21.25, 22.5) == pytest.approx([0.25, 0.0])
    assert falling.feed(0.0, 22.5) == pytest.approx(0.375)
    assert shape(falling, 23.125, 24.375) == pytest.approx([0.25, 0.0])
    assert not falling.moving
    assert over.feed(0.0, 40.0) == 0.0
    assert not over.moving


def test_an_envelope_without_a_sustain_is_over_with_its_decay() -> None:
    stage = envelope(1.0, 1.0, 0.0, 5.0)
    stage.feed(1.0, 0.0)
    stage.feed(0.0, 0.5)

    assert shape(stage, 1.5, 2.0) == [0.5, 0.0]
    assert not stage.moving


@given(
    st.tuples(span, span, st.floats(0, 1), span),
    st.lists(st.tuples(st.floats(0, 2), st.sampled_from([0.0, 1.0])), max_size=10),
    st.lists(st.floats(0, 30), max_size=10),
)
def test_an_envelope_stays_between_0_and_1(
    times: tuple[float, float, float, float], spaced: list[tuple[float, float]], ticks: list[float]
) -> None:
    now, samples = 0.0, []
    for pause, value in spaced:
        now += pause
        samples.append((now, value))
    left = play(envelope(*times), samples, ticks).values

    assert all(0.0 <= value <= 1.0 + 1e-12 for value in left)
