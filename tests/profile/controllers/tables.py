"""What each controller sends and takes, written down from the facts about it, and not from its file.

Channels count from 0 here, as in the status byte; numbers in messages are hexadecimal, and `nn` is the lamp's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Form = Literal["cc", "cc14", "note", "bend", "twos complement", "sign magnitude", "offset"]


class Sends(NamedTuple):
    """What a control sends."""

    form: Form
    channel: int
    number: int = 0


class Shows(NamedTuple):
    """The lamp of a control."""

    lamp: Mapping[str, str]
    """By the light: messages, with a comma between."""
    number: int
    channel: int = 0
    """What is added to the status of each message."""
    cc: bool = False
    """Whether notes in `lamp` are controllers."""


@dataclass(frozen=True)
class Device:
    """All of a controller."""

    sends: Mapping[str, Sends]
    touches: Mapping[str, Sends] = field(default_factory=dict)
    lamps: Mapping[str, Shows] = field(default_factory=dict)
    rings: Mapping[str, str] = field(default_factory=dict)
    """By control: the message that shows a value, with `vv` in its place."""
    styles: Mapping[str, str] = field(default_factory=dict)
    """By control: what makes its ring show values from the left."""
    ends: tuple[int, int] = (0, 127)
    """What shows nothing and all of a way on a ring."""
    waiting: tuple[int, int] | None = None
    """The same, blinking."""
    dark: str = ""
    """What darkens a ring: `vv` of `rings`, or a style after a colon."""
    motors: Mapping[str, str] = field(default_factory=dict)
    start: tuple[str, ...] = ()
    ask: tuple[str, ...] = ()
    stop: tuple[str, ...] = ()
    reports: Mapping[str, str] = field(default_factory=dict)
    """By message: the signal."""
    unsure: tuple[str, ...] = ()
    """Controls of which the facts leave something open."""


def cc(name: str, numbers: object, channel: int = 0) -> dict[str, Sends]:
    return _each("cc", name, numbers, channel)


def note(name: str, numbers: object, channel: int = 0) -> dict[str, Sends]:
    return _each("note", name, numbers, channel)


def _each(form: Form, name: str, numbers: object, channel: int) -> dict[str, Sends]:
    """Return a control for each number, counted from 1; one alone where there is one number."""
    if isinstance(numbers, int):
        return {name: Sends(form, channel, numbers)}
    assert isinstance(numbers, range | list)
    return {name.replace("#", str(place)): Sends(form, channel, number) for place, number in enumerate(numbers, 1)}


def lit(lamp: Mapping[str, str], *controls: Mapping[str, Sends]) -> dict[str, Shows]:
    """Return the lamps of controls that have them at the messages that they send."""
    return {
        name: Shows(lamp, sends.number, sends.channel, sends.form == "cc")
        for each in controls
        for name, sends in each.items()
    }


def at(lamp: Mapping[str, str], numbers: Mapping[str, int], channel: int = 0) -> dict[str, Shows]:
    """Return lamps that have numbers of their own."""
    return {name: Shows(lamp, number, channel) for name, number in numbers.items()}


PLAIN = {"red": "90 nn 7F", "off": "90 nn 00"}
ONE_TWO = {"red": "90 nn 01", "blink red": "90 nn 02", "off": "90 nn 00"}


# Akai APC40 mkII

_GRID = {
    f"pad/{row}/{track}": Sends("note", 0, 32 + track - 1 - 8 * (row - 1))
    for row in range(1, 6)
    for track in range(1, 9)
}
_PALETTE = {
    "white": 3,
    "red": 5,
    "amber": 9,
    "yellow": 13,
    "lime": 17,
    "green": 21,
    "cyan": 33,
    "blue": 45,
    "magenta": 53,
}
_TRACKS = range(8)


def _on_tracks(name: str, number: int) -> dict[str, Sends]:
    return {f"{name}/{track + 1}": Sends("note", track, number) for track in _TRACKS}


_SINGLE = {
    "stop/all": 81, "select/master": 80, "pan": 87, "sends": 88, "user": 89, "metronome": 90, "transport/play": 91,
    "transport/record": 93, "up": 94, "down": 95, "right": 96, "left": 97, "shift": 98, "tap": 99, "nudge/down": 100,
    "nudge/up": 101, "session": 102, "bank": 103,
}  # fmt: skip
_BUTTONS = {name: Sends("note", 0, number) for name, number in _SINGLE.items()}
_SCENES = note("scene/#", [82, 83, 84, 85, 86])
_DEVICE = note("device/#", [58, 59, 60, 61, 62, 63, 64, 65])

APC40 = Device(
    sends={
        **_GRID, **_BUTTONS, **_SCENES, **_DEVICE,
        **_on_tracks("arm", 48), **_on_tracks("solo", 49), **_on_tracks("mute", 50), **_on_tracks("select", 51),
        **_on_tracks("stop", 52), **_on_tracks("ab", 66),
        **{f"fader/{track + 1}": Sends("cc", track, 7) for track in _TRACKS},
        **cc("knob/#", [48, 49, 50, 51, 52, 53, 54, 55]),
        **cc("knob/device/#", [16, 17, 18, 19, 20, 21, 22, 23]),
        "fader/master": Sends("cc", 0, 14),
        "crossfader": Sends("cc", 0, 15),
        "encoder/cue": Sends("twos complement", 0, 47),
        "encoder/tempo": Sends("twos complement", 0, 13),
        "footswitch": Sends("cc", 0, 64),
    },
    lamps={
        **lit(
            {
                **{colour: f"90 nn {value:02X}" for colour, value in _PALETTE.items()},
                **{f"dim {colour}": f"90 nn {1 if colour == 'white' else value + 2:02X}" for colour, value in _PALETTE.items()},
                **{f"blink {colour}": f"90 nn 00, 9D nn {value:02X}" for colour, value in _PALETTE.items()},
                **{f"pulse {colour}": f"90 nn 00, 99 nn {value:02X}" for colour, value in _PALETTE.items()},
                "off": "90 nn 00",
            },
            _GRID,
        ),
        **lit(ONE_TWO, _on_tracks("stop", 52)),
        **lit({"yellow": "90 nn 01", "orange": "90 nn 02", "off": "90 nn 00"}, _on_tracks("ab", 66)),
        **lit(
            PLAIN, _BUTTONS, _SCENES, _DEVICE, _on_tracks("arm", 48), _on_tracks("solo", 49), _on_tracks("mute", 50),
            _on_tracks("select", 51),
        ),
    },
    rings={
        **{f"knob/{place + 1}": f"B0 {48 + place:02X} vv" for place in range(8)},
        **{f"knob/device/{place + 1}": f"B0 {16 + place:02X} vv" for place in range(8)},
    },
    styles={
        **{f"knob/{place + 1}": f"B0 {56 + place:02X} 02" for place in range(8)},
        **{f"knob/device/{place + 1}": f"B0 {24 + place:02X} 02" for place in range(8)},
    },
    dark="style 00",
    start=("F0 7E 00 06 01 F7", "F0 47 7F 29 60 00 04 41 01 00 00 F7"),
)  # fmt: skip


# Akai APC mini mk2 and mk1, MIDImix


def _bottom_up(columns: int, rows: int) -> dict[str, Sends]:
    """Return pads that count from the lower left."""
    return {
        f"pad/{rows - row}/{column + 1}": Sends("note", 0, row * columns + column)
        for row in range(rows)
        for column in range(columns)
    }


_ROUND = {"green": "90 nn 01", "blink green": "90 nn 02", "off": "90 nn 00"}

APC_MINI_MK2 = Device(
    sends={
        **_bottom_up(8, 8),
        **note("drum/#", range(64, 128), channel=9),
        **note("track/#", [100, 101, 102, 103, 104, 105, 106, 107]),
        **note("scene/#", [112, 113, 114, 115, 116, 117, 118, 119]),
        **note("shift", 122),
        **cc("fader/#", [48, 49, 50, 51, 52, 53, 54, 55]),
        **cc("fader/master", 56),
    },
    lamps={
        **lit(
            {
                **{colour: f"96 nn {value:02X}" for colour, value in _PALETTE.items()},
                **{f"dim {colour}": f"91 nn {value:02X}" for colour, value in _PALETTE.items()},
                **{f"blink {colour}": f"96 nn 00, 9D nn {value:02X}" for colour, value in _PALETTE.items()},
                **{f"pulse {colour}": f"96 nn 00, 99 nn {value:02X}" for colour, value in _PALETTE.items()},
                "#ff8004": "F0 47 7F 4F 24 00 08 nn nn 01 7F 01 00 00 04 F7",
                "off": "96 nn 00",
            },
            _bottom_up(8, 8),
        ),
        **lit(_ROUND, note("track/#", range(100, 108)), note("scene/#", range(112, 120))),
    },
    start=("F0 47 7F 4F 62 00 01 00 F7",),
)

APC_MINI = Device(
    sends={
        **_bottom_up(8, 8),
        **note("track/#", [64, 65, 66, 67, 68, 69, 70, 71]),
        **note("scene/#", [82, 83, 84, 85, 86, 87, 88, 89]),
        **note("shift", 98),
        **cc("fader/#", [48, 49, 50, 51, 52, 53, 54, 55]),
        **cc("fader/master", 56),
    },
    lamps={
        **lit(
            {
                "green": "90 nn 01", "blink green": "90 nn 02", "red": "90 nn 03", "blink red": "90 nn 04",
                "yellow": "90 nn 05", "blink yellow": "90 nn 06", "off": "90 nn 00",
            },
            _bottom_up(8, 8),
        ),
        **lit(_ROUND, note("track/#", range(64, 72)), note("scene/#", range(82, 90))),
    },
)  # fmt: skip

_MIDIMIX_NOTES = {
    **note("mute/#", [1, 4, 7, 10, 13, 16, 19, 22]),
    **note("solo/#", [2, 5, 8, 11, 14, 17, 20, 23]),
    **note("arm/#", [3, 6, 9, 12, 15, 18, 21, 24]),
    **note("bank/left", 25),
    **note("bank/right", 26),
    **note("solo", 27),
}

MIDIMIX = Device(
    sends={
        **cc("knob/1/#", [16, 20, 24, 28, 46, 50, 54, 58]),
        **cc("knob/2/#", [17, 21, 25, 29, 47, 51, 55, 59]),
        **cc("knob/3/#", [18, 22, 26, 30, 48, 52, 56, 60]),
        **cc("fader/#", [19, 23, 27, 31, 49, 53, 57, 61]),
        **cc("fader/master", 62),
        **_MIDIMIX_NOTES,
    },
    lamps=lit(PLAIN, _MIDIMIX_NOTES),
)


# Novation


def _light(green: int, red: int, flags: int) -> str:
    return f"90 nn {16 * green + red + flags:02X}"


_BOTH = {
    "red": "90 nn 0F", "amber": "90 nn 3F", "yellow": "90 nn 3E", "green": "90 nn 3C", "off": "90 nn 0C",
    "dim red": "90 nn 0D", "dim amber": "90 nn 1D", "dim green": "90 nn 1C",
    "blink red": _light(0, 3, 8), "blink amber": _light(3, 3, 8), "blink yellow": _light(3, 2, 8), "blink green": _light(3, 0, 8),
}  # fmt: skip
_ARROWS = {**cc("up", 104, 8), **cc("down", 105, 8), **cc("left", 106, 8), **cc("right", 107, 8)}
_YELLOWS = {**note("device", 105, 8), **note("mute", 106, 8), **note("solo", 107, 8), **note("arm", 108, 8)}
_FOCUS = note("focus/#", [41, 42, 43, 44, 57, 58, 59, 60], 8)
_CONTROL = note("control/#", [73, 74, 75, 76, 89, 90, 91, 92], 8)

LAUNCH_CONTROL_XL = Device(
    sends={
        **cc("knob/1/#", [13, 14, 15, 16, 17, 18, 19, 20], 8),
        **cc("knob/2/#", [29, 30, 31, 32, 33, 34, 35, 36], 8),
        **cc("knob/3/#", [49, 50, 51, 52, 53, 54, 55, 56], 8),
        **cc("fader/#", [77, 78, 79, 80, 81, 82, 83, 84], 8),
        **_FOCUS, **_CONTROL, **_YELLOWS, **_ARROWS,
    },
    lamps={
        **lit(_BOTH, _FOCUS, _CONTROL),
        **at(_BOTH, {f"knob/{row}/{column}": 12 + row + 16 * (column - 1) for row in (1, 2, 3) for column in range(1, 9)}, 8),
        **lit({"red": "90 nn 0F", "blink red": "90 nn 0B", "dim red": "90 nn 0D", "off": "90 nn 0C"}, _ARROWS),
        **lit({"yellow": "90 nn 3E", "blink yellow": "90 nn 3A", "off": "90 nn 0C"}, _YELLOWS),
    },
    start=("F0 00 20 29 02 11 77 08 F7", "B8 00 28"),
    reports={
        "F0 00 20 29 02 11 77 00 F7": "template/1",
        "F0 00 20 29 02 11 77 08 F7": "template/9",
        "F0 00 20 29 02 11 77 0F F7": "template/16",
    },
)  # fmt: skip

LAUNCH_CONTROL = Device(
    sends={
        **cc("knob/1/#", [21, 22, 23, 24, 25, 26, 27, 28], 8),
        **cc("knob/2/#", [41, 42, 43, 44, 45, 46, 47, 48], 8),
        **note("pad/#", [9, 10, 11, 12, 25, 26, 27, 28], 8),
        **cc("up", 114, 8), **cc("down", 115, 8), **cc("left", 116, 8), **cc("right", 117, 8),
    },
)  # fmt: skip

_PADS = {
    f"pad/{9 - row}/{column}": Sends("note", 0, 10 * row + column) for row in range(1, 9) for column in range(1, 9)
}
# red, green and blue as Live's and QLC+'s; the others as in the palette of Live's novation/colors.
_RGB = {"white": 3, "red": 5, "orange": 9, "amber": 96, "yellow": 13, "lime": 17, "green": 21, "cyan": 33, "blue": 45,
        "purple": 49, "magenta": 53, "pink": 57}  # fmt: skip
_DIM = {"white": 1, "red": 7, "orange": 11, "yellow": 15, "lime": 19, "green": 23, "cyan": 35, "blue": 47, "purple": 51,
        "magenta": 55, "pink": 59}  # fmt: skip
_LAUNCHPAD = {
    **{colour: f"90 nn {value:02X}" for colour, value in _RGB.items()},
    **{f"dim {colour}": f"90 nn {value:02X}" for colour, value in _DIM.items()},
    **{f"blink {colour}": f"90 nn 00, 91 nn {value:02X}" for colour, value in _RGB.items()},
    **{f"pulse {colour}": f"90 nn 00, 92 nn {value:02X}" for colour, value in _RGB.items()},
    "off": "90 nn 00",
}
_RIGHT = cc("scene/#", [89, 79, 69, 59, 49, 39, 29, 19])
_TOP = cc("top/#", [91, 92, 93, 94, 95, 96, 97, 98])


def _launchpad(header: str, logo: bool, unsure: bool) -> Device:
    controls = {**_PADS, **_RIGHT, **_TOP, **(cc("logo", 99) if logo else {})}
    mixed = {"#ff8002": f"F0 {header} 03 03 nn 7F 40 01 F7"}
    return Device(
        sends=controls,
        lamps=lit({**_LAUNCHPAD, **mixed}, controls),
        start=(f"F0 {header} 0E 01 F7",),
        stop=(f"F0 {header} 0E 00 F7",),
        unsure=tuple(controls) if unsure else ("logo",),
    )


_TOP_MK2 = cc("top/#", [104, 105, 106, 107, 108, 109, 110, 111])
_RIGHT_MK2 = note("scene/#", [89, 79, 69, 59, 49, 39, 29, 19])

LAUNCHPAD_MK2 = Device(
    sends={**_PADS, **_RIGHT_MK2, **_TOP_MK2},
    lamps=lit(_LAUNCHPAD, _PADS, _RIGHT_MK2, _TOP_MK2),
    stop=("F0 00 20 29 02 18 0E 00 F7",),
)


# KORG

_KORG_LIT = {
    **cc("solo/#", [32, 33, 34, 35, 36, 37, 38, 39]),
    **cc("mute/#", [48, 49, 50, 51, 52, 53, 54, 55]),
    **cc("arm/#", [64, 65, 66, 67, 68, 69, 70, 71]),
    **cc("transport/play", 41),
    **cc("transport/stop", 42),
    **cc("transport/rewind", 43),
    **cc("transport/forward", 44),
    **cc("transport/record", 45),
    **cc("cycle", 46),
}

NANOKONTROL2 = Device(
    sends={
        **_KORG_LIT,
        **cc("fader/#", [0, 1, 2, 3, 4, 5, 6, 7]),
        **cc("knob/#", [16, 17, 18, 19, 20, 21, 22, 23]),
        **cc("track/left", 58), **cc("track/right", 59),
        **cc("marker/set", 60), **cc("marker/left", 61), **cc("marker/right", 62),
    },
    lamps=lit(PLAIN, _KORG_LIT),
)  # fmt: skip


# Behringer

X_TOUCH_MINI = Device(
    sends={
        **cc("encoder/#", [1, 2, 3, 4, 5, 6, 7, 8], 10),
        **cc("encoder/b/#", [11, 12, 13, 14, 15, 16, 17, 18], 10),
        **note("encoder/#/push", [0, 1, 2, 3, 4, 5, 6, 7], 10),
        **note("button/1/#", [8, 9, 10, 11, 12, 13, 14, 15], 10),
        **note("button/2/#", [16, 17, 18, 19, 20, 21, 22, 23], 10),
        **cc("fader/1", 9, 10),
    },
    lamps=at(
        ONE_TWO, {f"button/{row + 1}/{column + 1}": 8 * row + column for row in (0, 1) for column in range(8)}, 10
    ),
    rings={f"encoder/{place}": f"BA {8 + place:02X} vv" for place in range(1, 9)},
    styles={f"encoder/{place}": f"BA {place:02X} 02" for place in range(1, 9)},
    ends=(1, 13),
    waiting=(14, 26),
    dark="value 00",
    start=("BA 7F 00", "CA 00"),
    unsure=("fader/1", *(f"button/{row}/{column}" for row in (1, 2) for column in range(1, 9))),
)

X_TOUCH_MINI_MC = Device(
    sends={
        **{f"encoder/{place}": Sends("sign magnitude", 0, 15 + place) for place in range(1, 9)},
        **note("encoder/#/push", [32, 33, 34, 35, 36, 37, 38, 39]),
        **note("button/1/#", [89, 90, 40, 41, 42, 43, 44, 45]),
        **note("button/2/#", [87, 88, 91, 92, 86, 93, 94, 95]),
        **note("layer/a", 84), **note("layer/b", 85),
        "fader/1": Sends("bend", 8),
    },
    rings={f"encoder/{place}": f"B0 {47 + place:02X} vv" for place in range(1, 9)},
    ends=(1, 11),
    dark="value 00",
    start=("BA 7F 01",),
    stop=("BA 7F 00",),
    unsure=("fader/1", *(f"encoder/{place}" for place in range(1, 9))),
)  # fmt: skip

_TRANSPORT = ["rewind", "forward", "loop", "record", "stop", "play"]

X_TOUCH_COMPACT = Device(
    sends={
        **cc("fader/#", [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        **cc("fader/b/#", [28, 29, 30, 31, 32, 33, 34, 35, 36]),
        **cc("encoder/#", range(10, 26)),
        **cc("encoder/b/#", range(37, 53)),
        **note("encoder/#/push", range(16)),
        **note("encoder/b/#/push", range(55, 71)),
        **{f"button/{row + 1}/{column + 1}": Sends("note", 0, 16 + 8 * row + column) for row in range(4) for column in range(8)},
        **{f"button/b/{row + 1}/{column + 1}": Sends("note", 0, 71 + 8 * row + column) for row in range(4) for column in range(8)},
        **note("button/main", 48), **note("button/b/main", 103),
        **{f"transport/{name}": Sends("note", 0, 49 + place) for place, name in enumerate(_TRANSPORT)},
        **{f"transport/b/{name}": Sends("note", 0, 104 + place) for place, name in enumerate(_TRANSPORT)},
    },
    touches={
        **cc("fader/#", [101, 102, 103, 104, 105, 106, 107, 108, 109]),
        **cc("fader/b/#", [111, 112, 113, 114, 115, 116, 117, 118, 119]),
    },
    lamps=at(
        ONE_TWO,
        {
            **{f"button/{row + 1}/{column + 1}": 8 * row + column for row in range(4) for column in range(8)},
            "button/main": 32,
            **{f"transport/{name}": 33 + place for place, name in enumerate(_TRANSPORT)},
        },
    ),
    rings={f"encoder/{place}": f"B0 {25 + place:02X} vv" for place in range(1, 17)},
    styles={f"encoder/{place}": f"B0 {9 + place:02X} 02" for place in range(1, 17)},
    ends=(1, 13),
    waiting=(14, 26),
    dark="value 00",
    motors={f"fader/{place}": f"B0 {place:02X} vv" for place in range(1, 10)},
    unsure=("button/b/main",),
)  # fmt: skip

X_TOUCH_ONE = Device(
    sends={
        **note("button/#", range(35)),
        **cc("fader/1", 70), **cc("encoder/1", 80),
        "jog": Sends("sign magnitude", 0, 88),
    },
    rings={"fader/1": "B0 5A vv"},
    unsure=("fader/1", "encoder/1", "jog", *(f"button/{place}" for place in range(1, 36))),
)  # fmt: skip


# DJ TechTools, Pioneer

_TWISTER = {
    "blue": 1,
    "cyan": 32,
    "green": 50,
    "lime": 60,
    "yellow": 66,
    "orange": 74,
    "red": 85,
    "magenta": 100,
    "purple": 108,
}

TWISTER = Device(
    sends={
        **cc("encoder/#", range(16), 0),
        **cc("encoder/#/push", range(16), 1),
        **cc("side/#", [8, 9, 10, 11, 12, 13], 3),
    },
    lamps=at(
        {
            **{colour: f"B1 nn {value:02X}, B2 nn 2F" for colour, value in _TWISTER.items()},
            **{f"blink {colour}": f"B1 nn {value:02X}, B2 nn 05" for colour, value in _TWISTER.items()},
            **{f"pulse {colour}": f"B1 nn {value:02X}, B2 nn 0D" for colour, value in _TWISTER.items()},
            **{f"dim {colour}": f"B1 nn {value:02X}, B2 nn 19" for colour, value in _TWISTER.items()},
            "off": "B1 nn 00, B2 nn 2F",
        },
        {f"encoder/{place + 1}/push": place for place in range(16)},
    ),
    rings={f"encoder/{place + 1}": f"B0 {place:02X} vv" for place in range(16)},
    unsure=tuple(f"side/{place}" for place in range(1, 7)),
)


def _decks(form: Form, numbers: Mapping[str, int]) -> dict[str, Sends]:
    return {f"{name}/{deck + 1}": Sends(form, deck, number) for name, number in numbers.items() for deck in (0, 1)}


_DDJ_NOTES = {
    **_decks(
        "note",
        {
            "play": 11, "cue": 12, "loop/in": 16, "loop/out": 17, "loop/four": 20, "mode/hotcue": 27, "mode/beatloop": 109,
            "mode/beatjump": 32, "mode/sampler": 34, "mode/keyboard": 105, "mode/padfx1": 30, "mode/padfx2": 107,
            "mode/keyshift": 111,
        },
    ),
    "beatfx": Sends("note", 4, 0x47),
    **note("pad/1/#", range(8), 7), **note("pad/shift/1/#", range(8), 8),
    **note("pad/2/#", range(8), 9), **note("pad/shift/2/#", range(8), 10),
}  # fmt: skip

DDJ_400 = Device(
    sends={
        **_DDJ_NOTES,
        **_decks("cc14", {"tempo": 0, "trim": 4, "eq/high": 7, "eq/mid": 11, "eq/low": 15, "fader": 19}),
        "crossfader": Sends("cc14", 6, 31), "master": Sends("cc14", 6, 8),
        "headphones/mix": Sends("cc14", 6, 12), "headphones/level": Sends("cc14", 6, 13),
        "filter/1": Sends("cc14", 6, 23), "filter/2": Sends("cc14", 6, 24),
        **_decks("offset", {"jog": 34}),
    },
    lamps=lit(PLAIN, _DDJ_NOTES),
    rings={"fader/1": "B0 02 vv", "fader/2": "B1 02 vv"},
    ask=("F0 00 40 05 00 00 02 06 00 03 01 F7",),
    unsure=(
        "eq/mid/1", "eq/mid/2", "eq/low/1", "eq/low/2", "fader/1", "fader/2", "crossfader", "master", "headphones/mix",
        "headphones/level", "filter/1", "filter/2", "jog/1", "jog/2",
        *(f"pad/{deck}/{place}" for deck in (1, 2) for place in range(1, 9)),
        *(f"pad/shift/{deck}/{place}" for deck in (1, 2) for place in range(1, 9)),
    ),
)  # fmt: skip

DEVICES = {
    "akai-apc-mini": APC_MINI,
    "akai-apc-mini-mk2": APC_MINI_MK2,
    "akai-apc40-mk2": APC40,
    "akai-midimix": MIDIMIX,
    "behringer-x-touch-compact": X_TOUCH_COMPACT,
    "behringer-x-touch-mini": X_TOUCH_MINI,
    "behringer-x-touch-mini-mc": X_TOUCH_MINI_MC,
    "behringer-x-touch-one": X_TOUCH_ONE,
    "djtechtools-midi-fighter-twister": TWISTER,
    "korg-nanokontrol2": NANOKONTROL2,
    "novation-launch-control": LAUNCH_CONTROL,
    "novation-launch-control-xl": LAUNCH_CONTROL_XL,
    "novation-launchpad-mini-mk3": _launchpad("00 20 29 02 0D", logo=True, unsure=False),
    "novation-launchpad-mk2": LAUNCHPAD_MK2,
    "novation-launchpad-pro-mk3": _launchpad("00 20 29 02 0E", logo=False, unsure=True),
    "novation-launchpad-x": _launchpad("00 20 29 02 0C", logo=True, unsure=False),
    "pioneer-ddj-400": DDJ_400,
}
