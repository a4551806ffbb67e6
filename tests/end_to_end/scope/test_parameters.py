"""Messages on the data channel: what Scope's worker makes of them, and what the bridge sends it."""

import asyncio
import math
from typing import Any

import pytest

from bridge.parameters import PARAMETERS
from bridge.status import Phase
from bridge.strip import prompt_sum
from tests.end_to_end.scope.items import covers
from tests.end_to_end.scope.playing import (
    CHUNK,
    FRAMES,
    SIZE,
    Lamp,
    Play,
    Raw,
    Stand,
    Watched,
    begin,
    line,
    nodes,
    prompts,
    shining,
)
from tests.rehearsal.rig import Camera, Client, until

pytestmark = [pytest.mark.scope, pytest.mark.timeout(120)]

REEF, NEON = prompt_sum(["reef"]), prompt_sum(["neon"])


@pytest.mark.values
@covers("0.1", "10 queue", "11 same", "8 one instance", "4.3")
def test_where_a_flood_overflows_the_queue_and_loses_its_last_value_the_session_loses_none(play: Play) -> None:
    async def scene(watched: Watched) -> None:
        await watched.streams(2 * FRAMES)
        flood = await watched.raw.connect(begin(), video="sendrecv")
        await flood.frames(1)
        for number in range(30):
            flood.send({"probe": float(number)})
            watched.put("probe", 100.0 + number)
            await asyncio.sleep(1 / 30)
        watched.put("probe", 200.0)
        landed = await watched.shows(probe=200.0)
        assert landed.dropped == 0
        while flood.last.taken + flood.last.dropped < 30:
            await flood.frames(FRAMES)
        assert flood.last.dropped > 10, "eight wait, and the newest is dropped"
        assert flood.last.probe < 29.0, "its last value never arrives"
        assert {strip.dropped for strip in watched.strips} == {0}
        chunk = watched.session.status().chunk_seconds
        assert chunk is not None
        assert 0.7 * CHUNK < chunk < 3 * CHUNK

    play(scene)


@pytest.mark.values
@covers("0.1 idle", "3.4 no graph", "3.4 graph", "3.4 any truthy value")
def test_while_paused_a_worker_takes_all_that_comes_and_the_session_sends_it_the_latest_alone(play: Play) -> None:
    async def scene(watched: Watched) -> None:
        await watched.streams(FRAMES)
        watched.put("paused", True)
        await watched.until(lambda: watched.session.status().phase is Phase.PAUSED)
        await asyncio.sleep(0.5)
        before, strips = watched.session.status().messages, len(watched.strips)
        for number in range(60):
            watched.put("probe", float(number))
            await asyncio.sleep(0.02)
        messages = watched.session.status().messages - before
        assert messages <= 20 * 1.2 * 3, "no more than 20 a second, on a machine that is busy"
        assert messages < 60, "not every value"
        repeated = {strip.frame for strip in watched.strips[strips:]}
        assert len(repeated) <= 1, "a graph sends nothing, and without one the last frame is repeated"
        watched.put("paused", False)
        strip = await watched.shows(probe=59.0)
        assert strip.dropped == 0
        assert watched.session.status().sessions == 1, "a pause is no freeze"

    async def without_graph(raw: Raw) -> None:
        await raw.load()
        client = await raw.connect(begin(), video="sendrecv")
        await client.frames(FRAMES)
        client.send({"paused": "yes"})
        await asyncio.sleep(2 * CHUNK)
        frame, count = client.last.frame, len(client.strips)
        for number in range(40):
            client.send({"probe": float(number)})
            await asyncio.sleep(0.015)
        assert client.last.frame == frame
        assert len(client.strips) > count + 3, "the last frame again and again"
        client.send({"paused": 0})
        assert (await raw.hears(client, probe=39.0)).dropped == 0

    play(scene, before=without_graph)


