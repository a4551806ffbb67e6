"""What opens an output: for each kind of options the one that shows it, or one that says that none does yet."""

import asyncio

import pytest

from bridge.frames import Fan
from bridge.outputs import open_output
from bridge.outputs.ndi import NdiOutput
from bridge.profile.outputs import Ndi, OutputOptions, Recording, Spout, Syphon, Window


def test_ndi_is_shown() -> None:
    assert isinstance(open_output("program", Ndi("Scope Bridge"), Fan().open()), NdiOutput)


@pytest.mark.parametrize(
    ("options", "where", "why"),
    [
        (Spout("Scope"), "Spout sender Scope", "Spout outputs come with a later version"),
        (Syphon("Scope"), "Syphon server Scope", "Syphon outputs come with a later version"),
        (Window(2), "window on screen 2", "windows and full screens come with a later version"),
        (Recording("a.mp4"), "recording a.mp4", "recordings come with a later version"),
    ],
)
def test_what_nothing_shows_yet_is_named_and_waits(options: OutputOptions, where: str, why: str) -> None:
    opened = open_output("x", options, Fan().open())
    opened.frozen, opened.level = True, 0.5

    status = opened.status()
    assert (opened.name, status.where, status.detail, status.frozen, status.level) == ("x", where, why, True, 0.5)
    with pytest.raises(TimeoutError):  # it waits, instead of failing again and again
        asyncio.run(asyncio.wait_for(opened.run(), 0.01))


def test_an_output_that_cannot_open_gives_way_to_one_that_can() -> None:
    waiting = open_output("x", Spout("Scope"), Fan().open())

    assert waiting.change(Spout("Scope"))
    assert not waiting.change(Ndi("Scope"))
