"""Frames as soon as they are whole: a jitter buffer for aiortc that knows a frame's last packet by its marker bit.

aiortc 1.16 hands a frame to its decoder when the first packet of the *next* frame has come, and one frame per packet: every
picture is one frame interval late (33 ms at 30 fps), and after a packet that had to be sent again frames stay behind for
as long as each is a single packet. RTP says itself which packet is a frame's last (RFC 3550, RFC 7741 section 4.1, RFC
6184 section 5.1). `Assembly` goes by that, and by the change of the time stamp where no marker comes.

    for transceiver in peer.getTransceivers():
        release_sooner(transceiver.receiver)  # before the first packet

aiortc has no public place for this, so `release_sooner` looks first whether everything is as in 1.16, and leaves the
receiver as it is where something is not. `docs/aiortc-marker.md` offers the same to aiortc itself.
"""

import inspect
import logging
import queue
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Protocol, cast

import aiortc

logger = logging.getLogger(__name__)

CAPACITY: Final = 512
"""Packets that wait for one that is missing: aiortc's own number for video. A power of 2, as `Assembly` needs it."""
MAX_MISORDER: Final = 100
"""Packets by which one may be late and is only dropped; later than that, the sender has begun to count anew."""

_BUFFER: Final = "_RTCRtpReceiver__jitter_buffer"
_DECODING: Final = "_RTCRtpReceiver__decoder_queue"
_TIMES: Final = "_RTCRtpReceiver__timestamp_mapper"
_CODECS: Final = "_RTCRtpReceiver__codecs"


class Packet(Protocol):
    """What is needed of an `aiortc.rtp.RtpPacket`."""

    sequence_number: int
    """Modulo 2**16."""
    timestamp: int
    """Modulo 2**32; packets of one frame have the same."""
    marker: int
    """1: the last packet of its frame."""
    _data: bytes
    """Its part of the frame, without the codec's payload header; empty in mere padding."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """A frame as the decoder takes it."""

    data: bytes
    timestamp: int
    """RTP's, of the packets."""


class Assembly:
    """PURE. Puts packets in their order, and frames together from them.

    Each packet is looked at once, when all before it are there. What is lost, late, twice there or too much is treated as
    aiortc's `JitterBuffer` does; only a frame's last packet is known sooner, and all frames that it completes come at once.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        """Keep up to `capacity` packets behind one that is missing; a power of 2, at most 2**15."""
        assert 0 < capacity <= 1 << 15
        assert capacity & (capacity - 1) == 0, "so that the places go on where sequence numbers wrap"
        self._places: list[Packet | None] = [None] * capacity
        self._capacity = capacity
        self._origin: int | None = None
        """The sequence number of the first packet of the frame that comes next."""
        self._ready = 0
        """Packets from there on that are there without a gap, and of one frame."""
        self._frame = 0
        """Packets of the frame before, if nothing was lost since."""
        self._timestamp: int | None = None
        """Its time stamp."""
        self._trusts = True
        """Whether markers are believed."""

    @property
    def capacity(self) -> int:
        """How many packets it keeps at most."""
        return self._capacity

    def add(self, packet: Packet) -> tuple[bool, Sequence[Encoded]]:
        """Take a packet in. Return whether pictures were lost for good, so that the sender must be asked for a whole one,
        and the frames that are complete now, in their order."""
        number, lost = packet.sequence_number, False
        if self._origin is None:
            self._origin = number
        ahead, behind = (number - self._origin) & 0xFFFF, (self._origin - number) & 0xFFFF
        if behind < ahead:
            # aiortc counts from the start of the frame that it still holds back: what is harmless there is harmless here.
            if behind < MAX_MISORDER + self._frame:
                return False, ()
            self._begin_at(number)
            ahead, lost = 0, True
        if ahead >= self._capacity:
            self._give_up(ahead - self._capacity + 1, number)
            lost = True
        place = number % self._capacity
        if self._places[place] is not None:
            return lost, ()
        self._places[place] = packet
        return lost, self._complete()

    def _complete(self) -> Sequence[Encoded]:
        """Take out the frames that are complete."""
        assert self._origin is not None
        frames: list[Encoded] = []
        while self._ready < self._capacity:
            packet = self._places[(self._origin + self._ready) % self._capacity]
            if packet is None:
                break
            if self._ready == 0:
                if packet.timestamp == self._timestamp and self._is_rest(packet):
                    continue
            elif packet.timestamp != (timestamp := self._first().timestamp):
                frames += self._take(timestamp)
                continue
            self._ready += 1
            if packet.marker and self._trusts:
                frames += self._take(packet.timestamp)
        return frames

    def _is_rest(self, packet: Packet) -> bool:
        """Look at a packet that has the time stamp of the frame before. Return whether it was mere padding, and is gone.

        If it was not, the marker was not on the frame's last packet, and will not be.
        """
        assert self._origin is not None
        if packet._data:
            if self._trusts:
                logger.info("the marker bit of this video is not on each frame's last packet: frames come one later")
            self._trusts, self._timestamp = False, None
            return False
        self._places[self._origin % self._capacity] = None
        self._origin = (self._origin + 1) & 0xFFFF
        self._frame += 1
        return True

    def _first(self) -> Packet:
        assert self._origin is not None
        packet = self._places[self._origin % self._capacity]
        assert packet is not None
        return packet

    def _take(self, timestamp: int) -> Sequence[Encoded]:
        """Take the frame out whose packets are ready. There is none if they are mere padding."""
        assert self._origin is not None
        parts: list[bytes] = []
        for _ in range(self._ready):
            parts.append(self._first()._data)
            self._places[self._origin % self._capacity] = None
            self._origin = (self._origin + 1) & 0xFFFF
        self._frame, self._ready, self._timestamp = self._ready, 0, timestamp
        data = b"".join(parts)
        return (Encoded(data, timestamp),) if data else ()

    def _begin_at(self, number: int) -> None:
        """Forget everything, and go on with the packet of this number."""
        self._places = [None] * self._capacity
        self._origin, self._ready, self._frame, self._timestamp = number, 0, 0, None

    def _give_up(self, count: int, number: int) -> None:
        """Make room for the packet of this `number`: forget at least the `count` oldest places, and no part of a frame
        alone, which would be a broken picture."""
        assert self._origin is not None
        timestamp = None
        for done in range(self._capacity):
            place = self._origin % self._capacity
            packet = self._places[place]
            if packet is not None:
                if done >= count and packet.timestamp != timestamp:
                    break
                timestamp = packet.timestamp
            self._places[place] = None
            self._origin = (self._origin + 1) & 0xFFFF
        else:
            self._origin = number
        self._ready, self._frame, self._timestamp = 0, 0, None


class _Sooner:
    """An `Assembly` where aiortc's receiver has its jitter buffer."""

    def __init__(
        self,
        capacity: int,
        frame: Callable[..., Any],
        decoding: "queue.Queue[Any]",
        mapped: Callable[[int], int],
        codecs: dict[int, Any],
    ) -> None:
        """`frame` is aiortc's own class of what is decoded. Of several frames at once the receiver takes but one: those
        before it go to its queue `decoding` from here, as it would put them there."""
        self._assembly = Assembly(capacity)
        self._frame = frame
        self._decoding = decoding
        self._mapped = mapped
        self._codecs = codecs

    @property
    def capacity(self) -> int:
        return self._assembly.capacity

    def add(self, packet: Any) -> tuple[bool, Any]:
        """Take a packet in; return whether to ask for a whole picture, and the newest frame that is complete now."""
        lost, frames = self._assembly.add(packet)
        if not frames:
            return lost, None
        *before, newest = frames
        for one in before:
            encoded = self._frame(data=one.data, timestamp=self._mapped(one.timestamp))
            self._decoding.put((self._codecs[packet.payload_type], encoded))
        return lost, self._frame(data=newest.data, timestamp=newest.timestamp)


