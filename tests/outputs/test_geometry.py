"""Where a picture lies in what is shown."""

from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.frames.convert import convert
from bridge.outputs.geometry import Box, geometry
from bridge.profile.outputs import Crop, Fit, Shape, Size
from tests.outputs.chart import chart

sides = st.integers(1, 200).map(lambda half: 2 * half)
parts = st.floats(0, 0.49)
shapes = st.builds(
    Shape,
    st.none() | st.tuples(sides, sides),
    st.sampled_from(("contain", "cover", "stretch")),
    crop=st.builds(Crop, parts, parts, parts, parts),
    rotate=st.sampled_from((0, 90, 180, 270)),
    flip=st.sampled_from(("", "horizontal", "vertical", "both")),
)


@settings(deadline=None, max_examples=150)
@given(shapes, st.tuples(st.integers(2, 300), st.integers(2, 300)))
def test_every_shape_of_every_picture_has_even_sides_and_the_size_that_was_asked_for(shape: Shape, size: Size) -> None:
    place = geometry(shape, size)
    box = place.picture

    assert shape.size in (None, place.size)
    assert all(length % 2 == 0 for length in (*place.size, box.x, box.y, box.width, box.height))
    assert 0 <= box.x <= place.size[0] - box.width
    assert 0 <= box.y <= place.size[1] - box.height
    shown = convert(chart(*size), "yuv420p", place.shape, place.around)
    assert (shown.width, shown.height) == place.size


@pytest.mark.parametrize(
    ("fit", "size", "picture"),
    [
        ("contain", (1280, 720), Box(0, 4, 1280, 712)),
        ("contain", (512, 512), Box(0, 114, 512, 284)),
        ("contain", (576, 400), Box(0, 40, 576, 320)),
        ("cover", (512, 512), Box(0, 0, 512, 512)),
        ("stretch", (100, 512), Box(0, 0, 100, 512)),
    ],
)
def test_where_a_picture_of_576_by_320_goes(fit: Fit, size: Size, picture: Box) -> None:
    place = geometry(Shape(size, fit), (576, 320))

    assert (place.size, place.picture) == (size, picture)
    assert bool(place.around) == (picture.width != size[0] or picture.height != size[1])


@pytest.mark.parametrize("fit", ["contain", "cover", "stretch"])
@pytest.mark.parametrize("size", [None, (576, 320)])
def test_a_picture_that_is_right_already_is_left_alone(size: Size | None, fit: Fit) -> None:
    place = geometry(Shape(size, fit), (576, 320))

    assert (place.shape, place.around) == ((), ())


@pytest.mark.parametrize(("flip", "rotate"), [("both", 180)])
def test_two_turns_that_undo_each_other_cost_nothing(flip: Literal["both"], rotate: Literal[180]) -> None:
    assert geometry(Shape(flip=flip, rotate=rotate), (576, 320)).shape == ()
