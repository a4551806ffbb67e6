"""Colours by name, and which of some colours another is nearest to."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

RGB: Final[Mapping[str, tuple[int, int, int]]] = {
    "off": (0, 0, 0),
    "white": (255, 255, 255),
    "red": (255, 0, 0),
    "orange": (255, 80, 0),
    "amber": (255, 150, 0),
    "yellow": (255, 255, 0),
    "lime": (150, 255, 0),
    "green": (0, 255, 0),
    "cyan": (0, 255, 255),
    "blue": (0, 0, 255),
    "purple": (130, 0, 255),
    "magenta": (255, 0, 255),
    "pink": (255, 110, 170),
}
"""Red, green and blue, 0 to 255 each, as lamps mix them."""

ON: Final = "on"
"""The colour of a lamp that has no choice of colours."""

_DIGITS: Final = re.compile(r"#[0-9a-fA-F]{6}")


def rgb(colour: str) -> tuple[int, int, int]:
    """Return the red, green and blue, 0 to 255, of a name, of `on` (white) or of `#rrggbb`.

    Raises `ValueError` if it is none of these.
    """
    if colour == ON:
        return RGB["white"]
    if colour in RGB:
        return RGB[colour]
    if not _DIGITS.fullmatch(colour):
        raise ValueError(f"{colour!r} is not a colour")
    red, green, blue = bytes.fromhex(colour[1:])
    return red, green, blue


def nearest(colour: str, among: Iterable[str]) -> str:
    """Return the one of `among` (names, or `on`) that looks most like `colour` (one of `rgb`).

    How bright it is does not count, as a lamp that is lit must be told from one that is out: black alone is `off`, and
    everything else is a colour, of a lamp that has just one that one. The first of equals is taken; where `among` has
    nothing but `off`, that is.
    """
    wanted = rgb(colour)
    names = tuple(among)
    if colour in names:
        return colour
    lit = [name for name in names if name != "off"]
    if not any(wanted) or not lit:
        return "off"
    place = _oklab(_brightest(wanted))
    return min(lit, key=lambda name: sum((a - b) ** 2 for a, b in zip(place, _oklab(rgb(name)), strict=True)))


def _brightest(colour: tuple[int, int, int]) -> tuple[int, int, int]:
    top = max(colour)
    red, green, blue = (round(255 * part / top) for part in colour)
    return red, green, blue


@lru_cache(maxsize=256)
def _oklab(colour: tuple[int, int, int]) -> tuple[float, float, float]:
    """The colour in Oklab (bottosson.github.io/posts/oklab), where distance is how different colours look."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (each / 255 for each in colour)
    )
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    medium = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )
