"""Which sessions the bridge left on which server, kept on disk.

A session whose client was killed goes on driving the pipeline for half a minute, together with the new one. So its id
outlives the bridge, and the next start removes it.
"""

import json
import logging
import os
import sys
from pathlib import Path

logger = logging.getLogger(__name__)


def state_directory() -> Path:
    """Return where the bridge keeps what must outlive it, for this user; `SCOPE_BRIDGE_STATE` overrides it."""
    chosen = os.environ.get("SCOPE_BRIDGE_STATE")
    if chosen:
        return Path(chosen)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", str(Path.home()))) / "Scope Bridge"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "Scope Bridge"
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "scope-bridge"


class SessionStore:
    """The ids of the sessions that may still live, by server URL. A disk that fails is logged once and lived without."""

    def __init__(self, directory: Path) -> None:
        self._file = directory / "sessions.json"
        self._complained = False

    def left_on(self, url: str) -> tuple[str, ...]:
        """Return the sessions that may still live on the server at `url`."""
        return tuple(self._read().get(url, ()))

    def add(self, url: str, session: str) -> None:
        """Remember a session."""
        ids = self._read()
        ids[url] = [*(known for known in ids.get(url, []) if known != session), session][-8:]
        self._write(ids)

    def remove(self, url: str, session: str) -> None:
        """Forget a session that is gone."""
        ids = self._read()
        if session in ids.get(url, []):
            ids[url].remove(session)
            self._write({url: left for url, left in ids.items() if left})

    def _read(self) -> dict[str, list[str]]:
        try:
            ids = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        if not isinstance(ids, dict):
            return {}
        return {str(url): [str(one) for one in left] for url, left in ids.items() if isinstance(left, list)}

    def _write(self, ids: dict[str, list[str]]) -> None:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            written = self._file.with_suffix(f".{os.getpid()}.tmp")
            written.write_text(json.dumps(ids), encoding="utf-8")
            written.replace(self._file)
        except OSError as error:
            if not self._complained:
                self._complained = True
                logger.warning("cannot keep session ids in %s: %s", self._file, error)
