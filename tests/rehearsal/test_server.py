"""The rehearsal server, spoken to over real HTTP and real WebRTC. Expected shapes are those of Scope's own captures."""

import asyncio
import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import httpx
import pytest

from bridge.rehearsal.server import Options
from bridge.strip import Strip, prompt_sum
from tests.rehearsal.rig import LIMIT, Client, Rig, graph, play, rig, start, until

METRICS = {
    "frames_in",
    "frames_out",
    "elapsed_seconds",
    "fps_in",
    "fps_out",
    "pipeline_fps",
    "output_sinks",
    "input_source_enabled",
    "input_source_type",
    "relay_mode",
}


def strips(client: Client) -> list[Strip]:
    """Return what was read; every frame must have been readable."""
    assert None not in client.strips
    return [strip for strip in client.strips if strip is not None]


class TestHttp:
    def test_before_anything_happened_nothing_is_told(self) -> None:
        async def script(rig: Rig) -> None:
            health = await rig.get("/health")
            assert (health["status"], health["version"]) == ("healthy", "0.2.4")
            assert await rig.get("/api/v1/webrtc/ice-servers") == {"iceServers": []}
            assert await rig.get("/api/v1/session/metrics") == {"sessions": {}, "gpu": {}}
            assert await rig.get("/api/v1/session/parameters") == {"parameters": {}}
            assert await rig.get("/") == {"message": "Scope API - Frontend not built"}

        play(script)

    def test_every_start_has_a_time_of_its_own(self) -> None:
        times = []

        async def script(rig: Rig) -> None:
            times.append((await rig.get("/health"))["server_start_time"])

        play(script)
        play(script)

        assert times[0] < times[1]

    @pytest.mark.parametrize(
        ("method", "path", "status", "detail"),
        [
            ("GET", "/nothing/here", 404, "Frontend not built"),
            ("PUT", "/health", 405, "Method Not Allowed"),
            ("POST", "/api/v1/pipeline/status", 405, "Method Not Allowed"),
            ("DELETE", "/nothing/here", 405, "Method Not Allowed"),
            ("POST", "/api/v1/session/start", 404, "Not Found"),
            ("POST", "/api/v1/session/stop", 404, "Not Found"),
        ],
    )
    def test_unknown_paths_and_wrong_methods(self, method: str, path: str, status: int, detail: str) -> None:
        async def script(rig: Rig) -> None:
            response = await rig.http.request(method, path)
            assert (response.status_code, response.json()) == (status, {"detail": detail})

        play(script)

    def test_the_log_is_followed_by_its_offset(self) -> None:
        async def script(rig: Rig) -> None:
            before = await rig.get("/api/v1/logs/tail")
            assert set(before) == {"lines", "offset"}
            nothing = await rig.get(f"/api/v1/logs/tail?since_offset={before['offset']}")
            assert nothing == {"lines": [], "offset": before["offset"]}
            await rig.http.post("/api/v1/pipeline/load", json={"pipeline_ids": ["nonsense"]})
            news = await rig.get(f"/api/v1/logs/tail?since_offset={before['offset']}")
            assert any("nonsense" in line for line in news["lines"])
            assert not set(news["lines"]) & set(before["lines"])
            assert (await rig.http.get("/api/v1/logs/tail?lines=1001")).status_code == 422
            assert len((await rig.get("/api/v1/logs/tail?lines=1"))["lines"]) == 1
            whole = await rig.http.get("/api/v1/logs/current")
            assert whole.headers["content-type"].startswith("text/plain")
            assert set(before["lines"] + news["lines"]) <= set(whole.text.splitlines())

        play(script)


