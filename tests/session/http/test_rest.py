"""The HTTP side, against a server made of one function."""

import asyncio
import json
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.errors import Refused, Unavailable
from bridge.profile.model import Node, Scope
from bridge.session.contract.dialect import CURRENT, dialect_of
from bridge.session.http.inquiry import Inquiry
from bridge.session.http.preparation import prepare
from bridge.session.http.rest import Hardware, ModelStatus, NotLoaded, RemoteFile, Rest, is_loopback
from bridge.session.http.tempo import ServerTempo
from bridge.session.life.events import Healthy, StatusKnown

# fmt: off
KEYS = (
    "status", "pipeline_id", "load_params", "loading_stage", "server_start_time", "version", "pipelines", "nodes",
    "iceServers", "parameters", "sessions", "lora_files", "assets", "sdp", "sessionId", "lines", "offset",
    "downloaded", "progress", "is_downloading", "percentage", "current_artifact", "error", "path", "name", "folder",
    "vram_gb", "spout", "ndi", "available", "reason", "longlive", "estimated_vram_gb", "supported_modes",
    "supports_prompts", "inputs", "outputs", "node_type_id", "detail", "loc", "msg", "enabled", "source", "type",
)
# fmt: on
"""What answers of a server are made of."""

Handler = Callable[[httpx.Request], httpx.Response]

REQUESTS = json.loads((Path(__file__).parents[2] / "rehearsal" / "captures" / "requests.json").read_text())
"""What Scope's own description says of the bodies it takes, by method and path."""


def ask(handler: Handler, question: Callable[[Rest], Any]) -> Any:
    async def talk() -> Any:
        async with Rest("http://scope:8000") as rest:
            rest._client = httpx.AsyncClient(base_url=rest.url, transport=httpx.MockTransport(handler))
            return await question(rest)

    return asyncio.run(talk())


def answer(status: int = 200, **kind: Any) -> Handler:
    return lambda request: httpx.Response(status, **kind)


def test_health_of_0_2_4_and_of_a_beta_that_tells_less() -> None:
    new = answer(json={"status": "healthy", "version": "0.2.4", "server_start_time": 12.5})
    old = answer(json={"status": "healthy", "timestamp": "2026-01-14"})

    assert ask(new, Rest.health) == Healthy(started=12.5, version="0.2.4")
    assert ask(old, Rest.health) == Healthy(started=None, version=None)


@pytest.mark.parametrize(("commit", "rehearsal"), [("rehearsal", True), ("4f2c1aa", False), (None, False)])
def test_a_rehearsal_server_says_that_it_is_one(commit: str | None, rehearsal: bool) -> None:
    health = ask(answer(json={"status": "healthy", "git_commit": commit}), Rest.health)

    assert health.rehearsal is rehearsal


def test_status() -> None:
    loading = answer(json={"status": "loading", "pipeline_id": "longlive", "load_params": {}, "loading_stage": "VAE"})

    assert ask(loading, Rest.status) == StatusKnown("loading", "longlive", {}, "VAE")


@pytest.mark.parametrize("odd", [{}, {"status": 3, "pipeline_id": [], "load_params": [1], "loading_stage": {}}])
def test_a_status_that_makes_no_sense_is_one_without_sense(odd: dict[str, Any]) -> None:
    known = ask(answer(json=odd), Rest.status)

    assert (known.pipeline, known.load_params, known.stage) == (None, None, None)


def test_a_load_names_the_node_as_the_graph_of_the_offer_does() -> None:
    asked: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={"message": "Pipeline loading initiated successfully"})

    ask(handler, lambda rest: rest.load([Node("longlive", "longlive", {"width": 576})]))

    assert asked[0].url.path == "/api/v1/pipeline/load"
    assert b'"node_id":"longlive"' in asked[0].content.replace(b" ", b"")
    assert b'"width":576' in asked[0].content.replace(b" ", b"")


@pytest.mark.parametrize("status", [204, 404, 405])
def test_removing_a_session_is_no_error_on_any_server(status: int) -> None:
    ask(answer(status), lambda rest: rest.remove("s1"))


