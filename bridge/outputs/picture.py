"""What every output does to a picture: a master fader, and a slate until there is one."""

import math
import threading
from functools import cache, lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bridge.clock import Clock
from bridge.frames import Frame, Rgba

FADE: Final = 0.5
"""Seconds that a level takes from 1 to 0, or back; a smaller step takes its part of it."""
SLATE_SIZE: Final = (576, 320)
"""Width and height of what is shown before the first frame."""

_BREATH: Final = 6.0
"""Seconds of one breath of the slate: what moves is seen to be alive."""
_STEPS: Final = 15
"""Pictures of the slate per second: enough for what breathes so slowly."""

_making = threading.Lock()


class Fader:
    """A master fader that travels: a new level is reached at a steady rate. One thread sets it, any may read it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._way = (1.0, 1.0, clock())
        """Whence, where to, and since when."""

    @property
    def target(self) -> float:
        """Where it goes, or is: 0 to 1. What lies beyond is taken for the nearer end."""
        return self._way[1]

    @target.setter
    def target(self, level: float) -> None:
        self._way = (self.level, min(max(level, 0.0), 1.0), self._clock())

    def jump(self, level: float) -> None:
        """Be at `level` at once: for a picture that nobody has seen yet."""
        level = min(max(level, 0.0), 1.0)
        self._way = (level, level, self._clock())

    @property
    def level(self) -> float:
        """Where it is now."""
        start, target, began = self._way
        travelled = max(0.0, self._clock() - began) / FADE
        return min(target, start + travelled) if target > start else max(target, start - travelled)


def slate(seconds: float) -> Rgba:
    """Return what is shown until the first frame comes: a dark glow that breathes, `seconds` after it began."""
    glow, grain = _glow()
    breath = 0.7 - 0.3 * math.cos(2 * math.pi * seconds / _BREATH)
    pixels = np.empty((*glow.shape[:2], 4), np.uint8)
    pixels[..., :3] = glow * np.float32(breath) + grain
    pixels[..., 3] = 255
    return pixels


def card(now: float) -> Frame:
    """Return the slate as a frame, at the time `now`: one and the same for all outputs that ask at about one time."""
    with _making:  # those who ask at one time wait for the first, and have the same
        return _card(math.floor(now * _STEPS))


@lru_cache(maxsize=4)
def _card(step: int) -> Frame:
    return Frame.of(slate(step / _STEPS), step / _STEPS, step)


@cache
def _glow() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the slate at full breath, and the fractions of a level that hide the steps between its few levels."""
    width, height = SLATE_SIZE
    across, down = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    light = np.exp(-2.2 * (across**2 + down**2))[..., None]
    glow = np.array([5, 6, 10]) + light * np.array([16, 24, 44])
    bayer = np.array([[0]])
    for _ in range(3):
        bayer = np.block([[4 * bayer, 4 * bayer + 2], [4 * bayer + 3, 4 * bayer + 1]])
    grain = np.tile(bayer / bayer.size, (height // 8, width // 8))[..., None]
    return glow.astype(np.float32), grain.astype(np.float32)
