"""What is loaded, and what becomes of a load: chains, graphs, LoRAs, memory and models."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from bridge.rehearsal.models import Models
from bridge.rehearsal.pipelines import PIPELINES, Pipelines, listed
from tests.rehearsal.rig import LIMIT, Rig, play, start

LORAS = ("/lora/a.safetensors", "/lora/b.safetensors")


def pipelines(**options: Any) -> Pipelines:
    """Return a server's pipelines that load in no time, with two LoRAs there."""
    return Pipelines(0.0, 12, **{"has_lora": lambda path: path in LORAS, **options})


def load(loading: Pipelines, *wanted: tuple[str, str] | tuple[str, str, Mapping[str, Any]]) -> str:
    """Load pipelines by key, kind and parameters, and return the first status after that."""
    asyncio.run(loading.load([(one[0], one[1], one[2] if len(one) == 3 else {}) for one in wanted]))
    return str(loading.status()["status"])


class TestChunks:
    @pytest.mark.parametrize(
        ("name", "takes", "makes"),
        [
            ("longlive", 12, 12),
            ("krea-realtime-video", 12, 12),
            ("streamdiffusionv2", 4, 4),
            ("passthrough", 4, 4),
            ("video-depth-anything", 4, 4),
            ("gray", 1, 1),
            ("scribble", 1, 1),
            ("optical-flow", 2, 2),
            ("rife", 12, 23),
            ("controller-viz", 1, 1),
        ],
    )
    def test_every_pipeline_has_scopes_chunks(self, name: str, takes: int, makes: int) -> None:
        loading = pipelines()
        assert load(loading, (name, name)) == "loaded"
        loaded = loading.loaded[name]

        assert (loaded.takes, loaded.instance.frames) == (takes, makes)

    def test_smaller_chunks_are_for_those_that_have_none_of_their_own(self) -> None:
        assert [PIPELINES[name].makes(3) for name in ("longlive", "streamdiffusionv2", "rife")] == [3, 1, 23]


class TestKeys:
    def test_a_chain_is_told_by_its_first_key_and_that_ones_parameters(self) -> None:
        loading = pipelines()
        assert load(loading, ("pre", "gray"), ("main", "longlive", {"width": 320}), ("after", "rife")) == "loaded"

        assert list(loading.loaded) == ["pre", "main", "after"]
        assert (loading.status()["pipeline_id"], loading.status()["load_params"]) == ("pre", {})
        assert loading.find("main") is loading.find("longlive")

    def test_the_same_kind_twice_is_two_instances(self) -> None:
        loading = pipelines()
        load(loading, ("a", "gray"), ("b", "gray"))

        assert loading.loaded["a"].instance is not loading.loaded["b"].instance

    def test_what_is_there_gets_the_new_key_and_the_rest_is_unloaded(self) -> None:
        loading = pipelines()
        load(loading, ("a", "longlive", {"width": 320}), ("b", "gray"))
        before = loading.loaded["a"].instance
        load(loading, ("c", "longlive", {"width": 320}))

        assert list(loading.loaded) == ["c"]
        assert loading.loaded["c"].instance is before
        load(loading, ("c", "longlive", {"width": 640}))
        assert loading.loaded["c"].instance is not before

    def test_good_and_bad_together_is_an_error_once_and_then_not_loaded(self) -> None:
        loading = pipelines()

        assert load(loading, ("a", "longlive"), ("b", "nonsense")) == "error"
        assert loading.status()["status"] == "not_loaded"
        assert not loading.ready
        assert list(loading.loaded) == ["a"]


