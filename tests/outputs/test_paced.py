"""What every output does between its pictures and its driver: the ticks, the thread, and the faders."""

import asyncio
import math
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from bridge import thread
from bridge.clock import now
from bridge.errors import Unavailable
from bridge.frames import Buffer, Frame, Latest
from bridge.outputs.driver import Format, Picture
from bridge.outputs.incoming import Incoming
from bridge.outputs.paced import PacedOutput, common, ticks
from bridge.outputs.painter import Painter
from bridge.outputs.picture import FADE
from bridge.profile.durations import CUT
from bridge.profile.outputs import Alpha, Gone, Ndi, OutputOptions, Recording, Shape, Showing, Stream
from tests.outputs.chart import grey

# ----------------------------------------------------------------------------------------------------------- the clock


class Time:
    """A clock that only sleeping and working move."""

    def __init__(self, until: float) -> None:
        self.seconds = 100.0
        self._end = 100.0 + until

    def now(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        assert 0 < seconds <= 0.1, "it must look now and then whether it should end"
        self.seconds += seconds

    def over(self) -> bool:
        return self.seconds >= self._end


def beats(time: Time, fps: Fraction) -> Iterator[tuple[float, float]]:
    for passed in ticks(fps, time.over, time.now, time.sleep):
        yield time.seconds - 100, passed


@pytest.mark.parametrize("fps", [Fraction(1), Fraction(24), Fraction(30000, 1001), Fraction(60), Fraction(120)])
def test_the_rate_does_not_drift_however_long_a_picture_takes(fps: Fraction) -> None:
    time = Time(until=600)
    at = []
    for moment, _ in beats(time, fps):
        at.append(moment)
        time.seconds += 0.6 / float(fps)

    assert len(at) == math.ceil(600 * fps)
    assert max(abs(moment - tick / float(fps)) for tick, moment in enumerate(at)) < 1e-6


def test_after_a_stall_ticks_are_left_out_and_never_caught_up_with() -> None:
    time = Time(until=10)
    at = []
    for moment, _ in beats(time, Fraction(30)):
        at.append(moment)
        if len(at) == 30:
            time.seconds += 5

    assert len(at) == pytest.approx(150, abs=1)
    gaps = np.diff(at)
    assert sorted(gaps)[-1] == pytest.approx(5, abs=0.02)
    assert gaps.min() > 0.5 / 30 - 1e-6


def test_the_seconds_passed_add_up_also_over_left_out_ticks() -> None:
    time = Time(until=10)
    last = total = 0.0
    for count, (moment, passed) in enumerate(beats(time, Fraction(25))):
        last, total = moment, total + passed
        time.seconds += 0.001 if count % 7 else 0.13

    assert total == pytest.approx(last, abs=0.5 / 25)


@pytest.mark.parametrize(
    ("rate", "fps"),
    [
        (15.9, 16),
        (29.97, 30),
        (23.976, 24),
        (7.8, 8),
        (58.6, 60),
        (13.3, Fraction(133, 10)),
        (500, 120),
        (3.0, 6),
        (1.25, 5),
    ],
)
def test_a_measured_rate_is_taken_for_a_common_one_that_is_near_and_never_for_fewer_than_five(
    rate: float, fps: Fraction
) -> None:
    assert common(rate) == fps


# ----------------------------------------------------------------------------------------------------------- the output


class Drivers:
    """Makes drivers, and keeps what all of them were told. The outputs' threads call it, the test only looks."""

    def __init__(self, wants: Format = "rgba") -> None:
        self.wants = wants
        self.calls: list[str] = []
        self.pictures: list[Picture] = []
        self.at: list[float] = []
        self.threads: set[str] = set()
        self.watching: int | None = None
        self.opening: Exception | None = None
        self.sending: Exception | None = None
        self.open = 0
        self.complaint = ""

    def __call__(self) -> "Driver":
        return Driver(self)


class Driver:
    def __init__(self, drivers: Drivers) -> None:
        self._all = drivers
        self._open = False

    @property
    def wants(self) -> Format:
        return self._all.wants

    @property
    def detail(self) -> str:
        return self._all.complaint

    def open(self, fps: Fraction) -> str:
        self._all.threads.add(threading.current_thread().name)
        self._all.calls.append(f"open {fps}")
        if self._all.opening:
            raise self._all.opening
        self._open = True
        self._all.open += 1
        return "wall of the hall"

    def send(self, picture: Picture, at: float) -> None:
        assert self._open
        self._all.threads.add(threading.current_thread().name)
        if self._all.sending:
            raise self._all.sending
        self._all.pictures.append(picture)
        self._all.at.append(at)

    def pace(self, fps: Fraction) -> None:
        assert self._open
        self._all.calls.append(f"pace {fps}")

    def receivers(self) -> int | None:
        assert self._open
        return self._all.watching

    def close(self) -> None:
        self._all.threads.add(threading.current_thread().name)
        if self._open:
            self._open = False
            self._all.open -= 1
            self._all.calls.append("close")


class Stage:
    """A clock that the output's thread moves by sleeping, up to where the test has let it."""

    def __init__(self) -> None:
        self._seconds = 100.0
        self._until = 100.0
        self._turn = threading.Condition()
        self._waiting = False
        self._over = False

    def now(self) -> float:
        return self._seconds

    def sleep(self, seconds: float) -> None:
        with self._turn:
            while self._seconds + seconds > self._until and not self._over:
                self._waiting = True
                self._turn.notify_all()
                self._turn.wait(20)
            self._waiting = False
            self._seconds += seconds

    async def play(self, seconds: float) -> None:
        """Let so much time pass. After it the thread sleeps."""
        with self._turn:
            self._until += seconds
            self._waiting = False
            self._turn.notify_all()
        async with asyncio.timeout(20):
            while not self._waiting:
                await asyncio.sleep(0.001)

    def end(self) -> None:
        """Let time run freely, for the thread to end."""
        with self._turn:
            self._over = True
            self._turn.notify_all()


class Show:
    """An output that runs on a stage."""

    def __init__(self, options: OutputOptions | None = None, drivers: Drivers | None = None) -> None:
        self.drivers = drivers or Drivers()
        self.stage = Stage()
        self.live, self.source = Buffer(), Latest()
        incoming = Incoming(self.live, self.source, lambda duration: duration.amount, Path())
        self.options = options or Ndi("Scope")
        self.output = PacedOutput(
            "program", self.options, incoming, self.drivers, "wall", self.stage.now, self.stage.sleep
        )
        self._number = 0

    def bring(self, level: int = 100, size: tuple[int, int] = (32, 16)) -> Frame:
        frame = Frame(grey(*size, level), self.stage.now(), self._number)
        self._number += 1
        self.live.put(frame)
        return frame

    async def stream(self, rate: float, seconds: float) -> None:
        for _ in range(round(rate * seconds)):
            self.bring()
            await self.stage.play(1 / rate)

    def levels(self) -> list[int]:
        return [int(np.asarray(picture)[..., :3].mean().round()) for picture in self.drivers.pictures]

    async def __aenter__(self) -> "Show":
        self._tasks = asyncio.TaskGroup()
        await self._tasks.__aenter__()
        self._running = self._tasks.create_task(self.output.run())
        return self

    async def __aexit__(self, *error: object) -> None:
        self._running.cancel()
        self.stage.end()
        await self._tasks.__aexit__(None, None, None)


def play(scene: Callable[[Show], object], options: OutputOptions | None = None, drivers: Drivers | None = None) -> Show:
    show = Show(options, drivers)

    async def run() -> None:
        async with asyncio.timeout(30), show:
            await scene(show)  # type: ignore[misc]

    asyncio.run(run())
    return show


def test_the_driver_is_opened_fed_at_every_tick_and_closed_in_one_thread_which_ends() -> None:
    async def scene(show: Show) -> None:
        assert show.output.status().where == "wall"
        show.bring()
        await show.stage.play(2.0)
        status = show.output.status()
        assert (status.name, status.where) == ("program", "wall of the hall")
        assert status.sent == len(show.drivers.pictures) == pytest.approx(60, abs=2)
        assert (status.shown, status.repeated, status.overwritten) == (1, status.sent - 1, 0)
        assert status.age == pytest.approx(2.0, abs=0.1)
        assert status.conversion is not None

    show = play(scene)
    assert show.drivers.threads == {"output program"}
    assert show.drivers.calls == ["open 30", "close"]
    assert not [thread for thread in threading.enumerate() if thread.name == "output program"]
    assert np.diff(show.drivers.at) == pytest.approx(1 / 30, abs=1e-6)


def test_a_picture_is_converted_once_however_often_it_is_sent() -> None:
    async def scene(show: Show) -> None:
        show.bring()
        await show.stage.play(1.0)

    show = play(scene)
    assert len({id(picture) for picture in show.drivers.pictures[1:]}) == 1


def test_the_time_that_conversion_takes_is_the_mean_of_the_pictures_that_were_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Slow(Painter):
        def paint(self, frame: Frame, level: float = 1.0, threshold: float | None = None) -> Picture:
            fresh = not frame._made
            picture = super().paint(frame, level, threshold)
            if fresh:
                shows[0].stage._seconds += 0.004
            return picture

    monkeypatch.setattr("bridge.outputs.paced.Painter", Slow)
    shows: list[Show] = []

    async def scene(show: Show) -> None:
        shows.append(show)
        show.bring()
        for _ in range(4):
            await show.stage.play(0.5)
            show.bring()

    show = play(scene)
    assert show.output.status().conversion == pytest.approx(0.004, abs=1e-6)


def test_a_frame_of_which_no_picture_can_be_made_is_said_and_the_one_before_goes_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Choosy(Painter):
        def paint(self, frame: Frame, level: float = 1.0, threshold: float | None = None) -> Picture:
            if frame.number == 1:
                raise ValueError("what is that?")
            return super().paint(frame, level, threshold)

    monkeypatch.setattr("bridge.outputs.paced.Painter", Choosy)

    async def scene(show: Show) -> None:
        for level in (50, 100, 150):
            show.bring(level)
            await show.stage.play(0.5)

    show = play(scene)
    levels = show.levels()
    assert {50, 150} <= set(levels)
    assert 100 not in levels
    assert len(levels) >= 40
    assert "program cannot show a picture of Scope: ValueError: what is that?" in caplog.text


def test_while_nobody_watches_ticks_count_and_nothing_is_made_or_sent() -> None:
    async def scene(show: Show) -> None:
        await show.stream(30, 1.0)
        frame = show.bring()
        await show.stage.play(1.0)
        status = show.output.status()
        assert status.receivers == 0
        assert status.sent > 50
        assert status.shown > 25
        assert status.conversion is None
        assert not frame._made
        assert not show.drivers.pictures
        show.drivers.watching = 2
        await show.stage.play(0.5)
        assert show.output.status().receivers == 2
        assert show.drivers.pictures

    drivers = Drivers()
    drivers.watching = 0
    show = play(scene, drivers=drivers)
    assert show.output.status().receivers is None


def test_the_level_fades_to_black_and_one_set_before_the_first_picture_is_there_at_once() -> None:
    async def scene(show: Show) -> None:
        show.output.level = 0.0
        show.bring(200)
        await show.stage.play(0.5)
        assert set(show.levels()) == {0}
        show.output.level = 1.0
        assert show.output.status().level == 1.0
        await show.stage.play(FADE / 2)
        assert show.levels()[-1] == pytest.approx(100, abs=10)
        await show.stage.play(FADE)
        assert show.levels()[-1] == pytest.approx(200, abs=2)
        assert show.levels() == sorted(show.levels())

    play(scene)


def test_the_bypass_fades_to_the_source_and_back() -> None:
    async def scene(show: Show) -> None:
        show.bring(40)
        show.source.put(Frame(grey(32, 16, 240), 0.0, 0))
        await show.stage.play(0.5)
        show.output.bypass = 1.0
        assert show.output.bypass == 1.0
        await show.stage.play(FADE / 2)
        assert show.levels()[-1] == pytest.approx(140, abs=10)
        await show.stage.play(FADE)
        assert show.levels()[-1] == pytest.approx(240, abs=2)
        show.output.bypass = 0.0
        await show.stage.play(2 * FADE)
        assert show.levels()[-1] == pytest.approx(40, abs=2)

    play(scene)


def test_the_freeze_holds_the_picture() -> None:
    async def scene(show: Show) -> None:
        show.bring(40)
        await show.stage.play(0.5)
        show.output.frozen = True
        show.bring(200)
        await show.stage.play(0.5)
        assert set(show.levels()[1:]) == {39}
        assert show.output.status().frozen
        show.output.frozen = False
        await show.stage.play(0.5)
        assert show.levels()[-1] == pytest.approx(200, abs=2)

    play(scene)


def test_the_threshold_of_the_key_can_be_set_by_hand() -> None:
    async def scene(show: Show) -> None:
        def alpha() -> int:
            return int(np.asarray(show.drivers.pictures[-1])[8, 16, 3])

        show.bring(100)
        await show.stage.play(0.5)
        assert alpha() == 255
        show.output.key = 0.9
        await show.stage.play(0.5)
        assert alpha() == 0
        show.output.key = None
        await show.stage.play(0.5)
        assert alpha() == 255

    play(scene, Ndi("Scope", alpha=Alpha("luma", threshold=0.1, soft=0.0)))


def test_fps_source_follows_the_rate_that_the_source_brings() -> None:
    async def scene(show: Show) -> None:
        await show.stream(16, 4.0)
        await show.stream(24, 5.0)
        await show.stage.play(3.0)  # nothing comes: the pictures go on

    show = play(scene, Ndi("Scope", Showing(fps=None)))
    assert show.drivers.calls[0] == "open 30"
    paces = [call for call in show.drivers.calls if call.startswith("pace")]
    assert paces[0] == "pace 16"
    assert paces[-1] == "pace 24"
    assert len(paces) <= 4
    assert np.diff(show.drivers.at[-60:]) == pytest.approx(1 / 24, abs=1e-6)


def test_other_options_are_taken_without_opening_the_driver_anew() -> None:
    async def scene(show: Show) -> None:
        show.bring()
        await show.stage.play(1.0)
        showing = Showing(fps=Fraction(60), shape=Shape((64, 32)), gone=Gone("slate", CUT))
        assert show.output.change(replace(show.options, showing=showing))
        await show.stage.play(1.0)
        assert np.asarray(show.drivers.pictures[-1]).shape == (32, 64, 4)
        assert max(show.levels()[-30:]) < 32
        assert np.diff(show.drivers.at[-30:]) == pytest.approx(1 / 60, abs=1e-6)
        assert not show.output.change(Ndi("Other"))
        assert not show.output.change(Stream("udp://127.0.0.1:1"))
        assert show.output.change(Ndi("Scope"))

    show = play(scene)
    assert show.drivers.calls[:2] == ["open 30", "pace 60"]
    assert show.drivers.calls.count("close") == 1


def test_a_key_is_changed_live_but_not_whether_there_is_one() -> None:
    drivers = Drivers()
    output = Show(Ndi("Scope", alpha=Alpha("luma")), drivers).output

    assert output.change(Ndi("Scope", alpha=Alpha("chroma", threshold=0.4)))
    assert not output.change(Ndi("Scope"))
    assert not output.change(Ndi("Scope", alpha=Alpha("luma"), failover="CAM"))


def test_a_recording_that_waits_opens_nothing_and_each_time_it_is_on_a_driver_of_its_own() -> None:
    async def scene(show: Show) -> None:
        for _ in range(60):
            show.bring()
            await show.stage.play(0.05)
        assert not show.drivers.calls
        assert show.output.status().overwritten == 0
        for _ in range(2):
            show.output.on = True
            await show.stage.play(0.5)
            assert show.drivers.open == 1
            assert show.output.status().where == "wall of the hall"
            show.output.on = False
            await show.stage.play(0.5)
            assert show.drivers.open == 0
            assert show.output.status().where == "waiting: wall"
        assert show.output.change(Recording("a.mp4"))
        assert show.output.on

    show = play(scene, Recording("a.mp4", waits=True))
    assert show.drivers.calls[:4] == ["open 30", "close"] * 2
    assert set(show.levels()) == {100}


def test_a_recording_is_open_from_the_start_and_begins_with_the_first_picture() -> None:
    async def scene(show: Show) -> None:
        await show.stage.play(1.0)
        assert show.drivers.open == 1  # it is known in time whether there is room for it
        assert show.output.status().sent > 0
        assert not show.drivers.pictures
        await show.stream(30, 1.0)
        await show.stage.play(1.0)

    show = play(scene, Recording("a.mp4"))
    assert set(show.levels()) == {100}
    assert len(show.levels()) >= 55


def test_nothing_but_a_recording_can_be_switched_off() -> None:
    async def scene(show: Show) -> None:
        show.output.on = False
        await show.stage.play(0.5)
        assert show.drivers.open == 1

    play(scene)


def test_what_the_driver_or_the_player_complains_of_is_in_the_status() -> None:
    async def scene(show: Show) -> None:
        await show.stage.play(0.2)
        assert "none.mp4 cannot be read" in show.output.status().detail
        show.drivers.complaint = "the wall is wet"
        await show.stage.play(0.2)
        assert show.output.status().detail == "the wall is wet"

    play(scene, Ndi("Scope", Showing(gone=Gone("clip", clip="none.mp4"))))


# ---------------------------------------------------------------------------------------------------------- the failures


@pytest.mark.parametrize("error", [Unavailable("the wall fell"), ZeroDivisionError("by nought")])
@pytest.mark.parametrize("when", ["opening", "sending"])
def test_what_the_driver_raises_comes_out_of_run_and_it_can_run_again(error: Exception, when: str) -> None:
    drivers = Drivers()
    setattr(drivers, when, error)
    incoming = Incoming(Buffer(), Latest(), lambda duration: 0.0, Path())
    output = PacedOutput("program", Ndi("Scope"), incoming, drivers)

    async def scene() -> None:
        for _ in range(2):
            with pytest.raises(type(error), match=str(error)):
                async with asyncio.timeout(20):
                    await output.run()
        setattr(drivers, when, None)
        async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
            running = tasks.create_task(output.run())
            while output.status().sent < 3:
                await asyncio.sleep(0.002)
            running.cancel()

    asyncio.run(scene())
    assert drivers.open == 0


def test_a_held_picture_outlives_a_restart() -> None:
    drivers = Drivers()
    live = Buffer()
    output = PacedOutput("program", Ndi("Scope"), Incoming(live, Latest(), lambda duration: 0.0, Path()), drivers)
    live.put(Frame(grey(32, 16, 100), now(), 0))

    async def scene() -> None:
        for _ in range(2):
            sent = output.status().sent
            async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
                running = tasks.create_task(output.run())
                while output.status().sent < sent + 3:
                    await asyncio.sleep(0.002)
                running.cancel()

    asyncio.run(scene())
    assert output.status().repeated == output.status().sent - 1


def test_it_ends_within_a_second_also_at_the_slowest_rate() -> None:
    drivers = Drivers()
    incoming = Incoming(Buffer(), Latest(), lambda duration: 0.0, Path())
    output = PacedOutput("program", Ndi("Scope", Showing(fps=Fraction(1))), incoming, drivers)

    async def scene() -> float:
        async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
            running = tasks.create_task(output.run())
            while not output.status().sent:
                await asyncio.sleep(0.002)
            began = now()
            running.cancel()
        return now() - began

    assert asyncio.run(scene()) < 1


def test_a_driver_that_hangs_holds_nobody_up_and_is_not_tried_again_before_it_has_let_go(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(thread, "JOIN_LIMIT", 0.05)
    hangs, goes_on = threading.Event(), threading.Event()

    class Hanging(Driver):
        def send(self, picture: Picture, at: float) -> None:
            hangs.set()
            goes_on.wait(20)

    drivers = Drivers()
    incoming = Incoming(Buffer(), Latest(), lambda duration: 0.0, Path())
    output = PacedOutput("program", Ndi("Scope"), incoming, lambda: Hanging(drivers), "wall")

    async def scene() -> None:
        async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
            running = tasks.create_task(output.run())
            await asyncio.to_thread(hangs.wait, 20)
            running.cancel()
        with pytest.raises(Unavailable, match="output program has not let go of the last attempt yet"):
            await output.run()
        goes_on.set()
        assert output._worker._thread is not None
        await asyncio.to_thread(output._worker._thread.join, 20)

    asyncio.run(scene())
    assert drivers.open == 0, "it closes what it left open as soon as it can"


def test_a_recording_stays_as_a_hand_has_left_it_until_the_profile_says_whether_it_waits() -> None:
    def output(options: OutputOptions) -> PacedOutput:
        return PacedOutput("tape", options, Incoming(Buffer(), Latest(), lambda duration: 0.0, Path()), Drivers())

    slower, waiting = Showing(fps=Fraction(10)), Recording("a.mp4", waits=True)
    stopped = output(Recording("a.mp4"))
    stopped.on = False
    assert stopped.change(Recording("a.mp4", slower))
    assert not stopped.on, "another rate is no reason to begin"

    begun = output(waiting)
    assert begun.change(Recording("a.mp4"))
    assert begun.on, "it was to wait, and is not to any more"

    for before, options, on in [
        (stopped, Recording("b.mp4"), False),
        (begun, replace(waiting, file="b.mp4"), False),
        (output(waiting), Recording("b.mp4"), True),
        (output(Ndi("Scope")), waiting, False),
    ]:
        new = output(options)
        new.take_over(before)
        assert new.on is on, (before._options, options)
