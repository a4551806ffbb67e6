"""What a server's own schemas add to the catalogue, and that nothing in them can break it."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.catalogue import STANDARD, Catalogue
from bridge.parameters import PARAMETERS, PIPELINES, PROTOCOL, Cost, Kind, Merge, Parameter, default_of, parameter

CAPTURE = Path(__file__).parent / "captures" / "pipelines_schemas.json"
"""The reply of a real Scope 0.2.4, with its twelve pipelines."""


@pytest.fixture(scope="module")
def reply() -> Any:
    return json.loads(CAPTURE.read_text(encoding="utf-8"))["body"]


@pytest.fixture(scope="module")
def live(reply: Any) -> Catalogue:
    return STANDARD.extended(reply)


def plugin(name: str = "ripple", *, properties: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return the schemas of a server that has one plugin."""
    return {"pipelines": {name: {"config_schema": {"properties": properties, **more.pop("config", {})}, **more}}}


# The table


@pytest.mark.parametrize("known", PARAMETERS.values(), ids=lambda known: known.name)
def test_every_parameter_is_told_of_completely(known: Parameter) -> None:
    assert known.description.endswith(".")
    assert known.low is None or known.high is None or known.low < known.high
    assert (known.kind is Kind.CHOICE) == bool(known.choices)
    assert known.default is None or not known.choices or known.default in known.choices
    assert set(known.readers) <= set(PIPELINES)
    assert known.name not in PROTOCOL
    assert known.scale == "linear" or (known.low is not None and known.low > 0)
    assert all(companion in PARAMETERS for companion in known.companions)


def test_only_events_that_mean_nothing_to_a_new_session_are_left_out_of_its_start() -> None:
    assert {known.name for known in PARAMETERS.values() if not known.sticky} == {
        "ctrl_input",
        "first_frame_image",
        "images",
        "last_frame_image",
        "paused",
        "reset_cache",
    }


def test_a_fader_moves_a_lora_from_nothing_to_its_usual_strength() -> None:
    scales = parameter("lora_scales")

    assert (scales.low, scales.high, scales.way, scales.merge) == (-10, 10, (0, 1), Merge.UNION)


@pytest.mark.parametrize(
    ("name", "pipeline", "mode", "default"),
    [
        ("denoising_step_list", "longlive", "text", [1000, 750, 500, 250]),
        ("denoising_step_list", "longlive", "video", [1000, 750]),
        ("denoising_step_list", "streamdiffusionv2", "text", [1000, 750]),
        ("denoising_step_list", "streamdiffusionv2", "video", [750, 250]),
        ("kv_cache_attention_bias", "krea-realtime-video", "text", 0.3),
        ("kv_cache_attention_bias", "longlive", "text", 1.0),
        ("noise_scale", "a plugin", "video", 0.7),
        ("lora_scales", "longlive", "text", None),
        ("a plugin's own", "longlive", "text", None),
    ],
)
def test_a_default_is_the_one_of_its_pipeline_and_mode(name: str, pipeline: str, mode: Any, default: Any) -> None:
    assert STANDARD.default_of(name, pipeline, mode) == default
    if mode == "text":
        assert default_of(name, pipeline) == default


def test_an_unknown_parameter_is_passed_through_and_never_sent_twice() -> None:
    known = STANDARD.parameter("motion_amount")

    assert (known.kind, known.resendable) == (Kind.ANY, False)


# A real server


def test_a_real_server_has_the_pipelines_of_the_table_and_they_are_like_it_says(live: Catalogue) -> None:
    assert set(live.pipelines) == set(PIPELINES)
    for name, known in PIPELINES.items():
        found = live.pipelines[name]
        assert (found.modes, found.needs_prompt, found.supports_lora, found.supports_vace) == (
            known.modes,
            known.needs_prompt,
            known.supports_lora,
            known.supports_vace,
        )
        assert found.supports_kv_cache_bias == known.supports_kv_cache_bias
        assert found.frames_per_chunk == known.frames_per_chunk