class TestLoras:
    def test_runtime_ones_are_told_and_adjustable(self) -> None:
        loading = pipelines()
        loras = [{"path": LORAS[0], "scale": 0.5}, {"path": LORAS[1]}]
        load(loading, ("a", "longlive", {"loras": loras, "lora_merge_mode": "runtime_peft"}))

        assert loading.status()["loaded_lora_adapters"] == [
            {"path": LORAS[0], "scale": 0.5},
            {"path": LORAS[1], "scale": 1.0},
        ]
        assert loading.loaded["a"].instance.adjustable

    @pytest.mark.parametrize("mode", [{}, {"lora_merge_mode": "permanent_merge"}, {"lora_merge_mode": None}])
    def test_merged_ones_are_there_but_neither_told_nor_adjustable(self, mode: dict[str, Any]) -> None:
        loading = pipelines()
        load(loading, ("a", "longlive", {"loras": [{"path": LORAS[0]}], **mode}))

        assert loading.status()["loaded_lora_adapters"] is None
        assert loading.loaded["a"].instance.loras == {LORAS[0]: 1.0}
        assert not loading.loaded["a"].instance.adjustable

    def test_one_may_be_merged_for_good_beside_another_that_is_not(self) -> None:
        loading = pipelines()
        loras = [{"path": LORAS[0]}, {"path": LORAS[1], "merge_mode": "runtime_peft"}]
        load(loading, ("a", "longlive", {"loras": loras}))
        instance = loading.loaded["a"].instance
        instance.call({"prompts": "x", "lora_scales": [{"path": path, "scale": 0.25} for path in LORAS]}, 0, 0)

        assert instance.loras == {LORAS[0]: 1.0, LORAS[1]: 0.25}
        assert loading.status()["loaded_lora_adapters"] == [{"path": LORAS[1], "scale": 0.25}]

    @pytest.mark.parametrize(
        "params",
        [
            {"loras": [{"path": LORAS[0], "merge_mode": "glue"}]},
            {"loras": [{"path": "/lora/unknown.safetensors"}]},
            {"loras": [{"scale": 1}]},
            {"loras": ["a"]},
            {"loras": 3},
            {"loras": {"path": LORAS[0]}},
            {"loras": [{"path": LORAS[0], "scale": "loud"}]},
            {"lora_merge_mode": "by_hand"},
        ],
    )
    def test_what_cannot_be_merged_is_a_load_error(self, params: dict[str, Any]) -> None:
        assert load(pipelines(), ("a", "longlive", params)) == "error"

    def test_one_without_diffusion_does_not_look_at_them(self) -> None:
        assert load(pipelines(), ("a", "gray", {"loras": [{"path": "nowhere"}]})) == "loaded"

    def test_those_of_the_library_load_by_their_path_over_http(self) -> None:
        async def script(rig: Rig) -> None:
            path = (await rig.get("/api/v1/loras"))["lora_files"][1]["path"]
            await rig.load(loras=[{"path": path, "scale": 0.25}], lora_merge_mode="runtime_peft")
            client = await rig.connect(start())
            await client.frames(1)
            assert client.last.loras == (0.25,)
            client.send({"lora_scales": [{"path": path, "scale": 0.75}]})
            async with asyncio.timeout(LIMIT):
                while client.last.loras != (0.75,):
                    await asyncio.sleep(0.01)

        play(script)


class TestSizes:
    def test_krea_is_not_as_large_as_its_schema_says(self) -> None:
        loading = pipelines()
        load(loading, ("a", "krea-realtime-video"))

        assert (loading.loaded["a"].width, loading.loaded["a"].height) == (512, 512)

    @pytest.mark.parametrize(
        ("name", "params", "status"),
        [
            ("longlive", {"width": 570}, "error"),
            ("longlive", {"height": 0}, "error"),
            ("longlive", {"height": True}, "error"),
            ("longlive", {"something": "else"}, "loaded"),
            ("controller-viz", {"width": 333, "height": 1}, "loaded"),
        ],
    )
    def test_sizes_are_held_against_what_the_pipeline_can(self, name: str, params: dict[str, Any], status: str) -> None:
        assert load(pipelines(), ("a", name, params)) == status

    def test_the_seed_goes_by_the_name_that_the_dialect_has(self) -> None:
        for name, seen in (("base_seed", 5), ("seed", 6)):
            loading = pipelines(seed=name)
            load(loading, ("a", "longlive", {"base_seed": 5, "seed": 6}))
            assert loading.loaded["a"].instance.state["base_seed"] == seen


