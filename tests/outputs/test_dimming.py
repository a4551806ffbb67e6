"""Every format goes to black, and only to black."""

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.frames.convert import convert, pixels, planes
from bridge.outputs.dimming import WHOLE, dimmed
from bridge.outputs.driver import Format, Pixels
from tests.outputs.chart import chart, seen

VIDEO: list[Format] = ["yuv420p", "yuv422p", "yuv422p10le", "rgb24"]


def noise(*shape: int, seed: int = 0) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, WHOLE), st.integers(0, 2**32 - 1))
def test_each_byte_goes_straight_to_what_is_black_there(level: int, seed: int) -> None:
    formats: list[tuple[Format, tuple[int, ...], list[int]]] = [
        ("rgba", (6, 10, 4), [0, 0, 0]),
        ("uyvy", (6, 10, 2), [128, 16]),
    ]
    for format, shape, black in formats:
        bright = noise(*shape, seed=seed)
        before = bright.copy()

        dark = dimmed(bright, format, level)

        assert isinstance(dark, np.ndarray)
        count = len(black)
        meant = (bright[..., :count].astype(int) * level + np.array(black) * (WHOLE - level)) / WHOLE
        assert np.abs(dark[..., :count] - meant).max() <= 0.5
        np.testing.assert_array_equal(dark[..., count:], bright[..., count:])
        np.testing.assert_array_equal(bright, before)


@pytest.mark.parametrize("level", [0, 1, 100, 255])
def test_the_alpha_of_uyva_stays(level: int) -> None:
    bright = noise(9, 10, 2)

    dark = dimmed(bright, "uyva", level)

    assert isinstance(dark, np.ndarray)
    np.testing.assert_array_equal(dark[6:], bright[6:])
    np.testing.assert_array_equal(dark[:6], dimmed(bright[:6], "uyvy", level))


@pytest.mark.parametrize("format", ["rgba", "uyvy", *VIDEO])
@pytest.mark.parametrize("width", [64, 62, 38])
def test_a_level_dims_what_is_seen(format: Format, width: int) -> None:
    video = convert(chart(width, 20), "uyvy422" if format == "uyvy" else format)
    bright = pixels(video) if format in ("rgba", "uyvy") else video
    before = [rows.copy() for rows in planes(video)]

    for level in (0, 64, 200):
        dark = dimmed(bright, format, level)

        assert np.abs(seen(dark) - seen(bright) * level / WHOLE).max() <= 3
        if isinstance(dark, av.VideoFrame):
            assert (dark.format.name, dark.width, dark.height) == (format, width, 20)
            assert (dark.colorspace, dark.color_range) == (video.colorspace, video.color_range)
    for rows, same in zip(planes(video), before, strict=True):
        np.testing.assert_array_equal(rows, same)


@pytest.mark.parametrize("format", ["rgba", "uyvy", *VIDEO])
def test_at_full_level_a_picture_is_itself(format: Format) -> None:
    picture = convert(chart(64, 20), "uyvy422" if format == "uyvy" else format)

    assert dimmed(picture, format, WHOLE) is picture
