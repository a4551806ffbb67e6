"""Routes: what each key makes of them, and what a signal may be called."""

from typing import Any

import pytest

from bridge import profile
from bridge.profile import Profile
from bridge.profile.building.routes.signals import Signal, Sources
from bridge.profile.durations import Duration, Unit
from bridge.profile.filters import Choose, Envelope, Every, Invert, Press, Smooth
from bridge.profile.inputs import Audio, Midi, Osc, Video
from bridge.profile.model import LoraTarget, PromptStep, Route, SlotTarget
from bridge.profile.shapes.structures import Given
from bridge.profile.source.problems import Notes, Place, Severity

HEAD = """\
scope: {vace: images, video: [cam]}
loras: {change: smooth, arcane: arcane.safetensors, ghibli: ghibli.safetensors}
prompts: {slots: [base, accent], bank: {reef: a reef, neon: rain}}
inputs:
  td: {osc: 9000}
  desk: {osc: 9001, range: [0, 127], takeover: scale}
  apc: {midi: APC, takeover: pickup}
  ears: {audio: default}
  cam: {video: {ndi: FOH}}
tempo: {bpm: 124}
start: {prompt: reef}
routes:
  - desk/heard -> param/a
  - td/heard -> param/b
  - apc/cc/1/48 -> param/c
  - ears/onset -> param/d
"""
FIRST = 4
"""Routes that are there so that every input is heard."""


def show(*routes: str) -> Profile:
    """Return a show with these routes, which has no problem."""
    reading = profile.read(HEAD + "".join(f"  - {route}\n" for route in routes), "x.yaml")
    wrong = [str(problem) for problem in reading.problems if problem.severity is not Severity.NOTE]
    assert wrong == []
    assert reading.profile is not None
    return reading.profile


def routes(*written: str) -> tuple[Route, ...]:
    return show(*written).routes[FIRST:]


def route(written: str) -> Route:
    (only,) = routes(written)
    return only


def messages(*written: str) -> list[str]:
    problems = profile.read(HEAD + "".join(f"  - {route}\n" for route in written), "x.yaml").problems
    return [problem.message for problem in problems if problem.severity is not Severity.NOTE]


def test_a_list_of_signals_and_a_list_of_targets_make_a_route_of_each_pair() -> None:
    made = routes("{from: [td/a, td/b], to: [lora/arcane, noise_scale], out: [0, 0.5]}")

    assert [(each.signal, each.target_text) for each in made] == [
        ("td/a", "lora/arcane"),
        ("td/a", "noise_scale"),
        ("td/b", "lora/arcane"),
        ("td/b", "noise_scale"),
    ]
    assert {each.out for each in made} == {(0.0, 0.5)}


@pytest.mark.parametrize(
    ("keys", "name", "value"),
    [
        ("name: kick", "name", "kick"),
        ("amount: 0.25", "amount", 0.25),
        ("mix: multiply", "mix", "multiply"),
        ("per_chunk: mean", "per_chunk", "mean"),
        ("takeover: catch up", "takeover", "catch up"),
        ("in: [1, 0]", "source", (1.0, 0.0)),
        ("out: [0.2, 0.4]", "out", (0.2, 0.4)),
        ("press: double", "filters", (Press("double"),)),
        ("every: 4", "filters", (Every(4),)),
        ("every: 4, press: long", "filters", (Press("long"), Every(4))),
        (
            "press: press, filters: [{smooth: 1 s}]",
            "filters",
            (Press("press"), Smooth(Duration(1.0), Duration(1.0))),
        ),
    ],
)
def test_every_key_is_what_it_says(keys: str, name: str, value: Any) -> None:
    assert getattr(route("{from: td/x, to: noise_scale, " + keys + "}"), name) == value


def test_a_route_acts_in_full_and_at_once_unless_it_says_otherwise() -> None:
    plain = route("td/x -> noise_scale")

    assert plain == Route("td/x", plain.target, "noise_scale")
    assert (plain.amount, plain.mix, plain.on, plain.takeover, plain.per_chunk) == (
        1.0,
        "latest",
        True,
        "jump",
        "newest",
    )


