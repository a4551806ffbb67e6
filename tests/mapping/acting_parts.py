"""What the other parts of the program make of a profile: the talk with Scope, the inputs and the outputs.

Nobody answers here but the test: the servers, sockets and senders are stand-ins that note what they are asked for.
"""

import asyncio
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import pytest

from bridge import mapping
from bridge.errors import Unavailable
from bridge.frames import Buffer, Fans, Latest
from bridge.ice import Addresses
from bridge.inputs.osc import OscInput
from bridge.outputs import ndi, open_output
from bridge.outputs.incoming import Incoming
from bridge.profile import Profile
from bridge.profile.inputs import Osc
from bridge.profile.model import Cue, Node, Scope
from bridge.session import service
from bridge.session.contract.dialect import Dialect
from bridge.session.http import errands
from bridge.session.http.preparation import Prepared
from bridge.session.life.events import Healthy, StatusKnown
from bridge.session.service import Session
from bridge.session.store import SessionStore
from bridge.signals import Batch

TIMEOUT = 5.0
"""Seconds after which a stand-in that was never asked fails its test."""
LONGEST_FOLLOW = 20
"""Seconds in which a cue that follows must have come."""


@dataclass
class Talk:
    """What a server is asked for, until it was offered a session or told to load."""

    url: str = ""
    pipeline: str = ""
    load: Mapping[str, Any] = field(default_factory=dict)
    ice_servers: Sequence[Mapping[str, Any]] = ()
    initial: Mapping[str, Any] = field(default_factory=dict)


class _Server:
    """A Scope that has loaded what the profile wants, or nothing."""

    last_round_trip: float | None = None

    def __init__(self, talk: Talk, loaded: StatusKnown, over: asyncio.Event) -> None:
        self._talk, self._loaded, self._over = talk, loaded, over

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def health(self) -> Healthy:
        return Healthy(1.0, "0.2.4")

    async def status(self) -> StatusKnown:
        return self._loaded

    async def load(self, nodes: Sequence[Node], dialect: Dialect) -> None:
        (node,) = nodes
        self._talk.pipeline, self._talk.load = node.pipeline, node.load
        self._over.set()

    async def ice_servers(self) -> list[Mapping[str, Any]]:
        return [{"urls": ["stun:stun.of.the.server:3478"]}]

    async def log_tail(self, since: int) -> tuple[list[str], int]:
        return [], since


class _Line:
    """A connection that is offered and never comes about."""

    def __init__(self, talk: Talk, ice_servers: Sequence[Mapping[str, Any]], over: asyncio.Event) -> None:
        self._talk, self._over = talk, over
        talk.ice_servers = ice_servers

    async def run(self, initial: Any, listener: object) -> str:
        self._talk.initial = initial()
        self._over.set()
        await asyncio.Event().wait()
        raise AssertionError("nobody sets this event")


def talk(show: Profile, patch: pytest.MonkeyPatch, state: Path) -> Talk:
    """Return what a server is asked for when the profile is played: by one that has loaded nothing, then by one that
    is ready."""
    noted = Talk()
    ready = StatusKnown("loaded", show.scope.pipeline, show.scope.load)
    for loaded in (StatusKnown("not_loaded"), ready):
        asyncio.run(_talk(noted, loaded, show, patch, state))
    return noted


async def _talk(noted: Talk, loaded: StatusKnown, show: Profile, patch: pytest.MonkeyPatch, state: Path) -> None:
    over = asyncio.Event()

    async def prepare(rest: object, scope: Scope, dialect: object, say: object) -> Prepared:
        return Prepared(scope.nodes)

    def server(url: str, clock: object) -> _Server:
        noted.url = url
        return _Server(noted, loaded, over)

    def line(rest: object, addresses: Addresses, ice_servers: Sequence[Mapping[str, Any]], *_: object) -> _Line:
        return _Line(noted, ice_servers, over)

    patch.setattr(errands, "prepare", prepare)
    patch.setattr(service, "Rest", server)
    patch.setattr(service, "Connection", line)
    session = Session(show.scope, Fans(), SessionStore(state))
    session.begin_with(mapping.compile(show).initial())
    async with asyncio.timeout(TIMEOUT), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(session.run())
        await over.wait()
        running.cancel()


def heard_from_this_machine(options: Osc) -> bool:
    """Return whether an OSC input takes what 127.0.0.1 sends."""
    return asyncio.run(_heard(replace(options, port=0, host="127.0.0.1")))


async def _heard(options: Osc) -> bool:
    opened = OscInput("td", options)
    async with asyncio.timeout(TIMEOUT), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(opened.run(lambda batch: None))
        await opened.listening.wait()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"/x\0\0,\0\0\0", ("127.0.0.1", opened.port))
        while not (opened.status().signals or opened.status().refused):
            await asyncio.sleep(0.001)
        running.cancel()
    return opened.status().signals == 1


def seconds_until_the_next_cue(show: Profile) -> float:
    """Return how long after the cue `first` has acted another one goes by itself, where the list has one after it."""
    played = mapping.compile(replace(show, cues={**show.cues, "after": Cue("after", "intro")}))
    played.feed(Batch(0.0, [("panel/cue/first", (1.0,))]))
    scenes = []
    for tick in range(int(60 * LONGEST_FOLLOW)):
        played.tick(tick / 60)
        scenes.append(played.around.scene)
    acted = scenes.index("drop")
    return (scenes.index("intro", acted) - acted) / 60


def announced(show: Profile, output: str, patch: pytest.MonkeyPatch) -> tuple[str, float]:
    """Return under which name an NDI output shows, and at how many pictures a second."""
    noted: list[tuple[str, float]] = []

    def sender(name: str, fps: float, failover: str) -> None:
        noted.append((name, float(fps)))
        raise Unavailable("a stand-in")

    patch.setattr(ndi, "Sender", sender)
    opened = open_output(output, show.outputs[output], Incoming(Buffer(), Latest(), lambda duration: 0.0, Path()))
    with pytest.raises(Unavailable, match="a stand-in"):
        asyncio.run(opened.run())
    return noted[0]
