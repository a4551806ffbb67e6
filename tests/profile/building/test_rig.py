"""What the sections of the rig become, and what is said of what this version reads and cannot do yet."""

from collections.abc import Mapping
from typing import Any, NamedTuple, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from bridge.catalogue import STANDARD
from bridge.profile import model
from bridge.profile.building import rig, servers
from bridge.profile.building.guards import build_guards
from bridge.profile.building.images import build_images
from bridge.profile.building.inputs import Controllers, build_inputs
from bridge.profile.building.outputs import build_outputs
from bridge.profile.building.video import with_video
from bridge.profile.controllers.reading import shipped
from bridge.profile.durations import CUT, Duration, Unit
from bridge.profile.inputs import PATTERNS, TOLERANCE, Address, Audio, Http, InputOptions, Midi, Osc, Takeover, Video
from bridge.profile.language.guards import GUARD, GUARDS, PerTime
from bridge.profile.language.inputs import INPUT, INPUTS
from bridge.profile.language.libraries import IMAGES, LorasShape
from bridge.profile.language.lights import LIGHT, LIGHTS
from bridge.profile.language.outputs import GONE, OUTPUT, OUTPUTS
from bridge.profile.language.scope import RELAY, SCOPE, ScopeShape
from bridge.profile.language.takeover import TAKEOVERS
from bridge.profile.language.tempo import TempoShape
from bridge.profile.model import Guard, Relay, Scope, TempoSource
from bridge.profile.outputs import Gone, OutputOptions
from bridge.profile.reading import no_files
from bridge.profile.shapes.shape import Shape, Subject
from bridge.profile.shapes.structures import Field, Record, example_node
from bridge.profile.source.compose import compose
from bridge.profile.source.nodes import Mapping as Pairs
from bridge.profile.source.problems import Notes, Problem, Severity, lines_of, report
from bridge.profile.targets.names import Names
from bridge.sources import pattern

_SHAPES: dict[str, Shape[Any]] = {
    "scope": ScopeShape(),
    "loras": LorasShape(),
    "images": IMAGES,
    "inputs": INPUTS,
    "tempo": TempoShape(),
    "lights": LIGHTS,
    "outputs": OUTPUTS,
    "guard": GUARDS,
}
SECTIONS = Record("a profile", tuple(Field(name, shape, "", "x") for name, shape in _SHAPES.items()))
"""The sections of the rig, without the rest of the language."""


class Rig(NamedTuple):
    """What the sections became."""

    scope: Scope
    inputs: Mapping[str, InputOptions]
    outputs: Mapping[str, OutputOptions]
    tempo: tuple[TempoSource, ...]
    loras: Mapping[str, str]
    images: Mapping[str, str]
    lights: Mapping[str, Mapping[str, str]]
    guards: Mapping[str, Guard]
    problems: tuple[Problem, ...]


def read(text: str, environment: Mapping[str, str] | None = None, *, sure: bool = True) -> Rig:
    notes = Notes(lines_of(text), "test.yaml")
    root = compose(text, notes)
    assert root is not None
    fields = SECTIONS.read(root, notes, Subject("a profile", "")) or {}
    names = list(fields["inputs"].value) if "inputs" in fields else []
    images = build_images(fields, lambda path: "", notes)
    builder = servers.Builder(
        fields, environment or {}, notes, no_files, STANDARD, images.paths, known=lambda name: sure
    )
    (server,) = builder.servers()
    inputs = build_inputs(fields, [server.scope], lambda path: "", Controllers(no_files), notes)
    scope = with_video(server.scope, server.given, inputs, names, notes)
    return Rig(
        scope,
        inputs,
        build_outputs(fields, {"": scope}, environment or {}, lambda path: "", notes),
        rig.build_tempo(fields, inputs, names, notes),
        rig.build_loras(fields, notes),
        images.named,
        rig.build_lights(fields, inputs, notes),
        build_guards(fields, Names(), notes),
        notes.problems(),
    )


