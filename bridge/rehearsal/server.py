"""The rehearsal server: a stand-in Scope on real HTTP, real WebRTC and real video, for a rig without a GPU.

It answers as the real one does, its odd habits included: an offer that cannot work is answered with 200 and a session
that stays silent; a message that finds the worker's queue full is dropped without a word; a load's error is told once.
Of our own are `POST /rehearsal/fault` with `{"fault": NAME}`, which makes it fail (`none` heals what can be healed), and
`POST /rehearsal/chunk` with `{"seconds": S, "jitter": P}`, which makes it faster or slower while it runs.
"""

import asyncio
import contextlib
import ipaddress
import logging
import os
import tempfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from bridge.clock import now
from bridge.errors import Unavailable
from bridge.ice import Addresses
from bridge.rehearsal.api import application
from bridge.rehearsal.api.answers import Ailments
from bridge.rehearsal.api.files import Files
from bridge.rehearsal.api.music import Beats, Osc
from bridge.rehearsal.api.show import Show
from bridge.rehearsal.api.troubles import Troubles
from bridge.rehearsal.dialect import DIALECTS, NEWEST
from bridge.rehearsal.faults import Planned
from bridge.rehearsal.journal import Journal
from bridge.rehearsal.library import Assets, Loras
from bridge.rehearsal.models import Models
from bridge.rehearsal.osc import Inventory, Receiver
from bridge.rehearsal.pipelines import Pipelines, listed
from bridge.rehearsal.sessions import Sessions, raise_bit_rates
from bridge.rehearsal.stage import Timing
from bridge.rehearsal.tempo import UPDATES, Tempo

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Options:
    """How a rehearsal server behaves."""

    host: str = "127.0.0.1"
    port: int = 8000
    """For HTTP, and for OSC over UDP; 0 takes any free one."""
    chunk: float = 0.75
    """How long the worker is busy with a chunk, in seconds."""
    frames: int = 12
    """How many frames a chunk has. Pipelines that work in smaller chunks take a third of the time for a third of the frames."""
    fps: float | None = None
    """The rate at which frames leave; None: the measured rate of production."""
    jitter: float = 0.0
    """By which part a chunk may take longer or shorter, 0 to 1."""
    first_chunk: float | None = None
    """How long the first chunk after a load takes, in seconds; None: as long as any."""
    load_seconds: float = 2.0
    """How long a pipeline takes to load."""
    vram: float | None = 48.0
    """The GPU's memory in GB; None: there is no GPU, and what needs one is not listed."""
    dialect: str = NEWEST.name
    """The version of Scope that it stands in for: `0.2.4` or `beta3`."""
    loras: Path | None = None
    """Where LoRAs lie; None: in a folder of their own, with two in it, that goes when the server goes."""
    assets: Path | None = None
    """Where assets lie; None: in a folder of their own that goes when the server goes."""
    missing: tuple[str, ...] = ()
    """The pipelines whose models are not downloaded yet."""
    download_seconds: float = 4.0
    """How long such a download takes."""
    faults: tuple[Planned, ...] = ()


async def serve(options: Options, listening: Callable[[str], None] = lambda url: None) -> None:
    """Serve until cancelled; say `stream_stopped` to all sessions then. `listening` is called once with the server's URL.

    Raise `Unavailable` if the port, or a folder, cannot be had.
    """
    journal = Journal()
    ours = logging.getLogger("bridge.rehearsal")
    before = ours.level
    ours.setLevel(logging.INFO)
    ours.addHandler(journal)
    raise_bit_rates()
    failure: Unavailable | None = None
    try:
        with tempfile.TemporaryDirectory(prefix="rehearsal-", ignore_cleanup_errors=True) as place:
            async with asyncio.TaskGroup() as tasks:
                await _Server(options, Path(place), journal, tasks).run(listening)
    except* Unavailable as group:
        failure = next(error for error in group.exceptions if isinstance(error, Unavailable))
    finally:
        ours.removeHandler(journal)
        ours.setLevel(before)
    if failure is not None:
        raise failure


