"""Which routes were learned into a profile, on disk, the newest last: what `learn --undo` takes back.

    learned = Learned.of("mappings/club.yaml")
    learned.push(written)
    learned.last(), learned.drop()

All of it waits for the disk.
"""

import os
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import orjson

from bridge import disk
from bridge.live import path_for
from bridge.profile.edit.undoing import Written
from bridge.session.store import state_directory

VERSION: Final = 1
"""Of the file's form. A bridge reads its own and no newer one."""
MOST: Final = 200
"""Routes that are remembered of one profile."""


class Learned:
    """The routes that were learned into one profile and not taken back."""

    def __init__(self, path: Path, profile: str = "") -> None:
        """`profile` is what the file says that it belongs to, for people."""
        self.path = path
        self._profile = profile

    @classmethod
    def of(cls, profile: str | Path) -> "Learned":
        """Return those of the profile at a path, however it is spelled."""
        return cls(state_directory() / "learned" / path_for(profile).name, os.path.abspath(profile))

    def last(self) -> Written | None:
        """Return the route that was learned last; None: none is known, as when the file cannot be read."""
        every = self._read()
        return every[-1] if every else None

    def push(self, written: Written) -> None:
        """Remember one more. Raise `OSError` if the disk does not take it."""
        self._write([*self._read(), written][-MOST:])

    def drop(self) -> None:
        """Forget the last one. Raise `OSError` if the disk does not take it."""
        self._write(self._read()[:-1])

    def _read(self) -> list[Written]:
        try:
            told: Any = orjson.loads(self.path.read_bytes())
            if told["version"] != VERSION:
                return []
            return [Written(**one) for one in told["routes"] if _is_sound(one)]
        except (OSError, ValueError, KeyError, TypeError):
            return []

    def _write(self, every: list[Written]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        told = {"version": VERSION, "profile": self._profile, "routes": [asdict(one) for one in every]}
        disk.replace(self.path, orjson.dumps(told, option=orjson.OPT_INDENT_2))


def _is_sound(told: Any) -> bool:
    """Return whether what the file says of one route can be used."""
    texts = all(isinstance(told[key], str) for key in ("before", "after"))
    page = told["page"] is None or isinstance(told["page"], str)
    return (
        texts and page and isinstance(told["route"], str | dict) and isinstance(told["line"], int) and told["line"] >= 0
    )
