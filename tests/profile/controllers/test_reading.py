"""The files of controllers: what they mean, which come with the bridge, and which one a port looks like."""

import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.profile.controllers import reading
from bridge.profile.controllers.language import schema
from bridge.profile.controllers.model import Address, Also, Controller, Lamp, LampKind, Manner, Report, Ring
from bridge.profile.controllers.naming import names_of
from bridge.profile.controllers.reading import looks_like, names, read_controller, shipped
from bridge.profile.shapes.shape import Subject
from bridge.profile.shapes.values import Anything
from bridge.profile.source.compose import compose
from bridge.profile.source.problems import Notes, lines_of

FOLDER = Path(reading.__file__).parent
FILES = sorted(FOLDER.glob("*.yaml"))
DOCS = Path(__file__).parents[3] / "docs" / "controllers.md"
SCHEMA = jsonschema.Draft202012Validator(schema())
HEAD = 'title: Little Faders\nports: ["Little Faders*"]\n'


def read(text: str) -> Controller:
    controller, problems = read_controller(HEAD + text, "shows/controllers/little-faders.yaml")
    assert problems == ()
    assert controller is not None
    return controller


def control(text: str, more: str = "") -> Any:
    controls = read(f"controls:\n  {text}\n{more}").controls
    return next(iter(controls.values()))


# What a file means


def test_a_file_says_who_it_is_and_what_it_is_sent() -> None:
    controller = read(
        "start: [F0 7E 00 06 01 F7, BA 7F 00]\n"
        "ask: [f0 01 f7]\n"
        "stop: [C0 01]\n"
        "rate: 100\n"
        "notes: [Press the blue button.]\n"
        "unsure: [the channel]\n"
        "reports: {template: {message: F0 11 77 n F7, count: 16}}\n"
        "controls: {fader/1: {cc: 7}}\n"
    )

    assert controller.name == "little-faders"
    assert controller.title == "Little Faders"
    assert controller.ports == ("Little Faders*",)
    assert controller.start == (bytes.fromhex("F07E000601F7"), bytes.fromhex("BA7F00"))
    assert controller.ask == (bytes.fromhex("F001F7"),)
    assert controller.stop == (bytes.fromhex("C001"),)
    assert controller.rate == 100
    assert controller.notes == ("Press the blue button.",)
    assert controller.unsure == ("the channel",)
    assert controller.reports == (Report("template/{n}", bytes.fromhex("F01177"), bytes.fromhex("F7"), 16),)
    assert controller.file == "shows/controllers/little-faders.yaml"


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("shift", ("shift",)),
        ("fader/1-3", ("fader/1", "fader/2", "fader/3")),
        ("fader/3-1", ("fader/3", "fader/2", "fader/1")),
        ("pad/1-2/1-2", ("pad/1/1", "pad/1/2", "pad/2/1", "pad/2/2")),
        ("encoder/1-2/push", ("encoder/1/push", "encoder/2/push")),
        ("left, right", ("left", "right")),
        ("bank/a, bank/1-2", ("bank/a", "bank/1", "bank/2")),
    ],
)
def test_a_key_stands_for_names(key: str, meant: tuple[str, ...]) -> None:
    found = names_of(key)
    assert found is not None
    assert found.names == meant


@pytest.mark.parametrize(
    ("numbers", "meant"),
    [
        ("48-51", [48, 49, 50, 51]),
        ("51-48", [51, 50, 49, 48]),
        ("[1, 4, 7, 10]", [1, 4, 7, 10]),
        ("[9-10, 25-26]", [9, 10, 25, 26]),
        ("[[1, 2], [7, 9]]", [1, 2, 7, 9]),
        ("[[89, 90-91], 40]", [89, 90, 91, 40]),
    ],
)
def test_numbers_are_a_run_or_a_list(numbers: str, meant: list[int]) -> None:
    controls = read(f"controls: {{fader/1-4: {{cc: {numbers}}}}}").controls
    assert [one.sends for one in controls.values()] == [Address("cc", 1, number) for number in meant]


def test_channels_are_a_run_too() -> None:
    controls = read("channel: 9\ncontrols: {fader/1-3: {cc: 7, channel: 1-3}, crossfader: {cc: 15}}").controls
    assert [one.sends for one in controls.values()] == [
        Address("cc", 1, 7),
        Address("cc", 2, 7),
        Address("cc", 3, 7),
        Address("cc", 9, 15),
    ]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("fader/1: {cc: 1}", "fader"),
        ("knob/1/1: {cc14: 1}", "knob"),
        ("pad/1: {note: 1}", "pad"),
        ("button/1: {note: 1}", "button"),
        ("shift: {cc: 1}", "button"),
        ("crossfader: {cc: 1, kind: fader}", "fader"),
        ("encoder/1: {cc: 1, relative: offset}", "encoder"),
        ("encoder/1: {cc: 1}", "knob"),
        ("encoder/1/push: {cc: 1}", "button"),
        ("encoder/1/push: {note: 1}", "button"),
        ("tempo: {cc: 1, relative: on off}", "encoder"),
        ("wheel/1: {cc: 1, relative: on off}", "wheel"),
        ("jog: {cc: 1, relative: offset, kind: wheel}", "wheel"),
    ],
)
def test_what_a_control_is_follows_from_its_name(text: str, kind: str) -> None:
    assert control(text).kind == kind


