"""MIDI ports over python-rtmidi: what there is, and opening one by its name.

    ports().inputs        # (Port(raw='APC40 mkII:APC40 mkII MIDI 1 24:0', name='APC40 mkII:APC40 mkII MIDI 1', api='ALSA'), …)

It is python-rtmidi itself and not mido over it: mido's backend takes every message apart with a parser written for
streams, byte by byte, and keeps the bytes to itself, while a message comes whole from the driver.

RtMidi holds Python's lock (the GIL) in every call, opening and closing included, and calls back from a thread of the
driver that needs that lock. From this follows how a port is closed here; that a JACK server is looked for before it is
asked anything, as a call to one that has died would hold up the whole bridge; and that messages are fetched from JACK
and not taken by a callback: JACK does not wait for a process that waits for a lock, and what came meanwhile is lost.
"""

import atexit
import ctypes
import gc
import logging
import os
import queue
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from bridge.clock import now
from bridge.errors import Unavailable
from bridge.inputs.midi.matching import CLIENT, Port, listed, ours

if TYPE_CHECKING:
    from rtmidi import MidiIn, MidiOut

logger = logging.getLogger(__name__)

Heard = Callable[[list[int]], object]
"""Takes the bytes of a message, in a thread of the driver's or of the port's. Must not raise."""

FRESH: Final = 0.1
"""Seconds for which one look at the list serves everybody who asks."""
PATIENCE: Final = 5.0
"""Seconds that the system has to say which ports there are."""
SETTLING: Final = 0.05
"""Seconds from connecting at JACK until nothing that is sent is lost: a connection is there from one of its next periods on.
And from the moment a port's messages are wanted no more until it is closed: a call that is on its way from the
driver's thread waits for Python's lock, which closing would hold, and RtMidi waits for that thread in closing."""

QUEUE: Final = 16384
"""Messages that wait at JACK until they are fetched."""
FETCH: Final = 0.002
"""Seconds between two looks at that queue."""

_APIS: Final = {"alsa": "ALSA", "jack": "JACK", "core": "CoreMIDI", "winmm": "WinMM"}
"""RtMidi's names of those that can reach a device or another program, and people's."""
_SEQUENCER: Final = "/dev/snd/seq"
_JACK_FOLDERS: Final = ("/dev/shm", "/tmp")
"""Where JACK servers have their sockets, on Linux and elsewhere."""
_TRIES: Final = 3
_FAREWELL: Final = 1.0
"""Seconds to wait at the end of the process for a driver that does not answer."""


class Ports(NamedTuple):
    """What there is now. The bridge's own ports are left out."""

    inputs: tuple[Port, ...] = ()
    """Those that can be listened to."""
    outputs: tuple[Port, ...] = ()
    """Those that messages can be sent to."""
    apis: tuple[str, ...] = ()
    """The MIDI systems that are there."""
    server: object = None
    """What tells the JACK server from those before it; None: there is none."""
    trouble: str = ""
    """Why this may not be all, or is old; or empty."""


class Gone(Exception):
    """The port is not there any more, or its driver does not take what is sent."""


class Busy(Exception):
    """The system does not give the port away. The text says why, and what to do."""


def ports() -> Ports:
    """Return which ports there are. Blocks for as long as the system takes, `PATIENCE` at most.

    Raise `Unavailable`, with what to do, where python-rtmidi is not there or cannot reach any MIDI system.
    """
    return _LISTER.look()


def virtual_api(there: Ports) -> str | None:
    """Return the system that makes virtual ports; None: none of those that could is there now.

    Raise `Unavailable` on Windows, which has no such ports.
    """
    if "WinMM" in there.apis:
        raise Unavailable(
            "Windows has no virtual MIDI ports of its own: install loopMIDI, make a port in it, and give the input that "
            "port's name without `virtual`"
        )
    return next(iter(there.apis), None)


