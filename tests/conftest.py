"""How the tests are shared out among the processes that run them (`-n` in pyproject.toml; `-n 0` runs them in one)."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent
SHOWS = ("end_to_end/", "outputs/", "test_app")
"""Whole shows, which are not run beside each other: several NDI programs of one machine, found without mDNS, hide each
other's sources; and some of them share a server."""


@pytest.hookimpl(tryfirst=True)  # before the processes are told which test is of which group
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.relative_to(HERE).as_posix().startswith(SHOWS):
            item.add_marker(pytest.mark.xdist_group("shows"))
