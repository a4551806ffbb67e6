"""What there is to call and where the show is, from a profile and what is live."""

from typing import Any

from bridge import profile
from bridge.console.show import show_of
from bridge.profile.model import Profile
from bridge.status import CueStatus, FaderStatus, ShowStatus, WordStatus

PROFILE = """\
inputs: {td: {osc: 9000}}
tempo: {bpm: 124}
loras: {change: smooth, arcane: a.safetensors, ghibli: b.safetensors}
prompts:
  slots: [base, accent]
  bank: {reef: a reef, neon: "rain, {mood}"}
  words: {mood: [calm, tense]}
start: intro
scenes: {intro: {prompt: reef, lora/2: 0.4}, drop: {prompt: neon}}
cues:
  doors: {scene: intro}
  first: {scene: drop, wait: 4 bars, note: when the strings stop}
routes:
  - {name: kick, from: td/kick, to: lora/arcane, out: [0, 0.3], mix: add, amount: 0.6}
  - td/second -> page/second
pages:
  first: {routes: [td/x -> prompt]}
  second: {routes: [{name: haze, from: td/y, to: prompt/accent/weight, out: [0, 1], mix: max}]}
"""


def read(text: str) -> Profile:
    reading = profile.read(text, "show.yaml", {})
    assert reading.profile is not None, profile.report(reading.problems, "show.yaml")
    return reading.profile


def shown(text: str = PROFILE, **live: Any) -> ShowStatus:
    nothing: dict[str, Any] = {
        "scene": None, "cue": None, "coming": None, "turned": (), "bpm": 120.0, "words": {}, "values": {}, "snapshots": (),
    }  # fmt: skip
    return show_of(read(text), **{**nothing, **live})


def test_a_profile_of_routes_alone_has_nothing_to_call() -> None:
    assert shown("inputs: {td: {osc: 9000}}\nstart: {prompt: reef}\nroutes: [td/x -> prompt]\n") == ShowStatus()


def test_it_says_where_the_show_is_and_what_there_is_to_call() -> None:
    show = shown(
        scene="intro",
        cue="doors",
        coming="first",
        turned=("second",),
        bpm=124.0,
        words={"mood": "tense"},
        snapshots=[3, 1],
    )

    assert (show.scene, show.cue, show.coming, show.turned, show.bpm) == ("intro", "doors", "first", ("second",), 124.0)
    assert show.scenes == ("intro", "drop")
    assert show.cues == (CueStatus("doors", "intro"), CueStatus("first", "drop", "when the strings stop"))
    assert show.pages == ("first", "second")
    assert show.words == (WordStatus("mood", "tense", ("calm", "tense")),)
    assert show.snapshots == (1, 3)


def test_slots_loras_and_named_routes_have_faders_where_a_hand_or_a_scene_has_put_them() -> None:
    values = {"prompt/accent/weight": 0.25, "lora/2": 0.4, "route/kick/amount": 0.9}

    assert shown(values=values).faders == (
        FaderStatus("base", "prompt/base/weight", 1.0, 0.0, 1.0),
        FaderStatus("accent", "prompt/accent/weight", 0.25, 0.0, 1.0),
        FaderStatus("arcane", "lora/arcane", None, 0.0, 2.0),
        FaderStatus("ghibli", "lora/ghibli", 0.4, 0.0, 2.0),
        FaderStatus("kick", "route/kick/amount", 0.9, 0.0, 1.0),
        FaderStatus("haze", "route/haze/amount", 1.0, 0.0, 1.0),
    )
    assert shown().faders[4].value == 0.6, "as the profile starts it"


def test_a_tempo_is_shown_once_somebody_has_said_one() -> None:
    silent = PROFILE.replace("tempo: {bpm: 124}\n", "")

    assert shown(silent, bpm=120.0).bpm is None
    assert shown(silent, bpm=126.5).bpm == 126.5
    assert shown(bpm=120.0).bpm == 120.0
