"""What a show needs beside the session: models, LoRAs, images, the machine, recordings."""

import asyncio
from pathlib import Path

import av
import numpy as np
import pytest

from bridge.profile.model import Node
from bridge.session.contract.dialect import dialect_of
from bridge.session.http.rest import Rest
from tests.end_to_end.scope.items import covers
from tests.end_to_end.scope.playing import SIZED, VIZ, Play, Raw, Stand, Watched, line

pytestmark = [pytest.mark.scope, pytest.mark.timeout(120)]


@pytest.mark.values
@covers("1.1 models")
def test_models_that_are_missing_are_downloaded_before_the_load_with_progress(play: Play, stand_in: Stand) -> None:
    """The servers here lack those of memflow, until this test."""
    told: set[float] = set()

    async def scene(watched: Watched) -> None:
        def streaming() -> bool:
            progress = watched.session.status().progress
            told.update({progress} if progress is not None else ())
            return bool(watched.frames)

        await watched.until(streaming, "frames")

    play(scene, pipeline="memflow", load=SIZED)
    assert any(0 < progress < 1 for progress in told)
    assert stand_in.get("/api/v1/models/status?pipeline_id=memflow")["downloaded"]
    assert stand_in.get("/api/v1/models/status?pipeline_id=no-such-thing")["downloaded"], "of what it does not know"


@pytest.mark.values
@covers("1.1 loras", "0.9", "11 tolerant")
def test_a_lora_is_found_by_its_short_name_and_faded_by_its_path(play: Play, stand_in: Stand) -> None:
    async def names() -> list[str]:
        async with Rest(stand_in.url) as rest:
            return [one.name for one in await rest.loras(dialect_of(stand_in.version))]

    name = asyncio.run(names())[0]
    load = {**SIZED, "loras": [{"path": name, "scale": 0.5}], "lora_merge_mode": "runtime_peft"}

    async def scene(watched: Watched) -> None:
        await watched.shows(loras=(0.5,))
        watched.put("lora_scales", [{"path": name, "scale": 0.25}])
        await watched.shows(loras=(0.25,))

    play(scene, load=load)


@pytest.mark.transport
@covers("1.1 assets")
def test_an_image_is_brought_once_and_named_by_its_path_on_the_server(
    play: Play, server: Stand, tmp_path: Path
) -> None:
    frame = av.VideoFrame.from_ndarray(np.full((16, 16, 3), 90, np.uint8), format="rgb24")
    image = tmp_path / "style.png"
    image.write_bytes(png(frame))

    async def scene(watched: Watched) -> None:
        watched.begin_with(vace_ref_images=["style"])
        await watched.streams(2)

    for _ in range(2):
        play(scene, pipeline=VIZ, images={"style": str(image)})
    assert play.asked.count("POST /api/v1/assets") == 1
    assets = [one for one in server.get("/api/v1/assets?type=image")["assets"] if one["name"].startswith("style-")]
    assert len(assets) == 1
    assert assets[0]["path"].endswith(".png")
    if not server.rehearsal:
        return
    offers = [line for line in server.log() if "Received initial parameters" in line]
    assert assets[0]["path"] in offers[-1] or server.beta


def png(frame: av.VideoFrame) -> bytes:
    codec = av.CodecContext.create("png", "w")
    assert isinstance(codec, av.VideoCodecContext)
    codec.width, codec.height, codec.pix_fmt = frame.width, frame.height, "rgb24"
    return b"".join(bytes(packet) for packet in [*codec.encode(frame), *codec.encode(None)])


@pytest.mark.transport
@covers("1.1 hardware", "11 hardware")
def test_the_machine_says_what_it_has_in_either_shape(server: Stand) -> None:
    async def asked() -> None:
        async with Rest(server.url) as rest:
            hardware = await rest.hardware()
            assert hardware.vram_gb is None or hardware.vram_gb > 0
            assert set(hardware.missing) <= {"spout", "ndi", "syphon"}
            if server.rehearsal:
                assert "spout" in hardware.missing

    asyncio.run(asked())
    told = server.get("/api/v1/hardware/info")
    assert ("spout_available" in told) is server.beta


