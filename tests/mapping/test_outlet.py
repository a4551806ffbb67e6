"""Where a route ends: what its values mean for one target."""

from dataclasses import replace
from typing import Any

import pytest

from bridge.mapping import compile
from bridge.mapping.outlet import Scaling, log_way
from bridge.profile.durations import Duration
from bridge.profile.filters import Clamp, Smooth
from bridge.profile.model import Profile, Scene, Setting
from bridge.signals import Batch
from bridge.verbs import Bypass, Key, Record
from tests.mapping.build import PROMPTS, act, mapping, route, send, target_of, told

NAMES = tuple(f"p{number}" for number in range(20))


def test_equal_steps_of_a_logarithmic_target_are_equal_ratios() -> None:
    show = mapping(route("kv_cache_attention_bias", source=(0, 1)))
    asked = [send(show, way)["kv_cache_attention_bias"] for way in (0.0, 0.25, 0.5, 1.0)]

    assert asked == pytest.approx([0.01, 0.01 * 100**0.25, 0.1, 1.0], abs=1e-6)


def test_the_way_of_a_logarithmic_target_leads_back_from_its_values() -> None:
    assert log_way(0.1, 0.01, 1.0) == pytest.approx(0.5)
    assert log_way(0.0, 0.01, 1.0) < 0
    scaling = Scaling((0.0, 1.0), (0.01, 1.0), (0.01, 1.0), log=True)
    for way in (0.0, 0.3, 1.0):
        assert scaling.back(scaling.onto(way)) == pytest.approx(way)


def test_what_is_added_to_a_logarithmic_target_is_spread_evenly() -> None:
    show = mapping(route("kv_cache_attention_bias", source=(0, 1), out=(0.2, 0.4), mix="add"))
    send(show, 0.1, path="panel/kv_cache_attention_bias")

    assert send(show, 0.5)["kv_cache_attention_bias"] == pytest.approx(0.4)


def test_a_number_in_the_targets_own_unit_is_clamped_before_the_filters_and_counted_once() -> None:
    show = mapping(route("vace_context_scale", Clamp(0.0, 1.0)))

    assert send(show, 1.5) == {"vace_context_scale": 1.5}
    assert show.states()[0].clamped == 0
    assert send(show, 2.5) == {"vace_context_scale": 2.0}
    assert show.states()[0].clamped == 1


def test_an_offset_is_no_value_of_the_target_and_so_is_not_clamped_to_it() -> None:
    show = mapping(route("vace_context_scale", Clamp(-1.0, 1.0), mix="add"))
    send(show, 1.0, path="panel/vace_context_scale")

    assert send(show, -0.4) == {"vace_context_scale": 0.6}
    assert show.states()[0].clamped == 0


@pytest.mark.parametrize("target", ["prompt/next", "prompt/random"])
def test_a_trigger_happens_on_the_rise_and_not_while_a_button_is_held_or_let_go(target: str) -> None:
    show = mapping(route(target), prompt="reef")
    changed = [bool(send(show, value)) for value in (0.0, 0.4, 0.5, 1.0, 0.6, 0.0, 0.0, 1.0)]

    assert changed == [False, False, True, False, False, False, False, True]


def test_after_a_press_without_values_a_button_is_up_again() -> None:
    show = mapping(route("prompt/next"), prompt="reef")
    assert send(show)
    assert send(show)
    assert send(show, 1.0)

    switch = mapping(route("manage_cache", Clamp(0.0, 1.0)))
    assert send(switch, 1.0) == {"manage_cache": True}


def test_a_pipelines_own_parameter_takes_numbers_from_a_pattern_too() -> None:
    show = mapping(route("param/{n}", signal="td/{n}", source=(0, 127), out=(0, 1)))

    assert send(show, 31.75, path="td/motion") == {"motion": 0.25}


def test_a_pipelines_own_parameter_is_mixed_smoothed_and_has_no_limits() -> None:
    show = mapping(
        route("param/motion", signal="td/hand", source=(0, 1), out=(0, 100)),
        route("param/motion", signal="td/kick", source=(0, 1), out=(0, 50), mix="add"),
    )
    assert send(show, 0.5, path="td/hand") == {"motion": 50.0}
    assert send(show, 1.0, path="td/kick") == {"motion": 100.0}
    assert send(show, 1.0, path="td/hand") == {"motion": 150.0}


def test_a_parameter_that_is_mixed_still_takes_the_text_that_the_page_sends() -> None:
    show = mapping(route("param/motion", source=(0, 1), out=(0, 50), mix="add"))
    send(show, 1.0)

    assert send(show, "fast", path="panel/param/motion") == {"motion": "fast"}
    assert show.states()[0].asked == "fast"
    assert show.state()["values"]["param/motion"] == "fast"
    assert send(show, 7, path="panel/param/motion") == {"motion": 57.0}


def test_a_filter_has_nothing_to_work_on_in_what_the_mouse_sends() -> None:
    show = mapping(route("ctrl/mouse", Clamp(0.0, 1.0)))

    assert show.feed(Batch(0.0, [("td/x", (0.5,))])).refused == [
        "the mouse takes two numbers, how far it moved to the right and down"
    ]


def test_a_schedule_with_a_step_that_does_not_exist_is_counted_as_clamped() -> None:
    show = mapping(route("denoising_step_list"))
    send(show, 1000, 500)
    assert show.states()[0].clamped == 0
    send(show, 1200, 500)
    assert show.states()[0].clamped == 1


def test_the_picture_beside_scopes_and_the_recording_are_the_bridges_own() -> None:
    show = mapping(route("bypass"), route("record", signal="td/r"), route("output/all/key", signal="td/k"))

    assert act(show, 0.25) == [Bypass(0.25)]
    assert act(show, 7.0) == [Bypass(1.0)]
    assert act(show, 1, path="td/r") == [Record(True)]
    assert act(show, 0, path="td/r") == [Record(False)]
    assert act(show, 0.5, path="td/k") == [Key("all", 0.5)]


def test_a_button_of_the_page_is_pressed_from_a_half_up() -> None:
    show = mapping(prompt="reef")

    assert send(show, 0.5, path="panel/prompt/next")
    assert not send(show, 0.49, path="panel/prompt/next")


@pytest.mark.parametrize(("way", "name"), [(0.0, "p0"), (0.999, "p19"), (1.0, "p19"), (0.5, "p10")])
def test_a_knob_goes_over_all_choices_of_a_word(way: float, name: str) -> None:
    show = mapping(route("word/mood", source=(0, 1)), prompts=replace(PROMPTS, words={"mood": NAMES}), prompt="reef")
    send(show, way)

    assert show.prompter.words["mood"] == name


def test_a_smoothed_hand_goes_on_from_where_a_scene_has_put_a_logarithmic_target() -> None:
    put: dict[str, Any] = {"kv_cache_attention_bias": Setting(target_of("kv_cache_attention_bias"), 0.1)}
    slow = route("kv_cache_attention_bias", Smooth(Duration(1.0), Duration(1.0)), source=(0, 1))
    show = compile(Profile("test.yaml", routes=(slow,), scenes={"drop": Scene("drop", put)}))
    send(show, 0.0)
    send(show, path="panel/scene/drop")
    send(show, 1.0, now=1.0)

    assert told(show, 1.02)["kv_cache_attention_bias"] == pytest.approx(0.1, abs=0.01)
