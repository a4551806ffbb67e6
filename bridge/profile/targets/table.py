"""The catalogue of targets: what each is called, what it is, and what it takes.

`lookup` finds a target by its text, `names` knows what the names in it mean; what any target is like, however it was
found, is in `traits`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from bridge.parameters import PARAMETERS, Cost, Merge, Parameter
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
    SourceTarget,
    Target,
)
from bridge.profile.shapes.shape import Shape
from bridge.profile.shapes.values import Anything, Choice, Number, Switch, Text
from bridge.profile.targets.names import (
    Names,
    Wrong,
    element_target,
    fixed_target,
    is_plain,
    key_target,
    node_target,
    one_of,
    param_target,
    position_target,
    save_target,
    snapshot_target,
    standby_target,
    word_target,
)
from bridge.profile.targets.settable import example_of, shape_of
from bridge.profile.targets.traits import LORA, STEPS, WEIGHT
from bridge.verbs import ALL

_OF_THE_BRIDGE = (
    "scene", "cue", "page", "snapshot", "route", "output", "bypass", "record", "tap", "undo", "panic", "lamps",
)  # fmt: skip
"""What targets begin with that no Scope has."""


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
    of_bridge: bool = False
    """Whether it is the bridge's own, whatever else begins like it."""

    @property
    def of_scope(self) -> bool:
        """Whether it is something of a Scope, so that one of several can be meant: `left/noise_scale`."""
        return not self.of_bridge and self.name.partition("/")[0] not in _OF_THE_BRIDGE

    @property
    def takes(self) -> str:
        """What it takes, as a noun."""
        return "a trigger" if self.shape is None else self.shape.what


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


def _event(name: str, regex: str, about: str, example: str, make: Any) -> Entry:
    return Entry(name, regex, about, None, example, make, startable=False)


