"""Writing into a profile that belongs to a person: what is not edited stays as it is, to the byte.

    save_scene(text, "drop", {"noise_scale": 0.8, "prompt": "neon"})
    add_to_section(text, ("prompts", "bank"), "reef", "bioluminescent reef")
    add_route(text, "apc/fader/1 -> noise_scale")

Each takes the text of a profile and returns the new one. Comments, order, quotes, blank lines, line ends and the byte
order mark stay; what is new looks as its neighbours do. The result is read again: unless it says what was asked for, and
the same as before of everything else, `EditError` is raised.
"""

from collections.abc import Mapping
from typing import Any, Final

from bridge.profile.edit.draft import Draft
from bridge.profile.edit.said import Path, called, find, nothing, read, says, value_of
from bridge.profile.edit.writing import EditError
from bridge.profile.source import nodes
from bridge.profile.source.problems import did_you_mean

_TIMING: Final = {"fade", "curve"}


def save_scene(text: str, name: str, values: Mapping[str, Any]) -> str:
    """Return `text` with `values`, by the targets' texts, as the scene `name`.

    Of a scene that is there, the values are replaced: its form (plain, or with `set:`), its fade and curve, those of a
    single value (`{to: …, fade: …}`), and keys that `values` has not stay. A new one goes to the end of `scenes:`.
    Raise `EditError` if that cannot be done without touching something else.
    """
    draft = Draft(text)
    where: Path = ("scenes", name)
    scene = draft.said(where)
    if scene is None or nothing(scene):
        draft.add(where, dict(values))
        return draft.result({where: dict(values)})
    if not isinstance(scene, nodes.Mapping):
        raise EditError(f"the scene '{name}' is no mapping of targets to values")
    keys = {key.text for key, _ in scene.pairs if isinstance(key, nodes.Scalar)}
    if "set" in keys or keys <= _TIMING:
        where = (*where, "set")
        settings = draft.said(where)
        if settings is None or nothing(settings):
            draft.add(where, dict(values))
            return draft.result({where: dict(values)})
        if not isinstance(settings, nodes.Mapping):
            raise EditError(f"'set' of the scene '{name}' is no mapping of targets to values")
    asked: dict[Path, Any] = {}
    new: dict[str, Any] = {}
    for target, value in values.items():
        place: Path = (*where, target)
        there = draft.said(place)
        if isinstance(there, nodes.Mapping) and not isinstance(value, Mapping) and draft.said((*place, "to")):
            place = (*place, "to")
            there = draft.said(place)
        asked[place] = value
        if there is not None and says(there, value):
            continue
        if draft.written(place) is None:
            new[target] = value
        else:
            draft.replace(place, value)
    if new:
        draft.extend(where, new)
    return draft.result(asked)


def section_of(text: str, section: str) -> dict[str, Any]:
    """Return the entries of a section as the profile's text has them, by name. Raise `EditError` if it has a problem."""
    found = value_of(find(read(text), (section,)))
    return found if isinstance(found, dict) else {}


def add_to_section(text: str, section: str | tuple[str, ...], key: str, value: Any) -> str:
    """Return `text` with an entry more in a section: `"cues"`, or one in another, `("prompts", "bank")`.

    It goes to the end; a section that is not there yet comes where such a section belongs. An entry that says the same
    already is left alone. Raise `EditError` if there is another of that name, or the section cannot be edited safely.
    """
    path: Path = (*((section,) if isinstance(section, str) else section), key)
    draft = Draft(text)
    there = draft.said(path)
    if there is None:
        draft.add(path, value)
    elif not says(there, value):
        raise EditError(f"{called(path[:-1])} has another '{key}' already, on line {there.place.line}")
    return draft.result({path: value})


def add_route(text: str, route: str | Mapping[str, Any], page: str | None = None) -> str:
    """Return `text` with a route more, `signal -> target` or a mapping, at the end of `routes:` or of a page's.

    A route that is there already, word for word, is not added again. Raise `EditError` if there is no such page, or the
    routes cannot be edited safely.
    """
    draft = Draft(text)
    where: Path = ("routes",)
    if page is not None:
        where = ("pages", page, "routes")
        pages = draft.said(("pages",))
        pairs = pages.pairs if isinstance(pages, nodes.Mapping) else ()
        known = [key.text for key, _ in pairs if isinstance(key, nodes.Scalar)]
        if page not in known:
            raise EditError(", ".join(filter(None, (f"there is no page '{page}'", did_you_mean(page, known)))))
    routes = draft.said(where)
    items = routes.items if isinstance(routes, nodes.Sequence) else ()
    if any(says(item, route) for item in items):
        return text
    path: Path = (*where, len(items))
    draft.add(path, route)
    return draft.result({path: route})
