"""Shapes: the same in, the same out."""

import math
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bridge.mapping.shape import Shape, Shaper, bend, function_of
from bridge.profile.filters import Choose, Clamp, Curve, Deadzone, Detent, Invert, Levels, Math, Round, Wrap

way = st.floats(0, 1)
value = st.floats(-100, 100)
anything = st.floats(allow_nan=False, allow_infinity=False)
point = st.tuples(way, way)
corners = st.lists(point, min_size=1, max_size=5).map(
    lambda them: tuple(
        zip(sorted([0.0, 1.0, *(x for x, _ in them)]), sorted([0.2, 0.9, *(y for _, y in them)]), strict=True)
    )
)
bent = st.one_of(
    st.sampled_from([Curve("exp"), Curve("log"), Curve("s")]),
    st.floats(0.2, 6).map(lambda power: Curve("power", power)),
    st.tuples(point, point).map(lambda handles: Curve("bezier", points=handles)),
)
curve = st.one_of(bent, corners.map(lambda points: Curve("points", points=points)))
rising = st.lists(st.floats(-10, 10), min_size=2, max_size=8, unique=True).map(sorted).map(tuple)

EASE = Curve("bezier", points=((0.25, 0.1), (0.25, 1.0)))
CORNERS = Curve("points", points=((0.0, 0.2), (0.25, 0.4), (0.75, 0.4), (1.0, 1.0)))

TABLE: list[tuple[Shape, list[tuple[float, float]]]] = [
    (Clamp(0.2, 0.8), [(0.1, 0.2), (0.2, 0.2), (0.5, 0.5), (0.8, 0.8), (0.9, 0.8)]),
    (Invert(), [(0, 1), (0.25, 0.75), (1, 0)]),
    (Invert(way=False), [(0.5, -0.5), (-2, 2), (0, 0)]),
    (Curve("s"), [(-0.5, 0), (0, 0), (0.25, 0.15625), (0.5, 0.5), (0.75, 0.84375), (1, 1), (1.5, 1), (2, 1)]),
    (Curve("power"), [(0, 0), (0.5, 0.25), (1, 1)]),
    (Curve("power", 3.0), [(0.5, 0.125), (-1, 0), (2, 1)]),
    (Curve("exp"), [(0, 0), (0.5, (math.e**2 - 1) / (math.e**4 - 1)), (1, 1)]),
    (Curve("log"), [(0, 0), (0.5, math.log(0.5 * math.e**4 + 0.5) / 4), (1, 1)]),
    (EASE, [(0, 0), (0.5, 0.8024033875848569), (1, 1)]),  # CSS's `ease`
    (CORNERS, [(-1, 0.2), (0, 0.2), (0.125, 0.3), (0.25, 0.4), (0.5, 0.4), (0.875, 0.7), (1, 1), (2, 1)]),
    (
        Curve("points", points=((0.0, 0.0), (0.5, 0.25), (0.5, 0.75), (1.0, 0.5))),
        [(0.25, 0.125), (0.5, 0.75), (0.75, 0.625), (1, 0.5)],
    ),
    (
        Deadzone(0.5),
        [(-1, 0), (0, 0), (0.125, 0.25), (0.25, 0.5), (0.5, 0.5), (0.75, 0.5), (0.875, 0.75), (1, 1), (2, 1)],
    ),
    (Deadzone(0.25, center=0.0), [(0, 0), (0.125, 0), (0.5625, 0.5), (1, 1)]),
    (Deadzone(0.25, center=1.0), [(0, 0), (0.4375, 0.5), (0.875, 1), (1, 1)]),
    (
        Detent((0.0, 0.5, 1.0), 0.125),
        [(-0.125, 0), (0.125, 0), (0.126, 0.126), (0.374, 0.374), (0.375, 0.5), (0.625, 0.5), (0.626, 0.626), (0.9, 1)],
    ),
    (Detent((0.5,)), [(0.44, 0.44), (0.46, 0.5), (0.54, 0.5), (0.56, 0.56)]),
    (Levels((0.0, 0.5, 1.0)), [(-3, 0), (0.24, 0), (0.25, 0.5), (0.5, 0.5), (0.74, 0.5), (0.75, 1), (3, 1)]),
    (Levels((1.0, 10.0)), [(5.4, 1), (5.5, 10)]),
    (Round(0.25), [(0.1, 0), (0.125, 0.25), (0.37, 0.25), (-0.125, 0), (-0.126, -0.25), (3, 3)]),
    (Round(2.0), [(1000.4, 1000), (0.9, 0), (1.0, 2), (2.9, 2), (1e300, 1e300)]),
    (Math("x * 2 - 1"), [(0, -1), (0.5, 0), (1, 1)]),
    (Choose(("a", "b", "c", "d")), [(-1, 0), (0, 0), (0.24, 0), (0.25, 1), (0.5, 2), (0.75, 3), (1, 3), (2, 3)]),
    (Choose((10.0, 30.0)), [(0, 10), (0.49, 10), (0.5, 30), (1, 30)]),
    (Choose((5.0, "off")), [(0, 0), (0.5, 1)]),
    (Wrap(0.0, 1.0), [(-0.25, 0.75), (0, 0), (0.5, 0.5), (1, 1), (1.25, 0.25), (7.5, 0.5)]),
    (Wrap(-1.0, 1.0), [(1.5, -0.5), (-1.5, 0.5), (-1, -1), (3.25, -0.75)]),
    (Wrap(1.0, 1.0), [(0, 1), (1, 1), (5, 1)]),
]


