"""What the rehearsal server shows: parameters to pixels, with nothing but numpy and always the same for the same arguments.

A flowing field of warped waves is coloured by a palette that comes from the prompt. Everything one can turn shows:

| parameter | in the picture |
|---|---|
| prompts | palette and form; weights and transitions morph both |
| noise_scale | turbulence and grain |
| vace_context_scale | a glass sphere: how much it bends the field, and its rim |
| lora_scales | by the LoRA's path: engraved contour lines, a turn of the hues, or glowing crests |
| denoising_step_list | fewer steps, coarser picture |
| kv_cache_attention_bias | how much the picture breathes |
| base_seed, cuts | another place in the field: the picture jumps |

`Painter` makes the frames of one size; `controller` makes those of the pipeline that shows what is pressed.
"""

import colorsys
import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""Red, green and blue, height × width × 3."""
_Field = NDArray[np.float32]
_Number = TypeVar("_Number", float, NDArray[np.float64])

FIELD = 76_800
"""About how many points the field is computed at; larger pictures enlarge it."""
SECOND = 20
"""Frames of motion per unit of the field's own time."""

_TONES, _SHADES = 256, 128
_STOPS = 5
_PLACES = 14

# Dark to light. The first word of a prompt that is listed here decides; other prompts get colours of their own.
_PALETTES = {
    "reef": ("04121f", "05445e", "0fa3a3", "ff7f6b", "ffe8c9"),
    "neon": ("05010d", "2b0a5e", "c3118f", "22e1ff", "f6fbff"),
    "ember": ("070303", "3a0a06", "b3260b", "ff8a1e", "fff0b8"),
    "aurora": ("020617", "0a2f4f", "12b886", "8ef5c0", "d9b8ff"),
    "forest": ("030a06", "0d3b24", "3f8f3a", "b9d356", "f7f7d0"),
    "ocean": ("01061a", "04275c", "0873b3", "5ad1e6", "f2ffff"),
    "desert": ("150904", "5a2a12", "c9743a", "f3c27a", "fff6e0"),
    "ice": ("050b18", "1c3f66", "5aa0cf", "bfe8ff", "ffffff"),
    "gold": ("0a0602", "4a2c08", "b9851d", "ffd56b", "fffbe6"),
    "rose": ("12040b", "5a0f38", "c23a78", "ff9fb8", "fff1ee"),
    "space": ("020208", "18104a", "5b2ca0", "e05fb8", "ffe3c2"),
    "storm": ("04060a", "1d2b3d", "4f6b86", "a9c2d6", "ffffff"),
}
_WORDS = {
    "coral": "reef", "lagoon": "reef", "tropical": "reef", "jellyfish": "reef",
    "cyber": "neon", "cyberpunk": "neon", "city": "neon", "tokyo": "neon", "laser": "neon",
    "fire": "ember", "flame": "ember", "flames": "ember", "lava": "ember", "embers": "ember", "volcano": "ember",
    "borealis": "aurora", "northern": "aurora", "polar": "aurora",
    "moss": "forest", "jungle": "forest", "leaf": "forest", "leaves": "forest", "fern": "forest",
    "sea": "ocean", "water": "ocean", "wave": "ocean", "waves": "ocean", "deep": "ocean", "blue": "ocean",
    "sand": "desert", "dune": "desert", "dunes": "desert", "canyon": "desert",
    "snow": "ice", "frost": "ice", "glacier": "ice", "winter": "ice", "crystal": "ice",
    "golden": "gold", "brass": "gold", "honey": "gold", "baroque": "gold",
    "flower": "rose", "flowers": "rose", "petal": "rose", "petals": "rose", "pink": "rose", "cherry": "rose",
    "galaxy": "space", "nebula": "space", "stars": "space", "cosmos": "space", "cosmic": "space",
    "rain": "storm", "cloud": "storm", "clouds": "storm", "smoke": "storm", "fog": "storm", "ink": "storm",
}  # fmt: skip

