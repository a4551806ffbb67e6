"""A Syphon server, for the programs on this Mac: Resolume, MadMapper, VDMX, TouchDesigner."""

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from bridge.errors import Unavailable
from bridge.outputs.driver import Format, Picture
from bridge.profile.outputs import Syphon
from bridge.syphon import RunLoop, check, pool

if TYPE_CHECKING:
    from syphon import SyphonMetalServer
    from syphon.types import CommandBuffer, Texture

    from bridge.outputs.driver import Driver


class SyphonDriver:
    """The Syphon server of a profile. Make it in the event loop's thread."""

    wants: Format = "rgba"

    def __init__(self, options: Syphon) -> None:
        self._options = options
        self._run_loop = RunLoop()
        self._server: SyphonMetalServer | None = None
        self._surfaces: list[_Surface] = []
        self._sent = 0

    @property
    def detail(self) -> str:
        """What is wrong although it goes on, or empty."""
        if self._server is not None and not self._run_loop.here:
            return "programs that are started later do not find it: the bridge does not run in the first thread"
        return ""

    def open(self, fps: Fraction) -> str:
        """Announce the server. Return its name. Raise `Unavailable` where there is no Syphon, or no Metal."""
        check()
        import syphon

        try:
            with pool():
                self._server = syphon.SyphonMetalServer(self._options.name)
        except RuntimeError as error:
            raise Unavailable(f"Syphon cannot share pictures here: {error}") from error
        self._run_loop.hold()
        return f"Syphon server {self._options.name}"

    def send(self, picture: Picture, at: float) -> None:
        """Show a picture, of any size. Raise `Unavailable` when Metal has no memory for it."""
        assert isinstance(picture, np.ndarray)
        server = self._server
        if server is None:
            return
        height, width = picture.shape[:2]
        with pool():
            if not self._surfaces or self._surfaces[0].size != (width, height):
                self._let_go()
                # Two, so that one is written while Metal reads the other.
                self._surfaces = [_Surface(server, width, height) for _ in range(2)]
            self._surfaces[self._sent % 2].publish(picture.tobytes())
        self._sent += 1

    def pace(self, fps: Fraction) -> None:
        """Take another rate: Syphon's clients take what comes."""

    def receivers(self) -> int | None:
        """Return 0 when nobody takes the picture; else None: how many is not known."""
        if self._server is None:
            return 0
        with pool():
            return None if self._server.has_clients else 0

    def close(self) -> None:
        """Take the server away."""
        server, self._server = self._server, None
        if server is not None:
            with pool():
                self._let_go()
                server.stop()
            self._run_loop.release()

    def _let_go(self) -> None:
        surfaces, self._surfaces = self._surfaces, []
        for surface in surfaces:
            surface.wait()


class _Surface:
    """A texture that pictures go through, and what Metal has yet to do with it."""

    def __init__(self, server: "SyphonMetalServer", width: int, height: int) -> None:
        from syphon.utils.raw import create_mtl_texture

        self.size = width, height
        self._server = server
        texture: Texture | None = create_mtl_texture(server.device, width, height)
        if texture is None:
            raise Unavailable(f"Metal has no texture of {width}x{height} pixels")
        self._texture = texture
        self._pending: CommandBuffer | None = None

    def publish(self, pixels: bytes) -> None:
        """Show RGBA, top row first: as Metal has it, so nothing is flipped."""
        from syphon.utils.raw import copy_bytes_to_mtl_texture

        self.wait()
        copy_bytes_to_mtl_texture(pixels, self._texture)
        commands = self._server.command_queue.commandBuffer()
        self._server.publish_frame_texture(self._texture, is_flipped=False, command_buffer=commands, auto_commit=False)
        commands.commit()
        self._pending = commands

    def wait(self) -> None:
        """Wait until Metal has read it."""
        pending, self._pending = self._pending, None
        if pending is not None:
            pending.waitUntilCompleted()


if TYPE_CHECKING:
    _: type[Driver] = SyphonDriver