def good(text: str, environment: Mapping[str, str] | None = None) -> Rig:
    """Return the rig in `text`, about which there may be notes only."""
    found = read(text, environment)
    assert [str(one) for one in found.problems if one.severity is not Severity.NOTE] == []
    return found


def notes(text: str) -> list[str]:
    return [problem.message for problem in good(text).problems]


def errors(text: str) -> list[str]:
    return [problem.message for problem in read(text).problems if problem.severity is Severity.ERROR]


# Scope


def test_scope_is_read_with_every_key() -> None:
    found = good(
        """\
scope:
  url: ${SCOPE_URL:-http://127.0.0.1:8000}
  pipeline: longlive
  load: {width: 576, height: 320, vae_type: lightvae, base_seed: 42}
  video: [cam, spare]
  vace: images
  standby: http://gpu-b:8000/
  relay: {urls: ["turn:turn.example.org:3478"], username: vj, credential: "${TURN_SECRET}"}
  ice: loopback
  frames_per_chunk: 9
inputs: {cam: {video: {ndi: FOH}}, spare: {video: {file: loops/haze.mp4}}}
""",
        {"TURN_SECRET": "hush"},
    )

    assert found.scope == Scope(
        "http://127.0.0.1:8000",
        "longlive",
        {"width": 576, "height": 320, "vae_type": "lightvae", "base_seed": 42, "vace_enabled": True},
        "loopback",
        9,
        ("cam", "spare"),
        vace="images",
        standby="http://gpu-b:8000",
        relay=Relay(("turn:turn.example.org:3478",), "vj", "hush"),
        input_mode="video",
    )


def test_a_scope_that_is_only_an_address_has_the_usual_rest() -> None:
    assert good("scope: http://gpu:8000/").scope == Scope("http://gpu:8000")
    assert good("inputs: {td: {osc: 9000}}").scope == Scope()


@pytest.mark.parametrize(("vace", "load"), [("off", {"vace_enabled": False}), ("images", {"vace_enabled": True})])
def test_vace_decides_whether_it_is_loaded(vace: str, load: dict[str, Any]) -> None:
    assert good(f"scope: {{vace: {vace}}}").scope.load == load


def test_loras_are_loaded_so_that_their_strength_can_change() -> None:
    found = good("loras:\n  change: smooth\n  arcane: arcane.safetensors\n  ghibli: styles/ghibli.safetensors\n")

    assert found.loras == {"arcane": "arcane.safetensors", "ghibli": "styles/ghibli.safetensors"}
    assert found.scope.load == {
        "loras": [
            {"path": "arcane.safetensors", "scale": 0.0},
            {"path": "styles/ghibli.safetensors", "scale": 0.0},
        ],
        "lora_merge_mode": "runtime_peft",
    }


@pytest.mark.parametrize(("written", "change"), [("change: smooth, ", "smooth"), ("change: cut, ", "cut"), ("", "cut")])
def test_a_lora_changes_as_the_profile_says(written: str, change: str) -> None:
    text = f"loras: {{{written}arcane: arcane.safetensors}}"
    log = Notes(lines_of(text))
    root = compose(text, log)
    assert root is not None
    fields = SECTIONS.read(root, log, Subject("a profile", ""))

    assert fields is not None
    assert fields["loras"].value.change == change


def test_nothing_is_said_of_what_an_unreadable_pipeline_can_do() -> None:
    text = "scope: {load: {width: 570}, vace: images}"

    assert len(read(text).problems) == 1
    assert read(text, sure=False).problems == ()


def test_a_pipeline_of_a_plugin_may_do_everything() -> None:
    assert notes("scope: {pipeline: ripple, vace: images}\nloras: {arcane: arcane.safetensors}") == []


def test_a_relay_whose_secret_is_missing_is_left_out() -> None:
    found = read('scope: {relay: {urls: "turn:turn.example.org", username: vj, credential: "${TURN_SECRET}"}}')

    assert found.scope.relay is None
    assert [problem.severity for problem in found.problems] == [Severity.WARNING]


