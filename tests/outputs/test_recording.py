"""Recordings: what is in their files, and that it stays there whatever happens."""

import asyncio
import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from bridge.errors import Unavailable
from bridge.frames import Buffer, Frame, Latest
from bridge.outputs.driver import Format
from bridge.outputs.incoming import Incoming
from bridge.outputs.paced import PacedOutput
from bridge.outputs.recording import RecordingDriver
from bridge.outputs.tape import Tape
from bridge.profile.outputs import Recording
from tests.outputs.chart import BT709, COLOURS, bars, chart, furthest

FPS = Fraction(30)
BEGAN = datetime(2026, 11, 21, 19, 45, 1)
CODECS = {"h264": "a.mp4", "prores": "a.mov", "utvideo": "a.avi"}


def picture(format: Format, size: tuple[int, int] = (320, 180)) -> av.VideoFrame:
    """Return the colour chart as a painter makes it."""
    drawn = chart(*size, matrix=BT709)
    drawn.colorspace, drawn.color_range = 1, 1
    if format == "rgb24":
        columns = np.array(COLOURS, np.uint8)[np.arange(size[0]) * len(COLOURS) // size[0]]
        return av.VideoFrame.from_ndarray(np.tile(columns, (size[1], 1, 1)), format="rgb24")
    made = drawn.reformat(format=format)
    made.colorspace, made.color_range = 1, 1
    return made


def noise(size: tuple[int, int] = (320, 180), format: Format = "yuv420p") -> list[av.VideoFrame]:
    """Return pictures that no codec makes small."""
    random = np.random.default_rng(1)
    drawn = [random.integers(0, 255, (size[1], size[0], 3), dtype=np.uint8) for _ in range(4)]
    return [av.VideoFrame.from_ndarray(each, format="rgb24").reformat(format=format) for each in drawn]


def a_driver(folder: Path, file: str = "a.mp4", codec: str = "h264", reserve: int = 0) -> RecordingDriver:
    return RecordingDriver(Recording(file, codec=codec), folder, lambda: BEGAN, reserve=reserve)  # type: ignore[arg-type]


def record(driver: RecordingDriver, count: int, size: tuple[int, int] = (320, 180), start: float = 5.0) -> None:
    """Send `count` pictures at 30 a second."""
    shown = picture(driver.wants, size)
    for number in range(count):
        driver.send(shown, start + number / 30)


def times(path: Path) -> list[float]:
    """Return when each picture of a video file shows, decoding all of them."""
    with av.open(str(path)) as container:
        return [frame.time for frame in container.decode(video=0)]


def first(path: Path) -> NDArray[np.uint8]:
    """Return the first picture of a file in red, green and blue, by the colours that the file itself says it has."""
    with av.open(str(path)) as container:
        return np.asarray(next(container.decode(video=0)).to_ndarray(format="rgb24"), np.uint8)


@pytest.mark.parametrize("codec", CODECS)
def test_a_file_has_the_colours_that_were_sent_and_says_which_they_are(tmp_path: Path, codec: str) -> None:
    driver = a_driver(tmp_path, CODECS[codec], codec)
    driver.open(FPS)
    record(driver, 3)
    driver.close()

    with av.open(str(tmp_path / CODECS[codec])) as container:
        frame = next(container.decode(video=0))
        assert frame.colorspace == 1  # BT.709
        if codec != "utvideo":  # AVI files have no room for more, and nobody takes them for anything else
            assert (frame.color_range, frame.color_primaries, frame.color_trc) == (1, 1, 1)
    assert furthest(bars(first(tmp_path / CODECS[codec]))) <= 3


@pytest.mark.parametrize(("codec", "name", "near"), [("png", "000001.png", 0), ("jpeg", "000001.jpg", 3)])
def test_an_image_has_the_colours_that_were_sent(tmp_path: Path, codec: str, name: str, near: int) -> None:
    driver = a_driver(tmp_path, f"take/{{number}}{name[-4:]}", codec)
    driver.open(FPS)
    record(driver, 1)
    driver.close()

    assert furthest(bars(first(tmp_path / "take" / name))) <= near


def test_the_name_says_when_it_began_and_folders_are_made(tmp_path: Path) -> None:
    driver = a_driver(tmp_path, "takes/{date}/show {time}.mkv")

    assert driver.open(FPS) == "recording takes/2026-11-21/show 194501.mkv"
    record(driver, 10)
    driver.close()

    assert len(times(tmp_path / "takes/2026-11-21/show 194501.mkv")) == 10


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_text("precious")
    for count in (3, 4):
        driver = a_driver(tmp_path)
        driver.open(FPS)
        record(driver, count)
        driver.close()

    assert (tmp_path / "a.mp4").read_text() == "precious"
    assert [len(times(tmp_path / f"a-{take}.mp4")) for take in (2, 3)] == [3, 4]


def test_images_are_numbered_from_one_and_each_take_has_a_folder(tmp_path: Path) -> None:
    for _ in range(2):
        driver = a_driver(tmp_path, "take.png", "png")
        driver.open(FPS)
        record(driver, 2)
        driver.close()

    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.png")) == [
        "take-2/000001.png",
        "take-2/000002.png",
        "take/000001.png",
        "take/000002.png",
    ]


