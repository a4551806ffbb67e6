"""A window, or a whole screen: the last resort where no program mixes pictures.

The window lives in a process of its own, `window_process`, which is fed through shared memory: the newest picture wins,
and each is shown whole. Closing it by hand ends it for this show; Escape leaves the full screen, F11 or a double click
fills it again.
"""

import json
import logging
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from contextlib import suppress
from fractions import Fraction
from importlib.util import find_spec
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

import numpy as np

from bridge.clock import Clock, now
from bridge.errors import Unavailable
from bridge.outputs.driver import Format, Picture
from bridge.profile.outputs import Window

if TYPE_CHECKING:
    from bridge.outputs.driver import Driver

logger = logging.getLogger(__name__)

_SIZE: Final = 960, 540
"""Of a window, where the profile says no size."""
_SLOTS: Final = 3
"""Pictures in the memory: one being taken over, the newest, and one being written."""
_OPENING: Final = 15.0
"""Seconds that the process has to open its window."""
_SILENCE: Final = 5.0
"""Seconds without a word after which its driver hangs."""
_ENDING: Final = 1.0
"""Seconds that the process has to end by itself."""
_PROGRAM: Final = (sys.executable, "-P", str(Path(__file__).with_name("window_process.py")))


class WindowDriver:
    """The window of a profile."""

    wants: Format = "rgba"

    def __init__(self, options: Window, clock: Clock = now, program: Sequence[str] = _PROGRAM) -> None:
        """`program` is what is run for it, for tests."""
        self._options = options
        self._clock = clock
        self._program = program
        self._process: _Process | None = None
        self._pictures: _Pictures | None = None
        self._shown: Picture | None = None

    @property
    def detail(self) -> str:
        """What is wrong, or what a person did to it; or empty."""
        process = self._process
        if process is None:
            return ""
        if process.closed:
            return "closed by hand: it comes back when the bridge is started again"
        if self._options.fullscreen and process.windowed:
            return "not in full screen, by hand: F11 brings it back"
        return process.complaint

    def open(self, fps: Fraction) -> str:
        """Open the window. Return where. Raise `Unavailable` where there is no SDL, no desktop or no such screen."""
        if find_spec("sdl2") is None:
            raise Unavailable('SDL is not installed; run: pip install "scope-bridge[window]"')
        shape = self._options.showing.shape
        width, height = shape.size or _SIZE
        about = {
            "screen": self._options.screen,
            "fullscreen": self._options.fullscreen,
            "width": width,
            "height": height,
            "fit": shape.fit,
            "pad": shape.pad,
            "title": "Scope Bridge",
        }
        self._process = process = _Process([*self._program, json.dumps(about)], self._clock)
        try:
            where = process.opened()
        except Unavailable:
            self.close()
            raise
        self._pictures = _Pictures(process)
        return where

    def send(self, picture: Picture, at: float) -> None:
        """Show a picture, scaled to the window as `fit` says. Raise `Unavailable` when its process has ended or hangs."""
        assert isinstance(picture, np.ndarray)
        process, pictures = self._process, self._pictures
        if process is None or pictures is None or process.closed:
            return
        process.check()
        if process.forgot():
            self._shown = None
        if picture is not self._shown and pictures.put(picture):
            self._shown = picture

    def pace(self, fps: Fraction) -> None:
        """Take another rate: the window shows what comes, when it comes."""

    def receivers(self) -> int | None:
        """Return 0 when it was closed by hand; else None: who knows how many look at it."""
        return 0 if self._process is not None and self._process.closed else None

    def close(self) -> None:
        """Close the window, within a second or two."""
        process, self._process = self._process, None
        pictures, self._pictures = self._pictures, None
        self._shown = None
        if process is not None:
            process.close()
        if pictures is not None:
            pictures.close()


