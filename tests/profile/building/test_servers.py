"""What `scope:` and `scopes:` become: which pipelines run, what they are loaded with, what they transform."""

import json
from collections.abc import Mapping

import pytest

from bridge import profile
from bridge.profile import Profile, Severity
from bridge.profile.model import (
    BridgeTarget,
    Modulation,
    Node,
    OfScope,
    ParameterTarget,
    PromptTarget,
    Scope,
)
from bridge.profile.outputs import Feed

GRAPH = {
    "nodes": [
        {"id": "front", "type": "source"},
        {"id": "back", "type": "source"},
        {"id": "depth", "type": "pipeline", "pipeline_id": "video-depth-anything"},
        {"id": "dream", "type": "pipeline", "pipeline_id": "longlive"},
        {"id": "smooth", "type": "pipeline", "pipeline_id": "rife"},
        {"id": "output", "type": "sink"},
        {"id": "wide", "type": "sink"},
    ],
    "edges": [
        {"from": "front", "to_node": "depth"},
        {"from": "depth", "to_node": "dream", "to_port": "vace_input_frames"},
        {"from": "back", "to_node": "dream"},
        {"from": "dream", "to_node": "smooth"},
        {"from": "smooth", "to_node": "output"},
        {"from": "depth", "to_node": "wide"},
    ],
}
HARDWARE = {
    "nodes": [
        {"id": "in", "type": "source", "source_mode": "ndi", "source_name": "FOH"},
        {"id": "dream", "type": "pipeline", "pipeline_id": "longlive"},
        {"id": "out", "type": "sink"},
    ],
    "edges": [{"from": "in", "to_node": "dream"}, {"from": "dream", "to_node": "out"}],
}
FILES = {"shows/graph.json": json.dumps(GRAPH), "shows/hardware.json": json.dumps(HARDWARE)}
REST = """
inputs: {cam: {video: {pattern: bars}}, foh: {video: {ndi: FOH}}}
start: {prompt: reef}
"""


def read(text: str, files: Mapping[str, str] = FILES, path: str = "shows/night.yaml") -> profile.Reading:
    def text_at(name: str) -> str:
        if name not in files:
            raise FileNotFoundError(name)
        return files[name]

    return profile.read(text, path, {}, text_at)


def good(text: str, files: Mapping[str, str] = FILES) -> Profile:
    """Return a profile about which there may be notes only."""
    reading = read(text, files)
    assert [str(one) for one in reading.problems if one.severity is not Severity.NOTE] == []
    assert reading.profile is not None
    return reading.profile


def scope(said: str) -> Scope:
    return good(f"scope: {said}{REST}").scope


# What runs


def test_a_lone_pipeline_is_no_chain_and_a_node_of_its_own_name() -> None:
    for said in ("{pipeline: memflow, load: {width: 512}}", "{pipeline: [memflow], load: {memflow: {width: 512}}}"):
        found = scope(said)

        assert (found.pipeline, found.load, found.chain, found.graph) == ("memflow", {"width": 512}, (), None)
        assert found.nodes == (Node("memflow", "memflow", {"width": 512}),)


def test_a_chain_has_its_main_pipeline_where_the_prompt_goes() -> None:
    found = scope(
        "{pipeline: [video-depth-anything, longlive, rife], video: cam, vace: video, "
        "load: {width: 576, longlive: {height: 320}, rife: {model: small}}}"
    )
    load = {"width": 576, "height": 320, "vace_enabled": True}

    assert found.pipeline == "longlive"
    assert found.load == load
    assert found.chain == (
        Node("video-depth-anything", "video-depth-anything"),
        Node("longlive", "longlive", load),
        Node("rife", "rife", {"model": "small"}),
    )


@pytest.mark.parametrize(
    ("chain", "main"),
    [("[gray, scribble]", "scribble"), ("[longlive, krea-realtime-video, rife]", "krea-realtime-video")],
)
def test_of_none_or_several_that_take_a_prompt_the_last_is_the_main_one(chain: str, main: str) -> None:
    assert scope(f"{{pipeline: {chain}, video: cam}}").pipeline == main


def test_a_graph_brings_its_pipelines_by_their_nodes() -> None:
    show = good(
        f"scope: {{graph: graph.json, video: cam, load: {{width: 576, depth: {{grain: 2}}}}}}\n"
        f"loras: {{arcane: a.safetensors}}{REST}"
    )
    load = {
        "width": 576,
        "loras": [{"path": "a.safetensors", "scale": 0.0}],
        "lora_merge_mode": "runtime_peft",
    }

    assert show.scope.pipeline == "longlive"
    assert show.scope.load == load
    assert show.scope.chain == (
        Node("depth", "video-depth-anything", {"grain": 2}),
        Node("dream", "longlive", load),
        Node("smooth", "rife"),
    )
    assert show.scope.graph is not None
    assert [node["id"] for node in show.scope.graph.nodes][-1] == "wide"
    assert show.files == ("shows/graph.json",)


