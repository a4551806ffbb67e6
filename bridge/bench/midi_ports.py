"""MIDI ports: how long a message takes from the driver's thread to the event loop, and whether any is lost in a flood.

The flood comes from another process, through JACK, which is the only system of real ports on a machine whose kernel has no
sequencer. A server without a sound card is started for it where `jackd` is there.
"""

import asyncio
import contextlib
import os
import queue
import random
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import Final

from bridge.bench.measuring import Effort, Figure, Part
from bridge.clock import now
from bridge.errors import Refused
from bridge.inputs.midi import MidiInput
from bridge.inputs.midi.arrivals import Arrivals
from bridge.inputs.midi.port import FRESH, ports
from bridge.profile.inputs import Midi
from bridge.signals import Batch

TIMES: Final = 400
"""Messages that are timed."""
BUSY: Final = (0.0002, 0.0006)
RARE: Final = (0.005, 0.02)
"""Seconds between them: hands on several faders, and a single button, for which the processor must wake up first."""
POLLS: Final = 120
"""How often a second the peer looks."""
SOONER: Final = 1 / 200
"""The highest ratio to the peer that will do."""
PORTS: Final = 2
PER_SECOND: Final = 10_000
"""Messages of all ports together."""
LONG: Final = 10.0
SHORT: Final = 2.0
"""Seconds of the flood: `SHORT` for a quick look."""
PATIENCE: Final = 10.0
"""Seconds that a process or a server has to begin, or what was sent to arrive."""
CALLED: Final = "bench"


# From the driver's thread to the event loop


def _callback(effort: Effort) -> Iterator[Figure]:
    """Put messages from a thread, as the driver does, and into a queue that the same loop looks into."""
    for name, apart, times, target in (
        ("while hands move", BUSY, 10 * TIMES, SOONER),
        ("out of sleep", RARE, TIMES, None),
    ):
        woken, polled = asyncio.run(_timed(max(40, effort.times(times)), apart))
        yield Figure(
            f"driver's thread to event loop, {name}",
            median(woken) * 1e6,
            "µs",
            f"a queue, looked into {POLLS} times a second",
            median(polled) * 1e6,
            target,
        )


async def _timed(count: int, apart: tuple[float, float]) -> tuple[list[float], list[float]]:
    woken: list[float] = []
    polled: list[float] = []
    peer: queue.SimpleQueue[float] = queue.SimpleQueue()
    batches: list[Batch] = []

    def arrived() -> None:
        while arrivals.waiting:
            at, _ = arrivals.waiting.popleft()
            batches.append(Batch(at, [("bench/cc/1/1", (1.0,))]))
            woken.append(now() - at)

    def driver() -> None:
        chance = random.Random(1)
        for _ in range(count):
            time.sleep(chance.uniform(*apart))
            peer.put(now())
            time.sleep(chance.uniform(*apart))
            arrivals.put([0xB0, 1, 127])

    arrivals = Arrivals(arrived)
    thread = threading.Thread(target=driver, name="bench driver")
    thread.start()
    while thread.is_alive() or not peer.empty():
        await asyncio.sleep(1 / POLLS)
        with contextlib.suppress(queue.Empty):
            while True:
                polled.append(now() - peer.get_nowait())
    await asyncio.sleep(0)  # what the thread put last has woken the loop
    return woken, polled


# A flood


def _flood(effort: Effort) -> Iterator[Figure]:
    """Count what comes of what another process sends through its ports, all at once."""
    seconds = LONG if effort.scale == 1.0 else SHORT
    each = round(seconds * PER_SECOND / PORTS)
    command = [sys.executable, "-m", "bridge.bench.midi_ports", str(each), str(PER_SECOND / PORTS)]
    with _jack():
        sender = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        try:
            heard = asyncio.run(_heard(sender, each))
        finally:
            sender.kill()
            sender.communicate()
    name = f"lost of {each * PORTS:,} messages, {PER_SECOND:,} a second, {PORTS} ports of another process"
    yield Figure(name, each * PORTS - heard, "messages", target=0)


async def _heard(sender: "subprocess.Popen[bytes]", each: int) -> int:
    """Return how many of the messages arrived, in their order."""
    await _until(lambda: len(ports().inputs) >= PORTS, "the ports of the sender are not there")
    listening = [_Counting(number) for number in range(PORTS)]
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(one.input.run(one.take)) for one in listening]
        await _until(lambda: all(one.input.listening for one in listening), "the ports of the sender do not open")
        await asyncio.to_thread(sender.communicate, b"go\n")
        with contextlib.suppress(Refused):
            await _until(lambda: all(one.count >= each for one in listening), "")
        for task in running:
            task.cancel()
    return sum(one.count for one in listening)


class _Counting:
    """An input whose messages are counted as long as each is the one after the last."""

    def __init__(self, number: int) -> None:
        self.input = MidiInput(f"bench{number}", Midi(_port(number)))
        self.count = 0

    def take(self, batch: Batch) -> None:
        for _, values in batch.samples:
            if values == (_value(self.count) / 127,):
                self.count += 1


def _port(number: int) -> str:
    return f"Scope Bridge's bench {number}"


def _value(number: int) -> int:
    return number % 127 + 1


async def _until(fulfilled: Callable[[], bool], otherwise: str) -> None:
    until = now() + PATIENCE
    while not fulfilled():
        if now() >= until:
            raise Refused(otherwise)
        await asyncio.sleep(0.02)


@contextlib.contextmanager
def _jack() -> Iterator[None]:
    """Have a JACK server: one of our own where `jackd` is there, else the one that runs."""
    if shutil.which("jackd") is None:
        if "JACK" not in ports().apis:
            raise Refused("the flood needs JACK: install jackd2, or start a JACK server")
        yield
        return
    name = f"{CALLED}-{os.getpid()}"
    before = os.environ.get("JACK_DEFAULT_SERVER")
    # `-S -t`: it waits for whoever is late, so that no message is lost within JACK on a machine without real-time priority.
    server = subprocess.Popen(
        ["jackd", "-n", name, "-r", "-S", "-t", "5000", "-d", "dummy", "-r", "48000", "-p", "256"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.environ["JACK_DEFAULT_SERVER"] = name
    try:
        until = now() + PATIENCE
        while "JACK" not in ports().apis:
            if server.poll() is not None or now() >= until:
                raise Refused("the flood needs JACK, and jackd does not start here")
            time.sleep(0.1)
        yield
    finally:
        if before is None:
            del os.environ["JACK_DEFAULT_SERVER"]
        else:
            os.environ["JACK_DEFAULT_SERVER"] = before
        time.sleep(2 * FRESH)
        ports()  # lets go of the server as long as it can take notice
        server.terminate()
        try:
            server.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _send(each: int, per_second: float) -> None:
    """Be the other process: make the ports, wait for a line, send, and stay until it has arrived."""
    import rtmidi

    made = []
    for number in range(PORTS):
        port = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, CALLED)
        port.open_virtual_port(_port(number))
        made.append(port)
    sys.stdin.readline()
    began = now()
    for number in range(each):
        while (ahead := number / per_second - (now() - began)) > 0:
            time.sleep(ahead)
        for port in made:
            port.send_message([0xA0, number % 128, _value(number)])
    for port in made:
        port.delete()  # what is on its way goes first


PARTS: Final = {"callback": Part(_callback), "flood": Part(_flood)}


if __name__ == "__main__":
    _send(int(sys.argv[1]), float(sys.argv[2]))
