"""The process of a window: it shows the newest picture that `bridge.outputs.window` puts into the memory that both share.

It is a program of its own because windows belong to a process's first thread (macOS), and because a graphics driver
that hangs must not take the show along. It is started by its path and knows nothing of the bridge, so it is there at
once. It ends when its standard input does: also when the bridge was killed.

Its input, a line each:

    memory NAME             pictures are in this shared memory from now on
    show N OFFSET W H       picture N is there: RGBA, W x H, without gaps; the memory is its until `done N`
    end

Its output, a line each:

    open SENTENCE           it is there; where, for a person
    no SENTENCE             it cannot be, and the process ends
    attached NAME           the memory is held, so its name may go
    done N                  picture N was taken over, or a newer one was
    full                    it is in full screen
    windowed                somebody left the full screen
    closed                  somebody closed the window, and the process ends
    lost                    the graphics driver has forgotten the picture: it is wanted again
    sorry SENTENCE          what is wrong although it goes on; empty: nothing any more
    alive                   at least every second
"""

import ctypes
import json
import os
import queue
import sys
import threading
import warnings
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import resource_tracker
from multiprocessing.shared_memory import SharedMemory
from typing import Any, Final

_HEARTBEAT: Final = 500
"""Milliseconds of silence after which it says that it is alive."""
_PATIENCE: Final = 1.0
"""Seconds that a driver has to let go when the bridge has ended."""
_NO_SCREEN: Final = (b"offscreen", b"dummy", b"evdev")
"""What SDL falls back to where nobody can see anything."""
_SMALLEST: Final = 160, 90

Say = Callable[[str], None]


class Refused(Exception):
    """The window cannot be; the text says why, for a person."""


def fitted(picture: tuple[int, int], window: tuple[int, int], fit: str) -> tuple[int, int, int, int]:
    """Return where a picture goes in a window (left, top, width, height; beyond its edges where it is cut off).

    `fit` is `contain`, `cover` or `stretch`.
    """
    if fit == "stretch":
        return 0, 0, *window
    scales = window[0] / picture[0], window[1] / picture[1]
    scale = max(scales) if fit == "cover" else min(scales)
    width, height = round(picture[0] * scale), round(picture[1] * scale)
    return (window[0] - width) // 2, (window[1] - height) // 2, width, height