@pytest.mark.values
@covers("1.1 hardware")
def test_what_does_not_fit_is_said_before_the_load(play: Play, server: Stand) -> None:
    async def scene(watched: Watched) -> None:
        await watched.until(lambda: "of GPU memory, and this server has 48" in watched.detail, "the sentence")

    play(scene, pipeline="longlive", chain=(Node("a", "krea-realtime-video"), Node("b", "krea-realtime-video")))
    assert "POST /api/v1/pipeline/load" not in play.asked


@pytest.mark.transport
@pytest.mark.since("0.1.0", "recordings")
@covers("1.1 recordings", "10 recording")
def test_a_recording_is_fetched_while_it_runs_because_stop_deletes_it(play: Play, tmp_path: Path) -> None:
    async def scene(watched: Watched) -> None:
        await watched.streams(1)
        watched.session.record(True, tmp_path)
        await watched.streams(15)
        watched.session.record(False, tmp_path)
        await watched.until(fetched, "the file")

    def fetched() -> list[Path]:
        return list(tmp_path.glob("scope-*.mp4"))

    play(scene, pipeline=VIZ)
    with av.open(fetched()[0]) as file:
        assert sum(1 for _ in file.decode(video=0)) > 5

    async def script(raw: Raw) -> None:
        await raw.load(VIZ)
        client = await raw.connect({"pipeline_ids": [VIZ]}, video="sendrecv")
        await client.frames(1)
        place = f"/api/v1/recordings/{client.session}"

        async def post(what: str) -> str:
            return str((await raw.http.post(f"{place}/{what}")).raise_for_status().json()["status"])

        assert [await post("start"), await post("start")] == ["started", "already_recording"]
        await client.frames(10)
        assert (await raw.http.get(place)).headers["content-type"] == "video/mp4"
        await client.frames(5)
        assert [await post("stop"), await post("stop")] == ["stopped", "not_recording"]
        gone = await raw.http.get(place)
        assert gone.status_code == 404
        assert "not available" in gone.json()["detail"]
        assert (await raw.http.post(f"{place}/start", params={"node_id": "nobody"})).status_code == 400
        assert (await raw.http.post("/api/v1/recordings/nobody/start")).status_code == 404

    play.raw(script)


@pytest.mark.transport
@pytest.mark.since("0.1.8", "graphs")
@covers("5 record nodes", "10 session/frame", "1.1 recordings")
def test_record_nodes_are_recorded_by_their_id_and_a_graph_shows_no_frame_by_rest(play: Play) -> None:
    graph = line((VIZ, VIZ))
    graph["nodes"].append({"id": "tape", "type": "record"})
    graph["edges"].append({**graph["edges"][0], "to_node": "tape"})

    async def script(raw: Raw) -> None:
        await raw.load(VIZ)
        without = await raw.connect({"pipeline_ids": [VIZ]}, video="sendrecv")
        await without.frames(2)
        frame = await raw.http.get("/api/v1/session/frame")
        assert frame.headers["content-type"] == "image/jpeg"
        await without.close()
        async with asyncio.timeout(5.0):
            while (await raw.get("/api/v1/session/metrics"))["sessions"]:
                await asyncio.sleep(0.02)

        client = await raw.connect({"pipeline_ids": [VIZ], "graph": graph})
        await client.frames(2)
        assert (await raw.http.get("/api/v1/session/frame")).status_code == 404
        place = f"/api/v1/recordings/{client.session}"
        (await raw.http.post(f"{place}/start", params={"node_id": "tape"})).raise_for_status()
        await client.frames(10)
        fetched = await raw.http.get(place, params={"node_id": "tape"})
        assert fetched.content[4:8] == b"ftyp"

    play.raw(script)
