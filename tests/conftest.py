"""How the tests are shared out among the processes that run them (`-n` in pyproject.toml; `-n 0` runs them in one), and what
each finds as it was before the others."""

import gc
import logging
from collections.abc import Iterator
from typing import Any, Final

import pytest
from xdist.scheduler import LoadScopeScheduling

from bridge.log import _QUIET

CONTRACT: Final = "tests/end_to_end/scope/"
"""What Scope's contract says, item for item: one process for all, as they share servers."""
WHOLE: Final = "tests/end_to_end/scope/test_session"
"""Of these, what is a whole show."""
SHOWS: Final = ("tests/end_to_end/", "tests/ndi/", "tests/outputs/test_ndi", "tests/sources/test_ndi")
"""Whole shows, and whatever else uses NDI. They are not run beside each other: several NDI programs of one machine, found
without mDNS, hide each other's sources."""
CONFIGURED: Final = ("", "bridge", *_QUIET)
"""The loggers whose levels `bridge.log.configure` sets."""


class ShowsInOneProcess(LoadScopeScheduling):  # type: ignore[misc]
    """Any test for whoever is free, but all whole shows for one, and all of the contract for one."""

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(CONTRACT) and not nodeid.startswith(WHOLE):
            return "contract"
        return "shows" if nodeid.startswith(SHOWS) else nodeid


def pytest_collection_finish() -> None:
    """Keep ten thousand tests out of every collection of garbage: those that measure collect often."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    return ShowsInOneProcess(config, log)


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """Put back what commands do to the logging of their process: a test that runs one is no process of its own."""
    root = logging.getLogger()
    handlers, levels = list(root.handlers), {name: logging.getLogger(name).level for name in CONFIGURED}
    yield
    for handler in [handler for handler in root.handlers if handler not in handlers]:
        root.removeHandler(handler)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
    logging.captureWarnings(False)
