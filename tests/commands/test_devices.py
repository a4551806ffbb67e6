"""`devices`: what is plugged in, and the lines that make inputs of it."""

import json
import sys
from pathlib import Path

import pytest

from bridge import cli, profile
from bridge.commands import devices
from bridge.commands.devices import devices_of, free_name, inputs_of_ports
from bridge.errors import Unavailable
from bridge.inputs.midi.matching import Port, listed, pick
from bridge.inputs.midi.port import Ports
from bridge.profile.inputs import Midi
from bridge.running import Running

APC, LPX_DAW, LPX = "APC40 mkII", "Launchpad X:Launchpad X LPX DAW In", "Launchpad X:Launchpad X LPX MIDI In"
ALSA = listed([f"{APC}:{APC} MIDI 1 24:0", f"{LPX_DAW} 28:0", f"{LPX} 28:1", "Digitakt:Digitakt MIDI 1 32:0"], "ALSA")
WINDOWS = listed([f"{APC} 0", "2- APC40 mkII 1", "MIDIIN2 (LPX MIDI) 2", 'A "quoted" [name]* 3', "5000 4"], "WinMM")
JACK = listed(["system:midi_capture_1", "system:midi_capture_2", "performer:out", "a2j:APC40 mkII [24] (capture): APC40 mkII MIDI 1"], "JACK")  # fmt: skip
MAC = listed([APC, "Session 1", "Session 1"], "CoreMIDI")


def there(monkeypatch: pytest.MonkeyPatch, *inputs: Port, outputs: tuple[Port, ...] = (), trouble: str = "") -> None:
    monkeypatch.setattr(devices, "ports", lambda: Ports(inputs, outputs, trouble=trouble))


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCOPE_BRIDGE_STATE", str(tmp_path / "state"))


@pytest.mark.parametrize(
    "inputs", [ALSA, WINDOWS, JACK, MAC, (*ALSA, *JACK)], ids=["ALSA", "WinMM", "JACK", "macOS", "both"]
)
def test_every_line_makes_an_input_that_finds_its_port_again(inputs: tuple[Port, ...], tmp_path: Path) -> None:
    found = devices_of(inputs, ())
    path = tmp_path / "club.yaml"
    path.write_text("inputs:\n" + "".join(f"  {device.line}\n" for device in found) + "start: {prompt: reef}\n")

    read = profile.load(path)[0].inputs

    assert len(read) == len(inputs)
    for device, port, options in zip(found, inputs, read.values(), strict=True):
        assert isinstance(options, Midi)
        own = [one for one in inputs if one.api == port.api]
        assert pick(own, options.port, options.instance) is port, device.line
        assert (options.controller.name if options.controller else None) == device.controller


def test_a_device_is_called_as_people_call_it_and_told_apart_only_where_it_must_be() -> None:
    assert [device.line for device in devices_of(ALSA, ())] == [
        'apc40: {midi: "APC40 mkII*", controller: akai-apc40-mk2}',
        'launchpad: {midi: "Launchpad X LPX DAW In*"}',
        'launchpad-2: {midi: "Launchpad X LPX MIDI In*", controller: novation-launchpad-x}',
        'digitakt: {midi: "Digitakt*"}',
    ]
    assert [device.line for device in devices_of(WINDOWS, ())][:2] == [
        'apc40: {midi: "APC40 mkII*", controller: akai-apc40-mk2}',
        'apc40-2: {midi: "APC40 mkII*", instance: 2, controller: akai-apc40-mk2}',
    ]
    assert devices_of(JACK, ())[0].line == 'midi: {midi: "midi_capture_1*"}'
    assert devices_of(JACK, ())[3].title == "Akai APC40 mkII"


def test_a_name_that_belongs_to_the_bridge_is_no_inputs() -> None:
    assert free_name("Tempo Page Scope", ()) == "midi"
    assert free_name("Panel Knobs", ()) == "knobs"
    assert free_name("5000", ()) == "midi"
    assert free_name("APC40*", ["apc40", "apc40-2"]) == "apc40-3"


def test_it_lists_ports_with_the_controllers_they_look_like(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    there(monkeypatch, *WINDOWS[:1], ALSA[3], outputs=(*listed([f"{APC} 1", "Synth 2"], "WinMM"),), trouble="no JACK")

    assert cli.main(["devices"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "MIDI ports",
        "  APC40 mkII                 in, out   looks like Akai APC40 mkII",
        '      apc40: {midi: "APC40 mkII*", controller: akai-apc40-mk2}',
        "  Digitakt:Digitakt MIDI 1   in",
        '      digitakt: {midi: "Digitakt*"}',
        "  Synth                      out",
        "The lines with braces go below `inputs:` of a profile, or, with a comma between, into the braces that it has.",
        "(no JACK)",
    ]


def test_it_says_which_show_hears_a_port(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    club, broken = tmp_path / "club.yaml", tmp_path / "broken.yaml"
    club.write_text('inputs: {pads: {midi: "apc40*", instance: 2}, td: {osc: 9000}}\nstart: {prompt: reef}\n')
    broken.write_text("inputs: {td: {osk: 9000}}\n")
    shows = [Running(7, "http://127.0.0.1:1", str(one), "") for one in (broken, club)]
    monkeypatch.setattr("bridge.attached.all_of", lambda: iter(shows))
    there(monkeypatch, *WINDOWS[:2])

    assert cli.main(["devices"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[5] == "      heard by the show of club.yaml (process 7) as pads"
    assert sum("heard by" in line for line in lines) == 1

    assert cli.main(["devices", "--json"]) == 0
    first, second = json.loads(capsys.readouterr().out)["midi"]["inputs"]
    assert first["held"] == []
    assert second["held"] == [{"profile": str(club), "pid": 7, "input": "pads"}]
    assert (second["port"], second["name"], second["api"], second["instance"]) == ("2- APC40 mkII 1", APC, "WinMM", 2)
    assert second["line"] == 'apc40-2: {midi: "APC40 mkII*", instance: 2, controller: akai-apc40-mk2}'


def test_where_nothing_is_plugged_in_it_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    there(monkeypatch, trouble="no JACK server runs")

    assert cli.main(["devices"]) == 0
    assert capsys.readouterr().out == (
        "No MIDI port was found: plug a controller in, or start the program that makes one.\n(no JACK server runs)\n"
    )


def test_without_python_rtmidi_it_says_in_a_sentence_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "rtmidi", None)

    assert cli.main(["devices"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("scope-bridge devices: python-rtmidi ")
    assert 'pip install "scope-bridge[midi]"' in said.err
    assert said.err.count("\n") == 1

    assert cli.main(["devices", "--json"]) == 1
    assert "pip install" in json.loads(capsys.readouterr().out)["midi"]["trouble"]
    with pytest.raises(Unavailable):
        inputs_of_ports()


def test_the_inputs_for_the_monitor_stay_the_same_whatever_else_is_plugged_in(monkeypatch: pytest.MonkeyPatch) -> None:
    def options_of(*inputs: Port) -> list[Midi]:
        there(monkeypatch, *inputs)
        return [options for _, options in inputs_of_ports()]

    alone, among = options_of(WINDOWS[0]), options_of(*WINDOWS)

    assert alone == among[:1]
    assert [pick(WINDOWS, one.port, one.instance) for one in among] == list(WINDOWS)
    assert alone[0].controller is not None
    assert alone[0].controller.name == "akai-apc40-mk2"
