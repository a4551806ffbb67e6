"""PURE. Routes at work: finds the routes of a signal, runs their filters, says what changed."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, assert_never

from bridge.errors import Refused
from bridge.mapping import coerce
from bridge.mapping.motion import Smoother
from bridge.mapping.prompts import Prompter
from bridge.mapping.shape import bend
from bridge.parameters import PARAMETERS, Change, Kind, Merge, default_of
from bridge.profile.filters import Clamp, Curve, Filter, Smooth
from bridge.profile.model import (
    OutputTarget,
    ParameterTarget,
    Profile,
    PromptTarget,
    Range,
    Route,
    Target,
    WordTarget,
)
from bridge.signals import Batch, Value
from bridge.verbs import ALL, Freeze, Level, Verb

PANEL = "panel"
"""The input that the page is: `panel/<target>` is that target, in its own unit, without a route in the profile."""
DIGITS = 6
"""Decimals kept of a number: finer than any model can tell, coarse enough to drop the tail of a 32-bit float."""

Stage = Callable[[float, float], float]
"""One filter: the value and the time in, the value out."""


@dataclass(slots=True)
class Effects:
    """What a batch of signals, or the passing of time, brought about."""

    changes: list[Change] = field(default_factory=list)
    verbs: list[Verb] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """Why something of it could not be taken."""

    def __bool__(self) -> bool:
        return bool(self.changes or self.verbs)


@dataclass(frozen=True, slots=True)
class RouteState:
    """One route of the profile, as it stands: for whoever shows it."""

    signal: str
    target: str
    parameter: str | None
    """The parameter of Scope that it drives; None for a verb of the bridge."""
    word: str | None
    """The word in the prompt that it drives."""
    asked: Any
    """The value it last asked for; None until something arrived."""
    at: float | None
    """When the last signal came, in seconds of `bridge.clock`."""
    clamped: int
    refused: int
    detail: str
    """Why the last signal was refused, or empty."""


class Mapping:
    """A profile's routes and what they hold. The same signals at the same times have the same effects."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self.prompter = Prompter(profile.prompts)
        self._routes = [_Running(route) for route in profile.routes]
        self._movers = [running for running in self._routes if running.can_move]
        """The routes that can move by themselves: all that the passing of time concerns."""
        self._heard: dict[str, Sequence[Value]] = {}
        """The last values of every signal that has a route."""
        self._by_path: dict[str, list[_Running]] = {}
        for running in [*self._routes, *map(_Running, _panel_routes(profile))]:
            self._by_path.setdefault(running.route.signal, []).append(running)
        for route in profile.routes:
            if isinstance(route.target, WordTarget):
                self.prompter.words.setdefault(route.target.word, "")  # nothing, until something is sent
        for target, value in profile.start.values():
            match target:
                case PromptTarget():
                    self.prompter.choose(value)
                case WordTarget(word):
                    self.prompter.say(word, value)
                case ParameterTarget() | OutputTarget():
                    pass

    def initial(self) -> dict[str, Any]:
        """Return what Scope begins with: every sticky parameter that the profile can touch, at its start or default."""
        values: dict[str, Any] = {}
        for target in (route.target for route in self._profile.routes):
            if isinstance(target, ParameterTarget) and target.parameter.sticky:
                default = default_of(target.parameter.name, self._profile.scope.pipeline)
                if default is not None:
                    values[target.parameter.name] = default
        for target, value in self._profile.start.values():
            if isinstance(target, ParameterTarget) and target.parameter.sticky:
                values[target.parameter.name] = value
        if self.prompter.text:
            values["prompts"] = self.prompter.lasting()
        return values

    def touches(self) -> set[str]:
        """Return the parameters of Scope that the profile, or the page, can change."""
        targets = [running.route.target for routes in self._by_path.values() for running in routes]
        return {"prompts", *(target.parameter.name for target in targets if isinstance(target, ParameterTarget))}

    def start_verbs(self) -> list[Verb]:
        """Return the verbs that the profile's `start` asks for."""
        return [
            _verb(target, value) for target, value in self._profile.start.values() if isinstance(target, OutputTarget)
        ]

    def feed(self, batch: Batch) -> Effects:
        """Return what `batch` brings about. Nothing that can arrive makes it raise; what is refused is counted."""
        effects = Effects()
        for path, values in batch.samples:
            for running in self._by_path.get(path, ()):
                self._heard[path] = values
                self._take(running, values, batch.time, effects)
        return effects

    def _take(self, running: "_Running", values: Sequence[Value], now: float, effects: Effects) -> None:
        running.at = now
        try:
            self._apply(running, values, now, effects)
        except Refused as refusal:
            running.refused += 1
            running.detail = str(refusal)
            effects.refused.append(running.detail)
        else:
            running.detail = ""

    def knows(self, path: str) -> bool:
        """Return whether a signal of that path has an effect."""
        return path in self._by_path

    @property
    def moving(self) -> bool:
        """Whether anything would change by itself as time passes: then `tick` is wanted."""
        return any(running.moving for running in self._movers)

    def tick(self, now: float) -> Effects:
        """Return what the passing of time brings about."""
        effects = Effects()
        for running in self._movers:
            if running.moving:
                self._set_number(running, running.again(now), now, effects)
        return effects

    def adopt(self, old: "Mapping", now: float) -> Effects:
        """Go on from where `old` was, and return what the edit brings about.

        A route that is as it was goes on as it was. One that was edited, or is new, gets the last values of its signal
        again: the hand is where it is, whatever the file says. Events are not repeated.
        """
        self.prompter.adopt(old.prompter)
        self._heard = {path: values for path, values in old._heard.items() if path in self._by_path}
        effects = Effects()
        if self.prompter.text and self.prompter.prompt != old.prompter.prompt:
            effects.changes.append(Change("prompts", self.prompter.change(), now))
        left = list(old._routes)
        for running in self._routes:
            same = next((one for one in left if one.route == running.route), None)
            if same is not None:
                left.remove(same)
                running.adopt(same)
            elif running.is_value and (values := self._heard.get(running.route.signal)) is not None:
                self._take(running, values, now, effects)
        return effects

    def states(self) -> list[RouteState]:
        """Return how the profile's routes stand, in its order."""
        return [running.state() for running in self._routes]

    def _apply(self, running: "_Running", values: Sequence[Value], now: float, effects: Effects) -> None:
        match running.route.target:
            case PromptTarget():
                self.prompter.choose(coerce.text(values))
                self.prompter.chosen = True
                running.asked = self.prompter.text
                effects.changes.append(Change("prompts", self.prompter.change(), now))
            case WordTarget(word):
                if values and isinstance(values[-1], str):
                    self._say(running, word, coerce.text(values), now, effects)
                elif word in self._profile.prompts.words or running.scaled:
                    self._say(running, word, running.way(coerce.number(values), now), now, effects)
                else:
                    self._say(running, word, coerce.number(values), now, effects)
            case OutputTarget(_, "freeze") as target:
                running.asked = coerce.switch(values)
                effects.verbs.append(_verb(target, running.asked))
            case OutputTarget():
                self._set_number(running, running.run(coerce.number(values), now), now, effects)
            case ParameterTarget(parameter):
                match parameter.kind:
                    case Kind.NUMBER | Kind.INTEGER:
                        self._set_number(running, running.run(coerce.number(values), now), now, effects)
                    case Kind.SWITCH if parameter.merge is Merge.ONCE:
                        if running.rises(values):
                            self._set(running, True, now, effects)
                    case Kind.SWITCH:
                        self._set(running, coerce.switch(values), now, effects)
                    case Kind.CHOICE:
                        self._set(running, coerce.choice(parameter, values), now, effects)
                    case Kind.STEPS:
                        steps, clamped = coerce.steps(parameter, values)
                        running.clamped += clamped
                        self._set(running, steps, now, effects)
                    case Kind.ANY if running.scaled and len(values) == 1:
                        self._set_number(running, running.run(coerce.number(values), now), now, effects)
                    case Kind.ANY | Kind.PROMPTS:
                        self._set(running, coerce.anything(values), now, effects)
                    case _:
                        assert_never(parameter.kind)
            case _:
                assert_never(running.route.target)

    def _set_number(self, running: "_Running", value: float, now: float, effects: Effects) -> None:
        target = running.route.target
        match target:
            case ParameterTarget(parameter):
                self._set(
                    running, round(value) if parameter.kind is Kind.INTEGER else round(value, DIGITS), now, effects
                )
            case OutputTarget():
                running.asked = round(value, DIGITS)
                effects.verbs.append(_verb(target, running.asked))
            case WordTarget(word):
                self._say(running, word, value, now, effects)
            case PromptTarget():
                pass

    def _say(self, running: "_Running", word: str, wanted: str | float, now: float, effects: Effects) -> None:
        running.asked = self.prompter.say(word, wanted)
        if self.prompter.text:
            effects.changes.append(Change("prompts", self.prompter.change(), now))

    def _set(self, running: "_Running", value: Any, now: float, effects: Effects) -> None:
        target = running.route.target
        assert isinstance(target, ParameterTarget)
        running.asked = value
        effects.changes.append(Change(target.parameter.name, value, now, running.route.per_chunk))


