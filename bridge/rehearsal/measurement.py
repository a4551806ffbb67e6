"""How fresh the picture is: what left the hand, held against what the rehearsal server's frames say was in effect.

The performer counts its bundles in `probe`, an ordinary parameter that passes through like any other. The moment each
count arrived is known at the input; the strip in the picture says which count was in effect in which chunk, and when
that chunk began. Nothing of it is estimated.
"""

from dataclasses import dataclass, field

from bridge.frames import Frame
from bridge.signals import Batch
from bridge.strip import Strip, read_frame


@dataclass(slots=True)
class Measurement:
    """Listens to signals and frames; `ages` and `to_picture` are what it found, in seconds."""

    probe: str
    """The signal that counts: `td/probe`."""
    signals: int = 0
    frames: int = 0
    unreadable: int = 0
    """Frames without a readable strip."""
    out_of_order: int = 0
    """Frames whose number was not above the one before."""
    ages: list[float] = field(default_factory=list)
    """Per chunk: its start minus the arrival of the count in effect; only while counts kept arriving."""
    to_picture: list[float] = field(default_factory=list)
    """Per chunk with a new count: the arrival of its first frame here minus the arrival of the count."""
    chunk_starts: list[float] = field(default_factory=list)
    last: Strip | None = None
    """The newest strip."""
    last_probe: int | None = None
    """The last count that arrived."""
    _arrivals: dict[int, float] = field(default_factory=dict)
    _last_arrival: float = 0.0
    _first: Strip | None = None

    def signal(self, batch: Batch) -> None:
        """Take what arrived at an input."""
        self.signals += len(batch.samples)
        for path, values in batch.samples:
            if path == self.probe and values and isinstance(values[-1], int | float):
                self.last_probe = int(values[-1])
                self._arrivals[self.last_probe] = self._last_arrival = batch.time

    def frame(self, frame: Frame) -> None:
        """Take a frame that came from Scope."""
        self.frames += 1
        strip = read_frame(frame.video)
        if strip is None:
            self.unreadable += 1
            return
        before, self.last = self.last, strip
        self._first = self._first or strip
        if before is not None and strip.frame <= before.frame:
            self.out_of_order += 1
        if before is not None and strip.chunk == before.chunk:
            return
        start = strip.start_ms / 1000
        self.chunk_starts.append(start)
        arrived = None if strip.probe != strip.probe else self._arrivals.get(int(strip.probe))
        if arrived is None:
            return
        if start <= self._last_arrival:
            self.ages.append(start - arrived)
        if before is None or strip.probe != before.probe:
            self.to_picture.append(frame.received - arrived)

    @property
    def chunks(self) -> int:
        """Chunks that the server made between the first and the newest frame, both included."""
        return 0 if self.last is None or self._first is None else self.last.chunk - self._first.chunk + 1

    @property
    def dropped(self) -> int:
        """Messages that the server's queue has dropped."""
        return 0 if self.last is None else self.last.dropped

    @property
    def chunk_seconds(self) -> float | None:
        """How long a chunk takes: the median distance of chunk starts; None before there were two."""
        apart = [later - earlier for earlier, later in zip(self.chunk_starts, self.chunk_starts[1:], strict=False)]
        return quantile(apart, 0.5)

    @property
    def landed(self) -> bool:
        """Whether the picture shows the last count that arrived."""
        return self.last is not None and self.last_probe is not None and self.last.probe == self.last_probe


def quantile(values: list[float], part: float) -> float | None:
    """Return the value below which `part` of `values` lie (nearest rank); None if there are none."""
    return sorted(values)[min(len(values) - 1, int(len(values) * part))] if values else None