def test_across_shares_a_way_from_0_to_1_among_its_targets() -> None:
    made = route("{from: td/xy, across: [prompt/base/weight, prompt/2/weight], law: equal power}")

    assert made.across == (
        ("prompt/base/weight", SlotTarget("base", "weight")),
        ("prompt/2/weight", SlotTarget("accent", "weight")),
    )
    assert (made.target, made.law, made.source) == (None, "equal power", (0.0, 1.0))
    assert made.target_text == "prompt/base/weight, prompt/2/weight"
    assert route("{from: desk/x, across: [lora/1, lora/2]}").source == (0.0, 127.0)


def test_an_oscillator_has_a_period_and_a_beginning() -> None:
    made = route("{from: lfo/triangle, to: noise_scale, period: 2 bars, phase: 0.25}")

    assert (made.period, made.phase, made.source) == (Duration(2.0, Unit.BARS), 0.25, (0.0, 1.0))
    assert route("lfo/saw -> noise_scale").period is None


@pytest.mark.parametrize(
    ("signal", "source"),
    [
        ("td/x", None),
        ("desk/x", (0.0, 127.0)),
        ("apc/cc/1/7", (0.0, 1.0)),
        ("ears/bass", (0.0, 1.0)),
        ("lfo/sine", (0.0, 1.0)),
        ("tempo/phase", (0.0, 1.0)),
        ("tempo/bpm", None),
        ("scope/fps", None),
    ],
)
def test_a_signal_has_the_range_of_its_kind(signal: str, source: tuple[float, float] | None) -> None:
    assert route(f"{signal} -> noise_scale").source == source


def test_the_takeover_of_an_input_is_that_of_its_routes() -> None:
    made = routes(
        "apc/cc/1/7 -> noise_scale",
        "{from: apc/cc/2/7, to: lora/1, takeover: jump}",
        "desk/x -> lora/2",
        "apc/cc/3/7 -> prompt/next",
    )

    assert [each.takeover for each in made] == ["pickup", "jump", "scale", "jump"]


@pytest.mark.parametrize(
    ("written", "per_chunk"),
    [
        ("ears/kick -> noise_scale", "max"),
        ("{from: td/kick, to: noise_scale, filters: [{envelope: {attack: 5 ms, decay: 400 ms}}]}", "max"),
        ("tempo/beat -> noise_scale", "max"),
        ("{from: ears/kick, to: noise_scale, per_chunk: newest}", "newest"),
        ("td/hand -> noise_scale", "newest"),
        ("ears/kick -> prompt/next", "newest"),
        ("lfo/sine -> noise_scale", "newest"),
    ],
)
def test_what_has_peaks_between_two_chunks_gives_a_chunk_the_highest(written: str, per_chunk: str) -> None:
    assert route(written).per_chunk == per_chunk


def test_a_signal_names_one_of_the_values_of_a_message() -> None:
    made = route("td/xy[1] -> noise_scale")

    assert (made.signal, made.argument) == ("td/xy", 1)
    assert route("td/xy -> noise_scale").argument is None


@pytest.mark.parametrize(
    ("written", "target"),
    [
        ("td/fader/{n} -> lora/{n}", None),
        ("td/{slot}/weight -> prompt/{slot}/weight", None),
        ("td/fader/* -> noise_scale", "noise_scale"),
        ("td/** -> prompt/next", "prompt/next"),
        ("td/acts%2Fone/Macro 1 -> lora/arcane", "lora/arcane"),
    ],
)
def test_a_signal_may_be_a_pattern_and_its_places_be_filled_in_later(written: str, target: str | None) -> None:
    made = route(written)

    assert made.signal == written.partition(" -> ")[0]
    assert (made.target is None) == (target is None)
    assert made.target_text == written.partition(" -> ")[2]


def test_a_target_that_is_filled_in_later_is_checked_by_one_that_may_come() -> None:
    assert messages("{from: 'td/fader/{n}', to: 'lora/{n}', out: [0, 20]}") == [
        "lora/{n} goes from -10 to 10, but this route can send up to 20"
    ]
    assert messages("td/fader/{n} -> lorra/{n}") == ["there is no target that 'lorra/{n}' can become"]


def test_text_may_be_chosen_by_a_number() -> None:
    made = route("{from: desk/knob, to: prompt, filters: [{choose: [reef, neon]}]}")

    assert made.filters == (Choose(("reef", "neon")),)


def test_inverting_knows_whether_there_is_a_way() -> None:
    with_way, without = routes(
        "{from: desk/x, to: param/p, filters: [invert]}", "{from: td/x, to: param/q, filters: [invert]}"
    )

    assert with_way.filters == (Invert(way=True),)
    assert without.filters == (Invert(way=False),)


