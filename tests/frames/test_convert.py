"""Colours stay what they were, whatever they came as and whatever they are wanted as: to within 3 of 255."""

import threading
from collections.abc import Callable

import av
import numpy as np
import pytest

from bridge.frames.convert import convert, pixels, planes, subsampled
from tests.outputs.chart import (
    BT601,
    BT709,
    Weights,
    bars,
    chart,
    furthest,
    seen,
    through_h264,
    through_tagged_h264,
    through_vp8,
)

SIZE = 640, 64
WANTED = ["rgba", "uyvy422", "yuv420p", "yuv422p", "yuv422p10le", "rgb24"]


def colours(video: av.VideoFrame, matrix: Weights = BT709) -> list[tuple[float, float, float]]:
    packed = len(video.planes) == 1
    return bars(seen(pixels(video) if packed else video, matrix))


@pytest.mark.parametrize("format", WANTED)
@pytest.mark.parametrize(
    "received",
    [
        lambda: through_vp8(chart(*SIZE)),
        lambda: through_h264(chart(*SIZE)),
        lambda: through_tagged_h264(chart(*SIZE), 6, 1),
        lambda: through_tagged_h264(chart(*SIZE, matrix=BT709), 1, 1),
        lambda: through_tagged_h264(chart(*SIZE, matrix=BT709, full=True), 1, 2),
        lambda: through_tagged_h264(chart(*SIZE, full=True), 5, 2),
    ],
    ids=["VP8", "H.264", "H.264 tagged 601", "H.264 tagged 709", "H.264 tagged 709 full", "H.264 tagged 601 full"],
)
def test_a_colour_chart_comes_through_a_codec(received: Callable[[], av.VideoFrame], format: str) -> None:
    converted = convert(received(), format)

    assert (converted.format.name, converted.width, converted.height) == (format, *SIZE)
    assert furthest(colours(converted)) <= 3
    if not converted.format.is_rgb:
        assert (converted.colorspace, converted.color_range) == (1, 1), "BT.709, limited, and it says so"


@pytest.mark.parametrize("wanted", WANTED)
@pytest.mark.parametrize("matrix", [BT601, BT709], ids=["601", "709"])
@pytest.mark.parametrize(
    "format", ["yuv422p", "yuv444p", "nv12", "yuyv422", "yuvj420p", "yuvj422p", "yuvj444p", "rgb24", "rgba"]
)
def test_a_colour_chart_of_every_kind_of_source(format: str, matrix: Weights, wanted: str) -> None:
    video = chart(*SIZE, matrix=matrix, format=format, full=format.startswith("yuvj"))
    video.colorspace = 1 if matrix == BT709 else 2

    assert furthest(colours(convert(video, wanted))) <= 3


@pytest.mark.parametrize("level", [0, 1, 100, 254, 255])
def test_grey_of_a_camera_goes_from_0_to_255(level: int) -> None:
    video = chart(64, 32, ((level, level, level),), format="gray", full=True)

    assert furthest(bars(pixels(convert(video, "rgba")), 1), (level, level, level)) <= 1
    assert furthest(bars(seen(convert(video, "yuv420p")), 1), (level, level, level)) <= 3


def test_ten_bits_keep_more_than_eight() -> None:
    video = chart(*SIZE)

    assert furthest(colours(convert(video, "yuv422p10le"))) < furthest(colours(convert(video, "yuv422p")))


@pytest.mark.parametrize("matrix", [BT601, BT709], ids=["601", "709"])
def test_deep_video_is_brought_to_eight_bits(matrix: Weights) -> None:
    deep = convert(chart(*SIZE), "yuv422p10le", matrix="bt709" if matrix == BT709 else "smpte170m")

    for format in WANTED:
        assert furthest(colours(convert(deep, format))) <= 3


def test_to_bt601_when_asked_for() -> None:
    video = chart(*SIZE, matrix=BT709)
    video.colorspace = 1

    converted = convert(video, "yuv420p", matrix="smpte170m")

    assert converted.colorspace == 6
    assert furthest(colours(converted, BT601)) <= 3


def test_noise_beyond_the_gamut_does_not_wrap_around() -> None:
    extreme = av.VideoFrame.from_ndarray(np.full((48, 32), 255, np.uint8), format="yuv420p")
    extreme.planes[2].update(bytes(extreme.planes[2].buffer_size))

    luma = planes(convert(extreme, "yuv420p"))[0]

    assert luma.min() >= 240


def test_filters_change_the_shape_and_what_is_around() -> None:
    video = chart(64, 32, ((255, 0, 0),))

    for format in ("rgba", "uyvy422", "yuv420p"):
        converted = convert(
            video, format, [("scale", "32:16:flags=bilinear")], [("pad", "64:16:16:0:color=0x0000ff00")]
        )
        left, middle, right = bars(seen(pixels(converted) if format != "yuv420p" else converted), 3)
        assert furthest([left, middle, right], [(0, 0, 255), (255, 0, 0), (0, 0, 255)]) <= 3


def test_threads_convert_one_frame_at_once_and_leave_its_tags_alone() -> None:
    video = through_h264(chart(*SIZE))
    tags = video.colorspace, video.color_range
    meant = {format: [bytes(plane) for plane in convert(video, format).planes] for format in WANTED}
    start, wrong, seen_tags = threading.Barrier(3), list[str](), set[tuple[int, int]]()

    def work(formats: list[str]) -> None:
        start.wait()
        for format in formats * 20:
            if [bytes(plane) for plane in convert(video, format).planes] != meant[format]:
                wrong.append(format)

    threads = [threading.Thread(target=work, args=(order,)) for order in (WANTED, WANTED[::-1])]
    for thread in threads:
        thread.start()
    start.wait()
    while any(thread.is_alive() for thread in threads):
        seen_tags.add((video.colorspace, video.color_range))

    assert wrong == []
    assert seen_tags <= {tags}
    assert tags == (video.colorspace, video.color_range)


def test_pixels_outlive_the_frames_that_they_are_of() -> None:
    kept = pixels(convert(chart(*SIZE), "rgba"))
    before = kept.copy()

    for _ in range(20):
        convert(chart(*SIZE, ((9, 9, 9),)), "rgba")

    np.testing.assert_array_equal(kept, before)


def test_sizes_and_tags_may_change_from_frame_to_frame() -> None:
    for width in (*range(20, 640, 40), *range(20, 640, 40)):
        for matrix, tag in ((BT601, 2), (BT709, 1)):
            video = chart(width, 18, matrix=matrix)
            video.colorspace = tag
            assert furthest(colours(convert(video, "uyvy422"))) <= 3


def test_what_has_one_colour_for_four_pixels() -> None:
    assert {
        format for format in ("yuv420p", "nv12", "yuv422p", "rgba", "gray") if subsampled(chart(64, 32, format=format))
    } == {
        "yuv420p",
        "nv12",
    }
