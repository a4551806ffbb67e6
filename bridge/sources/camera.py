"""Cameras as sources, by their number or a part of their name.

reader = DeviceReader(partial(find_camera, "Logitech"))
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import av

from bridge.errors import Unavailable
from bridge.sources.device import Device

FORMATS: Final = {"linux": "v4l2", "win32": "dshow", "darwin": "avfoundation"}
"""What FFmpeg reads cameras with, by `sys.platform`."""

_HINT: Final = "is it plugged in, and does no other program use it?"


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera that the system knows of."""

    id: str
    """What FFmpeg calls it."""
    title: str
    """What a person calls it."""


def find_camera(source: str, system: str = sys.platform) -> Device:
    """Return the camera that a profile calls `source`. Raise `Unavailable`, with those that there are, if there is none."""
    return camera(source, system, _cameras(system))


def camera(source: str, system: str, known: Sequence[Camera] | None) -> Device:
    """Return what to open for the camera `source` on a system; `known` are those that it has, None: it does not tell.

    `source` is a number from 0 or a part of a name, in upper or lower case; on Linux it may be a device file.
    """
    if system not in FORMATS:
        raise Unavailable(f"cameras can be read on Linux, Windows and macOS only, not on {system}")
    if system == "linux" and source.isdecimal():
        return _device(source, system, f"/dev/video{source}")
    if known is None or (system == "linux" and source.startswith("/")):
        return _device(source, system, source)
    found = _found(source, known)
    if found is None:
        there = ", ".join(f"{number} {one.title}" for number, one in enumerate(known)) or "none"
        raise Unavailable(f"there is no camera {source}; plug it in (there: {there})")
    return _device(source, system, found.id, found.title)


def _device(source: str, system: str, id: str, title: str = "") -> Device:
    where = f"camera {source}" if title in ("", source) else f"camera {source} ({title})"
    file = {"linux": id, "win32": f"video={id}", "darwin": f"{id}:none"}[system]
    return Device(where, FORMATS[system], file, hint=_HINT)


def _found(source: str, known: Sequence[Camera]) -> Camera | None:
    if source.isdecimal():
        return known[int(source)] if int(source) < len(known) else None
    exact = (one for one in known if source in (one.id, one.title))
    return next(exact, next((one for one in known if source.casefold() in one.title.casefold()), None))


def _cameras(system: str) -> list[Camera] | None:
    try:
        devices = av.enumerate_input_devices(FORMATS[system])
    except (AttributeError, KeyError, ValueError, av.FFmpegError):  # an older PyAV, or a system that does not tell
        return None
    cameras = [Camera(one.name, one.description) for one in devices if "video" in (one.media_types or ["video"])]
    if system == "linux":  # one camera can have several device files, and its pictures come from the first
        cameras.sort(key=lambda one: (len(one.id), one.id))
    return cameras
