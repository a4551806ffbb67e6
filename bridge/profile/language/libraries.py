"""What the `loras:` and `images:` of a profile can be: short names for files that the server has."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from bridge.profile.shapes.shape import Json, Subject, is_nothing, refuse
from bridge.profile.shapes.structures import Given, Table
from bridge.profile.shapes.values import Choice, Text
from bridge.profile.source import nodes
from bridge.profile.source.problems import Notes

CHANGE: Final = "change"
"""The key among the LoRAs that is none."""

_CHANGES = Choice(("cut", "smooth"))

_FILES = Table(
    "a LoRA",
    Text("the file of a LoRA"),
    name=r"(?![0-9]+$)[^/{}\[\]*]+",
    name_rule="a name has no / * { } [ ], and a number means the LoRA at that place of the list",
    examples="arcane-jinx.safetensors",
)

IMAGES = Table("an image", Text("the file of an image"), examples="refs/face.png")


@dataclass(frozen=True, slots=True)
class Loras:
    """The LoRAs of a profile."""

    files: Mapping[str, Given[str]] = field(default_factory=dict)
    """File by short name, in the order of the profile."""
    change: Literal["cut", "smooth"] = "cut"
    """How a changed strength reaches the picture: exactly, with a cut, or drifting into place."""


@dataclass(frozen=True, slots=True)
class LorasShape:
    """Short names with files, and the key `change`."""

    what: str = "a mapping: the name of a LoRA, a colon, its file; and perhaps change: cut or smooth"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> Loras | None:
        if is_nothing(node):
            return Loras()
        if not isinstance(node, nodes.Mapping):
            refuse(node, notes, subject, self.what)
            return None
        change: Literal["cut", "smooth"] = "cut"
        names: list[tuple[nodes.Node, nodes.Node]] = []
        for key, value in node.pairs:
            if not isinstance(key, nodes.Scalar) or key.text != CHANGE:
                names.append((key, value))
                continue
            if isinstance(value, nodes.Scalar) and "." in value.text:
                notes.error(
                    key.place,
                    "no LoRA can be called 'change': that key says how a changed strength reaches the picture",
                    "give the LoRA another name, like 'my change'",
                )
                continue
            change = "smooth" if _CHANGES.read(value, notes, Subject(CHANGE, "smooth")) == "smooth" else "cut"
        files = _FILES.read(nodes.Mapping(node.place, tuple(names), node.whole), notes, subject)
        return Loras(files or {}, change)

    def schema(self) -> Json:
        about = "How a changed strength reaches the picture: `cut` exactly and at once, `smooth` drifting into place."
        return {
            **_FILES.schema(),
            "properties": {CHANGE: {**_CHANGES.schema(), "description": about, "examples": ["smooth"]}},
        }