CATALOGUE: tuple[Entry, ...] = (
    Entry(
        "prompt",
        "prompt",
        "The prompt: a name in the bank, its number from 1, or any text. It arrives as `prompts.fade` says.",
        _BANK_NAME,
        "reef",
        fixed_target(PromptTarget()),
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
        one_of(lambda slot: SlotTarget(slot, "weight"), "slot", "slots", "prompt/%/weight", numbered=True),
    ),
    Entry(
        "prompt/<slot>/text",
        rf"prompt/{_N}/text",
        "The prompt of one slot: a name in the bank, its number from 1, or any text.",
        _BANK_NAME,
        "reef",
        one_of(lambda slot: SlotTarget(slot, "text"), "slot", "slots", "prompt/%/text", numbered=True),
    ),
    _event(
        "prompt/<name>",
        rf"prompt/{_N}",
        "This prompt of the bank, by its name or its number from 1, becomes the one in force.",
        "td/reef -> prompt/reef",
        one_of(
            PromptNamed,
            "prompt",
            "bank",
            "prompt/%",
            numbered=True,
            steps={"next": "next", "previous": "previous", "prev": "previous", "back": "previous", "random": "random"},
        ),
    ),
    Entry(
        "transition_steps",
        "transition_steps",
        "How many chunks the next change of prompt takes; 0 cuts, 1 counts as 2.",
        Number(*STEPS, whole=True),
        "4",
        fixed_target(FadeTarget("steps")),
    ),
    Entry(
        "temporal_interpolation_method",
        "temporal_interpolation_method",
        "How prompts mix while one fades into the next.",
        Choice(("linear", "slerp")),
        "slerp",
        fixed_target(FadeTarget("method")),
    ),
    Entry(
        "word/<name>",
        rf"word/{_N}",
        "The word that prompts contain as `{name}`: one of its choices, by text or by 0..1, or any other text.",
        Text(),
        "tense",
        word_target,
    ),
    *(_plain(known) for known in PARAMETERS.values() if is_plain(known)),
    _plain(PARAMETERS["base_seed"], "seed", "Another name of `base_seed`."),
    _event("seed/random", "seed/random", "Another random seed.", "td/dice -> seed/random", fixed_target(SeedRandom())),
    Entry(
        "denoising_step_list[<n>]",
        r"denoising_step_list\[([0-9]{1,4})\]",
        "One step of the schedule, from 1; it stays between its neighbours.",
        Number(0, 1000, whole=True),
        "750",
        element_target,
    ),
    Entry(
        "lora/<name>",
        rf"lora/{_N}",
        "A LoRA's strength, by its name in `loras` or its number from 1; the whole way of a control is 0 to 1. A change "
        "cuts the picture, unless `loras: {change: smooth}` lets it drift.",
        Number(*LORA),
        "0.8",
        one_of(LoraTarget, "LoRA", "loras", "lora/%", numbered=True),
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
        param_target,
    ),
    Entry(
        "node/<id>/<parameter>",
        rf"node/{_N}/([^/\s{{}}\[\]*]+)",
        "A parameter of one node of a chain or graph; the id of a single pipeline is its name.",
        Anything(),
        "1",
        node_target,
    ),
    _event(
        "ctrl/key/<code>",
        rf"ctrl/key/{_N}",
        "A key held down (1) or not (0), by its code as in browsers (`KeyW`), for pipelines that are steered.",
        "td/w -> ctrl/key/KeyW",
        key_target,
    ),
    _event(
        "ctrl/mouse",
        "ctrl/mouse",
        "The mouse moved: two numbers, in pixels, which add up until the next chunk.",
        "td/mouse -> ctrl/mouse",
        fixed_target(ControlTarget("mouse")),
    ),
    _event(
        "source/<name>",
        rf"source/{_N}",
        "Scope transforms this video input.",
        "td/cam -> source/cam",
        one_of(SourceTarget, "video input", "inputs", "source/%", numbered=True),
    ),
    Entry(
        "source/<name>/position",
        rf"source/{_N}/position",
        "Where in its file a video input is, from 0, its beginning, to 1, its end: it goes on from there.",
        Number(0, 1),
        "0",
        position_target,
        startable=False,
        of_bridge=True,
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
        save_target,
    ),
    _event(
        "scene/<name>",
        rf"scene/{_N}",
        "Recall a scene, by its name or its number from 1.",
        "td/drop -> scene/drop",
        one_of(SceneTarget, "scene", "scenes", "scene/%", numbered=True),
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
        one_of(
            CueTarget,
            "cue",
            "cues",
            "cue/%",
            numbered=True,
            steps={"go": "go", "next": "go", "back": "back", "previous": "back", "prev": "back"},
        ),
    ),
    _event(
        "page/<step>",
        "page/(next|previous)",
        "The next or previous page, around the ends; from a controller with pages of its own, of those.",
        "apc/bank -> page/next",
        lambda found, _: PageTarget(step=cast(Any, found[0])),
    ),
    _event(
        "page/<name>",
        rf"page/{_N}",
        "This page, by its name or its number from 1.",
        "apc/looks -> page/looks",
        one_of(
            PageTarget,
            "page",
            "pages",
            "page/%",
            numbered=True,
            steps={"next": "next", "previous": "previous", "prev": "previous", "back": "previous"},
        ),
    ),
    _event(
        "snapshot/<act>/<n>",
        "snapshot/(save|recall)/([0-9]{1,9})",
        "`snapshot/save/1` keeps everything that is live, `snapshot/recall/1` brings it back; 1 to 99.",
        "td/keep -> snapshot/save/1",
        snapshot_target,
    ),
    Entry(
        "route/<name>/amount",
        rf"route/{_N}/amount",
        "The depth of a route that has a `name`: at 0 it does nothing, at 1 all of it.",
        Number(0, 1),
        "0.5",
        one_of(lambda name: RouteTarget(name, "amount"), "route", "routes", "route/%/amount"),
    ),
    Entry(
        "route/<name>/on",
        rf"route/{_N}/on",
        "Whether a route that has a `name` acts.",
        Switch(),
        "true",
        one_of(lambda name: RouteTarget(name, "on"), "route", "routes", "route/%/on"),
    ),
    Entry(
        "output/<name>/freeze",
        rf"output/{_N}/freeze",
        "The output holds the picture it shows, until told otherwise; `output/all/freeze` means every output.",
        Switch(),
        "false",
        one_of(lambda name: OutputTarget(name, "freeze"), "output", "outputs", "output/%/freeze", also=(ALL,)),
    ),
    Entry(
        "output/<name>/level",
        rf"output/{_N}/level",
        "The output's master fader: 1 is the picture as it is, 0 is black; `output/all/level` means every output.",
        Number(0, 1),
        "1",
        one_of(lambda name: OutputTarget(name, "level"), "output", "outputs", "output/%/level", also=(ALL,)),
    ),
    Entry(
        "output/<name>/key",
        rf"output/{_N}/key",
        "The threshold of the output's `alpha`, from 0 to 1: how dark, or how near to its colour, is transparent; of a "
        "constant one, how opaque all of it is.",
        Number(0, 1),
        "0.1",
        one_of(lambda name: OutputTarget(name, "key"), "output", "outputs", "output/%/key", also=(ALL,)),
    ),
    Entry(
        "bypass",
        "bypass",
        "The video that goes into Scope passes by it, in every output: 0 is Scope's picture, 1 that video, between them "
        "a mix.",
        Number(0, 1),
        "0",
        fixed_target(BridgeTarget("bypass")),
    ),
    Entry(
        "record",
        "record",
        "Whether every output that records does so; for a button that begins and ends it, with the filter `toggle`.",
        Switch(),
        "false",
        fixed_target(BridgeTarget("record")),
    ),
    Entry(
        "standby",
        "standby",
        "Which server plays: the standby, or again the one it stands by for.",
        Switch(),
        "false",
        standby_target,
        startable=False,
    ),
    Entry(
        "scope/record",
        "scope/record",
        "Whether Scope itself records what it makes; the file is fetched when that ends.",
        Switch(),
        "false",
        fixed_target(BridgeTarget("server record")),
        startable=False,
    ),
    _event("tap", "tap", "Tap the tempo.", "td/tap -> tap", fixed_target(BridgeTarget("tap"))),
    _event(
        "undo",
        "undo",
        "Take the last scene, cue or snapshot back.",
        "td/undo -> undo",
        fixed_target(BridgeTarget("undo")),
    ),
    _event(
        "panic",
        "panic",
        "Everything fades to `safe`; the picture stays.",
        "td/panic -> panic",
        fixed_target(BridgeTarget("panic")),
    ),
    _event(
        "lamps",
        "lamps",
        "Tell every controller anew what its lamps, rings and motors show.",
        "td/lamps -> lamps",
        fixed_target(BridgeTarget("lamps")),
    ),
)
"""Every target there is; of Scope's parameters, those that need no server to be known."""