class _Running:
    """One route at work."""

    def __init__(self, route: Route) -> None:
        self.route = route
        self.asked: Any = None
        self.at: float | None = None
        self.clamped = self.refused = 0
        self.detail = ""
        self._range = _range_of(route.target)
        self._source = route.source or self._range
        self._out = route.out or self._range
        self._smoothers: list[Smoother] = []
        self._stages = [self._stage(each) for each in route.filters]
        self._input = 0.0
        self._held = 0.0

    @property
    def scaled(self) -> bool:
        """Whether numbers are changed on the way: without any of this, they go through as they were sent."""
        return bool(self.route.source or self.route.out or self._stages)

    @property
    def is_value(self) -> bool:
        """Whether it carries a value, which may be given again, and not an event or a prompt."""
        match self.route.target:
            case ParameterTarget(parameter):
                return parameter.merge is not Merge.ONCE
            case WordTarget() | OutputTarget():
                return True
            case PromptTarget():
                return False

    @property
    def can_move(self) -> bool:
        """Whether any of its filters goes on after the hand has stopped."""
        return bool(self._smoothers)

    @property
    def moving(self) -> bool:
        return any(smoother.moving for smoother in self._smoothers)

    def run(self, value: float, now: float) -> float:
        """Return what becomes of `value`: in the target's unit, clamped to where the route may go."""
        if not self.scaled:
            return self._clamp(value)
        return self._onto(self.way(value, now))

    def way(self, value: float, now: float) -> float:
        """Return how far along its way the filters put `value`: 0 to 1 if there is a range, else in its own unit."""
        if self._source is not None:
            low, high = self._source
            value = (value - low) / (high - low)
            kept = min(1.0, max(0.0, value))
            if kept != value:
                self._count_clamp()
            value = kept
        self._input = value
        return self._filtered(now)

    def again(self, now: float) -> float:
        """Return what the last value has become by `now`."""
        way = self._filtered(now)
        return way if isinstance(self.route.target, WordTarget) else self._onto(way)

    def rises(self, values: Sequence[Value]) -> bool:
        """Return whether an event fires: on a message without values, or on a rise through 0.5.

        The page's buttons send no release: each of their messages is a press.
        """
        before, self._held = self._held, coerce.number(values) if values else 0.0
        if self.route.signal.startswith(f"{PANEL}/"):
            before = 0.0
        return not values or before < 0.5 <= self._held

    def state(self) -> RouteState:
        """Return how it stands."""
        match self.route.target:
            case ParameterTarget(parameter):
                name: str | None = parameter.name
            case PromptTarget() | WordTarget():
                name = "prompts"
            case OutputTarget():
                name = None
        return RouteState(
            self.route.signal,
            self.route.target_text,
            name,
            self.route.target.word if isinstance(self.route.target, WordTarget) else None,
            self.asked,
            self.at,
            self.clamped,
            self.refused,
            self.detail,
        )

    def adopt(self, old: "_Running") -> None:
        """Go on from where the same route was."""
        self.asked, self.at, self.clamped = old.asked, old.at, old.clamped
        self.refused, self.detail = old.refused, old.detail
        self._smoothers, self._stages = old._smoothers, old._stages
        self._input, self._held = old._input, old._held

    def _filtered(self, now: float) -> float:
        value = self._input
        for stage in self._stages:
            value = stage(value, now)
        return value

    def _onto(self, way: float) -> float:
        if self._out is not None and self._source is not None:
            low, high = self._out
            way = low + way * (high - low)
        return self._clamp(way)

    def _clamp(self, value: float) -> float:
        if self._range is None:
            return value
        low, high = self._range
        kept = min(high, max(low, value))
        if kept != value:
            self._count_clamp()
        return kept

    def _count_clamp(self) -> None:
        self.clamped += 1

    def _stage(self, option: Filter) -> Stage:
        match option:
            case Clamp(low, high):
                return lambda value, now: min(high, max(low, value))
            case Curve():
                return lambda value, now: bend(option, value)
            case Smooth(attack, release):
                smoother = Smoother(attack, release)
                self._smoothers.append(smoother)
                return smoother
            case _:
                assert_never(option)


