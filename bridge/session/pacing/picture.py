"""PURE. Which of the messages to one node the frames received now are made with.

A message is taken by the first chunk that begins after it has arrived, one by each chunk and in order; and a chunk
begins when the one before is done, which is a while before that one's first frame is here. So with the first frame of a
chunk it is known what it can have been made with: the oldest message that waited, if it was sent early enough before the
first frame of the chunk before. That is judged late rather than early: what is said to be in the picture is in it.

A rehearsal server says in the picture how many messages it has taken: then nothing is judged.
"""

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from bridge.session.pacing.wants import joined
from bridge.strip import Strip

FORGOTTEN: Final = 16
"""Chunks after which a message that was not taken never will be: it was lost, since only 8 wait in Scope."""


@dataclass(slots=True, eq=False)
class Sent:
    """A message on its way into the picture."""

    at: float
    values: dict[str, Any]
    cuts: bool
    """Whether it resets the cache."""
    pauses: bool = False
    """Whether Scope pauses from here on, or still does: then its worker takes what follows without making a chunk."""


class Picture:
    """What one node's frames show."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        """What the newest frame was made with."""
        self.exact = False
        """Whether the picture itself says it."""
        self._first: dict[str, Any] = {}
        self._coming: deque[Sent] = deque()
        self._counted = 0
        """Messages that are no longer on their way, as a strip counts them."""
        self._arrivals: deque[float] = deque()
        """When the frames of one chunk's length came."""
        self._frames = 0
        self._chunk: int | None = None
        """Which chunk the strip that was read last belongs to."""
        self._read_from = 1
        """From which frame on the strip is to be read next."""
        self._idle = 0
        """Chunks that have taken none although some were on their way, as strips tell."""

    def begin(self, values: Mapping[str, Any]) -> None:
        """A session begins, with these values: the first chunk is made with them."""
        self._first = dict(values)

    def message(self, now: float, values: Mapping[str, Any], cuts: bool) -> None:
        """A message was sent."""
        last = self._coming[-1] if self._coming else None
        pauses = bool(values["paused"]) if "paused" in values else (last is not None and last.pauses)
        self._coming.append(Sent(now, dict(values), cuts, pauses))

    def withdraw(self) -> None:
        """The newest message was not sent after all."""
        if self._coming:
            self._coming.pop()

    def frame(self, now: float, begins: bool, frames_per_chunk: float, lag: float, drains: bool) -> bool:
        """A frame came. Return whether the picture cuts with it, because a message said so.

        `begins` is whether it is a chunk's first; `lag` the most that lies between a chunk's end and its first frame
        here, and between here and Scope, in seconds; `drains` whether the worker takes all that waits.
        """
        self._frames += 1
        previous = self._arrivals[-1] if self._arrivals else now
        before = self._arrivals[0] if len(self._arrivals) >= math.ceil(frames_per_chunk - 1e-6) else None
        self._arrivals.append(now)
        while len(self._arrivals) > math.ceil(frames_per_chunk - 1e-6):
            self._arrivals.popleft()
        self.values.update(self._first)
        self._first = {}
        if not begins:
            return False
        if self.exact or before is None:
            return False
        return self._judge(now, before, previous, lag, drains)

    def _judge(self, now: float, before: float, previous: float, lag: float, drains: bool) -> bool:
        """Show what a chunk was made with, by when the first frame of the one before it came, and the newest frame."""
        sure = 0
        for place, sent in enumerate(self._coming, 1):
            ends_a_pause = place > 1 and self._coming[place - 2].pauses and not sent.pauses
            if ends_a_pause and previous < sent.at - (now - sent.at):  # nothing from before the pause was left
                sure = place
        cuts = False
        while self._coming:
            # Whatever waits from a pause on is taken before the next chunk, with what ends the pause.
            together = next((place for place, sent in enumerate(self._coming, 1) if not sent.pauses), None)
            if together is None or (not sure and self._coming[together - 1].at + lag > before):
                break
            for _ in range(max(together, sure)):
                cuts = self._show().cuts or cuts
            sure = 0
            if not drains:
                break
        return cuts

    @property
    def to_be_read(self) -> bool:
        """Whether the strip in the newest frame is wanted: in one frame of each chunk, where chunks are known."""
        return self._frames >= self._read_from

    def read(self, strip: Strip | None, frames_per_chunk: float) -> bool:
        """Take in what the newest frame says about itself. Return whether the picture cuts with it.

        Where it says nothing, or Scope has dropped a message and nobody knows which, the frames go on to be judged.
        """
        if strip is None or strip.dropped:
            self._read_from = self._frames + (1 if self.exact else math.ceil(frames_per_chunk))
            self.exact = False
            return False
        self.exact = True
        if strip.chunk == self._chunk:  # the next one begins later than was thought: look where
            self._read_from = self._frames + 1
            return False
        self._chunk = strip.chunk
        self._read_from = self._frames + max(1, math.floor(frames_per_chunk) - 1)  # it may begin sooner, too
        self._idle = self._idle + 1 if self._coming and strip.taken <= self._counted else 0
        cuts = False
        while self._coming and self._counted < strip.taken:
            cuts = self._show().cuts or cuts
        if self._idle > FORGOTTEN:
            self._coming.clear()
        if not self._coming:
            self._counted = strip.taken
        return cuts

    def _show(self) -> Sent:
        sent = self._coming.popleft()
        self._counted += 1
        for name, value in sent.values.items():
            self.values[name] = joined(self.values.get(name), name, value)
        return sent
