"""What listens to the rig: each input turns one part of the outside world into signals, blind to the others."""

import asyncio
from collections.abc import Sequence
from typing import Protocol, assert_never, runtime_checkable

from bridge.profile.inputs import Audio, Http, InputOptions, Midi, Osc, Video
from bridge.signals import Emit
from bridge.status import InputStatus
from bridge.surface import View


class Input(Protocol):
    """Something that turns the outside world into signals."""

    @property
    def name(self) -> str:
        """What the profile calls it: the first segment of its signals' paths."""

    async def run(self, emit: Emit) -> None:
        """Emit signals until cancelled. Raise `Unavailable` when the port or device is not there or goes away."""

    def status(self) -> InputStatus:
        """Return what it does and how it fares; cheap, from the event loop's thread."""


@runtime_checkable
class Surface(Protocol):
    """An input that can show what its controls stand for."""

    def show(self, view: View) -> None:
        """Take what all controls are to show from now on. Returns at once; only what changes is sent."""

    def refresh(self) -> None:
        """Tell the device everything anew that it is to show. Returns at once."""

    @property
    def shows(self) -> Sequence[str]:
        """The controls that can show something, as paths without the input's name; empty: none."""


class Missing:
    """An input that the language has and this version cannot open: its status says so, and everything else plays."""

    def __init__(self, name: str, where: str, what: str) -> None:
        """`where` is for the status: `MIDI port APC40`; `what` begins the sentence: `MIDI inputs`."""
        self.name = name
        self._where = where
        self._why = f"{what} come with a later version"

    async def run(self, emit: Emit) -> None:
        """Bring nothing, until cancelled: there is no use in trying again."""
        await asyncio.Event().wait()

    def status(self) -> InputStatus:
        """Return that it waits for a later version."""
        return InputStatus(self.name, self._where, detail=self._why)


def open_input(name: str, options: InputOptions) -> Input:
    """Return the input that `options` describe; nothing is opened before its `run`."""
    match options:
        case Osc():
            from bridge.inputs.osc import OscInput

            return OscInput(name, options)
        case Midi():
            from bridge.inputs.midi import MidiInput

            return MidiInput(name, options)
        case Audio(device):
            return Missing(name, f"sound from {device}", "audio inputs")
        case Video(kind, source):
            return Missing(name, f"video from {kind} {source}", "video inputs")
        case Http():
            return Missing(name, "HTTP and WebSocket", "HTTP and WebSocket inputs")
        case _:
            assert_never(options)
