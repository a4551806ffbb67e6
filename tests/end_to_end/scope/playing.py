"""How the tests of this folder meet a Scope: by the bridge's own `Session`, by a raw client, or by both side by side."""

import ast
import asyncio
import itertools
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import av
import httpx
import numpy as np
from aiortc import RTCSessionDescription

from bridge.clock import now
from bridge.frames import Fans, Frame, Latest
from bridge.ice import Addresses, offering
from bridge.parameters import DIFFUSION, Change
from bridge.profile.model import Node, Scope
from bridge.session.contract.layout import layout
from bridge.session.http.asking import Asking
from bridge.session.service import Session
from bridge.session.store import SessionStore
from bridge.strip import Strip, draw, read_frame
from tests.end_to_end.conftest import Server
from tests.end_to_end.rig import Rehearsal
from tests.rehearsal import rig

CHUNK: Final = 0.2
"""Seconds per chunk of a diffusion pipeline on the rehearsal servers here."""
FRAMES: Final = 4
"""Frames of such a chunk."""
SIZE: Final = (320, 64)
"""What pipelines are loaded with: little more than the strip needs, because large pictures keep a machine busy."""
VIZ: Final = "controller-viz"
"""The pipeline that runs without a GPU and without video."""
SIZED: Final[Mapping[str, Any]] = {"width": SIZE[0], "height": SIZE[1]}
LIMIT: Final = 20.0
"""Seconds that anything may take on a rehearsal server: many times what it takes."""
REAL_LIMIT: Final = 120.0
"""The same on a real server, which loads and compiles."""
_takes = itertools.count()
_UPDATE: Final = re.compile(r"Received parameter update: (\{.*\})")
_OFFER: Final = re.compile(r"Received initial parameters: (\{.*\})")


def own(dialect: str, *options: str, port: int = 0) -> Rehearsal:
    """Return a rehearsal server, with the times that are usual here."""
    usual = ("--dialect", dialect, "--chunk", str(CHUNK), "--frames", str(FRAMES), "--load-seconds", "0.02")
    return Rehearsal(*usual, *options, port=port)


@dataclass(frozen=True, slots=True)
class Stand(Server):
    """The server of a test."""

    version: str | None
    """None: a beta, which does not say."""

    @property
    def beta(self) -> bool:
        return self.version is None

    @property
    def limit(self) -> float:
        """Seconds that anything may take."""
        return LIMIT if self.rehearsal else REAL_LIMIT

    def fault(self, fault: str) -> None:
        """Let it fail, or heal it with `none`."""
        httpx.post(f"{self.url}/rehearsal/fault", json={"fault": fault}, timeout=5.0).raise_for_status()

    def get(self, path: str) -> Any:
        """Return what the API answers."""
        return httpx.get(f"{self.url}{path}", timeout=10.0).raise_for_status().json()

    def log(self) -> list[str]:
        """Return its log. Both dialects have it whole."""
        return httpx.get(f"{self.url}/api/v1/logs/current", timeout=10.0).raise_for_status().text.splitlines()

    def listening(self) -> "Listening":
        """Return what tells what this server hears from now on."""
        return Listening(self, self.log()[-1])


@dataclass(frozen=True, slots=True)
class Listening:
    """What a rehearsal server has written into its log since a line."""

    server: Stand
    since: str

    def lines(self) -> list[str]:
        """Return the lines."""
        log = self.server.log()
        return log[len(log) - log[::-1].index(self.since) :]

    def messages(self) -> list[dict[str, Any]]:
        """Return what came over data channels."""
        return [ast.literal_eval(found[1]) for line in self.lines() if (found := _UPDATE.search(line))]

    def offers(self) -> list[dict[str, Any]]:
        """Return the initial parameters of the offers that came."""
        return [ast.literal_eval(found[1]) for line in self.lines() if (found := _OFFER.search(line))]


