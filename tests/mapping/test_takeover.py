"""How a control takes a value that something else has moved."""

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.mapping import Mapping, compile
from bridge.mapping.takeover import NOISE, REST, Grip
from bridge.profile.controllers.model import Address, Control, Controller
from bridge.profile.durations import Duration
from bridge.profile.filters import Curve
from bridge.profile.inputs import TOLERANCE, Midi, Takeover
from bridge.profile.model import Profile, Route, Scene, Setting
from bridge.signals import Batch
from tests.mapping.build import mapping, route, send, target_of, told

WAITING: tuple[Takeover, ...] = ("pickup", "scale", "catch up", "parallel")


def moves(mode: Takeover, value: float, *controls: float) -> list[float]:
    """Return where the value goes as the control moves."""
    grip = Grip(mode)
    found = []
    for control in controls:
        moved = grip.move(control, value)
        value = value if moved is None else moved
        found.append(round(value, 6))
    return found


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("jump", [0.2, 0.3, 0.5, 0.79, 0.9, 0.7]),
        ("pickup", [0.8, 0.8, 0.8, 0.79, 0.9, 0.7]),
        ("scale", [0.8, 0.825, 0.875, 0.9475, 0.975, 0.76]),
        ("catch up", [0.8, 0.8, 0.8, 0.79, 0.9, 0.7]),
        ("parallel", [0.8, 0.9, 1.0, 1.0, 1.0, 0.8]),
    ],
)
def test_a_fader_at_2_takes_a_value_at_8(mode: Takeover, expected: list[float]) -> None:
    assert moves(mode, 0.8, 0.2, 0.3, 0.5, 0.79, 0.9, 0.7) == expected


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("jump", [0.9, 0.8, 0.5, 0.25, 0.1]),
        ("pickup", [0.3, 0.3, 0.3, 0.3, 0.15]),
        ("scale", [0.3, 0.266667, 0.166667, 0.083333, 0.033333]),
        ("catch up", [0.3, 0.3, 0.3, 0.25, 0.1]),
        ("parallel", [0.3, 0.2, 0.0, 0.0, 0.0]),
    ],
)
def test_a_fader_at_9_takes_a_value_at_3(mode: Takeover, expected: list[float]) -> None:
    assert moves(mode, 0.3, 0.9, 0.8, 0.5, 0.25, 0.1) == expected


def test_a_control_that_goes_away_from_the_value_is_followed_by_catch_up() -> None:
    assert moves("catch up", 0.8, 0.5, 0.4, 0.3, 0.35) == [0.8, 0.7, 0.6, 0.6]


def test_a_control_that_is_near_enough_holds_at_once() -> None:
    assert moves("pickup", 0.5, 0.514) == [0.514]
    assert moves("pickup", 0.5, 0.486) == [0.486]
    assert moves("pickup", 0.5, 0.516) == [0.5]


def test_how_near_is_near_enough_can_be_said() -> None:
    grip = Grip("pickup", tolerance=0.1)
    assert grip.move(0.41, 0.5) == 0.41

    narrow = Grip("pickup", tolerance=0.0)
    assert narrow.move(0.499, 0.5) is None
    assert narrow.move(0.5, 0.5) == 0.5


def test_both_reach_the_end_together() -> None:
    assert moves("scale", 0.8, 0.2, 1.0) == [0.8, 1.0]
    assert moves("scale", 0.2, 0.5, 0.25, 0.0) == [0.2, 0.1, 0.0]
    assert moves("scale", 0.2, 1.0, 0.6) == [0.2, 0.12]


def test_where_the_control_has_little_way_left_scale_does_not_throw_the_value_to_the_end() -> None:
    assert moves("scale", 0.1, 0.98, 1.0) == [0.1, 0.135]


def test_ends_may_be_given_in_any_order() -> None:
    grip = Grip("parallel", 1.0, 0.0)
    grip.move(0.2, 0.9)
    assert grip.move(0.9, 0.9) == 0.9


def test_what_lets_go_must_be_taken_anew() -> None:
    grip = Grip("pickup")
    assert grip.move(0.5, 0.5) == 0.5
    assert grip.move(0.6, 0.5) == 0.6
    grip.let_go()
    assert grip.move(0.61, 0.1) is None
    assert grip.move(0.11, 0.1) == 0.11


# Never a jump.

