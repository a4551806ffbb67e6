"""Where a picture lies in the one that is shown: what is cut off, how it is turned, how large it is, what is around it."""

import math
from dataclasses import dataclass
from functools import lru_cache

from bridge.frames import Frame
from bridge.frames.convert import Filter
from bridge.profile.outputs import Crop, Shape, Size


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of pixels, from its left and upper corner."""

    x: int
    y: int
    width: int
    height: int

    @property
    def rows(self) -> slice:
        """Which rows of an array it covers."""
        return slice(self.y, self.y + self.height)

    @property
    def columns(self) -> slice:
        """Which columns of an array it covers."""
        return slice(self.x, self.x + self.width)


@dataclass(frozen=True, slots=True)
class Geometry:
    """A shape, worked out for pictures of one size. Every side and offset is even: YCbCr has one colour for two pixels."""

    size: Size
    """What is shown, width and height."""
    picture: Box
    """Where in it the picture is; the rest are bars."""
    shape: tuple[Filter, ...]
    """The filters that bring a picture to its part."""
    around: tuple[Filter, ...]
    """The filters that put the bars around it: transparent, where there is alpha."""


@lru_cache(maxsize=64)
def geometry(shape: Shape, size: Size) -> Geometry:
    """Return what `shape` means for pictures of `size`."""
    filters: list[Filter] = []
    box = _cropped(shape.crop, size)
    if (box.width, box.height) != size:
        filters.append(_crop(box))
    width, height = box.width, box.height
    if shape.rotate in (90, 270):
        filters.append(("transpose", "clock" if shape.rotate == 90 else "cclock"))
        width, height = height, width
    if (shape.rotate == 180) != (shape.flip in ("horizontal", "both")):
        filters.append(("hflip", ""))
    if (shape.rotate == 180) != (shape.flip in ("vertical", "both")):
        filters += [("vflip", ""), ("copy", "")]  # it turns the rows by a negative step, which not all can read
    wide, high = shape.size or (width, height)
    inner = wide, high
    if shape.fit == "cover":
        scale = max(wide / width, high / height)
        part = min(width, max(2, _even(wide / scale))), min(height, max(2, _even(high / scale)))
        if part != (width, height):
            filters.append(_crop(_middle((width, height), part)))
            width, height = part
    elif shape.fit == "contain":
        scale = min(wide / width, high / height)
        inner = min(wide, max(2, _even(width * scale))), min(high, max(2, _even(height * scale)))
    if inner != (width, height):
        filters.append(("scale", f"{inner[0]}:{inner[1]}:flags=bicubic"))
    place = _middle((wide, high), inner)
    if inner == (wide, high):
        return Geometry((wide, high), place, tuple(filters), ())
    red, green, blue = shape.pad
    bars = f"{wide}:{high}:{place.x}:{place.y}:color=0x{red:02x}{green:02x}{blue:02x}00"
    return Geometry((wide, high), place, tuple(filters), (("pad", bars),))


def fitted(frame: Frame, size: Size, shape: Shape) -> Frame:
    """Return `frame` in another size, its sides even, as the `fit` of `shape` says, made once however many ask; itself if
    it has it."""
    size = max(2, size[0] & ~1), max(2, size[1] & ~1)
    if frame.size == size:
        return frame
    place = geometry(Shape(size, shape.fit, shape.pad), frame.size)

    def make() -> Frame:
        return Frame(frame.converted("yuv420p", place.shape, place.around), frame.received, frame.number)

    return frame.made(("fitted", place), make)


def _cropped(crop: Crop, size: Size) -> Box:
    (x, width), (y, height) = (
        _kept(side, before, after)
        for side, before, after in zip(size, (crop.left, crop.top), (crop.right, crop.bottom), strict=True)
    )
    return Box(x, y, width, height)


def _kept(side: int, before: float, after: float) -> tuple[int, int]:
    """Return where the kept part of a side begins, and how long it is."""
    whole = max(2, side & ~1)
    start = min(_even(side * before), whole - 2)
    return start, max(2, min(_even(side * (1 - before - after)), whole - start))


def _middle(size: Size, part: Size) -> Box:
    return Box((size[0] - part[0]) // 2 & ~1, (size[1] - part[1]) // 2 & ~1, *part)


def _crop(box: Box) -> Filter:
    return "crop", f"{box.width}:{box.height}:{box.x}:{box.y}"


def _even(length: float) -> int:
    """Return the even number nearest to a length, the lower one of two."""
    return 2 * max(0, math.ceil(length / 2 - 0.5))
