"""The README tells the truth: its profile has no problems, its commands exist, its links lead somewhere."""

import re
from argparse import ArgumentParser
from importlib import import_module
from pathlib import Path

import pytest

from bridge import profile
from bridge.cli import COMMANDS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


PROFILES = re.findall(r"```yaml\n# ([a-z]+\.yaml)\n(.*?)```", README, re.DOTALL)


def test_its_yaml_is_profiles_by_name() -> None:
    assert len(PROFILES) == README.count("```yaml") == 5


@pytest.mark.parametrize(("name", "text"), PROFILES, ids=[name for name, _ in PROFILES])
def test_its_profiles_have_no_problems(name: str, text: str) -> None:
    reading = profile.read(text, name)

    assert [str(problem) for problem in reading.problems] == []
    assert reading.profile is not None


def test_the_note_that_it_quotes_is_what_check_says() -> None:
    (quoted,) = re.findall(r"`note: (.*?)`", README)
    text = PROFILES[0][1].replace("inputs:  {", "inputs:  {ears: {audio: default}, ") + "  - ears/bass -> word/mood\n"

    assert [problem.message for problem in profile.read(text, "club.yaml").problems] == [quoted]


@pytest.mark.parametrize("line", re.findall(r"uv run scope-bridge ([^#\n]*[^#\n ])", README))
def test_its_command_lines_are_understood(line: str) -> None:
    command, *arguments = line.split()
    parser = ArgumentParser(prog=command)
    import_module(f"bridge.commands.{command}").configure(parser)

    parser.parse_args(arguments)


def test_its_commands_exist() -> None:
    named = set(re.findall(r"scope-bridge ([a-z]+)", README))

    assert named
    assert named <= set(COMMANDS)


def test_its_two_commands_open_it() -> None:
    first = "    pip install uv && uv run scope-bridge demo\n    pip install uv && uv run pytest\n"

    assert first in README[:600]


def test_its_links_and_pictures_are_there() -> None:
    inside = [link for link in re.findall(r"\]\(([^)]+)\)", README) if not link.startswith("http")]

    assert inside
    assert [link for link in inside if not (ROOT / link).exists()] == []
