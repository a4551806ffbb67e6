"""Several that want one target: hands, scenes, sound, patterns; and what a session begins with."""

import math
from dataclasses import replace
from typing import Any

import pytest

from bridge.mapping import Mapping, compile
from bridge.parameters import Kind, Parameter
from bridge.profile.durations import CUT, Duration, Unit
from bridge.profile.filters import Accumulate, Slew, Smooth, Toggle
from bridge.profile.model import Guard, Page, ParameterTarget, Profile, Prompts, Route, Scene, Setting, TempoSource
from bridge.profile.outputs import Ndi
from bridge.signals import Batch
from tests.mapping.build import PROMPTS, mapping, route, send, target_of, told

SLOW = Smooth(Duration(0.2), Duration(0.2))
BASE = Profile("test.yaml", prompts=PROMPTS, outputs={"program": Ndi("Scope Bridge")}, loras={"a": "a.pt", "b": "b.pt"})


def show(*routes: Route, after: Mapping | None = None, now: float = 0.0, **more: Any) -> Mapping:
    return compile(replace(BASE, routes=routes, **more), after, now)


@pytest.mark.parametrize("filters", [(SLOW,), (Slew(0.5, 0.5),), ()])
def test_with_pickup_a_moving_filter_waits_for_the_value_as_well(filters: tuple[Any, ...]) -> None:
    played = mapping(route("noise_scale", *filters, takeover="pickup"))
    send(played, 0.69)
    send(played, 0.2)
    told(played, 5.0)
    send(played, 0.8, path="panel/noise_scale", now=5.0)

    send(played, 0.21, now=6.0)
    assert told(played, 8.0) == {}
    send(played, 0.8, now=8.5)
    send(played, 0.9, now=9.0)
    played.tick(20.0)
    assert played.states()[0].asked == 0.9
    assert not played.moving


def test_a_smooth_fader_glides_from_where_a_scene_has_put_the_value() -> None:
    for more in ((), (route("noise_scale", signal="td/other"),)):
        played = mapping(route("noise_scale", SLOW), *more)
        send(played, 0.2)
        send(played, 0.8, path="panel/noise_scale", now=1.0)
        send(played, 0.2, now=2.0)

        assert told(played, 2.2)["noise_scale"] == pytest.approx(0.2 + 0.6 * math.exp(-1), abs=1e-4)


def test_what_one_node_starts_with_is_told_to_it_alone() -> None:
    start = {"node/longlive/vace_context_scale": (target_of("node/longlive/vace_context_scale"), 1.5)}
    played = show(start=start)

    assert "vace_context_scale" not in played.initial()
    assert [(change.value, change.node) for change in played.take(0.0)] == [(1.5, "longlive")]


def test_a_pattern_that_is_heard_later_acts_on_top_of_a_smooth_hand() -> None:
    played = mapping(route("noise_scale", SLOW), route("noise_scale", signal="td/kick/*", mix="add"))
    send(played, 0.5)
    send(played, 0.2, path="td/kick/1", now=1.0)
    assert played.states()[0].asked == 0.7
    send(played, 0.6, now=2.0)

    assert told(played, 9.0) == {"noise_scale": 0.8}


@pytest.mark.parametrize("text", ["param/glow", "param/{n}"])
def test_a_pipelines_own_number_is_mixed_faded_and_taken_over_like_any(text: str) -> None:
    hand = route("param/glow", signal="td/hand")
    signal = "td/glow" if text == "param/glow" else "td/{n}"
    fade = {"param/glow": Setting(target_of("param/glow"), 3.0)}
    played = show(hand, route(text, signal=signal, mix="add"), scenes={"bright": Scene("bright", fade, Duration(2.0))})
    send(played, 1.0, path="td/hand")
    assert send(played, 0.5, path="td/glow") == {"glow": 1.5}
    send(played, path="panel/scene/bright", now=1.0)
    assert told(played, 2.0)["glow"] == pytest.approx(2.5, abs=0.05)


def test_a_pipelines_own_whole_number_stays_one_and_text_stays_text() -> None:
    played = mapping(route("param/count"))

    assert isinstance(send(played, 7)["count"], int)
    assert send(played, "fast") == {"count": "fast"}
    assert send(played, 1, 2) == {"count": [1, 2]}


def test_text_in_a_number_of_a_pipeline_does_not_stop_what_comes_after_it() -> None:
    fade = Scene("bright", {"param/glow": Setting(target_of("param/glow"), 1.0)}, Duration(1.0))
    played = show(route("param/glow"), route("param/glow", signal="td/y", takeover="pickup"), scenes={"bright": fade})
    send(played, "loud")
    send(played, 0.5, path="td/y")
    send(played, path="panel/scene/bright", now=1.0)

    assert told(played, 3.0) == {"glow": 1.0}


