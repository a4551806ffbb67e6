"""Scenes, cues, snapshots, undo and panic."""

from dataclasses import replace
from typing import Any

import pytest

from bridge.mapping import Mapping, compile
from bridge.profile.durations import CUT, Duration, Unit
from bridge.profile.filters import Curve
from bridge.profile.model import Cue, Profile, Route, Scene, Setting, TempoSource
from bridge.profile.outputs import Ndi
from bridge.signals import Batch
from bridge.verbs import Level, SaveScene
from tests.mapping.build import PROMPTS, act, send, target_of, told

BASE = Profile(
    "test.yaml",
    prompts=replace(PROMPTS, fade=Duration(4, Unit.CHUNKS)),
    outputs={"program": Ndi("Scope Bridge")},
    loras={"arcane": "arcane.safetensors"},
    tempo=(TempoSource("bpm", bpm=120.0),),
)


def scene(
    name: str,
    fade: Duration = CUT,
    curve: Curve | None = None,
    fades: dict[str, Duration] | None = None,
    **values: Any,
) -> Scene:
    texts = {key.replace("__", "/"): value for key, value in values.items()}
    return Scene(
        name,
        {text: Setting(target_of(text, BASE), value, (fades or {}).get(text)) for text, value in texts.items()},
        fade,
        curve,
    )


def show(*scenes: Scene, cues: tuple[Cue, ...] = (), routes: tuple[str, ...] = (), **more: Any) -> Mapping:
    profile = replace(
        BASE, scenes={each.name: each for each in scenes}, cues={each.name: each for each in cues}, **more
    )
    made = tuple(
        Route(text.split(" -> ")[0], target_of(text.split(" -> ")[1], profile), text.split(" -> ")[1])
        for text in routes
    )
    return compile(replace(profile, routes=made))


def press(mapping: Mapping, target: str, now: float = 0.0) -> dict[str, Any]:
    return send(mapping, path=f"panel/{target}", now=now)


def text_of(changes: dict[str, Any]) -> str:
    return str(changes["prompts"]["prompts"][0]["text"])


def test_a_scene_sets_everything_it_names_at_once_and_nothing_else() -> None:
    mapping = show(scene("drop", noise_scale=0.8, prompt="neon", lora__arcane=1.1))
    send(mapping, 1.5, path="panel/vace_context_scale")

    changes = press(mapping, "scene/drop")

    assert changes["noise_scale"] == 0.8
    assert changes["lora_scales"] == [{"path": "arcane.safetensors", "scale": 1.1}]
    assert text_of(changes) == "neon rain"
    assert changes["prompts"]["transition"]["num_steps"] == 4
    assert set(changes) == {"noise_scale", "lora_scales", "prompts"}


@pytest.mark.parametrize(
    ("fade", "half"),
    [
        (Duration(2.0), 1.0),
        (Duration(2, Unit.BARS), 2.0),
        (Duration(4, Unit.BEATS), 1.0),
        (Duration(4, Unit.CHUNKS), 1.5),
    ],
)
def test_a_scene_fades_over_time_beats_bars_and_chunks(fade: Duration, half: float) -> None:
    mapping = show(scene("drop", fade, noise_scale=0.8), start={"noise_scale": (target_of("noise_scale"), 0.2)})
    press(mapping, "scene/drop")

    assert told(mapping, half)["noise_scale"] == pytest.approx(0.5, abs=0.01)
    mapping.tick(2 * half + 0.1)
    assert told(mapping, 2 * half + 0.1) == {"noise_scale": 0.8}
    assert not mapping.moving


def test_a_fade_has_a_curve_and_one_key_its_own_time() -> None:
    fades = {"vace_context_scale": Duration(4.0)}
    mapping = show(scene("drop", Duration(2.0), Curve("power", 2.0), fades, noise_scale=1.0, vace_context_scale=2.0))
    send(mapping, 0.0, path="panel/noise_scale")
    send(mapping, 0.0, path="panel/vace_context_scale")
    press(mapping, "scene/drop")

    changes = told(mapping, 1.0)
    assert changes["noise_scale"] == pytest.approx(0.25, abs=0.01)
    assert changes["vace_context_scale"] == pytest.approx(2 / 16, abs=0.01)


def test_a_key_that_cuts_in_a_scene_that_fades_cuts() -> None:
    mapping = show(scene("drop", Duration(2.0), fades={"noise_scale": CUT}, noise_scale=1.0))

    assert press(mapping, "scene/drop") == {"noise_scale": 1.0}


def test_the_prompt_of_a_scene_fades_as_long_as_the_scene() -> None:
    mapping = show(scene("drop", Duration(2, Unit.BARS), prompt="neon"))

    assert press(mapping, "scene/drop")["prompts"]["transition"]["num_steps"] == round(4 / 0.75)


