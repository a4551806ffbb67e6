"""Scenes, cues, the start and what is safe: each value is read by what its target takes."""

from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.profile.building.scenes import Reader, texts
from bridge.profile.durations import CUT, Duration, Unit
from bridge.profile.filters import Curve
from bridge.profile.language.scenes import CUES, SAFE, SCENES, START
from bridge.profile.model import (
    BridgeTarget,
    Cue,
    LoraTarget,
    OutputTarget,
    ParameterTarget,
    Prompts,
    PromptTarget,
    Scene,
    Setting,
    Target,
)
from bridge.profile.shapes.shape import Subject
from bridge.profile.shapes.structures import Field, Record
from bridge.profile.shapes.values import Anything
from bridge.profile.source import nodes
from bridge.profile.source.compose import compose
from bridge.profile.source.problems import Notes, Place, lines_of
from bridge.profile.targets import table
from bridge.profile.targets.names import Names
from bridge.profile.targets.table import Entry

NAMES = {
    "outputs": ["program"],
    "words": ["mood"],
    "bank": ["reef", "neon"],
    "slots": ["base", "accent"],
    "cues": ["doors"],
    "pages": ["looks"],
    "routes": ["kick"],
    "loras": ["arcane"],
    "images": ["face"],
    "inputs": ["cam", "film"],
    "films": ["film"],
}
SECTIONS = Record(
    "a profile",
    tuple(
        Field(name, shape, "", "x")
        for name, shape in (("scenes", SCENES), ("start", START), ("safe", SAFE), ("cues", CUES))
    ),
)


class Read:
    """What came of the four sections in `text`."""

    def __init__(self, text: str) -> None:
        self.notes = Notes(lines_of(text), "night.yaml")
        node = compose(text, self.notes)
        assert node is not None
        fields = SECTIONS.read(node, self.notes, Subject("a profile", "")) or {}
        self.seen: list[Target] = []
        written = fields["scenes"].value if "scenes" in fields else {}
        names: Any = {**NAMES, "scenes": list(written)}
        prompts = Prompts({"reef": "a", "neon": "b"}, slots=("base", "accent"))
        reader = Reader(Names(**names), prompts, self.notes, lambda target, place: self.seen.append(target))
        self.scenes = reader.scenes(written)
        self.start, self.start_scene = reader.start(fields.get("start"), self.scenes)
        self.safe = reader.safe(fields.get("safe"), self.scenes)
        self.cues = reader.cues(fields["cues"].value if "cues" in fields else {})

    @property
    def messages(self) -> list[str]:
        return [problem.message for problem in self.notes.problems()]


def good(text: str) -> Read:
    found = Read(text)
    assert found.messages == []
    return found


def scene(values: str) -> Scene:
    return good(f"scenes: {{it: {values}}}").scenes["it"]


# Scenes.


def test_a_scene_is_its_values() -> None:
    made = scene("{bypass: 0.3, prompt: reef, lora/arcane: 0.2}")

    assert made == Scene(
        "it",
        {
            "bypass": Setting(BridgeTarget("bypass"), 0.3),
            "prompt": Setting(PromptTarget(), "reef"),
            "lora/arcane": Setting(LoraTarget("arcane"), 0.2),
        },
        CUT,
        None,
    )


def test_a_scene_has_a_time_and_a_curve_and_a_value_can_have_its_own() -> None:
    made = scene("{fade: 2 bars, curve: s, set: {bypass: {to: 0.8, fade: 4 s, curve: exp}, output/all/level: 1}}")

    assert (made.fade, made.curve) == (Duration(2, Unit.BARS), Curve("s"))
    assert made.settings == {
        "bypass": Setting(BridgeTarget("bypass"), 0.8, Duration(4), Curve("exp")),
        "output/all/level": Setting(OutputTarget("all", "level"), 1.0),
    }


