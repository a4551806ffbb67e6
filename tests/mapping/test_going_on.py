"""What survives: an edit of the profile while it plays, a restart in the middle of a show."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.mapping import Mapping, compile
from bridge.profile.durations import Duration
from bridge.profile.filters import Choose, Smooth, Toggle, When
from bridge.profile.model import Cue, Page, Profile, Prompts, Route, Scene, Setting, TempoSource
from bridge.profile.outputs import Ndi
from bridge.signals import Batch, Value
from bridge.verbs import Freeze, Level
from tests.mapping.build import PROMPTS, act, route, send, target_of, told

SLOW = Smooth(Duration(1.0), Duration(1.0))
DROP = Scene("drop", {"noise_scale": Setting(target_of("noise_scale"), 1.0)}, Duration(4.0))
SHOW = Profile(
    "test.yaml",
    prompts=PROMPTS,
    outputs={"program": Ndi("Scope Bridge")},
    loras={"arcane": "a.pt"},
    scenes={"drop": DROP},
    cues={"first": Cue("first", "drop"), "last": Cue("last", "drop", wait=Duration(3.0))},
    pages={"perform": Page("perform"), "looks": Page("looks")},
)


def show(*routes: Route, after: Mapping | None = None, now: float = 0.0, **more: Any) -> Mapping:
    return compile(replace(SHOW, routes=routes, **more), after, now)


def test_a_running_fade_goes_on_through_an_edit_of_something_else() -> None:
    old = show()
    send(old, 0.0, path="panel/noise_scale")
    send(old, path="panel/scene/drop")
    told(old, 1.0)
    new = show(route("manage_cache"), after=old, now=1.5)

    assert told(new, 2.0)["noise_scale"] == pytest.approx(0.5, abs=0.02)
    assert told(new, 4.1) == {"noise_scale": 1.0}
    assert not new.moving


def test_a_smoother_goes_on_alone_or_among_many() -> None:
    for routes in ([route("noise_scale", SLOW)], [route("noise_scale", SLOW), route("noise_scale", signal="td/y")]):
        old = show(*routes)
        send(old, 0.0)
        send(old, 1.0)
        told(old, 0.5)
        new = show(*routes, route("manage_cache", signal="td/z"), after=old, now=0.6)
        untouched = show(*routes)
        send(untouched, 0.0)
        send(untouched, 1.0)

        assert told(new, 1.0) == told(untouched, 1.0)


def test_a_route_that_gets_a_rival_leaves_the_bank_and_the_hand_stays_where_it_is() -> None:
    old = show(route("noise_scale", SLOW))
    send(old, 0.8)
    new = show(route("noise_scale", SLOW), route("noise_scale", signal="td/y", mix="add"), after=old, now=1.0)

    assert new.states()[0].asked == 0.8
    assert send(new, 0.1, path="td/y", now=1.1) == {"noise_scale": 0.9}


def test_what_scope_was_not_told_before_the_edit_it_is_told_after_it() -> None:
    old = show(route("noise_scale"), route("reset_cache", signal="td/r"))
    old.feed(Batch(0.0, [("td/x", (0.3,)), ("td/r", (1,))]))
    new = show(route("noise_scale"), route("reset_cache", signal="td/r"), after=old, now=0.1)

    assert told(new, 0.2) == {"noise_scale": 0.3, "reset_cache": True}


def test_an_edit_of_out_moves_the_picture_to_where_the_hand_is_now() -> None:
    old = show(route("noise_scale", source=(0, 1)))
    send(old, 0.5)
    new = show(route("noise_scale", source=(0, 1), out=(0.0, 0.4)), after=old, now=1.0)

    assert told(new, 1.0) == {"noise_scale": 0.2}


def test_a_new_start_counts_for_what_nobody_has_touched() -> None:
    start = {
        "noise_scale": (target_of("noise_scale"), 0.1),
        "vace_context_scale": (target_of("vace_context_scale"), 0.5),
    }
    old = show(start=start)
    send(old, 0.9, path="panel/noise_scale")
    edited = {text: (target, 0.3) for text, (target, _) in start.items()}
    new = show(start=edited, after=old, now=1.0)

    assert told(new, 1.0) == {"vace_context_scale": 0.3}
    assert new.initial()["noise_scale"] == 0.9


def test_depths_switches_and_toggles_stay() -> None:
    kick = route("noise_scale", source=(0, 1), out=(0.0, 0.2), mix="add", name="kick")
    toggle = route("output/program/freeze", Toggle(), signal="td/t", profile=SHOW)
    old = show(kick, toggle)
    send(old, 0.5, path="panel/route/kick/amount")
    send(old, 1.0)
    assert act(old, path="td/t") == [Freeze("program", True)]
    new = show(kick, toggle, route("manage_cache", signal="td/z"), after=old, now=1.0)

    assert new.states()[0].asked == 0.8
    assert act(new, path="td/t", now=1.0) == [Freeze("program", False)]


def test_an_edit_changes_no_output() -> None:
    start = {"output/all/level": (target_of("output/all/level", SHOW), 0.5)}
    old = show(start=start)
    assert old.tick(0.0).verbs == [Level("all", 0.5)]

    assert show(route("manage_cache"), start=start, after=old, now=1.0).tick(1.0).verbs == []


def test_a_cue_that_waits_comes_after_the_edit_unless_it_is_gone() -> None:
    old = show()
    send(old, path="panel/cue/last", now=10.0)
    kept = show(route("manage_cache"), after=old, now=11.0)
    assert kept.director.coming == "last"
    gone = show(cues={"first": SHOW.cues["first"]}, after=kept, now=12.0)
    assert gone.director.coming is None


def test_an_edited_tempo_counts_from_the_beat_that_is() -> None:
    old = show(tempo=(TempoSource("bpm", bpm=120.0),))
    old.tick(10.0)
    new = show(tempo=(TempoSource("bpm", bpm=60.0),), after=old, now=12.0)

    assert new.around.times.tempo.bpm == 60.0
    assert new.around.times.tempo.beats(12.0) == pytest.approx(4.0)


def resumed(old: Mapping, **more: Any) -> Mapping:
    """Return the show after a restart, its state having been on a disk."""
    new = show(*old._profile.routes, **more)
    new.resume(json.loads(json.dumps(old.state())))
    return new


def test_a_restart_continues_where_the_show_was() -> None:
    old = show(route("noise_scale"), prompts=replace(PROMPTS, slots=("a", "b")))
    done: list[tuple[str, Value]] = [
        ("td/x", 0.3),
        ("panel/prompt", "neon"),
        ("panel/prompt/b/text", "reef"),
        ("panel/prompt/b/weight", 0.4),
        ("panel/word/mood", "tense"),
        ("panel/lora/arcane", 0.7),
        ("panel/output/program/level", 0.5),
        ("panel/manage_cache", False),
        ("panel/snapshot/save/3", 1),
        ("panel/cue/first", 1),
        ("panel/page/looks", 1),
        ("panel/tap", 1),
    ]
    for path, value in done:
        send(old, value, path=path)
    old.tick(5.0)
    new = resumed(old, prompts=old._profile.prompts)

    assert new.initial() == old.initial()
    assert new.initial()["noise_scale"] == 1.0
    assert [entry["text"] for entry in new.initial()["prompts"]["prompts"]] == ["neon rain", "a reef, tense"]
    assert not new.waiting
    assert (new.around.scene, new.director.cue, new.around.pages.current) == ("drop", "first", ("looks",))
    assert new.tick(0.0).verbs == [Level("program", 0.5)]
    send(new, path="panel/snapshot/recall/3")
    assert new.initial()["noise_scale"] == 0.3


def test_random_goes_on_with_what_it_has_not_brought() -> None:
    bank = Prompts({name: name for name in "abcdef"})
    old = show(prompts=bank)
    for _ in range(3):
        send(old, path="panel/prompt/random")
    new = resumed(old, prompts=bank)

    for show_ in (old, new):
        send(show_, path="panel/prompt/random")
    assert new.prompter.prompt == old.prompter.prompt


def test_what_the_profile_no_longer_has_or_takes_is_left_where_the_start_put_it() -> None:
    new = show()
    new.resume(
        {
            "values": {
                "noise_scale": "loud",
                "lora/gone": 1,
                "manage_cache": 7,
                "vace_context_scale": 99,
                "scene/drop": 1,
            },
            "scene": "gone",
            "pages": ["gone", 3, ["looks"], None],
            "cue": "gone",
            "snapshots": {"x": {}, "2": 3},
            "bpm": "fast",
            "seed": "x",
            "bag": 3,
        }
    )

    assert new.initial() == {"noise_scale": 0.7, "vace_context_scale": 2.0, "manage_cache": True}
    assert (new.around.scene, new.director.cue, new.around.pages.current) == (None, None, ("perform",))


json_like = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
KEYS = ["values", "scene", "page", "cue", "snapshots", "bpm", "seed", "bag"]


@given(st.dictionaries(st.sampled_from(KEYS), json_like))
def test_no_state_that_a_disk_can_hold_stops_a_show(state: dict[str, Any]) -> None:
    new = show()
    new.resume(state)

    assert new.tick(0.0) is not None
    assert "noise_scale" in new.initial()


def test_choose_turns_a_knob_into_text() -> None:
    made = show(
        route("prompt", Choose(("reef", "neon")), source=(0, 1)),
        route("word/mood", Choose(("wild", "calm")), source=(0, 1), signal="td/y"),
    )

    assert send(made, 0.9)["prompts"]["prompts"][0]["text"] == "neon rain"
    assert send(made, 0.1)["prompts"]["prompts"][0]["text"] == "a reef, calm"
    assert send(made, 0.1, path="td/y")["prompts"]["prompts"][0]["text"] == "a reef, wild"


@pytest.mark.parametrize(
    ("condition", "before", "after"),
    [
        (When(scene="drop"), False, True),
        (When(scene="drop", negate=True), True, False),
        (When(state="streaming"), False, True),
        (When(signal="td/gate"), False, True),
        (When(signal="td/gate", above=0.7), False, True),
        (When(signal="td/gate", below=0.7), False, False),
    ],
)
def test_a_route_acts_only_while_its_condition_holds(condition: When, before: bool, after: bool) -> None:
    made = show(route("vace_context_scale", condition))
    assert bool(send(made, 0.5)) is before
    made.feed(Batch(0.0, [("panel/scene/drop", ()), ("scope/state", ("streaming",)), ("td/gate", (0.8,))]))
    told(made, 0.0)

    assert ("vace_context_scale" in send(made, 0.6)) is after


def test_a_restart_in_the_middle_of_a_fade_goes_on_with_what_is_left_of_it() -> None:
    old = show()
    send(old, 0.0, path="panel/noise_scale", now=10.0)
    send(old, path="panel/scene/drop", now=10.0)
    told(old, 11.0)
    new = show()
    new.resume(json.loads(json.dumps(old.state())), 100.0)

    assert new.initial()["noise_scale"] == pytest.approx(0.25, abs=0.01)
    assert told(new, 101.5)["noise_scale"] == pytest.approx(0.625, abs=0.02)
    assert told(new, 103.1) == {"noise_scale": 1.0}
    assert not new.moving
