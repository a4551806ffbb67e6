"""Bytes as a cable brings them, written as people write them down."""

from bridge.inputs.midi.decode import Decoder
from bridge.profile.controllers.model import Controller
from bridge.signals import Sample


def heard(*messages: str, controller: Controller | None = None) -> list[Sample]:
    """Return what a decoder that has heard nothing before makes of these bytes; nothing may be wrong with them."""
    decoder, samples = Decoder("in", controller), list[Sample]()
    for message in messages:
        assert decoder.read(bytes.fromhex(message), samples) == ""
    return samples


def raw(number: int, value: int, channel: int = 1) -> Sample:
    """Return the sample of a control change."""
    return f"in/cc/{channel}/{number}", (value / 127,)
