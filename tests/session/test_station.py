"""One Scope and its standby: who plays, when that changes, and what the outputs see of it."""

import asyncio
from collections.abc import Container, Coroutine, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
import pytest

from bridge.clock import Clock
from bridge.frames import Frame, Latest
from bridge.profile.model import Scope
from bridge.session.pacing.delivery import Source
from bridge.session.service import Screen, Session
from bridge.session.station import LOOK, PATIENCE, Station
from bridge.session.store import SessionStore
from bridge.status import Phase, ScopeStatus

SCOPE = Scope("http://main", standby="http://spare")


class FakeSession:
    """A session as the station knows it; the test says how it fares."""

    def __init__(self, scope: Scope, screen: Screen, store: SessionStore, clock: Clock) -> None:
        self.scope = scope
        self.url = scope.url
        self.screen = screen
        self.source: Source | None = None
        self.resting = False
        self.ready = False
        self.uplinks: Mapping[str, Latest] = {}
        self.phase = Phase.SEARCHING
        self.begun: dict[str, Any] = {}
        self.took_over: list[FakeSession] = []
        self.stirred = 0
        self.frames_until_reset = None
        self.troubled = False
        self.records: list[bool] = []

    def begin_with(self, values: Mapping[str, Any]) -> None:
        self.begun = dict(values)

    def turn_to(self, scope: Scope, keep: Container[str]) -> None:
        self.scope, self.url = scope, scope.url

    def take_over(self, other: "FakeSession") -> None:
        self.took_over.append(other)

    def record(self, on: bool, directory: Path) -> None:
        self.records.append(on)

    def stir(self) -> None:
        self.stirred += 1

    def status(self) -> ScopeStatus:
        return ScopeStatus(self.url, self.phase, f"{self.url} is {self.phase.value}")

    async def run(self) -> None:
        await asyncio.Event().wait()

    def streams(self) -> None:
        self.ready, self.phase = True, Phase.STREAMING

    def rests(self) -> None:
        self.ready, self.phase = True, Phase.PAUSED

    def fails(self) -> None:
        self.ready, self.phase = False, Phase.SEARCHING

    def shows(self, grey: int, at: float, sink: str = "output", first: bool = True) -> None:
        video = av.VideoFrame.from_ndarray(np.full((24, 32), grey, np.uint8), format="yuv420p")
        self.screen.put(Frame(video, at, 999), sink, first=first)


class Stand:
    """A station on two fake sessions, with a clock that the test turns."""

    def __init__(self, tmp_path: Path, scope: Scope = SCOPE) -> None:
        self.time = 100.0
        self.sessions: list[FakeSession] = []

        def opened(scope: Scope, screen: Screen, store: SessionStore, clock: Clock) -> Session:
            self.sessions.append(FakeSession(scope, screen, store, clock))
            return cast(Session, self.sessions[-1])

        self.station = Station(scope, SessionStore(tmp_path), lambda: self.time, opened)
        self.frames: list[Frame] = []
        self.station.fans.main.tap(self.frames.append)

    @property
    def main(self) -> FakeSession:
        return self.sessions[0]

    @property
    def spare(self) -> FakeSession:
        return self.sessions[1]

    def greys(self) -> list[int]:
        return [int(frame.video.to_ndarray()[:16].mean().round()) for frame in self.frames]

    def watch(self, *steps: Any) -> None:
        """Do each step, and let the station look after it."""

        async def played() -> None:
            watching: Coroutine[Any, Any, None] = self.station.run()
            async with asyncio.TaskGroup() as tasks:
                task = tasks.create_task(watching)
                for step in steps:
                    step()
                    await asyncio.sleep(3 * LOOK)
                task.cancel()

        asyncio.run(played())

    def later(self, seconds: float) -> Any:
        def step() -> None:
            self.time += seconds

        return step


def test_without_a_standby_there_is_one_session_and_nothing_to_watch(tmp_path: Path) -> None:
    stand = Stand(tmp_path, replace(SCOPE, standby=None))

    assert list(stand.station.services()) == ["scope"]
    assert stand.station.status().standby == ""


def test_the_standby_rests_on_the_other_server_and_its_picture_does_not_show(tmp_path: Path) -> None:
    stand = Stand(tmp_path)

    stand.spare.shows(200, at=1.0)
    stand.main.shows(40, at=1.1)

    assert (stand.spare.url, stand.spare.resting, stand.main.resting) == ("http://spare", True, False)
    assert stand.spare.scope.standby is None
    assert stand.greys() == [40]
    assert len(stand.station.services()) == 3


