"""What a show has, a line for each: its servers, scenes, cues in their order, pages; and how it meets a chunk."""

import math
from collections.abc import Iterable, Iterator
from typing import Any, Final

from bridge.profile.description import told_filter
from bridge.profile.durations import BEATS_PER_BAR
from bridge.profile.filters import Curve, Envelope, Every
from bridge.profile.model import Cue, LoraTarget, Page, ParameterTarget, Profile, Route, Scene, Setting, SlotTarget
from bridge.profile.shapes.shape import figure, shorten
from bridge.profile.targets import traits

_WIDEST: Final = 120
"""Characters of a scene's values that are shown."""


def overview(profile: Profile) -> list[str]:
    """Return a line for each Scope that is more than one pipeline at one address, then for each scene, cue and page of
    `profile`, in the order of the file."""
    return [*_scopes(profile), *_scenes(profile), *_cues(profile), *_pages(profile)]


def pace(profile: Profile, fps: float) -> list[str]:
    """Return how often Scope takes a value at `fps` frames a second, and for each route that moves with the beat what
    a chunk gets of it. Nothing where it is not known how many frames the pipeline makes at once."""
    info = profile.catalogue.pipelines.get(profile.scope.pipeline)
    frames = profile.scope.frames_per_chunk or (info.frames_per_chunk if info is not None else None)
    if not frames or fps <= 0:
        return []
    chunk = frames / fps
    lines = [f"{profile.scope.pipeline} takes a value every {_seconds(chunk)}: {frames} frames at {figure(fps)} fps"]
    bpm = next((one.bpm for one in profile.tempo if one.kind == "bpm"), None)
    if bpm is None:
        return lines
    for route in _all(profile):
        beats = _beats(route)
        if beats is not None and _by_chunk(route):
            every = beats * 60 / bpm
            what = route.signal.removeprefix("tempo/") if route.signal.startswith("tempo/") else "beat"
            lines.append(
                f"{route.signal} → {route.target_text}: the {what} comes every {_seconds(every)}: {_got(route, every, chunk)}"
            )
    return lines


def _all(profile: Profile) -> Iterator[Route]:
    yield from profile.routes
    for page in profile.pages.values():
        yield from page.routes


def _beats(route: Route) -> float | None:
    """Return how many beats there are from one peak of a route to the next; None: it does not move with the beat."""
    lines = {"tempo/beat": 1.0, "tempo/bar": float(BEATS_PER_BAR)}
    if route.signal not in lines and not any(isinstance(one, Envelope) for one in route.filters):
        return None
    every = (one.count for one in route.filters if isinstance(one, Every))
    return lines.get(route.signal, 1.0) * math.prod(every)


def _by_chunk(route: Route) -> bool:
    """Return whether a route's targets get what `per_chunk` says."""
    targets = [target for _, target in route.across] if route.across else [route.target]
    return any(
        isinstance(traits.bare(target), ParameterTarget | LoraTarget | SlotTarget) and traits.takes_out(target)
        for target in targets
        if target is not None
    )


def _got(route: Route, every: float, chunk: float) -> str:
    if every >= chunk:
        return "each has a chunk of its own"
    gets = {"max": "the highest", "mean": "the mean", "newest": "only the newest"}[route.per_chunk]
    return f"a chunk gets {gets} (per_chunk: {route.per_chunk})"


def _seconds(seconds: float) -> str:
    return f"{seconds:.2f}".rstrip("0").rstrip(".") + " s"


def _scopes(profile: Profile) -> Iterator[str]:
    for scope in profile.scopes.values() or (profile.scope,):
        if not (scope.name or scope.chain or scope.standby):
            continue
        runs = " → ".join(node.pipeline for node in scope.nodes)
        if scope.graph is not None:
            runs = f"a graph of {', '.join(node.id for node in scope.nodes)}"
        standby = [f"standby {scope.standby}"] if scope.standby else []
        yield f"scope{f' {scope.name}' if scope.name else ''}: {', '.join([scope.url, runs, *standby])}"


def _scenes(profile: Profile) -> Iterator[str]:
    for name, scene in profile.scenes.items():
        roles = [role for role, holds in _roles(profile, scene) if holds]
        called = f"scene {name}" + (f" ({', '.join(roles)})" if roles else "")
        over = [f"over {scene.fade}"] if scene.fade.amount else []
        over.extend([told_filter(scene.curve)] if scene.curve is not None else [])
        values = (f"{text} {_value(one.value)}{_way(one)}" for text, one in scene.settings.items())
        yield f"{called}: {', '.join([*over, shorten(', '.join(values), _WIDEST)])}"


def _way(setting: Setting) -> str:
    """Return how a value arrives where that is its own affair."""
    own: list[str] = []
    if setting.fade is not None:
        own.append(f"over {setting.fade}" if setting.fade.amount else "at once")
    if isinstance(setting.curve, Curve):
        own.append(told_filter(setting.curve))
    return f" ({', '.join(own)})" if own else ""


def _roles(profile: Profile, scene: Scene) -> Iterator[tuple[str, bool]]:
    yield "start", profile.start_scene == scene.name
    yield "safe", profile.safe is not None and profile.safe.name == scene.name


def _cues(profile: Profile) -> Iterator[str]:
    for number, cue in enumerate(profile.cues.values(), 1):
        yield ", ".join([f"cue {number} {cue.name}: {cue.scene}", *_times(cue, last=number == len(profile.cues))])


def _times(cue: Cue, *, last: bool) -> Iterator[str]:
    if cue.wait is not None:
        yield f"{'on the next line of' if cue.wait.musical else 'after'} {cue.wait}"
    if cue.follow is not None and not last:
        yield f"the next one {cue.follow} later"
    if cue.note:
        yield f"“{shorten(cue.note)}”"


def _pages(profile: Profile) -> Iterator[str]:
    first = {page.on: name for name, page in reversed(list(profile.pages.items()))}
    for name, page in profile.pages.items():
        count = len(page.routes)
        how = _how(page, profile.pages.values(), first=first[page.on] == name)
        yield f"page {name}{how}: {count} {'route' if count == 1 else 'routes'}"


def _how(page: Page, pages: Iterable[Page], *, first: bool) -> str:
    """Return when a page is in force; pages with one button come one after the other."""
    ways = ["at the start"] if first and (page.on is None or not (page.held or page.latched)) else []
    of = f" for {page.on}" if page.on is not None else ""
    if page.held:
        ways.append(f"while {page.held} is held")
    if page.latched:
        round_ = [one.name for one in pages if one.latched == page.latched]
        turn = f" ({round_.index(page.name) + 1} of {len(round_)} in turn)" if len(round_) > 1 else ""
        ways.append(f"by {page.latched}{turn}")
    return f"{of} {', and '.join(ways)}" if ways else of


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return figure(value) if isinstance(value, int | float) else shorten(str(value), 40)
