"""What comes in at an output: the pictures that it can show, and what it must know to show them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bridge.frames import Buffer, Latest
from bridge.profile.durations import Duration


@dataclass(frozen=True, slots=True)
class Incoming:
    """The ways into one output."""

    live: Buffer
    """Scope's frames, each of them in its turn."""
    source: Latest
    """What goes into Scope: for what shows when Scope is gone, and past it."""
    seconds: Callable[[Duration], float]
    """How long a duration is now, as the tempo and the chunks are. Any thread may ask."""
    folder: Path
    """The profile's: paths of files begin there."""
