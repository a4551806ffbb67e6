"""The bank, the file of prompts beside it, slots and fades: what is read, and what cannot be."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.profile.building.prompts import Reading, read
from bridge.profile.durations import CUT, Duration, Unit
from bridge.profile.language.prompts import PromptsShape
from bridge.profile.model import Prompts
from bridge.profile.shapes.shape import Subject
from bridge.profile.source.compose import compose
from bridge.profile.source.problems import Notes, lines_of


def no_files(path: str) -> str:
    raise FileNotFoundError(path)


def reading(text: str, files: Any = no_files, declared: Any = ()) -> tuple[Reading, Notes]:
    """Return what came of the `prompts:` in `text`, a mapping without its key."""
    notes = Notes(lines_of(text), "shows/night.yaml")
    node = compose(text, notes)
    assert node is not None
    fields = PromptsShape().read(node, notes, Subject("prompts", ""))
    return read(fields or {}, declared, notes, files), notes


def prompts(text: str, files: Any = no_files) -> Prompts:
    found, notes = reading(text, files)
    assert notes.problems() == ()
    return found.prompts


def messages(text: str, files: Any = no_files) -> list[str]:
    return [f"{one.path}:{one.line}:{one.column}: {one.message}" for one in reading(text, files)[1].problems()]


def in_file(text: str) -> dict[str, str]:
    return dict(prompts("file: prompts.txt", lambda path: text).bank)


def test_every_key_is_read() -> None:
    text = """
