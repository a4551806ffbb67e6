"""What the NDI output does between its mailbox and the library, without a receiver."""

import asyncio
import importlib.abc
import math
import os
import sys
import threading
from collections.abc import Iterator
from fractions import Fraction
from types import ModuleType

import numpy as np
import pytest

from bridge.clock import now
from bridge.errors import Unavailable
from bridge.frames import Frame, Latest
from bridge.outputs import open_output
from bridge.outputs.ndi import NdiOutput, Sender, ticks
from bridge.profile.outputs import Ndi
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


# ---------------------------------------------------------------------------------------------------------- the picture


# ----------------------------------------------------------------------------------------------------------- the output


@pytest.fixture
def source(request: pytest.FixtureRequest) -> str:
    """A name that no other test on this machine uses at this time."""
    return f"Test {os.getpid()} {request.node.name}"[:100]


async def settled(output: NdiOutput, sent: int) -> None:
    async with asyncio.timeout(20):
        while output.status().sent < sent:
            await asyncio.sleep(0.005)


def test_while_nobody_watches_pictures_count_and_nothing_is_converted(source: str) -> None:
    async def scene() -> None:
        mailbox = Latest()
        output = open_output("program", Ndi(source, Fraction(120)), mailbox)
        assert isinstance(output, NdiOutput)
        frames = [Frame(grey(64, 32, 128), now(), number) for number in range(3)]
        for frame in frames:
            mailbox.put(frame)
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(output.run())
            await settled(output, 10)
            status = output.status()
            running.cancel()
        assert status.name == "program"
        assert status.where.startswith("NDI source ")
        assert status.where.endswith(f" ({source})")
        assert status.receivers == 0
        assert status.overwritten == 2
        assert status.sent - 2 <= status.repeated < status.sent
        assert all(frame._rgba is None for frame in frames)
        assert output.status().receivers is None

    asyncio.run(scene())


def test_the_source_ends_within_a_second_and_its_name_is_free_again(source: str) -> None:
    async def scene() -> None:
        for _ in range(3):
            output = NdiOutput("program", Ndi(source, Fraction(1)), Latest())
            async with asyncio.TaskGroup() as tasks:
                running = tasks.create_task(output.run())
                await settled(output, 1)
                before = now()
                running.cancel()
            assert now() - before < 1
            assert not [thread for thread in threading.enumerate() if thread.name == "ndi program"]

    asyncio.run(scene())


def test_two_outputs_of_one_name_are_unavailable_with_the_reason(source: str) -> None:
    async def scene() -> None:
        first, second = (NdiOutput(name, Ndi(source), Latest()) for name in ("a", "b"))
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(first.run())
            await settled(first, 1)
            with pytest.raises(Unavailable) as caught:
                await second.run()
            assert str(caught.value) == (
                f"an NDI source called {source!r} is sent already, by this program or another on this machine; give this one another name"
            )
            await settled(first, first.status().sent + 3)
            running.cancel()

    asyncio.run(scene())


def test_a_bug_in_the_outputs_thread_comes_out_of_run(source: str) -> None:
    def broken(seconds: float) -> None:
        raise ZeroDivisionError("by nought")

    with pytest.raises(ZeroDivisionError, match="by nought"):
        asyncio.run(NdiOutput("program", Ndi(source), Latest(), sleep=broken).run())


def test_a_held_picture_outlives_a_restart_of_the_output(source: str) -> None:
    async def scene() -> None:
        mailbox = Latest()
        output = NdiOutput("program", Ndi(source, Fraction(60)), mailbox)
        mailbox.put(Frame(grey(64, 32, 128), now(), 0))
        for _ in range(2):
            sent = output.status().sent
            async with asyncio.TaskGroup() as tasks:
                running = tasks.create_task(output.run())
                await settled(output, sent + 3)
                running.cancel()
        status = output.status()
        assert status.repeated == status.sent - 1

    asyncio.run(scene())


# ----------------------------------------------------------------------------------------------------------- the library


def test_a_closed_sender_refuses_instead_of_crashing(source: str) -> None:
    sender = Sender(source, Fraction(30))
    sender.send(np.zeros((32, 64, 4), np.uint8))
    sender.close()
    sender.close()

    with pytest.raises(RuntimeError, match="closed"):
        sender.send(np.zeros((32, 64, 4), np.uint8))
    with pytest.raises(RuntimeError, match="closed"):
        sender.receivers()


class Missing(importlib.abc.MetaPathFinder):
    """Makes the import of NDIlib fail."""

    def __init__(self, error: ImportError) -> None:
        self._error = error

    def find_spec(self, name: str, path: object, target: ModuleType | None = None) -> None:
        if name == "NDIlib":
            raise self._error


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (
            ModuleNotFoundError("No module named 'NDIlib'", name="NDIlib"),
            'NDI is not installed; run: pip install "scope-bridge[ndi]"',
        ),
        (
            ImportError("libavahi-client.so.3: cannot open shared object file: No such file or directory"),
            "NDI needs a library of the system; run: sudo apt-get install libavahi-client3",
        ),
        (
            ImportError("libndi.so.6: cannot open shared object file: No such file or directory"),
            "NDI's library cannot be loaded: libndi.so.6: cannot open shared object file: No such file or directory",
        ),
    ],
)
def test_a_missing_library_is_unavailable_with_the_line_that_mends_it(
    error: ImportError, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "NDIlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [Missing(error), *sys.meta_path])

    with pytest.raises(Unavailable) as caught:
        asyncio.run(NdiOutput("program", Ndi("Scope Bridge"), Latest()).run())

    assert str(caught.value) == sentence
