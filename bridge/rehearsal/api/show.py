"""What a show is made of: health, pipelines, offers, and what the API tells about sessions and the log."""

import asyncio
import logging
from datetime import datetime
from typing import Any

from aiohttp import web

from bridge.errors import Refused
from bridge.rehearsal import requests
from bridge.rehearsal.api.answers import refusal, whole
from bridge.rehearsal.dialect import Dialect
from bridge.rehearsal.journal import Journal
from bridge.rehearsal.pipelines import Pipeline, Pipelines
from bridge.rehearsal.recording import Absent
from bridge.rehearsal.schemas import definitions, schemas
from bridge.rehearsal.sessions import Sessions

logger = logging.getLogger(__name__)

_SESSION = "/api/v1/webrtc/offer/{session}"
_RECORDING = "/api/v1/recordings/{session}"


class Show:
    """The routes of a show."""

    def __init__(
        self,
        dialect: Dialect,
        listed: dict[str, Pipeline],
        pipelines: Pipelines,
        sessions: Sessions,
        journal: Journal,
        tasks: asyncio.TaskGroup,
    ) -> None:
        """`listed` are the pipelines that the server has."""
        self._dialect, self._listed = dialect, listed
        self._pipelines, self._sessions = pipelines, sessions
        self._journal, self._tasks = journal, tasks
        self._born = datetime.now().timestamp()

    def routes(self) -> list[web.RouteDef]:
        """Return what is answered here."""
        return [
            web.get("/health", self._health),
            web.post("/api/v1/pipeline/load", self._load),
            web.get("/api/v1/pipeline/status", self._status),
            web.get("/api/v1/pipelines/schemas", self._schemas),
            web.get("/api/v1/nodes/definitions", self._definitions),
            web.get("/api/v1/webrtc/ice-servers", self._ice_servers),
            web.post("/api/v1/webrtc/offer", self._offer),
            web.patch(_SESSION, self._candidates),
            web.delete(_SESSION, self._delete),
            web.get("/api/v1/session/metrics", self._metrics),
            web.get("/api/v1/session/parameters", self._parameters),
            web.post("/api/v1/session/parameters", self._update),
            web.get("/api/v1/session/frame", self._frame),
            web.post(f"{_RECORDING}/start", self._record),
            web.post(f"{_RECORDING}/stop", self._stop_recording),
            web.get(_RECORDING, self._recording),
            web.get("/api/v1/logs/tail", self._tail),
            web.get("/api/v1/logs/current", self._log),
        ]

    async def _health(self, request: web.Request) -> web.Response:
        health: dict[str, Any] = {"status": "healthy", "timestamp": datetime.now().isoformat()}
        if self._dialect.version is not None:
            health |= {
                "server_start_time": self._born,
                "version": self._dialect.version,
                "git_commit": "rehearsal",
            }
        return web.json_response(health)

    async def _load(self, request: web.Request) -> web.Response:
        body = requests.read(self._dialect.load, await request.read(), request.content_type)
        wanted = body.wanted()
        if not wanted:
            return refusal(400, "Either 'pipelines' or 'pipeline_ids' must be provided")
        self._tasks.create_task(self._pipelines.load(wanted), name="load")
        await asyncio.sleep(0)  # the status says `loading` from now on
        return web.json_response({"message": "Pipeline loading initiated successfully"})

    async def _status(self, request: web.Request) -> web.Response:
        return web.json_response(self._pipelines.status())

    async def _schemas(self, request: web.Request) -> web.Response:
        return web.json_response(self._dialect.schemas(schemas(self._listed)))

    async def _definitions(self, request: web.Request) -> web.Response:
        return web.json_response(definitions(self._listed))

    async def _ice_servers(self, request: web.Request) -> web.Response:
        return web.json_response({"iceServers": []})

    async def _offer(self, request: web.Request) -> web.Response:
        offer = requests.read(self._dialect.offer, await request.read(), request.content_type)
        if not self._pipelines.ready:
            reason = "Pipeline not loaded. Please load pipeline first."
            return refusal(500, f"400: {reason}") if self._dialect.wraps else refusal(400, reason)
        try:
            return web.json_response(await self._sessions.offer(offer))
        except Exception as error:  # whatever aiortc raises for what is no offer
            logger.error("Error handling WebRTC offer: %s", error)
            return refusal(500, str(error))

    async def _candidates(self, request: web.Request) -> web.Response:
        body = requests.read(requests.Candidates, await request.read(), request.content_type)
        candidates = [(one.candidate, one.sdpMid, one.sdpMLineIndex) for one in body.candidates]
        try:
            await self._sessions.candidates(request.match_info["session"], candidates)
        except Refused as error:
            return refusal(404, str(error))
        return web.Response(status=204)

    async def _delete(self, request: web.Request) -> web.Response:
        await self._sessions.delete(request.match_info["session"])
        return web.Response(status=204)

    async def _metrics(self, request: web.Request) -> web.Response:
        return web.json_response(self._sessions.metrics())

    async def _parameters(self, request: web.Request) -> web.Response:
        first = self._sessions.first
        return web.json_response({"parameters": {} if first is None else first.parameters})

    async def _update(self, request: web.Request) -> web.Response:
        body = requests.read(requests.Parameters, await request.read(), request.content_type)
        return web.json_response({"status": "ok", "applied_parameters": self._sessions.update(body)})

    async def _frame(self, request: web.Request) -> web.Response:
        quality = whole(request, "quality", 85, 1, 100)
        picture = await self._sessions.frame(request.query.get("sink_node_id"), quality)
        if picture is None:
            return refusal(404, "No frame available")
        return web.Response(body=picture, content_type="image/jpeg")

    async def _record(self, request: web.Request) -> web.Response:
        return await self._recorded(request, self._sessions.record_start)

    async def _stop_recording(self, request: web.Request) -> web.Response:
        return await self._recorded(request, self._sessions.record_stop)

    async def _recorded(self, request: web.Request, do: Any) -> web.Response:
        try:
            return web.json_response({"status": await do(request.match_info["session"], request.query.get("node_id"))})
        except Absent as error:
            return refusal(404, str(error))
        except Refused as error:
            return refusal(400, str(error))

    async def _recording(self, request: web.Request) -> web.StreamResponse:
        try:
            path = await self._sessions.record_fetch(request.match_info["session"], request.query.get("node_id"))
        except Absent as error:
            return refusal(404, str(error))
        except Refused as error:
            return refusal(400, str(error))
        disposition = f'attachment; filename="{path.name}"'
        return web.FileResponse(path, headers={"Content-Type": "video/mp4", "Content-Disposition": disposition})

    async def _tail(self, request: web.Request) -> web.Response:
        lines = whole(request, "lines", 200, 1, 1000)
        text, offset = self._journal.tail(lines, whole(request, "since_offset", 0, 0))
        return web.json_response({"lines": text, "offset": offset})

    async def _log(self, request: web.Request) -> web.Response:
        return web.Response(text="".join(f"{line}\n" for line in self._journal.lines()))
