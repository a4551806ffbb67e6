"""What a parameter can be set to: by a scene, at the start, or when the pipeline is loaded; with an example to paste."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from bridge.parameters import Kind, Merge, Parameter
from bridge.profile.shapes.shape import Json, Shape, Subject, refuse
from bridge.profile.shapes.structures import Field, Record
from bridge.profile.shapes.values import Anything, Choice, Number, Switch
from bridge.profile.source import nodes
from bridge.profile.source.problems import Notes


@dataclass(frozen=True, slots=True)
class Steps:
    """A descending list of whole numbers."""

    what: str = "a list of whole numbers from 1000 down to 0, each below the one before"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> list[int] | None:
        if not isinstance(node, nodes.Sequence) or not node.items:
            refuse(node, notes, subject, self.what)
            return None
        step = Number(0, 1000, whole=True)
        values = [step.read(item, notes, subject) for item in node.items]
        steps = [int(value) for value in values if value is not None]
        if len(steps) < len(values):
            return None
        for item, (before, after) in zip(node.items[1:], pairwise(steps), strict=True):
            if after >= before:
                ordered = sorted(set(steps), reverse=True)
                notes.error(
                    item.place,
                    f"{subject.name} goes down from step to step, and {after} comes after {before}",
                    f"write {ordered}",
                )
                return None
        return steps

    def schema(self) -> Json:
        return {"type": "array", "items": {"type": "integer", "minimum": 0, "maximum": 1000}, "minItems": 1}


def shape_of(known: Parameter) -> Shape[Any] | None:
    """Return the shape of a parameter's value; None for an event, which has none."""
    if known.merge is Merge.ONCE and known.kind is Kind.SWITCH:
        return None
    match known.kind:
        case Kind.NUMBER:
            return Number(known.low, known.high)
        case Kind.INTEGER:
            return Number(known.low, known.high, whole=True)
        case Kind.SWITCH:
            return Switch()
        case Kind.CHOICE:
            return Choice(known.choices)
        case Kind.STEPS:
            return Steps()
        case _:
            return Anything()


def example_of(known: Parameter) -> str:
    """Return a value of a parameter, in YAML."""
    match known.kind:
        case Kind.STEPS:
            return "[1000, 750]"
        case Kind.SWITCH:
            return "true"
        case Kind.CHOICE:
            return known.choices[0]
        case Kind.INTEGER:
            return "42" if known.high is None or known.high >= 42 else f"{int(known.low or 0)}"
        case Kind.NUMBER if known.low is not None and known.high is not None and not known.low <= 0.4 <= known.high:
            return f"{known.low:g}"
        case _:
            return "0.4"


LOAD = Record(
    "scope.load",
    (
        Field("width", Number(16, 4096, whole=True), "The picture's width in pixels; a multiple of 16.", "576"),
        Field("height", Number(16, 4096, whole=True), "The picture's height in pixels; a multiple of 16.", "320"),
        Field(
            "base_seed",
            Number(0, 2**32 - 1, whole=True),
            "The random seed it is loaded with.",
            "42",
        ),
        Field(
            "vae_type",
            Choice(("wan", "lightvae", "tae", "lighttae")),
            "Which decoder makes the picture: `lightvae` is faster than `wan` and a little softer.",
            "lightvae",
        ),
        Field("quantization", Choice(("fp8_e4m3fn",)), "Smaller weights, for GPUs with less memory.", "fp8_e4m3fn"),
        Field("vace_enabled", Switch(), "Whether VACE is loaded, which takes GPU memory.", "false"),
    ),
    open=True,
    aliases={"seed": "base_seed", "vae": "vae_type", "resolution": "width", "size": "width"},
)
