"""One Scope of the show: the server that plays, the standby behind it, and the pictures that the outputs show.

    station = Station(profile.scope, SessionStore(state_directory()))
    mailbox = station.fans.main.open()                 # the picture, whichever server makes it
    await asyncio.gather(*(run() for run in station.services().values()))

With a standby there are two sessions, one on each server. The one behind is connected and has made its first chunk, and
is paused then: to take over, it is told everything that the other one was told, and to go on. It takes over when the
one that plays has lost its picture; back it goes by command, or when it fails itself.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Container, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from bridge.clock import Clock, now
from bridge.fade import Crossfade
from bridge.frames import Fans, Frame, Latest
from bridge.profile.model import Scope
from bridge.session.pacing.delivery import Source
from bridge.session.service import Screen, Session
from bridge.session.store import SessionStore
from bridge.status import Phase, ScopeStatus

logger = logging.getLogger(__name__)

FADE: Final = 0.6
"""Seconds in which the picture of the server that has taken over comes, over the one that was held."""
LOOK: Final = 0.05
"""Seconds between looks at whether the server that plays still does."""
PATIENCE: Final = 5.0
"""Seconds that the server which is to play may be missing, or fail, from the start before the standby plays."""

MAIN, STANDBY = 0, 1
AS_ASKED: Final = "as you asked"


OpenSession = Callable[[Scope, Screen, SessionStore, Clock], Session]


@dataclass(frozen=True, slots=True)
class _Into:
    """Where a session's frames go: to the station, which knows whether that session plays."""

    station: "Station"
    place: int

    def put(self, frame: Frame, sink: str, *, first: bool) -> None:
        self.station._frame(self.place, frame, sink, first)