def test_when_the_main_server_fails_the_standby_takes_over_with_what_the_other_was_told(tmp_path: Path) -> None:
    stand = Stand(tmp_path)
    source = cast(Source, object())
    stand.station.source = source

    stand.watch(stand.main.streams, stand.spare.rests, stand.main.fails)

    assert stand.spare.took_over == [stand.main]
    assert (stand.spare.source, stand.main.source) == (source, None)
    assert (stand.spare.resting, stand.main.resting) == (False, True)
    assert stand.spare.stirred == 1
    assert stand.station.status().on_standby


def test_it_does_not_go_back_by_itself_but_by_command(tmp_path: Path) -> None:
    stand = Stand(tmp_path)
    stand.watch(stand.main.streams, stand.spare.rests, stand.main.fails, stand.spare.streams, stand.main.rests)
    assert stand.station.status().on_standby

    stand.station.switch(to_standby=False)

    assert stand.main.took_over == [stand.spare]
    assert not stand.station.status().on_standby


def test_a_standby_that_fails_in_turn_gives_the_show_back_to_a_main_server_that_is_there_again(tmp_path: Path) -> None:
    stand = Stand(tmp_path)

    stand.watch(
        stand.main.streams,
        stand.spare.rests,
        stand.main.fails,
        stand.spare.streams,
        stand.main.rests,
        stand.spare.fails,
    )

    assert stand.station.playing is cast(Session, stand.main)


def test_a_standby_that_is_not_ready_does_not_take_over(tmp_path: Path) -> None:
    stand = Stand(tmp_path)

    stand.watch(stand.main.streams, stand.main.fails)
    assert stand.station.playing is cast(Session, stand.main)

    stand.watch(stand.spare.rests)
    assert stand.station.playing is cast(Session, stand.spare)


def test_a_main_server_that_is_missing_from_the_start_is_waited_for_a_while_and_no_longer(tmp_path: Path) -> None:
    stand = Stand(tmp_path)

    stand.watch(stand.spare.rests, stand.later(PATIENCE - 0.1))
    assert stand.station.playing is cast(Session, stand.main)

    stand.watch(stand.later(0.2))
    assert stand.station.playing is cast(Session, stand.spare)


def test_a_main_server_that_loads_for_minutes_is_not_taken_for_missing(tmp_path: Path) -> None:
    stand = Stand(tmp_path)
    stand.main.phase = Phase.LOADING

    stand.watch(stand.spare.rests, stand.later(300.0))

    assert stand.station.playing is cast(Session, stand.main)


def test_a_main_server_on_which_nothing_can_be_loaded_is_taken_for_missing(tmp_path: Path) -> None:
    stand = Stand(tmp_path)
    stand.main.phase, stand.main.troubled = Phase.LOADING, True

    stand.watch(stand.spare.rests, stand.later(PATIENCE + 0.1))

    assert stand.station.playing is cast(Session, stand.spare)


def test_a_standby_that_is_called_and_not_ready_plays_when_it_is_and_until_then_the_other_one_does(
    tmp_path: Path,
) -> None:
    stand = Stand(tmp_path)
    stand.watch(stand.main.streams)

    stand.station.switch(to_standby=True)
    stand.watch(lambda: stand.main.shows(40, at=1.0))
    assert stand.station.playing is cast(Session, stand.main)
    assert stand.greys() == [40]
    assert stand.station.status().standby.startswith("plays when it is ready: ")

    stand.watch(stand.spare.rests)
    assert stand.station.playing is cast(Session, stand.spare)


def test_a_standby_that_was_called_can_be_called_off(tmp_path: Path) -> None:
    stand = Stand(tmp_path)
    stand.watch(stand.main.streams)

    stand.station.switch(to_standby=True)
    stand.station.switch(to_standby=False)
    stand.watch(stand.spare.rests)

    assert stand.station.playing is cast(Session, stand.main)


def test_a_server_that_still_plays_shows_until_the_first_frame_of_the_one_that_was_called(tmp_path: Path) -> None:
    stand = Stand(tmp_path)
    stand.watch(stand.main.streams, stand.spare.rests)

    stand.station.switch(to_standby=True)
    stand.main.shows(40, at=1.0)
    assert not stand.main.resting
    stand.spare.shows(200, at=2.0)
    stand.main.shows(40, at=2.1)
    stand.spare.shows(200, at=2.7)

    assert stand.main.resting
    assert stand.greys() == [40, 40, 200]


