"""What can be made to go wrong with the rehearsal server.

A fault is written as its name, with its number behind a colon where it has one, and perhaps the time behind an `@`:
`crash`, `slow-load:20`, `lag:150@10`. `crash:10` is the same as `crash@10`, as it has no number of its own.
"""

import math
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
    OOM = "oom"
    """The GPU's memory runs out: the workers of the live sessions end, the sessions stay connected, no frame comes."""
    LOST_ICE = "lost-ice"
    """No packet of the live sessions passes any more, either way; HTTP lives. A new offer works."""
    LOAD_ERROR = "load-error"
    """Every load of a pipeline ends in an error."""
    SLOW_LOAD = "slow-load"
    """Every load takes so many seconds."""
    ERRORS = "errors"
    """Every answer but that of /health is a 500, in plain text."""
    GARBAGE = "garbage"
    """Every JSON answer is cut in the middle."""
    LAG = "lag"
    """Every UDP packet of the sessions comes so many milliseconds later, both ways."""
    LOSS = "loss"
    """This part of the UDP packets is lost, 0 to 1, both ways."""

    @property
    def written(self) -> str:
        """How it is written, with the unit of its number."""
        units = {Fault.SLOW_LOAD: ":SECONDS", Fault.LAG: ":MS", Fault.LOSS: ":P"}
        return self.value + units.get(self, "")

    @property
    def measured(self) -> bool:
        """Whether it has a number."""
        return self.written != self.value

    @property
    def strikes(self) -> bool:
        """Whether it happens to what lives at that moment. All others are in force until they are healed."""
        return self in (Fault.CRASH, Fault.FREEZE, Fault.OOM, Fault.LOST_ICE)


HEALING = "none"
"""What is written instead of a fault to end all that can be healed."""
_LIMITS = {Fault.SLOW_LOAD: 3600.0, Fault.LAG: 10_000.0, Fault.LOSS: 1.0}


@dataclass(frozen=True, slots=True)
class Planned:
    """A fault that will come by itself."""

    fault: Fault
    after: float | None = None
    """How long after the server's first chunk, in seconds. None: what strikes comes at once then, what is in force
    is so from the start."""
    amount: float = 0.0
    """The fault's number, in the unit that it is written in."""

    def __str__(self) -> str:
        return self.fault.value + (f":{self.amount:g}" if self.fault.measured else "")


def planned(text: str) -> Planned:
    """Return what `crash`, `freeze@10`, `slow-load:20` and the like mean. Raise `ValueError` if they mean nothing."""
    written, at, after = text.partition("@")
    name, colon, argument = written.partition(":")
    try:
        fault = Fault(name)
    except ValueError:
        names = ", ".join(fault.written for fault in Fault)
        raise ValueError(f"{text!r} is no fault: write one of {names}, and perhaps @seconds") from None
    if colon and not at and not fault.measured:
        after, at, colon = argument, "@", ""
    amount = _number(argument, _LIMITS.get(fault, 0.0)) if colon else None
    delay = _number(after, math.inf) if at else None
    if (colon and not fault.measured) or (fault.measured and amount is None) or (at and delay is None):
        number = f", with a number from 0 to {_LIMITS[fault]:g}" if fault.measured else ""
        raise ValueError(f"{text!r} is no fault: write {fault.written}{number}, and perhaps @seconds")
    return Planned(fault, delay, amount or 0.0)


def _number(text: str, most: float) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0 <= number <= most and number < math.inf else None
