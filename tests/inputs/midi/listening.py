"""Running MIDI inputs in a test, and waiting for what they bring."""

import asyncio
import functools
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final, ParamSpec

from bridge.clock import now
from bridge.inputs.midi import MidiInput
from bridge.profile.inputs import Midi
from bridge.signals import Batch, Sample

PATIENCE: Final = 10.0
"""Seconds, five times what is promised."""


_Given = ParamSpec("_Given")


def in_loop(test: Callable[_Given, Coroutine[Any, Any, None]]) -> Callable[_Given, None]:
    """Run a test in an event loop of its own."""

    @functools.wraps(test)
    def run(*args: _Given.args, **named: _Given.kwargs) -> None:
        asyncio.run(test(*args, **named))

    return run


@dataclass
class Running:
    """An input that runs, and what it brought."""

    input: MidiInput
    batches: list[Batch] = field(default_factory=list)

    @property
    def samples(self) -> list[Sample]:
        return [sample for batch in self.batches for sample in batch.samples]

    @property
    def latest(self) -> list[Sample]:
        """Some of the latest samples."""
        return [sample for batch in self.batches[-20:] for sample in batch.samples[-20:]]

    @property
    def detail(self) -> str:
        return self.input.status().detail

    async def there(self) -> float:
        """Wait until it listens; return the seconds that it took."""
        return await until(lambda: self.detail == "")

    async def gone(self) -> float:
        """Wait until it waits."""
        return await until(lambda: self.detail.startswith("waiting"))


@asynccontextmanager
async def running(options: Midi, name: str = "apc") -> AsyncIterator[Running]:
    """Run an input until the block ends."""
    one = Running(MidiInput(name, options))
    task = asyncio.get_running_loop().create_task(one.input.run(one.batches.append))
    try:
        await until(lambda: one.detail != "" or one.input.listening or task.done())
        yield one
        assert not task.done(), "it must run until it is cancelled"
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(fulfilled: Callable[[], object], patience: float = PATIENCE) -> float:
    """Wait until it is so; return the seconds that it took."""
    began = now()
    while not fulfilled():
        waited = now() - began
        assert waited < patience, "it did not happen"
        await asyncio.sleep(0.002)
    return now() - began