@pytest.mark.values
@pytest.mark.since("0.1.8", "graphs")
@covers("3.4 graph", "3.4 from the start")
def test_a_graph_that_is_paused_sends_nothing_from_the_start_if_the_offer_says_so(play: Play) -> None:
    async def script(raw: Raw) -> None:
        await raw.load()
        graph = line(("longlive", "longlive"))
        client = await raw.connect(begin(graph=graph, paused=True))
        await asyncio.sleep(3 * CHUNK)
        assert client.strips == []
        client.send({"paused": False})
        await client.frames(FRAMES)
        client.send({"paused": True})
        await asyncio.sleep(3 * CHUNK)
        count = len(client.strips)
        await asyncio.sleep(2 * CHUNK)
        assert len(client.strips) == count

    play.raw(script)


@pytest.mark.values
@covers("0.2", "11 same")
def test_messages_of_which_nothing_is_left_take_the_place_of_a_real_one(play: Play, server: Stand) -> None:
    stripped: dict[str, Any] = {"spout_receiver": {}} if server.beta else {"output_sinks": {}}

    async def script(raw: Raw) -> None:
        await raw.load()
        client = await raw.connect(begin(), video="sendrecv")
        await client.frames(FRAMES)
        for _ in range(12):
            client.send(stripped)
        client.send({"probe": 7.0})
        while client.last.taken + client.last.dropped < 13:
            await client.frames(1)
        assert client.last.dropped >= 4
        assert math.isnan(client.last.probe), "it was dropped for messages that said nothing"

    play.raw(script)


@pytest.mark.values
@covers("0.3", "2.3 chunk raises", "3.2 nothing else")
def test_nothing_is_validated_nothing_is_answered_and_what_breaks_the_chunk_can_be_mended(play: Play) -> None:
    async def script(raw: Raw) -> None:
        await raw.load()
        client = await raw.connect(begin(), video="sendrecv")
        await client.frames(FRAMES)
        for nonsense in ("{", "[1]", '"x"', "NaN", b"\xff\x00"):
            client.send(nonsense)
        assert (await raw.say(client, vace_context_scale=99.0)).vace_context_scale == 99.0
        strip = await raw.say(client, probe=math.nan, unheard_of=math.inf, vace_context_scale=None)
        assert math.isnan(strip.vace_context_scale), "null sets nothing at all"
        client.send({"vace_context_scale": "much"})
        await asyncio.sleep(3 * CHUNK)
        count = len(client.strips)
        await asyncio.sleep(2 * CHUNK)
        assert len(client.strips) == count, "no chunk can be made"
        assert "Error processing chunk for longlive" in await raw.log()
        client.send({"vace_context_scale": 1.5})
        await raw.hears(client, vace_context_scale=1.5)
        assert client.messages == []

    play.raw(script)


@pytest.mark.values
@covers("2.3 chunk raises")
def test_the_session_says_that_chunks_fail_and_plays_on_when_they_are_mended(play: Play, server: Stand) -> None:
    async def scene(watched: Watched) -> None:
        await watched.streams(FRAMES)
        other = await watched.raw.connect(begin(), video="sendrecv")
        other.send({"noise_scale": "much"})  # the instance is everybody's, and so is what broke it
        if not server.beta:
            await watched.until(lambda: "could not make a chunk" in watched.session.status().warning, "the reason")
        else:
            await asyncio.sleep(3 * CHUNK)
        other.send({"noise_scale": 0.5})
        await watched.streams(2 * FRAMES)

    play(scene)


