"""The HTTP side, against a server made of one function."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from bridge.errors import Refused, Unavailable
from bridge.session.rest import Rest, is_loopback
from bridge.session.state import Healthy, StatusKnown

Handler = Callable[[httpx.Request], httpx.Response]


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

    ask(handler, lambda rest: rest.load("longlive", {"width": 576}))

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
