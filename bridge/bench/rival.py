"""The client that the bridge is held against: it sends every move at once, 30 times a second, as every other client does.

One message per parameter and move, one key in each, and nothing that waits for a chunk: Scope's own MIDI and DMX (60 a
second), Soundscape (30), an OSC fader (as it comes). It is given the easiest hand: one control, and no message while
that rests.
"""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import av
import httpx
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError

from bridge.clock import now
from bridge.errors import Unavailable
from bridge.ice import Addresses, offering
from bridge.strip import Strip, read_frame

NAME: Final = "a 30 Hz client"
RATE: Final = 30
"""How often a second it sends, where the hand has moved."""
_ANSWER: Final = 20.0
"""Seconds that a server may take for an answer."""


class Rival:
    """One such client, on a rehearsal server."""

    def __init__(self, url: str, pipeline: str, load: dict[str, int], parameter: str) -> None:
        """Load `pipeline` with `load` if it is not there, and send the hand's places as `parameter`."""
        self._url = url
        self._pipeline = pipeline
        self._load = load
        self._parameter = parameter
        self._place: int | None = None

    def hear(self, place: int, at: float) -> None:
        """Take the place to which the hand has come."""
        self._place = place

    async def run(self, seen: Callable[[Strip], None]) -> None:
        """Connect, send, and tell what every picture says, until cancelled. Raise `Unavailable` if the server fails."""
        try:
            async with httpx.AsyncClient(base_url=self._url, timeout=_ANSWER, trust_env=False) as http:
                await self._play(http, seen)
        except httpx.HTTPError as error:
            raise Unavailable(f"the rehearsal server failed {NAME}: {error}") from error

    async def _play(self, http: httpx.AsyncClient, seen: Callable[[Strip], None]) -> None:
        await self._prepare(http)
        peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        session = ""
        try:
            peer.addTransceiver("video", direction="recvonly")
            peer.addTransceiver("audio", direction="recvonly")
            channel = peer.createDataChannel("parameters")
            tracks: list[MediaStreamTrack] = []
            peer.on("track", tracks.append)
            with offering(Addresses.LOOPBACK):
                await peer.setLocalDescription(await peer.createOffer())
            session, answer = await self._offer(http, peer.localDescription.sdp)
            await peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
            async with asyncio.TaskGroup() as tasks:
                for track in tracks:
                    tasks.create_task(_watch(track, seen))
                while True:
                    begun = now()
                    if channel.readyState == "open" and self._place is not None:
                        channel.send(json.dumps({self._parameter: self._place}))
                        self._place = None
                    await asyncio.sleep(begun + 1 / RATE - now())
        finally:
            await peer.close()
            with suppress(httpx.HTTPError):
                await http.delete(f"/api/v1/webrtc/offer/{session}")

    async def _prepare(self, http: httpx.AsyncClient) -> None:
        node = {"node_id": self._pipeline, "pipeline_id": self._pipeline, "load_params": self._load}
        await http.post("/api/v1/pipeline/load", json={"pipelines": [node]})
        async with asyncio.timeout(_ANSWER):
            while True:
                status = (await http.get("/api/v1/pipeline/status")).json()["status"]
                if status != "loading":
                    break
                await asyncio.sleep(0.05)
        if status != "loaded":
            raise Unavailable(f"the rehearsal server did not load {self._pipeline}: it is {status}")

    async def _offer(self, http: httpx.AsyncClient, sdp: str) -> tuple[str, str]:
        graph = {
            "nodes": [
                {"id": self._pipeline, "type": "pipeline", "pipeline_id": self._pipeline},
                {"id": "output", "type": "sink"},
            ],
            "edges": [{"from": self._pipeline, "from_port": "video", "to_node": "output", "to_port": "video"}],
        }
        begin = {
            "input_mode": "text",
            "pipeline_ids": [self._pipeline],
            "prompts": [{"text": "reef", "weight": 1.0}],
            "graph": graph,
        }
        body = {"sdp": sdp, "type": "offer", "initialParameters": begin}
        answer = (await http.post("/api/v1/webrtc/offer", json=body)).raise_for_status().json()
        return str(answer["sessionId"]), str(answer["sdp"])


async def _watch(track: MediaStreamTrack, seen: Callable[[Strip], None]) -> None:
    """Look at all that comes on a track; sound is let go, or it would pile up."""
    with suppress(MediaStreamError):
        while True:
            media = await track.recv()
            if isinstance(media, av.VideoFrame) and (strip := read_frame(media)) is not None:
                seen(strip)