def test_what_a_pipeline_is_loaded_with_is_for_each_of_its_nodes_unless_they_say_otherwise() -> None:
    found = scope(
        "{graph: graph.json, video: cam, load: {dream: {width: 512}, longlive: {width: 576, height: 320}, "
        "video-depth-anything: {grain: 2}}}"
    )

    assert [node.load for node in found.chain] == [{"grain": 2}, {"width": 512, "height": 320}, {}]


def test_a_graph_is_looked_for_beside_the_file_that_names_it() -> None:
    files = {"house/rig.yaml": "scope: {graph: graph.json, video: cam}", "house/graph.json": json.dumps(GRAPH)}
    show = good(f"extends: ../house/rig.yaml{REST}", {f"shows/../{name}": text for name, text in files.items()})

    assert show.scope.graph is not None
    assert show.files == ("shows/../house/rig.yaml", "shows/../house/graph.json")


def test_a_mapping_that_names_no_node_is_a_parameter_of_a_plugin() -> None:
    assert scope("{load: {style: {ink: [1, 2]}}}").load == {"style": {"ink": [1, 2]}}


# Video


@pytest.mark.parametrize(
    ("said", "mode"),
    [
        ("{}", "text"),
        ("{video: foh}", "video"),
        ("{video: [foh, cam]}", "video"),
        ("{input_source: {video_file: loops/haze.mp4}}", "video"),
        ("{graph: hardware.json}", "video"),
        ("{graph: graph.json, video: {front: foh, back: [foh, cam]}}", "video"),
    ],
)
def test_sessions_begin_with_video_where_some_can_come(said: str, mode: str) -> None:
    assert scope(said).input_mode == mode


def test_every_source_of_a_graph_has_its_own_video_or_all_have_the_same() -> None:
    apart = scope("{graph: graph.json, video: {front: cam, back: [foh, cam]}}")
    alike = scope("{graph: graph.json, video: [foh, cam]}")

    assert (apart.video, apart.sources) == ((), {"front": ("cam",), "back": ("foh", "cam")})
    assert (alike.video, alike.sources) == (("foh", "cam"), {})


def test_scope_takes_in_and_sends_on_its_own_machine() -> None:
    found = scope("{input_source: {ndi: FOH (Cam 1)}, output_sinks: {ndi: Scope, spout: Out}}")

    assert found.input_source == ("ndi", "FOH (Cam 1)")
    assert found.output_sinks == {"ndi": "Scope", "spout": "Out"}


# The beat


def test_what_swings_has_usual_values() -> None:
    found = scope("{video: cam, tempo: link, modulations: {noise_scale: {depth: 0.2, rate: 2_bar}, kv: {}}}")

    assert found.tempo == "link"
    assert found.modulations == {"noise_scale": Modulation("sine", 0.2, "2_bar"), "kv": Modulation("sine", 0.3, "bar")}


def test_the_tempo_of_scope_is_one_to_swing_by() -> None:
    said = "vace: images, modulations: {vace_context_scale: {}}"

    assert scope(f"{{tempo: midi_clock, {said}}}").tempo == "midi_clock"
    for more in ("", "tempo: off, "):
        (problem,) = read(f"scope: {{{more}{said}}}\nstart: {{prompt: reef}}\n").problems
        assert problem.message == "beats and bars count at 120 bpm: this profile says no tempo"


# Several


SEVERAL = """\
scopes:
  left:  {url: http://a:8000, standby: http://c:8000, video: cam}
  right: {url: http://b:8000, graph: graph.json, video: cam}
loras: {arcane: a.safetensors}
inputs: {cam: {video: {pattern: bars}}, td: {osc: 9000}, vace: {osc: 9001}}
start: {left/prompt: reef, right/prompt: neon, right/noise_scale: 0.3}
routes:
  - td/a -> left/noise_scale
  - td/b -> noise_scale
  - td/c -> left/standby
  - td/d -> right/node/dream/vace_context_scale
  - "td/{n} -> {n}/prompt"
  - "vace/{n} -> right/node/{n}/vace_context_scale"
outputs:
  l: {ndi: L, from: left}
  r: {ndi: R, from: right}
  w: {ndi: W, from: wide}
  o: {ndi: O, from: right/output}
"""


def test_each_scope_is_one_by_name_and_the_first_is_the_one_that_is_meant() -> None:
    show = good(SEVERAL)

    assert list(show.scopes) == ["left", "right"]
    assert show.scope is show.scopes["left"]
    assert [(one.name, one.url) for one in show.scopes.values()] == [
        ("left", "http://a:8000"),
        ("right", "http://b:8000"),
    ]
    assert all("loras" in one.load for one in show.scopes.values())
    assert show.files == ("shows/graph.json",)


