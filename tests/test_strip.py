"""The strip must be read from every frame that has one, and from none that has not."""

import math
from collections.abc import Iterable, Iterator
from fractions import Fraction

import av
import numpy as np
import pytest
from aiortc.codecs import h264, vpx
from aiortc.codecs.base import Encoder
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from bridge.strip import LORAS, STEPS, Strip, draw, height, prompt_sum, read, read_frame

SIZES = [(576, 320), (512, 512), (320, 320), (1280, 720), (330, 250)]

full = Strip(
    frame=123_456,
    chunk=9_876,
    start_ms=81_234_567.891,
    probe=4_711.0,
    taken=300,
    dropped=17,
    prompt=prompt_sum(["a reef at dawn", "neon rain"]),
    noise_scale=0.43,
    vace_context_scale=1.25,
    kv_cache_attention_bias=0.5,
    base_seed=42,
    steps=(1000, 750, 500, 250),
    loras=(0.5, -1.25, 2.0),
    manage_cache=False,
    noise_controller=True,
    paused=False,
    transition=True,
    node=3,
)

counts = st.integers(0, 2**32 - 1)
doubles = st.floats(allow_nan=False)
singles = st.floats(allow_nan=False, width=32)
strips = st.builds(
    Strip,
    frame=counts,
    chunk=counts,
    start_ms=doubles,
    probe=doubles,
    taken=counts,
    dropped=counts,
    prompt=counts,
    noise_scale=doubles,
    vace_context_scale=doubles,
    kv_cache_attention_bias=singles,
    base_seed=counts,
    steps=st.lists(st.integers(0, 65_534), max_size=STEPS).map(tuple),
    loras=st.lists(singles, max_size=LORAS).map(tuple),
    manage_cache=st.booleans(),
    noise_controller=st.booleans(),
    paused=st.booleans(),
    transition=st.booleans(),
    node=st.integers(0, 255),
)


def noisy(width: int, height: int, channels: int | None, seed: int) -> NDArray[np.uint8]:
    shape = (height, width) if channels is None else (height, width, channels)
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


@settings(deadline=None)
@given(strips, st.sampled_from(SIZES), st.sampled_from([None, 3, 4]))
def test_what_is_drawn_is_read(strip: Strip, size: tuple[int, int], channels: int | None) -> None:
    pixels = noisy(*size, channels, seed=1)

    draw(pixels, strip)

    assert read(pixels) == strip


def test_numbers_that_were_never_sent_are_nan() -> None:
    pixels = noisy(576, 320, 3, seed=1)

    draw(pixels, Strip(frame=1, chunk=2, start_ms=3.0))
    strip = read(pixels)

    assert strip is not None
    assert math.isnan(strip.probe)
    assert math.isnan(strip.noise_scale)
    assert strip.steps == ()
    assert strip.loras == ()


def test_the_rest_of_the_picture_is_left_alone() -> None:
    pixels = noisy(576, 320, 4, seed=2)
    before = pixels.copy()

    draw(pixels, full)

    np.testing.assert_array_equal(pixels[height(576) :], before[height(576) :])
    np.testing.assert_array_equal(pixels[..., 3], before[..., 3])


def test_the_strip_of_the_usual_size_is_thin() -> None:
    assert height(576) == 20
    assert height(1280) <= 40


@settings(deadline=None)
@given(st.sampled_from(SIZES), st.sampled_from([None, 3]), st.integers(0, 1000))
def test_pictures_without_a_strip_have_none(size: tuple[int, int], channels: int | None, seed: int) -> None:
    assert read(noisy(*size, channels, seed)) is None


@pytest.mark.parametrize("level", [0, 127, 255])
def test_plain_pictures_have_none(level: int) -> None:
    assert read(np.full((320, 576), level, np.uint8)) is None


def test_a_picture_too_small_for_a_strip_has_none() -> None:
    small = noisy(64, 32, 3, seed=1)

    assert read(small) is None
    with pytest.raises(ValueError, match="64 by 32 pixels has no room"):
        draw(small, full)


