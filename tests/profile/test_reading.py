"""What a good profile becomes, and the rules that only show between its parts."""

from fractions import Fraction
from pathlib import Path

import pytest

from bridge import profile
from bridge.catalogue import STANDARD
from bridge.parameters import PARAMETERS
from bridge.profile import Profile, Severity
from bridge.profile.durations import Duration
from bridge.profile.filters import Clamp, Curve, Smooth
from bridge.profile.inputs import Osc
from bridge.profile.model import OutputTarget, ParameterTarget, PromptTarget, Route, WordTarget
from bridge.profile.outputs import Ndi, Showing

ERRORS = Path(__file__).parents[1] / "errors"
SMALLEST = """\
scope: http://127.0.0.1:8000
inputs:  {td: {osc: 9000}}
outputs: {program: {ndi: Scope Bridge}}
start:   {prompt: "bioluminescent reef at night, volumetric light"}
routes:
  - td/prompt -> prompt
  - td/speed  -> word/speed
"""


def good(text: str, environment: dict[str, str] | None = None) -> Profile:
    """Return the profile in `text`, which must have no problem at all."""
    reading = profile.read(text, "test.yaml", environment)
    assert profile.report(reading.problems, "test.yaml") == "no problems in test.yaml"
    assert reading.profile is not None
    return reading.profile


def seconds(amount: float) -> Duration:
    return Duration(amount)


def messages(text: str) -> list[str]:
    return [problem.message for problem in profile.read(text, "test.yaml", {}).problems]


def route(long: str) -> Route:
    """Return the one route written in `long`, at an input `td` without a range."""
    return good(f"inputs: {{td: {{osc: 9000}}}}\nstart: {{prompt: reef}}\nroutes:\n  - {long}\n").routes[0]


def test_the_smallest_profile_is_good() -> None:
    read = good(SMALLEST)

    assert read.path == "test.yaml"
    assert read.scope.url == "http://127.0.0.1:8000"
    assert read.scope.pipeline == "longlive"
    assert read.inputs == {"td": Osc(9000)}
    assert read.outputs == {"program": Ndi("Scope Bridge")}
    assert read.start == {"prompt": (PromptTarget(), "bioluminescent reef at night, volumetric light")}
    assert read.routes == (
        Route("td/prompt", PromptTarget(), "prompt"),
        Route("td/speed", WordTarget("speed"), "word/speed"),
    )


def test_sections_may_be_empty_as_when_all_in_them_is_commented_out() -> None:
    read = good("scope:\ninputs:\n  # td: {osc: 9000}\noutputs:\nprompts:\nroutes:\nstart: {prompt: reef}\n")

    assert (read.inputs, read.outputs, read.routes) == ({}, {}, ())


def test_scope_takes_everything_that_a_server_needs_to_know() -> None:
    scope = good(
        "start: {prompt: reef}\nscope:\n  url: https://gpu-8000.proxy.example.org/\n  pipeline: krea-realtime-video\n"
        "  load: {width: 576, height: 320, vae_type: lightvae, vace_enabled: false, style: {ink: [1, 2.5, on]}}\n"
        "  ice: loopback\n"
    ).scope

    assert scope.url == "https://gpu-8000.proxy.example.org"
    assert scope.pipeline == "krea-realtime-video"
    assert scope.ice == "loopback"
    assert scope.load == {
        "width": 576,
        "height": 320,
        "vae_type": "lightvae",
        "vace_enabled": False,
        "style": {"ink": [1, 2.5, "on"]},
    }


@pytest.mark.parametrize(
    ("environment", "url"),
    [
        ({}, "http://127.0.0.1:8000"),
        ({"SCOPE_URL": ""}, "http://127.0.0.1:8000"),
        ({"SCOPE_URL": "http://gpu:8000/"}, "http://gpu:8000"),
    ],
)
def test_the_environment_fills_the_address(environment: dict[str, str], url: str) -> None:
    text = "start: {prompt: reef}\nscope:\n  url: ${SCOPE_URL:-http://127.0.0.1:8000}\n"

    assert good(text, environment).scope.url == url


