"""PURE. Registered and non-registered parameters: two control changes choose one, others then say its value.

    CC 99 8, CC 98 0      # NRPN 1024
    CC 6 64, CC 38 0      # 64 of 127, then 8192 of 16383

(MIDI 1.0 Detailed Specification, "Registered and Non-registered Parameter Numbers"; RP-018 for increments.)
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["rpn", "nrpn"]

DATA_MSB: Final = 6
DATA_LSB: Final = 38
INCREMENT: Final = 96
DECREMENT: Final = 97

_CHOOSING: Final[dict[int, tuple[Kind, int]]] = {98: ("nrpn", 1), 99: ("nrpn", 0), 100: ("rpn", 1), 101: ("rpn", 0)}
"""By control change: which kind, and which half of the number, 0 the upper one."""
_NONE: Final = (127, 127)
"""The number that is no parameter: what follows belongs to none."""
_MOST: Final = 4096
"""Parameters that are remembered; the one that was met first goes first."""


@dataclass(slots=True)
class Parameter:
    """What is known of a parameter."""

    kind: Kind
    channel: int
    """1 to 16."""
    number: int
    path: str
    upper: int | None = None
    """The upper seven bits of its value; None: none have come."""
    lower: int = 0
    fine: bool = False
    """Whether its sender also says the lower seven bits."""

    @property
    def value(self) -> float:
        """The value, 0 to 1."""
        upper = self.upper or 0
        return (upper << 7 | self.lower) / 16383 if self.fine else upper / 127

    def step(self, way: Literal[1, -1]) -> None:
        """Go one up or down, by the finest step that its sender knows; one whose value was never said begins at 0."""
        if self.fine:
            value = min(max(((self.upper or 0) << 7 | self.lower) + way, 0), 16383)
            self.upper, self.lower = value >> 7, value & 127
        else:
            self.upper = min(max((self.upper or 0) + way, 0), 127)


class Parameters:
    """Which parameter is chosen on each channel, and what is known of all."""

    def __init__(self, path: Callable[[Kind, int, int], str]) -> None:
        """`path` is asked what the signal of a parameter is called, by kind, channel and number."""
        self._path = path
        self._halves: dict[tuple[int, Kind], tuple[int | None, int | None]] = {}
        self._chosen: dict[int, Parameter] = {}
        self._known: dict[tuple[int, Kind, int], Parameter] = {}

    def choose(self, channel: int, control: int, value: int) -> None:
        """Take one half of a number; `control` is 98 to 101."""
        kind, lower = _CHOOSING[control]
        halves = self._halves.get((channel, kind), (None, None))
        upper_half, lower_half = (halves[0], value) if lower else (value, halves[1])
        self._chosen.pop(channel, None)
        if (upper_half, lower_half) == _NONE:
            self._halves.pop((channel, kind), None)
            return
        self._halves[channel, kind] = upper_half, lower_half
        if upper_half is not None and lower_half is not None:
            self._chosen[channel] = self._parameter(channel, kind, upper_half << 7 | lower_half)

    def chosen(self, channel: int) -> Parameter | None:
        """Return the parameter that values on the channel belong to; None: to none."""
        return self._chosen.get(channel)

    def _parameter(self, channel: int, kind: Kind, number: int) -> Parameter:
        known = self._known.get((channel, kind, number))
        if known is None:
            if len(self._known) == _MOST:
                del self._known[next(iter(self._known))]
            known = Parameter(kind, channel, number, self._path(kind, channel, number))
            self._known[channel, kind, number] = known
        return known
