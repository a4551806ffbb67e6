"""What each MIDI message is called and worth; running status, real-time bytes and what is wrong; held against mido."""

import random
from typing import Any

import mido
import pytest
from mido.messages import specs

from bridge.inputs.midi.assemble import LONGEST
from bridge.inputs.midi.decode import Decoder
from bridge.signals import Sample
from tests.inputs.midi.wire import heard, raw


@pytest.mark.parametrize(
    ("message", "samples"),
    [
        ("B0 30 40", [("in/cc/1/48", (64 / 127,))]),
        ("BF 7F 7F", [("in/cc/16/127", (1.0,))]),
        ("B0 48 00", [("in/cc/1/72", (0.0,))]),
        ("90 3C 7F", [("in/note/1/60/velocity", (1.0,)), ("in/note/1/60", (1.0,))]),
        ("99 24 01", [("in/note/10/36/velocity", (1 / 127,)), ("in/note/10/36", (1.0,))]),
        ("90 3C 00", [("in/note/1/60", (0.0,))]),
        ("80 3C 00", [("in/note/1/60", (0.0,))]),
        ("80 3C 40", [("in/note/1/60", (0.0,))]),
        ("80 3C 20", [("in/note/1/60/release", (32 / 127,)), ("in/note/1/60", (0.0,))]),
        ("A1 3C 7F", [("in/note/2/60/pressure", (1.0,))]),
        ("D1 7F", [("in/pressure/2", (1.0,))]),
        ("E0 00 00", [("in/bend/1", (0.0,))]),
        ("E0 00 40", [("in/bend/1", (0.5,))]),
        ("EF 7F 7F", [("in/bend/16", (1.0,))]),
        ("C0 04", [("in/program/1", (5,)), ("in/program/1/5", ())]),
        ("F0 7D 01 02 F7", [("in/sysex", (b"\xf0\x7d\x01\x02\xf7",))]),
        ("F0 F7", [("in/sysex", (b"\xf0\xf7",))]),
        ("F2 01 02", [("in/position", (257,))]),
        ("F3 00", [("in/song", (1,))]),
        ("F8", [("in/clock", ())]),
        ("FA", [("in/start", ())]),
        ("FB", [("in/continue", ())]),
        ("FC", [("in/stop", ())]),
        ("FF", [("in/reset", ())]),
        ("FE", []),
        ("F6", []),
        ("F4", []),
        ("F5", []),
        ("F9", []),
        ("FD", []),
        ("", []),
    ],
)
def test_a_message_has_its_name_and_its_value(message: str, samples: list[Sample]) -> None:
    assert heard(message) == samples
    assert heard(message, message) == samples * 2, "what was met before means the same"


def test_a_message_may_be_a_list_of_numbers_as_rtmidi_has_it() -> None:
    decoder, samples = Decoder("in"), list[Sample]()
    for message in ([0xB0, 80, 127], [0xD0, 0], [0xF0, 1, 0xF7], [0xF8]):
        assert decoder.read(message, samples) == ""

    assert samples == [raw(80, 127), ("in/pressure/1", (0.0,)), ("in/sysex", (b"\xf0\x01\xf7",)), ("in/clock", ())]


# --------------------------------------------------------------------------------------------------- how bytes come in


@pytest.mark.parametrize(
    ("stream", "samples"),
    [
        ("B0 48 01 48 02 49 03", [raw(72, 1), raw(72, 2), raw(73, 3)]),
        ("D0 01 02", [("in/pressure/1", (1 / 127,)), ("in/pressure/1", (2 / 127,))]),
        ("B0 F8 48 FA 01 FE 48 02", [("in/clock", ()), ("in/start", ()), raw(72, 1), raw(72, 2)]),
        ("F0 01 F8 02 F7", [("in/clock", ()), ("in/sysex", (b"\xf0\x01\x02\xf7",))]),
        ("F2 F8 01 FC 02", [("in/clock", ()), ("in/stop", ()), ("in/position", (257,))]),
    ],
    ids=["control changes", "pressure", "real-time bytes", "real-time bytes in a SysEx", "real-time bytes in others"],
)
def test_running_status_and_real_time_bytes(stream: str, samples: list[Sample]) -> None:
    assert heard(stream) == samples
    assert heard(*stream.split()) == samples


