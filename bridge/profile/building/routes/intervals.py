"""How far a value can go: what each filter makes of an interval, whatever comes and whenever.

    reach(Math("x * 2"), (0.0, 1.0))                       # (0.0, 2.0)
    reach(Gate(1.5, 1.5), (0.0, 1.0))                      # None: it never opens

An interval that comes out is never too narrow; it may be wider than what can really happen.
"""

import math
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final, assert_never

from bridge.profile.expressions import parse
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

Interval = tuple[float, float]
"""The lowest and the highest value, perhaps infinite."""
WAY: Final[Interval] = (0.0, 1.0)
ANYTHING: Final[Interval] = (-math.inf, math.inf)
UP: Final = 0.5
"""Where a signal that is pressed or switched counts as up."""


def reach(one: Filter, before: Interval) -> Interval | None:
    """Return from where to where values go that leave a filter; None: nothing ever leaves it."""
    low, high = before
    match one:
        case Clamp(bottom, top):
            return _keep(low, bottom, top), _keep(high, bottom, top)
        case Invert(way):
            return ((1.0 if way else 0.0) - high, (1.0 if way else 0.0) - low)
        case Curve():
            return _curved(one, _keep(low, *WAY), _keep(high, *WAY))
        case Deadzone(_, center):
            return min(_keep(low, *WAY), center), max(_keep(high, *WAY), center)
        case Detent(points, width):
            return _snapped(points, width, low), _snapped(points, width, high)
        case Levels(values):
            return _nearest(values, low), _nearest(values, high)
        case Round(step):
            return _stepped(step, low), _stepped(step, high)
        case Math(expression):
            return _calculated(expression, low, high)
        case Choose(items):
            return _chosen(items, low, high)
        case Wrap(bottom, top):
            return before if bottom <= low and high <= top else (bottom, top)
        case Spring(_, damping):
            over = (high - low) * _overshoot(damping) if math.isfinite(high - low) else math.inf
            return low - over, high + over
        case Smooth() | OneEuro() | Slew() | Hold() | Delay() | AtMost() | When() | Wait():
            return before
        case Changed(by):
            return before if by < high - low else None
        case Accumulate():
            return one.low, one.high
        case Encoder() | Normalise():
            return WAY
        case Gate(opens, closes):
            return (min(0.0, max(low, closes)), max(0.0, high)) if high >= opens else None
        case Edge(threshold, edge):
            if high < threshold or (edge == "fall" and low >= threshold):
                return None
            return WAY if edge == "both" else (1.0, 1.0)
        case Press(kind):
            return None if high < UP or (kind == "release" and low >= UP) else WAY if kind == "press" else (1.0, 1.0)
        case Envelope():
            return WAY if high >= UP else (0.0, 0.0)  # it says at once that it is at rest
        case Toggle() | Every():
            return WAY if high >= UP else None
        case _:
            assert_never(one)


def through(filters: Iterable[Filter], begin: Interval) -> list[Interval | None]:
    """Return the intervals along a row of filters: that which comes in, and one after each; None where nothing comes
    through, and from there on."""
    found: list[Interval | None] = [begin]
    for one in filters:
        before = found[-1]
        found.append(None if before is None else reach(one, before))
    return found


def is_way(interval: Interval | None) -> bool:
    """Return whether values are known to be from 0 to 1."""
    return interval is not None and interval[0] >= 0.0 and interval[1] <= 1.0


def settled(filters: Sequence[Filter], has_way: bool) -> tuple[Filter, ...]:
    """Return the filters of a route as they are meant where it is known whether its values have a way, 0 to 1."""
    begin = WAY if has_way else ANYTHING
    found: list[Filter] = []
    for one, before in zip(filters, through(filters, begin), strict=False):
        found.append(replace(one, way=has_way or is_way(before)) if isinstance(one, Invert) else one)
    return tuple(found)


def _keep(value: float, low: float, high: float) -> float:
    return max(low, min(high, value))


def _curved(curve: Curve, low: float, high: float) -> Interval:
    match curve.shape:
        case "power":
            return low**curve.power, high**curve.power
        case "exp":  # never above the straight line
            return (low if low in WAY else 0.0), high
        case "log":  # never below it
            return low, (high if high in WAY else 1.0)
        case "s":
            return (low if low >= 0.5 else 0.0), (high if high <= 0.5 else 1.0)
        case "bezier":  # handles from 0 to 1 make a curve that never falls
            return (1.0 if low == 1.0 else 0.0), (0.0 if high == 0.0 else 1.0)
        case "points":
            inside = [y for x, y in curve.points if low <= x <= high]
            heights = [*inside, _height(curve.points, low), _height(curve.points, high)]
            return min(heights), max(heights)
        case _:
            assert_never(curve.shape)


def _height(points: tuple[tuple[float, float], ...], x: float) -> float:
    after = bisect_left([at for at, _ in points], x)
    if after in (0, len(points)):
        return points[min(after, len(points) - 1)][1]
    (x0, y0), (x1, y1) = points[after - 1], points[after]
    return y0 + (y1 - y0) * ((x - x0) / (x1 - x0))


def _nearest(values: tuple[float, ...], value: float) -> float:
    after = bisect_left(values, value)
    if after in (0, len(values)):
        return values[min(after, len(values) - 1)]
    below, above = values[after - 1], values[after]
    return above if above - value <= value - below else below


def _snapped(points: tuple[float, ...], width: float, value: float) -> float:
    point = _nearest(points, value)
    return point if abs(value - point) <= width else value


def _stepped(step: float, value: float) -> float:
    steps = value / step
    return math.floor(steps + 0.5) * step if abs(steps) < 2.0**52 else value


def _calculated(expression: str, low: float, high: float) -> Interval | None:
    if not (math.isfinite(low) and math.isfinite(high)):
        return ANYTHING
    found = parse(expression).bounds(low, high)
    return None if any(map(math.isnan, found)) else found


def _chosen(items: tuple[float | str, ...], low: float, high: float) -> Interval:
    first, last = (min(int(_keep(end, *WAY) * len(items)), len(items) - 1) for end in (low, high))
    if any(isinstance(item, str) for item in items):
        return float(first), float(last)  # text leaves by its number in the list
    numbers = [float(item) for item in items[first : last + 1]]
    return min(numbers), max(numbers)


def _overshoot(damping: float) -> float:
    """Return how far beyond the ends a spring can be swung, as a part of what lies between them.

    One jump swings over by e^(-πζ/√(1-ζ²)); pushed at the worst moments, again and again, it gets to the sum of all its
    swings.
    """
    if damping >= 1.0:
        return 0.0
    once = math.exp(-math.pi * damping / math.sqrt(1.0 - damping * damping))
    return once / (1.0 - once) if once < 1.0 else math.inf
