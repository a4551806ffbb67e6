"""Chance that can be repeated."""

import pytest

from bridge.mapping.chance import Chance, scramble

GAMMA = 0x9E3779B97F4A7C15


@pytest.mark.parametrize(
    ("step", "number"), [(0, 0xE220A8397B1DCDAF), (1, 0x6E789E6AA1B965F4), (2, 0x06C45D188009454F)]
)
def test_the_numbers_are_those_of_splitmix64(step: int, number: int) -> None:
    assert scramble(step * GAMMA & 0xFFFFFFFFFFFFFFFF) == number


def test_what_comes_next_depends_on_where_the_row_stands_alone() -> None:
    chance = Chance()
    first = [chance.below(1000) for _ in range(5)]
    later = Chance(chance.seed)

    assert [chance.below(1000) for _ in range(5)] == [later.below(1000) for _ in range(5)]
    assert [Chance(1).below(1000), *first[1:]] == first
    assert first == [scramble(step) % 1000 for step in range(2, 7)]


def test_a_row_goes_on_over_the_largest_number() -> None:
    chance = Chance(0xFFFFFFFFFFFFFFFF)

    assert chance.below(10) == scramble(0) % 10
    assert chance.seed == 0
