"""The live picture: what its JPEGs show, and when they are made."""

import asyncio
import io
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from bridge.clock import now
from bridge.frames import Frame, Latest
from bridge.outputs.picture import FADE
from bridge.outputs.preview import PERIOD, Preview

RED, GREEN, BLUE, WHITE = (200, 30, 30), (20, 180, 40), (30, 40, 200), (255, 255, 255)
Colour = tuple[int, int, int]


class Watch:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.time = 100.0

    def __call__(self) -> float:
        return self.time


def a_frame(colour: Colour, number: int = 0, size: tuple[int, int] = (64, 48)) -> Frame:
    width, height = size
    pixels = np.full((height, width, 4), (*colour, 255), np.uint8)
    return Frame(av.VideoFrame.from_ndarray(pixels, format="rgba").reformat(format="yuv420p"), now(), number)


def pixels_of(jpeg: bytes) -> NDArray[np.uint8]:
    with av.open(io.BytesIO(jpeg), "r", format="jpeg_pipe") as container:
        pixels = next(container.decode(video=0)).to_ndarray(format="rgb24")
    assert pixels.dtype == np.uint8
    return pixels.astype(np.uint8)


def colour_of(jpeg: bytes) -> Colour:
    red, green, blue = pixels_of(jpeg).reshape(-1, 3).mean(axis=0)
    return round(red), round(green), round(blue)


def close_to(colour: Colour, level: float = 1.0) -> object:
    return pytest.approx(tuple(each * level for each in colour), abs=5)


@asynccontextmanager
async def running(preview: Preview) -> AsyncGenerator[None, None]:
    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
        service = tasks.create_task(preview.run())
        yield
        service.cancel()


def play(scene: Callable[[Preview, Latest], Awaitable[None]], clock: Callable[[], float] = now) -> None:
    async def show() -> None:
        mailbox = Latest()
        preview = Preview(mailbox, clock=clock)
        async with running(preview):
            await scene(preview, mailbox)

    asyncio.run(show())


def test_before_the_first_frame_there_is_a_quiet_dark_slate() -> None:
    async def scene(preview: Preview, _: Latest) -> None:
        slate = pixels_of(await preview.latest())
        assert slate.shape == (320, 576, 3)
        assert slate.max() < 64

    play(scene)


@pytest.mark.parametrize(("size", "even"), [((576, 320), (576, 320)), ((577, 321), (576, 320)), ((16, 16), (16, 16))])
def test_a_frame_becomes_a_jpeg_of_its_colours_and_size_with_even_sides(
    size: tuple[int, int], even: tuple[int, int]
) -> None:
    async def scene(preview: Preview, mailbox: Latest) -> None:
        mailbox.put(a_frame(RED, size=size))
        jpeg = await preview.latest()
        assert pixels_of(jpeg).shape == (even[1], even[0], 3)
        assert colour_of(jpeg) == close_to(RED)

    play(scene)


def test_a_new_size_in_the_stream_is_followed() -> None:
    async def scene(preview: Preview, mailbox: Latest) -> None:
        async with aclosing(preview.frames()) as frames:
            for size in [(64, 48), (128, 72), (64, 48)]:
                mailbox.put(a_frame(GREEN, size=size))
                assert pixels_of(await anext(frames)).shape == (size[1], size[0], 3)

    play(scene)


def test_nothing_is_encoded_while_nobody_watches() -> None:
    async def scene(preview: Preview, mailbox: Latest) -> None:
        async def some_frames() -> None:
            for number in range(10):
                mailbox.put(a_frame(RED, number))
                await asyncio.sleep(PERIOD / 2)

        await some_frames()
        assert preview.status().sent == 0

        await preview.latest()
        made = preview.status().sent
        assert made > 0

        await some_frames()
        assert preview.status().sent <= made + 1  # the one that was being made when the watcher left
        assert preview.status().receivers == 0

    play(scene)


def test_one_jpeg_serves_all_who_watch() -> None:
    async def scene(preview: Preview, mailbox: Latest) -> None:
        mailbox.put(a_frame(BLUE))
        async with aclosing(preview.frames()) as one, aclosing(preview.frames()) as other:
            first, second = await asyncio.gather(anext(one), anext(other))
            assert first is second
            assert preview.status().receivers == 2
            assert preview.status().sent - preview.status().repeated == 1

    play(scene)