def test_a_standby_that_dies_while_it_takes_over_gives_back_at_once(tmp_path: Path) -> None:
    stand = Stand(tmp_path)
    stand.watch(stand.main.streams, stand.spare.rests)

    stand.station.switch(to_standby=True)
    stand.spare.ready, stand.spare.phase = False, Phase.LOADING
    stand.watch(lambda: None)

    assert stand.station.playing is cast(Session, stand.main)
    assert not stand.main.resting


def test_what_is_recorded_goes_on_being_recorded_by_the_server_that_takes_over(tmp_path: Path) -> None:
    stand = Stand(tmp_path)
    stand.watch(stand.main.streams, stand.spare.rests)

    stand.station.record(True, tmp_path)
    stand.station.switch(to_standby=True)
    stand.station.record(False, tmp_path)

    assert stand.main.records == [True, False]
    assert stand.spare.records == [True, False]


def test_turning_to_another_pipeline_is_no_failure(tmp_path: Path) -> None:
    stand = Stand(tmp_path)
    stand.watch(stand.main.streams, stand.spare.rests)

    stand.station.turn_to(replace(SCOPE, pipeline="krea-realtime-video"), set())
    stand.main.ready, stand.main.phase = False, Phase.LOADING
    stand.watch(lambda: None)

    assert stand.station.playing is cast(Session, stand.main)
    assert [one.scope.pipeline for one in stand.sessions] == ["krea-realtime-video"] * 2
    assert stand.spare.url == "http://spare"


def test_a_profile_that_names_a_standby_later_gets_one_and_loses_it_again(tmp_path: Path) -> None:
    stand = Stand(tmp_path, replace(SCOPE, standby=None))

    stand.station.turn_to(SCOPE, set())
    assert len(stand.station.services()) == 3
    stand.station.turn_to(replace(SCOPE, standby=None), set())

    assert len(stand.station.services()) == 1


@pytest.mark.parametrize("edited", [replace(SCOPE, standby=None), Scope("http://new", standby="http://main")])
def test_a_profile_that_is_edited_while_the_standby_plays_goes_on_from_what_that_was_told(
    tmp_path: Path, edited: Scope
) -> None:
    stand = Stand(tmp_path)
    stand.watch(stand.main.streams, stand.spare.rests, stand.main.fails)

    stand.station.turn_to(edited, set())

    assert stand.station.playing is cast(Session, stand.main)
    assert stand.main.took_over == [stand.spare]


def test_the_new_picture_fades_in_over_the_one_that_was_held(tmp_path: Path) -> None:
    stand = Stand(tmp_path)
    stand.main.shows(40, at=1.0)
    stand.watch(stand.main.streams, stand.spare.rests, stand.main.fails)

    for at in (2.0, 2.3, 2.6, 2.7):
        stand.spare.shows(200, at)

    assert stand.greys() == [40, 40, 120, 200, 200]
    assert [frame.number for frame in stand.frames] == [0, 1, 2, 3, 4]


def test_each_sink_fades_by_itself(tmp_path: Path) -> None:
    stand = Stand(tmp_path)
    other: list[Frame] = []
    stand.station.fans.of("wide").tap(other.append)
    stand.main.shows(40, at=1.0)
    stand.main.shows(80, at=1.0, sink="wide", first=False)
    stand.watch(stand.main.streams, stand.spare.rests, stand.main.fails)

    stand.spare.shows(200, at=2.0)
    stand.spare.shows(200, at=2.3, sink="wide", first=False)

    assert stand.greys() == [40, 40]
    assert [int(frame.video.to_ndarray()[:16].mean().round()) for frame in other] == [80, 140]


def test_the_frames_of_each_sink_are_counted_by_themselves_however_they_come(tmp_path: Path) -> None:
    stand = Stand(tmp_path)
    other: list[Frame] = []
    stand.station.fans.of("wide").tap(other.append)

    stand.main.shows(80, at=1.0, sink="wide", first=False)
    for _ in range(3):
        stand.main.shows(40, at=1.0)
    for _ in range(2):
        stand.main.shows(80, at=1.0, sink="wide", first=False)

    assert [frame.number for frame in stand.frames] == [0, 1, 2]
    assert [frame.number for frame in other] == [0, 1, 2]


def test_what_is_behind_is_told_in_the_status(tmp_path: Path) -> None:
    stand = Stand(tmp_path)
    assert stand.station.status().standby == "http://spare is searching"

    stand.spare.rests()

    assert stand.station.status().standby == "ready"
