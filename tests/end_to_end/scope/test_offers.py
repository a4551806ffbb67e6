"""Offers: what a server takes, what it takes and never plays, and what the bridge offers it."""

import asyncio
import re
from typing import Any

import pytest

from bridge.profile.model import Graph, Node
from bridge.session.http.rest import Rest
from tests.end_to_end.scope.items import covers
from tests.end_to_end.scope.playing import FRAMES, SIZED, VIZ, Play, Raw, Stand, Watched, edge, line
from tests.rehearsal.rig import Client, until

pytestmark = [pytest.mark.scope, pytest.mark.timeout(180)]

SILENCE = 1.0
"""Seconds without a frame after which a raw session counts as dead here: several chunks."""


@pytest.mark.transport
@covers("0.4", "10 dead session", "11 same", "3.2 nothing else")
def test_an_offer_that_names_no_pipeline_or_one_that_is_not_loaded_is_answered_and_dead(
    play: Play, server: Stand
) -> None:
    async def script(raw: Raw) -> None:
        await raw.load(VIZ)
        wrong: list[dict[str, Any] | None] = [{}, {"pipeline_ids": []}, {"pipeline_ids": ["gray"]}, None]
        for parameters in wrong:
            client = await raw.connect(parameters, video="sendrecv")
            assert client.session
        await asyncio.sleep(SILENCE)
        for client in raw.clients:
            assert client.strips == []
            assert client.messages == []
        if not server.beta:
            metrics = await raw.get("/api/v1/session/metrics")
            assert metrics["sessions"][raw.clients[0].session]["fps_out"] == 0
            assert metrics["gpu"] == {}
            assert "No pipeline IDs provided, cannot start" in await raw.log()

    play.raw(script)


@pytest.mark.transport
@covers("0.5", "10 receive-only", "11 same", "5 minimal")
def test_receive_only_video_comes_by_a_graph_alone_and_without_one_to_who_offers_to_send(
    play: Play, server: Stand
) -> None:
    async def script(raw: Raw) -> None:
        await raw.load(VIZ)
        deaf = await raw.connect({"pipeline_ids": [VIZ]})
        open_ = await raw.connect({"pipeline_ids": [VIZ]}, video="sendrecv")
        await open_.frames(3)
        if not server.beta:
            by_graph = await raw.connect({"pipeline_ids": [VIZ], "graph": line((VIZ, VIZ))})
            await by_graph.frames(3)
        await asyncio.sleep(SILENCE / 2)
        assert deaf.strips == []

    play.raw(script)


GRAPHS = {
    "no sink": {"nodes": [{"id": "a", "type": "pipeline", "pipeline_id": VIZ}], "edges": []},
    "an unknown port": {**line((VIZ, VIZ)), "edges": [{**edge(VIZ, "output"), "from_port": "sound"}]},
    "what is not loaded": line((VIZ, VIZ), ("gray", "gray")),
    "one id twice": line((VIZ, VIZ), (VIZ, VIZ)),
    "fan-in": {
        "nodes": [
            *({"id": id, "type": "pipeline", "pipeline_id": VIZ} for id in ("one", "two")),
            {"id": "output", "type": "sink"},
        ],
        "edges": [edge("one", "output"), edge("two", "output")],
    },
}


@pytest.mark.transport
@pytest.mark.since("0.1.8", "graphs")
@covers("5 bad graph", "5 bad type", "0.4", "10 gpu metrics")
def test_a_bad_graph_is_answered_and_dead_and_one_of_an_unknown_type_refused(play: Play) -> None:
    async def script(raw: Raw) -> None:
        await raw.load_nodes(("one", VIZ), ("two", VIZ))
        for graph in GRAPHS.values():
            await raw.connect({"pipeline_ids": [VIZ], "graph": graph}, opened=False)
        await asyncio.sleep(SILENCE)
        assert [client.strips for client in raw.clients] == [[]] * len(GRAPHS)

        client = Client()
        raw.clients.append(client)
        client.peer.addTransceiver("video", direction="recvonly")
        odd = line((VIZ, VIZ))
        odd["nodes"][0]["type"] = "wizard"
        refused = await raw.offer(client, {"pipeline_ids": [VIZ], "graph": odd})
        assert refused.status_code == 422
        assert (await raw.get("/api/v1/session/metrics"))["gpu"] == {}

    play.raw(script)


def graph_of(*pairs: tuple[str, str], fan_in: bool = False) -> Graph:
    """Return a profile's own graph."""
    made = line(*pairs)
    edges = [*made["edges"], *([edge(pairs[0][0], "output")] if fan_in else [])]
    return Graph(tuple(made["nodes"]), tuple(edges))


@pytest.mark.transport
@pytest.mark.since("0.1.8", "graphs")
@pytest.mark.parametrize(
    ("scope", "why"),
    [
        ({"chain": (Node(VIZ, VIZ),), "graph": graph_of((VIZ, VIZ), fan_in=True)}, "two edges end at one port"),
        ({"chain": (Node("a", VIZ),), "graph": graph_of(("a", VIZ), ("b", VIZ))}, "is not loaded any more"),
    ],
    ids=["fan-in", "not loaded"],
)
@covers("0.4", "10 dead session", "5 bad graph")
def test_the_session_says_why_it_is_dead(play: Play, scope: dict[str, Any], why: str) -> None:
    async def scene(watched: Watched) -> None:
        await watched.until(lambda: why in watched.detail, why)
        assert watched.frames == []

    play(scene, pipeline=VIZ, **scope)


