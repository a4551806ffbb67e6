"""PURE. Envelopes: a press starts a shape of its own, of straight lines.

Like every motion it is computed from where and when it began, never from the tick before (see `motion`).
"""

import math
from dataclasses import dataclass

from bridge.mapping.gate import UP
from bridge.mapping.stage import Around
from bridge.profile.filters import Envelope


@dataclass(slots=True)
class EnvelopeGenerator:
    """Up, down to the sustain, and on to 0: attack and decay always run to their end, so that the shortest press makes
    the whole shape. Each part takes its time, wherever it begins."""

    option: Envelope
    around: Around
    _up: bool = False
    _from: float = 0.0
    """The level at `_since`."""
    _since: float = -math.inf
    """When the attack began."""
    _fell: float = -math.inf
    """When the signal fell; infinite while it is up."""
    _times: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """Seconds of attack, decay and release, as last asked."""
    _asked: float = 0.0
    """When it was last asked."""
    _moving: bool = False

    @property
    def moving(self) -> bool:
        """Whether the level changes: not in the sustain, and not after the end."""
        return self._moving

    def feed(self, value: float, now: float) -> float | None:
        """Take a sample; return the level at `now`."""
        level = self._at(now)
        was, self._up = self._up, value >= UP
        if self._up and not was:
            self._from, self._since, self._fell = level, now, math.inf
        elif was and not self._up:
            self._fell = now
        return self._look(now)

    def tick(self, now: float) -> tuple[float, ...]:
        """Return the level at `now`, if it was changing."""
        return (self._look(now),) if self._moving else ()

    def _look(self, now: float) -> float:
        level = self._at(now)
        settled, ended = self._ends()
        self._moving = now < settled or self._fell <= now < ended
        return level

    def _at(self, now: float) -> float:
        seconds, option = self.around.seconds, self.option
        times = (seconds(option.attack), seconds(option.decay), seconds(option.release))
        if times != self._times:
            self._stretch(times)
        self._asked = now
        return self._along(now)

    def _ends(self) -> tuple[float, float]:
        """Return when the decay is over, and when all is: never while the signal is up and there is a sustain."""
        settled = self._since + self._times[0] + self._times[1]
        return settled, max(settled, self._fell) + self._times[2] if self.option.sustain > 0.0 else settled

    def _along(self, now: float) -> float:
        attack, decay, release = self._times
        settled, ended = self._ends()
        if now >= ended:
            return 0.0
        if now < self._since + attack:
            return self._from + (1.0 - self._from) * ((now - self._since) / attack)
        if now < settled:
            return 1.0 + (self.option.sustain - 1.0) * ((now - self._since - attack) / decay)
        if now < max(settled, self._fell):
            return self.option.sustain
        return self.option.sustain * ((ended - now) / release)

    def _stretch(self, times: tuple[float, float, float]) -> None:
        """Take other times, and stay at the same place of the shape."""
        attack, decay, release = self._times
        now, since = self._asked, self._since
        settled, ended = self._ends()
        if now >= ended:
            since = self._fell = -math.inf
        elif now < since + attack:
            since = now - (now - since) / attack * times[0]
        elif now < settled:
            since = now - times[0] - (now - since - attack) / decay * times[1]
        else:
            if now >= max(settled, self._fell):
                self._fell = now - (1.0 - (ended - now) / release) * times[2]
            since = min(now, self._fell) - times[0] - times[1]
        self._since, self._times = since, times