class Raw(rig.Rig):
    """Raw clients of a server."""

    def __init__(self, server: Stand, http: httpx.AsyncClient, take: int = 0) -> None:
        """`take` is in every load: another one is another instance, that nobody has told anything yet."""
        super().__init__(http)
        self.server = server
        self._usual = {**SIZED, "take": take}

    async def log(self) -> str:
        """Return the log. Both dialects have it whole."""
        return (await self.http.get("/api/v1/logs/current")).text

    async def offer(self, client: rig.Client, parameters: dict[str, Any] | None) -> httpx.Response:
        """Make the offer and send it."""
        with offering(Addresses.LOOPBACK if self.server.rehearsal else Addresses.BOTH):
            await client.peer.setLocalDescription(await client.peer.createOffer())
        return await self.send_offer(client.peer.localDescription.sdp, parameters)

    async def send_offer(self, sdp: str, parameters: dict[str, Any] | None) -> httpx.Response:
        """Send an offer."""
        body = {"sdp": sdp, "type": "offer", "initialParameters": parameters}
        return await self.http.post("/api/v1/webrtc/offer", json=body)

    async def join(
        self, client: rig.Client, parameters: dict[str, Any] | None, change: Callable[[str], str] = str
    ) -> rig.Client:
        """Connect a client whose lines are made already, with its offer as `change` makes it."""
        self.clients.append(client)
        with offering(Addresses.LOOPBACK if self.server.rehearsal else Addresses.BOTH):
            await client.peer.setLocalDescription(await client.peer.createOffer())
        response = await self.send_offer(change(client.peer.localDescription.sdp), parameters)
        answer = response.raise_for_status().json()
        client.session, client.answer = answer["sessionId"], answer["sdp"]
        await client.peer.setRemoteDescription(RTCSessionDescription(answer["sdp"], answer["type"]))
        await rig.until(lambda: client.channel.readyState == "open")
        return client

    async def load(self, pipeline: str = "longlive", **params: Any) -> None:
        """Load a pipeline, in the usual size if it has one of its own, and wait for it."""
        await super().load(pipeline, **{**(self._usual if pipeline in (VIZ, "longlive") else {}), **params})

    async def load_nodes(self, *nodes: tuple[str, str], **params: Any) -> None:
        """Load pipelines by nodes, and wait for them."""
        await super().load_nodes(*nodes, **{**self._usual, **params})

    async def say(self, client: rig.Client, **message: Any) -> Strip:
        """Send a message, wait until its chunk is seen, and return that chunk's strip."""
        before = client.last.taken
        client.send(message)
        await rig.until(lambda: client.strips[-1] is not None and client.last.taken > before)
        return client.last

    async def hears(self, client: rig.Client, **looks: Any) -> Strip:
        """Wait until a client's newest strip looks so, and return it."""
        await rig.until(lambda: bool(client.strips) and client.strips[-1] is not None and _like(client.last, looks))
        return client.last


class Watched:
    """A session with the server, its frames, and a raw client's rig beside it."""

    def __init__(self, server: Stand, raw: Raw, scope: Scope, state: Path) -> None:
        self.server = server
        self.raw = raw
        self.fans = Fans()
        self.fans.main.tap(self._keep)
        self.store = SessionStore(state)
        self.session = Session(scope, self.fans, self.store)
        self.uplinks = {source: Latest() for source in layout(scope).sources}
        """Where video for the graph's sources goes in."""
        self.session.uplinks = self.uplinks
        if any(node.pipeline in DIFFUSION for node in scope.nodes):
            self.begin_with()
        self.frames: list[Frame] = []
        self.strips: list[Strip] = []
        """What could be read, and all that could be: a frame that did not survive has none."""

    def _keep(self, frame: Frame) -> None:
        self.frames.append(frame)
        if self.server.rehearsal and (strip := read_frame(frame.video)) is not None:
            self.strips.append(strip)

    @property
    def detail(self) -> str:
        return self.session.status().detail

    def begin_with(self, **values: Any) -> None:
        """Set what sessions begin with, beside a prompt."""
        self.session.begin_with({"prompts": {"prompts": prompts("reef")}, **values})

    def put(self, name: str, value: Any, node: str | None = None, **beside: Any) -> None:
        """Ask for a change now."""
        self.session.put([Change(name, value, now(), node=node, beside=beside)])

    async def until(self, seen: Callable[[], Any], what: str = "") -> None:
        """Wait until something is so."""
        try:
            async with asyncio.timeout(self.server.limit):
                while not seen():
                    await asyncio.sleep(0.01)
        except TimeoutError:
            raise AssertionError(f"not within {self.server.limit} s: {what or seen}; {self.session.status()}") from None

    async def streams(self, after: int = 1) -> None:
        """Wait for that many more frames."""
        wanted = len(self.frames) + after
        await self.until(lambda: len(self.frames) >= wanted, "frames")

    async def shows(self, **looks: Any) -> Strip:
        """Wait until a strip that comes from now on looks so, and return it."""
        begun = len(self.strips)

        def found() -> Strip | None:
            return next((one for one in self.strips[begun:] if _like(one, looks)), None)

        await self.until(found, f"a strip with {looks}; the last is {self.strips[-1:]}")
        strip = found()
        assert strip is not None
        return strip

    def picture(self) -> "np.ndarray[Any, np.dtype[np.int16]]":
        """Return the newest picture, below the strip that a rehearsal server draws."""
        return self.frames[-1].rgba()[48:, :, :3].astype(np.int16)


Scene = Callable[[Watched], Awaitable[None]]
Script = Callable[[Raw], Awaitable[None]]


