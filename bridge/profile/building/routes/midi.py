"""What the signals of a MIDI input can be called, and what arrives as them.

With a controller, what it has names for is heard by these alone: `fader/1`, `pad/3/5/velocity`. Everything else is heard
by its message, with the channel first: `cc/1/48`, `note/1/60`, `bend/1`.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from bridge.profile.controllers.model import Address, Control, Controller
from bridge.profile.inputs import Midi
from bridge.profile.shapes.shape import shorten
from bridge.profile.source.problems import nearest

Arrives = Literal["place", "turn", "press", "force", "number", "event"]
"""What a signal brings: where a control stands, 0 to 1; how far one was turned; 1 while it is down and 0 when not; how hard
it is or was pressed, 0 to 1; a number that is no way; or nothing but itself."""

IN_WAY: Final = frozenset(("place", "press", "force"))
"""What arrives as 0 to 1."""

_WILD: Final = re.compile(r"\*+|\{\w+\}")
_SUFFIXES: Final = ("velocity", "release", "pressure")
_OF_NOTES: Final = (*_SUFFIXES, "bend", "timbre")
"""What is heard below a note; of these `bend` and `timbre` come from MPE alone."""
_MEANING: Final = {
    "velocity": "how hard a pad was hit",
    "release": "how fast a pad was let go",
    "pressure": "how hard a pad is pressed",
    "touch": "a finger on a control that feels it",
}


@dataclass(frozen=True, slots=True)
class _Form:
    """A kind of message, and what its address is made of."""

    called: str
    arrives: Arrives
    channel: bool = True
    high: int | None = None
    """The highest number after the channel; None: it has none."""
    numbers: str = ""
    """What is numbered."""
    low: int = 0
    needed: bool = True
    """Whether there must be a number."""
    below: tuple[str, ...] = ()
    """What may stand after all of it."""

    def example(self, name: str) -> str:
        """Return an address of this kind, as one might look."""
        if not self.channel:
            return name
        return f"{name}/1" if self.high is None or not self.needed else f"{name}/1/{min(48, self.high)}"


_FORMS: Final[Mapping[str, _Form]] = {
    "cc": _Form("a controller", "place", high=127, numbers="controllers"),
    "cc14": _Form("a pair of controllers", "place", high=31, numbers="pairs of controllers"),
    "nrpn": _Form("an NRPN", "place", high=16383, numbers="NRPNs"),
    "rpn": _Form("an RPN", "place", high=16383, numbers="RPNs"),
    "note": _Form("a note", "press", high=127, numbers="notes", below=_OF_NOTES),
    "bend": _Form("pitch bend", "place"),
    "pressure": _Form("the pressure of a channel", "force"),
    "program": _Form("a program change", "number", high=128, numbers="programs", low=1, needed=False),
    "mpe": _Form("the newest note of a zone", "place", below=("note", "bend", "pressure", "timbre")),
    **{name: _Form(name, "event", channel=False) for name in ("start", "stop", "continue", "clock", "reset")},
    **{name: _Form(name, "number", channel=False) for name in ("position", "song", "timecode", "sysex")},
}
"""What is heard without a name, by the first segment."""
_MEANT: Final = {
    **dict.fromkeys(("control", "controller", "ctrl"), "cc"),
    **dict.fromkeys(("notes", "key", "pitch"), "note"),
    **dict.fromkeys(("pitchbend", "pitch_bend", "pitchwheel"), "bend"),
    **dict.fromkeys(("aftertouch", "touch", "at"), "pressure"),
    **dict.fromkeys(("pc", "programme", "program_change"), "program"),
}

Wrong = tuple[str, tuple[str, ...]]
"""A sentence, and what to do."""


def arrives(midi: Midi, path: str) -> frozenset[Arrives]:
    """Return what a signal of an input, or all that a pattern stands for, can bring; a good one, as `wrong` says."""
    if midi.controller is not None:
        named = {what for name, what in names(midi.controller) if _matches(path, name)}
        if named:
            return frozenset(named)
    first, *rest = path.split("/")
    form = _FORMS.get(first)
    if form is None:
        return frozenset(("place",))
    if first == "note" and len(rest) > 2:
        return frozenset(("force",) if rest[2] in _SUFFIXES else ("place",))
    if first == "program" and len(rest) > 1:
        return frozenset(("event",))
    return frozenset((form.arrives,))


def names(controller: Controller) -> Iterator[tuple[str, Arrives]]:
    """Yield everything that is heard by a name on a controller, with what arrives as it."""
    for control in controller.controls.values():
        yield control.name, _of(control)
        if control.sends.message == "note":
            yield from ((f"{control.name}/{suffix}", "force") for suffix in _SUFFIXES)
        if control.touch is not None:
            yield f"{control.name}/touch", "press"
    for report in controller.reports:
        yield from ((report.name.replace("{n}", str(number + 1)), "event") for number in range(report.count))


def is_hit(midi: Midi, path: str) -> bool:
    """Return whether a signal is that of a note or of pads that tell how hard they were hit."""
    controls = [] if midi.controller is None else midi.controller.controls.values()
    named = [one for one in controls if _matches(path, one.name)]
    if named:
        return all(one.kind == "pad" and one.sends.message == "note" for one in named)
    return re.fullmatch(r"note/[^/]+/[^/]+", path) is not None


def example(midi: Midi) -> str:
    """Return what a signal of an input may be called."""
    if midi.controller is None:
        return _FORMS["cc"].example("cc")
    return next((name for name, what in names(midi.controller) if what == "place"), "cc/1/48")


def _of(control: Control) -> Arrives:
    if control.relative is not None:
        return "turn"
    match control.kind:
        case "button" | "pad":
            return "press"
        case "report":
            return "event"
        case "fader" | "knob" | "encoder" | "wheel":
            return "place"


def wrong(name: str, midi: Midi, path: str, like: Callable[[str], str | None]) -> Wrong | None:
    """Return why a signal of the input `name` can never arrive, or None. `like` says which controller of ours a port is
    called as."""
    segments = path.split("/")
    form = _FORMS.get(segments[0])
    if midi.controller is not None:
        known = dict(names(midi.controller))
        if any(_matches(path, one) for one in known):
            return None
        if form is None or _WILD.search(segments[0]):
            return None if path == "**" else _not_named(name, midi.controller, known, path)
        problem = _address(name, form, segments)
        if problem is not None:
            near = nearest(path, known)
            own = near is not None and near.split("/")[0] == segments[0]
            return (_no_control(midi.controller, path), (f"did you mean '{name}/{near}'?",)) if own else problem
        return _by_its_name(name, midi.controller, segments)
    if _WILD.search(segments[0]):
        return None
    return _unnamed(name, like(midi.port), path, segments) if form is None else _address(name, form, segments)


# Names.


def _not_named(name: str, controller: Controller, known: Mapping[str, Arrives], path: str) -> Wrong:
    """Return what is wrong with a signal that is neither a name nor a message."""
    message = _no_control(controller, path)
    base, _, last = path.rpartition("/")
    if last in _MEANING and any(_matches(base, one) for one in known):
        has = next((f"{name}/{one}" for one in known if one.endswith(f"/{last}")), None)
        return (
            f"{shorten(path)} never arrives: {last} is {_MEANING[last]}",
            (f"write {name}/{base}", *([f"what has it is, for example, {has}"] if has else [])),
        )
    if _WILD.search(path):
        return (
            f"'{shorten(path)}' fits no control of the {controller.title}",
            (f"it has {_listed(controller)}",),
        )
    alike = [one for one in known if _numberless(one) == _numberless(path)]
    if alike:  # the right word with a number that there is not
        return message, (f"it has {name}/{alike[0]} to {name}/{alike[-1]}" if len(alike) > 1 else f"it has {alike[0]}",)
    first, *rest = path.split("/")
    near = nearest(path, known)
    meant = _MEANT.get(first.lower())
    if meant is not None and _address(name, _FORMS[meant], (meant, *rest)) is None:
        called = _called(controller, (meant, *rest))
        return message, (f"did you mean '{name}/{called or '/'.join((meant, *rest))}'?",)
    return message, (f"did you mean '{name}/{near}'?" if near else f"it has {_listed(controller)}",)


def _no_control(controller: Controller, path: str) -> str:
    return f"the {controller.title} has no control called '{shorten(path)}'"


def _numberless(path: str) -> str:
    return re.sub(r"[0-9]+", "0", path)


def _listed(controller: Controller) -> str:
    """Return what a controller has, in a few words: of what is numbered, the first and the last."""
    groups: dict[str, list[str]] = {}
    for one in controller.controls:
        groups.setdefault(_numberless(one), []).append(one)
    ways = (f"{found[0]} to {found[-1]}" if len(found) > 1 else found[0] for found in groups.values())
    return shorten(", ".join(ways), 300)


def _by_its_name(name: str, controller: Controller, segments: Sequence[str]) -> Wrong | None:
    """Return what is wrong with a message that a control sends: it is heard by the control's name alone."""
    if _WILD.search("/".join(segments)):
        return None
    called = _called(controller, segments)
    if called is None:
        return None
    return (
        f"{'/'.join(segments)} is {called} on the {controller.title}, and is heard by that name alone",
        (f"write {name}/{called}",),
    )


