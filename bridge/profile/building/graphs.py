"""From the file that `scope.graph` names to a graph that Scope can run.

Scope answers 200 to a graph with a mistake in it and then makes no picture, without a word; so everything that it would
stumble over is found here, and marked in the file.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from bridge.catalogue import Catalogue
from bridge.profile.language.graphs import EDGE, FED, NODE, OF_TYPE, PORTS, VIDEO, Ports
from bridge.profile.model import Graph
from bridge.profile.shapes.shape import Subject, shorten, told
from bridge.profile.shapes.structures import Fields, Given, Record
from bridge.profile.source import nodes
from bridge.profile.source.files import Files, beside, text_of
from bridge.profile.source.json_nodes import compose_json
from bridge.profile.source.problems import Notes, Place, Severity, did_you_mean, lines_of

_EXAMPLE: Final = 'a graph is what Scope\'s own page exports: {"nodes": [...], "edges": [...]}'
_EXAMPLES: Final = {
    "nodes": '{"id": "longlive", "type": "pipeline", "pipeline_id": "longlive"}',
    "edges": '{"from": "longlive", "from_port": "video", "to_node": "output", "to_port": "video"}',
}


@dataclass(frozen=True, slots=True)
class Drawn:
    """What came of reading a graph's file."""

    graph: Graph | None = None
    """None: it has a mistake, or is not there."""
    pipelines: Mapping[str, str] = field(default_factory=dict)
    """By the id of the node that runs it, in their order."""
    files: tuple[str, ...] = ()
    """The paths of the files that were read."""


def read(given: Given[str], notes: Notes, files: Files, catalogue: Catalogue) -> Drawn:
    """Return the graph in the file that `given` names, which is looked for beside the file that names it."""
    path = beside(notes.path_at(given.place), given.value)
    text = text_of(files, path, given.place, notes)
    if text is None:
        return Drawn()
    own = Notes(lines_of(text), path)
    drawing = _Drawing(own, catalogue)
    graph = drawing.graph(compose_json(text, own))
    whole = not any(problem.severity is Severity.ERROR for problem in own.problems())
    notes.include(own)
    return Drawn(graph if whole else None, drawing.pipelines if whole else {}, (path,))


def fed(graph: Graph) -> tuple[str, ...]:
    """Return the ids of the sources whose video comes over the session, in their order."""
    return tuple(one["id"] for one in graph.nodes if one["type"] == "source" and one.get("source_mode", VIDEO) in FED)


def shown(graph: Graph) -> tuple[str, ...]:
    """Return the ids of the sinks whose pictures come back over the session, in their order."""
    return tuple(one["id"] for one in graph.nodes if one["type"] == "sink" and "sink_mode" not in one)


def controlled(graph: Graph) -> bool:
    """Return whether an edge leads video to VACE."""
    return any(edge["to_port"].startswith("vace_input_") for edge in graph.edges)


