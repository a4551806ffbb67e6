"""PURE. Where a route ends: what its values mean for one target, and how they get there."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, assert_never

from bridge.errors import Refused
from bridge.mapping import coerce
from bridge.mapping.cells import Cell, Dial, Part
from bridge.mapping.takeover import Grip
from bridge.parameters import Kind, Merge, Parameter
from bridge.profile.model import (
    BridgeTarget,
    ControlTarget,
    FadeTarget,
    ImageTarget,
    LoraTarget,
    OfScope,
    OutputTarget,
    ParameterTarget,
    PositionTarget,
    PromptTarget,
    Range,
    Route,
    RouteTarget,
    SlotTarget,
    Target,
    WordTarget,
)
from bridge.profile.targets import traits
from bridge.signals import Value


class Takes(Enum):
    """What sort of value a target takes."""

    NUMBER = "number"
    SWITCH = "switch"
    CHOICE = "choice"
    STEPS = "steps"
    TEXT = "text"
    """A prompt's text, or a name or number that stands for one."""
    WORD = "word"
    """Text, or a number that stands for one of the choices."""
    IMAGE = "image"
    MOUSE = "mouse"
    ANYTHING = "anything"
    """As it comes, or a number where the route changes numbers."""
    TRIGGER = "trigger"


def takes(target: Target) -> Takes:
    """Return what sort of value a target takes."""
    match target:
        case ParameterTarget(parameter, element):
            return Takes.NUMBER if element is not None else _PARAMETERS[parameter.kind](parameter)
        case LoraTarget() | SlotTarget(control="weight") | RouteTarget(control="amount"):
            return Takes.NUMBER
        case OutputTarget(control=control):
            return Takes.SWITCH if control == "freeze" else Takes.NUMBER
        case FadeTarget(control):
            return Takes.NUMBER if control == "steps" else Takes.CHOICE
        case RouteTarget():
            return Takes.SWITCH
        case ControlTarget(control):
            return Takes.MOUSE if control == "mouse" else Takes.SWITCH
        case ImageTarget():
            return Takes.IMAGE
        case PromptTarget() | SlotTarget():
            return Takes.TEXT
        case WordTarget():
            return Takes.WORD
        case BridgeTarget("bypass") | PositionTarget():
            return Takes.NUMBER
        case BridgeTarget("record" | "standby" | "server record"):
            return Takes.SWITCH
        case OfScope(_, held):
            return takes(held)
        case _:
            return Takes.TRIGGER


_PARAMETERS: dict[Kind, Callable[[Parameter], Takes]] = {
    Kind.NUMBER: lambda _: Takes.NUMBER,
    Kind.INTEGER: lambda _: Takes.NUMBER,
    Kind.SWITCH: lambda parameter: Takes.TRIGGER if parameter.merge is Merge.ONCE else Takes.SWITCH,
    Kind.CHOICE: lambda _: Takes.CHOICE,
    Kind.STEPS: lambda _: Takes.STEPS,
    Kind.ANY: lambda _: Takes.ANYTHING,
    Kind.PROMPTS: lambda _: Takes.ANYTHING,
}


def choices(target: Target) -> Sequence[str]:
    """Return what a target that takes a choice can be."""
    match target:
        case ParameterTarget(parameter):
            return parameter.choices
        case FadeTarget(control="method"):
            return ("linear", "slerp")
        case _:
            return ()


@dataclass(slots=True)
class Scaling:
    """From the signal's numbers to the way from 0 to 1, and from there to the target's unit.

    Without any range numbers go through as they are. One that comes in the target's own unit may lie beyond the way
    that a control has, as far as the target's limits go: a LoRA takes 1.5 from who says 1.5.
    """

    source: Range | None
    """What the signal's numbers mean as the whole way; None: they are in the target's own unit."""
    out: Range | None
    """Where the way begins and ends, in the target's unit; None where there is no way."""
    limits: Range | None
    log: bool = False
    """Whether equal steps of the way are equal ratios of the value."""

    def along(self, value: float) -> tuple[float, bool]:
        """Return how far along the way a number is, and whether it had to be clamped."""
        if self.source is not None:
            low, high = self.source
            way = (value - low) / (high - low)
            kept = min(1.0, max(0.0, way))
            return kept, kept != way
        if self.out is None:
            return value, False
        clamped = False
        if self.limits is not None:
            kept = min(self.limits[1], max(self.limits[0], value))
            clamped, value = kept != value, kept
        return self.back(value), clamped

    def onto(self, way: float) -> float:
        """Return what a place on the way is, in the target's unit."""
        if self.out is None:
            return way
        low, high = self.out
        if self.log:
            if -8.0 <= way <= 8.0:
                return float(low * (high / low) ** way)
            return low * math.exp(min(600.0, max(-600.0, way * math.log(high / low))))
        return low + way * (high - low)

    def back(self, value: float) -> float:
        """Return where on the way a value of the target lies."""
        if self.out is None:
            return value
        low, high = self.out
        if self.log:
            return log_way(value, low, high)
        return (value - low) / (high - low)


