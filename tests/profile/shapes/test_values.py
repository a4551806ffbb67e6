"""Single values: what is said of one that is almost right."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.profile.durations import CUT, Duration, Unit
from bridge.profile.shapes.shape import Subject
from bridge.profile.shapes.values import Choice, Length
from bridge.profile.source.nodes import Scalar
from bridge.profile.source.problems import Notes, Place

FADE = Subject("fade", "")


def node(text: str) -> Scalar:
    return Scalar(Place(1, 1, 1, len(text) + 1), text, True)


def said(shape: Length | Choice, text: str) -> tuple[str, ...]:
    notes = Notes([text])
    assert shape.read(node(text), notes, FADE) is None
    (problem,) = notes.problems()
    return problem.hints


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("0", "write cut"),
        ("0.0", "write cut"),
        ("4", "with its unit: 4 ms, or 4 s"),
        ("2 minutes", "write 120 s"),
        ("1.5 min", "write 90 s"),
        ("3 m", "write 180 s"),
        ("1:30", "write 90 s"),
        ("0:00.5", "write 0.5 s"),
        ("1:00:00", "write 3600 s"),
        ("1/2 bar", "write 0.5 bars"),
        ("3/4 of a beat", "write 0.75 beats"),
        ("1 1/2 bars", "write 1.5 bars"),
        ("1/4 s", "write 0.25 s"),
        ("2 seconds", "write 2 s"),
        ("20 msec", "write 20 ms"),
    ],
)
def test_a_time_in_other_words_is_answered_with_the_right_ones(text: str, hint: str) -> None:
    assert said(Length(), text) == (hint,)


@pytest.mark.parametrize("text", ["1/0 bar", "soon", "1:3", "1:2:3:4", "2 fortnights", "1/2"])
def test_what_is_no_time_at_all_is_not_guessed_at(text: str) -> None:
    assert said(Length(), text) == ()


def test_where_a_time_must_pass_nobody_is_told_to_write_cut() -> None:
    assert said(Length(cut=False), "0") == ()


def test_what_a_hint_says_to_write_is_a_time() -> None:
    def read(text: str) -> Duration | None:
        return Length().read(node(said(Length(), text)[0].removeprefix("write ")), Notes([text]), FADE)

    assert read("0") == CUT
    assert read("2 minutes") == Duration(120, Unit.SECONDS)
    assert read("1:30") == Duration(90, Unit.SECONDS)
    assert read("1/2 bar") == Duration(0.5, Unit.BARS)


@given(st.text(alphabet="0123456789٣²:/. smbarecut", max_size=400))
def test_any_text_is_a_time_or_refused(text: str) -> None:
    notes = Notes([text])

    assert (Length().read(node(text), notes, FADE) is None) == bool(notes.problems())


def test_a_word_of_other_programs_leads_to_the_one_of_this() -> None:
    mix = Choice(("latest", "add", "multiply"), meant={"sum": "add"})

    assert said(mix, "sum") == ("did you mean 'add'?",)
    assert said(mix, "SUM") == ("did you mean 'add'?",)
    assert said(mix, "ad") == ("did you mean 'add'?",)
    assert said(mix, "xyz") == ()
