"""PURE. What a profile's routes, pages and conditions mean for the engine, found once when it is compiled."""

from dataclasses import dataclass, field

from bridge.mapping.cells import Dial
from bridge.mapping.running import Running
from bridge.parameters import Cost, Kind
from bridge.profile.durations import Unit
from bridge.profile.filters import (
    Clamp,
    Curve,
    Deadzone,
    Detent,
    Filter,
    Invert,
    Levels,
    Math,
    Round,
    Smooth,
    When,
    Wrap,
)
from bridge.profile.inputs import Audio
from bridge.profile.model import ParameterTarget, Profile, Route, routes_of

_EVENLY = {(Kind.NUMBER, Cost.FREE), (Kind.ANY, Cost.COSTLY)}
"""What may change every chunk: Scope's own numbers that cost nothing, and a pipeline's own."""
_STATELESS = Clamp | Invert | Curve | Deadzone | Detent | Levels | Round | Math | Wrap


@dataclass(slots=True)
class PageKey:
    """A signal that turns pages."""

    held: list[str] = field(default_factory=list)
    """The pages that it holds while it is down."""
    latched: list[str] = field(default_factory=list)
    """The pages that it goes through."""
    up: bool = False


def page_keys(profile: Profile) -> dict[str, PageKey]:
    """Return the signals that hold or latch pages."""
    keys: dict[str, PageKey] = {}
    for page in profile.pages.values():
        if page.held is not None:
            keys.setdefault(page.held, PageKey()).held.append(page.name)
        if page.latched is not None:
            keys.setdefault(page.latched, PageKey()).latched.append(page.name)
    return keys


def wanted_by_conditions(profile: Profile) -> frozenset[str]:
    """Return the signals whose last values some filter looks at."""
    return frozenset(
        option.signal
        for _, route in routes_of(profile)
        for option in route.filters
        if isinstance(option, When) and option.signal is not None
    )


def moves_by_itself(route: Route, profile: Profile) -> bool:
    """Return whether a route's signal comes without a hand: from an oscillator, the tempo, or sound."""
    name = route.signal.partition("/")[0]
    return name in ("lfo", "tempo") or isinstance(profile.inputs.get(name), Audio)


def is_simple(running: Running, dial: Dial) -> bool:
    """Return whether a route is one of those whose smoothers are computed all at once: numbers bent, then smoothed,
    then spread evenly, for a parameter that may change every chunk."""
    route = running.route
    target = dial.target
    *before, last = route.filters or (None,)
    return (
        isinstance(last, Smooth)
        and _in_seconds(last)
        and all(isinstance(option, _STATELESS) for option in before)
        and isinstance(target, ParameterTarget)
        and (target.parameter.kind, target.parameter.cost) in _EVENLY
        and target.element is None
        and len(running.outlets) == 1
        and route.mix == "latest"
        and route.takeover == "jump"
        and route.per_chunk in ("newest", "max")
        and not route.name
        and not route.signal.startswith("lfo/")
        and not running.outlets[0].scaling.log
    )


def _in_seconds(option: Filter) -> bool:
    return isinstance(option, Smooth) and all(time.unit is Unit.SECONDS for time in (option.attack, option.release))
