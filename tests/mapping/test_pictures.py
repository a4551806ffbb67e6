"""What a show does with pictures: where in its film a source is, the key of an output, the source past Scope, the tape."""

from dataclasses import replace
from typing import Any

import pytest

from bridge.mapping import Mapping, compile
from bridge.profile.durations import CUT, Duration
from bridge.profile.inputs import Video
from bridge.profile.model import Profile, Scene, Setting
from bridge.profile.outputs import Alpha, Ndi, Recording
from bridge.signals import Batch
from bridge.verbs import Bypass, Key, Record, Seek, Verb
from tests.mapping.build import PROMPTS, act, route, target_of

SHOW = Profile(
    "test.yaml",
    prompts=PROMPTS,
    inputs={"cam": Video("camera", "0"), "film": Video("file", "a.mp4")},
    outputs={"program": Ndi("A", alpha=Alpha("luma", threshold=0.2)), "plain": Ndi("B"), "tape": Recording("a.mp4")},
)


def profile_of(*routes: str, scenes: dict[str, dict[str, Any]] | None = None, fade: Duration = CUT) -> Profile:
    """Return a profile with routes from `td/x` to these targets, and scenes of these values which take that long."""
    made = {
        name: Scene(name, {text: Setting(target_of(text, SHOW), value) for text, value in values.items()}, fade)
        for name, values in (scenes or {}).items()
    }
    return replace(SHOW, routes=tuple(route(text, profile=SHOW) for text in routes), scenes=made)


def playing(*routes: str, **more: Any) -> Mapping:
    """Return the show of such a profile."""
    return compile(profile_of(*routes, **more))


def recalled(show: Mapping, name: str, until: float, since: float = 0.0) -> list[Verb]:
    """Return what a scene brings from when it is recalled, in steps of half a second."""
    verbs = list(act(show, path=f"panel/scene/{name}", now=since))
    for step in range(round((until - since) * 2) + 1):
        verbs += show.tick(since + step / 2).verbs
    return verbs


def test_a_fader_takes_a_film_to_any_place_of_it() -> None:
    show = playing("source/film/position")

    assert [act(show, at) for at in (0.25, 7.0, -1.0)] == [
        [Seek("film", 0.25)],
        [Seek("film", 1.0)],
        [Seek("film", 0.0)],
    ]


def test_the_same_place_again_is_a_move_because_the_film_went_on() -> None:
    show = playing("source/film/position", scenes={"drop": {"source/film/position": 0.5}})

    assert act(show, 0.5) == act(show, 0.5) == [Seek("film", 0.5)]
    assert recalled(show, "drop", 0.0) == recalled(show, "drop", 1.0, 1.0) == [Seek("film", 0.5)]


def test_a_scene_with_a_fade_takes_a_film_to_its_place_at_once() -> None:
    show = playing(scenes={"drop": {"source/film/position": 0.5}}, fade=Duration(4.0))

    assert recalled(show, "drop", 6.0) == [Seek("film", 0.5)]


def test_neither_an_edit_nor_undo_nor_a_snapshot_moves_a_film() -> None:
    scenes = {"drop": {"source/film/position": 0.5, "noise_scale": 0.3}}
    show = playing("source/film/position", scenes=scenes)
    act(show, 0.25)
    act(show, path="panel/snapshot/save/1")
    act(show, 0.75)
    recalled(show, "drop", 0.0)
    edited = compile(profile_of("manage_cache", scenes=scenes), after=show, now=1.0)

    assert edited.tick(1.0).verbs == []
    assert act(edited, path="panel/undo", now=2.0) == []
    assert act(edited, path="panel/snapshot/recall/1", now=3.0) == []


def test_a_key_fades_from_the_threshold_of_the_profile() -> None:
    show = playing(scenes={"drop": {"output/program/key": 0.6}}, fade=Duration(2.0))
    thresholds = [verb.threshold for verb in recalled(show, "drop", 2.0) if isinstance(verb, Key)]

    assert thresholds == sorted(thresholds)
    assert thresholds[0] == pytest.approx(0.2, abs=0.05)
    assert thresholds[-1] == 0.6


def test_undo_takes_a_key_back_to_the_profile_and_the_source_away() -> None:
    show = playing(scenes={"drop": {"output/program/key": 0.6, "bypass": 1.0}})
    recalled(show, "drop", 0.0)

    assert sorted(act(show, path="panel/undo", now=1.0), key=str) == [Bypass(0.0), Key("program", 0.2)]


def test_a_tape_runs_while_its_switch_is_on_and_a_scene_can_begin_it() -> None:
    show = playing("record", scenes={"drop": {"record": True}})

    assert [act(show, on) for on in (1, 0)] == [[Record(True)], [Record(False)]]
    assert recalled(show, "drop", 0.0) == [Record(True)]


@pytest.mark.parametrize("target", ["source/film/position", "source/2/position"])
def test_a_person_at_the_page_can_move_a_film(target: str) -> None:
    show = playing()

    assert show.feed(Batch(0.0, [(f"panel/{target}", (0.5,))])).verbs == [Seek("film", 0.5)]
