"""The Spout receiver, against a Spout that takes what the real package takes."""

import numpy as np
import pytest
from numpy.typing import NDArray

from bridge.errors import Unavailable
from bridge.sources.spout import SpoutReader
from tests.spout import install


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def now(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


def plain(level: int, width: int = 6, height: int = 4) -> NDArray[np.uint8]:
    return np.full((height, width, 4), level, np.uint8)


def opened(name: str = "Resolume", time: Time | None = None) -> SpoutReader:
    time = time or Time()
    reader = SpoutReader(name, time.now, time.sleep)
    reader.open()
    return reader


def test_each_picture_is_read_once_and_no_later_one_writes_into_it(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = install(monkeypatch)
    machine.share("Resolume", plain(10))
    time = Time()
    reader = opened(time=time)
    first = reader.read(0.1)
    assert first is not None
    before = time.seconds
    assert reader.read(0.1) is None
    assert time.seconds == pytest.approx(before + 0.1)
    machine.share("Resolume", plain(20))
    second = reader.read(0.1)
    assert second is not None

    assert (first.format.name, first.width, first.height) == ("rgba", 6, 4)
    assert [np.unique(one.to_ndarray()).tolist() for one in (first, second)] == [[10], [20]]
    assert reader.detail == ""


def test_a_sender_is_awaited_for_ever_and_again_when_it_has_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = install(monkeypatch)
    reader = SpoutReader("Resolume", (time := Time()).now, time.sleep)
    assert reader.open() == "Spout sender Resolume"
    machine.share("Another", plain(1))
    assert reader.read(60) is None
    assert reader.detail == "waits for the Spout sender Resolume"

    machine.share("Resolume", plain(10))
    assert reader.read(0.1) is not None
    assert reader.detail == ""

    del machine.senders["Resolume"]
    assert reader.read(0.1) is None
    assert reader.detail == "waits for the Spout sender Resolume"

    machine.share("Resolume", plain(30, 8, 8))
    again = reader.read(0.1)
    assert again is not None
    assert (again.width, again.height) == (8, 8)


def test_the_size_may_change_from_one_picture_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = install(monkeypatch)
    reader = opened()
    for number, (width, height) in enumerate([(6, 4), (64, 48), (3, 3)], start=1):
        machine.share("Resolume", plain(number, width, height))
        found = reader.read(0.1)
        assert found is not None
        assert (found.width, found.height, int(found.to_ndarray().max())) == (width, height, number)


def test_the_first_pictures_may_be_empty_and_are_left_out_but_black_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = install(monkeypatch)
    reader = opened()
    found = []
    for level in (0, 0, 0, 5):
        machine.share("Resolume", plain(level))
        if picture := reader.read(0.02):
            found.append(int(picture.to_ndarray().max()))
    assert found == [0, 5]


def test_a_sender_that_counts_nothing_is_read_sixty_times_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = install(monkeypatch)
    machine.counts = False
    machine.share("Resolume", plain(10))
    time = Time()
    reader = opened(time=time)
    found = 0
    while time.seconds < 101:
        found += reader.read(0.1) is not None
    assert found == pytest.approx(60, abs=2)


def test_no_name_is_the_active_sender(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = install(monkeypatch)
    machine.share("Arena", plain(10))
    reader = SpoutReader("", (time := Time()).now, time.sleep)
    assert reader.open() == "the active Spout sender"
    assert reader.read(0.1) is not None


def test_it_lets_go_once_and_can_be_opened_again(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = install(monkeypatch)
    machine.share("Resolume", plain(10))
    reader = opened()
    released = machine.released
    reader.close()
    reader.close()
    assert machine.released == released + 1
    assert reader.read(0.1) is None
    reader.open()
    assert reader.read(0.1) is not None


def test_elsewhere_it_says_what_to_use_instead() -> None:
    with pytest.raises(Unavailable, match=r"^Spout is a Windows technology; on this machine use ndi$"):
        SpoutReader("Resolume").open()
