"""What the bridge itself is asked to do, apart from Scope's parameters. Verbs act at once, all of them, in order."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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


@dataclass(frozen=True, slots=True)
class Key:
    """The threshold of an output's key: what is darker, or nearer to the key colour, becomes transparent."""

    output: str
    """An output's name, or `ALL`."""
    threshold: float
    """0 to 1."""


@dataclass(frozen=True, slots=True)
class SaveScene:
    """Write what is live into the profile, as a scene."""

    name: str
    values: Mapping[str, Any]
    """By the target's text, as YAML can say it."""


@dataclass(frozen=True, slots=True)
class RunPipeline:
    """Scope shall run another pipeline; outputs hold the picture until it comes."""

    pipeline: str
    scope: str = ""
    """Which Scope of several; empty: the only one."""


@dataclass(frozen=True, slots=True)
class UseSource:
    """Scope shall transform another video input."""

    source: str
    scope: str = ""
    """As of `RunPipeline`."""


@dataclass(frozen=True, slots=True)
class Seek:
    """A video input goes on from another place."""

    source: str
    """The video input's name."""
    position: float
    """0, its beginning, to 1, its end."""


@dataclass(frozen=True, slots=True)
class Bypass:
    """The source passes by Scope."""

    amount: float
    """0 Scope's picture alone, 1 the source alone."""


@dataclass(frozen=True, slots=True)
class Record:
    """Recording starts or stops."""

    on: bool


@dataclass(frozen=True, slots=True)
class Standby:
    """The standby server plays, or the main one again: at once, or when it is ready, and until then the other one does."""

    on: bool
    scope: str = ""
    """As of `RunPipeline`."""


@dataclass(frozen=True, slots=True)
class ServerRecord:
    """Scope itself records what it makes, or ends that; then the file is fetched."""

    on: bool
    scope: str = ""
    """As of `RunPipeline`."""


@dataclass(frozen=True, slots=True)
class ShowLamps:
    """Controllers are told anew what their lamps, rings and motors show."""


Verb = (
    Freeze
    | Level
    | Key
    | SaveScene
    | RunPipeline
    | UseSource
    | Seek
    | Bypass
    | Record
    | Standby
    | ServerRecord
    | ShowLamps
)
