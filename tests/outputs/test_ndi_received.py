"""NDI outputs as a mixer sees them: an independent receiver in another process reports what came."""

import asyncio
import json
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, closing, contextmanager
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.reformatter import ColorRange, Colorspace
from numpy.typing import NDArray

from bridge.clock import now
from bridge.frames import Buffer, Frame, Latest
from bridge.outputs import open_output
from bridge.outputs.driver import Pixels
from bridge.outputs.incoming import Incoming
from bridge.outputs.ndi import NdiDriver
from bridge.outputs.paced import PacedOutput
from bridge.outputs.picture import SLATE_SIZE
from bridge.profile.outputs import Alpha, Ndi, Showing
from bridge.sources.pattern import draw_number
from bridge.strip import Strip, draw
from tests.outputs.chart import BT709, COLOURS, chart, furthest, grey
from tests.outputs.receiver import GAP, Seen, watching

COLOUR_ERROR = 3
"""Levels of 255 by which a colour may be off after all the way: our conversion, NDI's codec, and the receiver's own, which
is exact. The wrong matrix would cost 24 and more."""


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """A name that no other test on this machine uses at this time."""
    return f"Test {os.getpid()} {request.node.name}"[:100]


def shows(level: float) -> Callable[[Seen], bool]:
    """Whether a received frame is a grey of about `level`."""
    return lambda seen: all(abs(channel - level) <= COLOUR_ERROR for channel in seen.mean)


# ------------------------------------------------------------------------------------------------------------ the driver


def uyvy(colours: NDArray[np.float64], height: int) -> Pixels:
    """Return a picture whose columns have these colours (width x 3), by the textbook's BT.709 and not by swscale."""
    red, green, blue = colours.T / 255
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    row = np.empty((len(colours), 2))
    row[:, 1] = 16 + 219 * luma
    row[::2, 0] = (128 + 224 * (blue - luma) / 1.8556)[::2]
    row[1::2, 0] = (128 + 224 * (red - luma) / 1.5748)[::2]
    return np.ascontiguousarray(np.broadcast_to(np.round(row).astype(np.uint8), (height, len(colours), 2)))


