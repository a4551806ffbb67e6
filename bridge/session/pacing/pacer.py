"""PURE. When the next message to one node of Scope may go.

A node's worker takes one message per chunk from a queue of 8, and drops the newest when it is full. So a message must
not go before the worker has taken the one before it, and it cannot be asked: nothing is acknowledged. But it repeats no
frame, and a chunk's frames come when the chunk is done: the first frame of a chunk says that the next one has begun,
with the message that waited. That is the acknowledgement that this pacer lives on, and it never comes too early, whatever
was lost. The measured chunk period keeps messages a little further apart than chunks, so that what waits runs empty.

Evidence: facts measured on Scope 0.2.4 with a message every 1.0, 1.1 and 0.95 chunk periods, and discrete-event models
of its worker (`tests/session/model.py`).
"""

import math
from collections import deque
from typing import Final, Protocol

LEAST_SPAN: Final = 0.1
"""Seconds between the first and the last frame from which on they tell a rate: the first ones come all at once."""
RATE_SPAN: Final = 2.0
"""Seconds of frames over which the frame rate is measured."""
SLACK: Final = 1.05
"""Messages are at least this many chunk periods apart: slower than the worker, so that its queue runs empty."""
PAUSED_INTERVAL: Final = 0.05
"""Seconds between messages while the pipeline is paused: then the worker takes a message every 10 ms."""
BLIND: Final = 2.0
"""Chunk periods between messages to a node of which no frame can tell, because another one is paused."""
ALARM_REST: Final = 8
"""Chunk periods without a message after Scope said that its queue is full: as many as the messages in it."""
QUEUE: Final = 8
"""Messages that Scope's queue holds. Who has sent fewer since it was empty has not filled it: another client has."""
DOUBT: Final = 4
"""How many times as long as it was said to be a chunk is taken at most. Slower than that helps nobody: it is another
client that fills the queue, and a value would land ever later."""
CALM: Final = 300.0
"""Seconds without an alarm after which chunks are taken for half as long again. After each alarm that followed, it is
four times as many."""
SAME_ALARM: Final = 2.5
"""Seconds after that rest in which Scope's log may still tell of messages from before it: it is read every 2 seconds."""
LAG_SPAN: Final = 20.0
"""Seconds in which the video that returns has been as close behind the video sent up as it can be."""
LAG_SETTLED: Final = 2.0
"""Seconds of such video until anything follows from it."""
LAG: Final = 0.1
"""Chunks by which it may be further behind and still have waited for its input; at least one frame."""
SHORT: Final = 4
"""Frames of a chunk below which one message in each is often enough."""
WAITS: Final = 4
"""Chunks in a row that waited for their video, until the next one is taken to."""
FASTER: Final = 0.8
"""A chunk period this much shorter than it was is another one, and not a wobble."""
BACKLOG: Final = 2
"""Chunk periods by which the server may be late with frames, when it has become faster than the rate at which it hands
them out: it holds two or three chunks before it loses some."""

RATE_CHUNKS: Final = 10
"""Newest chunks whose mean rate is the one at which Scope hands out frames."""
CUT_SHORT: Final = 0.5
"""Chunks by which the first frame of one may be taken for another's, where some frames found no room."""
OUTPUT: Final = 30
"""Frames that wait in Scope to be sent, or two chunks, before it loses some."""


class Meter:
    """Counts what comes again and again, and how often it does."""

    def __init__(self) -> None:
        self.count = 0
        self._arrivals: deque[float] = deque()

    def arrived(self, now: float) -> None:
        """One more came."""
        self.count += 1
        self._arrivals.append(now)
        while self._arrivals[0] < now - RATE_SPAN and len(self._arrivals) > 2:
            self._arrivals.popleft()

    def forget(self) -> None:
        """What came until now says nothing about the rate of what will come; when the newest came is still known."""
        while len(self._arrivals) > 1:
            self._arrivals.popleft()

    @property
    def last(self) -> float | None:
        """When the newest came."""
        return self._arrivals[-1] if self._arrivals else None

    @property
    def interval(self) -> float | None:
        """Seconds from one to the next over about the last two seconds in which any came; None before there were two."""
        if len(self._arrivals) < 2 or self._arrivals[-1] <= self._arrivals[0]:
            return None
        return (self._arrivals[-1] - self._arrivals[0]) / (len(self._arrivals) - 1)

    def rate(self, now: float) -> float:
        """Return how many came per second over about the last two seconds; 0 when there were none, or too few to tell."""
        recent = [arrival for arrival in self._arrivals if arrival >= now - RATE_SPAN]
        if len(recent) < 2 or recent[-1] - recent[0] < LEAST_SPAN:
            return 0.0
        return (len(recent) - 1) / (recent[-1] - recent[0])


