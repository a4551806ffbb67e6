"""What holds on any Scope 0.2.4, shown on its pipeline that needs no GPU: `controller-viz`, in text mode.

SCOPE_URL=http://127.0.0.1:8000 uv run pytest tests/end_to_end -m scope
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray

from bridge.clock import now
from bridge.frames import Fan, Frame
from bridge.parameters import Change
from bridge.profile.model import Scope
from bridge.session.service import Session
from bridge.session.store import SessionStore
from bridge.status import Phase
from tests.end_to_end.conftest import Server, Show
from tests.end_to_end.rig import wait_for

pytestmark = [pytest.mark.scope, pytest.mark.transport, pytest.mark.timeout(180)]

PIPELINE = "controller-viz"
FIRST_FRAME = 60.0
"""Seconds that a real server may take to load and begin."""


class Watched:
    """A session with the server, and its newest picture."""

    def __init__(self, server: Server, state: Path) -> None:
        self.fan = Fan()
        self.fan.tap(self._keep)
        self.store = SessionStore(state)
        self.session = Session(Scope(server.url, PIPELINE), self.fan, self.store)
        self.frames: list[Frame] = []

    def _keep(self, frame: Frame) -> None:
        self.frames.append(frame)

    async def picture(self, after: int = 3) -> NDArray[np.int16]:
        """Return a picture that comes `after` frames from now, below the strip that a rehearsal server draws."""
        count = len(self.frames)
        async with asyncio.timeout(FIRST_FRAME):
            while len(self.frames) < count + after:
                await asyncio.sleep(0.01)
        return self.frames[-1].rgba()[48:, :, :3].astype(np.int16)


def play(server: Server, state: Path, scene: Callable[[Watched], Awaitable[None]]) -> Watched:
    async def played() -> Watched:
        watched = Watched(server, state)
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(watched.session.run())
            await scene(watched)
            running.cancel()
        return watched

    return asyncio.run(played())


def test_a_receive_only_session_in_text_mode_brings_frames_and_is_gone_afterwards(
    server: Server, tmp_path: Path
) -> None:
    async def scene(watched: Watched) -> None:
        await watched.picture(after=30)
        status = watched.session.status()
        assert status.phase is Phase.STREAMING
        assert status.fps > 1
        assert status.version is not None

    watched = play(server, tmp_path, scene)

    assert watched.store.left_on(server.url) == ()
    assert httpx.get(f"{server.url}/api/v1/session/metrics").json()["sessions"] == {}


def test_a_key_that_is_held_is_seen_in_the_picture_and_so_is_its_release(server: Server, tmp_path: Path) -> None:
    async def scene(watched: Watched) -> None:
        def press(*keys: str) -> None:
            held = {"button": list(keys), "mouse": [0.0, 0.0]}
            watched.session.put([Change("ctrl_input", held, now())])

        press()
        before = await watched.picture(after=30)
        rest = np.abs(await watched.picture() - before).mean()
        press("KeyW")
        held = np.abs(await watched.picture(after=30) - before).mean()
        press()
        released = np.abs(await watched.picture(after=30) - before).mean()
        assert held > 3 * max(rest, 0.05)
        assert released < held / 2

    play(server, tmp_path, scene)


def test_a_session_that_somebody_deletes_is_replaced_by_itself(server: Server, tmp_path: Path) -> None:
    async def scene(watched: Watched) -> None:
        await watched.picture(after=10)
        (session,) = watched.store.left_on(server.url)
        httpx.delete(f"{server.url}/api/v1/webrtc/offer/{session}").raise_for_status()
        async with asyncio.timeout(FIRST_FRAME):
            while watched.session.status().sessions < 2:
                await asyncio.sleep(0.05)
        await watched.picture()
        assert session not in watched.store.left_on(server.url)

    play(server, tmp_path, scene)


def test_the_whole_bridge_runs_on_it(server: Server, tmp_path: Path) -> None:
    with Show(server.url, tmp_path, pipeline=PIPELINE, ice="auto") as show:
        show.streaming(FIRST_FRAME)
        status = wait_for("thirty frames", lambda: enough(show), 60.0)
    assert status["outputs"][0]["sent"] > 30
    assert status["complaints"] == []


def enough(show: Show) -> dict[str, list[dict[str, int]]] | None:
    status = show.bridge.status()
    return status if status and status["scope"]["frames"] > 30 and status["outputs"][0]["sent"] > 30 else None
