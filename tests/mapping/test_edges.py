"""Where routes, scenes, edits and restarts meet."""

import math
from dataclasses import replace

import pytest

from bridge.mapping import compile
from bridge.profile.durations import Duration, Unit
from bridge.profile.filters import AtMost, Clamp, Delay, Edge, Every, Smooth, Toggle, Wait
from bridge.profile.model import Cue, Profile, Prompts, Route, Scene, Setting
from bridge.signals import Batch
from tests.mapping.build import PROMPTS, mapping, route, send, target_of, told

SLOW = Smooth(Duration(1.0), Duration(1.0))
LORAS = Profile("test.yaml", prompts=PROMPTS, loras={"arcane": "a.pt", "ghibli": "g.pt"})
SLOTS = Prompts(bank=PROMPTS.bank, words=PROMPTS.words, slots=("a", "b"))


def test_to_explain_a_button_of_the_page_is_to_press_it() -> None:
    show = mapping(prompt="reef")
    for prompt in ("neon rain", "a reef, calm"):
        show.explain("panel/prompt/next", (1.0,))
        assert show.prompter.prompt == prompt


def test_a_square_wave_presses_once_in_its_period() -> None:
    wave = route("prompt/next", signal="lfo/square", source=(0, 1), period=Duration(1.0))
    show = mapping(wave, prompts=Prompts({name: name for name in "abcdef"}), prompt="a")
    show.tick(0.0)
    begun = show.prompter.prompt
    show.tick(3.2)

    assert (begun, show.prompter.prompt) == ("b", "e")


def test_a_snapshot_from_a_disk_lets_nothing_happen() -> None:
    show = mapping(prompt="reef")
    kept = {"reset_cache": True, "prompt/next": 1, "noise_scale": 0.3}
    show.resume({"snapshots": {"1": kept, "99": {"noise_scale": 0.4}, "100": {"noise_scale": 0.5}}})

    assert send(show, path="panel/snapshot/recall/1") == {"noise_scale": 0.3}
    assert send(show, path="panel/snapshot/recall/99") == {"noise_scale": 0.4}
    assert 100 not in show.director.snapshots


@pytest.mark.parametrize(("schedule", "kept"), [([1000, 0], True), ([1001, 0], False), ([500, -1], False)])
def test_a_schedule_from_a_disk_is_one_that_scope_takes(schedule: list[int], kept: bool) -> None:
    show = mapping()
    show.resume({"values": {"denoising_step_list": schedule}})

    assert show.state()["values"] == ({"denoising_step_list": schedule} if kept else {})
    if kept:
        assert show.initial()["denoising_step_list"] == schedule


def test_a_rival_that_is_first_heard_in_the_show_leaves_a_smooth_hand_where_it_is() -> None:
    show = mapping(
        route("noise_scale", SLOW, signal="td/hand"),
        route("noise_scale", signal="apc/*", source=(0, 1), out=(0.0, 0.2), mix="add"),
        route("vace_context_scale", SLOW, signal="td/other"),
    )
    for value in (0.0, 1.0):
        send(show, value / 2, path="td/hand")
        send(show, value, path="td/other")
    told(show, 0.5)
    send(show, 1.0, path="apc/kick", now=0.5)

    half_way = told(show, 1.0)
    assert half_way["vace_context_scale"] == pytest.approx(1 - math.exp(-1), abs=1e-3)
    assert told(show, 20.0)["noise_scale"] == pytest.approx(0.7)
    assert show.states()[0].asked == pytest.approx(0.7)


def test_a_pattern_acts_in_its_place_in_the_profile_however_late_it_is_heard() -> None:
    show = mapping(
        route("vace_context_scale", signal="apc/*", source=(0, 1), out=(0.0, 0.5), mix="multiply"),
        route("vace_context_scale", source=(0, 1), out=(0.0, 0.5), mix="add"),
    )
    send(show, 1.0, path="panel/vace_context_scale")
    assert send(show, 1.0) == {"vace_context_scale": 1.5}

    assert send(show, 1.0, path="apc/late") == {"vace_context_scale": 1.0}


def test_the_first_slot_is_the_prompt_by_either_name() -> None:
    show = mapping(profile=Profile("test.yaml", prompts=SLOTS))
    send(show, "neon", path="panel/prompt/a/text")
    assert show.state()["values"] == {"prompt": "neon"}
    send(show, "reef", path="panel/prompt")

    assert show.state()["values"] == {"prompt": "reef"}


