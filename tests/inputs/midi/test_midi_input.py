"""The MIDI input on machines that are not here: Windows, macOS, and those on which something is missing."""

import asyncio
import builtins
import logging
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, Literal

import pytest

from bridge.errors import Unavailable
from bridge.inputs import Surface, open_input
from bridge.inputs.midi import MidiInput
from bridge.inputs.midi.port import Ports, ports
from bridge.profile.controllers.model import Address, Control, Controller, Lamp, LampKind
from bridge.profile.inputs import Midi
from bridge.surface import Shown
from tests.inputs.midi.listening import in_loop, running, until
from tests.midi import install

LAMP = LampKind("one", {"off": 0, "on": 127})
PAD = Address("note", 1, 10)
CONTROLLER = Controller(
    "test",
    "Test",
    ("Pad",),
    {"pad/1/1": Control("pad/1/1", "pad", PAD, lamp=Lamp(PAD, LAMP))},
    start=(b"\xf0\x01\xf7",),
)


@pytest.fixture(autouse=True)
def _alone_and_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """No JACK server, whatever runs here, and looks in quick succession."""
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "there-is-no-such-server")
    monkeypatch.setattr("bridge.inputs.midi.POLL", 0.03)
    monkeypatch.setattr("bridge.inputs.midi.port.FRESH", 0.01)


def test_a_profile_opens_it_and_nothing_else_does() -> None:
    opened = open_input("apc", Midi("APC40*"))
    assert isinstance(opened, MidiInput)
    assert isinstance(opened, Surface)
    status = opened.status()
    assert (status.name, status.where, status.detail) == ("apc", "MIDI port APC40*", "")


