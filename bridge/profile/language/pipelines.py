"""What `scope.pipeline` and `scope.load` can be: one pipeline or a chain, and what each of them is loaded with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from bridge import parameters
from bridge.profile.shapes.shape import Json, Subject, is_nothing, shorten
from bridge.profile.shapes.structures import Fields, Given, ListOf
from bridge.profile.shapes.values import Text
from bridge.profile.source import nodes
from bridge.profile.source.problems import Notes, did_you_mean
from bridge.profile.targets.settable import LOAD

PIPELINES: Final = tuple(parameters.PIPELINES)
"""The ids of the pipelines that Scope brings along; plugins add others."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The id of one pipeline."""

    what: str = "the name of a pipeline"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> str | None:
        name = Text(self.what).read(node, notes, subject)
        if name is not None and name not in PIPELINES and (near := did_you_mean(name, PIPELINES)):
            notes.warning(
                node.place,
                f"Scope brings no pipeline called '{shorten(name)}'; only a plugin can add it",
                near,
                misspelt=True,
            )
        return name

    def schema(self) -> Json:
        return {"type": "string", "pattern": r"\S"}


@dataclass(frozen=True, slots=True)
class Chain:
    """One pipeline, or several of which each takes the pictures of the one before."""

    what: str = "the name of a pipeline, or a list of them"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> list[Given[str]] | None:
        if isinstance(node, nodes.Sequence):
            chain = ListOf(Pipeline(), "pipelines", distinct=True).read(node, notes, subject)
            # Of a chain with a mistake in it nothing is known: any of the others may be the main one.
            return chain if chain is not None and len(chain) == len(node.items) else None
        one = Pipeline(self.what).read(node, notes, subject)
        return None if one is None else [Given(one, node.place, node.place)]

    def schema(self) -> Json:
        one = Pipeline().schema()
        return {"anyOf": [one, ListOf(Pipeline(), "pipelines", distinct=True).schema()]}


class Nested(NamedTuple):
    """A mapping among load parameters: what one node is loaded with, or a value of a plugin's own."""

    key: nodes.Scalar
    value: nodes.Mapping


@dataclass(frozen=True, slots=True)
class Load:
    """What is said of loading."""

    fields: Fields = field(default_factory=dict)
    """What the only pipeline, or the main one, is loaded with."""
    nested: Mapping[str, Nested] = field(default_factory=dict)
    """By key. Which of these keys are pipelines or nodes is known once the chain or graph is."""


@dataclass(frozen=True, slots=True)
class LoadShape:
    """Load parameters, and those of single nodes below their names."""

    @property
    def what(self) -> str:
        return f"{LOAD.what}; of a chain or graph, by pipeline or node"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> Load | None:
        nested: dict[str, Nested] = {}
        if isinstance(node, nodes.Mapping) and not is_nothing(node):
            own = {one.name for one in LOAD.fields}
            pairs = []
            for key, value in node.pairs:
                if isinstance(key, nodes.Scalar) and isinstance(value, nodes.Mapping) and key.text not in own:
                    nested[key.text] = Nested(key, value)
                else:
                    pairs.append((key, value))
            node = nodes.Mapping(node.place, tuple(pairs), node.whole)
        fields = LOAD.read(node, notes, subject)
        return None if fields is None else Load(fields, nested)

    def schema(self) -> Json:
        return LOAD.schema()
