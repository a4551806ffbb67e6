"""A capture as an input: what was heard then is heard now, in the same order and at the same distances.

    opened = Replay(batches, origin=81234.0, speed=2.0)
    await opened.run(emit)      # returns when the capture is over

Batches are stamped with the time at which they are emitted: to the show, they arrive now.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from bridge.capture import Edit
from bridge.clock import Clock, now
from bridge.signals import Batch, Emit
from bridge.status import InputStatus

LIVE: Final = "scope/"
"""Signals that the bridge makes of the Scope it talks to: those of a capture tell of another one, and are left out."""
Sleep = Callable[[float], Awaitable[object]]
"""Something that waits for a number of seconds."""
BREATH: Final = 64
"""Batches after which a replay without waiting lets the others have their turn."""


async def _at_once() -> None:
    """Begin without waiting for anything."""


class Replay:
    """An input that plays what was recorded."""

    name = "replay"

    def __init__(
        self,
        lines: Sequence[Batch | Edit],
        origin: float,
        speed: float | None = 1.0,
        *,
        begin: Callable[[], Awaitable[None]] = _at_once,
        edit: Callable[[Edit], None] | None = None,
        clock: Clock = now,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        """Play `lines`, whose times count from `origin`.

        `speed` 2 plays twice as fast, None without waiting at all. `begin` is awaited before the first. `edit` is told,
        in a thread, of every edit of the profile.
        """
        self._lines = lines
        self._origin = origin
        self._speed = speed
        self._begin = begin
        self._edit = edit
        self._clock = clock
        self._sleep = sleep
        self._signals = 0
        self._played = 0.0
        self.ended = asyncio.Event()
        """Set when the last batch has been emitted."""

    async def run(self, emit: Emit) -> None:
        """Emit what was recorded; return when that is over."""
        await self._begin()
        started = self._clock()
        for number, line in enumerate(self._lines, 1):
            if self._speed is not None:
                await self._sleep(max(0.0, started + (line.time - self._origin) / self._speed - self._clock()))
            elif number % BREATH == 0:
                await self._sleep(0)
            self._played = line.time - self._origin
            if isinstance(line, Batch):
                samples = [sample for sample in line.samples if not sample[0].startswith(LIVE)]
                if samples:
                    self._signals += len(samples)
                    emit(Batch(self._clock(), samples))
            elif self._edit is not None:
                await asyncio.to_thread(self._edit, line)
        self.ended.set()

    def status(self) -> InputStatus:
        """Return how far it is."""
        length = self._lines[-1].time - self._origin if self._lines else 0.0
        state = "ended" if self.ended.is_set() else f"at {self._played:.1f} of {length:.1f} s"
        return InputStatus(self.name, f"replay, {state}", signals=self._signals)
