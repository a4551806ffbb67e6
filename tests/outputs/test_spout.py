"""The Spout sender, against a Spout that takes what the real package takes (`tests/wine` has the real one)."""

import sys
from fractions import Fraction

import numpy as np
import pytest

from bridge.errors import Unavailable
from bridge.outputs.spout import SpoutDriver
from bridge.profile.outputs import Shape, Showing, Spout
from tests.spout import install, windows

RATE = Fraction(30)


def test_a_picture_is_shared_as_it_is_under_the_name_of_the_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = install(monkeypatch)
    driver = SpoutDriver(Spout("Scope"))
    assert driver.open(RATE) == "Spout sender Scope"

    picture = np.arange(4 * 6 * 4, dtype=np.uint8).reshape(4, 6, 4)
    driver.send(picture, 0.0)
    assert (machine.senders["Scope"].width, machine.senders["Scope"].height) == (6, 4)
    assert machine.senders["Scope"].pixels == picture.tobytes()
    assert driver.receivers() is None
    assert driver.detail == ""

    driver.send(picture[:2, :2].copy(), 0.1)
    assert (machine.senders["Scope"].width, machine.senders["Scope"].height) == (2, 2)


def test_it_is_there_before_the_first_picture_in_the_size_of_the_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = install(monkeypatch)
    SpoutDriver(Spout("Scope", Showing(shape=Shape(size=(1024, 768))))).open(RATE)
    assert (machine.senders["Scope"].width, machine.senders["Scope"].height) == (1024, 768)


@pytest.mark.parametrize(
    ("others", "called"),
    [(["Scope"], "Scope_1"), (["Scope", "Scope_1", "Scope_x"], "Scope_2"), (["Scope_1"], "Scope")],
)
def test_a_name_that_is_taken_is_said(monkeypatch: pytest.MonkeyPatch, others: list[str], called: str) -> None:
    machine = install(monkeypatch)
    for other in others:
        machine.share(other, np.zeros((2, 2, 4), np.uint8))
    driver = SpoutDriver(Spout("Scope"))

    assert driver.open(RATE) == f"Spout sender {called}"
    assert driver.detail == ("" if called == "Scope" else f"the name Scope is taken: it is called {called}")
    assert list(machine.senders) == [*others, called]


def test_it_goes_when_it_is_closed_and_once_only(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = install(monkeypatch)
    driver = SpoutDriver(Spout("Scope"))
    driver.open(RATE)
    driver.close()
    driver.close()
    driver.send(np.zeros((2, 2, 4), np.uint8), 0.0)

    assert (machine.senders, machine.released) == ({}, 1)
    assert driver.open(RATE) == "Spout sender Scope"


def test_without_direct3d_it_cannot_be(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = install(monkeypatch)
    machine.takes = False
    with pytest.raises(Unavailable, match=r"a graphics driver with Direct3D 11"):
        SpoutDriver(Spout("Scope")).open(RATE)
    assert machine.released == 1


def test_a_picture_that_is_not_taken_is_no_end_but_seconds_of_them_are(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = install(monkeypatch)
    driver = SpoutDriver(Spout("Scope"))
    driver.open(RATE)
    picture = np.zeros((2, 2, 4), np.uint8)
    machine.takes = False
    driver.send(picture, 10.0)
    driver.send(picture, 15.0)
    machine.takes = True
    driver.send(picture, 15.1)
    machine.takes = False
    driver.send(picture, 16.0)
    driver.send(picture, 21.0)
    with pytest.raises(Unavailable, match=r"^Spout has taken no picture for 5 s$"):
        driver.send(picture, 21.1)


def test_elsewhere_it_says_what_to_use_instead() -> None:
    with pytest.raises(Unavailable, match=r"^Spout is a Windows technology; on this machine use ndi$"):
        SpoutDriver(Spout("Scope")).open(RATE)


@pytest.mark.parametrize(
    ("version", "says"),
    [
        ((3, 13), r'^Spout is not installed; run: pip install "scope-bridge\[spout\]"$'),
        ((3, 14), r"^SpoutGL is not there for this Python; run the bridge with Python 3.13, or use ndi$"),
    ],
)
def test_without_the_package_it_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, version: tuple[int, int], says: str
) -> None:
    windows(monkeypatch, version)
    monkeypatch.delitem(sys.modules, "SpoutGL", raising=False)
    with pytest.raises(Unavailable, match=says):
        SpoutDriver(Spout("Scope")).open(RATE)


def test_a_name_that_would_end_the_process_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch)
    with pytest.raises(Unavailable, match=r"at most 250 bytes: ö{40}… is too long"):
        SpoutDriver(Spout("ö" * 126)).open(RATE)
