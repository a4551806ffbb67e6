"""PURE. Two control changes that are one value of 14 bits: 0 to 31 with the upper half, 32 more with the lower one."""

from dataclasses import dataclass


@dataclass(slots=True)
class Pair:
    """What is known of one."""

    path: str
    named: bool
    """Whether a controller declares it: then it is heard as this alone, and not as its halves."""
    upper: int | None = None
    """The upper half; None: it has not come."""

    def value(self, lower: int) -> float:
        """Return the value, 0 to 1, with this lower half."""
        return ((self.upper or 0) << 7 | lower) / 16383
