"""Video for Scope to transform: the newest picture of a source, at a steady rate, as a track that aiortc sends.

    Uplink(mailbox, size=(576, 320))

A pipeline that takes video makes no chunk before it has that many frames, and no message is taken meanwhile. So the rate
never falls: when a source has nothing new, its last picture is sent again, and before it has any, black. While Scope is
paused nothing is sent, because it would queue what comes then and be that late for ever.
"""

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import av
import numpy as np
from aiortc.codecs import h264, vpx
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av.video.frame import PictureType

from bridge.clock import Clock, now
from bridge.frames import Frame, Latest
from bridge.frames.rate import Rate
from bridge.log import Complaints

logger = logging.getLogger(__name__)

USUAL_RATE: Final = 30.0
"""Frames per second, until a source's own rate is known."""
SLOWEST, FASTEST = 8.0, 60.0
"""Frames per second between which a source's own rate is followed. Scope's queue holds 30, and it samples them."""
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


@dataclass(slots=True)
class Counts:
    """What went up."""

    frames: int = 0
    """Frames that were sent."""
    repeated: int = 0
    """How many of them had been sent before, or were black because there was none yet."""
    dropped: int = 0
    """Frames of sources that a newer one replaced before their turn: a source is faster than what is sent, or sending is
    slow."""


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
        counts: Counts | None = None,
    ) -> None:
        """`size` is what the pipeline makes of any picture anyway, width and height; None: as it comes. `sent` is
        called for every frame that goes. `counts` go on from those of the tracks before it."""
        super().__init__()
        self._complaints = Complaints(logger)
        raise_bit_rates()
        self._mailbox = mailbox
        self._size = size
        self._sent = sent
        self._clock = clock
        self._sleep = sleep
        self._picture: av.VideoFrame | None = None
        self._rate = Rate()
        self._shown: Frame | None = None
        """The frame that was sent last."""
        self._count: int | None = None
        """How many frames there had been by then; None: what came since, nobody wanted."""
        self._due = -math.inf
        self._begun: float | None = None
        self._pts = -1
        self._awake = asyncio.Event()
        self._awake.set()
        self.counts = Counts() if counts is None else counts

    @property
    def rate(self) -> float:
        """Frames per second that are sent: as many as the source brings."""
        fps = self._rate.fps
        return USUAL_RATE if fps is None else min(FASTEST, max(SLOWEST, fps))

    def rest(self, on: bool) -> None:
        """Send nothing, or go on."""
        if on:
            self._awake.clear()
            self._count = None
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
        self.counts.frames += 1
        self._sent()
        return picture

    async def _next(self) -> av.VideoFrame:
        # It looks and takes nothing: the track of a standby server looks into the same mailbox, and one that begins while the
        # source stands still has its last picture.
        frame, count = self._mailbox.look()
        if self._count is not None:
            self.counts.dropped += max(0, count - self._count - 1)
        self._count = count
        if frame is None or frame is self._shown:
            self.counts.repeated += 1
            if self._picture is None:
                self._picture = _black(self._size or USUAL_SIZE)
            return self._picture
        self._shown = frame
        self._rate.see(frame)
        try:
            self._picture = await asyncio.to_thread(frame.planar, self._size)
        except Exception as error:  # else one bad picture would end the track, and aiortc would not even say so
            what = f"{type(error).__name__}: {error}"
            self._complaints.about(what, f"a picture cannot be sent up to Scope: {what}")
            self.counts.repeated += 1
            if self._picture is None:
                self._picture = _black(self._size or USUAL_SIZE)
        return self._picture


def _black(size: tuple[int, int]) -> av.VideoFrame:
    width, height = max(2, size[0] & ~1), max(2, size[1] & ~1)
    planes = np.full((height * 3 // 2, width), 128, np.uint8)
    planes[:height] = 16
    return av.VideoFrame.from_ndarray(planes, format="yuv420p")
