"""The WebRTC side of the rehearsal server: offers, the videos of an answer, and all sessions together."""

import asyncio
import logging
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
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

from bridge.errors import Refused
from bridge.ice import Addresses, offering
from bridge.rehearsal.beat import NoTempo, Tempo
from bridge.rehearsal.graph import BadGraph, Layout, Ports, chain, lay_out
from bridge.rehearsal.network import Line, Network
from bridge.rehearsal.outlet import Output
from bridge.rehearsal.pipelines import Loaded, Pipeline, Pipelines
from bridge.rehearsal.recording import Absent
from bridge.rehearsal.requests import Offer, Parameters
from bridge.rehearsal.session import Session
from bridge.rehearsal.stage import Show, Stage, Timing

logger = logging.getLogger(__name__)

START, LEAST, MOST = 7_000_000, 5_000_000, 10_000_000
"""Scope's bit rates for video, in bit/s."""
_VACE = ("vace_input_frames", "vace_input_masks")


def raise_bit_rates() -> None:
    """Give aiortc the bit rates that Scope gives it."""
    vpx.DEFAULT_BITRATE = h264.DEFAULT_BITRATE = START
    vpx.MIN_BITRATE = h264.MIN_BITRATE = LEAST
    vpx.MAX_BITRATE = h264.MAX_BITRATE = MOST