def test_a_stun_server_lets_everyone_in() -> None:
    assert good('scope: {relay: {urls: "stun:stun.example.org:3478"}}').scope.relay == Relay(
        ("stun:stun.example.org:3478",)
    )


# Inputs


def test_every_kind_of_input_is_read_with_every_key() -> None:
    found = good(
        """\
inputs:
  td:    {osc: 9000, allow: [127.0.0.1, 192.168.10.0/24], range: [0, 1], takeover: scale, reply: 9001,
          reply_text: "192.168.10.5:9002", forward: ["localhost:7000"]}
  apc:   {midi: "APC40*", controller: akai-apc40-mk2, takeover: {pickup: 0.03}, instance: 2, out: "APC40 Out*"}
  keys:  {midi: Scope Bridge Keys, virtual: true}
  ears:  {audio: default, channels: [1, 2], features: [bass, kick], gain: -6}
  quiet: {audio: Scarlett}
  ableton: {osc: 11001, remote: 127.0.0.1:11000, listen: [tempo, scene/Drop, "track/FX/Rack/Macro 1"]}
  cam:   {video: {camera: 0}}
  web:   {http: true, range: [0, 100], takeover: catch up}
"""
    )

    assert found.inputs == {
        "td": Osc(
            9000,
            "0.0.0.0",
            ("127.0.0.1", "192.168.10.0/24"),
            (0.0, 1.0),
            "scale",
            Address(None, 9001),
            Address("192.168.10.5", 9002),
            (Address("127.0.0.1", 7000),),
        ),
        "apc": Midi(
            "APC40*", shipped()["akai-apc40-mk2"], "pickup", instance=2, out="APC40 Out*", takeover_tolerance=0.03
        ),
        "keys": Midi("Scope Bridge Keys", virtual=True),
        "ears": Audio("default", (1, 2), ("bass", "kick"), -6.0),
        "quiet": Audio("Scarlett"),
        "ableton": Osc(
            11001,
            remote=Address("127.0.0.1", 11000),
            listen=("tempo", "scene/Drop", "track/FX/Rack/Macro 1"),
        ),
        "cam": Video("camera", "0"),
        "web": Http((0.0, 100.0), "catch up"),
    }


@pytest.mark.parametrize("kind", ["ndi", "spout", "syphon", "file", "camera", "screen", "pattern"])
def test_video_comes_from_one_of_seven_kinds_of_sources(kind: Any) -> None:
    source = "bars" if kind == "pattern" else "FOH"

    assert good(f"inputs: {{cam: {{video: {{{kind}: {source}}}}}}}").inputs == {"cam": Video(kind, source)}


def test_an_input_takes_over_in_the_words_of_a_route() -> None:
    assert get_args(Takeover) == TAKEOVERS == get_args(model.Takeover)


def test_from_host_is_one_allowed_host_and_opens_the_port_for_it() -> None:
    assert good("inputs: {td: {osc: 9000, from_host: 192.168.1.20}}").inputs == {
        "td": Osc(9000, "0.0.0.0", ("192.168.1.20",))
    }
    assert good("inputs: {td: {osc: 9000, from_host: 127.0.0.1}}").inputs == {"td": Osc(9000, allow=("127.0.0.1",))}


@pytest.mark.parametrize(
    "sends",
    [
        "reply: 9001",
        'reply: "127.0.0.1:9001"',
        'reply_text: "localhost:9001"',
        'forward: ["127.0.0.1:9001"]',
        'remote: "127.0.0.1:9001", listen: [tempo]',
        "allow: [127.0.0.1, 10.0.0.7], reply: 9001",
    ],
)
def test_what_an_input_sends_must_not_come_back(sends: str) -> None:
    (message,) = errors(f"inputs: {{td: {{osc: 9000, {sends}}}, desk: {{osc: 9001}}}}")

    assert "where the input 'desk' of this profile listens" in message


