"""One route at work."""

import math

import pytest

from bridge.mapping import Mapping, compile
from bridge.profile.durations import Duration
from bridge.profile.filters import Clamp, Edge, Every, Filter, OneEuro, Press, Smooth, Toggle
from bridge.profile.model import LoraTarget, Profile, Prompts, Route
from bridge.signals import Batch, Value
from tests.mapping.build import mapping, route, send, told

BANK = Prompts({name: name for name in "abcdef"})


def pressed(show: Mapping, *values: Value) -> list[str]:
    """Send values a tenth of a second apart; return the prompts that they brought."""
    brought = []
    for step, value in enumerate(values):
        changed = send(show, value, now=step / 10)
        brought += [entry["text"] for entry in changed.get("prompts", {}).get("prompts", [])]
    return brought


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        (Press("release"), ["b", "c"]),
        (Press("double"), ["b"]),
        (Edge(0.5, "fall"), ["b", "c"]),
        (Edge(0.5, "rise"), ["b", "c"]),
        (Edge(0.5, "both"), ["b", "c"]),
        (Every(2), ["b"]),
        (Toggle(), ["b"]),
        (Clamp(0.0, 1.0), ["b", "c"]),
    ],
)
def test_each_event_that_leaves_the_filters_happens_once(option: Filter, expected: list[str]) -> None:
    show = mapping(route("prompt/next", option), prompts=BANK, prompt="a")

    assert pressed(show, 1.0, 0.0, 1.0, 1.0, 0.0, 0.0) == expected


def test_events_in_a_row_are_each_seen_by_the_next_filter() -> None:
    show = mapping(route("manage_cache", Press("double"), Toggle(start=True)))
    heard = []
    for step, value in enumerate((1.0, 0.0) * 8):
        changed = send(show, value, now=step / 10)
        if changed:
            heard.append(changed["manage_cache"])

    assert heard == [False, True, False, True]


def test_an_event_that_comes_by_itself_is_seen_by_a_trigger_each_time() -> None:
    show = mapping(route("prompt/next", Press("long")), prompts=BANK, prompt="a")
    brought = []
    for press in range(3):
        show.feed(Batch(2.0 * press, [("td/x", (1.0,))]))
        brought.append(bool(told(show, 2.0 * press + 1.0)))
        show.feed(Batch(2.0 * press + 1.5, [("td/x", (0.0,))]))

    assert brought == [True, True, True]


def test_a_message_without_values_is_an_event_only_where_one_is_wanted() -> None:
    assert send(mapping(route("manage_cache", Toggle(start=True)))) == {"manage_cache": False}
    show = mapping(route("noise_scale", Clamp(0.0, 1.0)))
    assert send(show) == {}
    assert show.states()[0].detail == "a number is wanted, and this message has no value"


def test_a_route_that_an_edit_left_alone_keeps_what_it_counted() -> None:
    kept = route("noise_scale", Smooth(Duration(1.0), Duration(1.0)))
    old = mapping(kept, route("vace_context_scale", signal="td/y"))
    send(old, 0.5, now=1.0)
    send(old, 1.5, now=2.0)
    send(old, "loud", now=3.0)
    old.tick(4.0)
    before = old.states()[0]
    new = compile(Profile("test.yaml", routes=(kept,)), old, 4.0)

    assert (before.at, before.clamped, before.refused) == (3.0, 1, 1)
    assert new.states() == [before]


def test_a_button_that_is_down_while_the_profile_is_edited_is_not_pressed_again() -> None:
    kept = route("prompt/next")
    old = mapping(kept, prompts=BANK, prompt="a")
    send(old, 1.0)
    new = compile(Profile("test.yaml", routes=(kept, route("noise_scale", signal="td/y")), prompts=BANK), old, 1.0)

    assert send(new, 1.0, now=1.0) == {}
    send(new, 0.0, now=1.1)
    assert send(new, 1.0, now=1.2) != {}


def test_text_goes_past_the_filters_to_a_target_that_takes_text() -> None:
    show = mapping(route("prompt", Clamp(0.0, 1.0), source=(0, 1)), route("word/mood", Clamp(0.0, 1.0), signal="td/y"))

    assert send(show, "two cats {mood}")["prompts"]["prompts"][0]["text"] == "two cats calm"
    assert send(show, "wooden", path="td/y")["prompts"]["prompts"][0]["text"] == "two cats wooden"


def test_a_hand_that_takes_one_end_of_a_smooth_crossfader_leaves_the_other_going() -> None:
    profile = Profile("test.yaml", loras={"arcane": "a.pt", "ghibli": "g.pt"}, lora_change="smooth")
    across = tuple((f"lora/{name}", LoraTarget(name)) for name in profile.loras)
    slow = Smooth(Duration(1.0), Duration(1.0))
    show = mapping(Route("td/x", None, "", (slow,), (0, 1), across=across), profile=profile)
    send(show, 0.0)
    send(show, 1.0)
    send(show, 0.9, path="panel/lora/arcane", now=0.5)

    scales = {entry["path"]: entry["scale"] for entry in told(show, 1.0)["lora_scales"]}
    assert scales["g.pt"] == pytest.approx(1 - math.exp(-1), abs=1e-3)


def test_filters_are_explained_by_the_names_that_a_profile_has_for_them() -> None:
    show = mapping(route("noise_scale", OneEuro(), Clamp(0.0, 1.0)))

    assert [name for name, _ in show.explain("td/x", (0.5,))[0].steps] == ["one_euro", "clamp"]
