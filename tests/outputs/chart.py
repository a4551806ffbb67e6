"""A colour chart as a decoder would hand it over: planar YCbCr, by the textbook's matrices and not by swscale's."""

import av
import numpy as np
from numpy.typing import NDArray

COLOURS = (
    (255, 255, 255),
    (255, 255, 0),
    (0, 255, 255),
    (0, 255, 0),
    (255, 0, 255),
    (255, 0, 0),
    (0, 0, 255),
    (0, 0, 0),
    (128, 128, 128),
    (200, 100, 50),
)
"""What the chart's vertical bars show, from left to right, as red, green and blue."""

BT601 = (0.299, 0.587, 0.114)
BT709 = (0.2126, 0.7152, 0.0722)
"""How much red, green and blue weigh in the luma."""


def chart(
    width: int,
    height: int,
    colours: tuple[tuple[int, int, int], ...] = COLOURS,
    matrix: tuple[float, float, float] = BT601,
) -> av.VideoFrame:
    """Return a yuv420p picture, limited range, of vertical bars of equal width."""
    bars = np.array(colours, np.float64)[np.arange(width) * len(colours) // width]
    luma = bars @ np.array(matrix)
    blue = (bars[:, 2] - luma) / (2 * (1 - matrix[2]))
    red = (bars[:, 0] - luma) / (2 * (1 - matrix[0]))
    rows = (height + 1) // 2
    frame = av.VideoFrame(width, height, "yuv420p")
    for plane, line, tall in (
        (frame.planes[0], 16 + luma * 219 / 255, height),
        (frame.planes[1], 128 + blue[::2] * 224 / 255, rows),
        (frame.planes[2], 128 + red[::2] * 224 / 255, rows),
    ):
        padded = np.zeros((plane.height, plane.line_size), np.uint8)
        padded[:tall, : len(line)] = np.round(line)
        plane.update(padded.tobytes())
    return frame


def grey(width: int, height: int, level: int) -> av.VideoFrame:
    """Return a picture of one grey."""
    return chart(width, height, ((level, level, level),))


def bars(pixels: NDArray[np.uint8], count: int = len(COLOURS)) -> list[tuple[int, int, int]]:
    """Return the colours in the middle of `count` vertical bars."""
    middle = pixels[pixels.shape[0] // 2]
    at = ((np.arange(count) + 0.5) * pixels.shape[1] / count).astype(int)
    return [(int(red), int(green), int(blue)) for red, green, blue in middle[at, :3]]


def furthest(seen: list[tuple[int, int, int]] | list[tuple[float, float, float]], meant: object = COLOURS) -> float:
    """Return the largest difference of any channel of any colour, in levels of 255."""
    return float(np.abs(np.array(seen, float) - np.array(meant, float)).max())
