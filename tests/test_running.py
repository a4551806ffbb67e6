"""The files that say which shows run."""

import os
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from bridge import running
from bridge.running import Running


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SCOPE_BRIDGE_STATE", str(tmp_path / "state"))
    return tmp_path / "state" / "running"


def left_behind(folder: Path, pid: int, **said: object) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{pid}.json"
    told = {"pid": pid, "url": "http://127.0.0.1:1", "profile": "/a.yaml", "started": "2026-01-01T00:00:00+00:00"}
    file.write_bytes(orjson.dumps({**told, **said}))
    return file


def dead() -> int:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return ended.pid


def test_what_is_announced_is_found_until_it_is_withdrawn(
    state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    running.announce("http://127.0.0.1:8765", "club.yaml")

    (found,) = running.shows()
    assert (found.pid, found.url, found.profile) == (os.getpid(), "http://127.0.0.1:8765", str(tmp_path / "club.yaml"))
    assert found.called == f"club.yaml (process {os.getpid()})"
    assert orjson.loads((state / f"{os.getpid()}.json").read_bytes()).keys() == {"pid", "url", "profile", "started"}

    running.withdraw()
    assert running.shows() == []
    assert list(state.iterdir()) == []
    running.withdraw()  # as often as one likes


def test_the_newest_is_the_first(state: Path) -> None:
    left_behind(state, os.getppid(), started="2026-01-01T00:00:00+00:00")
    running.announce("http://127.0.0.1:8765", "club.yaml")
    assert [one.pid for one in running.shows()] == [os.getpid(), os.getppid()]

    left_behind(state, os.getppid(), started="9999-01-01T00:00:00+00:00")
    assert [one.pid for one in running.shows()] == [os.getppid(), os.getpid()]


def test_what_a_dead_process_left_behind_does_not_count_and_is_removed(state: Path) -> None:
    left = left_behind(state, dead())
    other = state / "notes.json"
    other.write_text("{}")

    assert running.shows() == []
    assert not left.exists()
    assert other.exists(), "only its own files"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"pid": 1}',
        '{"pid": -1, "url": "http://a", "profile": "/a", "started": "x"}',
        '{"pid": OURS, "url": 5, "profile": "/a", "started": "x"}',
    ],
)
def test_a_file_that_says_nothing_is_no_show(state: Path, text: str) -> None:
    state.mkdir(parents=True)
    (state / f"{os.getpid()}.json").write_text(text.replace("OURS", str(os.getpid())))

    assert running.shows() == []


def test_a_disk_that_fails_is_said_and_lived_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SCOPE_BRIDGE_STATE", str(tmp_path / "file"))

    running.announce("http://127.0.0.1:8765", "club.yaml")

    assert "so that no tool finds this show" in caplog.text
    running.withdraw()
    assert running.shows() == []


def test_a_running_says_what_people_call_it() -> None:
    assert Running(7, "http://127.0.0.1:1", "/shows/club.yaml", "").called == "club.yaml (process 7)"
