"""How problems are laid out, and which name is the nearest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.profile.source.problems import Notes, Place, nearest, report


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("smoth", "smooth"),
        ("SMOOTH", "smooth"),
        ("mtd", "tdm"),
        ("noise", "noise_scale"),
        ("moood", "mood"),
        ("xyzzy", None),
        ("", None),
    ],
)
def test_the_nearest_name_is_what_was_meant(wrong: str, right: str | None) -> None:
    assert nearest(wrong, ["smooth", "tdm", "noise_scale", "mood"]) == right


@pytest.mark.parametrize(("wrong", "known"), [("foo", "lfo"), ("sum", "msx"), ("cat", "at1"), ("x" * 5000, "x" * 5000)])
def test_what_is_far_off_is_near_to_nothing(wrong: str, known: str) -> None:
    assert nearest(wrong, [known]) is None


@pytest.mark.parametrize(("wrong", "right"), [("cm", "cam"), ("tdd", "td"), ("eft", "left"), ("dt", "td")])
def test_a_short_name_is_near_if_it_begins_alike_or_is_almost_all_there(wrong: str, right: str) -> None:
    assert nearest(wrong, [right]) == right


@given(st.sampled_from(["smooth", "noise_scale", "td"]))
def test_a_name_is_nearest_to_itself(name: str) -> None:
    assert nearest(name, ["curve", "smooth", "noise_scale", "td", "program"]) == name


def test_the_gutter_is_as_wide_as_its_widest_number() -> None:
    notes = Notes([f"line {number}" for number in range(1, 13)], "x.yaml")
    notes.error(Place(12, 1, 12, 5), "it is wrong", "make it right", elsewhere=Place(3, 6, 3, 7))

    assert report(notes.problems(), "x.yaml") == (
        "x.yaml:12:1: it is wrong\n"
        "  12 | line 12\n"
        "     | ^^^^\n"
        "   3 | line 3\n"
        "     |      ^ here first\n"
        "     = make it right\n"
        "\n"
        "1 problem in x.yaml; nothing was started."
    )


def test_a_long_line_is_shown_around_the_place() -> None:
    line = "a" * 300 + "HERE" + "b" * 300
    notes = Notes([line], "x.yaml")
    notes.error(Place(1, 301, 1, 305), "it is wrong")

    shown, mark = report(notes.problems(), "x.yaml").splitlines()[1:3]
    assert len(shown) < 130
    assert shown[mark.index("^") : mark.rindex("^") + 1] == "HERE"


def test_a_place_beyond_the_text_is_moved_to_its_end() -> None:
    notes = Notes(["one", "two"], "x.yaml")
    notes.error(Place(9, 9, 9, 10), "it is wrong")

    assert [(problem.line, problem.column) for problem in notes.problems()] == [(2, 4)]


def test_what_is_said_twice_is_one_problem() -> None:
    notes = Notes(["one"], "x.yaml")
    for _ in range(2):
        notes.error(Place(1, 1, 1, 2), "it is wrong", None)

    assert len(notes.problems()) == 1
