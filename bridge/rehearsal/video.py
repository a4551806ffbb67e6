"""What the rehearsal server's pipelines make of video that comes in, with nothing but numpy.

`gray`, `scribble`, `depth`, `flow` and `between` are whole pipelines, each a simple stand-in that shows which one it is. `mixed`
and `guided` are the two ways in which video enters what `picture.Painter` paints.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.rehearsal.picture import Pixels

_LUMA = (77, 150, 29)
_SPREAD = 0.06


def _luma(pixels: Pixels) -> NDArray[np.int16]:
    return np.right_shift(pixels @ np.array(_LUMA, np.int32), 8).astype(np.int16)


def _colourless(light: NDArray[Any]) -> Pixels:
    return np.repeat(np.clip(light, 0, 255).astype(np.uint8)[:, :, None], 3, axis=2)


def mixed(video: Pixels, painted: Pixels, noise: float) -> Pixels:
    """Return what diffusion makes of video: at noise 0 the video itself, at 1 nothing of it is left."""
    part = np.int32(round(min(max(noise, 0.0), 1.0) * 256))
    both: NDArray[np.int32] = video * (256 - part) + painted * part
    return (both >> 8).astype(np.uint8)


def guided(video: Pixels, painted: Pixels, scale: float) -> Pixels:
    """Return a painting whose light and shade follow the video (how VACE uses it): not at all at scale 0, wholly at 2."""
    part = np.int32(round(min(max(scale, 0.0), 2.0) * 128))
    light = 256 - part + ((_luma(video).astype(np.int32) * part) >> 7)
    lit: NDArray[np.int32] = (painted * light[:, :, None]) >> 8
    return np.clip(lit, 0, 255).astype(np.uint8)


def gray(video: Pixels) -> Pixels:
    """Return the video without its colours."""
    return _colourless(_luma(video))


def scribble(video: Pixels) -> Pixels:
    """Return the outlines in the video, white on black."""
    light = _luma(video)
    edge = np.zeros_like(light)
    edge[1:, 1:] = np.abs(light[1:, 1:] - light[:-1, 1:]) + np.abs(light[1:, 1:] - light[1:, :-1])
    return _colourless(np.where(edge > 24, 255, 0))


def depth(video: Pixels) -> Pixels:
    """Return a picture of what is near (light) and far (dark), for which light and low places of the video are taken."""
    light = _luma(video).astype(np.float32)
    reach = max(1, round(_SPREAD * min(light.shape)))
    for axis in (0, 1):  # a running mean: depth has no texture
        sums = np.cumsum(
            np.pad(light, [(reach, reach) if side == axis else (0, 0) for side in (0, 1)], "edge"), axis=axis
        )
        later, earlier = np.split(sums, [2 * reach], axis=axis)[1], np.delete(sums, np.s_[-2 * reach :], axis=axis)
        light = (later - earlier) / (2 * reach)
    return _colourless(light * 0.6 + np.linspace(0, 102, light.shape[0], dtype=np.float32)[:, None])


def flow(before: Pixels, after: Pixels) -> Pixels:
    """Return where things move between two pictures, on middle gray: what became lighter is red, what became darker blue."""
    change = _luma(after) - _luma(before)
    pixels = np.full(after.shape, 128, np.uint8)
    pixels[:, :, 0] = np.clip(128 + change, 0, 255)
    pixels[:, :, 2] = np.clip(128 - change, 0, 255)
    return pixels


def between(before: Pixels, after: Pixels) -> Pixels:
    """Return the picture half-way between two."""
    return ((before.astype(np.uint16) + after) >> 1).astype(np.uint8)
