"""What counts in beats and bars, and so needs a tempo: lengths and signals, and nothing else that is called so."""

import pytest

from bridge import profile

HEAD = "inputs: {td: {osc: 9000}, cam: {video: {pattern: bars}}}\nstart: {prompt: reef, param/n: 2 bars}\n"


def warned(text: str) -> bool:
    messages = [problem.message for problem in profile.read(HEAD + text, "x.yaml", {}).problems]
    return any(message.startswith("beats and bars count at 120 bpm") for message in messages)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "prompts: {bank: {fade: 2 bars}, words: {mood: [1 bar, beat]}}\nroutes: [td/a -> word/mood]\n",
        "scenes: {a: {param/n: 2 bars, prompt: 4 beats}, b: {fade: 2 s, set: {prompt: 1 bar}}}\n",
        "cues: {a: {scene: bar, note: 2 bars}}\nscenes: {bar: {prompt: x}}\n",
        "routes: [{from: td/a, to: prompt, filters: [{choose: [1 bar, 2 bars]}], in: [0, 1]}]\n",
        "scenes: {bar: {prompt: x}}\nroutes: [{from: td/a, to: bypass, filters: [{when: {scene: bar}}]}]\n",
        "routes: [td/2 bars -> prompt, {name: 2 bars, from: td/bar, to: bypass}, tempo/bpm -> param/bpm]\n",
        "outputs: {a: {ndi: 2 bars}}\n",
    ],
)
def test_what_is_called_a_bar_is_no_length(text: str) -> None:
    assert not warned(text)


@pytest.mark.parametrize(
    "text",
    [
        "prompts: {fade: 1 bar}\n",
        "scenes: {a: {fade: 2 beats, set: {prompt: x}}}\n",
        "scenes: {a: {param/n: {to: 1, fade: 2 beats}}}\n",
        "safe: {fade: 1 bar, set: {prompt: x}}\n",
        "scenes: {a: {prompt: x}}\ncues: {a: {scene: a, wait: 4 bars}}\n",
        "scenes: {a: {prompt: x}}\ncues: {a: {scene: a, follow: 4 bars}}\n",
        "guard: {paused: {max_rate: 1 per 2 bars}}\n",
        "routes: [{from: td/a, to: bypass, filters: [{smooth: 1 beat}]}]\n",
        "routes: [{from: td/a, to: bypass, filters: [{wait: bar}]}]\n",
        "routes: [{from: td/a, to: bypass, filters: [{envelope: {decay: 1 beat}}]}]\n",
        "routes: [{from: lfo/sine, period: 2 bars, to: bypass}]\n",
        "routes: [tempo/beat -> bypass]\n",
        "routes: [{from: tempo/phase, to: bypass}]\n",
        "routes: [{from: [td/a, tempo/bar], to: bypass}]\n",
        "pages: {a: {routes: [tempo/bar -> bypass]}}\n",
        "pages: {a: {routes: [{from: td/a, to: bypass, filters: [{delay: 1 beat}]}]}}\n",
    ],
)
def test_a_length_or_a_signal_that_follows_the_music_is_warned_of(text: str) -> None:
    assert warned(text)
    assert not warned(f"{text}tempo: 124\n")