def _called(controller: Controller, segments: Sequence[str]) -> str | None:
    first, *rest = segments
    if not rest or first in ("mpe", "rpn") or (first == "program" and len(rest) > 1):
        return None
    channel, number = int(rest[0]), int(rest[1]) if len(rest) > 1 else 0
    below = "".join(f"/{one}" for one in rest[2:])
    for control in controller.controls.values():
        for address, called in ((control.sends, control.name), (control.touch, f"{control.name}/touch")):
            if address is not None and address.channel == channel and number in _numbers(address, first):
                return f"{called}{below}"
    return None


def _numbers(address: Address, message: str) -> tuple[int, ...]:
    """Return the numbers under which messages of a kind are those of an address."""
    if address.message == message:
        return (address.number,)
    if address.message == "cc14" and message == "cc":
        return address.number, address.number + 32
    return ()


# Messages.


def _unnamed(name: str, like: str | None, path: str, segments: Sequence[str]) -> Wrong:
    """Return what to say of a signal that begins with no kind of message, where the input has no controller."""
    near = _MEANT.get(segments[0].lower()) or nearest(segments[0], _FORMS)
    plain = "/".join((near, *segments[1:])) if near else ""
    if near and _address(name, _FORMS[near], plain.split("/")) is None:
        return f"MIDI has no message called '{shorten(segments[0])}'", (f"did you mean '{name}/{plain}'?",)
    return (
        f"'{name}' names no controller, so none of its signals is called '{shorten(path)}'",
        (
            f"say which it is: controller: {like or 'akai-apc40-mk2'}",
            f"or write what it sends, as scope-bridge monitor shows it: {name}/cc/1/48",
        ),
    )


