"""PURE. Everything that can be set, and what Scope and the outputs are to be told of it.

The board does not know who sets its cells: routes, scenes, the page. It knows what each means: a key of Scope's
messages, a piece of the prompt, an output's fader; what a guard holds back; and what a chunk gets.
"""

import math
from collections.abc import Callable, Iterator
from typing import Any

from bridge.mapping.around import Surroundings
from bridge.mapping.bank import Bank
from bridge.mapping.cells import Cell, Dial, Part, Ramp, is_number
from bridge.mapping.limits import UNASKED, Limiter, limiter
from bridge.mapping.modulations import Modulations, Swing
from bridge.mapping.outlet import Outlet, Takes, takes
from bridge.mapping.prompts import Prompter
from bridge.mapping.scoped import named, own_text
from bridge.parameters import Change, Kind
from bridge.profile.durations import Duration
from bridge.profile.filters import Curve
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
    Profile,
    PromptTarget,
    RouteTarget,
    SlotTarget,
    Target,
    WordTarget,
    routes_of,
)
from bridge.profile.outputs import keyed
from bridge.profile.targets import traits
from bridge.verbs import Bypass, Freeze, Key, Level, Record, Seek, ServerRecord, Standby, Verb

Values = dict[str, Any]
"""What targets are set to, by their text."""
Wire = Callable[[Cell, float], None]

_LORAS = ("loras",)
_ELSEWHERE = object()
"""Stands for what set a cell before a reload and is no longer there."""


