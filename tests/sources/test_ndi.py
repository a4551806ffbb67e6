"""NDI in: pictures of a sender in another process, which comes and goes as it likes."""

import asyncio
import os
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest

from bridge.clock import now
from bridge.frames import Fan, Frame
from bridge.frames.convert import pixels as pixels_of
from bridge.ndi import Received
from bridge.profile.inputs import Video
from bridge.sources import open_source
from bridge.sources.ndi import NdiReader, video_of
from bridge.sources.pattern import read_number
from bridge.sources.source import Source
from tests.sources.sender import sending

COLOUR = (200, 100, 50)


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """A name that no other test on this machine uses at this time."""
    return f"Test {os.getpid()} {request.node.name}"[:100]


class Seen:
    """What a source has brought into its fan."""

    def __init__(self) -> None:
        self.fan = Fan()
        self.frames: list[Frame] = []
        self.fan.tap(self.frames.append)

    async def until(self, enough: Callable[[], bool], seconds: float = 20.0) -> None:
        async with asyncio.timeout(seconds):
            while not enough():
                await asyncio.sleep(0.01)

    def numbers(self, size: tuple[int, int]) -> list[int | None]:
        """Return the numbers in the pictures of one size."""
        return [read_number(frame.rgba()[:, :, :3]) for frame in self.frames if frame.size == size]


async def plugged_and_unplugged(name: str, source: Source, seen: Seen) -> None:
    waits = f"waits for NDI source {name.upper()}"
    await seen.until(lambda: source.status().detail == waits)

    for size in ((576, 320), (1280, 720)):
        came = len(seen.frames)
        with sending(name, size, COLOUR) as announced:
            assert announced.endswith(f" ({name})")
            await seen.until(lambda came=came: len(seen.frames) >= came + 20)  # type: ignore[misc]
            assert source.status().detail == ""
            assert source.status().signals >= came + 20
            assert f"{size[0]}x{size[1]}" in source.status().where
        numbers = seen.numbers(size)
        assert None not in numbers
        assert numbers == sorted(set(numbers), key=int), "each picture is a later one"  # type: ignore[arg-type]
        if size == (576, 320):
            await seen.until(lambda: source.status().detail == waits)


def test_a_source_is_waited_for_and_comes_back_by_itself_in_another_size(name: str) -> None:
    async def scene() -> None:
        seen = Seen()
        source = open_source("cam", Video("ndi", name.upper()), seen.fan)
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(source.run())
            try:
                await plugged_and_unplugged(name, source, seen)
            finally:
                running.cancel()
        for frame in seen.frames[-3:]:
            colour = frame.rgba()[100:200, 100:200, :3].mean(axis=(0, 1))
            assert np.abs(colour - COLOUR).max() <= 3

    asyncio.run(scene())


def test_pictures_with_alpha_come_as_they_are(name: str) -> None:
    reader = NdiReader(name)
    with sending(name, colour=COLOUR, alpha=128):
        assert reader.open() == f"NDI source {name}"
        try:
            end = now() + 20
            while (video := reader.read(0.1)) is None and now() < end:
                pass
            assert video is not None, reader.detail or "it is there, and no picture came"
        finally:
            reader.close()
    colour = video.to_ndarray(format="rgba")[100:200, 100:200].mean(axis=(0, 1))
    assert np.abs(colour - (*COLOUR, 128)).max() <= 6


@pytest.mark.parametrize("width", [64, 66, 578])
def test_a_picture_says_which_matrix_and_range_it_has_whatever_its_width(width: int) -> None:
    pixels = np.random.default_rng(width).integers(16, 236, (32, width, 2), np.uint8)
    video = video_of(Received("UYVY", pixels, Fraction(30), 0))

    assert (video.format.name, video.width, video.height) == ("uyvy422", width, 32)
    assert (video.colorspace, video.color_range) == (1, 1), "BT.709, limited"
    assert np.array_equal(pixels_of(video), pixels)


def test_a_closed_reader_can_be_opened_again(name: str) -> None:
    reader = NdiReader(name)
    for _ in range(2):
        reader.open()
        assert reader.detail == f"waits for NDI source {name}"
        assert reader.read(0.01) is None
        reader.close()
        reader.close()
        assert reader.detail == ""


def test_an_address_is_connected_to_without_looking_for_a_name() -> None:
    reader = NdiReader("127.0.0.1:1")
    reader.open()
    try:
        assert reader.read(0.01) is None
        assert reader.detail == "waits for NDI source 127.0.0.1:1"
    finally:
        reader.close()


def test_a_source_is_found_beside_another_program_that_sends_on_this_machine(name: str) -> None:
    reader = NdiReader(name)
    with sending(f"{name} other"), sending(name, (640, 360)):
        reader.open()
        try:
            end = now() + 40
            while (video := reader.read(0.1)) is None and now() < end:
                pass
            assert video is not None, reader.detail or "it is there, and no picture came"
        finally:
            reader.close()
    assert video.width == 640
