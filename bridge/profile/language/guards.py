"""What the `guard:` of a profile can be: limits for a target, `2 per s` or `4 per 2 bars`."""

import re
from dataclasses import dataclass
from typing import Final

from bridge.profile.durations import Duration
from bridge.profile.shapes.shape import Json, Subject, is_nothing, refuse
from bridge.profile.shapes.structures import Field, Fields, Record, Table
from bridge.profile.shapes.values import Length
from bridge.profile.source import nodes
from bridge.profile.source.problems import Notes

_PER = r"([1-9][0-9]{0,5}) per (?:([0-9.]+) ?)?(ms|s|chunks?|beats?|bars?)"


@dataclass(frozen=True, slots=True)
class PerTime:
    """So many in so long."""

    what: str = "so many in a time, like 2 per s, 1 per bar or 4 per 2 bars"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> tuple[int, Duration] | None:
        text = " ".join(node.text.split()) if isinstance(node, nodes.Scalar) else ""
        found = re.fullmatch(_PER, text)
        if found is None or not isinstance(node, nodes.Scalar):
            near = re.fullmatch(
                r"([1-9][0-9]*) ?(?:/|x|times|a|per|every)? ?(?:sec|seconds?|(s|beat|bar|chunk)s?)", text
            )
            number = re.fullmatch(r"[1-9][0-9]*", text)
            hint = f"write {near[1]} per {near[2] or 's'}" if near else f"write {text} per s" if number else None
            refuse(node, notes, subject, self.what, hint)
            return None
        length = nodes.Scalar(node.place, f"{found[2] or 1} {found[3]}", node.plain)
        time = Length(cut=False).read(length, notes, subject)
        return None if time is None else (int(found[1]), time)

    def schema(self) -> Json:
        return {"type": "string", "pattern": f"^{_PER}$"}


GUARD: Final = Record(
    "a guard",
    (
        Field(
            "max_rate",
            PerTime(),
            "How often it changes at most; what is held back arrives later, the newest.",
            "2 per s",
        ),
        Field("max_cuts", PerTime(), "How often it cuts the picture at most.", "2 per bar"),
    ),
    aliases={"rate": "max_rate", "cuts": "max_cuts", "limit": "max_rate"},
)


@dataclass(frozen=True, slots=True)
class OneGuard:
    """The limits of one target, at least one."""

    what: str = "a mapping of max_rate, max_cuts"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> Fields | None:
        if is_nothing(node) or (isinstance(node, nodes.Mapping) and node.whole and not node.pairs):
            notes.error(node.place, f"this guard of {subject.name} says nothing", subject.hint)
            return None
        return GUARD.read(node, notes, subject)

    def schema(self) -> Json:
        return {**GUARD.schema(), "type": "object", "minProperties": 1}


GUARDS: Final = Table(
    "a guard",
    OneGuard(),
    name=r"\S+( \S+)*",
    name_rule="it stands under the name of a target",
    examples="{max_rate: 2 per s}",
)
