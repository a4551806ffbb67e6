"""Files that must outlive the bridge, or a power cut.

Every file here is written beside its old self and then put in its place, so whoever reads it finds the old one or the new
one and never a part. That waits for the disk: call it from a thread, not from the loop.
"""

import os
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

_RETRIES: Final = (0.01, 0.03, 0.1, 0.3)
"""Seconds between the attempts to replace a file that another program, on Windows, holds open for a moment."""


def read_text(path: str | Path) -> str:
    """Return the text of a UTF-8 file as it is, its byte order mark and line ends included, for `write_text`.

    Raise `OSError`, or `UnicodeDecodeError` for a file that is not UTF-8.
    """
    return Path(path).read_bytes().decode("utf-8")


def write_text(path: str | Path, text: str) -> None:
    """Write `text` into a file, as UTF-8 and with the line ends that it has, as a whole or not at all.

    The file keeps its permissions, a new one is its owner's alone; where `path` is a link, what it leads to is written.
    Raise `OSError` if that is not possible: the file is then as it was.
    """
    replace(Path(os.path.realpath(path)), text.encode("utf-8"))


def replace(path: Path, data: bytes) -> None:
    """Put `data` in the place of the file at `path`. Raise `OSError`; the file is then as it was."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f"{prefix(path)}{os.getpid()}.", suffix=".tmp")
    try:
        with open(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            with suppress(FileNotFoundError):
                os.chmod(name, path.stat().st_mode & 0o7777)
            os.fsync(stream.fileno())
        _move(name, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise
    _sync_folder(path.parent)


def prefix(path: Path) -> str:
    """Return how the names begin of the files that are to replace the one at `path`; the process follows."""
    return f".{path.name[:40]}."


def _move(name: str, path: Path) -> None:
    for pause in _RETRIES:
        try:
            os.replace(name, path)
        except PermissionError:
            time.sleep(pause)
        else:
            return
    os.replace(name, path)


def _sync_folder(folder: Path) -> None:
    """Make the new name outlive a power cut, where a folder can be synchronised."""
    if os.name == "nt":
        return
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
