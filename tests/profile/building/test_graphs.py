"""A graph of Scope's own form: what is sent to Scope, and what it would stumble over."""

import json
from typing import Any

import pytest

from bridge.catalogue import STANDARD
from bridge.profile.building import graphs
from bridge.profile.model import Graph
from bridge.profile.shapes.structures import Given
from bridge.profile.source.problems import Notes, Place, Problem, Severity

AT = Place(1, 1, 1, 2)
SMALL: dict[str, Any] = {
    "nodes": [
        {"id": "input", "type": "source"},
        {"id": "dream", "type": "pipeline", "pipeline_id": "longlive"},
        {"id": "output", "type": "sink"},
    ],
    "edges": [
        {"from": "input", "from_port": "video", "to_node": "dream", "to_port": "video"},
        {"from": "dream", "from_port": "video", "to_node": "output", "to_port": "video"},
    ],
}


def read(document: Any, path: str = "shows/night.yaml") -> tuple[graphs.Drawn, tuple[Problem, ...]]:
    notes = Notes(["graph: graph.json"], path)
    text = document if isinstance(document, str) else json.dumps(document, indent=1)
    asked: list[str] = []

    def files(name: str) -> str:
        asked.append(name)
        return text

    drawn = graphs.read(Given("graph.json", AT, AT), notes, files, STANDARD)
    assert asked == ["shows/graph.json"]
    return drawn, notes.problems()


def good(document: Any) -> Graph:
    drawn, problems = read(document)
    assert [str(problem) for problem in problems] == []
    assert drawn.graph is not None
    return drawn.graph


def with_(nodes: list[Any] | None = None, edges: list[Any] | None = None) -> dict[str, Any]:
    return {"nodes": [*SMALL["nodes"], *(nodes or [])], "edges": [*SMALL["edges"], *(edges or [])]}


def test_a_graph_is_passed_on_as_it_is() -> None:
    assert good(SMALL) == Graph(tuple(SMALL["nodes"]), tuple(SMALL["edges"]))
    assert good({"graph": SMALL, "name": "night"}) == good(SMALL)


def test_the_graph_is_looked_for_beside_the_profile_and_a_change_of_it_is_one_of_the_profile() -> None:
    assert read(SMALL)[0].files == ("shows/graph.json",)
    assert read("{")[0].files == ("shows/graph.json",)


def test_the_other_spelling_of_an_edge_and_what_it_leaves_out_are_filled_in() -> None:
    edges = [
        {"from_node": "input", "to_node": "dream", "kind": "stream"},
        {"from": "dream", "from_port": None, "to_node": "output"},
    ]

    assert good({**SMALL, "edges": edges}).edges == (
        {"from": "input", "from_port": "video", "to_node": "dream", "to_port": "video", "kind": "stream"},
        {"from": "dream", "from_port": "video", "to_node": "output", "to_port": "video"},
    )


def test_what_says_nothing_is_left_out_and_what_only_scope_knows_is_passed_on() -> None:
    node = {"id": "extra", "type": "source", "pipeline_id": None, "x": 12.5, "tempo_sync": False, "note": {"a": [1]}}

    assert good(with_([node], [{"from": "extra", "to_node": "dream", "to_port": "vace_input_frames"}])).nodes[-1] == {
        "id": "extra",
        "type": "source",
        "x": 12.5,
        "tempo_sync": False,
        "note": {"a": [1]},
    }


def test_the_pipelines_are_known_by_their_nodes() -> None:
    assert read(SMALL)[0].pipelines == {"dream": "longlive"}


def test_only_sources_and_sinks_of_the_session_are_the_bridges() -> None:
    graph = good(
        with_(
            [
                {"id": "cam", "type": "source", "source_mode": "camera"},
                {"id": "far", "type": "source", "source_mode": "ndi", "source_name": "FOH"},
                {"id": "wall", "type": "sink", "sink_mode": "spout"},
                {"id": "wide", "type": "sink"},
            ],
            [
                {"from": "cam", "to_node": "dream", "to_port": "vace_input_frames"},
                {"from": "far", "to_node": "wall"},
                {"from": "dream", "to_node": "wide"},
            ],
        )
    )

    assert graphs.fed(graph) == ("input", "cam")
    assert graphs.shown(graph) == ("output", "wide")


def test_the_edge_says_whether_vace_is_controlled() -> None:
    assert not graphs.controlled(good(SMALL))
    assert graphs.controlled(good(with_(edges=[{"from": "input", "to_node": "dream", "to_port": "vace_input_frames"}])))


