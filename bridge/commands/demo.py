"""`scope-bridge demo`: rehearsal server, simulated performer, bridge and page, in one command."""

import argparse
import asyncio
import contextlib
import json
import socket
import sys
import webbrowser
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console

from bridge.app import App, Options
from bridge.clock import now
from bridge.commands.arguments import count, fault, port, positive
from bridge.commands.run import listen, status_of, until_told
from bridge.errors import ProfileError, Unavailable
from bridge.frames import Frame
from bridge.inputs.osc import OscInput
from bridge.profile.inputs import Osc
from bridge.profile.model import Profile
from bridge.rehearsal.faults import Fault
from bridge.rehearsal.measurement import Measurement, quantile
from bridge.supervisor import Task

INPUT = "td"
"""The input of the demo's profile that the performer plays."""
READY_LIMIT = 30.0
"""Seconds until the first frame."""
LANDING_CHUNKS = 4
"""Chunk periods that the hand's last value may take into the picture; it needs two, and one for the network."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--seconds", type=positive, metavar="N", help="perform for N seconds, then end with a summary")
    parser.add_argument("--headless", action="store_true", help="open no page, show no status")
    parser.add_argument("--json", action="store_true", help="the summary as one line of JSON, the last one on stdout")
    parser.add_argument("--chunk", type=positive, default=0.75, metavar="SECONDS", help="how long a chunk takes (0.75)")
    parser.add_argument("--frames", type=count, default=12, metavar="N", help="frames per chunk (12)")
    parser.add_argument(
        "--fault",
        type=fault,
        metavar="NAME[:NUMBER][@SECONDS]",
        help="let the rehearsal server fail: " + ", ".join(kind.written for kind in Fault),
    )
    parser.add_argument("--panel", metavar="PORT", type=port, default=8765, help="the page's port (default 8765)")
    parser.add_argument("-v", "--verbose", action="count", default=0, help="say more; twice: every message")


def run(arguments: argparse.Namespace) -> int:
    """Play the demo; return 0 only if frames flowed and the hand's values landed."""
    console = Console(stderr=True)
    listen(arguments.verbose)
    demo = Demo(arguments, console)
    asyncio.run(until_told(demo.run()))
    if not demo.summary:
        return 0  # it was told to end before the performer did
    if arguments.json:
        print(json.dumps(demo.summary))
    else:
        show(demo.summary, console)
    return 0 if demo.summary["ok"] else 1


def demo_profile() -> Path:
    """Return the demo's profile: beside the package in a checkout, inside it when installed."""
    inside = Path(__file__).parents[1] / "mappings" / "demo.yaml"
    return inside if inside.exists() else Path(__file__).parents[2] / "mappings" / "demo.yaml"