class TestLoading:
    def test_it_takes_its_time_and_says_how_far_it_is(self) -> None:
        async def script(rig: Rig) -> None:
            assert (await rig.get("/api/v1/pipeline/status"))["status"] == "not_loaded"
            body = {"pipelines": [{"node_id": "pipe", "pipeline_id": "longlive", "load_params": {"width": 320}}]}
            reply = (await rig.http.post("/api/v1/pipeline/load", json=body)).json()
            assert reply == {"message": "Pipeline loading initiated successfully"}
            stages = set()
            while (status := await rig.get("/api/v1/pipeline/status"))["status"] == "loading":
                assert status["load_params"] == {"width": 320}
                stages.add(status["loading_stage"])
            assert len(stages - {None}) == 4
            assert (status["status"], status["pipeline_id"], status["loading_stage"]) == ("loaded", "pipe", None)

        play(script, load_seconds=0.4)

    @pytest.mark.parametrize(
        ("kind", "params"),
        [("nonsense", {}), ("longlive", {"width": 570}), ("longlive", {"height": "x"})],
    )
    def test_an_error_is_told_once_and_has_unloaded_what_was_there(self, kind: str, params: dict[str, Any]) -> None:
        async def script(rig: Rig) -> None:
            await rig.load()
            body = {"pipeline_ids": [kind], "load_params": params}
            assert (await rig.http.post("/api/v1/pipeline/load", json=body)).status_code == 200
            seen: list[str] = []
            while len(seen) < 2:
                status = await rig.get("/api/v1/pipeline/status")
                if status["status"] != "loading":
                    assert status["error"] is None
                    seen.append(status["status"])
            assert seen == ["error", "not_loaded"]

        play(script)

    @pytest.mark.parametrize("body", [{}, {"pipeline_ids": []}, {"pipelines": []}])
    def test_nothing_to_load_is_refused(self, body: dict[str, Any]) -> None:
        async def script(rig: Rig) -> None:
            response = await rig.http.post("/api/v1/pipeline/load", json=body)
            assert response.status_code == 400
            assert response.json() == {"detail": "Either 'pipelines' or 'pipeline_ids' must be provided"}

        play(script)


