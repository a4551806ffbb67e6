"""What is written in a profile: text, lists and mappings, each of which knows its place."""

from dataclasses import dataclass

from bridge.profile.source.problems import Place


@dataclass(frozen=True, slots=True)
class Scalar:
    """A piece of text, or nothing at all."""

    place: Place
    text: str
    plain: bool
    """Whether it stands without quotes and may be a number or a switch."""


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    place: Place
    items: tuple["Node", ...]
    whole: bool = True
    """Whether nothing that may belong to it was left out as unreadable: only then is what is missing missing."""


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys with values, in the order of the file."""

    place: Place
    pairs: tuple[tuple["Node", "Node"], ...]
    whole: bool = True
    """As of a `Sequence`."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something stood here that could not be read; the problem has been noted, and nothing more is to be said."""

    place: Place


Node = Scalar | Sequence | Mapping | Unreadable
