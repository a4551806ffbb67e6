"""Who hears what."""

import math
from typing import Any

import pytest

from bridge.mapping import Mapping, compile
from bridge.profile.durations import Duration, Unit
from bridge.profile.filters import Delay, Smooth
from bridge.profile.inputs import Audio
from bridge.profile.model import (
    BridgeTarget,
    LoraTarget,
    Page,
    PipelineTarget,
    Profile,
    Prompts,
    Route,
    Scene,
    Setting,
    SourceTarget,
    TempoSource,
)
from bridge.signals import Batch
from bridge.verbs import RunPipeline, UseSource
from tests.mapping.build import PROMPTS, act, mapping, route, send, target_of, told

SLOW = Smooth(Duration(1.0), Duration(1.0))


def test_a_pattern_is_one_route_for_each_signal_and_goes_on_from_where_it_was() -> None:
    show = mapping(route("noise_scale", SLOW, signal="td/*"), route("vace_context_scale", signal="td/*"))
    send(show, 0.0, path="td/a")
    send(show, 1.0, path="td/a")

    assert told(show, 1.0)["noise_scale"] == pytest.approx(1 - math.exp(-1), abs=1e-4)
    send(show, 0.5, path="td/b", now=1.0)
    assert [state.signal for state in show.states()] == ["td/a", "td/b", "td/a", "td/b"]


def test_a_pattern_that_nothing_has_matched_yet_is_shown_as_the_profile_writes_it() -> None:
    show = mapping(route("noise_scale", signal="td/*"), route("lora/{n}", signal="apc/{n}"), route("prompt"))

    assert [(state.signal, state.target, state.asked, state.at) for state in show.states()] == [
        ("td/*", "noise_scale", None, None),
        ("apc/{n}", "lora/{n}", None, None),
        ("td/x", "prompt", None, None),
    ]
    assert [(state.clamped, state.refused, state.detail) for state in show.states()] == [(0, 0, "")] * 3


def test_states_say_which_parameter_or_word_a_route_drives() -> None:
    show = mapping(
        route("noise_scale"),
        route("prompt"),
        route("prompt/next"),
        route("word/mood"),
        route("seed/random"),
        route("bypass"),
    )

    assert [(aim.parameter, aim.word) for state in show.states() for aim in state.aims] == [
        ("noise_scale", None),
        ("prompts", None),
        ("prompts", None),
        ("prompts", "mood"),
        ("base_seed", None),
        (None, None),
    ]


def test_a_session_begins_with_what_a_pattern_will_move() -> None:
    assert mapping(route("noise_scale", signal="td/**")).initial() == {"noise_scale": 0.7}
    assert mapping(route("reset_cache", signal="td/**")).initial() == {}


def test_a_pattern_may_let_something_happen() -> None:
    show = mapping(route("prompt/next", signal="td/*"), prompt="reef")

    assert send(show, 1.0, path="td/a")["prompts"]["prompts"][0]["text"] == "neon rain"


def test_what_a_scene_sets_is_part_of_what_a_session_begins_with() -> None:
    drop = Scene("drop", {"noise_scale": Setting(target_of("noise_scale"), 0.9)})

    assert compile(Profile("test.yaml", scenes={"drop": drop})).initial() == {"noise_scale": 0.7}


def test_the_bridge_is_told_to_use_another_source_or_pipeline() -> None:
    show = compile(
        Profile(
            "test.yaml",
            routes=(
                Route("td/s", SourceTarget("spare"), "source/spare"),
                Route("td/p", PipelineTarget("krea"), "pipeline/krea"),
            ),
        )
    )

    assert act(show, 1.0, path="td/s") == [UseSource("spare")]
    assert act(show, 1.0, path="td/p") == [RunPipeline("krea")]


def test_an_oscillator_takes_a_bar_unless_it_says_otherwise_and_begins_with_the_show() -> None:
    bar = mapping(route("noise_scale", signal="lfo/saw", source=(0, 1)))
    slow = mapping(route("noise_scale", signal="lfo/saw", source=(0, 1), period=Duration(4.0)))
    for show in (bar, slow):
        show.feed(Batch(10.3, []))
        told(show, 10.3)

    assert told(bar, 11.3)["noise_scale"] == pytest.approx(0.5, abs=0.01)
    assert told(slow, 11.3)["noise_scale"] == pytest.approx(0.25, abs=0.01)


def test_the_tempo_is_heard_in_thousandths() -> None:
    fast = Profile("test.yaml", tempo=(TempoSource("bpm", bpm=400 / 3),))
    show = mapping(route("param/speed", signal="tempo/bpm"), profile=fast)
    show.feed(Batch(1.0, []))

    assert told(show, 1.0) == {"speed": 133.333}


