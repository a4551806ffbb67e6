"""A calibration for real, short: against a rehearsal server, by its strip and by the difference of pictures."""

import asyncio
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from bridge.errors import Refused
from bridge.parameters import Change
from bridge.profile.model import Scope
from bridge.session.latency.flashing import Calibrator, Outcome, flight
from bridge.session.service import Session
from bridge.session.store import SessionStore
from tests.end_to_end.rig import Rehearsal

CHUNK = 0.25
SMALL = {"width": 320, "height": 192}
REEF = {"prompts": {"prompts": [{"text": "reef", "weight": 1.0}]}}


@pytest.fixture(scope="module")
def server() -> Iterator[Rehearsal]:
    with Rehearsal("--chunk", str(CHUNK), "--load-seconds", "0.1") as server:
        yield server


def calibrated(
    scope: Scope, begin: Mapping[str, Any], state: Path, flashes: int, *, strips: bool = True
) -> tuple[Outcome, list[str]]:
    said: list[str] = []
    calibrator = Calibrator(replace(scope, ice="loopback"), begin, SessionStore(state), strips=strips)
    return asyncio.run(calibrator.run(flashes, said.append)), said


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """Return what a calibration will have asked for, in order."""
    asked: list[tuple[str, Any]] = []
    put = Session.put

    def listening(session: Session, changes: Iterable[Change]) -> None:
        changes = list(changes)
        asked.extend((change.parameter, change.value) for change in changes)
        put(session, changes)

    monkeypatch.setattr(Session, "put", listening)
    return asked


@pytest.mark.timeout(90)
def test_the_strip_tells_each_part_of_the_way(server: Rehearsal, tmp_path: Path, sent: list[tuple[str, Any]]) -> None:
    outcome, said = calibrated(Scope(server.url, load=SMALL), REEF, tmp_path, flashes=3)

    assert len(outcome.flights) == 3
    assert not outcome.estimated
    assert outcome.chunk > 0.9 * CHUNK  # on a busy machine it takes longer, and that is what is measured
    for one in outcome.flights:
        assert one.whole == pytest.approx(one.waiting + one.generating + one.delivery)
        assert one.generating > 0.9 * CHUNK
        assert one.waiting >= 0
        assert one.delivery > 0
    found = outcome.calibration(server.url, "longlive")
    assert found.seen == found.flashes == 3
    assert min(one.whole for one in outcome.flights) <= found.latency <= found.slowest
    assert any("flashing 'probe'" in line for line in said)
    assert sent == [("probe", 1), ("probe", 2), ("probe", 3), ("probe", None)]  # and then all is as it was
    assert httpx.get(f"{server.url}/api/v1/session/metrics").json()["sessions"] == {}


@pytest.mark.timeout(90)
@pytest.mark.parametrize(
    ("scope", "begin", "flashed", "least", "back"),
    [
        (
            Scope(pipeline="longlive", load=SMALL),
            REEF,
            "the prompt, between black and white",
            0.9 * CHUNK,
            [("prompts", REEF["prompts"]), ("reset_cache", True)],
        ),
        (
            Scope(pipeline="controller-viz"),
            {},
            "a key that is held",
            0.02,
            [("ctrl_input", {"button": [], "mouse": [0.0, 0.0]})],
        ),
        (
            Scope(pipeline="streamdiffusionv2", load=SMALL, input_mode="video"),
            REEF,
            "noise_scale, between 0.3 and 0.9",
            0.9 * CHUNK / 3,
            [("noise_scale", 0.7), ("noise_controller", True)],
        ),
    ],
    ids=["text mode", "keys", "video mode"],
)
def test_without_a_strip_the_step_is_found_in_the_picture(
    server: Rehearsal,
    tmp_path: Path,
    sent: list[tuple[str, Any]],
    scope: Scope,
    begin: Mapping[str, Any],
    flashed: str,
    least: float,
    back: list[tuple[str, Any]],
) -> None:
    """A step takes at least as long as the chunk that shows it: `least`. What was changed is put `back`."""
    outcome, _ = calibrated(replace(scope, url=server.url), begin, tmp_path, flashes=2, strips=False)

    assert outcome.flashed == flashed
    assert outcome.estimated
    assert sent[-len(back) :] == back
    assert len(outcome.flights) == 2
    for one in outcome.flights:
        assert one.whole > least
        assert one.whole == pytest.approx(one.waiting + one.generating + one.delivery)


def test_a_server_that_another_bridge_plays_is_left_alone(server: Rehearsal, tmp_path: Path) -> None:
    SessionStore(tmp_path, process=os.getppid()).add(server.url, "theirs")  # by a process that lives

    with pytest.raises(Refused, match=rf"another bridge \(process {os.getppid()}\) plays http"):
        calibrated(Scope(server.url), REEF, tmp_path, flashes=1)

    assert httpx.get(f"{server.url}/api/v1/session/metrics").json()["sessions"] == {}


@pytest.mark.timeout(90)
def test_a_pipeline_in_whose_picture_no_parameter_shows_is_refused(server: Rehearsal, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="passthrough takes no parameter that shows in its picture"):
        calibrated(Scope(server.url, "passthrough", input_mode="video"), {}, tmp_path, flashes=1, strips=False)


def test_a_step_that_was_never_seen_is_said_in_a_sentence() -> None:
    outcome = Outcome("the prompt, between black and white", (), flashes=12, chunk=0.5, estimated=True)

    with pytest.raises(Refused, match="no step was seen in the picture of longlive at http://a"):
        outcome.calibration("http://a", "longlive")


def test_the_way_is_split_where_the_picture_says_when_its_chunk_began() -> None:
    way = flight(hand=10.0, start=10.3, here=10.9, chunk=0.5, round_trip=0.02)

    assert (way.whole, way.waiting, way.generating, way.delivery) == pytest.approx((0.9, 0.3, 0.5, 0.1))


def test_the_way_is_split_by_the_pace_and_the_round_trip_where_it_does_not() -> None:
    way = flight(hand=10.0, start=None, here=10.9, chunk=0.5, round_trip=0.1)

    assert (way.whole, way.waiting, way.generating, way.delivery) == pytest.approx((0.9, 0.35, 0.5, 0.05))


@pytest.mark.parametrize(("start", "here"), [(9.0, 10.9), (None, 10.2), (10.8, 10.9), (12.0, 10.9)])
def test_no_part_of_a_way_is_less_than_nothing_and_they_add_up(start: float | None, here: float) -> None:
    way = flight(hand=10.0, start=start, here=here, chunk=0.5, round_trip=0.1)

    assert min(way.waiting, way.generating, way.delivery) >= 0
    assert way.waiting + way.generating + way.delivery == pytest.approx(way.whole)
