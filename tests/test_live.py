"""The live state outlives the bridge, and no file is ever found half-written."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType

import orjson
import pytest

from bridge.disk import read_text, write_text
from bridge.live import LiveState, path_for

STATE = {"values": {"noise_scale": 0.3, "prompt": "夜 {mood}\n"}, "scene": None, "steps": [1000, 750], "on": True}


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SCOPE_BRIDGE_STATE", str(tmp_path / "kept"))
    return tmp_path / "kept"


def test_what_was_saved_last_is_loaded_by_the_next_bridge(kept: Path) -> None:
    LiveState.of("club.yaml").save({"scene": "intro"})
    LiveState.of("club.yaml").save(STATE)

    assert LiveState.of("club.yaml").load() == STATE


def test_the_file_says_its_form_and_whose_it_is(kept: Path) -> None:
    state = LiveState.of("club.yaml")
    state.save(STATE)

    assert json.loads(state.path.read_text(encoding="utf-8")) == {
        "scope_bridge_state": 1,
        "profile": os.path.abspath("club.yaml"),
        "state": STATE,
    }


def test_read_only_mappings_and_tuples_are_kept_as_json_has_them(tmp_path: Path) -> None:
    state = LiveState(tmp_path / "x.json")
    state.save(MappingProxyType({"values": MappingProxyType({"td/xy": (0.5, 1)})}))

    assert state.load() == {"values": {"td/xy": [0.5, 1]}}


def test_each_profile_has_a_file_with_a_name_to_recognise(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a").mkdir()

    assert path_for("club.yaml").parent == kept / "live"
    assert path_for("club.yaml").name.startswith("club-")
    assert path_for("a/../club.yaml") == path_for(tmp_path / "club.yaml") == path_for("club.yaml")
    assert len({path_for("club.yaml"), path_for("a/club.yaml"), path_for("club.yml")}) == 3
    assert path_for("a:b*c ?.yaml").name.startswith("a-b-c-")
    assert path_for("???.yaml").name.startswith("profile-")
    assert len(path_for("x" * 200 + ".yaml").name) < 80


def test_nothing_saved_is_nothing_to_load_and_not_worth_a_word(kept: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert LiveState.of("club.yaml").load() is None
    assert caplog.records == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "cannot be read"),
        (b'{"scope_bridge_state": 1, "state": {"a"', "cannot be read"),
        (b"\xff\xfe", "cannot be read"),
        (b"[" * 100_000, "cannot be read"),
        (b"[]", "holds no live state"),
        (b"{}", "holds no live state"),
        (b'{"scope_bridge_state": "1", "state": {}}', "holds no live state"),
        (b'{"scope_bridge_state": 1, "state": [1]}', "holds no live state"),
        (b'{"scope_bridge_state": 0, "state": {}}', "holds no live state"),
        (b'{"scope_bridge_state": 2, "state": {}}', "newer bridge"),
    ],
)
def test_a_file_that_is_no_good_is_as_none_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: bytes, said: str
) -> None:
    (tmp_path / "x.json").write_bytes(content)
    state = LiveState(tmp_path / "x.json")

    assert state.load() is None
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert said in record.getMessage()
    assert "x.json" in record.getMessage()

    state.save({"a": 1})
    assert state.load() == {"a": 1}


def test_a_folder_in_its_place_is_as_none_with_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "x.json").mkdir()

    assert LiveState(tmp_path / "x.json").load() is None
    assert len(caplog.records) == 1


def test_a_disk_that_cannot_be_written_is_said_once_and_lived_without(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("not a folder")
    state = LiveState(tmp_path / "file" / "x.json")

    state.save({"a": 1})
    state.save({"a": 2})

    assert len(caplog.records) == 1
    assert "cannot keep what is live" in caplog.text


@pytest.mark.parametrize("value", [object(), {1: 2}, "\ud800", 1 << 70], ids=["object", "key", "surrogate", "huge"])
def test_what_json_cannot_hold_leaves_what_was_saved_before(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, value: object
) -> None:
    state = LiveState(tmp_path / "x.json")
    state.save({"a": 1})
    state.save({"a": value})

    assert state.load() == {"a": 1}
    assert len(caplog.records) == 1
    assert [each.name for each in tmp_path.iterdir()] == ["x.json"]


@pytest.mark.parametrize("text", ["a: 1\n", "a: 1\r\nb: é\r\n", "\ufeffa: 1\r", "no end", "", "mixed\r\nends\n"])
def test_text_is_written_byte_by_byte_and_read_back_as_it_was(tmp_path: Path, text: str) -> None:
    file = tmp_path / "club.yaml"
    file.write_bytes(b"before")
    write_text(file, text)

    assert file.read_bytes() == text.encode("utf-8")
    assert read_text(file) == text
    assert [each.name for each in tmp_path.iterdir()] == ["club.yaml"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
@pytest.mark.parametrize("mode", [0o600, 0o644, 0o664, 0o755])
def test_a_profile_keeps_its_permissions(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "club.yaml"
    file.write_text("before")
    file.chmod(mode)
    write_text(file, "after")

    assert stat.S_IMODE(file.stat().st_mode) == mode


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
def test_a_link_to_a_profile_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "club.yaml").write_text("before")
    (tmp_path / "club.yaml").symlink_to(tmp_path / "real" / "club.yaml")
    write_text(tmp_path / "club.yaml", "after")

    assert (tmp_path / "club.yaml").is_symlink()
    assert (tmp_path / "real" / "club.yaml").read_text() == "after"


def test_a_profile_with_the_longest_possible_name_can_be_written(tmp_path: Path) -> None:
    file = tmp_path / ("x" * 250 + ".yaml")
    write_text(file, "after")

    assert file.read_text() == "after"


IN_USE = PermissionError(13, "in use")
FULL = OSError(28, "no space left")


def refuse(times: int, error: OSError) -> Callable[[str, Path], None]:
    """Return an `os.replace` that fails so many times."""
    failures = [error] * times
    replace = os.replace

    def replace_at_last(source: str, target: Path) -> None:
        if failures:
            raise failures.pop()
        replace(source, target)

    return replace_at_last


def test_a_file_that_another_program_holds_for_a_moment_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    monkeypatch.setattr(os, "replace", refuse(3, IN_USE))
    write_text(tmp_path / "club.yaml", "after")

    assert (tmp_path / "club.yaml").read_text() == "after"
    assert len(pauses) == 3
    assert sum(pauses) < 0.5


@pytest.mark.parametrize(("error", "tries"), [(IN_USE, 5), (FULL, 1)])
def test_a_file_that_cannot_be_replaced_is_as_it_was_with_nothing_left_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError, tries: int
) -> None:
    pauses: list[float] = []
    (tmp_path / "club.yaml").write_text("before")
    monkeypatch.setattr(time, "sleep", pauses.append)
    monkeypatch.setattr(os, "replace", refuse(100, error))

    with pytest.raises(type(error)):
        write_text(tmp_path / "club.yaml", "after")
    assert (tmp_path / "club.yaml").read_text() == "before"
    assert [each.name for each in tmp_path.iterdir()] == ["club.yaml"]
    assert len(pauses) == tries - 1


def test_the_bytes_are_on_the_disk_before_they_take_the_old_files_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    happened: list[str] = []
    fsync, replace = os.fsync, os.replace

    def note_fsync(handle: int) -> None:
        kind = "folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else f"{os.fstat(handle).st_size} bytes"
        happened.append(kind)
        fsync(handle)

    def note_replace(source: str, target: Path) -> None:
        happened.append("replaced")
        replace(source, target)

    monkeypatch.setattr(os, "fsync", note_fsync)
    monkeypatch.setattr(os, "replace", note_replace)
    write_text(tmp_path / "club.yaml", "after")

    assert happened[:2] == ["5 bytes", "replaced"]
    assert os.name == "nt" or happened[2:] == ["folder"]


WRITES_UNTIL_KILLED = """
import sys
from pathlib import Path
from bridge.disk import write_text
from bridge.live import LiveState
state, text = LiveState(Path(sys.argv[1])), Path(sys.argv[2])
number = 0
while True:
    number += 1
    state.save({"number": number, "filler": [number] * (1 + number % 7 * 5000)})
    write_text(text, f"{number}\\n" * (1 + number % 7 * 5000))
