"""PURE. What happens to the talk with one Scope (events), and what is to be done about it (commands).

Events are past (`Healthy`, `FrameReceived`), commands imperative (`AskHealth`, `Offer`). `state.Machine` takes in the
one and gives the other; `service.Session` performs the commands, and reports what came of them by events.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bridge.profile.model import Node
from bridge.session.contract.troubles import Trouble

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
    rehearsal: bool = False
    """Whether it says that it is a rehearsal server, whose frames say what they were made with."""


@dataclass(frozen=True, slots=True)
class Unreachable:
    """The server did not answer a request at all."""

    reason: str
    asked: float = math.inf
    """When its health was asked for: any later sign of life makes this obsolete. No other question ever is."""
    slow: bool = False
    """Whether it may only be at work: it did not refuse the question, but let the time for an answer pass."""


@dataclass(frozen=True, slots=True)
class Confused:
    """The server answered a question (about its health, or its pipeline) by an error or by nonsense: it lives, and
    nothing else is known of it."""

    reason: str


@dataclass(frozen=True, slots=True)
class Progress:
    """The preparation goes on: what it does now, and how far that has come, 0 to 1, where that is known."""

    detail: str
    done: float | None = None


@dataclass(frozen=True, slots=True)
class IsPrepared:
    """Everything is there that the load needs; these are the pipelines to load, with files as the server has them."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class StatusKnown:
    """The pipeline's status, as the server tells it."""

    status: str
    """`not_loaded`, `loading`, `loaded` or `error`."""
    pipeline: str | None = None
    """The first one's node id, or its name where it was loaded by that."""
    load_params: Mapping[str, Any] | None = None
    """Of the first one."""
    stage: str | None = None


@dataclass(frozen=True, slots=True)
class LoadAccepted:
    """The server says that it loads now. It says so for anything."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The server refused a load or an offer, or the preparation found what cannot work."""

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
    """A frame came."""

    period: float | None = None
    """How long a chunk takes, where it is known, in seconds."""
    interval: float = 0.0
    """How long it is from one frame to the next, where it is known, in seconds."""


@dataclass(frozen=True, slots=True)
class SinkReceived:
    """A frame came from another sink of the graph than the first."""

    sink: str


@dataclass(frozen=True, slots=True)
class MessageSent:
    """A parameter message went to Scope."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """The connection ended, or never came about."""

    reason: str


@dataclass(frozen=True, slots=True)
class LogRead:
    """The server's log was read."""

    advanced: bool
    """Whether it has new lines that tell of work."""
    trouble: Trouble | None = None
    """What they say that went wrong: the gravest, and of several the last."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What the server shows was compared with what it was told."""

    heard: bool | None = None
    """Whether it has what was sent to it; False: none of it, over a channel that seems open; None: that is not known."""
    company: bool = False
    """Whether another client's session plays on it, older than ours."""
    pipeline: str | None = None
    """What is loaded; None: it did not say, or nothing is."""
    lost: tuple[str, ...] = ()
    """The parameters whose newest values did not get there, though others may have."""


@dataclass(frozen=True, slots=True)
class Paused:
    """The pipeline was told to pause, or to go on."""

    on: bool


@dataclass(frozen=True, slots=True)
class Tick:
    """The deadline has come."""

    hushed: bool = False
    """Whether nothing at all arrives from the server any more, not even the reports that go along with a still picture."""


Event = (
    Started
    | Healthy
    | Unreachable
    | Confused
    | Progress
    | IsPrepared
    | StatusKnown
    | LoadAccepted
    | Failed
    | SessionRemoved
    | Answered
    | FrameReceived
    | SinkReceived
    | MessageSent
    | Stopped
    | LogRead
    | Compared
    | Paused
    | Tick
)


# Commands -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AskHealth:
    """GET /health: answer by `Healthy`, `Confused` or `Unreachable`."""


@dataclass(frozen=True, slots=True)
class Prepare:
    """See to everything that must be true before the load: answer by `Progress` as often as there is some, and in the
    end by `IsPrepared`, `Failed` or `Unreachable`."""


@dataclass(frozen=True, slots=True)
class AskStatus:
    """GET /pipeline/status: answer by `StatusKnown`, `Confused` or `Unreachable`."""


@dataclass(frozen=True, slots=True)
class Load:
    """POST /pipeline/load: answer by `LoadAccepted`, `Failed` or `Unreachable`."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class RemoveSession:
    """DELETE a session: answer by `SessionRemoved`, whatever came of it."""

    session: str


@dataclass(frozen=True, slots=True)
class Offer:
    """Open a connection and offer it: answer by `Answered`, `Failed` or `Unreachable`; then report `FrameReceived`,
    `MessageSent` and `Stopped`."""


@dataclass(frozen=True, slots=True)
class Close:
    """Close the connection, if there is one. No `Stopped` follows."""


@dataclass(frozen=True, slots=True)
class ReadLog:
    """GET /logs/tail: answer by `LogRead`, whatever came of it."""


@dataclass(frozen=True, slots=True)
class Compare:
    """Ask what the server shows of its sessions: answer by `Compared`, whatever came of it."""


Command = AskHealth | Prepare | AskStatus | Load | RemoveSession | Offer | Close | ReadLog | Compare
