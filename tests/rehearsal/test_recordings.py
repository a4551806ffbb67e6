"""Recordings and single frames over HTTP, of real sessions."""

import io

import av
import pytest

from tests.rehearsal.rig import Rig, graph, play, start


def pictures(content: bytes, kind: str) -> list[av.VideoFrame]:
    """Return the frames of a file."""
    with av.open(io.BytesIO(content), mode="r", format=kind) as file:
        return list(file.decode(video=0))


class TestRecordings:
    def test_what_runs_can_be_fetched_and_after_the_stop_it_is_gone(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load()
            client = await rig.connect(start())
            await client.frames(1)
            url = f"/api/v1/recordings/{client.session}"
            assert [(await rig.http.post(f"{url}/start")).json() for _ in range(2)] == [
                {"status": "started"},
                {"status": "already_recording"},
            ]
            await client.frames(9)
            fetched = await rig.http.get(url)
            assert (fetched.status_code, fetched.headers["content-type"]) == (200, "video/mp4")
            frames = pictures(fetched.content, "mp4")
            assert len(frames) >= 3
            assert (frames[0].width, frames[0].height) == (576, 320)
            assert [(await rig.http.post(f"{url}/stop")).json() for _ in range(2)] == [
                {"status": "stopped"},
                {"status": "not_recording"},
            ]
            gone = await rig.http.get(url)
            assert (gone.status_code, gone.json()) == (404, {"detail": "Recording file not available"})

        play(script)

    @pytest.mark.parametrize(("method", "what"), [("POST", "/start"), ("POST", "/stop"), ("GET", "")])
    def test_an_unknown_session_is_a_404_and_a_node_that_records_nothing_a_400(self, method: str, what: str) -> None:
        async def script(rig: Rig) -> None:
            assert (await rig.http.request(method, f"/api/v1/recordings/nobody{what}")).status_code == 404
            await rig.load()
            client = await rig.connect(start())
            url = f"/api/v1/recordings/{client.session}{what}?node_id=pipe"
            response = await rig.http.request(method, url)
            assert response.status_code == 400
            assert "record node" in response.json()["detail"]

        play(script)

    def test_a_record_node_of_a_graph_is_recorded_by_its_name(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load()
            wired = graph()
            wired["nodes"].append({"id": "tape", "type": "record"})
            wired["edges"].append({"from": "pipe", "from_port": "video", "to_node": "tape", "to_port": "video"})
            client = await rig.connect(start(graph=wired))
            await client.frames(1)
            url = f"/api/v1/recordings/{client.session}"
            assert (await rig.http.post(f"{url}/start?node_id=tape")).json() == {"status": "started"}
            await client.frames(9)
            fetched = await rig.http.get(f"{url}?node_id=tape")
            assert pictures(fetched.content, "mp4")[0].width == 576

        play(script)


class TestFrame:
    def test_the_last_frame_is_a_picture(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load()
            client = await rig.connect(start(graph=None), video="sendrecv")
            await client.frames(1)
            best, worst = [(await rig.http.get(f"/api/v1/session/frame?quality={quality}")) for quality in (100, 1)]
            assert best.headers["content-type"] == "image/jpeg"
            assert pictures(best.content, "mjpeg")[0].width == 576
            assert len(worst.content) < len(best.content)

        play(script)

    def test_without_a_session_and_for_one_with_a_graph_there_is_none(self) -> None:
        async def script(rig: Rig) -> None:
            assert (await rig.http.get("/api/v1/session/frame")).status_code == 404
            await rig.load()
            client = await rig.connect(start())
            await client.frames(1)
            assert (await rig.http.get("/api/v1/session/frame")).status_code == 404
            assert (await rig.http.get("/api/v1/session/frame?sink_node_id=output")).status_code == 404

        play(script)

    @pytest.mark.parametrize("quality", ["0", "101", "best"])
    def test_a_quality_goes_from_1_to_100(self, quality: str) -> None:
        async def script(rig: Rig) -> None:
            assert (await rig.http.get(f"/api/v1/session/frame?quality={quality}")).status_code == 422

        play(script)
