"""Builds the running services from a profile, joins them, and dispatches the verbs. No policy, no protocol.

    app = App("club.yaml")
    await app.run()          # until cancelled

While it runs, a profile that changes on disk is read again; one with problems changes nothing.
"""

import asyncio
import gc
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import assert_never

from bridge import capture, mapping, running
from bridge.catalogue import STANDARD
from bridge.clock import now
from bridge.console.panel.server import Panel
from bridge.console.show import show_of
from bridge.errors import Unavailable
from bridge.frames import Frame
from bridge.inputs import Input, open_input
from bridge.lamps import Lamps
from bridge.live import LiveState
from bridge.log import Complaints
from bridge.mapping import Effects
from bridge.pictures import Pictures, changed
from bridge.profile.inputs import InputOptions, Video
from bridge.profile.model import Profile, Scope
from bridge.profile.source.problems import Problem
from bridge.profile_file import Adjust, ProfileFile
from bridge.scopes import Scopes, scopes_of
from bridge.session.latency.calibration import CalibrationStore
from bridge.session.store import SessionStore, state_directory
from bridge.signals import Batch, Emit
from bridge.status import RouteStatus, Status
from bridge.supervisor import Service, Supervisor, Task
from bridge.verbs import (
    Bypass,
    Freeze,
    Key,
    Level,
    Record,
    RunPipeline,
    SaveScene,
    Seek,
    ServerRecord,
    ShowLamps,
    Standby,
    UseSource,
    Verb,
)

logger = logging.getLogger(__name__)

TICK_RATE = 60
"""Times per second that moving filters are asked, while any of them moves."""
KEEP_INTERVAL = 1.0
"""Seconds between looks at whether what is live has changed and must be written down."""
LIGHT_INTERVAL = 1 / 30
"""Seconds between looks at what the lamps, rings and motors of controllers are to show."""
TELL_INTERVAL = 0.25
"""Seconds between looks at how Scope is doing, for routes and filters that ask."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says about the app itself."""

    panel_port: int = 8765
    """The page's port; 0 lets the system choose."""
    adjust: Adjust = lambda profile: profile
    resume: bool = False
    """Whether to go on from what was live when the bridge last played this profile."""
    record: Path | None = None
    """Where to record every signal."""
    replay: Input | None = None
    """What plays instead of the profile's inputs."""
    environment: Mapping[str, str] | None = None
    """What fills `${NAME}` in a profile; None: the process's own."""


