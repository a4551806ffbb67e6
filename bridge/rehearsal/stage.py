"""One session's way from parameter messages to paced frames: the worker's thread, and the track that its frames leave by.

A `Show` runs a worker in a thread of its own, busy for a fixed time per chunk, as a GPU would be. All frames of a chunk come
at once; the `Output` hands them out at the measured rate of production, each exactly once.
"""

import asyncio
import itertools
import logging
import math
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import av
import numpy as np
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av.video.reformatter import VideoReformatter

from bridge import strip
from bridge.clock import now
from bridge.rehearsal.picture import Look, Painter, controller, look
from bridge.rehearsal.pipelines import Loaded
from bridge.rehearsal.worker import IDLE, Chunk, Failed, Idle, Message, Worker
from bridge.strip import Strip

logger = logging.getLogger(__name__)

_FASTEST, _SLOWEST = 60.0, 1.0
_SAMPLES = 10
_TICKS = 90_000
_VISIBLE_MOUSE = 500.0
"""How many pixels the dot of `controller-viz` moves for a mouse movement of 1."""


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
    """The video track. It belongs to the event loop; `put` and `flush` are called there."""

    kind = "video"

    def __init__(self, fps: Callable[[], float]) -> None:
        super().__init__()
        self._fps = fps
        self._queue: deque[av.VideoFrame] = deque()
        self._arrived = asyncio.Event()
        self._due = -math.inf
        self._pts = 0
        self._last: av.VideoFrame | None = None
        self._end: str | None = None
        self.held = False
        """Whether the last frame is repeated instead of waiting for the next."""
        self.sent = 0
        """How many frames have left."""
        self.lost = 0
        """How many frames were thrown away because two chunks of them waited already."""

    def put(self, frames: list[av.VideoFrame]) -> None:
        """Queue the frames of a chunk; those that find two chunks waiting are lost, as in Scope."""
        room = 2 * len(frames) - len(self._queue)
        self._queue.extend(frames[: max(0, room)])
        self.lost += len(frames) - min(len(frames), max(0, room))
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
        while True:
            frame = await self._next()
            fps = self._fps()
            self._due = max(now(), self._due + 1 / fps)
            await asyncio.sleep(self._due - now())
            if self.readyState != "live":
                raise MediaStreamError
            frame.pts, frame.time_base = self._pts, Fraction(1, _TICKS)
            self._pts += round(_TICKS / fps)
            self._last = frame
            self.sent += 1
            return frame

    async def _next(self) -> av.VideoFrame:
        while True:
            if self.readyState != "live":
                raise MediaStreamError
            if self._end is not None:
                raise MediaStreamError(self._end)
            if self.held and self._last is not None:
                return self._last
            if self._queue and not self.held:
                return self._queue.popleft()
            self._arrived.clear()
            await self._arrived.wait()

    def hold(self, held: bool) -> None:
        """Repeat the last frame, or go on."""
        self.held = held
        self._arrived.set()


@dataclass(slots=True)
class Counters:
    """What counts over the whole life of a server, whatever its sessions do."""

    frames: "itertools.count[int]" = field(default_factory=itertools.count)
    chunks: "itertools.count[int]" = field(default_factory=itertools.count)


