"""Pictures from the devices that FFmpeg knows: cameras, screens.

reader = DeviceReader(lambda: Device("camera 0", "v4l2", "/dev/video0"))
"""

import errno
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import av

from bridge.clock import Clock, now
from bridge.errors import Unavailable

if TYPE_CHECKING:
    from bridge.sources.reader import Reader

WISHED: Final = {"framerate": "30"}
"""What every device is asked for; one that does not do that brings what it can."""
LOOK_EVERY: Final = 1.0
"""Seconds between two looks whether a device is there, where its pictures do not tell."""
SILENT: Final = 5.0
"""Seconds without a picture after which a device is opened anew."""

_POLL: Final = 0.005
"""Seconds between two looks at a device that does not wait by itself."""
_IN_USE: Final = (errno.EBUSY, errno.EACCES)


@dataclass(frozen=True, slots=True)
class Device:
    """What FFmpeg is to open."""

    where: str
    """For a person: `camera 0 (/dev/video0)`."""
    format: str
    """FFmpeg's name of the kind of device: `v4l2`."""
    file: str
    """FFmpeg's name of the device."""
    options: Mapping[str, str] = field(default_factory=dict)
    """What it is told."""
    hint: str = ""
    """What to do when it cannot be read: `is another program using it?`."""
    lives: Callable[[], bool] | None = None
    """Tells whether it is still there, where pictures go on coming without it; asked every second."""


class DeviceReader:
    """Reads a device."""

    def __init__(
        self, find: Callable[[], Device], clock: Clock = now, sleep: Callable[[float], object] = time.sleep
    ) -> None:
        """`find` is asked at each opening, from the reader's thread; it raises `Unavailable` where there is no device."""
        self._find = find
        self._clock = clock
        self._sleep = sleep
        self._device = Device("", "", "")
        self._container: av.container.InputContainer | None = None
        self._last = 0.0
        self._looked = 0.0
        self.detail = ""
        """Nothing goes wrong while it goes on."""

    def open(self) -> str:
        """Open the device. Raise `Unavailable`, with what to do, if it is not there or somebody else has it."""
        device = self._find()
        self._device = device
        self._container = _opened(device)
        if not self._container.streams.video:
            raise Unavailable(f"{device.where} brings no video")
        self._last = self._clock()
        return device.where

    def read(self, timeout: float) -> av.VideoFrame | None:
        """Return the next picture. Raise `Unavailable` when the device is unplugged, or silent for long."""
        assert self._container is not None
        until = self._clock() + timeout
        while True:
            try:
                packet = next(self._container.demux(self._container.streams.video[0]))
                pictures = packet.decode()
            except BlockingIOError:
                pictures = []
                self._sleep(_POLL)
            except av.error.InvalidDataError:  # a picture that was damaged on its cable
                pictures = []
            except (StopIteration, av.FFmpegError, OSError) as error:
                raise Unavailable(_told(self._device, "has stopped")) from error
            moment = self._clock()
            if self._device.lives is not None and moment - self._looked > LOOK_EVERY:
                self._looked = moment
                if not self._device.lives():
                    raise Unavailable(_told(self._device, "has gone"))
            if pictures:
                self._last = moment
                return pictures[-1]
            if moment - self._last > SILENT:
                raise Unavailable(_told(self._device, f"has brought no picture for {SILENT:g} s"))
            if moment >= until:
                return None

    def close(self) -> None:
        """Let the device go; a second time does nothing."""
        container, self._container = self._container, None
        if container is not None:
            container.close()


def _opened(device: Device) -> av.container.InputContainer:
    try:
        try:
            return av.open(device.file, format=device.format, options={**WISHED, **device.options})
        except (av.FFmpegError, OSError) as error:
            if isinstance(error, FileNotFoundError) or error.errno in _IN_USE:
                raise
            return av.open(device.file, format=device.format, options=dict(device.options))
    except FileNotFoundError as error:
        raise Unavailable(f"there is no {device.where}; plug it in") from error
    except PermissionError as error:
        raise Unavailable(f"{device.where} may not be used by this user; let the system allow it") from error
    except (av.FFmpegError, OSError) as error:
        if error.errno == errno.EBUSY:
            raise Unavailable(f"{device.where} is in use by another program; close that one") from error
        raise Unavailable(_told(device, f"cannot be opened ({error.strerror})")) from error
    except ValueError as error:
        raise Unavailable(f"{device.where} cannot be read: PyAV was built without {device.format} here") from error


def _told(device: Device, what: str) -> str:
    return f"{device.where} {what}" + (f": {device.hint}" if device.hint else "")


if TYPE_CHECKING:
    _: type[Reader] = DeviceReader
