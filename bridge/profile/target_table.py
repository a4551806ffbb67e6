"""The catalogue of targets: what each is called, what it is, what it takes, and what the names in it mean.

`targets` finds a target by its text; what any target is like, however it was found, is in `traits`.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, cast

from bridge.catalogue import STANDARD, Catalogue
from bridge.parameters import PARAMETERS, PROTOCOL, Cost, Kind, Merge, Parameter
from bridge.profile.model import (
    BridgeTarget,
    ControlTarget,
    CueTarget,
    FadeTarget,
    ImageTarget,
    LoraTarget,
    OutputTarget,
    PageTarget,
    ParameterTarget,
    PipelineTarget,
    PromptNamed,
    PromptStep,
    PromptTarget,
    RouteTarget,
    SceneTarget,
    SeedRandom,
    SlotTarget,
    SnapshotTarget,
    SourceTarget,
    Target,
    WordTarget,
)
from bridge.profile.problems import nearest
from bridge.profile.settable import example_of, shape_of
from bridge.profile.shapes import Shape, shorten
from bridge.profile.traits import LORA, STEPS, WEIGHT
from bridge.profile.values import Anything, Choice, Number, Switch, Text
from bridge.verbs import ALL

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


@dataclass(frozen=True, slots=True)
class Entry:
    """One kind of target, as the reference shows it."""

    name: str
    """The target, `<name>` where a name of the profile belongs."""
    regex: str
    """What the whole target must match; its groups are the names."""
    about: str
    shape: Shape[Any] | None
    """What a scene can set it to; None: it is something that happens or is held by hand, which no scene can set."""
    example: str
    """A value of that shape, in YAML; of an event, a route that leads to it."""
    make: Callable[[tuple[str, ...], Names], Target | Wrong]
    """The target that the names in it mean."""
    startable: bool = True
    """Whether `start:` can hold it: what cannot be set, or is not part of a session's start, cannot."""

    @property
    def takes(self) -> str:
        """What it takes, as a noun."""
        return "a trigger" if self.shape is None else self.shape.what


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


def _by(
    make: Callable[..., Target], noun: str, table: str, form: str, *, numbered: bool = False, also: tuple[str, ...] = ()
) -> Callable[[tuple[str, ...], Names], Target | Wrong]:
    """Return the maker of a target whose first name is one of the profile's `table`."""

    def maker(found: tuple[str, ...], names: Names) -> Target | Wrong:
        filled = form if len(found) < 2 else form.replace("#", found[1])
        name = _pick(found[0], getattr(names, table), noun, filled, numbered=numbered, also=also)
        return name if isinstance(name, Wrong) else make(name, *found[1:])

    return maker


def _word(found: tuple[str, ...], names: Names) -> Target | Wrong:
    (name,) = found
    if names.words and name not in names.words and (near := nearest(name, names.words)):
        return Wrong(f"there is no word called '{name}' in prompts.words", (f"did you mean 'word/{near}'?",))
    return WordTarget(name)


def _snapshot(found: tuple[str, ...], names: Names) -> Target | Wrong:
    number = int(found[1])
    if not 1 <= number <= 99:
        return Wrong(f"snapshots are numbered from 1 to 99, and {number} is beyond", (f"write snapshot/{found[0]}/1",))
    return SnapshotTarget(cast(Any, found[0]), number)


def _element(found: tuple[str, ...], names: Names) -> Target | Wrong:
    number = int(found[0])
    if not 1 <= number <= 8:
        return Wrong(
            f"the schedule has steps from [1] on, 8 at most, and [{number}] is none", ("write denoising_step_list[1]",)
        )
    return ParameterTarget(names.catalogue.parameter("denoising_step_list"), number)


def _key(found: tuple[str, ...], names: Names) -> Target | Wrong:
    code = found[0]
    if re.fullmatch(r"[A-Z][A-Za-z]*[0-9]*", code):
        return ControlTarget(code)
    written = f"Key{code.upper()}" if len(code) == 1 and code.isalpha() else f"Digit{code}" if code.isdigit() else ""
    return Wrong(
        f"a key has a code like KeyW, Digit1 or ArrowUp, and '{shorten(code)}' is none",
        (f"did you mean 'ctrl/key/{written}'?" if written else "for example: ctrl/key/KeyW",),
    )


def _param(found: tuple[str, ...], names: Names) -> Target | Wrong:
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


def _node(found: tuple[str, ...], names: Names) -> Target | Wrong:
    node, name = found
    known = names.catalogue.parameters.get(name)
    if known is not None and is_plain(known):
        return ParameterTarget(known, node=node)
    if name in REACHED_BY:
        return Wrong(f"{name} goes to every node", (f"write {REACHED_BY[name]}",))
    target = _param((name,), names)
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


_COSTS = {
    Cost.FREE: "",
    Cost.COSTLY: " A change costs time: it is encoded anew.",
    Cost.CUT: " A change cuts the picture.",
    Cost.LOAD: "",
}


