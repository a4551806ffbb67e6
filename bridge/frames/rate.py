"""How fast frames come."""

from collections import deque
from typing import Final

from bridge.frames.frame import Frame

FRAMES: Final = 30
"""Over how many frames the rate is measured."""
STILL_AFTER: Final = 1.0
"""Seconds between two frames from which who brings them stood still, and they say nothing about the rate."""

_FASTEST: Final = 240.0
"""Frames per second that nothing brings, `_TOGETHER` more at once: such numbers are of two that count."""
_TOGETHER: Final = 30


class Rate:
    """Frames per second, by the numbers of the frames: those that nobody took count, too."""

    def __init__(self, frames: int = FRAMES) -> None:
        """Measure over so many of the frames that are seen."""
        self._seen: deque[tuple[float, int]] = deque(maxlen=frames)

    def see(self, frame: Frame) -> None:
        """Take a frame into account."""
        if self._seen:
            before, number = self._seen[-1]
            passed, frames = frame.received - before, frame.number - number
            if not 0 < passed <= STILL_AFTER or not 0 < frames <= passed * _FASTEST + _TOGETHER:
                self._seen.clear()  # it stood still, or another one goes on from here
        self._seen.append((frame.received, frame.number))

    @property
    def fps(self) -> float | None:
        """Frames per second; None until that can be told, from three frames on."""
        if len(self._seen) < 3:
            return None
        (begun, first), (ended, last) = self._seen[0], self._seen[-1]
        return (last - first) / (ended - begun)
