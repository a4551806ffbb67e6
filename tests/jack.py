"""JACK servers of one's own, without a sound card: real MIDI ports on a machine whose kernel has no sequencer.

with jack.server() as server:
    device = Device("APC40 mkII", server)
"""

import contextlib
import fcntl
import glob
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

import pytest

from bridge.clock import now

_NAMES: Final = 6
_PATIENCE: Final = 10.0
_FAREWELL: Final = 2.0
_PLACES: Final = "/dev/shm/jack-shm-registry"


class Server:
    """A JACK server that only those know who know its name.

    There are few names, and each is one server's until `end`: JACK has eight places, and a server that was killed keeps its own
    until one of the same name starts.
    """

    def __init__(self) -> None:
        self.name, self._lock = _free_name()
        self._process: subprocess.Popen[bytes] | None = None
        self._crashed = False

    @property
    def environment(self) -> dict[str, str]:
        """What a process must have in its environment to come to this server, and to start no other."""
        return {"JACK_DEFAULT_SERVER": self.name, "JACK_NO_START_SERVER": "1"}

    def use(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Have this process come to this server."""
        for name, value in self.environment.items():
            monkeypatch.setenv(name, value)

    def start(self) -> None:
        """Return when it answers."""
        self._crashed = False
        # Two that start at the same moment disturb each other, on a machine where several test.
        with open(Path(tempfile.gettempdir()) / "scope-bridge-jack.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not self._starts():
                # Servers that were killed keep their places, of which there are eight, until one of the same name starts.
                assert not _any_runs(), "jackd ended at once"
                with contextlib.suppress(FileNotFoundError):
                    os.remove(_PLACES)
                assert self._starts(), "jackd ended at once"

    def _starts(self) -> bool:
        # `-S -t`: it waits for whoever is late. No thread has real-time priority here, and a busy machine would lose messages
        # within JACK.
        self._process = process = subprocess.Popen(
            ["jackd", "-n", self.name, "-r", "-S", "-t", "5000", "-d", "dummy", "-r", "48000", "-p", "256"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = now() + _PATIENCE
        while not self._answers():
            if process.poll() is not None:
                return False
            assert now() < until, "jackd does not answer"
            time.sleep(0.01)
        return True

    def stop(self, by: signal.Signals = signal.SIGTERM) -> None:
        """End it, if it runs; `SIGKILL` is a crash."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(by)
        self._crashed = by == signal.SIGKILL
        try:
            process.wait(_FAREWELL)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            self._crashed = True
        for left in glob.glob(f"/dev/shm/jack*{glob.escape(self.name)}_*"):
            os.remove(left)

    def end(self) -> None:
        """End it for good."""
        self.stop()
        if self._crashed:  # it has its place still, until one of the same name has gone in peace
            self.start()
            self.stop()
        self._lock.close()

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as asking:
            try:
                asking.connect(f"/dev/shm/jack_{self.name}_{os.getuid()}_0")
            except OSError:
                return False
        return True


def _free_name() -> tuple[str, IO[str]]:
    """Return a name that no other server has, and the open file that keeps it so."""
    for number in range(_NAMES):
        name = f"scope-bridge-{number}"
        lock = open(Path(tempfile.gettempdir()) / f"{name}.lock", "w")  # noqa: SIM115 -- for as long as the server lives
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
        else:
            return name, lock
    raise AssertionError(f"{_NAMES} JACK servers are running for tests already")


def _any_runs() -> bool:
    """Whether there is any JACK server on this machine."""
    for path in glob.glob("/proc/[0-9]*/comm"):
        with contextlib.suppress(OSError), open(path) as file:
            if file.read().strip() == "jackd":
                return True
    return False


@contextmanager
def server() -> Iterator[Server]:
    """Give a server that runs, and end it. Without jackd the test fails in CI, and is skipped elsewhere."""
    if shutil.which("jackd") is None:
        if os.environ.get("CI"):
            pytest.fail("there is no jackd, which CI must have: install jackd2")
        pytest.skip("there is no jackd: install jackd2")
    made = Server()
    try:
        made.start()
        yield made
    finally:
        made.end()
