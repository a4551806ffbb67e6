# Of syphon-python 0.2.0; without its OpenGL client.
import asyncio
from abc import ABC
from collections.abc import Callable

from syphon.server_directory import SyphonServerDescription
from syphon.types import Device, Texture

class BaseSyphonClient(ABC):
    @property
    def is_valid(self) -> bool: ...
    @property
    def has_new_frame(self) -> bool: ...
    @property
    def new_frame_image(self) -> Texture | None: ...
    @property
    def server_description(self) -> SyphonServerDescription: ...
    async def wait_for_frame(self, timeout: float | None = None) -> None: ...
    def stop(self) -> None: ...

class SyphonMetalClient(BaseSyphonClient):
    device: Device
    def __init__(
        self,
        description: SyphonServerDescription,
        device: Device | None = None,
        *,
        new_frame_handler: Callable[[BaseSyphonClient], None] | None = None,
        callback_loop: asyncio.AbstractEventLoop | None = None,
    ) -> None: ...
