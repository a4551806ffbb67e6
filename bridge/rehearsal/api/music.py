"""The server's tempo and its OSC listener over HTTP."""

import logging

from aiohttp import web

from bridge.errors import Refused
from bridge.rehearsal import requests
from bridge.rehearsal.api.answers import broken, refusal
from bridge.rehearsal.osc import Inventory, Receiver
from bridge.rehearsal.tempo import SOURCES, Tempo

logger = logging.getLogger(__name__)


class Beats:
    """The routes of the tempo."""

    def __init__(self, tempo: Tempo) -> None:
        self._tempo = tempo

    def routes(self) -> list[web.RouteDef]:
        """Return what is answered here."""
        return [
            web.get("/api/v1/tempo/status", self._status),
            web.get("/api/v1/tempo/sources", self._sources),
            web.post("/api/v1/tempo/enable", self._enable),
            web.post("/api/v1/tempo/disable", self._disable),
            web.post("/api/v1/tempo/set_tempo", self._set),
        ]

    async def _status(self, request: web.Request) -> web.Response:
        return web.json_response(self._tempo.status())

    async def _sources(self, request: web.Request) -> web.Response:
        return web.json_response({"sources": dict(SOURCES)})

    async def _enable(self, request: web.Request) -> web.Response:
        body = requests.read(requests.TempoEnable, await request.read(), request.content_type)
        self._tempo.disable()
        if body.source == "midi_clock":
            logger.error("Cannot open a MIDI input: there is no MIDI on this machine")
            return broken()
        self._tempo.enable(body.bpm, body.beats_per_bar)
        logger.info("Tempo sync enabled: source=%s, bpm=%g", body.source, body.bpm)
        return web.json_response(self._tempo.status())

    async def _disable(self, request: web.Request) -> web.Response:
        self._tempo.disable()
        return web.json_response(self._tempo.status())

    async def _set(self, request: web.Request) -> web.Response:
        body = requests.read(requests.TempoSet, await request.read(), request.content_type)
        try:
            self._tempo.set(body.bpm)
        except Refused as error:
            return refusal(400, str(error))
        return web.json_response(self._tempo.status())


class Osc:
    """The routes of OSC."""

    def __init__(self, inventory: Inventory, receiver: Receiver) -> None:
        self._inventory, self._receiver = inventory, receiver
        self.address: tuple[str, int] = ("", 0)
        """Where OSC is expected: the host and port of HTTP."""
        self.listening = False
        """Whether the port could be had."""

    def routes(self) -> list[web.RouteDef]:
        """Return what is answered here."""
        return [
            web.get("/api/v1/osc/status", self._status),
            web.put("/api/v1/osc/settings", self._settings),
            web.get("/api/v1/osc/paths", self._paths),
            web.post("/api/v1/osc/inventory", self._add),
        ]

    async def _status(self, request: web.Request) -> web.Response:
        host, port = self.address
        told = {"enabled": True, "listening": self.listening, "port": port, "host": host}
        return web.json_response({**told, "log_all_messages": self._receiver.log_all})

    async def _settings(self, request: web.Request) -> web.Response:
        body = requests.read(requests.OscSettings, await request.read(), request.content_type)
        self._receiver.log_all = body.log_all_messages
        return await self._status(request)

    async def _paths(self, request: web.Request) -> web.Response:
        return web.json_response(self._inventory.told())

    async def _add(self, request: web.Request) -> web.Response:
        body = requests.read(requests.OscInventory, await request.read(), request.content_type)
        self._inventory.add(entry.model_dump(exclude_none=True) for entry in body.paths)
        return web.json_response({"count": len(body.paths)})
