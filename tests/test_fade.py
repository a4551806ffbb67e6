"""From a held picture to the one that comes, in steps, whatever their sizes."""

import av
import numpy as np
import pytest

from bridge.fade import Crossfade
from bridge.frames import Frame


def picture(grey: int, received: float, size: tuple[int, int] = (64, 32), number: int = 0) -> Frame:
    width, height = size
    video = av.VideoFrame.from_ndarray(np.full((height * 3 // 2, width), grey, np.uint8), format="yuv420p")
    return Frame(video, received, number)


def grey_of(frame: Frame) -> int:
    return int(frame.video.to_ndarray()[: frame.video.height].mean().round())


@pytest.mark.parametrize(("at", "grey"), [(10.0, 40), (10.25, 80), (10.5, 120), (10.75, 160), (11.0, 200), (12.0, 200)])
def test_the_new_picture_comes_evenly(at: float, grey: int) -> None:
    fade = Crossfade(picture(40, 9.0), begins=10.0, seconds=1.0)

    assert grey_of(fade.mix(picture(200, at))) == grey


def test_a_mixed_frame_is_the_frame_that_came_but_for_its_pixels() -> None:
    fade = Crossfade(picture(40, 9.0), begins=10.0, seconds=1.0)

    mixed = fade.mix(picture(200, 10.5, number=12))

    assert (mixed.number, mixed.received) == (12, 10.5)


def test_it_is_over_when_nothing_of_the_held_picture_is_left_and_the_frame_goes_as_it_came() -> None:
    fade = Crossfade(picture(40, 9.0), begins=10.0, seconds=1.0)
    fade.mix(picture(200, 10.9))
    assert not fade.over

    last = picture(200, 11.0)

    assert fade.mix(last) is last
    assert fade.over


def test_a_held_picture_of_another_size_is_fitted_to_the_new_one() -> None:
    fade = Crossfade(picture(40, 9.0, size=(128, 96)), begins=10.0, seconds=1.0)

    mixed = fade.mix(picture(200, 10.5))

    assert mixed.size == (64, 32)
    assert grey_of(mixed) == 120


def test_the_size_may_change_while_it_fades() -> None:
    fade = Crossfade(picture(40, 9.0), begins=10.0, seconds=1.0)
    fade.mix(picture(200, 10.2))

    assert fade.mix(picture(200, 10.5, size=(32, 16))).size == (32, 16)


def test_a_picture_of_an_odd_size_is_mixed_in_the_even_one_below() -> None:
    odd = Frame(av.VideoFrame.from_ndarray(np.zeros((33, 65, 3), np.uint8), format="rgb24"), 10.2, 0)
    fade = Crossfade(picture(40, 9.0), begins=10.0, seconds=1.0)

    assert fade.mix(odd).size == (64, 32)
    assert not fade.over
