"""The pipelines that the rehearsal server has, and what is loaded of them.

All of Scope's built-in ones are there, with its chunk sizes, modes and needs (facts: Scope 0.2.4's list of pipelines).
Names and descriptions are ours.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bridge.rehearsal.worker import Instance

logger = logging.getLogger(__name__)

STEPS = (1000, 750, 500, 250)
_STAGES = ("Loading diffusion model...", "Loading text encoder...", "Loading VAE...", "Initializing pipeline...")
_MERGE_MODES = ("permanent_merge", "runtime_peft")


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What the rehearsal server knows about one kind of pipeline."""

    name: str
    title: str
    description: str
    modes: tuple[str, ...] = ("text", "video")
    """The input modes it knows, the default one first."""
    thirds: int = 3
    """How many thirds of the server's chunk it makes at once: some diffusion pipelines work in smaller ones."""
    frames: int | None = None
    """How many frames it takes at once whatever the server's chunk is; None: its thirds."""
    doubles: bool = False
    """Whether it makes a frame more between every two."""
    width: int = 512
    height: int = 512
    """The picture's size when a load names none. One that only works on video gives back what size it gets."""
    diffusion: bool = False
    """Whether it takes prompts, LoRAs, VACE and denoising steps."""
    bias: float = 1.0
    """The attention bias it starts with."""
    steps: tuple[int, ...] = ()
    """The denoising steps it uses when none were sent, whatever the mode."""
    temporal: tuple[str, int] = ("slerp", 0)
    """How a prompt becomes another one where nothing else is said: the method, and over how many chunks."""
    multiple: int = 1
    """What width and height must be a multiple of."""
    vram: float | None = None
    """How much GPU memory it needs, in GB. Without a GPU, Scope does not list what has a need."""
    models: tuple[str, ...] = ()
    """What must be downloaded before it can be loaded."""
    usage: tuple[str, ...] = ()
    """What it is for beside the main part: `preprocessor`, `postprocessor`."""

    @property
    def biased(self) -> bool:
        """Whether the attention bias has an effect."""
        return self.bias != 1.0

    @property
    def inputs(self) -> tuple[str, ...]:
        """The ports by which video comes in."""
        return ("video", "vace_input_frames", "vace_input_masks") if self.diffusion else ("video",)

    @property
    def generates(self) -> bool:
        """Whether it makes pictures without any that come in, of the size it was loaded with."""
        return "text" in self.modes

    def takes(self, chunk: int) -> int:
        """Return how many frames it takes at once in video mode, on a server whose chunk has `chunk` frames."""
        return self.frames or max(1, chunk * self.thirds // 3)

    def makes(self, chunk: int) -> int:
        """Return how many frames it makes at once."""
        return 2 * self.takes(chunk) - 1 if self.doubles else self.takes(chunk)


def _wan(name: str, title: str, description: str, *artifacts: str, **other: Any) -> Pipeline:
    """Return one of the diffusion pipelines, which have most in common."""
    usual = {"width": 576, "height": 320, "steps": STEPS, "vram": 20.0}
    models = ("Wan2.1-T2V-1.3B", "WanVideo_comfy", *artifacts)
    return Pipeline(name, title, description, diffusion=True, multiple=16, models=models, **{**usual, **other})


PIPELINES: Mapping[str, Pipeline] = {
    pipeline.name: pipeline
    for pipeline in (
        _wan(
            "streamdiffusionv2",
            "StreamDiffusionV2 (rehearsal)",
            "Flowing forms in short chunks, for quick answers.",
            "StreamDiffusionV2",
            modes=("video", "text"),
            thirds=1,
            width=512,
            height=512,
            steps=(750, 250),
        ),
        _wan(
            "longlive",
            "LongLive (rehearsal)",
            "Flowing forms in chunks of twelve frames, steered by prompts.",
            "LongLive-1.3B",
        ),
        _wan(
            "krea-realtime-video",
            "Krea Realtime (rehearsal)",
            "Flowing forms whose memory can be loosened with the attention bias.",
            "krea-realtime-video",
            width=512,
            height=512,
            bias=0.3,
            temporal=("linear", 4),
            vram=32.0,
        ),
        _wan("reward-forcing", "RewardForcing (rehearsal)", "Flowing forms, as longlive.", "Reward-Forcing-T2V-1.3B"),
        _wan("memflow", "MemFlow (rehearsal)", "Flowing forms, as longlive.", "MemFlow"),
        Pipeline(
            "passthrough",
            "Passthrough (rehearsal)",
            "Gives back the video that comes in.",
            modes=("video",),
            frames=4,
        ),
        Pipeline(
            "video-depth-anything",
            "Video Depth Anything (rehearsal)",
            "A picture of what is near and far in the video.",
            modes=("video",),
            frames=4,
            vram=1.0,
            models=("Video-Depth-Anything-Small",),
            usage=("preprocessor",),
        ),
        Pipeline(
            "controller-viz",
            "Controller view (rehearsal)",
            "Shows which direction keys are held and where the mouse went.",
            modes=("text",),
            frames=1,
        ),
        Pipeline(
            "rife",
            "RIFE (rehearsal)",
            "Doubles the frame rate: between every two frames comes one more.",
            modes=("video",),
            frames=12,
            doubles=True,
            models=("RIFEv4.25",),
            usage=("postprocessor",),
        ),
        Pipeline(
            "scribble",
            "Scribble (rehearsal)",
            "The outlines of the video.",
            modes=("video",),
            frames=1,
            models=("VACE-Annotators",),
            usage=("preprocessor",),
        ),
        Pipeline(
            "gray",
            "Grayscale (rehearsal)",
            "The video without its colours.",
            modes=("video",),
            frames=1,
            usage=("preprocessor",),
        ),
        Pipeline(
            "optical-flow",
            "Optical Flow (rehearsal)",
            "Where things move in the video.",
            modes=("video",),
            frames=2,
            usage=("preprocessor",),
        ),
    )
}


def listed(vram: float | None) -> Mapping[str, Pipeline]:
    """Return the pipelines that a server with that much GPU memory has, in GB; None: it has no GPU."""
    return {name: one for name, one in PIPELINES.items() if vram is not None or one.vram is None}


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
    """What runs. Its chunk has as many frames as the pipeline makes at once."""
    takes: int = 12
    """How many frames it takes at once in video mode."""


class Pipelines:
    """What is loaded, and loading. Scope's odd habits included: an error is told once, then nothing is loaded."""

    def __init__(
        self,
        seconds: float,
        frames: int,
        *,
        vram: float | None = 48.0,
        has_lora: Callable[[str], bool] = lambda path: True,
        has_models: Callable[[str], bool] = lambda pipeline: True,
        seed: str = "base_seed",
    ) -> None:
        """Take `seconds` for a load, and make chunks of `frames` frames.

        `vram` is the GPU's memory in GB (None: no GPU), `has_lora` says whether a LoRA's path is there, `has_models`
        whether a pipeline's models are, and `seed` is what a load calls the random seed.
        """
        self._seconds, self._frames = seconds, frames
        self._vram, self._has_lora, self._has_models, self._seed = vram, has_lora, has_models, seed
        self.slow: float | None = None
        """How long a load takes instead, in seconds, if not None."""
        self.failing = False
        """Whether every load ends in an error."""
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
    def loaded(self) -> Mapping[str, Loaded]:
        """All that is loaded, by key, in the order it was asked for."""
        return self._loaded

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
        adapters = [
            {"path": path, "scale": scale}
            for one in self._loaded.values()
            if one.runtime_loras
            for path, scale in one.instance.loras.items()
            if path not in one.instance.fixed
        ]
        return {
            "status": state,
            "pipeline_id": next(iter(self._loaded), None) if state == "loaded" else None,
            "load_params": dict(self._params) if self._params is not None and state in ("loading", "loaded") else None,
            "loaded_lora_adapters": (adapters or None) if state == "loaded" else None,
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
                pipeline = self._there(kind)
                for stage in _STAGES:
                    self._stage = stage
                    logger.info(stage)
                    await asyncio.sleep((self._seconds if self.slow is None else self.slow) / len(_STAGES))
                self._loaded[key] = self._open(pipeline, params)
            except ValueError as error:
                logger.error("Failed to load pipeline %s: %s", kind, error)
                self._failed = True
            else:
                logger.info("Pipeline %s loaded successfully", kind)
        # In the order they were asked for: the first one is the one that the status names.
        self._loaded = {key: self._loaded[key] for key in self._wanted if key in self._loaded}
        self._stage = None

    def _there(self, kind: str) -> Pipeline:
        """Raise `ValueError` if there is no such pipeline, or its models are not there."""
        pipeline = listed(self._vram).get(kind)
        if pipeline is None:
            raise ValueError(f"Invalid pipeline ID: {kind}")
        if not self._has_models(kind):
            raise ValueError(f"the models of {kind} are not downloaded")
        return pipeline

    def _open(self, pipeline: Pipeline, params: Mapping[str, Any]) -> Loaded:
        """Raise `ValueError` if the pipeline cannot be built with these parameters, or not now."""
        if self.failing:
            raise ValueError("a load error is rehearsed")
        held = sum(one.pipeline.vram or 0.0 for one in self._loaded.values())
        if pipeline.vram is not None and self._vram is not None and held + pipeline.vram > self._vram:
            free = max(0.0, self._vram - held)
            raise ValueError(f"CUDA out of memory: {pipeline.vram:g} GB needed, {free:g} of {self._vram:g} GB free")
        width, height = (
            _size(name, params.get(name), usual, pipeline.multiple)
            for name, usual in (("width", pipeline.width), ("height", pipeline.height))
        )
        state = {
            "height": height,
            "width": width,
            "base_seed": params.get(self._seed, 42),
            "manage_cache": True,
            "kv_cache_attention_bias": pipeline.bias,
            "vace_context_scale": params.get("vace_context_scale", 1.0),
        }
        loras, changing = self._loras(params) if pipeline.diffusion else ({}, frozenset())
        instance = Instance(
            pipeline.name,
            frames=pipeline.makes(self._frames),
            prompted=pipeline.diffusion,
            steps=pipeline.steps,
            adjustable=bool(changing),
            fixed=frozenset(loras) - changing,
            state=state if pipeline.diffusion else {"manage_cache": True},
            loras=loras,
        )
        return Loaded(pipeline, dict(params), width, height, bool(changing), instance, pipeline.takes(self._frames))

    def _loras(self, params: Mapping[str, Any]) -> tuple[dict[str, float], frozenset[str]]:
        """Return the LoRAs that a load names, and those that can be changed afterwards. Raise `ValueError` if it cannot be."""
        usual = _mode(params.get("lora_merge_mode"), _MERGE_MODES[0])
        loras, changing = {}, set()
        entries = params.get("loras") or []
        if not isinstance(entries, list):
            raise ValueError(f"loras must be a list, but are {entries!r}")
        for entry in entries:
            if not isinstance(entry, Mapping) or not isinstance(entry.get("path"), str):
                raise ValueError(f"a LoRA needs a path, but is {entry!r}")
            path, scale = entry["path"], entry.get("scale", 1.0)
            if not self._has_lora(path):
                raise ValueError(f"LoRA file not found: {path}")
            if isinstance(scale, bool) or not isinstance(scale, int | float):
                raise ValueError(f"a LoRA's scale must be a number, but is {scale!r}")
            loras[path] = float(scale)
            if _mode(entry.get("merge_mode"), usual) == "runtime_peft":
                changing.add(path)
        return loras, frozenset(changing)


def _mode(mode: Any, usual: str) -> str:
    """Return how a LoRA is merged. Raise `ValueError` for what is no way to do it."""
    if mode is None:
        return usual
    if mode not in _MERGE_MODES:
        raise ValueError(f"unknown LoRA merge mode: {mode!r}")
    return str(mode)


def _size(name: str, value: Any, usual: int, multiple: int) -> int:
    if value is None:
        return usual
    if isinstance(value, bool) or not isinstance(value, int) or value < multiple or value % multiple:
        text = f"{name} must be a whole number of at least {multiple} and a multiple of it, but is {value!r}"
        raise ValueError(text)
    return value
