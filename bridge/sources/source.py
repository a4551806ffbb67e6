"""What a source of video is, whatever it takes its pictures from."""

from typing import Protocol

from bridge.status import InputStatus


class Source(Protocol):
    """Something that brings pictures."""

    @property
    def name(self) -> str:
        """What the profile calls it."""

    async def run(self) -> None:
        """Bring pictures until cancelled. Raise `Unavailable` when there is nothing to take them from, or no more."""

    def seek(self, position: float) -> None:
        """Go on from another place, 0 the beginning to 1 the end; where there is none, do nothing."""

    def status(self) -> InputStatus:
        """Return what it does and how it fares, its pictures counted as signals; cheap, from the event loop's thread."""