@pytest.mark.parametrize(("option", "pairs"), TABLE, ids=lambda one: str(one) if not isinstance(one, list) else "")
def test_a_shape_gives_these_values(option: Shape, pairs: list[tuple[float, float]]) -> None:
    shaper = Shaper(option)

    assert [shaper.feed(given, 0.0) for given, _ in pairs] == pytest.approx([out for _, out in pairs], abs=1e-12)


@pytest.mark.parametrize(("option", "pairs"), TABLE, ids=lambda one: str(one) if not isinstance(one, list) else "")
def test_a_shape_never_moves(option: Shape, pairs: list[tuple[float, float]]) -> None:
    shaper = Shaper(option)
    shaper.feed(pairs[0][0], 0.0)

    assert shaper.moving is False
    assert shaper.tick(9.0) == ()


@given(curve, way, way)
def test_curves_that_rise_go_on_rising(curve: Curve, one: float, other: float) -> None:
    low, high = sorted((one, other))

    assert bend(curve, low) <= bend(curve, high) + 1e-12


@given(bent)
def test_bent_curves_keep_their_ends(curve: Curve) -> None:
    assert bend(curve, 0.0) == 0.0
    assert bend(curve, 1.0) == 1.0


@given(curve, anything)
def test_a_curve_stays_between_0_and_1_and_beyond_the_ends_at_them(curve: Curve, value: float) -> None:
    assert 0.0 <= bend(curve, value) <= 1.0
    assert bend(curve, value) == bend(curve, max(0.0, min(1.0, value)))


@given(st.tuples(point, point), way)
def test_a_bezier_curve_goes_through_every_point_of_its_definition(
    handles: tuple[tuple[float, float], tuple[float, float]], part: float
) -> None:
    (x1, y1), (x2, y2) = handles
    x, y = (
        3 * (1 - part) ** 2 * part * one + 3 * (1 - part) * part**2 * other + part**3
        for one, other in ((x1, x2), (y1, y2))
    )
    curve = Curve("bezier", points=handles)
    near = 1e-9  # where the curve is steep, the height at x itself is anybody's guess

    assert bend(curve, x - near) - 1e-6 <= y <= bend(curve, x + near) + 1e-6


@given(way)
def test_a_bezier_curve_with_handles_on_the_diagonal_is_straight(way: float) -> None:
    assert bend(Curve("bezier", points=((1 / 3, 1 / 3), (2 / 3, 2 / 3))), way) == pytest.approx(way, abs=1e-12)


def test_exp_starts_slowly_and_log_starts_fast() -> None:
    for tenth in range(1, 10):
        assert bend(Curve("exp"), tenth / 10) < tenth / 10 < bend(Curve("log"), tenth / 10)
        assert bend(Curve("log"), bend(Curve("exp"), tenth / 10)) == pytest.approx(tenth / 10)


