"""The rehearsal server's tempo: an honest stand-in for Ableton Link. Its beat is that of a clock of its own.

There are no peers; whoever wants another tempo sets it. What a client says about the beat counts for two seconds.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bridge.clock import Clock
from bridge.errors import Refused
from bridge.rehearsal.beat import Beat

FRESH = 2.0
"""How long a client's beat counts, in seconds."""
SETTLING = 0.01
"""How long it takes from enabling to the first beat state, in seconds."""
UPDATES = 15.0
"""How often a second the sessions are told the beat."""


@dataclass(frozen=True, slots=True)
class _Source:
    """A clock that beats."""

    bpm: float
    beats: float
    """How many beats there had been at `since`."""
    since: float
    enabled: float

    def at(self, now: float) -> float:
        return self.beats + (now - self.since) * self.bpm / 60


class Tempo:
    """The tempo that the API enables. Workers' threads may read it: every change replaces one object."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._source: _Source | None = None
        self._client: tuple[Beat, float] | None = None
        self._beats_per_bar = 4

    @property
    def enabled(self) -> bool:
        """Whether it beats."""
        return self._source is not None

    @property
    def beats_per_bar(self) -> int:
        """How many beats a bar has."""
        return self._beats_per_bar

    def enable(self, bpm: float, beats_per_bar: int) -> None:
        """Begin with the first beat of a bar."""
        now = self._clock()
        self._client, self._beats_per_bar = None, beats_per_bar
        self._source = _Source(bpm, 0.0, now, now)

    def disable(self) -> None:
        """Beat no more."""
        self._source = self._client = None

    def set(self, bpm: float) -> None:
        """Take another tempo, from this place in the bar on. Raise `Refused` while it is not enabled."""
        if self._source is None:
            raise Refused("Tempo sync is not enabled")
        now = self._clock()
        self._source = _Source(bpm, self._source.at(now), now, self._source.enabled)

    def beat(self) -> Beat | None:
        """Return the beat of now; None while it is not enabled, and for a moment after that."""
        return self._now()[0]

    def _now(self) -> tuple[Beat | None, str]:
        """Return the beat, and where it comes from."""
        now, source, client = self._clock(), self._source, self._client
        if source is None:
            return None, ""
        if client is not None and now - client[1] < FRESH:
            return client[0], "client"
        if now - source.enabled < SETTLING:
            return None, ""
        beats = source.at(now)
        return Beat(source.bpm, beats % 1, beats % self._beats_per_bar, math.floor(beats)), "link"

    def told(self, parameters: Mapping[str, Any]) -> None:
        """Take what a client's message says about the beat: without `bpm` and `beat_phase` it says nothing.

        Raise `ValueError` or `TypeError` for what is no beat.
        """
        if "bpm" not in parameters or "beat_phase" not in parameters:
            return
        phase = float(parameters["beat_phase"])
        beat = Beat(
            bpm=float(parameters["bpm"]),
            beat_phase=phase,
            bar_position=float(parameters.get("bar_position", phase)),
            beat_count=int(parameters.get("beat_count", 0)),
            is_playing=bool(parameters.get("is_playing", True)),
        )
        self._client = beat, self._clock()

    def status(self) -> dict[str, Any]:
        """Return the status as the API tells it."""
        beat, source = self._now()
        state = (
            None
            if beat is None
            else {
                "bpm": beat.bpm,
                "beat_phase": beat.beat_phase,
                "bar_position": beat.bar_position,
                "beat_count": beat.beat_count,
                "is_playing": beat.is_playing,
                "source": source,
            }
        )
        return {
            "enabled": self.enabled,
            "source": {"type": "link", "num_peers": 0} if self.enabled else None,
            "beats_per_bar": self._beats_per_bar,
            "beat_state": state,
        }

    def update(self) -> dict[str, Any] | None:
        """Return what the sessions are told; None: nothing."""
        beat = self.beat()
        if beat is None:
            return None
        return {
            "type": "tempo_update",
            "bpm": round(beat.bpm, 2),
            "beat_phase": round(beat.beat_phase, 4),
            "bar_position": round(beat.bar_position, 4),
            "beat_count": beat.beat_count,
            "is_playing": beat.is_playing,
        }


SOURCES: Mapping[str, Any] = {
    "link": {"available": True, "name": "Ableton Link"},
    "midi_clock": {"available": True, "name": "MIDI Clock", "devices": []},
}
"""What the API tells about where a tempo can come from. There is no MIDI device: choosing that one fails, as on a
machine without MIDI."""
