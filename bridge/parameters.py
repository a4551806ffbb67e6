"""Scope's parameters as the bridge knows them: one table, from which range, coercion, merging and re-sending follow.

The facts are those of Scope 0.2.4's data channel, which validates nothing: what is not clamped here goes straight into
the model. A `Change` is one parameter's new value on its way to Scope.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from typing import Any, Final, Literal

PerChunk = Literal["newest", "max", "mean"]
"""What a chunk gets of all that moved since the last one. Scope takes one value per chunk."""


class Kind(Enum):
    """What sort of value a parameter takes."""

    NUMBER = "number"
    INTEGER = "integer"
    SWITCH = "switch"
    CHOICE = "choice"
    STEPS = "steps"
    """A descending list of at least one whole number: the denoising schedule."""
    PROMPTS = "prompts"
    """A list of `{text, weight}`."""
    ANY = "any"
    """Whatever the pipeline makes of it: sent as it came."""


class Cost(Enum):
    """What a change does to the picture."""

    FREE = "free"
    """May change every chunk."""
    COSTLY = "costly"
    """Encodes text or images: the chunk takes longer."""
    CUT = "cut"
    """Resets the cache: the picture cuts."""
    LOAD = "load"
    """Takes effect when the pipeline is loaded anew."""


class Merge(Enum):
    """How two changes that wait for the same chunk become one."""

    REPLACE = "replace"
    """The newer one counts, or as the route's `per_chunk` says."""
    UNION = "union"
    """Lists of `{path, ...}` are joined by path."""
    SUM = "sum"
    """Movements add up (the mouse); what is held is replaced."""
    ONCE = "once"
    """An event: repeats become one, and it is never sent again."""
    TOGETHER = "together"
    """Several keys that only work in one message (prompts with their transition)."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One key of Scope's data channel."""

    name: str
    """The key, as Scope spells it."""
    kind: Kind
    description: str
    low: float | None = None
    high: float | None = None
    default: Any = None
    """What Scope uses when the key was never sent, where that is one known value; None otherwise."""
    choices: tuple[str, ...] = ()
    cost: Cost = Cost.FREE
    merge: Merge = Merge.REPLACE
    sticky: bool = True
    """Whether it stays in Scope's state. What does not is an event and is never part of a session's start."""
    companions: Mapping[str, Any] = field(default_factory=dict)
    """Keys that must be sent beside it for it to have an effect."""
    modes: tuple[str, ...] = ("text", "video")
    """The input modes in which a pipeline reads it."""
    way: tuple[float, float] | None = None
    """What a control's whole way is spread over, where that is not `low` to `high`: a LoRA takes -10 to 10, and a
    fader is for 0 to 1."""
    scale: Literal["linear", "log"] = "linear"
    """Whether equal steps of a control are equal steps or equal ratios of the value."""
    unit: str = ""
    """For people: `steps`; empty: a plain number."""
    readers: tuple[str, ...] = ()
    """The pipelines that read it; empty: every one that makes pictures."""
    urgent: bool = False
    """Whether a chunk too late is too late: it takes the next slot, before what else waits."""

    @property
    def resendable(self) -> bool:
        """Whether sending the same value twice changes nothing."""
        return self.merge is Merge.REPLACE and self.cost is Cost.FREE and self.sticky


DIFFUSION: Final = ("longlive", "streamdiffusionv2", "krea-realtime-video", "reward-forcing", "memflow")
"""The pipelines of Scope that turn prompts into pictures."""
_RATES = ("none", "beat", "bar", "2_bar", "4_bar")