def test_running_status_goes_on_after_a_message_that_came_whole() -> None:
    assert heard("B0 48 01", "B0 48 02", "48", "03 49 04") == [raw(72, 1), raw(72, 2), raw(72, 3), raw(73, 4)]


def test_a_whole_message_within_another_one_ends_it() -> None:
    decoder, samples = Decoder("in"), list[Sample]()
    whole = bytes((0xB0, 72, 1))
    decoder.read(whole, samples)

    assert decoder.read(b"\xb0\x48", samples) == ""
    assert decoder.read(whole, samples) == "a message cut short by another one"
    assert decoder.read(b"\xf0\x01", samples) == ""
    assert decoder.read(whole, samples) == "a SysEx cut short by another message"
    assert samples == [raw(72, 1)] * 3


STRAY = "data bytes that belong to no message"


@pytest.mark.parametrize(
    ("stream", "samples", "problem"),
    [
        ("01 02 B0 48 01", [raw(72, 1)], STRAY),
        ("B0 48 01 F6 48 02", [raw(72, 1)], STRAY),
        ("B0 48 01 F1 00 48 02", [raw(72, 1)], STRAY),
        ("B0 48 01 F3 01 02", [raw(72, 1), ("in/song", (2,))], STRAY),
        ("B0 48 01 F0 F7 48 02", [raw(72, 1), ("in/sysex", (b"\xf0\xf7",))], STRAY),
        ("F4 01 F5 01 F9", [], STRAY),
        ("B0 48 01 F8 48 02", [raw(72, 1), ("in/clock", ()), raw(72, 2)], ""),
        ("B0 B0 48 01", [raw(72, 1)], "a message cut short by another one"),
        ("B0 48 B0 48 01", [raw(72, 1)], "a message cut short by another one"),
        ("F2 01 B0 48 01", [raw(72, 1)], "a message cut short by another one"),
        ("B0 48 01 48 B0 48 02", [raw(72, 1), raw(72, 2)], "a message cut short by another one"),
        ("F0 01 02 B0 48 01", [raw(72, 1)], "a SysEx cut short by another message"),
        ("F0 01 F0 02 F7", [("in/sysex", (b"\xf0\x02\xf7",))], "a SysEx cut short by another message"),
        ("F0 01 F6 02", [], "a SysEx cut short by another message"),
        ("F7", [], "the end of a SysEx that had not begun"),
        ("B0 48 F7 01", [], "the end of a SysEx that had not begun"),
        ("F0 01", [], ""),
        ("B0 48", [], ""),
    ],
)
def test_what_is_wrong_is_said_and_the_rest_counts(stream: str, samples: list[Sample], problem: str) -> None:
    found: list[Sample] = []

    said = Decoder("in").read(bytes.fromhex(stream), found)

    assert found == samples
    assert said == problem


def test_a_sysex_as_long_as_may_be_is_heard_and_a_longer_one_is_not() -> None:
    longest = b"\xf0" + b"\x01" * (LONGEST - 2) + b"\xf7"
    decoder, samples = Decoder("in"), list[Sample]()

    assert decoder.read(longest, samples) == ""
    assert samples == [("in/sysex", (longest,))]
    samples.clear()
    assert decoder.read(longest[:-1] + b"\x01\xf8\xf7", samples) == "a SysEx of more than 4096 bytes"
    assert decoder.read(longest[:-1] + b"\x01\x01", samples) == "a SysEx of more than 4096 bytes"
    assert decoder.read(b"\x01\xb0\x48\x01", samples) == "", "it was said once"
    assert decoder.read(longest, samples) == ""
    assert samples == [("in/clock", ()), raw(72, 1), ("in/sysex", (longest,))]


