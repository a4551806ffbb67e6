"""What the profile language has and this version does not do yet: read and checked already, with a note where it stands."""

from typing import Final

from bridge.profile.source.problems import Notes, Place

PLAYS: Final = "everything else plays"


def later(notes: Notes, place: Place, what: str, until: str) -> None:
    """Note something that the language has and this version cannot do: `td: replies come`, and what holds until then."""
    notes.note(place, f"{what} with a later version", until)
