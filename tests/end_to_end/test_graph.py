"""A graph with two sources and two sinks: each output shows its own sink, each route reaches its own node."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pythonosc.udp_client import SimpleUDPClient

from tests.end_to_end.rig import Bridge, Rehearsal, free_port, wait_for
from tests.end_to_end.test_show import shows
from tests.outputs.receiver import Seen, watching

GRAPH = {
    "nodes": [
        {"id": "front", "type": "source", "source_mode": "video"},
        {"id": "back", "type": "source", "source_mode": "video"},
        {"id": "near", "type": "pipeline", "pipeline_id": "longlive"},
        {"id": "far", "type": "pipeline", "pipeline_id": "streamdiffusionv2"},
        {"id": "wide", "type": "sink"},
        {"id": "tall", "type": "sink"},
    ],
    "edges": [
        {"from": "front", "from_port": "video", "to_node": "near", "to_port": "video"},
        {"from": "back", "from_port": "video", "to_node": "far", "to_port": "video"},
        {"from": "near", "from_port": "video", "to_node": "wide", "to_port": "video"},
        {"from": "far", "from_port": "video", "to_node": "tall", "to_port": "video"},
    ],
}
PROFILE = """\
scope:
  url: "{url}"
  ice: loopback
  graph: graph.json
  video: {{front: colours, back: grey}}
inputs:
  td: {{osc: {port}}}
  colours: {{video: {{pattern: bars}}}}
  grey: {{video: {{pattern: clock}}}}
outputs:
  one: {{ndi: {wide}, from: wide}}
  two: {{ndi: {tall}, from: tall}}
start: {{prompt: "a reef at night", noise_scale: 0.5}}
routes:
  - td/near -> node/near/noise_scale
  - td/far -> node/far/noise_scale
  - td/vace -> vace_context_scale
"""


class Two:
    """A bridge that plays the graph, and a hand."""

    def __init__(self, folder: Path, url: str) -> None:
        self.wide, self.tall = f"Wide {os.getpid()}", f"Tall {os.getpid()}"
        port = free_port()
        (folder / "graph.json").write_text(json.dumps(GRAPH), encoding="utf-8")
        profile = folder / "graph.yaml"
        profile.write_text(PROFILE.format(url=url, port=port, wide=self.wide, tall=self.tall), encoding="utf-8")
        self.bridge = Bridge(profile, folder / "state")
        self.osc = SimpleUDPClient("127.0.0.1", port)

    def end(self) -> None:
        self.osc.close()
        self.bridge.end()


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    with Rehearsal("--chunk", "0.6", "--load-seconds", "0.3") as server:
        two = Two(tmp_path, server.url)
        try:
            wait_for("frames", two.bridge.streaming, 30.0)
            yield two
        finally:
            two.end()


def colour_of(frame: Seen) -> float:
    """Return how far apart red, green and blue are at most, in any cell of a frame."""
    return max(max(cell) - min(cell) for cell in frame.cells)


@pytest.mark.timeout(120)
def test_two_ndi_sources_show_two_sinks_and_what_is_for_one_node_reaches_that_node_only(two: Two) -> None:
    with watching(two.wide, grid="8x2") as wide, watching(two.tall, grid="8x2") as tall:
        two.osc.send_message("/near", 0.2)
        two.osc.send_message("/far", 0.9)
        two.osc.send_message("/vace", 1.5)
        near = wide.until(shows(noise_scale=0.2, vace_context_scale=1.5))
        far = tall.until(shows(noise_scale=0.9, vace_context_scale=1.5))
        assert (near.width, near.height, far.width, far.height) == (576, 320, 512, 512)

        two.osc.send_message("/near", 0.0)
        two.osc.send_message("/far", 0.0)
        assert colour_of(wide.until(shows(noise_scale=0.0))) > 80, "colour bars come from the first source"
        assert colour_of(tall.until(shows(noise_scale=0.0))) < 20, "a grey clock comes from the second source"

        for step in range(40):
            two.osc.send_message("/near", step / 40)
            wide.until(lambda frame: True)
        last = wide.until(shows(noise_scale=39 / 40))
        still = tall.until(shows(noise_scale=0.0))
        assert last.strip is not None
        assert still.strip is not None
        assert last.strip["dropped"] == still.strip["dropped"] == 0
