"""How the tests are shared out among the processes that run them (`-n` in pyproject.toml; `-n 0` runs them in one)."""

from typing import Any, Final

import pytest
from xdist.scheduler import LoadScopeScheduling

CONTRACT: Final = "tests/end_to_end/scope/"
"""What Scope's contract says, item for item: one process for all, as they share servers."""
WHOLE: Final = "tests/end_to_end/scope/test_session"
"""Of these, what is a whole show."""
SHOWS: Final = ("tests/end_to_end/", "tests/ndi/", "tests/outputs/test_ndi", "tests/sources/test_ndi")
"""Whole shows, and whatever else uses NDI. They are not run beside each other: several NDI programs of one machine, found
without mDNS, hide each other's sources."""


class ShowsInOneProcess(LoadScopeScheduling):  # type: ignore[misc]
    """Any test for whoever is free, but all whole shows for one, and all of the contract for one."""

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(CONTRACT) and not nodeid.startswith(WHOLE):
            return "contract"
        return "shows" if nodeid.startswith(SHOWS) else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    return ShowsInOneProcess(config, log)