@pytest.mark.values
@covers("0.7", "10 num_steps 1", "10 stale prompt")
def test_a_transition_of_one_step_never_arrives_and_one_without_prompts_comes_back_from_a_reset(play: Play) -> None:
    def towards(text: str, steps: int) -> dict[str, object]:
        return {"transition": {"target_prompts": prompts(text), "num_steps": steps}}

    async def script(raw: Raw) -> None:
        await raw.load()
        client = await raw.connect(begin(), video="sendrecv")
        await client.frames(FRAMES)
        await raw.say(client, prompts=prompts("neon"), **towards("neon", 1))
        await client.frames(2 * FRAMES)
        assert client.last.prompt == REEF

        assert (await raw.say(client, prompts=prompts("sea"))).prompt == prompt_sum(["sea"])
        await raw.say(client, **towards("neon", 2))
        await raw.hears(client, prompt=NEON, transition=False)
        assert (await raw.say(client, reset_cache=True)).prompt == prompt_sum(["sea"]), "it bounces back"

        assert (await raw.say(client, **towards("neon", 40))).transition
        strip = await raw.say(client, prompts=prompts("reef"))
        assert (strip.prompt, strip.transition) == (REEF, False)

    play.raw(script)


@pytest.mark.values
@covers("0.7", "10 stale prompt", "10 prompt_interpolation_method")
def test_the_sessions_prompts_arrive_by_transition_and_stay_after_a_reset(play: Play, stand_in: Stand) -> None:
    heard = stand_in.listening()

    async def scene(watched: Watched) -> None:
        await watched.shows(prompt=REEF)
        transition = {"target_prompts": prompts("neon"), "num_steps": 3, "temporal_interpolation_method": "linear"}
        watched.put("prompts", {"prompts": prompts("neon"), "transition": transition})
        await watched.shows(transition=True)
        await watched.shows(prompt=NEON, transition=False)
        watched.put("reset_cache", True)
        await watched.shows(taken=watched.strips[-1].taken + 1)
        await watched.streams(FRAMES)
        assert watched.strips[-1].prompt == NEON

    play(scene)
    said = [message for message in heard.messages() if "prompts" in message]
    assert said
    assert all(message["transition"]["target_prompts"] == message["prompts"] for message in said)
    assert "prompt_interpolation_method" not in PARAMETERS


@pytest.mark.values
@covers("0.7 video")
def test_in_video_mode_other_prompts_cut_unless_a_transition_leads_there(play: Play) -> None:
    async def scene(watched: Watched) -> None:
        async with shining(Lamp(watched.uplinks["input"], (220, 0, 0), fps=30.0)):
            first = await watched.shows(prompt=REEF)
            transition = {"target_prompts": prompts("neon"), "num_steps": 3}
            watched.put("prompts", {"prompts": prompts("neon"), "transition": transition})
            led = await watched.shows(prompt=NEON, transition=False)
            assert led.scene == first.scene
            watched.put("prompts", {"prompts": prompts("reef")})
            assert (await watched.shows(prompt=REEF)).scene == led.scene + 1

    play(scene, input_mode="video")


@pytest.mark.values
@covers("0.8", "2.2 input queue")
def test_noise_scale_acts_on_the_video_sent_up_because_its_companion_goes_along(play: Play, stand_in: Stand) -> None:
    heard = stand_in.listening()

    async def scene(watched: Watched) -> None:
        lamp = Lamp(watched.uplinks["input"], (220, 0, 0), fps=30.0)
        async with shining(lamp):
            await watched.streams()
            watched.put("noise_scale", 0.0)
            strip = await watched.shows(noise_scale=0.0)
            assert not strip.noise_controller
            assert strip.dropped == 0
            await watched.until(lambda: watched.picture().mean((0, 1))[0] > 150, "red")
            lamp.colour = (0, 0, 220)
            began = len(watched.frames)
            await watched.until(lambda: watched.picture().mean((0, 1))[2] > 150, "blue")
            assert watched.frames[-1].received - watched.frames[began - 1].received < 5.0, "a second late, not for ever"

    play(scene, input_mode="video")
    assert all(message["noise_controller"] is False for message in heard.messages() if "noise_scale" in message)


