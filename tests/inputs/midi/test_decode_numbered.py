"""Values of 14 bits from two messages, parameters that others choose, and banks of programs."""

import pytest

from bridge.inputs.midi.decode import Decoder
from bridge.signals import Sample
from tests.inputs.midi.wire import heard, raw


def fine(upper: int, lower: int, number: int = 7) -> Sample:
    return f"in/cc14/1/{number}", ((upper << 7 | lower) / 16383,)


PAIR = ("B0 07 40", "B0 27 01")
KNOWN = [raw(7, 64), raw(39, 1), fine(64, 1)]


# -------------------------------------------------------------------------------------------------------- 14-bit pairs


@pytest.mark.parametrize(
    ("stream", "after"),
    [
        (["B0 07 50", "B0 27 02"], [raw(7, 80), raw(39, 2), fine(80, 2)]),
        (["B0 07 50", "F8", "FE", "B0 27 02"], [raw(7, 80), ("in/clock", ()), raw(39, 2), fine(80, 2)]),
        (["B0 27 05", "B0 27 06"], [raw(39, 5), fine(64, 5), raw(39, 6), fine(64, 6)]),
        (["B0 07 50", "B0 48 01"], [raw(7, 80), fine(80, 0), raw(72, 1)]),
        (["B0 07 50", "B0 07 51"], [raw(7, 80), fine(80, 0), raw(7, 81)]),
        (["B0 07 50", "B1 27 01"], [raw(7, 80), fine(80, 0), raw(39, 1, channel=2)]),
        (["B0 07 50", "B0 48 01", "B0 27 03"], [raw(7, 80), fine(80, 0), raw(72, 1), raw(39, 3), fine(80, 3)]),
        (["B0 07 50", "F3 00"], [raw(7, 80), fine(80, 0), ("in/song", (1,))]),
        (["B0 07 50", "F6"], [raw(7, 80), fine(80, 0)]),
        (["B0 07 50", "F0 F7"], [raw(7, 80), fine(80, 0), ("in/sysex", (b"\xf0\xf7",))]),
        (["B0 07 50"], [raw(7, 80)]),
    ],
    ids=[
        "both halves",
        "real-time between them",
        "the lower half alone",
        "another control change instead",
        "the upper half again instead",
        "another channel's lower half instead",
        "the lower half later",
        "a song instead",
        "a message that says nothing instead",
        "a SysEx instead",
        "nothing yet",
    ],
)
def test_of_a_pair_the_upper_half_waits_for_the_lower_one(stream: list[str], after: list[Sample]) -> None:
    assert heard(*PAIR, *stream) == KNOWN + after
    assert heard(" ".join([*PAIR, *stream])) == KNOWN + after


@pytest.mark.parametrize(
    "stream",
    [
        ["B0 07 40", "B0 48 00", "B0 27 01"],
        ["B0 07 40", "B0 07 40", "90 27 01", "B0 27 01"],
        ["B0 07 40", "F6", "B0 27 01"],
        ["B0 07 40", "F0 F7", "B0 27 01"],
        ["B0 07 40", "B1 27 01"],
        ["B0 07 40", "B0 28 01"],
        ["B0 27 01", "B0 07 40"],
        ["B0 40 01", "B0 60 01"],
        ["90 07 40", "B0 27 01"],
    ],
)
def test_what_does_not_come_straight_after_makes_no_pair(stream: list[str]) -> None:
    samples = heard(*stream, "F6", *stream)  # new, and met before

    assert not [path for path, _ in samples if "cc14" in path]


def test_a_pair_is_found_also_when_its_halves_were_met_apart_before() -> None:
    assert heard("B0 27 01", "B0 07 40", "B0 48 00", "B0 27 02", "B0 07 41", "B0 27 03")[-2:] == [
        raw(39, 3),
        fine(65, 3),
    ]


def test_an_upper_half_that_nothing_follows_counts_once_it_settles() -> None:
    decoder, samples = Decoder("in"), list[Sample]()
    for message in (*PAIR, "B0 07 50"):
        decoder.read(bytes.fromhex(message), samples)
    samples.clear()

    assert decoder.waiting is not None
    decoder.settle(samples)
    assert samples == [fine(80, 0)]

    decoder.settle(samples)
    decoder.read(bytes.fromhex("B0 27 03"), samples)
    assert decoder.waiting is None
    assert samples == [fine(80, 0), raw(39, 3), fine(80, 3)]


