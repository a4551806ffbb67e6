"""What a controller names is heard by its name, and by that alone."""

from bridge.inputs.midi.decode import Decoder
from bridge.profile.controllers.model import Address, Control, Controller, Report
from bridge.signals import Sample
from tests.inputs.midi.wire import heard, raw

CONTROLS = (
    Control("fader/1", "fader", Address("cc", 1, 48), touch=Address("note", 1, 104)),
    Control("fader/2", "fader", Address("cc", 1, 7), touch=Address("cc", 1, 101)),
    Control("fader/3", "fader", Address("cc", 1, 6)),
    Control("tempo", "fader", Address("cc14", 1, 0)),
    Control("filter", "knob", Address("cc14", 2, 6)),
    Control("motor/1", "fader", Address("bend", 3)),
    Control("breath", "knob", Address("pressure", 4)),
    Control("bank", "button", Address("program", 5)),
    Control("depth", "knob", Address("nrpn", 1, 1024)),
    Control("pad/3/5", "pad", Address("note", 1, 60)),
    Control("jog", "wheel", Address("cc", 1, 33), "offset"),
    Control("cue", "encoder", Address("cc", 1, 47), "twos complement"),
    Control("turn", "encoder", Address("cc", 1, 98), "sign magnitude"),
    Control("click", "encoder", Address("cc", 1, 38), "on off"),
)
CONTROLLER = Controller(
    "test",
    "Test",
    ("Test*",),
    {control.name: control for control in CONTROLS},
    reports=(Report("template/{n}", b"\xf0\x00\x20\x29\x02\x11\x77", b"\xf7", 16),),
)


def named(*messages: str) -> list[Sample]:
    return heard(*messages, controller=CONTROLLER)


def test_controls_are_heard_by_their_names_alone() -> None:
    assert named("B0 30 7F") == [("in/fader/1", (1.0,))]
    assert named("B0 07 00") == [("in/fader/2", (0.0,))]
    assert named("E2 00 40") == [("in/motor/1", (0.5,))]
    assert named("D3 7F") == [("in/breath", (1.0,))]
    assert named("C4 01") == [("in/bank", (2,)), ("in/bank/2", ())]


def test_what_has_no_name_stays_raw() -> None:
    assert named("B1 30 7F", "E0 00 40", "B0 31 01") == [raw(48, 127, 2), ("in/bend/1", (0.5,)), raw(49, 1)]


def test_a_pad_says_what_a_note_says() -> None:
    assert named("90 3C 7F", "A0 3C 7F", "80 3C 7F", "90 3C 00") == [
        ("in/pad/3/5/velocity", (1.0,)),
        ("in/pad/3/5", (1.0,)),
        ("in/pad/3/5/pressure", (1.0,)),
        ("in/pad/3/5/release", (1.0,)),
        ("in/pad/3/5", (0.0,)),
        ("in/pad/3/5", (0.0,)),
    ]


def test_touch_is_a_finger_and_nothing_more() -> None:
    down, up = ("in/fader/1/touch", (1.0,)), ("in/fader/1/touch", (0.0,))

    assert named("90 68 40", "A0 68 40", "90 68 00", "90 68 7F", "80 68 20") == [down, up, down, up]
    assert named("B0 65 7F", "B0 65 00") == [("in/fader/2/touch", (1.0,)), ("in/fader/2/touch", (0.0,))]


def test_encoders_say_steps_and_nothing_of_none() -> None:
    for _ in range(2):
        assert named("B0 2F 01", "B0 2F 7D", "B0 2F 00", "B0 2F 00") == [("in/cue", (1.0,)), ("in/cue", (-3.0,))]
        assert named("B0 21 42", "B0 21 3F", "B0 21 40") == [("in/jog", (2.0,)), ("in/jog", (-1.0,))]
        assert named("B0 62 41", "B0 62 02", "B0 62 40") == [("in/turn", (-1.0,)), ("in/turn", (2.0,))]
        assert named("B0 26 7F", "B0 26 00") == [("in/click", (1.0,)), ("in/click", (-1.0,))]


def test_a_declared_pair_is_one_from_the_start_and_has_no_halves() -> None:
    assert named("B0 00 40", "B0 20 01") == [("in/tempo", ((64 << 7 | 1) / 16383,))]
    assert named("B0 20 01", "B0 00 40", "B0 30 7F") == [("in/tempo", ((64 << 7) / 16383,)), ("in/fader/1", (1.0,))]
    assert named("B0 00 40", "B0 20 01", "B0 20 02")[-1] == ("in/tempo", ((64 << 7 | 2) / 16383,))
    assert named("B1 06 40", "B1 26 01") == [("in/filter", ((64 << 7 | 1) / 16383,))]


def test_a_declared_pair_of_which_only_the_upper_half_comes_counts_once_it_settles() -> None:
    decoder, samples = Decoder("in", CONTROLLER), list[Sample]()
    decoder.read(b"\xb0\x00\x7f", samples)
    assert samples == []

    decoder.settle(samples)

    assert samples == [("in/tempo", ((127 << 7) / 16383,))]


def test_a_name_goes_before_what_a_number_means_elsewhere() -> None:
    assert named("B0 00 01", "B0 20 02", "C0 00")[-2:] == [("in/program/1", (1,)), ("in/program/1/1", ())]
    assert named("B0 63 08", "B0 62 00", "B0 06 40") == [raw(99, 8), ("in/fader/3", (64 / 127,))]
    assert named("B1 63 08", "B1 62 00", "B1 06 40", "B1 26 00")[-1] == ("in/filter", ((64 << 7) / 16383,))
    assert named("B0 07 40", "B0 27 01", "B0 07 41") == [
        ("in/fader/2", (64 / 127,)),
        raw(39, 1),
        ("in/fader/2", (65 / 127,)),
    ]


def test_a_parameter_has_a_name_whatever_chooses_it() -> None:
    controller = Controller("test", "Test", (), {"depth": Control("depth", "knob", Address("nrpn", 1, 1024))})

    samples = heard("B0 63 08 62 00 06 40 26 01 65 08 64 00 06 40", controller=controller)

    assert samples == [
        raw(99, 8),
        raw(98, 0),
        ("in/depth", (64 / 127,)),
        ("in/depth", ((64 << 7 | 1) / 16383,)),
        raw(101, 8),
        raw(100, 0),
        ("in/rpn/1/1024", (64 / 127,)),
    ]


def test_names_hold_on_member_channels_of_a_zone_too() -> None:
    samples = named("BF 65 00 64 06 06 0E", "E2 00 00", "D3 7F", "91 3C 40")

    assert samples[3:5] == [("in/motor/1", (0.0,)), ("in/breath", (1.0,))]
    assert samples[-1] == ("in/note/16/60", (1.0,))


def test_of_two_controls_that_send_the_same_the_first_has_the_name() -> None:
    controls = {name: Control(name, "knob", Address("cc", 1, 72)) for name in ("one", "two")}

    assert heard("B0 48 7F", controller=Controller("test", "Test", (), controls)) == [("in/one", (1.0,))]


def test_a_report_is_the_trigger_of_its_number() -> None:
    assert named("F0 00 20 29 02 11 77 00 F7", "F0 00 20 29 02 11 77 0F F7") == [
        ("in/template/1", ()),
        ("in/template/16", ()),
    ]
    for other in ("F0 00 20 29 02 11 77 10 F7", "F0 00 20 29 02 11 77 F7", "F0 00 20 29 02 11 77 01 01 F7"):
        assert named(other) == [("in/sysex", (bytes.fromhex(other),))]