class Sessions:
    """All live sessions, oldest first."""

    def __init__(
        self,
        pipelines: Pipelines,
        tasks: asyncio.TaskGroup,
        addresses: Addresses,
        timing: Timing,
        begun: asyncio.Event,
        dialect: str = "0.2.4",
        tempo: Tempo | None = None,
    ) -> None:
        """`timing` may be changed at any time; `begun` is set after the first chunk of all; `dialect` "beta3" is Scope's
        beta, which starts a session's workers when its video is first asked for."""
        self._pipelines = pipelines
        self._tasks = tasks
        self._addresses = addresses
        self.timing = timing
        self.tempo = tempo or NoTempo()
        self.network = Network()
        """How bad the network of all sessions is; may be changed at any time."""
        self.deaf = False
        """Whether what comes over the data channels goes nowhere."""
        self._early = dialect == "beta3"
        self._stage = Stage(timing, begun.set, self.tempo)
        self._live: dict[str, Session] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._recordings = tempfile.TemporaryDirectory(prefix="rehearsal-recordings-", ignore_cleanup_errors=True)

    @property
    def first(self) -> Session | None:
        """The session that the API's views show."""
        return next(iter(self._live.values()), None)

    async def offer(self, offer: Offer) -> dict[str, str]:
        """Answer an offer. It may raise whatever aiortc raises for what is none."""
        parameters = offer.initialParameters.given() if offer.initialParameters is not None else {}
        logger.info("Received initial parameters: %s", parameters)
        peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        line = Line(self.network)
        session = Session(peer, parameters, line, self.tempo, Path(self._recordings.name), self._early)
        try:
            with offering(self._addresses):
                await self._answer(session, offer)
        except BaseException:
            await session.close(farewell=False)
            self._live.pop(session.name, None)
            raise
        return {"sdp": peer.localDescription.sdp, "type": peer.localDescription.type, "sessionId": session.name}

    async def _answer(self, session: Session, offer: Offer) -> None:
        peer, inputs = session.peer, list[MediaStreamTrack]()
        self._start(session)

        @peer.on("track")
        def track(track: MediaStreamTrack) -> None:
            logger.info("Track received: %s for session %s", track.kind, session.name)
            source = None
            if track.kind == "video":
                inputs.append(track)
                source = self._source(session, len(inputs) - 1)
            session.tasks.append(
                self._tasks.create_task(self._drain(track, session, source), name=f"input of {session.name}")
            )

        @peer.on("datachannel")
        def datachannel(channel: RTCDataChannel) -> None:
            logger.info("Data channel received: %s for session %s", channel.label, session.name)
            session.opened(channel)
            channel.on("message", lambda message: None if self.deaf else session.heard(message))

        @peer.on("connectionstatechange")
        def connectionstatechange() -> None:
            logger.info("Connection state changed to: %s for session %s", peer.connectionState, session.name)
            if peer.connectionState in ("closed", "failed") and session.name in self._live:
                ending = self._tasks.create_task(self._remove(session, farewell=False), name=f"end of {session.name}")
                self._ending.add(ending)
                ending.add_done_callback(self._ending.discard)

        peer.addTrack(session.output)
        await peer.setRemoteDescription(RTCSessionDescription(offer.sdp, offer.type))
        if session.show is not None:
            _place(peer, [output for output in session.show.outputs.values() if output is not session.output])
            if not session.graphed and not inputs:
                session.output.end("Track stopped")  # without a graph Scope only sends while it has an input track
        await peer.setLocalDescription(await peer.createAnswer())
        session.line.lay(peer)
        self._live[session.name] = session
        logger.info("Created new session: %s", session.name)
        if session.show is None:
            return
        for node, output in session.show.records.items():
            task = self._record(output, session, node)
            session.tasks.append(self._tasks.create_task(task, name=f"record node {node} of {session.name}"))
        if session.parameters.get("recording"):
            await session.recordings.start(None)
        if self._early:
            session.output.on_pull = session.show.start
        else:
            session.show.start()

    def _source(self, session: Session, number: int) -> str | None:
        """Return the source that a session's sending video track belongs to."""
        sources = session.show.layout.sources if session.show is not None else ()
        if number < len(sources):
            return sources[number]
        if sources and session.graphed:
            logger.warning("Video track %d of session %s has no source node", number, session.name)
        return None

    async def _drain(self, track: MediaStreamTrack, session: Session, source: str | None) -> None:
        """Take what a client sends, and give it to the pipelines that it is for, if there are any."""
        try:
            while True:
                frame = await track.recv()
                if source is not None and session.show is not None and isinstance(frame, av.VideoFrame):
                    session.show.take(source, frame)
        except MediaStreamError:
            if track.kind == "video":
                logger.info("Error in input loop, stopping: the track of session %s has ended", session.name)
                if not session.graphed:
                    session.output.end("Track stopped")

    async def _record(self, output: Output, session: Session, node: str) -> None:
        """Pace what reaches a record node, as if it left."""
        with suppress(MediaStreamError):
            while True:
                session.recordings.take(await output.recv(), node)

    def _start(self, session: Session) -> None:
        """Give the session a show, or leave it dead: then only the log knows why."""
        names = session.parameters.get("pipeline_ids")
        if not names:
            logger.error("No pipeline IDs provided, cannot start")
            return
        try:
            layout, loaded = self._wanted(session.parameters, names)
        except (BadGraph, Refused) as error:
            logger.error("Pipeline setup failed: %s", error)
            return
        for remark in layout.remarks:
            logger.warning("%s", remark)
        session.play(Show(layout, loaded, session.parameters, self._stage))
        running = [wired.pipeline for wired in layout.pipelines]
        logger.info("[FRAME-PROCESSOR] Started with %d pipeline(s): %s", len(running), running)

    def _wanted(self, parameters: Mapping[str, Any], names: list[str]) -> tuple[Layout, dict[str, Loaded]]:
        """Return the layout of a session, and what its pipelines run on. Raise `BadGraph` or `Refused` if it cannot run."""
        loaded: dict[str, Loaded] = {}

        def ports(node: str, pipeline: str) -> Ports:
            loaded[node] = self._find(node, pipeline, loaded)
            return _ports(loaded[node].pipeline)

        graph = parameters.get("graph")
        if graph is not None and not self._early:
            layout = lay_out(graph, ports)
        else:
            layout = chain(names, lambda name: ports(name, name), parameters)
        return layout, loaded

    def _find(self, node: str, pipeline: str, taken: Mapping[str, Loaded]) -> Loaded:
        """Return what is loaded for a node, or else one of its kind that no other node has taken."""
        free = [
            (key, one)
            for key, one in self._pipelines.loaded.items()
            if one.pipeline.name == pipeline and not any(one is other for other in taken.values())
        ]
        found = next((one for key, one in free if key == node), None) or next((one for _, one in free), None)
        if found is None:
            raise Refused(f"Pipeline {pipeline} not loaded. Please load pipeline first.")
        return found

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
        async with asyncio.TaskGroup() as closing:
            for name in list(self._live):
                closing.create_task(self.delete(name))
        while self._ending:
            await asyncio.wait(self._ending)
        self._recordings.cleanup()

    async def _remove(self, session: Session, farewell: bool) -> None:
        if self._live.pop(session.name, None) is not None:
            logger.info("Removing session: %s", session.name)
            await session.close(farewell)

    def update(self, parameters: Parameters) -> dict[str, Any]:
        """Broadcast a REST update, with the two defaults that Scope adds to every one, and return what it became."""
        given = parameters.given()
        self.broadcast(given)
        for session in self._live.values():
            session.tell({"type": "parameters_updated", "parameters": given})
        return given

    def broadcast(self, parameters: Mapping[str, Any]) -> None:
        """Update all sessions. One node can only be meant in the first: the others do it to all of theirs, as in Scope."""
        for_all = {key: value for key, value in parameters.items() if key != "node_id"}
        for number, session in enumerate(self._live.values()):
            session.update(parameters if number == 0 else for_all)

    def tell(self, message: Mapping[str, Any]) -> None:
        """Send a message to the clients of all sessions that can hear it now. What comes late is of no use to them."""
        for session in self._live.values():
            if session.channel is not None and session.channel.readyState == "open":
                session.tell(message)

    def freeze(self) -> None:
        """Let the workers of all live sessions hang for good."""
        for show in self._shows():
            show.freeze()

    def oom(self) -> None:
        """Let the GPU's memory run out: the workers of all live sessions end, and nothing more is sent."""
        for show in self._shows():
            show.exhaust()

    def lose_ice(self) -> None:
        """Let no packet of the live sessions pass any more, either way. Nobody is told."""
        for session in self._live.values():
            session.line.cut = True

    def heal(self) -> None:
        """End all faults that can be healed. What froze, or ran out of memory, is gone for good."""
        self.deaf = False
        self.network.lag = self.network.loss = 0.0
        for session in self._live.values():
            session.line.cut = False

    def _shows(self) -> list[Show]:
        return [session.show for session in self._live.values() if session.show is not None]

    def metrics(self) -> dict[str, Any]:
        """Return how the first session goes."""
        first = self.first
        return {"sessions": {} if first is None else {first.name: first.metrics()}, "gpu": {}}

    async def record_start(self, name: str, node: str | None = None) -> str:
        """Record a session, or what reaches a record node; return "started" or "already_recording".

        Raise `Absent` for an unknown session, `Refused` for a node that is no record node.
        """
        return await self._recorded(name).recordings.start(node)

    async def record_stop(self, name: str, node: str | None = None) -> str:
        """Stop that; return "stopped" or "not_recording". Raise as `record_start` does."""
        return await self._recorded(name).recordings.stop(node)

    async def record_fetch(self, name: str, node: str | None = None) -> Path:
        """Return the mp4 file of what runs, and go on with another one. It is there as long as its session.

        Raise as `record_start` does, and `Absent` if nothing is recorded, also after `record_stop`.
        """
        return await self._recorded(name).recordings.fetch(node)

    def _recorded(self, name: str) -> Session:
        session = self._live.get(name)
        if session is None:
            raise Absent(f"Session {name} not found")
        return session

    async def frame(self, node: str | None = None, quality: int = 85) -> bytes | None:
        """Return the first session's last frame as JPEG, in a quality from 1 to 100.

        None without one, and for sessions with a graph, whatever sink is asked for: as the real one.
        """
        first = self.first
        if first is None or first.graphed or node is not None or first.output.last is None:
            return None
        return await asyncio.to_thread(_jpeg, first.output.last, quality)


