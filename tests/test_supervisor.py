"""The supervisor's policy, in time that the test makes up."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from itertools import islice

import pytest

from bridge.errors import Unavailable
from bridge.supervisor import HEALTHY_AFTER, Supervisor, delays


@dataclass
class Time:
    """A clock that only sleeping moves."""

    seconds: float = 0.0
    pauses: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.seconds += seconds
        await asyncio.sleep(0)


@dataclass
class Play:
    """A service that does what it is told."""

    name: str
    act: Callable[[], Awaitable[None]]

    async def run(self) -> None:
        await self.act()


async def forever() -> None:
    await asyncio.get_running_loop().create_future()


def play(supervisor: Supervisor, *services: Play) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(10):
            await supervisor.run(services)

    asyncio.run(bounded())


def during(supervisor: Supervisor, services: list[Play], scene: Callable[[], Coroutine[None, None, None]]) -> None:
    """Run `scene` while the supervisor keeps `services` alive, then stop everything."""

    async def together() -> None:
        async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
            running = tasks.create_task(supervisor.run(services))
            await asyncio.sleep(0)
            await scene()
            running.cancel()

    asyncio.run(together())


async def settle() -> None:
    """Let everything that is ready run."""
    for _ in range(10):
        await asyncio.sleep(0)


def test_the_pauses_grow_to_fifteen_seconds_and_stay() -> None:
    pauses = list(islice(delays(), 12))

    assert [round(pause, 1) for pause in pauses[:4]] == [0.5, 0.8, 1.3, 2.0]
    assert pauses == sorted(pauses)
    assert pauses[-3:] == [15.0, 15.0, 15.0]


def test_a_ten_minute_outage_is_tried_about_every_fifteen_seconds_and_survived() -> None:
    time = Time()
    tries: list[float] = []

    async def unplugged_for_ten_minutes() -> None:
        tries.append(time.seconds)
        if time.seconds < 600:
            raise Unavailable("the cable is out")

    play(Supervisor(time.now, time.sleep), Play("cable", unplugged_for_ten_minutes))

    assert 600 <= tries[-1] < 615
    assert tries[:4] == pytest.approx([0.0, 0.5, 1.3, 2.58])
    assert 40 < len(tries) < 60


def test_a_service_that_was_healthy_for_a_while_is_restarted_soon() -> None:
    time = Time()
    lives = iter([0.0, 0.0, 0.0, 0.0, HEALTHY_AFTER, None])

    async def lives_for() -> None:
        life = next(lives)
        if life is not None:
            time.seconds += life
            raise Unavailable("gone")

    play(Supervisor(time.now, time.sleep), Play("wifi", lives_for))

    assert time.pauses == pytest.approx([0.5, 0.8, 1.28, 2.048, 0.5])


def test_a_service_that_returns_is_done_and_the_last_one_ends_the_run() -> None:
    runs: list[str] = []

    async def once() -> None:
        runs.append("once")

    async def twice() -> None:
        runs.append("twice")
        if runs.count("twice") < 2:
            raise Unavailable("not yet")

    time = Time()
    play(Supervisor(time.now, time.sleep), Play("a", once), Play("b", twice))

    assert sorted(runs) == ["once", "twice", "twice"]


def test_a_bug_in_one_output_is_logged_with_its_traceback_and_does_not_darken_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    time = Time()
    starts = {"sick": 0, "well": 0}
    recovered = asyncio.Event()

    async def sick() -> None:
        starts["sick"] += 1
        if starts["sick"] < 3:
            raise ZeroDivisionError("by nought")
        recovered.set()

    async def well() -> None:
        starts["well"] += 1
        await recovered.wait()

    play(Supervisor(time.now, time.sleep), Play("sick", sick), Play("well", well))

    assert starts == {"sick": 3, "well": 1}
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert "sick stopped: a bug in the bridge (ZeroDivisionError: by nought); again in 0.5 s" in record.getMessage()
    assert record.exc_info is not None


def test_a_bug_in_a_task_of_a_service_that_waits_elsewhere_is_a_bug_like_any_other() -> None:
    """A TaskGroup cancels the service that waits inside it; that is no sign that it was told to end."""
    time = Time()
    starts: list[int] = []

    async def child() -> None:
        raise KeyError("child")

    async def grouped() -> None:
        starts.append(1)
        if len(starts) == 3:
            return
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(child())

    play(Supervisor(time.now, time.sleep), Play("session", grouped))

    assert len(starts) == 3


def test_a_service_that_cancels_itself_is_started_again() -> None:
    time = Time()
    starts: list[int] = []

    async def confused() -> None:
        starts.append(1)
        if len(starts) < 3:
            raise asyncio.CancelledError

    play(Supervisor(time.now, time.sleep), Play("confused", confused))

    assert len(starts) == 3


def test_the_same_complaint_is_a_warning_once_and_another_one_again(caplog: pytest.LogCaptureFixture) -> None:
    time = Time()
    reasons = iter(["no cable", "no cable", "no cable", "no signal", None])

    async def moody() -> None:
        reason = next(reasons)
        if reason is not None:
            raise Unavailable(reason)

    play(Supervisor(time.now, time.sleep), Play("tape", moody))

    assert [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING] == [
        "tape stopped: no cable; again in 0.5 s",
        "tape stopped: no signal; again in 2.0 s",
    ]


def test_a_complaint_is_readable_while_the_service_is_down_and_gone_once_it_is_healthy() -> None:
    time = Time()
    back = asyncio.Event()
    starts: list[float] = []

    async def sleep(seconds: float) -> None:
        await back.wait()
        await time.sleep(seconds)

    async def flaky() -> None:
        starts.append(time.seconds)
        if len(starts) == 1:
            raise Unavailable("the name is taken")
        await forever()

    supervisor = Supervisor(time.now, sleep)

    async def scene() -> None:
        await settle()
        assert supervisor.complaints() == {"ndi": "the name is taken"}
        time.seconds += 60
        assert supervisor.complaints() == {"ndi": "the name is taken"}, "still down, however long"
        back.set()
        await settle()
        assert supervisor.complaints() == {"ndi": "the name is taken"}, "it runs, but may fail again at once"
        time.seconds += HEALTHY_AFTER
        assert supervisor.complaints() == {}

    during(supervisor, [Play("ndi", flaky), Play("fine", forever)], scene)


def test_services_come_and_go_while_the_others_play_on() -> None:
    events: list[str] = []

    def staying(name: str) -> Play:
        async def act() -> None:
            events.append(f"{name} up")
            try:
                await forever()
            finally:
                await asyncio.sleep(0)
                events.append(f"{name} down")

        return Play(name, act)

    supervisor = Supervisor()

    async def scene() -> None:
        supervisor.add(staying("b"))
        await settle()
        await supervisor.remove("b")
        assert events == ["a up", "b up", "b down"], "removal waits for the cleaning up"
        supervisor.add(staying("b"))
        await settle()
        assert events == ["a up", "b up", "b down", "b up"]

    during(supervisor, [staying("a")], scene)


def test_the_last_service_can_be_replaced_without_ending_the_run() -> None:
    supervisor = Supervisor()

    async def scene() -> None:
        await supervisor.remove("only")
        await settle()
        supervisor.add(Play("only", forever))
        await settle()
        await supervisor.remove("only")

    during(supervisor, [Play("only", forever)], scene)


def test_a_service_can_be_removed_before_it_began_and_while_it_waits_to_be_restarted() -> None:
    async def broken() -> None:
        raise Unavailable("never")

    async def sleep(seconds: float) -> None:
        await forever()

    supervisor = Supervisor(sleep=sleep)

    async def scene() -> None:
        supervisor.add(Play("eager", broken))
        await supervisor.remove("eager")
        supervisor.add(Play("eager", broken))
        await settle()
        assert supervisor.complaints() == {"eager": "never"}
        await supervisor.remove("eager")
        assert supervisor.complaints() == {}

    during(supervisor, [Play("other", forever)], scene)


@pytest.mark.parametrize("error", [Unavailable("the device hangs"), RuntimeError("a bug")])
def test_a_service_that_fails_while_it_is_stopped_is_not_started_again(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    starts: list[int] = []

    async def sore_loser() -> None:
        starts.append(1)
        try:
            await forever()
        finally:
            raise error

    supervisor = Supervisor()

    async def scene() -> None:
        supervisor.add(Play("loser", sore_loser))
        await settle()
        await supervisor.remove("loser")
        await settle()

    during(supervisor, [Play("other", forever)], scene)

    assert starts == [1]
    assert [record.getMessage() for record in caplog.records if "while it was stopped" in record.getMessage()]


def test_two_services_of_one_name_are_refused() -> None:
    supervisor = Supervisor()

    async def scene() -> None:
        with pytest.raises(ValueError, match="'a'"):
            supervisor.add(Play("a", forever))

    during(supervisor, [Play("a", forever)], scene)


def test_nothing_can_be_added_to_a_supervisor_that_does_not_run() -> None:
    with pytest.raises(RuntimeError):
        Supervisor().add(Play("a", forever))


def test_cancelling_the_run_stops_every_service_and_says_cancelled() -> None:
    stopped: list[str] = []

    def staying(name: str) -> Play:
        async def act() -> None:
            try:
                await forever()
            finally:
                stopped.append(name)

        return Play(name, act)

    async def cancelled() -> bool:
        running = asyncio.gather(Supervisor().run([staying("a"), staying("b")]))
        await settle()
        running.cancel()
        try:
            await running
        except asyncio.CancelledError:
            return True
        return False

    assert asyncio.run(cancelled())
    assert sorted(stopped) == ["a", "b"]
