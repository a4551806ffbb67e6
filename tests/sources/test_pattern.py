"""Test patterns: no frame is like another, and each says which it is, whatever happened to it on the way."""

import asyncio
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

import av
import numpy as np
import pytest
from aiortc.codecs import vpx
from aiortc.jitterbuffer import JitterFrame
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.frames import Fan, Frame
from bridge.session.uplink import raise_bit_rates
from bridge.sources.pattern import NUMBERS, PATTERNS, PatternSource, draw_number, read_number, read_number_of

SIZES = [(576, 320), (512, 512), (330, 250), (1280, 720)]


@settings(deadline=None)
@given(st.integers(0, NUMBERS - 1), st.sampled_from(SIZES), st.booleans())
def test_a_number_that_is_drawn_is_read(number: int, size: tuple[int, int], in_luma: bool) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (size[1], size[0], 3), np.uint8)

    draw_number(pixels, number)

    assert read_number(pixels[:, :, 0] if in_luma else pixels) == number


def test_numbers_begin_again_at_their_end() -> None:
    pixels = np.zeros((320, 576, 3), np.uint8)

    draw_number(pixels, NUMBERS + 3)

    assert read_number(pixels) == 3


def test_a_picture_without_a_number_has_none() -> None:
    random = np.random.default_rng(7)

    found = [read_number(random.integers(0, 256, (320, 576, 3), np.uint8)) for _ in range(50)]
    found += [read_number(np.full((320, 576, 3), level, np.uint8)) for level in (0, 128, 255)]

    assert found == [None] * 53


@pytest.mark.parametrize("size", [(100, 320), (576, 40), (16, 16)])
def test_a_picture_too_small_for_a_number_has_none(size: tuple[int, int]) -> None:
    assert read_number(np.zeros((size[1], size[0]), np.uint8)) is None


def coded(frames: Iterator[Frame], size: tuple[int, int]) -> Iterator[Frame]:
    """Yield frames as they are after VP8, in another size."""
    encoder, decoder = vpx.Vp8Encoder(), vpx.Vp8Decoder()
    for number, frame in enumerate(frames):
        video = frame.planar(size)
        video.pts, video.time_base = number * 3000, Fraction(1, 90_000)
        payloads, stamp = encoder.encode(video)
        data = b"".join(vpx.VpxPayloadDescriptor.parse(payload)[1] for payload in payloads)
        for decoded in decoder.decode(JitterFrame(data=data, timestamp=stamp)):
            assert isinstance(decoded, av.VideoFrame)
            yield Frame(decoded, frame.received, frame.number)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_number_survives_the_way_up_to_scope_and_back_at_another_size(pattern: str) -> None:
    raise_bit_rates()
    paint = PATTERNS[pattern](576, 320)

    def drawn() -> Iterator[Frame]:
        for number in range(60):
            pixels = paint(number / 30)
            draw_number(pixels, 37 * number)
            yield Frame(av.VideoFrame.from_ndarray(pixels, format="rgb24"), 0.0, number)

    there_and_back = coded(coded(drawn(), (512, 512)), (576, 320))

    assert [read_number_of(frame.video) for frame in there_and_back] == [37 * number for number in range(60)]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_every_picture_moves_on(pattern: str) -> None:
    paint = PATTERNS[pattern](576, 320)

    pictures = [paint(number / 30).copy() for number in range(20)]

    for before, after in pairwise(pictures):
        assert np.abs(before.astype(int) - after).max() > 50


def test_a_pattern_brings_frames_at_its_rate_and_counts_them() -> None:
    fan, frames = Fan(), list[Frame]()
    fan.tap(frames.append)
    time = 50.0

    def clock() -> float:
        nonlocal time
        time += 0.001
        return time

    source = PatternSource("cam", "bars", fan, (128, 96), rate=200, time=clock)

    async def played() -> None:
        async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
            running = tasks.create_task(source.run())
            while len(frames) < 20:
                await asyncio.sleep(0)
            running.cancel()

    asyncio.run(played())

    assert [frame.number for frame in frames[:20]] == list(range(20))
    assert [read_number_of(frame.planar()) for frame in frames[:20]] == list(range(20))
    assert frames[0].size == (128, 96)
    gaps = np.diff([frame.received for frame in frames[:20]])
    assert (gaps > 0).all()
    status = source.status()
    assert status.where == "test pattern bars, 128x96 at 200 fps"
    assert status.signals == len(frames)
