# Of syphon-python 0.2.0; without its OpenGL server.
from abc import ABC

from syphon.server_directory import SyphonServerDescription
from syphon.types import CommandBuffer, CommandQueue, Device, Region, Size, Texture

class BaseSyphonServer(ABC):
    def __init__(self, name: str) -> None: ...
    @property
    def name(self) -> str: ...
    @name.setter
    def name(self, value: str) -> None: ...
    @property
    def server_description(self) -> SyphonServerDescription: ...
    @property
    def new_frame_image(self) -> Texture | None: ...
    def stop(self) -> None: ...
    @property
    def has_clients(self) -> bool: ...

class SyphonMetalServer(BaseSyphonServer):
    device: Device
    command_queue: CommandQueue
    def __init__(
        self,
        name: str,
        device: Device | None = None,
        command_queue: CommandQueue | None = None,
        *,
        is_private: bool = False,
    ) -> None: ...
    def publish_frame_texture(
        self,
        texture: Texture,
        region: Region | None = None,
        size: Size | None = None,
        is_flipped: bool = False,
        command_buffer: CommandBuffer | None = None,
        auto_commit: bool = True,
    ) -> None: ...
    def publish(self) -> None: ...
