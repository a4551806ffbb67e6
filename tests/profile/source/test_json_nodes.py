"""JSON to nodes: the same values as Python's own reader makes of it, each with its place."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.profile.shapes.shape import Subject
from bridge.profile.shapes.values import Anything
from bridge.profile.source import nodes
from bridge.profile.source.json_nodes import compose_json
from bridge.profile.source.problems import Notes, Place, Problem, lines_of

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(st.text(), below, max_size=4),
    max_leaves=20,
)


def composed(text: str) -> tuple[nodes.Node | None, tuple[Problem, ...]]:
    notes = Notes(lines_of(text), "graph.json")
    return compose_json(text, notes), notes.problems()


def said(text: str) -> Any:
    node, problems = composed(text)
    assert node is not None, [str(problem) for problem in problems]
    return Anything().read(node, Notes(lines_of(text)), Subject("a graph", ""))


@given(values, st.sampled_from([None, 2, "\t"]), st.booleans())
def test_it_says_what_pythons_own_reader_says(value: Any, indent: int | str | None, plain: bool) -> None:
    assert said(json.dumps(value, indent=indent, ensure_ascii=plain)) == value


@given(st.text(alphabet='{}[]:,"\\ntruefalsenull0123.eE+- \t\n', max_size=30))
def test_what_is_no_json_is_said_once_and_inside_the_text(text: str) -> None:
    node, problems = composed(text)

    try:
        json.loads(text, parse_constant=lambda word: (_ for _ in ()).throw(ValueError(word)))
    except ValueError:
        assert node is None
        (problem,) = [one for one in problems if "twice" not in one.message]
        lines = lines_of(text)
        assert 1 <= problem.line <= len(lines)
        assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1
    else:
        assert node is not None


def test_every_value_knows_its_place() -> None:
    node, _ = composed('{\r\n\t"nodes": [1,\r\n  "two"]}')

    assert isinstance(node, nodes.Mapping)
    ((key, value),) = node.pairs
    assert key.place == Place(2, 2, 2, 9)
    assert isinstance(value, nodes.Sequence)
    assert [item.place for item in value.items] == [Place(2, 12, 2, 13), Place(3, 3, 3, 8)]
    assert node.place == Place(1, 1, 3, 10)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the JSON ends here, in the middle"),
        ('{"a": ', "the JSON ends here, in the middle"),
        ("{a: 1}", "a key of JSON stands in double quotes, and here is none"),
        ('{"a" 1}', "a colon is missing after this key"),
        ('{"a": 1 "b": 2}', "a comma or } is missing here"),
        ("[1 2]", "a comma or ] is missing here"),
        ("[1,]", "after this comma an entry is missing"),
        ("['a']", "this is no JSON"),
        ('["a', "this text is no JSON: its quotes, or a backslash in it"),
        ('["\\x"]', "this text is no JSON: its quotes, or a backslash in it"),
        ("[1] [2]", "the JSON ends before this"),
        ('{"a": 1, "a": 2}', "'a' is given twice, and only one of them can count"),
        ("[" * 100_000, "this is more than 40 levels deep"),
        (" " * 2_000_001, "this file has more than 2,000,000 characters: it is no graph"),
    ],
)
def test_a_slip_is_told_in_words(text: str, message: str) -> None:
    assert [problem.message for problem in composed(text)[1]] == [message]