class Listening:
    """An open port whose messages go to a function."""

    def __init__(self, port: Port, label: str, heard: Heard, *, virtual: bool = False) -> None:
        """Open `port`, or make it if it is `virtual`; `label` is what our end is called.

        Raise `Gone` if it is not there any more, `Busy` if it cannot be had.
        """
        rtmidi = _library()
        self.port = port
        self.server = _jack_server() if port.api == "JACK" else None
        """What tells the JACK server that it is at from others; None: it is at none."""
        self._troubles: list[str] = []
        self._over = threading.Event()
        self._kept: list[Any] = []
        self._fetching: threading.Thread | None = None
        self._midi: MidiIn = _client(rtmidi.MidiIn, rtmidi, port.api, self._troubles)
        self._midi.ignore_types(sysex=False, timing=False, active_sense=True)
        if port.api != "JACK":
            self._midi.set_callback(lambda event, _: heard(event[0]))
            # What RtMidi calls is in a tuple that python-rtmidi lets go of at once when the callback is cancelled,
            # although a call may be on its way: it must live until none is.
            self._kept += gc.get_referents(self._midi)
        try:
            _open(self._midi, port, label, virtual, self._troubles)
        except Exception:
            self.close()
            raise
        if port.api == "JACK":
            time.sleep(SETTLING)
            self._fetching = threading.Thread(target=self._fetch, args=(heard,), name=f"MIDI {label}", daemon=True)
            self._fetching.start()

    def close(self) -> None:
        """Let go of the port; may block for `SETTLING`. Does nothing the second time."""
        if self._over.is_set():
            return
        self._over.set()
        if self._kept:
            self._midi.cancel_callback()
            time.sleep(SETTLING)
            self._kept.clear()
        if self._fetching is not None:
            self._fetching.join()
        _VIRTUAL.discard(self.port)
        self._midi.delete()

    def _fetch(self, heard: Heard) -> None:
        while not self._over.wait(FETCH):
            while (event := self._midi.get_message()) is not None:
                heard(event[0])


class Sending:
    """An open port that messages can be sent to."""

    def __init__(self, port: Port, label: str, *, virtual: bool = False) -> None:
        """As `Listening`."""
        rtmidi = _library()
        self.port = port
        self.server = _jack_server() if port.api == "JACK" else None
        self._troubles: list[str] = []
        self._midi: MidiOut | None = _client(rtmidi.MidiOut, rtmidi, port.api, self._troubles)
        try:
            _open(self._midi, port, label, virtual, self._troubles)
        except Exception:
            self.close()
            raise
        if port.api == "JACK":
            time.sleep(SETTLING)

    def send(self, messages: Iterable[bytes]) -> None:
        """Send them in their order; may block. Raise `Gone` if the port does not take them."""
        if self._midi is None or self._orphaned():
            raise Gone(f"{self.port.name} is not there any more")
        for message in messages:
            try:
                self._midi.send_message(message)
            except (OSError, RuntimeError, ValueError) as error:
                raise Gone(f"{self.port.name} does not take what is sent: {error}") from error
            if self._troubles:
                raise Gone(f"{self.port.name} does not take what is sent: {self._troubles[-1]}")

    def close(self) -> None:
        """Let go of the port. Does nothing the second time."""
        midi, self._midi = self._midi, None
        if midi is None:
            return
        _VIRTUAL.discard(self.port)
        if self._orphaned():
            _ORPHANS.append(midi)
        else:
            midi.delete()

    def _orphaned(self) -> bool:
        """Whether the JACK server that had the port is no more.

        RtMidi then waits for ever for room in its buffer, and in closing for a second, with Python's lock in its hand.
        """
        return self.port.api == "JACK" and _jack_server() != self.server


_ORPHANS: Final[list["MidiOut"]] = []
"""Outputs whose JACK server has died: kept, as letting go of one would hold up the bridge for a second."""
_VIRTUAL: Final[set[Port]] = set()
"""The virtual ports that this process has made."""


