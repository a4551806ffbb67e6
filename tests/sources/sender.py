"""An NDI sender in a process of its own: a camera for NDI in. It shares no code with the bridge's output.

    python -m tests.sources.sender --name "Cam 1" --size 576x320

The upper half of each picture is of one colour; it says its number (`bridge.sources.pattern`), and goes out at `--fps`. It ends with its
standard input. The first line of its output is the name that the library announces.
"""

import argparse
import contextlib
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bridge.clock import now
from bridge.sources.pattern import draw_number

Colour = tuple[int, int, int]

ATTEMPTS = 3
"""How often a sender is started: now and then the library ends its process, without a word, while it starts."""


@contextlib.contextmanager
def sending(
    name: str,
    size: tuple[int, int] = (576, 320),
    colour: Colour = (200, 100, 50),
    fps: int = 30,
    alpha: int | None = None,
    timed: bool = False,
) -> Iterator[str]:
    """Send in another process; yields the announced name."""
    command = [sys.executable, "-m", "tests.sources.sender", "--name", name, "--fps", str(fps)]
    command += ["--size", f"{size[0]}x{size[1]}", "--colour", ",".join(map(str, colour))]
    if alpha is not None:
        command += ["--alpha", str(alpha)]
    if timed:
        command.append("--timed")
    for attempt in range(ATTEMPTS):
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
        ) as process:
            assert process.stdout is not None
            announced = process.stdout.readline().strip()
            try:
                if announced:
                    yield announced
                    return
            finally:
                process.kill()
        print(f"the sender ended with status {process.returncode} in attempt {attempt}", file=sys.stderr)
    raise AssertionError("no sender begins")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--name", required=True)
    parser.add_argument("--size", default="576x320", help="WIDTHxHEIGHT")
    parser.add_argument("--colour", default="200,100,50", help="RED,GREEN,BLUE")
    parser.add_argument("--fps", type=int, default=30)
    parser.add_argument("--alpha", type=int, help="0 to 255; without it the pictures have none")
    parser.add_argument("--timed", action="store_true", help="number them by the milliseconds of `bridge.clock`")
    options = parser.parse_args()
    width, height = (int(side) for side in options.size.split("x"))
    over = threading.Event()
    threading.Thread(target=_await_end, args=(over,), daemon=True).start()
    send(
        options.name,
        width,
        height,
        tuple(int(part) for part in options.colour.split(",")),
        options.fps,
        options.alpha,
        options.timed,
        over,
    )


def _await_end(over: threading.Event) -> None:
    sys.stdin.read()
    over.set()


def send(
    name: str,
    width: int,
    height: int,
    colour: tuple[int, ...],
    fps: int,
    alpha: int | None,
    timed: bool,
    over: threading.Event,
) -> None:
    import NDIlib as ndi

    if not ndi.initialize():
        raise SystemExit("NDI does not run here")
    sender = ndi.send_create(ndi.SendCreate(p_ndi_name=name, clock_video=True, clock_audio=False))
    if sender is None:
        raise SystemExit(f"the name {name!r} is taken")
    print(ndi.send_get_source_name(sender).ndi_name, flush=True)
    frame = ndi.VideoFrameV2()
    frame.frame_rate_N, frame.frame_rate_D = fps, 1
    if alpha is None:
        frame.FourCC = ndi.FOURCC_VIDEO_TYPE_UYVY
        pixels = uyvy(width, height, colour)
        numbered = pixels[:, :, 1:]
    else:
        frame.FourCC = ndi.FOURCC_VIDEO_TYPE_RGBA
        pixels = np.full((height, width, 4), (*colour, alpha), np.uint8)
        numbered = pixels[:, :, :3]
    number = 0
    while not over.is_set():
        draw_number(numbered, int(now() * 1000) if timed else number)
        frame.data = pixels
        ndi.send_send_video_v2(sender, frame)  # returns when it is time for the next one
        number += 1
        if not ndi.send_get_no_connections(sender, 0):
            time.sleep(1 / fps)
    ndi.send_destroy(sender)


def uyvy(width: int, height: int, colour: tuple[int, ...]) -> NDArray[np.uint8]:
    """Return a picture of one colour by the textbook's BT.709; its lower half is grey, for the number."""
    red, green, blue = (level / 255 for level in colour)
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    pixels = np.full((height, width, 2), (128, round(16 + 219 * luma)), np.uint8)
    pixels[: height // 2, ::2, 0] = round(128 + 224 * (blue - luma) / 1.8556)
    pixels[: height // 2, 1::2, 0] = round(128 + 224 * (red - luma) / 1.5748)
    return pixels


if __name__ == "__main__":
    main()