def test_a_pipeline_that_needs_no_prompt_starts_without_one() -> None:
    assert good("scope: {pipeline: controller-viz}\n").start == {}


@pytest.mark.parametrize(
    ("written", "options"),
    [
        ("osc: 9000", Osc(9000)),
        ('osc: "127.0.0.1:9000"', Osc(9000)),
        ("osc: localhost:9000", Osc(9000)),
        ('osc: "[::1]:9000"', Osc(9000, "::1")),
        ("osc: 9000, range: [0, 1]", Osc(9000, range=(0.0, 1.0))),
        ("osc: 9000, allow: [127.0.0.1]", Osc(9000, allow=("127.0.0.1",))),
        ("osc: 9000, allow: [192.168.1.20]", Osc(9000, "0.0.0.0", ("192.168.1.20",))),
        ("osc: 9000, allow: [192.168.1.7/24]", Osc(9000, "0.0.0.0", ("192.168.1.0/24",))),
        ("osc: 9000, allow: [td-machine]", Osc(9000, "0.0.0.0", ("td-machine",))),
        ("osc: 0.0.0.0:9000, allow: [10.0.0.0/8]", Osc(9000, "0.0.0.0", ("10.0.0.0/8",))),
    ],
)
def test_an_input_hears_this_machine_unless_someone_else_is_allowed(written: str, options: Osc) -> None:
    assert good(f"start: {{prompt: reef}}\ninputs: {{td: {{{written}}}}}\n").inputs == {"td": options}


@pytest.mark.parametrize(
    ("fps", "rate"),
    [
        ("60", Fraction(60)),
        ("29.97", Fraction(30000, 1001)),
        ("59.94", Fraction(60000, 1001)),
        ("23.976", Fraction(24000, 1001)),
        ("12.5", Fraction(25, 2)),
    ],
)
def test_broadcast_rates_are_exact(fps: str, rate: Fraction) -> None:
    read = good(f"start: {{prompt: reef}}\noutputs: {{program: {{ndi: A, fps: {fps}}}}}\n")

    assert read.outputs == {"program": Ndi("A", Showing(fps=rate))}


def test_prompts_are_one_line_whatever_form_they_are_written_in() -> None:
    prompts = good(
        "start: {prompt: reef}\nprompts:\n  bank:\n    reef: |\n      bioluminescent reef,\n      volumetric light\n"
        '    neon: "rain on neon glass: {mood}, {{raw}} #35"\n    year: 1984\n  words: {mood: [calm, on, 1.5]}\n'
    ).prompts

    assert dict(prompts.bank) == {
        "reef": "bioluminescent reef, volumetric light",
        "neon": "rain on neon glass: {mood}, {{raw}} #35",
        "year": "1984",
    }
    assert dict(prompts.words) == {"mood": ("calm", "on", "1.5")}


def test_start_holds_every_kind_of_target() -> None:
    read = good(
        "scope: {pipeline: krea-realtime-video}\noutputs: {program: {ndi: A}}\n"
        "prompts: {words: {mood: [calm, tense]}, bank: {reef: '{mood} reef'}}\n"
        "start:\n  prompt: reef\n  word/mood: tense\n  kv_cache_attention_bias: 0.25\n  manage_cache: false\n"
        "  denoising_step_list: [1000, 500]\n  spatial_interpolation_method: slerp\n  seed: 7\n  param/ink: {a: [1]}\n"
        "  param/none: null\n  output/program/level: 0\n  output/all/freeze: true\n"
    )

    assert {text: value for text, (_, value) in read.start.items()} == {
        "prompt": "reef",
        "word/mood": "tense",
        "kv_cache_attention_bias": 0.25,
        "manage_cache": False,
        "denoising_step_list": [1000, 500],
        "spatial_interpolation_method": "slerp",
        "seed": 7,
        "param/ink": {"a": [1]},
        "param/none": None,
        "output/program/level": 0.0,
        "output/all/freeze": True,
    }
    assert read.start["seed"][0] == ParameterTarget(PARAMETERS["base_seed"])
    assert read.start["output/program/level"][0] == OutputTarget("program", "level")


