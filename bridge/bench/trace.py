"""PURE. What a hand did, held against what the picture says was in effect: how old a value is when a chunk uses it.

A hand goes from place to place; the places are numbered, and the number is what is sent (as `probe`, which the rehearsal
server's strip shows). So a chunk tells which place it was made with, and when it began.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from bridge.strip import Strip

RATE = 60
"""How often a second one looks where the hand is."""
_MOVING = 2.5 / RATE
"""A hand that came to its place no longer ago than this, in seconds, is moving: two looks, and a little for the clock."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk of the server, as its strip tells it."""

    start: float
    """When it was started, in seconds of `bridge.clock`."""
    place: int | None
    """The place in effect; None before the first one of this trace."""
    dropped: int
    """How many messages the session's worker had thrown away until then."""


@dataclass(slots=True)
class Trace:
    """One hand, and the chunks that were made meanwhile. Times are in seconds of `bridge.clock`."""

    first: int = 0
    """What is sent for the first place. The pipeline keeps what earlier clients sent: it must be above all of that."""
    chunks: list[Chunk] = field(default_factory=list)
    _came: list[float] = field(default_factory=list)
    """By place: when the hand came to it."""
    _left: list[float] = field(default_factory=list)
    """By place: when the hand was last seen at it."""
    _number: int | None = None
    """Of the newest chunk."""

    def look(self, moved: bool, now: float) -> int:
        """See the hand, at its old place or at a new one; return what is sent for the place."""
        if moved or not self._came:
            self._came.append(now)
            self._left.append(now)
        self._left[-1] = now
        return self.newest

    @property
    def newest(self) -> int:
        """What is sent for the place where the hand is."""
        return self.first + len(self._came) - 1

    def show(self, strip: Strip) -> None:
        """Take in what a frame says; only the first of each chunk counts."""
        if strip.chunk == self._number:
            return
        self._number = strip.chunk
        place = int(strip.probe) - self.first if strip.probe == strip.probe else -1
        self.chunks.append(Chunk(strip.start_ms / 1000, place if place >= 0 else None, strip.dropped))

    @property
    def landed(self) -> bool:
        """Whether the newest chunk was made with the place where the hand is."""
        return bool(self.chunks) and self.chunks[-1].place == len(self._came) - 1

    @property
    def dropped(self) -> int:
        """How many messages the server has thrown away."""
        return self.chunks[-1].dropped if self.chunks else 0

    @property
    def first_drop(self) -> float | None:
        """The start of the first chunk after a message was thrown away; None if none was."""
        return next((chunk.start for chunk in self.chunks if chunk.dropped), None)

    def age(self, chunk: Chunk) -> float | None:
        """Return how long before the start of `chunk` the hand was last at the place that it was made with, in seconds.

        None where that says nothing: the hand was resting, or no place had ever arrived.
        """
        here = bisect_right(self._came, chunk.start) - 1
        if here < 0 or chunk.place is None or chunk.start - self._came[here] > _MOVING:
            return None
        return max(0.0, chunk.start - self._left[chunk.place]) if chunk.place < here else 0.0

    def ages(self, begin: float = float("-inf"), end: float = float("inf")) -> list[float]:
        """Return the age at the start of each chunk from `begin` to `end` at which the hand was moving, in order."""
        found = (self.age(chunk) for chunk in self.chunks if begin <= chunk.start < end)
        return [age for age in found if age is not None]

    @property
    def lengths(self) -> list[float]:
        """How long each chunk took but the newest, of which that is not known."""
        return [later.start - earlier.start for earlier, later in pairwise(self.chunks)]


def ratios(trace: Trace, span: float = 5.0) -> list[tuple[float, float]]:
    """Return, for each chunk at which the hand was moving, its start and its age as a part of the longest chunk that ended
    in the `span` seconds before."""
    lengths = trace.lengths
    found = []
    for number, chunk in enumerate(trace.chunks):
        age = trace.age(chunk)
        ended = [
            lengths[before] for before in range(number) if trace.chunks[before + 1].start > chunk.start - span
        ]  # the last of them ended when this one began
        if age is not None and ended:
            found.append((chunk.start, age / max(ended)))
    return found


def chunks_until_fresh(found: Sequence[tuple[float, float]], turns: Sequence[float], limit: float) -> list[int]:
    """Return, for each of the moments `turns` at which the chunk time changed, after how many chunks the ratio was back
    under `limit`: 0 where it never left it, and all chunks until the next turn where it never came back."""
    counts = []
    for begin, end in zip(turns, [*turns[1:], float("inf")], strict=True):
        phase = [ratio for start, ratio in found if begin <= start < end]
        above = next((number for number, ratio in enumerate(phase) if ratio > limit), None)
        if above is None:
            counts.append(0)
            continue
        counts.append(next((number for number in range(above, len(phase)) if phase[number] <= limit), len(phase)))
    return counts
