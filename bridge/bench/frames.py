"""Frames: how soon and how cheaply a picture gets from Scope's packets to a mixer.

`sooner` is the receiver alone: with aiortc's jitter buffer, and with the one of `session.sooner`. `convert` is the
processor time from a decoded frame to what NDI takes, beside a plain loop. `path` is all of it: a sender of WebRTC in
another process, the bridge's connection and output, NDI, a receiver in a third process; beside the script that one would
write without thinking further. `eight` is that with eight outputs at once.
"""

import asyncio
import importlib.util
import logging
import os
import time
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Final

import av
import numpy as np
from numpy.typing import NDArray

from bridge.bench.arriving import Arrived, arriving
from bridge.bench.camera import Camera, camera
from bridge.bench.measuring import Contender, Effort, Figure, Part, Stalls, side_by_side
from bridge.bench.mixer import Bare, bridged, plainly, scripted
from bridge.bench.watcher import Seen, watcher
from bridge.errors import Unavailable
from bridge.frames import Frame
from bridge.outputs.driver import Picture
from bridge.outputs.ndi import NdiDriver
from bridge.outputs.painter import Painter
from bridge.profile.outputs import Alpha, Ndi, Shape, Showing
from bridge.rehearsal.measurement import quantile

logger = logging.getLogger(__name__)

SHAPES: Final = (((512, 512), 30, 1 / 15), ((576, 320), 16, 1 / 30))
"""Width and height, frames per second, and the highest ratio to aiortc that will do."""
SPELL: Final = 6.0
"""Seconds of video at a time, from each in turn."""
SPELLS: Final = 3
LOSS: Final = 0.005
LOSSY: Final = 20.0
"""Seconds of video at a time, where packets are lost: of few frames there is no 99th percentile."""
LEAST: Final = 1.0
"""Seconds, at least."""
AS_MANY: Final = 1.02
"""How much longer it may be from one frame to the next, where packets are lost: chance decides which."""
STOCK: Final = "aiortc's own"

SIZES: Final = ((576, 320), (1280, 720), (1920, 1080))
FRAMES: Final = 10
"""Converted in a round."""
RATE: Final = Fraction(30)
DEARER: Final = 1.1
"""Than a plain loop, the whole way to NDI included."""
PLAIN: Final = "reformat to RGBA"

SIZE, FPS = (576, 320), 30
WATCHED: Final = 20.0
"""Seconds."""
MANY: Final = 8
SCRIPT: Final = "a plain script"


# From the last packet to the decoded frame


def _sooner(effort: Effort) -> Iterator[Figure]:
    """Receive the same video both ways in turn; then with packets that are lost."""
    seconds, spells = max(LEAST, SPELL * effort.scale), effort.times(SPELLS)
    with camera() as sender:
        for size, fps, target in SHAPES:
            ours, theirs = _in_turn(sender, size, fps, seconds, spells)
            which = f"VP8 {_of(size)} at {fps}"
            yield _delay(f"last packet to decoded frame, {which}, median", ours, theirs, 0.5, target)
            yield _delay(f"the same at 99 %, {which}", ours, theirs, 0.99)
        for size, fps, _ in SHAPES:
            lossy = max(LEAST, LOSSY * effort.scale)
            ours, theirs = _in_turn(sender, size, fps, lossy, effort.times(2), LOSS)
            which = f"{100 * LOSS:g} % of packets lost, {_of(size)} at {fps}"
            yield _delay(f"the same at 99 %, {which}", ours, theirs, 0.99, 1.0)
            yield Figure(
                f"from one frame to the next, {which}", _interval(ours), "ms", STOCK, _interval(theirs), AS_MANY
            )


