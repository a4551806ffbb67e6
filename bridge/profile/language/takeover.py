"""How a control takes a target that something else has moved, as it is written: `pickup`, or `{pickup: 0.03}`."""

from dataclasses import dataclass
from typing import Final, NamedTuple, cast, get_args

from bridge.profile.inputs import TOLERANCE, Takeover
from bridge.profile.shapes.shape import Json, Subject, refuse
from bridge.profile.shapes.values import Choice, Number
from bridge.profile.source import nodes
from bridge.profile.source.problems import Notes, did_you_mean

TAKEOVERS: Final[tuple[Takeover, ...]] = get_args(Takeover)

_MEANT: Final = {
    **dict.fromkeys(("pick up", "pick-up", "pick_up", "soft"), "pickup"),
    **dict.fromkeys(("catchup", "catch-up", "catch_up"), "catch up"),
    **dict.fromkeys(("direct", "absolute", "off"), "jump"),
    "relative": "parallel",
    "scaled": "scale",
}
_NEAR: Final = Number(0, 0.5)


class Taking(NamedTuple):
    """A way to take over, and how near counts as being there."""

    mode: Takeover
    tolerance: float = TOLERANCE
    """As a part of the whole way, 0 to 0.5."""


@dataclass(frozen=True, slots=True)
class TakeoverShape:
    """A word, or a mapping of that word to how near is near enough."""

    @property
    def what(self) -> str:
        return _WORD.what

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> Taking | None:
        if not isinstance(node, nodes.Mapping):
            word = _WORD.read(node, notes, subject)
            return None if word is None else Taking(cast(Takeover, word))
        pairs = [(key, value) for key, value in node.pairs if isinstance(key, nodes.Scalar)]
        if len(pairs) != 1 or len(node.pairs) != 1:
            refuse(node, notes, subject, "one word, or one with how near is near enough", "write {pickup: 0.03}")
            return None
        key, value = pairs[0]
        if key.text == "jump":
            notes.error(
                key.place,
                "a control that jumps is never too far away, so there is no near and far",
                "write takeover: jump, or for one that waits: {pickup: 0.03}",
            )
            return None
        if key.text not in TAKEOVERS:
            near = _MEANT.get(key.text) or did_you_mean(key.text, TAKEOVERS[1:])
            hint = f"did you mean '{_MEANT[key.text]}'?" if key.text in _MEANT else near
            notes.error(
                key.place,
                f"{subject.called} takes {_WORD.what}, not '{key.text}'",
                hint,
                "for example: {pickup: 0.03}",
            )
            return None
        tolerance = _NEAR.read(value, notes, Subject(key.text, "0.03"))
        return None if tolerance is None else Taking(key.text, tolerance)

    def schema(self) -> Json:
        one: Json = {
            "type": "object",
            "properties": {
                mode: {
                    **_NEAR.schema(),
                    "description": "How near, as a part of the whole way, counts as being there.",
                    "examples": [0.03],
                }
                for mode in TAKEOVERS[1:]
            },
            "additionalProperties": False,
            "minProperties": 1,
            "maxProperties": 1,
        }
        return {"anyOf": [_WORD.schema(), one]}


_WORD: Final = Choice(TAKEOVERS, _MEANT)
