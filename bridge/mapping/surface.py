"""PURE. What the controls of a controller stand for, and how that is: for its lamps, rings and motors."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from bridge.mapping.around import Surroundings
from bridge.mapping.board import Board
from bridge.mapping.cells import Cell, Dial
from bridge.mapping.outlet import Outlet, Takes
from bridge.mapping.plan import page_keys
from bridge.mapping.reports import Aim, aim, aim_of
from bridge.mapping.running import Running
from bridge.mapping.scenes import Director
from bridge.mapping.scoped import scope_in
from bridge.mapping.switchboard import Heard, Switchboard
from bridge.profile.inputs import Midi
from bridge.profile.model import (
    BridgeTarget,
    CueTarget,
    OutputTarget,
    PageTarget,
    PipelineTarget,
    Profile,
    PromptNamed,
    PromptStep,
    PromptTarget,
    Range,
    RouteTarget,
    SceneTarget,
    Setting,
    SlotTarget,
    SnapshotTarget,
    SourceTarget,
    Target,
)
from bridge.profile.targets import traits


@dataclass(frozen=True, slots=True)
class ControlState:
    """What one control stands for now."""

    path: str
    """The signal, `apc/fader/1`."""
    stands_for: str
    """What kind of thing, as `lights:` calls it: scene, cue, prompt, page, snapshot, route, source, pipeline, output, beat
    (a tap of the tempo), value, or trigger for any other."""
    chosen: bool
    """Whether it is asked for, switched on, or in force; of a snapshot, whether there is one; of a value, whether anything
    has been set, or, where a button sets it, whether it is beyond half of its way."""
    aims: tuple[Aim, ...]
    """What the picture must show before `chosen` counts as there; of a scene those of all its settings. None of a number,
    which is on its way with every turn of a knob."""
    way: float | None
    """Where the target's actual base, whoever moved it, lies on the way of this control, 0 to 1; None: it has no place."""
    waits: bool
    """Whether its takeover waits: something else has moved the value, and the control and the value are not one."""
    clipped: bool
    """Whether the value that it sent last had to be clamped to the target's range."""


