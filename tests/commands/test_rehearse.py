"""`scope-bridge rehearse`: its options become those of the server, and a process of it does as they say."""

import argparse
import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from bridge.commands import rehearse
from bridge.rehearsal.faults import Fault, Planned
from bridge.rehearsal.server import Options

LIMIT = 30.0


def options(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Options:
    """Return what the server is started with."""
    started: list[Options] = []

    async def serve(options: Options, *_: Any) -> None:
        started.append(options)

    monkeypatch.setattr(rehearse, "_serve", serve)
    parser = argparse.ArgumentParser()
    rehearse.configure(parser)
    assert rehearse.run(parser.parse_args(arguments)) == 0
    return started[0]


def test_without_options_the_server_is_as_usual(monkeypatch: pytest.MonkeyPatch) -> None:
    assert options(monkeypatch) == Options()


@pytest.mark.parametrize(
    ("arguments", "changed"),
    [
        (["--port", "0", "--host", "::1"], {"port": 0, "host": "::1"}),
        (["--chunk", "0.5", "--frames", "4", "--fps", "30"], {"chunk": 0.5, "frames": 4, "fps": 30.0}),
        (["--jitter", "0.25"], {"jitter": 0.25}),
        (["--first-chunk", "20"], {"first_chunk": 20.0}),
        (["--load-seconds", "0"], {"load_seconds": 0.0}),
        (["--vram", "24"], {"vram": 24.0}),
        (["--vram", "0"], {"vram": None}),
        (["--dialect", "beta3"], {"dialect": "beta3"}),
        (["--loras", "l", "--assets", "a"], {"loras": Path("l"), "assets": Path("a")}),
        (
            ["--missing", "longlive", "--missing", "rife", "--download-seconds", "1"],
            {"missing": ("longlive", "rife"), "download_seconds": 1.0},
        ),
        (
            ["--fault", "crash:10", "--fault", "lag:150", "--fault", "deaf@2"],
            {"faults": (Planned(Fault.CRASH, 10.0), Planned(Fault.LAG, None, 150.0), Planned(Fault.DEAF, 2.0))},
        ),
    ],
)
def test_every_option_reaches_the_server(
    arguments: list[str], changed: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert options(monkeypatch, *arguments) == replace(Options(), **changed)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--jitter", "2"], "0 to 1"),
        (["--vram", "-1"], "GB"),
        (["--vram", "much"], "GB"),
        (["--first-chunk", "-1"], "seconds"),
        (["--dialect", "klingon"], "beta3"),
        (["--missing", "gray"], "needs no models"),
        (["--loras", __file__], "is no folder"),
        (["--fault", "lag"], "lag:MS"),
        (["--fault", "burn"], "slow-load:SECONDS"),
    ],
)
def test_wrong_ones_say_what_would_be_right(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    parser = argparse.ArgumentParser()
    rehearse.configure(parser)
    with pytest.raises(SystemExit) as ended:
        parser.parse_args(arguments)

    assert ended.value.code == 2
    assert said in capsys.readouterr().err


@contextlib.contextmanager
def process(*arguments: str) -> Iterator[str]:
    """Start a server of its own, and yield its URL."""
    command = [sys.executable, "-m", "bridge", "rehearse", "--port", "0", "--json", "--with-parent", *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        try:
            yield json.loads(running.stdout.readline())["url"]
        finally:
            running.kill()


def test_a_process_does_as_its_options_say() -> None:
    with process("--vram", "24", "--fault", "load-error", "--load-seconds", "0") as url:
        assert httpx.get(f"{url}/api/v1/hardware/info", timeout=LIMIT).json()["vram_gb"] == 24.0
        httpx.post(f"{url}/api/v1/pipeline/load", json={"pipeline_ids": ["longlive"]}, timeout=LIMIT)
        while (status := httpx.get(f"{url}/api/v1/pipeline/status", timeout=LIMIT).json()["status"]) == "loading":
            pass
        assert status == "error"


def test_a_folder_that_cannot_be_had_is_one_clear_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    command = [sys.executable, "-m", "bridge", "rehearse", "--port", "0", "--loras", str(tmp_path / "file" / "lora")]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=False)

    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    assert "cannot keep files in" in ended.stderr
