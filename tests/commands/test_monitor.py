"""`monitor`: everything that arrives, of a running show or of ports that it opens itself."""

import asyncio
import contextlib
import io
import os
import re
import socket
import subprocess
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pythonosc.udp_client import SimpleUDPClient
from rich.console import Console

from bridge import cli
from bridge.clock import now
from bridge.commands import monitor
from bridge.commands.monitor import Everything, Monitor, Own, choose
from bridge.errors import Unavailable
from bridge.inputs import Input
from bridge.profile.inputs import InputOptions, Midi, Osc
from bridge.running import Running
from bridge.signals import Batch, Emit
from bridge.status import InputStatus

SHOW = Running(4711, "http://127.0.0.1:8765", "/shows/club.yaml", "2026-01-01")


class Source:
    """An input that a test lets say something."""

    def __init__(self, name: str, detail: str = "") -> None:
        self.name = name
        self.detail = detail
        self.emit: Emit | None = None

    async def run(self, emit: Emit) -> None:
        self.emit = emit
        await asyncio.Event().wait()

    def status(self) -> InputStatus:
        return InputStatus(self.name, f"port of {self.name}", detail=self.detail)

    async def says(self, *paths: str, value: float = 0.5) -> None:
        await until(lambda: self.emit is not None)
        assert self.emit is not None
        self.emit(Batch(now(), [(f"{self.name}/{path}", (value,)) for path in paths]))


class Sources:
    """All inputs that were opened, by name."""

    def __init__(self) -> None:
        self.opened: dict[str, Source] = {}
        self.options: dict[str, InputOptions] = {}

    def open(self, name: str, options: InputOptions) -> Input:
        self.opened[name] = Source(name)
        self.options[name] = options
        return self.opened[name]


class Daemon:
    """A show in another process, as far as its local API says."""

    def __init__(self) -> None:
        self.running: Running | None = SHOW
        self.inputs = [{"name": "td", "where": "OSC on 127.0.0.1:9000", "detail": ""}]
        self.heard: asyncio.Queue[Batch | int | None] = asyncio.Queue()

    def find(self, profile: Path | None = None) -> Running | None:
        if profile is not None and self.running is not None and self.running.profile != str(profile):
            return None
        return self.running

    async def status(self, running: Running) -> dict[str, Any]:
        return {"inputs": list(self.inputs)}

    async def signals(self, running: Running, lost: Callable[[int], None]) -> AsyncGenerator[Batch, None]:
        while (told := await self.heard.get()) is not None:
            if isinstance(told, int):
                lost(told)
            else:
                yield told
        raise Unavailable(f"the show of {running.called} has ended")


@pytest.fixture
def sources(monkeypatch: pytest.MonkeyPatch) -> Sources:
    made = Sources()
    monkeypatch.setattr(monitor, "open_input", made.open)
    return made


@pytest.fixture
def daemon(monkeypatch: pytest.MonkeyPatch) -> Daemon:
    made = Daemon()
    monkeypatch.setattr(monitor, "attached", made)
    return made


@pytest.fixture(autouse=True)
def quick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(monitor, "LOOK", 0.01)
    monkeypatch.setattr(monitor, "PERIOD", 0.01)
    monkeypatch.setenv("SCOPE_BRIDGE_STATE", str(tmp_path / "state"))


async def until(seen: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not seen():
            await asyncio.sleep(0.005)


class Screen:
    """A terminal that is read."""

    def __init__(self) -> None:
        self.file = io.StringIO()
        self.console = Console(file=self.file, width=100, height=20, force_terminal=True, color_system=None)

    def picture(self) -> str:
        """Return the newest picture, without what moves the cursor."""
        text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "\x00", self.file.getvalue())
        return re.split(r"(?:\x00|\r)*\x00(?=listening|no show)", text)[-1].replace("\x00", "")

    async def shows(self, *texts: str) -> None:
        try:
            await until(lambda: all(text in self.picture() for text in texts))
        except TimeoutError:
            raise AssertionError(self.picture()) from None


@asynccontextmanager
async def shown(watched: Monitor) -> AsyncGenerator[Screen, None]:
    screen = Screen()
    async with asyncio.TaskGroup() as tasks:
        showing = tasks.create_task(watched.show(screen.console))
        yield screen
        showing.cancel()