def _in_turn(
    sender: Camera, size: tuple[int, int], fps: int, seconds: float, spells: int, loss: float = 0.0
) -> tuple[Sequence[Arrived], Sequence[Arrived]]:
    """Return what came with `session.sooner`, and what without."""
    came: tuple[list[Arrived], list[Arrived]] = [], []
    for number in range(2 * spells):
        sooner = number % 2 == (number // 2) % 2  # so that neither is always the first
        came[not sooner].append(asyncio.run(arriving(sender, size, fps, seconds, sooner=sooner, loss=loss)))
    return came


def _delay(
    name: str, ours: Sequence[Arrived], theirs: Sequence[Arrived], part: float, target: float | None = None
) -> Figure:
    value, peer = (_quantile([one for each in came for one in each.delays], part) for came in (ours, theirs))
    return Figure(name, 1000 * value, "ms", STOCK, 1000 * peer, target)


def _interval(came: Sequence[Arrived]) -> float:
    """Return how many milliseconds there are to a frame."""
    return 1000 * sum(one.seconds for one in came) / sum(len(one.delays) for one in came)


# From a decoded frame to what NDI takes


def _convert(effort: Effort) -> Iterator[Figure]:
    """Convert the same decoded frames both ways, to nothing; then to NDI, where it is there, with somebody who watches."""
    yield from _beside(effort, _painted(lambda picture: None), _plain(lambda pixels: None), "NDI's pixels", PLAIN)
    if not _has_ndi():
        return
    driver, bare = NdiDriver(Ndi(_named("painted"))), Bare(_named("plain"), RATE)
    try:
        driver.open(RATE)
        ours, plain = _painted(lambda picture: driver.send(picture, 0.0)), _plain(bare.send)
        first = _decoded(SIZES[0], 1)
        with watcher([_named("painted"), _named("plain")], lambda: (ours(first), plain(first))):
            yield from _beside(effort, ours, plain, "NDI, sent", f"{PLAIN}, sent", DEARER)
    finally:
        driver.close()
        bare.close()


Show = Callable[[Sequence[av.VideoFrame]], object]
"""Brings decoded frames to NDI, or to what NDI takes."""


def _beside(
    effort: Effort, ours: Show, plain: Show, what: str, peer: str, target: float | None = None
) -> Iterator[Figure]:
    for size in SIZES:
        contenders = {"ours": _converting(size, effort, ours), "plain": _converting(size, effort, plain)}
        times = side_by_side(contenders, effort.rounds, time.process_time)
        yield Figure(
            f"processor time, decoded frame to {what}, {_of(size)}", times["ours"], "µs", peer, times["plain"], target
        )


def _converting(size: tuple[int, int], effort: Effort, show: Show) -> Contender:
    frames: list[av.VideoFrame] = []
    count = max(3, effort.times(FRAMES))

    def decode() -> None:
        frames[:] = _decoded(size, count)

    return Contender(lambda: show(frames), count, before=decode)


def _decoded(size: tuple[int, int], count: int) -> list[av.VideoFrame]:
    """Return frames as decoders make them: clouds, and each a little further."""
    width, height = size
    coarse = np.random.default_rng(1).integers(16, 235, (-(-height * 3 // 2 // 8), width // 8 + 8), np.uint8)
    clouds = coarse.repeat(8, axis=0).repeat(8, axis=1)[: height * 3 // 2]
    return [
        av.VideoFrame.from_ndarray(np.ascontiguousarray(clouds[:, each : each + width]), format="yuv420p")
        for each in range(count)
    ]


def _painted(send: Callable[[Picture], object]) -> Show:
    painter = Painter(Shape(), Alpha(), "uyvy")

    def show(videos: Sequence[av.VideoFrame]) -> None:
        for number, video in enumerate(videos):
            send(painter.paint(Frame(video, 0.0, number)))

    return show


def _plain(send: Callable[[NDArray[np.uint8]], object]) -> Show:
    def show(videos: Sequence[av.VideoFrame]) -> None:
        for video in videos:
            send(plainly(video))

    return show


# The whole path


def _path(effort: Effort) -> Iterator[Figure]:
    """Play both paths one after the other, and the bridge's also without its evenness."""
    if not _has_ndi():
        return
    seconds = max(2 * LEAST, WATCHED * effort.scale)
    even, eager = Showing(fps=RATE), Showing(fps=None, steady=0.0)
    with camera() as sender:
        (theirs,) = asyncio.run(scripted(sender, [_named("script")], SIZE, FPS, seconds))
        for which, showing in (("as it comes", eager), ("evened out", even)):
            (ours,) = asyncio.run(bridged(sender, [Ndi(_named(which), showing)], SIZE, FPS, seconds))
            name = f"WebRTC to NDI, {_of(SIZE)} at {FPS}, {which}"
            yield Figure(f"pictures per second, {name}", _rate(ours), "", SCRIPT, _rate(theirs))
            yield Figure(f"lost, {name}", _part_lost(ours), "%", SCRIPT, _part_lost(theirs))
            for part, text in ((0.5, "median"), (0.99, "99 %")):
                value, peer = (_quantile([one.age for one in seen], part) for seen in (ours, theirs))
                yield Figure(f"from the camera to the mixer, {text}, {name}", 1000 * value, "ms", SCRIPT, 1000 * peer)


def _eight(effort: Effort) -> Iterator[Figure]:
    """Show one video on eight outputs at once, each an NDI source that somebody receives."""
    if not _has_ndi():
        return
    seconds = max(2 * LEAST, WATCHED * effort.scale)
    options = [Ndi(_named(str(number)), Showing(fps=RATE)) for number in range(1, MANY + 1)]
    with camera() as sender, Stalls() as stalls:
        seen = asyncio.run(bridged(sender, options, SIZE, FPS, seconds))
    name = f"{MANY} outputs at once, {_of(SIZE)} at {FPS}"
    shown = sum(len(each) for each in seen)
    yield Figure(f"pictures lost, {name}, of {shown + sum(map(_lost, seen))}", sum(map(_lost, seen)), "", target=0.0)
    yield Figure(f"pictures per second, the fewest, {name}", min(map(_rate, seen)), "")
    ages = [one.age for each in seen for one in each]
    yield Figure(f"from the camera to the mixer, 99 %, {name}", 1000 * _quantile(ages, 0.99), "ms")
    yield Figure("how late the machine let a thread run that time, at most", 1000 * stalls.longest, "ms")


def _lost(seen: Sequence[Seen]) -> int:
    """Return how many pictures are missing among those seen."""
    return seen[-1].frame - seen[0].frame + 1 - len({one.frame for one in seen})


def _part_lost(seen: Sequence[Seen]) -> float:
    """Return how many that is of a hundred."""
    return 100 * _lost(seen) / (seen[-1].frame - seen[0].frame + 1)


def _rate(seen: Sequence[Seen]) -> float:
    return (len(seen) - 1) / (seen[-1].at - seen[0].at)


def _has_ndi() -> bool:
    if importlib.util.find_spec("NDIlib") is not None:
        return True
    logger.warning(
        'NDI is not installed, so what goes through it is not measured; run: pip install "scope-bridge[ndi]"'
    )
    return False


def _named(name: str) -> str:
    """Return a name for an NDI source that no other run uses."""
    return f"bench {os.getpid()} {name}"


def _of(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"


def _quantile(values: Sequence[float], part: float) -> float:
    found = quantile(list(values), part)
    if found is None:
        raise Unavailable("no picture came")
    return found


PARTS: Final = {
    "sooner": Part(_sooner),
    "convert": Part(_convert),
    "path": Part(_path),
    "eight": Part(_eight),
}