class Board:
    """The cells of a show."""

    def __init__(
        self, profile: Profile, around: Surroundings, route_turned: Callable[[str, Cell, float], None]
    ) -> None:
        self._profile = profile
        self._around = around
        self._route_turned = route_turned
        """Told when a named route's depth, or whether it acts, is set."""
        self._implied = _implied(profile)
        self.prompter = Prompter(profile.prompts, around.times, video=profile.scope.input_mode == "video")
        self.cells: dict[tuple[Any, ...], Cell] = {}
        """By what their targets mean: two names of one target have one cell."""
        self.bank = Bank()
        self.verbs: list[Verb] = []
        """What the bridge itself is to do, until somebody collects it."""
        self._banked: dict[Cell, tuple[int, object]] = {}
        """Dials whose base is in the bank while they are set by that one: the slot, and who it is."""
        self._dial_of: dict[int, Dial] = {}
        self._dirty: dict[Cell, None] = {}
        """What Scope is to be told, in the order in which it began to wait."""
        self._held: dict[Cell, float] = {}
        """What a guard holds back, and until when."""
        self._limiters: dict[tuple[Any, ...], Limiter] = {}
        """By what they limit: see `_limited`."""
        self._prompt_limiter = Limiter([])
        self._deliberate = False
        """Whether what is being set is set at once by a scene, and not by something that moves."""
        self._ramps: dict[Dial, None] = {}
        self._mouse = 0.0, 0.0
        """How far the mouse went since Scope was last told."""
        self._prompted_at = 0.0
        self._now = 0.0
        self._scene_fade: Duration | None = None
        """The fade of the scene that is being recalled."""
        self._gliding: set[tuple[str, str | None]] = set()
        """Denoising schedules that a route drives, with their nodes."""
        self._modulations = Modulations(tuple(self._swinging()), around, self._set_to, self._tell_if_free)

    # Building

    def cell(self, target: Target, text: str) -> Cell:
        """Return the cell of a target, made when it is first asked for. `text` is how the profile writes it."""
        if target == SlotTarget(self.prompter.first, "text"):
            target, text = PromptTarget(), "prompt"  # the first slot is what `prompt` means
        meaning = traits.meaning(target)
        cell = self.cells.get(meaning)
        if cell is None:
            cell = self.cells[meaning] = self._made(target, own_text(text, self._profile))
        return cell

    def _swinging(self) -> Iterator[Swing]:
        """Yield the parameters that swing with the beat."""
        for name, option in self._profile.scope.modulations.items():
            for text in (name, f"param/{name}"):
                target = named(text, self._profile)
                if isinstance(target, ParameterTarget):
                    cell = self.cell(target, text)
                    self.drive(cell)
                    yield Swing(target.parameter, cell, option)
                    break

    def drive(self, cell: Cell) -> None:
        """Let a cell be one that a moving signal drives: a schedule then glides. (LoRAs are limited whoever moves them.)"""
        target = cell.target
        if isinstance(target, ParameterTarget) and target.parameter.kind is Kind.STEPS:
            # Scope is told that the schedule is modulated, and does not cut with every change of it.
            self._gliding.add((target.parameter.name, target.node))

    def guard(self) -> None:
        """Let the profile's own guards take the place of what is done unasked."""
        if self._profile.loras and self._profile.lora_change == "cut":
            self._limiters[_LORAS] = Limiter([UNASKED], unasked=True)
        for text, guard in self._profile.guards.items():
            target = named(text, self._profile)
            if target is None:
                continue
            limit = limiter(guard, traits.is_cut(target))
            if isinstance(target, PromptTarget):
                self._prompt_limiter = limit or self._prompt_limiter
                continue
            self._limiters.pop(_limited(target), None)
            if limit:
                self._limiters[_limited(target)] = limit

    def guarded(self, cell: Cell) -> bool:
        """Return whether something limits how often Scope is told of a cell."""
        return _limited(cell.target) in self._limiters

    def share(self, dial: Dial, slot: int, owner: Outlet) -> None:
        """Let a dial's base be in the bank whenever `owner` sets it."""
        self._banked[dial] = slot, owner
        self._dial_of[slot] = dial

    def leave_bank(self, slot: int) -> None:
        """Let a dial's base be its own again, where it is."""
        dial = self._dial_of[slot]
        self._read_bank(dial)
        self.bank.halt(slot)
        del self._banked[dial]
        if dial.value is not None:
            dial.by = _ELSEWHERE

    def start(self) -> None:
        """Set everything to where the show starts; Scope is told with the session's beginning."""
        for text, (target, value) in self._profile.start.items():
            cell = self.cell(target, text)
            cell.value = value
            cell.wire(cell, 0.0)
        self.begun_with()

    def begun_with(self) -> None:
        """What is set now is what a session begins with: nothing of it waits, but for what one node alone is told."""
        self._dirty = {cell: None for cell in self._dirty if _node_of(cell.target) is not None}
        self._held.clear()
        self.prompter.told()

    def _made(self, target: Target, text: str) -> Cell:
        if isinstance(target, OfScope):
            return self._made_elsewhere(target, text)
        if isinstance(target, WordTarget):
            self.prompter.words.setdefault(target.word, "")  # nothing, until something is said
        wire = self._wire_of(target)
        kind = takes(target)
        if kind in (Takes.NUMBER, Takes.ANYTHING):
            limits = traits.limits(target)
            default = self.rest(target)
            rest = float(default) if is_number(default) else 0.0
            if default is None and limits is not None:
                rest = max(0.0, limits[0])
            whole = isinstance(target, FadeTarget) or (
                isinstance(target, ParameterTarget)
                and (target.parameter.kind is Kind.INTEGER or target.element is not None)
            )
            return Dial(target, text, wire, limits=limits, whole=whole, rest=rest)
        return Cell(target, text, wire)

    def _made_elsewhere(self, target: OfScope, text: str) -> Cell:
        """Return the cell of another Scope's target: a route's filters may work on it, and nobody is told."""
        if takes(target) is not Takes.NUMBER:
            return Cell(target, text, _tell_nobody)
        limits = traits.limits(target)
        return Dial(target, text, _tell_nobody, limits=limits, rest=max(0.0, limits[0]) if limits else 0.0)

    def _scopes_own(self, name: str) -> Any:
        """Return what a parameter is that nobody has set: what the profile implies, or Scope's own default."""
        if name in self._implied:
            return self._implied[name]
        scope = self._profile.scope
        return self._profile.catalogue.default_of(name, scope.pipeline, scope.input_mode)

    def rest(self, target: Target) -> Any:
        """Return what a target is as long as nobody has set it; None where that is not known."""
        match target:
            case ParameterTarget(parameter, None):
                return self._scopes_own(parameter.name)
            case ParameterTarget(parameter, element) if element is not None:
                steps = self._scopes_own(parameter.name) or []
                return steps[element - 1] if element <= len(steps) else None
            case LoraTarget():
                return 0.0  # as they are loaded
            case SlotTarget(slot, "weight"):
                return 1.0 if slot == self.prompter.first else 0.0
            case WordTarget(word):
                return next(iter(self._profile.prompts.words.get(word, ())), None)
            case OutputTarget(output, control):
                return {"freeze": False, "level": 1.0}.get(control, self._key_of(output))
            case BridgeTarget("bypass"):
                return 0.0
            case RouteTarget(name, control):
                route = next((each for _, each in routes_of(self._profile) if each.name == name), None)
                return None if route is None else route.amount if control == "amount" else route.on
            case _:
                return None

    def _key_of(self, output: str) -> float | None:
        """Return the threshold that the profile gives an output's key; None for one without, and for all together."""
        options = self._profile.outputs.get(output)
        alpha = None if options is None else keyed(options)
        return None if alpha is None else alpha.threshold

    # Wires: what it means that a target is set

    def _wire_of(self, target: Target) -> Wire:
        match target:
            case ControlTarget("mouse"):
                return self._move_mouse
            case ParameterTarget() | LoraTarget() | ImageTarget() | ControlTarget():
                return self._tell_scope
            case PromptTarget():
                return lambda cell, now: self._choose(self.prompter.first, cell)
            case SlotTarget(slot, "text"):
                return lambda cell, now: self._choose(slot, cell)
            case SlotTarget(slot):
                return lambda cell, now: self._weigh(slot, cell)
            case WordTarget(word):
                return lambda cell, now: self._say(word, cell)
            case FadeTarget(control):
                return self._set_steps if control == "steps" else self._set_method
            case RouteTarget(route):
                return lambda cell, now: self._route_turned(route, cell, now)
            case OutputTarget(output, control):
                return lambda cell, now: self.verbs.append(_output_verb(output, control, cell.asked))
            case PositionTarget(source):
                return lambda cell, now: self.verbs.append(Seek(source, float(cell.asked)))
            case BridgeTarget("bypass"):
                return lambda cell, now: self.verbs.append(Bypass(float(cell.asked)))
            case BridgeTarget("standby") if self._profile.scope.standby is None:
                return _tell_nobody  # it is another Scope that has one
            case BridgeTarget("standby"):
                return lambda cell, now: self.verbs.append(Standby(bool(cell.asked), self._profile.scope.name))
            case BridgeTarget("server record"):
                return lambda cell, now: self.verbs.append(ServerRecord(bool(cell.asked), self._profile.scope.name))
            case BridgeTarget():
                return lambda cell, now: self.verbs.append(Record(bool(cell.asked)))
            case _:
                raise AssertionError(f"{target} happens, and is not set")

    def _tell_scope(self, cell: Cell, now: float) -> None:
        banked = self._banked.get(cell)
        if banked is not None and cell.by is not banked[1]:
            self.bank.halt(banked[0])
        limit = self._limiters.get(_limited(cell.target)) if self._limiters else None
        if limit is not None and limit.unasked and self._deliberate:
            limit = None
            self._held.pop(cell, None)
        if cell in self._held:
            return
        if limit is not None and (free := limit.free_at(self._around.times)) > now:
            self._dirty.pop(cell, None)
            self._held[cell] = free
        else:
            self._dirty[cell] = None

    def _move_mouse(self, cell: Cell, now: float) -> None:
        x, y = self._mouse
        self._mouse = x + cell.value[0], y + cell.value[1]
        self._tell_scope(cell, now)

    def _choose(self, slot: str, cell: Cell) -> None:
        self.prompter.choose(str(cell.value), slot, self._scene_fade)
        self._prompted_at = cell.at

    def _weigh(self, slot: str, cell: Cell) -> None:
        self.prompter.weigh(slot, cell.asked)
        self._prompted_at = cell.at

    def _say(self, word: str, cell: Cell) -> None:
        self.prompter.say(word, str(cell.value))
        self._prompted_at = cell.at

    def _set_steps(self, cell: Cell, now: float) -> None:
        self.prompter.steps = int(cell.asked)

    def _set_method(self, cell: Cell, now: float) -> None:
        self.prompter.method = cell.value

    # Setting

    def put(self, text: str, target: Target, value: Any, now: float, by: object) -> None:
        """Set a target at once."""
        cell = self.cell(target, text)
        if isinstance(cell, Dial):
            self.end_ramp(cell)
        cell.put(value, now, by)

    def fade(
        self,
        text: str,
        target: Target,
        value: Any,
        now: float,
        by: object,
        fade: Duration | None,
        curve: Curve | None,
    ) -> None:
        """Set a target over time, where that is possible: a number along a curve, a prompt by a transition."""
        cell = self.cell(target, text)
        self._read_bank(cell)
        moves_on = traits.moves_on(target)
        if cell.value == value and not moves_on and not (isinstance(cell, Dial) and cell.ramp is not None):
            # It is there already. To say it again could cut the picture, or end a fade.
            cell.by = by
            return
        seconds = self._around.seconds(fade) if fade is not None else 0.0
        if isinstance(cell, Dial) and seconds > 0 and not (cell.whole or moves_on) and is_number(value):
            cell.fade(Ramp(float(cell.base), float(value), now, seconds, curve), by)
            self._ramps[cell] = None
            return
        # A scene that cuts is meant to: nothing holds it back.
        self._scene_fade, self._deliberate = fade, True
        self.put(text, target, value, now, by)
        self._scene_fade, self._deliberate = None, False

    def end_ramp(self, dial: Dial) -> None:
        """Let a fade end where it is: something else has taken the dial."""
        dial.ramp = None
        self._ramps.pop(dial, None)

    def feed_bank(self, slot: int, way: float, now: float, by: Outlet) -> None:
        """Give a dial in the bank the way it shall go to: from where it is, whatever has set it."""
        dial = self._dial_of[slot]
        if dial.by is not by and dial.by is not None and is_number(dial.value):
            self.bank.start_at(slot, by.scaling.back(dial.value), now)
        self.bank.feed(slot, way, now)
        dial.by, dial.at, dial.owner = by, now, None
        if dial.ramp is not None:
            self.end_ramp(dial)
        self._dirty.pop(dial, None)

    # Time

    @property
    def moving(self) -> bool:
        """Whether something would change by itself as time passes, apart from what is in the bank."""
        return bool(self._ramps or self._held or (self.prompter.waits and not self._prompt_waits(self._now)))

    def tick(self, now: float) -> None:
        """Take fades further, and let go what a guard has held back long enough."""
        self._now = now
        for dial in list(self._ramps):
            dial.tick(now)
            if dial.ramp is None:
                self._ramps.pop(dial, None)
        for cell, free in list(self._held.items()):
            if now >= free:
                del self._held[cell]
                self._dirty[cell] = None

    # What Scope is told

    def waiting(self, now: float) -> bool:
        """Return whether there is something that Scope is to be told."""
        return bool(self._dirty) or self.bank.waiting or self._prompt_waits(now) or self._modulations.waiting

    def take(self, now: float) -> list[Change]:
        """Return what a chunk gets of all that was set since the last time, in the order in which it began to wait."""
        changes: list[Change] = []
        loras: list[dict[str, Any]] = []
        lora_at = 0.0
        steps: set[tuple[str, str | None]] = set()
        waiting, self._dirty = self._dirty, {}
        for key in {_limited(cell.target): None for cell in waiting} if self._limiters else ():
            if key in self._limiters:
                self._limiters[key].tell(now)
        for cell in waiting:
            value = self._for_chunk(cell, now)
            match cell.target:
                case ParameterTarget(parameter, _, node) if parameter.kind is Kind.STEPS:
                    key = parameter.name, node
                    if key not in steps:
                        steps.add(key)
                        beside = {"_modulated_step_list": True} if key in self._gliding else {}
                        changes.append(Change(parameter.name, self._steps(*key), cell.at, beside, node))
                case ParameterTarget(parameter, _, node):
                    changes.append(Change(parameter.name, value, cell.at, {}, node))
                case LoraTarget(lora):
                    loras.append({"path": self._profile.loras[lora], "scale": value})
                    lora_at = max(lora_at, cell.at)
                case ImageTarget() as image:
                    changes.append(Change(image.parameter, self._image(image, value), cell.at))
                case ControlTarget(control):
                    changes.append(Change("ctrl_input", self._control(control, cell), cell.at))
                case _:
                    raise AssertionError(f"{cell.text} is nothing that Scope is told")
        if loras:
            changes.append(Change("lora_scales", loras, lora_at))
        changes.extend(self._take_bank())
        if self._prompt_waits(now) and (message := self.prompter.message(now)):
            self._prompt_limiter.tell(now)
            changes.append(Change("prompts", message, self._prompted_at))
        if self._profile.scopes:
            changes = [change for change in changes if change.node is None or self._has_node(change.node)]
        return self._modulations.applied(changes, now)

    def _has_node(self, node: str) -> bool:
        """Return whether a node is one of this Scope, and not of another: a lone pipeline may give way to any."""
        scope = self._profile.scope
        others = (other for other in self._profile.scopes.values() if other.name != scope.name)
        return node in {each.id for each in scope.nodes} or (
            not scope.chain and not any(node in {each.id for each in other.nodes} for other in others)
        )

    def _set_to(self, swing: Swing) -> Any:
        """Return what a parameter is set to, apart from its swinging; None where that is not known."""
        if swing.parameter.kind is Kind.STEPS:
            return self._steps(swing.parameter.name, None)
        self._read_bank(swing.cell)
        asked = swing.cell.asked
        return self._scopes_own(swing.parameter.name) if asked is None else asked

    def _tell_if_free(self, cell: Cell, now: float) -> bool:
        """Return whether a guard lets Scope be told of a cell now; then that counts."""
        limit = self._limiters.get(_limited(cell.target))
        if limit is None:
            return True
        if limit.free_at(self._around.times) > now:
            return False
        limit.tell(now)
        return True

    def _prompt_waits(self, now: float) -> bool:
        return self.prompter.waiting(now) and self._prompt_limiter.free_at(self._around.times) <= now

    def initial(self) -> dict[str, Any]:
        """Return what Scope begins with: every sticky parameter that the show can touch, as it stands or by default."""
        values: dict[str, Any] = {}
        loras: list[dict[str, Any]] = []
        self.read_bank()
        for cell in self.cells.values():
            match cell.target:
                case ParameterTarget(parameter, _, None) if parameter.sticky:
                    if parameter.kind is Kind.STEPS:
                        value: Any = self._steps(parameter.name, None)
                    else:
                        value = cell.asked
                        if value is None:
                            value = self._scopes_own(parameter.name)
                    if value is not None:
                        values[parameter.name] = value
                case LoraTarget(lora) if cell.asked is not None:
                    loras.append({"path": self._profile.loras[lora], "scale": cell.asked})
                case ImageTarget("reference") as image if cell.value is not None:
                    values[image.parameter] = self._image(image, cell.value)
                case _:
                    pass
        if loras:
            values["lora_scales"] = loras
        for name, implied in self._implied.items():
            values.setdefault(name, implied)
        if lasting := self.prompter.lasting():
            values["prompts"] = lasting
        return values

    def _for_chunk(self, cell: Cell, now: float) -> Any:
        """Return the value that a chunk gets of a cell; what must follow it waits for the next one."""
        if not isinstance(cell, Dial):
            return cell.value
        value, more = cell.chunk()
        if more:
            self._tell_scope(cell, now)
        return value

    def _take_bank(self) -> Iterator[Change]:
        # Where the newest is another value than the chunk's, the bank keeps it for the next chunk.
        for slot, value, _ in self.bank.take():
            dial = self._dial_of[slot]
            assert isinstance(dial.target, ParameterTarget)
            yield Change(dial.target.parameter.name, dial.told(value), dial.at, {}, dial.target.node)

    def _steps(self, name: str, node: str | None) -> list[int]:
        """Return a denoising schedule: the one that was set, with the steps that dials have, going down."""
        steps: list[int] = list(self._scopes_own(name) or [])
        dials: dict[int, float] = {}
        for cell in self.cells.values():
            match cell.target:
                case ParameterTarget(parameter, element, where) if (parameter.name, where) == (name, node):
                    if element is None:
                        steps = list(cell.value or steps)
                    elif cell.asked is not None:
                        dials[element] = cell.asked
                case _:
                    pass
        for element, value in dials.items():
            if element <= len(steps):
                steps[element - 1] = round(value)
        for index in range(1, len(steps)):
            steps[index] = max(0, min(steps[index], steps[index - 1] - 1))
        return steps

    def _image(self, image: ImageTarget, name: str) -> str | list[str]:
        return image.told(self._profile.images.get(name, name))

    def _control(self, control: str, cell: Cell) -> dict[str, Any]:
        """Return what Scope is told of the keys that are down, or of how far the mouse went."""
        if control == "mouse":
            moved, self._mouse = self._mouse, (0.0, 0.0)
            return {"mouse": list(moved)}
        keys = [
            other.target.control
            for other in self.cells.values()
            if isinstance(other.target, ControlTarget) and other.target.control != "mouse" and other.value
        ]
        return {"button": keys}

    # What is live

    def lasting(self) -> Values:
        """Return what everything that stays set is set to; of what fades, where it goes."""
        self.read_bank()
        values: Values = {}
        for cell in self.cells.values():
            value = cell.ramp.end if isinstance(cell, Dial) and cell.ramp is not None else cell.value
            if value is not None and _lasts(cell.target):
                values[cell.text] = cell.told(value) if isinstance(cell, Dial) else value
        return values

    def fades(self, now: float) -> dict[str, tuple[float, float, float]]:
        """Return what is fading: by text, where it is, where it goes, and how many seconds are left."""
        return {
            cell.text: (cell.ramp.at(now), cell.ramp.end, max(0.0, cell.ramp.since + cell.ramp.seconds - now))
            for cell in self._ramps
            if cell.ramp is not None
        }

    def resting(self) -> Values:
        """Return what everything that stays set is, as long as nobody has set it, where that is known."""
        rests = ((cell.text, self.rest(cell.target)) for cell in self.cells.values() if _lasts(cell.target))
        return {text: rest for text, rest in rests if rest is not None}

    def scene(self) -> Values:
        """Return what a scene of what is live holds: what Scope shows, and how deep routes act."""
        self.read_bank()
        return {
            cell.text: cell.told(cell.value) if isinstance(cell, Dial) else cell.value
            for cell in self.cells.values()
            if cell.value is not None
            and _lasts(cell.target)
            and not isinstance(cell.target, OutputTarget | BridgeTarget | FadeTarget)
        }

    def read(self, cell: Cell) -> None:
        """Let a dial know what the bank has made of it, if it is one that the bank has."""
        if cell in self._banked:
            self._read_bank(cell)

    def read_bank(self) -> None:
        """Let dials know what the bank has made of them."""
        for dial in self._dial_of.values():
            self._read_bank(dial)

    def _read_bank(self, cell: Cell) -> None:
        banked = self._banked.get(cell)
        if banked is not None and cell.by is banked[1]:
            value = self.bank.value(banked[0])
            cell.value = cell.value if math.isnan(value) else value

    # A reload

    def adopt(self, old: "Board", same: dict[int, object], now: float) -> None:
        """Go on from where `old` was. `same` leads from the identity of what set cells there to what it is here.

        What nobody has touched since the start is where the new start says. Scope is told of what the edit changes.
        """
        old.read_bank()
        self._mouse = old._mouse
        for key, limit in self._limiters.items():
            if key in old._limiters:
                limit.adopt(old._limiters[key])
        self._prompt_limiter.adopt(old._prompt_limiter)
        spoken = old.prompter.spoken()
        waited = old.prompter.waits
        self.prompter.adopt(old.prompter)
        for meaning, was in old.cells.items():
            touched = was.by is not None
            cell = self.cells.get(meaning)
            if cell is None:
                gone = isinstance(was.target, OfScope) or named(was.text, self._profile) is None
                if was.value is None or gone:
                    continue
                cell = self.cell(was.target, was.text)
            before = was.asked
            if (touched or cell.value is None) and isinstance(cell, Dial) is isinstance(was, Dial):
                self._carry(was, cell, same)
            if was in old._held:
                self._held[cell] = old._held[was]
            elif was in old._dirty or (cell.asked != before and not traits.moves_on(cell.target)):
                cell.wire(cell, now)
        for swing in self._modulations.adopt(old._modulations):
            cell = self.cell(swing.cell.target, swing.cell.text)
            cell.wire(cell, now)  # it comes to rest
        self._restore_prompts()
        self.prompter.waits = waited if self.prompter.spoken() == spoken else "text"

    def _carry(self, was: Cell, cell: Cell, same: dict[int, object]) -> None:
        cell.value, cell.at = was.value, was.at
        cell.by = None if was.by is None else same.get(id(was.by), _ELSEWHERE)
        if isinstance(was, Dial) and isinstance(cell, Dial):
            cell.ramp = was.ramp
            if cell.ramp is not None:
                self._ramps[cell] = None
            owner = same.get(id(was.owner))
            cell.owner = owner if isinstance(owner, Part) else None

    def _restore_prompts(self) -> None:
        """Let the prompter say what the cells hold."""
        for cell in self.cells.values():
            match cell.target:
                case PromptTarget() if cell.value is not None:
                    self.prompter.texts[self.prompter.first] = str(cell.value)
                case SlotTarget(slot, "text") if cell.value is not None:
                    self.prompter.texts[slot] = str(cell.value)
                case SlotTarget(slot) if cell.asked is not None:
                    self.prompter.weights[slot] = cell.asked
                case WordTarget(word) if cell.value is not None:
                    self.prompter.words[word] = str(cell.value)
                case FadeTarget("steps") if cell.asked is not None:
                    self.prompter.steps = int(cell.asked)
                case FadeTarget() if cell.value is not None:
                    self.prompter.method = cell.value
                case _:
                    pass