# How much of each wave a form is made of (rising, curtains, rings, cells), its frequency, how far it is warped, how much of it
# is ridges, and its contrast.
_FORMS = {
    "reef": (0.2, 0.2, 0.3, 1.0, 3.2, 1.0, 0.25, 1.0),
    "neon": (0.2, 0.5, 0.7, 0.3, 4.4, 0.8, 0.95, 1.25),
    "ember": (1.0, 0.1, 0.1, 0.4, 2.6, 1.35, 0.45, 1.15),
    "aurora": (0.1, 1.0, 0.1, 0.1, 3.4, 1.1, 0.3, 1.05),
    "forest": (0.3, 0.6, 0.1, 0.8, 4.2, 1.1, 0.5, 1.0),
    "ocean": (0.9, 0.2, 0.3, 0.1, 3.0, 0.9, 0.2, 1.0),
    "desert": (0.9, 0.4, 0.0, 0.1, 2.2, 0.7, 0.15, 0.95),
    "ice": (0.1, 0.3, 0.3, 1.0, 4.0, 0.6, 0.8, 1.0),
    "gold": (0.1, 0.2, 1.0, 0.4, 3.6, 0.9, 0.5, 1.05),
    "rose": (0.1, 0.2, 1.0, 0.5, 2.6, 0.8, 0.3, 1.0),
    "space": (0.2, 0.3, 0.8, 0.3, 2.4, 1.4, 0.35, 1.1),
    "storm": (0.6, 0.6, 0.1, 0.4, 2.8, 1.5, 0.3, 1.0),
}

