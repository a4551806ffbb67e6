"""One WebRTC connection to Scope: frames in, video and parameter messages out (aiortc).

The lines of an offer say which video is whose, by their order alone: the n-th that sends is for the graph's n-th source,
and the first line brings the first sink's frames, the further ones that only receive those of the further sinks.
"""

import asyncio
import logging
import re
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, Protocol

import av
from aiortc import (
    InvalidStateError,
    MediaStreamTrack,
    RTCConfiguration,
    RTCDataChannel,
    RTCIceServer,
    RTCPeerConnection,
    RTCRtpTransceiver,
    RTCSessionDescription,
)
from aiortc.exceptions import OperationError
from aiortc.mediastreams import MediaStreamError
from aiortc.stats import RTCTransportStats

from bridge.clock import Clock, now
from bridge.errors import Refused
from bridge.ice import Addresses, offering
from bridge.session.contract.troubles import said
from bridge.session.sooner import release_sooner

logger = logging.getLogger(__name__)

_ICE_URL = re.compile(r"(stun|turn)s?:[^?\s]+(\?transport=(udp|tcp))?$")
BUFFER_LIMIT: Final = 4096
"""Bytes that may wait in the data channel. More means that the network is stuck: a message on top would only be late."""
NO_WAY: Final = (
    "its UDP ports cannot be reached from here, and no TURN server relays; give one under `relay:`, or to the server "
    "(HF_TOKEN)"
)
"""Why a connection has never come about."""
MEASURE_INTERVAL: Final = 0.25
"""Seconds between looks at how much has arrived."""
BANDWIDTH_SPAN: Final = 2.0
"""Seconds over which that is averaged."""
CLOSING: Final = 3.0
"""Seconds that a connection may take to close."""
HUSH: Final = 1.7
"""Seconds without a byte after which the connection counts as broken: a sender reports every 0.5 to 1.5 s."""


class Listener(Protocol):
    """Who hears of what happens on a connection. Called on the event loop."""

    def answered(self, session: str) -> None:
        """The server took the offer."""

    def opened(self) -> None:
        """The data channel is open: messages may go."""

    def framed(self, video: av.VideoFrame, place: int) -> None:
        """A frame was decoded, of the sink that has this place in `sinks`."""

    def said(self, text: str | bytes) -> None:
        """The server sent a message on the data channel."""


MakeOffer = Callable[[str, Mapping[str, Any]], Awaitable[tuple[str, str]]]
"""Offers an SDP with the parameters that a session begins with; returns the answer's SDP and the session's id. Raises
`Unavailable` or `Refused` if the server does not take it."""


class Connection:
    """A connection. `run` it once; it ends by itself only when the connection does."""

    def __init__(
        self,
        offer: MakeOffer,
        addresses: Addresses,
        ice_servers: Sequence[Mapping[str, Any]],
        tracks: Sequence[MediaStreamTrack] = (),
        sinks: int = 1,
        keep_alive: bool = False,
        clock: Clock = now,
    ) -> None:
        """`tracks` are the video for the graph's sources, in their order; they are stopped when the connection ends.
        `keep_alive` offers to send though there is nothing: some servers send nothing to who does not."""
        self._offer = offer
        self._addresses = addresses
        self._ice_servers = [known for server in ice_servers if (known := _ice_server(server))]
        self._tracks = tuple(tracks)
        self._sinks = max(1, sinks)
        self._keep_alive = keep_alive
        self._clock = clock
        self._channel: RTCDataChannel | None = None
        self._peer: RTCPeerConnection | None = None
        self._arrived: deque[tuple[float, int]] = deque()
        self._grown = 0.0
        """When it was last seen that something had arrived."""

    async def run(self, initial: Callable[[], Mapping[str, Any]], listener: Listener) -> str:
        """Connect with what `initial` returns at the moment of the offer, and serve; return why it ended.

        Raise `Unavailable` or `Refused` if the server does not take the offer.
        """
        peer = self._peer = RTCPeerConnection(RTCConfiguration(iceServers=self._ice_servers))
        ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        try:
            receiving = self._add_video(peer)
            # Scope holds video back until audio was sent, for pipelines that make sound: it must have somewhere to go.
            sound = peer.addTransceiver("audio", direction="recvonly")
            channel = peer.createDataChannel("parameters")
            peer.on("connectionstatechange", _Ending(peer, ended).look)
            channel.on("message", listener.said)
            channel.on("close", lambda: _end(ended, "Scope closed the session"))
            channel.on("open", listener.opened)
            with offering(self._addresses):
                await _whole(peer.setLocalDescription(await peer.createOffer()))
            answer, session = await self._offer(peer.localDescription.sdp, initial())
            listener.answered(session)
            await _accept(peer, answer)
            self._channel = channel
            return await self._serve(receiving, sound, listener, ended)
        finally:
            self._channel = self._peer = None
            for track in self._tracks:
                track.stop()
            with suppress(TimeoutError):
                # aiortc closes by itself, too, and then this waits for that: for ever, where that was cancelled.
                async with asyncio.timeout(CLOSING):
                    await peer.close()

    def _add_video(self, peer: RTCPeerConnection) -> list[RTCRtpTransceiver]:
        """Add the lines of the offer that carry video; return those that bring the sinks' frames, in their order."""
        first = peer.addTransceiver(
            self._tracks[0] if self._tracks else "video",
            direction="sendrecv" if self._tracks or self._keep_alive else "recvonly",
        )
        for track in self._tracks[1:]:
            peer.addTransceiver(track, direction="sendonly")
        receiving = [first, *(peer.addTransceiver("video", direction="recvonly") for _ in range(1, self._sinks))]
        for transceiver in receiving:
            release_sooner(transceiver.receiver)
        return receiving

    @property
    def ready(self) -> bool:
        """Whether a message would leave at once: the channel is open, and holds next to nothing of what was sent before."""
        channel = self._channel
        return channel is not None and channel.readyState == "open" and channel.bufferedAmount <= BUFFER_LIMIT

    @property
    def bandwidth(self) -> float | None:
        """What arrives, in bit/s over about two seconds; None until known."""
        if len(self._arrived) < 2:
            return None
        (begun, before), (ended, after) = self._arrived[0], self._arrived[-1]
        return 8 * (after - before) / (ended - begun) if ended > begun else None

    @property
    def hushed(self) -> bool:
        """Whether nothing has arrived for `HUSH`, not even the reports about a picture that stands still."""
        return bool(self._arrived) and self._clock() - self._grown >= HUSH

    @property
    def round_trip(self) -> float | None:
        """From here to the server and back, in seconds, as the data channel's acknowledgements tell; None until known."""
        sctp = self._peer.sctp if self._peer is not None else None
        smoothed = getattr(sctp, "_srtt", None)  # aiortc measures it, and has no public name for it
        return float(smoothed) if isinstance(smoothed, int | float) else None

    def send(self, text: str) -> None:
        """Send a message. Only while `ready`."""
        assert self._channel is not None
        self._channel.send(text)
        logger.debug("> %s", text)

    async def _serve(
        self,
        receiving: Sequence[RTCRtpTransceiver],
        sound: RTCRtpTransceiver,
        listener: Listener,
        ended: asyncio.Future[str],
    ) -> str:
        async with asyncio.TaskGroup() as tasks:
            working = [tasks.create_task(self._measure())]
            for place, transceiver in enumerate(receiving):
                track = transceiver.receiver.track
                if track is not None:
                    working.append(tasks.create_task(_consume(track, place, listener, ended)))
                elif place == 0:
                    _end(ended, "Scope's answer brings no video")
                else:
                    logger.warning("Scope sends no video of sink %d of its graph", place + 1)
            if sound.receiver.track is not None:
                working.append(tasks.create_task(_let_go(sound.receiver.track)))
            try:
                return await ended
            finally:
                for task in working:
                    task.cancel()

    async def _measure(self) -> None:
        """Keep track of how much arrives."""
        while self._peer is not None:
            report = await self._peer.getStats()
            moment = self._clock()
            arrived = sum(one.bytesReceived for one in report.values() if isinstance(one, RTCTransportStats))
            if not self._arrived or arrived > self._arrived[-1][1]:
                self._grown = moment
            self._arrived.append((moment, arrived))
            while len(self._arrived) > 2 and self._arrived[0][0] < moment - BANDWIDTH_SPAN:
                self._arrived.popleft()
            await asyncio.sleep(MEASURE_INTERVAL)


