"""Profiles for tests, made without a file."""

from typing import Any, Literal

from bridge.mapping import Mapping, compile
from bridge.parameters import PARAMETERS, Kind, Parameter
from bridge.profile.filters import Filter
from bridge.profile.model import (
    OutputTarget,
    ParameterTarget,
    Profile,
    Prompts,
    PromptTarget,
    Range,
    Route,
    Target,
    WordTarget,
)
from bridge.signals import Batch, Value

PROMPTS = Prompts(
    bank={"reef": "a reef, {mood}", "neon": "neon rain"},
    words={"mood": ("calm", "tense", "ecstatic")},
)


def target_of(text: str) -> Target:
    match text.split("/"):
        case ["prompt"]:
            return PromptTarget()
        case ["word", word]:
            return WordTarget(word)
        case ["param", name]:
            return ParameterTarget(Parameter(name, Kind.ANY, "anything"))
        case ["output", output, control]:
            kind: Literal["freeze", "level"] = "freeze" if control == "freeze" else "level"
            return OutputTarget(output, kind)
        case _:
            return ParameterTarget(PARAMETERS[text])


def route(
    target: str,
    *filters: Filter,
    signal: str = "td/x",
    source: Range | None = None,
    out: Range | None = None,
    per_chunk: Literal["newest", "max", "mean"] = "newest",
) -> Route:
    return Route(signal, target_of(target), target, filters, source, out, per_chunk)


def mapping(*routes: Route, prompts: Prompts = PROMPTS, **start: Any) -> Mapping:
    values = {text.replace("__", "/"): value for text, value in start.items()}
    started = {text: (target_of(text), value) for text, value in values.items()}
    return compile(Profile("test.yaml", prompts=prompts, start=started, routes=routes))


def send(mapping: Mapping, *values: Value, path: str = "td/x", now: float = 0.0) -> dict[str, Any]:
    """Send one message and return what changes, by parameter."""
    effects = mapping.feed(Batch(now, [(path, values)]))
    return {change.parameter: change.value for change in effects.changes}
