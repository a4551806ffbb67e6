"""How fast the bridge is: each figure beside a peer, measured in the same run on the same machine.

Absolute times say more about the machine than about the bridge; the ratio to a peer is what can be compared. One module
for each matter, in `MATTERS`; each has `measure(effort)`, which returns its figures.
"""

import importlib
from collections.abc import Iterable
from typing import Final, Protocol, cast

from bridge.bench.measuring import Effort, Figure

MATTERS: Final = {
    "mapping": "signals, live smoothers, patterns, a replay",
}
"""What can be measured, and what it is about; each is the module of that name."""


class Matter(Protocol):
    """A module that measures one matter."""

    def measure(self, effort: Effort) -> Iterable[Figure]:
        """Measure, and yield each figure when it is known."""


def matter(name: str) -> Matter:
    """Return the module that measures `name`, one of `MATTERS`."""
    return cast(Matter, importlib.import_module(f"bridge.bench.{name}"))
