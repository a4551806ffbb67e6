"""PURE. A profile at work: signals and the passing of time in; what Scope is to be told, and verbs, out.

Everything that moves by itself moves on a grid of `RATE` points per second of `bridge.clock`, the same points for
everybody: so the same signals at the same times bring the same, however often and whenever somebody asks.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from bridge.errors import Refused
from bridge.mapping import coerce, keeping
from bridge.mapping.around import Surroundings
from bridge.mapping.bank import RATE
from bridge.mapping.beat import beats_of, oscillate
from bridge.mapping.board import Board, Values
from bridge.mapping.cache import CLOSE, RESET, CacheReset
from bridge.mapping.cells import Cell
from bridge.mapping.chance import Chance
from bridge.mapping.gate import UP
from bridge.mapping.outlet import Takes
from bridge.mapping.pages import Pages
from bridge.mapping.plan import page_keys, wanted_by_conditions
from bridge.mapping.prompts import Prompter
from bridge.mapping.reports import RouteState, Step, parameter_of, state_of, unheard
from bridge.mapping.running import Running, Traced
from bridge.mapping.scenes import Director
from bridge.mapping.scoped import named
from bridge.mapping.server import SIGNALS, Server
from bridge.mapping.surface import ControlState, Stands
from bridge.mapping.switchboard import Heard, Switchboard
from bridge.parameters import Change
from bridge.profile.durations import BEATS_PER_BAR, Duration, Unit
from bridge.profile.filters import Curve
from bridge.profile.model import (
    BridgeTarget,
    CueTarget,
    OfScope,
    PageTarget,
    ParameterTarget,
    PipelineTarget,
    Profile,
    PromptNamed,
    PromptStep,
    PromptTarget,
    SceneTarget,
    SeedRandom,
    SnapshotTarget,
    SourceTarget,
    Target,
    routes_of,
)
from bridge.profile.targets import traits
from bridge.signals import Batch, Value
from bridge.verbs import RunPipeline, SaveScene, ShowLamps, UseSource, Verb

LONGEST_LEAP = 60 * RATE
"""Points of the grid that are gone through one by one; after a longer silence, as of a machine that slept, the last."""
_BAR = Duration(1.0, Unit.BARS)


@dataclass(slots=True)
class Effects:
    """What a batch of signals, or the passing of time, brought about at once. What Scope is told waits in `take`."""

    verbs: list[Verb] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """Why something of it could not be taken."""


class Mapping:
    """A profile's routes and what they hold."""

    def __init__(self, profile: Profile, around: Surroundings | None = None) -> None:
        self._profile = profile
        self.around = around if around is not None else Surroundings()
        self._board = Board(profile, self.around, self._turn_route)
        self.director = Director(profile, self, self.around)
        self._chance = Chance()
        self._moving: dict[Running, None] = {}
        self._refused: list[str] = []
        self._point: int | None = None
        """The point of the grid up to which everything has come."""
        self._now = 0.0
        self._last_beat = -1
        self._cache = CacheReset(self.around)
        self._server = Server(self.around, self._cache)
        self._page_keys = page_keys(profile)
        self._wanted = wanted_by_conditions(profile)
        self._turn_pages(self.around.pages)
        self._last_pages = self.around.pages.current
        self._turning = False
        self._switchboard = Switchboard(profile, self._board, self.around, self._fire)
        self._stands = Stands(profile, self._board, self.director, self.around, self._switchboard)
        self._own_ears = self._switchboard.ears
        """The signals that mean something beside what routes make of them."""
        self._own_ears |= SIGNALS | self._page_keys.keys()
        listened = [*self._switchboard.signals, *self._page_keys, *self._wanted]
        self._listens_to_tempo = any(path.startswith("tempo/") for path in listened)
        self._listens_to_phase = "tempo/phase" in listened
        self._board.start()
        if around is None:
            self.around.scene = profile.start_scene
            self._turn_tempo()

    # What others ask

    @property
    def prompter(self) -> Prompter:
        """The prompt as it stands."""
        return self._board.prompter

    def initial(self) -> dict[str, Any]:
        """Return what Scope begins with: every sticky parameter that the show can touch, as it stands or by default."""
        return self._board.initial()

    def touches(self) -> set[str]:
        """Return the parameters of Scope that the show can change."""
        cells = self._board.cells.values()
        names = {parameter_of(cell.target) for cell in cells if not isinstance(cell.target, OfScope)}
        return {"prompts", *(name for name in names if name is not None)}

    def feed(self, batch: Batch) -> Effects:
        """Return what `batch` brings about. Nothing that can arrive makes it raise; what is refused is counted."""
        self._advance(batch.time)
        for path, values in batch.samples:
            self._hear(path, values, self._now)
        return self._effects()

    def tick(self, now: float) -> Effects:
        """Return what the passing of time brings about."""
        self._advance(now)
        return self._effects()

    @property
    def moving(self) -> bool:
        """Whether anything would change by itself as time passes: then `tick` is wanted."""
        return self._board.bank.moving or self._goes_step_by_step or self._cache.due - self._now <= CLOSE

    def beat(self, now: float) -> dict[str, Any] | None:
        """Return where in the music `now` is, as Scope's client beat state (`Tempo.state`); None while nobody has said
        a tempo."""
        return self.around.times.tempo.state(now)

    @property
    def waiting(self) -> bool:
        """Whether there is something that Scope is to be told."""
        return self._board.waiting(self._now)

    def take(self, now: float) -> list[Change]:
        """Return what a chunk gets of all that moved since the last time, in the order in which it began to wait."""
        self._advance(now)
        return self._board.take(self._now)

    def states(self) -> list[RouteState]:
        """Return how the profile's routes stand, in its order; a pattern, once for each signal heard."""
        self._board.read_bank()
        by_route: dict[int, list[Running]] = {}
        for running in self._switchboard.runnings:
            by_route.setdefault(id(running.route), []).append(running)
        found: list[RouteState] = []
        for _, route in routes_of(self._profile):
            found.extend(state_of(running, self._profile) for running in by_route.get(id(route), ()))
            if id(route) not in by_route:
                found.append(unheard(route, self._profile))
        return found

    def controls(self, paths: Sequence[str]) -> dict[str, ControlState]:
        """Return how it is with the controls whose signals these are, those that drive something on the page in force; one
        that nobody has moved yet, too."""
        return self._stands.of(paths, self._hears)

    def acts_on(self, path: str) -> str:
        """Return which Scope of several a control acts on, on the page in force; empty: all, or none."""
        return self._stands.scope(path, self._hears(path))

    def knows(self, path: str) -> bool:
        """Return whether a signal of that path has an effect."""
        if self._switchboard.heard.get(path) is not None:
            return True
        return path in self._own_ears or self._hears(path) is not None

    def signals(self) -> list[str]:
        """Return the signals that the profile's routes name, patterns as they are written."""
        return list(dict.fromkeys([*(route.signal for _, route in routes_of(self._profile)), *self._page_keys]))

    def explain(self, path: str, values: Sequence[Value]) -> list[Step]:
        """Return what each route makes of one message, step by step, having let it happen."""
        heard = self._switchboard.hears(path)
        found = []
        for running in heard.on(self.around.pages.current) if heard else ():
            trace: Traced = []
            refused = ""
            before = [outlet.fired for outlet in running.outlets]
            try:
                running.take(values, self._now, heard is not None and heard.press, trace)
            except Refused as error:
                refused = str(error)
            asked = [
                outlet.fired > fired if outlet.takes is Takes.TRIGGER or outlet.cell is None else outlet.cell.asked
                for outlet, fired in zip(running.outlets, before, strict=True)
            ]
            route = running.route
            texts = ", ".join(outlet.text for outlet in running.outlets)
            found.append(
                Step(route.name or route.signal, tuple(trace), texts, asked if len(asked) > 1 else asked[0], refused)
            )
        return found

    # The way of one signal

    def _hear(self, path: str, values: Sequence[Value], now: float) -> None:
        heard = self._switchboard.heard.get(path)
        if heard is None:
            heard = self._hear_another_way(path, values, now)
            if heard is None:
                return
        elif path in self._own_ears:
            self._hear_own(path, values, now)
        self.around.heard[path] = values
        if heard.paged:
            pages = self.around.pages.current
            for running in heard.let_go(pages):
                self._take(running, (0.0,), now)
            for running in heard.on(pages):
                self._take(running, values, now, heard.press)
        else:
            for running in heard.common:
                self._take(running, values, now, heard.press)

    def _hear_another_way(self, path: str, values: Sequence[Value], now: float) -> Heard | None:
        """Hear a signal for the first time, or one that has no route: return who hears it."""
        heard = self._hears(path)
        if path in self._own_ears:
            self._hear_own(path, values, now)
        if path in self._wanted:
            self.around.heard[path] = values
        return heard

    def _hears(self, path: str) -> Heard | None:
        """Return who hears a signal, which may be in sight for the first time."""
        heard = self._switchboard.hears(path)
        while self._switchboard.left_bank:
            lonely = self._switchboard.left_bank.pop()
            if lonely.path in self.around.heard:
                self._take(lonely, self.around.heard[lonely.path], self._now)
        return heard

    def _hear_own(self, path: str, values: Sequence[Value], now: float) -> None:
        if path in SIGNALS:
            self._server.hear(path, values, now)
        if path in self._page_keys:
            self._press_page(path, values, now)
        if path in self._switchboard.touched:
            try:
                down = bool(values) and coerce.number(values) >= UP
            except Refused:
                return
            for outlet in self._switchboard.touched[path]:
                outlet.touch(down)

    def _take(self, running: Running, values: Sequence[Value], now: float, press: bool = False) -> None:
        try:
            slot = self._switchboard.slot_of.get(running)
            if slot is None:
                running.take(values, now, press)
                if running.moving:
                    self._moving[running] = None
            else:
                way = running.before_smoothing(values, now)
                if way is not None:
                    self._board.feed_bank(slot, way, now, running.outlets[0])
        except Refused as refusal:
            self._refuse(running, refusal)
        else:
            running.detail = ""

    def _refuse(self, running: Running, refusal: Refused) -> None:
        running.refused += 1
        running.detail = str(refusal)
        self._refused.append(running.detail)

    def _turn_pages(self, old: Pages) -> None:
        self.around.pages = Pages(self._profile.pages.values())
        self.around.pages.adopt(old)

    def _turn_tempo(self) -> None:
        bpm = next((source.bpm for source in self._profile.tempo if source.kind == "bpm"), None)
        if bpm is not None:
            self.around.times.tempo.turn_to(bpm, self._now)
            self._cache.plan(self._now)

    # Named routes

    def _turn_route(self, name: str, cell: Cell, now: float) -> None:
        for running in self._switchboard.named(name):
            acted = running.acts
            self._switchboard.set_depth(running)
            running.act_again(now)
            if running.acts and not acted and running.is_value and running.path in self.around.heard:
                self._take(running, self.around.heard[running.path], now)  # where the hand is by now

    # Triggers

    def _fire(self, target: Target, text: str, now: float) -> None:
        match target:
            case ParameterTarget():
                self._board.put(text, target, True, now, self)
            case PromptNamed(name):
                self._choose(name, now)
            case PromptStep(step):
                neighbour = self.prompter.neighbour(step, self._chance)
                if neighbour is None:
                    raise Refused("the prompt bank is empty")
                self._choose(neighbour, now)
            case SeedRandom():
                self.director.remember()
                self.set_value("seed", None, self._chance.below(2**32), now, None, None)
            case SceneTarget(scene, True):
                self._board.verbs.append(SaveScene(scene, self.scene()))
            case SceneTarget(scene):
                self.director.recall(scene, now)
            case CueTarget(name, "name"):
                self.director.go(name, now)
            case CueTarget(_, step):
                self.director.step(1 if step == "go" else -1, now)
            case PageTarget(name, step):
                if step == "name":
                    self.around.pages.turn(name)
                else:
                    self.around.pages.step(1 if step == "next" else -1, name)
                self._page_changed(now)
            case SnapshotTarget("save", number):
                self.director.save(number)
            case SnapshotTarget(_, number):
                self.director.bring_back(number, now)
            case SourceTarget(source):
                self.around.source = source
                self._board.verbs.append(UseSource(source, self._profile.scope.name))
            case PipelineTarget(pipeline):
                self.around.pipeline = pipeline
                self._board.verbs.append(RunPipeline(pipeline, self._profile.scope.name))
            case BridgeTarget("tap"):
                self.around.times.tempo.tap(now)
                self._last_beat = math.floor(self.around.times.tempo.beats(now) + 1e-6) - 1
                self._cache.plan(now)
            case BridgeTarget("lamps"):
                self._board.verbs.append(ShowLamps())
            case BridgeTarget("undo"):
                self.director.undo(now)
            case BridgeTarget("panic"):
                self.director.panic(now)
            case OfScope(_, held):
                self._keep_step_with(held)
            case _:
                raise AssertionError(f"{text} is set, and does not happen")

    def _choose(self, name: str, now: float) -> None:
        self.director.remember()
        self.set_value("prompt", PromptTarget(), name, now, None, None)

    def _keep_step_with(self, trigger: Target) -> None:
        """Note what happens to another Scope alone: `undo` takes back the same in all of them, and they choose alike."""
        match trigger:
            case PromptStep("random") if self._profile.prompts.bank:
                self.director.remember()
                self._chance.below(1)
            case PromptStep() if not self._profile.prompts.bank:
                pass  # which was refused
            case SeedRandom():
                self.director.remember()
                self._chance.below(1)
            case PromptNamed() | PromptStep():
                self.director.remember()
            case _:
                pass

    def _press_page(self, path: str, values: Sequence[Value], now: float) -> None:
        key = self._page_keys[path]
        try:
            up = coerce.number(values) >= 0.5 if values else True
        except Refused:
            return
        was, key.up = key.up, up and bool(values)
        for name in key.held if values else ():
            self.around.pages.hold(name, up)
        if key.latched and up and not was:
            self.around.pages.latch(key.latched)
        self._page_changed(now)

    def _page_changed(self, now: float) -> None:
        if self._turning:
            return  # what turns pages because a page was turned is taken up below
        self._turning = True
        for _ in self._profile.pages:  # pages that turn to each other in a circle come to rest somewhere
            pages = self.around.pages.current
            if pages == self._last_pages:
                break
            before, self._last_pages = self._last_pages, pages
            for name in before:
                if name not in pages:
                    self._hear(f"page/{name}", (0.0,), now)
            for name in pages:
                if name not in before:
                    self._hear(f"page/{name}", (1.0,), now)
        self._turning = False

    # Scenes act on this (`scenes.Stage`)

    def lasting_values(self) -> Values:
        """Return what everything that stays set is set to, by the target's text; what was never set is where it rests."""
        return {**self._board.resting(), **self._board.lasting()}

    def resting_values(self) -> Values:
        """Return what everything that stays set is, as long as nobody has set it."""
        return self._board.resting()

    def scene(self) -> Values:
        """Return what a scene of what is live holds: what Scope shows, and how deep routes act."""
        return self._board.scene()

    def set_value(
        self, text: str, target: Target | None, value: Any, now: float, fade: Duration | None, curve: Curve | None
    ) -> None:
        """Set a target, at once or over time; without `target`, the one that the text means, if there is one."""
        target = target if target is not None else named(text, self._profile)
        if target is not None and not traits.is_trigger(target) and keeping.fits(self._board.cell(target, text), value):
            self._board.fade(text, target, value, now, self.director, fade, curve)

    def be_quiet(self, quiet: bool) -> None:
        """Keep what moves by itself from acting, or let it."""
        if self.around.quiet is quiet:
            return
        self.around.quiet = quiet
        for running in self._switchboard.runnings:
            if running.automatic:
                running.act_again(self._now)

    # Time

    def _advance(self, now: float) -> None:
        """Go on to `now`, through every point of the grid at which something moves."""
        now = max(now, self._now)
        point = math.floor(now * RATE + 1e-6)
        if self._point is None:
            self._begin(now, point)
        elif point > self._point:
            self._point = max(self._point, point - LONGEST_LEAP)
            while self._point < point:
                if self._goes_step_by_step:
                    self._point += 1
                elif self._cache.point > point:
                    self._point = point
                    break
                else:
                    self._point = max(self._point + 1, int(self._cache.point))
                self._now = max(self._now, self._point / RATE)
                self._board.bank.tick(self._point)
                self._step(self._now)
        self._now = now
        self._board.bank.tick(point)

    @property
    def _goes_step_by_step(self) -> bool:
        """Whether something must be asked at every point of the grid: all that moves but the bank, which is not behind
        however late it is asked."""
        switchboard = self._switchboard
        if self._moving or self._listens_to_tempo or self._board.moving or self.director.moving:
            return True
        if not switchboard.oscillators:
            return False
        pages = self.around.pages.current
        return any(of is None or of in pages for of, _ in switchboard.oscillators)

    def _begin(self, now: float, point: int) -> None:
        """The first that is ever heard: beats and oscillators count from here."""
        self._point, self._now = point, now
        if self.around.times.tempo.begin is None:
            self.around.times.tempo.begin = now
        for _, running in self._switchboard.oscillators:
            running.begun = now
        self._step(now)

    def _step(self, now: float) -> None:
        """Let everything come that comes by itself at this moment."""
        if self._listens_to_tempo:
            self._sound_beats(now)
        pages = self.around.pages.current
        for of, running in self._switchboard.oscillators:
            if of is None or of in pages:
                self._oscillate(running, now)
        for running in list(self._moving):
            try:
                running.tick(now)
            except Refused as refusal:
                self._refuse(running, refusal)
            if not running.moving:
                del self._moving[running]
        self._board.tick(now)
        if self.director.moving:
            try:
                self.director.tick(now)
            except Refused as refusal:
                self._refused.append(str(refusal))
        if self._cache.comes(now):
            self._board.put("reset_cache", RESET, True, now, self._cache)

    def _oscillate(self, running: Running, now: float) -> None:
        period = running.route.period or _BAR
        if period.musical:
            position = self.around.times.tempo.beats(now) / beats_of(period)
        else:
            position = (now - running.begun) / self.around.seconds(period)
        shape = running.path.partition("/")[2]
        value = oscillate(shape, position + running.route.phase, seed=running.order)
        self._take(running, (value,), now)

    def _sound_beats(self, now: float) -> None:
        """Let the beats and bars since the last time be heard, and where in the bar we are."""
        tempo = self.around.times.tempo
        beats = tempo.beats(now)
        beat = math.floor(beats + 1e-6)
        if beat > self._last_beat:
            self._hear("tempo/bpm", (round(tempo.bpm, 3),), now)
            lines = ["tempo/beat"]
            if beat // BEATS_PER_BAR > self._last_beat // BEATS_PER_BAR:
                lines.append("tempo/bar")
            for path in lines:
                self._hear(path, (1.0,), now)
                self._hear(path, (0.0,), now)
        self._last_beat = beat
        if self._listens_to_phase:
            self._hear("tempo/phase", ((beats / BEATS_PER_BAR) % 1.0,), now)

    def _effects(self) -> Effects:
        effects = Effects(self._board.verbs, self._refused)
        self._board.verbs, self._refused = [], []
        return effects

    # A reload, a restart

    def reloaded(self, profile: Profile, now: float) -> "Mapping":
        """Return what plays `profile` from `now` on, where this was."""
        mapping = Mapping(profile, self.around)
        mapping.adopt(self, now)
        return mapping

    def joined(self, profile: Profile, now: float) -> "Mapping":
        """Return what plays `profile` from `now` on where this is, which goes on too: for a Scope that is new."""
        mapping = Mapping(profile, self.around.beside())
        mapping.join(self, now)
        return mapping

    def adopt(self, old: "Mapping", now: float) -> None:
        """Go on from where `old` was; `around` must have been its own. What the edit brings about comes with the next
        `feed`, `tick` or `take`.

        A route that is as it was goes on as it was. One that was edited, or is new, gets the last values of its signal
        again: the hand is where it is, whatever the file says. Events are not repeated.
        """
        if old._point is not None:
            old._advance(now)
        self._chance = old._chance
        self._board.verbs, self._refused = old._board.verbs, old._refused  # the outputs are where they are
        self.director.adopt(old.director)
        self._cache.adopt(old._cache, now)
        same: dict[int, object] = {}
        self._go_on_from(old, now, same, self._carry_routes)

    def join(self, old: "Mapping", now: float) -> None:
        """Begin where `old` is, which goes on too: as the mapping of a Scope that has come into the show. `around` must
        be `old.around.beside()`. Every route gets the last values of its signal; what fades goes on fading."""
        if old._point is not None:
            old._advance(now)
        self._chance = Chance(old._chance.seed)
        self._board.verbs = []
        self.director.join(old.director)
        self._go_on_from(old, now, {}, lambda *_: list(self._switchboard.runnings))

    def _go_on_from(
        self,
        old: "Mapping",
        now: float,
        same: dict[int, object],
        carry: Callable[["Mapping", dict[int, object]], list[Running]],
    ) -> None:
        self._now, self._point, self._last_beat = max(now, old._now), old._point, old._last_beat
        if self._profile.tempo != old._profile.tempo:
            self._turn_tempo()
        for path in old._switchboard.heard:
            self._switchboard.hears(path)
        same |= {id(old.director): self.director, id(old): self}
        edited = carry(old, same)
        self._board.adopt(old._board, same, self._now)
        for running in self._switchboard.runnings:
            self._switchboard.set_depth(running)
        self._adopt_pages(old)
        for running in edited:
            values = self.around.heard.get(running.path)
            heard = self._switchboard.hears(running.path)
            in_force = heard is not None and running in heard.on(self.around.pages.current)
            if values is not None and running.is_value and in_force:
                self._take(running, values, self._now)

    def _adopt_pages(self, old: "Mapping") -> None:
        """Let the buttons that are down stay down; a page whose button is another one now is held no longer."""
        for path, key in self._page_keys.items():
            key.up = path in old._page_keys and old._page_keys[path].up
        for name, page in self._profile.pages.items():
            if name in old._profile.pages and old._profile.pages[name].held != page.held:
                self.around.pages.hold(name, down=False)
        self._last_pages = self.around.pages.current

    def _carry_routes(self, old: "Mapping", same: dict[int, object]) -> list[Running]:
        """Let the routes that the edit left alone go on; return the others."""
        left: dict[tuple[str, str, str], list[Running]] = {}
        for running in old._switchboard.runnings:
            left.setdefault(running.key, []).append(running)
        edited = []
        for running in self._switchboard.runnings:
            twins = left.get(running.key, [])
            twin = next((one for one in twins if one.route == running.route), None)
            shares = twin is not None and (twin in old._switchboard.slot_of) is (running in self._switchboard.slot_of)
            if twin is None or not shares:
                running.begun = self._now
                edited.append(running)
                continue
            twins.remove(twin)
            running.adopt(twin, same)
            if running.moving:
                self._moving[running] = None
            if running in self._switchboard.slot_of:
                self._board.bank.carry(
                    old._board.bank, old._switchboard.slot_of[twin], self._switchboard.slot_of[running]
                )
        return edited

    def state(self) -> dict[str, Any]:
        """Return what is live, as JSON can hold it: what `resume` goes on from."""
        return keeping.state(self._board, self.around, self.director, self._chance, self._now)

    def resume(self, state: dict[str, Any], now: float = 0.0) -> None:
        """Go on from what `state` returned before a restart, before anything was fed; `now` is when that will be. What
        the profile no longer has, or would no longer take, is left where the start put it."""
        self._now = now
        keeping.resume(state, self._profile, self._board, self.around, self.director, self._chance, now)
        self._last_pages = self.around.pages.current