@settings(deadline=None)
@given(st.integers(0, 143), st.integers(0, 3))
def test_one_wrong_cell_is_noticed(column: int, row: int) -> None:
    pixels = noisy(576, 320, None, seed=3)
    draw(pixels, full)

    cell = pixels[4 * row : 4 * row + 4, 4 * column : 4 * column + 4]
    cell[:] = 255 - cell

    assert read(pixels) is None


def through(codec: str, pictures: Iterable[NDArray[np.uint8]]) -> Iterator[av.VideoFrame]:
    """Encode pictures as the server does, and decode them."""
    encoder: Encoder = vpx.Vp8Encoder() if codec == "vp8" else h264.H264Encoder()
    decoder = av.VideoCodecContext.create("libvpx" if codec == "vp8" else "h264", "r")
    depayload = vpx.vp8_depayload if codec == "vp8" else h264.h264_depayload
    for number, pixels in enumerate(pictures):
        frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
        frame.pts, frame.time_base = number * 5625, Fraction(1, 90_000)
        payloads, _ = encoder.encode(frame)
        yield from decoder.decode(av.Packet(b"".join(depayload(payload) for payload in payloads)))
    yield from decoder.decode(None)


def with_strips(pictures: Iterable[NDArray[np.uint8]]) -> Iterator[NDArray[np.uint8]]:
    for number, pixels in enumerate(pictures):
        chunk = number // 12
        draw(pixels, Strip(frame=number, chunk=chunk, start_ms=2.6e6 + 750.3 * chunk, probe=chunk * 45.0, taken=chunk))
        yield pixels


def numbers(frames: Iterable[av.VideoFrame]) -> list[int | None]:
    """Return the frame numbers that are read from pictures, None where none is."""
    strips = [read_frame(frame) for frame in frames]
    return [None if strip is None else strip.frame for strip in strips]


@pytest.mark.parametrize("size", SIZES[:4], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("codec", ["vp8", "h264"])
def test_it_survives_the_codecs_at_the_servers_lowest_bit_rate(
    size: tuple[int, int], codec: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hardest picture for an encoder: every pixel is new in every frame."""
    for module in (vpx, h264):
        for name in ("DEFAULT_BITRATE", "MIN_BITRATE", "MAX_BITRATE"):
            monkeypatch.setattr(module, name, 5_000_000)
    pictures = (noisy(*size, 3, seed) for seed in range(8))

    assert numbers(through(codec, with_strips(pictures))) == list(range(8))


@pytest.mark.parametrize("codec", ["vp8", "h264"])
def test_it_is_not_taken_for_noise_in_a_picture_that_stands_still(codec: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """libvpx leaves out what changes little and alone: see the module's own words."""
    for module in (vpx, h264):
        for name in ("DEFAULT_BITRATE", "MIN_BITRATE", "MAX_BITRATE"):
            monkeypatch.setattr(module, name, 7_000_000)
    rows, columns = np.mgrid[0:320, 0:576] / 40
    still = (127 + 60 * np.sin(rows + np.sin(columns))).astype(np.uint8)[:, :, None].repeat(3, axis=2)
    pictures = (still.copy() for _ in range(400))

    assert numbers(through(codec, with_strips(pictures))) == list(range(400))


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(SIZES), st.sampled_from(["yuv420p", "yuv422p", "nv12", "gray"]))
def test_it_is_read_from_planes_whose_lines_are_padded(size: tuple[int, int], layout: str) -> None:
    pixels = noisy(*size, 3, seed=5)
    draw(pixels, full)
    frame = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format=layout)

    assert read_frame(frame) == full


def test_it_survives_the_way_to_a_compositor_and_back() -> None:
    pixels = noisy(576, 320, 3, seed=6)
    draw(pixels, full)
    rgba = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format="yuv420p").reformat(format="rgba")
    uyvy = rgba.reformat(format="uyvy422", dst_colorspace="ITU709").reformat(format="rgba", src_colorspace="ITU709")

    assert read(np.asarray(uyvy.to_ndarray(), np.uint8)) == full


def test_packed_colour_frames_are_refused() -> None:
    frame = av.VideoFrame(576, 320, "rgba")

    with pytest.raises(ValueError, match="rgba"):
        read_frame(frame)
