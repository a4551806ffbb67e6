"""The schema and the reference on disk are what the code says, and the schema agrees with the reading."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from bridge import profile
from bridge.parameters import PARAMETERS, Cost, Kind
from bridge.profile import export
from bridge.profile.controllers import reading as controllers
from bridge.profile.recipes import RECIPES
from bridge.profile.shapes.shape import Subject
from bridge.profile.shapes.values import Anything
from bridge.profile.source.compose import compose
from bridge.profile.source.problems import Notes, lines_of
from bridge.profile.targets import lookup, table

ROOT = Path(__file__).parents[2]
MAPPINGS = ROOT / "mappings"
SHIPPED = sorted(MAPPINGS.glob("*.yaml"))
VALIDATOR = jsonschema.Draft202012Validator(json.loads(export.schema_text()))

SHAPES_OF_MISTAKES = {
    "decimal_comma",
    "fade_of_one_chunk",
    "fades",
    "filters_of_all_kinds",
    "scope_chain_twice",
    "scope_input_source",
    "scope_modulations",
    "scopes_that_clash",
    "scopes_targets",
    "mappings_not_lists",
    "lights_of_values",
    "midi_encoders",
    "midi_ports",
    "missing_keys",
    "number_expected",
    "only_text",
    "not_a_mapping",
    "ports",
    "range_of_no_width",
    "rig_alpha",
    "rig_pictures_of_wrong_form",
    "rig_recording_names",
    "rates",
    "route_across_one",
    "route_with_two_ends",
    "route_with_unknown_words",
    "route_without_an_end",
    "routes_as_a_mapping",
    "start_beyond_the_target",
    "unknown_filter",
    "unknown_key",
    "unknown_key_in_a_route",
    "unknown_target",
    "yaml_on_is_no_switch",
    "yaml_times_with_colons",
    "word_without_choices",
}
"""Golden cases whose mistake is one of shape: an editor that knows the schema underlines them too."""


def as_json(text: str) -> Any:
    """Return what YAML 1.2 makes of `text`, as an editor hands it to the schema."""
    notes = Notes(lines_of(text))
    node = compose(text, notes)
    assert node is not None
    return Anything().read(node, notes, Subject("a profile", ""))


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(export.schema())


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (export.SCHEMA_FILE, export.schema_text),
        (export.CONTROLLER_SCHEMA_FILE, export.controller_schema_text),
        (export.REFERENCE_FILE, export.reference_text),
    ],
)
def test_what_is_on_disk_is_what_the_code_writes(name: str, text: Callable[[], str]) -> None:
    written = (MAPPINGS / name).read_text(encoding="utf-8")

    assert written == text(), "run: scope-bridge schema --write mappings"


@pytest.mark.parametrize("name", controllers.names())
def test_every_shipped_controller_is_known_to_editors(name: str) -> None:
    text = (ROOT / "bridge/profile/controllers" / f"{name}.yaml").read_text(encoding="utf-8")
    validator = jsonschema.Draft202012Validator(json.loads(export.controller_schema_text()))

    assert [error.message for error in validator.iter_errors(as_json(text))] == []


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_profile_is_good_and_known_to_editors(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert text.startswith("# yaml-language-server: $schema=profile.schema.json\n")
    assert profile.load(path)[0].routes
    assert [error.message for error in VALIDATOR.iter_errors(as_json(text))] == []


@pytest.mark.parametrize("title", RECIPES)
def test_every_recipe_is_good_as_it_stands(title: str) -> None:
    reading = profile.read(RECIPES[title], "recipe.yaml", {})

    assert profile.report(reading.problems, "recipe.yaml") == "no problems in recipe.yaml"
    assert [error.message for error in VALIDATOR.iter_errors(as_json(RECIPES[title]))] == []


@pytest.mark.parametrize("name", sorted(SHAPES_OF_MISTAKES))
def test_a_mistake_of_shape_is_one_for_editors_too(name: str) -> None:
    text = (ROOT / "tests" / "errors" / f"{name}.yaml").read_text(encoding="utf-8")

    assert not VALIDATOR.is_valid(as_json(text))


@pytest.mark.parametrize("path", sorted((ROOT / "tests" / "errors").glob("*.yaml")), ids=lambda path: path.stem)
def test_what_the_schema_refuses_check_refuses(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    reading = profile.read(text, "x.yaml", {})
    if reading.errors:
        return

    assert [error.message for error in VALIDATOR.iter_errors(as_json(text))] == []


def test_the_full_example_is_known_to_editors() -> None:
    text = (ROOT / "tests" / "profile" / "full.yaml").read_text(encoding="utf-8")

    assert [error.message for error in VALIDATOR.iter_errors(as_json(text))] == []


def test_the_reference_names_every_key_filter_signal_and_target() -> None:
    page = export.reference_text()

    assert [
        path for path, _ in keys(export.schema()) if f"`{path.rpartition('/')[2]}`" not in page and not in_scene(path)
    ] == []
    assert [entry.name for entry in table.CATALOGUE if f"| `{entry.name}` |" not in page] == []
    assert "`lfo/random`" in page


def in_scene(path: str) -> bool:
    """Return whether a key is a target with its value."""
    return path.rpartition("/")[2] in lookup.plain_names()


def keys(schema: dict[str, Any], path: str = "") -> list[tuple[str, dict[str, Any]]]:
    """Return every key that the schema describes, with its own schema."""
    found = []
    for name, below in schema.get("properties", {}).items():
        found.append((f"{path}/{name}", below))
        found += keys(below, f"{path}/{name}")
    for part in [*schema.get("anyOf", []), schema.get("items"), schema.get("additionalProperties")]:
        if isinstance(part, dict):
            found += keys(part, path)
    return found


def test_every_key_of_the_schema_is_described_with_an_example_that_it_takes() -> None:
    described = keys(export.schema())

    assert len(described) > 150
    for path, below in described:
        assert below["description"].endswith("."), path
        for example in below["examples"]:
            assert [error.message for error in jsonschema.Draft202012Validator(below).iter_errors(example)] == [], path


def test_every_parameter_with_a_single_value_is_a_target() -> None:
    single = {
        name
        for name, known in PARAMETERS.items()
        if known.kind not in {Kind.ANY, Kind.PROMPTS} and known.cost is not Cost.LOAD
    }

    assert single <= set(lookup.plain_names())


def test_the_schema_is_json() -> None:
    assert json.loads(export.schema_text())["title"] == "Scope Bridge profile"
