"""The route from a control to a target."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge import profile
from bridge.errors import Refused
from bridge.learning.recognise import Moved
from bridge.learning.targets import choice_of, choices, search
from bridge.learning.writing import caution, driven_by, known, route_for, spread_for, told
from bridge.profile.model import Profile

TEXT = """\
inputs: {apc: {midi: "APC*"}, one: {midi: "APC mini*", controller: akai-apc-mini-mk2}, td: {osc: 9000}, tab: {osc: 9001, range: [0, 1]}}
outputs: {program: {ndi: Bridge}}
loras: {arcane: arcane.safetensors, ghibli: ghibli.safetensors}
prompts: {bank: {reef: a reef at night, neon: rain on neon}, words: {mood: [calm, tense]}}
scenes: {intro: {prompt: reef}, drop: {prompt: neon}}
start: {prompt: reef}
routes:
  - "apc/cc/1/{n} -> lora/{n}"
  - apc/cc/1/50 -> noise_scale
  - "td/xy[1] -> noise_scale"
  - td/xy -> seed
  - {from: td/mix, across: [lora/arcane, lora/ghibli]}
pages:
  looks: {while: apc/note/1/98, routes: [apc/cc/1/50 -> seed]}
"""


@pytest.fixture(scope="module")
def club() -> Profile:
    read = profile.read(TEXT, "club.yaml", {}, profile.text_at).profile
    assert read is not None
    return read


@pytest.mark.parametrize(
    ("low", "high", "target", "ends", "likely"),
    [
        (0.0, 1.0, "noise_scale", None, None),  # as it is
        (0.2, 0.5, "noise_scale", None, None),  # a part of it
        (0.0, 1.0, "vace_context_scale", (0.0, 1.0), True),
        (0.0, 1.004, "vace_context_scale", (0.0, 1.0), True),
        (-0.9, 1.0, "noise_scale", (-1.0, 1.0), True),
        (0.0, 127.0, "noise_scale", (0.0, 127.0), True),
        (3.0, 90.0, "noise_scale", (0.0, 100.0), True),
        (30.0, 90.0, "noise_scale", (30.0, 90.0), True),
        (0.0, 255.0, "vace_context_scale", (0.0, 255.0), True),
        (150.0, 800.0, "denoising_step_list[1]", (150.0, 800.0), False),
        (0.0, 1000.0, "denoising_step_list[1]", (0.0, 1023.0), False),
        (0.0, 127.0, "denoising_step_list[1]", (0.0, 127.0), True),
        (0.0, 1.0, "denoising_step_list[1]", (0.0, 1.0), True),
        (0.2, 1.9, "vace_context_scale", (0.2, 1.9), False),
        (0.0, 1.0, "lora/arcane", None, None),
        (0.0, 4.0, "lora/arcane", (0.0, 4.0), False),
        (0.7, 0.7, "vace_context_scale", (0.0, 1.0), True),
        (1.7, 1.7, "vace_context_scale", None, None),  # one number says nothing of a way
        (0.0, 127.0, "scene/drop", None, None),
        (0.0, 127.0, "paused", None, None),
        (0.0, 5.0, "param/whatever", None, None),
    ],
)
def test_what_numbers_of_osc_may_mean(
    club: Profile, low: float, high: float, target: str, ends: Any, likely: bool | None
) -> None:
    choice = choice_of(target, club)
    assert choice is not None
    spread = spread_for(Moved("td/a", "place", low, high), choice.target, club.inputs["td"])
    assert (spread and spread.ends, spread and spread.likely) == (ends, likely)


@pytest.mark.parametrize(("signal", "wanted"), [("apc/cc/1/7", False), ("tab/a", False), ("apc/program/1", True)])
def test_inputs_whose_range_is_known_are_not_asked_about(club: Profile, signal: str, wanted: bool) -> None:
    choice = choice_of("vace_context_scale", club)
    assert choice is not None
    spread = spread_for(Moved(signal, "place", 0.0, 100.0), choice.target, club.inputs[signal.partition("/")[0]])
    assert (spread is not None) == wanted


ROUTES: list[tuple[Moved, str, Any]] = [
    (Moved("apc/cc/1/7", "place"), "noise_scale", "apc/cc/1/7 -> noise_scale"),
    (Moved("apc/cc/1/7", "place"), "scene/drop", "apc/cc/1/7 -> scene/drop"),
    (
        Moved("apc/cc/1/7", "encoder", relative="offset"),
        "noise_scale",
        {"from": "apc/cc/1/7", "filters": [{"encoder": "offset"}], "to": "noise_scale"},
    ),
    (
        Moved("apc/cc/1/7", "encoder"),
        "noise_scale",
        {"from": "apc/cc/1/7", "filters": [{"encoder": "auto"}], "to": "noise_scale"},
    ),
    (Moved("one/fader/1", "steps"), "noise_scale", "one/fader/1 -> noise_scale"),
    (Moved("apc/note/1/1", "held"), "noise_scale", "apc/note/1/1 -> noise_scale"),
    (Moved("apc/note/1/1", "held"), "paused", {"from": "apc/note/1/1", "filters": ["toggle"], "to": "paused"}),
    (
        Moved("td/go", "trigger"),
        "output/all/freeze",
        {"from": "td/go", "filters": ["toggle"], "to": "output/all/freeze"},
    ),
    (Moved("apc/note/1/1", "held"), "ctrl/key/KeyW", "apc/note/1/1 -> ctrl/key/KeyW"),
    (Moved("td/go", "trigger"), "scene/drop", "td/go -> scene/drop"),
    (Moved("apc/cc/1/9", "latched"), "paused", "apc/cc/1/9 -> paused"),
    (Moved("td/say", "text"), "word/mood", "td/say -> word/mood"),
    (Moved("td/a", "place"), "word/mood", "td/a -> word/mood"),
    (
        Moved("td/a", "place"),
        "temporal_interpolation_method",
        {"from": "td/a", "filters": [{"choose": ["linear", "slerp"]}], "to": "temporal_interpolation_method"},
    ),
    (Moved("td/a -> b", "place"), "noise_scale", {"from": "td/a -> b", "to": "noise_scale"}),
]


@pytest.mark.parametrize(("moved", "target", "expected"), ROUTES)
def test_the_route(club: Profile, moved: Moved, target: str, expected: Any) -> None:
    choice = choice_of(target, club)
    assert choice is not None
    assert route_for(moved, choice, club) == expected


def test_whole_ends_are_written_without_a_point(club: Profile) -> None:
    choice = choice_of("noise_scale", club)
    assert choice is not None
    moved = Moved("td/a", "place")
    assert route_for(moved, choice, club, (-1.0, 1.0)) == {"from": "td/a", "in": [-1, 1], "to": "noise_scale"}
    assert route_for(moved, choice, club, (0.25, 1.5)) == {"from": "td/a", "in": [0.25, 1.5], "to": "noise_scale"}


@pytest.mark.parametrize(
    ("moved", "target", "odd"),
    [
        (Moved("apc/cc/1/9", "latched"), "scene/drop", True),
        (Moved("apc/cc/1/9", "latched"), "paused", False),
        (Moved("apc/cc/1/9", "latched"), "noise_scale", False),
        (Moved("apc/cc/1/9", "held"), "scene/drop", False),
    ],
)
def test_what_may_not_be_as_expected_is_said(club: Profile, moved: Moved, target: str, odd: bool) -> None:
    choice = choice_of(target, club)
    assert choice is not None
    assert (caution(moved, choice) is not None) is odd


@pytest.mark.parametrize(
    ("moved", "target"),
    [
        (Moved("td/a", "place"), "image/first"),  # the profile has no images
        (Moved("td/a", "latched"), "prompt"),
        (Moved("apc/cc/1/7", "encoder"), "prompt"),
        (Moved("apc/cc/1/7", "encoder"), "scene/drop"),
        (Moved("td/*", "place"), "noise_scale"),
        (Moved("td/a[b]", "place"), "noise_scale"),
        (Moved("td/a", "text"), "scene/drop"),
    ],
)
def test_what_no_route_can_do_is_refused(club: Profile, moved: Moved, target: str) -> None:
    choice = choice_of(target, club)
    assert choice is not None
    with pytest.raises(Refused):
        route_for(moved, choice, club)


@pytest.mark.parametrize(
    ("signal", "page", "targets"),
    [
        ("apc/cc/1/1", None, ["lora/1"]),
        ("apc/cc/1/50", None, ["lora/50", "noise_scale"]),
        ("apc/cc/1/50", "looks", ["seed"]),
        ("td/xy[1]", None, ["noise_scale", "seed"]),
        ("td/xy[2]", None, ["seed"]),
        ("td/mix", None, ["lora/arcane", "lora/ghibli"]),
        ("td/none", None, []),
    ],
)
def test_what_a_control_drives_already(club: Profile, signal: str, page: str | None, targets: list[str]) -> None:
    assert driven_by(signal, club, page) == targets


@pytest.mark.parametrize(
    ("signal", "manner"),
    [
        ("apc/cc/1/7", "place"),
        ("apc/note/1/60", "held"),
        ("apc/note/1/60/velocity", "place"),
        ("apc/program/1/5", "trigger"),
        ("apc/start", "trigger"),
        ("one/fader/1", "place"),
        ("one/fader/1/touch", "held"),
        ("one/pad/1/1", "held"),
        ("td/note/1/60", "place"),
        ("nobody/x", "place"),
    ],
)
def test_what_a_name_says_of_a_control(club: Profile, signal: str, manner: str) -> None:
    assert known(signal, club).manner == manner


@pytest.mark.parametrize(
    ("moved", "words"),
    [
        (Moved("apc/cc14/1/7", "place"), "a knob or fader of 14 bits"),
        (Moved("one/fader/1", "place"), "a knob or fader"),
        (Moved("td/a", "place", -0.5, 2.0), "numbers from -0.5 to 2"),
        (Moved("apc/cc/1/7", "encoder", relative="on off"), "an encoder, on off"),
        (Moved("apc/cc/1/7", "encoder"), "an encoder, turned one way only"),
        (Moved("apc/note/1/60", "held"), "a button, held: on while it is down"),
        (Moved("apc/note/1/60", "latched"), "a button that stays: on from one press to the next"),
    ],
)
def test_what_a_control_is_in_words(club: Profile, moved: Moved, words: str) -> None:
    assert told(moved, club) == words


# The targets.


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("noise_scale", "noise_scale"),
        ("noi", "noise_scale"),
        ("NOISE", "noise_scale"),
        ("drop", "scene/drop"),
        ("scene dr", "scene/drop"),
        ("noize", "noise_scale"),
        ("arcan", "lora/arcane"),
        ("reef", "prompt/reef"),
        ("freeze prog", "output/program/freeze"),
    ],
)
def test_a_part_of_a_name_finds_it(club: Profile, typed: str, first: str) -> None:
    assert search(choices(club), typed)[0].text == first


def test_what_is_found_says_what_it_takes_and_whether_anything_reads_it(club: Profile) -> None:
    by_name = {one.text: one for one in choices(club)}
    assert by_name["noise_scale"].takes == "a number from 0 to 1"
    assert by_name["scene/drop"].takes == "a trigger"
    assert by_name["noise_scale"].read
    other = profile.read(TEXT.replace("inputs:", "scope: {pipeline: passthrough}\ninputs:", 1), "club.yaml").profile
    assert other is not None
    found = search(choices(other), "noise_scale")
    assert [one.read for one in found if one.text == "noise_scale"] == [False]


@settings(max_examples=60, deadline=None)
@given(typed=st.text(max_size=12))
def test_whatever_is_typed_what_is_found_is_a_target(typed: str) -> None:
    found = search(EVERY, typed)
    assert len({one.text for one in found}) == len(found)
    assert {one.text for one in found} <= {one.text for one in EVERY}
    assert not typed.split() or len(found) < len(EVERY)


PLAIN = profile.read("start: {prompt: reef}\n", "plain.yaml").profile
EVERY = choices(PLAIN) if PLAIN is not None else []
