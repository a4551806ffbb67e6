"""A picture at a level: nearer to black, in whatever format, and as transparent as before."""

from typing import Any, Final

import av
import numpy as np
from numpy.typing import NDArray

from bridge.frames.convert import convert, planes
from bridge.outputs.driver import Format, Picture, Pixels

WHOLE: Final = 256
"""A level of 1 in fixed point."""

_KEPT: Final = -1
"""In place of what black is: this byte stays as it is."""
_RGBA: Final = (0, 0, 0, _KEPT)
_UYVY: Final = (128, 16, 128, 16)
_BLOCK: Final = 1 << 16
"""Values that are worked on at a time: what stays in a processor's cache takes half of the time."""


def dimmed(picture: Picture, format: Format, level: int) -> Picture:
    """Return `picture` at `level`, of `WHOLE`: itself at `WHOLE` or beyond, never changed in place. Alpha stays."""
    if level >= WHOLE:
        return picture
    level = max(level, 0)
    if isinstance(picture, av.VideoFrame):
        return _dimmed_frame(picture, level)
    dark = np.empty_like(picture)
    rows = picture.shape[0] * 2 // 3 if format == "uyva" else picture.shape[0]
    _dim(_lines(picture[:rows]), _lines(dark[:rows]), level, _RGBA if format == "rgba" else _UYVY)
    dark[rows:] = picture[rows:]
    dark.flags.writeable = False
    return dark


def _lines(pixels: Pixels) -> Pixels:
    return pixels.reshape(pixels.shape[0], -1)


def _dimmed_frame(picture: av.VideoFrame, level: int) -> av.VideoFrame:
    dark = convert(picture, picture.format.name, [("copy", "")])
    deep = picture.format.components[0].bits > 8
    for index, plane in enumerate(planes(dark)):
        black = 0 if picture.format.is_rgb else 128 if index else 16
        if deep:
            values = plane.view(np.uint16)
            _dim(values, values, level, (black << 2,))
        else:
            _dim(plane, plane, level, (black,))
    return dark


def _dim(bright: NDArray[Any], dark: NDArray[Any], level: int, black: tuple[int, ...]) -> None:
    """Write lines of values at `level` into `dark`; `black` are those of black, one after the other, again and again."""
    height, width = bright.shape
    room = np.uint16 if bright.dtype == np.uint8 else np.uint32
    factor = np.resize(np.array([WHOLE if value == _KEPT else level for value in black], room), width)
    rest = [0 if value == _KEPT else value * (WHOLE - level) for value in black]
    offset = np.resize(np.array(rest, room), width) + room(WHOLE // 2)
    step = max(1, _BLOCK // width)
    products = np.empty((step, width), room)
    for top in range(0, height, step):
        block = bright[top : top + step]
        product = products[: len(block)]
        product[...] = block  # numpy is quicker in two steps: it widens what it multiplies in small pieces
        product *= factor
        product += offset
        product >>= room(8)
        dark[top : top + step] = product
