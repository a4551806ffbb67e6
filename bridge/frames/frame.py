"""One picture on its way from Scope to the outputs, and whatever they make of it: made once, however many ask."""

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import av
import numpy as np
from numpy.typing import NDArray

from bridge.frames.convert import Filter, convert, pixels

T = TypeVar("T")

Rgba = NDArray[np.uint8]
"""Pixels, height x width x 4, red first, alpha last."""


class _Made:
    """Something that is made of a frame when it is first asked for."""

    __slots__ = ("making", "ready", "value")

    def __init__(self) -> None:
        self.making = threading.Lock()
        self.ready = False
        self.value: Any = None


@dataclass(eq=False, slots=True)
class Frame:
    """One picture as the decoder made it, and what it was turned into since."""

    video: av.VideoFrame
    received: float
    """When it was decoded, in seconds of `bridge.clock`."""
    number: int
    """Counts the frames from 0, over all sessions."""
    _made: dict[Hashable, _Made] = field(default_factory=dict, repr=False)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.video.width, self.video.height

    @classmethod
    def of(cls, pixels: Rgba, received: float, number: int = 0) -> "Frame":
        """Return a frame of a card or a test picture, RGBA of any size."""
        return cls(av.VideoFrame.from_ndarray(pixels, format="rgba"), received, number)

    def made(self, what: Hashable, make: Callable[[], T]) -> T:
        """Return what `make` makes of this frame: made by the first who asks for `what`, the same for all after. Any thread.

        Who asks for the same meanwhile waits; who asks for something else does not. It is shared, so nobody may write into
        it, and it is kept as long as the frame is: ask for nothing of which there are many.
        """
        made = self._made.get(what) or self._made.setdefault(what, _Made())
        with made.making:
            if not made.ready:
                made.value = make()
                made.ready = True
        return cast(T, made.value)

    def forget(self) -> None:
        """Drop what was made: for frames that are kept, but shown only now and then. It is made again when asked for."""
        self._made.clear()

    def converted(self, format: str, shape: tuple[Filter, ...] = (), around: tuple[Filter, ...] = ()) -> av.VideoFrame:
        """Return what `convert` makes of it: once for all who ask for the same. It is shared: do not write into it."""
        return self.made((format, shape, around), lambda: convert(self.video, format, shape, around))

    def rgba(self) -> Rgba:
        """Return the picture as RGBA, as large as it is, converted once however many ask. Any thread may call it.

        The array is shared, and read-only.
        """
        return self.made("rgba", lambda: pixels(self.converted("rgba")))

    def planar(self, size: tuple[int, int] | None = None) -> av.VideoFrame:
        """Return the picture for an encoder of WebRTC, in `size` or as large as it is: yuv420p, its sides even, BT.601.

        The frame is the caller's, to set its time stamps; its pixels may be shared. Any thread may call it.
        """
        width, height = (max(2, side & ~1) for side in size or self.size)
        shape = [("scale", f"{width}:{height}:flags=bilinear")] if (width, height) != self.size else []
        return convert(self.video, "yuv420p", shape, matrix="smpte170m")
