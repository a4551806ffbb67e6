"""What the rehearsal server accepts over HTTP, validated as Scope does: one wrong field is a 422 that names its place."""

import json
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from bridge.rehearsal.faults import HEALING, Planned, planned

_Model = TypeVar("_Model", bound=BaseModel)


class Invalid(ValueError):
    """A body that cannot be taken."""

    def __init__(self, problems: list[dict[str, Any]]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems
        """As in the answer's `detail`."""


class PromptItem(BaseModel):
    text: str
    weight: float = Field(default=1.0, ge=0.0)


class Transition(BaseModel):
    target_prompts: list[PromptItem]
    num_steps: int = Field(default=4, ge=0)
    temporal_interpolation_method: Literal["linear", "slerp"] = "linear"


class LoraScale(BaseModel):
    path: str
    scale: float = Field(ge=-10.0, le=10.0)


class OutputSink(BaseModel):
    enabled: bool = False
    name: str = ""


class GraphNode(BaseModel):
    id: str
    type: Literal["source", "pipeline", "sink", "record", "node"]
    pipeline_id: str | None = None
    node_type_id: str | None = None
    params: dict[str, Any] | None = None
    source_mode: str | None = None
    source_name: str | None = None
    source_flip_vertical: bool = False
    tempo_sync: bool = False
    sink_mode: str | None = None
    sink_name: str | None = None


class GraphEdge(BaseModel):
    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    from_node: str = Field(alias="from")
    from_port: str
    to_node: str
    to_port: str
    kind: Literal["stream", "parameter"] = "stream"


class Graph(BaseModel):
    nodes: list[GraphNode]
    edges: list[GraphEdge]


class Parameters(BaseModel):
    """The keys that Scope validates in an offer and in its REST update. All others are let through as they are."""

    model_config = ConfigDict(extra="allow")

    input_mode: Literal["text", "video"] | None = None
    prompts: list[PromptItem] | None = None
    prompt_interpolation_method: Literal["linear", "slerp"] = "linear"
    transition: Transition | None = None
    noise_scale: Annotated[float, Field(ge=0.0, le=1.0)] | None = None
    noise_controller: bool | None = None
    denoising_step_list: list[int] | None = None
    manage_cache: bool | None = None
    reset_cache: bool | None = None
    kv_cache_attention_bias: Annotated[float, Field(ge=0.01, le=1.0)] | None = None
    lora_scales: list[LoraScale] | None = None
    output_sinks: dict[str, OutputSink] | None = None
    vace_enabled: bool | None = None
    vace_ref_images: list[str] | None = None
    vace_use_input_video: bool | None = None
    vace_context_scale: float = Field(default=1.0, ge=0.0, le=2.0)
    pipeline_ids: list[str] | None = None
    graph: Graph | None = None
    first_frame_image: str | None = None
    last_frame_image: str | None = None
    images: list[str] | None = None
    recording: bool | None = None
    node_id: str | None = None

    def given(self) -> dict[str, Any]:
        """Return all that is not null: what was sent, and the two keys that Scope adds (as if they had been sent)."""
        return self.model_dump(exclude_none=True)


class Offer(BaseModel):
    sdp: str
    type: str
    initialParameters: Parameters | None = None
    user_id: str | None = None
    connection_id: str | None = None
    connection_info: dict[str, Any] | None = None


class Candidate(BaseModel):
    candidate: str
    sdpMid: str | None = None
    sdpMLineIndex: int | None = None


class Candidates(BaseModel):
    candidates: list[Candidate]


class LoadItem(BaseModel):
    node_id: str
    pipeline_id: str
    load_params: dict[str, Any] | None = None


class Load(BaseModel):
    pipelines: list[LoadItem] | None = None
    pipeline_ids: list[str] | None = None
    load_params: dict[str, Any] | None = None
    connection_id: str | None = None
    connection_info: dict[str, Any] | None = None
    user_id: str | None = None

    def wanted(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Return what is to be loaded: key, kind and parameters of each."""
        if self.pipelines:
            return [(item.node_id, item.pipeline_id, item.load_params or {}) for item in self.pipelines]
        return [(name, name, self.load_params or {}) for name in self.pipeline_ids or ()]


class EarlyParameters(Parameters):
    """What an offer's parameters may have in beta.3: all other keys are dropped."""

    @model_validator(mode="before")
    @classmethod
    def known(cls, data: Any) -> Any:
        """Drop the keys that beta.3 does not know."""
        return {key: value for key, value in data.items() if key in _EARLY_KEYS} if isinstance(data, dict) else data


_EARLY_KEYS = frozenset(
    {
        "input_mode",
        "prompts",
        "prompt_interpolation_method",
        "transition",
        "noise_scale",
        "noise_controller",
        "denoising_step_list",
        "manage_cache",
        "reset_cache",
        "kv_cache_attention_bias",
        "lora_scales",
        "spout_sender",
        "spout_receiver",
        "vace_enabled",
        "vace_ref_images",
        "vace_use_input_video",
        "vace_context_scale",
        "pipeline_ids",
    }
)


class EarlyOffer(Offer):
    """An offer to beta.3."""

    initialParameters: EarlyParameters | None = None


class EarlyLoad(BaseModel):
    """A load by beta.3: one set of parameters for all pipelines, which are named by their kind."""

    pipeline_ids: list[str]
    load_params: dict[str, Any] | None = None

    def wanted(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Return what is to be loaded: key, kind and parameters of each."""
        return [(name, name, self.load_params or {}) for name in self.pipeline_ids]


class TempoEnable(BaseModel):
    source: Literal["link", "midi_clock"]
    midi_device: str | None = None
    bpm: float = Field(default=120.0, ge=20.0, le=300.0)
    beats_per_bar: int = Field(default=4, ge=1, le=16)


class TempoSet(BaseModel):
    bpm: float = Field(ge=20.0, le=300.0)


class LoraInstall(BaseModel):
    url: str
    filename: str | None = None


class ModelsDownload(BaseModel):
    pipeline_id: str


class OscSettings(BaseModel):
    log_all_messages: bool


class OscEntry(BaseModel):
    """One path that a graph adds to what OSC can reach."""

    osc_address: str
    type: str
    description: str | None = None
    min: float | None = None
    max: float | None = None
    enum: list[Any] | None = None
    default: Any | None = None
    node_id: str | None = None
    param: str | None = None
    pipeline_id: str | None = None
    group: str | None = None


class OscInventory(BaseModel):
    paths: list[OscEntry]


class FaultRequest(BaseModel):
    """Of our own: what shall go wrong, now or in so many seconds; `none` heals what can be healed."""

    fault: str

    @field_validator("fault")
    @classmethod
    def known(cls, text: str) -> str:
        """Raise `ValueError` for what is no fault."""
        if text != HEALING:
            planned(text)
        return text

    @property
    def planned(self) -> Planned | None:
        """What comes; None: healing."""
        return None if self.fault == HEALING else planned(self.fault)


class ChunkRequest(BaseModel):
    """Of our own: how long a chunk takes from now on, in seconds, and by which part of it that varies."""

    seconds: float | None = Field(default=None, gt=0.0, le=86_400.0)
    jitter: float | None = Field(default=None, ge=0.0, le=1.0)


def read(model: type[_Model], body: bytes, content_type: str) -> _Model:
    """Return a request's body as `model`. Raise `Invalid` if it is not one."""
    if not body:
        raise Invalid([{"type": "missing", "loc": ["body"], "msg": "Field required", "input": None}])
    data: Any = body.decode(errors="replace")
    if content_type == "application/json" or content_type.endswith("+json"):
        try:
            data = json.loads(body)
        except json.JSONDecodeError as error:
            problem = {"type": "json_invalid", "loc": ["body", error.pos], "msg": "JSON decode error", "input": {}}
            raise Invalid([{**problem, "ctx": {"error": error.msg}}]) from error
        except UnicodeDecodeError as error:
            raise Invalid(
                [{"type": "json_invalid", "loc": ["body", 0], "msg": "JSON decode error", "input": {}}]
            ) from error
    if not isinstance(data, dict):
        text = "Input should be a valid dictionary or object to extract fields from"
        raise Invalid([{"type": "model_attributes_type", "loc": ["body"], "msg": text, "input": data}])
    try:
        return model.model_validate(data)
    except ValidationError as error:
        problems = json.loads(error.json(include_url=False))
        raise Invalid([{**problem, "loc": ["body", *problem["loc"]]} for problem in problems]) from error
