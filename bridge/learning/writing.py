"""PURE. The route from a control to a target, as a profile says it.

route_for(Moved("apc/cc/1/47", "encoder", relative="offset"), choice, profile)
# {"from": "apc/cc/1/47", "filters": [{"encoder": "offset"}], "to": "noise_scale"}
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from bridge.errors import Refused
from bridge.learning.recognise import Manner, Moved
from bridge.learning.targets import Choice
from bridge.mapping.patterns import Patterns, fill
from bridge.parameters import Kind
from bridge.profile.inputs import Audio, InputOptions, Midi
from bridge.profile.model import (
    ControlTarget,
    FadeTarget,
    ImageTarget,
    ParameterTarget,
    Profile,
    PromptTarget,
    Range,
    SlotTarget,
    Target,
    routes_of,
)
from bridge.profile.shapes.shape import figure
from bridge.profile.targets import traits

_TOPS: Final = (1.0, 100.0, 127.0, 255.0, 1023.0, 16383.0)
"""Where the way of a control that begins at 0 usually ends."""
_MUCH: Final = 0.6
"""How much of such a way must have been seen to take it for the whole."""
_LITTLE: Final = 0.1
"""How much of it may be missing at its beginning."""
_COMPARABLE: Final = 0.3
"""From how much of a target's range numbers within it, and beyond 1, look like its own unit."""
_SLACK: Final = 1.005
"""How far beyond an end a number may be by rounding."""
_UNNAMED: Final = re.compile(r"[*{}\[\]]")
"""What a signal's name cannot have, as a route reads something else into it."""
_BUTTONS: Final = ("button", "pad")


@dataclass(frozen=True, slots=True)
class Spread:
    """What the numbers of a control may mean as its whole way."""

    ends: Range
    likely: bool
    """Whether they rather mean that than the target's own unit."""


def known(signal: str, profile: Profile) -> Moved:
    """Return a control that is known by its name alone, with what the name says of it."""
    name, _, rest = signal.partition("/")
    options = profile.inputs.get(name)
    manner: Manner = "place"
    if isinstance(options, Midi):
        control = options.controller.controls.get(rest) if options.controller is not None else None
        kind = rest.split("/")[0]
        if control is not None and control.relative is not None:
            manner = "steps"
        elif (control is not None and control.kind in _BUTTONS) or re.fullmatch(r"note/\d+/\d+|.*/touch", rest):
            manner = "held"
        elif re.fullmatch(r"program/\d+/\d+", rest) or kind in ("start", "stop", "continue"):
            manner = "trigger"
    return Moved(signal, manner)


def spread_for(moved: Moved, target: Target, options: InputOptions | None) -> Spread | None:
    """Return the range to offer as `in:`; None: what the control sends needs none."""
    ranged = isinstance(options, Midi | Audio) and not re.fullmatch(r"[^/]+/program/\d+", moved.signal)
    if moved.manner != "place" or ranged or getattr(options, "range", None) is not None:
        return None
    way, limits = traits.way(target), traits.limits(target)
    if way is None or traits.is_trigger(target) or traits.is_switch(target):
        return None
    ends = _ends(moved.low, moved.high)
    if ends is None or ends == way:
        return None
    within = limits is not None and limits[0] <= moved.low and moved.high <= limits[1]
    if within and limits is not None and moved.high > _SLACK and moved.high >= _COMPARABLE * limits[1]:
        return Spread(ends, likely=False)  # as the target counts
    usual = ends[1] in _TOPS and ends[0] in (0.0, -1.0)
    return Spread(ends, usual or (limits is not None and not within))


def _ends(low: float, high: float) -> Range | None:
    """Return the way of a control that was seen from `low` to `high`; None where one number says nothing of it."""
    if -_SLACK <= low < 0 and high <= _SLACK:
        return -1.0, 1.0
    if low >= 0:
        for top in _TOPS:
            if high <= top * _SLACK and (top == 1.0 or (high >= _MUCH * top and low <= _LITTLE * top)):
                return 0.0, top
    return (float(f"{low:.4g}"), float(f"{high:.4g}")) if low < high else None


def route_for(moved: Moved, choice: Choice, profile: Profile, ends: Range | None = None) -> str | dict[str, Any]:
    """Return the route, on one line where that says all; `ends` becomes `in:`.

    Raise `Refused` where what the control sends cannot move the target.
    """
    if found := _UNNAMED.search(moved.signal.removesuffix(f"[{_argument(moved.signal)}]")):
        raise Refused(
            f"'{moved.signal}' has a {found[0]} in its name, which means something else in a profile: let the sender "
            "call it otherwise"
        )
    filters = _filters(moved, choice, profile)
    if not filters and ends is None and " -> " not in moved.signal:
        return f"{moved.signal} -> {choice.text}"
    route: dict[str, Any] = {"from": moved.signal}
    if ends is not None:
        route["in"] = [int(end) if end == int(end) else end for end in ends]
    if filters:
        route["filters"] = filters
    return {**route, "to": choice.text}