def test_a_long_route_says_everything() -> None:
    assert route(
        "{from: td/kick drum/1, to: param/flash, in: [0, 127], out: [4, 0], per_chunk: max, "
        "filters: [{curve: {power: 0.5}}, {clamp: [0.1, 0.9]}, {smooth: {attack: 5 ms, release: 0.4 s}}, {smooth: 2s}]}"
    ) == Route(
        "td/kick drum/1",
        route("td/x -> param/flash").target,
        "param/flash",
        (Curve("power", 0.5), Clamp(0.1, 0.9), Smooth(seconds(0.005), seconds(0.4)), Smooth(seconds(2), seconds(2))),
        (0.0, 127.0),
        (4.0, 0.0),
        "max",
    )


def test_names_in_a_route_may_hold_spaces_hyphens_and_what_yaml_gives_a_meaning_elsewhere() -> None:
    assert route('"td/track/FX/Rack #1/Macro 1: x -> seed"').signal == "td/track/FX/Rack #1/Macro 1: x"


def test_the_range_of_an_input_is_the_way_of_its_routes_unless_they_say_otherwise() -> None:
    read = good(
        "inputs: {desk: {osc: 9000, range: [0, 1]}, td: {osc: 9001}}\nstart: {prompt: reef}\nroutes:\n"
        "  - desk/a -> seed\n  - {from: desk/b, to: seed, in: [0, 127]}\n  - td/c -> seed\n"
    )

    assert [each.source for each in read.routes] == [(0.0, 1.0), (0.0, 127.0), None]


def test_a_curve_bends_the_way_of_a_target_with_a_range_of_its_own() -> None:
    assert route("{from: td/seed, to: seed, filters: [{curve: s}]}").filters == (Curve("s"),)


def test_anchors_and_merge_keys_spare_repetition() -> None:
    read = good(
        "inputs: {td: {osc: 9000}}\nstart: {prompt: reef}\nroutes:\n"
        "  - &first {from: td/a, to: param/a, in: [0, 1], filters: &soft [{smooth: 1 s}]}\n"
        "  - {<<: *first, to: param/b}\n  - {from: td/c, to: param/c, filters: *soft}\n"
    )

    assert [(each.signal, each.target_text, each.source, each.filters) for each in read.routes] == [
        ("td/a", "param/a", (0.0, 1.0), (Smooth(seconds(1), seconds(1)),)),
        ("td/a", "param/b", (0.0, 1.0), (Smooth(seconds(1), seconds(1)),)),
        ("td/c", "param/c", None, (Smooth(seconds(1), seconds(1)),)),
    ]


def test_words_of_yaml_1_1_are_text_and_only_true_and_false_are_switches() -> None:
    load = good(
        "start: {prompt: reef}\nscope:\n  load: {a: on, b: no, c: 0042, d: 1:30, e: 1_000, f: 0o17, g: true, h: ~, "
        "i: '7', j: 1e3, k: 0x1F, l: 2026-01-01, m: '='}\n"
    ).scope.load

    assert load == {
        "a": "on",
        "b": "no",
        "c": 42,
        "d": "1:30",
        "e": "1_000",
        "f": 15,
        "g": True,
        "h": None,
        "i": "7",
        "j": 1000.0,
        "k": 31,
        "l": "2026-01-01",
        "m": "=",
    }


def test_a_byte_order_mark_and_windows_line_ends_change_nothing() -> None:
    assert good("\ufeff" + SMALLEST.replace("\n", "\r\n")) == good(SMALLEST)


