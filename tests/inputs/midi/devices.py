"""Small controllers by hand, one for each way in which lamps, rings and motors are told, and what drives a `Feedback`."""

from typing import Final

from bridge.inputs.midi.feedback import Feedback
from bridge.profile.controllers.model import Address, Also, Control, Controller, Lamp, LampKind, Manner, Ring

GRID: Final = LampKind(
    "grid",
    {"off": 0, "white": 3, "red": 5, "green": 21},
    {"dim": Manner(channel=2), "blink": Manner(channel=12), "pulse": Manner(channel=7)},
)
"""The manner is the channel."""
SINGLE: Final = LampKind("single", {"off": 0, "on": 127})
OWN_BLINK: Final = LampKind(
    "three colours",
    {"off": 0, "green": 1, "red": 3, "yellow": 5},
    {"blink": Manner(colours={"green": 2, "red": 4}), "dim": Manner(colours={"green": 11, "red": 13})},
)
FLAGS: Final = LampKind("flags", {"off": 12, "red": 15, "amber": 63, "green": 60}, {"blink": Manner(add=-4)})
ANIMATED: Final = LampKind(
    "animated",
    {"off": 0, "blue": 1, "red": 85},
    {
        "solid": Manner(also=Also(3, 47)),
        "dim": Manner(also=Also(3, 25)),
        "blink": Manner(also=Also(3, 4)),
        "pulse": Manner(value=127),
    },
)
FREE: Final = LampKind(
    "free", {"off": 0, "red": 5}, free=(0xF0, "number", "r", "g", "b", "r_high", "r_low", "g_low", "b_high", 0xF7)
)


def cc(number: int, channel: int = 1) -> Address:
    return Address("cc", channel, number)


def note(number: int, channel: int = 1) -> Address:
    return Address("note", channel, number)


def pad(kind: LampKind, number: int = 36, name: str = "") -> Control:
    return Control(name or f"pad/{number}", "pad", note(number), lamp=Lamp(note(number), kind))


def knob(name: str, number: int, ring: Ring | None = None, lamp: Lamp | None = None, beside: str = "") -> Control:
    return Control(name, "knob", cc(number), ring=ring, lamp=lamp, beside=beside)


def device(*controls: Control, rate: int = 500, ask: tuple[bytes, ...] = ()) -> Controller:
    return Controller(
        "small", "Small", (), {one.name: one for one in controls}, start=(b"\xf0\x01\xf7",), ask=ask,
        stop=(b"\xf0\x02\xf7",), rate=rate,
    )  # fmt: skip


def sent(feedback: Feedback, since: float = 0.0, until: float | None = None) -> list[str]:
    """Return what is sent from `since` on, in hexadecimal, until nothing is to be sent any more or until `until`."""
    found, now = [], since
    while until is None or now < until:
        found += [message.hex(" ") for message in feedback.due(now)]
        later = feedback.next_due(now)
        if later is None:
            break
        assert later > now, "it would be asked again and again"
        now = later
    return found


def shown(controller: Controller) -> Feedback:
    """Return a feedback whose device is connected and dark."""
    feedback = Feedback(controller)
    feedback.begin()
    sent(feedback, -100.0)
    return feedback