@pytest.mark.values
@covers("0.9")
def test_steps_cut_while_the_cache_is_managed_and_pass_with_the_key_that_says_so(play: Play) -> None:
    """A cut ends a transition that is under way: by that it is seen here."""
    steps = iter(range(400, 300, -1))

    async def script(raw: Raw) -> None:
        await raw.load()
        client = await raw.connect(begin(), video="sendrecv")
        await client.frames(FRAMES)

        async def cuts(target: str, **message: object) -> bool:
            transition = {"target_prompts": prompts(target), "num_steps": 60}
            assert (await raw.say(client, prompts=prompts(target), transition=transition)).transition
            return not (await raw.say(client, **message)).transition

        assert await cuts("a", denoising_step_list=[1000, next(steps)])
        assert not await cuts("b", denoising_step_list=[1000, next(steps)], _modulated_step_list=True)
        assert await cuts("c", reset_cache=True)
        assert await cuts("d", lora_scales=[{"path": "/none.safetensors", "scale": 0.5}])
        assert not await cuts("e", vace_context_scale=1.2, noise_scale=0.3, noise_controller=False)
        await raw.say(client, manage_cache=False, _modulated_step_list=False)
        assert not await cuts("g", denoising_step_list=[1000, next(steps)])

    play.raw(script)


@pytest.mark.values
@covers("0.9")
def test_the_session_never_repeats_what_cuts(play: Play, stand_in: Stand) -> None:
    heard = stand_in.listening()

    async def scene(watched: Watched) -> None:
        await watched.streams(FRAMES)
        watched.put("denoising_step_list", [1000, 500])
        await watched.shows(steps=(1000, 500))
        watched.put("reset_cache", True)
        watched.put("vace_context_scale", 1.25)
        await watched.shows(vace_context_scale=1.25)
        await watched.streams(6 * FRAMES)

    play(scene)
    said = heard.messages()
    assert sum("denoising_step_list" in message for message in said) == 1
    assert sum("reset_cache" in message for message in said) == 1
    assert sum(message.get("vace_context_scale") == 1.25 for message in said) == 2, "once more when it is quiet"


@pytest.mark.values
@covers("0.12", "0.13", "10 REST update")
def test_the_session_says_all_by_its_channel_and_never_sizes(play: Play, stand_in: Stand) -> None:
    heard = stand_in.listening()

    async def scene(watched: Watched) -> None:
        watched.begin_with(vace_context_scale=1.5)
        await watched.shows(vace_context_scale=1.5)
        for name, value in (("noise_scale", 0.3), ("base_seed", 7), ("manage_cache", False), ("paused", False)):
            watched.put(name, value)
        await watched.shows(base_seed=7)

    play(scene)
    assert "POST /api/v1/webrtc/offer" in play.asked
    assert "POST /api/v1/session/parameters" not in play.asked
    said = heard.messages()
    assert said
    assert all({"width", "height", "quantize_mode", "_quantized"}.isdisjoint(message) for message in said)
    assert not {"width", "height"} & PARAMETERS.keys(), "they are none that could be put"


@pytest.mark.values
@pytest.mark.since("0.1.8", "updates by REST")
@covers("0.12", "10 REST update", "3.2 parameters_updated", "8 first session")
def test_an_update_by_rest_resets_what_it_does_not_name_in_every_session(play: Play) -> None:
    async def script(raw: Raw) -> None:
        await raw.load()
        first = await raw.connect(begin(), video="sendrecv")
        second = await raw.connect(begin(), video="sendrecv")
        for client in (first, second):
            await client.frames(1)
            await raw.say(client, vace_context_scale=1.75)
        answer = await raw.http.post("/api/v1/session/parameters", json={"noise_scale": 0.25})
        assert answer.json()["applied_parameters"]["vace_context_scale"] == 1.0
        for client in (first, second):
            await raw.hears(client, noise_scale=0.25, vace_context_scale=1.0)
            assert [one["type"] for one in client.messages] == ["parameters_updated"]
        assert list((await raw.get("/api/v1/session/metrics"))["sessions"]) == [first.session]
        await raw.say(second, probe=5.0)
        assert "probe" not in (await raw.get("/api/v1/session/parameters"))["parameters"]
        assert (await raw.http.post("/api/v1/session/parameters", json={"noise_scale": 9})).status_code == 422

    play.raw(script)


