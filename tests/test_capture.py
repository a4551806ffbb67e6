"""The file format of captures: what goes in comes out, and what goes wrong is said."""

import errno
import json
import logging
import math
import os
import stat
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import capture
from bridge.capture import Edit, Header, Writer
from bridge.errors import Refused, Unavailable
from bridge.signals import Batch

START = 81_234.25
HEADER = Header("club.yaml", "inputs: {td: {osc: 9000}}\n", {"house.yaml": "scope: http://127.0.0.1:8000\n"})


class Clock:
    """A clock that stands where it is put."""

    def __init__(self, now: float = START) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def recorded(file: Path, *batches: Batch | Edit, end: float = START + 10) -> list[Batch | Edit]:
    clock = Clock()
    with Writer(file, HEADER, clock) as writer:
        for batch in batches:
            clock.now = batch.time
            if isinstance(batch, Batch):
                writer.put(batch)
            else:
                writer.edited(batch.text, batch.files)
        clock.now = end
    return list(capture.read(file))


def test_what_was_heard_comes_back_in_its_order_with_its_times_and_types(tmp_path: Path) -> None:
    batches = [
        Batch(START + 0.5, [("td/noise", (0.43,)), ("td/cut", ())]),
        Batch(START + 0.5, [("td/mixed", (1, 1.0, True, False, None, "größe", b"\x00\xff"))]),
        Batch(START + 9.25, [("apc/fader/1", (127,))]),
    ]

    back = recorded(tmp_path / "a.jsonl", *batches)

    assert back == [*batches, Batch(START + 10, [])]
    assert isinstance(back[1], Batch)
    assert [type(value) for value in back[1].samples[0][1]] == [int, float, bool, bool, type(None), str, bytes]


def test_a_number_that_is_none_survives(tmp_path: Path) -> None:
    back = recorded(tmp_path / "a.jsonl", Batch(START, [("td/x", (math.nan, math.inf, -math.inf))]))[0]

    assert isinstance(back, Batch)
    nan, up, down = back.samples[0][1]
    assert isinstance(nan, float)
    assert math.isnan(nan)
    assert (up, down) == (math.inf, -math.inf)


values = st.one_of(
    st.floats(),
    st.integers(-(2**63), 2**63 - 1),
    st.booleans(),
    st.none(),
    st.text(),
    st.binary(),
    st.just("half a pair: \ud800"),
)
samples = st.lists(st.tuples(st.text(), st.lists(values).map(tuple)))


@given(samples)
def test_whatever_can_be_heard_can_be_recorded(
    tmp_path_factory: pytest.TempPathFactory, heard: Sequence[object]
) -> None:
    file = tmp_path_factory.mktemp("heard") / "a.jsonl"

    back = recorded(file, Batch(START, heard))[0]  # type: ignore[arg-type]

    assert isinstance(back, Batch)
    assert repr(back.samples) == repr(heard)


def test_the_file_is_read_as_it_was_designed(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    recorded(file, Batch(START + 0.1234567, [("td/raw", (b"\xf0\x7e", math.nan))]), end=START + 1)

    header, first, last = map(json.loads, file.read_text().splitlines())
    assert header["scope_bridge_capture"] == 1
    assert (header["profile"], header["text"], header["files"]) == (HEADER.profile, HEADER.text, HEADER.files)
    assert header["origin"] == 81_234, "the whole second, so that every line of the engine's grid stays where it was"
    assert first == {"t": 0.373457, "s": [["td/raw", [{"b": "f07e"}, {"f": "nan"}]]]}
    assert last == {"t": 1.25, "s": []}


def test_an_edit_of_the_profile_is_part_of_the_capture(tmp_path: Path) -> None:
    edit = Edit(START + 2, "routes: []\n", {"house.yaml": "scope: {}\n"})

    assert recorded(tmp_path / "a.jsonl", edit)[0] == edit


def test_the_header_says_what_was_played(tmp_path: Path) -> None:
    recorded(tmp_path / "a.jsonl")

    header = capture.read(tmp_path / "a.jsonl").header
    assert (header.profile, header.text, header.files) == (HEADER.profile, HEADER.text, HEADER.files)
    assert header.origin == 81_234
    assert header.recorded.endswith("+00:00")


def test_the_header_says_what_was_live_when_it_began(tmp_path: Path) -> None:
    state = {"values": {"noise_scale": 0.4}, "scene": "intro"}
    with Writer(tmp_path / "a.jsonl", Header("club.yaml", "", state=state), Clock()):
        pass

    assert capture.read(tmp_path / "a.jsonl").header.state == state


@pytest.mark.skipif(os.name == "nt", reason="files have no such modes there")
@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600)])
def test_a_capture_is_no_program_and_keeps_to_the_umask(tmp_path: Path, mask: int, mode: int) -> None:
    before = os.umask(mask)
    try:
        recorded(tmp_path / "a.jsonl")
    finally:
        os.umask(before)

    assert stat.S_IMODE((tmp_path / "a.jsonl").stat().st_mode) == mode


