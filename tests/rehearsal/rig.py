"""A rehearsal server and a client of it, both for real, in one event loop."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from fractions import Fraction
from typing import Any

import av
import httpx
import numpy as np
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError

from bridge.clock import now
from bridge.ice import Addresses, offering
from bridge.rehearsal.server import Options, serve
from bridge.strip import Strip, draw, read_frame

LIMIT = 20.0
"""How long anything may take, in seconds: many times what it takes."""


def graph(pipeline: str = "longlive") -> dict[str, Any]:
    """Return the smallest graph that works receive-only."""
    return {
        "nodes": [{"id": "pipe", "type": "pipeline", "pipeline_id": pipeline}, {"id": "output", "type": "sink"}],
        "edges": [{"from": "pipe", "from_port": "video", "to_node": "output", "to_port": "video"}],
    }


def start(pipeline: str = "longlive", **more: Any) -> dict[str, Any]:
    """Return initial parameters that work."""
    return {
        "pipeline_ids": [pipeline],
        "prompts": [{"text": "reef", "weight": 1.0}],
        "graph": graph(pipeline),
        **more,
    }


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(LIMIT):
        while not condition():
            await asyncio.sleep(0.01)


class Camera(MediaStreamTrack):
    """A client's video: a red picture whose strip counts the frames in `frame`, and has a number of its own in `probe`."""

    kind = "video"

    def __init__(self, probe: float = 0.0, fps: float = 20.0, size: tuple[int, int] = (320, 160)) -> None:
        super().__init__()
        self.sent = 0
        self._probe, self._fps = probe, fps
        self._pixels = np.zeros((size[1], size[0], 3), np.uint8)
        self._pixels[:, :, 0] = 200
        self._due = now()

    async def recv(self) -> av.VideoFrame:
        """Return the next frame when it is its turn."""
        self._due = max(now(), self._due + 1 / self._fps)
        await asyncio.sleep(self._due - now())
        if self.readyState != "live":
            raise MediaStreamError
        draw(self._pixels, Strip(frame=self.sent, chunk=0, start_ms=now() * 1000, probe=self._probe))
        frame = av.VideoFrame.from_ndarray(self._pixels, format="rgb24").reformat(format="yuv420p")
        frame.pts, frame.time_base = round(self.sent * 90_000 / self._fps), Fraction(1, 90_000)
        self.sent += 1
        return frame


class Client:
    """One WebRTC client. It keeps every strip and every message it gets."""

    def __init__(self) -> None:
        self.peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.views: list[list[Strip | None]] = []
        """Per video line, in their order, what was read of its frames."""
        self.pictures: list[Any] = []
        """The last frame of each."""
        self.messages: list[dict[str, Any]] = []
        self.session = ""
        self.answer = ""
        self._tasks: list[asyncio.Task[None]] = []
        self.channel = self.peer.createDataChannel("parameters")
        self.channel.on("message", lambda message: self.messages.append(json.loads(message)))
        self.peer.on("track", self._track)

    def _track(self, track: MediaStreamTrack) -> None:
        if track.kind == "video":
            self.views.append([])
            self.pictures.append(None)
            self._tasks.append(asyncio.get_running_loop().create_task(self._watch(track, len(self.views) - 1)))

    async def _watch(self, track: MediaStreamTrack, line: int) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                self.pictures[line] = frame = await track.recv()
                self.views[line].append(read_frame(frame))  # type: ignore[arg-type]

    @property
    def strips(self) -> list[Strip | None]:
        """What was read of the first video's frames."""
        return self.views[0] if self.views else []

    @property
    def last(self) -> Strip:
        """The newest strip."""
        strip = self.strips[-1]
        assert strip is not None
        return strip

    def send(self, message: Any) -> None:
        """Send a message: an object as JSON, a text or bytes as they are."""
        self.channel.send(message if isinstance(message, str | bytes) else json.dumps(message))

    async def frames(self, count: int) -> None:
        """Wait for that many more frames."""
        wanted = len(self.strips) + count
        await until(lambda: len(self.strips) >= wanted)

    async def quiet(self) -> None:
        """Wait until no frame has come for a second."""
        before = -1
        async with asyncio.timeout(LIMIT):
            while len(self.strips) > before:
                before = len(self.strips)
                await asyncio.sleep(1.0)

    async def close(self) -> None:
        """Hang up."""
        await self.peer.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


