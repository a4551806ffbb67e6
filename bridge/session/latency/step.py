"""PURE. Finds the frame in which a picture has stepped: from moving as it always does to being another one.

    seen = [thumbnail(luma) for luma in pictures]
    find_step(seen, 40)      # 57: those before the 40th are how the picture moves by itself; the 57th is the step

Every picture is made small, so that grain and coding noise average out. What a place of the picture does by itself is the
measure for that place: a flickering corner counts for little, a still one for much. A step is a frame that leaps several
times as far as the picture did by itself, before the step was sent and just before this frame, and from which the picture
stays away. A drift, however far it goes, has no such frame; a frame that was damaged on its way is not stayed away from.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Thumbnail = NDArray[np.float32]
"""Mean brightness, `ROWS` × `COLUMNS`, 0 to 255."""

ROWS: Final = 18
COLUMNS: Final = 32
SIDE: Final = 4
"""Frames on each side of a moment that are compared; so many must come after a step before it is found."""
LEAST: Final = 2 * SIDE + 8
"""Frames before the earliest step, at least: how the picture moves by itself must be known."""
_STILL: Final = 1.0
"""Brightness that a place may change by from frame to frame and count as still."""
_LARGEST: Final = 0.05
"""The part of all places, those that changed most, that says how far two pictures are apart: a key that lights up is as
much of a step as another picture."""
_TIMES: Final = 2.0
"""How many times as far as the picture leaps by itself a step does, at least: before it was sent, and just before it came."""
_STAYS: Final = 0.5
"""The part of a leap that is still there in the frames after it, at least."""
_FLOOR: Final = 4.0
"""The same, in what still places may change by: coding noise that comes and goes is no step."""
_JUST_BEFORE: Final = 6
"""Frames just before a step: their motion may have grown since it was sent, and what goes on growing is none."""


def thumbnail(luma: NDArray[np.uint8]) -> Thumbnail:
    """Return a picture's brightness, made small. Raise `ValueError` if there is less of it than that."""
    height, width = luma.shape
    if height < ROWS or width < COLUMNS:
        raise ValueError(f"a picture of {width} by {height} pixels is too small to look for a step in")
    tall, wide = height // ROWS, width // COLUMNS
    places = luma[: tall * ROWS, : wide * COLUMNS].reshape(ROWS, tall, COLUMNS, wide)
    return np.asarray(places.mean(axis=(1, 3), dtype=np.float32), np.float32)


def find_step(seen: Sequence[Thumbnail], before: int) -> int | None:
    """Return the first frame of the first step among `seen`, or None as long as there is none.

    The first `before` frames are from before anything could have been changed. Raise `ValueError` if they are fewer than
    `LEAST`.
    """
    if before < LEAST:
        raise ValueError(f"it takes {LEAST} frames to know how a picture moves by itself, not {before}")
    if len(seen) < before + SIDE:
        return None
    frames = np.stack(seen).reshape(len(seen), -1)
    moves = np.diff(frames, axis=0)
    still = np.maximum(np.sqrt(np.mean(moves[: before - 1] ** 2, axis=0)), _STILL)
    leaps = np.concatenate([[0.0], _apart(moves, still)])  # by frame: how far it is from the one before
    own = float(leaps[:before].max())
    for frame in range(before, len(seen) - SIDE + 1):
        natural = max(own, float(leaps[frame - _JUST_BEFORE : frame].max()))
        if leaps[frame] >= max(_TIMES * natural, _FLOOR) and _lasting(frames, frame, still) >= _STAYS * leaps[frame]:
            return frame
    return None


def _lasting(frames: NDArray[np.float32], frame: int, still: NDArray[np.floating]) -> float:
    """Return how far the frames from `frame` on are from those before it: a single bad frame makes no difference."""
    sides = (frames[frame - SIDE : frame], frames[frame : frame + SIDE])
    before, after = (np.median(side, axis=0) for side in sides)
    return float(_apart((after - before)[None, :], still)[0])


def _apart(difference: NDArray[np.floating], still: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return how large each difference is: the mean of its largest places, in what each place does by itself."""
    count = max(1, round(_LARGEST * difference.shape[1]))
    relative = np.abs(difference) / still
    largest = np.partition(relative, -count, axis=1)[:, -count:]
    return np.asarray(largest.mean(axis=1), np.float64)
