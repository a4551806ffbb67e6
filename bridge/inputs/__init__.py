"""What listens to the rig: each input turns one part of the outside world into signals, blind to the others."""

from typing import Protocol, assert_never

from bridge.profile.inputs import InputOptions, Osc
from bridge.signals import Emit
from bridge.status import InputStatus


class Input(Protocol):
    """Something that turns the outside world into signals."""

    @property
    def name(self) -> str:
        """What the profile calls it: the first segment of its signals' paths."""

    async def run(self, emit: Emit) -> None:
        """Emit signals until cancelled. Raise `Unavailable` when the port or device is not there or goes away."""

    def status(self) -> InputStatus:
        """Return what it does and how it fares; cheap, from the event loop's thread."""


def open_input(name: str, options: InputOptions) -> Input:
    """Return the input that `options` describe; nothing is opened before its `run`."""
    match options:
        case Osc():
            from bridge.inputs.osc import OscInput

            return OscInput(name, options)
        case _:
            assert_never(options)
