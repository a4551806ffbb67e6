"""The file that a recording is written into: it knows up to where it is whole, and where it is when somebody moves it."""

import errno
import os
from pathlib import Path
from typing import Final

_FLAGS: Final = os.O_CREAT | os.O_EXCL | os.O_RDWR | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOINHERIT", 0)


class Tape:
    """A new file, as PyAV's muxers write it. One thread uses it.

    Nothing is kept in the program: what was written survives its end, however it ends. After the first error nothing more
    is written, so that a muxer which tidies up spoils nothing.
    """

    def __init__(self, path: Path) -> None:
        """Create the file. Raise `FileExistsError` if there is one, `OSError` if it cannot be."""
        self.name = str(path)
        self.path = path
        self.end = 0
        """Bytes in the file."""
        self._whole = 0
        self._broken: OSError | None = None
        self._handle: int | None = os.open(path, _FLAGS, 0o666)

    @property
    def closed(self) -> bool:
        """Whether it takes no more."""
        return self._handle is None

    def write(self, data: bytes) -> int:
        """Write all of `data` at the position. Raise `OSError`, from the first time on always."""
        if self._broken is not None:
            raise OSError(*self._broken.args)
        handle = self._open()
        rest = memoryview(data)
        try:
            while rest:  # a disk that fills up takes a part first, and says so the next time
                rest = rest[os.write(handle, rest) :]
        except OSError as error:
            self._broken = error
            raise
        self.end = max(self.end, self.tell())
        return len(data)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to another position and return it."""
        return os.lseek(self._open(), offset, whence)

    def tell(self) -> int:
        """Return the position."""
        return os.lseek(self._open(), 0, os.SEEK_CUR)

    def keep(self) -> bool:
        """Take all that was written so far for whole; return whether that is more than before."""
        grew = self.end > self._whole
        self._whole = self.end
        return grew

    def cut(self) -> None:
        """Close it for good, cut off after what is whole: half a fragment at the end is more than some players can bear."""
        if self._handle is None:
            return
        try:
            os.ftruncate(self._handle, self._whole)
        except OSError:
            pass  # a disk that fails: players must bear it
        finally:
            self.close()

    def close(self) -> None:
        """Close it for good; a second time does nothing."""
        handle, self._handle = self._handle, None
        if handle is not None:
            os.close(handle)

    def deleted(self) -> bool:
        """Return whether the file is in no folder any more: on most systems writing would go on, into nothing."""
        return os.fstat(self._open()).st_nlink == 0

    def moved(self) -> bool:
        """Return whether the file has another name or folder by now. It is written on wherever it is."""
        try:
            return not os.path.samestat(os.stat(self.path), os.fstat(self._open()))
        except OSError:
            return True

    def _open(self) -> int:
        if self._handle is None:
            raise OSError(errno.EBADF, "the file is closed")
        return self._handle
