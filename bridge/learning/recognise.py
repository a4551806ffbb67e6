"""PURE. Which control was moved, and what kind of control that is, told from what arrived.

    recogniser = Recogniser(profile.inputs)
    recogniser.hear(batch)              # for a second: what comes by itself will not be taken for a hand
    recogniser.begin()                  # "move a control"
    recogniser.hear(batch)
    recogniser.moved(now)               # Moved("apc/fader/1", "place", …), or None: not yet

One turn of a knob brings hundreds of messages, a note brings its velocity, a 14-bit fader the two halves of its value, and
beside all that a worn fader trembles and a sensor streams. The control that went farthest is the one that was meant.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, Literal

from bridge.profile.inputs import InputOptions, Midi
from bridge.relative import FAST, LOOKED_AT, RELATIVE, REPEATS, Detector, Relative, steps
from bridge.signals import Batch, Value

QUIET: Final = 1.0
"""Seconds of rest after which a movement has ended."""
HELD: Final = 1.0
"""Seconds within which a button that springs back has been let go."""
_LET_GO: Final = 0.3
"""Seconds of rest after a button was let go: it is clear then what it is."""
_OTHER_WAY: Final = 3.0
"""Seconds for an encoder to be turned the other way, too."""
_STREAM: Final = 0.1
"""Seconds between the first and the last message of what came by itself; a controller that tells where it stands does so
at once."""
_TREMBLE: Final = 1.5 / 127
"""Parts of the way that are no movement."""
_LEAST: Final = 3 / 127
"""Parts of the way that a control must go to have been moved on purpose."""
_FINEST: Final = 0.05
"""OSC numbers no larger than this are noise around zero."""
_UNSURE: Final = 2.0
"""Seconds of rest after which what was not recognised is spoken of."""
_QUICK: Final = 0.15
"""Seconds between two messages of an encoder that is turned; nobody presses a button as fast."""

_KEPT: Final = 256
"""Messages of one signal that are looked at."""
_MOST_PATHS: Final = 4096
"""Signals that are looked at; a program that invents addresses cannot fill the memory."""
_MOST_VALUES: Final = 16
"""Values of one message that are looked at."""

_PARTS: Final = frozenset({"velocity", "release", "pressure", "bend", "timbre", "touch"})
"""The last names of what a note or a fader says besides."""
_TOUCHES: Final = _PARTS | {"z", "touched"}
"""The same in the OSC of control surfaces: TouchOSC says `/1/fader1/z` when a finger is on it."""
_NEVER: Final = frozenset({"clock", "timecode", "sysex", "reset", "position", "song"})
"""What a MIDI input brings that no control is."""
_OF_NRPN: Final = (6, 38, 96, 97, 98, 99, 100, 101)
"""The controllers that an RPN or NRPN is made of."""

Manner = Literal["place", "encoder", "steps", "held", "latched", "trigger", "text"]
"""What a control is to a route: it has a `place`; an `encoder` sends seven bits that mean steps, one with a name sends
`steps`; a button is `held` (1 while down) or `latched` (1 from one press to the next); a `trigger` has no value; `text`."""


@dataclass(frozen=True, slots=True)
class Moved:
    """The control that was moved."""

    signal: str
    """As a route names it: `apc/fader/1`; `td/xy[1]` for one value of several."""
    manner: Manner
    low: float = 0.0
    """The least number that came from it."""
    high: float = 1.0
    """The greatest."""
    relative: Relative | None = None
    """Of an `encoder`, how it says its steps; None: that could not be told, as it was turned one way only."""
    others: tuple[str, ...] = ()
    """What else was moved, but less."""


@dataclass(slots=True)
class _Heard:
    """What arrived of one signal."""

    count: int = 0
    first: float = 0.0
    """When the first message came."""
    stirred: float = 0.0
    """When it last did more than tremble."""
    width: int = 0
    """The values of its newest message."""
    texts: bool = False
    lows: list[float] = field(default_factory=list)
    """The least number at each place of its messages; +inf where there was none."""
    highs: list[float] = field(default_factory=list)
    anchors: list[float] = field(default_factory=list)
    """Where each stood when it last stirred."""
    events: list[tuple[float, float]] = field(default_factory=list)
    """The time and the last number of the first messages."""

    def take(self, values: Sequence[Value], now: float, *, least: float) -> None:
        """Take a message; `least` is the smallest size of a number that the way is measured by."""
        if not self.count:
            self.first = self.stirred = now
        self.count += 1
        self.width = len(values)
        last: float | None = None
        for place, value in enumerate(values[:_MOST_VALUES]):
            if isinstance(value, str):
                self.texts = True
                self.stirred = now
            if (number := _number(value)) is None:
                continue
            last = number
            self._widen(place)
            fresh = math.isinf(self.lows[place])
            self.lows[place] = min(self.lows[place], number)
            self.highs[place] = max(self.highs[place], number)
            if fresh or abs(number - self.anchors[place]) > _TREMBLE * self.size(place, least):
                self.anchors[place] = number
                self.stirred = now
        if last is not None and len(self.events) < _KEPT:
            self.events.append((now, last))
        if not values:
            self.stirred = now

    def _widen(self, place: int) -> None:
        while len(self.lows) <= place:
            self.lows.append(math.inf)
            self.highs.append(-math.inf)
            self.anchors.append(0.0)

    def size(self, place: int, least: float) -> float:
        """Return what a movement is measured by: the greatest number so far, whatever its sign."""
        return max(least, abs(self.lows[place]), abs(self.highs[place]))

    def span(self, place: int, least: float) -> float:
        """Return how far it went, in parts of its way as far as that is known."""
        if math.isinf(self.lows[place]):
            return 0.0
        size = self.size(place, least)
        return min(1.0, self.highs[place] / size - self.lows[place] / size)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A control that may be the one."""

    path: str
    far: float
    """How far it went, 0 to 1."""
    count: int
    rests: float
    """Seconds of rest that it needs until it is clear."""
    stirred: float
    moved: Moved