def test_a_picture_that_stays_is_sent_again_but_not_made_again() -> None:
    async def scene(preview: Preview, mailbox: Latest) -> None:
        mailbox.put(a_frame(RED))
        async with aclosing(preview.frames()) as frames:
            first, second, third = [await anext(frames) for _ in range(3)]
        assert first is second is third
        assert preview.status().repeated == 2

    play(scene)


def test_a_slow_taker_gets_the_newest_and_no_backlog() -> None:
    async def scene(preview: Preview, mailbox: Latest) -> None:
        async with aclosing(preview.frames()) as slow, aclosing(preview.frames()) as fast:
            mailbox.put(a_frame(RED))
            await asyncio.gather(anext(slow), anext(fast))
            for colour in (GREEN, WHITE, BLUE):
                mailbox.put(a_frame(colour))
                assert colour_of(await anext(fast)) == close_to(colour)
            assert colour_of(await anext(slow)) == close_to(BLUE)

    play(scene)


def test_never_more_than_fifteen_a_second() -> None:
    async def scene(preview: Preview, mailbox: Latest) -> None:
        began = now()
        async with aclosing(preview.frames()) as frames:
            for number in range(12):
                mailbox.put(a_frame(RED, number))
                await anext(frames)
        assert now() - began >= 10.5 * PERIOD  # eleven pauses between twelve pictures, and the grain of a timer

    play(scene)


def test_a_frozen_preview_holds_its_picture_whatever_comes_and_then_shows_the_newest() -> None:
    async def scene(preview: Preview, mailbox: Latest) -> None:
        mailbox.put(a_frame(RED))
        preview.frozen = True  # while nobody watches: what they would have seen is held
        mailbox.put(a_frame(BLUE))
        assert colour_of(await preview.latest()) == close_to(RED)
        assert preview.status().frozen

        preview.frozen = True  # a second press holds the same picture
        assert colour_of(await preview.latest()) == close_to(RED)

        preview.frozen = False
        assert colour_of(await preview.latest()) == close_to(BLUE)

    play(scene)


def test_the_level_fades_the_picture_and_a_frozen_one_too() -> None:
    clock = Watch()

    async def scene(preview: Preview, mailbox: Latest) -> None:
        mailbox.put(a_frame(WHITE))
        preview.frozen = True
        preview.level = 0.0
        assert preview.status().level == 0.0
        assert colour_of(await preview.latest()) == close_to(WHITE)
        clock.time += FADE / 2
        assert colour_of(await preview.latest()) == close_to(WHITE, 0.5)
        clock.time += FADE / 2
        assert colour_of(await preview.latest()) == close_to((0, 0, 0))
        clock.time += 10
        assert colour_of(await preview.latest()) == close_to((0, 0, 0))
        preview.level = 1.0
        clock.time += FADE * 3 / 4
        assert colour_of(await preview.latest()) == close_to(WHITE, 0.75)
        preview.level = 0.0  # turned round on the way: goes on from where it is
        assert colour_of(await preview.latest()) == close_to(WHITE, 0.75)
        clock.time += FADE
        assert colour_of(await preview.latest()) == close_to((0, 0, 0))

    play(scene, clock)


def test_past_scope_goes_what_comes_in_faded_in_and_held_where_it_is_frozen() -> None:
    clock = Watch()

    async def show() -> None:
        mailbox, source = Latest(), Latest()
        preview = Preview(mailbox, clock=clock, source=source)
        async with running(preview):
            mailbox.put(a_frame(WHITE))
            source.put(a_frame((0, 0, 0), size=(32, 32)))
            assert colour_of(await preview.latest()) == close_to(WHITE)
            preview.bypass = 1.0
            clock.time += FADE / 2
            jpeg = await preview.latest()
            assert colour_of(jpeg) == close_to(WHITE, 0.5)
            assert pixels_of(jpeg).shape == (48, 64, 3)
            preview.frozen = True
            clock.time += FADE
            assert colour_of(await preview.latest()) == close_to(WHITE, 0.5)
            preview.frozen = False
            assert colour_of(await preview.latest()) == close_to((0, 0, 0))
            source.put(a_frame(RED))
            assert colour_of(await preview.latest()) == close_to(RED)
            preview.bypass = 0.0
            clock.time += FADE
            assert colour_of(await preview.latest()) == close_to(WHITE)

    asyncio.run(show())


def test_a_preview_that_was_stopped_can_run_again() -> None:
    async def show() -> None:
        mailbox = Latest()
        preview = Preview(mailbox)
        for colour in (RED, GREEN):
            async with running(preview):
                mailbox.put(a_frame(colour))
                assert colour_of(await preview.latest()) == close_to(colour)

    asyncio.run(show())
