"""Events: none is lost on its way, none happens twice, and what must not act does not."""

from dataclasses import replace
from typing import Any

import pytest

from bridge.mapping import Mapping, compile
from bridge.profile.durations import Duration, Unit
from bridge.profile.filters import AtMost, Every, Filter, Press, Toggle, Wait
from bridge.profile.model import Page, Profile, Route, Scene, Setting, TempoSource
from bridge.profile.outputs import Ndi
from bridge.signals import Batch
from bridge.verbs import Freeze, Level
from tests.mapping.build import PROMPTS, act, route, send, target_of, told

BASE = Profile(
    "test.yaml",
    prompts=PROMPTS,
    outputs={"program": Ndi("Scope Bridge")},
    tempo=(TempoSource("bpm", bpm=120.0),),
    scenes={"drop": Scene("drop", {"noise_scale": Setting(target_of("noise_scale"), 0.9)})},
)
BAR = Wait(Duration(1, Unit.BARS))


def show(*routes: Route, **more: Any) -> Mapping:
    return compile(replace(BASE, routes=routes, **more))


@pytest.mark.parametrize("messages", [[()], [(1.0,), (0.0,)], [(127.0,), (0.0,)]])
@pytest.mark.parametrize("filters", [[BAR], [Press("press"), BAR], [BAR, Every(1)]])
def test_a_press_that_is_over_before_the_bar_comes_on_the_bar(
    messages: list[tuple[float, ...]], filters: list[Filter]
) -> None:
    mapping = show(route("scene/drop", *filters, profile=BASE))
    mapping.tick(10.0)
    mapping.feed(Batch(10.5, [("td/x", values) for values in messages]))

    assert told(mapping, 11.9) == {}
    assert told(mapping, 12.05) == {"noise_scale": 0.9}


def test_every_press_of_a_button_waits_for_its_own_bar() -> None:
    mapping = show(route("prompt/next", BAR), start={"prompt": (target_of("prompt"), "reef")})
    mapping.tick(10.0)
    heard = []
    for bar in range(3):
        mapping.feed(Batch(10.5 + 2 * bar, [("td/x", (1.0,)), ("td/x", (0.0,))]))
        heard.append(told(mapping, 12.05 + 2 * bar)["prompts"]["prompts"][0]["text"])

    assert heard == ["neon rain", "a reef, calm", "neon rain"]


def test_of_presses_that_come_too_fast_the_last_comes_at_the_end_of_the_time() -> None:
    mapping = show(route("prompt/next", AtMost(Duration(2.0))), start={"prompt": (target_of("prompt"), "reef")})
    changes = 0
    for step in range(5):
        mapping.feed(Batch(step / 10, [("td/x", (1.0,)), ("td/x", (0.0,))]))
        changes += bool(told(mapping, step / 10))
    assert changes == 1
    assert told(mapping, 2.1)
    assert not told(mapping, 9.0)


def test_a_toggle_after_a_wait_sees_each_press() -> None:
    mapping = show(route("output/program/freeze", BAR, Toggle(), profile=BASE))
    mapping.tick(10.0)
    verbs = []
    for bar in range(2):
        mapping.feed(Batch(10.5 + 2 * bar, [("td/x", (1.0,)), ("td/x", (0.0,))]))
        verbs += mapping.tick(12.05 + 2 * bar).verbs

    assert verbs == [Freeze("program", True), Freeze("program", False)]


def test_a_beat_is_a_number_too_for_as_long_as_it_takes_a_chunk_to_see_it() -> None:
    beat = Route(
        "tempo/beat", target_of("noise_scale"), "noise_scale",
        source=(0, 1), out=(0.0, 0.2), mix="add", per_chunk="max",
    )  # fmt: skip
    mapping = show(beat)
    mapping.tick(10.0)

    assert told(mapping, 10.0) == {"noise_scale": 0.9}
    assert told(mapping, 10.1) == {"noise_scale": 0.7}
    assert told(mapping, 10.6) == {"noise_scale": 0.9}


@pytest.mark.parametrize(
    ("target", "values"),
    [
        ("prompt/next", ()),
        ("prompt", ("neon",)),
        ("manage_cache", (0.0,)),
        ("word/mood", ("tense",)),
        ("scene/drop", (1.0,)),
    ],
)
def test_a_route_that_is_off_does_nothing_whatever_its_target_takes(target: str, values: tuple[Any, ...]) -> None:
    mapping = show(route(target, name="it", profile=BASE, on=False), start={"prompt": (target_of("prompt"), "reef")})

    assert send(mapping, *values) == {}
    before = mapping.initial()
    send(mapping, 1, path="panel/route/it/on")
    send(mapping, *values, now=1.0)
    assert mapping.initial() != before


def test_panic_silences_beats_until_the_next_scene() -> None:
    beat = Route("tempo/beat", target_of("prompt/next"), "prompt/next")
    mapping = show(beat, start={"prompt": (target_of("prompt"), "reef")})
    assert told(mapping, 10.0)
    send(mapping, path="panel/panic", now=10.1)

    assert not any("prompts" in told(mapping, 10.2 + step / 4) for step in range(20))
    send(mapping, path="panel/scene/drop", now=16.0)
    assert "prompts" in told(mapping, 16.6)


def test_undo_takes_back_what_had_never_been_set() -> None:
    dark = {
        "noise_scale": Setting(target_of("noise_scale"), 0.9),
        "output/all/level": Setting(target_of("output/all/level", BASE), 0.0),
    }
    mapping = show(scenes={"dark": Scene("dark", dark)})
    assert act(mapping, path="panel/scene/dark") == [Level("all", 0.0)]
    assert told(mapping, 0.1) == {"noise_scale": 0.9}

    assert act(mapping, path="panel/undo", now=1.0) == [Level("all", 1.0)]
    assert told(mapping, 1.0) == {"noise_scale": 0.7}


def test_a_snapshot_brings_back_what_was_not_set_then() -> None:
    mapping = show(loras={"arcane": "a.pt"}, lora_change="smooth")
    send(mapping, path="panel/snapshot/save/1")
    send(mapping, 0.7, path="panel/lora/arcane")

    assert send(mapping, path="panel/snapshot/recall/1", now=1.0) == {"lora_scales": [{"path": "a.pt", "scale": 0.0}]}


def test_pages_that_turn_to_each_other_come_to_rest() -> None:
    pages = {"a": Page("a"), "b": Page("b")}
    profile = replace(BASE, pages=pages)
    mapping = show(
        Route("page/a", target_of("page/b", profile), "page/b"),
        Route("page/b", target_of("page/a", profile), "page/a"),
        pages=pages,
    )
    send(mapping, path="panel/page/b")

    assert mapping.around.pages.current in (("a",), ("b",))


def test_a_message_without_values_cannot_hold_a_page() -> None:
    mapping = show(pages={"a": Page("a"), "b": Page("b", held="td/shift")})
    send(mapping, path="td/shift")

    assert mapping.around.pages.current == ("a",)


def test_a_page_may_be_turned_by_the_bar() -> None:
    mapping = show(pages={"a": Page("a"), "b": Page("b", latched="tempo/bar")})
    mapping.tick(10.0)
    assert mapping.around.pages.current == ("b",)
    mapping.tick(12.1)
    assert mapping.around.pages.current == ("a",)
