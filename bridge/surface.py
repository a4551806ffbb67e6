"""What the controls of a controller are to show: lamps, rings and motor faders, as plain data."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shown:
    """What one control is to show."""

    way: float | None = None
    """Where the value that it drives is now, whoever moved it, 0 to 1 on the control's own way; None: it drives none."""
    light: str = ""
    """A colour, perhaps with a manner before it, as `lights:` of a profile says it: `blink red`, `#ff8800`; empty or `off`:
    dark."""
    waits: bool = False
    """Whether the control stands elsewhere than the value, and does nothing until it has taken it over."""


View = Mapping[str, Shown]
"""By the control's name, without the input's: `fader/1`. A control that is not in it is dark, and shows no value."""
