"""The HTTP side of one Scope: health, loading, offers, files, tempo, recordings, the log.

async with Rest("http://192.168.1.20:8000") as rest:
    await rest.health()
"""

import asyncio
import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal

from bridge.errors import Refused
from bridge.profile.model import Node
from bridge.session.contract import wire
from bridge.session.contract.dialect import CURRENT, Dialect
from bridge.session.http.asking import QUICK_TIMEOUT, TRANSFER_STALL, TRANSFER_TIMEOUT, Asking, is_loopback
from bridge.session.life.events import Healthy, StatusKnown

__all__ = ["Hardware", "ModelStatus", "NotLoaded", "RemoteFile", "Rest", "is_loopback"]

REHEARSAL: Final = "rehearsal"
"""What a rehearsal server says that it was built from. A real one says which commit."""
HEALTH_TIMEOUT: Final = 2.0
"""Seconds for a server to say that it lives."""
REMOVE_TIMEOUT: Final = 5.0
"""Seconds for the end of a session: a new one waits for it."""
OFFER_TIMEOUT: Final = 30.0
"""Seconds for what makes a server work before it answers: an offer (it gathers its candidates, STUN and TURN), a load, a
search for tempo sources."""


class NotLoaded(Refused):
    """An offer came to a server that has no pipeline loaded. Old ones call that an error of their own, 500."""


