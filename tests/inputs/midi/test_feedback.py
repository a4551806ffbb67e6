"""What a device is told as its view changes, as its controls are moved, and as time passes."""

from dataclasses import replace

import pytest

from bridge.inputs.midi.feedback import Feedback
from bridge.profile.controllers.model import Address, Control, Lamp, Report, Ring
from bridge.surface import Shown, View
from tests.inputs.midi.devices import GRID, SINGLE, cc, device, knob, note, pad, sent, shown

BLINKING = Ring(cc(101), 1, 13, blinking=(14, 26), off=0)
STYLES = {"off": 0, "single": 1, "fan": 2, "pan": 3}
STYLED = Ring(cc(48), style=cc(56), styles=STYLES)
MOTOR = Control("fader/1", "fader", Address("bend", 1), motor=Address("bend", 1), touch=note(104))
BEND = {0.25: "e0 00 20", 0.5: "e0 00 40", 1.0: "e0 7f 7f"}


def after(feedback: Feedback, view: View, now: float = 0.0) -> list[str]:
    """Return what is sent at once when the view is shown at `now`."""
    feedback.show(view)
    return [message.hex(" ") for message in feedback.due(now)]


def moved(feedback: Feedback, path: str, value: float, now: float) -> list[str]:
    """Return what is sent at once when a control is moved at `now`."""
    feedback.heard(path, (value,))
    return [message.hex(" ") for message in feedback.due(now)]


# Connecting, refreshing, ending.


def test_a_device_is_told_at_first_what_it_needs_and_then_everything_it_is_to_show() -> None:
    controller = device(pad(GRID, 1), knob("knob/1", 48, STYLED), pad(GRID, 2), MOTOR, ask=(b"\xf0\x05\xf7",))
    feedback = Feedback(controller)
    feedback.show({"pad/2": Shown(light="red"), "knob/1": Shown(way=1.0)})

    assert [message.hex(" ") for message in feedback.begin()] == ["f0 01 f7", "f0 05 f7"]
    assert sent(feedback) == ["90 01 00", "b0 38 02", "b0 30 7f", "90 02 05"]


def test_what_is_shown_is_not_told_again() -> None:
    feedback = shown(device(pad(GRID, 1), knob("knob/1", 48, BLINKING), MOTOR))
    view = {"pad/1": Shown(light="red"), "knob/1": Shown(way=0.5), "fader/1": Shown(way=0.5)}

    assert after(feedback, view) == ["90 01 05", "b0 65 07", BEND[0.5]]
    assert after(feedback, dict(view), 1.0) == []
    assert feedback.next_due(1.0) is None
    assert after(feedback, {**view, "pad/1": Shown(light="green")}, 2.0) == ["90 01 15"]
    assert after(feedback, {}, 3.0) == ["90 01 00", "b0 65 00"]


def test_a_new_connection_is_told_everything_as_if_nothing_had_been() -> None:
    feedback = shown(device(pad(GRID, 1), pad(GRID, 2)))
    assert after(feedback, {"pad/2": Shown(light="red")}) == ["90 02 05"]

    feedback.begin()

    assert sent(feedback, 5.0) == ["90 01 00", "90 02 05"]


def test_a_new_connection_knows_nothing_of_the_hand_nor_of_what_was_sent() -> None:
    feedback = shown(device(MOTOR, knob("knob/1", 48, Ring(cc(48), off=0)), ask=(b"\xf0\x05\xf7",)))
    after(feedback, {"fader/1": Shown(0.5), "knob/1": Shown(0.5)})
    feedback.heard("fader/1/touch", (1.0,))
    feedback.heard("fader/1", (0.25,))
    feedback.refresh()

    feedback.begin()

    assert not feedback.sent_back(bytes.fromhex("e00040"), 0.01)
    assert [message.hex(" ") for message in feedback.due(0.01)] == [BEND[0.5], "b0 30 40"]


