"""The session with one Scope, kept for as long as the bridge runs: performs what `state.Machine` commands, and sends what
`delivery.Delivery` says may go.

session = Session(profile.scope, fans, SessionStore(state_directory()))
session.put([Change("noise_scale", 0.43, at=now())])     # goes at once, or with the next chunk, or when Scope is back
"""

import asyncio
import logging
from collections.abc import Container, Coroutine, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol

import av

from bridge import strip
from bridge.clock import Clock, now
from bridge.errors import Refused, Unavailable
from bridge.frames import Frame, Latest
from bridge.parameters import Change
from bridge.profile.model import Scope
from bridge.session.contract import troubles, wire
from bridge.session.contract.layout import layout
from bridge.session.http.errands import Errands
from bridge.session.http.recording import ServerRecording
from bridge.session.http.rest import Rest
from bridge.session.http.tempo import NEEDS, ServerTempo
from bridge.session.life import events
from bridge.session.life.events import Command, Event
from bridge.session.life.state import Machine
from bridge.session.pacing.delivery import Delivery, Source
from bridge.session.sending import Line, Sender
from bridge.session.store import SessionStore
from bridge.session.uplink import Counts, Uplink
from bridge.session.webrtc import Connection
from bridge.status import Phase, ScopeStatus

logger = logging.getLogger(__name__)

FAREWELL: Final = 1.5
"""Seconds for the end of the session on the server, when the bridge ends."""
LAST_FETCH: Final = 10.0
"""Seconds for a recording that still runs then."""


class Screen(Protocol):
    """Where frames go."""

    def put(self, frame: Frame, sink: str, *, first: bool) -> None:
        """Take a frame of a sink; `first` is whether that is the first of the graph."""