def test_a_target_is_of_one_scope_or_of_all() -> None:
    show = good(SEVERAL)

    left, every, standby, node, template, _ = (one.target for one in show.routes)
    assert isinstance(every, ParameterTarget)
    assert left == OfScope("left", every)
    assert standby == OfScope("left", BridgeTarget("standby"))
    assert isinstance(node, OfScope)
    assert isinstance(node.target, ParameterTarget)
    assert node.target.node == "dream"
    assert template is None
    assert show.start["left/prompt"] == (OfScope("left", PromptTarget()), "reef")


def test_an_output_shows_one_scope_one_sink_or_both() -> None:
    feeds = {name: one.showing.of for name, one in good(SEVERAL).outputs.items()}

    assert feeds == {
        "l": Feed("left"),
        "r": Feed("right"),
        "w": Feed("right", "wide"),
        "o": Feed("right", "output"),
    }
    alone = good(
        f"scope: {{graph: graph.json, video: cam}}\noutputs: {{w: {{ndi: W, from: wide}}, p: {{ndi: P}}}}{REST}"
    )
    assert {name: one.showing.of for name, one in alone.outputs.items()} == {"w": Feed("", "wide"), "p": Feed()}


def test_an_output_that_does_not_say_which_shows_the_first_scope_and_check_says_so() -> None:
    reading = read(SEVERAL.replace("{ndi: L, from: left}", "{ndi: L}"))

    assert reading.profile is not None
    assert reading.profile.outputs["l"].showing.of == Feed("left")
    assert [(one.severity, one.message) for one in reading.problems] == [
        (Severity.NOTE, "l shows left, the first of the Scopes")
    ]


def test_a_sink_that_two_scopes_have_is_named_with_its_scope() -> None:
    reading = read(
        SEVERAL.replace("standby: http://c:8000", "graph: graph.json").replace("td/c -> left/standby", "td/c -> paused")
    )

    (problem,) = [one for one in reading.problems if one.severity is Severity.ERROR]
    assert problem.message == "several Scopes have a sink called 'wide', and an output shows one picture"
    assert problem.hints == ("write left/wide or right/wide",)


def test_one_profile_on_another_changes_one_of_its_scopes() -> None:
    files = {"shows/house.yaml": "scopes: {left: http://a:8000, right: {url: http://b:8000, pipeline: memflow}}"}
    show = good(
        "extends: house.yaml\nscopes: {left: {pipeline: memflow}, right: http://c:8000}\nstart: {prompt: reef}\n", files
    )

    assert [(one.url, one.pipeline) for one in show.scopes.values()] == [
        ("http://a:8000", "memflow"),
        ("http://c:8000", "memflow"),
    ]


def test_a_house_with_one_scope_and_a_night_with_two_do_not_go_together() -> None:
    files = {"shows/house.yaml": "scope: http://a:8000"}
    reading = read("extends: house.yaml\nscopes: {left: http://b:8000}\nstart: {prompt: reef}\n", files)

    (problem,) = reading.problems
    assert problem.message == "a profile has one Scope, or several by name, and this one says both"
    assert problem.elsewhere is not None
    assert problem.elsewhere.path == "shows/house.yaml"


def test_a_mistake_in_one_scope_makes_nothing_wrong_that_is_said_of_it() -> None:
    reading = read(
        "scopes:\n  left: {url: http://a:8000, pipeline: [1, [2]]}\n  right: {url: http://b:8000, standyb: http://c:8000}\n"
        "inputs: {td: {osc: 9000}}\nstart: {prompt: reef}\n"
        "routes: [td/a -> left/node/any/paused, td/b -> right/standby, td/c -> left/noise_scale]\n"
        "outputs: {l: {ndi: L, from: left/anything}}\n"
    )

    assert [one.line for one in reading.problems if one.severity is Severity.ERROR] == [2, 3]


def test_an_address_that_could_not_be_read_is_nobodys() -> None:
    reading = read("scopes: {left: {pipeline: memflow}, right: {url: nowhere}}\nstart: {prompt: reef}\n")

    assert [one.message for one in reading.problems] == [
        "an address begins with http:// or https://, and 'nowhere' does not"
    ]


def test_two_images_of_one_name_in_two_folders_could_not_be_told_apart() -> None:
    files = {
        "shows/more/house.yaml": "images: {sky: a.png}\n",
        "shows/more/a.png": "",
        "shows/a.png": "",
    }
    reading = read("extends: more/house.yaml\nimages: {face: a.png}\nstart: {prompt: reef}\n", files)

    (problem,) = reading.problems
    assert problem.message == "the images 'sky' and 'face' are two files of one name, in two folders"
    fine = read("extends: more/house.yaml\nstart: {prompt: reef}\n", files).profile
    assert fine is not None
    assert fine.scope.images == {"a.png": "shows/more/a.png"}
    assert fine.images == {"sky": "a.png"}
