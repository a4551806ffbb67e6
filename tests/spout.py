"""A Spout that is not there: senders and receivers of one process, which share pictures as the real ones do."""

import sys
from dataclasses import dataclass, field
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.stubs import like


@dataclass
class Sent:
    """What a sender shares."""

    width: int
    height: int
    pixels: bytes
    frames: int = 1


@dataclass
class Machine:
    """What all programs of the machine know of each other's senders."""

    senders: dict[str, Sent] = field(default_factory=dict)
    takes: bool = True
    """Whether pictures can be shared: else `sendImage` is refused, as without Direct3D."""
    counts: bool = True
    """Whether senders count their frames."""
    released: int = 0

    def share(self, name: str, pixels: NDArray[np.uint8]) -> None:
        """Be another program that sends a picture."""
        height, width = pixels.shape[:2]
        frames = self.senders[name].frames + 1 if name in self.senders else 1
        self.senders[name] = Sent(width, height, pixels.tobytes(), frames)


def install(monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Be a Windows machine with SpoutGL."""
    machine = Machine()

    @like("SpoutGL", "SpoutSender")
    class Sender:
        def __init__(self) -> None:
            self._name = ""
            self._known = False

        def setSenderName(self, arg0: str, /) -> None:
            self._name, number = arg0, 1
            while self._name in machine.senders:
                self._name, number = f"{arg0}_{number}", number + 1

        def sendImage(self, arg0: Any, arg1: int, arg2: int, arg3: int, arg4: bool, arg5: int, /) -> bool:
            data = bytes(memoryview(arg0))
            assert len(data) == arg1 * arg2 * 4
            assert arg3 == 0x1908, "the way through Direct3D takes every other order for this one"
            assert self._name, "it would be called after the program"
            if machine.takes:
                frames = machine.senders[self._name].frames + 1 if self._known else 1
                machine.senders[self._name] = Sent(arg1, arg2, data, frames)
                self._known = True
            return machine.takes

        def releaseSender(self) -> None:
            machine.released += 1
            if self._known:
                del machine.senders[self._name]
            self._known = False

    @like("SpoutGL", "SpoutReceiver")
    class Receiver:
        def __init__(self) -> None:
            self._asked = self._name = ""
            self._size: tuple[int, int] | None = None
            self._updated = self._connected = self._new = False
            self._frame = 0

        def setReceiverName(self, arg0: str, /) -> None:
            self._asked = arg0

        def getSenderList(self) -> list[str]:
            return list(machine.senders)

        def receiveImage(self, arg0: Any, arg1: int, arg2: bool, arg3: int, /) -> bool:
            assert arg1 == 0x1908
            if self._updated:
                return True
            self._new = False
            found = machine.senders.get(self._asked or next(iter(machine.senders), ""))
            if found is None:
                self.releaseReceiver()
                return False
            if self._size != (found.width, found.height):
                self._size, self._updated = (found.width, found.height), True
                return True
            if arg0 is None:
                return False
            assert len(memoryview(arg0).cast("B")) >= len(found.pixels), "Buffer not large enough"
            self._new = not machine.counts or found.frames != self._frame
            if self._new:
                memoryview(arg0).cast("B")[:] = found.pixels
                self._frame = found.frames
            self._connected = True
            return True

        def isUpdated(self) -> bool:
            updated, self._updated = self._updated, False
            return updated

        def isConnected(self) -> bool:
            return self._connected

        def isFrameNew(self) -> bool:
            return self._new

        def isFrameCountEnabled(self) -> bool:
            return machine.counts

        def getSenderWidth(self) -> int:
            assert self._size is not None
            return self._size[0]

        def getSenderHeight(self) -> int:
            assert self._size is not None
            return self._size[1]

        def releaseReceiver(self) -> None:
            machine.released += 1
            self._size, self._updated, self._connected, self._frame = None, False, False, 0

    module = ModuleType("SpoutGL")
    module.SpoutSender, module.SpoutReceiver = Sender, Receiver  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "SpoutGL", module)
    windows(monkeypatch)
    return machine


def windows(monkeypatch: pytest.MonkeyPatch, version: tuple[int, int] = (3, 13)) -> None:
    """Be a Windows machine with that Python."""
    monkeypatch.setattr("bridge.spout.sys", SimpleNamespace(platform="win32", version_info=version))
