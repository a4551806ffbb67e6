"""Builds the running services from a profile, joins them, and dispatches the verbs. No policy, no protocol.

    app = App("club.yaml")
    await app.run()          # until cancelled

While it runs, a profile that changes on disk is read again; one with problems changes nothing.
"""

import asyncio
import logging
import os
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import assert_never

from bridge import capture, mapping, profile
from bridge.catalogue import STANDARD, Catalogue
from bridge.clock import now
from bridge.console.panel.server import Panel
from bridge.console.show import show_of
from bridge.disk import read_text, write_text
from bridge.errors import ProfileError, Unavailable
from bridge.frames import Fan, Frame
from bridge.inputs import Input, open_input
from bridge.live import LiveState
from bridge.log import Complaints
from bridge.mapping import Effects
from bridge.mapping.reports import shown
from bridge.outputs import Missing, Output, open_output
from bridge.outputs.preview import Preview
from bridge.profile.edit.scenes import saved
from bridge.profile.edit.writing import EditError
from bridge.profile.inputs import InputOptions, Video
from bridge.profile.model import Profile, Scope
from bridge.scopes import Scopes, scopes_of
from bridge.session.calibration import CalibrationStore
from bridge.session.layout import layout
from bridge.session.store import SessionStore, state_directory
from bridge.signals import Batch, Emit
from bridge.sources import Source, open_source
from bridge.sources.choice import Choice
from bridge.status import RouteStatus, Status
from bridge.supervisor import Service, Supervisor
from bridge.verbs import (
    ALL,
    Bypass,
    Freeze,
    Key,
    Level,
    Record,
    RunPipeline,
    SaveScene,
    ServerRecord,
    Standby,
    UseSource,
    Verb,
)

logger = logging.getLogger(__name__)

TICK_RATE = 60
"""Times per second that moving filters are asked, while any of them moves."""
WATCH_INTERVAL = 0.3
"""Seconds between looks at the profile's file."""
GONE_AFTER = 2.0
"""Seconds after which a profile that is not there is said to be gone."""
KEEP_INTERVAL = 1.0
"""Seconds between looks at whether what is live has changed and must be written down."""
TELL_INTERVAL = 0.25
"""Seconds between looks at how Scope is doing, for routes and filters that ask."""
PAGE = "page"
"""The name of the picture on the page, among the outputs."""

Adjust = Callable[[Profile], Profile]
"""What the command line changes about a profile, each time it is read."""


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


@dataclass(frozen=True, slots=True)
class Task:
    """A service made of one coroutine."""

    name: str
    work: Callable[[], Awaitable[None]]

    async def run(self) -> None:
        await self.work()


