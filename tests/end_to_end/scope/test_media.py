"""Video, both ways: which line is whose, in which codec and size, and how late."""

import asyncio
import re
from typing import Any

import numpy as np
import pytest
from aiortc import RTCRtpSender
from aiortc.codecs import vpx

from bridge.frames import Fan, Frame
from bridge.profile.model import Graph
from bridge.sources.pattern import PatternSource, read_number_of
from bridge.status import Phase
from tests.end_to_end.scope.items import covers
from tests.end_to_end.scope.playing import (
    CHUNK,
    FRAMES,
    SIZE,
    VIZ,
    Lamp,
    Play,
    Raw,
    Stand,
    Watched,
    edge,
    line,
    nodes,
    shining,
)
from tests.rehearsal.rig import Camera, Client, until

pytestmark = [pytest.mark.scope, pytest.mark.timeout(180)]

RED, BLUE = (220, 0, 0), (0, 0, 220)


@pytest.mark.transport
@pytest.mark.parametrize("codec", ["VP8", "H264"])
@covers("2.2 codecs")
def test_the_clients_preference_of_codecs_wins(play: Play, codec: str) -> None:
    async def script(raw: Raw) -> None:
        await raw.load(VIZ)
        client = Client()
        video = client.peer.addTransceiver("video", direction="sendrecv")
        known = RTCRtpSender.getCapabilities("video").codecs
        video.setCodecPreferences([one for one in known if codec in one.mimeType])
        await raw.join(client, {"pipeline_ids": [VIZ]})
        await client.frames(3)
        assert re.search(r"a=rtpmap:\d+ (\w+)", client.answer)[1] == codec  # type: ignore[index]

    play.raw(script)


@pytest.mark.values
@covers("2.2 output size", "2.2 output pacing", "4.3", "1.2 load")
def test_frames_have_the_pipelines_size_and_come_at_the_rate_at_which_they_are_made(play: Play) -> None:
    async def scene(watched: Watched) -> None:
        await watched.streams(6 * FRAMES)
        assert watched.frames[-1].size == SIZE
        made = [sum(strip.chunk == number for strip in watched.strips) for number in seen(watched)[1:-1]]
        assert set(made) == {FRAMES}
        last = [one.received for one in watched.frames[-3 * FRAMES :]]
        apart = np.diff(last)
        assert 0.3 * CHUNK / FRAMES < np.median(apart) < 4 * CHUNK / FRAMES, "one after the other, not a chunk at once"

    play(scene)


def seen(watched: Watched) -> list[int]:
    """Return the chunks that were seen."""
    return sorted({strip.chunk for strip in watched.strips})


@pytest.mark.transport
@covers("2.2 bit rates", "2.2 round trip", "2.2 output size", "3.4 video", "10 pause latency", "2.2 PTS")
def test_video_sent_up_comes_back_soon_also_after_a_pause(play: Play, server: Stand) -> None:
    """The lamp changes its colour; that is seen in the picture, on any server. The size is the input's."""

    async def scene(watched: Watched) -> None:
        lamp = Lamp(watched.uplinks["input"], RED)

        async def late() -> float:
            """Return how long a change takes to come back."""
            lamp.colour = BLUE if lamp.colour == RED else RED
            began, count = len(watched.frames), lamp.sent
            await watched.until(lambda: lamp.sent > count)
            moment = watched.frames[began - 1].received
            channel = 2 if lamp.colour == BLUE else 0
            await watched.until(lambda: colour(watched.frames[-1])[channel] > 120, "the other colour")
            return watched.frames[-1].received - moment

        async with shining(lamp):
            await watched.streams(8)
            assert watched.frames[-1].size == SIZE
            before = min([await late() for _ in range(3)])
            watched.put("paused", True)
            await watched.until(lambda: watched.session.status().phase is Phase.PAUSED)
            await asyncio.sleep(1.5)
            watched.put("paused", False)
            await watched.streams(8)
            after = min([await late() for _ in range(3)])
            assert after < before + 1.0, "as late as before, and not by the time of the pause"
            assert watched.session.status().sessions == 1
        received = [frame.received for frame in watched.frames]
        assert received == sorted(received), "the bridge's own clock, whatever the time stamps say"
        assert (vpx.DEFAULT_BITRATE, vpx.MAX_BITRATE) == (7_000_000, 10_000_000)
        if server.rehearsal:
            assert before < 2.0

    play(scene, pipeline="passthrough", input_mode="video")