level = st.floats(0, 1)
shaking = st.floats(-NOISE / 2, NOISE / 2)
gestures = st.lists(
    st.tuples(level, shaking, st.floats(0.001, 2.0), st.one_of(st.none(), level), st.booleans()), min_size=2
)
"""Where the control goes, how it shakes, how long that takes, where a scene has put the value before, and whether it goes on
fading."""


@pytest.mark.parametrize("mode", WAITING)
@given(value=level, tolerance=st.floats(0, 0.2), motor=st.booleans(), gesture=gestures, touches=st.lists(st.booleans()))
def test_the_value_never_jumps(
    mode: Takeover,
    value: float,
    tolerance: float,
    motor: bool,
    gesture: list[tuple[float, float, float, float | None, bool]],
    touches: list[bool],
) -> None:
    """It moves by no more than the control does, and the tolerance; one to be picked up, by the tolerance alone."""
    grip = Grip(mode, tolerance=tolerance, motor=motor)
    before, now, met = None, 0.0, False
    for index, (to, noise, lasts, scene, fading) in enumerate(gesture):
        if scene is not None:
            met = met and abs(scene - value) <= tolerance
            value = scene
            grip.let_go()
        if index < len(touches):
            grip.touch(touches[index])
            met = met or (motor and touches[index])
        control = min(1.0, max(0.0, to + noise))
        now += lasts
        met = met or (before is not None and abs(before - value) <= tolerance)
        passed = before is not None and min(before, control) <= value <= max(before, control)
        moved = grip.move(control, value, now, fading)
        step = abs(control - before) if before is not None else 0.0
        if moved is not None:
            assert 0.0 <= moved <= 1.0
            free = step if met or mode != "pickup" else 0.0
            assert abs(moved - value) <= free + tolerance + 1e-9
            value = moved
        met = met or passed or grip.holds
        before = control


@pytest.mark.parametrize("mode", WAITING)
@given(value=st.floats(-3, 4), controls=st.lists(level, min_size=2))
def test_a_value_beyond_the_reach_comes_in_without_a_jump(mode: Takeover, value: float, controls: list[float]) -> None:
    grip = Grip(mode)
    before = None
    for control in controls:
        moved = grip.move(control, value)
        if moved is not None:
            step = abs(control - before) if before is not None else 0.0
            assert abs(moved - value) <= step + TOLERANCE + 1e-9
            value = moved
        before = control


SCALES: list[tuple[str, dict[str, Any]]] = [
    ("noise_scale", {}),
    ("noise_scale", {"out": (0.9, 0.2)}),
    ("kv_cache_attention_bias", {}),
    ("kv_cache_attention_bias", {"out": (0.5, 0.45)}),
    ("vace_context_scale", {"out": (1.4, 0.8)}),
    ("noise_scale", {"amount": 0.5, "name": "fader"}),
    ("lora/a", {"out": (-1.0, 2.0)}),
]


@pytest.mark.parametrize("mode", WAITING)
@pytest.mark.parametrize(("target", "options"), SCALES)
@settings(max_examples=25)
@given(data=st.data())
def test_nor_does_it_in_a_show(mode: Takeover, target: str, options: dict[str, Any], data: st.DataObject) -> None:
    """The way is that of the control: of a parameter that is led by ratios, equal ratios."""
    profile = Profile("test.yaml", loras={"a": "a.pt"})
    fader = route(target, source=(0.0, 1.0), takeover=mode, profile=profile, **options)
    show = mapping(fader, profile=profile)
    running = show._switchboard.runnings[0]
    outlet = running.outlets[0]
    before: float | None = None
    for now, (control, scene) in enumerate(
        data.draw(st.lists(st.tuples(level, st.none() | st.floats(0.3, 1.9)), max_size=12))
    ):
        if scene is not None:
            show.feed(Batch(now / 50, [(f"panel/{target}", (scene,))]))
        place = outlet.place
        show.feed(Batch(now / 50, [("td/x", (control,))]))
        step = 0.0 if before is None else abs(control - before)
        assert abs(outlet.place - place) <= step + TOLERANCE + 1e-6
        before = control


def test_a_value_beyond_the_reach_is_met_at_the_end() -> None:
    grip, value = Grip("pickup"), 1.2
    assert grip.move(0.5, value) is None
    assert grip.move(0.8, value) is None
    assert grip.move(1.0, value) is None
    found = []
    for control in (0.9, 0.8, 0.7, 0.8, 0.85):
        moved = grip.move(control, value)
        value = value if moved is None else moved
        found.append(round(value, 6))
    assert found == [1.085, 1.0, 0.9, 0.9, 0.9]
    assert grip.move(0.9, value) == 0.9
    assert grip.holds


