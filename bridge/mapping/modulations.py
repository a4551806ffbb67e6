"""PURE. Parameters that swing with the beat, for a Scope that has no tempo of its own to swing them by.

The same as Scope 0.2.4 makes of `modulations`: the wave, -1 to 1, times the depth, on top of what the parameter is set
to, in its own unit; a pulse that dies away is 0 to 1. A denoising schedule is moved as a whole. Scope looks at the
beat once per chunk, and so does the bridge: nothing ticks for it.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from bridge.mapping.around import Surroundings
from bridge.mapping.cells import Cell, is_number
from bridge.parameters import Change, Kind, Parameter
from bridge.profile.model import Modulation

_BEATS: Final[Mapping[str, float]] = {
    "half_beat": 0.5,
    "beat": 1.0,
    "2_beat": 2.0,
    "bar": 4.0,
    "2_bar": 8.0,
    "4_bar": 16.0,
}
"""How many beats a rate's period has."""
_PULSE: Final = 0.15
"""Periods in which a pulse falls to 37 %."""


def _triangle(phase: float) -> float:
    return 1 - abs(4 * ((phase + 0.25) % 1.0) - 2)


WAVES: Final[Mapping[str, Callable[[float], float]]] = {
    "sine": lambda phase: math.sin(2 * math.pi * phase),
    "cosine": lambda phase: math.cos(2 * math.pi * phase),
    "triangle": _triangle,
    "saw": lambda phase: 2 * phase - 1,
    "square": lambda phase: 1.0 if phase < 0.5 else -1.0,
    "exp_decay": lambda phase: math.exp(-phase / _PULSE),
}
"""From where in the period, 0 to below 1, to -1 to 1, or for `exp_decay` to 0 to 1. A triangle begins at 0 and rises."""


@dataclass(slots=True, eq=False)
class Swing:
    """One parameter that swings."""

    parameter: Parameter
    cell: Cell
    option: Modulation
    told: bool = False
    """Whether Scope has been told of it away from where it is set."""

    def at(self, base: Any, beats: float) -> Any:
        """Return what a parameter that is set to `base` is when so many beats have gone; None if it cannot swing."""
        beats_each = _BEATS[self.option.rate]
        way = self.option.depth * WAVES[self.option.shape](beats / beats_each % 1.0)
        if self.parameter.kind is Kind.STEPS:
            return _moved(base, way, self.parameter) if isinstance(base, list) and base else None
        if not is_number(base):
            return None
        value = base + way
        if self.parameter.low is not None:
            value = max(self.parameter.low, value)
        if self.parameter.high is not None:
            value = min(self.parameter.high, value)
        return round(value) if self.parameter.kind is Kind.INTEGER else round(value, 6)


@dataclass(slots=True)
class Modulations:
    """All that swings. It rests while a panic has silenced what moves by itself, and while Scope does it."""

    swings: tuple[Swing, ...]
    around: Surroundings
    set_to: Callable[[Swing], Any]
    """Return what a parameter is set to; None where that is not known."""
    tell_if_free: Callable[[Cell, float], bool]
    """Return whether no guard holds a change of a cell back at a time; then it counts as told."""

    @property
    def waiting(self) -> bool:
        """Whether a chunk gets another value of what swings, or the one that it comes to rest at."""
        return bool(self.swings) and (self._acts or any(swing.told for swing in self.swings))

    def adopt(self, old: "Modulations") -> list[Swing]:
        """Go on where `old` was; return what Scope was told away from where it is set, and swings no more."""
        mine = {swing.parameter.name: swing for swing in self.swings}
        ended = []
        for swing in old.swings:
            if swing.parameter.name in mine:
                mine[swing.parameter.name].told = swing.told
            elif swing.told:
                ended.append(swing)
        return ended

    @property
    def _acts(self) -> bool:
        return not self.around.quiet and not self.around.modulates

    def applied(self, changes: list[Change], now: float) -> list[Change]:
        """Return what a chunk gets at `now`, given what else it gets: in the phase that the music has when the picture
        shows it."""
        if not self.swings:
            return changes
        beats = self.around.times.tempo.beats(now + self.around.latency)
        found = {change.parameter: index for index, change in enumerate(changes) if change.node is None}
        for swing in self.swings:
            index = found.get(swing.parameter.name)
            base = self.set_to(swing) if index is None else changes[index].value
            value = swing.at(base, beats) if self._acts else None
            if value is None and (base is None or not swing.told):
                continue  # it is told as it is set, or not at all
            told = base if value is None else value
            if index is not None:
                changes[index] = replace(changes[index], value=told)
            elif self.tell_if_free(swing.cell, now):
                beside = {"_modulated_step_list": True} if swing.parameter.kind is Kind.STEPS else {}
                changes.append(Change(swing.parameter.name, told, now, beside))
            else:
                continue
            swing.told = value is not None
        return changes


def _moved(steps: list[int], way: float, parameter: Parameter) -> list[int]:
    """Return a schedule moved as a whole, by at most its smallest step, and still going down."""
    offset = round(min(steps) * way)
    low, high = parameter.low or 0, parameter.high or 1000
    moved = [round(min(high, max(max(1, low), step + offset))) for step in steps]
    for index in range(len(moved) - 2, -1, -1):
        moved[index] = max(moved[index], moved[index + 1] + 1)
    over = moved[0] - round(high)
    return [step - over for step in moved] if over > 0 else moved
