"""OSC over UDP.

`/pads/1 0.5` on the input called `stage` becomes the sample `("stage/pads/1", (0.5,))`.

A datagram that cannot be read is counted and dropped: stage networks are noisy, and no packet may stop a show.
`Decoder` is PURE and knows the format; `OscInput` owns the socket.
"""

import asyncio
import errno
import ipaddress
import logging
import selectors
import socket
import struct
import sys
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from bridge.clock import now
from bridge.errors import Unavailable
from bridge.log import Complaints
from bridge.profile.inputs import Osc
from bridge.signals import Batch, Emit, Sample, Value
from bridge.status import InputStatus
from bridge.thread import Doorbell

logger = logging.getLogger(__name__)

DEEPEST: Final = 8
"""How many bundles may be inside one another; what is deeper is refused."""

_BUNDLE: Final = b"#bundle\0"
_BUNDLE_HEAD: Final = 16
"""Bytes before a bundle's first element: the marker and the timetag."""

_PLAIN: Final = frozenset(b"ifhd")
"""Type tags whose OSC encoding `struct` reads by the same letter, except the next."""
_STRUCT_LETTERS: Final = bytes.maketrans(b"h", b"q")

_LONGEST_HEAD: Final = 256
_LONGEST_SHAPE: Final = 16 * 1024
_MOST_HEADS: Final = 4096
_MOST_SHAPES: Final = 256
_SHAPES_PER_LENGTH: Final = 4
"""Bounds of the caches: some megabytes at worst, whatever is sent."""

_SAMPLE_RATE: Final = "_samplerate"
"""TouchDesigner's OSC Out CHOP puts this address first into every bundle; it drives nothing."""

_INT32: Final = struct.Struct(">i")
_INT64: Final = struct.Struct(">q")
_UINT64: Final = struct.Struct(">Q")
_FLOAT: Final = struct.Struct(">f")
_DOUBLE: Final = struct.Struct(">d")