def test_a_value_of_a_scene_without_a_time_can_have_one() -> None:
    assert scene("{bypass: {to: 0.8, fade: 1 bar}}").settings["bypass"].fade == Duration(1, Unit.BARS)


def test_a_value_can_cut_in_a_scene_that_fades() -> None:
    made = scene("{fade: 2 s, set: {bypass: {to: 1, fade: cut}, output/all/level: 0}}")

    assert made.settings["bypass"].fade == CUT


def test_a_curve_of_one_value_bends_the_fade_of_the_scene() -> None:
    made = scene("{fade: 2 s, set: {bypass: {to: 1, curve: log}}}")

    assert made.settings["bypass"] == Setting(BridgeTarget("bypass"), 1.0, None, Curve("log"))


def test_the_curve_of_a_scene_bends_the_fade_of_one_value() -> None:
    assert scene("{curve: s, set: {bypass: {to: 1, fade: 2 s}, prompt: reef}}").curve == Curve("s")


def test_a_scene_can_set_only_and_cut() -> None:
    assert scene("{set: {bypass: 1}}").fade == CUT


def test_the_number_of_a_prompt_is_its_name() -> None:
    assert scene("{prompt: 2}").settings["prompt"].value == "neon"
    assert scene("{prompt/accent/text: 1}").settings["prompt/accent/text"].value == "reef"


def test_a_prompt_may_be_any_text() -> None:
    assert scene('{prompt: "rain, {mood}"}').settings["prompt"].value == "rain, {mood}"


def test_a_pipelines_own_parameter_takes_what_it_takes_even_nothing_or_a_mapping() -> None:
    made = scene("{param/a: ~, param/b: {x: 1}, param/c: {to: 3, fade: 1 s}, param/d: [1, 2]}")

    assert {name: one.value for name, one in made.settings.items()} == {
        "param/a": None,
        "param/b": {"x": 1},
        "param/c": 3,
        "param/d": [1, 2],
    }
    assert made.settings["param/c"].fade == Duration(1)


def test_each_target_is_looked_at_once() -> None:
    found = good("scenes: {it: {noise_scale: 0.3, bypass: 1}}")

    assert [type(target) for target in found.seen] == [ParameterTarget, BridgeTarget]


def _filled(entry: Entry) -> str:
    names = {
        "word/<name>": "word/mood",
        "denoising_step_list[<n>]": "denoising_step_list[2]",
        "image/<role>": "image/first",
        "param/<name>": "param/glow",
        "node/<id>/<parameter>": "node/longlive/noise_scale",
        "lora/<name>": "lora/arcane",
        "prompt/<slot>/weight": "prompt/base/weight",
        "prompt/<slot>/text": "prompt/base/text",
        "prompt/<step>": "prompt/next",
        "prompt/<name>": "prompt/reef",
        "ctrl/key/<code>": "ctrl/key/KeyW",
        "source/<name>": "source/cam",
        "source/<name>/position": "source/film/position",
        "pipeline/<name>": "pipeline/longlive",
        "scene/save/<name>": "scene/save/mine",
        "scene/<name>": "scene/it",
        "cue/<step>": "cue/go",
        "cue/<name>": "cue/doors",
        "page/<step>": "page/next",
        "page/<name>": "page/looks",
        "snapshot/<act>/<n>": "snapshot/save/1",
        "route/<name>/amount": "route/kick/amount",
        "route/<name>/on": "route/kick/on",
        "output/<name>/freeze": "output/program/freeze",
        "output/<name>/level": "output/program/level",
        "output/<name>/key": "output/program/key",
    }
    return names.get(entry.name, entry.name)


