"""NDI's library: sources that are sent, found and received, with types, and lives that end safely.

The library crashes the process when it is called with something that has ended. What is here stands between: after
`close`, from whatever thread, no call reaches it. While one thread is inside, another one that closes waits.

    with closing(Sender("Scope Bridge", Fraction(30))) as sender:
        sender.send(pixels, "UYVY")

    with closing(Finder()) as finder, closing(Receiver()) as receiver:
        receiver.connect(choose("Cam 1", finder.sources()))
        picture = receiver.receive(0.1)

NDI takes all YCbCr for BT.709 in limited range. *NDI® is a registered trademark of Vizrt NDI AB.*
"""

import fnmatch
import re
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Generic, Literal, TypeVar

import numpy as np

from bridge.errors import Unavailable
from bridge.ndi.library import Library, Pixels, VideoFrame, library

H = TypeVar("H")

FourCC = Literal["UYVY", "UYVA", "RGBX", "BGRX"]
"""How the pixels of a picture lie, and the shape of their array:

- `UYVY`: height x width x 2;
- `UYVA`: (height * 3 / 2) x width x 2: the rows of `UYVY`, then the alpha of each pixel, row by row;
- `RGBX`, `BGRX`: height x width x 4; the last byte means nothing.
"""

HERE: Final = "127.0.0.1"
"""Where sources of this machine are found although it announces nothing (on Linux: has no Avahi)."""