def test_a_capture_that_is_there_is_never_written_over(tmp_path: Path) -> None:
    file = tmp_path / "night.jsonl"
    file.write_text("the show of yesterday")

    with Writer(file, HEADER, Clock()) as second, Writer(file, HEADER, Clock()) as third:
        assert [second.path.name, third.path.name] == ["night-2.jsonl", "night-3.jsonl"]
    assert file.read_text() == "the show of yesterday"


def test_a_place_that_cannot_be_written_is_said_before_the_show(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"cannot write .*nowhere.*: No such file or directory"):
        Writer(tmp_path / "nowhere" / "a.jsonl", HEADER)


# Crashes


@given(cut=st.integers(1, 60))
def test_a_torn_last_line_costs_no_more_than_itself(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    file = tmp_path_factory.mktemp("torn") / "a.jsonl"
    batches = [Batch(START + number, [(f"td/{number}", (0.5, "text"))]) for number in range(3)]
    recorded(file, *batches)
    whole = file.read_bytes().splitlines(keepends=True)
    last = whole[-2]
    file.write_bytes(b"".join(whole[:-2]) + last[: min(cut, len(last) - 2)])

    assert list(capture.read(file)) == batches[:2]


def test_a_torn_last_line_is_told_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = tmp_path / "a.jsonl"
    recorded(file, Batch(START, [("td/x", (1.0,))]))
    file.write_bytes(file.read_bytes()[:-5])

    with caplog.at_level(logging.WARNING):
        assert len(list(capture.read(file))) == 1
    assert caplog.messages == [f"{file}: line 3, the last one, is torn and left out"]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{", ""),
        ('{"s": []}', "'t'"),
        ('{"t": 1}', "'s'"),
        ('{"t": "1", "s": []}', "its time is no number"),
        ('{"t": true, "s": []}', "its time is no number"),
        ('{"t": 1, "s": {}}', "its samples are no list"),
        ('{"t": 1, "s": [["td/x"]]}', ""),
        ('{"t": 1, "s": [["td/x", 1]]}', "a sample is a path and a list of values"),
        ('{"t": 1, "s": [[1, [1]]]}', "a sample is a path and a list of values"),
        ('{"t": 1, "s": [["td/x", [[1]]]]}', "a value is a number, a text"),
        ('{"t": 1, "s": [["td/x", [{"f": "9"}]]]}', "a value is a number, a text"),
        ('{"t": 1, "s": [["td/x", [{"b": "zz"}]]]}', ""),
        ('{"t": 1, "text": 1, "files": {}}', "no text of a profile"),
    ],
)
def test_a_broken_line_in_the_middle_is_named_by_its_number(tmp_path: Path, line: str, why: str) -> None:
    file = tmp_path / "a.jsonl"
    recorded(file, Batch(START, [("td/x", (1.0,))]))
    header, first, last = file.read_text().splitlines()
    file.write_text("\n".join([header, first, line, last, ""]))
    read = iter(capture.read(file))

    assert next(read) == Batch(START, [("td/x", (1.0,))]), "what came before counts"
    with pytest.raises(Refused) as error:
        next(read)
    assert str(error.value).startswith(f"{file}:3: this line of the capture cannot be read: ")
    assert why in str(error.value)


# What is no capture


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"cannot read .*a\.jsonl: No such file or directory"):
        capture.read(tmp_path / "a.jsonl")


