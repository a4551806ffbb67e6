"""What the controls of a controller stand for, and how it is with them."""

from dataclasses import replace
from typing import Any

import pytest

from bridge.mapping import ControlState, Mapping, compile, compile_all
from bridge.profile.controllers.model import Address, Control, Controller
from bridge.profile.durations import Duration, Unit
from bridge.profile.filters import Choose, Curve, Encoder, Levels, Smooth, Toggle
from bridge.profile.inputs import Midi, Video
from bridge.profile.model import Cue, OfScope, Page, PageTarget, Profile, Route, Scene, Scope, Setting
from bridge.profile.outputs import Ndi
from bridge.signals import Batch
from tests.mapping.build import PROMPTS, route, send, target_of

KINDS = {"fader/1": "fader", "fader/2": "fader", "knob/1": "knob", "pad/1/1": "pad", "play": "button"}
DESK = Controller(
    "desk",
    "Desk",
    ("Desk",),
    {
        **{name: Control(name, kind, Address("cc", 1, index)) for index, (name, kind) in enumerate(KINDS.items())},  # type: ignore[arg-type]
        "motor": Control("motor", "fader", Address("bend", 1), motor=Address("bend", 1)),
    },
)
BASE = Profile(
    "test.yaml",
    prompts=PROMPTS,
    inputs={"apc": Midi("APC", DESK), "cam": Video("pattern", "bars"), "spare": Video("pattern", "clock")},
    outputs={"program": Ndi("Scope Bridge")},
    loras={"a": "a.pt", "b": "b.pt"},
    scope=Scope(video=("cam", "spare")),
)
BASE = replace(
    BASE,
    scenes={
        "intro": Scene("intro", {"noise_scale": Setting(target_of("noise_scale"), 0.3)}),
        "drop": Scene(
            "drop",
            {"noise_scale": Setting(target_of("noise_scale"), 1.0), "prompt": Setting(target_of("prompt"), "neon")},
            Duration(4.0),
        ),
    },
    cues={"one": Cue("one", "intro"), "two": Cue("two", "drop", Duration(4.0, Unit.BARS))},
)


def show(*routes: Route, **more: Any) -> Mapping:
    return compile(replace(BASE, routes=routes, **more))


def fader(target: str, *filters: Any, signal: str = "apc/fader/1", **options: Any) -> Route:
    return route(target, *filters, signal=signal, source=options.pop("source", (0.0, 1.0)), profile=BASE, **options)


def pad(target: str, *filters: Any, signal: str = "apc/pad/1/1", **options: Any) -> Route:
    return route(target, *filters, signal=signal, source=(0.0, 1.0), profile=BASE, **options)


def state(mapping: Mapping, path: str = "apc/fader/1") -> ControlState:
    return mapping.controls([path])[path]


def way(mapping: Mapping, path: str = "apc/fader/1") -> float:
    found = state(mapping, path).way
    assert found is not None
    return found


# Where a value is.


def test_a_control_that_was_never_heard_shows_where_its_value_is() -> None:
    played = show(fader("noise_scale"), start={"noise_scale": (target_of("noise_scale"), 0.25)})
    assert state(played) == ControlState("apc/fader/1", "value", True, (), 0.25, False, False)


def test_and_so_does_one_that_a_pattern_stands_for() -> None:
    played = show(Route("apc/fader/{n}", None, "lora/{n}", (), (0.0, 1.0)), loras={"1": "a.pt", "2": "b.pt"})
    send(played, 0.5, path="panel/lora/2")
    found = played.controls(["apc/fader/1", "apc/fader/2", "apc/fader/3", "apc/knob/1"])
    assert {path: each.way for path, each in found.items()} == {"apc/fader/1": 0.0, "apc/fader/2": 0.5}


@pytest.mark.parametrize(
    ("filters", "options", "expected"),
    [
        ((), {}, 0.64),
        ((), {"out": (0.0, 0.8)}, 0.8),
        ((), {"out": (0.8, 0.0)}, 0.2),
        ((Curve("power", 2.0),), {}, 0.8),
        ((Levels((0.0, 0.64, 1.0)),), {}, 0.64),
        ((), {"amount": 0.8, "name": "f"}, 0.8),
        ((), {"source": (0.0, 0.5)}, 0.32),
        ((), {"source": (1.0, 0.0)}, 0.36),
    ],
)
def test_whoever_moved_it(filters: Any, options: Any, expected: float) -> None:
    played = show(fader("noise_scale", *filters, **options))
    send(played, 0.1, path="apc/fader/1")
    send(played, 0.64, path="panel/noise_scale")
    assert way(played) == pytest.approx(expected)