def _place(peer: RTCPeerConnection, outputs: list[Output]) -> None:
    """Send further videos by the client's remaining receive-only lines, and by lines that it did not offer when there are none."""
    videos = [transceiver for transceiver in peer.getTransceivers() if transceiver.kind == "video"]
    free = [transceiver for transceiver in videos[1:] if transceiver._offerDirection == "sendonly"]
    for place, output in enumerate(outputs):
        if place < len(free):
            free[place].sender.replaceTrack(output)
            free[place].direction = "sendonly"
        else:
            logger.warning("There is no video line for a further sink")


def _ports(pipeline: Pipeline) -> Ports:
    """Return what a pipeline can be wired to."""
    if pipeline.diffusion:
        return Ports(frozenset({"video", *_VACE}), values=frozenset({"prompts"}))
    return Ports(frozenset({"video"}))


def _jpeg(frame: av.VideoFrame, quality: int) -> bytes:
    codec = av.CodecContext.create("mjpeg", "w")
    assert isinstance(codec, av.VideoCodecContext)
    codec.width, codec.height, codec.pix_fmt = frame.width, frame.height, "yuvj420p"
    codec.time_base = Fraction(1, 60)
    scale = str(round(31 - min(max(quality, 1), 100) * 0.29))  # ffmpeg's: 2 is best, 31 worst
    codec.options = {"qmin": scale, "qmax": scale}
    picture = frame.reformat(format="yuvj420p")
    picture.pts = None
    return b"".join(bytes(packet) for packet in [*codec.encode(picture), *codec.encode(None)])
