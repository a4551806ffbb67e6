"""PURE. Curves: the way from 0 to 1, bent. The ends stay, and what rises goes on rising."""

import math

from bridge.profile.filters import Curve

STEEPNESS = 4.0
"""How strongly `exp` and `log` bend: their slope at one end is e^4 times that at the other."""


def bend(curve: Curve, way: float) -> float:
    """Return where on the way `curve` puts `way`; both 0 to 1, and what lies outside is taken for the nearer end."""
    way = min(1.0, max(0.0, way))
    match curve.shape:
        case "exp":
            return math.expm1(STEEPNESS * way) / math.expm1(STEEPNESS)
        case "log":
            return math.log1p(way * math.expm1(STEEPNESS)) / STEEPNESS
        case "s":
            return way * way * (3.0 - 2.0 * way)
        case "power":
            return float(way**curve.power)
