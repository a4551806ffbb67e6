"""PURE. Who hears what: the routes of a profile at work, found by the signals that they hear.

A route with a plain signal is there from the start; one with a pattern comes to be for each signal that fits, when that
is first heard; and the page reaches every target without a route (`panel/<target>`).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from bridge.errors import Refused
from bridge.mapping import coerce
from bridge.mapping.around import Surroundings
from bridge.mapping.board import Board
from bridge.mapping.cells import Dial, Part
from bridge.mapping.outlet import Outlet, choices, scaling, takes
from bridge.mapping.patterns import Patterns, fill, is_pattern
from bridge.mapping.plan import is_simple, moves_by_itself
from bridge.mapping.running import Running
from bridge.mapping.scoped import named
from bridge.mapping.stages import open_stage
from bridge.mapping.takeover import Grip
from bridge.profile.controllers.model import Control
from bridge.profile.filters import Encoder, Smooth
from bridge.profile.inputs import Midi
from bridge.profile.model import (
    ImageTarget,
    LoraTarget,
    OfScope,
    PageTarget,
    ParameterTarget,
    Profile,
    PromptTarget,
    Route,
    RouteTarget,
    SlotTarget,
    Target,
    WordTarget,
    routes_of,
)
from bridge.profile.targets import traits
from bridge.signals import Value

PANEL = "panel"
"""The input that the page is: `panel/<target>` is that target, in its own unit, without a route in the profile."""
MOST_ADDRESSES = 4096
"""How many signals the patterns of a profile may hear: a sender of ever new addresses must not fill the memory."""

LONGEST_ADDRESS = 1024
"""Characters of a signal's name; what is longer is nobody's, and is not looked at."""

TOUCH = "touch"
"""`<control>/touch` is up while a finger is on that control."""

Fire = Callable[[Target, str, float], None]
"""Lets a trigger happen: the target, its text, the time."""


class Heard:
    """Who hears one signal: on a page, the page's own routes for it, or else those of the profile."""

    __slots__ = ("_buttons", "_by_page", "_everybody", "_is_of_one", "_joint", "common", "paged", "press")

    def __init__(self, everybody: Sequence[tuple[str | None, Running]], press: bool, is_of_one: bool = False) -> None:
        """`is_of_one`: whether it comes from a controller that has pages of its own; then one page decides."""
        self._everybody = everybody
        self._is_of_one = is_of_one
        self.press = press
        """Whether every message is a press: the page's buttons send no release."""
        self.common = tuple(running for page, running in everybody if page is None)
        pages = dict.fromkeys(page for page, _ in everybody if page is not None)
        self._joint: dict[tuple[str, ...], tuple[Running, ...]] = {}
        """Of several pages in force at once."""
        self._by_page = {page: tuple(running for of, running in everybody if of == page) for page in pages}
        self.paged = bool(pages)
        """Whether it depends on the page."""
        self._buttons = tuple(running for _, running in everybody if running.counts_events) if pages else ()

    def on(self, pages: Sequence[str]) -> tuple[Running, ...]:
        """Return the routes that act while these pages are in force, the same ones for the same pages.

        For a control they are those of its controller's page, or else of the rig's. What comes from none, as the tempo does,
        is heard on the pages of all, which are turned apart: none of them keeps it from another.
        """
        here = tuple([page for page in pages if page in self._by_page])
        if not here:
            return self.common
        if self._is_of_one or len(here) == 1:
            return self._by_page[here[0]]
        if here not in self._joint:
            self._joint[here] = tuple(running for page, running in self._everybody if page in here)
        return self._joint[here]

    def let_go(self, pages: Sequence[str]) -> list[Running]:
        """Return the routes that a button was pressed for before the pages were turned to these: its release is theirs."""
        here = self.on(pages) if self._buttons else ()
        return [running for running in self._buttons if running.down and running not in here]


