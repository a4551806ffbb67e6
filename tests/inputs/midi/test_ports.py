"""Real MIDI ports of other processes, at a real JACK server."""

import asyncio
import glob
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any, Final

import pytest

from bridge.clock import now
from bridge.inputs.midi.port import FRESH, SETTLING, Gone, Listening, Sending, ports
from bridge.profile.controllers.model import Address, Control, Controller, Lamp, LampKind
from bridge.profile.inputs import Midi
from bridge.surface import Shown
from tests import jack
from tests.inputs.midi.listening import in_loop, running, until
from tests.midi_device import Device


@pytest.fixture(scope="module")
def _server() -> Iterator[jack.Server]:
    with jack.server() as server:
        yield server


@pytest.fixture
def server(_server: jack.Server, monkeypatch: pytest.MonkeyPatch) -> jack.Server:
    """A server that this process comes to."""
    _server.use(monkeypatch)
    return _server


@pytest.fixture
def device(server: jack.Server) -> Iterator[Device]:
    with Device("APC40 mkII", server) as device:
        yield device


EVERYTHING: Final[list[tuple[str, list[Any]]]] = [
    ("90 3c 40", [("apc/note/1/60/velocity", (64 / 127,)), ("apc/note/1/60", (1.0,))]),
    ("a0 3c 7f", [("apc/note/1/60/pressure", (1.0,))]),
    ("80 3c 20", [("apc/note/1/60/release", (32 / 127,)), ("apc/note/1/60", (0.0,))]),
    ("b1 50 7f", [("apc/cc/2/80", (1.0,))]),
    ("c2 04", [("apc/program/3", (5,)), ("apc/program/3/5", ())]),
    ("d3 00", [("apc/pressure/4", (0.0,))]),
    ("e4 00 40", [("apc/bend/5", (0.5,))]),
    ("f0 7d 01 02 f7", [("apc/sysex", (bytes.fromhex("f07d0102f7"),))]),
    ("f0 7f 7f 01 01 01 02 03 04 f7", [("apc/timecode", ("01:02:03:04", pytest.approx(3723 + 4 / 24)))]),
    ("f2 10 00", [("apc/position", (16,))]),
    ("f3 02", [("apc/song", (3,))]),
    ("f8", [("apc/clock", ())]),
    ("fa", [("apc/start", ())]),
    ("fb", [("apc/continue", ())]),
    ("fc", [("apc/stop", ())]),
    ("ff", [("apc/reset", ())]),
]


@in_loop
async def test_every_kind_of_message_comes_from_another_process(device: Device) -> None:
    async with running(Midi("APC40*")) as apc:
        await apc.there()
        for message, _ in EVERYTHING:
            device.send(bytes.fromhex(message))
        device.send(bytes.fromhex("fe"))
        device.send(bytes.fromhex("b0 7f 01"))
        await until(lambda: ("apc/cc/1/127", (1 / 127,)) in apc.samples)

        told = [sample for sample in apc.samples if sample[1] != (1 / 127,)]
        assert told == [sample for _, samples in EVERYTHING for sample in samples]
        assert apc.input.status().signals == len(told) + 1
        assert apc.input.status().refused == 0


@in_loop
async def test_pairs_and_nrpn_have_all_of_their_16384_values(device: Device) -> None:
    paths = ("apc/cc14/1/7", "apc/nrpn/2/1024")
    async with running(Midi("APC40*")) as apc:
        await apc.there()
        device.send(bytes.fromhex("b1 63 08"))
        device.send(bytes.fromhex("b1 62 00"))
        for begin in range(0, 16384, 256):  # what would not fit into one of JACK's periods is sent after that
            messages = []
            for value in range(begin, begin + 256):
                upper, lower = value >> 7, value & 127
                messages += [bytes([0xB0, 7, upper]), bytes([0xB0, 39, lower])]
                messages += [bytes([0xB1, 6, upper]), bytes([0xB1, 38, lower])]
            await asyncio.to_thread(device.flood, messages, 1_000_000)
            last = ((begin + 255) / 16383,)
            await until(lambda last=last: {paths[0], paths[1]} <= {path for path, way in apc.latest if way == last})  # type: ignore[misc]
        for path in paths:
            heard: list[Any] = [values[0] for heard, values in apc.samples if heard == path]
            assert sorted(set(heard)) == [value / 16383 for value in range(16384)]
            assert heard == sorted(heard)