class Pace(Protocol):
    """Says when the next message to one node may go. Told of every frame and every message, in order of time."""

    paused: bool
    """Whether the pipeline was told to pause: then no chunk is made, and messages are taken all the time."""
    blind: bool
    """Whether frames cannot tell of this node, because another one of the same sink is paused."""

    @property
    def frames(self) -> int:
        """Received in this session."""

    @property
    def chunks(self) -> int:
        """Finished chunks of this session, as far as the frames tell; never more than there were."""

    @property
    def period(self) -> float | None:
        """How long a chunk takes, in seconds; None if that is not known."""

    @property
    def begins(self) -> bool:
        """Whether the newest frame is a chunk's first, as far as frames tell."""

    @property
    def drains(self) -> bool:
        """Whether the worker takes all messages that wait before each chunk, because it waits for its video."""

    @property
    def held(self) -> float:
        """For how long the server may hold back frames that are done, in seconds."""

    @property
    def spread(self) -> float:
        """How much longer some of the newest chunks took to come than others, in seconds."""

    def frame(self, now: float, fed: float | None = None) -> None:
        """A frame was received. `fed` is how many could have been, by the video sent up until now; None: none is sent."""

    def message(self, now: float) -> None:
        """A message was sent."""

    def alarm(self, now: float) -> None:
        """Scope said that its queue is full."""

    def wait(self, now: float) -> float | None:
        """Return how many seconds from `now` a message must still wait; 0 if it may go, None if a frame must come first."""

    def shown_from(self) -> int:
        """Return from which received frame of this session on (counted from 1) the picture shows a message sent now."""


