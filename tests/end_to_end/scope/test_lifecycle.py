"""How sessions, pipelines and servers end, and how the bridge finds out and goes on."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.clock import now
from bridge.rehearsal.network import Line, Network
from bridge.session.store import SessionStore
from bridge.status import Phase
from tests.end_to_end.rig import Rehearsal
from tests.end_to_end.scope.items import covers
from tests.end_to_end.scope.playing import CHUNK, FRAMES, VIZ, Play, Raw, Stand, Watched, begin, line, own
from tests.rehearsal.rig import until

pytestmark = [pytest.mark.scope, pytest.mark.timeout(180)]


@pytest.mark.transport
@covers("2.1 client closes", "2.3 client closes", "3.2 stream_stopped", "2.3 DELETE", "0.10 DELETE")
@pytest.mark.since("0.1.8", "metrics")
def test_who_closes_is_gone_at_once_and_who_is_deleted_is_told(play: Play, server: Stand) -> None:
    async def script(raw: Raw) -> None:
        await raw.load(VIZ)
        client = await raw.connect({"pipeline_ids": [VIZ]}, video="sendrecv")
        await client.frames(1)
        assert list((await raw.get("/api/v1/session/metrics"))["sessions"]) == [client.session]
        await client.close()
        async with asyncio.timeout(3.0):
            while (await raw.get("/api/v1/session/metrics"))["sessions"]:
                await asyncio.sleep(0.02)

        told = await raw.connect({"pipeline_ids": [VIZ]}, video="sendrecv")
        await told.frames(1)
        answer = await raw.http.delete(f"/api/v1/webrtc/offer/{told.session}")
        assert answer.status_code == 204
        await until(lambda: told.messages == [{"type": "stream_stopped"}])
        await until(lambda: told.peer.connectionState == "closed")
        again = await raw.http.delete(f"/api/v1/webrtc/offer/{told.session}")
        assert again.status_code == 204, "always"

    play.raw(script)


@pytest.mark.transport
@pytest.mark.since("0.1.8", "metrics")
@covers("2.3 client killed", "0.10 DELETE")
def test_a_killed_client_lives_on_in_the_server_until_the_bridge_removes_it(play: Play, server: Stand) -> None:
    async def scene(watched: Watched) -> None:
        killed = watched.raw.clients[0]
        assert not watched.frames
        await watched.streams(2)
        assert killed.session not in watched.server.get("/api/v1/session/metrics")["sessions"]
        assert watched.session.status().sessions == 1

    async def before(raw: Raw) -> None:
        await raw.load(VIZ)
        client = await raw.connect({"pipeline_ids": [VIZ]}, video="sendrecv")
        await client.frames(1)
        dead = Line(Network())
        dead.lay(client.peer)
        dead.cut = True  # not a packet more, and not a word of farewell
        sent = (await raw.get("/api/v1/session/metrics"))["sessions"][client.session]["frames_out"]
        await asyncio.sleep(0.5)
        shown = (await raw.get("/api/v1/session/metrics"))["sessions"][client.session]
        assert shown["frames_out"] > sent, "it goes on and on"
        SessionStore(play.state).add(server.url, client.session)  # as a bridge that was killed had noted it

    play(scene, before=before, pipeline=VIZ)


@pytest.mark.transport
@covers("0.10 reload", "8 one instance")
def test_a_load_does_not_rebind_a_session_so_the_bridge_begins_one_after_every_load(play: Play) -> None:
    sizes = {"width": 256, "height": 256}

    async def before(raw: Raw) -> None:
        await raw.load(VIZ)
        client = await raw.connect({"pipeline_ids": [VIZ]}, video="sendrecv")
        await client.frames(2)

    async def scene(watched: Watched) -> None:
        other = watched.raw.clients[0]
        old = other.pictures[0].width
        await watched.streams(2)
        await other.frames(3)
        assert watched.frames[-1].size == (256, 256)
        assert other.pictures[0].width == old != 256, "it keeps the old instance"

    play(scene, before=before, pipeline=VIZ, load=sizes)


@pytest.mark.values
@covers("0.11", "10 load error", "1.2 load")
def test_a_loads_error_is_told_once_without_a_reason_and_the_bridge_has_it_from_the_log(
    play: Play, stand_in: Stand
) -> None:
    async def before(raw: Raw) -> None:
        await raw.load(VIZ)
        stand_in.fault("load-error")
        await raw.http.post("/api/v1/pipeline/load", json={"pipeline_ids": ["gray"]})
        told: list[dict[str, object]] = []
        async with asyncio.timeout(10.0):
            while not told or told[-1]["status"] in ("loading", "error"):
                told.append(await raw.get("/api/v1/pipeline/status"))
        states = [one["status"] for one in told if one["status"] != "loading"]
        assert states == ["error", "not_loaded"]
        assert {one["error"] for one in told} == {None}

    async def scene(watched: Watched) -> None:
        await watched.until(lambda: "could not load longlive" in watched.detail, "that it failed")
        if not stand_in.beta:
            await watched.until(lambda: "could not load longlive: " in watched.detail, "and why")
        stand_in.fault("none")
        await watched.streams(1)

    play(scene, before=before)


@pytest.mark.values
@covers("2.3 OOM", "0.4")
def test_a_gpu_without_memory_is_named_and_loaded_anew(play: Play, stand_in: Stand) -> None:
    async def scene(watched: Watched) -> None:
        await watched.streams(FRAMES)
        seen: list[str] = []
        stand_in.fault("oom")
        began = now()

        def gone() -> bool:
            seen.append(watched.detail)
            return watched.session.status().phase is not Phase.STREAMING

        await watched.until(gone, "that it ended")
        took = now() - began
        assert took < 5 * 2.5
        if not stand_in.beta:
            assert "ran out of memory" in watched.detail
        await watched.until(lambda: watched.session.status().sessions == 2, "another session")

    play(scene)


@pytest.mark.values
@covers("1.1 answers")
def test_no_odd_answer_ends_a_session_that_plays(play: Play, stand_in: Stand) -> None:
    async def scene(watched: Watched) -> None:
        await watched.streams(FRAMES)
        for fault in ("errors", "garbage"):
            stand_in.fault(fault)
            answer = await watched.raw.http.get("/api/v1/pipeline/status")
            assert (answer.status_code == 500) is (fault == "errors")
            watched.put("vace_context_scale", 0.25 if fault == "errors" else 0.75)
            await watched.streams(5 * FRAMES)
            stand_in.fault("none")
        assert watched.strips[-1].vace_context_scale == 0.75
        assert watched.session.status().sessions == 1

    play(scene)


@pytest.mark.transport
@pytest.mark.since("0.1.8", "metrics")
@covers("8 one instance", "8 first session")
def test_the_session_says_that_it_has_company(play: Play) -> None:
    async def before(raw: Raw) -> None:
        await raw.load(VIZ)
        await raw.connect({"pipeline_ids": [VIZ], "graph": line((VIZ, VIZ))})

    async def scene(watched: Watched) -> None:
        await watched.streams(1)
        watched.put("ctrl_input", {"button": [], "mouse": [0.0, 0.0]})
        await watched.until(lambda: "another client plays" in watched.session.status().warning, "the warning")

    play(scene, before=before, pipeline=VIZ)


@pytest.fixture(scope="module")
def mortal(request: pytest.FixtureRequest) -> Iterator[Rehearsal]:
    """Return a server that may be killed."""
    with own(request.param) as server:
        yield server


@pytest.mark.values
@pytest.mark.skipif("SCOPE_URL" in os.environ, reason="nobody kills a real Scope")
@pytest.mark.parametrize("mortal", ["0.2.4", "beta3"], indirect=True)
@covers("0.10 server killed", "2.3 server killed", "2.3 SIGTERM", "3.2 stream_stopped", "1.1 health")
def test_a_server_that_ends_says_so_and_one_that_is_killed_is_missed_at_once(
    mortal: Rehearsal, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    dialect = request.node.callspec.params["mortal"]
    play = Play(Stand(mortal.url, rehearsal=True, version=None if dialect == "beta3" else dialect), tmp_path)

    async def scene(watched: Watched) -> None:
        await watched.streams(FRAMES)
        raw = await watched.raw.connect(begin(), video="sendrecv")
        await asyncio.to_thread(mortal.end)
        await until(lambda: raw.messages == [{"type": "stream_stopped"}])
        await watched.until(lambda: watched.session.status().phase is Phase.SEARCHING, "that it ended")

        with await asyncio.to_thread(own, dialect, port=mortal.port) as second:
            await watched.until(lambda: watched.session.status().phase is Phase.STREAMING, "that it is back")
            await watched.streams(2 * FRAMES)
            began = now()
            second.kill()
            await watched.until(lambda: watched.session.status().phase is Phase.SEARCHING, "that it is gone")
            assert now() - began < 5 * (CHUNK + 0.5), "not after 31 s"
            await watched.until(lambda: "Scope does not answer" in watched.detail, "a sentence")

    play(scene)
