"""Which video input goes up, while they come and go."""

from fractions import Fraction

import numpy as np
import pytest

from bridge.frames import Frame
from bridge.sources.choice import ALIVE, STEADY, Choice

TICK = Fraction(1, 10)
PIXELS = np.zeros((2, 2, 4), np.uint8)


class Desk:
    """Video inputs that bring ten frames a second while they are plugged in, and what goes up."""

    def __init__(self, *names: str) -> None:
        self.choice = Choice(names)
        self.plugged = set[str]()
        self.up: list[str] = []
        self._ticks = 0
        self.choice.fan.tap(lambda frame: self.up.append(self._now))
        self._now = ""

    def go_on(self, seconds: float) -> list[str]:
        """Let time pass; return whose frames went up."""
        self.up.clear()
        for _ in range(round(seconds / TICK)):
            self._ticks += 1
            for name in sorted(self.plugged):
                self._now = name
                self.choice.take(name, Frame.of(PIXELS, float(self._ticks * TICK), self._ticks))
        return self.up.copy()


@pytest.fixture
def desk() -> Desk:
    desk = Desk("cam", "bars")
    desk.plugged = {"cam", "bars"}
    desk.go_on(2.0)
    return desk


def test_the_first_that_lives_goes_up_alone(desk: Desk) -> None:
    assert set(desk.go_on(1.0)) == {"cam"}
    assert desk.choice.chosen == "cam"


def test_the_next_goes_up_until_the_first_is_there() -> None:
    desk = Desk("cam", "bars")
    desk.plugged = {"bars"}
    assert set(desk.go_on(1.0)) == {"bars"}

    desk.plugged.add("cam")

    assert set(desk.go_on(STEADY)) == {"bars"}
    assert set(desk.go_on(1.0)) == {"cam"}


def test_a_lost_one_is_replaced_within_the_time_that_it_counts_as_alive_and_comes_back(desk: Desk) -> None:
    desk.plugged.remove("cam")
    assert len(desk.go_on(3.0)) >= (3.0 - ALIVE) * 10 - 1
    assert set(desk.go_on(1.0)) == {"bars"}

    desk.plugged.add("cam")

    desk.go_on(STEADY + 0.2)
    assert set(desk.go_on(1.0)) == {"cam"}


def test_a_loose_plug_does_not_flicker(desk: Desk) -> None:
    desk.plugged = {"bars"}
    desk.go_on(2.0)

    for _ in range(5):
        desk.plugged.add("cam")
        assert set(desk.go_on(STEADY - 0.1)) == {"bars"}
        desk.plugged.remove("cam")
        assert set(desk.go_on(ALIVE + 0.2)) == {"bars"}


def test_one_that_comes_back_to_nothing_goes_up_at_once(desk: Desk) -> None:
    desk.plugged = set()
    assert desk.go_on(5.0) == [], "who sends it up repeats the last picture"

    desk.plugged = {"cam"}

    assert len(desk.go_on(0.5)) == 5


def test_a_called_one_goes_up_at_once_also_if_it_is_not_of_the_list(desk: Desk) -> None:
    desk.plugged.add("drone")

    desk.choice.called = "bars"
    assert set(desk.go_on(0.5)) == {"bars"}
    desk.choice.called = "drone"
    assert set(desk.go_on(0.5)) == {"drone"}


def test_a_called_one_gives_way_when_it_is_gone_and_has_it_back_at_once(desk: Desk) -> None:
    desk.choice.called = "bars"
    desk.go_on(1.0)

    desk.plugged.remove("bars")
    desk.go_on(ALIVE + 0.2)
    assert set(desk.go_on(1.0)) == {"cam"}

    desk.plugged.add("bars")
    assert set(desk.go_on(1.0)) == {"bars"}


def test_a_called_one_that_is_not_there_changes_nothing(desk: Desk) -> None:
    desk.choice.called = "drone"

    assert set(desk.go_on(2.0)) == {"cam"}


def test_another_list_is_followed_by_the_same_mailbox(desk: Desk) -> None:
    desk.choice.names = ("bars",)

    assert set(desk.go_on(1.0)) == {"bars"}
    assert desk.choice.mailbox.take() is not None
