"""What shows Scope's frames: each output on its own clock, in its own thread, blind to the others.

`paced` says when a picture goes out, `player` which one, `painter` how it looks; a driver per kind shows it.
"""

from typing import assert_never

from bridge.outputs.incoming import Incoming
from bridge.outputs.paced import PacedOutput
from bridge.profile.outputs import Ndi, OutputOptions, Recording, Spout, Stream, Syphon, Window


def open_output(name: str, options: OutputOptions, incoming: Incoming) -> PacedOutput:
    """Return the output that `options` describe, fed by `incoming`; nothing is opened before its `run`."""
    match options:
        case Ndi():
            from bridge.outputs.ndi import NdiDriver

            return PacedOutput(name, options, incoming, lambda: NdiDriver(options), f"NDI source {options.name}")
        case Spout():
            from bridge.outputs.spout import SpoutDriver

            return PacedOutput(name, options, incoming, lambda: SpoutDriver(options), f"Spout sender {options.name}")
        case Syphon():
            from bridge.outputs.syphon import SyphonDriver

            syphon = SyphonDriver(options)  # made here, in the event loop's thread, as it wants to be
            return PacedOutput(name, options, incoming, lambda: syphon, f"Syphon server {options.name}")
        case Window():
            from bridge.outputs.window import WindowDriver

            return PacedOutput(name, options, incoming, lambda: WindowDriver(options), f"screen {options.screen}")
        case Recording():
            from bridge.outputs.recording import RecordingDriver

            tape = RecordingDriver(options, incoming.folder)  # one for all takes: it knows how the last one ended
            return PacedOutput(name, options, incoming, lambda: tape, f"recording {options.file}")
        case Stream():
            from bridge.outputs.stream import StreamDriver

            # The address may hold a key that is nobody's business: the driver says where it goes.
            return PacedOutput(name, options, incoming, lambda: StreamDriver(options), "stream")
        case _:
            assert_never(options)
