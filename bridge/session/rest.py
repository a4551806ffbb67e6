"""The HTTP side of Scope: health, loading, offers, the log."""

from collections.abc import Mapping
from contextlib import suppress
from ipaddress import ip_address
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

from bridge.errors import Refused, Unavailable
from bridge.session.state import Healthy, StatusKnown

HEALTH_TIMEOUT = 2.0
"""Seconds for a server to say that it lives."""
OFFER_TIMEOUT = 30.0
"""Seconds for an offer: the server gathers its candidates (STUN, TURN) before it answers."""


def is_loopback(url: str) -> bool:
    """Return whether `url` points at this machine itself."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


class Rest:
    """One Scope server by HTTP. Every call raises `Unavailable` if nobody answers, and `Refused` on any answer but yes."""

    def __init__(self, url: str) -> None:
        self.url = url
        # A proxy of the environment is for far servers; this machine's own are never behind it.
        self._client = httpx.AsyncClient(base_url=url, timeout=10.0, trust_env=not is_loopback(url))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def health(self) -> Healthy:
        """Ask whether the server lives. A beta tells neither its version nor its start."""
        body = await self._ask("GET", "/health", timeout=HEALTH_TIMEOUT)
        started, version = body.get("server_start_time"), body.get("version")
        return Healthy(
            started=float(started) if isinstance(started, int | float) else None,
            version=version if isinstance(version, str) else None,
        )

    async def status(self) -> StatusKnown:
        """Ask which pipeline is loaded."""
        body = await self._ask("GET", "/api/v1/pipeline/status")
        pipeline, load_params, stage = body.get("pipeline_id"), body.get("load_params"), body.get("loading_stage")
        return StatusKnown(
            str(body.get("status")),
            pipeline if isinstance(pipeline, str) else None,
            load_params if isinstance(load_params, dict) else None,
            stage if isinstance(stage, str) else None,
        )

    async def load(self, pipeline: str, load_params: Mapping[str, Any]) -> None:
        """Have the server load a pipeline. It answers at once, and yes to anything: ask for the status."""
        node = {"node_id": pipeline, "pipeline_id": pipeline, "load_params": dict(load_params)}
        await self._ask("POST", "/api/v1/pipeline/load", json={"pipelines": [node]})

    async def ice_servers(self) -> list[Mapping[str, Any]]:
        """Return the STUN and TURN servers that the server names."""
        body = await self._ask("GET", "/api/v1/webrtc/ice-servers")
        servers = body.get("iceServers")
        return [server for server in servers if isinstance(server, dict)] if isinstance(servers, list) else []

    async def schemas(self) -> object:
        """Return what every pipeline that the server has takes, as it says it itself."""
        return await self._ask("GET", "/api/v1/pipelines/schemas")

    async def offer(self, sdp: str, initial_parameters: Mapping[str, Any]) -> tuple[str, str]:
        """Offer a connection; return the answer's SDP and the session's id."""
        body = await self._ask(
            "POST",
            "/api/v1/webrtc/offer",
            json={"sdp": sdp, "type": "offer", "initialParameters": initial_parameters},
            timeout=OFFER_TIMEOUT,
        )
        try:
            return str(body["sdp"]), str(body["sessionId"])
        except KeyError as error:
            raise Refused(f"Scope's answer to the offer has no {error}") from error

    async def remove(self, session: str) -> None:
        """End a session on the server. It is no error if there is none, or if the server knows no such request."""
        with suppress(Refused):  # servers before 0.1.7 have no DELETE: 404 or 405; the session ends by itself there
            await self._ask("DELETE", f"/api/v1/webrtc/offer/{session}", timeout=5.0)

    async def log_tail(self, since: int) -> tuple[list[str], int]:
        """Return the log's lines since the offset `since`, and the next offset."""
        body = await self._ask("GET", "/api/v1/logs/tail", params={"lines": 200, "since_offset": since})
        lines, offset = body.get("lines"), body.get("offset")
        return (
            [str(line) for line in lines] if isinstance(lines, list) else [],
            offset if isinstance(offset, int) else since,
        )

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        params: Mapping[str, Any] | None = None,
        timeout: float | None = None,
    ) -> dict[str, Any]:
        try:
            response = await self._client.request(
                method,
                path,
                json=json,
                params=params,
                timeout=httpx.USE_CLIENT_DEFAULT if timeout is None else timeout,
            )
        except httpx.TimeoutException as error:
            raise Unavailable(f"{self.url} takes too long to answer") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unavailable(
                f"nobody listens at {self.url}" if isinstance(error, httpx.ConnectError) else f"{self.url}: {error}"
            ) from error
        if not response.is_success:
            raise Refused(f"{method} {path}: {response.status_code} {_detail(response)}")
        if not response.content:
            return {}
        try:
            body = response.json()
        except (ValueError, RecursionError) as error:
            raise Refused(f"{method} {path}: the answer is not JSON; is this a Scope server?") from error
        if not isinstance(body, dict):
            raise Refused(f"{method} {path}: the answer is not an object; is this a Scope server?")
        return body


def _detail(response: httpx.Response) -> str:
    """Return the reason that a refusal gives, short enough for one line."""
    try:
        detail = response.json().get("detail")
    except (ValueError, AttributeError):
        detail = response.text
    return str(detail)[:200]
