"""What the bridge itself is asked to do, apart from Scope's parameters. Verbs act at once, all of them, in order."""

from dataclasses import dataclass

ALL = "all"
"""The name that means every output."""


@dataclass(frozen=True, slots=True)
class Freeze:
    """An output holds the picture it shows, by hand, until told otherwise."""

    output: str
    """An output's name, or `ALL`."""
    on: bool


@dataclass(frozen=True, slots=True)
class Level:
    """An output's master fader: 1 the picture as it is, 0 black. Blackout is a level of 0."""

    output: str
    """An output's name, or `ALL`."""
    level: float
    """0 to 1."""


Verb = Freeze | Level
