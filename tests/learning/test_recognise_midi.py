"""Which control was moved, from the bytes that controllers send to what learn makes of them."""

import itertools
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bridge.inputs.midi.decode import Decoder
from bridge.learning.recognise import Moved, Recogniser
from bridge.profile.inputs import Midi
from bridge.relative import RELATIVE, Relative
from bridge.signals import Batch, Sample

Message = Sequence[int]
INPUTS = {"apc": Midi("APC*")}


def moved(messages: Sequence[Message], step: float = 0.01) -> Moved | None:
    """Return what was moved when these messages came, evenly spaced, with the clock of a sequencer among them."""
    decoder, recogniser = Decoder("apc"), Recogniser(INPUTS)
    recogniser.begin()
    for number, message in enumerate(messages):
        samples: list[Sample] = []
        assert decoder.read(bytes((*message, 0xF8)), samples) == ""
        recogniser.hear(Batch(number * step, samples))
    return recogniser.moved(len(messages) * step + 10)


def to_and_fro(most: int, step: int) -> Iterator[int]:
    return itertools.chain(range(0, most + 1, step), range(most, -1, -step))


def pairs(number: int, channel: int = 0) -> list[Message]:
    """Return the two halves of a 14-bit controller, on its way."""
    ways = to_and_fro(16383, 100)
    return [one for v in ways for one in ((0xB0 + channel, number, v >> 7), (0xB0 + channel, number + 32, v & 127))]


def nrpn(number: int, *, whole: bool, each: bool) -> list[Message]:
    """Return the messages of an NRPN on its way; `whole` with the lower half, `each` with its number every time."""
    chosen: list[Message] = [(0xB0, 99, number >> 7), (0xB0, 98, number & 127)]
    messages: list[Message] = list(chosen)
    for value in to_and_fro(16383, 250):
        messages += [*(chosen if each else []), (0xB0, 6, value >> 7), *([(0xB0, 38, value & 127)] if whole else [])]
    return messages


SENT: list[tuple[str, list[Message], str, str]] = [
    ("a knob", [(0xB2, 48, value) for value in to_and_fro(127, 1)], "apc/cc/3/48", "place"),
    ("one below 32, which could be half of a pair", [(0xB0, 7, v) for v in to_and_fro(127, 1)], "apc/cc/1/7", "place"),
    ("one that could be the other half", [(0xB0, 39, v) for v in to_and_fro(127, 1)], "apc/cc/1/39", "place"),
    ("a pair", pairs(7), "apc/cc14/1/7", "place"),
    ("a pair on another channel", pairs(1, 9), "apc/cc14/10/1", "place"),
    ("an NRPN", nrpn(1024, whole=True, each=True), "apc/nrpn/1/1024", "place"),
    ("an NRPN of 7 bits", nrpn(5, whole=False, each=False), "apc/nrpn/1/5", "place"),
    ("pitch bend", [(0xE0, v & 127, v >> 7) for v in to_and_fro(16383, 100)], "apc/bend/1", "place"),
    (
        "a pad, hit hard, pressed harder",
        [(0x90, 60, 90), *((0xA0, 60, v) for v in range(40)), *((0xD0, v) for v in range(40)), (0x80, 60, 30)],
        "apc/note/1/60",
        "held",
    ),
    ("a pad that says 0 when it is let go", [(0x90, 60, 90), (0x90, 60, 0)], "apc/note/1/60", "held"),
    ("a button with a controller", [(0xB0, 90, 127), (0xB0, 90, 0)], "apc/cc/1/90", "held"),
    ("one program of a bank", [(0xB0, 0, 1), (0xB0, 32, 3), (0xC0, 4)], "apc/program/1/5", "trigger"),
    ("play", [(0xFA,)], "apc/start", "trigger"),
]


@pytest.mark.parametrize(("messages", "signal", "manner"), [one[1:] for one in SENT], ids=[one[0] for one in SENT])
def test_what_the_bytes_of_a_controller_are(messages: list[Message], signal: str, manner: str) -> None:
    found = moved(messages)
    assert found is not None
    assert (found.signal, found.manner) == (signal, manner)


UP_AND_DOWN: dict[Relative, tuple[int, int]] = {
    "twos complement": (0, 128),
    "offset": (64, 64),
    "sign magnitude": (0, 64),
    "on off": (0, 0),
}


def said(form: Relative, steps: int) -> int:
    up, down = UP_AND_DOWN[form]
    if form == "on off":
        return 127 if steps > 0 else 0
    if form == "sign magnitude":
        return steps if steps > 0 else down - steps
    return up + steps if steps > 0 else down + steps


@settings(max_examples=80, deadline=None)
@given(
    form=st.sampled_from(RELATIVE),
    right=st.lists(st.sampled_from([1, 1, 1, 2, 3]), min_size=6, max_size=30),
    left=st.lists(st.sampled_from([-1, -1, -1, -2, -3]), min_size=6, max_size=30),
    number=st.integers(64, 95),
)
@example(form="offset", right=[2, 3, 1, 2, 1, 2], left=[-1, -2, -1, -2, -1, -2], number=64)
def test_an_encoder_turned_both_ways_is_known_whatever_its_maker_chose(
    form: Relative, right: list[int], left: list[int], number: int
) -> None:
    turned = [1, 1, 1, *right, *left, -1, -1, -1]
    found = moved([(0xB0, number, said(form, steps)) for steps in turned])
    assert found is not None
    assert (found.signal, found.manner, found.relative) == (f"apc/cc/1/{number}", "encoder", form)


@settings(max_examples=80, deadline=None)
@given(
    stops=st.lists(st.integers(0, 127), min_size=2, max_size=5),
    number=st.integers(64, 95),
    stride=st.integers(1, 5),
)
def test_a_knob_is_no_encoder_however_it_is_moved(stops: list[int], number: int, stride: int) -> None:
    values = [0]
    for stop in [*stops, 127]:
        values += range(values[-1], stop, stride if stop > values[-1] else -stride)
        values.append(stop)
    values = [value for value, _ in itertools.groupby(values)]  # it says each place once
    found = moved([(0xB0, number, value) for value in values])
    assert found is not None
    assert (found.signal, found.manner) == (f"apc/cc/1/{number}", "place")