def test_a_refresh_tells_everything_anew_and_what_has_changed_first() -> None:
    feedback = shown(device(pad(GRID, 1), pad(GRID, 2), MOTOR, ask=(b"\xf0\x05\xf7",)))
    view = {"pad/1": Shown(light="red"), "pad/2": Shown(light="red"), "fader/1": Shown(way=0.5)}
    assert after(feedback, view) == ["90 01 05", "90 02 05", BEND[0.5]]

    feedback.show({**view, "pad/2": Shown(light="green")})
    feedback.refresh()

    assert feedback.next_due(0.0) == 0.02
    assert feedback.next_due(1.0) == 1.0
    assert sent(feedback, 1.0) == ["90 02 15", "90 01 05", BEND[0.5]]


def test_a_device_that_reports_another_template_is_told_everything_anew() -> None:
    report = Report("template/{n}", b"\xf0\x01", b"\xf7", 8)
    feedback = shown(replace(device(pad(GRID, 1)), reports=(report,)))
    assert after(feedback, {"pad/1": Shown(light="red")}) == ["90 01 05"]

    feedback.heard("template/9", ())
    assert sent(feedback, 1.0) == []
    feedback.heard("template/8", ())
    assert sent(feedback, 2.0) == ["90 01 05"]


def test_at_the_end_all_is_dark_and_motors_stay_and_nothing_follows() -> None:
    controller = device(
        pad(GRID, 1), knob("knob/1", 48, STYLED), knob("knob/2", 49, BLINKING), knob("knob/3", 50, Ring(cc(50))), MOTOR
    )
    feedback = shown(controller)
    view = {"pad/1": Shown(light="pulse red"), "knob/1": Shown(way=0.5), "fader/1": Shown(way=0.5)}
    after(feedback, view)

    assert [message.hex(" ") for message in feedback.end()] == ["90 01 00", "b0 38 00", "b0 65 00", "f0 02 f7"]
    assert after(feedback, {"pad/1": Shown(light="blink white")}, 1.0) == []
    assert feedback.next_due(1.0) is None
    feedback.begin()
    assert "9b 01 03" in sent(feedback, 2.0, until=2.1)


def test_a_device_that_shows_nothing_costs_nothing() -> None:
    feedback = Feedback(device(Control("fader/1", "fader", cc(7))))
    feedback.begin()
    feedback.show({"fader/1": Shown(0.5, "red", True)})
    feedback.heard("fader/1", (0.3,))

    assert feedback.shows == ()
    assert feedback.due(0.0) == []
    assert feedback.next_due(0.0) is None
    assert feedback.end() == [b"\xf0\x02\xf7"]


def test_it_says_which_controls_can_show_something() -> None:
    controller = device(
        pad(GRID, 1), knob("knob/1", 48, STYLED), MOTOR, Control("fader/2", "fader", cc(7)),
        knob("fader/3", 8, beside="pad/1"), knob("fader/4", 9, beside="fader/2"), knob("fader/5", 10, beside="nobody"),
    )  # fmt: skip

    assert Feedback(controller).shows == ("pad/1", "knob/1", "fader/1", "fader/3")


def test_controls_that_the_device_lacks_are_passed_over() -> None:
    feedback = shown(device(pad(GRID, 1)))

    assert after(feedback, {"pad/9": Shown(light="red")}) == []
    feedback.heard("pad/9", (1.0,))
    feedback.heard("pad/1/velocity", (0.5,))
    assert feedback.due(1.0) == []


# The rate.


def test_a_burst_is_what_the_device_takes_in_twenty_milliseconds_and_those_that_wait_longest_go_first() -> None:
    feedback = shown(device(*(pad(GRID, number) for number in range(5)), rate=100))
    assert after(feedback, {f"pad/{number}": Shown(light="red") for number in range(5)}) == ["90 00 05", "90 01 05"]
    assert feedback.next_due(0.0) == 0.02

    # The first changes again, and the third to what it shows already, which then needs no telling.
    newer = {f"pad/{number}": Shown(light="green") for number in range(5) if number != 2}
    assert after(feedback, newer, 0.01) == []
    assert [message.hex(" ") for message in feedback.due(0.02)] == ["90 03 15", "90 04 15"]
    assert [message.hex(" ") for message in feedback.due(0.04)] == ["90 00 15", "90 01 15"]
    assert feedback.next_due(0.04) is None