@pytest.mark.transport
@covers("3.4 video")
def test_video_goes_up_and_comes_back_with_its_frames_in_their_order_both_ways(play: Play) -> None:
    """The frames are numbered; passthrough gives back what it gets, a part of it where it is slower."""
    up: list[int] = []
    down: list[int] = []

    async def scene(watched: Watched) -> None:
        mailbox, fan = watched.uplinks["input"], Fan()

        def sent(frame: Frame) -> None:
            mailbox.put(frame)
            up.append(frame.number)

        def seen(frame: Frame) -> None:
            number = read_number_of(frame.video)
            if number is not None:
                down.append(number)

        fan.tap(sent)
        watched.fans.main.tap(seen)
        async with asyncio.TaskGroup() as tasks:
            pattern = tasks.create_task(PatternSource("numbers", "bars", fan, SIZE).run())
            await watched.until(lambda: len(set(down)) >= 40, "forty numbers")
            pattern.cancel()

    play(scene, pipeline="passthrough", input_mode="video")
    assert up == sorted(up)
    assert down == sorted(down), "none comes before one that was sent earlier"
    assert set(down) <= set(up)


def colour(frame: Frame) -> Any:
    """Return the mean colour of a frame, below its strip."""
    return frame.rgba()[48:, :, :3].mean((0, 1))


TWO: dict[str, Any] = {
    "nodes": [
        {"id": "front", "type": "source"},
        {"id": "back", "type": "source"},
        {"id": "near", "type": "pipeline", "pipeline_id": "passthrough"},
        {"id": "far", "type": "pipeline", "pipeline_id": "passthrough"},
        {"id": "wide", "type": "sink"},
        {"id": "tall", "type": "sink"},
    ],
    "edges": [edge("front", "near"), edge("back", "far"), edge("near", "wide"), edge("far", "tall")],
}


@pytest.mark.transport
@pytest.mark.since("0.1.8", "graphs")
@covers("2.2 several sources", "2.2 several sinks", "2.1 m-lines")
def test_the_second_source_is_the_second_line_that_sends_and_the_second_sink_one_that_receives(play: Play) -> None:
    async def scene(watched: Watched) -> None:
        seen: dict[str, Frame] = {}
        watched.fans.of("wide").tap(lambda frame: seen.update(wide=frame))
        watched.fans.of("tall").tap(lambda frame: seen.update(tall=frame))
        async with shining(Lamp(watched.uplinks["front"], RED), Lamp(watched.uplinks["back"], BLUE)):
            await watched.until(lambda: "wide" in seen and colour(seen["wide"])[0] > 120, "red in the first sink")
            await watched.until(lambda: "tall" in seen and colour(seen["tall"])[2] > 120, "blue in the second")
        assert colour(seen["wide"])[2] < 60
        assert colour(seen["tall"])[0] < 60

    play(
        scene,
        pipeline="passthrough",
        input_mode="video",
        chain=nodes(("near", "passthrough"), ("far", "passthrough")),
        graph=Graph(tuple(TWO["nodes"]), tuple(TWO["edges"])),
    )


@pytest.mark.transport
@covers("2.3 input ends")
def test_without_a_graph_the_output_ends_with_the_input_and_the_bridges_input_never_ends(play: Play) -> None:
    async def script(raw: Raw) -> None:
        await raw.load("gray")
        camera = Camera(size=SIZE)
        client = await raw.connect({"pipeline_ids": ["gray"], "input_mode": "video"}, sends=[camera])
        await client.frames(3)
        camera.stop()
        await asyncio.sleep(0.5)
        count = len(client.strips)
        await asyncio.sleep(0.5)
        assert len(client.strips) == count

    play.raw(script)

    async def scene(watched: Watched) -> None:
        async with shining(Lamp(watched.uplinks["input"], RED)):
            await watched.streams(5)
        # The lamp is out: its last picture is sent on and on.
        await watched.streams(10)
        assert watched.session.status().sessions == 1

    play(scene, pipeline="gray", input_mode="video")


@pytest.mark.transport
@pytest.mark.since("0.1.8", "graphs")
@covers("2.3 input ends", "5 load by node", "2.2 several sinks")
def test_a_graphs_other_sinks_go_on_when_an_input_ends(play: Play) -> None:
    graph = line(("a", "gray"), source=True)
    graph["nodes"] += [{"id": "b", "type": "pipeline", "pipeline_id": VIZ}, {"id": "other", "type": "sink"}]
    graph["edges"].append(edge("b", "other"))

    async def script(raw: Raw) -> None:
        await raw.load_nodes(("gray", "gray"), (VIZ, VIZ))  # by pipeline: the offer takes them for its nodes
        camera = Camera(size=SIZE)
        parameters = {"pipeline_ids": ["gray", VIZ], "input_mode": "video", "graph": graph}
        client = await raw.connect(parameters, sends=[camera], more=1)
        await until(lambda: len(client.views) == 2 and all(len(view) > 3 for view in client.views))
        camera.stop()
        await asyncio.sleep(0.4)
        gray, viz = (len(view) for view in client.views)
        await until(lambda: len(client.views[1]) > viz + 5)
        assert len(client.views[0]) <= gray + 1

    play.raw(script)