_TABLE = (
    Parameter(
        "prompts",
        Kind.PROMPTS,
        "What Scope dreams of: texts with weights.",
        cost=Cost.COSTLY,
        merge=Merge.TOGETHER,
        readers=DIFFUSION,
    ),
    Parameter(
        "noise_scale",
        Kind.NUMBER,
        "How much of the source video is replaced by noise: 0 keeps it, 1 ignores it.",
        low=0.0,
        high=1.0,
        default=0.7,
        companions={"noise_controller": False},
        modes=("video",),
        readers=DIFFUSION,
    ),
    Parameter(
        "noise_controller",
        Kind.SWITCH,
        "Scope sets the noise by the source's motion; while it is on, noise_scale has no effect.",
        default=True,
        modes=("video",),
        readers=DIFFUSION,
    ),
    Parameter(
        "denoising_step_list",
        Kind.STEPS,
        "The denoising schedule, descending; fewer steps are faster and rougher.",
        low=0,
        high=1000,
        default=[1000, 750, 500, 250],
        cost=Cost.CUT,
        readers=DIFFUSION,
    ),
    Parameter(
        "vace_context_scale",
        Kind.NUMBER,
        "How strongly VACE's reference images or control video act.",
        low=0.0,
        high=2.0,
        default=1.0,
        readers=DIFFUSION,
    ),
    Parameter(
        "vace_ref_images",
        Kind.ANY,
        "VACE's reference images: a list of paths on the server; an empty one is none.",
        cost=Cost.COSTLY,
        readers=DIFFUSION,
    ),
    Parameter(
        "first_frame_image",
        Kind.ANY,
        "The image that the next chunk begins with: a path on the server.",
        cost=Cost.COSTLY,
        merge=Merge.ONCE,
        sticky=False,
        urgent=True,
        readers=DIFFUSION,
    ),
    Parameter(
        "last_frame_image",
        Kind.ANY,
        "The image that the next chunk leads to: a path on the server.",
        cost=Cost.COSTLY,
        merge=Merge.ONCE,
        sticky=False,
        urgent=True,
        readers=DIFFUSION,
    ),
    Parameter(
        "images",
        Kind.ANY,
        "Images for a plugin that turns them into video, without VACE: a list of paths on the server.",
        cost=Cost.COSTLY,
        merge=Merge.ONCE,
        sticky=False,
        urgent=True,
    ),
    Parameter(
        "vace_enabled",
        Kind.SWITCH,
        "Whether VACE is loaded, and takes reference images or control video.",
        default=True,
        cost=Cost.LOAD,
        readers=DIFFUSION,
    ),
    Parameter(
        "vace_use_input_video",
        Kind.SWITCH,
        "Whether the source video controls the picture through VACE; then noise_scale has no effect.",
        default=True,
        cost=Cost.LOAD,
        modes=("video",),
        readers=DIFFUSION,
    ),
    Parameter(
        "kv_cache_attention_bias",
        Kind.NUMBER,
        "How much the past frames weigh (krea-realtime-video only): lower frees the picture from them.",
        low=0.01,
        high=1.0,
        default=1.0,
        scale="log",
        readers=("krea-realtime-video",),
    ),
    Parameter(
        "manage_cache",
        Kind.SWITCH,
        "Scope resets its cache when a parameter needs it; off, changes drift in instead of cutting.",
        default=True,
        readers=DIFFUSION,
    ),
    Parameter(
        "base_seed",
        Kind.INTEGER,
        "The random seed.",
        low=0,
        high=2**32 - 1,
        default=42,
        readers=DIFFUSION,
    ),
    Parameter(
        "reset_cache",
        Kind.SWITCH,
        "Forget the past frames: the picture starts anew.",
        cost=Cost.CUT,
        merge=Merge.ONCE,
        sticky=False,
        urgent=True,
        readers=DIFFUSION,
    ),
    Parameter(
        "paused",
        Kind.SWITCH,
        "The GPU idles; the outputs hold.",
        default=False,
        sticky=False,
        urgent=True,
    ),
    Parameter(
        "lora_scales",
        Kind.ANY,
        "LoRA strengths, each by the path it was loaded with.",
        low=-10.0,
        high=10.0,
        cost=Cost.CUT,
        merge=Merge.UNION,
        way=(0.0, 1.0),
        readers=DIFFUSION,
    ),
    Parameter(
        "ctrl_input",
        Kind.ANY,
        "Keys held and mouse movement, for pipelines that are steered.",
        merge=Merge.SUM,
        sticky=False,
        readers=("controller-viz",),
    ),
    Parameter(
        "spatial_interpolation_method",
        Kind.CHOICE,
        "How weighted prompts mix: linear, or slerp (two prompts).",
        default="linear",
        choices=("linear", "slerp"),
        cost=Cost.COSTLY,
        readers=DIFFUSION,
    ),
    Parameter(
        "beat_cache_reset_rate",
        Kind.CHOICE,
        "Scope resets its cache and draws another seed on beats or bars of its own tempo, where that is enabled.",
        default="none",
        choices=_RATES,
        readers=DIFFUSION,
    ),
    Parameter(
        "lookahead_ms",
        Kind.NUMBER,
        "How long before a beat of its own tempo Scope applies what waits for that beat.",
        low=0.0,
        high=10_000.0,  # Scope has no limit, and a bar never takes longer
        default=0.0,
        unit="ms",
    ),
)

PROTOCOL = frozenset(
    {
        "bar_position",
        "beat_count",
        "beat_phase",
        "bpm",
        "graph",
        "height",
        "init_cache",
        "input_mode",
        "input_source",
        "is_playing",
        "modulations",
        "node_id",
        "output_sinks",
        "pipeline_ids",
        "prompt",
        "quantize_mode",
        "recording",
        "transition",
        "type",
        "width",
    }
)
"""Keys of the data channel that steer the session or Scope's scheduler and not the picture; so do those that begin
with an underscore. A stray value in one of them ends a session, or worse: none can be a target by its bare name."""