"""


@pytest.mark.parametrize("lives", range(6))
def test_what_a_killed_bridge_leaves_is_whole(tmp_path: Path, lives: int) -> None:
    state, text = LiveState(tmp_path / "x.json"), tmp_path / "club.yaml"
    text.write_text("0\n")
    bridge = subprocess.Popen([sys.executable, "-c", WRITES_UNTIL_KILLED, str(state.path), str(text)])
    try:
        seen = 0
        # Each life ends after another number of writes, at no particular point of the next one.
        while seen < 20 + 7 * lives:
            assert bridge.poll() is None
            loaded = state.load()
            seen = max(seen, whole(loaded), whole_lines(text.read_bytes()))
    finally:
        bridge.send_signal(getattr(signal, "SIGKILL", signal.SIGTERM))
        bridge.wait()

    assert whole(LiveState(tmp_path / "x.json").load()) >= seen - 1
    assert whole_lines(text.read_bytes()) >= seen - 1
    assert not list(tmp_path.glob(".x.json.*.tmp")), "the next start tidies up"


def whole(loaded: object) -> int:
    """Return the number of a state that was loaded, after seeing that nothing of it is missing."""
    if loaded is None:
        return 0
    assert isinstance(loaded, dict)
    number = int(loaded["number"])
    assert loaded["filler"] == [number] * (1 + number % 7 * 5000)
    return number


def whole_lines(data: bytes) -> int:
    lines = data.split()
    number = int(lines[0])
    assert lines == [b"%d" % number] * (1 + number % 7 * 5000 if number else 1)
    return number


def test_what_a_living_bridge_is_about_to_write_is_left_alone(tmp_path: Path) -> None:
    mine, foreign = tmp_path / f".x.json.{os.getpid()}.abc.tmp", tmp_path / ".x.json.note.tmp"
    mine.write_bytes(b"")
    foreign.write_bytes(b"")
    (tmp_path / "x.json").write_bytes(orjson.dumps({"scope_bridge_state": 1, "state": {"a": 1}}))

    assert LiveState(tmp_path / "x.json").load() == {"a": 1}
    assert mine.exists()
    assert foreign.exists()
