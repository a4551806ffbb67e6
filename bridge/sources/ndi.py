"""An NDI source of the network as video for Scope: a camera's, Resolume's, OBS's.

It is waited for as long as it takes, and again when it goes: whoever plugs it in again need do nothing else. *NDI® is a
registered trademark of Vizrt NDI AB.*
"""

from typing import TYPE_CHECKING, Final

import av
from av.video.reformatter import ColorRange, Colorspace

from bridge.clock import Clock, now
from bridge.frames.convert import planes
from bridge.ndi import Announced, Finder, Received, Receiver, addressed, choose

if TYPE_CHECKING:
    from bridge.sources.reader import Reader

PATIENCE: Final = 2.0
"""Seconds without a connection after which a source is looked for anew: it may come back at another address."""
ASK_AGAIN: Final = 1.0
"""Seconds after which another finder looks. Without mDNS it is one of this machine's NDI programs that tells what there is;
the system picks one for each finder, and each knows its own sources only. With mDNS an answer may take longer than that:
so there is one finder, too, that goes on."""


class NdiReader:
    """Reads one NDI source."""

    def __init__(self, name: str, clock: Clock = now) -> None:
        """`name` is how the source is announced (`MACHINE (Name)`), the end of it (`Name`), or a pattern (`*cam*`),
        capitals or not; or its address (`192.168.1.5:5961`)."""
        self.detail = ""
        self._name = name
        self._clock = clock
        self._receiver: Receiver | None = None
        self._finders: list[Finder] = []
        """Look for the source while it is not known: one that goes on, and one after the other."""
        self._source: Announced | None = None
        self._asked = 0.0
        """When the last of `_finders` began to look."""
        self._seen = 0.0
        """When the source was last there."""

    def open(self) -> str:
        """Begin to look. Raise `Unavailable` if NDI is not installed or does not work here."""
        self._receiver = Receiver()
        self._wait()
        return f"NDI source {self._name}"

    def read(self, timeout: float) -> av.VideoFrame | None:
        """Return the newest picture that was not read yet; wait for one up to `timeout` seconds, then return None."""
        assert self._receiver is not None, "it is open"
        if self._source is None:
            self._look(timeout)
            return None
        received = self._receiver.receive(timeout)
        if received is not None or self._receiver.connected():
            self._seen = self._clock()
            self.detail = ""
        elif self._clock() - self._seen > PATIENCE:
            self._wait()
        return None if received is None else video_of(received)

    def close(self) -> None:
        """End; a second time does nothing."""
        self._stop_looking()
        if self._receiver is not None:
            self._receiver.close()
        self._receiver = self._source = None
        self.detail = ""

    def _wait(self) -> None:
        assert self._receiver is not None
        self.detail = f"waits for NDI source {self._name}"
        self._source = addressed(self._name)
        if self._source is not None:
            self._connect(self._source)
            return
        self._receiver.connect(None)
        self._stop_looking()
        self._finders = [Finder()]  # a new one, which has not yet seen what is gone
        self._ask()

    def _look(self, timeout: float) -> None:
        found = choose(self._name, [source for finder in self._finders for source in finder.sources()])
        if found is not None:
            self._stop_looking()
            self._connect(found)
            return
        if self._clock() - self._asked > ASK_AGAIN:
            self._finders.pop().close()
            self._ask()
        self._finders[-1].wait(timeout)

    def _ask(self) -> None:
        self._finders.append(Finder())
        self._asked = self._clock()

    def _stop_looking(self) -> None:
        while self._finders:
            self._finders.pop().close()

    def _connect(self, source: Announced) -> None:
        assert self._receiver is not None
        self._receiver.connect(source)
        self._source, self._seen = source, self._clock()


def video_of(received: Received) -> av.VideoFrame:
    """Return a picture as the rest of the program takes it: YCbCr says that it is of BT.709 in limited range."""
    if received.fourcc == "BGRA":
        return av.VideoFrame.from_numpy_buffer(received.pixels, format="bgra")
    height, width = received.pixels.shape[:2]
    video = av.VideoFrame(width, height, "uyvy422")
    (rows,) = planes(video)
    rows[...] = received.pixels.reshape(height, 2 * width)
    video.colorspace, video.color_range = Colorspace.ITU709, ColorRange.MPEG
    return video


if TYPE_CHECKING:
    _: type[Reader] = NdiReader
