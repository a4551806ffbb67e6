"""What controllers are to show, from what their controls stand for."""

import re
from typing import Any

import pytest

from bridge.console.surfaces import DEFAULTS, view_of
from bridge.mapping.reports import Aim
from bridge.mapping.surface import ControlState
from bridge.profile.language.lights import LIGHT, LIGHT_OF_BEAT, LIGHT_OF_VALUE, LIGHTS, Light
from bridge.surface import Shown

NOISE = Aim(0.8, "noise_scale", "")
PROMPT = Aim("reef", "prompts", "")
LIT = {"scene": {"idle": "dim red", "waiting": "blink red", "active": "red"}, "value": {"active": "green"}}


def state(stands_for: str, path: str = "apc/pad/1/1", **how: Any) -> ControlState:
    silent: dict[str, Any] = {"chosen": False, "aims": (), "way": None, "waits": False, "clipped": False}
    return ControlState(path, stands_for, **{**silent, **how})


def light(
    one: ControlState, lights: dict[str, dict[str, str]], *seen: Aim, beat: float | None = None, path: str = "pad/1/1"
) -> str:
    return view_of({one.path: one}, lights, lambda aim: aim in seen, beat)["apc"][path].light


def test_a_scene_waits_until_the_picture_shows_all_of_it() -> None:
    asked = state("scene", chosen=True, aims=(NOISE, PROMPT))

    assert light(state("scene", aims=(NOISE, PROMPT)), LIT, NOISE, PROMPT) == "dim red"
    assert light(asked, LIT) == "blink red"
    assert light(asked, LIT, NOISE) == "blink red"
    assert light(asked, LIT, NOISE, PROMPT) == "red"


def test_what_the_picture_need_not_show_is_there_at_once() -> None:
    assert light(state("page", chosen=True), {"page": {"active": "blue"}}) == "blue"


def test_a_state_that_lights_does_not_name_is_dark() -> None:
    assert light(state("value"), LIT) == "off"
    assert light(state("value", chosen=True, waits=True), LIT) == "off"
    assert light(state("scene"), {"scene": {}}) == "off"


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ({}, "off"),
        ({"chosen": True}, "white"),
        ({"chosen": True, "waits": True}, "blink white"),
        ({"waits": True}, "blink white"),
        ({"chosen": True, "clipped": True}, "red"),
        ({"chosen": True, "clipped": True, "waits": True}, "blink white"),
    ],
)
def test_a_value_says_that_it_waits_before_that_it_is_clipped(how: dict[str, Any], expected: str) -> None:
    assert light(state("value", **how), {}) == expected


def test_a_value_that_is_clipped_is_as_an_active_one_unless_the_profile_says_more() -> None:
    clipped = state("value", chosen=True, clipped=True)

    assert light(clipped, LIT) == "green"
    assert light(clipped, {"value": {"active": "green", "clipped": "pulse red"}}) == "pulse red"
    assert light(clipped, {"value": {"active": "green", "clipped": "off"}}) == "off"


def test_a_value_is_active_whatever_the_picture_shows() -> None:
    assert light(state("value", chosen=True, aims=(NOISE,)), LIT) == "green"


@pytest.mark.parametrize(
    ("beat", "expected"),
    [(None, "off"), (0.0, "white"), (0.249, "white"), (0.25, "off"), (0.999, "off"), (1.0, "white")],
)
def test_the_lamp_of_a_tapped_tempo_flashes_on_the_first_quarter_of_the_beat(beat: float | None, expected: str) -> None:
    assert light(state("beat", chosen=True), {}, beat=beat) == expected


def test_a_kind_that_lights_does_not_name_has_lights_all_the_same() -> None:
    assert light(state("prompt", chosen=True, aims=(PROMPT,)), LIT) == "blink cyan"


def test_a_kind_that_nobody_knows_is_a_trigger() -> None:
    assert light(state("haze", chosen=True), {}) == "white"


def test_each_input_has_its_own_view_by_its_controls_names() -> None:
    states = [
        state("value", "apc/fader/1", way=0.25, chosen=True),
        state("value", "apc/knob/1", way=0.5, chosen=True, waits=True),
        state("scene", "mini/pad/1/1"),
    ]

    assert view_of({one.path: one for one in states}, LIT, lambda aim: False, None) == {
        "apc": {"fader/1": Shown(0.25, "green"), "knob/1": Shown(0.5, "off", True)},
        "mini": {"pad/1/1": Shown(None, "dim red")},
    }


def test_there_is_a_light_for_each_kind_that_the_language_has_and_it_is_one() -> None:
    assert set(DEFAULTS) == {field.name for field in LIGHTS.fields}
    for kind, lights in DEFAULTS.items():
        record = {"value": LIGHT_OF_VALUE, "beat": LIGHT_OF_BEAT}.get(kind, LIGHT)
        assert set(lights) == {field.name for field in record.fields}
        for one in lights.values():
            assert re.fullmatch(Light().schema()["pattern"], one)
