"""`capture`: what a rig sends, on disk."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from pythonosc.osc_message_builder import OscMessageBuilder

from bridge import capture, cli
from bridge.capture import Header, Writer
from bridge.commands.capture import record
from bridge.signals import Batch, Emit
from bridge.status import InputStatus


class Source:
    """An input that has so much to say."""

    name = "td"

    def __init__(self, *batches: Batch) -> None:
        self._batches = batches

    async def run(self, emit: Emit) -> None:
        for batch in self._batches:
            emit(batch)
        await asyncio.Event().wait()

    def status(self) -> InputStatus:
        return InputStatus(self.name, "a test")


def test_every_batch_of_every_input_is_in_the_file(tmp_path: Path) -> None:
    batches = [Batch(100.0 + number, [(f"td/{number}", (number,))]) for number in range(3)]

    async def for_a_moment(writer: Writer) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.1):
                await record([Source(*batches[:2]), Source2(batches[2])], writer)

    class Source2(Source):
        name = "apc"

    with Writer(tmp_path / "a.jsonl", Header("club.yaml", ""), lambda: 100.0) as writer:
        asyncio.run(for_a_moment(writer))

    heard = [line for line in capture.read(tmp_path / "a.jsonl") if isinstance(line, Batch) and line.samples]
    assert sorted(heard) == batches


def test_a_recording_that_ends_before_its_time_ends_the_command(tmp_path: Path) -> None:
    async def until_trouble(writer: Writer) -> None:
        async with asyncio.timeout(20):
            await record([Source()], writer)

    with Writer(tmp_path / "a.jsonl", Header("club.yaml", ""), lambda: 100.0) as writer:
        writer.trouble = "the disk is too slow"
        asyncio.run(until_trouble(writer))


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.mark.skipif(sys.platform == "win32", reason="nobody can press Ctrl-C in another process there")
def test_it_records_osc_until_ctrl_c_and_the_capture_replays(tmp_path: Path) -> None:
    port = free_port()
    house, club, file = tmp_path / "house.yaml", tmp_path / "club.yaml", tmp_path / "night.jsonl"
    house.write_text("start: {prompt: reef}\n", encoding="utf-8")
    club.write_text(
        f"extends: house.yaml\ninputs: {{td: {{osc: {port}}}}}\nroutes: [td/scale -> param/scale]\n",
        encoding="utf-8",
    )
    message = OscMessageBuilder("/scale")
    message.add_arg(0.5)
    datagram = message.build().dgram
    process = subprocess.Popen(
        [sys.executable, "-m", "bridge", "capture", str(club), str(file)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        assert process.stderr is not None
        assert process.stderr.readline() == f"recording into {file}; Ctrl-C ends it\n"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            while not file.exists() or b'[["td/scale"' not in file.read_bytes():
                sender.sendto(datagram, ("127.0.0.1", port))
                sender.settimeout(0.05)
                with contextlib.suppress(OSError):
                    sender.recv(1)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    finally:
        process.kill()
        process.wait()

    lines = list(capture.read(file))
    heard = [sample for line in lines if isinstance(line, Batch) for sample in line.samples]
    assert process.returncode == 0, err
    assert set(heard) == {("td/scale", (0.5,))}
    assert out == f"{len(heard)} signals in {file}\n"
    assert isinstance(lines[-1], Batch)
    assert lines[-1].samples == [], "the last line says when it ended"
    assert capture.read(file).header.files == {"house.yaml": "start: {prompt: reef}\n"}
    assert cli.main(["replay", str(file), "--to", "json"]) == 0


def test_a_place_that_cannot_be_written_fails_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    club = tmp_path / "club.yaml"
    club.write_text("inputs: {td: {osc: 9000}}\nstart: {prompt: reef}\n", encoding="utf-8")

    assert cli.main(["capture", str(club), str(tmp_path / "nowhere" / "a.jsonl")]) == 1
    assert "cannot write" in capsys.readouterr().err


def test_a_profile_with_problems_records_nothing(tmp_path: Path) -> None:
    club = tmp_path / "club.yaml"
    club.write_text("inputs: {td: {osk: 9000}}\n", encoding="utf-8")

    assert cli.main(["capture", str(club), str(tmp_path / "a.jsonl")]) == 2
    assert not (tmp_path / "a.jsonl").exists()
