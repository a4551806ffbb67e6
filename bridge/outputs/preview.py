"""The live picture for browsers: the newest frame as JPEG, made only while somebody watches, once for all who do.

It shows what the other outputs show: a frozen preview holds its picture, its level fades it to black, and past Scope goes
what comes in.
"""

import asyncio
import threading
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from fractions import Fraction

import av
from av.video.reformatter import ColorRange, Colorspace

from bridge.clock import Clock, now
from bridge.frames import Frame, Latest
from bridge.frames.mixing import mixed, scaled
from bridge.outputs.painter import Painter
from bridge.outputs.picture import Fader, card
from bridge.profile.outputs import Alpha, Shape
from bridge.status import OutputStatus

PERIOD = 1 / 15
"""Seconds between two pictures, at least: enough for the eye, and a fraction of a core."""
HOLD = 1.0
"""Seconds after which a picture that stays is sent again, so that a watcher can tell a still picture from a dead line."""

_QUANTISER = 3
"""Of mjpeg's 1 (best) to 31: about 25 kB for a 576×320 frame, without blocks to be seen."""


class Preview:
    """Makes JPEGs of what arrives in `mailbox`, at most one per `PERIOD`.

    Everything but the encoding happens on the event loop; set `frozen`, `level` and `bypass` there too.
    """

    def __init__(self, mailbox: Latest, name: str = "page", clock: Clock = now, source: Latest | None = None) -> None:
        """`source` brings what goes into Scope, for `bypass`."""
        self.name = name
        self._source = source or Latest()
        self._mailbox = mailbox
        self._clock = clock
        self._keeping = threading.Lock()
        self._newest: Frame | None = None
        self._held: tuple[Frame | None, Frame | None, float] = None, None, 0.0
        """What is frozen: the picture, what covers it, and how much of it."""
        self._frozen = False
        self._fader = Fader(clock)
        self._bypass = Fader(clock)
        self._bypass.jump(0.0)
        self._watchers = 0
        self._watched = asyncio.Event()
        self._newcomer = False
        self._jpeg = b""
        self._count = 0
        self._repeated = 0
        self._published = asyncio.Event()

    @property
    def frozen(self) -> bool:
        """Whether the picture of the moment when this was set is held, whatever comes."""
        return self._frozen

    @frozen.setter
    def frozen(self, on: bool) -> None:
        if on and not self._frozen:
            self._take(0.0)  # nobody may have watched: hold what they would have seen
            self._held = self._newest, *self._cover()
        self._frozen = on

    @property
    def level(self) -> float:
        """The master fader, 0 (black) to 1."""
        return self._fader.target

    @level.setter
    def level(self, level: float) -> None:
        self._fader.target = level

    @property
    def bypass(self) -> float:
        """How much of the source covers the picture, 0 to 1."""
        return self._bypass.target

    @bypass.setter
    def bypass(self, amount: float) -> None:
        self._bypass.target = amount

    async def run(self) -> None:
        """Encode for as long as somebody watches, until cancelled."""
        loop = asyncio.get_running_loop()
        thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="preview")
        encoder = _Encoder()
        waiting = card(0.0)
        encoded: tuple[Frame, Frame | None, float, float] | None = None
        sent = self._clock()
        try:
            while True:
                await self._watched.wait()
                await loop.run_in_executor(thread, self._take, PERIOD)
                began = self._clock()
                frame, cover, part = self._held if self._frozen else (self._newest, *self._cover())
                shown = frame or waiting, cover, part, self._fader.level
                if shown != encoded:
                    jpeg = await loop.run_in_executor(thread, encoder.encode, *shown)
                    encoded = shown
                elif self._newcomer or began - sent >= HOLD:
                    jpeg = self._jpeg
                    self._repeated += 1
                else:
                    continue
                sent, self._newcomer = began, False
                self._publish(jpeg)
                await asyncio.sleep(max(0.0, began + PERIOD - self._clock()))
        finally:
            thread.shutdown(wait=False, cancel_futures=True)

    async def frames(self) -> AsyncGenerator[bytes, None]:
        """Yield JPEGs from now on, at least one every `HOLD` seconds; a slow taker misses the ones in between."""
        seen = self._count
        self._watchers += 1
        self._newcomer = True
        self._watched.set()
        try:
            while True:
                while self._count == seen:
                    await self._published.wait()
                seen = self._count
                yield self._jpeg
        finally:
            self._watchers -= 1
            if not self._watchers:
                self._watched.clear()

    async def latest(self) -> bytes:
        """Return one JPEG of the picture as it is now."""
        async with aclosing(self.frames()) as frames:
            return await anext(frames)

    def status(self) -> OutputStatus:
        """Return what the console shows of it."""
        return OutputStatus(
            self.name,
            "live picture of the page",
            sent=self._count,
            repeated=self._repeated,
            overwritten=self._mailbox.overwritten,
            receivers=self._watchers,
            frozen=self._frozen,
            level=self._fader.target,
        )

    def _publish(self, jpeg: bytes) -> None:
        self._jpeg = jpeg
        self._count += 1
        self._published.set()
        self._published = asyncio.Event()

    def _cover(self) -> tuple[Frame | None, float]:
        """Return the picture that goes into Scope, and how much of it is seen now."""
        part = self._bypass.level
        entering, _ = self._source.look()
        return (entering, part) if part > 0 and entering is not None else (None, 0.0)

    def _take(self, timeout: float) -> None:
        # The encoder's thread waits here while the loop may freeze the picture: whoever took first may come second.
        frame = self._mailbox.take(timeout)
        with self._keeping:
            if frame is not None and (self._newest is None or frame.received >= self._newest.received):
                self._newest = frame


class _Encoder:
    """JPEG of frames; one codec for as long as the size stays."""

    def __init__(self) -> None:
        self._codec: av.VideoCodecContext | None = None
        self._painter = Painter(Shape(), Alpha(), "rgba")

    def encode(self, frame: Frame, cover: Frame | None, part: float, level: float) -> bytes:
        if cover is not None:
            frame = mixed(frame, scaled(cover, frame.size), part)
        picture = self._painter.paint(frame, level)
        assert not isinstance(picture, av.VideoFrame)
        height, width, _ = picture.shape
        if self._codec is None or (self._codec.width, self._codec.height) != (width, height):
            self._codec = _open_codec(width, height)
        video = av.VideoFrame.from_ndarray(picture, format="rgba")
        # JPEG is BT.601 in full range, whatever the picture was before it became RGBA.
        jpeg = video.reformat(format="yuv420p", dst_colorspace=Colorspace.ITU601, dst_color_range=ColorRange.JPEG)
        return b"".join(bytes(packet) for packet in self._codec.encode(jpeg))


def _open_codec(width: int, height: int) -> av.VideoCodecContext:
    codec = av.CodecContext.create("mjpeg", "w")
    codec.width, codec.height, codec.pix_fmt = width, height, "yuv420p"
    codec.color_range = ColorRange.JPEG
    codec.time_base = Fraction(1, 15)
    codec.qmin = codec.qmax = _QUANTISER
    codec.thread_count = 1
    return codec