async def _consume(track: MediaStreamTrack, place: int, listener: Listener, ended: asyncio.Future[str]) -> None:
    """Give every frame that a track brings to the listener.

    Also those that piled up while the loop was held: at once, without a turn of the loop between them. Each one counts, as
    an acknowledgement; which of them is worth showing, and so converting, is for whoever takes them from the mailboxes.
    """
    try:
        while True:
            media = await track.recv()
            if isinstance(media, av.VideoFrame):
                listener.framed(media, place)
    except MediaStreamError:
        if place == 0:
            _end(ended, "Scope ended the video")


async def _let_go(track: MediaStreamTrack) -> None:
    """Take all the sound that comes, or it would pile up."""
    try:
        while True:
            await track.recv()
    except MediaStreamError:
        pass


class _Ending:
    """Notes when a connection has failed, and whether it ever stood."""

    def __init__(self, peer: RTCPeerConnection, ended: asyncio.Future[str]) -> None:
        self._peer = peer
        self._ended = ended
        self._stood = False

    def look(self) -> None:
        match self._peer.connectionState:
            case "connected":
                self._stood = True
            case "failed" if self._stood:
                _end(self._ended, said("ice-failed"))
            case "failed":
                _end(self._ended, said("unconnected", why=NO_WAY))
            case "closed":
                _end(self._ended, "the connection was closed")


def _end(ended: asyncio.Future[str], reason: str) -> None:
    if not ended.done():
        ended.set_result(reason)


async def _accept(peer: RTCPeerConnection, answer: str) -> None:
    """Go on with the server's answer; raise `Refused` if it is none to our offer."""
    try:
        await _whole(peer.setRemoteDescription(RTCSessionDescription(sdp=answer, type="answer")))
    except (ValueError, KeyError, IndexError, AttributeError, InvalidStateError, OperationError) as error:
        raise Refused(f"Scope's answer to the offer makes no sense: {error}") from error


async def _whole(negotiating: Coroutine[Any, Any, None]) -> None:
    """Do a part of the negotiation, to its end also if cancelled meanwhile.

    aiortc, cut short in the middle, forgets sockets that it has opened, or taken from the peer, and nothing closes them.
    """
    doing = asyncio.ensure_future(negotiating)  # noqa: TID251 -- ended here, though not at once
    try:
        await asyncio.shield(doing)
    except asyncio.CancelledError:
        await asyncio.wait([doing], timeout=CLOSING)
        if doing.done():
            doing.exception()  # of no use to anybody any more
        else:
            doing.cancel()
        raise


def _ice_server(server: Mapping[str, Any]) -> RTCIceServer | None:
    """Return a server that the far side names, or None if it is of no kind that we know."""
    urls = server.get("urls")
    known = [str(url) for url in (urls if isinstance(urls, list) else [urls]) if _ICE_URL.match(str(url))]
    if not known:
        logger.warning("Scope names a STUN or TURN server that makes no sense: %.200s", urls)
        return None
    return RTCIceServer(urls=known, username=_text(server.get("username")), credential=_text(server.get("credential")))


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