def release_sooner(receiver: object) -> bool:
    """Let a receiver of video, which has got no packet yet, decode each frame when its last packet has come.

    Return whether it will. Where this aiortc is not built as 1.16 is, the receiver stays as it was, and the log says so.
    """
    try:
        replacement = _replacement(receiver)
    except (ImportError, AttributeError, TypeError, ValueError) as error:
        _complain(f"{type(error).__name__}: {error}")
        return False
    setattr(receiver, _BUFFER, replacement)
    return True


def _replacement(receiver: object) -> _Sooner:
    """Return what takes the place of a receiver's jitter buffer. Raise if anything there is not as it must be."""
    from aiortc.jitterbuffer import JitterBuffer, JitterFrame  # not at the top: a release without it must not end us
    from aiortc.rtp import RtpPacket

    buffer, decoding, mapped, codecs = (getattr(receiver, name) for name in (_BUFFER, _DECODING, _TIMES, _CODECS))
    if type(buffer) is not JitterBuffer or list(inspect.signature(buffer.add).parameters) != ["packet"]:
        raise TypeError(f"its jitter buffer is a {type(buffer).__name__}")
    if not isinstance(decoding, queue.Queue) or not isinstance(codecs, dict) or not callable(mapped.map):
        raise TypeError("its decoder's queue, codecs or time stamps are something else")
    frame, packet = JitterFrame(data=b"", timestamp=0), RtpPacket(sequence_number=1, timestamp=2, marker=1)
    if (frame.data, frame.timestamp) != (b"", 0):
        raise TypeError("its encoded frames are something else")
    if (packet.sequence_number, packet.timestamp, packet.marker) != (1, 2, 1):
        raise TypeError("its packets are something else")
    capacity = buffer.capacity
    if not 0 < capacity <= 1 << 15 or capacity & (capacity - 1):
        raise ValueError(f"its jitter buffer has room for {capacity!r} packets")
    return _Sooner(capacity, JitterFrame, decoding, cast(Callable[[int], int], mapped.map), codecs)


@cache
def _complain(why: str) -> None:
    """Say once what is not as it must be."""
    logger.info("aiortc %s is not built as 1.16 is (%s): pictures come one frame later", aiortc.__version__, why)