def test_a_value_beyond_the_way_is_at_its_end() -> None:
    played = show(fader("noise_scale", out=(0.2, 0.4)))
    send(played, 0.9, path="panel/noise_scale")
    assert way(played) == 1.0


def test_during_a_fade_it_is_where_that_is() -> None:
    played = show(fader("noise_scale"), start={"noise_scale": (target_of("noise_scale"), 0.0)})
    send(played, path="panel/scene/drop")
    played.tick(1.0)
    assert way(played) == pytest.approx(0.25, abs=0.01)


def test_where_filters_do_not_lead_back_it_is_where_the_control_has_told() -> None:
    played = show(
        fader("noise_scale", Levels((0.0, 0.5, 1.0))),
        fader("lora/a", Smooth(Duration(1.0), Duration(1.0)), signal="apc/knob/1"),
    )
    send(played, 0.6, path="apc/fader/1")
    send(played, 0.0, path="apc/knob/1")
    send(played, 0.9, path="apc/knob/1")
    assert way(played) == 0.6
    assert way(played, "apc/knob/1") == 0.9


def test_what_is_smoothed_with_all_others_is_read_where_it_is() -> None:
    played = show(fader("noise_scale", Smooth(Duration(1.0), Duration(1.0))))
    send(played, 0.2, path="apc/fader/1")
    send(played, 0.7, path="panel/noise_scale", now=1.0)
    assert way(played) == 0.7


def test_across_several_it_is_the_place_between_them() -> None:
    across = tuple((text, target_of(text, BASE)) for text in ("lora/a", "lora/b"))
    played = show(Route("apc/fader/1", None, "lora/a, lora/b", (), (0.0, 1.0), across=across))
    send(played, 0.3, path="apc/fader/1")
    assert way(played) == pytest.approx(0.3)
    send(played, 0.0, path="panel/lora/a")
    assert way(played) == 1.0


def test_an_encoder_has_the_place_of_its_target() -> None:
    played = show(
        route("noise_scale", Encoder(), signal="apc/knob/1"), start={"noise_scale": (target_of("noise_scale"), 0.5)}
    )
    send(played, 10.0, path="apc/knob/1")
    assert way(played, "apc/knob/1") == pytest.approx(0.6)
    send(played, 0.2, path="panel/noise_scale")
    assert way(played, "apc/knob/1") == pytest.approx(0.2)


def test_what_acts_on_top_shows_what_its_own_hand_has_set() -> None:
    played = show(fader("noise_scale", mix="add", out=(0.0, 0.3)))
    assert state(played).way is None
    send(played, 0.4, path="apc/fader/1")
    assert way(played) == 0.4


def test_of_several_things_it_is_the_place_among_them() -> None:
    played = show(fader("word/mood"), fader("prompt", Choose(("reef", "neon")), signal="apc/knob/1"))
    send(played, "tense", path="panel/word/mood")
    send(played, "neon", path="panel/prompt")
    assert (way(played), way(played, "apc/knob/1")) == (0.5, 0.75)
    send(played, "any text", path="panel/prompt")
    assert state(played, "apc/knob/1").way is None


# Takeover and range.


def test_after_a_scene_the_fader_waits() -> None:
    played = show(fader("noise_scale", takeover="pickup"), start={"noise_scale": (target_of("noise_scale"), 0.7)})
    assert not state(played).waits
    send(played, 0.2, path="apc/fader/1")
    assert state(played).waits
    send(played, 0.7, path="apc/fader/1")
    assert not state(played).waits
    send(played, path="panel/scene/intro")
    assert state(played).waits
    send(played, 0.3, path="apc/fader/1")
    assert not state(played).waits


def test_and_so_it_does_after_a_restart_wherever_it_is() -> None:
    old = show(fader("noise_scale", takeover="pickup"))
    send(old, 0.9, path="panel/noise_scale")
    new = show(fader("noise_scale", takeover="pickup"))
    new.resume(old.state())
    assert state(new).waits


def test_a_fader_that_a_motor_brings_does_not_wait() -> None:
    played = show(fader("noise_scale", takeover="pickup", signal="apc/motor"))
    send(played, path="panel/scene/intro")
    assert not state(played, "apc/motor").waits


