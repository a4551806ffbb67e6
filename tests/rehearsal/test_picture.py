"""What one turns must show, and the same arguments must always make the same picture."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from bridge.rehearsal.picture import Look, Painter, controller, look

STEPS = (1000, 750, 500, 250)
REEF = (("a reef at night", 1.0),)
painter = Painter(288, 160)


def a_look(blend: Any = REEF, loras: Any = (), steps: Any = STEPS, scene: int = 0, **state: Any) -> Look:
    return look(blend, {"noise_scale": 0.2, "vace_context_scale": 1.0, "base_seed": 42, **state}, loras, steps, scene)


def picture(frame: int = 10, **parameters: Any) -> NDArray[np.uint8]:
    return painter.paint(a_look(**parameters), frame)


def difference(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Return how far two pictures are apart, on average per channel, from 0 to 255."""
    return float(np.abs(one.astype(np.int16) - other.astype(np.int16)).mean())


def test_the_same_arguments_make_the_same_picture() -> None:
    np.testing.assert_array_equal(picture(), Painter(288, 160).paint(a_look(), 10))


@pytest.mark.parametrize("size", [(576, 320), (512, 512), (320, 320), (1280, 720), (16, 16)])
def test_pictures_have_the_size_asked_for(size: tuple[int, int]) -> None:
    pixels = Painter(*size).paint(a_look(), 0)

    assert pixels.shape == (size[1], size[0], 3)
    assert pixels.dtype == np.uint8


def test_it_moves_but_does_not_jump() -> None:
    step = difference(picture(10, noise_scale=0.0), picture(11, noise_scale=0.0))
    second = difference(picture(10, noise_scale=0.0), picture(30, noise_scale=0.0))

    assert 0.2 < step < 12
    assert second > 2 * step


@pytest.mark.parametrize(
    "changed",
    [
        {"blend": (("neon city", 1.0),)},
        {"blend": (("a clockwork owl", 1.0),)},
        {"blend": (("a reef at night, ecstatic", 1.0),)},
        {"blend": (("a reef at night", 0.5), ("ember", 0.5))},
        {"noise_scale": 0.9},
        {"vace_context_scale": 0.0},
        {"vace_context_scale": 2.0},
        {"loras": (("a", 1.0),)},
        {"loras": (("b", 1.0),)},
        {"loras": (("style/ink.safetensors", 1.0),)},
        {"steps": (1000,)},
        {"steps": (1000, 500)},
        {"base_seed": 43},
        {"scene": 1},
        {"kv_cache_attention_bias": 0.1},
    ],
    ids=str,
)
def test_everything_one_turns_shows(changed: dict[str, Any]) -> None:
    assert difference(picture(), picture(**changed)) > 1.5


def test_a_cut_is_a_jump_and_not_a_way() -> None:
    before, after = a_look(scene=0), a_look(scene=1)

    assert before.towards(after, 0.1) is after


def test_a_transition_is_a_way() -> None:
    start, end = a_look(), a_look(blend=(("ember", 1.0),))
    way = [painter.paint(start.towards(end, part / 8), 10) for part in range(9)]
    ends = difference(way[0], way[-1])
    steps = [difference(one, other) for one, other in pairwise(way)]

    assert max(steps) < 0.7 * ends


def test_two_chunks_alike_leave_the_look_alone() -> None:
    one, other = a_look(), a_look()

    np.testing.assert_array_equal(painter.paint(one.towards(other, 0.3), 5), painter.paint(other, 5))


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.text(max_size=20), st.floats(0, 1)), max_size=3),
    st.dictionaries(
        st.sampled_from(
            ["noise_scale", "vace_context_scale", "base_seed", "kv_cache_attention_bias", "noise_controller"]
        ),
        st.floats() | st.integers() | st.booleans() | st.text(max_size=3) | st.none(),
    ),
    st.lists(st.tuples(st.text(max_size=5), st.floats()), max_size=3),
    st.lists(st.integers(), max_size=5),
)
@pytest.mark.filterwarnings("error")
def test_no_parameters_bring_it_down(blend: Any, state: Any, loras: Any, steps: Any) -> None:
    assert painter.paint(look(blend, state, loras, steps, 3), 7).shape == (160, 288, 3)


class TestController:
    def test_a_held_key_lights_its_box_and_no_other(self) -> None:
        idle, held = controller(320, 320, [], (0.5, 0.5)), controller(320, 320, ["KeyW"], (0.5, 0.5))
        rows, columns, _ = np.nonzero(idle != held)

        assert (held[rows, columns] == 230).all()
        assert np.ptp(rows) < 30
        assert np.ptp(columns) < 30
        np.testing.assert_array_equal(held, controller(320, 320, ["ArrowUp", "KeyQ"], (0.5, 0.5)))

    def test_the_dot_follows_the_mouse(self) -> None:
        rows, columns = np.nonzero((controller(400, 200, [], (0.75, 0.25)) == (230, 26, 26)).all(axis=2))

        assert (round(float(columns.mean())), round(float(rows.mean()))) == (299, 50)

    @pytest.mark.parametrize("size", [(16, 16), (40, 30)])
    def test_it_fits_into_small_pictures(self, size: tuple[int, int]) -> None:
        assert controller(*size, ["KeyS"], (0.0, 1.0)).shape == (size[1], size[0], 3)
