"""A colour chart as a decoder, a camera or a card would hand it over, and what a receiver sees in a picture: both by the
textbook's formulas, and not by any library's."""

from collections.abc import Callable

import av
import numpy as np
from aiortc.codecs.base import Decoder, Encoder
from aiortc.codecs.h264 import H264Decoder, H264Encoder, h264_depayload
from aiortc.codecs.vpx import Vp8Decoder, Vp8Encoder, vp8_depayload
from aiortc.jitterbuffer import JitterFrame
from aiortc.mediastreams import VIDEO_TIME_BASE
from numpy.typing import NDArray

COLOURS = (
    (255, 255, 255),
    (255, 255, 0),
    (0, 255, 255),
    (0, 255, 0),
    (255, 0, 255),
    (255, 0, 0),
    (0, 0, 255),
    (0, 0, 0),
    (128, 128, 128),
    (200, 100, 50),
)
"""What the chart's vertical bars show, from left to right, as red, green and blue."""

Weights = tuple[float, float, float]
BT601: Weights = (0.299, 0.587, 0.114)
BT709: Weights = (0.2126, 0.7152, 0.0722)
"""How much red, green and blue weigh in the luma."""


def chart(
    width: int,
    height: int,
    colours: tuple[tuple[int, int, int], ...] = COLOURS,
    matrix: Weights = BT601,
    format: str = "yuv420p",
    full: bool = False,
) -> av.VideoFrame:
    """Return a picture of vertical bars of equal width, in limited range or `full`, without tags.

    `format` is yuv420p, yuv422p, yuv444p, their yuvj twins, nv12, yuyv422, rgb24, rgba or gray.
    """
    bars = np.array(colours, np.float64)[np.arange(width) * len(colours) // width]
    frame = av.VideoFrame(width, height, format)
    if frame.format.is_rgb:
        opaque = np.full((width, len(frame.format.components)), 255.0)
        opaque[:, :3] = bars
        _fill(frame, 0, opaque.ravel())
        return frame
    luma = bars @ np.array(matrix)
    blue = (bars[:, 2] - luma) / (2 * (1 - matrix[2]))
    red = (bars[:, 0] - luma) / (2 * (1 - matrix[0]))
    black, whole, wide = (0, 255, 255) if full else (16, 219, 224)
    step = 2 if frame.format.chroma_width(width) < width else 1
    luma, blue, red = black + luma * whole / 255, 128 + blue[::step] * wide / 255, 128 + red[::step] * wide / 255
    match format:
        case "gray":
            _fill(frame, 0, luma)
        case "nv12":
            _fill(frame, 0, luma)
            _fill(frame, 1, np.stack([blue, red], -1).ravel())
        case "yuyv422":
            _fill(frame, 0, np.stack([luma[::2], blue, luma[1::2], red], -1).ravel())
        case _:
            for index, line in enumerate((luma, blue, red)):
                _fill(frame, index, line)
    return frame


def _fill(frame: av.VideoFrame, index: int, line: NDArray[np.float64]) -> None:
    """Write the same line of bytes into all rows of a plane."""
    plane = frame.planes[index]
    rows = np.zeros((plane.height, plane.line_size), np.uint8)
    rows[:, : len(line)] = np.clip(np.round(line), 0, 255)
    plane.update(rows.tobytes())


def grey(width: int, height: int, level: int) -> av.VideoFrame:
    """Return a picture of one grey."""
    return chart(width, height, ((level, level, level),))


def through_vp8(video: av.VideoFrame) -> av.VideoFrame:
    """Return what is decoded of `video` at the other end of a WebRTC session in VP8."""
    encoder = Vp8Encoder()
    encoder.target_bitrate = 3_000_000  # with less, the first picture is coarser by itself than what is tested with it
    return _through(video, encoder, vp8_depayload, Vp8Decoder())


def through_h264(video: av.VideoFrame) -> av.VideoFrame:
    """Return what is decoded of `video` at the other end of a WebRTC session in H.264."""
    return _through(video, H264Encoder(), h264_depayload, H264Decoder())


def _through(
    video: av.VideoFrame, encoder: Encoder, depayload: Callable[[bytes], bytes], decoder: Decoder
) -> av.VideoFrame:
    video.pts, video.time_base = 0, VIDEO_TIME_BASE
    payloads, timestamp = encoder.encode(video, force_keyframe=True)
    (decoded,) = decoder.decode(JitterFrame(b"".join(depayload(payload) for payload in payloads), timestamp))
    assert isinstance(decoded, av.VideoFrame)
    return decoded


def through_tagged_h264(video: av.VideoFrame, colorspace: int, color_range: int) -> av.VideoFrame:
    """Return what is decoded of `video` where the stream itself names its matrix and its range."""
    codec = av.CodecContext.create("libx264", "w")
    assert isinstance(codec, av.VideoCodecContext)
    codec.width, codec.height, codec.time_base = video.width, video.height, VIDEO_TIME_BASE
    codec.pix_fmt = video.format.name
    codec.colorspace, codec.color_range = colorspace, color_range
    codec.options = {"tune": "zerolatency", "qp": "4", "preset": "ultrafast"}
    video.pts, video.time_base = 0, VIDEO_TIME_BASE
    video.colorspace, video.color_range = colorspace, color_range
    stream = b"".join(bytes(packet) for packet in [*codec.encode(video), *codec.encode(None)])
    (decoded,) = H264Decoder().decode(JitterFrame(stream, 0))
    assert isinstance(decoded, av.VideoFrame)
    return decoded


def seen(picture: NDArray[np.uint8] | av.VideoFrame, matrix: Weights = BT709) -> NDArray[np.float64]:
    """Return what a receiver sees, red, green and blue, height x width x 3: of rgba, of rgb24, of uyvy (without the rows of
    uyva's alpha), or of a planar or packed frame, whose YCbCr is of `matrix` in limited range."""
    if not isinstance(picture, av.VideoFrame):
        if picture.shape[-1] >= 3:
            return picture[..., :3].astype(np.float64)
        return _rgb(picture[..., 1], picture[:, 0::2, 0], picture[:, 1::2, 0], 1.0, matrix)
    sides = [
        np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size) for plane in picture.planes
    ]
    if picture.format.is_rgb:
        return sides[0][:, : 3 * picture.width].reshape(picture.height, picture.width, 3).astype(np.float64)
    deep = picture.format.components[0].bits > 8
    luma, blue, red = (
        (side.view(np.uint16) if deep else side)[:, : plane.width]
        for side, plane in zip(sides, picture.planes, strict=True)
    )
    return _rgb(luma, blue, red, 4.0 if deep else 1.0, matrix)


