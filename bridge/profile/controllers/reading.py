"""The files of controllers: those that come with the bridge, and those that people write.

controller, problems = read_controller(text, "controllers/my-faders.yaml")
shipped()["akai-apc40-mk2"].controls["fader/1"].sends    # Address("cc", 1, 7)
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import PurePath
from typing import Final, NamedTuple

from bridge.profile.controllers.model import Controller
from bridge.profile.shapes.shape import Subject, told
from bridge.profile.shapes.structures import Fields, Record
from bridge.profile.source import nodes
from bridge.profile.source.compose import compose
from bridge.profile.source.problems import Notes, Place, Problem, Severity, lines_of, nearest

_SMALLEST: Final = 'for example: {title: Little Faders, ports: ["Little Faders*"], controls: {fader/1-8: {cc: 0-7}}}'


class Reading(NamedTuple):
    """What came of reading the file of a controller."""

    controller: Controller | None
    """None if there is an error among the problems."""
    problems: tuple[Problem, ...]
    """In the order of the file."""


def read_controller(text: str, path: str) -> Reading:
    """Return the controller that the file at `path`, with the content `text`, says; a profile calls it by the file's name."""
    return _read(text, path, path)


@cache
def _lenient() -> Record:
    """Return what reads what there is: what is missing is noted here, so that it hides nothing else that is wrong."""
    from bridge.profile.controllers.language import CONTROLLER

    return replace(CONTROLLER, fields=tuple(replace(one, required=False) for one in CONTROLLER.fields))


def _read(text: str, path: str, file: str) -> Reading:
    from bridge.profile.controllers.building import build  # most profiles have no controller, and are read without this

    notes = Notes(lines_of(text), path)
    root = compose(text.removeprefix("\ufeff"), notes)
    if root is None:
        notes.error(Place(1, 1, 1, 1), "this file is empty, and the file of a controller is not", _SMALLEST)
        return Reading(None, notes.problems())
    if isinstance(root, nodes.Unreadable):
        return Reading(None, notes.problems())
    if not isinstance(root, nodes.Mapping):
        notes.error(root.place, f"the file of a controller has keys with values, and this is {told(root)}", _SMALLEST)
        return Reading(None, notes.problems())
    fields = _lenient().read(root, notes, Subject("a controller", "")) or {}
    _check_complete(root, fields, notes)
    controller = build(fields, PurePath(path).stem, file, notes)
    problems = notes.problems()
    wrong = any(problem.severity is Severity.ERROR for problem in problems)
    return Reading(None if wrong else controller, problems)


def _check_complete(root: nodes.Mapping, fields: Fields, notes: Notes) -> None:
    """Note what every controller needs and this one lacks, unless it is there and could not be read."""
    from bridge.profile.controllers.language import CONTROLLER

    keys = [key.text for key, _ in root.pairs if isinstance(key, nodes.Scalar)]
    meant = {CONTROLLER.aliases.get(key) or nearest(key, [one.name for one in CONTROLLER.fields]) for key in keys}
    for one in CONTROLLER.fields:
        if one.required and root.whole and not {one.name} & {*keys, *meant}:
            notes.error(
                Place(1, 1, 1, len(notes.lines[0]) + 1), f"a controller needs the key '{one.name}'", one.subject.hint
            )
    given = fields.get("controls")
    if given is not None and not given.value and not notes.problems():
        notes.error(given.key, "this controller has no controls", "for example: controls: {fader/1-8: {cc: 48-55}}")


@cache
def names() -> tuple[str, ...]:
    """Return what the controllers that come with the bridge are called, in the order of the alphabet."""
    return tuple(sorted(PurePath(one.name).stem for one in _folder().iterdir() if one.name.endswith(".yaml")))


def shipped() -> Mapping[str, Controller]:
    """Return the controllers that come with the bridge, by name; each file is read when it is asked for."""
    return _SHIPPED


class _Shipped(Mapping[str, Controller]):
    def __getitem__(self, name: str) -> Controller:
        if name not in names():
            raise KeyError(name)
        return _shipped(name)

    def __iter__(self) -> Iterator[str]:
        return iter(names())

    def __len__(self) -> int:
        return len(names())


_SHIPPED: Final = _Shipped()


@cache
def _shipped(name: str) -> Controller:
    path = f"{name}.yaml"
    reading = _read(_folder().joinpath(path).read_text(encoding="utf-8"), path, "")
    assert reading.controller is not None, "\n\n".join(map(str, reading.problems))
    return reading.controller


def _folder() -> Traversable:
    return resources.files(__package__)


@cache
def looks_like(port_name: str) -> str | None:
    """Return the shipped controller whose ports are called like this one, or None.

    What systems add to a name (`2- ` before it, ` 1` or ` 24:0` behind it) does not count, nor does the case of letters;
    of `client:port`, as ALSA and JACK have it, each part is a name, too. Of several controllers that fit, it is the one
    whose pattern says most, and of equals the first by name.
    """
    parts = _parts(port_name)
    best, most = None, 0
    for name in names():
        for pattern in _shipped(name).ports:
            says = len(pattern.replace("*", ""))
            if says > most and any(fnmatchcase(part, pattern.casefold()) for part in parts):
                best, most = name, says
    return best


def _parts(port_name: str) -> list[str]:
    name = " ".join(port_name.casefold().split())
    name = re.sub(r" \d+(:\d+)?$", "", re.sub(r"^\d+- ", "", name))
    return [name, *(part.strip() for part in name.split(":"))]
