"""From the driver's thread to the event loop: what arrives is stamped where it enters, and wakes the loop once per burst."""

from collections import deque
from collections.abc import Callable

from bridge.clock import now
from bridge.thread import Doorbell


class Arrivals:
    """What has arrived and was not taken yet. Made on the event loop that it wakes."""

    def __init__(self, arrived: Callable[[], None]) -> None:
        """`arrived` is called on the event loop when there is something to take; it must not raise."""
        self.waiting: deque[tuple[float, list[int] | None]] = deque()
        """When it arrived, and what it is: a message; None: from here on it is another connection's. To be taken from
        the left, on the event loop."""
        self._doorbell = Doorbell(arrived)

    def put(self, message: list[int] | None) -> None:
        """Take what has arrived now, in any thread."""
        self.waiting.append((now(), message))
        self._doorbell.ring()
