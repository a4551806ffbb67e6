"""A show without a server: what each Scope would have been told. Its bytes are pinned by `tests/commands/test_replay.py`."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import orjson
import pytest

from bridge.capture import Edit
from bridge.offline import Begun, Happening, Sent, Show
from bridge.parameters import PARAMETERS
from bridge.profile.model import Node, OfScope, ParameterTarget, Profile, Route, Scope
from bridge.session.pacing.pacer import PAUSED_INTERVAL, SLACK
from bridge.signals import Batch

CHUNK = 0.5
SCALE = ParameterTarget(PARAMETERS["vace_context_scale"])
PAUSED = ParameterTarget(PARAMETERS["paused"])
ONE = Profile("club.yaml", routes=(Route("td/x", SCALE, "vace_context_scale"), Route("td/pause", PAUSED, "paused")))
TWO = replace(
    ONE,
    scopes={name: Scope(f"http://{name}:8000", name=name) for name in ("left", "right")},
    routes=(
        Route("td/x", SCALE, "vace_context_scale"),
        Route("td/y", OfScope("right", SCALE), "right/vace_context_scale"),
    ),
)


def played(profile: Profile, *lines: Batch | Edit, edited: Profile | None = None) -> list[Happening]:
    return list(Show(profile, chunk=CHUNK, edited=lambda edit: edited).play(lines))


def messages(happenings: Iterable[Happening], scope: str = "") -> list[tuple[float, dict[str, Any]]]:
    return [
        (happening.time, orjson.loads(happening.text))
        for happening in happenings
        if isinstance(happening, Sent) and happening.scope == scope
    ]


def beginnings(happenings: Iterable[Happening]) -> list[tuple[float, str, dict[str, Any]]]:
    return [(each.time, each.scope, dict(each.values)) for each in happenings if isinstance(each, Begun)]


def heard(time: float, **values: float) -> Batch:
    return Batch(time, [(f"td/{name}", (value,)) for name, value in values.items()])


def test_the_first_change_goes_at_once_and_what_follows_a_chunk_later() -> None:
    happenings = played(ONE, heard(1.0, x=0.2), heard(1.1, x=0.4), heard(1.2, x=0.6), heard(3.0))

    assert messages(happenings) == [
        (1.0, {"vace_context_scale": 0.2}),
        (pytest.approx(1.0 + SLACK * CHUNK), {"vace_context_scale": 0.6}),
    ]


def test_while_paused_messages_go_sooner() -> None:
    happenings = played(ONE, heard(1.0, pause=1.0), heard(1.01, x=0.4), heard(3.0))

    assert messages(happenings) == [
        (1.0, {"paused": True}),
        (pytest.approx(1.0 + PAUSED_INTERVAL), {"vace_context_scale": 0.4}),
    ]


def test_what_came_back_to_what_scope_has_is_not_said() -> None:
    happenings = played(ONE, heard(1.0, x=0.2), heard(1.1, x=0.4), heard(1.2, x=0.2), heard(3.0))

    assert messages(happenings) == [(1.0, {"vace_context_scale": 0.2})]


def test_of_several_scopes_each_is_told_its_own_at_its_own_time() -> None:
    quick = Batch(0.5, [("left/scope/chunk", (0.1,))])

    happenings = played(TWO, quick, heard(1.0, x=0.2), heard(1.05, y=0.9), heard(1.06, x=0.3), heard(5.0))

    assert [(time, scope) for time, scope, _ in beginnings(happenings)] == [(0.0, "left"), (0.0, "right")]
    assert messages(happenings, "left") == [
        (1.0, {"vace_context_scale": 0.2}),
        (pytest.approx(1.0 + SLACK * 0.1), {"vace_context_scale": 0.3}),
    ]
    assert messages(happenings, "right") == [
        (1.0, {"vace_context_scale": 0.2}),
        (pytest.approx(1.0 + SLACK * CHUNK), {"vace_context_scale": 0.3}),
    ]
    assert [happening.time for happening in happenings] == sorted(happening.time for happening in happenings)


def test_what_is_for_one_node_of_a_chain_does_not_wait_for_the_others() -> None:
    nodes = (Node("near", "longlive"), Node("far", "memflow"))
    route = Route("td/y", replace(SCALE, node="far"), "node/far/vace_context_scale")
    chain = replace(ONE, scope=Scope(chain=nodes), routes=(*ONE.routes, route))

    happenings = played(chain, heard(1.0, y=0.2), heard(1.1, x=0.5), heard(1.2, y=0.4), heard(9.0))

    assert messages(happenings) == [
        (1.0, {"node_id": "far", "vace_context_scale": 0.2}),
        (pytest.approx(1.0 + SLACK * CHUNK), {"vace_context_scale": 0.5}),
        (pytest.approx(1.0 + 2 * SLACK * CHUNK), {"node_id": "far", "vace_context_scale": 0.4}),
    ]


def test_an_edit_that_has_a_scope_run_something_else_begins_a_session_with_what_the_hand_had_set() -> None:
    other = replace(ONE, scope=Scope(pipeline="memflow"))

    happenings = played(ONE, heard(1.0, x=0.2), Edit(2.0, "", {}), heard(3.0, x=0.4), heard(5.0), edited=other)

    assert [(time, values["vace_context_scale"]) for time, _, values in beginnings(happenings)] == [
        (0.0, 1.0),
        (2.0, 0.2),
    ]
    assert messages(happenings)[1:] == [(3.0, {"vace_context_scale": 0.4})]


def test_an_edit_of_the_routes_begins_no_session_and_a_scope_that_joins_does() -> None:
    lines = heard(1.0, x=0.2), Edit(2.0, "", {}), heard(3.0, x=0.4), heard(5.0)

    assert len(beginnings(played(ONE, *lines, edited=replace(ONE, routes=ONE.routes[:1])))) == 1
    three = replace(TWO, scopes={**TWO.scopes, "third": Scope("http://third:8000", name="third")})
    happenings = played(TWO, *lines, edited=three)
    assert [(time, scope) for time, scope, _ in beginnings(happenings)][2:] == [(2.0, "third")]
    assert messages(happenings, "third") == [(3.0, {"vace_context_scale": 0.4})]


def test_the_same_is_heard_and_the_same_is_said() -> None:
    lines = [heard(0.1 * step, x=step % 7 / 7, y=step % 5 / 5) for step in range(100)]

    assert played(TWO, *lines) == played(TWO, *lines)
