"""Video on its way up: how fast, how large, and what goes when there is nothing new."""

import asyncio
from collections.abc import Awaitable, Callable
from fractions import Fraction

import av
import numpy as np
import pytest
from aiortc.codecs import h264, vpx
from aiortc.mediastreams import MediaStreamError
from av.video.frame import PictureType

from bridge.frames import Frame, Latest
from bridge.session.uplink import Uplink, raise_bit_rates


class Stage:
    """A mailbox, and a clock that goes on by itself as fast as it is waited for."""

    def __init__(self) -> None:
        self.time = 100.0
        self.mailbox = Latest()
        self.number = 0
        self.uplinked = 0

    async def _sleep(self, seconds: float) -> None:
        self.time += max(0.0, seconds)

    def put(self, level: int, width: int = 64, height: int = 48, at: float | None = None) -> Frame:
        pixels = np.full((height, width, 3), level, np.uint8)
        frame = Frame(av.VideoFrame.from_ndarray(pixels, format="rgb24"), self.time if at is None else at, self.number)
        self.number += 1
        self.mailbox.put(frame)
        return frame

    def track(self, size: tuple[int, int] | None = None) -> Uplink:
        return Uplink(self.mailbox, size, self._count, lambda: self.time, self._sleep)

    def _count(self) -> None:
        self.uplinked += 1


@pytest.fixture
def stage() -> Stage:
    return Stage()


def play(scene: Callable[[], Awaitable[None]]) -> None:
    async def played() -> None:
        async with asyncio.timeout(10):
            await scene()

    asyncio.run(played())


def brightness(video: av.VideoFrame) -> float:
    return float(video.to_ndarray(format="gray").mean())


def test_the_newest_picture_goes_and_each_that_goes_is_counted(stage: Stage) -> None:
    async def scene() -> None:
        track = stage.track()
        stage.put(40)
        stage.put(200)
        assert brightness(await track.recv()) == pytest.approx(200, abs=3)
        assert (track.frames, track.repeated, stage.uplinked) == (1, 0, 1)

    play(scene)


def test_while_nothing_new_comes_the_last_picture_goes_on_at_the_same_rate(stage: Stage) -> None:
    async def scene() -> None:
        track = stage.track()
        stage.put(200)
        sent = []
        for _ in range(31):
            assert brightness(await track.recv()) == pytest.approx(200, abs=3)
            sent.append(stage.time)
        assert sent[-1] - sent[0] == pytest.approx(1.0, abs=0.01)
        assert track.repeated == 30

    play(scene)


def test_before_the_first_picture_black_goes_so_that_the_pipeline_is_not_kept_waiting(stage: Stage) -> None:
    async def scene() -> None:
        video = await stage.track((512, 288)).recv()
        assert (video.width, video.height) == (512, 288)
        assert brightness(video) < 5

    play(scene)


@pytest.mark.parametrize(("rate", "expected"), [(25.0, 25.0), (50.0, 50.0), (120.0, 60.0), (3.0, 8.0)])
def test_the_rate_is_that_of_the_source_within_what_makes_sense(stage: Stage, rate: float, expected: float) -> None:
    async def scene() -> None:
        track = stage.track()
        begun, made = stage.time, 0
        while stage.time < begun + 6.0:
            while begun + made / rate <= stage.time:
                stage.put(made % 200, at=begun + made / rate)
                made += 1
            await track.recv()
        assert track.rate == pytest.approx(expected, rel=0.05)

    play(scene)


def test_a_slow_line_does_not_slow_itself_down_for_ever(stage: Stage) -> None:
    """Frames that nobody took are no sign that the source is slow."""

    async def scene() -> None:
        track = stage.track()
        begun, made = stage.time, 0
        while stage.time < begun + 10.0:
            while begun + made / 30 <= stage.time:
                stage.put(made % 200, at=begun + made / 30)
                made += 1
            await track.recv()
            stage.time += 0.05  # encoding takes as long as that
        assert track.rate == pytest.approx(30, rel=0.1)

    play(scene)


