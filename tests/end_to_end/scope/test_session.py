"""What holds on any Scope, shown on its pipeline that needs no GPU: `controller-viz`, in text mode.

SCOPE_URL=http://127.0.0.1:8000 uv run pytest tests/end_to_end -m scope
"""

from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from bridge.status import Phase
from tests.end_to_end.conftest import Show
from tests.end_to_end.rig import wait_for
from tests.end_to_end.scope.items import covers
from tests.end_to_end.scope.playing import VIZ, Play, Stand, Watched

pytestmark = [pytest.mark.scope, pytest.mark.transport, pytest.mark.timeout(180)]


@covers("1.1 health", "11 tolerant", "11 same")
def test_a_session_in_text_mode_brings_frames_and_is_gone_afterwards(play: Play, server: Stand) -> None:
    async def scene(watched: Watched) -> None:
        await watched.streams(30)
        status = watched.session.status()
        assert status.phase is Phase.STREAMING
        assert status.fps > 1
        assert status.version == server.version

    watched = play(scene, pipeline=VIZ)

    assert watched.store.left_on(server.url) == ()
    if not server.beta:
        assert server.get("/api/v1/session/metrics")["sessions"] == {}


@covers("4.3")
def test_a_key_that_is_held_is_seen_in_the_picture_and_so_is_its_release(play: Play) -> None:
    async def scene(watched: Watched) -> None:
        def press(*keys: str) -> None:
            watched.put("ctrl_input", {"button": list(keys), "mouse": [0.0, 0.0]})

        async def away(after: int = 20) -> float:
            await watched.streams(after)
            return float(np.abs(watched.picture() - before).mean())

        press()
        await watched.streams(20)
        before = watched.picture()
        rest = await away(3)
        press("KeyW")
        held = await away()
        press()
        released = await away()
        assert held > 3 * max(rest, 0.05)
        assert released < held / 2
        chunk = watched.session.status().chunk_seconds
        assert chunk is not None
        assert 0.2 < chunk * watched.session.status().fps < 5.0, "its chunk is one frame"

    play(scene, pipeline=VIZ, load={"width": 256, "height": 256})


@pytest.mark.since("0.1.7", "DELETE of a session")
@covers("0.10 DELETE", "2.3 DELETE", "3.2 stream_stopped")
def test_a_session_that_somebody_deletes_is_replaced_by_itself(play: Play, server: Stand) -> None:
    async def scene(watched: Watched) -> None:
        await watched.streams(3)
        (session,) = watched.store.left_on(server.url)
        (await watched.raw.http.delete(f"/api/v1/webrtc/offer/{session}")).raise_for_status()
        await watched.until(lambda: "stopped the stream" in watched.detail, "why it ended")
        await watched.until(lambda: watched.session.status().sessions == 2, "another session")
        assert session not in watched.store.left_on(server.url)

    play(scene, pipeline=VIZ)


@covers("0.3", "11 tolerant")
def test_the_whole_bridge_runs_on_it(server: Stand, tmp_path: Path) -> None:
    with Show(server.url, tmp_path, pipeline=VIZ, ice="auto") as show:
        show.streaming(3 * server.limit)  # a whole process, and its NDI, begin first
        status = wait_for("thirty frames", lambda: enough(show), server.limit)
        assert status["outputs"][0]["sent"] > 30
        assert status["complaints"] == []
        if not server.beta:  # one that tells what it has
            show.osc.send_message("/vace", 99.0)
            wait_for("the clamped value", lambda: shown(server, "vace_context_scale") == 2.0, server.limit)


def enough(show: Show) -> dict[str, Any] | None:
    status = show.bridge.status()
    return status if status and status["scope"]["frames"] > 30 and status["outputs"][0]["sent"] > 30 else None


def shown(server: Stand, parameter: str) -> Any:
    """Return a parameter as the server has it."""
    answer = httpx.get(f"{server.url}/api/v1/session/parameters", timeout=5.0).raise_for_status()
    return answer.json()["parameters"].get(parameter)
