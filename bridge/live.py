"""What is live in a show, on disk: a bridge that was killed goes on where it was.

    live = LiveState.of("mappings/club.yaml")
    live.save({"values": {"noise_scale": 0.4}, "scene": "intro"})
    live.load()

To write waits for the disk: call it from a thread, not from the loop.
"""

import glob
import hashlib
import logging
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import orjson

from bridge import disk
from bridge.log import Complaints
from bridge.session.store import is_alive, state_directory

logger = logging.getLogger(__name__)

VERSION: Final = 1
"""Of the file's form. A bridge reads its own and no newer one."""


def path_for(profile: str | Path) -> Path:
    """Return where the live state of the profile at a path is kept: one file each, however the path is spelled."""
    path = os.path.realpath(profile)
    digest = hashlib.sha256(os.fsencode(os.path.normcase(path))).hexdigest()[:16]
    name = re.sub(r"[^\w-]+", "-", Path(path).stem)[:40].strip("-") or "profile"
    return state_directory() / "live" / f"{name}-{digest}.json"


class LiveState:
    """The live state of one show, in one file."""

    def __init__(self, path: Path, profile: str = "") -> None:
        """`profile` is what the file says that it belongs to, for people."""
        self._path = path
        self._profile = profile
        self._complaints = Complaints(logger)

    @classmethod
    def of(cls, profile: str | Path) -> "LiveState":
        """Return the live state that belongs to the profile at a path."""
        return cls(path_for(profile), os.path.abspath(profile))

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    def save(self, state: Mapping[str, Any]) -> None:
        """Write `state`, of what JSON can hold, in place of what was there.

        A disk that fails, and a value that JSON cannot hold, is said once to the log and lived without: what was saved
        before stays.
        """
        document = {"scope_bridge_state": VERSION, "profile": self._profile, "state": state}
        try:
            data = orjson.dumps(document, default=_plain, option=orjson.OPT_APPEND_NEWLINE)
            self._path.parent.mkdir(parents=True, exist_ok=True)
            disk.replace(self._path, data)
        except (OSError, orjson.JSONEncodeError) as error:
            self._complaints.about(type(error).__name__, f"cannot keep what is live in {self._path}: {error}")

    def load(self) -> Mapping[str, Any] | None:
        """Return what was saved last. None if nothing was, or, with a warning in the log, if it cannot be used."""
        self._clean()
        try:
            document = orjson.loads(self._path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            logger.warning("what was live cannot be read from %s, so the show starts afresh: %s", self._path, error)
            return None
        version = document.get("scope_bridge_state") if isinstance(document, dict) else None
        if isinstance(version, int) and version > VERSION:
            logger.warning(
                "%s was written by a newer bridge (form %d, this one reads %d), so the show starts afresh",
                self._path,
                version,
                VERSION,
            )
            return None
        state = document.get("state") if version == VERSION else None
        if not isinstance(state, dict):
            logger.warning("%s holds no live state, so the show starts afresh", self._path)
            return None
        return state

    def _clean(self) -> None:
        """Remove what bridges that were killed in the middle of a `save` left beside the file."""
        with suppress(OSError):
            prefix = disk.prefix(self._path)
            for left in self._path.parent.glob(glob.escape(prefix) + "*.tmp"):
                process = left.name.removeprefix(prefix).partition(".")[0]
                if process.isdecimal() and not is_alive(int(process)):
                    left.unlink(missing_ok=True)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"a {type(value).__name__} cannot be kept")
