"""Several Scopes, each with its mapping, in one show."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.mapping import Ensemble, compile, compile_all
from bridge.profile.durations import Duration, Unit
from bridge.profile.filters import Smooth, Wait, When
from bridge.profile.inputs import Video
from bridge.profile.model import (
    Cue,
    Node,
    OfScope,
    Page,
    ParameterTarget,
    Profile,
    Prompts,
    Route,
    Scene,
    SceneTarget,
    Scope,
    Setting,
    TempoSource,
)
from bridge.profile.outputs import Ndi
from bridge.signals import Batch, Value
from bridge.verbs import Freeze, Level, RunPipeline, SaveScene, ServerRecord, Standby, UseSource
from tests.mapping.build import PROMPTS, target_of

SCOPES = {"left": Scope("http://a:8000", name="left"), "right": Scope("http://b:8000", name="right")}
ONE = Profile(
    "test.yaml",
    prompts=replace(PROMPTS, bank={name: name for name in ("reef", "neon", "moss", "rust", "fog")}),
    outputs={"program": Ndi("Scope Bridge")},
    loras={"arcane": "a.pt", "ghibli": "g.pt"},
    tempo=(TempoSource("bpm", bpm=120.0),),
)
TWO = replace(ONE, scope=SCOPES["left"], scopes=SCOPES)


def route(text: str, *filters: Any, **options: Any) -> Route:
    """Return a route of the show with two Scopes, as `signal -> target`."""
    signal, target = text.split(" -> ")
    return Route(signal, None if "{" in target else target_of(target, TWO), target, filters, **options)


def scene(name: str, **values: Any) -> Scene:
    texts = {key.replace("__", "/"): value for key, value in values.items()}
    return Scene(name, {text: Setting(target_of(text, TWO), value) for text, value in texts.items()})


def show(*routes: Route, profile: Profile = TWO, **more: Any) -> Ensemble:
    return compile_all(replace(profile, routes=routes, **more))


def start(profile: Profile = TWO, **values: Any) -> dict[str, Any]:
    texts = {key.replace("__", "/"): value for key, value in values.items()}
    return {text: (target_of(text, profile), value) for text, value in texts.items()}


def send(show: Ensemble, path: str, *values: Value, now: float = 0.0) -> dict[str, dict[str, Any]]:
    """Send one message and return what each Scope is told then, by name, if anything."""
    show.feed(Batch(now, [(path, values)]))
    return told(show, now)


def told(show: Ensemble, now: float) -> dict[str, dict[str, Any]]:
    taken = {name: {change.parameter: change.value for change in part.take(now)} for name, part in show.parts.items()}
    return {name: changes for name, changes in taken.items() if changes}


def both(changes: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {"left": changes, "right": changes}


# One Scope


def test_one_scope_is_one_part_without_a_name_and_nothing_is_different() -> None:
    routes = (Route("td/x", target_of("noise_scale"), "noise_scale"),)
    ensemble, alone = show(*routes, profile=ONE), compile(replace(ONE, routes=routes))
    batch = Batch(0.0, [("td/x", (0.4,)), ("panel/scene/save/mine", ()), ("panel/cue/go", ()), ("/scope/x", ())])

    assert list(ensemble.parts) == [""]
    assert ensemble.lead is ensemble.parts[""]
    assert ensemble.feed(batch) == alone.feed(batch)
    assert ensemble.waiting() is True
    assert ensemble.parts[""].take(0.0) == alone.take(0.0)
    assert (ensemble.state(), ensemble.states(), ensemble.moving) == (alone.state(), alone.states(), alone.moving)
    assert [ensemble.knows(path) for path in ("td/x", "scope/chunk", "td/z")] == [True, True, False]


def test_a_show_with_one_scope_that_has_a_name_can_say_it() -> None:
    named = replace(ONE, scope=SCOPES["left"], scopes={"left": SCOPES["left"]})
    ensemble = show(profile=named)

    assert send(ensemble, "panel/left/noise_scale", 0.4) == {"left": {"noise_scale": 0.4}}
    assert ensemble.feed(Batch(0.0, [("panel/pipeline/memflow", ())])).verbs == [RunPipeline("memflow", "left")]
    ensemble.feed(Batch(0.0, [("left/scope/chunk", (0.3,))]))
    assert ensemble.lead.around.times.chunk == 0.3


def test_the_mapping_of_a_profile_with_several_is_that_of_the_first() -> None:
    first = compile(replace(TWO, start=start(left__noise_scale=0.2, right__noise_scale=0.7)))

    assert first.initial()["noise_scale"] == 0.2


# What each is told


def test_a_target_is_that_of_all_or_of_the_one_that_it_names() -> None:
    ensemble = show(route("td/all -> noise_scale"), route("td/l -> left/noise_scale"))

    assert send(ensemble, "td/all", 0.4) == both({"noise_scale": 0.4})
    assert send(ensemble, "td/l", 0.8) == {"left": {"noise_scale": 0.8}}
    assert send(ensemble, "panel/right/noise_scale", 0.1) == {"right": {"noise_scale": 0.1}}
    assert send(ensemble, "panel/noise_scale", 0.5) == both({"noise_scale": 0.5})
    assert (ensemble.waiting("left"), ensemble.waiting("right")) == (False, False)
    ensemble.feed(Batch(1.0, [("td/l", (0.1,))]))
    assert (ensemble.waiting("left"), ensemble.waiting("right")) == (True, False)


def test_a_pattern_finds_the_targets_of_each() -> None:
    ensemble = show(route("apc/{n}/{m} -> {n}/lora/{m}"))

    assert send(ensemble, "apc/left/arcane", 0.4) == {"left": {"lora_scales": [{"path": "a.pt", "scale": 0.4}]}}
    assert send(ensemble, "apc/right/ghibli", 0.5) == {"right": {"lora_scales": [{"path": "g.pt", "scale": 0.5}]}}
    assert not ensemble.knows("apc/middle/arcane")


def test_across_the_targets_of_several_each_gets_its_share() -> None:
    ends = ("left/lora/arcane", "right/lora/arcane", "left/lora/ghibli")
    across = Route(
        "td/x", None, ", ".join(ends), across=tuple((text, target_of(text, TWO)) for text in ends), source=(0.0, 1.0)
    )
    ensemble = show(across)

    assert send(ensemble, "td/x", 0.25) == {
        "left": {"lora_scales": [{"path": "a.pt", "scale": 0.5}, {"path": "g.pt", "scale": 0.0}]},
        "right": {"lora_scales": [{"path": "a.pt", "scale": 0.5}]},
    }
    assert ensemble.states()[0].asked == [0.5, 0.5, 0.0]


def test_a_pages_own_route_for_one_takes_the_signal_from_all() -> None:
    looks = Page("looks", routes=(route("td/x -> left/vace_context_scale"),))
    ensemble = show(route("td/x -> noise_scale"), pages={"perform": Page("perform"), "looks": looks})
    ensemble.feed(Batch(0.0, [("panel/page/looks", ())]))

    assert send(ensemble, "td/x", 0.4) == {"left": {"vace_context_scale": 0.4}}


def test_the_start_and_scenes_say_it_for_all_and_for_one() -> None:
    ensemble = show(
        start=start(noise_scale=0.3, right__noise_scale=0.6),
        scenes={"drop": scene("drop", left__noise_scale=0.9, noise_scale=0.5, right__prompt="neon")},
    )
    assert [part.initial()["noise_scale"] for part in ensemble.parts.values()] == [0.3, 0.6]
    changes = send(ensemble, "panel/scene/drop")

    assert (changes["left"], changes["right"]["noise_scale"]) == ({"noise_scale": 0.9}, 0.5)
    assert changes["right"]["prompts"]["prompts"] == [{"text": "neon", "weight": 1.0}]


def test_a_node_that_only_one_has_is_told_there_alone() -> None:
    chain = (Node("depth", "video-depth-anything"), Node("longlive", "longlive"))
    scopes = {"left": replace(SCOPES["left"], chain=chain), "right": SCOPES["right"]}
    noise = ParameterTarget(target_of("noise_scale").parameter, node="depth")  # type: ignore[union-attr, arg-type]
    ensemble = show(Route("td/x", noise, "node/depth/noise_scale"), profile=replace(TWO, scopes=scopes))

    assert send(ensemble, "td/x", 0.4) == {"left": {"noise_scale": 0.4}}


def test_what_is_held_back_behind_filters_of_another_scopes_route_is_told_to_nobody_else() -> None:
    ensemble = show(
        route("td/x -> right/noise_scale", Smooth(Duration(0.2), Duration(0.2)), takeover="pickup", name="kick"),
        route("td/y -> right/reset_cache"),
        route("td/z -> right/manage_cache"),
    )
    ensemble.feed(Batch(0.0, [("td/x", (0.0,)), ("td/y", ()), ("td/z", (0,))]))
    ensemble.feed(Batch(0.1, [("td/x", (1.0,)), ("panel/route/kick/amount", (0.5,))]))
    ensemble.tick(3.0)

    assert set(told(ensemble, 3.0)) == {"right"}
    assert ensemble.parts["left"].state()["values"] == {"route/kick/amount": 0.5}
    assert "noise_scale" not in ensemble.parts["left"].touches()


# What the bridge is to do


def test_what_outputs_do_is_said_once_and_what_scopes_do_for_each() -> None:
    scopes = {**SCOPES, "right": replace(SCOPES["right"], standby="http://c:8000")}
    ensemble = show(profile=replace(TWO, scopes=scopes), start=start(output__all__level=0.5))
    assert ensemble.tick(0.0).verbs == [Level("all", 0.5)]

    pressed = [("panel/output/program/freeze", (1,)), ("panel/pipeline/memflow", ()), ("panel/scope/record", (1,))]
    assert ensemble.feed(Batch(0.0, pressed)).verbs == [
        Freeze("program", True),
        RunPipeline("memflow", "left"),
        ServerRecord(True, "left"),
        RunPipeline("memflow", "right"),
        ServerRecord(True, "right"),
    ]
    one = [("panel/right/pipeline/krea-realtime-video", ()), ("panel/standby", (1,))]
    assert ensemble.feed(Batch(0.0, one)).verbs == [
        RunPipeline("krea-realtime-video", "right"),
        Standby(True, "right"),
    ]
    assert ensemble.feed(Batch(0.0, [("panel/left/scope/record", (0,))])).verbs == [ServerRecord(False, "left")]


def test_another_source_is_for_one_or_for_all() -> None:
    ensemble = show(inputs={"cam": Video("pattern", "")})

    assert ensemble.feed(Batch(0.0, [("panel/source/cam", ())])).verbs == [
        UseSource("cam", "left"),
        UseSource("cam", "right"),
    ]
    assert ensemble.feed(Batch(0.0, [("panel/right/source/cam", ())])).verbs == [UseSource("cam", "right")]


def test_a_scene_of_what_is_live_says_for_each_what_they_do_not_agree_about() -> None:
    ensemble = show(route("td/x -> noise_scale", name="kick"), start=start(noise_scale=0.3, prompt="reef"))
    ensemble.feed(
        Batch(
            0.0, [("panel/right/noise_scale", (0.7,)), ("panel/left/lora/arcane", (1.0,)), ("panel/word/mood", ("x",))]
        )
    )

    (saved,) = ensemble.feed(Batch(0.0, [("panel/scene/save/mine", ())])).verbs
    assert saved == SaveScene(
        "mine",
        {
            "prompt": "reef",
            "word/mood": "x",
            "left/noise_scale": 0.3,
            "right/noise_scale": 0.7,
            "left/lora/arcane": 1.0,
        },
    )


def test_a_refusal_is_said_once() -> None:
    ensemble = show(route("td/x -> noise_scale"), route("td/x -> left/vace_context_scale"))
    refused = ensemble.feed(Batch(0.0, [("td/x", ("loud",)), ("panel/snapshot/recall/3", ())])).refused

    number = "a number is wanted, not the text 'loud'"
    assert refused == [number, number, "nothing is kept as snapshot 3"]  # once for each of the two routes
    assert [state.refused for state in ensemble.states()] == [1, 1]


# Alike everywhere


def test_undo_takes_back_the_same_everywhere_also_after_something_that_one_did_alone() -> None:
    ensemble = show(
        scenes={"a": scene("a", noise_scale=0.1), "b": scene("b", noise_scale=0.9)}, start=start(prompt="reef")
    )
    for path in ("panel/scene/a", "panel/scene/b", "panel/left/prompt/neon", "panel/right/prompt/random"):
        send(ensemble, path)

    assert set(send(ensemble, "panel/undo")) == {"right"}
    assert set(send(ensemble, "panel/undo")) == {"left"}
    assert send(ensemble, "panel/undo") == both({"noise_scale": 0.1})
    assert [part.around.scene for part in ensemble.parts.values()] == ["a", "a"]


def test_snapshots_and_panic_are_for_all() -> None:
    ensemble = show(start=start(noise_scale=0.3, right__noise_scale=0.6))
    send(ensemble, "panel/snapshot/save/1")
    send(ensemble, "panel/noise_scale", 0.9)

    back = send(ensemble, "panel/snapshot/recall/1")
    assert back == {"left": {"noise_scale": 0.3}, "right": {"noise_scale": 0.6}}
    send(ensemble, "panel/noise_scale", 0.9, now=1.0)
    send(ensemble, "panel/panic", now=1.0)
    assert told(ensemble, 3.1) == back


def test_chance_is_the_same_for_all_also_after_one_has_chosen_alone() -> None:
    ensemble = show(route("td/x -> noise_scale"))
    assert len(send(ensemble, "panel/left/seed/random")) == 1
    assert len(send(ensemble, "panel/right/prompt/random")) == 1
    seeds = send(ensemble, "panel/seed/random")

    assert seeds["left"] == seeds["right"]


def test_a_random_wave_is_the_same_for_all() -> None:
    ensemble = show(
        route("lfo/random -> right/vace_context_scale", source=(0.0, 1.0), period=Duration(0.5)),
        route("lfo/random -> noise_scale", source=(0.0, 1.0), period=Duration(0.5)),
    )
    ensemble.tick(0.0)
    for now in (0.1, 0.7, 1.3):
        changes = told(ensemble, now)
        assert changes["left"]["noise_scale"] == changes["right"]["noise_scale"]


PATHS = ("td/x", "td/y", "panel/prompt", "panel/noise_scale", "panel/word/mood", "panel/lora/arcane")
EVENTS = (
    "td/go", "panel/scene/a", "panel/cue/go", "panel/undo", "panel/seed/random", "panel/prompt/random", "panel/tap",
    "panel/panic", "panel/snapshot/save/1", "panel/snapshot/recall/1", "panel/page/next", "panel/left/prompt/next",
    "panel/right/seed/random",
)  # fmt: skip


@given(
    st.lists(
        st.tuples(
            st.floats(0.0, 0.7),
            st.one_of(
                st.tuples(
                    st.sampled_from(PATHS), st.one_of(st.floats(-1, 2), st.just("neon")).map(lambda value: (value,))
                ),
                st.tuples(st.sampled_from(EVENTS), st.just(())),
            ),
        ),
        max_size=30,
    )
)
def test_what_is_for_all_is_the_same_for_all(played: list[tuple[float, tuple[str, tuple[Value, ...]]]]) -> None:
    """Only the prompt, which one has to itself here, may be another one; and each is as a show would be alone."""
    ensemble = show(
        route("td/x -> noise_scale", Smooth(Duration(0.3), Duration(0.3)), source=(0.0, 1.0)),
        route("td/y -> noise_scale", source=(0.0, 1.0), out=(0.0, 0.2), mix="add"),
        route("td/go -> cue/go", Wait(Duration(1, Unit.BEATS))),
        scenes={"a": replace(scene("a", noise_scale=0.1, lora__arcane=1.0), fade=Duration(1.0))},
        cues={"one": Cue("one", "a", wait=Duration(1, Unit.BEATS)), "two": Cue("two", "a", follow=Duration(1.0))},
        pages={"perform": Page("perform"), "looks": Page("looks", routes=(route("td/x -> vace_context_scale"),))},
    )
    now = 0.0
    for pause, sample in played:
        now += pause
        ensemble.feed(Batch(now, [sample]))
        first, second = (
            [change for change in part.take(now) if change.parameter not in ("prompts", "base_seed")]
            for part in ensemble.parts.values()
        )
        assert first == second
    left, right = (part.state() for part in ensemble.parts.values())
    for state in (left, right):
        for key in ("prompt", "seed"):
            state["values"].pop(key, None)
        for values in state["snapshots"].values():
            values.pop("prompt", None)
            values.pop("seed", None)
        del state["bag"]

    assert left == right


# Each its own server


def test_each_hears_of_its_own_server_and_all_what_is_said_of_none() -> None:
    ensemble = show(route("left/scope/fps -> right/noise_scale", source=(0.0, 20.0)))
    ensemble.feed(Batch(0.0, [("left/scope/chunk", (0.3,)), ("right/scope/chunk", (0.6,)), ("scope/latency", (0.2,))]))

    assert [part.around.times.chunk for part in ensemble.parts.values()] == [0.3, 0.6]
    assert [part.around.latency for part in ensemble.parts.values()] == [0.2, 0.2]
    assert send(ensemble, "left/scope/fps", 10.0) == {"right": {"noise_scale": 0.5}}
    assert [ensemble.knows(path) for path in ("right/scope/state", "right/scope/x", "up/scope/state")] == [
        True,
        False,
        False,
    ]


def test_a_condition_holds_for_the_server_that_it_is_true_of() -> None:
    ensemble = show(route("td/x -> noise_scale", When(state="streaming")))
    ensemble.feed(Batch(0.0, [("left/scope/state", ("streaming",)), ("right/scope/state", ("loading",))]))

    assert send(ensemble, "td/x", 0.4) == {"left": {"noise_scale": 0.4}}


@pytest.mark.parametrize("way", ["cue", "route"])
def test_a_cue_or_a_route_that_waits_acts_in_each_part_so_that_its_picture_changes_on_the_line(way: str) -> None:
    """The right one's picture is later than a bar is long: of the next line it is too late."""
    drop = scene("drop", noise_scale=0.9)
    ensemble = show(
        Route("td/drop", SceneTarget("drop"), "scene/drop", (Wait(Duration(1, Unit.BARS)),)),
        scenes={"drop": drop},
        cues={"first": Cue("first", "drop", wait=Duration(1, Unit.BARS))},
    )
    ensemble.feed(Batch(0.0, [("left/scope/latency", (0.5,)), ("right/scope/latency", (2.4,))]))
    ensemble.feed(Batch(0.3, [("panel/cue/first" if way == "cue" else "td/drop", ())]))
    heard = {}
    for step in range(20, 300):
        for name in told(ensemble, step / 60):
            heard[name] = step / 60

    assert heard == {"left": pytest.approx(1.5, abs=0.02), "right": pytest.approx(1.6, abs=0.02)}


