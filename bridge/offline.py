"""A show without a server and without waiting: what Scope would have been told, worked out from what was heard.

    for happening in Show(profile, origin=0.0).play(capture):
        ...    # Begun, Sent, Done, Declined

The mapping, the delivery and the wire are those of a live show. Only the pacing is worked out instead of measured: a
message at most every chunk period, with the pacer's own slack, the first at once when nothing went before; the chunk
is as long as the newest `scope/chunk` signal says, of each node alike. Nothing here reads a clock: the same capture gives
the same bytes. A show with several Scopes has a delivery for each, and its own `<name>/scope/chunk`.

The show begins with the capture's first line and ends where the capture ends: what still waits
then goes out as soon as it may.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from bridge import mapping
from bridge.capture import Edit
from bridge.profile.durations import CHUNK_SECONDS
from bridge.profile.model import Profile, Scope
from bridge.session.contract import wire
from bridge.session.contract.layout import layout
from bridge.session.pacing.delivery import Delivery
from bridge.session.pacing.pacer import Timed
from bridge.signals import Batch, Value
from bridge.verbs import Verb

GRID: Final = 60
"""Ticks per second while something moves, on whole multiples of a 60th: where the engine moves anyway."""
CHUNK: Final = "scope/chunk"
"""The signal that says how many seconds a chunk takes."""
SHORTEST, LONGEST = 0.01, 60.0
"""Seconds that a chunk can take."""
LAST_WORDS: Final = 8
"""Messages that may still go out to a Scope when the capture is over: a chunk's strongest value, then the newest."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A session began with these values."""

    time: float
    """As all times here: in seconds of the capture's clock."""
    values: Mapping[str, Any]
    scope: str = ""
    """Which of several Scopes; empty: the only one."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A message went to Scope."""

    time: float
    text: str
    """The very bytes, as text."""
    scope: str = ""
    """As in `Begun`."""


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


class _Talk:
    """What one Scope would be told."""

    def __init__(self, scope: Scope, chunk: float) -> None:
        self.scope = scope
        self._chunk = chunk
        self._paces: list[Timed] = []
        self.delivery = Delivery(layout(scope).nodes, self._pace)

    def _pace(self, frames_per_chunk: float) -> Timed:
        pace = Timed(self._chunk)
        self._paces.append(pace)
        return pace

    def chunk_takes(self, seconds: float) -> None:
        """The newest that is known of how long a chunk takes."""
        self._chunk = seconds
        for pace in self._paces:
            pace.seconds = seconds

    def begin(self, part: mapping.Mapping, now: float) -> Begun:
        """Begin a session, with what `part` has for its beginning; what else it has follows in messages."""
        self.delivery.source = None
        self.delivery.begin_with(part.initial(), now)
        self._paces.clear()
        values = self.delivery.begin(now, layout(self.scope).nodes)
        self.delivery.source = part
        return Begun(now, values, self.scope.name)

    def due(self, now: float) -> float:
        """Return when there may be another message to send, and not before; infinity while there is nothing to say."""
        if not self.delivery.waiting:
            return math.inf
        free = min(pace.free for pace in self._paces)
        if free > now:
            return free
        wait = self.delivery.wait(now)
        return math.inf if wait is None else now + wait

    def send(self, now: float) -> Iterator[Sent]:
        """Send what may be said now, if anything may."""
        if changes := self.delivery.take(now):
            beat = self.delivery.beat(now) if self.scope.tempo != "off" else None
            yield Sent(now, wire.message(changes, self.delivery.wanted, beat=beat), self.scope.name)


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
        self._mapping = mapping.compile_all(profile)
        if state:
            self._mapping.resume(dict(state), origin)
        self._chunk = chunk
        self._edited = edited
        self._now = origin
        self._line = math.floor(origin * GRID)
        """The last line of the grid that was ticked."""
        self._talks = {name: _Talk(scope, chunk) for name, scope in _scopes(profile).items()}

    def play(self, lines: Iterable[Batch | Edit]) -> Iterator[Happening]:
        """Yield what happens, in the order of time."""
        for name, talk in self._talks.items():
            yield talk.begin(self._mapping.parts[name], self._now)
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
            for talk in self._talks.values():
                if talk.due(self._now) <= self._now:
                    yield from talk.send(self._now)
        for _ in range(LAST_WORDS * len(self._talks)):
            due, talk = self._next()
            if due == math.inf:
                break
            self._now = max(self._now, due)
            yield from talk.send(self._now)

    def _next(self) -> tuple[float, _Talk]:
        """Return when the next message may go, and to whom."""
        return min(((talk.due(self._now), talk) for talk in self._talks.values()), key=lambda each: each[0])

    def _until(self, end: float) -> Iterator[Happening]:
        """Let the time go on up to `end`. A tick at that moment belongs to it, a message does not: it gets more then."""
        while True:
            tick = math.inf
            if self._mapping.moving:
                self._line = max(self._line, math.floor(self._now * GRID))
                tick = (self._line + 1) / GRID
            send, talk = self._next()
            if min(tick, send) > end or (send == end and send < tick):
                return
            if tick <= send:
                self._now = max(self._now, tick)
                self._line += 1
                yield from self._follows(self._mapping.tick(self._now))
            else:
                self._now = send
                yield from talk.send(self._now)

    def _hear(self, batch: Batch) -> Iterator[Happening]:
        for path, values in batch.samples:
            if path.endswith(CHUNK) and values and (length := _length(values[-1])) is not None:
                name = path.removesuffix(CHUNK).removesuffix("/")
                if name in self._talks:
                    self._talks[name].chunk_takes(length)
        yield from self._follows(self._mapping.feed(batch))

    def _follows(self, effects: mapping.Effects) -> Iterator[Happening]:
        yield from (Declined(self._now, reason) for reason in effects.refused)
        yield from (Done(self._now, verb) for verb in effects.verbs)

    def _turn_to(self, edit: Edit) -> Iterator[Happening]:
        """Go on with an edited profile, as a live show does: where it says something else of a Scope, a session begins."""
        profile = self._edited(edit)
        if profile is None:
            return
        self._mapping = mapping.compile_all(profile, self._mapping, self._now)
        talks, self._talks = self._talks, {}
        for name, scope in _scopes(profile).items():
            part, talk = self._mapping.parts[name], talks.get(name)
            if talk is None:
                talk = _Talk(scope, self._chunk)
                yield talk.begin(part, self._now)
            elif talk.scope != scope:
                talk.scope = scope
                talk.delivery.turn_to(layout(scope).nodes, part.touches())
                yield talk.begin(part, self._now)
            else:
                talk.delivery.source = part
                talk.delivery.begin_with(part.initial(), self._now)
            self._talks[name] = talk
        yield from self._follows(self._mapping.tick(self._now))


def _scopes(profile: Profile) -> Mapping[str, Scope]:
    """Return the Scopes of a profile by name; the only one has none."""
    return profile.scopes or {"": profile.scope}


def _length(value: Value) -> float | None:
    """Return how long a chunk takes, if a value can say that."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if SHORTEST <= value <= LONGEST else None
