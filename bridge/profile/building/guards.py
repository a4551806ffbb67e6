"""From `guard:` as it is written to the limits of a show: which targets one acts on, and which share one limit."""

from collections.abc import Mapping
from typing import Final

from bridge.parameters import Kind
from bridge.profile.model import Guard, ImageTarget, LoraTarget, OfScope, ParameterTarget, PromptTarget, Target
from bridge.profile.shapes.shape import shorten
from bridge.profile.shapes.structures import Fields, Given, section_of, value_of
from bridge.profile.source.problems import Notes, Place
from bridge.profile.targets import lookup, traits
from bridge.profile.targets.names import Names

_LORAS: Final = ("lora",)


def build_guards(fields: Fields, names: Names, notes: Notes) -> dict[str, Guard]:
    """Return what `guard:` says, by the target's text; `names` are those of the profile."""
    guards: dict[str, Guard] = {}
    first: dict[tuple[str, ...], Place] = {}
    given: Mapping[str, Given[Fields]] = section_of(fields, "guard")
    for text, one in given.items():
        found = lookup.find(text, one.key, names, notes)
        if found is None or not _acts_on(found[1], text, one.key, notes):
            continue
        target = found[1]
        limited = covered(target)
        if limited in first:
            _twice(text, limited, one.key, first[limited], notes)
        first.setdefault(limited, one.key)
        if "max_cuts" in one.value and not traits.is_cut(target) and isinstance(traits.bare(target), ParameterTarget):
            notes.error(
                one.value["max_cuts"].key,
                f"a change of {text} never cuts the picture, so there are no cuts to limit",
                "to limit how often it changes, write max_rate",
            )
        guards[text] = Guard(value_of(one.value, "max_rate"), value_of(one.value, "max_cuts"))
    return guards


def covered(target: Target) -> tuple[str, ...]:
    """Return what a guard of `target` limits: of a LoRA all, as each message of them cuts; of a step the schedule."""
    match target:
        case OfScope(scope, held):
            return "of", scope, *covered(held)
        case LoraTarget():
            return _LORAS
        case ParameterTarget(known, _, node) if known.kind is Kind.STEPS:
            return "schedule", known.name, node or ""
        case _:
            return traits.meaning(target)


def _acts_on(target: Target, text: str, place: Place, notes: Notes) -> bool:
    """Note a target that no guard acts on; return whether one does."""
    trigger, target = traits.is_trigger(target), traits.bare(target)
    if isinstance(target, ParameterTarget | LoraTarget | ImageTarget | PromptTarget) and not trigger:
        return True
    notes.error(
        place,
        f"a guard holds back parameters of Scope, LoRAs, images and the prompt, and {shorten(text)} is "
        f"{'something that happens' if trigger else 'none of them'}",
        "to let one of several through, on its route: every: 4"
        if trigger
        else "to thin out what a route sends: filters: [{at_most: 500 ms}]",
    )
    return False


def _twice(text: str, limited: tuple[str, ...], place: Place, there: Place, notes: Notes) -> None:
    """Note a second guard of what has one."""
    limited = limited[2:] if limited[0] == "of" else limited
    if limited == _LORAS:
        message = "all LoRAs share one limit, as each message of them cuts, and here is a second one"
    elif limited[0] == "schedule":
        message = "all steps of the schedule share one limit, as one message brings them, and here is a second one"
    else:
        message = f"'{text}' is guarded twice, under two names"
    notes.error(place, message, "delete one", elsewhere=there)
