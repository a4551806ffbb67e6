"""MPE: notes with a channel each are heard as their zone's."""

import pytest

from bridge.inputs.midi.decode import Decoder
from bridge.signals import Sample
from tests.inputs.midi.wire import heard


def zone(members: int, manager: int = 1) -> str:
    """What configures a zone: registered parameter 6, on its manager channel."""
    return f"B{manager - 1:X} 65 00 64 06 06 {members:02X}"


def after(setup: str, *messages: str) -> list[Sample]:
    """What comes of messages once the zones are set up."""
    return heard(setup, *messages)[len(heard(setup)) :]


def note(number: int, what: str = "", manager: int = 1, value: float = 1.0) -> Sample:
    return f"in/note/{manager}/{number}{what}", (value,)


def newest(what: str, value: int, manager: int = 1) -> Sample:
    return f"in/mpe/{manager}/{what}", (value / 127,)


def pressed(number: int, velocity: int, manager: int = 1) -> list[Sample]:
    return [
        newest("note", number, manager),
        note(number, "/velocity", manager, velocity / 127),
        note(number, "", manager),
    ]


def bent(value: float, number: int, manager: int = 1) -> list[Sample]:
    return [note(number, "/bend", manager, value), (f"in/mpe/{manager}/bend", (value,))]


def test_a_note_on_a_member_channel_is_its_managers() -> None:
    samples = after(zone(5), "91 3C 40", "E1 00 00", "D1 7F", "B1 4A 20", "A1 3C 10", "81 3C 20")

    assert samples == [
        *pressed(60, 64),
        *bent(0.0, 60),
        note(60, "/pressure"),
        newest("pressure", 127),
        note(60, "/timbre", value=32 / 127),
        newest("timbre", 32),
        note(60, "/pressure", value=16 / 127),
        note(60, "/release", value=32 / 127),
        note(60, value=0.0),
    ]


def test_how_a_channel_is_bent_and_pressed_is_told_when_its_note_begins() -> None:
    samples = after(zone(5), "E1 00 40", "B1 4A 20", "91 3C 40")

    assert samples == [
        note(60, "/bend", value=0.5),
        note(60, "/timbre", value=32 / 127),
        newest("note", 60),
        ("in/mpe/1/bend", (0.5,)),
        newest("timbre", 32),
        note(60, "/velocity", value=64 / 127),
        note(60),
    ]


def test_the_newest_note_that_sounds_is_the_zones() -> None:
    samples = after(
        zone(5), "91 3C 40", "92 40 50", "E1 00 00", "E2 00 40", "92 40 00", "E1 00 40", "91 3C 00", "E1 00 00"
    )

    assert samples == [
        *pressed(60, 64),
        *pressed(64, 80),
        note(60, "/bend", value=0.0),
        *bent(0.5, 64),
        note(64, value=0.0),
        newest("note", 60),
        ("in/mpe/1/bend", (0.0,)),
        *bent(0.5, 60),
        note(60, value=0.0),
    ]


def test_a_note_that_is_pressed_again_is_the_newest_again() -> None:
    samples = after(zone(5), "91 3C 40", "92 40 50", "91 3C 20", "E1 00 40", "81 3C 40")

    assert samples == [
        *pressed(60, 64),
        *pressed(64, 80),
        *pressed(60, 32),
        *bent(0.5, 60),
        note(60, value=0.0),
        newest("note", 64),
    ]


def test_notes_that_share_a_channel_are_bent_together_and_one_number_sounds_until_its_last_is_let_go() -> None:
    samples = after(zone(5), "91 3C 40", "91 40 40", "E1 00 00", "92 3C 40", "81 3C 00", "82 3C 00")

    assert samples == [
        *pressed(60, 64),
        *pressed(64, 64),
        note(60, "/bend", value=0.0),
        *bent(0.0, 64),
        *pressed(60, 64),
        note(60, value=0.0),
        newest("note", 64),
        ("in/mpe/1/bend", (0.0,)),
    ]


