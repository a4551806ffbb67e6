"""A capture that is played to a live Scope: what the hand did then happens now."""

from pathlib import Path
from typing import Any

import httpx

from bridge import capture
from bridge.capture import Header, Writer
from bridge.signals import Batch
from tests.end_to_end.rig import Program, Rehearsal, wait_for

PROFILE = """\
scope: {ice: loopback}
inputs: {td: {osc: 9000}}
start: {prompt: reef}
routes: [td/probe -> param/probe, td/prompt -> prompt]
"""


def test_a_capture_plays_to_a_live_scope_and_ends_by_itself(rehearsal: Rehearsal, tmp_path: Path) -> None:
    moment = [1000.0]
    with Writer(tmp_path / "night.jsonl", Header("club.yaml", PROFILE), lambda: moment[0]) as writer:
        for tenth in range(1, 41):
            writer.put(Batch(1000 + tenth / 10, [("td/probe", (tenth,)), ("scope/chunk", (30.0,))]))
        writer.put(Batch(1004.1, [("td/prompt", ("neon rain",))]))
        moment[0] = 1004.2
    program = Program(
        *("-m", "bridge", "replay", str(writer.path), "--to", rehearsal.url, "--speed", "2"),
        environment={"SCOPE_BRIDGE_STATE": str(tmp_path / "state")},
    )
    with program:
        wait_for(f"the last value ({program.story()})", lambda: parameters(rehearsal).get("probe") == 40, 30.0)
        wait_for("the prompt", lambda: parameters(rehearsal)["prompts"][0]["text"] == "neon rain", 10.0)
        assert program.wait(20.0) == 0, program.story()

    assert program.lines[-1] == f"played {writer.path} to {rehearsal.url}"
    assert len(list(capture.read(writer.path))) == 42


def parameters(server: Rehearsal) -> dict[str, Any]:
    answer = httpx.get(f"{server.url}/api/v1/session/parameters", timeout=5.0).raise_for_status().json()
    return dict(answer["parameters"])
