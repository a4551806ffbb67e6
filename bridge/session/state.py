"""PURE. The life of the talk with one Scope: events in, commands out; no sockets, no waiting, time is an argument.

Events are what happened (`Healthy`, `FrameReceived`); commands are what to do next (`AskHealth`, `Offer`). Whoever
performs the commands reports back by events, and calls `on(Tick(), now)` when `deadline` has come.

    searching ──healthy──▶ checking ──loaded──▶ connecting ──first frame──▶ streaming
        ▲                    │  ▲                    │                          │
        │               not loaded, then      refused, dead             frozen, stopped,
        │                    ▼  │                    ▼                      or restarted
        │                loading …             backing off ◀──── it was young ──┤
        └────────────────────────── it was a good one, or the server is gone ◀──┘

Whatever dies, the way back is the same one: ask `/health` until the server answers, remove what is left of the old
session (it would go on driving the pipeline for 30 s), look whether the pipeline is loaded, offer.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bridge.status import Phase

HEALTH_INTERVAL = 0.5
"""Seconds between questions to a server that does not answer."""
STATUS_INTERVAL = 0.25
"""Seconds between questions to a server that loads."""
LOG_INTERVAL = 2.0
"""Seconds between looks into the server's log, while a first frame is awaited."""
FIRST_FRAME_LIMIT = 60.0
"""Seconds until a session without a frame is given up, if the server's log does not advance either."""
FREEZE_LIMIT = 2.0
"""Seconds without a frame after which the picture counts as frozen, at least."""
FREEZE_CHUNKS = 4
"""Chunk periods without a frame after which the picture counts as frozen, if that is longer."""
SUSPICION = 0.5
"""Seconds beyond a chunk without a frame after which the server is asked whether it still lives."""
LOAD_GRACE = 3.0
"""Seconds that a server may take from accepting a load until its status shows it."""
PAUSED_INTERVAL = 1.0
"""Seconds between questions whether the server lives, while it is paused and sends nothing."""
STABLE = 5.0
"""Seconds of streaming after which a session counts as good: the next failure is retried at once."""


# Events ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Started:
    """The session is wanted. `orphans` are sessions that an earlier run of the bridge left on this server."""

    orphans: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Healthy:
    """`/health` answered. `started` changes when the server restarts."""

    started: float | None
    version: str | None


@dataclass(frozen=True, slots=True)
class Unreachable:
    """The server did not answer a request at all."""

    reason: str
    asked: float = math.inf
    """When its health was asked for: any later sign of life makes this obsolete. No other question ever is."""


@dataclass(frozen=True, slots=True)
class StatusKnown:
    """The pipeline's status, as the server tells it."""

    status: str
    """`not_loaded`, `loading`, `loaded` or `error`."""
    pipeline: str | None = None
    load_params: Mapping[str, Any] | None = None
    stage: str | None = None


@dataclass(frozen=True, slots=True)
class LoadAccepted:
    """The server says that it loads now. It says so for anything."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The server refused a load or an offer, or answered what cannot be understood."""

    reason: str


@dataclass(frozen=True, slots=True)
class SessionRemoved:
    """The server was told to remove a session; it is gone, or never was."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The server took the offer. That says nothing about frames: a dead session is answered too."""

    session: str


@dataclass(frozen=True, slots=True)
class FrameReceived:
    """A frame came. `period` is how long a chunk takes, where it is known, in seconds."""

    period: float | None = None


@dataclass(frozen=True, slots=True)
class Stopped:
    """The connection ended, or never came about."""

    reason: str


@dataclass(frozen=True, slots=True)
class LogRead:
    """The server's log was read: whether it has new lines that tell of work, and the last one that tells of trouble."""

    advanced: bool
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class Paused:
    """The pipeline was told to pause, or to go on."""

    on: bool


@dataclass(frozen=True, slots=True)
class Tick:
    """The deadline has come."""


