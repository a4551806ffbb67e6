"""What goes over the wire, to the letter."""

import json
from typing import Literal

import pytest

from bridge.parameters import Change
from bridge.profile.model import Scope
from bridge.session import wire


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
