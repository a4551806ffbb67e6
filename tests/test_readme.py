"""The README tells the truth: its profile has no problems, its commands exist, its links lead somewhere."""

import re
from pathlib import Path

from bridge import profile
from bridge.cli import COMMANDS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_its_profile_has_no_problems() -> None:
    (text,) = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)

    reading = profile.read(text, "club.yaml")

    assert reading.problems == ()
    assert reading.profile is not None


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