class Stands:
    """What the controls of a show stand for: found once for each, and read again whenever somebody asks.

    Where several routes hear one control, it stands for the first that suits it: for a fader, a knob or an encoder, one that
    sets a value; for a button or a pad, one that lets something happen or switches; of another control, the first. Those
    for another Scope come last. A control that holds or latches a page stands for that page.
    """

    def __init__(
        self, profile: Profile, board: Board, director: Director, around: Surroundings, switchboard: Switchboard
    ) -> None:
        self._profile = profile
        self._board = board
        self._director = director
        self._around = around
        self._switchboard = switchboard
        self._pages = {path: frozenset((*key.held, *key.latched)) for path, key in page_keys(profile).items()}
        self._found: dict[str, _Stand] = {}
        """By signal; of a stand whose routes are not those on the page in force any more, another is found."""
        self._sought: tuple[Sequence[str], Sequence[str]] = ((), ())
        """The signals that were asked about last, and the pages in force then."""
        self._there: list[tuple[str, _Stand]] = []
        """Those of them that something hears."""

    def of(self, paths: Sequence[str], hears: Callable[[str], Heard | None]) -> dict[str, ControlState]:
        """Return how it is with the controls of these signals that something hears on the page in force. `hears` finds out
        what does. Who asks for the same controls again is spared the search, until another page is in force."""
        sought = (tuple(paths), self._around.pages.current)
        if sought != self._sought:
            found = ((path, self._stand(path, hears(path))) for path in paths)
            self._there = [(path, stand) for path, stand in found if stand is not None]
            self._sought = sought
        return {path: stand.state() for path, stand in self._there}

    def scope(self, path: str, heard: Heard | None) -> str:
        """Return which Scope of several the control of a signal acts on; empty: all, or none."""
        stand = None if heard is None else self._stand(path, heard)
        return "" if stand is None else stand.scope

    def _stand(self, path: str, heard: Heard | None) -> "_Stand | None":
        runnings = () if heard is None else heard.on(self._around.pages.current)
        stand = self._found.get(path)
        if stand is not None and stand.runnings is runnings:
            return stand
        pages = self._pages.get(path)
        if pages is not None:
            stand = _Stand(path, runnings, "", "page", self._read_pages(pages))
        elif runnings:
            stand = self._made(path, runnings)
        else:
            return None
        self._found[path] = stand
        return stand

    def _made(self, path: str, runnings: Sequence[Running]) -> "_Stand":
        control = self._switchboard.control(path)
        pressed = None if control is None else control.kind in ("button", "pad")
        here = ("", self._profile.scope.name)

        def misfit(running: Running) -> tuple[bool, bool]:
            outlet = running.outlets[0]
            scope = scope_in(outlet.text, self._profile)
            happens = outlet.takes in (Takes.TRIGGER, Takes.SWITCH)
            return scope not in here, pressed is not None and pressed is not happens

        running = min(runnings, key=misfit)
        outlet = running.outlets[0]
        scope = scope_in(outlet.text, self._profile)
        if outlet.takes is Takes.TRIGGER:
            kind, read = self._trigger(outlet)
        else:
            kind, read = _kind(outlet.target), self._value(running, path, pressed is True)
        return _Stand(path, runnings, scope, kind, read)

    # What happens

    def _trigger(self, outlet: Outlet) -> "tuple[str, _Read]":
        """Return what kind of trigger a target is, and what reads how it is with it."""
        around, director = self._around, self._director
        match outlet.target:
            case SceneTarget(name, False):
                cells = self._cells(name)
                return "scene", lambda: _chosen(around.scene == name, lambda: self._asked(cells))
            case CueTarget(name, "name"):
                return "cue", self._read_cue(name)
            case CueTarget(_, "go"):
                return "cue", self._read_coming
            case CueTarget():
                return "cue", _nothing
            case PromptNamed(name):
                prompt = PromptTarget()
                cell = self._board.cell(prompt, "prompt")
                aims = (aim(prompt, "prompt", name, self._profile),)
                return "prompt", lambda: _chosen(cell.value == name, lambda: aims)
            case PromptStep():
                return "prompt", _nothing
            case PageTarget(name, "name"):
                return "page", self._read_pages({name})
            case PageTarget():
                return "page", _nothing
            case SnapshotTarget(_, number):
                return "snapshot", lambda: _chosen(number in director.snapshots)
            case SourceTarget(name):
                first = next(iter(self._profile.scope.video), None)
                return "source", lambda: _chosen(name == (around.source or first))
            case PipelineTarget(name):
                own = self._profile.scope.pipeline
                return "pipeline", lambda: _chosen(name == (around.pipeline or own))
            case BridgeTarget("tap"):
                return "beat", _nothing
            case BridgeTarget("panic"):
                return "trigger", lambda: _chosen(around.quiet)
            case _:
                return "trigger", _nothing

    def _read_pages(self, names: Collection[str]) -> "_Read":
        return lambda: _chosen(any(page in names for page in self._around.pages.current))

    def _read_cue(self, name: str) -> "_Read":
        cue = self._profile.cues.get(name)
        cells = self._cells(cue.scene) if cue is not None else []

        def read() -> _Reading:
            if self._director.coming == name:
                return _chosen(True, lambda: self._coming(cells))
            return _chosen(self._director.cue == name, lambda: self._asked(cells))

        return read

    def _read_coming(self) -> "_Reading":
        coming = self._director.coming
        if coming is None:
            return _nothing()
        return _chosen(True, lambda: self._coming(self._cells(self._profile.cues[coming].scene)))

    def _cells(self, name: str) -> "list[tuple[str, Setting, Cell]]":
        """Return what a scene sets: the text, the setting and the cell of each target."""
        scene = self._profile.scenes.get(name)
        return [
            (text, setting, self._board.cell(setting.target, text))
            for text, setting in (scene.settings.items() if scene is not None else ())
            if not traits.is_trigger(setting.target)
        ]

    def _asked(self, cells: "list[tuple[str, Setting, Cell]]") -> tuple[Aim, ...]:
        """Return where a scene that was recalled leads; what a hand has taken since is not its any more, and what acts on
        top of a number may move it for ever."""
        return tuple(
            aim(setting.target, text, _end(cell), self._profile)
            for text, setting, cell in cells
            if (cell.by is None or cell.by is self._director) and not (isinstance(cell, Dial) and cell.acted_on)
        )

    def _coming(self, cells: "list[tuple[str, Setting, Cell]]") -> tuple[Aim, ...]:
        """Return where a scene will lead that waits for its line."""
        return tuple(
            aim(
                setting.target,
                text,
                cell.told(setting.value) if isinstance(cell, Dial) else setting.value,
                self._profile,
            )
            for text, setting, cell in cells
        )

    # What has a value

    def _value(self, running: Running, path: str, pressed: bool) -> "_Read":
        """Return what reads how it is with the targets of a route. `pressed`: by a button, which has no place."""
        midi = isinstance(self._profile.inputs.get(path.partition("/")[0]), Midi)
        source = running.route.source if midi and running.encoder is None else None
        ends = source or (0.0, 1.0)
        outlet = running.outlets[0]
        if all(isinstance(each.cell, Dial) for each in running.outlets):
            return self._read_dials(running, ends, pressed)
        return self._read_item(running, outlet, ends, pressed or outlet.takes is Takes.SWITCH)

    def _read_dials(self, running: Running, ends: Range, pressed: bool) -> "_Read":
        outlets = running.outlets
        parts = [(outlet, outlet.cell, outlet.part) for outlet in outlets if outlet.cell and outlet.part]
        read_bank = self._board.read
        amount = parts[0][2].amount
        before: list[object] = []
        way: float | None = None
        chosen = False

        def read() -> _Reading:
            nonlocal before, way, chosen
            now: list[object] = [running.sent, amount()]
            for _, cell, part in parts:
                read_bank(cell)
                now += cell.value, cell.by, part.way
            if now != before:  # else all is where it was
                before = now
                place = running.way
                way = None if place is None else _hand(place, ends)
                heard = any(cell.value is not None or part.way is not None for _, cell, part in parts)
                chosen = (place is not None and place >= 0.5) if pressed else heard
            waits = any(outlet.waits for outlet, _, _ in parts if outlet.grip is not None)
            return chosen, (), way, waits, running.clipped

        return read

    def _read_item(self, running: Running, outlet: Outlet, ends: Range, switch: bool) -> "_Read":
        """Return what reads how it is with a target that is one of several things, or none that is known."""
        before: object = None
        aims: tuple[Aim, ...] = ()

        def read() -> _Reading:
            nonlocal before, aims
            value = None if outlet.cell is None else outlet.cell.value
            place: float | None = None
            if running.texts or (running.encoder is None and not switch and running.in_hand):
                place = running.way
            elif outlet.chosen is not None:
                place = outlet.chosen / max(1, len(outlet.items) - 1)
            chosen = place is not None and place >= 0.5 if switch else value is not None
            if value is not None and value != before:
                before, aims = value, (aim_of(outlet, self._profile),)
            return (
                chosen,
                aims if chosen and value is not None else (),
                None if place is None else _hand(place, ends),
                False,
                running.clipped,
            )

        return read


