"""What a recording is called, and what that says of its form: a video file, or an image for each picture."""

import re
from dataclasses import dataclass
from typing import Final, Literal, get_args

from bridge.profile.shapes.shape import Json, Subject, shorten
from bridge.profile.shapes.values import Text
from bridge.profile.source import nodes
from bridge.profile.source.problems import Notes, did_you_mean

Codec = Literal["h264", "prores", "utvideo", "png", "jpeg"]

CODECS: Final[dict[str, tuple[Codec, ...]]] = {
    ".mp4": ("h264",),
    ".mkv": ("h264", "prores"),
    ".mov": ("prores", "h264"),
    ".avi": ("utvideo",),
    ".png": ("png",),
    ".jpg": ("jpeg",),
    ".jpeg": ("jpeg",),
}
"""By the end of a file's name: how its pictures can be encoded, the usual way first."""

IMAGES: Final = (".png", ".jpg", ".jpeg")
"""The ends of names of which each picture has one."""

VIDEO_CODECS: Final = tuple(one for one in get_args(Codec) if one not in ("png", "jpeg"))
_TIMES: Final = ("date", "time")
_ENDS: Final = "|".join(end[1:] for end in CODECS)


def ending(file: str) -> str:
    """Return the end of a file's name from its last dot on, in small letters."""
    found = re.search(r"[^/\\](\.[A-Za-z0-9]+)$", file)
    return found[1].lower() if found else ""


@dataclass(frozen=True, slots=True)
class RecordingFile:
    """The path of what a recording writes."""

    what: str = "the path of a video file, like recordings/{date}.mp4, or of images, like frames/{number}.png"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> str | None:
        text = Text(self.what).read(node, notes, subject)
        if text is None:
            return None
        end = ending(text)
        if end not in CODECS:
            stem = re.sub(r"\.\w{1,5}$", "", text.rstrip("/\\")) or "show"
            notes.error(
                node.place,
                "a recording is an .mp4, .mov, .mkv or .avi file, or an image .png or .jpg for each picture, and "
                f"'{shorten(text)}' is none",
                f'write "{stem}.mp4"',
                f'or, as images: "{stem}/{{number}}.png"',
            )
            return None
        able = (*_TIMES, "number") if end in IMAGES else _TIMES
        for found in re.finditer(r"\{([^{}]*)\}", text):
            if found[1] in able:
                continue
            if found[1] == "number":
                notes.error(
                    node.place,
                    "{number} counts images, and a video file is one",
                    f'write "{text.replace("{number}", "{time}")}"',
                )
            else:
                names = "{date}, {time} and {number}" if end in IMAGES else "{date} and {time}"
                notes.error(
                    node.place,
                    f"a recording's name can hold {names}, and {found[0]} is none of them",
                    did_you_mean(found[1], able),
                    subject.hint,
                )
            return None
        if end in IMAGES and "{number}" not in text:
            stem = text[: -len(end)]
            notes.error(
                node.place,
                "each image needs a name of its own, and this one has no {number}",
                f'write "{stem}{{number}}{end}"' if stem.endswith(("/", "\\")) else f'write "{stem}/{{number}}{end}"',
                f'or, as a video file: "{stem}.mp4"',
            )
            return None
        return text

    def schema(self) -> Json:
        return {"type": "string", "pattern": rf"\.({_ENDS}|{_ENDS.upper()})$"}
