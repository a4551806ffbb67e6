"""Pictures as drivers want them: the right colours at the right places, made once, and never written into."""

import gc
import threading
import weakref
from collections.abc import Callable
from typing import Literal

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from bridge.frames import Frame
from bridge.outputs.driver import Format, Picture, Pixels
from bridge.outputs.painter import Painter
from bridge.profile.outputs import Alpha, Crop, Fit, Shape
from tests.outputs.chart import (
    BT601,
    BT709,
    COLOURS,
    bars,
    chart,
    furthest,
    seen,
    through_h264,
    through_tagged_h264,
    through_vp8,
)

ARRAYS: list[Format] = ["rgba", "uyvy", "uyva"]
FORMATS: list[Format] = [*ARRAYS, "yuv420p", "yuv422p", "yuv422p10le", "rgb24"]
RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def framed(video: av.VideoFrame) -> Frame:
    return Frame(video, received=0.0, number=0)


def corners(width: int = 96, height: int = 64) -> Frame:
    """Return a picture that is red and green above, blue and white below."""
    above, below = (chart(width, height, colours, format="rgba") for colours in ((RED, GREEN), (BLUE, WHITE)))
    upper, lower = (video.to_ndarray().astype(np.uint8) for video in (above, below))
    return Frame.of(np.concatenate([upper[: height // 2], lower[height // 2 :]]), received=0.0)


def shown(picture: Picture, format: Format) -> NDArray[np.float64]:
    """Return what a receiver sees of it."""
    if format != "uyva":
        return seen(picture)
    assert isinstance(picture, np.ndarray)
    return seen(picture[: picture.shape[0] * 2 // 3])


def alpha_in(picture: Picture, format: Format) -> Pixels:
    assert isinstance(picture, np.ndarray)
    if format == "rgba":
        return picture[..., 3]
    height = picture.shape[0] * 2 // 3
    return picture[height:].reshape(height, picture.shape[1])


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(
    "received",
    [
        lambda: through_vp8(chart(640, 320)),
        lambda: through_h264(chart(640, 320)),
        lambda: through_tagged_h264(chart(640, 320, matrix=BT709), 1, 1),
        lambda: chart(640, 320, format="rgba"),
    ],
    ids=["VP8", "H.264", "H.264 tagged 709", "a card"],
)
@pytest.mark.parametrize(
    "shape", [Shape(), Shape((320, 180), "stretch", rotate=180, flip="both")], ids=["as it is", "shaped"]
)
def test_a_colour_chart_is_seen_as_it_was_meant(
    received: Callable[[], av.VideoFrame], shape: Shape, format: Format
) -> None:
    picture = Painter(shape, Alpha(), format).paint(framed(received()))

    assert furthest(bars(shown(picture, format))) <= 3
    if isinstance(picture, av.VideoFrame) and format != "rgb24":
        assert (picture.format.name, picture.colorspace, picture.color_range) == (format, 1, 1)


@pytest.mark.parametrize(
    ("format", "shape"), [("rgba", (320, 576, 4)), ("uyvy", (320, 576, 2)), ("uyva", (480, 576, 2))]
)
@pytest.mark.parametrize("size", [(576, 320), (577, 321)])
def test_arrays_are_whole_even_and_read_only(format: Format, shape: tuple[int, ...], size: tuple[int, int]) -> None:
    picture = Painter(Shape(), Alpha(), format).paint(framed(chart(*size)))

    assert isinstance(picture, np.ndarray)
    assert (picture.shape, str(picture.dtype)) == (shape, "uint8")
    assert picture.flags.c_contiguous
    assert not picture.flags.writeable


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("source", ["yuv420p", "yuv422p", "yuv444p", "nv12", "yuyv422", "yuvj422p", "rgb24", "gray"])
@pytest.mark.parametrize("tag", [1, 2], ids=["709", "601"])
def test_every_kind_of_source_takes_every_shape(source: str, tag: int, format: Format) -> None:
    full = source in ("yuvj422p", "gray")
    colour = (200, 200, 200) if source == "gray" else (200, 100, 50)
    video = chart(160, 96, (colour,), BT709 if tag == 1 else BT601, source, full)
    video.colorspace = tag
    shape = Shape((240, 120), "contain", RED, Crop(left=0.1, bottom=0.2), rotate=90, flip="vertical")

    picture = Painter(shape, Alpha(), format).paint(framed(video))

    assert shown(picture, format).shape == (120, 240, 3)
    assert furthest(bars(shown(picture, format), 3), [RED, colour, RED]) <= 3
    if isinstance(picture, av.VideoFrame):
        assert picture.format.name == format


def test_a_source_with_alpha_of_its_own_is_opaque_without_a_key() -> None:
    card = np.full((32, 64, 4), 100, np.uint8)

    formats: list[Format] = ["rgba", "uyva"]
    for format in formats:
        picture = Painter(Shape(), Alpha(), format).paint(Frame.of(card, received=0.0))
        assert set(alpha_in(picture, format).ravel()) == {255}
        assert furthest(bars(shown(picture, format), 1), (100, 100, 100)) <= 1


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize("flip", ["", "horizontal", "vertical", "both"])
@pytest.mark.parametrize("format", ["rgba", "uyvy", "yuv420p"])
def test_a_picture_is_turned_clockwise_and_then_mirrored(
    rotate: Literal[0, 90, 180, 270], flip: Literal["", "horizontal", "vertical", "both"], format: Format
) -> None:
    frame = corners()
    meant = np.rot90(frame.rgba()[..., :3], -rotate // 90)
    meant = meant[:, ::-1] if flip in ("horizontal", "both") else meant
    meant = meant[::-1] if flip in ("vertical", "both") else meant

    picture = shown(Painter(Shape(rotate=rotate, flip=flip), Alpha(), format).paint(frame), format)

    assert picture.shape == meant.shape
    assert np.abs(picture[8::16, 8::16] - meant[8::16, 8::16]).max() <= 3


def test_a_picture_is_cropped_before_it_is_turned() -> None:
    shape = Shape(crop=Crop(left=0.5, bottom=0.5), rotate=90)

    picture = shown(Painter(shape, Alpha(), "rgba").paint(corners()), "rgba")

    assert picture.shape == (48, 32, 3)
    assert furthest(bars(picture, 2), [GREEN, GREEN]) <= 3


@pytest.mark.parametrize("format", ["rgba", "uyvy", "yuv420p"])
def test_of_a_cropped_chart_the_other_bars_stay_where_they_were(format: Format) -> None:
    painter = Painter(Shape(crop=Crop(left=0.1, right=0.2, top=0.25)), Alpha(), format)

    picture = shown(painter.paint(framed(chart(640, 64))), format)

    assert picture.shape == (48, 448, 3)
    assert furthest(bars(picture, 7), COLOURS[1:8]) <= 3


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(
    ("fit", "meant"),
    [("contain", [RED, WHITE, RED]), ("cover", [WHITE, WHITE, WHITE]), ("stretch", [GREEN, WHITE, BLUE])],
)
def test_a_picture_fits_into_another_size(fit: Fit, meant: list[tuple[int, int, int]], format: Format) -> None:
    frame = framed(chart(192, 192, (GREEN, WHITE, BLUE)))
    if fit == "contain":
        frame = framed(chart(192, 192, (WHITE,)))
    size = (576, 192) if fit != "cover" else (64, 192)

    picture = shown(Painter(Shape(size, fit, pad=RED), Alpha(), format).paint(frame), format)

    assert picture.shape == (size[1], size[0], 3)
    assert furthest(bars(picture, 3), meant) <= 3


@pytest.mark.parametrize("format", ["rgba", "uyva"])
@pytest.mark.parametrize(
    ("alpha", "opaque"),
    [
        (Alpha(), 255),
        (Alpha("constant", threshold=0.5), 128),
        (Alpha("luma", threshold=0.2), 255),
        (Alpha("chroma"), 255),
    ],
    ids=["opaque", "constant", "luma", "chroma"],
)
def test_bars_are_transparent_whatever_the_key(alpha: Alpha, opaque: int, format: Format) -> None:
    frame = framed(chart(64, 64, (WHITE,)))

    found = alpha_in(Painter(Shape((192, 64), pad=WHITE), alpha, format).paint(frame), format)

    assert found.shape == (64, 192)
    assert set(found[:, :64].ravel()) | set(found[:, 128:].ravel()) == {0}
    assert set(found[:, 64:128].ravel()) == {opaque}


@pytest.mark.parametrize("format", ["rgba", "uyva"])
def test_a_key_takes_out_its_colour_and_leaves_all_colours_as_they_were(format: Format) -> None:
    painter = Painter(Shape(), Alpha("chroma", colour=GREEN, threshold=0.2, soft=0.1), format)

    picture = painter.paint(framed(chart(640, 64)))

    assert list(alpha_in(picture, format)[32, 32::64]) == [0 if colour == GREEN else 255 for colour in COLOURS]
    assert furthest(bars(shown(picture, format))) <= 3, "straight alpha: the colours are not multiplied by it"


@pytest.mark.parametrize("format", ["rgba", "uyva"])
def test_a_threshold_by_hand_stands_for_the_keys_own(format: Format) -> None:
    frame = framed(chart(64, 64, ((100, 100, 100),)))
    painter = Painter(Shape(), Alpha("luma", threshold=0.1, soft=0.0), format)

    found = [alpha_in(painter.paint(frame, threshold=by_hand), format)[32, 32] for by_hand in (None, 0.5, 0.1, None)]

    assert found == [255, 0, 255, 255]


def test_a_threshold_says_nothing_without_a_key() -> None:
    frame = framed(chart(64, 64))
    painter = Painter(Shape(), Alpha(), "rgba")

    assert painter.paint(frame, threshold=0.5) is frame.rgba()


@pytest.mark.parametrize("format", FORMATS)
def test_a_level_goes_to_black_and_never_into_what_others_show(format: Format) -> None:
    frame = framed(chart(640, 64))
    dim, bright = (Painter(Shape(), Alpha("luma", threshold=0.2), format) for _ in range(2))
    before = shown(bright.paint(frame), format).copy()

    half, black = dim.paint(frame, level=0.5), dim.paint(frame, level=0.0)

    assert np.abs(shown(half, format) - before / 2).max() <= 3
    assert shown(black, format).max() == 0
    np.testing.assert_array_equal(shown(bright.paint(frame), format), before)
    if format in ("rgba", "uyva"):
        np.testing.assert_array_equal(alpha_in(black, format), alpha_in(bright.paint(frame), format))


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("alpha", [Alpha(), Alpha("chroma")], ids=["opaque", "keyed"])
def test_painters_of_equal_options_share_what_is_made_once(alpha: Alpha, format: Format) -> None:
    frame = framed(chart(640, 64))
    shape = Shape((320, 180), crop=Crop(top=0.1))
    first, second, other = Painter(shape, alpha, format), Painter(shape, alpha, format), Painter(Shape(), alpha, format)

    assert first.paint(frame) is second.paint(frame)
    assert first.paint(frame) is not other.paint(frame)
    assert first.paint(frame) is not first.paint(framed(chart(640, 64)))


@pytest.mark.parametrize("format", FORMATS)
def test_the_same_again_is_the_same_object(format: Format) -> None:
    frame = framed(chart(640, 64))
    painter = Painter(Shape(), Alpha("luma"), format)

    assert painter.paint(frame, 0.5, 0.3) is painter.paint(frame, 0.5, 0.3)
    assert painter.paint(frame, 0.5) is not painter.paint(frame, 0.6)


def test_a_picture_that_is_all_opaque_or_all_alike_is_not_looked_at() -> None:
    frame = framed(chart(640, 64))
    for alpha in (Alpha(), Alpha("constant")):
        Painter(Shape(), alpha, "rgba").paint(frame)
    planar = object()

    assert frame.made(("yuv420p", (), ()), lambda: planar) is planar, "nobody had it made before"


def test_without_a_shape_there_is_no_more_than_the_conversion() -> None:
    frame = framed(chart(640, 64))

    assert Painter(Shape(), Alpha(), "rgba").paint(frame) is frame.rgba()
    assert Painter(Shape(), Alpha(), "yuv420p").paint(frame) is frame.converted("yuv420p")


def test_a_fader_on_the_key_of_a_held_picture_leaves_nothing_behind() -> None:
    frame = framed(chart(640, 64))
    painter = Painter(Shape(), Alpha("luma"), "rgba")
    made = list[weakref.ref[Pixels]]()

    for step in range(10):
        picture = painter.paint(frame, threshold=step / 10)
        assert isinstance(picture, np.ndarray)
        made.append(weakref.ref(picture))
        del picture
    gc.collect()

    assert [one for one in made[:-1] if one() is not None] == []


def test_outputs_paint_one_frame_in_their_threads_at_once() -> None:
    meant = {
        format: shown(Painter(Shape(), Alpha("luma"), format).paint(framed(chart(640, 64))), format)
        for format in FORMATS
    }
    frames = [framed(chart(640, 64)) for _ in range(10)]
    start, painted = threading.Barrier(2), list[tuple[Format, list[Picture]]]()

    def work(formats: list[Format]) -> None:
        painters = {format: Painter(Shape(), Alpha("luma"), format) for format in formats}
        start.wait()
        for frame in frames:
            for format, painter in painters.items():
                painted.append((format, [painter.paint(frame)]))

    threads = [threading.Thread(target=work, args=(order,)) for order in (FORMATS, FORMATS[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(painted) == 2 * len(frames) * len(FORMATS)
    for format, (picture,) in painted:
        np.testing.assert_array_equal(shown(picture, format), meant[format])
    assert len({id(picture) for _, (picture,) in painted}) == len(frames) * len(FORMATS), "each was made once"
