"""What the `filters:` of a route can be. How they behave is in `bridge.mapping`."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Clamp:
    """Keep a value between two ends."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Curve:
    """Bend the way from the low end to the high end; the ends stay."""

    shape: Literal["exp", "log", "s", "power"]
    power: float = 2.0
    """The exponent, for `power`. Above 0."""


@dataclass(frozen=True, slots=True)
class Smooth:
    """Follow a level with a lag, the same lag at every tick rate."""

    attack: float
    """Seconds until a sudden rise has gone 63 % of the way. 0 follows at once."""
    release: float
    """The same for a fall."""


Filter = Clamp | Curve | Smooth
