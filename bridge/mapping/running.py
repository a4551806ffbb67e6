"""PURE. One route at work: a signal's values through its filters to its targets."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bridge.errors import Refused
from bridge.mapping import coerce
from bridge.mapping.around import Surroundings
from bridge.mapping.cells import Dial, is_number
from bridge.mapping.encoder import Turner
from bridge.mapping.gate import UP, ToggleSwitch
from bridge.mapping.inverse import Inverse
from bridge.mapping.motion import Smoother
from bridge.mapping.outlet import Outlet, Takes, changes_numbers
from bridge.mapping.stage import Stage
from bridge.mapping.stages import pulses
from bridge.profile.filters import (
    Accumulate,
    AtMost,
    Choose,
    Delay,
    Edge,
    Encoder,
    Envelope,
    Every,
    Normalise,
    Press,
    Toggle,
    Wait,
)
from bridge.profile.model import Route
from bridge.signals import Value

_COUNTING = Edge | Envelope | Every | Press | Toggle
"""Filters that count events."""
Traced = list[tuple[str, float | str]]
"""What each filter made of a value, by the filter's name."""


@dataclass(slots=True, eq=False)
class Running:
    """A route, for one signal that it hears."""

    route: Route
    path: str
    """The signal itself, where the route's is a pattern."""
    outlets: tuple[Outlet, ...]
    """One, or those that the route goes across."""
    stages: list[Stage]
    around: Surroundings
    order: int = 0
    """Its place among the profile's routes."""
    automatic: bool = False
    """Whether its signal moves by itself: an oscillator, the tempo, sound."""
    amount: float = 1.0
    on: bool = True
    at: float | None = None
    """When the last signal came."""
    clamped: int = 0
    refused: int = 0
    detail: str = ""
    """Why the last signal was refused, or empty."""
    down: bool = False
    """For a route of events: whether the last one was a press without its release."""
    texts: tuple[str, ...] = ()
    """What the last filter, `choose`, puts out by its number, where that is text."""
    numeric: bool = field(init=False)
    """Whether values are numbers on a way: the route changes them, or its targets take nothing else."""
    _holds_events: list[bool] = field(init=False)
    """Which of the filters hold back what is counted as an event afterwards."""
    _up: list[bool] = field(init=False)
    """Whether what comes to each of them is up."""
    _pulsing: list[bool] = field(init=False)
    """Which of the filters put out events, and not levels."""
    _bases: tuple[Outlet, ...] = field(init=False)
    """The targets whose base it sets, if nothing but levels that go on moving can come of its filters later."""
    _by_itself: bool = False
    """Whether what leaves now comes of no signal."""
    counts_events: bool = field(init=False)
    """Whether a message without values means something: a press, and its release."""
    pulsed: bool = field(init=False)
    """Whether each number that leaves the filters is an event, and not a level."""
    smoother: Smoother | None = field(init=False)
    """The last filter, if it is one that a hand's value goes along."""
    encoder: Turner | None = field(init=False)
    """The filter that turns the targets from wherever they are."""
    turned: bool = False
    """Whether its signal says how far an encoder was turned."""
    sent: float | None = None
    """The place on the way that came last; None before any, and of what came as several numbers or as none."""
    _clamped_before: int = 0
    """`clamped`, before the last signal."""
    _as_sent: bool = field(init=False)
    """Whether numbers go into the filters as they were sent."""
    _clicks: bool = field(init=False)
    """Whether each step of an encoder upwards is an event."""
    _back: Inverse | None = None
    """The way back through the filters after the encoder, or through all of them."""
    begun: float = 0.0
    """When the route began to run: where an oscillator counts from."""

    def __post_init__(self) -> None:
        last = self.route.filters[-1] if self.route.filters else None
        if isinstance(last, Choose) and all(isinstance(item, str) for item in last.items):
            self.texts = tuple(str(item) for item in last.items)
        first = self.outlets[0].takes
        self.numeric = (
            bool(self.stages)
            or first in (Takes.NUMBER, Takes.TRIGGER)
            or (changes_numbers(self.route) and first in (Takes.WORD, Takes.SWITCH, Takes.CHOICE))
            or (first is Takes.ANYTHING and _makes_a_number(self.route))
        )
        filters = self.route.filters
        # A movement, or what is to be measured first, is no place on a way.
        self._as_sent = any(isinstance(option, Encoder) for option in filters) or (
            bool(filters) and isinstance(filters[0], Accumulate | Normalise)
        )
        self._holds_events = [self._counted_after(index) for index in range(len(filters))]
        self._up = [False] * len(filters)
        self._pulsing = [pulses(option) or holds for option, holds in zip(filters, self._holds_events, strict=True)]
        self.counts_events = first is Takes.TRIGGER or any(isinstance(option, _COUNTING) for option in filters)
        self._bases = self._bases_of_a_level()
        self._find_encoder()
        self.pulsed = bool(filters) and self._pulsing[-1]
        smoother = self.stages[-1] if self.stages else None
        self.smoother = smoother if isinstance(smoother, Smoother) and len(self.outlets) == 1 else None

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells it from other routes, as far as names go."""
        return self.path, self.route.target_text, self.route.name

    @property
    def is_value(self) -> bool:
        """Whether it carries a value, which may be given again: neither an event, a movement nor a prompt."""
        moves = any(isinstance(option, Accumulate | Encoder) for option in self.route.filters)
        return (
            not moves
            and not self.turned
            and not self.counts_events
            and self.outlets[0].takes not in (Takes.TEXT, Takes.MOUSE)
        )

    @property
    def acts(self) -> bool:
        """Whether signals get through: it is switched on, and if it moves by itself, no panic has silenced it."""
        return self.on and not (self.automatic and self.around.quiet)

    @property
    def moving(self) -> bool:
        """Whether something would come of the passing of time alone."""
        for stage in self.stages:
            if stage.moving:
                return not self.overtaken
        return False

    @property
    def overtaken(self) -> bool:
        """Whether something else has taken the target since: then what is left of an older gesture is over."""
        return bool(self._bases) and all(map(_is_taken, self._bases))

    def is_calm(self) -> bool:
        """Return whether it is to be left out."""
        return not self.acts

    def depth(self) -> float:
        """Return how deep it acts, 0 to 1."""
        return self.amount

    def count_clamped(self) -> None:
        """Count a number that had to be clamped."""
        self.clamped += 1

    def act_again(self, now: float) -> None:
        """Act with what there is, after its depth has changed."""
        for outlet in self.outlets:
            outlet.again(now, self.acts)

    def adopt(self, old: "Running", same: dict[int, object]) -> None:
        """Go on from where the same route was; note in `same` what stands for what."""
        self.at, self.clamped, self.refused, self.detail = old.at, old.clamped, old.refused, old.detail
        self.stages, self.smoother, self.begun, self._up = old.stages, old.smoother, old.begun, old._up
        self.sent, self._clamped_before = old.sent, old._clamped_before
        self._find_encoder()
        for mine, its in zip(self.outlets, old.outlets, strict=True):
            same[id(its)] = mine
            mine.up = its.up
            if mine.part is not None and its.part is not None:
                mine.part.adopt(its.part)
                same[id(its.part)] = mine.part
            if mine.grip is not None and its.grip is not None:
                its.grip.motor = mine.grip.motor
                mine.grip = its.grip

    def before_smoothing(self, values: Sequence[Value], now: float) -> float | None:
        """Return what a number becomes before the last filter, for a route whose last filter is in the bank; None if
        nothing passes."""
        self.at = now
        self._clamped_before = self.clamped
        way, clamped = self._along(coerce.number(self._counted(values)))
        self.sent = way
        self.clamped += clamped
        for stage in self.stages[:-1]:
            came = stage.feed(way, now)
            if came is None:
                return None
            way = came
        return way if self.acts else None

    def take(self, values: Sequence[Value], now: float, press: bool = False, trace: Traced | None = None) -> None:
        """Take what was sent. With `press`, every message is one: the page's buttons send no release.

        Raise `Refused` if nothing can be made of it.
        """
        self.at = now
        self._clamped_before = self.clamped
        values = self._counted(values)
        if self.counts_events and not self._clicks:
            self.down = bool(values) and coerce.number(values) >= UP
        if not values and self.counts_events:
            self._event(now, trace)
        elif len(self.outlets) > 1:
            self._across(values, now, trace)
        elif press and self.outlets[0].takes is Takes.TRIGGER:
            if self.down:
                self._event(now, trace)
        elif self._is_text(values):
            self._say(values, now)
        elif self.numeric and not (len(values) > 1 and self.outlets[0].takes is Takes.ANYTHING):
            self.number(coerce.number(values), now, trace)
        else:
            self._say(values, now)

    def _say(self, values: Sequence[Value], now: float) -> None:
        """Hand on what no filter changes."""
        self.sent = None
        if self.acts:
            self.outlets[0].values(values, now)

    def number(self, number: float, now: float, trace: Traced | None = None) -> None:
        """Take a number, as sent."""
        if self._clicks and self.turned:
            if number >= UP:
                self._event(now, trace)
            return
        way, clamped = self._along(number)
        self.sent = way
        self._switch_from_where_it_is()
        if self.smoother is not None:
            self._go_from_where_it_is(self.smoother, now)
        if self.encoder is not None:
            self._turn_from_where_it_is(self.encoder)
        self.clamped += clamped
        if trace is not None and way != number:
            trace.append(("in", way))
        self._chain(way, now, trace)

    def tick(self, now: float) -> None:
        """Let what moves by itself come through."""
        if self.overtaken:
            return
        self._by_itself = True
        try:
            # From the last to the first: a filter goes on by itself before it is given what comes now.
            for index in range(len(self.stages) - 1, -1, -1):
                stage = self.stages[index]
                for way in stage.tick(now) if stage.moving else ():
                    self._chain(way, now, None, index + 1)
                    if self._pulsing[index] and index + 1 < len(self.stages):
                        self._chain(0.0, now, None, index + 1)
        finally:
            self._by_itself = False

    def _along(self, number: float) -> tuple[float, bool]:
        """Return where on its way a number is, and whether it had to be clamped."""
        return (number, False) if self._as_sent else self.outlets[0].scaling.along(number)

    def _counted(self, values: Sequence[Value]) -> Sequence[Value]:
        """Return those of a message's values that count."""
        argument = self.route.argument
        if argument is None:
            return values
        if len(values) < argument:
            raise Refused(f"{self.route.signal}[{argument}] is wanted, and this message has {len(values)} values")
        return values[argument - 1 : argument]

    def _is_text(self, values: Sequence[Value]) -> bool:
        """Return whether the values are text for a target that takes text as it comes."""
        if not values or not isinstance(values[-1], str):
            return False
        takes = self.outlets[0].takes
        if takes not in (Takes.TEXT, Takes.WORD, Takes.IMAGE, Takes.CHOICE, Takes.ANYTHING, Takes.SWITCH):
            return False
        return not self.stages or takes in (Takes.TEXT, Takes.WORD, Takes.IMAGE)

    def _event(self, now: float, trace: Traced | None) -> None:
        if self.stages:
            self._switch_from_where_it_is()
            self._chain(1.0, now, trace)
            self._chain(0.0, now, None)
        elif self.acts:
            for outlet in self.outlets:
                outlet.pulse(now)

    def _chain(self, way: float, now: float, trace: Traced | None, begin: int = 0) -> None:
        """Let a value through the filters from number `begin` on."""
        for index in range(begin, len(self.stages)):
            if self._holds_events[index] and not self._rises(index, way):
                return
            came = self.stages[index].feed(way, now)
            if trace is not None:
                trace.append((_name(self.route.filters[index]), "nothing passes" if came is None else came))
            if came is None:
                return
            way = came
            if self._pulsing[index] and index + 1 < len(self.stages):
                # What comes after an event must be able to see the next one.
                self._chain(way, now, trace, index + 1)
                self._chain(0.0, now, None, index + 1)
                return
        self._leave(way, now)

    def _rises(self, index: int, way: float) -> bool:
        """Return whether an event comes to a filter that holds events: its end must not take its place."""
        was, self._up[index] = self._up[index], way >= UP
        return self._up[index] and not was

    def _leave(self, way: float, now: float) -> None:
        """Hand a value on to the targets. What acts on top of a base knows by itself when it is to be left out."""
        if self.route.mix == "latest" and not self.acts:
            return
        if len(self.outlets) > 1:
            self._spread(way, now)
            return
        outlet = self.outlets[0]
        if self.encoder is not None and self.encoder.items:
            outlet.choose(int(way), now)
        elif self.texts:
            outlet.values([self.texts[min(len(self.texts) - 1, max(0, int(way)))]], now)
        elif self.pulsed and outlet.takes is Takes.TRIGGER:
            if way >= UP:
                outlet.pulse(now)
        else:
            outlet.number(way, now)

    def _counted_after(self, index: int) -> bool:
        filters = self.route.filters
        later = any(isinstance(option, _COUNTING) for option in filters[index + 1 :])
        return isinstance(filters[index], Wait | AtMost) and (later or self.outlets[0].takes is Takes.TRIGGER)

    def _bases_of_a_level(self) -> tuple[Outlet, ...]:
        events = any(isinstance(option, Delay | Wait | AtMost | Press) for option in self.route.filters)
        waits = any(outlet.grip is not None for outlet in self.outlets)  # it goes on until it can take the target
        dials = all(isinstance(outlet.cell, Dial) for outlet in self.outlets)
        return self.outlets if dials and not events and not waits and self.route.mix == "latest" else ()

    def _go_from_where_it_is(self, smoother: Smoother, now: float) -> None:
        """Let the smoother begin where something else has put the target."""
        outlet = self.outlets[0]
        dial = outlet.cell
        if not isinstance(dial, Dial) or self.route.mix != "latest" or outlet.grip is not None:
            return
        if dial.by is not outlet and dial.by is not None and is_number(dial.value) and self.amount > 0:
            smoother.start_at(outlet.scaling.back(dial.value) / self.amount, now)

    def _switch_from_where_it_is(self) -> None:
        """Let a toggle that is the last filter begin where something else has put the switch."""
        last, outlet = self.stages[-1] if self.stages else None, self.outlets[0]
        if isinstance(last, ToggleSwitch) and outlet.takes is Takes.SWITCH and len(self.outlets) == 1:
            cell = outlet.cell
            if cell is not None and cell.by is not None and cell.by is not outlet:
                last.start_at(bool(cell.asked))

    def _find_encoder(self) -> None:
        """Find the filter that turns the targets, and let it know what for."""
        filters = self.route.filters
        self.encoder = next((stage for stage in self.stages if isinstance(stage, Turner)), None)
        after = 0
        if self.encoder is None:
            self._clicks = self.turned and self.counts_events and not self._as_sent
        else:
            after = next(index for index, option in enumerate(filters) if isinstance(option, Encoder)) + 1
            later = any(isinstance(option, _COUNTING) for option in filters[after:])
            self._clicks = self.encoder.clicks = later or self.outlets[0].takes is Takes.TRIGGER
            chooses = after == len(filters) and len(self.outlets) == 1 and not self._clicks
            self.encoder.items = len(self.outlets[0].items) if chooses else 0
            self._pulsing[after - 1] = self._clicks
        self._back = Inverse(filters[after:])

    def place(self) -> float | None:
        """Return where on the way that its filters lead along the targets are now, whoever moved them: where an encoder
        is, or where a control stands that would bring this. None: they have no place."""
        first = self.outlets[0]
        assert self._back is not None
        if self.texts:
            value = None if first.cell is None else first.cell.value
            return self._back(float(self.texts.index(value))) if value in self.texts else None
        if not all(isinstance(outlet.cell, Dial) for outlet in self.outlets):
            return None
        if len(self.outlets) == 1:
            return self._back(first.place)
        between = gathered([outlet.place for outlet in self.outlets], self.route.law == "equal power")
        return None if between is None else self._back(between)

    @property
    def in_hand(self) -> bool:
        """Whether it is its own last signal that the targets are set to."""
        return self.sent is not None and all(
            outlet.cell is not None and outlet.cell.by is outlet and (outlet.grip is None or outlet.grip.holds)
            for outlet in self.outlets
        )

    @property
    def way(self) -> float | None:
        """Where its targets are on the way of its control, whoever moved them; None: they have no place there."""
        assert self._back is not None
        apart = self.route.mix != "latest"
        if self.encoder is not None:
            return self.encoder.level if apart or self.in_hand else self.place()
        if apart:
            return self.sent
        if self.in_hand and not (self._back.exact or self._as_sent or self.turned):
            return self.sent  # the filters do not lead back, but the control has told
        return self.place()

    @property
    def clipped(self) -> bool:
        """Whether the last signal had to be clamped."""
        return self.clamped > self._clamped_before

    def _turn_from_where_it_is(self, encoder: Turner) -> None:
        """Let the encoder begin where something else has put the targets."""
        if self._clicks or all(outlet.cell is not None and outlet.cell.by is outlet for outlet in self.outlets):
            return
        first = self.outlets[0]
        if encoder.items:
            encoder.start_at(first.chosen)
        elif self.route.mix != "latest":
            if encoder.level is None and first.part is not None:
                encoder.start_at(first.part.way)
        elif (place := self.place()) is not None:
            encoder.start_at(place)

    def _across(self, values: Sequence[Value], now: float, trace: Traced | None) -> None:
        """Spread what was sent over the targets: one number along them, or a number for each, or a place between."""
        count = len(self.outlets)
        if len(values) <= 1:
            self.number(coerce.number(values), now, trace)
            return
        if self.stages:
            raise Refused(
                f"{self.path} sends {len(values)} numbers, and filters work on one: write a route for each, "
                f"from {self.path}[1], {self.path}[2] and so on"
            )
        ways = []
        for value in values:
            way, clamped = self.outlets[0].scaling.along(coerce.number([value]))
            self.clamped += clamped
            ways.append(way)
        self.sent = None
        if not self.acts:
            return
        if len(ways) == count:
            parts = ways
        elif len(ways) == 2 and count == 4:
            x, y = ways
            parts = [(1 - x) * (1 - y), x * (1 - y), (1 - x) * y, x * y]
            if self.route.law == "equal power":
                parts = [math.sqrt(part) for part in parts]
        else:
            raise Refused(
                f"{self.path} sends {len(values)} numbers, and this route goes across {count} targets: send one number, "
                f"{count} numbers{', or two for the place between the four' if count == 4 else ''}"
            )
        for outlet, part in zip(self.outlets, parts, strict=True):
            outlet.number(part, now)

    def _spread(self, way: float, now: float) -> None:
        for outlet, part in zip(
            self.outlets, spread(way, len(self.outlets), self.route.law == "equal power"), strict=True
        ):
            if not (self._by_itself and outlet in self._bases and _is_taken(outlet)):
                outlet.number(part, now)


