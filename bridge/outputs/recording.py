"""Recordings: what an output shows, in a video file or a folder of images.

A recording that cannot go on ends where it is, playable up to there, says why and disturbs nothing else. Started again,
it begins another file; while there is no room on the disk, it does not even try.
"""

import errno
import logging
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Final, Protocol

import av

from bridge.errors import Unavailable
from bridge.outputs.driver import Format, Picture
from bridge.outputs.images import SUFFIXES, Images
from bridge.outputs.movie import ENCODERS, Movie
from bridge.outputs.takes import filled, first_free, images, names
from bridge.profile.outputs import Recording

logger = logging.getLogger(__name__)

RESERVE: Final = 256 << 20
"""Bytes that a recording leaves free on its disk: what else the machine does there must go on."""

_FORMS: Final[dict[str, tuple[str, ...]]] = {
    "h264": (".mp4", ".mkv", ".mov"),
    "prores": (".mov", ".mkv"),
    "utvideo": (".avi",),
    **SUFFIXES,
}
"""By codec, the suffixes of its files; the first is that of a file without one."""
_LOOK: Final = 1.0
"""Seconds between looks at the disk and at where the file is."""
_SOON: Final = 600.0
"""Seconds before the disk is full from which on the recording says so."""
_FULL: Final = (errno.ENOSPC, errno.EDQUOT) if hasattr(errno, "EDQUOT") else (errno.ENOSPC,)
_REASONS: Final = {
    **dict.fromkeys(_FULL, "the disk is full"),
    errno.EFBIG: "the file got as large as its disk allows",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "the bridge may not write there",
    errno.EPERM: "the bridge may not write there",
    errno.ENOENT: "its folder is gone",
    errno.ENOTDIR: "its folder is gone",
    errno.EIO: "the disk failed",
}


class _Take(Protocol):
    """One recording from beginning to end."""

    path: Path
    seconds: float
    """How much of it is whole."""

    @property
    def size(self) -> int: ...

    def write(self, picture: av.VideoFrame, at: float) -> None: ...

    def pace(self, fps: Fraction) -> None: ...

    def whereabouts(self) -> str: ...

    def finish(self) -> None: ...

    def cut(self) -> None: ...


