"""What is our own: making the rehearsal server fail, and changing how fast it is."""

import asyncio
import logging
import os
import signal

from aiohttp import web

from bridge.rehearsal import requests
from bridge.rehearsal.api.answers import Ailments
from bridge.rehearsal.faults import Fault, Planned
from bridge.rehearsal.pipelines import Pipelines
from bridge.rehearsal.sessions import Sessions

logger = logging.getLogger(__name__)

_LAST_WORDS = 0.05
"""How long a crash waits, in seconds, so that whoever asks for it hears that it was understood."""


class Troubles:
    """The routes of the rehearsal itself. Several faults may be in force at once."""

    def __init__(
        self, pipelines: Pipelines, sessions: Sessions, ailments: Ailments, frames: int, tasks: asyncio.TaskGroup
    ) -> None:
        """`frames` is how many frames a chunk of the server has."""
        self._pipelines, self._sessions, self._ailments = pipelines, sessions, ailments
        self._frames, self._tasks = frames, tasks

    def routes(self) -> list[web.RouteDef]:
        """Return what is answered here."""
        return [web.post("/rehearsal/fault", self._fault), web.post("/rehearsal/chunk", self._chunk)]

    async def _fault(self, request: web.Request) -> web.Response:
        body = requests.read(requests.FaultRequest, await request.read(), request.content_type)
        planned = body.planned
        if planned is None:
            self.heal()
        elif planned.after is not None or planned.fault is Fault.CRASH:
            self._tasks.create_task(self._later(planned), name=f"fault {planned}")
        else:
            self.strike(planned)
        return web.json_response({"fault": body.fault})

    async def _later(self, planned: Planned) -> None:
        await asyncio.sleep(max(planned.after or 0.0, _LAST_WORDS))
        self.strike(planned)

    async def _chunk(self, request: web.Request) -> web.Response:
        body = requests.read(requests.ChunkRequest, await request.read(), request.content_type)
        timing = self._sessions.timing
        if body.seconds is not None:
            timing.seconds_per_frame = body.seconds / self._frames
        if body.jitter is not None:
            timing.jitter = body.jitter
        logger.info("A chunk takes %g s now, jitter %g", timing.seconds_per_frame * self._frames, timing.jitter)
        told = {"seconds": timing.seconds_per_frame * self._frames, "jitter": timing.jitter}
        return web.json_response(told)

    async def play(self, faults: tuple[Planned, ...], begun: asyncio.Event) -> None:
        """Let planned faults come: what is in force from the start at once, the others after the first chunk."""
        later = [one for one in faults if one.fault.strikes or one.after is not None]
        for one in faults:
            if one not in later:
                self.strike(one)
        if not later:
            return
        await begun.wait()
        async with asyncio.TaskGroup() as tasks:
            for one in later:
                tasks.create_task(self._after(one), name=f"fault {one}")

    async def _after(self, planned: Planned) -> None:
        await asyncio.sleep(planned.after or 0.0)
        self.strike(planned)

    def strike(self, planned: Planned) -> None:
        """Let a fault come now."""
        logger.warning("Rehearsing a fault: %s", planned)
        match planned.fault:
            case Fault.CRASH:
                # Where there is no SIGKILL (Windows), any signal but two ends the process as surely.
                os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
            case Fault.FREEZE:
                self._sessions.freeze()
            case Fault.DEAF:
                self._sessions.deaf = True
            case Fault.OOM:
                self._sessions.oom()
            case Fault.LOST_ICE:
                self._sessions.lose_ice()
            case Fault.LOAD_ERROR:
                self._pipelines.failing = True
            case Fault.SLOW_LOAD:
                self._pipelines.slow = planned.amount
            case Fault.ERRORS:
                self._ailments.errors = True
            case Fault.GARBAGE:
                self._ailments.garbage = True
            case Fault.LAG:
                self._sessions.network.lag = planned.amount / 1000
            case Fault.LOSS:
                self._sessions.network.loss = planned.amount

    def heal(self) -> None:
        """End all faults that can be healed. What froze, ran out of memory or crashed is gone for good."""
        logger.info("Rehearsing no fault any more")
        self._sessions.heal()
        self._pipelines.failing, self._pipelines.slow = False, None
        self._ailments.errors = self._ailments.garbage = False
