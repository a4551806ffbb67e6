"""The rehearsal server: a stand-in Scope 0.2.4 on real HTTP, real WebRTC and real video, for a rig without a GPU.

It plays text mode, and answers as the real one does, its odd habits included: an offer that cannot work is answered with
200 and a session that stays silent; a message that finds the worker's queue full is dropped without a word. Of our own is
`POST /rehearsal/fault` with `{"fault": "crash" | "freeze" | "deaf" | "none"}`, which makes it fail.
"""

import asyncio
import ipaddress
import logging
import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web

from bridge.errors import Refused, Unavailable
from bridge.ice import Addresses
from bridge.rehearsal import requests
from bridge.rehearsal.faults import Fault, Planned
from bridge.rehearsal.journal import Journal
from bridge.rehearsal.pipelines import Pipelines, schemas
from bridge.rehearsal.sessions import Sessions, raise_bit_rates

logger = logging.getLogger(__name__)

VERSION = "0.2.4"
"""The version of Scope that it stands in for."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a rehearsal server behaves."""

    host: str = "127.0.0.1"
    port: int = 8000
    """0 takes any free one."""
    chunk: float = 0.75
    """How long the worker is busy with a chunk, in seconds."""
    frames: int = 12
    """How many frames a chunk has. Pipelines that work in smaller chunks take a third of the time for a third of the frames."""
    fps: float | None = None
    """The rate at which frames leave; None: the measured rate of production."""
    load_seconds: float = 2.0
    """How long a pipeline takes to load."""
    fault: Planned | None = None


async def serve(options: Options, listening: Callable[[str], None] = lambda url: None) -> None:
    """Serve until cancelled; say `stream_stopped` to all sessions then. `listening` is called once with the server's URL.

    Raise `Unavailable` if the port cannot be had.
    """
    journal = Journal()
    ours = logging.getLogger("bridge.rehearsal")
    before = ours.level
    ours.setLevel(logging.INFO)
    ours.addHandler(journal)
    raise_bit_rates()
    failure: Unavailable | None = None
    try:
        async with asyncio.TaskGroup() as tasks:
            server = _Server(options, journal, tasks)
            runner = web.AppRunner(server.application(), access_log=None, handle_signals=False, shutdown_timeout=1.0)
            try:
                await runner.setup()
                site = web.TCPSite(runner, options.host, options.port)
                try:
                    await site.start()
                except OSError as error:
                    reason = (
                        os.strerror(error.errno) if error.errno else str(error)
                    )  # asyncio adds a sentence of its own
                    text = f"cannot listen on {options.host}:{options.port}: {reason}"
                    raise Unavailable(text) from error
                port = runner.addresses[0][1]
                host = f"[{options.host}]" if ":" in options.host else options.host
                logger.info("Rehearsal server on http://%s:%d", host, port)
                listening(f"http://{host}:{port}")
                await server.run()
            finally:
                await server.sessions.close()
                await runner.cleanup()
    except* Unavailable as group:
        failure = next(error for error in group.exceptions if isinstance(error, Unavailable))
    finally:
        ours.removeHandler(journal)
        ours.setLevel(before)
    if failure is not None:
        raise failure