def test_a_hand_takes_its_target_out_of_a_fade() -> None:
    mapping = show(scene("drop", Duration(2.0), noise_scale=1.0, vace_context_scale=2.0))
    press(mapping, "scene/drop")
    told(mapping, 1.0)

    assert send(mapping, 0.1, path="panel/noise_scale", now=1.0)["noise_scale"] == 0.1
    assert set(told(mapping, 1.5)) == {"vace_context_scale"}


def test_a_scene_interrupts_the_one_that_fades_from_where_it_is() -> None:
    mapping = show(scene("up", Duration(2.0), noise_scale=1.0), scene("down", Duration(1.0), noise_scale=0.0))
    send(mapping, 0.0, path="panel/noise_scale")
    press(mapping, "scene/up")
    told(mapping, 1.0)
    press(mapping, "scene/down", now=1.0)

    assert told(mapping, 1.5)["noise_scale"] == pytest.approx(0.25, abs=0.02)
    mapping.tick(2.2)
    assert told(mapping, 2.2) == {"noise_scale": 0.0}


def test_an_output_fades_to_black_in_a_scene() -> None:
    mapping = show(scene("dark", Duration(1.0), output__all__level=0.0))
    press(mapping, "scene/dark")
    verbs = mapping.tick(0.5).verbs
    assert isinstance(verbs[-1], Level)
    assert verbs[-1].level == pytest.approx(0.5, abs=0.02)
    assert mapping.tick(1.5).verbs[-1] == Level("all", 0.0)


def test_a_whole_number_does_not_fade() -> None:
    mapping = show(scene("drop", Duration(2.0), base_seed=7))

    assert press(mapping, "scene/drop") == {"base_seed": 7}


CUES = (
    Cue("doors", "intro"),
    Cue("first", "drop", wait=Duration(1, Unit.BARS), follow=Duration(3.0)),
    Cue("last", "intro"),
)
INTRO, DROP = scene("intro", noise_scale=0.1), scene("drop", noise_scale=0.9)


def test_cues_go_one_after_the_other_wait_for_their_line_and_follow_by_themselves() -> None:
    mapping = show(INTRO, DROP, cues=CUES)
    assert press(mapping, "cue/go", now=10.0) == {"noise_scale": 0.1}

    assert press(mapping, "cue/go", now=10.3) == {}
    assert mapping.director.coming == "first"
    assert mapping.moving
    assert told(mapping, 11.9) == {}
    assert told(mapping, 12.05) == {"noise_scale": 0.9}
    assert told(mapping, 14.9) == {}
    assert told(mapping, 15.1) == {"noise_scale": 0.1}
    assert mapping.director.cue == "last"
    assert not mapping.moving


def test_a_cue_is_reached_by_its_name_and_back_acts_at_once() -> None:
    mapping = show(INTRO, DROP, cues=CUES)
    press(mapping, "cue/last", now=1.0)

    assert press(mapping, "cue/back", now=1.1) == {"noise_scale": 0.9}
    assert mapping.director.cue == "first"
    assert press(mapping, "cue/back", now=1.2) == {"noise_scale": 0.1}
    assert act(mapping, path="panel/cue/back", now=1.3) == []
    assert mapping.feed(Batch(1.4, [("panel/cue/back", ())])).refused == ["there is no cue before this one"]


def test_go_on_a_cue_that_waits_goes_to_the_one_after_it() -> None:
    mapping = show(INTRO, DROP, cues=CUES)
    press(mapping, "cue/go", now=10.0)
    press(mapping, "cue/go", now=10.1)
    assert mapping.director.coming == "first"
    press(mapping, "cue/go", now=10.2)

    assert mapping.director.cue == "last"
    assert mapping.feed(Batch(10.3, [("panel/cue/go", ())])).refused == ["this was the last cue"]


def test_the_measured_latency_is_taken_off_the_line() -> None:
    mapping = show(INTRO, DROP, cues=CUES)
    mapping.feed(Batch(10.0, [("scope/latency", (0.5,)), ("panel/cue/first", ())]))
    press(mapping, "cue/first", now=10.4)

    assert told(mapping, 11.4) == {}
    assert told(mapping, 11.55) == {"noise_scale": 0.9}


def test_a_latency_longer_than_the_wait_means_the_next_line() -> None:
    mapping = show(INTRO, DROP, cues=CUES)
    mapping.feed(Batch(10.0, [("scope/latency", (2.5,))]))
    press(mapping, "cue/first", now=10.4)

    assert told(mapping, 11.4) == {}
    assert told(mapping, 11.55) == {"noise_scale": 0.9}  # whose picture comes on the line at 14 s