class TestMemory:
    def test_without_a_gpu_what_needs_one_is_neither_listed_nor_loaded(self) -> None:
        light = {"passthrough", "controller-viz", "rife", "scribble", "gray", "optical-flow"}

        assert set(listed(None)) == light
        assert load(pipelines(vram=None), ("a", "longlive")) == "error"
        assert load(pipelines(vram=None), ("a", "gray")) == "loaded"

    def test_what_does_not_fit_is_a_load_error(self) -> None:
        assert load(pipelines(vram=24.0), ("a", "krea-realtime-video")) == "error"
        assert load(pipelines(vram=24.0), ("a", "longlive"), ("b", "memflow")) == "error"
        assert load(pipelines(vram=24.0), ("a", "video-depth-anything"), ("b", "longlive")) == "loaded"

    def test_what_is_unloaded_leaves_its_place(self) -> None:
        loading = pipelines(vram=24.0)

        assert load(loading, ("a", "longlive")) == "loaded"
        assert load(loading, ("a", "memflow")) == "loaded"

    def test_the_hardware_is_told_over_http(self) -> None:
        async def with_little(rig: Rig) -> None:
            assert (await rig.get("/api/v1/hardware/info"))["vram_gb"] == 24.0

        async def with_none(rig: Rig) -> None:
            assert (await rig.get("/api/v1/hardware/info"))["vram_gb"] is None
            assert "longlive" not in (await rig.get("/api/v1/pipelines/schemas"))["pipelines"]
            nodes = (await rig.get("/api/v1/nodes/definitions"))["nodes"]
            assert "longlive" not in {node["node_type_id"] for node in nodes}

        play(with_little, vram=24.0)
        play(with_none, vram=None)


class TestModels:
    def test_unknown_pipelines_and_those_without_models_lack_nothing(self) -> None:
        models = Models(("gray", "nonsense", "longlive"), 1.0)

        assert models.status("gray") == models.status("nonsense") == {"downloaded": True, "progress": None}
        assert models.status("longlive") == {"downloaded": False, "progress": None}

    def test_a_pipeline_without_its_models_is_a_load_error(self) -> None:
        assert load(pipelines(has_models=Models(("longlive",), 1.0).has), ("a", "longlive")) == "error"

    def test_a_download_really_gets_further_and_then_the_pipeline_loads(self) -> None:
        async def script(rig: Rig) -> None:
            status = "/api/v1/models/status?pipeline_id=longlive"
            assert await rig.get(status) == {"downloaded": False, "progress": None}
            answer = await rig.http.post("/api/v1/models/download", json={"pipeline_id": "longlive"})
            assert answer.json() == {"message": "Model download started for longlive"}
            again = await rig.http.post("/api/v1/models/download", json={"pipeline_id": "longlive"})
            assert (again.status_code, again.json()) == (
                409,
                {"detail": "Download already in progress for longlive"},
            )
            seen: list[tuple[str, float]] = []
            async with asyncio.timeout(LIMIT):
                while (progress := (await rig.get(status))["progress"]) is not None:
                    assert progress["is_downloading"]
                    seen.append((progress["current_artifact"], progress["percentage"]))
                    await asyncio.sleep(0.02)
            artifacts = list(dict.fromkeys(artifact for artifact, _ in seen))
            assert artifacts == list(PIPELINES["longlive"].models)
            for artifact in artifacts:
                parts = [part for name, part in seen if name == artifact]
                assert parts == sorted(parts)
                assert len(set(parts)) > 1
            assert (await rig.get(status)) == {"downloaded": True, "progress": None}
            await rig.load()

        play(script, missing=("longlive",), download_seconds=0.9)

    @pytest.mark.parametrize(
        ("method", "url", "body", "status"),
        [
            ("GET", "/api/v1/models/status", None, 422),
            ("POST", "/api/v1/models/download", {}, 422),
            ("POST", "/api/v1/models/download", {"pipeline_id": ""}, 400),
            ("POST", "/api/v1/models/download", {"pipeline_id": "nonsense"}, 200),
        ],
    )
    def test_what_is_asked_must_make_sense(self, method: str, url: str, body: Any, status: int) -> None:
        async def script(rig: Rig) -> None:
            assert (await rig.http.request(method, url, json=body)).status_code == status

        play(script)