def test_settling_leaves_a_message_that_is_under_way_alone() -> None:
    decoder, samples = Decoder("in"), list[Sample]()
    for part in (*PAIR, "B0 48 01", "B0 07 50 48"):
        decoder.read(bytes.fromhex(part), samples)
    decoder.settle(samples)
    samples.clear()

    assert decoder.read(bytes.fromhex("B0 48 03"), samples) == "a message cut short by another one"
    assert samples == [raw(72, 3)]


def test_all_values_of_a_pair_are_apart_and_in_order() -> None:
    decoder, samples = Decoder("in"), list[Sample]()
    for value in range(16384):
        decoder.read((0xB0, 7, value >> 7), samples)
        decoder.read((0xB0, 39, value & 127), samples)

    values = [values[0] for path, values in samples if path == "in/cc14/1/7"]
    assert values == [value / 16383 for value in range(16384)]


# ----------------------------------------------------------------------------------------------------- RPN and NRPN

CHOICE = ("B0 63 08", "B0 62 00")
CHOSEN = [raw(99, 8), raw(98, 0)]


def nrpn(value: float, number: int = 1024) -> Sample:
    return f"in/nrpn/1/{number}", (value,)


def exact(upper: int, lower: int) -> float:
    return (upper << 7 | lower) / 16383


@pytest.mark.parametrize(
    ("stream", "after"),
    [
        (["B0 06 40"], [nrpn(64 / 127)]),
        (["B0 06 40", "B0 06 41"], [nrpn(64 / 127), nrpn(65 / 127)]),
        (["B0 06 40", "B0 26 01"], [nrpn(64 / 127), nrpn(exact(64, 1))]),
        (["B0 06 40", "B0 26 01", "B0 06 41"], [nrpn(64 / 127), nrpn(exact(64, 1))]),
        (["B0 06 40", "B0 26 01", "B0 06 41", "B0 26 02"], [nrpn(64 / 127), nrpn(exact(64, 1)), nrpn(exact(65, 2))]),
        (
            ["B0 06 40", "B0 26 01", "B0 06 41", "B0 48 00", "B0 26 03"],
            [nrpn(64 / 127), nrpn(exact(64, 1)), nrpn(exact(65, 0)), raw(72, 0), nrpn(exact(65, 3))],
        ),
        (["B0 26 01", "B0 06 40", "B0 26 02"], [nrpn(exact(64, 2))]),
        (["B0 06 40", "B0 60 00", "B0 61 7F", "B0 61 00"], [nrpn(x / 127) for x in (64, 65, 64, 63)]),
        (["B0 60 00", "B0 61 00", "B0 61 00"], [nrpn(1 / 127), nrpn(0.0), nrpn(0.0)]),
        (["B0 06 7F", "B0 60 00"], [nrpn(1.0), nrpn(1.0)]),
        (
            ["B0 06 40", "B0 26 7F", "B0 60 00", "B0 61 00"],
            [nrpn(64 / 127), nrpn(exact(64, 127)), nrpn(exact(65, 0)), nrpn(exact(64, 127))],
        ),
        (
            ["B0 06 40", "B0 26 01", "B0 06 41", "B0 60 00"],
            [nrpn(64 / 127), nrpn(exact(64, 1)), nrpn(exact(65, 0)), nrpn(exact(65, 1))],
        ),
        (["B1 06 40"], [raw(6, 64, channel=2)]),
    ],
    ids=[
        "the upper half counts at once",
        "and again",
        "until a lower half was seen",
        "then it waits",
        "for the lower half",
        "or for anything else",
        "a lower half before any upper one",
        "increments and decrements",
        "which begin at 0 and go no lower",
        "and end at the top",
        "and are fine where halves are",
        "also after a half that waits",
        "another channel has chosen nothing",
    ],
)
def test_what_is_entered_is_the_value_of_the_chosen_parameter(stream: list[str], after: list[Sample]) -> None:
    assert heard(*CHOICE, *stream) == CHOSEN + after
    assert heard(" ".join([*CHOICE, *stream])) == CHOSEN + after


def test_a_registered_parameter_has_a_name_of_its_own() -> None:
    assert heard("B2 65 00 64 01 06 40") == [raw(101, 0, 3), raw(100, 1, 3), ("in/rpn/3/1", (64 / 127,))]


