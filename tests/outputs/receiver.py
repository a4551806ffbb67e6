"""An NDI receiver in a process of its own: what a mixer would see, as one JSON object per line.

    python -m tests.outputs.receiver --name "Scope Bridge" --seconds 5

It shares no code with the bridge's output. The first line names the source; then there is one line per frame:

- `at`: when it arrived, in seconds of `bridge.clock`
- `timestamp`: the sender's own, in units of 100 ns
- `width`, `height`, `fps`
- `cells`: the mean red, green and blue of each cell of `--grid COLUMNSxROWS`, row by row, without the cell's margin
- `alpha`: of the same cells, 0 to 255; null: the picture has none
- `number`: what `bridge.sources.pattern` wrote into the picture, or null
- `strip`: what the rehearsal server wrote into the picture, or null

`watching` runs it from a test. Without mDNS it finds sources of this machine through 127.0.0.1.
"""

import argparse
import contextlib
import dataclasses
import itertools
import json
import math
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.clock import now
from bridge.sources.pattern import read_number

Colour = tuple[float, float, float]

ATTEMPTS = 3
"""How often a receiver is started: now and then the library ends its process, without a word, while it starts."""
GAP = 5 / 30
"""Seconds between two timestamps of a source at 30 fps from which the picture counts as gone: five of its ticks. What is
seen is a tick or two; the rest is for machines that stall."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One received frame."""

    at: float
    timestamp: int
    width: int
    height: int
    fps: float
    cells: list[Colour]
    alpha: list[float] | None
    number: int | None
    strip: dict[str, Any] | None

    @property
    def mean(self) -> Colour:
        """The mean of all cells."""
        red, green, blue = (sum(channel) / len(self.cells) for channel in zip(*self.cells, strict=True))
        return red, green, blue


@dataclass
class Watch:
    """A receiver process, and what it has seen so far."""

    source: str = ""
    seen: list[Seen] = field(default_factory=list)
    _news: threading.Condition = field(default_factory=threading.Condition)
    _over: bool = False

    def until(self, enough: Callable[[Seen], bool], seconds: float = 20.0) -> Seen:
        """Wait for a frame for which `enough` holds, among those seen from now on; return it."""
        with self._news:
            first = len(self.seen)
            end = now() + seconds
            while True:
                for frame in self.seen[first:]:
                    if enough(frame):
                        return frame
                first = len(self.seen)
                left = end - now()
                if left <= 0 or self._over:
                    last = self.seen[-1] if self.seen else None
                    raise AssertionError(f"no such frame came in {seconds} s; the last one: {last}")
                self._news.wait(left)

    def _begins(self, process: "subprocess.Popen[str]", *, last: bool) -> bool:
        """Wait for the first frame; return False if the receiver died before, unless it was the `last` attempt."""
        try:
            self.until(lambda frame: True)
        except AssertionError as error:
            if not self._over:
                raise
            status = process.wait()
            if last:
                raise AssertionError(f"the receiver ended with status {status} before a frame came") from error
            print(f"the receiver ended with status {status} before a frame came; once more", file=sys.stderr)
            return False
        return True

    def longest_gap(self, since: Seen | None = None) -> float:
        """Return the most seconds between two of the sender's own timestamps, from `since` on."""
        stamps = [frame.timestamp for frame in self.seen]
        if since is not None:
            stamps = [stamp for stamp in stamps if stamp >= since.timestamp]
        return max(later - earlier for earlier, later in itertools.pairwise(stamps)) / 1e7

    def _read(self, lines: Iterator[str]) -> None:
        for line in lines:
            fields = json.loads(line)
            with self._news:
                if "source" in fields:
                    self.source = fields["source"]
                else:
                    self.seen.append(Seen(**{**fields, "cells": [tuple(cell) for cell in fields["cells"]]}))
                self._news.notify_all()
        with self._news:
            self._over = True
            self._news.notify_all()


@contextlib.contextmanager
def watching(name: str, seconds: float = 60.0, grid: str = "1x1", config: Path | None = None) -> Iterator[Watch]:
    """Receive the source called `name` in another process; yields when the first frame has come.

    `config` is a folder with an `ndi-config.v1.json`, for a receiver that must find other sources by itself.
    """
    environment = os.environ if config is None else {**os.environ, "NDI_CONFIG_DIR": str(config)}
    command = [
        sys.executable, "-m", "tests.outputs.receiver", "--name", name, "--seconds", str(seconds), "--grid", grid
    ]  # fmt: skip
    for attempt in range(ATTEMPTS):
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2], env=environment
        )
        watch = Watch()
        assert process.stdout is not None
        reader = threading.Thread(target=watch._read, args=(process.stdout,), daemon=True)
        reader.start()
        try:
            if watch._begins(process, last=attempt == ATTEMPTS - 1):
                yield watch
                return
        finally:
            process.kill()
            process.wait()
            reader.join()
            process.stdout.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--name", required=True, help="the source's name, without or with the machine's")
    parser.add_argument("--seconds", type=float, default=5.0, help="how long to receive")
    parser.add_argument("--grid", default="1x1", help="COLUMNSxROWS of the colours to report")
    parser.add_argument("--url", default="", help="ADDRESS:PORT of the sender, instead of looking for the name")
    options = parser.parse_args()
    columns, rows = (int(part) for part in options.grid.split("x"))
    try:
        receive(options.name, options.url, now() + options.seconds, columns, rows)
    except BrokenPipeError:
        sys.stderr.write("whoever read this has gone\n")
        os._exit(1)  # an ordinary exit would try to flush what nobody reads


