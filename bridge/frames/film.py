"""A video file as pictures with their times, from any place of it on: no clock, no thread.

with closing(Film(Path("reef.mp4"))) as film:
    for picture in film.pictures(2.5):
        picture.at, picture.video             # 2.5 or a little later
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final

import av
from av.filter import Graph

from bridge.errors import Unavailable
from bridge.frames.convert import of_file

USUAL_RATE: Final = 25.0
"""Frames per second of a file that does not say."""

_ROUNDING: Final = 1e-4
"""Seconds by which times that mean the same may differ."""
_BACK: Final = (0.0, 1.0, 4.0)
"""Seconds before a place from which it is tried to get there."""
_TURNS: Final = {90: "transpose=cclock", 180: "hflip,vflip", 270: "transpose=clock"}
"""The filters that turn a picture by so many degrees against the clock."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of a film."""

    video: av.VideoFrame
    at: float
    """Its place, in seconds from the film's beginning."""
    seconds: float
    """How long it shows."""


class Film:
    """An open video file."""

    def __init__(self, path: Path) -> None:
        """Raise `Unavailable`, with what is wrong, if there is no video in it that can be read."""
        self._path = path
        self._open()
        self.rate = float(self._stream.average_rate or self._stream.guessed_rate or USUAL_RATE)
        """Frames per second, as a mean."""
        self.seconds = self._length()
        """How long it is, as it says itself; 0: it does not say."""
        self._turning: tuple[tuple[object, ...], Graph] | None = None
        self._fresh = True
        self._first = 0.0
        """Where the first picture is."""
        self._rewinds = True
        """Whether seeking leads to the beginning; if not, the file is opened again each time."""

    def _open(self) -> None:
        self._container = _opened(self._path)
        stream = self._container.streams.best("video")
        if not isinstance(stream, av.VideoStream) or stream.time_base is None:
            self._container.close()
            raise Unavailable(f"there is no video in {self._path}; name a video file or a picture")
        stream.thread_type = "AUTO"
        self._stream = stream
        self._tick = float(stream.time_base)
        self._start = (stream.start_time or 0) * self._tick

    def close(self) -> None:
        """Close the file; a second time does nothing."""
        self._container.close()

    def pictures(self, begin: float = 0.0) -> Iterator[Picture]:
        """Yield the pictures from the place `begin` (in seconds) to the end; what is damaged is left out.

        One that began before and still shows comes first. Only the last iterator that was asked for goes on.
        """
        unseen, self._fresh = self._fresh and begin <= 0, False
        for picture in self._timed() if unseen else self._sought(begin):
            if unseen:
                self._first, unseen = picture.at, False
            if picture.at + picture.seconds > begin + _ROUNDING:
                yield Picture(self._upright(picture.video), picture.at, picture.seconds)

    def _sought(self, place: float) -> Iterator[Picture]:
        """Return the pictures from the last keyframe before a place on.

        Where keyframes are not listed (MPEG-TS), seeking leads to one that is too late: then it is tried from farther
        back, and from the beginning.
        """
        for back in _BACK if self._rewinds or place > 0 else ():
            try:
                self._container.seek(round((place - back + self._start) / self._tick), stream=self._stream)
            except av.FFmpegError:
                break
            pictures = self._timed()
            first = next(pictures, None)
            if first is not None and first.at <= max(place, self._first) + _ROUNDING:
                return chain((first,), pictures)
            if place - back <= 0:
                break
        if place <= 0:
            self._rewinds = False
        self._container.close()
        self._open()
        return self._timed()

    def _length(self) -> float:
        if self._stream.duration is not None:
            return self._stream.duration * self._tick
        return (self._container.duration or 0) / av.time_base

    def _timed(self) -> Iterator[Picture]:
        """Yield every picture from where the file is on."""
        after = 0.0
        for video in self._decoded():
            at = after if video.pts is None else video.pts * self._tick - self._start
            seconds = (video.duration or 0) * self._tick or 1 / self.rate
            after = at + seconds
            yield Picture(of_file(video), at, seconds)

    def _decoded(self) -> Iterator[av.VideoFrame]:
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets)
            except (StopIteration, av.FFmpegError):  # a file that was cut off ends where it was
                return
            try:
                pictures = packet.decode()
            except av.FFmpegError:
                continue
            yield from (picture for picture in pictures if not picture.is_corrupt)

    def _upright(self, video: av.VideoFrame) -> av.VideoFrame:
        turn = round(video.rotation / 90) * 90 % 360
        if not turn:
            return video
        kind = (video.width, video.height, video.format.name, turn)
        if self._turning is None or self._turning[0] != kind:
            self._turning = kind, _turning(video, _TURNS[turn], self._stream)
        graph = self._turning[1]
        graph.push(video)
        turned = graph.pull()
        assert isinstance(turned, av.VideoFrame)
        turned.colorspace, turned.color_range = video.colorspace, video.color_range
        return turned


def _opened(path: Path) -> av.container.InputContainer:
    try:
        return av.open(str(path))
    except FileNotFoundError as error:
        raise Unavailable(f"there is no video file {path}") from error
    except PermissionError as error:
        raise Unavailable(f"the video file {path} may not be read by this user") from error
    except (av.FFmpegError, OSError) as error:
        raise Unavailable(f"{path} is no video file that can be read ({error.strerror})") from error


def _turning(video: av.VideoFrame, filters: str, stream: av.VideoStream) -> Graph:
    graph = Graph()
    assert stream.time_base is not None
    chain = [graph.add_buffer(width=video.width, height=video.height, format=video.format, time_base=stream.time_base)]
    for name, _, options in (text.partition("=") for text in filters.split(",")):
        chain.append(graph.add(name, options or None))
    chain.append(graph.add("buffersink"))
    graph.link_nodes(*chain).configure()
    return graph
