"""Spout, by which programs on one Windows machine share pictures: what its sender and its receiver have in common.

Pictures go through Direct3D 11 from and to ordinary memory, which needs no OpenGL and works in any one thread: sender and
receiver belong to the thread that made them.
"""

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Final

from bridge.errors import Unavailable

if TYPE_CHECKING:
    from SpoutGL import SpoutReceiver, SpoutSender

RGBA: Final = 0x1908
"""OpenGL's name for red, green, blue and alpha, a byte each: the only order that this way through Direct3D gets right."""
LONGEST_NAME: Final = 250
"""Bytes. The library ends the process on a name that is longer than its memory for it (256)."""


def sender() -> "SpoutSender":
    """Return a new sender. Raise `Unavailable`, with what to do, where there is no Spout."""
    sender: SpoutSender = _library().SpoutSender()
    return sender


def receiver() -> "SpoutReceiver":
    """Return a new receiver. Raise `Unavailable`, with what to do, where there is no Spout."""
    receiver: SpoutReceiver = _library().SpoutReceiver()
    return receiver


def check_name(name: str) -> None:
    """Raise `Unavailable` if `name` is longer than a sender's can be."""
    if len(name.encode()) > LONGEST_NAME:
        raise Unavailable(f"the name of a Spout sender has at most {LONGEST_NAME} bytes: {name[:40]}… is too long")


def _library() -> ModuleType:
    if sys.platform != "win32":
        raise Unavailable("Spout is a Windows technology; on this machine use ndi")
    try:
        import SpoutGL
    except ModuleNotFoundError as error:
        if sys.version_info >= (3, 14):
            raise Unavailable(
                "SpoutGL is not there for this Python; run the bridge with Python 3.13, or use ndi"
            ) from error
        raise Unavailable('Spout is not installed; run: pip install "scope-bridge[spout]"') from error
    except ImportError as error:
        raise Unavailable(f"Spout's library cannot be loaded: {error}") from error
    return SpoutGL