@pytest.mark.parametrize("entry", table.CATALOGUE, ids=lambda entry: entry.name)
def test_every_target_that_can_be_set_takes_its_own_example(entry: Entry) -> None:
    name = _filled(entry)
    found = Read(f"scenes: {{it: {{'{name}': {entry.example}}}}}" if entry.shape else f"scenes: {{it: {{{name}: 1}}}}")

    if entry.shape is not None:
        assert found.messages == []
        assert list(found.scenes["it"].settings) == [name]
    else:
        (message,) = found.messages
        assert message.startswith(f"{name} is ")
        assert message.endswith("and a scene sets values")
        assert found.scenes["it"].settings == {}


@given(st.floats(-30, 30).map(lambda number: round(number, 3)))
def test_a_value_is_taken_as_it_is_or_refused_at_the_ends_of_the_target(value: float) -> None:
    found = Read(f"scenes: {{it: {{lora/arcane: {value!r}}}}}")

    if -10 <= value <= 10:
        assert found.messages == []
        assert found.scenes["it"].settings["lora/arcane"].value == value
    else:
        assert [message.split(" takes ")[0] for message in found.messages] == ["lora/arcane"]


@pytest.mark.parametrize(
    "value",
    [
        "manage_cache: {to: true, fade: 2 s}", "seed: {to: 7, fade: 2 s}", "word/mood: {to: calm, fade: 2 s}",
        "record: {to: true, fade: 2 s}", "transition_steps: {to: 4, fade: 2 s}", "route/kick/on: {to: true, fade: 2 s}",
        "spatial_interpolation_method: {to: linear, fade: 2 s}", "image/first: {to: face, fade: 2 s}",
        "denoising_step_list: {to: [1000, 750], fade: 2 s}", "'denoising_step_list[1]': {to: 900, fade: 2 s}",
        "param/a: {to: text, fade: 2 s}",
    ],
)  # fmt: skip
def test_what_has_nothing_between_two_values_cannot_fade(value: str) -> None:
    (message,) = Read(f"scenes: {{it: {{{value}}}}}").messages

    assert message.startswith(f"{value.partition(': {')[0].strip(chr(39))} cannot fade: between ")


@pytest.mark.parametrize(
    "value",
    ["noise_scale: {to: 0.3, fade: 2 s}", "lora/arcane: {to: 1, fade: 2 s}", "prompt: {to: reef, fade: 4 chunks}",
     "prompt/base/weight: {to: 1, fade: 2 s}", "prompt/accent/text: {to: reef, fade: 2 s}",
     "route/kick/amount: {to: 0, fade: 1 bar}", "param/a: {to: 3, fade: 2 s}"],
)  # fmt: skip
def test_numbers_and_prompts_fade(value: str) -> None:
    (setting,) = scene(f"{{{value}}}").settings.values()

    assert setting.fade is not None
    assert setting.fade.amount > 0


