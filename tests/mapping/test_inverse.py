"""From a value back to where a control would stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.mapping.inverse import Inverse
from bridge.mapping.shape import function_of
from bridge.profile.durations import CUT
from bridge.profile.filters import Choose, Clamp, Curve, Filter, Invert, Levels, Smooth

way = st.floats(0, 1)
BENDS = [
    Invert(),
    Invert(way=False),
    Curve("exp"),
    Curve("log"),
    Curve("s"),
    Curve("power", 0.4),
    Curve("power", 3.0),
    Curve("bezier", points=((0.4, 0.0), (0.6, 1.0))),
    Curve("points", points=((0.0, 0.1), (0.3, 0.6), (1.0, 0.9))),
    Curve("points", points=((0.0, 1.0), (0.5, 0.9), (1.0, 0.0))),
]


@pytest.mark.parametrize("option", BENDS, ids=str)
@given(place=way)
def test_what_bends_the_way_leads_back(option: Curve | Invert, place: float) -> None:
    back = Inverse((option,))
    value = function_of(option)(place)
    assert back.exact
    assert function_of(option)(back(value)) == pytest.approx(value, abs=1e-7)


@given(way)
def test_several_lead_back_from_the_last_to_the_first(place: float) -> None:
    chain = (Curve("power", 2.0), Invert(), Curve("exp"))
    value = place
    for option in chain:
        value = function_of(option)(value)
    assert Inverse(chain)(value) == pytest.approx(place, abs=1e-3)


@pytest.mark.parametrize("option", [Clamp(0.2, 0.8), Levels((0.0, 0.5, 1.0)), Smooth(CUT, CUT)])
def test_of_others_the_value_is_the_place(option: Filter) -> None:
    back = Inverse((option,))
    assert not back.exact
    assert back(0.5) == 0.5


def test_a_curve_that_comes_back_leads_to_the_first_place() -> None:
    back = Inverse((Curve("points", points=((0.0, 0.0), (0.5, 1.0), (1.0, 0.0))),))
    assert not back.exact
    assert back(0.5) == 0.25


def test_of_a_height_that_a_curve_does_not_have_the_value_is_the_place() -> None:
    assert Inverse((Curve("points", points=((0.0, 0.2), (1.0, 0.4))),))(0.9) == 0.9


def test_a_choice_is_in_the_middle_of_where_it_is_made() -> None:
    back = Inverse((Choose((0.1, 0.7)),))
    assert (back(0.1), back(0.65)) == (0.25, 0.75)
