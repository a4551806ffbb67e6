"""Scope's parameters as the bridge knows them: one table, from which range, coercion, merging and re-sending follow.

The facts are those of Scope 0.2.4's data channel, which validates nothing: what is not clamped here goes straight into
the model. A `Change` is one parameter's new value on its way to Scope.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal

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

    @property
    def resendable(self) -> bool:
        """Whether sending the same value twice changes nothing."""
        return self.merge is Merge.REPLACE and self.cost is Cost.FREE and self.sticky


_TABLE = (
    Parameter(
        "prompts",
        Kind.PROMPTS,
        "What Scope dreams of: texts with weights.",
        cost=Cost.COSTLY,
        merge=Merge.TOGETHER,
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
    ),
    Parameter(
        "noise_controller",
        Kind.SWITCH,
        "Scope sets the noise by the source's motion; while it is on, noise_scale has no effect.",
        default=True,
        modes=("video",),
    ),
    Parameter(
        "denoising_step_list",
        Kind.STEPS,
        "The denoising schedule, descending; fewer steps are faster and rougher.",
        low=0,
        high=1000,
        default=[1000, 750, 500, 250],
        cost=Cost.CUT,
    ),
    Parameter(
        "vace_context_scale",
        Kind.NUMBER,
        "How strongly VACE's reference images or control video act.",
        low=0.0,
        high=2.0,
        default=1.0,
    ),
    Parameter(
        "kv_cache_attention_bias",
        Kind.NUMBER,
        "How much the past frames weigh (krea-realtime-video only): lower frees the picture from them.",
        low=0.01,
        high=1.0,
        default=1.0,
    ),
    Parameter(
        "manage_cache",
        Kind.SWITCH,
        "Scope resets its cache when a parameter needs it; off, changes drift in instead of cutting.",
        default=True,
    ),
    Parameter(
        "base_seed",
        Kind.INTEGER,
        "The random seed.",
        low=0,
        high=2**32 - 1,
        default=42,
    ),
    Parameter(
        "reset_cache",
        Kind.SWITCH,
        "Forget the past frames: the picture starts anew.",
        cost=Cost.CUT,
        merge=Merge.ONCE,
        sticky=False,
    ),
    Parameter(
        "paused",
        Kind.SWITCH,
        "The GPU idles; the outputs hold.",
        default=False,
        sticky=False,
    ),
    Parameter(
        "lora_scales",
        Kind.ANY,
        "LoRA strengths, each by the path it was loaded with.",
        cost=Cost.CUT,
        merge=Merge.UNION,
        sticky=False,
    ),
    Parameter(
        "ctrl_input",
        Kind.ANY,
        "Keys held and mouse movement, for pipelines that are steered.",
        merge=Merge.SUM,
        sticky=False,
    ),
    Parameter(
        "spatial_interpolation_method",
        Kind.CHOICE,
        "How weighted prompts mix: linear, or slerp (two prompts).",
        default="linear",
        choices=("linear", "slerp"),
        cost=Cost.COSTLY,
    ),
)

PROTOCOL = frozenset(
    {
        "graph",
        "height",
        "images",
        "init_cache",
        "input_mode",
        "input_source",
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
"""Every parameter the bridge knows, by Scope's own name."""


def parameter(name: str) -> Parameter:
    """Return the parameter called `name`; one that the table lacks is passed through as it comes and never re-sent."""
    return PARAMETERS.get(name) or Parameter(name, Kind.ANY, "A pipeline's own parameter.", cost=Cost.COSTLY)


_DEFAULTS_OF_PIPELINES: Mapping[str, Mapping[str, Any]] = {
    "streamdiffusionv2": {"denoising_step_list": [1000, 750]},
    "krea-realtime-video": {"kv_cache_attention_bias": 0.3},
}


def default_of(name: str, pipeline: str) -> Any:
    """Return what `pipeline` uses for the parameter `name` in text mode when it was never sent; None if unknown."""
    return _DEFAULTS_OF_PIPELINES.get(pipeline, {}).get(name, parameter(name).default)


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
    per_chunk: PerChunk = "newest"
