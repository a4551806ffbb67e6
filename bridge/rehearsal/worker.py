"""The twin of Scope's worker: what a parameter message becomes, chunk by chunk. No clock, no thread: whoever runs it has those.

Every pipeline of a session has a `Worker`: a first-in-first-out queue of 8 messages that drops the *newest* when it is full, and of
which every chunk takes exactly one. It drives an `Instance`, the loaded pipeline, which all sessions share and whose keys stay.

    worker.put({"noise_scale": 0.4})         # at any time
    match worker.step(frames_that_wait):     # at the start of every chunk
        case Chunk() as chunk: ...           # make its frames
        case Idle(): ...                     # paused: try again in `IDLE` seconds
        case Starved(): ...                  # too little video came in: try again in `IDLE` seconds; a message was taken all the same
        case Failed() as failed: ...         # this chunk made nothing; the real server only logs that
"""

import math
import zlib
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bridge.rehearsal.beat import Beat, Modulation, boundary, modulate

QUEUE = 8
"""How many messages wait for a worker at most."""
IDLE = 0.01
"""How long a worker that makes nothing waits before it looks again, in seconds."""
CACHE = 4084
"""After how many frames of one scene the cache is full and the pipeline resets it by itself."""

Message = Mapping[str, Any]
Blend = tuple[tuple[str, float], ...]
"""Prompt texts with their weights, which add up to 1 (or it is empty)."""

_CALLED_ONCE = ("vace_ref_images", "images", "first_frame_image", "last_frame_image")
_NUMBERS = ("noise_scale", "vace_context_scale", "kv_cache_attention_bias", "base_seed")


@dataclass(frozen=True, slots=True)
class Chunk:
    """What one call of the pipeline was asked to make."""

    number: int
    """Counts the chunks of this instance from 0."""
    frames: int
    """How many frames it has."""
    flush: bool
    """Whether frames that still wait to be sent are thrown away: a cache reset was asked for."""
    scene: int
    """Counts the cuts: another scene number means that the cache was reset."""
    age: int
    """How many frames this scene already has."""
    steps: tuple[int, ...]
    """The denoising steps in effect."""
    blend: Blend
    """The prompts in effect, in the middle of a transition both ends of it."""
    transition: bool
    """Whether a transition goes on after this chunk."""
    state: Mapping[str, Any]
    """Every key in effect."""
    loras: tuple[tuple[str, float], ...]
    """LoRA scales in effect, by path, in the order of their paths."""
    taken: int
    """How many messages the worker has consumed, this chunk's included."""
    dropped: int
    """How many it has thrown away."""


@dataclass(frozen=True, slots=True)
class Idle:
    """Nothing was made because the session is paused."""


@dataclass(frozen=True, slots=True)
class Starved:
    """Nothing was made because too little video has come in. What acts once waits for the chunk that will be made."""

    flush: bool = False
    """As in `Chunk`."""


@dataclass(frozen=True, slots=True)
class Failed:
    """Nothing was made because the pipeline raised."""

    reason: str
    flush: bool = False
    """As in `Chunk`."""


