"""What can be made to go wrong: how it is written, and that it does, over real HTTP."""

import asyncio
from typing import Any

import pytest

from bridge.rehearsal.faults import Fault, Planned, planned
from tests.rehearsal.rig import LIMIT, Rig, play, start, until


class TestWriting:
    @pytest.mark.parametrize(
        ("text", "meaning"),
        [
            ("crash", Planned(Fault.CRASH)),
            ("crash:10", Planned(Fault.CRASH, 10.0)),
            ("crash@10", Planned(Fault.CRASH, 10.0)),
            ("freeze:2.5", Planned(Fault.FREEZE, 2.5)),
            ("lost-ice@0", Planned(Fault.LOST_ICE, 0.0)),
            ("slow-load:20", Planned(Fault.SLOW_LOAD, None, 20.0)),
            ("lag:150@3", Planned(Fault.LAG, 3.0, 150.0)),
            ("loss:0.1", Planned(Fault.LOSS, None, 0.1)),
        ],
    )
    def test_faults_are_read(self, text: str, meaning: Planned) -> None:
        assert planned(text) == meaning

    @pytest.mark.parametrize("fault", Fault)
    def test_what_a_fault_calls_itself_is_read_as_that_fault(self, fault: Fault) -> None:
        whole = Planned(fault, amount=0.5 if fault.measured else 0.0)

        assert planned(str(whole)) == whole

    @pytest.mark.parametrize(
        "text",
        [
            *("", "burn", "none", "crash:", "crash:soon", "crash:-1", "crash:nan", "crash:inf", "crash@", "crash@-1"),
            *("crash:1@2", "lag", "lag:", "lag:-1", "lag:fast", "loss:1.1", "slow-load:inf", "lag:5@soon", "lag@5"),
        ],
    )
    def test_what_is_no_fault_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match="is no fault"):
            planned(text)


async def fail(rig: Rig, fault: str) -> None:
    """Let the server fail."""
    response = await rig.http.post("/rehearsal/fault", json={"fault": fault})
    assert (response.status_code, response.json()) == (200, {"fault": fault})


async def outcome(rig: Rig, pipeline: str = "longlive") -> str:
    """Load a pipeline and return what became of it."""
    await rig.http.post("/api/v1/pipeline/load", json={"pipeline_ids": [pipeline]})
    async with asyncio.timeout(LIMIT):
        while (status := (await rig.get("/api/v1/pipeline/status"))["status"]) == "loading":
            await asyncio.sleep(0.01)
    return str(status)


class TestHttp:
    @pytest.mark.parametrize("body", [{"fault": "burn"}, {"fault": "lag"}, {"fault": 3}, {}, {"fault": "crash@-1"}])
    def test_what_is_no_fault_is_a_422(self, body: dict[str, Any]) -> None:
        async def script(rig: Rig) -> None:
            response = await rig.http.post("/rehearsal/fault", json=body)
            assert response.status_code == 422
            assert response.json()["detail"][0]["loc"] == ["body", "fault"]

        play(script)

    def test_load_errors_last_until_they_are_healed(self) -> None:
        async def script(rig: Rig) -> None:
            await fail(rig, "load-error")
            assert [await outcome(rig), await outcome(rig)] == ["error", "error"]
            await fail(rig, "none")
            assert await outcome(rig) == "loaded"

        play(script)

    def test_a_slow_load_is_loading_until_it_is_healed(self) -> None:
        async def script(rig: Rig) -> None:
            await fail(rig, "slow-load:0.4")
            loop = asyncio.get_running_loop()
            begun = loop.time()
            assert await outcome(rig) == "loaded"
            assert loop.time() - begun >= 0.39
            await fail(rig, "none")
            await fail(rig, "slow-load:3600")
            await rig.http.post("/api/v1/pipeline/load", json={"pipeline_ids": ["gray"]})
            assert (await rig.get("/api/v1/pipeline/status"))["status"] == "loading"

        play(script)

    def test_errors_are_plain_text_everywhere_but_in_health(self) -> None:
        async def script(rig: Rig) -> None:
            await fail(rig, "errors")
            for method, path in (("GET", "/api/v1/pipeline/status"), ("POST", "/api/v1/webrtc/offer"), ("GET", "/x")):
                response = await rig.http.request(method, path)
                assert (response.status_code, response.text) == (500, "Internal Server Error")
                assert response.headers["content-type"].startswith("text/plain")
            assert (await rig.get("/health"))["status"] == "healthy"
            await fail(rig, "none")
            assert (await rig.get("/api/v1/pipeline/status"))["status"] == "not_loaded"

        play(script)

    def test_garbage_is_no_json_and_comes_with_the_status_it_would_have(self) -> None:
        async def script(rig: Rig) -> None:
            await fail(rig, "garbage")
            for path, status in (("/health", 200), ("/api/v1/webrtc/ice-servers", 200), ("/nothing", 404)):
                response = await rig.http.get(path)
                assert (response.status_code, response.headers["content-type"].split(";")[0]) == (
                    status,
                    "application/json",
                )
                with pytest.raises(ValueError, match=r"."):
                    response.json()
            await fail(rig, "none")
            assert (await rig.get("/health"))["status"] == "healthy"

        play(script)

    def test_several_are_in_force_at_once_and_healed_at_once(self) -> None:
        async def script(rig: Rig) -> None:
            await fail(rig, "load-error")
            await fail(rig, "deaf")
            await fail(rig, "garbage")
            with pytest.raises(ValueError, match=r"."):
                await rig.get("/health")
            await fail(rig, "none")
            assert await outcome(rig) == "loaded"
            client = await rig.connect(start())
            client.send({"probe": 7})
            await until(lambda: bool(client.strips) and client.last.probe == 7)

        play(script)

    def test_one_that_is_asked_for_later_comes_later(self) -> None:
        async def script(rig: Rig) -> None:
            await fail(rig, "errors@0.2")
            assert (await rig.http.get("/api/v1/pipeline/status")).status_code == 200
            async with asyncio.timeout(LIMIT):
                while (await rig.http.get("/api/v1/pipeline/status")).status_code == 200:
                    await asyncio.sleep(0.02)

        play(script)


