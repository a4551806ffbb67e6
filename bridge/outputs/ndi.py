"""An NDI source on the network: for Resolume, TouchDesigner, OBS and whatever else mixes pictures.

It lives as long as the output runs, whatever becomes of Scope, of the size of the picture and of its rate.
*NDI® is a registered trademark of Vizrt NDI AB.*
"""

from fractions import Fraction
from typing import TYPE_CHECKING

import av

from bridge.ndi import Sender
from bridge.outputs.driver import Format, Picture
from bridge.profile.outputs import Ndi

if TYPE_CHECKING:
    from bridge.outputs.driver import Driver


class NdiDriver:
    """Shows pictures as one NDI source."""

    def __init__(self, options: Ndi) -> None:
        self.detail = ""
        self._options = options
        self._sender: Sender | None = None

    @property
    def wants(self) -> Format:
        """`uyva` where something may be transparent: the alpha plane is half as much again to send."""
        return "uyvy" if self._options.alpha.key == "opaque" else "uyva"

    def open(self, fps: Fraction) -> str:
        """Announce the source. Raise `Unavailable` if NDI is missing, or if the name is taken on this machine."""
        self._sender = Sender(self._options.name, fps, self._options.failover)
        return f"NDI source {self._sender.source}"

    def send(self, picture: Picture, at: float) -> None:
        """Send a picture to all who watch; it takes some milliseconds. The library tells the time of it by itself."""
        assert not isinstance(picture, av.VideoFrame), "it wants pixels"
        self._opened().send(picture, "UYVY" if self.wants == "uyvy" else "UYVA")

    def pace(self, fps: Fraction) -> None:
        """Tell who watches another rate, from the next picture on."""
        self._opened().pace(fps)

    def receivers(self) -> int:
        """Return how many watch."""
        return self._opened().receivers()

    def close(self) -> None:
        """Take the source off the network."""
        if self._sender is not None:
            self._sender.close()

    def _opened(self) -> Sender:
        if self._sender is None:
            raise RuntimeError("this NDI source was not opened")
        return self._sender


if TYPE_CHECKING:
    _: type[Driver] = NdiDriver