def test_a_mistake_in_an_input_does_not_make_its_routes_wrong() -> None:
    assert messages("inputs: {td: {osc: ninety}}\nstart: {prompt: reef}\nroutes:\n  - td/prompt -> prompt\n") == [
        "'osc' takes a port like 9000, or an address and a port like 0.0.0.0:9000, not the text 'ninety'"
    ]


def test_a_section_that_cannot_be_read_does_not_make_others_wrong() -> None:
    assert messages(
        "inputs: {td: {osc: 9000}\noutputs: @all\nstart: *intro\nprompts: {bank: [a]\nroutes:\n"
        "  - td/prompt -> prompt\n  - td/master -> output/program/level\n"
    ) == [
        "this { is never closed",
        "text that begins with @ must be in quotes, because YAML gives that character a meaning",
        "YAML takes *intro for the copy of something marked &intro, and nothing above is",
        "this { is never closed",
    ]


def test_warnings_wait_until_there_is_no_error() -> None:
    warned = "inputs: {td: {osc: 9000}}\nstart: {prompt: reef}\nroutes:\n  - td/noise -> noise_scale\n"

    only = profile.read(warned, "test.yaml", {})
    both = profile.read(warned + "  - td/x -> noise_scal\n", "test.yaml", {})

    assert [problem.severity for problem in only.problems] == [Severity.WARNING]
    assert only.profile is not None
    assert [problem.severity for problem in both.problems] == [Severity.ERROR]


def test_a_name_that_was_probably_mistyped_is_shown_beside_errors() -> None:
    both = profile.read("scope: {pipeline: longlve}\nstart: {noise_scal: 1}\n", "test.yaml", {}).problems

    assert [(problem.severity, problem.hints[0]) for problem in both] == [
        (Severity.WARNING, "did you mean 'longlive'?"),
        (Severity.ERROR, "did you mean 'noise_scale'?"),
    ]


def test_nothing_is_claimed_about_the_pipeline_of_a_plugin() -> None:
    assert good("scope: {pipeline: my-plugin, load: {width: 570}}\n").scope.load == {"width": 570}


@pytest.mark.parametrize(
    "torn",
    [
        "inputs: {td: {osc: 9000}}\n  start: {prompt: reef}\nroutes: []\n",
        "start:\n    noise: 1\n  prompt: reef\n",
        "scope:\n    pipeline: passthrough\n  load: {width: 570}\nstart: {prompt: reef}\n",
        "outputs:\n  program:\n      fps: 30\n    ndi: Scope\nstart: {prompt: reef}\n",
        "start: {prompt: reef}\ninputs:\n  cam: {osc: 9000}\n td: {osc: 9001}\nroutes: [td/x -> prompt]\n",
        "start: {prompt: '{mood} reef'}\nprompts:\n  fade: cut\n words:\n  mood: [calm]\n",
        "start: {prompt: reef}\ninputs:\n  td:\n osc: 9001\n",
        "start: {prompt: '{mood} reef'}\ninputs: {td: {osc: 9000}}\nroutes:\n  - td/a -> seed\n - td/mood -> word/mood\n",
        "scope: http://127.0.0.1:8000\n start:\n  prompt: reef\n",
    ],
)
def test_what_only_follows_from_a_line_that_could_not_be_read_is_not_said(torn: str) -> None:
    kept = [message for message in messages(torn) if "noise" not in message]

    assert len(kept) == 1
    assert "begins in column" in kept[0] or "is indented as if" in kept[0]


