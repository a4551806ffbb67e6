"""The Scopes of a show: one as a rule, several where a profile has `scopes:`; and what the mapping hears of each.

scopes = Scopes(profile.scopes or {"": profile.scope}, store, calibrations)
scopes.play(ensemble)
"""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from bridge.errors import Refused, Unavailable
from bridge.frames import Fan
from bridge.mapping.ensemble import Ensemble
from bridge.mapping.reports import Aim, shown
from bridge.profile.model import Node, Profile, Scope
from bridge.profile.outputs import Feed
from bridge.session.latency.calibration import Calibration, CalibrationStore, pipeline_of
from bridge.session.station import Station
from bridge.session.store import SessionStore
from bridge.signals import Value
from bridge.status import Phase, ScopeStatus

logger = logging.getLogger(__name__)

RECORDINGS: Final = "recordings"
"""The folder beside the profile that gets what Scope itself recorded."""
CACHE_GRAIN: Final = 5.0
"""Seconds to which the time until Scope resets its cache is told: closer than any phrase, and seldom another one."""


def scopes_of(profile: Profile) -> Mapping[str, Scope]:
    """Return the Scopes of a profile by name; the only one has none."""
    return profile.scopes or {profile.scope.name: profile.scope}


class Scopes:
    """All Scopes of a show. They belong to the event loop."""

    def __init__(self, profile: Profile, store: SessionStore, calibrations: CalibrationStore) -> None:
        self._store = store
        self._calibrations = calibrations
        self.running: dict[str, Scope] = dict(scopes_of(profile))
        """What each is to run: what the profile says, or what somebody has turned to since."""
        self.stations = {name: Station(scope, store) for name, scope in self.running.items()}
        self._told: dict[str, Value] = {}
        self._calibrated_before: dict[tuple[str, str], Calibration | None] = {}
        """What was calibrated, by server and pipeline, as far as it was looked up."""
        self._learnt: dict[str, tuple[tuple[str, int], object]] = {}
        """Of each Scope: in which session with which server it was asked what its pipelines take, and the last answer."""

    @property
    def first(self) -> Station:
        """The only one, or the first of several."""
        return next(iter(self.stations.values()))

    def fan(self, feed: Feed) -> Fan:
        """Return the pictures that an output shows."""
        return (self.stations.get(feed.scope) or self.first).fans.of(feed.sink)

    def play(self, ensemble: Ensemble) -> None:
        """Draw from these engines, each Scope from its own."""
        for name, station in self.stations.items():
            part = ensemble.parts.get(name)
            station.source = part
            if part is not None:  # else it is about to go
                station.begin_with(part.initial())

    def stir(self, ensemble: Ensemble) -> None:
        """Send what waits, wherever a message may go now."""
        for name, station in self.stations.items():
            if name in ensemble.parts and ensemble.waiting(name):
                station.stir()

    def with_pipeline(self, name: str, pipeline: str) -> Scope | None:
        """Return what a Scope runs when its main pipeline is another one; None, and a warning, if that cannot be."""
        scope = self.running.get(name)
        if scope is None:
            return None
        if scope.graph is not None:
            logger.warning("which pipelines a graph has is said in its file: %s cannot take the place of one", pipeline)
            return None
        chain = tuple(
            Node(pipeline, pipeline, one.load) if one.pipeline == scope.pipeline else one for one in scope.chain
        )
        return replace(scope, pipeline=pipeline, chain=chain)

    def turn_to(self, name: str, scope: Scope | None, ensemble: Ensemble) -> None:
        """Let a Scope run something else, or be new, or (None) be no more. Not while its services run."""
        if scope is None:
            del self.stations[name], self.running[name]
            self._learnt.pop(name, None)
            self._told = {path: told for path, told in self._told.items() if not path.startswith(f"{name}/scope/")}
            return
        self.running[name] = scope
        if name in self.stations:
            self.stations[name].turn_to(scope, keep=ensemble.parts[name].touches())
        else:
            self.stations[name] = Station(scope, self._store)

    def reorder(self, wanted: Mapping[str, Scope]) -> None:
        """Take the order of the profile: the first is the one that a page shows."""
        self.stations = {name: self.stations[name] for name in wanted}

    def news(self) -> list[tuple[str, tuple[Value, ...]]]:
        """Return what the mapping has not heard yet of how the Scopes are, as signals."""
        samples: list[tuple[str, tuple[Value, ...]]] = []
        for name, station in self.stations.items():
            prefix = f"{name}/scope" if name else "scope"
            for what, value in self._facts(station).items():
                path = f"{prefix}/{what}"
                if self._told.get(path) != value:
                    self._told[path] = value
                    samples.append((path, (value,)))
        return samples

    def _facts(self, station: Station) -> dict[str, Value]:
        status = station.status()
        facts: dict[str, Value] = {"state": status.phase.value, "fps": round(status.fps, 1)}
        if status.chunk_seconds is not None:
            facts["chunk"] = round(status.chunk_seconds, 3)
        calibrated = self._calibrated(station)
        station.playing.delivery_seconds = None if calibrated is None else calibrated.delivery
        if calibrated is not None:
            facts["latency"] = round(calibrated.latency, 3)
        left = station.playing.frames_until_reset
        if left is not None and status.fps > 0:
            facts["cache"] = CACHE_GRAIN * round(left / status.fps / CACHE_GRAIN)
        if station.playing.modulates:
            facts["modulates"] = 1.0
        elif self._told.get(f"{station.name}/scope/modulates" if station.name else "scope/modulates"):
            facts["modulates"] = 0.0
        return facts

    def latency(self, station: Station) -> float | None:
        """Return the calibrated time from hand to picture of a Scope, in seconds; None if it never was."""
        found = self._calibrated(station)
        return None if found is None else found.latency

    def _calibrated(self, station: Station) -> Calibration | None:
        measured = station.playing.url, pipeline_of(self.running[station.name])
        if measured not in self._calibrated_before:
            self._calibrated_before[measured] = self._calibrations.find(*measured)
        return self._calibrated_before[measured]

    async def learn(self) -> Iterator[object] | None:
        """Ask every server that has come up what its pipelines take; return all that is known, None if nothing is new."""
        new = False
        for name, station in tuple(self.stations.items()):
            status = station.status()
            session = status.url, status.sessions
            before, known = self._learnt.get(name, (None, None))
            if status.phase is not Phase.STREAMING or before == session:
                continue
            try:
                known = await station.schemas()
                new = True
            except (Unavailable, Refused) as error:
                logger.debug("the server does not say what its pipelines take: %s", error)
            if self.stations.get(name) is station:
                self._learnt[name] = session, known
        return (answer for _, answer in self._learnt.values() if answer is not None) if new else None

    def record(self, name: str, on: bool, profile: Path) -> None:
        """Let a Scope record what it makes, or end that; the file comes into a folder beside the profile."""
        if name in self.stations:
            self.stations[name].record(on, profile.parent / RECORDINGS)

    def status(self) -> tuple[ScopeStatus, ...]:
        """Return how they are, the first first."""
        return tuple(replace(one.status(), latency=self.latency(one)) for one in self.stations.values())

    def told_and_seen(self, aim: Aim, ensemble: Ensemble, spoken: Mapping[str, object]) -> tuple[Any, Any]:
        """Return what a Scope was told last of an aim, and what the picture shows of it, both as they are asked for.

        `spoken` are the prompts that each Scope is to have by now. What is the bridge's own is told to nobody, and is there
        as soon as it is asked for.
        """
        if aim.parameter is None:
            return None, aim.asked
        part = aim.scope if aim.scope in spoken else next(iter(spoken))
        words_of = ensemble.parts[part].prompter.words_of
        station = self.stations.get(aim.scope) or self.first
        told, seen = station.sent(aim.parameter, aim.node), station.in_picture(aim.parameter, aim.node)
        return shown(aim, told, spoken[part], words_of), shown(aim, seen, spoken[part], words_of)
