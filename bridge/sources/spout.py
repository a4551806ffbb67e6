"""A Spout sender on this Windows machine as video for Scope.

It is awaited for as long as it takes, also when it has gone and comes back.
"""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import av
import numpy as np
from numpy.typing import NDArray

from bridge import spout
from bridge.clock import Clock, now

if TYPE_CHECKING:
    from SpoutGL import SpoutReceiver

    from bridge.sources.reader import Reader

_POLL: Final = 0.004
"""Seconds between two looks at a sender: Spout has nothing to wait for, as few senders signal their frames."""
_UNCOUNTED: Final = 1 / 60
"""Seconds between two pictures of a sender that does not count its frames: each look finds one."""
_ABSENT: Final = 0.05
"""Seconds between two looks for a sender that is not there."""
_WARM_UP: Final = 2
"""Pictures after a change of size that may be empty still: they come through buffers which have to fill first."""


class SpoutReader:
    """Reads the pictures of one sender."""

    def __init__(self, name: str, clock: Clock = now, sleep: Callable[[float], object] = time.sleep) -> None:
        """`name` is the sender's, as other programs show it; empty: the active one."""
        self.detail = ""
        self._name = name
        self._clock = clock
        self._sleep = sleep
        self._receiver: SpoutReceiver | None = None
        self._pixels: NDArray[np.uint8] | None = None
        self._empty = 0
        """How many empty pictures are left out yet."""
        self._next = 0.0
        """When to look again at the earliest, in seconds of the clock."""

    def open(self) -> str:
        """Begin to look for the sender. Return its name. Raise `Unavailable` where there is no Spout."""
        spout.check_name(self._name)
        self._receiver = spout.receiver()
        if self._name:
            self._receiver.setReceiverName(self._name)
        self._wait_for_it()
        return f"Spout sender {self._name}" if self._name else "the active Spout sender"

    def read(self, timeout: float) -> av.VideoFrame | None:
        """Return the newest picture that was not read yet; wait for one up to `timeout` seconds, then return None."""
        until = self._clock() + timeout
        while self._receiver is not None:
            pause = self._next - self._clock()
            if pause <= 0:
                found, pause = self._look(self._receiver)
                if found is not None:
                    return found
            left = until - self._clock()
            if left <= 0:
                return None
            self._sleep(min(pause, left))
        return None

    def close(self) -> None:
        """Let go of the sender."""
        receiver, self._receiver, self._pixels = self._receiver, None, None
        self.detail = ""
        if receiver is not None:
            receiver.releaseReceiver()

    def _look(self, receiver: "SpoutReceiver") -> tuple[av.VideoFrame | None, float]:
        """Return a new picture, or None and in how many seconds to look again."""
        memory = None if self._pixels is None else self._pixels.data
        if not receiver.receiveImage(memory, spout.RGBA, False, 0) and not receiver.isConnected():
            self._wait_for_it()
            return None, _ABSENT
        if receiver.isUpdated():
            self.detail = ""
            self._pixels = _memory(receiver.getSenderWidth(), receiver.getSenderHeight())
            self._empty = _WARM_UP
            return None, 0.0
        if self._pixels is None or not receiver.isFrameNew():
            return None, _POLL
        if self._empty and not self._pixels.any():
            self._empty -= 1
            return None, _POLL
        self._empty = 0
        if not receiver.isFrameCountEnabled():
            self._next = self._clock() + _UNCOUNTED
        # The picture is handed over with its memory, and the next one gets another.
        pixels, self._pixels = self._pixels, np.empty_like(self._pixels)
        return av.VideoFrame.from_numpy_buffer(pixels, format="rgba"), 0.0

    def _wait_for_it(self) -> None:
        self._pixels = None
        self.detail = f"waits for the Spout sender {self._name}" if self._name else "waits for a Spout sender"


def _memory(width: int, height: int) -> NDArray[np.uint8]:
    return np.zeros((height, width, 4), np.uint8)


if TYPE_CHECKING:
    _: type[Reader] = SpoutReader