@pytest.mark.parametrize(
    "sends",
    [
        "reply: 9002",
        'reply: "10.0.0.7:9001"',
        'forward: ["10.0.0.7:9001", "127.0.0.1:7000"]',
        "allow: [10.0.0.7], reply: 9001",
    ],
)
def test_what_goes_to_others_may_have_the_port_of_an_input(sends: str) -> None:
    assert errors(f"inputs: {{td: {{osc: 9000, {sends}}}, desk: {{osc: 9001}}}}") == []


def test_two_inputs_may_have_one_port_on_two_addresses() -> None:
    assert errors("inputs: {a: {osc: 127.0.0.1:9000}, b: {osc: 127.0.0.2:9000}}") == []
    assert len(errors("inputs: {a: {osc: 127.0.0.1:9000}, b: {osc: 9000}}")) == 1
    assert len(errors("inputs: {a: {osc: 9000}, b: {osc: 0.0.0.0:9000, allow: [127.0.0.1]}}")) == 1


# MIDI


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ("a: {midi: X}, b: {midi: x}", "the inputs 'a' and 'b' both want the MIDI port x, and only one can have it"),
        (
            "a: {midi: X, instance: 2}, b: {midi: X, instance: 2}",
            "the inputs 'a' and 'b' both want the MIDI port X, and only one can have it",
        ),
        (
            "a: {midi: X, virtual: true, instance: 2}",
            "a virtual port is one that the bridge makes, and there is only one of that name",
        ),
        (
            "a: {midi: X, virtual: true, out: Y}",
            "a virtual port is one that the bridge makes, and lamps are shown on a port of the same name",
        ),
        ("a: {midi: 'X*', virtual: true}", "a virtual port is made under its name, and 'X*' is a pattern"),
        ("a: {midi: X, controller: akai-apc40-mk3}", "there is no controller called 'akai-apc40-mk3'"),
        ("a: {midi: X, controller: mine.yaml}", "there is no file mine.yaml"),
        ("a: {osc: 9000, instance: 2}", "'instance' is a key of a MIDI input, and this is an OSC input"),
    ],
)
def test_midi_inputs_that_cannot_be_are_refused(inputs: str, message: str) -> None:
    assert errors(f"inputs: {{{inputs}}}") == [message]


def test_two_devices_of_one_name_are_told_apart_by_their_number() -> None:
    found = good("inputs: {a: {midi: X}, b: {midi: X, instance: 2}}")

    assert found.inputs == {"a": Midi("X"), "b": Midi("X", instance=2)}


def test_a_port_called_like_a_known_controller_is_told_of() -> None:
    (problem,) = good('inputs: {apc: {midi: "APC40 mkII"}}').problems

    assert problem.severity is Severity.NOTE
    assert problem.hints == ("controller: akai-apc40-mk2 gives its controls names",)


@pytest.mark.parametrize(
    ("written", "mode", "tolerance"),
    [
        ("pickup", "pickup", TOLERANCE),
        ("{pickup: 0.03}", "pickup", 0.03),
        ("{scale: 0}", "scale", 0.0),
        ("{catch up: 0.5}", "catch up", 0.5),
    ],
)
def test_taking_over_says_how_near_is_near_enough(written: str, mode: Any, tolerance: float) -> None:
    found = good(f"inputs: {{a: {{midi: X, takeover: {written}}}, b: {{osc: 9000, takeover: {written}}}}}").inputs

    assert found == {
        "a": Midi("X", takeover=mode, takeover_tolerance=tolerance),
        "b": Osc(9000, takeover=mode, takeover_tolerance=tolerance),
    }


@pytest.mark.parametrize("written", ["{jump: 0.1}", "{pickup: 0.6}", "{pickup: 0.1, scale: 0.1}", "{pick: 0.1}", "{}"])
def test_ways_to_take_over_that_cannot_be_are_refused(written: str) -> None:
    assert len(errors(f"inputs: {{a: {{osc: 9000, takeover: {written}}}}}")) == 1