def driven_by(signal: str, profile: Profile, page: str | None) -> list[str]:
    """Return the targets that a signal drives already, on a page or (None) on all of them."""
    patterns: Patterns[str] = Patterns()
    argument = _argument(signal)
    for where, route in routes_of(profile):
        if where == page and (not argument or route.argument in (None, int(argument))):
            for text in [text for text, _ in route.across] or [route.target_text]:
                patterns.add(route.signal, text)
    found = patterns.find(signal.removesuffix(f"[{argument}]"))
    return list(dict.fromkeys(fill(text, captured) for text, captured in found))


def told(moved: Moved, profile: Profile) -> str:
    """Return what a control is, in words: `a button, held`."""
    name, _, rest = moved.signal.partition("/")
    match moved.manner:
        case "encoder":
            how = f", {moved.relative}" if moved.relative is not None else ", turned one way only"
            return f"an encoder{how}"
        case "steps":
            return "an encoder"
        case "held":
            return "a button, held: on while it is down"
        case "latched":
            return "a button that stays: on from one press to the next"
        case "trigger":
            return "a trigger, without a value"
        case "text":
            return "text"
    if isinstance(profile.inputs.get(name), Midi):
        kind = rest.split("/")[0]
        return {
            "cc": "a knob or fader of 7 bits",
            "cc14": "a knob or fader of 14 bits",
            "nrpn": "a knob or fader that sends an NRPN",
            "rpn": "a knob or fader that sends an RPN",
            "bend": "a pitch bend",
            "pressure": "the pressure on the keys",
            "program": "a choice of programs",
        }.get(kind, "a knob or fader")
    return f"numbers from {figure(moved.low)} to {figure(moved.high)}"


def caution(moved: Moved, choice: Choice) -> str | None:
    """Return what may not be as somebody expects of a control and a target; None: nothing."""
    if moved.manner == "latched" and traits.is_trigger(traits.bare(choice.target)):
        return (
            f"{moved.signal} stays on from one press to the next, and {choice.text} happens when it goes on: with every "
            "second press. For each press, make it a momentary button, in the editor of the device"
        )
    return None


def _argument(signal: str) -> str:
    found = re.search(r"\[([0-9]{1,3})\]\Z", signal)
    return "" if found is None else found[1]


def _filters(moved: Moved, choice: Choice, profile: Profile) -> list[Any]:
    target = traits.bare(choice.target)
    fires = traits.is_trigger(target)
    match moved.manner:
        case "text":
            if not traits.takes_text(target):
                raise Refused(f"{moved.signal} is text, and {choice.text} takes {choice.takes}")
            return []
        case "trigger" if not fires and not traits.is_switch(target):
            raise Refused(
                f"{moved.signal} comes without a value, and {choice.text} takes {choice.takes}: it can fire a trigger, or "
                "turn a switch"
            )
        case "encoder" if fires:
            raise Refused(
                f"{moved.signal} is an encoder, and {choice.text} is something that happens: choose a button for it, or "
                "another target"
            )
    if not fires and not traits.takes_numbers(target):
        return [{"choose": _items(moved, target, choice, profile)}]
    if moved.manner == "encoder":
        return [{"encoder": moved.relative or "auto"}]
    if traits.is_switch(target) and not isinstance(target, ControlTarget) and moved.manner in ("held", "trigger"):
        return ["toggle"]
    return []


def _items(moved: Moved, target: Target, choice: Choice, profile: Profile) -> Sequence[str]:
    """Return what a control chooses from on its way, for a target that takes no numbers."""
    match target:
        case PromptTarget() | SlotTarget():
            items, way_out = list(profile.prompts.bank), "a button fires one of the bank: prompt/<name>, or prompt/next"
        case ImageTarget():
            items, way_out = list(profile.images), "give the profile images to choose from"
        case ParameterTarget(parameter) if parameter.kind is Kind.CHOICE:
            items, way_out = list(parameter.choices), "choose a fader or knob for it"
        case FadeTarget():
            items, way_out = ["linear", "slerp"], "choose a fader or knob for it"
        case ParameterTarget(parameter) if parameter.kind is Kind.STEPS:
            items, way_out = [], f"one of its numbers is {parameter.name}[1]"
        case _:
            items, way_out = [], "choose another target"
    if moved.manner != "place" or len(items) < 2:
        raise Refused(f"{moved.signal} sends numbers, and {choice.text} takes {choice.takes}: {way_out}")
    return items
