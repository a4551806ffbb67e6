"""What the controls of a controller can be called, and which names a run of them stands for.

names_of("pad/1-2/1-8").names    # ("pad/1/1", "pad/1/2", … "pad/2/8")
names_of("left, right").names    # ("left", "right")
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

MOST: Final = 1024
"""No controller has more controls under one key."""

_RUN = re.compile(r"([0-9]{1,6})-([0-9]{1,6})")

_MESSAGES: Final = ("cc", "cc14", "nrpn", "rpn", "bend", "pressure", "note", "program", "mpe")
_ALONE: Final = ("start", "stop", "continue", "clock", "position", "song", "timecode", "sysex", "reset")
BELOW: Final = ("velocity", "release", "pressure", "touch", "bend", "timbre")
"""What is heard below the name of a control: `pad/1/1/velocity`."""


@dataclass(frozen=True, slots=True)
class Names:
    """The names that a key stands for, row by row."""

    names: tuple[str, ...]
    columns: int = 0
    """How many are in a row; 0: they are not in rows."""


def names_of(text: str) -> Names | None:
    """Return the names that a key stands for, or None if they are more than `MOST`."""
    parts = [part.strip().split("/") for part in text.split(",")]
    runs = [[_RUN.fullmatch(segment) for segment in segments] for segments in parts]
    found: list[str] = []
    for segments, matches in zip(parts, runs, strict=True):
        size = 1
        for run in matches:
            size *= len(_counted(run)) if run else 1
        if len(found) + size > MOST:
            return None
        found.extend(_expanded(segments))
    sizes = [len(_counted(run)) for run in runs[0] if run]
    return Names(tuple(found), sizes[-1] if len(parts) == 1 and len(sizes) > 1 else 0)


def wrong_with(name: str) -> str | None:
    """Return why no control can be called `name`, or None."""
    first, *rest = name.split("/")
    if not first.strip() or not all(segment.strip() for segment in rest):
        return "there is nothing on one side of a / or of a comma"
    if first in _MESSAGES or (not rest and first in _ALONE):
        return f"'{first}' is what a MIDI message of that kind is called"
    return None


def _expanded(segments: list[str]) -> Iterator[str]:
    first, *rest = segments
    run = _RUN.fullmatch(first)
    for one in map(str, _counted(run)) if run else (first,):
        if rest:
            yield from (f"{one}/{more}" for more in _expanded(rest))
        else:
            yield one


def _counted(run: re.Match[str]) -> range:
    first, last = int(run[1]), int(run[2])
    return range(first, last + 1) if first <= last else range(first, last - 1, -1)
