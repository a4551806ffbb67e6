"""What blocks is read in a thread of its own: how its pictures reach the event loop, and how the thread ends."""

import asyncio
import queue
import threading
from collections.abc import Awaitable, Callable

import av
import numpy as np
import pytest

from bridge.clock import now
from bridge.errors import Unavailable
from bridge.frames import Fan, Frame
from bridge.sources.reader import ReaderSource


def picture(level: int = 0, width: int = 64, height: int = 48) -> av.VideoFrame:
    return av.VideoFrame.from_ndarray(np.full((height, width, 3), level, np.uint8), format="rgb24")


class Tape:
    """A reader that gives what a test puts on it, and says what was done with it."""

    def __init__(self, *given: av.VideoFrame | Exception) -> None:
        self.detail = ""
        self.opened = 0
        self.closed = 0
        self.refuses: Exception | None = None
        self.threads = set[int]()
        self.given = queue.Queue[av.VideoFrame | Exception]()
        for one in given:
            self.given.put(one)

    def open(self) -> str:
        self.opened += 1
        self.threads.add(threading.get_ident())
        if self.refuses:
            raise self.refuses
        return "tape deck 1"

    def read(self, timeout: float) -> av.VideoFrame | None:
        self.threads.add(threading.get_ident())
        try:
            one = self.given.get(timeout=timeout)
        except queue.Empty:
            return None
        if isinstance(one, Exception):
            raise one
        return one

    def close(self) -> None:
        self.threads.add(threading.get_ident())
        self.closed += 1


class Stage:
    """A source that is read, and what it brings."""

    def __init__(self, tape: Tape, clock: Callable[[], float] = now) -> None:
        self.tape = tape
        self.fan = Fan()
        self.frames: list[Frame] = []
        self.fan.tap(self.frames.append)
        self.source = ReaderSource("cam", self.fan, tape, "video from tape 1", clock=clock)

    def play(self, scene: Callable[[], Awaitable[None]]) -> None:
        """Run the source while a scene goes on, then cancel it."""

        async def played() -> None:
            async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
                running = tasks.create_task(self.source.run())
                await scene()
                running.cancel()

        asyncio.run(played())

    async def until(self, count: int) -> None:
        while len(self.frames) < count:
            await asyncio.sleep(0.001)


def readers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("source ")]