def log_way(value: float, low: float, high: float) -> float:
    """Return where on a way of equal ratios a value lies."""
    return math.log(max(value, 1e-12) / low) / math.log(high / low)


def scaling(route: Route, target: Target) -> Scaling:
    """Return how a route's numbers become those of one of its targets."""
    way, limits = traits.way(target), traits.limits(target)
    if route.mix != "latest":
        limits = None  # an offset or a factor is no value of the target
    if not changes_numbers(route):
        return Scaling(None, None, limits)
    source, out = route.source, route.out or way
    if route.out is None and source is not None and way is not None:
        if route.mix == "add":
            out = 0.0, way[1] - way[0]
        elif route.mix == "multiply":
            out = 0.0, 1.0
    if source is None and route.out is not None:
        source = way  # what arrives is in the target's own unit, and its whole way is led to another one
    log = isinstance(target, ParameterTarget) and target.parameter.scale == "log" and route.mix == "latest"
    return Scaling(source, out, limits, log and out is not None and min(out) > 0)


def changes_numbers(route: Route) -> bool:
    """Return whether a route changes numbers on their way: without that, they go through as they were sent."""
    return bool(route.filters or route.source or route.out)


@dataclass(slots=True, eq=False)
class Outlet:
    """One target of a route."""

    target: Target
    text: str
    takes: Takes
    scaling: Scaling
    cell: Cell | None
    """None for a trigger."""
    fire: Callable[[float], None]
    """For a trigger: let it happen, at that time."""
    part: Part | None = None
    """For a dial."""
    grip: Grip | None = None
    """For a dial that the route sets (`mix: latest`) with a takeover other than jump."""
    clamped: Callable[[], None] = lambda: None
    """Count that a number had to be clamped."""
    choices: Sequence[str] = ()
    """For a choice: what it can be."""
    mean: Callable[[Value], Any] = lambda value: value
    """For text, words and images: what a value that was sent stands for. Raises `Refused`."""
    items: Sequence[Any] = ()
    """For what an encoder turns from one to the next: everything that it can be."""
    rest: Any = None
    """For the same: what it is as long as nobody has set it, where that is known."""
    fired: int = 0
    """For a trigger: how often it happened."""
    up: bool = False
    """For a trigger: whether the signal is up now."""

    def number(self, way: float, now: float) -> None:
        """Take a place on the way, or, where there is no way, a number."""
        match self.takes:
            case Takes.TRIGGER:
                before, self.up = self.up, way >= 0.5
                if self.up and not before:
                    self.fired += 1
                    self.fire(now)
            case Takes.NUMBER:
                self._turn(way, now)
            case Takes.SWITCH:
                self._put(way >= 0.5, now)
            case Takes.CHOICE | Takes.STEPS | Takes.IMAGE | Takes.TEXT | Takes.WORD:
                self.values([self.scaling.onto(way)], now)
            case Takes.ANYTHING:
                if isinstance(self.cell, Dial):
                    self._turn(way, now)
                else:
                    self._put(round(self.scaling.onto(way), 6), now)
            case Takes.MOUSE:
                raise Refused("the mouse takes two numbers, how far it moved to the right and down")
            case _:
                assert_never(self.takes)

    def pulse(self, now: float) -> None:
        """Take an event: up, and at once down again."""
        self.up = False
        self.number(1.0, now)
        if self.takes in (Takes.TRIGGER, Takes.SWITCH):
            self.up = False

    def choose(self, number: int, now: float) -> None:
        """Take one of the items, by its number from 0."""
        self._put(self.items[number], now)

    @property
    def chosen(self) -> int | None:
        """The number of the item that the target is now; None: it is none of them."""
        value = None if self.cell is None else self.cell.value
        value = self.rest if value is None else value
        return self.items.index(value) if value in self.items else None

    def touch(self, down: bool) -> None:
        """A finger has come to the control, or gone."""
        if self.grip is not None:
            self._heed(self.grip)
            self.grip.touch(down)

    @property
    def waits(self) -> bool:
        """Whether something else has moved the target, and the control has not taken it over."""
        dial, part, grip = self.cell, self.part, self.grip
        if grip is None or part is None or not isinstance(dial, Dial):
            return False
        return grip.waits(self.place, moved=dial.by is not None and dial.by is not self)

    @property
    def place(self) -> float:
        """Where the base of a dial is on the way that the route's values take to it, its depth taken out."""
        dial, part = self.cell, self.part
        assert isinstance(dial, Dial)
        assert part is not None
        amount = part.amount()
        return self.scaling.back(dial.base) / amount if amount > 0 else self.scaling.back(dial.base)

    def _heed(self, grip: Grip) -> None:
        """Let go what something else has moved."""
        if self.cell is not None and self.cell.by is not self:
            grip.let_go()

    def again(self, now: float, acts: bool) -> None:
        """Act with what there is, after the route's depth has changed."""
        dial, part = self.cell, self.part
        if not isinstance(dial, Dial) or part is None or part.way is None:
            return
        if part.mix != "latest":
            dial.wire(dial, now)
        elif dial.owner is part and acts:
            dial.hand(part, part.value(newest=True), now, self)

    def values(self, values: Sequence[Value], now: float) -> None:
        """Take what was sent, for a target whose values are no places on a way."""
        match self.takes:
            case Takes.TEXT | Takes.WORD | Takes.IMAGE:
                self._put(self.mean(coerce.last(values, "text")), now)
            case Takes.SWITCH:
                self._put(coerce.switch(values), now)
            case Takes.CHOICE:
                self._put(coerce.choice(self.choices, values), now)
            case Takes.STEPS:
                assert isinstance(self.target, ParameterTarget)
                low, high = self.target.parameter.low or 0, self.target.parameter.high or 1000
                steps, clamped = coerce.steps(low, high, values)
                if clamped:
                    self.clamped()
                self._put(steps, now)
            case Takes.MOUSE:
                self._put([coerce.number([value]) for value in _pair(values)], now)
            case Takes.ANYTHING:
                self._put(coerce.anything(values), now)
            case Takes.NUMBER | Takes.TRIGGER:
                self.number(self.scaling.along(coerce.number(values))[0], now)
            case _:
                assert_never(self.takes)

    def _put(self, value: Any, now: float) -> None:
        assert self.cell is not None
        self.cell.put(value, now, self)

    def _turn(self, way: float, now: float) -> None:
        """Turn the dial: set its base, or what acts on top of it."""
        dial, part = self.cell, self.part
        assert isinstance(dial, Dial)
        assert part is not None
        if part.mix != "latest":
            part.feed(way)
            if not part.calm():
                dial.at = now
                dial.wire(dial, now)
            return
        value = self.scaling.onto(way * part.amount())
        if dial.limits is not None:
            low, high = dial.limits
            if not low <= value <= high:
                self.clamped()
                value = low if value < low else high
        if self.grip is not None and not self._takes(self.grip, dial, value, now):
            return
        part.feed(way)
        dial.hand(part, value, now, self)

    def _takes(self, grip: Grip, dial: Dial, value: float, now: float) -> bool:
        """Return whether the control has the dial; if not, the dial goes where the control leads it."""
        assert self.part is not None
        amount = self.part.amount()
        if amount <= 0:
            return False  # there is nothing that it could reach
        self._heed(grip)
        way = grip.move(self.scaling.back(value) / amount, self.place, now, dial.ramp is not None)
        if way is not None and not grip.holds:
            low, high = dial.limits or (-math.inf, math.inf)
            dial.put(min(high, max(low, self.scaling.onto(way * amount))), now, self)
        return grip.holds


def _pair(values: Sequence[Value]) -> Sequence[Value]:
    if len(values) != 2:
        raise Refused("the mouse takes two numbers, how far it moved to the right and down")
    return values