class App:
    """The running bridge. Everything in it belongs to one event loop."""

    def __init__(self, path: str | Path, options: Options | None = None) -> None:
        """Read the profile; raise `ProfileError` if it has problems, `Unavailable` if the recording cannot begin: then
        nothing is started."""
        self._path = Path(path)
        self._options = options or Options()
        self._catalogue: Catalogue = STANDARD
        """What is known of Scope's parameters; a live server knows more."""
        self._learnt = False
        """Whether the profile is to be read again only because more is known."""
        self._profile, self.warnings = self._read()
        self._seen = self._signatures(self._profile)
        self._started = now()
        self._taps: list[Emit] = []
        self._mapping = mapping.compile_all(self._profile)
        self._live = LiveState.of(self._path)
        if self._options.resume:
            self._mapping.resume(dict(self._live.load() or {}), now())
        self._capture = self._begin_capture(self._options.record)
        self.scopes = Scopes(self._profile, SessionStore(state_directory()), CalibrationStore(state_directory()))
        self.scopes.play(self._mapping)
        self.inputs: dict[str, Input] = {}
        self.sources: dict[str, Source] = {}
        self._choices: dict[str, dict[str, Choice]] = {}
        """By Scope and the source node of its graph: which video input goes there."""
        self.outputs: dict[str, Output] = {}
        self._feeds = {PAGE: self.scopes.first.fans.main}
        """By output: the pictures that its mailbox is open for. Those of the page are for whoever measures, too."""
        self._mailboxes = {PAGE: self._feeds[PAGE].open()}
        self._preview = Preview(self._mailboxes[PAGE])
        self.panel = Panel("127.0.0.1", self._options.panel_port, self.status, self.act, self._preview)
        self._supervisor = Supervisor(now, asyncio.sleep)
        self._moving = asyncio.Event()
        self._reload_complaint = ""
        self._refusals = Complaints(logger)
        self._changing = asyncio.Lock()
        """Held by who changes what runs: a reload and a call for another pipeline may come at once."""
        self._asked: asyncio.Queue[SaveScene | RunPipeline] = asyncio.Queue()
        """What takes its time: it is done one after the other, beside the signals."""

    async def run(self, *more: Service) -> None:
        """Run the services of the profile, and `more`, until cancelled."""
        replay = self._options.replay
        for name in self._inputs(self._profile) if replay is None else ():
            self._open_input(name)
        if replay is not None:
            self.inputs[replay.name] = replay
        else:
            more = (*more, Task("live state", self._keep_live))
        for name in self._profile.outputs:
            self._open_output(name)
        for name in self._videos(self._profile):
            self._open_source(name)
        self._feed_scopes()
        self.emit(Batch(now(), ()))  # from here on beats and oscillators count, in a recording too
        try:
            await self._supervisor.run(
                [
                    *(service for name in self.scopes.stations for service in self._services_of(name)),
                    *(self._source_service(name) for name in self.sources),
                    *(self._input_service(name) for name in self.inputs),
                    *(self._output_service(name) for name in self.outputs),
                    Task(PAGE, self._preview.run),
                    Task("panel", self.panel.run),
                    Task("filters", self._tick),
                    Task("profile", self._watch),
                    Task("scope's state", self._tell),
                    Task("what scope takes", self._learn),
                    Task("requests", self._fulfil),
                    *more,
                ]
            )
        finally:
            await asyncio.to_thread(self._close)

    def outputs_are_fed(self) -> bool:
        """Return whether every output of the profile has sent frames, but for those that cannot open now."""
        down = self._supervisor.complaints()
        opened = {name: output for name, output in self.outputs.items() if not isinstance(output, Missing)}
        return all(output.status().sent for name, output in opened.items() if _output_name(name) not in down)

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
        self._taps.append(to_signals)
        self._feeds[PAGE].tap(to_frames)

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
                    for named in self._outputs_called(output):
                        named.frozen = on
                case Level(output, level):
                    for named in self._outputs_called(output):
                        named.level = level
                case SaveScene() | RunPipeline():
                    self._asked.put_nowait(verb)
                case UseSource(source, scope):
                    for choice in self._choices.get(scope, {}).values():
                        choice.called = source
                case Standby(on, scope):
                    if scope in self.scopes.stations:
                        self.scopes.stations[scope].switch(on)
                case ServerRecord(on, scope):
                    self.scopes.record(scope, on, self._path)
                case Key() | Bypass() | Record():
                    logger.warning("%s comes with a later version", _LATER[type(verb)])
                case _:
                    assert_never(verb)

    def _outputs_called(self, name: str) -> "list[Output | Preview]":
        if name == ALL:
            return [*self.outputs.values(), self._preview]
        return [self.outputs[name]] if name in self.outputs else []

    async def _fulfil(self) -> None:
        """Do what was asked for and takes its time."""
        while True:
            match await self._asked.get():
                case SaveScene(name, values):
                    await asyncio.to_thread(self._save_scene, name, values)
                case RunPipeline(pipeline, name):
                    async with self._changing:
                        scope = self.scopes.with_pipeline(name, pipeline)
                        if scope is None:
                            continue
                        await self._run_on({name: scope})
                        logger.info("turning to the pipeline %s", pipeline)

    def _save_scene(self, name: str, values: Mapping[str, object]) -> None:
        """Write a scene into the profile; the bridge reads it again like any other edit."""
        try:
            text = saved(read_text(self._path), name, values, self._profile, self._environment, profile.text_at)
            write_text(self._path, text)
        except OSError as error:
            logger.warning("the scene '%s' could not be saved into %s: %s", name, self._path, error.strerror)
        except (EditError, UnicodeDecodeError) as error:
            logger.warning("the scene '%s' could not be saved into %s: %s", name, self._path, error)
        else:
            logger.info("saved the scene '%s' into %s", name, self._path)

    async def _run_on(self, wanted: Mapping[str, Scope | None]) -> None:
        """Let Scopes run something else, or begin, or (None) end; the outputs hold the picture until it comes.

        First everything ends that changes, then everything begins: they may have swapped their servers, and a server
        plays one session at a time.
        """
        changed = {name: scope for name, scope in wanted.items() if scope != self.scopes.running.get(name)}
        ending = [service.name for name in changed for service in self._services_of(name)]
        await asyncio.gather(*(self._supervisor.remove(name) for name in ending))
        for name, scope in changed.items():
            self.scopes.turn_to(name, scope, self._mapping)
            if scope is None:
                self._choices.pop(name, None)
        self.scopes.play(self._mapping)
        self._feed_scopes()
        for name in changed:
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

    async def _learn(self) -> None:
        """Ask the servers what their pipelines take; if that is more than is known, the profile is read again by it."""
        while True:
            answers = await self.scopes.learn()
            known = STANDARD
            for answer in answers or ():
                known = known.extended(answer)
            if answers is not None and known != self._catalogue:
                self._catalogue, self._learnt = known, True
                self._seen = {}
            await asyncio.sleep(TELL_INTERVAL)

    def _close(self) -> None:
        """Write down what is to be written down."""
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
        header = capture.gather(self._path, self._profile.files)
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

    def _read(self) -> tuple[Profile, tuple[profile.Problem, ...]]:
        read, warnings = profile.load(self._path, self._environment, self._catalogue)
        return self._options.adjust(read), warnings

    @property
    def _environment(self) -> Mapping[str, str]:
        return os.environ if self._options.environment is None else self._options.environment

    def _signatures(self, of: Profile) -> dict[Path, tuple[int, int, int] | None]:
        """Return what changes when the profile, or a file that it was read from, is saved."""
        return {path: _signature(path) for path in (self._path, *map(Path, of.files))}

    async def _watch(self) -> None:
        """Read the profile again whenever its file, or one that it was read from, has changed."""
        missing = 0
        while True:
            await asyncio.sleep(WATCH_INTERVAL)
            found = self._signatures(self._profile)
            gone = [path for path, signature in found.items() if signature is None]
            missing = missing + 1 if gone else 0
            if missing * WATCH_INTERVAL > GONE_AFTER:  # while an editor replaces the file, there is none for a moment
                self._reload_complaint = f"{gone[0]} is gone; the show goes on with the profile as it was"
            if gone or found == self._seen:
                continue
            self._seen = found
            try:
                new, self.warnings = await asyncio.to_thread(self._read)
            except ProfileError as error:
                problems = _problems_in(str(error))
                for problem in problems:
                    logger.warning("%s", problem)
                more = f", and {len(problems) - 1} more" if len(problems) > 1 else ""
                self._reload_complaint = f"{problems[0]}{more}; the show goes on with the profile as it was"
                continue
            self._seen = {path: found.get(path) or signature for path, signature in self._signatures(new).items()}
            self._reload_complaint = ""
            async with self._changing:
                await self._reload(new)
            if self._learnt:
                self._learnt = False
                logger.debug("took in what the server's pipelines take")
                continue
            logger.info("read %s again", self._path)
            for warning in self.warnings:
                logger.warning("%s", str(warning).splitlines()[0])

    async def _reload(self, new: Profile) -> None:
        """Play `new` from now on; restart only what it changes."""
        old, self._profile = self._profile, new
        self._mapping = mapping.compile_all(new, self._mapping, now())
        self.scopes.play(self._mapping)  # at once: nothing may be drawn from the engines before
        if self._capture is not None:
            with suppress(Unavailable):  # it is gone again already: the next edit is recorded
                header = await asyncio.to_thread(capture.gather, self._path, new.files)
                self._capture.edited(header.text, header.files)
        # First everything that goes, then everything that comes: two outputs may have swapped their names.
        inputs = _changed(self._inputs(old), self._inputs(new)) if self._options.replay is None else []
        outputs = [name for name in _changed(old.outputs, new.outputs) if not self._keeps(name, new)]
        gone = {name: self.outputs[name] for name in outputs if name in self.outputs}
        for name in inputs:
            if self.inputs.pop(name, None):
                await self._supervisor.remove(_input_name(name))
        for name in gone:
            del self.outputs[name]
            await self._supervisor.remove(_output_name(name))
            self._feeds.pop(name).close(self._mailboxes.pop(name))
        await self._reload_scopes(scopes_of(old), scopes_of(new))
        await self._reload_sources(old, new)
        for name in (name for name in inputs if name in self._inputs(new)):
            self._open_input(name)
            self._supervisor.add(self._input_service(name))
        for name in (name for name in outputs if name in new.outputs):
            self._open_output(name)
            before = gone.get(name, self._preview)  # a new one does as the page does: a blackout is for all that come
            self.outputs[name].frozen, self.outputs[name].level = before.frozen, before.level
            self._supervisor.add(self._output_service(name))
        self._do(self._mapping.tick(now()))

    async def _reload_scopes(self, old: Mapping[str, Scope], new: Mapping[str, Scope]) -> None:
        """Turn to what the profile says now; a Scope whose words were left alone goes on, also with another pipeline."""
        gone: dict[str, Scope | None] = {name: None for name in old if name not in new}
        await self._run_on(gone | {name: scope for name, scope in new.items() if old.get(name) != scope})
        self.scopes.reorder(new)
        for name, mailbox in self._mailboxes.items():  # outputs go on; the picture that they show may be another one
            before = self._feeds[name]
            fan = self.scopes.first.fans.main if name == PAGE else self.scopes.fan(self._profile.outputs[name].of)
            if fan is not before:
                before.close(mailbox)
                fan.join(mailbox)
                self._feeds[name] = fan

    async def _reload_sources(self, old: Profile, new: Profile) -> None:
        """Open and close what brings video for Scope."""
        before, after = self._videos(old), self._videos(new)
        for name in _changed(before, after):
            if self.sources.pop(name, None):
                await self._supervisor.remove(_source_name(name))
            if name in after:
                self._open_source(name)
                self._supervisor.add(self._source_service(name))
        self._feed_scopes()

    def _keeps(self, name: str, new: Profile) -> bool:
        """Return whether the output called `name` goes on as it is, with the new profile's options for it."""
        return name in self.outputs and name in new.outputs and self.outputs[name].change(new.outputs[name])

    def _inputs(self, of: Profile) -> dict[str, InputOptions]:
        """Return the inputs of a profile that bring signals."""
        return {name: options for name, options in of.inputs.items() if not isinstance(options, Video)}

    def _open_input(self, name: str) -> None:
        self.inputs[name] = open_input(name, self._profile.inputs[name])

    def _videos(self, of: Profile) -> dict[str, Video]:
        """Return the video inputs of a profile."""
        return {name: options for name, options in of.inputs.items() if isinstance(options, Video)}

    def _open_source(self, name: str) -> None:
        fan = Fan()
        fan.tap(lambda frame: self._take_video(name, frame))
        self.sources[name] = open_source(name, self._videos(self._profile)[name], fan)

    def _source_service(self, name: str) -> Service:
        return Task(_source_name(name), self.sources[name].run)

    def _take_video(self, name: str, frame: Frame) -> None:
        for choices in self._choices.values():
            for choice in choices.values():
                choice.take(name, frame)

    def _feed_scopes(self) -> None:
        """Let every source node of every Scope have its choice of video inputs."""
        for name, scope in self.scopes.running.items():
            wanted = {node: scope.sources.get(node, scope.video) for node in layout(scope).sources}
            before = self._choices.get(name, {})
            self._choices[name] = {
                node: before[node] if node in before and before[node].names == videos else Choice(videos)
                for node, videos in wanted.items()
            }
            self.scopes.stations[name].uplinks = {node: choice.mailbox for node, choice in self._choices[name].items()}

    def _open_output(self, name: str) -> None:
        self._feeds[name] = self.scopes.fan(self._profile.outputs[name].of)
        self._mailboxes[name] = self._feeds[name].open()
        self.outputs[name] = open_output(name, self._profile.outputs[name], self._mailboxes[name])

    def _input_service(self, name: str) -> Service:
        opened = self.inputs[name]
        return Task(_input_name(name), lambda: opened.run(self.emit))

    def _output_service(self, name: str) -> Service:
        return Task(_output_name(name), self.outputs[name].run)

    # What a person wants to know

    def status(self) -> Status:
        """Return how everything stands now."""
        moment, played = now(), self._mapping.lead
        told = {name: part.prompter.spoken() for name, part in self._mapping.parts.items()}
        complaints = [f"{name}: {complaint}" for name, complaint in self._supervisor.complaints().items()]
        if self._reload_complaint:
            complaints.append(self._reload_complaint)
        scope, *others = self.scopes.status()
        complaints += [f"{_scope_called(one.name)}: {one.warning}" for one in (scope, *others) if one.warning]
        return Status(
            profile=str(self._path),
            seconds=moment - self._started,
            scope=scope,
            others=tuple(others),
            inputs=(
                *(opened.status() for opened in self.inputs.values()),
                *(source.status() for source in self.sources.values()),
            ),
            outputs=(*(output.status() for output in self.outputs.values()), self._preview.status()),
            routes=tuple(self._route_status(route, moment, told) for route in self._mapping.states()),
            prompt=played.prompter.prompt,
            bank=tuple(self._profile.prompts.bank),
            complaints=tuple(complaints),
            notes=tuple(f"{Path(one.path).name}:{one.line}: {one.message}" for one in self.warnings),
            show=show_of(
                self._profile,
                scene=played.around.scene,
                cue=played.director.cue,
                coming=played.director.coming,
                page=played.around.pages.current,
                bpm=played.around.times.tempo.bpm,
                words=played.prompter.words,
                values=played.lasting_values(),
                snapshots=played.director.snapshots,
            ),
        )

    def _route_status(self, route: mapping.RouteState, moment: float, told: Mapping[str, object]) -> RouteStatus:
        """Return how a route stands; `told` are the prompts that each Scope is to have by now."""
        part = route.scope if route.scope in told else next(iter(told))
        words_of = self._mapping.parts[part].prompter.words_of
        sent, seen = (None, None)
        if route.parameter is not None:
            values = self.scopes.in_picture(route.scope, route.parameter, route.node)
            sent, seen = (shown(route, value, told[part], words_of) for value in values)
        return RouteStatus(
            signal=route.signal,
            target=route.target,
            asked=route.asked,
            sent=sent,
            in_picture=route.asked if route.parameter is None else seen,
            age=None if route.at is None else moment - route.at,
            clamped=route.clamped,
            refused=route.refused,
            detail=route.detail,
        )