def test_pictures_come_in_order_with_their_numbers_and_the_time_at_which_they_came() -> None:
    tape, time = Tape(), iter(range(100, 200))
    stage = Stage(tape, lambda: float(next(time)))

    async def scene() -> None:
        for level in (10, 20, 30):
            tape.given.put(picture(level))
            await stage.until(level // 10)

    stage.play(scene)

    assert [(frame.number, frame.received) for frame in stage.frames] == [(0, 100.0), (1, 101.0), (2, 102.0)]
    assert [frame.rgba()[0, 0, 0] for frame in stage.frames] == [10, 20, 30]


def test_the_reader_is_used_from_one_thread_that_is_not_the_event_loop_s() -> None:
    stage = Stage(Tape(picture()))

    stage.play(lambda: stage.until(1))

    assert len(stage.tape.threads) == 1
    assert threading.get_ident() not in stage.tape.threads


def test_of_a_burst_the_newest_is_delivered_and_the_loop_is_woken_once() -> None:
    tape = Tape()
    stage = Stage(tape)
    woken = 0

    async def scene() -> None:
        nonlocal woken
        loop = asyncio.get_running_loop()
        call = loop.call_soon_threadsafe

        def counted(*args: object, **options: object) -> asyncio.Handle:
            nonlocal woken
            woken += 1
            return call(*args, **options)  # type: ignore[arg-type]

        while not tape.opened:
            await asyncio.sleep(0.001)
        loop.call_soon_threadsafe = counted  # type: ignore[method-assign]
        for level in range(50):
            tape.given.put(picture(level))
        while stage.source.status().signals < 50:  # the loop is busy with this scene all the while
            threading.Event().wait(0.001)
        assert woken == 1
        await stage.until(1)

    stage.play(scene)

    assert [frame.number for frame in stage.frames] == [49]


def test_cancelled_it_closes_its_reader_and_its_thread_has_ended() -> None:
    stage = Stage(Tape(picture()))

    stage.play(lambda: stage.until(1))

    assert stage.tape.closed == 1
    assert readers() == []


def test_what_cannot_be_opened_ends_the_run_and_says_so_until_it_can() -> None:
    tape = Tape(picture())
    tape.refuses = Unavailable("there is no tape in deck 1")
    stage = Stage(tape)

    with pytest.raises(Unavailable, match="no tape in deck 1"):
        asyncio.run(stage.source.run())
    assert stage.source.status().detail == "there is no tape in deck 1"
    assert stage.source.status().where == "video from tape 1"
    assert tape.closed == 1

    tape.refuses = None
    stage.play(lambda: stage.until(1))
    assert stage.source.status().detail == ""
    assert readers() == []


def test_what_ends_while_it_is_read_can_be_run_again_and_its_numbers_go_on() -> None:
    tape = Tape(picture(1), picture(2), Unavailable("the tape is torn"))
    stage = Stage(tape)
    with pytest.raises(Unavailable, match="torn"):
        asyncio.run(stage.source.run())
    before = len(stage.frames)
    tape.given.put(picture(3))

    stage.play(lambda: stage.until(before + 1))

    assert stage.frames[-1].number == 2
    assert (tape.opened, tape.closed) == (2, 2)


def test_a_bug_in_a_reader_is_not_hidden() -> None:
    stage = Stage(Tape(ZeroDivisionError("bug")))

    with pytest.raises(ZeroDivisionError):
        asyncio.run(stage.source.run())

    assert stage.tape.closed == 1


def test_a_driver_that_hangs_is_left_alone_and_not_opened_a_second_time_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bridge.thread.JOIN_LIMIT", 0.05)
    hang = threading.Event()

    class Stuck(Tape):
        def open(self) -> str:
            super().open()
            hang.wait(20)
            return "tape deck 1"

    stage = Stage(Stuck())

    async def scene() -> None:
        while not stage.tape.opened:
            await asyncio.sleep(0.001)

    stage.play(scene)
    with pytest.raises(Unavailable, match="has not let go"):
        asyncio.run(stage.source.run())
    assert stage.tape.opened == 1

    hang.set()
    (thread,) = readers()
    thread.join(20)
    assert stage.tape.closed == 1


def test_the_status_says_where_how_many_how_large_and_how_fast() -> None:
    tape, time = Tape(), 50.0
    stage = Stage(tape, lambda: time)

    async def scene() -> None:
        nonlocal time
        for number in range(20):
            time += 0.04
            tape.given.put(picture(width=576, height=320))
            await stage.until(number + 1)

    assert stage.source.status().where == "video from tape 1"
    stage.play(scene)

    status = stage.source.status()
    assert (status.name, status.where, status.signals) == ("cam", "tape deck 1, 576x320 at 25 fps", 20)
    time += 5.0
    assert stage.source.status().where == "tape deck 1, 576x320", "it has stopped"


def test_what_a_reader_complains_of_is_shown() -> None:
    stage = Stage(Tape())

    stage.tape.detail = "waits for the tape"

    assert stage.source.status().detail == "waits for the tape"


@pytest.mark.parametrize(("asked", "heard"), [(0.25, 0.25), (-3.0, 0.0), (7.0, 1.0)])
def test_a_place_that_is_called_reaches_what_can_go_there(asked: float, heard: float) -> None:
    places: list[float] = []

    ReaderSource("cam", Fan(), Tape(), seek=places.append).seek(asked)
    ReaderSource("cam", Fan(), Tape()).seek(asked)  # has no places

    assert places == [heard]