def test_loras_that_drift_need_scopes_cache_left_alone_also_where_something_names_it() -> None:
    smooth = show(route("manage_cache"), lora_change="smooth")
    assert smooth.initial()["manage_cache"] is False
    send(smooth, 1.0)
    assert smooth.initial()["manage_cache"] is True


def test_how_slots_mix_is_what_the_profile_says_also_where_something_drives_it() -> None:
    played = show(route("spatial_interpolation_method"), prompts=Prompts(slots=("a", "b"), blend="slerp"))

    assert played.initial()["spatial_interpolation_method"] == "slerp"


def test_all_loras_together_cut_once_in_two_seconds_whoever_moves_them_and_a_scene_cuts_at_once() -> None:
    fade = {f"lora/{name}": Setting(target_of(f"lora/{name}", BASE), 1.0) for name in "ab"}
    played = show(scenes={"slow": Scene("slow", fade, Duration(4.0)), "now": Scene("now", fade)})
    send(played, path="panel/scene/slow", now=1.0)
    cuts = [step / 10 for step in range(11, 80) if told(played, step / 10)]
    assert len(cuts) <= 4
    send(played, 0.3, path="panel/lora/a", now=9.0)
    send(played, 0.3, path="panel/lora/b", now=9.1)
    assert send(played, path="panel/scene/now", now=9.2) != {}


def test_a_word_does_not_end_the_fade_of_a_scene() -> None:
    scene = Scene("drop", {"prompt": Setting(target_of("prompt"), "reef")}, Duration(8, Unit.CHUNKS))
    played = show(scenes={"drop": scene}, prompts=replace(PROMPTS, fade=CUT))
    assert send(played, path="panel/scene/drop")["prompts"]["transition"]["num_steps"] == 8
    changes = send(played, "tense", path="panel/word/mood", now=1.5)

    assert changes["prompts"]["transition"]["num_steps"] == 6
    assert "transition" not in send(played, "calm", path="panel/word/mood", now=9.0)["prompts"]


def test_a_guard_on_the_prompt_holds_it_back_and_the_last_one_comes() -> None:
    guarded = {"prompt": Guard(max_rate=(1, Duration(2.0)))}
    played = show(guards=guarded)
    assert send(played, "reef", path="panel/prompt")
    assert not send(played, "neon", path="panel/prompt", now=0.5)
    assert not send(played, "ice", path="panel/prompt", now=1.0)
    assert not played.waiting
    assert played.moving
    played.tick(2.1)

    assert told(played, 2.1)["prompts"]["prompts"][0]["text"] == "ice"
    assert not played.moving


def test_a_guard_on_the_schedule_holds_for_each_of_its_steps() -> None:
    guarded = {"denoising_step_list": Guard(max_rate=(1, Duration(2.0)))}
    played = show(route("denoising_step_list[2]"), guards=guarded)
    assert send(played, 700)

    assert not send(played, 600, now=0.5)
    assert told(played, 2.1) == {"denoising_step_list": [1000, 600, 500, 250]}


def test_an_edit_of_a_page_that_is_not_in_force_changes_nothing() -> None:
    pages = {"a": Page("a"), "b": Page("b", routes=(route("vace_context_scale"),))}
    old = show(route("noise_scale"), pages=pages)
    send(old, 0.5)
    edited = replace(pages["b"], routes=(route("vace_context_scale", source=(0, 1)),))
    new = show(route("noise_scale"), pages={**pages, "b": edited}, after=old, now=1.0)

    assert told(new, 1.0) == {}


def test_an_edit_repeats_no_event_and_no_movement() -> None:
    old = show(route("manage_cache", Toggle()), route("noise_scale", Accumulate(0.1, start=0.5), signal="td/y"))
    send(old, 1.0)
    send(old, 1.0, path="td/y")
    new = show(
        route("manage_cache", Toggle(start=True)),
        route("noise_scale", Accumulate(0.2, start=0.5), signal="td/y"),
        after=old,
        now=1.0,
    )

    assert told(new, 1.0) == {}
    assert new.initial()["noise_scale"] == 0.6


def test_a_page_whose_button_is_another_one_now_is_held_no_longer() -> None:
    old = show(pages={"a": Page("a"), "b": Page("b", held="td/shift")})
    send(old, 1, path="td/shift")
    kept = show(route("noise_scale"), pages={"a": Page("a"), "b": Page("b", held="td/shift")}, after=old, now=1.0)
    assert kept.around.pages.current == ("b",)
    new = show(pages={"a": Page("a"), "b": Page("b", held="td/other")}, after=kept, now=2.0)

    assert new.around.pages.current == ("a",)


