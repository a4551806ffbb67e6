"""What a graph of Scope's own form can be: the file that `scope.graph` names, as Scope's own page exports it.

    {"nodes": [{"id": "input", "type": "source"}, {"id": "longlive", "type": "pipeline", "pipeline_id": "longlive"},
               {"id": "output", "type": "sink"}],
     "edges": [{"from": "input", "from_port": "video", "to_node": "longlive", "to_port": "video"},
               {"from": "longlive", "from_port": "video", "to_node": "output", "to_port": "video"}]}

The keys are those of Scope 0.2.4's API. Whether nodes and edges fit together is in `building.graphs`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from bridge import parameters
from bridge.profile.shapes.shape import Json, Subject, refuse
from bridge.profile.shapes.structures import Field, Record
from bridge.profile.shapes.values import Anything, Choice, Switch
from bridge.profile.source import nodes
from bridge.profile.source.problems import Notes

VIDEO: Final = "video"
"""The port that pictures go through."""
FED: Final = ("video", "camera")
"""What `source_mode` may say of a source whose video comes over the session; every other mode is Scope's own machine."""


class Ports(NamedTuple):
    """What a node takes and gives."""

    takes: tuple[str, ...]
    gives: tuple[str, ...]


_PICTURES: Final = Ports((VIDEO,), (VIDEO,))
PORTS: Final[Mapping[str, Ports]] = {
    name: Ports((VIDEO, "vace_input_frames", "vace_input_masks"), (VIDEO,))
    if name in parameters.DIFFUSION
    else _PICTURES
    for name in parameters.PIPELINES
}
"""By the id of a pipeline that Scope brings along; plugins have ports of their own."""
OF_TYPE: Final[Mapping[str, Ports]] = {
    "source": Ports((), (VIDEO,)),
    "sink": Ports((VIDEO,), ()),
    "record": Ports((VIDEO,), ()),
}
"""By the type of a node that is no pipeline."""


@dataclass(frozen=True, slots=True)
class Id:
    """A text that counts as it stands, to the blank."""

    what: str = "a text"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> str | None:
        if isinstance(node, nodes.Scalar) and not node.plain and node.text.strip():
            return node.text
        refuse(node, notes, subject, self.what)
        return None

    def schema(self) -> Json:
        return {"type": "string", "pattern": r"\S"}


NODE: Final = Record(
    "a node",
    (
        Field("id", Id(), "What edges call it.", '"longlive"', required=True),
        Field(
            "type",
            Choice(("source", "pipeline", "sink", "record", "node")),
            "What it is.",
            '"pipeline"',
            required=True,
        ),
        Field("pipeline_id", Id(), "The pipeline that it runs.", '"longlive"'),
        Field("node_type_id", Id(), "What a node of the type `node` is.", '"scheduler"'),
        Field("params", Anything(), "What such a node is set to.", "{}"),
        Field("source_mode", Id(), "Where a source's video comes from.", '"video"'),
        Field("source_name", Id(), "The sender's name.", '"Resolume"'),
        Field("source_flip_vertical", Switch(), "Whether its video is turned upside down.", "false"),
        Field("tempo_sync", Switch(), "Whether it follows Scope's own tempo.", "true"),
        Field("sink_mode", Choice(("spout", "ndi", "syphon")), "How Scope itself sends a sink's picture.", '"ndi"'),
        Field("sink_name", Id(), "The sender's name.", '"Scope"'),
    ),
    open=True,
    aliases={"pipeline": "pipeline_id", "name": "id"},
)

EDGE: Final = Record(
    "an edge",
    (
        Field("from", Id(), "The node that gives.", '"input"', required=True),
        Field("from_port", Id(), "What of it.", '"video"'),
        Field("to_node", Id(), "The node that takes.", '"longlive"', required=True),
        Field("to_port", Id(), "Where.", '"video"'),
        Field("kind", Choice(("stream", "parameter")), "Pictures, or a value for each chunk.", '"stream"'),
    ),
    open=True,
    aliases={"to": "to_node", "source": "from", "target": "to_node"},
)
