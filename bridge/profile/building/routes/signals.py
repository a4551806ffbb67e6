"""What a route can listen to: the name of a signal, taken apart and checked against the inputs there are.

`td/xy[1]` is the first number of the message `/xy` at the input `td`; `apc/fader/{n}` is any of its faders. What a MIDI
input can bring is in `midi`.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final

from bridge.profile.building.routes import midi
from bridge.profile.building.routes.midi import Arrives
from bridge.profile.controllers.reading import looks_like
from bridge.profile.inputs import FEATURES, Audio, InputOptions, Midi
from bridge.profile.model import Range
from bridge.profile.shapes.shape import shorten
from bridge.profile.shapes.structures import Given
from bridge.profile.source.problems import Notes, Place, nearest

PLACE: Final = re.compile(r"\{(\w+)\}")
"""A piece of a signal that its target repeats."""
SHAPES: Final = ("sine", "triangle", "saw", "square", "random")
OWN: Final[Mapping[str, tuple[str, ...]]] = {
    "tempo": ("beat", "bar", "phase", "bpm"),
    "lfo": SHAPES,
    "scope": ("fps", "state"),
    "page": (),
}
"""The signals of the bridge itself, by their first segment; those of `page` are the names of the pages."""
_UNIT: Final[Range] = (0.0, 1.0)
_WITHOUT_RANGE: Final = {"tempo/bpm", "scope/fps", "scope/state"}


Pads = list[list[str | None]]
"""Signals by row and column; None where there is no pad."""


@dataclass(frozen=True, slots=True)
class Signal:
    """The name of a signal, taken apart."""

    text: str
    """As in the profile, without `[n]`."""
    argument: int | None
    """Which of the message's values counts, from 1; None: the last."""

    @property
    def input(self) -> str:
        """The first segment: an input's name, or that of one of the bridge's own kinds."""
        return self.text.partition("/")[0]

    @property
    def own(self) -> bool:
        """Whether the bridge makes it itself."""
        return self.input in OWN

    @property
    def places(self) -> set[str]:
        """The names of its `{n}`."""
        return set(PLACE.findall(self.text))