def _rgb(
    luma: NDArray[np.uint8] | NDArray[np.uint16],
    blue: NDArray[np.uint8] | NDArray[np.uint16],
    red: NDArray[np.uint8] | NDArray[np.uint16],
    unit: float,
    matrix: Weights,
) -> NDArray[np.float64]:
    rows, columns = (np.arange(side) for side in luma.shape)
    rows, columns = rows * blue.shape[0] // luma.shape[0], columns * blue.shape[1] // luma.shape[1]
    bright = (luma / unit - 16) * 255 / 219
    from_blue = 2 * (1 - matrix[2]) * (blue[rows][:, columns] / unit - 128) * 255 / 224
    from_red = 2 * (1 - matrix[0]) * (red[rows][:, columns] / unit - 128) * 255 / 224
    green = bright - (matrix[2] * from_blue + matrix[0] * from_red) / matrix[1]
    colours: NDArray[np.float64] = np.stack([bright + from_red, green, bright + from_blue], -1)
    return colours.clip(0, 255)


def bars(
    pixels: NDArray[np.uint8] | NDArray[np.float64], count: int = len(COLOURS)
) -> list[tuple[float, float, float]]:
    """Return the colours in the middle of `count` vertical bars."""
    middle = pixels[pixels.shape[0] // 2]
    at = ((np.arange(count) + 0.5) * pixels.shape[1] / count).astype(int)
    return [(float(red), float(green), float(blue)) for red, green, blue in middle[at, :3]]


def furthest(seen: list[tuple[int, int, int]] | list[tuple[float, float, float]], meant: object = COLOURS) -> float:
    """Return the largest difference of any channel of any colour, in levels of 255."""
    return float(np.abs(np.array(seen, float) - np.array(meant, float)).max())
