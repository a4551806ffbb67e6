"""Two ways from WebRTC to a mixer that watches NDI: the bridge, and the script that one would write."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from numpy.typing import NDArray

from bridge.bench.camera import Camera
from bridge.bench.watcher import Seen, Watcher, watcher
from bridge.clock import now
from bridge.errors import Unavailable
from bridge.frames import Buffer, Fan, Frame, Latest
from bridge.ice import Addresses, offering
from bridge.outputs import open_output
from bridge.outputs.incoming import Incoming
from bridge.profile.outputs import Ndi
from bridge.session.webrtc import Connection

SETTLE: Final = 2.0
"""Seconds from when all watch until what they see counts: the encoder and the outputs come to their rate."""


async def bridged(
    camera: Camera, outputs: Sequence[Ndi], size: tuple[int, int], fps: int, seconds: float
) -> Sequence[Sequence[Seen]]:
    """Show a camera's video on the bridge's own outputs; return what was seen of each."""
    inlet = _Inlet()

    async def offer(sdp: str, initial: Mapping[str, Any]) -> tuple[str, str]:
        return await camera.answer(sdp, size, fps), "bench"

    async with asyncio.TaskGroup() as tasks:
        connection = Connection(offer, Addresses.LOOPBACK, [])
        running: list[asyncio.Task[Any]] = [tasks.create_task(connection.run(dict, inlet))]
        for options in outputs:
            live = Buffer()
            inlet.fan.join(live)
            incoming = Incoming(live, Latest(), lambda duration: 0.0, Path())
            running.append(tasks.create_task(open_output(options.name, options, incoming).run()))
        seen = await _watched([options.name for options in outputs], seconds)
        for task in running:
            task.cancel()
    return seen


class _Inlet:
    """Puts every frame of a connection where the outputs take it."""

    def __init__(self) -> None:
        self.fan = Fan()
        self._number = 0

    def answered(self, session: str) -> None:
        """Nothing follows from it here."""

    def opened(self) -> None:
        """There is nothing to send."""

    def framed(self, video: av.VideoFrame, place: int) -> None:
        """Hand a frame over."""
        self.fan.put(Frame(video, now(), self._number))
        self._number += 1

    def said(self, text: str | bytes) -> None:
        """The camera says nothing."""


async def scripted(
    camera: Camera, names: Sequence[str], size: tuple[int, int], fps: int, seconds: float
) -> Sequence[Sequence[Seen]]:
    """Show a camera's video by a loop that receives, converts and sends; return what was seen of each source."""
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    async with AsyncExitStack() as stack:
        stack.push_async_callback(peer.close)
        senders = [Bare(name, Fraction(fps)) for name in names]
        for sender in senders:
            stack.callback(sender.close)
        receiver = peer.addTransceiver("video", direction="recvonly").receiver
        with offering(Addresses.LOOPBACK):
            await peer.setLocalDescription(await peer.createOffer())
        answer = await camera.answer(peer.localDescription.sdp, size, fps)
        await peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))

        async def show() -> None:
            with suppress(MediaStreamError):
                while True:
                    frame = await receiver.track.recv()
                    if isinstance(frame, av.VideoFrame):
                        for sender in senders:
                            sender.send(plainly(frame))

        async with asyncio.TaskGroup() as tasks:
            showing = tasks.create_task(show())
            seen = await _watched(names, seconds)
            showing.cancel()
    return seen


def plainly(video: av.VideoFrame) -> NDArray[np.uint8]:
    """Convert a frame as one does who thinks no further."""
    return np.asarray(video.reformat(format="rgba").to_ndarray(), np.uint8)


class Bare:
    """An NDI source as a script makes it: the library, called directly."""

    def __init__(self, name: str, fps: Fraction) -> None:
        import NDIlib as ndi

        ndi.initialize()
        self._ndi = ndi
        self._sender = ndi.send_create(ndi.SendCreate(p_ndi_name=name, clock_video=False, clock_audio=False))
        self._frame = ndi.VideoFrameV2()
        self._frame.FourCC = ndi.FOURCC_VIDEO_TYPE_RGBX
        self._frame.frame_rate_N, self._frame.frame_rate_D = fps.numerator, fps.denominator

    def send(self, pixels: NDArray[np.uint8]) -> None:
        """Send RGBA."""
        self._frame.data = pixels
        self._ndi.send_send_video_v2(self._sender, self._frame)

    def close(self) -> None:
        """End the source. Nothing may follow."""
        self._ndi.send_destroy(self._sender)


async def _watched(names: Sequence[str], seconds: float) -> Sequence[Sequence[Seen]]:
    """Return what a mixer sees of each source in that time. Raise `Unavailable` if that is nothing."""
    async with _watching(names) as mixer:
        begin = now() + SETTLE
        await asyncio.sleep(SETTLE + seconds)
        seen = await asyncio.to_thread(mixer.seen)
    counted = [[one for one in seen[name] if one.at >= begin] for name in names]
    if not all(len(each) > 1 for each in counted):
        raise Unavailable("the pictures stopped before they could be counted")
    return counted


@asynccontextmanager
async def _watching(names: Sequence[str]) -> AsyncIterator[Watcher]:
    context = watcher(names)
    mixer = await asyncio.to_thread(context.__enter__)
    try:
        yield mixer
    finally:
        await asyncio.to_thread(context.__exit__, None, None, None)
