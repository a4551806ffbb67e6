"""What shows Scope's frames: each output on its own clock, in its own thread, blind to the others."""

import asyncio
from typing import Protocol, assert_never

from bridge.frames import Latest
from bridge.profile.outputs import Ndi, OutputOptions, Recording, Spout, Syphon, Window
from bridge.status import OutputStatus


class Output(Protocol):
    """Something that shows frames. Its picture never goes away while `run` runs."""

    frozen: bool
    """Whether it holds the picture it shows, by hand. Set it from the event loop's thread."""
    level: float
    """Its master fader: 1 the picture as it is, 0 black; it gets there in a short fade. Set it from the same."""

    @property
    def name(self) -> str:
        """What the profile calls it."""

    async def run(self) -> None:
        """Show what arrives until cancelled. Raise `Unavailable` when its driver is missing or refuses."""

    def change(self, options: OutputOptions) -> bool:
        """Take other options while it runs, if nobody who watches would lose the picture; return whether it did."""

    def status(self) -> OutputStatus:
        """Return what it does and how it fares; cheap, from the event loop's thread."""


class Missing:
    """An output that the language has and this version cannot open: its status says so, and everything else plays."""

    def __init__(self, name: str, options: OutputOptions, where: str, what: str) -> None:
        """`where` is for the status: `Spout sender Scope`; `what` begins the sentence: `Spout outputs`."""
        self.name = name
        self.frozen = False
        self.level = 1.0
        self._options = options
        self._where = where
        self._why = f"{what} come with a later version"

    async def run(self) -> None:
        """Show nothing, until cancelled: there is no use in trying again."""
        await asyncio.Event().wait()

    def change(self, options: OutputOptions) -> bool:
        """Take the same options again, and no others: another kind may be one that can be opened."""
        return options == self._options

    def status(self) -> OutputStatus:
        """Return that it waits for a later version."""
        return OutputStatus(self.name, self._where, frozen=self.frozen, level=self.level, detail=self._why)


def open_output(name: str, options: OutputOptions, mailbox: Latest) -> Output:
    """Return the output that `options` describe, fed by `mailbox`; nothing is opened before its `run`."""
    match options:
        case Ndi():
            from bridge.outputs.ndi import NdiOutput

            return NdiOutput(name, options, mailbox)
        case Spout(sender):
            return Missing(name, options, f"Spout sender {sender}", "Spout outputs")
        case Syphon(server):
            return Missing(name, options, f"Syphon server {server}", "Syphon outputs")
        case Window(screen):
            return Missing(name, options, f"window on screen {screen}", "windows and full screens")
        case Recording(file):
            return Missing(name, options, f"recording {file}", "recordings")
        case _:
            assert_never(options)
