"""How the tests are shared out among the processes that run them (`-n` in pyproject.toml; `-n 0` runs them in one)."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent
STAGES = {
    "shows": ("end_to_end/test_", "outputs/", "test_app"),
    "scope": ("end_to_end/scope/",),
}
"""Tests that are not run beside each other: whole shows, because several NDI programs of one machine, found without mDNS,
hide each other's sources; and those that share one server of a dialect."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        place = item.path.relative_to(HERE).as_posix()
        for stage, beginnings in STAGES.items():
            if place.startswith(beginnings):
                item.add_marker(pytest.mark.xdist_group(stage))