def test_a_slow_device_gets_one_message_at_a_time() -> None:
    feedback = shown(device(*(pad(GRID, number) for number in range(3)), rate=10))
    feedback.show({f"pad/{number}": Shown(light="red") for number in range(3)})

    assert [len(feedback.due(now)) for now in (0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3)] == [1, 0, 0, 1, 0, 1, 0]


def test_messages_that_belong_together_may_take_two_bursts() -> None:
    feedback = shown(device(pad(GRID, 1), pad(GRID, 2), rate=10))

    assert after(feedback, {"pad/1": Shown(light="blink red")}) == ["90 01 00"]
    assert after(feedback, {"pad/1": Shown(light="blink red"), "pad/2": Shown(light="red")}, 0.1) == ["9b 01 05"]
    assert sent(feedback, 0.2) == ["90 02 05"]


def test_what_was_told_by_half_is_told_again_even_if_it_is_to_be_as_before() -> None:
    feedback = shown(device(pad(GRID, 1), rate=10))
    after(feedback, {"pad/1": Shown(light="red")})
    assert after(feedback, {"pad/1": Shown(light="blink green")}, 1.0) == ["90 01 00"]

    assert after(feedback, {"pad/1": Shown(light="red")}, 2.0) == ["90 01 05"]


def test_what_changes_faster_than_it_can_be_told_does_not_keep_others_waiting() -> None:
    fader = Control("fader/1", "fader", Address("cc14", 1, 7), motor=Address("cc14", 1, 7))
    feedback = shown(device(fader, pad(GRID, 1), rate=10))
    found: list[str] = []
    for step in range(6):
        found += after(feedback, {"fader/1": Shown(step / 10), "pad/1": Shown(light="red")}, step / 10)

    assert "90 01 05" in found
    assert [*found, *sent(feedback, 0.6)][-2:] == ["b0 07 40", "b0 27 00"]


# Blinking.


def test_a_lamp_that_cannot_blink_is_told_on_and_off_evenly() -> None:
    feedback = shown(device(pad(SINGLE, 1), pad(SINGLE, 2)))
    feedback.show({"pad/1": Shown(light="blink red"), "pad/2": Shown(light="pulse red")})
    found, now = [], 12.0
    while now < 13.0:
        found += [(round(now, 6), message.hex(" ")) for message in feedback.due(now)]
        now = feedback.next_due(now) or 99.0

    on, off, slow_on, slow_off = "90 01 7f", "90 01 00", "90 02 7f", "90 02 00"
    assert found == [
        (12.0, on), (12.0, slow_on), (12.2, off), (12.4, on), (12.4, slow_off),
        (12.6, off), (12.8, on), (12.8, slow_on),
    ]  # fmt: skip


def test_a_lamp_that_stops_blinking_is_left_alone() -> None:
    feedback = shown(device(pad(SINGLE, 1)))
    assert after(feedback, {"pad/1": Shown(light="blink red")}, 10.0) == ["90 01 7f"]
    assert after(feedback, {"pad/1": Shown(light="red")}, 10.05) == []
    assert feedback.next_due(10.05) is None


def test_a_ring_that_waits_blinks_by_its_own_values() -> None:
    feedback = shown(device(knob("knob/1", 48, BLINKING, lamp=pad(GRID, 1).lamp)))

    assert after(feedback, {"knob/1": Shown(0.5, waits=True)}) == ["b0 65 14"]
    assert feedback.next_due(0.0) is None