def test_the_weight_of_the_first_slot_fades_from_1() -> None:
    profile = Profile("test.yaml", prompts=SLOTS)
    less = Scene("less", {"prompt/a/weight": Setting(target_of("prompt/a/weight", profile), 0.0)}, Duration(2.0))
    show = mapping(profile=replace(profile, scenes={"less": less}), prompt="reef", prompt__b__text="neon")
    send(show, path="panel/scene/less")
    told(show, 1.0)

    assert show.prompter.weights["a"] == pytest.approx(0.5, abs=0.02)


def test_a_strength_that_the_edit_took_away_is_gone() -> None:
    old = mapping(profile=LORAS)
    for name in LORAS.loras:
        send(old, 0.5, path=f"panel/lora/{name}")
    new = compile(replace(LORAS, loras={"ghibli": "g.pt"}), old, 1.0)

    assert [entry["path"] for entry in new.initial()["lora_scales"]] == ["g.pt"]
    assert set(new.state()["values"]) == {"lora/ghibli"}


def test_what_a_scene_has_cut_a_hand_cuts_no_oftener_than_before() -> None:
    drop = Scene("drop", {"lora/arcane": Setting(target_of("lora/arcane", LORAS), 0.9)})
    show = mapping(route("lora/arcane", profile=LORAS), profile=replace(LORAS, scenes={"drop": drop}))
    send(show, path="panel/scene/drop")
    told(show, 0.1)
    went = [bool(send(show, step / 10, now=10 + step / 10)) for step in range(1, 6)]

    assert went == [True, False, False, False, False]


def test_a_smoothed_hand_with_a_range_of_its_own_goes_on_from_where_a_scene_has_put_the_value() -> None:
    put = Scene("put", {"vace_context_scale": Setting(target_of("vace_context_scale"), 1.3)})
    hand = route("vace_context_scale", SLOW, source=(0, 1), out=(0.8, 1.4))
    show = compile(Profile("test.yaml", routes=(hand,), scenes={"put": put}))
    send(show, 0.0)
    send(show, path="panel/scene/put")
    send(show, 0.0, now=1.0)

    assert told(show, 1.02)["vace_context_scale"] == pytest.approx(1.3, abs=0.02)
    assert told(show, 2.0)["vace_context_scale"] == pytest.approx(0.8 + 0.5 * math.exp(-1), abs=0.01)


def test_a_switch_behind_filters_is_on_from_a_half_up() -> None:
    show = mapping(route("manage_cache", Clamp(0.0, 1.0)))

    assert send(show, 0.49) == {"manage_cache": False}
    assert send(show, 0.5) == {"manage_cache": True}


def test_text_for_a_pipelines_own_parameter_is_told_once() -> None:
    show = mapping(route("param/motion"))
    assert send(show, "fast") == {"motion": "fast"}

    assert not show.waiting
    show.feed(Batch(1.0, [("td/x", (3,))]))
    assert told(show, 1.0) == {"motion": 3}


BANK = Prompts({name: name for name in "abcdefgh"})


def test_presses_that_are_held_for_a_line_are_presses_and_not_their_releases() -> None:
    show = mapping(route("prompt/next", Wait(Duration(1.0, Unit.BEATS))), prompts=BANK, prompt="a")
    show.tick(0.0)
    for now, value in ((0.1, 1.0), (0.2, 0.0), (0.6, 1.0), (0.7, 0.0), (1.1, 0.3), (1.2, 0.0)):
        show.feed(Batch(now, [("td/x", (value,))]))
        told(show, now)
    show.tick(3.0)

    assert show.prompter.prompt == "c"


def test_presses_that_come_too_often_come_later_as_presses() -> None:
    show = mapping(route("prompt/next", AtMost(Duration(1.0))), prompts=BANK, prompt="a")
    for now, value in ((0.0, 1.0), (0.1, 0.0), (0.2, 1.0), (0.3, 0.0)):
        show.feed(Batch(now, [("td/x", (value,))]))
    assert show.prompter.prompt == "b"
    show.tick(1.1)

    assert show.prompter.prompt == "c"


def test_an_event_goes_through_every_filter_behind_the_one_that_made_it() -> None:
    show = mapping(route("manage_cache", Clamp(0.0, 1.0), Edge(0.5, "fall"), Every(2), Toggle(start=True)))
    changed = [send(show, value, now=step / 10) for step, value in enumerate((1.0, 0.0) * 8)]

    assert [each["manage_cache"] for each in changed if each] == [False, True, False, True]


