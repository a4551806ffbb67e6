"""What the profile language names and this version does not do yet, in one place.

Someone who copies a profile made for a later version is told so, rather than that a key does not exist. What a later
version merely makes real (video inputs, MIDI) is read already, and gets a note where it stands.
"""

from collections.abc import Mapping
from typing import Final

from bridge.profile.source.problems import Notes, Place

PROFILE: Final[Mapping[str, str]] = {
    "scopes": "several Scopes at once",
}

SCOPE: Final[Mapping[str, str]] = {
    "graph": "a graph of pipelines",
}

OUTPUT: Final[Mapping[str, str]] = {
    "from": "several Scopes at once",
}


PLAYS: Final = "everything else plays"


def later(notes: Notes, place: Place, what: str, until: str) -> None:
    """Note something that the language has and this version cannot do: `td: replies come`, and what holds until then."""
    notes.note(place, f"{what} with a later version", until)
