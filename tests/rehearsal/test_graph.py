"""Graphs are laid out as Scope does it, and what cannot work is told in the words of its log."""

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.rehearsal.graph import BadGraph, Layout, Ports, chain, lay_out

DIFFUSION = Ports(frozenset({"video", "vace_input_frames", "vace_input_masks"}), values=frozenset({"prompts"}))
PLAIN = Ports(frozenset({"video"}))


def ports(node: str, pipeline: str = "") -> Ports:
    return DIFFUSION if "longlive" in (node, pipeline) else PLAIN


def node(name: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "type": kind, **more}


def edge(path: str, **more: Any) -> dict[str, Any]:
    """Return an edge written `a.video > b.video`, or `a > b` for video to video."""
    ends = [(*end.strip().split("."), "video")[:2] for end in path.split(">")]
    return {"from_node": ends[0][0], "from_port": ends[0][1], "to_node": ends[1][0], "to_port": ends[1][1], **more}


def laid(nodes: list[dict[str, Any]], *edges: dict[str, Any]) -> Layout:
    return lay_out({"nodes": nodes, "edges": list(edges)}, ports)


CAMERA, OUTPUT = node("camera", "source"), node("output", "sink")
PIPE = node("pipe", "pipeline", pipeline_id="longlive")
GRAY = node("gray", "pipeline", pipeline_id="gray")


class TestLayout:
    def test_the_smallest_graph(self) -> None:
        layout = laid([PIPE, OUTPUT], edge("pipe > output"))

        assert layout.graph
        assert not layout.sourced
        assert [(one.id, one.pipeline, dict(one.inputs)) for one in layout.pipelines] == [("pipe", "longlive", {})]
        assert layout.sinks == {"output": "pipe"}

    def test_pipelines_come_after_those_that_feed_them_and_remember_their_place(self) -> None:
        nodes = [OUTPUT, PIPE, GRAY, CAMERA]
        edges = [edge("pipe > output"), edge("gray > pipe.vace_input_frames"), edge("camera > gray")]
        layout = laid(nodes, *edges)

        assert [(one.id, one.place) for one in layout.pipelines] == [("gray", 1), ("pipe", 0)]
        assert layout.pipelines[1].inputs == {"vace_input_frames": "gray"}
        assert layout.sources == ("camera",)

    def test_a_circle_is_laid_out_too_and_waits_for_ever(self) -> None:
        again = node("again", "pipeline", pipeline_id="gray")
        layout = laid([GRAY, again, OUTPUT], edge("gray > again"), edge("again > gray"), edge("again > output"))

        assert {one.id for one in layout.pipelines} == {"gray", "again"}

    def test_sources_and_sinks_that_are_the_servers_own_are_not_the_clients(self) -> None:
        nodes = [
            node("spout", "source", source_mode="spout"),
            node("one", "source", source_mode="camera"),
            node("two", "source"),
            PIPE,
            node("ndi", "sink", sink_mode="ndi"),
            node("main", "sink"),
            node("second", "sink"),
            node("tape", "record"),
        ]
        edges = [
            edge("two > pipe"),
            edge("pipe > ndi"),
            edge("pipe > second"),
            edge("pipe > main"),
            edge("pipe > tape"),
        ]
        layout = laid(nodes, *edges)

        assert layout.sources == ("one", "two")
        assert list(layout.sinks) == ["main", "second"]  # in the order of the nodes, not of the edges
        assert layout.records == {"tape": "pipe"}
        assert layout.sourced
        assert layout.remarks == (
            "Input source 'spout' is not available on this platform",
            "Output sink 'ndi' not available for node ndi",
        )

    def test_with_a_tempo_node_only_those_follow_the_beat(self) -> None:
        def follows(*synced: bool) -> list[bool]:
            pipes = [
                node(f"p{place}", "pipeline", pipeline_id="gray", tempo_sync=sync) for place, sync in enumerate(synced)
            ]
            return [one.synchronised for one in laid([*pipes, OUTPUT], edge("p0 > output")).pipelines]

        assert follows(False, False) == [True, True]
        assert follows(True, False) == [True, False]

    def test_values_are_no_video(self) -> None:
        nodes = [node("words", "node", node_type_id="prompt"), PIPE, OUTPUT]
        layout = laid(nodes, edge("words.text > pipe.prompts"), edge("pipe > output"))

        assert layout.pipelines[0].inputs == {}
        assert layout.remarks == ("Node words of type prompt does nothing here",)

    def test_a_graph_without_a_way_to_a_sink_is_told_to_be_silent(self) -> None:
        assert laid([PIPE, OUTPUT]).remarks == ("no pipeline leads to a sink: this session sends nothing",)

    @given(st.permutations(["a", "b", "c", "d"]))
    def test_the_order_of_the_nodes_does_not_matter(self, names: list[str]) -> None:
        nodes = [node(name, "pipeline", pipeline_id="gray") for name in names]
        layout = laid([*nodes, OUTPUT], edge("a > b"), edge("b > c"), edge("c > d"), edge("d > output"))

        assert [one.id for one in layout.pipelines] == ["a", "b", "c", "d"]


