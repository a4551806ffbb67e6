"""How long after its last packet a frame is in hand: a receiver of aiortc's, as it is or with `session.sooner` in it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.rtp import RtpPacket

from bridge.bench.camera import Camera
from bridge.clock import now
from bridge.errors import Unavailable
from bridge.ice import Addresses, offering
from bridge.session.sooner import release_sooner

SETTLE: Final = 0.5
"""Seconds from the first frame until the measuring begins."""
FIRST: Final = 20.0
"""Seconds until the first frame, at most."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """What came of a video."""

    delays: Sequence[float]
    """Of each frame, from its last packet to the decoded picture, in seconds."""
    seconds: float
    """For how long they came."""


async def arriving(
    camera: Camera, size: tuple[int, int], fps: int, seconds: float, *, sooner: bool, loss: float = 0.0
) -> Arrived:
    """Receive video for some seconds, with `session.sooner` or without. Raise `Unavailable` if none comes, or if this
    aiortc does not let itself be helped."""
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    try:
        receiver = peer.addTransceiver("video", direction="recvonly").receiver
        if sooner and not release_sooner(receiver):
            raise Unavailable("this aiortc is not built as 1.16 is: its frames cannot come sooner")
        packets = _Packets(receiver)
        with offering(Addresses.LOOPBACK):
            await peer.setLocalDescription(await peer.createOffer())
        sdp = await camera.answer(peer.localDescription.sdp, size, fps, loss)
        await peer.setRemoteDescription(RTCSessionDescription(sdp, "answer"))
        try:
            async with asyncio.timeout(FIRST):
                await receiver.track.recv()
        except TimeoutError as error:
            raise Unavailable(f"no picture within {FIRST:.0f} s") from error
        return await _timed(receiver.track, packets, seconds)
    finally:
        await peer.close()


async def _timed(track: MediaStreamTrack, packets: "_Packets", seconds: float) -> Arrived:
    begin = now() + SETTLE
    end = begin + seconds
    delays, last = [], begin
    while (moment := now()) < end:
        frame: Any = await track.recv()
        moment = now()
        if moment >= begin:
            delays.append(moment - packets.last(frame.pts))
            last = moment
    return Arrived(delays, last - begin)


class _Packets:
    """Notes when the last packet of each frame came, those that were sent again included."""

    def __init__(self, receiver: Any) -> None:
        self._take = receiver._handle_rtp_packet
        self._first: int | None = None
        self._came: dict[int, float] = {}
        receiver._handle_rtp_packet = self._see

    def last(self, pts: int) -> float:
        """Return when the last packet of the frame came that has this time stamp."""
        return self._came[pts]

    async def _see(self, packet: RtpPacket, arrival_time_ms: int) -> None:
        if self._first is None:
            self._first = packet.timestamp
        self._came[(packet.timestamp - self._first) & 0xFFFF_FFFF] = now()
        await self._take(packet, arrival_time_ms)
