"""MIDI: what a message costs on its way from bytes to a signal.

The peer is mido's `Parser`, given the same bytes, with its messages taken: what one gets from mido over python-rtmidi, before
anything is done with it.
"""

import importlib
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from bridge import mapping
from bridge.bench import midi_ports
from bridge.bench.measuring import Contender, Effort, Figure, Part, side_by_side
from bridge.errors import Refused
from bridge.inputs.midi.decode import Decoder
from bridge.parameters import PARAMETERS
from bridge.profile.model import ParameterTarget, Profile, Route
from bridge.signals import Batch, Sample

MESSAGES: Final = 20_000
"""Decoded in a round."""
CHEAPER: Final = 1 / 15
"""The highest ratio to mido that will do, of messages that stand for themselves."""
BURST: Final = 10
"""Messages that come together to the mapping."""
SLICE: Final = 64
"""Bytes of a stream that are read at once."""
HANDS: Final = (0xB0, 0xB0, 0xB0, 0x90, 0x80, 0xE0, 0xA0, 0xD0)
"""What arrives in a show, as often as it is named here."""
PEER: Final = "mido's parser"

Messages = Sequence[Sequence[int]]
"""Whole messages or slices, as lists of numbers: what python-rtmidi hands over."""


# From bytes to signals


def _decode(effort: Effort) -> Iterator[Figure]:
    """Decode the same messages both ways in turn: a fader, what hands do on all kinds of controls, and two halves of a value."""
    parser = _parser()
    count = effort.times(MESSAGES)
    for name, messages, target in (
        ("a control change", _fader(count), CHEAPER),
        ("a message of a show: faders, wheels, notes, pressure", _hands(count), CHEAPER),
        ("a message of a 14-bit pair", _halves(count), None),
        (f"a message in a stream, {SLICE} bytes at a time", _slices(_hands(count)), None),
    ):
        contenders = {"ours": _decoding(messages, count), "mido's": _parsing(messages, count, parser)}
        times = side_by_side(contenders, effort.rounds)
        yield Figure(f"bytes to signal, {name}", times["ours"], "µs", PEER, times["mido's"], target)


def _decoding(messages: Messages, count: int) -> Contender:
    decoder, samples = Decoder("bench"), list[Sample]()

    def run() -> None:
        read = decoder.read
        for data in messages:
            read(data, samples)

    return Contender(run, count, before=samples.clear)


def _parsing(messages: Messages, count: int, parser: Callable[[], Any]) -> Contender:
    mido, taken = parser(), list[Any]()

    def run() -> None:
        feed, get = mido.feed, mido.get_message
        for data in messages:
            feed(data)
            while (message := get()) is not None:
                taken.append(message)

    return Contender(run, count, before=taken.clear)


# From bytes to what Scope is told


def _through(effort: Effort) -> Iterator[Figure]:
    """Take a fader's messages from bytes through one and the same mapping, decoded both ways in turn."""
    parser = _parser()
    count = effort.times(MESSAGES)
    messages = _fader(count)
    contenders = {"ours": _mapping(messages, count), "mido's": _mapping_after(messages, count, parser)}
    times = side_by_side(contenders, effort.rounds)
    yield Figure("bytes to mapping, a control change", times["ours"], "µs", f"{PEER}, same mapping", times["mido's"])


def _mapping(messages: Messages, count: int) -> Contender:
    decoder, playing = Decoder("bench"), _played()

    def run() -> None:
        for begin in range(0, len(messages), BURST):
            samples: list[Sample] = []
            for data in messages[begin : begin + BURST]:
                decoder.read(data, samples)
            playing.feed(Batch(0.0, samples))

    return Contender(run, count, before=lambda: playing.take(0.0))


def _mapping_after(messages: Messages, count: int, parser: Callable[[], Any]) -> Contender:
    mido, playing = parser(), _played()

    def run() -> None:
        for begin in range(0, len(messages), BURST):
            samples: list[Sample] = []
            for data in messages[begin : begin + BURST]:
                mido.feed(data)
                while (message := mido.get_message()) is not None:
                    samples.append((f"bench/cc/{message.channel + 1}/{message.control}", (message.value / 127,)))
            playing.feed(Batch(0.0, samples))

    return Contender(run, count, before=lambda: playing.take(0.0))


def _played() -> mapping.Mapping:
    target = ParameterTarget(PARAMETERS["noise_scale"])
    route = Route("bench/cc/1/72", target, "noise_scale", source=(0.0, 1.0))
    return mapping.compile(Profile("bench.yaml", routes=(route,)))


def _parser() -> Callable[[], Any]:
    """Return what makes one of mido's parsers. Raise `Refused` if mido is not there."""
    try:
        parser: Callable[[], Any] = importlib.import_module("mido").Parser
    except ImportError as error:
        raise Refused("mido is not installed, and MIDI is measured beside it; run: pip install mido") from error
    return parser


# What hands do, without any


def _fader(count: int) -> Messages:
    return [[0xB0, 72, number % 128] for number in range(count)]


def _hands(count: int) -> Messages:
    """Return messages on sixteen channels that depend on no other; releases as of devices that measure no velocity."""
    rng = random.Random(1)
    messages: list[list[int]] = []
    for _ in range(count):
        kind, number, value = rng.choice(HANDS), rng.randrange(64, 90), rng.randrange(1, 128)
        data = {0x80: [number, 64], 0xD0: [value]}.get(kind, [number, value])
        messages.append([kind | rng.randrange(16), *data])
    return messages


def _halves(count: int) -> Messages:
    return [[0xB0, 39, number // 2 % 128] if number % 2 else [0xB0, 7, number // 256 % 128] for number in range(count)]


def _slices(messages: Messages) -> Messages:
    stream = [byte for message in messages for byte in message]
    return [stream[at : at + SLICE] for at in range(0, len(stream), SLICE)]


PARTS: Final = {"decode": Part(_decode), "mapping": Part(_through), **midi_ports.PARTS}