def test_the_inputs_of_a_profile_are_shown_with_what_they_wait_for(sources: Sources) -> None:
    async def scene() -> None:
        own = Own("club.yaml", {"apc": Midi("APC40*"), "td": Osc(9000)})
        sources.opened["apc"].detail = "waiting for a MIDI port like APC40*"
        async with shown(Monitor(own)) as screen:
            await sources.opened["td"].says("noise")
            await screen.shows("no show of club.yaml runs: its inputs were opened here", "td/noise ", "0.500")
            await screen.shows("apc  port of apc   waiting for a MIDI port like APC40*")

    asyncio.run(scene())


def test_only_the_input_that_was_asked_for_is_shown(sources: Sources) -> None:
    async def scene() -> None:
        own = Own("club.yaml", {"apc": Midi("APC40*"), "td": Osc(9000)})
        async with shown(Monitor(own, "apc")) as screen:
            await sources.opened["td"].says("noise")
            await sources.opened["apc"].says("fader/1")
            await screen.shows("apc/fader/1")
            assert "td/noise" not in screen.picture()
            assert "port of td" not in screen.picture()

    asyncio.run(scene())


def test_a_bug_or_an_absence_of_one_input_stands_beside_it_and_the_others_play_on(sources: Sources) -> None:
    async def scene() -> None:
        own = Own("club.yaml", {"apc": Midi("APC40*"), "td": Osc(9000)})

        async def fails(emit: Emit) -> None:
            raise Unavailable("python-rtmidi is not installed")

        sources.opened["apc"].run = fails  # type: ignore[method-assign]
        async with shown(Monitor(own)) as screen:
            await sources.opened["td"].says("noise")
            await screen.shows("apc  port of apc   python-rtmidi is not installed", "td/noise")

    asyncio.run(scene())


