"""The machine-readable strip along the top edge of the rehearsal server's picture.

It says, in the pixels themselves, which frame and chunk one looks at, when the chunk was started, and which parameters
it was made with, so that a test, the demo or a receiver of our NDI source can tell what a gesture became. Each cell is
one bit, white for 1: 4 by 4 pixels, one transform block of VP8 and H.264 (larger in larger pictures, still a multiple
of 4), which survives both codecs at the server's bit rates, chroma subsampling and a way over NDI. At 576 by 320 the strip
is 20 pixels high.

What changes must change plainly, or libvpx leaves it out: its denoiser takes one cell that flips in a picture that stands
still for noise, and a macroblock that equals that of a much older frame is skipped. So the bits are mixed with noise that
is another one in every frame, and no cell is quite black or white.

    draw(pixels, strip)             # into height × width (luma) or height × width × 3 or 4 (red first)
    read(pixels) -> Strip | None    # None: no strip, or too damaged to be trusted
"""

import hashlib
import math
import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import av

Pixels = NDArray[np.uint8]
"""Luma as height × width, or colour as height × width × 3 (or 4, whose last is left alone)."""

STEPS = 4
"""How many denoising steps the strip has room for."""
LORAS = 3
"""How many LoRA scales the strip has room for."""

_LAYOUT = struct.Struct("<IIddIIIddfI4H3fBBB")
_SUM = struct.Struct("<I")
_BITS = 8 * (1 + _LAYOUT.size + _SUM.size)
_LARGEST = 4096
"""More cells than any strip has."""
_NOISE = [hashlib.shake_128(bytes([key])).digest(_LAYOUT.size + _SUM.size) for key in range(256)]
"""What the bits are mixed with. The strip's first byte says which, and is the frame's number."""
_NO_STEP = 0xFFFF
_ALIGN = 4
_NARROWEST_FOR_8 = 1152
"""Pictures at least this wide get cells of 8 pixels: their bit rate per pixel is the lowest."""


@dataclass(frozen=True, slots=True)
class Strip:
    """What one frame says about itself. A number that was never sent to the server is NaN."""

    frame: int
    """Counts the frames of this server's life from 0."""
    chunk: int
    """Counts the chunks of this server's life from 0."""
    start_ms: float
    """When the chunk was started, in milliseconds of `bridge.clock.now`."""
    probe: float = math.nan
    """The value of the key `probe` in effect."""
    taken: int = 0
    """How many parameter messages the worker of this session has consumed so far."""
    dropped: int = 0
    """How many it has thrown away so far because its queue was full."""
    prompt: int = 0
    """`prompt_sum` of the prompt texts in effect; 0 without any."""
    noise_scale: float = math.nan
    vace_context_scale: float = math.nan
    kv_cache_attention_bias: float = math.nan
    """In single precision."""
    base_seed: int = 0
    steps: tuple[int, ...] = ()
    """The first denoising steps in effect, up to `STEPS`."""
    loras: tuple[float, ...] = ()
    """The first LoRA scales in effect in the order of their paths, up to `LORAS`, in single precision."""
    manage_cache: bool = True
    noise_controller: bool = False
    paused: bool = False
    """Whether this session was paused. A paused worker makes no chunks, so it never shows true of its own frames."""
    transition: bool = False
    """Whether a transition between prompts is running."""
    node: int = 0
    """Which of the session's pipelines made the frame, counted from 0 in the order of its graph (modulo 256)."""
    scene: int = 0
    """Counts the cuts of that pipeline: another number means that its cache was reset (modulo 256)."""


def prompt_sum(texts: Iterable[str]) -> int:
    """Return the checksum by which the strip names a list of prompt texts (CRC-32 of the lines); 0 without any."""
    return zlib.crc32("\n".join(texts).encode())