class TestPlanned:
    def test_what_is_in_force_is_so_from_the_start(self) -> None:
        async def failing(rig: Rig) -> None:
            assert await outcome(rig) == "error"

        async def broken(rig: Rig) -> None:
            assert (await rig.http.get("/api/v1/pipeline/status")).status_code == 500

        play(failing, faults=(planned("load-error"),))
        play(broken, faults=(planned("slow-load:1"), planned("errors")))

    def test_one_with_a_time_waits_for_the_first_chunk(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load()
            await asyncio.sleep(0.3)
            assert "Rehearsing a fault" not in await rig.log()
            client = await rig.connect(start())
            await client.frames(1)
            async with asyncio.timeout(LIMIT):
                while "Rehearsing a fault: deaf" not in await rig.log():
                    await asyncio.sleep(0.02)

        play(script, faults=(Planned(Fault.DEAF, 0.1),))


class TestNetwork:
    def test_a_lag_makes_the_messages_late_and_none_lets_them_pass_at_once_again(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load()
            client = await rig.connect(start())
            await client.frames(3)
            await fail(rig, "lag:400")
            loop = asyncio.get_running_loop()
            begun = loop.time()
            client.send({"probe": 1})
            await until(lambda: client.last.probe == 1)
            assert loop.time() - begun >= 0.8  # there, and back as a picture
            await fail(rig, "none")
            client.send({"probe": 2})
            await until(lambda: client.last.probe == 2)

        play(script)

    def test_a_lost_ice_lets_nothing_pass_while_http_lives_and_a_new_session_works(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load()
            lost = await rig.connect(start())
            await lost.frames(3)
            await fail(rig, "lost-ice")
            living = await rig.connect(start())
            await living.frames(9)
            before = len(lost.strips)
            await living.frames(9)
            assert len(lost.strips) == before

        play(script)

    def test_out_of_memory_ends_the_worker_and_leaves_the_session_connected(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load()
            client = await rig.connect(start())
            await client.frames(3)
            await fail(rig, "oom")
            async with asyncio.timeout(LIMIT):
                while "CUDA out of memory" not in await rig.log():
                    await asyncio.sleep(0.02)
            living = await rig.connect(start())
            await living.frames(12)
            before = len(client.strips)
            await living.frames(9)
            assert len(client.strips) == before
            assert client.peer.connectionState == "connected"

        play(script)


class TestChunk:
    @pytest.mark.parametrize("body", [{"seconds": 0}, {"seconds": "fast"}, {"jitter": 1.5}, {"seconds": -1}])
    def test_nonsense_is_a_422(self, body: dict[str, Any]) -> None:
        async def script(rig: Rig) -> None:
            assert (await rig.http.post("/rehearsal/chunk", json=body)).status_code == 422

        play(script)

    def test_the_chunk_time_changes_while_it_runs(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load()
            client = await rig.connect(start())
            await client.frames(6)
            response = await rig.http.post("/rehearsal/chunk", json={"seconds": 0.6, "jitter": 0})
            assert response.json() == {"seconds": pytest.approx(0.6), "jitter": 0.0}
            await client.frames(12)
            starts = sorted({strip.start_ms for strip in client.strips if strip is not None})
            assert starts[-1] - starts[-2] >= 590

        play(script)

    def test_what_is_not_named_stays(self) -> None:
        async def script(rig: Rig) -> None:
            assert (await rig.http.post("/rehearsal/chunk", json={"jitter": 0.5})).json() == {
                "seconds": pytest.approx(0.12),
                "jitter": 0.5,
            }

        play(script)
