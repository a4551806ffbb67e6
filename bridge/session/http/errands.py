"""The questions and requests of a session that go to the server by HTTP: each ends in the event that tells of it."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from bridge.clock import Clock
from bridge.errors import Refused, Unavailable
from bridge.ice import Addresses
from bridge.profile.model import Relay, Scope
from bridge.session.contract.dialect import Dialect
from bridge.session.http.asking import TooSlow, is_loopback
from bridge.session.http.inquiry import Inquiry
from bridge.session.http.preparation import Prepared, prepare
from bridge.session.http.rest import Rest
from bridge.session.life import events
from bridge.session.life.events import Event
from bridge.session.store import SessionStore

logger = logging.getLogger(__name__)


class Errands:
    """What is asked of one server for one profile's Scope. What raises `Unavailable` or `Refused` is for the caller to tell."""

    def __init__(self, rest: Rest, scope: Scope, store: SessionStore, clock: Clock) -> None:
        self.rest = rest
        self.inquiry = Inquiry(rest)
        self.prepared = Prepared(scope.nodes)
        """What the load and the sessions build on."""
        self._scope = scope
        self._store = store
        self._clock = clock
        self._out = 0
        """Offers that are not answered yet."""
        self._none_out = asyncio.Event()
        self._none_out.set()

    async def ask_health(self) -> Event:
        """Ask whether the server lives."""
        asked = self._clock()
        try:
            return await self.rest.health()
        except Unavailable as error:
            return events.Unreachable(str(error), asked, isinstance(error, TooSlow))
        except Refused as error:
            return events.Confused(str(error))

    async def prepare(self, dialect: Dialect, say: Callable[[Event], None]) -> Event:
        """See to everything that the load needs."""
        known = self.prepared.warnings
        self.prepared = await prepare(
            self.rest, self._scope, dialect, lambda detail, done: say(events.Progress(detail, done))
        )
        for warning in self.prepared.warnings:
            if warning not in known:
                logger.warning("%s: %s", self._scope.called, warning)
        return events.IsPrepared(self.prepared.nodes)

    async def ask_status(self) -> Event:
        """Ask what is loaded."""
        try:
            return await self.rest.status()
        except Refused as error:
            return events.Confused(str(error))

    async def load(self, command: events.Load, dialect: Dialect) -> Event:
        """Have the server load."""
        await self.mark_log(dialect)
        await self.rest.load(command.nodes, dialect)
        return events.LoadAccepted()

    async def remove(self, session: str) -> Event:
        """End a session of ours on the server. One that cannot be reached is remembered, and tried again."""
        try:
            await self.rest.remove(session)
        except Unavailable as error:
            logger.debug("could not end session %s: %s", session, error)
        else:
            self._store.remove(self._scope.url, session)
        return events.SessionRemoved()

    async def offer(self, tasks: asyncio.TaskGroup, sdp: str, initial: Mapping[str, Any]) -> tuple[str, str]:
        """Offer a connection. If nobody waits for the answer any more when it comes, the session is ended at once: it
        would drive the pipeline together with the next one."""
        answer: asyncio.Future[tuple[str, str]] = asyncio.get_running_loop().create_future()

        async def post() -> None:
            try:
                answered = await self.rest.offer(sdp, initial)
                if answer.done():
                    await self.remove(answered[1])
                else:
                    answer.set_result(answered)
            except Exception as error:
                if not answer.done():
                    answer.set_exception(error)
            finally:
                self._out -= 1
                if not self._out:
                    self._none_out.set()

        self._out += 1
        self._none_out.clear()
        tasks.create_task(post())
        return await answer

    async def settle(self, seconds: float) -> None:
        """Wait until no offer is out any more, at most so long: a session whose answer nobody hears is nobody's to end."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._none_out.wait()

    async def mark_log(self, dialect: Dialect) -> None:
        """Note where the log ends now, so that what is read later tells of what comes now."""
        if dialect.tails:
            await self.inquiry.mark()

    async def ways(self) -> tuple[Addresses, list[Mapping[str, Any]]]:
        """Return which of our addresses to offer, and the STUN and TURN servers to find others by.

        The server's own are asked for each time: their credentials expire within minutes.
        """
        loopback = is_loopback(self._scope.url)
        if self._scope.ice == "loopback":
            addresses = Addresses.LOOPBACK
        else:
            addresses = Addresses.BOTH if loopback else Addresses.NETWORK
        if self._scope.relay is not None:
            return addresses, [_as_ice_server(self._scope.relay)]
        if loopback or self._scope.ice == "loopback":
            return addresses, []
        try:
            return addresses, await self.rest.ice_servers()
        except Refused as error:  # in a network of one's own, none is needed
            logger.warning(
                "%s does not say which STUN and TURN servers it uses, so none is used: %s", self._scope.called, error
            )
            return addresses, []


def _as_ice_server(relay: Relay) -> Mapping[str, Any]:
    """Return a profile's own relay as a server would name it."""
    return {"urls": list(relay.urls), "username": relay.username, "credential": relay.credential}
