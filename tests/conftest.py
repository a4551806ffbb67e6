"""How the tests are shared out among the processes that run them (`-n` in pyproject.toml; `-n 0` runs them in one)."""

from typing import Any, Final

import pytest
from xdist.scheduler import LoadScopeScheduling

SHOWS: Final = ("tests/end_to_end/", "tests/outputs/", "tests/test_app")
"""Whole shows, which are not run beside each other: several NDI programs of one machine, found without mDNS, hide each
other's sources; and some of them share a server."""


class ShowsInOneProcess(LoadScopeScheduling):  # type: ignore[misc]
    """Any test for whoever is free, but all whole shows for one."""

    def _split_scope(self, nodeid: str) -> str:
        return "shows" if nodeid.startswith(SHOWS) else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    return ShowsInOneProcess(config, log)
