"""What a profile's Scope becomes on the wire."""

import json
from pathlib import Path
from typing import Any

import pytest

from bridge.profile.model import Graph, Node, Scope
from bridge.session.contract.dialect import CURRENT, dialect_of
from bridge.session.contract.layout import Layout, PacedNode, layout

BETA = dialect_of(None)
DEFINITIONS = json.loads((Path(__file__).parent / "captures" / "nodes_definitions.json").read_text())["nodes"]
PORTS = {
    one["node_type_id"]: (
        {port["name"] for port in one["inputs"]},
        {port["name"] for port in one["outputs"]},
    )
    for one in DEFINITIONS
}

DEPTH = Node("depth", "video-depth-anything")
DREAM = Node("dream", "longlive")
SMOOTH = Node("smooth", "rife")


def edges(found: Layout) -> list[tuple[str, str, str, str]]:
    assert found.graph is not None
    assert all(edge["kind"] == "stream" for edge in found.graph["edges"])
    return [(edge["from"], edge["from_port"], edge["to_node"], edge["to_port"]) for edge in found.graph["edges"]]


def test_one_pipeline_in_text_mode_is_a_graph_with_a_sink() -> None:
    found = layout(Scope())

    assert found.graph is not None
    assert found.graph["nodes"] == [
        {"id": "longlive", "type": "pipeline", "pipeline_id": "longlive"},
        {"id": "output", "type": "sink"},
    ]
    assert edges(found) == [("longlive", "video", "output", "video")]
    assert (found.pipeline_ids, found.sources, found.sinks) == (("longlive",), (), ("output",))
    assert found.nodes == (PacedNode("longlive", "longlive", 12, "", 1.0),)
    assert not found.keep_alive


def test_video_mode_feeds_the_first_of_a_chain() -> None:
    found = layout(Scope(input_mode="video", chain=(DEPTH, DREAM, SMOOTH)))

    assert edges(found) == [
        ("input", "video", "depth", "video"),
        ("depth", "video", "dream", "video"),
        ("dream", "video", "smooth", "video"),
        ("smooth", "video", "output", "video"),
    ]
    assert (found.sources, found.sinks) == (("input",), ("output",))
    assert found.pipeline_ids == ("video-depth-anything", "longlive", "rife")


@pytest.mark.parametrize(
    ("scope", "edge"),
    [
        (Scope(input_mode="video", vace="video"), ("input", "video", "longlive", "vace_input_frames")),
        (Scope(input_mode="video", vace="images"), ("input", "video", "longlive", "video")),
        (
            Scope(input_mode="video", vace="video", chain=(DEPTH, DREAM, SMOOTH)),
            ("depth", "video", "dream", "vace_input_frames"),
        ),
        (
            Scope(pipeline="rife", input_mode="video", vace="video", chain=(DEPTH, DREAM, SMOOTH)),
            ("depth", "video", "dream", "vace_input_frames"),
        ),
        (
            Scope(pipeline="own-plugin", input_mode="video", vace="video", chain=(Node("a", "own-plugin"),)),
            ("input", "video", "a", "vace_input_frames"),
        ),
    ],
)
def test_video_that_controls_through_vace_enters_the_diffusion_pipeline_by_its_own_port(
    scope: Scope, edge: tuple[str, str, str, str]
) -> None:
    found = edges(layout(scope))

    assert edge in found
    assert sum(one[3] == "vace_input_frames" for one in found) == (scope.vace == "video")


def test_frames_are_counted_by_what_each_node_makes_and_what_arrives_of_it() -> None:
    found = layout(Scope(input_mode="video", chain=(DEPTH, DREAM, SMOOTH)))

    assert [(node.id, node.frames, node.sink) for node in found.nodes] == [
        ("depth", 4, ""),
        ("dream", 12, ""),
        ("smooth", 23, ""),
    ]
    # 23 frames at the sink: one chunk of the dream, one of rife, three of the depth
    chunks = [23 / (node.frames * node.ratio) for node in found.nodes]
    assert chunks == pytest.approx([3.0, 1.0, 1.0])


def test_frames_per_chunk_of_the_profile_are_those_of_the_main_pipeline() -> None:
    own = Scope(pipeline="own-plugin", frames_per_chunk=7, chain=(DEPTH, Node("a", "own-plugin")), input_mode="video")

    assert [node.frames for node in layout(own).nodes] == [4, 7]
    assert [node.frames for node in layout(Scope(pipeline="own-plugin")).nodes] == [12]