class _Lister:
    """Asks for all, from one thread that lives as long as the process: CoreMIDI tells what is plugged in later only to
    the thread that asked first."""

    def __init__(self) -> None:
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._requests: queue.SimpleQueue[tuple[float, Future[Ports]] | None] = queue.SimpleQueue()
        self._last = Ports()
        self._at = float("-inf")
        self._clients: dict[str, tuple[MidiIn, MidiOut]] = {}
        self._server: object = None

    def look(self) -> Ports:
        _library()
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, name="MIDI ports", daemon=True)
                self._thread.start()
                atexit.register(self._end, self._thread)
        answer: Future[Ports] = Future()
        self._requests.put((now(), answer))
        try:
            return answer.result(PATIENCE)
        except TimeoutError:
            return self._last._replace(
                trouble=f"the system has not said for {PATIENCE:g} s which MIDI ports there are: a driver hangs"
            )

    def _end(self, thread: threading.Thread) -> None:
        """Take leave of JACK when the process ends: its server keeps everybody waiting for a client that went without."""
        self._requests.put(None)
        thread.join(_FAREWELL)

    def _serve(self) -> None:
        while (request := self._requests.get()) is not None:
            asked, answer = request
            try:
                if self._at < asked - FRESH:
                    self._last, self._at = self._list(), now()
                answer.set_result(self._last)
            except Exception as error:
                self._at = float("-inf")
                answer.set_exception(error)
        if _jack_server() == self._server:
            for one in self._clients.pop("JACK", ()):
                one.delete()

    def _list(self) -> Ports:
        rtmidi = _library()
        server = _jack_server()
        if server != self._server and (dead := self._clients.pop("JACK", None)) is not None:
            for one in dead:
                one.delete()
        self._server = server
        inputs: list[Port] = []
        outputs: list[Port] = []
        apis: list[str] = []
        troubles: list[str] = []
        absent: list[str] = []
        for api in _compiled(rtmidi):
            if why := _absent(api, server):
                absent.append(why)
                continue
            try:
                if api not in self._clients:
                    self._clients[api] = (
                        _client(rtmidi.MidiIn, rtmidi, api, []),
                        _client(rtmidi.MidiOut, rtmidi, api, []),
                    )
                listens, sends = self._clients[api]
                inputs += _others(listed(_names(listens), api))
                outputs += _others(listed(_names(sends), api))
                apis.append(api)
            except (OSError, RuntimeError, ValueError, Busy) as error:
                self._clients.pop(api, None)
                troubles.append(f"{api} does not answer: {error}")
        return Ports(
            tuple(inputs), tuple(outputs), tuple(apis), server, "; ".join(troubles if apis else troubles + absent)
        )


_LISTER: Final = _Lister()


def _library() -> ModuleType:
    """Return python-rtmidi. Raise `Unavailable`, with what to do, where it is not there or reaches nothing."""
    try:
        import rtmidi
    except ModuleNotFoundError as error:
        if sys.version_info >= (3, 13):
            raise Unavailable(
                "python-rtmidi has no wheels for this Python; run the bridge with Python 3.12, then: "
                'pip install "scope-bridge[midi]"'
            ) from error
        raise Unavailable('python-rtmidi is not installed; run: pip install "scope-bridge[midi]"') from error
    except ImportError as error:
        raise Unavailable(f"python-rtmidi cannot be loaded: {error}") from error
    if not _compiled(rtmidi):
        raise Unavailable(
            "python-rtmidi was built without any MIDI system, so it sees no ports; run: "
            "pip install --force-reinstall --only-binary python-rtmidi python-rtmidi"
        )
    return rtmidi


def _compiled(rtmidi: ModuleType) -> list[str]:
    """Return the systems that it can reach, in its order."""
    names = [_APIS.get(rtmidi.get_api_name(api), "") for api in rtmidi.get_compiled_api()]
    return [name for name in names if name]


def _absent(api: str, server: object) -> str:
    """Return why there is no use in asking a system now, or an empty text. Whatever is asked then writes to stderr."""
    match api:
        case "ALSA" if not os.path.exists(_SEQUENCER):
            return f"ALSA has no sequencer ({_SEQUENCER} is not there)"
        case "ALSA" if not os.access(_SEQUENCER, os.R_OK | os.W_OK):
            return f"ALSA is not for this user: {_SEQUENCER} belongs to the group audio"
        case "JACK" if server is None:
            return "no JACK server runs"
        case _:
            return ""


def _jack_server() -> tuple[int, int] | None:
    """Return what tells the JACK server that runs now from those before it; None: there is none.

    libjack would write to stderr that there is none, and a client of one that died does not learn of it from RtMidi.
    """
    if sys.platform == "win32":
        return None
    name = os.environ.get("JACK_DEFAULT_SERVER", "default")
    whose = "" if "JACK_PROMISCUOUS_SERVER" in os.environ else f"_{os.getuid()}"
    for folder in _JACK_FOLDERS:
        path = f"{folder}/jack_{name}{whose}_0"
        try:
            found = os.stat(path)
            with socket.socket(socket.AF_UNIX) as asking:
                asking.settimeout(0.2)
                asking.connect(path)
        except OSError:
            continue
        return found.st_ino, found.st_mtime_ns
    return None