def test_an_image_that_is_missing_is_the_one_before(tmp_path: Path) -> None:
    driver = a_driver(tmp_path, "take.png", "png")
    driver.open(FPS)
    for tick, shown in zip((0, 1, 4), noise(format="rgb24"), strict=False):
        driver.send(shown, 5 + tick / 30)
    driver.send(shown, 500.0)  # the machine slept: nobody wants a file for each second of that
    driver.close()

    images = sorted((tmp_path / "take").iterdir())
    assert [path.name for path in images] == [f"{number:06}.png" for number in range(1, 7)]
    same = [path.read_bytes() for path in images]
    assert same[1] == same[2] == same[3]
    assert len(set(same)) == 3


@pytest.mark.parametrize("file", ["a.mp4", "a.mkv", "a.avi"])
def test_ticks_that_were_left_out_leave_a_gap_and_late_ones_none(tmp_path: Path, file: str) -> None:
    driver = a_driver(tmp_path, file, "utvideo" if file == "a.avi" else "h264")
    driver.open(FPS)
    shown = picture(driver.wants)
    for tick in (0, 1, 2, 10, 11):
        driver.send(shown, 5 + (tick + (0.4 if tick in (0, 10) else 0.05)) / 30)
    driver.close()

    seen = [time * 30 for time in times(tmp_path / file)]
    if file == "a.avi":  # its pictures are an even row: the one before fills a gap
        assert seen[-1] == pytest.approx(11, abs=0.05)
    else:
        assert seen == pytest.approx([0, 1, 2, 10, 11], abs=0.05)


def test_another_rate_goes_on_in_time(tmp_path: Path) -> None:
    driver = a_driver(tmp_path)
    driver.open(FPS)
    record(driver, 30)
    driver.pace(Fraction(60))
    for tick in range(60):
        driver.send(picture("yuv420p"), 6 + tick / 60)
    driver.close()

    assert times(tmp_path / "a.mp4") == pytest.approx(
        [tick / 30 for tick in range(30)] + [1 + tick / 60 for tick in range(60)], abs=1e-4
    )


def test_a_picture_of_another_size_begins_another_file(tmp_path: Path) -> None:
    driver = a_driver(tmp_path)
    driver.open(FPS)
    record(driver, 20)
    record(driver, 60, (200, 120), start=6)
    assert driver.detail == "the picture's size changed: it goes on in a-2.mp4"
    driver.close()

    assert len(times(tmp_path / "a.mp4")) == 20
    assert first(tmp_path / "a-2.mp4").shape == (120, 200, 3)


def test_a_picture_that_others_encode_too_is_left_as_it_is(tmp_path: Path) -> None:
    driver = a_driver(tmp_path)
    driver.open(FPS)
    shown = picture("yuv420p")
    shown.pts = 77
    driver.send(shown, 5.0)
    driver.send(shown, 6.0)
    driver.close()

    assert shown.pts == 77
    assert times(tmp_path / "a.mp4") == [0, 1]


def test_without_a_picture_there_is_no_file(tmp_path: Path) -> None:
    driver = a_driver(tmp_path)
    driver.open(FPS)
    driver.close()
    driver.close()

    assert list(tmp_path.iterdir()) == []


def test_a_suffix_that_the_codec_has_no_container_for_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as refused:
        a_driver(tmp_path, "a.mp4", "prores").open(FPS)

    assert str(refused.value) == "prores is not recorded into .mp4 files, but into .mov or .mkv; write record: a.mov"


CHILD = """
import sys, time
from fractions import Fraction
from pathlib import Path
from bridge.outputs.recording import RecordingDriver
from bridge.profile.outputs import Recording
from tests.outputs.test_recording import noise
driver = RecordingDriver(Recording(sys.argv[2], codec=sys.argv[3]), Path(sys.argv[1]), reserve=0)
shown = noise(format=driver.wants)
driver.open(Fraction(30))
number = 0
while True:
    driver.send(shown[number % len(shown)], number / 30)
    number += 1
    print(number, flush=True)
"""


