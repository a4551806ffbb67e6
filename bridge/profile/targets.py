"""What a route can lead to and what a show can start with: one catalogue for reading, schema and reference."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from bridge.parameters import PARAMETERS, PROTOCOL, Cost, Kind, Parameter, parameter
from bridge.profile import later, source
from bridge.profile.model import OutputTarget, ParameterTarget, PromptTarget, Range, Target, WordTarget
from bridge.profile.problems import Notes, Place, did_you_mean, nearest
from bridge.profile.shapes import Json, Shape, Subject, figure, is_nothing, refuse, shorten, span
from bridge.profile.values import Anything, Choice, Number, Switch, Text
from bridge.verbs import ALL

_SINGLE = {Kind.NUMBER, Kind.INTEGER, Kind.SWITCH, Kind.CHOICE, Kind.STEPS}

_ALSO_CALLED = {
    "prompts": "prompt",
    "text": "prompt",
    "noise": "noise_scale",
    "vace": "vace_context_scale",
    "vace_scale": "vace_context_scale",
    "kv_bias": "kv_cache_attention_bias",
    "denoising_steps": "denoising_step_list",
    "steps": "denoising_step_list",
    "reset": "reset_cache",
    "pause": "paused",
    "slerp": "spatial_interpolation_method",
    "blackout": "output/all/level",
    "freeze": "output/all/freeze",
    "level": "output/all/level",
    "words": "word/<name>",
    "word": "word/<name>",
}


@dataclass(frozen=True, slots=True)
class Steps:
    """A descending list of whole numbers."""

    what: str = "a list of whole numbers from 1000 down to 0, each below the one before"

    def read(self, node: source.Node, notes: Notes, subject: Subject) -> list[int] | None:
        if not isinstance(node, source.Sequence) or not node.items:
            refuse(node, notes, subject, self.what)
            return None
        step = Number(0, 1000, whole=True)
        values = [step.read(item, notes, subject) for item in node.items]
        steps = [int(value) for value in values if value is not None]
        if len(steps) < len(values):
            return None
        for item, (before, after) in zip(node.items[1:], pairwise(steps), strict=True):
            if after >= before:
                ordered = sorted(set(steps), reverse=True)
                notes.error(
                    item.place,
                    f"{subject.name} goes down from step to step, and {after} comes after {before}",
                    f"write {ordered}",
                )
                return None
        return steps

    def schema(self) -> Json:
        return {"type": "array", "items": {"type": "integer", "minimum": 0, "maximum": 1000}, "minItems": 1}


@dataclass(frozen=True, slots=True)
class Entry:
    """One kind of target, as the reference shows it."""

    name: str
    """The target, `<name>` where a name of the profile belongs."""
    regex: str
    """What the whole target must match."""
    about: str
    shape: Shape[Any]
    """What it can start with."""
    example: str
    make: Callable[[re.Match[str]], Target]
    startable: bool = True
    """Whether `start:` can hold it: events cannot be where a show starts."""


def _shape_of(known: Parameter) -> Shape[Any]:
    match known.kind:
        case Kind.NUMBER:
            return Number(known.low, known.high)
        case Kind.INTEGER:
            return Number(known.low, known.high, whole=True)
        case Kind.SWITCH:
            return Switch()
        case Kind.CHOICE:
            return Choice(known.choices)
        case Kind.STEPS:
            return Steps()
        case _:
            return Anything()


def _example_of(known: Parameter) -> str:
    match known.kind:
        case Kind.STEPS:
            return "[1000, 750]"
        case Kind.SWITCH:
            return "true"
        case Kind.CHOICE:
            return known.choices[0]
        case Kind.INTEGER:
            return "42"
        case _:
            return "0.4"


_COSTS = {
    Cost.FREE: "",
    Cost.COSTLY: " A change costs time: it is encoded anew.",
    Cost.CUT: " A change cuts the picture.",
}


def _entry(known: Parameter) -> Entry:
    return Entry(
        known.name,
        re.escape(known.name),
        known.description + _COSTS[known.cost],
        _shape_of(known),
        _example_of(known),
        lambda _: ParameterTarget(known),
        startable=known.sticky,
    )


CATALOGUE: tuple[Entry, ...] = (
    Entry(
        "prompt",
        "prompt",
        "The prompt: a name in the bank, or any text. It arrives as `prompts.fade` says.",
        Text("a name in the bank or any text"),
        "reef",
        lambda _: PromptTarget(),
    ),
    Entry(
        "word/<name>",
        r"word/([^/{}\[\]*]+)",
        "The word that prompts contain as `{name}`: one of its choices, by text or by 0..1, or any other text.",
        Text(),
        "tense",
        lambda found: WordTarget(found[1]),
    ),
    *(_entry(known) for known in PARAMETERS.values() if known.kind in _SINGLE),
    Entry(
        "seed",
        "seed",
        "Another name of `base_seed`.",
        _shape_of(PARAMETERS["base_seed"]),
        "42",
        lambda _: ParameterTarget(PARAMETERS["base_seed"]),
    ),
    Entry(
        "param/<name>",
        r"param/([^/\s{}\[\]*]+)",
        "A pipeline's own parameter, passed through as it comes: nothing is scaled, clamped or sent again.",
        Anything(),
        "1",
        lambda found: ParameterTarget(parameter(found[1])),
    ),
    Entry(
        "output/<name>/freeze",
        r"output/([^/{}\[\]*]+)/freeze",
        "The output holds the picture it shows, until told otherwise; `output/all/freeze` means every output.",
        Switch(),
        "false",
        lambda found: OutputTarget(found[1], "freeze"),
    ),
    Entry(
        "output/<name>/level",
        r"output/([^/{}\[\]*]+)/level",
        "The output's master fader: 1 is the picture as it is, 0 is black; `output/all/level` means every output.",
        Number(0, 1),
        "1",
        lambda found: OutputTarget(found[1], "level"),
    ),
)
"""Every target there is."""

_BY_NAME = {entry.name: (entry,) for entry in CATALOGUE if "<" not in entry.name}
_WITH_NAMES = tuple(entry for entry in CATALOGUE if "<" in entry.name)


def plain_names() -> list[str]:
    """Return the targets that need no name of the profile in them."""
    return [entry.name for entry in CATALOGUE if "<" not in entry.name]


def regex_of_all() -> str:
    """Return the regular expression that every target matches as a whole."""
    return "|".join(re.sub(r"\((?!\?)", "(?:", entry.regex) for entry in CATALOGUE)


@dataclass(frozen=True, slots=True)
class Names:
    """The names of a profile that targets can contain; None where they could not be read."""

    outputs: Collection[str] | None
    words: Collection[str] | None


def find(text: str, place: Place, names: Names, notes: Notes) -> tuple[Entry, Target] | None:
    """Return what `text` names, or None after noting that there is no such target."""
    for entry in _BY_NAME.get(text, _WITH_NAMES):
        if found := re.fullmatch(entry.regex, text):
            target = entry.make(found)
            return (entry, target) if _named(text, target, place, names, notes) else None
    _unknown(text, place, names, notes)
    return None


def _named(text: str, target: Target, place: Place, names: Names, notes: Notes) -> bool:
    """Note a name in a target that the profile does not define."""
    match target:
        case OutputTarget(name) if name != ALL and names.outputs is not None and name not in names.outputs:
            known = [*names.outputs, ALL]
            notes.error(
                place,
                f"there is no output called '{name}'",
                did_you_mean(name, known) or f"the outputs are {', '.join(known)}",
            )
            return False
        case ParameterTarget(known) if text.startswith("param/"):
            return _passable(known.name, place, notes)
        case WordTarget(name) if names.words and name not in names.words and (near := nearest(name, names.words)):
            notes.error(place, f"there is no word called '{name}' in prompts.words", f"did you mean 'word/{near}'?")
            return False
        case _:
            return True


def _passable(name: str, place: Place, notes: Notes) -> bool:
    """Note a `param/` that is none: a parameter with a target of its own, or what only the bridge may say to Scope."""
    if name in _BY_NAME or (name in PARAMETERS and name != "prompts"):
        own = f"write {name}" if name in _BY_NAME else "it comes with a later version"
        notes.error(place, f"{name} is no pipeline's own parameter: Scope's {name} is one that the bridge knows", own)
        return False
    if name == "prompts" or name in PROTOCOL or name.startswith("_"):
        hint = "write prompt" if name == "prompts" else "the bridge says it by itself, where it is needed"
        notes.error(place, f"{name} steers Scope's session and can be no target", hint)
        return False
    return True


def _unknown(text: str, place: Place, names: Names, notes: Notes) -> None:
    for start, about in later.TARGETS.items():
        if text == start or (start[-1] in "/[" and text.startswith(start)):
            notes.error(
                place,
                f"the target '{shorten(text)}' ({about}) comes with a later version",
                "until then, take it out",
            )
            return
    if re.search(r"\{[^}]*\}|\*|\[", text):
        notes.error(
            place,
            f"the target '{shorten(text)}' holds a pattern; patterns ({{n}}, * and [i]) come with a later version",
            "write one route for each",
        )
        return
    if text.startswith("output/"):
        name = text.split("/")[1] or ALL
        notes.error(
            place,
            f"there is no target '{shorten(text)}'",
            f"an output has 'output/{name}/freeze' and 'output/{name}/level'",
        )
        return
    if text.startswith("/"):
        notes.error(
            place,
            f"there is no target '{shorten(text)}'",
            f"an OSC address stands left of the arrow; did you mean '{nearest(text.split('/')[-1], _known(names))}'?"
            if nearest(text.split("/")[-1], _known(names))
            else "an OSC address stands left of the arrow: td/noise -> noise_scale",
        )
        return
    near = _ALSO_CALLED.get(text.lower()) or nearest(text, _known(names))
    if near is not None:
        notes.error(place, f"there is no target '{shorten(text)}'", f"did you mean '{near}'?")
        return
    notes.error(
        place,
        f"there is no target '{shorten(text)}'",
        f"those of the bridge are {', '.join(_of_the_bridge())}",
        f"those of Scope are {', '.join(name for name in plain_names() if name != 'prompt')}",
        f"one that only your pipeline knows is param/{text if re.fullmatch(r'[a-zA-Z_]+', text) else '<name>'}",
    )


def _of_the_bridge() -> Iterable[str]:
    return (entry.name for entry in CATALOGUE if entry.name.startswith(("prompt", "word/", "output/")))


def _known(names: Names) -> Iterable[str]:
    yield from plain_names()
    yield from (f"word/{name}" for name in names.words or ())
    for name in [*(names.outputs or ()), ALL]:
        yield f"output/{name}/freeze"
        yield f"output/{name}/level"


def own_range(target: Target) -> Range | None:
    """Return the range that a target has by itself, or None."""
    match target:
        case ParameterTarget(known) if (
            known.low is not None
            and known.high is not None
            and known.kind
            in {
                Kind.NUMBER,
                Kind.INTEGER,
            }
        ):
            return known.low, known.high
        case WordTarget() | OutputTarget(control="level"):
            return 0.0, 1.0
        case _:
            return None


def meaning(target: Target) -> tuple[str, ...]:
    """Return what tells a target from every other one, whatever name it was given."""
    match target:
        case ParameterTarget(known):
            return "parameter", known.name
        case PromptTarget():
            return ("prompt",)
        case WordTarget(word):
            return "word", word
        case OutputTarget(output, control):
            return "output", output, control


def takes_numbers(target: Target) -> bool:
    """Return whether numbers on their way to the target can be bent and smoothed."""
    match target:
        case ParameterTarget(known):
            return known.kind in {Kind.NUMBER, Kind.INTEGER, Kind.ANY}
        case WordTarget() | OutputTarget(control="level"):
            return True
        case _:
            return False


def takes_out(target: Target) -> bool:
    """Return whether the target has a unit that `out:` can be given in."""
    match target:
        case ParameterTarget(known):
            return known.kind in {Kind.NUMBER, Kind.INTEGER, Kind.ANY}
        case OutputTarget(control="level"):
            return True
        case _:
            return False


def takes(target: Target, words: Mapping[str, tuple[str, ...]]) -> str:
    """Return what a signal for the target may be, in words."""
    match target:
        case ParameterTarget(known):
            match known.kind:
                case Kind.NUMBER:
                    return f"a number{span(known.low, known.high)}"
                case Kind.INTEGER:
                    return f"a whole number{span(known.low, known.high)}"
                case Kind.SWITCH if not known.sticky and known.cost is Cost.CUT:
                    return "a trigger"
                case Kind.SWITCH:
                    return "0 or 1"
                case Kind.CHOICE:
                    return " or ".join(known.choices)
                case Kind.STEPS:
                    return f"whole numbers, {figure(known.high or 0)} down to {figure(known.low or 0)}"
                case _:
                    return "any value"
        case PromptTarget():
            return "a name in the bank or any text"
        case WordTarget(name):
            return "any text or number" if not words.get(name) else f"{', '.join(words[name])}, any text, or 0..1"
        case OutputTarget(control="freeze"):
            return "0 or 1"
        case OutputTarget():
            return "a number from 0 to 1"


@dataclass(frozen=True, slots=True)
class Start:
    """Targets with the values that a show starts with; each is read by what its target takes."""

    what: str = "a mapping: targets with their values"

    def read(self, node: source.Node, notes: Notes, subject: Subject) -> source.Mapping | None:
        if isinstance(node, source.Mapping):
            return node
        if is_nothing(node):
            return source.Mapping(node.place, ())
        if isinstance(node, source.Scalar) and re.fullmatch(r"[\w-]+", node.text):
            notes.error(
                node.place,
                f"start: {node.text} names a scene, and scenes come with a later version",
                subject.hint,
            )
        else:
            refuse(node, notes, subject, self.what)
        return None

    def schema(self) -> Json:
        able = [entry for entry in CATALOGUE if entry.startable]

        def described(entry: Entry) -> Json:
            return {**entry.shape.schema(), "description": entry.about}

        return {
            "type": ["object", "null"],
            "properties": {entry.name: described(entry) for entry in able if "<" not in entry.name},
            "patternProperties": {
                f"^(?:{re.sub(r'[(](?![?])', '(?:', entry.regex)})$": described(entry)
                for entry in able
                if "<" in entry.name
            },
            "additionalProperties": False,
        }
