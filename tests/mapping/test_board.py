"""What everything is set to, and what Scope is told of it."""

from dataclasses import replace
from typing import Any

import pytest

from bridge.mapping import compile
from bridge.profile.durations import Duration, Unit
from bridge.profile.filters import Smooth
from bridge.profile.model import Guard, Profile, Prompts, Scene, Scope, Setting
from bridge.signals import Batch, Value
from tests.mapping.build import PROMPTS, mapping, route, send, target_of, told

LORAS = Profile("test.yaml", prompts=PROMPTS, loras={"arcane": "a.pt", "ghibli": "g.pt"})
SLOTS = Prompts(bank={"reef": "a reef, {mood}", "neon": "neon rain"}, words=PROMPTS.words, slots=("a", "b"))


def test_what_a_guard_holds_back_is_not_let_go_before_its_time() -> None:
    show = mapping(route("lora/arcane", profile=LORAS), profile=LORAS)
    send(show, 0.1)
    send(show, 0.2, now=0.5)
    for now, free in ((0.6, False), (1.9, False), (2.0, True)):
        show.tick(now)
        assert show.waiting is free


def test_what_a_guard_has_counted_is_not_forgotten_by_an_edit() -> None:
    kept = route("lora/arcane", profile=LORAS)
    old = mapping(kept, profile=LORAS)
    send(old, 0.1)
    new = compile(replace(old._profile, routes=(kept, route("manage_cache", signal="td/y"))), old, 0.5)

    assert send(new, 0.2, now=0.5) == {}
    assert told(new, 2.05)["lora_scales"] == [{"path": "a.pt", "scale": 0.2}]


def test_a_guard_counts_what_goes_in_its_time_again_and_again() -> None:
    guarded = replace(LORAS, guards={"lora/arcane": Guard(max_cuts=(2, Duration(1.0)))})
    show = mapping(route("lora/arcane", profile=guarded), profile=guarded)
    went = [bool(send(show, step / 100, now=step * 0.1)) for step in range(1, 31)]

    assert [step for step, sent in enumerate(went, 1) if sent] == [1, 2, 11, 12, 21, 22]


def test_a_guard_of_what_is_not_there_guards_nothing() -> None:
    guarded = replace(LORAS, guards={"lora/gone": Guard(max_rate=(1, Duration(9.0)))})
    show = mapping(route("noise_scale"), profile=guarded)
    send(show, 0.1)

    assert send(show, 0.2, now=0.1) == {"noise_scale": 0.2}


def test_every_change_says_when_its_signal_came() -> None:
    show = mapping(
        route("noise_scale"),
        route("lora/arcane", signal="td/l", profile=LORAS),
        route("lora/ghibli", signal="td/g", profile=LORAS),
        route("prompt", signal="td/p"),
        profile=LORAS,
    )
    samples: list[tuple[float, str, Any]] = [(0.1, "td/x", 0.5), (0.2, "td/g", 1.0), (0.3, "td/l", 1.0)]
    for now, path, value in [*samples, (0.4, "td/p", "neon")]:
        show.feed(Batch(now, [(path, (value,))]))

    assert {change.parameter: change.at for change in show.take(0.9)} == {
        "noise_scale": 0.1,
        "lora_scales": 0.3,
        "prompts": 0.4,
    }
    show.feed(Batch(0.95, [("td/g", (0.2,))]))
    (change,) = show.take(3.0)
    assert (change.parameter, change.at) == ("lora_scales", 0.95)


def test_several_steps_that_moved_are_told_once() -> None:
    show = mapping(route("denoising_step_list[1]"), route("denoising_step_list[4]", signal="td/last"))
    show.feed(Batch(0.0, [("td/x", (900,)), ("td/last", (100,))]))

    assert [(change.parameter, change.value) for change in show.take(0.0)] == [
        ("denoising_step_list", [900, 750, 500, 100])
    ]


def test_a_step_beyond_the_schedule_changes_nothing() -> None:
    show = mapping(route("denoising_step_list[4]"), route("denoising_step_list", signal="td/all"))
    send(show, 900, 600, path="td/all")

    assert send(show, 100) == {"denoising_step_list": [900, 600]}


def test_a_session_does_not_begin_with_images_and_strengths_that_nobody_set() -> None:
    faces = replace(LORAS, images={"face": "refs/face.png"})
    show = mapping(route("image/reference", profile=faces), route("lora/arcane", profile=faces), profile=faces)
    assert show.initial() == {}
    send(show, "face", path="panel/image/reference")

    assert show.initial() == {"vace_ref_images": ["refs/face.png"]}


def test_the_mouse_begins_anew_with_each_message() -> None:
    show = mapping(route("ctrl/mouse"))
    assert send(show, 3, -1) == {"ctrl_input": {"mouse": [3.0, -1.0]}}
    assert send(show, 1, 1) == {"ctrl_input": {"mouse": [1.0, 1.0]}}


