"""Tools beside a running show: a real app with its page, and what can be asked of it."""

import asyncio
import os
import socket
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pythonosc.udp_client import SimpleUDPClient

from bridge import attached, running
from bridge.app import App, Options
from bridge.clock import now
from bridge.errors import Unavailable
from bridge.inputs.osc import OscInput
from bridge.running import Running
from bridge.signals import Batch


def free_port(kind: socket.SocketKind = socket.SOCK_DGRAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SCOPE_BRIDGE_STATE", str(tmp_path / "state"))
    return tmp_path / "state" / "running"


@asynccontextmanager
async def show(folder: Path) -> AsyncGenerator[tuple[App, SimpleUDPClient], None]:
    """Play a profile with one OSC input, called `td`, on a server that is not there."""
    port = free_port()
    path = folder / "club.yaml"
    path.write_text(
        f"scope: http://127.0.0.1:{free_port(socket.SOCK_STREAM)}\ninputs: {{td: {{osc: {port}}}}}\n"
        "start: {prompt: reef}\nroutes: [td/noise -> noise_scale]\n",
        encoding="utf-8",
    )
    app = App(path, Options(panel_port=0))
    async with asyncio.TaskGroup() as tasks:
        playing = tasks.create_task(app.run())
        async with asyncio.timeout(10):
            await app.panel.opened.wait()
            heard = app.inputs["td"]
            assert isinstance(heard, OscInput)
            await heard.listening.wait()
            while not running.shows():
                await asyncio.sleep(0.01)
        osc = SimpleUDPClient("127.0.0.1", port)
        with osc:
            yield app, osc
        playing.cancel()


async def until(seen: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not seen():
            await asyncio.sleep(0.01)


def play(scene: Coroutine[Any, Any, None]) -> None:
    async def at_most() -> None:
        async with asyncio.timeout(30):
            await scene

    asyncio.run(at_most())


async def of_input(batches: AsyncGenerator[Batch, None]) -> tuple[str, tuple[object, ...]]:
    """Return the next sample of `td`: the show also hears how its Scopes are."""
    async for batch in batches:
        for path, values in batch.samples:
            if path.startswith("td/"):
                return path, values
    raise AssertionError("it has ended")


def test_a_running_show_is_found_and_says_what_arrives_until_it_ends(tmp_path: Path, state: Path) -> None:
    async def scene() -> None:
        async with show(tmp_path) as (app, osc):
            found = await asyncio.to_thread(attached.find, tmp_path / "sub" / ".." / "club.yaml")
            assert found == await asyncio.to_thread(attached.find)
            assert found is not None
            assert (found.pid, found.url, found.profile) == (os.getpid(), app.panel.url, str(tmp_path / "club.yaml"))
            assert await asyncio.to_thread(attached.find, tmp_path / "other.yaml") is None
            taps = len(app._taps)
            async with aclosing(attached.signals(found)) as batches:
                waiting = asyncio.ensure_future(anext(batches))  # noqa: TID251
                await until(lambda: len(app._taps) > taps)
                osc.send_message("/noise", [0.5, 7, "zwei\u2028Zeilen", b"\x00\x01"])
                batch = await waiting
                while not any(path == "td/noise" for path, _ in batch.samples):
                    batch = await anext(batches)
                assert dict(batch.samples)["td/noise"] == (0.5, 7, "zwei\u2028Zeilen", "2 bytes")
                assert abs(batch.time - now()) < 5, "both have the same clock"
                osc.send_message("/go", [])
                assert await of_input(batches) == ("td/go", ())
            await until(lambda: len(app._taps) == taps)
        assert await asyncio.to_thread(attached.find) is None

    play(scene())
    assert list(state.iterdir()) == []


def test_a_show_that_ends_is_said_in_a_sentence(tmp_path: Path) -> None:
    async def scene() -> None:
        async with show(tmp_path) as (app, osc):
            found = await asyncio.to_thread(attached.find)
            assert found is not None
            assert (await attached.status(found))["inputs"][0]["where"].startswith("OSC on 127.0.0.1:")
            batches = attached.signals(found)
            waiting = asyncio.ensure_future(of_input(batches))  # noqa: TID251
            await until(lambda: app._taps)
            osc.send_message("/x", [1.0])
            assert await waiting == ("td/x", (1.0,))
        with pytest.raises(Unavailable, match=r"the show of club\.yaml \(process \d+\) has ended"):
            await of_input(batches)
        with pytest.raises(Unavailable, match=r"the show of club\.yaml \(process \d+\) cannot be reached at http"):
            await anext(attached.signals(found))
        with pytest.raises(Unavailable, match="cannot be reached at http"):
            await attached.status(found)

    play(scene())


def test_a_tool_that_is_slow_is_told_what_it_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bridge.console.panel.server.SIGNALS_PERIOD", 0.2)
    monkeypatch.setattr("bridge.console.panel.signals.Listener.__init__.__defaults__", (10,))
    lost: list[int] = []

    async def scene() -> None:
        async with show(tmp_path) as (app, osc):
            found = await asyncio.to_thread(attached.find)
            assert found is not None
            async with aclosing(attached.signals(found, lost.append)) as batches:
                waiting = asyncio.ensure_future(of_input(batches))  # noqa: TID251
                await until(lambda: app._taps)
                osc.send_message("/first", [0])
                assert await waiting == ("td/first", (0,))
                for number in range(100):
                    app.emit(Batch(1.0, [("td/x", (number,))]))
                assert await of_input(batches) == ("td/x", (90,))
                assert lost == [90]

    play(scene())


def test_where_nobody_listens_is_no_show_and_of_two_at_one_place_the_newer_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as page:
        page.bind(("127.0.0.1", 0))
        page.listen()
        url = f"http://127.0.0.1:{page.getsockname()[1]}"
        one = Running(1, url, str(tmp_path / "club.yaml"), "2026-01-02")
        left = replace(one, pid=2, profile=str(tmp_path / "old.yaml"), started="2026-01-01")
        dead = replace(one, pid=3, url=f"http://127.0.0.1:{free_port(socket.SOCK_STREAM)}", started="2026-01-03")
        nonsense = replace(one, pid=4, url="what", started="2026-01-04")
        monkeypatch.setattr("bridge.attached.shows", lambda: [nonsense, dead, one, left])

        assert attached.find() == one
        assert attached.find(tmp_path / "old.yaml") is None
        assert list(attached.all_of()) == [one]
