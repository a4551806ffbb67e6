"""The WebRTC side of the rehearsal server: offers, data channels, and how sessions end."""

import asyncio
import json
import logging
import threading
import uuid
from collections.abc import Mapping
from typing import Any

from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCDataChannel,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.codecs import h264, vpx
from aiortc.mediastreams import MediaStreamError
from aiortc.sdp import candidate_from_sdp

from bridge.clock import now
from bridge.errors import Refused
from bridge.ice import Addresses, offering
from bridge.rehearsal.pipelines import Loaded, Pipelines
from bridge.rehearsal.requests import Graph, Offer, Parameters
from bridge.rehearsal.stage import Counters, Output, Show

logger = logging.getLogger(__name__)

START, LEAST, MOST = 7_000_000, 5_000_000, 10_000_000
"""Scope's bit rates for video, in bit/s."""
_FAREWELL = 0.1
"""How long `stream_stopped` gets to arrive, in seconds."""

_KEPT_BY_THE_SERVER = frozenset(
    {
        "output_sinks",
        "input_source",
        "modulations",
        "beat_cache_reset_rate",
        "quantize_mode",
        "lookahead_ms",
        "_quantized",
        "bpm",
        "beat_phase",
        "bar_position",
        "beat_count",
        "is_playing",
    }
)
"""What Scope takes out of a message before the worker sees it. The message takes its place in the queue all the same."""


def raise_bit_rates() -> None:
    """Give aiortc the bit rates that Scope gives it."""
    vpx.DEFAULT_BITRATE = h264.DEFAULT_BITRATE = START
    vpx.MIN_BITRATE = h264.MIN_BITRATE = LEAST
    vpx.MAX_BITRATE = h264.MAX_BITRATE = MOST


class Session:
    """One connection: its peer, what it has sent, and its show, unless it is dead from the start."""

    def __init__(self, peer: RTCPeerConnection, parameters: dict[str, Any]) -> None:
        self.name = str(uuid.uuid4())
        self.peer = peer
        self.parameters = parameters
        """All that was ever sent, what the worker dropped included: that is what the API tells."""
        self.show: Show | None = None
        self.output = Output(lambda: 60.0)
        self.node: str | None = None
        """The graph's pipeline node."""
        self.started = now()
        self.channel: RTCDataChannel | None = None
        self._unsent: list[str] = []

    def tell(self, message: Mapping[str, Any]) -> None:
        """Send a message to the client, as soon as there is a channel."""
        text = json.dumps(message)
        if self.channel is not None and self.channel.readyState == "open":
            self.channel.send(text)
        else:
            self._unsent.append(text)

    def opened(self, channel: RTCDataChannel) -> None:
        """Use this channel from now on: the last one that was opened gets the messages."""
        self.channel = channel
        for text in self._unsent:
            channel.send(text)
        self._unsent.clear()

    def update(self, parameters: Mapping[str, Any]) -> None:
        """Merge parameters and hand them to the worker, as Scope does: nothing is checked."""
        for_worker = {key: value for key, value in parameters.items() if key not in _KEPT_BY_THE_SERVER}
        node = for_worker.pop("node_id", None)
        self.parameters.update(parameters)
        if self.show is None:
            return
        if node is not None and self.node is not None and node != self.node:
            logger.warning("Node %s not found, dropping parameter update", node)
            return
        self.show.put(for_worker)

    def heard(self, message: str | bytes, deaf: bool) -> None:
        """Take what came over the data channel. Nothing is ever answered; mistakes are only logged."""
        if deaf:
            return
        try:
            data = json.loads(message)
        except ValueError as error:
            logger.error("Failed to parse parameter update message: %s", error)
            return
        if not isinstance(data, dict):
            logger.error("Error handling parameter update: %s is not an object", type(data).__name__)
            return
        logger.info("Received parameter update: %s", data)
        if "paused" in data and self.node is None:
            self.output.hold(bool(data["paused"]))
        self.update(data)

    def metrics(self) -> dict[str, Any]:
        """Return how it goes, as the API tells it."""
        elapsed = now() - self.started
        return {
            "frames_in": 0,
            "frames_out": self.output.sent,
            "elapsed_seconds": elapsed,
            "fps_in": 0.0,
            "fps_out": self.output.sent / elapsed if elapsed > 0 else 0.0,
            "pipeline_fps": self.show.fps if self.show is not None else 0.0,
            "output_sinks": {},
            "input_source_enabled": False,
            "input_source_type": "",
            "relay_mode": False,
        }

    async def close(self, farewell: bool) -> None:
        """Stop the worker and hang up, with a word to the client if there is time for one."""
        if self.show is not None:
            self.show.stop()
        if farewell and self.peer.connectionState == "connected":
            try:
                self.tell({"type": "stream_stopped"})
            except Exception as error:  # whatever the channel is up to: we are leaving
                logger.info("Could not say stream_stopped to %s: %s", self.name, error)
            await asyncio.sleep(_FAREWELL)
        self.output.stop()
        await self.peer.close()
        logger.info("Session %s closed", self.name)


