"""Frames of video on their way from Scope to the outputs: mailboxes of one, that count what they overwrite."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import av
import numpy as np
from av.video.reformatter import Colorspace, VideoReformatter
from numpy.typing import NDArray

Rgba = NDArray[np.uint8]
"""Pixels, height × width × 4, red first, alpha last."""

_UNSPECIFIED = 2
"""`AVCOL_SPC_UNSPECIFIED`: what decoders say of video that does not name its matrix. PyAV has no name for it."""
_TWO_THREADS_FROM = 1920 * 1080
"""Pixels from which converting with two threads is faster than with one."""

_reformatter = VideoReformatter()
_converting = threading.Lock()


@dataclass(eq=False, slots=True)
class Frame:
    """One picture as the decoder made it, and what it was turned into since."""

    video: av.VideoFrame
    received: float
    """When it was decoded, in seconds of `bridge.clock`."""
    number: int
    """Counts the frames from 0, over all sessions."""
    _rgba: Rgba | None = field(default=None, repr=False)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.video.width, self.video.height

    def rgba(self) -> Rgba:
        """Return the picture as RGBA, converted once however many outputs ask. Any thread may call it.

        The array is shared: do not write into it. Video that does not say which matrix it uses is taken for BT.601,
        as WebRTC's is.
        """
        with _converting:  # swscale changes the source frame's tags while it works: never two threads on one frame
            if self._rgba is None:
                matrix = Colorspace.ITU601 if self.video.colorspace == _UNSPECIFIED else None
                threads = 2 if self.video.width * self.video.height >= _TWO_THREADS_FROM else 1
                converted = _reformatter.reformat(self.video, format="rgba", src_colorspace=matrix, threads=threads)
                self._rgba = np.asarray(converted.to_ndarray(), np.uint8)
            return self._rgba

    def planar(self, size: tuple[int, int] | None = None) -> av.VideoFrame:
        """Return the picture as an encoder takes it (yuv420p, its sides even) in `size`, or as large as it is: a copy,
        whose time stamp is the caller's to set. Any thread may call it."""
        width, height = (max(2, side & ~1) for side in size or self.size)
        with _converting:
            converted = _reformatter.reformat(self.video, width, height, "yuv420p")
        if converted is not self.video:
            return converted
        return av.VideoFrame.from_ndarray(self.video.to_ndarray(), format="yuv420p")


class Latest:
    """A mailbox of one: the newest frame, and how many were replaced before anybody took them. Any thread may use it."""

    def __init__(self) -> None:
        self._frame: Frame | None = None
        self._taken = True
        self._arrived = threading.Condition()
        self.overwritten = 0

    def put(self, frame: Frame) -> None:
        """Leave a frame; one that nobody took is overwritten and counted."""
        with self._arrived:
            if not self._taken:
                self.overwritten += 1
            self._frame, self._taken = frame, False
            self._arrived.notify()

    def take(self, timeout: float = 0.0) -> Frame | None:
        """Return the newest frame if it was not taken yet, else None; wait for one up to `timeout` seconds."""
        with self._arrived:
            if self._taken and timeout > 0:
                self._arrived.wait(timeout)
            if self._taken:
                return None
            self._taken = True
            return self._frame


class Fan:
    """Hands every frame to all mailboxes that are open. `put` and `open` belong to the event loop's thread."""

    def __init__(self) -> None:
        self._mailboxes: list[Latest] = []
        self._taps: list[Callable[[Frame], Any]] = []
        self._newest: Frame | None = None

    def open(self) -> Latest:
        """Return a new mailbox that gets every frame from now on, and at once the newest that there was."""
        mailbox = Latest()
        self.join(mailbox)
        return mailbox

    def join(self, mailbox: Latest) -> None:
        """Deliver to `mailbox` from now on, and at once the newest frame that there was."""
        if self._newest is not None:
            mailbox.put(self._newest)
        self._mailboxes.append(mailbox)

    def close(self, mailbox: Latest) -> None:
        """Deliver no more to `mailbox`."""
        self._mailboxes.remove(mailbox)

    def tap(self, callback: Callable[[Frame], Any]) -> None:
        """Call `callback` with every frame, on the event loop: for whoever must miss none (measurements)."""
        self._taps.append(callback)

    def put(self, frame: Frame) -> None:
        """Deliver a frame to everybody."""
        self._newest = frame
        for callback in self._taps:
            callback(frame)
        for mailbox in self._mailboxes:
            mailbox.put(frame)


class Fans:
    """The pictures of one Scope: a `Fan` for each sink of its graph. They outlive every session."""

    def __init__(self) -> None:
        self.main = Fan()
        """The picture of the first sink, whatever it is called: the only one of most."""
        self._others: dict[str, Fan] = {}

    def of(self, sink: str) -> Fan:
        """Return the fan of the sink called `sink`; of an empty name, the main one."""
        return self._others.setdefault(sink, Fan()) if sink else self.main

    def put(self, frame: Frame, sink: str, *, first: bool) -> None:
        """Deliver a frame of a sink; of the `first`, also to `main`."""
        if first:
            self.main.put(frame)
        if sink:
            self.of(sink).put(frame)