class _Server:
    def __init__(self, options: Options, journal: Journal, tasks: asyncio.TaskGroup) -> None:
        self._options = options
        self._journal = journal
        self._tasks = tasks
        self._born = datetime.now().timestamp()
        self._begun = asyncio.Event()
        self._pipelines = Pipelines(options.load_seconds, options.frames)
        addresses = Addresses.LOOPBACK if _is_loopback(options.host) else Addresses.BOTH
        self.sessions = Sessions(
            self._pipelines, tasks, addresses, options.chunk, options.frames, options.fps, self._begun
        )

    async def run(self) -> None:
        """Do what was planned, and otherwise nothing, until cancelled."""
        if self._options.fault is not None:
            await self._begun.wait()
            await asyncio.sleep(self._options.fault.after)
            self._fail(self._options.fault.fault)
        await asyncio.get_running_loop().create_future()

    def application(self) -> web.Application:
        application = web.Application(middlewares=[_as_fastapi], client_max_size=16 * 2**20)
        application.add_routes(
            [
                web.get("/health", self._health),
                web.post("/api/v1/pipeline/load", self._load),
                web.get("/api/v1/pipeline/status", self._status),
                web.get("/api/v1/pipelines/schemas", self._schemas),
                web.get("/api/v1/webrtc/ice-servers", self._ice_servers),
                web.post("/api/v1/webrtc/offer", self._offer),
                web.patch("/api/v1/webrtc/offer/{session}", self._candidates),
                web.delete("/api/v1/webrtc/offer/{session}", self._delete),
                web.get("/api/v1/session/metrics", self._metrics),
                web.get("/api/v1/session/parameters", self._parameters),
                web.post("/api/v1/session/parameters", self._update),
                web.get("/api/v1/logs/tail", self._tail),
                web.post("/rehearsal/fault", self._fault),
                web.get("/", self._root),
                web.get("/{path:.*}", self._nothing_there),
            ]
        )
        return application

    async def _root(self, request: web.Request) -> web.Response:
        return web.json_response({"message": "Scope API - Frontend not built"})

    async def _nothing_there(self, request: web.Request) -> web.Response:
        return web.json_response({"detail": "Frontend not built"}, status=404)

    async def _health(self, request: web.Request) -> web.Response:
        return web.json_response(
            {
                "status": "healthy",
                "timestamp": datetime.now().isoformat(),
                "server_start_time": self._born,
                "version": VERSION,
                "git_commit": "rehearsal",
            }
        )

    async def _load(self, request: web.Request) -> web.Response:
        body = requests.read(requests.Load, await request.read(), request.content_type)
        wanted = body.wanted()
        if not wanted:
            return web.json_response({"detail": "Either 'pipelines' or 'pipeline_ids' must be provided"}, status=400)
        self._tasks.create_task(self._pipelines.load(wanted), name="load")
        await asyncio.sleep(0)  # the status says `loading` from now on
        return web.json_response({"message": "Pipeline loading initiated successfully"})

    async def _status(self, request: web.Request) -> web.Response:
        return web.json_response(self._pipelines.status())

    async def _schemas(self, request: web.Request) -> web.Response:
        return web.json_response(schemas())

    async def _ice_servers(self, request: web.Request) -> web.Response:
        return web.json_response({"iceServers": []})

    async def _offer(self, request: web.Request) -> web.Response:
        offer = requests.read(requests.Offer, await request.read(), request.content_type)
        if not self._pipelines.ready:
            return web.json_response({"detail": "Pipeline not loaded. Please load pipeline first."}, status=400)
        try:
            return web.json_response(await self.sessions.offer(offer))
        except Exception as error:  # whatever aiortc raises for what is no offer
            logger.error("Error handling WebRTC offer: %s", error)
            return web.json_response({"detail": str(error)}, status=500)

    async def _candidates(self, request: web.Request) -> web.Response:
        body = requests.read(requests.Candidates, await request.read(), request.content_type)
        candidates = [(one.candidate, one.sdpMid, one.sdpMLineIndex) for one in body.candidates]
        try:
            await self.sessions.candidates(request.match_info["session"], candidates)
        except Refused as error:
            return web.json_response({"detail": str(error)}, status=404)
        return web.Response(status=204)

    async def _delete(self, request: web.Request) -> web.Response:
        await self.sessions.delete(request.match_info["session"])
        return web.Response(status=204)

    async def _metrics(self, request: web.Request) -> web.Response:
        return web.json_response(self.sessions.metrics())

    async def _parameters(self, request: web.Request) -> web.Response:
        first = self.sessions.first
        return web.json_response({"parameters": {} if first is None else first.parameters})

    async def _update(self, request: web.Request) -> web.Response:
        body = requests.read(requests.Parameters, await request.read(), request.content_type)
        return web.json_response({"status": "ok", "applied_parameters": self.sessions.update(body)})

    async def _tail(self, request: web.Request) -> web.Response:
        lines = _whole(request, "lines", 200, 1, 1000)
        text, offset = self._journal.tail(lines, _whole(request, "since_offset", 0, 0, None))
        return web.json_response({"lines": text, "offset": offset})

    async def _fault(self, request: web.Request) -> web.Response:
        body = requests.read(requests.FaultRequest, await request.read(), request.content_type)
        match body.fault:
            case "none":
                self.sessions.deaf = False
            case "crash":  # answer first: whoever asks for a crash wants to know that it was understood
                asyncio.get_running_loop().call_later(0.05, self._fail, Fault.CRASH)
            case fault:
                self._fail(Fault(fault))
        return web.json_response({"fault": body.fault})

    def _fail(self, fault: Fault) -> None:
        logger.warning("Rehearsing a fault: %s", fault.value)
        match fault:
            case Fault.CRASH:
                # Where there is no SIGKILL (Windows), any signal but two ends the process as surely.
                os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
            case Fault.FREEZE:
                self.sessions.freeze()
            case Fault.DEAF:
                self.sessions.deaf = True


@web.middleware
async def _as_fastapi(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Say what goes wrong in the shapes that Scope says it in."""
    try:
        return await handler(request)
    except requests.Invalid as error:
        return web.json_response({"detail": error.problems}, status=422)
    except web.HTTPMethodNotAllowed as error:
        return web.json_response(
            {"detail": "Method Not Allowed"}, status=405, headers={"Allow": error.headers["Allow"]}
        )
    except web.HTTPException:
        raise
    except Exception:
        logger.exception("%s %s", request.method, request.path)
        return web.Response(status=500, text="Internal Server Error")


def _whole(request: web.Request, name: str, usual: int, low: int, high: int | None) -> int:
    """Return a whole number of the query. Raise `Invalid` if it is none, or out of its range."""
    text = request.query.get(name)
    if text is None:
        return usual
    problem: dict[str, Any] = {"loc": ["query", name], "input": text}
    try:
        number = int(text)
    except ValueError:
        message = "Input should be a valid integer, unable to parse string as an integer"
        raise requests.Invalid([{"type": "int_parsing", "msg": message, **problem}]) from None
    if number < low:
        message = f"Input should be greater than or equal to {low}"
        raise requests.Invalid([{"type": "greater_than_equal", "msg": message, **problem, "ctx": {"ge": low}}])
    if high is not None and number > high:
        message = f"Input should be less than or equal to {high}"
        raise requests.Invalid([{"type": "less_than_equal", "msg": message, **problem, "ctx": {"le": high}}])
    return number


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
