"""What is made of a server's log, and of what it shows of its sessions."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import pytest

from bridge.errors import Refused, Unavailable
from bridge.session.contract.dialect import CURRENT, dialect_of
from bridge.session.contract.troubles import Recovery
from bridge.session.http.inquiry import Inquiry
from bridge.session.http.rest import Rest
from bridge.session.life.events import Compared, LogRead, StatusKnown

OURS = "643703ea-d7d7-49fc-8028-ee8611183ec5"
THEIRS = "11111111-2222-3333-4444-555555555555"
STAMP = "2026-11-21 22:30:05,123 - scope.server.pipeline_processor - "
T = TypeVar("T")


@dataclass
class Server:
    lines: list[str] = field(default_factory=list)
    shown: dict[str, Any] = field(default_factory=dict)
    sessions: dict[str, Any] = field(default_factory=lambda: {OURS: {}})
    loaded: str = "longlive"
    error: Exception | None = None

    async def log_tail(self, since: int) -> tuple[list[str], int]:
        self._fail()
        return self.lines[since:], len(self.lines)

    async def status(self) -> StatusKnown:
        self._fail()
        return StatusKnown("loaded", self.loaded)

    async def parameters(self) -> dict[str, Any]:
        self._fail()
        return self.shown

    async def metrics(self) -> dict[str, Any]:
        self._fail()
        return self.sessions

    def _fail(self) -> None:
        if self.error is not None:
            raise self.error


def do(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def inquiry(server: Server) -> Inquiry:
    return Inquiry(cast(Rest, server))


def test_only_what_came_since_the_mark_is_read_and_only_once(server: Server, inquiry: Inquiry) -> None:
    server.lines = [f"{STAMP}ERROR - Error processing chunk for longlive: an old story"]
    do(inquiry.mark())
    server.lines.append(f"{STAMP}INFO - Clearing cache for pipeline processor: longlive")

    assert do(inquiry.read_log(OURS)) == (LogRead(advanced=True), set())
    assert do(inquiry.read_log(OURS)) == (LogRead(advanced=False), set())


def test_lines_about_our_own_questions_are_no_work(server: Server, inquiry: Inquiry) -> None:
    server.lines = [
        'INFO:     127.0.0.1:5 - "GET /health HTTP/1.1" 200 OK',
        'x - INFO - "DELETE /api/v1/webrtc/offer/1"',
    ]

    assert do(inquiry.read_log(OURS)) == (LogRead(advanced=False), set())


def test_what_went_wrong_is_told_by_its_gravest(server: Server, inquiry: Inquiry) -> None:
    server.lines = [
        f"{STAMP}ERROR - Non-recoverable error in worker loop for longlive: CUDA out of memory, stopping",
        f"{STAMP}ERROR - Error processing chunk for longlive: something",
    ]

    read, _ = do(inquiry.read_log(OURS))

    assert read.trouble is not None
    assert (read.trouble.kind, read.trouble.recovery) == ("gpu-memory", Recovery.RELOAD)


def test_what_happens_to_another_session_is_not_about_ours(server: Server, inquiry: Inquiry) -> None:
    server.lines = [f"{STAMP}ERROR - FrameProcessor failed to start for session {THEIRS}"]
    assert do(inquiry.read_log(OURS)) == (LogRead(advanced=False), set())

    server.lines.append(f"{STAMP}ERROR - FrameProcessor failed to start for session {OURS}")
    read, _ = do(inquiry.read_log(OURS))
    assert read.trouble is not None
    assert read.trouble.kind == "setup-failed"


def test_a_full_queue_is_told_with_whose_it_is(server: Server, inquiry: Inquiry) -> None:
    server.lines = [f"{STAMP}INFO - Parameter queue full for longlive, dropping parameter update"]

    _, queues = do(inquiry.read_log(OURS))

    assert queues == {"longlive"}


def test_a_prompt_that_speaks_of_a_full_queue_fills_none(server: Server, inquiry: Inquiry) -> None:
    prompt = "{'prompts': [{'text': 'Parameter queue full for longlive'}]}"
    server.lines = [f"{STAMP}INFO - Received parameter update: {prompt}"]

    assert do(inquiry.read_log(OURS)) == (LogRead(advanced=True), set())


@pytest.mark.parametrize("error", [Refused("GET logs: 500"), Unavailable("nobody listens")])
def test_a_server_that_does_not_answer_says_nothing(server: Server, inquiry: Inquiry, error: Exception) -> None:
    server.error = error

    do(inquiry.mark())
    assert do(inquiry.read_log(OURS)) == (LogRead(advanced=False), set())
    assert do(inquiry.compare(OURS, CURRENT, 10.0)) == Compared()


def test_what_the_server_shows_of_our_session_is_held_against_what_it_was_told(
    server: Server, inquiry: Inquiry
) -> None:
    inquiry.echo.begin({"noise_scale": 0.3})
    inquiry.echo.sent({"noise_scale": 0.8}, 1.0)
    server.shown = {"noise_scale": 0.3}
    assert do(inquiry.compare(OURS, CURRENT, 5.0)) == Compared(heard=False, pipeline="longlive", lost=("noise_scale",))

    server.shown = {"noise_scale": 0.8}
    assert do(inquiry.compare(OURS, CURRENT, 5.0)) == Compared(heard=True, pipeline="longlive")


def test_a_server_that_shows_another_session_has_company_and_says_nothing_of_ours(
    server: Server, inquiry: Inquiry
) -> None:
    inquiry.echo.sent({"noise_scale": 0.8}, 1.0)
    server.sessions = {THEIRS: {}}

    assert do(inquiry.compare(OURS, CURRENT, 5.0)) == Compared(company=True, pipeline="longlive")


def test_a_server_without_a_session_says_nothing_of_ours(server: Server, inquiry: Inquiry) -> None:
    inquiry.echo.sent({"noise_scale": 0.8}, 1.0)
    server.sessions = {}

    assert do(inquiry.compare(OURS, CURRENT, 5.0)) == Compared(pipeline="longlive")


def test_an_old_server_shows_what_is_loaded_and_no_more(server: Server, inquiry: Inquiry) -> None:
    inquiry.echo.sent({"noise_scale": 0.8}, 1.0)
    server.loaded = "gray"

    assert do(inquiry.compare(OURS, dialect_of(None), 5.0)) == Compared(pipeline="gray")


def test_lines_that_were_asked_for_before_another_session_began_say_nothing_about_it(
    server: Server, inquiry: Inquiry
) -> None:
    server.lines = [f"{STAMP}ERROR - CUDA out of memory"]

    async def overlapping() -> LogRead:
        slow = asyncio.Event()
        quick = server.log_tail

        async def late(since: int) -> tuple[list[str], int]:
            answer = await quick(since)
            await slow.wait()
            return answer

        server.log_tail = late  # type: ignore[method-assign]
        async with asyncio.TaskGroup() as tasks:
            reading = tasks.create_task(inquiry.read_log(OURS))
            await asyncio.sleep(0)
            server.log_tail = quick  # type: ignore[method-assign]
            server.lines.append(f"{STAMP}ERROR - CUDA out of memory")
            await inquiry.mark()
            slow.set()
        return reading.result()[0]

    assert do(overlapping()) == LogRead(advanced=False)
    assert do(inquiry.read_log(OURS)) == (LogRead(advanced=False), set())


def test_a_log_that_could_not_be_marked_is_not_taken_for_a_new_one(server: Server, inquiry: Inquiry) -> None:
    server.lines = [f"{STAMP}ERROR - CUDA out of memory, last week"]
    server.error = Unavailable("nobody listens")
    do(inquiry.mark())
    server.error = None

    assert do(inquiry.read_log(OURS)) == (LogRead(advanced=False), set())
    server.lines.append(f"{STAMP}ERROR - CUDA out of memory")
    read, _ = do(inquiry.read_log(OURS))
    assert read.trouble is not None