@dataclass(frozen=True, slots=True)
class Sources:
    """What signals can come from; None where that could not be read."""

    inputs: Collection[str] | None
    """Every input that a profile names."""
    options: Mapping[str, InputOptions]
    """What could be read of them."""
    pages: Collection[str] | None = None
    silent: Collection[str] = ()
    """Inputs that bring video, and no signals."""
    unsure: Collection[str] = ()
    """MIDI inputs of whose controller something could not be read: what they bring is not known."""
    like: Callable[[str], str | None] = looks_like
    """Says which controller of ours a port, or what fits a pattern, is called as."""

    def range_of(self, signal: Signal) -> Range | None:
        """Return the range that a signal is known to have, or that its input says it has."""
        if signal.own:
            return None if signal.text in _WITHOUT_RANGE else _UNIT
        options = self.options.get(signal.input)
        if isinstance(options, Midi):
            return _UNIT if self.arrives(signal) & midi.IN_WAY else None
        given: Range | None = getattr(options, "range", None)
        return given or (_UNIT if isinstance(options, Audio) else None)

    def arrives(self, signal: Signal) -> frozenset[Arrives]:
        """Return what a MIDI signal, or all that a pattern stands for, can bring; of any other one, nothing is known."""
        options = self.options.get(signal.input)
        if not isinstance(options, Midi):
            return frozenset()
        if signal.input in self.unsure:
            return frozenset(("place",))
        return midi.arrives(options, signal.text.partition("/")[2])

    def hit(self, signal: Signal) -> bool:
        """Return whether a signal is that of a pad or note, which can be hit more or less hard."""
        options = self.options.get(signal.input)
        if not isinstance(options, Midi) or signal.input in self.unsure:
            return False
        return midi.is_hit(options, signal.text.partition("/")[2])

    def read(self, given: Given[str], notes: Notes) -> Signal | None:
        """Return the signal of that name, or None after noting why it can never arrive."""
        text, place = given.value, given.place
        argument = None
        if counted := re.fullmatch(r"(.+)\[([0-9]{1,3})\]", text):
            text, argument = counted[1], int(counted[2])
            if not argument:
                notes.error(place, "the values of a message are counted from 1", f"write {text}[1]")
                return None
        name, slash, path = text.partition("/")
        if text.startswith("/"):
            rest = text.lstrip("/")
            known = rest.split("/")[0] in (self.inputs or ())
            notes.error(
                place,
                "a signal begins with the name of its input, without a slash before it",
                f"write {rest if known else f'{self._example}/{rest}'}",
            )
        elif name in OWN and name not in (self.inputs or ()):
            return Signal(text, argument) if self._own(name, path, text, place, notes) else None
        elif self.inputs is not None and name not in self.inputs:
            self._no_input(name, path, text, place, notes)
        elif name in self.silent:
            notes.error(
                place,
                f"'{name}' brings video, and no signals",
                f"Scope transforms it: scope: {{video: [{name}]}}; a route changes to it: … -> source/{name}",
            )
        elif not slash or not path:
            notes.error(
                place,
                f"'{name}' is an input, and a route needs one of its signals",
                f"add what the control is called: {name}/{midi.example(options)}"
                if isinstance(options := self.options.get(name), Midi)
                else f"add the OSC address: {name}/noise for messages to /noise",
            )
        elif path.endswith("/") or "//" in path or path.startswith("/"):
            tidy = "/".join(part for part in text.split("/") if part)
            notes.error(place, "between two slashes, and after the last one, a signal has a name", f"write {tidy}")
        elif self._good_pattern(text, place, notes) and self._hears(name, path, place, notes):
            return Signal(text, argument)
        return None

    @property
    def _example(self) -> str:
        return next(iter(self.inputs or ()), "td")

    def holds(self, given: Given[str], notes: Notes) -> bool:
        """Return whether a signal is one that stays up for as long as something is held, after noting why it is not."""
        name, _, path = given.value.partition("/")
        options = self.options.get(name)
        if not isinstance(options, Midi) or name in self.unsure:
            return True
        why = midi.held(options, path)
        if why is not None:
            notes.error(
                given.place,
                f"{given.value} is {why}, and 'while' takes what can be held down: a button or a pad",
                "for example: while: apc/shift",
                f"to go there and back with each press of a button: from: {name}/bank",
            )
        return why is None

    def pads(self, grid: str, place: Place, notes: Notes) -> Pads | None:
        """Return the pads of a grid, `apc/pad`, as signals, row by row; None where how many there are is not known. Note
        at `place` a grid that the controller does not have."""
        name, _, path = grid.partition("/")
        options = self.options.get(name)
        if not isinstance(options, Midi) or options.controller is None or name in self.unsure:
            return None
        found = midi.pads(options, path)
        if found is None:
            known = midi.grids(options)
            near = nearest(path, known)
            every = ", ".join(f"{name}/{one}" for one in known)
            notes.error(
                place,
                f"the {options.controller.title} has no pads called '{shorten(path)}'",
                f"did you mean '{name}/{near}'?" if near else f"in a grid lie {every}" if known else None,
                None if known else f"its buttons take routes: - {name}/{midi.example(options)} -> scene/intro",
            )
            return []
        return [[None if one is None else f"{name}/{one}" for one in row] for row in found]

    def _own(self, name: str, path: str, text: str, place: Place, notes: Notes) -> bool:
        if PLACE.search(path) or "*" in path:
            every = ", ".join(f"{name}/{one}" for one in OWN[name] or ("<name>",))
            notes.error(
                place, f"the signals of the bridge are few, and a pattern of them is none: {text}", f"there are {every}"
            )
            return False
        if name == "page":
            if self.pages is None or path in self.pages:
                return True
            known: Collection[str] = self.pages
        else:
            known = OWN[name]
            if path in known:
                return True
        near = nearest(path, known)
        every = ", ".join(f"{name}/{one}" for one in known)
        notes.error(
            place,
            f"there is no signal '{shorten(text)}'",
            f"did you mean '{name}/{near}'?"
            if near
            else f"there are {every}"
            if known
            else "this profile has no pages: pages: {looks: {while: apc/shift, routes: []}}",
        )
        return False

    def _no_input(self, name: str, path: str, text: str, place: Place, notes: Notes) -> None:
        inputs = self.inputs or ()
        near = nearest(name, [*inputs, *OWN])
        if near is not None:
            hint = f"did you mean '{near}/{path}'?"
        elif inputs:
            hint = (
                f"the {'inputs are' if len(inputs) > 1 else 'only input is'} {', '.join(inputs)}; "
                "a signal is the input's name and the OSC address: "
                f"{self._example}/{shorten(text)}"
            )
        else:
            hint = "this profile has no inputs: inputs: {td: {osc: 9000}}"
        whole = place.line != place.end_line or place.end_column - place.column < len(name)
        notes.error(
            place if whole else Place(place.line, place.column, place.line, place.column + len(name)),
            f"there is no input called '{shorten(name)}'",
            hint,
        )

    def _hears(self, name: str, path: str, place: Place, notes: Notes) -> bool:
        """Note what an audio input does not listen for and a MIDI input cannot bring; return whether it arrives."""
        match self.options.get(name):
            case Midi() as options if name not in self.unsure:
                problem = midi.wrong(name, options, path, self.like)
                if problem is not None:
                    notes.error(place, problem[0], *problem[1])
                return problem is None
            case Audio(features=features) if path not in features and not PLACE.search(path) and "*" not in path:
                near = nearest(path, features)
                hint = f"did you mean '{name}/{near}'?" if near else None
                able = path in FEATURES and near is None
                notes.error(
                    place,
                    f"the input '{name}' does not listen for '{shorten(path)}'",
                    hint or (f"add it: features: [{', '.join((*features, path))}]" if able else None),
                    None if hint or able else f"it hears {', '.join(f'{name}/{one}' for one in features)}",
                )
                return False
            case _:
                return True

    def _good_pattern(self, text: str, place: Place, notes: Notes) -> bool:
        path = text.partition("/")[2]
        if "**" in path and not re.fullmatch(r"([^*]|\*(?!\*))*\*\*", path.replace("/**", "**")):
            whole = text[: text.index("**")].rstrip("/")
            notes.error(place, "** stands for any rest, and comes last, after a slash", f"write {whole}/**")
            return False
        if "**" in path and not (path == "**" or path.endswith("/**")):
            notes.error(
                place,
                "** stands for any rest, and comes last, after a slash",
                f"write {text.removesuffix('**')}/**, or one * for any run inside a segment",
            )
            return False
        stray = PLACE.sub("", path)
        if bracket := re.search(r"[{}\[\]]", stray):
            hint = (
                "one value of a message is td/xy[1], at the end"
                if bracket[0] in "[]"
                else "a piece that the target repeats is {n}: a name of letters and digits"
            )
            notes.error(place, f"a signal's name has no {bracket[0]} here", hint)
            return False
        return True
