"""Keeps everything alive: the only place with a policy about what happens when something goes wrong.

A *service* is anything with a `run` that goes on until it is cancelled: an input, the session, an output, the panel.
When one raises `Unavailable`, it is started again after a pause that grows; when one has a bug, the others play on.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from bridge.clock import Clock, now
from bridge.errors import Unavailable

logger = logging.getLogger(__name__)

HEALTHY_AFTER = 10.0
"""How many seconds a service must have run before its past failures are forgotten."""

_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 15.0
_GROWTH = 1.6

Sleep = Callable[[float], Awaitable[object]]
"""Something that waits for a number of seconds."""


class Service(Protocol):
    """Something that must be kept running."""

    @property
    def name(self) -> str:
        """What people call it; unique within a supervisor."""

    async def run(self) -> None:
        """Run until cancelled, or until there is nothing left to do. Raise `Unavailable` to be started again later."""


@dataclass(frozen=True, slots=True)
class Task:
    """A service made of one coroutine."""

    name: str
    work: Callable[[], Awaitable[None]]

    async def run(self) -> None:
        await self.work()


def delays() -> Iterator[float]:
    """Yield the pauses between restarts, in seconds: 0.5, 0.8, 1.28 … and from then on 15."""
    pause = _FIRST_PAUSE
    while True:
        yield min(pause, _LONGEST_PAUSE)
        pause = min(pause * _GROWTH, _LONGEST_PAUSE)


@dataclass(slots=True)
class _Kept:
    """One service and what is known of its health."""

    task: asyncio.Task[None] | None = None
    started: float | None = None
    """When it was last started; None while it waits to be started again."""
    complaint: str = ""
    stopping: bool = False
    """Whether it was told to end: then whatever it does, it is not started again."""


class Supervisor:
    """Owns the tasks of all services. Everything but `run` is called from the event loop while `run` goes on."""

    def __init__(self, clock: Clock = now, sleep: Sleep = asyncio.sleep) -> None:
        """`clock` and `sleep` are given, so that a test of a ten-minute outage takes a millisecond."""
        self._clock = clock
        self._sleep = sleep
        self._tasks: asyncio.TaskGroup | None = None
        self._kept: dict[str, _Kept] = {}
        self._finished = asyncio.Event()

    async def run(self, services: Iterable[Service]) -> None:
        """Keep `services`, and those added later, alive.

        Ends when the last one has returned by itself (one that was removed makes room for another and ends nothing).
        """
        try:
            async with asyncio.TaskGroup() as tasks:
                self._tasks = tasks
                for service in services:
                    self.add(service)
                try:
                    await self._finished.wait()
                finally:
                    for kept in self._kept.values():
                        kept.stopping = True
        finally:
            self._tasks = None
            self._kept.clear()

    def add(self, service: Service) -> None:
        """Start `service` and keep it alive.

        Raise `ValueError` if one of that name is being kept, `RuntimeError` if the supervisor does not run.
        """
        if self._tasks is None:
            raise RuntimeError("the supervisor is not running")
        if service.name in self._kept:
            raise ValueError(f"there is a service called {service.name!r} already")
        kept = self._kept[service.name] = _Kept()
        kept.task = self._tasks.create_task(self._keep(service, kept), name=service.name)

    async def remove(self, name: str) -> None:
        """Stop the service called `name` and wait until it has cleaned up. Raise `KeyError` if there is none."""
        kept = self._kept[name]
        task = kept.task
        assert task is not None
        kept.stopping = True
        task.cancel()
        try:
            await asyncio.wait({task})
        finally:
            self._kept.pop(name, None)

    def complaints(self) -> dict[str, str]:
        """Return why services are down, by name: each one's last complaint, until it has run for a while again."""
        healthy_since = self._clock() - HEALTHY_AFTER
        return {
            name: kept.complaint
            for name, kept in self._kept.items()
            if kept.complaint and (kept.started is None or kept.started > healthy_since)
        }

    async def _keep(self, service: Service, kept: _Kept) -> None:
        pauses = delays()
        said = ""
        bug: BaseException | None
        while True:
            started = kept.started = self._clock()
            try:
                await service.run()
            except Unavailable as error:
                reason, bug = str(error), None
            except asyncio.CancelledError as error:
                if kept.stopping:
                    raise
                reason, bug = "a bug in the bridge (it cancelled itself)", error  # a stray one: nobody told it to end
            except Exception as error:
                reason, bug = f"a bug in the bridge ({type(error).__name__}: {error})", error
            else:
                self._done(service, kept)
                return
            if kept.stopping:  # it failed while it cleaned up: that is no reason to start it again
                logger.warning("%s failed while it was stopped: %s", service.name, reason, exc_info=bug)
                return
            if self._clock() - started >= HEALTHY_AFTER:
                pauses, said = delays(), ""
            pause = next(pauses)
            kept.started, kept.complaint = None, reason
            # The same complaint every 15 s for a whole night would bury the one that matters.
            level = logging.DEBUG if reason == said else logging.WARNING if bug is None else logging.ERROR
            logger.log(level, "%s stopped: %s; again in %.1f s", service.name, reason, pause, exc_info=bug)
            said = reason
            await self._sleep(pause)

    def _done(self, service: Service, kept: _Kept) -> None:
        if kept.stopping:
            return
        del self._kept[service.name]
        if not self._kept:
            self._finished.set()
