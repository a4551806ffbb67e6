"""What recordings and streams have in common: an encoder that says which colours it was given, and its time stamps."""

import os
from fractions import Fraction
from typing import Final

import av
from av.container import OutputContainer
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc
from av.video.stream import VideoStream

from bridge.frames.convert import convert
from bridge.outputs.driver import Format

TICK: Final = Fraction(1, 90000)
"""The unit of time stamps where the container leaves it to us: every usual frame rate is a whole number of it, or so near
that nobody sees it."""
_THREADS_FROM: Final = 1280 * 720
"""Pixels from which an encoder gets more than one thread: smaller pictures are done sooner by one."""
_THREADS: Final = 4


class Stamps:
    """Turns the times of an output's ticks into time stamps, from 0.

    They lie on the grid of its rate, so that the file has a constant one for who edits it; a tick that was left out
    leaves a gap there, and what follows is not early.
    """

    def __init__(self, fps: Fraction, unit: Fraction = TICK) -> None:
        """`unit` is the length of one unit of the stamps, in seconds."""
        self._fps = fps
        self._unit = unit
        self._origin: float | None = None
        """When stamp 0 was."""
        self._began: float | None = None
        """When the grid of this rate begins."""
        self._from = Fraction(0)
        """How many seconds after the origin that is."""
        self._last = -1

    def at(self, at: float) -> int | None:
        """Return the stamp of a picture shown `at` that time; None if one has it already."""
        if self._origin is None:
            self._origin = at
        if self._began is None:
            self._began, self._from = at, Fraction(at - self._origin)
        number = round((at - self._began) * self._fps)
        # Ticks are late at times, never early: one that seems to be says that the first was late.
        self._began = min(self._began, at - float(number / self._fps))
        stamp = round((self._from + number / self._fps) / self._unit)
        if stamp <= self._last:
            return None
        self._last = stamp
        return stamp

    def pace(self, fps: Fraction) -> None:
        """Take another rate: its grid begins with the next picture."""
        if fps != self._fps:
            self._fps, self._began = fps, None


def add_encoder(
    container: OutputContainer,
    codec: str,
    format: Format,
    size: tuple[int, int],
    fps: Fraction,
    *,
    unit: Fraction = TICK,
    bitrate: int | None = None,
    options: dict[str, str] | None = None,
) -> VideoStream:
    """Return a new stream of `container`, for pictures of `format` and `size` (width, height), whose time stamps count
    `unit`s of seconds. It is tagged as BT.709 in limited range, as `driver.Format` says pictures are."""
    stream = container.add_stream(codec, rate=fps, options=dict(options or {}))
    assert isinstance(stream, VideoStream)
    stream.width, stream.height = size
    stream.pix_fmt = format
    context = stream.codec_context
    context.time_base = unit
    if bitrate is not None:
        context.bit_rate = bitrate
    context.thread_count = min(_THREADS, os.cpu_count() or 1) if size[0] * size[1] >= _THREADS_FROM else 1
    context.colorspace = Colorspace.ITU709
    context.color_primaries = ColorPrimaries.BT709
    context.color_trc = ColorTrc.BT709
    context.color_range = ColorRange.MPEG
    return stream


def stamped(picture: av.VideoFrame, stamp: int, unit: Fraction) -> av.VideoFrame:
    """Return `picture` with a time stamp: the same pixels in a frame of its own. The picture itself is shared with other
    outputs, which encode it too: its stamp is nobody's to set."""
    frame = convert(picture, picture.format.name)
    frame.pts, frame.time_base = stamp, unit
    return frame
