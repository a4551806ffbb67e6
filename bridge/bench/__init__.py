"""How fast the bridge is, and how fresh: each figure beside a peer, measured in the same run on the same machine.

Absolute times say more about the machine than about the bridge; the ratio to a peer is what can be compared. One module
for each matter, in `MATTERS`; each has `PARTS`, which measure one thing after the other.
"""

import importlib
from collections.abc import Iterator
from typing import Final, cast

from bridge.bench.measuring import Effort, Figure, Matter
from bridge.errors import Refused

MATTERS: Final = {
    "mapping": "signals, live smoothers, patterns, a replay",
    "frames": "from Scope's packets to a mixer's picture, beside aiortc and a plain script (6 minutes)",
    "freshness": "how old a value is when Scope uses it, beside a client as others are (8 minutes)",
    "midi": "from a port's bytes to signals, beside mido's parser; nothing lost at 10,000 messages per second",
}
"""What can be measured, and what it is about; each is the module of that name."""


def matter(name: str) -> Matter:
    """Return the module that measures `name`, one of `MATTERS`."""
    return cast(Matter, importlib.import_module(f"bridge.bench.{name}"))


def measure(name: str, effort: Effort, only: str = "") -> Iterator[Figure]:
    """Measure `name`, or `only` one part of it, and yield each figure when it is known.

    Raise `Refused` if it has no part of that name. Without one, parts that are measured on request alone are left out.
    """
    parts = matter(name).PARTS
    if only and only not in parts:
        raise Refused(f"'{name}' has no part '{only}'; it has {', '.join(parts)}")
    for part in [parts[only]] if only else [part for part in parts.values() if part.usual]:
        yield from part.measure(effort)