def gathered(ways: Sequence[float], equal_power: bool) -> float | None:
    """Return the place from 0 to 1 at which `spread` brings these ways, or that is nearest to it; None where all are 0."""
    parts = [max(0.0, way) for way in ways]
    if equal_power:
        parts = [math.asin(min(1.0, part)) * 2 / math.pi for part in parts]
    whole = sum(parts)
    return sum(index * part for index, part in enumerate(parts)) / whole / (len(parts) - 1) if whole > 0 else None


def _is_taken(outlet: Outlet) -> bool:
    """Return whether something else has set an outlet's target since."""
    return outlet.cell is not None and outlet.cell.by is not None and outlet.cell.by is not outlet


def _makes_a_number(route: Route) -> bool:
    """Return whether a route says anything that only has a meaning for a number."""
    return changes_numbers(route) or bool(
        route.name or route.mix != "latest" or route.per_chunk != "newest" or route.takeover != "jump"
    )


def spread(way: float, count: int, equal_power: bool) -> list[float]:
    """Return how much each of `count` targets in a row gets at a place from 0 to 1: two neighbours share it.

    They share 1, or, with equal power, the sum of their squares is 1.
    """
    place = min(1.0, max(0.0, way)) * (count - 1)
    parts = [max(0.0, 1 - abs(place - index)) for index in range(count)]
    return [math.sin(part * math.pi / 2) for part in parts] if equal_power else parts


def _name(option: Any) -> str:
    """Return what a filter is called in a profile."""
    name = type(option).__name__
    return "".join(f"_{each.lower()}" if each.isupper() and index else each.lower() for index, each in enumerate(name))
