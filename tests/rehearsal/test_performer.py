"""The performer must look like TouchDesigner on the wire, and be as calm as a hand."""

import contextlib
import json
import random
import socket
import subprocess
import sys
from datetime import datetime
from itertools import islice, pairwise

from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_message import OscMessage

from bridge.rehearsal.performer import AHEAD, PROMPTS, RATE, hand


def test_a_hand_stays_on_its_control_and_does_not_jump() -> None:
    places = list(islice(hand(0.0, 2.0, random.Random(3)), 60 * RATE))

    assert min(places) >= 0.0
    assert max(places) <= 2.0
    assert max(places) - min(places) > 1.0
    assert max(abs(after - before) for before, after in pairwise(places)) < 0.35


def test_what_it_sends_is_what_touchdesigner_sends() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind(("127.0.0.1", 0))
        command = [sys.executable, "-m", "bridge.rehearsal.performer", "--seconds", "2.3"]
        before = datetime.now().timestamp()
        performance = subprocess.run(
            [*command, "--to", f"127.0.0.1:{ear.getsockname()[1]}"],
            stdout=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            timeout=20,
            check=True,
        )
        after = datetime.now().timestamp()
        ear.setblocking(False)
        datagrams = []
        with contextlib.suppress(BlockingIOError):  # all of it waits in the socket
            while True:
                datagrams.append(ear.recv(65_536))
    bundles = [OscBundle(datagram) for datagram in datagrams if OscBundle.dgram_is_bundle(datagram)]
    messages = [OscMessage(datagram) for datagram in datagrams if not OscBundle.dgram_is_bundle(datagram)]
    said = json.loads(performance.stdout)

    assert all(before + AHEAD <= bundle.timestamp + 1e-6 for bundle in bundles)
    assert all(bundle.timestamp <= after + AHEAD for bundle in bundles)
    contents = [[content for content in bundle if isinstance(content, OscMessage)] for bundle in bundles]
    addresses = ["/_samplerate", "/noise", "/vace", "/mood", "/speed", "/probe"]
    assert all([content.address for content in bundle] == addresses for bundle in contents)
    probes = [bundle[-1].params[0] for bundle in contents]
    assert probes == list(range(1, len(bundles) + 1))
    assert said == {"bundles": len(bundles), "last_probe": len(bundles)}
    assert len(bundles) <= 2.3 * RATE + 1
    assert [(message.address, message.params) for message in messages] == [("/prompt", [PROMPTS[0]])]


def test_it_ends_with_its_parent_and_still_says_what_it_sent() -> None:
    command = [sys.executable, "-m", "bridge.rehearsal.performer", "--to", "127.0.0.1:9", "--with-parent"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        said, _ = process.communicate(timeout=20)

    assert set(json.loads(said)) == {"bundles", "last_probe"}
    assert process.returncode == 0