@dataclass
class Play:
    """Plays scenes on a server."""

    server: Stand
    state: Path
    take: int = field(default_factory=_takes.__next__)
    asked: list[str] = field(default_factory=list)
    """`METHOD path` of every question of the sessions by HTTP."""

    def raw(self, script: Script) -> None:
        """Run what only raw clients do."""

        async def played() -> None:
            async with self._raw() as raw:
                await script(raw)

        asyncio.run(played())

    def __call__(self, scene: Scene, before: Script | None = None, **scope: Any) -> Watched:
        """Run a session, and what happens to it; then end it as the bridge does. `before` comes first.

        It is longlive in small pictures, if nobody says anything else.
        """

        async def played() -> Watched:
            async with self._raw() as raw:
                if before is not None:
                    await before(raw)
                watched = Watched(self.server, raw, self.scope(**scope), self.state)
                with self._asked():
                    async with asyncio.TaskGroup() as tasks:
                        running = tasks.create_task(watched.session.run())
                        try:
                            await scene(watched)
                        finally:
                            running.cancel()
            return watched

        return asyncio.run(played())

    def scope(self, pipeline: str = "longlive", **more: Any) -> Scope:
        """Return what to play."""
        if pipeline == VIZ and "chain" not in more:
            more = {"load": SIZED, **more}
        elif pipeline == "longlive" and "load" not in more and "chain" not in more:
            more = {"load": {**SIZED, "take": self.take}, "frames_per_chunk": FRAMES, **more}
        return Scope(self.server.url, pipeline, ice="loopback" if self.server.rehearsal else "auto", **more)

    @asynccontextmanager
    async def _raw(self) -> AsyncIterator[Raw]:
        async with httpx.AsyncClient(base_url=self.server.url, timeout=self.server.limit) as http:
            raw = Raw(self.server, http, self.take)
            try:
                yield raw
            finally:
                for client in raw.clients:
                    await client.close()

    @contextmanager
    def _asked(self) -> Iterator[None]:
        usual = Asking._ask

        async def noting(this: Asking, method: str, path: str, **more: Any) -> dict[str, Any]:
            self.asked.append(f"{method} {path}")
            return await usual(this, method, path, **more)

        Asking._ask = noting  # type: ignore[method-assign, assignment]
        try:
            yield
        finally:
            Asking._ask = usual  # type: ignore[method-assign]


class Lamp:
    """A source of video for a session: one colour, its frames numbered."""

    def __init__(self, mailbox: Latest, colour: tuple[int, int, int], fps: float = 20.0) -> None:
        self.colour = colour
        self._mailbox, self._fps = mailbox, fps
        self._pixels = np.zeros((SIZE[1], SIZE[0], 3), np.uint8)
        self.sent = 0

    async def shine(self) -> None:
        """Put frames into the mailbox until cancelled. Each says in its strip when it was made."""
        while True:
            moment = now()
            self._pixels[:] = self.colour
            draw(self._pixels, Strip(frame=self.sent, chunk=0, start_ms=moment * 1000))
            video = av.VideoFrame.from_ndarray(self._pixels, format="rgb24").reformat(format="yuv420p")
            self._mailbox.put(Frame(video, moment, self.sent))
            self.sent += 1
            await asyncio.sleep(1 / self._fps)


@asynccontextmanager
async def shining(*lamps: Lamp) -> AsyncIterator[None]:
    """Let lamps shine."""
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(lamp.shine()) for lamp in lamps]
        try:
            yield
        finally:
            for task in running:
                task.cancel()


def prompts(*texts: str) -> list[dict[str, Any]]:
    """Return prompts as Scope takes them."""
    return [{"text": text, "weight": 1.0} for text in texts]


def begin(pipeline: str = "longlive", **more: Any) -> dict[str, Any]:
    """Return initial parameters that work in either dialect: without a graph, for a line that is `sendrecv`."""
    return {"pipeline_ids": [pipeline], "prompts": prompts("reef"), **more}


def line(*nodes: tuple[str, str], source: bool = False) -> dict[str, Any]:
    """Return a graph of pipelines, each a node's id and a kind, one after the other."""
    ends = [*(["input"] if source else []), *(id for id, _ in nodes), "output"]
    return {
        "nodes": [
            *([{"id": "input", "type": "source"}] if source else []),
            *({"id": id, "type": "pipeline", "pipeline_id": kind} for id, kind in nodes),
            {"id": "output", "type": "sink"},
        ],
        "edges": [edge(one, other) for one, other in itertools.pairwise(ends)],
    }


def edge(start: str, end: str, port: str = "video") -> dict[str, Any]:
    """Return one edge of a graph."""
    return {"from": start, "from_port": "video", "to_node": end, "to_port": port}


def nodes(*pairs: tuple[str, str], **load: Any) -> tuple[Node, ...]:
    """Return nodes of a profile, in the usual size."""
    return tuple(Node(id, kind, {**SIZED, **load}) for id, kind in pairs)


def _like(strip: Strip, looks: Mapping[str, Any]) -> bool:
    for name, wanted in looks.items():
        has = getattr(strip, name)
        if isinstance(wanted, float):
            if not abs(has - wanted) < 1e-6:
                return False
        elif has != wanted:
            return False
    return True
