"""What the rehearsal server tells about its pipelines: their schemas, and the nodes of a graph. In Scope 0.2.4's shapes."""

from collections.abc import Mapping
from typing import Any

from bridge.rehearsal.pipelines import Pipeline

_VIDEO_STEPS = [1000, 750]
_DEFS: Mapping[str, Any] = {
    "Quantization": {
        "description": "How the model is made smaller.",
        "enum": ["fp8_e4m3fn"],
        "title": "Quantization",
        "type": "string",
    },
    "VaeType": {
        "description": "Which VAE is used.",
        "enum": ["wan", "lightvae", "tae", "lighttae"],
        "title": "VaeType",
        "type": "string",
    },
}
_CTRL_INPUT: Mapping[str, Any] = {
    "CtrlInput": {
        "properties": {
            "button": {"items": {"type": "string"}, "title": "Button", "type": "array", "uniqueItems": True},
            "mouse": {
                "default": [0.0, 0.0],
                "maxItems": 2,
                "minItems": 2,
                "prefixItems": [{"type": "number"}, {"type": "number"}],
                "title": "Mouse",
                "type": "array",
            },
        },
        "title": "CtrlInput",
        "type": "object",
    }
}


def schemas(pipelines: Mapping[str, Pipeline]) -> dict[str, Any]:
    """Return what the API tells about the pipelines."""
    return {"pipelines": {name: schema(pipeline) for name, pipeline in pipelines.items()}}


def schema(pipeline: Pipeline) -> dict[str, Any]:
    """Return what the API tells about one pipeline."""
    method, steps = pipeline.temporal
    told = {
        "id": pipeline.name,
        "name": pipeline.title,
        "description": pipeline.description,
        "version": "1.0.0",
        "supported_modes": sorted(pipeline.modes),
        "default_mode": pipeline.modes[0],
        "supports_prompts": pipeline.diffusion,
        "default_temporal_interpolation_method": method,
        "default_temporal_interpolation_steps": steps,
        "default_spatial_interpolation_method": "linear",
        "docs_url": None,
        "estimated_vram_gb": pipeline.vram,
        "requires_models": bool(pipeline.models),
        "supports_lora": pipeline.diffusion,
        "supports_vace": pipeline.diffusion,
        "supports_cache_management": pipeline.diffusion,
        "supports_kv_cache_bias": pipeline.biased,
        "supports_quantization": pipeline.diffusion,
        "min_dimension": pipeline.multiple,
        "recommended_quantization_vram_threshold": 40.0 if pipeline.biased else None,
        "modified": pipeline.diffusion or bool(pipeline.usage),
        "produces_video": True,
        "produces_audio": False,
        "usage": list(pipeline.usage),
        "inputs": list(pipeline.inputs),
        "outputs": ["video"],
        "config_schema": _config(pipeline),
        "plugin_name": None,
    }
    if pipeline.diffusion:
        told["mode_defaults"] = _mode_defaults(pipeline)
    return told


def _mode_defaults(pipeline: Pipeline) -> dict[str, Any]:
    """Return what is usual in the mode that is not the default one."""
    if pipeline.modes[0] == "video":
        return {"text": {"height": pipeline.height, "width": pipeline.width, "denoising_steps": _VIDEO_STEPS}}
    size = 256 if pipeline.biased else 512
    usual = {"height": size, "width": size, "denoising_steps": _VIDEO_STEPS}
    return {"video": {**usual, "noise_scale": 0.7, "noise_controller": True} | _calm(pipeline)}


def _calm(pipeline: Pipeline) -> dict[str, Any]:
    return {"default_temporal_interpolation_steps": 0} if pipeline.temporal[1] else {}


def _config(pipeline: Pipeline) -> dict[str, Any]:
    config: dict[str, Any] = {
        "additionalProperties": False,
        "properties": _diffusion(pipeline) if pipeline.diffusion else _plain(pipeline),
        "title": f"{pipeline.title} configuration",
        "type": "object",
    }
    if pipeline.diffusion:
        config["$defs"] = _DEFS
        return config
    if pipeline.name == "controller-viz":
        config["$defs"] = _CTRL_INPUT
    if pipeline.name != "passthrough":
        config["description"] = pipeline.description
    return config


