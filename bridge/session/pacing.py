"""PURE. When the next message to Scope may go.

Scope's worker takes one message per chunk from a queue of 8, and drops the newest when it is full. So a message must
not go before the worker has had the chance to take the one before it, and it cannot be asked: nothing is acknowledged.
But it repeats no frame, so *frames received ÷ frames per chunk* never overcounts the chunks it has finished. That is
the acknowledgement that this pacer lives on; the measured chunk period keeps the messages evenly apart.

Evidence: facts measured on Scope 0.2.4 with a message every 1.0, 1.1 and 0.95 chunk periods, and a discrete-event
model of its worker (`tests/session/test_pacing.py`).
"""

from collections import deque

from bridge.parameters import PIPELINES

RATE_SPAN = 2.0
"""Seconds of frames over which the frame rate is measured."""
SLACK = 1.05
"""Messages are at least this many chunk periods apart: slower than the worker, so that its queue runs empty."""
PAUSED_INTERVAL = 0.05
"""Seconds between messages while the pipeline is paused: then the worker takes a message every 10 ms."""

UNKNOWN_PIPELINE = 12
"""What an unknown pipeline is taken for: the longest, because too slow is safe and too fast loses messages."""


def frames_per_chunk(pipeline: str) -> int:
    """Return how many frames `pipeline` makes in one chunk."""
    known = PIPELINES.get(pipeline)
    return (known and known.frames_per_chunk) or UNKNOWN_PIPELINE


class Pacer:
    """Says when a message may go. Fed with every frame received and every message sent, in order of time."""

    def __init__(self, frames_per_chunk: int) -> None:
        self.frames_per_chunk = frames_per_chunk
        self.frames = 0
        """Received in this session."""
        self.unanswered = 0
        """Messages that no finished chunk has answered for yet: an upper bound of what waits in Scope's queue."""
        self._paused = False
        self._arrivals: deque[float] = deque()
        self._sent: float | None = None

    @property
    def paused(self) -> bool:
        """Whether the pipeline was told to pause: then no chunk is made, and messages are taken all the time."""
        return self._paused

    @paused.setter
    def paused(self, on: bool) -> None:
        self._paused = on
        if on:
            self.unanswered = 0  # a worker that makes no chunks takes them all
        elif self._arrivals:
            newest = self._arrivals[-1]
            self._arrivals.clear()  # the time without frames says nothing about the chunks
            self._arrivals.append(newest)

    @property
    def chunks(self) -> int:
        """Finished chunks of this session, as far as the frames tell; never more than there were."""
        return self.frames // self.frames_per_chunk

    def frame(self, now: float) -> None:
        """A frame was received."""
        self.frames += 1
        if self.frames % self.frames_per_chunk == 0 and self.unanswered:
            self.unanswered -= 1
        self._arrivals.append(now)
        while self._arrivals[0] < now - RATE_SPAN and len(self._arrivals) > 2:
            self._arrivals.popleft()

    def message(self, now: float) -> None:
        """A message was sent."""
        self._sent = now
        if not self.paused:
            self.unanswered += 1

    def fps(self, now: float) -> float:
        """Return the frames received per second over about the last two seconds; 0 when there were none."""
        recent = [arrival for arrival in self._arrivals if arrival >= now - RATE_SPAN]
        if len(recent) < 2 or recent[-1] <= recent[0]:
            return 0.0
        return (len(recent) - 1) / (recent[-1] - recent[0])

    @property
    def period(self) -> float | None:
        """How long a chunk takes, in seconds, as the newest frames tell; None before there were two."""
        if len(self._arrivals) < 2 or self._arrivals[-1] <= self._arrivals[0]:
            return None
        interval = (self._arrivals[-1] - self._arrivals[0]) / (len(self._arrivals) - 1)
        return interval * self.frames_per_chunk

    def shown_from(self) -> int:
        """Return from which received frame of this session on (counted from 1) the picture shows a message sent now.

        While the frames of one chunk arrive, the next chunk is being generated: a message sent now is taken by the one
        after that.
        """
        return (self.chunks + 2) * self.frames_per_chunk + 1

    def wait(self, now: float) -> float | None:
        """Return how many seconds from `now` a message must still wait; 0 if it may go, None if a frame must come first.

        A message may go when this session's first frame has come, at most one message is unanswered, a little more
        than a chunk period has passed since the last, and no frame is overdue.
        """
        if self.paused:
            return 0.0 if self._sent is None else max(0.0, self._sent + PAUSED_INTERVAL - now)
        if not self._arrivals or self.unanswered > 1:
            return None
        period = self.period
        if period is not None and now - self._arrivals[-1] > self._patience(period):
            return None
        if self._sent is None:
            return 0.0
        if period is None:
            return None
        return max(0.0, self._sent + SLACK * period - now)

    def _patience(self, period: float) -> float:
        """How long after the last frame the next one counts as overdue: the worker is late, so its queue is not moving."""
        return 2 * period / self.frames_per_chunk + 0.5 * period
