"""A show in its processes: rehearsal server, bridge, NDI receiver, and somebody who sends OSC."""

import itertools
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import httpx
import pytest
from pythonosc.udp_client import SimpleUDPClient

from tests.end_to_end.rig import Bridge, Program, Rehearsal, free_port, wait_for

PROFILE = """\
scope: {{url: "{url}", pipeline: {pipeline}, ice: {ice}{scope}}}
inputs: {{td: {{osc: {port}}}}}
outputs: {{program: {{ndi: {ndi}}}}}
start: {{prompt: reef, noise_scale: 0.4}}
prompts:
  bank: {{reef: "a reef at night", neon: "neon rain"}}
routes:
  - td/noise -> noise_scale
  - td/vace -> vace_context_scale
  - td/prompt -> prompt
  - td/probe -> param/probe
"""

_numbers = itertools.count()


class Show:
    """A bridge that plays a profile of its own against a server, and a sender of OSC."""

    def __init__(
        self,
        server: str,
        folder: Path,
        *options: str,
        pipeline: str = "longlive",
        ice: str = "loopback",
        more: str = "",
        scope: str = "",
        environment: dict[str, str] | None = None,
        edit: Callable[[str], str] = lambda text: text,
    ) -> None:
        """`more` is added to the profile, which is `show.yaml` in `folder`; `scope` to what it says of the server; `edit`
        makes what is played of the whole."""
        self._folder = folder
        self._environment = environment or {}
        self.port = free_port()
        self.ndi = f"Test {os.getpid()} {next(_numbers)}"
        self.profile = folder / "show.yaml"
        self.text = PROFILE.format(
            url=server, pipeline=pipeline, ice=ice, port=self.port, ndi=self.ndi, scope=scope and f", {scope}"
        )
        self.text = edit(self.text + more)
        self.profile.write_text(self.text, encoding="utf-8")
        self.bridge = self._started(options)
        self.osc = SimpleUDPClient("127.0.0.1", self.port)

    def again(self, *options: str) -> None:
        """Start the bridge once more, with other options; end it first if it is there."""
        self.bridge.end()
        self.bridge = self._started(options)

    def _started(self, options: Iterable[str]) -> Bridge:
        return Bridge(self.profile, self._state, *options, environment=self._environment)

    def beside(self, *arguments: str) -> Program:
        """Run another command of ours beside the show."""
        environment = {"SCOPE_BRIDGE_STATE": str(self._state), **self._environment}
        return Program("-m", "bridge", *arguments, environment=environment)

    @property
    def _state(self) -> Path:
        return self._folder / "state"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.osc.close()
        self.bridge.end()

    def streaming(self, limit: float = 30.0) -> None:
        """Wait until frames come."""
        wait_for(f"frames ({self.bridge.story()})", self.bridge.streaming, limit)


@dataclass(frozen=True, slots=True)
class Server:
    """A Scope server, whoever started it."""

    url: str
    rehearsal: bool
    """Whether its pictures carry the strip."""


@pytest.fixture(scope="session")
def rehearsal() -> Iterator[Rehearsal]:
    """Return a rehearsal server that all tests share; one that must fail is started by its own test."""
    with Rehearsal("--chunk", "0.4", "--load-seconds", "0.5") as server:
        yield server


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Server:
    """Return the server at SCOPE_URL, else a rehearsal server that is started for the test."""
    url = os.environ.get("SCOPE_URL")
    if url is None:
        return Server(request.getfixturevalue("rehearsal").url, rehearsal=True)
    health = httpx.get(f"{url}/health", timeout=5.0).raise_for_status().json()
    stand_in = health.get("git_commit") == "rehearsal"
    if request.node.get_closest_marker("values") and not stand_in:
        pytest.skip("SCOPE_URL is a real Scope, whose pictures carry no strip")
    return Server(url.rstrip("/"), stand_in)


@pytest.fixture
def show(server: Server, tmp_path: Path) -> Iterator[Show]:
    with Show(server.url, tmp_path) as show:
        show.streaming()
        yield show


@pytest.fixture(scope="module")
def long_show(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Show]:
    """Return a show that goes on through all tests of a module, as a night does."""
    url = os.environ.get("SCOPE_URL") or request.getfixturevalue("rehearsal").url
    with Show(url.rstrip("/"), tmp_path_factory.mktemp("show")) as show:
        yield show


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[str], Show]]:
    """Return what starts a show on the server at a URL."""
    with ExitStack() as shows:

        def started(url: str) -> Show:
            show = shows.enter_context(Show(url, tmp_path))
            show.streaming()
            return show

        yield started
