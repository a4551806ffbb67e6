"""Mailboxes: between who brings frames and who takes them at a pace of their own. They count what they overwrite."""

import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Final, Protocol

from bridge.frames.frame import Frame

DEPTH: Final = 32
"""How many frames wait in a `Buffer`: one chunk and more."""


class Mailbox(Protocol):
    """Where frames are left."""

    def put(self, frame: Frame) -> None:
        """Leave a frame. Any thread."""


class Latest:
    """A mailbox of one: the newest frame, and how many were replaced before anybody took them. Any thread may use it."""

    def __init__(self) -> None:
        self._frame: Frame | None = None
        self._taken = True
        self._arrived = threading.Condition()
        self._count = 0
        self.overwritten = 0

    def put(self, frame: Frame) -> None:
        """Leave a frame; one that nobody took is overwritten and counted."""
        with self._arrived:
            self._count += 1
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

    def look(self) -> tuple[Frame | None, int]:
        """Return the newest frame, taken or not, and how many there have been: for several who take from one mailbox."""
        with self._arrived:
            return self._frame, self._count

    def clear(self) -> None:
        """Be empty again: what is left in it is of somebody who brings no more."""
        with self._arrived:
            self._frame, self._taken = None, True


class Buffer:
    """A mailbox that keeps the newest frames in their order, for who shows each at its time. Any thread may use it."""

    def __init__(self, depth: int = DEPTH) -> None:
        self._frames: deque[Frame] = deque(maxlen=depth)
        self._turn = threading.Lock()
        self.overwritten = 0
        """How many fell out of it before anybody took them."""

    def put(self, frame: Frame) -> None:
        """Leave a frame; of too many, the oldest is dropped and counted."""
        with self._turn:
            self.overwritten += len(self._frames) == self._frames.maxlen
            self._frames.append(frame)

    def drain(self) -> list[Frame]:
        """Return the frames that nobody has taken yet, the oldest first."""
        with self._turn:
            frames = list(self._frames)
            self._frames.clear()
            return frames


class Fan:
    """Hands every frame to all mailboxes that are open. `put` and `open` belong to the event loop's thread."""

    def __init__(self) -> None:
        self._mailboxes: list[Mailbox] = []
        self._taps: list[Callable[[Frame], Any]] = []
        self._newest: Frame | None = None

    def open(self) -> Latest:
        """Return a new mailbox that gets every frame from now on, and at once the newest that there was."""
        mailbox = Latest()
        self.join(mailbox)
        return mailbox

    def join(self, mailbox: Mailbox) -> None:
        """Deliver to `mailbox` from now on, and at once the newest frame that there was."""
        if self._newest is not None:
            mailbox.put(self._newest)
        self._mailboxes.append(mailbox)

    def close(self, mailbox: Mailbox) -> None:
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
