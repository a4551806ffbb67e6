"""Scope's own recordings: begun, fetched, ended, and what is said when one of these does not work."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import cast

import pytest

from bridge.errors import Refused, Unavailable
from bridge.session.contract.dialect import CURRENT, dialect_of
from bridge.session.http.recording import ServerRecording
from bridge.session.http.rest import Rest


@dataclass
class Server:
    """Notes what it is asked for; fails where it is told to."""

    asked: list[str] = field(default_factory=list)
    refuses: dict[str, Exception] = field(default_factory=dict)

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        if error := self.refuses.get(what.partition(" ")[0]):
            raise error

    async def start_recording(self, session: str) -> None:
        self._ask(f"start {session}")

    async def fetch_recording(self, session: str, path: Path) -> None:
        self._ask(f"fetch {session}")
        await asyncio.to_thread(path.write_bytes, b"mp4")

    async def stop_recording(self, session: str) -> None:
        self._ask(f"stop {session}")


class Desk:
    """A recording, the server that it is of, and the hand."""

    def __init__(self, directory: Path) -> None:
        self.server = Server()
        self.directory = directory
        self.recording = ServerRecording(time=lambda: datetime(2026, 11, 21, 22, 30, 5))

    def follow(self, session: str | None, version: str = "0.2.4") -> None:
        self._do(self.recording.follow(cast(Rest, self.server), dialect_of(version), session))

    def end(self) -> None:
        self._do(self.recording.end(cast(Rest, self.server)))

    def _do(self, work: Awaitable[None]) -> None:
        async def done() -> None:
            await work

        asyncio.run(done())

    def want(self, on: bool) -> None:
        self.recording.want(on, self.directory)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_recording_is_fetched_while_it_runs_and_stopped_then(desk: Desk) -> None:
    desk.want(True)
    desk.follow("s1")
    assert desk.recording.runs
    desk.want(False)
    desk.follow("s1")

    assert desk.server.asked == ["start s1", "fetch s1", "stop s1"]
    assert (desk.directory / "scope-2026-11-21-223005.mp4").read_bytes() == b"mp4"
    assert desk.recording.warning == ""
    assert not desk.recording.runs


def test_two_recordings_of_one_second_are_two_files(desk: Desk) -> None:
    for _ in range(2):
        desk.want(True)
        desk.follow("s1")
        desk.want(False)
        desk.follow("s1")

    names = sorted(path.name for path in desk.directory.iterdir())
    assert names == ["scope-2026-11-21-223005-2.mp4", "scope-2026-11-21-223005.mp4"]


def test_what_is_wanted_before_there_is_a_session_begins_with_it(desk: Desk) -> None:
    desk.want(True)
    desk.follow(None)
    assert desk.server.asked == []
    desk.follow("s1")
    desk.follow("s1")

    assert desk.server.asked == ["start s1"]


def test_a_recording_whose_session_is_lost_is_lost_and_goes_on_with_the_next(desk: Desk) -> None:
    desk.want(True)
    desk.follow("s1")

    desk.follow("s2")

    assert desk.server.asked == ["start s1", "start s2"]
    assert desk.recording.runs


def test_that_a_recording_was_lost_is_said(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    desk.want(True)
    desk.follow("s1")
    desk.want(False)
    desk.follow("s2")

    assert desk.server.asked == ["start s1"]
    assert desk.recording.warning == "the recording of Scope is lost: Scope keeps it no longer than its session"
    assert desk.recording.warning in caplog.text


def test_a_server_that_does_not_record_is_said_and_not_asked_again(desk: Desk) -> None:
    desk.server.refuses["start"] = Refused("POST recordings: 500 no encoder")
    desk.want(True)
    desk.follow("s1")
    desk.follow("s1")

    assert desk.server.asked == ["start s1"]
    assert desk.recording.warning == "Scope does not record: POST recordings: 500 no encoder"


@pytest.mark.parametrize(
    "error", [Refused("cannot write x.mp4: No space left on device"), Unavailable("nobody listens")]
)
def test_a_recording_that_cannot_be_fetched_goes_on_and_can_be_ended_again(desk: Desk, error: Exception) -> None:
    desk.server.refuses["fetch"] = error
    desk.want(True)
    desk.follow("s1")
    desk.want(False)
    desk.follow("s1")

    assert desk.server.asked == ["start s1", "fetch s1"]
    assert str(error) in desk.recording.warning
    assert desk.recording.runs

    desk.server.refuses.clear()
    desk.want(False)
    desk.follow("s1")
    assert desk.server.asked[2:] == ["fetch s1", "stop s1"]
    assert desk.recording.warning == ""


def test_a_server_too_old_to_record_is_not_asked(desk: Desk) -> None:
    desk.want(True)
    desk.follow("s1", "0.1.0-beta.3")

    assert desk.server.asked == []
    assert "cannot record" in desk.recording.warning


def test_when_the_bridge_ends_what_there_is_is_fetched(desk: Desk) -> None:
    desk.end()
    desk.want(True)
    desk.follow("s1")
    desk.end()

    assert desk.server.asked == ["start s1", "fetch s1", "stop s1"]
    assert not desk.recording.runs
    assert CURRENT.recordings
