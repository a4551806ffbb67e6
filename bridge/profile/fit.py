"""Whether a route fits its target: its ranges, its filters, and whether Scope will make anything of it."""

import re

from bridge.parameters import Parameter
from bridge.profile import targets
from bridge.profile.filters import Clamp, Curve, Filter
from bridge.profile.model import ParameterTarget, Range, Scope, Target
from bridge.profile.problems import Notes, Place
from bridge.profile.scope import PIPELINES
from bridge.profile.shapes import figure
from bridge.profile.structures import Fields, Given


def check_numbers(fields: Fields, target: Target, target_text: str, source_range: Range | None, notes: Notes) -> None:
    """Note ranges and filters that do not fit what the target takes."""
    name, own = target_text, targets.own_range(target)
    if not targets.takes_numbers(target):
        for key in ("in", "filters", "per_chunk"):
            if key in fields and not (key == "filters" and not fields[key].value):
                notes.error(
                    fields[key].key,
                    f"'{key}' works on numbers, and {name} takes {targets.takes(target, {})}",
                    "take it out",
                )
    if "per_chunk" in fields and targets.takes_numbers(target) and not isinstance(target, ParameterTarget):
        notes.error(
            fields["per_chunk"].key,
            f"'per_chunk' is about values that Scope takes chunk by chunk, and {name} acts otherwise",
            "take it out",
        )
    if "out" in fields:
        _check_out(fields["out"], target, name, source_range, notes)
    has_way = source_range is not None or own is not None
    for one in fields["filters"].value if "filters" in fields else ():
        _check_filter(one, name, has_way, targets.takes_numbers(target), notes)


def _check_out(out: Given[Range], target: Target, name: str, source_range: Range | None, notes: Notes) -> None:
    own = targets.own_range(target)
    if not targets.takes_out(target):
        notes.error(out.key, f"'out' is a range in the target's unit, and {name} has none", "take it out")
    elif own is None and source_range is None:
        notes.error(
            out.key,
            f"'out' says where a way begins and ends, but {name} has no range of its own, so there is no way yet",
            "say what the signal's numbers mean: in: [0, 1]",
        )
    elif own is not None:
        for index, end in enumerate(out.value):
            if own[0] <= end <= own[1]:
                continue
            nearest_end = own[0] if end < own[0] else own[1]
            side = "end" if index else "begin"
            notes.error(
                _item(out.place, index, notes),
                f"{name} goes from {figure(own[0])} to {figure(own[1])}, "
                f"but this route can send {'down' if end < own[0] else 'up'} to {figure(end)}",
                f"{side} the range at {figure(nearest_end)}",
            )


def _item(place: Place, index: int, notes: Notes) -> Place:
    """Return the place of an item in a list that stands on one line; the list's where it does not."""
    if place.line != place.end_line:
        return place
    text = notes.lines[place.line - 1][place.column - 1 : place.end_column - 1]
    found = list(re.finditer(r"[^\s,\[\]]+", text))
    if index >= len(found):
        return place
    start, end = found[index].span()
    return Place(place.line, place.column + start, place.line, place.column + end)


def _check_filter(one: Given[Filter], name: str, has_way: bool, numbers: bool, notes: Notes) -> None:
    match one.value:
        case Curve() if numbers and not has_way:
            notes.error(
                one.place,
                f"a curve bends the way from one end to the other, and {name} has no range of its own",
                "say what the signal's numbers mean: in: [0, 1]",
            )
        case Clamp(low, high) if numbers and has_way and (low >= 1 or high <= 0):
            notes.error(
                one.place,
                f"filters see the way, 0 to 1, and this keeps it at {1 if low >= 1 else 0} for ever",
                "clamp between numbers from 0 to 1, or set the ends in the target's unit with out",
            )
        case Clamp(low, high) if numbers and has_way and (low < 0 or high > 1):
            notes.warning(
                one.place,
                f"filters see the way, 0 to 1: it never gets to {figure(low if low < 0 else high)}",
                "clamp between numbers from 0 to 1, or set the ends in the target's unit with out",
            )
        case _:
            pass


def without_effect(parameter: Parameter, scope: Scope) -> tuple[str, str] | None:
    """Return why Scope will ignore a parameter, and what to make of that; None if it will not."""
    name = parameter.name
    if "text" not in parameter.modes:
        return (
            f"{name} has no effect on a real Scope without video going in, which comes with a later version",
            "the rehearsal server shows it all the same",
        )
    if name == "vace_context_scale" and not scope.load.get("ref_images"):
        return (
            f"{name} has no effect on a real Scope without reference images or control video, "
            "which come with a later version",
            "the rehearsal server shows it all the same",
        )
    if name == "kv_cache_attention_bias" and scope.pipeline in PIPELINES and scope.pipeline != "krea-realtime-video":
        return f"{name} has no effect on {scope.pipeline}: only krea-realtime-video reads it", "take it out"
    return None
