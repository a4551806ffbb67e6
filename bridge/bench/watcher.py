"""An NDI receiver in a process of its own, as a mixer is one: it knows nothing of the bridge but the strip in the picture.

    python -m bridge.bench.watcher NAME [NAME …]

It prints a line when a picture of every source called NAME has come, and receives until its input ends. Then
it prints what it saw, as one JSON object: for each name a list of `[frame, age, at]`, the number in each picture, how old
it was, in seconds, and when it came, in seconds of `bridge.clock`.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from bridge.clock import now
from bridge.errors import Unavailable
from bridge.strip import height, read

ATTEMPTS: Final = 3
"""How often it is started: now and then NDI's library ends its process, without a word, while it starts."""
FIND: Final = 20.0
"""Seconds in which all sources must be found and show a picture."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One picture of a source."""

    frame: int
    """Its number."""
    age: float
    """Seconds since it was made."""
    at: float
    """When it came, in seconds of `bridge.clock`."""


class Watcher:
    """The process, from the side of who measures."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def seen(self) -> dict[str, list[Seen]]:
        """End it; return what it saw of each source, pictures that came again left out."""
        out, _ = self._process.communicate()
        if not out:
            raise Unavailable("the receiver of NDI ended; its own message is above")
        return {name: [Seen(*one) for one in each] for name, each in json.loads(out).items()}


@contextmanager
def watcher(names: Sequence[str], meanwhile: Callable[[], object] = lambda: None) -> Iterator[Watcher]:
    """Start it, wait for its first pictures, and end it on leaving; call `meanwhile` again and again until they have come,
    for who sends them from here. Raise `Unavailable` if none come."""
    for _ in range(ATTEMPTS):
        process = subprocess.Popen(
            [sys.executable, "-m", "bridge.bench.watcher", *names],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        with process:
            try:
                if _begins(process, meanwhile):
                    yield Watcher(process)
                    return
            finally:
                process.kill()
    raise Unavailable(f"no NDI receiver saw all of {', '.join(names)}; is another program using NDI here?")


def _begins(process: "subprocess.Popen[str]", meanwhile: Callable[[], object]) -> bool:
    """Wait until it has seen all its sources; return whether it has."""
    assert process.stdout is not None
    said: list[str] = []
    reading = threading.Thread(target=lambda out: said.append(out.readline()), args=(process.stdout,))
    reading.start()
    while reading.is_alive():
        meanwhile()
        reading.join(0.03)
    return bool(said and said[0])


def main(names: Sequence[str]) -> int:
    """Receive all of these until the input ends; return 0, or 1 if not all of them were seen."""
    import NDIlib as ndi

    if not ndi.initialize():
        return 1
    watched = {name: _Source(ndi, source) for name, source in _found(ndi, names).items()}
    ended = threading.Event()
    threads = [threading.Thread(target=one.receive, args=(ended,)) for one in watched.values()]
    for thread in threads:
        thread.start()
    whole = len(watched) == len(names) and all(one.begun.wait(FIND) for one in watched.values())
    if whole:
        _tell("ready")
        sys.stdin.read()
    ended.set()
    for thread in threads:
        thread.join()
    if whole:
        _tell(json.dumps({name: one.seen for name, one in watched.items()}))
    return 0 if whole else 1


def _found(ndi: Any, names: Sequence[str]) -> dict[str, Any]:
    """Return the sources of these names, as far as they are found in time; also without mDNS, on this machine."""
    finder = ndi.find_create_v2(ndi.FindCreate(show_local_sources=True, p_extra_ips="127.0.0.1"))
    found: dict[str, Any] = {}
    end = now() + FIND
    try:
        while len(found) < len(names) and now() < end:
            for source in ndi.find_get_current_sources(finder):
                for name in names:
                    if source.ndi_name.endswith(f" ({name})"):
                        found[name] = ndi.Source(p_ndi_name=source.ndi_name, p_url_address=source.url_address)
            ndi.find_wait_for_sources(finder, 200)
    finally:
        ndi.find_destroy(finder)
    return found


class _Source:
    """One source, received in a thread of its own."""

    def __init__(self, ndi: Any, source: Any) -> None:
        self._ndi = ndi
        self._source = source
        self.begun = threading.Event()
        self.seen: list[tuple[int, float, float]] = []

    def receive(self, ended: threading.Event) -> None:
        ndi = self._ndi
        settings = ndi.RecvCreateV3()
        settings.source_to_connect_to = self._source
        settings.color_format = ndi.RECV_COLOR_FORMAT_UYVY_BGRA  # as mixers take it: they convert on the GPU
        settings.bandwidth = ndi.RECV_BANDWIDTH_HIGHEST
        settings.allow_video_fields = False
        receiver = ndi.recv_create_v3(settings)
        try:
            while not ended.is_set():
                kind, video, _, _ = ndi.recv_capture_v2(receiver, 100, want_audio=False, want_metadata=False)
                if kind == ndi.FRAME_TYPE_VIDEO:
                    at = now()
                    strip = read(np.array(video.data[: height(video.xres), :, 1]))
                    ndi.recv_free_video_v2(receiver, video)
                    if strip is not None and (not self.seen or strip.frame != self.seen[-1][0]):
                        self.seen.append((strip.frame, at - strip.start_ms / 1000, at))
                    self.begun.set()
        finally:
            ndi.recv_destroy(receiver)


def _tell(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