def test_a_ring_that_cannot_blink_leaves_it_to_its_lamp() -> None:
    feedback = shown(device(knob("knob/1", 48, Ring(cc(48), off=0), lamp=pad(GRID, 1).lamp)))

    assert after(feedback, {"knob/1": Shown(0.5, waits=True)}) == ["b0 30 40", "90 01 00", "9b 01 03"]
    assert after(feedback, {"knob/1": Shown(0.5, "blink red", waits=True)}, 1.0) == ["90 01 00", "9b 01 05"]


@pytest.mark.parametrize(
    ("ring", "on", "off"),
    [
        (Ring(cc(48), 1, 11, off=0), "b0 30 06", "b0 30 00"),
        (Ring(cc(48), 1, 11), "b0 30 06", "b0 30 01"),
        (Ring(cc(48), 1, 11, style=cc(56), styles=STYLES), "b0 38 02", "b0 38 00"),
    ],
)
def test_a_ring_without_anything_else_that_blinks_is_told_on_and_off(ring: Ring, on: str, off: str) -> None:
    feedback = shown(device(knob("knob/1", 48, ring)))
    feedback.show({"knob/1": Shown(0.5)})
    sent(feedback, 10.0)
    feedback.show({"knob/1": Shown(0.5, waits=True)})

    assert sent(feedback, 10.4, until=11.15) == [off, on, off]
    assert after(feedback, {"knob/1": Shown(0.5)}, 11.15) == [on]
    assert feedback.next_due(11.2) is None


def test_the_dark_light_of_a_profile_leaves_the_ring_to_blink() -> None:
    feedback = shown(device(knob("knob/1", 48, Ring(cc(48), 1, 11, off=0), lamp=pad(GRID, 1).lamp)))

    assert after(feedback, {"knob/1": Shown(0.5, "off", waits=True)}, 10.2) == []
    assert [message.hex(" ") for message in feedback.due(10.4)] == ["b0 30 06"]


# Rings and their styles.


def test_a_ring_without_a_value_is_dark_by_value_or_style_or_as_low_as_it_goes() -> None:
    rings = [knob("knob/1", 48, BLINKING), knob("knob/2", 49, STYLED), knob("knob/3", 50, Ring(cc(50), 1, 11))]
    feedback = Feedback(device(*rings))
    feedback.begin()

    assert sent(feedback) == ["b0 65 00", "b0 38 00", "b0 32 01"]
    assert after(feedback, {"knob/2": Shown(0.5), "knob/3": Shown(light="red")}, 1.0) == ["b0 38 02", "b0 30 40"]


def test_a_place_beyond_the_way_is_its_end() -> None:
    feedback = shown(device(knob("knob/1", 48, Ring(cc(48), off=0)), MOTOR))

    assert after(feedback, {"knob/1": Shown(1.7), "fader/1": Shown(float("inf"))}) == ["b0 30 7f", BEND[1.0]]
    assert after(feedback, {"knob/1": Shown(-0.1), "fader/1": Shown(-1.0)}, 1.0) == ["b0 30 00", "e0 00 00"]


# Lamps that are shared, and lamps beside.


def test_a_lamp_beside_says_that_a_control_waits() -> None:
    feedback = shown(device(knob("fader/1", 7, beside="pad/1"), knob("fader/2", 8, beside="pad/1"), pad(GRID, 1)))

    assert after(feedback, {"fader/1": Shown(0.5, "red"), "fader/2": Shown(0.5)}) == []
    assert after(
        feedback, {"fader/1": Shown(0.5, "off", waits=True), "fader/2": Shown(0.5, "red", waits=True)}, 1.0
    ) == ["90 01 05"]
    assert after(feedback, {"fader/1": Shown(0.5, waits=True)}, 2.0) == ["90 01 00", "9b 01 03"]
    assert after(feedback, {"fader/1": Shown(0.5)}, 3.0) == ["90 01 00"]


