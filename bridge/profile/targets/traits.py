"""What can be said of a target, whatever it was called: its range, what it takes, whether it happens or stays."""

from collections.abc import Mapping

from bridge.parameters import Cost, Kind, Merge
from bridge.profile.model import (
    BridgeTarget,
    ControlTarget,
    CueTarget,
    FadeTarget,
    ImageTarget,
    LoraTarget,
    OfScope,
    OutputTarget,
    PageTarget,
    ParameterTarget,
    PipelineTarget,
    PositionTarget,
    PromptNamed,
    PromptStep,
    PromptTarget,
    Range,
    RouteTarget,
    SceneTarget,
    SeedRandom,
    SlotTarget,
    SnapshotTarget,
    SourceTarget,
    Target,
    WordTarget,
)
from bridge.profile.shapes.shape import figure, span

LORA: Range = (-10.0, 10.0)
WEIGHT: Range = (0.0, 10.0)
STEPS: Range = (0.0, 256.0)
"""Chunks that a fade may take."""
_WHOLE: Range = (0.0, 1.0)


def bare(target: Target) -> Target:
    """Return what a target is, whichever Scope it is of."""
    return target.target if isinstance(target, OfScope) else target


def limits(target: Target) -> Range | None:
    """Return the ends that a number for the target is clamped to; None: it has none."""
    match target := bare(target):
        case ParameterTarget(known) if known.low is not None and known.high is not None:
            one = known.kind in (Kind.NUMBER, Kind.INTEGER) or target.element is not None
            return (known.low, known.high) if one else None
        case LoraTarget():
            return LORA
        case SlotTarget(control="weight"):
            return WEIGHT
        case FadeTarget(control="steps"):
            return STEPS
        case RouteTarget(control="amount") | OutputTarget(control="level" | "key") | BridgeTarget(act="bypass"):
            return _WHOLE
        case PositionTarget():
            return _WHOLE
        case _:
            return None


def way(target: Target) -> Range | None:
    """Return what the whole way of a control is spread over; None: numbers for the target are never spread."""
    match target := bare(target):
        case ParameterTarget(known) if known.way is not None and target.element is None:
            return known.way
        case ParameterTarget(known) if known.kind is Kind.SWITCH:
            return _WHOLE
        case LoraTarget() | SlotTarget(control="weight") | WordTarget():
            return _WHOLE
        case FadeTarget(control="steps"):
            return 0.0, 16.0
        case _ if is_switch(target) or is_trigger(target):
            return _WHOLE
        case _:
            return limits(target)


def is_trigger(target: Target) -> bool:
    """Return whether the target happens (and is never lost), as against a value that a newer one may overtake."""
    match target := bare(target):
        case ParameterTarget(known):
            return known.merge is Merge.ONCE and known.kind is Kind.SWITCH
        case PromptNamed() | PromptStep() | SeedRandom() | SceneTarget() | CueTarget() | PageTarget():
            return True
        case SnapshotTarget() | SourceTarget() | PipelineTarget():
            return True
        case BridgeTarget(act):
            return act in ("tap", "undo", "panic", "lamps")
        case _:
            return False


def is_switch(target: Target) -> bool:
    """Return whether the target is on or off."""
    match target := bare(target):
        case ParameterTarget(known):
            return known.kind is Kind.SWITCH and not is_trigger(target)
        case (
            RouteTarget(control="on")
            | OutputTarget(control="freeze")
            | BridgeTarget(act="record" | "standby" | "server record")
        ):
            return True
        case ControlTarget(control):
            return control != "mouse"
        case _:
            return False


def moves_on(target: Target) -> bool:
    """Return whether the target goes on by itself from where it is set: to set it to the same again is a move, and
    between two values of it there is no way."""
    return isinstance(bare(target), PositionTarget)