def test_the_cache_of_each_is_reset_before_its_own_server_does_it() -> None:
    ensemble = show()
    ensemble.feed(Batch(0.0, [("left/scope/cache", (12.0,)), ("right/scope/cache", (20.0,))]))
    heard = {}
    for step in range(1300):
        for name, changes in told(ensemble, step / 60).items():
            assert changes == {"reset_cache": True}
            heard[name] = step / 60

    assert heard == {"left": pytest.approx(8.0), "right": pytest.approx(16.0)}


def test_how_a_route_stands_is_said_by_the_part_where_it_acts() -> None:
    ensemble = show(
        route("td/all -> noise_scale"),
        route("td/r -> right/noise_scale", mix="add"),
        route("apc/{n} -> right/lora/{n}"),
    )
    assert [state.scope for state in ensemble.states()] == ["", "right", "right"]
    ensemble.feed(Batch(0.0, [("td/all", (0.4,)), ("td/r", (0.25,)), ("apc/arcane", (0.5,)), ("apc/ghibli", (1.0,))]))

    states = [
        (one.target, one.scope, aim.parameter, aim.element, one.asked) for one in ensemble.states() for aim in one.aims
    ]
    assert states == [
        ("noise_scale", "", "noise_scale", None, 0.4),
        ("right/noise_scale", "right", "noise_scale", None, 0.65),
        ("right/lora/arcane", "right", "lora_scales", "a.pt", 0.5),
        ("right/lora/ghibli", "right", "lora_scales", "g.pt", 1.0),
    ]


