"""Which of several video inputs goes to Scope: the one that was called, as long as it lives, else the first that does."""

from collections.abc import Sequence
from typing import Final

from bridge.frames import Frame, Latest

ALIVE: Final = 1.0
"""Seconds without a frame after which a video input counts as gone."""


class Choice:
    """The way of one source node of Scope's graph. It belongs to the event loop."""

    def __init__(self, names: Sequence[str]) -> None:
        """Choose among the video inputs of these names, the first that lives."""
        self.mailbox = Latest()
        """What goes up to Scope."""
        self.called: str | None = None
        """The one that somebody asked for, of these or another one; None: nobody did."""
        self.names = tuple(names)
        self._seen: dict[str, float] = {}

    def take(self, name: str, frame: Frame) -> None:
        """Take a frame of the video input called `name`: it goes up, or it is not the one."""
        self._seen[name] = frame.received
        if name == self._chosen(frame.received):
            self.mailbox.put(frame)

    def _chosen(self, now: float) -> str | None:
        order = self.names if self.called is None else (self.called, *self.names)
        return next((name for name in order if now - self._seen.get(name, float("-inf")) < ALIVE), None)