def receive(name: str, url: str, end: float, columns: int, rows: int) -> None:
    import NDIlib as ndi

    if not ndi.initialize():
        raise SystemExit("NDI does not run here")
    source = ndi.Source(p_ndi_name=name, p_url_address=url) if url else find(ndi, name, end)
    tell({"source": source.ndi_name})
    settings = ndi.RecvCreateV3()
    settings.source_to_connect_to = source
    settings.color_format = ndi.RECV_COLOR_FORMAT_FASTEST  # as mixers take it: UYVY, or UYVA; they convert on the GPU
    settings.bandwidth = ndi.RECV_BANDWIDTH_HIGHEST
    settings.allow_video_fields = False
    receiver = ndi.recv_create_v3(settings)
    try:
        while now() < end:
            kind, video, _, _ = ndi.recv_capture_v2(receiver, 100, want_audio=False, want_metadata=False)
            if kind != ndi.FRAME_TYPE_VIDEO:
                continue
            at = now()
            ycbcr, opacity = planes(ndi, video)
            luma = ycbcr[:, :, 1]
            seen = Seen(
                at,
                video.timestamp,
                video.xres,
                video.yres,
                video.frame_rate_N / video.frame_rate_D,
                cells(ycbcr, columns, rows),
                None if opacity is None else means(opacity, columns, rows),
                read_number(luma),
                strip(luma),
            )
            ndi.recv_free_video_v2(receiver, video)
            tell(dataclasses.asdict(seen))
    finally:
        ndi.recv_destroy(receiver)


def find(ndi: Any, name: str, end: float) -> Any:
    """Return the source called `name`, or `MACHINE (name)`."""
    settings = ndi.FindCreate(show_local_sources=True, p_extra_ips="127.0.0.1")
    while now() < end:
        finder = ndi.find_create_v2(settings)  # without mDNS, each is answered by one of the machine's NDI programs
        asked = now()
        try:
            while now() < asked + 1:
                for source in ndi.find_get_current_sources(finder):
                    if source.ndi_name == name or source.ndi_name.endswith(f" ({name})"):
                        return ndi.Source(p_ndi_name=source.ndi_name, p_url_address=source.url_address)
                ndi.find_wait_for_sources(finder, 200)
        finally:
            ndi.find_destroy(finder)
    raise SystemExit(f"there is no NDI source called {name!r}")


def planes(ndi: Any, video: Any) -> tuple[NDArray[np.uint8], NDArray[np.uint8] | None]:
    """Return the picture as height × width × 2, and its alpha as height × width if it has one."""
    height, width = video.yres, video.xres
    if video.FourCC == ndi.FOURCC_VIDEO_TYPE_UYVY:
        return np.array(video.data), None
    assert video.FourCC == ndi.FOURCC_VIDEO_TYPE_UYVA, video.FourCC
    video.yres = height * 3 // 2  # the alpha lies behind the picture, and `data` is as many rows as this says
    both = np.array(video.data)
    video.yres = height
    return both[:height], both[height:].reshape(height, width)


def means(plane: NDArray[np.uint8], columns: int, rows: int) -> list[float]:
    """Return the mean of each cell of a grid."""
    height, width = plane.shape[0] / rows, plane.shape[1] / columns
    return [
        round(
            float(
                plane[
                    round((row + 0.25) * height) : round((row + 0.75) * height),
                    round((column + 0.25) * width) : round((column + 0.75) * width),
                ].mean()
            ),
            2,
        )
        for row in range(rows)
        for column in range(columns)
    ]


def cells(ycbcr: NDArray[np.uint8], columns: int, rows: int) -> list[Colour]:
    """Return the mean colours of a grid. `ycbcr` is UYVY as height × width × 2; NDI means BT.709, limited range, by it.

    Converted here and not by NDI, whose 8-bit conversion is off by up to 4 levels.
    """
    height, width = ycbcr.shape[0] / rows, ycbcr.shape[1] / 2 / columns
    pairs = ycbcr.reshape(ycbcr.shape[0], -1, 4)
    colours: list[Colour] = []
    for row in range(rows):
        for column in range(columns):
            inner = pairs[
                round((row + 0.25) * height) : round((row + 0.75) * height),
                round((column + 0.25) * width) : round((column + 0.75) * width),
            ]
            u, first, v, second = inner.mean(axis=(0, 1))
            luma, blue, red = ((first + second) / 2 - 16) / 219, (u - 128) / 224, (v - 128) / 224
            r, b = luma + 1.5748 * red, luma + 1.8556 * blue
            g = (luma - 0.2126 * r - 0.0722 * b) / 0.7152
            colours.append((levels(r), levels(g), levels(b)))
    return colours


def levels(value: float) -> float:
    return round(min(max(value, 0.0), 1.0) * 255, 2)


def strip(luma: NDArray[np.uint8]) -> dict[str, Any] | None:
    from bridge.strip import read

    found = read(luma)
    if found is None:
        return None
    return {
        key: None if isinstance(value, float) and not math.isfinite(value) else value
        for key, value in dataclasses.asdict(found).items()
    }


def tell(fields: dict[str, Any]) -> None:
    print(json.dumps(fields), flush=True)


if __name__ == "__main__":
    main()
