"""How long something takes: `cut`, `20 ms`, `2 s`, `4 chunks`, `1 beat`, `2 bars`.

Chunks, beats and bars become seconds only where the show runs: the chunk is measured, the tempo may change.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final


class Unit(Enum):
    """What a duration is counted in."""

    SECONDS = "s"
    CHUNKS = "chunks"
    BEATS = "beats"
    BARS = "bars"


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time in its own unit."""

    amount: float
    """0 or more; 0 is a cut."""
    unit: Unit = Unit.SECONDS

    @property
    def musical(self) -> bool:
        """Whether a tempo decides how long it is."""
        return self.unit in (Unit.BEATS, Unit.BARS)

    def __str__(self) -> str:
        """Return the duration as a profile writes it."""
        if not self.amount:
            return "cut"
        if self.unit is Unit.SECONDS:
            return f"{self.amount * 1000:.6g} ms" if self.amount < 1 else f"{self.amount:.6g} s"
        noun = self.unit.value.removesuffix("s") if self.amount == 1 else self.unit.value
        return f"{self.amount:.6g} {noun}"


CUT: Final = Duration(0.0)
"""At once."""

BEATS_PER_BAR: Final = 4
"""Every bar has four beats, as in Scope's own tempo."""
BPM: Final = 120.0
"""The tempo that beats and bars have while no tempo source is alive."""
CHUNK_SECONDS: Final = 0.75
"""How long a chunk is taken to be until one has been measured: 12 frames at 16 per second."""
