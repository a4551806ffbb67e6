"""PURE. The watch over one session that was offered: whether it lives, by its frames, the server's health, log and view.

A session can be dead in ways that nobody reports: an offer is answered and no frame ever comes, the worker has run out
of memory, the channel is deaf, the server was killed and the last frame stands. Frames are what counts: while they come,
nothing that is said ends a session; when they are late, whatever might know why is asked at once.
"""

import math
from dataclasses import dataclass, field
from typing import Final

from bridge.session.contract.troubles import Recovery, Trouble, said
from bridge.session.life.events import AskHealth, Command, Compare, Compared, ReadLog
from bridge.status import Phase

HEALTH_INTERVAL: Final = 0.5
"""Seconds between questions to a server that does not answer, or whose frames are late."""
LOG_INTERVAL: Final = 2.0
"""Seconds between looks into the server's log, while a first frame is awaited, and after messages."""
FIRST_FRAME_LIMIT: Final = 240.0
"""Seconds until a session without a frame is given up, if the server's log does not advance either. A pipeline that is
compiled takes minutes for its first chunk, and says nothing meanwhile; a session that is dead says so in the log."""
FREEZE_LIMIT: Final = 2.0
"""Seconds without a frame after which the picture counts as frozen, at least."""
FREEZE_CHUNKS: Final = 4
"""Chunk periods without a frame after which the picture counts as frozen, if that is longer."""
SUSPICION: Final = 0.3
"""Seconds for which a frame may be overdue until the server is asked whether it still lives, at least."""
SUSPICIOUS_FRAMES: Final = 3
"""Frame intervals for which it may be, if that is longer."""
PAUSED_INTERVAL: Final = 1.0
"""Seconds between questions whether the server lives, while it is paused and sends nothing."""
STABLE: Final = 5.0
"""Seconds of streaming after which a session counts as good: the next failure is retried at once."""
COMPARE_DELAY: Final = 3.0
"""Seconds from a message until the server is asked whether it has what it was told."""
COMPARE_INTERVAL: Final = 10.0
"""Seconds between such questions while there is no message: somebody else may have come."""
DEAF_ANSWERS: Final = 2
"""How many of them must say that it heard nothing until the channel counts as deaf. It doubles with each session that
was left for that, up to eight times as many: a server that is deaf in every session has the new values by the offers
at least, and its picture should not blink for them every few seconds."""
SINK_WARNING: Final = 3.0
"""Seconds without a picture of one sink, while those of the first come, until that is said."""
SINK_LIMIT: Final = 10.0
"""Seconds of it after which the session counts as lost. It doubles with each session that was left for that, up to eight
times as long: where a branch of the graph is dead for good, the pictures of the others should not blink for it."""
DOOM_SPAN: Final = 5.0
"""Seconds for which a line of the log that tells of an end is held against frames that are late: later ones are late for
another reason."""
WARNING_SPAN: Final = 30.0
"""Seconds for which a warning from the log is shown."""
_ENDS: Final = frozenset({"input-ended", "track-stopped"})
"""What the log says of a session that ends: in the log of one that begins, that is the one before."""


@dataclass(frozen=True, slots=True)
class Lost:
    """The session is of no use any more."""

    reason: str
    good: bool
    """Whether it had been a good one, and can be replaced at once."""
    load_anew: bool = False
    """Whether the pipeline is broken, too."""


