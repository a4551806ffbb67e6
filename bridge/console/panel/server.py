"""The web page and its HTTP interface: shows the `Status` and the live picture, turns what a person does into signals.

    curl http://127.0.0.1:8765/api/status
    curl http://127.0.0.1:8765/metrics          # for Prometheus
    curl http://127.0.0.1:8765/api/signal -d '{"path": "panel/prompt", "values": ["a forest of glass"]}'

`/api/signals` is for tools beside a running show: a WebSocket that tells what arrives, as `signals` writes it.

The status goes out over a WebSocket and not as server-sent events: a browser opens six HTTP connections to one server,
and with an endless one for the picture and another for the status, the third tab would swallow every button press.
"""

import asyncio
import logging
import socket
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from bridge.clock import now
from bridge.console import metrics
from bridge.console.panel.request import is_ours, is_same_origin, read_signal
from bridge.console.panel.signals import Listener
from bridge.console.panel.status_json import encode
from bridge.errors import Refused, Unavailable
from bridge.signals import Batch, Emit
from bridge.status import Status

Act = Callable[[Batch], str | None]
"""Does what a person asked for, on the event loop, and returns why it was refused; None or empty if it was taken."""
Listen = Callable[[Emit], Callable[[], None]]
"""Has every batch that arrives told as well, on the event loop, until what it returns is called."""

logger = logging.getLogger(__name__)

STATUS_PERIOD = 0.1
"""Seconds between two statuses on a WebSocket."""
SIGNALS_PERIOD = 0.01
"""Seconds between two messages of signals on a WebSocket: what arrives meanwhile goes out together."""
STALLED_AFTER = 10.0
"""Seconds without taking anything after which a watcher is cut off; the page comes back by itself."""

_BODY_LIMIT = 64 * 1024
_SEND_BUFFER = 128 * 1024
"""Bytes that the system keeps for a watcher of the picture: its usual megabytes would be seconds of old pictures."""
_STATIC = Path(__file__).with_name("static")
_TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
"""Our own table: Windows lets any program register another type for .js, and then browsers refuse our modules."""
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
_BOUNDARY = "frame"
_BETWEEN = f"--{_BOUNDARY}\r\n".encode()


class Picture(Protocol):
    """The live picture, as JPEGs."""

    def frames(self) -> AsyncGenerator[bytes, None]:
        """Yield JPEGs from now on, also when nothing moves; a slow taker misses the ones in between."""

    async def latest(self) -> bytes:
        """Return one JPEG of the picture as it is now."""


