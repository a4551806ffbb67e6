"""What an output needs of what it shows on: an NDI source, a Spout sender, a file. `paced.PacedOutput` does all the rest."""

from fractions import Fraction
from typing import Literal, Protocol

import av
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Format = Literal["rgba", "uyvy", "uyva", "yuv420p", "yuv422p10le", "yuv422p", "rgb24"]
"""The pixel formats that are made of frames:

- `rgba`: height x width x 4;
- `uyvy`: height x width x 2, for BT.709 in limited range;
- `uyva`: (height * 3 / 2) x width x 2, the height even: the rows of the same, then the alpha of each pixel, row by row;
- all others: an `av.VideoFrame` of that format; what is YCbCr is for BT.709 in limited range, and says so.
"""
Picture = Pixels | av.VideoFrame


class Driver(Protocol):
    """What pictures are shown on. All calls come from one thread: `open`, then the others, then `close`."""

    @property
    def wants(self) -> Format:
        """The format of the pictures to `send`; it does not change."""

    @property
    def detail(self) -> str:
        """What is wrong although it goes on, or empty."""

    def open(self, fps: Fraction) -> str:
        """Begin. Return where it is, for a person: `NDI source MACHINE (Scope Bridge)`.

        `fps` is the rate at which pictures will come. Raise `Unavailable`, with what to do, if it cannot be.
        """

    def send(self, picture: Picture, at: float) -> None:
        """Show a picture, at the time `at` of `bridge.clock`. Its size may change from one to the next. It may be shown
        again, and is never written into. Raise `Unavailable` when it cannot go on."""

    def pace(self, fps: Fraction) -> None:
        """Take another rate, from the next picture on."""

    def receivers(self) -> int | None:
        """Return how many watch: for nobody (0), no picture is made. None: that cannot be known."""

    def close(self) -> None:
        """End. A second time does nothing."""
