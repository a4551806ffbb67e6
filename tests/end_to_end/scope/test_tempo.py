"""Scope's own tempo: what it says, what waits for it, and how the bridge's beat gets there."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bridge.clock import now
from bridge.parameters import Change
from bridge.profile.model import Modulation
from tests.end_to_end.scope.items import covers
from tests.end_to_end.scope.playing import CHUNK, FRAMES, Play, Raw, Stand, Watched, begin, line
from tests.rehearsal.rig import Client, until
from tests.session.model import Given

pytestmark = [
    pytest.mark.scope,
    pytest.mark.values,
    pytest.mark.since("0.1.8", "tempo"),
    pytest.mark.timeout(120),
]

BEAT: Mapping[str, Any] = {
    "bpm": 240.0, "beat_phase": 0.5, "bar_position": 1.5, "beat_count": 5, "is_playing": True,
}  # fmt: skip


@asynccontextmanager
async def beating(raw: Raw, bpm: float = 240.0) -> AsyncIterator[None]:
    """Let the server have a tempo."""
    status = (
        (await raw.http.post("/api/v1/tempo/enable", json={"source": "link", "bpm": bpm})).raise_for_status().json()
    )
    assert status["enabled"]
    assert status["beat_state"] is None, "a moment later it is there"
    try:
        yield
    finally:
        (await raw.http.post("/api/v1/tempo/disable")).raise_for_status()


async def connected(raw: Raw) -> Client:
    await raw.load()
    client = await raw.connect(begin(), video="sendrecv")
    await client.frames(1)
    return client


@covers("3.2 tempo_update", "3.2 change_scheduled", "3.3 quantised", "10 quantise", "3.4 any truthy value")
def test_a_quantised_change_waits_for_the_bar_unless_the_mode_is_set_again(play: Play) -> None:
    async def script(raw: Raw) -> None:
        client = await connected(raw)

        def said(kind: str) -> list[dict[str, Any]]:
            return [one for one in client.messages if one["type"] == kind]

        async with beating(raw):
            await until(lambda: len(said("tempo_update")) >= 5)
            assert {"bpm", "beat_phase", "bar_position", "beat_count", "is_playing"} < said("tempo_update")[0].keys()
            client.send({"quantize_mode": "bar", "lookahead_ms": 0})
            client.send({"_quantized": True, "probe": 1.0})
            await until(lambda: bool(said("change_scheduled")))
            wait = said("change_scheduled")[0]["delay_ms"]
            assert 0 < wait <= 1000, "a bar at this tempo"
            client.send({"quantize_mode": "bar"})  # the same again, and what waits is gone
            await asyncio.sleep(wait / 1000 + 0.2)
            assert said("change_applied") == []
            client.send({"_quantized": True, "paused": "yes", "probe": 2.0})
            client.send({"_quantized": True, "vace_context_scale": 0.5})
            await until(lambda: bool(said("change_applied")))
            assert len(said("change_scheduled")) == 2, "the third one was merged into the second"
            client.send({"paused": False})
            await raw.hears(client, probe=2.0, vace_context_scale=0.5)

    play.raw(script)


@covers("3.3 no client tempo", "10 client beat", "0.2", "11 nodes")
def test_without_the_servers_tempo_beat_modulation_and_quantising_are_inert(play: Play) -> None:
    async def script(raw: Raw) -> None:
        client = await connected(raw)
        client.send({"noise_scale": 0.5, "modulations": {"noise_scale": {"depth": 1.0, "rate": "beat"}}, **BEAT})
        await raw.hears(client, noise_scale=0.5)
        client.send({"quantize_mode": "bar"})
        client.send({"_quantized": True, "probe": 1.0})
        await raw.hears(client, probe=1.0)
        assert client.messages == []
        seen = {strip.noise_scale for strip in client.strips[-2 * FRAMES :] if strip is not None}
        assert seen == {0.5}

    play.raw(script)


@covers("5 tempo_sync")
def test_with_one_node_that_follows_the_beat_the_others_do_not(play: Play) -> None:
    two = (("near", "longlive"), ("far", "longlive"))
    graph = line(*two)
    graph["nodes"].append({"id": "other", "type": "sink"})
    graph["edges"][0]["to_node"] = "other"
    graph["nodes"][0]["tempo_sync"] = True

    async def script(raw: Raw) -> None:
        await raw.load_nodes(*two)
        moves = {"noise_scale": {"depth": 1.0, "rate": "bar"}}
        async with beating(raw, 120.0):
            client = await raw.connect(begin(graph=graph, noise_scale=0.5), more=1)
            client.send({"modulations": moves})

            def seen() -> list[set[float]]:
                return [{strip.noise_scale for strip in view if strip is not None} for view in client.views]

            await until(lambda: len(client.views) == 2 and max(map(len, seen())) > 2)
            assert sorted(map(len, seen()))[0] == 1
            still = min(seen(), key=len)
            assert still == {0.5}

    play.raw(script)


class Drummer(Given):
    """One whose beat is `BEAT`."""

    def beat(self, now: float) -> Mapping[str, Any] | None:
        return BEAT


@covers("0.2", "3.3 no client tempo", "10 client beat", "3.2 tempo_update")
def test_the_bridge_enables_the_tempo_and_its_beat_rides_along_with_what_there_is_to_say(
    play: Play, stand_in: Stand
) -> None:
    heard = stand_in.listening()

    async def scene(watched: Watched) -> None:
        drummer = Drummer()
        watched.session.source = drummer
        await watched.streams(2 * FRAMES)
        status = stand_in.get("/api/v1/tempo/status")
        assert status["enabled"]
        assert status["beat_state"]["bpm"] == pytest.approx(240.0)
        began = now()
        for number in range(20):
            drummer.changes.append(Change("probe", float(number), now()))
            watched.session.stir()
            await asyncio.sleep(CHUNK / 4)
        await watched.shows(probe=19.0)
        assert watched.strips[-1].dropped == 0
        assert len(heard.messages()) <= (now() - began) / CHUNK + 3, "one for each chunk"

    play(scene, tempo="link")
    said = heard.messages()
    assert [message for message in said if message.keys() <= BEAT.keys()] == [], "never the beat alone"
    assert all(message["bpm"] == 240.0 for message in said if "probe" in message)
    assert not stand_in.get("/api/v1/tempo/status")["enabled"], "left as it was found"


@covers("3.3 no client tempo")
@pytest.mark.values
def test_the_profiles_modulations_move_by_the_servers_tempo(play: Play, stand_in: Stand) -> None:
    async def scene(watched: Watched) -> None:
        watched.begin_with(vace_context_scale=1.0)
        watched.session.source = Drummer()
        await watched.streams(6 * FRAMES)
        assert watched.session.modulates
        assert len({strip.vace_context_scale for strip in watched.strips}) > 1

    play(scene, tempo="link", modulations={"vace_context_scale": Modulation(depth=1.0, rate="2_beat")})
