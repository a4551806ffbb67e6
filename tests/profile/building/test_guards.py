"""Which targets a guard acts on, and which share one limit."""

import pytest

from bridge import profile

HEAD = """\
inputs: {td: {osc: 9000}}
loras: {arcane: a.safetensors, ghibli: b.safetensors}
scope: {vace: images}
scenes: {intro: {prompt: reef}}
start: {prompt: reef}
"""


def messages(guard: str) -> list[str]:
    return [problem.message for problem in profile.read(f"{HEAD}guard: {{{guard}}}\n", "x.yaml", {}).problems]


@pytest.mark.parametrize(
    "target",
    ["prompt", "lora/arcane", "lora/2", "image/reference", "vace_context_scale", "paused", "seed", "param/glow",
     "denoising_step_list", "'denoising_step_list[2]'", "node/longlive/vace_context_scale"],
)  # fmt: skip
def test_a_guard_acts_on_what_goes_to_scope(target: str) -> None:
    assert messages(f"{target}: {{max_rate: 2 per s}}") == []


@pytest.mark.parametrize(
    ("target", "is_trigger"),
    [
        ("reset_cache", True), ("scene/intro", True), ("prompt/next", True), ("seed/random", True), ("tap", True),
        ("scene/save/mine", True), ("snapshot/save/1", True), ("pipeline/longlive", True),
        ("word/mood", False), ("transition_steps", False), ("output/all/level", False), ("bypass", False),
        ("record", False), ("ctrl/key/KeyW", False), ("ctrl/mouse", False),
    ],
)  # fmt: skip
def test_a_guard_of_anything_else_would_do_nothing_and_is_refused(target: str, is_trigger: bool) -> None:
    (message,) = messages(f"{target}: {{max_rate: 2 per s}}")

    about = "something that happens" if is_trigger else "none of them"
    assert message == f"a guard holds back parameters of Scope, LoRAs, images and the prompt, and {target} is {about}"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("lora/arcane", "lora/ghibli"),
        ("lora/arcane", "lora/1"),
        ("denoising_step_list", "'denoising_step_list[2]'"),
        ("'denoising_step_list[1]'", "'denoising_step_list[2]'"),
        ("seed", "base_seed"),
    ],
)
def test_what_shares_one_limit_has_one_guard(one: str, other: str) -> None:
    assert len(messages(f"{one}: {{max_rate: 2 per s}}, {other}: {{max_rate: 1 per s}}")) == 1
