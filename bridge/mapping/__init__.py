"""PURE. Signals and the time in; what Scope is to be told, and verbs of the bridge, out.

    mapping = compile(profile)
    mapping.feed(Batch(12.0, [("td/noise", (0.43,))]))     # what happens at once: verbs, refusals
    mapping.take(12.0)                                     # [Change("noise_scale", 0.43, at=12.0)]: what a chunk gets
    while mapping.moving:
        mapping.tick(now)                                  # what moves by itself has moved on

From the signal's side: `engine` finds the routes (`patterns`, `pages`), `running` takes a value through its filters
(`stages`: `shape`, `motion`, `encoder`, `gate`) to the route's targets (`outlet`, `takeover`); `surface` says what the
controls stand for, which `inverse` of the filters tells of their places. From the target's side: `board`
holds what everything is set to (`cells`), what guards hold back (`limits`), the prompt (`prompts`), what swings with the
beat (`modulations`), and says what a chunk gets. `scenes` sets many targets at once; `beat` knows the tempo; `cache` when
the picture may start anew; `around` is what filters may know of all that. Where a show has several Scopes, `ensemble`
has a mapping for each, which sees its own share of the profile (`scoped`).
"""

from bridge.mapping.engine import Effects, Mapping
from bridge.mapping.ensemble import Ensemble
from bridge.mapping.reports import RouteState, Step
from bridge.mapping.scoped import only
from bridge.mapping.surface import ControlState
from bridge.profile.model import Profile

__all__ = ["ControlState", "Effects", "Ensemble", "Mapping", "RouteState", "Step", "compile", "compile_all", "only"]


def compile(profile: Profile, after: Mapping | None = None, now: float = 0.0) -> Mapping:
    """Return the profile's mapping: at its start values, or going on from where `after`, the one until `now`, was.

    Of a profile with several Scopes it is that of the first one; `compile_all` has all of them.
    """
    profile = only(profile, profile.scope.name)
    return Mapping(profile) if after is None else after.reloaded(profile, now)


def compile_all(profile: Profile, after: Ensemble | None = None, now: float = 0.0) -> Ensemble:
    """Return the mappings of all Scopes of a profile, as `compile` does: each goes on from where its own was, by name."""
    return Ensemble(profile) if after is None else after.reloaded(profile, now)