@pytest.mark.values
@covers("5 node_id", "11 nodes", "5 load by node")
def test_what_is_for_one_node_reaches_that_one_and_on_a_beta_every_one(play: Play, stand_in: Stand) -> None:
    """A chain: the first one's frames feed the second, whose strip is seen."""
    heard = stand_in.listening()
    beta = stand_in.beta

    async def scene(watched: Watched) -> None:
        await watched.streams(FRAMES)
        watched.put("probe", 1.0, node="streamdiffusionv2")
        watched.put("vace_context_scale", 0.5, node="longlive")
        strip = await watched.shows(probe=1.0) if not beta else await watched.shows(vace_context_scale=0.5)
        await watched.streams(3 * FRAMES)
        assert watched.strips[-1].vace_context_scale == (0.5 if beta else 1.0)
        assert strip.dropped == 0

    play(scene, chain=nodes(("longlive", "longlive"), ("streamdiffusionv2", "streamdiffusionv2")))
    assert {message.get("node_id") for message in heard.messages()} == (
        {None} if beta else {"longlive", "streamdiffusionv2"}
    )


@pytest.mark.values
@pytest.mark.since("0.1.8", "nodes")
@covers("5 node_id", "8 node_id", "10 node_id")
def test_an_update_for_one_node_by_rest_does_it_to_every_node_of_a_later_session(play: Play) -> None:
    two = (("near", "longlive"), ("far", "longlive"))
    graph = line(*two)
    graph["nodes"].append({"id": "other", "type": "sink"})
    graph["edges"][0]["to_node"] = "other"  # each has a sink of its own

    async def script(raw: Raw) -> None:
        await raw.load_nodes(*two)
        first = await raw.connect(begin(graph=graph), more=1)
        second = await raw.connect(begin(graph=graph), more=1)
        await first.frames(1)
        await second.frames(1)
        first.send({"node_id": "nobody", "probe": 1.0})
        await raw.http.post("/api/v1/session/parameters", json={"node_id": "far", "probe": 2.0})

        def taken(client: Client) -> list[int]:
            """Return how many messages each node has had."""
            return sorted(view[-1].taken for view in client.views if view and view[-1] is not None)

        await until(lambda: taken(first) == [0, 1] and taken(second) == [1, 1])
        assert "'nobody'" in await raw.log(), "it is only logged"

    play.raw(script)


@pytest.mark.values
@pytest.mark.since("0.1.6", "OSC")
@covers("10 OSC prompt")
def test_a_prompt_by_osc_goes_where_no_pipeline_reads_it_so_the_bridge_says_it_by_the_channel(
    play: Play, server: Stand
) -> None:
    from pythonosc.udp_client import SimpleUDPClient

    async def script(raw: Raw) -> None:
        await raw.load()
        client = await raw.connect(begin(), video="sendrecv")
        await client.frames(1)
        osc = SimpleUDPClient("127.0.0.1", int(server.url.rsplit(":", 1)[1]))
        osc.send_message("/scope/prompt", "neon")
        await raw.hears(client, taken=1)
        osc.close()
        assert client.last.prompt == REEF
        assert (await raw.get("/api/v1/session/parameters"))["parameters"]["prompt"] == "neon"

    play.raw(script)


@pytest.mark.values
@covers("0.1 idle")
def test_a_worker_that_waits_for_video_takes_all_that_comes(play: Play) -> None:
    async def script(raw: Raw) -> None:
        await raw.load()
        camera = Camera(fps=8.0, size=SIZE)
        client = await raw.connect(begin(input_mode="video"), sends=[camera])
        await client.frames(FRAMES)
        for number in range(20):
            client.send({"probe": float(number)})
            await asyncio.sleep(1 / 20)
        strip = await raw.hears(client, probe=19.0)
        assert strip.dropped == 0

    play.raw(script)
