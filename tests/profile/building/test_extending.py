"""One profile on top of another: what wins, what is joined, and where a mistake of the house is shown."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.profile.building.extending import DEEPEST, JOINED, extended
from bridge.profile.shapes.shape import Subject
from bridge.profile.shapes.values import Anything
from bridge.profile.source import nodes
from bridge.profile.source.compose import compose
from bridge.profile.source.problems import Notes, Place, lines_of, report


class Shelf:
    """Files in memory."""

    def __init__(self, **texts: str) -> None:
        self.texts = {name.replace("__", "/") + ".yaml": text for name, text in texts.items()}
        self.asked: list[str] = []

    def __call__(self, path: str) -> str:
        self.asked.append(path)
        if path not in self.texts:
            raise FileNotFoundError(path)
        return self.texts[path]


def read(text: str, files: Shelf, path: str = "night.yaml") -> tuple[nodes.Mapping, tuple[str, ...], Notes]:
    notes = Notes(lines_of(text), path)
    root = compose(text, notes)
    assert isinstance(root, nodes.Mapping)
    merged, paths = extended(root, notes, path, files)
    return merged, paths, notes


def said(text: str, files: Shelf, path: str = "night.yaml") -> Any:
    """Return what the merged profile says, without `extends`."""
    merged, _, notes = read(text, files, path)
    assert notes.problems() == ()
    values = Anything().read(merged, notes, Subject("it", ""))
    values.pop("extends", None)
    return values


def messages(text: str, files: Shelf, path: str = "night.yaml") -> list[str]:
    return [f"{one.path}:{one.line}:{one.column}: {one.message}" for one in read(text, files, path)[2].problems()]


def test_a_profile_that_extends_nothing_stays_as_it_is() -> None:
    text = "start: {prompt: reef}"
    notes = Notes(lines_of(text), "night.yaml")
    root = compose(text, notes)
    assert isinstance(root, nodes.Mapping)

    assert extended(root, notes, "night.yaml", Shelf()) == (root, ())


def test_mappings_are_merged_key_by_key_and_this_file_wins() -> None:
    house = Shelf(house="inputs: {td: {osc: 9000, range: [0, 1]}, apc: {midi: APC40}}\nstart: {prompt: reef}")

    assert said("extends: house.yaml\ninputs: {td: {osc: 9001}}", house) == {
        "inputs": {"td": {"osc": 9001, "range": [0, 1]}, "apc": {"midi": "APC40"}},
        "start": {"prompt": "reef"},
    }


def test_lists_of_routes_are_joined_the_houses_first() -> None:
    house = Shelf(house="routes: [td/a -> prompt, td/b -> bypass]\npages: {one: {routes: [td/p -> tap]}}")
    text = "extends: house.yaml\nroutes: [td/c -> tap, td/a -> prompt]\npages: {one: {routes: [td/q -> undo]}}"

    assert said(text, house) == {
        "routes": ["td/a -> prompt", "td/b -> bypass", "td/c -> tap"],
        "pages": {"one": {"routes": ["td/p -> tap", "td/q -> undo"]}},
    }


def test_a_list_that_is_one_value_is_replaced() -> None:
    house = Shelf(house="inputs: {td: {range: [0, 1]}}\nprompts: {words: {mood: [calm, tense]}}\ntempo: [{bpm: 120}]")
    text = "extends: house.yaml\ninputs: {td: {range: [0, 127]}}\nprompts: {words: {mood: [wild]}}\ntempo: [{bpm: 140}]"

    assert said(text, house) == {
        "inputs": {"td": {"range": [0, 127]}},
        "prompts": {"words": {"mood": ["wild"]}},
        "tempo": [{"bpm": 140}],
    }


def test_what_is_commented_out_here_leaves_what_the_house_says() -> None:
    house = Shelf(house="routes: [td/a -> prompt]\nscope: http://10.0.0.5:8000")

    assert said("extends: house.yaml\nroutes:\n  # - td/b -> tap\nscope:", house) == {
        "routes": ["td/a -> prompt"],
        "scope": "http://10.0.0.5:8000",
    }


def test_an_address_alone_is_merged_with_a_mapping_that_has_more() -> None:
    house = Shelf(house="scope: http://10.0.0.5:8000")

    assert said("extends: house.yaml\nscope: {pipeline: longlive}", house)["scope"] == {
        "url": "http://10.0.0.5:8000",
        "pipeline": "longlive",
    }


def test_a_scene_with_a_time_takes_the_values_of_one_without() -> None:
    house = Shelf(house="scenes: {drop: {fade: 2 bars, set: {bypass: 1, prompt: reef}}}")

    assert said("extends: house.yaml\nscenes: {drop: {bypass: 0.5}}", house)["scenes"] == {
        "drop": {"fade": "2 bars", "set": {"bypass": 0.5, "prompt": "reef"}}
    }


def test_a_bank_keeps_the_order_of_the_house() -> None:
    house = Shelf(house="prompts: {bank: {reef: a, neon: b}}")
    merged = said("extends: house.yaml\nprompts: {bank: {ember: c, neon: d}}", house)

    assert list(merged["prompts"]["bank"].items()) == [("reef", "a"), ("neon", "d"), ("ember", "c")]


def test_several_profiles_stand_on_each_other_in_their_order() -> None:
    files = Shelf(rig="start: {a: 1, b: 1, c: 1}", looks="start: {b: 2, c: 2}")

    assert said("extends: [rig.yaml, looks.yaml]\nstart: {c: 3}", files)["start"] == {"a": 1, "b": 2, "c": 3}


def test_a_file_that_two_extend_counts_once_and_below_both() -> None:
    files = Shelf(
        base="routes: [td/a -> tap]\nstart: {x: base}",
        one="extends: base.yaml\nroutes: [td/b -> tap]\nstart: {x: one}",
        two="extends: base.yaml\nroutes: [td/c -> tap]",
    )

    assert said("extends: [one.yaml, two.yaml]", files) == {
        "routes": ["td/a -> tap", "td/b -> tap", "td/c -> tap"],
        "start": {"x": "one"},
    }
    assert files.asked.count("base.yaml") == 1


def test_a_path_is_counted_from_the_file_that_names_it() -> None:
    files = Shelf(shows__house__rig="extends: more/base.yaml", shows__house__more__base="start: {bypass: 1}")
    _, paths, _ = read("extends: house/rig.yaml", files, "shows/night.yaml")

    assert paths == ("shows/house/rig.yaml", "shows/house/more/base.yaml")


def test_five_profiles_below_one_another_are_fine_and_six_are_not() -> None:
    chain = {f"f{number}": f"extends: f{number + 1}.yaml" for number in range(1, DEEPEST + 1)}
    fine = Shelf(**{**chain, f"f{DEEPEST}": "start: {bypass: 1}"})
    deep = Shelf(**chain, **{f"f{DEEPEST + 1}": "start: {bypass: 1}"})

    assert said("extends: f1.yaml", fine) == {"start": {"bypass": 1}}
    assert messages("extends: f1.yaml", deep) == [
        f"f{DEEPEST}.yaml:1:10: more than 5 profiles stand below one another: "
        "night.yaml → f1.yaml → f2.yaml → f3.yaml → f4.yaml → f5.yaml → f6.yaml"
    ]


@pytest.mark.parametrize(
    ("files", "loop"),
    [
        ({"night": ""}, "night.yaml:1:10: these profiles extend each other in a circle: night.yaml → night.yaml"),
        (
            {"a": "extends: b.yaml", "b": "start: {}\nextends: ./x/../a.yaml"},
            "b.yaml:2:10: these profiles extend each other in a circle: a.yaml → b.yaml → a.yaml",
        ),
    ],
)
def test_a_circle_is_named(files: dict[str, str], loop: str) -> None:
    first = next(iter(files))

    assert messages(f"extends: {first}.yaml", Shelf(**files)) == [loop]


def test_a_mistake_in_the_house_is_shown_in_its_own_file() -> None:
    house = Shelf(house="# the house\nstart: {prompt: reef, prompt: neon}\nscope: @x")
    notes = read("extends: house.yaml", house)[2]

    assert report(notes.problems(), "night.yaml") == (
        "house.yaml:2:23: 'prompt' is given twice, and only one of them can count\n"
        "  2 | start: {prompt: reef, prompt: neon}\n"
        "    |                       ^^^^^^\n"
        "  2 | start: {prompt: reef, prompt: neon}\n"
        "    |         ^^^^^^ here first\n"
        "    = put both into one, or give one another name\n"
        "\n"
        "house.yaml:3:8: text that begins with @ must be in quotes, because YAML gives that character a meaning\n"
        "  3 | scope: @x\n"
        "    |        ^^\n"
        '    = write scope: "@x"\n'
        "\n"
        "2 problems in night.yaml; nothing was started."
    )


def test_a_value_of_the_house_knows_its_file_and_line() -> None:
    merged, _, notes = read("extends: house.yaml\n\n", Shelf(house="\nstart: {prompt: reef}"))
    (value,) = (value for key, value in merged.pairs if isinstance(key, nodes.Scalar) and key.text == "start")
    notes.error(value.place, "it is wrong", "make it right", elsewhere=Place(1, 1, 1, 8))

    assert notes.path_at(value.place) == "house.yaml"
    assert report(notes.problems(), "night.yaml").splitlines()[:5] == [
        "house.yaml:2:8: it is wrong",
        "  2 | start: {prompt: reef}",
        "    |        ^^^^^^^^^^^^^^",
        "  1 | extends: house.yaml",
        "    | ^^^^^^^ here first, in night.yaml",
    ]


def test_problems_come_in_the_order_of_the_files_and_this_file_first() -> None:
    notes = Notes(["one", "two"], "night.yaml")
    by = notes.include(Notes(["three", "four"], "house.yaml"))
    for line in (by + 2, 2, by + 1, 1):
        notes.error(Place(line, 1, line, 2), "wrong")

    assert [(one.path, one.line) for one in notes.problems()] == [
        ("night.yaml", 1),
        ("night.yaml", 2),
        ("house.yaml", 1),
        ("house.yaml", 2),
    ]


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (FileNotFoundError("x"), "there is no file house.yaml"),
        (IsADirectoryError("x"), "house.yaml is a folder"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "no"), "house.yaml is not UTF-8"),
        (PermissionError(13, "Permission denied"), "house.yaml cannot be read: permission denied"),
        (ValueError("embedded null byte"), "house.yaml cannot be read: embedded null byte"),
    ],
)
def test_a_file_that_cannot_be_read_is_said_where_it_is_named(error: Exception, sentence: str) -> None:
    def refuse(path: str) -> str:
        raise error

    text = "extends: house.yaml"
    notes = Notes(lines_of(text), "night.yaml")
    root = compose(text, notes)
    assert isinstance(root, nodes.Mapping)
    merged, paths = extended(root, notes, "night.yaml", refuse)

    assert [(one.message, one.column) for one in notes.problems()] == [(sentence, 10)]
    assert not merged.whole
    assert paths == ()


@pytest.mark.parametrize("text", ["extends: missing.yaml", "extends: [fine.yaml, missing.yaml]", "extends: bad.yaml"])
def test_what_an_unread_file_may_say_counts_as_unknown_at_every_depth(text: str) -> None:
    # This one is stopped by a document of more levels than a profile can have.
    files = Shelf(fine="a: 1", bad="[" * 60 + "]" * 60)
    merged, _, _ = read(text + "\nprompts: {bank: {reef: a}}\nroutes: [td/a -> tap]", files)

    def wholes(node: nodes.Node) -> list[bool]:
        match node:
            case nodes.Mapping(pairs=pairs, whole=whole):
                return [whole, *(one for _, value in pairs for one in wholes(value))]
            case nodes.Sequence(whole=whole):
                return [whole]
            case _:
                return []

    assert [one for one in wholes(merged) if one] == []


def test_a_house_that_is_no_profile_is_refused_in_its_own_file() -> None:
    files = Shelf(a="- td/a -> tap", b="just text", c="# nothing\n")

    assert messages("extends: [a.yaml, b.yaml, c.yaml]", files) == [
        "a.yaml:1:1: a profile is a mapping, and this is a list",
        "b.yaml:1:1: a profile is a mapping, and this is text",
        "c.yaml:1:1: this profile is empty",
    ]


def test_a_house_of_which_nothing_is_left_is_not_called_empty() -> None:
    found, _, notes = read("extends: house.yaml", Shelf(house="{a:}"))

    assert [problem.path for problem in notes.problems()] == ["house.yaml"]
    assert not found.whole


def test_the_house_may_begin_with_a_byte_order_mark() -> None:
    assert said("extends: house.yaml", Shelf(house="\ufeffstart: {bypass: 1}")) == {"start": {"bypass": 1}}


_keys = st.sampled_from(["scope", "start", "routes", "allow", "bank", "a", "b"])
_leaves = st.integers(0, 9) | st.text("xyz", min_size=1, max_size=3)
_values = st.recursive(
    _leaves | st.lists(_leaves, max_size=3), lambda inner: st.dictionaries(_keys, inner, max_size=4), max_leaves=12
)
_profiles = st.dictionaries(_keys.filter(lambda key: key != "scope"), _values, min_size=1, max_size=4)


def _reference(over: Any, under: Any, key: str) -> Any:
    if isinstance(over, dict) and isinstance(under, dict):
        both = {name: _reference(over[name], under[name], name) for name in over if name in under}
        return {**under, **over, **both}
    if isinstance(over, list) and isinstance(under, list) and key in JOINED:
        said = {str(item) for item in under}
        return [*under, *(item for item in over if str(item) not in said)]
    return over


@given(_profiles, _profiles)
def test_any_two_profiles_are_merged_by_the_one_rule(over: dict[str, Any], under: dict[str, Any]) -> None:
    text = json.dumps({"extends": "house.yaml", **over})

    assert said(text, Shelf(house=json.dumps(under))) == _reference(over, under, "")


@given(_profiles)
def test_a_profile_on_top_of_itself_says_the_same(profile: dict[str, Any]) -> None:
    text = json.dumps(profile)

    assert said(json.dumps({"extends": "house.yaml", **profile}), Shelf(house=text)) == profile
