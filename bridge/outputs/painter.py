"""From a frame to the picture as an output's driver wants it: its shape, its alpha, its pixel format, its level."""

import av
import numpy as np

from bridge.frames import Frame
from bridge.frames.convert import convert, pixels, subsampled
from bridge.outputs.dimming import WHOLE, dimmed
from bridge.outputs.driver import Format, Picture, Pixels
from bridge.outputs.geometry import Geometry, geometry
from bridge.outputs.keying import alpha_of
from bridge.profile.outputs import Alpha, Shape


class Painter:
    """Makes the pictures of one output, from one thread. What painters of equal options make of a frame is made once."""

    def __init__(self, shape: Shape, alpha: Alpha, format: Format) -> None:
        self._shape = shape
        self._alpha = alpha
        self._format = format
        self._painted: tuple[Frame, float | None, Picture] | None = None
        self._dimmed: tuple[Picture, int, Picture] | None = None

    def paint(self, frame: Frame, level: float = 1.0, threshold: float | None = None) -> Picture:
        """Return the picture at `level`, 0 (black) to 1; `threshold` stands for the key's own in the formats with alpha.

        The same frame, level and threshold give the same object. It may be shared: do not write into it.
        """
        if self._painted is None or self._painted[:2] != (frame, threshold):
            self._painted = frame, threshold, self._paint(frame, threshold)
        bright, whole = self._painted[2], min(max(round(level * WHOLE), 0), WHOLE)
        if self._dimmed is None or self._dimmed[0] is not bright or self._dimmed[1] != whole:
            self._dimmed = bright, whole, dimmed(bright, self._format, whole)
        return self._dimmed[2]

    def _paint(self, frame: Frame, threshold: float | None) -> Picture:
        place = geometry(self._shape, frame.size)
        match self._format:
            case "rgba" | "uyva":
                if threshold is None or self._alpha.key == "opaque":
                    what = self._format, place, self._alpha
                    return frame.made(what, lambda: self._keyed(frame, place, self._alpha.threshold))
                # What a fader on the threshold makes is not kept with the frame: one that is held may see it move for long.
                return self._keyed(frame, place, threshold)
            case "uyvy":
                return _uyvy(frame, place)
            case _:
                return _converted(frame, self._format, place)

    def _keyed(self, frame: Frame, place: Geometry, threshold: float) -> Pixels:
        """Return the picture with its alpha, which is 0 beside it."""
        if self._format == "rgba" and self._alpha.key == "opaque" and len(frame.video.format.components) < 4:
            return _rgba(frame, place)  # what has no alpha comes opaque, and its bars transparent
        alpha = self._opacity(frame, place, threshold)
        if self._format == "rgba":
            whole = _rgba(frame, place).copy()
            whole[..., 3] = alpha
        else:
            colours = _uyvy(frame, place)
            whole = np.concatenate([colours, alpha.reshape(-1, *colours.shape[1:])])
        whole.flags.writeable = False
        return whole

    def _opacity(self, frame: Frame, place: Geometry, threshold: float) -> Pixels:
        key = alpha_of(lambda: _converted(frame, "yuv420p", place), place.size, self._alpha, threshold)
        if not place.around:
            return key
        alpha, box = np.zeros_like(key), place.picture
        alpha[box.rows, box.columns] = key[box.rows, box.columns]
        return alpha


def _converted(frame: Frame, format: str, place: Geometry) -> av.VideoFrame:
    return frame.converted(format, place.shape, place.around)


def _rgba(frame: Frame, place: Geometry) -> Pixels:
    if place.size == frame.size and not place.shape:
        return frame.rgba()
    return frame.made(("rgba", place), lambda: pixels(_converted(frame, "rgba", place)))


def _uyvy(frame: Frame, place: Geometry) -> Pixels:
    def make() -> Pixels:
        if not subsampled(frame.video):
            return pixels(_converted(frame, "uyvy422", place))
        # A recording or a key wants the same planes: what is left is to pack them.
        return pixels(convert(_converted(frame, "yuv420p", place), "uyvy422"))

    return frame.made(("uyvy", place), make)
