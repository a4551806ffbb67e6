"""PURE. How a profile's routes stand, and what one of them makes of one signal: for whoever shows or explains it."""

from dataclasses import dataclass
from typing import Any

from bridge.mapping.running import Running
from bridge.mapping.scoped import scope_in
from bridge.profile.model import (
    OfScope,
    ParameterTarget,
    Profile,
    PromptNamed,
    PromptStep,
    PromptTarget,
    Route,
    SeedRandom,
    SlotTarget,
    Target,
    WordTarget,
)


@dataclass(frozen=True, slots=True)
class RouteState:
    """One route of the profile, as it stands: for whoever shows it."""

    signal: str
    target: str
    parameter: str | None
    """The parameter of Scope that it drives; None for what is the bridge's own."""
    word: str | None
    """The word in the prompt that it drives."""
    asked: Any
    """What is asked of its target now, everything taken together; None until something arrived."""
    at: float | None
    """When the last signal came, in seconds of `bridge.clock`."""
    clamped: int
    refused: int
    detail: str
    """Why the last signal was refused, or empty."""
    scope: str = ""
    """Which Scope of several it is for; empty: all, or the only one."""
    node: str | None = None
    """The one node of a graph that it is for; None: all."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one route makes of one signal, for whoever wants it explained."""

    route: str
    """Its name, or its signal as the profile writes it."""
    steps: tuple[tuple[str, float | str], ...]
    """What each filter made of it."""
    target: str
    value: Any
    """What is asked of the target afterwards; for an event whether it happened; across several, a list."""
    refused: str = ""
    """Why nothing could be made of it."""


def state_of(running: Running, profile: Profile) -> RouteState:
    """Return how a route at work stands."""
    outlet = running.outlets[0]
    asked = [None if each.cell is None else each.cell.asked for each in running.outlets]
    return RouteState(
        running.path,
        ", ".join(each.text for each in running.outlets),
        parameter_of(outlet.target),
        outlet.target.word if isinstance(outlet.target, WordTarget) else None,
        None if running.at is None else asked if len(asked) > 1 else asked[0],
        running.at,
        running.clamped,
        running.refused,
        running.detail,
        scope_in(outlet.text, profile),
        node_of(outlet.target),
    )


def unheard(route: Route, profile: Profile) -> RouteState:
    """Return how a route stands whose pattern no signal has fitted yet."""
    text = route.target_text
    return RouteState(route.signal, text, None, None, None, None, 0, 0, "", scope_in(text, profile))


def node_of(target: Target) -> str | None:
    """Return the one node of a graph that a target is for; None if it is for all."""
    match target:
        case OfScope(_, held):
            return node_of(held)
        case ParameterTarget(node=node):
            return node
        case _:
            return None


def parameter_of(target: Target) -> str | None:
    """Return the key of Scope's messages that a target is told by; None for what is the bridge's own."""
    match target:
        case OfScope(_, held):
            return parameter_of(held)
        case ParameterTarget(parameter):
            return parameter.name
        case PromptTarget() | PromptNamed() | PromptStep() | SlotTarget() | WordTarget():
            return "prompts"
        case SeedRandom():
            return "base_seed"
        case _:
            return None
