"""What a mixer sees of a night with crashes, other sizes and edits: one source that never stops, in the right colours.

NIGHT_SECONDS=600 uv run pytest tests/end_to_end/test_never_gone.py -s -n 0        # the long form
"""

import itertools
import os
import random
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from bridge.clock import now
from bridge.sources.pattern import draw_number
from tests.end_to_end.rig import Bridge, Rehearsal, wait_for
from tests.outputs.receiver import GAP, Colour, Seen, Watch, watching

SECONDS = float(os.environ.get("NIGHT_SECONDS", "0"))
"""How long the night is, at least; the short form ends when everything has happened once."""
ROUNDS = {"crash": 5, "size": 3, "edit": 3} if SECONDS else {"crash": 1, "size": 1, "edit": 1}
"""What happens how often."""
SIZES = ((640, 352), (512, 512), (576, 320))
COLOURS: tuple[tuple[int, int, int], ...] = (
    (200, 40, 40), (40, 180, 60), (50, 60, 200), (190, 180, 40), (170, 60, 170), (40, 170, 180), (128, 128, 128), (230, 230, 230),
)  # fmt: skip
"""Of the film that goes into Scope, which passes it on: eight upright bars."""
AWAY = 5
"""Of 255: how far a colour may be from what was meant, at the other end of two VP8 encoders, a server that makes RGB of it in
between, and NDI. (Of one encoder and NDI it is within 3: tests/outputs.)"""
FILM = 40
"""Seconds of the film that goes into Scope. Its pictures are numbered, and it begins again."""
OPTIONS = ("--chunk", "0.25", "--load-seconds", "0.3")
PROFILE = """\
scope: {{url: "{url}", ice: loopback, pipeline: passthrough, video: [film], load: {{width: {width}, height: {height}}}}}
inputs:
  film: {{video: {{file: bars.mkv}}}}
outputs:
  program: {{ndi: {ndi}}}
start: {{prompt: "a reef at night"}}
# edit {edit}
"""


class Night:
    """A bridge, a server that dies, and the profile that is edited meanwhile."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._size, self._edits = (576, 320), 0
        self.ndi = f"Night {os.getpid()}"
        self.server = Rehearsal(*OPTIONS)
        bars(folder / "bars.mkv")
        self._write()
        self.bridge = Bridge(folder / "night.yaml", folder / "state")

    def _write(self) -> None:
        width, height = self._size
        text = PROFILE.format(url=self.server.url, ndi=self.ndi, width=width, height=height, edit=self._edits)
        (self._folder / "night.yaml").write_text(text, encoding="utf-8")

    def happens(self, what: str) -> Callable[[Seen], bool]:
        """Let something happen; return what tells, of a frame, that it is over."""
        self._edits += 1
        match what:
            case "crash":
                sessions = self._sessions()
                self.server.kill()
                self.server.end()
                self.server = Rehearsal(*OPTIONS, port=self.server.port)
                wait_for("a new session", lambda: self._sessions() > sessions, 30.0)
                return self._moves()
            case "size":
                self._size = width, height = SIZES[SIZES.index(self._size) - 1]
                self._write()
                return lambda frame: (frame.width, frame.height) == (width, height) and frame.number is not None
            case _:
                self._write()
                marker = len(self.bridge.errors)
                wait_for("the edit", lambda: any("read " in line for line in self.bridge.errors[marker:]), 10.0)
                return self._moves()

    @staticmethod
    def _moves() -> Callable[[Seen], bool]:
        """Return what tells that pictures come which are others than the one that is held."""
        numbers: set[int] = set()

        def moves(frame: Seen) -> bool:
            numbers.update([] if frame.number is None else [frame.number])
            return len(numbers) > 5

        return moves

    def _sessions(self) -> int:
        return int((self.bridge.status() or {"scope": {"sessions": 0}})["scope"]["sessions"])

    def end(self) -> None:
        self.bridge.end()
        self.server.end()


def bars(path: Path) -> None:
    """Write a film of eight bars of colour, its pictures numbered, without a loss."""
    row = np.repeat(np.array(COLOURS, np.uint8), 72, axis=0)
    with av.open(str(path), "w") as film:
        stream = film.add_stream("ffv1", rate=30)
        stream.width, stream.height, stream.pix_fmt = 576, 320, "bgr0"
        for number in range(FILM * 30):
            pixels = np.repeat(row[None], 320, axis=0)
            draw_number(pixels, number)
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format="bgr0")
            frame.pts, frame.time_base = number, Fraction(1, 30)
            film.mux(stream.encode(frame))
        film.mux(stream.encode(None))


def away(cells: list[Colour]) -> float:
    """Return how far the bars are from what they are meant to be, of 255: those of the upper half, above the number."""
    upper = cells[: len(cells) // 2]
    return max(
        abs(one - meant)
        for cell, colour in zip(upper, COLOURS, strict=True)
        for one, meant in zip(cell, colour, strict=True)
    )


def in_order(seen: list[Seen]) -> bool:
    """Return whether the film's pictures came in their order: each is the one before, or at most half a film later."""
    numbers = [frame.number for frame in seen if frame.number is not None]
    return all((after - before) % (FILM * 30) < FILM * 15 for before, after in itertools.pairwise(numbers))


@pytest.mark.timeout(120 + 2 * SECONDS)
def test_a_mixer_sees_one_source_without_a_gap_whatever_happens_and_in_the_right_colours(tmp_path: Path) -> None:
    chance = random.Random(5)
    happenings = [what for what, times in ROUNDS.items() for _ in range(times)]
    chance.shuffle(happenings)
    night = Night(tmp_path)
    try:
        with watching(night.ndi, seconds=SECONDS + 300.0, grid="8x2") as watch:
            begin = watch.until(lambda frame: frame.number is not None, 30.0)
            worst = settled(watch)
            began, pause = now(), SECONDS / (len(happenings) + 1)
            for number, what in enumerate(happenings):
                while now() < began + pause * (number + 1):
                    watch.until(lambda frame: True)
                watch.until(night.happens(what), 30.0)
                worst = max(worst, settled(watch))
            while now() < began + SECONDS:
                watch.until(lambda frame: True)
            gap = watch.longest_gap(begin)
            after = [frame for frame in watch.seen if frame.timestamp >= begin.timestamp]
            print(
                f"{ROUNDS} in {now() - began:.0f} s: {len(after)} frames, longest gap {1000 * gap:.0f} ms, "
                f"colours at most {worst:.1f} of 255 away"
            )
            assert gap <= GAP
            assert in_order(after)
            assert worst <= AWAY
    finally:
        night.end()


def settled(watch: Watch) -> float:
    """Wait until the encoders have made the colours good, for as long as that may take; return how far they are away then."""
    give_up, best = now() + 10.0, 255.0

    def good(frame: Seen) -> bool:
        nonlocal best
        if frame.number is not None:
            best = min(best, away(frame.cells))
        return best <= AWAY or now() > give_up

    watch.until(good, 30.0)
    return best