Unpack = Callable[[bytes], tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class _Head:
    """What the bytes of a message before its values say: the address and the type tags."""

    path: str | None
    """None: a message that drives nothing."""
    tags: bytes
    end: int
    """Where the values begin."""
    plain: bool
    """Whether `size` and `unpack` say everything about the values."""
    size: int = 0
    unpack: Unpack = field(default=lambda message: ())
    """From a message of exactly `end + size` bytes to its values."""


@dataclass(slots=True)
class _Survey:
    """The layout of a bundle, gathered while it is read element by element."""

    spans: list[tuple[str, int]] = field(default_factory=list)
    """For each message that drives something: its path, and how many values it has."""
    free: list[tuple[int, int]] = field(default_factory=list)
    """The regions that may differ from bundle to bundle: timetags, and values (also those nobody wants)."""
    layout: list[tuple[int, str]] = field(default_factory=list)
    """Where in the bundle the wanted values are, and their `struct` letters."""
    plain: bool = True
    """Whether this says everything about the bundle."""


@dataclass(frozen=True, slots=True)
class _Shape:
    """Everything but the values and timetags of a bundle that was read before: senders repeat themselves 60 times a
    second. `fixed` has 255 at every byte that must agree with `pattern`."""

    fixed: "np.ndarray[Any, np.dtype[np.uint8]]"
    pattern: bytes
    unpack: Unpack
    paths: tuple[str, ...] | None
    """The paths, if every message has one value; else None, and `spans` tells."""
    spans: tuple[tuple[str, int, int], ...]
    """Path, first value, end of the values."""

    def read(self, bundle: bytes) -> list[Sample] | None:
        """Return the bundle's samples, or None if it is another shape. It must be as long as `pattern`."""
        if (np.frombuffer(bundle, np.uint8) & self.fixed).tobytes() != self.pattern:
            return None
        values = self.unpack(bundle)
        if self.paths is not None:
            return list(zip(self.paths, zip(values, strict=True), strict=True))
        return [(path, values[start:end]) for path, start, end in self.spans]


class Decoder:
    """PURE. From datagrams to samples, fast for what it has seen before: a show sends the same addresses all night.

    It reads OSC 1.0 and the types of 1.1, forgivingly:

    - `i h f d` are numbers, `s S` text (bytes that are not UTF-8 become U+FFFD), `c` a text of one character,
      `b` bytes, `T F` booleans, `N` is None, `t` the 64-bit NTP number as it was sent.
    - `r` (a colour) and `m` (a MIDI message) are four numbers of 0 to 255 each, so that `x[2]` is the green.
    - `I`, the impulse, adds no value: `/go ,I` is what `/go` without arguments is, a trigger.
    - `[` and `]` add nothing: arrays are flattened.
    - Several arguments stay several values. A message without type tags, as old senders make, has no values.
    - Timetags are ignored: what arrives acts now. (Clocks of two machines differ; a receiver that waits stands still.)
    - Slashes that double the leading one are dropped; `/_samplerate` is read and ignored.
    - Bytes after the last value, and padding missing at the very end, are forgiven.
    - A message in a bundle that cannot be read is reported, and the others count; a bundle whose element sizes
      do not add up gives what came before the mistake.
    """

    def __init__(self, name: str) -> None:
        """`name` is the input's: the first segment of every path."""
        self._prefix = name + "/"
        self._singles: dict[bytes, _Head] = {}
        self._heads: dict[bytes, _Head] = {}
        self._shapes: dict[int, list[_Shape]] = {}
        self._shape_count = 0

    def read(self, datagram: bytes, samples: list[Sample]) -> str:
        """Append the datagram's samples to `samples`; return what was wrong with it, or an empty text.

        Never raises, whatever the bytes.
        """
        head = self._singles.get(datagram[:-4])
        if head is not None:
            if head.path is not None:
                samples.append((head.path, head.unpack(datagram)))
            return ""
        if datagram.startswith(_BUNDLE):
            return self._bundle(datagram, samples)
        try:
            head = self._head(datagram)
            values = _values(datagram, head)
        except ValueError as error:
            return str(error)
        if head.path is not None:
            samples.append((head.path, values))
        return ""

    def _bundle(self, datagram: bytes, samples: list[Sample]) -> str:
        for shape in self._shapes.get(len(datagram), ()):
            known = shape.read(datagram)
            if known is not None:
                samples += known
                return ""
        survey = _Survey()
        problem = self._elements(datagram, 0, len(datagram), 1, samples, survey)
        if survey.plain and not problem and len(datagram) <= _LONGEST_SHAPE:
            self._learn(datagram, survey)
        return problem

    def _elements(
        self, datagram: bytes, start: int, end: int, depth: int, samples: list[Sample], survey: _Survey
    ) -> str:
        """Read the bundle in `datagram[start:end]`; return the first problem met, or an empty text."""
        if depth > DEEPEST:
            return f"bundles more than {DEEPEST} deep"
        if end - start < _BUNDLE_HEAD:
            return "a bundle without a timetag"
        survey.free.append((start + len(_BUNDLE), start + _BUNDLE_HEAD))
        problem = ""
        at = start + _BUNDLE_HEAD
        while at < end:
            if end - at < 4:
                return problem or "a bundle that ends within an element's size"
            (size,) = _INT32.unpack_from(datagram, at)
            at += 4
            if not 0 <= size <= end - at:
                return problem or f"a bundle's element of {size} bytes where {end - at} are left"
            if datagram.startswith(_BUNDLE, at, at + size):
                trouble = self._elements(datagram, at, at + size, depth + 1, samples, survey)
            else:
                trouble = self._element(datagram[at : at + size], at, samples, survey)
            problem = problem or trouble
            at += size
        return problem

    def _element(self, message: bytes, at: int, samples: list[Sample], survey: _Survey) -> str:
        try:
            head = self._singles.get(message[:-4]) or self._head(message)
            values = _values(message, head)
        except ValueError as error:
            return str(error)
        if head.plain:
            if head.size:
                survey.free.append((at + head.end, at + head.end + head.size))
            if head.path is not None:
                survey.layout.append((at + head.end, head.tags.translate(_STRUCT_LETTERS).decode("ascii")))
                survey.spans.append((head.path, len(values)))
        else:
            survey.plain = False
        if head.path is not None:
            samples.append((head.path, values))
        return ""

    def _learn(self, datagram: bytes, survey: _Survey) -> None:
        """Remember the shape of a bundle that was just read."""
        fixed = np.full(len(datagram), 255, np.uint8)
        for start, end in survey.free:
            fixed[start:end] = 0
        letters, at = [">"], 0
        for start, tags in survey.layout:
            letters.append(f"{start - at}x{tags}")
            at = start + struct.calcsize(">" + tags)
        letters.append(f"{len(datagram) - at}x")
        spans, first = [], 0
        for path, count in survey.spans:
            spans.append((path, first, first + count))
            first += count
        ones = all(count == 1 for _, count in survey.spans)
        shape = _Shape(
            fixed,
            (np.frombuffer(datagram, np.uint8) & fixed).tobytes(),
            struct.Struct("".join(letters)).unpack,
            tuple(path for path, _ in survey.spans) if ones else None,
            tuple(spans),
        )
        if self._shape_count >= _MOST_SHAPES:
            self._shapes.clear()
            self._shape_count = 0
        alike = self._shapes.setdefault(len(datagram), [])
        if len(alike) == _SHAPES_PER_LENGTH:
            alike.pop()
            self._shape_count -= 1
        alike.insert(0, shape)
        self._shape_count += 1

    def _head(self, message: bytes) -> _Head:
        """Return what the message's beginning says, from memory if it can. Raise `ValueError` if it is no message."""
        # An address has no NUL, so the first ",": after one can only be the type tags', if there are any; a beginning
        # that is in memory was read whole, and reads the same whatever follows it.
        comma = message.find(b"\0,")
        if comma >= 0:
            nul = message.find(b"\0", comma + 2)
            known = self._heads.get(message[: _padded(nul)]) if nul >= 0 else None
            if known is not None:
                return known
        head = _parse(message, self._prefix)
        if head.tags and head.end <= min(_LONGEST_HEAD, len(message)):
            if len(self._heads) >= _MOST_HEADS:
                self._heads.clear()
                self._singles.clear()
            beginning = message[: head.end]
            self._heads[beginning] = head
            if head.plain and head.size == 4:
                self._singles[beginning] = head
        return head


def _padded(index: int) -> int:
    """Return where the field after a NUL at `index` begins: fields are padded to four bytes."""
    return (index + 4) & ~3


def _parse(message: bytes, prefix: str) -> _Head:
    """Read address and type tags. Raise `ValueError` if there is no address or it has no end."""
    if not message.startswith(b"/"):
        raise ValueError("neither an OSC message nor a bundle" if message else "an empty datagram")
    nul = message.find(b"\0")
    if nul < 0:
        raise ValueError("an address without an end")
    address = message[:nul].decode("utf-8", "replace").lstrip("/")
    if not address:
        raise ValueError("an empty address")
    path = None if address == _SAMPLE_RATE else sys.intern(prefix + address)
    start = _padded(nul)
    if message[start : start + 1] != b",":
        return _Head(path, b"", len(message), plain=False)
    nul = message.find(b"\0", start)
    if nul < 0:
        raise ValueError("type tags without an end")
    tags, end = message[start + 1 : nul], _padded(nul)
    if not _PLAIN.issuperset(tags):
        return _Head(path, tags, end, plain=False)
    layout = struct.Struct(f">{end}x{tags.translate(_STRUCT_LETTERS).decode('ascii')}")
    return _Head(path, tags, end, plain=True, size=layout.size - end, unpack=layout.unpack)


def _values(message: bytes, head: _Head) -> tuple[Value, ...]:
    """Read the values. Raise `ValueError` if they are cut short or of an unknown type."""
    if head.plain:
        size = head.end + head.size
        if len(message) == size:
            return head.unpack(message)
        if len(message) > size:
            return head.unpack(message[:size])
        if not head.size:  # no values, and the padding of the type tags is missing
            return ()
        raise ValueError(f"{max(0, len(message) - head.end)} bytes of values where {head.size} were announced")
    values: list[Value] = []
    at = head.end
    try:
        for tag in head.tags:
            at = _READERS[tag](message, at, values)
    except KeyError:
        raise ValueError(f"the unknown type tag {chr(tag)!r}") from None
    except struct.error:
        raise ValueError(f"a value of type {chr(tag)!r} that is cut short") from None
    return tuple(values)


def _number(layout: struct.Struct) -> "_Reader":
    def read(message: bytes, at: int, values: list[Value]) -> int:
        values += layout.unpack_from(message, at)
        return at + layout.size

    return read


def _text(message: bytes, at: int, values: list[Value]) -> int:
    nul = message.find(b"\0", at)
    if nul < 0:
        raise ValueError("a text without an end")
    values.append(message[at:nul].decode("utf-8", "replace"))
    return at + _padded(nul - at)


def _blob(message: bytes, at: int, values: list[Value]) -> int:
    size: int = _INT32.unpack_from(message, at)[0]
    at += 4
    if not 0 <= size <= len(message) - at:
        raise ValueError(f"a blob of {size} bytes where {max(0, len(message) - at)} are left")
    values.append(message[at : at + size])
    return at + (size + 3 & ~3)


def _character(message: bytes, at: int, values: list[Value]) -> int:
    (code,) = _INT32.unpack_from(message, at)
    if not 0 <= code <= sys.maxunicode or 0xD800 <= code <= 0xDFFF:
        raise ValueError(f"the character {code}, which does not exist")
    values.append(chr(code))
    return at + 4


def _four_bytes(message: bytes, at: int, values: list[Value]) -> int:
    if len(message) - at < 4:
        raise struct.error
    values += message[at : at + 4]
    return at + 4


def _constant(*constants: Value) -> "_Reader":
    def read(message: bytes, at: int, values: list[Value]) -> int:
        values += constants
        return at

    return read


_Reader = Callable[[bytes, int, list[Value]], int]
"""Reads one value at an index, appends it, and returns the index after it."""

_READERS: Final[dict[int, _Reader]] = {
    ord(tag): reader
    for tag, reader in {
        "i": _number(_INT32),
        "h": _number(_INT64),
        "t": _number(_UINT64),
        "f": _number(_FLOAT),
        "d": _number(_DOUBLE),
        "s": _text,
        "S": _text,
        "b": _blob,
        "c": _character,
        "r": _four_bytes,
        "m": _four_bytes,
        "T": _constant(True),
        "F": _constant(False),
        "N": _constant(None),
        "I": _constant(),
        "[": _constant(),
        "]": _constant(),
    }.items()
}


RECEIVE_BUFFER: Final = 4 * 1024 * 1024
"""Bytes the system is asked to keep for us while the loop is busy; its default holds 256 small datagrams."""

_LARGEST_DATAGRAM: Final = 65536
_PER_WAKE_UP: Final = 256
"""Datagrams read before everybody else has a turn."""
_MOST_SENDERS: Final = 1024
"""How many senders' right to be heard is remembered."""
_SO_MEMINFO: Final = 55
_MEMINFO: Final = struct.Struct("9I")
"""Linux: a socket's memory figures; the last is how many datagrams did not fit."""

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class OscInput:
    """Listens for OSC on one UDP port."""

    def __init__(self, name: str, options: Osc, *, threaded: bool = False) -> None:
        """`threaded` reads in a thread even where the event loop could watch the socket itself.

        Loops that cannot (Windows' proactor) get the thread in any case.
        """
        self.name = name
        self.port = options.port
        """The port in use; the system's choice once `run` has bound port 0."""
        self.listening = asyncio.Event()
        """Set while datagrams are being received."""
        self._options = options
        self._threaded = threaded
        self._decoder = Decoder(name)
        self._complaints = Complaints(logger)
        self._signals = 0
        self._heard: dict[str, bool] = {}
        self._networks: tuple[_Network, ...] = ()
        self._socket: socket.socket | None = None

    def status(self) -> InputStatus:
        """Return what came in. `refused` counts datagrams: malformed, from strangers, or lost by a busy system."""
        detail, lost = self._complaints.latest, self._lost()
        if lost:
            detail = f"{lost} datagrams were lost before they could be read: too many at once, or a busy machine"
        return InputStatus(
            self.name,
            f"OSC on {_place(self._options.host, self.port)}",
            signals=self._signals,
            refused=self._complaints.total + lost,
            detail=detail,
        )

    async def run(self, emit: Emit) -> None:
        """Listen until cancelled.

        Raise `Unavailable` if the port cannot be had, and whatever `emit` raises: that is a bug of whoever gave it.
        """
        self._networks = await self._allowed()
        self._heard.clear()
        with await self._bind() as sock:
            self._socket = sock
            self.listening.set()
            try:
                await self._receive(sock, emit)
            finally:
                self.listening.clear()
                self._socket = None

    async def _bind(self) -> socket.socket:
        host, port = self._options.host, self._options.port
        place = _place(host, port)
        try:
            family, kind, protocol, _, address = (
                await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_DGRAM)
            )[0]
        except OSError as error:
            raise Unavailable(f"cannot listen for OSC on {place}: there is no host {host!r}") from error
        sock = socket.socket(family, kind, protocol)
        try:
            sock.setblocking(False)
            if sys.platform == "win32":  # else a second program could take the port over in silence
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
            sock.bind(address)
            self.port = sock.getsockname()[1]
            logger.debug(
                "%s listens on %s with a buffer of %d bytes (asked for %d)",
                self.name,
                _place(host, self.port),
                sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF),
                RECEIVE_BUFFER,
            )
        except OSError as error:
            sock.close()
            raise Unavailable(f"cannot listen for OSC on {place}: {_why(error, host, port)}") from error
        return sock

    async def _receive(self, sock: socket.socket, emit: Emit) -> None:
        loop = asyncio.get_running_loop()
        failed: asyncio.Future[None] = loop.create_future()

        def readable() -> None:
            try:
                batch = self._drain(sock)
                if batch.samples:
                    emit(batch)
            except Exception as error:
                loop.remove_reader(sock)
                if not failed.done():
                    failed.set_exception(error)

        if not self._threaded:
            try:
                loop.add_reader(sock, readable)
            except NotImplementedError:
                logger.debug("%s: this event loop cannot watch sockets; a thread will", self.name)
            else:
                try:
                    await failed
                finally:
                    loop.remove_reader(sock)
                return
        await _Thread(sock, lambda: self._drain(sock), emit, f"osc {self.name}").run()

    def _drain(self, sock: socket.socket) -> Batch:
        """Read what has arrived, up to a bound, stamped once. Raise `Unavailable` if the socket is broken."""
        at = now()
        samples: list[Sample] = []
        read, receive = self._decoder.read, sock.recvfrom
        for _ in range(_PER_WAKE_UP):
            try:
                datagram, sender = receive(_LARGEST_DATAGRAM)
            except (BlockingIOError, InterruptedError):
                break
            except ConnectionResetError:  # Windows: somebody's port was closed; nothing is wrong with ours
                continue
            except OSError as error:
                raise Unavailable(f"OSC on {_place(self._options.host, self.port)} broke off: {error}") from error
            if self._networks and not self._hears(sender[0]):
                continue
            problem = read(datagram, samples)
            if problem:
                self._complaints.about(("unreadable", sender[0]), f"{sender[0]} sent what is not OSC: {problem}")
        self._signals += len(samples)
        return Batch(at, samples)

    async def _allowed(self) -> tuple[_Network, ...]:
        networks: list[_Network] = []
        for entry in self._options.allow:
            try:
                networks.append(ipaddress.ip_network(entry, strict=False))
                continue
            except ValueError:
                pass
            try:
                found = await asyncio.get_running_loop().getaddrinfo(entry, None, type=socket.SOCK_DGRAM)
            except OSError as error:
                raise Unavailable(f"cannot find the host {entry!r} that {self.name} is allowed to hear") from error
            networks += [ipaddress.ip_network(_address(str(address[0]))) for *_, address in found]
        return tuple(networks)

    def _hears(self, sender: str) -> bool:
        heard = self._heard.get(sender)
        if heard is None:
            if len(self._heard) >= _MOST_SENDERS:
                self._heard.clear()
            address = _address(sender)
            heard = self._heard[sender] = any(address in network for network in self._networks)
        if not heard:
            allowed = ", ".join(self._options.allow)
            self._complaints.about(("stranger", sender), f"{sender} is not heard: only {allowed} may send here")
        return heard

    def _lost(self) -> int:
        if self._socket is None or sys.platform != "linux":
            return 0
        try:
            figures = self._socket.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, _MEMINFO.size)
        except OSError:  # a kernel before 4.6
            return 0
        return int(_MEMINFO.unpack(figures)[-1]) if len(figures) == _MEMINFO.size else 0


