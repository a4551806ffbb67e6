"""Scope's timeline JSON: what a show becomes in it, and what it becomes in a profile."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import timeline
from bridge.errors import Refused
from bridge.timeline import Box, Cues, Taken

REEF, NEON = "a reef at night", "rain on neon"
LOAD = {
    "width": 576,
    "height": 320,
    "base_seed": 7,
    "quantization": "fp8_e4m3fn",
    "loras": [{"path": "arcane.safetensors", "scale": 0.5}],
    "lora_merge_mode": "runtime_peft",
}


def prompts(*texts: str | tuple[str, float], steps: int = 0, method: str = "linear") -> dict[str, Any]:
    listed = [
        {"text": text, "weight": 1.0} if isinstance(text, str) else {"text": text[0], "weight": text[1]}
        for text in texts
    ]
    body: dict[str, Any] = {"prompts": listed}
    if steps:
        body["transition"] = {
            "target_prompts": listed,
            "num_steps": steps,
            "temporal_interpolation_method": method,
        }
    return body


def export(*told: tuple[float, dict[str, Any]], end: float = 60.0, video: bool = False) -> dict[str, Any]:
    return timeline.export(told, end, "longlive", LOAD, video)[0]


# From a show


def test_each_change_of_prompt_is_a_stretch_with_its_transition() -> None:
    document = export((0.0, prompts(REEF)), (12.5, prompts(NEON, steps=4, method="slerp")), (30.0, prompts(REEF)))

    assert document["version"] == "2.1"
    assert document["prompts"] == [
        {
            "startTime": 0.0,
            "endTime": 12.5,
            "prompts": [{"text": REEF, "weight": 100.0}],
            "transitionSteps": 0,
            "temporalInterpolationMethod": "linear",
        },
        {
            "startTime": 12.5,
            "endTime": 30.0,
            "prompts": [{"text": NEON, "weight": 100.0}],
            "transitionSteps": 4,
            "temporalInterpolationMethod": "slerp",
        },
        {
            "startTime": 30.0,
            "endTime": 60.0,
            "prompts": [{"text": REEF, "weight": 100.0}],
            "transitionSteps": 0,
            "temporalInterpolationMethod": "linear",
        },
    ]


def test_weights_are_100_together_and_what_weighs_nothing_is_not_there() -> None:
    document = export((0.0, prompts((REEF, 1.0), (NEON, 0.0))), (5.0, prompts((REEF, 0.5), (NEON, 1.5))))

    assert [box["prompts"] for box in document["prompts"]] == [
        [{"text": REEF, "weight": 100.0}],
        [{"text": REEF, "weight": 25.0}, {"text": NEON, "weight": 75.0}],
    ]


def test_the_same_prompt_again_is_no_new_stretch() -> None:
    assert len(export((0.0, prompts(REEF)), (5.0, prompts(REEF)))["prompts"]) == 1


def test_the_last_stretch_can_be_seen_even_when_the_show_ended_with_it() -> None:
    last = export((0.0, prompts(REEF)), (60.0, prompts(NEON)), end=60.0)["prompts"][-1]

    assert (last["startTime"], last["endTime"]) == (60.0, 60.5)


def test_a_show_without_prompts_is_an_empty_timeline() -> None:
    assert export((0.0, {"noise_scale": 0.5}))["prompts"] == []


def test_the_settings_are_those_the_show_began_with() -> None:
    begin = {**prompts(REEF), "noise_scale": 0.3, "noise_controller": False, "denoising_step_list": [1000, 750]}

    assert export((0.0, begin), (3.0, {"noise_scale": 0.9}), video=True)["settings"] == {
        "pipelineId": "longlive",
        "inputMode": "video",
        "resolution": {"width": 576, "height": 320},
        "denoisingSteps": [1000, 750],
        "noiseScale": 0.3,
        "noiseController": False,
        "seed": 7,
        "quantization": "fp8_e4m3fn",
        "loras": [{"id": "arcane.safetensors", "path": "arcane.safetensors", "scale": 0.5}],
        "loraMergeStrategy": "runtime_peft",
    }


def test_in_text_mode_there_is_no_noise() -> None:
    settings = export((0.0, {"noise_scale": 0.3}))["settings"]

    assert (settings["inputMode"], settings["noiseScale"], settings["noiseController"]) == ("text", None, None)


def test_what_moved_and_has_no_place_is_counted() -> None:
    told = [
        (0.0, {**prompts(REEF), "noise_scale": 0.3}),
        (1.0, {"noise_scale": 0.4, "noise_controller": False}),
        (2.0, {"noise_scale": 0.5, "noise_controller": False, "reset_cache": True}),
        (3.0, {"noise_scale": 0.5, "noise_controller": False}),
    ]

    assert timeline.export(told, 9.0, "longlive", {}, False)[1] == {"noise_scale": 2, "reset_cache": 1}


def test_what_a_session_begins_with_is_one_message() -> None:
    assert timeline.flat({"noise_scale": 0.3, "prompts": prompts(REEF)}) == {"noise_scale": 0.3, **prompts(REEF)}


# Into scenes and cues


def box(start: float, end: float, *texts: Any, **more: Any) -> dict[str, Any]:
    return {"startTime": start, "endTime": end, **prompts(*texts), **more}


def imported(*boxes: dict[str, Any], taken: Taken | None = None) -> Cues:
    return timeline.cues(timeline.parse({"prompts": list(boxes), "version": "2.1"}, "t.json"), taken or Taken())


def test_each_stretch_becomes_a_cue_that_follows_the_one_before() -> None:
    fade = {"transitionSteps": 4, "temporalInterpolationMethod": "slerp"}
    new = imported(box(0, 30, REEF), box(30, 45.5, NEON, **fade), box(45.5, 60, REEF))

    assert new.bank == {"reef-night": REEF, "rain-neon": NEON}
    assert new.scenes == {
        "reef-night": {"prompt": "reef-night"},
        "rain-neon": {
            "fade": "4 chunks",
            "set": {"temporal_interpolation_method": "slerp", "prompt": "rain-neon"},
        },
    }
    assert new.cues == {
        "reef-night": {"scene": "reef-night", "follow": "30 s"},
        "rain-neon": {"scene": "rain-neon", "follow": "15.5 s"},
        "reef-night-2": {"scene": "reef-night"},
    }
    assert new.slots == ()


def test_a_gap_is_a_wait_and_the_first_gap_too() -> None:
    new = imported(box(2, 10, REEF), box(12.25, 20, NEON))

    assert list(new.cues.values()) == [
        {"scene": "reef-night", "wait": "2 s", "follow": "8 s"},
        {"scene": "rain-neon", "wait": "2.25 s"},
    ]


def test_stretches_that_overlap_are_cut_where_the_next_begins() -> None:
    new = imported(box(0, 15, REEF), box(10, 20, NEON))

    assert list(new.cues.values()) == [{"scene": "reef-night", "follow": "10 s"}, {"scene": "rain-neon"}]


def test_the_order_is_that_of_time_and_live_stretches_without_length_are_left_out() -> None:
    new = imported(box(30, 40, NEON), box(0, 30, REEF), box(40, 40, "live"))

    assert list(new.cues) == ["reef-night", "rain-neon"]


def test_prompts_that_mix_need_slots_and_fill_all_of_them() -> None:
    new = imported(box(0, 10, (REEF, 25), (NEON, 75)), box(10, 20, REEF))

    assert new.slots == ("layer1", "layer2")
    assert list(new.scenes.values()) == [
        {
            "prompt/layer1/text": "reef-night",
            "prompt/layer1/weight": 0.25,
            "prompt/layer2/text": "rain-neon",
            "prompt/layer2/weight": 0.75,
        },
        {"prompt/layer1/text": "reef-night", "prompt/layer1/weight": 1.0, "prompt/layer2/weight": 0.0},
    ]


def test_prompts_that_mix_fade_as_a_whole_and_their_weights_do_not_move_meanwhile() -> None:
    (scene,) = imported(box(0, 10, (REEF, 25), (NEON, 75), transitionSteps=4)).scenes.values()

    assert scene["fade"] == "4 chunks"
    assert scene["set"]["prompt/layer1/weight"] == {"to": 0.25, "fade": "cut"}


def test_the_slots_of_the_profile_are_used_and_too_few_are_refused() -> None:
    mixed = box(0, 10, (REEF, 50), (NEON, 50))

    new = imported(mixed, taken=Taken(slots=("base", "accent", "far")))
    assert new.slots == ()
    assert list(new.scenes["reef-night"])[-1] == "prompt/far/weight"
    with pytest.raises(Refused, match="the timeline mixes 3 prompts, and the profile has 2 slots"):
        imported(box(0, 10, "one", "two", "three"), taken=Taken(slots=("base", "accent")))


def test_what_the_profile_has_keeps_its_name_and_what_is_new_takes_none_of_its_names() -> None:
    there = dict.fromkeys(("deep", "rain-neon-2"))
    taken = Taken({"deep": REEF, "rain-neon": "another text"}, there, there)

    new = imported(box(0, 10, REEF), box(10, 20, NEON), taken=taken)

    assert new.bank == {"rain-neon-2": NEON}
    assert list(new.scenes) == ["deep-2", "rain-neon-2-2"]
    assert new.scenes["deep-2"] == {"prompt": "deep"}


def test_what_the_profile_says_already_is_not_said_again() -> None:
    boxes = box(0, 10, REEF), box(10, 20, NEON), box(20, 30, REEF)
    first = imported(*boxes)

    again = imported(*boxes, taken=Taken(first.bank, first.scenes, {"doors": {"scene": "x"}, **first.cues}))

    assert (again.bank, again.scenes, again.cues) == ({}, {}, {})
    assert (again.begin, again.renamed) == ("reef-night", ())


def test_a_scene_that_was_edited_stays_and_the_new_one_gets_another_name() -> None:
    boxes = box(0, 10, REEF), box(10, 20, NEON)
    first = imported(*boxes)
    edited = {**first.scenes, "rain-neon": {"prompt": "rain-neon", "noise_scale": 0.2}}

    again = imported(*boxes, taken=Taken(first.bank, edited, first.cues))

    assert again.scenes == {"rain-neon-2": {"prompt": "rain-neon"}}
    assert again.renamed[0] == ("scene", "rain-neon", "rain-neon-2")
    third = imported(*boxes, taken=Taken(first.bank, {**edited, **again.scenes}, {**first.cues, **again.cues}))
    assert (third.scenes, third.cues, third.begin) == ({}, {}, again.begin)


def test_cues_that_lead_to_each_other_are_new_all_together_if_one_of_them_is() -> None:
    first = imported(box(0, 10, REEF), box(10, 20, NEON))

    again = imported(box(0, 10, REEF), box(10, 15, NEON), box(15, 20, REEF), taken=Taken(*parts(first)))

    assert again.scenes == {}
    assert again.cues == {
        "reef-night-2": {"scene": "reef-night", "follow": "10 s"},
        "rain-neon-2": {"scene": "rain-neon", "follow": "5 s"},
        "reef-night-3": {"scene": "reef-night"},
    }
    assert again.begin == "reef-night-2"


def parts(of: Cues) -> tuple[Any, Any, Any]:
    return of.bank, of.scenes, of.cues


def test_braces_of_a_timeline_are_braces_and_no_words() -> None:
    assert imported(box(0, 10, "a {glass} sea")).bank == {"glass-sea": "a {{glass}} sea"}


@pytest.mark.parametrize("text", ["next", "random", "42", "!!!", "go"])
def test_names_that_mean_something_else_are_never_given(text: str) -> None:
    (name,) = imported(box(0, 10, text)).bank

    assert name not in ("next", "random", "go", "42", "")


def test_one_step_is_two_because_one_never_arrives() -> None:
    (scene,) = imported(box(0, 10, REEF, transitionSteps=1)).scenes.values()

    assert scene["fade"] == "2 chunks"


def test_an_older_timeline_with_a_text_alone_is_read_too() -> None:
    document = {"prompts": [{"startTime": 0, "endTime": 5, "text": REEF}], "version": "1.0"}

    assert timeline.parse(document, "t.json").boxes == (Box(0, 5, ((REEF, 1.0),)),)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ([], "t.json is no timeline of Scope: it has no list of prompts"),
        ({"prompts": {}}, "t.json is no timeline of Scope: it has no list of prompts"),
        ({"prompts": [], "version": "3.0"}, "t.json is a timeline of version 3.0, and this scope-bridge reads 1 and 2"),
        ({"prompts": []}, "t.json has no prompt with a length: there is nothing to make cues of"),
        ({"prompts": [box(0, 1, "a"), "b"]}, "t.json: prompt 2 is no object"),
        ({"prompts": [{"endTime": 1, "text": "a"}]}, "t.json: prompt 1: startTime is None, and it is a number from 0"),
        ({"prompts": [box(-1, 1, "a")]}, "t.json: prompt 1: startTime is -1, and it is a number from 0"),
        ({"prompts": [box(0, 1, "a", transitionSteps="4")]}, "t.json: prompt 1: transitionSteps is '4', and it is"),
        ({"prompts": [box(0, 1)]}, "t.json: prompt 1 has no text"),
        ({"prompts": [box(0, 1, ("a", 0))]}, "t.json: prompt 1 has no text with a weight"),
        ({"prompts": [box(0, 1, *"abcde")]}, "t.json: prompt 1 mixes 5 prompts, and at most 4 can be mixed"),
        ({"prompts": [{"startTime": 0, "endTime": 1, "prompts": ["a"]}]}, "t.json: prompt 1 holds a prompt without"),
    ],
)
def test_what_is_no_timeline_is_said_with_its_place(document: Any, message: str) -> None:
    with pytest.raises(Refused) as error:
        timeline.parse(document, "t.json")
    assert str(error.value).startswith(message)


def test_what_the_settings_ask_for_beyond_the_cues_is_told() -> None:
    settings = export((0.0, {"denoising_step_list": [1000, 500]}))["settings"]

    assert timeline.unused(settings) == [
        "scope.pipeline: longlive",
        "scope.load: {width: 576, height: 320}",
        "start: {denoising_step_list: [1000, 500]}",
        "start: {base_seed: 7}",
        "scope.load: {quantization: fp8_e4m3fn}",
        "loras: arcane.safetensors at 0.5",
    ]


odd = st.sampled_from([None, True, -1, 0, 1, 2.5, float("nan"), float("inf"), "", "4", [], {}, [1], {"text": 5}])
boxes = st.fixed_dictionaries(
    {},
    optional={
        "startTime": st.integers(0, 9) | odd,
        "endTime": st.integers(0, 99) | odd,
        "text": st.text(max_size=5) | odd,
        "prompts": odd
        | st.lists(odd | st.fixed_dictionaries({"text": st.text(max_size=5) | odd, "weight": st.integers(0, 9) | odd})),
        "transitionSteps": st.integers(0, 9) | odd,
        "temporalInterpolationMethod": odd,
    },
)
settings_of_any_kind = odd | st.dictionaries(st.sampled_from(["pipelineId", "resolution", "loras", "seed", "new"]), odd)


@given(odd | st.lists(boxes | odd), odd | st.just("2.1"), settings_of_any_kind)
def test_no_json_makes_the_import_fail_in_another_way(listed: Any, version: Any, settings: Any) -> None:
    said = ""
    try:
        read = timeline.parse({"prompts": listed, "version": version, "settings": settings}, "t.json")
        timeline.unused(read.settings)
        assert timeline.cues(read, Taken()).cues
    except Refused as error:
        said = str(error)
    assert not said or "t.json" in said


lengths = st.lists(
    st.tuples(st.integers(1, 300), st.sampled_from([REEF, NEON, "third"]), st.sampled_from([0, 2, 4])), min_size=1
)


@given(lengths)
def test_a_timeline_of_a_show_brings_back_the_show(stretches: list[tuple[int, str, int]]) -> None:
    told, time, before = [], 0.0, ""
    starts = []
    for length, text, steps in stretches:
        if text != before:
            told.append((time, prompts(text, steps=steps)))
            starts.append(time)
        time, before = time + length, text
    document = json.loads(json.dumps(timeline.export(told, time, "longlive", {}, False)[0]))

    new = timeline.cues(timeline.parse(document, "t.json"), Taken())

    played, at = [], 0.0
    for cue in new.cues.values():
        assert "wait" not in cue
        scene = new.scenes[cue["scene"]]
        played.append((at, new.bank[scene.get("set", scene)["prompt"]], scene.get("fade", "cut")))
        at += float(cue["follow"].removesuffix(" s")) if "follow" in cue else 0.0
    wanted = [
        (
            time,
            body["prompts"][0]["text"],
            f"{body['transition']['num_steps']} chunks" if "transition" in body else "cut",
        )
        for time, body in told
    ]
    assert played == wanted
