"""What lamps, rings and motors are told, byte by byte."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.inputs.midi.decode import Decoder
from bridge.inputs.midi.showing import (
    Messages,
    Wish,
    lamp_dark,
    lamp_wish,
    motor_messages,
    ring_message,
    style_dark,
    style_message,
)
from bridge.profile.controllers.model import Address, Also, Lamp, LampKind, Manner, Message, Ring
from bridge.signals import Sample
from tests.inputs.midi.devices import ANIMATED, FLAGS, FREE, GRID, OWN_BLINK, SINGLE, cc, note


def hexed(messages: Messages) -> str:
    return ", ".join(message.hex(" ") for message in messages)


def told(kind: LampKind, light: str, at: Address | None = None) -> str:
    """Return what the lamp 36 on channel 1 is told, and after a bar what it is told in every second turn."""
    wish = lamp_wish(Lamp(at or note(36), kind), light)
    return hexed(wish.messages) + (f" | {hexed(wish.other)} every {wish.turn}" if wish.turn else "")


@pytest.mark.parametrize(
    ("kind", "light", "expected"),
    [
        (GRID, "red", "90 24 05"),
        (GRID, "off", "90 24 00"),
        (GRID, "", "90 24 00"),
        (GRID, "#000000", "90 24 00"),
        (GRID, "blink off", "90 24 00"),
        (GRID, "orange", "90 24 05"),
        (GRID, "#00c010", "90 24 15"),
        (GRID, "dim red", "91 24 05"),
        (SINGLE, "red", "90 24 7f"),
        (SINGLE, "#000000", "90 24 00"),
        (OWN_BLINK, "yellow", "90 24 05"),
        (OWN_BLINK, "blink red", "90 24 04"),
        (FLAGS, "off", "90 24 0c"),
        (FLAGS, "amber", "90 24 3f"),
        (FLAGS, "blink amber", "90 24 3b"),
    ],
)
def test_a_lamp_is_told_the_colour_or_the_nearest_one_in_its_manner(kind: LampKind, light: str, expected: str) -> None:
    assert told(kind, light) == expected


@pytest.mark.parametrize(
    ("light", "expected"), [("blink red", "90 24 00, 9b 24 05"), ("pulse white", "90 24 00, 96 24 03")]
)
def test_a_manner_of_a_channel_goes_to_and_fro_with_dark_and_not_with_what_was_there(light: str, expected: str) -> None:
    assert told(GRID, light) == expected


def test_a_manner_that_tells_the_plain_channel_itself_is_not_darkened_before() -> None:
    kind = LampKind("two colours", {"off": 0, "red": 5}, {"blink": Manner(channel=12, also=Also(1, 3))})

    assert told(kind, "blink red") == "9b 24 05, 90 24 03"


@pytest.mark.parametrize(
    ("light", "expected"),
    [
        ("red", "b1 05 55, b2 05 2f"),
        ("off", "b1 05 00, b2 05 2f"),
        ("dim blue", "b1 05 01, b2 05 19"),
        ("blink red", "b1 05 55, b2 05 04"),
        ("pulse red", "b1 05 7f"),
    ],
)
def test_what_comes_after_the_colour_says_the_manner(light: str, expected: str) -> None:
    assert told(ANIMATED, light, cc(5, channel=2)) == expected


@pytest.mark.parametrize(
    ("kind", "light", "expected"),
    [
        (SINGLE, "blink red", "90 24 7f | 90 24 00 every 1"),
        (SINGLE, "pulse red", "90 24 7f | 90 24 00 every 2"),
        (OWN_BLINK, "pulse red", "90 24 03 | 90 24 00 every 2"),
        (OWN_BLINK, "blink yellow", "90 24 05 | 90 24 00 every 1"),
        (FREE, "blink red", "90 24 05 | 90 24 00 every 1"),
    ],
)
def test_what_a_lamp_cannot_do_in_a_colour_is_done_by_turns(kind: LampKind, light: str, expected: str) -> None:
    assert told(kind, light) == expected


def test_dim_is_dark_where_no_lamp_is_dim_and_the_nearest_dim_colour_where_some_are() -> None:
    assert told(SINGLE, "dim red") == "90 24 00"
    assert told(OWN_BLINK, "dim yellow") in ("90 24 0b", "90 24 0d")
    assert told(OWN_BLINK, "dim red") == "90 24 0d"


def test_a_colour_that_a_lamp_lacks_is_mixed_where_it_can_be() -> None:
    assert told(FREE, "red") == "90 24 05"
    assert told(FREE, "#ff8004") == "f0 24 7f 40 02 01 7f 00 00 f7"
    assert told(FREE, "#ffffff") == "f0 24 7f 7f 7f 01 7f 7f 01 f7"
    assert told(FREE, "blink #ff8004") == "f0 24 7f 40 02 01 7f 00 00 f7 | 90 24 00 every 1"
    assert told(FREE, "dim #ff8004") == "f0 24 10 08 00 00 20 10 00 f7"
    assert told(FREE, "dim red") == "f0 24 10 00 00 00 20 00 00 f7"


def test_a_lamp_that_has_no_colour_but_off_is_dark_and_does_not_turn() -> None:
    assert told(LampKind("none", {"off": 7}), "blink red") == "90 24 07"


def test_a_value_stays_within_seven_bits() -> None:
    assert told(LampKind("odd", {"off": 0, "red": 120}, {"dim": Manner(add=20)}), "dim red") == "90 24 7f"


def test_a_light_that_is_no_colour_is_refused() -> None:
    with pytest.raises(ValueError, match="'rde' is not a colour"):
        told(GRID, "blink rde")


def test_a_wish_turns_at_its_ticks() -> None:
    blink, pulse = Wish((b"on",), (b"off",), 1), Wish((b"on",), (b"off",), 2)

    assert [blink.at(tick)[0] for tick in range(4)] == [b"on", b"off", b"on", b"off"]
    assert [pulse.at(tick)[0] for tick in range(5)] == [b"on", b"on", b"off", b"off", b"on"]
    assert [blink.next(tick) for tick in range(3)] == [1, 2, 3]
    assert [pulse.next(tick) for tick in range(3)] == [2, 2, 4]


@pytest.mark.parametrize(
    ("low", "high", "values"),
    [
        (0, 127, (0, 32, 64, 95, 127)),
        (1, 13, (1, 4, 7, 10, 13)),
        (0, 10, (0, 3, 5, 8, 10)),
        (127, 0, (127, 95, 63, 32, 0)),
    ],
)
def test_a_ring_shows_the_way_from_its_low_to_its_high_end(low: int, high: int, values: tuple[int, ...]) -> None:
    ring = Ring(cc(48), low, high)

    assert [ring_message(ring, way)[2] for way in (0.0, 0.25, 0.5, 0.75, 1.0)] == list(values)


@given(st.integers(0, 127))
def test_a_ring_shows_what_its_knob_sends(value: int) -> None:
    assert ring_message(Ring(cc(48)), value / 127) == bytes((0xB0, 48, value))


def test_a_ring_that_can_blink_has_other_ends_for_it() -> None:
    ring = Ring(cc(9, channel=11), 1, 13, blinking=(14, 26))

    assert ring_message(ring, 0.5).hex(" ") == "ba 09 07"
    assert ring_message(ring, 0.5, blinking=True).hex(" ") == "ba 09 14"


@pytest.mark.parametrize(
    ("styles", "expected"),
    [
        ({"single": 0, "pan": 1, "fan": 2, "spread": 3, "trim": 4}, 2),
        ({"pan": 1, "single": 0}, 0),
        ({"pan": 3, "off": 0}, 3),
        ({"off": 0}, None),
    ],
)
def test_a_ring_is_filled_from_the_left_if_it_can_be(styles: dict[str, int], expected: int | None) -> None:
    message = style_message(Ring(cc(48), style=cc(56), styles=styles))

    assert (None if message is None else message[2]) == expected


def test_a_ring_is_dark_by_its_style_only_if_by_no_value() -> None:
    styles = {"off": 0, "fan": 2}

    assert style_dark(Ring(cc(48), style=cc(56), styles=styles)) == bytes((0xB0, 56, 0))
    assert style_dark(Ring(cc(48), style=cc(56), styles=styles, off=0)) is None
    assert style_dark(Ring(cc(48), style=cc(56), styles={"fan": 2})) is None


@pytest.mark.parametrize(
    ("message", "low", "middle", "high"),
    [
        ("cc", "b2 07 00", "b2 07 40", "b2 07 7f"),
        ("cc14", "b2 07 00, b2 27 00", "b2 07 40, b2 27 00", "b2 07 7f, b2 27 7f"),
        ("bend", "e2 00 00", "e2 00 40", "e2 7f 7f"),
    ],
)
def test_a_motor_is_told_in_the_form_in_which_its_fader_sends(
    message: Message, low: str, middle: str, high: str
) -> None:
    at = Address(message, 3, 7)

    assert [hexed(motor_messages(at, way)) for way in (0.0, 0.5, 1.0)] == [low, middle, high]


@given(st.integers(0, 16383), st.sampled_from(["cc14", "bend"]))
def test_a_motor_goes_exactly_where_its_fader_was_heard(value: int, message: Message) -> None:
    at = Address(message, 1, 7)
    low, high = value & 0x7F, value >> 7
    heard = bytes((0xE0, low, high)) if message == "bend" else bytes((0xB0, 7, high, 0xB0, 39, low))
    decoder, samples = Decoder("x"), list[Sample]()
    decoder.read(bytes((0xB0, 7, 0, 0xB0, 39, 0)), samples)  # from now on the pair is known to be one
    decoder.read(heard, samples)
    path = "x/bend/1" if message == "bend" else "x/cc14/1/7"
    way = [values[0] for name, values in samples if name == path][-1]

    assert isinstance(way, float)
    assert b"".join(motor_messages(at, way)) == heard


def test_a_form_that_no_motor_fader_has_is_told_nothing() -> None:
    assert motor_messages(Address("nrpn", 1, 300), 0.5) == ()


def test_dark_is_the_same_whatever_was_shown() -> None:
    for kind in (GRID, SINGLE, OWN_BLINK, FLAGS, ANIMATED, FREE):
        lamp = Lamp(note(36), kind)
        assert lamp_wish(lamp, "off") == Wish(lamp_dark(lamp))