def test_two_numbers_for_four_targets_are_offered_where_three_came() -> None:
    loras = {name: f"{name}.pt" for name in "abcd"}
    profile = Profile("test.yaml", loras=loras)
    across = tuple((f"lora/{name}", target_of(f"lora/{name}", profile)) for name in loras)
    show = mapping(Route("td/x", None, "", across=across, source=(0, 1)), profile=profile)

    assert show.feed(Batch(0.0, [("td/x", (0.1, 0.2, 0.3))])).refused == [
        "td/x sends 3 numbers, and this route goes across 4 targets: send one number, 4 numbers, or two for the place "
        "between the four"
    ]


def test_a_delayed_hand_and_its_smoother_keep_their_order() -> None:
    show = mapping(route("noise_scale", Delay(Duration(1.0)), Clamp(0.0, 0.5), SLOW))
    send(show, 0.0)
    told(show, 1.1)
    send(show, 1.0, now=2.0)
    assert told(show, 2.9) == {}

    assert told(show, 4.0)["noise_scale"] == pytest.approx(0.5 * (1 - math.exp(-1)), abs=0.01)


CUES = Profile(
    "test.yaml",
    scenes={
        "intro": Scene("intro", {"noise_scale": Setting(target_of("noise_scale"), 0.1)}),
        "drop": Scene("drop", {"noise_scale": Setting(target_of("noise_scale"), 0.9)}),
    },
    cues={
        "doors": Cue("doors", "intro", follow=Duration(3.0)),
        "first": Cue("first", "drop", wait=Duration(2.0)),
        "last": Cue("last", "intro"),
    },
)


def test_the_place_in_the_cues_and_what_follows_survive_an_edit() -> None:
    old = compile(CUES)
    send(old, path="panel/cue/doors")
    new = compile(replace(CUES, routes=(route("manage_cache"),)), old, 1.0)
    assert new.director.cue == "doors"
    assert told(new, 3.1) == {}
    assert new.director.coming == "first"

    assert told(new, 5.1) == {"noise_scale": 0.9}
    assert new.director.cue == "first"


def test_a_cue_that_the_edit_took_away_neither_follows_nor_is_the_place_in_the_list() -> None:
    old = compile(CUES)
    send(old, path="panel/cue/doors")
    less = replace(CUES, cues={"last": CUES.cues["last"]})
    new = compile(less, old, 1.0)

    assert new.director.cue is None
    assert not new.moving
    assert told(new, 9.0) == {}
    send(new, path="panel/cue/go", now=9.0)
    assert new.director.cue == "last"


def test_back_from_nowhere_is_the_last_cue_that_there_is_and_it_does_not_wait() -> None:
    show = compile(replace(CUES, cues={name: CUES.cues[name] for name in ("doors", "first")}))

    assert show.feed(Batch(1.0, [("panel/cue/back", ())])).refused == ["there is no cue before this one"]
    send(show, path="panel/cue/first", now=1.0)
    assert show.director.coming == "first"
    assert send(show, path="panel/cue/back", now=1.5) == {"noise_scale": 0.1}


def test_before_the_first_prompt_there_is_none_and_of_one_random_brings_that_one() -> None:
    assert mapping().prompter.prompt == ""

    show = mapping(prompts=Prompts({"only": "the only one"}))
    for _ in range(3):
        send(show, path="panel/prompt/random")
        assert show.prompter.prompt == "the only one"


def test_weights_go_out_to_four_decimals() -> None:
    show = mapping(profile=Profile("test.yaml", prompts=SLOTS), prompt="reef", prompt__b__text="neon")
    prompts = send(show, 0.123456, path="panel/prompt/b/weight")["prompts"]["prompts"]

    assert [entry["weight"] for entry in prompts] == [1.0, 0.1235]


def test_a_weight_that_moves_in_a_fade_waits_for_its_end_or_goes_along() -> None:
    slow = replace(SLOTS, fade=Duration(8, Unit.CHUNKS))
    show = mapping(profile=Profile("test.yaml", prompts=slow), prompt="reef", prompt__b__text="neon")
    faded = send(show, "two cats", path="panel/prompt", now=1.0)
    assert faded["prompts"]["transition"]["num_steps"] == 8
    send(show, 0.5, path="panel/prompt/b/weight", now=1.5)
    told(show, 30.0)

    assert [entry["weight"] for entry in show.prompter.lasting()["prompts"]] == [1.0, 0.5]
    assert not show.waiting
    assert not show.moving