class Recogniser:
    """Hears what arrives and says which control was moved. Times are in seconds, and grow."""

    def __init__(self, inputs: Mapping[str, InputOptions]) -> None:
        """`inputs` are those of the profile: a MIDI input's signals have other parts than those of OSC."""
        self._inputs = inputs
        self._before: dict[str, tuple[float, float]] = {}
        """When each signal first and last came before anybody was asked to move anything."""
        self._heard: dict[str, _Heard] = {}
        self._begun = False

    def begin(self) -> None:
        """Say that somebody is asked to move a control now: what came all the time until then is no hand."""
        self._begun = True

    def hear(self, batch: Batch) -> None:
        """Take what arrived."""
        for path, values in batch.samples:
            name, _, rest = path.partition("/")
            if name not in self._inputs or not rest:
                continue  # the bridge's own: tempo, scope, the page
            if not self._begun:
                if path in self._before or len(self._before) < _MOST_PATHS:
                    self._before[path] = self._before.get(path, (batch.time, 0.0))[0], batch.time
            elif path in self._heard or len(self._heard) < _MOST_PATHS:
                self._heard.setdefault(path, _Heard()).take(values, batch.time, least=self._least(name))

    def moved(self, now: float, *, over: bool = False) -> Moved | None:
        """Return the control that was moved, once that is clear; None before. `over`: do not wait for more."""
        ranked = self._ranked()
        if not ranked:
            return None
        best = ranked[0]
        if not over and now - best.stirred < best.rests:
            return None
        found = best.moved
        others = tuple(other.path for other in ranked[1:] if other.far >= _LEAST)
        return Moved(found.signal, found.manner, found.low, found.high, found.relative, others)

    def wish(self, now: float) -> str:
        """Return what the person at the control is to do besides, as a sentence; empty: nothing."""
        ranked = self._ranked()
        if ranked and ranked[0].rests == _OTHER_WAY and now - ranked[0].stirred > QUIET / 2:
            return f"{ranked[0].path} is an encoder: turn it the other way, too"
        return self._little(now) if not ranked else ""

    def complaint(self) -> str:
        """Return why no control was recognised, as a sentence."""
        if little := self._little(math.inf):
            return little
        streams = [path for path in self._heard if self._streams(path)]
        if streams:
            return (
                f"only {_listed(streams)} came, and that before anything was to be moved, too: a signal that comes all the "
                f"time is learned by its name, with --from {streams[0]}"
            )
        return "nothing arrived"

    def _little(self, now: float) -> str:
        """Return what came to rest without having been recognised, as a sentence; empty: nothing."""
        parts = self._parts()
        small = [
            path
            for path, heard in self._heard.items()
            if path not in parts and not self._streams(path) and now - heard.stirred > _UNSURE
        ]
        return f"{_listed(small)} came, but hardly moved: move one control, all the way" if small else ""

    # Which of them.

    def _ranked(self) -> list[_Candidate]:
        """Return what was moved, the farthest first."""
        parts = self._parts()
        found = [
            candidate
            for path, heard in self._heard.items()
            if path not in parts and not self._streams(path) and (candidate := self._judged(path, heard)) is not None
        ]
        # A hand on a knob brings many messages, and what merely happens few.
        return sorted(found, key=lambda one: (-round(one.far * 8), -one.count))

    def _streams(self, path: str) -> bool:
        first, last = self._before.get(path, (0.0, 0.0))
        return last - first > _STREAM

    def _least(self, name: str) -> float:
        """Return the smallest size that a way of an input has: those of MIDI go to 1."""
        return 1.0 if isinstance(self._inputs.get(name), Midi) else _FINEST

    def _parts(self) -> set[str]:
        """Return the signals that only say more of another one that came, or of none."""
        found: set[str] = set()
        for path in self._heard:
            name, _, rest = path.partition("/")
            options = self._inputs[name]
            if isinstance(options, Midi):
                found.update(self._parts_of_midi(name, rest, options))
            else:
                above, _, last = path.rpartition("/")
                if last in _TOUCHES and above in self._heard:
                    found.add(path)
        return found

    def _parts_of_midi(self, name: str, rest: str, options: Midi) -> Iterator[str]:
        if options.controller is not None and rest in options.controller.controls:
            return
        kind, *places = rest.split("/")
        if kind in _NEVER or rest.rpartition("/")[2] in _PARTS:
            yield f"{name}/{rest}"
        channel = f"{name}/{{}}/{places[0] if places else ''}"
        match kind, places:
            case (("nrpn" | "rpn"), [_, _]):
                yield from (f"{channel.format('cc')}/{number}" for number in _OF_NRPN)
                yield f"{channel.format('cc14')}/6"
            case "cc14", [_, number] if number.isdecimal():
                coarse, fine = f"{channel.format('cc')}/{number}", f"{channel.format('cc')}/{int(number) + 32}"
                both = coarse in self._heard and fine in self._heard
                if both and self._far(f"{name}/{rest}") >= _LEAST:
                    yield from (coarse, fine)
                elif coarse in self._heard or fine in self._heard:
                    yield f"{name}/{rest}"
            case "program", [_]:
                yield from (f"{channel.format('cc')}/0", f"{channel.format('cc')}/32", f"{channel.format('cc14')}/0")
                several = self._programs(f"{name}/{rest}/")
                yield from several if len(several) > 1 else (f"{name}/{rest}",) if several else ()
            case "note", _:
                yield from (other for other in self._heard if other.startswith((f"{name}/mpe/", f"{name}/pressure/")))

    def _programs(self, above: str) -> list[str]:
        return [path for path in self._heard if path.startswith(above)]

    def _far(self, path: str) -> float:
        heard = self._heard[path]
        least = self._least(path.partition("/")[0])
        return max((heard.span(place, least) for place in range(len(heard.lows))), default=0.0)

    # What it is.

    def _judged(self, path: str, heard: _Heard) -> _Candidate | None:
        """Return a signal as a control that was moved; None if it was not."""
        name, _, rest = path.partition("/")
        options = self._inputs[name]
        places = [place for place in range(len(heard.lows)) if not math.isinf(heard.lows[place])]

        def candidate(manner: Manner, far: float, rests: float = QUIET, **more: object) -> _Candidate:
            moved = Moved(path, manner, **more)  # type: ignore[arg-type]
            return _Candidate(path, far, heard.count, rests, heard.stirred, moved)

        if not places:
            if heard.texts:
                return candidate("text", 0.3)
            return candidate("trigger", 1.0 if isinstance(options, Midi) else 0.5) if not heard.width else None
        if isinstance(options, Midi):
            if _has_steps(options, rest):
                return self._turned(path, heard, "steps", None)
            if rest.startswith("cc/") and (turned := _relative(heard.events)) is not None:
                return self._turned(path, heard, "encoder", turned[0])
        if (button := _button(heard.events, single=heard.width == 1)) is not None:
            low, high = min(0.0, heard.lows[-1]), heard.highs[-1] or 1.0
            return candidate(button, 1.0, _LET_GO if button == "held" else QUIET, low=low, high=high)
        least = self._least(name)
        place = max(places, key=lambda one: heard.span(one, least))
        far = heard.span(place, least)
        if far < _LEAST:
            if isinstance(options, Midi) or heard.highs[place] != heard.lows[place]:
                return None
            far = 0.25  # one OSC message with one value is somebody's doing
        signal = path if heard.width == 1 else f"{path}[{place + 1}]"
        moved = Moved(signal, "place", heard.lows[place], heard.highs[place])
        return _Candidate(path, far, heard.count, QUIET, heard.stirred, moved)

    def _turned(self, path: str, heard: _Heard, manner: Manner, relative: Relative | None) -> _Candidate:
        sure = relative is not None or manner == "steps"
        last = heard.events[-1][0] if len(heard.events) < _KEPT else heard.stirred
        moved = Moved(path, manner, relative=relative)
        return _Candidate(path, min(1.0, heard.count / 6), heard.count, QUIET if sure else _OTHER_WAY, last, moved)


