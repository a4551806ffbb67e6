"""Video that a client sends, through the rehearsal server's pipelines and back, over real WebRTC."""

import asyncio
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from bridge.rehearsal.graph import INPUT
from tests.rehearsal.rig import Camera, Client, Rig, play, start, until


def through(*pipelines: tuple[str, str], port: str = "video") -> dict[str, Any]:
    """Return a graph in which a source leads through these nodes to a sink; the first is entered at `port`."""
    names = [INPUT, *(node for node, _ in pipelines), "output"]
    nodes: list[dict[str, Any]] = [{"id": INPUT, "type": "source"}, {"id": "output", "type": "sink"}]
    nodes += [{"id": node, "type": "pipeline", "pipeline_id": kind} for node, kind in pipelines]
    edges = [
        {"from": a, "from_port": "video", "to_node": b, "to_port": port if place == 0 else "video"}
        for place, (a, b) in enumerate(pairwise(names))
    ]
    return {"nodes": nodes, "edges": edges}


def in_video_mode(*pipelines: str, port: str = "video", **more: Any) -> dict[str, Any]:
    """Return initial parameters of a session in video mode, each node named as its pipeline."""
    parameters = {"pipeline_ids": list(pipelines), "input_mode": "video", "prompts": [{"text": "reef", "weight": 1.0}]}
    return {**parameters, "graph": through(*((name, name) for name in pipelines), port=port), **more}