def test_a_fade_that_a_scene_wants_is_not_lost_by_an_edit_before_the_chunk() -> None:
    scene = Scene("drop", {"prompt": Setting(target_of("prompt"), "neon")}, Duration(8, Unit.CHUNKS))
    old = show(scenes={"drop": scene})
    old.feed(Batch(0.0, [("panel/scene/drop", ())]))
    new = show(route("noise_scale"), scenes={"drop": scene}, after=old, now=0.1)

    assert told(new, 0.1)["prompts"]["transition"]["num_steps"] == 8


def test_the_first_slot_is_the_prompt_under_both_its_names() -> None:
    played = show(prompts=replace(PROMPTS, slots=("base", "accent")))
    send(played, "neon", path="panel/prompt/base/text")
    send(played, "two cats", path="panel/prompt")
    assert played.prompter.prompt == "two cats"
    new = show(route("noise_scale"), prompts=replace(PROMPTS, slots=("base", "accent")), after=played, now=1.0)

    assert new.prompter.prompt == "two cats"
    assert send(new, "neon", path="panel/prompt/base/text", now=2.0)["prompts"]["prompts"][0]["text"] == "neon rain"


def test_an_image_that_was_an_event_is_no_beginning() -> None:
    played = show(images={"face": "face.png"})
    send(played, "face", path="panel/image/first")
    send(played, "face", path="panel/image/reference")

    assert played.initial() == {"vace_ref_images": ["face.png"]}


def test_a_route_that_is_switched_on_again_is_where_its_hand_is_by_now() -> None:
    played = mapping(route("noise_scale", SLOW, name="it"))
    send(played, 0.0)
    send(played, 0, path="panel/route/it/on")
    send(played, 1.0, now=1.0)
    assert told(played, 5.0) == {}

    assert send(played, 1, path="panel/route/it/on", now=6.0) == {"noise_scale": 1.0}


@pytest.mark.parametrize("value", [10**400, -(10**400), 2**70, 1e308, -1e308])
@pytest.mark.parametrize("source", [None, (0.0, 1.0)])
def test_no_number_is_too_large_to_be_refused_or_clamped(value: float, source: Any) -> None:
    for target in ("noise_scale", "param/x", "word/mood", "kv_cache_attention_bias", "base_seed", "prompt"):
        played = mapping(route(target, source=source), prompt="reef")
        send(played, value)
        send(played, 0.5, now=1.0)


def test_a_choice_is_meant_in_any_case_and_told_as_scope_spells_it() -> None:
    sampler = Parameter("sampler", Kind.CHOICE, "a sampler", choices=("Euler", "DDIM"))
    played = mapping(Route("td/x", ParameterTarget(sampler), "sampler"))

    assert send(played, "euler") == {"sampler": "Euler"}


def test_one_limit_is_the_tempos_when_it_is_given_in_bars() -> None:
    guarded = {"noise_scale": Guard(max_rate=(1, Duration(1, Unit.BARS)))}
    played = show(route("noise_scale"), guards=guarded, tempo=(TempoSource("bpm", bpm=60.0),))
    send(played, 0.1)

    assert not send(played, 0.2, now=3.9)
    assert told(played, 4.05) == {"noise_scale": 0.2}


def test_a_guard_that_the_profile_asked_for_holds_for_what_is_meant_too() -> None:
    played = show(route("seed/random"), guards={"seed": Guard(max_rate=(1, Duration(2.0)))})
    assert send(played)
    assert not send(played, now=0.5)
    assert not played.waiting

    assert told(played, 2.1)


@pytest.mark.parametrize("rival", [(), (route("noise_scale", signal="td/other"),)])
def test_a_hand_may_come_before_a_fade_of_what_was_never_set_has_moved(rival: tuple[Route, ...]) -> None:
    fade = Scene("up", {"noise_scale": Setting(target_of("noise_scale"), 1.0)}, Duration(4.0))
    played = show(route("noise_scale", SLOW), *rival, scenes={"up": fade})
    played.tick(1.0)
    played.feed(Batch(1.001, [("panel/scene/up", ()), ("td/x", (0.5,))]))

    assert told(played, 5.0) == {"noise_scale": 0.5}
    assert not played.moving


def test_a_smooth_hand_takes_over_from_text() -> None:
    played = mapping(route("param/glow", SLOW, source=(0, 1)))
    send(played, 0.2)
    send(played, "bright", path="panel/param/glow", now=1.0)

    assert send(played, 0.5, now=2.0) == {"glow": 0.5}


def test_a_toggle_changes_a_switch_from_how_it_is_whoever_put_it_there() -> None:
    played = mapping(route("paused", Toggle(), signal="apc/pause"))
    state = played.states

    for value in (1.0, 0.0):
        send(played, value, path="apc/pause")
    assert state()[0].asked is True
    send(played, 0.0, path="panel/paused")
    for value in (1.0, 0.0):
        send(played, value, path="apc/pause")
    assert state()[0].asked is True, "one press is enough"
    send(played, path="apc/pause")
    assert state()[0].asked is False