def test_a_control_thrown_past_the_value_takes_it_along_from_there() -> None:
    assert moves("pickup", 0.5, 0.2, 0.9, 0.95, 0.6, 0.55, 0.4) == [0.5, 0.5, 0.55, 0.55, 0.55, 0.4]


def test_a_hand_that_has_rested_after_a_throw_must_come_back_to_the_value() -> None:
    grip = Grip("pickup")
    grip.move(0.2, 0.5, 0.0)
    assert grip.move(0.9, 0.5, 0.1) is None
    assert grip.move(0.9, 0.5, 0.1 + 2 * REST) is None
    assert grip.move(0.95, 0.5, 0.2 + 2 * REST) is None
    assert grip.move(0.51, 0.5, 0.3 + 2 * REST) == 0.51


# Noise.


@pytest.mark.parametrize("mode", WAITING)
def test_a_control_that_shakes_moves_nothing(mode: Takeover) -> None:
    grip = Grip(mode)
    grip.move(0.5, 0.8, 0.0)
    grip.move(0.55, 0.8, 1.0)
    for count in range(1, 50):
        shaken = 0.55 + NOISE * 0.9 * math.cos(count)
        assert grip.move(shaken, 0.8, 1.0 + count + REST) is None


@pytest.mark.parametrize("mode", WAITING)
def test_a_fade_that_passes_a_control_that_shakes_goes_on(mode: Takeover) -> None:
    grip = Grip(mode)
    grip.move(0.4, 0.4, 0.0)
    grip.let_go()
    for count in range(100):
        assert grip.move(0.4 + NOISE * 0.9 * math.cos(count), count / 100, count / 50, fading=True) is None


def test_a_hand_takes_the_value_out_of_a_fade() -> None:
    grip = Grip("pickup")
    grip.move(0.4, 0.4, 0.0)
    grip.let_go()
    assert grip.move(0.5, 0.6, 1.0, fading=True) is None
    assert grip.move(0.61, 0.62, 1.1, fading=True) == 0.61


def test_with_a_finger_on_it_nothing_is_noise() -> None:
    grip = Grip("catch up")
    grip.move(0.5, 0.8, 0.0)
    assert grip.move(0.49, 0.8, 9.0) is None
    grip.touch(down=True)
    assert grip.move(0.485, 0.8, 10.0) == pytest.approx(0.795)


# Fingers and motors.


def test_the_motor_has_brought_a_fader_to_the_value_before_a_finger_comes() -> None:
    grip = Grip("pickup", motor=True)
    grip.move(0.2, 0.2)
    grip.let_go()
    grip.touch(down=True)
    assert grip.move(0.79, 0.8) == 0.79


def test_a_motor_that_has_not_arrived_makes_no_jump() -> None:
    grip = Grip("pickup", motor=True)
    grip.move(0.2, 0.2)
    grip.let_go()
    grip.touch(down=True)
    assert grip.move(0.6, 0.8) is None
    assert grip.move(0.5, 0.8) == pytest.approx(0.7)


def test_what_a_motor_does_while_the_value_fades_is_no_hand() -> None:
    grip = Grip("pickup", motor=True)
    grip.touch(down=False)
    for step in range(50):
        assert grip.move(step / 50 - 0.01, step / 50, step / 50, fading=True) is None


def test_a_fader_that_is_held_stays_held_when_the_finger_goes() -> None:
    grip = Grip("pickup")
    grip.touch(down=True)
    grip.move(0.5, 0.5)
    grip.touch(down=False)
    assert grip.move(0.9, 0.5) == 0.9


def faders() -> Controller:
    touch = Address("note", 1, 104)
    motor = Control("fader/1", "fader", Address("bend", 1), motor=Address("bend", 1), touch=touch)
    return Controller(
        "desk", "Desk", ("Desk",), {"fader/1": motor, "fader/2": Control("fader/2", "fader", Address("cc", 1, 2))}
    )


def desk(*routes: Route) -> Mapping:
    profile = Profile("test.yaml", inputs={"desk": Midi("Desk", faders())})
    return mapping(*routes, profile=profile)


