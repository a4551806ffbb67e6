"""What `check` says of targets that nothing comes of, or too much."""

import pytest

from bridge import profile

HEAD = "inputs: {td: {osc: 9000}}\nscope: {vace: images}\nstart: {prompt: reef}\ntempo: 124\n"


def messages(text: str) -> list[str]:
    return [problem.message for problem in profile.read(HEAD + text, "x.yaml", {}).problems]


@pytest.mark.parametrize(
    ("route", "often"),
    [
        ("tempo/beat -> reset_cache", "each beat"),
        ("tempo/phase -> reset_cache", "each beat"),
        ("tempo/bar -> reset_cache", "each bar"),
        ("lfo/square -> reset_cache", "every turn"),
        ("{from: tempo/beat, every: 8, to: reset_cache}", ""),
        ("{from: tempo/beat, filters: [{at_most: 8 s}], to: reset_cache}", ""),
        ("td/cut -> reset_cache", ""),
        ("tempo/beat -> seed/random", ""),
    ],
)
def test_a_picture_cut_again_and_again_is_said(route: str, often: str) -> None:
    found = messages(f"routes:\n  - {route}\n  - td/prompt -> prompt\n")

    assert [one.rpartition(" on ")[2] for one in found] == ([often] if often else [])


@pytest.mark.parametrize(
    ("target", "near"),
    [
        ("node/longlive/vace_contxt", "node/longlive/vace_context_scale"),
        ("param/nois_scale", "noise_scale"),
        ("param/noise", ""),
        ("param/glow", ""),
        ("node/longlive/vace_context_scale", ""),
    ],
)
def test_a_parameter_that_nobody_knows_is_warned_of_where_it_looks_like_one_that_is_known(
    target: str, near: str
) -> None:
    problems = profile.read(f"{HEAD}routes: [td/a -> {target}]\n", "x.yaml", {}).problems

    assert [one.hints[0] for one in problems] == ([f"did you mean '{near}'?"] if near else [])


def test_nothing_records_where_no_output_does() -> None:
    said = "nothing records: no output of this profile does"

    assert messages("routes: [td/a -> record]\n") == [said]
    assert messages("scenes: {a: {record: true}}\n") == [said]
    assert said not in messages("routes: [td/a -> record]\noutputs: {tape: {record: a.mp4}}\n")


def test_any_guard_of_a_lora_is_one_of_all() -> None:
    loras = "loras: {a: a.safetensors, b: b.safetensors}\nroutes: [td/a -> lora/a, td/b -> lora/b]\n"

    assert len(messages(loras)) == 2
    assert messages(f"{loras}guard: {{lora/a: {{max_cuts: 1 per bar}}}}\n") == []
