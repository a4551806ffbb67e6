"""Profiles for tests, made without a file."""

from dataclasses import replace
from typing import Any

from bridge.mapping import Mapping, compile
from bridge.profile.filters import Filter
from bridge.profile.model import Profile, Prompts, Route, Target
from bridge.profile.targets.lookup import named
from bridge.signals import Batch, Value
from bridge.verbs import Verb

PROMPTS = Prompts(
    bank={"reef": "a reef, {mood}", "neon": "neon rain"},
    words={"mood": ("calm", "tense", "ecstatic")},
)


def target_of(text: str, profile: Profile | None = None) -> Target:
    """Return the target that a text means in a profile."""
    target = named(text, profile or Profile("test.yaml", prompts=PROMPTS))
    assert target is not None, f"there is no target {text}"
    return target


def route(target: str, *filters: Filter, signal: str = "td/x", profile: Profile | None = None, **options: Any) -> Route:
    """Return a route; `{n}` in the target makes it a template."""
    found = None if "{" in target else target_of(target, profile)
    return Route(signal, found, target, filters, **options)


def mapping(*routes: Route, prompts: Prompts = PROMPTS, profile: Profile | None = None, **start: Any) -> Mapping:
    """Return the mapping of a profile with these routes and start values (`__` stands for a slash)."""
    base = replace(profile or Profile("test.yaml", prompts=prompts), routes=routes)
    values = {text.replace("__", "/"): value for text, value in start.items()}
    return compile(replace(base, start={text: (target_of(text, base), value) for text, value in values.items()}))


def send(mapping: Mapping, *values: Value, path: str = "td/x", now: float = 0.0) -> dict[str, Any]:
    """Send one message and return what Scope is told then, by parameter."""
    mapping.feed(Batch(now, [(path, values)]))
    return told(mapping, now)


def told(mapping: Mapping, now: float) -> dict[str, Any]:
    """Return what a chunk gets now, by parameter."""
    return {change.parameter: change.value for change in mapping.take(now)}


def act(mapping: Mapping, *values: Value, path: str = "td/x", now: float = 0.0) -> list[Verb]:
    """Send one message and return the verbs it brings."""
    return mapping.feed(Batch(now, [(path, values)])).verbs
