"""What opens an input: for each kind of options the one that speaks it, or one that says that none does yet."""

import asyncio

import pytest

from bridge.inputs import open_input
from bridge.inputs.midi import MidiInput
from bridge.inputs.osc import OscInput
from bridge.profile.inputs import Audio, Http, InputOptions, Midi, Osc, Video


def test_osc_and_midi_are_spoken() -> None:
    assert isinstance(open_input("td", Osc(9000)), OscInput)
    assert isinstance(open_input("apc", Midi("APC40*")), MidiInput)


@pytest.mark.parametrize(
    ("options", "where", "why"),
    [
        (Audio("default"), "sound from default", "audio inputs come with a later version"),
        (Video("ndi", "FOH"), "video from ndi FOH", "video inputs come with a later version"),
        (Http(), "HTTP and WebSocket", "HTTP and WebSocket inputs come with a later version"),
    ],
)
def test_what_nothing_speaks_yet_is_named_and_waits(options: InputOptions, where: str, why: str) -> None:
    opened = open_input("x", options)

    assert (opened.name, opened.status().where, opened.status().detail) == ("x", where, why)
    with pytest.raises(TimeoutError):  # it waits, instead of failing again and again
        asyncio.run(asyncio.wait_for(opened.run(lambda batch: None), 0.01))
