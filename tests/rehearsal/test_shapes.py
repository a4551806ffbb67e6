"""The rehearsal server against Scope 0.2.4's own replies: the same keys and types, the same rules for what it is sent.

`captures/replies.json` has the shapes of replies that a running Scope gave, `captures/requests.json` the bodies that its
openapi.json describes, both without their texts; `tests/captures/pipelines_schemas.json` is a whole reply.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from bridge.rehearsal import requests
from bridge.rehearsal.pipelines import PIPELINES, listed
from bridge.rehearsal.schemas import schemas
from tests.rehearsal.rig import Rig, play, start

CAPTURES = Path(__file__).parent / "captures"
REPLIES: Mapping[str, Any] = json.loads((CAPTURES / "replies.json").read_text())
REQUESTS: Mapping[str, Any] = json.loads((CAPTURES / "requests.json").read_text())
SCHEMAS: Mapping[str, Any] = json.loads((CAPTURES.parent.parent / "captures" / "pipelines_schemas.json").read_text())[
    "body"
]["pipelines"]

MODELS: Mapping[str, type[BaseModel]] = {
    "POST /api/v1/session/parameters": requests.Parameters,
    "POST /api/v1/tempo/enable": requests.TempoEnable,
    "POST /api/v1/tempo/set_tempo": requests.TempoSet,
    "POST /api/v1/pipeline/load": requests.Load,
    "PUT /api/v1/osc/settings": requests.OscSettings,
    "POST /api/v1/osc/inventory": requests.OscInventory,
    "POST /api/v1/webrtc/offer": requests.Offer,
    "PATCH /api/v1/webrtc/offer/{session_id}": requests.Candidates,
    "POST /api/v1/loras": requests.LoraInstall,
    "POST /api/v1/models/download": requests.ModelsDownload,
}


def kind(value: Any) -> str:
    """Return what JSON calls a value's type."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case _:
            return "string"


def differences(ours: Any, theirs: Any, place: str = "$") -> list[str]:
    """Return where a reply differs in shape from a captured one. What was null there, or is here, may be anything."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        odd = [f"{place}: {sorted(set(ours) ^ set(theirs))}"] if set(ours) != set(theirs) else []
        return odd + [
            problem
            for key in ours
            if key in theirs
            for problem in differences(ours[key], theirs[key], f"{place}.{key}")
        ]
    if isinstance(theirs, list) and isinstance(ours, list):
        if not theirs:
            return []
        return [
            min((differences(one, shape, f"{place}[{index}]") for shape in theirs), key=len)[0]
            for index, one in enumerate(ours)
            if all(differences(one, shape) for shape in theirs)
        ]
    if isinstance(theirs, str) and not isinstance(ours, dict | list):
        return [] if theirs in ("null", kind(ours)) or ours is None else [f"{place}: {kind(ours)}, not {theirs}"]
    return [] if theirs == "null" or ours is None else [f"{place}: {type(ours).__name__}, not {type(theirs).__name__}"]


def plain(schema: Any, defs: Mapping[str, Any]) -> Any:
    """Return a JSON schema without its texts, with what it refers to in place."""
    if isinstance(schema, list):
        return [plain(one, defs) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return plain(defs[schema["$ref"].rpartition("/")[2]], defs)
    return {
        key: {name: plain(one, defs) for name, one in value.items()} if key == "properties" else plain(value, defs)
        for key, value in schema.items()
        # FastAPI leaves out a default that is null.
        if key not in ("title", "description", "$defs") and (key, value) != ("default", None)
    }


def shape(value: Any) -> Any:
    """Return a reply's shape, as `replies.json` has it."""
    if isinstance(value, dict):
        return {key: shape(one) for key, one in value.items()}
    return [shape(one) for one in value] if isinstance(value, list) else kind(value)