class Station:
    """One Scope, and its standby if the profile names one. All of it belongs to the event loop."""

    def __init__(
        self, scope: Scope, store: SessionStore, clock: Clock = now, open_session: OpenSession = Session
    ) -> None:
        self.fans = Fans()
        """What outputs show: it goes on through every session, reload and takeover."""
        self._scope = scope
        self._store = store
        self._clock = clock
        self._open_session = open_session
        self._source: Source | None = None
        self._uplinks: Mapping[str, Latest] = {}
        self._plays = MAIN
        self._sessions: list[Session] = [open_session(scope, _Into(self, MAIN), store, clock)]
        if scope.standby is not None:
            self._sessions.append(self._standby_of(scope))
        self._awaited = False
        """Whether the one behind was called, and plays as soon as it is ready."""
        self._leaving: int | None = None
        """Whose picture goes on until the first frame comes from the server that has taken over; None: it is held."""
        self._recordings: Path | None = None
        """Where what the server records is to go; None: nothing is recorded."""
        self._was_good = False
        """Whether the session that plays has brought frames since it began to."""
        self._missing_since: float | None = None
        self._newest: dict[str, Frame] = {}
        """The newest frame of each sink, and under the empty name of the first."""
        self._fades: dict[str, Crossfade] = {}
        self._fade_next = False
        """Whether the next frame is the first of a server that has taken over."""
        self._counts: dict[str, int] = {}
        """The number of the newest frame of each sink, and under the empty name of the first."""

    def _standby_of(self, scope: Scope) -> Session:
        assert scope.standby is not None
        session = self._open_session(
            replace(scope, url=scope.standby, standby=None), _Into(self, STANDBY), self._store, self._clock
        )
        session.resting = True
        return session

    # What others ask of it

    @property
    def name(self) -> str:
        """What the profile calls this Scope; empty: the only one."""
        return self._scope.name

    @property
    def playing(self) -> Session:
        """The session whose picture shows."""
        return self._sessions[self._plays]

    @property
    def _behind(self) -> Session | None:
        return next((one for place, one in enumerate(self._sessions) if place != self._plays), None)

    @property
    def source(self) -> Source | None:
        """What knows what Scope is to be told."""
        return self._source

    @source.setter
    def source(self, source: Source | None) -> None:
        self._source = source
        self.playing.source = source

    @property
    def uplinks(self) -> Mapping[str, Latest]:
        """The video for Scope: a mailbox for each source node of its graph."""
        return self._uplinks

    @uplinks.setter
    def uplinks(self, uplinks: Mapping[str, Latest]) -> None:
        self._uplinks = uplinks
        for session in self._sessions:
            session.uplinks = uplinks

    def begin_with(self, values: Mapping[str, Any]) -> None:
        """Set what sessions begin with. What somebody has changed since stays as it is; what is new goes out now."""
        for session in self._sessions:
            session.begin_with(values)

    def stir(self) -> None:
        """The source has something: send it in the same turn of the loop, if a message may go now."""
        self.playing.stir()

    async def schemas(self) -> object:
        """Return what the server that plays says that its pipelines take. Raise `Unavailable` or `Refused` if it does not."""
        return await self.playing.schemas()

    def record(self, on: bool, directory: Path) -> None:
        """Let the server that plays record what it makes, or end that and fetch the file into `directory`."""
        self._recordings = directory if on else None
        self.playing.record(on, directory)

    def switch(self, to_standby: bool) -> None:
        """Let the standby play, or the main server again. One that is not ready is waited for, while the other plays on."""
        place = STANDBY if to_standby else MAIN
        if place >= len(self._sessions):
            logger.warning("%s has no standby to turn to", self._scope.called)
        elif place == self._plays:
            self._awaited = False
        elif self._sessions[place].ready:
            self._turn_to(place, AS_ASKED)
        else:
            self._awaited = True
            after = self._sessions[place].status()
            logger.warning("%s will play for %s when it is ready: %s", after.url, self._scope.called, after.detail)

    # Its life

    def services(self) -> dict[str, Callable[[], Awaitable[None]]]:
        """Return what must run for as long as the show goes on, each under a name of its own."""
        called = f"scope {self.name}".strip()
        main, *standby = self._sessions
        if not standby:
            return {called: main.run}
        return {called: main.run, f"{called}, the standby": standby[0].run, f"{called}, who plays": self.run}

    def turn_to(self, scope: Scope, keep: Container[str]) -> None:
        """Talk to another server, or have it run something else, from the next `run` on. Not while `services` run.

        Of what somebody has changed, only the parameters in `keep` mean anything there. The picture is held.
        """
        same_place = scope.url == self._scope.url and scope.standby == self._scope.standby
        self._scope = scope
        self._was_good, self._missing_since, self._leaving = False, None, None
        played = self.playing
        if not same_place:
            self._plays, self._awaited = MAIN, False
        if self.playing is not played:
            self.playing.take_over(played)
        self._sessions[MAIN].turn_to(scope, keep)
        if scope.standby is None:
            del self._sessions[STANDBY:]
        elif len(self._sessions) > STANDBY:
            self._sessions[STANDBY].turn_to(replace(scope, url=scope.standby, standby=None), keep)
        else:
            self._sessions.append(self._standby_of(scope))
        for place, session in enumerate(self._sessions):
            session.resting = place != self._plays
            session.source = self._source if place == self._plays else None
            session.uplinks = self._uplinks

    async def run(self) -> None:
        """Watch whether the server that plays still does, and let the one behind it take over when not."""
        while True:
            await asyncio.sleep(LOOK)
            reason = self._failed(self._clock())
            behind = self._behind
            if self._awaited:
                reason = AS_ASKED
            if reason is not None and behind is not None and behind.ready:
                self._turn_to(1 - self._plays, reason)

    def _failed(self, moment: float) -> str | None:
        """Return why the server that plays counts as failed; None while it does not."""
        playing = self.playing
        if playing.ready:
            self._was_good, self._missing_since = True, None
            return None
        status = playing.status()
        if self._was_good:
            return status.detail
        if status.phase is not Phase.SEARCHING and not playing.troubled:
            self._missing_since = None
            return None
        self._missing_since = moment if self._missing_since is None else self._missing_since
        return status.detail if moment - self._missing_since >= PATIENCE else None

    def _turn_to(self, place: int, why: str) -> None:
        before, after = self._sessions[self._plays], self._sessions[place]
        logger.warning("%s plays for %s now: %s", after.status().url, self._scope.called, why)
        self._leaving = self._plays if before.ready else None
        self._plays, self._awaited = place, False
        self._was_good, self._missing_since = after.ready, None
        self._fade_next = True
        before.source = None
        after.take_over(before)
        after.source = self._source
        before.resting, after.resting = self._leaving is None, False
        after.stir()
        if self._recordings is not None:
            before.record(False, self._recordings)
            after.record(True, self._recordings)

    # The picture

    def _frame(self, place: int, frame: Frame, sink: str, first: bool) -> None:
        if place not in (self._plays, self._leaving):
            return
        if place == self._plays and self._leaving is not None:
            self._sessions[self._leaving].resting = True
            self._leaving = None
        if place == self._plays and self._fade_next:
            self._fade_next = False
            self._fades = {of: Crossfade(held, frame.received, FADE) for of, held in self._newest.items()}
        of = "" if first else sink
        number = self._counts[of] = self._counts.get(of, -1) + 1  # a gap would be one to who shows that sink alone
        numbered = Frame(frame.video, frame.received, number)
        fade = self._fades.get(sink)
        if fade is not None:
            numbered = fade.mix(numbered)
            if fade.over:
                del self._fades[sink]
        self._newest[sink] = numbered
        self.fans.put(numbered, sink, first=first)

    # How it is

    def in_picture(self, parameter: str, node: str | None = None) -> Any:
        """Return the value of `parameter` in the frames received now, as far as pacing tells; None if none was sent."""
        return self.playing.in_picture(parameter, node)

    def sent(self, parameter: str, node: str | None = None) -> Any:
        """Return the value of `parameter` that Scope was told last; None if none was."""
        return self.playing.sent(parameter, node)

    def status(self) -> ScopeStatus:
        """Return how the server that plays is, and the one behind it."""
        status = replace(self.playing.status(), name=self.name, on_standby=self._plays == STANDBY)
        behind = self._behind
        if behind is None:
            return status
        other = behind.status()
        standing = "ready" if behind.ready else other.detail
        return replace(status, standby=f"plays when it is ready: {standing}" if self._awaited else standing)