@dataclass(slots=True)
class _Drawing:
    """One graph on its way from nodes of a file to nodes of a graph."""

    notes: Notes
    catalogue: Catalogue
    pipelines: dict[str, str] = field(default_factory=dict)
    _nodes: dict[str, Fields] = field(default_factory=dict)
    _whole: bool = True
    """Whether all nodes could be read."""

    def graph(self, root: nodes.Node | None) -> Graph | None:
        document = None if root is None else self._document(root)
        if document is None:
            return None
        drawn = [fields for fields in self._listed(document, "nodes", NODE) if self._node(fields)]
        edges = self._listed(document, "edges", EDGE)
        for edge in edges:
            self._edge(edge)
        self._check_ports(edges)
        self._check_whole(document, edges)
        return Graph(
            tuple({name: one.value for name, one in fields.items()} for fields in drawn),
            tuple({**_PORTS, **{name: one.value for name, one in fields.items()}} for fields in edges),
        )

    def _document(self, root: nodes.Node) -> nodes.Mapping | None:
        """Return the mapping with the nodes, which may be all of the document or its `graph`."""
        inner = _below(root, "graph") if isinstance(root, nodes.Mapping) and _below(root, "nodes") is None else None
        found = inner if inner is not None else root
        if isinstance(found, nodes.Mapping):
            return found
        self.notes.error(found.place, f"a graph is a mapping with nodes and edges, not {told(found)}", _EXAMPLE)
        return None

    def _listed(self, document: nodes.Mapping, key: str, record: Record) -> list[Fields]:
        node = _below(document, key)
        if not isinstance(node, nodes.Sequence):
            self._whole = False
            place = document.place if node is None else node.place
            what = "there are none" if node is None else f"this is {told(node)}"
            self.notes.error(_beginning(place), f"a graph has a list of {key}, and {what}", _EXAMPLE)
            return []
        found: list[Fields] = []
        for item in node.items:
            if isinstance(item, nodes.Mapping):
                item = replace(item, pairs=tuple(_said(item)))
            read = record.read(item, self.notes, Subject(record.called, _EXAMPLES[key]))
            if read is None:
                self._whole = False
            else:
                found.append(read)
        return found

    # One by one.

    def _node(self, fields: Fields) -> bool:
        given, kind = fields["id"], fields["type"].value
        name: str = given.value
        if name in self._nodes:
            self.notes.error(
                given.place,
                f"two nodes are called '{shorten(name)}', and an edge could mean either",
                "give one another id, and lead its edges there",
                elsewhere=self._nodes[name]["id"].place,
            )
            return False
        self._nodes[name] = fields
        for of, key, what in (("pipeline", "pipeline_id", "pipeline"), ("node", "node_type_id", "kind of node")):
            if kind == of and key not in fields:
                self.notes.error(
                    given.place,
                    f"the node '{shorten(name)}' does not say which {what} it is",
                    f'add "{key}": "{"longlive" if of == "pipeline" else "scheduler"}"',
                )
        if kind == "pipeline" and "pipeline_id" in fields:
            pipeline = self.pipelines[name] = fields["pipeline_id"].value
            known = self.catalogue.pipelines
            if pipeline not in known and (near := did_you_mean(pipeline, known)):
                self.notes.warning(
                    fields["pipeline_id"].place,
                    f"Scope brings no pipeline called '{shorten(pipeline)}'; only a plugin can add it",
                    near,
                    misspelt=True,
                )
        return True

    def _edge(self, fields: Fields) -> None:
        for end, key, port, side in (("from", "from", "from_port", "gives"), ("to", "to_node", "to_port", "takes")):
            given: Given[str] = fields[key]
            if given.value not in self._nodes:
                if self._whole:
                    self.notes.error(
                        given.place,
                        f"this edge leads {end} '{shorten(given.value)}', and there is no such node",
                        did_you_mean(given.value, self._nodes)
                        or f"the nodes are {shorten(', '.join(self._nodes), 80)}",
                    )
                continue
            if "kind" in fields and fields["kind"].value == "parameter":
                continue  # any parameter of a pipeline can be such a port
            ports = self._ports(given.value)
            able: tuple[str, ...] | None = getattr(ports, side, None)
            wanted = fields[port].value if port in fields else VIDEO
            if able is None or wanted in able:
                continue
            of = self.pipelines.get(given.value)
            called = f"'{shorten(given.value)}'" + (f" ({of})" if of and of != given.value else "")
            place = fields[port].place if port in fields else given.place
            if not able:
                self.notes.error(
                    place,
                    f"{called} is a {self._nodes[given.value]['type'].value}, and {side} nothing: no edge leads {end} it",
                    "turn the edge around, or delete it",
                )
                continue
            self.notes.error(
                place,
                f"{called} has no port '{shorten(wanted)}' that {side} something",
                did_you_mean(wanted, able) or f"it {side} {', '.join(able)}",
            )

    def _ports(self, name: str) -> Ports | None:
        """Return the ports of a node; None where they are not known."""
        kind: str = self._nodes[name]["type"].value
        return PORTS.get(self.pipelines.get(name, "")) if kind == "pipeline" else OF_TYPE.get(kind)

    # All together.

    def _check_ports(self, edges: Sequence[Fields]) -> None:
        """Note two edges that lead to one port: Scope takes one."""
        seen: dict[tuple[str, str], Fields] = {}
        for edge in edges:
            if "kind" in edge and edge["kind"].value == "parameter":
                continue
            to, port = edge["to_node"].value, edge["to_port"].value if "to_port" in edge else VIDEO
            first = seen.setdefault((to, port), edge)
            if first is not edge:
                self.notes.error(
                    edge["to_node"].place,
                    f"two edges lead to the port '{shorten(port)}' of '{shorten(to)}', and it takes one",
                    "delete one",
                    elsewhere=first["to_node"].place,
                )

    def _check_whole(self, document: nodes.Mapping, edges: Sequence[Fields]) -> None:
        """Note what is missing: only where nothing of it can be among what could not be read."""
        if not self._whole:
            return
        beginning = _beginning(document.place)
        kinds = Counter(fields["type"].value for fields in self._nodes.values())
        if not kinds["sink"]:
            self.notes.error(
                beginning,
                "this graph has no sink, so no picture comes out of it",
                'add a node {"id": "output", "type": "sink"}, and an edge to it',
            )
        if not kinds["pipeline"]:
            self.notes.error(
                beginning,
                "this graph has no pipeline, so nothing makes a picture",
                'add a node {"id": "longlive", "type": "pipeline", "pipeline_id": "longlive"}, and edges',
            )
        reached = {edge["to_node"].value for edge in edges if "kind" not in edge or edge["kind"].value == "stream"}
        sinks = [fields for fields in self._nodes.values() if fields["type"].value == "sink"]
        left = {edge["from"].value for edge in edges}
        for fields in self._nodes.values():
            self._check_reached(fields, reached)
            self._check_left(fields, left)
        self._check_circles(edges)
        if sinks and all("sink_mode" in fields for fields in sinks):
            self.notes.warning(
                sinks[0]["sink_mode"].place,
                "Scope sends every picture of this graph itself, so none comes to the outputs of the bridge",
                'add a sink without a mode: {"id": "output", "type": "sink"}',
            )

    def _check_reached(self, fields: Fields, reached: set[str]) -> None:
        """Note a node that waits for what no edge brings."""
        name, kind = fields["id"].value, fields["type"].value
        if name in reached:
            return
        if kind in ("sink", "record"):
            self.notes.error(
                fields["id"].place,
                f"no edge leads to the {kind} '{shorten(name)}', so it gets no picture",
                f'add one: {{"from": "{next(iter(self.pipelines), "longlive")}", "from_port": "video", '
                f'"to_node": "{shorten(name)}", "to_port": "video"}}',
            )
        info = self.catalogue.pipelines.get(self.pipelines.get(name, ""))
        if info is not None and "text" not in info.modes:
            self.notes.warning(
                fields["id"].place,
                f"no edge leads to '{shorten(name)}', and {info.name} makes no picture without video",
                'lead the video of a source or of another pipeline to its port "video"',
            )

    def _check_left(self, fields: Fields, left: set[str]) -> None:
        """Note a node whose pictures nobody takes."""
        name, kind = fields["id"].value, fields["type"].value
        if kind in ("source", "pipeline") and name not in left:
            self.notes.warning(
                fields["id"].place,
                f"no edge leads from the {kind} '{shorten(name)}', so its video goes nowhere",
                "lead it to a pipeline or a sink, or delete the node",
            )

    def _check_circles(self, edges: Sequence[Fields]) -> None:
        """Note each edge that leads video back to where it has come from. Scope means its graphs to have no circle, and
        does not look for one: whoever waits in it waits for ever."""
        ahead: dict[str, list[str]] = {}
        for edge in edges:
            if "kind" in edge and edge["kind"].value == "parameter":
                continue
            begin, end = edge["from"].value, edge["to_node"].value
            way = _way(ahead, end, begin)
            ahead.setdefault(begin, []).append(end)
            if way is not None:
                self.notes.warning(
                    edge["to_node"].place,
                    f"this edge closes a circle, {shorten(' → '.join((*way, end)), 80)}: each waits for the one before it",
                    "lead video from the sources towards the sinks; Scope has no feedback",
                )


