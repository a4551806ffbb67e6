"""The OSC socket: real datagrams over loopback, read by the event loop and by the thread."""

import asyncio
import contextlib
import logging
import random
import socket
import sys
import threading
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

import pytest
from pythonosc.osc_bundle_builder import OscBundleBuilder
from pythonosc.osc_message_builder import OscMessageBuilder
from pythonosc.udp_client import SimpleUDPClient

from bridge.clock import now
from bridge.errors import Unavailable
from bridge.inputs import open_input
from bridge.inputs.osc import OscInput
from bridge.profile.inputs import Osc
from bridge.signals import Batch, Sample

both_readers = pytest.mark.parametrize("threaded", [False, True], ids=["loop", "thread"])


class Heard:
    """What an input emitted."""

    def __init__(self) -> None:
        self.batches: list[Batch] = []
        self._news = asyncio.Event()
        self._loop_thread = threading.get_ident()

    def __call__(self, batch: Batch) -> None:
        assert threading.get_ident() == self._loop_thread, "emit belongs to the event loop"
        self.batches.append(batch)
        self._news.set()

    @property
    def samples(self) -> list[Sample]:
        return [sample for batch in self.batches for sample in batch.samples]

    async def until(self, enough: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not enough():
                self._news.clear()
                await self._news.wait()


@contextlib.asynccontextmanager
async def listening(osc: OscInput, emit: Callable[[Batch], None]) -> AsyncIterator[SimpleUDPClient]:
    """Run the input; yields a client that sends to it."""
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(osc.run(emit))
        async with asyncio.timeout(10):
            await osc.listening.wait()
        client = SimpleUDPClient("127.0.0.1", osc.port)
        try:
            yield client
        finally:
            client._sock.close()
            running.cancel()


@both_readers
def test_a_message_arrives_stamped_and_under_the_inputs_name(threaded: bool) -> None:
    async def scene() -> None:
        osc, heard = OscInput("stage", Osc(0), threaded=threaded), Heard()
        async with listening(osc, heard) as client:
            before = now()
            client.send_message("/pads/1", 0.5)
            await heard.until(lambda: bool(heard.batches))
            assert heard.samples == [("stage/pads/1", (0.5,))]
            assert before <= heard.batches[0].time <= now()
            status = osc.status()
            assert (status.name, status.signals, status.refused, status.detail) == ("stage", 1, 0, "")
            assert status.where == f"OSC on 127.0.0.1:{osc.port}"

    asyncio.run(scene())


@both_readers
def test_a_bundle_of_the_next_hour_is_delivered_at_once(threaded: bool) -> None:
    async def scene() -> None:
        builder = OscBundleBuilder(int(datetime.now(UTC).timestamp()) + 3600)
        for number in range(3):
            part = OscMessageBuilder(f"/chan{number}")
            part.add_arg(number / 2)
            builder.add_content(part.build())
        osc, heard = OscInput("td", Osc(0), threaded=threaded), Heard()
        async with listening(osc, heard) as client:
            client.send(builder.build())
            await heard.until(lambda: bool(heard.batches))
        assert heard.samples == [("td/chan0", (0.0,)), ("td/chan1", (0.5,)), ("td/chan2", (1.0,))]

    asyncio.run(scene())


@both_readers
def test_what_waits_in_the_socket_comes_as_few_batches_in_order(threaded: bool) -> None:
    async def scene() -> None:
        osc, heard = OscInput("stage", Osc(0), threaded=threaded), Heard()
        async with listening(osc, heard) as client:
            for number in range(400):  # nothing awaits: the loop cannot read meanwhile
                client.send_message("/n", number)
            await heard.until(lambda: len(heard.samples) == 400)
        assert heard.samples == [("stage/n", (number,)) for number in range(400)]
        assert [batch.time for batch in heard.batches] == sorted(batch.time for batch in heard.batches)
        if not threaded:
            assert [len(batch.samples) for batch in heard.batches] == [256, 144]

    asyncio.run(scene())


@both_readers
def test_a_storm_of_rubbish_is_survived_counted_and_said_once(threaded: bool, caplog: pytest.LogCaptureFixture) -> None:
    async def scene() -> None:
        rng = random.Random(7)
        osc, heard = OscInput("stage", Osc(0), threaded=threaded), Heard()
        async with listening(osc, heard) as client:
            for number in range(50):
                for _ in range(100):  # no more at once than the smallest receive buffer holds
                    client._sock.sendto(rng.randbytes(rng.randrange(200)), ("127.0.0.1", osc.port))
                client.send_message("/still/here", number)
                good = ("stage/still/here", (number,))
                await heard.until(lambda good=good: good in heard.samples)  # type: ignore[misc]
            status = osc.status()
            assert status.refused + status.signals == 5050
            assert status.refused > 4900, "few random bytes happen to be OSC"
            assert status.detail.startswith("127.0.0.1 sent what is not OSC: ")

    asyncio.run(scene())

    assert len([record for record in caplog.records if record.levelno >= logging.WARNING]) == 1


@both_readers
def test_the_largest_datagram_is_read_whole(threaded: bool) -> None:
    async def scene() -> None:
        osc, heard = OscInput("stage", Osc(0), threaded=threaded), Heard()
        async with listening(osc, heard) as client:
            client.send_message("/text", "x" * 65_000)
            await heard.until(lambda: bool(heard.batches))
        assert heard.samples == [("stage/text", ("x" * 65_000,))]

    asyncio.run(scene())


@both_readers
def test_strangers_are_not_heard_and_said_once(threaded: bool, caplog: pytest.LogCaptureFixture) -> None:
    async def scene() -> None:
        osc, heard = OscInput("stage", Osc(0, allow=("127.0.0.2", "10.0.0.0/8")), threaded=threaded), Heard()
        async with listening(osc, heard) as stranger:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as friend:
                friend.bind(("127.0.0.2", 0))
                for _ in range(50):
                    stranger.send_message("/x", 1)
                friend.sendto(b"/x\0\0,i\0\0\0\0\0\2", ("127.0.0.1", osc.port))
                await heard.until(lambda: bool(heard.samples))
            assert heard.samples == [("stage/x", (2,))]
            assert osc.status().refused == 50
            assert osc.status().detail == "127.0.0.1 is not heard: only 127.0.0.2, 10.0.0.0/8 may send here"

    asyncio.run(scene())

    assert len([record for record in caplog.records if record.levelno >= logging.WARNING]) == 1


@pytest.mark.parametrize("allow", ["127.0.0.1", "127.0.0.0/8", "127.0.0.1/8", "localhost"])
def test_allowed_are_hosts_by_number_or_name_and_networks(allow: str) -> None:
    async def scene() -> None:
        osc, heard = OscInput("stage", Osc(0, allow=(allow,))), Heard()
        async with listening(osc, heard) as client:
            client.send_message("/x", 1)
            await heard.until(lambda: bool(heard.samples))

    asyncio.run(scene())


def test_ipv6_is_listened_to_as_well() -> None:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        pytest.skip("this machine has no IPv6")

    async def scene() -> None:
        osc, heard = OscInput("stage", Osc(0, host="::1", allow=("::1",))), Heard()
        async with listening(osc, heard):
            with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sender:
                sender.sendto(b"/x\0\0,i\0\0\0\0\0\2", ("::1", osc.port))
            await heard.until(lambda: bool(heard.samples))
            assert osc.status().where == f"OSC on [::1]:{osc.port}"

    asyncio.run(scene())


def test_a_taken_port_is_unavailable_and_the_text_says_what_to_do() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        holder.bind(("127.0.0.1", 0))
        port = holder.getsockname()[1]

        with pytest.raises(Unavailable) as caught:
            asyncio.run(OscInput("stage", Osc(port)).run(lambda batch: None))

    assert str(caught.value) == (
        f"cannot listen for OSC on 127.0.0.1:{port}: another program has port {port}; close it, "
        "or give this input another port and set the sender to the same"
    )


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (Osc(0, host="203.0.113.7"), "this machine has no address 203.0.113.7"),
        (Osc(0, host="no such host"), "there is no host 'no such host'"),
        (Osc(0, allow=("no such host",)), "cannot find the host 'no such host' that stage is allowed to hear"),
    ],
)
def test_an_address_that_cannot_be_had_is_unavailable(options: Osc, complaint: str) -> None:
    with pytest.raises(Unavailable, match=complaint):
        asyncio.run(OscInput("stage", options).run(lambda batch: None))


