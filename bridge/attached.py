"""A show that another process plays, asked over its local API: tools attach, because a port has one owner.

running = await asyncio.to_thread(find, Path("mappings/club.yaml"))
if running is not None:
    async with aclosing(signals(running)) as batches:
        async for batch in batches: ...
"""

import asyncio
import os
import socket
from collections.abc import AsyncGenerator, Callable, Iterator
from pathlib import Path
from typing import Any, Final

import orjson
from aiohttp import ClientError, ClientSession, ClientTimeout, WSMsgType
from yarl import URL

from bridge.errors import Unavailable
from bridge.running import Running, shows
from bridge.signals import Batch

PATIENCE: Final = 5.0
"""Seconds that a show has to answer."""
HEARTBEAT: Final = 10.0
"""Seconds between two looks at whether a show from which nothing comes is still there."""
_LOOK: Final = 0.5
"""Seconds in which a process of this machine lets somebody connect, if it listens at all."""


def find(profile: Path | None = None) -> Running | None:
    """Return the show of the profile at a path, or (None) the newest one; None if no bridge plays it.

    A show whose page cannot be reached does not count. This waits for the disk and the network: call it from a thread.
    """
    return next(all_of(profile), None)


def all_of(profile: Path | None = None) -> Iterator[Running]:
    """Yield the shows that can be attached to, the newest first: those of the profile at a path, or (None) all."""
    places = set()
    for one in shows():
        # Where two claim one place, the older one is a file left behind by a process whose number another one has now.
        if one.url not in places and (profile is None or _is_same(one.profile, profile)) and _listens(one.url):
            yield one
        places.add(one.url)


async def signals(running: Running, lost: Callable[[int], None] = lambda batches: None) -> AsyncGenerator[Batch, None]:
    """Yield what arrives there from now on: at its inputs, on its page, and what it learns of its Scopes.

    Times are in seconds of `bridge.clock`, which all processes of this machine share; bytes are a text that says how many.
    `lost` is told how many batches were dropped before the next one, because this was too slow to take them. Raise
    `Unavailable` when the show cannot be reached, or ends.
    """
    async with ClientSession(timeout=_patiently()) as session:
        try:
            async with asyncio.timeout(PATIENCE):
                watched = await session.ws_connect(f"{running.url}/api/signals", heartbeat=HEARTBEAT, max_msg_size=0)
        except (ClientError, OSError, TimeoutError) as error:
            raise _unreachable(running, error) from error
        async with watched:
            async for message in watched:
                if message.type is not WSMsgType.TEXT:
                    continue
                for line in message.data.split("\n"):
                    told = orjson.loads(line)
                    if "lost" in told:
                        lost(told["lost"])
                    else:
                        yield Batch(told["time"], [(path, tuple(values)) for path, values in told["samples"]])
    raise Unavailable(f"the show of {running.called} has ended, or answers no more")


async def status(running: Running) -> dict[str, Any]:
    """Return how the show stands, as its page is told: the fields of `bridge.status.Status`. Raise `Unavailable`."""
    try:
        async with (
            ClientSession(timeout=_patiently()) as session,
            session.get(f"{running.url}/api/status", raise_for_status=True) as answer,
        ):
            told: dict[str, Any] = orjson.loads(await answer.read())
            return told
    except (ClientError, OSError, TimeoutError, ValueError) as error:
        raise _unreachable(running, error) from error


def _patiently() -> ClientTimeout:
    return ClientTimeout(total=None, sock_connect=PATIENCE, sock_read=PATIENCE)


def _unreachable(running: Running, error: Exception) -> Unavailable:
    why = str(error) or "no answer"
    return Unavailable(f"the show of {running.called} cannot be reached at {running.url}: {why}")


def _is_same(one: str, other: Path) -> bool:
    return os.path.normcase(os.path.realpath(one)) == os.path.normcase(os.path.realpath(other))


def _listens(url: str) -> bool:
    try:
        place = URL(url)
        with socket.create_connection((place.host or "", place.port or 0), _LOOK):
            return True
    except (OSError, ValueError):
        return False
