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
from av.video.reformatter import ColorRange, Colorspace

from bridge.frames import Frame, Latest
from bridge.session.uplink import Counts, Uplink, raise_bit_rates


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
        assert (track.counts, stage.uplinked) == (Counts(frames=1, repeated=0, dropped=0), 1)

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
        assert track.counts.repeated == 30

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


@pytest.mark.parametrize("matrix", [Colorspace.ITU709, Colorspace.ITU601])
@pytest.mark.parametrize("span", [ColorRange.MPEG, ColorRange.JPEG])
@pytest.mark.parametrize("format", ["uyvy422", "yuv420p", "yuv444p", "bgra"])
def test_colours_go_up_as_webrtc_means_them_whatever_the_source_means(
    stage: Stage, matrix: Colorspace, span: ColorRange, format: str
) -> None:
    colour = np.array([200, 40, 90])
    pixels = np.broadcast_to(colour.astype(np.uint8), (64, 64, 3)).copy()
    made = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(
        format=format, dst_colorspace=matrix, dst_color_range=span
    )
    made.colorspace, made.color_range = int(matrix), int(span)
    if format == "bgra":
        made.colorspace, made.color_range = 0, 2

    async def scene() -> None:
        stage.mailbox.put(Frame(made, stage.time, 0))
        video = await stage.track((48, 32)).recv()
        y, u, v = (float(np.frombuffer(memoryview(plane), np.uint8)[5]) for plane in video.planes)
        luma, blue, red = (y - 16) / 219, (u - 128) / 224, (v - 128) / 224
        seen = np.array([luma + 1.402 * red, luma - 0.344136 * blue - 0.714136 * red, luma + 1.772 * blue]) * 255
        assert np.abs(seen - colour).max() <= 3

    play(scene)


def test_frames_that_are_replaced_before_their_turn_are_counted_but_not_those_of_a_rest(stage: Stage) -> None:
    async def scene() -> None:
        for level in (1, 2, 3):
            stage.put(level)  # before anything was sent, nobody wanted them
        track = stage.track()
        await track.recv()
        for level in (4, 5, 6):
            stage.put(level)
        await track.recv()
        assert track.counts == Counts(frames=2, repeated=0, dropped=2)

        track.rest(True)
        for level in (7, 8, 9):
            stage.put(level)
        track.rest(False)
        await track.recv()
        assert track.counts == Counts(frames=3, repeated=0, dropped=2)

    play(scene)


def test_the_next_connection_goes_on_counting(stage: Stage) -> None:
    async def scene() -> None:
        counts = Counts()
        for _ in range(2):
            await Uplink(stage.mailbox, None, clock=lambda: stage.time, sleep=stage._sleep, counts=counts).recv()
        assert counts == Counts(frames=2, repeated=2, dropped=0)

    play(scene)


def test_two_tracks_of_one_source_take_nothing_from_each_other(stage: Stage) -> None:
    async def scene() -> None:
        plays, warms_up = stage.track(), stage.track()
        for level in range(20, 220, 20):
            stage.put(level)
            assert brightness(await plays.recv()) == pytest.approx(brightness(await warms_up.recv()))
        assert plays.counts == warms_up.counts == Counts(frames=10, repeated=0, dropped=0)

    play(scene)


def test_the_next_connection_begins_with_the_last_picture_of_a_source_that_stands_still(stage: Stage) -> None:
    async def scene() -> None:
        stage.put(200)
        first = brightness(await stage.track().recv())
        assert brightness(await stage.track().recv()) == first > 150

    play(scene)


def test_another_source_has_its_own_rate_at_once_whatever_its_numbers(stage: Stage) -> None:
    async def scene() -> None:
        track = stage.track()
        for number in range(40):
            stage.number = number
            stage.put(10, at=stage.time)
            await track.recv()
        for number in range(9000, 9040):
            stage.number = number
            stage.put(10, at=stage.time)
            await track.recv()
            assert track.rate == pytest.approx(30, rel=0.1)

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
            assert track.counts.frames == 1
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


def test_a_picture_that_cannot_be_sent_is_said_and_the_one_before_goes_on(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def scene() -> None:
        track = stage.track()
        stage.put(100)
        good = brightness(await track.recv())
        with monkeypatch.context() as patch:
            patch.setattr(Frame, "planar", lambda *_: 1 / 0)
            stage.put(200)
            assert brightness(await track.recv()) == good
        stage.put(200)
        assert brightness(await track.recv()) > good

    play(scene)
    assert "a picture cannot be sent up to Scope: ZeroDivisionError" in caplog.text
