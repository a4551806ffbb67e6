"""The command line: exit statuses, and an end without a word when nobody reads any more."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bridge import cli

ROOT = Path(__file__).parents[1]
DEMO = str(ROOT / "mappings" / "demo.yaml")
KICK = str(ROOT / "tests" / "captures" / "kick.jsonl")


def unread(*words: str) -> tuple[int, str]:
    """Return the status of a command whose output nobody reads, and what it said of that."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "bridge", *words], stdout=writer, stderr=subprocess.PIPE, text=True, timeout=60
        )
    finally:
        os.close(writer)
    return ended.returncode, ended.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such pipes there")
@pytest.mark.parametrize(
    "words",
    [
        ("check", DEMO),
        ("replay", KICK, "--to", "json"),
        ("replay", KICK, "--to", "timeline"),
        ("explain", DEMO, "td/noise", "0.5"),
    ],
    ids=lambda words: " ".join(word for word in words if "/" not in word),
)
def test_a_reader_that_is_gone_ends_a_command_without_a_word(words: tuple[str, ...]) -> None:
    status, said = unread(*words)

    assert status == cli.GONE
    assert "Traceback" not in said
    assert "BrokenPipe" not in said


def test_another_pipe_that_breaks_is_no_quiet_end(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> int:
        near, far = socket.socketpair()
        with near, far:
            far.close()
            while True:
                near.send(b"x")

    monkeypatch.setattr("bridge.commands.schema.run", broken)

    with pytest.raises(ExceptionGroup) as raised:
        cli.main(["schema"])
    assert raised.group_contains(BrokenPipeError)


def test_ctrl_c_ends_a_command_without_a_traceback_even_before_it_has_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("bridge.commands.schema.configure", interrupted)

    assert cli.main(["schema"]) == 0