@pytest.mark.parametrize(
    "text", ["", "inputs: {}\n", "[]\n", "5\n", '{"t": 1}\n', '{"scope_bridge_capture', "\x00\x00"]
)
def test_what_is_no_capture_is_said(tmp_path: Path, text: str) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text(text)

    with pytest.raises(Refused) as error:
        capture.read(file)
    assert str(error.value) == f"{file} is no capture: its first line has no 'scope_bridge_capture'"


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ({"scope_bridge_capture": 2}, "is a capture of version 2, and this scope-bridge reads versions up to 1: "),
        ({"scope_bridge_capture": "1"}, "its version is '1', and versions are numbers from 1"),
        ({"scope_bridge_capture": True}, "its version is True"),
        ({"scope_bridge_capture": 1}, "lacks the profile's text"),
        ({"scope_bridge_capture": 1, "text": "", "files": ["house.yaml"]}, "lacks the profile's text"),
        ({"scope_bridge_capture": 1, "text": "", "origin": "now"}, "lacks the profile's text"),
    ],
)
def test_a_header_that_will_not_do_is_said(tmp_path: Path, header: object, message: str) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text(json.dumps(header) + "\n")

    with pytest.raises(Refused) as error:
        capture.read(file)
    assert message in str(error.value)


# Disks


def test_a_full_disk_ends_the_recording_once_and_never_the_show(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    writer = Writer(tmp_path / "a.jsonl", HEADER, Clock())
    write = os.write
    room = [100]

    def nearly_full(file: int, data: bytes) -> int:
        if not room[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        written = write(file, bytes(data[: room[0]]))
        room[0] -= written
        return written

    monkeypatch.setattr(os, "write", nearly_full)
    for number in range(200):
        writer.put(Batch(START + number, [("td/x", (float(number),))]))
    writer._thread.join(10)
    for _ in range(3):
        writer.put(Batch(START + 300, [("td/x", (0.0,))]))
    writer.close()

    assert writer.trouble == "No space left on device"
    assert caplog.messages == [f"the recording into {writer.path} ends here: No space left on device; the show goes on"]
    assert len(list(capture.read(writer.path))) == 3, "what fitted is there, and the line that was cut is left out"


def test_a_disk_that_does_not_answer_ends_the_recording_and_not_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(capture, "WAITING", 10)
    import threading

    stuck = threading.Event()
    writer = Writer(tmp_path / "a.jsonl", HEADER, Clock())
    write = os.write

    def slow(file: int, data: bytes) -> int:
        stuck.wait(20)
        return write(file, data)

    monkeypatch.setattr(os, "write", slow)
    for number in range(50):
        writer.put(Batch(START + number, [("td/x", (1.0,))]))
    assert writer.trouble == "the disk is too slow"
    stuck.set()
    writer.close()
    assert len(list(capture.read(writer.path))) <= 12


def test_closing_twice_is_no_mistake(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "a.jsonl", HEADER, Clock())
    writer.close()
    writer.close()

    assert list(capture.read(writer.path)) == [Batch(START, [])]


# The profile and its files


def test_a_capture_takes_the_profile_and_its_files_along_and_lays_them_out_again(tmp_path: Path) -> None:
    shows, rig = tmp_path / "shows", tmp_path / "rig"
    shows.mkdir()
    rig.mkdir()
    (shows / "club.yaml").write_text("extends: ../rig/house.yaml\n")
    (shows / "prompts.txt").write_text("reef: a reef\n")
    (rig / "house.yaml").write_text("scope: http://127.0.0.1:8000\n")

    header = capture.gather(shows / "club.yaml", [shows / "prompts.txt", rig / "house.yaml"])
    laid_out = capture.unpack(header, tmp_path / "new")

    assert header.profile == "club.yaml"
    assert sorted(header.files) == ["../rig/house.yaml", "prompts.txt"], "nothing tells of the machine's folders"
    assert laid_out.read_text() == "extends: ../rig/house.yaml\n"
    assert (laid_out.parent / "../rig/house.yaml").read_text() == "scope: http://127.0.0.1:8000\n"


def test_a_capture_from_a_stranger_writes_nothing_outside_of_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "in" / "here"
    evil = {"../../../../away.yaml": "a", "sub/../../away2.yaml": "b", str(tmp_path / "absolute.yaml"): "c"}

    capture.unpack(Header("../../club.yaml", "d", evil), folder)

    outside = [path for path in tmp_path.rglob("*") if path.is_file() and not path.is_relative_to(folder)]
    assert outside == []
