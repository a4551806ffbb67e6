"""Encoders, which say how far they were turned and not where they are: the filter that each needs, and what cannot be."""

from collections.abc import Sequence
from typing import Any, Final

from bridge.profile.building.routes.signals import Signal, Sources
from bridge.profile.filters import Accumulate, Choose, Encoder, Filter
from bridge.profile.model import ImageTarget, Target, WordTarget
from bridge.profile.shapes.shape import figure
from bridge.profile.shapes.structures import Fields, Given
from bridge.profile.source.problems import Notes, Place
from bridge.profile.targets import traits

_MOVEMENTS: Final = (Encoder, Accumulate)
"""What makes a place of movements."""


def with_encoder(fields: Fields, target: Target, turned: bool) -> Fields:
    """Return the keys of a route with the filter `encoder` first, where its signal is `turned` and its target is a value
    that can be led along a way, or from one thing to the next: that is what an encoder means unless the route says
    otherwise."""
    given: list[Given[Filter]] = fields["filters"].value if "filters" in fields else []
    if not turned or (given and isinstance(given[0].value, _MOVEMENTS)):
        return fields
    led = traits.takes_out(target) or isinstance(traits.bare(target), WordTarget)
    if not (led or one_by_one(target) or any(isinstance(one.value, Choose) for one in given)):
        return fields
    place = fields["filters"].place if "filters" in fields else fields["from"].place
    key = fields["filters"].key if "filters" in fields else fields["from"].key
    first: Given[Filter] = Given(Encoder(), place, place)
    return {**fields, "filters": Given([first, *given], place, key)}


def one_by_one(target: Target) -> bool:
    """Return whether an encoder goes from one thing to the next that the target can be, as through the bank of prompts."""
    return traits.takes_text(target) and not traits.takes_numbers(target)


def turns(fields: Fields) -> bool:
    """Return whether the route turns its target from wherever that is."""
    given: list[Given[Filter]] = fields["filters"].value if "filters" in fields else []
    return bool(given) and isinstance(given[0].value, Encoder)


def check_mixed(signals: Sequence[tuple[Signal, Place]], sources: Sources, notes: Notes) -> bool:
    """Return whether the signals of a route are turned, after noting those that are and are not at once."""
    turned: set[bool] = set()
    for signal, place in signals:
        found = {what == "turn" for what in sources.arrives(signal)} or {False}
        turned |= found
        if len(turned) > 1:
            several = f"{signal.text} stands for encoders and for other controls"
            notes.error(
                place,
                f"{several if len(found) > 1 else 'this route listens to encoders and to other controls'}: the ones say "
                "how far they were turned, the others where they are",
                "write a route for each kind",
            )
            return False
    return True in turned


def check_encoder(
    fields: Fields, target: Target, name: str, signal: Signal, arrives: frozenset[str], notes: Notes, *, nothing: bool
) -> None:
    """Note what does not go with an encoder, or with the filter of that name. `fields` are as `with_encoder` has them,
    `arrives` is what the signal brings, as far as that is known; `nothing` says that there is nothing that the target
    could be one of."""
    given: list[Given[Filter]] = fields["filters"].value if "filters" in fields else []
    turned = "turn" in arrives
    if turned and "press" in fields:
        notes.error(
            fields["press"].key,
            f"'press' is about what is pressed, and {signal.text} is turned",
            "take it out: a step up is what happens",
        )
    for index, one in enumerate(given):
        if isinstance(one.value, Encoder):
            _check_filter(index, one, target, name, notes, nothing=nothing)
            _check_form(one.value, one.place, signal, arrives, notes)
    if not turns(fields):
        return
    _check_keys(fields, signal, turned, notes)


def _check_filter(index: int, one: Given[Any], target: Target, name: str, notes: Notes, *, nothing: bool) -> None:
    if index:
        notes.error(
            one.place,
            "encoder comes first: it makes a place on the way of what the signal says, and other filters bend that",
            "move it to the beginning of the list",
        )
    elif one_by_one(target) and nothing:
        notes.error(
            one.place,
            f"an encoder goes from one thing to the next that {name} can be, and this profile has none",
            "give it prompts: prompts: {bank: {reef: a reef at night, neon: rain on neon glass}}"
            if not isinstance(traits.bare(target), ImageTarget)
            else "give it images: images: {face: refs/face.png}",
        )


def _check_form(one: Encoder, place: Place, signal: Signal, arrives: frozenset[str], notes: Notes) -> None:
    """Note an encoder whose way of saying its steps is not that of the signal."""
    if not arrives:
        return
    if one.relative == "steps" and "turn" not in arrives:
        raw = "/cc/" in signal.text
        written = "auto" if one == Encoder() else f"{{relative: auto, turn: {figure(one.turn)}}}"
        notes.error(
            place,
            f"the filter encoder takes steps, and {signal.text} "
            + ("brings values of 0 to 1 that stand for them" if raw else "says where it is, and is not turned"),
            f"say how it tells its steps, or let it be found out: {{encoder: {written}}}"
            if raw
            else "take the filter out",
        )
    elif one.relative != "steps" and "turn" in arrives:
        notes.error(
            place,
            f"{signal.text} brings steps, whatever its controller makes of them",
            "for other than 100 steps on the whole way: {encoder: {turn: 50}}",
        )
    elif one.relative != "steps" and not arrives & {"place"}:
        notes.error(
            place,
            f"an encoder sends a controller with 7 bits, and {signal.text} is none",
            "take the filter out",
        )


def _check_keys(fields: Fields, signal: Signal, turned: bool, notes: Notes) -> None:
    for key, what in (("in", "where a control is"), ("every", "how often something rises")):
        if key in fields and (turned or key == "every"):
            notes.error(
                fields[key].key,
                f"'{key}' is about {what}, and {signal.text} says how far it was turned",
                "take it out",
                "how far a step goes is {encoder: {turn: 50}}, here 50 steps for the whole way"
                if key == "in"
                else None,
            )
    if "takeover" in fields and fields["takeover"].value.mode != "jump":
        notes.error(
            fields["takeover"].key,
            f"an encoder turns the value from where it is, so {signal.text} has nothing to take over",
            "take it out",
        )