def test_a_cue_that_waits_comes_on_the_line_of_the_tempo_that_there_is_then() -> None:
    mapping = show(INTRO, DROP, cues=CUES)
    mapping.tick(10.0)
    press(mapping, "cue/first", now=10.4)
    mapping.tick(11.0)
    mapping.around.times.tempo.turn_to(60.0, 11.0)  # two beats of the bar are left

    assert told(mapping, 12.9) == {}
    assert told(mapping, 13.05) == {"noise_scale": 0.9}


def test_a_cue_that_waits_for_a_latency_that_is_measured_meanwhile_heeds_it() -> None:
    mapping = show(INTRO, DROP, cues=CUES)
    mapping.tick(10.0)
    press(mapping, "cue/first", now=10.4)
    mapping.feed(Batch(10.5, [("scope/latency", (0.5,))]))

    assert told(mapping, 11.45) == {}
    assert told(mapping, 11.55) == {"noise_scale": 0.9}


def test_a_snapshot_brings_back_everything_that_was_set() -> None:
    mapping = show(scene("drop", noise_scale=0.9, prompt="neon"), start={"prompt": (target_of("prompt"), "reef")})
    send(mapping, 0.3, path="panel/noise_scale")
    press(mapping, "snapshot/save/1")
    press(mapping, "scene/drop")

    changes = press(mapping, "snapshot/recall/1")
    assert changes["noise_scale"] == 0.3
    assert text_of(changes) == "a reef, calm"
    assert mapping.feed(Batch(0.0, [("panel/snapshot/recall/2", ())])).refused == ["nothing is kept as snapshot 2"]


def test_undo_takes_back_scenes_and_prompts_one_after_the_other() -> None:
    mapping = show(
        scene("a", noise_scale=0.1), scene("b", noise_scale=0.2), start={"prompt": (target_of("prompt"), "reef")}
    )
    press(mapping, "scene/a")
    press(mapping, "scene/b")
    press(mapping, "prompt/neon")

    assert text_of(press(mapping, "undo")) == "a reef, calm"
    assert press(mapping, "undo") == {"noise_scale": 0.1}
    assert mapping.around.scene == "a"
    press(mapping, "undo")
    assert mapping.feed(Batch(0.0, [("panel/undo", ())])).refused == ["there is nothing to take back"]


def test_panic_fades_everything_to_safe_and_what_moves_by_itself_rests_until_the_next_scene() -> None:
    safe = scene("intro", noise_scale=0.2)
    lfo = Route(
        "lfo/square",
        target_of("vace_context_scale"),
        "vace_context_scale",
        source=(0, 1),
        period=Duration(1.0),
        mix="add",
        out=(0.0, 1.0),
    )
    mapping = compile(replace(BASE, scenes={"intro": safe}, safe=safe, routes=(lfo,)))
    send(mapping, 1.0, path="panel/noise_scale")
    assert mapping.states()[0].asked == 2.0

    press(mapping, "panic", now=0.1)
    assert mapping.states()[0].asked == 1.0
    assert told(mapping, 1.1)["noise_scale"] == pytest.approx(0.6, abs=0.02)
    assert told(mapping, 2.2)["noise_scale"] == 0.2
    assert mapping.states()[0].asked == 1.0
    press(mapping, "scene/intro", now=3.1)
    assert mapping.states()[0].asked == 2.0


def test_panic_without_safe_fades_to_the_start_and_no_cue_comes_any_more() -> None:
    mapping = show(INTRO, DROP, cues=CUES, start={"noise_scale": (target_of("noise_scale"), 0.5)})
    press(mapping, "cue/go", now=10.0)
    press(mapping, "cue/go", now=10.3)
    press(mapping, "panic", now=10.4)

    assert told(mapping, 12.6) == {"noise_scale": 0.5}
    assert told(mapping, 20.0) == {}


def test_a_scene_of_what_is_live_holds_what_scope_shows() -> None:
    mapping = show(scene("drop", noise_scale=0.9), start={"prompt": (target_of("prompt"), "reef")})
    send(mapping, 0.5, path="panel/output/all/level")
    send(mapping, 0.25, path="panel/noise_scale")
    send(mapping, "tense", path="panel/word/mood")

    assert act(mapping, path="panel/scene/save/mine") == [
        SaveScene("mine", {"noise_scale": 0.25, "prompt": "reef", "word/mood": "tense"})
    ]


def test_what_is_no_target_is_unknown() -> None:
    assert not compile(BASE).knows("panel/scene/nowhere")


def test_a_scene_that_changes_nothing_tells_nothing() -> None:
    intro = scene("intro", noise_scale=0.4, prompt="reef", lora__arcane=0.2)
    mapping = show(intro, safe=intro)
    assert set(press(mapping, "scene/intro")) == {"noise_scale", "prompts", "lora_scales"}

    assert press(mapping, "scene/intro", now=9.0) == {}
    assert press(mapping, "panic", now=10.0) == {}
    assert told(mapping, 15.0) == {}
