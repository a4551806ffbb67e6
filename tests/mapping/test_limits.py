"""Guards: what cuts the picture does not cut it to pieces, and the last value always comes."""

from dataclasses import replace
from typing import Any

from bridge.mapping import Mapping, compile
from bridge.profile.durations import Duration, Unit
from bridge.profile.model import Guard, Profile
from bridge.signals import Batch
from tests.mapping.build import PROMPTS, mapping, route, send, target_of, told

LORAS = Profile("test.yaml", prompts=PROMPTS, loras={"arcane": "arcane.safetensors", "ghibli": "g.pt"})


def lora(profile: Profile = LORAS) -> Mapping:
    return mapping(route("lora/arcane", profile=profile), profile=profile)


def scale(changes: dict[str, Any]) -> float:
    return float(changes["lora_scales"][0]["scale"])


def test_a_moving_hand_cuts_at_most_once_in_two_seconds_and_its_last_value_comes() -> None:
    show = lora()
    cuts = []
    for step in range(60):
        moment = step / 10
        show.feed(Batch(moment, [("td/x", (step / 100,))]))
        if show.waiting and (changes := told(show, moment)):
            cuts.append((moment, scale(changes)))
    show.tick(8.1)
    cuts.append((8.1, scale(told(show, 8.1))))

    assert [moment for moment, _ in cuts] == [0.0, 2.0, 4.0, 8.1]
    assert cuts[-1][1] == 0.59
    assert not show.moving


def test_what_is_held_back_does_not_wait_for_a_message() -> None:
    show = lora()
    send(show, 0.1)
    send(show, 0.2, now=0.5)

    assert not show.waiting
    assert show.moving
    show.tick(2.1)
    assert show.waiting


def test_a_guard_of_the_profile_takes_the_place_of_the_one_unasked() -> None:
    guarded = replace(LORAS, guards={"lora/arcane": Guard(max_cuts=(2, Duration(1, Unit.BARS)))})
    show = lora(guarded)

    assert scale(send(show, 0.1)) == 0.1
    assert scale(send(show, 0.2, now=0.1)) == 0.2
    assert send(show, 0.3, now=0.2) == {}
    assert scale(told(show, 2.05)) == 0.3


def test_a_guard_may_limit_what_cuts_nothing_and_one_about_cuts_does_not() -> None:
    rate = replace(LORAS, guards={"noise_scale": Guard(max_rate=(1, Duration(1.0)))})
    show = mapping(route("noise_scale", profile=rate), profile=rate)
    assert send(show, 0.1) == {"noise_scale": 0.1}
    assert send(show, 0.2, now=0.5) == {}
    assert told(show, 1.05) == {"noise_scale": 0.2}

    cuts = replace(LORAS, guards={"noise_scale": Guard(max_cuts=(1, Duration(1.0)))})
    show = mapping(route("noise_scale", profile=cuts), profile=cuts)
    send(show, 0.1)
    assert send(show, 0.2, now=0.1) == {"noise_scale": 0.2}


def test_loras_that_drift_into_place_need_no_guard_and_scopes_cache_is_left_alone() -> None:
    smooth = replace(LORAS, lora_change="smooth")
    show = lora(smooth)
    send(show, 0.1)

    assert scale(send(show, 0.2, now=0.1)) == 0.2
    assert show.initial()["manage_cache"] is False
    assert "manage_cache" not in lora().initial()


def test_several_strengths_go_together_and_a_session_begins_with_them() -> None:
    show = mapping(
        route("lora/arcane", profile=LORAS), route("lora/ghibli", signal="td/y", profile=LORAS), profile=LORAS
    )
    show.feed(Batch(0.0, [("td/x", (0.5,)), ("td/y", (-2.0,))]))

    expected = [{"path": "arcane.safetensors", "scale": 0.5}, {"path": "g.pt", "scale": -2.0}]
    assert show.initial()["lora_scales"] == expected
    assert told(show, 0.0) == {"lora_scales": expected}


