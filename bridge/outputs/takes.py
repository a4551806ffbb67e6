"""Where recordings go: `takes/{date}/{time}.mp4` becomes a new file at each beginning, and no file is ever overwritten."""

import errno
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final, TypeVar

T = TypeVar("T")

_MOST: Final = 10_000
"""How many takes may share one name."""


def filled(pattern: str, folder: Path, moment: datetime) -> Path:
    """Return the path that `pattern` means at `moment`, from `folder`: `{date}` as 2026-11-21, `{time}` as 194501."""
    day, hour = moment.strftime("%Y-%m-%d"), moment.strftime("%H%M%S")
    return folder / Path(pattern.replace("{date}", day).replace("{time}", hour)).expanduser()


def names(path: Path) -> Iterator[Path]:
    """Yield `path`, then `name-2`, `name-3` …"""
    yield path
    for take in range(2, _MOST):
        yield path.with_name(f"{path.stem}-{take}{path.suffix}")


def first_free(path: Path, make: Callable[[Path], T]) -> T:
    """Return what `make` makes at the first of the `names` of `path` at which nothing is.

    Its folders are made. `make` raises `FileExistsError` where something is. Raise `OSError` if it cannot be made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    for name in names(path):
        with suppress(FileExistsError):
            return make(name)
    raise FileExistsError(errno.EEXIST, "there are too many recordings of that name", str(path))


def images(pattern: Path) -> tuple[Path, str]:
    """Return the folder for an image sequence, and the name of its images, in which `{number}` is left.

    The folder is the images' own: `takes/one/{number}.png` are in `takes/one`, and so are those of `takes/one.png`.
    """
    if "{number}" in pattern.name:
        return pattern.parent, pattern.name
    return pattern.with_suffix(""), "{number}" + pattern.suffix
