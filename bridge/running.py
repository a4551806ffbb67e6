"""Which shows this user's bridges play on this machine: a file for each, for tools that are started beside one.

    announce("http://127.0.0.1:8765", "mappings/club.yaml")
    shows()     # [Running(pid=4711, url="http://127.0.0.1:8765", profile="/home/vj/mappings/club.yaml", …)]
    withdraw()

All of it waits for the disk: call it from a thread, not from the loop.
"""

import logging
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from bridge import disk
from bridge.session.store import is_alive, state_directory

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Running:
    """A show that a process plays now."""

    pid: int
    """The process."""
    url: str
    """Where its page is: `http://127.0.0.1:8765`."""
    profile: str
    """The absolute path of the profile that it plays."""
    started: str
    """When it began, in UTC, as ISO 8601 writes it."""

    @property
    def called(self) -> str:
        """What people call it: `club.yaml (process 4711)`."""
        return f"{Path(self.profile).name} (process {self.pid})"


def announce(url: str, profile: str | Path) -> None:
    """Say that this process plays the profile at a path, and that its page is at `url`.

    A disk that fails is said and lived without: the show is worth more than the tools beside it.
    """
    path = _place(os.getpid())
    told = Running(os.getpid(), url, os.path.abspath(profile), datetime.now(UTC).isoformat())
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        disk.replace(path, orjson.dumps(asdict(told)))
    except OSError as error:
        logger.warning("cannot write %s, so that no tool finds this show: %s", path, error)


def withdraw() -> None:
    """Take back what this process has announced, if it has."""
    _remove(_place(os.getpid()))


def shows() -> list[Running]:
    """Return the shows that living processes play, the newest first. What dead ones have left behind is removed."""
    found = []
    for path in _place(0).parent.glob("*.json"):
        if not path.stem.isdecimal():
            continue
        if not is_alive(int(path.stem)):
            _remove(path)
        elif (one := _read(path)) is not None:
            found.append(one)
    return sorted(found, key=lambda one: one.started, reverse=True)


def _place(pid: int) -> Path:
    return state_directory() / "running" / f"{pid}.json"


def _read(path: Path) -> Running | None:
    """Return what a file says; None if it says nothing that can be used."""
    try:
        told: Any = orjson.loads(path.read_bytes())
        one = Running(**{name: told[name] for name in Running.__dataclass_fields__})
    except (OSError, ValueError, KeyError, TypeError):
        return None
    texts = (one.url, one.profile, one.started)
    return one if one.pid == int(path.stem) and all(isinstance(text, str) for text in texts) else None


def _remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink(missing_ok=True)
