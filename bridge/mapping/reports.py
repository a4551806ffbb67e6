"""PURE. How a profile's routes stand, and what one of them makes of one signal: for whoever shows or explains it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bridge.mapping.running import Running
from bridge.mapping.scoped import scope_in
from bridge.profile.model import (
    LoraTarget,
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
    element: int | str | None = None
    """Which element of the parameter's list it drives: a step of the schedule from 1, or a LoRA by its file; None: all of
    it."""


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
        element_of(outlet.target, profile),
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


def element_of(target: Target, profile: Profile) -> int | str | None:
    """Return which element of a parameter's list a target is; None if it is no list, or all of it."""
    match target:
        case OfScope(_, held):
            return element_of(held, profile)
        case ParameterTarget(element=element):
            return element
        case LoraTarget(lora):
            return profile.loras.get(lora)
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
        case LoraTarget():
            return "lora_scales"
        case _:
            return None


def shown(route: RouteState, value: Any, told: object, words_of: Callable[[str], Mapping[str, str]]) -> Any:
    """Return what `value`, of the route's parameter, says of the route's target, in the form in which that is asked for.

    `told` are the prompts in force, as Scope takes them, and `words_of` the words in one of their texts.
    """
    if value is None:
        return None
    if route.parameter == "prompts":
        prompts = value["prompts"]
        if prompts == told:
            return route.asked
        text = prompts[0]["text"] if prompts else ""
        return text if route.word is None else words_of(text).get(route.word)
    match route.element:
        case int(step):
            return value[step - 1] if step <= len(value) else None
        case str(path):
            return next((each["scale"] for each in value if each["path"] == path), None)
    return value