@dataclass(slots=True)
class Watch:
    """What is known of the session that was offered. Every method that returns commands may return `Lost` instead."""

    pipeline: str
    ours: tuple[str, ...]
    """By which names the server may call what we have loaded."""
    tails: bool
    """Whether the server's log can be read."""
    begun: float
    sinks: tuple[str, ...] = ()
    """The sinks of the graph beyond the first."""
    deaf_answers: int = DEAF_ANSWERS
    sink_limit: float = SINK_LIMIT
    phase: Phase = Phase.CONNECTING
    detail: str = ""
    asking: bool = False
    """Whether a question about its health is open."""
    paused: bool = False
    reading_log: bool = False
    _first_frame_by: float = 0.0
    _next_log: float = math.inf
    _next_compare: float = math.inf
    _next_question: float = 0.0
    """While paused: when the server is asked next whether it lives. A hand that moves meanwhile does not put that off."""
    _streaming_since: float = 0.0
    _last_frame: float = 0.0
    _period: float | None = None
    _interval: float = 0.0
    _sinks_at: dict[str, float] = field(default_factory=dict)
    """When the newest frame of each other sink came."""
    _comparing: bool = False
    _doom: Trouble | None = None
    """What the log says that ends a session: it is believed when the frames end."""
    _doom_at: float = 0.0
    _deaf: int = 0
    """How many answers in a row said that the server heard nothing."""
    _company: str = ""
    _said: str = ""
    _said_at: float = 0.0

    def __post_init__(self) -> None:
        self.detail = f"connecting to {self.pipeline}"
        self._first_frame_by = self.begun + FIRST_FRAME_LIMIT
        self._next_log = self.begun + LOG_INTERVAL

    def deadline(self, now: float) -> float:
        """Return when the next look is due."""
        if self.phase is Phase.CONNECTING:
            return min(self._next_log, self._first_frame_by)
        if self.paused:
            return max(now, self._next_question)
        due = self._suspicious_at()
        health = due if due > now else now + HEALTH_INTERVAL
        sinks = max(now + HEALTH_INTERVAL, min(self._sinks_at.values(), default=math.inf) + self.sink_limit)
        return min(health, self._frozen_at(), sinks, self._next_log, self._next_compare)

    def warning(self, now: float) -> str:
        """Return what is not as it should be although frames come; empty: nothing."""
        said = self._said if self._said and now - self._said_at <= WARNING_SPAN else ""
        return "; ".join(one for one in (self._company, self._sinks_said(now), said) if one)

    def _sinks_said(self, now: float) -> str:
        if self.phase is not Phase.STREAMING:
            return ""
        silent = [sink for sink in self.sinks if now - self._sinks_at.get(sink, self._streaming_since) >= SINK_WARNING]
        return said("silent-sink", sinks=" and ".join(silent)) if silent else ""

    def is_good(self, now: float) -> bool:
        """Return whether it has brought frames for a while."""
        return self.phase is not Phase.CONNECTING and now - self._streaming_since >= STABLE

    def lost(self, reason: str, now: float, *, load_anew: bool = False) -> Lost:
        """Return that this is the end of it."""
        return Lost(reason, self.is_good(now), load_anew)

    # What happens

    def frame(self, period: float | None, interval: float, now: float) -> None:
        """A frame came."""
        self._last_frame, self._period, self._interval = now, period, interval
        if self.phase is Phase.CONNECTING:
            self.phase = Phase.PAUSED if self.paused else Phase.STREAMING
            self.detail = f"frames come from {self.pipeline}"
            self._streaming_since = now
            self._next_log, self._next_compare = math.inf, now + COMPARE_INTERVAL

    def sink(self, name: str, now: float) -> None:
        """A frame came from another sink than the first."""
        self._sinks_at[name] = now
        if self.is_good(now) and len(self._sinks_at) == len(self.sinks):
            self.sink_limit = SINK_LIMIT

    def message_sent(self, now: float) -> None:
        """A message went: soon, see what became of it."""
        if self.phase is not Phase.CONNECTING:
            self._next_log = min(self._next_log, now + LOG_INTERVAL)
            self._next_compare = min(self._next_compare, now + COMPARE_DELAY)

    def pause(self, on: bool, now: float) -> None:
        """The pipeline was told to pause, or to go on."""
        self.paused = on
        if self.phase is Phase.CONNECTING:
            return
        self.phase = Phase.PAUSED if on else Phase.STREAMING
        self.detail = f"{self.pipeline} is paused" if on else f"frames come from {self.pipeline}"
        # The time that it was paused is not held against it.
        self._last_frame, self._next_question = now, now + PAUSED_INTERVAL
        self._sinks_at = dict.fromkeys(self._sinks_at, now)
        self._next_compare = max(self._next_compare, now + COMPARE_DELAY)

    def log_read(self, advanced: bool, trouble: Trouble | None, now: float) -> list[Command] | Lost:
        """The log was read. What it says of a session that has brought no frame yet is believed at once."""
        self.reading_log = False
        if self.phase is Phase.CONNECTING:
            if advanced:
                self._first_frame_by = max(self._first_frame_by, now + FIRST_FRAME_LIMIT)
            if trouble is not None and trouble.kind not in _ENDS:
                if trouble.recovery is not Recovery.WAIT:
                    return self._doomed(trouble, now)
                self.detail = f"waiting for the first frame; {trouble.sentence}"
        elif trouble is not None:
            self._said, self._said_at = trouble.sentence, now
            if trouble.recovery is not Recovery.WAIT:
                self._doom, self._doom_at = trouble, now
                if not self.paused and now >= self._suspicious_at():
                    return self._doomed(trouble, now)
        return []

    def compared(self, seen: Compared, now: float) -> list[Command] | Lost:
        """What the server shows was compared with what it was told."""
        self._comparing = False
        if self.phase is Phase.CONNECTING:
            return []
        if seen.company:
            self._company = said("company")
        elif seen.pipeline is not None and seen.pipeline not in self.ours:
            self._company = said("other-load", pipeline=seen.pipeline)
        else:
            self._company = ""
        if seen.heard:
            self._deaf, self.deaf_answers = 0, DEAF_ANSWERS
        elif seen.heard is False:
            self._deaf += 1
            if self._deaf >= self.deaf_answers:
                self.deaf_answers = min(2 * self.deaf_answers, 8 * DEAF_ANSWERS)
                return self.lost(said("deaf"), now)
            self._next_compare = min(self._next_compare, now + COMPARE_DELAY)
        return []

    def tick(self, now: float, *, hushed: bool = False) -> list[Command] | Lost:
        """The deadline has come. `hushed`: nothing at all arrives any more over the connection."""
        if self.phase is Phase.CONNECTING:
            if now >= self._first_frame_by:
                return self.lost(said("silent"), now)
            self._next_log = now + LOG_INTERVAL
            return [*self.read_log(), *self._ask_health()]
        if self.paused:
            if now < self._next_question:
                return []
            self._next_question = now + PAUSED_INTERVAL
            return self._ask_health()
        commands: list[Command] = []
        if now >= self._suspicious_at():
            if self._doom is not None and now - self._doom_at <= DOOM_SPAN:
                return self._doomed(self._doom, now)
            if now >= self._frozen_at():
                return self.lost(said("hushed" if hushed else "frozen"), now)
            commands += [*self._ask_health(), *self.read_log()]
        elif any(now - at >= self.sink_limit for at in self._sinks_at.values()):
            # One that never came at all may be compiled yet, or has nothing to show.
            silent = [sink for sink, at in self._sinks_at.items() if now - at >= self.sink_limit]
            self.sink_limit = min(2 * self.sink_limit, 8 * SINK_LIMIT)
            return self.lost(said("silent-sink", sinks=" and ".join(silent)), now)
        if now >= self._next_log:
            self._next_log = math.inf
            commands += self.read_log()
        if now >= self._next_compare:
            self._next_compare = now + COMPARE_INTERVAL
            if not self._comparing:
                self._comparing = True
                commands.append(Compare())
        return commands

    # What it lives by

    def _suspicious_at(self) -> float:
        return self._last_frame + self._interval + max(SUSPICION, SUSPICIOUS_FRAMES * self._interval)

    def _frozen_at(self) -> float:
        frozen = self._last_frame + max(FREEZE_LIMIT, FREEZE_CHUNKS * (self._period or 0.0))
        return max(frozen, self._suspicious_at())  # of few frames a second, none is missing yet

    def _doomed(self, trouble: Trouble, now: float) -> Lost:
        """The log says why no frame comes: there is no use in waiting for one."""
        return self.lost(trouble.sentence, now, load_anew=trouble.recovery is not Recovery.RECONNECT)

    def _ask_health(self) -> list[Command]:
        if self.asking:
            return []
        self.asking = True
        return [AskHealth()]

    def read_log(self) -> list[Command]:
        """Return the question, unless it is open already or this server has no such log."""
        if self.reading_log or not self.tails:
            return []
        self.reading_log = True
        return [ReadLog()]
