"""PURE. What a profile's Scope becomes on the wire: the graph, where video goes in and comes out, and who is paced how.

    layout(Scope(pipeline="longlive"))                       # longlive -> output
    layout(Scope(input_mode="video", chain=(depth, dream)))  # input -> depth -> dream -> output

One pipeline or a chain is sent as a graph wherever the server has graphs: a receive-only session without one never gets
a frame, and only in a graph can a message be for one node.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bridge.parameters import PIPELINES
from bridge.profile.model import Scope
from bridge.session.contract.dialect import CURRENT, Dialect

SOURCE: Final = "input"
"""The id of the source node of one pipeline or a chain, if none of them is called that."""
SINK: Final = "output"
"""The id of their sink node."""
OWN: Final = ("spout", "ndi", "syphon", "video_file")
"""The modes in which a node's video comes from, or goes to, the machine of the server."""

UNKNOWN_PIPELINE: Final = 12
"""How many frames the chunk of an unknown pipeline is taken for: the longest, because too slow is safe and too fast
loses messages."""
MAKES: Final = {"rife": (12, 23)}
"""The pipelines that make other than the frames they take: how many they take in a chunk, how many they make of it."""


@dataclass(frozen=True, slots=True)
class PacedNode:
    """One pipeline of a layout, as it takes messages: one in each of its own chunks."""

    id: str
    """What `node_id` in a message names."""
    pipeline: str
    frames: int
    """How many frames it makes in a chunk of its own."""
    sink: str = ""
    """The sink whose frames tell of its chunks; empty: the first one."""
    ratio: float = 1.0
    """How many frames arrive at `sink` for each one that this node makes. So it has finished
    `frames at the sink / (frames * ratio)` chunks."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What an offer needs to name, and what comes of it."""

    graph: dict[str, Any] | None
    """As `initialParameters` takes it; None: the server has no graphs."""
    pipeline_ids: tuple[str, ...]
    """Without them a session never starts, graph or not."""
    sources: tuple[str, ...]
    """The source nodes that the bridge feeds, in the order of the video tracks that are offered."""
    sinks: tuple[str, ...]
    """The sinks whose video comes back, in the order of the video m-lines."""
    nodes: tuple[PacedNode, ...]
    keep_alive: bool
    """Whether the video m-line must be `sendrecv` though nothing is sent: without a graph, a receive-only session never
    gets a frame."""


def layout(scope: Scope, dialect: Dialect = CURRENT) -> Layout:
    """Return what `scope` becomes on a server of this dialect. A graph of the profile's own is sent as it is, but for
    Scope's own inputs and outputs, where the profile asks for them."""
    nodes, edges = _own_graph(scope) if scope.graph is not None else _line(scope)
    _set_input_source(scope, nodes)
    _add_output_sinks(scope, nodes, edges)
    # Whose video comes back is the first on the first m-line, so Scope's own outputs are none of those before it.
    nodes.sort(key=lambda node: node["type"] == "sink" and node.get("sink_mode") in OWN)
    sources = tuple(node["id"] for node in nodes if node["type"] == "source" and node.get("source_mode") not in OWN)
    sinks = tuple(node["id"] for node in nodes if node["type"] == "sink" and node.get("sink_mode") not in OWN)
    return Layout(
        graph={"nodes": nodes, "edges": edges} if dialect.graphs else None,
        pipeline_ids=tuple(node["pipeline_id"] for node in nodes if node["type"] == "pipeline"),
        sources=sources,
        sinks=sinks if dialect.graphs else sinks[:1],
        nodes=tuple(_paced(scope, nodes, edges, sinks)),
        keep_alive=not dialect.graphs and not sources,
    )


def frames_per_chunk(pipeline: str) -> int:
    """Return how many frames `pipeline` makes in one chunk."""
    if pipeline in MAKES:
        return MAKES[pipeline][1]
    known = PIPELINES.get(pipeline)
    return (known and known.frames_per_chunk) or UNKNOWN_PIPELINE


Nodes = list[dict[str, Any]]
Edges = list[dict[str, Any]]


def _own_graph(scope: Scope) -> tuple[Nodes, Edges]:
    assert scope.graph is not None
    nodes = [dict(node) for node in scope.graph.nodes]
    return nodes, [{"kind": "stream", **edge} for edge in scope.graph.edges]


