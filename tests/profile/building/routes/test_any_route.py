"""Whatever target, mix, filters and ranges go together, a route is read or refused in words."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge import mapping, profile
from bridge.profile.targets.table import CATALOGUE

HEAD = """\
inputs: {td: {osc: 9000}, desk: {osc: 9001, range: [0, 1]}, film: {video: {file: a.mp4}}}
outputs: {program: {ndi: A}}
loras: {arcane: arcane.safetensors}
images: {face: face.png}
scope: {pipeline: krea-realtime-video, vace: images}
tempo: 124
prompts: {bank: {reef: a reef, neon: rain}, words: {mood: [calm, tense]}, slots: [base, accent]}
scenes: {intro: {prompt: reef}}
cues: {doors: {scene: intro}}
pages: {perform: {}}
start: {prompt: reef}
"""
NAMES = {
    "word/<name>": "word/mood", "lora/<name>": "lora/arcane", "prompt/<name>": "prompt/reef",
    "prompt/<step>": "prompt/next", "prompt/<slot>/weight": "prompt/accent/weight",
    "prompt/<slot>/text": "prompt/base/text", "denoising_step_list[<n>]": "denoising_step_list[2]",
    "image/<role>": "image/reference", "param/<name>": "param/glow",
    "node/<id>/<parameter>": "node/krea-realtime-video/noise_scale", "ctrl/key/<code>": "ctrl/key/KeyW",
    "source/<name>": "source/film", "source/<name>/position": "source/film/position", "pipeline/<name>": "pipeline/longlive", "scene/save/<name>": "scene/save/mine",
    "scene/<name>": "scene/intro", "cue/<step>": "cue/go", "cue/<name>": "cue/doors", "page/<step>": "page/next",
    "page/<name>": "page/perform", "snapshot/<act>/<n>": "snapshot/save/1", "route/<name>/amount": "route/one/amount",
    "route/<name>/on": "route/one/on", "output/<name>/freeze": "output/program/freeze",
    "output/<name>/level": "output/program/level", "output/<name>/key": "output/program/key",
}  # fmt: skip
TARGETS = [NAMES.get(entry.name, entry.name) for entry in CATALOGUE]
FILTERS = [
    "invert", "{clamp: [0.2, 0.8]}", "{curve: log}", "{curve: {power: 3}}", "{deadzone: 0.1}", "{levels: 4}",
    "{detent: {points: [0, 0.5], width: 0.1}}", "{round: 0.25}", "{math: x * 1000}", "{math: x ** 9 * 1e9}",
    "{math: 0 - x * 1e200}", "{math: 1 / x}", "{math: log(x)}", "{choose: [0.2, 0.9]}", "{choose: [reef, neon]}",
    "{wrap: [0, 1]}", "{smooth: 150 ms}", "one_euro", "{slew: 0.5}", "{spring: {period: 400 ms, damping: 0.01}}",
    "{hold: 200 ms}", "{delay: 2 beats}", "{accumulate: {low: -4, high: 9, start: 0}}", "{normalise: {window: 10 s}}",
    "{envelope: {decay: 400 ms}}", "{gate: 0.5}", "{edge: 0.3}", "toggle", "{every: 4}", "{at_most: 100 ms}",
    "{changed: 0.01}", "{wait: bar}",
]  # fmt: skip
SIGNALS = ["td/a", "desk/a", "'td/xy[1]'", "lfo/sine", "tempo/beat", "tempo/phase", "scope/fps", "scope/state"]
ends = st.sampled_from(["[0, 1]", "[1, 0]", "[-1, 1]", "[0.2, 0.7]", "[0, 1e300]", "[1e-9, 127]", "[-1e308, 1e308]"])


@st.composite
def routes(draw: st.DrawFn) -> str:
    """One route of any target, as a profile writes it."""
    across = draw(st.integers(0, 5)) == 0
    target = draw(st.sampled_from(TARGETS))
    to = f"across: ['{target}', vace_context_scale]" if across else f"to: '{target}'"
    parts = [f"from: {draw(st.sampled_from(SIGNALS))}", to]
    for key, values in (
        ("in", ends),
        ("out", ends),
        ("mix", st.sampled_from(["latest", "add", "multiply", "max", "min", "average"])),
        ("takeover", st.sampled_from(["jump", "pickup", "scale"])),
        ("per_chunk", st.sampled_from(["newest", "max", "mean"])),
        ("press", st.sampled_from(["press", "release", "long", "double"])),
    ):
        if draw(st.integers(0, 2)) == 0:
            parts.append(f"{key}: {draw(values)}")
    if chain := draw(st.lists(st.sampled_from(FILTERS), max_size=4)):
        parts.append(f"filters: [{', '.join(chain)}]")
    return f"{{name: one, {', '.join(parts)}}}"


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(routes())
def test_any_route_is_read_or_refused_with_what_to_do(route: str) -> None:
    reading = profile.read(f"{HEAD}routes:\n  - {route}\n", "x.yaml", {}, lambda path: "")

    assert all(problem.hints for problem in reading.problems)
    if reading.profile is not None:
        assert len(profile.describe(reading.profile)) == 1
        mapping.compile(reading.profile)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("mix", ["latest", "add", "multiply", "max", "min", "average"])
def test_a_way_of_known_length_goes_to_every_target_by_every_mix(target: str, mix: str) -> None:
    for out in ("", ", out: [0, 1]", ", filters: [{math: x * 1000}]"):
        route = f"{{from: td/x, in: [0, 1], to: '{target}', mix: {mix}{out}}}"
        reading = profile.read(f"{HEAD}routes:\n  - {route}\n", "x.yaml", {}, lambda path: "")

        assert all(problem.hints for problem in reading.problems), route


def test_every_kind_of_target_is_tried() -> None:
    assert not [target for target in TARGETS if "<" in target]