def test_what_had_to_be_clamped_last_is_clipped() -> None:
    played = show(fader("noise_scale", source=(0.2, 0.8)))
    for sent, clipped in ((0.5, False), (0.9, True), (0.8, False), (0.1, True)):
        send(played, sent, path="apc/fader/1")
        assert state(played).clipped is clipped


# What is chosen.


def chosen(mapping: Mapping, path: str = "apc/pad/1/1") -> tuple[str, bool]:
    found = state(mapping, path)
    return found.stands_for, found.chosen


def test_a_scene_is_chosen_until_another_is_and_aims_at_all_that_it_sets() -> None:
    played = show(pad("scene/drop"), start={"noise_scale": (target_of("noise_scale"), 0.0)})
    assert chosen(played) == ("scene", False)
    send(played, 1.0, path="apc/pad/1/1")
    found = state(played, "apc/pad/1/1")
    assert found.chosen
    assert [(aim.parameter, aim.asked) for aim in found.aims] == [("noise_scale", 1.0), ("prompts", "neon")]
    send(played, 0.4, path="panel/noise_scale")
    assert [aim.parameter for aim in state(played, "apc/pad/1/1").aims] == ["prompts"]
    send(played, path="panel/scene/intro")
    assert chosen(played) == ("scene", False)


def test_a_scene_does_not_aim_at_a_number_that_something_moves_on_top_of_it() -> None:
    breath = route("noise_scale", signal="lfo/sine", source=(0, 1), out=(0.0, 0.1), period=Duration(1.0), mix="add")
    played = show(pad("scene/drop"), breath)
    send(played, 1.0, path="apc/pad/1/1")
    for frame in range(1, 300):
        played.tick(frame / 30)

    assert [aim.parameter for aim in state(played, "apc/pad/1/1").aims] == ["prompts"]


def test_a_cue_that_waits_for_its_line_aims_at_what_it_will_set() -> None:
    played = show(pad("cue/two"), pad("cue/go", signal="apc/play"), pad("cue/back", signal="apc/back"))
    assert chosen(played, "apc/play") == ("cue", False)
    send(played, path="panel/cue/one", now=0.1)
    send(played, path="apc/play", now=0.2)
    found = state(played, "apc/pad/1/1")
    assert (found.stands_for, found.chosen) == ("cue", True)
    assert [aim.asked for aim in found.aims] == [1.0, "neon"]
    assert chosen(played, "apc/play") == ("cue", True)
    assert chosen(played, "apc/back") == ("cue", False)
    played.tick(8.1)
    assert state(played, "apc/pad/1/1").chosen
    assert chosen(played, "apc/play") == ("cue", False)


def test_a_prompt_is_chosen_while_it_is_asked_for() -> None:
    played = show(pad("prompt/neon"), pad("prompt/next", signal="apc/play"))
    assert chosen(played) == ("prompt", False)
    send(played, 1.0, path="apc/pad/1/1")
    found = state(played, "apc/pad/1/1")
    assert (found.chosen, [(aim.parameter, aim.asked) for aim in found.aims]) == (True, [("prompts", "neon")])
    send(played, 1.0, path="apc/play")
    assert chosen(played) == ("prompt", False)
    assert chosen(played, "apc/play") == ("prompt", False)


def test_a_page_is_chosen_while_it_is_in_force() -> None:
    turns = (
        Route("apc/pad/1/1", PageTarget("perform"), "page/perform"),
        Route("apc/back", PageTarget(step="next"), "page/next"),
    )
    pages = {
        "perform": Page("perform", routes=(pad("scene/intro"),)),
        "looks": Page("looks", held="apc/play", routes=turns),
    }
    played = show(pages=pages)
    assert chosen(played) == ("scene", False)
    assert chosen(played, "apc/play") == ("page", False)
    assert "apc/back" not in played.controls(["apc/back"])
    send(played, 1.0, path="apc/play")
    assert chosen(played) == ("page", False)
    assert chosen(played, "apc/play") == ("page", True)
    assert chosen(played, "apc/back") == ("page", False)


