"""A connection for real: two aiortc peers on this machine, the far one as Scope answers."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from fractions import Fraction
from typing import Any, cast

import av
import numpy as np
import pytest
from aiortc import MediaStreamTrack, RTCConfiguration, RTCDataChannel, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError

from bridge.errors import Refused
from bridge.ice import Addresses, offering
from bridge.session import webrtc
from bridge.session.webrtc import BUFFER_LIMIT, Connection, _ice_server


class Grey(MediaStreamTrack):
    """Video of one brightness."""

    kind = "video"

    def __init__(self, level: int) -> None:
        super().__init__()
        planes = np.full((64 * 3 // 2, 64), 128, np.uint8)
        planes[:64] = level
        self._picture = av.VideoFrame.from_ndarray(planes, format="yuv420p")
        self._pts = 0

    async def recv(self) -> av.VideoFrame:
        await asyncio.sleep(0.03)
        if self.readyState != "live":
            raise MediaStreamError
        self._picture.pts, self._picture.time_base = self._pts, Fraction(1, 90_000)
        self._pts += 2700
        return self._picture


def level(video: av.VideoFrame) -> int:
    """Return how bright a picture is, to the next ten."""
    plane = video.planes[0]
    luma = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[: video.height, : video.width]
    return 10 * round(float(luma.mean()) / 10)


class Far:
    """As Scope answers: the first sink on the first video line, the further ones on those that only receive."""

    def __init__(self, *sinks: int) -> None:
        """`sinks` are how bright the video of each is."""
        self.offers: list[str] = []
        self.initial: list[Mapping[str, Any]] = []
        self.heard: list[str] = []
        self.levels: list[set[int]] = []
        """How bright the video of each source was, in the order of their lines."""
        self.channel: RTCDataChannel | None = None
        self.peer: RTCPeerConnection | None = None
        self._sinks = sinks

    async def offer(self, sdp: str, initial: Mapping[str, Any]) -> tuple[str, str]:
        self.offers.append(sdp)
        self.initial.append(initial)
        peer = self.peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        peer.on("track", self._take)
        peer.on("datachannel", self._open)
        peer.addTrack(Grey(self._sinks[0]))
        with offering(Addresses.LOOPBACK):
            await peer.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
            video = [one for one in peer.getTransceivers() if one.kind == "video"]
            further = [one for one in video[1:] if one._offerDirection == "sendonly"]
            for grey, line in zip(self._sinks[1:], further, strict=False):
                line.sender.replaceTrack(Grey(grey))
                line.direction = "sendonly"
            await peer.setLocalDescription(await peer.createAnswer())
        return peer.localDescription.sdp, "s1"

    def _take(self, track: MediaStreamTrack) -> None:
        if track.kind == "video":
            self.levels.append(set())
            self._tasks.create_task(self._watch(track, self.levels[-1]))

    async def _watch(self, track: MediaStreamTrack, levels: set[int]) -> None:
        try:
            while True:
                levels.add(level(cast(av.VideoFrame, await track.recv())))
        except MediaStreamError:
            pass

    def _open(self, channel: RTCDataChannel) -> None:
        self.channel = channel
        channel.on("message", self.heard.append)

    async def __aenter__(self) -> "Far":
        self._tasks = await asyncio.TaskGroup().__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.peer is not None:
            await self.peer.close()
        await self._tasks.__aexit__(None, None, None)


class Heard:
    """What a connection says of itself."""

    def __init__(self) -> None:
        self.session = ""
        self.open = False
        self.levels: dict[int, set[int]] = {}
        self.texts: list[str | bytes] = []

    def answered(self, session: str) -> None:
        self.session = session

    def opened(self) -> None:
        self.open = True

    def framed(self, video: av.VideoFrame, place: int) -> None:
        self.levels.setdefault(place, set()).add(level(video))

    def said(self, text: str | bytes) -> None:
        self.texts.append(text)


async def until(seen: Callable[[], object], limit: float = 20.0) -> None:
    async with asyncio.timeout(limit):
        while not seen():
            await asyncio.sleep(0.01)


Scene = Callable[[Connection, Heard], Awaitable[bool | None]]
"""What happens while a connection stands; true if it ends by itself."""


def play(far: Far, scene: Scene, *tracks: MediaStreamTrack, sinks: int = 1, keep_alive: bool = False) -> str:
    """Connect, do what `scene` does, and return why the connection ended, if it did by itself."""

    async def played() -> str:
        heard, ended = Heard(), ""
        connection = Connection(far.offer, Addresses.LOOPBACK, [], tracks, sinks, keep_alive)

        async def run() -> None:
            nonlocal ended
            ended = await connection.run(lambda: {"pipeline_ids": ["longlive"]}, heard)

        async with far, asyncio.TaskGroup() as tasks:
            running = tasks.create_task(run())
            if not await scene(connection, heard):
                running.cancel()
        return ended

    return asyncio.run(played())


def lines(sdp: str) -> list[str]:
    """Return the kind and direction of each line of an offer."""
    found = []
    for section in sdp.split("m=")[1:]:
        directions = [line[2:] for line in section.splitlines() if line[2:] in ("sendrecv", "sendonly", "recvonly")]
        found.append(" ".join([section.split(" ", 1)[0], *directions]))
    return found


def test_without_video_to_send_an_offer_only_receives_and_has_room_for_sound() -> None:
    far = Far(50)

    async def scene(connection: Connection, heard: Heard) -> None:
        await until(lambda: heard.levels and heard.open)
        assert heard.session == "s1"
        assert heard.levels == {0: {50}}

    play(far, scene)

    assert lines(far.offers[0]) == ["video recvonly", "audio recvonly", "application"]
    assert far.initial == [{"pipeline_ids": ["longlive"]}]


def test_where_a_server_sends_nothing_to_who_only_receives_the_offer_says_that_it_sends() -> None:
    far = Far(50)

    async def scene(connection: Connection, heard: Heard) -> None:
        await until(lambda: heard.levels)

    play(far, scene, keep_alive=True)

    assert lines(far.offers[0]) == ["video sendrecv", "audio recvonly", "application"]


def test_two_sources_and_two_sinks_go_each_its_own_way() -> None:
    far = Far(50, 200)

    async def scene(connection: Connection, heard: Heard) -> None:
        await until(lambda: len(heard.levels) == 2 and len(far.levels) == 2 and all(far.levels))
        assert heard.levels == {0: {50}, 1: {200}}

    play(far, scene, Grey(90), Grey(150), sinks=2)

    expected = ["video sendrecv", "video sendonly", "video recvonly", "audio recvonly", "application"]
    assert lines(far.offers[0]) == expected
    assert far.levels == [{90}, {150}]


def test_one_source_and_three_sinks_go_each_its_own_way() -> None:
    far = Far(50, 100, 200)

    async def scene(connection: Connection, heard: Heard) -> None:
        await until(lambda: len(heard.levels) == 3 and all(far.levels))
        assert heard.levels == {0: {50}, 1: {100}, 2: {200}}

    play(far, scene, Grey(150), sinks=3)

    assert far.levels == [{150}]


def test_a_sink_that_the_server_does_not_send_is_said_and_the_others_come(caplog: pytest.LogCaptureFixture) -> None:
    far = Far(50)

    async def scene(connection: Connection, heard: Heard) -> None:
        await until(lambda: heard.levels)
        assert heard.levels == {0: {50}}

    play(far, scene, sinks=2)

    assert "Scope sends no video of sink 2 of its graph" in caplog.text


def test_messages_go_both_ways() -> None:
    far = Far(50)

    async def scene(connection: Connection, heard: Heard) -> None:
        await until(lambda: connection.ready)
        connection.send('{"noise_scale": 0.5}')
        await until(lambda: far.heard == ['{"noise_scale": 0.5}'])
        assert far.channel is not None
        far.channel.send('{"type": "stream_stopped"}')
        await until(lambda: heard.texts == ['{"type": "stream_stopped"}'])

    play(far, scene)


def test_while_the_channel_holds_what_was_sent_before_it_is_not_ready() -> None:
    async def scene(connection: Connection, heard: Heard) -> None:
        await until(lambda: connection.ready)
        connection.send("x" * (BUFFER_LIMIT + 100_000))
        assert not connection.ready
        await until(lambda: connection.ready)

    play(Far(50), scene)


def test_how_much_arrives_and_how_long_it_takes_is_known_after_a_while() -> None:
    async def scene(connection: Connection, heard: Heard) -> None:
        assert connection.bandwidth is None
        assert connection.round_trip is None
        await until(lambda: connection.ready)
        connection.send("{}")
        await until(lambda: connection.bandwidth and connection.round_trip is not None)
        assert connection.bandwidth is not None
        assert connection.round_trip is not None
        assert 1_000 < connection.bandwidth < 20_000_000
        assert 0 < connection.round_trip < 1

    play(Far(50), scene)


def test_a_far_side_that_hangs_up_ends_the_connection_and_the_tracks_that_were_sent() -> None:
    far, track = Far(50), Grey(90)

    async def scene(connection: Connection, heard: Heard) -> bool:
        await until(lambda: heard.levels and far.levels and far.levels[0])
        assert far.peer is not None
        await far.peer.close()
        await until(lambda: track.readyState == "ended")
        assert not connection.ready
        return True

    assert play(far, scene, track) in (
        "Scope closed the session",
        "Scope ended the video",
        "the connection was closed",
    )


@pytest.mark.parametrize("when", ["offered", "answered"])
def test_ended_at_any_moment_of_its_beginning_it_leaves_no_socket_open(
    monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    sockets: list[asyncio.BaseTransport] = []
    usual = asyncio.BaseEventLoop.create_datagram_endpoint

    async def noting(*given: Any, **more: Any) -> Any:
        made = await usual(*given, **more)
        sockets.append(made[0])
        return made

    monkeypatch.setattr(asyncio.BaseEventLoop, "create_datagram_endpoint", noting)
    monkeypatch.setattr("bridge.ice._addresses", lambda *_, **__: ["127.0.0.1", "127.0.0.2"])

    async def ended_after(turns: int) -> None:
        far, begun = Far(50), asyncio.Event()
        connection = Connection(far.offer, Addresses.LOOPBACK, [])
        monkeypatch.setattr(Heard, "answered", lambda *_: begun.set())
        async with far, asyncio.TaskGroup() as tasks:
            running = tasks.create_task(connection.run(dict, Heard()))
            if when == "answered":
                await begun.wait()
            for _ in range(turns):
                await asyncio.sleep(0)
            running.cancel()
        assert all(one.is_closing() for one in sockets), f"{turns} turns after it was {when}"

    for turns in range(20):
        asyncio.run(ended_after(turns))
    assert sockets


def test_it_ends_also_when_aiortc_began_to_close_by_itself_and_never_comes_to_an_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(webrtc, "CLOSING", 0.1)

    class Stuck(RTCPeerConnection):
        async def close(self) -> None:
            await super().close()
            await asyncio.get_running_loop().create_future()

    monkeypatch.setattr(webrtc, "RTCPeerConnection", Stuck)

    async def scene(connection: Connection, heard: Heard) -> None:
        await until(lambda: heard.levels)

    play(Far(50), scene)  # which waits until it has ended


def test_an_answer_that_is_none_is_refused() -> None:
    class Broken(Far):
        async def offer(self, sdp: str, initial: Mapping[str, Any]) -> tuple[str, str]:
            return "v=0\r\nnonsense", "s1"

    async def scene(connection: Connection, heard: Heard) -> None:
        await asyncio.Event().wait()

    with pytest.RaisesGroup(Refused):
        play(Broken(50), scene)


def test_what_a_relay_asks_for_is_in_no_log_and_nonsense_in_it_is_dropped(caplog: pytest.LogCaptureFixture) -> None:
    assert _ice_server({"urls": ["smtp:mail"], "username": "vj", "credential": "secret"}) is None
    assert "smtp:mail" in caplog.text
    assert "secret" not in caplog.text

    found = _ice_server({"urls": "turn:relay.example.org:3478", "username": ["vj"], "credential": 7})
    assert found is not None
    assert (found.username, found.credential) == (None, None)
