"""A sender of video in a process of its own: WebRTC by aiortc, as Scope sends, from a picture that says which one it is.

Each line on its standard input is an offer, `{"sdp": …, "width": 512, "height": 512, "fps": 30, "loss": 0.005}`; it
ends the connection before, and is answered by a line `{"sdp": …}`. Every picture carries the strip of `bridge.strip`, with
its number and the time at which it went to the encoder. The end of the input is the end.
"""

import asyncio
import json
import random
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from typing import Any, Final

import av
import numpy as np
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from aiortc.rtp import is_rtcp

from bridge.clock import now
from bridge.errors import Unavailable
from bridge.ice import Addresses, offering
from bridge.strip import Strip, draw

SEED: Final = 5
_TICKS: Final = 90_000


class Camera:
    """The process, from the side of who measures."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    async def answer(self, sdp: str, size: tuple[int, int], fps: int, loss: float = 0.0) -> str:
        """Offer it a connection on which it sends pictures of `size`; every packet is lost with the chance `loss`. Return
        the answer's SDP. Raise `Unavailable` if there is none."""
        offer = {"sdp": sdp, "width": size[0], "height": size[1], "fps": fps, "loss": loss}
        return await asyncio.to_thread(self._ask, json.dumps(offer))

    def _ask(self, offer: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(offer + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise Unavailable("the sender of video ended; its own message is above")
        return str(json.loads(line)["sdp"])


@contextmanager
def camera() -> Iterator[Camera]:
    """Start the process, and end it on leaving."""
    with subprocess.Popen(
        [sys.executable, "-m", "bridge.bench.camera"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Camera(process)
        finally:
            process.terminate()


class Pictures(MediaStreamTrack):
    """Clouds that drift, and the strip."""

    kind = "video"

    def __init__(self, width: int, height: int, fps: int) -> None:
        super().__init__()
        coarse = np.random.default_rng(SEED).integers(40, 216, (height // 16 + 2, width // 8 + 2), np.uint8)
        self._clouds = coarse.repeat(16, axis=0).repeat(16, axis=1)[:height]
        self._planes = np.full((height * 3 // 2, width), 128, np.uint8)
        self._size = width, height
        self._fps = fps
        self._number = 0
        self._begun = now()

    async def recv(self) -> av.VideoFrame:
        """Return the next picture, at its time."""
        await asyncio.sleep(self._begun + self._number / self._fps - now())
        if self.readyState != "live":
            raise MediaStreamError
        width, height = self._size
        shift = 2 * self._number % width
        self._planes[:height] = self._clouds[:, shift : shift + width]
        draw(self._planes[:height], Strip(self._number, 0, 1000 * now()))
        frame = av.VideoFrame.from_ndarray(self._planes, format="yuv420p")
        frame.pts, frame.time_base = self._number * _TICKS // self._fps, Fraction(1, _TICKS)
        self._number += 1
        return frame


async def _answered(offer: Mapping[str, Any]) -> tuple[RTCPeerConnection, str]:
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    sender = peer.addTrack(Pictures(offer["width"], offer["height"], offer["fps"]))
    with offering(Addresses.LOOPBACK):
        await peer.setRemoteDescription(RTCSessionDescription(offer["sdp"], "offer"))
        await peer.setLocalDescription(await peer.createAnswer())
    if offer["loss"]:
        _lose(sender.transport, offer["loss"])
    return peer, peer.localDescription.sdp


def _lose(transport: Any, loss: float) -> None:
    """Let packets of video be lost on their way, those that are sent again as well."""
    chance, send = random.Random(SEED), transport._send_rtp

    async def perhaps(data: bytes) -> None:
        if is_rtcp(data) or chance.random() >= loss:
            await send(data)

    transport._send_rtp = perhaps


async def _serve() -> None:
    peer: RTCPeerConnection | None = None
    while line := await asyncio.to_thread(sys.stdin.readline):
        if peer is not None:
            await peer.close()
        peer, sdp = await _answered(json.loads(line))
        sys.stdout.write(json.dumps({"sdp": sdp}) + "\n")
        sys.stdout.flush()
    if peer is not None:
        await peer.close()


if __name__ == "__main__":
    asyncio.run(_serve())
