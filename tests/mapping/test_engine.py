"""From a signal to a change."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.mapping import Mapping, compile
from bridge.parameters import PARAMETERS, Kind
from bridge.profile.durations import Duration, Unit
from bridge.profile.filters import Accumulate, Clamp, Curve, Delay, Normalise, Press, Smooth, Toggle
from bridge.profile.model import Profile, Prompts
from bridge.profile.outputs import Ndi
from bridge.profile.targets.lookup import named
from bridge.signals import Batch, Value
from bridge.verbs import Freeze, Level
from tests.mapping.build import PROMPTS, mapping, route, send, told

SHOW = Profile("test.yaml", prompts=PROMPTS, outputs={"program": Ndi("Scope Bridge")})


def reloaded(edited: Mapping, old: Mapping, now: float) -> Mapping:
    """Return the mapping of the edited profile, which goes on from where `old` was."""
    return compile(edited._profile, old, now)


def smooth(seconds: float) -> Smooth:
    return Smooth(Duration(seconds), Duration(seconds))


@pytest.mark.parametrize(
    ("target", "values", "expected"),
    [
        ("noise_scale", (0.43,), 0.43),
        ("noise_scale", (0.4300000071525574,), 0.43),
        ("noise_scale", (1,), 1.0),
        ("noise_scale", (True,), 1.0),
        ("noise_scale", ("0.25",), 0.25),
        ("noise_scale", (0.1, 0.2, 0.3), 0.3),
        ("noise_scale", (1.0001,), 1.0),
        ("noise_scale", (-3.0,), 0.0),
        ("vace_context_scale", (1.0,), 1.0),
        ("base_seed", (7.0,), 7),
        ("base_seed", (7.6,), 8),
        ("manage_cache", (1.0,), True),
        ("manage_cache", (0.49,), False),
        ("manage_cache", (False,), False),
        ("manage_cache", ("off",), False),
        ("spatial_interpolation_method", ("SLERP",), "slerp"),
        ("spatial_interpolation_method", (1.0,), "slerp"),
        ("denoising_step_list", (700.0,), [700]),
        ("denoising_step_list", (250, 1000, 1000, 750.4), [1000, 750, 250]),
        ("denoising_step_list", (1200, -4), [1000, 0]),
        ("param/motion", (0.5,), 0.5),
        ("param/motion", (1, 2), [1, 2]),
        ("param/motion", ("fast",), "fast"),
    ],
)
def test_values_are_taken_as_the_sender_meant_them(target: str, values: tuple[Value, ...], expected: Any) -> None:
    name = target.removeprefix("param/")

    assert send(mapping(route(target)), *values) == {name: expected}


@pytest.mark.parametrize(
    ("target", "values"),
    [
        ("noise_scale", ()),
        ("noise_scale", ("loud",)),
        ("noise_scale", (math.nan,)),
        ("noise_scale", (math.inf,)),
        ("noise_scale", (None,)),
        ("noise_scale", (b"\x00",)),
        ("spatial_interpolation_method", ("cubic",)),
        ("spatial_interpolation_method", (2,)),
        ("denoising_step_list", ()),
        ("denoising_step_list", ("fast",)),
        ("prompt", (3.0,)),
        ("prompt", ("  ",)),
        ("param/motion", (b"\x00",)),
        ("param/motion", (math.nan,)),
        ("param/motion", ()),
    ],
)
def test_what_cannot_be_understood_is_refused_counted_and_explained(target: str, values: tuple[Value, ...]) -> None:
    show = mapping(route(target))

    assert send(show, *values) == {}
    (state,) = show.states()
    assert (state.refused, state.asked) == (1, None)
    assert "wanted" in state.detail or "bytes" in state.detail
    assert show.feed(Batch(0.0, [("td/x", values)])).refused == [state.detail]


def test_a_complaint_is_over_with_the_next_good_value() -> None:
    show = mapping(route("noise_scale"))
    send(show, "loud")
    send(show, 0.5)

    (state,) = show.states()
    assert (state.refused, state.detail) == (1, "")


@given(
    st.sampled_from([*(name for name in PARAMETERS if named(name, Profile("test.yaml"))), "prompt", "word/mood"]),
    st.lists(st.one_of(st.floats(), st.integers(), st.text(), st.booleans(), st.none(), st.binary())),
)
def test_nothing_that_arrives_can_raise_and_numbers_stay_in_range(target: str, values: list[Value]) -> None:
    changed = send(mapping(route(target)), *values)

    parameter = PARAMETERS.get(target)
    if changed and parameter and parameter.kind in (Kind.NUMBER, Kind.INTEGER):
        assert parameter.low is not None
        assert parameter.low <= changed[target] <= (math.inf if parameter.high is None else parameter.high)


@pytest.mark.parametrize(
    ("source", "out", "sent", "expected"),
    [
        (None, None, 0.25, 0.25),
        ((0, 1), None, 0.25, 0.5),
        ((0, 127), None, 127, 2.0),
        ((0, 1), (0.8, 1.4), 0.5, 1.1),
        ((1, 0), None, 0.25, 1.5),
        ((0, 1), (1.4, 0.8), 0.0, 1.4),
        (None, (0.5, 1.0), 2.0, 1.0),
        (None, (0.5, 1.0), 1.0, 0.75),
        ((0.2, 0.8), None, 0.9, 2.0),
        ((0.2, 0.8), None, 0.1, 0.0),
    ],
)
def test_ranges(source: Any, out: Any, sent: float, expected: float) -> None:
    show = mapping(route("vace_context_scale", source=source, out=out))

    assert send(show, sent)["vace_context_scale"] == pytest.approx(expected)


def test_what_does_not_fit_is_clamped_and_counted() -> None:
    show = mapping(route("noise_scale"), route("vace_context_scale", source=(0, 1), signal="td/y"))

    send(show, 1.5)
    send(show, 0.5)
    send(show, 2.0, path="td/y")

    assert [state.clamped for state in show.states()] == [1, 1]


def test_filters_see_the_way_from_0_to_1_in_their_order() -> None:
    show = mapping(route("vace_context_scale", Clamp(0.0, 0.5), Curve("power", 2.0), source=(0, 100)))

    assert send(show, 100)["vace_context_scale"] == pytest.approx(2 * 0.5**2)


def test_one_signal_drives_many_targets_and_many_signals_one() -> None:
    show = mapping(route("noise_scale"), route("vace_context_scale"), route("noise_scale", signal="td/y"))

    assert send(show, 0.5) == {"noise_scale": 0.5, "vace_context_scale": 0.5}
    assert send(show, 0.7, path="td/y") == {"noise_scale": 0.7}


def test_signals_without_a_route_change_nothing() -> None:
    assert send(mapping(route("noise_scale")), 0.5, path="td/other") == {}


def test_a_press_and_its_release_in_one_batch_are_one_event_and_a_held_button_is_none() -> None:
    show = mapping(route("reset_cache"))

    show.feed(Batch(0.0, [("td/x", (1.0,)), ("td/x", (0.0,)), ("td/x", (1.0,)), ("td/x", (1.0,))]))
    assert told(show, 0.0) == {"reset_cache": True}
    assert send(show, 0.0) == {}
    assert send(show) == {"reset_cache": True}


def test_a_smooth_route_goes_on_by_itself_and_comes_to_rest_on_the_hands_last_value() -> None:
    show = mapping(route("noise_scale", smooth(0.2)))
    assert send(show, 0.0, now=0.0) == {"noise_scale": 0.0}
    assert not show.moving

    assert send(show, 1.0, now=1.0) == {}
    assert show.moving
    assert told(show, 1.2)["noise_scale"] == pytest.approx(1 - math.exp(-1), abs=1e-5)
    now = 1.2
    while show.moving:
        now += 1 / 60
        show.tick(now)
    assert told(show, now) == {"noise_scale": 1.0}
    assert now < 1.2 + 5.0
    show.tick(now + 1)
    assert not show.waiting


def test_a_prompt_is_one_of_the_bank_or_any_text_and_words_fill_it() -> None:
    show = mapping(route("prompt"), route("word/mood", signal="td/mood"))

    assert send(show, "reef") == {"prompts": {"prompts": [{"text": "a reef, calm", "weight": 1.0}]}}
    assert send(show, "tense", path="td/mood")["prompts"]["prompts"][0]["text"] == "a reef, tense"
    assert send(show, 0.99, path="td/mood")["prompts"]["prompts"][0]["text"] == "a reef, ecstatic"
    assert send(show, "wooden", path="td/mood")["prompts"]["prompts"][0]["text"] == "a reef, wooden"
    assert send(show, " two cats {mood} ")["prompts"]["prompts"][0]["text"] == "two cats wooden"
    assert show.prompter.prompt == "two cats wooden"


def test_a_word_that_has_no_choices_takes_any_text_or_number_and_is_nothing_before() -> None:
    show = mapping(route("prompt"), route("word/speed", signal="td/speed"), prompts=Prompts())

    assert send(show, "rain at {speed}")["prompts"]["prompts"][0]["text"] == "rain at"
    assert send(show, 0.5, path="td/speed")["prompts"]["prompts"][0]["text"] == "rain at 0.5"
    assert send(show, "dawn", path="td/speed")["prompts"]["prompts"][0]["text"] == "rain at dawn"

    scaled = mapping(route("prompt"), route("word/speed", signal="td/speed", source=(0, 127)), prompts=Prompts())
    send(scaled, "rain at {speed}")
    assert send(scaled, 127, path="td/speed")["prompts"]["prompts"][0]["text"] == "rain at 1"


def test_the_words_of_a_prompt_that_the_picture_shows_are_known() -> None:
    show = mapping(route("prompt"), route("word/mood", signal="td/mood"))
    send(show, "reef")
    send(show, "tense", path="td/mood")

    assert show.prompter.words_of("a reef, calm") == {"mood": "calm"}
    assert show.prompter.words_of("a reef, tense") == {"mood": "tense"}
    for count in range(100):
        send(show, f"{{mood}} {count}")
    assert show.prompter.words_of("a reef, calm") == {}


def test_a_prompt_fades_in_as_many_chunks_as_the_profile_says_and_its_target_goes_along() -> None:
    prompts = Prompts(bank={"neon": "neon rain"}, fade=Duration(4, Unit.CHUNKS))
    text = [{"text": "neon rain", "weight": 1.0}]

    assert send(mapping(route("prompt"), prompts=prompts), "neon") == {
        "prompts": {
            "prompts": text,
            "transition": {"target_prompts": text, "num_steps": 4, "temporal_interpolation_method": "linear"},
        }
    }


def test_braces_that_are_doubled_are_braces() -> None:
    show = mapping(route("prompt"))

    assert send(show, "{{mood}} is {mood}")["prompts"]["prompts"][0]["text"] == "{mood} is calm"


def test_verbs_of_the_bridge() -> None:
    show = mapping(route("output/program/freeze", profile=SHOW), route("output/all/level", signal="td/y"), profile=SHOW)

    assert show.feed(Batch(0.0, [("td/x", (1,)), ("td/x", (0,))])).verbs == [
        Freeze("program", True),
        Freeze("program", False),
    ]
    assert show.feed(Batch(0.0, [("td/y", (0.25,))])).verbs == [Level("all", 0.25)]
    assert show.feed(Batch(0.0, [("td/y", (7,))])).verbs == [Level("all", 1.0)]


def test_the_page_reaches_every_target_without_a_route() -> None:
    show = mapping()

    assert send(show, "neon", path="panel/prompt")["prompts"]["prompts"][0]["text"] == "neon rain"
    assert send(show, 1.5, path="panel/vace_context_scale") == {"vace_context_scale": 1.5}
    assert show.feed(Batch(0.0, [("panel/output/all/freeze", (1,))])).verbs == [Freeze("all", True)]
    assert show.states() == []


def test_a_session_begins_with_every_sticky_target_of_the_profile_at_its_start_or_default() -> None:
    show = mapping(
        route("noise_scale"),
        route("vace_context_scale"),
        route("reset_cache"),
        route("paused"),
        route("param/motion"),
        prompt="reef",
        vace_context_scale=1.5,
    )

    assert show.initial() == {
        "noise_scale": 0.7,
        "vace_context_scale": 1.5,
        "prompts": {"prompts": [{"text": "a reef, calm", "weight": 1.0}]},
    }


def test_verbs_in_the_start_are_given_when_the_show_begins() -> None:
    assert mapping(profile=SHOW, output__program__level=0.5).tick(0.0).verbs == [Level("program", 0.5)]


def test_defaults_are_those_of_the_pipeline() -> None:
    read = Profile("test.yaml", routes=(route("kv_cache_attention_bias"), route("denoising_step_list")))

    assert compile(read).initial()["kv_cache_attention_bias"] == 1.0
    assert compile(read).initial()["denoising_step_list"] == [1000, 750, 500, 250]


def test_a_reload_goes_on_with_everything_that_it_kept() -> None:
    kept = route("noise_scale", smooth(0.2))
    old = mapping(kept, route("prompt", signal="td/p"), route("word/mood", signal="td/m"), prompt="reef")
    send(old, 0.2, now=0.0)
    send(old, 0.8, now=1.0)
    send(old, "neon", path="td/p")
    send(old, "tense", path="td/m")

    edited = mapping(kept, route("vace_context_scale", signal="td/v"), prompt="reef")
    new = reloaded(edited, old, 2.0)

    assert set(told(new, 2.0)) == {"noise_scale"}
    assert new.moving
    assert new.states()[0].asked == old.states()[0].asked
    assert new.prompter.prompt == "neon rain"
    assert new.prompter.words == {"mood": "tense"}


def test_an_edited_route_gets_the_hands_last_value_again_but_an_event_is_not_repeated() -> None:
    old = mapping(route("noise_scale", smooth(0.2)), route("reset_cache", signal="td/r"))
    send(old, 0.2, now=0.0)
    send(old, 1.0, now=1.0)
    send(old, 1.0, path="td/r")

    edited = mapping(route("noise_scale", smooth(0.3)), route("reset_cache", signal="td/r", per_chunk="max"))
    new = reloaded(edited, old, 1.1)

    assert told(new, 1.1 + 0.3)["noise_scale"] == pytest.approx(1 - 0.8 * math.exp(-1.5), abs=1e-4)
    assert told(new, 9.0) == {"noise_scale": 1.0}


def test_a_prompt_that_nobody_chose_gives_way_to_the_new_start_and_one_that_somebody_chose_does_not() -> None:
    new = reloaded(mapping(prompt="neon"), mapping(prompt="reef"), 1.0)
    assert told(new, 1.0)["prompts"]["prompts"][0]["text"] == "neon rain"

    chosen = mapping(prompt="reef")
    send(chosen, "two cats", path="panel/prompt")
    new = reloaded(mapping(prompt="neon"), chosen, 1.0)
    assert not new.waiting
    assert new.prompter.prompt == "two cats"


def test_a_start_that_lost_its_prompt_keeps_the_one_in_force() -> None:
    new = reloaded(mapping(), mapping(prompt="reef"), 1.0)

    assert not new.waiting
    assert new.prompter.prompt == "a reef, calm"


def test_words_stay_as_they_were_said_whatever_becomes_of_the_prompt() -> None:
    old = mapping(prompt="reef")
    send(old, "tense", path="panel/word/mood")
    new = reloaded(mapping(prompt="neon"), old, 1.0)

    assert new.prompter.words == {"mood": "tense"}


def test_a_button_of_the_page_fires_each_time_it_is_pressed() -> None:
    show = mapping()

    assert send(show, True, path="panel/reset_cache") == {"reset_cache": True}
    assert send(show, True, path="panel/reset_cache") == {"reset_cache": True}
    assert send(show, False, path="panel/reset_cache") == {}


def test_what_the_profile_and_the_page_can_touch_is_known() -> None:
    show = mapping(route("param/motion"))
    send(show, 0.5, path="panel/noise_scale")

    assert {"motion", "noise_scale", "prompts"} <= show.touches()


def test_a_reload_that_rewrites_the_prompt_in_force_shows_the_new_text() -> None:
    old = mapping(prompt="reef")
    edited = mapping(prompts=Prompts(bank={"reef": "a coral reef"}, words=PROMPTS.words), prompt="reef")
    new = reloaded(edited, old, 1.0)

    assert new.prompter.prompt == "a coral reef"
    assert told(new, 1.0)["prompts"]["prompts"][0]["text"] == "a coral reef"


def test_same_signals_same_times_same_effects() -> None:
    def play() -> list[Any]:
        show = mapping(
            route("noise_scale", Curve("exp"), Smooth(Duration(0.1), Duration(0.3))),
            route("word/mood", signal="td/m"),
            prompt="reef",
        )
        heard: list[Any] = []
        for step in range(300):
            now = step / 60
            batch = Batch(now, [("td/x", (math.sin(step / 9) ** 2,)), ("td/m", (step % 7 / 6,))])
            show.feed(batch)
            heard += show.take(now + 0.004)
        return heard

    assert play() == play()


def test_a_relative_encoder_goes_up_and_down_and_loudness_is_measured_as_it_was_sent() -> None:
    encoder = mapping(route("noise_scale", Accumulate(step=0.1, start=0.5), source=(-1, 1)))
    for movement, expected in [(1, 0.6), (-1, 0.5), (-3, 0.2), (-9, 0.0), (2, 0.2)]:
        assert send(encoder, movement)["noise_scale"] == pytest.approx(expected)

    level = mapping(route("noise_scale", Normalise(Duration(1000.0))))
    for loudness, expected in [(40.0, 0.0), (80.0, 1.0), (60.0, 0.5)]:
        assert send(level, loudness)["noise_scale"] == pytest.approx(expected, abs=0.01)


def test_each_of_several_long_presses_is_seen_by_what_comes_after() -> None:
    show = mapping(route("manage_cache", Press("long"), Toggle(start=True)))
    heard = []
    for press in range(4):
        show.feed(Batch(2.0 * press, [("td/x", (1.0,))]))
        heard.append(told(show, 2.0 * press + 1.0))
        show.feed(Batch(2.0 * press + 1.5, [("td/x", (0.0,))]))

    assert heard == [{"manage_cache": False}, {"manage_cache": True}, {"manage_cache": False}, {"manage_cache": True}]


def test_filters_in_a_row_each_go_on_by_themselves() -> None:
    show = mapping(route("noise_scale", Delay(Duration(0.5)), smooth(0.2)))
    send(show, 0.0)
    told(show, 1.0)
    send(show, 1.0, now=2.0)

    assert told(show, 2.4) == {}
    assert told(show, 2.7)["noise_scale"] == pytest.approx(1 - math.exp(-1), abs=0.04)
    told(show, 9.0)
    assert not show.moving
