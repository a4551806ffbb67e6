"""Test patterns: video that needs no device, in which every frame is another one and says which it is.

The number is a row of 32 cells along the lower edge, a twentieth of the picture high and as wide as the picture. So it is
still there when a server has scaled the picture to its own size, and when two codecs have been at it; the upper edge is
left to the strip of the rehearsal server. As in `bridge.strip`, the bits are mixed with noise that is another one in every
frame, because codecs leave out what changes only a little.

    draw_number(pixels, 1234)
    read_number(pixels)           # 1234, or None: there is none, or too damaged to be trusted
"""

import asyncio
import hashlib
import math
import zlib
from collections.abc import Callable, Mapping
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import av
import numpy as np
from numpy.typing import NDArray

from bridge.clock import Clock, now
from bridge.frames import Fan, Frame
from bridge.status import InputStatus

if TYPE_CHECKING:
    from bridge.sources.source import Source

Pixels = NDArray[np.uint8]

SIZE: Final = (576, 320)
"""Width and height of the picture, if nobody says another."""
RATE: Final = 30.0
"""Frames per second."""
NUMBERS: Final = 1 << 20
"""How many different numbers there are; then they begin at 0 again. At 30 frames per second, that is after 9 hours."""

_CELLS: Final = 32
_SHARE: Final = 20
"""The row of cells takes this part of the picture's height."""
_DARK, _LIGHT = 24, 231
_BARS: Final = (
    (191, 191, 191), (191, 191, 0), (0, 191, 191), (0, 191, 0), (191, 0, 191), (191, 0, 0), (0, 0, 191), (16, 16, 16),
)  # fmt: skip
_STEPS: Final = 1000
"""Into how many a turn of the clock is divided."""
_CROSSING: Final = 4.0
"""Seconds that what moves takes once through the picture, or around."""


def draw_number(pixels: Pixels, number: int) -> None:
    """Draw a number over the lowest rows of `pixels` (height × width × 3), in place. It counts modulo `NUMBERS`."""
    height, width = pixels.shape[:2]
    levels = np.where(_bits(number % NUMBERS), _LIGHT, _DARK).astype(np.uint8)
    pixels[height - _rows(height) :] = levels[_columns(width)][None, :, None]


def read_number(pixels: Pixels) -> int | None:
    """Return the number in a picture (height × width of luma, or with colours), or None if there is none that holds."""
    height, width = pixels.shape[:2]
    rows = _rows(height)
    if rows < 4 or width < 4 * _CELLS:
        return None
    middle = pixels[height - 3 * rows // 4 - 1 : height - rows // 4].astype(np.float32)
    line = middle.mean(axis=0) if middle.ndim == 2 else middle.mean(axis=(0, 2))
    edges = np.linspace(0, width, _CELLS + 1)
    quarter = width / _CELLS / 4
    cells = [line[round(low + quarter) : round(high - quarter)].mean() for low, high in pairwise(edges)]
    return _number(np.asarray(cells) >= (_DARK + _LIGHT) / 2)


def read_number_of(video: av.VideoFrame) -> int | None:
    """Return the number in a decoded frame, or None. Its first plane must be luma of 8 bits, as decoders make it."""
    plane = video.planes[0]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    return read_number(rows[: video.height, : video.width])


def _rows(height: int) -> int:
    return max(4, height // _SHARE)


def _columns(width: int) -> NDArray[np.intp]:
    """Return for each column which cell it belongs to."""
    return np.arange(width) * _CELLS // width


def _bits(number: int) -> NDArray[np.bool_]:
    """Return the cells: the low byte as it is, then the high bits and a checksum, mixed with noise of that byte."""
    low, high = number & 0xFF, number >> 8
    return np.unpackbits(np.array([low, *((high << 12 | _sum(number)) ^ _noise(low)).to_bytes(3, "big")], np.uint8)) > 0


def _number(bits: NDArray[np.bool_]) -> int | None:
    low, *rest = np.packbits(bits).tolist()
    mixed = int.from_bytes(bytes(rest), "big") ^ _noise(low)
    number = (mixed >> 12) << 8 | low
    return number if mixed & 0xFFF == _sum(number) else None


def _sum(number: int) -> int:
    return (zlib.crc32(number.to_bytes(4, "big")) ^ 0xA5A) & 0xFFF


@cache
def _noise(low: int) -> int:
    return int.from_bytes(hashlib.shake_128(bytes([low])).digest(3), "big")


# The pictures ---------------------------------------------------------------------------------------------------------

Paint = Callable[[float], Pixels]
"""Return the picture (height × width × 3, red first) so many seconds after the beginning; it may be written into."""


def bars(width: int, height: int) -> Paint:
    """Colour bars, and a white line that crosses them from left to right."""
    colours = np.array(_BARS, np.uint8)
    still = np.broadcast_to(colours[np.arange(width) * len(_BARS) // width], (height, width, 3))
    thick = max(2, width // 36)

    def paint(seconds: float) -> Pixels:
        pixels = still.copy()
        left = round(seconds / _CROSSING % 1 * (width - thick))
        pixels[:, left : left + thick] = 255
        return pixels

    return paint


def clock(width: int, height: int) -> Paint:
    """A grey face on which a hand goes round, and the brightness with it: no two moments of a turn look alike."""
    down, across = np.mgrid[0:height, 0:width].astype(np.float32)
    across -= width / 2
    down -= height / 2
    turn = (np.arctan2(across, -down) / (2 * math.pi) % 1 * _STEPS).astype(np.int16)
    turn[np.hypot(across, down) >= 0.42 * height] = _STEPS
    steps = np.arange(_STEPS)

    def paint(seconds: float) -> Pixels:
        behind = (round(seconds / _CROSSING * _STEPS) - steps) % _STEPS
        levels = np.append(np.where(behind < _STEPS // 50, 255, 160 - 128 * behind // _STEPS), 32).astype(np.uint8)
        return np.repeat(levels[turn][:, :, None], 3, axis=2)

    return paint


PATTERNS: Final[Mapping[str, Callable[[int, int], Paint]]] = {"bars": bars, "clock": clock}
"""What makes the pictures of a pattern, by its name, for a width and a height."""


class PatternSource:
    """A test pattern, on the event loop: a picture takes about a millisecond."""

    def __init__(
        self, name: str, pattern: str, fan: Fan, size: tuple[int, int] = SIZE, rate: float = RATE, time: Clock = now
    ) -> None:
        """`pattern` is one of `PATTERNS`; `size` is width and height."""
        self.name = name
        self._pattern = pattern
        self._fan = fan
        self._size = size
        self._rate = rate
        self._time = time
        self._paint = PATTERNS[pattern](*size)
        self._frames = 0

    async def run(self) -> None:
        """Bring pictures until cancelled."""
        begun = due = self._time()
        while True:
            moment = self._time()
            pixels = self._paint(moment - begun)
            draw_number(pixels, self._frames)
            self._fan.put(Frame(av.VideoFrame.from_ndarray(pixels, format="rgb24"), moment, self._frames))
            self._frames += 1
            due = max(due + 1 / self._rate, moment)  # what was missed is not made up for
            await asyncio.sleep(due - self._time())

    def seek(self, position: float) -> None:
        """A pattern has no beginning and no end."""

    def status(self) -> InputStatus:
        """Return how many pictures there were."""
        width, height = self._size
        where = f"test pattern {self._pattern}, {width}x{height} at {self._rate:g} fps"
        return InputStatus(self.name, where, signals=self._frames)


if TYPE_CHECKING:
    _: type[Source] = PatternSource
