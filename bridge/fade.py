"""From one picture to another: what an output shows while a server that has taken over comes in."""

from bridge.frames import Frame
from bridge.frames.mixing import mixed, scaled


class Crossfade:
    """From a held picture to those that come. It belongs to one thread."""

    def __init__(self, held: Frame, begins: float, seconds: float) -> None:
        """Begin at the time `begins` (of `bridge.clock`), and take `seconds`, more than 0."""
        self._held = held
        self._begins = begins
        self._seconds = seconds
        self.over = False
        """Whether the last frame that was mixed had nothing of the held picture any more."""

    def mix(self, frame: Frame) -> Frame:
        """Return `frame` with as much of the held picture over it as its moment asks for, in its size, the sides even."""
        part = min(1.0, max(0.0, (frame.received - self._begins) / self._seconds))
        self.over = part >= 1.0
        if self.over:
            return frame
        picture = mixed(scaled(self._held, frame.size), frame, part)
        return Frame(picture.video, frame.received, frame.number)