def test_the_touch_of_a_motor_fader_is_heard_by_the_signal_of_that_name() -> None:
    show = desk(route("noise_scale", signal="desk/fader/{n}", source=(0.0, 1.0), takeover="pickup"))
    send(show, 0.69, path="desk/fader/1")
    send(show, 0.3, path="panel/noise_scale", now=1.0)
    assert show.knows("desk/fader/1/touch")
    send(show, 1.0, path="desk/fader/1/touch", now=2.0)

    send(show, 0.5, path="desk/fader/1", now=2.0)
    assert send(show, 0.4, path="desk/fader/1", now=2.1) == {}
    assert send(show, 0.6, path="desk/fader/1", now=2.2)["noise_scale"] == pytest.approx(0.5)


def test_after_a_reload_a_touch_is_still_heard() -> None:
    fader = route("noise_scale", signal="desk/fader/1", source=(0.0, 1.0), takeover="pickup")
    old = desk(fader)
    send(old, 0.69, path="desk/fader/1")
    send(old, 0.3, path="panel/noise_scale", now=1.0)
    new = compile(replace(old._profile, routes=(fader, route("manage_cache", signal="td/y"))), old, 2.0)
    send(new, 1.0, path="desk/fader/1/touch", now=2.0)
    send(new, 0.5, path="desk/fader/1", now=2.1)

    assert send(new, 0.55, path="desk/fader/1", now=2.2)["noise_scale"] == pytest.approx(0.35)


def test_a_touch_that_makes_no_sense_is_nothing() -> None:
    show = desk(route("noise_scale", signal="desk/fader/1", source=(0.0, 1.0), takeover="pickup"))
    assert show.feed(Batch(0.0, [("desk/fader/1/touch", ("finger",)), ("desk/fader/1/touch", ())])).refused == []


# In a show.


def test_after_a_restart_the_fader_waits() -> None:
    fader = route("noise_scale", takeover="pickup")
    old = mapping(fader)
    send(old, 0.69)
    send(old, 0.2)
    new = mapping(fader)
    new.resume(old.state(), 0.0)

    assert send(new, 0.9) == {}
    assert send(new, 0.21) == {"noise_scale": 0.21}


def test_the_same_movement_is_the_same_ratio_of_what_is_led_by_ratios() -> None:
    show = mapping(route("kv_cache_attention_bias", source=(0.0, 1.0), takeover="parallel"))
    send(show, 0.0)
    send(show, 0.1, path="panel/kv_cache_attention_bias")
    assert send(show, 0.25)["kv_cache_attention_bias"] == pytest.approx(0.1 * 100**0.25, abs=1e-6)


def test_a_bent_control_meets_the_value_where_its_bend_leads() -> None:
    show = mapping(route("noise_scale", Curve("power", 2.0), source=(0.0, 1.0), takeover="pickup"))
    send(show, 0.1)
    send(show, 0.25, path="panel/noise_scale")
    assert send(show, 0.4) == {}
    assert send(show, 0.5) == {"noise_scale": 0.25}


def test_after_a_scene_the_fader_waits_until_it_is_where_the_scene_has_put_the_value() -> None:
    show = mapping(route("noise_scale", takeover="pickup"))
    send(show, 0.69)
    assert send(show, 0.2) == {"noise_scale": 0.2}

    send(show, 0.8, path="panel/noise_scale")
    assert send(show, 0.25) == {}
    assert send(show, 0.6) == {}
    assert send(show, 0.81) == {"noise_scale": 0.81}
    assert send(show, 0.3) == {"noise_scale": 0.3}


def test_two_faders_take_over_from_each_other() -> None:
    show = mapping(route("noise_scale", takeover="pickup"), route("noise_scale", takeover="pickup", signal="td/y"))
    assert send(show, 0.7) == {"noise_scale": 0.7}
    assert send(show, 0.2) == {"noise_scale": 0.2}
    assert send(show, 0.9, path="td/y") == {}
    assert send(show, 0.21, path="td/y") == {"noise_scale": 0.21}
    assert send(show, 0.1, path="td/y") == {"noise_scale": 0.1}
    assert send(show, 0.21) == {}
    assert send(show, 0.11) == {"noise_scale": 0.11}


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


def test_a_value_that_was_put_where_the_control_stands_is_taken_along_from_there() -> None:
    grip = Grip("pickup")
    grip.move(0.6, 0.2)
    assert grip.move(0.9, 0.6) == 0.9


def test_a_control_that_sends_where_it_stands_again_moves_nothing() -> None:
    for mode in WAITING:
        for control in (0.0, 0.3, 1.0):
            grip = Grip(mode)
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
