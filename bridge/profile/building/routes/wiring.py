"""From routes as they are written to routes as they run: which signals, which targets, what range, what rate.

One written route may become several: `from` and `to` can be lists, and each pair is a route.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from bridge.parameters import PerChunk
from bridge.profile.building.routes.fit import check_conditions, check_numbers, check_own_number
from bridge.profile.building.routes.intervals import settled
from bridge.profile.building.routes.signals import PLACE, Signal, Sources
from bridge.profile.building.routes.turning import check_encoder, check_mixed, turns, with_encoder
from bridge.profile.filters import Encoder, Envelope, Every, Filter, Press, When
from bridge.profile.inputs import Audio, Http, Midi, Osc
from bridge.profile.language.takeover import Taking
from bridge.profile.model import ImageTarget, PromptTarget, Range, Route, SlotTarget, Target
from bridge.profile.shapes.structures import Fields, Given
from bridge.profile.source.problems import Notes, Place
from bridge.profile.targets import lookup, traits
from bridge.profile.targets.names import Names, Wrong

_CROSSFADE: Range = (0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Wired:
    """A route with the places it was read from."""

    route: Route
    signal: Place
    target: Place
    sample: Target
    """The target; of one that holds `{n}`, one that it may become; the first of several."""
    page: str = ""


@dataclass(frozen=True, slots=True)
class _End:
    """A target as it was found."""

    text: str
    place: Place
    target: Target
    template: bool


@dataclass(slots=True)
class Wiring:
    """Reads routes, knowing what else the profile has."""

    names: Names
    sources: Sources
    notes: Notes
    _seen: dict[tuple[str, ...], tuple[Wired, Place]] = field(default_factory=dict)
    _called: dict[str, Place] = field(default_factory=dict)

    def read(self, given: Iterable[Given[Fields]], page: str = "") -> list[Wired]:
        """Return the routes of a list, each with its places; what is wrong is noted, and left out."""
        found: list[Wired] = []
        for one in given:
            found.extend(self._route(one.value, page))
        return found

    def _route(self, fields: Fields, page: str) -> list[Wired]:
        self._check_name(fields)
        check_conditions(fields, self.names, self.sources, self.notes)
        signals = [(signal, each.place) for each in _texts(fields, "from") if (signal := self._signal(each))]
        places = set[str]().union(*(PLACE.findall(each.value) for each in _texts(fields, "from")))
        key = "across" if "across" in fields else "to"
        ends = [end for each in _texts(fields, key) if (end := self._end(each, places, alone=key == "to"))]
        if key == "across" and len(ends) < len(_texts(fields, key)):
            return []
        turned = check_mixed(signals, self.sources, self.notes)
        led = [with_encoder(fields, end.target, turned) for end in ends]
        for end, each in zip(ends, led, strict=True):
            self._check(each, end, signals)
        self._check_keys(fields, [signal for signal, _ in signals])
        if key == "across":
            self._check_across(ends)
            return [self._across(led[0], signal, place, ends, page) for signal, place in signals if led]
        pairs = product(signals, zip(ends, led, strict=True))
        return [self._wired(each, signal, place, end, page) for (signal, place), (end, each) in pairs]

    # The ends.

    def _signal(self, given: Given[str]) -> Signal | None:
        return self.sources.read(given, self.notes)

    def _end(self, given: Given[str], places: set[str], *, alone: bool) -> _End | None:
        wanted = set(PLACE.findall(given.value))
        if wanted and not alone:
            self.notes.error(
                given.place,
                "'across' takes targets by their own names, and this one has a place to fill in",
                "write them out: across: [lora/1, lora/2]",
            )
            return None
        if not wanted:
            found = lookup.find(given.value, given.place, self.names, self.notes)
            return None if found is None else _End(given.value, given.place, found[1], template=False)
        if missing := sorted(wanted - places):
            self.notes.error(
                given.place,
                f"{{{missing[0]}}} is in the target and not in the signal, so nothing says what it stands for",
                f"the signal has {{{sorted(places)[0]}}}"
                if places
                else f"put it into the signal: from: td/fader/{{{missing[0]}}}",
            )
            return None
        made = lookup.plausible(given.value, PLACE, self.names)
        if isinstance(made, Wrong):
            self.notes.error(given.place, made.message, *made.hints)
            return None
        return _End(given.value, given.place, made[1], template=True)

    # What goes with what.

    def _check_name(self, fields: Fields) -> None:
        if "name" not in fields:
            return
        name: str = fields["name"].value
        if name in self._called:
            self.notes.error(
                fields["name"].place,
                f"two routes are called '{name}', and route/{name}/amount could mean either",
                "give one another name",
                elsewhere=self._called[name],
            )
        self._called.setdefault(name, fields["name"].place)

    def _check(self, fields: Fields, end: _End, heard: list[tuple[Signal, Place]]) -> None:
        signals = [signal for signal, _ in heard]
        source = self._source(fields, signals[0]) if signals else None
        if "across" in fields and source is None:
            source = _CROSSFADE
        target = traits.bare(end.target)
        check_numbers(fields, target, end.text, source, self.notes)
        if signals:
            self._check_number(fields, end, target, signals[0])
        for signal, place in heard:
            known = self.sources.arrives(signal)
            check_encoder(fields, target, end.text, signal, known, self.notes, nothing=self._is_nothing(target))
            self._check_pad(fields, end, signal, place)
        if not traits.takes_out(end.target):
            for key in ("mix", "takeover", "amount"):
                if key in fields and fields[key].value not in ("latest", Taking("jump"), 1.0):
                    self.notes.error(
                        fields[key].key,
                        f"'{key}' is about values that move, and {end.text} takes {traits.takes(end.target, {})}",
                        "take it out",
                    )

    def _check_number(self, fields: Fields, end: _End, target: Target, signal: Signal) -> None:
        """Note a number that a signal is known to be, on its way to what takes none."""
        known = self.sources.arrives(signal)
        if turns(fields):
            return
        if signal.own or known & {"place", "press", "force", "turn"}:
            check_own_number(
                fields, end.place, target, end.text, signal, self.names.bank or (), self.notes, pressed="press" in known
            )

    def _is_nothing(self, target: Target) -> bool:
        """Return whether there is nothing by name that a target could be."""
        match target:
            case PromptTarget() | SlotTarget(control="text"):
                known = self.names.bank
            case ImageTarget():
                known = self.names.images
            case _:
                return False
        return known is not None and not known

    def _check_pad(self, fields: Fields, end: _End, signal: Signal, place: Place) -> None:
        """Note a pad that throws a value from one end to the other, where how hard it was hit may have been meant, and a
        button that holds a switch, where each press may have been meant to turn it."""
        if self.sources.arrives(signal) == {"press"} and traits.is_switch(end.target) and not fields.get("filters"):
            self.notes.note(
                place,
                f"{end.text} is on only for as long as {signal.text} is down",
                f"to change it with each press: {{from: {signal.text}, to: {end.text}, filters: [toggle]}}",
            )
            return
        if fields.get("filters") or not traits.takes_out(end.target) or not self.sources.hit(signal):
            return
        self.notes.note(
            place,
            f"{signal.text} is 1 while it is down and 0 when it is not, so {end.text} has nothing between its ends",
            f"how hard it was hit is {signal.text}/velocity",
        )

    def _check_keys(self, fields: Fields, signals: list[Signal]) -> None:
        if "law" in fields and "across" not in fields:
            self.notes.error(
                fields["law"].key,
                "'law' says how the targets of 'across' share, and this route has none",
                "for example: across: [lora/arcane, lora/ghibli]",
            )
        for key in ("period", "phase"):
            if key in fields and signals and not any(signal.input == "lfo" for signal in signals):
                self.notes.error(
                    fields[key].key,
                    f"'{key}' belongs to an oscillator, and {signals[0].text} is none",
                    "from: lfo/sine is one; the others are lfo/triangle, lfo/saw, lfo/square and lfo/random",
                )

    def _check_across(self, ends: list[_End]) -> None:
        seen: dict[tuple[str, ...], _End] = {}
        for end in ends:
            if not traits.takes_out(end.target):
                self.notes.error(
                    end.place,
                    f"'across' shares a number among its targets, and {end.text} has none",
                    "use targets that take numbers, like lora/<name> or prompt/<slot>/weight",
                )
            elif not end.template and (first := seen.get(traits.meaning(end.target))):
                self.notes.error(
                    end.place, f"{end.text} is among the targets of 'across' twice", "delete one", elsewhere=first.place
                )
            seen.setdefault(traits.meaning(end.target), end)

    # What becomes of it.

    def _source(self, fields: Fields, signal: Signal) -> Range | None:
        if "in" in fields:
            ends: Range = fields["in"].value
            return ends
        return self.sources.range_of(signal)

    def _wired(self, fields: Fields, signal: Signal, place: Place, end: _End, page: str) -> Wired:
        source = self._source(fields, signal)
        has_way = source is not None or traits.way(end.target) is not None or turns(fields)
        target = None if end.template else end.target
        route = self._made(fields, signal, source, has_way, end.text, target, traits.takes_out(end.target))
        wired = Wired(route, place, end.place, end.target, page)
        self._check_twice(wired)
        return wired

    def _across(self, fields: Fields, signal: Signal, place: Place, ends: list[_End], page: str) -> Wired:
        source = self._source(fields, signal)
        if source is None and "turn" not in self.sources.arrives(signal):
            source = _CROSSFADE
        route = self._made(
            fields,
            signal,
            source,
            True,
            ", ".join(end.text for end in ends),
            None,
            True,
            tuple((end.text, end.target) for end in ends),
        )
        return Wired(route, place, ends[0].place, ends[0].target, page)

    def _made(
        self,
        fields: Fields,
        signal: Signal,
        source: Range | None,
        has_way: bool,
        text: str,
        target: Target | None,
        moves: bool,
        across: tuple[tuple[str, Target], ...] = (),
    ) -> Route:
        """Return the route; `moves` says that its target takes numbers that move, as a fader sends them."""

        def given(key: str, otherwise: Any) -> Any:
            return fields[key].value if key in fields else otherwise

        first: list[Filter] = []
        if "press" in fields:
            first.append(Press(fields["press"].value))
        if "every" in fields:
            first.append(Every(int(fields["every"].value)))
        filters = (*first, *(one.value for one in given("filters", ())))
        taking: Taking = given("takeover", self._taking(signal, filters) if moves else Taking("jump"))
        chunk: PerChunk = "max" if moves and self._peaks(signal, filters) else "newest"
        return Route(
            signal.text,
            target,
            text,
            settled(filters, has_way),
            source,
            given("out", None),
            given("per_chunk", chunk),
            signal.argument,
            given("name", ""),
            given("mix", "latest"),
            given("amount", 1.0),
            across=across,
            law=given("law", "linear"),
            period=given("period", None),
            phase=given("phase", 0.0),
            takeover=taking.mode,
            takeover_tolerance=taking.tolerance,
        )

    def _taking(self, signal: Signal, filters: tuple[Filter, ...]) -> Taking:
        """Return how the controls of an input take over: of a MIDI input those that have a place, and so can be elsewhere."""
        options = self.sources.options.get(signal.input)
        stands = not isinstance(options, Midi) or "place" in self.sources.arrives(signal)
        if not stands or not isinstance(options, Osc | Midi | Http) or isinstance(next(iter(filters), None), Encoder):
            return Taking("jump")
        return Taking(options.takeover, options.takeover_tolerance)

    def _peaks(self, signal: Signal, filters: tuple[Filter, ...]) -> bool:
        """Return whether a signal has peaks between two chunks that must not be lost."""
        return (
            isinstance(self.sources.options.get(signal.input), Audio)
            or signal.text in ("tempo/beat", "tempo/bar")
            or any(isinstance(one, Envelope) for one in filters)
        )

    def _check_twice(self, wired: Wired) -> None:
        """Warn of two routes of which only the later one ever counts."""
        route, sample = wired.route, wired.sample
        if route.mix != "latest" or route.name or _conditional(route):
            return
        form = route.target_text if route.target is None else ""
        press = next((one.kind for one in route.filters if isinstance(one, Press)), "")
        same = wired.page, route.signal, str(route.argument), press, form, *traits.meaning(sample)
        if same in self._seen:
            self.notes.warning(
                wired.signal,
                f"{route.signal} goes to {route.target_text} twice, and the later route overrules the earlier",
                "delete one",
                elsewhere=self._seen[same][1],
            )
        self._seen.setdefault(same, (wired, wired.signal))


def _texts(fields: Fields, key: str) -> list[Given[str]]:
    if key not in fields:
        return []
    given: list[Given[str]] | Given[str] = fields[key].value
    return given if isinstance(given, list) else [given]


def _conditional(route: Route) -> bool:
    """Return whether a route acts only under some condition."""
    return any(isinstance(one, When) for one in route.filters)
