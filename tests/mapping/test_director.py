"""Scenes, cues, undo and panic, at their edges."""

from dataclasses import replace
from typing import Any

import pytest

from bridge.errors import Refused
from bridge.mapping import Mapping, compile
from bridge.profile.durations import CUT, Duration
from bridge.profile.filters import Curve
from bridge.profile.model import Cue, Profile, Scene, Setting
from bridge.signals import Batch
from tests.mapping.build import PROMPTS, mapping, route, send, target_of, told


def scene(name: str, value: float, fade: Duration = CUT) -> Scene:
    return Scene(name, {"noise_scale": Setting(target_of("noise_scale"), value)}, fade)


SHOW = Profile(
    "test.yaml",
    prompts=PROMPTS,
    start={"noise_scale": (target_of("noise_scale"), 0.5)},
    scenes={"intro": scene("intro", 0.1), "drop": scene("drop", 0.9)},
    cues={
        "doors": Cue("doors", "intro"),
        "first": Cue("first", "drop", follow=Duration(3.0)),
        "last": Cue("last", "intro", follow=Duration(1.0)),
    },
)


def press(show: Mapping, target: str, now: float = 0.0) -> dict[str, Any]:
    return send(show, path=f"panel/{target}", now=now)


def refused(show: Mapping, target: str, now: float = 0.0) -> list[str]:
    return show.feed(Batch(now, [(f"panel/{target}", ())])).refused


def test_a_cue_that_somebody_lets_go_takes_the_place_of_the_one_that_would_follow() -> None:
    show = compile(SHOW)
    press(show, "cue/first", now=1.0)
    assert press(show, "cue/doors", now=2.0) == {"noise_scale": 0.1}

    assert told(show, 9.0) == {}
    assert show.director.cue == "doors"
    assert not show.moving


def test_nothing_follows_the_last_cue() -> None:
    show = compile(SHOW)
    assert press(show, "cue/last", now=1.0) == {"noise_scale": 0.1}

    assert not show.moving
    assert told(show, 9.0) == {}


def test_going_back_ends_what_waits_and_what_follows() -> None:
    show = compile(SHOW)
    press(show, "cue/first", now=1.0)
    assert press(show, "cue/back", now=1.1) == {"noise_scale": 0.1}

    assert not show.moving
    assert (show.director.cue, told(show, 9.0)) == ("doors", {})


def test_the_first_go_is_the_first_cue_and_there_is_nothing_before_it() -> None:
    show = compile(SHOW)
    press(show, "cue/go")
    assert show.director.cue == "doors"
    assert refused(show, "cue/back") == ["there is no cue before this one"]


def test_what_is_not_there_is_refused_by_its_name() -> None:
    show = compile(replace(SHOW, cues={}))

    with pytest.raises(Refused, match=r"^there is no cue called 'nowhere'$"):
        show.director.go("nowhere", 0.0)
    with pytest.raises(Refused, match=r"^there is no scene called 'nowhere'$"):
        show.director.recall("nowhere", 0.0)
    with pytest.raises(Refused, match=r"^this profile has no cues$"):
        show.director.step(1, 0.0)
    with pytest.raises(Refused, match=r"^there is nothing to take back$"):
        show.director.undo(0.0)


def test_a_panic_is_taken_back_like_anything_else_and_the_scene_is_the_one_before() -> None:
    show = compile(replace(SHOW, start_scene="intro"))
    press(show, "scene/drop")
    press(show, "panic", now=1.0)
    assert show.around.scene == "intro"
    assert told(show, 4.0) == {"noise_scale": 0.5}

    assert press(show, "undo", now=5.0) == {"noise_scale": 0.9}
    assert show.around.scene == "drop"


def test_a_panic_without_any_scene_to_go_to_leaves_none_in_force() -> None:
    show = compile(SHOW)
    press(show, "scene/drop")
    press(show, "panic", now=1.0)

    assert show.around.scene is None


@pytest.mark.parametrize(
    ("own", "of_the_scene", "half"),
    [(None, None, 0.5), (None, Curve("power", 2.0), 0.25), (Curve("power", 3.0), Curve("power", 2.0), 0.125)],
)
def test_panic_and_scenes_fade_along_the_curve_of_a_target_or_of_the_scene(
    own: Curve | None, of_the_scene: Curve | None, half: float
) -> None:
    settings = {"noise_scale": Setting(target_of("noise_scale"), 1.0, curve=own)}
    safe = Scene("safe", settings, Duration(4.0), of_the_scene)
    for target in ("panic", "scene/safe"):
        show = compile(replace(SHOW, scenes={"safe": safe}, safe=safe))
        send(show, 0.0, path="panel/noise_scale")
        press(show, target)

        assert told(show, 2.0)["noise_scale"] == pytest.approx(half, abs=0.01)


def test_panic_takes_its_time_where_safe_has_none() -> None:
    safe = scene("safe", 1.0)
    show = compile(replace(SHOW, scenes={"safe": safe}, safe=safe))
    send(show, 0.0, path="panel/noise_scale")
    press(show, "panic")

    assert told(show, 1.0)["noise_scale"] == pytest.approx(0.5, abs=0.01)
    assert told(show, 2.1) == {"noise_scale": 1.0}


def test_one_can_take_back_the_last_sixteen() -> None:
    steps = {f"s{number}": scene(f"s{number}", number / 20) for number in range(20)}
    show = compile(replace(SHOW, scenes=steps))
    for name in steps:
        press(show, f"scene/{name}")
    taken = [press(show, "undo").get("noise_scale") for _ in range(16)]

    assert taken == [number / 20 for number in range(18, 2, -1)]
    assert refused(show, "undo") == ["there is nothing to take back"]


def test_undo_lets_what_rested_after_a_panic_move_again_and_ends_the_cues_that_wait() -> None:
    show = compile(replace(SHOW, routes=(route("vace_context_scale", signal="lfo/saw", source=(0, 1)),)))
    press(show, "cue/first", now=0.0)
    press(show, "panic", now=0.5)
    told(show, 3.0)
    assert told(show, 4.0) == {}
    press(show, "undo", now=4.0)

    assert "vace_context_scale" in told(show, 4.5)
    assert show.director.cue == "first"
    assert "noise_scale" not in told(show, 9.0)


def test_a_scene_sets_how_deep_a_route_acts_from_where_it_stood() -> None:
    depth = {"route/kick/amount": 0.0}
    kick = route("vace_context_scale", source=(0, 1), out=(0.0, 1.0), mix="add", name="kick")
    base = replace(SHOW, routes=(kick,))
    settings = {text: Setting(target_of(text, base), value) for text, value in depth.items()}
    show = mapping(kick, profile=replace(base, scenes={"calm": Scene("calm", settings, Duration(2.0))}))
    assert send(show, 0.5) == {"vace_context_scale": 1.5}
    press(show, "scene/calm")

    assert told(show, 1.0)["vace_context_scale"] == pytest.approx(1.25, abs=0.01)
    assert told(show, 2.1) == {"vace_context_scale": 1.0}