def test_a_real_server_changes_nothing_that_the_table_knows(live: Catalogue) -> None:
    assert {name: live.parameters[name] for name in PARAMETERS} == PARAMETERS


@pytest.mark.parametrize("pipeline", PIPELINES)
@pytest.mark.parametrize("mode", ["text", "video"])
def test_a_real_server_and_the_table_have_the_same_defaults(live: Catalogue, pipeline: str, mode: Any) -> None:
    if mode not in PIPELINES[pipeline].modes:
        return
    readable = [name for name, known in PARAMETERS.items() if pipeline in known.readers and mode in known.modes]

    assert {name: live.default_of(name, pipeline, mode) for name in readable} == {
        name: STANDARD.default_of(name, pipeline, mode) for name in readable
    }


def test_a_real_server_adds_what_pipelines_are_loaded_with(live: Catalogue) -> None:
    added = {name: known for name, known in live.parameters.items() if name not in PARAMETERS}

    assert set(added) == {"model_size", "quantization", "vae_type"}
    assert added["vae_type"].choices == ("wan", "lightvae", "tae", "lighttae")
    assert (added["vae_type"].cost, added["vae_type"].default) == (Cost.LOAD, "wan")
    assert added["quantization"].choices == ("fp8_e4m3fn",)
    assert added["model_size"].readers == ("optical-flow",)


# Plugins


def test_a_plugin_adds_its_pipeline_and_its_parameters() -> None:
    live = STANDARD.extended(
        plugin(
            properties={
                "motion_amount": {
                    "type": "number",
                    "minimum": 0,
                    "maximum": 4,
                    "default": 1.5,
                    "description": "How  much\n it moves.",
                    "ui": {"is_load_param": False, "modulatable": True, "modes": ["video"]},
                },
                "palette": {"anyOf": [{"$ref": "#/$defs/Palette"}, {"type": "null"}], "default": "ink"},
                "mirror": {"type": ["boolean", "null"], "default": False},
                "depth": {"type": "integer", "exclusiveMinimum": 1, "ui": {"is_load_param": True}},
                "_hidden": {"type": "number"},
                "height": {"type": "integer"},
            },
            config={"$defs": {"Palette": {"enum": ["ink", "neon"], "type": "string"}}},
            supported_modes=["video", "text", "smell"],
            default_mode="video",
            supports_prompts=True,
            supports_lora=False,
        )
    )

    assert live.parameter("motion_amount") == Parameter(
        "motion_amount",
        Kind.NUMBER,
        "How much it moves.",
        0,
        4,
        1.5,
        modes=("video",),
        readers=("ripple",),
    )
    assert (live.parameter("palette").choices, live.parameter("palette").default) == (("ink", "neon"), "ink")
    assert (live.parameter("mirror").kind, live.parameter("mirror").default) == (Kind.SWITCH, False)
    assert (live.parameter("depth").cost, live.parameter("depth").low) == (Cost.LOAD, 1)
    assert "_hidden" not in live.parameters
    assert "height" not in live.parameters
    ripple = live.pipelines["ripple"]
    assert (ripple.modes, ripple.needs_prompt, ripple.supports_lora, ripple.frames_per_chunk) == (
        ("video", "text"),
        True,
        False,
        None,
    )
    assert live.default_of("motion_amount", "ripple", "video") == 1.5
    assert set(live.pipelines) == {*PIPELINES, "ripple"}


def test_a_plugin_that_shows_a_known_parameter_reads_it_and_may_widen_it() -> None:
    field = {"type": "number", "minimum": -1.0, "maximum": 3.0}
    shown = STANDARD.extended(plugin(properties={"vace_context_scale": {**field, "ui": {"order": 1}}}))
    inherited = STANDARD.extended(plugin(properties={"vace_context_scale": field}))

    found = shown.parameter("vace_context_scale")
    assert (found.low, found.high, found.readers[-1]) == (-1.0, 3.0, "ripple")
    assert inherited.parameter("vace_context_scale") == parameter("vace_context_scale")