def test_a_lamp_beside_that_has_a_light_of_its_own_shows_that() -> None:
    feedback = shown(device(knob("fader/1", 7, beside="pad/1"), pad(GRID, 1)))
    waits = Shown(0.5, waits=True)

    assert after(feedback, {"fader/1": waits, "pad/1": Shown(light="green")}) == ["90 01 15"]
    assert after(feedback, {"fader/1": waits, "pad/1": Shown(light="off")}, 1.0) == ["90 01 00"]
    assert after(feedback, {"fader/1": waits, "pad/1": Shown()}, 2.0) == ["90 01 00", "9b 01 03"]


def test_a_lamp_that_two_layers_share_shows_the_one_that_is_lit() -> None:
    feedback = shown(device(pad(GRID, 1, "a/pad/1"), pad(GRID, 1, "b/pad/1")))

    assert after(feedback, {"a/pad/1": Shown(light="off"), "b/pad/1": Shown(light="red")}) == ["90 01 05"]
    assert after(feedback, {"a/pad/1": Shown(light="green"), "b/pad/1": Shown(light="red")}, 1.0) == ["90 01 15"]
    assert after(feedback, {}, 2.0) == ["90 01 00"]


# The hand.


def test_a_motor_goes_where_the_value_is() -> None:
    feedback = shown(device(MOTOR))

    assert after(feedback, {"fader/1": Shown(0.25)}) == [BEND[0.25]]
    assert after(feedback, {}, 1.0) == []


def test_a_motor_never_moves_against_the_hand() -> None:
    feedback = shown(device(MOTOR))
    after(feedback, {"fader/1": Shown(0.5)})

    feedback.heard("fader/1/touch", (1.0,))
    assert after(feedback, {"fader/1": Shown(0.25)}, 1.0) == []
    assert feedback.next_due(1.0) is None
    assert after(feedback, {"fader/1": Shown(1.0)}, 9.0) == []
    feedback.heard("fader/1/touch", (0.0,))
    assert feedback.next_due(9.5) == 9.5
    assert sent(feedback, 9.5) == [BEND[1.0]]


def test_a_motor_waits_until_the_hand_has_been_still() -> None:
    feedback = shown(device(MOTOR))
    after(feedback, {"fader/1": Shown(0.5)})

    feedback.heard("fader/1/touch", (1.0,))
    assert moved(feedback, "fader/1", 0.9, 1.0) == []
    feedback.heard("fader/1/touch", (0.0,))
    assert feedback.due(1.1) == []
    assert feedback.next_due(1.1) == pytest.approx(1.3)
    assert moved(feedback, "fader/1", 0.8, 1.2) == []
    assert feedback.due(1.45) == []
    assert feedback.next_due(1.45) == pytest.approx(1.5)
    assert sent(feedback, 1.45) == [BEND[0.5]]


def test_a_motor_whose_value_has_followed_the_hand_is_told_nothing() -> None:
    feedback = shown(device(MOTOR))
    after(feedback, {"fader/1": Shown(0.5)})

    moved(feedback, "fader/1", 0.25, 1.0)
    assert after(feedback, {"fader/1": Shown(0.25)}, 1.01) == []
    assert sent(feedback, 1.02) == []


def test_a_ring_that_follows_the_hand_is_told_only_where_the_value_is_elsewhere() -> None:
    feedback = shown(device(knob("knob/1", 48, Ring(cc(48), off=0))))
    after(feedback, {"knob/1": Shown(0.5)})

    assert moved(feedback, "knob/1", 80 / 127, 1.0) == []
    assert after(feedback, {"knob/1": Shown(80 / 127)}, 1.01) == []
    assert sent(feedback, 1.02) == []
    assert moved(feedback, "knob/1", 90 / 127, 2.0) == []
    assert feedback.next_due(2.0) == pytest.approx(2.3)
    assert sent(feedback, 2.0) == ["b0 30 50"]


def test_a_ring_that_waits_blinks_again_when_the_hand_is_still() -> None:
    feedback = shown(device(knob("knob/1", 48, BLINKING)))
    after(feedback, {"knob/1": Shown(0.5, waits=True)})

    assert moved(feedback, "knob/1", 0.5, 1.0) == []
    assert sent(feedback, 1.1) == ["b0 65 14"]


