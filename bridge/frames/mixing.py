"""Two pictures over each other, in the size and the colours of the upper one. Any thread."""

from typing import Final

import av
import numpy as np
from numpy.typing import NDArray

from bridge.frames.convert import Matrix, convert, planes
from bridge.frames.frame import Frame

_FORMAT: Final = "yuv420p"
_STEPS: Final = 256
_HIGH: Final = 1
"""`AVCOL_SPC_BT709`. All else is mixed as BT.601, which most of Scope's pictures are."""
_LIMITED: Final = 1
"""`AVCOL_RANGE_MPEG`."""


def mixed(under: Frame, over: Frame, part: float) -> Frame:
    """Return `over`, of which only `part` (0 to 1) covers `under`.

    It is as large as `over`, its sides even; `under` is scaled to that. Where nothing is to be mixed it is the very frame that is meant:
    `over` at 1, and `under`, as large as it is, at 0.
    """
    weight = round(_STEPS * part)
    if weight >= _STEPS or under is over:
        return over
    if weight <= 0:
        return under
    matrix: Matrix = "bt709" if over.video.colorspace == _HIGH else "smpte170m"
    size = _even(over.size)
    new, old = _as_planes(over, size, matrix), _as_planes(under, size, matrix)
    video = av.VideoFrame(*size, _FORMAT)
    for plane, upper, lower in zip(video.planes, planes(new), planes(old), strict=True):
        rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
        rows[:, : plane.width] = _between(lower, upper, weight)
    video.colorspace, video.color_range = new.colorspace, _LIMITED
    return Frame(video, over.received, over.number)


def nearer(under: Frame, over: Frame, part: float) -> Frame:
    """Return the one of which more would be seen."""
    return over if part >= 0.5 else under


def scaled(frame: Frame, size: tuple[int, int]) -> Frame:
    """Return `frame` in another size, its sides even, made once however many ask; itself if it has it."""
    size = _even(size)
    if frame.size == size:
        return frame
    matrix: Matrix = "bt709" if frame.video.colorspace == _HIGH else "smpte170m"
    return frame.made(("scaled", size), lambda: Frame(_as_planes(frame, size, matrix), frame.received, frame.number))


def _even(size: tuple[int, int]) -> tuple[int, int]:
    width, height = size
    return max(2, width & ~1), max(2, height & ~1)


def _as_planes(frame: Frame, size: tuple[int, int], matrix: Matrix) -> av.VideoFrame:
    def make() -> av.VideoFrame:
        shape = [] if frame.size == size else [("scale", f"{size[0]}:{size[1]}:flags=bilinear")]
        return convert(frame.video, _FORMAT, shape, matrix=matrix)

    return frame.made(("planes", size, matrix), make)


def _between(old: NDArray[np.uint8], new: NDArray[np.uint8], weight: int) -> NDArray[np.uint16]:
    result = new.astype(np.uint16)
    result *= np.uint16(weight)
    result += old * np.uint16(_STEPS - weight)
    result >>= np.uint16(8)
    return result
