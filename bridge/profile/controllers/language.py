"""What the file of a controller may say, key by key.

title: Little Faders
ports: ["Little Faders*"]
lamps:
  plain: {colours: {off: 0, on: 127}}
controls:
  fader/1-8: {cc: 0-7}
  mute/1-8: {note: 16-23, lamp: plain}
"""

from dataclasses import dataclass
from typing import Any, Final

from bridge.profile.controllers.colours import ON, RGB
from bridge.profile.controllers.forms import ByWord, Hex, Numbers
from bridge.profile.controllers.model import STYLES
from bridge.profile.shapes.kinds import OneKind, Yes
from bridge.profile.shapes.shape import Json, Subject, resolve
from bridge.profile.shapes.structures import Field, Given, ListOf, Record, Table
from bridge.profile.shapes.values import Choice, Number, Switch, Text
from bridge.profile.source import nodes
from bridge.profile.source.problems import Notes
from bridge.relative import RELATIVE

COLOURS: Final = (*RGB, ON)
_VALUE = Number(0, 127, whole=True)
_UNSURE = Field("unsure", Text(), "What of it nobody has confirmed on the device.", '"the numbers of the lower row"')

ALSO: Final = Record(
    "also",
    (
        Field("channel", Number(1, 16, whole=True), "The channel.", "3", required=True),
        Field("value", _VALUE, "The value.", "47", required=True),
    ),
)

MANNER: Final = Record(
    "a manner",
    (
        Field("channel", Number(1, 16, whole=True), "The channel of the message, where that says it.", "14"),
        Field("add", Number(-127, 127, whole=True), "What is added to the value of the colour.", "1"),
        Field("value", _VALUE, "The one value for all colours.", "2"),
        Field(
            "colours",
            ByWord(COLOURS, "a colour", _VALUE),
            "The values that colours have in this manner; the others are not had in it.",
            "{green: 2, red: 4}",
        ),
        Field("also", ALSO, "One more message, after the colour.", "{channel: 3, value: 47}"),
    ),
)

LAMP: Final = Record(
    "a kind of lamp",
    (
        Field(
            "colours",
            ByWord(COLOURS, "a colour", _VALUE, "off", "the value that darkens the lamp"),
            "The value of each colour that it has, `off` among them; `on` of a lamp that has one only.",
            "{off: 0, red: 5, green: 21}",
            required=True,
        ),
        Field(
            "manners",
            ByWord(("solid", "dim", "blink", "pulse"), "a manner", MANNER, meant={"flash": "blink", "low": "dim"}),
            "How it is told to shine in a manner.",
            "{blink: {channel: 14}}",
            default="it is told to be solid by the value alone, and the bridge does the others",
        ),
        Field(
            "free",
            Hex(("number", *(f"{one}{end}" for one in "rgb" for end in ("", "_high", "_low")))),
            "The SysEx that shows any colour: `number` is the lamp's, `r` `g` `b` are seven bits, `r_high` `r_low` eight.",
            "F0 00 20 29 02 0C 03 03 number r g b F7",
        ),
        _UNSURE,
    ),
    aliases={"colors": "colours", "modes": "manners", "rgb": "free"},
)

RING: Final = Record(
    "a kind of ring",
    (
        Field("low", _VALUE, "The value that shows nothing of the way.", "1", default="0"),
        Field("high", _VALUE, "The value that shows all of the way.", "13", default="127"),
        Field("off", _VALUE, "The value that darkens it.", "0", default="it cannot be dark"),
        Field(
            "blinking",
            ListOf(_VALUE, "two values"),
            "The same two values, of a ring that blinks.",
            "[14, 26]",
            default="it cannot",
        ),
        Field(
            "styles",
            ByWord(STYLES, "a style", _VALUE, meant={"volume": "fan", "dot": "single"}),
            "The values of the message that says how it shows values.",
            "{single: 0, pan: 1, fan: 2}",
        ),
        Field(
            "own",
            Switch(),
            "Whether it follows the hand by itself.",
            "false",
            default="true",
        ),
    ),
)