@pytest.mark.parametrize(
    ("text", "sends"),
    [
        ("fader/1: {bend: true, channel: 9}", Address("bend", 9)),
        ("wheel/1: {pressure: true, kind: fader}", Address("pressure", 1)),
        ("bank: {program: true}", Address("program", 1)),
        ("fader/1: {nrpn: 1024}", Address("nrpn", 1, 1024)),
        ("fader/1: {cc14: 31}", Address("cc14", 1, 31)),
    ],
)
def test_a_control_may_send_other_messages(text: str, sends: Address) -> None:
    assert control(text).sends == sends


def test_a_lamp_says_how_it_is_told_colours_and_manners() -> None:
    lamp = control(
        "pad/1: {note: 5, lamp: rgb}",
        "lamps:\n"
        "  rgb:\n"
        "    colours: {off: 0, red: 5, green: 21}\n"
        "    manners:\n"
        "      solid: {also: {channel: 3, value: 47}}\n"
        "      blink: {channel: 14}\n"
        "      pulse: {add: 2}\n"
        "      dim: {colours: {red: 7}}\n"
        "    free: F0 01 number r_high r_low g b F7\n"
        "    unsure: the green\n",
    ).lamp

    assert lamp == Lamp(
        Address("note", 1, 5),
        LampKind(
            "rgb",
            {"off": 0, "red": 5, "green": 21},
            {
                "solid": Manner(also=Also(3, 47)),
                "blink": Manner(channel=14),
                "pulse": Manner(add=2),
                "dim": Manner(colours={"red": 7}),
            },
            (0xF0, 1, "number", "r_high", "r_low", "g", "b", 0xF7),
            "the green",
        ),
    )


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("mute/1: {cc: 5, lamp: {kind: plain}}", Address("cc", 1, 5)),
        ("mute/1: {cc: 5, lamp: {kind: plain, channel: 2}}", Address("cc", 2, 5)),
        ("mute/1: {cc: 5, lamp: {kind: plain, note: 6}}", Address("note", 1, 6)),
        ("mute/1: {bend: true, channel: 4, lamp: {kind: plain, note: 6}}", Address("note", 4, 6)),
    ],
)
def test_a_lamp_is_where_its_control_is_unless_it_says_so(text: str, at: Address) -> None:
    assert control(text, "lamps: {plain: {colours: {off: 0, on: 127}}}").lamp.at == at


def test_a_ring_a_motor_and_a_finger_have_places_of_their_own() -> None:
    controls = read(
        "rings: {leds: {low: 1, high: 13, off: 0, blinking: [14, 26], styles: {fan: 2}, own: false}}\n"
        "controls:\n"
        "  encoder/1-2: {cc: 1-2, channel: 11, ring: {kind: leds, cc: 9-10, style: 5-6}}\n"
        "  fader/1-2: {bend: true, channel: 1-2, motor: true, touch: {note: 104-105}}\n"
        "  fader/3: {cc: 70, channel: 3, motor: {cc: 71}, touch: {cc: 72}}\n"
    ).controls

    ring = Ring(Address("cc", 11, 10), 1, 13, (14, 26), 0, Address("cc", 11, 6), {"fan": 2}, own=False)
    assert controls["encoder/2"].ring == ring
    # Of faders with a channel each, the fingers have one channel.
    assert controls["fader/2"].motor == Address("bend", 2)
    assert controls["fader/2"].touch == Address("note", 1, 105)
    assert controls["fader/3"].motor == Address("cc", 3, 71)
    assert controls["fader/3"].touch == Address("cc", 3, 72)


def test_the_lamp_beside_a_control_is_named_one_by_one() -> None:
    controls = read(
        "lamps: {plain: {colours: {off: 0, on: 127}}}\n"
        "controls:\n"
        "  mute/1-2: {note: 1-2, lamp: plain}\n"
        "  fader/1-2: {cc: 1-2, beside: mute/1-2}\n"
        "  knob/1-2: {cc: 3-4, beside: mute/1}\n"
    ).controls

    assert [controls[name].beside for name in ("fader/1", "fader/2", "knob/1", "knob/2")] == [
        "mute/1",
        "mute/2",
        "mute/1",
        "mute/1",
    ]


