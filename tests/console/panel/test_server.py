"""The panel's HTTP interface, over real sockets."""

import asyncio
import io
import re
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import av
import httpx
import numpy as np
import pytest

from bridge.clock import now
from bridge.console.panel import server
from bridge.console.panel.server import Panel
from bridge.errors import Unavailable
from bridge.status import OutputStatus
from tests.console.panel.rig import BLUE, RED, Colour, Show

STATIC = Path(server.__file__).with_name("static")
ASSETS = sorted(path.name for path in STATIC.iterdir())


@asynccontextmanager
async def visiting(show: Show) -> AsyncGenerator[httpx.AsyncClient, None]:
    async with show.open() as panel, httpx.AsyncClient(base_url=panel.url, timeout=20, trust_env=False) as client:
        yield client


def visit(scene: Callable[[Show, httpx.AsyncClient], Awaitable[None]]) -> None:
    async def play() -> None:
        show = Show()
        async with asyncio.timeout(50), visiting(show) as client:
            await scene(show, client)

    asyncio.run(play())


async def jpegs(stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Read multipart/x-mixed-replace as a browser does: by the boundary alone."""
    rest = b""
    async for chunk in stream:
        rest += chunk
        while rest.count(b"--frame\r\n") > 1:
            _, part, rest = rest.split(b"--frame\r\n", 2)
            rest = b"--frame\r\n" + rest
            head, _, body = part.partition(b"\r\n\r\n")
            assert head.startswith(b"Content-Type: image/jpeg\r\nContent-Length: ")
            assert len(body) == int(head.rpartition(b" ")[2]) + 2
            yield body[:-2]


def assert_shows(jpeg: bytes, size: tuple[int, int], colour: Colour) -> None:
    with av.open(io.BytesIO(jpeg), "r", format="jpeg_pipe") as container:
        pixels = next(container.decode(video=0)).to_ndarray(format="rgb24")
    assert (pixels.shape[1], pixels.shape[0]) == size
    assert pixels.reshape(-1, 3).mean(axis=0).tolist() == pytest.approx(colour, abs=5)


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(2000):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise TimeoutError


def test_the_page_and_everything_it_loads_is_there_with_its_type() -> None:
    async def scene(_: Show, client: httpx.AsyncClient) -> None:
        page = await client.get("/")
        assert page.status_code == 200
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        wanted = {*re.findall(r'(?:src|href)="([^"]+)"', page.text), *(f"/static/{name}" for name in ASSETS)}
        for path in wanted:
            answer = await client.get(path)
            assert answer.status_code == 200, path
            suffix = path.rpartition(".")[2]
            assert (
                answer.headers["content-type"].split(";")[0]
                == {
                    "html": "text/html",
                    "css": "text/css",
                    "js": "text/javascript",
                    "svg": "image/svg+xml",
                }[suffix]
            )
        assert (await client.get("/static/missing.js")).json() == {"error": "there is nothing at /static/missing.js"}
        assert (await client.get("/static/..%2fserver.py")).status_code == 404

    visit(scene)


def test_every_answer_forbids_what_the_page_does_not_need() -> None:
    async def scene(show: Show, client: httpx.AsyncClient) -> None:
        show.paint(RED)
        for path in ["/", "/static/main.js", "/api/status", "/preview.jpg", "/nowhere"]:
            headers = (await client.get(path)).headers
            policy = dict(rule.split(" ", 1) for rule in headers["content-security-policy"].split("; "))
            assert policy["default-src"] == policy["frame-ancestors"] == "'none'"
            assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["cross-origin-resource-policy"] == "same-origin"
            assert headers["cache-control"] == "no-store"
            assert "access-control-allow-origin" not in headers

    visit(scene)


def test_the_page_loads_nothing_from_elsewhere_and_writes_no_markup() -> None:
    for name in ASSETS:
        text = (STATIC / name).read_text(encoding="utf-8")
        assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", text), name
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", text), name
    page = (STATIC / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"\sstyle=|\son\w+=|<script(?![^>]*src=)|<style", page)


def test_the_numbers_are_there_for_prometheus() -> None:
    async def scene(show: Show, client: httpx.AsyncClient) -> None:
        answer = await client.get("/metrics")

        assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
        assert 'scope_bridge_output_sent_total{output="program"} 300\n' in answer.text

    visit(scene)


def test_the_status_is_json() -> None:
    async def scene(_: Show, client: httpx.AsyncClient) -> None:
        answer = await client.get("/api/status")
        assert answer.headers["content-type"] == "application/json; charset=utf-8"
        assert answer.json()["scope"]["detail"] == "longlive plays"

    visit(scene)


def test_statuses_come_over_a_websocket_and_one_snapshot_serves_all() -> None:
    async def scene(show: Show, _: httpx.AsyncClient) -> None:
        async with aiohttp.ClientSession() as session:
            watchers = [await session.ws_connect(f"{show.panel.url}/api/events") for _ in range(5)]
            began, before = now(), show.snapshots
            for _round in range(5):
                for watcher in watchers:
                    assert (await watcher.receive_json(timeout=10))["prompt"] == "a reef"
            assert show.snapshots - before <= (now() - began) / (server.STATUS_PERIOD / 2) + 1
            for watcher in watchers:
                await watcher.close()
        quiet = show.snapshots
        await asyncio.sleep(3 * server.STATUS_PERIOD)
        assert show.snapshots <= quiet + 1

    visit(scene)


def test_what_a_person_does_becomes_a_batch() -> None:
    async def scene(show: Show, client: httpx.AsyncClient) -> None:
        before = now()
        answer = await client.post("/api/signal", json={"path": "panel/prompt", "values": ["neon rain", 1, 0.5, True]})
        assert (answer.status_code, answer.content) == (204, b"")
        [batch] = show.batches
        assert batch.samples == (("panel/prompt", ("neon rain", 1, 0.5, True)),)
        assert before <= batch.time <= now()

    visit(scene)


def test_a_bad_signal_gets_a_sentence_and_goes_nowhere() -> None:
    async def scene(show: Show, client: httpx.AsyncClient) -> None:
        answer = await client.post("/api/signal", json={"path": "stage/fader1", "values": [1]})
        assert answer.status_code == 400
        assert answer.json() == {
            "error": "path must be text that begins with panel/ and goes on with a target, like panel/prompt"
        }
        huge = await client.post("/api/signal", content=b" " * 70_000)
        assert (huge.status_code, huge.json()) == (413, {"error": "a request may have 65536 bytes"})
        asked = await client.get("/api/signal")
        assert (asked.status_code, asked.json()) == (405, {"error": "/api/signal takes POST"})
        assert asked.headers["allow"] == "POST"
        assert show.batches == []

    visit(scene)


def test_what_the_bridge_refuses_is_answered_with_its_sentence() -> None:
    async def scene(show: Show, client: httpx.AsyncClient) -> None:
        nowhere = {"path": "panel/nosuch", "values": [0.5]}
        show.refusal = "there is no target called 'nosuch'"
        answer = await client.post("/api/signal", json=nowhere)
        assert (answer.status_code, answer.json()) == (400, {"error": "there is no target called 'nosuch'"})
        assert show.asked() == [("panel/nosuch", (0.5,))]

        show.refusal = ""
        assert (await client.post("/api/signal", json=nowhere)).status_code == 204

    visit(scene)


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": ""},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
    ],
)
def test_other_pages_and_rebound_names_are_turned_away(headers: dict[str, str]) -> None:
    async def scene(show: Show, client: httpx.AsyncClient) -> None:
        body = {"path": "panel/prompt", "values": ["x"]}
        assert (await client.post("/api/signal", json=body, headers=headers)).status_code == 403
        for path in ["/", "/api/status", "/api/events", "/preview.jpg", "/preview.mjpg", "/nowhere"]:
            assert (await client.get(path, headers=headers)).status_code == 403, path
        assert show.batches == []

        ours = {"Origin": show.panel.url}
        assert (await client.post("/api/signal", json=body, headers=ours)).status_code == 204

    visit(scene)


def test_a_websocket_of_another_page_is_turned_away() -> None:
    async def scene(show: Show, _: httpx.AsyncClient) -> None:
        async with aiohttp.ClientSession() as session:
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await session.ws_connect(f"{show.panel.url}/api/events", origin="http://evil.example")
            assert refused.value.status == 403

    visit(scene)


def test_the_stream_is_made_of_jpegs_of_the_frames_size() -> None:
    async def scene(show: Show, client: httpx.AsyncClient) -> None:
        show.paint(RED, (64, 36))
        async with client.stream("GET", "/preview.mjpg") as answer:
            assert answer.headers["content-type"] == "multipart/x-mixed-replace; boundary=frame"
            pictures = jpegs(answer.aiter_raw())
            assert_shows(await anext(pictures), (64, 36), RED)
            show.paint(BLUE, (128, 72))
            assert_shows(await anext(pictures), (128, 72), BLUE)

    visit(scene)


def test_a_single_jpeg_is_of_now() -> None:
    async def scene(show: Show, client: httpx.AsyncClient) -> None:
        for colour in (RED, BLUE):
            show.paint(colour)
            answer = await client.get("/preview.jpg")
            assert answer.headers["content-type"] == "image/jpeg"
            assert_shows(answer.content, (64, 36), colour)

    visit(scene)


def test_without_a_preview_the_single_jpeg_is_refused_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "STALLED_AFTER", 0.1)

    async def play() -> None:
        show = Show()
        async with asyncio.TaskGroup() as tasks:
            serving = tasks.create_task(show.panel.run())
            await show.panel.opened.wait()
            async with httpx.AsyncClient(base_url=show.panel.url, trust_env=False) as client:
                answer = await client.get("/preview.jpg")
                assert (answer.status_code, answer.json()) == (503, {"error": "there is no picture now"})
            serving.cancel()

    asyncio.run(play())


def test_a_watcher_that_leaves_is_forgotten() -> None:
    async def scene(show: Show, client: httpx.AsyncClient) -> None:
        async with client.stream("GET", "/preview.mjpg") as answer:
            await anext(jpegs(answer.aiter_raw()))
            assert show.preview.status().receivers == 1
        await until(lambda: show.preview.status().receivers == 0)

    visit(scene)


def test_a_watcher_that_stops_reading_disturbs_nobody_and_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "STALLED_AFTER", 1.0)
    noise = np.random.default_rng(1).integers(0, 255, (360, 640, 4), np.uint8)

    async def scene(show: Show, client: httpx.AsyncClient) -> None:
        with socket.socket() as stalled:
            stalled.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            stalled.connect(("127.0.0.1", show.panel.port))
            host = f"127.0.0.1:{show.panel.port}"
            stalled.sendall(f"GET /preview.mjpg HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            await until(lambda: show.preview.status().receivers == 1)

            async with client.stream("GET", "/preview.mjpg") as answer:
                pictures = jpegs(answer.aiter_raw())
                sizes: list[int] = []
                while len(sizes) < 10 or show.preview.status().receivers != 1:
                    show.put(noise)
                    sizes.append(len(await anext(pictures)))
                    assert (await client.get("/api/status")).status_code == 200
                assert min(sizes) > 100_000

    visit(scene)


def test_a_port_that_is_taken_is_said_in_a_sentence() -> None:
    async def play() -> None:
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = other.getsockname()[1]
            show = Show()
            panel = Panel("127.0.0.1", port, show.snapshot, show.act, show.preview, show.listen)
            with pytest.raises(Unavailable) as unavailable:
                await panel.run()
            assert str(unavailable.value).startswith(f"cannot show the page at http://127.0.0.1:{port}: ")
            assert not panel.opened.is_set()

    asyncio.run(play())


def test_it_stops_at_once_with_watchers_and_runs_again_on_the_same_port() -> None:
    async def play() -> None:
        show = Show()
        async with aiohttp.ClientSession() as session:
            async with show.open() as panel:
                port = panel.port
                status = await session.ws_connect(f"{panel.url}/api/events")
                await status.receive_json(timeout=10)
                picture = await session.get(f"{panel.url}/preview.mjpg")
                await picture.content.readany()
                leaving = now()
            assert now() - leaving < 5
            async with asyncio.timeout(10):
                async for message in status:
                    assert message.type is aiohttp.WSMsgType.TEXT
            assert status.closed
            picture.close()
            async with show.open() as panel:
                assert panel.port == port
                async with session.get(f"{panel.url}/api/status") as answer:
                    assert answer.status == 200

    asyncio.run(play())


@pytest.mark.parametrize(
    ("host", "url"),
    [("127.0.0.1", "http://127.0.0.1:8765"), ("0.0.0.0", "http://127.0.0.1:8765"), ("::1", "http://[::1]:8765")],
)
def test_the_url_is_one_that_a_browser_of_this_machine_can_open(host: str, url: str) -> None:
    show = Show()
    assert Panel(host, 8765, show.snapshot, show.act, show.preview, show.listen).url == url


def test_the_preview_reports_like_an_output() -> None:
    assert Show().preview.status() == OutputStatus("page", "live picture of the page", receivers=0)
