"""A recording in one video file, whole up to its last fragment however it ends."""

from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
from av.video.stream import VideoStream

from bridge.outputs.driver import Format
from bridge.outputs.encoding import TICK, Stamps, add_encoder, stamped
from bridge.outputs.tape import Tape

_FRAGMENT: Final = 0.5
"""Seconds after which what was encoded goes into the file."""
_GROUP: Final = 1
"""Seconds between key frames: what a player must decode at most to show any picture."""
_BUFFER: Final = 1 << 20
"""Bytes that are handed to the file at once."""

_FRAGMENTED: Final = {
    # While it is written, a fragmented file: each fragment can be played without anything that comes later. Once it is
    # complete, an index is appended and the fragments become the data of a plain file, which editors like better.
    "movflags": "+frag_keyframe+empty_moov+default_base_moof+hybrid_fragmented",
    "frag_duration": str(round(_FRAGMENT * 1e6)),
}
CONTAINERS: Final[dict[str, tuple[str, dict[str, str]]]] = {
    ".mp4": ("mp4", _FRAGMENTED),
    ".mov": ("mov", _FRAGMENTED),
    ".mkv": ("matroska", {"cluster_time_limit": str(round(_FRAGMENT * 1e3))}),
    ".avi": ("avi", {}),
}
"""By suffix, the muxer and its options."""

ENCODERS: Final[dict[str, tuple[str, Format, dict[str, str]]]] = {
    # The fastest that x264 can: measured with two cores, 1080p at 60 fps and 576x320 at 580.
    "h264": ("libx264", "yuv420p", {"preset": "ultrafast", "crf": "18"}),
    # Six times as fast as `prores_ks`.
    "prores": ("prores_aw", "yuv422p10le", {}),
    "utvideo": ("utvideo", "yuv422p", {}),
}
"""By codec, FFmpeg's encoder, the format of its pictures, its options."""


class Movie:
    """A video file that is being written. One thread uses it."""

    def __init__(self, path: Path, codec: str, size: tuple[int, int], fps: Fraction) -> None:
        """Create the file at `path`, whose suffix says which container, for pictures of `size` (width, height).

        Raise `FileExistsError` if there is a file, `OSError` if it cannot be made.
        """
        self.path = path
        self.seconds = 0.0
        """How much of it is whole."""
        self._tape = Tape(path)
        muxer, settings = CONTAINERS[path.suffix.lower()]
        encoder, format, options = ENCODERS[codec]
        # An AVI file has no time stamps: each picture takes one period.
        self._unit = 1 / fps if muxer == "avi" else TICK
        self._stamps = Stamps(fps, self._unit)
        if codec == "h264":
            options = {**options, "g": str(max(1, round(fps * _GROUP)))}
        try:
            self._container = av.open(
                self._tape, "w", format=muxer, buffer_size=_BUFFER, container_options={**settings, "flush_packets": "1"}
            )
            self._stream = add_encoder(self._container, encoder, format, size, fps, unit=self._unit, options=options)
        except BaseException:
            self._tape.close()
            path.unlink()
            raise

    @property
    def size(self) -> int:
        """Bytes."""
        return self._tape.end

    def write(self, picture: av.VideoFrame, at: float) -> None:
        """Encode a picture that showed `at` that time. Raise `OSError` if it cannot be written."""
        stamp = self._stamps.at(at)
        if stamp is not None:
            self._mux(self._stream.encode(stamped(picture, stamp, self._unit)))

    def pace(self, fps: Fraction) -> None:
        """Expect pictures at another rate."""
        self._stamps.pace(fps)

    def whereabouts(self) -> str:
        """Return "", "moved" or "deleted": what became of the file. Raise `OSError` if it cannot be known."""
        if self._tape.deleted():
            return "deleted"
        return "moved" if self._tape.moved() else ""

    def finish(self) -> None:
        """Complete and close the file. Raise `OSError` if that cannot be; then `cut` it."""
        try:
            self._mux(self._stream.encode(None))
            self._container.close()
        except av.FFmpegError as error:
            raise OSError(error.errno, error.strerror) from error
        self._tape.close()

    def cut(self) -> None:
        """Close the file after what is whole of it; without a whole picture, delete it."""
        ours = not self._tape.moved()
        self._tape.cut()
        with suppress(Exception):  # whatever the muxer has left to say, it can write it nowhere
            self._container.close()
        if ours and not self.seconds:
            with suppress(OSError):
                self.path.unlink()

    def _mux(self, packets: "list[av.Packet[VideoStream]]") -> None:
        for packet in packets:
            seconds = 0.0 if packet.pts is None else float(packet.pts * packet.time_base)
            self._container.mux(packet)
            if self._tape.keep():
                self.seconds = seconds
