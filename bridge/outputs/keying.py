"""What of a picture is transparent: keys that look at how bright or how coloured each pixel is.

They look at YCbCr in BT.709, limited range, one colour for four pixels: whatever the picture came as, a threshold means the
same, and it is a quarter of the work.
"""

from collections.abc import Callable
from functools import lru_cache

import av
import numpy as np
from numpy.typing import NDArray

from bridge.frames.convert import convert, planes
from bridge.profile.outputs import Alpha, Colour, Size

_BLACK, _LUMA, _CHROMA = 16, 219, 224
"""Where luma begins in limited range, how far it goes, and how far a colour difference does."""


def alpha_of(planar: Callable[[], av.VideoFrame], size: Size, alpha: Alpha, threshold: float) -> NDArray[np.uint8]:
    """Return how opaque each pixel is, height x width, 0 to 255: straight alpha.

    `planar` gives the picture, asked for it only where a key looks at it: yuv420p in BT.709, limited range, of `size`, whose
    sides are even.
    """
    width, height = size
    match alpha.key:
        case "opaque":
            return np.full((height, width), 255, np.uint8)
        case "constant":
            return np.full((height, width), round(255 * min(max(threshold, 0.0), 1.0)), np.uint8)
        case "luma":
            return _bright(planes(planar())[0], threshold, alpha.soft)
        case "chroma":
            _, blue, red = planes(planar())
            where = blue.astype(np.intp)
            where <<= 8
            where |= red
            key: NDArray[np.uint8] = _far(alpha.colour, threshold, alpha.soft).take(where)
            coarse = av.VideoFrame.from_ndarray(key, format="gray")
            return planes(convert(coarse, "gray", [("scale", f"{width}:{height}:flags=bilinear")]))[0]


def _bright(luma: NDArray[np.uint8], threshold: float, soft: float) -> NDArray[np.uint8]:
    """Return 0 up to `threshold`, 255 from `soft` beyond it, and in between what lies between."""
    low = min(max(round(_BLACK + threshold * _LUMA), 0), 254)
    span = min(max(round(soft * _LUMA), 1), 255)
    beyond = np.maximum(luma, np.uint8(low))
    beyond -= np.uint8(low)
    np.minimum(beyond, np.uint8(span), out=beyond)
    opaque = beyond.astype(np.uint16)
    opaque *= np.uint16(255 * 256 // span)
    opaque += np.uint16(255)
    opaque >>= np.uint16(8)
    return opaque.astype(np.uint8)


@lru_cache(maxsize=16)
def _far(colour: Colour, threshold: float, soft: float) -> NDArray[np.uint8]:
    """Return how opaque each pair of colour differences is, blue times 256 plus red."""
    opaque: NDArray[np.float32] = np.clip((_distance(colour) - threshold) / max(soft, 1e-6), 0, 1)
    return (opaque * 255 + 0.5).astype(np.uint8)


@lru_cache(maxsize=16)
def _distance(colour: Colour) -> NDArray[np.float32]:
    """Return how far each pair of colour differences is from that of `colour`; from one end of a difference to the other
    is 1."""
    red, green, blue = (level / 255 for level in colour)
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    level = (np.arange(256, dtype=np.float32) - 128) / _CHROMA
    from_blue = level - np.float32((blue - luma) / 1.8556)
    from_red = level - np.float32((red - luma) / 1.5748)
    return np.hypot(from_blue[:, None], from_red[None, :]).ravel()