class Session:
    """The talk with one Scope, through crashes, reloads and reconnections. All of it belongs to the event loop."""

    def __init__(self, scope: Scope, screen: Screen, store: SessionStore, clock: Clock = now) -> None:
        self.uplinks: Mapping[str, Latest] = {}
        """The video for the graph's sources: a mailbox for the id of each. Read when a session begins."""
        self._sent_up = Counts()
        self._scope = scope
        self._screen = screen
        self._store = store
        self._clock = clock
        self._machine = _machine(scope)
        self._layout = layout(scope)
        self._delivery = Delivery(self._layout.nodes)
        self._errands: Errands | None = None
        """While it runs."""
        self._tempo = ServerTempo()
        self._recording = ServerRecording(scope.called)
        self._resting = False
        self._sender = Sender(self._delivery, clock, self._on)
        self._session: str | None = None
        """The id of the session that plays, or may begin to."""
        self._fresh = False
        """Whether its first frame has not come yet."""
        self._tasks: asyncio.TaskGroup | None = None
        self._talk: asyncio.Task[None] | None = None
        self._preparing: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._counts: dict[str, int] = {}
        """The frames of each sink."""
        self._sessions = 0
        self._complaint = ""
        self._last_frame: float | None = None
        self._rehearses = False
        """Whether the server's frames say what they were made with."""

    # What others ask of it

    @property
    def name(self) -> str:
        """What it is called among the services: the Scope's name, and where it is, since a standby has the same one."""
        return f"scope {self._scope.name} at {self.url}" if self._scope.name else f"scope at {self.url}"

    @property
    def url(self) -> str:
        """The server."""
        return self._scope.url

    @property
    def source(self) -> Source | None:
        """Where changes are drawn from when a message may go; call `stir` when there are some."""
        return self._delivery.source

    @source.setter
    def source(self, source: Source | None) -> None:
        self._delivery.source = source

    @property
    def resting(self) -> bool:
        """Whether it is a standby: connected, its first chunk made, and paused; told everything when it wakes."""
        return self._resting

    @resting.setter
    def resting(self, on: bool) -> None:
        self._resting = on
        self._delivery.rest(on, self._clock())
        self._sender.stir()

    @property
    def ready(self) -> bool:
        """Whether its picture comes, or would at once if it were not paused."""
        return self._machine.phase in (Phase.STREAMING, Phase.PAUSED)

    @property
    def troubled(self) -> bool:
        """Whether something has failed, and frames have not been there for a while since."""
        return bool(self._machine.trouble)

    @property
    def modulates(self) -> bool:
        """Whether the server moves the profile's modulations by its own tempo, so that the bridge need not."""
        return self._tempo.enabled and bool(self._scope.modulations)

    @property
    def frames_until_reset(self) -> int | None:
        """How many frames come before Scope resets its cache by itself; None if it does not, or nothing plays."""
        return self._delivery.frames_until_reset

    @property
    def delivery_seconds(self) -> float | None:
        """How long frames take from the end of their chunk until they are here, in seconds; None: not calibrated."""
        return self._delivery.delivery_seconds

    @delivery_seconds.setter
    def delivery_seconds(self, seconds: float | None) -> None:
        self._delivery.delivery_seconds = seconds

    def begin_with(self, values: Mapping[str, Any]) -> None:
        """Set what sessions begin with. What somebody has changed since stays as it is; what is new goes out now."""
        self._delivery.begin_with(values, self._clock())
        self._sender.stir()

    def turn_to(self, scope: Scope, keep: Container[str]) -> None:
        """Talk to another server, or have it run something else, from the next `run` on. Not while it runs.

        Of what somebody has changed, only the parameters in `keep` mean anything there.
        """
        self._scope, self._layout = scope, layout(scope)
        self._delivery.turn_to(self._layout.nodes, keep)

    def take_over(self, other: "Session") -> None:
        """Be told everything that the other session was told: this one plays in its place."""
        self._delivery.adopt(other._delivery)

    def put(self, changes: Iterable[Change]) -> None:
        """Take changes on their way to Scope. Sends in the same turn of the loop, if a message may go now."""
        self._delivery.put(changes)
        self._sender.stir()

    def stir(self) -> None:
        """The source has something: send it in the same turn of the loop, if a message may go now."""
        self._sender.stir()

    def record(self, on: bool, directory: Path) -> None:
        """Let the server record what it makes, or end that and fetch the file into `directory`. What goes wrong is in
        the status, and logged."""
        self._recording.want(on, directory)
        self._see_to_recording()

    def asked(self, parameter: str, node: str | None = None) -> Any:
        """Return the value of `parameter` that was asked for last; None if none was."""
        return self._delivery.asked(parameter, node)

    def sent(self, parameter: str, node: str | None = None) -> Any:
        """Return the value of `parameter` that Scope was told last; None if none was."""
        return self._delivery.sent(parameter, node)

    def in_picture(self, parameter: str, node: str | None = None) -> Any:
        """Return the value of `parameter` in the frames received now, as they say, or as pacing tells; None if none was
        sent."""
        return self._delivery.in_picture(parameter, node)

    async def schemas(self) -> object:
        """Return what the server says that its pipelines take. Raise `Unavailable` or `Refused` if it does not."""
        if self._errands is None:
            raise Unavailable("the talk with Scope has not begun")
        return await self._errands.rest.schemas()

    def status(self) -> ScopeStatus:
        """Return how the talk stands."""
        moment = self._clock()
        line, errands = self._sender.line, self._errands
        round_trip = line.connection.round_trip if line is not None else None
        if round_trip is None and errands is not None:
            round_trip = errands.rest.last_round_trip
        warnings = (
            *(errands.prepared.warnings if errands is not None else ()),
            self._tempo.warning,
            self._recording.warning,
            self._machine.warning(moment),
        )
        return ScopeStatus(
            url=self._scope.url,
            phase=self._machine.phase,
            detail=self._machine.detail,
            version=self._machine.version,
            pipeline=self._scope.pipeline,
            fps=round(self._delivery.fps(moment), 2),
            chunk_seconds=self._delivery.period,
            frames=self._delivery.frames,
            chunks=self._delivery.chunks,
            messages=self._delivery.messages,
            frame_age=None if self._last_frame is None else moment - self._last_frame,
            sessions=self._sessions,
            name=self._scope.name,
            progress=self._machine.progress,
            bandwidth=line.connection.bandwidth if line is not None else None,
            round_trip=round_trip,
            warning="; ".join(warning for warning in warnings if warning),
            sent_up=self._sent_up.frames,
            sent_up_again=self._sent_up.repeated,
            dropped_up=self._sent_up.dropped,
        )

    # Its life

    async def run(self) -> None:
        """Keep the talk going until cancelled; then end the session on the server too."""
        async with Rest(self._scope.url, self._clock) as rest:
            errands = self._errands = Errands(rest, self._scope, self._store, self._clock)
            self._machine = _machine(self._scope)
            try:
                async with asyncio.TaskGroup() as self._tasks:
                    try:
                        for process in self._store.others_on(self._scope.url):
                            logger.warning(
                                "another bridge (process %d) plays %s: two drive one pipeline", process, self._scope.url
                            )
                        self._on(events.Started(self._store.left_on(self._scope.url)))
                        await asyncio.Event().wait()  # until cancelled
                    finally:
                        self._stop()
                        await errands.settle(FAREWELL)
            finally:
                self._errands = None
                await self._leave(errands)

    def _stop(self) -> None:
        """Let go of what would act after the tasks are gone."""
        self._tasks = None
        self._let_go()
        if self._talk:
            self._talk.cancel()
            self._talk = None
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _let_go(self) -> None:
        self._sender.stop()
        self._session = None

    async def _leave(self, errands: Errands) -> None:
        """End our sessions on the server: without that, it would go on generating for half a minute."""
        try:
            if self._recording.runs:
                async with asyncio.timeout(LAST_FETCH):
                    await self._recording.end(errands.rest)
            async with asyncio.timeout(FAREWELL):
                for session in self._store.left_on(self._scope.url):
                    await errands.remove(session)
                await self._tempo.end(errands.rest)
        except TimeoutError:
            logger.debug("could not end the session: it takes too long")

    def _on(self, event: Event) -> None:
        """Let the machine take in an event, perform what it commands, and wake up when it wants."""
        phase, detail = self._machine.phase, self._machine.detail
        if isinstance(event, events.Healthy):
            self._rehearses = event.rehearsal
        for command in self._machine.on(event, self._clock()):
            self._perform(command)
        if (phase, detail) != (self._machine.phase, self._machine.detail):
            logger.debug("= %s: %s", self._machine.phase.value, self._machine.detail)
        if self._machine.trouble not in ("", self._complaint):  # the same one over and over would bury the others
            logger.warning("%s: %s", self.name, self._machine.trouble)
        self._complaint = self._machine.trouble
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if self._machine.deadline is not None and self._tasks:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(
                max(0.0, self._machine.deadline - self._clock()), lambda: self._on(events.Tick(self._hushed))
            )

    @property
    def _hushed(self) -> bool:
        """Whether nothing arrives any more over the connection there is."""
        line = self._sender.line
        return line is not None and line.connection.hushed

    def _perform(self, command: Command) -> None:
        errands = self._errands
        if errands is None:
            return
        match command:
            case events.AskHealth():
                self._start(errands.ask_health())
            case events.Prepare():
                if self._preparing:
                    self._preparing.cancel()
                self._preparing = self._start(errands.prepare(self._machine.dialect, self._on))
            case events.AskStatus():
                self._start(errands.ask_status())
            case events.Load():
                self._start(errands.load(command, self._machine.dialect))
            case events.RemoveSession(session):
                self._start(errands.remove(session))
            case events.ReadLog():
                self._start(self._read_log(errands))
            case events.Compare():
                self._start(self._compare(errands))
            case events.Offer():
                self._talk = self._start(self._offer(errands))
            case events.Close():
                self._let_go()
                if self._talk:
                    self._talk.cancel()
                    self._talk = None

    def _start(self, work: Coroutine[Any, Any, Event | None]) -> asyncio.Task[None] | None:
        if self._tasks is None:
            work.close()
            return None
        return self._tasks.create_task(self._told(work))

    async def _told(self, work: Coroutine[Any, Any, Event | None]) -> None:
        """Do `work`, and let the machine know what came of it; nothing that a server answers may end the talk."""
        event: Event | None
        try:
            event = await work
        except Unavailable as error:
            event = events.Unreachable(str(error))
        except Refused as error:
            event = events.Failed(str(error))
        except Exception as error:
            logger.exception("a bug in the bridge, in the talk with Scope")
            event = events.Failed(f"a bug in the bridge ({type(error).__name__}: {error})")
        if event is not None and self._tasks is not None:
            self._on(event)

    async def _read_log(self, errands: Errands) -> Event:
        read, overflowed = await errands.inquiry.read_log(self._session)
        for queue in overflowed:
            self._delivery.alarm(self._clock(), queue)
        self._sender.stir()
        return read

    async def _compare(self, errands: Errands) -> Event:
        beat = self._delivery.beat(self._clock()) if self._tempo.enabled else None
        await self._tempo.follow(errands.rest, self._scope, beat)
        session = self._session
        compared = await errands.inquiry.compare(session, self._machine.dialect, self._clock())
        if session != self._session:  # what it says is about one that is no more
            return events.Compared()
        if compared.lost:
            self._delivery.say_again(compared.lost, self._clock())
            self._sender.stir()
        return compared

    def _see_to_recording(self) -> None:
        if self._errands is not None:
            self._start(self._follow_recording(self._errands))

    async def _follow_recording(self, errands: Errands) -> None:
        await self._recording.follow(errands.rest, self._machine.dialect, self._session if self.ready else None)

    async def _offer(self, errands: Errands) -> Event:
        assert self._tasks is not None
        dialect = self._machine.dialect
        await errands.mark_log(dialect)
        addresses, servers = await errands.ways()
        beat = self._delivery.beat(self._clock()) if self._scope.tempo != "off" else None
        await self._tempo.begin(errands.rest, self._scope, dialect, beat)
        laid_out = self._layout = layout(self._scope, dialect)
        tracks = {source: self._uplink(source) for source in laid_out.sources}
        connection = Connection(
            partial(errands.offer, self._tasks),
            addresses,
            servers,
            list(tracks.values()),
            len(laid_out.sinks),
            laid_out.keep_alive,
        )
        line = Line(connection, tracks, dialect, errands.prepared.paths, self._tempo, errands.inquiry.echo)
        talk = _Talk(self, line)
        try:
            return events.Stopped(await connection.run(talk.begin, talk))
        except Exception as error:
            if isinstance(error, Unavailable | Refused):
                raise
            logger.exception("a bug in the bridge, on a connection with Scope")
            return events.Stopped(f"a bug in the bridge ({type(error).__name__}: {error})")
        finally:
            if self._sender.line is line:
                self._let_go()

    def _uplink(self, source: str) -> Uplink:
        load = next((node.load for node in self._scope.nodes if {"width", "height"} <= node.load.keys()), {})
        size = (int(load["width"]), int(load["height"])) if load else None
        mailbox = self.uplinks.get(source, Latest())
        return Uplink(
            mailbox, size, lambda: self._delivery.uplink(self._clock(), source), self._clock, counts=self._sent_up
        )

    # One connection's life, told by its `_Talk`

    def _begin(self, line: Line) -> Mapping[str, Any]:
        """A new session begins: everything that was wanted until now is in its first parameters."""
        moment = self._clock()
        self._sender.line, self._fresh = line, True
        wanted = self._delivery.begin(moment, self._layout.nodes)
        first = self._tempo.first_words(self._scope, wanted)
        wanted = {name: value for name, value in wanted.items() if name not in NEEDS}
        initial = wire.initial_parameters(
            self._scope, wanted, layout=self._layout, dialect=line.dialect, paths=line.paths
        )
        self._delivery.say_first({**wire.left_over(wanted, line.dialect), **first}, moment)
        line.echo.begin(initial)
        return initial

    def _answered(self, session: str) -> None:
        self._session = session
        self._store.add(self._scope.url, session)
        self._on(events.Answered(session))

    def _framed(self, video: av.VideoFrame, place: int) -> None:
        moment = self._clock()
        sink = self._layout.sinks[place] if place < len(self._layout.sinks) else ""
        number = self._counts.get(sink, 0)
        self._counts[sink] = number + 1
        at = "" if place == 0 else sink
        if self._sender.line is not None:
            self._delivery.round_trip = self._sender.line.connection.round_trip
        self._delivery.frame(moment, at)
        if self._rehearses and self._delivery.to_be_read(at):
            self._delivery.read(strip.read_frame(video), at)
        self._screen.put(Frame(video, moment, number), sink, first=place == 0)
        if place == 0:
            fresh, self._fresh = self._fresh, False
            self._sessions += fresh
            self._last_frame = moment
            fps = self._delivery.fps(moment)
            self._on(events.FrameReceived(self._delivery.period, 1 / fps if fps > 0 else 0.0))
            if fresh and (self._recording.wanted or self._recording.runs):
                self._see_to_recording()
        else:
            self._on(events.SinkReceived(sink))
        self._sender.stir()

    def _said(self, text: str | bytes) -> None:
        said = wire.server_message(text)
        logger.debug("< %s", text)
        if said.get("type") == "stream_stopped":
            self._on(events.Stopped(said.get("error_message") or troubles.said("stopped")))


def _machine(scope: Scope) -> Machine:
    return Machine(scope.pipeline, scope.nodes, layout(scope).sinks[1:])


class _Talk:
    """Tells a session what happens on one of its connections, for as long as that is the current one."""

    def __init__(self, session: Session, line: Line) -> None:
        self._session = session
        self._line = line

    @property
    def _current(self) -> bool:
        return self._session._sender.line is self._line

    def begin(self) -> Mapping[str, Any]:
        return self._session._begin(self._line)

    def answered(self, session: str) -> None:
        self._session._answered(session)

    def opened(self) -> None:
        if self._current:
            self._line.open = True
            self._session._sender.stir()

    def framed(self, video: av.VideoFrame, place: int) -> None:
        if self._current:
            self._session._framed(video, place)

    def said(self, text: str | bytes) -> None:
        if self._current:
            self._session._said(text)
