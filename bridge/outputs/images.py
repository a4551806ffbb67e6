"""A recording in a folder of images, one for each tick."""

import errno
import os
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
from av.video.codeccontext import VideoCodecContext
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter

from bridge.outputs.encoding import Stamps, stamped

SUFFIXES: Final = {"png": (".png",), "jpeg": (".jpg", ".jpeg")}

_LONGEST_GAP: Final = 2.0
"""Seconds of missing pictures that are filled with the one before. After more (the machine slept) the numbers go on."""


class Images:
    """A folder that images are written into. One thread uses it."""

    def __init__(self, folder: Path, name: str, codec: str, fps: Fraction) -> None:
        """Make `folder`; `name` has the images' `{number}`, of which there are `fps` for each second.

        Raise `FileExistsError` if there is something in the folder, `OSError` if it cannot be made.
        """
        folder.mkdir(exist_ok=True)
        if any(folder.iterdir()):
            raise FileExistsError(errno.EEXIST, "the folder is not empty", str(folder))
        self.path = folder
        self.seconds = 0.0
        self.size = 0
        self._name = name
        self._codec = codec
        self._fps = fps
        self._stamps = Stamps(fps, 1 / fps)
        self._count = 0
        """How many images there are; they are numbered from 1."""
        self._skipped = 0
        """How many numbers were not used, over long gaps."""
        self._reformatter = VideoReformatter()

    def write(self, picture: av.VideoFrame, at: float) -> None:
        """Write a picture that showed `at` that time. Raise `OSError` if it cannot be written."""
        stamp = self._stamps.at(at)
        if stamp is None:
            return
        missing = stamp - self._skipped - self._count
        if missing > _LONGEST_GAP * self._fps:
            self._skipped += missing
            missing = 0
        for _ in range(missing):
            self._repeat()
        self._add(self._encoded(picture))

    def pace(self, fps: Fraction) -> None:
        """Expect pictures at another rate: images have no times, so it is that from here on."""
        if fps != self._fps:
            self._fps, self._skipped = fps, -self._count
            self._stamps = Stamps(fps, 1 / fps)

    def whereabouts(self) -> str:
        """Return "": an image that is gone was whole, and the next one says when the folder is."""
        return ""

    def finish(self) -> None:
        """End; nothing is left to write."""
        self.cut()

    def cut(self) -> None:
        """End; without an image, delete the folder."""
        if not self._count:
            with suppress(OSError):
                self.path.rmdir()

    def _repeat(self) -> None:
        """Show the last image under the next number too. It costs no space, where the disk has links."""
        last = self._at(self._count)
        try:
            os.link(last, self._at(self._count + 1))
        except FileExistsError:
            raise
        except OSError:
            self._add(last.read_bytes())
        else:
            self._counted(0)

    def _add(self, image: bytes) -> None:
        path = self._at(self._count + 1)
        try:
            with open(path, "xb", buffering=0) as file:
                rest = memoryview(image)
                while rest:
                    rest = rest[file.write(rest) or 0 :]
        except FileExistsError:
            raise
        except OSError:
            with suppress(OSError):
                path.unlink()
            raise
        self._counted(len(image))

    def _counted(self, size: int) -> None:
        self._count += 1
        self.size += size
        self.seconds = float(self._count / self._fps)

    def _at(self, number: int) -> Path:
        return self.path / self._name.replace("{number}", f"{number:06}")

    def _encoded(self, picture: av.VideoFrame) -> bytes:
        frame = stamped(picture, 0, 1 / self._fps)
        if self._codec == "jpeg":
            # What JPEG files mean by YCbCr is BT.601 in full range, whatever else is written into them.
            frame = self._reformatter.reformat(
                frame, format="yuvj444p", dst_colorspace=Colorspace.ITU601, dst_color_range=ColorRange.JPEG
            )
            frame.pts, frame.time_base = 0, 1 / self._fps
        encoder = VideoCodecContext.create("mjpeg" if self._codec == "jpeg" else "png", "w")
        encoder.width, encoder.height, encoder.pix_fmt = frame.width, frame.height, frame.format.name
        encoder.time_base = 1 / self._fps
        encoder.thread_count = 1
        # Images are encoded while the show runs: a third more time for a twentieth less space is not worth it.
        encoder.options = {"qmin": "2", "qmax": "2"} if self._codec == "jpeg" else {"compression_level": "1"}
        return b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)])
