"""Scope's own recording of what it makes: begun and ended by a hand, fetched when it ends.

Scope keeps the file of a running recording only: it is fetched first, and ended then. With its session it is gone.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from bridge.errors import Refused, Unavailable
from bridge.session.contract.dialect import Dialect
from bridge.session.http.rest import Rest

logger = logging.getLogger(__name__)


class ServerRecording:
    """What is to be recorded, and what is. Nothing here raises: what does not work is a warning, and is logged."""

    def __init__(self, called: str = "Scope", time: Callable[[], datetime] = datetime.now) -> None:
        self.warning = ""
        """What went wrong with the newest recording; or empty."""
        self._called = called
        self._time = time
        self._wanted = False
        self._directory = Path()
        self._session: str | None = None
        """The session that is being recorded."""
        self._turn = asyncio.Lock()

    @property
    def wanted(self) -> bool:
        """Whether it is to be recorded."""
        return self._wanted

    @property
    def runs(self) -> bool:
        """Whether it is."""
        return self._session is not None

    def want(self, on: bool, directory: Path) -> None:
        """Record from now on, or end that and keep the file in `directory`; `follow` does it."""
        self._wanted, self._directory = on, directory

    async def follow(self, rest: Rest, dialect: Dialect, session: str | None) -> None:
        """Bring the server in line with what is wanted. `session` is the one that plays now."""
        async with self._turn:
            if self._session is not None and session is not None and self._session != session:
                self._warn(f"the recording of {self._called} is lost: Scope keeps it no longer than its session")
                self._session = None
            if self._wanted and self._session is None and session is not None:
                await self._begin(rest, dialect, session)
            elif not self._wanted and self._session is not None:
                await self._end(rest, self._session)

    async def end(self, rest: Rest) -> None:
        """The bridge ends: fetch what there is. When it begins again, it goes on recording if that is still wanted."""
        async with self._turn:
            if self._session is not None:
                await self._end(rest, self._session)
                self._session = None

    async def _begin(self, rest: Rest, dialect: Dialect, session: str) -> None:
        self.warning = ""
        if not dialect.recordings:
            self._wanted = False
            self._warn(f"{self._called} ({dialect.version}) cannot record; update it to 0.1.0 or newer")
            return
        try:
            await rest.start_recording(session)
        except (Refused, Unavailable) as error:
            self._wanted = False
            self._warn(f"{self._called} does not record: {error}")
        else:
            self._session = session
            logger.info("%s records", self._called)

    async def _end(self, rest: Rest, session: str) -> None:
        name = self._called.lower().replace(" ", "-")
        path = await asyncio.to_thread(_free, self._directory / f"{name}-{self._time():%Y-%m-%d-%H%M%S}.mp4")
        try:
            await rest.fetch_recording(session, path)
        except (Refused, Unavailable) as error:
            self._warn(
                f"the recording of {self._called} was not fetched: {error}; it goes on, and can be ended again while the session lasts"
            )
            return
        self._session = None
        self.warning = ""
        logger.info("fetched the recording of %s into %s", self._called, path)
        try:
            await rest.stop_recording(session)
        except (Refused, Unavailable) as error:
            logger.warning("%s goes on recording: %s", self._called, error)

    def _warn(self, sentence: str) -> None:
        self.warning = sentence
        logger.warning("%s", sentence)


def _free(path: Path) -> Path:
    """Return `path`, or one like it that is not there yet."""
    number, free = 1, path
    with suppress(OSError):  # a folder that cannot even be looked into: writing says so better
        while free.exists():
            number += 1
            free = path.with_stem(f"{path.stem}-{number}")
    return free
