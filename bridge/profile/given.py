"""The keys of a section that was read, and the note about what waits for a later version."""

from collections.abc import Mapping
from typing import Any, Final

from bridge.profile.problems import Notes, Place
from bridge.profile.structures import Fields

PLAYS: Final = "everything else plays"


def section(fields: Fields, name: str) -> Mapping[str, Any]:
    """Return what was read under a key that holds a mapping; an empty one if nothing was."""
    return fields[name].value if name in fields else {}


def value(fields: Fields, name: str, otherwise: Any = None) -> Any:
    """Return what was read under a key, or `otherwise`."""
    return fields[name].value if name in fields else otherwise


def later(notes: Notes, place: Place, what: str, until: str) -> None:
    """Note something that the language has and this version cannot do: `td: replies come`, and what holds until then."""
    notes.note(place, f"{what} with a later version", until)
