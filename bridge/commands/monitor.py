"""`scope-bridge monitor [PROFILE]`: everything that arrives, live.

A port has one owner. So what a running show hears is asked of the show; only where none runs, this opens inputs itself:
the profile's, or, without a profile, every MIDI port and OSC on port 9000.
"""

import argparse
import asyncio
import contextlib
import logging
import os
from collections.abc import Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from pathlib import Path
from typing import Any, Final, Protocol

from rich.console import Console, RenderableType
from rich.live import Live

from bridge import attached, log, profile
from bridge.clock import now
from bridge.commands.arguments import positive
from bridge.commands.devices import free_name, inputs_of_ports
from bridge.commands.run import until_told
from bridge.console.monitor import Ear, Heard, line_of, picture_of
from bridge.errors import Refused, Unavailable
from bridge.inputs import Input, open_input
from bridge.profile.inputs import InputOptions, Osc, Video
from bridge.profile.source.problems import did_you_mean
from bridge.running import Running
from bridge.signals import Batch, Emit
from bridge.supervisor import Supervisor, Task

logger = logging.getLogger(__name__)

PERIOD: Final = 0.1
"""Seconds between two pictures."""
LOOK: Final = 1.0
"""Seconds between looks at how the inputs of a show fare, whether a show is back, and which ports there are."""
OSC_PORT: Final = 9000
"""Where OSC is heard when no profile says it."""

_PORTS: Final = "MIDI ports"
"""The service that looks for ports."""
_PAGE: Final = "panel"
"""What the signals of a show's page begin with."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "profile",
        metavar="PROFILE",
        nargs="?",
        type=Path,
        help="the profile whose inputs are listened to: those of its running show if there is one; without it, those of "
        "any running show, or else every MIDI port there is, and OSC on port 9000",
    )
    parser.add_argument("--plain", action="store_true", help="a line for each message, as where there is no terminal")
    parser.add_argument("--input", metavar="NAME", help="only what arrives at this input")
    parser.add_argument("--for", dest="seconds", metavar="SECONDS", type=positive, help="end after so many seconds")


def run(arguments: argparse.Namespace) -> int:
    """Show what arrives until told to stop."""
    console = Console()
    plain = arguments.plain or not console.is_terminal
    # What is down stands in the picture; lines of a log would tear it.
    log.configure(logging.INFO if plain else logging.ERROR, libraries=logging.WARNING if plain else logging.ERROR)
    source = choose(arguments.profile)
    if arguments.input is not None:
        _know(arguments.input, source)
    monitor = Monitor(source, arguments.input)
    work = monitor.tell(console) if plain else monitor.show(console)
    asyncio.run(until_told(_within(arguments.seconds, work)))
    return 0


class Source(Protocol):
    """Where what is shown comes from."""

    @property
    def head(self) -> str:
        """One line: what is listened to."""

    @property
    def names(self) -> Sequence[str] | None:
        """The inputs that there are; None: any may come."""

    @property
    def lost(self) -> int:
        """Batches that could not be taken."""

    def services(self, supervisor: Supervisor, emit: Emit) -> list[Task]:
        """Return what listens, and tells `emit`; `supervisor` will keep it."""

    def ears(self, complaints: Mapping[str, str]) -> list[Ear]:
        """Return the inputs; `complaints` are those of the supervisor, by service."""


def choose(path: Path | None) -> Source:
    """Return the running show of the profile at a path, or of any; else what can be opened here.

    Raise `ProfileError` if the profile has problems.
    """
    running = attached.find(path)
    if running is not None:
        return Beside(running)
    if path is None:
        return Everything()
    read, _ = profile.load(path, os.environ)
    return Own(path.name, {name: one for name, one in read.inputs.items() if not isinstance(one, Video)})


class Beside:
    """What a running show hears. When it ends, it is waited for."""

    def __init__(self, running: Running) -> None:
        self._running: Running | None = running
        self._shown = running
        self._profile = Path(running.profile)
        self._trouble = ""
        self._inputs = asyncio.run(_inputs_of(running))
        self._lost = 0

    @property
    def head(self) -> str:
        return self._trouble or f"listening to the show of {self._shown.called} · {self._shown.url}"

    @property
    def names(self) -> Sequence[str]:
        return [*(ear.name for ear in self._inputs), _PAGE]

    @property
    def lost(self) -> int:
        return self._lost

    def services(self, supervisor: Supervisor, emit: Emit) -> list[Task]:
        return [Task("show", lambda: self._listen(emit)), Task("inputs of the show", self._look)]

    def ears(self, complaints: Mapping[str, str]) -> list[Ear]:
        if not self._trouble:
            return self._inputs
        return [ear._replace(trouble="not heard now") for ear in self._inputs]

    async def _listen(self, emit: Emit) -> None:
        def lose(batches: int) -> None:
            self._lost += batches

        while True:
            if self._running is None:
                await asyncio.sleep(LOOK)
                self._running = await asyncio.to_thread(attached.find, self._profile)
                continue
            self._shown = self._running
            try:
                self._inputs = await _inputs_of(self._running)
                if self._trouble:
                    logger.info("listening to the show of %s", self._running.called)
                self._trouble = ""
                async with aclosing(attached.signals(self._running, lose)) as batches:
                    async for batch in batches:
                        # The show also hears how its Scopes are; that is no input's.
                        names = {*self.names}
                        heard = [sample for sample in batch.samples if sample[0].partition("/")[0] in names]
                        emit(Batch(batch.time, heard))
            except Unavailable as error:
                self._trouble = f"{error}; waiting for it to come back"
                logger.warning("%s", self._trouble)
                self._running = None

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK)
            if self._running is not None:
                with contextlib.suppress(Unavailable):  # the listening notices too, and says it
                    self._inputs = await _inputs_of(self._running)


class Own:
    """The inputs of a profile that no show plays, opened here."""

    def __init__(self, called: str, inputs: Mapping[str, InputOptions]) -> None:
        """`called` is the profile's file."""
        self._called = called
        self._inputs = {name: open_input(name, options) for name, options in inputs.items()}

    @property
    def head(self) -> str:
        return f"no show of {self._called} runs: its inputs were opened here"

    @property
    def names(self) -> Sequence[str] | None:
        return list(self._inputs)

    @property
    def lost(self) -> int:
        return 0

    def services(self, supervisor: Supervisor, emit: Emit) -> list[Task]:
        return [_service(opened, emit) for opened in self._inputs.values()]

    def ears(self, complaints: Mapping[str, str]) -> list[Ear]:
        return [_ear(opened, complaints) for opened in self._inputs.values()]


