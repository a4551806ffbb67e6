"""The full example of the language: it has no problem, and every key in it changes what is read."""

import copy
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from bridge import profile
from bridge.profile import Profile, Severity

FOLDER = Path(__file__).parent
FULL = FOLDER / "full.yaml"
ENVIRONMENT = {"TURN_SECRET": "hush"}
Path_ = tuple[str | int, ...]

WITHOUT_IT_THE_SAME: dict[Path_, Any] = {
    ("scope", "url"): "http://elsewhere:8000",
    ("scope", "pipeline"): "krea-realtime-video",
    ("prompts", "blend"): "slerp",
    ("inputs", "ears", "features"): ["kick", "beat"],
    ("inputs", "ears", "gain"): 6,
    ("routes", 2, "per_chunk"): "mean",
    ("outputs", "program", "fit"): "cover",
}
"""Keys that say what holds without them, too; each with another value, which then must count."""


def read(text: str) -> profile.Reading:
    return profile.read(text, str(FULL), ENVIRONMENT, profile.text_at)


def keys(node: Any, path: Path_ = ()) -> Iterator[Path_]:
    """Yield the path of every key and every item below `node`."""
    pairs = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in pairs:
        yield (*path, key)
        yield from keys(value, (*path, key))


TREE = yaml.safe_load(FULL.read_text(encoding="utf-8"))


def changed(path: Path_) -> dict[str, Any]:
    """Return the example without the key at `path`, or with another value where that says the same."""
    tree: dict[str, Any] = copy.deepcopy(TREE)
    node: Any = tree
    for key in path[:-1]:
        node = node[key]
    if path in WITHOUT_IT_THE_SAME:
        node[path[-1]] = WITHOUT_IT_THE_SAME[path]
    else:
        del node[path[-1]]
    return tree


@cache
def whole() -> Profile:
    found = read(yaml.safe_dump(TREE, sort_keys=False, allow_unicode=True)).profile
    assert found is not None
    return found


def test_the_full_example_has_no_problem() -> None:
    reading = read(FULL.read_text(encoding="utf-8"))

    assert [str(problem) for problem in reading.problems if problem.severity is not Severity.NOTE] == []
    assert reading.profile == whole()


@pytest.mark.parametrize("path", list(keys(TREE)), ids=lambda path: ".".join(map(str, path)))
def test_every_key_of_it_changes_what_is_read(path: Path_) -> None:
    reading = read(yaml.safe_dump(changed(path), sort_keys=False, allow_unicode=True))

    assert reading.profile != whole()
