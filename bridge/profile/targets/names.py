"""What the names in a target mean: `lora/2` is the second LoRA, `scene/drop` a scene of this profile, or there is none.

A maker takes what stood at the places of a target, and the names that the profile has; it returns the target, or in the
reader's words why there is none.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final, NamedTuple, cast

from bridge.catalogue import STANDARD, Catalogue
from bridge.parameters import PARAMETERS, PROTOCOL, Cost, Kind, Parameter
from bridge.profile.model import (
    BridgeTarget,
    ControlTarget,
    ParameterTarget,
    PositionTarget,
    SceneTarget,
    SnapshotTarget,
    Target,
    WordTarget,
)
from bridge.profile.shapes.shape import shorten
from bridge.profile.source.problems import nearest
from bridge.profile.targets.settable import example_of

NO_STEPS: Final[Mapping[str, str]] = MappingProxyType({})

MOST_STEPS: Final = 8
"""Steps that a denoising schedule may have."""

SAVE: Final = "save"
"""What no scene can be called: it would be recalled by the beginning of `scene/save/<name>`."""

Known = Collection[str] | None
"""The names of one kind, in the order of the file; None: not known, so that every name may be right."""


@dataclass(frozen=True, slots=True)
class ScopeNames:
    """What targets can name of one Scope; of all of them, where a target means all."""

    nodes: Known = None
    """The ids of its nodes."""
    lone: bool = False
    """Whether it runs one pipeline, which is the node of its own name: another pipeline is another node then."""
    standby: bool | None = None
    """Whether it has a standby; None: not known."""


@dataclass(frozen=True, slots=True)
class Names:
    """The names of a profile that targets can contain."""

    outputs: Known = None
    words: Known = None
    bank: Known = None
    slots: Known = None
    scenes: Known = None
    cues: Known = None
    pages: Known = None
    routes: Known = None
    loras: Known = None
    images: Known = None
    inputs: Known = None
    """The video inputs."""
    films: Known = None
    """Those of them that are files."""
    catalogue: Catalogue = STANDARD
    scopes: Mapping[str, ScopeNames] | None = None
    """Of several Scopes, by name; None: not known."""
    scope: ScopeNames = ScopeNames()
    """Of the Scope that is meant, or of all of them."""

    def of(self, scope: str) -> "Names":
        """Return the names for a target of one Scope of several."""
        one = ScopeNames() if self.scopes is None else self.scopes.get(scope, ScopeNames())
        return replace(self, scope=one, scopes={})


def all_of(scopes: Collection[ScopeNames]) -> ScopeNames:
    """Return what targets can name that mean every one of these Scopes."""
    nodes = None
    if all(one.nodes is not None for one in scopes):
        nodes = list(dict.fromkeys(name for one in scopes for name in one.nodes or ()))
    standby = (
        True if any(one.standby for one in scopes) else None if any(one.standby is None for one in scopes) else False
    )
    return ScopeNames(nodes, any(one.lone for one in scopes), standby)


class Wrong(NamedTuple):
    """Why a text names no target."""

    message: str
    hints: tuple[str, ...]


_OPENING = "\u201c\u201d\u201e\u201f\u2018\u2019\u00ab"
_QUOTES = f"{_OPENING}\u00bb"
TYPOGRAPHIC: Final = "typographic quotes quote nothing: they belong to the name, as letters do"
"""What to say of a name in such quotes."""
_MOST_DIGITS = 9


def without_typographic_quotes(text: str) -> str | None:
    """Return a name without the typographic quotes around it; None if it begins with none."""
    return text.strip(_QUOTES) if text[:1] and text[0] in _OPENING else None


def number_in(digits: str) -> int | None:
    """Return the number that a name is, or None: also of one too long to count anything, as a network may bring it."""
    return int(digits) if digits.isdecimal() and len(digits) <= _MOST_DIGITS else None


def _pick(
    name: str,
    known: Known,
    noun: str,
    form: str,
    *,
    numbered: bool = False,
    also: tuple[str, ...] = (),
    steps: Mapping[str, str] = NO_STEPS,
) -> str | Wrong:
    """Return the name in `known` that is meant, by itself or by its number from 1, or why there is none.

    `form` is the target with `%` for the name, `also` are names that are always there; `steps` says what stands at
    that place in a target of another kind, by what people write for it.
    """
    if known is None or name in known or name in also:
        return name
    number = number_in(name) if numbered else None
    if number is not None and 1 <= number <= len(known):
        return list(known)[number - 1]
    every = [*known, *also]
    near = nearest(name, [*every, *steps])
    if near is not None:
        meant = form.replace("%", near if near in every else steps[near])
        return Wrong(f"there is no {noun} called '{shorten(name)}'", (f"did you mean '{meant}'?",))
    if not known:
        return Wrong(f"there is no {noun} called '{shorten(name)}': this profile has none", (_HOW_TO_HAVE[noun],))
    return Wrong(f"there is no {noun} called '{shorten(name)}'", (f"there is {shorten(', '.join(every), 80)}",))


_HOW_TO_HAVE = {
    "output": "give it one: outputs: {program: {ndi: Scope Bridge}}",
    "prompt": "give it one: prompts: {bank: {reef: bioluminescent reef at night}}",
    "slot": "give it two to four: prompts: {slots: [base, accent]}",
    "scene": "give it one: scenes: {intro: {prompt: reef}}",
    "cue": "give it one: cues: {doors: {scene: intro}}",
    "page": "give it one: pages: {looks: {while: apc/shift, routes: [apc/fader/1 -> lora/1]}}",
    "route": "a route has targets of its own when it has a name: {name: kick, from: ears/kick, to: noise_scale}",
    "LoRA": "give it one: loras: {arcane: arcane.safetensors}",
    "video input": "give it one: inputs: {cam: {video: {ndi: FOH}}}, and scope: {video: [cam]}",
}


def one_of(
    make: Callable[..., Target],
    noun: str,
    table: str,
    form: str,
    *,
    numbered: bool = False,
    also: tuple[str, ...] = (),
    steps: Mapping[str, str] = NO_STEPS,
) -> Callable[[tuple[str, ...], Names], Target | Wrong]:
    """Return the maker of a target whose first name is one of the profile's `table`.

    `make` takes that name and what stood at the other places; `noun`, `form` and the rest are as of `_pick`.
    """

    def maker(found: tuple[str, ...], names: Names) -> Target | Wrong:
        filled = form if len(found) < 2 else form.replace("#", found[1])
        name = _pick(found[0], getattr(names, table), noun, filled, numbered=numbered, also=also, steps=steps)
        return name if isinstance(name, Wrong) else make(name, *found[1:])

    return maker


def word_target(found: tuple[str, ...], names: Names) -> Target | Wrong:
    """Return the word of that name; one that no list has is good, as a route may be all that gives it text."""
    (name,) = found
    if names.words and name not in names.words and (near := nearest(name, names.words)):
        return Wrong(f"there is no word called '{name}' in prompts.words", (f"did you mean 'word/{near}'?",))
    return WordTarget(name)


def snapshot_target(found: tuple[str, ...], names: Names) -> Target | Wrong:
    """Return the snapshot to save or recall, by its number from 1 to 99."""
    number = number_in(found[1])
    if number is None or not 1 <= number <= 99:
        return Wrong(
            f"snapshots are numbered from 1 to 99, and {shorten(found[1])} is beyond", (f"write snapshot/{found[0]}/1",)
        )
    return SnapshotTarget(cast(Any, found[0]), number)


def element_target(found: tuple[str, ...], names: Names) -> Target | Wrong:
    """Return one step of the denoising schedule, by its number from 1 to 8."""
    number = number_in(found[0])
    if number is None or not 1 <= number <= MOST_STEPS:
        end = f"the first is denoising_step_list[1]{'' if number == 0 else f', the last there can be [{MOST_STEPS}]'}"
        return Wrong(
            f"the schedule has steps from [1] on, {MOST_STEPS} at most, and [{shorten(found[0])}] is none", (end,)
        )
    return ParameterTarget(names.catalogue.parameter("denoising_step_list"), number)


def key_target(found: tuple[str, ...], names: Names) -> Target | Wrong:
    """Return a key of a keyboard, by the code that browsers give it."""
    code = found[0]
    if _CODE.fullmatch(code):
        return ControlTarget(code)
    written = _code_meant(code)
    return Wrong(
        f"a key has a code like KeyW, Digit1 or ArrowUp, and '{shorten(code)}' is none",
        (f"did you mean 'ctrl/key/{written}'?" if written else "for example: ctrl/key/KeyW",),
    )


_CODE = re.compile(r"Key[A-Z]|Digit[0-9]|F[1-9][0-9]?|(?!Key|Digit)(?:[A-Z][a-z]+)+[0-9]?")
"""The code of a key, as W3C's *UI Events KeyboardEvent code Values* has them."""

