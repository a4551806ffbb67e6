"""Scope's graphs, checked and laid out: which pipelines run, what feeds each, and what each leads to.

A chain of pipelines without a graph becomes the same thing. What cannot work is told in the words of Scope's log, which
is the only place where anybody hears of it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

HARDWARE = frozenset({"spout", "ndi", "syphon", "video_file"})
"""Sources of these modes, and sinks, are the server's own: no client's video goes there, or comes from there."""

INPUT, OUTPUT = "input", "output"
"""What the source and the sink of a chain are called."""


class BadGraph(ValueError):
    """A graph that cannot run. The text is what Scope's log says."""


@dataclass(frozen=True, slots=True)
class Ports:
    """What a kind of pipeline can be wired to."""

    inputs: frozenset[str]
    outputs: frozenset[str] = frozenset({"video"})
    values: frozenset[str] = frozenset()
    """Inputs that take no video but values, as `prompts`."""


@dataclass(frozen=True, slots=True)
class Wired:
    """One pipeline in its place."""

    id: str
    pipeline: str
    inputs: Mapping[str, str]
    """Where the video of each wired input port comes from: another pipeline's id, or a source's."""
    synchronised: bool
    """Whether it follows the server's tempo."""
    place: int
    """Which of the graph's pipelines it is, counted from 0 in the order in which they are written."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What a session is made of."""

    graph: bool
    """Whether it was asked for with a graph: such a session is treated differently in many ways."""
    pipelines: tuple[Wired, ...]
    """Each after those that feed it, as far as that is possible."""
    sources: tuple[str, ...]
    """The sources that a client feeds: its n-th sending video track belongs to the n-th."""
    sourced: bool
    """Whether there is any source, the server's own included. Without one, all pipelines play in text mode."""
    sinks: Mapping[str, str]
    """What is sent back, by name, and the pipeline that it comes from. The first is the first video of the answer."""
    records: Mapping[str, str]
    """Record nodes, and the pipelines that they record."""
    remarks: tuple[str, ...] = ()
    """What works differently from what was probably meant."""


def chain(names: Sequence[str], ports: Callable[[str], Ports], parameters: Mapping[str, Any]) -> Layout:
    """Lay out pipelines that feed each other in this order, as Scope does without a graph.

    With `vace_enabled` in the session's first parameters, video enters a pipeline that knows VACE there, and not as the
    picture to be changed, unless `vace_use_input_video` is false.
    """
    vace = bool(parameters.get("vace_enabled")) and parameters.get("vace_use_input_video", True) is not False
    if len(set(names)) < len(names):
        raise BadGraph(f"Invalid graph: Duplicate node ID: '{_twice(names)}'")
    wired, before = [], INPUT
    for place, name in enumerate(names):
        known = ports(name)
        port = "vace_input_frames" if vace and "vace_input_frames" in known.inputs else "video"
        inputs = {port: before} if port in known.inputs else {}
        wired.append(Wired(name, name, inputs, synchronised=True, place=place))
        before = name
    return Layout(False, tuple(wired), (INPUT,), True, {OUTPUT: before}, {})


