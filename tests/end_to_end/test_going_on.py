"""What outlives an edit, a crash and the night: fades, scenes that are saved, live values, a recording."""

import json
from pathlib import Path

import pytest

from bridge import cli
from tests.end_to_end.conftest import Server, Show
from tests.end_to_end.rig import Bridge, wait_for
from tests.outputs.receiver import Seen, watching

MORE = """\
extends: house.yaml
scenes:
  drop: {fade: 3 s, set: {noise_scale: 1}}   # the big one
"""


def noise(seen: Seen) -> float:
    return -1.0 if seen.strip is None else seen.strip["noise_scale"]


@pytest.mark.values
def test_a_night(server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A fade goes on through an edit, what is live is saved as a scene, the house is edited, the bridge is killed."""
    house, recording = tmp_path / "house.yaml", tmp_path / "night.jsonl"
    house.write_text("start: {vace_context_scale: 0.5}\n", encoding="utf-8")
    with Show(server.url, tmp_path, "--record", str(recording), more=MORE) as show:
        show.streaming()
        with watching(show.ndi) as watch:
            house.write_text("start: {vace_context_scale: 1.5}\n", encoding="utf-8")
            watch.until(lambda seen: seen.strip is not None and seen.strip["vace_context_scale"] == 1.5)

            show.bridge.show("panel/scene/drop")
            watch.until(lambda seen: 0.45 < noise(seen) < 0.95)
            show.profile.write_text(show.text.replace("td/vace", "td/other"), encoding="utf-8")
            watch.until(lambda seen: noise(seen) == 1.0)
            assert len({noise(seen) for seen in watch.seen if 0.4 < noise(seen) < 1.0}) >= 3

            show.osc.send_message("/noise", 0.15)
            watch.until(lambda seen: noise(seen) == pytest.approx(0.15))
            show.bridge.show("panel/scene/save/mine")
            wait_for("the scene in the file", lambda: "mine:" in show.profile.read_text("utf-8"), 10.0)
            assert "# the big one" in show.profile.read_text("utf-8")
            show.osc.send_message("/noise", 0.9)
            watch.until(lambda seen: noise(seen) == pytest.approx(0.9))
            wait_for("the new scene", lambda: show.bridge.knows("panel/scene/mine"), 10.0)
            watch.until(lambda seen: noise(seen) == pytest.approx(0.15))

            show.osc.send_message("/prompt", "neon")
            show.osc.send_message("/noise", 0.25)
            watch.until(lambda seen: noise(seen) == pytest.approx(0.25))

        state = tmp_path / "state" / "live"
        wait_for(
            "the state on the disk", lambda: any("0.25" in each.read_text() for each in state.glob("*.json")), 10.0
        )
        show.bridge.kill()
        show.again("--resume")
        show.streaming()
        assert prompt(show.bridge) == "neon rain"
        with watching(show.ndi) as watch:
            watch.until(lambda seen: noise(seen) == pytest.approx(0.25))

        show.again()
        assert prompt(show.bridge) == "a reef at night"

    assert cli.main(["replay", str(recording), "--to", "json"]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    values = [line["message"]["noise_scale"] for line in told if "noise_scale" in line.get("message", {})]
    assert {1.0, 0.15, 0.9, 0.25} <= {round(value, 6) for value in values}
    assert values[-1] == pytest.approx(0.25)


def prompt(bridge: Bridge) -> str:
    """Return the prompt that a bridge begins with."""
    return str(wait_for("a prompt", bridge.status, 20.0)["prompt"])
