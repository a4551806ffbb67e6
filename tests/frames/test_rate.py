"""How fast frames come, as their numbers tell."""

import numpy as np
import pytest

from bridge.frames import Frame
from bridge.frames.rate import Rate

PIXELS = np.zeros((2, 2, 4), np.uint8)


def see(rate: Rate, *frames: tuple[float, int]) -> None:
    for received, number in frames:
        rate.see(Frame.of(PIXELS, received, number))


def test_before_three_frames_it_is_not_known() -> None:
    rate = Rate()

    see(rate, (1.0, 0), (1.1, 1))

    assert rate.fps is None


def test_frames_that_nobody_took_count() -> None:
    rate = Rate()

    see(rate, *((1.0 + number / 50, number) for number in range(0, 60, 3)))

    assert rate.fps == pytest.approx(50)


def test_the_last_frames_tell_after_a_change() -> None:
    rate = Rate(frames=10)

    see(rate, *((number / 25, number) for number in range(50)))
    see(rate, *((2.0 + number / 60, 50 + number) for number in range(10)))

    assert rate.fps == pytest.approx(60)


@pytest.mark.parametrize(
    "another",
    [(3.04, 50_000), (3.04, 3), (3.0, 51), (9.0, 51)],
    ids=["a higher number", "a lower one", "at once", "after a stand-still"],
)
def test_what_goes_on_from_elsewhere_is_measured_anew(another: tuple[float, int]) -> None:
    rate = Rate()
    see(rate, *((2.0 + number / 50, number) for number in range(51)))

    see(rate, another)

    assert rate.fps is None


def test_frames_that_come_in_bursts_are_measured_over_all_of_them() -> None:
    rate = Rate()

    see(rate, *((burst / 10 + place / 10_000, burst * 3 + place) for burst in range(20) for place in range(3)))

    assert rate.fps == pytest.approx(30, rel=0.1)
