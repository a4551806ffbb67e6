"""A chunk becomes frames: what a pipeline paints, or makes of the video that comes in, and the strip that tells about it."""

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import av
import numpy as np
from av.video.reformatter import VideoReformatter

from bridge import strip
from bridge.rehearsal.outlet import Shot
from bridge.rehearsal.picture import Look, Painter, Pixels, controller, look
from bridge.rehearsal.pipelines import Loaded
from bridge.rehearsal.video import between, depth, flow, gray, guided, mixed, scribble
from bridge.rehearsal.worker import Chunk
from bridge.strip import Strip

_VISIBLE_MOUSE = 500.0
"""How many pixels the dot of `controller-viz` moves for a mouse movement of 1."""
_NOISE = 0.7
"""How much noise the noise controller takes in video mode, and a session that was never told."""
_SIMPLE: Mapping[str, Callable[[Pixels], Pixels]] = {
    "gray": gray,
    "scribble": scribble,
    "video-depth-anything": depth,
}
"""Pipelines that look at one frame of video only."""


@dataclass(slots=True)
class Counters:
    """What counts over the whole life of a server, whatever its sessions do."""

    frames: "itertools.count[int]" = field(default_factory=itertools.count)
    chunks: "itertools.count[int]" = field(default_factory=itertools.count)


class Canvas:
    """Makes the frames of one pipeline in one session. It belongs to the worker's thread.

    What a pipeline generates always has its strip. Pipelines that only work on video leave the strip in it as it is, so that
    it still tells where the frame comes from and what went into it; only video without one gets theirs. Passthrough touches
    nothing at all.
    """

    def __init__(self, loaded: Loaded, place: int, counters: Counters) -> None:
        """`place` is the pipeline's in its graph."""
        self._loaded, self._place, self._counters = loaded, place, counters
        self._painter = Painter(loaded.width, loaded.height) if loaded.pipeline.diffusion else None
        self._reformatter = VideoReformatter()
        self._look: Look | None = None
        self._cursor = (0.5, 0.5)
        self._before: Pixels | None = None

    def shots(self, chunk: Chunk, video: Mapping[str, Sequence[Shot]], started: float, paused: bool) -> list[Shot]:
        """Return the frames of a chunk that was started at `started`, made with the video of each port that has some."""
        if self._loaded.pipeline.name == "passthrough":
            return list(video["video"])
        signature = _Signature(chunk, self._counters, started, paused, self._place)
        if self._painter is not None:
            pictures = self._painted(self._painter, chunk, video, signature)
        elif not video:
            pictures = [self._controller(chunk) for _ in range(chunk.frames)]
            for pixels in pictures:
                signature.draw(pixels)
        else:
            pictures = self._changed([self._pixels(shot) for shot in video["video"]], signature)
        return [Shot(self._video(pixels)) for pixels in pictures]

    def _painted(
        self, painter: Painter, chunk: Chunk, video: Mapping[str, Sequence[Shot]], signature: "_Signature"
    ) -> list[Pixels]:
        target = look(chunk.blend, chunk.state, chunk.loras, chunk.steps, chunk.scene)
        before, self._look = self._look or target, target
        automatic = chunk.state.get("noise_controller", True)
        noise = _NOISE if automatic else _number(chunk.state.get("noise_scale", _NOISE))
        pictures = []
        for index in range(chunk.frames):
            # What changes comes fast and settles: the first frame of the chunk already goes a good part of the way.
            part = 1 - (1 - (index + 1) / chunk.frames) ** 2
            pixels = painter.paint(before.towards(target, part), chunk.age + index)
            if "vace_input_frames" in video:
                shape = self._pixels(video["vace_input_frames"][index], painter.width, painter.height)
                pixels = guided(shape, pixels, target.vace)
            elif "video" in video:
                shape = self._pixels(video["video"][index], painter.width, painter.height)
                pixels = mixed(shape, pixels, _NOISE if math.isnan(noise) else noise)
            signature.draw(pixels)
            pictures.append(pixels)
        return pictures

    def _changed(self, pictures: list[Pixels], signature: "_Signature") -> list[Pixels]:
        """Return what a pipeline without a picture of its own makes of video."""
        name = self._loaded.pipeline.name
        if self._loaded.pipeline.doubles:
            made = [signature.keep(pictures[0], pictures[0].copy())]
            for before, after in itertools.pairwise(pictures):
                made.append(signature.keep(before, between(before, after)))
                made.append(signature.keep(after, after.copy()))
            return made
        if name in _SIMPLE:
            return [signature.keep(pixels, _SIMPLE[name](pixels)) for pixels in pictures]
        made = []
        for pixels in pictures:
            before = self._before if self._before is not None and self._before.shape == pixels.shape else pixels
            made.append(signature.keep(pixels, flow(before, pixels)))
            self._before = pixels
        return made

    def _controller(self, chunk: Chunk) -> Pixels:
        control = chunk.state.get("ctrl_input") or {"button": (), "mouse": (0.0, 0.0)}
        sizes = (self._loaded.width, self._loaded.height)
        x, y = (
            min(1.0, max(0.0, place + moved * _VISIBLE_MOUSE / size))
            for place, moved, size in zip(self._cursor, control["mouse"], sizes, strict=True)
        )
        self._cursor = (x, y)
        return controller(*sizes, control["button"], self._cursor)

    def _pixels(self, shot: Shot, width: int | None = None, height: int | None = None) -> Pixels:
        """Return a frame's pixels, stretched to a size without keeping its aspect, as Scope does."""
        frame = self._reformatter.reformat(shot.video, width, height, format="rgb24")
        return np.asarray(frame.to_ndarray(), np.uint8)

    def _video(self, pixels: Pixels) -> av.VideoFrame:
        picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
        return self._reformatter.reformat(picture, format="yuv420p")


