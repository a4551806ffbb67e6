"""What is heard of Scope itself."""

import pytest

from bridge.mapping import Mapping
from bridge.mapping.server import SIGNALS
from bridge.signals import Value
from tests.mapping.build import mapping, route, send


def state_of(show: Mapping) -> dict[str, object]:
    around = show.around
    return {
        "scope/chunk": around.times.chunk,
        "scope/state": around.state,
        "scope/latency": around.latency,
        "scope/modulates": around.modulates,
    }


@pytest.mark.parametrize(
    ("path", "first", "second"),
    [
        ("scope/chunk", 0.5, 0.9),
        ("scope/state", "loading", "streaming"),
        ("scope/latency", 0.5, 0.9),
        ("scope/modulates", True, False),
    ],
)
def test_it_is_heard_every_time_also_where_a_route_hears_it_too(path: str, first: Value, second: Value) -> None:
    for show in (mapping(), mapping(route("param/motion", signal=path))):
        for now, value in ((0.0, first), (1.0, second), (2.0, first)):
            send(show, value, path=path, now=now)
            assert state_of(show)[path] == value


@pytest.mark.parametrize("path", sorted(SIGNALS))
@pytest.mark.parametrize("values", [(), (b"\0",), (None,), (float("nan"),), (-1.0,), (1e9,)])
def test_what_makes_no_sense_leaves_everything_as_it_was(path: str, values: tuple[Value, ...]) -> None:
    show = mapping()
    before = state_of(show)
    send(show, *values, path=path)
    after = state_of(show)

    if values == (1e9,):
        before["scope/modulates"] = after["scope/modulates"]  # a switch is on from 0.5 up
    assert after == before
    assert not show.moving


def test_each_of_them_is_known() -> None:
    assert all(mapping().knows(path) for path in SIGNALS)