def test_mixed_prompts_their_weights_and_how_they_fade_survive_an_edit() -> None:
    old = mapping(profile=Profile("test.yaml", prompts=SLOTS))
    done: dict[str, Value] = {
        "prompt": "reef",
        "prompt/b/text": "neon",
        "prompt/b/weight": 0.4,
        "word/mood": "tense",
        "transition_steps": 6,
        "temporal_interpolation_method": "slerp",
    }
    for target, value in done.items():
        send(old, value, path=f"panel/{target}")
    new = compile(replace(old._profile, routes=(route("manage_cache"),)), old, 1.0)

    assert not new.waiting
    assert new.prompter.lasting() == {
        "prompts": [{"text": "a reef, tense", "weight": 1.0}, {"text": "neon rain", "weight": 0.4}]
    }
    transition = send(new, "calm", path="panel/word/mood", now=1.0)["prompts"]["transition"]
    assert (transition["num_steps"], transition["temporal_interpolation_method"]) == (6, "slerp")


def test_what_a_route_could_say_of_the_prompt_and_has_not_is_as_it_was_after_an_edit() -> None:
    prompts = replace(SLOTS, fade=Duration(4, Unit.CHUNKS))
    base = Profile("test.yaml", prompts=prompts)
    targets = ("prompt", "prompt/b/text", "prompt/b/weight", "word/mood", "transition_steps")
    routes = tuple(
        route(text, signal=f"td/{text}", profile=base) for text in (*targets, "temporal_interpolation_method")
    )
    old = mapping(*routes, profile=base, prompt__a__text="reef")
    new = compile(replace(old._profile, routes=(*routes, route("manage_cache"))), old, 1.0)

    assert new.prompter.prompt == "a reef, calm"
    assert not new.waiting
    transition = send(new, "neon", path="td/prompt", now=1.0)["prompts"]["transition"]
    assert (transition["num_steps"], transition["temporal_interpolation_method"]) == (4, "linear")


def test_how_prompts_fade_is_what_an_edit_says_unless_a_signal_has_said_it() -> None:
    linear = Prompts(bank=SLOTS.bank, words=SLOTS.words, fade=Duration(4, Unit.CHUNKS))
    old = mapping(prompts=linear)
    new = compile(replace(old._profile, prompts=replace(linear, fade_method="slerp")), old, 1.0)

    transition = send(new, "neon", path="panel/prompt")["prompts"]["transition"]
    assert transition["temporal_interpolation_method"] == "slerp"


def test_the_words_of_what_the_picture_shows_are_known_after_an_edit() -> None:
    old = mapping(prompt="reef")
    send(old, "tense", path="panel/word/mood")
    send(old, "calm", path="panel/word/mood")
    new = compile(replace(old._profile, routes=(route("noise_scale"),)), old, 1.0)

    assert new.prompter.words_of("a reef, tense") == {"mood": "tense"}


@pytest.mark.parametrize("video", [(), ("cam",)])
def test_weights_without_any_prompt_tell_nothing(video: tuple[str, ...]) -> None:
    show = mapping(profile=Profile("test.yaml", scope=Scope(video=video), prompts=SLOTS))

    assert send(show, 0.4, path="panel/prompt/b/weight") == {}
    assert not show.waiting


def test_a_weight_that_is_sent_again_is_not_told_again() -> None:
    show = mapping(profile=Profile("test.yaml", prompts=SLOTS), prompt="reef", prompt__b__text="neon")
    assert send(show, 0.4, path="panel/prompt/b/weight")

    assert send(show, 0.4, path="panel/prompt/b/weight") == {}
    assert not show.moving


def test_random_is_not_the_order_of_the_file_and_skips_what_a_hand_has_chosen() -> None:
    names = [f"p{number}" for number in range(12)]
    show = mapping(prompts=Prompts({name: name for name in names}), prompt="p0")
    brought = [send(show, path="panel/prompt/random")["prompts"]["prompts"][0]["text"] for _ in range(11)]
    assert sorted(brought) == sorted(names[1:])
    assert brought not in (names[1:], names[:0:-1])

    for _ in range(40):
        send(show, path="panel/prompt/random")
        chosen = show.prompter.bag[-1] if show.prompter.bag else "p0"
        send(show, chosen, path="panel/prompt")
        assert send(show, path="panel/prompt/random")["prompts"]["prompts"][0]["text"] != chosen


def test_a_scene_that_fades_a_hand_and_a_hand_that_takes_it_leave_nothing_moving() -> None:
    drop = Scene("drop", {"noise_scale": Setting(target_of("noise_scale"), 1.0)}, Duration(4.0))
    show = mapping(route("noise_scale"), profile=Profile("test.yaml", scenes={"drop": drop}), noise_scale=0.0)
    send(show, path="panel/scene/drop")
    told(show, 1.0)
    assert send(show, 0.2, now=1.0) == {"noise_scale": 0.2}

    assert told(show, 2.0) == {}
    assert not show.moving
    assert show.states()[0].asked == 0.2


def test_a_smoothed_hand_that_takes_a_target_out_of_a_fade_is_what_is_kept() -> None:
    drop = Scene("drop", {"noise_scale": Setting(target_of("noise_scale"), 1.0)}, Duration(4.0))
    slow = Smooth(Duration(0.1), Duration(0.1))
    show = mapping(route("noise_scale", slow), profile=Profile("test.yaml", scenes={"drop": drop}), noise_scale=0.0)
    send(show, path="panel/scene/drop")
    told(show, 1.0)
    send(show, 0.2, now=1.0)
    told(show, 3.0)

    assert show.states()[0].asked == 0.2
    assert show.state()["values"] == {"noise_scale": 0.2}
