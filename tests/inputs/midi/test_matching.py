"""What ports are called on each system, and which one a profile means."""

import pytest

from bridge.inputs.midi.matching import Port, fits, listed, normalised, ours, partner, pick


@pytest.mark.parametrize(
    ("raw", "api", "name"),
    [
        ("nanoKONTROL2 1", "WinMM", "nanoKONTROL2"),
        ("3- UM-ONE 2", "WinMM", "UM-ONE"),
        ("14- UM-ONE 0", "WinMM", "UM-ONE"),
        ("MIDIIN2 (LPX MIDI) 11", "WinMM", "MIDIIN2 (LPX MIDI)"),
        ("APC40 mkII:APC40 mkII MIDI 1 24:0", "ALSA", "APC40 mkII:APC40 mkII MIDI 1"),
        ("Midi Through:Midi Through Port-0 14:0", "ALSA", "Midi Through:Midi Through Port-0"),
        ("a2j:APC40 mkII [24] (capture): APC40 mkII MIDI 1", "JACK", "a2j:APC40 mkII: APC40 mkII MIDI 1"),
        ("system:midi_capture_1", "JACK", "system:midi_capture_1"),
        ("Launchpad 2", "CoreMIDI", "Launchpad 2"),
        ("Launchpad 2", "JACK", "Launchpad 2"),
        (" 7", "WinMM", " 7"),
    ],
)
def test_a_name_is_what_stays_from_one_plugging_to_the_next(raw: str, api: str, name: str) -> None:
    assert normalised(raw, api) == name


@pytest.mark.parametrize(
    ("pattern", "fitting"),
    [
        ("APC40*", True),
        ("apc40 MKII", True),
        ("APC40 mkII MIDI 1", True),
        ("APC40 mkII:*", True),
        ("*midi ?", True),
        ("APC40", False),
        ("MIDI 1", False),
        ("*:APC40 mkII MIDI 2", False),
    ],
)
def test_a_pattern_may_mean_the_client_the_port_or_both(pattern: str, fitting: bool) -> None:
    assert fits(pattern, "APC40 mkII:APC40 mkII MIDI 1") is fitting


def test_a_name_with_brackets_means_itself() -> None:
    assert fits("Keys [1]", "Keys [1]")
    assert fits("Keys [12]", "Keys 2")


@pytest.mark.parametrize(
    ("raw", "is_ours"),
    [("Scope Bridge:apc", True), ("Scope Bridge-02:out", True), ("Scope Bridges:x", False), ("x:Scope Bridge", False)],
)
def test_the_bridge_knows_its_own_clients(raw: str, is_ours: bool) -> None:
    assert ours(raw) is is_ours


def test_the_instances_are_counted_in_the_order_of_one_system() -> None:
    alsa = listed(["Pad:Pad MIDI 1 20:0", "Keys:Keys 24:0", "Pad:Pad MIDI 1 28:0"], "ALSA")
    jack = listed(["a2j:Pad [20] (capture): Pad MIDI 1", "other:Pad"], "JACK")

    assert pick([*alsa, *jack], "pad", 1) == alsa[0]
    assert pick([*alsa, *jack], "pad", 2) == alsa[2]
    assert pick([*alsa, *jack], "pad", 3) is None
    assert pick(jack, "pad", 2) == jack[1]
    assert pick([], "*", 1) is None


def test_ports_that_nothing_tells_apart_keep_their_places() -> None:
    ports = listed(["UM-ONE 0", "Keys 1", "2- UM-ONE 2"], "WinMM")

    assert ports == (
        Port("UM-ONE 0", "UM-ONE", "WinMM", 0),
        Port("Keys 1", "Keys", "WinMM", 0),
        Port("2- UM-ONE 2", "UM-ONE", "WinMM", 1),
    )
    moved = listed(["Keys 0", "UM-ONE 1"], "WinMM")
    assert [port.key for port in moved] == ["Keys", "UM-ONE"], "what is left has the key that it had"


def test_the_output_of_the_second_of_two_is_the_second() -> None:
    inputs = listed(["Pad 0", "Pad 1"], "WinMM")
    outputs = listed(["Microsoft GS Wavetable Synth 0", "Pad 1", "Pad 2"], "WinMM")

    assert [partner(one, inputs, outputs, "pad", number) for number, one in enumerate(inputs, 1)] == list(outputs[1:])


def test_an_output_with_another_name_is_found_by_the_pattern() -> None:
    inputs = listed(["LPX MIDI Out"], "CoreMIDI")
    outputs = listed(["LPX DAW In", "LPX MIDI In"], "CoreMIDI")

    assert partner(inputs[0], inputs, outputs, "LPX MIDI*", 1) == outputs[1]
    assert partner(inputs[0], inputs, outputs, "LPX MIDI Out", 1) is None
    assert partner(inputs[0], inputs, listed(["LPX MIDI In"], "JACK"), "LPX MIDI*", 1) is None, "of another system"
