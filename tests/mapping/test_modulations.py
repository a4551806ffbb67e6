"""Parameters that swing with the beat."""

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.mapping import Mapping, compile
from bridge.mapping.cells import Cell
from bridge.mapping.modulations import WAVES, Swing
from bridge.parameters import PARAMETERS, unknown
from bridge.profile.durations import Duration
from bridge.profile.filters import Smooth
from bridge.profile.model import Guard, Modulation, Profile, Route, Scope, TempoSource
from bridge.signals import Batch
from tests.mapping.build import route, send, target_of, told

BPM = Profile("test.yaml", tempo=(TempoSource("bpm", bpm=120.0),))
"""A beat is half a second, a bar two."""


def show(*routes: Route, start: dict[str, Any] | None = None, **modulations: Modulation) -> Mapping:
    values = {text: (target_of(text), value) for text, value in (start or {}).items()}
    made = compile(replace(BPM, scope=Scope(modulations=modulations), start=values, routes=routes))
    made.tick(0.0)
    return made


def swing(name: str, option: Modulation) -> Swing:
    parameter = PARAMETERS.get(name) or unknown(name)
    return Swing(parameter, Cell(target_of("noise_scale"), name, lambda cell, now: None), option)


@pytest.mark.parametrize(
    ("shape", "wave"),
    [
        ("sine", [0.0, 1.0, 0.0, -1.0]),
        ("cosine", [1.0, 0.0, -1.0, 0.0]),
        ("triangle", [0.0, 1.0, 0.0, -1.0]),
        ("saw", [-1.0, -0.5, 0.0, 0.5]),
        ("square", [1.0, 1.0, -1.0, -1.0]),
        ("exp_decay", [1.0, math.exp(-0.25 / 0.15), math.exp(-0.5 / 0.15), math.exp(-0.75 / 0.15)]),
    ],
)
def test_the_waves_are_scopes_own(shape: str, wave: list[float]) -> None:
    assert [WAVES[shape](quarter / 4) for quarter in range(4)] == pytest.approx(wave, abs=1e-12)


@pytest.mark.parametrize(
    ("rate", "beats"), [("half_beat", 0.5), ("beat", 1), ("2_beat", 2), ("bar", 4), ("2_bar", 8), ("4_bar", 16)]
)
def test_a_period_has_so_many_beats(rate: Any, beats: float) -> None:
    saw = swing("noise_scale", Modulation("saw", 0.4, rate))

    for periods in (0.0, 0.25, 0.5, 3.25):
        assert saw.at(0.5, periods * beats) == pytest.approx(0.5 + 0.4 * (2 * (periods % 1) - 1))


def test_the_depth_is_in_the_parameters_own_unit_and_within_its_range() -> None:
    sine = Modulation("sine", 0.5, "bar")

    assert swing("vace_context_scale", sine).at(1.0, 1.0) == 1.5
    assert swing("vace_context_scale", sine).at(1.8, 1.0) == 2.0
    assert swing("noise_scale", sine).at(0.2, 3.0) == 0.0
    assert swing("motion", sine).at(7, 1.0) == 7.5
    assert swing("motion", sine).at("fast", 1.0) is None
    assert swing("motion", sine).at(None, 1.0) is None


def test_a_schedule_is_moved_as_a_whole_and_goes_on_going_down() -> None:
    sine = swing("denoising_step_list", Modulation("sine", 0.5, "bar"))

    assert sine.at([900, 700, 400], 0.0) == [900, 700, 400]
    assert sine.at([900, 700, 400], 3.0) == [700, 500, 200]
    assert sine.at([900, 700, 400], 1.0) == [1000, 900, 600]
    assert sine.at([], 1.0) is None


@given(
    st.lists(st.integers(0, 1000), min_size=1, max_size=8, unique=True),
    st.floats(0, 1),
    st.floats(0, 1e4),
    st.sampled_from(sorted(WAVES)),
)
def test_a_schedule_stays_one_that_scope_takes(steps: list[int], depth: float, beats: float, shape: Any) -> None:
    steps = sorted(steps, reverse=True)
    moved = swing("denoising_step_list", Modulation(shape, depth)).at(steps, beats)

    assert len(moved) == len(steps)
    assert all(0 <= step <= 1000 for step in moved)
    assert sorted(set(moved), reverse=True) == moved


def test_each_chunk_gets_one_value_and_nothing_ticks_for_it() -> None:
    made = show(noise_scale=Modulation("saw", 0.4, "bar"), start={"noise_scale": 0.5})

    assert made.waiting
    assert not made.moving
    assert [told(made, now)["noise_scale"] for now in (0.5, 1.0, 1.5, 2.0)] == pytest.approx([0.3, 0.5, 0.7, 0.1])
    assert made.waiting
    assert not made.moving