class RecordingDriver:
    """Writes pictures into files, each `open` into a new one: one driver serves all recordings of an output, and so knows,
    when it is opened again, how the last one ended."""

    def __init__(
        self, options: Recording, folder: Path, time: Callable[[], datetime] = datetime.now, *, reserve: int = RESERVE
    ) -> None:
        """`folder` is where the path of `options` begins; `time` is that of the names; `reserve`: see `RESERVE`."""
        self.wants: Format = "rgb24" if options.codec in SUFFIXES else ENCODERS[options.codec][1]
        self.detail = ""
        self._options = options
        self._folder = folder
        self._time = time
        self._reserve = reserve
        self._fps = Fraction(30)
        self._path = folder
        self._image = ""
        """The name of each image; empty: it is a video file."""
        self._note = ""
        self._take: _Take | None = None
        self._shape = (0, 0)
        self._looked = 0.0
        self._full = ""
        """How the last recording ended, while the disk is full."""
        self._opened = False

    def open(self, fps: Fraction) -> str:
        """Find the name of a new recording, and room for it. The file is made with its first picture.

        Raise `Unavailable` if there is no room, or no writing.
        """
        self.close()
        self.detail = self._note = ""
        self._fps = fps
        self._path = self._target()
        if self._options.codec in SUFFIXES:
            self._path, self._image = images(self._path)
        self._check_room()
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Unavailable(f"cannot record to {self._shown(self._path)}: {_reason(error)}") from error
        if not os.access(self._path.parent, os.W_OK):
            raise Unavailable(
                f"cannot record to {self._shown(self._path)}: the bridge may not write there; name another folder"
            )
        self._opened = True
        return f"recording {self._shown(next(name for name in names(self._path) if not self._taken(name)))}"

    def send(self, picture: Picture, at: float) -> None:
        """Record `picture`; one of another size begins another file.

        Raise `Unavailable` when the recording ended: the disk is full or fails, or the file was deleted.
        """
        assert isinstance(picture, av.VideoFrame)
        if not self._opened:
            return
        shape = picture.width, picture.height
        resized = self._take is not None and shape != self._shape
        if resized:
            self._finish()
        try:
            if self._take is None:
                self._take, self._shape, self._looked = self._begin(shape), shape, at
                if resized:
                    self.detail = self._note = (
                        f"the picture's size changed: it goes on in {self._shown(self._take.path)}"
                    )
            self._take.write(picture, at)
            if at - self._looked >= _LOOK:
                self._looked = at
                self._look()
        except (OSError, av.FFmpegError) as error:
            self._fail(error)

    def pace(self, fps: Fraction) -> None:
        """Expect pictures at another rate."""
        self._fps = fps
        if self._take is not None:
            self._take.pace(fps)

    def receivers(self) -> int | None:
        """Return None: whoever looks at it does so later."""
        return None

    def close(self) -> None:
        """Complete the file."""
        self._opened = False
        self._finish()

    def _target(self) -> Path:
        """Return the path of the next recording, which may have to become `name-2`."""
        path = filled(self._options.file, self._folder, self._time())
        suffixes = _FORMS[self._options.codec]
        if not path.suffix:
            path = path.with_name(path.name + suffixes[0])
        if path.suffix.lower() not in suffixes:
            raise Unavailable(
                f"{self._options.codec} is not recorded into {path.suffix} files, but into {' or '.join(suffixes)}; "
                f"write record: {Path(self._options.file).with_suffix(suffixes[0]).as_posix()}"
            )
        return path

    def _taken(self, path: Path) -> bool:
        """Return whether there is something at `path` already."""
        return any(path.iterdir()) if self._image and path.is_dir() else path.exists()

    def _begin(self, shape: tuple[int, int]) -> _Take:
        codec, fps = self._options.codec, self._fps
        take: _Take
        if self._image:
            take = first_free(self._path, lambda path: Images(path, self._image, codec, fps))
        else:
            take = first_free(self._path, lambda path: Movie(path, codec, shape, fps))
        logger.info("recording %s, %d x %d", self._shown(take.path), *shape)
        self._full = ""
        return take

    def _finish(self) -> None:
        """Complete what is being recorded, or cut it off where that cannot be."""
        take, self._take = self._take, None
        if take is None:
            return
        try:
            take.finish()
        except (OSError, av.FFmpegError) as error:
            take.cut()
            self.detail = self._ending(take, error)
            logger.warning("%s", self.detail)
        else:
            logger.info("recorded %s, %s long", self._shown(take.path), _clock(take.seconds))

    def _fail(self, error: OSError | av.FFmpegError) -> None:
        """Cut the recording off and raise `Unavailable`."""
        take, self._take = self._take, None
        self._opened = False
        if take is None:
            raise Unavailable(f"cannot record to {self._shown(self._path)}: {_reason(error)}") from error
        take.cut()
        ending = self._ending(take, error)
        if error.errno in _FULL:
            self._full = ending
        raise Unavailable(ending) from error

    def _ending(self, take: _Take, error: OSError | av.FFmpegError) -> str:
        if not take.seconds:
            return f"{_reason(error)}: nothing could be recorded to {self._shown(take.path)}"
        return f"{_reason(error)}: {self._shown(take.path)} ends at {_clock(take.seconds)}"

    def _check_room(self) -> None:
        """Raise `Unavailable` if the disk is full. Once one was, there must be more room than a recording leaves: else it
        would end again at once."""
        left = self._left(self._path)
        if left is not None and left < self._reserve * (2 if self._full else 1):
            raise Unavailable(
                self._full or f"the disk is full: {self._shown(self._path)} is not recorded; make room for it"
            )

    def _look(self) -> None:
        """Look at what became of the file, and how long the disk will do. Raise `Unavailable` if it is the end, `OSError`
        if the disk does not say."""
        take = self._take
        assert take is not None
        shown = self._shown(take.path)
        whereabouts = take.whereabouts()
        if whereabouts == "deleted":
            self._take, self._opened = None, False
            take.cut()
            raise Unavailable(f"{shown} was deleted while it was recorded, at {_clock(take.seconds)}")
        self.detail = (
            f"{shown} was moved while it is recorded, and goes on where it is now" if whereabouts else self._note
        )
        left = self._left(take.path)
        if left is None or not take.seconds:
            return
        if left < self._reserve:
            self._opened = False
            self._finish()
            self._full = f"the disk is full: {shown} ends at {_clock(take.seconds)}"
            raise Unavailable(self._full)
        lasts = (left - self._reserve) * take.seconds / max(take.size, 1)
        if lasts < _SOON:
            self.detail = f"the disk is full in about {max(1, round(lasts / 60))} min"

    def _left(self, path: Path) -> int | None:
        """Return how many bytes are free on the disk where `path` is or will be; None if that cannot be known."""
        for folder in path.parents:
            with suppress(OSError):
                usage = shutil.disk_usage(folder)
                return usage.free if usage.total else None  # some file systems of a network do not know
        return None

    def _shown(self, path: Path) -> str:
        """Return `path` for a person."""
        with suppress(ValueError):
            return path.relative_to(self._folder).as_posix()
        return str(path)


def _reason(error: OSError | av.FFmpegError) -> str:
    return _REASONS.get(error.errno or 0) or f"it failed ({error.strerror or error})"


def _clock(seconds: float) -> str:
    """Return a duration as hours, minutes and seconds."""
    whole = int(seconds)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"
