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

REMEMBERED = 8
"""How many sessions are remembered for each server."""


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
    """The sessions that may still live, by server URL, each with the process that opened it.

    Only the sessions of this process, and of processes that are dead, are anybody's to remove. A disk that fails is said
    once and lived without.
    """

    def __init__(self, directory: Path, process: int | None = None) -> None:
        self._file = directory / "sessions.json"
        self._process = os.getpid() if process is None else process
        self._complained = False

    def left_on(self, url: str) -> tuple[str, ...]:
        """Return the sessions on the server at `url` that this process opened, or one that is dead."""
        return tuple(
            session
            for session, process in self._read().get(url, {}).items()
            if process == self._process or not is_alive(process)
        )

    def others_on(self, url: str) -> tuple[int, ...]:
        """Return the living processes, other than this one, that have a session on the server at `url`."""
        processes = set(self._read().get(url, {}).values())
        return tuple(sorted(one for one in processes if one != self._process and is_alive(one)))

    def add(self, url: str, session: str) -> None:
        """Remember a session of this process."""
        ids = self._read()
        known = {**ids.get(url, {}), session: self._process}
        ids[url] = dict(list(known.items())[-REMEMBERED:])
        self._write(ids)

    def remove(self, url: str, session: str) -> None:
        """Forget a session that is gone."""
        ids = self._read()
        if ids.get(url, {}).pop(session, None) is not None:
            self._write({url: left for url, left in ids.items() if left})

    def _read(self) -> dict[str, dict[str, int]]:
        try:
            ids = json.loads(self._file.read_text(encoding="utf-8"))
            return {str(url): {str(one): int(process) for one, process in left.items()} for url, left in ids.items()}
        except (OSError, ValueError, AttributeError, TypeError):
            return {}

    def _write(self, ids: dict[str, dict[str, int]]) -> None:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            written = self._file.with_suffix(f".{os.getpid()}.tmp")
            written.write_text(json.dumps(ids), encoding="utf-8")
            written.replace(self._file)
        except OSError as error:
            if not self._complained:
                self._complained = True
                logger.warning("cannot keep session ids in %s: %s", self._file, error)


def is_alive(process: int) -> bool:
    """Return whether a process of this machine lives. One that took over a dead one's number counts as it."""
    if sys.platform == "win32":
        import ctypes

        synchronize, still_running = 0x00100000, 0x00000102
        kernel = ctypes.windll.kernel32
        handle = kernel.OpenProcess(synchronize, False, process)
        if not handle:
            return False
        try:
            return bool(kernel.WaitForSingleObject(handle, 0) == still_running)
        finally:
            kernel.CloseHandle(handle)
    try:
        os.kill(process, 0)  # asks only; on Windows it would end the process
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
