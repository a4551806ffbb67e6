"""Frames keep their colours, and mailboxes keep the newest."""

import threading

import numpy as np
import pytest

from bridge.frames import Fan, Frame, Latest
from tests.outputs.chart import BT601, BT709, bars, chart, furthest, grey


def frame(number: int = 0) -> Frame:
    return Frame(grey(16, 16, 128), received=0.0, number=number)


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


def test_a_picture_is_converted_once_however_many_threads_ask() -> None:
    picture = Frame(chart(1280, 720), received=0.0, number=0)
    results: list[int] = []
    start = threading.Barrier(4)

    def ask() -> None:
        start.wait()
        results.append(id(picture.rgba()))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(results) == 4
    assert len(set(results)) == 1


def test_a_mailbox_gives_the_newest_once_and_counts_what_it_overwrote() -> None:
    mailbox = Latest()
    assert mailbox.take() is None

    frames = [frame(number) for number in range(4)]
    mailbox.put(frames[0])
    assert mailbox.take() is frames[0]
    assert mailbox.take() is None

    for later in frames[1:]:
        mailbox.put(later)
    assert mailbox.overwritten == 2
    assert mailbox.take() is frames[3]


def test_who_waits_at_a_mailbox_is_woken_by_a_frame() -> None:
    mailbox, one = Latest(), frame()
    waiting = threading.Thread(target=lambda: taken.append(mailbox.take(timeout=20)))
    taken: list[Frame | None] = []
    waiting.start()
    mailbox.put(one)
    waiting.join(20)

    assert taken == [one]


def test_every_frame_reaches_every_open_mailbox_and_every_tap() -> None:
    fan, tapped = Fan(), list[Frame]()
    first, second = fan.open(), fan.open()
    fan.tap(tapped.append)
    frames = [frame(0), frame(1)]

    fan.put(frames[0])
    fan.close(second)
    fan.put(frames[1])

    assert tapped == frames
    assert first.take() is frames[1]
    assert second.take() is frames[0]
