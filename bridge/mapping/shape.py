"""PURE. Shape filters: the same value in gives the same value out, whenever it comes.

Shaper(Curve("s")).feed(0.25, now=12.0)                # 0.15625
Shaper(Math("1 / x")).feed(0.0, now=12.0)              # None: it has no value there, and the last one stays
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import Final, assert_never

from bridge.profile import expressions
from bridge.profile.filters import Choose, Clamp, Curve, Deadzone, Detent, Invert, Levels, Math, Round, Wrap

Shape = Clamp | Invert | Curve | Deadzone | Detent | Levels | Round | Math | Choose | Wrap

STEEPNESS: Final = 4.0
"""How strongly `exp` and `log` bend: their slope at one end is e^4 times that at the other."""
_WHOLE: Final = 2.0**52
"""From here up every float is a whole number."""
_HALVINGS: Final = 53
"""As many as a float has bits: the curve's parameter is then as exact as it can be."""


@dataclass(slots=True)
class Shaper:
    """A shape filter at work. What has no finite value does not leave."""

    option: Shape
    _function: Callable[[float], float] = field(init=False)

    def __post_init__(self) -> None:
        self._function = function_of(self.option)

    @property
    def moving(self) -> bool:
        """Never: nothing happens between samples."""
        return False

    def feed(self, value: float, now: float) -> float | None:
        """Return the value's shape."""
        shaped = self._function(value)
        return shaped if math.isfinite(shaped) else None

    def tick(self, now: float) -> tuple[float, ...]:
        """Return nothing."""
        return ()


def function_of(option: Shape) -> Callable[[float], float]:
    """Return what the filter does to a finite number. The result is not finite where it has none."""
    match option:
        case Clamp(low, high):
            return partial(clamp, low, high)
        case Invert(way):
            return partial(invert, way)
        case Curve():
            return partial(bend, option)
        case Deadzone(width, center):
            return partial(deadzone, width, center)
        case Detent(points, width):
            return partial(detent, points, width)
        case Levels(values):
            return partial(nearest, values)
        case Round(step):
            return partial(round_to, step)
        case Math(expression):
            return expressions.parse(expression)
        case Choose(items):
            return partial(choose, items)
        case Wrap(low, high):
            return partial(wrap, low, high)
        case _:
            assert_never(option)


def clamp(low: float, high: float, value: float) -> float:
    """Return the nearest to `value` from `low` to `high`."""
    return max(low, min(high, value))


def invert(way: bool, value: float) -> float:
    """Return the way from the other end; of what is no way, the opposite."""
    return (1.0 if way else 0.0) - value


def bend(curve: Curve, way: float) -> float:
    """Return where on the way `curve` puts `way`; both 0 to 1, and what lies outside is taken for the nearer end."""
    way = clamp(0.0, 1.0, way)
    if curve.shape == "points":
        return _along(curve.points, way)
    if way in (0.0, 1.0):
        return way
    match curve.shape:
        case "exp":
            bent = math.expm1(STEEPNESS * way) / math.expm1(STEEPNESS)
        case "log":
            bent = math.log1p(way * math.expm1(STEEPNESS)) / STEEPNESS
        case "s":
            bent = way * way * (3.0 - 2.0 * way)
        case "power":
            bent = way**curve.power
        case "bezier":
            (x1, y1), (x2, y2) = curve.points
            bent = _bezier(y1, y2, _where(x1, x2, way))
        case _:
            assert_never(curve.shape)
    return min(1.0, bent)


def unbend(curve: Curve, bent: float) -> float:
    """Return the place on the way that `curve` puts at `bent`, both 0 to 1. Of several places it is the first; where there
    is none, `bent` itself."""
    bent = clamp(0.0, 1.0, bent)
    match curve.shape:
        case "points":
            return _place(curve.points, bent)
        case "exp":
            way = math.log1p(bent * math.expm1(STEEPNESS)) / STEEPNESS
        case "log":
            way = math.expm1(STEEPNESS * bent) / math.expm1(STEEPNESS)
        case "s":
            way = 0.5 - math.sin(math.asin(1.0 - 2.0 * bent) / 3.0)
        case "power":
            way = bent ** (1.0 / curve.power)
        case "bezier":
            (x1, y1), (x2, y2) = curve.points
            way = bent if bent in (0.0, 1.0) else _bezier(x1, x2, _where(y1, y2, bent))
        case _:
            assert_never(curve.shape)
    return clamp(0.0, 1.0, way)


