"""PURE. Signals and the time in; changes of Scope's parameters and verbs of the bridge out.

    mapping = compile(profile)
    mapping.feed(Batch(12.0, [("td/noise", (0.43,))]))     # Effects(changes=[Change("noise_scale", 0.43, at=12.0)])
    while mapping.moving:
        mapping.tick(now)                                  # what a smooth filter makes of it since

One file per matter: `coerce` (what was sent into what is meant), `shape` (curves), `motion` (lags), `prompts` (bank,
words, fades), `engine` (routes). A route is: signal → `in` → filters → `out` → target.
"""

from bridge.mapping.engine import Effects, Mapping, RouteState
from bridge.profile.model import Profile

__all__ = ["Effects", "Mapping", "RouteState", "compile"]


def compile(profile: Profile) -> Mapping:
    """Return the profile's mapping, at its start values."""
    return Mapping(profile)