def _plain(pipeline: Pipeline) -> dict[str, Any]:
    """Return the parameters of one that only works on what comes in: most of them are there for form's sake, as in Scope."""
    steps = {"items": {"type": "integer"}, "type": "array"}
    merging = {"enum": ["permanent_merge", "runtime_peft"], "type": "string"}
    properties = {
        "height": _number("integer", "Height", "Height of the picture", pipeline.height, 1),
        "width": _number("integer", "Width", "Width of the picture", pipeline.width, 1),
        "manage_cache": _value("boolean", "Manage Cache", "Cut when a change needs a clean start", True),
        "base_seed": _number("integer", "Base Seed", "The random seed", 42, 0),
        "denoising_steps": _perhaps(steps, "Denoising Steps", "More steps, finer picture"),
        "lora_merge_strategy": _perhaps(merging, "Lora Merge Strategy"),
        "noise_scale": _perhaps({"maximum": 1.0, "minimum": 0.0, "type": "number"}, "Noise Scale", "Turbulence, grain"),
        "noise_controller": _perhaps({"type": "boolean"}, "Noise Controller", "Let the server choose the noise"),
        "input_size": _perhaps({"minimum": 1, "type": "integer"}, "Input Size", "How many frames come in", 1),
        **_vace(),
    }
    match pipeline.name:
        case "controller-viz":
            properties["ctrl_input"] = {"anyOf": [{"$ref": "#/$defs/CtrlInput"}, {"type": "null"}], "default": None}
        case "optical-flow":
            sizes = {"enum": ["small", "large"], "title": "Model Size", "type": "string"}
            properties["model_size"] = {"default": "small", **sizes}
    return properties


def _diffusion(pipeline: Pipeline) -> dict[str, Any]:
    # What a schema calls a picture's usual size is not what krea's loader takes when nothing is said; so in Scope.
    width, height = (576, 320) if pipeline.biased else (pipeline.width, pipeline.height)
    modulated = pipeline.name == "longlive"
    steps = {"modulatable": True, "modulatable_min": 100, "modulatable_max": 1000}
    noise = {"modulatable": True, "modulatable_min": 0.0, "modulatable_max": 1.0} if modulated else {}
    live = {"is_load_param": False, "modes": ["video"]}
    frames = 4 if pipeline.thirds < 3 else 1
    several = {"minimum": 1, "type": "integer"}
    return {
        "height": _number("integer", "Height", "Height of the picture", height, 1, **_ui(4, "resolution")),
        "width": _number("integer", "Width", "Width of the picture", width, 1, **_ui(4, "resolution")),
        "manage_cache": _value("boolean", "Manage Cache", "Cut for a clean start", True, **_ui(5, "cache")),
        "base_seed": _number("integer", "Base Seed", "Where in the field it starts", 42, 0, **_ui(5, label="Seed")),
        "denoising_steps": {
            **_value("array", "Denoising Steps", "More steps, finer picture", list(pipeline.steps)),
            "items": {"type": "integer"},
            **_ui(6, "denoising_steps", **steps),
        },
        "lora_merge_strategy": _value(
            "string", "Lora Merge Strategy", "How LoRAs are merged", "permanent_merge", **_ui(2, "lora")
        ),
        "noise_scale": _number(
            "number", "Noise Scale", "Turbulence and grain", 0.7, 0.0, 1.0, **_ui(7, "noise", **live, **noise)
        ),
        "noise_controller": _value(
            "boolean", "Noise Controller", "Let the server choose the noise", True, **_ui(7, "noise", **live)
        ),
        "input_size": _perhaps(several, "Input Size", "How many frames come in", 1)
        if frames == 1
        else _number("integer", "Input Size", "How many frames come in", frames, 1),
        **_vace(),
        "vace_context_scale": {**_vace()["vace_context_scale"], **_ui(1, "vace")},
        "vae_type": {
            "$ref": "#/$defs/VaeType",
            "default": "wan",
            "description": "Which VAE is used: there is none",
            **_ui(3, label="VAE"),
        },
        "quantization": {
            "anyOf": [{"$ref": "#/$defs/Quantization"}, {"type": "null"}],
            "default": None,
            "description": "How the model is made smaller: there is none",
            **_ui(8, "quantization"),
        },
    }