MESSAGES: Final = {
    "cc": "a controller",
    "cc14": "a pair of controllers",
    "note": "a note",
    "nrpn": "a parameter",
    "bend": "a pitch bend",
    "pressure": "a pressure",
    "program": "a program",
}
"""The keys that say which message something is."""

_CC = Field("cc", Numbers(0, 127), "The number of the controller.", "48-55")
_NOTE = Field("note", Numbers(0, 127), "The number of the note.", "[56-63, 48-55]")
_CHANNEL = Field("channel", Numbers(1, 16), "The channel, from 1.", "1-8", default="the control's, or the file's")
_ADDRESS = (
    _CC,
    Field("cc14", Numbers(0, 31), "The number of the upper seven bits, of 14; the lower ones are 32 further.", "0"),
    _NOTE,
    Field("nrpn", Numbers(0, 16383), "The number of a parameter of 14 bits.", "1024"),
    Field("bend", Yes(), "It sends pitch bend.", "true"),
    Field("pressure", Yes(), "It sends channel pressure.", "true"),
    Field("program", Yes(), "It sends program changes.", "true"),
    _CHANNEL,
)

_WRITTEN: Final = {"controller": "cc", "control": "cc", "notes": "note", "pitchbend": "bend", "ch": "channel"}


def _one_of(called: str, *messages: str) -> OneKind:
    """Return the shape of a message that is one of some kinds."""
    fields = tuple(one for one in _ADDRESS if one.name in (*messages, "channel"))
    kinds = {message: MESSAGES[message] for message in messages}
    return OneKind(Record(called, fields, aliases=_WRITTEN), kinds, both="keep one of them")


MOVES: Final = ("cc", "cc14", "bend")
"""The messages that move a motor."""

TOUCH: Final = _one_of("a touch", "cc", "note")
MOTOR: Final = _one_of("a motor", *MOVES)


@dataclass(frozen=True, slots=True)
class Placed:
    """A kind of lamp or ring by its name, or a mapping that says where it is, too."""

    record: Record
    what: str

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> dict[str, Given[Any]] | None:
        if isinstance(node, nodes.Scalar) and resolve(node) is not None:
            name = Text().read(node, notes, subject)
            return None if name is None else {"kind": Given(name, node.place, node.place)}
        fields = self.record.read(node, notes, subject)
        return None if fields is None else dict(fields)

    def schema(self) -> Json:
        return {"anyOf": [{"type": "string"}, self.record.schema()]}


PLACED_LAMP: Final = Record(
    "a lamp",
    (
        Field("kind", Text(), "Which of the `lamps` it is.", "rgb", required=True),
        _CC,
        _NOTE,
        _CHANNEL,
    ),
    aliases=_WRITTEN,
)

PLACED_RING: Final = Record(
    "a ring",
    (
        Field("kind", Text(), "Which of the `rings` it is.", "leds", required=True),
        _CC,
        Field("style", Numbers(0, 127), "The number of the controller that says how it shows values.", "56-63"),
        _CHANNEL,
    ),
    aliases={**_WRITTEN, "mode": "style"},
)


@dataclass(frozen=True, slots=True)
class Motor:
    """True, where the motor takes what the control sends, or the message that it takes."""

    what: str = f"true, or {MOTOR.what}"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> dict[str, Given[Any]] | None:
        if isinstance(node, nodes.Scalar) and resolve(node) is not None:
            return None if Yes().read(node, notes, subject) is None else {}
        fields = MOTOR.read(node, notes, subject)
        return None if fields is None else dict(fields)

    def schema(self) -> Json:
        return {"anyOf": [{"const": True}, MOTOR.schema()]}


KINDS: Final = ("fader", "knob", "encoder", "button", "pad", "wheel")