def red(client: Client) -> tuple[float, float, float]:
    """Return the mean colour of the last frame's lower half."""
    pixels = client.pictures[0].to_ndarray(format="rgb24")
    mean = pixels[pixels.shape[0] // 2 :].reshape(-1, 3).mean(axis=0)
    return float(mean[0]), float(mean[1]), float(mean[2])


class TestPassthrough:
    def test_every_frame_comes_back_as_it_is(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load("passthrough", width=512, height=512)
            client = await rig.connect(in_video_mode("passthrough"), sends=[Camera(probe=7.0)])
            await client.frames(24)

            assert {strip.probe for strip in client.strips if strip is not None} == {7.0}
            frames = [strip.frame for strip in client.strips if strip is not None]
            assert frames == sorted(set(frames))
            assert (client.pictures[0].width, client.pictures[0].height) == (320, 160)
            metrics = (await rig.get("/api/v1/session/metrics"))["sessions"][client.session]
            assert metrics["frames_in"] >= 24
            assert metrics["fps_in"] > 0

        play(script)

    def test_the_times_of_the_input_are_kept(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load("passthrough")
            client = await rig.connect(in_video_mode("passthrough"), sends=[Camera()])
            seen = []
            for _ in range(8):
                await client.frames(1)
                seen.append((client.last.frame, client.pictures[0].pts))

            assert {(b[1] - a[1]) / (b[0] - a[0]) for a, b in pairwise(seen) if b[0] > a[0]} == {90_000 / 20}

        play(script)

    @pytest.mark.parametrize("pipeline", ["gray", "scribble", "video-depth-anything", "optical-flow"])
    def test_pipelines_that_only_look_leave_the_strip_and_the_size(self, pipeline: str) -> None:
        async def script(rig: Rig) -> None:
            await rig.load(pipeline)
            client = await rig.connect(in_video_mode(pipeline), sends=[Camera(probe=3.0)])
            await client.frames(12)

            assert {strip.probe for strip in client.strips if strip is not None} == {3.0}
            assert (client.pictures[0].width, client.pictures[0].height) == (320, 160)
            r, g, b = red(client)
            assert max(r, g, b) - min(r, g, b) < 12  # the camera is red

        play(script)

    def test_rife_doubles_the_rate_and_keeps_what_the_strips_say(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load("rife")
            client = await rig.connect(in_video_mode("rife"), sends=[Camera(probe=5.0)])
            await client.frames(46)

            strips = [strip for strip in client.strips if strip is not None]
            assert {strip.probe for strip in strips} == {5.0}
            frames = [strip.frame for strip in strips]
            assert frames == sorted(frames)
            assert len(set(frames)) / len(frames) < 0.6  # 12 become 23

        play(script)


class TestDiffusion:
    def test_it_waits_for_video_and_makes_as_many_frames_as_come(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load()
            camera = Camera()
            client = await rig.connect(in_video_mode("longlive"), sends=[camera])
            await client.frames(9)

            assert len(client.strips) <= camera.sent
            assert client.last.chunk > 0
            assert (client.pictures[0].width, client.pictures[0].height) == (576, 320)

        play(script)

    @pytest.mark.parametrize(("noise", "shows"), [(0.0, True), (1.0, False)])
    def test_noise_scale_mixes_the_video_with_the_painting(self, noise: float, shows: bool) -> None:
        async def script(rig: Rig) -> None:
            await rig.load()
            parameters = in_video_mode("longlive", noise_scale=noise, noise_controller=False)
            client = await rig.connect(parameters, sends=[Camera()])
            await client.frames(6)

            r, g, b = red(client)
            assert (r > 150 and g < 40 and b < 40) is shows

        play(script)

    def test_video_that_enters_at_vace_is_not_mixed_whatever_the_noise_is(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load()
            parameters = in_video_mode("longlive", port="vace_input_frames", noise_scale=0.0, noise_controller=False)
            client = await rig.connect(parameters, sends=[Camera()])
            await client.frames(6)

            r, g, b = red(client)
            assert not (r > 150 and g < 40 and b < 40)

        play(script)

    def test_messages_are_drained_while_no_video_comes(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load()
            camera = Camera(fps=2.0)
            client = await rig.connect(in_video_mode("longlive"), sends=[camera])
            for probe in range(60):
                client.send({"probe": probe})
                await asyncio.sleep(1 / 60)
            await until(lambda: bool(client.strips) and client.last.probe == 59)

            assert client.last.dropped == 0
            assert client.last.taken == 60

        play(script)

    def test_a_busy_pipeline_leaves_frames_out_and_does_not_fall_behind(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load_nodes(("gray", "gray"), ("longlive", "longlive"))
            camera = Camera(fps=60.0)
            still: dict[str, Any] = {"noise_scale": 0.0, "noise_controller": False}
            client = await rig.connect(in_video_mode("gray", "longlive", **still), sends=[camera])
            await client.frames(12)

            assert {strip.node for strip in client.strips if strip is not None} == {1}
            r, g, b = red(client)
            assert max(r, g, b) - min(r, g, b) < 12  # gray came first
            metrics = (await rig.get("/api/v1/session/metrics"))["sessions"][client.session]
            assert metrics["frames_in"] > 2 * metrics["frames_out"]

        play(script, chunk=0.4)


class TestWithoutAGraph:
    def test_a_chain_works_and_its_first_pipeline_gets_the_video(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load_nodes(("gray", "gray"), ("rife", "rife"))
            client = await rig.connect(in_video_mode("gray", "rife", graph=None), sends=[Camera(probe=2.0)])
            await client.frames(23)

            r, g, b = red(client)
            assert max(r, g, b) - min(r, g, b) < 12
            assert {strip.probe for strip in client.strips if strip is not None} == {2.0}

        play(script)

    def test_when_the_input_ends_the_output_stops(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load("gray")
            camera = Camera()
            client = await rig.connect(in_video_mode("gray", graph=None), sends=[camera])
            await client.frames(6)
            sender = client.peer.getTransceivers()[0].sender
            await sender.stop()  # aiortc says goodbye, and the server's track ends
            camera.stop()
            log = ""
            async with asyncio.timeout(20):
                while "Error in input loop, stopping" not in log:
                    log = await rig.log()
            await client.quiet()

        play(script)

    def test_vace_enabled_leads_the_video_to_vace(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load()
            still: dict[str, Any] = {"graph": None, "noise_scale": 0.0, "noise_controller": False}
            client = await rig.connect(in_video_mode("longlive", vace_enabled=True, **still), sends=[Camera()])
            await client.frames(3)
            r, g, b = red(client)
            assert not (r > 150 and g < 40 and b < 40)
            plain = await rig.connect(
                in_video_mode("longlive", vace_enabled=True, vace_use_input_video=False, **still), sends=[Camera()]
            )
            await plain.frames(3)
            r, g, b = red(plain)
            assert r > 150
            assert g < 40

        play(script)


def test_a_paused_session_still_shows_what_waited_when_it_goes_on() -> None:
    async def script(rig: Rig) -> None:
        await rig.load("passthrough")
        camera = Camera(fps=30.0)
        client = await rig.connect(in_video_mode("passthrough"), sends=[camera])
        await client.frames(4)
        client.send({"paused": True})
        await until(lambda: len(client.strips) < camera.sent - 40)
        client.send({"paused": False})
        await client.frames(8)

        late = [camera.sent - strip.frame for strip in client.strips[-4:] if strip is not None]
        assert min(late) > 15  # it shows what came when the pause began, and does not catch up

    play(script)


def test_the_mean_of_a_gray_picture_is_that_of_its_luma() -> None:
    async def script(rig: Rig) -> None:
        await rig.load("gray")
        client = await rig.connect(in_video_mode("gray"), sends=[Camera()])
        await client.frames(6)

        pixels = client.pictures[0].to_ndarray(format="rgb24")[80:]
        assert abs(float(np.mean(pixels)) - 200 * 77 / 256) < 10

    play(script)


def test_start_without_a_source_forces_text_mode() -> None:
    async def script(rig: Rig) -> None:
        await rig.load()
        client = await rig.connect(start(input_mode="video"))
        await client.frames(3)

    play(script)