class _Process:
    """The window's process, and what it says. `listen` runs in a thread of its own."""

    def __init__(self, command: Sequence[str], clock: Clock) -> None:
        self.closed = False
        """Whether somebody has closed the window."""
        self.windowed = False
        """Whether somebody has left the full screen."""
        self.complaint = ""
        self.attached = ""
        """The name of the memory that it holds."""
        self._clock = clock
        self._heard = clock()
        self._done: set[int] = set()
        self._turn = threading.Lock()
        self._forgot = False
        self._where = ""
        self._refusal = ""
        self._answered = threading.Event()
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        try:
            self._child = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                # Ctrl+C is for the bridge: the window ends with it, not before it.
                start_new_session=os.name == "posix",
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )
        except OSError as error:
            self._errors.close()
            raise Unavailable(f"the window's process cannot be started: {error.strerror}") from error
        self._thread = threading.Thread(target=self._listen, name="window", daemon=True)
        self._thread.start()

    def opened(self) -> str:
        """Wait until the window is there. Return where. Raise `Unavailable` if it is not."""
        if not self._answered.wait(_OPENING):
            raise Unavailable(f"the window did not open within {_OPENING:g} s: its graphics driver hangs")
        if self._refusal:
            raise Unavailable(self._refusal)
        if not self._where:
            raise self._ended()
        return self._where

    def check(self) -> None:
        """Raise `Unavailable` when it has ended by itself, or says nothing."""
        if self._child.poll() is not None:
            self._thread.join()  # its last words
            if not self.closed:
                raise self._ended()
        elif self._clock() - self._heard > _SILENCE:
            raise Unavailable(f"the window has not answered for {_SILENCE:g} s: its graphics driver hangs")

    def tell(self, line: str) -> None:
        """Say something to it. What has ended hears nothing; `check` tells."""
        assert self._child.stdin is not None
        with suppress(OSError):  # never more than a few lines wait there: this does not block
            self._child.stdin.write(f"{line}\n".encode())
            self._child.stdin.flush()

    def done(self) -> set[int]:
        """Return the numbers of the pictures that it is done with, since the last time."""
        with self._turn:
            done, self._done = self._done, set()
            return done

    def forgot(self) -> bool:
        """Return whether its picture was lost, since the last time."""
        with self._turn:
            forgot, self._forgot = self._forgot, False
            return forgot

    def close(self) -> None:
        """End it, whatever it does."""
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        with suppress(OSError):
            self._child.stdin.close()  # the end of its input is the end of it
        try:
            self._child.wait(_ENDING)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._thread.join()
        self._child.stdout.close()
        self._errors.close()

    def _ended(self) -> Unavailable:
        self._errors.seek(0)
        said = self._errors.read().decode(errors="replace").strip().splitlines()
        return Unavailable(f"the window's process has ended{f': {said[-1]}' if said else ''}")

    def _listen(self) -> None:
        assert self._child.stdout is not None
        for line in self._child.stdout:
            word, _, rest = line.decode(errors="replace").rstrip("\r\n").partition(" ")
            self._heard = self._clock()
            self._hear(word, rest)
        self._answered.set()

    def _hear(self, word: str, rest: str) -> None:
        match word:
            case "open":
                self._where = rest
                self._answered.set()
            case "no":
                self._refusal = rest
            case "attached":
                self.attached = rest
            case "done":
                with self._turn:
                    self._done.add(int(rest))
            case "lost":
                with self._turn:
                    self._forgot = True
            case "full" | "windowed":
                self.windowed = word == "windowed"
            case "closed":
                self.closed = True
                logger.info("the window was closed by hand")
            case "sorry":
                self.complaint = rest


class _Pictures:
    """The memory that pictures go through: a few places, each the bridge's or, from `show` to `done`, the process's."""

    def __init__(self, process: _Process) -> None:
        self._process = process
        self._memory: SharedMemory | None = None
        self._old: SharedMemory | None = None
        """The one that the process may hold still."""
        self._named = False
        """Whether the memory's name is still there for others."""
        self._place = 0
        """Bytes of each place."""
        self._away: dict[int, int] = {}
        """The places that the process has, by the number of the picture in them."""
        self._number = 0

    def put(self, picture: np.ndarray) -> bool:
        """Hand a picture over. Return False when that must wait, as the process has not done with the last ones."""
        for number in self._process.done():
            self._away.pop(number, None)
        if self._named and self._memory is not None and self._process.attached == self._memory.name:
            self._memory.unlink()  # from here on nothing is left behind, however the two end
            self._named = False
            self._let_go_of_old()
        if self._memory is None or picture.nbytes > self._place:
            if self._named:
                return False  # not a third memory before the process holds the second
            self._replace(picture.nbytes)
        free = set(range(_SLOTS)) - set(self._away.values())
        if not free:
            return False
        assert self._memory is not None
        slot = free.pop()
        pixels = np.ndarray(picture.shape, np.uint8, self._memory.buf, slot * self._place)
        pixels[...] = picture
        del pixels  # memory that is looked at cannot be let go of
        self._number += 1
        self._away[self._number] = slot
        height, width = picture.shape[:2]
        self._process.tell(f"show {self._number} {slot * self._place} {width} {height}")
        return True

    def close(self) -> None:
        """Let go of the memory; the process has ended."""
        self._let_go_of_old()
        if self._memory is not None:
            self._memory.close()
            if self._named:
                self._memory.unlink()
            self._memory = None

    def _replace(self, size: int) -> None:
        """Take memory for pictures of `size` bytes."""
        self._old = self._memory
        try:
            self._memory = SharedMemory(create=True, size=_SLOTS * size)
        except OSError as error:
            self._old, self._memory = None, self._old
            raise Unavailable(f"there is no memory for the window's pictures: {error.strerror}") from error
        self._named, self._place = True, size
        self._away.clear()
        self._process.tell(f"memory {self._memory.name}")

    def _let_go_of_old(self) -> None:
        if self._old is not None:
            self._old.close()
            self._old = None


if TYPE_CHECKING:
    _: type[Driver] = WindowDriver