def _client(make: Callable[..., Any], rtmidi: ModuleType, api: str, troubles: list[str]) -> Any:
    """Return a client that adds what goes wrong to `troubles`. Raise `Busy` if the system does not take one."""
    if api == "JACK":
        _quieten(rtmidi)
    number = next(one for one in rtmidi.get_compiled_api() if _APIS.get(rtmidi.get_api_name(one)) == api)
    try:
        midi = make(number, CLIENT, QUEUE) if make is rtmidi.MidiIn else make(number, CLIENT)
    except (OSError, RuntimeError) as error:
        raise Busy(f"{api} does not take another client: {error}") from error
    midi.set_error_callback(lambda kind, text, _: troubles.append(text))
    return midi


_quiet: set[str] = set()


def _quieten(rtmidi: ModuleType) -> None:
    """Keep libjack from writing to stderr, which it does from threads of its own when a server dies."""
    path = getattr(sys.modules.get("rtmidi._rtmidi"), "__file__", None)
    if path is None or path in _quiet:
        return
    _quiet.add(path)
    try:
        library = ctypes.CDLL(path)  # the one that is loaded already; what it links is found through it
        # A function of C that takes one number and does nothing: none of Python's may be called from those threads.
        nothing = ctypes.cast(ctypes.CDLL(None).labs, ctypes.c_void_p)
        for say in (library.jack_set_error_function, library.jack_set_info_function):
            say.argtypes, say.restype = [ctypes.c_void_p], None
            say(nothing)
    except (AttributeError, OSError, TypeError) as error:
        logger.debug("libjack will write to stderr: %s", error)


def _open(midi: Any, port: Port, label: str, virtual: bool, troubles: list[str]) -> None:
    """Open the port by its name; RtMidi takes its place in the list, which may change meanwhile."""
    try:
        if virtual:
            _VIRTUAL.add(port)
            midi.open_virtual_port(port.raw)
        else:
            _open_by_place(midi, port, label, troubles)
    except (OSError, RuntimeError, ValueError) as error:
        raise Busy(_in_words(port, str(error))) from error
    if troubles:
        raise Busy(_in_words(port, troubles[-1]))


def _open_by_place(midi: Any, port: Port, label: str, troubles: list[str]) -> None:
    for _ in range(_TRIES):
        before = listed(_names(midi), port.api)
        place = next((place for place, one in enumerate(before) if _same(one, port)), None)
        if place is None:
            raise Gone(f"{port.name} is not there any more")
        midi.open_port(place, label)
        if troubles:
            return
        after = listed(_names(midi), port.api)
        if place < len(after) and _same(after[place], port):
            return
        midi.close_port()
    raise Gone(f"{port.name} comes and goes")


def _same(one: Port, other: Port) -> bool:
    return (one.key, one.place) == (other.key, other.place)


def _names(midi: Any) -> list[str]:
    """Return the raw names. A port that vanished since they were counted keeps its place, without a name."""
    return [_text(name) for name in midi.get_ports(encoding=None)]


def _text(name: bytes | None) -> str:
    """Return a name that RtMidi says in UTF-8, whatever python-rtmidi takes it for."""
    try:
        return (name or b"").decode()
    except UnicodeDecodeError:
        return (name or b"").decode("latin-1")


def _others(found: tuple[Port, ...]) -> list[Port]:
    """Leave out what the bridge itself has made."""
    made = {port.raw for port in _VIRTUAL}
    return [
        port for port in found if port.raw and not ours(port.raw) and not (port.api == "CoreMIDI" and port.raw in made)
    ]


def _in_words(port: Port, error: str) -> str:
    """Say why a port could not be opened, and what to do."""
    if port.api == "WinMM" and "error creating Windows MM MIDI" in error:
        return (
            f"{port.name} is in use by another program: close it there (on Windows 10 one program at a time has a port; "
            "loopMIDI makes ports that several programs can pass its messages through)"
        )
    return f"{port.name} cannot be opened: {error}"
