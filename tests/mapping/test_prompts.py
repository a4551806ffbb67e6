"""The prompt as an instrument: bank, slots, words, fades."""

from itertools import pairwise
from typing import Any

import pytest

from bridge.mapping import Mapping, compile
from bridge.mapping.chance import Chance
from bridge.profile.durations import CUT, Duration, Unit
from bridge.profile.model import Profile, Prompts, Scope
from bridge.signals import Batch
from tests.mapping.build import mapping, route, send, target_of, told

BANK = {"reef": "a reef, {mood}", "neon": "neon rain", "ember": "embers", "ice": "ice"}
WORDS = {"mood": ("calm", "tense")}


def playing(prompts: Prompts, **start: Any) -> Mapping:
    return mapping(profile=Profile("test.yaml", prompts=prompts), **start)


def texts(changes: dict[str, Any]) -> list[str]:
    return [entry["text"] for entry in changes["prompts"]["prompts"]]


def press(show: Mapping, target: str, *values: Any, now: float = 0.0) -> dict[str, Any]:
    return send(show, *values, path=f"panel/{target}", now=now)


def test_next_and_previous_go_around_the_bank_in_the_files_order() -> None:
    show = playing(Prompts(BANK, WORDS), prompt="reef")

    assert [texts(press(show, "prompt/next"))[0] for _ in range(5)] == [
        "neon rain",
        "embers",
        "ice",
        "a reef, calm",
        "neon rain",
    ]
    assert texts(press(show, "prompt/previous")) == ["a reef, calm"]
    assert texts(press(show, "prompt/previous")) == ["ice"]


def test_after_a_free_text_next_begins_with_the_first_and_previous_with_the_last() -> None:
    show = playing(Prompts(BANK))
    press(show, "prompt", "two cats")
    assert texts(press(show, "prompt/next")) == ["a reef, {mood}"]
    press(show, "prompt", "two cats")
    assert texts(press(show, "prompt/previous")) == ["ice"]


def test_random_brings_each_once_before_any_comes_again_and_never_the_same_twice() -> None:
    show = playing(Prompts(BANK), prompt="reef")
    brought = [texts(press(show, "prompt/random"))[0] for _ in range(40)]

    assert all(one != other for one, other in pairwise(brought))
    assert set(brought[:3]) == {"neon rain", "embers", "ice"}
    assert len(set(brought)) == 4


def test_chance_is_the_same_every_time() -> None:
    assert [Chance(7).below(100) for _ in range(2)] == [Chance(7).below(100)] * 2
    chance = Chance(7)
    row = [chance.below(6) for _ in range(600)]
    assert set(row) == set(range(6))
    assert max(row.count(side) for side in range(6)) < 150


def test_a_number_is_a_place_in_the_bank_counted_from_1() -> None:
    show = playing(Prompts(BANK))

    assert texts(press(show, "prompt", 2)) == ["neon rain"]
    assert texts(press(show, "prompt", 4.0)) == ["ice"]
    assert show.feed(Batch(0.0, [("panel/prompt", (5,))])).refused == [
        "text is wanted, or the number of a prompt, 1 to 4"
    ]
    assert show.feed(Batch(0.0, [("panel/prompt", (0,))])).refused


def test_an_empty_bank_has_nothing_next() -> None:
    assert playing(Prompts()).feed(Batch(0.0, [("panel/prompt/next", ())])).refused == ["the prompt bank is empty"]


@pytest.mark.parametrize(
    ("fade", "steps"),
    [
        (Duration(4, Unit.CHUNKS), 4),
        (Duration(3.0), 6),
        (Duration(0.02), 2),
        (Duration(2, Unit.BEATS), 2),
        (Duration(2, Unit.BARS), 8),
    ],
)
def test_a_fade_becomes_steps_of_chunks_at_the_measured_rate_and_never_one(fade: Duration, steps: int) -> None:
    show = playing(Prompts(BANK, fade=fade, fade_method="slerp"), prompt="reef")
    show.feed(Batch(0.0, [("scope/chunk", (0.5,))]))
    changes = press(show, "prompt/neon")["prompts"]

    assert changes["transition"] == {
        "target_prompts": changes["prompts"],
        "num_steps": steps,
        "temporal_interpolation_method": "slerp",
    }


def test_a_chunk_time_that_cannot_be_is_not_believed() -> None:
    show = playing(Prompts(BANK, fade=Duration(3.0)))
    for seconds in (0.5, 0.0, 1e9, "fast", float("nan")):
        show.feed(Batch(0.0, [("scope/chunk", (seconds,))]))

    assert press(show, "prompt/neon")["prompts"]["transition"]["num_steps"] == 6


def test_a_signal_sets_how_the_next_prompt_arrives() -> None:
    show = playing(Prompts(BANK, fade=CUT))
    press(show, "transition_steps", 6)
    press(show, "temporal_interpolation_method", "slerp")
    transition = press(show, "prompt/neon")["prompts"]["transition"]
    assert (transition["num_steps"], transition["temporal_interpolation_method"]) == (6, "slerp")

    press(show, "transition_steps", 1)
    assert press(show, "prompt/ice")["prompts"]["transition"]["num_steps"] == 2
    press(show, "transition_steps", 0)
    assert "transition" not in press(show, "prompt/reef")["prompts"]


