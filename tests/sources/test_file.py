"""A video file as a source: at its own rate, over and over, from any place, and on a machine that stalls."""

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from bridge.errors import Unavailable
from bridge.sources.file import HELD, FileReader
from bridge.sources.pattern import read_number_of
from tests.sources.films import film


class Projector:
    """A file that plays on a clock that goes on by itself."""

    def __init__(self, path: Path) -> None:
        self.time = 100.0
        self.reader = FileReader(path, lambda: self.time, self._sleep)

    def _sleep(self, seconds: float) -> None:
        self.time += max(seconds, 1e-6)

    def next(self) -> tuple[int | None, float]:
        """Return the number of the next picture that is brought, and when it is."""
        while (video := self.reader.read(0.1)) is None:
            pass
        return read_number_of(video), self.time

    def play(self, count: int) -> list[tuple[int | None, float]]:
        return [self.next() for _ in range(count)]


@pytest.fixture
def second(tmp_path: Path) -> Path:
    """Return a film of one second, of 30 pictures."""
    return film(tmp_path / "second.mp4", pictures=30)


def test_a_file_plays_over_and_over_at_its_own_rate_without_a_hole(second: Path) -> None:
    projector = Projector(second)
    assert projector.reader.open() == "video file second.mp4"

    played = projector.play(95)

    assert [number for number, _ in played] == [index % 30 for index in range(95)]
    assert [later - earlier for (_, earlier), (_, later) in pairwise(played)] == pytest.approx([1 / 30] * 94, abs=1e-3)
    assert projector.reader.dropped == 0
    projector.reader.close()


def test_it_does_not_drift_from_the_clock(tmp_path: Path) -> None:
    projector = Projector(film(tmp_path / "a.mp4", pictures=24, rate=Fraction(24000, 1001)))
    projector.reader.open()

    played = projector.play(24 * 20 + 1)

    assert played[-1][1] - played[0][1] == pytest.approx(20 * 1.001, abs=2e-3)
    projector.reader.close()


@pytest.mark.parametrize(("position", "number"), [(0.0, 0), (0.5, 30), (0.9, 54), (1.0, 59)])
def test_from_a_place_that_is_called_it_goes_on_at_once(tmp_path: Path, position: float, number: int) -> None:
    projector = Projector(film(tmp_path / "a.mp4"))
    projector.reader.open()
    projector.play(10)
    before = projector.time

    projector.reader.seek(position)
    (shown, at), (following, _) = projector.play(2)

    assert shown == number
    assert at == pytest.approx(before, abs=0.001)
    assert following == (number + 1) % 60
    projector.reader.close()


def test_after_a_stall_it_drops_what_came_too_late_and_is_on_time_again(second: Path) -> None:
    projector = Projector(second)
    projector.reader.open()
    begun = projector.play(6)[0][1]

    projector.time = begun + 0.55

    played = projector.play(6)
    assert [round((at - begun) * 30) - (number or 0) for number, at in played[4:]] == [0, 0]
    assert projector.reader.dropped > 5
    assert projector.reader.detail == ""
    projector.reader.close()


def test_after_a_long_stall_it_goes_on_from_where_it_was_and_says_so_for_a_while(second: Path) -> None:
    projector = Projector(second)
    projector.reader.open()
    projector.play(3)

    projector.time += 60.0

    first, *rest = projector.play(10)
    assert first[0] is not None
    assert first[0] < 8
    assert [later - earlier for (_, earlier), (_, later) in pairwise(rest)] == pytest.approx([1 / 30] * 8, abs=1e-3)
    assert "second.mp4 is too large to be decoded in time here" in projector.reader.detail
    projector.time += 60.0
    assert projector.reader.detail == ""
    projector.reader.close()


def test_what_shows_for_long_is_brought_again_so_that_it_does_not_count_as_gone(tmp_path: Path) -> None:
    projector = Projector(film(tmp_path / "slides.mkv", pictures=3, times=[0.0, 2.0, 4.0]))
    projector.reader.open()

    played = projector.play(17)

    assert [number for number, _ in played] == [0] * 8 + [1] * 8 + [2]
    assert max(later - earlier for (_, earlier), (_, later) in pairwise(played)) <= HELD + 0.03
    projector.reader.close()


def test_a_still_is_shown_for_ever_and_decoded_once(tmp_path: Path) -> None:
    av.VideoFrame.from_ndarray(np.full((48, 64, 3), 200, np.uint8), format="rgb24").save(str(tmp_path / "a.png"))
    projector = Projector(tmp_path / "a.png")
    projector.reader.open()

    videos = []
    while projector.time < 103.0:
        video = projector.reader.read(0.1)
        if video is not None:
            videos.append(video)

    assert len(videos) == pytest.approx(3.0 / HELD, abs=2)
    assert len({id(video) for video in videos}) == 1
    projector.reader.seek(0.7)
    assert projector.reader.read(1.0) is not None
    projector.reader.close()


def test_nothing_is_waited_for_longer_than_it_was_said(tmp_path: Path) -> None:
    projector = Projector(film(tmp_path / "slides.mkv", pictures=2, times=[0.0, 5.0]))
    projector.reader.open()
    projector.next()
    before = projector.time

    assert projector.reader.read(0.1) is None

    assert projector.time == pytest.approx(before + 0.1, abs=1e-3)
    projector.reader.close()


def test_a_file_that_is_not_there_is_told_and_plays_once_it_is(tmp_path: Path) -> None:
    reader = FileReader(tmp_path / "late.mp4")
    with pytest.raises(Unavailable, match=r"there is no video file .*late\.mp4"):
        reader.open()
    reader.close()

    film(tmp_path / "late.mp4", pictures=3)

    reader.open()
    assert reader.read(1.0) is not None
    reader.close()
    reader.close()


def test_a_file_whose_pictures_are_all_broken_is_told(second: Path) -> None:
    data = bytearray(second.read_bytes())
    begin = data.index(b"mdat") + 4
    data[begin : begin + 2000] = bytes(2000)
    second.write_bytes(data)
    reader = FileReader(second)
    reader.open()

    with pytest.raises(Unavailable, match=r"no picture in .*second\.mp4 that can be decoded"):
        reader.read(1.0)
    reader.close()
