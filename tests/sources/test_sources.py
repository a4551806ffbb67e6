"""What a profile's video inputs become."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from bridge.errors import Unavailable
from bridge.frames import Fan, Frame
from bridge.profile.inputs import Video
from bridge.sources import Missing, open_source
from bridge.sources.pattern import PATTERNS, PatternSource, read_number_of
from bridge.sources.reader import ReaderSource
from tests.sources.films import film


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_is_opened_by_its_name(pattern: str) -> None:
    source = open_source("cam", Video("pattern", pattern), Fan())

    assert isinstance(source, PatternSource)
    assert source.name == "cam"
    assert source.status().detail == ""


def test_a_pattern_that_there_is_not_says_which_there_are_and_brings_nothing() -> None:
    source = open_source("cam", Video("pattern", "plaid"), Fan())
    assert isinstance(source, Missing)

    async def run() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await source.run()

    asyncio.run(run())

    assert source.status().detail == "there is no test pattern called plaid: bars, clock"


@pytest.mark.parametrize("kind", ["ndi", "spout", "syphon", "file", "camera", "screen"])
def test_every_other_kind_is_read_in_a_thread_and_not_opened_before_its_time(kind: str) -> None:
    source = open_source("cam", Video(kind, "X"), Fan())  # type: ignore[arg-type]

    assert isinstance(source, ReaderSource)
    assert (source.status().where, source.status().detail) == (f"video from {kind} X", "")


@pytest.mark.parametrize(
    ("kind", "named", "said"),
    [
        ("file", "gone.mp4", r"there is no video file .*gone\.mp4"),
        ("camera", "no such camera", "there is no camera no such camera; plug it in"),
        ("screen", "left", "there is no screen 'left'"),
        pytest.param("spout", "X", "Windows", marks=pytest.mark.skipif(os.name == "nt", reason="there is Spout here")),
        pytest.param(
            "syphon", "X", "macOS", marks=pytest.mark.skipif(sys.platform == "darwin", reason="there is Syphon here")
        ),
    ],
)
def test_what_is_not_there_is_waited_for_by_the_supervisor(kind: str, named: str, said: str) -> None:
    source = open_source("cam", Video(kind, named), Fan())  # type: ignore[arg-type]

    with pytest.raises(Unavailable, match=said):
        asyncio.run(source.run())

    assert source.status().detail


def test_a_file_is_looked_for_beside_the_profile_plays_and_goes_where_it_is_called(tmp_path: Path) -> None:
    film(tmp_path / "loop.mp4", pictures=150)
    fan, frames = Fan(), list[Frame]()
    fan.tap(frames.append)
    source = open_source("loop", Video("file", "loop.mp4"), fan, tmp_path)

    async def played() -> list[int | None]:
        async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
            running = tasks.create_task(source.run())
            while len(frames) < 3:
                await asyncio.sleep(0.001)
            seen = [read_number_of(frame.video) for frame in frames]
            source.seek(0.8)
            while read_number_of(frames[-1].video) not in range(120, 130):
                await asyncio.sleep(0.001)
            running.cancel()
        return seen

    seen = asyncio.run(played())

    assert all(number is not None and number < 20 for number in seen)
    assert source.status().where.startswith("video file loop.mp4, 192x128")
