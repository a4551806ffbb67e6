"""A Syphon that is not there: servers and clients of one process, and the notifications that need a run loop."""

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from tests.stubs import alike, like


@like("syphon.types", "Texture")
class Texture:
    """Memory of a graphics card: RGBA or BGRA."""

    def __init__(self, width: int, height: int, order: int = 70) -> None:
        self._size = width, height
        self._order = order
        self._data = b""
        self._read_by: Commands | None = None

    def width(self) -> int:
        return self._size[0]

    def height(self) -> int:
        return self._size[1]

    def pixelFormat(self) -> int:
        return self._order


@like("syphon.types", "CommandBuffer")
class Commands:
    """What the graphics card is to do; it does it, in the order of the queue, when somebody waits."""

    def __init__(self, queue: "list[Commands]") -> None:
        self._work: Callable[[], None] | None = None
        self._queue = queue

    def commit(self) -> None:
        self._queue.append(self)

    def waitUntilCompleted(self) -> None:
        assert self in self._queue, "it is not committed, or was waited for before"
        done = False
        while not done:
            first = self._queue[0]
            done = first is self
            if first._work is not None:
                first._work()
                first._work = None
            if not done:
                self._queue.append(self._queue.pop(0))  # whoever waits for it finds it done
        self._queue.remove(self)


@like("syphon.types", "CommandQueue")
class Queue:
    def __init__(self) -> None:
        self._committed: list[Commands] = []

    def commandBuffer(self) -> Commands:
        return Commands(self._committed)


@dataclass
class Shared:
    """A server, as other programs know it."""

    uuid: str
    name: str
    app_name: str
    icon: object = None
    raw: object = None
    size: tuple[int, int] = (0, 0)
    order: int = 70
    data: bytes = b""
    running: bool = True
    watched: list[Callable[[], None]] = field(default_factory=list)
    frames: int = 0

    def show(self, size: tuple[int, int], data: bytes, order: int = 70) -> None:
        """Be another program that sends a picture."""
        self.size, self.data, self.order, self.frames = size, data, order, self.frames + 1
        for announce in self.watched:
            announce()


@dataclass
class Machine:
    """What all programs of the machine know of each other's servers."""

    servers: dict[str, Shared] = field(default_factory=dict)
    metal: bool = True
    turned: int = 0
    """How often the run loop was turned, and by which threads."""
    pools: int = 0

    def server(self, name: str, app_name: str = "Arena") -> Shared:
        """Be another program that has a server."""
        shared = self.servers[name] = Shared(f"uuid of {name}", name, app_name)
        return shared


def install(monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Be a Mac with syphon-python."""
    machine = Machine()

    @like("syphon.server", "SyphonMetalServer")
    class Server:
        def __init__(
            self, name: str, device: Any = None, command_queue: Any = None, *, is_private: bool = False
        ) -> None:
            if not machine.metal:
                raise RuntimeError("No Metal device is available")
            self._shared = machine.server(name, "Scope Bridge")
            self._running = True
            self._queue = Queue()

        @property
        def device(self) -> object:
            return machine

        @property
        def command_queue(self) -> Queue:
            return self._queue

        @property
        def has_clients(self) -> bool:
            return bool(self._shared.watched)

        def publish_frame_texture(
            self,
            texture: Any,
            region: Any = None,
            size: Any = None,
            is_flipped: bool = False,
            command_buffer: Any = None,
            auto_commit: bool = True,
        ) -> None:
            assert self._running
            assert command_buffer is not None
            assert not auto_commit
            assert not is_flipped
            texture._read_by = command_buffer

            def work() -> None:
                texture._read_by = None
                self._shared.show((texture.width(), texture.height()), texture._data)

            command_buffer._work = work

        def stop(self) -> None:
            assert self._running, "stopped twice"
            self._running = False
            machine.servers.pop(self._shared.name).running = False

    @like("syphon.client", "SyphonMetalClient")
    class Client:
        def __init__(
            self, description: Any, device: Any = None, *, new_frame_handler: Any = None, callback_loop: Any = None
        ) -> None:
            if not machine.metal:
                raise RuntimeError("No Metal device is available")
            self._shared = description
            self._seen = 0
            self._told = lambda: new_frame_handler(self)
            self._shared.watched.append(self._told)

        @property
        def is_valid(self) -> bool:
            return bool(self._shared.running)

        @property
        def has_new_frame(self) -> bool:
            return bool(self._shared.frames > self._seen)

        @property
        def new_frame_image(self) -> Texture | None:
            self._seen = self._shared.frames
            width, height = self._shared.size
            texture = Texture(width, height, self._shared.order)
            texture._data = self._shared.data
            return texture

        def stop(self) -> None:
            self._shared.watched.remove(self._told)

    @like("syphon.server_directory", "SyphonServerDirectory")
    class Directory:
        def __init__(self) -> None:
            self._interval = 1.0

        @property
        def run_loop_interval(self) -> float:
            return self._interval

        @run_loop_interval.setter
        def run_loop_interval(self, seconds: float) -> None:
            self._interval = seconds

        @property
        def servers(self) -> list[Shared]:
            assert self._interval == 0, "it would wait for a second"
            return list(machine.servers.values())

        def update_run_loop(self) -> None:
            assert self._interval == 0, "it would stop the event loop for a second"
            machine.turned += 1

        def close(self) -> None:
            pass

    @alike("syphon.utils.raw", "create_mtl_texture")
    def create_mtl_texture(device: Any, width: int, height: int, pixel_format: int = 70) -> Texture:
        return Texture(width, height, pixel_format)

    @alike("syphon.utils.raw", "copy_bytes_to_mtl_texture")
    def copy_bytes_to_mtl_texture(data: bytes, texture: Any) -> None:
        assert len(data) == texture.width() * texture.height() * 4
        assert texture._read_by is None, "the graphics card still reads it"
        texture._data = data

    @alike("syphon.utils.raw", "copy_mtl_texture_to_bytes")
    def copy_mtl_texture_to_bytes(texture: Any, buffer: object = None) -> bytes:
        return bytes(texture._data)

    @alike("objc", "autorelease_pool")
    def autorelease_pool() -> AbstractContextManager[None]:
        machine.pools += 1
        return nullcontext()

    modules = {name: ModuleType(name) for name in ("syphon", "syphon.utils", "syphon.utils.raw", "objc")}
    vars(modules["syphon"]).update(SyphonMetalServer=Server, SyphonMetalClient=Client, SyphonServerDirectory=Directory)
    vars(modules["syphon.utils.raw"]).update(
        create_mtl_texture=create_mtl_texture,
        copy_bytes_to_mtl_texture=copy_bytes_to_mtl_texture,
        copy_mtl_texture_to_bytes=copy_mtl_texture_to_bytes,
    )
    vars(modules["objc"]).update(autorelease_pool=autorelease_pool)
    for name, module in modules.items():
        monkeypatch.setitem(sys.modules, name, module)
    mac(monkeypatch)
    return machine


def mac(monkeypatch: pytest.MonkeyPatch) -> None:
    """Be a Mac."""
    monkeypatch.setattr("bridge.syphon.sys", SimpleNamespace(platform="darwin"))
