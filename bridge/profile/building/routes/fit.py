"""Whether a route fits its target: its keys, its ranges, what it chooses from and what it waits for."""

import re
from collections.abc import Collection, Iterator
from typing import Final

from bridge.parameters import Kind
from bridge.profile.building.routes.bounds import Pairing, check_reach
from bridge.profile.building.routes.signals import Signal, Sources
from bridge.profile.building.routes.turning import one_by_one, turns
from bridge.profile.filters import (
    Choose,
    Filter,
    When,
)
from bridge.profile.model import (
    FadeTarget,
    ImageTarget,
    LoraTarget,
    ParameterTarget,
    PromptTarget,
    Range,
    SlotTarget,
    Target,
)
from bridge.profile.shapes.shape import figure, shorten
from bridge.profile.shapes.structures import Fields, Given
from bridge.profile.source.problems import Notes, Place, did_you_mean
from bridge.profile.targets import traits
from bridge.profile.targets.names import Names

_NUMERIC: Final = ("in", "filters", "per_chunk", "press", "every")
"""Keys of a route that are about numbers."""


def check_numbers(fields: Fields, target: Target, target_text: str, source_range: Range | None, notes: Notes) -> None:
    """Note ranges and filters that do not fit what a target takes.

    `target` is bare, whichever Scope it is of; `fields` is the route as it was read, `source_range` what its signal's numbers mean as the whole way (None: they are
    in the target's own unit). Of `across`, each target is asked about by itself.
    """
    has_way = source_range is not None or traits.way(target) is not None or turns(fields)
    route = Pairing(fields, target, target_text, source_range, has_way, notes)
    _check_kind(route)
    _check_out_key(route)
    _check_text(route)
    if traits.takes_numbers(target) or _chooses(route):
        check_reach(route)


def check_own_number(
    fields: Fields,
    end: Place,
    target: Target,
    name: str,
    signal: Signal,
    bank: Collection[str],
    notes: Notes,
    *,
    pressed: bool = False,
) -> None:
    """Note a signal that is known to be a number on its way to what takes none; `bank` are the names of prompts.
    `pressed` says that it is a button's."""
    given: list[Given[Filter]] = fields["filters"].value if "filters" in fields else []
    if signal.text == "scope/state" or traits.takes_numbers(target):
        return
    if any(isinstance(one.value, Choose) for one in given):
        return
    notes.error(
        end,
        f"{signal.text} is a number, and {name} takes {traits.takes(target, {})}",
        f"a prompt of the bank has a target of its own: prompt/{next(iter(bank), 'reef')}"
        if pressed and isinstance(target, PromptTarget)
        else None,
        *_instead(target, name, signal, list(bank)),
    )


def _instead(target: Target, name: str, signal: Signal, bank: list[str]) -> Iterator[str]:
    """Yield what else can be done where a number of the bridge goes to what takes none."""
    if isinstance(target, PromptTarget) and signal.text in ("tempo/beat", "tempo/bar"):
        yield f"for another prompt now and then: {{from: {signal.text}, every: 8, to: prompt/next}}"
    if not traits.takes_text(target):
        element = isinstance(target, ParameterTarget) and target.parameter.kind is Kind.STEPS
        yield f"move one of its numbers: {name}[1]" if element else "take the route out"
        return
    match target:
        case ParameterTarget(known) if known.choices:
            items = list(known.choices[:2])
        case FadeTarget():
            items = ["linear", "slerp"]
        case ImageTarget():
            items = ["face", "forest"]
        case _:
            items = bank[:2] if len(bank) > 1 else ["rain on glass", "fog over water"]
    yield f"let it choose: filters: [{{choose: [{', '.join(items)}]}}]"


def _chooses(route: Pairing) -> bool:
    """Return whether numbers become something else on the way."""
    return any(isinstance(one.value, Choose) for one in route.filters)


