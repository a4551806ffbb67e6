"""Two servers and one show: the first one dies, the second one plays on, and nobody who watches loses the picture."""

from pathlib import Path

import httpx
import pytest

from bridge.clock import now
from bridge.strip import prompt_sum
from tests.end_to_end.conftest import Show
from tests.end_to_end.rig import Bridge, Rehearsal, wait_for
from tests.end_to_end.test_show import shows
from tests.outputs.receiver import GAP, Seen, watching

TAKEOVER = 2.0
"""Seconds from a killed server to the other one's picture: what is promised, where the machine is not busy."""
LIVENESS = 5 * TAKEOVER
OLD = 12
"""Chunks that a server has made when it is not young any more."""


def scope_of(bridge: Bridge) -> dict[str, object]:
    status = bridge.status()
    assert status is not None
    scope = status["scope"]
    assert isinstance(scope, dict)
    return scope


def of_a_young_server(frame: Seen) -> bool:
    """Return whether a frame comes from a server that has made few chunks: the standby paused after its first."""
    return frame.strip is not None and frame.strip["chunk"] < OLD


@pytest.mark.timeout(120)
def test_the_standby_takes_over_with_the_same_state_without_a_gap_and_gives_back_by_command(tmp_path: Path) -> None:
    servers = [Rehearsal("--chunk", "0.4", "--load-seconds", "0.3") for _ in range(2)]
    main, spare = servers
    try:
        with Show(main.url, tmp_path, scope=f"standby: {spare.url}") as show:
            show.streaming()
            show.osc.send_message("/noise", 0.9)
            show.osc.send_message("/prompt", "neon")
            state = {"noise_scale": 0.9, "prompt": prompt_sum(["neon rain"])}
            with watching(show.ndi) as watch:
                wait_for("a standby", lambda: scope_of(show.bridge)["standby"] == "ready", 20.0)
                before = watch.until(lambda frame: shows(**state)(frame) and not of_a_young_server(frame))
                sessions = httpx.get(f"{spare.url}/api/v1/session/metrics").json()["sessions"]
                assert len(sessions) == 1, "never two sessions on one server"

                main.kill()
                killed = now()
                there = watch.until(lambda frame: of_a_young_server(frame) and shows(**state)(frame))
                assert there.at - killed < LIVENESS
                assert watch.longest_gap(before) <= GAP
                print(
                    f"the picture of the standby {there.at - killed:.2f} s after the kill, the fade included; "
                    f"longest gap {1000 * watch.longest_gap(before):.0f} ms"
                )

                show.osc.send_message("/noise", 0.2)
                watch.until(shows(noise_scale=0.2))
                servers.append(Rehearsal("--chunk", "0.4", "--load-seconds", "0.3", port=main.port))
                wait_for("the main server behind", lambda: scope_of(show.bridge)["standby"] == "ready", 30.0)
                assert scope_of(show.bridge)["on_standby"] is True, "it does not go back by itself"

                show.bridge.show("panel/standby", 0)
                wait_for("the main server", lambda: scope_of(show.bridge)["on_standby"] is False, 10.0)
                watch.until(shows(noise_scale=0.2, prompt=prompt_sum(["neon rain"])))
                assert watch.longest_gap(before) <= GAP
    finally:
        for server in servers:
            server.end()
