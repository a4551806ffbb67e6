"""Which of several video inputs goes to Scope: the one that was called, as long as it lives, else the first that does."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bridge.frames import Fan, Frame

ALIVE: Final = 1.0
"""Seconds without a frame after which a video input counts as gone."""
STEADY: Final = 0.5
"""Seconds for which one that has come back must live before it takes over from another: a loose plug does not flicker."""


@dataclass(slots=True)
class _Seen:
    """When a video input was seen."""

    first: float
    """Since when it lives without having been gone."""
    last: float


class Choice:
    """The way of one source node of Scope's graph. It belongs to the event loop.

    While none of its inputs lives, nothing comes out, and who sends it up goes on with the last picture.
    """

    def __init__(self, names: Sequence[str]) -> None:
        """Choose among the video inputs of these names, the first that lives."""
        self.fan = Fan()
        """What goes up to Scope, for whoever shows it too."""
        self.mailbox = self.fan.open()
        """The same, for who sends it up."""
        self.called: str | None = None
        """The one that somebody asked for, of these or another one; None: nobody did."""
        self.names = tuple(names)
        self.chosen: str | None = None
        """The one whose frames went up last; None: none did yet."""
        self._seen: dict[str, _Seen] = {}

    def take(self, name: str, frame: Frame) -> None:
        """Take a frame of the video input called `name`: it goes up, or it is not the one."""
        moment = frame.received
        seen = self._seen.get(name)
        if seen is None or moment - seen.last >= ALIVE:
            self._seen[name] = _Seen(moment, moment)
        else:
            seen.last = moment
        if name == self._choose(moment):
            self.chosen = name
            self.fan.put(frame)

    def _choose(self, now: float) -> str | None:
        living = [name for name in self.names if self._lives(name, now)]
        if self.called is not None and self._lives(self.called, now):
            return self.called
        kept = self.chosen in living
        return next((name for name in living if name == self.chosen or not kept or self._is_steady(name, now)), None)

    def _lives(self, name: str, now: float) -> bool:
        return name in self._seen and now - self._seen[name].last < ALIVE

    def _is_steady(self, name: str, now: float) -> bool:
        return now - self._seen[name].first >= STEADY
