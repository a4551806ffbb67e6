"""The beat, as the rehearsal server's workers see it, and what follows it: quantised changes, modulations, cuts.

Who keeps the beat is somebody else's business: `Tempo` is all that is asked of it. Here is what Scope does with one.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

KEYS = frozenset({"bpm", "beat_phase", "bar_position", "beat_count", "is_playing"})
"""What a client's message may say about the beat. It does not get any further."""
_QUANTIZED_BARS = {"bar": 1, "2_bar": 2, "4_bar": 4}
MODES = frozenset({"none", "beat", *_QUANTIZED_BARS})
"""Where quantised changes and beat-synced cuts can fall."""
_AT_ONCE = 0.01
"""A boundary nearer than that is taken for reached, in beats."""
_DECAY = 0.15
_SHAPES = frozenset({"sine", "cosine", "triangle", "saw", "square", "exp_decay"})
_RATES = frozenset({"half_beat", "beat", "2_beat", "bar", "2_bar", "4_bar"})
_ALIASES = {"denoising_steps": "denoising_step_list"}


@dataclass(frozen=True, slots=True)
class Beat:
    """Where the music is."""

    bpm: float
    beat_phase: float
    """How far the beat is, 0 to 1."""
    bar_position: float
    """How many beats the bar is old."""
    beat_count: int
    """How many beats there were."""
    is_playing: bool = True

    def parameters(self) -> dict[str, Any]:
        """Return it as a pipeline gets it."""
        return {
            "bpm": self.bpm,
            "beat_phase": self.beat_phase,
            "bar_position": self.bar_position,
            "beat_count": self.beat_count,
            "is_playing": self.is_playing,
        }


class Tempo(Protocol):
    """The server's tempo. It is asked by workers' threads too."""

    @property
    def beats_per_bar(self) -> int:
        """How many beats a bar has."""
        ...

    def beat(self) -> Beat | None:
        """Return the beat of now; None while the tempo is not enabled (whatever clients send), or nobody tells a beat."""
        ...

    def told(self, parameters: Mapping[str, Any]) -> None:
        """Take what a client's message says about the beat: `bpm` and `beat_phase`, and perhaps the other `KEYS`.

        It counts for 2 seconds, and only while the tempo is enabled. Raise `ValueError` or `TypeError` for what is none.
        """
        ...


class NoTempo:
    """The tempo of a server that has none."""

    beats_per_bar = 4

    def beat(self) -> Beat | None:
        """Return None: there is no beat."""
        return None

    def told(self, parameters: Mapping[str, Any]) -> None:
        """Forget it."""


def boundary(rate: str, beat: Beat, beats_per_bar: int) -> int:
    """Return a number that changes whenever the beat crosses a boundary of `rate`; -1 for "none"."""
    if rate == "beat":
        return beat.beat_count
    bars = _QUANTIZED_BARS.get(rate)
    return -1 if bars is None else beat.beat_count // max(1, bars * beats_per_bar)


def delay(mode: str, beat: Beat, beats_per_bar: int, lookahead: float) -> float:
    """Return how long a quantised change waits, in seconds: until its boundary less `lookahead`; 0 for no wait."""
    if beat.bpm <= 0:
        return 0.0
    phase = min(1.0, max(0.0, beat.beat_phase))
    if mode == "beat":
        cycle, position = 1, phase
    elif mode in _QUANTIZED_BARS:
        cycle = _QUANTIZED_BARS[mode] * beats_per_bar
        position = beat.beat_count % cycle + phase
    else:
        return 0.0
    left = cycle - position
    if left < _AT_ONCE:
        left += cycle
    wait = left * 60 / beat.bpm - lookahead
    if wait < 0:  # there is no time left before this boundary: a later one
        wait += math.ceil(-wait * beat.bpm / 60 / cycle) * cycle * 60 / beat.bpm
    return wait