Event = (
    Started
    | Healthy
    | Unreachable
    | StatusKnown
    | LoadAccepted
    | Failed
    | SessionRemoved
    | Answered
    | FrameReceived
    | Stopped
    | LogRead
    | Paused
    | Tick
)


# Commands -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AskHealth:
    """GET /health: answer by `Healthy` or `Unreachable`."""


@dataclass(frozen=True, slots=True)
class AskStatus:
    """GET /pipeline/status: answer by `StatusKnown`, `Failed` or `Unreachable`."""


@dataclass(frozen=True, slots=True)
class Load:
    """POST /pipeline/load: answer by `LoadAccepted`, `Failed` or `Unreachable`."""


@dataclass(frozen=True, slots=True)
class RemoveSession:
    """DELETE a session: answer by `SessionRemoved`, whatever came of it."""

    session: str


@dataclass(frozen=True, slots=True)
class Offer:
    """Open a connection and offer it: answer by `Answered`, `Failed` or `Unreachable`; then report `FrameReceived` and `Stopped`."""


@dataclass(frozen=True, slots=True)
class Close:
    """Close the connection, if there is one. No `Stopped` follows."""


@dataclass(frozen=True, slots=True)
class ReadLog:
    """GET /logs/tail: answer by `LogRead`."""


Command = AskHealth | AskStatus | Load | RemoveSession | Offer | Close | ReadLog


def pauses() -> Iterator[float]:
    """Yield how long to wait after the first, second, … failing load or offer in a row, in seconds: 1, 2, 4, … 30."""
    pause = 1.0
    while True:
        yield pause
        pause = min(2 * pause, 30.0)