@pytest.mark.parametrize(
    ("handler", "reason"),
    [
        (answer(400, json={"detail": "Pipeline not loaded. Please load pipeline first."}), "400 Pipeline not loaded"),
        (answer(500, text="Internal Server Error"), "500 Internal Server Error"),
        (answer(200, text="<html>"), "not JSON"),
        (answer(200, json=[1]), "not an object"),
        (answer(200, text="[" * 100_000), "not JSON"),
    ],
)
def test_any_answer_but_yes_is_refused_with_its_reason(handler: Handler, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        ask(handler, Rest.status)


def test_an_answer_without_a_session_is_refused() -> None:
    with pytest.raises(Refused, match="sessionId"):
        ask(answer(json={"sdp": "v=0"}), lambda rest: rest.offer("v=0", {}))


@pytest.mark.parametrize("error", [httpx.ConnectError("refused"), httpx.ReadTimeout("slow"), httpx.ReadError("cut")])
def test_nobody_there_is_unavailable(error: httpx.HTTPError) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        raise error

    with pytest.raises(Unavailable, match="http://scope:8000"):
        ask(handler, Rest.health)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://localhost", "http://[::1]:8000", "http://127.1.2.3"])
def test_this_machine_is_known(url: str) -> None:
    assert is_loopback(url)


@pytest.mark.parametrize("url", ["http://192.168.1.4:8000", "https://pod.example.org", "http://gpu-box:8000"])
def test_other_machines_are_not_this_one(url: str) -> None:
    assert not is_loopback(url)


@pytest.mark.parametrize(
    "refusal",
    [
        answer(400, json={"detail": "Pipeline not loaded. Please load pipeline first."}),
        answer(500, json={"detail": "400: Pipeline not loaded. Please load pipeline first."}),
    ],
)
def test_nothing_loaded_is_the_same_on_every_server(refusal: Handler) -> None:
    with pytest.raises(NotLoaded, match="no pipeline loaded"):
        ask(refusal, lambda rest: rest.offer("v=0", {}))


def test_another_refusal_of_an_offer_is_not_taken_for_that() -> None:
    with pytest.raises(Refused, match="None is not in list") as refused:
        ask(answer(500, json={"detail": "None is not in list"}), lambda rest: rest.offer("v=0", {}))
    assert not isinstance(refused.value, NotLoaded)


def test_what_was_wrong_with_a_request_is_said_point_by_point() -> None:
    detail = [{"loc": ["body", "initialParameters", "noise_scale"], "msg": "Input should be less than 1", "type": "x"}]

    with pytest.raises(Refused, match=r"422 initialParameters\.noise_scale: Input should be less than 1"):
        ask(answer(422, json={"detail": detail}), lambda rest: rest.offer("v=0", {}))


def test_a_web_page_is_no_answer(tmp_path: Path) -> None:
    page = answer(200, html="<!doctype html><html>")

    with pytest.raises(Refused, match="a web page and not JSON"):
        ask(page, lambda rest: rest.tempo_status())
    with pytest.raises(Refused, match="a web page"):
        ask(page, lambda rest: rest.fetch_recording("s1", tmp_path / "show.mp4"))


def test_a_proxy_with_nobody_behind_it_is_unavailable_and_a_word_of_scope_is_not() -> None:
    with pytest.raises(Unavailable, match="no Scope behind it"):
        ask(answer(502, html="<h1>Bad gateway</h1>"), Rest.status)
    with pytest.raises(Refused, match="Cloud request failed"):
        ask(answer(502, json={"detail": "Cloud request failed: x"}), Rest.status)
    with pytest.raises(Refused, match="https://scope:8000/health"):
        ask(answer(301, headers={"location": "https://scope:8000/health"}), Rest.health)
    with pytest.raises(Refused, match="a login is in front"):
        ask(answer(401, text="who?"), Rest.health)


def test_an_answer_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bridge.session.http.rest.HEALTH_TIMEOUT", 0.05)

    class Dripping(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            while True:
                await asyncio.sleep(0.005)
                yield b" "

    with pytest.raises(Unavailable, match="too long"):
        ask(lambda request: httpx.Response(200, stream=Dripping()), Rest.health)


def test_a_round_trip_is_measured_by_the_health() -> None:
    times = iter((1.0, 1.25))

    async def talk() -> float | None:
        async with Rest("http://scope:8000", clock=lambda: next(times)) as rest:
            rest._client = httpx.AsyncClient(base_url=rest.url, transport=httpx.MockTransport(answer(json={})))
            assert rest.last_round_trip is None
            await rest.health()
            return rest.last_round_trip

    assert asyncio.run(talk()) == 0.25


@pytest.mark.parametrize(
    ("body", "hardware"),
    [
        (
            {
                "vram_gb": 23.99,
                "spout": {"available": True},
                "ndi": {"available": False, "reason": "NDI SDK not found"},
                "syphon": {"available": False},
            },
            Hardware(23.99, {"ndi": "NDI SDK not found", "syphon": "no syphon there"}),
        ),
        ({"vram_gb": None, "spout_available": False}, Hardware(None, {"spout": "Spout needs Windows"})),
        ({"vram_gb": True, "spout": 3}, Hardware(None, {})),
    ],
)
def test_hardware_of_0_2_4_and_of_a_beta(body: dict[str, Any], hardware: Hardware) -> None:
    assert ask(answer(json=body), Rest.hardware) == hardware


def test_the_status_of_models() -> None:
    coming = {"is_downloading": True, "percentage": 143.2, "current_artifact": "wan.pt", "error": None}

    assert ask(answer(json={"downloaded": True, "progress": None}), lambda rest: rest.model_status("x")) == ModelStatus(
        True
    )
    assert ask(
        answer(json={"downloaded": False, "progress": coming}), lambda rest: rest.model_status("x")
    ) == ModelStatus(False, True, 100.0, "wan.pt")


def test_a_download_that_somebody_has_asked_for_already_is_fine() -> None:
    ask(answer(409, json={"detail": "already in progress"}), lambda rest: rest.download_model("longlive"))
    with pytest.raises(Refused, match="404"):
        ask(answer(404, json={"detail": "no"}), lambda rest: rest.download_model("longlive"))


@pytest.mark.parametrize(("version", "place"), [("0.2.4", "/api/v1/lora/list"), (None, "/api/v1/loras")])
def test_loras_are_looked_for_in_the_other_place_too(version: str | None, place: str) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path != place:
            return httpx.Response(404, json={"detail": "Not Found"})
        files = [{"name": "jinx", "path": "/m/jinx.safetensors", "size_mb": 1, "folder": None}, {"name": "odd"}, 7]
        return httpx.Response(200, json={"lora_files": files})

    found = ask(handler, lambda rest: rest.loras(dialect_of(version)))
    assert found == [RemoteFile("jinx", "/m/jinx.safetensors", "")]
    with pytest.raises(Refused, match=dialect_of(version).loras):
        ask(answer(404, json={"detail": "Not Found"}), lambda rest: rest.loras(dialect_of(version)))


def test_an_upload_is_the_bare_bytes_under_its_name() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        assert (request.method, request.url.path) == ("POST", "/api/v1/assets")
        assert request.url.params["filename"] == "scope-bridge/a b.png"
        assert request.content == b"\x89PNG"
        return httpx.Response(200, json={"path": "/assets/scope-bridge/a b.png"})

    assert ask(handler, lambda rest: rest.upload("scope-bridge/a b.png", b"\x89PNG")) == "/assets/scope-bridge/a b.png"
    with pytest.raises(Refused, match="where it put it"):
        ask(answer(json={}), lambda rest: rest.upload("a.png", b""))


def test_tempo_questions_are_what_scope_takes() -> None:
    asked: list[tuple[str, Any]] = []

    def handler(request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content) if request.content else None
        question = f"{request.method} {request.url.path}"
        if question in REQUESTS:
            jsonschema.Draft202012Validator(REQUESTS[question]).validate(body)
        asked.append((question, body))
        return httpx.Response(200, json={"enabled": True})

    async def all_of_it(rest: Rest) -> Any:
        await rest.enable_tempo("link", 512.0, 3)
        await rest.enable_tempo("midi_clock", device="IAC")
        await rest.set_tempo(5.0)
        await rest.disable_tempo()
        return await rest.tempo_status()

    assert ask(handler, all_of_it)["enabled"] is True
    assert asked[:4] == [
        ("POST /api/v1/tempo/enable", {"source": "link", "bpm": 300.0, "beats_per_bar": 3}),
        (
            "POST /api/v1/tempo/enable",
            {"source": "midi_clock", "bpm": 120.0, "beats_per_bar": 4, "midi_device": "IAC"},
        ),
        ("POST /api/v1/tempo/set_tempo", {"bpm": 20.0}),
        ("POST /api/v1/tempo/disable", None),
    ]


def test_a_recording_is_there_when_the_whole_file_is(tmp_path: Path) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            assert request.url.params.get("node_id") == "tape"
            return httpx.Response(200, json={"status": "started"})
        assert request.url.params.get("node_id") == "tape"
        return httpx.Response(200, content=b"mp4" * 100_000, headers={"content-type": "video/mp4"})

    async def record(rest: Rest) -> None:
        await rest.start_recording("s1", "tape")
        await rest.fetch_recording("s1", tmp_path / "deep" / "show.mp4", "tape")
        await rest.stop_recording("s1", "tape")

    ask(handler, record)
    assert (tmp_path / "deep" / "show.mp4").read_bytes() == b"mp4" * 100_000
    assert [one.name for one in (tmp_path / "deep").iterdir()] == ["show.mp4"]


def test_a_recording_that_does_not_come_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="404 Recording file not available"):
        ask(
            answer(404, json={"detail": "Recording file not available"}),
            lambda rest: rest.fetch_recording("s1", tmp_path / "show.mp4"),
        )
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Refused, match="cannot write"):
        ask(answer(content=b"mp4"), lambda rest: rest.fetch_recording("s1", tmp_path / "file" / "show.mp4"))
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize(
    ("body", "question", "found"),
    [
        ({"parameters": {"noise_scale": 0.5}}, Rest.parameters, {"noise_scale": 0.5}),
        ({"parameters": None}, Rest.parameters, {}),
        ({"sessions": {"s": {"fps_out": 15.0}}, "gpu": {}}, Rest.metrics, {"s": {"fps_out": 15.0}}),
        ({"nodes": [{"node_type_id": "gray"}, 3]}, Rest.definitions, [{"node_type_id": "gray"}]),
        ({"nodes": {}}, Rest.definitions, []),
        ({"iceServers": [{"urls": "stun:x"}, None]}, Rest.ice_servers, [{"urls": "stun:x"}]),
    ],
)
def test_answers_are_what_makes_sense_of_them(body: Any, question: Callable[[Rest], Any], found: Any) -> None:
    assert ask(answer(json=body), question) == found


