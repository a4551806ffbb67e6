"""The session with one Scope, kept for as long as the bridge runs: performs the commands of `state.Machine`.

session = Session(profile.scope, fan, SessionStore(state_directory()))
session.put([Change("noise_scale", 0.43, at=now())])     # goes at once, or with the next chunk, or when Scope is back
"""

import asyncio
import logging
from collections import deque
from collections.abc import Container, Coroutine, Iterable, Mapping
from contextlib import suppress
from typing import Any, Protocol

import av

from bridge.clock import Clock, now
from bridge.errors import Refused, Unavailable
from bridge.frames import Fan, Frame
from bridge.ice import Addresses
from bridge.parameters import Change, Merge, parameter
from bridge.profile.model import Relay, Scope
from bridge.session import state, wire
from bridge.session.outbox import Outbox, union
from bridge.session.pacing import Pacer, frames_per_chunk
from bridge.session.rest import Rest, is_loopback
from bridge.session.store import SessionStore
from bridge.session.webrtc import Connection
from bridge.status import ScopeStatus

logger = logging.getLogger(__name__)

QUIET_CHUNKS = 3
"""Chunk periods without a message after which the last values are sent once more, where that costs nothing: another
client may have filled Scope's queue, and then ours was dropped without a word."""
STUCK_INTERVAL = 0.05
"""Seconds until the data channel is looked at again, when it still holds what was sent before."""


class Source(Protocol):
    """What knows what Scope is to be told: asked when a message may go, and not before."""

    @property
    def waiting(self) -> bool:
        """Whether there is something."""

    def take(self, now: float) -> list[Change]:
        """Return what the next chunk gets of it."""


