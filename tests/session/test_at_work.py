"""The session for real, beyond one pipeline in text mode: video, chains, graphs, old servers, standbys, recordings, tempo."""

import asyncio
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx
import pytest

from bridge.clock import now
from bridge.frames import Fan, Frame, Latest
from bridge.parameters import Change
from bridge.profile.model import Graph, Modulation, Node, Scope
from bridge.session.pacing.delivery import Source
from bridge.sources.pattern import PatternSource, read_number_of
from bridge.status import Phase
from bridge.strip import prompt_sum
from tests.end_to_end.rig import Rehearsal
from tests.session.watched import Watched


@pytest.fixture(scope="module")
def server() -> Iterator[Rehearsal]:
    with Rehearsal("--chunk", "0.3", "--load-seconds", "0.2") as server:
        yield server


async def parameters(server: Rehearsal) -> dict[str, object]:
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"{server.url}/api/v1/session/parameters")
    return dict(answer.json()["parameters"])


def numbers(frames: list[Frame]) -> list[int]:
    """Return what the source's own frames say that came back, in the order in which they did."""
    return [number for frame in frames if (number := read_number_of(frame.video)) is not None]


def test_video_goes_up_and_comes_back_transformed(server: Rehearsal, tmp_path: Path) -> None:
    video = Fan()
    source = PatternSource("cam", "bars", video)
    show = Watched(server.url, tmp_path, scope=Scope(pipeline="passthrough", input_mode="video", video=("cam",)))
    show.session.uplinks = {"input": video.open()}

    async def scene(show: Watched) -> None:
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(source.run())
            await show.until(lambda: len(numbers(show.frames)) > 60)
            running.cancel()
        assert (await parameters(server))["input_mode"] == "video"

    show.play(scene)

    came = numbers(show.frames)
    assert len(came) > 0.9 * len(show.frames) - 10
    assert came == sorted(came)


def test_without_a_source_that_lives_a_pipeline_still_makes_pictures_and_hears_the_hand(
    server: Rehearsal, tmp_path: Path
) -> None:
    show = Watched(server.url, tmp_path, scope=Scope(input_mode="video", video=("cam",)))

    async def scene(show: Watched) -> None:
        await show.until(lambda: len(show.strips) > 12)
        show.session.put([Change("noise_scale", 0.8, now())])
        await show.until(lambda: show.strips[-1].noise_scale == pytest.approx(0.8, abs=1e-6))

    show.play(scene)


def test_video_is_sent_as_large_as_the_pipeline_is_loaded(server: Rehearsal, tmp_path: Path) -> None:
    video = Fan()
    scope = Scope(pipeline="passthrough", input_mode="video", video=("cam",), load={"width": 320, "height": 192})
    show = Watched(server.url, tmp_path, scope=scope)
    show.session.uplinks = {"input": video.open()}

    async def scene(show: Watched) -> None:
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(PatternSource("cam", "bars", video, (640, 384)).run())
            await show.until(lambda: len(numbers(show.frames)) > 10)
            running.cancel()

    show.play(scene)

    assert show.frames[-1].size == (320, 192)


def test_a_message_for_one_node_of_a_chain_is_for_it_alone(server: Rehearsal, tmp_path: Path) -> None:
    chain = (Node("dream", "longlive"), Node("after", "memflow"))
    show = Watched(server.url, tmp_path, scope=Scope(pipeline="longlive", chain=chain))

    async def scene(show: Watched) -> None:
        await show.until(lambda: len(show.strips) > 12)
        show.session.put([Change("probe", 7, now(), node="after")])
        await show.until(lambda: show.session.in_picture("probe", "after") == 7)
        await show.until(lambda: show.strips[-1].probe == 7)
        assert show.session.sent("probe", "after") == 7
        assert show.session.sent("probe", "dream") is None
        show.session.put([Change("probe", 8, now(), node="dream")])
        await show.until(lambda: show.session.sent("probe", "dream") == 8)
        chunk = show.strips[-1].chunk
        await show.until(lambda: show.strips[-1].chunk > chunk + 8)
        assert show.strips[-1].probe == 7

    show.play(scene)


