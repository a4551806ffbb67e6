"""The NDI driver between its output and the library, without a receiver."""

import os
from collections.abc import Iterator
from contextlib import closing
from fractions import Fraction

import av
import numpy as np
import pytest

from bridge.errors import Unavailable
from bridge.outputs.driver import Format
from bridge.outputs.ndi import NdiDriver
from bridge.profile.outputs import Alpha, Ndi

FPS = Fraction(30)


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """A name that no other test on this machine uses at this time."""
    return f"Test {os.getpid()} {request.node.name}"[:100]


@pytest.fixture
def driver(name: str) -> Iterator[NdiDriver]:
    """A driver that is open."""
    with closing(NdiDriver(Ndi(name))) as driver:
        driver.open(FPS)
        yield driver


@pytest.mark.parametrize(
    ("alpha", "wanted"),
    [
        (Alpha(), "uyvy"),
        (Alpha("luma"), "uyva"),
        (Alpha("chroma"), "uyva"),
        (Alpha("constant"), "uyva"),
    ],
)
def test_an_alpha_plane_is_sent_only_where_something_may_be_transparent(alpha: Alpha, wanted: Format) -> None:
    assert NdiDriver(Ndi("Scope Bridge", alpha=alpha)).wants == wanted


def test_it_is_announced_from_open_to_close_and_may_be_opened_again(name: str) -> None:
    driver = NdiDriver(Ndi(name))
    driver.close()
    for _ in range(2):
        where = driver.open(FPS)
        assert where.startswith("NDI source ")
        assert where.endswith(f" ({name})")
        assert driver.receivers() == 0
        assert driver.detail == ""
        with pytest.raises(Unavailable, match="is sent already"):
            NdiDriver(Ndi(name)).open(FPS)
        driver.close()
        driver.close()


def test_nothing_reaches_the_library_before_open_and_after_close(driver: NdiDriver, name: str) -> None:
    picture = np.full((32, 64, 2), 128, np.uint8)
    driver.send(picture, 0.0)
    driver.close()

    for closed in (driver, NdiDriver(Ndi(name))):
        with pytest.raises(RuntimeError, match=r"is closed|not opened"):
            closed.send(picture, 0.0)
        with pytest.raises(RuntimeError, match=r"is closed|not opened"):
            closed.receivers()
        with pytest.raises(RuntimeError, match=r"is closed|not opened"):
            closed.pace(FPS)


def test_size_and_rate_change_while_it_is_open(driver: NdiDriver) -> None:
    for number, (width, height) in enumerate([(64, 32), (1920, 1080), (2, 2)]):
        driver.pace(Fraction(24 + number))
        driver.send(np.full((height, width, 2), 128, np.uint8), number / 24)


def test_what_is_no_picture_of_its_format_is_a_bug_and_says_so(driver: NdiDriver) -> None:
    with pytest.raises(ValueError, match="UYVY is"):
        driver.send(np.zeros((32, 64, 4), np.uint8), 0.0)
    with pytest.raises(AssertionError, match="it wants pixels"):
        driver.send(av.VideoFrame(64, 32, "uyvy422"), 0.0)
