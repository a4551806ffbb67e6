"""Which messages that come in are only echoes."""

import pytest

from bridge.inputs.midi.echoes import Echoes


def lamp(number: int, value: int = 127) -> bytes:
    return bytes((0x90, number, value))


def echoing(count: int, returned: int, late: float = 0.01) -> Echoes:
    """Return what is known after `count` lamps were told, a tenth of a second apart, and the last `returned` came back."""
    echoes = Echoes()
    for number in range(count):
        echoes.sent(lamp(number), number / 10, value=False)
        if number >= count - returned:
            echoes.came(lamp(number), number / 10 + late)
    return echoes


def test_what_was_not_sent_is_no_echo() -> None:
    assert not Echoes().came(lamp(1), 0.0)


def test_a_value_is_an_echo_for_a_quarter_of_a_second() -> None:
    echoes = Echoes()
    for at in (0.0, 1.0):
        echoes.sent(b"\xb0\x01\x40", at, value=True)

    assert echoes.came(b"\xb0\x01\x40", 0.25)
    assert not echoes.came(b"\xb0\x01\x40", 1.26)


def test_each_message_has_one_echo() -> None:
    echoes = Echoes()
    for _ in range(2):
        echoes.sent(b"\xb0\x01\x40", 0.0, value=True)

    assert [echoes.came(b"\xb0\x01\x40", 0.1) for _ in range(3)] == [True, True, False]


def test_a_sysex_that_comes_back_is_an_echo_as_no_hand_sends_one() -> None:
    echoes = Echoes()
    echoes.sent(b"\xf0\x47\xf7", 0.0, value=False)

    assert echoes.came(b"\xf0\x47\xf7", 0.1)


@pytest.mark.parametrize(("count", "returned", "expected"), [(8, 8, True), (8, 7, True), (8, 6, False), (7, 7, False)])
def test_a_port_echoes_if_most_of_what_lamps_were_told_comes_back(count: int, returned: int, expected: bool) -> None:
    assert echoing(count, returned).echoing(10.0) is expected


def test_on_a_port_that_echoes_what_lamps_were_told_is_dropped_as_it_comes_back() -> None:
    echoes = echoing(8, 8)
    echoes.sent(lamp(1), 2.0, value=False)

    assert echoes.came(lamp(1), 2.01)
    assert not echoes.came(lamp(1), 2.02)
    assert not echoes.came(lamp(2), 2.02)


def test_what_comes_back_late_is_a_press_even_there() -> None:
    echoes = echoing(8, 8)
    echoes.sent(lamp(1), 2.0, value=False)

    assert not echoes.came(lamp(1), 2.06)


def test_a_port_that_is_slow_to_return_messages_does_not_echo() -> None:
    assert not echoing(20, 20, late=0.06).echoing(10.0)


def test_values_that_come_back_say_nothing_about_presses() -> None:
    echoes = Echoes()
    for number in range(20):
        echoes.sent(bytes((0xB0, number, 1)), number / 10, value=True)
        assert echoes.came(bytes((0xB0, number, 1)), number / 10 + 0.01)

    assert not echoes.echoing(3.0)


def test_what_was_sent_just_now_does_not_count_until_it_could_have_come_back() -> None:
    echoes = echoing(8, 8)
    for number in range(20):
        echoes.sent(lamp(100 + number), 2.0, value=False)

    assert echoes.echoing(2.04)
    assert not echoes.echoing(2.06)


def test_a_port_whose_echo_has_been_switched_off_is_believed_again() -> None:
    echoes = echoing(32, 32)
    for number in range(9):
        echoes.sent(lamp(number), 10.0 + number, value=False)

    assert not echoes.echoing(30.0)
