"""What `check` says each route will do."""

import pytest

from bridge import profile

HEAD = """\
inputs: {td: {osc: 9000}, desk: {osc: 9001, range: [0, 1]}}
outputs: {program: {ndi: A}}
loras: {arcane: arcane.safetensors, ghibli: ghibli.safetensors}
tempo: 124
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
        ('{from: "td/xy[1]", to: bypass}', "td/xy[1] 0..1 → bypass 0..1"),
        ("td/arcane -> lora/arcane", "td/arcane -10..10 → lora/arcane -10..10"),
        ("desk/arcane -> lora/arcane", "desk/arcane 0..1 → lora/arcane 0..1"),
        ('{from: "desk/{n}", to: "lora/{n}"}', "desk/{n} 0..1 → lora/{n} 0..1"),
        ("desk/prompt -> prompt", "desk/prompt (a name in the bank or any text) → prompt"),
        (
            "{from: desk/fade, across: [lora/arcane, lora/ghibli], law: equal power}",
            "desk/fade 0..1 → across lora/arcane 0..1 and lora/ghibli 0..1, equal power",
        ),
        (
            "{from: desk/fade, across: [lora/arcane, vace_context_scale], filters: [{math: x * 0.5}]}",
            "desk/fade 0..1 → across lora/arcane 0..1 and vace_context_scale 0..2, math x * 0.5",
        ),
        (
            "{name: kick, from: desk/kick, to: vace_context_scale, out: [0, 0.3], mix: add, amount: 0.5, per_chunk: mean}",
            "desk/kick 0..1 → vace_context_scale 0..0.3, added, amount 0.5, the mean of each chunk, called kick",
        ),
        (
            "{from: desk/a, to: kv_cache_attention_bias, mix: add}",
            "desk/a 0..1 → kv_cache_attention_bias 0..0.99, added",
        ),
        ("{from: desk/a, to: vace_context_scale, mix: multiply}", "desk/a 0..1 → vace_context_scale 0..1, multiplied"),
        ("{from: td/a, to: vace_context_scale, mix: max}", "td/a (a number) → vace_context_scale, where it is higher"),
        ("{from: desk/a, to: bypass, mix: average}", "desk/a 0..1 → bypass 0..1, averaged"),
        ("{from: desk/a, to: bypass, takeover: catch up}", "desk/a 0..1 → bypass 0..1, takes over by catch up"),
        ("lfo/sine -> bypass", "lfo/sine 0..1 → bypass 0..1, once in 1 bar"),
        (
            "{from: lfo/saw, to: bypass, period: 2 s, phase: 0.25, out: [0.2, 0.4]}",
            "lfo/saw 0..1 → bypass 0.2..0.4, once in 2 s from 0.25 on",
        ),
        ("{from: tempo/bar, every: 8, to: prompt/next}", "tempo/bar 0..1 → prompt/next, on each bar, one in 8"),
        ("{from: desk/pad, press: long, to: prompt/reef}", "desk/pad 0..1 → prompt/reef, on a long press"),
        ("{from: desk/pad, press: release, to: tap}", "desk/pad 0..1 → tap, on a release"),
    ],
)
def test_a_route_is_one_line_with_its_numbers(route: str, line: str) -> None:
    reading = profile.read(f"{HEAD}  - {route}\n", "x.yaml", {})

    assert reading.profile is not None
    assert profile.describe(reading.profile) == [line]


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("invert", "inverted"),
        ("{curve: {bezier: [0.4, 0, 0.2, 1]}}", "curve bezier 0.4, 0, 0.2, 1"),
        ("{curve: {points: [[0, 0], [0.3, 0.8], [1, 1]]}}", "curve through 0/0 0.3/0.8 1/1"),
        ("{deadzone: {width: 0.1, center: 0.4}}", "nothing within 0.05 of 0.4"),
        ("{detent: {points: [0, 0.5], width: 0.1}}", "snaps to 0, 0.5 from 0.1 away"),
        ("{levels: 5}", "5 levels"),
        ("{levels: [0.1, 0.7]}", "levels 0.1, 0.7"),
        ("{round: 0.25}", "steps of 0.25"),
        ('{math: "min(x, 0.8)"}', "math min(x, 0.8)"),
        ("{choose: [0.2, 0.9]}", "one of 0.2, 0.9"),
        ("{wrap: [0, 1]}", "wraps 0..1"),
        ("{smooth: 1 beat}", "smooth 1 beat"),
        ("{smooth: {release: 400 ms}}", "smooth at once up, 400 ms down"),
        ("one_euro", "one euro 1 Hz, beta 0"),
        ("{one_euro: {min_cutoff: 2, beta: 0.5, d_cutoff: 3}}", "one euro 2 Hz, beta 0.5, its speed 3 Hz"),
        ("{slew: 0.5}", "at most 0.5 a second"),
        ("{slew: {up: 2, down: 0.5}}", "at most 2 up and 0.5 down a second"),
        ("{slew: {down: 0.5}}", "at most 0.5 down a second"),
        ("{spring: {period: 400 ms, damping: 2}}", "spring 400 ms, damping 2"),
        ("{hold: 200 ms}", "peaks held 200 ms"),
        ("{delay: 2 beats}", "2 beats later"),
        ("{accumulate: 0.05}", "adds up by 0.05, 0..1, from 0"),
        ("{accumulate: {high: 0.5, start: 0.2, wrap: true}}", "adds up by 0.01, 0..0.5 around, from 0.2"),
        ("{normalise: {window: 10 s, floor: 0.1}}", "normalised over 10 s from a span of 0.1"),
        ("{envelope: {decay: 400 ms}}", "envelope at once up, 400 ms down"),
        (
            "{envelope: {attack: 5 ms, decay: 1 s, sustain: 0.5, release: 2 s}}",
            "envelope 5 ms up, 1 s to 0.5, 2 s down",
        ),
        ("{gate: 0.5}", "opens at 0.5"),
        ("{gate: {open: 0.6, close: 0.5}}", "opens at 0.6, closes below 0.5"),
        ("{edge: 0.3}", "rise and fall through 0.3"),
        ("{edge: fall}", "fall through 0.5"),
        ("toggle", "toggles"),
        ("{toggle: {start: true}}", "toggles from on"),
        ("{every: 4}", "one in 4"),
        ("{at_most: 100 ms}", "at most one in 100 ms"),
        ("changed", "changes"),
        ("{changed: 0.01}", "changes by more than 0.01"),
        ("{when: {state: streaming, negate: true}}", "unless state streaming"),
        ("{when: {signal: td/b, above: 0.2, below: 0.9}}", "while td/b is at least 0.2 and below 0.9"),
        ("{wait: 4 bars}", "on the next line of 4 bars"),
        ("{wait: 2 s}", "waits 2 s"),
    ],
)
def test_a_filter_is_told_with_all_its_numbers(written: str, words: str) -> None:
    reading = profile.read(f"{HEAD}  - {{from: desk/a, to: bypass, filters: [{written}]}}\n", "x.yaml", {})

    assert reading.profile is not None
    line = profile.describe(reading.profile)[0]
    assert line.removesuffix(", the max of each chunk") == f"desk/a 0..1 → bypass 0..1, {words}"


def test_what_is_chosen_as_text_needs_no_range() -> None:
    text = f"{HEAD}  - {{from: desk/a, to: prompt, filters: [{{choose: [reef, fog over water]}}]}}\n"
    reading = profile.read(text, "x.yaml", {})

    assert reading.profile is not None
    assert profile.describe(reading.profile) == ["desk/a 0..1 → prompt, one of reef, fog over water"]


def test_the_sign_changes_where_there_is_no_way() -> None:
    reading = profile.read(f"{HEAD}  - {{from: td/a, to: param/a, filters: [invert]}}\n", "x.yaml", {})

    assert reading.profile is not None
    assert profile.describe(reading.profile) == ["td/a (any value) → param/a, the sign changed"]


def test_the_routes_of_pages_come_after_the_others() -> None:
    pages = "pages: {main: {routes: []}, looks: {while: td/shift, routes: [desk/a -> bypass, desk/p -> prompt/next]}}\n"
    reading = profile.read(f"{HEAD}  - td/a -> tap\n{pages}", "x.yaml", {})

    assert reading.profile is not None
    assert profile.describe(reading.profile) == [
        "td/a (a trigger) → tap",
        "on page looks: desk/a 0..1 → bypass 0..1",
        "on page looks: desk/p 0..1 → prompt/next",
    ]


@pytest.mark.parametrize(
    ("route", "line"),
    [
        (
            "apc/encoder/cue -> noise_scale",
            "apc/encoder/cue (turned, 100 steps for the whole way) → noise_scale 0..1",
        ),
        (
            "{from: apc/encoder/cue, to: lora/arcane, filters: [{encoder: {turn: 50, acceleration: 1}}, invert]}",
            "apc/encoder/cue (turned, 50 steps for the whole way, 2 times as far at 25 steps a second) → "
            "lora/arcane 0..1, inverted",
        ),
        (
            "{from: apc/cc/2/16, to: noise_scale, filters: [{encoder: offset}]}",
            "apc/cc/2/16 (turned (offset), 100 steps for the whole way) → noise_scale 0..1",
        ),
        (
            "apc/encoder/cue -> word/mood",
            "apc/encoder/cue (turned, a step to the next) → word/mood (calm, tense)",
        ),
        ("apc/encoder/cue -> prompt", "apc/encoder/cue (turned, a step to the next) → prompt"),
        (
            "{from: apc/cc/2/16, to: prompt/next, filters: [{encoder: offset}]}",
            "apc/cc/2/16 (turned (offset), each step up) → prompt/next",
        ),
        ("apc/encoder/cue -> prompt/next", "apc/encoder/cue (a trigger) → prompt/next"),
        ("apc/fader/1 -> noise_scale", "apc/fader/1 0..1 → noise_scale 0..1, takes over by pickup"),
    ],
)
def test_what_is_turned_is_told_at_the_beginning(route: str, line: str) -> None:
    head = HEAD.replace("inputs: {", 'inputs: {apc: {midi: "APC40*", controller: akai-apc40-mk2, takeover: pickup}, ')
    read = profile.read(f"{head}  - {route}\n", "x.yaml").profile

    assert read is not None
    assert profile.describe(read) == [line]