@dataclass(slots=True)
class Instance:
    """A loaded pipeline. Its state is a merge of all that was ever sent to it: there is no delete."""

    pipeline: str
    frames: int
    """How many frames a chunk has."""
    prompted: bool = True
    """Whether it makes nothing without prompts."""
    steps: tuple[int, ...] = ()
    """The denoising steps it uses when none were sent."""
    adjustable: bool = True
    """Whether LoRA scales can change: not after a permanent merge."""
    fixed: frozenset[str] = frozenset()
    """The paths of LoRAs that were merged for good although others can change."""
    state: dict[str, Any] = field(default_factory=dict)
    loras: dict[str, float] = field(default_factory=dict)
    """LoRA scales by path. Only paths that were loaded are in it; others are ignored, as the real one does."""
    chunks: int = 0
    _scene: int = -1
    _age: int = 0
    _blend: Blend = ()
    _ahead: deque[Blend] = field(default_factory=deque)
    """What the chunks of a running transition will show."""
    _heard: Blend | None = None
    """The prompts that were received last, to tell a change from a repetition."""
    _steps: tuple[int, ...] = ()
    """The denoising steps of the chunk before."""
    _mode: Any = None
    """The input mode of the chunk before."""
    _ends: Blend = ()
    """Where the running transition goes, or the last one went."""

    def call(self, parameters: Mapping[str, Any], taken: int, dropped: int, flush: bool = False) -> Chunk:
        """Make the next chunk with `parameters`. Raise `ValueError` if they cannot be used."""
        parameters = dict(parameters)
        reset = bool(parameters.pop("init_cache", False))
        loras = parameters.pop("lora_scales", None)
        self.state.update(parameters)
        for key in ("transition", *_CALLED_ONCE):
            if key not in parameters:
                self.state.pop(key, None)
        if loras is not None:
            for path, scale in _scales(loras):
                if self.adjustable and path in self.loras and path not in self.fixed:
                    self.loras[path] = scale
        for key in _NUMBERS:
            _check_number(key, self.state.get(key))
        if self.prompted and self.state.get("prompts") is None:
            raise ValueError("prompts are required")

        steps = _steps(self.state.get("denoising_step_list")) or self.steps
        other_steps = steps != self._steps and not self.state.get("_modulated_step_list")
        other_mode = self.state.get("input_mode") != self._mode
        self._steps, self._mode = steps, self.state.get("input_mode")
        managed = self.state.get("manage_cache", True) and (loras is not None or other_steps or self._leaps())
        if reset or managed or other_mode or self._age >= CACHE or self._scene < 0:
            self._scene += 1
            self._age = 0
            self._heard, self._ahead = None, deque()  # after a reset the prompts are read anew: a stale one comes back
        transition = self.state.get("transition")
        self._prompt(_blend(self.state.get("prompts")), transition)

        chunk = Chunk(
            number=self.chunks,
            frames=self.frames,
            flush=flush,
            scene=self._scene,
            age=self._age,
            steps=steps,
            blend=self._blend,
            transition=bool(self._ahead),
            state=dict(self.state),
            loras=tuple(sorted(self.loras.items())),
            taken=taken,
            dropped=dropped,
        )
        self.chunks += 1
        self._age += self.frames
        return chunk

    def _leaps(self) -> bool:
        """Return whether video is transformed and the prompts are others without a transition: that is a hard cut."""
        if self.state.get("input_mode") != "video" or self.state.get("transition") is not None:
            return False
        return self._heard is not None and _blend(self.state.get("prompts")) != self._heard

    def _prompt(self, prompts: Blend, transition: Any) -> None:
        """Decide what this chunk's prompts are."""
        changed, self._heard = prompts != self._heard, prompts
        if transition is not None:
            if not isinstance(transition, Mapping):
                raise ValueError(f"transition must be an object, but is {transition!r}")
            target = _blend(transition.get("target_prompts"))
            if target != self._ends:
                self._begin(target, transition.get("num_steps", 4))
            elif changed and not self._ahead:
                self._blend = target
        elif changed or self._ahead:  # a transition that is no longer asked for is dead: the picture jumps
            self._ahead.clear()
            self._blend = self._ends = prompts
        if self._ahead:
            self._blend = self._ahead.popleft()

    def _begin(self, target: Blend, steps: Any) -> None:
        if not isinstance(steps, int) or isinstance(steps, bool):
            raise ValueError(f"num_steps must be a whole number, but is {steps!r}")
        self._ahead.clear()
        self._ends = target
        if steps <= 0 or not self._blend:
            self._blend = target
            return
        # The first step is the source itself, so that with one step the target is never reached.
        parts = [step / (steps - 1) if steps > 1 else 0.0 for step in range(steps)]
        self._ahead.extend(_between(self._blend, target, part) for part in parts)