def test_what_is_no_note_stays_raw_and_so_does_the_manager() -> None:
    samples = after(zone(5), "B1 48 7F", "C1 00", "B0 4A 7F", "90 3C 7F", "E0 00 40", "D0 7F", "E6 00 40")

    assert samples == [
        ("in/cc/2/72", (1.0,)),
        ("in/program/2", (1,)),
        ("in/program/2/1", ()),
        ("in/cc/1/74", (1.0,)),
        note(60, "/velocity"),
        note(60),
        ("in/bend/1", (0.5,)),
        ("in/pressure/1", (1.0,)),
        ("in/bend/7", (0.5,)),
    ]


def managers(*setup: str) -> dict[int, int]:
    """Whose notes are heard on each channel; itself for one that is in no zone."""
    decoder, ignored = Decoder("in"), list[Sample]()
    for message in setup:
        decoder.read(bytes.fromhex(message), ignored)
    found = {}
    for channel in range(1, 17):
        samples: list[Sample] = []
        decoder.read((0x90 | channel - 1, 60, 0), samples)
        found[channel] = int(samples[0][0].split("/")[2])
    return found


def expected(lower: int = 0, upper: int = 0) -> dict[int, int]:
    own = {channel: channel for channel in range(1, 17)}
    return own | dict.fromkeys(range(2, 2 + lower), 1) | dict.fromkeys(range(16 - upper, 16), 16)


@pytest.mark.parametrize(
    ("setup", "channels"),
    [
        ([], expected()),
        ([zone(5)], expected(5)),
        ([zone(5, 16)], expected(0, 5)),
        ([zone(15)], expected(15)),
        ([zone(14)], expected(14)),
        ([zone(7), zone(7, 16)], expected(7, 7)),
        ([zone(10), zone(7, 16)], expected(7, 7)),
        ([zone(7, 16), zone(10)], expected(10, 4)),
        ([zone(7), zone(14, 16)], expected(0, 14)),
        ([zone(15), zone(3, 16)], expected(11, 3)),
        ([zone(7), zone(15, 16)], {**expected(), **dict.fromkeys(range(1, 16), 16)}),
        ([zone(7), zone(0)], expected()),
        ([zone(7), zone(3, 16), zone(0)], expected(0, 3)),
        ([zone(10), zone(7, 16), zone(0, 16)], expected(7)),
        ([zone(15), zone(0, 16)], expected(15)),
        ([zone(7), zone(16)], expected(7)),
        ([zone(7, 3)], expected()),
    ],
    ids=[
        "none",
        "the lower one",
        "the upper one",
        "all channels",
        "all but the other manager",
        "both",
        "the upper one takes from the lower",
        "the lower one takes from the upper",
        "all but the manager is taken",
        "another manager among the members",
        "all is taken, the manager too",
        "switched off",
        "one of two switched off",
        "what was taken is not given back",
        "the other one switched off again",
        "more members than there are channels",
        "another channel configures nothing",
    ],
)
def test_a_zone_has_so_many_channels_and_the_newer_one_takes_them(setup: list[str], channels: dict[int, int]) -> None:
    assert managers(*setup) == channels


def test_notes_that_sound_are_let_go_when_their_zone_changes() -> None:
    assert after(zone(5) + "91 3C 40 92 3C 40", zone(3))[-2:] == [note(60, value=0.0), ("in/rpn/1/6", (3 / 127,))]
    assert after(zone(5) + "91 3C 40", zone(5))[-1] == ("in/rpn/1/6", (5 / 127,))
    assert note(60, value=0.0) not in after(zone(5) + "91 3C 40", zone(5), zone(3, 16))
    assert after(zone(5) + "91 3C 40", zone(0), "91 3C 40")[-2:] == [
        ("in/note/2/60/velocity", (64 / 127,)),
        ("in/note/2/60", (1.0,)),
    ]


def test_what_was_met_raw_before_is_the_zones_from_then_on() -> None:
    played = ("91 3C 40", "B1 4A 7F", "E1 00 40", "A1 3C 7F")

    assert heard(*played, zone(5), *played)[-len(after(zone(5), *played)) :] == after(zone(5), *played)
    assert heard(zone(5), *played, zone(0), *played)[-len(heard(*played)) :] == heard(*played)


def test_a_zone_that_shrinks_leaves_the_others_channels_as_they_are() -> None:
    samples = after(zone(3) + zone(10, 16) + "E1 00 40", zone(2, 16), "91 3C 40")

    assert note(60, "/bend", value=0.5) in samples
