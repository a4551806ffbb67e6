"""From the driver's threads to the event loop: all of it, in order, and no more often than needed."""

import asyncio
import threading

from bridge.inputs.midi.arrivals import Arrivals
from tests.inputs.midi.listening import in_loop, until


def _play(arrivals: Arrivals, port: int, count: int) -> None:
    for number in range(count):
        arrivals.put([port, number])


@in_loop
async def test_a_burst_wakes_the_loop_once() -> None:
    taken: list[tuple[float, list[int] | None]] = []
    woken = 0

    def arrived() -> None:
        nonlocal woken
        woken += 1
        while arrivals.waiting:
            taken.append(arrivals.waiting.popleft())

    arrivals = Arrivals(arrived)
    thread = threading.Thread(target=_play, args=(arrivals, 0, 100))
    thread.start()
    thread.join()  # the loop has no turn meanwhile
    await until(lambda: len(taken) == 100)
    assert woken == 1
    assert [message for _, message in taken] == [[0, number] for number in range(100)]
    assert [at for at, _ in taken] == sorted(at for at, _ in taken)

    arrivals.put(None)
    await until(lambda: woken == 2)
    assert taken[-1][1] is None


@in_loop
async def test_nothing_is_forgotten_while_several_ports_play_and_the_loop_takes() -> None:
    taken: list[list[int] | None] = []

    def arrived() -> None:
        while arrivals.waiting:
            taken.append(arrivals.waiting.popleft()[1])

    arrivals = Arrivals(arrived)
    threads = [threading.Thread(target=_play, args=(arrivals, port, 3000)) for port in range(3)]
    for thread in threads:
        thread.start()
    await until(lambda: len(taken) == 9000)
    for port in range(3):
        assert [one[1] for one in taken if one is not None and one[0] == port] == list(range(3000))


def test_a_driver_that_outlives_the_loop_is_not_disturbed() -> None:
    async def make() -> Arrivals:
        return Arrivals(lambda: None)

    arrivals = asyncio.run(make())
    arrivals.put([0xF8])
    assert len(arrivals.waiting) == 1
