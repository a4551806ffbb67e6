"""LoRAs, assets and models over HTTP, and what the machine has."""

import asyncio
import logging
import mimetypes
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import ClientError, ClientSession, ClientTimeout, web

from bridge.rehearsal import hardware, requests
from bridge.rehearsal.api.answers import refusal, required, whole
from bridge.rehearsal.dialect import Dialect
from bridge.rehearsal.library import Assets, Loras, Rejected
from bridge.rehearsal.models import Models

logger = logging.getLogger(__name__)

Fetch = Callable[[str], Awaitable[bytes]]
"""What brings a file from a URL; it raises `Rejected` if that fails."""

_SILENCE = 30.0
"""How long a site may say nothing, in seconds."""


async def fetch(url: str) -> bytes:
    """Return what lies at a URL. Raise `Rejected` in Scope's words if it cannot be had."""
    try:
        timeout = ClientTimeout(total=None, sock_connect=_SILENCE, sock_read=_SILENCE)
        async with ClientSession(timeout=timeout) as http, http.get(url) as answer:
            if answer.status in (401, 403):
                raise Rejected(answer.status, "Access denied. Check that the URL is correct.")
            if answer.status == 404:
                raise Rejected(404, "File not found. Check that the URL is correct.")
            if answer.status >= 400:
                raise Rejected(answer.status, f"Failed to fetch URL: HTTP {answer.status}")
            return await answer.read()
    except (ClientError, OSError, TimeoutError) as error:
        logger.error("install_lora_file: Error installing LoRA: %s", error)
        raise Rejected(500, str(error)) from error


class Files:
    """The routes of what lies on the server."""

    def __init__(
        self,
        dialect: Dialect,
        loras: Loras,
        assets: Assets,
        models: Models,
        vram: float | None,
        tasks: asyncio.TaskGroup,
        fetch: Fetch = fetch,
    ) -> None:
        """`vram` is the GPU's memory in GB; None: there is no GPU."""
        self._dialect, self._vram, self._tasks, self._fetch = dialect, vram, tasks, fetch
        self._loras, self._assets, self._models = loras, assets, models

    def routes(self) -> list[web.RouteDef]:
        """Return what is answered here."""
        return [
            web.get("/api/v1/loras", self._list_loras),
            web.get("/api/v1/lora/list", self._list_loras),
            web.post("/api/v1/loras", self._install_lora),
            web.delete("/api/v1/loras/{name}", self._delete_lora),
            web.get("/api/v1/assets", self._list_assets),
            web.post("/api/v1/assets", self._put_asset),
            web.get("/api/v1/assets/{path:.+}", self._asset),
            web.get("/api/v1/models/status", self._model_status),
            web.post("/api/v1/models/download", self._download_models),
            web.get("/api/v1/hardware/info", self._hardware),
            web.get("/api/v1/input-sources", self._input_sources),
            web.get("/api/v1/input-sources/{kind}/sources", self._found_sources),
        ]

    async def _list_loras(self, request: web.Request) -> web.Response:
        return web.json_response({"lora_files": await asyncio.to_thread(self._loras.listed)})

    async def _install_lora(self, request: web.Request) -> web.Response:
        body = requests.read(requests.LoraInstall, await request.read(), request.content_type)
        path = await asyncio.to_thread(self._loras.destination, body.url, body.filename)
        content = await self._fetch(body.url)
        return web.json_response(await asyncio.to_thread(self._loras.install, path, content))

    async def _delete_lora(self, request: web.Request) -> web.Response:
        return web.json_response(await asyncio.to_thread(self._loras.delete, request.match_info["name"]))

    async def _list_assets(self, request: web.Request) -> web.Response:
        return web.json_response({"assets": await asyncio.to_thread(self._assets.listed, request.query.get("type"))})

    async def _put_asset(self, request: web.Request) -> web.Response:
        name, content = required(request, "filename"), await request.read()
        return web.json_response(await asyncio.to_thread(self._assets.put, name, content))

    async def _asset(self, request: web.Request) -> web.StreamResponse:
        path: Path = await asyncio.to_thread(self._assets.find, request.match_info["path"])
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        return web.FileResponse(path, headers={"Content-Type": kind})

    async def _model_status(self, request: web.Request) -> web.Response:
        return web.json_response(self._models.status(required(request, "pipeline_id")))

    async def _download_models(self, request: web.Request) -> web.Response:
        body = requests.read(requests.ModelsDownload, await request.read(), request.content_type)
        if not body.pipeline_id:
            return refusal(400, "pipeline_id is required")
        if self._models.downloading(body.pipeline_id):
            return refusal(409, f"Download already in progress for {body.pipeline_id}")
        self._tasks.create_task(self._models.download(body.pipeline_id), name=f"models of {body.pipeline_id}")
        await asyncio.sleep(0)  # the status tells its progress from now on
        return web.json_response({"message": f"Model download started for {body.pipeline_id}"})

    async def _hardware(self, request: web.Request) -> web.Response:
        return web.json_response(hardware.info(self._vram, self._dialect.objects))

    async def _input_sources(self, request: web.Request) -> web.Response:
        return web.json_response(hardware.sources())

    async def _found_sources(self, request: web.Request) -> web.Response:
        whole(request, "timeout_ms", 5000, -(2**31))  # files are there at once, so that it only must be a number
        return web.json_response(await hardware.found(request.match_info["kind"], lambda: self._assets.listed("video")))