_OTHER_CODES = {
    **{arrow.lower(): f"Arrow{arrow}" for arrow in ("Up", "Down", "Left", "Right")},
    **{word.lower(): f"{word}Left" for word in ("Shift", "Control", "Alt")},
    "ctrl": "ControlLeft",
    "esc": "Escape",
    "return": "Enter",
    **{word.lower(): word for word in ("Space", "Enter", "Escape", "Tab", "Backspace", "Delete", "Home", "End")},
    **{f"arrow{arrow.lower()}": f"Arrow{arrow}" for arrow in ("Up", "Down", "Left", "Right")},
}


def _code_meant(code: str) -> str | None:
    """Return the code of the key that someone means who writes `w`, `1` or `up`."""
    if letter := re.fullmatch(r"(?:key)?[-_ ]?([a-z])", code, re.IGNORECASE | re.ASCII):
        return f"Key{letter[1].upper()}"
    if digit := re.fullmatch(r"(?:digit|key)?[-_ ]?([0-9])", code, re.IGNORECASE | re.ASCII):
        return f"Digit{digit[1]}"
    if function := re.fullmatch(r"f([1-9][0-9]?)", code):
        return f"F{function[1]}"
    return _OTHER_CODES.get(code.lower())


def position_target(found: tuple[str, ...], names: Names) -> Target | Wrong:
    """Return where in its file a video input is, which must be a file to have places."""
    name = _pick(found[0], names.inputs, "video input", "source/%/position", numbered=True)
    if isinstance(name, Wrong):
        return name
    if names.inputs is not None and names.films is not None and name not in names.films:
        others = shorten(", ".join(f"source/{film}/position" for film in names.films), 80)
        return Wrong(
            f"the video input '{shorten(name)}' is no file, and only a file has a position",
            (f"there is {others}" if others else "a file is one like {video: {file: loops/haze.mp4}}",),
        )
    return PositionTarget(name)


