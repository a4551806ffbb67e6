"""What opens an output: each kind of options has its driver, imported only for it, and a sentence where it cannot be."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from bridge.errors import Unavailable
from bridge.frames import Buffer, Latest
from bridge.outputs import open_output
from bridge.outputs.incoming import Incoming
from bridge.profile.outputs import Ndi, OutputOptions, Recording, Spout, Stream, Syphon, Window


def incoming() -> Incoming:
    """Return the ways into an output that nothing comes in by."""
    return Incoming(Buffer(), Latest(), lambda duration: 0.0, Path())


@pytest.mark.parametrize(
    ("options", "where"),
    [
        (Ndi("Scope Bridge"), "NDI source Scope Bridge"),
        (Spout("Scope"), "Spout sender Scope"),
        (Syphon("Scope"), "Syphon server Scope"),
        (Window(2), "screen 2"),
        (Recording("a.mp4"), "recording a.mp4"),
        (Stream("rtmp://example.com/live/very-secret"), "stream"),
    ],
)
def test_every_kind_says_where_it_will_be_before_it_is_there(options: OutputOptions, where: str) -> None:
    opened = open_output("x", options, incoming())
    opened.frozen, opened.level = True, 0.5

    status = opened.status()
    assert (opened.name, status.where, status.frozen, status.level, status.sent) == ("x", where, True, 0.5, 0)


@pytest.mark.skipif(sys.platform != "linux", reason="Spout or Syphon may be there")
@pytest.mark.parametrize(("options", "system"), [(Spout("Scope"), "Windows"), (Syphon("Scope"), "macOS")])
def test_what_another_system_has_is_unavailable_with_what_to_use_instead(options: OutputOptions, system: str) -> None:
    with pytest.raises(Unavailable, match=system) as refused:
        asyncio.run(open_output("x", options, incoming()).run())
    assert "ndi" in str(refused.value)


def test_no_output_changes_into_one_of_another_kind_or_name() -> None:
    opened = open_output("x", Spout("Scope"), incoming())

    assert opened.change(Spout("Scope"))
    assert not opened.change(Spout("Other"))
    assert not opened.change(Ndi("Scope"))


def test_no_driver_is_imported_before_it_is_asked_for() -> None:
    drivers = "NDIlib", "SpoutGL", "syphon", "sdl2", "bridge.outputs.recording", "bridge.outputs.stream"
    look = f"import sys, bridge.outputs; sys.exit(any(name in sys.modules for name in {drivers}))"
    assert subprocess.run([sys.executable, "-c", look], check=False, timeout=30).returncode == 0