def test_it_swings_around_where_hands_and_routes_put_it_and_that_is_what_a_session_begins_with() -> None:
    made = show(
        route("noise_scale"),
        route("vace_context_scale", Smooth(Duration(0.1), Duration(0.1)), signal="td/y"),
        noise_scale=Modulation("square", 0.1, "bar"),
        vace_context_scale=Modulation("square", 0.1, "bar"),
    )
    assert told(made, 0.1) == {
        "noise_scale": 0.8,
        "vace_context_scale": 1.1,
    }  # what Scope has itself, where nobody says
    made.feed(Batch(0.2, [("td/x", (0.4,)), ("td/y", (0.5,))]))

    assert told(made, 0.2) == {"noise_scale": 0.5, "vace_context_scale": 0.6}
    assert told(made, 1.5) == {"noise_scale": pytest.approx(0.3), "vace_context_scale": pytest.approx(0.4)}
    assert made.states()[0].asked == 0.4
    assert made.initial()["noise_scale"] == 0.4


def test_a_schedule_says_beside_that_it_is_modulated_so_that_scope_does_not_cut() -> None:
    made = show(denoising_step_list=Modulation("square", 0.1, "bar"))

    (change,) = made.take(0.1)
    assert change.value == [1000, 775, 525, 275]
    assert change.beside == {"_modulated_step_list": True}


def test_the_picture_swings_on_the_beat() -> None:
    made = show(noise_scale=Modulation("saw", 0.4, "bar"), start={"noise_scale": 0.5})
    made.feed(Batch(0.0, [("scope/latency", (0.5,))]))

    assert told(made, 1.5)["noise_scale"] == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("ends", "goes_on"),
    [(("scope/modulates", (1,)), ("scope/modulates", (0,))), (("panel/panic", ()), ("panel/undo", ()))],
)
def test_it_comes_to_rest_where_it_is_set_while_scope_does_it_or_after_a_panic(ends: Any, goes_on: Any) -> None:
    made = show(noise_scale=Modulation("square", 0.1, "bar"), start={"noise_scale": 0.5})
    assert told(made, 0.1) == {"noise_scale": 0.6}
    made.feed(Batch(0.2, [ends]))

    assert made.waiting
    assert told(made, 0.2) == {"noise_scale": 0.5}
    assert not made.waiting
    assert told(made, 0.4) == {}
    made.feed(Batch(0.5, [goes_on]))
    assert told(made, 0.5) == {"noise_scale": 0.6}


def test_while_scope_does_it_hands_are_told_as_ever() -> None:
    made = show(route("noise_scale"), noise_scale=Modulation("square", 0.1, "bar"))
    made.feed(Batch(0.0, [("scope/modulates", (1,))]))

    assert not made.waiting
    assert send(made, 0.4, now=0.1) == {"noise_scale": 0.4}


@pytest.mark.parametrize("start", [{}, {"noise_scale": 0.5}])
def test_what_an_edit_takes_from_what_swings_comes_to_rest(start: dict[str, float]) -> None:
    made = show(noise_scale=Modulation("square", 0.1, "bar"), vace_context_scale=Modulation("square", 0.1), start=start)
    told(made, 0.1)
    made.feed(Batch(0.2, [("panel/panic", ())]))
    base = start.get("noise_scale", 0.7)
    values = {text: (target_of(text), value) for text, value in start.items()}
    fewer = compile(
        replace(BPM, scope=Scope(modulations={"vace_context_scale": Modulation("square", 0.1)}), start=values),
        made,
        0.3,
    )

    assert told(fewer, 0.3) == {"noise_scale": base, "vace_context_scale": 1.0}
    assert told(fewer, 0.4) == {}


def test_a_guard_holds_for_it() -> None:
    guarded = replace(
        BPM,
        scope=Scope(modulations={"noise_scale": Modulation("saw", 0.4, "bar")}),
        guards={"noise_scale": Guard(max_rate=(1, Duration(1.0)))},
    )
    made = compile(guarded)
    made.tick(0.0)

    assert [bool(told(made, now)) for now in (0.0, 0.5, 0.9, 1.0, 1.5, 2.0)] == [True, False, False, True, False, True]


def test_what_no_server_knows_is_left_alone_and_what_nobody_has_set_is_not_there_to_swing() -> None:
    made = show(nothing_of_the_kind=Modulation())

    assert told(made, 0.5) == {}
    assert send(made, 3, path="panel/param/nothing_of_the_kind", now=0.5) == {"nothing_of_the_kind": pytest.approx(3.3)}
