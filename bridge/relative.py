"""PURE. What encoders send: how far they were turned, in one of the ways that makers have found for seven bits.

    steps("twos complement", 127)      # -1
    steps("offset", 66)                # 2

`Detector` finds out which way it is, from what arrives while a hand turns to and fro.
"""

from collections import deque
from collections.abc import Mapping
from typing import Final, Literal, get_args

Relative = Literal["twos complement", "offset", "sign magnitude", "on off"]
"""`twos complement` 1 is a step up and 127 one down; `offset` 65 up, 63 down; `sign magnitude` 1 up, 65 down; `on off`
127 up, 0 down, always one step."""

RELATIVE: Final[tuple[Relative, ...]] = get_args(Relative)

FAST: Final = 16
"""The most steps at once that speak for a way while it is being found out; encoders turned slowly send one."""
LOOKED_AT: Final = 16
"""How many of the latest values are weighed while an encoder is played."""
REPEATS: Final = 3
"""How often among them a value must be the same as the one before: an encoder that is turned evenly repeats itself, while a
fader sends only what is new and a button goes down and up by turns."""


def steps(relative: Relative, value: int) -> int:
    """Return how many steps the value of a message, 0 to 127, means: negative to the left, 0 for one that means none."""
    match relative:
        case "twos complement":
            return value - 128 if value >= 64 else value
        case "offset":
            return value - 64
        case "sign magnitude":
            return 64 - value if value >= 64 else value
        case "on off":
            return 1 if value >= 64 else -1


def _spoken(relative: Relative) -> Mapping[int, bool]:
    """Return the values that speak for a way, and for each whether it turns upwards."""
    if relative == "on off":
        return {0: False, 127: True}
    meant = {value: steps(relative, value) for value in range(128)}
    return {value: count > 0 for value, count in meant.items() if 0 < abs(count) <= FAST}


_SPOKEN: Final = {relative: _spoken(relative) for relative in RELATIVE}


class Detector:
    """Finds out which way an encoder says how far it was turned.

    It must be turned both ways: 1 alone may be `twos complement` or `sign magnitude`, 65 `offset` or `sign magnitude`, and
    127 `twos complement` or `on off`.
    """

    def __init__(self, looked_at: int = LOOKED_AT) -> None:
        """`looked_at` is how many of the latest values are weighed."""
        self.relative: Relative | None = None
        """The way it is; None while that is not decided, and of what looks absolute. Once found it stays, so that an
        encoder turned fast is not doubted, until what arrives speaks clearly for another."""
        self._latest: deque[int] = deque(maxlen=looked_at)

    def feed(self, value: int) -> Relative | None:
        """Take the value of the next message, 0 to 127, and return `relative`."""
        self._latest.append(value)
        for relative, spoken in _SPOKEN.items():
            if self._speaks_for(spoken):
                self.relative = relative
        return self.relative

    def _speaks_for(self, spoken: Mapping[int, bool]) -> bool:
        """Return whether the latest values fit one way, in both directions; no two ways have such values in common."""
        latest = self._latest
        if not all(value in spoken for value in latest) or len({spoken[value] for value in latest}) < 2:
            return False
        return sum(one == next_one for one, next_one in zip(latest, list(latest)[1:], strict=False)) >= REPEATS
