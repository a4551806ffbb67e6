"""Builds the running services from a profile, joins them, and dispatches the verbs. No policy, no protocol.

    app = App("club.yaml")
    await app.run()          # until cancelled

While it runs, a profile that changes on disk is read again; one with problems changes nothing.
"""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from bridge import mapping, profile
from bridge.clock import now
from bridge.console.panel.server import Panel
from bridge.errors import ProfileError
from bridge.frames import Fan, Frame
from bridge.inputs import Input, open_input
from bridge.mapping import Effects
from bridge.outputs import Output, open_output
from bridge.outputs.preview import Preview
from bridge.profile.model import Profile
from bridge.session.service import Session
from bridge.session.store import SessionStore, state_directory
from bridge.signals import Batch, Emit
from bridge.status import RouteStatus, Status
from bridge.supervisor import Service, Supervisor
from bridge.verbs import ALL, Freeze, Level, Verb

logger = logging.getLogger(__name__)

TICK_RATE = 60
"""Times per second that moving filters are asked, while any of them moves."""
WATCH_INTERVAL = 0.3
"""Seconds between looks at the profile's file."""
GONE_AFTER = 2.0
"""Seconds after which a profile that is not there is said to be gone."""
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
        """Read the profile; raise `ProfileError` if it has problems: then nothing is started."""
        self._path = Path(path)
        self._options = options or Options()
        self._seen = _signature(self._path)
        self._profile, self.warnings = self._read()
        self._started = now()
        self._fan = Fan()
        self._taps: list[Emit] = []
        self._mapping = mapping.compile(self._profile)
        self.session = Session(self._profile.scope, self._fan, SessionStore(state_directory()))
        self.session.begin_with(self._mapping.initial())
        self.inputs: dict[str, Input] = {}
        self.outputs: dict[str, Output] = {}
        self._mailboxes = {PAGE: self._fan.open()}
        self._preview = Preview(self._mailboxes[PAGE])
        self.panel = Panel("127.0.0.1", self._options.panel_port, self.status, self.act, self._preview)
        self._supervisor = Supervisor(now, asyncio.sleep)
        self._moving = asyncio.Event()
        self._reload_complaint = ""

    async def run(self, *more: Service) -> None:
        """Run the services of the profile, and `more`, until cancelled."""
        for name in self._profile.inputs:
            self._open_input(name)
        for name in self._profile.outputs:
            self._open_output(name)
        self._dispatch(self._mapping.start_verbs())
        await self._supervisor.run(
            [
                self.session,
                *(self._input_service(name) for name in self.inputs),
                *(self._output_service(name) for name in self.outputs),
                Task(PAGE, self._preview.run),
                Task("panel", self.panel.run),
                Task("filters", self._tick),
                Task("profile", self._watch),
                *more,
            ]
        )

    def outputs_are_fed(self) -> bool:
        """Return whether every output of the profile has sent frames, but for those that cannot open now."""
        down = self._supervisor.complaints()
        return all(output.status().sent for name, output in self.outputs.items() if _output_name(name) not in down)

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
        self._fan.tap(to_frames)

    def _feed(self, batch: Batch) -> Effects:
        for tap in self._taps:
            tap(batch)
        effects = self._mapping.feed(batch)
        self._do(effects)
        return effects

    def _do(self, effects: Effects) -> None:
        if effects.changes:
            self.session.put(effects.changes)
        self._dispatch(effects.verbs)
        if self._mapping.moving:
            self._moving.set()

    def _dispatch(self, verbs: list[Verb]) -> None:
        for verb in verbs:
            if verb.output == ALL:
                named: list[Output | Preview] = [*self.outputs.values(), self._preview]
            else:
                named = [self.outputs[verb.output]] if verb.output in self.outputs else []
            for output in named:
                match verb:
                    case Freeze(_, on):
                        output.frozen = on
                    case Level(_, level):
                        output.level = level

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
        read, warnings = profile.load(self._path, os.environ)
        return self._options.adjust(read), warnings

    async def _watch(self) -> None:
        """Read the profile again whenever its file has changed."""
        missing = 0
        while True:
            await asyncio.sleep(WATCH_INTERVAL)
            found = _signature(self._path)
            missing = 0 if found else missing + 1
            if missing * WATCH_INTERVAL > GONE_AFTER:  # while an editor replaces the file, there is none for a moment
                self._reload_complaint = f"{self._path} is gone; the show goes on with the profile as it was"
            if found is None or found == self._seen:
                continue
            self._seen = found
            try:
                new, self.warnings = await asyncio.to_thread(self._read)
            except ProfileError as error:
                problems = _problems_in(str(error), self._path)
                for problem in problems:
                    logger.warning("%s", problem)
                more = f", and {len(problems) - 1} more" if len(problems) > 1 else ""
                self._reload_complaint = f"{problems[0]}{more}; the show goes on with the profile as it was"
                continue
            self._reload_complaint = ""
            await self._reload(new)
            logger.info("read %s again", self._path)
            for warning in self.warnings:
                logger.warning("%s", str(warning).splitlines()[0])

    async def _reload(self, new: Profile) -> None:
        """Play `new` from now on; restart only what it changes."""
        old, self._profile = self._profile, new
        played, self._mapping = self._mapping, mapping.compile(new)
        edited = self._mapping.adopt(played, now())
        # First everything that goes, then everything that comes: two outputs may have swapped their names.
        inputs = _changed(old.inputs, new.inputs)
        outputs = [name for name in _changed(old.outputs, new.outputs) if not self._keeps(name, new)]
        gone = {name: self.outputs[name] for name in outputs if name in self.outputs}
        for name in inputs:
            if self.inputs.pop(name, None):
                await self._supervisor.remove(_input_name(name))
        for name in gone:
            del self.outputs[name]
            await self._supervisor.remove(_output_name(name))
            self._fan.close(self._mailboxes.pop(name))
        if old.scope != new.scope:
            await self._supervisor.remove(self.session.name)
            self.session.turn_to(new.scope, keep=self._mapping.touches())
        self.session.begin_with(self._mapping.initial())
        if old.scope != new.scope:
            self._supervisor.add(self.session)
        for name in (name for name in inputs if name in new.inputs):
            self._open_input(name)
            self._supervisor.add(self._input_service(name))
        for name in (name for name in outputs if name in new.outputs):
            self._open_output(name)
            before = gone.get(name, self._preview)  # a new one does as the page does: a blackout is for all that come
            self.outputs[name].frozen, self.outputs[name].level = before.frozen, before.level
            self._supervisor.add(self._output_service(name))
        self._do(edited)

    def _keeps(self, name: str, new: Profile) -> bool:
        """Return whether the output called `name` goes on as it is, with the new profile's options for it."""
        return name in self.outputs and name in new.outputs and self.outputs[name].change(new.outputs[name])

    def _open_input(self, name: str) -> None:
        self.inputs[name] = open_input(name, self._profile.inputs[name])

    def _open_output(self, name: str) -> None:
        self._mailboxes[name] = self._fan.open()
        self.outputs[name] = open_output(name, self._profile.outputs[name], self._mailboxes[name])

    def _input_service(self, name: str) -> Service:
        opened = self.inputs[name]
        return Task(_input_name(name), lambda: opened.run(self.emit))

    def _output_service(self, name: str) -> Service:
        return Task(_output_name(name), self.outputs[name].run)

    # What a person wants to know

    def status(self) -> Status:
        """Return how everything stands now."""
        moment = now()
        complaints = [f"{name}: {complaint}" for name, complaint in self._supervisor.complaints().items()]
        if self._reload_complaint:
            complaints.append(self._reload_complaint)
        return Status(
            profile=str(self._path),
            seconds=moment - self._started,
            scope=self.session.status(),
            inputs=tuple(opened.status() for opened in self.inputs.values()),
            outputs=(*(output.status() for output in self.outputs.values()), self._preview.status()),
            routes=tuple(self._route_status(route, moment) for route in self._mapping.states()),
            prompt=self._mapping.prompter.prompt,
            bank=tuple(self._profile.prompts.bank),
            complaints=tuple(complaints),
        )

    def _route_status(self, route: mapping.RouteState, moment: float) -> RouteStatus:
        shown = None if route.parameter is None else self.session.in_picture(route.parameter)
        if route.parameter == "prompts" and shown is not None:
            shown = shown["prompts"][0]["text"]
            if route.word is not None:
                shown = self._mapping.prompter.words_of(shown).get(route.word)
        return RouteStatus(
            signal=route.signal,
            target=route.target,
            asked=route.asked,
            in_picture=route.asked if route.parameter is None else shown,
            age=None if route.at is None else moment - route.at,
            clamped=route.clamped,
            refused=route.refused,
            detail=route.detail,
        )


def to_server(url: str | None) -> Adjust:
    """Return what makes a profile talk to the server at `url`, whatever it says itself; None leaves it as it is."""

    def adjust(read: Profile) -> Profile:
        return read if url is None else replace(read, scope=replace(read.scope, url=url.rstrip("/")))

    return adjust


def _input_name(name: str) -> str:
    return f"input {name}"


def _output_name(name: str) -> str:
    return f"output {name}"


def _changed(old: Mapping[str, object], new: Mapping[str, object]) -> list[str]:
    """Return the names that are not the same in both."""
    return [name for name in {**old, **new} if old.get(name) != new.get(name)]


def _problems_in(report: str, path: Path) -> list[str]:
    """Return the first line of each problem in a report, with its place; the report itself if it names none."""
    return [line for line in report.splitlines() if line.startswith(f"{path}:")] or [report]


def _signature(path: Path) -> tuple[int, int, int] | None:
    """Return what changes when the file is saved; None while there is no such file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
