"""What a profile will do, a line for each route, with the numbers: `td/noise 0..1 → noise_scale 0.1..0.9`."""

import math
from collections.abc import Iterable, Iterator
from typing import assert_never

from bridge.profile.building.routes.signals import PLACE
from bridge.profile.durations import Duration
from bridge.profile.filters import (
    Accumulate,
    AtMost,
    Changed,
    Choose,
    Clamp,
    Curve,
    Deadzone,
    Delay,
    Detent,
    Edge,
    Encoder,
    Envelope,
    Every,
    Filter,
    Gate,
    Hold,
    Invert,
    Levels,
    Math,
    Normalise,
    OneEuro,
    Press,
    Round,
    Slew,
    Smooth,
    Spring,
    Toggle,
    Wait,
    When,
    Wrap,
)
from bridge.profile.model import Profile, Range, Route, Target, WordTarget
from bridge.profile.shapes.shape import figure, shorten
from bridge.profile.targets import lookup, traits
from bridge.profile.targets.names import Wrong

_MIXED = {
    "add": "added",
    "multiply": "multiplied",
    "max": "where it is higher",
    "min": "where it is lower",
    "average": "averaged",
}


def describe(profile: Profile) -> list[str]:
    """Return a line for each route of `profile`, in its order; then those of its pages."""
    lines = [_route(route, profile) for route in profile.routes]
    for name, page in profile.pages.items():
        lines.extend(f"on page {name}: {_route(route, profile)}" for route in page.routes)
    return lines


def _route(route: Route, profile: Profile) -> str:
    signal = route.signal + (f"[{route.argument}]" if route.argument is not None else "")
    ends = route.across or ((route.target_text, _sample(route, profile)),)
    reached = " and ".join(f"{text}{_reach(route, target, profile)}" for text, target in ends)
    across = "across " if route.across else ""
    return ", ".join([f"{signal}{_begin(route, ends[0][1], profile)} → {across}{reached}", *_details(route)])


def _sample(route: Route, profile: Profile) -> Target | None:
    """Return the target; of one whose name comes with the signal, one that it may become."""
    if route.target is not None:
        return route.target
    found = lookup.plausible(route.target_text, PLACE, lookup.names_of(profile))
    return None if isinstance(found, Wrong) else found[1]


def _begin(route: Route, target: Target | None, profile: Profile) -> str:
    """Return what the signal's numbers are, or what else it may be."""
    if target is None:
        return ""
    if _turns(route):
        return f" ({_turned_for(route, target, profile)})"
    as_text = not traits.takes_numbers(target) and not route.filters
    if route.source is not None and not as_text:
        return f" {_ends(route.source)}"
    if traits.takes_out(target):
        if route.mix != "latest" and route.out is None:
            return " (a number)"
        own = traits.limits(target) if route.out is None else traits.way(target)
        if own is not None:
            return f" {_ends(own)}"
    return f" ({traits.takes(target, profile.prompts.words)})"


def _reach(route: Route, target: Target | None, profile: Profile) -> str:
    """Return from where to where the target is moved."""
    bare = None if target is None else traits.bare(target)
    words = profile.prompts.words.get(bare.word, ()) if isinstance(bare, WordTarget) else ()
    if words and (route.source is not None or _turns(route)):
        return f" ({', '.join(words)})"
    if target is None or not traits.takes_out(target):
        return ""
    reach = route.out or _own(route, target)
    return f" {_ends(reach)}" if reach is not None else ""


def _own(route: Route, target: Target) -> Range | None:
    """Return the target's own ends, as the route uses them where it has no `out`."""
    way = traits.way(target)
    if route.source is None and not _turns(route):
        return traits.limits(target) if route.mix == "latest" else None
    if way is None:
        return None
    match route.mix:
        case "add":
            return 0.0, way[1] - way[0]
        case "multiply":
            return 0.0, 1.0
        case _:
            return way


def _turns(route: Route) -> bool:
    """Return whether the signal turns the target from wherever it is."""
    return bool(route.filters) and isinstance(route.filters[0], Encoder)


def _ends(ends: Range) -> str:
    return f"{figure(ends[0])}..{figure(ends[1])}"


def _details(route: Route) -> Iterator[str]:
    if route.signal.startswith("lfo/"):
        period = f"once in {route.period or '1 bar'}"
        yield period + (f" from {figure(route.phase)} on" if route.phase else "")
    if route.signal in ("tempo/beat", "tempo/bar"):
        yield f"on each {route.signal.removeprefix('tempo/')}"
    # An encoder is told of at the beginning, in the place of what its signal's numbers are.
    yield from _filters(route.filters[1:] if _turns(route) else route.filters)
    if route.law != "linear":
        yield route.law
    if route.mix != "latest":
        yield _MIXED[route.mix]
    if route.takeover != "jump":
        yield f"takes over by {route.takeover}"
    if route.amount != 1.0:
        yield f"amount {figure(route.amount)}"
    if not route.on:
        yield "switched off"
    if route.per_chunk != "newest":
        yield f"the {route.per_chunk} of each chunk"
    if route.name:
        yield f"called {route.name}"


def _filters(filters: Iterable[Filter]) -> Iterator[str]:
    for one in filters:
        yield told_filter(one)


