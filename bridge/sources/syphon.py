"""A Syphon server on this Mac as video for Scope.

It is awaited for as long as it takes, also when it has gone and comes back.
"""

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import av
import numpy as np

from bridge.errors import Unavailable
from bridge.syphon import PIXELS, RunLoop, check, directory, pool

if TYPE_CHECKING:
    from syphon import BaseSyphonClient, SyphonMetalClient, SyphonServerDescription, SyphonServerDirectory

    from bridge.sources.reader import Reader

_ABSENT: Final = 0.1
"""Seconds between two looks for a server that is not there."""


class SyphonReader:
    """Reads the pictures of one server. Make it in the event loop's thread."""

    def __init__(self, name: str, sleep: Callable[[float], object] = time.sleep) -> None:
        """`name` is the server's, its program's, or both: `Resolume Arena - Composition`; empty: the first there is."""
        self.detail = ""
        self._name = name
        self._sleep = sleep
        self._run_loop = RunLoop()
        self._directory: SyphonServerDirectory | None = None
        self._client: SyphonMetalClient | None = None
        self._arrived = threading.Event()

    def open(self) -> str:
        """Begin to look for the server. Return its name. Raise `Unavailable` where there is no Syphon."""
        check()
        self._directory = directory()
        self._run_loop.hold()
        self._wait_for_it()
        return f"Syphon server {self._name}" if self._name else "the first Syphon server"

    def read(self, timeout: float) -> av.VideoFrame | None:
        """Return the newest picture that was not read yet; wait for one up to `timeout` seconds, then return None.

        Raise `Unavailable` when its pictures are not of 8 bits, or there is no Metal.
        """
        if self._directory is None:
            return None
        with pool():
            if self._client is not None and not self._client.is_valid:
                self._leave()
                self._wait_for_it()
            if self._client is None:
                server = self._found(self._directory)
                if server is None:
                    self._sleep(min(timeout, _ABSENT))
                    return None
                self._join(server)
            client = self._client
            assert client is not None
            if not client.has_new_frame and not self._arrived.wait(timeout):
                return None
            self._arrived.clear()
            return _picture(client)

    def close(self) -> None:
        """Let go of the server."""
        listing, self._directory = self._directory, None
        self.detail = ""
        if listing is not None:
            with pool():
                self._leave()
                listing.close()
            self._run_loop.release()

    def _found(self, listing: "SyphonServerDirectory") -> "SyphonServerDescription | None":
        """Return the server that is meant: one of that name rather than of that program."""
        servers = listing.servers
        for called in (lambda one: one.name, lambda one: f"{one.app_name} - {one.name}", lambda one: one.app_name):
            for server in servers:
                if not self._name or called(server) == self._name:
                    return server
        return None

    def _join(self, server: "SyphonServerDescription") -> None:
        import syphon

        try:
            self._client = syphon.SyphonMetalClient(server, new_frame_handler=self._announced)
        except RuntimeError as error:
            raise Unavailable(f"Syphon cannot receive pictures here: {error}") from error
        self.detail = ""

    def _announced(self, _client: "BaseSyphonClient") -> None:
        """A picture has come: in a thread of Syphon's."""
        self._arrived.set()

    def _leave(self) -> None:
        client, self._client = self._client, None
        self._arrived.clear()
        if client is not None:
            client.stop()

    def _wait_for_it(self) -> None:
        self.detail = f"waits for the Syphon server {self._name}" if self._name else "waits for a Syphon server"


def _picture(client: "SyphonMetalClient") -> av.VideoFrame | None:
    from syphon.utils.raw import copy_mtl_texture_to_bytes

    texture = client.new_frame_image
    if texture is None:
        return None
    order = PIXELS.get(texture.pixelFormat())
    if order is None:
        raise Unavailable("the Syphon server has pictures of more than 8 bits, which cannot be read")
    pixels = np.frombuffer(copy_mtl_texture_to_bytes(texture), np.uint8)
    return av.VideoFrame.from_numpy_buffer(pixels.reshape(texture.height(), texture.width(), 4), format=order)


if TYPE_CHECKING:
    _: type[Reader] = SyphonReader
