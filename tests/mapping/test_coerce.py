"""What was sent into what is meant."""

import math
from typing import Any

import pytest

from bridge.errors import Refused
from bridge.mapping import coerce
from bridge.signals import Value


@pytest.mark.parametrize("word", ["true", "on", "yes", "1", " ON ", "Yes"])
def test_words_that_mean_on(word: str) -> None:
    assert coerce.switch([word]) is True


@pytest.mark.parametrize("word", ["false", "off", "no", "0", "", "  ", "Off"])
def test_words_that_mean_off(word: str) -> None:
    assert coerce.switch([word]) is False


@pytest.mark.parametrize(
    ("value", "expected"), [(0.5, True), (0.49, False), (-1, False), ("0.7", True), ("0.2", False), (True, True)]
)
def test_numbers_from_a_half_up_mean_on(value: Value, expected: bool) -> None:
    assert coerce.switch([value]) is expected


def test_of_several_values_the_last_one_counts() -> None:
    assert coerce.number([0.1, 0.2]) == 0.2
    assert coerce.switch([True, False]) is False
    assert coerce.text(["a", " b "]) == "b"


@pytest.mark.parametrize(
    ("act", "values", "sentence"),
    [
        (coerce.number, (), "a number is wanted, and this message has no value"),
        (coerce.number, ("loud",), "a number is wanted, not the text 'loud'"),
        (coerce.number, (None,), "a number is wanted, not None"),
        (coerce.number, (math.nan,), "a number is wanted, not nan"),
        (coerce.switch, (), "on or off is wanted, and this message has no value"),
        (coerce.switch, ("maybe",), "a number is wanted, not the text 'maybe'"),
        (coerce.text, (), "text is wanted, and this message has no value"),
        (coerce.text, (3,), "text is wanted, not 3"),
        (coerce.text, (" ",), "text is wanted, and this is empty"),
        (coerce.anything, (), "a value is wanted, and this message has none"),
        (coerce.anything, (1, math.inf), "a number is wanted, not inf"),
        (coerce.anything, (b"x",), "a pipeline's parameter is a number, text or a list, not raw bytes"),
    ],
)
def test_a_refusal_says_what_is_wanted_and_what_came(act: Any, values: tuple[Value, ...], sentence: str) -> None:
    with pytest.raises(Refused) as refusal:
        act(values)
    assert str(refusal.value) == sentence


def test_a_refusal_shows_no_more_of_a_value_than_a_line_holds() -> None:
    shortest_cut, longest_whole = "x" * 39, "x" * 38
    for value, shown in ((longest_whole, f"'{longest_whole}'"), (shortest_cut, "'" + "x" * 36 + "...")):
        with pytest.raises(Refused) as refusal:
            coerce.number([value])
        assert str(refusal.value) == f"a number is wanted, not the text {shown}"


CHOICES = ("linear", "slerp", "cubic")


@pytest.mark.parametrize(
    ("value", "expected"), [("linear", "linear"), (" CUBIC ", "cubic"), (0, "linear"), (0.4, "linear"), (2, "cubic")]
)
def test_a_choice_is_meant_by_its_name_or_its_number_from_0(value: Value, expected: str) -> None:
    assert coerce.choice(CHOICES, [value]) == expected


@pytest.mark.parametrize("value", [-1, 3, "round", True, math.nan, None])
def test_what_is_no_choice_is_refused_with_the_choices(value: Value) -> None:
    with pytest.raises(Refused, match=r"^one of linear, slerp, cubic is wanted, not "):
        coerce.choice(CHOICES, [value])
    with pytest.raises(Refused, match=r"^one of linear, slerp, cubic is wanted, and this message has no value$"):
        coerce.choice(CHOICES, [])


@pytest.mark.parametrize(
    ("values", "kept", "clamped"),
    [
        ((250, 1000, 750), [1000, 750, 250], False),
        ((1000, 0), [1000, 0], False),
        ((1001, 500), [1000, 500], True),
        ((-1, 500), [500, 0], True),
        (("500", 499.6), [500], False),
    ],
)
def test_a_schedule_goes_down_without_repeats_and_tells_whether_it_was_clamped(
    values: tuple[Value, ...], kept: list[int], clamped: bool
) -> None:
    assert coerce.steps(0, 1000, values) == (kept, clamped)


def test_one_value_alone_is_itself_and_several_are_a_list() -> None:
    assert coerce.anything(["fast"]) == "fast"
    assert coerce.anything([1, "b", None]) == [1, "b", None]


@pytest.mark.parametrize(
    ("number", "fits"), [(2**64 - 1, True), (2**64, False), (-(2**63), True), (-(2**63) - 1, False)]
)
def test_a_whole_number_is_one_that_json_can_hold(number: int, fits: bool) -> None:
    for values in ([number], [1, number]):
        if fits:
            assert coerce.anything(values) == (number if len(values) == 1 else values)
            continue
        with pytest.raises(Refused) as refusal:
            coerce.anything(values)
        assert str(refusal.value) == f"a number is wanted, and {number} is beyond what JSON can hold"