class Sessions:
    """All live sessions, oldest first."""

    def __init__(
        self,
        pipelines: Pipelines,
        tasks: asyncio.TaskGroup,
        addresses: Addresses,
        seconds: float,
        frames: int,
        fps: float | None,
        begun: asyncio.Event,
    ) -> None:
        """A chunk of `frames` frames takes `seconds`; `begun` is set after the first chunk of all."""
        self._pipelines = pipelines
        self._tasks = tasks
        self._addresses = addresses
        self._seconds_per_frame = seconds / frames
        self._fps = fps
        self._begun = begun
        self._counters = Counters()
        self._turn = threading.Lock()
        self._live: dict[str, Session] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self.deaf = False

    @property
    def first(self) -> Session | None:
        """The session that the API's views show."""
        return next(iter(self._live.values()), None)

    async def offer(self, offer: Offer) -> dict[str, str]:
        """Answer an offer. It may raise whatever aiortc raises for what is none."""
        parameters = offer.initialParameters.given() if offer.initialParameters is not None else {}
        logger.info("Received initial parameters: %s", parameters)
        peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        session = Session(peer, parameters)
        try:
            with offering(self._addresses):
                await self._answer(session, offer)
        except BaseException:
            await session.close(farewell=False)
            self._live.pop(session.name, None)
            raise
        return {"sdp": peer.localDescription.sdp, "type": peer.localDescription.type, "sessionId": session.name}

    async def _answer(self, session: Session, offer: Offer) -> None:
        peer, inputs = session.peer, []

        @peer.on("track")
        def track(track: MediaStreamTrack) -> None:
            logger.info("Track received: %s for session %s", track.kind, session.name)
            if track.kind == "video":
                inputs.append(track)
            self._tasks.create_task(self._drain(track, session), name=f"input of {session.name}")

        @peer.on("datachannel")
        def datachannel(channel: RTCDataChannel) -> None:
            logger.info("Data channel received: %s for session %s", channel.label, session.name)
            session.opened(channel)
            channel.on("message", lambda message: session.heard(message, self.deaf))

        @peer.on("connectionstatechange")
        def connectionstatechange() -> None:
            logger.info("Connection state changed to: %s for session %s", peer.connectionState, session.name)
            if peer.connectionState in ("closed", "failed") and session.name in self._live:
                ending = self._tasks.create_task(self._remove(session, farewell=False), name=f"end of {session.name}")
                self._ending.add(ending)
                ending.add_done_callback(self._ending.discard)

        self._start(session)
        peer.addTrack(session.output)
        await peer.setRemoteDescription(RTCSessionDescription(offer.sdp, offer.type))
        if session.node is None and session.show is not None and not inputs:
            session.output.end("Track stopped")  # without a graph Scope only sends while it has an input track
        await peer.setLocalDescription(await peer.createAnswer())
        self._live[session.name] = session
        logger.info("Created new session: %s", session.name)
        if session.show is not None:
            session.show.start()

    async def _drain(self, track: MediaStreamTrack, session: Session) -> None:
        """Take what a client sends, so that it does not pile up. The rehearsal server does nothing with it."""
        try:
            while True:
                await track.recv()
        except MediaStreamError:
            if track.kind == "video" and session.node is None:
                session.output.end("Track stopped")

    def _start(self, session: Session) -> None:
        """Give the session a show, or leave it dead: then only the log knows why."""
        try:
            loaded, session.node = self._wanted(session.parameters)
        except Refused as error:
            logger.error("%s", error)
            return
        if session.parameters.get("input_mode") == "video":
            logger.warning("The rehearsal server does not look at input video; this session plays as in text mode")
        seconds = self._seconds_per_frame * loaded.instance.frames
        if not loaded.pipeline.diffusion:
            seconds = min(seconds, 1 / 30)
        session.show = Show(
            loaded,
            dict(session.parameters),
            seconds,
            self._fps,
            self._counters,
            self._turn,
            self._begun.set,
        )
        session.output = session.show.output

    def _wanted(self, parameters: Mapping[str, Any]) -> tuple[Loaded, str | None]:
        """Return the pipeline that a session runs and its node in the graph. Raise `Refused` if it cannot run."""
        names = parameters.get("pipeline_ids")
        if not names:
            raise Refused("No pipeline IDs provided, cannot start")
        if len(names) > 1:
            raise Refused(f"The rehearsal server runs one pipeline per session, not {names}")
        node, name = None, names[0]
        if parameters.get("graph") is not None:
            graph_node = _pipeline_node(Graph.model_validate(parameters["graph"]))
            node, name = graph_node.id, graph_node.pipeline_id or ""
        loaded = (self._pipelines.find(node) if node is not None else None) or self._pipelines.find(name)
        if loaded is None or (loaded.pipeline.name != name and node is not None):
            raise Refused(f"Pipeline {name} not loaded, cannot start")
        return loaded, node

    async def candidates(self, name: str, candidates: list[tuple[str, str | None, int | None]]) -> None:
        """Add a client's ICE candidates. Raise `Refused` for an unknown session or a bad candidate."""
        session = self._live.get(name)
        if session is None:
            raise Refused(f"Session {name} not found")
        for text, mid, index in candidates:
            try:
                candidate = candidate_from_sdp(text.removeprefix("candidate:"))
                candidate.sdpMid, candidate.sdpMLineIndex = mid, index
                await session.peer.addIceCandidate(candidate)
            except Exception as error:  # aiortc asserts, indexes and converts
                raise Refused(f"Invalid ICE candidate: {error}") from error

    async def delete(self, name: str) -> None:
        """End a session, if there is one of that name."""
        session = self._live.get(name)
        if session is not None:
            await self._remove(session, farewell=True)

    async def close(self) -> None:
        """End all sessions, and wait for those that end by themselves: aiortc cannot bear to have its `close` cancelled."""
        if self._ending:
            await asyncio.wait(self._ending)
        async with asyncio.TaskGroup() as closing:
            for name in list(self._live):
                closing.create_task(self.delete(name))

    async def _remove(self, session: Session, farewell: bool) -> None:
        if self._live.pop(session.name, None) is not None:
            logger.info("Removing session: %s", session.name)
            await session.close(farewell)

    def update(self, parameters: Parameters) -> dict[str, Any]:
        """Broadcast a REST update, with the two defaults that Scope adds to every one, and return what it became."""
        given = parameters.given()
        for session in self._live.values():
            session.update(dict(given))
            session.tell({"type": "parameters_updated", "parameters": given})
        return given

    def freeze(self) -> None:
        """Stop the workers of all live sessions for good."""
        for session in self._live.values():
            if session.show is not None:
                session.show.stop()

    def metrics(self) -> dict[str, Any]:
        """Return how the first session goes."""
        first = self.first
        return {"sessions": {} if first is None else {first.name: first.metrics()}, "gpu": {}}