class Session:
    """The talk with one Scope, through crashes, reloads and reconnections. All of it belongs to the event loop."""

    name = "scope"

    def __init__(self, scope: Scope, fan: Fan, store: SessionStore, clock: Clock = now) -> None:
        self._scope = scope
        self._fan = fan
        self._store = store
        self._clock = clock
        self._machine = state.Machine(scope.pipeline, scope.load)
        self.source: Source | None = None
        """Where changes are drawn from when a message may go; call `stir` when there are some."""
        self._outbox = Outbox()
        self._pacer = self._new_pacer()
        self._begun: dict[str, Any] = {}
        """What the profile begins with: its start values, and defaults."""
        self._touched: dict[str, Any] = {}
        """The newest value of every sticky parameter that somebody has changed since."""
        self._touched_at: dict[tuple[str, str | None], Change] = {}
        """The same, of what went to one node only."""
        self._in_picture: dict[str, Any] = {}
        self._coming: deque[tuple[int, dict[str, Any]]] = deque()
        """Values on their way, each with the number of received frames from which the picture shows them."""
        self._to_repeat: dict[str, Any] = {}
        self._last_message = 0.0
        self._connection: Connection | None = None
        self._open = False
        self._tasks: asyncio.TaskGroup | None = None
        self._talk: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._send_timer: asyncio.TimerHandle | None = None
        self._log_offset = 0
        self._frames = self._chunks_before = self._messages = self._sessions = 0
        self._last_frame: float | None = None

    # What others ask of it

    def begin_with(self, values: Mapping[str, Any]) -> None:
        """Set what sessions begin with. What somebody has changed since stays as it is; what is new goes out now."""
        before, self._begun = self._wanted, dict(values)
        moment = self._clock()
        for name, value in self._wanted.items():
            if parameter(name).merge is Merge.TOGETHER:
                continue  # how one prompt gives way to another is for the mapping to say
            if name not in before or before[name] != value:
                self._outbox.put(Change(name, value, moment))
        self._send_if_possible()

    def turn_to(self, scope: Scope, keep: Container[str]) -> None:
        """Talk to another server, or have it run something else, from the next `run` on. Not while it runs.

        Of what somebody has changed, only the parameters in `keep` mean anything there.
        """
        self._scope = scope
        self._touched = {name: value for name, value in self._touched.items() if name in keep}
        self._touched_at = {key: change for key, change in self._touched_at.items() if key[0] in keep}
        self._chunks_before += self._pacer.chunks
        self._pacer = self._new_pacer()

    @property
    def _wanted(self) -> dict[str, Any]:
        """What a new session begins with."""
        wanted = dict(self._begun)
        for name, value in self._touched.items():
            wanted[name] = _with(wanted.get(name), name, value)
        return wanted

    def put(self, changes: Iterable[Change]) -> None:
        """Take changes on their way to Scope. Sends in the same turn of the loop, if a message may go now."""
        self._take_in(changes)
        self._send_if_possible()

    def stir(self) -> None:
        """The source has something: send it in the same turn of the loop, if a message may go now."""
        self._send_if_possible()

    def _take_in(self, changes: Iterable[Change]) -> None:
        for change in changes:
            known = parameter(change.parameter)
            if change.node is not None:
                if known.sticky:
                    self._touched_at[change.parameter, change.node] = change
            elif known.merge is Merge.TOGETHER:
                self._touched[change.parameter] = {"prompts": change.value["prompts"]}
            elif known.sticky:
                before = self._touched.get(change.parameter)
                self._touched[change.parameter] = _with(before, change.parameter, change.value)
            self._outbox.put(change)

    def _draw(self, moment: float) -> None:
        if self.source is not None and self.source.waiting:
            self._take_in(self.source.take(moment))

    def in_picture(self, parameter: str) -> Any:
        """Return the value of `parameter` in the frames received now, as far as pacing tells; None if none was sent."""
        return self._in_picture.get(parameter)

    async def schemas(self) -> object:
        """Return what the server says that its pipelines take. Raise `Unavailable` or `Refused` if it does not."""
        return await self._rest.schemas()

    def status(self) -> ScopeStatus:
        """Return how the talk stands."""
        moment = self._clock()
        return ScopeStatus(
            url=self._scope.url,
            phase=self._machine.phase,
            detail=self._machine.detail,
            version=self._machine.version,
            pipeline=self._scope.pipeline,
            fps=round(self._pacer.fps(moment), 2),
            chunk_seconds=self._pacer.period,
            frames=self._frames,
            chunks=self._chunks_before + self._pacer.chunks,
            messages=self._messages,
            frame_age=None if self._last_frame is None else moment - self._last_frame,
            sessions=self._sessions,
        )

    # Its life

    async def run(self) -> None:
        """Keep the talk going until cancelled; then end the session on the server too."""
        async with Rest(self._scope.url) as rest:
            self._rest = rest
            self._machine = state.Machine(self._scope.pipeline, self._scope.load)
            try:
                async with asyncio.TaskGroup() as self._tasks:
                    try:
                        for process in self._store.others_on(self._scope.url):
                            logger.warning(
                                "another bridge (process %d) plays %s: two drive one pipeline", process, self._scope.url
                            )
                        self._on(state.Started(self._store.left_on(self._scope.url)))
                        await asyncio.Event().wait()  # until cancelled
                    finally:
                        self._stop()
            finally:
                await self._leave()

    def _stop(self) -> None:
        """Let go of what would act after the tasks are gone."""
        self._tasks = None
        self._connection, self._open = None, False
        for timer in (self._timer, self._send_timer):
            if timer:
                timer.cancel()
        self._timer = self._send_timer = None

    async def _leave(self) -> None:
        """End our sessions on the server: without that, it would go on generating for half a minute."""
        try:
            async with asyncio.timeout(1.5):
                for session in self._store.left_on(self._scope.url):
                    await self._rest.remove(session)
                    self._store.remove(self._scope.url, session)
        except (Unavailable, TimeoutError) as error:
            logger.debug("could not end the session: %s", error)

    def _on(self, event: state.Event) -> None:
        """Let the machine take in an event, perform what it commands, and wake up when it wants."""
        phase, detail = self._machine.phase, self._machine.detail
        for command in self._machine.on(event, self._clock()):
            self._perform(command)
        if (phase, detail) != (self._machine.phase, self._machine.detail):
            logger.debug("= %s: %s", self._machine.phase.value, self._machine.detail)
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if self._machine.deadline is not None and self._tasks:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(
                max(0.0, self._machine.deadline - self._clock()), lambda: self._on(state.Tick())
            )

    def _perform(self, command: state.Command) -> None:
        match command:
            case state.AskHealth():
                self._start(self._ask_health())
            case state.AskStatus():
                self._start(self._rest.status())
            case state.Load():
                self._start(self._load())
            case state.RemoveSession(session):
                self._start(self._remove(session))
            case state.ReadLog():
                self._start(self._read_log())
            case state.Offer():
                self._talk = self._start(self._offer())
            case state.Close():
                self._connection, self._open = None, False
                if self._talk:
                    self._talk.cancel()
                    self._talk = None

    def _start(self, work: Coroutine[Any, Any, state.Event | None]) -> asyncio.Task[None] | None:
        if self._tasks is None:
            work.close()
            return None
        return self._tasks.create_task(self._told(work))

    async def _told(self, work: Coroutine[Any, Any, state.Event | None]) -> None:
        """Do `work`, and let the machine know what came of it; nothing that a server answers may end the talk."""
        try:
            event = await work
        except Unavailable as error:
            event = state.Unreachable(str(error))
        except Refused as error:
            event = state.Failed(str(error))
        except Exception as error:
            logger.exception("a bug in the bridge, in the talk with Scope")
            event = state.Failed(f"a bug in the bridge ({type(error).__name__}: {error})")
        if event is not None and self._tasks is not None:
            self._on(event)

    async def _ask_health(self) -> state.Event:
        asked = self._clock()
        try:
            return await self._rest.health()
        except (Unavailable, Refused) as error:
            return state.Unreachable(str(error), asked)

    async def _load(self) -> state.Event:
        await self._rest.load(self._scope.pipeline, self._scope.load)
        return state.LoadAccepted()

    async def _remove(self, session: str) -> state.Event:
        try:
            await self._rest.remove(session)
        except Unavailable as error:
            logger.debug("could not end session %s: %s", session, error)
        else:
            self._store.remove(self._scope.url, session)
        return state.SessionRemoved()

    async def _read_log(self) -> state.Event:
        try:
            lines, self._log_offset = await self._rest.log_tail(self._log_offset)
        except (Unavailable, Refused):
            return state.LogRead(advanced=False)  # servers before 0.1.6 have no such log
        at_work = [line for line in lines if not _is_access(line)]
        trouble = [line for line in at_work if " ERROR " in line or " - ERROR - " in line]
        return state.LogRead(bool(at_work), trouble[-1].strip()[-160:] if trouble else None)

    async def _mark_log(self) -> state.Event | None:
        """Note where the log ends now, so that what is read later tells of this session only."""
        with suppress(Unavailable, Refused):
            _, self._log_offset = await self._rest.log_tail(self._log_offset)
        return None

    async def _offer(self) -> state.Event:
        loopback = is_loopback(self._scope.url)
        if self._scope.ice == "loopback":
            addresses = Addresses.LOOPBACK
        else:
            addresses = Addresses.BOTH if loopback else Addresses.NETWORK
        self._start(self._mark_log())
        if self._scope.relay is not None:
            servers: list[Mapping[str, Any]] = [_as_ice_server(self._scope.relay)]
        else:
            servers = [] if loopback or self._scope.ice == "loopback" else await self._rest.ice_servers()
        connection = Connection(self._rest, addresses, servers)
        talk = _Talk(self, connection)
        try:
            return state.Stopped(await connection.run(talk.begin, talk))
        except Exception as error:
            if isinstance(error, Unavailable | Refused):
                raise
            logger.exception("a bug in the bridge, on a connection with Scope")
            return state.Stopped(f"a bug in the bridge ({type(error).__name__}: {error})")
        finally:
            if self._connection is connection:
                self._connection, self._open = None, False

    # One connection's life, told by its `_Talk`

    def _begin(self, connection: Connection) -> Mapping[str, Any]:
        """A new session begins: everything that was wanted until now is in its first parameters."""
        self._connection, self._open = connection, False
        self._chunks_before += self._pacer.chunks
        self._pacer = self._new_pacer()
        self._draw(self._clock())
        wanted = self._wanted
        self._outbox.restart(wanted)
        for change in self._touched_at.values():
            self._outbox.put(change)
        self._to_repeat.clear()
        self._coming.clear()
        self._coming.append((1, wanted))
        return wire.initial_parameters(self._scope, wanted)

    def _new_pacer(self) -> Pacer:
        return Pacer(self._scope.frames_per_chunk or frames_per_chunk(self._scope.pipeline))

    def _answered(self, session: str) -> None:
        self._store.add(self._scope.url, session)
        self._on(state.Answered(session))

    def _framed(self, video: av.VideoFrame) -> None:
        moment = self._clock()
        self._pacer.frame(moment)
        if self._pacer.frames == 1:
            self._sessions += 1
            self._in_picture.clear()
        while self._coming and self._coming[0][0] <= self._pacer.frames:
            self._in_picture.update(self._coming.popleft()[1])
        self._fan.put(Frame(video, moment, self._frames))
        self._frames += 1
        self._last_frame = moment
        self._on(state.FrameReceived(self._pacer.period))
        self._send_if_possible()

    def _said(self, text: str | bytes) -> None:
        said = wire.server_message(text)
        logger.debug("< %s", text)
        if said.get("type") == "stream_stopped":
            self._on(state.Stopped(said.get("error_message") or "Scope stopped the stream"))

    # Sending

    def _send_if_possible(self) -> None:
        """Send what waits if it may go now; else see to it that this is asked again when it may."""
        if self._send_timer:
            self._send_timer.cancel()
            self._send_timer = None
        if self._connection is None or not self._open:
            return
        moment = self._clock()
        if not self._outbox and not (self.source is not None and self.source.waiting):
            self._repeat_later(moment)
            return
        wait = self._pacer.wait(moment)
        if wait is None:
            return  # a frame must come first, and it asks again
        if wait == 0 and not self._connection.ready:
            wait = STUCK_INTERVAL
        if wait > 0:
            self._ask_again_in(wait)
            return
        self._draw(moment)
        if not self._outbox:
            self._repeat_later(moment)  # what there was, Scope has already
            return
        self._send(self._outbox.take(), moment)
        self._send_if_possible()  # for what still waits, or for the repetition

    def _send(self, changes: list[Change], moment: float) -> None:
        assert self._connection is not None
        self._connection.send(wire.message(changes, self._wanted))
        self._pacer.message(moment)
        self._messages += 1
        values = {change.parameter: change.value for change in changes if change.node is None}
        self._coming.append((self._pacer.shown_from(), values))
        if "paused" in values:
            self._pacer.paused = bool(values["paused"])
            self._on(state.Paused(self._pacer.paused))
        self._last_message = moment
        self._to_repeat.update({name: value for name, value in values.items() if parameter(name).resendable})

    def _repeat_later(self, moment: float) -> None:
        """Once the hand rests, send its last values a second time, if that costs nothing."""
        period = self._pacer.period
        if not self._to_repeat or period is None or self._pacer.paused:
            return
        wait = max(self._last_message + QUIET_CHUNKS * period - moment, self._pacer.wait(moment) or 0.0)
        if wait > 0:
            self._ask_again_in(wait)
            return
        assert self._connection is not None
        if self._pacer.wait(moment) == 0 and self._connection.ready:
            self._send([Change(name, value, moment) for name, value in self._to_repeat.items()], moment)
            self._to_repeat.clear()

    def _ask_again_in(self, seconds: float) -> None:
        self._send_timer = asyncio.get_running_loop().call_later(seconds, self._send_if_possible)