class App:
    """The running bridge. Everything in it belongs to one event loop."""

    def __init__(self, path: str | Path, options: Options | None = None) -> None:
        """Read the profile; raise `ProfileError` if it has problems, `Unavailable` if the recording cannot begin: then
        nothing is started."""
        self._options = options or Options()
        self._file = ProfileFile(Path(path), self._options.adjust, self._options.environment)
        self._profile = self._file.profile
        self._started = now()
        self._taps: list[Emit] = []
        self._mapping = mapping.compile_all(self._profile)
        self._live = LiveState.of(self._file.path)
        if self._options.resume:
            self._mapping.resume(dict(self._live.load() or {}), now())
        self._capture = self._begin_capture(self._options.record)
        self.scopes = Scopes(self._profile, SessionStore(state_directory()), CalibrationStore(state_directory()))
        self.scopes.play(self._mapping)
        self.inputs: dict[str, Input] = {}
        self._supervisor = Supervisor(now, asyncio.sleep)
        self.pictures = Pictures(
            self._profile,
            self.scopes,
            self._supervisor,
            self._file.path.parent,
            lambda duration: self._mapping.lead.around.seconds(duration),
        )
        self.panel = Panel(
            "127.0.0.1", self._options.panel_port, self.status, self.act, self.pictures.preview, self.listen_to_signals
        )
        self._moving = asyncio.Event()
        self._lamps = Lamps(self.scopes)
        self._refusals = Complaints(logger)
        self._changing = asyncio.Lock()
        """Held by who changes what runs: a reload and a call for another pipeline may come at once."""
        self._asked: asyncio.Queue[SaveScene | RunPipeline] = asyncio.Queue()
        """What takes its time: it is done one after the other, beside the signals."""

    async def run(self, *more: Service) -> None:
        """Run the services of the profile, and `more`, until cancelled."""
        replay = self._options.replay
        for name in _inputs_of(self._profile) if replay is None else ():
            self._open_input(name)
        if replay is not None:
            self.inputs[replay.name] = replay
        else:
            more = (*more, Task("live state", self._keep_live))
        pictures = self.pictures.open()
        # What is loaded by now stays. If every full collection of garbage looked through that, it would halt all threads for
        # a tenth of a second, those of the outputs too.
        gc.collect()
        gc.freeze()
        self.emit(Batch(now(), ()))  # from here on beats and oscillators count, in a recording too
        try:
            await self._supervisor.run(
                [
                    *(service for name in self.scopes.stations for service in self._services_of(name)),
                    *pictures,
                    *(self._input_service(name) for name in self.inputs),
                    Task("panel", self.panel.run),
                    Task("tools", self._announce),
                    Task("filters", self._tick),
                    Task("profile", self._watch),
                    Task("scope's state", self._tell),
                    Task("what scope takes", self._learn),
                    Task("requests", self._fulfil),
                    Task("lamps", self._light),
                    *more,
                ]
            )
        finally:
            await asyncio.to_thread(self._close)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What the profile as it is played now warns of."""
        return self._file.warnings

    def outputs_are_fed(self) -> bool:
        """Return whether every output of the profile has sent frames, but for those that cannot open now."""
        return self.pictures.are_shown(self._supervisor.complaints().keys())

    # The way of one gesture

    def emit(self, batch: Batch) -> None:
        """Take what arrived at an input or on the page, and do at once what follows from it."""
        self._feed(batch)

    def act(self, batch: Batch) -> str:
        """Do what somebody did on the page; return why it was refused, or nothing."""
        unknown = [path for path, _ in batch.samples if not self._mapping.knows(path)]
        if unknown:
            return f"there is nothing called {', '.join(path.partition('/')[2] for path in unknown)}"
        return "; ".join(self._feed(batch).refused)

    def listen(self, to_signals: Emit, to_frames: Callable[[Frame], None]) -> None:
        """Have every batch of signals and every frame from Scope told as well, for whoever measures."""
        self.listen_to_signals(to_signals)
        self.pictures.tap(to_frames)

    def listen_to_signals(self, to_signals: Emit) -> Callable[[], None]:
        """Have every batch of signals told as well, until what is returned is called."""
        self._taps.append(to_signals)
        return lambda: self._taps.remove(to_signals)

    def _feed(self, batch: Batch) -> Effects:
        for tap in self._taps:
            tap(batch)
        if self._capture is not None:
            self._capture.put(batch)
        effects = self._mapping.feed(batch)
        for reason in effects.refused:
            self._refusals.about(reason, reason)
        self._do(effects)
        return effects

    def _do(self, effects: Effects) -> None:
        self.scopes.stir(self._mapping)
        self._dispatch(effects.verbs)
        if self._mapping.moving:
            self._moving.set()

    def _dispatch(self, verbs: list[Verb]) -> None:
        for verb in verbs:
            match verb:
                case Freeze(output, on):
                    for named in self.pictures.called(output):
                        named.frozen = on
                case Level(output, level):
                    for named in self.pictures.called(output):
                        named.level = level
                case SaveScene() | RunPipeline():
                    self._asked.put_nowait(verb)
                case UseSource(source, scope):
                    self.pictures.use(source, scope)
                case Standby(on, scope):
                    if scope in self.scopes.stations:
                        self.scopes.stations[scope].switch(on)
                case ServerRecord(on, scope):
                    self.scopes.record(scope, on, self._file.path)
                case Key(output, threshold):
                    for keyed in self.pictures.outputs_called(output):
                        keyed.key = threshold
                case Bypass(amount):
                    self.pictures.pass_by(amount)
                case Record(on):
                    self.pictures.record(on)
                case Seek(source, position):
                    self.pictures.seek(source, position)
                case ShowLamps():
                    self._lamps.refresh()
                case _:
                    assert_never(verb)

    async def _fulfil(self) -> None:
        """Do what was asked for and takes its time."""
        while True:
            match await self._asked.get():
                case SaveScene(name, values):
                    await asyncio.to_thread(self._file.save_scene, name, values)
                case RunPipeline(pipeline, name):
                    async with self._changing:
                        scope = self.scopes.with_pipeline(name, pipeline)
                        if scope is None:
                            continue
                        await self._run_on({name: scope})
                        logger.info("turning to the pipeline %s", pipeline)

    async def _run_on(self, wanted: Mapping[str, Scope | None]) -> None:
        """Let Scopes run something else, or begin, or (None) end; the outputs hold the picture until it comes.

        First everything ends that changes, then everything begins: they may have swapped their servers, and a server
        plays one session at a time.
        """
        others = {name: scope for name, scope in wanted.items() if scope != self.scopes.running.get(name)}
        ending = [service.name for name in others for service in self._services_of(name)]
        await asyncio.gather(*(self._supervisor.remove(name) for name in ending))
        for name, scope in others.items():
            self.scopes.turn_to(name, scope, self._mapping)
        self.scopes.play(self._mapping)
        self.pictures.feed_scopes()
        for name in others:
            for service in self._services_of(name):
                self._supervisor.add(service)

    def _services_of(self, name: str) -> list[Service]:
        station = self.scopes.stations.get(name)
        return [] if station is None else [Task(called, work) for called, work in station.services().items()]

    async def _tell(self) -> None:
        """Let routes and filters know how the Scopes are doing, whenever that changes."""
        while True:
            news = self.scopes.news()
            if news:
                self.emit(Batch(now(), news))
            await asyncio.sleep(TELL_INTERVAL)

    async def _light(self) -> None:
        """Let controllers show what their controls stand for."""
        while True:
            self._lamps.show(self.inputs, self._mapping, self._profile.lights)
            await asyncio.sleep(LIGHT_INTERVAL)

    async def _learn(self) -> None:
        """Ask the servers what their pipelines take; if that is more than is known, the profile is read again by it."""
        while True:
            answers = await self.scopes.learn()
            known = STANDARD
            for answer in answers or ():
                known = known.extended(answer)
            if answers is not None:
                self._file.learn(known)
            await asyncio.sleep(TELL_INTERVAL)

    async def _announce(self) -> None:
        """Once there is a page, let the tools find it that are started beside this show."""
        await self.panel.opened.wait()
        await asyncio.to_thread(running.announce, self.panel.url, self._file.path)

    def _close(self) -> None:
        """Write down what is to be written down."""
        running.withdraw()
        if self._options.replay is None:
            self._live.save(self._mapping.state())
        if self._capture is not None:
            self._capture.close()

    async def _keep_live(self) -> None:
        """Write down what is live, whenever it has changed."""
        kept = None
        while True:
            await asyncio.sleep(KEEP_INTERVAL)
            state = self._mapping.state()
            if state != kept:
                kept = state
                await asyncio.to_thread(self._live.save, state)

    def _begin_capture(self, path: Path | None) -> capture.Writer | None:
        if path is None:
            return None
        header = capture.gather(self._file.path, self._profile.files)
        return capture.Writer(path, replace(header, state=self._mapping.state() if self._options.resume else {}))

    async def _tick(self) -> None:
        """Ask the moving filters, on absolute deadlines, and only while something moves."""
        while True:
            self._moving.clear()
            await self._moving.wait()
            due = now()
            while self._mapping.moving:
                due = max(due + 1 / TICK_RATE, now() - 1 / TICK_RATE)
                await asyncio.sleep(due - now())
                self._do(self._mapping.tick(now()))

    # Reload

    async def _watch(self) -> None:
        await self._file.watch(self._take)

    async def _take(self, new: Profile) -> None:
        async with self._changing:
            await self._reload(new)

    async def _reload(self, new: Profile) -> None:
        """Play `new` from now on; restart only what it changes."""
        old, self._profile = self._profile, new
        self._mapping = mapping.compile_all(new, self._mapping, now())
        self.scopes.play(self._mapping)  # at once: nothing may be drawn from the engines before
        if self._capture is not None:
            with suppress(Unavailable):  # it is gone again already: the next edit is recorded
                header = await asyncio.to_thread(capture.gather, self._file.path, new.files)
                self._capture.edited(header.text, header.files)
        # First everything that goes, then everything that comes: two outputs may have swapped their names.
        inputs = changed(_inputs_of(old), _inputs_of(new)) if self._options.replay is None else []
        for name in inputs:
            if self.inputs.pop(name, None):
                await self._supervisor.remove(_input_name(name))
        await self.pictures.close_changed(new)
        await self._reload_scopes(scopes_of(old), scopes_of(new))
        await self.pictures.open_changed()
        for name in inputs:
            if name in _inputs_of(new):
                self._open_input(name)
                self._supervisor.add(self._input_service(name))
        self._do(self._mapping.tick(now()))

    async def _reload_scopes(self, old: Mapping[str, Scope], new: Mapping[str, Scope]) -> None:
        """Turn to what the profile says now; a Scope whose words were left alone goes on, also with another pipeline."""
        gone: dict[str, Scope | None] = {name: None for name in old if name not in new}
        await self._run_on(gone | {name: scope for name, scope in new.items() if old.get(name) != scope})
        self.scopes.reorder(new)

    def _open_input(self, name: str) -> None:
        self.inputs[name] = open_input(name, self._profile.inputs[name])

    def _input_service(self, name: str) -> Service:
        opened = self.inputs[name]
        return Task(_input_name(name), lambda: opened.run(self.emit))

    # What a person wants to know

    def status(self) -> Status:
        """Return how everything stands now."""
        moment, played = now(), self._mapping.lead
        spoken = self._mapping.spoken()
        complaints = [f"{name}: {complaint}" for name, complaint in self._supervisor.complaints().items()]
        if self._file.complaint:
            complaints.append(self._file.complaint)
        scope, *others = self.scopes.status()
        complaints += [
            f"{self.scopes.running[one.name].called}: {one.warning}" for one in (scope, *others) if one.warning
        ]
        return Status(
            profile=str(self._file.path),
            seconds=moment - self._started,
            scope=scope,
            others=tuple(others),
            inputs=(
                *(opened.status() for opened in self.inputs.values()),
                *self.pictures.inputs(),
            ),
            outputs=self.pictures.status(),
            routes=tuple(self._route_status(route, moment, spoken) for route in self._mapping.states()),
            prompt=played.prompter.prompt,
            bank=tuple(self._profile.prompts.bank),
            complaints=tuple(complaints),
            notes=tuple(f"{Path(one.path).name}:{one.line}: {one.message}" for one in self.warnings),
            show=show_of(
                self._profile,
                scene=played.around.scene,
                cue=played.director.cue,
                coming=played.director.coming,
                turned=played.around.pages.current,
                bpm=played.around.times.tempo.bpm,
                words=played.prompter.words,
                values=played.lasting_values(),
                snapshots=played.director.snapshots,
            ),
        )

    def _route_status(self, route: mapping.RouteState, moment: float, spoken: Mapping[str, object]) -> RouteStatus:
        """Return how a route stands."""
        found = [self.scopes.told_and_seen(aim, self._mapping, spoken) for aim in route.aims]
        sent, seen = [told for told, _ in found], [shown for _, shown in found]
        return RouteStatus(
            signal=route.signal,
            target=route.target,
            asked=route.asked,
            sent=sent[0] if len(sent) == 1 else sent or None,
            in_picture=seen[0] if len(seen) == 1 else seen or None,
            age=None if route.at is None else moment - route.at,
            clamped=route.clamped,
            refused=route.refused,
            detail=route.detail,
        )


def to_server(url: str | None) -> Adjust:
    """Return what makes a profile talk to the server at `url`, whatever it says itself; None leaves it as it is. Of
    several Scopes it is the first that moves."""

    def adjust(read: Profile) -> Profile:
        if url is None:
            return read
        moved = replace(read.scope, url=url.rstrip("/"))
        return replace(read, scope=moved, scopes={**read.scopes, moved.name: moved} if read.scopes else {})

    return adjust


def _input_name(name: str) -> str:
    return f"input {name}"


def _inputs_of(profile: Profile) -> dict[str, InputOptions]:
    """Return the inputs of a profile that bring signals."""
    return {name: options for name, options in profile.inputs.items() if not isinstance(options, Video)}