CONTROL: Final = OneKind(
    Record(
        "a control",
        (
            *_ADDRESS,
            Field(
                "kind",
                Choice(KINDS),
                "What it is to the hand.",
                "fader",
                default="the first word of its name, if that is one; what sends notes, or is called push, is a button, "
                "and an encoder that is not relative a knob",
            ),
            Field(
                "relative",
                Choice(RELATIVE, {"2's complement": "twos complement", "binary offset": "offset"}),
                "How an encoder says how far it was turned.",
                "twos complement",
                default="it says where it is",
            ),
            Field(
                "lamp",
                Placed(PLACED_LAMP, "the name of a kind of lamp, or a mapping with it"),
                "Its lamp: which of the `lamps`, and where, if that is not the message of the control.",
                "rgb",
            ),
            Field(
                "ring",
                Placed(PLACED_RING, "the name of a kind of ring, or a mapping with it"),
                "Its ring: which of the `rings`, and where, if that is not the message of the control.",
                "{kind: leds, style: 56-63}",
            ),
            Field("motor", Motor(), "Where its motor is told to go: `true` where that is what it sends.", "true"),
            Field("touch", TOUCH, "What it sends while a finger is on it.", "{note: 104-111}"),
            Field("beside", Text(), "The control whose lamp stands for this one.", "select/1-8"),
            _UNSURE,
        ),
        aliases={**_WRITTEN, "led": "lamp", "light": "lamp", "type": "kind"},
    ),
    MESSAGES,
    both="keep one of them; two controls have two names",
)

REPORT: Final = Record(
    "a report",
    (
        Field(
            "message",
            Hex(("n",), "n"),
            "The SysEx that the device sends, with `n` in place of the number, that counts from 0.",
            "F0 00 20 29 02 11 77 n F7",
            required=True,
        ),
        Field("count", Number(1, 128, whole=True), "How many numbers there are.", "16", required=True),
    ),
)

_MESSAGE_LIST = ListOf(Hex(sysex=False), "MIDI messages in hexadecimal")
_SENTENCES = ListOf(Text(), "sentences")

CONTROLLER: Final = Record(
    "a controller",
    (
        Field("title", Text(), "What people call it.", "Akai APC40 mkII", required=True),
        Field(
            "ports",
            ListOf(Text(), "names of ports"),
            "What its MIDI ports are called, with `*` for any run of characters.",
            '["APC40 mkII*"]',
            required=True,
        ),
        Field("channel", Number(1, 16, whole=True), "The channel of all that says no other.", "9", default="1"),
        Field(
            "controls",
            Table(
                "a control",
                CONTROL,
                name=r"[^{}\[\]*]+",
                name_rule="a name has no * { } [ ]",
                examples="{cc: 48-55}",
            ),
            "The controls by their names: `fader/1-8` are eight, `pad/1-5/1-8` forty, row by row from the top.",
            "{fader/1-8: {cc: 48-55}}",
            required=True,
        ),
        Field("lamps", Table("a kind of lamp", LAMP), "The kinds of lamps.", "{plain: {colours: {off: 0, on: 127}}}"),
        Field("rings", Table("a kind of ring", RING), "The kinds of rings.", "{leds: {low: 1, high: 13, off: 0}}"),
        Field(
            "reports",
            Table("a report", REPORT),
            "What the device tells of itself; each becomes a signal with the number, from 1: `template/3`.",
            "{template: {message: F0 00 20 29 02 11 77 n F7, count: 16}}",
        ),
        Field("start", _MESSAGE_LIST, "What it is sent when its port opens.", "[F0 00 20 29 02 0C 0E 01 F7]"),
        Field(
            "ask",
            _MESSAGE_LIST,
            "What makes it tell where its controls are.",
            "[F0 00 40 05 00 00 02 06 00 03 01 F7]",
        ),
        Field("stop", _MESSAGE_LIST, "What it is sent when the bridge lets go of it.", "[F0 00 20 29 02 0C 0E 00 F7]"),
        Field("rate", Number(1, 10_000, whole=True), "How many messages per second it takes.", "500", default="500"),
        Field("notes", _SENTENCES, "What must be known to use it.", '["Choose factory template 1."]'),
        Field("unsure", _SENTENCES, "What nobody has confirmed on the device.", '["the channel"]'),
    ),
    aliases={
        "name": "title",
        "port": "ports",
        "leds": "lamps",
        "lights": "lamps",
        "lamp": "lamps",
        "ring": "rings",
        "sysex": "start",
        "init": "start",
    },
)


def schema() -> Json:
    """Return the JSON Schema (2020-12) of the file of a controller."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Scope Bridge controller",
        "description": "What the controls of a MIDI controller send, and what its lamps, rings and motors take.",
        **CONTROLLER.schema(),
    }