class _Server:
    """All parts of a server, put together."""

    def __init__(self, options: Options, place: Path, journal: Journal, tasks: asyncio.TaskGroup) -> None:
        """`place` is a folder for what goes with the server."""
        self._options, self._place = options, place
        dialect = DIALECTS[options.dialect]
        pipelines = listed(options.vram)
        loras = Loras(_folder(options.loras or place / "lora"))
        if options.loras is None:
            loras.seed()
        models = Models(options.missing, options.download_seconds)
        self._begun = asyncio.Event()
        self._tempo = Tempo(now)
        loading = Pipelines(
            options.load_seconds,
            options.frames,
            vram=options.vram,
            has_lora=loras.has,
            has_models=models.has,
            seed=dialect.seed,
        )
        timing = Timing(options.chunk / options.frames, options.jitter, options.first_chunk, options.fps)
        addresses = Addresses.LOOPBACK if _is_loopback(options.host) else Addresses.BOTH
        self._sessions = Sessions(loading, tasks, addresses, timing, self._begun, dialect.name, self._tempo)
        inventory = Inventory(pipelines, lambda: loading.loaded)
        self._receiver = Receiver(inventory, self._sessions.broadcast)
        self._osc = Osc(inventory, self._receiver)
        ailments = Ailments()
        self._troubles = Troubles(loading, self._sessions, ailments, options.frames, tasks)
        assets = Assets(_folder(options.assets or place / "assets"))
        self._application = application(
            [
                *Show(dialect, dict(pipelines), loading, self._sessions, journal, tasks).routes(),
                *Files(dialect, loras, assets, models, options.vram, tasks).routes(),
                *Beats(self._tempo).routes(),
                *self._osc.routes(),
                *self._troubles.routes(),
            ],
            dialect,
            ailments,
        )
        self._hears_osc = dialect.has("GET", "/api/v1/osc/status")

    async def run(self, listening: Callable[[str], None]) -> None:
        """Serve until cancelled. Raise `Unavailable` if the port cannot be had."""
        host, port = self._options.host, self._options.port
        runner = web.AppRunner(self._application, access_log=None, handle_signals=False, shutdown_timeout=1.0)
        try:
            await runner.setup()
            try:
                await web.TCPSite(runner, host, port).start()
            except OSError as error:
                # asyncio adds a sentence of its own
                reason = os.strerror(error.errno) if error.errno else str(error)
                raise Unavailable(f"cannot listen on {host}:{port}: {reason}") from error
            port = runner.addresses[0][1]
            url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
            async with self._listen(host, port), asyncio.TaskGroup() as tasks:
                logger.info("Rehearsal server on %s", url)
                listening(url)
                tasks.create_task(self._troubles.play(self._options.faults, self._begun), name="faults")
                await self._beat()
        finally:
            await self._sessions.close()
            await runner.cleanup()

    @contextlib.asynccontextmanager
    async def _listen(self, host: str, port: int) -> AsyncIterator[None]:
        """Hear OSC on that port. Where it cannot be had there is no OSC: Scope only logs that too."""
        self._osc.address = host, port
        transport: asyncio.DatagramTransport | None = None
        if self._hears_osc:
            try:
                loop = asyncio.get_running_loop()
                transport, _ = await loop.create_datagram_endpoint(lambda: self._receiver, local_addr=(host, port))
                self._osc.listening = True
            except OSError as error:
                logger.error("Failed to start OSC server on udp://%s:%d: %s", host, port, error)
        try:
            yield
        finally:
            if transport is not None:
                transport.close()

    async def _beat(self) -> None:
        """Tell all sessions the beat, for ever, while there is one."""
        while True:
            update = self._tempo.update()
            if update is not None:
                self._sessions.tell(update)
            await asyncio.sleep(1 / UPDATES)


def _folder(path: Path) -> Path:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unavailable(f"cannot keep files in {path}: {error.strerror}") from error
    return path


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