class _Talk:
    """Tells a session what happens on one of its connections, for as long as that is the current one."""

    def __init__(self, session: Session, connection: Connection) -> None:
        self._session = session
        self._connection = connection

    @property
    def _current(self) -> bool:
        return self._session._connection is self._connection

    def begin(self) -> Mapping[str, Any]:
        return self._session._begin(self._connection)

    def answered(self, session: str) -> None:
        self._session._answered(session)

    def opened(self) -> None:
        if self._current:
            self._session._open = True
            self._session._send_if_possible()

    def framed(self, video: av.VideoFrame) -> None:
        if self._current:
            self._session._framed(video)

    def said(self, text: str | bytes) -> None:
        if self._current:
            self._session._said(text)


def _with(before: Any, name: str, value: Any) -> Any:
    """Return a parameter's value after another change of it: lists of `{path, ...}` are joined."""
    return union(before, value) if before is not None and parameter(name).merge is Merge.UNION else value


def _as_ice_server(relay: Relay) -> Mapping[str, Any]:
    """Return a profile's own relay as a server would name it."""
    return {"urls": list(relay.urls), "username": relay.username, "credential": relay.credential}


def _is_access(line: str) -> bool:
    """Return whether a line of Scope's log only tells of an HTTP request, as our own questions cause them."""
    return '"GET /' in line or '"POST /' in line or '"DELETE /' in line
