"""Graphs of several pipelines, faults, recordings, the tempo and the timing of the rehearsal server, over real WebRTC."""

import asyncio
import io
import threading
from itertools import pairwise
from typing import Any

import av
import pytest

from bridge.rehearsal.stage import Timing
from bridge.rehearsal.worker import Instance
from tests.rehearsal.rig import LIMIT, Camera, Client, Rig, play, start, until
from tests.rehearsal.test_video_mode import in_video_mode


def pipeline(name: str, kind: str = "longlive") -> dict[str, Any]:
    return {"id": name, "type": "pipeline", "pipeline_id": kind}


def edge(start: str, end: str) -> dict[str, Any]:
    return {"from": start, "from_port": "video", "to_node": end, "to_port": "video"}


def two_worlds() -> dict[str, Any]:
    """Return initial parameters of a session in which two pipelines each lead to a sink of their own."""
    nodes = [pipeline("left"), pipeline("right"), {"id": "main", "type": "sink"}, {"id": "second", "type": "sink"}]
    graph = {"nodes": nodes, "edges": [edge("left", "main"), edge("right", "second")]}
    return start(pipeline_ids=["left", "right"], graph=graph)


def seen(client: Client, line: int = 0) -> list[Any]:
    return [strip for strip in client.views[line] if strip is not None]


def decoded(file: bytes) -> list[av.VideoFrame]:
    with av.open(io.BytesIO(file), "r") as container:
        return list(container.decode(video=0))


async def both(client: Client, count: int) -> None:
    """Wait for that many frames on both video lines."""
    await until(lambda: len(client.views) == 2 and min(map(len, client.views)) >= count)


