"""What arrives: `input/path` and its values, stamped once, where it enters.

`/pads/1 0.5` at the input called `stage` is the sample `("stage/pads/1", (0.5,))`.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

Value = float | int | str | bool | bytes | None
"""One value of a signal. Numbers are finite or not, as they were sent: nothing has judged them yet."""

Sample = tuple[str, tuple[Value, ...]]
"""One message: the path (`input/address`, no leading slash) and its values, in the order sent; may be empty."""


class Batch(NamedTuple):
    """What one wake-up of an input brought, in order of arrival. Nothing in it has been merged or dropped."""

    time: float
    """When it arrived, in seconds of `bridge.clock`."""
    samples: Sequence[Sample]


Emit = Callable[[Batch], None]
"""Where an input hands over what arrived. Called on the event loop; never raises."""
