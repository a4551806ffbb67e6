"""What the `tempo:` of a profile can be: where beats and bars come from, the first that is alive."""

from dataclasses import dataclass

from bridge.profile.model import TempoSource
from bridge.profile.shapes.kinds import OneKind, Yes
from bridge.profile.shapes.shape import Json, Subject, refuse, resolve
from bridge.profile.shapes.structures import Field, Given, ListOf, Record
from bridge.profile.shapes.values import Number, Text
from bridge.profile.source import nodes
from bridge.profile.source.problems import Notes

BPM = Number(20, 400)

SOURCE = Record(
    "a source of tempo",
    (
        Field("link", Yes(), "Ableton Link on this network.", "true"),
        Field("midi_clock", Text(), "The MIDI port whose clock is followed, by its name or a pattern.", '"Digitakt*"'),
        Field("bpm", BPM, "A fixed tempo, in beats per minute.", "124"),
    ),
    aliases={"midi": "midi_clock", "clock": "midi_clock", "tempo": "bpm"},
)

_ONE = OneKind(SOURCE, {"link": "Link", "midi_clock": "a MIDI clock", "bpm": "a fixed tempo"})


@dataclass(frozen=True, slots=True)
class OneSource:
    """One source of tempo."""

    what: str = "{link: true}, {midi_clock: a port}, an input's name, or {bpm: 124}"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> TempoSource | None:
        if isinstance(node, nodes.Mapping):
            fields = _ONE.read(node, notes, Subject("a source of tempo", ""))
            if fields is None:
                return None
            if "bpm" in fields:
                return TempoSource("bpm", bpm=fields["bpm"].value)
            if "link" in fields:
                return TempoSource("link")
            return TempoSource("midi_clock", fields["midi_clock"].value)
        value = resolve(node) if isinstance(node, nodes.Scalar) else None
        if isinstance(value, int | float) and not isinstance(value, bool):
            bpm = BPM.read(node, notes, subject)
            return None if bpm is None else TempoSource("bpm", bpm=bpm)
        if isinstance(node, nodes.Scalar) and isinstance(value, str):
            if value == "link":
                notes.error(node.place, "Link is switched on, not named", "write {link: true}")
                return None
            name = Text().read(node, notes, subject)
            return None if name is None else TempoSource("input", name)
        refuse(node, notes, subject, self.what)
        return None

    def schema(self) -> Json:
        return {"anyOf": [_ONE.schema(), BPM.schema(), {"type": "string", "pattern": r"\S"}]}


@dataclass(frozen=True, slots=True)
class TempoShape:
    """A source of tempo, or a list of them: the first that is alive counts."""

    what: str = "beats per minute like 124, an input's name, or a list of sources"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> list[Given[TempoSource]] | None:
        if isinstance(node, nodes.Sequence):
            return ListOf(OneSource(), "sources of tempo", distinct=True).read(node, notes, subject)
        one = OneSource(self.what).read(node, notes, subject)
        return None if one is None else [Given(one, node.place, node.place)]

    def schema(self) -> Json:
        one = OneSource()
        return {"anyOf": [*one.schema()["anyOf"], ListOf(one, "sources of tempo", distinct=True).schema()]}