class TestBadGraphs:
    @pytest.mark.parametrize(
        ("nodes", "edges", "text"),
        [
            ([PIPE], [], "Invalid graph: Graph must have at least one sink node"),
            ([PIPE, PIPE, OUTPUT], [], "Invalid graph: Duplicate node ID: 'pipe'"),
            ([node("pipe", "pipeline"), OUTPUT], [], "Invalid graph: Pipeline node 'pipe' is missing pipeline_id"),
            (
                [PIPE, OUTPUT],
                [edge("pipe > nowhere")],
                "Invalid graph: Edge references non-existent target node: 'nowhere'",
            ),
            (
                [],
                [edge("a > b")],
                "Invalid graph: Graph must have at least one sink node; Edge references non-existent source node: 'a'; "
                "Edge references non-existent target node: 'b'",
            ),
            (
                [GRAY, CAMERA, OUTPUT],
                [edge("camera > gray.mask")],
                "Invalid graph ports: Node 'gray' has no input port 'mask' (declared: ['video'])",
            ),
            (
                [PIPE, OUTPUT],
                [edge("pipe.audio > output")],
                "Invalid graph ports: Node 'pipe' has no output port 'audio' (declared: ['video'])",
            ),
            (
                [PIPE, GRAY, OUTPUT],
                [edge("pipe > output"), edge("gray > output")],
                "Duplicate stream edges to the same input port: node='output', port='video'. "
                "Fan-in to a single port is not supported.",
            ),
        ],
    )
    def test_each_is_told_in_the_words_of_the_log(self, nodes: Any, edges: Any, text: str) -> None:
        with pytest.raises(BadGraph) as bad:
            laid(nodes, *edges)

        assert str(bad.value) == text

    def test_parameters_may_come_together_where_streams_may_not(self) -> None:
        edges = [edge("camera > pipe"), edge("words > pipe", kind="parameter"), edge("pipe > output")]

        assert laid([CAMERA, node("words", "node"), PIPE, OUTPUT], *edges).pipelines[0].inputs == {"video": "camera"}


class TestChain:
    def test_each_feeds_the_next(self) -> None:
        layout = chain(["gray", "longlive", "rife"], ports, {})

        assert [(one.id, dict(one.inputs)) for one in layout.pipelines] == [
            ("gray", {"video": "input"}),
            ("longlive", {"video": "gray"}),
            ("rife", {"video": "longlive"}),
        ]
        assert (layout.sources, layout.sinks, layout.graph) == (("input",), {"output": "rife"}, False)

    @pytest.mark.parametrize(
        ("parameters", "port"),
        [
            ({}, "video"),
            ({"vace_enabled": True}, "vace_input_frames"),
            ({"vace_enabled": True, "vace_use_input_video": True}, "vace_input_frames"),
            ({"vace_enabled": True, "vace_use_input_video": False}, "video"),
            ({"vace_enabled": False, "vace_use_input_video": True}, "video"),
        ],
    )
    def test_vace_decides_where_video_enters_the_diffusion(self, parameters: dict[str, Any], port: str) -> None:
        layout = chain(["gray", "longlive"], ports, parameters)

        assert layout.pipelines[1].inputs == {port: "gray"}
        assert layout.pipelines[0].inputs == {"video": "input"}

    def test_nothing_can_be_in_it_twice(self) -> None:
        for names in permutations(["gray", "gray", "rife"]):
            with pytest.raises(BadGraph, match="Duplicate node ID: 'gray'"):
                chain(list(names), ports, {})