def _range_of(target: Target) -> Range | None:
    """Return the range that numbers sent to `target` have, where there is one."""
    match target:
        case ParameterTarget(parameter):
            if (
                parameter.kind in (Kind.NUMBER, Kind.INTEGER)
                and parameter.low is not None
                and parameter.high is not None
            ):
                return parameter.low, parameter.high
            return None
        case WordTarget() | OutputTarget():
            return 0.0, 1.0
        case PromptTarget():
            return None
        case _:
            assert_never(target)


def _verb(target: OutputTarget, value: Any) -> Verb:
    match target.control:
        case "freeze":
            return Freeze(target.output, bool(value))
        case "level":
            return Level(target.output, float(value))


def _panel_routes(profile: Profile) -> Iterable[Route]:
    """Yield the routes that the page has without the profile's saying so."""

    def route(text: str, target: Target) -> Route:
        return Route(f"{PANEL}/{text}", target, text)

    yield route("prompt", PromptTarget())
    for word in profile.prompts.words:
        yield route(f"word/{word}", WordTarget(word))
    for output in (ALL, *profile.outputs):
        yield route(f"output/{output}/freeze", OutputTarget(output, "freeze"))
        yield route(f"output/{output}/level", OutputTarget(output, "level"))
    for parameter in PARAMETERS.values():
        if parameter.kind not in (Kind.ANY, Kind.PROMPTS):
            yield route(parameter.name, ParameterTarget(parameter))