_URL: Final = re.compile(r"(?:ndi://)?(?P<address>(?:[\w.-]+|\[[0-9a-f:]+\]):\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Announced:
    """A source on the network."""

    name: str
    """`MACHINE (Name)`; empty if only its address is known."""
    address: str = ""
    """`192.168.1.5:5961`; empty if only its name is known."""

    def __str__(self) -> str:
        return self.name or self.address


@dataclass(frozen=True, slots=True)
class Received:
    """A picture that came."""

    fourcc: Literal["UYVY", "BGRA"]
    """`BGRA`: of a source that has alpha."""
    pixels: Pixels
    """Height x width x 2, or x 4; it is the receiver's of this object alone."""
    fps: Fraction
    """As the sender tells; 0 if it does not."""
    timestamp: int
    """The sender's own, in units of 100 ns."""


def choose(wanted: str, sources: Iterable[Announced]) -> Announced | None:
    """Return the source that is called `wanted`, or None: by its whole name (`MACHINE (Name)`), else by its name on its
    machine (`Name`), else by a pattern (`*cam*`), capitals or not. Of several, the first by the alphabet."""
    wanted = wanted.casefold()
    by_name = sorted(sources, key=lambda source: source.name)
    ways: tuple[Callable[[str], bool], ...] = (
        lambda name: name == wanted,
        lambda name: name.endswith(f" ({wanted})"),
        lambda name: fnmatch.fnmatchcase(name, wanted),
    )
    return next((source for matches in ways for source in by_name if matches(source.name.casefold())), None)


def addressed(wanted: str) -> Announced | None:
    """Return the source that `wanted` is the address of (`192.168.1.5:5961`, `ndi://cam.local:5961`); None: it is a name."""
    match = _URL.fullmatch(wanted.strip())
    return Announced("", match["address"]) if match else None


class Sender:
    """One source, from when it is announced to `close`. Any thread may use it."""

    def __init__(self, name: str, fps: Fraction, failover: str = "") -> None:
        """Announce a source. `fps` is what receivers are told; for `failover` see `fail_over`.

        Raise `Unavailable` if NDI is not installed or does not work here, or if the name is taken on this machine.
        """
        ndi = library()
        handle = ndi.send_create(ndi.SendCreate(p_ndi_name=name, clock_video=False, clock_audio=False))
        if handle is None:
            raise Unavailable(
                f"an NDI source called {name!r} is sent already, by this program or another on this machine; give this one another name"
            )
        self._ndi = ndi
        self._handle = _Handle("sender", handle, ndi.send_destroy)
        self.source = str(ndi.send_get_source_name(handle).ndi_name)
        """The name that receivers see, with the machine's: `MACHINE (Name)`."""
        self._frame = ndi.VideoFrameV2()
        self._frame.timecode = ndi.SEND_TIMECODE_SYNTHESIZE
        self._shown: tuple[Pixels, FourCC] | None = None
        self._failover = ""
        self.pace(fps)
        self.fail_over(failover)

    def pace(self, fps: Fraction) -> None:
        """Tell receivers another rate, from the next picture on."""
        with self._handle:
            self._frame.frame_rate_N, self._frame.frame_rate_D = fps.numerator, fps.denominator

    def fail_over(self, source: str) -> None:
        """Name the source, as it is announced, that receivers turn to when this one is gone; empty: none."""
        with self._handle as handle:
            if source != self._failover:
                self._ndi.send_set_failover(handle, self._ndi.Source(p_ndi_name=source) if source else None)
                self._failover = source

    def send(self, pixels: Pixels, fourcc: FourCC) -> None:
        """Send one picture, of an even size, which may change from one to the next, as may `fourcc`.

        Returns when the library has done with it (some milliseconds). Raise `RuntimeError` after `close`, `ValueError`
        for pixels that are not of the shape of `FourCC`, or not contiguous.
        """
        with self._handle as handle:
            if self._shown is None or pixels is not self._shown[0] or fourcc != self._shown[1]:
                self._set(pixels, fourcc)
            self._ndi.send_send_video_v2(handle, self._frame)

    def receivers(self) -> int:
        """Return how many are connected. Raise `RuntimeError` after `close`."""
        with self._handle as handle:
            return self._ndi.send_get_no_connections(handle, 0)

    def close(self) -> None:
        """Take the source off the network; a second time does nothing."""
        self._handle.end()
        self._shown = None

    def _set(self, pixels: Pixels, fourcc: FourCC) -> None:
        height, width = _size(pixels, fourcc)
        self._frame.FourCC = getattr(self._ndi, f"FOURCC_VIDEO_TYPE_{fourcc}")
        self._frame.data = pixels
        self._frame.yres = height
        self._frame.line_stride_in_bytes = width * (4 if fourcc.endswith("X") else 2)
        self._frame.picture_aspect_ratio = 0.0  # square pixels: what `data` took from the shape is wrong for UYVA
        self._shown = pixels, fourcc  # the library reads the memory: it must live as long as the frame that names it


class Receiver:
    """Takes the pictures of one source at a time. Any thread may use it."""

    def __init__(self) -> None:
        """Raise `Unavailable` if NDI is not installed or does not work here."""
        ndi = library()
        settings = ndi.RecvCreateV3()
        settings.color_format = ndi.RECV_COLOR_FORMAT_UYVY_BGRA
        settings.bandwidth = ndi.RECV_BANDWIDTH_HIGHEST
        settings.allow_video_fields = False  # the library makes whole pictures of interlaced ones
        handle = ndi.recv_create_v3(settings)
        if handle is None:
            raise Unavailable("NDI cannot make a receiver")
        self._ndi = ndi
        self._handle = _Handle("receiver", handle, ndi.recv_destroy)

    def connect(self, source: Announced | None) -> None:
        """Take the pictures of `source` from now on, as soon and as often as it is there; None: of none."""
        with self._handle as handle:
            self._ndi.recv_connect(
                handle,
                None
                if source is None
                else self._ndi.Source(p_ndi_name=source.name or None, p_url_address=source.address or None),
            )

    def receive(self, timeout: float) -> Received | None:
        """Return the newest picture that came since the last call; wait for one up to `timeout` seconds. Older ones, and
        sound, are dropped. Raise `RuntimeError` after `close`."""
        ndi = self._ndi
        with self._handle as handle:
            wait = round(timeout * 1000)
            while True:
                kind, video, _, _ = ndi.recv_capture_v2(handle, wait, want_audio=False, want_metadata=False)
                if kind != ndi.FRAME_TYPE_VIDEO:
                    return None
                try:
                    if ndi.recv_get_queue(handle).video_frames == 0:
                        return _received(ndi, video)
                finally:
                    ndi.recv_free_video_v2(handle, video)
                wait = 0

    def connected(self) -> bool:
        """Return whether the source is there. Raise `RuntimeError` after `close`."""
        with self._handle as handle:
            return self._ndi.recv_get_no_connections(handle) > 0

    def close(self) -> None:
        """Leave the source; a second time does nothing."""
        self._handle.end()


class Finder:
    """Looks what sources there are. Any thread may use it.

    It sees what is announced by mDNS (on Linux that is Avahi's work: without it, nothing is, and nobody is told), which may
    take some seconds; and what one NDI program of each given address sends. Of several on one machine the system picks
    one, for as long as the finder lives: another finder may see others.
    """

    def __init__(self, addresses: Iterable[str] = (HERE,)) -> None:
        """`addresses` are of machines that are asked by themselves. Raise `Unavailable` if NDI does not work here."""
        ndi = library()
        handle = ndi.find_create_v2(ndi.FindCreate(show_local_sources=True, p_extra_ips=",".join(addresses)))
        if handle is None:
            raise Unavailable("NDI cannot look for sources")
        self._ndi = ndi
        self._handle = _Handle("finder", handle, ndi.find_destroy)

    def sources(self) -> tuple[Announced, ...]:
        """Return what was found so far. Raise `RuntimeError` after `close`."""
        with self._handle as handle:
            return tuple(
                Announced(str(source.ndi_name), str(source.url_address))
                for source in self._ndi.find_get_current_sources(handle)
            )

    def wait(self, timeout: float) -> bool:
        """Wait up to `timeout` seconds for sources to come or go; return whether some did."""
        with self._handle as handle:
            return self._ndi.find_wait_for_sources(handle, round(timeout * 1000))

    def close(self) -> None:
        """Look no more; a second time does nothing."""
        self._handle.end()


class _Handle(Generic[H]):
    """Something of the library's: entered by one thread at a time, and after its end by none."""

    def __init__(self, what: str, handle: H, destroy: Callable[[H], None]) -> None:
        self._what = what
        self._handle: H | None = handle
        self._destroy = destroy
        self._turn = threading.Lock()

    def __enter__(self) -> H:
        self._turn.acquire()
        if self._handle is None:
            self._turn.release()
            raise RuntimeError(f"this NDI {self._what} is closed")
        return self._handle

    def __exit__(self, *exception: object) -> None:
        self._turn.release()

    def end(self) -> None:
        with self._turn:
            handle, self._handle = self._handle, None
            if handle is not None:
                self._destroy(handle)


def _size(pixels: Pixels, fourcc: FourCC) -> tuple[int, int]:
    """Return the height and width of a picture. Raise `ValueError` if the library would read what is not its."""
    depth = 4 if fourcc.endswith("X") else 2
    if pixels.ndim != 3 or pixels.shape[2] != depth or pixels.dtype != np.uint8 or not pixels.flags.c_contiguous:
        raise ValueError(f"{fourcc} is contiguous bytes, rows x columns x {depth}, not {pixels.dtype} {pixels.shape}")
    rows, width, _ = pixels.shape
    height = rows * 2 // 3 if fourcc == "UYVA" else rows
    if rows == 0 or width == 0 or height % 2 or width % 2 or (fourcc == "UYVA" and rows % 3):
        raise ValueError(f"NDI takes pictures of an even size, not {width}x{height}")
    return height, width


def _received(ndi: Library, video: VideoFrame) -> Received:
    fourcc: Literal["UYVY", "BGRA"] = "UYVY" if video.FourCC == ndi.FOURCC_VIDEO_TYPE_UYVY else "BGRA"
    fps = Fraction(video.frame_rate_N, video.frame_rate_D) if video.frame_rate_D else Fraction(0)
    return Received(fourcc, video.data, fps, video.timestamp)  # `data` is a copy: the library's memory is freed
