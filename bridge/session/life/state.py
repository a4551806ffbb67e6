"""PURE. The life of the talk with one Scope: events in, commands out; no sockets, no waiting, time is an argument.

Whoever performs the commands reports back by events, and calls `on(Tick(), now)` when `deadline` has come.

    searching ──healthy──▶ clearing ──▶ preparing ──▶ loading ──loaded──▶ connecting ──first frame──▶ streaming
        ▲                  (orphans)   (files, checks)   │                    │                          │
        │                                 │              ▼                    ▼                          │
        │                                 └────────▶ backing off ◀── refused, dead ◀──── it was young ───┤
        └──────────────────────────────────── it was a good one, or the server is gone ◀─────────────────┘

Whatever dies, the way back is the same one: ask `/health` until the server answers, remove what is left of the old
session (it would go on driving the pipeline for 30 s), see to what the load needs if that is not known to be there
still, look whether the pipeline is loaded, offer. What happens to an offered session is for `watching` to judge.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

from bridge.profile.model import Node
from bridge.session.contract.dialect import CURRENT, Dialect, dialect_of
from bridge.session.contract.troubles import said
from bridge.session.life.events import (
    Answered,
    AskHealth,
    AskStatus,
    Close,
    Command,
    Compared,
    Confused,
    Event,
    Failed,
    FrameReceived,
    Healthy,
    IsPrepared,
    Load,
    LoadAccepted,
    LogRead,
    MessageSent,
    Offer,
    Paused,
    Prepare,
    Progress,
    ReadLog,
    RemoveSession,
    SessionRemoved,
    SinkReceived,
    Started,
    StatusKnown,
    Stopped,
    Tick,
    Unreachable,
)
from bridge.session.life.watching import DEAF_ANSWERS, HEALTH_INTERVAL, SINK_LIMIT, Lost, Watch
from bridge.status import Phase

STATUS_INTERVAL: Final = 0.25
"""Seconds between questions to a server that loads."""
CONFUSED_INTERVAL: Final = 1.0
"""Seconds until a server is asked again that answered a question by nonsense."""
SLOW_LIMIT: Final = 20.0
"""Seconds without any sign of life until a server that only lets questions wait counts as gone. A server that compiles
for its first chunk may answer nothing for a while."""
LOAD_GRACE: Final = 3.0
"""Seconds that a server may take from accepting a load until its status shows it."""


class _Step(Enum):
    """How far the talk has come."""

    SEARCHING = "searching"
    CLEARING = "clearing"
    """Sessions that were left are removed."""
    PREPARING = "preparing"
    LOADING = "loading"
    """The pipeline's status is asked for, until it is loaded."""
    WAITING = "waiting"
    """Something failed; it is tried again at `_retry_at`, or when the server was restarted."""
    OFFERED = "offered"


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
    """What a person calls that which runs."""
    nodes: tuple[Node, ...] = ()
    """What is to be loaded, the first of it first; empty: the pipeline alone."""
    sinks: tuple[str, ...] = ()
    """The sinks of the graph beyond the first, whose pictures are awaited too."""
    deadline: float | None = None
    """When `Tick` is wanted, in seconds of `bridge.clock`; None: only an event will change anything."""
    version: str | None = None
    dialect: Dialect = CURRENT
    """What the server understands, as its version tells."""
    progress: float | None = None
    """How far a download or load has come, 0 to 1; None: nobody says."""
    trouble: str = ""
    """Why there is no picture, or was none the last time; empty once it has been there for a while."""
    _step: _Step = _Step.SEARCHING
    _detail: str = "looking for Scope"
    _watch: Watch | None = None
    """Of the session that was offered."""
    _started: float | None = None
    _orphans: list[str] = field(default_factory=list)
    _prepared: bool = False
    _loaded: tuple[str | None, Mapping[str, Any]] | None = None
    """What the status showed when our load was done: on this server, it is ours for as long as it shows that."""
    _load_asked: float | None = None
    """When the server accepted the load that we asked for and still wait for."""
    _load_seen: bool = False
    """Whether the status has shown that load since."""
    _load_anew: bool = False
    """Whether what is loaded is known to be broken."""
    _retry_at: float = 0.0
    _failure: str = ""
    _pause: float = 0.0
    _pauses: Iterator[float] = field(default_factory=pauses)
    _pauses_used: bool = False
    _deaf_answers: int = DEAF_ANSWERS
    _sink_limit: float = SINK_LIMIT
    _alive_at: float = -math.inf
    """When the server was last known to live."""

    def __post_init__(self) -> None:
        if not self.nodes:
            self.nodes = (Node(self.pipeline, self.pipeline),)

    @property
    def phase(self) -> Phase:
        """Where it stands, in a word."""
        if self._watch is not None:
            return self._watch.phase
        return Phase.SEARCHING if self._step is _Step.SEARCHING else Phase.LOADING

    @property
    def detail(self) -> str:
        """Where it stands, in one sentence for a person."""
        return self._watch.detail if self._watch is not None else self._detail

    def warning(self, now: float) -> str:
        """Return what is not as it should be although frames come; empty: nothing."""
        return self._watch.warning(now) if self._watch is not None else ""

    def on(self, event: Event, now: float) -> list[Command]:
        """Take in what happened, and return what to do about it, in order."""
        match event:
            case Started(orphans):
                self._orphans = list(orphans)
                return self._search("looking for Scope", now)
            case Healthy(started, version):
                self._alive_at = now
                return self._healthy(started, version, now)
            case Unreachable():
                self._answered()
                return self._unreachable(event, now) if event.asked >= self._alive_at else []
            case Confused(reason):
                self._alive_at = now
                self._answered()
                self._confused(reason, now)
                return []
            case SessionRemoved():
                return self._clear() if self._step is _Step.CLEARING else []
            case Progress(detail, done):
                if self._step is _Step.PREPARING:
                    self._detail, self.progress = detail, done
                return []
            case IsPrepared(nodes):
                return self._is_prepared(nodes) if self._step is _Step.PREPARING else []
            case StatusKnown():
                self._alive_at = now
                return self._status_known(event, now) if self._step is _Step.LOADING else []
            case LoadAccepted():
                if self._step is _Step.LOADING:
                    self._load_asked, self._load_seen = now, False
                    self.deadline = now + STATUS_INTERVAL
                return []
            case Failed(reason):
                return self._failed(reason, now)
            case Answered(session):
                self._orphans.append(session)
                return []
            case FrameReceived():
                self._alive_at = now
                return self._of_session(event, now)
            case SinkReceived() | MessageSent() | Stopped() | LogRead() | Compared() | Paused():
                return self._of_session(event, now)
            case Tick(hushed):
                return self._tick(hushed, now)

    # Finding the server

    def _search(self, detail: str, now: float) -> list[Command]:
        self._turn_to(_Step.SEARCHING, detail)
        return self._ask(now)

    def _turn_to(self, step: _Step, detail: str) -> None:
        """Leave the step before, and all that counts only there."""
        self._step, self._detail = step, detail
        self._watch, self.progress, self.deadline = None, None, None
        self._load_asked, self._load_seen = None, False

    def _ask(self, now: float) -> list[Command]:
        """Ask for the server's health, and again soon, whether or not there was an answer: it may never come."""
        self.deadline = now + HEALTH_INTERVAL
        return [AskHealth()]

    def _answered(self) -> None:
        if self._watch is not None:
            self._watch.asking = False

    def _healthy(self, started: float | None, version: str | None, now: float) -> list[Command]:
        self._answered()
        if started is None and self._started is not None and self._step is not _Step.SEARCHING:
            self._confused("/health does not say since when it runs", now)  # it did before
            return []
        restarted = self._started is not None and started != self._started
        self._started, self.version, self.dialect = started, version, dialect_of(version)
        if restarted:
            self._orphans.clear()  # they died with the old process
            self._pauses = pauses()
            self._prepared, self._loaded, self._load_anew = False, None, False
            self._deaf_answers, self._sink_limit = DEAF_ANSWERS, SINK_LIMIT
        match self._step:
            case _Step.SEARCHING:
                return self._begin(self.trouble or "found Scope")
            case _Step.WAITING:
                if restarted or now >= self._retry_at:
                    return self._begin("the server is back" if restarted else "trying again")
                self.deadline = min(self._retry_at, now + HEALTH_INTERVAL)
            case _Step.OFFERED:
                assert self._watch is not None
                if restarted:
                    return self._lost(self._watch.lost(said("restarted"), now), now)
                self.deadline = self._watch.deadline(now)
        return []

    def _unreachable(self, event: Unreachable, now: float) -> list[Command]:
        if event.slow and self._watch is not None and now - max(self._alive_at, self._watch.begun) < SLOW_LIMIT:
            self.deadline = self._watch.deadline(now)  # a GPU at work starves the rest: the frames are to tell
            return []
        detail = self.trouble = said("gone", why=event.reason)
        if self._step is _Step.SEARCHING:
            self._detail = detail
            return []  # the next question is due already
        closing = self._closing()
        if event.asked == math.inf and self._is_under_way():
            # Its health may be answered all the same: a proxy may fail one request and not the other. To begin anew at
            # once would ask for the same again, over and over.
            return [*closing, *self._back_off(detail, now)]
        self._search(detail, now)
        return closing  # it has just not answered: it is asked again in a while

    def _confused(self, reason: str, now: float) -> None:
        """Nothing is known by such an answer, so nothing is decided by it: the question is asked again."""
        if self._step in (_Step.SEARCHING, _Step.LOADING):
            self._detail = self.trouble = said("nonsense", why=reason)
        if self._step is _Step.LOADING:
            self.deadline = now + CONFUSED_INTERVAL
        elif self._watch is not None:
            self.deadline = self._watch.deadline(now)

    def _closing(self) -> list[Command]:
        return [Close()] if self._step is _Step.OFFERED else []

    # Having the pipeline ready on it

    def _begin(self, detail: str) -> list[Command]:
        self._turn_to(_Step.CLEARING, detail)
        return self._clear()

    def _clear(self) -> list[Command]:
        if self._orphans:
            return [RemoveSession(self._orphans.pop(0))]
        if self._prepared:
            return self._look()
        self._turn_to(_Step.PREPARING, self._detail)
        return [Prepare()]

    def _is_prepared(self, nodes: tuple[Node, ...]) -> list[Command]:
        self.nodes, self._prepared = nodes, True
        return self._look()

    def _look(self) -> list[Command]:
        self._turn_to(_Step.LOADING, self._detail)
        return [AskStatus()]

    def _status_known(self, event: StatusKnown, now: float) -> list[Command]:
        match event.status:
            case "loading":
                self._load_seen = True
                stage = f": {event.stage}" if event.stage else ""
                self._detail = f"loading {event.pipeline or self.pipeline}{stage}"
                self.deadline = now + STATUS_INTERVAL
            case "loaded" if self._is_ours(event, now):
                self._loaded = event.pipeline, dict(event.load_params or {})
                return self._offer(now)
            case "error":
                return self._load_failed(now)
            case "loaded" | "not_loaded":
                if self._load_asked is None:
                    self._detail, self.deadline = f"loading {self.pipeline}", None
                    return [Load(self.nodes)]
                if self._load_seen or now >= self._load_asked + LOAD_GRACE:
                    return self._load_failed(now)
                self.deadline = now + STATUS_INTERVAL
            case other:
                self._confused(f"Scope's status makes no sense ({other!r})", now)
        return []

    def _is_ours(self, event: StatusKnown, now: float) -> bool:
        """Return whether what is loaded is what we want.

        The status shows the first pipeline alone. Of several, the others are known only where we loaded them; to load
        once more what is there already takes a server no time.
        """
        first = self.nodes[0]
        if self._load_asked is not None and event.pipeline in self._names():
            # Whatever the server has made of what we asked for, and whichever of it that names first. A chain that it
            # had already, it does not even load.
            known = self._load_seen or (len(self.nodes) > 1 and now >= self._load_asked + LOAD_GRACE)
            if known:
                return True
        if event.pipeline not in (first.id, first.pipeline):
            return self._loaded == (event.pipeline, dict(event.load_params or {})) and not self._load_anew
        if self._load_anew and self._load_asked is None:
            return False
        loaded = dict(event.load_params or {})
        if self._loaded == (event.pipeline, loaded):
            return True
        if len(self.nodes) > 1 and self._load_asked is None:
            return False
        return all(loaded.get(key) == value for key, value in first.load.items())

    def _names(self) -> tuple[str, ...]:
        """Return by which names the server may call what is ours. A server that had a part of a chain already may name
        that first, whatever the order."""
        return tuple(dict.fromkeys(name for node in self.nodes for name in (node.id, node.pipeline)))

    def _load_failed(self, now: float) -> list[Command]:
        self._prepared, self._loaded = False, None
        failed = self._back_off(said("no-load", pipeline=self.pipeline), now)
        # That it failed, the status says once; why, only the log knows.
        return [*failed, ReadLog()] if self.dialect.tails else failed

    def _failed(self, reason: str, now: float) -> list[Command]:
        if self._is_under_way():
            return [*self._closing(), *self._back_off(reason, now)]
        return []

    def _is_under_way(self) -> bool:
        """Return whether a server that was found is being brought to send frames."""
        return self._step in (_Step.CLEARING, _Step.PREPARING, _Step.LOADING) or self.phase is Phase.CONNECTING

    def _back_off(self, reason: str, now: float) -> list[Command]:
        self._failure, self._pause = reason, next(self._pauses)
        self.trouble = reason
        self._pauses_used = True
        self._turn_to(_Step.WAITING, self._why_it_waits())
        self._retry_at = now + self._pause
        self.deadline = min(self._retry_at, now + HEALTH_INTERVAL)
        return []

    def _why_it_waits(self) -> str:
        return f"{self._failure}; trying again in {self._pause:.0f} s"

    # A session that was offered

    def _offer(self, now: float) -> list[Command]:
        self._turn_to(_Step.OFFERED, "")
        self._load_anew = False
        self._watch = Watch(
            self.pipeline,
            self._names(),
            self.dialect.tails,
            now,
            self.sinks if self.dialect.graphs else (),
            self._deaf_answers,
            self._sink_limit,
        )
        self.deadline = self._watch.deadline(now)
        return [Offer()]

    def _of_session(self, event: Event, now: float) -> list[Command]:
        """Take in what happens to the session that was offered; what an older one still has to say changes nothing."""
        if isinstance(event, LogRead) and self._step is _Step.WAITING:
            self._learn_why(event)
        watch = self._watch
        if watch is None:
            return []
        outcome: list[Command] | Lost = []
        match event:
            case FrameReceived(period, interval):
                watch.frame(period, interval, now)
                if (self._pauses_used or self.trouble) and watch.is_good(now):
                    self._pauses, self._pauses_used, self.trouble = pauses(), False, ""
            case SinkReceived(sink):
                watch.sink(sink, now)
            case MessageSent():
                watch.message_sent(now)
            case Paused(on):
                watch.pause(on, now)
            case Stopped(reason):
                outcome = watch.lost(reason, now)
            case LogRead(advanced, trouble):
                outcome = watch.log_read(advanced, trouble, now)
            case Compared():
                outcome = watch.compared(event, now)
        return self._after(outcome, now)

    def _after(self, outcome: list[Command] | Lost, now: float) -> list[Command]:
        if isinstance(outcome, Lost):
            return self._lost(outcome, now)
        assert self._watch is not None
        self.deadline = self._watch.deadline(now)
        return outcome

    def _lost(self, lost: Lost, now: float) -> list[Command]:
        """Close it, and begin anew; at once, if it had been a good one."""
        self._load_anew, self.trouble = self._load_anew or lost.load_anew, lost.reason
        if self._watch is not None:
            self._deaf_answers, self._sink_limit = self._watch.deaf_answers, self._watch.sink_limit
        if lost.good:
            return [Close(), *self._search(f"{lost.reason}; reconnecting", now)]
        return [Close(), *self._back_off(lost.reason, now)]

    def _learn_why(self, read: LogRead) -> None:
        if read.trouble is not None and read.trouble.sentence not in self._failure:
            why = read.trouble.sentence
            self._failure = self.trouble = why if why.startswith(self._failure) else f"{self._failure}: {why}"
            self._detail = self._why_it_waits()

    # Time goes on

    def _tick(self, hushed: bool, now: float) -> list[Command]:
        if self.deadline is None or now < self.deadline:
            return []
        self.deadline = None
        match self._step:
            case _Step.SEARCHING | _Step.WAITING:
                return self._ask(now)
            case _Step.LOADING:
                return [AskStatus()]
            case _Step.OFFERED:
                assert self._watch is not None
                return self._after(self._watch.tick(now, hushed=hushed), now)
        return []
