"""The server that every test here runs on: a rehearsal one in each of its dialects, or the one at SCOPE_URL."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.end_to_end.rig import Rehearsal
from tests.end_to_end.scope.playing import Play, Stand, own

DIALECTS = ("0.2.4", "beta3")
_EARLIEST = (0, 1, -1)
"""What calls itself nothing: the beta."""


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "since(version, what): Scope has `what` since that version")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run on both dialects; what the beta does not have, on the newer one alone."""
    if "server" in metafunc.fixturenames:
        known = DIALECTS[:1] if any(metafunc.definition.iter_markers("since")) else DIALECTS
        metafunc.parametrize("server", ["given"] if os.environ.get("SCOPE_URL") else known, indirect=True)


@pytest.fixture(scope="session")
def rehearsals() -> Iterator[Callable[[str], Rehearsal]]:
    """Return what gives the rehearsal server of a dialect; it is started when it is first asked for."""
    running: dict[str, Rehearsal] = {}
    with ExitStack() as servers:

        def of(dialect: str) -> Rehearsal:
            if dialect not in running:
                running[dialect] = servers.enter_context(
                    own(dialect, "--missing", "memflow", "--download-seconds", "0.6")
                )
            return running[dialect]

        yield of


@pytest.fixture
def server(request: pytest.FixtureRequest, rehearsals: Callable[[str], Rehearsal]) -> Stand:
    """Return the server; skip what it cannot show."""
    url = os.environ.get("SCOPE_URL", "").rstrip("/") or rehearsals(request.param).url
    health = httpx.get(f"{url}/health", timeout=5.0).raise_for_status().json()
    stand_in = "SCOPE_URL" not in os.environ or health.get("git_commit") == "rehearsal"
    version = health.get("version")
    found = re.match(r"(\d+)\.(\d+)\.(\d+)", version or "")
    number = tuple(map(int, found.groups())) if found else _EARLIEST
    if request.node.get_closest_marker("values") and not stand_in:
        pytest.skip("SCOPE_URL is a real Scope, whose pictures carry no strip")
    for marker in request.node.iter_markers("since"):
        since, what = marker.args
        if number < tuple(map(int, since.split("."))):
            pytest.skip(f"Scope {version or 'beta'} has no {what}: that came with {since}")
    return Stand(url, stand_in, version)


@pytest.fixture
def stand_in(server: Stand) -> Stand:
    """Return the server for a test that needs it to fail, or to tell what it heard: only ours does so by request."""
    if not server.rehearsal:
        pytest.skip("a real Scope does not fail by request")
    server.fault("none")  # what the test before may have left
    return server


@pytest.fixture
def play(server: Stand, tmp_path: Path) -> Play:
    """Return what plays a scene on the server."""
    return Play(server, tmp_path)