class _Signature:
    """Draws the strip of one chunk's frames."""

    def __init__(self, chunk: Chunk, counters: Counters, started: float, paused: bool, place: int) -> None:
        self._chunk, self._counters, self._started, self._paused = chunk, counters, started, paused
        self._place = place
        self._number: int | None = None

    def draw(self, pixels: Pixels) -> None:
        """Draw it into a picture, if that has room for it."""
        if pixels.shape[0] < strip.height(pixels.shape[1]):
            return
        if self._number is None:  # only chunks that can be seen count
            self._number = next(self._counters.chunks)
        strip.draw(pixels, self._strip(next(self._counters.frames), self._number))

    def keep(self, before: Pixels, after: Pixels) -> Pixels:
        """Leave the strip of `before` in what was made of it, or draw one where there was none. Return `after`."""
        if strip.read(before) is None:
            self.draw(after)
        else:
            rows = strip.height(before.shape[1])
            after[:rows] = before[:rows]
        return after

    def _strip(self, frame: int, number: int) -> Strip:
        chunk, state = self._chunk, self._chunk.state
        seed = _number(state.get("base_seed"))
        return Strip(
            frame=frame,
            chunk=number,
            start_ms=self._started * 1000,
            probe=_number(state.get("probe")),
            taken=chunk.taken,
            dropped=chunk.dropped,
            prompt=strip.prompt_sum(text for text, _ in chunk.blend) if chunk.blend else 0,
            noise_scale=_number(state.get("noise_scale")),
            vace_context_scale=_number(state.get("vace_context_scale")),
            kv_cache_attention_bias=_number(state.get("kv_cache_attention_bias")),
            base_seed=int(seed) if math.isfinite(seed) else 0,
            steps=chunk.steps,
            loras=tuple(scale for _, scale in chunk.loras),
            manage_cache=bool(state.get("manage_cache", True)),
            noise_controller=bool(state.get("noise_controller")),
            paused=self._paused,
            transition=chunk.transition,
            node=self._place,
            scene=chunk.scene,
        )


def _number(value: Any) -> float:
    """Return a number for the strip; NaN for what is none."""
    try:
        return float(value) if isinstance(value, int | float) else math.nan
    except OverflowError:
        return math.inf
