"""The colours of video: from whatever a decoder, a camera or a card gives to the pixels that somebody wants.

A frame's tags say which matrix made its YCbCr and whether it has headroom; video without tags is BT.601 in limited range,
as WebRTC's is. What comes out as YCbCr is BT.709 in limited range unless asked for otherwise, and tagged so: NDI and every
other receiver of high definition takes it for that.

The work is done by graphs of libavfilter, not by a bare swscale: its `colorspace` goes from one matrix to another on the
planes as they are, in a third of the time that a picture takes through RGB and back, and twice as near to the truth; it
runs without the interpreter's lock, and it leaves the tags of the frame that it is given alone, so that any number of
threads may convert one frame.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Final, Literal, NamedTuple

import av
import numpy as np
from av.filter import Graph
from av.filter.context import FilterContext
from numpy.typing import NDArray

Matrix = Literal["bt709", "smpte170m"]
"""What YCbCr is made with: BT.709, or BT.601 by the name that libav has for it."""
Filter = tuple[str, str]
"""A filter of libavfilter and its options."""

_MATRICES: Final = {1: "bt709", 4: "fcc", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 9: "bt2020nc", 10: "bt2020nc"}
"""The names of `AVColorSpace`. Unspecified (2), and all that `colorspace` does not know, is taken for BT.601."""
_UNTAGGED: Final = "smpte170m"
_SAME: Final = {"bt470bg": "smpte170m"}
"""Two names for the one matrix of BT.601."""
_UNSPECIFIED, _BT709 = 2, 1
"""`AVCOL_SPC_UNSPECIFIED` and `AVCOL_SPC_BT709`: PyAV takes the numbers only."""
_STANDARD_DEFINITION: Final = 576
"""The height up to which a file that does not name its matrix is BT.601, as every player takes it; above, BT.709."""
_FULL: Final = 2
"""`AVCOL_RANGE_JPEG`: from 0 to 255."""
_GRAPHS: Final = 16
"""Graphs that a thread keeps: for a few formats, and for the sizes before and after a change."""


def convert(
    video: av.VideoFrame,
    format: str,
    shape: Sequence[Filter] = (),
    around: Sequence[Filter] = (),
    matrix: Matrix = "bt709",
) -> av.VideoFrame:
    """Return `video` in libav's pixel format `format`, tagged: always another frame, with time stamps of its own.

    `shape` are filters for its geometry, applied to the pixels as they come; `around` are some for what lies around the
    picture, applied when its colours are right. What needs no change is shared with `video`: write into neither. Any
    thread may call it, and several at once for the same video.
    """
    tags = int(video.colorspace), int(video.color_range)
    key = (video.format.name, video.width, video.height, tags, format, tuple(shape), tuple(around), matrix)
    ways = _here.ways
    way = ways.get(key)
    if way is None:
        ways[key] = way = _open(video, list(_filters(video, av.VideoFormat(format), shape, around, matrix)))
        if len(ways) > _GRAPHS:
            ways.popitem(last=False)
    else:
        ways.move_to_end(key)
    way.source.push(video)
    converted = way.sink.pull()
    assert isinstance(converted, av.VideoFrame)
    return converted


def of_file(video: av.VideoFrame) -> av.VideoFrame:
    """Return `video`, a picture of a file, tagged with what players take it for if it does not say."""
    if video.colorspace == _UNSPECIFIED and video.height > _STANDARD_DEFINITION and not video.format.is_rgb:
        video.colorspace = _BT709
    return video


def planes(video: av.VideoFrame) -> list[NDArray[np.uint8]]:
    """Return the bytes of each plane, rows x bytes of a row, where they lie in the memory of `video`.

    For packed pixels, and planes of one component each.
    """
    format = video.format
    depth = format.bits_per_pixel // 8 if len(video.planes) == 1 else (format.components[0].bits + 7) // 8
    return [
        np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width * depth]
        for plane in video.planes
    ]


def pixels(video: av.VideoFrame) -> NDArray[np.uint8]:
    """Return packed pixels, height x width x the bytes of each: read-only, and in the memory of `video` where its rows
    leave no gap."""
    (rows,) = planes(video)
    whole = np.ascontiguousarray(rows).reshape(video.height, video.width, -1)
    whole.flags.writeable = False
    return whole


def subsampled(video: av.VideoFrame) -> bool:
    """Whether `video` has one colour for each four pixels, as all that comes by WebRTC."""
    return _ycbcr(video.format) and _layout(video.format) == "yuv420p"


class _Way(NamedTuple):
    """A graph that is ready, from where frames are pushed to where they are pulled."""

    graph: Graph
    source: FilterContext
    sink: FilterContext


class _Here(threading.local):
    """What each thread keeps for itself: a graph takes one frame at a time."""

    def __init__(self) -> None:
        self.ways: OrderedDict[object, _Way] = OrderedDict()


_here = _Here()


def _open(video: av.VideoFrame, filters: Sequence[Filter]) -> _Way:
    graph = Graph()
    with suppress(AttributeError):  # before PyAV 18 it cannot be told
        graph.threads = 1  # two save nothing worth having at 1080p, and cost more in all
    source = graph.add(
        "buffer",
        video_size=f"{video.width}x{video.height}",
        pix_fmt=video.format.name,
        time_base="1/90000",
        colorspace=str(int(video.colorspace)),
        range=str(int(video.color_range)),
    )
    sink = graph.add("buffersink")
    graph.link_nodes(source, *(graph.add(name, options) for name, options in filters), sink)
    graph.configure()
    return _Way(graph, source, sink)


def _filters(
    video: av.VideoFrame, wanted: av.VideoFormat, shape: Sequence[Filter], around: Sequence[Filter], matrix: Matrix
) -> Iterator[Filter]:
    """Yield all filters of the way from `video` to the format `wanted`."""
    if not _ycbcr(video.format):
        yield from shape
        if not video.format.is_rgb and wanted.name != video.format.name:
            yield "format", "rgb24"  # grey: what is around it may have a colour
        if _ycbcr(wanted):
            yield from around
            yield "scale", f"flags=bilinear:out_color_matrix={matrix}:out_range=tv"
            yield "format", wanted.name
            yield "setparams", _tags(matrix)
        else:
            yield "scale", "flags=bilinear"
            yield "format", wanted.name
            yield from around
        return

    space = _MATRICES.get(video.colorspace, _UNTAGGED)
    full = video.color_range == _FULL or video.format.name.startswith("yuvj")
    # The primaries are named alike on both ends, whatever they were: nothing but the matrix and the range is to change.
    yield "setparams", _tags(space, "pc" if full else "tv")
    yield from shape
    layout = _layout(video.format)
    if not _ycbcr(wanted):
        yield "scale", "flags=fast_bilinear"
        yield "format", wanted.name
        yield from around
        return
    name = video.format.name
    if full or _SAME.get(space, space) != matrix:
        name = _planar(layout, wanted)
        yield "scale", "flags=fast_bilinear"
        yield "format", _planar(layout, video.format)
        yield "colorspace", f"space={matrix}:primaries=bt709:trc=bt709:range=tv:format={name}"
    yield from around
    if wanted.name not in (name, f"{name}le"):
        # Only with this flag does swscale repack planes as fast as memory allows; fewer colours than before want a filter.
        yield "scale", f"flags={'bilinear' if layout == 'yuv444p' else 'fast_bilinear'}"
    yield "format", wanted.name
    yield "setparams", _tags(matrix)


def _ycbcr(format: av.VideoFormat) -> bool:
    """Whether it is made of luma and two colour differences; else it is red, green and blue, or grey."""
    return not format.is_rgb and len(format.components) >= 3


def _layout(format: av.VideoFormat) -> str:
    """Return the planar format of 8 bits that has as many colours as `format`."""
    return {(4, 4): "yuv420p", (4, 8): "yuv422p"}.get((format.chroma_width(8), format.chroma_height(8)), "yuv444p")


def _planar(layout: str, format: av.VideoFormat) -> str:
    """Return `layout` at the depth of `format`, of those that `colorspace` takes."""
    return layout if format.components[0].bits <= 8 else f"{layout}10"


def _tags(matrix: str, range: str = "tv") -> str:
    return f"colorspace={matrix}:range={range}:color_primaries=bt709:color_trc=bt709"