@pytest.mark.parametrize(
    ("target", "kind", "before", "press", "after"),
    [
        ("snapshot/recall/1", "snapshot", False, "panel/snapshot/save/1", True),
        ("source/spare", "source", False, "apc/pad/1/1", True),
        ("source/cam", "source", True, "panel/source/spare", False),
        ("pipeline/longlive", "pipeline", True, "panel/pipeline/krea-realtime-video", False),
        ("panic", "trigger", False, "apc/pad/1/1", True),
        ("undo", "trigger", False, "apc/pad/1/1", False),
        ("seed/random", "trigger", False, "apc/pad/1/1", False),
        ("tap", "beat", False, "apc/pad/1/1", False),
    ],
)
def test_other_triggers(target: str, kind: str, before: bool, press: str, after: bool) -> None:
    played = show(pad(target))
    assert chosen(played) == (kind, before)
    send(played, 1.0, path=press)
    assert chosen(played) == (kind, after)


@pytest.mark.parametrize(
    ("target", "kind"), [("output/program/freeze", "output"), ("route/r/on", "route"), ("record", "value")]
)
def test_a_switch_is_chosen_while_it_is_on(target: str, kind: str) -> None:
    named = route("noise_scale", signal="td/x", name="r")
    profile = replace(BASE, routes=(named,))
    button = route(target, Toggle(), signal="apc/pad/1/1", source=(0.0, 1.0), profile=profile)
    played = show(named, button)
    begun = target == "route/r/on"
    assert chosen(played) == (kind, begun)
    send(played, 0.0 if begun else 1.0, path=f"panel/{target}")
    assert chosen(played) == (kind, not begun)
    assert state(played, "apc/pad/1/1").way == (0.0 if begun else 1.0)


def test_a_pad_that_sets_a_number_is_lit_beyond_half_of_it() -> None:
    played = show(pad("noise_scale"))
    send(played, 1.0, path="apc/pad/1/1")
    assert chosen(played) == ("value", True)
    send(played, 0.0, path="apc/pad/1/1")
    assert chosen(played) == ("value", False)


# Which of several.


def test_a_fader_stands_for_a_value_and_a_pad_for_what_happens() -> None:
    both = [("prompt/next", "noise_scale"), ("noise_scale", "prompt/next")]
    for one, other in both:
        played = show(*(make(target) for target in (one, other) for make in (fader, pad)))
        assert (state(played).stands_for, state(played, "apc/pad/1/1").stands_for) == ("value", "prompt")


def test_the_page_in_force_says_what_a_control_stands_for() -> None:
    pages = {"a": Page("a"), "b": Page("b", routes=(pad("prompt/neon"),))}
    played = show(pad("scene/intro"), pages=pages)
    assert chosen(played)[0] == "scene"
    send(played, path="panel/page/b")
    assert chosen(played)[0] == "prompt"
    send(played, path="panel/page/a")
    assert chosen(played)[0] == "scene"


def test_what_drives_nothing_is_left_out() -> None:
    assert show(fader("noise_scale")).controls(["apc/fader/2", "apc/fader/1"]).keys() == {"apc/fader/1"}


def test_of_several_scopes_it_is_as_it_is_where_it_acts() -> None:
    scopes = {"left": Scope(name="left"), "right": Scope(name="right")}
    profile = replace(BASE, scope=scopes["left"], scopes=scopes)
    of_right = OfScope("right", target_of("noise_scale"))
    ensemble = compile_all(
        replace(
            profile,
            routes=(
                Route("apc/fader/1", of_right, "right/noise_scale", (), (0.0, 1.0)),
                Route("apc/fader/2", target_of("noise_scale"), "noise_scale", (), (0.0, 1.0)),
            ),
        )
    )
    ensemble.feed(Batch(0.0, [("panel/right/noise_scale", (0.8,)), ("panel/left/noise_scale", (0.1,))]))
    found = ensemble.controls(["apc/fader/1", "apc/fader/2", "apc/knob/1"])
    assert {path: each.way for path, each in found.items()} == {"apc/fader/1": 0.8, "apc/fader/2": 0.1}


def test_what_is_as_it_was_is_not_made_anew() -> None:
    """It is asked for thirty times a second, of a hundred and fifty controls."""
    played = show(fader("noise_scale"), pad("scene/intro"))
    send(played, 0.5, path="apc/fader/1")
    paths = ["apc/fader/1", "apc/pad/1/1"]
    before = played.controls(paths)
    send(played, path="panel/prompt/neon")
    after = played.controls(paths)
    assert all(after[path] is before[path] for path in paths)
    send(played, 0.6, path="apc/fader/1")
    assert way(played) == 0.6
