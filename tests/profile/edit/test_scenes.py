"""A scene of what is live: it reads back as what it was, and a profile is never left with an error more."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import mapping, profile
from bridge.mapping.prompts import fill
from bridge.profile.edit.scenes import escaped, saved, words_of
from bridge.profile.edit.writing import EditError
from bridge.profile.model import PLACES, Profile
from bridge.signals import Batch, Value
from bridge.verbs import SaveScene

CLUB = """\
inputs: {td: {osc: 9000}}   # the laptop
prompts:
  bank: {reef: "a {mood} reef", neon: rain}
  words: {mood: [calm, tense]}
start: {prompt: reef}
scenes:
  intro: {prompt: neon}
routes:
  - td/prompt -> prompt
  - td/speed -> word/speed
  - td/scale -> vace_context_scale
  - td/save -> scene/save/mine
  - td/mine -> scene/mine
  - td/intro -> scene/intro
"""
SLOTS = CLUB.replace("prompts:\n", "prompts:\n  slots: [base, accent]\n").replace(
    "  - td/prompt -> prompt\n",
    "  - td/prompt -> prompt\n  - td/accent -> prompt/accent/text\n  - td/mix -> prompt/accent/weight\n",
)


def club(text: str = CLUB) -> Profile:
    read = profile.read(text, "club.yaml")
    assert read.profile is not None, read.problems
    return read.profile


def spoken(text: str, *signals: tuple[str, tuple[Value, ...]]) -> list[dict[str, Any]]:
    """Return the prompts that a show has told Scope of after some signals, a chunk after each."""
    played = mapping.compile(club(text) if "mine:" in text else club(text.replace("  - td/mine -> scene/mine\n", "")))
    told: list[dict[str, Any]] = list(played.initial()["prompts"]["prompts"])
    for index, signal in enumerate(signals):
        played.feed(Batch(float(index), [signal]))
        told = next(
            (list(one.value["prompts"]) for one in played.take(float(index)) if one.parameter == "prompts"), told
        )
    return told


def live(text: str, *signals: tuple[str, tuple[Value, ...]]) -> SaveScene:
    """Return what a show says when it is to save a scene after some signals."""
    played = mapping.compile(club(text))
    for index, signal in enumerate(signals):
        played.feed(Batch(float(index), [signal]))
    (verb,) = played.feed(Batch(99.0, [("td/save", ())])).verbs
    assert isinstance(verb, SaveScene)
    return verb


def base(text: str) -> str:
    """Return a profile without the route to the scene that is yet to be saved."""
    return text.replace("  - td/mine -> scene/mine\n", "")


def with_recall(text: str) -> str:
    return text.replace("  - td/intro", "  - td/mine -> scene/mine\n  - td/intro")


@pytest.mark.parametrize(
    "prompt",
    [
        "neon",
        "a sea of glass",
        "a {mood} sea",
        "the {speed} sea",
        "a {brace} of fish",
        "{{brace}} and {brace}",
        "{mood}{brace}}{ {} { }",
        "50 % : # \"quoted\" 'twice'",
        "12",
    ],
)
def test_a_scene_that_was_saved_brings_scope_the_same_prompt(prompt: str) -> None:
    text = base(CLUB)
    sent = ("td/prompt", (prompt,))
    verb = live(text, sent)

    edited = with_recall(saved(text, verb.name, verb.values, club(text)))

    assert spoken(edited, ("td/intro", ()), ("td/mine", ())) == spoken(text, sent)


def test_braces_of_no_word_are_doubled_and_names_and_words_stay() -> None:
    text = base(CLUB)

    def written(prompt: str) -> str:
        return saved(text, "a", {"prompt": prompt}, club(text)).splitlines()[7].strip()

    assert written("a {brace}") == 'a: {prompt: "a {{brace}}"}'
    assert written("a {mood}") == 'a: {prompt: "a {mood}"}'
    assert written("a {speed}") == 'a: {prompt: "a {speed}"}'
    assert written("reef") == "a: {prompt: reef}"


@given(st.text("{}a b", max_size=12), st.text("xy", max_size=2))
def test_what_is_escaped_fills_to_the_same_and_holds_no_unknown_word(text: str, said: str) -> None:
    words = frozenset({"a"})

    written = escaped(text, words)

    assert fill(written, {"a": said}) == fill(text, {"a": said})
    assert fill(written, {}) == fill(text, {})
    assert all(found[1] is None or found[1].strip() in words for found in PLACES.finditer(written))
    assert escaped(written, words) == written


def test_the_text_of_a_slot_is_a_prompt_too() -> None:
    text = base(SLOTS)
    sent: list[tuple[str, tuple[Value, ...]]] = [("td/mix", (0.5,)), ("td/accent", ("a {brace} of fish",))]
    verb = live(text, *sent)

    edited = with_recall(saved(text, verb.name, verb.values, club(text)))

    assert "{{brace}}" in edited
    assert spoken(edited, ("td/mix", (0.9,)), ("td/accent", ("rain",)), ("td/mine", ())) == spoken(text, *sent)


def test_a_number_that_would_name_another_prompt_is_refused() -> None:
    text = base(CLUB)

    with pytest.raises(EditError, match="the prompt '2' is a number"):
        saved(text, "a", {"prompt": "2"}, club(text))


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("save", "a scene cannot be called 'save': scene/save/<name> writes what is live into the profile"),
        ("a/b", "a scene cannot be called 'a/b'"),
        ("{n}", "a scene cannot be called '{n}'"),
        ("", "a scene needs a name"),
    ],
)
def test_a_name_that_the_reader_refuses_is_refused(name: str, why: str) -> None:
    text = base(CLUB)

    with pytest.raises(EditError, match="would be refused") as refused:
        saved(text, name, {"vace_context_scale": 1}, club(text))
    assert why in str(refused.value)


def test_a_value_that_the_reader_refuses_is_refused() -> None:
    text = base(CLUB)

    with pytest.raises(EditError, match="vace_context_scale takes a number from 0 to 2, and 7 is outside"):
        saved(text, "a", {"vace_context_scale": 7.0}, club(text))


def test_errors_that_are_there_already_keep_nobody_from_saving() -> None:
    broken = base(CLUB).replace("  - td/scale -> vace_context_scale\n", "  - td/scale -> vase\n")
    assert profile.read(broken, "club.yaml").errors

    edited = saved(broken, "a", {"prompt": "a {speed} {brace}"}, club(base(CLUB)))

    assert 'a: {prompt: "a {speed} {{brace}}"}' in edited
    with pytest.raises(EditError, match="cannot be called 'save'"):
        saved(broken, "save", {"vace_context_scale": 1}, club(base(CLUB)))


def test_what_a_profile_extends_is_read_through_files() -> None:
    def files(path: str) -> str:
        if path != "house.yaml":
            raise FileNotFoundError(path)
        return "prompts: {words: {light: [dim, bright]}}\n"

    text = "extends: house.yaml\n" + base(CLUB)
    playing = profile.read(text, "club.yaml", files=files).profile
    assert playing is not None

    edited = saved(text, "a", {"prompt": "a {light} {brace}"}, playing, files=files)

    assert 'a: {prompt: "a {light} {{brace}}"}' in edited


def test_words_are_those_with_choices_and_those_that_something_sets() -> None:
    text = base(CLUB).replace("{prompt: neon}", "{prompt: neon, word/light: dim}")

    assert words_of(club(text)) == {"mood", "speed", "light"}
