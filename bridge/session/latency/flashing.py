"""Measures how long a value takes from the hand to the picture: sends steps to a Scope, and looks for them in its frames.

    outcome = await Calibrator(profile.scope, begin, SessionStore(state_directory())).run(12, print)
    outcome.calibration("http://127.0.0.1:8000", "longlive").latency     # 0.83

It has a session of its own, as a show has: what is measured is the show's own way, its pacing included. The steps come at
moments that have nothing to do with the chunks, as a hand's do.
"""

import asyncio
import math
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Final

import av
import numpy as np

from bridge.clock import Clock, now
from bridge.errors import Refused, Unavailable
from bridge.frames import Fans, Frame, Latest
from bridge.parameters import Change
from bridge.profile.model import Scope
from bridge.session.contract.layout import layout
from bridge.session.latency.calibration import Calibration
from bridge.session.latency.flash import Flash, flash_for
from bridge.session.latency.step import COLUMNS, LEAST, ROWS, Thumbnail, find_step, thumbnail
from bridge.session.service import Session
from bridge.session.store import SessionStore
from bridge.status import Phase
from bridge.strip import Strip, read_frame

PATIENCE: Final = {Phase.SEARCHING: 20.0, Phase.CONNECTING: 120.0}
"""Seconds that a phase before the first frame may last; loading may take as long as it takes."""
LOOK: Final = 0.1
"""Seconds between looks at how the session stands."""
WARM: Final = 3
"""Chunks before the first step: before, nobody knows how long one takes."""
LIMIT: Final = 6
"""Chunks after which a step that was not seen is given up, and `GRACE` seconds more."""
GRACE: Final = 3.0
CALM: Final = 1.5
"""Chunks after a step in which the picture may still settle."""
ALONE: Final = LEAST + 8
"""Frames without a step that are seen before the next one, at least."""
PROBE: Final = "probe"
"""What is flashed where pictures carry the strip: a parameter that no pipeline reads, and the strip shows."""
SEED: Final = 20
_STILL_RATE: Final = 15
"""Pictures a second that Scope gets to transform, where it wants some: always the same one."""


@dataclass(frozen=True, slots=True)
class Flight:
    """The way of one step, in seconds."""

    whole: float
    """From the hand to the first frame that shows it, decoded."""
    waiting: float
    """Until a chunk began that used it."""
    generating: float
    """Until that chunk was made."""
    delivery: float
    """Until its first frame was here."""


def flight(hand: float, start: float | None, here: float, chunk: float, round_trip: float) -> Flight:
    """Return the way of a step that was sent at `hand` and seen at `here`.

    `start` is when its chunk began, if the picture says so, and None otherwise: then the chunk is taken to have been made
    half a round trip before it was here.
    """
    if start is None:
        start = here - round_trip / 2 - chunk
    start = min(max(start, hand), here)
    made = min(start + chunk, here)
    return Flight(here - hand, start - hand, made - start, here - made)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a calibration found."""

    flashed: str
    """What the steps were, for a person."""
    flights: tuple[Flight, ...]
    """Of every step that was seen."""
    flashes: int
    """Steps that were sent."""
    chunk: float
    """How long a chunk took, in seconds."""
    estimated: bool
    """Whether the pictures did not say when their chunks began."""

    def calibration(self, url: str, pipeline: str) -> Calibration:
        """Return what is to be kept. Raise `Refused` if no step was seen."""
        if not self.flights:
            raise Refused(
                f"no step was seen in the picture of {pipeline} at {url}: {self.flashes} times the bridge changed "
                f"{self.flashed}; does the profile, or another client, hold the picture?"
            )
        ways = sorted(one.whole for one in self.flights)
        return Calibration(
            url,
            pipeline,
            latency=median(ways),
            slowest=ways[min(len(ways) - 1, int(len(ways) * 0.95))],
            waiting=median(one.waiting for one in self.flights),
            generating=median(one.generating for one in self.flights),
            delivery=median(one.delivery for one in self.flights),
            estimated=self.estimated,
            chunk=self.chunk,
            flashes=self.flashes,
            seen=len(self.flights),
        )


@dataclass(slots=True)
class _Watch:
    """What the frames of a session show."""

    strips: bool = True
    """Whether to look for strips at all."""
    frames: int = 0
    readable: int = 0
    """Frames with a strip."""
    times: list[float] = field(default_factory=list)
    """When each frame since the last `forget` came."""
    pictures: list[Thumbnail] = field(default_factory=list)
    """Those frames, made small; only where there is no strip."""
    strip: Strip | None = None
    """Of the newest frame."""
    chunk: float | None = None
    """How long the newest chunk took, as the strips tell; None before that is known."""
    too_small: bool = False
    _began: tuple[int, float] | None = None
    _came: asyncio.Event = field(default_factory=asyncio.Event)

    def see(self, frame: Frame) -> None:
        """Take in a frame."""
        self.frames += 1
        self.strip = read_frame(frame.video) if self.strips else None
        self.times.append(frame.received)
        if self.strip is not None:
            self.readable += 1
            number, start = self.strip.chunk, self.strip.start_ms / 1000
            if self._began is not None and number == self._began[0] + 1:
                self.chunk = start - self._began[1]
            self._began = number, start
        else:
            width, height = frame.size
            self.too_small = width < COLUMNS or height < ROWS
            if not self.too_small:
                self.pictures.append(thumbnail(_luma(frame.video)))
        self._came.set()

    def forget(self) -> None:
        """Begin anew, with nothing before."""
        self.times.clear()
        self.pictures.clear()

    async def until(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Look at every frame until `condition` holds, `seconds` at most; return whether it does."""
        try:
            async with asyncio.timeout(seconds):
                while not condition():
                    self._came.clear()
                    await self._came.wait()
        except TimeoutError:
            return condition()
        return True


