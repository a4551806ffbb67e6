"""`scope-bridge calibrate`, as a person calls it."""

import json
from pathlib import Path

import pytest

from bridge import cli
from bridge.session.latency import flashing
from bridge.session.latency.calibration import CalibrationStore
from bridge.status import Phase
from tests.end_to_end.rig import Rehearsal

PROFILE = """
scope: {{url: "{url}", ice: loopback, load: {{width: 320, height: 192}}}}
start: {{prompt: reef}}
prompts: {{bank: {{reef: "a reef at night"}}}}
"""


def written(folder: Path, url: str) -> str:
    path = folder / "show.yaml"
    path.write_text(PROFILE.format(url=url), encoding="utf-8")
    return str(path)


@pytest.mark.timeout(90)
def test_what_was_measured_is_told_and_kept_for_shows_on_that_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SCOPE_BRIDGE_STATE", str(tmp_path / "state"))
    with Rehearsal("--chunk", "0.25", "--load-seconds", "0.1") as server:
        elsewhere = written(tmp_path, "http://127.0.0.1:9")
        assert cli.main(["calibrate", elsewhere, "--scope", f"{server.url}/", "--flashes", "2", "--json"]) == 0

    printed = capsys.readouterr()
    said = json.loads(printed.out)
    assert (said["url"], said["pipeline"], said["flashes"], said["seen"]) == (server.url, "longlive", 2, 2)
    assert said["parts_estimated"] is False
    assert len(said["each_ms"]) == 2
    assert said["hand_to_picture_ms"]["p50"] > said["chunk_ms"] / 2
    assert "2 of 2" in printed.err
    kept = CalibrationStore(tmp_path / "state").find(server.url, "longlive")
    assert kept is not None
    assert 1000 * kept.latency == pytest.approx(said["hand_to_picture_ms"]["p50"], abs=0.1)


def test_a_server_that_is_not_there_is_said_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SCOPE_BRIDGE_STATE", str(tmp_path / "state"))
    monkeypatch.setattr(flashing, "PATIENCE", {Phase.SEARCHING: 0.5})

    assert cli.main(["calibrate", written(tmp_path, "http://127.0.0.1:9")]) == 1

    printed = capsys.readouterr()
    assert "scope-bridge calibrate: no frames from http://127.0.0.1:9" in printed.err
    assert "Traceback" not in printed.err
    assert not (tmp_path / "state" / "calibrations.json").exists()


@pytest.mark.parametrize("flashes", ["0", "-1", "many", "1001", "2.5"])
def test_a_number_of_flashes_that_makes_no_sense_is_wrong_usage(
    flashes: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        cli.main(["calibrate", "show.yaml", "--flashes", flashes])

    assert "a step is sent 1 to 1000 times" in capsys.readouterr().err