class Demo:
    """The whole rig on one machine."""

    def __init__(self, arguments: argparse.Namespace, console: Console) -> None:
        self._arguments = arguments
        self._console = console
        self._measurement = Measurement(f"{INPUT}/probe")
        self._framed = asyncio.Event()
        self.summary: dict[str, Any] = {}
        """What was seen, as the `--json` line has it; empty until the performer is done."""
        self._seconds = 0.0
        self._port = 0

    async def run(self) -> None:
        """Play until the performer is done and its last value has landed, or until cancelled."""
        wanted = self._arguments
        server = [
            "rehearse", "--port", "0", "--json", "--with-parent",
            "--chunk", str(wanted.chunk), "--frames", str(wanted.frames),
        ]  # fmt: skip
        if wanted.fault:
            server += ["--fault", wanted.fault]
        async with _process(["-m", "bridge", *server]) as rehearsal:
            url = json.loads(await _line(rehearsal, "the rehearsal server"))["url"]
            app = App(
                demo_profile(),
                Options(_free_port(wanted.panel, socket.SOCK_STREAM), lambda profile: self._adjusted(profile, url)),
            )
            app.listen(self._measurement.signal, self._frame)
            async with asyncio.TaskGroup() as tasks:
                bridge = tasks.create_task(app.run(*([] if wanted.headless else self._for_a_person(app))))
                await self._perform(app)
                self.summary = self._summarise(app)
                bridge.cancel()

    def _adjusted(self, profile: Profile, url: str) -> Profile:
        """Point the demo's profile at the rehearsal server, and at a port that nobody has."""
        osc = profile.inputs.get(INPUT)
        if not isinstance(osc, Osc):
            raise ProfileError(f"{profile.path}: the demo's performer plays the OSC input '{INPUT}', and there is none")
        self._port = self._port or _free_port(osc.port, socket.SOCK_DGRAM)
        inputs = {**profile.inputs, INPUT: replace(osc, port=self._port)}
        frames = self._arguments.frames
        return replace(
            profile,
            scope=replace(profile.scope, url=url, ice="loopback", frames_per_chunk=frames),
            inputs=inputs,
        )

    def _for_a_person(self, app: App) -> list[Task]:
        async def open_page() -> None:
            await app.panel.opened.wait()
            await asyncio.to_thread(webbrowser.open, app.panel.url)

        return [status_of(app, self._console, plain=False), Task("browser", open_page)]

    def _frame(self, frame: Frame) -> None:
        self._measurement.frame(frame)
        self._framed.set()

    async def _until(self, seen: Callable[[], bool], seconds: float) -> None:
        """Look at every frame until something is seen; raise `TimeoutError` after `seconds`."""
        async with asyncio.timeout(seconds):
            while not seen():
                self._framed.clear()
                await self._framed.wait()

    async def _perform(self, app: App) -> None:
        try:
            await self._until(lambda: self._measurement.last is not None, READY_LIMIT)
        except TimeoutError:
            raise Unavailable(f"no frame within {READY_LIMIT:.0f} s: {app.status().scope.detail}") from None
        heard = app.inputs[INPUT]
        assert isinstance(heard, OscInput)
        try:
            async with asyncio.timeout(READY_LIMIT):
                await heard.listening.wait()
        except TimeoutError:
            raise Unavailable(f"nothing can listen for the performer: {app.status().complaints}") from None
        began = now()
        seconds = self._arguments.seconds
        performer = ["-m", "bridge.rehearsal.performer", "--with-parent", "--to", f"127.0.0.1:{heard.port}"]
        async with _process([*performer, "--seconds", str(seconds or 1e6)]) as playing:
            await playing.wait()
        self._seconds = now() - began
        with contextlib.suppress(TimeoutError):
            chunk = self._measurement.chunk_seconds or self._arguments.chunk
            await self._until(lambda: self._measurement.landed, LANDING_CHUNKS * chunk + 1.0)

    def _summarise(self, app: App) -> dict[str, Any]:
        measured, status = self._measurement, app.status()
        chunk = measured.chunk_seconds
        return {
            # An output that cannot open here (no NDI on this machine) has its complaint; the others must have sent.
            "ok": bool(measured.landed and measured.ages and measured.dropped == 0 and app.outputs_are_fed()),
            "seconds": round(self._seconds, 2),
            "signals": measured.signals,
            "messages": status.scope.messages,
            "chunks": measured.chunks,
            "chunk_ms": None if chunk is None else round(1000 * chunk, 1),
            "frames_received": measured.frames,
            "frames_unreadable": measured.unreadable,
            "frames_out_of_order": measured.out_of_order,
            "frames_sent": {output.name: output.sent for output in status.outputs},
            "age_ms": _spread(measured.ages),
            "hand_to_picture_ms": _spread(measured.to_picture),
            "dropped": measured.dropped,
            "final_value_landed": measured.landed,
            "complaints": list(status.complaints),
        }


def show(summary: dict[str, Any], console: Console) -> None:
    """Tell a person what the demo has shown."""
    age, way = summary["age_ms"], summary["hand_to_picture_ms"]
    landed = "the hand's last value is in the picture" if summary["final_value_landed"] else "THE LAST VALUE WAS LOST"
    console.print(
        f"{summary['signals']} signals became {summary['messages']} messages in {summary['chunks']} chunks; "
        f"{summary['dropped']} dropped; {landed}.\n"
        f"A value was {age['p50']} ms old when its chunk began (95 %: {age['p95']} ms; a chunk takes "
        f"{summary['chunk_ms']} ms), and in the picture after {way['p50']} ms (95 %: {way['p95']} ms).",
        highlight=False,
        soft_wrap=True,
    )


def _spread(seconds: list[float]) -> dict[str, float | None]:
    found = {"p50": quantile(seconds, 0.5), "p95": quantile(seconds, 0.95)}
    return {name: None if value is None else round(1000 * value, 1) for name, value in found.items()}


def _free_port(preferred: int, kind: socket.SocketKind) -> int:
    """Return `preferred` if nobody listens there, else a port that is free."""
    for number in (preferred, 0):
        with contextlib.suppress(OSError), socket.socket(socket.AF_INET, kind) as probe:
            if kind is socket.SOCK_STREAM and sys.platform != "win32":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the page's server does
            probe.bind(("127.0.0.1", number))
            return int(probe.getsockname()[1])
    raise Unavailable("this machine has no free port")


@contextlib.asynccontextmanager
async def _process(arguments: list[str]) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run Python with `arguments`, its stdin held open as a sign of life; end it on leaving."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def _line(process: asyncio.subprocess.Process, name: str) -> bytes:
    assert process.stdout is not None
    line = await process.stdout.readline()
    if not line:
        raise Unavailable(f"{name} did not start; its own message is above")
    return line
