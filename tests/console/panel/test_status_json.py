"""The status as JSON, whatever is in it."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bridge.console.panel.status_json import encode
from bridge.status import InputStatus, Phase, RouteStatus, ScopeStatus, Status

anything = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(st.characters(codec=None)),
        st.binary(max_size=5),
        st.complex_numbers(),
    ),
    lambda inner: st.lists(inner) | st.tuples(inner) | st.dictionaries(st.text() | st.integers(), inner),
    max_leaves=10,
)


def no_constant(name: str) -> None:
    raise AssertionError(f"{name} is not JSON")


def a_status(**route: Any) -> Status:
    scope = ScopeStatus("http://127.0.0.1:8000", Phase.STREAMING, "frames come", fps=15.5)
    return Status("demo.yaml", 2.5, scope, (InputStatus("stage", "OSC"),), routes=(RouteStatus("a/b", "c", **route),))


def test_the_names_are_those_of_the_status() -> None:
    read = json.loads(encode(a_status(asked=0.5, in_picture=[1000, 750], age=0.1)))

    assert list(read) == [
        "profile", "seconds", "scope", "inputs", "outputs", "routes", "prompt", "bank", "show", "complaints", "notes",
            "others",
    ]  # fmt: skip
    assert read["scope"]["phase"] == "streaming"
    assert read["scope"]["frame_age"] is None
    assert read["routes"][0]["asked"] == 0.5
    assert read["routes"][0]["in_picture"] == [1000, 750]


def test_what_json_lacks_becomes_null_or_text() -> None:
    read = json.loads(encode(a_status(asked=float("nan"), in_picture=b"abc")))

    assert read["routes"][0]["asked"] is None
    assert read["routes"][0]["in_picture"] == "3 bytes"


@given(anything, anything)
def test_any_value_gives_json_that_a_browser_takes(asked: Any, in_picture: Any) -> None:
    read = json.loads(encode(a_status(asked=asked, in_picture=in_picture)), parse_constant=no_constant)

    assert read["routes"][0]["signal"] == "a/b"
    assert encode(a_status(asked=asked, in_picture=in_picture)).isascii()
