"""When each picture is to be shown, so that pictures which come in bursts show at an even pace.

steady = Steady()
due = steady.due(frame.received, frame.number, bound=0.1)    # for every frame, in the order in which they come
"""

from collections import deque
from typing import Final

_BLOCK: Final = 24
"""The period is measured between the means of two blocks of so many arrivals: a multiple of what a chunk has (4, 12), so
that bursts do not disturb it."""
_WINDOW: Final = 2.0
"""Seconds after which it is forgotten that a picture came late."""
_YIELD: Final = 0.1
"""The part by which a delay that nobody needs any more shrinks with each picture."""
_PAUSE: Final = 0.3
"""Seconds that a gap which means anything has, at least."""
_LONG_PAUSE: Final = 2.0
"""Seconds from which a gap is no part of any rhythm."""
_WEIGHT: Final = 1 / 16
"""How much one picture counts in the mean delay."""


class Steady:
    """Gives each arrival a time to be shown at: the pictures' own even beat, late enough for those that come late.

    The beat runs on by one measured period per picture. How much later than the beat pictures are shown is as much as
    the latest of the last two seconds needed, and never so much that one is kept back for longer than the bound.
    """

    def __init__(self) -> None:
        self._arrivals: deque[float] = deque(maxlen=2 * _BLOCK)
        """When pictures came, as if no pause had been."""
        self._gaps: deque[float] = deque(maxlen=2 * _BLOCK)
        self._late: deque[tuple[float, float]] = deque()
        """When one came, and how much after its beat; each less than those before: their maximum is the first."""
        self._offset = 0.0
        """How much after its beat a picture is shown."""
        self._beat = 0.0
        self._number: int | None = None
        self._received = 0.0
        self._due = 0.0
        self._usual_gap = 0.0
        """Seconds of the longest gap but one: a rhythm has its gaps more than once."""
        self.period: float | None = None
        """Seconds from one picture to the next, as measured over the last 48; None until two have come."""
        self.delay = 0.0
        """Seconds for which pictures are kept back: a mean of the last."""

    @property
    def patience(self) -> float:
        """Seconds without a picture that mean nothing, as the rate and the bursts are."""
        return max(_PAUSE, 3 * (self.period or 0.0), 1.5 * self._usual_gap)

    def due(self, received: float, number: int, bound: float) -> float:
        """Return when to show the picture `number` that came at `received`: never before the last one's time, nor more
        than `bound` seconds after it came, unless it came in the wrong order.

        A number that does not follow the last one, or a time that goes back, begins a new beat.
        """
        if self._number is None or number != self._number + 1 or received < self._received:
            self._begin(received)
        else:
            self._step(received)
        self._number, self._received = number, received
        wanted = min(max(received, self._beat + self._offset), received + bound)
        self._due = max(self._due, wanted)
        self.delay += _WEIGHT * (self._due - received - self.delay)
        return self._due

    def _begin(self, received: float) -> None:
        self._arrivals.clear()
        self._arrivals.append(received)
        self._late.clear()
        self._late.append((received, 0.0))
        self._beat, self._offset = received, 0.0

    def _step(self, received: float) -> None:
        gap = received - self._received
        paused = gap > _PAUSE and gap > min(_LONG_PAUSE, 2 * self._usual_gap)
        self._gaps.append(min(gap, _LONG_PAUSE))
        self._usual_gap = sorted(self._gaps)[-2] if len(self._gaps) > 1 else 0.0
        if paused:
            self._skip(gap - (self.period or 0.0))
        self._arrivals.append(received)
        self.period = self._measured()
        self._beat += self.period
        late = received - self._beat
        while self._late and self._late[-1][1] <= late:
            self._late.pop()
        self._late.append((received, late))
        while self._late[0][0] < received - _WINDOW:
            self._late.popleft()
        needed = self._late[0][1]
        self._offset = max(late, self._offset - _YIELD * (self._offset - needed))

    def _skip(self, seconds: float) -> None:
        """Go on after a pause as if it had not been."""
        self._arrivals = deque((arrival + seconds for arrival in self._arrivals), self._arrivals.maxlen)
        self._late = deque((arrival + seconds, late) for arrival, late in self._late)
        self._beat += seconds

    def _measured(self) -> float:
        """Return the seconds from one picture to the next."""
        arrivals = list(self._arrivals)
        block = len(arrivals) // 2
        return (sum(arrivals[-block:]) - sum(arrivals[-2 * block : -block])) / block**2
