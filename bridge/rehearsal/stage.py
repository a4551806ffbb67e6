"""One session's pipelines at work: from parameter messages and video to frames that leave.

A `Show` has a `Player` for each pipeline of its layout. A player runs a worker in a thread of its own, busy for a fixed time
per chunk, as a GPU would be. All frames of a chunk come at once; what they lead to is the input of another player, or an
`Output`, which hands them out at the measured rate of production.
"""

import asyncio
import logging
import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import av

from bridge.clock import now
from bridge.rehearsal.beat import Modulation, NoTempo, Tempo
from bridge.rehearsal.canvas import Canvas, Counters
from bridge.rehearsal.graph import Layout, Wired
from bridge.rehearsal.outlet import Feed, Output, Rate, Shot
from bridge.rehearsal.pipelines import Loaded
from bridge.rehearsal.worker import IDLE, Chunk, Failed, Idle, Message, Starved, Worker

logger = logging.getLogger(__name__)

_LIGHT = 1 / 30
"""How long a pipeline that is no diffusion is busy with a chunk at most, in seconds."""
_END = 5.0
"""How long a worker may take to end, in seconds: more than any picture takes."""
_OUT_OF_MEMORY = "CUDA out of memory. Tried to allocate 20.00 MiB. GPU 0 has a total capacity of 23.99 GiB of which 9.00 MiB is free."


@dataclass(slots=True)
class Timing:
    """How long the workers are busy. All of it may be changed while they run: it counts from the next chunk on."""

    seconds_per_frame: float = 0.0625
    """How long a diffusion pipeline is busy with one frame of a chunk; others are as fast, or faster."""
    jitter: float = 0.0
    """By which part of it a chunk may take longer or shorter, 0 to 1. Which one does is always the same."""
    first_chunk: float | None = None
    """How long the first chunk of a diffusion pipeline after its load takes, in seconds; None: as long as any."""
    fps: float | None = None
    """The rate at which frames that a pipeline generates leave; None: the measured rate of production."""

    def busy(self, chunk: Chunk, diffusion: bool) -> float:
        """Return how long a chunk takes, in seconds."""
        if diffusion and chunk.number == 0 and self.first_chunk is not None:
            return self.first_chunk
        seconds = self.seconds_per_frame * chunk.frames
        if not diffusion:
            seconds = min(seconds, _LIGHT)
        return seconds * (1 + self.jitter * random.Random(chunk.number).uniform(-1, 1))


@dataclass(slots=True)
class Stage:
    """What all sessions of a server share."""

    timing: Timing
    begun: Callable[[], None]
    """Called in the event loop after the first chunk of every pipeline of every session."""
    tempo: Tempo = field(default_factory=NoTempo)
    counters: Counters = field(default_factory=Counters)
    turn: threading.Lock = field(default_factory=threading.Lock)
    """Guards the instances, which several sessions may drive."""


class _End(Protocol):
    """Where frames go."""

    def put(self, shots: list[Shot]) -> None: ...

    def flush(self) -> None: ...


class _Leaving:
    """An output, from a worker's thread."""

    def __init__(self, output: Output, tell: Callable[..., None]) -> None:
        self._output, self._tell = output, tell

    def put(self, shots: list[Shot]) -> None:
        self._tell(self._output.put, shots)

    def flush(self) -> None:
        self._tell(self._output.flush)