def lay_out(graph: Mapping[str, Any], ports: Callable[[str, str], Ports]) -> Layout:
    """Lay out a graph, given as its validated JSON with `from_node` for `from`.

    `ports` tells, by node and kind, what a pipeline can be wired to. Raise `BadGraph`, or whatever `ports` raises.
    """
    nodes, edges = graph["nodes"], graph["edges"]
    _check_structure(nodes, edges)
    kinds = {node["id"]: node["type"] for node in nodes}
    known = {node["id"]: ports(node["id"], node["pipeline_id"]) for node in nodes if node["type"] == "pipeline"}
    streams = [edge for edge in edges if edge.get("kind", "stream") == "stream"]
    _check_ports(streams, known)
    _check_single(streams)

    into: dict[str, dict[str, str]] = {}
    for edge in streams:
        into.setdefault(edge["to_node"], {})[edge["to_port"]] = edge["from_node"]
    synchronised = {node["id"] for node in nodes if node.get("tempo_sync")}
    pipelines = [
        Wired(
            id=node["id"],
            pipeline=node["pipeline_id"],
            inputs={
                port: origin
                for port, origin in into.get(node["id"], {}).items()
                if kinds[origin] in ("pipeline", "source") and port not in known[node["id"]].values
            },
            synchronised=not synchronised or node["id"] in synchronised,
            place=place,
        )
        for place, node in enumerate(node for node in nodes if node["type"] == "pipeline")
    ]

    def fed(kind: str) -> dict[str, str]:
        """Return the nodes of this kind that a pipeline leads to."""
        ends = {}
        for node in nodes:
            origin = next(iter(into.get(node["id"], {}).values()), None)
            if node["type"] == kind and node.get("sink_mode") not in HARDWARE and kinds.get(origin or "") == "pipeline":
                ends[node["id"]] = origin or ""
        return ends

    sinks = fed("sink")
    remarks = [
        f"Node {node['id']} of type {node.get('node_type_id')} does nothing here"
        for node in nodes
        if node["type"] == "node"
    ]
    remarks += [
        f"Input source '{node['source_mode']}' is not available on this platform"
        for node in nodes
        if node["type"] == "source" and node.get("source_mode") in HARDWARE
    ]
    remarks += [
        f"Output sink '{node['sink_mode']}' not available for node {node['id']}"
        for node in nodes
        if node["type"] == "sink" and node.get("sink_mode") in HARDWARE
    ]
    if not sinks:
        remarks.append("no pipeline leads to a sink: this session sends nothing")
    return Layout(
        graph=True,
        pipelines=_in_order(pipelines),
        sources=tuple(
            node["id"] for node in nodes if node["type"] == "source" and node.get("source_mode") not in HARDWARE
        ),
        sourced=any(node["type"] == "source" for node in nodes),
        sinks=sinks,
        records=fed("record"),
        remarks=tuple(remarks),
    )


def _check_structure(nodes: Sequence[Mapping[str, Any]], edges: Sequence[Mapping[str, Any]]) -> None:
    errors = []
    names = [node["id"] for node in nodes]
    if len(set(names)) < len(names):
        errors.append(f"Duplicate node ID: '{_twice(names)}'")
    if not any(node["type"] == "sink" for node in nodes):
        errors.append("Graph must have at least one sink node")
    nameless = [node["id"] for node in nodes if node["type"] == "pipeline" and not node.get("pipeline_id")]
    errors += [f"Pipeline node '{name}' is missing pipeline_id" for name in nameless]
    for edge in edges:
        if edge["from_node"] not in names:
            errors.append(f"Edge references non-existent source node: '{edge['from_node']}'")
        if edge["to_node"] not in names:
            errors.append(f"Edge references non-existent target node: '{edge['to_node']}'")
    if errors:
        raise BadGraph(f"Invalid graph: {'; '.join(errors)}")


def _check_ports(edges: Sequence[Mapping[str, Any]], known: Mapping[str, Ports]) -> None:
    errors = []
    for edge in edges:
        giver, taker = known.get(edge["from_node"]), known.get(edge["to_node"])
        if giver is not None and edge["from_port"] not in giver.outputs:
            errors.append(
                f"Node {edge['from_node']!r} has no output port {edge['from_port']!r} (declared: {sorted(giver.outputs)})"
            )
        if taker is not None and edge["to_port"] not in taker.inputs | taker.values:
            errors.append(
                f"Node {edge['to_node']!r} has no input port {edge['to_port']!r} "
                f"(declared: {sorted(taker.inputs | taker.values)})"
            )
    if errors:
        raise BadGraph(f"Invalid graph ports: {'; '.join(errors)}")


def _check_single(edges: Sequence[Mapping[str, Any]]) -> None:
    taken = set()
    for edge in edges:
        place = (edge["to_node"], edge["to_port"])
        if place in taken:
            raise BadGraph(
                f"Duplicate stream edges to the same input port: node={place[0]!r}, port={place[1]!r}. "
                "Fan-in to a single port is not supported."
            )
        taken.add(place)


def _in_order(pipelines: Sequence[Wired]) -> tuple[Wired, ...]:
    """Return each after those that feed it. Those of a circle wait for each other for ever, in Scope too."""
    waiting, ordered = list(pipelines), list[Wired]()
    while waiting:
        names = {one.id for one in waiting}
        free = [one for one in waiting if not names & set(one.inputs.values())] or waiting
        ordered += free
        waiting = [one for one in waiting if one not in free]
    return tuple(ordered)


def _twice(names: Sequence[str]) -> str:
    return next(name for place, name in enumerate(names) if name in names[:place])