def test_a_ring_that_does_not_follow_the_hand_is_told_at_once() -> None:
    encoder = Control("knob/2", "encoder", cc(49), relative="offset", ring=Ring(cc(49), off=0))
    feedback = shown(device(knob("knob/1", 48, Ring(cc(48), off=0, own=False)), encoder))

    assert moved(feedback, "knob/1", 0.9, 1.0) == []
    assert after(feedback, {"knob/1": Shown(0.9), "knob/2": Shown(0.5)}, 1.01) == ["b0 30 72", "b0 31 40"]
    assert moved(feedback, "knob/2", 3.0, 2.0) == []
    assert feedback.next_due(2.0) is None


def test_a_button_that_may_light_itself_is_told_again_what_it_shows() -> None:
    push = Control("push/1", "button", cc(0, 2), lamp=pad(SINGLE, 1).lamp)
    own = Control("push/2", "button", cc(5, 2), lamp=Lamp(cc(5, 2), SINGLE))
    feedback = shown(device(push, own, pad(SINGLE, 9)))
    assert after(feedback, {"push/2": Shown(light="red"), "pad/9": Shown(light="red")}) == ["b1 05 7f", "90 09 7f"]

    assert moved(feedback, "push/2", 1.0, 1.0) == []
    assert moved(feedback, "push/2", 0.0, 1.1) == ["b1 05 7f"]
    assert moved(feedback, "push/1", 0.0, 1.2) == []
    assert moved(feedback, "pad/9", 0.0, 1.3) == []


def test_values_that_are_no_place_move_nothing() -> None:
    feedback = shown(device(MOTOR, knob("knob/1", 48, Ring(cc(48), off=0))))
    after(feedback, {"fader/1": Shown(0.5), "knob/1": Shown(0.5)})

    for values in ((), ("x",), (None,), (float("nan"),), (b"\xf0",)):
        for path in ("fader/1", "knob/1", "fader/1/touch"):
            feedback.heard(path, values)
    assert feedback.next_due(1.0) is None


# Echoes, as the whole of it has them; the rest in `test_feedback_echoes`.


def test_a_value_that_comes_back_is_an_echo_once_and_soon() -> None:
    feedback = shown(device(MOTOR, knob("knob/1", 48, Ring(cc(48), off=0))))
    after(feedback, {"fader/1": Shown(0.5), "knob/1": Shown(0.5)})

    assert feedback.sent_back(bytes.fromhex("b03040"), 0.2)
    assert not feedback.sent_back(bytes.fromhex("b03040"), 0.2)
    assert not feedback.sent_back(bytes.fromhex("e00040"), 0.26)
    assert not feedback.sent_back(bytes.fromhex("b03041"), 0.1)


def test_a_control_that_sends_what_the_ring_of_another_is_told_is_heard() -> None:
    ring = Control("encoder/3", "encoder", cc(12), ring=Ring(cc(28), 1, 13, off=0))
    feedback = shown(device(ring, Control("fader/b/1", "fader", cc(28))))

    assert after(feedback, {"encoder/3": Shown(0.4)}) == ["b0 1c 06"]
    assert not feedback.sent_back(bytes.fromhex("b01c06"), 0.02)


def test_a_pad_that_is_pressed_on_its_flash_is_heard() -> None:
    feedback = shown(device(pad(SINGLE, 1)))
    for beat in range(64):
        on, off = beat * 0.5, beat * 0.5 + 0.125
        assert after(feedback, {"pad/1": Shown(light="red")}, on) == ["90 01 7f"]
        assert not feedback.sent_back(bytes.fromhex("90017f"), on + 0.002)
        assert after(feedback, {}, off) == ["90 01 00"]
        assert not feedback.sent_back(bytes.fromhex("900100"), off + 0.002)
