"""A video file, looped at its own rate: what an output may show while Scope is gone."""

from pathlib import Path
from typing import Final

from bridge.errors import Unavailable
from bridge.frames import Frame
from bridge.frames.film import Film

_MOST: Final = 8
"""Pictures decoded at one call, at most: an output that cannot keep up shows the clip slower."""


class Clip:
    """One open video file. It belongs to one thread."""

    def __init__(self, path: Path) -> None:
        """Open the file. Raise `Unavailable`, with the reason, if it cannot be read or has no picture."""
        self._path = path
        try:
            self._film = Film(path)
        except Unavailable as error:
            if error.__cause__ is None:
                raise Unavailable(f"the clip {path} has no picture in it") from error
            raise Unavailable(f"the clip {path} cannot be read: {_reason(error.__cause__)}") from error
        self._number = 0
        self._pictures = self._film.pictures()
        self._began: float | None = None
        """When the first picture of this round was to be shown."""
        self._first: float | None = None
        """Where that picture is in the file."""
        self._length = 0.0
        """Seconds of what was decoded in this round."""
        self._shown: Frame | None = None
        self._due = 0.0
        """When the picture that shows was due."""
        self._coming: tuple[float, Frame] | None = None
        """The next picture, and when it is due."""

    def at(self, now: float) -> Frame:
        """Return the picture to show at `now`, of a clock that only goes on: the first one, the first time.

        Raise `Unavailable` if the file cannot be read any further.
        """
        if self._began is None:
            self._began = now
        for _ in range(_MOST):
            if self._coming is None:
                self._coming = self._next(now)
            due, frame = self._coming
            if self._shown is not None and due > now:
                return self._shown
            self._shown, self._coming, self._due = frame, None, due
        self._began += now - self._due  # too slow: what was missed is not made up for
        assert self._shown is not None
        return self._shown

    def rewind(self) -> None:
        """Begin again with the next picture that is asked for."""
        if self._began is not None:
            self._began = self._shown = self._coming = None
            self._again()

    def close(self) -> None:
        """Close the file; a second time does nothing."""
        self._film.close()

    def _next(self, now: float) -> tuple[float, Frame]:
        """Return the next picture and when it is due; after the last one comes the first, when its time is over."""
        assert self._began is not None
        picture = next(self._pictures, None)
        if picture is None:
            self._began += self._length
            self._again()
            picture = next(self._pictures, None)
            if picture is None:
                raise Unavailable(f"the clip {self._path} has no picture in it")
        if self._first is None:
            self._first = picture.at
        due = max(0.0, picture.at - self._first)
        self._length = due + picture.seconds
        self._number += 1
        return self._began + due, Frame(picture.video, now, self._number)

    def _again(self) -> None:
        self._pictures, self._length, self._first = self._film.pictures(), 0.0, None


def _reason(error: BaseException) -> str:
    return (getattr(error, "strerror", None) or str(error)).lower()
