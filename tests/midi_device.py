"""A controller that is not there: another process with a MIDI input and an output at JACK, called as one likes.

with Device("APC40 mkII", server) as device:
    device.send(bytes([0xB0, 48, 64]))
    device.unplug()

`python -m tests.midi_device NAME` is that process: it does what it reads, line by line, and answers each with one.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, Self

from bridge.clock import now

if TYPE_CHECKING:
    from tests.jack import Server

_FAREWELL: Final = 2.0
_PATIENCE: Final = 5.0
_QUEUE: Final = 16384
"""Messages that it keeps until somebody asks for them."""


class Device:
    """A controller in another process, plugged in from the start."""

    def __init__(self, name: str, server: "Server") -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.midi_device", name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # libjack tells there of servers that die
            text=True,
            env={**os.environ, **server.environment},
        )
        self.plug()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process, in peace: a JACK server takes seconds to end that has seen clients die."""
        try:
            self._process.communicate(timeout=_FAREWELL)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()

    def plug(self) -> None:
        """Make its ports."""
        self._do("plug")

    def unplug(self) -> None:
        """Take its ports away."""
        self._do("unplug")

    def send(self, message: bytes) -> None:
        """Send one message."""
        self._do("send", message.hex())

    def flood(self, messages: Sequence[bytes], per_second: float) -> float:
        """Send many at an even pace; return the seconds that it took."""
        self.begin_flood(messages, per_second)
        return self.end_flood()

    def begin_flood(self, messages: Sequence[bytes], per_second: float) -> None:
        """Begin to, and return at once."""
        self._write("flood", [message.hex() for message in messages], per_second)

    def end_flood(self) -> float:
        """Wait until what `begin_flood` began is sent; return the seconds that it took."""
        return float(self._read())

    def received(self) -> list[bytes]:
        """Return what it was sent since the last time."""
        return [bytes.fromhex(one) for one in self._do("received")]

    def _do(self, *what: object) -> Any:
        self._write(*what)
        return self._read()

    def _write(self, *what: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()

    def _read(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the device's process has ended"
        return json.loads(line)


class _Ports:
    """The ports, in the process that has them."""

    def __init__(self, name: str) -> None:
        import rtmidi

        self._rtmidi = rtmidi
        self._name = name
        self._received: list[str] = []

    def plug(self) -> None:
        self._out = self._client(self._rtmidi.MidiOut)
        self._out.open_virtual_port(self._name)
        self._in = self._client(self._rtmidi.MidiIn, _QUEUE)
        self._in.ignore_types(sysex=False, timing=False, active_sense=False)
        self._in.open_virtual_port(self._name)

    def _client(self, make: Any, *more: Any) -> Any:
        """Return a client of JACK, which refuses now and then while another server of this machine starts or ends."""
        until = now() + _PATIENCE
        while True:
            try:
                return make(self._rtmidi.API_UNIX_JACK, "device", *more)
            except self._rtmidi.SystemError:
                if now() >= until:
                    raise
                time.sleep(0.1)

    def unplug(self) -> None:
        if self._in.is_deleted:
            return
        self._fetch()
        self._in.delete()
        self._out.delete()

    def send(self, message: str) -> None:
        self._out.send_message(bytes.fromhex(message))

    def flood(self, messages: list[str], per_second: float) -> float:
        began = now()
        for number, message in enumerate(messages):
            while (ahead := number / per_second - (now() - began)) > 0:
                time.sleep(ahead)
            self._out.send_message(bytes.fromhex(message))
        return now() - began

    def received(self) -> list[str]:
        if not self._in.is_deleted:
            self._fetch()
        received, self._received = self._received, []
        return received

    def _fetch(self) -> None:
        """Take what has come. No callback does: python-rtmidi lets go of one that is cancelled though a call is on its way."""
        while (event := self._in.get_message()) is not None:
            self._received.append(bytes(event[0]).hex())


def main() -> None:
    """Do what stdin says, until it ends."""
    ports = _Ports(sys.argv[1])
    for line in sys.stdin:
        what, *how = json.loads(line)
        print(json.dumps(getattr(ports, what)(*how)), flush=True)
    ports.unplug()


if __name__ == "__main__":
    main()