def _number(value: Value) -> float | None:
    """Return the number that a value is, or None."""
    if not isinstance(value, bool | int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) and abs(number) < 1e300 else None


def _has_steps(options: Midi, rest: str) -> bool:
    control = options.controller.controls.get(rest) if options.controller is not None else None
    return control is not None and control.relative is not None


def _button(events: Sequence[tuple[float, float]], *, single: bool) -> Literal["held", "latched"] | None:
    """Return what kind of button it is that these times and numbers came from; None: none.

    A button has two values, one of them 0, or came once with one of these that people give to buttons.
    """
    values = {value for _, value in events}
    if not single or len(values) > 2:
        return None
    if len(values) == 1:
        return "latched" if values <= {0.0, 1.0} else None
    if 0.0 not in values:
        return None
    released = (then for (then, down), (_, up) in pairwise(events) if down and not up)
    ends = {then: later for (then, down), (later, up) in pairwise(events) if down and not up}
    return "held" if any(ends[then] - then <= HELD for then in released) else "latched"


_UP: Final = range(1, 25)
_DOWN: Final[Mapping[Relative, range]] = {"twos complement": range(104, 128), "sign magnitude": range(65, 89)}


def _relative(events: Sequence[tuple[float, float]]) -> tuple[Relative | None] | None:
    """Return how an encoder says its steps, None in it where that is not clear; None: it is no encoder.

    A knob says each value once on its way; an encoder says the same step again and again, or leaps from steps up to steps
    down with nothing between.
    """
    values = [round(value * 127) for _, value in events]
    if len(values) < 3 or not all(0 <= value <= 127 for value in values):
        return None
    said = set(values)
    if said <= {0, 127} and not _is_quick(events):
        return None  # a button
    # The latest few, as while it is played; or all, as a hand that turns unevenly repeats a step only here and there.
    for looked_at in (LOOKED_AT, len(values)):
        detector = Detector(looked_at)
        for value in values:
            detector.feed(value)
        if detector.relative is not None and _fits(detector.relative, values):
            return (detector.relative,)
    for form, down in _DOWN.items():
        leaps = sum((one in _UP) != (other in _UP) for one, other in pairwise(values))
        if leaps and len(values) > REPEATS and all(value in _UP or value in down for value in said):
            return (form,)
    again = sum(one == other for one, other in pairwise(values))
    one_way = any(_fits(form, values) and len({steps(form, value) > 0 for value in said}) == 1 for form in RELATIVE)
    return (None,) if again >= REPEATS and one_way else None


def _fits(form: Relative, values: Sequence[int]) -> bool:
    """Return whether nearly all values are a few steps in some form."""
    if form == "on off":
        return set(values) <= {0, 127}
    few = sum(0 < abs(steps(form, value)) <= FAST for value in values)
    return few * 5 >= len(values) * 4


def _is_quick(events: Sequence[tuple[float, float]]) -> bool:
    """Return whether the same value came again faster than anybody presses a button."""
    return sum(one == other and then - now < _QUICK for (now, one), (then, other) in pairwise(events)) >= 2


def _listed(paths: Iterable[str]) -> str:
    every = list(paths)
    more = f" and {len(every) - 3} more" if len(every) > 3 else ""
    return f"{', '.join(every[:3])}{more}"