def _plain(known: Parameter, name: str | None = None, about: str | None = None) -> Entry:
    readers = f" Read by {', '.join(known.readers)}." if known.readers and not about else ""
    return Entry(
        name or known.name,
        re.escape(name or known.name),
        about or known.description + _COSTS[known.cost] + readers,
        shape_of(known),
        example_of(known),
        lambda _, names: ParameterTarget(names.catalogue.parameter(known.name)),
        startable=known.sticky and known.merge is not Merge.ONCE,
    )


_N = r"([^/{}\[\]*]+)"
_BANK_NAME = Text("a name in the bank or any text")


def _fixed(target: Target) -> Callable[[tuple[str, ...], Names], Target | Wrong]:
    return lambda _, names: target


def _event(name: str, regex: str, about: str, example: str, make: Any) -> Entry:
    return Entry(name, regex, about, None, example, make, startable=False)


CATALOGUE: tuple[Entry, ...] = (
    Entry(
        "prompt",
        "prompt",
        "The prompt: a name in the bank, its number from 1, or any text. It arrives as `prompts.fade` says.",
        _BANK_NAME,
        "reef",
        _fixed(PromptTarget()),
    ),
    _event(
        "prompt/<step>",
        "prompt/(next|previous|random)",
        "`prompt/next`, `prompt/previous`: through the bank in its order, around the ends; `prompt/random`: another "
        "one than the one in force.",
        "td/next -> prompt/next",
        lambda found, _: PromptStep(found[0]),
    ),
    Entry(
        "prompt/<slot>/weight",
        rf"prompt/{_N}/weight",
        "How much one of the slots counts: the prompts of all slots are mixed by their weights.",
        Number(*WEIGHT),
        "0.5",
        _by(lambda slot: SlotTarget(slot, "weight"), "slot", "slots", "prompt/%/weight", numbered=True),
    ),
    Entry(
        "prompt/<slot>/text",
        rf"prompt/{_N}/text",
        "The prompt of one slot: a name in the bank, its number from 1, or any text.",
        _BANK_NAME,
        "reef",
        _by(lambda slot: SlotTarget(slot, "text"), "slot", "slots", "prompt/%/text", numbered=True),
    ),
    _event(
        "prompt/<name>",
        rf"prompt/{_N}",
        "This prompt of the bank, by its name or its number from 1, becomes the one in force.",
        "td/reef -> prompt/reef",
        _by(PromptNamed, "prompt", "bank", "prompt/%", numbered=True),
    ),
    Entry(
        "transition_steps",
        "transition_steps",
        "How many chunks the next change of prompt takes; 0 cuts, 1 counts as 2.",
        Number(*STEPS, whole=True),
        "4",
        _fixed(FadeTarget("steps")),
    ),
    Entry(
        "temporal_interpolation_method",
        "temporal_interpolation_method",
        "How prompts mix while one fades into the next.",
        Choice(("linear", "slerp")),
        "slerp",
        _fixed(FadeTarget("method")),
    ),
    Entry(
        "word/<name>",
        rf"word/{_N}",
        "The word that prompts contain as `{name}`: one of its choices, by text or by 0..1, or any other text.",
        Text(),
        "tense",
        _word,
    ),
    *(_plain(known) for known in PARAMETERS.values() if is_plain(known)),
    _plain(PARAMETERS["base_seed"], "seed", "Another name of `base_seed`."),
    _event("seed/random", "seed/random", "Another random seed.", "td/dice -> seed/random", _fixed(SeedRandom())),
    Entry(
        "denoising_step_list[<n>]",
        r"denoising_step_list\[([0-9]{1,4})\]",
        "One step of the schedule, from 1; it stays between its neighbours.",
        Number(0, 1000, whole=True),
        "750",
        _element,
    ),
    Entry(
        "lora/<name>",
        rf"lora/{_N}",
        "A LoRA's strength, by its name in `loras` or its number from 1; the whole way of a control is 0 to 1. A change "
        "cuts the picture, unless `loras: {change: smooth}` lets it drift.",
        Number(*LORA),
        "0.8",
        _by(LoraTarget, "LoRA", "loras", "lora/%", numbered=True),
    ),
    Entry(
        "image/<role>",
        "image/(reference|first|last)",
        "An image that VACE goes by, by its name in `images` or its path on the server: `reference`, `first` and `last` "
        "frame. Encoding it costs time.",
        Text("a name in images or a path on the server"),
        "face",
        lambda found, _: ImageTarget(cast(Any, found[0])),
    ),
    Entry(
        "param/<name>",
        r"param/([^/\s{}\[\]*]+)",
        "A pipeline's own parameter. What the server's schema says of it holds (`check --scope`); else it is passed "
        "through as it comes: nothing is scaled, clamped or sent again.",
        Anything(),
        "1",
        _param,
    ),
    Entry(
        "node/<id>/<parameter>",
        rf"node/{_N}/([^/\s{{}}\[\]*]+)",
        "A parameter of one node of a chain or graph; the id of a single pipeline is its name.",
        Anything(),
        "1",
        _node,
    ),
    _event(
        "ctrl/key/<code>",
        rf"ctrl/key/{_N}",
        "A key held down (1) or not (0), by its code as in browsers (`KeyW`), for pipelines that are steered.",
        "td/w -> ctrl/key/KeyW",
        _key,
    ),
    _event(
        "ctrl/mouse",
        "ctrl/mouse",
        "The mouse moved: two numbers, in pixels, which add up until the next chunk.",
        "td/mouse -> ctrl/mouse",
        _fixed(ControlTarget("mouse")),
    ),
    _event(
        "source/<name>",
        rf"source/{_N}",
        "Scope transforms this video input.",
        "td/cam -> source/cam",
        _by(SourceTarget, "video input", "inputs", "source/%", numbered=True),
    ),
    _event(
        "pipeline/<name>",
        rf"pipeline/{_N}",
        "Scope runs this pipeline; the outputs hold the picture until it comes.",
        "td/krea -> pipeline/krea-realtime-video",
        lambda found, _: PipelineTarget(found[0]),
    ),
    _event(
        "scene/save/<name>",
        rf"scene/save/{_N}",
        "What is live is written into the profile, as this scene.",
        "td/save -> scene/save/mine",
        lambda found, _: SceneTarget(found[0], save=True),
    ),
    _event(
        "scene/<name>",
        rf"scene/{_N}",
        "Recall a scene, by its name or its number from 1.",
        "td/drop -> scene/drop",
        _by(SceneTarget, "scene", "scenes", "scene/%", numbered=True),
    ),
    _event(
        "cue/<step>",
        "cue/(go|back)",
        "`cue/go`: the next cue of the list; `cue/back`: the one before.",
        "td/go -> cue/go",
        lambda found, _: CueTarget(step=cast(Any, found[0])),
    ),
    _event(
        "cue/<name>",
        rf"cue/{_N}",
        "This cue, by its name or its number from 1; `cue/go` goes on from it.",
        "td/doors -> cue/doors",
        _by(CueTarget, "cue", "cues", "cue/%", numbered=True, also=()),
    ),
    _event(
        "page/<step>",
        "page/(next|previous)",
        "The next or previous page, around the ends.",
        "apc/bank -> page/next",
        lambda found, _: PageTarget(step=cast(Any, found[0])),
    ),
    _event(
        "page/<name>",
        rf"page/{_N}",
        "This page, by its name or its number from 1.",
        "apc/looks -> page/looks",
        _by(PageTarget, "page", "pages", "page/%", numbered=True),
    ),
    _event(
        "snapshot/<act>/<n>",
        "snapshot/(save|recall)/([0-9]{1,9})",
        "`snapshot/save/1` keeps everything that is live, `snapshot/recall/1` brings it back; 1 to 99.",
        "td/keep -> snapshot/save/1",
        _snapshot,
    ),
    Entry(
        "route/<name>/amount",
        rf"route/{_N}/amount",
        "The depth of a route that has a `name`: at 0 it does nothing, at 1 all of it.",
        Number(0, 1),
        "0.5",
        _by(lambda name: RouteTarget(name, "amount"), "route", "routes", "route/%/amount"),
    ),
    Entry(
        "route/<name>/on",
        rf"route/{_N}/on",
        "Whether a route that has a `name` acts.",
        Switch(),
        "true",
        _by(lambda name: RouteTarget(name, "on"), "route", "routes", "route/%/on"),
    ),
    Entry(
        "output/<name>/freeze",
        rf"output/{_N}/freeze",
        "The output holds the picture it shows, until told otherwise; `output/all/freeze` means every output.",
        Switch(),
        "false",
        _by(lambda name: OutputTarget(name, "freeze"), "output", "outputs", "output/%/freeze", also=(ALL,)),
    ),
    Entry(
        "output/<name>/level",
        rf"output/{_N}/level",
        "The output's master fader: 1 is the picture as it is, 0 is black; `output/all/level` means every output.",
        Number(0, 1),
        "1",
        _by(lambda name: OutputTarget(name, "level"), "output", "outputs", "output/%/level", also=(ALL,)),
    ),
    Entry(
        "output/<name>/key",
        rf"output/{_N}/key",
        "The threshold of the output's key, from 0 (nothing is transparent) to 1.",
        Number(0, 1),
        "0.1",
        _by(lambda name: OutputTarget(name, "key"), "output", "outputs", "output/%/key", also=(ALL,)),
    ),
    Entry(
        "bypass",
        "bypass",
        "The source passes by Scope: 0 is Scope's picture, 1 the source, between them a mix.",
        Number(0, 1),
        "0",
        _fixed(BridgeTarget("bypass")),
    ),
    Entry("record", "record", "Whether the picture is recorded.", Switch(), "false", _fixed(BridgeTarget("record"))),
    _event("tap", "tap", "Tap the tempo.", "td/tap -> tap", _fixed(BridgeTarget("tap"))),
    _event(
        "undo", "undo", "Take the last scene, cue or snapshot back.", "td/undo -> undo", _fixed(BridgeTarget("undo"))
    ),
    _event(
        "panic",
        "panic",
        "Everything fades to `safe`; the picture stays.",
        "td/panic -> panic",
        _fixed(BridgeTarget("panic")),
    ),
)
"""Every target there is; of Scope's parameters, those that need no server to be known."""
