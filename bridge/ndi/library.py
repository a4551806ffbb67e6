"""What the bridge uses of ndi-python 6.3, which brings no types: the module `NDIlib` as a protocol, and its import.

Handles are opaque. No function may be given one after it was destroyed: that ends the process.
"""

from typing import Any, NewType, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from bridge.errors import Unavailable

Pixels = NDArray[np.uint8]

SendHandle = NewType("SendHandle", object)
ReceiveHandle = NewType("ReceiveHandle", object)
FindHandle = NewType("FindHandle", object)


class Listed(Protocol):
    """Where a source is. It belongs to the library: read it at once."""

    ndi_name: str
    url_address: str


class VideoFrame(Protocol):
    """A picture, and what is told with it."""

    xres: int
    yres: int
    FourCC: object
    frame_rate_N: int
    frame_rate_D: int
    picture_aspect_ratio: float
    """0: square pixels."""
    timecode: int
    timestamp: int
    """In units of 100 ns."""
    line_stride_in_bytes: int
    data: Pixels
    """Setting it takes the size from the array's shape, and copies nothing. Getting it copies `yres` rows."""


class ReceiveSettings(Protocol):
    """How a receiver takes pictures."""

    color_format: object
    bandwidth: object
    allow_video_fields: bool


class Queue(Protocol):
    """What waits in a receiver."""

    video_frames: int


class Library(Protocol):
    """The module."""

    FOURCC_VIDEO_TYPE_UYVY: object
    FRAME_TYPE_VIDEO: object
    RECV_BANDWIDTH_HIGHEST: object
    RECV_COLOR_FORMAT_UYVY_BGRA: object
    SEND_TIMECODE_SYNTHESIZE: int

    def initialize(self) -> bool: ...

    def Source(self, p_ndi_name: str | None = None, p_url_address: str | None = None) -> Listed: ...
    def VideoFrameV2(self) -> VideoFrame: ...

    def SendCreate(self, p_ndi_name: str, *, clock_video: bool, clock_audio: bool) -> object: ...
    def send_create(self, create_settings: object) -> SendHandle | None: ...
    def send_destroy(self, instance: SendHandle) -> None: ...
    def send_get_source_name(self, instance: SendHandle) -> Listed: ...
    def send_get_no_connections(self, instance: SendHandle, timeout_in_ms: int) -> int: ...
    def send_send_video_v2(self, instance: SendHandle, video_data: VideoFrame) -> None: ...
    def send_set_failover(self, instance: SendHandle, failover_source: Listed | None) -> None: ...

    def FindCreate(self, *, show_local_sources: bool, p_extra_ips: str) -> object: ...
    def find_create_v2(self, create_settings: object) -> FindHandle | None: ...
    def find_destroy(self, instance: FindHandle) -> None: ...
    def find_get_current_sources(self, instance: FindHandle) -> list[Listed]: ...
    def find_wait_for_sources(self, instance: FindHandle, timeout_in_ms: int) -> bool: ...

    def RecvCreateV3(self) -> ReceiveSettings: ...
    def recv_create_v3(self, create_settings: ReceiveSettings) -> ReceiveHandle | None: ...
    def recv_destroy(self, instance: ReceiveHandle) -> None: ...
    def recv_connect(self, instance: ReceiveHandle, source: Listed | None) -> None: ...
    def recv_capture_v2(
        self, instance: ReceiveHandle, timeout_in_ms: int, *, want_audio: bool, want_metadata: bool
    ) -> tuple[object, VideoFrame, Any, Any]: ...
    def recv_free_video_v2(self, instance: ReceiveHandle, video_data: VideoFrame) -> None: ...
    def recv_get_queue(self, instance: ReceiveHandle) -> Queue: ...
    def recv_get_no_connections(self, instance: ReceiveHandle) -> int: ...


def library() -> Library:
    """Return NDI's module. Raise `Unavailable`, with what to do, if it is missing or does not work here."""
    try:
        import NDIlib
    except ModuleNotFoundError as error:
        raise Unavailable('NDI is not installed; run: pip install "scope-bridge[ndi]"') from error
    except ImportError as error:
        if "libavahi" in str(error):
            raise Unavailable(
                "NDI needs a library of the system; run: sudo apt-get install libavahi-client3"
            ) from error
        raise Unavailable(f"NDI's library cannot be loaded: {error}") from error
    ndi = cast(Library, NDIlib)
    if not ndi.initialize():
        raise Unavailable("NDI does not run on this machine's processor")
    return ndi