# What adjectives do to frequency, warp, ridges and contrast.
_MOODS = {
    "calm": (0.8, 0.7, 0.6, 0.9), "still": (0.75, 0.75, 0.9, 1.0), "soft": (0.85, 0.9, 0.5, 0.9),
    "dreamlike": (0.9, 1.25, 0.7, 0.95), "slow": (0.9, 0.95, 1.0, 1.0), "gentle": (0.85, 0.8, 0.7, 0.95),
    "flowing": (1.0, 1.3, 1.0, 1.0), "tense": (1.3, 0.9, 1.35, 1.15), "dark": (1.0, 1.0, 1.2, 1.25),
    "rushing": (1.3, 1.35, 1.1, 1.05), "fast": (1.25, 1.2, 1.1, 1.05), "wild": (1.35, 1.5, 1.2, 1.1),
    "ecstatic": (1.35, 1.4, 1.3, 1.2), "intricate": (1.6, 1.1, 1.3, 1.0), "sharp": (1.1, 0.8, 1.6, 1.2),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Look:
    """Everything that a frame depends on, as numbers. Two looks can be mixed."""

    palette: NDArray[np.float64]
    """`_STOPS` colours, dark to light, red, green and blue from 0 to 1."""
    form: NDArray[np.float64]
    """As `_FORMS`."""
    place: NDArray[np.float64]
    """Where in the field one is."""
    noise: float
    vace: float
    lines: float
    glow: float
    breath: float
    steps: int
    scene: int

    def towards(self, other: "Look", part: float) -> "Look":
        """Return the look that lies `part` of the way to `other`; a cut is no way, but a jump."""
        if part >= 1 or other.scene != self.scene:
            return other

        def between(start: _Number, end: _Number) -> _Number:
            return start + (end - start) * part

        return Look(
            palette=between(self.palette, other.palette),
            form=between(self.form, other.form),
            place=between(self.place, other.place),
            noise=between(self.noise, other.noise),
            vace=between(self.vace, other.vace),
            lines=between(self.lines, other.lines),
            glow=between(self.glow, other.glow),
            breath=between(self.breath, other.breath),
            steps=other.steps,
            scene=other.scene,
        )


def look(
    blend: Sequence[tuple[str, float]],
    state: Mapping[str, Any],
    loras: Sequence[tuple[str, float]],
    steps: Sequence[int],
    scene: int,
) -> Look:
    """Return how a chunk looks: its prompts with weights that add up to 1, its parameters, LoRA scales by path, denoising
    steps and scene number."""
    palette, form, place = np.zeros((_STOPS, 3)), np.zeros(8), np.zeros(_PLACES)
    for text, weight in blend or (("", 1.0),):
        palette += weight * _palette(text)
        form += weight * _form(text)
        place += weight * _random(_known(text) or text, _PLACES) * math.tau
    lines = hue = glow = 0.0
    for path, scale in loras:
        strength = _within(scale, -2.0, 2.0, 0.0)
        match zlib.crc32(path.encode()) % 3:
            case 0:
                lines += strength
            case 1:
                hue += strength
            case _:
                glow += strength
    if hue:
        palette = np.array([_turned(colour, hue * 0.22) for colour in palette])
    seed = int(_within(state.get("base_seed"), 0, 2**32 - 1, 42))
    automatic = bool(state.get("noise_controller"))
    return Look(
        palette=palette,
        form=form,
        place=place + _random(f"{seed}/{scene}", _PLACES) * math.tau,
        noise=0.35 if automatic else _within(state.get("noise_scale"), 0.0, 1.0, 0.35),
        vace=_within(state.get("vace_context_scale"), 0.0, 2.0, 1.0),
        lines=abs(lines),
        glow=glow,
        breath=1 - _within(state.get("kv_cache_attention_bias"), 0.01, 1.0, 1.0),
        steps=max(1, len(steps)) if steps else 4,
        scene=scene,
    )


class Painter:
    """Makes pictures of one size. Its tables are computed once; it keeps nothing of a picture."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        coarse = max(1.0, math.sqrt(width * height / FIELD))
        self._columns, self._rows = max(2, round(width / coarse)), max(2, round(height / coarse))
        aspect = width / height
        self._x = np.linspace(-aspect, aspect, self._columns, dtype=np.float32)[None, :]
        self._y = np.linspace(-1, 1, self._rows, dtype=np.float32)[:, None]
        self._from_centre = np.sqrt(self._x**2 + self._y**2)
        self._vignette = np.clip(1.12 - 0.3 * self._from_centre**2 / max(1.0, aspect), 0.0, 1.0)
        self._across = _Enlarge(self._columns, width)
        self._down = _Enlarge(self._rows, height)
        grain = np.random.default_rng(1).normal(0.0, 1.0, (height + 64, width + 64))
        self._grain = np.clip(grain * 20, -60, 60).astype(np.int16)

    def paint(self, look: Look, frame: int) -> Pixels:
        """Return the picture of `look` as the frame with this number, counted from its scene's first."""
        value, shade = self._waves(look, frame / SECOND)
        block = round({1: 6, 2: 4, 3: 2}.get(look.steps, 1) * self._columns / 288) if look.steps < 4 else 1
        if block > 1:
            value, shade = _coarse(value, block), _coarse(shade, block)
        tones = self._across(self._down(value * (_TONES - 1), 0), 1)
        shades = self._across(self._down(shade * (_SHADES - 1), 0), 1)
        tone = tones.astype(np.int16)
        if look.noise > 0:
            shift = np.random.default_rng([look.scene + 1, frame]).integers(0, 64, 2)
            grain = self._grain[shift[0] : shift[0] + self.height, shift[1] : shift[1] + self.width]
            tone += (grain * np.int16(round(look.noise**1.5 * 256))) >> 8
        np.clip(tone, 0, _TONES - 1, out=tone)
        index = shades.astype(np.int32)
        index *= _TONES
        index += tone
        coloured = _colours(look).take(index)
        return coloured.view(np.uint8).reshape(self.height, self.width, 4)[:, :, :3]

    def _waves(self, look: Look, time: float) -> tuple[_Field, _Field]:
        """Return tone and shade of every point of the field, from 0 to 1."""
        rising, curtains, rings, cells, frequency, warp, ridge, contrast = (float(part) for part in look.form)
        place = [float(part) for part in look.place]
        x, y = np.broadcast_arrays(self._x, self._y)
        away = self._from_centre
        radius = 0.62 + 0.05 * look.breath * math.sin(1.7 * time)
        inside = np.clip((radius - away) * 24, 0.0, 1.0)
        lens = 1 - inside * (0.34 * look.vace * np.sqrt(np.clip(1 - (away / radius) ** 2, 0.0, 1.0)))
        x, y = x * lens, y * lens
        sway = 1 + 0.6 * look.breath * math.sin(0.9 * time)
        for octave, (strength, rate) in enumerate(((0.55, 0.31), (0.34, 0.47), (0.2, 0.73))):
            wave = (1.1 + 0.45 * frequency) * 1.75**octave * 0.62
            amount = strength * warp * sway
            turn = place[octave] + rate * time
            x = x + amount * np.sin(wave * y + turn)
            y = y + amount * np.sin(wave * x + place[3 + octave] - rate * 1.3 * time)
        if look.noise > 0.02:
            rough = 0.16 * look.noise**1.4
            x = x + rough * np.sin(13.0 * y + 2.9 * time + place[6]) * np.sin(7.3 * x - 1.3 * time)
            y = y + rough * np.sin(11.0 * x - 2.3 * time + place[7])
        total = rising + curtains + rings + cells + 0.2
        wave = np.sin(frequency * 0.7 * (x + y) + place[8] + 0.2 * time) * 0.2
        if rising > 0.01:
            wave = wave + rising * np.sin(frequency * y + 0.9 * x + 1.1 * time + place[9])
        if curtains > 0.01:
            wave = wave + curtains * np.sin(frequency * x + 0.35 * y - 0.45 * time + place[10])
        if rings > 0.01:
            wave = wave + rings * np.sin(frequency * 1.5 * np.sqrt(x * x + y * y) - 0.8 * time + place[11])
        if cells > 0.01:
            across = np.sin(frequency * x + 0.4 * time + place[9])
            wave = wave + cells * across * np.sin(frequency * y - 0.3 * time + place[10])
        wave = wave * (1.35 / total)
        # Fine strands follow the coarse wave: they are what makes it look like matter and not like a gradient.
        strands = np.sin(7.5 * wave + 1.7 * x - 0.5 * time + place[12]) * np.sin(3.1 * x + 2.3 * y + place[13])
        smooth = 0.5 + 0.5 * np.sin(1.9 * wave)
        ridges = 1 - np.abs(np.sin(2.6 * wave + 0.25 * strands))
        ridges = ridges * ridges * ridges
        value = (smooth + 0.11 * strands) * (1 - ridge) + (0.25 * smooth + 0.85 * ridges + 0.05 * strands) * ridge
        value = 0.5 + (value - 0.5) * contrast
        if look.lines > 0.01:
            engraved = np.abs(np.sin(15.0 * wave)) ** 0.5
            value = value * (1 - 0.45 * min(look.lines, 1.6) * (1 - engraved))
        # Light from the upper left: the field is taken for a height, its steepness for the angle.
        height = wave + 0.12 * strands
        slope = np.zeros_like(value)
        slope[1:, 1:] = 2 * height[1:, 1:] - height[:-1, 1:] - height[1:, :-1]
        slope *= self._columns / 288
        shade = 0.5 - np.clip(slope * 2.0, -0.36, 0.3)
        shade = shade + 0.5 * np.clip(-slope * 2.0 - 0.12, 0.0, 0.5) * (0.3 + value)
        if look.glow:
            shade = shade + 0.22 * look.glow * np.clip(value - 0.45, 0.0, 1.0)
        if look.vace > 0.01:
            edge = np.clip(away / radius, 0.0, 1.0) ** 6
            rim = np.exp(-(((away - radius) * 26) ** 2))
            lit = np.clip(-(self._x + self._y) / radius * 0.7, -1.0, 1.0)  # 1 at the upper left, -1 at the lower right
            sparkle = np.exp(-(((self._x + 0.36 * radius) ** 2 + (self._y + 0.42 * radius) ** 2) * 90))
            shade = shade + look.vace * inside * (0.1 * edge * lit - 0.07 * edge + 0.16 * sparkle)
            shade = shade + look.vace * rim * (0.1 + 0.09 * lit)
        shade = shade * self._vignette
        return np.clip(value, 0.0, 1.0).astype(np.float32), np.clip(shade, 0.0, 1.0).astype(np.float32)


class _Enlarge:
    """Stretches one axis of a field, linearly."""

    def __init__(self, before: int, after: int) -> None:
        place = np.linspace(0, before - 1, after)
        self._low = np.minimum(place.astype(np.intp), before - 2)
        self._part = (place - self._low).astype(np.float32)
        self._same = before == after

    def __call__(self, field: _Field, axis: int) -> _Field:
        if self._same:
            return field
        part = self._part[:, None] if axis == 0 else self._part[None, :]
        step = np.diff(field, axis=axis)
        enlarged = step.take(self._low, axis=axis)
        enlarged *= part
        enlarged += field.take(self._low, axis=axis)
        return enlarged


def _coarse(field: _Field, block: int) -> _Field:
    """Return `field` in blocks."""
    rows, columns = (np.minimum(np.arange(count) // block * block + block // 2, count - 1) for count in field.shape)
    return field[np.ix_(rows, columns)]


def _colours(look: Look) -> NDArray[np.uint32]:
    """Return the colour of every shade of every tone, packed as four bytes."""
    stops = np.linspace(0, 1, _STOPS)
    tones = np.linspace(0, 1, _TONES)
    base = np.stack([np.interp(tones, stops, look.palette[:, channel]) for channel in range(3)], axis=1)
    shade = np.linspace(0, 1, _SHADES)[:, None, None]
    dark = base[None] * np.clip(shade * 2, 0.0, 1.0) ** 0.9
    light = np.clip(shade * 2 - 1, 0.0, 1.0)
    lit = dark + (1 - dark) * light**1.5 * (0.25 + 0.75 * base[None])
    packed = np.full((_SHADES, _TONES, 4), 255, np.uint8)
    packed[:, :, :3] = np.clip(lit * 255, 0, 255)
    return packed.view(np.uint32).ravel()


def _palette(text: str) -> NDArray[np.float64]:
    key = _known(text)
    if key is not None:
        return np.array(
            [[int(colour[place : place + 2], 16) / 255 for place in (0, 2, 4)] for colour in _PALETTES[key]]
        )
    hue, spread, warmth, depth = _random(text, 4)
    side = 1 if warmth > 0.5 else -1
    colours = []
    for stop in range(_STOPS):
        part = stop / (_STOPS - 1)
        saturation = (0.9, 0.85, 0.75, 0.6, 0.2)[stop]
        brightness = (0.06, 0.28 + 0.12 * depth, 0.66, 0.95, 1.0)[stop]
        colours.append(colorsys.hsv_to_rgb((hue + side * part * (0.12 + 0.4 * spread)) % 1, saturation, brightness))
    return np.array(colours)


def _form(text: str) -> NDArray[np.float64]:
    key = _known(text)
    own = _random(text + "#", 8)
    if key is not None:
        return np.array(_FORMS[key]) * (1 + 0.12 * (own - 0.5))  # two prompts with one word in common are not the same
    return np.array(
        [own[0], own[1], own[2], own[3], 2.2 + 2.2 * own[4], 0.7 + 0.7 * own[5], 0.9 * own[6], 1 + 0.2 * own[7]]
    )


def _known(text: str) -> str | None:
    """Return the palette that the words of `text` name, or else the first that they hint at."""
    words = _split(text)
    named = (word for word in words if word in _PALETTES)
    hinted = (_WORDS[word] for word in words if word in _WORDS)
    return next(named, None) or next(hinted, None)


def _split(text: str) -> list[str]:
    return "".join(letter if letter.isalpha() else " " for letter in text.lower()).split()


def _turned(colour: NDArray[np.float64], turn: float) -> tuple[float, float, float]:
    hue, lightness, saturation = colorsys.rgb_to_hls(*(float(part) for part in np.clip(colour, 0.0, 1.0)))
    return colorsys.hls_to_rgb((hue + turn) % 1, lightness, saturation)


def _random(text: str, count: int) -> NDArray[np.float64]:
    """Return numbers from 0 to 1 that only this text has."""
    return np.random.default_rng(zlib.crc32(text.encode())).random(count)


def _within(value: Any, low: float, high: float, otherwise: float) -> float:
    """Return a parameter as the picture can take it: the real pipeline clamps nothing, but also survives nothing."""
    if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
        return otherwise
    return min(max(float(value), low), high)


_KEYS = {
    "up": (1, 0, {"KeyW", "ArrowUp"}),
    "left": (0, 1, {"KeyA", "ArrowLeft"}),
    "down": (1, 1, {"KeyS", "ArrowDown"}),
    "right": (2, 1, {"KeyD", "ArrowRight"}),
}
_BOX, _GAP, _MARGIN, _DOT = 30, 5, 20, 5


def controller(width: int, height: int, pressed: Sequence[str], cursor: tuple[float, float]) -> Pixels:
    """Return what the pipeline `controller-viz` shows: four boxes that light up while their key is held, and a dot.

    `cursor` is the dot's place as parts of width and height.
    """
    pixels = np.full((height, width, 3), 26, np.uint8)
    for column, row, keys in _KEYS.values():
        left = _MARGIN + column * (_BOX + _GAP)
        top = height - _MARGIN - (2 - row) * _BOX - (1 - row) * _GAP
        box = pixels[max(0, top) : max(0, top + _BOX), left : left + _BOX]
        box[:] = 77
        box[2:-2, 2:-2] = 26
        if keys.intersection(pressed):
            box[:] = 230
    x, y = (round(part * (size - 1)) for part, size in zip(cursor, (width, height), strict=True))
    pixels[max(0, y - _DOT) : y + _DOT + 1, max(0, x - _DOT) : x + _DOT + 1] = (230, 26, 26)
    return pixels