def _check_kind(route: Pairing) -> None:
    """Note keys about numbers on the way to what takes none."""
    fields, target, name = route.fields, route.target, route.name
    if not traits.takes_numbers(target):
        for key in _NUMERIC:
            if key not in fields or (key == "filters" and not fields[key].value):
                continue
            if key == "filters" and len(route.filters) == 1 and turns(fields) and one_by_one(target):
                continue
            if key != "per_chunk" and traits.takes_text(target) and _chooses(route):
                continue
            route.notes.error(
                fields[key].key,
                f"'{key}' works on numbers, and {name} takes {traits.takes(target, {})}",
                "take it out",
            )
    elif "per_chunk" in fields and not (
        traits.takes_out(target) and (isinstance(target, ParameterTarget | LoraTarget) or target == _weight_of(target))
    ):
        route.notes.error(
            fields["per_chunk"].key,
            f"'per_chunk' is about values that Scope takes chunk by chunk, and {name} acts otherwise",
            "take it out",
        )


def _weight_of(target: Target) -> Target | None:
    return target if isinstance(target, SlotTarget) and target.control == "weight" else None


def _check_out_key(route: Pairing) -> None:
    """Note an `out` where there is nothing that it could be the range of."""
    out = route.fields.get("out")
    if out is None:
        return
    if not traits.takes_out(route.target):
        route.notes.error(out.key, f"'out' is a range in the target's unit, and {route.name} has none", "take it out")
    elif not route.has_way:
        route.notes.error(
            out.key,
            f"'out' says where a way begins and ends, but {route.name} has no range of its own, so there is no way yet",
            "say what the signal's numbers mean: in: [0, 1]",
        )


def _check_text(route: Pairing) -> None:
    """Note text that is chosen where none can be used."""
    for index, one in enumerate(route.filters):
        if not isinstance(one.value, Choose):
            continue
        items = one.value.items
        texts = [item for item in items if isinstance(item, str)]
        if texts and index < len(route.filters) - 1:
            route.notes.error(
                one.place,
                "what is chosen here is text, and the next filter works on numbers",
                "choose comes last, after the other filters",
            )
        elif texts and not traits.takes_text(route.target):
            route.notes.error(
                _within(one.place, texts[0], route.notes),
                f"'{shorten(texts[0])}' is text, and {route.name} takes {traits.takes(route.target, {})}",
                "choose among numbers: {choose: [0.2, 0.5, 0.9]}",
            )
        elif isinstance(route.target, ParameterTarget) and route.target.parameter.kind is Kind.CHOICE:
            choices = route.target.parameter.choices
            for item in items:
                if item not in choices:
                    text = item if isinstance(item, str) else figure(item)
                    route.notes.error(
                        _within(one.place, text, route.notes),
                        f"{route.name} takes {traits.takes(route.target, {})}, not '{shorten(text)}'",
                        did_you_mean(text, choices),
                        f"for example: {{choose: [{', '.join(choices[:3])}]}}",
                    )


def _within(place: Place, text: str, notes: Notes) -> Place:
    """Return the place of a word inside a place; all of it where the word cannot be found on one line."""
    if place.line != place.end_line:
        return place
    line = notes.lines[place.line - 1]
    found = re.compile(rf"(?<!\w){re.escape(text)}(?!\w)").search(line, place.column - 1, place.end_column - 1)
    return place if found is None else Place(place.line, found.start() + 1, place.line, found.end() + 1)


def check_conditions(fields: Fields, names: Names, sources: Sources, notes: Notes) -> None:
    """Note pages, scenes and signals that the filter `when` waits for and that there are not."""
    given: list[Given[Filter]] = fields["filters"].value if "filters" in fields else []
    for one in given:
        if not isinstance(one.value, When):
            continue
        for kind, word, known, example in (
            ("page", one.value.page, names.pages, "pages: {looks: {while: apc/shift, routes: []}}"),
            ("scene", one.value.scene, names.scenes, "scenes: {intro: {prompt: reef}}"),
        ):
            if word is None or known is None or word in known:
                continue
            near = did_you_mean(word, known)
            every = f"there is {shorten(', '.join(known), 80)}" if known else f"give it one: {example}"
            notes.error(
                _within(one.place, word, notes),
                f"there is no {kind} called '{shorten(word)}', so this would never be so",
                near or every,
            )
        if one.value.signal is not None:
            place = _within(one.place, one.value.signal, notes)
            if "*" in one.value.signal or "{" in one.value.signal:
                notes.error(place, "a condition is about one signal, not a pattern", "name one: {signal: apc/shift}")
            else:
                sources.read(Given(one.value.signal, place, place), notes)
