"""However a stream is sliced and whatever is in it: the same samples, and nothing raises."""

import random
from collections.abc import Iterable, Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.inputs.midi.assemble import LONGEST
from bridge.inputs.midi.decode import Decoder
from bridge.profile.controllers.model import Controller
from bridge.signals import Sample
from tests.inputs.midi.test_decode_controller import CONTROLLER
from tests.inputs.midi.test_decode_mpe import zone

SEEDS = [
    *("B0 07 40 27 01", "B0 07 41", "27 02", "B0 30 40", "B0 00 01 20 02", "C0 05", "B0 62 05", "B0 2F 41"),
    *("B0 63 08 62 00 06 40", "B0 06 40", "B0 26 01", "60 00", "61 00", "B0 65 7F 64 7F", "91 3C 40", "81 3C 10"),
    *(zone(5), zone(0), zone(7, 16), "E1 00 40", "D1 30", "B1 4A 20", "A1 3C 40", "90 3C 40 3C 00", "F8", "FE", "FA"),
    *("F2 01 02", "F3 01", "F6", "F1 01 F1 10 F1 21 F1 30 F1 41 F1 50 F1 61 F1 72", "F1 00", "F1 10", "F0 7D 01 02 F7"),
    *("F0 7F 7F 01 01 21 02 03 04 F7", "F0 00 20 29 02 11 77 03 F7", "F7", "F4", "40", "F0 01", "E0 00", "B2 06 40"),
]


def decoded(slices: Iterable[Sequence[int]], controller: Controller | None) -> list[Sample]:
    decoder, samples = Decoder("in", controller), list[Sample]()
    for data in slices:
        decoder.read(data, samples)
    return samples


def sliced(stream: bytes, rng: random.Random, longest: int) -> Iterable[bytes]:
    at = 0
    while at < len(stream):
        end = at + rng.randint(1, longest)
        yield stream[at:end]
        at = end


messages = st.one_of(st.sampled_from([bytes.fromhex(seed) for seed in SEEDS]), st.binary(max_size=6))


@settings(deadline=None, max_examples=200)
@given(st.lists(messages, max_size=40), st.sampled_from([None, CONTROLLER]), st.randoms(use_true_random=False))
def test_any_slicing_gives_the_same_samples(
    parts: list[bytes], controller: Controller | None, rng: random.Random
) -> None:
    stream = b"".join(parts)
    whole = decoded([stream], controller)

    assert decoded(parts, controller) == whole, "message by message"
    assert decoded([list(part) for part in parts], controller) == whole, "as rtmidi hands them over"
    assert decoded([stream[at : at + 1] for at in range(len(stream))], controller) == whole, "byte by byte"
    assert decoded(sliced(stream, rng, 7), controller) == whole, "anyhow"


def test_a_million_random_bytes_give_the_same_samples_in_any_slices_and_raise_nothing() -> None:
    rng = random.Random(19830801)
    stream = rng.randbytes(1_000_000)

    whole = decoded([stream], None)

    assert decoded(sliced(stream, rng, 9), None) == whole
    assert len(whole) > 50_000, "the storm should not be harmless"


def test_a_storm_of_messages_that_go_wrong_now_and_then_does_not_depend_on_slices_either() -> None:
    """Random bytes rarely make a pair or a zone: here are messages that do, each time a little spoilt."""
    rng = random.Random(20251208)
    seeds = [bytes.fromhex(seed) for seed in SEEDS] + [b"\xf0" + b"\x01" * LONGEST]
    weights = [100] * len(SEEDS) + [1]
    parts = []
    for part in rng.choices(seeds, weights, k=20_000):
        spoilt = bytearray(part)
        match rng.randrange(12):
            case 0:
                spoilt[rng.randrange(len(spoilt))] = rng.randrange(256)
            case 1:
                del spoilt[rng.randrange(len(spoilt))]
            case 2:
                spoilt.insert(rng.randrange(len(spoilt)), rng.choice((0xF8, 0xFE, 0xB0, 0x00)))
        parts.append(bytes(spoilt))
    stream = b"".join(parts)

    for controller in (None, CONTROLLER):
        whole = decoded([stream], controller)

        assert decoded(parts, controller) == whole
        assert decoded((stream[at : at + 1] for at in range(len(stream))), controller) == whole
        assert decoded(sliced(stream, rng, 20), controller) == whole
        kinds = {path.split("/")[1] for path, _ in whole}
        assert kinds >= {"cc", "cc14", "note", "bend", "pressure", "program", "mpe", "rpn", "sysex", "timecode"} - (
            {"cc14"} if controller else set()
        )


def test_values_of_known_range_are_within_it_whatever_comes() -> None:
    rng = random.Random(5)
    stream = b"".join(bytes.fromhex(seed) for seed in rng.choices(SEEDS, k=5_000)) + rng.randbytes(50_000)

    for path, values in decoded([stream], None):
        if path.split("/")[1] in ("cc", "cc14", "nrpn", "rpn", "bend", "pressure", "note", "mpe"):
            (value,) = values
            assert isinstance(value, float)
            assert 0.0 <= value <= 1.0