def test_paths_are_the_same_object_every_time() -> None:
    samples = heard(*["90 3C 40", "B0 48 01", "E0 00 40"] * 3)

    assert len({id(path) for path, _ in samples}) == len({path for path, _ in samples}) == 4


def test_a_wheel_has_16384_places_and_its_middle_is_the_middle() -> None:
    decoder, samples = Decoder("in"), list[Sample]()
    for value in range(16384):
        decoder.read((0xE0, value & 127, value >> 7), samples)

    values = [value for _, (value,) in samples if isinstance(value, float)]
    assert values == sorted(set(values))
    assert len(values) == 16384
    assert (values[0], values[8192], values[-1]) == (0.0, 0.5, 1.0)


# ----------------------------------------------------------------------------------------- against what mido writes


def meant(message: Any) -> list[Sample]:
    """What a message of mido's is called here, by its own words: its channels count from 0."""
    channel = message.channel + 1 if hasattr(message, "channel") else 0
    match message.type:
        case "note_on" if message.velocity:
            note = f"in/note/{channel}/{message.note}"
            return [(note + "/velocity", (message.velocity / 127,)), (note, (1.0,))]
        case "note_off" if message.velocity not in (0, 64):
            note = f"in/note/{channel}/{message.note}"
            return [(note + "/release", (message.velocity / 127,)), (note, (0.0,))]
        case "note_on" | "note_off":
            return [(f"in/note/{channel}/{message.note}", (0.0,))]
        case "polytouch":
            return [(f"in/note/{channel}/{message.note}/pressure", (message.value / 127,))]
        case "control_change":
            return [(f"in/cc/{channel}/{message.control}", (message.value / 127,))]
        case "program_change":
            path = f"in/program/{channel}"
            return [(path, (message.program + 1,)), (f"{path}/{message.program + 1}", ())]
        case "aftertouch":
            return [(f"in/pressure/{channel}", (message.value / 127,))]
        case "pitchwheel":
            half = 8192 if message.pitch < 0 else 8191
            return [(f"in/bend/{channel}", (0.5 + message.pitch / half / 2,))]
        case "sysex":
            return [("in/sysex", (bytes((0xF0, *message.data, 0xF7)),))]
        case "songpos":
            return [("in/position", (message.pos,))]
        case "song_select":
            return [("in/song", (message.song + 1,))]
        case "clock" | "start" | "continue" | "stop" | "reset":
            return [("in/" + message.type, ())]
        case _:
            return []


KINDS = [spec["type"] for spec in specs.SPECS]


def any_message(rng: random.Random) -> Any:
    """A message that depends on no other: of control changes those that stand for themselves."""
    kind = rng.choice(KINDS)
    seven = {name: rng.randrange(128) for name in ("note", "velocity", "value", "program", "song")}
    attributes = {
        **seven,
        "channel": rng.randrange(16),
        "control": rng.choice([*range(64, 96), *range(102, 128)]),
        "pitch": rng.randrange(-8192, 8192),
        "pos": rng.randrange(16384),
        "data": tuple(rng.randrange(128) for _ in range(rng.randrange(20))),
        # No time comes of it: the pieces are never in their order.
        "frame_type": 7,
        "frame_value": 0,
    }
    wanted = mido.Message(kind).dict().keys() & attributes.keys()
    return mido.Message(kind, **{name: attributes[name] for name in wanted})


def test_whatever_mido_writes_means_what_mido_meant() -> None:
    rng = random.Random(1983)
    decoder = Decoder("in")
    kinds = set()
    for _ in range(5_000):
        message = any_message(rng)
        kinds.add(message.type)
        samples: list[Sample] = []

        assert decoder.read(message.bytes(), samples) == ""

        assert [path for path, _ in samples] == [path for path, _ in meant(message)]
        assert [values for _, values in samples] == [pytest.approx(values) for _, values in meant(message)]
    assert kinds == set(KINDS)
