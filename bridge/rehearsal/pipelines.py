"""The pipelines that the rehearsal server can run, what it says about them, and what is loaded.

It lists only what it can do: text mode, no input video. The schemas have the shape of Scope's; names, texts and numbers
are ours where they need not be Scope's.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bridge.rehearsal.worker import Instance

logger = logging.getLogger(__name__)

STEPS = (1000, 750, 500, 250)
_STAGES = ("Loading diffusion model...", "Loading text encoder...", "Loading VAE...", "Initializing pipeline...")


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What the rehearsal server knows about one kind of pipeline."""

    name: str
    title: str
    description: str
    thirds: int = 3
    """How many thirds of a chunk it makes at once: some pipelines work in smaller ones. 0: single frames."""
    width: int = 576
    height: int = 320
    diffusion: bool = True
    """Whether it takes prompts, LoRAs, VACE and denoising steps."""
    bias: float = 1.0
    """The attention bias it starts with."""
    steps: tuple[int, ...] = STEPS
    multiple: int = 16
    """What width and height must be a multiple of."""

    @property
    def biased(self) -> bool:
        """Whether the attention bias has an effect."""
        return self.bias != 1.0


PIPELINES: Mapping[str, Pipeline] = {
    pipeline.name: pipeline
    for pipeline in (
        Pipeline("longlive", "LongLive (rehearsal)", "Flowing forms in chunks of twelve frames, steered by prompts."),
        Pipeline(
            "streamdiffusionv2",
            "StreamDiffusionV2 (rehearsal)",
            "Flowing forms in short chunks, for quick answers.",
            thirds=1,
            width=512,
            height=512,
            steps=(1000, 750),
        ),
        Pipeline(
            "krea-realtime-video",
            "Krea Realtime (rehearsal)",
            "Flowing forms whose memory can be loosened with the attention bias.",
            width=512,
            height=512,
            bias=0.3,
        ),
        Pipeline("reward-forcing", "RewardForcing (rehearsal)", "Flowing forms, as longlive."),
        Pipeline("memflow", "MemFlow (rehearsal)", "Flowing forms, as longlive."),
        Pipeline(
            "controller-viz",
            "Controller view (rehearsal)",
            "Shows which direction keys are held and where the mouse went.",
            thirds=0,
            width=512,
            height=512,
            diffusion=False,
            steps=(),
            multiple=1,
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Loaded:
    """One pipeline, loaded under a key. Sessions hold on to it, also when it is replaced."""

    pipeline: Pipeline
    params: Mapping[str, Any]
    width: int
    height: int
    runtime_loras: bool
    """Whether LoRA scales can be changed while it runs."""
    instance: Instance


class Pipelines:
    """What is loaded, and loading. Scope's odd habits included: an error is told once, then nothing is loaded."""

    def __init__(self, seconds: float, frames: int) -> None:
        """Take `seconds` for a load, and make chunks of `frames` frames."""
        self._seconds, self._frames = seconds, frames
        self._loaded: dict[str, Loaded] = {}
        self._loading = 0
        self._stage: str | None = None
        self._failed = False
        self._wanted: list[str] = []
        self._params: Mapping[str, Any] | None = None
        self._turn = asyncio.Lock()

    def find(self, name: str) -> Loaded | None:
        """Return what is loaded under the key `name`, or else the first of that kind; None without."""
        of_that_kind = (loaded for loaded in self._loaded.values() if loaded.pipeline.name == name)
        return self._loaded.get(name) or next(of_that_kind, None)

    @property
    def ready(self) -> bool:
        """Whether everything that was asked for is loaded."""
        return self._state() == "loaded"

    def _state(self) -> str:
        if self._loading:
            return "loading"
        if self._failed:
            return "error"
        return "loaded" if self._loaded and all(key in self._loaded for key in self._wanted) else "not_loaded"

    def status(self) -> dict[str, Any]:
        """Return the status as the API tells it. An error is told only once."""
        state = self._state()
        self._failed = False
        first = next(iter(self._loaded.values()), None)
        adapters = None
        if state == "loaded" and first is not None and first.runtime_loras:
            adapters = [{"path": path, "scale": scale} for path, scale in first.instance.loras.items()] or None
        return {
            "status": state,
            "pipeline_id": next(iter(self._loaded), None) if state == "loaded" else None,
            "load_params": dict(self._params) if self._params is not None and state in ("loading", "loaded") else None,
            "loaded_lora_adapters": adapters,
            "error": None,
            "loading_stage": self._stage if state == "loading" else None,
            "produces_video": True,
            "produces_audio": False,
        }

    async def load(self, wanted: Sequence[tuple[str, str, Mapping[str, Any]]]) -> None:
        """Load pipelines, given as key, kind and parameters, and unload everything else. It never raises for unknown ones."""
        self._loading += 1
        self._params = wanted[0][2]
        try:
            async with self._turn:
                await self._load(wanted)
        finally:
            self._loading -= 1

    async def _load(self, wanted: Sequence[tuple[str, str, Mapping[str, Any]]]) -> None:
        before = list(self._loaded.values())
        kept: dict[str, Loaded] = {}
        missing = []
        for key, kind, params in wanted:
            same = next((one for one in before if one.pipeline.name == kind and one.params == params), None)
            if same is None:
                missing.append((key, kind, params))
            else:
                before.remove(same)
                kept[key] = same
        for unloaded in before:
            logger.info("Unloading pipeline %s", unloaded.pipeline.name)
        self._loaded, self._failed = kept, False
        self._wanted, self._params = [key for key, _, _ in wanted], wanted[0][2]
        for key, kind, params in missing:
            logger.info("Loading pipeline %s as %s with %s", kind, key, dict(params))
            try:
                if kind not in PIPELINES:
                    raise ValueError(f"Invalid pipeline ID: {kind}")
                for stage in _STAGES:
                    self._stage = stage
                    logger.info(stage)
                    await asyncio.sleep(self._seconds / len(_STAGES))
                self._loaded[key] = self._open(PIPELINES[kind], params)
            except ValueError as error:
                logger.error("Failed to load pipeline %s: %s", kind, error)
                self._failed = True
            else:
                logger.info("Pipeline %s loaded successfully", kind)
        # In the order they were asked for: the first one is the one that the status names.
        self._loaded = {key: self._loaded[key] for key in self._wanted if key in self._loaded}
        self._stage = None

    def _open(self, pipeline: Pipeline, params: Mapping[str, Any]) -> Loaded:
        """Raise `ValueError` if the pipeline cannot be built with these parameters."""
        width, height = (
            _size(name, params.get(name), usual, pipeline.multiple)
            for name, usual in (("width", pipeline.width), ("height", pipeline.height))
        )
        frames = max(1, self._frames * pipeline.thirds // 3) if pipeline.thirds else 1
        state = {
            "height": height,
            "width": width,
            "base_seed": params.get("base_seed", 42),
            "manage_cache": True,
            "kv_cache_attention_bias": pipeline.bias,
            "vace_context_scale": params.get("vace_context_scale", 1.0),
        }
        loras = {}
        for entry in params.get("loras") or ():
            if not isinstance(entry, Mapping) or not isinstance(entry.get("path"), str):
                raise ValueError(f"a LoRA needs a path, but is {entry!r}")
            loras[entry["path"]] = float(entry.get("scale", 1.0))
        runtime = params.get("lora_merge_mode") == "runtime_peft"
        instance = Instance(
            pipeline.name,
            frames=frames,
            prompted=pipeline.diffusion,
            steps=pipeline.steps,
            adjustable=runtime,
            state=state if pipeline.diffusion else {"manage_cache": True},
            loras=loras,
        )
        return Loaded(pipeline, dict(params), width, height, runtime, instance)


def _size(name: str, value: Any, usual: int, multiple: int) -> int:
    if value is None:
        return usual
    if isinstance(value, bool) or not isinstance(value, int) or value < 16 or value % multiple:
        raise ValueError(f"{name} must be a whole number of at least 16 and a multiple of {multiple}, but is {value!r}")
    return value


def schemas() -> dict[str, Any]:
    """Return what the API tells about the pipelines."""
    return {"pipelines": {name: _schema(pipeline) for name, pipeline in PIPELINES.items()}}


def _schema(pipeline: Pipeline) -> dict[str, Any]:
    return {
        "id": pipeline.name,
        "name": pipeline.title,
        "description": pipeline.description,
        "version": "1.0.0",
        "supported_modes": ["text"],
        "default_mode": "text",
        "supports_prompts": pipeline.diffusion,
        "default_temporal_interpolation_method": "linear",
        "default_temporal_interpolation_steps": 4,
        "default_spatial_interpolation_method": "linear",
        "docs_url": None,
        "estimated_vram_gb": None,
        "requires_models": False,
        "supports_lora": pipeline.diffusion,
        "supports_vace": pipeline.diffusion,
        "supports_cache_management": pipeline.diffusion,
        "supports_kv_cache_bias": pipeline.biased,
        "supports_quantization": False,
        "min_dimension": 16,
        "recommended_quantization_vram_threshold": None,
        "modified": False,
        "produces_video": True,
        "produces_audio": False,
        "usage": [],
        "inputs": [],
        "outputs": ["video"],
        "config_schema": {
            "additionalProperties": False,
            "properties": _properties(pipeline),
            "title": f"{pipeline.title} configuration",
            "type": "object",
        },
        "mode_defaults": {},
        "plugin_name": None,
    }


def _properties(pipeline: Pipeline) -> dict[str, Any]:
    size = {"category": "configuration", "component": "resolution", "is_load_param": True, "order": 1}
    properties: dict[str, Any] = {
        "height": _number("integer", "Height of the picture", pipeline.height, 16, None, size),
        "width": _number("integer", "Width of the picture", pipeline.width, 16, None, size),
    }
    if not pipeline.diffusion:
        properties["ctrl_input"] = {
            "default": None,
            "description": "Keys held and mouse movement",
            "title": "Ctrl Input",
        }
        return properties
    load = {"category": "configuration", "is_load_param": True, "order": 2}
    live = {"category": "configuration", "component": "noise", "is_load_param": False, "order": 3, "modulatable": True}
    properties |= {
        "manage_cache": _plain("boolean", "Cut when a change needs a clean start", True, load),
        "base_seed": _number("integer", "Where in the field the picture starts", 42, 0, None, load),
        "denoising_steps": {
            **_plain(
                "array", "More steps, finer picture", list(pipeline.steps), {**load, "component": "denoising_steps"}
            ),
            "items": {"type": "integer"},
        },
        "noise_scale": _number("number", "Turbulence and grain", 0.35, 0.0, 1.0, live),
        "noise_controller": _plain("boolean", "Let the server choose the noise", False, {**live, "modulatable": False}),
        "vace_context_scale": _number(
            "number", "How strong the glass sphere is", 1.0, 0.0, 2.0, {**load, "component": "vace"}
        ),
    }
    return properties


def _plain(kind: str, description: str, default: Any, ui: Mapping[str, Any]) -> dict[str, Any]:
    return {"default": default, "description": description, "type": kind, "ui": dict(ui)}


def _number(
    kind: str, description: str, default: float, low: float, high: float | None, ui: Mapping[str, Any]
) -> dict[str, Any]:
    limits = {"minimum": low} if high is None else {"minimum": low, "maximum": high}
    return {**_plain(kind, description, default, ui), **limits}
