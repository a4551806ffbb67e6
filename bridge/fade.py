"""From one picture to another: what an output shows while a server that has taken over comes in."""

from typing import Final

import av
import numpy as np
from av.video.reformatter import VideoReformatter

from bridge.frames import Frame

_FORMAT: Final = "yuv420p"
_STEPS: Final = 256


class Crossfade:
    """From a held picture to those that come. It belongs to one thread."""

    def __init__(self, held: Frame, begins: float, seconds: float) -> None:
        """Begin at the time `begins` (of `bridge.clock`), and take `seconds`, more than 0."""
        self._held = held
        self._begins = begins
        self._seconds = seconds
        self._reformatter = VideoReformatter()
        self._scaled: np.ndarray | None = None
        self.over = False
        """Whether the last frame that was mixed had nothing of the held picture any more."""

    def mix(self, frame: Frame) -> Frame:
        """Return `frame` with as much of the held picture over it as its moment asks for, in the frame's own size."""
        part = round(_STEPS * min(1.0, max(0.0, (frame.received - self._begins) / self._seconds)))
        video = frame.video
        if part >= _STEPS or video.width % 2 or video.height % 2:  # of an odd size there are no planes to mix: it cuts
            self.over = True
            return frame
        if self._scaled is None or self._scaled.shape != (video.height * 3 // 2, video.width):
            scaled = self._reformatter.reformat(self._held.video, video.width, video.height, _FORMAT)
            self._scaled = np.asarray(scaled.to_ndarray(), np.uint16)
        picture = video if video.format.name == _FORMAT else video.reformat(format=_FORMAT)
        new = np.asarray(picture.to_ndarray(), np.uint16)
        mixed = (new * part + self._scaled * (_STEPS - part)) // _STEPS
        result = av.VideoFrame.from_ndarray(mixed.astype(np.uint8), format=_FORMAT)
        result.pts = video.pts
        if video.time_base is not None:
            result.time_base = video.time_base
        result.colorspace, result.color_range = video.colorspace, video.color_range
        return Frame(result, frame.received, frame.number)