@pytest.mark.parametrize(
    ("values", "messages"),
    [
        ("{nose_scale: 1}", ["there is no target 'nose_scale'"]),
        ("{seed: 1, base_seed: 2}", ["'base_seed' is set twice, under two names"]),
        ("{prompt: reef, prompt/base/text: neon}", ["'prompt/base/text' is set twice, under two names"]),
        ("{lora/1: 1, lora/arcane: 0.5}", ["'lora/arcane' is set twice, under two names"]),
        (
            "{fade: 2 s, bypass: 1}",
            ["'bypass' stands beside 'fade', and in a scene with a time the values are in 'set'"],
        ),
        (
            "{bypass: 1, prompt: reef, set: {seed: 1}}",
            ["'bypass' stands beside 'set', and in a scene with a time the values are in 'set'"],
        ),
        ("{fade: 2 s}", ["the scene 'it' has a fade and no values"]),
        ("{fad: 2 s, set: {bypass: 1}}", ["there is no key 'fad' in a scene with a time"]),
        ("{values: {bypass: 1}, fade: 2 s}", ["there is no key 'values' in a scene with a time"]),
        ("{fade: 2, set: {bypass: 1}}", ["'fade' takes a time like 2 s, 4 chunks, 1 beat or 2 bars, not the number 2"]),
        ("{curve: s, set: {bypass: 1}}", ["a curve bends a fade, and there is none"]),
        ("{curve: s, fade: 2 s, set: {prompt: reef}}", ["a curve bends the way of a number, and no number fades here"]),
        ("{curve: s, fade: 2 s, set: {byapss: 1}}", ["there is no target 'byapss'"]),
        ("{curve: linear, fade: 2 s, set: {bypass: 1}}", ["a fade runs evenly by itself"]),
        ("{bypass: {to: 1, curve: s}}", ["a curve bends a fade, and there is none"]),
        ("{fade: 1 s, set: {bypass: {to: 1, fade: cut, curve: s}}}", ["a curve bends a fade, and there is none"]),
        ("{fade: 2 s, curve: s, set: {bypass: {to: 1, fade: cut}}}", ["a curve bends a fade, and there is none"]),
        ("{bypass: {fade: 2 s}}", ["a value with a time needs the key 'to'"]),
        ("{bypass: {to: 2, fade: 2 s}}", ["'bypass' takes a number from 0 to 1, and 2 is outside"]),
        ("{bypass: 0,4}", ["this 4 stands alone, because a comma separates entries"]),
        ("{[a]: 1}", ["a key of the scene 'it' is the name of a target"]),
        ("[bypass: 1]", ["'it' takes targets with their values, or a mapping of fade, curve, set, not a list"]),
        ("{prompt: reff}", ["the bank has no prompt called 'reff', so this is taken for the prompt itself"]),
        ("{prompt: 3}", ["the bank has 2 prompts and no number 3, so this is taken for the prompt itself"]),
        ("{image/first: fcae}", ["no image is called 'fcae', so this is taken for a path on the server"]),
        ("{}", ["this scene sets nothing"]),
        ("", ["this scene sets nothing"]),
        (
            "{fade: 2 s, set: {manage_cache: true}}",
            ["nothing in this scene can fade: text, choices and what is on or off change at once"],
        ),
    ],
)
def test_scenes_that_cannot_be_are_said(values: str, messages: list[str]) -> None:
    found = Read(f"scenes:\n  it: {values}")

    assert found.messages == messages
    assert all(problem.hints for problem in found.notes.problems())


@pytest.mark.parametrize("name", ["save", "a/b", "a*", "{n}"])
def test_a_name_that_clashes_with_a_target_is_refused(name: str) -> None:
    (message,) = Read(f"scenes: {{'{name}': {{bypass: 1}}}}").messages

    assert message.startswith(f"a scene cannot be called '{name}': ")


def test_scenes_in_a_list_are_told_how_to_be_written() -> None:
    (problem,) = Read("scenes:\n  - intro: {bypass: 1}\n  - drop: {bypass: 0}").notes.problems()

    assert problem.hints[0] == "write intro: {bypass: 1}"


# Where a show starts, and where it is safe.


def test_a_show_starts_with_values() -> None:
    found = good("start: {prompt: reef, bypass: 0.2}")

    assert found.start == {"prompt": (PromptTarget(), "reef"), "bypass": (BridgeTarget("bypass"), 0.2)}
    assert found.start_scene is None


def test_a_show_starts_with_a_scene_by_its_name_as_if_it_had_no_time() -> None:
    found = good("start: drop\nscenes: {drop: {fade: 2 s, set: {bypass: {to: 0.2, fade: 1 s}}}}")

    assert found.start == {"bypass": (BridgeTarget("bypass"), 0.2)}
    assert found.start_scene == "drop"


