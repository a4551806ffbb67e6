"""What the `outputs:` of a profile can be."""

from dataclasses import dataclass
from fractions import Fraction

from bridge.profile import later, source
from bridge.profile.problems import Notes
from bridge.profile.shapes import Json, Subject
from bridge.profile.structures import Field, Record, Table
from bridge.profile.values import Number, Text


@dataclass(frozen=True, slots=True)
class Ndi:
    """An NDI source on the network."""

    name: str
    """What receivers see, after the machine's name."""
    fps: Fraction = Fraction(30)
    """The rate of the output's own clock; frames are repeated to keep it. 1 to 120."""


OutputOptions = Ndi


_BROADCAST = {
    "23.976": Fraction(24000, 1001),
    "23.98": Fraction(24000, 1001),
    "29.97": Fraction(30000, 1001),
    "47.952": Fraction(48000, 1001),
    "59.94": Fraction(60000, 1001),
    "119.88": Fraction(120000, 1001),
}


@dataclass(frozen=True, slots=True)
class Rate:
    """Frames per second; 29.97 and its kin mean the exact broadcast rates."""

    what: str = "a number from 1 to 120"

    def read(self, node: source.Node, notes: Notes, subject: Subject) -> Fraction | None:
        value = Number(1, 120).read(node, notes, subject)
        if value is None:
            return None
        assert isinstance(node, source.Scalar)
        return _BROADCAST.get(node.text) or Fraction(value).limit_denominator(1001)

    def schema(self) -> Json:
        return Number(1, 120).schema()


OUTPUT = Record(
    "an output",
    (
        Field(
            "ndi",
            Text("the name of an NDI source"),
            "The NDI source that receivers see, after the machine's name.",
            "Scope Bridge",
            required=True,
        ),
        Field(
            "fps",
            Rate(),
            "Frames per second on the output's own clock; frames are repeated to keep it. 29.97 and 59.94 are exact.",
            "30",
            default="30",
        ),
    ),
    later=later.OUTPUT,
    aliases={"name": "ndi", "rate": "fps", "framerate": "fps"},
)

OUTPUTS = Table("an output", OUTPUT, reserved={"all": "that means every output"}, examples="{ndi: Scope Bridge}")
