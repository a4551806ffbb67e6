"""Two pictures over each other: how much of each, in which size, and in whose colours."""

import av
import numpy as np
import pytest

from bridge.frames import Frame
from bridge.frames.mixing import mixed, nearer, scaled
from tests.outputs.chart import BT709, COLOURS, bars, chart, furthest, grey

HIGH = 1


def a_grey(level: int, size: tuple[int, int] = (32, 16), number: int = 0) -> Frame:
    return Frame(grey(*size, level), 100.0 + number, number)


def middle(frame: Frame) -> tuple[int, int, int]:
    pixels = frame.rgba()
    red, green, blue = pixels[pixels.shape[0] // 2, pixels.shape[1] // 2, :3]
    return int(red), int(green), int(blue)


@pytest.mark.parametrize(("part", "level"), [(0.1, 60), (0.25, 90), (0.5, 140), (0.9, 220)])
def test_as_much_of_the_upper_picture_is_seen_as_was_asked_for(part: float, level: int) -> None:
    assert middle(mixed(a_grey(40), a_grey(240), part)) == pytest.approx((level,) * 3, abs=2)


def test_where_nothing_is_to_be_mixed_it_is_the_frame_itself() -> None:
    under, over = a_grey(40), a_grey(240)

    assert mixed(under, over, 0.0) is mixed(under, over, 0.001) is under
    assert mixed(under, over, 1.0) is mixed(under, over, 0.999) is over
    assert mixed(over, over, 0.5) is over


def test_neither_picture_is_changed_and_the_upper_one_names_the_mix() -> None:
    under, over = a_grey(40), a_grey(240, number=7)
    before = under.video.to_ndarray().copy(), over.video.to_ndarray().copy()

    frame = mixed(under, over, 0.5)

    assert (frame.number, frame.received) == (7, 107.0)
    np.testing.assert_array_equal(under.video.to_ndarray(), before[0])
    np.testing.assert_array_equal(over.video.to_ndarray(), before[1])


@pytest.mark.parametrize(("size", "even"), [((32, 16), (32, 16)), ((66, 34), (66, 34)), ((65, 33), (64, 32))])
def test_a_mix_is_as_large_as_its_upper_picture_its_sides_even(size: tuple[int, int], even: tuple[int, int]) -> None:
    over = Frame.of(np.full((size[1], size[0], 4), 200, np.uint8), 0.0)

    frame = mixed(a_grey(100, (48, 48)), over, 0.5)

    assert frame.size == even
    assert middle(frame) == pytest.approx((150, 150, 150), abs=2)


@pytest.mark.parametrize("turned", [False, True])
def test_pictures_of_two_matrices_keep_their_colours_in_the_mix(turned: bool) -> None:
    high = chart(320, 16, matrix=BT709)
    high.colorspace = HIGH
    pair = Frame(chart(320, 16), 0.0, 0), Frame(high, 0.0, 0)
    under, over = reversed(pair) if turned else pair

    assert furthest(bars(mixed(under, over, 0.5).rgba())) <= 3


@pytest.mark.parametrize("turned", [False, True])
def test_a_card_of_rgb_keeps_its_colours_in_the_mix(turned: bool) -> None:
    at = np.arange(320) * len(COLOURS) // 320
    card = np.full((16, 320, 4), 255, np.uint8)
    card[..., :3] = np.array(COLOURS, np.uint8)[at]
    pair = Frame.of(card, 0.0), Frame(chart(320, 16), 0.0, 0)
    under, over = reversed(pair) if turned else pair

    assert (
        furthest(bars(mixed(under, over, 0.5).rgba())) <= 4
    )  # the mean of two that may be 3 away, and its own rounding


def test_a_scaled_picture_is_made_once_and_keeps_its_colours() -> None:
    high = chart(320, 16, matrix=BT709)
    high.colorspace = HIGH
    frame = Frame(high, 5.0, 3)

    small = scaled(frame, (161, 32))

    assert small is scaled(frame, (161, 32))
    assert (small.size, small.received, small.number) == ((160, 32), 5.0, 3)
    assert furthest(bars(small.rgba())) <= 3
    assert scaled(frame, (320, 16)) is frame


def test_unmixed_it_is_the_one_of_which_more_would_be_seen() -> None:
    under, over = (Frame(av.VideoFrame(2, 2, "yuv420p"), 0.0, number) for number in range(2))

    assert nearer(under, over, 0.4) is under
    assert nearer(under, over, 0.6) is over