def test_schema_names_become_those_of_the_data_channel() -> None:
    steps = {"type": "array", "items": {"type": "integer"}, "default": [900, 300], "ui": {}}
    live = STANDARD.extended(plugin("longlive", properties={"denoising_steps": steps}))

    assert live.default_of("denoising_step_list", "longlive") == [900, 300]
    assert "denoising_steps" not in live.parameters
    assert live.default_of("denoising_step_list", "memflow") == [1000, 750, 500, 250]


def test_two_pipelines_with_one_parameter_have_the_wider_range_and_all_choices() -> None:
    def of(low: float | None, *choices: str) -> dict[str, Any]:
        glow = {"type": "number", "maximum": 1} | ({} if low is None else {"minimum": low})
        return {"config_schema": {"properties": {"glow": glow, "look": {"enum": list(choices)}}}}

    both = STANDARD.extended({"pipelines": {"a": of(0, "ink"), "b": of(-1, "ink", "neon")}})
    opened = STANDARD.extended({"pipelines": {"a": of(0, "ink"), "b": of(None, "neon")}})

    assert (both.parameter("glow").low, both.parameter("glow").high) == (-1, 1)
    assert both.parameter("look").choices == ("ink", "neon")
    assert both.parameter("look").readers == ("a", "b")
    assert opened.parameter("glow").low is None


def test_one_name_for_two_kinds_of_things_is_passed_through_as_it_comes() -> None:
    of = {kind: {"config_schema": {"properties": {"glow": {"type": kind}}}} for kind in ("number", "boolean")}

    assert STANDARD.extended({"pipelines": of}).parameter("glow").kind is Kind.ANY


# Garbage

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just(10**400),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
_KEYS = ("type", "minimum", "maximum", "enum", "default", "description", "title", "anyOf", "$ref", "ui")
_PROPERTY = st.fixed_dictionaries({}, optional=dict.fromkeys(_KEYS, _JSON)) | _JSON
_NAMES = st.sampled_from(["noise_scale", "denoising_steps", "ref_images", "glow", "", "_x", "width"])
_SCHEMA = st.fixed_dictionaries(
    {},
    optional={
        "config_schema": st.fixed_dictionaries(
            {"properties": st.dictionaries(_NAMES, _PROPERTY, max_size=4) | _JSON, "$defs": _JSON}
        ),
        "supported_modes": _JSON | st.lists(st.sampled_from(["text", "video"])),
        "default_mode": _JSON,
        "supports_prompts": _JSON,
        "mode_defaults": _JSON | st.dictionaries(st.sampled_from(["text", "video"]), _JSON),
    },
)
_PIPELINES = st.dictionaries(st.sampled_from(["longlive", "gray", "ripple", ""]), _SCHEMA | _JSON, max_size=3)


@given(_JSON | st.fixed_dictionaries({"pipelines": _PIPELINES | _JSON}))
def test_whatever_a_server_says_the_catalogue_stays_sound(said: Any) -> None:
    live = STANDARD.extended(said)

    assert set(live.parameters) >= set(PARAMETERS)
    assert set(live.pipelines) >= set(PIPELINES)
    for name, known in live.parameters.items():
        assert known.name == name
        assert name not in PROTOCOL
        assert known.low is None or known.high is None or known.low < known.high
        assert (known.kind is Kind.CHOICE) == bool(known.choices)
        if name in PARAMETERS:
            assert (known.kind, known.cost, known.merge) == (
                PARAMETERS[name].kind,
                PARAMETERS[name].cost,
                PARAMETERS[name].merge,
            )
    for info in live.pipelines.values():
        assert info.modes


@given(_PIPELINES)
def test_a_server_that_says_the_same_twice_adds_nothing_the_second_time(said: Any) -> None:
    once = STANDARD.extended({"pipelines": said})

    assert repr(once.extended({"pipelines": said})) == repr(once)
