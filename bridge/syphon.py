"""Syphon, by which programs on one Mac share pictures: what its servers and its clients have in common.

Programs find each other by notifications, which macOS delivers only where the run loop of the process's *first* thread is
turned. Here that thread runs asyncio, so asyncio turns it (`RunLoop`), some times a second.
"""

import asyncio
import sys
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Final

from bridge.errors import Unavailable

if TYPE_CHECKING:
    from syphon import SyphonServerDirectory

PIXELS: Final = {70: "rgba", 80: "bgra"}
"""Our names for Metal's pixel formats (`MTLPixelFormatRGBA8Unorm`, `MTLPixelFormatBGRA8Unorm`)."""

_TURN: Final = 0.05
"""Seconds between two turns of the run loop."""


def check() -> None:
    """Raise `Unavailable`, with what to do, where there is no Syphon."""
    if sys.platform != "darwin":
        raise Unavailable("Syphon is a macOS technology; on this machine use ndi")
    try:
        import syphon  # noqa: F401
    except ModuleNotFoundError as error:
        raise Unavailable('Syphon is not installed; run: pip install "scope-bridge[syphon]"') from error
    except ImportError as error:
        raise Unavailable(f"Syphon's library cannot be loaded: {error}") from error


def pool() -> AbstractContextManager[None]:
    """Return what frees Objective-C's objects at its end: in a thread of our own nothing else does."""
    import objc

    return objc.autorelease_pool()


def directory() -> "SyphonServerDirectory":
    """Return the list of servers, which looks without waiting."""
    import syphon

    directory = syphon.SyphonServerDirectory()
    directory.run_loop_interval = 0.0
    return directory


class RunLoop:
    """Turns macOS's run loop while it is held. Make it in the event loop's thread; hold it from any."""

    def __init__(self) -> None:
        self.here = False
        """Whether there is an event loop in the process's first thread, to turn it from."""
        self._loop: asyncio.AbstractEventLoop | None = None
        if threading.current_thread() is threading.main_thread():
            try:
                self._loop = asyncio.get_running_loop()
                self.here = True
            except RuntimeError:
                pass
        self._turn: Callable[[], None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    def hold(self) -> None:
        """Turn it from now on."""
        self._call(self._begin)

    def release(self) -> None:
        """Turn it no more."""
        self._call(self._end)

    def _call(self, what: Callable[[], None]) -> None:
        if self._loop is None:
            return
        try:
            self._loop.call_soon_threadsafe(what)
        except RuntimeError:  # it was closed: nobody turns anything any more
            self._timer = None

    # In the event loop's thread

    def _begin(self) -> None:
        if self._timer is None:
            listing = directory()
            self._turn = listing.update_run_loop
            self._again()

    def _again(self) -> None:
        assert self._loop is not None
        assert self._turn is not None
        with pool():
            self._turn()
        self._timer = self._loop.call_later(_TURN, self._again)

    def _end(self) -> None:
        timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()
