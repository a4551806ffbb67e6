"""PURE. How a profile's routes stand, and what one of them makes of one signal: for whoever shows or explains it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bridge.mapping.outlet import Outlet
from bridge.mapping.running import Running
from bridge.mapping.scoped import scope_in
from bridge.profile.model import (
    ImageTarget,
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
class Aim:
    """One target of a route, as it stands."""

    asked: Any
    """What is asked of it now, everything taken together; None until something arrived."""
    parameter: str | None
    """The parameter of Scope that it is told by; None for what is the bridge's own."""
    scope: str
    """Which Scope of several it is for; empty: all, or the only one."""
    node: str | None = None
    """The one node of a graph that it is for; None: all."""
    word: str | None = None
    """The word in the prompt that it is."""
    element: int | str | None = None
    """Which element of the parameter's list it is: a step of the schedule from 1, or a LoRA by its file; None: all of it."""
    means: Any = None
    """What Scope is told for what is asked, where that is only a name of it: an image's path."""


@dataclass(frozen=True, slots=True)
class RouteState:
    """One route of the profile, as it stands: for whoever shows it."""

    signal: str
    target: str
    asked: Any
    """What is asked of its target now; across several, of each of them; None until something arrived."""
    at: float | None
    """When the last signal came, in seconds of `bridge.clock`."""
    clamped: int
    refused: int
    detail: str
    """Why the last signal was refused, or empty."""
    scope: str
    """Which Scope of several it is for; empty: all, or the only one."""
    aims: tuple[Aim, ...] = ()
    """Its targets; none until a signal has fitted it."""


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
    aims = tuple(aim_of(outlet, profile) for outlet in running.outlets)
    asked = [aim.asked for aim in aims]
    return RouteState(
        running.path,
        ", ".join(each.text for each in running.outlets),
        None if running.at is None else asked if len(asked) > 1 else asked[0],
        running.at,
        running.clamped,
        running.refused,
        running.detail,
        aims[0].scope,
        aims,
    )


def aim_of(outlet: Outlet, profile: Profile) -> Aim:
    """Return how the target of an outlet stands."""
    return aim(outlet.target, outlet.text, None if outlet.cell is None else outlet.cell.asked, profile)


def aim(target: Target, text: str, asked: Any, profile: Profile) -> Aim:
    """Return how a target stands of which so much is asked; `text` is how the profile writes it."""
    target = target.target if isinstance(target, OfScope) else target
    return Aim(
        asked,
        parameter_of(target),
        scope_in(text, profile),
        target.node if isinstance(target, ParameterTarget) else None,
        target.word if isinstance(target, WordTarget) else None,
        _element_of(target, profile),
        target.told(profile.images.get(asked, asked))
        if isinstance(target, ImageTarget) and asked is not None
        else None,
    )


def unheard(route: Route, profile: Profile) -> RouteState:
    """Return how a route stands whose pattern no signal has fitted yet."""
    text = route.target_text
    return RouteState(route.signal, text, None, None, 0, 0, "", scope_in(text, profile))


def _element_of(target: Target, profile: Profile) -> int | str | None:
    match target:
        case ParameterTarget(element=element):
            return element
        case LoraTarget(lora):
            return profile.loras.get(lora)
        case _:
            return None


def parameter_of(target: Target) -> str | None:
    """Return the key of Scope's messages that a target is told by; None for what is the bridge's own."""
    match target:
        case ParameterTarget(parameter):
            return parameter.name
        case PromptTarget() | PromptNamed() | PromptStep() | SlotTarget() | WordTarget():
            return "prompts"
        case SeedRandom():
            return "base_seed"
        case LoraTarget():
            return "lora_scales"
        case ImageTarget():
            return target.parameter
        case _:
            return None


def shown(aim: Aim, value: Any, told: object, words_of: Callable[[str], Mapping[str, str]]) -> Any:
    """Return what `value`, of the aim's parameter, says of it, in the form in which it is asked for.

    `told` are the prompts in force, as Scope takes them, and `words_of` the words in one of their texts.
    """
    if value is None:
        return None
    if aim.means is not None:
        paths = ", ".join(value) if isinstance(value, list) else value
        return aim.asked if value == aim.means else paths
    if aim.parameter == "prompts":
        prompts = value["prompts"]
        if prompts == told or (isinstance(aim.asked, str) and _texts(prompts) == _texts(told)):
            return aim.asked  # weights that move all the time do not make another text of it
        text = prompts[0]["text"] if prompts else ""
        return text if aim.word is None else words_of(text).get(aim.word)
    match aim.element:
        case int(step):
            return value[step - 1] if step <= len(value) else None
        case str(path):
            return next((each["scale"] for each in value if each["path"] == path), None)
    return value


def _texts(prompts: Any) -> list[Any]:
    return [each["text"] for each in prompts]