def _address(name: str, form: _Form, segments: Sequence[str]) -> Wrong | None:
    """Return what is wrong with the address of a message, or None."""
    first, *rest = segments
    if not form.channel:
        return (
            None if not rest else (f"{form.called} is a message without channel or number", (f"write {name}/{first}",))
        )
    if rest and rest[-1] == "**":
        return None
    if form.needed and form.high is not None and len(rest) < 2:
        return _without_channel(name, form, first, rest)
    if not rest:
        return (
            f"'{first}' lacks its channel, from 1 to 16",
            (f"write {name}/{form.example(first)}",),
        )
    if problem := _channel(name, first, rest):
        return problem
    if first == "mpe":
        return _zone(name, form, rest)
    expected = 1 if form.high is None else 2
    if form.high is not None and len(rest) > 1 and (problem := _number(name, form, first, rest)):
        return problem
    below = rest[expected:]
    if not below or (len(below) == 1 and (_WILD.search(below[0]) or below[0] in form.below)):
        return None
    near = nearest(below[0], form.below) if form.below and len(below) == 1 else None
    whole = "/".join((name, first, *rest[:expected]))
    return (
        f"{form.called} has nothing called '{shorten('/'.join(below))}'",
        (f"did you mean '{whole}/{near}'?" if near else f"write {whole}",),
    )


def _without_channel(name: str, form: _Form, first: str, rest: Sequence[str]) -> Wrong:
    number = _digits(rest[0]) if rest else None
    good = number is not None and form.low <= number <= (form.high or 0)
    return (
        f"'{'/'.join((first, *rest))}' says {'only one number' if rest else 'no number'}: the channel comes first, then "
        f"which of the {form.numbers}",
        (f"write {name}/{first}/1/{number}" if good else f"for example: {name}/{form.example(first)}",),
    )


def _channel(name: str, first: str, rest: Sequence[str]) -> Wrong | None:
    channel = rest[0]
    if _WILD.search(channel):
        return None
    number = _digits(channel)
    if number is None:
        return (
            f"after '{first}' comes the channel, from 1 to 16, and '{shorten(channel)}' is none",
            (f"write {'/'.join((name, first, '1', *rest[1:]))}",),
        )
    if not 1 <= number <= 16:
        meant = "16" if number else "1"
        zero = "channels are counted from 1, as devices show them" if meant == "1" else "the highest channel is 16"
        return (
            f"a MIDI channel is from 1 to 16, and {number} is none",
            (f"{zero}: {'/'.join((name, first, meant, *rest[1:]))}",),
        )
    return _plain(name, (first, *rest), 1)


