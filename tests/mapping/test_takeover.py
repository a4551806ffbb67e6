"""How a control takes a value that something else has moved."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.mapping import compile
from bridge.mapping.takeover import TOLERANCE, Grip
from bridge.profile.durations import Duration
from bridge.profile.model import Profile, Scene, Setting, Takeover
from tests.mapping.build import mapping, route, send, target_of, told


def moves(mode: Takeover, value: float, *controls: float) -> list[float]:
    """Return where the value goes as the control moves."""
    grip = Grip(mode, 0.0, 1.0)
    found = []
    for control in controls:
        moved = grip.move(control, value)
        value = value if moved is None else moved
        found.append(round(value, 6))
    return found


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("jump", [0.2, 0.3, 0.5, 0.9, 0.7]),
        ("pickup", [0.8, 0.8, 0.8, 0.9, 0.7]),
        ("scale", [0.8, 0.825, 0.875, 0.9, 0.7]),
        ("catch up", [0.8, 0.8, 0.8, 0.9, 0.7]),
        ("parallel", [0.8, 0.9, 1.0, 1.0, 0.8]),
    ],
)
def test_a_fader_at_2_takes_a_value_at_8(mode: Takeover, expected: list[float]) -> None:
    assert moves(mode, 0.8, 0.2, 0.3, 0.5, 0.9, 0.7) == expected


def test_a_control_that_goes_away_from_the_value_is_followed_by_catch_up() -> None:
    assert moves("catch up", 0.8, 0.5, 0.4, 0.3, 0.35) == [0.8, 0.7, 0.6, 0.6]


def test_a_control_that_is_near_enough_holds_at_once() -> None:
    assert moves("pickup", 0.5, 0.514) == [0.514]
    assert moves("pickup", 0.5, 0.486) == [0.486]
    assert moves("pickup", 0.5, 0.516) == [0.5]


def test_both_reach_the_end_together() -> None:
    assert moves("scale", 0.8, 0.2, 1.0) == [0.8, 1.0]
    assert moves("scale", 0.8, 0.2, 0.0) == [0.8, 0.0]
    assert moves("scale", 0.2, 1.0, 0.6) == [0.2, 0.12]


def test_ends_may_be_given_in_any_order() -> None:
    grip = Grip("parallel", 1.0, 0.0)
    grip.move(0.2, 0.9)
    assert grip.move(0.9, 0.9) == 0.9


def test_what_lets_go_must_be_taken_anew() -> None:
    grip = Grip("pickup", 0.0, 1.0)
    assert grip.move(0.5, 0.5) == 0.5
    assert grip.move(0.6, 0.5) == 0.6
    grip.let_go()
    assert grip.move(0.61, 0.1) is None
    assert grip.move(0.05, 0.1) == 0.05


level = st.floats(0, 1)


@given(level, st.lists(level, min_size=2), st.sampled_from(["pickup", "scale", "catch up", "parallel"]))
def test_the_value_never_jumps_by_more_than_the_control_moves_and_stays_in_range(
    value: float, controls: list[float], mode: Takeover
) -> None:
    grip = Grip(mode, 0.0, 1.0)
    before = None
    for control in controls:
        held = grip.holds
        moved = grip.move(control, value)
        if moved is not None:
            assert 0.0 <= moved <= 1.0
            step = abs(control - before) if before is not None else 0.0
            if held:
                assert moved == control
            elif mode == "scale" and not grip.holds:
                assert abs(moved - value) <= 1.0
                assert (moved - value) * (control - (before or 0.0)) >= 0
            else:
                assert abs(moved - value) <= max(step, TOLERANCE) + 1e-9
            value = moved
        before = control


def test_after_a_scene_the_fader_waits_until_it_is_where_the_scene_has_put_the_value() -> None:
    show = mapping(route("noise_scale", takeover="pickup"))
    send(show, 0.69)
    assert send(show, 0.2) == {"noise_scale": 0.2}

    send(show, 0.8, path="panel/noise_scale")
    assert send(show, 0.25) == {}
    assert send(show, 0.6) == {}
    assert send(show, 0.85) == {"noise_scale": 0.85}
    assert send(show, 0.3) == {"noise_scale": 0.3}


def test_two_faders_take_over_from_each_other() -> None:
    show = mapping(route("noise_scale", takeover="pickup"), route("noise_scale", takeover="pickup", signal="td/y"))
    assert send(show, 0.7) == {"noise_scale": 0.7}
    assert send(show, 0.2) == {"noise_scale": 0.2}
    assert send(show, 0.9, path="td/y") == {}
    assert send(show, 0.1, path="td/y") == {"noise_scale": 0.1}
    assert send(show, 0.21) == {}
    assert send(show, 0.05) == {"noise_scale": 0.05}


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (1.0, 0.0)])
def test_a_control_that_runs_the_other_way_moves_the_value_alike(low: float, high: float) -> None:
    grip = Grip("parallel", low, high)
    grip.move(0.2, 0.5)
    assert grip.move(0.4, 0.5) == pytest.approx(0.7)
    assert grip.move(1.0, 0.7) == 1.0


def test_near_is_a_part_of_the_way_that_the_control_has() -> None:
    grip = Grip("pickup", 1.0, 2.0)
    assert grip.move(1.5, 1.52) is None
    assert not grip.holds
    assert grip.move(1.51, 1.52) == 1.51
    assert grip.holds


def test_what_has_crossed_the_value_holds_it() -> None:
    grip = Grip("pickup", 0.0, 1.0)
    grip.move(0.2, 0.5)
    assert grip.move(0.9, 0.5) == 0.9
    assert grip.holds
    assert grip.move(0.1, 0.5) == 0.1


def test_a_value_that_was_put_where_the_control_stands_is_taken_along_from_there() -> None:
    grip = Grip("pickup", 0.0, 1.0)
    grip.move(0.6, 0.2)
    assert grip.move(0.9, 0.6) == 0.9


def test_a_control_that_sends_where_it_stands_again_moves_nothing() -> None:
    modes: tuple[Takeover, ...] = ("pickup", "scale", "catch up", "parallel")
    for mode in modes:
        for control in (0.0, 0.3, 1.0):
            grip = Grip(mode, 0.0, 1.0)
            assert grip.move(control, 0.5) is None
            assert grip.move(control, 0.5) is None


def test_a_control_that_moves_beside_the_value_takes_it_out_of_a_fade() -> None:
    fade = Scene("drop", {"noise_scale": Setting(target_of("noise_scale"), 1.0)}, Duration(4.0))
    show = compile(
        Profile(
            "test.yaml",
            routes=(route("noise_scale", takeover="parallel"),),
            scenes={"drop": fade},
            start={"noise_scale": (target_of("noise_scale"), 0.0)},
        )
    )
    send(show, 0.9)
    send(show, path="panel/scene/drop")
    assert told(show, 1.0)["noise_scale"] == pytest.approx(0.25, abs=0.01)

    assert send(show, 0.8, now=1.0)["noise_scale"] == pytest.approx(0.15, abs=0.01)
    assert told(show, 3.0) == {}
    assert not show.moving


def test_after_an_edit_of_something_else_the_fader_still_holds_its_value() -> None:
    fader = route("noise_scale", takeover="pickup")
    old = mapping(fader)
    send(old, 0.69)
    send(old, 0.2)
    new = compile(replace(old._profile, routes=(fader, route("manage_cache", signal="td/y"))), old, 1.0)

    assert send(new, 0.6, now=1.0) == {"noise_scale": 0.6}
