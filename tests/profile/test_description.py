"""What `check` says each route will do."""

import pytest

from bridge import profile

HEAD = """\
inputs: {td: {osc: 9000}, desk: {osc: 9001, range: [0, 1]}}
outputs: {program: {ndi: A}}
start: {prompt: reef}
prompts:
  bank: {reef: "{mood} reef"}
  words: {mood: [calm, tense]}
routes:
"""


@pytest.mark.parametrize(
    ("route", "line"),
    [
        ("td/speed -> word/speed", "td/speed (any text or number) → word/speed"),
        ("td/mood -> word/mood", "td/mood (calm, tense, any text, or 0..1) → word/mood"),
        ("desk/mood -> word/mood", "desk/mood 0..1 → word/mood (calm, tense)"),
        ("td/prompt -> prompt", "td/prompt (a name in the bank or any text) → prompt"),
        (
            "{from: td/noise, to: noise_scale, out: [0.1, 0.9], filters: [{smooth: 150 ms}]}",
            "td/noise 0..1 → noise_scale 0.1..0.9, smooth 150 ms",
        ),
        ("td/noise -> noise_scale", "td/noise 0..1 → noise_scale 0..1"),
        ("desk/vace -> vace_context_scale", "desk/vace 0..1 → vace_context_scale 0..2"),
        ("{from: td/a, to: param/a, in: [0, 127]}", "td/a 0..127 → param/a"),
        ("td/probe -> param/probe", "td/probe (any value) → param/probe"),
        ("td/reset -> reset_cache", "td/reset (a trigger) → reset_cache"),
        ("td/pause -> paused", "td/pause (0 or 1) → paused"),
        ("td/mix -> spatial_interpolation_method", "td/mix (linear or slerp) → spatial_interpolation_method"),
        ("td/steps -> denoising_step_list", "td/steps (whole numbers, 1000 down to 0) → denoising_step_list"),
        ("td/master -> output/program/level", "td/master 0..1 → output/program/level 0..1"),
        ("td/hold -> output/all/freeze", "td/hold (0 or 1) → output/all/freeze"),
        (
            "{from: td/k, to: vace_context_scale, in: [1, 0], per_chunk: max, filters: [{curve: s}, {curve: {power: 3}}, "
            "{clamp: [0.1, 1]}, {smooth: {attack: 5 ms, release: 2 s}}]}",
            "td/k 1..0 → vace_context_scale 0..2, curve s, curve power 3, clamp 0.1..1, smooth 5 ms up, 2 s down, "
            "the max of each chunk",
        ),
    ],
)
def test_a_route_is_one_line_with_its_numbers(route: str, line: str) -> None:
    reading = profile.read(f"{HEAD}  - {route}\n", "x.yaml", {})

    assert reading.profile is not None
    assert profile.describe(reading.profile) == [line]