class Show:
    """One session's worker at work. Its methods belong to the event loop."""

    def __init__(
        self,
        loaded: Loaded,
        parameters: dict[str, Any],
        seconds: float,
        fps: float | None,
        counters: Counters,
        turn: threading.Lock,
        first_chunk: Callable[[], None],
    ) -> None:
        """`seconds` is the busy time of a chunk; `turn` guards the instance, which other sessions may drive too."""
        self.loaded = loaded
        self.worker = Worker(loaded.instance, parameters)
        self.rate = Rate()
        self._native_fps = fps
        self.output = Output(lambda: self.fps)
        self._seconds = seconds
        self._counters = counters
        self._turn = turn
        self._first_chunk = first_chunk
        self._stopped = threading.Event()
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._work, name=f"worker of {loaded.pipeline.name}", daemon=True)
        self._painter = Painter(loaded.width, loaded.height)
        self._reformatter = VideoReformatter()
        self._before: Look | None = None
        self._cursor = (0.5, 0.5)

    @property
    def fps(self) -> float:
        """At which rate frames leave."""
        return self._native_fps or self.rate.fps

    def start(self) -> None:
        """Start the worker."""
        self._thread.start()

    def stop(self) -> None:
        """Let the worker stop after the chunk that it works at. The output is left as it is."""
        self._stopped.set()

    def put(self, message: Message) -> None:
        """Give the worker a message; it is dropped when too many wait."""
        if not self.worker.put(message):
            logger.info("Parameter queue full for %s, dropping parameter update", self.loaded.pipeline.name)

    def _work(self) -> None:
        """The worker's thread."""
        failures: set[str] = set()
        last: float | None = None
        while not self._stopped.is_set():
            with self._turn:
                step = self.worker.step()
            started = now()
            match step:
                case Idle():
                    self.rate.pause()
                    self._stopped.wait(IDLE)
                case Failed(reason):
                    if reason not in failures:
                        failures.add(reason)
                        logger.error("Error processing chunk for %s: %s", self.loaded.pipeline.name, reason)
                    self._stopped.wait(IDLE)
                case Chunk():
                    if step.flush:
                        logger.info("Clearing cache for pipeline processor: %s", self.loaded.pipeline.name)
                        self._tell(self.output.flush)
                    try:
                        frames = self._frames(step, started)
                    except Exception:
                        logger.exception("Error in worker loop for %s", self.loaded.pipeline.name)
                        self._stopped.wait(IDLE)
                        continue
                    if self._stopped.wait(max(0.0, started + self._seconds - now())):
                        return
                    self.rate.made(len(frames), now() - started, now())
                    self._tell(self.output.put, frames)
                    if last is None:
                        self._tell(self._first_chunk)
                    last = started

    def _tell(self, what: Callable[..., None], *arguments: Any) -> None:
        try:
            self._loop.call_soon_threadsafe(what, *arguments)
        except RuntimeError:  # the loop is closed: nobody is left to be told
            self._stopped.set()

    def _frames(self, chunk: Chunk, started: float) -> list[av.VideoFrame]:
        number = next(self._counters.chunks)
        target = look(chunk.blend, chunk.state, chunk.loras, chunk.steps, chunk.scene)
        before, self._before = self._before or target, target
        frames = []
        for index in range(chunk.frames):
            # What changes comes fast and settles: the first frame of the chunk already goes a good part of the way.
            part = 1 - (1 - (index + 1) / chunk.frames) ** 2
            if self.loaded.pipeline.diffusion:
                pixels = self._painter.paint(before.towards(target, part), chunk.age + index)
            else:
                pixels = self._controller(chunk)
            if pixels.shape[0] >= strip.height(pixels.shape[1]):
                strip.draw(pixels, _strip(chunk, next(self._counters.frames), number, started, self.worker.paused))
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
            frames.append(self._reformatter.reformat(picture, format="yuv420p"))
        return frames

    def _controller(self, chunk: Chunk) -> Any:
        control = chunk.state.get("ctrl_input") or {"button": (), "mouse": (0.0, 0.0)}
        sizes = (self.loaded.width, self.loaded.height)
        x, y = (
            min(1.0, max(0.0, place + moved * _VISIBLE_MOUSE / size))
            for place, moved, size in zip(self._cursor, control["mouse"], sizes, strict=True)
        )
        self._cursor = (x, y)
        return controller(*sizes, control["button"], self._cursor)


def _strip(chunk: Chunk, frame: int, number: int, started: float, paused: bool) -> Strip:
    state = chunk.state
    seed = _number(state.get("base_seed"))
    return Strip(
        frame=frame,
        chunk=number,
        start_ms=started * 1000,
        probe=_number(state.get("probe")),
        taken=chunk.taken,
        dropped=chunk.dropped,
        prompt=strip.prompt_sum(text for text, _ in chunk.blend) if chunk.blend else 0,
        noise_scale=_number(state.get("noise_scale")),
        vace_context_scale=_number(state.get("vace_context_scale")),
        kv_cache_attention_bias=_number(state.get("kv_cache_attention_bias")),
        base_seed=int(seed) if math.isfinite(seed) else 0,
        steps=chunk.steps,
        loras=tuple(scale for _, scale in chunk.loras),
        manage_cache=bool(state.get("manage_cache", True)),
        noise_controller=bool(state.get("noise_controller")),
        paused=paused,
        transition=chunk.transition,
    )


def _number(value: Any) -> float:
    """Return a number for the strip; NaN for what is none."""
    try:
        return float(value) if isinstance(value, int | float) else math.nan
    except OverflowError:
        return math.inf
