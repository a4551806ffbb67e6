"""What a server shows of the session with it: its log, and the parameters that it has."""

import logging
import re
from collections.abc import Iterable
from contextlib import suppress
from typing import Final

from bridge.errors import Refused, Unavailable
from bridge.session.contract.dialect import Dialect
from bridge.session.contract.troubles import gravest, sentence
from bridge.session.http.rest import Rest
from bridge.session.life.echo import Echo
from bridge.session.life.events import Compared, LogRead

logger = logging.getLogger(__name__)

_OVERFLOW: Final = re.compile(r"Parameter queue full(?: for ([^\s,]+))?")
_ACCESS: Final = re.compile(r'"(GET|POST|PUT|PATCH|DELETE) /')
_SESSION: Final = re.compile(r"\bsession:? ([0-9a-f]{8}-[0-9a-f-]{27})\b")


class Inquiry:
    """Asks one server about one session after the other. Nothing that it answers, or does not, ends anything here."""

    def __init__(self, rest: Rest) -> None:
        self.echo = Echo()
        self._rest = rest
        self._offset = 0
        self._marks = 0
        """How often the log was marked."""
        self._marked = True
        """Whether that is known to have gone well."""

    async def mark(self) -> None:
        """Note where the log ends now: what is read later is only what came after."""
        self._marks += 1
        self._marked = False
        with suppress(Unavailable, Refused):
            _, self._offset = await self._rest.log_tail(self._offset)
            self._marked = True

    async def read_log(self, session: str | None) -> tuple[LogRead, set[str | None]]:
        """Return what is new in the log that may be about our session, and of which pipelines the parameter queue has
        overflowed; None: the log does not say of which."""
        marks, marked = self._marks, self._marked
        try:
            lines, offset = await self._rest.log_tail(self._offset)
        except (Unavailable, Refused) as error:
            logger.debug("cannot read Scope's log: %s", error)
            return LogRead(advanced=False), set()
        if marks != self._marks:  # another session has begun meanwhile: these lines are not about it
            return LogRead(advanced=False), set()
        self._offset, self._marked = offset, True
        if not marked:  # nobody knows how old these lines are
            return LogRead(advanced=False), set()
        at_work = _about(lines, session)
        overflowed = {
            found[1]
            for line in at_work
            if (known := sentence(line)) and known.kind == "queue-full" and (found := _OVERFLOW.search(line))
        }
        return LogRead(bool(at_work), gravest(at_work)), overflowed

    async def compare(self, session: str | None, dialect: Dialect, now: float) -> Compared:
        """Hold what the server shows against what it was told until `now`.

        It shows the first of its sessions alone: if that is not ours, somebody else's plays as well.
        """
        try:
            status = await self._rest.status()
            loaded = status.pipeline if status.status in ("loaded", "loading") else None
            if not (dialect.echoes and dialect.metrics):
                return Compared(pipeline=loaded)
            shown = await self._rest.parameters()
            sessions = await self._rest.metrics()
        except (Unavailable, Refused) as error:
            logger.debug("cannot ask Scope what it has: %s", error)
            return Compared()
        if session is None or not sessions:
            return Compared(pipeline=loaded)
        if session not in sessions:
            return Compared(company=True, pipeline=loaded)
        heard = self.echo.heard(shown, now)
        return Compared(heard.anything, pipeline=loaded, lost=heard.lost)


def _about(lines: Iterable[str], session: str | None) -> list[str]:
    """Return the lines that tell of work: not those about requests, as our own questions cause them, nor those that
    name another session."""
    return [
        line
        for line in lines
        if not _ACCESS.search(line) and not ((named := _SESSION.search(line)) and session and named[1] != session)
    ]