_LATER: dict[type[Verb], str] = {
    Key: "the key of an output",
    Bypass: "the source past Scope",
    Record: "recording the picture",
}
"""What the language can ask for and this version cannot do, in words."""


def to_server(url: str | None) -> Adjust:
    """Return what makes a profile talk to the server at `url`, whatever it says itself; None leaves it as it is. Of
    several Scopes it is the first that moves."""

    def adjust(read: Profile) -> Profile:
        if url is None:
            return read
        moved = replace(read.scope, url=url.rstrip("/"))
        return replace(read, scope=moved, scopes={**read.scopes, moved.name: moved} if read.scopes else {})

    return adjust


def _scope_called(name: str) -> str:
    return f"Scope {name}" if name else "Scope"


def _source_name(name: str) -> str:
    return f"video {name}"


def _input_name(name: str) -> str:
    return f"input {name}"


def _output_name(name: str) -> str:
    return f"output {name}"


def _changed(old: Mapping[str, object], new: Mapping[str, object]) -> list[str]:
    """Return the names that are not the same in both."""
    return [name for name in {**old, **new} if old.get(name) != new.get(name)]


def _problems_in(report: str) -> list[str]:
    """Return the first line of each problem in a report, with its place; the report itself if it names none."""
    return re.findall(r"^\S.*:[0-9]+:[0-9]+: .*", report, re.MULTILINE) or [report]


def _signature(path: Path) -> tuple[int, int, int] | None:
    """Return what changes when the file is saved; None while there is no such file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
