"""What outlives the process."""

import json
from dataclasses import replace
from typing import Any

import pytest

from bridge.mapping import Mapping, compile
from bridge.profile.model import Cue, Page, Profile, Prompts, Scene, Setting, TempoSource
from tests.mapping.build import PROMPTS, route, send, target_of

SHOW = Profile(
    "test.yaml",
    prompts=Prompts(PROMPTS.bank, PROMPTS.words, slots=("a", "b")),
    images={"face": "refs/face.png"},
    scenes={"drop": Scene("drop", {"noise_scale": Setting(target_of("noise_scale"), 1.0)})},
    cues={"first": Cue("first", "drop")},
    pages={"perform": Page("perform"), "looks": Page("looks")},
)


def resumed(found: dict[str, Any], profile: Profile = SHOW) -> Mapping:
    """Return the show after a restart with what was found on the disk."""
    show = compile(profile)
    show.resume(json.loads(json.dumps(found)))
    return show


@pytest.mark.parametrize(
    ("target", "kept", "refused"),
    [
        ("noise_scale", 0.25, "loud"),
        ("noise_scale", 1, True),
        ("noise_scale", 0.5, None),
        ("manage_cache", False, 0),
        ("denoising_step_list", [900, 300], [900, "x"]),
        ("denoising_step_list", [900, 300], []),
        ("denoising_step_list", [900, 300], [300, 900]),
        ("spatial_interpolation_method", "slerp", 1),
        ("param/motion", {"x": [1]}, None),
        ("prompt", "neon", 7),
        ("prompt/b/text", "neon", ["neon"]),
        ("prompt/b/weight", 0.5, "heavy"),
        ("word/mood", "tense", 0.5),
        ("image/reference", "face", 3),
    ],
)
def test_a_value_is_taken_back_if_it_is_of_the_kind_that_its_target_has(target: str, kept: Any, refused: Any) -> None:
    taken = resumed({"values": {target: kept}})
    assert taken.state()["values"] == {target: kept}
    assert not taken.waiting

    if refused is not None:
        assert resumed({"values": {target: refused}}).state()["values"] == {}


def test_numbers_that_are_none_are_left_and_so_is_what_only_happens_or_is_gone() -> None:
    show = compile(SHOW)
    gone = {"noise_scale": float("nan"), "vace_context_scale": float("inf"), "reset_cache": True, "lora/gone": 1.0}
    show.resume({"values": {**gone, "scene/drop": 1, "ctrl/mouse": [1, 2]}})

    assert show.state()["values"] == {}
    assert show.take(0.0) == []
    assert send(show, 0, 0, path="panel/ctrl/mouse") == {"ctrl_input": {"mouse": [0.0, 0.0]}}


def test_a_parameter_that_routes_mix_takes_only_a_number_back() -> None:
    mixed = Profile("test.yaml", routes=(route("param/motion", source=(0, 1), out=(0, 5), mix="add"),))

    assert resumed({"values": {"param/motion": 3}}, mixed).state()["values"] == {"param/motion": 3}
    assert resumed({"values": {"param/motion": "fast"}}, mixed).state()["values"] == {"param/motion": "fast"}


def test_a_tapped_tempo_goes_on_where_the_profile_names_none() -> None:
    old = compile(SHOW)
    for tap in (10.0, 10.6, 11.2):
        send(old, path="panel/tap", now=tap)
    fixed = Profile("test.yaml", tempo=(TempoSource("link"), TempoSource("bpm", bpm=90.0)))

    assert resumed(old.state()).around.times.tempo.bpm == pytest.approx(100.0)
    assert resumed(old.state(), fixed).around.times.tempo.bpm == 90.0
    assert resumed(old.state(), replace(fixed, tempo=fixed.tempo[1:])).around.times.tempo.bpm == 90.0
    assert resumed(old.state(), replace(fixed, tempo=fixed.tempo[:1])).around.times.tempo.bpm == pytest.approx(100.0)
    assert resumed({"bpm": True}).around.times.tempo.bpm == 120.0


def test_a_tempo_that_nobody_said_is_not_kept_as_one() -> None:
    state = compile(SHOW).state()

    assert state["bpm"] is None
    assert not resumed(state).around.times.tempo.said


def test_the_scene_the_cue_and_the_page_are_those_that_were_and_a_page_is_a_signal_only_when_it_turns() -> None:
    profile = Profile(
        "test.yaml",
        routes=(route("manage_cache", signal="page/perform"),),
        scenes=SHOW.scenes,
        cues=SHOW.cues,
        pages=SHOW.pages,
    )
    show = resumed({"scene": "drop", "cue": "first", "pages": ["looks"]}, profile)
    assert (show.around.scene, show.director.cue, show.around.pages.current) == ("drop", "first", ("looks",))
    assert send(show, path="panel/page/looks") == {}
    assert send(show, path="panel/page/perform") == {"manage_cache": True}


def test_snapshots_are_kept_by_their_number() -> None:
    show = resumed({"snapshots": {"3": {"noise_scale": 0.3}, "x": {"noise_scale": 0.4}, "-1": {}, "4": 7}})

    assert show.director.snapshots == {3: {"noise_scale": 0.3}, 4: {}}
    assert send(show, path="panel/snapshot/recall/3") == {"noise_scale": 0.3}
    assert resumed(show.state()).director.snapshots == show.director.snapshots


def test_chance_goes_on_where_it_was() -> None:
    old = compile(SHOW)
    for _ in range(3):
        send(old, path="panel/seed/random")
    new = resumed(old.state())

    assert send(new, path="panel/seed/random") == send(old, path="panel/seed/random")
    assert new.state()["seed"] == old.state()["seed"] == 5


def test_chance_that_was_not_kept_begins_anew() -> None:
    assert send(resumed({"seed": "x"}), path="panel/seed/random") == send(compile(SHOW), path="panel/seed/random")


def test_of_the_prompts_still_to_come_those_stay_that_the_bank_still_has() -> None:
    show = resumed({"bag": ["neon", "gone", 3, "reef"]})

    assert show.state()["bag"] == ["neon", "reef"]
