"""What can be made to go wrong with the rehearsal server."""

from dataclasses import dataclass
from enum import Enum


class Fault(Enum):
    """A way to fail that was seen on stages."""

    CRASH = "crash"
    """The process is gone, at once, without a word."""
    FREEZE = "freeze"
    """The workers of the live sessions stop for good, while HTTP lives. A new offer gets a living worker."""
    DEAF = "deaf"
    """The data channel is open, its messages go nowhere."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A fault that will come by itself."""

    fault: Fault
    after: float = 0.0
    """How long after the server's first chunk, in seconds."""


def planned(text: str) -> Planned:
    """Return what `crash`, `freeze:10` and the like mean. Raise `ValueError` if they mean nothing."""
    name, colon, after = text.partition(":")
    try:
        fault = Fault(name)
        seconds = float(after) if colon else 0.0
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        names = ", ".join(fault.value for fault in Fault)
        raise ValueError(f"{text!r} is no fault: write one of {names}, and perhaps :seconds after the first chunk")
    return Planned(fault, seconds)
