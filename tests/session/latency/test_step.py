"""Finding the frame in which a picture steps, in pictures made for it."""

import numpy as np
import pytest
from numpy.typing import NDArray

from bridge.session.latency.step import COLUMNS, LEAST, ROWS, SIDE, Thumbnail, find_step, thumbnail

WIDTH, HEIGHT = 320, 192
BEFORE = 40
STEP = 55


def waves(time: float, place: float = 0.0) -> NDArray[np.float64]:
    """Return a picture that flows, as a dreaming pipeline's does; another place is another picture."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    flow = 128 + 60 * np.sin(x / 31 + time / 9 + place) + 50 * np.sin(y / 23 - time / 13 + 2.2 * place)
    return np.asarray(flow, np.float64)


def seen(pictures: list[NDArray[np.float64]], noise: float = 2.0, seed: int = 1) -> list[Thumbnail]:
    """Return pictures as they come from a decoder: with grain, in 8 bits."""
    chance = np.random.default_rng(seed)
    return [
        thumbnail(np.clip(picture + chance.normal(0, noise, picture.shape), 0, 255).astype(np.uint8))
        for picture in pictures
    ]


@pytest.mark.parametrize("seed", range(5))
def test_a_cut_in_a_picture_that_flows_is_found_in_its_first_frame(seed: int) -> None:
    frames = seen([waves(time, place=2.0 if time >= STEP else 0.0) for time in range(80)], seed=seed)

    assert find_step(frames, BEFORE) == STEP


def test_nothing_is_found_before_enough_frames_have_come_and_it_stays_found() -> None:
    frames = seen([waves(time, place=2.0 if time >= STEP else 0.0) for time in range(80)])

    found = [find_step(frames[:count], BEFORE) for count in range(BEFORE, 80)]
    first = next(number for number, step in enumerate(found) if step is not None)
    assert BEFORE + first <= STEP + SIDE
    assert set(found[first + SIDE :]) == {STEP}


@pytest.mark.parametrize("noise", [0.0, 2.0, 8.0])
def test_a_picture_that_only_flows_has_no_step(noise: float) -> None:
    assert find_step(seen([waves(time) for time in range(150)], noise), BEFORE) is None


def test_a_slow_drift_to_another_picture_is_no_step() -> None:
    frames = seen([waves(time, place=min(1.0, max(0.0, (time - STEP) / 60)) * 1.5) for time in range(150)])

    assert find_step(frames, BEFORE) is None


def test_a_still_picture_that_slowly_grows_brighter_has_no_step() -> None:
    frames = seen([np.full((HEIGHT, WIDTH), 40.0 + max(0, time - STEP) * 0.5) for time in range(150)])

    assert find_step(frames, BEFORE) is None


def test_a_small_key_that_lights_up_in_a_still_picture_is_found() -> None:
    def picture(lit: bool) -> NDArray[np.float64]:
        pixels = np.full((HEIGHT, WIDTH), 26.0)
        pixels[120:150, 40:70] = 230.0 if lit else 77.0
        return pixels

    frames = seen([picture(time >= STEP) for time in range(80)])

    assert find_step(frames, BEFORE) == STEP


def test_a_corner_that_flickers_hides_no_step_and_is_none() -> None:
    chance = np.random.default_rng(7)

    def picture(lit: bool) -> NDArray[np.float64]:
        pixels = np.full((HEIGHT, WIDTH), 26.0)
        pixels[:40] = 255.0 * chance.integers(0, 2, (10, 80)).repeat(4, 0).repeat(
            4, 1
        )  # a strip that is never the same
        pixels[120:150, 40:70] = 230.0 if lit else 77.0
        return pixels

    assert find_step(seen([picture(time >= STEP) for time in range(80)]), BEFORE) == STEP
    assert find_step(seen([picture(False) for _ in range(80)]), BEFORE) is None


def test_a_picture_that_moves_ever_faster_has_no_step() -> None:
    frames = seen([waves(time, place=max(0.0, time - STEP) ** 2 / 300) for time in range(90)])

    assert find_step(frames, BEFORE) is None


def test_a_cut_after_the_picture_began_to_move_is_found_where_it_is() -> None:
    moved = np.cumsum([0.1 + 0.9 * min(1.0, max(0, time - BEFORE) / 15) for time in range(90)])
    frames = seen([waves(moved[time], 2.0 if time >= 60 else 0.0) for time in range(90)])

    assert find_step(frames, BEFORE) == 60


def test_a_frame_that_was_damaged_on_its_way_is_no_step_and_hides_none() -> None:
    def picture(time: int, place: float) -> NDArray[np.float64]:
        return np.full((HEIGHT, WIDTH), 16.0) if time == STEP else waves(time, place)

    assert find_step(seen([picture(time, 0.0) for time in range(80)]), BEFORE) is None
    assert find_step(seen([picture(time, 2.0 if time >= 65 else 0.0) for time in range(80)]), BEFORE) == 65


def test_a_pipeline_that_eases_into_what_is_new_is_found_where_it_begins() -> None:
    def place(time: int) -> float:
        way = min(1.0, max(0.0, (time - STEP + 1) / 12))
        return 2.5 * (1 - (1 - way) ** 2)

    found = find_step(seen([waves(time, place(time)) for time in range(90)]), BEFORE)

    assert found is not None
    assert abs(found - STEP) <= 1


def test_of_two_steps_the_first_is_found() -> None:
    frames = seen(
        [waves(time, place=(2.0 if time >= STEP else 0.0) + (2.0 if time >= 70 else 0.0)) for time in range(90)]
    )

    assert find_step(frames, BEFORE) == STEP


def test_a_step_right_after_the_last_frame_from_before_is_found_and_never_earlier() -> None:
    frames = seen([waves(time, place=2.0 if time >= BEFORE else 0.0) for time in range(60)])

    assert find_step(frames, BEFORE) == BEFORE


def test_too_few_frames_from_before_are_refused() -> None:
    with pytest.raises(ValueError, match=f"takes {LEAST} frames"):
        find_step(seen([waves(0)] * 60), LEAST - 1)


def test_a_thumbnail_holds_the_mean_brightness_of_each_place() -> None:
    luma = np.zeros((ROWS * 10 + 3, COLUMNS * 10 + 7), np.uint8)
    luma[:10, :10] = 200
    luma[10:20, 10:15] = 100

    small = thumbnail(luma)

    assert small.shape == (ROWS, COLUMNS)
    assert small[0, 0] == 200
    assert small[1, 1] == 50
    assert small.sum() == 250


def test_a_picture_that_is_too_small_is_refused() -> None:
    with pytest.raises(ValueError, match="too small"):
        thumbnail(np.zeros((ROWS, COLUMNS - 1), np.uint8))