@dataclass(slots=True)
class Worker:
    """One pipeline's worker in one session. `put` and `step` may be called from one thread each; neither waits for the other."""

    instance: Instance
    parameters: dict[str, Any] = field(default_factory=dict)
    """What this session has sent so far, merged, as the worker sees it."""
    takes: int = 0
    """How many frames of video a chunk takes, in video mode. 0: it never takes any."""
    generates: bool = True
    """Whether it makes pictures in text mode, without any video. One that does not waits for video in every mode."""
    taken: int = 0
    dropped: int = 0
    paused: bool = False
    modulations: Mapping[str, Modulation] = field(default_factory=dict)
    """What the beat moves, as long as there is one."""
    resets: str = "none"
    """How often the beat cuts: "none", "beat", "bar", "2_bar" or "4_bar"."""
    _waiting: deque[Message] = field(default_factory=deque)
    _prepared: bool = False
    _cut: bool = False
    """Whether a cut was asked for and has not been made."""
    _boundary: int = -1

    def put(self, message: Message) -> bool:
        """Queue a message, or drop it when `QUEUE` messages wait; return whether it was queued."""
        if len(self._waiting) >= QUEUE:  # only `step` takes away, so there is room once there was
            self.dropped += 1
            return False
        self._waiting.append(message)
        return True

    @property
    def waiting(self) -> int:
        """How many messages wait."""
        return len(self._waiting)

    @property
    def listens(self) -> bool:
        """Whether a chunk is made of video that comes in."""
        return self.takes > 0 and (not self.generates or self.parameters.get("input_mode") == "video")

    def reset_on(self, rate: str) -> None:
        """Cut with the beat from its next boundary on."""
        self.resets, self._boundary = rate, -1

    def step(
        self, frames: int = 0, beat: Beat | None = None, beats_per_bar: int = 4
    ) -> Chunk | Idle | Starved | Failed:
        """Take one message, if there is one, and make the next chunk.

        `frames` wait at the input that has the fewest; `beat` is None while the server has no tempo.
        """
        flush = False
        try:
            if self._waiting:
                message = self._waiting.popleft()
                self.taken += 1
                self._merge(message)
            paused = self.parameters.pop("paused", None)
            if paused is not None:
                self.paused = bool(paused)
            if self.paused:
                return Idle()
            flush = bool(self.parameters.pop("reset_cache", None))
            self._cut = self._cut or flush
            if self.listens and frames < self.takes:
                return Starved(flush)
            call = self._call(cut=self._cut or not self._prepared)
            self._prepared, self._cut = True, False
            if beat is not None:
                call |= beat.parameters()
                modulate(call, self.modulations, beat, beats_per_bar)
                self._reset(call, boundary(self.resets, beat, beats_per_bar))
            chunk = self.instance.call(call, self.taken, self.dropped, flush)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            return Failed(f"{type(error).__name__}: {error}", flush)
        if not chunk.transition:
            self.parameters.pop("transition", None)
        return chunk

    def _reset(self, call: dict[str, Any], reached: int) -> None:
        """Cut, and start from another seed, when the beat has crossed a boundary. It does so twice at the same place alike."""
        if reached != self._boundary and self._boundary >= 0 and reached >= 0:
            call["init_cache"] = True
            call["base_seed"] = zlib.crc32(f"boundary {reached}".encode()) & 0x7FFFFFFF
        self._boundary = reached

    def _merge(self, message: Message) -> None:
        if "prompts" in message and "transition" not in message:
            self.parameters.pop("transition", None)
        merged = dict(message)
        if "ctrl_input" in merged:
            merged["ctrl_input"] = _control(self.parameters.get("ctrl_input"), merged["ctrl_input"])
        self.parameters.update(merged)

    def _call(self, cut: bool) -> dict[str, Any]:
        """Return what the pipeline is called with, and forget what acts only once."""
        loras = self.parameters.pop("lora_scales", None)
        call = dict(self.parameters)
        for key in _CALLED_ONCE:
            self.parameters.pop(key, None)
        call["init_cache"] = cut
        if loras is not None:
            call["lora_scales"] = loras
        held = self.parameters.get("ctrl_input")
        if held is not None:
            self.parameters["ctrl_input"] = {**held, "mouse": [0.0, 0.0]}
        return call


def _control(held: Any, new: Any) -> dict[str, Any]:
    """Return the keys held last, and the mouse's way since the last chunk."""
    if not isinstance(new, Mapping):
        raise TypeError(f"ctrl_input must be an object, but is {new!r}")
    before = held["mouse"] if held is not None else (0.0, 0.0)
    mouse = new.get("mouse", (0.0, 0.0))
    return {"button": list(new.get("button", ())), "mouse": [before[0] + mouse[0], before[1] + mouse[1]]}


def _scales(loras: Any) -> Sequence[tuple[str, float]]:
    if not isinstance(loras, list) or not all(isinstance(entry, Mapping) for entry in loras):
        raise ValueError(f"lora_scales must be a list of objects, but is {loras!r}")
    scales = []
    for entry in loras:
        _check_number("scale", entry.get("scale"))
        if isinstance(entry.get("path"), str) and entry.get("scale") is not None:
            scales.append((entry["path"], float(entry["scale"])))
    return scales


def _check_number(key: str, value: Any) -> None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise ValueError(f"{key} must be a number, but is {value!r}")


def _steps(steps: Any) -> tuple[int, ...]:
    if steps is None:
        return ()
    whole = isinstance(steps, list) and all(isinstance(step, int) and not isinstance(step, bool) for step in steps)
    if not whole or not steps:
        raise ValueError(f"denoising_step_list must be a list of whole numbers, but is {steps!r}")
    return tuple(steps)


def _blend(prompts: Any) -> Blend:
    """Return prompts, in any of the three shapes that Scope takes, as texts with weights that add up to 1."""
    if prompts is None:
        return ()
    if isinstance(prompts, str):
        return ((prompts, 1.0),)
    if not isinstance(prompts, list):
        raise ValueError(f"prompts must be a text or a list, but are {prompts!r}")
    items = []
    for item in prompts:
        if isinstance(item, str):
            items.append((item, 1.0))
        elif isinstance(item, Mapping):
            weight = item.get("weight", 1.0)
            _check_number("weight", weight)
            items.append((str(item.get("text", "")), float(weight)))
        else:
            raise ValueError(f"a prompt must be a text or an object, but is {item!r}")
    total = sum(weight for _, weight in items)
    if not items:
        return ()
    if not math.isfinite(total) or total <= 0:
        return tuple((text, 1 / len(items)) for text, _ in items)
    return tuple((text, weight / total) for text, weight in items)


def _between(source: Blend, target: Blend, part: float) -> Blend:
    """Return the blend that lies `part` of the way from `source` to `target`."""
    if part >= 1:
        return target
    weights: dict[str, float] = {}
    for blend, share in ((source, 1 - part), (target, part)):
        for text, weight in blend:
            weights[text] = weights.get(text, 0.0) + weight * share
    return tuple((text, weight) for text, weight in weights.items() if weight > 0)