@in_loop
async def test_nothing_is_lost_of_ten_thousand_messages_a_second(device: Device) -> None:
    count = 20_000
    messages = [bytes([0xB0 | number % 16, 64 + number // 16 % 30, number % 128]) for number in range(count)]
    async with running(Midi("APC40*")) as apc:
        await apc.there()
        seconds = await asyncio.to_thread(device.flood, messages, 10_000)
        await until(lambda: len(apc.samples) >= count, patience=2)

        assert apc.samples == [
            (f"apc/cc/{(status & 15) + 1}/{number}", (value / 127,)) for status, number, value in messages
        ]
        assert seconds == pytest.approx(2.0, rel=0.2), "it was not sent as fast as it should have been"
        times = [batch.time for batch in apc.batches]
        assert times == sorted(times)


@in_loop
async def test_what_comes_within_a_millisecond_is_one_batch(device: Device) -> None:
    async with running(Midi("APC40*")) as apc:
        await apc.there()
        for _ in range(3):
            await asyncio.to_thread(device.flood, [bytes([0xB0, 80 + number, 1]) for number in range(8)], 1_000_000)
            await asyncio.sleep(0.03)
        await until(lambda: len(apc.samples) == 24)
        assert 3 <= len(apc.batches) <= 6, "JACK hands over what came in 5 ms at once"


@in_loop
async def test_it_is_back_within_two_seconds_each_time_it_is_plugged_in_again(device: Device) -> None:
    taken = []
    async with running(Midi("APC40*")) as apc:
        await apc.there()
        for number in range(5):
            device.send(bytes([0x90, 60 + number, 100]))
            await until(lambda number=number: (f"apc/note/1/{60 + number}", (1.0,)) in apc.samples)  # type: ignore[misc]
            device.unplug()
            await until(lambda number=number: (f"apc/note/1/{60 + number}", (0.0,)) in apc.samples)  # type: ignore[misc]
            await apc.gone()
            assert apc.detail == "waiting for a MIDI port like APC40*; there are: none"
            device.plug()
            taken.append(await apc.there())
        device.send(bytes([0xB0, 80, 127]))
        await until(lambda: apc.samples[-1] == ("apc/cc/1/80", (1.0,)))
    print("back after", ", ".join(f"{seconds:.2f} s" for seconds in taken))


@in_loop
async def test_a_server_that_crashes_and_comes_back_is_survived_without_a_word_of_its_library(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    controller = _controller()
    with jack.server() as own:
        own.use(monkeypatch)
        with Device("APC40 mkII", own):
            async with running(Midi("APC40*", controller)) as apc:
                await apc.there()
                async with never_held_up(0.5):
                    await asyncio.to_thread(own.stop, signal.SIGKILL)
                    await apc.gone()
                    assert "no JACK server runs" in apc.detail
                    await asyncio.to_thread(own.start)
                with Device("APC40 mkII", own) as device:
                    print("back after", await apc.there(), "s")
                    device.send(bytes([0xB0, 80, 127]))
                    await until(lambda: ("apc/cc/1/80", (1.0,)) in apc.samples)
    assert capfd.readouterr().err == ""


@in_loop
async def test_two_of_the_same_name_are_told_apart_and_neither_disturbs_the_other(server: jack.Server) -> None:
    with Device("Pad", server) as first, Device("Pad", server) as second:
        async with running(Midi("pad"), "one") as one, running(Midi("PAD", instance=2), "two") as two:
            await one.there()
            await two.there()
            second.send(bytes([0xB0, 80, 2]))
            first.send(bytes([0xB0, 80, 1]))
            await until(lambda: one.samples and two.samples)
            assert (one.samples, two.samples) == ([("one/cc/1/80", (1 / 127,))], [("two/cc/1/80", (2 / 127,))])

            second.unplug()
            await two.gone()
            assert two.detail == "waiting for number 2 of the MIDI ports like PAD; there are: device:Pad"
            first.send(bytes([0xB0, 80, 3]))
            await until(lambda: len(one.samples) == 2)


@in_loop
async def test_a_virtual_port_can_be_played_by_others_and_is_never_taken_for_theirs(server: jack.Server) -> None:
    rtmidi = pytest.importorskip("rtmidi")
    async with running(Midi("Desk", virtual=True)) as desk, running(Midi("*Desk*"), "other") as other:
        assert other.detail == "waiting for a MIDI port like *Desk*; there are: none"
        keys = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, "keys")
        keys.open_port(next(place for place, name in enumerate(keys.get_ports()) if name.endswith(":Desk")), "out")
        try:
            await asyncio.sleep(SETTLING)
            keys.send_message([0x90, 60, 127])
            await until(lambda: ("apc/note/1/60", (1.0,)) in desk.samples)
        finally:
            keys.delete()
        assert desk.input.status().where == "virtual MIDI port Desk"
        assert other.samples == []
        await asyncio.sleep(2 * FRESH)
        found = await asyncio.to_thread(ports)
        assert (found.apis, found.inputs, found.outputs) == (("JACK",), (), ())


@asynccontextmanager
async def never_held_up(seconds: float) -> AsyncIterator[None]:
    """Hold that the event loop had its turn at least that often."""
    longest, over = 0.0, False

    async def look() -> None:
        nonlocal longest
        while not over:
            before = now()
            await asyncio.sleep(0.005)
            longest = max(longest, now() - before)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(look())
        yield
        over = True
    assert longest < seconds


def _controller() -> Controller:
    kind = LampKind("one", {"off": 0, "on": 127, "red": 5})
    at = Address("note", 1, 10)
    return Controller(
        "test",
        "Test",
        ("APC40*",),
        {"pad/1/1": Control("pad/1/1", "pad", at, lamp=Lamp(at, kind)), "fader/1": _fader()},
        start=(bytes.fromhex("f0 47 01 f7"),),
        ask=(bytes.fromhex("f0 47 02 f7"),),
        stop=(bytes.fromhex("f0 47 03 f7"),),
    )


def _fader() -> Control:
    return Control("fader/1", "fader", Address("cc", 1, 7), touch=Address("note", 1, 104))


@in_loop
async def test_lamps_are_shown_and_shown_anew_after_replugging_and_put_out_at_the_end(device: Device) -> None:
    red, off = bytes([0x90, 10, 5]), bytes([0x90, 10, 0])
    got: list[bytes] = []

    def received(message: bytes) -> bool:
        got.extend(device.received())
        return message in got

    async with running(Midi("APC40*", _controller(), "pickup")) as apc:
        await apc.there()
        assert apc.input.shows == ("pad/1/1",)
        apc.input.show({"pad/1/1": Shown(light="red")})
        await until(lambda: received(red))
        assert got[:2] == [bytes.fromhex("f0 47 01 f7"), bytes.fromhex("f0 47 02 f7")]

        device.unplug()
        await apc.gone()
        got.clear()
        device.plug()
        await apc.there()
        await until(lambda: received(red))
        assert got == [bytes.fromhex("f0 47 01 f7"), bytes.fromhex("f0 47 02 f7"), red]

        device.send(bytes([0x90, 10, 127]))
        device.send(bytes([0x90, 104, 127]))
        await until(lambda: ("apc/fader/1/touch", (1.0,)) in apc.samples)
        got.clear()
    await until(lambda: received(bytes.fromhex("f0 47 03 f7")))
    assert got == [off, bytes.fromhex("f0 47 03 f7")]
    assert apc.samples[-2:] == [("apc/pad/1/1", (0.0,)), ("apc/fader/1/touch", (0.0,))], "what was held is let go"


@in_loop
async def test_without_a_controller_no_output_is_opened(server: jack.Server, device: Device) -> None:
    async with running(Midi("APC40*")) as apc:
        await apc.there()
        apc.input.show({"pad/1/1": Shown(light="red")})
        await asyncio.sleep(0.1)
        assert apc.input.shows == ()
        assert device.received() == []


def test_what_goes_between_looking_and_opening_is_gone_and_not_another(server: jack.Server) -> None:
    with Device("Pad", server) as device, Device("Keys", server):
        (pad,) = (port for port in ports().inputs if port.name.endswith(":Pad"))
        device.unplug()
        for opening in (lambda: Listening(pad, "apc", print), lambda: Sending(pad, "apc")):
            with pytest.raises(Gone, match="device:Pad is not there any more"):
                opening()


def test_a_process_that_only_looked_takes_leave_of_the_server(server: jack.Server) -> None:
    """A server that waits for its clients would keep all of them waiting for one that went without a word."""
    look = "from bridge.inputs.midi.port import ports; assert ports().apis == ('JACK',)"
    subprocess.run([sys.executable, "-c", look], env={**os.environ, **server.environment}, check=True, timeout=10)
    mine = len(glob.glob(f"/dev/shm/jack_sem*{server.name}_Scope Bridge*"))
    ports()  # this process looks too: two clients of its own, whether it has looked before or not
    assert mine in (0, 2)
    assert len(glob.glob(f"/dev/shm/jack_sem*{server.name}_Scope Bridge*")) == 2
