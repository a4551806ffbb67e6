"""A bad network, made at this server's own end: UDP packets of a session that come late, get lost, or pass no more.

It sits between a connection's ICE protocol and its socket, so that everything suffers alike, in both directions: the
checks that keep the connection alive, video, its reports, and the data channel. HTTP is not touched.
"""

import asyncio
import math
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, cast

from aioice.ice import Connection, StunProtocol
from aiortc import RTCPeerConnection

_SEED = 1
_BEHIND = 1e-4
"""How much later than the late packet before it a packet comes at least, in seconds: when a lag gets shorter none overtakes
another, and what was on its way does not come all at once."""


@dataclass(slots=True)
class Network:
    """How bad it is. It may be changed at any time and counts for every packet from then on."""

    lag: float = 0.0
    """By how much every packet comes later, in seconds; a round trip takes twice that longer."""
    loss: float = 0.0
    """Which part of the packets never comes, 0 to 1, in each direction. Which ones is the same for every session."""


class Line:
    """What one session's packets pass through. It belongs to the event loop."""

    def __init__(self, network: Network) -> None:
        self.cut = False
        """Whether nothing passes any more, either way; nobody is told."""
        self._network = network
        self._chance = random.Random(_SEED)
        self._loop = asyncio.get_running_loop()
        self._late: set[asyncio.TimerHandle] = set()
        self._last = {True: -math.inf, False: -math.inf}
        """When the last packet of each direction comes, in the loop's time."""

    def lay(self, peer: RTCPeerConnection) -> None:
        """Put all of a peer's packets on this line. Its candidates must have been gathered."""
        for connection in _connections(peer):
            for protocol in connection._protocols:
                if isinstance(protocol, StunProtocol):  # a server that offers no relay has no others
                    self._between(protocol)

    def _between(self, protocol: StunProtocol) -> None:
        arrive = protocol.datagram_received
        transport = _Transport(protocol.transport, self)
        protocol.transport = cast(asyncio.DatagramTransport, transport)

        def arrived(data: bytes | str, address: tuple[Any, ...]) -> None:
            self.carry(lambda: arrive(data, address), out=False)

        protocol.datagram_received = arrived  # type: ignore[method-assign, assignment]

    def carry(self, deliver: Callable[[], None], out: bool) -> None:
        """Let one packet pass, out or in: now, later, or never."""
        if self.cut or (self._network.loss > 0 and self._chance.random() < self._network.loss):
            return
        at = self._loop.time()
        due = max(at + max(0.0, self._network.lag), self._last[out] + _BEHIND)
        if due <= at:
            deliver()
            return
        self._last[out] = due

        def late() -> None:
            self._late.discard(handle)
            if not self.cut:
                deliver()

        handle = self._loop.call_at(due, late)
        self._late.add(handle)

    def close(self) -> None:
        """Forget the packets that are still on their way, and let none pass."""
        self.cut = True
        for handle in self._late:
            handle.cancel()
        self._late.clear()


class _Transport:
    """A socket's transport whose packets take the line first."""

    def __init__(self, transport: asyncio.DatagramTransport, line: Line) -> None:
        self._transport = transport
        self._line = line

    def sendto(self, data: bytes, address: tuple[Any, ...] | None = None) -> None:
        self._line.carry(lambda: self._send(data, address), out=True)

    def _send(self, data: bytes, address: tuple[Any, ...] | None) -> None:
        if not self._transport.is_closing():  # a late packet may find its socket closed
            self._transport.sendto(data, address)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


def _connections(peer: RTCPeerConnection) -> Iterable[Connection]:
    """Return a peer's ICE connections, each once: bundled lines share one."""
    transports = [transceiver.receiver.transport for transceiver in peer.getTransceivers()]
    if peer.sctp is not None:
        transports.append(peer.sctp.transport)
    return {id(one.transport._connection): one.transport._connection for one in transports}.values()