def _vace() -> dict[str, Any]:
    images = {"items": {"type": "string"}, "type": "array"}
    return {
        "ref_images": _perhaps(images, "Ref Images", "Files with pictures to be like"),
        "vace_context_scale": _number("number", "Vace Context Scale", "How strong the glass sphere is", 1.0, 0.0, 2.0),
    }


def _ui(order: int, component: str | None = None, **more: Any) -> dict[str, Any]:
    ui = {"category": "configuration", "is_load_param": True, "order": order, **more}
    return {"ui": ui if component is None else {**ui, "component": component}}


def _value(kind: str, title: str, description: str, default: Any, **more: Any) -> dict[str, Any]:
    return {"default": default, "description": description, "title": title, "type": kind, **more}


def _number(
    kind: str, title: str, description: str, default: float, low: float, high: float | None = None, **more: Any
) -> dict[str, Any]:
    limits = {"minimum": low} if high is None else {"minimum": low, "maximum": high}
    return {**_value(kind, title, description, default, **more), **limits}


def _perhaps(kind: Mapping[str, Any], title: str, description: str = "", default: Any = None) -> dict[str, Any]:
    told = {"anyOf": [dict(kind), {"type": "null"}], "default": default, "title": title}
    return {**told, "description": description} if description else told


def definitions(pipelines: Mapping[str, Pipeline]) -> dict[str, Any]:
    """Return the nodes that a graph may have, as the API tells them."""
    nodes = [_definition(schema(pipeline)) for pipeline in pipelines.values()]
    return {"nodes": [*nodes, _SCHEDULER]}


def _definition(told: Mapping[str, Any]) -> dict[str, Any]:
    inputs = [_port(name, "video") for name in told["inputs"]]
    return {
        "node_type_id": told["id"],
        "display_name": told["name"],
        "category": "pipeline",
        "description": told["description"],
        "inputs": [*inputs, _port("prompts", "string")] if told["supports_prompts"] else inputs,
        "outputs": [_port(name, "video") for name in told["outputs"]],
        "params": [],
        "continuous": False,
        "pipeline_meta": dict(told),
        "plugin_name": None,
    }


def _port(name: str, kind: str, description: str = "", required: bool = True) -> dict[str, Any]:
    told = {"name": name, "port_type": kind, "required": required}
    return {**told, "description": description, "default_value": None}


def _param(name: str, kind: str, default: Any, description: str, ui: Any, wired: bool) -> dict[str, Any]:
    told = {"name": name, "param_type": kind, "default": default, "description": description}
    return {**told, "ui": ui, "convertible_to_input": wired}


_SCHEDULER: Mapping[str, Any] = {
    "node_type_id": "scheduler",
    "display_name": "Scheduler (not played by the rehearsal server)",
    "category": "timing",
    "description": "Triggers at set times.",
    "inputs": [
        _port("start", "trigger", "Play or pause", required=False),
        _port("reset", "trigger", "Back to the beginning", required=False),
    ],
    "outputs": [
        _port("tick", "number", "Counts ticks"),
        _port("elapsed", "number", "Seconds since the beginning"),
        _port("is_playing", "boolean", "Whether it plays"),
    ],
    "params": [
        _param("triggers", "string", [], "What happens when", {"widget": "trigger_list"}, False),
        _param("loop", "boolean", False, "Begin again at the end", None, True),
        _param("duration", "number", 30.0, "Length in seconds", {"min": 0, "max": 3600, "step": 0.1}, True),
    ],
    "continuous": True,
    "pipeline_meta": None,
    "plugin_name": None,
}