@pytest.mark.parametrize("null", [("65", "64"), ("63", "62"), ("64", "65"), ("62", "63")])
def test_the_null_parameter_ends_a_choice(null: tuple[str, str]) -> None:
    samples = heard(*CHOICE, "B0 06 10", *(f"B0 {half} 7F" for half in null), "B0 06 40", "B0 60 00", "B0 61 00")

    assert samples[2] == nrpn(16 / 127)
    assert samples[-3:] == [raw(6, 64), raw(96, 0), raw(97, 0)]


def test_after_the_null_parameter_a_number_needs_both_halves_again() -> None:
    assert heard("B0 65 00 64 01", "B0 65 7F 64 7F", "B0 64 01", "B0 06 40")[-1] == raw(6, 64)


def test_half_a_number_chooses_nothing_and_a_new_half_another_parameter() -> None:
    assert heard("B0 63 08", "B0 06 40") == [raw(99, 8), raw(6, 64)]
    assert heard("B0 62 08", "B0 06 40") == [raw(98, 8), raw(6, 64)]
    assert heard(*CHOICE, "B0 62 05", "B0 06 40")[-1] == nrpn(64 / 127, 1029)
    assert heard("B0 62 05", "B0 63 08", "B0 06 40")[-1] == nrpn(64 / 127, 1029)
    assert heard(*CHOICE, "B0 65 00", "B0 06 40")[-1] == raw(6, 64)
    assert heard(*CHOICE, "B0 65 00", "B0 64 01", "B0 63 08", "B0 06 40")[-1] == nrpn(64 / 127)


def test_while_nothing_is_chosen_data_entry_is_a_pair_like_others() -> None:
    assert heard("B0 06 40", "B0 26 01") == [raw(6, 64), raw(38, 1), fine(64, 1, number=6)]
    assert heard("B0 06 40", "B0 26 01", *CHOICE, "B0 06 41")[-1] == nrpn(65 / 127)


def test_each_parameter_keeps_its_own_value_and_precision() -> None:
    other = ("B0 63 08", "B0 62 01")

    samples = heard(*CHOICE, "B0 06 40", "B0 26 01", *other, "B0 06 20", *CHOICE, "B0 60 00", "B0 06 41", *other)

    assert [sample for sample in samples if "nrpn" in sample[0]] == [
        nrpn(64 / 127),
        nrpn(exact(64, 1)),
        nrpn(32 / 127, 1025),
        nrpn(exact(64, 2)),
        nrpn(exact(65, 0)),
    ]


def test_all_values_of_a_parameter_are_apart_and_in_order() -> None:
    decoder, samples = Decoder("in"), list[Sample]()
    decoder.read(bytes.fromhex("B0 63 08 62 00 06 00 26 00"), samples)
    samples.clear()
    for value in range(16384):
        decoder.read((0xB0, 6, value >> 7), samples)
        decoder.read((0xB0, 38, value & 127), samples)

    assert samples == [nrpn(value / 16383) for value in range(16384)]


def test_memory_is_bounded_however_many_parameters_are_chosen() -> None:
    decoder, samples = Decoder("in"), list[Sample]()
    for number in range(10_000):
        decoder.read((0xB0, 99, number >> 7, 0xB0, 98, number & 127, 0xB0, 6, 1), samples)

    assert len([path for path, _ in samples if "nrpn" in path]) == 10_000
    assert len(decoder._parameters._known) == 4096


# --------------------------------------------------------------------------------------------------------------- banks


@pytest.mark.parametrize(
    ("stream", "values"),
    [
        ("C0 04", (5,)),
        ("B0 00 01 20 02 C0 04", (130, 5)),
        ("B0 00 01 C0 04", (128, 5)),
        ("B0 20 02 C0 04", (2, 5)),
        ("B0 00 01 20 02 00 03 C0 04", (384, 5)),
        ("B0 00 01 20 02 C0 00 04", (130, 5)),
        ("B1 00 01 20 02 C0 04", (5,)),
    ],
)
def test_a_program_says_its_bank_where_one_was_chosen(stream: str, values: tuple[int, ...]) -> None:
    assert heard(stream)[-2:] == [("in/program/1", values), ("in/program/1/5", ())]


def test_choosing_a_bank_is_heard_as_control_changes_too() -> None:
    assert heard("B0 00 01", "B0 20 02") == [raw(0, 1), raw(32, 2), fine(1, 2, number=0)]