class Calibrator:
    """One calibration of one Scope."""

    def __init__(
        self, scope: Scope, begin: Mapping[str, Any], store: SessionStore, clock: Clock = now, *, strips: bool = True
    ) -> None:
        """The session begins with the values `begin`, as a show does. Without `strips` pictures are only compared, though
        they may say more: as on a server whose pictures carry none."""
        self._scope = scope
        self._clock = clock
        self._store = store
        self._flash = flash_for(scope, begin)
        self._fans = Fans()
        self._watch = _Watch(strips)
        self._fans.main.tap(self._watch.see)
        self._session = Session(scope, self._fans, store)
        first = self._flash.states[0] if self._flash is not None else {}
        self._session.begin_with({**({"prompts": first["prompts"]} if "prompts" in first else {}), **begin})
        self._stills = {source: Latest() for source in layout(scope).sources}
        self._session.uplinks = self._stills
        self._chance = random.Random(SEED)

    async def run(self, flashes: int, say: Callable[[str], None]) -> Outcome:
        """Send `flashes` steps, one after the other; `say` is told what goes on. Put back what was changed.

        Raise `Refused` if another bridge plays the server or nothing shows in this pipeline's picture, `Unavailable` if
        no frames come.
        """
        others = self._store.others_on(self._scope.url)
        if others:
            raise Refused(
                f"another bridge (process {others[0]}) plays {self._scope.url}; end it first: two sessions would drive "
                "one pipeline"
            )
        with _one_error():
            async with asyncio.TaskGroup() as tasks:
                talks = [tasks.create_task(self._session.run())]
                if self._stills:
                    talks.append(tasks.create_task(self._show_stills()))
                try:
                    await self._frames_come(say)
                    return await self._measure(flashes, say)
                finally:
                    for talk in talks:
                        talk.cancel()

    async def _frames_come(self, say: Callable[[str], None]) -> None:
        """Wait until frames come, and until it is known how long a chunk takes."""
        told, phase, since = "", None, self._clock()
        while True:
            status = self._session.status()
            if status.detail != told:
                told = status.detail
                say(told)
            if status.phase is not phase:
                phase, since = status.phase, self._clock()
            if phase is Phase.STREAMING and status.chunk_seconds is not None and self._watch.frames >= ALONE:
                break
            if self._clock() - since > PATIENCE.get(phase, math.inf):
                raise Unavailable(f"no frames from {self._scope.url}: {told}")
            await asyncio.sleep(LOOK)
        await self._watch.until(lambda: False, WARM * self._chunk)
        if self._watch.too_small:
            raise Refused(f"the picture is too small to look for a step in: it takes {COLUMNS} by {ROWS} pixels")

    @property
    def _chunk(self) -> float:
        return self._watch.chunk or self._session.status().chunk_seconds or 1.0

    async def _measure(self, flashes: int, say: Callable[[str], None]) -> Outcome:
        strips = self._watch.readable > self._watch.frames / 2
        if not strips and self._flash is None:
            raise Refused(
                f"{self._scope.pipeline} takes no parameter that shows in its picture; calibrate with a pipeline that "
                "makes pictures"
            )
        flashed = f"'{PROBE}', which its pictures tell" if strips or self._flash is None else self._flash.name
        say(f"flashing {flashed}")
        flights: list[Flight] = []
        chunks: list[float] = []
        estimated = not strips
        try:
            if self._flash is not None and not strips:
                self._session.put(self._flash.changes(0, self._clock()))
                await asyncio.sleep(LIMIT * self._chunk)
            for number in range(1, flashes + 1):
                await self._be_calm()
                chunks.append(self._chunk)
                if strips or self._flash is None:
                    found = await self._flash_number(number)
                    estimated = estimated or (found is not None and found[0] is None)
                else:
                    found = await self._flash_picture(self._flash, number % 2)
                if found is not None:
                    flights.append(found[1])
                    say(f"{number} of {flashes}: {1000 * found[1].whole:.0f} ms")
                else:
                    say(f"{number} of {flashes}: not seen")
        finally:
            await self._put_back(strips)
        return Outcome(flashed, tuple(flights), flashes, median(chunks), estimated)

    async def _be_calm(self) -> None:
        """Let the picture settle, see how it moves by itself, and come to a moment that no chunk knows of."""
        await asyncio.sleep(CALM * self._chunk)
        self._watch.forget()
        await self._watch.until(lambda: len(self._watch.times) >= ALONE, LIMIT * self._chunk + GRACE)
        await asyncio.sleep(self._chance.random() * self._chunk)

    async def _flash_number(self, number: int) -> tuple[float | None, Flight] | None:
        """Send a number, and wait until a strip tells it. Return when its chunk began, None if this machine's clock is
        another one, and its way; None if it was never seen."""
        watch, hand, chunk = self._watch, self._clock(), self._chunk
        self._session.put([Change(PROBE, number, hand)])
        if not await watch.until(lambda: watch.strip is not None and watch.strip.probe == number, self._limit):
            return None
        assert watch.strip is not None
        here, start = watch.times[-1], watch.strip.start_ms / 1000
        known = start if hand <= start <= here else None
        return known, flight(hand, known, here, chunk, self._round_trip)

    async def _flash_picture(self, flash: Flash, state: int) -> tuple[None, Flight] | None:
        """Send a step, and wait until it is found in the picture. Return its way; None if it never was."""
        watch = self._watch
        before = len(watch.pictures)
        if before < LEAST:
            return None  # frames have ceased: there is nothing to find a step in
        hand, chunk = self._clock(), self._chunk
        self._session.put(flash.changes(state, hand))
        step: int | None = None

        def stepped() -> bool:
            nonlocal step
            step = find_step(watch.pictures, before)
            return step is not None

        if not await watch.until(stepped, self._limit) or step is None:
            return None
        return None, flight(hand, None, watch.times[step], chunk, self._round_trip)

    @property
    def _limit(self) -> float:
        return LIMIT * self._chunk + GRACE

    @property
    def _round_trip(self) -> float:
        return self._session.status().round_trip or 0.0

    async def _put_back(self, strips: bool) -> None:
        """Undo what was flashed: the pipeline keeps it, whoever plays it next."""
        if strips or self._flash is None:
            self._session.put([Change(PROBE, None, self._clock())])
        else:
            self._session.put(self._flash.back(self._clock()))
        await asyncio.sleep(LIMIT / 2 * self._chunk)

    async def _show_stills(self) -> None:
        """Give Scope a picture to transform in which nothing happens."""
        planes = _still()
        for number in range(1 << 40):
            for mailbox in self._stills.values():
                mailbox.put(Frame(av.VideoFrame.from_ndarray(planes, format="yuv420p"), self._clock(), number))
            await asyncio.sleep(1 / _STILL_RATE)


@contextmanager
def _one_error() -> Iterator[None]:
    """Let what ended a task group out as itself, where it is one of ours: a person reads one sentence."""
    try:
        yield
    except BaseExceptionGroup as group:
        ours, rest = group.split((Refused, Unavailable))
        if ours is None or rest is not None:
            raise
        raise _first(ours) from None


def _first(group: BaseExceptionGroup[Any]) -> BaseException:
    error = group.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error


def _luma(video: av.VideoFrame) -> Any:
    """Return the brightness of a decoded frame, without copying it."""
    plane = video.planes[0]
    lines = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)  # padded: longer than the picture
    return lines[: video.height, : video.width]


def _still(width: int = 576, height: int = 320) -> Any:
    """Return a picture with soft light and a few edges, as YUV 4:2:0 planes one below the other."""
    y, x = np.mgrid[0:height, 0:width]
    light = 70 + 90 * x / width + 30 * np.sin(y / 40)
    light[(x - width / 2) ** 2 + (y - height / 2) ** 2 < (height / 4) ** 2] = 220
    light[height // 5 : height // 3, width // 8 : width // 4] = 30
    grey = np.full((height // 2, width), 128.0)
    return np.clip(np.concatenate([light, grey]), 16, 235).astype(np.uint8)