TWO = Graph(
    nodes=(
        {"id": "left", "type": "source"},
        {"id": "screen", "type": "source", "source_mode": "ndi", "source_name": "CAM"},
        {"id": "right", "type": "source", "source_mode": "camera"},
        {"id": "to_ndi", "type": "sink", "sink_mode": "ndi", "sink_name": "Out"},
        {"id": "a", "type": "pipeline", "pipeline_id": "longlive"},
        {"id": "b", "type": "pipeline", "pipeline_id": "gray"},
        {"id": "fast", "type": "pipeline", "pipeline_id": "rife"},
        {"id": "one", "type": "sink"},
        {"id": "two", "type": "sink"},
        {"id": "tape", "type": "record"},
    ),
    edges=(
        {"from": "left", "from_port": "video", "to_node": "a", "to_port": "video"},
        {"from": "right", "from_port": "video", "to_node": "b", "to_port": "video"},
        {"from": "a", "from_port": "video", "to_node": "fast", "to_port": "video"},
        {"from": "fast", "from_port": "video", "to_node": "one", "to_port": "video"},
        {"from": "fast", "from_port": "video", "to_node": "tape", "to_port": "video"},
        {"from": "b", "from_port": "video", "to_node": "two", "to_port": "video"},
        {"from": "b", "from_port": "video", "to_node": "to_ndi", "to_port": "video"},
    ),
)


def test_a_graph_of_ones_own_keeps_its_order_and_only_what_is_ours_is_fed_and_returned() -> None:
    found = layout(Scope(graph=TWO, input_mode="video"))

    assert (found.sources, found.sinks) == (("left", "right"), ("one", "two"))
    assert found.pipeline_ids == ("longlive", "gray", "rife")
    assert {node.id: (node.frames, node.sink, node.ratio) for node in found.nodes} == {
        "a": (12, "", 23 / 12),
        "b": (1, "two", 1.0),
        "fast": (23, "", 1.0),
    }
    assert found.graph is not None
    ids = [node["id"] for node in found.graph["nodes"]]
    assert ids == ["left", "screen", "right", "a", "b", "fast", "one", "two", "tape", "to_ndi"]
    assert all(edge["kind"] == "stream" for edge in found.graph["edges"])


def test_what_scope_sends_and_takes_in_itself_are_nodes_that_are_not_ours() -> None:
    scope = Scope(input_source=("ndi", "CAM 1"), output_sinks={"spout": "Wall", "ndi": "Wall 2"})
    found = layout(scope)

    assert found.graph is not None
    by_id = {node["id"]: node for node in found.graph["nodes"]}
    assert (by_id["input"]["source_mode"], by_id["input"]["source_name"]) == ("ndi", "CAM 1")
    assert (by_id["output_spout"]["sink_mode"], by_id["output_spout"]["sink_name"]) == ("spout", "Wall")
    assert [one for one in edges(found) if one[0] == "longlive"] == [
        ("longlive", "video", "output", "video"),
        ("longlive", "video", "output_spout", "video"),
        ("longlive", "video", "output_ndi", "video"),
    ]
    assert (found.sources, found.sinks) == ((), ("output",))


def test_nodes_called_as_ours_are_would_make_no_graph_with_two_of_a_name() -> None:
    found = layout(Scope(input_mode="video", chain=(Node("input", "gray"), Node("output", "longlive"))))

    assert found.graph is not None
    assert [node["id"] for node in found.graph["nodes"]] == ["input_", "input", "output", "output_"]
    assert (found.sources, found.sinks) == (("input_",), ("output_",))


@pytest.mark.parametrize(
    ("scope", "sources", "keep_alive"),
    [
        (Scope(), (), True),
        (Scope(input_mode="video"), ("input",), False),
        (Scope(input_source=("spout", "Resolume")), (), True),
    ],
)
def test_a_beta_gets_no_graph_and_the_video_line_is_kept_alive_if_nothing_is_sent(
    scope: Scope, sources: tuple[str, ...], keep_alive: bool
) -> None:
    found = layout(scope, BETA)

    assert (found.graph, found.pipeline_ids, found.sinks) == (None, ("longlive",), ("output",))
    assert (found.sources, found.keep_alive) == (sources, keep_alive)
    assert [node.pipeline for node in found.nodes] == ["longlive"]


@pytest.mark.parametrize(
    "scope",
    [
        Scope(),
        Scope(input_mode="video", vace="video"),
        Scope(input_mode="video", vace="video", chain=(DEPTH, DREAM, SMOOTH)),
        Scope(graph=TWO, input_mode="video"),
        *(Scope(pipeline=name, input_mode="video") for name in PORTS if name != "scheduler"),
    ],
)
def test_every_edge_ends_at_ports_that_scope_has_and_no_port_has_two(scope: Scope) -> None:
    graph: Any = layout(scope, CURRENT).graph
    kinds = {node["id"]: node.get("pipeline_id") for node in graph["nodes"]}

    for edge in graph["edges"]:
        if kinds[edge["from"]]:
            assert edge["from_port"] in PORTS[kinds[edge["from"]]][1]
        if kinds[edge["to_node"]]:
            assert edge["to_port"] in PORTS[kinds[edge["to_node"]]][0]
    ends = [(edge["to_node"], edge["to_port"]) for edge in graph["edges"]]
    assert len(ends) == len(set(ends))
    assert len(kinds) == len(graph["nodes"])