class Player:
    """One pipeline at work in one session."""

    def __init__(self, wired: Wired, loaded: Loaded, parameters: dict[str, Any], stage: Stage) -> None:
        self.id = wired.id
        self.synchronised = wired.synchronised
        self.rate = Rate()
        self.feeds = {port: Feed(loaded.takes) for port in wired.inputs}
        self.ends: list[_End] = []
        listens = "video" in loaded.pipeline.modes
        self.worker = Worker(
            loaded.instance,
            parameters,
            takes=loaded.takes if listens else 0,
            generates=loaded.pipeline.generates,
        )
        self.stuck = threading.Event()
        """Set: it hangs, for good and without a word."""
        self.exhausted = threading.Event()
        """Set: the GPU has no memory left for its next chunk."""
        self._loaded, self._stage = loaded, stage
        self._stopped = threading.Event()
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._run, name=f"worker of {wired.id}", daemon=True)
        self._over = asyncio.Event()
        self._begun = False
        self._made = False
        self._canvas = Canvas(loaded, wired.place, stage.counters)

    @property
    def name(self) -> str:
        """The pipeline, as the log calls it."""
        return self._loaded.pipeline.name

    @property
    def fps(self) -> float:
        """At which rate its frames leave."""
        fixed = self._stage.timing.fps if self._loaded.pipeline.generates else None
        return fixed or self.rate.fps

    def put(self, message: Message) -> None:
        """Give the worker a message; it is dropped when too many wait."""
        if not self.worker.put(message):
            logger.info("Parameter queue full for %s, dropping parameter update", self.name)

    def start(self) -> None:
        """Start the worker."""
        if not self._begun:
            self._begun = True
            self._thread.start()
            logger.info("PipelineProcessor started for pipeline: %s", self.name)

    def stop(self) -> None:
        """Let the worker stop after the picture that it works at."""
        self._stopped.set()

    async def ended(self) -> None:
        """Wait until the worker has stopped."""
        if not self._begun:
            return
        try:
            async with asyncio.timeout(_END):
                await self._over.wait()
        except TimeoutError:
            logger.error("The worker of %s does not stop", self.name)
        else:
            self._thread.join()
            logger.info("PipelineProcessor stopped for pipeline: %s", self.name)

    def tell(self, what: Callable[..., None], *arguments: Any) -> None:
        """Have something done in the event loop."""
        try:
            self._loop.call_soon_threadsafe(what, *arguments)
        except RuntimeError:  # the loop is closed: nobody is left to be told
            self._stopped.set()

    def _run(self) -> None:
        logger.info("Worker thread started for pipeline: %s", self.name)
        try:
            self._work()
        finally:
            self.tell(self._over.set)

    def _work(self) -> None:
        """The worker's thread."""
        failures: set[str] = set()
        while not self._stopped.is_set():
            if self.stuck.is_set():
                self._stopped.wait()
                return
            if self.exhausted.is_set():
                logger.error("Non-recoverable error in worker loop for %s: %s, stopping", self.name, _OUT_OF_MEMORY)
                break
            waiting = min(map(len, self.feeds.values()), default=0)
            tempo = self._stage.tempo
            with self._stage.turn:
                beat = tempo.beat() if self.synchronised else None
                step = self.worker.step(waiting, beat, tempo.beats_per_bar)
            started = now()
            if not isinstance(step, Idle) and step.flush:
                logger.info("Clearing cache for pipeline processor: %s", self.name)
                for end in self.ends:
                    end.flush()
            match step:
                case Idle():
                    self.rate.pause()
                    self._stopped.wait(IDLE)
                case Starved():
                    self._stopped.wait(IDLE)
                case Failed(reason):
                    if reason not in failures:  # Scope says it again with every chunk, until nobody can read its log
                        failures.add(reason)
                        logger.error("Error processing chunk for %s: %s", self.name, reason)
                    self._stopped.wait(IDLE)
                case Chunk():
                    failures.clear()
                    self._play(step, started)
        logger.info("Worker thread stopped for pipeline: %s", self.name)

    def _play(self, chunk: Chunk, started: float) -> None:
        """Make a chunk's frames, and give them away when its time is over."""
        busy = self._stage.timing.busy(chunk, self._loaded.pipeline.diffusion)
        video = {}
        if self.worker.listens:
            video = {port: feed.take(self.worker.takes) for port, feed in self.feeds.items()}
        try:
            shots = self._canvas.shots(chunk, video, started, self.worker.paused)
        except Exception:
            logger.exception("Error processing chunk for %s", self.name)
            self._stopped.wait(IDLE)
            return
        if self._stopped.wait(max(0.0, started + busy - now())) or self.stuck.is_set():
            return
        self.rate.made(len(shots), now() - started, now())
        for place, end in enumerate(self.ends):
            end.put(shots if place == 0 else [shot.copy() for shot in shots])
        if not self._made:
            self._made = True
            self.tell(self._stage.begun)


class Show:
    """All pipelines of one session at work. Its methods belong to the event loop."""

    def __init__(
        self, layout: Layout, loaded: Mapping[str, Loaded], parameters: Mapping[str, Any], stage: Stage
    ) -> None:
        """`loaded` is what each pipeline of the layout, by its id, runs on."""
        self.layout = layout
        first = dict(parameters)
        if not layout.sourced:
            first["input_mode"] = "text"
        self.players = {wired.id: Player(wired, loaded[wired.id], dict(first), stage) for wired in layout.pipelines}
        self.outputs = {name: self._output(origin) for name, origin in layout.sinks.items()}
        """What is sent back, by the sink's name, in the order of the answer's videos."""
        self.records = {name: self._output(origin) for name, origin in layout.records.items()}
        """What reaches each record node."""
        self.main = next(iter(self.outputs.values()), None) or Output(lambda: 60.0)
        """The first output; one that never sends anything if there is none."""
        self.frames_in = 0
        """How many frames of video have come from the client."""
        self._feeds: dict[str, list[Feed]] = {name: [] for name in layout.sources}
        for wired in layout.pipelines:
            for port, origin in wired.inputs.items():
                feed = self.players[wired.id].feeds[port]
                if origin in self.players:
                    self.players[origin].ends.append(feed)
                elif origin in self._feeds:
                    self._feeds[origin].append(feed)

    def _output(self, origin: str) -> Output:
        player = self.players[origin]
        output = Output(lambda: player.fps)
        player.ends.append(_Leaving(output, player.tell))
        return output

    @property
    def fps(self) -> float:
        """The rate at which the first output's frames leave."""
        return next((self.players[origin].fps for origin in self.layout.sinks.values()), 0.0)

    def take(self, source: str, video: av.VideoFrame) -> None:
        """Take a frame of a client's video."""
        self.frames_in += 1
        for feed in self._feeds[source]:
            feed.put([Shot(video, timed=True)])

    def put(self, message: Message, node: str | None = None) -> None:
        """Give a message to one pipeline, or to all. Raise `KeyError` if there is no such pipeline."""
        for player in self.players.values() if node is None else [self.players[node]]:
            player.put(dict(message))

    def modulate(self, modulations: Mapping[str, Modulation]) -> None:
        """Move these parameters with the beat from now on, and no others."""
        for player in self.players.values():
            player.worker.modulations = modulations

    def reset_on(self, rate: str) -> None:
        """Cut with the beat from now on."""
        for player in self.players.values():
            player.worker.reset_on(rate)

    def start(self) -> None:
        """Start all workers."""
        for player in self.players.values():
            player.start()

    def freeze(self) -> None:
        """Let all workers hang for good."""
        for player in self.players.values():
            player.stuck.set()

    def exhaust(self) -> None:
        """Let the GPU's memory run out: every worker ends with its next chunk."""
        for player in self.players.values():
            player.exhausted.set()

    def stop(self) -> None:
        """Let all workers stop. The outputs are left as they are."""
        for player in self.players.values():
            player.stop()

    async def ended(self) -> None:
        """Wait until all workers have stopped."""
        for player in self.players.values():
            await player.ended()