def two_by_two() -> Scope:
    """Two videos, each through a pipeline of its own to a sink of its own."""
    return Scope(
        pipeline="passthrough",
        input_mode="video",
        chain=(Node("p1", "passthrough"), Node("p2", "passthrough")),
        graph=Graph(
            nodes=(
                {"id": "in1", "type": "source"},
                {"id": "in2", "type": "source"},
                {"id": "p1", "type": "pipeline", "pipeline_id": "passthrough"},
                {"id": "p2", "type": "pipeline", "pipeline_id": "passthrough"},
                {"id": "out1", "type": "sink"},
                {"id": "out2", "type": "sink"},
            ),
            edges=tuple(
                {"from": start, "from_port": "video", "to_node": end, "to_port": "video"}
                for start, end in (("in1", "p1"), ("in2", "p2"), ("p1", "out1"), ("p2", "out2"))
            ),
        ),
        sources={"in1": ("left",), "in2": ("right",)},
    )


def test_a_graph_of_two_sources_and_two_sinks_keeps_them_apart(server: Rehearsal, tmp_path: Path) -> None:
    left, right = Fan(), Fan()
    show = Watched(server.url, tmp_path, scope=two_by_two())
    show.session.uplinks = {"in1": left.open(), "in2": right.open()}
    second: list[Frame] = []
    show.fans.of("out2").tap(second.append)

    async def scene(show: Watched) -> None:
        async with asyncio.TaskGroup() as tasks:
            ones = PatternSource("left", "bars", left, (320, 192))
            twos = PatternSource("right", "clock", right, (384, 256))
            running = [tasks.create_task(ones.run()), tasks.create_task(twos.run())]
            await show.until(lambda: len(numbers(show.frames)) > 20 and len(numbers(second)) > 20)
            for task in running:
                task.cancel()

    show.play(scene)

    assert show.frames[-1].size == (320, 192)
    assert second[-1].size == (384, 256)


def test_a_standby_makes_its_first_chunk_and_rests_and_when_it_wakes_it_knows_everything(
    server: Rehearsal, tmp_path: Path
) -> None:
    show = Watched(server.url, tmp_path)
    show.session.resting = True

    async def scene(show: Watched) -> None:
        await show.until(lambda: show.session.status().phase is Phase.PAUSED)
        assert show.session.ready
        frames = len(show.frames)
        await asyncio.sleep(2.0)
        assert len(show.frames) <= frames + 24  # what was on its way, and no more
        show.session.put([Change("noise_scale", 0.8, now()), Change("base_seed", 7, now())])
        await asyncio.sleep(0.5)
        assert show.session.status().messages == 1
        show.session.resting = False
        await show.until(lambda: show.strips[-1].base_seed == 7)
        assert show.strips[-1].noise_scale == pytest.approx(0.8, abs=1e-6)
        assert show.session.status().phase is Phase.STREAMING
        assert show.session.status().messages == 2

    show.play(scene)


def test_a_session_that_takes_over_wants_what_the_other_one_was_told(server: Rehearsal, tmp_path: Path) -> None:
    before = Watched("http://127.0.0.1:9", tmp_path / "before")
    before.session.put([Change("noise_scale", 0.8, now())])
    after = Watched(server.url, tmp_path / "after")
    after.session.take_over(before.session)

    async def scene(show: Watched) -> None:
        assert (await show.frame()).noise_scale == pytest.approx(0.8, abs=1e-6)

    after.play(scene)


def test_a_pause_by_hand_is_a_pause_again_after_a_reconnection(server: Rehearsal, tmp_path: Path) -> None:
    async def scene(show: Watched) -> None:
        await show.until(lambda: len(show.strips) > 12)
        show.session.put([Change("paused", True, now())])
        await show.until(lambda: show.session.status().phase is Phase.PAUSED)
        assert show.session.ready
        sessions = show.session.status().sessions
        async with httpx.AsyncClient() as client:
            await client.delete(f"{server.url}/api/v1/webrtc/offer/{show.store.left_on(server.url)[0]}")
        await show.until(lambda: show.session.status().sessions > sessions)
        await show.until(lambda: show.session.status().phase is Phase.PAUSED)

    Watched(server.url, tmp_path).play(scene)