class Window:
    """One window and what it shows. All of it belongs to the process's first thread."""

    def __init__(self, sdl: Any, options: dict[str, Any], say: Say) -> None:
        """`sdl` is the module `sdl2`; `options` are what `main` is given. Raise `Refused`."""
        self._sdl = sdl
        self._say = say
        self._screen = int(options["screen"])
        self._size = int(options["width"]), int(options["height"])
        self._fit = str(options["fit"])
        self._pad = [int(level) for level in options["pad"]]
        self._full = bool(options["fullscreen"])
        self._texture: Any = None
        self._shown = 0, 0
        self._open(str(options["title"]))

    def _open(self, title: str) -> None:
        sdl = self._sdl
        for hint, value in (
            (b"SDL_NO_SIGNAL_HANDLERS", b"1"),
            (b"SDL_RENDER_SCALE_QUALITY", b"linear"),
            (b"SDL_VIDEO_MINIMIZE_ON_FOCUS_LOSS", b"0"),  # a click on another screen must not take the picture away
            (b"SDL_WINDOWS_DPI_AWARENESS", b"permonitorv2"),
        ):
            sdl.SDL_SetHint(hint, value)
        if sdl.SDL_Init(sdl.SDL_INIT_VIDEO) or sdl.SDL_GetCurrentVideoDriver() in _NO_SCREEN:
            raise Refused("there is no screen here: run the bridge in a desktop session, or use an ndi output")
        sdl.SDL_DisableScreenSaver()
        count = sdl.SDL_GetNumVideoDisplays()
        if self._screen > count:
            raise Refused(f"there is no screen {self._screen}: {_screens(count)} connected")
        at = sdl.SDL_WINDOWPOS_CENTERED_DISPLAY(self._screen - 1)
        flags = sdl.SDL_WINDOW_RESIZABLE | sdl.SDL_WINDOW_ALLOW_HIGHDPI | sdl.SDL_WINDOW_HIDDEN
        self._window = sdl.SDL_CreateWindow(title.encode(), at, at, *self._room(), flags)
        if not self._window:
            raise Refused(f"the window cannot be opened: {self._error()}")
        sdl.SDL_SetWindowMinimumSize(self._window, *_SMALLEST)
        self._renderer = self._new_renderer()
        self._place()
        sdl.SDL_ShowWindow(self._window)
        self.draw()
        self._say(f"open {self._where()}")

    def _new_renderer(self) -> Any:
        sdl = self._sdl
        for flags in (sdl.SDL_RENDERER_ACCELERATED | sdl.SDL_RENDERER_PRESENTVSYNC, sdl.SDL_RENDERER_SOFTWARE):
            renderer = sdl.SDL_CreateRenderer(self._window, -1, flags)
            if renderer:
                return renderer
        raise Refused(f"the window cannot be drawn into: {self._error()}")

    def _room(self) -> tuple[int, int]:
        """Return the window's size when it does not fill the screen: as asked for, or as much as there is room for."""
        bounds = self._sdl.SDL_Rect()
        self._sdl.SDL_GetDisplayUsableBounds(self._screen - 1, bounds)
        scale = min(1.0, 0.9 * bounds.w / self._size[0], 0.9 * bounds.h / self._size[1]) if bounds.w else 1.0
        return round(self._size[0] * scale), round(self._size[1] * scale)

    def _where(self) -> str:
        bounds = self._sdl.SDL_Rect()
        self._sdl.SDL_GetDisplayBounds(self._screen - 1, bounds)
        name = (self._sdl.SDL_GetDisplayName(self._screen - 1) or b"").decode(errors="replace")
        kind = "full screen" if self._full else "window"
        return f"{kind} on screen {self._screen} ({name}, {bounds.w}x{bounds.h})"

    def take(self, address: int, width: int, height: int) -> None:
        """Take a picture over from memory; `draw` shows it."""
        sdl = self._sdl
        if self._texture is None or self._shown != (width, height):
            if self._texture is not None:
                sdl.SDL_DestroyTexture(self._texture)
            made = sdl.SDL_CreateTexture(
                self._renderer, sdl.SDL_PIXELFORMAT_ABGR8888, sdl.SDL_TEXTUREACCESS_STREAMING, width, height
            )  # red first in memory, on the little-endian machines that this runs on
            self._texture = made or None
            self._shown = width, height
            if self._texture is None:
                self._say(f"sorry pictures of {width}x{height} cannot be shown: {self._error()}")
                return
            self._say("sorry ")
            sdl.SDL_SetTextureBlendMode(self._texture, sdl.SDL_BLENDMODE_NONE)
        sdl.SDL_UpdateTexture(self._texture, None, ctypes.c_void_p(address), width * 4)

    def draw(self) -> None:
        """Show the picture that was taken last, or none; wait for the screen's refresh where that is possible."""
        sdl = self._sdl
        sdl.SDL_SetRenderDrawColor(self._renderer, *self._pad, 255)
        sdl.SDL_RenderClear(self._renderer)
        if self._texture is not None:
            width, height = ctypes.c_int(), ctypes.c_int()
            sdl.SDL_GetRendererOutputSize(self._renderer, width, height)
            place = sdl.SDL_Rect(*fitted(self._shown, (width.value, height.value), self._fit))
            sdl.SDL_RenderCopy(self._renderer, self._texture, None, place)
        sdl.SDL_RenderPresent(self._renderer)

    def follow(self, event: Any) -> bool:
        """Do what an event asks for. Return False when it was that the window is to close."""
        sdl = self._sdl
        match event.type:
            case sdl.SDL_QUIT:
                return False
            case sdl.SDL_WINDOWEVENT:
                if event.window.event == sdl.SDL_WINDOWEVENT_CLOSE:
                    return False
                self.draw()
            case sdl.SDL_RENDER_DEVICE_RESET | sdl.SDL_RENDER_TARGETS_RESET:
                self._texture = None
                self._say("lost")
            case sdl.SDL_DISPLAYEVENT:
                self._return_to_screen()
            case sdl.SDL_KEYDOWN if event.key.keysym.sym == sdl.SDLK_ESCAPE:
                self._fill(False)
            case sdl.SDL_KEYDOWN if event.key.keysym.sym == sdl.SDLK_F11:
                self._fill(not self._full)
            case sdl.SDL_MOUSEBUTTONDOWN if event.button.clicks == 2:
                self._fill(not self._full)
            case _:
                pass
        return True

    def _fill(self, full: bool) -> None:
        """Fill the screen, or leave it."""
        if full == self._full:
            return
        self._full = full
        self._place()
        self._say("full" if full else "windowed")
        self.draw()

    def _place(self) -> None:
        """Put the window where it belongs: over the whole of its screen, or into the middle of it."""
        sdl = self._sdl
        screen = self._screen - 1
        if self._full:
            bounds = sdl.SDL_Rect()
            sdl.SDL_GetDisplayBounds(screen, bounds)
            # By hand first: without a window manager, asking for the full screen does nothing.
            sdl.SDL_SetWindowBordered(self._window, 0)
            sdl.SDL_SetWindowPosition(self._window, bounds.x, bounds.y)
            sdl.SDL_SetWindowSize(self._window, bounds.w, bounds.h)
            sdl.SDL_SetWindowFullscreen(self._window, sdl.SDL_WINDOW_FULLSCREEN_DESKTOP)
        else:
            sdl.SDL_SetWindowFullscreen(self._window, 0)
            sdl.SDL_SetWindowBordered(self._window, 1)
            sdl.SDL_SetWindowSize(self._window, *self._room())
            middle = sdl.SDL_WINDOWPOS_CENTERED_DISPLAY(screen)
            sdl.SDL_SetWindowPosition(self._window, middle, middle)
        sdl.SDL_ShowCursor(0 if self._full else 1)

    def _return_to_screen(self) -> None:
        """Say that its screen was unplugged, or go back to it: the system has put the window on another one."""
        sdl = self._sdl
        if sdl.SDL_GetNumVideoDisplays() < self._screen:
            self._say(f"sorry screen {self._screen} is not connected any more")
            return
        self._say("sorry ")
        if self._full or sdl.SDL_GetWindowDisplayIndex(self._window) != self._screen - 1:
            self._place()
            self.draw()

    def close(self) -> None:
        """Let go of it all."""
        self._sdl.SDL_DestroyWindow(self._window)
        self._sdl.SDL_Quit()

    def _error(self) -> str:
        return str(self._sdl.SDL_GetError().decode(errors="replace"))