# What comes with the bridge


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_comes_with_the_bridge_has_no_problem(path: Path) -> None:
    controller, problems = read_controller(path.read_text(encoding="utf-8"), str(path))

    assert problems == ()
    assert controller is not None
    assert shipped()[path.stem].controls == controller.controls
    assert shipped()[path.stem].file == ""


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_editor_takes_it_too(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    notes = Notes(lines_of(text))
    root = compose(text, notes)
    assert root is not None

    assert [error.message for error in SCHEMA.iter_errors(Anything().read(root, notes, Subject("", "")))] == []


def test_an_editor_is_told_of_mistakes() -> None:
    good: Any = {
        "title": "Little",
        "ports": ["Little*"],
        "controls": {"fader/1-8": {"cc": "0-7"}, "shift": {"note": 98}},
    }
    assert SCHEMA.is_valid(good)
    for bad in (
        {**good, "port": "Little*"},
        {**good, "channel": 17},
        {**good, "controls": {"fader/1": {"cc": 128}}},
        {**good, "controls": {"fader/1": {"cc": 1, "note": 1}}},
        {**good, "lamps": {"rgb": {"colours": {"off": 0, "turquoise": 1}}}},
        {**good, "start": ["F0 GG F7"]},
        {"title": "Little", "ports": ["Little*"]},
    ):
        assert not SCHEMA.is_valid(bad)


def test_files_are_read_when_they_are_asked_for() -> None:
    reading._shipped.cache_clear()
    assert len(shipped()) == len(names()) == len(FILES)
    assert list(shipped()) == sorted(path.stem for path in FILES)
    assert "akai-apc40-mk2" in shipped()
    assert reading._shipped.cache_info().currsize <= 1
    with pytest.raises(KeyError):
        shipped()["akai-apc41"]


@pytest.mark.parametrize(
    ("port", "name"),
    [
        # WinMM, with its place in the list, and what newer Windows puts before the name
        ("nanoKONTROL2 1", "korg-nanokontrol2"),
        ("3- APC40 mkII 2", "akai-apc40-mk2"),
        ("4- X-TOUCH MINI 0", "behringer-x-touch-mini"),
        ("MIDIIN2 (LPX MIDI) 3", "novation-launchpad-x"),
        # ALSA
        ("nanoKONTROL2:nanoKONTROL2 MIDI 1 24:0", "korg-nanokontrol2"),
        ("X-TOUCH MINI:X-TOUCH MINI MIDI 1 28:0", "behringer-x-touch-mini"),
        ("APC40 mkII:APC40 mkII MIDI 1 128:0", "akai-apc40-mk2"),
        ("Launchpad X:Launchpad X LPX MIDI In 20:1", "novation-launchpad-x"),
        # CoreMIDI
        ("Launch Control XL", "novation-launch-control-xl"),
        ("Launch Control", "novation-launch-control"),
        ("APC MINI", "akai-apc-mini"),
        ("APC mini mk2", "akai-apc-mini-mk2"),
        ("Midi Fighter Twister", "djtechtools-midi-fighter-twister"),
        ("DDJ-400", "pioneer-ddj-400"),
        ("MIDI Mix", "akai-midimix"),
        ("X-TOUCH COMPACT", "behringer-x-touch-compact"),
        # normalised
        ("nanokontrol2:nanokontrol2 midi 1", "korg-nanokontrol2"),
        # JACK
        ("a2j:nanoKONTROL2", "korg-nanokontrol2"),
        # what is none of them
        ("Launchpad X:Launchpad X LPX DAW In 20:0", None),
        ("UM-ONE 2", None),
        ("Midi Through:Midi Through Port-0 14:0", None),
        ("", None),
    ],
)
def test_a_port_looks_like_a_controller(port: str, name: str | None) -> None:
    assert looks_like(port) == name


# Whatever the text


@settings(max_examples=50)
@given(st.sampled_from(FILES), st.data())
def test_a_file_that_was_cut_anywhere_is_read_or_refused(path: Path, data: st.DataObject) -> None:
    text = path.read_text(encoding="utf-8")
    first = data.draw(st.integers(0, len(text)))
    last = min(len(text), first + data.draw(st.integers(0, 40)))
    controller, problems = read_controller(text[:first] + text[last:], "cut.yaml")

    assert controller is not None or problems


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    controller, problems = read_controller(text, "any.yaml")

    assert controller is None
    assert problems


# The page about it


def test_the_page_names_every_controller() -> None:
    page = DOCS.read_text(encoding="utf-8")
    for name, controller in shipped().items():
        row = next(line for line in page.splitlines() if line.startswith(f"| `{name}` |"))
        assert re.sub(r" \(.*", "", controller.title) in row


def test_the_examples_of_the_page_can_be_used() -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    whole = [block for block in blocks if "title:" in block]
    assert whole
    for block in whole:
        controller, problems = read_controller(block, "controllers/little-desk.yaml")
        assert problems == ()
        assert controller is not None
