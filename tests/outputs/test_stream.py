"""Streams: what arrives, over each protocol, and what is said when nobody is there."""

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
import numpy as np
import pytest

from bridge.clock import now
from bridge.errors import Unavailable
from bridge.outputs import stream
from bridge.outputs.stream import StreamDriver
from bridge.profile.outputs import Stream
from tests.outputs.chart import BT709, chart, furthest

FPS = Fraction(30)


def a_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def picture(size: tuple[int, int] = (320, 180)) -> av.VideoFrame:
    drawn = chart(*size, matrix=BT709)
    drawn.colorspace, drawn.color_range = 1, 1
    return drawn


def play(driver: StreamDriver, enough: threading.Event, size: tuple[int, int] = (320, 180)) -> None:
    """Send pictures at their times until there are enough, or for as long as it takes on a very slow machine."""
    shown = picture(size)
    for _ in range(900):
        driver.send(shown, now())
        if enough.wait(1 / 30):
            return


@dataclass(slots=True)
class Watched:
    enough: threading.Event
    pictures: list[Any]


@contextmanager
def watching(url: str, options: dict[str, str], count: int) -> Iterator[Watched]:
    """Watch a stream in another process until `count` pictures are there."""
    watched = Watched(threading.Event(), [])
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.outputs.watcher", url, json.dumps(options)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )

    def look() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            watched.pictures.append(json.loads(line))
            if len(watched.pictures) >= count:
                watched.enough.set()

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield watched
    finally:
        process.kill()
        process.wait()
        looking.join()
        assert process.stdout is not None
        process.stdout.close()


QUICK = {"analyzeduration": "100000", "fpsprobesize": "0"}
"""Else who watches would look at the stream for seconds, for sound that may come."""


def ends(driver: StreamDriver) -> str:
    """Play until the stream ends; return what is said."""
    try:
        play(driver, threading.Event())
    except Unavailable as error:
        return str(error)
    raise AssertionError("it goes on")


def check(watched: Watched) -> None:
    """Check the pictures that arrived: their times, size and colours."""
    _, size, matrix, colours = watched.pictures[-1]
    assert size == [320, 180]
    assert matrix == 1
    assert furthest(colours) <= 3
    times = [each[0] for each in watched.pictures if each[0] is not None]
    assert np.diff(times).min() > 0
    assert np.median(np.diff(times)) == pytest.approx(1 / 30, rel=0.2)


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("rtmp://127.0.0.1:{port}/live/key", {"listen": "1"}),
        ("rtsp://127.0.0.1:{port}/live", {"rtsp_flags": "listen", "listen_timeout": "20"}),
    ],
    ids=["rtmp", "rtsp"],
)
def test_a_server_gets_the_stream_and_when_it_goes_the_stream_ends(url: str, options: dict[str, str]) -> None:
    address = url.format(port=a_port(socket.SOCK_STREAM))
    shown = f"stream to {address.split('/live')[0]}"
    with watching(address, {**options, **QUICK}, 20) as watched:
        for _ in range(40):  # who watches takes a moment to be there; the supervisor tries again like that
            driver = StreamDriver(Stream(address))
            assert driver.open(FPS) == shown
            try:
                play(driver, watched.enough)
                break
            except Unavailable:
                driver.close()
                time.sleep(0.3)
    with closing(driver):
        check(watched)
        assert driver.detail == "", "it is connected"
        assert ends(driver).startswith(f"the {shown} ended: ")


def test_over_udp_whoever_listens_gets_the_stream_and_another_size_as_another_one() -> None:
    url = f"udp://127.0.0.1:{a_port(socket.SOCK_DGRAM)}"
    with closing(StreamDriver(Stream(url))) as driver, watching(url, {}, 20) as watched:
        driver.open(FPS)
        play(driver, watched.enough)
        check(watched)
        for _ in range(900):
            driver.send(picture((200, 120)), now())
            if watched.pictures[-1][1] == [200, 120]:
                break
            time.sleep(1 / 30)
        assert watched.pictures[-1][1] == [200, 120]


def test_a_server_that_is_not_there_is_said_without_the_key() -> None:
    port = a_port(socket.SOCK_STREAM)
    with closing(StreamDriver(Stream(f"rtmp://user:secret@127.0.0.1:{port}/live/secret"))) as driver:
        driver.open(FPS)
        assert ends(driver) == (
            f"the stream to rtmp://127.0.0.1:{port} ended: no server answers there; start it, or correct the address"
        )


def test_a_machine_that_does_not_exist_is_said() -> None:
    with closing(StreamDriver(Stream("rtsp://nowhere.invalid/live"), patience=30.0)) as driver:
        driver.open(FPS)
        assert ends(driver) == (
            "the stream to rtsp://nowhere.invalid ended: there is no machine of that name; correct the address"
        )


def test_a_server_that_never_answers_is_given_up_and_nothing_waits_for_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"rtmp://127.0.0.1:{silent.getsockname()[1]}/live/key"
        with closing(StreamDriver(Stream(url, bitrate=200_000), patience=1.0)) as driver:
            driver.open(FPS)
            longest = 0.0
            said = ""
            shown = picture((640, 360))
            for _ in range(900):
                began = now()
                try:
                    driver.send(shown, began)
                except Unavailable as error:
                    said = str(error)
                    break
                longest = max(longest, now() - began)
                time.sleep(1 / 30)

    assert said.endswith(" ended: the server did not answer within 1 s")
    assert longest < 1.0  # a process is started and pictures are encoded, but no answer is waited for


def test_a_stream_that_does_not_get_away_is_left_out_and_ends_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"rtmp://127.0.0.1:{silent.getsockname()[1]}/live/key"
        driver = StreamDriver(Stream(url, bitrate=2_000_000), patience=60.0)
        driver.open(FPS)
        noise = np.random.default_rng(1).integers(0, 255, (360, 640, 3), dtype=np.uint8)
        shown = av.VideoFrame.from_ndarray(noise, format="rgb24").reformat(format="yuv420p")
        at = 0.0
        while "left out" not in driver.detail and at < 100:
            driver.send(shown, at)
            at += 1 / 30
        port = silent.getsockname()[1]
        assert driver.detail == f"connecting to rtmp://127.0.0.1:{port}: 1 pictures were left out"
        began = now()
        driver.close()
        driver.close()
        assert now() - began < 10


def test_an_address_of_another_kind_is_refused() -> None:
    with pytest.raises(Unavailable) as refused:
        StreamDriver(Stream("srt://127.0.0.1:9000")).open(FPS)

    assert str(refused.value) == (
        "cannot stream to srt://127.0.0.1:9000: the address must begin with rtmp, rtmps, rtsp, udp://"
    )


def test_a_stream_that_cannot_be_encoded_leaves_no_process_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[stream._Relay] = []

    class Noted(stream._Relay):
        def __init__(self, *order: Any) -> None:
            super().__init__(*order)
            begun.append(self)

    def fails(*_: object, **options: object) -> None:
        raise OSError("no such encoder")

    monkeypatch.setattr(stream, "_Relay", Noted)
    monkeypatch.setattr(stream, "add_encoder", fails)
    driver = StreamDriver(Stream(f"udp://127.0.0.1:{a_port(socket.SOCK_DGRAM)}"))
    driver.open(FPS)

    with pytest.raises(OSError, match="no such encoder"):
        driver.send(picture(), 1.0)
    driver.close()
    assert [relay.status() is not None for relay in begun] == [True]
