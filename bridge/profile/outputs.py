"""What the `outputs:` of a profile can be."""

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Ndi:
    """An NDI source on the network."""

    name: str
    """What receivers see, after the machine's name."""
    fps: Fraction = Fraction(30)
    """The rate of the output's own clock; frames are repeated to keep it. 1 to 120."""


OutputOptions = Ndi
