"""A Spout sender, for the programs on this Windows machine: Resolume, TouchDesigner, OBS with its plug-in.

The sender appears when the driver is opened, with a black picture, so that its real name is known: Spout gives one that is
taken another number.
"""

from contextlib import suppress
from fractions import Fraction
from typing import TYPE_CHECKING, Final

import numpy as np

from bridge import spout
from bridge.errors import Unavailable
from bridge.outputs.driver import Format, Picture, Pixels
from bridge.profile.outputs import Spout

if TYPE_CHECKING:
    from SpoutGL import SpoutSender

    from bridge.outputs.driver import Driver

_SIZE: Final = 640, 360
"""Of the first picture, where the profile says no size."""
_PATIENCE: Final = 5.0
"""Seconds for which it may refuse pictures: a receiver that holds the texture lets go of it sooner."""


class SpoutDriver:
    """The Spout sender of a profile."""

    wants: Format = "rgba"

    def __init__(self, options: Spout) -> None:
        self.detail = ""
        self._options = options
        self._sender: SpoutSender | None = None
        self._refused: float | None = None
        """Since when pictures are not taken, in seconds of the clock; None: they are."""

    def open(self, fps: Fraction) -> str:
        """Announce the sender. Return its name as others see it. Raise `Unavailable` where there is no Spout, or no
        Direct3D 11."""
        wanted = self._options.name
        spout.check_name(wanted)
        listing = spout.receiver()
        others = set(listing.getSenderList())
        self.detail, self._refused = "", None
        self._sender = sender = spout.sender()
        sender.setSenderName(wanted)
        width, height = self._options.showing.shape.size or _SIZE
        if not self._took(sender, np.zeros((height, width, 4), np.uint8)):
            self.close()
            raise Unavailable(
                "Spout cannot share pictures here: it needs a graphics driver with Direct3D 11, in the user's own session"
            )
        name = _name_of(wanted, others, set(listing.getSenderList()))
        if name != wanted:
            self.detail = f"the name {wanted} is taken: it is called {name}"
        return f"Spout sender {name}"

    def send(self, picture: Picture, at: float) -> None:
        """Show a picture, of any size. Raise `Unavailable` when none was taken for some seconds."""
        assert isinstance(picture, np.ndarray)
        if self._sender is None:
            return
        if self._took(self._sender, picture):
            self._refused = None
        elif self._refused is None:
            self._refused = at
        elif at - self._refused > _PATIENCE:
            raise Unavailable(f"Spout has taken no picture for {_PATIENCE:g} s")

    def pace(self, fps: Fraction) -> None:
        """Take another rate: Spout's receivers count for themselves."""

    def receivers(self) -> int | None:
        """Return None: Spout's receivers do not make themselves known."""
        return None

    def close(self) -> None:
        """Take the sender away."""
        sender, self._sender = self._sender, None
        if sender is not None:
            sender.releaseSender()

    @staticmethod
    def _took(sender: "SpoutSender", pixels: Pixels) -> bool:
        height, width = pixels.shape[:2]
        return sender.sendImage(pixels.data, width, height, spout.RGBA, False, 0)


def _name_of(wanted: str, before: set[str], after: set[str]) -> str:
    """Return the name that a sender was given: `wanted`, or with `_1`, `_2` … when that is taken.

    The library does not tell: it is the new one in the list of senders. Another that came at the same moment would only
    deceive with the same name and a number.
    """
    if wanted in after - before:
        return wanted
    numbered = [name for name in after - before if name.startswith(f"{wanted}_")]
    with suppress(ValueError):
        return min(numbered, key=lambda name: int(name.removeprefix(f"{wanted}_")))
    return wanted


if TYPE_CHECKING:
    _: type[Driver] = SpoutDriver
