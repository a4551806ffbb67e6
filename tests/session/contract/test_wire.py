"""What goes over the wire, to the letter."""

import json
from pathlib import Path
from typing import Any, Literal

import jsonschema
import pytest

from bridge.parameters import Change
from bridge.profile.model import Graph, Node, Scope
from bridge.session.contract import wire
from bridge.session.contract.dialect import Dialect, dialect_of
from bridge.session.contract.layout import layout

BETA = dialect_of(None)
REQUESTS = json.loads((Path(__file__).parents[2] / "rehearsal" / "captures" / "requests.json").read_text())
"""What Scope's own description says of the bodies it takes, by method and path."""


def accept(request: str, body: Any) -> None:
    """Fail unless Scope 0.2.4 takes `body`."""
    jsonschema.Draft202012Validator(REQUESTS[request]).validate(body)


def offered(begin: dict[str, Any]) -> None:
    accept("POST /api/v1/webrtc/offer", {"sdp": "v=0", "type": "offer", "initialParameters": begin})


def sent(*changes: Change, chosen: frozenset[str] = frozenset()) -> dict[str, object]:
    said = json.loads(wire.message(changes, chosen))
    assert isinstance(said, dict)
    return said


def test_noise_is_sent_with_the_controller_that_would_overrule_it_switched_off() -> None:
    assert sent(Change("noise_scale", 0.43, 0.0)) == {"noise_controller": False, "noise_scale": 0.43}


def test_a_companion_that_the_profile_drives_itself_is_left_to_it() -> None:
    assert sent(Change("noise_scale", 0.43, 0.0), chosen=frozenset({"noise_controller"})) == {"noise_scale": 0.43}
    both = sent(Change("noise_scale", 0.43, 0.0), Change("noise_controller", True, 0.0))
    assert both == {"noise_controller": True, "noise_scale": 0.43}


def test_prompts_travel_with_their_transition() -> None:
    target = [{"text": "neon", "weight": 1.0}]
    keys = {"prompts": target, "transition": {"target_prompts": target, "num_steps": 4}}

    assert sent(Change("prompts", keys, 0.0), Change("vace_context_scale", 1.5, 0.0)) == {
        **keys,
        "vace_context_scale": 1.5,
    }


def test_an_offer_names_the_pipeline_and_brings_a_graph_with_a_sink() -> None:
    state = {"noise_scale": 0.3, "prompts": {"prompts": [{"text": "reef", "weight": 1.0}]}}

    begin = wire.initial_parameters(Scope(), state)

    assert begin["pipeline_ids"] == ["longlive"]
    assert begin["input_mode"] == "text"
    assert begin["prompts"] == [{"text": "reef", "weight": 1.0}]
    assert (begin["noise_scale"], begin["noise_controller"]) == (0.3, False)
    kinds = {node["id"]: node["type"] for node in begin["graph"]["nodes"]}
    assert kinds == {"longlive": "pipeline", "output": "sink"}
    (edge,) = begin["graph"]["edges"]
    assert (edge["from"], edge["to_node"], edge["kind"]) == ("longlive", "output", "stream")


def test_nothing_in_the_state_can_take_the_place_of_what_makes_a_session() -> None:
    begin = wire.initial_parameters(Scope(), {"pipeline_ids": "x", "graph": None, "input_mode": "video"})

    assert begin == wire.initial_parameters(Scope(), {})


def test_an_explicit_controller_in_the_state_survives_the_companion() -> None:
    for state in ({"noise_scale": 0.3, "noise_controller": True}, {"noise_controller": True, "noise_scale": 0.3}):
        assert wire.initial_parameters(Scope(), state)["noise_controller"] is True


def test_whatever_the_server_says_is_an_object_or_nothing() -> None:
    assert wire.server_message('{"type": "stream_stopped"}') == {"type": "stream_stopped"}
    for odd in ("", "[]", "17", "{", "[" * 100_000, b"\xff\xfe", b"{}"):
        assert wire.server_message(odd) == {}


