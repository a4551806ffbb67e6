"""A session with a rehearsal server, and what its frames say."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from bridge.frames import Fans, Frame
from bridge.profile.model import Scope
from bridge.session.service import Session
from bridge.session.store import SessionStore
from bridge.strip import Strip, read_frame

BEGIN = {"noise_scale": 0.3, "prompts": {"prompts": [{"text": "reef", "weight": 1.0}]}}


class Watched:
    """A session, and what its frames say."""

    def __init__(self, url: str, state: Path, load: dict[str, int] | None = None, scope: Scope | None = None) -> None:
        self.fans = Fans()
        self.fan = self.fans.main
        self.fan.tap(self._look)
        self.store = SessionStore(state)
        self.scope = replace(scope or Scope(load=load or {}), url=url, ice="loopback")
        self.session = Session(self.scope, self.fans, self.store)
        self.session.begin_with(BEGIN)
        self.strips: list[Strip] = []
        self.frames: list[Frame] = []

    def _look(self, frame: Frame) -> None:
        self.frames.append(frame)
        strip = read_frame(frame.video)
        if strip is not None:  # of what only passes through, there is none
            self.strips.append(strip)

    async def until(self, seen: Callable[[], bool], limit: float = 20.0) -> None:
        async with asyncio.timeout(limit):
            while not seen():
                await asyncio.sleep(0.01)

    async def frame(self) -> Strip:
        count = len(self.strips)
        await self.until(lambda: len(self.strips) > count)
        return self.strips[-1]

    def play(self, scene: Callable[["Watched"], Awaitable[None]]) -> "Watched":
        async def played() -> None:
            async with asyncio.TaskGroup() as tasks:
                running = tasks.create_task(self.session.run())
                await scene(self)
                running.cancel()

        asyncio.run(played())
        return self
