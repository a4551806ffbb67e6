"""What a target is set to, and what a chunk gets of it."""

import pytest

from bridge.mapping import compile
from bridge.mapping.cells import Part, Ramp
from bridge.profile.durations import Duration
from bridge.profile.filters import Curve
from bridge.profile.model import Profile, Scene, Setting
from bridge.signals import Batch
from tests.mapping.build import mapping, route, send, target_of, told


def part(per_chunk: str = "newest", mix: str = "latest") -> Part:
    return Part(mix, per_chunk, lambda way: 10 * way)  # type: ignore[arg-type]


@pytest.mark.parametrize(("per_chunk", "expected"), [("newest", 2.0), ("max", 9.0), ("mean", 4.0)])
def test_a_chunk_gets_the_newest_the_highest_or_the_mean(per_chunk: str, expected: float) -> None:
    one = part(per_chunk)
    for way in (0.1, 0.9, 0.2):
        one.feed(way)

    assert one.value(newest=False) == pytest.approx(expected)
    assert one.value(newest=True) == 2.0
    one.rest()
    assert one.value(newest=False) == 2.0


def test_the_highest_may_be_below_nothing() -> None:
    one = part("max")
    one.feed(-0.5)
    one.feed(-0.7)

    assert one.value(newest=False) == -5.0


def test_a_mean_that_acts_on_top_counts_only_what_was_sent() -> None:
    show = mapping(route("noise_scale", source=(0, 1), out=(0.0, 0.2), mix="add", per_chunk="mean"))
    show.feed(Batch(0.0, [("td/x", (0.0,)), ("td/x", (0.5,)), ("td/x", (1.0,))]))

    assert told(show, 0.0) == {"noise_scale": 0.8}
    assert told(show, 0.1) == {"noise_scale": 0.9}


def test_a_ramp_ends_where_it_should_and_stays_there() -> None:
    for curve in (None, Curve("exp")):
        ramp = Ramp(0.2, 0.8, 10.0, 2.0, curve)
        assert ramp.at(9.0) == 0.2
        assert ramp.at(12.0) == 0.8
        assert ramp.at(99.0) == 0.8
        assert not ramp.over(11.99)
        assert ramp.over(12.0)


def test_a_fade_begins_where_scope_begins_while_nothing_was_set() -> None:
    drop = Scene("drop", {"noise_scale": Setting(target_of("noise_scale"), 0.1)}, Duration(2.0))
    show = compile(Profile("test.yaml", scenes={"drop": drop}))
    send(show, path="panel/scene/drop")

    assert told(show, 1.0)["noise_scale"] == pytest.approx(0.4, abs=0.01)


def test_a_step_that_a_route_moves_begins_at_the_pipelines_own() -> None:
    show = mapping(route("denoising_step_list[2]", source=(0, 1), out=(0.0, 100.0), mix="add"))

    assert send(show, 1.0) == {"denoising_step_list": [1000, 850, 500, 250]}


def test_a_hand_that_takes_a_target_over_brings_none_of_its_older_values() -> None:
    show = mapping(route("noise_scale", per_chunk="max"), route("noise_scale", signal="td/y"))
    send(show, 0.9)
    show.feed(Batch(0.1, [("td/x", (0.8,)), ("td/y", (0.1,)), ("td/x", (0.2,))]))

    assert told(show, 0.2) == {"noise_scale": 0.2}
    assert not show.waiting
