"""A capture as an input: the same signals, at the same distances."""

import asyncio

import pytest

from bridge.capture import Edit
from bridge.inputs.replay import Replay
from bridge.signals import Batch

ORIGIN = 500.0
LINES = [
    Batch(ORIGIN + 1.0, [("td/noise", (0.1,))]),
    Batch(ORIGIN + 1.5, [("td/noise", (0.2,)), ("scope/chunk", (0.9,))]),
    Batch(ORIGIN + 2.0, [("scope/state", ("streaming",))]),
    Batch(ORIGIN + 4.0, [("td/cut", ())]),
]


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 9000.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


def played(*lines: Batch | Edit, speed: float | None = 1.0) -> tuple[list[Batch], Replay]:
    heard: list[Batch] = []
    time = Time()
    opened = Replay(lines or LINES, ORIGIN, speed, clock=time, sleep=time.sleep)
    asyncio.run(opened.run(heard.append))
    return heard, opened


@pytest.mark.parametrize(
    ("speed", "times"), [(1.0, [1.0, 1.5, 4.0]), (2.0, [0.5, 0.75, 2.0]), (0.5, [2.0, 3.0, 8.0]), (None, [0, 0, 0])]
)
def test_batches_come_at_their_distances_times_the_speed_stamped_as_they_come(
    speed: float | None, times: list[float]
) -> None:
    heard, _ = played(speed=speed)

    assert [batch.time - 9000.0 for batch in heard] == times


def test_what_the_bridge_heard_of_another_scope_is_left_out() -> None:
    heard, opened = played()

    assert [batch.samples for batch in heard] == [[("td/noise", (0.1,))], [("td/noise", (0.2,))], [("td/cut", ())]]
    assert opened.status().signals == 3


def test_it_ends_by_itself_and_says_how_far_it_is() -> None:
    opened = Replay(LINES, ORIGIN)
    assert opened.status().where == "replay, at 0.0 of 4.0 s"

    _, opened = played()
    assert opened.ended.is_set()
    assert opened.status().where == "replay, ended"


def test_nothing_is_played_before_it_may_begin() -> None:
    async def begun_late() -> list[Batch]:
        may = asyncio.Event()

        async def begin() -> None:
            await may.wait()

        heard: list[Batch] = []
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(Replay(LINES, ORIGIN, None, begin=begin).run(heard.append))
            for _ in range(10):
                await asyncio.sleep(0)
            assert heard == []
            may.set()
        return heard

    assert len(asyncio.run(begun_late())) == 3


def test_an_edit_of_the_profile_is_made_again_in_its_place() -> None:
    edit = Edit(ORIGIN + 1.2, "routes: []\n", {})
    order: list[Batch | Edit] = []
    time = Time()
    opened = Replay([*LINES[:1], edit, *LINES[1:2]], ORIGIN, edit=order.append, clock=time, sleep=time.sleep)

    asyncio.run(opened.run(order.append))

    assert [type(each) for each in order] == [Batch, Edit, Batch]
    assert order[1] == edit


def test_a_replay_without_waiting_lets_others_have_their_turn() -> None:
    async def turns() -> int:
        count = 0

        async def other() -> None:
            nonlocal count
            while True:
                count += 1
                await asyncio.sleep(0)

        async with asyncio.TaskGroup() as tasks:
            beside = tasks.create_task(other())
            await Replay([LINES[0]] * 1000, ORIGIN, None).run(lambda batch: None)
            beside.cancel()
        return count

    assert asyncio.run(turns()) >= 10


def test_an_empty_capture_ends_at_once() -> None:
    opened = Replay([], ORIGIN)

    asyncio.run(opened.run(lambda batch: None))

    assert opened.ended.is_set()
