"""Sources that block: what reads them has a thread of its own, and the event loop gets the newest picture.

source = ReaderSource("cam", fan, NdiReader("STAGE (cam 1)"), "video from ndi STAGE (cam 1)")
await source.run()
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Protocol

import av

from bridge.clock import Clock, now
from bridge.frames import Fan, Frame, Latest
from bridge.frames.rate import STILL_AFTER, Rate
from bridge.status import InputStatus
from bridge.thread import Worker

if TYPE_CHECKING:
    from bridge.sources.source import Source

logger = logging.getLogger(__name__)

PATIENCE: Final = 0.1
"""Seconds that a `Reader` may wait for one picture: so soon it notices that it is to end."""


class Reader(Protocol):
    """Where pictures are read from. All calls come from one thread: `open`, then `read` again and again, then `close`.
    After `close`, it may be opened again."""

    @property
    def detail(self) -> str:
        """What is wrong although it goes on, or empty: `nobody sends yet`. Any thread."""

    def open(self) -> str:
        """Begin. Return where it is, for a person: `NDI source STAGE (cam 1)`. Raise `Unavailable`, with what to do."""

    def read(self, timeout: float) -> av.VideoFrame | None:
        """Return the newest picture that was not read yet; wait for one up to `timeout` seconds, then return None.

        Nothing writes into it afterwards, and its tags say which matrix and range it has; what says nothing is taken
        for BT.601 in limited range. Raise `Unavailable` when there will be no more.
        """

    def close(self) -> None:
        """End; also after `open` has failed. A second time does nothing."""


class ReaderSource:
    """A source that is read in a thread of its own. All but that belongs to the event loop."""

    def __init__(
        self,
        name: str,
        fan: Fan,
        reader: Reader,
        where: str = "",
        seek: Callable[[float], None] | None = None,
        clock: Clock = now,
    ) -> None:
        """`where` is shown until the reader says where it is. `seek` lets the reader go on from another place; it is
        called from the event loop's thread. None: it has no places."""
        self.name = name
        self._fan = fan
        self._reader = reader
        self._where = where
        self._seek = seek
        self._clock = clock
        self._arrived = Latest()
        self._worker = Worker(f"source {name}")
        self._frames = 0
        self._newest: Frame | None = None
        self._rate = Rate()
        self._complaint = ""

    async def run(self) -> None:
        """Bring pictures until cancelled. Raise `Unavailable` when the reader does."""
        loop = asyncio.get_running_loop()
        self._arrived = Latest()  # whoever should have emptied the last one may be gone

        def deliver() -> None:
            with suppress(RuntimeError):  # the loop was closed: nobody is left to be told
                loop.call_soon_threadsafe(self._deliver)

        try:
            await self._worker.run(lambda stop: self._read_until(stop, deliver))
        except Exception as error:
            self._complaint = str(error)
            raise

    def seek(self, position: float) -> None:
        """Go on from another place, 0 the beginning to 1 the end; where there is none, do nothing."""
        if self._seek is not None:
            self._seek(min(max(position, 0.0), 1.0))

    def status(self) -> InputStatus:
        """Return where it is read, how large and fast the pictures are, how many came, and what is wrong."""
        where, frame = self._where, self._newest
        if frame is not None:
            width, height = frame.size
            where += f", {width}x{height}"
            fps = self._rate.fps
            if fps is not None and self._clock() - frame.received < STILL_AFTER:
                where += f" at {round(fps, 1):g} fps"
        return InputStatus(self.name, where, signals=self._frames, detail=self._complaint or self._reader.detail)

    # In the reader's thread

    def _read_until(self, stop: threading.Event, deliver: Callable[[], None]) -> None:
        number = self._frames
        try:
            self._where = self._reader.open()
            logger.info("%s is read from %s", self.name, self._where)
            self._complaint = ""
            while not stop.is_set():
                video = self._reader.read(PATIENCE)
                if video is None or stop.is_set():
                    continue
                overwritten = self._arrived.overwritten
                self._arrived.put(Frame(video, self._clock(), number))
                number += 1
                self._frames = number
                if self._arrived.overwritten == overwritten:  # else the loop has yet to follow the last call
                    deliver()
        finally:
            self._reader.close()

    # In the event loop

    def _deliver(self) -> None:
        frame = self._arrived.take()
        if frame is None:
            return
        self._newest = frame
        self._rate.see(frame)
        self._fan.put(frame)


if TYPE_CHECKING:
    _: type[Source] = ReaderSource