class Pacer:
    """The pace of a node as its frames tell it."""

    def __init__(self, frames_per_chunk: float) -> None:
        """`frames_per_chunk` is how many frames are received for each chunk of the node; with `rife` behind it, more than
        the node makes itself."""
        self.frames_per_chunk = frames_per_chunk
        self._told = frames_per_chunk
        """The same, whatever alarms have made of it."""
        self.unanswered = 0
        """Messages that may still wait in Scope's queue."""
        self.blind = self.begins = False
        self._input_bound = False
        """Whether the newest chunk had to wait for its video: then the worker took all messages while it waited."""
        self._waits = 0
        """How many of the newest chunks in a row did."""
        self._lags: deque[tuple[float, float]] = deque()
        """When each chunk's first frame came, and how many frames it was behind the video sent up."""
        self._alarmed = False
        self._alarmed_at = -math.inf
        """When the last one was, or what it led to was half taken back."""
        self._calm = CALM
        self._relieved = False
        """Whether it was."""
        self._since_empty = 0
        """Messages sent since Scope's queue was empty for certain."""
        self._paused = False
        self._meter = Meter()
        self._place = 0
        """Frames received since one that was surely a chunk's first."""
        self._chunk = 0
        """Which chunk since then the newest frame belongs to, counted from 1: the next one has begun."""
        self._began: float | None = None
        """When that chunk's first frame came."""
        self._lengths: deque[float] = deque(maxlen=12)
        """Seconds from one chunk's first frame to the next one's, without a stumble in between."""
        self._held_back = False
        """Whether the server may hold back frames: it has become faster than the rate at which it hands them out."""
        self._behind = 0.0
        """How many chunks of frames that can have made, whatever room there is for them."""
        self._sent: deque[float] = deque(maxlen=16)
        self._rest_until = self._same_alarm_until = -math.inf

    @property
    def paused(self) -> bool:
        """Whether the pipeline was told to pause: then no chunk is made, and messages are taken all the time."""
        return self._paused

    @paused.setter
    def paused(self, on: bool) -> None:
        if on:
            self.unanswered = self._since_empty = 0  # a worker that makes no chunks takes them all
        elif self._paused:
            self._forget()  # the time without frames says nothing about the chunks
        self._paused = on

    def _forget(self) -> None:
        self._meter.forget()
        self._lengths.clear()
        self._lags.clear()
        self._input_bound = False
        self._waits = 0
        self._began = None
        self._held_back, self._behind = False, 0.0

    @property
    def frames(self) -> int:
        """Received in this session."""
        return self._meter.count

    @property
    def chunks(self) -> int:
        """Finished chunks of this session whose frames have all come; never more than there were."""
        return math.floor(self.frames / self._told + 1e-6)

    def frame(self, now: float, fed: float | None = None) -> None:
        """A frame was received. `fed` is how many could have been, by the video sent up until now; None: none is sent."""
        last, period = self._meter.last, self.period
        if last is not None and period is not None and now - last > self._patience(period):
            self._stumbled()
        self._meter.arrived(now)
        if self.frames_per_chunk > self._told and now - self._alarmed_at > self._calm:
            self._relieved, self._alarmed_at = True, now
            self._take_chunks_as(self.frames_per_chunk / 2)
        self._place += 1
        chunk = math.ceil(self._place / self.frames_per_chunk - 1e-6)
        self.begins = chunk > self._chunk
        if self.begins:
            self._chunk = chunk
            self._input_bound = fed is not None and self._waited(now, fed - self.frames)
            self._waits = self._waits + 1 if self._input_bound else 0
            self._next_chunk(now)

    def _next_chunk(self, now: float) -> None:
        """The first frame of a chunk came: the next one has begun, and has taken the message that waited longest."""
        self.unanswered = 0 if self._input_bound else max(0, self.unanswered - 1)
        if self._began is not None:
            length = now - self._began
            longest = max(self._lengths, default=0.0)
            if length < FASTER * longest:
                self._held_back = True
                self._behind = max(self._behind, RATE_CHUNKS / 2 * (1 - length / longest))
            self._lengths.append(length)
        self._began = now

    def _waited(self, now: float, lag: float) -> bool:
        """Return whether a chunk had to wait for its video, by how far its first frame is behind the video sent up.

        A worker that has no time to wait falls behind more and more. One that waits is as close as it ever was.
        """
        self._lags.append((now, lag))
        while self._lags[0][0] < now - LAG_SPAN:
            self._lags.popleft()
        if self._alarmed or self.frames_per_chunk < SHORT or now - self._lags[0][0] < LAG_SETTLED:
            return False
        return lag <= min(lag for _, lag in self._lags) + max(1.0, LAG * self.frames_per_chunk)

    def _stumbled(self) -> None:
        """No frame came for too long: the server had none left, so what comes now is a chunk's first.

        If it held some back before, then their chunks were done earlier than they seemed to be, and messages that
        seemed to be taken still wait.
        """
        self._place = self._chunk = 0
        if self._held_back and self._began is not None and self._lengths:
            done = self._began - BACKLOG * self._lengths[-1]
            self.unanswered = max(self.unanswered, sum(sent >= done for sent in self._sent))
        self._held_back, self._behind = False, 0.0
        self._lengths.clear()
        self._began = None

    def message(self, now: float) -> None:
        """A message was sent."""
        self._sent.append(now)
        if not self.paused:
            self.unanswered += 1
            self._since_empty += 1

    def alarm(self, now: float) -> None:
        """Scope said that its queue is full: let it run empty, and send half as much from now on.

        What is told of the same time again changes nothing, nor does what another client must have done.
        """
        if now < self._same_alarm_until or self._since_empty < QUEUE:
            return
        period = self.period or 0.0
        self._rest_until = now + ALARM_REST * period
        self._same_alarm_until = self._rest_until + SAME_ALARM
        self.unanswered = self._since_empty = 0
        if self._relieved:
            self._relieved, self._calm = False, 4 * self._calm
        if self._input_bound:  # then it was two messages a chunk that were too many, and one is as many as before
            self._input_bound = False
        elif self.frames_per_chunk < DOUBT * self._told:
            self._take_chunks_as(2 * self.frames_per_chunk)
        self._alarmed, self._alarmed_at = True, now

    def _take_chunks_as(self, frames: float) -> None:
        self.frames_per_chunk = frames
        self._chunk = math.ceil(self._place / frames - 1e-6)
        self._lengths.clear()
        self._began = None

    @property
    def drains(self) -> bool:
        """Whether the worker takes all messages that wait before each chunk, because it waits for its video."""
        return self._waits >= WAITS

    @property
    def held(self) -> float:
        """For how long the server may hold back frames that are done, in seconds."""
        if not self._held_back or not self._lengths:
            return 0.0
        return (min(self._behind, max(OUTPUT / self._told, 2.0) - 1.0) + CUT_SHORT) * self._lengths[-1]

    @property
    def spread(self) -> float:
        """How much longer some of the newest chunks took to come than others, in seconds."""
        return max(self._lengths) - min(self._lengths) if self._lengths else 0.0

    def fps(self, now: float) -> float:
        """Return the frames received per second over about the last two seconds; 0 when there were none."""
        return self._meter.rate(now)

    @property
    def period(self) -> float | None:
        """How long a chunk takes, in seconds, as the newest frames tell; None before there were two."""
        interval = self._meter.interval
        return None if interval is None else interval * self.frames_per_chunk

    def shown_from(self) -> int:
        """Return from which received frame of this session on (counted from 1) the picture shows a message sent now.

        While the frames of one chunk arrive, the next chunk is being generated: a message sent now is taken by the one
        after that.
        """
        complete = math.floor(self._place / self._told + 1e-6)
        return self.frames - self._place + math.ceil((complete + 2) * self._told - 1e-6) + 1

    def wait(self, now: float) -> float | None:
        """Return how many seconds from `now` a message must still wait; 0 if it may go, None if a frame must come first.

        A message may go when this session's first frame has come, the message before it was taken, a little more than a
        chunk period has passed since, and no frame is overdue.
        """
        sent = self._sent[-1] if self._sent else None
        if self.paused:
            return 0.0 if sent is None else max(0.0, sent + PAUSED_INTERVAL - now)
        last, period = self._meter.last, self.period
        if last is None:
            return None
        if now < self._rest_until:
            return self._rest_until - now
        if self.blind:
            return 0.0 if sent is None else max(0.0, sent + BLIND * (period or 1.0) - now)
        if self.unanswered > (1 if self._input_bound else 0):
            return None
        if period is not None and now - last > self._patience(period):
            return None
        if sent is None:
            return 0.0
        if period is None:
            return None
        distance = SLACK * self._newest(period) / (2 if self._input_bound else 1)
        return max(0.0, sent + distance - now)

    def _newest(self, period: float) -> float:
        """Return how long a chunk takes by now: the mean of two seconds comes late when chunks have become shorter."""
        if len(self._lengths) < 2:
            return period
        newest = max(self._lengths[-1], self._lengths[-2])
        return newest if newest < FASTER * period else period

    def _patience(self, period: float) -> float:
        """How long after the last frame the next one counts as overdue: the worker is late, so its queue is not moving."""
        return 2 * period / self.frames_per_chunk + 0.5 * period


class Timed:
    """The pace of a node of which nothing is received: a message every chunk period, which somebody else knows."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        """How long a chunk takes."""
        self.paused = self.blind = False
        self.free = -math.inf
        """When the next message may go."""

    frames = chunks = 0
    period: float | None = None
    begins = drains = False
    held = spread = 0.0

    def frame(self, now: float, fed: float | None = None) -> None:
        """Frames say nothing here."""

    def message(self, now: float) -> None:
        """A message was sent."""
        self.free = now + (PAUSED_INTERVAL if self.paused else SLACK * self.seconds)

    def alarm(self, now: float) -> None:
        """Nobody drops anything here."""

    def wait(self, now: float) -> float | None:
        """Return how many seconds a message must still wait."""
        return max(0.0, self.free - now)

    def shown_from(self) -> int:
        """Return 1: with the first frame, if there ever was one."""
        return 1
