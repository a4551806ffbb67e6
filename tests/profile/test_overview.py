"""What `check` says of scenes, cues and pages, and of how routes that move with the beat meet a chunk."""

import pytest

from bridge import profile
from bridge.profile.model import Profile
from bridge.profile.overview import overview, pace


def read(text: str) -> Profile:
    found = profile.read(text, "x.yaml", {})
    assert found.profile is not None, profile.report(found.problems, "x.yaml")
    return found.profile


def test_a_scene_says_how_it_and_each_value_of_its_own_arrive() -> None:
    found = read(
        "start: {prompt: reef}\ntempo: 124\nscenes:\n  drop: {fade: 2 bars, curve: s, set: {prompt: neon, "
        "param/glow: {to: 1, fade: 4 s, curve: exp}, lora/a: {to: 0.5, curve: log}, paused: {to: true, fade: cut}}}\n"
        "loras: {a: a.safetensors}\n"
    )

    assert overview(found) == [
        "scene drop: over 2 bars, curve s, prompt neon, param/glow 1 (over 4 s, curve exp), "
        "lora/a 0.5 (curve log), paused on (at once)"
    ]


def test_after_the_last_cue_nothing_follows() -> None:
    found = read(
        "start: {prompt: reef}\nscenes: {a: {prompt: neon}}\ncues:\n"
        "  one: {scene: a, follow: 8 s}\n  two: {scene: a, follow: 8 s}\n"
    )

    assert overview(found)[1:] == ["cue 1 one: a, the next one 8 s later", "cue 2 two: a"]


def test_pages_that_share_a_button_are_numbered_in_its_turn() -> None:
    found = read(
        "inputs: {td: {osc: 9000}}\nstart: {prompt: reef}\npages:\n  perform: {while: td/home}\n"
        "  looks: {from: td/bank}\n  more: {from: td/bank}\n  alone: {from: td/other}\n"
    )

    assert overview(found) == [
        "page perform at the start, and while td/home is held: 0 routes",
        "page looks by td/bank (1 of 2 in turn): 0 routes",
        "page more by td/bank (2 of 2 in turn): 0 routes",
        "page alone by td/other: 0 routes",
    ]


HEAD = """\
inputs: {td: {osc: 9000, range: [0, 1]}}
loras: {change: smooth, a: a.safetensors}
scope: {vace: images}
start: {prompt: reef}
"""
KICK = "{from: td/kick, to: vace_context_scale, filters: [{envelope: {decay: 400 ms}}]%s}"


@pytest.mark.parametrize(
    ("route", "fps", "said"),
    [
        ("tempo/beat -> lora/a", 16, "the beat comes every 0.48 s: a chunk gets the highest (per_chunk: max)"),
        (
            "{from: tempo/beat, to: lora/a, per_chunk: newest}",
            16,
            "the beat comes every 0.48 s: a chunk gets only the newest (per_chunk: newest)",
        ),
        ("tempo/bar -> lora/a", 16, "the bar comes every 1.92 s: each has a chunk of its own"),
        ("{from: tempo/beat, every: 4, to: lora/a}", 6, "the beat comes every 1.92 s: a chunk gets the highest"),
        (KICK % "", 16, "the beat comes every 0.48 s: a chunk gets the highest (per_chunk: max)"),
        (KICK % ", per_chunk: mean", 16, "the beat comes every 0.48 s: a chunk gets the mean (per_chunk: mean)"),
        ("{from: tempo/beat, across: [lora/a, vace_context_scale]}", 16, "the beat comes every 0.48 s"),
    ],
)
def test_a_route_that_moves_with_the_beat_says_what_a_chunk_gets(route: str, fps: float, said: str) -> None:
    lines = pace(read(f"{HEAD}tempo: 125\nroutes:\n  - {route}\n"), fps)

    assert lines[0] == f"longlive takes a value every {'0.75' if fps == 16 else '2'} s: 12 frames at {fps} fps"
    assert len(lines) == 2
    assert f": {said}" in lines[1]


@pytest.mark.parametrize("route", ["td/a -> lora/a", "tempo/beat -> prompt/next", "tempo/beat -> output/all/level"])
def test_what_no_chunk_takes_or_no_beat_moves_is_left_out(route: str) -> None:
    assert len(pace(read(f"{HEAD}tempo: 125\nroutes:\n  - {route}\n"), 16)) == 1


def test_without_a_tempo_of_its_own_nothing_is_said_of_beats() -> None:
    assert len(pace(read(f"{HEAD}routes:\n  - tempo/beat -> lora/a\n"), 16)) == 1


def test_how_often_a_value_is_taken_needs_the_frames_of_a_chunk() -> None:
    assert pace(read("scope: {pipeline: wild}\nstart: {prompt: reef}\n"), 16) == []
    assert pace(read("scope: {pipeline: wild, frames_per_chunk: 8}\nstart: {prompt: reef}\n"), 16) == [
        "wild takes a value every 0.5 s: 8 frames at 16 fps"
    ]


def test_routes_of_pages_are_paced_too() -> None:
    text = f"{HEAD}tempo: 125\npages: {{one: {{routes: [tempo/beat -> lora/a]}}}}\n"

    assert len(pace(read(text), 16)) == 2


def test_the_first_page_of_each_controller_is_in_force_at_the_start() -> None:
    found = read(
        "inputs: {td: {osc: 9000}, apc: {osc: 9001}}\nstart: {prompt: reef}\npages:\n  perform: {while: td/home}\n"
        "  own: {for: apc}\n  more: {for: apc, from: apc/bank}\n  last: {for: apc, while: td/a}\n"
    )

    assert overview(found) == [
        "page perform at the start, and while td/home is held: 0 routes",
        "page own for apc at the start: 0 routes",
        "page more for apc by apc/bank: 0 routes",
        "page last for apc while td/a is held: 0 routes",
    ]


def test_a_first_page_of_a_controller_that_has_a_button_is_not_in_force_at_the_start() -> None:
    found = read(
        "inputs: {td: {osc: 9000}, apc: {osc: 9001}, lp: {osc: 9002}}\nstart: {prompt: reef}\npages:\n"
        "  own: {for: apc, while: apc/shift}\n  more: {for: lp, from: lp/bank}\n"
    )

    assert overview(found) == [
        "page own for apc while apc/shift is held: 0 routes",
        "page more for lp by lp/bank: 0 routes",
    ]