def takes_text(target: Target) -> bool:
    """Return whether text can be meant for the target."""
    match target := bare(target):
        case ParameterTarget(known):
            return known.kind in (Kind.CHOICE, Kind.ANY)
        case PromptTarget() | SlotTarget(control="text") | WordTarget() | ImageTarget() | FadeTarget(control="method"):
            return True
        case _:
            return False


def takes_numbers(target: Target) -> bool:
    """Return whether numbers on their way to the target can be bent and smoothed."""
    match target := bare(target):
        case ParameterTarget(known):
            return target.element is not None or known.kind not in (Kind.CHOICE, Kind.STEPS)
        case PromptTarget() | SlotTarget(control="text") | ImageTarget() | FadeTarget(control="method"):
            return False
        case ControlTarget(control):
            return control != "mouse"
        case _:
            return True


def takes_out(target: Target) -> bool:
    """Return whether the target has a unit that `out:` can be given in."""
    match target := bare(target):
        case ParameterTarget(known):
            return target.element is not None or known.kind in (Kind.NUMBER, Kind.INTEGER, Kind.ANY)
        case _:
            return limits(target) is not None


def is_cut(target: Target) -> bool:
    """Return whether a change of the target resets the picture."""
    match target := bare(target):
        case ParameterTarget(known):
            return known.cost is Cost.CUT
        case LoraTarget():
            return True
        case _:
            return False


def takes(target: Target, words: Mapping[str, tuple[str, ...]]) -> str:
    """Return what a signal for the target may be, in words; `words` are the choices of each word."""
    match target := bare(target):
        case _ if is_trigger(target):
            return "a trigger"
        case _ if is_switch(target):
            return "0 or 1"
        case ParameterTarget():
            return _parameter(target)
        case PromptTarget() | SlotTarget(control="text"):
            return "a name in the bank or any text"
        case ImageTarget():
            return "a name in images, or a path on the server"
        case FadeTarget(control="method"):
            return "linear or slerp"
        case FadeTarget():
            return f"a whole number{span(*STEPS)}"
        case ControlTarget():
            return "two numbers, the movement"
        case WordTarget(name):
            return "any text or number" if not words.get(name) else f"{', '.join(words[name])}, any text, or 0..1"
        case _:
            ends = limits(target)
            return f"a number{span(*ends)}" if ends is not None else "any value"


def _parameter(target: ParameterTarget) -> str:
    known = target.parameter
    if target.element is not None:
        return f"a whole number{span(known.low, known.high)}"
    match known.kind:
        case Kind.NUMBER:
            return f"a number{span(known.low, known.high)}"
        case Kind.INTEGER:
            return f"a whole number{span(known.low, known.high)}"
        case Kind.CHOICE:
            *most, last = known.choices
            return f"{', '.join(most)} or {last}" if most else last
        case Kind.STEPS:
            return f"whole numbers, {figure(known.high or 0)} down to {figure(known.low or 0)}"
        case _:
            return "any value"


def meaning(target: Target) -> tuple[str, ...]:
    """Return what tells a target from every other one, whatever name it was given."""
    match target:
        case ParameterTarget(known, element, node):
            return "parameter", known.name, str(element or ""), node or ""
        case LoraTarget(name):
            return "lora", name
        case ImageTarget(name) | PromptStep(name) | ControlTarget(name) | BridgeTarget(name):
            return type(target).__name__, name
        case PromptNamed(name) | WordTarget(name) | SourceTarget(name) | PositionTarget(name) | PipelineTarget(name):
            return type(target).__name__, name
        case SceneTarget(name, save):
            return "scene", name, "save" if save else ""
        case CueTarget(name, step) | PageTarget(name, step):
            return type(target).__name__, name, step
        case SnapshotTarget(action, number):
            return "snapshot", action, str(number)
        case SlotTarget(name, control) | RouteTarget(name, control) | OutputTarget(name, control):
            return type(target).__name__, name, control
        case FadeTarget(control):
            return "fade", control
        case PromptTarget() | SeedRandom():
            return (type(target).__name__,)
        case OfScope(scope, held):
            return "of", scope, *meaning(held)
