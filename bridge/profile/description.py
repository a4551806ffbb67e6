"""What a profile will do, a line for each route, with the numbers: `td/noise 0..1 → noise_scale 0.1..0.9`."""

from collections.abc import Iterable

from bridge.profile import targets
from bridge.profile.filters import Clamp, Curve, Filter, Smooth
from bridge.profile.model import Profile, Prompts, Range, Route, WordTarget
from bridge.profile.shapes import figure


def describe(profile: Profile) -> list[str]:
    """Return a line for each route of `profile`, in its order."""
    return [_route(route, profile.prompts) for route in profile.routes]


def _route(route: Route, prompts: Prompts) -> str:
    own = None if isinstance(route.target, WordTarget) else targets.own_range(route.target)
    begin = route.source or own
    end = route.out or own
    what = f" {_ends(begin)}" if begin is not None else f" ({targets.takes(route.target, prompts.words)})"
    reach = ""
    if end is not None:
        reach = f" {_ends(end)}"
    elif begin is not None and isinstance(route.target, WordTarget) and prompts.words.get(route.target.word):
        reach = f" ({', '.join(prompts.words[route.target.word])})"
    chunk = [] if route.per_chunk == "newest" else [f"the {route.per_chunk} of each chunk"]
    return ", ".join([f"{route.signal}{what} → {route.target_text}{reach}", *_filters(route.filters), *chunk])


def _ends(ends: Range) -> str:
    return f"{figure(ends[0])}..{figure(ends[1])}"


def _filters(filters: Iterable[Filter]) -> Iterable[str]:
    for one in filters:
        match one:
            case Clamp(low, high):
                yield f"clamp {figure(low)}..{figure(high)}"
            case Curve("power", power):
                yield f"curve power {figure(power)}"
            case Curve(shape):
                yield f"curve {shape}"
            case Smooth(attack, release) if attack == release:
                yield f"smooth {_time(attack)}"
            case Smooth(attack, release):
                yield f"smooth {_time(attack)} up, {_time(release)} down"


def _time(seconds: float) -> str:
    return f"{figure(seconds)} s" if seconds >= 1 else f"{figure(seconds * 1000)} ms"