SLOTS = Prompts(BANK, WORDS, slots=("base", "accent"), blend="slerp", fade=Duration(4, Unit.CHUNKS))


def weights(changes: dict[str, Any]) -> list[float]:
    return [entry["weight"] for entry in changes["prompts"]["prompts"]]


def test_slots_are_mixed_by_their_weights_and_the_prompt_is_the_first() -> None:
    show = playing(SLOTS, prompt="reef", prompt__accent__text="neon")
    assert show.initial()["prompts"] == {"prompts": [{"text": "a reef, calm", "weight": 1.0}]}
    assert show.initial()["spatial_interpolation_method"] == "slerp"

    changes = press(show, "prompt/accent/weight", 0.4)
    assert (texts(changes), weights(changes)) == (["a reef, calm", "neon rain"], [1.0, 0.4])
    changes = press(show, "prompt/base/weight", 0)
    assert (texts(changes), weights(changes)) == (["neon rain"], [0.4])


def test_without_any_weight_the_first_stays() -> None:
    show = playing(SLOTS, prompt="reef")
    changes = press(show, "prompt/accent/text", "ice")
    assert texts(changes) == ["a reef, calm"]
    press(show, "prompt/base/weight", 0)

    assert show.initial()["prompts"]["prompts"] == [{"text": "a reef, calm", "weight": 1.0}]


def test_a_weight_waits_for_the_end_of_a_fade_which_it_would_end_and_its_last_value_lands() -> None:
    show = playing(SLOTS, prompt="reef", prompt__accent__text="neon")
    press(show, "prompt", "ember")
    assert not press(show, "prompt/accent/weight", 0.3, now=0.5)
    assert not press(show, "prompt/accent/weight", 0.6, now=2.0)
    assert not show.waiting
    assert show.moving
    assert told(show, 2.9) == {}

    changes = told(show, 3.05)
    assert weights(changes) == [1.0, 0.6]
    assert "transition" not in changes["prompts"]
    assert not show.moving


def test_where_every_change_of_prompts_cuts_weights_glide_in_two_chunks() -> None:
    profile = Profile("test.yaml", prompts=SLOTS, scope=Scope(input_mode="video"))
    show = mapping(profile=profile, prompt="reef", prompt__accent__text="neon")

    assert press(show, "prompt/accent/weight", 0.3)["prompts"]["transition"]["num_steps"] == 2
    assert press(show, "prompt/accent/weight", 0.4, now=0.1) == {}


def test_a_word_that_changes_during_a_fade_brings_its_own_fade() -> None:
    show = playing(Prompts(BANK, WORDS, fade=Duration(4, Unit.CHUNKS)), prompt="ice")
    press(show, "prompt/reef")
    changes = press(show, "word/mood", "tense", now=0.8)

    assert texts(changes) == ["a reef, tense"]
    assert changes["prompts"]["transition"]["num_steps"] == 4


def test_a_word_that_no_prompt_in_force_says_is_not_told() -> None:
    show = playing(Prompts(BANK, WORDS), prompt="ice")

    assert press(show, "word/mood", "tense") == {}
    assert texts(press(show, "prompt/reef")) == ["a reef, tense"]


def test_an_unrelated_change_carries_no_prompts() -> None:
    show = playing(Prompts(BANK, fade=Duration(4, Unit.CHUNKS)), prompt="ice")
    press(show, "prompt/neon")

    assert press(show, "noise_scale", 0.4, now=0.1) == {"noise_scale": 0.4}


def test_a_pad_of_four_numbers_weighs_four_slots() -> None:
    prompts = Prompts(BANK, slots=("a", "b", "c"))
    profile = Profile("test.yaml", prompts=prompts)
    across = tuple((f"prompt/{slot}/weight", target_of(f"prompt/{slot}/weight", profile)) for slot in "abc")
    start: dict[str, Any] = {f"prompt__{slot}__text": name for slot, name in zip("abc", BANK, strict=False)}
    pad = route("prompt", signal="td/pad")
    from dataclasses import replace

    show = mapping(replace(pad, target=None, across=across), profile=profile, **start)

    assert weights(send(show, 0.1, 0.2, 0.7, path="td/pad")) == [0.1, 0.2, 0.7]


def test_the_prompt_is_kept_over_a_reload_with_the_fade_that_runs() -> None:
    old = playing(SLOTS, prompt="reef", prompt__accent__text="neon")
    press(old, "prompt", "ember")
    press(old, "prompt/accent/weight", 0.3, now=0.5)
    new = compile(Profile("test.yaml", prompts=SLOTS, start=old._profile.start), old, 1.0)

    assert told(new, 2.0) == {}
    assert weights(told(new, 3.1)) == [1.0, 0.3]