@pytest.mark.parametrize(
    ("file", "codec"), [("a.mp4", "h264"), ("a.mkv", "h264"), ("a.mov", "prores"), ("a.avi", "utvideo")]
)
def test_a_recording_that_is_killed_plays_up_to_its_last_second(tmp_path: Path, file: str, codec: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, str(tmp_path), file, codec], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        sent = next(int(line) for line in child.stdout if int(line) > 100)
        child.kill()  # SIGKILL: it does nothing more
        sent = max([sent, *(int(line) for line in child.stdout if line.endswith("\n"))])

    shown = times(tmp_path / file)
    assert shown == pytest.approx([number / 30 for number in range(len(shown))], abs=0.001)
    assert sent - 30 <= len(shown) <= sent + 1


def fill(driver: RecordingDriver, seconds: float = 60.0) -> str:
    """Record until it ends by itself; return what it says."""
    shown = noise(format=driver.wants)
    try:
        for number in range(int(seconds * 30)):
            driver.send(shown[number % 4], 100 + number / 30)
    except Unavailable as ended:
        return str(ended)
    finally:
        driver.close()
    raise AssertionError("it did not end")


@pytest.mark.parametrize(
    ("file", "codec"), [("a.mp4", "h264"), ("a.mkv", "h264"), ("a.mov", "prores"), ("a.avi", "utvideo")]
)
def test_a_full_disk_ends_the_recording_and_what_was_written_plays(
    tmp_path: Path, file: str, codec: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = 5_000_000
    real = os.write

    def write(handle: int, data: memoryview) -> int:
        """Write as a disk with so much room does: a part of the last, and then nothing."""
        left = room - os.fstat(handle).st_size
        if left <= 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(handle, data[:left])

    driver = a_driver(tmp_path, file, codec)
    driver.open(FPS)
    monkeypatch.setattr(os, "write", write)
    said = fill(driver)

    shown = times(tmp_path / file)
    assert len(shown) >= 30
    assert shown == pytest.approx([number / 30 for number in range(len(shown))], abs=0.001)
    assert (tmp_path / file).stat().st_size <= room
    assert said == f"the disk is full: {file} ends at 00:00:{int(len(shown) / 30):02}"


FILLING = """
import resource, sys
from pathlib import Path
from tests.outputs.test_recording import FPS, a_driver, fill
resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))
driver = a_driver(Path(sys.argv[1]))
driver.open(FPS)
print(fill(driver))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_the_systems_own_refusal_ends_the_recording_where_it_is_whole(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", FILLING, str(tmp_path)], capture_output=True, text=True, check=True)

    shown = times(tmp_path / "a.mp4")
    assert len(shown) >= 30
    assert done.stdout == f"the file got as large as its disk allows: a.mp4 ends at 00:00:{len(shown) // 30:02}\n"


@pytest.fixture
def small_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A file system of 4 MB: a real one where the tests may mount it, else one that only says and does the same."""
    size = 4 << 20
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = shutil.which("mount")
    if mount is not None:
        command = [mount, "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(disk)]
        if subprocess.run(command, capture_output=True, check=False).returncode == 0:
            yield disk
            subprocess.run(["umount", "--lazy", str(disk)], check=True)
            return
    real = os.write

    def free() -> int:
        return size - sum(path.stat().st_size for path in disk.iterdir())

    def write(handle: int, data: memoryview) -> int:
        if free() <= 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(handle, data[: free()])

    monkeypatch.setattr(os, "write", write)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free(), total=1 << 40))
    yield disk


def test_a_full_file_system_ends_the_recording_and_begins_another_when_there_is_room(small_disk: Path) -> None:
    driver = a_driver(small_disk, reserve=1 << 20)
    driver.open(FPS)
    said = fill(driver)

    assert said.startswith("the disk is full: a.mp4 ends at 00:00:0")
    assert len(times(small_disk / "a.mp4")) >= 30
    for _ in range(3):  # as often as the supervisor likes: it is not tried, only looked
        with pytest.raises(Unavailable) as again:
            driver.open(FPS)
        assert str(again.value) == said
    assert [path.name for path in small_disk.iterdir()] == ["a.mp4"]

    (small_disk / "a.mp4").unlink()
    driver.open(FPS)
    record(driver, 5)
    driver.close()
    assert len(times(small_disk / "a.mp4")) == 5


def test_a_file_system_that_is_full_to_the_last_byte_keeps_what_was_written(small_disk: Path) -> None:
    driver = a_driver(small_disk)
    driver.open(FPS)
    said = fill(driver)

    assert said.startswith("the disk is full: a.mp4 ends at 00:00:0")
    assert len(times(small_disk / "a.mp4")) >= 30


def test_a_file_that_is_moved_is_written_on_where_it_is(tmp_path: Path) -> None:
    driver = a_driver(tmp_path, "takes/a.mp4")
    driver.open(FPS)
    record(driver, 30)
    (tmp_path / "takes").rename(tmp_path / "kept")
    record(driver, 40, start=6.0)

    assert driver.detail == "takes/a.mp4 was moved while it is recorded, and goes on where it is now"
    driver.close()
    assert len(times(tmp_path / "kept/a.mp4")) == 70