def save_target(found: tuple[str, ...], names: Names) -> Target | Wrong:
    """Return the saving of what is live as a scene of that name, which must be one that a scene can have."""
    (name,) = found
    if name == SAVE:
        return Wrong(
            f"a scene cannot be called '{SAVE}': scene/save/<name> writes what is live into the profile",
            ("give it another name: scene/save/mine",),
        )
    if not name.strip() or name != name.strip():
        return Wrong("a scene's name neither begins nor ends with a space", ("for example: scene/save/mine",))
    return SceneTarget(name, save=True)


def param_target(found: tuple[str, ...], names: Names) -> Target | Wrong:
    """Return a pipeline's own parameter, of which the bridge needs to know nothing."""
    (name,) = found
    if name in PARAMETERS and name != "prompts" and (is_plain(PARAMETERS[name]) or own_target(name)):
        return Wrong(
            f"{name} is no pipeline's own parameter: Scope's {name} is one that the bridge knows", own_target(name)
        )
    if name == "prompts" or name in PROTOCOL or name.startswith("_"):
        hint = "write prompt" if name == "prompts" else "the bridge says it by itself, where it is needed"
        return Wrong(f"{name} steers Scope's session and can be no target", (hint,))
    return ParameterTarget(names.catalogue.parameter(name))


def own_target(name: str) -> tuple[str, ...]:
    """Return where a parameter is reached that the bridge knows; nothing where `param/` is the way."""
    known = PARAMETERS[name]
    if is_plain(known):
        return (f"write {name}",)
    if name in REACHED_BY:
        return (f"write {REACHED_BY[name]}",)
    if known.cost is Cost.LOAD:
        return (f"it is set when the pipeline is loaded: scope: {{load: {{{name}: {example_of(known)}}}}}",)
    return ()


def node_target(found: tuple[str, ...], names: Names) -> Target | Wrong:
    """Return a parameter of one node of a chain or graph."""
    node, name = found
    known_nodes = names.scope.nodes
    other = names.scope.lone and node in names.catalogue.pipelines  # which a route may lead to
    if known_nodes is not None and node not in known_nodes and not other:
        near = nearest(node, known_nodes)
        there = "the only one is" if len(known_nodes) == 1 else "the nodes are"
        return Wrong(
            f"there is no node called '{shorten(node)}'"
            + (": a single pipeline is a node with its own name" if names.scope.lone else ""),
            (f"did you mean 'node/{near}/{name}'?" if near else f"{there} {shorten(', '.join(known_nodes), 80)}",),
        )
    known = names.catalogue.parameters.get(name)
    if known is not None and is_plain(known):
        return ParameterTarget(known, node=node)
    if name in REACHED_BY:
        return Wrong(f"{name} goes to every node", (f"write {REACHED_BY[name]}",))
    target = param_target((name,), names)
    return replace(target, node=node) if isinstance(target, ParameterTarget) else target


def standby_target(found: tuple[str, ...], names: Names) -> Target | Wrong:
    """Return the switch between a server and its standby, where there is one."""
    if names.scope.standby is False:
        return Wrong(
            "there is no standby that could play",
            ("name one, beside the url of the Scope: standby: http://gpu-b:8000",),
        )
    return BridgeTarget("standby")


REACHED_BY = {
    "prompts": "prompt",
    "transition": "prompt, and prompts: {fade: 4 chunks}",
    "lora_scales": "lora/<name>",
    "ctrl_input": "ctrl/key/<code> or ctrl/mouse",
    "vace_ref_images": "image/reference",
    "first_frame_image": "image/first",
    "last_frame_image": "image/last",
}
"""Parameters that have targets of another form."""

_SINGLE = (Kind.NUMBER, Kind.INTEGER, Kind.SWITCH, Kind.CHOICE, Kind.STEPS)


def is_plain(known: Parameter) -> bool:
    """Return whether a parameter is a target by its own name: one value that may change while the pipeline runs."""
    return (
        known.kind in _SINGLE
        and known.cost is not Cost.LOAD
        and known.name not in PROTOCOL
        and known.name not in REACHED_BY
    )


def fixed_target(target: Target) -> Callable[[tuple[str, ...], Names], Target | Wrong]:
    """Return the maker of a target with no name in it."""
    return lambda _, names: target