class _Thread:
    """Reads a socket for an event loop that cannot, and hands over one batch per burst."""

    def __init__(self, sock: socket.socket, drain: Callable[[], Batch], emit: Emit, name: str) -> None:
        self._sock = sock
        self._drain = drain
        self._emit = emit
        self._name = name
        self._loop = asyncio.get_running_loop()
        self._failed: asyncio.Future[None] = self._loop.create_future()
        self._ended = asyncio.Event()
        self._batches: deque[Batch] = deque()
        self._doorbell = Doorbell(self._deliver)

    async def run(self) -> None:
        """Deliver until cancelled; raise what the thread or `emit` raised."""
        stop, stopped = socket.socketpair()
        with stop, stopped:
            thread = threading.Thread(target=self._read, args=(stopped,), name=self._name, daemon=True)
            thread.start()
            try:
                await self._failed
            finally:
                stop.shutdown(socket.SHUT_RDWR)
                await self._ended.wait()
                thread.join()  # it has nothing left to do

    def _read(self, stopped: socket.socket) -> None:
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(self._sock, selectors.EVENT_READ)
                selector.register(stopped, selectors.EVENT_READ)
                while all(key.fileobj is not stopped for key, _ in selector.select()):
                    batch = self._drain()
                    if batch.samples:
                        self._batches.append(batch)
                        self._doorbell.ring()
        except Exception as error:
            self._tell(self._fail, error)
        finally:
            self._tell(self._ended.set)

    def _deliver(self) -> None:
        try:
            while self._batches and not self._failed.done():  # done: `run` has ended, or is about to
                self._emit(self._batches.popleft())
        except Exception as error:
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        if not self._failed.done():
            self._failed.set_exception(error)

    def _tell(self, callback: Callable[..., object], *args: object) -> None:
        try:
            self._loop.call_soon_threadsafe(callback, *args)
        except RuntimeError:  # the loop was closed without waiting for us: nobody is left to be told
            logger.debug("%s ended after its event loop", self._name)


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Return `host` as an address; an IPv4 address in IPv6 clothes is the IPv4 address."""
    address = ipaddress.ip_address(host)
    return (isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped) or address


def _place(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _why(error: OSError, host: str, port: int) -> str:
    """Say in a person's words why a port cannot be had, and what to do."""
    match error.errno:
        case errno.EADDRINUSE:
            return (
                f"another program has port {port}; close it, or give this input another port "
                "and set the sender to the same"
            )
        case errno.EACCES | errno.EPERM if 0 < port < 1024:
            return f"port {port} is reserved for the system; take one from 1024 up"
        case errno.EACCES:  # what Windows says when another program has the port for itself
            return f"the system does not give port {port} away: another program has it, or a rule forbids it"
        case errno.EADDRNOTAVAIL:
            return f"this machine has no address {host}; 127.0.0.1 is this machine alone, 0.0.0.0 all its networks"
        case _:
            return error.strerror or str(error)
