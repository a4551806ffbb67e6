"""Video through Scope: an NDI camera, the bridge, a server that gives back what comes in, the bridge, an NDI receiver: each in
a process of its own."""

import os
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from bridge.sources.pattern import NUMBERS
from tests.end_to_end.rig import Bridge, Rehearsal, wait_for
from tests.outputs.receiver import Seen, Watch, watching
from tests.sources.sender import sending

PROFILE = """\
scope: {{url: "{url}", pipeline: passthrough, ice: loopback, video: [cam, bars]}}
inputs:
  cam: {{video: {{ndi: {camera}}}}}
  bars: {{video: {{pattern: bars}}}}
outputs:
  program: {{ndi: {program}}}
start: {{prompt: "none"}}
"""
COLOUR = (200, 100, 50)
ENOUGH = 60
"""Frames of the camera that are looked at: two seconds."""
SLOW = 3.0
"""Seconds of round trip from which something is broken rather than slow: it is a third of one here."""


class Player:
    """A bridge that plays the profile, and the names of its camera and its output."""

    def __init__(self, folder: Path, url: str) -> None:
        self.camera, self.program = f"Cam {os.getpid()}", f"Program {os.getpid()}"
        profile = folder / "video.yaml"
        profile.write_text(PROFILE.format(url=url, camera=self.camera, program=self.program), encoding="utf-8")
        self.bridge = Bridge(profile, folder / "state")

    def input(self, name: str) -> dict[str, object]:
        status = self.bridge.status()
        assert status is not None
        (found,) = (one for one in status["inputs"] if one["name"] == name)
        assert isinstance(found, dict)
        return found

    def waits(self) -> bool:
        """Return whether the camera is waited for."""
        return "waits for NDI source" in str(self.input("cam")["detail"])


@pytest.fixture
def player(tmp_path: Path) -> Iterator[Player]:
    with Rehearsal("--chunk", "0.1", "--load-seconds", "0.2") as server:
        player = Player(tmp_path, server.url)
        try:
            wait_for("frames", player.bridge.streaming, 30.0)
            yield player
        finally:
            player.bridge.end()


def of_the_camera(frame: Seen) -> bool:
    """Return whether a frame shows the colour of the camera in its upper half."""
    return frame.number is not None and max(abs(a - b) for a, b in zip(frame.cells[0], COLOUR, strict=True)) < 25


def of_the_bars(frame: Seen) -> bool:
    return frame.number is not None and not of_the_camera(frame)


def later(earlier: int, number: int) -> int:
    """Return by how much one number is later than another; numbers begin again at their end."""
    return (number - earlier + NUMBERS // 2) % NUMBERS - NUMBERS // 2


def next_of_the_camera(watch: Watch, count: int) -> Sequence[Seen]:
    """Wait for so many frames of the camera; return them."""
    first = watch.until(of_the_camera)
    begin = watch.seen.index(first)
    seen: list[Seen] = []

    def enough(_: Seen) -> bool:
        seen[:] = [frame for frame in watch.seen[begin:] if of_the_camera(frame)]
        return len(seen) >= count

    watch.until(enough)
    return seen


@pytest.mark.timeout(120)
def test_frames_come_back_in_order_and_a_camera_that_is_replugged_needs_nobody(player: Player) -> None:
    with watching(player.program, grid="1x2") as watch:
        watch.until(of_the_bars)
        for _ in range(2):
            with sending(player.camera, colour=COLOUR, timed=True):
                seen = next_of_the_camera(watch, ENOUGH)
                numbers = [frame.number for frame in seen if frame.number is not None]
                steps = [later(before, after) for before, after in pairwise(numbers)]
                assert min(steps) >= 0, "none is out of order"
                assert len(set(numbers)) >= ENOUGH / 2
                trips = [later(frame.number, round(frame.at * 1000)) for frame in seen if frame.number is not None]
                middle, most = np.percentile(trips, [50, 95])
                assert most < 1000 * SLOW
                print(
                    f"round trip p50 {middle:.0f} ms, p95 {most:.0f} ms; "
                    f"{len(set(numbers))} different pictures in {len(seen)} frames"
                )
                cam = player.input("cam")
                assert "576x320 at " in str(cam["where"])
                assert (cam["detail"], cam["feeds"]) == ("", "Scope")
            watch.until(of_the_bars)  # the camera is unplugged: the next of the list goes up
            wait_for("the lost camera to be missed", player.waits, 10.0)
    assert (player.input("cam")["feeds"], player.input("bars")["feeds"]) == ("", "Scope")
    status = player.bridge.status()
    assert status is not None
    assert status["scope"]["sessions"] == 1, "nothing was negotiated anew"
    assert status["scope"]["sent_up"] > 2 * ENOUGH
