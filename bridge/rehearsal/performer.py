"""The simulated performer: hands on four controls, sent as TouchDesigner sends them.

    python -m bridge.rehearsal.performer --to 127.0.0.1:9000 --seconds 10

60 bundles a second over UDP, each beginning with `/_samplerate` and stamped a little ahead of time, with `/noise`, `/vace`,
`/mood` and `/speed` moving as hands move (a reach, a rest, a reach), `/probe` counting the bundles, and now and then
`/prompt` with a name. When it is over the last values stay as they are, and one line of JSON says what was sent.
"""

import argparse
import contextlib
import json
import math
import os
import random
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from datetime import datetime

from pythonosc.osc_bundle_builder import OscBundleBuilder
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

from bridge.clock import now

RATE = 60
"""Bundles per second."""
AHEAD = 0.03
"""How far ahead of its clock TouchDesigner stamps a bundle, in seconds."""
PROMPTS = ("neon", "ember", "aurora", "reef")
"""The names that are sent in turn."""
FIRST_PROMPT, NEXT_PROMPT = 2.0, 5.0
"""When the first name is sent, and how long after it the next, in seconds."""
CONTROLS = {"/noise": (0.0, 1.0), "/vace": (0.0, 2.0), "/mood": (0.0, 1.0), "/speed": (0.0, 1.0)}
"""What the hands move, and how far."""


def hand(low: float, high: float, chance: random.Random) -> Iterator[float]:
    """Yield a control's positions, `RATE` per second, for ever: reaches of up to a second and a half, and rests."""
    place = chance.uniform(low, high)
    while True:
        target = chance.uniform(low, high)
        steps = max(1, round(RATE * chance.uniform(0.2, 1.5)))
        for step in range(1, steps + 1):
            part = step / steps
            yield place + (target - place) * part**3 * (10 - 15 * part + 6 * part**2)  # no jerk: how an arm moves
        place = target
        for _ in range(round(RATE * chance.uniform(0.1, 0.9))):
            yield place


def bundle(values: dict[str, float], probe: int, at: float) -> bytes:
    """Return one bundle as TouchDesigner builds it, stamped with the wall-clock time `at`."""
    builder = OscBundleBuilder(at)  # type: ignore[arg-type]  # it takes seconds with a fraction, and says int
    builder.add_content(_message("/_samplerate", float(RATE), "f"))
    for address, value in values.items():
        builder.add_content(_message(address, value, "f"))
    builder.add_content(_message("/probe", probe, "i"))
    return builder.build().dgram


def _message(address: str, value: float | str, tag: str) -> OscMessage:
    builder = OscMessageBuilder(address)
    builder.add_arg(value, tag)
    return builder.build()


def perform(host: str, port: int, seconds: float, seed: int, ended: threading.Event) -> tuple[int, int]:
    """Play for `seconds` or until `ended`. Return how many bundles were sent, and the last probe."""
    hands = {address: hand(*span, random.Random(f"{seed}{address}")) for address, span in CONTROLS.items()}
    family = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
    bundles = 0
    prompts = 0
    with socket.socket(family[0], socket.SOCK_DGRAM) as sender:
        begun = now()
        tick = 0
        while not ended.wait(max(0.0, begun + tick / RATE - now())):
            at = now() - begun
            if at >= seconds:
                break
            values = {address: next(place) for address, place in hands.items()}
            _send(sender, bundle(values, bundles + 1, datetime.now().timestamp() + AHEAD), family[4])
            bundles += 1
            if at >= FIRST_PROMPT + prompts * NEXT_PROMPT:
                _send(sender, _message("/prompt", PROMPTS[prompts % len(PROMPTS)], "s").dgram, family[4])
                prompts += 1
            tick = max(tick + 1, math.floor((now() - begun) * RATE))  # what a stall swallowed is not made up for
    return bundles, bundles


def _send(sender: socket.socket, datagram: bytes, address: tuple[object, ...]) -> None:
    with contextlib.suppress(ConnectionRefusedError):  # nobody listens yet, or no more: a rig does not care
        sender.sendto(datagram, address)


def main() -> int:
    """Run as a program. Return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m bridge.rehearsal.performer", description="Sends OSC as a VJ's rig does."
    )
    parser.add_argument("--to", default="127.0.0.1:9000", metavar="HOST:PORT", help="where to (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=math.inf, help="for how long (default: until interrupted)")
    parser.add_argument("--seed", type=int, default=1, help="another seed, another performance")
    parser.add_argument("--with-parent", action="store_true", help="end when standard input is closed")
    arguments = parser.parse_args()
    host, colon, port = arguments.to.rpartition(":")
    if not colon or not port.isdigit():
        parser.error(f"--to needs HOST:PORT, not {arguments.to!r}")
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    if arguments.with_parent:
        threading.Thread(target=_until_closed, args=(ended,), name="parent", daemon=True).start()
    bundles, last = perform(host.strip("[]"), int(port), arguments.seconds, arguments.seed, ended)
    sys.stdout.write(json.dumps({"bundles": bundles, "last_probe": last}) + "\n")
    sys.stdout.flush()
    return 0


def _until_closed(ended: threading.Event) -> None:
    while os.read(0, 4096):
        pass
    ended.set()


if __name__ == "__main__":
    sys.exit(main())
