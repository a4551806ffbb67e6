"""Targets: what a text names, what it takes, and what is said of one that does not exist."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bridge.catalogue import STANDARD
from bridge.parameters import PARAMETERS, Cost, Kind
from bridge.profile import Profile
from bridge.profile.building.routes.signals import PLACE
from bridge.profile.inputs import Osc, Video
from bridge.profile.model import (
    BridgeTarget,
    ControlTarget,
    CueTarget,
    FadeTarget,
    ImageTarget,
    LoraTarget,
    Node,
    OfScope,
    OutputTarget,
    Page,
    PageTarget,
    ParameterTarget,
    PipelineTarget,
    PositionTarget,
    PromptNamed,
    Prompts,
    PromptStep,
    PromptTarget,
    Range,
    Route,
    RouteTarget,
    Scene,
    SceneTarget,
    Scope,
    SeedRandom,
    SlotTarget,
    SnapshotTarget,
    SourceTarget,
    Target,
    WordTarget,
)
from bridge.profile.source.problems import Notes, Place
from bridge.profile.targets import lookup, table, traits
from bridge.profile.targets.names import Names, ScopeNames, Wrong, all_of, is_plain

NAMES = Names(
    outputs=["program"],
    words=["mood"],
    bank=["reef", "neon"],
    slots=["base", "accent"],
    scenes=["intro", "drop"],
    cues=["doors"],
    pages=["perform", "looks"],
    routes=["kick"],
    loras=["arcane", "ghibli"],
    images=["face"],
    inputs=["cam", "film"],
    films=["film"],
    scopes={},
    scope=ScopeNames(["longlive"], lone=True, standby=True),
)
SEVERAL = replace(
    NAMES,
    scopes={
        "left": ScopeNames(["depth", "dream"], standby=True),
        "right": ScopeNames(["longlive"], lone=True, standby=False),
    },
    scope=ScopeNames(["depth", "dream", "longlive"], lone=True, standby=True),
)
ANYWHERE = Place(1, 1, 1, 2)


def found(text: str, names: Names = NAMES) -> Target:
    notes = Notes([text])
    result = lookup.find(text, ANYWHERE, names, notes)
    assert result is not None, [str(problem) for problem in notes.problems()]
    return result[1]


def refused(text: str, names: Names = NAMES) -> tuple[str, tuple[str, ...]]:
    notes = Notes([text])
    assert lookup.find(text, ANYWHERE, names, notes) is None
    (problem,) = notes.problems()
    return problem.message, problem.hints


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("prompt", PromptTarget()),
        ("prompt/next", PromptStep("next")),
        ("prompt/previous", PromptStep("previous")),
        ("prompt/random", PromptStep("random")),
        ("prompt/neon", PromptNamed("neon")),
        ("prompt/2", PromptNamed("neon")),
        ("prompt/base/text", SlotTarget("base", "text")),
        ("prompt/accent/weight", SlotTarget("accent", "weight")),
        ("prompt/2/weight", SlotTarget("accent", "weight")),
        ("transition_steps", FadeTarget("steps")),
        ("temporal_interpolation_method", FadeTarget("method")),
        ("word/mood", WordTarget("mood")),
        ("word/anything else", WordTarget("anything else")),
        ("seed/random", SeedRandom()),
        ("lora/ghibli", LoraTarget("ghibli")),
        ("lora/2", LoraTarget("ghibli")),
        ("image/reference", ImageTarget("reference")),
        ("image/first", ImageTarget("first")),
        ("image/last", ImageTarget("last")),
        ("ctrl/key/KeyW", ControlTarget("KeyW")),
        ("ctrl/key/Digit1", ControlTarget("Digit1")),
        ("ctrl/mouse", ControlTarget("mouse")),
        ("source/cam", SourceTarget("cam")),
        ("source/film/position", PositionTarget("film")),
        ("source/2/position", PositionTarget("film")),
        ("pipeline/longlive", PipelineTarget("longlive")),
        ("pipeline/of-a-plugin", PipelineTarget("of-a-plugin")),
        ("scene/intro", SceneTarget("intro")),
        ("scene/2", SceneTarget("drop")),
        ("scene/save/tonight", SceneTarget("tonight", save=True)),
        ("scene/save/acts%2Ffirst", SceneTarget("acts/first", save=True)),
        ("cue/doors", CueTarget("doors")),
        ("cue/go", CueTarget(step="go")),
        ("cue/back", CueTarget(step="back")),
        ("page/looks", PageTarget("looks")),
        ("page/next", PageTarget(step="next")),
        ("page/previous", PageTarget(step="previous")),
        ("snapshot/save/1", SnapshotTarget("save", 1)),
        ("snapshot/recall/99", SnapshotTarget("recall", 99)),
        ("route/kick/amount", RouteTarget("kick", "amount")),
        ("route/kick/on", RouteTarget("kick", "on")),
        ("output/program/level", OutputTarget("program", "level")),
        ("output/all/freeze", OutputTarget("all", "freeze")),
        ("output/program/key", OutputTarget("program", "key")),
        *((act, BridgeTarget(act)) for act in ("tap", "undo", "panic", "bypass", "record", "standby")),
        ("scope/record", BridgeTarget("server record")),
    ],
)
def test_every_form_of_the_language_is_a_target(text: str, target: Target) -> None:
    assert found(text) == target


@pytest.mark.parametrize("known", [known for known in PARAMETERS.values() if is_plain(known)], ids=lambda one: one.name)
def test_a_parameter_is_a_target_by_its_own_name(known: object) -> None:
    name = getattr(known, "name", "")
    assert found(name) == ParameterTarget(PARAMETERS[name])


def test_a_parameter_of_one_node_and_one_element_of_the_schedule_are_targets() -> None:
    steps = PARAMETERS["denoising_step_list"]

    assert found("node/longlive/vace_context_scale") == ParameterTarget(
        PARAMETERS["vace_context_scale"], node="longlive"
    )
    assert found("denoising_step_list[2]") == ParameterTarget(steps, element=2)
    assert traits.limits(found("denoising_step_list[2]")) == (0, 1000)
    assert traits.limits(found("denoising_step_list")) is None


def test_what_only_the_server_knows_gets_its_range_from_the_servers_schema() -> None:
    schema = {"properties": {"motion": {"type": "number", "minimum": 0, "maximum": 4, "description": "How wild."}}}
    live = STANDARD.extended({"pipelines": {"wild": {"config_schema": schema}}})
    names = Names(catalogue=live)

    assert traits.limits(found("param/motion", names)) == (0, 4)
    assert traits.limits(found("param/motion")) is None
    assert refused("motion", names) == ("there is no target 'motion'", ("did you mean 'param/motion'?",))


@pytest.mark.parametrize(
    ("text", "limits", "way"),
    [
        ("noise_scale", (0, 1), (0, 1)),
        ("vace_context_scale", (0, 2), (0, 2)),
        ("lora/arcane", (-10, 10), (0, 1)),
        ("prompt/base/weight", (0, 10), (0, 1)),
        ("transition_steps", (0, 256), (0, 16)),
        ("output/all/level", (0, 1), (0, 1)),
        ("output/all/key", (0, 1), (0, 1)),
        ("route/kick/amount", (0, 1), (0, 1)),
        ("bypass", (0, 1), (0, 1)),
        ("source/film/position", (0, 1), (0, 1)),
        ("word/mood", None, (0, 1)),
        ("manage_cache", None, (0, 1)),
        ("scene/intro", None, (0, 1)),
        ("record", None, (0, 1)),
        ("prompt", None, None),
        ("param/ink", None, None),
    ],
)
def test_a_target_has_limits_and_the_way_of_a_control(text: str, limits: Range | None, way: Range | None) -> None:
    assert traits.limits(found(text)) == limits
    assert traits.way(found(text)) == way


def test_a_trigger_can_be_set_by_no_scene_and_says_so_by_having_no_shape() -> None:
    for entry in table.CATALOGUE:
        if "<" in entry.name:
            continue
        target = found(entry.name)
        assert (entry.shape is None) == (traits.is_trigger(target) or isinstance(target, ControlTarget))
        assert entry.shape is not None or not entry.startable


@pytest.mark.parametrize(
    ("text", "numbers", "text_too", "unit"),
    [
        ("noise_scale", True, False, True),
        ("prompt", False, True, False),
        ("prompt/base/text", False, True, False),
        ("image/first", False, True, False),
        ("temporal_interpolation_method", False, True, False),
        ("word/mood", True, True, False),
        ("param/ink", True, True, True),
        ("prompt/next", True, False, False),
        ("denoising_step_list", False, False, False),
        ("denoising_step_list[1]", True, False, True),
        ("ctrl/mouse", False, False, False),
    ],
)
def test_a_target_takes_numbers_or_text_and_may_have_a_unit(
    text: str, numbers: bool, text_too: bool, unit: bool
) -> None:
    target = found(text)

    assert (traits.takes_numbers(target), traits.takes_text(target), traits.takes_out(target)) == (
        numbers,
        text_too,
        unit,
    )


def test_no_two_targets_mean_the_same_but_by_another_name() -> None:
    texts = [entry.name for entry in table.CATALOGUE if "<" not in entry.name and entry.name != "seed"]

    assert len({traits.meaning(found(text)) for text in texts}) == len(texts)
    assert traits.meaning(found("seed")) == traits.meaning(found("base_seed"))
    assert traits.meaning(found("lora/1")) == traits.meaning(found("lora/arcane"))
    assert traits.meaning(found("output/program/level")) != traits.meaning(found("output/all/level"))
    assert traits.meaning(found("scene/intro")) != traits.meaning(found("scene/save/intro"))


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("lora/arkane", "did you mean 'lora/arcane'?"),
        ("prompt/bas/weight", "did you mean 'prompt/base/weight'?"),
        ("scene/intor", "did you mean 'scene/intro'?"),
        ("cue/door", "did you mean 'cue/doors'?"),
        ("page/lok", "did you mean 'page/looks'?"),
        ("source/cm", "did you mean 'source/cam'?"),
        ("source/flim/position", "did you mean 'source/film/position'?"),
        ("source/cam/position", "there is source/film/position"),
        ("route/kik/on", "did you mean 'route/kick/on'?"),
        ("output/progam/level", "did you mean 'output/program/level'?"),
        ("word/mod", "did you mean 'word/mood'?"),
        ("noise", "did you mean 'noise_scale'?"),
        ("blackout", "did you mean 'output/all/level'?"),
        ("prompts", "did you mean 'prompt'?"),
        ("lora_scales", "write lora/<name>"),
        ("param/noise_scale", "write noise_scale"),
        ("param/vace_ref_images", "write image/reference"),
        ("node/longlive/prompts", "write prompt"),
    ],
)
def test_the_nearest_right_one_is_named(text: str, hint: str) -> None:
    assert hint in refused(text)[1]


def test_a_name_that_could_not_be_read_makes_no_target_wrong() -> None:
    assert found("scene/anything", Names()) == SceneTarget("anything")
    assert found("lora/7", Names()) == LoraTarget("7")


@pytest.mark.parametrize("name", ["pipeline_ids", "graph", "_quantized", "bpm"])
def test_what_steers_the_session_is_no_target(name: str) -> None:
    assert "steers Scope's session" in refused(f"param/{name}")[0]


def test_what_is_set_when_the_pipeline_is_loaded_is_no_target() -> None:
    for known in PARAMETERS.values():
        if known.cost is Cost.LOAD:
            assert "loaded" in refused(known.name)[0] + refused(known.name)[1][0]


def test_a_template_is_good_if_something_can_come_of_it() -> None:
    def can(text: str) -> bool:
        return not isinstance(lookup.plausible(text, PLACE, NAMES), Wrong)

    assert can("lora/{n}")
    assert can("snapshot/recall/{n}")
    assert can("prompt/{slot}/weight")
    assert can("output/{which}/level")
    assert can("{parameter}")
    assert can("node/{which}/paused")
    assert not can("{scope}/noise_scale")
    assert not isinstance(lookup.plausible("{scope}/noise_scale", PLACE, SEVERAL), Wrong)
    assert not can("lorra/{n}")
    assert not can("output/{which}/levl")


@pytest.mark.parametrize(
    "text",
    [
        "noise_scale",
        "prompt",
        "prompt/next",
        "prompt/neon",
        "prompt/accent/weight",
        "word/mood",
        "lora/2",
        "image/reference",
        "seed",
        "seed/random",
        "denoising_step_list[2]",
        "param/motion_amount",
        "ctrl/key/KeyW",
        "pipeline/memflow",
        "source/cam",
        "node/dream/noise_scale",
        "standby",
        "scope/record",
    ],
)
def test_what_a_scope_has_can_be_meant_of_one_of_several_or_of_all(text: str) -> None:
    assert found(f"left/{text}", SEVERAL) == OfScope("left", found(text, SEVERAL))


@pytest.mark.parametrize("entry", [entry for entry in table.CATALOGUE if not entry.of_scope], ids=lambda one: one.name)
def test_what_the_bridge_has_belongs_to_no_scope(entry: table.Entry) -> None:
    places = {"<name>": "intro", "<step>": "go", "<act>": "save", "<n>": "1"}
    text = entry.name
    for place, name in places.items():
        text = text.replace(place, name)
    names = replace(
        SEVERAL,
        outputs=["intro"],
        routes=["intro"],
        cues=["intro"],
        pages=["intro", "go"],
        inputs=["intro"],
        films=["intro"],
    )

    assert refused(f"left/{text}", names) == (
        f"'{text}' is the bridge's own, and belongs to no Scope",
        (f"write {text}",),
    )


@pytest.mark.parametrize("function", [traits.limits, traits.way, traits.is_trigger, traits.is_switch, traits.is_cut])
@pytest.mark.parametrize("text", ["noise_scale", "prompt/next", "lora/arcane", "paused", "standby", "reset_cache"])
def test_what_is_true_of_a_target_is_true_of_it_in_one_scope(function: Callable[[Target], object], text: str) -> None:
    assert function(found(f"left/{text}", SEVERAL)) == function(found(text, SEVERAL))


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("lfet/noise_scale", "there is no target 'lfet/noise_scale'", "did you mean 'left/noise_scale'?"),
        ("left/noise", "there is no target 'left/noise'", "did you mean 'left/noise_scale'?"),
        ("left/blackout", "there is no target 'left/blackout'", "did you mean 'output/all/level'?"),
        ("left/node/drem/paused", "there is no node called 'drem'", "did you mean 'left/node/dream/paused'?"),
        (
            "right/node/dream/paused",
            "there is no node called 'dream': a single pipeline is a node with its own name",
            "the only one is longlive",
        ),
        (
            "right/standby",
            "there is no standby that could play",
            "name one, beside the url of the Scope: standby: http://gpu-b:8000",
        ),
    ],
)
def test_a_slip_in_a_target_of_one_scope_leads_to_the_right_one(text: str, message: str, hint: str) -> None:
    assert refused(text, SEVERAL) == (message, (hint,))


def test_the_only_scope_needs_no_name() -> None:
    assert refused("left/noise_scale") == (
        "there is no target 'left/noise_scale': this profile has one Scope, which needs no name",
        ("write noise_scale",),
    )


def test_a_lone_pipeline_may_become_another_node_and_a_chain_may_not() -> None:
    lone = replace(NAMES, scope=ScopeNames(["longlive"], lone=True))
    chain = replace(NAMES, scope=ScopeNames(["rife", "longlive"]))

    assert found("node/memflow/paused", lone) == ParameterTarget(PARAMETERS["paused"], node="memflow")
    assert refused("node/memflow/paused", chain)[1] == ("the nodes are rife, longlive",)


def test_what_could_not_be_read_of_scopes_makes_no_target_wrong() -> None:
    unread = replace(NAMES, scopes=None, scope=ScopeNames())

    assert found("any/node/thing/paused", unread) == OfScope("any", found("node/thing/paused", unread))
    assert found("any/standby", unread) == OfScope("any", BridgeTarget("standby"))


def test_all_of_several_scopes_have_the_nodes_of_each_and_a_standby_if_one_has_it() -> None:
    assert all_of(
        [ScopeNames(["a", "b"], standby=False), ScopeNames(["b", "c"], lone=True, standby=True)]
    ) == ScopeNames(["a", "b", "c"], lone=True, standby=True)
    assert all_of([ScopeNames(["a"], standby=False), ScopeNames(None, standby=None)]) == ScopeNames()


def test_a_show_of_several_scopes_finds_the_targets_of_each() -> None:
    left = Scope(name="left", chain=(Node("depth", "video-depth-anything"), Node("dream", "longlive")))
    show = Profile(
        "show.yaml", scope=left, scopes={"left": left, "right": Scope(name="right", standby="http://b:8000")}
    )

    assert lookup.named("left/node/dream/paused", show) == OfScope("left", found("node/dream/paused", SEVERAL))
    assert lookup.named("left/node/longlive/paused", show) is None
    assert lookup.named("node/longlive/paused", show) is not None
    assert lookup.named("right/standby", show) == OfScope("right", BridgeTarget("standby"))
    assert lookup.named("left/standby", show) is None
    assert lookup.named("middle/paused", show) is None


def test_a_show_finds_targets_without_a_word() -> None:
    show = Profile(
        "show.yaml",
        inputs={"cam": Video("ndi", "FOH"), "td": Osc(9000)},
        prompts=Prompts({"reef": "a reef"}),
        loras={"arcane": "arcane.safetensors"},
        scenes={"intro": Scene("intro", {})},
        pages={"looks": Page("looks", routes=(Route("td/x", PromptTarget(), "prompt", name="hand"),))},
    )

    assert lookup.named("lora/1", show) == LoraTarget("arcane")
    assert lookup.named("scene/intro", show) == SceneTarget("intro")
    assert lookup.named("source/cam", show) == SourceTarget("cam")
    assert lookup.named("route/hand/amount", show) == RouteTarget("hand", "amount")
    assert lookup.named("lora/2", show) is None
    assert lookup.named("source/td", show) is None
    assert lookup.named("no such thing", show) is None


HEADS = sorted({entry.name.split("<")[0] for entry in table.CATALOGUE})
SHOW = Profile(
    "show.yaml",
    prompts=Prompts({"reef": "a reef", "neon": "rain"}, slots=("base", "accent")),
    loras={"arcane": "arcane.safetensors"},
    scenes={"intro": Scene("intro", {})},
)
pieces = st.one_of(
    st.text(max_size=30),
    st.text(alphabet="0123456789\u0663\u00b2", max_size=5000),
    st.sampled_from(
        [*HEADS, "/", "[", "]", "{n}", "*", "%2F", "%2f", "/weight", "/amount", "\u201c", "save", "1", "reef"]
    ),
)


@given(st.lists(pieces, max_size=5).map("".join))
@example("lora/" + "9" * 5000)
@example("prompt/" + "9" * 5000)
@example("prompt/" + "9" * 5000 + "/weight")
@example("snapshot/save/" + "9" * 5000)
@example("denoising_step_list[" + "9" * 5000 + "]")
@example("lora/" + "\u0663" * 5000)
@example("x" * 100_000)
def test_whatever_text_arrives_is_a_target_or_none(text: str) -> None:
    target = lookup.named(text, SHOW)
    notes = Notes([text])
    result = lookup.find(text, ANYWHERE, lookup.names_of(SHOW), notes)

    assert (result is None) == bool([one for one in notes.problems() if not one.misspelt])
    assert target == (result and result[1])


@given(st.integers(min_value=0, max_value=10**30))
def test_a_number_of_any_length_counts_what_there_is(number: int) -> None:
    assert lookup.named(f"prompt/{number}", SHOW) == {1: PromptNamed("reef"), 2: PromptNamed("neon")}.get(number)
    kept = SnapshotTarget("save", number) if 1 <= number <= 99 else None
    assert lookup.named(f"snapshot/save/{number}", SHOW) == kept
    assert (lookup.named(f"denoising_step_list[{number}]", SHOW) is not None) == (1 <= number <= 8)


def test_no_scene_comes_about_that_is_called_save() -> None:
    assert lookup.named("scene/save/save", SHOW) is None
    assert lookup.named("scene/save/save2", SHOW) == SceneTarget("save2", save=True)
    assert lookup.named("scene/save/ mine", SHOW) is None
    assert "cannot be called 'save'" in refused("scene/save/save")[0]
    assert not isinstance(lookup.plausible("scene/save/{n}", PLACE, NAMES), Wrong)


@pytest.mark.parametrize(
    "code",
    ["KeyW", "Digit0", "F1", "F12", "ArrowUp", "Space", "ShiftLeft", "Numpad7", "NumpadAdd", "IntlRo", "PageDown"],
)
def test_a_key_is_called_by_the_code_that_browsers_give_it(code: str) -> None:
    assert found(f"ctrl/key/{code}") == ControlTarget(code)


@pytest.mark.parametrize(
    ("code", "meant"),
    [
        ("W", "KeyW"),
        ("w", "KeyW"),
        ("KEYW", "KeyW"),
        ("keyw", "KeyW"),
        ("Key W", "KeyW"),
        ("1", "Digit1"),
        ("Key1", "Digit1"),
        ("f5", "F5"),
        ("up", "ArrowUp"),
        ("SPACE", "Space"),
        ("shift", "ShiftLeft"),
        ("esc", "Escape"),
    ],
)
def test_a_key_by_another_name_leads_to_its_code(code: str, meant: str) -> None:
    assert refused(f"ctrl/key/{code}")[1] == (f"did you mean 'ctrl/key/{meant}'?",)
    assert found(f"ctrl/key/{meant}") == ControlTarget(meant)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("parm/x", "did you mean 'param/x'?"),
        ("params/x", "did you mean 'param/x'?"),
        ("loras/x", "did you mean 'lora/x'?"),
        ("loras/2", "did you mean 'lora/2'?"),
        ("prompt/nxt", "did you mean 'prompt/next'?"),
        ("prompt/prev", "did you mean 'prompt/previous'?"),
        ("cue/next", "did you mean 'cue/go'?"),
        ("cue/previous", "did you mean 'cue/back'?"),
        ("output/level", "write output/<name>/level: output/program/level, output/all/level"),
        ("route/amount", "write route/<name>/amount: route/kick/amount"),
        ("denoising_step_list[9]", "the first is denoising_step_list[1], the last there can be [8]"),
        ("\u201cprompt\u201d", "write prompt"),
    ],
)
def test_a_slip_in_a_target_leads_to_the_right_one(text: str, hint: str) -> None:
    assert hint in refused(text)[1]


def test_nothing_is_proposed_that_was_written_or_cannot_be_named() -> None:
    hints = refused("prompt/a/b", Names(bank=["a/b"]))[1]

    assert not any("did you mean" in hint for hint in hints)


def test_the_expression_of_all_targets_matches_each_and_nothing_else() -> None:
    every = re.compile(lookup.regex_of_all())

    assert all(every.fullmatch(text) for text in lookup.plain_names())
    assert every.fullmatch("denoising_step_list[3]")
    assert not every.fullmatch("noise")
    assert not every.fullmatch("output/program")


def test_every_choice_and_range_of_the_table_is_in_the_schema() -> None:
    properties = lookup.values_schema()["properties"]

    for known in PARAMETERS.values():
        if is_plain(known) and known.kind is Kind.NUMBER and known.high is not None:
            assert properties[known.name]["maximum"] == known.high
    assert "reset_cache" not in properties
    assert "paused" in properties
    assert "paused" not in lookup.values_schema(start=True)["properties"]
