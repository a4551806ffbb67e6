"""Which screen a profile means, on each system; and under X11, what is seen there."""

import mmap
import os
import shutil
import struct
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from bridge.errors import Unavailable
from bridge.sources.device import LOOK_EVERY, DeviceReader
from bridge.sources.pattern import draw_number, read_number
from bridge.sources.screen import screen


@pytest.mark.parametrize(
    ("source", "display", "file", "size"),
    [
        ("1", ":0", ":0.0", None),
        ("2", ":0", ":0.1", None),
        ("1", ":0.1", ":0.0", None),
        ("1", "host.example:10.0", "host.example:10.0", None),
        ("1 640x360+100+50", ":0", ":0.0+100,50", "640x360"),
        ("640x360+0+0", ":7", ":7.0+0,0", "640x360"),
    ],
)
def test_on_linux_a_screen_is_one_of_x11(source: str, display: str, file: str, size: str | None) -> None:
    device = screen(source, "linux", display)

    assert (device.format, device.file, device.options.get("video_size")) == ("x11grab", file, size)
    assert device.options["draw_mouse"] == "0"


def test_on_windows_a_screen_is_the_desktop_or_a_region_of_it_or_a_window() -> None:
    whole, region, window = (
        screen(source, "win32", "") for source in ("1", "1 1920x1080+1920+0", "Resolume Arena - Output")
    )

    assert (whole.format, whole.file, dict(whole.options)) == ("gdigrab", "desktop", {"draw_mouse": "0"})
    assert dict(region.options) == {
        "draw_mouse": "0", "video_size": "1920x1080", "offset_x": "1920", "offset_y": "0",
    }  # fmt: skip
    assert (window.file, window.where) == ("title=Resolume Arena - Output", "window Resolume Arena - Output")


def test_on_macos_a_screen_is_one_of_avfoundation_s() -> None:
    device = screen("2", "darwin", "")

    assert (device.format, device.file) == ("avfoundation", "Capture screen 1:none")
    assert "Screen Recording" in device.hint


@pytest.mark.parametrize(
    ("source", "system", "display", "said"),
    [
        ("1", "linux", "", "screen 1 can be read under X11 only, and DISPLAY is not set; Wayland lets nobody read it"),
        ("left", "linux", ":0", "there is no screen 'left'; write its number from 1, or a region: 1 640x360+100+50"),
        ("0", "linux", ":0", "there is no screen '0'; write its number from 1, or a region: 1 640x360+100+50"),
        ("", "darwin", "", "there is no screen ''; write its number from 1, or a region: 1 640x360+100+50"),
        ("2", "win32", "", "screen 2: Windows shows all screens as one; write the region: 1 1920x1080+1920+0"),
        (
            "1 9x9+0+0",
            "darwin",
            "",
            "screen 1 9x9+0+0: macOS shows whole screens only; write the screen's number alone",
        ),
        ("1", "freebsd14", ":0", "screens can be read on Linux (X11), Windows and macOS only, not on freebsd14"),
    ],
)
def test_a_screen_that_cannot_be_shown_says_why(source: str, system: str, display: str, said: str) -> None:
    with pytest.raises(Unavailable) as error:
        screen(source, system, display)

    assert str(error.value) == said


# Under X11 ------------------------------------------------------------------------------------------------------------

WIDTH, HEIGHT = 640, 480


class Display:
    """A screen whose pixels a test can set."""

    def __init__(self, folder: Path) -> None:
        into, out = os.pipe()
        self._process = subprocess.Popen(
            ["Xvfb", "-displayfd", str(out), "-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-fbdir", str(folder), "-noreset"],
            pass_fds=[out],
            stderr=subprocess.DEVNULL,
        )
        os.close(out)
        with open(into) as lines:
            self.name = f":{lines.readline().strip()}"
        self._file = (folder / "Xvfb_screen0").open("r+b")
        self._memory = mmap.mmap(self._file.fileno(), 0)
        header, _, _, _, _, _, _, _, _, _, _, _, stride, _, _, _, _, _, colours = struct.unpack_from(
            ">19I", self._memory
        )
        self._stride, self._offset = stride, header + colours * 12

    def show(self, number: int, left: int, top: int, width: int, height: int) -> None:
        pixels = np.zeros((height, width, 4), np.uint8)
        draw_number(pixels, number)
        for row in range(height):
            begin = self._offset + (top + row) * self._stride + left * 4
            self._memory[begin : begin + width * 4] = pixels[row].tobytes()

    def close(self) -> None:
        self._memory.close()
        self._file.close()
        self._process.terminate()
        self._process.wait(20)


@pytest.fixture
def display(tmp_path: Path) -> Iterator[Display]:
    if shutil.which("Xvfb") is None:
        pytest.skip("there is no Xvfb")
    with closing(Display(tmp_path)) as display:
        yield display


def seen(reader: DeviceReader, number: int) -> bool:
    """Return whether a number is read within the next pictures."""
    for _ in range(60):
        video = reader.read(1.0)
        if video is not None and read_number(np.asarray(video.to_ndarray(format="gray"), np.uint8)) == number:
            return True
    return False


def test_what_is_on_the_screen_is_read_as_it_changes(display: Display) -> None:
    with closing(DeviceReader(lambda: screen("1", "linux", display.name))) as reader:
        assert reader.open() == "screen 1"
        for number in (17, 18_000):
            display.show(number, 0, 0, WIDTH, HEIGHT)
            assert seen(reader, number)
        video = reader.read(1.0)

    assert video is not None
    assert (video.width, video.height) == (WIDTH, HEIGHT)


def test_a_region_is_read_alone(display: Display) -> None:
    display.show(7, 100, 60, 320, 180)

    with closing(DeviceReader(lambda: screen("1 320x180+100+60", "linux", display.name))) as reader:
        reader.open()
        assert seen(reader, 7)


def test_a_screen_that_goes_away_is_told(display: Display) -> None:
    time = 100.0
    reader = DeviceReader(lambda: screen("1", "linux", display.name), lambda: time)
    reader.open()
    time += 2 * LOOK_EVERY
    assert reader.read(1.0) is not None

    display.close()
    time += 2 * LOOK_EVERY

    with pytest.raises(Unavailable, match="screen 1 has gone"):
        reader.read(1.0)
    reader.close()
    with pytest.raises(Unavailable, match="screen 1 cannot be opened"):
        reader.open()