class TestGraphs:
    def test_two_pipelines_two_sinks_two_lines(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load_nodes(("left", "longlive"), ("right", "longlive"), width=320, height=320)
            client = await rig.connect(two_worlds(), more=1)
            await both(client, 6)

            assert {strip.node for strip in seen(client, 0)} == {0}
            assert {strip.node for strip in seen(client, 1)} == {1}

        play(script)

    def test_messages_reach_their_node_or_all_and_unknown_nodes_are_dropped(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load_nodes(("left", "longlive"), ("right", "longlive"), width=320, height=320)
            client = await rig.connect(two_worlds(), more=1)
            await both(client, 3)
            client.send({"node_id": "left", "probe": 1})
            client.send({"node_id": "nobody", "probe": 2})
            client.send({"noise_scale": 0.75})
            await until(lambda: all(seen(client, line)[-1].noise_scale == 0.75 for line in (0, 1)))

            left, right = seen(client, 0)[-1], seen(client, 1)[-1]
            assert (left.probe, left.taken) == (1.0, 2)
            assert (right.probe == right.probe, right.taken) == (False, 1)
            assert "Unknown node_id 'nobody', ignoring parameter update" in await rig.log()

        play(script)

    def test_every_node_has_a_queue_of_its_own(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load_nodes(("left", "longlive"), ("right", "longlive"), width=320, height=320)
            client = await rig.connect(two_worlds(), more=1)
            await both(client, 3)
            for probe in range(20):
                client.send({"node_id": "left", "probe": probe})
            await until(lambda: seen(client)[-1].dropped > 0)

            assert seen(client, 1)[-1].dropped == 0

        play(script)

    def test_one_pipeline_can_lead_to_two_sinks(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load(width=320, height=320)
            graph = {
                "nodes": [pipeline("pipe"), {"id": "a", "type": "sink"}, {"id": "b", "type": "sink"}],
                "edges": [edge("pipe", "a"), edge("pipe", "b")],
            }
            client = await rig.connect(start(graph=graph), more=1)
            await both(client, 6)

            first, second = ([strip.frame for strip in seen(client, line)][:5] for line in (0, 1))
            assert len(set(first) & set(second)) >= 3

        play(script)

    def test_the_nth_video_of_the_client_feeds_the_nth_source(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load_nodes(("a", "passthrough"), ("b", "gray"))
            graph = {
                "nodes": [
                    {"id": "spout", "type": "source", "source_mode": "spout"},
                    {"id": "one", "type": "source"},
                    {"id": "two", "type": "source"},
                    pipeline("a", "passthrough"),
                    pipeline("b", "gray"),
                    {"id": "main", "type": "sink"},
                    {"id": "second", "type": "sink"},
                ],
                "edges": [edge("one", "a"), edge("two", "b"), edge("b", "main"), edge("a", "second")],
            }
            parameters = start(pipeline_ids=["passthrough", "gray"], input_mode="video", graph=graph)
            client = await rig.connect(parameters, sends=[Camera(probe=1.0), Camera(probe=2.0)], more=1)
            # The first sink's video comes by the first line, the other one by the line that only receives: nothing comes by
            # the second line.
            await both(client, 1)
            await until(lambda: bool(seen(client, 0)) and bool(seen(client, 1)))

            assert {strip.probe for strip in seen(client, 0)} == {2.0}
            assert {strip.probe for strip in seen(client, 1)} == {1.0}
            sending = [transceiver.currentDirection for transceiver in client.peer.getTransceivers()[:3]]
            assert sending == ["sendrecv", "sendonly", "recvonly"]

        play(script)

    def test_a_node_needs_an_instance_of_its_own(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load()
            client = await rig.connect(two_worlds(), more=1)
            log = await rig.log()

            assert "Pipeline setup failed: Pipeline longlive not loaded. Please load pipeline first." in log
            assert client.strips == []

        play(script)

    def test_text_into_rife_comes_out_at_twice_the_rate_with_its_strips(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load_nodes(("longlive", "longlive"), ("rife", "rife"), width=320, height=320)
            graph = {
                "nodes": [pipeline("longlive"), pipeline("rife", "rife"), {"id": "output", "type": "sink"}],
                "edges": [edge("longlive", "rife"), edge("rife", "output")],
            }
            client = await rig.connect(start(pipeline_ids=["longlive", "rife"], graph=graph))
            client.send({"node_id": "longlive", "probe": 4})
            await until(lambda: bool(seen(client)) and seen(client)[-1].probe == 4)

            frames = [strip.frame for strip in seen(client)]
            assert frames == sorted(frames)
            assert {strip.node for strip in seen(client)} == {0}
            assert 0.4 < len(set(frames)) / len(frames) < 0.6

        play(script, chunk=0.24, frames=6)

    def test_a_broadcast_for_a_node_means_it_in_the_first_session_only(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load_nodes(("left", "longlive"), ("right", "longlive"), width=320, height=320)
            first = await rig.connect(two_worlds(), more=1)
            second = await rig.connect(two_worlds(), more=1)
            await both(first, 1)
            await both(second, 1)
            await rig.http.post("/api/v1/session/parameters", json={"node_id": "left", "probe": 3})
            await until(
                lambda: seen(first)[-1].taken == 1 and all(seen(second, line)[-1].taken == 1 for line in (0, 1))
            )

            assert seen(first, 1)[-1].taken == 0

        play(script)


class TestFaults:
    async def _fail(self, rig: Rig, fault: str) -> None:
        assert (await rig.http.post("/rehearsal/fault", json={"fault": fault})).status_code == 200

    @pytest.mark.parametrize("graph", [True, False])
    def test_without_memory_the_video_is_silent_and_the_session_lives(self, graph: bool) -> None:
        async def script(rig: Rig) -> None:
            await rig.load()
            parameters = start() if graph else start(graph=None)
            client = await rig.connect(parameters, video="sendrecv")
            await client.frames(3)
            await self._fail(rig, "oom")
            log = ""
            async with asyncio.timeout(LIMIT):
                while "Worker thread stopped for pipeline: longlive" not in log:
                    log = await rig.log()
            assert "Non-recoverable error in worker loop for longlive: CUDA out of memory." in log
            await client.quiet()
            before = len(client.strips)
            again = await rig.connect(start())
            await again.frames(6)

            assert len(client.strips) == before
            assert client.peer.connectionState == "connected"
            assert client.messages == []

        play(script)

    def test_what_fails_is_logged_once_and_one_shots_are_gone(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load()
            client = await rig.connect(start())
            await client.frames(1)
            client.send({"noise_scale": "much"})
            client.send({"noise_scale": 0.5})
            await until(lambda: client.last.noise_scale == 0.5)
            log = await rig.log()

            assert log.count("Error processing chunk for longlive: ValueError: noise_scale must be a number") == 1

        play(script)


class TestRecording:
    async def status(self, rig: Rig, client: Client, what: str) -> Any:
        response = await rig.http.post(f"/api/v1/recordings/{client.session}/{what}")
        return response.json()

    def test_what_runs_can_be_fetched_and_goes_on_but_what_was_stopped_is_gone(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load()
            client = await rig.connect(start())
            await client.frames(1)
            url = f"/api/v1/recordings/{client.session}"
            assert (await rig.http.get(url)).status_code == 404
            assert await self.status(rig, client, "stop") == {"status": "not_recording"}
            assert await self.status(rig, client, "start") == {"status": "started"}
            assert await self.status(rig, client, "start") == {"status": "already_recording"}
            await client.frames(10)
            answer = await rig.http.get(url)
            assert (answer.status_code, answer.headers["content-type"]) == (200, "video/mp4")
            frames = decoded(answer.content)
            assert len(frames) >= 5  # a busy machine records fewer than it sends
            assert (frames[0].width, frames[0].height) == (576, 320)
            times = [float(frame.time) for frame in frames]
            assert times == sorted(set(times))
            await client.frames(3)
            assert (await rig.http.get(url)).status_code == 200  # it has gone on
            assert await self.status(rig, client, "stop") == {"status": "stopped"}
            assert (await rig.http.get(url)).status_code == 404
            assert (await rig.http.post(f"{url}/start?node_id=tape")).status_code == 400
            assert (await rig.http.post("/api/v1/recordings/nobody/start")).status_code == 404

        play(script)

    def test_a_record_node_has_a_recording_of_its_own_that_outlives_its_end(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load()
            graph = {
                "nodes": [pipeline("pipe"), {"id": "output", "type": "sink"}, {"id": "tape", "type": "record"}],
                "edges": [edge("pipe", "output"), edge("pipe", "tape")],
            }
            client = await rig.connect(start(graph=graph))
            url = f"/api/v1/recordings/{client.session}"
            assert (await rig.http.post(f"{url}/start?node_id=tape")).json() == {"status": "started"}
            await client.frames(8)
            assert (await rig.http.post(f"{url}/stop?node_id=tape")).json() == {"status": "stopped"}
            answer = await rig.http.get(f"{url}?node_id=tape")
            assert answer.status_code == 200
            assert len(decoded(answer.content)) >= 4
            assert (await rig.http.get(f"{url}?node_id=tape")).status_code == 404

        play(script)

    def test_one_that_is_asked_for_with_the_offer_runs_from_the_start(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load()
            client = await rig.connect(start(recording=True))
            await client.frames(4)

            assert await self.status(rig, client, "start") == {"status": "already_recording"}

        play(script)


class TestFrame:
    def test_a_session_without_a_graph_shows_its_last_one(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load()
            client = await rig.connect(start(graph=None), video="sendrecv")
            await client.frames(2)
            sizes = []
            for quality in (30, 95):
                answer = await rig.http.get(f"/api/v1/session/frame?quality={quality}")
                assert answer.status_code == 200
                assert answer.content[:2] == b"\xff\xd8"
                picture = decoded(answer.content)[0]
                assert (picture.width, picture.height) == (576, 320)
                sizes.append(len(answer.content))
            assert sizes[0] < sizes[1]

        play(script)

    def test_a_session_with_a_graph_shows_none(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load()
            client = await rig.connect(start())
            await client.frames(2)

            assert (await rig.http.get("/api/v1/session/frame")).status_code == 404
            assert (await rig.http.get("/api/v1/session/frame?sink_node_id=output")).status_code == 404

        play(script)


class TestTempo:
    async def enable(self, rig: Rig, bpm: float) -> None:
        body = {"source": "link", "bpm": bpm}
        assert (await rig.http.post("/api/v1/tempo/enable", json=body)).status_code == 200
        await asyncio.sleep(0.05)  # it needs a moment

    def said(self, client: Client) -> list[str]:
        return [message["type"] for message in client.messages if message["type"].startswith("change")]

    def test_a_quantised_change_waits_for_its_boundary_and_says_so(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load()
            client = await rig.connect(start())
            await client.frames(1)
            await self.enable(rig, 120)
            client.send({"quantize_mode": "bar"})
            client.send({"probe": 1, "_quantized": True})
            client.send({"noise_scale": 0.5, "_quantized": True})
            await until(lambda: client.last.probe == 1)

            assert client.last.noise_scale == 0.5  # the second one joined it
            await until(lambda: self.said(client) == ["change_scheduled", "change_applied"])
            scheduled = next(message for message in client.messages if message["type"] == "change_scheduled")
            assert 0 < scheduled["delay_ms"] <= 2000

        play(script)

    def test_setting_the_mode_cancels_what_waits_even_to_the_same(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load()
            client = await rig.connect(start())
            await client.frames(1)
            await self.enable(rig, 240)
            client.send({"quantize_mode": "4_bar", "lookahead_ms": 50})
            client.send({"probe": 1, "_quantized": True})
            client.send({"quantize_mode": "4_bar"})
            client.send({"probe": 2})
            await until(lambda: client.last.probe == 2)
            await asyncio.sleep(4.2)  # four bars at 240

            assert client.last.probe == 2
            assert self.said(client) == ["change_scheduled"]

        play(script)

    def test_a_pause_never_waits(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load()
            client = await rig.connect(start())
            await client.frames(1)
            await self.enable(rig, 20)
            client.send({"quantize_mode": "4_bar"})
            client.send({"paused": True, "probe": 1, "_quantized": True})
            await client.quiet()  # four bars at 20 take 48 s: longer than anything may take

        play(script)

    def test_without_a_tempo_nothing_waits_and_nothing_moves(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load()
            client = await rig.connect(start(noise_scale=0.5))
            await client.frames(1)
            client.send({"quantize_mode": "bar", "modulations": {"noise_scale": {"depth": 0.4, "shape": "square"}}})
            client.send({"probe": 1, "_quantized": True, "bpm": 120, "beat_phase": 0.1})
            await until(lambda: client.last.probe == 1)
            await client.frames(6)

            assert client.last.noise_scale == 0.5
            assert client.messages == []

        play(script)

    def test_what_is_about_the_beat_is_not_told_by_the_api_and_is_nothing_to_begin_with(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load()
            await self.enable(rig, 120)
            moved = {"noise_scale": {"depth": 0.25, "shape": "square", "rate": "bar"}}
            client = await rig.connect(start(noise_scale=0.5, modulations=moved))
            client.send({"quantize_mode": "bar", "modulations": {}, "beat_cache_reset_rate": "none", "probe": 1})
            client.send({"node_id": "pipe", "probe": 2})
            await until(lambda: bool(client.strips) and client.last.probe == 2)
            told = (await rig.get("/api/v1/session/parameters"))["parameters"]

            assert {strip.noise_scale for strip in seen(client)} == {0.5}
            assert told["probe"] == 2
            assert told["modulations"] == moved
            assert not {"quantize_mode", "beat_cache_reset_rate", "node_id"} & set(told)

        play(script)

    def test_a_beat_that_is_none_is_logged_and_does_no_harm(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load()
            client = await rig.connect(start())
            client.send({"bpm": "fast", "beat_phase": 0.5, "probe": 1})
            client.send({"modulations": 5})
            client.send({"lookahead_ms": "soon"})
            client.send({"probe": 2})
            await until(lambda: bool(client.strips) and client.last.probe == 2)

            assert client.last.taken == 1
            assert (await rig.log()).count("Error handling parameter update") == 3

        play(script)

    def test_modulations_move_what_was_sent_while_there_is_a_tempo(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load()
            client = await rig.connect(start(noise_scale=0.5))
            await self.enable(rig, 120)
            moved = {"noise_scale": {"depth": 0.25, "shape": "square", "rate": "bar"}, "wrong": {"depth": 7}}
            client.send({"modulations": moved})
            await until(lambda: {0.25, 0.75} <= {strip.noise_scale for strip in seen(client)})

            assert "Invalid modulation config for 'wrong'" in await rig.log()
            client.send({"modulations": {}})
            await until(lambda: client.last.noise_scale == 0.5)

        play(script)


class TestTiming:
    def starts(self, client: Client) -> list[float]:
        """Return when the chunks that were seen began, in seconds."""
        return sorted({strip.start_ms / 1000 for strip in seen(client)})

    def test_the_chunk_time_can_be_changed_while_it_runs(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load()
            client = await rig.connect(start())
            await client.frames(9)
            await rig.http.post("/rehearsal/chunk", json={"seconds": 0.36})
            await client.frames(15)
            apart = [b - a for a, b in pairwise(self.starts(client))]

            assert min(apart) < 0.3
            assert apart[-1] >= 0.36

        play(script)

    def test_the_first_chunk_after_a_load_can_be_slow(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load()
            client = await rig.connect(start())
            await client.frames(6)
            apart = [b - a for a, b in pairwise(self.starts(client))]
            again = await rig.connect(start())
            await again.frames(6)

            assert apart[0] >= 0.9
            assert max(b - a for a, b in pairwise(self.starts(again))) < 0.9

        play(script, first_chunk=0.9)

    def test_jitter_varies_chunks_around_their_time_and_always_alike(self) -> None:
        timing = Timing(seconds_per_frame=0.1, jitter=0.5)
        instance = Instance("longlive", frames=10, prompted=False)
        chunks = [instance.call({}, 0, 0) for _ in range(100)]
        busy = [timing.busy(chunk, diffusion=True) for chunk in chunks]

        assert busy == [timing.busy(chunk, diffusion=True) for chunk in chunks]
        assert 0.5 <= min(busy) < 0.6
        assert 1.4 < max(busy) <= 1.5
        assert sum(busy) / len(busy) == pytest.approx(1.0, abs=0.1)
        timing.jitter = 0.0
        assert {timing.busy(chunk, diffusion=True) for chunk in chunks} == {1.0}
        assert timing.busy(chunks[0], diffusion=False) == pytest.approx(1 / 30)


class TestBeta:
    def test_a_session_begins_when_its_video_is_asked_for_and_knows_no_graph(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load()
            waiting = Client()
            rig.clients.append(waiting)
            waiting.peer.addTransceiver("video", direction="sendrecv")
            assert (await rig.offer(waiting, start())).status_code == 200  # and it never connects
            client = await rig.connect(start(), video="sendrecv")
            client.send({"node_id": "nobody", "probe": 1})
            await until(lambda: bool(client.strips) and client.last.probe == 1)

            assert client.last.taken == 1
            log = (await rig.http.get("/api/v1/logs/current")).text
            assert log.count("Worker thread started for pipeline: longlive") == 1

        play(script, dialect="beta3")


def test_nothing_is_left_when_a_server_ends() -> None:
    threads = set(threading.enumerate())

    async def script(rig: Rig) -> None:
        await rig.load_nodes(("gray", "gray"), ("longlive", "longlive"))
        client = await rig.connect(in_video_mode("gray", "longlive", recording=True), sends=[Camera()])
        await client.frames(3)
        await rig.http.post("/rehearsal/fault", json={"fault": "lag:50"})
        client.send({"quantize_mode": "bar"})
        other = await rig.connect(start("longlive", graph=None), opened=False)
        await rig.http.post("/rehearsal/fault", json={"fault": "freeze"})
        assert other.strips == []

    play(script)

    left = [thread for thread in threading.enumerate() if thread not in threads and not thread.daemon]
    workers = [thread for thread in threading.enumerate() if thread.name.startswith(("worker", "recording"))]
    assert (left, workers) == ([], [])
