"""What can go wrong, seen from whoever must act on it.

- `ProfileError`: the profile has problems; the person who wrote it acts, the text says how.
- `Unavailable`: something outside is not there now (a port, a driver, a server); the supervisor waits and tries again.
- `Refused`: a value or request cannot be taken; the sender is told, nothing else changes.

Anything else is a bug of ours.
"""

from collections.abc import Iterable


class BridgeError(Exception):
    """The base of every error that the bridge raises on purpose."""


class ProfileError(BridgeError):
    """A profile has problems. The text is the whole report, ready to print."""

    def __init__(self, report: str, files: Iterable[str] = ()) -> None:
        """`files` are the paths of the other files that the profile named, whether they are there or not."""
        super().__init__(report)
        self.files = tuple(files)


class Unavailable(BridgeError):
    """Something outside the bridge is not there now. Adapters raise it and never retry; the supervisor does."""


class Refused(BridgeError):
    """A value or a request that cannot be taken. The text says what was wrong and what would be accepted."""
