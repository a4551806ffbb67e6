"""Every mistake in errors/*.yaml, the files of controllers, has the exact report beside it, in the .txt of the same name."""

from pathlib import Path

import pytest

from bridge.profile.controllers.reading import Reading, read_controller
from bridge.profile.source.problems import report

FOLDER = Path(__file__).parent / "errors"
CASES = sorted(FOLDER.glob("*.yaml"))


def read(path: Path) -> Reading:
    return read_controller(path.read_text(encoding="utf-8"), f"controllers/{path.name}")


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_the_report_is_the_one_beside_the_file(case: Path) -> None:
    found = report(read(case).problems, f"controllers/{case.name}") + "\n"

    assert found == case.with_suffix(".txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_no_controller_comes_of_it(case: Path) -> None:
    controller, problems = read(case)

    assert controller is None
    assert [problem.message for problem in problems if not problem.hints] == []


def test_every_report_has_its_file() -> None:
    assert {path.stem for path in FOLDER.glob("*.txt")} == {path.stem for path in CASES}
    assert len(CASES) >= 30