def _line(scope: Scope) -> tuple[Nodes, Edges]:
    """Return one pipeline or a chain as a graph: [source ->] node -> ... -> sink."""
    taken = {node.id for node in scope.nodes}
    nodes: Nodes = []
    edges: Edges = []
    before = ""
    if scope.input_mode == "video" or scope.input_source is not None:
        before = _free(SOURCE, taken)
        nodes.append({"id": before, "type": "source"})
    controlled = _controlled(scope)
    for node in scope.nodes:
        nodes.append({"id": node.id, "type": "pipeline", "pipeline_id": node.pipeline})
        if before:
            edges.append(_edge(before, node.id, "vace_input_frames" if node.id == controlled else "video"))
        before = node.id
    sink = _free(SINK, taken)
    nodes.append({"id": sink, "type": "sink"})
    edges.append(_edge(before, sink))
    return nodes, edges


def _controlled(scope: Scope) -> str | None:
    """Return the node whose picture video controls through VACE, instead of being its start; None if there is none.

    That is the main pipeline, unless it cannot and another of the chain can. With a graph, Scope reads nothing else: it
    is the edge that decides.
    """
    if scope.vace != "video":
        return None
    mains = [node.id for node in scope.nodes if node.pipeline == scope.pipeline]
    able = [node.id for node in scope.nodes if (known := PIPELINES.get(node.pipeline)) and known.supports_vace]
    if mains and (mains[0] in able or not able):
        return mains[0]
    return able[0] if able else None


def _edge(start: str, end: str, port: str = "video") -> dict[str, Any]:
    return {"from": start, "from_port": "video", "to_node": end, "to_port": port, "kind": "stream"}


def _free(name: str, taken: Iterable[str]) -> str:
    """Return `name`, or one like it that is not taken."""
    while name in taken:
        name += "_"
    return name


def _set_input_source(scope: Scope, nodes: Nodes) -> None:
    """Have the server take in video on its own machine, wherever a source has none of its own."""
    if scope.input_source is None:
        return
    kind, name = scope.input_source
    for node in nodes:
        if node["type"] == "source" and node.get("source_mode") not in OWN:
            node.update(source_mode=kind, source_name=name)


def _add_output_sinks(scope: Scope, nodes: Nodes, edges: Edges) -> None:
    """Have the server send on its own machine what the first sink gets; in a graph it reads no `output_sinks`."""
    main = next((node["id"] for node in nodes if node["type"] == "sink"), None)
    feed = next((edge for edge in edges if edge["to_node"] == main), None)
    if feed is None:
        return
    taken = {node["id"] for node in nodes}
    for kind, name in scope.output_sinks.items():
        sink = _free(f"{SINK}_{kind}", taken)
        nodes.append({"id": sink, "type": "sink", "sink_mode": kind, "sink_name": name})
        edges.append({**feed, "to_node": sink, "to_port": "video"})


def _paced(scope: Scope, nodes: Nodes, edges: Edges, sinks: Sequence[str]) -> Iterable[PacedNode]:
    """Yield every pipeline of the graph, with the sink that tells of it."""
    pipelines = {node["id"]: node["pipeline_id"] for node in nodes if node["type"] == "pipeline"}
    followers: dict[str, list[str]] = {}
    for edge in edges:
        if edge.get("kind") == "stream":
            followers.setdefault(edge["from"], []).append(edge["to_node"])
    for id, pipeline in pipelines.items():
        frames = frames_per_chunk(pipeline)
        if pipeline == scope.pipeline and scope.frames_per_chunk is not None:
            frames = scope.frames_per_chunk
        sink, ratio = _nearest(id, pipelines, followers, sinks)
        yield PacedNode(id, pipeline, frames, "" if sinks and sink == sinks[0] else sink, ratio)


def _nearest(
    start: str, pipelines: Mapping[str, str], followers: Mapping[str, Sequence[str]], sinks: Sequence[str]
) -> tuple[str, float]:
    """Return the sink that fewest pipelines are before, and how many frames arrive there for each of `start`'s.

    Where none of its frames come back, nothing tells of its chunks: it is taken for as fast as the first sink.
    """
    ways = deque([(start, 1.0)])
    seen = {start}
    while ways:
        here, ratio = ways.popleft()
        reached = followers.get(here, ())
        found = [sink for sink in sinks if sink in reached]
        if found:
            return found[0], ratio
        for id in reached:
            if id not in seen:
                seen.add(id)
                takes, makes = MAKES.get(pipelines.get(id, ""), (1, 1))
                ways.append((id, ratio * makes / takes))
    return "", 1.0
