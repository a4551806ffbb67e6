"""What waits for the next message: nothing newest is lost, nothing is said twice."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bridge.parameters import PARAMETERS, Change, Merge
from bridge.session.pacing.outbox import Outbox


def change(parameter: str, value: Any, at: float = 0.0, node: str | None = None) -> Change:
    return Change(parameter, value, at, node=node)


def taken(outbox: Outbox) -> dict[str, Any]:
    return {one.parameter: one.value for one in outbox.take()}


def test_of_a_moving_hand_the_newest_value_is_taken_with_its_own_time() -> None:
    outbox = Outbox()
    for step in range(50):
        outbox.put(change("noise_scale", step / 50, at=step / 60))

    (only,) = outbox.take()

    assert (only.value, only.at) == (49 / 50, 49 / 60)
    assert not outbox


def test_several_parameters_go_in_one_message_in_the_order_in_which_they_began_to_wait() -> None:
    outbox = Outbox()
    outbox.put(change("noise_scale", 0.1))
    outbox.put(change("vace_context_scale", 1.5))
    outbox.put(change("noise_scale", 0.2))

    assert [one.parameter for one in outbox.take()] == ["noise_scale", "vace_context_scale"]


def test_what_scope_already_has_is_not_said_again() -> None:
    outbox = Outbox()
    outbox.restart({"noise_scale": 0.7, "prompts": {"prompts": [{"text": "reef", "weight": 1.0}]}})

    outbox.put(change("noise_scale", 0.7))
    outbox.put(change("prompts", {"prompts": [{"text": "reef", "weight": 1.0}], "transition": {"num_steps": 4}}))
    assert not outbox

    outbox.put(change("noise_scale", 0.8))
    assert taken(outbox) == {"noise_scale": 0.8}
    outbox.put(change("noise_scale", 0.8))
    assert not outbox


def test_a_hand_that_comes_back_before_the_chunk_has_nothing_to_say() -> None:
    outbox = Outbox()
    outbox.restart({"noise_scale": 0.7})
    outbox.put(change("noise_scale", 0.9))
    outbox.put(change("noise_scale", 0.7))

    assert not outbox


def test_an_event_is_sent_once_however_often_it_came_and_never_again() -> None:
    outbox = Outbox()
    outbox.put(change("reset_cache", True))
    outbox.put(change("reset_cache", True))

    assert taken(outbox) == {"reset_cache": True}
    assert not outbox
    outbox.put(change("reset_cache", True))
    assert taken(outbox) == {"reset_cache": True}


def test_loras_are_joined_by_path() -> None:
    outbox = Outbox()
    outbox.put(change("lora_scales", [{"path": "a", "scale": 0.1}, {"path": "b", "scale": 0.2}]))
    outbox.put(change("lora_scales", [{"path": "b", "scale": 0.9}]))

    assert taken(outbox) == {"lora_scales": [{"path": "a", "scale": 0.1}, {"path": "b", "scale": 0.9}]}


def test_a_strength_that_scope_has_is_not_said_again_since_any_message_of_them_may_cut() -> None:
    outbox = Outbox()
    outbox.restart({"lora_scales": [{"path": "a", "scale": 0.1}]})
    outbox.put(change("lora_scales", [{"path": "a", "scale": 0.1}]))
    assert not outbox

    outbox.put(change("lora_scales", [{"path": "a", "scale": 0.1}, {"path": "b", "scale": 0.2}]))
    assert taken(outbox) == {"lora_scales": [{"path": "b", "scale": 0.2}]}
    outbox.put(change("lora_scales", [{"path": "b", "scale": 0.2}]))
    assert not outbox
    outbox.put(change("lora_scales", [{"path": "b", "scale": 0.9}]))
    outbox.put(change("lora_scales", [{"path": "b", "scale": 0.2}]))
    assert not outbox


def test_of_two_images_that_wait_the_newer_is_sent() -> None:
    outbox = Outbox()
    outbox.put(change("first_frame_image", "a.png"))
    outbox.put(change("first_frame_image", "b.png"))

    assert taken(outbox) == {"first_frame_image": "b.png"}


def test_mouse_movements_add_up_while_held_keys_are_the_newest() -> None:
    outbox = Outbox()
    outbox.put(change("ctrl_input", {"button": ["KeyW"], "mouse": [3, -1]}))
    outbox.put(change("ctrl_input", {"button": [], "mouse": [2, 5]}))

    assert taken(outbox) == {"ctrl_input": {"button": [], "mouse": [5, 4]}}


def test_a_newer_prompt_takes_the_place_of_the_fade_that_waits() -> None:
    outbox = Outbox()
    neon, ember = [{"text": "neon", "weight": 1.0}], [{"text": "ember", "weight": 1.0}]
    outbox.put(change("prompts", {"prompts": neon, "transition": {"target_prompts": neon, "num_steps": 4}}))
    outbox.put(change("prompts", {"prompts": ember}))

    assert taken(outbox) == {"prompts": {"prompts": ember}}


def test_a_prompt_that_gives_way_again_to_the_one_that_scope_has_is_not_sent() -> None:
    outbox = Outbox()
    reef, neon = [{"text": "reef", "weight": 1.0}], [{"text": "neon", "weight": 1.0}]
    outbox.restart({"prompts": {"prompts": reef}})
    outbox.put(change("prompts", {"prompts": neon, "transition": {"target_prompts": neon, "num_steps": 4}}))
    outbox.put(change("prompts", {"prompts": reef, "transition": {"target_prompts": reef, "num_steps": 4}}))

    assert not outbox


def test_a_new_session_hears_only_of_what_differs_from_its_beginning() -> None:
    outbox = Outbox()
    outbox.put(change("reset_cache", True))
    outbox.put(change("noise_scale", 0.2))

    outbox.restart({"noise_scale": 0.2})

    assert not outbox
    outbox.put(change("noise_scale", 0.3))
    assert taken(outbox) == {"noise_scale": 0.3}


level = st.floats(0, 1)
way = st.lists(st.one_of(level, st.none()), max_size=30)


@given(way)
def test_the_last_value_of_the_hand_always_lands(way: list[float | None]) -> None:
    """`None` stands for a chunk that takes what waits."""
    outbox, scope, last = Outbox(), 0.7, 0.7
    outbox.restart({"noise_scale": scope})
    for step in [*way, None]:
        if step is None:
            scope = taken(outbox).get("noise_scale", scope)
        else:
            last = step
            outbox.put(change("noise_scale", step))

    assert scope == last
    assert not outbox


def test_what_is_for_one_node_goes_in_a_message_of_its_own_and_is_known_by_itself() -> None:
    outbox = Outbox()
    outbox.put(change("vace_context_scale", 0.5))
    outbox.put(change("vace_context_scale", 0.7, node="longlive"))
    outbox.put(change("noise_scale", 0.1))

    assert taken(outbox) == {"vace_context_scale": 0.5, "noise_scale": 0.1}
    assert [(one.node, one.value) for one in outbox.take("longlive")] == [("longlive", 0.7)]
    outbox.put(change("vace_context_scale", 0.5, node="longlive"))
    assert outbox


def test_only_what_costs_nothing_may_be_sent_twice() -> None:
    twice = {name for name, parameter in PARAMETERS.items() if parameter.resendable}

    assert "noise_scale" in twice
    assert not twice & {"prompts", "reset_cache", "lora_scales", "ctrl_input", "denoising_step_list", "paused"}
    assert all(PARAMETERS[name].merge is Merge.REPLACE for name in twice)
