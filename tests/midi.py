"""A python-rtmidi that is not there: a machine whose ports tests plug in, busy and broken ones too."""

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Final

import pytest

from bridge.inputs.midi.port import _Lister
from tests.stubs import alike, like

NUMBERS: Final = {"core": 1, "alsa": 2, "jack": 3, "winmm": 4, "dummy": 6}


@dataclass
class Machine:
    """What all programs of the machine know of its ports."""

    apis: list[str]
    inputs: list[str] = field(default_factory=list)
    """The devices that send, as the system calls them."""
    outputs: list[str] = field(default_factory=list)
    busy: set[str] = field(default_factory=set)
    """Those that another program has."""
    deaf: set[str] = field(default_factory=set)
    """Outputs that take nothing."""
    open: dict[str, Callable[[list[int]], None]] = field(default_factory=dict)
    """What is listened to now, and what a device calls to send."""
    sent: list[tuple[str, bytes]] = field(default_factory=list)
    """What outputs got, in order."""
    opened: list[str] = field(default_factory=list)
    """Every port that was ever opened, in order."""
    meanwhile: Callable[[], None] = lambda: None
    """What happens between a look at the list and opening."""


def install(monkeypatch: pytest.MonkeyPatch, *apis: str) -> Machine:
    """Be a machine with python-rtmidi, built for these systems."""
    machine = Machine(list(apis))
    module = ModuleType("rtmidi")

    class RtMidiError(Exception):
        pass

    class SystemError(RtMidiError, OSError):  # as the package calls it
        pass

    class InvalidPortError(RtMidiError, ValueError):
        pass

    @like("rtmidi", "MidiIn")  # and MidiOut has all of it, too
    class Base:
        _kind = ""

        _open = ""
        _fail: Callable[[int, str, Any], object]

        def _names(self) -> list[str]:
            return machine.inputs if self._kind == "In" else machine.outputs

        def get_ports(self, encoding: str | None = "auto") -> list[Any]:
            assert encoding is None, "python-rtmidi takes the names' UTF-8 for something else"
            return [name.encode() for name in self._names()]

        def set_error_callback(self, func: Callable[[int, str, Any], object], data: Any = None) -> None:
            self._fail = func

        def open_port(self, port: int = 0, name: str | None = None) -> Any:
            meanwhile, machine.meanwhile = machine.meanwhile, lambda: None
            meanwhile()
            if port >= len(self._names()):
                raise InvalidPortError(
                    f"Midi{self._kind}WinMM::openPort: the 'portNumber' argument ({port}) is invalid."
                )
            called = self._names()[port]
            machine.opened.append(called)
            if called in machine.busy:
                way = "input" if self._kind == "In" else "output"
                self._fail(8, f"Midi{self._kind}WinMM::openPort: error creating Windows MM MIDI {way} port.", None)
            else:
                self._open = called
                self._begin(called)
            return self

        def open_virtual_port(self, name: str | None = None) -> Any:
            assert "winmm" not in machine.apis, "Virtual ports are not supported by the Windows MultiMedia API."
            assert name is not None
            self._open = name
            self._names().append(name)
            self._begin(name)
            return self

        def _begin(self, called: str) -> None:
            pass

        def close_port(self) -> None:
            self._open = ""

        def delete(self) -> None:
            self.close_port()

    @like("rtmidi", "MidiIn")
    class MidiIn(Base):
        _kind = "In"
        _func: Callable[[tuple[list[int], float], Any], object] | None = None

        def __init__(self, rtapi: int = 0, name: str | None = None, queue_size_limit: int = 1024) -> None:
            assert rtapi in get_compiled_api()

        def set_callback(self, func: Callable[[tuple[list[int], float], Any], object], data: Any = None) -> None:
            self._func = func

        def cancel_callback(self) -> None:
            self._func = None

        def ignore_types(self, sysex: bool = True, timing: bool = True, active_sense: bool = True) -> None:
            assert not sysex
            assert not timing

        def _begin(self, called: str) -> None:
            def send(message: list[int]) -> None:
                if self._func is not None:
                    self._func((message, 0.0), None)

            machine.open[called] = send

        def close_port(self) -> None:
            machine.open.pop(self._open, None)
            super().close_port()

    @like("rtmidi", "MidiOut")
    class MidiOut(Base):
        _kind = "Out"

        def __init__(self, rtapi: int = 0, name: str | None = None) -> None:
            assert rtapi in get_compiled_api()

        def send_message(self, message: Iterable[int]) -> None:
            if self._open in machine.deaf:
                self._fail(8, "MidiOutWinMM::sendMessage: error sending MIDI message.", None)
            else:
                machine.sent.append((self._open, bytes(message)))

    @alike("rtmidi", "get_compiled_api")
    def get_compiled_api() -> list[int]:
        return [NUMBERS[api] for api in machine.apis]

    @alike("rtmidi", "get_api_name")
    def get_api_name(api: int) -> str:
        return next(name for name, number in NUMBERS.items() if number == api)

    for one in (MidiIn, MidiOut, get_compiled_api, get_api_name):
        setattr(module, one.__name__, one)
    monkeypatch.setitem(sys.modules, "rtmidi", module)
    monkeypatch.setattr("bridge.inputs.midi.port._LISTER", _Lister())  # it has clients of the real one
    return machine