def test_a_schedule_that_a_signal_drives_is_told_as_modulated_and_so_does_not_cut() -> None:
    show = mapping(route("denoising_step_list[2]", source=(0, 1), out=(300, 700)))
    show.feed(Batch(0.0, [("td/x", (0.5,))]))
    (change,) = show.take(0.0)

    assert (change.value, change.beside) == ([1000, 500, 499, 250], {"_modulated_step_list": True})
    assert send(show, 1.0, now=0.1) == {"denoising_step_list": [1000, 700, 500, 250]}


def test_a_schedule_that_a_scene_sets_cuts_as_it_should() -> None:
    show = mapping()
    show.feed(Batch(0.0, [("panel/denoising_step_list", (800, 400))]))
    (change,) = show.take(0.0)

    assert (change.value, change.beside) == ([800, 400], {})


def test_steps_stay_in_order_whatever_one_of_them_does() -> None:
    show = mapping(
        route("denoising_step_list"),
        route("denoising_step_list[1]", signal="td/first"),
        route("denoising_step_list[3]", signal="td/third"),
    )
    assert send(show, 900, 600, 300) == {"denoising_step_list": [900, 600, 300]}
    assert send(show, 500, path="td/first") == {"denoising_step_list": [500, 499, 300]}
    assert send(show, 800, path="td/third") == {"denoising_step_list": [500, 499, 498]}
    assert send(show, 0, path="td/first") == {"denoising_step_list": [0, 0, 0]}


def test_one_node_of_a_chain_is_told_alone() -> None:
    show = mapping(route("node/longlive/vace_context_scale"), route("vace_context_scale", signal="td/y"))
    show.feed(Batch(0.0, [("td/x", (1.5,)), ("td/y", (0.5,))]))

    assert [(change.parameter, change.value, change.node) for change in show.take(0.0)] == [
        ("vace_context_scale", 1.5, "longlive"),
        ("vace_context_scale", 0.5, None),
    ]


def test_keys_that_are_held_and_the_mouse_that_moves() -> None:
    show = mapping(
        route("ctrl/key/KeyW"), route("ctrl/key/KeyA", signal="td/a"), route("ctrl/mouse", signal="td/mouse")
    )
    assert send(show, 1) == {"ctrl_input": {"button": ["KeyW"]}}
    assert send(show, 1, path="td/a") == {"ctrl_input": {"button": ["KeyW", "KeyA"]}}
    assert send(show, 0) == {"ctrl_input": {"button": ["KeyA"]}}

    show.feed(Batch(0.0, [("td/mouse", (3, -1)), ("td/mouse", (2, 5))]))
    assert told(show, 0.0) == {"ctrl_input": {"mouse": [5.0, 4.0]}}
    assert show.feed(Batch(0.0, [("td/mouse", (3,))])).refused


def test_images_are_told_by_what_the_server_calls_them() -> None:
    faces = replace(LORAS, images={"face": "refs/face.png", "back": "refs/back.png"})
    show = mapping(
        route("image/reference", profile=faces), route("image/first", signal="td/y", profile=faces), profile=faces
    )
    assert send(show, "face") == {"vace_ref_images": ["refs/face.png"]}
    assert send(show, 2) == {"vace_ref_images": ["refs/back.png"]}
    assert send(show, "/server/x.png", path="td/y") == {"first_frame_image": "/server/x.png"}
    assert show.feed(Batch(0.0, [("td/x", (3,))])).refused == ["an image's name is wanted, or its number, 1 to 2"]


def test_another_seed_every_time() -> None:
    show = compile(replace(LORAS, routes=(route("seed/random"),)))
    seeds = {send(show, path="td/x", now=float(step))["base_seed"] for step in range(10)}

    assert len(seeds) == 10
    assert all(0 <= seed < 2**32 for seed in seeds)
    assert target_of("seed") == target_of("base_seed")
