"""Messages on their way: over one connection after the other, what `delivery.Delivery` says may go, when it says so."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import orjson

from bridge.clock import Clock
from bridge.parameters import Change, Merge, parameter
from bridge.session.contract import wire
from bridge.session.contract.dialect import Dialect
from bridge.session.http.tempo import NEEDS, ServerTempo
from bridge.session.life import events
from bridge.session.life.echo import Echo
from bridge.session.pacing.delivery import Delivery
from bridge.session.uplink import Uplink
from bridge.session.webrtc import Connection

STUCK_INTERVAL: Final = 0.05
"""Seconds until the data channel is looked at again, when it still holds what was sent before; or the delivery, when it
had nothing after all."""

_OF_THE_TEMPO: Final = NEEDS | {"lookahead_ms", "modulations"}


@dataclass(slots=True, eq=False)
class Line:
    """One connection, and all that a message over it depends on."""

    connection: Connection
    tracks: Mapping[str, Uplink]
    """The video that goes up, by the source node that it is for."""
    dialect: Dialect
    paths: Mapping[str, str]
    """The server's own paths, by what values call the files."""
    tempo: ServerTempo
    echo: Echo
    """What is told of every message, to be held against what the server shows."""
    open: bool = False
    """Whether messages may go."""


class Sender:
    """Sends. All of it belongs to the event loop."""

    def __init__(self, delivery: Delivery, clock: Clock, tell: Callable[[events.Event], None]) -> None:
        """`tell` hears of each message, and of the pipeline being paused by one."""
        self.line: Line | None = None
        """The connection in use."""
        self._delivery = delivery
        self._clock = clock
        self._tell = tell
        self._timer: asyncio.TimerHandle | None = None

    def stop(self) -> None:
        """Send nothing more until there is another line."""
        self.line = None
        self._disarm()

    def stir(self) -> None:
        """Send what waits if it may go now; else see to it that this is asked again when it may."""
        self._disarm()
        while (line := self.line) is not None and line.open:
            moment = self._clock()
            wait = self._delivery.wait(moment)
            if wait is None:
                return  # a frame must come first, or a change: both ask again
            if wait == 0 and not line.connection.ready:
                wait = STUCK_INTERVAL
            if wait > 0:
                self._ask_again_in(wait)
                return
            changes = self._delivery.take(moment)
            if not changes:  # what there was, Scope has already
                self._ask_again_in(self._delivery.wait(moment) or STUCK_INTERVAL)
                return
            self._send(line, changes, moment)

    def _send(self, line: Line, changes: list[Change], moment: float) -> None:
        if not line.tempo.enabled:
            node = changes[0].node
            changes = [change for change in changes if change.parameter not in NEEDS]
            if not changes:
                self._delivery.withdraw(node)
                return
        text = wire.message(
            changes,
            self._delivery.wanted,
            dialect=line.dialect,
            paths=line.paths,
            beat=self._delivery.beat(moment) if line.tempo.enabled else None,
        )
        line.connection.send(text)
        body = orjson.loads(text)
        for_all = {change.parameter: change.value for change in changes if change.node is None}
        line.echo.sent({name: body[name] for name in for_all if _shows(name) and name in body}, moment)
        self._tell(events.MessageSent())
        if "paused" in for_all:
            paused = bool(for_all["paused"])
            for track in line.tracks.values():
                track.rest(paused)
            self._tell(events.Paused(paused))

    def _ask_again_in(self, seconds: float) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, self.stir)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _shows(name: str) -> bool:
    """Return whether a server shows a parameter as it was sent: not an event, nor one of several things in one, nor what
    only its tempo uses, and keeps to itself."""
    known = parameter(name)
    return known.sticky and known.merge in (Merge.REPLACE, Merge.TOGETHER) and name not in _OF_THE_TEMPO