def test_the_ports_of_a_plugin_and_of_parameters_are_its_own_affair() -> None:
    good(
        with_(
            [
                {"id": "yolo", "type": "pipeline", "pipeline_id": "yolo"},
                {"id": "beat", "type": "node", "node_type_id": "scheduler"},
                {"id": "tape", "type": "record"},
            ],
            [
                {"from": "input", "to_node": "yolo"},
                {"from": "yolo", "from_port": "masks", "to_node": "dream", "to_port": "vace_input_masks"},
                {"from": "beat", "from_port": "tick", "to_node": "dream", "to_port": "prompts", "kind": "parameter"},
                {"from": "beat", "from_port": "tick", "to_node": "dream", "to_port": "prompts", "kind": "parameter"},
                {"from": "dream", "to_node": "tape"},
            ],
        )
    )


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (with_([{"id": "dream", "type": "sink"}]), "two nodes are called 'dream', and an edge could mean either"),
        (with_([{"id": "x", "type": "pipeline"}]), "the node 'x' does not say which pipeline it is"),
        (with_([{"id": "x", "type": "node"}]), "the node 'x' does not say which kind of node it is"),
        (with_([{"id": "x", "type": "sink"}]), "no edge leads to the sink 'x', so it gets no picture"),
        (with_([{"id": "x", "type": "record"}]), "no edge leads to the record 'x', so it gets no picture"),
        (
            with_(edges=[{"from": "dram", "to_node": "dream", "to_port": "vace_input_masks"}]),
            "this edge leads from 'dram', and there is no such node",
        ),
        (
            with_(edges=[{"from": "dream", "to_node": "outptu"}]),
            "this edge leads to 'outptu', and there is no such node",
        ),
        (
            with_(edges=[{"from": "dream", "to_node": "output"}]),
            "two edges lead to the port 'video' of 'output', and it takes one",
        ),
        (
            with_(edges=[{"from": "input", "to_node": "dream", "to_port": "masks"}]),
            "'dream' (longlive) has no port 'masks' that takes something",
        ),
        (
            with_(edges=[{"from": "dream", "from_port": "depth", "to_node": "dream", "to_port": "vace_input_frames"}]),
            "'dream' (longlive) has no port 'depth' that gives something",
        ),
        (
            with_(edges=[{"from": "dream", "to_node": "input"}]),
            "'input' is a source, and takes nothing: no edge leads to it",
        ),
        (
            {"nodes": SMALL["nodes"][:2], "edges": SMALL["edges"][:1]},
            "this graph has no sink, so no picture comes out of it",
        ),
        (
            {"nodes": [SMALL["nodes"][0], SMALL["nodes"][2]], "edges": [{"from": "input", "to_node": "output"}]},
            "this graph has no pipeline, so nothing makes a picture",
        ),
        ({"edges": []}, "a graph has a list of nodes, and there are none"),
    ],
)
def test_what_scope_would_stumble_over_is_said_in_the_graphs_file(document: Any, message: str) -> None:
    drawn, problems = read(document)

    assert (message, "shows/graph.json") in [(one.message, one.path) for one in problems]
    assert drawn.graph is None
    assert drawn.pipelines == {}
    assert all(one.hints for one in problems)


def test_a_graph_that_only_may_be_wrong_is_drawn_all_the_same() -> None:
    drawn, problems = read(
        {**SMALL, "nodes": [*SMALL["nodes"][:1], {**SMALL["nodes"][1], "pipeline_id": "longlve"}, SMALL["nodes"][2]]}
    )

    assert drawn.graph is not None
    assert [one.severity for one in problems] == [Severity.WARNING]


def warned(document: Any) -> list[str]:
    drawn, problems = read(document)
    assert drawn.graph is not None
    assert {problem.severity for problem in problems} <= {Severity.WARNING}
    return [problem.message for problem in problems]


def test_a_circle_is_told_once_with_all_that_wait_in_it() -> None:
    depth = {"id": "depth", "type": "pipeline", "pipeline_id": "video-depth-anything"}
    forth = {"from": "dream", "from_port": "video", "to_node": "depth", "to_port": "video"}
    back = {"from": "depth", "from_port": "video", "to_node": "dream", "to_port": "vace_input_frames"}

    assert warned(with_([depth], [forth, back])) == [
        "this edge closes a circle, dream → depth → dream: each waits for the one before it"
    ]
    itself = {"from": "dream", "from_port": "video", "to_node": "dream", "to_port": "vace_input_frames"}
    assert warned(with_([], [itself])) == ["this edge closes a circle, dream → dream: each waits for the one before it"]


def test_two_ways_to_one_node_are_no_circle() -> None:
    depth = {"id": "depth", "type": "pipeline", "pipeline_id": "video-depth-anything"}
    aside = [
        {"from": "input", "from_port": "video", "to_node": "depth", "to_port": "video"},
        {"from": "depth", "from_port": "video", "to_node": "dream", "to_port": "vace_input_frames"},
    ]
    assert warned(with_([depth], aside)) == []


@pytest.mark.parametrize(
    ("node", "kind"),
    [
        ({"id": "spare", "type": "source"}, "source"),
        ({"id": "spare", "type": "pipeline", "pipeline_id": "memflow"}, "pipeline"),
    ],
)
def test_video_that_nobody_takes_is_told(node: dict[str, str], kind: str) -> None:
    assert warned(with_([node])) == [f"no edge leads from the {kind} 'spare', so its video goes nowhere"]
