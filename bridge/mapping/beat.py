"""PURE. Tempo: where in the music a moment is, when the next line comes, what tapping means; and oscillators."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from bridge.mapping.chance import scramble
from bridge.profile.durations import BEATS_PER_BAR, BPM, CHUNK_SECONDS, Duration, Unit

SLOWEST_TAP = 2.0
"""Seconds between two taps after which a new row of taps begins: 30 bpm."""
TAPS = 8
"""How many of the last taps count."""
SLOWEST, FASTEST = 20.0, 400.0
"""Tempi in beats per minute that are believed."""
_CLOSE = 1e-6
"""Beats by which a moment may be beyond a line and still be on it: times are sums of rounded numbers."""


@dataclass(slots=True)
class Tempo:
    """Beats, counted evenly from a beginning."""

    bpm: float = BPM
    begin: float | None = None
    """The time of beat 0; None until the show has heard anything."""
    said: bool = False
    """Whether somebody has said what the tempo is: the profile, or a hand that tapped twice."""
    _taps: list[float] = field(default_factory=list)
    """The last `TAPS` of the row."""
    _row: int = 0
    """How many taps the row has had."""

    def beats(self, now: float) -> float:
        """Return how many beats have gone since the beginning: whole on a beat, a multiple of four on a bar line."""
        return 0.0 if self.begin is None else (now - self.begin) * self.bpm / 60

    def when(self, beats: float) -> float:
        """Return the time of a beat."""
        return (self.begin or 0.0) + beats * 60 / self.bpm

    def copy(self) -> "Tempo":
        """Return another one that is where this one is."""
        return replace(self, _taps=list(self._taps))

    def turn_to(self, bpm: float, now: float) -> None:
        """Go on in another tempo, without a jump: the beat that `now` is stays the beat that it is."""
        at = self.beats(now)
        self.bpm, self.said = min(FASTEST, max(SLOWEST, bpm)), True
        if self.begin is not None:
            self.begin = now - at * 60 / self.bpm

    def state(self, now: float) -> dict[str, Any] | None:
        """Return where in the music a moment is, by the names of Scope's client beat state; None while nobody has said
        what the tempo is, or nothing was heard.

        `beat_phase` is 0 to below 1, `bar_position` 0 to below 4 beats; `beat_count` are whole beats since the beginning.
        """
        if not self.said or self.begin is None:
            return None
        beats = max(0.0, round(self.beats(now), 6))
        return {
            "bpm": round(self.bpm, 3),
            "beat_phase": round(beats % 1.0, 6),
            "bar_position": round(beats % BEATS_PER_BAR, 6),
            "beat_count": math.floor(beats),
            "is_playing": True,
        }

    def line(self, now: float, beats: float) -> float:
        """Return when the next line of a grid of so many beats comes; `now` itself on a line."""
        position = self.beats(now)
        lines = math.ceil(position / beats - _CLOSE)
        return max(now, self.when(lines * beats))

    def tap(self, now: float) -> None:
        """Take a tap: the second gives the tempo, every one sets the beat, the first of a row the bar."""
        if self._taps and now - self._taps[-1] > SLOWEST_TAP:
            self._taps.clear()
            self._row = 0
        self._taps.append(now)
        del self._taps[:-TAPS]
        self._row += 1
        if len(self._taps) > 1:
            apart = (self._taps[-1] - self._taps[0]) / (len(self._taps) - 1)
            if apart > 0:
                self.bpm, self.said = min(FASTEST, max(SLOWEST, 60 / apart)), True
        # The first tap of the row was a bar line: this one is so many beats after it.
        self.begin = now - (self._row - 1) * 60 / self.bpm


@dataclass(slots=True)
class Times:
    """How long durations are, now."""

    tempo: Tempo = field(default_factory=Tempo)
    chunk: float = CHUNK_SECONDS
    """Seconds that Scope takes for a chunk, as last measured."""

    def seconds(self, duration: Duration) -> float:
        """Return the length of a duration in seconds, with this tempo and this chunk."""
        match duration.unit:
            case Unit.SECONDS:
                return duration.amount
            case Unit.CHUNKS:
                return duration.amount * self.chunk
            case Unit.BEATS:
                return duration.amount * 60 / self.tempo.bpm
            case Unit.BARS:
                return duration.amount * BEATS_PER_BAR * 60 / self.tempo.bpm


def beats_of(duration: Duration) -> float:
    """Return how many beats a duration in beats or bars has."""
    return duration.amount * (BEATS_PER_BAR if duration.unit is Unit.BARS else 1)


def _square(phase: float) -> float:
    return 1.0 if phase < 0.5 else 0.0


SHAPES: dict[str, Callable[[float], float]] = {
    "sine": lambda phase: 0.5 - 0.5 * math.cos(2 * math.pi * phase),
    "triangle": lambda phase: 1 - abs(1 - 2 * phase),
    "saw": lambda phase: phase,
    "square": _square,
}
"""Oscillators: from where in the period, 0 to below 1, to a value of 0 to 1. All but `square` begin at 0."""


def oscillate(shape: str, position: float, seed: int) -> float:
    """Return an oscillator's value, 0 to 1, `position` periods after its beginning.

    `random` holds another value in each period, always the same for the same `seed`.
    """
    if shape == "random":
        return scramble(scramble(seed) ^ (math.floor(position) & 0xFFFFFFFF)) / 2**64
    return SHAPES[shape](position % 1.0)
