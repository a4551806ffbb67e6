"""Wrong usage is told before anything starts: exit status 2, one line, no traceback."""

import subprocess
import sys

import pytest

from bridge.cli import COMMANDS, main


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "x.yaml", "--scope", "localhost:8000"], "no address"),
        (["run", "x.yaml", "--scope", "http://[::1"], "no address"),
        (["run", "x.yaml", "--panel", "99999"], "no port"),
        (["run"], "PROFILE"),
        (["demo", "--seconds", "soon"], "will not do"),
        (["demo", "--chunk", "-1"], "will not do"),
        (["rehearse", "--port", "http"], "no port"),
        (["rehearse", "--fault", "flood"], "no fault"),
        (["perform"], "invalid choice"),
        ([], "COMMAND"),
    ],
)
def test_wrong_usage_says_what_is_wrong(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)

    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_a_profile_that_is_not_there_is_status_2_without_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "no-such.yaml", "--headless"]) == 2
    assert "no-such.yaml" in capsys.readouterr().err


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])

    assert ended.value.code == 0
    assert command in capsys.readouterr().out


def test_help_imports_no_command() -> None:
    heavy = "import sys; from bridge.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass\n"
    heavy += "sys.exit(any(name in sys.modules for name in ('aiortc', 'numpy', 'rich', 'yaml', 'bridge.app')))"

    assert subprocess.run([sys.executable, "-c", heavy], check=False, capture_output=True).returncode == 0


def test_the_module_is_the_command() -> None:
    told = subprocess.run([sys.executable, "-m", "bridge", "--version"], check=True, capture_output=True, text=True)

    assert told.stdout.startswith("scope-bridge ")
