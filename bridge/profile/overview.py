"""What a show can call up, a line for each: its scenes, its cues in their order, its pages."""

from collections.abc import Iterator
from typing import Any

from bridge.profile.model import Cue, Page, Profile, Scene
from bridge.profile.shapes.shape import figure, shorten


def overview(profile: Profile) -> list[str]:
    """Return a line for each scene, cue and page of `profile`, in the order of the file."""
    return [*_scenes(profile), *_cues(profile), *_pages(profile)]


def _scenes(profile: Profile) -> Iterator[str]:
    for name, scene in profile.scenes.items():
        roles = [role for role, holds in _roles(profile, scene) if holds]
        called = f"scene {name}" + (f" ({', '.join(roles)})" if roles else "")
        over = f"over {scene.fade}, " if scene.fade.amount else ""
        values = (f"{text} {_value(one.value)}" for text, one in scene.settings.items())
        yield f"{called}: {over}{shorten(', '.join(values), 90)}"


def _roles(profile: Profile, scene: Scene) -> Iterator[tuple[str, bool]]:
    yield "start", profile.start_scene == scene.name
    yield "safe", profile.safe is not None and profile.safe.name == scene.name


def _cues(profile: Profile) -> Iterator[str]:
    for number, cue in enumerate(profile.cues.values(), 1):
        yield ", ".join([f"cue {number} {cue.name}: {cue.scene}", *_times(cue)])


def _times(cue: Cue) -> Iterator[str]:
    if cue.wait is not None:
        yield f"{'on the next line of' if cue.wait.musical else 'after'} {cue.wait}"
    if cue.follow is not None:
        yield f"the next one {cue.follow} later"
    if cue.note:
        yield f"“{shorten(cue.note)}”"


def _pages(profile: Profile) -> Iterator[str]:
    for number, (name, page) in enumerate(profile.pages.items()):
        count = len(page.routes)
        yield f"page {name}{_how(page, number == 0)}: {count} {'route' if count == 1 else 'routes'}"


def _how(page: Page, first: bool) -> str:
    if page.held:
        return f" while {page.held} is held"
    if page.latched:
        return f" by {page.latched}"
    return " at the start" if first else ""


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return figure(value) if isinstance(value, int | float) else shorten(str(value), 40)
