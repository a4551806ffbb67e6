"""What was calibrated, on disk: by server and pipeline, whole or not at all."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bridge.errors import Unavailable
from bridge.profile.model import Node, Scope
from bridge.session.latency.calibration import Calibration, CalibrationStore, pipeline_of

FOUND = Calibration(
    "http://a:8000",
    "longlive",
    latency=0.83,
    slowest=1.1,
    waiting=0.27,
    generating=0.5,
    delivery=0.06,
    estimated=False,
    chunk=0.5,
    flashes=12,
    seen=11,
)


def test_what_was_kept_is_found_again_by_server_and_pipeline(tmp_path: Path) -> None:
    CalibrationStore(tmp_path).keep(FOUND)
    CalibrationStore(tmp_path).keep(replace(FOUND, pipeline="krea-realtime-video", latency=2.0))
    CalibrationStore(tmp_path).keep(replace(FOUND, url="http://b:8000", latency=3.0))

    store = CalibrationStore(tmp_path)
    assert store.find("http://a:8000", "longlive") == FOUND
    assert store.find("http://a:8000", "krea-realtime-video") == replace(
        FOUND, pipeline="krea-realtime-video", latency=2.0
    )
    assert store.find("http://b:8000", "longlive") == replace(FOUND, url="http://b:8000", latency=3.0)
    assert store.find("http://b:8000", "memflow") is None
    assert store.find("http://c:8000", "longlive") is None


def test_a_newer_one_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    store = CalibrationStore(tmp_path)
    store.keep(FOUND)
    store.keep(replace(FOUND, latency=0.6, estimated=True))

    assert store.find(FOUND.url, FOUND.pipeline) == replace(FOUND, latency=0.6, estimated=True)
    assert [path.name for path in tmp_path.iterdir()] == ["calibrations.json"]


def test_the_folder_is_made(tmp_path: Path) -> None:
    CalibrationStore(tmp_path / "state" / "bridge").keep(FOUND)

    assert CalibrationStore(tmp_path / "state" / "bridge").find(FOUND.url, FOUND.pipeline) == FOUND


def test_before_anything_was_calibrated_nothing_is_found_and_nothing_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert CalibrationStore(tmp_path).find(FOUND.url, FOUND.pipeline) is None
    assert caplog.records == []


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{", b"\xff\xfe", b'{"scope_bridge_calibrations": 2, "servers": {}}', b'{"servers": []}']
)
def test_a_file_that_is_no_good_is_said_and_replaced_by_the_next(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    (tmp_path / "calibrations.json").write_bytes(content)
    store = CalibrationStore(tmp_path)

    assert store.find(FOUND.url, FOUND.pipeline) is None
    assert "calibrat" in caplog.text
    store.keep(FOUND)
    assert store.find(FOUND.url, FOUND.pipeline) == FOUND


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("latency", "fast"),
        ("latency", -0.1),
        ("latency", 1e9),
        ("slowest", None),
        ("chunk", True),
        ("waiting", float("nan")),
        ("seen", 1.5),
        ("estimated", 1),
    ],
)
def test_a_number_that_can_be_none_makes_its_calibration_none_and_leaves_the_others(
    tmp_path: Path, name: str, value: object
) -> None:
    store = CalibrationStore(tmp_path)
    store.keep(FOUND)
    store.keep(replace(FOUND, url="http://b:8000"))
    document = json.loads((tmp_path / "calibrations.json").read_text())
    document["servers"][FOUND.url][FOUND.pipeline][name] = value
    (tmp_path / "calibrations.json").write_text(json.dumps(document))

    assert store.find(FOUND.url, FOUND.pipeline) is None
    assert store.find("http://b:8000", FOUND.pipeline) is not None


def test_a_disk_that_takes_nothing_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")

    with pytest.raises(Unavailable, match="cannot keep the calibration in"):
        CalibrationStore(tmp_path / "file").keep(FOUND)


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = CalibrationStore(tmp_path)
    store.keep(FOUND)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(Unavailable, match="No space left on device"):
        store.keep(replace(FOUND, latency=9.0))

    assert store.find(FOUND.url, FOUND.pipeline) == FOUND
    assert [path.name for path in tmp_path.iterdir()] == ["calibrations.json"]


def test_a_chain_is_another_thing_than_its_pipelines_alone() -> None:
    chain = (Node("depth", "video-depth-anything"), Node("dream", "longlive"))

    assert pipeline_of(Scope(pipeline="longlive")) == "longlive"
    assert pipeline_of(Scope(pipeline="longlive", chain=chain)) == "video-depth-anything > longlive"