def _way(ahead: Mapping[str, Sequence[str]], begin: str, end: str) -> list[str] | None:
    """Return the nodes on a way from `begin` to `end`, both among them; None if there is none."""
    ways, seen = [[begin]], {begin}
    while ways:
        way = ways.pop(0)
        if way[-1] == end:
            return way
        for following in ahead.get(way[-1], ()):
            if following not in seen:
                seen.add(following)
                ways.append([*way, following])
    return None


_PORTS: Final[Mapping[str, Any]] = {"from_port": VIDEO, "to_port": VIDEO}
"""Where an edge leads that does not say it."""


def _below(node: nodes.Mapping, name: str) -> nodes.Node | None:
    return next((value for key, value in node.pairs if isinstance(key, nodes.Scalar) and key.text == name), None)


def _said(node: nodes.Mapping) -> list[tuple[nodes.Node, nodes.Node]]:
    """Return what an entry says, without what it says is nothing; Scope's own two names of one key are one."""
    pairs: list[tuple[nodes.Node, nodes.Node]] = []
    for key, value in node.pairs:
        if isinstance(value, nodes.Scalar) and value.plain and value.text == "null":
            continue
        same = isinstance(key, nodes.Scalar) and key.text == "from_node"
        pairs.append((replace(key, text="from") if same and isinstance(key, nodes.Scalar) else key, value))
    return pairs


def _beginning(place: Place) -> Place:
    """Return where something begins: the place of what is missing in it."""
    return Place(place.line, place.column, place.line, place.column + 1)