# Tempo


@pytest.mark.parametrize(
    ("written", "sources"),
    [
        ("124", (TempoSource("bpm", bpm=124.0),)),
        ("{bpm: 98.5}", (TempoSource("bpm", bpm=98.5),)),
        ("ears", (TempoSource("input", "ears"),)),
        ("{link: true}", (TempoSource("link"),)),
        (
            '[{link: true}, {midi_clock: "Digitakt*"}, ears, ableton, apc, 124]',
            (
                TempoSource("link"),
                TempoSource("midi_clock", "Digitakt*"),
                TempoSource("input", "ears"),
                TempoSource("input", "ableton"),
                TempoSource("input", "apc"),
                TempoSource("bpm", bpm=124.0),
            ),
        ),
    ],
)
def test_tempo_comes_from_one_source_or_several(written: str, sources: tuple[TempoSource, ...]) -> None:
    inputs = """\
inputs:
  ears: {audio: default}
  apc: {midi: APC}
  ableton: {osc: 11001, remote: 127.0.0.1:11000, listen: [tempo]}
"""
    assert good(f"{inputs}tempo: {written}\n").tempo == sources


@pytest.mark.parametrize(
    "kind", ["{osc: 9000}", "{audio: default, features: [bass]}", "{video: {ndi: FOH}}", "{http: true}"]
)
def test_an_input_without_a_beat_gives_no_tempo(kind: str) -> None:
    (message,) = errors(f"inputs: {{x: {kind}}}\ntempo: x\n")

    assert message.startswith("the input 'x' ")


# Lights and guards


def test_lights_without_a_controller_whose_lamps_are_known_are_told_of() -> None:
    assert notes("lights: {scene: {active: red}}") == [
        "lights: no input is a controller whose lamps are known, so nothing shows them"
    ]
    assert notes("inputs: {apc: {midi: X, controller: akai-midimix}}\nlights: {value: {clipped: red}}") == []


@pytest.mark.parametrize(
    "lights",
    [
        "value: {idle: off, waiting: blink amber, active: green, clipped: red}",
        "beat: {idle: dim white, active: white}",
        "trigger: {active: '#ff8800'}",
    ],
)
def test_values_the_beat_and_what_else_happens_have_lights_of_their_own(lights: str) -> None:
    assert len(good(f"lights: {{{lights}}}").lights) == 1


@pytest.mark.parametrize("lights", ["scene: {clipped: red}", "beat: {waiting: red}", "trigger: {clipped: red}"])
def test_only_values_are_clipped_and_no_beat_is_waited_for(lights: str) -> None:
    assert len(errors(f"lights: {{{lights}}}")) == 1


def test_lights_are_read_by_kind_and_state() -> None:
    found = good('lights: {scene: {idle: dim red, waiting: blink red, active: red}, prompt: {active: "#00ff80"}}')

    assert found.lights == {
        "scene": {"idle": "dim red", "waiting": "blink red", "active": "red"},
        "prompt": {"active": "#00ff80"},
    }


def test_guards_are_read_by_target() -> None:
    found = good(
        "guard: {denoising_step_list: {max_rate: 2 per s, max_cuts: 2 per bar}, noise_scale: {max_rate: 1 per 50 ms}}"
    )

    assert found.guards == {
        "denoising_step_list": Guard((2, Duration(1.0)), (2, Duration(1.0, Unit.BARS))),
        "noise_scale": Guard((1, Duration(0.05))),
    }


