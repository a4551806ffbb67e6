"""PURE. Chance that can be repeated: the same seed gives the same choices, in every process and after a restart."""

from dataclasses import dataclass

_MASK = (1 << 64) - 1


def scramble(number: int) -> int:
    """Return 64 bits that look random and are always the same for the same number (the mixing step of splitmix64)."""
    number = (number + 0x9E3779B97F4A7C15) & _MASK
    number = ((number ^ (number >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    number = ((number ^ (number >> 27)) * 0x94D049BB133111EB) & _MASK
    return number ^ (number >> 31)


@dataclass(slots=True)
class Chance:
    """A row of choices."""

    seed: int = 1
    """Where the row stands: what comes next depends on nothing else."""

    def below(self, count: int) -> int:
        """Return a whole number from 0 to `count` - 1."""
        self.seed = (self.seed + 1) & _MASK
        return scramble(self.seed) % count
