"""Screens as sources: a whole one, or a region of it.

DeviceReader(partial(find_screen, "1"))                     # the first screen
DeviceReader(partial(find_screen, "1 640x360+100+50"))      # a region of it: size, and distance from left and top
"""

import os
import re
import socket
import sys
from dataclasses import dataclass
from functools import partial
from typing import Final

from bridge.errors import Unavailable
from bridge.sources.device import Device

_WRITTEN: Final = re.compile(r"(?:(?P<number>\d+)(?:\s+|$))?(?:(?P<size>\d+x\d+)\+(?P<left>\d+)\+(?P<top>\d+))?")
_MAC_HINT: Final = "allow it in System Settings > Privacy & Security > Screen Recording"


@dataclass(frozen=True, slots=True)
class Region:
    """What of a screen is shown."""

    number: int
    """Which screen, from 1."""
    size: str | None = None
    """`640x360`; None: the whole screen, and the next two mean nothing."""
    left: int = 0
    top: int = 0


def find_screen(source: str, system: str = sys.platform) -> Device:
    """Return the screen that a profile calls `source`. Raise `Unavailable`, with what to write, if there is none."""
    return screen(source, system, os.environ.get("DISPLAY", ""))


def screen(source: str, system: str, display: str) -> Device:
    """Return what to open for the screen `source` on a system. `display` is X11's, `:0`; empty: there is no X11."""
    if system == "win32" and not source[:1].isdecimal():
        return Device(f"window {source}", "gdigrab", f"title={source}", {"draw_mouse": "0"})
    region = _region(source)
    where = f"screen {source}"
    options = {"draw_mouse": "0"}
    if system == "linux":
        return _of_x11(region, where, display, options)
    if system == "win32":
        if region.number > 1:
            raise Unavailable(f"{where}: Windows shows all screens as one; write the region: 1 1920x1080+1920+0")
        if region.size is not None:
            options |= {"video_size": region.size, "offset_x": str(region.left), "offset_y": str(region.top)}
        return Device(where, "gdigrab", "desktop", options)
    if system == "darwin":
        if region.size is not None:
            raise Unavailable(f"{where}: macOS shows whole screens only; write the screen's number alone")
        return Device(
            where, "avfoundation", f"Capture screen {region.number - 1}:none", {"capture_cursor": "0"}, _MAC_HINT
        )
    raise Unavailable(f"screens can be read on Linux (X11), Windows and macOS only, not on {system}")


def _region(source: str) -> Region:
    written = _WRITTEN.fullmatch(source.strip())
    if written is None or not source.strip() or written["number"] == "0":
        raise Unavailable(f"there is no screen {source!r}; write its number from 1, or a region: 1 640x360+100+50")
    number = int(written["number"] or 1)
    if written["size"] is None:
        return Region(number)
    return Region(number, written["size"], int(written["left"]), int(written["top"]))


def _x11_lives(server: str) -> bool:
    """Return whether an X server of this machine is there: when it goes, FFmpeg goes on with its last picture."""
    host, _, number = server.rpartition(":")
    if host not in ("", "unix"):
        return True  # over the network, FFmpeg notices
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(f"/tmp/.X11-unix/X{number}")
        except OSError:
            return False
    return True


def _of_x11(region: Region, where: str, display: str, options: dict[str, str]) -> Device:
    if not display:
        raise Unavailable(f"{where} can be read under X11 only, and DISPLAY is not set; Wayland lets nobody read it")
    server, _, _ = display.rpartition(".") if "." in display.rpartition(":")[2] else (display, "", "")
    file = f"{server}.{region.number - 1}"
    if region.size is not None:
        options |= {"video_size": region.size}
        file += f"+{region.left},{region.top}"
    return Device(where, "x11grab", file, options, "is the session still open?", partial(_x11_lives, server))
