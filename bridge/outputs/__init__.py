"""What shows Scope's frames: each output on its own clock, in its own thread, blind to the others."""

from typing import Protocol, assert_never

from bridge.frames import Latest
from bridge.profile.outputs import Ndi, OutputOptions
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


def open_output(name: str, options: OutputOptions, mailbox: Latest) -> Output:
    """Return the output that `options` describe, fed by `mailbox`; nothing is opened before its `run`."""
    match options:
        case Ndi():
            from bridge.outputs.ndi import NdiOutput

            return NdiOutput(name, options, mailbox)
        case _:
            assert_never(options)