@dataclass(frozen=True, slots=True)
class Modulation:
    """How the beat moves one parameter. The defaults are Scope's."""

    shape: str = "cosine"
    depth: float = 0.3
    rate: str = "bar"
    enabled: bool = True
    base_value: float | None = None
    """What it moves around when the parameter itself was never sent."""
    min_value: float | None = None
    max_value: float | None = None


def modulations(told: Any) -> tuple[dict[str, Modulation], list[str]]:
    """Return the modulations that a message asks for, by parameter, and the names of those that cannot be used."""
    good: dict[str, Modulation] = {}
    bad: list[str] = []
    if not isinstance(told, Mapping):
        raise TypeError(f"modulations must be an object, but is {told!r}")
    for name, options in told.items():
        found = _modulation(options)
        if found is None:
            bad.append(name)
        else:
            good[name] = found
    return good, bad


def _modulation(options: Any) -> Modulation | None:
    if not isinstance(options, Mapping):
        return None
    numbers = {
        key: options[key] for key in ("depth", "base_value", "min_value", "max_value") if options.get(key) is not None
    }
    if any(isinstance(value, bool) or not isinstance(value, int | float) for value in numbers.values()):
        return None
    found = Modulation(
        shape=options.get("shape", "cosine"),
        rate=options.get("rate", "bar"),
        enabled=options.get("enabled", True),
        **{key: float(value) for key, value in numbers.items()},
    )
    known = found.shape in _SHAPES and found.rate in _RATES and isinstance(found.enabled, bool)
    return found if known and 0 <= found.depth <= 1 else None


def modulate(call: dict[str, Any], moved: Mapping[str, Modulation], beat: Beat, beats_per_bar: int) -> None:
    """Move parameters of a call with the beat, in place. What is neither there nor has a base value stays away."""
    for name, how in moved.items():
        key = _ALIASES.get(name, name)
        current = call.get(key)
        part = how.depth * _wave(how.shape, _phase(how.rate, beat, beats_per_bar))
        if not how.enabled:
            continue
        if isinstance(current, list) and all(isinstance(step, int) for step in current):
            call[key] = _steps(current, part, how)
        else:
            base = how.base_value if current is None else current
            if not isinstance(base, int | float):
                continue
            value = base + part
            value = value if how.min_value is None else max(value, how.min_value)
            call[key] = value if how.max_value is None else min(value, how.max_value)
        if key == "noise_scale":
            call["noise_controller"] = False  # or else it would overrule the modulation
        if key == "denoising_step_list":
            call["_modulated_step_list"] = True  # or else every chunk would cut


def _steps(steps: list[int], part: float, how: Modulation) -> list[int]:
    """Return all steps moved by the same amount, still descending."""
    if not steps:
        return steps
    low = int(how.min_value) if how.min_value is not None else 1
    high = int(how.max_value) if how.max_value is not None else 1000
    moved = [max(low, min(high, step + round(min(steps) * part))) for step in steps]
    for place in range(len(moved) - 2, -1, -1):
        moved[place] = max(moved[place], moved[place + 1] + 1)
    return moved


def _phase(rate: str, beat: Beat, beats_per_bar: int) -> float:
    if rate == "half_beat":
        return beat.beat_phase * 2 % 1
    if rate == "beat":
        return beat.beat_phase
    if rate == "bar":
        return beat.bar_position / beats_per_bar
    cycle = 2 if rate == "2_beat" else _QUANTIZED_BARS[rate] * beats_per_bar
    return (beat.beat_count % cycle + beat.beat_phase) / cycle


def _wave(shape: str, phase: float) -> float:
    """Return -1 to 1; of the decay 1 to 0."""
    phase %= 1.0
    match shape:
        case "sine":
            return math.sin(math.tau * phase)
        case "cosine":
            return math.cos(math.tau * phase)
        case "triangle":
            return 1 - 4 * abs((phase + 0.25) % 1 - 0.5)
        case "saw":
            return 2 * phase - 1
        case "square":
            return 1.0 if phase < 0.5 else -1.0
        case _:
            return math.exp(-phase / _DECAY)
