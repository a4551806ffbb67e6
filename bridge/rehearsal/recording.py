"""Recordings on the rehearsal server: what leaves a session, or reaches a record node of its graph, as an mp4 file.

Encoding has a thread of its own. Frames that come faster than it encodes are left out, and so is what comes faster than
30 a second, as in Scope.
"""

import asyncio
import logging
import queue
import threading
from fractions import Fraction
from pathlib import Path

import av

from bridge.clock import now
from bridge.errors import Refused

logger = logging.getLogger(__name__)

FASTEST = 30.0
"""More frames than this a second are not recorded."""
_WAITING = 60
_TICKS = 90_000


class Absent(Refused):
    """There is no such session, or nothing to be fetched."""


class Recording:
    """One file in the making. `put` and `finish` belong to the event loop."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.frames = 0
        """How many frames are in the file so far."""
        self._queue: queue.Queue[tuple[av.VideoFrame, float] | None] = queue.Queue(_WAITING)
        self._last = -1.0
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._write, name=f"recording {path.name}", daemon=True)
        self._thread.start()

    def put(self, frame: av.VideoFrame) -> None:
        """Take a frame that is shown now."""
        at = now()
        if at - self._last < 1 / FASTEST:
            return
        try:
            self._queue.put_nowait((frame, at))
            self._last = at
        except queue.Full:
            logger.debug("Record queue full, dropping frame")

    async def finish(self) -> bool:
        """Close the file, and return whether there is one: a recording without a frame leaves none."""
        await asyncio.to_thread(self._end)
        if self._failure is not None:
            logger.error("Error stopping recording: %s", self._failure)
        return self._failure is None and self.frames > 0

    def _end(self) -> None:
        self._queue.put(None)
        self._thread.join()

    def _write(self) -> None:
        first: float | None = None
        container = stream = None
        try:
            while (item := self._queue.get()) is not None:
                frame, at = item
                if self._failure is not None:
                    continue
                try:
                    if container is None or stream is None:
                        container = av.open(self.path, "w", format="mp4")
                        stream = container.add_stream("libx264", rate=30, options={"preset": "ultrafast"})
                        # The codec takes even sizes only.
                        stream.width, stream.height = frame.width + frame.width % 2, frame.height + frame.height % 2
                        stream.pix_fmt = "yuv420p"
                        stream.time_base = Fraction(1, _TICKS)
                        first = at
                    picture = frame.reformat(width=stream.width, height=stream.height, format="yuv420p")
                    if picture is frame:  # the frame is on its way to the client too, and has another time there
                        picture = av.VideoFrame.from_ndarray(frame.to_ndarray(), format="yuv420p")
                    picture.pts = round((at - (first or at)) * _TICKS)
                    picture.time_base = Fraction(1, _TICKS)
                    container.mux(stream.encode(picture))
                    self.frames += 1
                except (OSError, ValueError) as error:
                    self._failure = error
            if container is not None and stream is not None and self._failure is None:
                container.mux(stream.encode(None))
        finally:
            if container is not None:
                container.close()


class Recordings:
    """All recordings of one session: its own (None), and one for every record node. Files go when the session goes."""

    def __init__(self, directory: Path, name: str, nodes: frozenset[str]) -> None:
        self._directory, self._name, self._nodes = directory, name, nodes
        self._running: dict[str | None, Recording] = {}
        self._stopped: dict[str, Path] = {}
        self._turn = asyncio.Lock()
        self._count = 0

    def take(self, frame: av.VideoFrame, node: str | None = None) -> None:
        """Record a frame that leaves the session, or reaches a record node; nothing happens while that is not recorded."""
        recording = self._running.get(node)
        if recording is not None:
            recording.put(frame)

    async def start(self, node: str | None) -> str:
        """Return "started" or "already_recording". Raise `Refused` for a node that is no record node."""
        self._check(node)
        async with self._turn:
            if node in self._running:
                return "already_recording"
            self._begin(node)
            return "started"

    async def stop(self, node: str | None) -> str:
        """Return "stopped" or "not_recording". Raise `Refused` for a node that is no record node."""
        self._check(node)
        async with self._turn:
            recording = self._running.pop(node, None)
            if recording is None:
                return "not_recording"
            whole = await recording.finish()
            logger.info("Stopped recording, saved to %s", recording.path)
            if node is not None and whole:  # of a record node the file is kept; the session's own is gone
                self._stopped[node] = recording.path
            return "stopped"

    async def fetch(self, node: str | None) -> Path:
        """Finish the running recording, begin another one, and return the file. A record node does not begin another one.

        Raise `Refused` for a node that is no record node, `Absent` if nothing runs (after `stop` only a record node's
        recording can be had, once).
        """
        self._check(node)
        async with self._turn:
            recording = self._running.pop(node, None)
            if recording is not None:
                whole = await recording.finish()
                logger.info("Finalized recording: %s", recording.path)
                if node is None:
                    self._begin(None)
                    logger.info("Continued recording after download")
                if whole:
                    return recording.path
            stopped = self._stopped.pop(node, None) if node is not None else None
            if stopped is None:
                raise Absent("Recording file not available")
            return stopped

    async def close(self) -> None:
        """End all recordings and delete their files."""
        async with self._turn:
            for recording in self._running.values():
                await recording.finish()
            self._running.clear()
        for path in self._directory.glob(f"{self._name}-*.mp4"):
            path.unlink(missing_ok=True)

    def _begin(self, node: str | None) -> None:
        self._count += 1
        path = self._directory / f"{self._name}-{self._count}.mp4"
        self._running[node] = Recording(path)
        logger.info("Started recording to %s", path)

    def _check(self, node: str | None) -> None:
        if node is not None and node not in self._nodes:
            raise Refused(f"Node '{node}' is not a record node of this session")
