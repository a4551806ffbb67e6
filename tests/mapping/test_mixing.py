"""Hand and sound on one target: what a chunk gets of everything that moved."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.mapping import Mapping
from bridge.mapping.running import spread
from bridge.profile.durations import Duration
from bridge.profile.filters import Delay, Envelope, Smooth
from bridge.profile.model import LoraTarget, Profile, Prompts, Route, RouteTarget
from bridge.signals import Batch
from tests.mapping.build import mapping, route, send, told

HAND = route("vace_context_scale", signal="td/hand")


def moved(mix: str, **options: Any) -> Mapping:
    show = mapping(HAND, route("vace_context_scale", signal="td/kick", source=(0, 1), mix=mix, **options))
    send(show, 1.0, path="td/hand")
    return show


@pytest.mark.parametrize(
    ("mix", "out", "kick", "expected"),
    [
        ("add", (0.0, 0.5), 1.0, 1.5),
        ("add", (0.0, 0.5), 0.5, 1.25),
        ("add", (-0.4, 0.4), 0.0, 0.6),
        ("add", None, 0.25, 1.5),
        ("add", (0.0, 9.0), 1.0, 2.0),
        ("multiply", (1.0, 0.25), 1.0, 0.25),
        ("multiply", (1.0, 0.25), 0.0, 1.0),
        ("multiply", None, 0.5, 0.5),
        ("max", (0.0, 2.0), 0.75, 1.5),
        ("max", (0.0, 2.0), 0.25, 1.0),
        ("min", (0.0, 2.0), 0.25, 0.5),
        ("min", (0.0, 2.0), 0.75, 1.0),
        ("average", (0.0, 2.0), 1.0, 1.5),
    ],
)
def test_a_route_acts_on_top_of_the_hand_as_its_mix_says(mix: str, out: Any, kick: float, expected: float) -> None:
    show = moved(mix, out=out)

    assert send(show, kick, path="td/kick")["vace_context_scale"] == pytest.approx(expected)


def test_what_acts_on_top_goes_along_when_the_hand_moves() -> None:
    show = moved("add", out=(0.0, 0.5))
    send(show, 1.0, path="td/kick")

    assert send(show, 0.2, path="td/hand") == {"vace_context_scale": 0.7}


def test_an_average_counts_everybody_alike() -> None:
    show = mapping(
        HAND,
        route("vace_context_scale", signal="td/a", mix="average"),
        route("vace_context_scale", signal="td/b", mix="average"),
    )
    send(show, 0.3, path="td/hand")
    send(show, 0.6, path="td/a")

    assert send(show, 1.5, path="td/b") == {"vace_context_scale": 0.8}


def test_several_act_in_the_order_of_the_profile() -> None:
    show = mapping(
        HAND,
        route("vace_context_scale", signal="td/half", source=(0, 1), out=(0.0, 0.5), mix="multiply"),
        route("vace_context_scale", signal="td/more", source=(0, 1), out=(0.0, 0.5), mix="add"),
    )
    send(show, 1.0, path="td/hand")
    send(show, 1.0, path="td/more")

    assert send(show, 1.0, path="td/half") == {"vace_context_scale": 1.0}


def test_before_a_hand_has_come_sound_acts_on_what_scope_begins_with() -> None:
    show = mapping(route("noise_scale", source=(0, 1), out=(0.0, 0.2), mix="add"))

    assert send(show, 1.0) == {"noise_scale": 0.9}


def named(**options: Any) -> Profile:
    kick = route("vace_context_scale", signal="td/kick", source=(0, 1), name="kick", **options)
    profile = Profile("test.yaml", routes=(HAND, kick))
    deep = Route("td/amount", RouteTarget("kick", "amount"), "route/kick/amount")
    switch = Route("td/on", RouteTarget("kick", "on"), "route/kick/on")
    return Profile("test.yaml", routes=(*profile.routes, deep, switch))


@pytest.mark.parametrize(
    ("mix", "out", "amount", "expected"),
    [
        ("add", (0.0, 0.5), 0.5, 1.25),
        ("add", (-0.4, 0.4), 0.0, 1.0),
        ("multiply", (1.0, 0.0), 0.5, 0.5),
        ("max", (0.0, 2.0), 0.5, 1.5),
        ("latest", (0.5, 1.5), 0.5, 1.0),
        ("latest", (0.5, 1.5), 0.0, 0.5),
    ],
)
def test_the_amount_of_a_route_is_how_deep_it_acts_and_0_is_not_at_all(
    mix: str, out: Any, amount: float, expected: float
) -> None:
    from bridge.mapping import compile

    show = compile(named(mix=mix, out=out))
    send(show, 1.0, path="td/hand")
    send(show, 1.0, path="td/kick")
    changed = send(show, amount, path="td/amount")

    assert changed.get("vace_context_scale", 1.0) == pytest.approx(expected)


def test_a_route_that_is_switched_off_does_not_act_and_comes_back_where_it_is() -> None:
    from bridge.mapping import compile

    show = compile(named(mix="add", out=(0.0, 0.5)))
    send(show, 1.0, path="td/hand")
    send(show, 1.0, path="td/kick")

    assert send(show, 0, path="td/on") == {"vace_context_scale": 1.0}
    assert send(show, 0.5, path="td/kick") == {}
    assert send(show, 1, path="td/on") == {"vace_context_scale": 1.25}


def test_a_kick_that_is_over_before_the_chunk_still_reaches_it_and_so_does_the_silence_after_it() -> None:
    show = moved("add", out=(0.0, 0.5), per_chunk="max")
    for step, value in enumerate((0.0, 1.0, 0.4, 0.0)):
        show.feed(Batch(step / 10, [("td/kick", (value,))]))

    assert told(show, 0.5) == {"vace_context_scale": 1.5}
    assert show.waiting
    assert told(show, 0.6) == {"vace_context_scale": 1.0}
    assert not show.waiting


def test_the_hand_is_where_it_is_also_in_a_chunk_that_gets_a_kick() -> None:
    show = moved("add", out=(0.0, 0.5), per_chunk="max")
    show.feed(Batch(0.1, [("td/kick", (1.0,))]))
    show.feed(Batch(0.2, [("td/kick", (0.0,)), ("td/hand", (0.2,))]))

    assert told(show, 0.3) == {"vace_context_scale": 0.7}
    assert told(show, 0.4) == {"vace_context_scale": 0.2}


def test_a_duck_is_deepest_in_its_chunk_too() -> None:
    show = moved("multiply", out=(1.0, 0.25), per_chunk="max")
    for step, value in enumerate((0.0, 1.0, 0.0)):
        show.feed(Batch(step / 10, [("td/kick", (value,))]))

    assert told(show, 0.5) == {"vace_context_scale": 0.25}


def test_a_mean_is_that_of_the_chunk_and_ends_where_the_signal_rests() -> None:
    show = mapping(route("noise_scale", per_chunk="mean"))
    for value in (0.0, 0.5, 1.0):
        show.feed(Batch(0.0, [("td/x", (value,))]))

    assert told(show, 0.1) == {"noise_scale": 0.5}
    assert told(show, 0.2) == {"noise_scale": 1.0}
    assert not show.waiting


@pytest.mark.parametrize(("per_chunk", "flickers"), [("max", False), ("newest", True)])
def test_a_kick_at_124_bpm_does_not_flicker_on_chunks_of_three_quarters_of_a_second(
    per_chunk: Any, flickers: bool
) -> None:
    """The picture follows the kick: with `max` every chunk in which it sounds shows it, and when it stops, it stops."""
    decay = Envelope(Duration(0.005), Duration(0.4))
    show = mapping(route("noise_scale", decay, source=(0, 1), out=(0.0, 0.3), mix="add", per_chunk=per_chunk))
    chunks: list[float] = []
    beat, chunk = 60 / 124, 0.75
    kicks = [step * beat for step in range(40)]
    moments = sorted([(at, "kick") for at in kicks] + [(step * chunk, "chunk") for step in range(1, 40)])
    for at, what in moments:
        if what == "kick":
            show.feed(Batch(at, [("td/x", ())]))
        else:
            told_now = told(show, at)
            chunks.append(told_now.get("noise_scale", chunks[-1] if chunks else 0.7))
    sounding = chunks[: int(kicks[-1] / chunk)]

    assert all(0.7 <= value <= 1.0 for value in chunks)
    if flickers:
        assert max(sounding) - min(sounding) > 0.15
    else:
        assert min(sounding) > 0.98  # the peak, 5 ms after the kick, lies between two points of the grid
        assert max(sounding) - min(sounding) < 0.02
    assert chunks[-1] == pytest.approx(0.7)


level = st.floats(0, 1)


@given(st.lists(st.tuples(level, st.booleans()), max_size=30), st.sampled_from(["newest", "max", "mean"]))
def test_the_last_value_always_lands(way: list[tuple[float, bool]], per_chunk: Any) -> None:
    show, shown = mapping(route("noise_scale", per_chunk=per_chunk)), 0.7
    for step, (value, chunk) in enumerate(way):
        show.feed(Batch(step / 10, [("td/x", (value,))]))
        if chunk:
            shown = told(show, step / 10).get("noise_scale", shown)
    for more in range(2):
        shown = told(show, len(way) + more).get("noise_scale", shown)

    assert shown == pytest.approx(way[-1][0] if way else 0.7, abs=1e-6)
    assert not show.waiting


@given(st.lists(st.tuples(level, st.booleans()), max_size=30))
def test_no_peak_is_lost(way: list[tuple[float, bool]]) -> None:
    show, peak = mapping(route("noise_scale", per_chunk="max")), None
    for step, (value, chunk) in enumerate([*way, (0.0, True)]):
        show.feed(Batch(step / 10, [("td/x", (value,))]))
        peak = value if peak is None else max(peak, value)
        if chunk:
            assert told(show, step / 10).get("noise_scale", peak) == pytest.approx(peak, abs=1e-6)
            peak = value


LORAS = Profile("test.yaml", loras={"arcane": "arcane.safetensors", "ghibli": "ghibli.safetensors", "ink": "ink.pt"})


def crossfader(count: int, **options: Any) -> Mapping:
    across = tuple((f"lora/{name}", LoraTarget(name)) for name in list(LORAS.loras)[:count])
    return mapping(Route("td/x", None, "", across=across, source=(0, 1), **options), profile=LORAS)


def scales(show: Mapping, *values: float) -> list[float]:
    found = send(show, *values)["lora_scales"]
    return [entry["scale"] for entry in found]


def test_a_crossfader_leads_from_one_to_the_other() -> None:
    assert scales(crossfader(2), 0.25) == pytest.approx([0.75, 0.25])
    assert scales(crossfader(2, out=(0.0, 2.0)), 1.0) == pytest.approx([0.0, 2.0])
    assert scales(crossfader(3), 0.5) == pytest.approx([0.0, 1.0, 0.0])
    assert scales(crossfader(3), 0.75) == pytest.approx([0.0, 0.5, 0.5])


def test_with_equal_power_the_middle_is_not_weaker() -> None:
    assert scales(crossfader(2, law="equal power"), 0.5) == pytest.approx([math.sqrt(0.5)] * 2, abs=1e-6)


def test_as_many_numbers_as_targets_are_one_for_each() -> None:
    assert scales(crossfader(2), 0.2, 0.9) == pytest.approx([0.2, 0.9])


def test_numbers_that_do_not_fit_the_targets_are_refused() -> None:
    show = crossfader(3)

    assert send(show, 0.1, 0.2) == {}
    assert show.states()[0].detail == (
        "td/x sends 2 numbers, and this route goes across 3 targets: send one number, 3 numbers"
    )


@pytest.mark.parametrize(
    ("x", "y", "expected"),
    [(0.0, 0.0, [1, 0, 0, 0]), (1.0, 0.0, [0, 1, 0, 0]), (0.0, 1.0, [0, 0, 1, 0]), (0.5, 0.5, [0.25] * 4)],
)
def test_a_pad_lies_between_four(x: float, y: float, expected: list[float]) -> None:
    prompts = Prompts(slots=("a", "b", "c", "d"))
    profile = Profile("test.yaml", prompts=prompts)
    from tests.mapping.build import target_of

    across = tuple((f"prompt/{slot}/weight", target_of(f"prompt/{slot}/weight", profile)) for slot in prompts.slots)
    show = mapping(Route("td/xy", None, "", across=across, source=(0, 1)), profile=profile)
    show.feed(Batch(0.0, [("td/xy", (x, y))]))

    assert list(show.prompter.weights.values()) == pytest.approx(expected)


@given(level, st.integers(2, 6))
def test_what_is_shared_is_all_there_is(way: float, count: int) -> None:
    assert sum(spread(way, count, equal_power=False)) == pytest.approx(1)
    assert sum(part**2 for part in spread(way, count, equal_power=True)) == pytest.approx(1)


def test_a_smooth_hand_and_a_kick_share_a_target() -> None:
    slow = Smooth(Duration(0.1), Duration(0.1))
    show = mapping(
        route("noise_scale", slow, signal="td/hand"),
        route("noise_scale", signal="td/kick", source=(0, 1), out=(0.0, 0.2), mix="add"),
    )
    send(show, 0.2, path="td/hand")
    send(show, 0.8, path="td/hand", now=1.0)
    send(show, 1.0, path="td/kick", now=1.0)
    assert told(show, 1.1)["noise_scale"] == pytest.approx(0.2 + 0.6 * (1 - math.exp(-1)) + 0.2, abs=1e-4)

    show.tick(5.0)
    assert told(show, 5.0) == {"noise_scale": 1.0}
    assert not show.moving


def test_filters_work_on_one_number_and_several_are_refused_with_the_way_out() -> None:
    show = crossfader(2, filters=(Smooth(Duration(1.0), Duration(1.0)),))

    assert send(show, 0.2, 0.9) == {}
    assert show.states()[0].detail == (
        "td/x sends 2 numbers, and filters work on one: write a route for each, from td/x[1], td/x[2] and so on"
    )
    assert scales(show, 0.2) == pytest.approx([0.8, 0.2])


def test_one_of_several_numbers_can_be_meant() -> None:
    show = mapping(route("noise_scale", argument=2), route("vace_context_scale", argument=1))

    assert send(show, 0.3, 0.8, 9.0) == {"noise_scale": 0.8, "vace_context_scale": 0.3}
    assert send(show, 0.5) == {"vace_context_scale": 0.5}
    assert show.states()[0].detail == "td/x[2] is wanted, and this message has 1 values"


def test_what_is_left_of_an_older_gesture_does_not_fight_with_the_newer_one() -> None:
    slow = Smooth(Duration(0.5), Duration(0.5))
    show = mapping(route("noise_scale", slow), route("noise_scale", slow, signal="td/y"))
    send(show, 0.0)
    send(show, 1.0)
    told(show, 0.2)
    send(show, 0.1, path="td/y", now=0.3)

    heard = [told(show, 0.3 + step / 10).get("noise_scale") for step in range(1, 60)]
    assert [value for value in heard if value is not None] == sorted(
        (value for value in heard if value is not None), reverse=True
    )
    assert show.states()[0].asked == 0.1
    assert not show.moving


def test_a_scene_ends_what_is_left_of_a_gesture() -> None:
    show = mapping(route("noise_scale", Smooth(Duration(0.5), Duration(0.5)), takeover="pickup"))
    send(show, 0.7)
    send(show, 1.0, now=1.0)
    told(show, 1.1)
    send(show, 0.2, path="panel/noise_scale", now=1.2)

    assert told(show, 9.0) == {}
    assert not show.moving


def test_what_is_delayed_comes_nevertheless() -> None:
    show = mapping(route("noise_scale", Delay(Duration(1.0))))
    send(show, 0.3)
    send(show, 0.9, path="panel/noise_scale", now=0.5)

    assert told(show, 1.1) == {"noise_scale": 0.3}


def test_what_is_left_of_a_crossfade_leaves_alone_what_a_hand_has_taken() -> None:
    show = crossfader(2, filters=(Smooth(Duration(1.0), Duration(1.0)),))
    send(show, 0.0)
    send(show, 1.0, now=10.0)
    send(show, 0.9, path="panel/lora/arcane", now=10.5)
    show.tick(30.0)

    assert [entry["scale"] for entry in show.initial()["lora_scales"]] == pytest.approx([0.9, 1.0])