def height(width: int) -> int:
    """Return how many pixel rows the strip takes in a picture `width` pixels wide."""
    cell = _cell(width)
    return -(-_BITS // max(1, width // cell)) * cell


def draw(pixels: Pixels, strip: Strip) -> None:
    """Draw `strip` over the top rows of `pixels`, in place. Raise `ValueError` if the picture is too small for it."""
    width, cell = pixels.shape[1], _cell(pixels.shape[1])
    tall, columns = height(width), width // cell
    if pixels.shape[0] < tall:
        raise ValueError(f"a picture of {width} by {pixels.shape[0]} pixels has no room for the strip ({tall} rows)")
    bits = np.zeros(columns * (tall // cell), np.uint8)
    bits[:_BITS] = np.unpackbits(np.frombuffer(_pack(strip), np.uint8))
    levels = (bits * np.uint8(255)) ^ _dither(strip.frame & 0xFF)[: bits.size]
    cells = levels.reshape(-1, columns).repeat(cell, axis=0).repeat(cell, axis=1)
    rows = pixels[:tall] if pixels.ndim == 2 else pixels[:tall, :, :3]
    rows[:] = 0
    rows[:, : columns * cell] = cells if pixels.ndim == 2 else cells[:, :, None]


def read(pixels: Pixels) -> Strip | None:
    """Return the strip in a picture, or None if it has none or its checksum does not hold."""
    width, cell = pixels.shape[1], _cell(pixels.shape[1])
    tall, columns = height(width), width // cell
    if pixels.shape[0] < tall:
        return None
    rows = pixels[:tall, : columns * cell]
    middle = cell // 2
    corners = [rows[y::cell, x::cell].astype(np.uint16) for y in (middle - 1, middle) for x in (middle - 1, middle)]
    sums = corners[0] + corners[1] + corners[2] + corners[3]
    if sums.ndim == 3:
        sums = sums[:, :, 0] + sums[:, :, 1] + sums[:, :, 2]
        threshold = 3 * 4 * 128
    else:
        threshold = 4 * 128
    return _unpack(np.packbits((sums >= threshold).ravel()[:_BITS]).tobytes())


def read_frame(video: "av.VideoFrame") -> Strip | None:
    """Return the strip in a decoded frame, touching only the luma rows that hold it.

    Raise `ValueError` if the frame's first plane is not luma of 8 bits (that is what decoders make: yuv420p, nv12).
    """
    name = video.format.name
    if not name.startswith(("yuv420p", "yuvj420p", "yuv422p", "yuv444p", "nv12", "gray")) or name.endswith(
        ("le", "be")
    ):
        raise ValueError(f"cannot read a strip from video of format {name}")
    plane = video.planes[0]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(
        -1, plane.line_size
    )  # lines are padded: longer than the picture is wide
    return read(rows[: video.height, : video.width])


def _cell(width: int) -> int:
    return 2 * _ALIGN if width >= _NARROWEST_FOR_8 else _ALIGN


def _pack(strip: Strip) -> bytes:
    steps = [min(max(int(step), 0), _NO_STEP - 1) for step in strip.steps[:STEPS]]
    steps += [_NO_STEP] * (STEPS - len(steps))
    loras = [_single(scale) for scale in strip.loras[:LORAS]]
    loras += [math.nan] * (LORAS - len(loras))
    flags = strip.manage_cache | strip.noise_controller << 1 | strip.paused << 2 | strip.transition << 3
    data = _LAYOUT.pack(
        strip.frame & 0xFFFFFFFF,
        strip.chunk & 0xFFFFFFFF,
        strip.start_ms,
        strip.probe,
        strip.taken & 0xFFFFFFFF,
        strip.dropped & 0xFFFFFFFF,
        strip.prompt,
        strip.noise_scale,
        strip.vace_context_scale,
        _single(strip.kv_cache_attention_bias),
        strip.base_seed & 0xFFFFFFFF,
        *steps,
        *loras,
        flags,
        strip.node & 0xFF,
        strip.scene & 0xFF,
    )
    key = strip.frame & 0xFF
    return bytes([key]) + _mixed(data + _SUM.pack(_check(data)), key)


def _unpack(data: bytes) -> Strip | None:
    clear = _mixed(data[1:], data[0])
    payload, stated = clear[: _LAYOUT.size], _SUM.unpack(clear[_LAYOUT.size :])[0]
    if _check(payload) != stated:
        return None
    (frame, chunk, start_ms, probe, taken, dropped, prompt, noise, vace, bias, seed, *rest) = _LAYOUT.unpack(payload)
    steps, loras, flags = rest[:STEPS], rest[STEPS : STEPS + LORAS], rest[-3]
    return Strip(
        frame=frame,
        chunk=chunk,
        start_ms=start_ms,
        probe=probe,
        taken=taken,
        dropped=dropped,
        prompt=prompt,
        noise_scale=noise,
        vace_context_scale=vace,
        kv_cache_attention_bias=bias,
        base_seed=seed,
        steps=tuple(step for step in steps if step != _NO_STEP),
        loras=tuple(scale for scale in loras if not math.isnan(scale)),
        manage_cache=bool(flags & 1),
        noise_controller=bool(flags & 2),
        paused=bool(flags & 4),
        transition=bool(flags & 8),
        node=rest[-2],
        scene=rest[-1],
    )


@cache
def _dither(key: int) -> Pixels:
    """Return how far from black and white the cells are, 0 to 15."""
    return np.frombuffer(hashlib.shake_128(b"dither" + bytes([key])).digest(_LARGEST), np.uint8) & np.uint8(15)


def _mixed(data: bytes, key: int) -> bytes:
    """Mix `data` with noise, or take the noise out again."""
    return (int.from_bytes(data, "big") ^ int.from_bytes(_NOISE[key], "big")).to_bytes(len(data), "big")


def _check(data: bytes) -> int:
    return zlib.crc32(data) ^ 0xA5A5A5A5


def _single(number: float) -> float:
    """Return `number` where single precision can hold it, else the nearest infinity: `struct` would raise."""
    return number if math.isnan(number) or abs(number) <= 3.4028234663852886e38 else math.copysign(math.inf, number)