_Reading = tuple[bool, tuple[Aim, ...], float | None, bool, bool]
_Read = Callable[[], _Reading]


class _Stand:
    """What one control stands for on one page."""

    __slots__ = ("_kind", "_path", "_read", "_reading", "_state", "runnings", "scope")

    def __init__(self, path: str, runnings: Sequence[Running], scope: str, kind: str, read: _Read) -> None:
        self.runnings = runnings
        self.scope = scope
        self._path = path
        self._kind = kind
        self._read = read
        self._reading: _Reading | None = None
        self._state: ControlState | None = None

    def state(self) -> ControlState:
        """Return how it is with the control; the same object for as long as that is the same."""
        reading = self._read()
        if self._state is None or reading != self._reading:
            chosen, aims, way, waits, clipped = self._reading = reading
            self._state = ControlState(self._path, self._kind, chosen, aims, way, waits, clipped)
        return self._state


def _hand(place: float, ends: Range) -> float:
    """Return where a control stands for a place on the way, which begins and ends where the route says."""
    low, high = ends
    return min(1.0, max(0.0, low + min(1.0, max(0.0, place)) * (high - low)))


def _chosen(chosen: bool, aims: Callable[[], tuple[Aim, ...]] = tuple) -> _Reading:
    """Return how it is with something that has no place."""
    return chosen, aims() if chosen else (), None, False, False


def _nothing() -> _Reading:
    return False, (), None, False, False


def _end(cell: Cell) -> Any:
    """Return what is asked of a target, of one that fades in the end."""
    return cell.told(cell.ramp.end) if isinstance(cell, Dial) and cell.ramp is not None else cell.asked


def _kind(target: Target) -> str:
    """Return what `lights:` calls a target that has a value."""
    match target:
        case PromptTarget() | SlotTarget(control="text"):
            return "prompt"
        case RouteTarget(control="on"):
            return "route"
        case OutputTarget(control="freeze"):
            return "output"
        case _:
            return "value"
