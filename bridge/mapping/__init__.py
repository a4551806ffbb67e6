"""PURE. Signals and the time in; what Scope is to be told, and verbs of the bridge, out.

    mapping = compile(profile)
    mapping.feed(Batch(12.0, [("td/noise", (0.43,))]))     # what happens at once: verbs, refusals
    mapping.take(12.0)                                     # [Change("noise_scale", 0.43, at=12.0)]: what a chunk gets
    while mapping.moving:
        mapping.tick(now)                                  # what moves by itself has moved on

From the signal's side: `engine` finds the routes (`patterns`, `pages`), `running` takes a value through its filters
(`stages`: `shape`, `motion`, `gate`) to the route's targets (`outlet`, `takeover`). From the target's side: `board`
holds what everything is set to (`cells`), what guards hold back (`limits`), the prompt (`prompts`), and says what a
chunk gets. `scenes` sets many targets at once; `beat` knows the tempo; `around` is what filters may know of all that.
"""

from bridge.mapping.engine import Effects, Mapping, RouteState, Step
from bridge.profile.model import Profile

__all__ = ["Effects", "Mapping", "RouteState", "Step", "compile"]


def compile(profile: Profile, after: Mapping | None = None, now: float = 0.0) -> Mapping:
    """Return the profile's mapping: at its start values, or going on from where `after`, the one until `now`, was."""
    if after is None:
        return Mapping(profile)
    mapping = Mapping(profile, after.around)
    mapping.adopt(after, now)
    return mapping
