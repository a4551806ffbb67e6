"""Video files as sources: they play at their own rate, over and over, and go on from any place that is called.

reader = FileReader(Path("reef.mp4"))
source = ReaderSource("loop", fan, reader, seek=reader.seek)
"""

import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import av

from bridge.clock import Clock, now
from bridge.errors import Unavailable
from bridge.frames.film import Film, Picture

if TYPE_CHECKING:
    from bridge.sources.reader import Reader

AHEAD: Final = 4
"""Pictures that are decoded before their time: going back to the beginning takes longer than one picture shows."""
HELD: Final = 0.25
"""Seconds after which a picture that still shows is brought again: who is silent for a second counts as gone."""
LOST: Final = 1.0
"""Seconds of lateness from which what was missed is not made up for: the file goes on from where it is."""
SLOW_FOR: Final = 10.0
"""Seconds for which it is shown that pictures came too late."""
MOST_DROPPED: Final = 3
"""Late pictures that are dropped at once. On a machine that is always late, every fourth one shows."""

_LONGEST_SLEEP: Final = 0.02
"""Seconds: after so long a place that was called is noticed."""


class FileReader:
    """Plays a video file, or shows a picture."""

    def __init__(self, path: Path, clock: Clock = now, sleep: Callable[[float], object] = time.sleep) -> None:
        """Nothing is opened yet."""
        self._path = path
        self._clock = clock
        self._sleep = sleep
        self._film: Film | None = None
        self._pictures: Iterator[Picture] = iter(())
        self._ahead: deque[Picture] = deque()
        self._began: float | None = None
        """When the film's time was 0; None: with the next picture, its time begins."""
        self._shown: av.VideoFrame | None = None
        self._shown_at = 0.0
        self._called: float | None = None
        self._late_at: float | None = None
        self.dropped = 0
        """Pictures that came too late and were left out."""

    @property
    def detail(self) -> str:
        """Whether this machine is too slow for the file."""
        if self._late_at is None or self._clock() - self._late_at > SLOW_FOR:
            return ""
        return f"{self._path.name} is too large to be decoded in time here: make it smaller, or of another codec"

    def open(self) -> str:
        """Open the file. Raise `Unavailable` if it cannot be played."""
        self._film = Film(self._path)
        self._play(0.0)
        return f"video file {self._path.name}"

    def seek(self, position: float) -> None:
        """Go on from another place, 0 the beginning to 1 the end. Any thread."""
        self._called = position

    def read(self, timeout: float) -> av.VideoFrame | None:
        """Return the next picture at its time. Raise `Unavailable` when nothing in the file can be decoded."""
        until = self._clock() + timeout
        while True:
            self._follow_call()
            self._look_ahead()
            moment = self._clock()
            left = 0.0 if self._began is None else self._began + self._ahead[0].at - moment
            if left <= 0:
                return self._take(moment)
            if self._shown is not None and moment - self._shown_at >= HELD:
                self._shown_at = moment
                return self._shown
            if moment >= until:
                return None
            self._sleep(min(left, until - moment, _LONGEST_SLEEP))

    def close(self) -> None:
        """Close the file; a second time does nothing."""
        film, self._film = self._film, None
        self._pictures = iter(())
        self._ahead.clear()
        self._shown = self._began = None
        if film is not None:
            film.close()

    def _play(self, place: float) -> None:
        assert self._film is not None
        self._ahead.clear()
        self._began = None
        self._pictures = _endless(self._film, place)

    def _follow_call(self) -> None:
        position, self._called = self._called, None
        if position is not None and self._film is not None and self._film.seconds:
            last = self._film.seconds - 0.5 / self._film.rate
            self._play(min(position * self._film.seconds, max(0.0, last)))

    def _look_ahead(self) -> None:
        """Decode as many pictures ahead as there is time for; one at least."""
        while len(self._ahead) < AHEAD and not (self._ahead and self._is_due(self._clock())):
            picture = next(self._pictures, None)
            if picture is None:
                raise Unavailable(f"there is no picture in {self._path} that can be decoded")
            self._ahead.append(picture)
            if self._began is None:
                return

    def _is_due(self, moment: float) -> bool:
        return self._began is None or self._began + self._ahead[0].at <= moment

    def _take(self, moment: float) -> av.VideoFrame:
        """Return the picture whose turn it is, and leave out those that it is too late for."""
        assert self._film is not None
        picture = self._ahead.popleft()
        if self._began is None:
            self._began = moment - picture.at
        for _ in range(MOST_DROPPED):
            if moment - self._began - picture.at <= picture.seconds:
                break
            self._look_ahead()
            if not self._is_due(moment):
                break
            picture = self._ahead.popleft()
            self.dropped += 1
        late = moment - self._began - picture.at
        if late > max(LOST, picture.seconds):
            self._began += late
            self._late_at = moment
        self._shown, self._shown_at = picture.video, moment
        return picture.video


def _endless(film: Film, place: float) -> Iterator[Picture]:
    """Yield the pictures of a film over and over, from `place` on; the time goes on from one turn to the next."""
    turn = 0.0
    while True:
        first, end, count = None, 0.0, 0
        for picture in film.pictures(place):
            first = picture if first is None else first
            end, count = picture.at + picture.seconds, count + 1
            yield Picture(picture.video, turn + picture.at, picture.seconds)
        if first is None and place <= 0:
            return
        if first is not None and count == 1 and place <= 0:
            while True:  # a picture: it need not be decoded again
                turn += HELD
                yield Picture(first.video, turn, HELD)
        turn, place = turn + (end or place), 0.0


if TYPE_CHECKING:
    _: type[Reader] = FileReader
