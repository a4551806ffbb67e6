"""A rig for tests: the processes of a show, each started as its user would start it, and always ended."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx

from bridge.clock import now

ROOT = Path(__file__).parents[2]
Seen = TypeVar("Seen")

_pause = threading.Event()


def wait_for(what: str, look: Callable[[], Seen | None], limit: float) -> Seen:
    """Look until something is seen, and return it; fail after `limit` seconds."""
    give_up = now() + limit
    while True:
        seen = look()
        if seen:
            return seen
        assert now() < give_up, f"{what}: not within {limit} s"
        _pause.wait(0.02)


def free_port(kind: socket.SocketKind = socket.SOCK_DGRAM) -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Program:
    """A Python program of ours in its own process: its lines on stdout, its whole stderr."""

    def __init__(self, *arguments: str, environment: dict[str, str] | None = None) -> None:
        self.lines: list[str] = []
        self.errors: list[str] = []
        self._process = subprocess.Popen(
            [sys.executable, "-u", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
        )
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._readers = [
            threading.Thread(target=self._read, args=(self._process.stdout, self.lines), daemon=True),
            threading.Thread(target=self._read, args=(self._process.stderr, self.errors), daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    @staticmethod
    def _read(stream: Any, lines: list[str]) -> None:
        with stream:
            for line in stream:
                lines.append(line.rstrip("\n"))  # noqa: PERF401 -- as they come, not all at the end

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> None:
        """End it as a crash would: it cannot notice."""
        self._process.kill()
        self._process.wait()
        if self._process.stdin:
            self._process.stdin.close()

    def end(self, limit: float = 10.0) -> int:
        """Ask it to end, wait until it did, and return its exit status."""
        if self.alive:
            self._process.send_signal(signal.SIGTERM)
        try:
            status = self._process.wait(limit)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise AssertionError(f"it did not end within {limit} s of SIGTERM:\n{self.story()}") from None
        finally:
            if self._process.stdin:
                self._process.stdin.close()
            for reader in self._readers:
                reader.join(5.0)
        return status

    def wait(self, limit: float) -> int:
        """Wait until it ends by itself, and return its exit status."""
        return self._process.wait(limit)

    def story(self) -> str:
        """Return the end of what it said on stderr, for a failing test."""
        return "\n".join(self.errors[-60:])


class Rehearsal(Program):
    """A rehearsal server. `restart` brings one up on the same port."""

    def __init__(self, *options: str, port: int = 0) -> None:
        super().__init__("-m", "bridge", "rehearse", "--json", "--with-parent", "--port", str(port), *options)
        line = wait_for("the rehearsal server", self._started, 20.0)
        self.url = str(json.loads(line)["url"])
        self.port = int(self.url.rsplit(":", 1)[1])

    def _started(self) -> str | None:
        assert self.alive, self.story()
        return next((line for line in self.lines if line.startswith("{")), None)

    def fault(self, fault: str) -> None:
        """Let it fail from now on."""
        httpx.post(f"{self.url}/rehearsal/fault", json={"fault": fault}, timeout=5.0).raise_for_status()


class Bridge(Program):
    """`scope-bridge run`, with its page on a free port."""

    def __init__(self, profile: Path, state: Path, *options: str, environment: dict[str, str] | None = None) -> None:
        self.panel = free_port(socket.SOCK_STREAM)
        super().__init__(
            "-m", "bridge", "run", str(profile), "--headless", "--panel", str(self.panel), "-v", *options,
            environment={"SCOPE_BRIDGE_STATE": str(state), **(environment or {})},
        )  # fmt: skip

    def status(self) -> dict[str, Any] | None:
        """Return what the page shows; None while there is none."""
        assert self.alive, self.story()
        try:
            answer = httpx.get(f"http://127.0.0.1:{self.panel}/api/status", timeout=5.0)
        except httpx.HTTPError:
            return None
        body = answer.raise_for_status().json()
        assert isinstance(body, dict)
        return body

    def streaming(self) -> dict[str, Any] | None:
        """Return its status if frames come."""
        status = self.status()
        return status if status and status["scope"]["phase"] == "streaming" and status["scope"]["fps"] > 0 else None

    def knows(self, path: str) -> bool:
        """Do something on the page; return whether there is such a thing."""
        answer = httpx.post(f"http://127.0.0.1:{self.panel}/api/signal", json={"path": path, "values": []}, timeout=5.0)
        return answer.is_success

    def show(self, path: str, *values: float | str) -> None:
        """Do something on the page."""
        body = {"path": path, "values": list(values)}
        httpx.post(f"http://127.0.0.1:{self.panel}/api/signal", json=body, timeout=5.0).raise_for_status()
