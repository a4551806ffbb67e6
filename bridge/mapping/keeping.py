"""PURE. What of a show outlives the process: its live values, as JSON can hold them, and the way back."""

from typing import Any, TypeGuard

from bridge.mapping.around import Surroundings
from bridge.mapping.board import Board
from bridge.mapping.cells import Cell
from bridge.mapping.chance import Chance
from bridge.mapping.outlet import Takes, choices, takes
from bridge.mapping.scenes import Director
from bridge.mapping.scoped import named
from bridge.profile.durations import Duration
from bridge.profile.model import Profile
from bridge.profile.targets import traits

LONGEST_FADE = 3600.0
"""Seconds that a fade may still take after a restart."""


def state(board: Board, around: Surroundings, director: Director, chance: Chance, now: float) -> dict[str, Any]:
    """Return what is live."""
    return {
        "values": board.lasting(),
        "fades": {text: list(fade) for text, fade in board.fades(now).items()},
        "scene": around.scene,
        "pages": list(around.pages.turned),
        "cue": director.cue,
        "snapshots": {str(number): values for number, values in director.snapshots.items()},
        "bpm": around.times.tempo.bpm if around.times.tempo.said else None,
        "seed": chance.seed,
        "bag": board.prompter.bag,
    }


def resume(
    found: dict[str, Any],
    profile: Profile,
    board: Board,
    around: Surroundings,
    director: Director,
    chance: Chance,
    now: float,
) -> None:
    """Go on at `now` from what `state` returned, or from anything else that a disk may hold instead."""
    for text, value in _mapping(found.get("values")).items():
        target = named(text, profile)
        if target is not None and not traits.is_trigger(target) and fits(board.cell(target, text), value):
            board.put(text, target, value, now, director)
    for text, fade in _mapping(found.get("fades")).items():
        target = named(text, profile)
        if target is None or traits.is_trigger(target) or not isinstance(fade, list) or len(fade) != 3:
            continue
        if takes(target) is Takes.NUMBER and all(_is_number(number) for number in fade):
            begin, end, seconds = fade
            board.put(text, target, begin, now, director)
            board.fade(text, target, end, now, director, Duration(min(LONGEST_FADE, max(0.0, seconds))), None)
    around.scene = _one_of(found.get("scene"), profile.scenes) or around.scene
    director.cue = _one_of(found.get("cue"), profile.cues)
    pages = found.get("pages")
    for page in pages if isinstance(pages, list) else ():
        if _one_of(page, profile.pages):
            around.pages.turn(page)
    for number, values in _mapping(found.get("snapshots")).items():
        if number.isdecimal() and len(number) < 3:
            director.snapshots[int(number)] = _mapping(values)
    bpm, seed, bag = found.get("bpm"), found.get("seed"), found.get("bag")
    if _is_number(bpm) and not any(source.kind == "bpm" for source in profile.tempo):
        around.times.tempo.turn_to(float(bpm), now)
    if isinstance(seed, int):
        chance.seed = seed
    if isinstance(bag, list):
        board.prompter.bag = [name for name in bag if _one_of(name, profile.prompts.bank)]
    board.begun_with()


def fits(cell: Cell, value: Any) -> bool:
    """Return whether a value that was kept is of the kind that a cell has."""
    match takes(cell.target):
        case Takes.NUMBER:
            return _is_number(value)
        case Takes.SWITCH:
            return isinstance(value, bool)
        case Takes.TEXT | Takes.WORD | Takes.IMAGE:
            return isinstance(value, str)
        case Takes.CHOICE:
            return isinstance(value, str) and value in choices(cell.target)
        case Takes.STEPS:
            whole = isinstance(value, list) and all(type(step) is int and 0 <= step <= 1000 for step in value)
            return whole and bool(value) and sorted(set(value), reverse=True) == value
        case Takes.ANYTHING:
            return True
        case Takes.MOUSE | Takes.TRIGGER:
            return False


def _is_number(value: Any) -> TypeGuard[float]:
    """Return whether a value is a number that a target could ever take."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15


def _one_of(name: object, known: Any) -> str | None:
    return name if isinstance(name, str) and name in known else None


def _mapping(found: object) -> dict[str, Any]:
    return {str(key): value for key, value in found.items()} if isinstance(found, dict) else {}