def test_an_edit_that_leaves_the_tempo_alone_leaves_the_one_that_was_tapped() -> None:
    fixed = Profile("test.yaml", tempo=(TempoSource("bpm", bpm=120.0),))
    old = compile(fixed)
    for tap in (10.0, 10.6, 11.2):
        send(old, path="panel/tap", now=tap)
    new = compile(Profile("test.yaml", tempo=fixed.tempo, routes=(route("noise_scale"),)), old, 12.0)

    assert new.around.times.tempo.bpm == pytest.approx(100.0)


@pytest.mark.parametrize(
    ("seconds", "believed"), [(0.005, False), (0.01, True), (0.5, True), (60.0, True), (61.0, False), ("x", False)]
)
def test_the_length_of_a_chunk_is_believed_within_reason(seconds: Any, believed: bool) -> None:
    show = mapping()
    before = show.around.times.chunk
    show.feed(Batch(0.0, [("scope/chunk", (seconds,))]))

    assert show.around.times.chunk == (seconds if believed else before)


@pytest.mark.parametrize(("seconds", "believed"), [(0.0, True), (0.4, True), (60.0, True), (-0.1, False), (61, False)])
def test_the_measured_latency_is_believed_within_reason(seconds: float, believed: bool) -> None:
    show = mapping()
    show.around.latency = 0.2
    show.feed(Batch(0.0, [("scope/latency", (seconds,))]))

    assert show.around.latency == (seconds if believed else 0.2)


def test_a_prompt_that_a_button_chose_is_kept_as_the_prompt() -> None:
    show = mapping(route("prompt/neon"), route("prompt/next", signal="td/next"))
    send(show, 1.0)

    assert show.state()["values"] == {"prompt": "neon"}


def test_a_smoother_in_bars_goes_with_the_tempo() -> None:
    bar = Duration(1.0, Unit.BARS)
    profile = Profile("test.yaml", prompts=PROMPTS, tempo=(TempoSource("bpm", bpm=60.0),))
    show = mapping(route("noise_scale", Smooth(bar, bar)), profile=profile)
    send(show, 0.0)
    send(show, 1.0)

    assert told(show, 4.0)["noise_scale"] == pytest.approx(1 - math.exp(-1), abs=1e-3)


def panicked(*routes: Route) -> Mapping:
    profile = Profile("test.yaml", routes=routes, inputs={"ears": Audio("default")})
    show = compile(profile)
    send(show, path="panel/panic")
    return show


def test_after_a_panic_what_moves_by_itself_rests_and_the_hand_does_not() -> None:
    show = panicked(
        route("noise_scale", signal="tempo/phase"),
        route("vace_context_scale", signal="ears/bass", source=(0, 1)),
        route("base_seed", signal="lfo/saw", source=(0, 1)),
        route("manage_cache"),
    )
    show.feed(Batch(0.1, [("ears/bass", (0.7,))]))

    assert told(show, 5.0) == {}
    assert send(show, 0, now=5.0) == {"manage_cache": False}


def test_an_explanation_shows_every_step_of_the_way() -> None:
    show = mapping(route("vace_context_scale", SLOW, source=(0, 100), name="slow"))
    (step,) = show.explain("td/x", (25,))

    assert step.route == "slow"
    assert step.steps == (("in", 0.25), ("smooth", 0.25))
    assert (step.target, step.value, step.refused) == ("vace_context_scale", 0.5, "")
    (refusal,) = show.explain("td/x", ("loud",))
    assert refusal.refused == "a number is wanted, not the text 'loud'"
    assert show.explain("td/nobody", (1,)) == []


def test_a_tap_is_a_beat() -> None:
    show = compile(
        Profile(
            "test.yaml",
            prompts=PROMPTS,
            routes=(
                Route("td/tap", BridgeTarget("tap"), "tap"),
                route("reset_cache", signal="tempo/beat"),
            ),
        )
    )
    show.feed(Batch(0.0, []))
    told(show, 0.0)

    assert told(show, 0.2) == {}
    send(show, path="td/tap", now=0.3)
    assert told(show, 0.33) == {"reset_cache": True}


def test_a_route_across_several_is_explained_and_shown_with_all_of_them() -> None:
    loras = {"arcane": "a.pt", "ghibli": "g.pt"}
    across = tuple((f"lora/{name}", LoraTarget(name)) for name in loras)
    show = compile(Profile("test.yaml", loras=loras, routes=(Route("td/x", None, "", across=across, source=(0, 1)),)))
    assert show.states()[0].asked is None
    (step,) = show.explain("td/x", (0.25,))

    assert (step.target, step.value) == ("lora/arcane, lora/ghibli", [0.75, 0.25])
    assert (show.states()[0].target, show.states()[0].asked) == ("lora/arcane, lora/ghibli", [0.75, 0.25])


def test_how_the_talk_with_scope_stands_is_text() -> None:
    show = mapping()
    for sent, state in (("streaming", "streaming"), (3, "streaming"), (True, "streaming"), ("lost", "lost")):
        show.feed(Batch(0.0, [("scope/state", (sent,)), ("scope/state", ())]))
        assert show.around.state == state


