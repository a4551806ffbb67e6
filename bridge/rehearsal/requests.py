"""What the rehearsal server accepts over HTTP, validated as Scope does: one wrong field is a 422 that names its place."""

import json
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

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


class FaultRequest(BaseModel):
    """Of our own: what shall go wrong now."""

    fault: Literal["crash", "freeze", "deaf", "none"]


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
