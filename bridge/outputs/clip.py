"""A video file, looped at its own rate: what an output may show while Scope is gone."""

from pathlib import Path
from typing import Final

import av

from bridge.errors import Unavailable
from bridge.frames import Frame
from bridge.frames.convert import of_file

_MOST: Final = 8
"""Pictures decoded at one call, at most: an output that cannot keep up shows the clip slower."""
_RATE: Final = 25.0
"""Pictures a second of a file that does not say."""


class Clip:
    """One open video file. It belongs to one thread."""

    def __init__(self, path: Path) -> None:
        """Open the file. Raise `Unavailable`, with the reason, if it cannot be read or has no picture."""
        self._path = path
        try:
            self._container = av.open(str(path))
        except (OSError, ValueError) as error:  # PyAV's errors are of both
            raise Unavailable(f"the clip {path} cannot be read: {_reason(error)}") from error
        if not self._container.streams.video:
            self._container.close()
            raise Unavailable(f"the clip {path} has no picture in it")
        self._stream = self._container.streams.video[0]
        self._stream.thread_type = "AUTO"
        self._period = 1 / float(self._stream.average_rate or _RATE)
        self._number = 0
        self._pictures = self._container.decode(self._stream)
        self._began: float | None = None
        """When the first picture of this round was to be shown."""
        self._stamp: float | None = None
        """The time stamp of that picture."""
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
        self._container.close()

    def _next(self, now: float) -> tuple[float, Frame]:
        """Return the next picture and when it is due; after the last one comes the first, when its time is over."""
        assert self._began is not None
        video = self._decoded()
        if video is None:
            self._began += self._length
            self._again()
            video = self._decoded()
            if video is None:
                raise Unavailable(f"the clip {self._path} has no picture in it")
        stamp = (self._stamp or 0.0) + self._length if video.pts is None else video.time
        if self._stamp is None:
            self._stamp = stamp
        due = max(0.0, stamp - self._stamp)
        self._length = due + self._period
        self._number += 1
        return self._began + due, Frame(of_file(video), now, self._number)

    def _decoded(self) -> av.VideoFrame | None:
        try:
            return next(self._pictures, None)
        except (OSError, ValueError) as error:
            raise Unavailable(f"the clip {self._path} cannot be read any further: {_reason(error)}") from error

    def _again(self) -> None:
        try:
            self._container.seek(0)
        except (OSError, ValueError) as error:
            raise Unavailable(f"the clip {self._path} cannot be played again: {_reason(error)}") from error
        self._pictures, self._length, self._stamp = self._container.decode(self._stream), 0.0, None


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error)).lower()