fade: 2 bars
fade_method: slerp
blend: slerp
bank: {reef: "reef, {mood}", neon: neon}
words: {mood: [calm, tense]}
slots: [base, accent]
"""

    assert prompts(text) == Prompts(
        bank={"reef": "reef, {mood}", "neon": "neon"},
        words={"mood": ("calm", "tense")},
        fade=Duration(2, Unit.BARS),
        fade_method="slerp",
        blend="slerp",
        slots=("base", "accent"),
    )


def test_without_any_key_prompts_cut() -> None:
    assert prompts("{}") == Prompts(fade=CUT, fade_method="linear", blend="linear")


@pytest.mark.parametrize(
    ("written", "fade"),
    [
        ("cut", CUT),
        ("2 chunks", Duration(2, Unit.CHUNKS)),
        ("400 chunks", Duration(400, Unit.CHUNKS)),
        ("500 ms", Duration(0.5)),
        ("1.5 s", Duration(1.5)),
        ("beat", Duration(1, Unit.BEATS)),
        ("1 bar", Duration(1, Unit.BARS)),
    ],
)
def test_a_fade_is_counted_in_any_unit(written: str, fade: Duration) -> None:
    assert prompts(f"fade: {written}").fade == fade


@pytest.mark.parametrize(
    ("written", "message", "hint"),
    [
        ("1 chunk", "Scope cannot fade in 1 chunk: it would never reach the new prompt", "write 2 chunks, or cut"),
        ("chunk", "Scope cannot fade in 1 chunk: it would never reach the new prompt", "write 2 chunks, or cut"),
        ("0 chunks", "a fade takes at least 2 chunks", "to change at once, write cut"),
        ("1.5 chunks", "a fade takes at least 2 chunks", "to change at once, write cut"),
        ("2.6 chunks", "a fade takes whole chunks", "write 3 chunks"),
        (
            "4",
            "'fade' takes cut, or a time like 4 chunks, 2 s, 1 beat or 2 bars, not the number 4",
            "with its unit: 4 chunks, or 4 bars",
        ),
    ],
)
def test_a_fade_that_scope_cannot_do_is_refused(written: str, message: str, hint: str) -> None:
    (problem,) = reading(f"fade: {written}")[1].problems()

    assert (problem.message, problem.hints[0]) == (message, hint)


# The file of prompts.


def test_the_file_is_looked_for_beside_the_profile_and_comes_first() -> None:
    asked: list[str] = []

    def files(path: str) -> str:
        asked.append(path)
        return "reef: in the file"

    found, _ = reading("{bank: {neon: in the bank}, file: texts/prompts.txt}", files, ["neon", "broken"])

    assert asked == ["shows/texts/prompts.txt"]
    assert found.files == ("shows/texts/prompts.txt",)
    assert list(found.prompts.bank.items()) == [("reef", "in the file"), ("neon", "in the bank")]
    assert found.names == ["reef", "neon", "broken"]


def test_nothing_in_the_file_needs_quotes() -> None:
    text = '\ufeff# all of it\n\nreef: reef #4, {mood}: *light*, 100 % "wet"\r\n   neon:neon - it\'s on  \n\t# no\n'

    assert in_file(text) == {"reef": 'reef #4, {mood}: *light*, 100 % "wet"', "neon": "neon - it's on"}


_plain = st.text(st.characters(blacklist_categories=("Cc", "Cs", "Zl", "Zp", "Cf")), min_size=1, max_size=30)
_names = st.from_regex(r"[a-z][a-z0-9 '#!-]{0,8}[a-z0-9]", fullmatch=True).filter(
    lambda name: name not in {"next", "previous", "random"}
)


@given(st.dictionaries(_names, _plain.filter(lambda text: text.strip()), min_size=1, max_size=5))
def test_whatever_is_written_after_the_colon_is_the_prompt(bank: dict[str, str]) -> None:
    text = "\n".join(f"{name}: {said}" for name, said in bank.items())
    found, notes = reading("file: prompts.txt", lambda path: text)

    assert {name: " ".join(said.split()) for name, said in bank.items()} == dict(found.prompts.bank)
    assert all("quotes" in problem.message for problem in notes.problems())


@given(st.text(max_size=200))
def test_any_file_at_all_is_read_without_a_crash_and_shown_by_its_own_name(text: str) -> None:
    found, notes = reading("file: prompts.txt", lambda path: text)

    assert {problem.path for problem in notes.problems()} <= {"shows/prompts.txt"}
    for one in found.texts.values():
        assert 1 <= one.key.line - 1 <= len(lines_of(text))


def test_a_prompt_of_the_file_knows_where_it_stands() -> None:
    found, notes = reading("file: prompts.txt", lambda path: "# one\nreef:  a reef")
    one = found.texts["reef"]

    assert (notes.source(one.key), notes.source(one.place)) == ("reef", "a reef")
    assert notes.path_at(one.place) == "shows/prompts.txt"


@pytest.mark.parametrize(
    ("line", "place", "message"),
    [
        ("a reef", "1:1", "a line of this file is a name, a colon and the prompt, and here is no name"),
        (": a reef", "1:3", "a line of this file is a name, a colon and the prompt, and here is no name"),
        ("reef:", "1:1", "the prompt 'reef' has no text"),
        ("  next: a reef", "1:3", "a prompt cannot be called 'next': prompt/next steps through the bank"),
        ("a*b: a reef", "1:1", "a prompt cannot be called 'a*b': a name has no / * { } [ ]"),
        ("a: reef\na: neon", "2:1", "a prompt called 'a' is given twice, and only one of them can count"),
        ('a: "reef"', "1:4", "these quotes become part of the prompt: nothing in this file needs any"),
        ("# nothing", "1:1", "this file has no prompt"),
    ],
)
def test_a_line_that_is_no_prompt_is_shown_in_the_file(line: str, place: str, message: str) -> None:
    assert messages("file: prompts.txt", lambda path: line) == [f"shows/prompts.txt:{place}: {message}"]


def test_a_name_in_the_file_and_in_the_bank_is_an_error_with_both_places() -> None:
    _, notes = reading("{file: prompts.txt, bank: {reef: b}}", lambda path: "neon: a\nreef: a")
    (problem,) = notes.problems()

    assert problem.message == (
        "a prompt called 'reef' is in the file of prompts as well, and only one of them can count"
    )
    assert problem.elsewhere is not None
    assert (problem.elsewhere.path, problem.elsewhere.line) == ("shows/prompts.txt", 2)


def test_a_file_that_is_missing_leaves_the_names_unknown() -> None:
    found, notes = reading("{file: prompts.txt, bank: {reef: b}}", declared=["reef"])

    assert [problem.message for problem in notes.problems()] == ["there is no file shows/prompts.txt"]
    assert found.names is None
    assert found.files == ()


def test_a_bank_that_is_not_whole_leaves_the_names_unknown() -> None:
    assert reading("{bank: {reef: b}}", declared=None)[0].names is None


# Slots.


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("slots: [one]", "'slots' takes a list of two to four names, not 1"),
        ("slots: [a, b, c, d, e]", "'slots' takes a list of two to four names, not 5"),
        ("slots: base", "'slots' takes a list of slots, not the text 'base'"),
        ("slots: [base, random]", "a slot cannot be called 'random': prompt/random takes any of the bank"),
        ("slots: [base, a/b]", "a slot cannot be called 'a/b': a name has no / * { } [ ]"),
        ("slots: [base, base]", "'base' is among the slots of 'slots' twice"),
        (
            "{slots: [base, reef], bank: {reef: a}}",
            "'reef' is a slot and a prompt of the bank, and prompt/reef can be only one",
        ),
        ("{slots: [a, b, c], blend: slerp}", "slerp mixes exactly two prompts, and there are 3 slots"),
        ("blend: slerp", "slerp mixes two slots, and there are none"),
    ],
)
def test_slots_that_cannot_be_are_refused(text: str, message: str) -> None:
    assert [problem.message for problem in reading(text)[1].problems()] == [message]


def test_a_slot_may_not_be_called_like_a_prompt_of_the_file() -> None:
    _, notes = reading("{file: prompts.txt, slots: [base, reef]}", lambda path: "reef: a")

    assert [problem.message for problem in notes.problems()] == [
        "'reef' is a slot and a prompt of the bank, and prompt/reef can be only one"
    ]


@pytest.mark.parametrize("slots", ["[a, b]", "[a, b, c]", "[a, b, c, d]"])
def test_two_to_four_slots_are_fine_and_blend_evenly(slots: str) -> None:
    assert prompts(f"{{slots: {slots}, blend: linear}}").blend == "linear"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("[a reef, neon]", 'write prompts: {bank: {first: "a reef"}}'),
        ("a reef at night", 'write prompts: {bank: {first: "a reef at night"}}'),
        ("[]", "write prompts: {bank: {first: bioluminescent reef at night}}"),
    ],
)
def test_prompts_without_names_are_told_how_to_get_some(text: str, hint: str) -> None:
    (problem,) = reading(text)[1].problems()

    assert problem.hints == (hint,)