def test_without_a_profile_every_port_is_opened_also_one_that_comes_later(
    sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    there: list[tuple[str, Midi]] = []
    monkeypatch.setattr(monitor, "inputs_of_ports", lambda: list(there))

    async def scene() -> None:
        async with shown(Monitor(Everything())) as screen:
            await screen.shows(
                "no show runs: every MIDI port there is, and OSC on 127.0.0.1:9000", "no MIDI port is there"
            )
            there.append(("apc40", Midi("APC40 mkII")))
            there.append(("apc40", Midi("APC40 mkII", instance=2)))
            await until(lambda: "apc40-2" in sources.opened)
            await sources.opened["apc40-2"].says("fader/1")
            await screen.shows("apc40    port of apc40 ", "apc40-2  port of apc40-2", "apc40-2/fader/1")
            there.clear()
            await asyncio.sleep(0.05)
            assert list(sources.opened) == ["osc", "apc40", "apc40-2"], "each is opened once, and waits when it goes"
        assert sources.options["osc"] == Osc(9000)

    asyncio.run(scene())


def test_without_python_rtmidi_osc_is_heard_and_the_install_line_is_shown(
    sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent() -> list[tuple[str, Midi]]:
        raise Unavailable('python-rtmidi is not installed; run: pip install "scope-bridge[midi]"')

    monkeypatch.setattr(monitor, "inputs_of_ports", absent)

    async def scene() -> None:
        async with shown(Monitor(Everything())) as screen:
            await sources.opened["osc"].says("noise")
            await screen.shows("osc/noise", 'pip install "scope-bridge[midi]"')

    asyncio.run(scene())


def test_beside_a_show_it_opens_nothing_and_shows_what_the_show_hears(sources: Sources, daemon: Daemon) -> None:
    beside = choose(None)
    daemon.inputs.append({"name": "apc", "where": "MIDI port APC40*", "detail": "waiting for a MIDI port like APC40*"})

    async def scene() -> None:
        async with shown(Monitor(beside)) as screen:
            daemon.heard.put_nowait(
                Batch(now(), [("td/noise", (0.5,)), ("scope/fps", (15.0,)), ("panel/prompt", ("a",))])
            )
            daemon.heard.put_nowait(3)
            await screen.shows("listening to the show of club.yaml (process 4711) · http://127.0.0.1:8765")
            await screen.shows(
                "td/noise", "panel/prompt", "waiting for a MIDI port like APC40*", "3 bursts came too fast"
            )
            assert "scope/fps" not in screen.picture(), "that is no input's"

    asyncio.run(scene())
    assert sources.opened == {}


def test_a_show_that_ended_is_waited_for_and_heard_again(sources: Sources, daemon: Daemon) -> None:
    beside = choose(Path(SHOW.profile))

    async def scene() -> None:
        async with shown(Monitor(beside)) as screen:
            daemon.heard.put_nowait(Batch(now(), [("td/first", (0.5,))]))
            await screen.shows("td/first")
            daemon.running = None
            daemon.heard.put_nowait(None)
            await screen.shows(
                "the show of club.yaml (process 4711) has ended; waiting for it to come back", "not heard now"
            )
            daemon.running = replace(SHOW, pid=5000)
            daemon.heard.put_nowait(Batch(now(), [("td/second", (0.5,))]))
            await screen.shows("td/second", "(process 5000)", "OSC on 127.0.0.1:9000")
            assert "not heard now" not in screen.picture()

    asyncio.run(scene())


def test_of_another_profile_its_own_inputs_are_opened(tmp_path: Path, sources: Sources, daemon: Daemon) -> None:
    path = tmp_path / "club.yaml"
    path.write_text("inputs: {td: {osc: 9000}, cam: {video: {pattern: bars}}}\nstart: {prompt: reef}\n")

    own = choose(path)

    assert own.head == "no show of club.yaml runs: its inputs were opened here"
    assert own.names == ["td"], "video brings no signals"


def lines_of(source: monitor.Source, say: Callable[[], Awaitable[None]], only: str | None = None) -> list[str]:
    out, err = io.StringIO(), io.StringIO()

    async def scene() -> None:
        async with asyncio.TaskGroup() as tasks:
            telling = tasks.create_task(Monitor(source, only).tell(Console(file=out)))
            await say()
            await asyncio.sleep(0.05)
            telling.cancel()

    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        asyncio.run(scene())
    return err.getvalue().splitlines() + [line.partition(" ")[2] for line in out.getvalue().splitlines()]


def test_plain_is_a_line_for_each_message(sources: Sources) -> None:
    own = Own("club.yaml", {"td": Osc(9000), "apc": Midi("*")})

    async def say() -> None:
        await sources.opened["td"].says("noise", "noise", "go")
        await sources.opened["apc"].says("cc/1/1", value=1.0)

    head = "no show of club.yaml runs: its inputs were opened here"
    assert lines_of(own, say) == [head, "td/noise 0.5", "td/noise 0.5", "td/go 0.5", "apc/cc/1/1 1"]
    assert lines_of(Own("club.yaml", {"td": Osc(9000), "apc": Midi("*")}), say, "apc") == [head, "apc/cc/1/1 1"]


def test_an_input_that_there_is_not_is_refused_with_those_there_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "club.yaml"
    path.write_text("inputs: {stage: {osc: 9000}}\nstart: {prompt: reef}\n")

    assert cli.main(["monitor", str(path), "--input", "stag"]) == 1
    assert cli.main(["monitor", str(path), "--input", "apc"]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "scope-bridge monitor: there is no input called 'stag': did you mean 'stage'?",
        "scope-bridge monitor: there is no input called 'apc': there are stage",
    ]


def test_the_whole_command_hears_osc_and_ends_in_time(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    path = tmp_path / "club.yaml"
    path.write_text(f"inputs: {{td: {{osc: {port}}}}}\nstart: {{prompt: reef}}\n")
    osc = SimpleUDPClient("127.0.0.1", port)
    with (
        osc,
        subprocess.Popen(
            [sys.executable, "-m", "bridge", "monitor", str(path), "--for", "0.7"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        ) as process,
    ):
        assert process.stderr is not None
        assert process.stdout is not None
        assert "its inputs were opened here" in process.stderr.readline()
        while process.poll() is None:
            osc.send_message("/noise", [0.25, "a reef"])
            with contextlib.suppress(TimeoutError):
                osc.receive(0.02)
        out, err = process.communicate(timeout=20)
    assert process.returncode == 0, err
    assert err == ""
    assert {line.partition(" ")[2] for line in out.splitlines()} == {'td/noise 0.25 "a reef"'}