@pytest.mark.parametrize(
    ("written", "limit"),
    [
        ("2 per s", (2, Duration(1.0))),
        ("1 per bar", (1, Duration(1.0, Unit.BARS))),
        ("4 per 2 bars", (4, Duration(2.0, Unit.BARS))),
        ("10 per 500 ms", (10, Duration(0.5))),
        ("1 per chunk", (1, Duration(1.0, Unit.CHUNKS))),
        ("1 per 0 s", None),
        ("0 per s", None),
        ("2", None),
        ("often", None),
    ],
)
def test_a_limit_is_so_many_in_a_time(written: str, limit: tuple[int, Duration] | None) -> None:
    text = f"x: {written}"
    log = Notes([text])
    root = compose(text, log)
    assert isinstance(root, Pairs)

    assert PerTime().read(root.pairs[0][1], log, Subject("max_rate", "2 per s")) == limit
    assert bool(log.problems()) == (limit is None)


def test_the_patterns_of_the_language_are_those_that_can_be_shown() -> None:
    assert set(PATTERNS) == set(pattern.PATTERNS)


# What comes later


@pytest.mark.parametrize(
    ("text", "thing"),
    [
        ("inputs: {ears: {audio: default}}", "ears: audio inputs come"),
        ("inputs: {web: {http: true}}", "web: HTTP and WebSocket inputs come"),
        ("inputs: {td: {osc: 9000, reply: 9001}}", "td: replies come"),
        ("inputs: {td: {osc: 9000, reply_text: 9001}}", "td: replies as text come"),
        ('inputs: {td: {osc: 9000, forward: ["127.0.0.1:7000"]}}', "td: passing messages on comes"),
        (
            "inputs: {live: {osc: 11001, remote: 11000, listen: [tempo]}}",
            "live: asking Ableton Live to tell of things comes",
        ),
        ("tempo: {link: true}", "tempo: Ableton Link comes"),
        ("tempo: {midi_clock: Digitakt}", "tempo: MIDI clock comes"),
    ],
)
def test_what_cannot_act_yet_has_one_note(text: str, thing: str) -> None:
    assert notes(text) == [f"{thing} with a later version"]


def test_what_acts_has_no_note() -> None:
    assert (
        notes(
            """\
scope: {pipeline: longlive, relay: {urls: "stun:stun.example.org"}, vace: images, ice: auto, frames_per_chunk: 12}
inputs:
  td: {osc: 9000, from_host: 127.0.0.1, takeover: pickup, range: [0, 1]}
  cam: {video: {camera: 0}}
  apc: {midi: "APC40*", controller: akai-apc40-mk2}
  keys: {midi: Digitakt}
lights: {scene: {active: red}}
outputs: {program: {ndi: Scope Bridge, fps: 60, alpha: luma, gone: loop}, tape: {record: a.mp4}, wall: {window: 1}}
loras: {change: cut, arcane: arcane.safetensors}
tempo: 124
guard: {seed: {max_rate: 1 per bar}}
"""
        )
        == []
    )


def test_notes_are_counted_behind_warnings_and_never_as_problems() -> None:
    text = "inputs: {web: {http: true}, ears: {audio: default}}\ntempo: [124, ears]"
    problems = read(text).problems

    assert report(problems, "club.yaml").splitlines()[-1] == "no problems in club.yaml, 1 warning, 2 notes"
    assert str(problems[0]) == (
        "test.yaml:1:16: note: web: HTTP and WebSocket inputs come with a later version\n"
        "  1 | inputs: {web: {http: true}, ears: {audio: default}}\n"
        "    |                ^^^^\n"
        "    = until then nothing arrives from it, and everything else plays"
    )


def test_an_error_counts_without_the_notes_beside_it() -> None:
    problems = read("inputs: {web: {http: true}, td: {osc: 99999}}").problems

    assert report(problems, "club.yaml").splitlines()[-1] == "1 problem in club.yaml; nothing was started."


# Written down