@pytest.mark.parametrize(("vace", "by_video"), [("images", False), ("video", True)])
def test_vace_is_told_where_a_session_begins(vace: Literal["images", "video"], by_video: bool) -> None:
    begin = wire.initial_parameters(Scope(vace=vace), {})

    assert (begin["vace_enabled"], begin["vace_use_input_video"]) == (True, by_video)
    assert "vace_enabled" not in wire.initial_parameters(Scope(), {})


def test_what_is_for_one_node_names_it_and_keys_beside_a_change_go_along() -> None:
    steps = Change("denoising_step_list", [900, 500], 0.0, {"_modulated_step_list": True}, "longlive")

    assert json.loads(wire.message([steps])) == {
        "node_id": "longlive",
        "_modulated_step_list": True,
        "denoising_step_list": [900, 500],
    }


def test_files_are_named_as_the_server_has_them() -> None:
    paths = {"jinx.safetensors": "/models/lora/jinx.safetensors", "neon": "/assets/neon.png"}
    changes = (
        Change("lora_scales", [{"path": "jinx.safetensors", "scale": 0.4}, {"path": "/b", "scale": 1.0}], 0.0),
        Change("vace_ref_images", ["neon", "/assets/other.png"], 0.0),
        Change("first_frame_image", "neon", 0.0),
        Change("own_text", "neon", 0.0),
    )

    assert json.loads(wire.message(changes, paths=paths)) == {
        "lora_scales": [
            {"path": "/models/lora/jinx.safetensors", "scale": 0.4},
            {"path": "/b", "scale": 1.0},
        ],
        "vace_ref_images": ["/assets/neon.png", "/assets/other.png"],
        "first_frame_image": "/assets/neon.png",
        "own_text": "neon",
    }
    begin = wire.initial_parameters(Scope(), {change.parameter: change.value for change in changes[:2]}, paths=paths)
    assert begin["vace_ref_images"] == ["/assets/neon.png", "/assets/other.png"]
    assert begin["lora_scales"][0]["path"] == "/models/lora/jinx.safetensors"
    offered(begin)


def test_the_beat_rides_along_and_brings_nothing_else() -> None:
    beat = {"bpm": 128.0, "beat_phase": 0.5, "bar_position": 2.5, "beat_count": 42, "is_playing": True, "source": "tap"}

    said = json.loads(wire.message([Change("noise_scale", 0.1, 0.0)], {"noise_controller"}, beat=beat))

    assert said == {"noise_scale": 0.1, **{key: value for key, value in beat.items() if key != "source"}}
    assert json.loads(wire.message([Change("x", 1, 0.0)], dialect=BETA, beat=beat)) == {"x": 1}


def test_a_beta_knows_no_nodes_and_calls_the_seed_by_another_name_too() -> None:
    seed = Change("base_seed", 7, 0.0, node="longlive")

    assert json.loads(wire.message([seed], dialect=BETA)) == {"base_seed": 7, "seed": 7}
    assert json.loads(wire.message([seed])) == {"base_seed": 7, "node_id": "longlive"}


STATE: dict[str, Any] = {
    "prompts": {"prompts": [{"text": "reef", "weight": 1.0}]},
    "noise_scale": 0.3,
    "denoising_step_list": [1000, 750],
    "base_seed": 7,
    "spatial_interpolation_method": "slerp",
    "manage_cache": True,
}


def test_what_an_offer_to_a_beta_drops_is_what_the_first_message_says() -> None:
    begin = wire.initial_parameters(Scope(), STATE, dialect=BETA)
    left = wire.left_over(STATE, BETA)

    assert "graph" not in begin
    assert not {"base_seed", "seed", "spatial_interpolation_method"} & begin.keys()
    assert left == {"base_seed": 7, "spatial_interpolation_method": "slerp"}
    assert begin["pipeline_ids"] == ["longlive"]
    assert (begin["noise_scale"], begin["noise_controller"]) == (0.3, False)
    first = json.loads(wire.message([Change(name, value, 0.0) for name, value in left.items()], dialect=BETA))
    assert {*begin, *first} >= {"prompts", "noise_scale", "denoising_step_list", "base_seed", "seed", "manage_cache"}
    assert wire.left_over(STATE, dialect_of("0.2.4")) == {}
    assert wire.left_over(STATE, dialect_of("0.1.0")) == {}


