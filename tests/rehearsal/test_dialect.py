"""Scope's beta.3, as far as it differs from 0.2.4."""

import socket
from typing import Any

import pytest

from tests.rehearsal.rig import Rig, graph, play, start, until


class TestBeta:
    def test_health_names_no_version(self) -> None:
        async def script(rig: Rig) -> None:
            assert set(await rig.get("/health")) == {"status", "timestamp"}

        play(script, dialect="beta3")

    @pytest.mark.parametrize(
        "path",
        [
            "/api/v1/loras",
            "/api/v1/logs/tail",
            "/api/v1/tempo/status",
            "/api/v1/tempo/sources",
            "/api/v1/osc/status",
            "/api/v1/osc/paths",
            "/api/v1/session/metrics",
            "/api/v1/session/parameters",
            "/api/v1/session/frame",
            "/api/v1/recordings/x",
            "/api/v1/input-sources",
            "/api/v1/input-sources/ndi/sources",
            "/api/v1/nodes/definitions",
        ],
    )
    def test_what_came_later_is_not_there(self, path: str) -> None:
        async def script(rig: Rig) -> None:
            response = await rig.http.get(path)
            assert (response.status_code, response.json()) == (404, {"detail": "Frontend not built"})

        play(script, dialect="beta3")

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("DELETE", "/api/v1/webrtc/offer/x"),
            ("POST", "/api/v1/session/parameters"),
            ("POST", "/api/v1/tempo/enable"),
            ("POST", "/api/v1/recordings/x/start"),
            ("POST", "/api/v1/loras"),
            ("DELETE", "/api/v1/loras/x"),
        ],
    )
    def test_what_could_be_done_later_is_a_405(self, method: str, path: str) -> None:
        async def script(rig: Rig) -> None:
            assert (await rig.http.request(method, path)).status_code == 405

        play(script, dialect="beta3")

    @pytest.mark.parametrize(
        "path",
        [
            "/api/v1/pipeline/status",
            "/api/v1/webrtc/ice-servers",
            "/api/v1/assets",
            "/api/v1/models/status?pipeline_id=longlive",
            "/api/v1/logs/current",
        ],
    )
    def test_what_was_there_is(self, path: str) -> None:
        async def script(rig: Rig) -> None:
            assert (await rig.http.get(path)).status_code == 200

        play(script, dialect="beta3")

    def test_loras_are_listed_elsewhere(self) -> None:
        async def script(rig: Rig) -> None:
            files = (await rig.get("/api/v1/lora/list"))["lora_files"]
            assert [one["name"] for one in files] == ["arcane-jinx", "ghibli"]

        play(script, dialect="beta3")

    def test_the_newest_lists_them_in_one_place_only(self) -> None:
        async def script(rig: Rig) -> None:
            assert (await rig.http.get("/api/v1/lora/list")).status_code == 404

        play(script)

    def test_spout_is_a_yes_or_no(self) -> None:
        async def script(rig: Rig) -> None:
            assert await rig.get("/api/v1/hardware/info") == {"vram_gb": 48.0, "spout_available": False}

        play(script, dialect="beta3")

    def test_pipelines_tell_no_ports(self) -> None:
        async def script(rig: Rig) -> None:
            schemas = (await rig.get("/api/v1/pipelines/schemas"))["pipelines"]
            assert "longlive" in schemas
            assert not [name for name, schema in schemas.items() if {"inputs", "outputs"} & set(schema)]

        play(script, dialect="beta3")

    @pytest.mark.parametrize(
        "body", [{}, {"pipelines": [{"node_id": "a", "pipeline_id": "longlive"}]}, {"pipeline_ids": "longlive"}]
    )
    def test_a_load_is_by_pipeline_ids(self, body: dict[str, Any]) -> None:
        async def script(rig: Rig) -> None:
            response = await rig.http.post("/api/v1/pipeline/load", json=body)
            assert response.status_code == 422
            assert response.json()["detail"][0]["loc"] == ["body", "pipeline_ids"]

        play(script, dialect="beta3")

    def test_an_offer_before_anything_is_loaded_is_a_wrapped_400(self) -> None:
        async def script(rig: Rig) -> None:
            response = await rig.http.post("/api/v1/webrtc/offer", json={"sdp": "v=0", "type": "offer"})
            detail = "400: Pipeline not loaded. Please load pipeline first."
            assert (response.status_code, response.json()) == (500, {"detail": detail})

        play(script, dialect="beta3")

    def test_what_an_offer_may_not_have_is_dropped_and_comes_by_message(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.load(seed=9, base_seed=4)
            client = await rig.connect(start(graph=graph(), probe=3.0, noise_scale=0.25), video="sendrecv")
            await client.frames(3)
            assert client.last.base_seed == 9
            assert client.last.noise_scale == 0.25
            assert client.last.probe != 3.0
            client.send({"probe": 5.0})
            await until(lambda: client.last.probe == 5.0)

        play(script, dialect="beta3")

    def test_what_an_offer_may_have_is_still_checked(self) -> None:
        async def script(rig: Rig) -> None:
            body = {"sdp": "v=0", "type": "offer", "initialParameters": {"noise_scale": 7, "graph": "nonsense"}}
            response = await rig.http.post("/api/v1/webrtc/offer", json=body)
            assert response.status_code == 422
            assert [one["loc"] for one in response.json()["detail"]] == [["body", "initialParameters", "noise_scale"]]

        play(script, dialect="beta3")

    def test_nobody_listens_for_osc(self) -> None:
        async def script(rig: Rig) -> None:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
                udp.bind(("127.0.0.1", rig.http.base_url.port))  # so that it is free

        play(script, dialect="beta3")