def test_a_file_that_is_deleted_with_its_folder_ends_the_recording_and_the_next_makes_it_anew(tmp_path: Path) -> None:
    driver = a_driver(tmp_path, "takes/a.mp4")
    driver.open(FPS)
    record(driver, 60)
    (tmp_path / "takes/a.mp4").unlink()
    (tmp_path / "takes").rmdir()

    with pytest.raises(Unavailable) as ended:
        record(driver, 60, start=7.0)
    assert str(ended.value) == "takes/a.mp4 was deleted while it was recorded, at 00:00:01"
    driver.close()
    assert list(tmp_path.iterdir()) == []
    driver.open(FPS)
    record(driver, 5)
    driver.close()
    assert len(times(tmp_path / "takes/a.mp4")) == 5


def test_a_disk_that_does_not_tell_what_became_of_the_file_ends_the_recording_and_is_no_bug(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(tape: Tape) -> bool:
        raise OSError(errno.EIO, "input/output error")

    driver = a_driver(tmp_path)
    driver.open(FPS)
    monkeypatch.setattr(Tape, "deleted", fails)

    with pytest.raises(Unavailable, match=r"^the disk failed: a\.mp4 ends at 00:00:0"):
        record(driver, 60)
    driver.close()
    assert times(tmp_path / "a.mp4")


def test_a_folder_of_images_that_is_removed_ends_the_recording(tmp_path: Path) -> None:
    driver = a_driver(tmp_path, "take.png", "png")
    driver.open(FPS)
    record(driver, 30)
    (tmp_path / "take").rename(tmp_path / "elsewhere")

    with pytest.raises(Unavailable) as ended:
        record(driver, 1, start=6.0)
    assert str(ended.value) == "its folder is gone: take ends at 00:00:01"


def test_a_folder_that_cannot_be_made_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "takes").write_text("a file")

    with pytest.raises(Unavailable) as refused:
        a_driver(tmp_path, "takes/x/a.mp4").open(FPS)
    assert str(refused.value) == "cannot record to takes/x/a.mp4: its folder is gone"


def test_a_file_system_that_does_not_know_its_size_is_not_taken_for_a_full_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=0, total=0))
    driver = a_driver(tmp_path, reserve=1 << 20)
    driver.open(FPS)
    record(driver, 40)
    driver.close()

    assert (tmp_path / "a.mp4").is_file()
    assert driver.detail == ""


def test_the_end_of_a_disk_is_seen_coming(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    driver = a_driver(tmp_path, reserve=1000)
    driver.open(FPS)
    record(driver, 40)
    size = (tmp_path / "a.mp4").stat().st_size
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1000 + size * 180, total=1 << 40))
    record(driver, 40, start=7.0)

    assert driver.detail == "the disk is full in about 6 min"  # a second and more of it is whole, with a gap of a half
    driver.close()


def test_an_output_records_while_it_is_on_each_time_into_a_file_of_its_own(tmp_path: Path) -> None:
    options = Recording("a.mp4", waits=True)
    driver = RecordingDriver(options, tmp_path, lambda: BEGAN, reserve=0)
    live = Buffer()
    output = PacedOutput("take", options, Incoming(live, Latest(), lambda _: 0.0, tmp_path), lambda: driver)

    async def reached(sent: int) -> None:
        while output.status().sent < sent:
            await asyncio.sleep(0.01)

    async def show() -> None:
        async with asyncio.timeout(30):
            running = asyncio.get_running_loop().create_task(output.run())
            live.put(Frame(chart(320, 180), 0.0, 0))
            for sent in (15, 30):
                output.on = True
                await reached(sent)
                assert output.status().where == f"recording a{'' if sent == 15 else '-2'}.mp4"
                output.on = False
                while output.status().where.startswith("recording"):
                    await asyncio.sleep(0.01)
            running.cancel()
            await asyncio.wait({running})

    asyncio.run(show())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a-2.mp4", "a.mp4"]
    for file in ("a.mp4", "a-2.mp4"):
        assert len(times(tmp_path / file)) >= 10
        assert furthest(bars(first(tmp_path / file))) <= 3


def test_after_the_first_error_a_tape_takes_nothing_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tape = Tape(tmp_path / "a")
    tape.write(b"whole")
    tape.keep()
    with monkeypatch.context() as broken:
        broken.setattr(os, "write", lambda *_: (_ for _ in ()).throw(OSError(errno.EIO, "broken")))
        with pytest.raises(OSError, match="broken"):
            tape.write(b"never")
    with pytest.raises(OSError, match="broken"):
        tape.write(b"more")
    tape.cut()

    assert (tmp_path / "a").read_bytes() == b"whole"
