"""Encoders: what seven bits mean in each of the four ways, and how it is found out which way it is."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.relative import FAST, LOOKED_AT, RELATIVE, Detector, Relative, steps


@pytest.mark.parametrize(
    ("relative", "meant"),
    [
        ("twos complement", {1: 1, 2: 2, 63: 63, 64: -64, 126: -2, 127: -1, 0: 0}),
        ("offset", {65: 1, 66: 2, 127: 63, 63: -1, 62: -2, 0: -64, 64: 0}),
        ("sign magnitude", {1: 1, 2: 2, 63: 63, 65: -1, 66: -2, 127: -63, 0: 0, 64: 0}),
        ("on off", {127: 1, 64: 1, 0: -1, 1: -1}),
    ],
)
def test_each_way_says_steps_in_its_own_numbers(relative: Relative, meant: dict[int, int]) -> None:
    assert {value: steps(relative, value) for value in meant} == meant


def value_of(relative: Relative, count: int) -> int:
    """What an encoder sends that was turned by `count` steps."""
    return {steps(relative, value): value for value in sorted(range(128), key=lambda one: (one == 127, -one))}[count]


def heard(*values: int) -> Relative | None:
    detector = Detector()
    for value in values:
        detector.feed(value)
    return detector.relative


@pytest.mark.parametrize("relative", RELATIVE)
def test_an_encoder_turned_slowly_to_and_fro_is_recognised(relative: Relative) -> None:
    up, down = value_of(relative, 1), value_of(relative, -1)

    assert heard(up, up, up, down, down) == relative
    assert heard(down, down, down, down, up) == relative


@given(st.sampled_from(RELATIVE), st.randoms(use_true_random=False))
def test_it_is_recognised_at_any_speed_and_never_as_another_way(relative: Relative, rng: random.Random) -> None:
    detector = Detector()
    for _ in range(6):
        way = rng.choice([1, -1])
        for _ in range(rng.randint(1, 12)):
            fastest = 1 if relative == "on off" else rng.choice([1, 1, 3, FAST])
            assert detector.feed(value_of(relative, way * rng.randint(1, fastest))) in (None, relative)
    for way in (1, -1) * 2:
        for _ in range(LOOKED_AT // 4):
            detector.feed(value_of(relative, way))

    assert detector.relative == relative


@pytest.mark.parametrize(
    "values",
    [
        [],
        [1] * 20,
        [65] * 20,
        [127] * 20,
        [0] * 20,
        [127, 0] * 20,
        [127, 1] * 20,
        list(range(128)),
        [*range(50, 80), *range(80, 50, -1)],
        [63, 64, 65, 64] * 10,
        [value for value in range(40, 90) for _ in range(3)],
        [*(value for value in range(20, -1, -1) for _ in range(3)), *(value for value in range(20) for _ in range(3))],
    ],
    ids=[
        "nothing",
        "up by two's complement or sign and magnitude",
        "up by offset, or down by sign and magnitude",
        "down by two's complement, or up by on and off",
        "down by on and off, or nothing at all",
        "a button",
        "a switch between two places",
        "a fader from end to end",
        "a fader about the middle",
        "a fader that trembles",
        "a fader that says everything three times",
        "the same at its lower end",
    ],
)
def test_what_is_absolute_or_may_be_two_ways_is_not_decided(values: list[int]) -> None:
    assert heard(*values) is None


def test_a_way_once_found_is_kept_when_it_is_turned_fast() -> None:
    detector = Detector()
    for value in (65, 65, 65, 63, 63, 63):
        detector.feed(value)

    assert [detector.feed(value) for value in (90, 110, 127, 127, 20, 5)] == ["offset"] * 6


def test_another_way_that_is_spoken_clearly_takes_its_place() -> None:
    detector = Detector()
    for value in (65, 65, 65, 63, 63, 63):
        detector.feed(value)
    for value in [1, 1, 1, 127, 127, 127] * 4:
        detector.feed(value)

    assert detector.relative == "twos complement"