def test_without_a_graph_scopes_own_video_is_in_the_parameters() -> None:
    scope = Scope(output_sinks={"spout": "Wall", "ndi": "Wall 2"}, input_source=("spout", "Resolume"))

    beta = wire.initial_parameters(scope, {}, dialect=BETA)
    assert beta["spout_sender"] == {"enabled": True, "name": "Wall"}
    assert beta["spout_receiver"] == {"enabled": True, "name": "Resolume"}
    assert beta["input_mode"] == "video"
    between = wire.initial_parameters(scope, {}, dialect=dialect_of("0.1.5"))
    assert between["output_sinks"] == {
        "spout": {"enabled": True, "name": "Wall"},
        "ndi": {"enabled": True, "name": "Wall 2"},
    }
    assert between["input_source"] == {"enabled": True, "source_type": "spout", "source_name": "Resolume"}
    offered(between)
    graph = wire.initial_parameters(scope, {})
    assert not {"output_sinks", "input_source", "spout_sender"} & graph.keys()


@pytest.mark.parametrize(
    "scope",
    [
        Scope(),
        Scope(input_mode="video", vace="video"),
        Scope(input_mode="video", chain=(Node("d", "video-depth-anything"), Node("l", "longlive"), Node("r", "rife"))),
        Scope(input_source=("ndi", "CAM"), output_sinks={"ndi": "Out"}),
        Scope(
            graph=Graph(
                (
                    {"id": "a", "type": "pipeline", "pipeline_id": "gray", "tempo_sync": True},
                    {"id": "o", "type": "sink"},
                ),
                ({"from": "a", "from_port": "video", "to_node": "o", "to_port": "video"},),
            )
        ),
    ],
)
def test_scope_accepts_what_offers_and_loads_are_made_of(scope: Scope) -> None:
    begin = wire.initial_parameters(scope, STATE, layout=layout(scope))

    offered(begin)
    assert begin["graph"]["nodes"]
    for dialect in (dialect_of("0.2.4"), dialect_of("0.1.6")):
        accept("POST /api/v1/pipeline/load", wire.load_request(scope.nodes, dialect))


def test_the_judge_of_these_tests_can_refuse() -> None:
    with pytest.raises(jsonschema.ValidationError):
        offered({"noise_scale": 1.5})
    with pytest.raises(jsonschema.ValidationError):
        offered({"graph": {"nodes": [{"id": "x", "type": "sinc"}], "edges": []}})
    with pytest.raises(jsonschema.ValidationError):
        accept("POST /api/v1/pipeline/load", {"pipelines": [{"pipeline_id": "longlive"}]})


NODES = (Node("d", "gray"), Node("l", "longlive", {"width": 576, "base_seed": 3}))


@pytest.mark.parametrize(
    ("dialect", "body"),
    [
        (
            dialect_of("0.2.4"),
            {
                "pipelines": [
                    {"node_id": "d", "pipeline_id": "gray", "load_params": {}},
                    {"node_id": "l", "pipeline_id": "longlive", "load_params": {"width": 576, "base_seed": 3}},
                ]
            },
        ),
        (
            dialect_of("0.1.7"),
            {"pipeline_ids": ["gray", "longlive"], "load_params": {"width": 576, "base_seed": 3}},
        ),
        (BETA, {"pipeline_ids": ["gray", "longlive"], "load_params": {"width": 576, "base_seed": 3, "seed": 3}}),
    ],
)
def test_a_load_names_nodes_where_there_are_nodes(dialect: Dialect, body: dict[str, Any]) -> None:
    assert wire.load_request(NODES, dialect) == body
