"""Scope's own tempo, where a profile wants it: enabled when a session begins, kept at the show's, and left as it was.

Modulations, and cache resets on the beat, act on it alone; the beat that messages carry counts only while it is enabled.
"""

import logging
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from bridge.errors import Refused, Unavailable
from bridge.parameters import parameter
from bridge.profile.model import Modulation, Scope
from bridge.session.contract.dialect import Dialect
from bridge.session.http.rest import Rest

logger = logging.getLogger(__name__)

NEEDS: Final = frozenset({"beat_cache_reset_rate"})
"""The parameters that do nothing without it."""
DIFFERENT: Final = 0.05
"""Beats per minute from which on two tempos are two."""
_USUAL: Final = 120.0


class ServerTempo:
    """The tempo of one server, as one profile wants it."""

    def __init__(self) -> None:
        self.enabled = False
        """Whether it runs, so that what needs it can be sent."""
        self.warning = ""
        """Why it does not, although the profile wants it; or empty."""
        self._ours = False
        """Whether we have enabled it."""
        self._bpm: float | None = None

    async def begin(self, rest: Rest, scope: Scope, dialect: Dialect, beat: Mapping[str, Any] | None) -> None:
        """See to it that it runs, if `scope` wants it. A server that cannot is lived with."""
        self.enabled, self.warning = False, ""
        if scope.tempo == "off" or not dialect.tempo:
            return
        bpm = _bpm(beat)
        try:
            now = await rest.tempo_status()
            source = now.get("source")
            if not now.get("enabled") or not isinstance(source, dict) or source.get("type") != scope.tempo:
                await rest.enable_tempo(scope.tempo, bpm if bpm is not None else _USUAL)
                self._ours = True
        except Refused as error:
            self.warning = (
                f"the tempo of {scope.called} cannot follow {scope.tempo}: {error}; the bridge moves the modulations"
            )
            logger.warning("%s", self.warning)
            return
        self.enabled, self._bpm = True, None

    async def follow(self, rest: Rest, scope: Scope, beat: Mapping[str, Any] | None) -> None:
        """Set it to the show's, if that has changed. A MIDI clock cannot be told."""
        bpm = _bpm(beat)
        if not self.enabled or scope.tempo != "link" or bpm is None:
            return
        if self._bpm is not None and abs(bpm - self._bpm) < DIFFERENT:
            return
        self._bpm = bpm
        try:
            await rest.set_tempo(bpm)
        except (Refused, Unavailable) as error:
            logger.debug("cannot set Scope's tempo: %s", error)

    async def end(self, rest: Rest) -> None:
        """Leave it as it was found."""
        if self._ours:
            self.enabled = self._ours = False
            try:
                await rest.disable_tempo()
            except (Refused, Unavailable) as error:
                logger.debug("cannot end Scope's tempo: %s", error)

    def first_words(self, scope: Scope, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a session's first message says to it: an offer that brings these keys changes nothing."""
        if not self.enabled:
            return {}
        words = {name: wanted[name] for name in NEEDS if name in wanted}
        if scope.modulations:
            words["modulations"] = {name: _within(name, one) for name, one in scope.modulations.items()}
        return words


def _within(name: str, modulation: Modulation) -> dict[str, Any]:
    """Return a modulation as Scope takes it, with the ends of the parameter: without them it goes beyond."""
    known = parameter(name)
    ends = {"min_value": known.low, "max_value": known.high}
    return {**asdict(modulation), **{end: value for end, value in ends.items() if value is not None}}


def _bpm(beat: Mapping[str, Any] | None) -> float | None:
    bpm = None if beat is None else beat.get("bpm")
    return float(bpm) if isinstance(bpm, int | float) else None