class Everything:
    """Every MIDI port, also those that come later, and OSC: opened here."""

    def __init__(self) -> None:
        self._inputs: dict[str, Input] = {"osc": open_input("osc", Osc(OSC_PORT))}
        self._opened: set[tuple[str, int]] = set()

    @property
    def head(self) -> str:
        return f"no show runs: every MIDI port there is, and OSC on 127.0.0.1:{OSC_PORT}"

    @property
    def names(self) -> None:
        return None

    @property
    def lost(self) -> int:
        return 0

    def services(self, supervisor: Supervisor, emit: Emit) -> list[Task]:
        return [_service(self._inputs["osc"], emit), Task(_PORTS, lambda: self._look(supervisor, emit))]

    def ears(self, complaints: Mapping[str, str]) -> list[Ear]:
        ears = [_ear(opened, complaints) for opened in self._inputs.values()]
        if _PORTS in complaints:
            ears.append(Ear("midi", "", complaints[_PORTS]))
        elif len(ears) == 1:
            ears.append(Ear("midi", "", "no MIDI port is there; one that comes is opened"))
        return ears

    async def _look(self, supervisor: Supervisor, emit: Emit) -> None:
        """Open the ports that come. One that goes is waited for by its input."""
        while True:
            for suggested, options in await asyncio.to_thread(inputs_of_ports):
                port = options.port, options.instance
                if port not in self._opened:
                    self._opened.add(port)
                    name = free_name(suggested, self._inputs)
                    self._inputs[name] = opened = open_input(name, options)
                    supervisor.add(_service(opened, emit))
            await asyncio.sleep(LOOK)


class Monitor:
    """Shows what a source brings."""

    def __init__(self, source: Source, only: str | None = None) -> None:
        """`only` is the input whose signals are shown; None: all."""
        self._source = source
        self._only = only
        self._heard = Heard()
        self._supervisor = Supervisor()
        self._batches: asyncio.Queue[Batch] = asyncio.Queue()

    async def show(self, console: Console) -> None:
        """Show a table on `console`, until cancelled."""
        loop = asyncio.get_running_loop()
        # A terminal can be stopped (Ctrl-S), which may not stop the loop.
        with (
            Live(console=console, auto_refresh=False) as live,
            ThreadPoolExecutor(1, "monitor") as drawing,
        ):

            def draw(picture: RenderableType) -> None:
                live.update(picture, refresh=True)

            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._supervise(self._take))
                while True:
                    ears = [ear for ear in self._source.ears(self._supervisor.complaints()) if self._is_shown(ear.name)]
                    self._heard.lost = self._source.lost
                    picture = picture_of(self._source.head, ears, self._heard, now(), console)
                    await loop.run_in_executor(drawing, draw, picture)
                    await asyncio.sleep(PERIOD)

    async def tell(self, console: Console) -> None:
        """Print a line for each message, until cancelled; what is listened to goes to stderr."""
        began = now()
        Console(stderr=True).print(self._source.head, markup=False, highlight=False, soft_wrap=True)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._supervise(self._batches.put_nowait))
            while True:
                batch = await self._batches.get()
                for path, values in batch.samples:
                    if self._is_shown(path):
                        print(line_of(path, values, batch.time - began), flush=True)

    async def _supervise(self, emit: Emit) -> None:
        await self._supervisor.run(self._source.services(self._supervisor, emit))

    def _take(self, batch: Batch) -> None:
        self._heard.feed(Batch(batch.time, [sample for sample in batch.samples if self._is_shown(sample[0])]))

    def _is_shown(self, path: str) -> bool:
        return self._only is None or path.partition("/")[0] == self._only


async def _inputs_of(running: Running) -> list[Ear]:
    told = await attached.status(running)
    return [Ear(one["name"], one["where"], one["detail"]) for one in told["inputs"]]


def _service(opened: Input, emit: Emit) -> Task:
    return Task(_called(opened), lambda: opened.run(emit))


def _ear(opened: Input, complaints: Mapping[str, str]) -> Ear:
    told = opened.status()
    return Ear(told.name, told.where, complaints.get(_called(opened)) or told.detail)


def _called(opened: Input) -> str:
    return f"input {opened.name}"


def _know(name: str, source: Source) -> None:
    """Raise `Refused` if the source can have no input called `name`."""
    names = source.names
    if names is not None and name not in names:
        there = did_you_mean(name, names) or (f"there are {', '.join(names)}" if names else "there is none")
        raise Refused(f"there is no input called '{name}': {there}")


async def _within(seconds: float | None, work: Coroutine[Any, Any, None]) -> None:
    """Do `work` until it ends, at most so many seconds."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await work
