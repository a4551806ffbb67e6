"""From the driver's thread to the event loop: what arrives is stamped where it enters, and wakes the loop once per burst."""

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable

from bridge.clock import now

logger = logging.getLogger(__name__)


class Arrivals:
    """What has arrived and was not taken yet. Made on the event loop that it wakes."""

    def __init__(self, arrived: Callable[[], None]) -> None:
        """`arrived` is called on the event loop when there is something to take; it must not raise."""
        self.waiting: deque[tuple[float, list[int] | None]] = deque()
        """When it arrived, and what it is: a message; None: from here on it is another connection's. To be taken from
        the left, on the event loop."""
        self._arrived = arrived
        self._loop = asyncio.get_running_loop()
        self._waking = threading.Lock()  # held from the moment the loop is woken until it has come

    def put(self, message: list[int] | None) -> None:
        """Take what has arrived now, in any thread."""
        self.waiting.append((now(), message))
        if self._waking.acquire(blocking=False):
            try:
                self._loop.call_soon_threadsafe(self._come)
            except RuntimeError:  # the loop was closed without waiting for us: nobody is left to be told
                logger.debug("something was heard after the event loop had ended")

    def _come(self) -> None:
        self._waking.release()  # before the deque is emptied: what is appended from here on wakes the loop again
        self._arrived()