def unbends(curve: Curve) -> bool:
    """Return whether a curve has one place for each value that it has."""
    heights = [y for _, y in curve.points] if curve.shape == "points" else [0.0, 1.0]
    return all(one < after for one, after in pairwise(heights)) or all(one > after for one, after in pairwise(heights))


def _place(points: tuple[tuple[float, float], ...], bent: float) -> float:
    for (x0, y0), (x1, y1) in pairwise(points):
        if min(y0, y1) <= bent <= max(y0, y1):
            return x0 if y0 == y1 else x0 + (x1 - x0) * ((bent - y0) / (y1 - y0))
    return bent


def _along(points: tuple[tuple[float, float], ...], way: float) -> float:
    after = bisect_right(points, way, key=lambda point: point[0])
    if after == 0:
        return points[0][1]
    if after == len(points):
        return points[-1][1]
    (x0, y0), (x1, y1) = points[after - 1], points[after]
    # The sum may miss the corner by the last bit, and a curve that rises must not fall there.
    return clamp(min(y0, y1), max(y0, y1), y0 + (y1 - y0) * ((way - x0) / (x1 - x0)))


def _bezier(first: float, second: float, part: float) -> float:
    """Return one coordinate of the curve from 0 to 1 with these handles, at `part` of its parameter."""
    rest = 1.0 - part
    return part * (3.0 * rest * (rest * first + part * second) + part * part)


def _where(first: float, second: float, way: float) -> float:
    """Return the parameter at which the curve is above `way`. Halving, because the slope may be 0 or endless."""
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        if _bezier(first, second, middle) < way:
            low = middle
        else:
            high = middle
    return high


def deadzone(width: float, center: float, way: float) -> float:
    """Return `center` inside the zone, and outside the way stretched up to it; 0 to 1, and what lies outside is taken
    for the nearer end."""
    way = clamp(0.0, 1.0, way)
    low, high = center - width / 2.0, center + width / 2.0
    if way < low:
        return min(center, way * (center / low))
    if way > high:
        return max(center, 1.0 - (1.0 - way) * ((1.0 - center) / (1.0 - high)))
    return center


def detent(points: tuple[float, ...], width: float, value: float) -> float:
    """Return the nearest point if it is within `width`, and else the value."""
    point = nearest(points, value)
    return point if abs(value - point) <= width else value


def nearest(values: tuple[float, ...], value: float) -> float:
    """Return the nearest of some rising values; halfway, the higher one."""
    after = bisect_left(values, value)
    if after == 0:
        return values[0]
    if after == len(values):
        return values[-1]
    below, above = values[after - 1], values[after]
    return above if above - value <= value - below else below


def round_to(step: float, value: float) -> float:
    """Return the nearest multiple of `step`; halfway, the higher one."""
    steps = value / step
    if abs(steps) >= _WHOLE:
        return value  # finer than a float can tell
    return math.floor(steps + 0.5) * step


def choose(items: tuple[float | str, ...], way: float) -> float:
    """Return the item at which a way from 0 to 1 arrives; where items are text, its index from 0."""
    index = min(int(clamp(0.0, 1.0, way) * len(items)), len(items) - 1)
    item = items[index]
    if isinstance(item, str) or any(isinstance(one, str) for one in items):
        return float(index)
    return float(item)


def wrap(low: float, high: float, value: float) -> float:
    """Return `value` as it comes back in where it left. The ends themselves are inside."""
    if low <= value <= high or high <= low:
        return clamp(low, high, value)
    return clamp(low, high, low + (value - low) % (high - low))
