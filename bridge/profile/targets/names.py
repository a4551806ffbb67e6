"""What the names in a target mean: `lora/2` is the second LoRA, `scene/drop` a scene of this profile, or there is none.

A maker takes what stood at the places of a target, and the names that the profile has; it returns the target, or in the
reader's words why there is none.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, cast

from bridge.catalogue import STANDARD, Catalogue
from bridge.parameters import PARAMETERS, PROTOCOL, Cost, Kind, Parameter
from bridge.profile.model import (
    ControlTarget,
    ParameterTarget,
    SnapshotTarget,
    Target,
    WordTarget,
)
from bridge.profile.shapes.shape import shorten
from bridge.profile.source.problems import nearest
from bridge.profile.targets.settable import example_of

Known = Collection[str] | None
"""The names of one kind, in the order of the file; None: not known, so that every name may be right."""


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
    catalogue: Catalogue = STANDARD


class Wrong(NamedTuple):
    """Why a text names no target."""

    message: str
    hints: tuple[str, ...]


def _pick(
    name: str, known: Known, noun: str, form: str, *, numbered: bool = False, also: tuple[str, ...] = ()
) -> str | Wrong:
    """Return the name in `known` that is meant, by itself or by its number from 1, or why there is none.

    `form` is the target with `%` for the name, `also` are names that are always there.
    """
    if known is None or name in known or name in also:
        return name
    if numbered and name.isdecimal() and 1 <= int(name) <= len(known):
        return list(known)[int(name) - 1]
    every = [*known, *also]
    near = nearest(name, every)
    if near is not None:
        return Wrong(f"there is no {noun} called '{shorten(name)}'", (f"did you mean '{form.replace('%', near)}'?",))
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
    make: Callable[..., Target], noun: str, table: str, form: str, *, numbered: bool = False, also: tuple[str, ...] = ()
) -> Callable[[tuple[str, ...], Names], Target | Wrong]:
    """Return the maker of a target whose first name is one of the profile's `table`.

    `make` takes that name and what stood at the other places; `noun`, `form`, `numbered` and `also` are as of `_pick`.
    """

    def maker(found: tuple[str, ...], names: Names) -> Target | Wrong:
        filled = form if len(found) < 2 else form.replace("#", found[1])
        name = _pick(found[0], getattr(names, table), noun, filled, numbered=numbered, also=also)
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
    number = int(found[1])
    if not 1 <= number <= 99:
        return Wrong(f"snapshots are numbered from 1 to 99, and {number} is beyond", (f"write snapshot/{found[0]}/1",))
    return SnapshotTarget(cast(Any, found[0]), number)


def element_target(found: tuple[str, ...], names: Names) -> Target | Wrong:
    """Return one step of the denoising schedule, by its number from 1 to 8."""
    number = int(found[0])
    if not 1 <= number <= 8:
        return Wrong(
            f"the schedule has steps from [1] on, 8 at most, and [{number}] is none", ("write denoising_step_list[1]",)
        )
    return ParameterTarget(names.catalogue.parameter("denoising_step_list"), number)


def key_target(found: tuple[str, ...], names: Names) -> Target | Wrong:
    """Return a key of a keyboard, by the code that browsers give it."""
    code = found[0]
    if re.fullmatch(r"[A-Z][A-Za-z]*[0-9]*", code):
        return ControlTarget(code)
    written = f"Key{code.upper()}" if len(code) == 1 and code.isalpha() else f"Digit{code}" if code.isdigit() else ""
    return Wrong(
        f"a key has a code like KeyW, Digit1 or ArrowUp, and '{shorten(code)}' is none",
        (f"did you mean 'ctrl/key/{written}'?" if written else "for example: ctrl/key/KeyW",),
    )


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
    known = names.catalogue.parameters.get(name)
    if known is not None and is_plain(known):
        return ParameterTarget(known, node=node)
    if name in REACHED_BY:
        return Wrong(f"{name} goes to every node", (f"write {REACHED_BY[name]}",))
    target = param_target((name,), names)
    return replace(target, node=node) if isinstance(target, ParameterTarget) else target


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
