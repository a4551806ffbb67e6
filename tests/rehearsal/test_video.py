"""What pipelines make of video, pixel by pixel."""

from collections.abc import Callable

import numpy as np
import pytest

from bridge.rehearsal.picture import Pixels
from bridge.rehearsal.video import between, depth, flow, gray, guided, mixed, scribble

NOISE: Pixels = np.random.default_rng(1).integers(0, 256, (40, 64, 3)).astype(np.uint8)
OTHER: Pixels = np.random.default_rng(2).integers(0, 256, (40, 64, 3)).astype(np.uint8)


@pytest.mark.parametrize("make", [gray, scribble, depth])
def test_pictures_without_colour_keep_their_size_and_leave_the_video_alone(make: Callable[[Pixels], Pixels]) -> None:
    before = NOISE.copy()
    made = make(NOISE)

    assert made.shape == NOISE.shape
    assert made.dtype == np.uint8
    assert (made[:, :, 0] == made[:, :, 1]).all()
    assert (made[:, :, 1] == made[:, :, 2]).all()
    assert (before == NOISE).all()


def test_outlines_are_where_light_changes() -> None:
    video = np.zeros((20, 20, 3), np.uint8)
    video[:, 10:] = 255
    made = scribble(video)

    assert (made[2:, 10] == 255).all()
    assert (made[:, :9] == 0).all()
    assert (made[:, 12:] == 0).all()


def test_depth_is_smooth_and_light_below() -> None:
    made = depth(NOISE).astype(np.int16)

    assert (
        np.abs(np.diff(made[:, :, 0], axis=1)).max()
        < np.abs(np.diff(NOISE[:, :, 0].astype(np.int16), axis=1)).max() / 3
    )
    assert made[-5:].mean() > made[:5].mean() + 40


def test_noise_goes_from_the_video_to_the_painting() -> None:
    assert (mixed(NOISE, OTHER, 0.0) == NOISE).all()
    assert (mixed(NOISE, OTHER, 1.0) == OTHER).all()
    assert (mixed(NOISE, OTHER, 7.0) == OTHER).all()
    half = mixed(NOISE, OTHER, 0.5).astype(np.int16)
    assert np.abs(half - (NOISE.astype(np.int16) + OTHER) // 2).max() <= 1


def test_a_guided_painting_is_light_where_the_video_is_and_never_has_its_colours() -> None:
    painted = np.full((20, 20, 3), 100, np.uint8)
    video = np.zeros((20, 20, 3), np.uint8)
    video[:, 10:] = 255

    assert (guided(video, painted, 0.0) == painted).all()
    made = guided(video, painted, 1.0)
    assert made[:, 10:].mean() > 100 > made[:, :10].mean() > 0
    assert (made[:, :, 0] == made[:, :, 2]).all()


def test_flow_shows_what_became_lighter_in_red_and_stillness_in_gray() -> None:
    dark, light = np.zeros((8, 8, 3), np.uint8), np.full((8, 8, 3), 100, np.uint8)

    assert flow(dark, dark).tolist() == np.full((8, 8, 3), 128).tolist()
    assert flow(dark, light)[0, 0].tolist() == [228, 128, 28]


def test_between_is_the_middle() -> None:
    made = between(NOISE, OTHER).astype(np.int16)

    assert (made == (NOISE.astype(np.int16) + OTHER) // 2).all()