class TestValidation:
    @pytest.mark.parametrize(
        ("parameters", "location"),
        [
            ({"noise_scale": 1.5}, ["noise_scale"]),
            ({"noise_scale": "loud"}, ["noise_scale"]),
            ({"vace_context_scale": -1}, ["vace_context_scale"]),
            ({"kv_cache_attention_bias": 0}, ["kv_cache_attention_bias"]),
            ({"denoising_step_list": [1000, 1.5]}, ["denoising_step_list", 1]),
            ({"prompts": [{"weight": 1}]}, ["prompts", 0, "text"]),
            ({"prompts": [{"text": "a", "weight": -1}]}, ["prompts", 0, "weight"]),
            ({"transition": {"target_prompts": [], "num_steps": -1}}, ["transition", "num_steps"]),
            ({"lora_scales": [{"path": "a", "scale": 11}]}, ["lora_scales", 0, "scale"]),
            ({"input_mode": "dream"}, ["input_mode"]),
            ({"graph": {"nodes": [{"id": "a", "type": "wrong"}], "edges": []}}, ["graph", "nodes", 0, "type"]),
        ],
    )
    def test_wrong_initial_parameters_are_a_422_that_names_them(
        self, parameters: dict[str, Any], location: list[Any]
    ) -> None:
        async def script(rig: Rig) -> None:
            body = {"sdp": "v=0", "type": "offer", "initialParameters": parameters}
            response = await rig.http.post("/api/v1/webrtc/offer", json=body)
            assert response.status_code == 422
            problem = response.json()["detail"][0]
            assert set(problem) - {"ctx"} == {"type", "loc", "msg", "input"}
            assert problem["loc"] == ["body", "initialParameters", *location]

        play(script)

    @pytest.mark.parametrize(
        ("body", "kind"),
        [(b"", "missing"), (b"{", "json_invalid"), (b"[]", "model_attributes_type"), (b'{"type": "offer"}', "missing")],
    )
    def test_what_is_no_offer_at_all(self, body: bytes, kind: str) -> None:
        async def script(rig: Rig) -> None:
            headers = {"content-type": "application/json"}
            response = await rig.http.post("/api/v1/webrtc/offer", content=body, headers=headers)
            assert response.status_code == 422
            assert response.json()["detail"][0]["type"] == kind

        play(script)

    def test_an_offer_before_anything_is_loaded_is_refused(self) -> None:
        async def script(rig: Rig) -> None:
            response = await rig.http.post("/api/v1/webrtc/offer", json={"sdp": "v=0", "type": "offer"})
            assert response.status_code == 400
            assert response.json() == {"detail": "Pipeline not loaded. Please load pipeline first."}

        play(script)

    def test_what_aiortc_cannot_take_is_a_500_in_its_own_words(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load()
            response = await rig.http.post("/api/v1/webrtc/offer", json={"sdp": "nonsense", "type": "offer"})
            assert (response.status_code, response.json()) == (500, {"detail": "None is not in list"})
            client = Client()
            rig.clients.append(client)
            client.peer.addTransceiver("video", direction="recvonly")
            offer = await client.peer.createOffer()
            response = await rig.http.post("/api/v1/webrtc/offer", json={"sdp": offer.sdp, "type": "answer"})
            assert response.status_code == 500
            assert response.json() == {"detail": 'Cannot handle answer in signaling state "stable"'}
            assert await rig.get("/api/v1/session/metrics") == {"sessions": {}, "gpu": {}}

        play(script)

    def test_candidates(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load()
            client = await rig.connect(start())
            good = "candidate:1 1 udp 2130706431 127.0.0.1 9 typ host"
            url = f"/api/v1/webrtc/offer/{client.session}"
            for text, status in ((good, 204), (good.removeprefix("candidate:"), 204), ("", 404), ("nonsense", 404)):
                body = {"candidates": [{"candidate": text, "sdpMid": "0", "sdpMLineIndex": 0}]}
                assert (await rig.http.patch(url, json=body)).status_code == status, text
            assert (await rig.http.patch(url, json={})).status_code == 422
            assert (await rig.http.patch("/api/v1/webrtc/offer/unknown", json={"candidates": []})).status_code == 404

        play(script)


class TestSilence:
    """Offers that cannot work are answered with 200, and then nothing comes."""

    @pytest.mark.parametrize(
        ("parameters", "reason"),
        [
            (None, "No pipeline IDs provided, cannot start"),
            (start(pipeline_ids=None), "No pipeline IDs provided, cannot start"),
            (start(pipeline_ids=["memflow"], graph=None), "Pipeline memflow not loaded"),
            (start(graph={"nodes": [], "edges": []}), "at least one sink"),
            (start(graph={**graph(), "nodes": [*graph()["nodes"], graph()["nodes"][0]]}), "Duplicate node ID"),
            (start(graph={**graph(), "edges": []}), "no pipeline leads to a sink"),
            (start(graph={**graph(), "edges": [*graph()["edges"], *graph()["edges"]]}), "Fan-in to a single port"),
            (
                start(graph={**graph(), "edges": [{**graph()["edges"][0], "from_port": "audio"}]}),
                "no output port 'audio'",
            ),
            (start(graph=graph("memflow")), "Pipeline memflow not loaded"),
        ],
    )
    def test_a_dead_session_connects_and_only_the_log_knows(self, parameters: Any, reason: str) -> None:
        async def script(rig: Rig) -> None:
            await rig.load()
            client = await rig.connect(parameters)
            client.send({"noise_scale": 0.5})
            living = await rig.connect(start())
            await living.frames(9)

            assert client.strips == []
            assert client.messages == []
            assert reason in await rig.log()
            metrics = (await rig.get("/api/v1/session/metrics"))["sessions"][client.session]
            assert set(metrics) == METRICS
            assert metrics["frames_out"] == 0

        play(script)

    def test_receiving_only_without_a_graph_shows_nothing_while_the_worker_works(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load()
            silent = await rig.connect(start(graph=None))
            living = await rig.connect(start())
            await living.frames(12)

            assert silent.strips == []
            chunks = sorted({strip.chunk for strip in strips(living)})
            assert any(after > before + 1 for before, after in pairwise(chunks))  # the other one's are in between

        play(script)

    def test_offering_to_send_without_a_graph_works(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load()
            client = await rig.connect(start(graph=None), video="sendrecv")
            await client.frames(6)

        play(script)


class TestShow:
    def test_frames_come_in_order_each_once_and_say_what_made_them(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load(base_seed=7)
            client = await rig.connect(start(noise_scale=0.25, denoising_step_list=[900, 300]))
            await client.frames(24)

            seen = strips(client)
            assert [strip.frame for strip in seen] == list(range(len(seen)))
            assert [strip.chunk for strip in seen] == [number // 3 for number in range(len(seen))]
            assert all(b.start_ms - a.start_ms >= 119 for a, b in pairwise(seen[::3]))
            assert (seen[0].noise_scale, seen[0].vace_context_scale, seen[0].base_seed) == (0.25, 1.0, 7)
            assert seen[0].steps == (900, 300)
            assert seen[0].prompt == prompt_sum(["reef"])
            assert seen[0].probe != seen[0].probe

        play(script)

    def test_the_answer_has_the_lines_that_the_real_one_has(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load()
            client = await rig.connect(start())
            directions = [
                line for line in client.answer.splitlines() if line in ("a=sendonly", "a=sendrecv", "a=inactive")
            ]
            assert directions == ["a=sendonly", "a=inactive"]
            assert client.answer.count("a=setup:active") == 3
            assert "a=candidate" in client.answer

        play(script)

    def test_the_api_shows_what_was_offered_without_nulls_and_with_two_keys_more(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load()
            await rig.connect(start(noise_scale=None, my_own=[1]), opened=False)
            shown = (await rig.get("/api/v1/session/parameters"))["parameters"]

            assert set(shown) == {
                "pipeline_ids",
                "prompts",
                "graph",
                "my_own",
                "prompt_interpolation_method",
                "vace_context_scale",
            }
            assert (shown["prompt_interpolation_method"], shown["vace_context_scale"]) == ("linear", 1.0)
            assert shown["graph"]["edges"][0]["from_node"] == "pipe"

        play(script)

    def test_one_message_per_chunk_loses_nothing(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load()
            client = await rig.connect(start())
            await client.frames(3)
            for probe in range(6):
                chunk = client.last.chunk
                client.send({"probe": probe})
                await until(lambda chunk=chunk: client.last.chunk > chunk)  # type: ignore[misc]
            await until(lambda: client.last.probe == 5)

            assert client.last.dropped == 0
            assert {strip.probe for strip in strips(client) if strip.probe == strip.probe} == set(range(6))

        play(script)

    def test_ten_messages_per_chunk_drop_the_newest_and_lag(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load()
            client = await rig.connect(start())
            await client.frames(3)
            for probe in range(30):
                client.send({"probe": probe})
            await until(lambda: client.last.taken >= 8 and client.last.chunk > 12)

            assert client.last.taken + client.last.dropped == 30
            assert client.last.dropped >= 20
            assert client.last.probe < 29
            assert "Parameter queue full for longlive, dropping parameter update" in await rig.log()
            shown = await rig.get("/api/v1/session/parameters")
            assert shown["parameters"]["probe"] == 29  # the API shows what was dropped as if it were in effect

        play(script)

    @pytest.mark.parametrize("nonsense", ["{", "[1]", "3", '"paused"', b"\xff\xfe"])
    def test_nonsense_is_only_logged(self, nonsense: str | bytes) -> None:
        async def script(rig: Rig) -> None:
            await rig.load()
            client = await rig.connect(start())
            client.send(nonsense)
            client.send(b'{"probe": 1}')
            await until(lambda: bool(client.strips) and client.last.probe == 1)

            assert client.last.taken == 1
            assert client.messages == []
            assert "parameter update" in await rig.log()

        play(script)

    def test_paused_sessions_with_a_graph_show_nothing_and_resume_with_the_latest(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load()
            client = await rig.connect(start(paused=True))
            for probe in range(20):
                client.send({"probe": probe})
                await asyncio.sleep(0.02)
            assert client.strips == []
            client.send({"paused": False})
            await client.frames(1)

            assert client.last.probe == 19
            assert client.last.dropped == 0

        play(script)

    def test_paused_sessions_without_a_graph_repeat_the_last_frame(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load()
            client = await rig.connect(start(graph=None), video="sendrecv")
            await client.frames(6)
            client.send({"paused": True})
            await until(lambda: [strip.frame for strip in strips(client)][-3:] == [client.last.frame] * 3)

        play(script)

    def test_keys_stay_in_the_pipeline_for_the_next_session(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load()
            first = await rig.connect(start(noise_scale=0.125))
            await first.frames(1)
            assert (await rig.http.delete(f"/api/v1/webrtc/offer/{first.session}")).status_code == 204
            second = await rig.connect(start())
            await second.frames(1)

            assert second.last.noise_scale == 0.125

        play(script)

    def test_messages_for_another_node_are_dropped(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load()
            client = await rig.connect(start())
            client.send({"node_id": "unknown", "probe": 1})
            client.send({"node_id": "pipe", "probe": 2})
            await until(lambda: bool(client.strips) and client.last.probe == 2)

            assert client.last.taken == 1

        play(script)

    def test_the_rest_update_goes_to_all_and_resets_what_it_does_not_name(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load()
            client = await rig.connect(start(vace_context_scale=0.5))
            await client.frames(1)
            assert client.last.vace_context_scale == 0.5
            response = await rig.http.post("/api/v1/session/parameters", json={"noise_scale": 0.25})
            applied = {"prompt_interpolation_method": "linear", "noise_scale": 0.25, "vace_context_scale": 1.0}
            assert response.json() == {"status": "ok", "applied_parameters": applied}
            await until(lambda: client.last.noise_scale == 0.25)

            assert client.last.vace_context_scale == 1.0
            assert client.messages == [{"type": "parameters_updated", "parameters": applied}]

        play(script)

    def test_what_is_held_and_moved_shows_in_the_controller_view(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load("controller-viz", width=320, height=320)
            client = await rig.connect(start("controller-viz", prompts=None))
            await client.frames(3)
            client.send({"ctrl_input": {"button": ["KeyW"], "mouse": [0.1, 0]}})
            await until(lambda: client.last.taken == 1)

            assert len({strip.chunk for strip in strips(client)}) == len(client.strips)  # one frame per chunk

        play(script)

    def test_reloading_leaves_a_running_session_its_old_instance(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load(base_seed=1)
            client = await rig.connect(start())
            await client.frames(3)
            await rig.load(base_seed=2)
            await client.frames(6)

            assert client.last.base_seed == 1

        play(script)


class TestEnds:
    def test_delete_says_goodbye_and_always_succeeds(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load()
            client = await rig.connect(start())
            await client.frames(1)
            for _ in range(2):
                assert (await rig.http.delete(f"/api/v1/webrtc/offer/{client.session}")).status_code == 204
            await until(lambda: client.peer.connectionState == "closed")

            assert client.messages == [{"type": "stream_stopped"}]
            assert (await rig.get("/api/v1/session/metrics"))["sessions"] == {}

        play(script)

    def test_a_client_that_hangs_up_is_gone_at_once(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load()
            client = await rig.connect(start())
            await client.frames(1)
            await client.close()
            async with asyncio.timeout(LIMIT):
                while (await rig.get("/api/v1/session/metrics"))["sessions"]:
                    await asyncio.sleep(0.01)

        play(script)

    def test_a_server_that_ends_says_goodbye(self) -> None:
        clients = []

        async def script(rig: Rig) -> None:
            await rig.load()
            clients.append(await rig.connect(start()))
            rig.clients.clear()  # it stays until the server is gone

        async def whole() -> None:
            async with rig(Options(port=0, chunk=0.12, frames=3, load_seconds=0.02)) as running:
                await script(running)
            await until(lambda: clients[0].messages == [{"type": "stream_stopped"}])
            await clients[0].close()

        asyncio.run(whole())


class TestFaults:
    async def _fail(self, rig: Rig, fault: str) -> None:
        response = await rig.http.post("/rehearsal/fault", json={"fault": fault})
        assert response.json() == {"fault": fault}

    def test_deaf(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load()
            client = await rig.connect(start())
            await client.frames(1)
            await self._fail(rig, "deaf")
            client.send({"probe": 1})
            await client.frames(9)
            assert client.last.taken == 0
            await self._fail(rig, "none")
            client.send({"probe": 2})
            await until(lambda: client.last.probe == 2)
            assert client.last.taken == 1

        play(script)

    def test_freeze_stops_what_lives_and_nothing_that_comes(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load()
            frozen = await rig.connect(start())
            await frozen.frames(1)
            await self._fail(rig, "freeze")
            living = await rig.connect(start())
            await living.frames(9)  # what the frozen one had made is shown by now
            before = len(frozen.strips)
            await living.frames(12)

            assert len(frozen.strips) == before
            assert frozen.peer.connectionState == "connected"
            assert (await rig.get("/health"))["status"] == "healthy"

        play(script)


class TestProcess:
    @contextlib.contextmanager
    def start(self, *options: str) -> Iterator["subprocess.Popen[str]"]:
        command = [sys.executable, "-m", "bridge", "rehearse", "--load-seconds", "0", *options]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
            try:
                yield process
            finally:
                process.kill()

    def url(self, process: "subprocess.Popen[str]") -> str:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        assert said["pid"] == process.pid
        return str(said["url"])

    def test_crash_is_sudden(self) -> None:
        with self.start("--port", "0", "--json") as process:
            url = self.url(process)
            assert httpx.post(f"{url}/rehearsal/fault", json={"fault": "crash"}, timeout=LIMIT).status_code == 200
            assert process.wait(LIMIT) == (-9 if os.name == "posix" else 15)

    def test_it_ends_with_its_parent(self) -> None:
        with self.start("--port", "0", "--json", "--with-parent") as process:
            self.url(process)
            assert process.stdin is not None
            process.stdin.close()
            assert process.wait(LIMIT) == 0

    def test_a_signal_ends_it_well(self) -> None:
        with self.start("--port", "0") as process:
            assert process.stdout is not None
            assert process.stdout.readline().startswith("rehearsal server on http://127.0.0.1:")
            process.terminate()
            assert process.wait(LIMIT) == (0 if os.name == "posix" else 1)

    def test_a_port_that_is_taken_is_one_clear_sentence(self) -> None:
        with self.start("--port", "0", "--json") as first:
            port = self.url(first).rpartition(":")[2]
            with self.start("--port", port) as second:
                _, complaint = second.communicate(timeout=LIMIT)
                assert second.returncode == 1
                assert complaint.count("\n") == 1
                assert f"cannot listen on 127.0.0.1:{port}: " in complaint