# A reload, a restart


def test_a_reload_goes_on_part_by_part() -> None:
    old = show(route("td/l -> left/noise_scale"), start=start(prompt="reef"))
    send(old, "td/l", 0.4)
    send(old, "panel/right/noise_scale", 0.7)
    new = compile_all(
        replace(
            TWO, routes=(route("td/l -> left/noise_scale"), route("td/y -> manage_cache")), start=start(prompt="neon")
        ),
        old,
        1.0,
    )

    assert [part.initial()["noise_scale"] for part in new.parts.values()] == [0.4, 0.7]
    assert set(told(new, 1.0)["left"]) == set(told(new, 1.0).get("right", {"prompts": 0})) == {"prompts"}


def test_a_scope_that_comes_begins_where_the_first_one_is_and_one_that_goes_is_gone() -> None:
    more = replace(TWO, scopes={**SCOPES, "up": Scope("http://c:8000", name="up")})
    fading = {"a": replace(scene("a", vace_context_scale=2.0), fade=Duration(10.0))}
    ways = (route("td/x -> noise_scale", Smooth(Duration(0.1), Duration(0.1))), route("td/u -> left/manage_cache"))
    old = show(*ways, start=start(prompt="reef", vace_context_scale=0.0), scenes=fading)
    for now, path, value in ((0.0, "td/x", 0.2), (1.0, "td/x", 0.8), (2.0, "panel/prompt/neon", 1), (2.0, "td/y", 1)):
        send(old, path, value, now=now)
    for path in ("panel/scene/a", "panel/snapshot/save/2", "panel/seed/random"):
        send(old, path, now=2.0)
    new = compile_all(
        replace(
            more,
            routes=ways,
            start=start(more, prompt="reef", vace_context_scale=0.0, up__lora__arcane=1.0),
            scenes=fading,
        ),
        old,
        4.5,
    )
    left, up = new.parts["left"], new.parts["up"]

    assert list(new.parts) == ["left", "right", "up"]
    assert (up.initial()["noise_scale"], up.prompter.prompt, up.around.scene) == (0.8, "neon", "a")
    assert up.initial()["vace_context_scale"] == pytest.approx(left.initial()["vace_context_scale"])
    assert up.initial()["lora_scales"] == [{"path": "a.pt", "scale": 1.0}]
    assert up.beat(5.0) == left.beat(5.0)
    told(new, 4.5)
    later = told(new, 7.0)
    assert later["up"] == later["left"] == {"vace_context_scale": pytest.approx(1.0, abs=0.01)}
    assert send(new, "panel/prompt/random", now=7.0)["up"] == in_force(new, "left")
    send(new, "panel/undo", now=7.0)
    assert {part.prompter.prompt for part in new.parts.values()} == {"neon"}

    fewer = compile_all(replace(TWO, scope=SCOPES["right"], scopes={"right": SCOPES["right"]}), new, 8.0)
    assert list(fewer.parts) == ["right"]
    assert fewer.lead.initial()["noise_scale"] == 0.8