@pytest.mark.parametrize(
    ("torn", "missing"),
    [
        ("scope: http://a\nstart:\n  noise_scale: 0.3\nprompts:\n  bank:\n    reef: a\n   neon: b\n", "first prompt"),
        ("outputs: {program: {fps: 30}}\nstart: {prompt: 'a\n", "needs to say what it is"),
        ("inputs:\n  td: {osc: 9000}\nroutes: [tdd/x -> prompt]\nstart:\n    seed: 1\n  prompt: reef\n", "no input"),
    ],
)
def test_what_is_missing_elsewhere_is_said_all_the_same(torn: str, missing: str) -> None:
    said = messages(torn)

    assert len(said) == 2
    assert any(missing in message for message in said)


def test_a_cut_is_no_surprise_where_the_cache_is_not_managed() -> None:
    assert (
        messages(
            "inputs: {td: {osc: 9000}}\nloras: {jinx: jinx.safetensors}\n"
            "start: {prompt: reef, manage_cache: false}\nroutes:\n  - td/jinx -> lora/jinx\n"
        )
        == []
    )


def test_one_port_on_two_addresses_is_one_for_each() -> None:
    assert messages('start: {prompt: reef}\ninputs: {a: {osc: 9000}, b: {osc: "[::1]:9000"}}\n') == []


def test_problems_come_in_the_order_of_the_file() -> None:
    text = "routes: [x]\nstart: {noise: 1}\nscop: 1\ninputs: {td: 1}\n"

    places = [(problem.line, problem.column) for problem in profile.read(text, "test.yaml", {}).problems]

    assert places == sorted(places)
    assert len(places) >= 4


JINX = "inputs: {td: {osc: 9000}}\nloras: {jinx: jinx.safetensors%s}\nstart: {prompt: reef}\n%sroutes:\n  - %s\n"


def test_a_lora_that_cuts_under_a_signal_is_said_with_the_ways_out() -> None:
    assert len(messages(JINX % ("", "", "td/jinx -> lora/jinx"))) == 1
    assert messages(JINX % (", change: smooth", "", "td/jinx -> lora/jinx")) == []
    assert messages(JINX % ("", "guard: {lora/1: {max_cuts: 1 per 4 s}}\n", "td/jinx -> lora/jinx")) == []
    assert messages(JINX % ("", "", "{from: td/jinx, to: lora/jinx, filters: [{at_most: 4 s}]}")) == []


def test_a_schedule_under_a_signal_does_not_cut_because_scope_is_told_so() -> None:
    assert (
        messages("inputs: {td: {osc: 9000}}\nstart: {prompt: reef}\nroutes:\n  - td/s -> denoising_step_list\n") == []
    )


@pytest.mark.parametrize(
    ("scope", "target", "said"),
    [
        ("{}", "noise_scale", "without video going in"),
        ("{video: [cam]}", "noise_scale", ""),
        ("{video: [cam], vace: images}", "noise_scale", ""),
        ("{video: [cam], vace: video}", "noise_scale", "while the video goes through VACE"),
        ("{}", "vace_context_scale", "without VACE"),
        ("{vace: images}", "vace_context_scale", ""),
        ("{load: {vace_enabled: true}}", "vace_context_scale", ""),
        ("{}", "image/reference", "without VACE"),
        ("{vace: images}", "image/reference", ""),
        ("{}", "kv_cache_attention_bias", "only krea-realtime-video reads it"),
        ("{pipeline: krea-realtime-video}", "kv_cache_attention_bias", ""),
        ("{pipeline: of-a-plugin}", "kv_cache_attention_bias", ""),
    ],
)
def test_what_scope_would_ignore_is_said(scope: str, target: str, said: str) -> None:
    problems = profile.read(
        f"scope: {scope}\ninputs: {{td: {{osc: 9000}}, cam: {{video: {{ndi: FOH}}}}}}\nstart: {{prompt: reef}}\n"
        f"routes:\n  - td/x -> {target}\n",
        "x.yaml",
    ).problems
    warned = [problem.message for problem in problems if problem.severity is Severity.WARNING]

    assert [said in message for message in warned] == ([True] if said else [])


