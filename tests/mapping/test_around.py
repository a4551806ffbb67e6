"""What filters may know of the show around them."""

import pytest

from bridge.mapping.around import Surroundings
from bridge.mapping.pages import Pages
from bridge.profile.durations import Duration, Unit
from bridge.profile.filters import When
from bridge.profile.model import Page


@pytest.mark.parametrize(
    ("condition", "number", "expected"),
    [
        (When(signal="td/x"), 0.5, True),
        (When(signal="td/x"), 0.49, False),
        (When(signal="td/x"), 0.0, False),
        (When(signal="td/x", above=0.2), 0.2, True),
        (When(signal="td/x", above=0.2), 0.19, False),
        (When(signal="td/x", below=0.2), 0.2, False),
        (When(signal="td/x", below=0.2), 0.19, True),
        (When(signal="td/x", above=0.2, below=0.8), 0.5, True),
        (When(signal="td/x", above=0.2, below=0.8), 0.9, False),
        (When(signal="td/x", above=0.2, below=0.8), 0.1, False),
        (When(signal="td/x", above=0.2, negate=True), 0.1, True),
    ],
)
def test_a_signal_is_so_from_its_lower_end_up_and_below_its_upper_one(
    condition: When, number: float, expected: bool
) -> None:
    around = Surroundings(heard={"td/x": (number,)})

    assert around.holds(condition) is expected


def test_a_signal_that_was_never_heard_or_is_no_number_is_not_so() -> None:
    silent, text = Surroundings(), Surroundings(heard={"td/x": ("loud",)})

    for around in (silent, text):
        assert not around.holds(When(signal="td/x", below=9.0))
        assert around.holds(When(signal="td/x", below=9.0, negate=True))


def test_everything_that_a_condition_names_must_be_so() -> None:
    around = Surroundings(scene="drop", state="streaming", heard={"td/x": (1.0,)})
    around.pages = Pages([Page("a"), Page("b")])

    assert around.holds(When(page="a", scene="drop", state="streaming", signal="td/x"))
    for other in (
        When(page="b", scene="drop"),
        When(page="a", scene="intro"),
        When(scene="drop", state="searching"),
        When(page="a", signal="td/y"),
    ):
        assert not around.holds(other)


def test_before_the_first_talk_scope_is_searched() -> None:
    assert Surroundings().holds(When(state="searching"))


def test_a_line_is_told_the_latency_early_and_seconds_are_counted_from_now() -> None:
    around = Surroundings(latency=0.3)
    around.times.tempo.begin = 10.0

    assert around.line(10.1, Duration(1, Unit.BARS)) == pytest.approx(11.7)
    assert around.line(11.8, Duration(1, Unit.BARS)) == pytest.approx(13.7)
    assert around.line(11.8, Duration(1.5)) == pytest.approx(13.3)


@pytest.mark.parametrize("latency", [0.1, 0.3, 0.7, 1.9, 2.0, 2.3, 59.9])
def test_a_latency_longer_than_the_grid_means_a_later_line_and_never_the_past(latency: float) -> None:
    """On a line it is now, however the sums are rounded."""
    around = Surroundings(latency=latency)
    around.times.tempo.begin = 0.0
    for step in range(200):
        now = step * 0.07
        line = around.line(now, Duration(1, Unit.BEATS))

        assert now <= line < now + 0.5
        assert ((line + latency) * 2) % 1 == pytest.approx(0.0, abs=1e-5) or ((line + latency) * 2) % 1 > 1 - 1e-5
        assert around.line(line, Duration(1, Unit.BEATS)) == line