class Memory:
    """Where the pictures are: memory that the bridge has made."""

    def __init__(self) -> None:
        self._held: SharedMemory | None = None
        self._view: Any = None
        self._start = 0

    def attach(self, name: str) -> None:
        """Take another one, and let go of the last."""
        self.close()
        self._held = SharedMemory(name)
        assert self._held.buf is not None
        self._view = ctypes.c_char.from_buffer(self._held.buf)
        self._start = ctypes.addressof(self._view)

    def address(self, offset: int) -> int:
        """Return where byte `offset` is."""
        return self._start + offset

    def close(self) -> None:
        """Let go of it."""
        held, self._held, self._view = self._held, None, None
        if held is not None:
            held.close()


def serve(sdl: Any, window: Window, orders: "queue.SimpleQueue[list[str]]", say: Say) -> None:
    """Show what is ordered, and do what a person asks for, until either ends it."""
    memory, event = Memory(), sdl.SDL_Event()
    said = sdl.SDL_GetTicks()
    while True:
        if sdl.SDL_WaitEventTimeout(event, _HEARTBEAT) and not window.follow(event):
            say("closed")
            break
        newest: list[str] = []
        while not orders.empty():
            match orders.get():
                case ["memory", name]:
                    newest = []  # it lies in the memory that goes
                    memory.attach(name)
                    say(f"attached {name}")
                case ["show", *picture]:
                    if newest:
                        say(f"done {newest[0]}")
                    newest = picture
                case _:
                    memory.close()
                    return
        if newest:
            number, offset, width, height = map(int, newest)
            window.take(memory.address(offset), width, height)
            say(f"done {number}")
            window.draw()
        if sdl.SDL_GetTicks() - said >= _HEARTBEAT:
            say("alive")
            said = sdl.SDL_GetTicks()
    memory.close()


def main(arguments: list[str]) -> int:
    """Be the window that `arguments[0]` describes: JSON of screen, fullscreen, width, height, fit, pad and title."""
    # What libraries print must not come between our lines.
    lines = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def say(line: str) -> None:
        with suppress(OSError):  # the bridge is gone: the end of the input says it too
            lines.write(" ".join(line.split("\n")) + "\n")
            lines.flush()

    # The memory is the bridge's to remove; before 3.13 whoever attaches it would do so as well, and warn.
    resource_tracker.register = lambda *_: None
    warnings.simplefilter("ignore")  # it says which SDL it found
    try:
        import sdl2
    except ImportError as error:
        say(f"no SDL cannot be loaded: {error}")
        return 1
    try:
        window = Window(sdl2, json.loads(arguments[0]), say)
    except Refused as error:
        say(f"no {error}")
        return 1
    orders: queue.SimpleQueue[list[str]] = queue.SimpleQueue()
    done = threading.Event()
    wake = sdl2.SDL_Event()
    wake.type = sdl2.SDL_RegisterEvents(1)

    def listen() -> None:
        for line in sys.stdin.buffer:
            orders.put(line.decode().split())
            sdl2.SDL_PushEvent(wake)
        orders.put(["end"])
        sdl2.SDL_PushEvent(wake)
        if not done.wait(_PATIENCE):
            os._exit(1)  # the first thread hangs in a driver, and nobody else is left to end it

    threading.Thread(target=listen, name="orders", daemon=True).start()
    serve(sdl2, window, orders, say)
    window.close()
    done.set()
    os._exit(0)  # the other thread waits for input, and Python would wait for it


def _screens(count: int) -> str:
    return "one screen is" if count == 1 else f"{count} screens are"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
