"""PURE. What one Scope of several sees of a profile: everything that is for all of them, and what is for it alone.

    left = only(profile, "left")
    left.start["noise_scale"]                # of `left/noise_scale: 0.8` and `noise_scale: 0.3`, the former
    named("left/lora/arcane", left)          # LoraTarget("arcane")
    named("right/lora/arcane", left)         # OfScope("right", LoraTarget("arcane")): not here

A target of another Scope keeps its place, among the routes of a signal and in an `across:`, and nothing comes of it.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar, overload

from bridge.profile.model import OfScope, Page, Profile, Route, Scene, Target
from bridge.profile.targets import lookup, traits

T = TypeVar("T")


def named(text: str, profile: Profile) -> Target | None:
    """Return the target that a text names, as the Scope of `profile` sees it; None if it names none."""
    return here(lookup.named(text, profile), profile.scope.name)


@overload
def here(target: Target, name: str) -> Target: ...
@overload
def here(target: Target | None, name: str) -> Target | None: ...
def here(target: Target | None, name: str) -> Target | None:
    """Return a target as the Scope called `name` sees it: its own ones like those of all; another's stays `OfScope`."""
    return target.target if isinstance(target, OfScope) and target.scope == name else target


def own_text(text: str, profile: Profile) -> str:
    """Return a target's text without the name of the profile's own Scope: as if there were no other."""
    return text.removeprefix(f"{profile.scope.name}/") if profile.scopes else text


def scope_in(text: str, profile: Profile) -> str:
    """Return which Scope of several a target's text names; empty: none."""
    name = text.partition("/")[0]
    return name if name in profile.scopes else ""


def only(profile: Profile, name: str) -> Profile:
    """Return what the Scope called `name` sees of a profile; all of it, if it has only one.

    Where something is said for all Scopes and for this one, the latter counts, wherever it stands.
    """
    if not profile.scopes:
        return profile
    start = _own(name, ((text, target, value) for text, (target, value) in profile.start.items()))
    guards = ((text, lookup.named(text, profile), guard) for text, guard in profile.guards.items())
    return replace(
        profile,
        scope=profile.scopes[name],
        start=start,
        routes=_routes(profile.routes, name),
        safe=None if profile.safe is None else _scene(profile.safe, name),
        scenes={key: _scene(scene, name) for key, scene in profile.scenes.items()},
        pages={key: _page(page, name) for key, page in profile.pages.items()},
        guards={
            text: guard
            for text, (_, guard) in _own(
                name, ((text, target, guard) for text, target, guard in guards if target is not None)
            ).items()
        },
    )


def _own(name: str, entries: Iterable[tuple[str, Target, T]]) -> dict[str, tuple[Target, T]]:
    """Return what a Scope has of settings for targets, by the target's bare text."""
    everybodys: dict[str, tuple[Target, T]] = {}
    own: dict[str, tuple[Target, T]] = {}
    for text, target, value in entries:
        match target:
            case OfScope(scope, held) if scope == name:
                own[text.partition("/")[2]] = held, value
            case OfScope():
                pass
            case _:
                everybodys[text] = target, value
    meant = {traits.meaning(target) for target, _ in own.values()}
    return {text: entry for text, entry in everybodys.items() if traits.meaning(entry[0]) not in meant} | own


def _scene(scene: Scene, name: str) -> Scene:
    settings = _own(name, ((text, setting.target, setting) for text, setting in scene.settings.items()))
    return replace(
        scene, settings={text: replace(setting, target=target) for text, (target, setting) in settings.items()}
    )


def _page(page: Page, name: str) -> Page:
    return replace(page, routes=_routes(page.routes, name))


def _routes(routes: Iterable[Route], name: str) -> tuple[Route, ...]:
    return tuple(
        replace(
            route,
            target=here(route.target, name),
            across=tuple((text, here(target, name)) for text, target in route.across),
        )
        for route in routes
    )
