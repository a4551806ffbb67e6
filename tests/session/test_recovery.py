"""What goes wrong with a server, for real: what the session makes of it, and that everything that was set comes back."""

import asyncio
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from bridge.clock import now
from bridge.errors import Unavailable
from bridge.parameters import Change
from bridge.session.http.rest import Rest
from bridge.session.life.events import Healthy
from bridge.status import Phase
from bridge.strip import prompt_sum
from tests.end_to_end.rig import Rehearsal
from tests.session.watched import Watched


@pytest.fixture(scope="module")
def server() -> Iterator[Rehearsal]:
    with Rehearsal("--chunk", "0.3", "--load-seconds", "0.2") as server:
        yield server


@pytest.fixture(autouse=True)
def _healed(server: Rehearsal) -> Iterator[None]:
    yield
    server.fault("none")


async def _set_by_hand(show: Watched) -> None:
    """Have a picture, and a value in it that only a hand has set."""
    await show.until(lambda: len(show.strips) > 12)
    show.session.put([Change("noise_scale", 0.8, now())])
    await show.until(lambda: show.strips[-1].noise_scale == pytest.approx(0.8, abs=1e-6))


async def _comes_back(show: Watched, limit: float = 30.0) -> None:
    """Wait for another session, and see that its first frame has everything."""
    sessions = show.session.status().sessions
    await show.until(lambda: show.session.status().sessions > sessions, limit)
    assert show.strips[-1].noise_scale == pytest.approx(0.8, abs=1e-6)
    assert show.strips[-1].prompt == prompt_sum(["reef"])