@pytest.mark.parametrize("text", ["start:", "start: {}", "scenes: {}"])
def test_a_show_may_start_with_nothing(text: str) -> None:
    assert (good(text).start, good(text).start_scene) == ({}, None)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("start: {reset_cache: true}", "reset_cache is something that happens, and a show cannot start with it"),
        ("start: {prompt/next: 1}", "prompt/next is something that happens, and a show cannot start with it"),
        ("start: {ctrl/mouse: 1}", "ctrl/mouse is held by hand, and a show cannot start with it"),
        ("start: {paused: true}", "a show cannot start with paused: it is for while the show runs"),
        (
            "start: it\nscenes: {it: {paused: true}}",
            "the scene 'it' sets paused, and a show cannot start with it",
        ),
        ("start: intro", "there is no scene called 'intro'"),
        ("start: [bypass: 1]", "'start' takes a scene's name, or a mapping: targets with their values, not a list"),
        ("start: {bypass: {to: 1, fade: 1 s}}", "a show starts before its first frame, and nothing can fade there"),
        ("start: {fade: 1 s, set: {bypass: 1}}", "a show starts before its first frame, and nothing can fade there"),
        ("start: {prompt: noen}", "the bank has no prompt called 'noen', so this is taken for the prompt itself"),
        ("start: {[a]: 1}", "a key of start is the name of a target"),
        ("safe: intro", "there is no scene called 'intro'"),
    ],
)
def test_starts_that_cannot_be_are_said(text: str, message: str) -> None:
    assert Read(text).messages == [message]


def test_a_start_that_names_a_scene_with_a_mistake_says_no_more() -> None:
    found = Read("start: it\nsafe: it\nscenes: {it: {bypass: 2}}")

    assert found.messages == ["'bypass' takes a number from 0 to 1, and 2 is outside"]


def test_what_is_safe_is_a_scene_by_its_name_or_in_place() -> None:
    found = good("safe: it\nscenes: {it: {bypass: 1}}")

    assert found.safe is found.scenes["it"]
    assert good("safe: {fade: 4 s, set: {bypass: 1}}").safe == Scene(
        "", {"bypass": Setting(BridgeTarget("bypass"), 1.0)}, Duration(4)
    )
    assert good("safe: {bypass: 1}").safe == Scene("", {"bypass": Setting(BridgeTarget("bypass"), 1.0)})


@pytest.mark.parametrize("text", ["safe:", "safe: {}", "scenes: {}"])
def test_without_values_safe_is_where_the_show_starts(text: str) -> None:
    assert good(text).safe is None


def test_the_texts_of_a_scene_have_their_places() -> None:
    text = (
        "{prompt: a reef, prompt/accent/text: {to: neon, fade: 1 s}, bypass: 1, word/mood: calm, prompt/base/text: [a]}"
    )
    node = compose(text, Notes([text]))
    assert isinstance(node, nodes.Mapping)

    assert [(one.text, one.place) for one in texts(node)] == [
        ("a reef", Place(1, 10, 1, 16)),
        ("neon", Place(1, 43, 1, 47)),
    ]
    assert list(texts(None)) == []


# Cues.


def test_cues_are_in_the_order_of_the_file() -> None:
    found = good(
        "scenes: {intro: {bypass: 1}, drop: {bypass: 0}}\n"
        "cues:\n"
        "  z: {scene: drop, wait: 4 bars, follow: 8 bars, note: when the strings stop}\n"
        "  a: {scene: intro}\n"
        "  m: {scene: drop, wait: bar, follow: 2 s}\n"
    )

    assert list(found.cues.items()) == [
        ("z", Cue("z", "drop", Duration(4, Unit.BARS), Duration(8, Unit.BARS), "when the strings stop")),
        ("a", Cue("a", "intro")),
        ("m", Cue("m", "drop", Duration(1, Unit.BARS), Duration(2))),
    ]


