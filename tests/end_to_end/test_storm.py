"""A network that shouts: nothing of it stops the show."""

import random
import socket

from pythonosc.osc_message_builder import OscMessageBuilder

from tests.end_to_end.conftest import Show
from tests.end_to_end.rig import wait_for
from tests.end_to_end.test_show import shows
from tests.outputs.receiver import watching


def test_a_hundred_thousand_random_and_mutated_datagrams_raise_nothing_and_the_next_good_one_works(show: Show) -> None:
    chance = random.Random(1)
    good = bytearray()
    built = OscMessageBuilder(address="/noise")
    built.add_arg(0.1)
    good += built.build().dgram
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.connect(("127.0.0.1", show.port))
        for count in range(100_000):
            if count % 2:
                datagram = bytearray(good)
                for _ in range(chance.randint(1, 4)):
                    datagram[chance.randrange(len(datagram))] = chance.randrange(256)
                sender.send(bytes(datagram[: chance.randint(1, len(datagram))]))
            else:
                sender.send(chance.randbytes(chance.randint(0, 200)))

    def drained() -> bool:
        show.osc.send_message("/noise", 0.35)
        status = show.bridge.status()
        assert status is not None
        (noise,) = (route for route in status["routes"] if route["target"] == "noise_scale")
        return bool(noise["asked"] == 0.35)

    wait_for("the next good message", drained, 20.0)
    with watching(show.ndi) as watch:
        watch.until(shows(noise_scale=0.35))
    assert "Traceback" not in show.bridge.story()
    status = show.bridge.status()
    assert status is not None
    assert status["inputs"][0]["refused"] > 10_000