def test_what_is_refused_only_when_it_leaves_its_filters_is_refused_then() -> None:
    show = mapping(route("prompt", Delay(Duration(1.0)), source=(0, 1), out=(0, 9)), prompt="reef")
    assert show.feed(Batch(0.0, [("td/x", (1.0,))])).refused == []

    assert show.tick(1.1).refused == ["text is wanted, or the number of a prompt, 1 to 2"]
    assert show.states()[0].refused == 1
    assert show.states()[0].detail == "text is wanted, or the number of a prompt, 1 to 2"


def test_a_signal_is_known_if_it_has_an_effect() -> None:
    show = mapping(route("noise_scale"), route("lora/{n}", signal="apc/{n}"))

    for path, known in (
        ("td/x", True),
        ("td/y", False),
        ("apc/none", False),
        ("scope/chunk", True),
        ("panel/noise_scale", True),
        ("panel/nothing", False),
    ):
        assert show.knows(path) is known


def test_what_nobody_hears_is_not_remembered() -> None:
    show = mapping(route("noise_scale"))
    show.feed(Batch(0.0, [("td/x", (0.1,)), ("td/other", (0.2,))]))

    assert set(show.around.heard) == {"td/x"}


def test_an_oscillator_of_a_page_moves_while_the_page_is_in_force() -> None:
    wave = route("noise_scale", signal="lfo/saw", source=(0, 1))
    pages = {"still": Page("still"), "wild": Page("wild", routes=(wave,))}
    show = compile(Profile("test.yaml", pages=pages))
    show.feed(Batch(0.0, []))
    assert told(show, 0.5) == {}
    assert not show.moving
    send(show, path="panel/page/wild", now=1.0)

    assert show.moving
    assert told(show, 1.5) != {}
    assert mapping(wave).moving


def test_what_a_pattern_has_heard_goes_on_after_an_edit() -> None:
    kept = route("noise_scale", SLOW, signal="td/*")
    old = mapping(kept)
    send(old, 0.0, path="td/a")
    send(old, 1.0, path="td/a")
    new = compile(Profile("test.yaml", routes=(kept, route("manage_cache", signal="apc/z"))), old, 0.5)

    assert [state.signal for state in new.states()] == ["td/a", "apc/z"]
    assert told(new, 1.0)["noise_scale"] == pytest.approx(1 - math.exp(-1), abs=1e-3)


def test_a_pattern_that_is_switched_off_before_it_is_heard_does_not_act() -> None:
    show = mapping(route("noise_scale", signal="td/*", name="hand"))
    send(show, 0, path="panel/route/hand/on")
    assert send(show, 0.5, path="td/a") == {}
    send(show, 1, path="panel/route/hand/on")

    assert send(show, 0.6, path="td/a") == {"noise_scale": 0.6}


def test_prompts_and_images_are_meant_by_their_number_from_1() -> None:
    profile = Profile(
        "test.yaml",
        prompts=Prompts(PROMPTS.bank, PROMPTS.words, slots=("a", "b")),
        images={"face": "refs/face.png", "back": "refs/back.png"},
    )
    show = mapping(profile=profile)

    assert send(show, 1, path="panel/image/first") == {"first_frame_image": "refs/face.png"}
    assert send(show, 2, path="panel/image/last") == {"last_frame_image": "refs/back.png"}
    assert show.feed(Batch(0.0, [("panel/image/first", (0,))])).refused != []
    send(show, 1, path="panel/prompt/b/text")
    send(show, 1.0, path="panel/prompt/b/weight")
    assert show.prompter.prompt == "a reef, calm"


def test_a_smoothed_parameter_of_a_pipeline_goes_as_far_as_it_is_sent() -> None:
    show = mapping(route("param/motion", Smooth(Duration(0.1), Duration(0.1))))
    assert send(show, -7.0) == {"motion": -7.0}
    send(show, 50.0, now=1.0)
    told(show, 9.0)

    assert show.states()[0].asked == 50.0


def test_one_nodes_schedule_is_told_to_that_node() -> None:
    show = mapping(route("node/longlive/denoising_step_list"))
    show.feed(Batch(0.0, [("td/x", (900, 300))]))

    assert [(change.value, change.node) for change in show.take(0.0)] == [([900, 300], "longlive")]


def test_what_is_asked_is_the_newest_while_a_peak_waits_for_its_chunk() -> None:
    show = mapping(route("noise_scale", per_chunk="max"))
    show.feed(Batch(0.0, [("td/x", (0.9,)), ("td/x", (0.2,))]))

    assert show.states()[0].asked == 0.2
    assert told(show, 0.1) == {"noise_scale": 0.9}
    assert told(show, 0.2) == {"noise_scale": 0.2}
