"""Devices are read by FFmpeg: here its test device, which is opened and read like a camera."""

import errno
from contextlib import closing
from types import SimpleNamespace
from typing import Any

import av
import pytest

from bridge.clock import now
from bridge.errors import Unavailable
from bridge.sources.device import SILENT, Device, DeviceReader

TEST = Device("camera test", "lavfi", "testsrc=size=320x240:rate=30,realtime", hint="is it plugged in?")


def test_a_device_is_opened_read_at_its_own_pace_and_opened_again() -> None:
    with closing(DeviceReader(lambda: TEST)) as reader:
        for _ in range(2):
            assert reader.open() == "camera test"
            begun = now()
            videos = [reader.read(1.0) for _ in range(7)]
            taken = now() - begun
            assert all(video is not None and (video.width, video.height) == (320, 240) for video in videos)
            assert len({bytes(video.planes[0]) for video in videos if video is not None}) == 7
            assert taken > 0.15, "it waits for its pictures"
            reader.close()
            reader.close()


@pytest.mark.parametrize(
    ("device", "said"),
    [
        (Device("camera 7", "v4l2", "/dev/video77"), "there is no camera 7; plug it in"),
        (
            Device("camera 7", "no_such_thing", "7"),
            "camera 7 cannot be read: PyAV was built without no_such_thing here",
        ),
        (
            Device("camera 7", "lavfi", "no_such_filter", hint="is it there?"),
            "camera 7 cannot be opened .*: is it there",
        ),
        (Device("camera 7", "lavfi", "sine"), "camera 7 brings no video"),
    ],
)
def test_what_cannot_be_opened_says_why(device: Device, said: str) -> None:
    reader = DeviceReader(lambda: device)

    with pytest.raises(Unavailable, match=said):
        reader.open()

    reader.close()


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (errno.EBUSY, "camera test is in use by another program; close that one"),
        (errno.EACCES, "camera test may not be used by this user; let the system allow it"),
        (errno.EIO, r"camera test cannot be opened \(gone wrong\): is it plugged in\?"),
    ],
)
def test_who_else_has_the_device_is_told(monkeypatch: pytest.MonkeyPatch, code: int, said: str) -> None:
    def refuse(*_: object, **__: object) -> Any:
        raise OSError(code, "gone wrong")

    monkeypatch.setattr(av, "open", refuse)

    with pytest.raises(Unavailable, match=said):
        DeviceReader(lambda: TEST).open()


def test_a_device_that_cannot_do_what_is_wished_is_opened_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, str]] = []
    opened = av.open

    def picky(file: str, format: str, options: dict[str, str]) -> Any:
        asked.append(options)
        if "framerate" in options:
            raise OSError(errno.EIO, "no such rate")
        return opened(file, format=format, options=options)

    monkeypatch.setattr(av, "open", picky)
    device = Device("camera test", "lavfi", TEST.file, {"draw_mouse": "0"})

    with closing(DeviceReader(lambda: device)) as reader:
        reader.open()

    assert asked == [{"framerate": "30", "draw_mouse": "0"}, {"draw_mouse": "0"}]


def test_a_device_that_ends_is_told() -> None:
    ending = Device("camera test", "lavfi", "testsrc=size=64x48:rate=30:duration=0.1", hint="is it plugged in?")
    with closing(DeviceReader(lambda: ending)) as reader:
        reader.open()
        for _ in range(3):
            assert reader.read(1.0) is not None
        with pytest.raises(Unavailable, match=r"camera test has stopped: is it plugged in\?"):
            reader.read(1.0)


class Scripted:
    """A container whose device does what a test says: a device that does not wait, or whose cable is bad."""

    def __init__(self, *does: Exception | list[str]) -> None:
        self._does = list(does)
        self.streams = SimpleNamespace(video=[None])

    def demux(self, _: object) -> Any:
        one = self._does.pop(0) if len(self._does) > 1 else self._does[0]
        if isinstance(one, BlockingIOError):
            raise one
        return iter([SimpleNamespace(decode=lambda: self._decoded(one))])

    @staticmethod
    def _decoded(one: Exception | list[str]) -> list[str]:
        if isinstance(one, Exception):
            raise one
        return one

    def close(self) -> None:
        pass


def scripted(monkeypatch: pytest.MonkeyPatch, *does: Exception | list[str]) -> DeviceReader:
    time = 100.0

    def sleep(seconds: float) -> None:
        nonlocal time
        time += seconds

    monkeypatch.setattr(av, "open", lambda *_, **__: Scripted(*does))
    reader = DeviceReader(lambda: TEST, lambda: time, sleep)
    reader.open()
    return reader


def test_a_device_that_does_not_wait_is_asked_again_and_damaged_pictures_are_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    not_yet = BlockingIOError(errno.EAGAIN, "not yet")
    damaged = av.error.InvalidDataError(errno.EIO, "damaged")
    reader = scripted(monkeypatch, not_yet, not_yet, damaged, ["older", "picture"], not_yet)

    assert str(reader.read(1.0)) == "picture"
    assert reader.read(1.0) is None


def test_a_device_that_is_silent_for_long_is_opened_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = scripted(monkeypatch, BlockingIOError(errno.EAGAIN, "not yet"))

    assert reader.read(SILENT - 0.5) is None
    with pytest.raises(Unavailable, match="camera test has brought no picture for 5 s"):
        reader.read(1.0)