def _implied(profile: Profile) -> dict[str, Any]:
    """Return what parameters of Scope must be, unless somebody sets them, for what the profile says elsewhere."""
    implied: dict[str, Any] = {}
    if profile.loras and profile.lora_change == "smooth":
        implied["manage_cache"] = False
    if profile.prompts.slots:
        implied["spatial_interpolation_method"] = profile.prompts.blend
    return implied


def _limited(target: Target) -> tuple[Any, ...]:
    """Return what a limit on a target limits: of a schedule, all its steps; of LoRAs, all: each message of them cuts."""
    match target:
        case LoraTarget():
            return _LORAS
        case ParameterTarget(parameter, _, node) if parameter.kind is Kind.STEPS:
            return "schedule", parameter.name, node
        case _:
            return traits.meaning(target)


def _node_of(target: Target) -> str | None:
    """Return the one node that is told of a target; None: all are, or Scope is not."""
    return target.node if isinstance(target, ParameterTarget) else None


def _lasts(target: Target) -> bool:
    """Return whether what a target is set to stays, and may be set again later."""
    match target:
        case ParameterTarget(parameter):
            return parameter.sticky
        case ControlTarget() | BridgeTarget("record" | "standby" | "server record") | PositionTarget() | OfScope():
            return False
        case _:
            return True


def _tell_nobody(cell: Cell, now: float) -> None:
    pass


def _output_verb(output: str, control: str, value: Any) -> Verb:
    match control:
        case "freeze":
            return Freeze(output, bool(value))
        case "level":
            return Level(output, float(value))
        case _:
            return Key(output, float(value))