def test_the_json_schema_takes_what_is_read() -> None:
    schema = Draft202012Validator(SECTIONS.schema())
    good_ones = {
        "scope": {"url": "http://a:1", "video": ["cam"], "relay": {"urls": "turn:a.b:3478"}, "vace": "off"},
        "inputs": {"td": {"osc": 9000, "reply": "a:9001", "forward": ["a:1"]}, "cam": {"video": {"file": "a.mp4"}}},
        "outputs": {"a": {"ndi": "A", "size": "640x360", "gone": {"back": "fade 1 s"}}, "b": {"record": "{date}.mp4"}},
        "tempo": [{"link": True}, "ears", {"bpm": 124}],
        "loras": {"change": "smooth", "arcane": "arcane.safetensors"},
        "lights": {"scene": {"active": "blink red"}},
        "guard": {"noise_scale": {"max_rate": "4 per 2 bars"}},
    }
    bad_ones: dict[str, list[Any]] = {
        "inputs": [{"td": {"osc": 9000, "midi": "APC"}}, {"td": {"allow": ["127.0.0.1"]}}, {"td": {"http": False}}],
        "outputs": [{"a": {"ndi": "A", "spout": "A"}}, {"a": {}}, {"a": {"ndi": "A", "size": "big"}}],
        "tempo": [{"link": False}, 1000, []],
        "loras": [{"change": "slowly"}, {"2": "arcane.safetensors"}],
        "lights": [{"scene": {"active": "crimson"}}, {"pad": {"active": "red"}}],
        "guard": [{"noise_scale": {}}, {"noise_scale": {"max_rate": "often"}}],
    }

    assert [error.message for error in schema.iter_errors(good_ones)] == []
    for section, written in bad_ones.items():
        assert [one for one in written if schema.is_valid({section: one})] == []


@pytest.mark.parametrize(
    "record", [SCOPE, RELAY, INPUT, OUTPUT, GONE, LIGHTS, LIGHT, GUARD], ids=lambda one: one.called
)
def test_every_example_to_paste_is_good(record: Record) -> None:
    for one in record.fields:
        log = Notes([one.example])
        assert one.shape.read(example_node(one.example), log, one.subject) is not None
        assert log.problems() == ()


# Whatever is written

_VALUES = st.sampled_from(
    [
        "",
        "9000",
        "true",
        "off",
        "1.5",
        "text",
        "[]",
        "{}",
        "[1, 2]",
        "[a, a]",
        "{ndi: A}",
        "{osc: 9000}",
        "'a:1'",
        "cut",
        "http://a:1",
        "-1",
        "{x: {max_rate: 2 per s}}",
        "{a: {osc: 9000, reply: 9000}}",
        "{a: {midi: x, http: true}}",
        "{change: cut, a: b}",
        "{scene: {active: red}}",
    ]
)


@given(st.dictionaries(st.sampled_from([one.name for one in SECTIONS.fields]), _VALUES))
def test_whatever_stands_in_a_section_is_read_or_said_to_be_wrong(written: dict[str, str]) -> None:
    text = "\n".join(f"{key}: {value}" for key, value in written.items()) or "{}"

    assert [problem.message for problem in read(text).problems if not problem.hints] == []


@given(
    st.dictionaries(st.sampled_from([one.name for one in SECTIONS.fields if one.name != "tempo"]), _VALUES),
    st.sampled_from(["inputs", "outputs"]),
    st.dictionaries(st.sampled_from(["osc", "midi", "video", "ndi", "spout", "record", "gone", "allow"]), _VALUES),
)
def test_whatever_stands_in_an_input_or_output_is_read_or_said_to_be_wrong(
    written: dict[str, str], section: str, keys: dict[str, str]
) -> None:
    one = ", ".join(f"{key}: {value}" for key, value in keys.items())
    text = "\n".join(f"{key}: {value}" for key, value in {**written, section: f"{{x: {{{one}}}}}"}.items())

    found = read(text)
    made = found.inputs if section == "inputs" else found.outputs
    assert "x" in made or found.problems


def test_nothing_at_all_is_a_rig() -> None:
    found = good("scope:\nloras:\nimages:\ninputs:\nlights:\noutputs:\nguard:\n")

    assert found == Rig(Scope(), {}, {}, (), {}, {}, {}, {}, ())
    assert Gone().after == CUT
