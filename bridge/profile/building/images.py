"""From `images:` to files that are there: a show does not begin with one missing."""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from bridge.profile.shapes.shape import shorten
from bridge.profile.shapes.structures import Fields, Given, section_of
from bridge.profile.source.files import Files, beside, is_there
from bridge.profile.source.problems import Notes

_KINDS: Final = re.compile(r".*\.(png|jpe?g|webp|bmp)", re.IGNORECASE)


def is_image(path: str) -> bool:
    """Return whether a file is one that Scope takes for an image, by its name."""
    return _KINDS.fullmatch(path) is not None


class Images(NamedTuple):
    """The images of a profile."""

    named: Mapping[str, str]
    """By short name, the file as the profile says it: what values call it."""
    paths: Mapping[str, str]
    """By what values call it, the path of the file on this machine."""


def build_images(fields: Fields, files: Files, notes: Notes) -> Images:
    """Return what `images:` says. A file is looked for beside the one that names it."""
    named: dict[str, str] = {}
    paths: dict[str, str] = {}
    first: dict[str, tuple[str, Given[str]]] = {}
    given: Mapping[str, Given[str]] = section_of(fields, "images")
    for name, one in given.items():
        path = beside(notes.path_at(one.place), one.value)
        if _good(one, files, notes):
            other, there = first.setdefault(one.value, (name, one))
            if paths.setdefault(one.value, path) != path:
                notes.error(
                    one.place,
                    f"the images '{other}' and '{name}' are two files of one name, in two folders",
                    "give one file another name",
                    elsewhere=there.place,
                )
        named[name] = one.value
    return Images(named, paths)


def _good(one: Given[str], files: Files, notes: Notes) -> bool:
    """Note what is wrong with a file; return whether Scope can have it."""
    elsewhere = "an image that the server has already needs no name: say its path there where you use it"
    if not is_image(one.value):
        notes.error(
            one.place,
            f"an image is a .png, .jpg, .webp or .bmp file, and '{shorten(one.value)}' is none",
            "for example: images: {face: refs/face.png}",
        )
        return False
    return is_there(files, one.value, one.place, notes, elsewhere)