def test_a_worker_that_ran_out_of_memory_is_noticed_by_the_log_and_replaced(
    server: Rehearsal, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:

    async def scene(show: Watched) -> None:
        await _set_by_hand(show)
        await asyncio.sleep(5.0)  # so that it counts as a good session
        begun = now()
        server.fault("oom")
        await _comes_back(show)
        assert now() - begun < 10.0

    Watched(server.url, tmp_path).play(scene)

    assert "the GPU ran out of memory" in caplog.text


def test_a_connection_that_carries_nothing_any_more_is_replaced(server: Rehearsal, tmp_path: Path) -> None:
    async def scene(show: Watched) -> None:
        await _set_by_hand(show)
        server.fault("lost-ice")
        await _comes_back(show)

    Watched(server.url, tmp_path).play(scene)


def test_a_frozen_picture_is_replaced(server: Rehearsal, tmp_path: Path) -> None:
    async def scene(show: Watched) -> None:
        await _set_by_hand(show)
        server.fault("freeze")
        await show.until(lambda: "froze" in show.session.status().detail)
        await _comes_back(show)

    Watched(server.url, tmp_path).play(scene)


def test_a_session_that_somebody_else_removes_is_replaced(server: Rehearsal, tmp_path: Path) -> None:
    async def scene(show: Watched) -> None:
        await _set_by_hand(show)
        (ours,) = show.store.left_on(server.url)
        async with httpx.AsyncClient() as client:
            await client.delete(f"{server.url}/api/v1/webrtc/offer/{ours}")
        await _comes_back(show)

    Watched(server.url, tmp_path).play(scene)


def test_a_deaf_channel_is_noticed_and_what_was_said_into_it_arrives_by_the_next_offer(
    server: Rehearsal, tmp_path: Path
) -> None:
    async def scene(show: Watched) -> None:
        await show.until(lambda: len(show.strips) > 12)
        server.fault("deaf")
        show.session.put([Change("noise_scale", 0.8, now())])
        await _comes_back(show, limit=40.0)

    Watched(server.url, tmp_path).play(scene)


@pytest.mark.parametrize("fault", ["errors", "garbage"])
def test_nonsense_at_every_question_ends_no_show_and_after_it_everything_comes_back(
    server: Rehearsal, tmp_path: Path, fault: str
) -> None:
    async def scene(show: Watched) -> None:
        await _set_by_hand(show)
        sessions = show.session.status().sessions
        server.fault(fault)
        frames = len(show.frames)
        await show.until(lambda: len(show.frames) > frames + 200)
        assert show.session.status().sessions == sessions
        server.fault("freeze")
        await show.until(lambda: show.session.status().phase is not Phase.STREAMING)
        await asyncio.sleep(2.0)
        assert show.session.status().phase is not Phase.STREAMING
        server.fault("none")
        await _comes_back(show)

    Watched(server.url, tmp_path).play(scene)


def test_a_load_that_fails_is_said_with_its_reason_and_tried_until_it_works(tmp_path: Path) -> None:
    with Rehearsal("--chunk", "0.3", "--load-seconds", "0.2") as fresh:
        fresh.fault("load-error")

        async def scene(show: Watched) -> None:
            await show.until(lambda: "could not load longlive: " in show.session.status().detail)
            fresh.fault("none")
            await show.frame()

        Watched(fresh.url, tmp_path).play(scene)


def test_another_client_on_the_server_is_said_and_so_is_a_pipeline_that_it_loads(
    server: Rehearsal, tmp_path: Path
) -> None:
    async def scene(show: Watched) -> None:
        await show.frame()
        load = {"pipelines": [{"node_id": "gray", "pipeline_id": "gray"}]}
        async with httpx.AsyncClient() as client:
            await client.post(f"{server.url}/api/v1/pipeline/load", json=load)
        show.session.put([Change("probe", 1, now())])
        await show.until(lambda: "somebody else has loaded gray" in show.session.status().warning)
        assert show.session.status().phase is Phase.STREAMING

    Watched(server.url, tmp_path).play(scene)


def test_two_bridges_on_one_server_see_each_other(server: Rehearsal, tmp_path: Path) -> None:
    async def scene(show: Watched) -> None:
        await show.frame()

        async def other(second: Watched) -> None:
            await second.frame()
            second.session.put([Change("probe", 1, now())])
            await second.until(lambda: "another client plays" in second.session.status().warning)

        second = Watched(server.url, tmp_path / "second")
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(second.session.run())
            await other(second)
            running.cancel()

    Watched(server.url, tmp_path / "first").play(scene)


def test_an_offer_that_is_answered_when_nobody_waits_any_more_leaves_no_session_behind(
    server: Rehearsal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would play beside the next one, on the same pipeline."""
    offer, health = Rest.offer, Rest.health
    late: list[str] = []
    away = True

    async def answered_late(rest: Rest, sdp: str, initial: Mapping[str, Any]) -> tuple[str, str]:
        answer = await offer(rest, sdp, initial)
        if not late:
            late.append(answer[1])
            while away:
                await asyncio.sleep(0.01)
        return answer

    async def gone(rest: Rest) -> Healthy:
        if late and away:
            raise Unavailable("nobody listens")
        return await health(rest)

    monkeypatch.setattr(Rest, "offer", answered_late)
    monkeypatch.setattr(Rest, "health", gone)

    async def scene(show: Watched) -> None:
        nonlocal away
        await show.until(lambda: bool(late))
        await show.until(lambda: show.session.status().phase is Phase.SEARCHING)
        away = False
        await show.until(lambda: show.session.status().phase is Phase.STREAMING)
        async with httpx.AsyncClient() as client:
            sessions = (await client.get(f"{server.url}/api/v1/session/metrics")).json()["sessions"]
        assert tuple(sessions) == show.store.left_on(server.url)
        assert late[0] not in sessions

    Watched(server.url, tmp_path).play(scene)


def test_a_bridge_that_is_told_to_end_while_its_offer_is_out_leaves_no_session_behind(
    server: Rehearsal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer = Rest.offer
    out: list[bool] = []

    async def slow(rest: Rest, sdp: str, initial: Mapping[str, Any]) -> tuple[str, str]:
        out.append(True)
        answer = await offer(rest, sdp, initial)
        await asyncio.sleep(0.3)
        return answer

    monkeypatch.setattr(Rest, "offer", slow)

    async def scene(show: Watched) -> None:
        await show.until(lambda: bool(out))

    Watched(server.url, tmp_path).play(scene)

    assert httpx.get(f"{server.url}/api/v1/session/metrics").json()["sessions"] == {}