def in_force(show: Ensemble, name: str) -> dict[str, Any]:
    return {"prompts": show.parts[name].prompter.lasting()}


def test_a_scope_that_comes_moves_nothing_in_the_one_where_it_begins() -> None:
    ways = (route("td/x -> noise_scale", Smooth(Duration(2.0), Duration(2.0))),)
    one, two = show(*ways), show(*ways)
    for ensemble in (one, two):
        send(ensemble, "td/x", 0.0)
        send(ensemble, "td/x", 1.0)
    more = compile_all(replace(TWO, routes=ways, scopes={"up": Scope(name="up"), **SCOPES}), two, 0.5)
    send(more, "td/x", 0.3, now=0.6)
    send(one, "td/x", 0.3, now=0.6)

    assert told(more, 1.0)["left"] == told(one, 1.0)["left"]


def test_one_scope_becomes_several_and_several_one_and_nothing_that_the_bridge_was_to_do_is_lost_or_done_twice() -> (
    None
):
    alone = show(profile=ONE, scenes={"a": replace(scene("a", output__all__level=0.0), fade=Duration(1.0))})
    send(alone, "panel/noise_scale", 0.4)
    send(alone, "panel/scene/a")
    alone.parts[""].take(0.5)  # the level goes down, and nobody has been told yet
    two = compile_all(TWO, alone, 1.0)
    levels = two.tick(1.0).verbs

    assert [verb for verb in levels if not isinstance(verb, Level)] == []
    assert levels[-1] == Level("all", 0.0)
    assert two.tick(1.1).verbs == []
    assert [part.initial()["noise_scale"] for part in two.parts.values()] == [0.4, 0.4]

    two.feed(Batch(2.0, [("panel/right/noise_scale", (0.9,))]))
    two.feed(Batch(2.0, [("panel/output/all/level", (1.0,))]))
    again = compile_all(ONE, two, 2.1)
    assert list(again.parts) == [""]
    assert again.tick(2.2).verbs == []
    assert again.lead.initial()["noise_scale"] == 0.4
    assert again.feed(Batch(2.3, [("panel/output/all/level", (0.5,))])).verbs == [Level("all", 0.5)]