def test_what_scope_makes_is_recorded_by_it_and_fetched(server: Rehearsal, tmp_path: Path) -> None:
    folder = tmp_path / "takes"

    async def scene(show: Watched) -> None:
        show.session.record(True, folder)  # before there is a session: it begins with it
        await show.until(lambda: len(show.strips) > 24)
        show.session.record(False, folder)
        await show.until(lambda: folder.exists() and any(one.suffix == ".mp4" for one in folder.iterdir()))
        assert show.session.status().warning == ""

    Watched(server.url, tmp_path / "state").play(scene)

    (take,) = folder.iterdir()
    assert take.name.startswith("scope-")
    assert take.stat().st_size > 1000


def test_a_recording_that_cannot_be_kept_is_said_and_ends_nothing(server: Rehearsal, tmp_path: Path) -> None:
    (tmp_path / "takes").write_text("no folder")

    async def scene(show: Watched) -> None:
        await show.until(lambda: len(show.strips) > 6)
        show.session.record(True, tmp_path / "takes")
        await show.until(lambda: len(show.strips) > 24)
        show.session.record(False, tmp_path / "takes")
        await show.until(lambda: "the recording of Scope was not fetched" in show.session.status().warning)
        assert show.session.status().phase is Phase.STREAMING

    Watched(server.url, tmp_path / "state").play(scene)


class Conductor:
    """A source that has nothing to say but the tempo."""

    waiting = False

    def take(self, now: float) -> list[Change]:
        return []

    def beat(self, now: float) -> Mapping[str, object]:
        return {"bpm": 128.0, "beat_phase": 0.5, "bar_position": 1.5, "beat_count": 5, "is_playing": True}


def test_the_servers_tempo_is_enabled_for_a_profile_that_wants_it_and_the_beat_rides_along(
    server: Rehearsal, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    scope = Scope(tempo="link", modulations={"noise_scale": Modulation("saw", 0.2, "beat")})
    show = Watched(server.url, tmp_path, scope=scope)
    conductor: Source = Conductor()
    show.session.source = conductor

    async def tempo() -> dict[str, object]:
        async with httpx.AsyncClient() as client:
            return dict((await client.get(f"{server.url}/api/v1/tempo/status")).json())

    async def scene(show: Watched) -> None:
        await show.until(lambda: len(show.strips) > 12)
        assert show.session.modulates
        assert (await tempo())["enabled"] is True
        show.session.put([Change("base_seed", 7, now())])
        await show.until(lambda: show.strips[-1].base_seed == 7)

    with caplog.at_level("DEBUG", "bridge.session.webrtc"):
        show.play(scene)

    told = [record.getMessage() for record in caplog.records if record.getMessage().startswith("> {")]
    assert told
    assert '"modulations":{"noise_scale":{"shape":"saw","depth":0.2,"rate":"beat","min_value":0.0' in told[0]
    assert all('"bpm":128.0,"beat_phase":0.5' in message for message in told)

    assert asyncio.run(tempo())["enabled"] is False


def test_an_old_server_is_spoken_to_in_its_own_words(tmp_path: Path) -> None:
    with Rehearsal("--chunk", "0.3", "--load-seconds", "0.2", "--dialect", "beta3") as beta:
        show = Watched(beta.url, tmp_path, load={"base_seed": 3})
        show.session.put([Change("base_seed", 7, now())])

        async def scene(show: Watched) -> None:
            strip = await show.frame()
            assert strip.prompt == prompt_sum(["reef"])
            assert strip.noise_scale == pytest.approx(0.3, abs=1e-6)
            show.session.put([Change("noise_scale", 0.8, now())])
            await show.until(lambda: show.strips[-1].noise_scale == pytest.approx(0.8, abs=1e-6))
            await show.until(lambda: show.strips[-1].base_seed == 7)
            assert show.session.status().version is None

        show.play(scene)


def test_the_uplink_of_an_old_server_carries_video_too(tmp_path: Path) -> None:
    with Rehearsal("--chunk", "0.3", "--load-seconds", "0.2", "--dialect", "beta3") as beta:
        video = Fan()
        show = Watched(beta.url, tmp_path, scope=Scope(pipeline="passthrough", input_mode="video", video=("cam",)))
        mailbox: Latest = video.open()
        show.session.uplinks = {"input": mailbox}

        async def scene(show: Watched) -> None:
            async with asyncio.TaskGroup() as tasks:
                running = tasks.create_task(PatternSource("cam", "bars", video).run())
                await show.until(lambda: len(numbers(show.frames)) > 20)
                running.cancel()

        show.play(scene)