def test_beats_without_a_tempo_are_said_once_with_their_tempo() -> None:
    beats = "prompts: {fade: 1 bar}\nstart: {prompt: reef}\nroutes:\n  - {from: tempo/bar, every: 8, to: prompt/next}\n"

    assert messages(beats) == ["beats and bars count at 120 bpm: this profile says no tempo"]
    assert messages(beats + "tempo: {bpm: 124}\n") == []
    assert messages(beats + "  - td/tap -> tap\ninputs: {td: {osc: 9000}}\n") == []
    assert messages("start: {prompt: 2 bars}\nprompts: {bank: {a: 2 bars}}\n") == []


def test_an_input_that_nothing_listens_to_is_said_where_others_are_heard() -> None:
    two = "inputs: {td: {osc: 9000}, desk: {osc: 9001%s}}\nstart: {prompt: reef}\nroutes:\n  - td/x -> param/x\n"

    assert messages(two % "") == ["nothing listens to the input 'desk'"]
    assert "nothing listens to the input 'desk'" not in messages(two % ", forward: ['10.0.0.1:7000']")
    assert messages(two % "" + "pages: {a: {while: desk/shift}}\n") == []
    assert messages("inputs: {td: {osc: 9000}}\nstart: {prompt: reef}\n") == []


def test_a_page_that_nobody_can_reach_is_said() -> None:
    two = (
        "inputs: {td: {osc: 9000}}\nstart: {prompt: reef}\npages: {perform: {}, looks: {%s}}\nroutes:\n  - td/x -> %s\n"
    )

    assert messages(two % ("", "param/x")) == ["nobody can reach the page 'looks'"]
    assert messages(two % ("while: td/shift", "param/x")) == []
    assert messages(two % ("from: td/bank", "param/x")) == []
    assert messages(two % ("", "page/looks")) == []
    assert messages(two % ("", "page/next")) == []


def test_a_first_prompt_may_come_from_a_scene_or_a_slot() -> None:
    assert good("scenes: {intro: {prompt: reef}}\nstart: intro\n").start_scene == "intro"
    good("scenes: {intro: {set: {prompt: reef}, fade: 2 s}}\nstart: intro\n")
    good("prompts: {slots: [a, b]}\nstart: {prompt/a/text: reef}\n")
    assert messages("scenes: {intro: {param/x: 1}}\nstart: intro\n") == [
        "longlive makes no picture before its first prompt, and this profile starts with none"
    ]


def test_a_word_that_a_scene_or_a_page_sets_is_known() -> None:
    said = "inputs: {td: {osc: 9000}}\nstart: {prompt: 'a {mood} reef'}\n"

    assert messages(said) == ["there is no word called 'mood'"]
    assert messages(said + "scenes: {intro: {word/mood: calm}}\n") == []
    assert messages(said + "pages: {a: {routes: [td/mood -> word/mood]}}\n") == []


def test_a_plugins_parameter_is_typed_by_the_servers_schema() -> None:
    schema = {"properties": {"motion": {"type": "number", "minimum": 0, "maximum": 4}}}
    live = STANDARD.extended({"pipelines": {"wild": {"config_schema": schema}}})
    text = (
        "scope: {pipeline: wild}\ninputs: {td: {osc: 9000}}\nroutes:\n  - {from: td/m, to: param/motion, out: [0, 5]}\n"
    )

    (problem,) = profile.read(text, "x.yaml", catalogue=live).problems
    assert problem.message == "param/motion goes from 0 to 4, but this route can send up to 5"


def test_twelve_mistakes_of_twelve_kinds_are_twelve_problems() -> None:
    file = ERRORS / "twelve_mistakes.yaml"

    problems = profile.read(file.read_text(encoding="utf-8"), file.name, {}).problems

    assert len(problems) == len({problem.line for problem in problems}) == len({one.message for one in problems}) == 12
    assert all(problem.severity is Severity.ERROR for problem in problems)
