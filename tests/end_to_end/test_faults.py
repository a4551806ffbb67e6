"""Whatever dies, the picture stays, and everything comes back by itself."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from bridge.clock import now
from bridge.strip import prompt_sum
from tests.end_to_end.conftest import Show
from tests.end_to_end.rig import Rehearsal, wait_for
from tests.end_to_end.test_show import shows
from tests.outputs.receiver import GAP, watching

LOAD = 0.5
"""Seconds that the restarted server takes to load its pipeline."""
BACK = 5.0
"""Seconds from the server's first healthy answer, beyond its load, until frames and the full state are back."""


def healthy(url: str) -> float | None:
    """Return the moment at which the server at `url` answered; None while it does not."""
    try:
        httpx.get(f"{url}/health", timeout=1.0).raise_for_status()
    except httpx.HTTPError:
        return None
    return now()


@pytest.mark.parametrize("way", ["kill", "delete", "freeze"])
def test_the_picture_is_held_without_a_gap_and_the_full_state_is_back_within_five_seconds(
    way: str, start: Callable[[str], Show]
) -> None:
    servers = [Rehearsal("--chunk", "0.4", "--load-seconds", str(LOAD))]
    (server,) = servers
    try:
        show = start(server.url)
        with watching(show.ndi) as watch:
            show.osc.send_message("/noise", 0.9)
            show.osc.send_message("/vace", 1.75)
            show.osc.send_message("/prompt", "neon")
            state = {"noise_scale": 0.9, "vace_context_scale": 1.75, "prompt": prompt_sum(["neon rain"])}
            watch.until(shows(**state))
            wait_for("a session that counts as good", lambda: (show.bridge.status() or {})["seconds"] > 8.0, 20.0)
            before = watch.seen[-1]
            assert before.strip is not None
            match way:
                case "kill":
                    server.kill()
                    held = watch.until(lambda frame: frame.timestamp > before.timestamp + 2e7)
                    assert held.strip is not None
                    servers.append(Rehearsal("--chunk", "0.4", "--load-seconds", str(LOAD), port=server.port))
                    began = wait_for("health", lambda: healthy(server.url), 20.0) + LOAD
                case "delete":
                    (session,) = httpx.get(f"{server.url}/api/v1/session/metrics").json()["sessions"]
                    httpx.delete(f"{server.url}/api/v1/webrtc/offer/{session}")
                    began = now()
                case _:
                    server.fault("freeze")
                    frozen_limit = max(2.0, 4 * 0.4)
                    began = now() + frozen_limit
            sessions = (show.bridge.status() or {})["scope"]["sessions"]
            wait_for(
                "a new session's frames",
                lambda: (show.bridge.status() or {})["scope"]["sessions"] > sessions,
                30.0,
            )
            back = watch.until(shows(**state))
            assert back.at - began < BACK
            assert back.strip is not None
            assert watch.longest_gap(before) <= GAP
            print(f"longest gap {1000 * watch.longest_gap(before):.0f} ms, all back after {back.at - began:.1f} s")
    finally:
        for one in servers:
            one.end()


def test_a_bridge_that_starts_before_scope_sends_a_slate_and_begins_by_itself(tmp_path: Path) -> None:
    first = Rehearsal("--load-seconds", "0.2", "--chunk", "0.4")
    first.kill()
    with Show(first.url, tmp_path) as show, watching(show.ndi) as watch:
        slate = watch.until(lambda frame: True)
        assert slate.strip is None
        status = wait_for("the page", show.bridge.status, 20.0)
        assert status["scope"]["phase"] == "searching"
        assert "nobody listens" in status["scope"]["detail"]
        with Rehearsal("--load-seconds", "0.2", "--chunk", "0.4", port=first.port):
            watch.until(shows(noise_scale=0.4))
            show.bridge.end()
    first.end()