@both_readers
def test_a_bug_in_whoever_takes_the_batches_comes_out_of_run(threaded: bool) -> None:
    async def scene() -> None:
        osc = OscInput("stage", Osc(0), threaded=threaded)

        def broken(batch: Batch) -> None:
            raise ZeroDivisionError("by nought")

        async with listening(osc, broken) as client:
            client.send_message("/x", 1)
            await asyncio.sleep(20)

    with pytest.raises(ExceptionGroup) as caught:
        asyncio.run(scene())
    assert [type(error) for error in caught.value.exceptions] == [ZeroDivisionError]


@both_readers
def test_it_can_be_stopped_and_started_again_on_the_same_port_and_leaves_no_thread(threaded: bool) -> None:
    async def scene() -> None:
        osc, heard = OscInput("stage", Osc(0), threaded=threaded), Heard()
        async with listening(osc, heard):
            port = osc.port
        osc = OscInput("stage", Osc(port), threaded=threaded)
        async with listening(osc, heard) as client:
            assert osc.port == port
            client.send_message("/x", 1)
            await heard.until(lambda: bool(heard.samples))
        assert not [thread for thread in threading.enumerate() if thread.name == "osc stage"]

    asyncio.run(scene())


def test_an_event_loop_that_cannot_watch_sockets_gets_the_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        def unable(*_: object) -> None:
            raise NotImplementedError  # as Windows' proactor loop does

        monkeypatch.setattr(asyncio.get_running_loop(), "add_reader", unable)
        osc, heard = OscInput("stage", Osc(0)), Heard()
        async with listening(osc, heard) as client:
            client.send_message("/x", 1)
            await heard.until(lambda: bool(heard.samples))
            assert [thread for thread in threading.enumerate() if thread.name == "osc stage"]

    asyncio.run(scene())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts them")
def test_datagrams_that_the_system_had_to_drop_are_counted() -> None:
    async def scene() -> None:
        osc, heard = OscInput("stage", Osc(0)), Heard()
        async with listening(osc, heard) as client:
            assert osc._socket is not None
            osc._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            for _ in range(500):  # nothing awaits: the small buffer must overflow
                client.send_message("/x", 1)
            await heard.until(lambda: len(heard.samples) + osc.status().refused == 500)
            assert osc.status().refused > 0
            assert "lost before they could be read" in osc.status().detail

    asyncio.run(scene())


def test_the_profiles_options_open_an_osc_input() -> None:
    osc = open_input("td", Osc(9000))

    assert osc.name == "td"
    assert osc.status().where == "OSC on 127.0.0.1:9000"
