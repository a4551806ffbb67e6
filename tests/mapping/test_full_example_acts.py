"""Every key of the full example acts: with another value there, or without it, the show is another one.

Each value of the example is in exactly one of three tables: what shows when it is played (`ACTING`), what another part
of the program uses (`ELSEWHERE`), and what waits for a later version and is said to (`LATER`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from bridge.inputs import open_input
from bridge.profile import Profile, Severity
from bridge.profile.controllers.reading import shipped
from bridge.profile.durations import Duration
from bridge.profile.inputs import Midi, Osc, Video
from bridge.profile.outputs import Gone, Recording, Shape, Spout, Window
from bridge.profile.overview import overview
from tests.mapping.acting_parts import announced, heard_from_this_machine, seconds_until_the_next_cue, talk
from tests.mapping.acting_show import GONE, changed, differs, example, leaves, play, transcript, whole

ACTING: Final[dict[str, dict[str, Any]]] = {
    "prompts": {
        "prompts.fade": "2 chunks",
        "prompts.fade_method": "linear",
        "prompts.file": GONE,
        "prompts.bank.reef": "a reef by day",
        "prompts.bank.neon": "neon, {mood}, {speed}",
        "prompts.words.mood.0": "bored",
        "prompts.words.mood.1": GONE,
        "prompts.words.mood.2": "wild",
        "prompts.words.speed.0": "frozen",
        "prompts.words.speed.1": GONE,
        "prompts.words.speed.2": "racing",
        "prompts.slots.0": {"prompts.slots.0": "ground", "routes.5.across.0": "prompt/ground/weight"},
        "prompts.slots.1": {"prompts.slots.1": "echo", "routes.5.across.1": "prompt/echo/weight"},
        "scenes.intro.prompt": "neon",
        "scenes.drop.set.prompt": "reef",
        "routes.5.from": "td/place",
        "routes.5.across.0": "noise_scale",
        "routes.5.across.1": "noise_scale",
        "routes.6.from": "tempo/beat",
        "routes.6.every": 4,
        "routes.6.to": "prompt/previous",
        "pages.perform.grids.apc/pad.1.0": "prompt/neon",
        "pages.perform.grids.apc/pad.1.1": "prompt/reef",
    },
    "spatial_interpolation_method": {
        "prompts.blend": "slerp",
    },
    "noise_scale": {
        "start": {"start": {"noise_scale": 0.5, "prompt": "reef", "lora/arcane": 0.2}},
        "safe": "drop",
        "scenes.intro.noise_scale": 0.4,
        "scenes.drop.fade": "1 bar",
        "scenes.drop.set.noise_scale": 0.7,
        "scenes.drop.set.route/kick/amount": 0.5,
        "cues.doors.scene": "drop",
        "cues.first.scene": "intro",
        "cues.first.wait": "2 bars",
        "routes.0": "ableton/scene/Break -> cue/first",
        "routes.1.from": "apc/fader/3",
        "routes.1.to": "lora/ghibli",
        "routes.1.out.0": 0.2,
        "routes.1.out.1": 0.8,
        "routes.2.name": {
            "routes.2.name": "thump",
            "routes.3": "apc/knob/1 -> route/thump/amount",
            "scenes.drop.set.route/kick/amount": GONE,
            "scenes.drop.set.route/thump/amount": 1,
        },
        "routes.2.from": "ears/onset",
        "routes.2.filters.0.envelope.attack": "200 ms",
        "routes.2.filters.0.envelope.decay": "100 ms",
        "routes.2.to": "lora/ghibli",
        "routes.2.out.0": 0.1,
        "routes.2.out.1": 0.2,
        "routes.2.mix": "max",
        "routes.2.per_chunk": "mean",
        "routes.3": "apc/knob/2 -> route/kick/amount",
        "pages.perform.grids.apc/pad.0.0": "scene/drop",
        "pages.perform.grids.apc/pad.0.1": "scene/intro",
    },
    "lora_scales": {
        "loras.arcane": "arcane-vi.safetensors",
        "loras.ghibli": "ghibli.safetensors",
        "inputs.apc.takeover": "jump",
        "scenes.intro.lora/arcane": 0.3,
        "scenes.drop.set.lora/arcane": 0.9,
        "routes.4.from": "apc/fader/8",
        "routes.4.across.0": "noise_scale",
        "routes.4.across.1": "noise_scale",
        "routes.4.law": "linear",
        "pages.looks.while": "apc/bank",
        "pages.looks.routes.0.from": "apc/knob/{n}",
        "pages.looks.routes.0.to": "denoising_step_list[{n}]",
    },
    "manage_cache": {
        "loras.change": "cut",
    },
    "vace_ref_images": {
        "images.face": "refs/mask.png",
    },
    "vace_context_scale": {
        "tempo.3.bpm": 100,
        "routes.7.from": "lfo/triangle",
        "routes.7.period": "1 bar",
        "routes.7.to": "lora/ghibli",
        "routes.7.out.0": 0.6,
        "routes.7.out.1": 1.2,
        "routes.8.from": "td/deep",
        "routes.8.to": "vace_context_scale",
    },
    "motion_amount": {
        "routes.9.from": "td/other",
        "routes.9.to": "param/motion_angle",
    },
    "Level": {
        "extends": GONE,
    },
}
"""By what the performance shows of it: keys, each with another good value, or with edits that only go together."""


@dataclass(frozen=True)
class Looked:
    """Where something other than the mapping is looked at."""

    show: Profile
    patch: pytest.MonkeyPatch
    state: Path

    def midi(self) -> Midi:
        """Return what the bridge opens the controller with."""
        options = self.show.inputs["apc"]
        assert isinstance(options, Midi)
        return options

    def load(self, name: str) -> Any:
        """Return a load parameter, as the server is told to load."""
        return talk(self.show, self.patch, self.state).load[name]

    def relay(self, name: str) -> Any:
        """Return something of the first ICE server that a connection is made with."""
        return talk(self.show, self.patch, self.state).ice_servers[0][name]

    def pipelines(self) -> tuple[str, list[str]]:
        """Return which pipeline is loaded, and which ones the offer names."""
        told = talk(self.show, self.patch, self.state)
        return told.pipeline, told.initial["pipeline_ids"]

    def vace(self) -> tuple[bool, bool]:
        """Return whether VACE is loaded, and whether a session begins with video controlling it."""
        told = talk(self.show, self.patch, self.state)
        return told.load["vace_enabled"], told.initial["vace_use_input_video"]

    def where(self, name: str) -> str:
        """Return where an input listens."""
        return open_input(name, self.show.inputs[name]).status().where

    def heard(self) -> bool:
        """Return whether the input `td` hears this machine."""
        options = self.show.inputs["td"]
        assert isinstance(options, Osc)
        return heard_from_this_machine(options)

    def announced(self) -> tuple[str, float]:
        """Return the NDI source that `program` is: its name and rate."""
        return announced(self.show, "program", self.patch)

    @property
    def shape(self) -> Shape:
        """What becomes of the geometry of what `program` shows."""
        return self.show.outputs["program"].showing.shape

    @property
    def gone(self) -> Gone:
        """What `program` shows when no picture comes."""
        return self.show.outputs["program"].showing.gone

    def follows(self) -> float:
        """Return how many seconds after the cue `first` the next one goes by itself, to a tenth."""
        return round(seconds_until_the_next_cue(self.show), 1)

    def remark(self) -> str:
        """Return what `check` adds to the cue `first`."""
        return next(line for line in overview(self.show) if line.startswith("cue 2 first: ")).rpartition(", ")[2]


@dataclass(frozen=True)
class Use:
    """What a part of the program makes of a key."""

    look: Callable[[Looked], Any]
    as_it_is: Any
    """What comes of the example."""
    other: Any
    """Another good value for the key, or `GONE`."""
    then: Any
    """What comes of that."""


ELSEWHERE: Final = {
    "scope.url": Use(
        lambda at: talk(at.show, at.patch, at.state).url,
        "http://127.0.0.1:8000",
        "http://elsewhere:8000",
        "http://elsewhere:8000",
    ),
    "scope.pipeline": Use(Looked.pipelines, ("longlive", ["longlive"]), "memflow", ("memflow", ["memflow"])),
    "scope.load.width": Use(lambda at: at.load("width"), 576, 640, 640),
    "scope.load.height": Use(lambda at: at.load("height"), 320, 384, 384),
    "scope.load.vae_type": Use(lambda at: at.load("vae_type"), "lightvae", "wan", "wan"),
    "scope.load.base_seed": Use(lambda at: at.load("base_seed"), 42, 7, 7),
    "scope.vace": Use(Looked.vace, (True, False), "video", (True, True)),
    "scope.standby": Use(
        lambda at: at.show.scope.standby, "http://gpu-b:8000", "http://gpu-c:8000", "http://gpu-c:8000"
    ),
    "scope.relay.urls.0": Use(
        lambda at: at.relay("urls"), ["turn:turn.example.org:3478"], "turn:other.org:3478", ["turn:other.org:3478"]
    ),
    "scope.relay.username": Use(lambda at: at.relay("username"), "vj", "dj", "dj"),
    "scope.relay.credential": Use(lambda at: at.relay("credential"), "hush", "loud", "loud"),
    "inputs.td.osc": Use(lambda at: at.where("td"), "OSC on 0.0.0.0:9000", 9100, "OSC on 0.0.0.0:9100"),
    "inputs.td.allow.0": Use(Looked.heard, True, GONE, False),
    "inputs.td.allow.1": Use(lambda at: at.where("td"), "OSC on 0.0.0.0:9000", GONE, "OSC on 127.0.0.1:9000"),
    "inputs.ableton.osc": Use(
        lambda at: at.where("ableton"), "OSC on 127.0.0.1:11001", 11003, "OSC on 127.0.0.1:11003"
    ),
    "outputs.program.ndi": Use(Looked.announced, ("Scope Bridge", 60.0), "Wall", ("Wall", 60.0)),
    "outputs.program.fps": Use(Looked.announced, ("Scope Bridge", 60.0), 50, ("Scope Bridge", 50.0)),
    "scope.video.0": Use(lambda at: at.show.scope.video, ("cam", "spare"), GONE, ("spare",)),
    "scope.video.1": Use(lambda at: at.show.scope.video, ("cam", "spare"), GONE, ("cam",)),
    "inputs.cam.video.ndi": Use(
        lambda at: at.show.inputs["cam"], Video("ndi", "FOH (Cam 1)"), "FOH (Cam 2)", Video("ndi", "FOH (Cam 2)")
    ),
    "inputs.spare.video.file": Use(
        lambda at: at.show.inputs["spare"], Video("file", "loops/haze.mp4"), "prompts.txt", Video("file", "prompts.txt")
    ),
    "outputs.program.size": Use(lambda at: at.shape.size, (1920, 1080), "1280x720", (1280, 720)),
    "outputs.program.fit": Use(lambda at: at.shape.fit, "contain", "cover", "cover"),
    "outputs.program.gone.show": Use(lambda at: at.gone.show, "loop", "slate", "slate"),
    "outputs.program.gone.after": Use(lambda at: at.gone.after, Duration(3.0), "5 s", Duration(5.0)),
    "outputs.program.gone.back": Use(lambda at: at.gone.back, Duration(1.0), "fade 2 s", Duration(2.0)),
    "outputs.local.spout": Use(lambda at: at.show.outputs["local"], Spout("Scope Bridge"), "Wall", Spout("Wall")),
    "outputs.screen.window": Use(
        lambda at: at.show.outputs["screen"], Window(2, fullscreen=True), 3, Window(3, fullscreen=True)
    ),
    "outputs.screen.fullscreen": Use(
        lambda at: at.show.outputs["screen"], Window(2, fullscreen=True), False, Window(2)
    ),
    "outputs.tape.record": Use(
        lambda at: at.show.outputs["tape"],
        Recording("recordings/{date}.mp4"),
        "takes/{date}.mov",
        Recording("takes/{date}.mov", codec="prores"),
    ),
    "inputs.apc.midi": Use(lambda at: at.midi().port, "APC40*", "APC mini*", "APC mini*"),
    "inputs.apc.controller": Use(
        lambda at: at.midi().controller,
        shipped()["akai-apc40-mk2"],
        {
            "inputs.apc.controller": "akai-apc-mini",
            "routes.3": "apc/fader/2 -> route/kick/amount",
            "routes.4.from": "apc/fader/3",
        },
        shipped()["akai-apc-mini"],
    ),
    "lights.scene.idle": Use(lambda at: at.show.lights["scene"]["idle"], "dim red", "dim blue", "dim blue"),
    "lights.scene.waiting": Use(lambda at: at.show.lights["scene"]["waiting"], "blink red", "blink blue", "blink blue"),
    "lights.scene.active": Use(lambda at: at.show.lights["scene"]["active"], "red", "blue", "blue"),
    "lights.prompt.active": Use(lambda at: at.show.lights["prompt"]["active"], "green", "blue", "blue"),
    "cues.first.follow": Use(Looked.follows, 15.5, "6 bars", 11.6),
    "cues.first.note": Use(Looked.remark, "“when the strings stop”", "on the word", "“on the word”"),
}
"""What shows elsewhere than in the mapping. A cue that nothing follows gets one for that; at 124 bpm, 8 bars are 15.5 s."""

LATER: Final[dict[str, dict[str, Any]]] = {
    "td: replies come": {"inputs.td.reply": 9101},
    "td: replies as text come": {"inputs.td.reply_text": 9102},
    "ears: audio inputs come": {
        "inputs.ears.audio": "Scarlett 2i2",
        "inputs.ears.channels.0": 3,
        "inputs.ears.channels.1": 4,
        "inputs.ears.features.0": GONE,
        "inputs.ears.features.1": GONE,
        "inputs.ears.features.2": GONE,
        "inputs.ears.features.3": GONE,
        "inputs.ears.features.4": {"inputs.ears.features.4": GONE, "routes.2.from": "ears/onset"},
        "inputs.ears.features.5": GONE,
        "inputs.ears.features.6": {"inputs.ears.features.6": GONE, "tempo.2": "ableton"},
        "inputs.ears.gain": 6,
    },
    "ableton: asking Ableton Live to tell of things comes": {
        "inputs.ableton.remote": "127.0.0.1:11002",
        "inputs.ableton.listen.0": GONE,
        "inputs.ableton.listen.1": GONE,
        "inputs.ableton.listen.2": GONE,
        "inputs.ableton.listen.3": GONE,
    },
    "tempo: Ableton Link comes": {"tempo.0.link": {"tempo.0.link": GONE, "tempo.0": "ableton"}},
    "tempo: MIDI clock comes": {"tempo.1.midi_clock": "Digitone*"},
    "tempo: the tempo of ears comes": {"tempo.2": "ableton"},
}
"""By what `check` notes of it: keys that are read for a later version, each with another good value."""


def rows(table: dict[str, dict[str, Any]]) -> list[Any]:
    """Return a table as parameters of a test, called by their keys."""
    return [pytest.param(key, other, group, id=key) for group, others in table.items() for key, other in others.items()]


def test_no_key_of_the_example_is_left_out_and_none_is_counted_twice() -> None:
    tables = [
        *(key for others in ACTING.values() for key in others),
        *ELSEWHERE,
        *(key for others in LATER.values() for key in others),
    ]

    assert sorted(tables) == sorted(leaves())


def test_the_same_performance_of_the_same_profile_brings_the_same() -> None:
    assert tuple(play(example())) == transcript()


def test_nothing_of_the_performance_is_refused() -> None:
    assert [fact for about, fact in transcript() if about == "refused"] == []


@pytest.mark.parametrize(("key", "other", "subject"), rows(ACTING))
def test_a_show_with_another_value_for_the_key_plays_otherwise(key: str, other: Any, subject: str) -> None:
    assert differs(changed(key, other), subject)


@pytest.mark.parametrize("key", ELSEWHERE)
def test_the_part_of_the_program_that_uses_the_key_obeys_it(
    key: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    use = ELSEWHERE[key]

    assert use.then != use.as_it_is
    assert use.look(Looked(example(), monkeypatch, tmp_path)) == use.as_it_is
    assert use.look(Looked(changed(key, use.other), monkeypatch, tmp_path)) == use.then


def test_the_server_loads_the_loras_by_their_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    other = changed("loras.arcane", "arcane-vi.safetensors")

    loaded = [Looked(show, monkeypatch, tmp_path).load("loras") for show in (example(), other)]

    ghibli = "styles/ghibli.safetensors"
    assert [[lora["path"] for lora in loras] for loras in loaded] == [
        ["arcane-jinx.safetensors", ghibli],
        ["arcane-vi.safetensors", ghibli],
    ]


@pytest.mark.parametrize(("key", "other", "note"), rows(LATER))
def test_a_key_of_a_later_version_is_read_and_said_to_be_one(key: str, other: Any, note: str) -> None:
    section, name = key.split(".")[:2]

    def read_of(show: Profile) -> Any:
        found = getattr(show, section)
        return found[name] if section in ("inputs", "outputs") else found

    assert any(problem.severity is Severity.NOTE and problem.message.startswith(note) for problem in whole().problems)
    assert read_of(changed(key, other)) != read_of(example())