def test_routes_of_pages_and_of_grids_know_the_same_names() -> None:
    read = show()
    paged = profile.read(HEAD + "pages:\n  a: {grids: {td/pad: [[prompt/next, ~], [~, lora/1]]}}\n", "x.yaml")
    good = profile.read(
        HEAD + 'pages:\n  a: {grids: {td/pad: [[prompt/next, ~]]}, routes: [{from: "td/{n}", to: "lora/{n}"}]}\n',
        "x.yaml",
    ).profile

    assert read.pages == {}
    assert [one.message for one in paged.problems if one.severity is Severity.ERROR] == [
        "a pad happens or switches, and lora/1 takes a number from -10 to 10"
    ]
    assert good is not None
    by_place, pad = sorted(good.pages["a"].routes, key=lambda one: one.target is not None)
    assert (by_place.signal, by_place.target_text) == ("td/{n}", "lora/{n}")
    assert (pad.signal, pad.target) == ("td/pad/1/1", PromptStep("next"))


def test_one_signal_to_one_target_twice_is_said_unless_both_can_count() -> None:
    twice = ["td/x -> lora/arcane", "td/x -> lora/1"]

    assert messages(*twice) == ["td/x goes to lora/1 twice, and the later route overrules the earlier"]
    assert messages("td/x -> lora/1", "{from: td/x, to: lora/1, mix: add}") == []
    assert messages("td/x[1] -> lora/1", "td/x[2] -> lora/1") == []
    assert messages("{from: td/x, press: long, to: prompt/next}", "{from: td/x, press: press, to: prompt/next}") == []
    assert messages("td/x -> lora/1", "{name: b, from: td/x, to: lora/1}") == []


def test_the_target_of_a_route_that_is_named_is_found_on_either_side_of_it() -> None:
    made = routes("td/depth -> route/kick/amount", "{name: kick, from: td/kick, to: lora/arcane, amount: 0}")

    assert made[1].target == LoraTarget("arcane")
    assert made[0].target_text == "route/kick/amount"


SOURCES = Sources(
    ["td", "apc", "ears", "cam"],
    {"td": Osc(9000), "apc": Midi("APC"), "ears": Audio("default", features=("bass",)), "cam": Video("ndi", "FOH")},
    ["perform"],
    ["cam"],
)


@pytest.mark.parametrize(
    ("text", "signal"),
    [
        ("td/a", Signal("td/a", None)),
        ("td/a/b c/d-e", Signal("td/a/b c/d-e", None)),
        ("td/xy[2]", Signal("td/xy", 2)),
        ("td/*/x", Signal("td/*/x", None)),
        ("td/scene/**", Signal("td/scene/**", None)),
        ("td/**", Signal("td/**", None)),
        ("ears/bass", Signal("ears/bass", None)),
        ("ears/*", Signal("ears/*", None)),
        ("tempo/beat", Signal("tempo/beat", None)),
        ("lfo/random", Signal("lfo/random", None)),
        ("scope/state", Signal("scope/state", None)),
        ("page/perform", Signal("page/perform", None)),
        ("td/a//b", None),
        ("td/a/", None),
        ("/td/a", None),
        ("td", None),
        ("tdd/a", None),
        ("td/xy[0]", None),
        ("td/x[1]/y", None),
        ("td/{}", None),
        ("td/a**", None),
        ("td/**/a", None),
        ("cam/x", None),
        ("ears/kick", None),
        ("tempo/bars", None),
        ("lfo/sinus", None),
        ("page/other", None),
    ],
)
def test_a_signal_is_one_that_can_arrive(text: str, signal: Signal | None) -> None:
    notes = Notes([text])
    place = Place(1, 1, 1, len(text) + 1)

    assert SOURCES.read(Given(text, place, place), notes) == signal
    assert len(notes.problems()) == (0 if signal else 1)
    assert all(problem.hints for problem in notes.problems())


def test_an_envelope_keeps_its_options() -> None:
    (filtered,) = route(
        "{from: td/kick, to: noise_scale, filters: [{envelope: {attack: 5 ms, decay: 400 ms}}]}"
    ).filters

    assert filtered == Envelope(Duration(0.005), Duration(0.4))