@pytest.mark.parametrize("request_line", REQUESTS)
def test_bodies_are_validated_by_the_rules_of_the_openapi(request_line: str) -> None:
    ours = MODELS[request_line].model_json_schema()

    assert plain(ours, ours.get("$defs", {})) == REQUESTS[request_line]


def test_every_request_of_the_openapi_that_is_kept_here_has_its_model() -> None:
    assert set(MODELS) == set(REQUESTS)


@pytest.mark.parametrize(
    "name",
    [
        "assets",
        "hardware_info",
        "health",
        "input_sources",
        "loras",
        "models_status",
        "pipeline_status",
        "tempo_sources",
        "tempo_status",
    ],
)
def test_replies_have_the_keys_and_types_of_the_real_ones(name: str) -> None:
    async def script(rig: Rig) -> None:
        assert (await rig.http.post("/api/v1/assets?filename=probe/a.png", content=b"x")).status_code == 200
        captured = REPLIES[name]
        reply = await rig.get(captured["request"].removeprefix("GET "))

        assert differences(reply, captured["shape"]) == []
        assert reply

    play(script)


def test_osc_paths_are_those_of_the_real_one_and_say_the_same_of_each() -> None:
    async def script(rig: Rig) -> None:
        reply, captured = await rig.get("/api/v1/osc/paths"), REPLIES["osc_paths"]["shape"]

        assert differences(reply, captured) == []
        assert reply["active_pipeline_ids"] == []

    play(script)


def test_nodes_are_defined_as_the_real_ones_are() -> None:
    async def script(rig: Rig) -> None:
        nodes = (await rig.get("/api/v1/nodes/definitions"))["nodes"]
        ours = {node["node_type_id"]: {**node, "pipeline_meta": node["pipeline_meta"] and {}} for node in nodes}
        captured = REPLIES["nodes_definitions"]["shape"]

        assert list(ours) == list(captured)
        assert differences(ours, captured) == []
        assert nodes[0]["pipeline_meta"] == schemas(PIPELINES)["pipelines"][nodes[0]["node_type_id"]]

    play(script)


def test_a_streaming_session_is_measured_as_a_real_one_is() -> None:
    async def script(rig: Rig) -> None:
        await rig.load()
        client = await rig.connect(start())
        await client.frames(1)
        captured = next(iter(REPLIES["session_metrics_streaming"]["shape"]["sessions"].values()))

        assert differences((await rig.get("/api/v1/session/metrics"))["sessions"][client.session], captured) == []

    play(script)


def test_a_loaded_pipeline_is_told_as_a_real_one_is() -> None:
    async def script(rig: Rig) -> None:
        await rig.load("passthrough")
        reply = await rig.get("/api/v1/pipeline/status")

        assert differences(reply, REPLIES["pipeline_status_loaded"]["shape"]) == []
        assert (reply["pipeline_id"], reply["load_params"]) == ("passthrough", {})

    play(script)


@pytest.mark.parametrize("name", PIPELINES)
def test_schemas_have_the_shape_of_the_real_ones(name: str) -> None:
    ours = schemas(listed(48.0))["pipelines"]

    assert list(ours) == list(SCHEMAS)
    assert differences(ours[name], shape(SCHEMAS[name])) == []


OURS = {"name", "description", "version", "docs_url", "config_schema"}
"""What a schema says in words of its own."""


@pytest.mark.parametrize("name", PIPELINES)
def test_schemas_say_the_same_of_what_a_pipeline_can_and_needs(name: str) -> None:
    theirs = SCHEMAS[name]
    ours = schemas(PIPELINES)["pipelines"][name]

    assert {key: ours[key] for key in theirs if key not in OURS} == {
        key: value for key, value in theirs.items() if key not in OURS
    }
    for key, told in theirs["config_schema"]["properties"].items():
        mine = ours["config_schema"]["properties"][key]
        texts = ("description", "title")
        assert {at: value for at, value in mine.items() if at not in texts} == {
            at: value for at, value in told.items() if at not in texts
        }, key
