"""Session ids that outlive the bridge."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bridge.session.store import SessionStore, is_alive, state_directory


def test_ids_outlive_the_bridge_by_server(tmp_path: Path) -> None:
    SessionStore(tmp_path).add("http://a", "1")
    SessionStore(tmp_path).add("http://a", "2")
    SessionStore(tmp_path).add("http://b", "3")

    assert SessionStore(tmp_path).left_on("http://a") == ("1", "2")

    SessionStore(tmp_path).remove("http://a", "1")
    SessionStore(tmp_path).remove("http://a", "2")
    assert SessionStore(tmp_path).left_on("http://a") == ()
    assert SessionStore(tmp_path).left_on("http://b") == ("3",)


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"http://a": 3}', b'{"http://a": ["1"]}', b"\xff\xfe"])
def test_a_file_that_is_no_good_is_as_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "sessions.json").write_bytes(content)

    assert SessionStore(tmp_path).left_on("http://a") == ()
    SessionStore(tmp_path).add("http://a", "1")
    assert SessionStore(tmp_path).left_on("http://a") == ("1",)


def test_a_disk_that_cannot_be_written_is_said_once_and_lived_without(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("not a folder")
    store = SessionStore(tmp_path / "file")

    store.add("http://a", "1")
    store.add("http://a", "2")

    assert store.left_on("http://a") == ()
    assert len(caplog.records) == 1


def test_ids_do_not_pile_up(tmp_path: Path) -> None:
    store = SessionStore(tmp_path)
    for number in range(100):
        store.add("http://a", str(number))

    assert store.left_on("http://a")[-1] == "99"
    assert len(store.left_on("http://a")) <= 8


def test_the_folder_can_be_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCOPE_BRIDGE_STATE", str(tmp_path))

    assert state_directory() == tmp_path


def test_what_a_living_process_plays_is_not_ours_to_remove_and_what_a_dead_one_left_is(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        SessionStore(tmp_path, process=other.pid).add("http://a", "theirs")
        SessionStore(tmp_path).add("http://a", "ours")

        assert SessionStore(tmp_path).left_on("http://a") == ("ours",)
        assert SessionStore(tmp_path).others_on("http://a") == (other.pid,)
        other.kill()
    assert SessionStore(tmp_path).left_on("http://a") == ("theirs", "ours")
    assert SessionStore(tmp_path).others_on("http://a") == ()


def test_this_process_lives_and_a_number_that_none_has_does_not() -> None:
    assert is_alive(os.getpid())
    assert not is_alive(2**22 + 1)