@pytest.mark.parametrize("odd", ["NaN", "Infinity", "1e999", "1" + "0" * 400, "true", "[]", '"1"', "{}"])
def test_a_start_that_is_no_time_is_none(odd: str) -> None:
    health = answer(content=f'{{"server_start_time": {odd}, "version": {odd}}}'.encode())

    assert ask(health, Rest.health).started is None


@pytest.mark.parametrize("odd", ["-5", "NaN", "1" + "0" * 30, "{}", "null"])
def test_an_end_of_the_log_that_is_none_leaves_it_where_it_was(odd: str) -> None:
    tail = answer(content=f'{{"lines": ["one", 2, null], "offset": {odd}}}'.encode())

    assert ask(tail, lambda rest: rest.log_tail(7)) == (["one", "2", "None"], 7)


def test_the_page_of_a_proxy_whose_server_is_gone_is_not_poured_into_a_sentence() -> None:
    page = answer(404, html="<!DOCTYPE html><html><head><style>body { color: red }</style></head></html>")

    with pytest.raises(Refused, match="404, and a web page that is not Scope's") as refused:
        ask(page, Rest.health)
    assert "<" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("https://id-8000.proxy.runpod.net", "https://id-8000.proxy.runpod.net/health"),
        ("https://proxy.example.org/scope/", "https://proxy.example.org/scope/health"),
        ("https://proxy.example.org/a/b", "https://proxy.example.org/a/b/health"),
        ("http://[fd00::2]:8000/", "http://[fd00::2]:8000/health"),
    ],
)
def test_a_server_may_be_behind_a_path_and_at_any_kind_of_address(url: str, asked: str) -> None:
    urls: list[str] = []

    async def talk() -> None:
        def handle(request: httpx.Request) -> httpx.Response:
            urls.append(str(request.url))
            return httpx.Response(200, json={})

        async with Rest(url) as rest:
            base = rest._client.base_url
            rest._client = httpx.AsyncClient(base_url=base, transport=httpx.MockTransport(handle))
            await rest.health()

    asyncio.run(talk())
    assert urls == [asked]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.just(10**400) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6),
    max_leaves=12,
)
QUESTIONS: tuple[Callable[[Rest], Any], ...] = (
    Rest.health,
    Rest.status,
    Rest.schemas,
    Rest.definitions,
    Rest.hardware,
    Rest.ice_servers,
    Rest.parameters,
    Rest.metrics,
    Rest.loras,
    Rest.assets,
    Rest.tempo_status,
    lambda rest: rest.load(Scope().nodes),
    lambda rest: rest.offer("v=0", {}),
    lambda rest: rest.log_tail(0),
    lambda rest: rest.model_status("longlive"),
    lambda rest: rest.download_model("longlive"),
    lambda rest: rest.upload("a.png", b""),
    lambda rest: rest.remove("id"),
    lambda rest: prepare(rest, Scope(), CURRENT, lambda text, done: None, sleep=lambda seconds: asyncio.sleep(0)),
    lambda rest: prepare(
        rest,
        Scope(input_mode="video", video=("cam",)),
        CURRENT,
        lambda text, done: None,
        sleep=lambda seconds: asyncio.sleep(0),
    ),
    lambda rest: Inquiry(rest).compare("id", CURRENT, 1.0),
    lambda rest: Inquiry(rest).read_log("id"),
    lambda rest: ServerTempo().begin(rest, Scope(tempo="link"), CURRENT, None),
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(QUESTIONS), st.sampled_from((200, 200, 200, 204, 302, 400, 404, 422, 500, 502)), st.data())
def test_whatever_a_server_answers_is_an_answer_or_refused_or_nobody_there(
    question: Callable[[Rest], Any], code: int, data: st.DataObject
) -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        body = data.draw(st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=8) | VALUES)
        return httpx.Response(code, content=json.dumps(body).encode())

    with suppress(Refused, Unavailable):
        ask(handle, question)


def _untrusted() -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED]")
    error.verify_message = "certificate has expired"
    return error


@pytest.mark.parametrize(
    ("cause", "sentence"),
    [
        (ConnectionRefusedError(111, "refused"), "nobody listens at http://scope:8000"),
        (
            socket.gaierror(-2, "Name or service not known"),
            "no machine is called scope, as far as this one can find out",
        ),
        (_untrusted(), "http://scope:8000 cannot be trusted: certificate has expired"),
        (
            ssl.SSLError(1, "wrong"),
            "http://scope:8000 does not speak https (wrong); is its address one with http?",
        ),
    ],
)
def test_why_nobody_could_be_spoken_to_is_told_as_it_is(cause: OSError, sentence: str) -> None:
    def refuse(_: httpx.Request) -> httpx.Response:
        try:
            try:
                raise cause
            except OSError as error:
                raise OSError("All connection attempts failed") from error
        except OSError as error:
            raise httpx.ConnectError(str(error)) from error

    with pytest.raises(Unavailable) as told:
        ask(refuse, Rest.health)
    assert str(told.value) == sentence
