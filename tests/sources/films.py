"""Video files made for a test: each picture says which it is."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from bridge.sources.pattern import draw_number

SIZE = (192, 128)


def film(
    path: Path,
    pictures: int = 60,
    rate: Fraction = Fraction(30),
    codec: str = "libx264",
    size: tuple[int, int] = SIZE,
    times: list[float] | None = None,
) -> Path:
    """Write a film of numbered pictures, with a keyframe every 15; `times` are when they begin, in seconds, at any rate."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height = size
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        stream.gop_size = 15
        stream.codec_context.time_base = Fraction(1, 1000) if times else 1 / rate
        for number in range(pictures):
            pixels = np.full((size[1], size[0], 3), 128, np.uint8)
            draw_number(pixels, number)
            video = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            video.pts = round(times[number] * 1000) if times else number
            video.time_base = stream.codec_context.time_base
            container.mux(stream.encode(video))
        container.mux(stream.encode())
    return path


def turn(path: Path) -> Path:
    """Say in an MP4 file that its picture is to be turned clockwise by a quarter, as a telephone held upright does."""
    data = bytearray(path.read_bytes())
    matrix = data.index(b"tkhd") + 4 + 4 * 5 + 8 + 8
    one = 1 << 16
    numbers = [0, one, 0, -one, 0, 0, SIZE[1] * one, 0, 1 << 30]
    data[matrix : matrix + 36] = b"".join(number.to_bytes(4, "big", signed=True) for number in numbers)
    path.write_bytes(data)
    return path