@given(corners, way)
def test_points_are_joined_by_straight_lines(corners: tuple[tuple[float, float], ...], way: float) -> None:
    y = bend(Curve("points", points=corners), way)

    assert any(
        x0 <= way <= x1 and y0 <= y <= y1 and abs((y - y0) * (x1 - x0) - (y1 - y0) * (way - x0)) <= 1e-9
        for (x0, y0), (x1, y1) in pairwise(corners)
    )


@given(value, value, value)
def test_clamp_stays_inside_and_leaves_alone_what_is(one: float, other: float, value: float) -> None:
    low, high = sorted((one, other))
    clamped = function_of(Clamp(low, high))(value)

    assert low <= clamped <= high
    assert clamped == value or not low <= value <= high


@given(st.booleans(), value)
def test_inverting_twice_changes_nothing(way: bool, value: float) -> None:
    invert = function_of(Invert(way))

    assert invert(invert(value)) == pytest.approx(value)


@given(st.floats(0.01, 0.99), way, way, way)
def test_a_deadzone_rises_from_end_to_end_and_rests_at_its_center(
    width: float, center: float, one: float, other: float
) -> None:
    zone = function_of(Deadzone(width, center))
    low, high = sorted((one, other))

    assert zone(low) <= zone(high)
    assert zone(0.0) == (0.0 if center - width / 2 > 0 else center)
    assert zone(1.0) == pytest.approx(1.0 if center + width / 2 < 1 else center)
    if abs(one - center) < width / 2 - 1e-9:
        assert zone(one) == center


@given(rising, st.floats(0.001, 1), st.floats(-12, 12))
def test_a_detent_moves_a_value_only_to_a_point_within_reach(
    points: tuple[float, ...], width: float, value: float
) -> None:
    out = function_of(Detent(points, width))(value)
    distance = min(abs(point - value) for point in points)

    if distance <= width:
        assert out in points
        assert abs(out - value) == distance
    else:
        assert out == value


@given(rising, st.floats(-12, 12))
def test_levels_takes_the_nearest(values: tuple[float, ...], value: float) -> None:
    out = function_of(Levels(values))(value)

    assert out in values
    assert abs(out - value) == min(abs(each - value) for each in values)


@given(st.floats(0.001, 10), value)
def test_round_is_a_multiple_no_farther_than_half_a_step(step: float, value: float) -> None:
    out = function_of(Round(step))(value)

    assert out / step == pytest.approx(round(out / step), abs=1e-6)
    assert abs(out - value) <= step / 2 * (1 + 1e-9)


@given(st.floats(1e-300, 1e300), anything)
def test_round_takes_any_number(step: float, value: float) -> None:
    out = Shaper(Round(step)).feed(value, 0.0)

    assert out is None or math.isfinite(out)


def test_round_leaves_alone_what_is_whole_anyway() -> None:
    whole = 2.0**52 + 1

    assert function_of(Round(1.0))(whole) == whole
    assert function_of(Round(1.0))(-whole) == -whole


@given(st.integers(2, 12), way)
def test_choose_cuts_the_way_into_equal_parts(count: int, way: float) -> None:
    index = function_of(Choose(tuple(map(str, range(count)))))(way)

    assert index / count <= way + 1e-12
    assert way <= (index + 1) / count + 1e-12


@given(st.floats(-10, 10), st.floats(0.1, 10), st.floats(-50, 50))
@example(0.0, 1.0, -1e-20)
def test_wrap_moves_by_whole_turns_into_its_range(low: float, span: float, value: float) -> None:
    out = function_of(Wrap(low, low + span))(value)

    assert low <= out <= low + span
    turns = (value - out) / span
    assert turns == pytest.approx(round(turns), abs=1e-6)
    assert out == value or not low <= value <= low + span


@pytest.mark.parametrize("expression", ["1 / x", "sqrt(x - 1)", "log(x)", "1e308 * 10 * (x + 1)", "(x - 1) ** 0.5"])
def test_what_has_no_value_does_not_leave(expression: str) -> None:
    shaper = Shaper(Math(expression))

    assert shaper.feed(0.0, 0.0) is None
    assert shaper.feed(2.0, 0.0) is None or expression != "1e308 * 10 * (x + 1)"
    assert Shaper(Math("x + 1")).feed(0.0, 0.0) == 1.0
