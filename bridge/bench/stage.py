"""Where freshness is measured: one rehearsal server, one client at a time, and a hand that plays both alike."""

import asyncio
import itertools
import json
import math
import random
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

import httpx

from bridge import mapping
from bridge.bench.rival import Rival
from bridge.bench.trace import RATE, Trace
from bridge.clock import now
from bridge.errors import Unavailable
from bridge.frames import Fans, Frame
from bridge.parameters import unknown
from bridge.profile.model import ParameterTarget, Profile, Route, Scope
from bridge.rehearsal.performer import hand
from bridge.session.service import Session
from bridge.session.store import SessionStore
from bridge.signals import Batch
from bridge.strip import Strip, read_frame

PIPELINE: Final = "longlive"
FRAMES: Final = 12
"""What it makes in a chunk."""
LOAD: Final = {"width": 320, "height": 192}
"""A small picture: how fresh it is does not depend on its size, and the machine is for measuring."""
PARAMETER: Final = "probe"
"""What the hand moves: an ordinary parameter to client and server, and one that the strip shows."""
READY: Final = 30.0
"""Seconds until the first pictures."""
WARM: Final = 3
"""Chunks before the hand begins: until then no client can know how long one takes."""
_SIGNAL: Final = "hand/place"
_FIRST: Final = itertools.count(1_000_000, 1_000_000)
"""Where each hand's places begin, so that none is taken for another one's."""


class Server:
    """A rehearsal server in a process of its own."""

    def __init__(self, url: str) -> None:
        self.url = url

    async def set_chunk(self, seconds: float, jitter: float = 0.0) -> None:
        """Have a chunk take `seconds` from the next one on, give or take the part `jitter` of it."""
        async with httpx.AsyncClient(base_url=self.url, timeout=10.0, trust_env=False) as http:
            answer = await http.post("/rehearsal/chunk", json={"seconds": seconds, "jitter": jitter})
            answer.raise_for_status()


@contextmanager
def server() -> Iterator[Server]:
    """Start a rehearsal server, and end it on leaving. Raise `Unavailable` if it does not start."""
    words = ["rehearse", "--port", "0", "--json", "--with-parent", "--load-seconds", "0.1", "--frames", str(FRAMES)]
    with subprocess.Popen(
        [sys.executable, "-m", "bridge", *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            if not line:
                raise Unavailable("the rehearsal server did not start; its own message is above")
            yield Server(json.loads(line)["url"])
        finally:
            process.terminate()


class Client(Protocol):
    """What talks to the server for a hand."""

    def hear(self, place: int, at: float) -> None:
        """Take the place to which the hand came at the time `at`."""

    async def run(self, seen: Callable[[Strip], None]) -> None:
        """Talk, and tell what every picture says, until cancelled."""


class Bridge:
    """The bridge: its real session, with a mapping between the hand's signal and it, as a show has it."""

    def __init__(self, url: str, frames_per_chunk: int | None = None) -> None:
        """`frames_per_chunk` is what the bridge is told, where that is not the truth."""
        self._scope = Scope(url, PIPELINE, LOAD, ice="loopback", frames_per_chunk=frames_per_chunk)
        route = Route(_SIGNAL, ParameterTarget(unknown(PARAMETER)), f"param/{PARAMETER}")
        self._mapping = mapping.compile(Profile("bench.yaml", self._scope, routes=(route,)))
        self._session: Session | None = None

    def hear(self, place: int, at: float) -> None:
        """Take the place to which the hand has come: a signal, as any input's."""
        self._mapping.feed(Batch(at, [(_SIGNAL, (place,))]))
        if self._mapping.waiting and self._session is not None:
            self._session.stir()

    async def run(self, seen: Callable[[Strip], None]) -> None:
        """Talk, and tell what every picture says, until cancelled."""

        def look(frame: Frame) -> None:
            if (strip := read_frame(frame.video)) is not None:
                seen(strip)

        fans = Fans()
        fans.main.tap(look)
        with tempfile.TemporaryDirectory(prefix="scope-bridge-") as folder:
            self._session = Session(self._scope, fans, SessionStore(Path(folder)))
            self._session.begin_with(
                {**self._mapping.initial(), "prompts": {"prompts": [{"text": "reef", "weight": 1.0}]}}
            )
            self._session.source = self._mapping
            await self._session.run()


def rival(url: str) -> Rival:
    """Return the client that sends every move at once, for the same show."""
    return Rival(url, PIPELINE, LOAD, PARAMETER)


@dataclass(slots=True)
class Hand:
    """A hand that plays a client, and what came of it."""

    client: Client
    trace: Trace
    _shown: asyncio.Event = field(default_factory=asyncio.Event)

    def seen(self, strip: Strip) -> None:
        """Take in what a picture says."""
        self.trace.show(strip)
        self._shown.set()

    async def until(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Look at every picture until `condition` holds, `seconds` at most; return whether it does."""
        give_up = now() + seconds
        while not condition():
            self._shown.clear()
            try:
                async with asyncio.timeout(give_up - now()):
                    await self._shown.wait()
            except TimeoutError:
                return condition()
        return True

    async def play(self, moves: Iterator[bool], seconds: float) -> None:
        """Move as `moves` says, a look for each, for `seconds`."""
        begun = now()
        tick = 0
        while (due := tick / RATE) < seconds:
            await asyncio.sleep(begun + due - now())
            moved, at = next(moves), now()
            place = self.trace.look(moved, at)
            if moved:
                self.client.hear(place, at)
            tick = max(tick + 1, math.floor((now() - begun) * RATE))  # what a stall swallowed is not made up for


@asynccontextmanager
async def on_stage(client: Client) -> AsyncIterator[Hand]:
    """Connect a client, yield the hand that plays it once pictures come, and hang up on leaving.

    Raise `Unavailable` if no picture comes.
    """
    hand = Hand(client, Trace(next(_FIRST)))
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(client.run(hand.seen))
        if not await hand.until(lambda: len(hand.trace.chunks) >= WARM, READY):
            raise Unavailable(f"no picture of the rehearsal server within {READY:.0f} s")
        yield hand
        running.cancel()


def reaches(seed: int) -> Iterator[bool]:
    """Yield for each look whether the hand has moved: reaches of up to a second and a half, and rests, as hands do."""
    places = hand(0.0, 1.0, random.Random(seed))
    before = next(places)
    yield True
    for place in places:
        yield place != before
        before = place


def restless() -> Iterator[bool]:
    """Yield for each look whether a signal that never rests has moved: always."""
    return itertools.repeat(True)