class Rig:
    """A running server, its HTTP side, and ways to connect to it."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http
        self.clients: list[Client] = []

    async def load(self, pipeline: str = "longlive", **params: Any) -> None:
        """Load a pipeline and wait for it."""
        await self._load({"pipeline_ids": [pipeline], "load_params": params})

    async def load_nodes(self, *nodes: tuple[str, str], **params: Any) -> None:
        """Load pipelines, each as a node's id and a kind, and wait for them."""
        body = [{"node_id": node, "pipeline_id": kind, "load_params": params} for node, kind in nodes]
        await self._load({"pipelines": body})

    async def _load(self, body: dict[str, Any]) -> None:
        await self.http.post("/api/v1/pipeline/load", json=body)
        async with asyncio.timeout(LIMIT):
            while (status := await self.get("/api/v1/pipeline/status"))["status"] == "loading":
                await asyncio.sleep(0.01)
        assert status["status"] == "loaded"

    async def get(self, path: str) -> Any:
        return (await self.http.get(path)).json()

    async def log(self) -> str:
        return "\n".join((await self.get("/api/v1/logs/tail?lines=1000"))["lines"])

    async def offer(self, client: Client, parameters: dict[str, Any] | None) -> httpx.Response:
        """Make the offer and send it."""
        with offering(Addresses.LOOPBACK):
            await client.peer.setLocalDescription(await client.peer.createOffer())
        body = {"sdp": client.peer.localDescription.sdp, "type": "offer", "initialParameters": parameters}
        return await self.http.post("/api/v1/webrtc/offer", json=body)

    async def connect(
        self,
        parameters: dict[str, Any] | None,
        video: str = "recvonly",
        audio: bool = True,
        opened: bool = True,
        sends: Sequence[MediaStreamTrack] = (),
        more: int = 0,
    ) -> Client:
        """Connect a client and wait for its data channel.

        Its video lines are those of what it `sends`, or else one in the direction `video`, and then `more` receive-only ones.
        """
        client = Client()
        self.clients.append(client)
        for track in sends:
            client.peer.addTransceiver(track, direction="sendrecv")
        if not sends:
            client.peer.addTransceiver("video", direction=video)
        for _ in range(more):
            client.peer.addTransceiver("video", direction="recvonly")
        if audio:
            client.peer.addTransceiver("audio", direction="recvonly")
        response = await self.offer(client, parameters)
        assert response.status_code == 200, response.text
        answer = response.json()
        assert set(answer) == {"sdp", "type", "sessionId"}
        client.session, client.answer = answer["sessionId"], answer["sdp"]
        await client.peer.setRemoteDescription(RTCSessionDescription(answer["sdp"], answer["type"]))
        if opened:
            await until(lambda: client.channel.readyState == "open")
        return client


def play(script: Callable[[Rig], Awaitable[None]], **options: Any) -> None:
    """Run `script` against a server of its own."""

    async def run() -> None:
        async with rig(Options(**{"port": 0, "chunk": 0.12, "frames": 3, "load_seconds": 0.02, **options})) as running:
            await script(running)

    asyncio.run(run())


@contextlib.asynccontextmanager
async def rig(options: Options) -> AsyncIterator[Rig]:
    """Yield a rig; hang up and stop the server on leaving."""
    url: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    async with asyncio.TaskGroup() as tasks:
        server = tasks.create_task(serve(options, url.set_result))
        async with asyncio.timeout(LIMIT), httpx.AsyncClient(base_url=await url, timeout=LIMIT) as http:
            running = Rig(http)
            try:
                yield running
            finally:
                for client in running.clients:
                    await client.close()
        server.cancel()
