"""A bad network must hold packets back, lose them or let none pass, in both directions, and leave nothing behind."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from aioice.ice import StunProtocol

from bridge.clock import now
from bridge.rehearsal.network import Line, Network
from tests.rehearsal.rig import LIMIT, Rig, play, start, until


class Socket:
    """A transport that keeps what is sent."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.closing = False

    def sendto(self, data: bytes, address: Any = None) -> None:
        assert not self.closing
        self.sent.append(data)

    def is_closing(self) -> bool:
        return self.closing


class Receiver(StunProtocol):
    """A protocol that keeps what arrives."""

    def __init__(self, socket: Socket) -> None:
        super().__init__(SimpleNamespace())  # type: ignore[arg-type]
        self.transport = socket  # type: ignore[assignment]
        self.arrived: list[bytes | str] = []

    def datagram_received(self, data: bytes | str, addr: tuple[Any, ...]) -> None:
        self.arrived.append(data)


def laid(network: Network) -> tuple[Line, Receiver, Socket]:
    """Return a line that one protocol is on."""
    socket = Socket()
    receiver = Receiver(socket)
    connection = SimpleNamespace(_protocols=[receiver])
    transport = SimpleNamespace(transport=SimpleNamespace(_connection=connection))
    transceiver = SimpleNamespace(receiver=SimpleNamespace(transport=transport))
    # The data channel's transport is the same one, as in a bundle: its packets must not be held back twice.
    peer = SimpleNamespace(getTransceivers=lambda: [transceiver], sctp=SimpleNamespace(transport=transport))
    line = Line(network)
    line.lay(peer)  # type: ignore[arg-type]
    return line, receiver, socket


def exchange(receiver: Receiver, count: int = 1) -> None:
    """Let packets come and go."""
    for number in range(count):
        receiver.datagram_received(bytes([number % 256]), ("127.0.0.1", 9))
        receiver.transport.sendto(bytes([number % 256]), ("127.0.0.1", 9))


class TestLine:
    def test_a_good_network_lets_everything_pass_at_once(self) -> None:
        async def script() -> None:
            _, receiver, socket = laid(Network())
            exchange(receiver)

            assert (receiver.arrived, socket.sent) == ([b"\0"], [b"\0"])

        asyncio.run(script())

    def test_lag_holds_back_both_ways_and_can_be_changed(self) -> None:
        async def script() -> None:
            network = Network(lag=0.05)
            _, receiver, socket = laid(network)
            begun = now()
            exchange(receiver)
            assert not receiver.arrived
            assert not socket.sent
            await until(lambda: bool(receiver.arrived and socket.sent))
            assert now() - begun >= 0.045
            network.lag = 0.0
            await asyncio.sleep(0)
            exchange(receiver)
            assert len(receiver.arrived) == len(socket.sent) == 2

        asyncio.run(script())

    def test_no_packet_overtakes_another_when_the_lag_ends(self) -> None:
        async def script() -> None:
            network = Network(lag=0.05)
            _, receiver, socket = laid(network)
            exchange(receiver, 5)
            network.lag = 0.0
            receiver.datagram_received(b"last", ("127.0.0.1", 9))
            receiver.transport.sendto(b"last", ("127.0.0.1", 9))
            await until(lambda: b"last" in receiver.arrived and b"last" in socket.sent)

            assert receiver.arrived == socket.sent == [b"\0", b"\1", b"\2", b"\3", b"\4", b"last"]

        asyncio.run(script())

    def test_loss_takes_its_part_and_always_the_same_one(self) -> None:
        async def script() -> None:
            results = []
            for _ in range(2):
                _, receiver, socket = laid(Network(loss=0.25))
                exchange(receiver, 1000)
                results.append((receiver.arrived, socket.sent))

            assert results[0] == results[1]
            for passed in results[0]:
                assert 680 < len(passed) < 820

        asyncio.run(script())

    @pytest.mark.parametrize("close", [False, True])
    def test_a_cut_lets_nothing_pass_not_even_what_is_on_its_way(self, close: bool) -> None:
        async def script() -> None:
            line, receiver, socket = laid(Network(lag=0.02))
            exchange(receiver)
            if close:
                line.close()
            else:
                line.cut = True
            exchange(receiver)
            await asyncio.sleep(0.1)
            assert (receiver.arrived, socket.sent) == ([], [])

        asyncio.run(script())

    def test_a_late_packet_may_find_its_socket_closed(self) -> None:
        async def script() -> None:
            _, receiver, socket = laid(Network(lag=0.01))
            receiver.transport.sendto(b"late", None)
            socket.closing = True
            await asyncio.sleep(0.05)
            assert socket.sent == []
            assert receiver.transport.is_closing()  # all else is the socket's own

        asyncio.run(script())


class TestForReal:
    async def _fail(self, rig: Rig, fault: str) -> None:
        assert (await rig.http.post("/rehearsal/fault", json={"fault": fault})).status_code == 200

    def test_with_lag_everything_works_and_comes_later(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load()
            await self._fail(rig, "lag:80")
            begun = now()
            client = await rig.connect(start())
            connecting = now() - begun
            await client.frames(6)
            age = now() - client.last.start_ms / 1000
            await self._fail(rig, "none")

            assert connecting > 4 * 0.08  # checks, DTLS and SCTP: several round trips
            assert age > 0.12 + 0.08

        play(script)

    def test_with_loss_frames_still_come(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load()
            client = await rig.connect(start())
            await client.frames(3)
            await self._fail(rig, "loss:0.05")
            client.send({"probe": 5})
            await until(lambda: any(strip is not None and strip.probe == 5 for strip in client.strips))

        play(script)

    def test_a_lost_connection_is_silent_while_http_lives_and_a_new_one_works(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load()
            client = await rig.connect(start())
            await client.frames(3)
            await self._fail(rig, "lost-ice")
            await client.quiet()
            before = len(client.strips)
            client.send({"probe": 9})
            again = await rig.connect(start())
            await again.frames(6)

            assert len(client.strips) == before
            assert client.peer.connectionState == "connected"
            assert client.messages == []
            assert "'probe': 9" not in await rig.log()
            assert len((await rig.get("/api/v1/session/metrics"))["sessions"]) == 1  # it is not noticed yet
            await self._fail(rig, "none")
            async with asyncio.timeout(LIMIT):
                await client.frames(3)

        play(script)