@pytest.mark.parametrize(
    ("cues", "message"),
    [
        ("{a: {scene: dorp}}", "there is no scene called 'dorp'"),
        ("{a: {wait: bar}}", "a cue needs the key 'scene'"),
        (
            "{a: {scene: drop, wait: 4}}",
            "'wait' takes a time like 2 s, or a line like bar, 1 beat or 4 bars, not the number 4",
        ),
        ("{a: {scene: drop, follow: 0 s}}", "'follow' takes a time, and this is none"),
        ("{go: {scene: drop}}", "a cue cannot be called 'go': cue/go is the next cue of the list"),
        ("{back: {scene: drop}}", "a cue cannot be called 'back': cue/back is the cue before"),
        ("{a: drop}", "'a' takes a mapping of scene, wait, follow, note, not the text 'drop'"),
        ("{a: {scene: drop, delay: 1 s}}", "there is no key 'delay' in a cue"),
    ],
)
def test_cues_that_cannot_be_are_said(cues: str, message: str) -> None:
    assert Read(f"scenes: {{drop: {{bypass: 0}}}}\ncues: {cues}").messages == [message]


@pytest.mark.parametrize(
    ("item", "written"),
    [
        ("doors", "doors: {scene: intro}"),
        ("doors: {scene: drop}", "doors: {scene: drop}"),
        ("{name: doors, scene: drop}", "doors: {scene: drop}"),
        ("{scene: drop, wait: bar}", "doors: {scene: drop, wait: bar}"),
        ("{}", "doors: {scene: intro}"),
        ("[drop]", "doors: {scene: intro}"),
        ("", "doors: {scene: intro}"),
    ],
)
def test_a_list_of_cues_is_told_how_to_be_written(item: str, written: str) -> None:
    (problem,) = Read(f"cues:\n  - {item}").notes.problems()

    assert problem.message == ("'cues' is a mapping: each has a name, which stands before a colon, without a dash")
    assert problem.hints == (f"write {written}", "they come in the order in which they stand here")


def test_an_empty_list_of_cues_is_told_as_well() -> None:
    assert len(Read("cues: []").messages) == 1


# What an editor knows.

VALIDATOR = jsonschema.Draft202012Validator(SECTIONS.schema())


def editor(text: str) -> bool:
    """Return whether an editor that goes by the schema is content with `text`."""
    notes = Notes(lines_of(text))
    node = compose(text, notes)
    assert node is not None
    return VALIDATOR.is_valid(Anything().read(node, notes, Subject("", "")))


@pytest.mark.parametrize(
    "text",
    [
        "scenes: {it: {bypass: 1, prompt: reef, param/a: {x: 1}}, that: ~}",
        "scenes: {it: {bypass: {to: 1, fade: 4 s, curve: exp}, param/a: {to: [1], fade: cut}}}",
        "scenes: {it: {fade: bar, curve: {power: 2}, set: {lora/arcane: {to: 1, fade: 2 bars}}}}",
        "start: {prompt: reef}",
        "start: it",
        "safe: {fade: 2 s, set: {bypass: 1}}",
        "cues: {a: {scene: it, wait: bar, follow: 8 bars, note: now}}",
    ],
)
def test_an_editor_takes_what_the_reading_takes(text: str) -> None:
    assert editor(text)


@pytest.mark.parametrize(
    "text",
    [
        "scenes: {save: {bypass: 1}}",
        "scenes: {it: {prompt/next: 1}}",
        "scenes: {it: {bypass: 2}}",
        "scenes: {it: {bypass: {fade: 4 s}}}",
        "scenes: {it: {bypass: {to: 1, fade: 4}}}",
        "scenes: {it: {bypass: {to: 1, fad: 4 s}}}",
        "scenes: {it: {fade: 2 s}}",
        "scenes: {it: {fade: 2 s, bypass: 1}}",
        "scenes: {it: [bypass]}",
        "start: {bypass: {to: 1}}",
        "start: {paused: true}",
        "safe: [it]",
        "cues: [it]",
        "cues: {go: {scene: it}}",
        "cues: {a: {scene: it, wait: cut}}",
        "cues: {a: {wait: bar}}",
    ],
)
def test_an_editor_refuses_what_the_reading_refuses(text: str) -> None:
    assert not editor(text)
    assert Read(text).messages
