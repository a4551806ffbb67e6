"""Video for Scope to transform: the newest picture of a source, at a steady rate, as a track that aiortc sends.

    Uplink(mailbox, size=(576, 320))

A pipeline that takes video makes no chunk before it has that many frames, and no message is taken meanwhile. So the rate
never falls: when a source has nothing new, its last picture is sent again, and before it has any, black. While Scope is
paused nothing is sent, because it would queue what comes then and be that late for ever.
"""

import asyncio
import math
from collections import deque
from collections.abc import Awaitable, Callable
from fractions import Fraction
from typing import Final

import av
import numpy as np
from aiortc.codecs import h264, vpx
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av.video.frame import PictureType

from bridge.clock import Clock, now
from bridge.frames import Latest

USUAL_RATE: Final = 30.0
"""Frames per second, until a source's own rate is known."""
SLOWEST, FASTEST = 8.0, 60.0
"""Frames per second between which a source's own rate is followed. Scope's queue holds 30, and it samples them."""
RATE_FRAMES: Final = 30
"""Over how many frames the rate of a source is measured."""
STILL_AFTER: Final = 1.0
"""Seconds between two frames of a source from which it has stopped, and says nothing about its rate."""
USUAL_SIZE: Final = (576, 320)
"""Of the black before the first picture, where nobody says how large that is to be."""

START, LEAST, MOST = 7_000_000, 1_000_000, 10_000_000
"""Bit rates in bit/s, where aiortc's own end at 1.5 Mbit/s (VP8): Scope's, but for the least. Scope's least, 5 Mbit/s,
overloads a thin line, and the way up is the thinner one."""

_TICKS: Final = 90_000


def raise_bit_rates() -> None:
    """Let aiortc send video in a quality that is worth transforming. They count for the whole process; there is no
    other way to say it."""
    for codec in (vpx, h264):
        for name, rate in (("DEFAULT_BITRATE", START), ("MIN_BITRATE", LEAST), ("MAX_BITRATE", MOST)):
            if hasattr(codec, name):  # a release of aiortc that has other names for them sends as it likes
                setattr(codec, name, rate)


class Uplink(MediaStreamTrack):
    """One source's video on its way. It belongs to the event loop, and to one connection: that one stops it."""

    kind = "video"

    def __init__(
        self,
        mailbox: Latest,
        size: tuple[int, int] | None = None,
        sent: Callable[[], None] = lambda: None,
        clock: Clock = now,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """`size` is what the pipeline makes of any picture anyway, width and height; None: as it comes. `sent` is
        called for every frame that goes."""
        super().__init__()
        raise_bit_rates()
        self._mailbox = mailbox
        self._size = size
        self._sent = sent
        self._clock = clock
        self._sleep = sleep
        self._picture: av.VideoFrame | None = None
        self._taken: deque[tuple[float, int]] = deque(maxlen=RATE_FRAMES)
        """When frames had come to the source, and their numbers: those that nobody took count for its rate, too."""
        self._due = -math.inf
        self._begun: float | None = None
        self._pts = -1
        self._awake = asyncio.Event()
        self._awake.set()
        self.frames = 0
        """How many have been sent."""
        self.repeated = 0
        """How many of them had been sent before."""

    @property
    def rate(self) -> float:
        """Frames per second that are sent: as many as the source brings."""
        if len(self._taken) < 3:
            return USUAL_RATE
        (begun, first), (ended, last) = self._taken[0], self._taken[-1]
        return min(FASTEST, max(SLOWEST, (last - first) / (ended - begun)))

    def rest(self, on: bool) -> None:
        """Send nothing, or go on."""
        if on:
            self._awake.clear()
        else:
            self._awake.set()

    def stop(self) -> None:
        """End the track; a `recv` that waits raises."""
        super().stop()
        self._awake.set()

    async def recv(self) -> av.VideoFrame:
        """Return the next frame when it is its turn."""
        moment = self._clock()
        self._due = max(moment, self._due + 1 / self.rate)
        await self._sleep(self._due - moment)
        await self._awake.wait()
        if self.readyState != "live":
            raise MediaStreamError
        picture = await self._next()
        moment = self._clock()
        if self._begun is None:
            self._begun = moment
        self._pts = max(self._pts + 1, round((moment - self._begun) * _TICKS))
        picture.pts, picture.time_base = self._pts, Fraction(1, _TICKS)
        picture.pict_type = PictureType.NONE  # a keyframe that was asked for once would be one at each repetition
        self.frames += 1
        self._sent()
        return picture

    async def _next(self) -> av.VideoFrame:
        frame = self._mailbox.take()
        if frame is None:
            self.repeated += 1
            if self._picture is None:
                self._picture = _black(self._size or USUAL_SIZE)
            return self._picture
        if self._taken:
            (before, number) = self._taken[-1]
            if not 0 < frame.received - before <= STILL_AFTER or frame.number <= number:
                self._taken.clear()  # it stood still, or began anew
        self._taken.append((frame.received, frame.number))
        self._picture = await asyncio.to_thread(frame.planar, self._size)
        return self._picture


def _black(size: tuple[int, int]) -> av.VideoFrame:
    width, height = max(2, size[0] & ~1), max(2, size[1] & ~1)
    planes = np.full((height * 3 // 2, width), 128, np.uint8)
    planes[:height] = 16
    return av.VideoFrame.from_ndarray(planes, format="yuv420p")
