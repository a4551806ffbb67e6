"""What the panel's tests share: a show whose status a test writes, and a panel that serves it."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import av
import numpy as np

from bridge.clock import now
from bridge.console.panel.server import Panel
from bridge.frames import Frame, Latest
from bridge.outputs.preview import Preview
from bridge.signals import Batch, Emit, Value
from bridge.status import InputStatus, OutputStatus, Phase, RouteStatus, ScopeStatus, Status

Colour = tuple[int, int, int]
RED, GREEN, BLUE = (200, 30, 30), (20, 180, 40), (30, 40, 200)


def a_status() -> Status:
    return Status(
        "mappings/demo.yaml",
        12.5,
        ScopeStatus(
            "http://127.0.0.1:8000", Phase.STREAMING, "longlive plays", "0.2.4", "longlive", 15.6, 0.77, 190, 15, 16, 0.04, 2
        ),
        (InputStatus("stage", "OSC on 127.0.0.1:9000", 750),),
        (OutputStatus("program", "NDI source SHOW (Scope Bridge)", 300, 20, 0, 1),),
        (
            RouteStatus("stage/fader1", "noise_scale", 0.75, 0.5, 9.0),
            RouteStatus("stage/prompt", "prompt", "a reef", "a reef", 9.0),
        ),
        "a reef",
        ("reef", "neon"),
    )  # fmt: skip


@dataclass
class Show:
    """A scripted show: `status` is what the page is told, `batches` is what the page asked for, `refusal` the answer."""

    status: Status = field(default_factory=a_status)
    batches: list[Batch] = field(default_factory=list)
    refusal: str | None = None
    snapshots: int = 0

    def __post_init__(self) -> None:
        self.listening: list[Emit] = []
        self.mailbox = Latest()
        self.preview = Preview(self.mailbox)
        self.panel = Panel("127.0.0.1", 0, self.snapshot, self.act, self.preview, self.listen)

    def snapshot(self) -> Status:
        self.snapshots += 1
        return self.status

    def act(self, batch: Batch) -> str | None:
        self.batches.append(batch)
        return self.refusal

    def listen(self, emit: Emit) -> Callable[[], None]:
        self.listening.append(emit)
        return lambda: self.listening.remove(emit)

    def arrive(self, batch: Batch) -> None:
        for emit in self.listening:
            emit(batch)

    def asked(self) -> list[tuple[str, tuple[Value, ...]]]:
        return [sample for batch in self.batches for sample in batch.samples]

    def set_route(self, index: int, asked: Value, in_picture: Value, age: float) -> None:
        routes = list(self.status.routes)
        routes[index] = replace(routes[index], asked=asked, in_picture=in_picture, age=age)
        self.status = replace(self.status, routes=tuple(routes))

    def set_output(self, frozen: bool, level: float) -> None:
        self.status = replace(self.status, outputs=(replace(self.status.outputs[0], frozen=frozen, level=level),))

    def paint(self, colour: Colour, size: tuple[int, int] = (64, 36)) -> None:
        self.put(np.full((size[1], size[0], 4), (*colour, 255), np.uint8))

    def put(self, pixels: np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]) -> None:
        self.mailbox.put(Frame(av.VideoFrame.from_ndarray(pixels, format="rgba").reformat(format="yuv420p"), now(), 0))

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[Panel, None]:
        """Serve for as long as the block runs; leaving it must not take long, whoever still watches."""
        async with asyncio.TaskGroup() as tasks:
            services = [tasks.create_task(self.panel.run()), tasks.create_task(self.preview.run())]
            async with asyncio.timeout(10):
                await self.panel.opened.wait()
            yield self.panel
            for service in services:
                service.cancel()
            async with asyncio.timeout(10):
                await asyncio.wait(services)