def told_filter(one: Filter) -> str:
    """Return a filter in a few words."""
    match one:
        case Clamp(low, high):
            return f"clamp {figure(low)}..{figure(high)}"
        case Invert(way):
            return "inverted" if way else "the sign changed"
        case Curve("power", power):
            return f"curve power {figure(power)}"
        case Curve("bezier", _, points):
            return f"curve bezier {_list(number for point in points for number in point)}"
        case Curve("points", _, points):
            return f"curve through {' '.join(f'{figure(x)}/{figure(y)}' for x, y in points)}"
        case Curve(shape):
            return f"curve {shape}"
        case Deadzone(width, center):
            return f"nothing within {figure(width / 2)} of {figure(center)}"
        case Detent(points, width):
            return f"snaps to {_list(points)} from {figure(width)} away"
        case Levels(values):
            even = all(math.isclose(value, index / (len(values) - 1)) for index, value in enumerate(values))
            return f"{len(values)} levels" if even else f"levels {_list(values)}"
        case Round(step):
            return f"steps of {figure(step)}"
        case Math(expression):
            return f"math {shorten(expression)}"
        case Choose(items):
            return f"one of {_list(items)}"
        case Wrap(low, high):
            return f"wraps {figure(low)}..{figure(high)}"
        case _:
            return _motion_or_gate(one)


def _motion_or_gate(
    one: Smooth
    | OneEuro
    | Slew
    | Spring
    | Hold
    | Delay
    | Accumulate
    | Encoder
    | Normalise
    | Envelope
    | Gate
    | Edge
    | Toggle
    | Every
    | AtMost
    | Changed
    | When
    | Wait
    | Press,
) -> str:
    match one:
        case Smooth(attack, release) if attack == release:
            return f"smooth {attack}"
        case Smooth(attack, release):
            return f"smooth {_time(attack)} up, {_time(release)} down"
        case OneEuro(cutoff, beta, speed):
            of_speed = f", its speed {figure(speed)} Hz" if speed != 1 else ""
            return f"one euro {figure(cutoff)} Hz, beta {figure(beta)}{of_speed}"
        case Slew(up, down):
            ways = [f"{figure(end)} {word}" for end, word in ((up, "up"), (down, "down")) if math.isfinite(end)]
            return f"at most {figure(up) if up == down else ' and '.join(ways)} a second"
        case Spring(period, damping):
            return f"spring {period}, damping {figure(damping)}"
        case Hold(time):
            return f"peaks held {time}"
        case Delay(time):
            return f"{time} later"
        case Accumulate(step, low, high, start, around):
            ends = f"{figure(low)}..{figure(high)}{' around' if around else ''}"
            return f"adds up by {figure(step)}, {ends}, from {figure(start)}"
        case Encoder():
            return _turned(one)
        case Normalise(window, floor):
            return f"normalised over {window} from a span of {figure(floor)}"
        case Envelope():
            return _envelope(one)
        case Gate(opens, closes):
            return f"opens at {figure(opens)}" + (f", closes below {figure(closes)}" if closes != opens else "")
        case Edge(threshold, edge):
            return f"{'rise and fall' if edge == 'both' else edge} through {figure(threshold)}"
        case Toggle(start):
            return f"toggles{' from on' if start else ''}"
        case Every(count):
            return f"one in {count}"
        case AtMost(time):
            return f"at most one in {time}"
        case Changed(by):
            return f"changes by more than {figure(by)}" if by else "changes"
        case When():
            return _when(one)
        case Wait(until):
            return f"on the next line of {until}" if until.musical else f"waits {until}"
        case Press(kind):
            return {"press": "on a press", "release": "on a release"}.get(kind, f"on a {kind} press")
        case _:
            assert_never(one)


def _turned(one: Encoder, each: str = "") -> str:
    """Return how an encoder turns its target; `each` is what a step does where there is no way to go along."""
    turned = "turned" if one.relative == "steps" else f"turned ({one.relative})"
    if each:
        return f"{turned}, {each}"
    parts = [turned, f"{figure(one.turn)} steps for the whole way"]
    if one.acceleration:
        parts.append(f"{figure(1 + one.acceleration)} times as far at 25 steps a second")
    return ", ".join(parts)


def _turned_for(route: Route, target: Target, profile: Profile) -> str:
    """Return how the encoder of a route turns its target."""
    one = route.filters[0]
    assert isinstance(one, Encoder)
    bare = traits.bare(target)
    listed = bool(profile.prompts.words.get(bare.word)) if isinstance(bare, WordTarget) else False
    if traits.is_trigger(target):
        return _turned(one, "each step up")
    if len(route.filters) == 1 and (listed or not traits.takes_numbers(target)):
        return _turned(one, "a step to the next")
    return _turned(one)


def _envelope(one: Envelope) -> str:
    parts: list[tuple[Duration, str]] = [(one.attack, "up"), (one.decay, "down")]
    if one.sustain:
        parts[-1] = one.decay, f"to {figure(one.sustain)}"
        parts.append((one.release, "down"))
    return "envelope " + ", ".join(f"{_time(time)} {what}" for time, what in parts)


def _when(one: When) -> str:
    so = [f"{kind} {name}" for kind, name in (("page", one.page), ("scene", one.scene), ("state", one.state)) if name]
    if one.signal is not None:
        bounds = [
            f"{word} {figure(bound)}"
            for word, bound in (("at least", one.above), ("below", one.below))
            if bound is not None
        ]
        so.append(" ".join([one.signal, "is", " and ".join(bounds)]) if bounds else one.signal)
    return f"{'unless' if one.negate else 'while'} {' and '.join(so)}"


def _time(time: Duration) -> str:
    return str(time) if time.amount else "at once"


def _list(items: Iterable[float | str]) -> str:
    return shorten(", ".join(item if isinstance(item, str) else figure(item) for item in items))