@in_loop
async def test_it_says_what_it_waits_for_once_and_what_there_is_instead(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    machine = install(monkeypatch, "winmm")
    machine.inputs += ["Keys 0", "2- UM-ONE 1"]
    async with running(Midi("APC40*")) as apc:
        await asyncio.sleep(0.2)
        assert apc.detail == "waiting for a MIDI port like APC40*; there are: Keys, UM-ONE"
        machine.inputs.append("APC40 mkII 2")
        await apc.there()
        assert apc.input.status().where == "MIDI port APC40 mkII"
        machine.open["APC40 mkII 2"]([0xB0, 80, 127])
        await until(lambda: apc.samples == [("apc/cc/1/80", (1.0,))])
    said = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert said == ["apc: waiting for a MIDI port like APC40*; there are: Keys, UM-ONE"]


@in_loop
async def test_a_port_whose_place_in_windows_list_moves_stays_open(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = install(monkeypatch, "winmm")
    machine.inputs += ["Keys 0", "Pad 1"]
    async with running(Midi("Pad")) as pad:
        await pad.there()
        machine.inputs[:] = ["Pad 0"]
        await asyncio.sleep(0.2)
        assert pad.detail == ""
        assert machine.opened == ["Pad 1"]


@in_loop
async def test_of_two_alike_the_one_that_is_left_is_opened_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing tells which of them has gone, so neither may be counted on."""
    machine = install(monkeypatch, "winmm")
    machine.inputs += ["Pad 0", "Pad 1"]
    async with running(Midi("Pad")) as pad:
        await pad.there()
        machine.inputs[:] = ["Pad 0"]
        await until(lambda: machine.opened == ["Pad 0", "Pad 0"])
        await pad.there()


@in_loop
async def test_a_list_that_changes_while_it_is_read_does_not_open_another_port(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = install(monkeypatch, "winmm")
    machine.inputs += ["Pad 0"]
    machine.meanwhile = lambda: machine.inputs.__setitem__(slice(None), ["Keys 0", "Pad 1"])
    async with running(Midi("Pad")) as pad:
        await pad.there()
        assert machine.opened == ["Keys 0", "Pad 1"]
        assert list(machine.open) == ["Pad 1"]


@in_loop
async def test_a_port_that_another_program_has_is_named_and_awaited(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    machine = install(monkeypatch, "winmm")
    machine.inputs.append("Pad 0")
    machine.busy.add("Pad 0")
    async with running(Midi("Pad")) as pad:
        await until(lambda: len(machine.opened) >= 2)
        assert pad.detail.startswith("Pad is in use by another program: close it there (on Windows 10")
        machine.busy.clear()
        await pad.there()
    assert len([one for one in caplog.records if "in use" in one.getMessage()]) == 1


@in_loop
async def test_without_an_output_the_controls_work_and_the_lamps_are_said_to_be_dark(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    machine = install(monkeypatch, "winmm")
    machine.inputs.append("Pad 0")
    machine.outputs.append("Synth 0")
    async with running(Midi("Pad", CONTROLLER), "pad") as pad:
        await until(lambda: pad.detail)
        assert pad.detail == ("its lamps stay dark: there is no MIDI output that belongs to Pad; there are: Synth")
        machine.open["Pad 0"]([0x90, 10, 1])
        await until(lambda: ("pad/pad/1/1", (1.0,)) in pad.samples)

        machine.outputs.append("Pad 1")
        machine.busy.add("Pad 1")
        await until(lambda: "in use by another program" in pad.detail)
        machine.busy.clear()
        await pad.there()
        pad.input.show({"pad/1/1": Shown(light="on")})
        await until(lambda: ("Pad 1", bytes([0x90, 10, 127])) in machine.sent)

        machine.deaf.add("Pad 1")
        pad.input.show({"pad/1/1": Shown(light="off")})
        await until(lambda: "does not take what is sent" in pad.detail)
        machine.open["Pad 0"]([0x80, 10, 0])
        await until(lambda: ("pad/pad/1/1", (0.0,)) in pad.samples)


@in_loop
async def test_lamps_can_be_on_another_port(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = install(monkeypatch, "core")
    machine.inputs.append("Pad")
    machine.outputs += ["Pad", "Lamps left", "Lamps right"]
    async with running(Midi("Pad", CONTROLLER, out="*right"), "pad"):
        await until(lambda: machine.sent[:1] == [("Lamps right", b"\xf0\x01\xf7")])
    assert machine.sent[-1] == ("Lamps right", bytes([0x90, 10, 0]))
    assert {port for port, _ in machine.sent} == {"Lamps right"}


@in_loop
async def test_bytes_that_are_no_message_are_counted_and_said_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    machine = install(monkeypatch, "winmm")
    machine.inputs.append("Pad 0")
    async with running(Midi("Pad"), "pad") as pad:
        await pad.there()
        for _ in range(3):
            machine.open["Pad 0"]([0xF5, 1])
        machine.open["Pad 0"]([0xB0, 80, 127])
        await until(lambda: pad.samples == [("pad/cc/1/80", (1.0,))])
        assert pad.input.status().refused == 3
    assert len([one for one in caplog.records if "what is not MIDI" in one.getMessage()]) == 1


@in_loop
async def test_a_lower_half_that_never_comes_is_not_awaited_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = install(monkeypatch, "winmm")
    machine.inputs.append("Pad 0")
    knob = Control("knob/1", "knob", Address("cc14", 1, 7))
    async with running(Midi("Pad", Controller("test", "Test", ("Pad",), {"knob/1": knob})), "pad") as pad:
        await until(lambda: pad.input.listening)
        for message in ([0xB0, 7, 64], [0xB0, 39, 64], [0xB0, 7, 127]):
            machine.open["Pad 0"](message)
        await until(lambda: len(pad.samples) >= 2)
        assert pad.samples[-1][0] == "pad/knob/1"
        assert pad.samples[-1][1][0] == pytest.approx(1.0, abs=0.01)


@in_loop
async def test_a_bug_of_whoever_takes_the_signals_comes_to_light(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = install(monkeypatch, "winmm")
    machine.inputs.append("Pad 0")

    def broken(batch: object) -> None:
        raise ZeroDivisionError

    pad = MidiInput("pad", Midi("Pad"))
    task = asyncio.get_running_loop().create_task(pad.run(broken))
    await until(lambda: pad.listening)
    machine.open["Pad 0"]([0xF8])
    with pytest.raises(ZeroDivisionError):
        await asyncio.wait_for(task, 5)
    assert machine.open == {}


def _unavailable(options: Midi) -> str:
    with pytest.raises(Unavailable) as caught:
        asyncio.run(asyncio.wait_for(MidiInput("apc", options).run(lambda batch: None), 5))
    return str(caught.value)


@pytest.mark.parametrize(
    ("version", "sentence"),
    [
        ((3, 12), 'python-rtmidi is not installed; run: pip install "scope-bridge[midi]"'),
        (
            (3, 13),
            "python-rtmidi has no wheels for this Python; run the bridge with Python 3.12, then: "
            'pip install "scope-bridge[midi]"',
        ),
    ],
)
def test_a_missing_package_is_an_install_hint(
    monkeypatch: pytest.MonkeyPatch, version: tuple[int, int], sentence: str
) -> None:
    real = builtins.__import__

    def without(
        name: str, where: Mapping[str, object] | None = None, here: Any = None, what: Sequence[str] = (), level: int = 0
    ) -> Any:
        if name == "rtmidi":
            raise ModuleNotFoundError("No module named 'rtmidi'")
        return real(name, where, here, what, level)

    monkeypatch.setattr(builtins, "__import__", without)
    monkeypatch.setattr("bridge.inputs.midi.port.sys", SimpleNamespace(platform=sys.platform, version_info=version))
    assert _unavailable(Midi("APC40*")) == sentence
    with pytest.raises(Unavailable):
        ports()


def test_a_package_that_was_built_for_no_system_is_told_from_a_machine_without_devices(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    install(monkeypatch, "dummy")
    assert _unavailable(Midi("APC40*")).startswith("python-rtmidi was built without any MIDI system")


def test_windows_has_no_virtual_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, "winmm")
    assert "install loopMIDI" in _unavailable(Midi("Desk", virtual=True))


@in_loop
async def test_a_virtual_port_on_macos_is_not_taken_by_another_input(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = install(monkeypatch, "core")
    async with running(Midi("Desk", virtual=True), "desk") as desk, running(Midi("*"), "any") as other:
        await desk.there()
        assert machine.inputs == ["Desk"]
        assert other.detail == "waiting for a MIDI port like *; there are: none"
        assert ports() == Ports(apis=("CoreMIDI",))


@in_loop
async def test_a_machine_without_a_sequencer_or_a_jack_server_is_waited_with_in_silence(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("rtmidi")
    monkeypatch.setattr("bridge.inputs.midi.port._SEQUENCER", "/dev/there/is/none")
    for options in (Midi("APC40*"), Midi("Desk", virtual=True)):
        async with running(options) as apc:
            await asyncio.sleep(0.1)
            if sys.platform == "linux":
                assert apc.detail.startswith("waiting for")
                assert apc.detail.endswith(
                    "(ALSA has no sequencer (/dev/there/is/none is not there); no JACK server runs)"
                )
    assert capfd.readouterr() == ("", "")


@in_loop
async def test_a_driver_that_hangs_is_said_and_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = install(monkeypatch, "winmm")
    machine.inputs.append("Keys 0")
    assert [port.name for port in ports().inputs] == ["Keys"]
    monkeypatch.setattr("bridge.inputs.midi.port.PATIENCE", 0.2)
    listing = sys.modules["bridge.inputs.midi.port"]._LISTER
    real, hanging = listing._list, threading.Event()

    def hangs() -> Ports:
        assert hanging.wait(20)
        found: Ports = real()
        return found

    monkeypatch.setattr(listing, "_list", hangs)
    await asyncio.sleep(0.02)
    found = await asyncio.to_thread(ports)
    assert [port.name for port in found.inputs] == ["Keys"]
    assert found.trouble == "the system has not said for 0.2 s which MIDI ports there are: a driver hangs"

    hanging.set()
    await asyncio.sleep(0.1)
    assert (await asyncio.to_thread(ports)).trouble == ""


# Halves of values


FADER = Address("cc14", 1, 7)
MOTOR = Controller("motor", "Motor", ("Pad",), {"fader/1": Control("fader/1", "fader", FADER, motor=FADER)})


@in_loop
async def test_a_lower_half_that_never_comes_is_not_awaited_for_ever_however_much_else_comes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    machine = install(monkeypatch, "winmm")
    machine.inputs.append("Pad 0")
    async with running(Midi("Pad", MOTOR), "pad") as pad:
        await until(lambda: "Pad 0" in machine.open)
        send = machine.open["Pad 0"]
        send([0xB0, 7, 64])
        while not pad.samples or pad.samples[-1][0] != "pad/fader/1":
            send([0xF8])  # a clock
            await asyncio.sleep(0.001)
            assert len(pad.samples) < 2000
        assert pad.samples[-1] == ("pad/fader/1", (64 * 128 / 16383,))


@in_loop
async def test_an_upper_half_that_is_taken_for_an_echo_belongs_to_the_lower_half_after_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    machine = install(monkeypatch, "winmm")
    machine.inputs.append("Pad 0")
    machine.outputs.append("Pad 0")
    async with running(Midi("Pad", MOTOR), "pad") as pad:
        await pad.there()
        send = machine.open["Pad 0"]
        for byte, value in ((7, 10), (39, 5)):
            send([0xB0, byte, value])
        await until(lambda: ("pad/fader/1", ((10 * 128 + 5) / 16383,)) in pad.samples)
        await asyncio.sleep(0.4)  # the hand has left it
        pad.input.show({"fader/1": Shown(way=0.5)})
        await until(lambda: len(machine.sent) >= 2)
        upper = machine.sent[0][1][2]
        send([0xB0, 7, upper])
        send([0xB0, 39, 99])
        await until(lambda: len(pad.samples) > 1)
        assert pad.samples[-1] == ("pad/fader/1", ((upper * 128 + 99) / 16383,))


@in_loop
async def test_a_value_whose_lower_half_is_awaited_when_the_port_vanishes_still_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    machine = install(monkeypatch, "winmm")
    machine.inputs.append("Pad 0")
    monkeypatch.setattr("bridge.inputs.midi.HALF", 60.0)
    async with running(Midi("Pad", MOTOR), "pad") as pad:
        await until(lambda: "Pad 0" in machine.open)
        machine.open["Pad 0"]([0xB0, 7, 64])
        machine.inputs.clear()
        await until(lambda: pad.samples == [("pad/fader/1", (64 * 128 / 16383,))])


@in_loop
async def test_lamps_are_told_anew_when_somebody_asks_and_only_then(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = install(monkeypatch, "winmm")
    machine.inputs.append("Pad 0")
    machine.outputs.append("Pad 0")
    async with running(Midi("Pad", CONTROLLER), "pad") as pad:
        await pad.there()
        view = {"pad/1/1": Shown(light="on")}
        lit = ("Pad 0", bytes([0x90, 10, 127]))
        pad.input.show(view)
        await until(lambda: lit in machine.sent)
        for _ in range(10):
            pad.input.show(view)
            await asyncio.sleep(0.01)
        assert machine.sent.count(lit) == 1
        pad.input.refresh()
        await until(lambda: machine.sent.count(lit) == 2)


@in_loop
@pytest.mark.parametrize(
    ("takeover", "first"), [("jump", [b"\xf0\x01\xf7"]), ("pickup", [b"\xf0\x01\xf7", b"\xf0\x02\xf7"])]
)
async def test_a_device_whose_controls_jump_is_not_asked_where_they_stand(
    monkeypatch: pytest.MonkeyPatch, takeover: Literal["jump", "pickup"], first: list[bytes]
) -> None:
    machine = install(monkeypatch, "winmm")
    machine.inputs.append("Pad 0")
    machine.outputs.append("Pad 0")
    async with running(Midi("Pad", replace(CONTROLLER, ask=(b"\xf0\x02\xf7",)), takeover), "pad") as pad:
        await pad.there()
        await until(lambda: bytes([0x90, 10, 0]) in [message for _, message in machine.sent])
    assert [message for _, message in machine.sent if message[0] == 0xF0][: len(first) + 1] == first