@dataclass(slots=True)
class Machine:
    """The state of one session's life. Feed it with `on`; obey `deadline`."""

    pipeline: str
    load_params: Mapping[str, Any] = field(default_factory=dict)
    phase: Phase = Phase.SEARCHING
    detail: str = "looking for Scope"
    """One sentence for a person."""
    deadline: float | None = None
    """When `Tick` is wanted, in seconds of `bridge.clock`; None: only an event will change anything."""
    version: str | None = None
    _started: float | None = None
    _orphans: list[str] = field(default_factory=list)
    _load_asked: float | None = None
    """When the server accepted the load that we asked for and still wait for."""
    _load_seen: bool = False
    """Whether the status has shown that load since."""
    _offered: bool = False
    _first_frame_by: float = 0.0
    _next_log: float = 0.0
    _streaming_since: float = 0.0
    _last_frame: float = 0.0
    _period: float | None = None
    _paused: bool = False
    _asking: bool = False
    _reading_log: bool = False
    _alive_at: float = -math.inf
    """When the server was last known to live."""
    _retry_at: float | None = None
    _pauses: Iterator[float] = field(default_factory=pauses)
    _pauses_used: bool = False

    def on(self, event: Event, now: float) -> list[Command]:
        """Take in what happened, and return what to do about it, in order."""
        match event:
            case Started(orphans):
                self._orphans = list(orphans)
                return self._search("looking for Scope", now)
            case Healthy(started, version):
                self._alive_at = now
                return self._healthy(started, version, now)
            case Unreachable(reason, asked):
                self._asking = False
                return self._unreachable(reason, now) if asked >= self._alive_at else []
            case StatusKnown():
                self._alive_at = now
                return self._status_known(event, now)
            case LoadAccepted():
                self._load_asked, self._load_seen = now, False
                self.deadline = now + STATUS_INTERVAL
                return []
            case Failed(reason):
                return self._failed(reason, now)
            case SessionRemoved():
                return self._remove_or_check() if self._is_checking() else []
            case Answered(session):
                self._orphans.append(session)
                return []
            case FrameReceived(period):
                self._alive_at = now
                return self._frame(period, now)
            case Stopped(reason):
                return self._stopped(reason, now)
            case LogRead(advanced, trouble):
                return self._log_read(advanced, trouble, now)
            case Paused(on):
                self._pause(on, now)
                return []
            case Tick():
                return self._tick(now)

    # Finding the server, and the pipeline on it

    def _search(self, detail: str, now: float) -> list[Command]:
        self.phase, self.detail = Phase.SEARCHING, detail
        self._offered = self._paused = self._load_seen = False
        self._load_asked = self._retry_at = None
        return self._ask(now)

    def _ask(self, now: float) -> list[Command]:
        """Ask for the server's health, and again soon, whether or not there was an answer: it may never come."""
        self._asking = True
        self.deadline = now + HEALTH_INTERVAL
        return [AskHealth()]

    def _healthy(self, started: float | None, version: str | None, now: float) -> list[Command]:
        self._asking = False
        restarted = self._started is not None and started != self._started
        self._started, self.version = started, version
        if restarted:
            self._orphans.clear()  # they died with the old process
            self._pauses = pauses()
        if self._retry_at is not None:
            if now < self._retry_at and not restarted:
                self.deadline = min(self._retry_at, now + HEALTH_INTERVAL)
                return []
            return self._check("the server is back" if restarted else "trying again")
        if self._offered:
            if restarted:
                return self._lost("the server was restarted", now)
            self.deadline = self._watch(now)
            return []
        if self.phase is Phase.SEARCHING:
            return self._check("found Scope")
        return []

    def _unreachable(self, reason: str, now: float) -> list[Command]:
        if self.phase is Phase.SEARCHING:
            self.detail = f"Scope does not answer: {reason}"
            return []  # the next question is due already
        closing: list[Command] = [Close()] if self._offered else []
        self._search(f"Scope does not answer: {reason}", now)
        return closing

    def _check(self, detail: str) -> list[Command]:
        self.phase, self.detail, self.deadline = Phase.LOADING, detail, None
        self._retry_at = None
        return self._remove_or_check()

    def _is_checking(self) -> bool:
        return self.phase is Phase.LOADING and self._retry_at is None and not self._offered

    def _remove_or_check(self) -> list[Command]:
        if self._orphans:
            return [RemoveSession(self._orphans.pop(0))]
        return [AskStatus()]

    def _status_known(self, event: StatusKnown, now: float) -> list[Command]:
        if not self._is_checking():
            return []
        ours = event.pipeline == self.pipeline
        match event.status:
            case "loading":
                self._load_seen = True
                stage = f": {event.stage}" if event.stage else ""
                self.detail = f"loading {event.pipeline or self.pipeline}{stage}"
                self.deadline = now + STATUS_INTERVAL
                return []
            case "loaded" if ours and (
                self._fits(event.load_params) or (self._load_asked is not None and self._load_seen)
            ):
                return self._offer(now)
            case "error":
                return self._back_off(f"Scope could not load {self.pipeline}", now)
            case _ if self._load_asked is None:
                self.detail = f"loading {self.pipeline}"
                return [Load()]
            case _ if self._load_seen or now >= self._load_asked + LOAD_GRACE:
                return self._back_off(f"Scope could not load {self.pipeline}", now)
            case _:
                self.deadline = now + STATUS_INTERVAL
                return []

    def _offer(self, now: float) -> list[Command]:
        self.phase, self.detail = Phase.CONNECTING, f"connecting to {self.pipeline}"
        self._load_asked, self._load_seen = None, False
        self._offered, self._reading_log = True, False
        self._first_frame_by = now + FIRST_FRAME_LIMIT
        self._next_log = now + LOG_INTERVAL
        self.deadline = self._watch(now)
        return [Offer()]

    def _fits(self, loaded: Mapping[str, Any] | None) -> bool:
        loaded = loaded or {}
        return all(loaded.get(key) == value for key, value in self.load_params.items())

    def _failed(self, reason: str, now: float) -> list[Command]:
        if self._offered and self.phase is Phase.STREAMING:
            return []
        closing: list[Command] = [Close()] if self._offered else []
        return [*closing, *self._back_off(reason, now)]

    def _back_off(self, reason: str, now: float) -> list[Command]:
        pause = next(self._pauses)
        self._pauses_used = True
        self._offered = self._paused = self._load_seen = False
        self._load_asked = None
        self.phase, self.detail = Phase.LOADING, f"{reason}; trying again in {pause:.0f} s"
        self._retry_at = now + pause
        self.deadline = min(self._retry_at, now + HEALTH_INTERVAL)
        return []

    # A session that was offered

    def _watch(self, now: float) -> float | None:
        """Return when the next look at the offered session is due."""
        if self.phase is Phase.CONNECTING:
            return min(self._next_log, self._first_frame_by)
        if self._paused:
            return now + PAUSED_INTERVAL
        suspicious = self._last_frame + self._chunk() + SUSPICION
        return min(suspicious if suspicious > now else now + HEALTH_INTERVAL, self._frozen_at())

    def _chunk(self) -> float:
        return self._period or 0.0

    def _frozen_at(self) -> float:
        return self._last_frame + max(FREEZE_LIMIT, FREEZE_CHUNKS * self._chunk())

    def _frame(self, period: float | None, now: float) -> list[Command]:
        if not self._offered:
            return []
        self._last_frame, self._period = now, period
        if self.phase is Phase.CONNECTING:
            self.phase, self.detail = (
                (Phase.PAUSED if self._paused else Phase.STREAMING),
                f"frames come from {self.pipeline}",
            )
            self._streaming_since = now
        if now - self._streaming_since >= STABLE and self._pauses_used:
            self._pauses, self._pauses_used = pauses(), False
        if not self._asking:
            self.deadline = self._watch(now)
        return []

    def _pause(self, on: bool, now: float) -> None:
        self._paused = on
        if self.phase in (Phase.STREAMING, Phase.PAUSED):
            self.phase = Phase.PAUSED if on else Phase.STREAMING
            self.detail = f"{self.pipeline} is paused" if on else f"frames come from {self.pipeline}"
            self._last_frame = now  # the time it was paused is not held against it
            self.deadline = self._watch(now)

    def _stopped(self, reason: str, now: float) -> list[Command]:
        return self._lost(reason, now) if self._offered else []

    def _lost(self, reason: str, now: float) -> list[Command]:
        """The offered session is of no use any more: close it, and begin anew; at once, if it had been a good one."""
        good = self.phase in (Phase.STREAMING, Phase.PAUSED) and now - self._streaming_since >= STABLE
        self._period = None
        if good:
            return [Close(), *self._search(f"{reason}; reconnecting", now)]
        return [Close(), *self._back_off(reason, now)]

    def _log_read(self, advanced: bool, trouble: str | None, now: float) -> list[Command]:
        self._reading_log = False
        if self.phase is not Phase.CONNECTING or not self._offered:
            return []
        if advanced:
            self._first_frame_by = max(self._first_frame_by, now + FIRST_FRAME_LIMIT)
        if trouble:
            self.detail = f"waiting for the first frame; Scope's log says: {trouble}"
        return []

    def _tick(self, now: float) -> list[Command]:
        if self.deadline is None or now < self.deadline:
            return []
        self.deadline = None
        if self._retry_at is not None or self.phase is Phase.SEARCHING:
            return self._ask(now)
        if not self._offered:
            return [AskStatus()]
        if self.phase is Phase.CONNECTING:
            if now >= self._first_frame_by:
                return self._lost("Scope took the offer but sent no frame", now)
            self._next_log = now + LOG_INTERVAL
            self.deadline = self._watch(now)
            if self._reading_log:
                return []
            self._reading_log = True
            return [ReadLog(), AskHealth()]
        if not self._paused and now >= self._frozen_at():
            return self._lost("the picture froze", now)
        self.deadline = now + PAUSED_INTERVAL if self._paused else self._frozen_at()
        if self._asking:
            return []
        self._asking = True
        return [AskHealth()]