def _number(name: str, form: _Form, first: str, rest: Sequence[str]) -> Wrong | None:
    if _WILD.search(rest[1]) or form.high is None:
        return None
    number = _digits(rest[1])
    if number is None or not form.low <= number <= form.high:
        what = f"{form.numbers} go from {form.low} to {form.high}, and '{shorten(rest[1])}' is none of them"
        if first == "cc14" and number is not None and number <= 63:
            return what, (f"a pair has the number of its upper half: {name}/cc14/{rest[0]}/{number - 32}",)
        return what, (f"for example: {name}/{form.example(first)}",)
    return _plain(name, (first, *rest), 2)


def _digits(text: str) -> int | None:
    """Return the number that a text is, if it is one that MIDI could have."""
    return int(text) if re.fullmatch(r"[0-9]{1,6}", text) else None


def _plain(name: str, segments: Sequence[str], index: int) -> Wrong | None:
    """Return what is wrong with a number that is written otherwise than signals have it."""
    number = segments[index]
    if number == str(int(number)):
        return None
    tidy = "/".join((name, *segments[:index], str(int(number)), *segments[index + 1 :]))
    return f"signals have their numbers without zeros before them, and here is {number}", (f"write {tidy}",)


def _zone(name: str, form: _Form, rest: Sequence[str]) -> Wrong | None:
    """Return what is wrong with the address of an MPE zone."""
    if not _WILD.search(rest[0]) and rest[0] not in ("1", "16"):
        return f"an MPE zone has channel 1 or 16, and {rest[0]} is neither", (f"write {name}/mpe/1/bend",)
    if len(rest) == 2 and (rest[1] in form.below or _WILD.search(rest[1])):
        return None
    return (
        f"of {form.called}, {', '.join(form.below[:-1])} and {form.below[-1]} are heard",
        (f"write {name}/mpe/{rest[0]}/{nearest('/'.join(rest[1:]), form.below) or 'bend'}",),
    )


def _matches(pattern: str, path: str) -> bool:
    """Return whether a name, or a pattern, stands for a signal: `*` inside a segment, `{n}` for some of one, `**` last."""
    if pattern == path:
        return True
    if not _WILD.search(pattern):
        return False
    pieces = []
    position = 0
    for found in _WILD.finditer(pattern):
        pieces.append(re.escape(pattern[position : found.start()]))
        pieces.append({"*": "[^/]*", "**": ".*"}.get(found[0], "[^/]+"))
        position = found.end()
    pieces.append(re.escape(pattern[position:]))
    whole = "".join(pieces).replace("/.*", "(?:/.*)?")
    return re.fullmatch(whole, path) is not None


# What a controller can do.


def held(midi: Midi, path: str) -> str | None:
    """Return why a signal is none that can be held down, or None."""
    first = path.split("/")[0]
    if midi.controller is not None and path in midi.controller.controls:
        control = midi.controller.controls[path]
        article = "an" if control.kind == "encoder" else "a"
        return None if _of(control) == "press" else f"{article} {control.kind}"
    what = arrives(midi, path)
    if path.rpartition("/")[2] in ("velocity", "release"):
        return "how hard it is pressed at one moment"
    if what <= {"number", "event", "turn"} or first == "bend":
        return "nothing that stays down"
    return None


def pads(midi: Midi, grid: str) -> list[list[str | None]] | None:
    """Return the controls of a controller that lie in a grid of that name, row by row: `pad` has `pad/1/1`. What is only
    counted is one row: `track/1`. None where there are none; a place in the grid may have none, too."""
    if midi.controller is None:
        return None
    found: dict[tuple[int, int], str] = {}
    for name, what in names(midi.controller):
        place = re.fullmatch(rf"{re.escape(grid)}(?:/([0-9]{{1,6}}))?/([0-9]{{1,6}})", name)
        if place is not None and what == "press":
            found[int(place[1] or 1), int(place[2])] = name
    if not found:
        return None
    rows, columns = max(row for row, _ in found), max(column for _, column in found)
    return [[found.get((row, column)) for column in range(1, columns + 1)] for row in range(1, rows + 1)]


def grids(midi: Midi) -> list[str]:
    """Return the names of the grids that a controller has, in its order, those with rows first."""
    if midi.controller is None:
        return []
    pressed = [name for name, what in names(midi.controller) if what == "press"]
    in_rows = [name.rsplit("/", 2)[0] for name in pressed if re.fullmatch(r".+/[0-9]+/[0-9]+", name)]
    counted = [name.rsplit("/", 1)[0] for name in pressed if re.fullmatch(r"[^/]+/[0-9]+", name)]
    return list(dict.fromkeys([*in_rows, *counted]))