@pytest.mark.transport
@covers("0.4", "0.5", "0.6", "2.1 m-lines", "1.1 health")
def test_the_bridges_offer_has_a_line_for_sound_and_names_its_pipelines_in_each_dialect(
    play: Play, server: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    offers: list[tuple[str, dict[str, Any]]] = []
    usual = Rest.offer

    async def noting(this: Rest, sdp: str, initial_parameters: Any) -> tuple[str, str]:
        offers.append((sdp, dict(initial_parameters)))
        return await usual(this, sdp, initial_parameters)

    monkeypatch.setattr(Rest, "offer", noting)

    async def scene(watched: Watched) -> None:
        await watched.streams(2)

    play(scene, pipeline=VIZ)
    ((sdp, parameters),) = offers
    lines = re.findall(r"m=(\w+).*?a=(sendrecv|recvonly|sctp-port)", sdp, re.DOTALL)
    video = "sendrecv" if server.beta else "recvonly"
    assert lines == [("video", video), ("audio", "recvonly"), ("application", "sctp-port")]
    assert parameters["pipeline_ids"] == [VIZ]
    assert ("graph" in parameters) is not server.beta


@pytest.mark.transport
@covers("2.1 candidates", "2.1 no renegotiation", "2.2 no sound", "2.1 client audio", "2.1 channel")
def test_an_answer_has_all_candidates_and_takes_an_offer_that_has_none(play: Play) -> None:
    async def script(raw: Raw) -> None:
        await raw.load(VIZ)
        bare = Client()
        bare.peer.addTransceiver("video", direction="sendrecv")
        bare.peer.addTransceiver("audio", direction="sendrecv")  # what it says is nobody's business
        odd = bare.peer.createDataChannel("anything", ordered=False, maxRetransmits=0)
        await raw.join(
            bare, {"pipeline_ids": [VIZ]}, lambda sdp: re.sub(r"a=(candidate:.*|end-of-candidates)\r\n", "", sdp)
        )
        assert "a=candidate:" in bare.answer
        assert "a=setup:active" in bare.answer
        await bare.frames(3)
        await until(lambda: odd.readyState == "open")

        other = await raw.connect({"pipeline_ids": [VIZ]}, video="sendrecv")
        assert other.session != bare.session
        assert re.search(r"m=audio.*?a=inactive", other.answer, re.DOTALL)

    play.raw(script)


@pytest.mark.transport
@covers("2.1 PATCH", "2.1 not an offer")
def test_candidates_may_come_later_and_bad_ones_are_said_to_be_unknown(play: Play) -> None:
    async def script(raw: Raw) -> None:
        await raw.load(VIZ)
        client = await raw.connect({"pipeline_ids": [VIZ]}, video="sendrecv")
        place = f"/api/v1/webrtc/offer/{client.session}"
        good = "candidate:1 1 UDP 2130706431 127.0.0.1 9 typ host"

        async def patch(where: str, text: str) -> int:
            candidates = [{"candidate": text, "sdpMid": "0", "sdpMLineIndex": 0}]
            return (await raw.http.patch(where, json={"candidates": candidates})).status_code

        assert await patch(place, good) == 204
        assert await patch(place, good.removeprefix("candidate:")) == 204
        assert await patch(place, "") == 404
        assert await patch(place, "candidate:nonsense") == 404
        assert await patch("/api/v1/webrtc/offer/nobody", good) == 404
        refused = await raw.send_offer("nonsense", {"pipeline_ids": [VIZ]})
        assert refused.status_code == 500
        assert isinstance(refused.json()["detail"], str)

    play.raw(script)


@pytest.mark.transport
@covers("2.1 validation", "11 initialParameters", "0.3")
def test_initial_parameters_are_validated_and_unknown_ones_kept_but_by_a_beta(play: Play, server: Stand) -> None:
    async def script(raw: Raw) -> None:
        await raw.load(VIZ)
        client = Client()
        raw.clients.append(client)
        client.peer.addTransceiver("video", direction="sendrecv")
        refused = await raw.offer(client, {"pipeline_ids": [VIZ], "noise_scale": 9})
        assert refused.status_code == 422
        (problem,) = refused.json()["detail"]
        assert problem["loc"][-1] == "noise_scale"

        given = {"pipeline_ids": [VIZ], "noise_scale": None, "unheard_of": [1]}
        await raw.connect(given, video="sendrecv")
        if server.beta:
            return  # what it makes of them, it does not show; that the bridge says them again is shown below
        shown = (await raw.get("/api/v1/session/parameters"))["parameters"]
        assert shown == {
            "pipeline_ids": [VIZ],
            "unheard_of": [1],
            "prompt_interpolation_method": "linear",
            "vace_context_scale": 1.0,
        }

    play.raw(script)


@pytest.mark.values
@covers("11 initialParameters", "11 load", "1.2 load", "11 nodes")
def test_what_a_profile_begins_with_arrives_in_each_dialect(play: Play, server: Stand) -> None:
    async def scene(watched: Watched) -> None:
        watched.begin_with(probe=5.0, vace_context_scale=0.5)
        strip = await watched.shows(probe=5.0)
        assert strip.vace_context_scale == 0.5
        assert strip.base_seed == 77
        messages = watched.session.status().messages
        assert messages > 0 if server.beta else messages <= 1, "an offer to a beta cannot say all"

    play(scene, load={**SIZED, "base_seed": 77})


@pytest.mark.transport
@covers("2.1 channel", "2.1 message size", "3.2 parameters_updated", "3.2 stream_stopped")
def test_any_channel_is_heard_large_and_binary_messages_too_and_the_last_opened_is_told(
    play: Play, server: Stand
) -> None:
    async def script(raw: Raw) -> None:
        await raw.load(VIZ)
        client = await raw.connect({"pipeline_ids": [VIZ]}, video="sendrecv")
        late: list[str] = []
        second = client.peer.createDataChannel("second")
        second.on("message", late.append)
        await until(lambda: second.readyState == "open")
        client.send({"large": "x" * 200_000})
        second.send(b'{"binary": 1}')
        await client.frames(2)
        if server.beta:
            heard = "'binary': 1"
            await until_log(raw, heard)
            return

        async def shown() -> Any:
            return (await raw.get("/api/v1/session/parameters"))["parameters"]

        async with asyncio.timeout(server.limit):
            while not {"large", "binary"} <= (await shown()).keys():
                await asyncio.sleep(0.02)
        await raw.http.post("/api/v1/session/parameters", json={"noise_scale": 0.5})
        await until(lambda: len(late) == 1)
        assert client.messages == []

    async def until_log(raw: Raw, text: str) -> None:
        async with asyncio.timeout(server.limit):
            while text not in await raw.log():
                await asyncio.sleep(0.05)

    play.raw(script)


@pytest.mark.transport
@covers("11 offer errors", "11 REST", "11 tolerant")
def test_what_a_beta_lacks_is_no_request_that_the_bridge_makes(play: Play, server: Stand) -> None:
    async def script(raw: Raw) -> None:
        await raw.load(VIZ)
        await raw.http.post("/api/v1/pipeline/load", json={"pipeline_ids": ["no-such-pipeline"]})
        await asyncio.sleep(0.2)
        client = Client()
        raw.clients.append(client)
        client.peer.addTransceiver("video", direction="sendrecv")
        refused = await raw.offer(client, {"pipeline_ids": [VIZ]})
        assert refused.status_code == (500 if server.beta else 400)
        assert "Pipeline not loaded" in refused.json()["detail"]
        lacking = ("/api/v1/session/metrics", "/api/v1/session/parameters", "/api/v1/logs/tail", "/api/v1/loras")
        for path in lacking:
            assert ((await raw.http.get(path)).status_code == 404) is server.beta, path

    play.raw(script)

    async def scene(watched: Watched) -> None:
        await watched.streams(2)

    play(scene, pipeline=VIZ)
    if server.beta:
        assert not [one for one in play.asked if re.search("session/|logs/|tempo|recordings|definitions|/loras", one)]


@pytest.mark.values
@covers("11 session start")
def test_a_session_starts_with_the_offer_and_on_a_beta_when_its_video_is_first_asked_for(
    play: Play, stand_in: Stand
) -> None:
    async def script(raw: Raw) -> None:
        await raw.load(VIZ)
        heard = stand_in.listening()
        client = Client()
        raw.clients.append(client)
        client.peer.addTransceiver("video", direction="sendrecv")
        offered = (await raw.offer(client, {"pipeline_ids": [VIZ]})).raise_for_status()
        await asyncio.sleep(0.2)
        started = any("PipelineProcessor started" in one for one in heard.lines())
        assert started is not stand_in.beta
        await raw.http.delete(f"/api/v1/webrtc/offer/{offered.json()['sessionId']}")

    play.raw(script)


@pytest.mark.values
@covers("10 output_sinks", "11 Spout", "1.1 hardware", "11 hardware")
def test_what_scope_sends_itself_is_a_sink_of_the_graph_and_a_key_of_its_own_on_a_beta(
    play: Play, stand_in: Stand
) -> None:
    heard = stand_in.listening()

    async def scene(watched: Watched) -> None:
        await watched.streams(FRAMES)
        assert "Scope cannot send spout itself" in watched.session.status().warning

    play(scene, output_sinks={"spout": "Stage"})
    (offer,) = heard.offers()
    if stand_in.beta:
        assert offer["spout_sender"] == {"enabled": True, "name": "Stage"}
        return
    (sink,) = (node for node in offer["graph"]["nodes"] if node.get("sink_mode"))
    assert (sink["sink_mode"], sink["sink_name"]) == ("spout", "Stage")
    assert "output_sinks" not in offer
