"""What is made of a frame is made once, for everybody, and is right."""

import threading

import numpy as np
import pytest

from bridge.frames import Frame
from tests.outputs.chart import BT601, BT709, bars, chart, furthest, grey, seen


def test_something_is_made_once_however_many_threads_ask() -> None:
    picture = Frame(grey(16, 16, 128), received=0.0, number=0)
    start, made, got = threading.Barrier(4), list[object](), list[object]()

    def make() -> object:
        made.append(object())
        return made[-1]

    def ask() -> None:
        start.wait()
        got.append(picture.made("it", make))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(made) == 1
    assert got == made * 4


def test_what_is_being_made_keeps_nobody_from_something_else() -> None:
    picture = Frame(grey(16, 16, 128), received=0.0, number=0)
    begun, go_on = threading.Event(), threading.Event()

    def slow() -> bool:
        begun.set()
        return go_on.wait(20)

    waiting = threading.Thread(target=lambda: picture.made("slow", slow))
    waiting.start()
    assert begun.wait(20)

    assert picture.made("quick", lambda: "made") == "made"

    go_on.set()
    waiting.join()
    assert picture.made("slow", lambda: False) is True


def test_what_could_not_be_made_is_tried_again() -> None:
    picture = Frame(grey(16, 16, 128), received=0.0, number=0)
    with pytest.raises(ZeroDivisionError):
        picture.made("it", lambda: 1 // 0)

    assert picture.made("it", lambda: None) is None
    assert picture.made("it", lambda: 1) is None, "nothing is something too"


def test_what_was_forgotten_is_made_again() -> None:
    picture = Frame(chart(64, 32), received=0.0, number=0)
    before = picture.rgba()

    picture.forget()

    assert picture.rgba() is not before
    np.testing.assert_array_equal(picture.rgba(), before)


@pytest.mark.parametrize(
    ("tag", "matrix"),
    [(2, BT601), (5, BT601), (6, BT601), (1, BT709)],
    ids=["untagged as WebRTC's", "bt470bg", "smpte170m", "bt709"],
)
@pytest.mark.parametrize(("width", "height"), [(320, 64), (570, 322), (638, 31), (1920, 1080)])
def test_a_colour_chart_keeps_its_colours(
    width: int, height: int, tag: int, matrix: tuple[float, float, float]
) -> None:
    video = chart(width, height, matrix=matrix)
    video.colorspace = tag

    pixels = Frame(video, received=0.0, number=0).rgba()

    assert pixels.shape == (height, width, 4)
    assert pixels.dtype == np.uint8
    assert furthest(bars(pixels)) <= 3
    assert pixels[..., 3].min() == 255
    assert video.colorspace == tag


def test_rgba_is_one_array_that_nobody_can_write_into() -> None:
    picture = Frame(chart(64, 32), received=0.0, number=0)

    assert picture.rgba() is picture.rgba()
    with pytest.raises(ValueError, match="read-only"):
        picture.rgba()[0, 0, 0] = 1


def test_a_card_keeps_its_pixels() -> None:
    card = np.random.default_rng(0).integers(0, 256, (31, 45, 4), np.uint8)

    picture = Frame.of(card, received=1.5, number=3)

    assert (picture.size, picture.received, picture.number) == ((45, 31), 1.5, 3)
    np.testing.assert_array_equal(picture.rgba(), card)


@pytest.mark.parametrize("format", ["yuv420p", "yuvj420p", "nv12", "rgb24"])
def test_what_is_for_an_encoder_of_webrtc_is_bt601_in_limited_range(format: str) -> None:
    video = chart(640, 320, matrix=BT709, format=format, full=format.startswith("yuvj"))
    video.colorspace = 1

    planar = Frame(video, received=0.0, number=0).planar((320, 180))

    assert (planar.format.name, planar.width, planar.height) == ("yuv420p", 320, 180)
    assert furthest(bars(seen(planar, BT601))) <= 3


def test_each_who_encodes_a_frame_gives_it_time_stamps_of_his_own() -> None:
    video = chart(64, 33)
    picture = Frame(video, received=0.0, number=0)

    one, other = picture.planar(), picture.planar()
    one.pts, other.pts = 1, 2

    assert (one.width, one.height) == (64, 32)
    assert (video.pts, one.pts, other.pts) == (None, 1, 2)