PARAMETERS: Mapping[str, Parameter] = {parameter.name: parameter for parameter in _TABLE}
"""Every parameter the bridge knows, by Scope's own name. `bridge.catalogue` has those that a server adds."""


@lru_cache(1024)
def parameter(name: str) -> Parameter:
    """Return the parameter called `name`; one that the table lacks is passed through as it comes and never re-sent."""
    return PARAMETERS.get(name) or unknown(name)


def unknown(name: str) -> Parameter:
    """Return what is taken for a parameter of which only the name is known."""
    return Parameter(name, Kind.ANY, "A pipeline's own parameter.", cost=Cost.COSTLY)


Mode = Literal["text", "video"]
"""Whether a pipeline dreams from its prompt alone, or transforms video."""


@dataclass(frozen=True, slots=True)
class PipelineInfo:
    """What is known of one pipeline."""

    name: str
    """Its id."""
    modes: tuple[Mode, ...] = ("text", "video")
    """The input modes it has; the first is the one it runs in if nobody says."""
    needs_prompt: bool = True
    """Whether it makes no picture before its first prompt."""
    supports_lora: bool = True
    supports_vace: bool = True
    supports_kv_cache_bias: bool = False
    defaults: Mapping[Mode, Mapping[str, Any]] = field(default_factory=dict)
    """By mode: the values of parameters where they differ from the parameter's own default."""
    frames_per_chunk: int | None = None
    """How many frames one call makes; None where that is not known. Scope does not say it anywhere."""


_SHORT: Final = [1000, 750]


def _processor(name: str, frames: int | None, modes: tuple[Mode, ...] = ("video",)) -> PipelineInfo:
    """Return a pipeline that makes a picture without a prompt."""
    return PipelineInfo(
        name, modes, needs_prompt=False, supports_lora=False, supports_vace=False, frames_per_chunk=frames
    )


_PIPELINES = (
    PipelineInfo("longlive", defaults={"video": {"denoising_step_list": _SHORT}}, frames_per_chunk=12),
    PipelineInfo(
        "streamdiffusionv2",
        ("video", "text"),
        defaults={"text": {"denoising_step_list": _SHORT}, "video": {"denoising_step_list": [750, 250]}},
        frames_per_chunk=4,
    ),
    PipelineInfo(
        "krea-realtime-video",
        supports_kv_cache_bias=True,
        defaults={
            "text": {"kv_cache_attention_bias": 0.3},
            "video": {"kv_cache_attention_bias": 0.3, "denoising_step_list": _SHORT},
        },
        frames_per_chunk=12,
    ),
    PipelineInfo("reward-forcing", defaults={"video": {"denoising_step_list": _SHORT}}, frames_per_chunk=12),
    PipelineInfo("memflow", defaults={"video": {"denoising_step_list": _SHORT}}, frames_per_chunk=12),
    _processor("controller-viz", 1, ("text",)),
    _processor("gray", 1),
    _processor("optical-flow", 2),
    _processor("passthrough", 4),
    _processor("rife", 12),
    _processor("scribble", 1),
    _processor("video-depth-anything", 4),
)

PIPELINES: Mapping[str, PipelineInfo] = {pipeline.name: pipeline for pipeline in _PIPELINES}
"""The pipelines that Scope brings along, by id; plugins add others."""


def default_of(name: str, pipeline: str) -> Any:
    """Return what `pipeline` uses for the parameter `name` in text mode when it was never sent; None if unknown."""
    return default_in(PIPELINES.get(pipeline), parameter(name), "text")


def default_in(pipeline: PipelineInfo | None, known: Parameter, mode: Mode) -> Any:
    """Return what a pipeline (None: one of which nothing is known) uses for a parameter in `mode`; None if unknown."""
    return (pipeline.defaults if pipeline else {}).get(mode, {}).get(known.name, known.default)


@dataclass(frozen=True, slots=True)
class Change:
    """One parameter's new value, on its way to Scope."""

    parameter: str
    """The key, as Scope spells it. For `Merge.TOGETHER` the leading one: `prompts`."""
    value: Any
    """The value as JSON, coerced and clamped. For `prompts`: an object of the keys to send together,
    `{"prompts": [...]}` and perhaps `"transition": {...}`."""
    at: float
    """When the signal that caused it arrived, in seconds of `bridge.clock`."""
    beside: Mapping[str, Any] = field(default_factory=dict)
    """Keys that this one change needs in the same message, apart from the parameter's `companions`."""
    node: str | None = None
    """The one node that gets it; None: all."""
    per_chunk: PerChunk = "newest"