@dataclass(frozen=True, slots=True)
class Hardware:
    """The machine that a server runs on."""

    vram_gb: float | None
    """The memory of its GPU; None: it has none, or does not say."""
    missing: Mapping[str, str] = field(default_factory=dict)
    """By kind (`spout`, `ndi`, `syphon`) what it cannot send or take in, and why, in its own words."""


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """Whether a pipeline's model files are on the server."""

    downloaded: bool
    """True for pipelines that need none, and for those that the server does not know."""
    downloading: bool = False
    percentage: float = 0.0
    """0 to 100, of the file that comes right now."""
    artifact: str = ""
    """Which file that is."""
    error: str = ""
    """Why a download failed; empty: it did not."""


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file that a server has, and can be told to use."""

    name: str
    """Without its ending."""
    path: str
    """Its path on the server: what parameters name it by."""
    folder: str = ""


class Rest(Asking):
    """One Scope server by HTTP. Every call raises `Unavailable` if nobody answers, and `Refused` on any answer but yes."""

    # The server, and what it runs

    async def health(self) -> Healthy:
        """Ask whether the server lives. A beta tells neither its version nor its start."""
        asked = self._clock()
        body = await self._ask("GET", "/health", timeout=HEALTH_TIMEOUT)
        self.last_round_trip = self._clock() - asked
        started, version = body.get("server_start_time"), body.get("version")
        return Healthy(
            started=number(started),
            version=version if isinstance(version, str) else None,
            rehearsal=body.get("git_commit") == REHEARSAL,
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

    async def load(self, nodes: Sequence[Node], dialect: Dialect = CURRENT) -> None:
        """Have the server load pipelines. It answers at once, and yes to anything: ask for the status."""
        await self._ask("POST", "/api/v1/pipeline/load", json=wire.load_request(nodes, dialect), timeout=OFFER_TIMEOUT)

    async def schemas(self) -> object:
        """Return what every pipeline that the server has takes, as it says it itself."""
        return await self._ask("GET", "/api/v1/pipelines/schemas", timeout=OFFER_TIMEOUT)

    async def definitions(self) -> list[Mapping[str, Any]]:
        """Return the kinds of nodes that a graph can have, each with its `inputs` and `outputs`."""
        body = await self._ask("GET", "/api/v1/nodes/definitions", timeout=OFFER_TIMEOUT)
        return _objects(body.get("nodes"))

    async def hardware(self) -> Hardware:
        """Ask what machine the server runs on."""
        body = await self._ask("GET", "/api/v1/hardware/info")
        missing: dict[str, str] = {}
        if body.get("spout_available") is False:  # betas know Spout alone
            missing["spout"] = "Spout needs Windows"
        for kind in ("spout", "ndi", "syphon"):
            one = body.get(kind)
            if isinstance(one, dict) and one.get("available") is False:
                missing[kind] = _text(one.get("reason")) or _text(one.get("install_hint")) or f"no {kind} there"
        return Hardware(number(body.get("vram_gb")), missing)

    # Sessions

    async def ice_servers(self) -> list[Mapping[str, Any]]:
        """Return the STUN and TURN servers that the server names; what they ask for may expire within minutes."""
        body = await self._ask("GET", "/api/v1/webrtc/ice-servers")
        return _objects(body.get("iceServers"))

    async def offer(self, sdp: str, initial_parameters: Mapping[str, Any]) -> tuple[str, str]:
        """Offer a connection; return the answer's SDP and the session's id. Raise `NotLoaded` if nothing is loaded."""
        question = {"sdp": sdp, "type": "offer", "initialParameters": initial_parameters}
        try:
            body = await self._ask("POST", "/api/v1/webrtc/offer", json=question, timeout=OFFER_TIMEOUT)
        except Refused as error:
            if "not loaded" in str(error):
                raise NotLoaded("Scope has no pipeline loaded") from error
            raise
        try:
            return str(body["sdp"]), str(body["sessionId"])
        except KeyError as error:
            raise Refused(f"Scope's answer to the offer has no {error}") from error

    async def remove(self, session: str) -> None:
        """End a session on the server. It is no error if there is none, or if the server knows no such request."""
        with suppress(Refused):  # servers before 0.1.7 have no DELETE: 404 or 405; the session ends by itself there
            await self._ask("DELETE", f"/api/v1/webrtc/offer/{session}", timeout=REMOVE_TIMEOUT)

    async def parameters(self) -> dict[str, Any]:
        """Return the parameters in force in the server's first session; empty if there is none."""
        return await self._part("/api/v1/session/parameters", "parameters")

    async def metrics(self) -> dict[str, Any]:
        """Return the frame rates of the server's first session, by its id."""
        return await self._part("/api/v1/session/metrics", "sessions")

    async def log_tail(self, since: int) -> tuple[list[str], int]:
        """Return the log's lines since the offset `since`, and the next offset."""
        body = await self._ask("GET", "/api/v1/logs/tail", params={"lines": 200, "since_offset": since})
        lines, offset = body.get("lines"), body.get("offset")
        return (
            [str(line) for line in lines] if isinstance(lines, list) else [],
            offset if isinstance(offset, int) and 0 <= offset < 1 << 63 else since,
        )

    # Files

    async def model_status(self, pipeline: str) -> ModelStatus:
        """Ask whether the model files of a pipeline are there, and how far their download is."""
        body = await self._ask("GET", "/api/v1/models/status", params={"pipeline_id": pipeline})
        given = body.get("progress")
        progress: dict[str, Any] = given if isinstance(given, dict) else {}
        return ModelStatus(
            downloaded=body.get("downloaded") is True,
            downloading=progress.get("is_downloading") is True,
            percentage=min(max(number(progress.get("percentage")) or 0.0, 0.0), 100.0),
            artifact=_text(progress.get("current_artifact")),
            error=_text(progress.get("error")),
        )

    async def download_model(self, pipeline: str) -> None:
        """Have the server download the model files of a pipeline. It answers at once; ask for the status."""
        try:
            await self._ask("POST", "/api/v1/models/download", json={"pipeline_id": pipeline}, timeout=OFFER_TIMEOUT)
        except Refused as error:
            if ": 409 " not in str(error):  # 409: somebody has asked already
                raise

    async def loras(self, dialect: Dialect = CURRENT) -> list[RemoteFile]:
        """Return the LoRAs that the server has."""
        places = ("/api/v1/loras", "/api/v1/lora/list")
        try:
            body = await self._ask("GET", dialect.loras, timeout=OFFER_TIMEOUT)
        except Refused:
            other = next(place for place in places if place != dialect.loras)
            with suppress(Refused):
                return _files((await self._ask("GET", other, timeout=OFFER_TIMEOUT)).get("lora_files"))
            raise
        return _files(body.get("lora_files"))

    async def assets(self, kind: Literal["image", "video", "audio"] = "image") -> list[RemoteFile]:
        """Return the files of one kind that somebody has uploaded."""
        body = await self._ask("GET", "/api/v1/assets", params={"type": kind}, timeout=OFFER_TIMEOUT)
        return _files(body.get("assets"))

    async def upload(self, name: str, data: bytes) -> str:
        """Upload a file, over any other of that name, and return its path on the server. `name` may be in a folder."""
        body = await self._ask(
            "POST",
            "/api/v1/assets",
            content=data,
            params={"filename": name},
            timeout=TRANSFER_TIMEOUT,
            stall=TRANSFER_STALL,
        )
        path = body.get("path")
        if not isinstance(path, str) or not path:
            raise Refused(f"Scope took {name}, and does not say where it put it")
        return path

    # Its own tempo

    async def tempo_status(self) -> dict[str, Any]:
        """Return whether its tempo is `enabled`, its `source` and `beat_state`."""
        return await self._ask("GET", "/api/v1/tempo/status")

    async def enable_tempo(
        self,
        source: Literal["link", "midi_clock"],
        bpm: float = 120.0,
        beats_per_bar: int = 4,
        device: str | None = None,
    ) -> dict[str, Any]:
        """Have its tempo follow Link or a MIDI clock (of the port `device` there); return as `tempo_status`."""
        question: dict[str, Any] = {"source": source, "bpm": _bpm(bpm), "beats_per_bar": beats_per_bar}
        if device is not None:
            question["midi_device"] = device
        return await self._ask("POST", "/api/v1/tempo/enable", json=question, timeout=OFFER_TIMEOUT)

    async def set_tempo(self, bpm: float) -> dict[str, Any]:
        """Set its tempo, where the source can be told; return as `tempo_status`."""
        return await self._ask("POST", "/api/v1/tempo/set_tempo", json={"bpm": _bpm(bpm)})

    async def disable_tempo(self) -> None:
        """Have it follow no tempo."""
        await self._ask("POST", "/api/v1/tempo/disable")

    # Its own recordings

    async def start_recording(self, session: str, node: str | None = None) -> None:
        """Have it record a session, or what arrives at one record node of its graph. It is no error if it does."""
        await self._ask("POST", f"/api/v1/recordings/{session}/start", params=_of_node(node), timeout=OFFER_TIMEOUT)

    async def stop_recording(self, session: str, node: str | None = None) -> None:
        """End a recording. The server deletes the file with that: fetch it first."""
        await self._ask("POST", f"/api/v1/recordings/{session}/stop", params=_of_node(node), timeout=OFFER_TIMEOUT)

    async def fetch_recording(self, session: str, path: Path, node: str | None = None) -> None:
        """Fetch what a running recording has so far into the file `path`; the server begins a new one by that.

        `path` is there when the whole file is: until then, it has another name. Raise `Refused` if it cannot be written.
        """
        partial = path.with_name(path.name + ".part")
        try:
            file = await asyncio.to_thread(_open_new, partial)
            try:
                await self._within(TRANSFER_TIMEOUT, self._fetch(f"/api/v1/recordings/{session}", _of_node(node), file))
            finally:
                await asyncio.to_thread(file.close)
            await asyncio.to_thread(partial.replace, path)
        except OSError as error:
            raise Refused(f"cannot write {path}: {error.strerror or error}") from error
        finally:
            with suppress(OSError):
                await asyncio.to_thread(partial.unlink, missing_ok=True)

    async def _part(self, path: str, key: str, timeout: float = QUICK_TIMEOUT) -> dict[str, Any]:
        part = (await self._ask("GET", path, timeout=timeout)).get(key)
        return part if isinstance(part, dict) else {}


def _objects(value: object) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _files(value: object) -> list[RemoteFile]:
    return [
        RemoteFile(_text(one.get("name")), one["path"], _text(one.get("folder")))
        for one in _objects(value)
        if isinstance(one.get("path"), str)
    ]


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def number(value: object) -> float | None:
    """Return a number that can be reckoned with; None: it is none (JSON from Python knows NaN, and no end of digits)."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    with suppress(OverflowError):
        return float(value) if math.isfinite(value) else None
    return None


def _bpm(bpm: float) -> float:
    """Return a tempo in the range that Scope takes."""
    return min(max(bpm, 20.0), 300.0)


def _of_node(node: str | None) -> dict[str, str] | None:
    return None if node is None else {"node_id": node}


def _open_new(path: Path) -> BinaryIO:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("wb")
