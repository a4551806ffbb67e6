"""What is flashed, and that it can be put back."""

import pytest

from bridge.parameters import Change
from bridge.profile.model import Scope
from bridge.session.latency.flash import flash_for

PROMPTS = {"prompts": [{"text": "reef", "weight": 1.0}]}


def test_in_text_mode_it_is_a_cut_between_two_prompts_and_the_old_one_comes_back() -> None:
    flash = flash_for(Scope(pipeline="longlive"), {"prompts": PROMPTS, "noise_scale": 0.4})

    assert flash is not None
    texts = [flash.changes(state, 1.0)[0].value["prompts"][0]["text"] for state in (0, 1)]
    assert "black" in texts[0]
    assert "white" in texts[1]
    assert Change("reset_cache", True, 1.0) in flash.changes(0, 1.0)
    assert flash.back(2.0) == [Change("prompts", PROMPTS, 2.0), Change("reset_cache", True, 2.0)]


def test_without_a_prompt_of_its_own_there_is_none_to_put_back() -> None:
    flash = flash_for(Scope(pipeline="longlive"), {})

    assert flash is not None
    assert flash.back(2.0) == []


def test_in_video_mode_it_is_the_noise_without_the_controller_and_both_come_back() -> None:
    video = Scope(pipeline="streamdiffusionv2", input_mode="video")
    usual, chosen = flash_for(video, {}), flash_for(video, {"noise_scale": 0.2, "noise_controller": False})

    assert usual is not None
    assert chosen is not None
    assert [change.parameter for change in usual.changes(0, 1.0)] == ["noise_scale", "noise_controller"]
    assert usual.states[0]["noise_scale"] < usual.states[1]["noise_scale"]
    assert all(state["noise_controller"] is False for state in usual.states)
    assert dict(usual.before) == {"noise_scale": 0.7, "noise_controller": True}
    assert dict(chosen.before) == {"noise_scale": 0.2, "noise_controller": False}


def test_where_video_only_controls_noise_has_no_effect_and_the_prompt_is_flashed() -> None:
    flash = flash_for(Scope(pipeline="longlive", input_mode="video", vace="video"), {"prompts": PROMPTS})

    assert flash is not None
    assert set(flash.states[0]) == {"prompts"}


def test_a_pipeline_that_shows_keys_is_given_keys_and_they_are_let_go() -> None:
    flash = flash_for(Scope(pipeline="controller-viz"), {})

    assert flash is not None
    assert [change.value["button"] for change in flash.changes(1, 1.0)] == [["KeyW"]]
    assert [change.value["button"] for change in flash.back(1.0)] == [[]]


@pytest.mark.parametrize("pipeline", ["passthrough", "gray", "rife", "optical-flow"])
def test_a_pipeline_that_only_passes_video_on_has_nothing_to_flash(pipeline: str) -> None:
    assert flash_for(Scope(pipeline=pipeline, input_mode="video"), {}) is None


def test_a_plugin_of_which_nothing_is_known_is_tried_with_the_prompt() -> None:
    flash = flash_for(Scope(pipeline="somebody's"), {})

    assert flash is not None
    assert set(flash.states[1]) == {"prompts"}