class Panel:
    """The page on `host` and `port` (0: the system chooses), and what it needs: status, a way to act, a picture, what arrives."""

    def __init__(
        self, host: str, port: int, snapshot: Callable[[], Status], act: Act, preview: Picture, listen: Listen
    ) -> None:
        self._host = host
        self._port = port
        self._act = act
        self._preview = preview
        self._listen_to = listen
        self._snapshot = snapshot
        self._status = ""
        self._status_until = 0.0
        self._assets: dict[str, _Asset] = {}
        self.opened = asyncio.Event()
        """Set while the page can be reached."""

    @property
    def port(self) -> int:
        """The port; once `opened`, the one that the system chose."""
        return self._port

    @property
    def url(self) -> str:
        """Where a browser on this machine finds the page."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self._host, self._host)
        return f"http://[{host}]:{self._port}" if ":" in host else f"http://{host}:{self._port}"

    async def run(self) -> None:
        """Serve until cancelled. Raises `Unavailable` when the port cannot be had."""
        self._assets = await asyncio.to_thread(_read_assets)
        runner = web.AppRunner(self._app(), access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
        try:
            await runner.setup()
            await self._listen(runner)
            logger.info("the page is at %s", self.url)
            self.opened.set()
            await asyncio.get_running_loop().create_future()  # until cancelled
        finally:
            self.opened.clear()
            await runner.cleanup()

    async def _listen(self, runner: web.AppRunner) -> None:
        site = web.TCPSite(runner, self._host, self._port)
        try:
            await site.start()
        except OSError as error:
            raise Unavailable(
                f"cannot show the page at {self.url}: {error.strerror}; another program may have the port"
            ) from error
        self._port = int(runner.addresses[0][1])

    def _app(self) -> web.Application:
        app = web.Application(middlewares=[self._guard], client_max_size=_BODY_LIMIT)
        app.on_response_prepare.append(_add_headers)
        app.router.add_get("/", self._asset)
        app.router.add_get("/static/{name}", self._asset)
        app.router.add_get("/api/status", self._get_status)
        app.router.add_get("/api/events", self._watch_status)
        app.router.add_get("/api/signals", self._watch_signals)
        app.router.add_get("/metrics", self._get_metrics)
        app.router.add_post("/api/signal", self._post_signal)
        app.router.add_get("/preview.jpg", self._get_picture)
        app.router.add_get("/preview.mjpg", self._watch_picture)
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        host = request.headers.get(hdrs.HOST, "")
        if not is_ours(host, self._host):
            return _error(403, f"{host!r} is not the name of this page; open {self.url}")
        if not is_same_origin(request.headers.get(hdrs.ORIGIN), host):
            return _error(403, "another page may not use this one")
        try:
            return await handler(request)
        except Refused as refused:
            return _error(400, str(refused))
        except web.HTTPRequestEntityTooLarge:
            return _error(413, f"a request may have {_BODY_LIMIT} bytes")
        except web.HTTPNotFound:
            return _error(404, f"there is nothing at {request.path}")
        except web.HTTPMethodNotAllowed as error:
            allowed = ", ".join(sorted(error.allowed_methods))
            return _error(405, f"{request.path} takes {allowed}", {hdrs.ALLOW: allowed})

    async def _asset(self, request: web.Request) -> web.Response:
        asset = self._assets.get(request.match_info.get("name", "index.html"))
        if asset is None:
            raise web.HTTPNotFound
        return web.Response(body=asset.body, content_type=asset.content_type, charset="utf-8")

    async def _get_status(self, _: web.Request) -> web.Response:
        return web.Response(text=self._encoded_status(), content_type="application/json")

    async def _get_metrics(self, _: web.Request) -> web.Response:
        body = metrics.text(self._snapshot()).encode()
        return web.Response(body=body, headers={hdrs.CONTENT_TYPE: metrics.CONTENT_TYPE})

    async def _watch_status(self, request: web.Request) -> web.WebSocketResponse:
        return await _tell(request, self._send_statuses)

    async def _watch_signals(self, request: web.Request) -> web.WebSocketResponse:
        return await _tell(request, self._send_signals)

    async def _send_statuses(self, watcher: web.WebSocketResponse) -> None:
        with suppress(ConnectionError):
            while True:
                await watcher.send_str(self._encoded_status())
                await asyncio.sleep(STATUS_PERIOD)

    async def _send_signals(self, watcher: web.WebSocketResponse) -> None:
        listener = Listener()
        leave = self._listen_to(listener.put)
        try:
            with suppress(ConnectionError):
                while True:
                    await watcher.send_str(await listener.lines())
                    await asyncio.sleep(SIGNALS_PERIOD)
        finally:
            leave()

    async def _post_signal(self, request: web.Request) -> web.Response:
        sample = read_signal(await request.read())
        refusal = self._act(Batch(now(), (sample,)))
        if refusal:
            raise Refused(refusal)
        return web.Response(status=204)

    async def _get_picture(self, _: web.Request) -> web.Response:
        try:
            async with asyncio.timeout(STALLED_AFTER):
                jpeg = await self._preview.latest()
        except TimeoutError:
            return _error(503, "there is no picture now")
        return web.Response(body=jpeg, content_type="image/jpeg")

    async def _watch_picture(self, request: web.Request) -> web.StreamResponse:
        if request.transport is not None:
            request.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
        response = web.StreamResponse(headers={hdrs.CONTENT_TYPE: f"multipart/x-mixed-replace; boundary={_BOUNDARY}"})
        await response.prepare(request)
        with suppress(ConnectionError, TimeoutError):
            await response.write(_BETWEEN)
            async with aclosing(self._preview.frames()) as frames:
                async for jpeg in frames:
                    # Browsers show a part when the next boundary is there, so each one goes out with its end.
                    part = b"Content-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%b\r\n" % (len(jpeg), jpeg)
                    async with asyncio.timeout(STALLED_AFTER):
                        await response.write(part + _BETWEEN)
        return response

    def _encoded_status(self) -> str:
        """Return the status as JSON, made once for all who ask within half a period."""
        time = now()
        if time >= self._status_until:
            self._status = encode(self._snapshot())
            self._status_until = time + STATUS_PERIOD / 2
        return self._status


async def _tell(
    request: web.Request, send: Callable[[web.WebSocketResponse], Coroutine[Any, Any, None]]
) -> web.WebSocketResponse:
    """Open a WebSocket and `send` on it until whoever watches goes."""
    watcher = web.WebSocketResponse(heartbeat=STALLED_AFTER, compress=False, max_msg_size=1024, timeout=0.1)
    await watcher.prepare(request)
    async with asyncio.TaskGroup() as tasks:
        sending = tasks.create_task(send(watcher))
        async for _message in watcher:  # nobody says anything here: reading is what notices that they went
            pass
        sending.cancel()
    return watcher


@dataclass(frozen=True, slots=True)
class _Asset:
    body: bytes
    content_type: str


def _read_assets() -> dict[str, _Asset]:
    return {
        path.name: _Asset(path.read_bytes(), _TYPES[path.suffix]) for path in _STATIC.iterdir() if path.suffix in _TYPES
    }


def _error(status: int, sentence: str, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.json_response({"error": sentence}, status=status, headers=headers)


async def _add_headers(_: web.Request, response: web.StreamResponse) -> None:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
