"""Every mistake in tests/errors/*.yaml has the exact report beside it, in the .txt of the same name."""

from pathlib import Path

import pytest

from bridge import profile

FOLDER = Path(__file__).parents[1] / "errors"
CASES = sorted(FOLDER.glob("*.yaml"))


def files(path: str) -> str:
    """Return the text of a file that a case names, which reports call by its path from the repository."""
    return profile.text_at(str(FOLDER.parents[1] / path))


def read(path: Path) -> profile.Reading:
    return profile.read(path.read_text(encoding="utf-8"), f"tests/errors/{path.name}", {}, files)


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_the_report_is_the_one_beside_the_profile(case: Path) -> None:
    reading = read(case)

    assert profile.report(reading.problems, f"tests/errors/{case.name}") + "\n" == case.with_suffix(".txt").read_text(
        encoding="utf-8"
    )


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_every_problem_says_what_to_do(case: Path) -> None:
    assert [problem.message for problem in read(case).problems if not problem.hints and case.stem not in BOUNDS] == []


BOUNDS = {"too_deep", "copies_of_copies"}
"""What nobody writes by mistake, and needs no advice."""


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_a_profile_comes_of_it_exactly_if_there_is_no_error(case: Path) -> None:
    reading = read(case)

    assert (reading.profile is None) == reading.errors
    assert reading.problems


def test_every_report_has_its_profile() -> None:
    assert {path.stem for path in FOLDER.glob("*.txt")} == {path.stem for path in CASES}
    assert len(CASES) >= 60
