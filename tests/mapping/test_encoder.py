"""Encoders: steps in, a place on the way out, from wherever the target is."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.mapping import Mapping, compile
from bridge.mapping.encoder import Turner
from bridge.profile.controllers.model import Address, Control, Controller
from bridge.profile.durations import Duration
from bridge.profile.filters import Choose, Curve, Encoder, Every, Invert, Smooth, Toggle
from bridge.profile.inputs import Midi
from bridge.profile.model import Profile, Route, Scene, Setting
from bridge.signals import Batch
from tests.mapping.build import PROMPTS, mapping, route, send, target_of, told


def turned(option: Encoder, *messages: tuple[float, float]) -> list[float | None]:
    """Return what leaves for each message: when it came, and what it says."""
    turner = Turner(option)
    turner.start_at(0.5)
    return [None if (left := turner.feed(value, now)) is None else round(left, 6) for now, value in messages]


def test_a_step_is_a_hundredth_of_the_way() -> None:
    assert turned(Encoder(), (0, 1), (1, 2), (2, -1), (3, 0)) == [0.51, 0.53, 0.52, None]
    assert turned(Encoder(turn=20), (0, 1), (1, -3)) == [0.55, 0.4]


def test_it_stays_within_the_way() -> None:
    assert turned(Encoder(), (0, 60), (1, 1), (2, -1), (3, -200)) == [1.0, 1.0, 0.99, 0.0]


def test_from_beyond_the_way_it_comes_back_without_a_jump() -> None:
    turner = Turner(Encoder())
    turner.start_at(1.3)
    assert [round(turner.feed(step, 0.0) or 0.0, 6) for step in (1, -1, -40)] == [1.3, 1.29, 0.89]


@pytest.mark.parametrize(
    ("relative", "up", "down"),
    [("twos complement", 2, 126), ("offset", 66, 62), ("sign magnitude", 2, 66)],
)
def test_a_raw_value_means_steps_in_the_way_of_its_maker(relative: Any, up: int, down: int) -> None:
    assert turned(Encoder(relative), (0, up / 127), (1, down / 127)) == [0.52, 0.5]


def test_on_and_off_are_a_step_each() -> None:
    assert turned(Encoder("on off"), (0, 1.0), (1, 1.0), (2, 0.0)) == [0.51, 0.52, 0.51]


def test_which_way_it_is_can_be_found_out() -> None:
    up, down = 65 / 127, 63 / 127
    turner = Turner(Encoder("auto"))
    turner.start_at(0.5)
    for count in range(24):
        turner.feed(up if count // 4 % 2 else down, count * 1.0)
    assert turner.level == pytest.approx(0.5, abs=0.1)
    turner.start_at(0.5)
    assert turner.feed(up, 100.0) == pytest.approx(0.51)


def test_what_is_turned_fast_goes_farther() -> None:
    fast = [(count / 25, 1) for count in range(4)]
    assert turned(Encoder(acceleration=1), *fast) == [0.51, 0.53, 0.55, 0.57]
    assert turned(Encoder(acceleration=0), *fast) == [0.51, 0.52, 0.53, 0.54]
    assert turned(Encoder(acceleration=1), (0, 1), (0.1, 1.5))[-1] == pytest.approx(0.51 + 0.015 * 1.5)
    assert turned(Encoder(acceleration=1), (0, 1), (0.04, 1), (0.08, -1)) == [0.51, 0.53, 0.52]


def test_several_at_one_moment_go_as_fast_as_the_first() -> None:
    assert turned(Encoder(acceleration=1), (0, 1), (0.04, 1), (0.04, 1), (0.04, -1)) == [0.51, 0.53, 0.55, 0.54]


@given(st.floats(0, 10), st.lists(st.tuples(st.sampled_from([-1, 1]), st.floats(0.2, 5)), max_size=20))
def test_a_slow_single_step_is_always_one_step(acceleration: float, moves: list[tuple[int, float]]) -> None:
    turner, now, place = Turner(Encoder(turn=1000, acceleration=acceleration)), 0.0, 500
    turner.start_at(0.5)
    for step, later in moves:
        now, place = now + later + 1e-9, place + step
        assert turner.feed(step, now) == pytest.approx(place / 1000)


@given(st.lists(st.tuples(st.floats(-1e300, 1e300), st.floats(0, 1)), max_size=20), st.floats(0, 100))
def test_whatever_comes_it_stays_on_the_way(moves: list[tuple[float, float]], acceleration: float) -> None:
    turner, now = Turner(Encoder(acceleration=acceleration)), 0.0
    for value, later in moves:
        now += later
        left = turner.feed(value, now)
        assert left is None or 0.0 <= left <= 1.0


# In a show.


def knob(target: str, *after: Any, **options: Any) -> Route:
    return route(target, Encoder(), *after, **options)


def test_it_turns_its_target_from_where_the_start_has_put_it() -> None:
    show = mapping(knob("noise_scale"), noise_scale=0.3)
    assert send(show, 1.0) == {"noise_scale": 0.31}
    assert send(show, -3.0, now=1.0) == {"noise_scale": 0.28}


def test_and_from_where_it_rests_if_nothing_has() -> None:
    show = mapping(knob("noise_scale"))
    rest = show._board.cell(target_of("noise_scale"), "noise_scale").base  # type: ignore[attr-defined]
    assert send(show, 1.0)["noise_scale"] == pytest.approx(rest + 0.01)


def test_and_from_where_another_hand_has_put_it() -> None:
    show = mapping(knob("noise_scale"), noise_scale=0.3)
    send(show, 1.0)
    send(show, 0.8, path="panel/noise_scale", now=1.0)
    assert send(show, 1.0, now=2.0) == {"noise_scale": 0.81}


def test_and_from_where_a_fade_has_brought_it() -> None:
    scene = Scene("drop", {"noise_scale": Setting(target_of("noise_scale"), 1.0)}, Duration(4.0))
    show = compile(
        Profile(
            "test.yaml",
            routes=(knob("noise_scale"),),
            scenes={"drop": scene},
            start={"noise_scale": (target_of("noise_scale"), 0.0)},
        )
    )
    send(show, 1.0)
    send(show, path="panel/scene/drop", now=0.0)
    assert send(show, -1.0, now=2.0)["noise_scale"] == pytest.approx(0.495, abs=0.01)
    assert told(show, 4.0) == {}


def test_after_an_edit_it_goes_on_from_where_the_target_is() -> None:
    old = mapping(knob("noise_scale"), noise_scale=0.3)
    send(old, 5.0)
    new = compile(replace(old._profile, routes=(route("noise_scale", Encoder(turn=10)),)), old, 1.0)
    assert told(new, 1.0) == {}
    assert send(new, 1.0, now=1.0) == {"noise_scale": 0.45}


def test_it_goes_back_through_what_bends_its_way() -> None:
    show = mapping(knob("noise_scale", Curve("power", 2.0), Invert()), noise_scale=0.75)
    assert send(show, 10.0) == {"noise_scale": pytest.approx(1 - 0.6**2)}


def test_what_is_smoothed_after_it_goes_from_where_the_target_is() -> None:
    show = mapping(knob("noise_scale", Smooth(Duration(0.1), Duration(0.1))), noise_scale=0.3)
    send(show, 0.6, path="panel/noise_scale")
    send(show, 10.0, now=1.0)
    assert 0.6 < told(show, 1.1)["noise_scale"] < 0.7
    assert told(show, 9.0)["noise_scale"] == pytest.approx(0.7)


def test_its_way_is_the_range_that_the_route_gives() -> None:
    show = mapping(route("noise_scale", Encoder(), out=(0.9, 0.4)), noise_scale=0.65)
    assert send(show, 10.0) == {"noise_scale": pytest.approx(0.6)}
    assert send(show, 99.0, now=1.0) == {"noise_scale": pytest.approx(0.4)}


def test_on_top_of_the_hand_it_counts_from_nothing() -> None:
    show = mapping(route("noise_scale", Encoder(), mix="add"), noise_scale=0.3)
    assert send(show, 10.0) == {"noise_scale": 0.4}
    assert send(show, -5.0, now=1.0) == {"noise_scale": 0.35}


def test_it_has_no_need_to_take_over() -> None:
    show = mapping(route("noise_scale", Encoder(), takeover="pickup"), noise_scale=0.3)
    send(show, 0.8, path="panel/noise_scale")
    assert send(show, 1.0, now=1.0) == {"noise_scale": 0.81}


@pytest.mark.parametrize("law", ["linear", "equal power"])
def test_across_several_targets_it_turns_from_between_them(law: str) -> None:
    profile = Profile("test.yaml", loras={"a": "a.pt", "b": "b.pt", "c": "c.pt"})
    across = tuple((text, target_of(text, profile)) for text in ("lora/a", "lora/b", "lora/c"))
    show = mapping(Route("td/x", None, "", (Encoder(),), across=across, law=law), profile=profile, lora__b=1.0)  # type: ignore[arg-type]
    send(show, 25.0)
    assert show.controls(["td/x"])["td/x"].way == pytest.approx(0.75)
    send(show, 0.0, path="panel/lora/c", now=1.0)
    send(show, 1.0, path="panel/lora/b", now=1.0)
    send(show, -25.0, now=2.0)
    assert show.controls(["td/x"])["td/x"].way == pytest.approx(0.25)


# Events and things.


def encoders(*routes: Route, **options: Any) -> Mapping:
    control = Control("encoder/1", "encoder", Address("cc", 1, 1), relative="offset")
    desk = Controller("desk", "Desk", ("Desk",), {"encoder/1": control})
    return mapping(
        *routes, profile=Profile("test.yaml", prompts=PROMPTS, inputs={"desk": Midi("Desk", desk)}), **options
    )


def prompts(show: Mapping, *turns: float, path: str = "td/x") -> list[str]:
    """Return the prompt after each turn."""
    found = []
    for now, turn in enumerate(turns):
        show.feed(Batch(float(now), [(path, (turn,))]))
        found.append(show.prompter.texts[show.prompter.first])
    return found


def test_each_step_upwards_is_an_event() -> None:
    show = mapping(knob("prompt/next"), prompt="reef")
    assert prompts(show, 1.0, 1.0, -1.0, 3.0) == ["neon", "reef", "reef", "neon"]


def test_an_encoder_that_the_controller_knows_needs_no_filter_for_that() -> None:
    show = encoders(route("prompt/next", signal="desk/encoder/1"), prompt="reef")
    assert prompts(show, 1.0, 1.0, -1.0, 3.0, path="desk/encoder/1") == ["neon", "reef", "reef", "neon"]


def test_steps_can_be_counted() -> None:
    show = encoders(route("prompt/next", Every(2), signal="desk/encoder/1"), prompt="reef")
    assert prompts(show, 1.0, 1.0, 1.0, 1.0, path="desk/encoder/1") == ["reef", "neon", "neon", "reef"]
    show = mapping(knob("prompt/next", Every(2)), prompt="reef")
    assert prompts(show, 1.0, 1.0, -1.0, 1.0, 1.0) == ["reef", "neon", "neon", "neon", "reef"]


def test_a_step_can_toggle() -> None:
    show = mapping(knob("manage_cache", Toggle()))
    assert [send(show, 1.0, now=float(now)).get("manage_cache") for now in range(3)] == [True, False, True]


def test_a_switch_is_turned_on_and_off() -> None:
    show = mapping(knob("manage_cache"), manage_cache=False)
    assert send(show, 1.0) == {"manage_cache": True}
    assert send(show, -1.0, now=1.0) == {"manage_cache": False}


def test_a_prompt_is_turned_to_the_one_beside_it() -> None:
    show = mapping(knob("prompt"), prompt="reef")
    assert prompts(show, 1.0, 1.0, -1.0, -1.0) == ["neon", "neon", "reef", "reef"]
    send(show, "any text", path="panel/prompt", now=9.0)
    assert prompts(show, -1.0) == ["neon"]


def test_a_word_is_turned_to_the_one_beside_it() -> None:
    show = mapping(knob("word/mood"), prompt="reef")
    said = []
    for now, turn in enumerate((1.0, 1.0, 1.0, -1.0)):
        send(show, turn, now=float(now))
        said.append(show.prompter.words["mood"])
    assert said == ["tense", "ecstatic", "ecstatic", "tense"]


def test_a_choice_is_turned_to_the_one_beside_it() -> None:
    show = mapping(knob("temporal_interpolation_method"), temporal_interpolation_method="linear")
    methods = []
    for now, turn in enumerate((1.0, 1.0, -1.0)):
        send(show, turn, now=float(now))
        methods.append(show.prompter.method)
    assert methods == ["slerp", "slerp", "linear"]


def test_things_that_the_route_names_lie_along_the_way() -> None:
    show = mapping(route("prompt", Encoder(turn=4), Choose(("reef", "neon"))), prompt="reef")
    assert prompts(show, 1.0, 1.0, -1.0) == ["neon", "neon", "neon"]