def bars(width: int) -> NDArray[np.float64]:
    """Return the colour of each column of the chart."""
    return np.array(COLOURS, np.float64)[np.arange(width) * len(COLOURS) // width]


@contextmanager
def sent(driver: NdiDriver, fps: Fraction, picture: Callable[[int], Pixels]) -> Iterator[str]:
    """Send `picture(number)` on a driver, as an output does, for as long as this lasts; yields where that is."""
    over, where = threading.Event(), Future[str]()

    def work() -> None:
        with closing(driver):
            where.set_result(driver.open(fps))
            began, number = now(), 0
            while not over.is_set():
                driver.send(picture(number), now())
                number += 1
                over.wait(max(0.0, began + number / float(fps) - now()))

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield where.result(10)
    finally:
        over.set()
        thread.join()


def test_a_driver_shows_every_picture_in_its_order_with_right_colours_rate_and_time(name: str) -> None:
    colours = uyvy(bars(640), 360)

    def picture(number: int) -> Pixels:
        pixels = colours.copy()
        pixels[-40:, :, 0] = 128
        draw_number(pixels[:, :, 1:], number)
        return pixels

    with sent(NdiDriver(Ndi(name)), Fraction(30000, 1001), picture), watching(name, grid=f"{len(COLOURS)}x1") as watch:
        assert watch.source.endswith(f" ({name})")
        begun = watch.until(lambda seen: True)
        watch.until(lambda seen: seen.timestamp >= begun.timestamp + 10**7)
    seen = watch.seen[1:]
    numbers = [each.number for each in seen]
    assert None not in numbers
    assert numbers == sorted(set(numbers), key=int), "none twice, none before another"  # type: ignore[arg-type]
    stamps = [each.timestamp for each in seen]
    assert stamps == sorted(set(stamps))
    assert {(each.width, each.height, each.alpha) for each in seen} == {(640, 360, None)}
    assert {round(each.fps, 3) for each in seen} == {29.97}
    assert max(furthest(each.cells) for each in seen) <= COLOUR_ERROR


def test_a_driver_with_a_key_sends_alpha_that_arrives_exactly(name: str) -> None:
    height, width = 320, 640
    alpha = (np.arange(width) * 10 // width * 28).astype(np.uint8)
    both = np.concatenate(
        [uyvy(bars(width), height), np.broadcast_to(alpha, (height, width)).reshape(height // 2, width, 2)]
    )
    driver = NdiDriver(Ndi(name, alpha=Alpha("constant")))

    with sent(driver, Fraction(30), lambda _: both), watching(name, grid="10x1") as watch:
        seen = watch.until(lambda seen: True)
    assert seen.alpha is not None
    assert np.abs(np.array(seen.alpha) - np.arange(10) * 28).max() <= 1
    assert furthest(seen.cells) <= COLOUR_ERROR


def test_receivers_turn_to_the_failover_when_the_source_is_gone(name: str, tmp_path: Path) -> None:
    (tmp_path / "ndi-config.v1.json").write_text(json.dumps({"ndi": {"networks": {"ips": "127.0.0.1"}}}))
    dark, bright = (uyvy(np.full((320, 3), float(level)), 180) for level in (60, 180))

    with (
        sent(NdiDriver(Ndi(f"{name} backup")), Fraction(30), lambda _: bright) as where,
        ExitStack() as program,
        ExitStack() as mixer,
    ):
        driver = NdiDriver(Ndi(name, failover=where.removeprefix("NDI source ")))
        program.enter_context(sent(driver, Fraction(30), lambda _: dark))
        watch = mixer.enter_context(watching(name, config=tmp_path))
        assert shows(60)(watch.seen[-1])
        program.close()
        watch.until(shows(180))


# ------------------------------------------------------------------------------------------------------------ the output


class OnAir:
    """An output, and the ways into it."""

    def __init__(self, options: Ndi) -> None:
        self.incoming = Incoming(Buffer(), Latest(), lambda duration: 0.0, Path())
        self.output: PacedOutput = open_output("program", options, self.incoming)
        self._number = 0

    def show(self, video: av.VideoFrame) -> None:
        """Let a picture come in."""
        self.incoming.live.put(Frame(video, now(), self._number))
        self._number += 1

    def run(self, scene: Callable[[], None]) -> None:
        """Run `scene` in a thread while the output runs."""

        async def run() -> None:
            async with asyncio.TaskGroup() as tasks:
                running = tasks.create_task(self.output.run())
                try:
                    await asyncio.to_thread(scene)
                finally:
                    running.cancel()

        asyncio.run(run())


@pytest.fixture
def air(name: str) -> OnAir:
    """An output that shows each picture as it comes."""
    return OnAir(Ndi(name, Showing(steady=0.0)))


def test_colours_of_both_matrices_are_right_all_the_way(name: str) -> None:
    air = OnAir(Ndi(name, Showing(fps=Fraction(25), steady=0.0)))
    air.show(chart(640, 360))

    def scene() -> None:
        with watching(name, grid=f"{len(COLOURS)}x1") as watch:
            seen = watch.until(lambda seen: (seen.width, seen.height) == (640, 360))
            assert seen.fps == 25
            assert furthest(seen.cells) <= COLOUR_ERROR
            assert air.output.status().where == f"NDI source {watch.source}"
            assert air.output.status().receivers == 1
            video = chart(960, 540, matrix=BT709)
            video.colorspace, video.color_range = Colorspace.ITU709, ColorRange.MPEG
            air.show(video)
            seen = watch.until(lambda seen: seen.width == 960)
            assert furthest(seen.cells) <= COLOUR_ERROR

    air.run(scene)


def test_what_is_keyed_out_is_transparent_for_the_receiver_and_the_threshold_can_be_moved(name: str) -> None:
    air = OnAir(Ndi(name, Showing(steady=0.0), Alpha("luma", threshold=0.3, soft=0.0)))
    air.show(chart(640, 360, ((20, 20, 20), (200, 200, 200), (120, 120, 120), (0, 0, 0))))

    def scene() -> None:
        with watching(name, grid="4x1") as watch:
            seen = watch.until(lambda seen: seen.width == 640)
            assert seen.alpha == pytest.approx([0, 255, 255, 0], abs=2)
            air.output.key = 0.6
            watch.until(lambda seen: seen.alpha == pytest.approx([0, 255, 0, 0], abs=2))

    air.run(scene)


def test_the_strip_survives_the_way_to_the_receiver(air: OnAir, name: str) -> None:
    pixels = np.full((320, 576, 3), 90, np.uint8)
    draw(pixels, Strip(frame=7, chunk=3, start_ms=1234.5, probe=0.625, base_seed=42))
    air.show(av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format="yuv420p"))

    def scene() -> None:
        with watching(name) as watch:
            strip = watch.until(lambda seen: seen.strip is not None).strip
            assert strip is not None
            assert (strip["frame"], strip["chunk"], strip["start_ms"]) == (7, 3, 1234.5)
            assert (strip["probe"], strip["base_seed"]) == (0.625, 42)

    air.run(scene)


def test_there_is_a_slate_that_lives_then_the_picture_which_is_held_without_a_gap_when_frames_stop(
    air: OnAir, name: str
) -> None:
    def scene() -> None:
        with watching(name) as watch:
            slate = watch.until(lambda seen: True)
            assert (slate.width, slate.height) == SLATE_SIZE
            assert 2 < max(slate.mean) < 40
            watch.until(lambda seen: abs(seen.mean[2] - slate.mean[2]) > 1)
            air.show(grey(576, 320, 180))
            first = watch.until(shows(180))
            held = watch.until(lambda seen: seen.timestamp > first.timestamp + 2 * 10**7)
            assert shows(180)(held)
            assert watch.longest_gap() <= GAP
            frames = [seen for seen in watch.seen if seen.timestamp >= first.timestamp]
            assert len(frames) >= 45, "two seconds at 30 per second, on a busy machine"

    air.run(scene)


def test_changes_of_size_and_rate_need_no_other_connection_and_odd_sizes_lose_their_last_line(
    air: OnAir, name: str
) -> None:
    def scene() -> None:
        with watching(name) as watch:
            for level, (width, height) in enumerate([(512, 512), (577, 321), (1280, 720), (320, 576)]):
                air.show(grey(width, height, 60 + 40 * level))
                seen = watch.until(shows(60 + 40 * level))
                assert (seen.width, seen.height) == (width & ~1, height & ~1)
            assert air.output.change(Ndi(name, Showing(fps=Fraction(50), steady=0.0)))
            watch.until(lambda seen: seen.fps == 50)
            assert air.output.status().receivers == 1
            assert watch.longest_gap() <= GAP

    air.run(scene)


def test_freeze_holds_the_picture_and_release_shows_the_newest(air: OnAir, name: str) -> None:
    def scene() -> None:
        with watching(name) as watch:
            air.show(grey(576, 320, 60))
            watch.until(shows(60))
            air.output.frozen = True
            shown = watch.until(lambda seen: True)
            for number in range(1, 4):
                air.show(grey(576, 320, 60 + 40 * number))
            later = watch.until(lambda seen: seen.timestamp > shown.timestamp + 10**7)
            held = [seen for seen in watch.seen if shown.timestamp <= seen.timestamp <= later.timestamp]
            assert len(held) > 10
            assert all(shows(60)(seen) for seen in held)
            assert air.output.status().frozen
            air.output.frozen = False
            watch.until(shows(180))
            assert watch.longest_gap() <= GAP

    air.run(scene)


def test_the_level_fades_what_is_received_to_black_and_back_also_while_frozen(air: OnAir, name: str) -> None:
    def scene() -> None:
        with watching(name) as watch:
            air.show(grey(576, 320, 200))
            bright = watch.until(shows(200))
            air.output.level = 0.0
            black = watch.until(shows(0))
            way = [seen.mean[1] for seen in watch.seen if bright.timestamp <= seen.timestamp <= black.timestamp]
            assert way == sorted(way, reverse=True)
            assert len([level for level in way if 10 < level < 190]) >= 5, "it fades, it does not cut"
            air.output.frozen = True
            air.output.level = 0.5
            watch.until(shows(100))
            air.output.level = 1.0
            watch.until(shows(200))
            assert watch.longest_gap() <= GAP

    air.run(scene)
