"""The only place that reads the time.

`now()` counts seconds from an arbitrary start that all processes of one machine share, so that a time written into a
picture by the rehearsal server can be compared with the arrival of a datagram at the bridge. `time.perf_counter` is
that clock on Linux (`CLOCK_MONOTONIC`), Windows (`QueryPerformanceCounter`) and macOS (`mach_absolute_time`).
"""

import time
from collections.abc import Callable

Clock = Callable[[], float]
"""Something that tells the time in seconds, monotonic."""

now: Clock = time.perf_counter