def test_a_source_that_stood_still_has_its_own_rate_again_when_it_goes_on(stage: Stage) -> None:
    async def scene() -> None:
        track = stage.track()
        stage.put(10, at=stage.time)
        await track.recv()
        stage.time += 60.0
        for _ in range(10):
            stage.put(20, at=stage.time)
            await track.recv()
        assert track.rate == pytest.approx(30, rel=0.1)

    play(scene)


def test_pictures_are_made_as_large_as_the_pipeline_takes_them_and_even(stage: Stage) -> None:
    async def scene() -> None:
        stage.put(100, 65, 49)
        video = await stage.track().recv()
        assert (video.width, video.height, video.format.name) == (64, 48, "yuv420p")
        stage.put(100, 640, 360)
        video = await stage.track((512, 512)).recv()
        assert (video.width, video.height) == (512, 512)

    play(scene)


def test_a_picture_that_others_show_too_is_left_as_it_is(stage: Stage) -> None:
    async def scene() -> None:
        shared = av.VideoFrame.from_ndarray(np.full((72, 64), 90, np.uint8), format="yuv420p")
        shared.pts = 7
        stage.mailbox.put(Frame(shared, stage.time, 0))
        sent = await stage.track().recv()
        assert sent is not shared
        assert brightness(sent) == brightness(shared)
        assert shared.pts == 7

    play(scene)


def test_time_stamps_count_in_90_khz_and_only_upwards(stage: Stage) -> None:
    async def scene() -> None:
        track = stage.track()
        stamps = []
        for _ in range(4):
            video = await track.recv()
            assert video.time_base == Fraction(1, 90_000)
            assert video.pts is not None
            stamps.append(video.pts)
        assert stamps == pytest.approx([0, 3000, 6000, 9000], abs=1)

    play(scene)


def test_a_keyframe_that_was_asked_for_once_is_one_once(stage: Stage) -> None:
    async def scene() -> None:
        track = stage.track()
        (await track.recv()).pict_type = PictureType.I
        assert (await track.recv()).pict_type == PictureType.NONE

    play(scene)


def test_while_scope_rests_nothing_goes_and_afterwards_the_newest_does(stage: Stage) -> None:
    async def scene() -> None:
        track = stage.track()
        stage.put(40)
        await track.recv()
        track.rest(True)
        async with asyncio.TaskGroup() as tasks:
            waiting = tasks.create_task(track.recv())
            for _ in range(5):
                await asyncio.wait([waiting], timeout=0)
            stage.put(200)
            assert not waiting.done()
            assert track.frames == 1
            track.rest(False)
        assert brightness(waiting.result()) == pytest.approx(200, abs=3)

    play(scene)


def test_a_track_that_is_stopped_ends_even_while_it_rests(stage: Stage) -> None:
    async def scene() -> None:
        track = stage.track()
        track.rest(True)
        async with asyncio.TaskGroup() as tasks:
            waiting = tasks.create_task(_ended(track))
            await asyncio.wait([waiting], timeout=0)
            track.stop()

    play(scene)


async def _ended(track: Uplink) -> None:
    with pytest.raises(MediaStreamError):
        await track.recv()


def test_the_bit_rates_of_aiortc_are_raised_and_one_that_has_none_is_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for codec in (vpx, h264):
        monkeypatch.setattr(codec, "MAX_BITRATE", 1_500_000)
    monkeypatch.delattr(h264, "MIN_BITRATE")

    raise_bit_rates()

    assert (vpx.MIN_BITRATE, vpx.DEFAULT_BITRATE, vpx.MAX_BITRATE) == (1_000_000, 7_000_000, 10_000_000)
    assert h264.MAX_BITRATE == 10_000_000
    assert not hasattr(h264, "MIN_BITRATE")
    assert vpx.Vp8Encoder().target_bitrate == 7_000_000
