"""What arrives at the inputs, for one tool that listens: kept until it is taken, in bounds, and written as JSON lines.

    {"time": 81234.412907, "samples": [["apc/fader/1", [0.5039]], ["apc/pad/1/1", [1.0]]]}
    {"lost": 3}

`time` is in seconds of `bridge.clock`, `lost` a number of batches that came before the next line and were dropped. Numbers
that JSON lacks become null, bytes a text that says how many, as in the status.
"""

import asyncio
from collections import deque
from typing import Any, Final

import orjson

from bridge.signals import Batch

WAITING: Final = 20_000
"""Samples that may wait for a slow listener; beyond that it loses the oldest batches."""
_AT_ONCE: Final = 64 * 1024
"""Bytes from which lines are handed over, so that a backlog does not hold up the show while it is written."""


class Listener:
    """Takes batches on the event loop at once, whatever whoever listens does, and gives them back as lines."""

    def __init__(self, waiting: int = WAITING) -> None:
        """`waiting` bounds the samples that are kept."""
        self._limit = waiting
        self._batches: deque[Batch] = deque()
        self._samples = 0
        self._lost = 0
        self._some = asyncio.Event()

    def put(self, batch: Batch) -> None:
        """Take a batch; one without samples says nothing."""
        if not batch.samples:
            return
        self._batches.append(batch)
        self._samples += len(batch.samples)
        while self._samples > self._limit:
            self._samples -= len(self._batches.popleft().samples)
            self._lost += 1
        self._some.set()

    async def lines(self) -> str:
        """Return what has come since, at least one line and with the bigger backlog a part of it; wait if there is nothing."""
        await self._some.wait()
        lines: list[bytes] = []
        if self._lost:
            lines.append(b'{"lost":%d}' % self._lost)
            self._lost = 0
        size = 0
        while self._batches and size < _AT_ONCE:
            batch = self._batches.popleft()
            self._samples -= len(batch.samples)
            lines.append(_line(batch))
            size += len(lines[-1])
        if not self._batches:
            self._some.clear()
        return b"\n".join(lines).decode()


def _line(batch: Batch) -> bytes:
    line = {"time": batch.time, "samples": batch.samples}
    try:
        return orjson.dumps(line, default=_plain)
    except orjson.JSONEncodeError:  # a number beyond 64 bits, or half a character
        samples = [[_written(path), [_written(value) for value in values]] for path, values in batch.samples]
        return orjson.dumps({"time": batch.time, "samples": samples}, default=_plain)


def _plain(value: Any) -> str:
    return f"{len(value)} bytes" if isinstance(value, bytes) else str(value)


def _written(value: Any) -> Any:
    """Return `value` as what can be written for certain."""
    match value:
        case str():
            return value.encode("utf-8", "backslashreplace").decode()
        case int() if not -(2**63) <= value < 2**64:
            return str(value)
        case _:
            return value
