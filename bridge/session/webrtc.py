"""One WebRTC connection to Scope: frames in, parameter messages out (aiortc)."""

import asyncio
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import av
from aiortc import (
    InvalidStateError,
    MediaStreamTrack,
    RTCConfiguration,
    RTCDataChannel,
    RTCIceServer,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.exceptions import OperationError
from aiortc.mediastreams import MediaStreamError

from bridge.errors import Refused
from bridge.ice import Addresses, offering
from bridge.session.rest import Rest

logger = logging.getLogger(__name__)

_ICE_URL = re.compile(r"(stun|turn)s?:[^?\s]+(\?transport=(udp|tcp))?$")
BUFFER_LIMIT = 4096
"""Bytes that may wait in the data channel. More means that the network is stuck: a message on top would only be late."""


class Listener(Protocol):
    """Who hears of what happens on a connection. Called on the event loop."""

    def answered(self, session: str) -> None:
        """The server took the offer."""

    def opened(self) -> None:
        """The data channel is open: messages may go."""

    def framed(self, video: av.VideoFrame) -> None:
        """A frame was decoded."""

    def said(self, text: str | bytes) -> None:
        """The server sent a message on the data channel."""


class Connection:
    """A receive-only connection. `run` it once; it ends by itself only when the connection does."""

    def __init__(self, rest: Rest, addresses: Addresses, ice_servers: Sequence[Mapping[str, Any]]) -> None:
        self._rest = rest
        self._addresses = addresses
        self._ice_servers = [known for server in ice_servers if (known := _ice_server(server))]
        self._channel: RTCDataChannel | None = None

    async def run(self, initial: Callable[[], Mapping[str, Any]], listener: Listener) -> str:
        """Connect with what `initial` returns at the moment of the offer, and serve; return why it ended.

        Raise `Unavailable` or `Refused` if the server does not take the offer.
        """
        peer = RTCPeerConnection(RTCConfiguration(iceServers=self._ice_servers))
        ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        try:
            peer.addTransceiver("video", direction="recvonly")
            # Scope holds video back until audio was sent, for pipelines that make sound: it must have somewhere to go.
            peer.addTransceiver("audio", direction="recvonly")
            channel = peer.createDataChannel("parameters")
            tracks: list[MediaStreamTrack] = []
            peer.on("track", tracks.append)
            peer.on("connectionstatechange", lambda: _note_end(peer, ended))
            channel.on("message", listener.said)
            channel.on("close", lambda: _end(ended, "Scope closed the session"))
            channel.on("open", listener.opened)
            with offering(self._addresses):
                await peer.setLocalDescription(await peer.createOffer())
            answer, session = await self._rest.offer(peer.localDescription.sdp, initial())
            listener.answered(session)
            await _accept(peer, answer)
            self._channel = channel
            return await self._serve(tracks, listener, ended)
        finally:
            self._channel = None
            await peer.close()

    @property
    def ready(self) -> bool:
        """Whether a message would leave at once: the channel is open, and holds next to nothing of what was sent before."""
        channel = self._channel
        return channel is not None and channel.readyState == "open" and channel.bufferedAmount <= BUFFER_LIMIT

    def send(self, text: str) -> None:
        """Send a message. Only while `ready`."""
        assert self._channel is not None
        self._channel.send(text)
        logger.debug("> %s", text)

    async def _serve(self, tracks: list[MediaStreamTrack], listener: Listener, ended: asyncio.Future[str]) -> str:
        async with asyncio.TaskGroup() as tasks:
            consumers = [tasks.create_task(_consume(track, listener, ended)) for track in tracks]
            try:
                return await ended
            finally:
                for consumer in consumers:
                    consumer.cancel()


async def _consume(track: MediaStreamTrack, listener: Listener, ended: asyncio.Future[str]) -> None:
    """Take everything a track brings: frames to the listener; sound is let go, or it would pile up."""
    try:
        while True:
            media = await track.recv()
            if isinstance(media, av.VideoFrame):
                listener.framed(media)
    except MediaStreamError:
        if track.kind == "video":
            _end(ended, "Scope ended the video")


def _note_end(peer: RTCPeerConnection, ended: asyncio.Future[str]) -> None:
    if peer.connectionState in ("failed", "closed"):
        _end(ended, f"the connection {'failed' if peer.connectionState == 'failed' else 'was closed'}")


def _end(ended: asyncio.Future[str], reason: str) -> None:
    if not ended.done():
        ended.set_result(reason)


async def _accept(peer: RTCPeerConnection, answer: str) -> None:
    """Go on with the server's answer; raise `Refused` if it is none to our offer."""
    try:
        await peer.setRemoteDescription(RTCSessionDescription(sdp=answer, type="answer"))
    except (ValueError, KeyError, IndexError, AttributeError, InvalidStateError, OperationError) as error:
        raise Refused(f"Scope's answer to the offer makes no sense: {error}") from error


def _ice_server(server: Mapping[str, Any]) -> RTCIceServer | None:
    """Return a server that the far side names, or None if it is of no kind that we know."""
    urls = server.get("urls")
    known = [str(url) for url in (urls if isinstance(urls, list) else [urls]) if _ICE_URL.match(str(url))]
    if not known:
        logger.warning("Scope names a STUN or TURN server that makes no sense: %s", dict(server))
        return None
    return RTCIceServer(urls=known, username=server.get("username"), credential=server.get("credential"))