def _pipeline_node(graph: Graph) -> Any:
    """Return the graph's pipeline node. Raise `Refused` if the graph cannot run here."""
    names = [node.id for node in graph.nodes]
    kinds = {node.id: node.type for node in graph.nodes}
    if len(set(names)) < len(names):
        raise Refused("Invalid graph: two nodes have the same id")
    if "sink" not in kinds.values():
        raise Refused("Invalid graph: no sink")
    for edge in graph.edges:
        for name in (edge.from_node, edge.to_node):
            if name not in kinds:
                raise Refused(f"Invalid graph: an edge names {name!r}, which is no node")
        for name, port in ((edge.from_node, edge.from_port), (edge.to_node, edge.to_port)):
            if kinds[name] in ("pipeline", "sink", "record") and port != "video":
                raise Refused(f"Invalid graph: {name} has no port {port!r}")
    inputs = [(edge.to_node, edge.to_port) for edge in graph.edges]
    if len(set(inputs)) < len(inputs):
        raise Refused("Invalid graph: two edges lead to one port")
    pipelines = [node for node in graph.nodes if node.type == "pipeline"]
    others = sorted({kind for kind in kinds.values() if kind in ("source", "node", "record")})
    if len(pipelines) != 1 or others:
        found = f"{len(pipelines)} pipelines" + "".join(f", {kind}" for kind in others)
        raise Refused(f"The rehearsal server runs graphs of one pipeline and sinks, not of {found}")
    if not any(edge.from_node == pipelines[0].id and kinds[edge.to_node] == "sink" for edge in graph.edges):
        raise Refused("Invalid graph: no pipeline leads to a sink")
    return pipelines[0]
