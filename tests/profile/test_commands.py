"""`check` and `schema`, as someone runs them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bridge import cli

ROOT = Path(__file__).parents[2]
HEAVY = ("aiortc", "av", "numpy", "httpx", "aiohttp", "rich", "pydantic", "asyncio")


def test_check_prints_what_each_route_will_do(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "club.yaml"
    file.write_text(
        "inputs: {td: {osc: 9000}}\nstart: {prompt: reef}\nroutes:\n  - td/seed -> seed\n", encoding="utf-8"
    )

    assert cli.main(["check", str(file)]) == 0
    assert capsys.readouterr().out == f"td/seed 0..4294967295 → seed 0..4294967295\n\nno problems in {file}\n"


def test_check_passes_what_only_has_warnings(capsys: pytest.CaptureFixture[str]) -> None:
    file = ROOT / "tests" / "errors" / "without_effect.yaml"

    assert cli.main(["check", str(file)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == f"no problems in {file}, 3 warnings"


def test_check_fails_with_2_and_every_problem(capsys: pytest.CaptureFixture[str]) -> None:
    file = ROOT / "tests" / "errors" / "five_mistakes.yaml"

    assert cli.main(["check", str(file)]) == 2
    out = capsys.readouterr().out
    assert out.count(f"{file}:") == 5
    assert out.splitlines()[-1] == f"5 problems in {file}; nothing was started."


def test_check_gives_other_programs_the_places(capsys: pytest.CaptureFixture[str]) -> None:
    file = ROOT / "tests" / "errors" / "unknown_filter.yaml"

    assert cli.main(["check", "--json", str(file)]) == 2
    assert json.loads(capsys.readouterr().out) == [
        {
            "severity": "error",
            "file": str(file),
            "line": 9,
            "column": 10,
            "end_column": 15,
            "message": "there is no filter called 'smoth'",
            "hints": ["did you mean 'smooth'?"],
            "source": "      - {smoth: 150 ms}",
        }
    ]


def test_check_of_a_file_that_is_not_there_fails_with_2(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    missing = str(tmp_path / "nothing.yaml")

    assert cli.main(["check", missing]) == 2
    assert capsys.readouterr().out.splitlines()[0] == f"{missing}: there is no such file"
    assert cli.main(["check", "--json", missing]) == 2
    assert json.loads(capsys.readouterr().out)[0]["message"] == "there is no such file"


def test_check_needs_nothing_that_is_slow_to_import() -> None:
    program = (
        "import sys; from bridge import cli; cli.main(['check', 'mappings/demo.yaml']); "
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, encoding="utf-8", check=True)

    assert done.stdout.splitlines()[-1] == "[]"


def test_schema_prints_the_schema_on_disk(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["schema"]) == 0
    assert capsys.readouterr().out == (ROOT / "mappings" / "profile.schema.json").read_text(encoding="utf-8")


def test_schema_writes_itself_and_the_reference_beside_profiles(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert cli.main(["schema", "--write", str(tmp_path)]) == 0
    written = ["README.md", "controller.schema.json", "profile.schema.json"]
    assert sorted(path.name for path in tmp_path.iterdir()) == written
    assert cli.main(["schema", "--write", str(tmp_path / "nowhere")]) == 1
    assert "cannot write" in capsys.readouterr().err
