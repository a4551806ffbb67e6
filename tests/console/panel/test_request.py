"""What the page's server takes and what it refuses."""

import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.console.panel.request import is_ours, is_same_origin, read_signal
from bridge.errors import Refused

value = st.one_of(
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=50),
)


@given(st.lists(value, max_size=16))
def test_what_is_well_formed_arrives_as_it_was_sent(values: list[float | int | str | bool]) -> None:
    path, taken = read_signal(json.dumps({"path": "panel/prompt", "values": values}).encode())

    assert path == "panel/prompt"
    assert list(taken) == values
    assert [type(each) for each in taken] == [type(each) for each in values]


@given(st.one_of(st.binary(max_size=200), st.recursive(st.none() | value, st.lists).map(orjson.dumps)))
def test_anything_else_is_refused_and_nothing_is_raised_but_that(body: bytes) -> None:
    with pytest.raises(Refused):
        read_signal(body)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ('["panel/prompt"]', "a signal is an object with path and values, for example "),
        ('{"path": "panel/prompt"}', "a signal is an object with path and values, for example "),
        ('{"path": "panel/prompt", "values": [], "x": 1}', "a signal is an object with path and values, for example "),
        ('{"path": "stage/fader", "values": [1]}', "path must be text that begins with panel/ and goes on with "),
        ('{"path": "panel/", "values": [1]}', "path must be text that begins with panel/ and goes on with "),
        ('{"path": 3, "values": [1]}', "path must be text that begins with panel/ and goes on with "),
        ('{"path": "panel/\\u001b[2J", "values": [1]}', "path must be at most 200 characters that can be printed"),
        (f'{{"path": "panel/{"x" * 200}", "values": [1]}}', "path must be at most 200 characters that can be printed"),
        ('{"path": "panel/prompt", "values": "reef"}', "values must be a list of at most 16"),
        (f'{{"path": "panel/prompt", "values": {[1] * 17}}}', "values must be a list of at most 16"),
        (f'{{"path": "panel/prompt", "values": ["{"x" * 4001}"]}}', "a text may have 4000 characters, this one has "),
        ('{"path": "panel/prompt", "values": [null]}', "values may hold numbers, texts, true and false, nothing else"),
        ('{"path": "panel/prompt", "values": [[1]]}', "values may hold numbers, texts, true and false, nothing else"),
        ('{"path": "panel/prompt", "values": [NaN]}', "this is not JSON ("),
        ("", "this is not JSON ("),
    ],
)
def test_a_refusal_says_what_is_wrong(body: str, sentence: str) -> None:
    with pytest.raises(Refused) as refused:
        read_signal(body.encode())

    assert str(refused.value).startswith(sentence)


@pytest.mark.parametrize(
    ("host", "bound_to", "ours"),
    [
        ("127.0.0.1:8765", "127.0.0.1", True),
        ("localhost:8765", "127.0.0.1", True),
        ("[::1]:8765", "::1", True),
        ("127.0.0.1", "127.0.0.1", True),
        ("evil.example:8765", "127.0.0.1", False),
        ("localhost.evil.example", "127.0.0.1", False),
        ("192.168.1.20:8765", "127.0.0.1", False),
        ("", "127.0.0.1", False),
        ("127.0.0.1:port", "127.0.0.1", False),
        ("192.168.1.20:8765", "0.0.0.0", True),
        ("evil.example:8765", "0.0.0.0", False),
        ("show-machine:8765", "show-machine", True),
        ("192.168.1.20:8765", "show-machine", True),
    ],
)
def test_only_names_that_nobody_can_point_elsewhere_are_ours(host: str, bound_to: str, ours: bool) -> None:
    assert is_ours(host, bound_to) is ours


@pytest.mark.parametrize(
    ("origin", "same"),
    [
        (None, True),
        ("http://127.0.0.1:8765", True),
        ("http://127.0.0.1:8000", False),
        ("https://127.0.0.1:8765", False),
        ("http://evil.example", False),
        ("null", False),
    ],
)
def test_only_our_own_page_may_ask(origin: str | None, same: bool) -> None:
    assert is_same_origin(origin, "127.0.0.1:8765") is same
