"""Threads beside an event loop: `Worker` is one that belongs to a service, begun with it, told to end with it, and never left
behind without a word; `Doorbell` wakes the loop for what a thread brings."""

import asyncio
import logging
import threading
from collections.abc import Callable
from typing import Final

from bridge.errors import Unavailable

logger = logging.getLogger(__name__)

JOIN_LIMIT: Final = 5.0
"""Seconds that a thread has to end. One that is held up by a driver for longer is left to itself."""

Work = Callable[[threading.Event], None]
"""What the thread does until the event is set."""


class Worker:
    """Does blocking work for a service, in one thread at a time."""

    def __init__(self, name: str) -> None:
        """`name` is the thread's, and what people call it."""
        self._name = name
        self._thread: threading.Thread | None = None

    async def run(self, work: Work) -> None:
        """Do `work` in a thread until it returns or this is cancelled; raise what it raised.

        Raise `Unavailable` while the thread of an earlier run has not ended: its driver hangs.
        """
        if self._thread is not None and self._thread.is_alive():
            raise Unavailable(f"{self._name} has not let go of the last attempt yet")
        loop = asyncio.get_running_loop()
        stop, ended = threading.Event(), asyncio.Event()
        failures: list[Exception] = []

        def done() -> None:
            try:
                work(stop)
            except Exception as error:
                failures.append(error)
            try:
                loop.call_soon_threadsafe(ended.set)
            except RuntimeError:  # the loop was closed without waiting: nobody is left to be told
                logger.debug("%s ended after its event loop", self._name)

        self._thread = thread = threading.Thread(target=done, name=self._name, daemon=True)
        thread.start()
        try:
            await ended.wait()
        finally:
            stop.set()
            try:
                async with asyncio.timeout(JOIN_LIMIT):
                    await ended.wait()
            except TimeoutError:
                logger.warning("%s does not end: its driver has been silent for %g s", self._name, JOIN_LIMIT)
            else:
                thread.join()  # it has nothing left to do
            if failures:
                raise failures[0]


class Doorbell:
    """Wakes the event loop that it was made on, once for all that is brought until it comes."""

    def __init__(self, answer: Callable[[], None]) -> None:
        """`answer` is called on the loop; it takes all that was brought, and must not raise."""
        self._answer = answer
        self._loop = asyncio.get_running_loop()
        self._waking = threading.Lock()  # held from the moment the loop is woken until it has come

    def ring(self) -> None:
        """Say, in any thread, that something was brought. It must be where `answer` looks already."""
        if self._waking.acquire(blocking=False):
            try:
                self._loop.call_soon_threadsafe(self._come)
            except RuntimeError:  # the loop was closed without waiting: nobody is left to be told
                logger.debug("something was brought after the event loop had ended")

    def _come(self) -> None:
        self._waking.release()  # before anything is taken: what is brought from here on rings again
        self._answer()
