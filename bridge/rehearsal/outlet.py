"""Frames on their way: the queue at a pipeline's input, and the video track by which they leave the server."""

import asyncio
import math
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import av
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

from bridge.clock import now

ROOM = 30
"""How many frames wait at a pipeline's input, or to be sent. Those that find no room are lost: the newest ones."""
_TICKS = 90_000
_TURN = 1 << 32
"""What is added to a time that would go back. A client sees 32 bits of it: for it, that is the same leap; an encoder only
takes times that grow."""
_FASTEST, _SLOWEST = 60.0, 1.0
_SAMPLES = 10
_GAP = 0.1
"""Frames with times of their own that lie farther apart than this, in seconds, are not kept apart that long."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One frame between two places."""

    video: av.VideoFrame
    timed: bool = False
    """Whether it carries the time at which its client sent it. Others get one when they leave."""

    def copy(self) -> "Shot":
        """Return the same with a frame of its own: whoever sends it writes a time into it."""
        video = av.VideoFrame.from_ndarray(self.video.to_ndarray(), format=self.video.format.name)
        if self.timed and self.video.time_base is not None:
            video.pts, video.time_base = self.video.pts, self.video.time_base
        return Shot(video, self.timed)


class Feed:
    """The queue at one input of a pipeline. One puts, one takes, each in a thread of its own."""

    def __init__(self, takes: int) -> None:
        """Of `takes` frames at once; there is room for two times as many, and for `ROOM` at least."""
        self._room = max(ROOM, 2 * takes)
        self._queue: deque[Shot] = deque()
        self._turn = threading.Lock()
        self.lost = 0
        """How many frames found no room."""

    def __len__(self) -> int:
        return len(self._queue)

    def put(self, shots: list[Shot]) -> None:
        """Queue frames, as many as there is room for."""
        with self._turn:
            room = max(0, self._room - len(self._queue))
            self._queue.extend(shots[:room])
            self.lost += len(shots) - min(len(shots), room)

    def take(self, count: int) -> list[Shot]:
        """Return `count` frames out of all that wait, evenly distributed; what lies between them is left out."""
        with self._turn:
            step = len(self._queue) / count
            places = [round(place * step) for place in range(count)]
            seen = [self._queue.popleft() for _ in range(places[-1] + 1)]
        return [seen[place] for place in places]

    def flush(self) -> None:
        """Throw away what waits."""
        with self._turn:
            self._queue.clear()


class Rate:
    """How many frames a second are made: the mean over the last chunks, and 60 before the first is done."""

    def __init__(self) -> None:
        self._chunks: deque[tuple[int, float]] = deque(maxlen=_SAMPLES)
        self._last: float | None = None
        self.fps = _FASTEST

    def made(self, frames: int, busy: float, at: float) -> None:
        """Count a chunk that took `busy` seconds and was done `at`."""
        self._chunks.append((frames, at - self._last if self._last is not None else busy))
        self._last = at
        seconds = sum(seconds for _, seconds in self._chunks)
        if seconds > 0:
            self.fps = min(_FASTEST, max(_SLOWEST, sum(frames for frames, _ in self._chunks) / seconds))

    def pause(self) -> None:
        """Do not count the time until the next chunk."""
        self._last = None


class Output(MediaStreamTrack):
    """A video track that hands out frames at their rate, each once. It belongs to the event loop."""

    kind = "video"

    def __init__(self, fps: Callable[[], float]) -> None:
        super().__init__()
        self._fps = fps
        self._queue: deque[Shot] = deque()
        self._arrived = asyncio.Event()
        self._due = -math.inf
        self._pts = 0
        self._before: float | None = None
        """The time of the last frame that had one of its own, to tell how much later the next one is."""
        self._turned = 0
        self._last_ticks = -1
        self._end: str | None = None
        self.last: av.VideoFrame | None = None
        """The frame that left last."""
        self.held = False
        """Whether the last frame is repeated instead of waiting for the next."""
        self.sent = 0
        """How many frames have left."""
        self.lost = 0
        """How many frames were thrown away because too many waited already."""
        self.on_pull: Callable[[], None] = lambda: None
        """Called when the first frame is asked for."""
        self.on_sent: Callable[[av.VideoFrame], None] = lambda frame: None
        """Called with every frame that leaves."""

    def put(self, shots: list[Shot]) -> None:
        """Queue the frames of a chunk; those that find `ROOM` (or two chunks) waiting are lost, as in Scope."""
        room = max(0, max(ROOM, 2 * len(shots)) - len(self._queue))
        self._queue.extend(shots[:room])
        self.lost += len(shots) - min(len(shots), room)
        self._arrived.set()

    def flush(self) -> None:
        """Throw away what waits."""
        self._queue.clear()

    def end(self, reason: str) -> None:
        """Send no frame ever again, whatever comes."""
        self._end = reason
        self._arrived.set()

    def stop(self) -> None:
        """End the track; a `recv` that waits raises."""
        super().stop()
        self._arrived.set()

    async def recv(self) -> av.VideoFrame:
        """Return the next frame when it is its turn."""
        self.on_pull()
        shot = await self._next()
        fps = self._fps()
        self._due = max(now(), self._due + self._apart(shot, fps))
        await asyncio.sleep(self._due - now())
        if self.readyState != "live":
            raise MediaStreamError
        frame = shot.video
        ticks = self._pts
        if shot.timed and frame.pts is not None and frame.time_base is not None:
            ticks = round(frame.pts * frame.time_base * _TICKS)
        while ticks + self._turned <= self._last_ticks:  # from the times of the input to made-up ones, or the other way
            self._turned += _TURN
        self._last_ticks = ticks + self._turned
        frame.pts, frame.time_base = self._last_ticks, Fraction(1, _TICKS)
        self._pts += round(_TICKS / fps)
        self.last = frame
        self.sent += 1
        self.on_sent(frame)
        return frame

    def _apart(self, shot: Shot, fps: float) -> float:
        """Return how long after the one before this frame leaves, in seconds."""
        before, self._before = self._before, shot.video.time if shot.timed else None
        if before is None or self._before is None:
            return 1 / fps
        apart = self._before - before
        return apart if 0 < apart < _GAP else 1 / fps

    async def _next(self) -> Shot:
        while True:
            if self.readyState != "live":
                raise MediaStreamError
            if self._end is not None:
                raise MediaStreamError(self._end)
            if self.held and self.last is not None:
                return Shot(self.last)
            if self._queue and not self.held:
                return self._queue.popleft()
            self._arrived.clear()
            await self._arrived.wait()

    def hold(self, held: bool) -> None:
        """Repeat the last frame, or go on."""
        self.held = held
        self._arrived.set()