def test_what_is_live_is_kept_by_name() -> None:
    old = show()
    send(old, "panel/noise_scale", 0.4)
    send(old, "panel/right/noise_scale", 0.7)
    kept = json.loads(json.dumps(old.state()))
    new = show()
    new.resume(kept)

    assert set(kept) == {"scopes"}
    assert [part.initial()["noise_scale"] for part in new.parts.values()] == [0.4, 0.7]
    assert new.state() == old.state()
    assert not any(part.waiting for part in new.parts.values())


def test_a_state_of_another_number_of_scopes_is_read_as_that_of_the_first() -> None:
    alone, two = show(profile=ONE), show()
    send(alone, "panel/noise_scale", 0.4)
    send(two, "panel/noise_scale", 0.6)
    send(two, "panel/right/noise_scale", 0.7)

    several = show()
    several.resume(json.loads(json.dumps(alone.state())))
    assert [part.initial()["noise_scale"] for part in several.parts.values()] == [0.4, 0.4]
    single = show(profile=ONE)
    single.resume(json.loads(json.dumps(two.state())))
    assert single.lead.initial()["noise_scale"] == 0.6
    more = show(profile=replace(TWO, scopes={"up": Scope(name="up"), **SCOPES}))
    more.resume(json.loads(json.dumps(two.state())))
    assert [part.initial()["noise_scale"] for part in more.parts.values()] == [0.6, 0.6, 0.7]


@pytest.mark.parametrize("found", [{}, {"scopes": 3}, {"scopes": {"left": 3}}, {"scopes": {}, "values": []}])
def test_a_state_that_is_none_leaves_the_start(found: dict[str, Any]) -> None:
    ensemble = show(start=start(noise_scale=0.3))
    ensemble.resume(found)

    assert [part.initial()["noise_scale"] for part in ensemble.parts.values()] == [0.3, 0.3]


def test_of_several_prompts_that_are_mixed_each_scope_has_its_own() -> None:
    slots = replace(TWO, prompts=Prompts({"reef": "reef", "neon": "neon"}, slots=("a", "b")))
    ensemble = show(
        Route("td/w", OfScope("left", target_of("prompt/b/weight", slots)), "left/prompt/b/weight"),
        profile=slots,
        start={
            "prompt": (target_of("prompt", slots), "reef"),
            "prompt/b/text": (target_of("prompt/b/text", slots), "neon"),
        },
    )
    changes = send(ensemble, "td/w", 0.5)

    assert set(changes) == {"left"}
    assert [entry["weight"] for entry in changes["left"]["prompts"]["prompts"]] == [1.0, 0.5]
