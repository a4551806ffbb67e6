"""A show without a server and without waiting: what Scope would have been told, worked out from what was heard.

    for happening in Show(profile, origin=0.0).play(capture):
        ...    # Begun, Sent, Done, Declined

The mapping, the outbox and the wire are those of a live show. Only the pacing is worked out instead of measured: a
message at most every chunk period, with the pacer's own slack, the first at once when nothing went before; the chunk
is as long as the newest `scope/chunk` signal says. Nothing here reads a clock: the same capture gives the same bytes.

The show begins with the capture's first line and ends where the capture ends: what still waits
then goes out as soon as it may.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from bridge import mapping
from bridge.capture import Edit
from bridge.parameters import Change, Merge, parameter
from bridge.profile.durations import CHUNK_SECONDS
from bridge.profile.model import Profile
from bridge.session import wire
from bridge.session.outbox import Outbox
from bridge.session.pacing import PAUSED_INTERVAL, SLACK
from bridge.signals import Batch, Value
from bridge.verbs import Verb

GRID: Final = 60
"""Ticks per second while something moves, on whole multiples of a 60th: where the engine moves anyway."""
CHUNK: Final = "scope/chunk"
"""The signal that says how many seconds a chunk takes."""
SHORTEST, LONGEST = 0.01, 60.0
"""Seconds that a chunk can take."""
LAST_WORDS: Final = 8
"""Messages that may still go out when the capture is over: a chunk's strongest value, then the newest."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A session began with these values."""

    time: float
    """As all times here: in seconds of the capture's clock."""
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sent:
    """A message went to Scope."""

    time: float
    text: str
    """The very bytes, as text."""


@dataclass(frozen=True, slots=True)
class Done:
    """The bridge did something itself."""

    time: float
    verb: Verb


@dataclass(frozen=True, slots=True)
class Declined:
    """Something that arrived could not be taken."""

    time: float
    reason: str


Happening = Begun | Sent | Done | Declined


class Show:
    """One profile at work, from its start."""

    def __init__(
        self,
        profile: Profile,
        origin: float = 0.0,
        chunk: float = CHUNK_SECONDS,
        edited: Callable[[Edit], Profile | None] = lambda edit: None,
        state: Mapping[str, Any] | None = None,
    ) -> None:
        """Begin at the time `origin`. A chunk takes `chunk` seconds until a signal says otherwise; `edited` returns the
        profile that an edit made, None to go on with the one there is; `state` is what the show went on from."""
        self._mapping = mapping.compile(profile)
        if state:
            self._mapping.resume(dict(state), origin)
        self._chunk = chunk
        self._edited = edited
        self._outbox = Outbox()
        self._now = origin
        self._line = math.floor(origin * GRID)
        """The last line of the grid that was ticked."""
        self._free = origin
        """When the next message may go."""
        self._paused = False
        self._wanted = dict(self._mapping.initial())
        self._touched: set[str] = set()

    def play(self, lines: Iterable[Batch | Edit]) -> Iterator[Happening]:
        """Yield what happens, in the order of time."""
        self._outbox.restart(self._wanted)
        yield Begun(self._now, dict(self._wanted))
        begun = False
        for line in lines:
            if begun:
                yield from self._until(line.time)
            begun = True
            self._now = max(self._now, line.time)
            if isinstance(line, Edit):
                yield from self._turn_to(line)
            else:
                yield from self._hear(line)
            if self._waiting and self._free <= self._now:
                yield from self._send()
        for _ in range(LAST_WORDS):
            if not self._waiting:
                break
            self._now = max(self._now, self._free)
            yield from self._send()

    @property
    def _waiting(self) -> bool:
        return self._mapping.waiting or bool(self._outbox)

    def _until(self, end: float) -> Iterator[Happening]:
        """Let the time go on up to `end`. A tick at that moment belongs to it, a message does not: it gets more then."""
        while True:
            tick = math.inf
            if self._mapping.moving:
                self._line = max(self._line, math.floor(self._now * GRID))
                tick = (self._line + 1) / GRID
            send = max(self._now, self._free) if self._waiting else math.inf
            if min(tick, send) > end or (send == end and send < tick):
                return
            if tick <= send:
                self._now = max(self._now, tick)
                self._line += 1
                yield from self._follows(self._mapping.tick(self._now))
            else:
                self._now = send
                yield from self._send()

    def _hear(self, batch: Batch) -> Iterator[Happening]:
        for path, values in batch.samples:
            if path == CHUNK and values and (length := _length(values[-1])) is not None:
                self._chunk = length
        yield from self._follows(self._mapping.feed(batch))

    def _follows(self, effects: mapping.Effects) -> Iterator[Happening]:
        yield from (Declined(self._now, reason) for reason in effects.refused)
        yield from (Done(self._now, verb) for verb in effects.verbs)

    def _send(self) -> Iterator[Happening]:
        """Send what waits. If nothing may be said of it yet, look again on the grid's next line."""
        for change in self._mapping.take(self._now):
            self._put(change)
        changes = self._outbox.take()
        if not changes:
            self._free = self._now + 1 / GRID
            return
        for change in changes:
            if change.parameter == "paused":
                self._paused = bool(change.value)
        yield Sent(self._now, wire.message(changes, self._wanted))
        self._free = self._now + (PAUSED_INTERVAL if self._paused else SLACK * self._chunk)

    def _put(self, change: Change) -> None:
        if parameter(change.parameter).sticky:
            self._wanted[change.parameter] = change.value
            self._touched.add(change.parameter)
        self._outbox.put(change)

    def _turn_to(self, edit: Edit) -> Iterator[Happening]:
        """Go on with an edited profile, as a live show does."""
        profile = self._edited(edit)
        if profile is None:
            return
        self._mapping = mapping.compile(profile, self._mapping, self._now)
        for name, value in self._mapping.initial().items():
            if name in self._touched or parameter(name).merge is Merge.TOGETHER:
                continue
            if self._wanted.get(name) != value:
                self._outbox.put(Change(name, value, self._now))
            self._wanted[name] = value
        yield from self._follows(self._mapping.tick(self._now))


def _length(value: Value) -> float | None:
    """Return how long a chunk takes, if a value can say that."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if SHORTEST <= value <= LONGEST else None