class Switchboard:
    """The routes of a profile."""

    def __init__(self, profile: Profile, board: Board, around: Surroundings, fire: Fire) -> None:
        self._profile = profile
        self._board = board
        self._around = around
        self._fire = fire
        self._owners = {page.on for page in profile.pages.values()}
        """The inputs that have pages of their own."""
        self.runnings: list[Running] = []
        """All of the profile's; those of patterns when they are first heard."""
        self.oscillators: list[tuple[str | None, Running]] = []
        """With the page they belong to."""
        self.slot_of: dict[Running, int] = {}
        """Routes whose smoothers are in the bank."""
        self.left_bank: list[Running] = []
        """Routes whose smoothers were in it until now: they must be given their last value again."""
        self.touched: dict[str, list[Outlet]] = {}
        """By the signal that tells of a finger on a control: what the control has to take over."""
        self.ears: set[str] = set()
        """The signals that mean something beside what routes make of them: those of `touched`, and what others add."""
        self._by_name: dict[str, list[Running]] = {}
        self._exact: dict[str, list[tuple[int, str | None, Running]]] = {}
        self._patterns: Patterns[tuple[int, str | None, Route]] = Patterns()
        self.heard: dict[str, Heard | None] = {}
        """By signal, once it was asked for: who hears it. None: nobody does."""
        self._addresses = 0
        self._index()
        self.signals = tuple(self._exact)
        """The signals that routes name, without patterns."""

    def hears(self, path: str) -> Heard | None:
        """Return who hears a signal."""
        if path in self.heard:
            return self.heard[path]
        return self._first_sight(path) if len(path) <= LONGEST_ADDRESS else None

    def control(self, path: str) -> Control | None:
        """Return the control of a controller that a signal is of, if its input has one that the profile knows."""
        name, _, control = path.partition("/")
        options = self._profile.inputs.get(name)
        known = options.controller if isinstance(options, Midi) else None
        return None if known is None else known.controls.get(control)

    def named(self, name: str) -> Sequence[Running]:
        """Return the routes of a name."""
        return self._by_name.get(name, ())

    def set_depth(self, running: Running) -> None:
        """Let a named route act as deep as its targets say."""
        name = running.route.name
        if not name:
            return
        amount = self._board.cell(RouteTarget(name, "amount"), f"route/{name}/amount").asked
        on = self._board.cell(RouteTarget(name, "on"), f"route/{name}/on").asked
        running.amount = running.amount if amount is None else float(amount)
        running.on = running.on if on is None else bool(on)

    def _first_sight(self, path: str) -> Heard | None:
        """Find who hears a signal, and remember it."""
        found = list(self._exact.get(path, ()))
        for (order, page, route), captured in self._patterns.find(path):
            texts = [fill(text, captured) for text in [text for text, _ in route.across] or [route.target_text]]
            ends = [(text, target) for text in texts if (target := named(text, self._profile)) is not None]
            if len(ends) < len(texts) or self._addresses >= MOST_ADDRESSES:
                continue
            self._addresses += 1
            running = self._run(route, path, ends, order)
            self.runnings.append(running)
            found.append((order, page, running))
            self._share_no_more(running)
        if path.startswith(f"{PANEL}/") and not found and self._addresses < MOST_ADDRESSES:
            text = path.partition("/")[2]
            if (target := named(text, self._profile)) is not None:
                self._addresses += 1
                found.append((-1, None, self._run(Route(path, target, text), path, [(text, target)], -1)))
        everybody = [(page, running) for _, page, running in sorted(found, key=lambda one: one[0])]
        heard = Heard(everybody, path.startswith(f"{PANEL}/"), path.partition("/")[0] in self._owners)
        if found or len(self.heard) < 4 * MOST_ADDRESSES:
            self.heard[path] = heard if found else None
        return heard if found else None

    def _share_no_more(self, rival: Running) -> None:
        """A route that was first heard now drives a dial that another has in the bank: both are on their own."""
        for outlet in rival.outlets:
            for running in [each for each in self.slot_of if each.outlets[0].cell is outlet.cell]:
                self._board.leave_bank(self.slot_of.pop(running))
                self.left_bank.append(running)

    # Building

    def _index(self) -> None:
        for order, (page, route) in enumerate(routes_of(self._profile)):
            if route.name:
                for control in ("amount", "on"):
                    self._board.cell(RouteTarget(route.name, control), f"route/{route.name}/{control}")
            ends = list(route.across) or ([(route.target_text, route.target)] if route.target is not None else [])
            if is_pattern(route.signal):
                self._patterns.add(route.signal, (order, page, route))
                for text, target in ends:
                    if not isinstance(target, OfScope) and not traits.is_trigger(target):
                        self._board.cell(target, text)
                continue
            running = self._run(route, route.signal, ends, order)
            self.runnings.append(running)
            self._exact.setdefault(route.signal, []).append((order, page, running))
            if route.signal.startswith("lfo/"):
                self.oscillators.append((page, running))
        for lora in self._profile.loras:
            self._board.cell(LoraTarget(lora), f"lora/{lora}")
        for scene in self._profile.scenes.values():
            for text, setting in scene.settings.items():
                self._board.cell(setting.target, text)
        self._board.guard()
        self._fill_bank()

    def _run(self, route: Route, path: str, ends: Sequence[tuple[str, Target]], order: int) -> Running:
        """Return a route at work, for one of the signals that it hears."""
        control = self.control(path)
        running = Running(
            route,
            path,
            tuple(self._outlet(route, path, target, text, order) for text, target in ends),
            [open_stage(option, self._around) for option in route.filters],
            self._around,
            order=order,
            automatic=moves_by_itself(route, self._profile),
            amount=route.amount,
            on=route.on,
            turned=control is not None and control.relative is not None,
        )
        for outlet in running.outlets:
            outlet.clamped = running.count_clamped
            if outlet.grip is not None:
                outlet.grip.motor = control is not None and control.motor is not None
                self.touched.setdefault(f"{path}/{TOUCH}", []).append(outlet)
                self.ears.add(f"{path}/{TOUCH}")
            if isinstance(outlet.cell, Dial) and outlet.part is not None:
                outlet.part.calm = running.is_calm
                outlet.part.amount = running.depth
                if outlet.part.mix != "latest":
                    outlet.cell.parts.append(outlet.part)
                    outlet.cell.parts.sort(key=lambda part: part.order)
            if outlet.cell is not None and order >= 0:
                self._board.drive(outlet.cell)
        if route.name:
            self._by_name.setdefault(route.name, []).append(running)
            self.set_depth(running)
        return running

    def _outlet(self, route: Route, path: str, target: Target, text: str, order: int) -> Outlet:
        held = traits.bare(target)  # what is still `OfScope` is another one's, and goes nowhere
        scale = scaling(route, held)
        cell = (
            None
            if traits.is_trigger(held) and (held is not target or not isinstance(held, ParameterTarget))
            else self._board.cell(target, text)
        )
        if isinstance(target, PageTarget) and target.step != "name":
            target = replace(target, name=path.partition("/")[0])  # that input's own pages, if it has some
        outlet = Outlet(held, text, takes(held), scale, cell, lambda now: self._fire(target, text, now))
        outlet.choices = choices(held)
        if cell is not None and not isinstance(cell, Dial):
            outlet.items, outlet.rest = self._items(held), self._board.rest(held)
        match held:
            case PromptTarget() | SlotTarget(control="text"):
                outlet.mean = self._prompt_meant
            case WordTarget(word):
                outlet.mean = lambda value: self._word_meant(word, value)
            case ImageTarget():
                outlet.mean = self._image_meant
            case _:
                pass
        if isinstance(cell, Dial):
            outlet.part = Part(route.mix, route.per_chunk, scale.onto, order=order)
            turns = any(isinstance(option, Encoder) for option in route.filters)
            if route.mix == "latest" and route.takeover != "jump" and not turns:
                low, high = (0.0, 1.0) if scale.out is not None else scale.limits or (0.0, 1.0)
                outlet.grip = Grip(route.takeover, low, high, route.takeover_tolerance)
        return outlet

    def _items(self, target: Target) -> Sequence[Any]:
        """Return everything that a target can be which is one of several things."""
        match target:
            case PromptTarget() | SlotTarget(control="text"):
                return tuple(self._profile.prompts.bank)
            case WordTarget(word):
                return self._profile.prompts.words.get(word, ())
            case ImageTarget():
                return tuple(self._profile.images)
            case _:
                return (False, True) if traits.is_switch(target) else choices(target)

    def _fill_bank(self) -> None:
        """Put the smoothers of simple routes where all of them are computed at once."""
        driven: dict[int, int] = {}
        for running in self.runnings:
            for outlet in running.outlets:
                driven[id(outlet.cell)] = driven.get(id(outlet.cell), 0) + 1
        for running in self.runnings:
            outlet = running.outlets[0]
            dial = outlet.cell
            if not isinstance(dial, Dial) or driven[id(dial)] > 1 or self._board.guarded(dial):
                continue
            if not is_simple(running, dial):
                continue
            last = running.route.filters[-1]
            assert isinstance(last, Smooth)
            low, high = dial.limits or (-math.inf, math.inf)
            begin, end = outlet.scaling.out or (0.0, 1.0)
            peak = running.route.per_chunk == "max"
            slot = self._board.bank.add(last.attack.amount, last.release.amount, begin, end - begin, low, high, peak)
            self._board.share(dial, slot, outlet)
            self.slot_of[running] = slot

    # What values mean

    def _prompt_meant(self, value: Value) -> str:
        if isinstance(value, int | float) and not isinstance(value, bool):
            name = self._board.prompter.by_number(coerce.number([value]))
            if name is None:
                count = len(self._profile.prompts.bank)
                raise Refused(f"text is wanted, or the number of a prompt, 1 to {count}" if count else "text is wanted")
            return name
        return coerce.text([value])

    def _word_meant(self, word: str, value: Value) -> str:
        return (
            coerce.text([value])
            if isinstance(value, str)
            else self._board.prompter.choice(word, coerce.number([value]))
        )

    def _image_meant(self, value: Value) -> str:
        names = list(self._profile.images)
        if isinstance(value, int | float) and not isinstance(value, bool):
            index = round(coerce.number([value])) - 1
            if not 0 <= index < len(names):
                raise Refused(f"an image's name is wanted, or its number, 1 to {len(names)}")
            return names[index]
        return coerce.text([value])
