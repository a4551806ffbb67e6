"""The window, on a screen that nobody sees (Xvfb): its pixels are read where the server keeps them."""

import functools
import os
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from multiprocessing import shared_memory
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import numpy as np
import pytest
from numpy.typing import NDArray

from bridge.errors import Unavailable
from bridge.outputs import window_process as process
from bridge.outputs.window import WindowDriver, _Pictures
from bridge.outputs.window_process import fitted
from bridge.profile.outputs import Fit, Shape, Showing, Window

WIDTH, HEIGHT = 800, 600
RATE = Fraction(30)
COLOURS = [(255, 255, 255), (255, 0, 0), (0, 255, 0), (0, 0, 255), (0, 0, 0), (128, 128, 128), (200, 100, 50)]

Pixels = NDArray[np.uint8]


class Screen:
    """What the X server shows, as `-fbdir` leaves it in a file: an X window dump."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def pixels(self) -> Pixels:
        """Return height x width x 3, red first."""
        data = self._file.read_bytes()
        header = struct.unpack(">25I", data[:100])
        size, width, height, stride, colours = header[0], header[4], header[5], header[12], header[19]
        rows = np.frombuffer(data, np.uint8, height * stride, size + 12 * colours).reshape(height, stride)
        return rows[:, : width * 4].reshape(height, width, 4)[:, :, 2::-1]


@pytest.fixture(scope="module")
def screen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Screen]:
    """A desktop of one screen, and `DISPLAY` says where."""
    folder = tmp_path_factory.mktemp("screen")
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-fbdir", str(folder)]
    with subprocess.Popen(
        [*command, "-nolisten", "tcp", "-noreset"], pass_fds=[writing], stderr=subprocess.DEVNULL
    ) as server:
        os.close(writing)
        with os.fdopen(reading) as answer, pytest.MonkeyPatch.context() as patch:
            patch.setenv("DISPLAY", f":{answer.readline().strip()}")
            patch.setenv("SDL_VIDEODRIVER", "x11")
            yield Screen(folder / "Xvfb_screen0")
        server.terminate()


def eventually(what: Callable[[], Any], seconds: float = 10.0) -> Any:
    end = time.perf_counter() + seconds  # noqa: TID251
    while not (found := what()):
        assert time.perf_counter() < end, "it did not come to it"  # noqa: TID251
        time.sleep(0.01)
    return found


def window(screen: int = 1, fullscreen: bool = True, **shape: Any) -> Window:
    return Window(screen, Showing(shape=Shape(**shape)), fullscreen)


def plain(colour: tuple[int, int, int], width: int = WIDTH, height: int = HEIGHT) -> Pixels:
    return np.full((height, width, 4), (*colour, 255), np.uint8)


def chart(width: int, height: int) -> Pixels:
    bars = np.array([(*colour, 255) for colour in COLOURS], np.uint8)[np.arange(width) * len(COLOURS) // width]
    return np.ascontiguousarray(np.broadcast_to(bars, (height, width, 4)))


def shows(screen: Screen, picture: Pixels) -> bool:
    return bool((abs(screen.pixels().astype(int) - picture[:, :, :3]) <= 3).all())


def is_dark(screen: Screen) -> bool:
    """Return whether no window is there: then the server shows black, and the pointer."""
    return bool((screen.pixels() == 0).mean() > 0.99)


def says(driver: WindowDriver, detail: str) -> bool:
    return driver.detail == detail


def process_of(driver: WindowDriver) -> int:
    assert driver._process is not None
    return driver._process._child.pid


@pytest.fixture
def opened(screen: Screen) -> Iterator[Callable[..., WindowDriver]]:
    drivers = []

    def open_window(options: Window, **more: Any) -> WindowDriver:
        drivers.append(WindowDriver(options, **more))
        drivers[-1].open(RATE)
        return drivers[-1]

    yield open_window
    for driver in drivers:
        driver.close()


# What is seen ---------------------------------------------------------------------------------------------------------


def test_a_full_screen_shows_the_chart_in_its_colours_over_the_whole_screen(screen: Screen) -> None:
    driver = WindowDriver(window())
    try:
        assert driver.open(RATE) == f"full screen on screen 1 (screen, {WIDTH}x{HEIGHT})"
        picture = chart(WIDTH, HEIGHT)
        driver.send(picture, 0.0)

        eventually(lambda: shows(screen, picture))
        assert driver.receivers() is None
        assert driver.detail == ""
    finally:
        driver.close()


@pytest.mark.parametrize(
    ("fit", "left", "top"),
    [("contain", (200, 100, 50), (1, 2, 250)), ("cover", (200, 100, 50), (200, 100, 50))],
)
def test_a_wide_picture_has_bars_in_the_colour_of_pad_or_loses_its_sides(
    screen: Screen, opened: Callable[..., WindowDriver], fit: Fit, left: tuple[int, ...], top: tuple[int, ...]
) -> None:
    driver = opened(window(fit=fit, pad=(1, 2, 250)))
    driver.send(plain((200, 100, 50), 400, 100), 0.0)

    def seen() -> bool:
        pixels = screen.pixels().astype(int)
        return bool((abs(pixels[300, 1] - left) <= 3).all() and (abs(pixels[1, 400] - top) <= 3).all())

    eventually(seen)


def test_pictures_may_grow_and_shrink_from_one_to_the_next(screen: Screen, opened: Callable[..., WindowDriver]) -> None:
    driver = opened(window(fit="stretch"))
    for number, (width, height) in enumerate([(64, 48), (1280, 720), (320, 200), (1920, 1080), (2, 2)]):
        picture, whole = plain(COLOURS[number + 1], width, height), plain(COLOURS[number + 1])

        def seen(picture: Pixels = picture, whole: Pixels = whole) -> bool:
            driver.send(picture, 0.0)
            return shows(screen, whole)

        eventually(seen)
    assert driver.detail == ""


def test_a_window_has_the_size_of_the_profile_and_stands_in_the_middle(
    screen: Screen, opened: Callable[..., WindowDriver]
) -> None:
    driver = opened(window(fullscreen=False, size=(320, 200)))
    driver.send(plain((255, 0, 255), 320, 200), 0.0)

    def middle() -> bool:
        rows, columns = np.nonzero((abs(screen.pixels().astype(int) - (255, 0, 255)) <= 3).all(axis=2))
        pointer = 320 * 200 - len(rows)  # it is in the middle of the screen, once anything has drawn it on this desktop
        return pointer < 640 and (columns.min(), rows.min(), columns.max(), rows.max()) == (240, 200, 559, 399)

    eventually(middle)


def test_of_pictures_that_come_faster_than_they_are_shown_the_newest_wins(
    screen: Screen, opened: Callable[..., WindowDriver]
) -> None:
    driver = opened(window(fit="stretch"))
    pictures = [plain((level, level, level), 640, 360) for level in range(10, 250, 6)]
    for picture in pictures:
        driver.send(picture, 0.0)

    def newest() -> bool:
        driver.send(pictures[-1], 0.0)  # as each tick does
        return shows(screen, plain((244, 244, 244)))

    eventually(newest)


class Slow:
    """A window's process that is done with a picture when the test says so."""

    def __init__(self) -> None:
        self.attached = ""
        self.told: list[str] = []
        self.ready: set[int] = set()

    def tell(self, line: str) -> None:
        self.told.append(line)

    def done(self) -> set[int]:
        ready, self.ready = self.ready, set()
        return ready


def test_what_the_window_may_be_reading_is_never_written_into() -> None:
    slow = Slow()
    pictures = _Pictures(slow)  # type: ignore[arg-type]
    try:
        took = [pictures.put(plain((level, level, level), 4, 2)) for level in (10, 20, 30, 40)]
        assert took == [True, True, True, False]
        memory, *shown = slow.told
        held = shared_memory.SharedMemory(memory.split()[1])
        assert held.buf is not None
        lying = bytes(held.buf[: 3 * 32])
        assert sorted({lying[0], lying[32], lying[64]}) == [10, 20, 30]

        slow.attached = held.name
        slow.ready = {2}
        assert pictures.put(plain((50, 50, 50), 4, 2))
        assert not pictures.put(plain((60, 60, 60), 4, 2))
        place = int(shown[1].split()[2])
        assert int(slow.told[-1].split()[2]) == place
        assert held.buf[place] == 50
        assert [byte for at, byte in enumerate(lying) if not place <= at < place + 32] == [
            held.buf[at] for at in range(96) if not place <= at < place + 32
        ]
        held.close()
        with pytest.raises(FileNotFoundError):  # its name went when both had it
            shared_memory.SharedMemory(held.name)
    finally:
        pictures.close()


# How it begins and ends -----------------------------------------------------------------------------------------------


def test_a_screen_that_is_not_there_is_named(screen: Screen) -> None:
    with pytest.raises(Unavailable, match=r"^there is no screen 2: one screen is connected$"):
        WindowDriver(window(2)).open(RATE)


def test_where_there_is_no_desktop_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(Unavailable, match=r"there is no screen here: run the bridge in a desktop session"):
        WindowDriver(window()).open(RATE)


def test_without_sdl_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bridge.outputs.window.find_spec", lambda _: None)
    with pytest.raises(Unavailable, match=r'run: pip install "scope-bridge\[window\]"'):
        WindowDriver(window()).open(RATE)


def test_the_window_goes_when_the_driver_is_closed_twice(screen: Screen) -> None:
    driver = WindowDriver(window())
    driver.open(RATE)
    driver.send(plain((255, 0, 0)), 0.0)
    eventually(lambda: shows(screen, plain((255, 0, 0))))
    driver.close()
    driver.close()
    driver.send(plain((255, 0, 0)), 0.0)

    eventually(lambda: is_dark(screen))
    driver.open(RATE)  # and it comes back
    driver.send(plain((0, 255, 0)), 0.0)
    eventually(lambda: shows(screen, plain((0, 255, 0))))
    driver.close()


def test_a_window_whose_process_dies_is_unavailable(opened: Callable[..., WindowDriver]) -> None:
    driver = opened(window())
    os.kill(process_of(driver), signal.SIGKILL)

    def ended() -> bool:
        try:
            driver.send(plain((1, 2, 3)), 0.0)
        except Unavailable as error:
            return str(error).startswith("the window's process has ended")
        return False

    eventually(ended)


def test_a_window_whose_driver_hangs_is_unavailable_and_goes_within_seconds(
    opened: Callable[..., WindowDriver],
) -> None:
    seconds = 100.0
    driver = opened(window(), clock=lambda: seconds)
    os.kill(process_of(driver), signal.SIGSTOP)
    seconds += 4
    driver.send(plain((1, 2, 3)), 0.0)
    seconds += 10
    with pytest.raises(Unavailable, match=r"has not answered for 5 s"):
        driver.send(plain((1, 2, 3)), 0.0)
    driver.close()
    assert driver.detail == ""


def test_the_window_ends_with_the_bridge_also_when_that_is_killed(screen: Screen) -> None:
    program = (
        "import numpy, sys\n"
        "from fractions import Fraction\n"
        "from bridge.outputs.window import WindowDriver\n"
        "from bridge.profile.outputs import Window\n"
        "driver = WindowDriver(Window(1, fullscreen=True))\n"
        "driver.open(Fraction(30))\n"
        f"picture = numpy.full(({HEIGHT}, {WIDTH}, 4), 200, numpy.uint8)\n"
        "for line in sys.stdin:\n"
        "    driver.send(picture.copy(), 0.0)\n"
        "    print(driver._pictures._memory.name, driver._pictures._named, flush=True)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as bridge:
        assert bridge.stdin is not None
        assert bridge.stdout is not None
        named = "True"
        while named == "True":  # the first picture makes the memory; then the window holds it, and its name goes
            bridge.stdin.write("\n")
            bridge.stdin.flush()
            memory, named = bridge.stdout.readline().split()
        eventually(lambda: shows(screen, plain((200, 200, 200))))
        bridge.kill()
    eventually(lambda: is_dark(screen))
    with pytest.raises(FileNotFoundError):
        shared_memory.SharedMemory(memory)


# What a person does: SDL is told of it as the system would tell it ---------------------------------------------------


class Hand:
    """What a person does at the window; said to the real process by a small program in its place."""

    PROGRAM = """
import sys, runpy
sys.path.insert(0, sys.argv.pop(1))
import bridge.outputs.window_process as process
def serve(sdl, window, orders, say):
    class Orders:
        def empty(self):
            return orders.empty()
        def get(self):
            order = orders.get()
            if order[0] == "show":
                press(sdl, window, say)
            return order
    serving(sdl, window, Orders(), say)
def press(sdl, window, say):
    event = sdl.SDL_Event()
    what = HANDS.pop(0) if HANDS else ""
    if what == "close":
        event.type = sdl.SDL_WINDOWEVENT
        event.window.event = sdl.SDL_WINDOWEVENT_CLOSE
    elif what == "double":
        event.type = sdl.SDL_MOUSEBUTTONDOWN
        event.button.clicks = 2
    elif what:
        event.type = sdl.SDL_KEYDOWN
        event.key.keysym.sym = getattr(sdl, "SDLK_" + what)
    sdl.SDL_PushEvent(event)
HANDS = sys.argv.pop(1).split()
serving, process.serve = process.serve, serve
sys.exit(process.main(sys.argv[1:]))
"""

    @classmethod
    def at(cls, *hands: str) -> tuple[str, ...]:
        """Return the program that does these, one at each picture: `ESCAPE`, `F11`, `double`, `close`."""
        return sys.executable, "-c", cls.PROGRAM, str(Path(__file__).parents[2]), " ".join(hands)


def test_escape_leaves_the_full_screen_and_f11_or_a_double_click_fill_it_again(
    screen: Screen, opened: Callable[..., WindowDriver]
) -> None:
    driver = opened(window(fit="stretch", size=(320, 200)), program=Hand.at("ESCAPE", "F11", "ESCAPE", "double"))
    for said in ("not in full screen, by hand: F11 brings it back", "") * 2:
        driver.send(plain((0, 200, 0), 320, 200), 0.0)
        eventually(functools.partial(says, driver, said))
    eventually(lambda: shows(screen, plain((0, 200, 0))))


def test_closing_it_by_hand_ends_it_for_the_show(screen: Screen, opened: Callable[..., WindowDriver]) -> None:
    driver = opened(window(), program=Hand.at("close"))
    driver.send(plain((255, 0, 0)), 0.0)

    eventually(lambda: driver.receivers() == 0)  # so no picture is made for it any more
    driver.send(plain((0, 255, 0)), 0.0)
    assert driver.detail == "closed by hand: it comes back when the bridge is started again"
    eventually(lambda: is_dark(screen))


def test_a_screen_that_was_unplugged_is_named_and_taken_again_when_it_is_back() -> None:
    """As SDL tells of it; no X server without a graphics card does."""
    said: list[str] = []
    bounds: dict[str, tuple[int, int]] = {}
    sdl = MagicMock()
    sdl.SDL_Rect.side_effect = lambda: SimpleNamespace(x=1920, y=0, w=1280, h=720)
    sdl.SDL_GetCurrentVideoDriver.return_value = b"windows"
    sdl.SDL_Init.return_value = 0
    sdl.SDL_GetNumVideoDisplays.return_value = 2
    sdl.SDL_GetDisplayName.return_value = b"Projector"
    sdl.SDL_SetWindowPosition.side_effect = lambda _, x, y: bounds.update(at=(x, y))
    options = {"screen": 2, "fullscreen": True, "width": 640, "height": 360, "fit": "contain", "pad": [0, 0, 0]}
    shown = process.Window(sdl, {**options, "title": "Scope Bridge"}, said.append)
    assert said.pop() == "open full screen on screen 2 (Projector, 1280x720)"

    event = SimpleNamespace(type=sdl.SDL_DISPLAYEVENT)
    sdl.SDL_GetNumVideoDisplays.return_value = 1
    assert shown.follow(event)
    assert said.pop() == "sorry screen 2 is not connected any more"
    bounds.clear()
    sdl.SDL_GetNumVideoDisplays.return_value = 2
    assert shown.follow(event)
    assert said.pop() == "sorry "
    assert bounds == {"at": (1920, 0)}


# Pure -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("picture", "room", "fit", "place"),
    [
        ((1280, 720), (1920, 1080), "contain", (0, 0, 1920, 1080)),
        ((576, 320), (1920, 1080), "contain", (0, 6, 1920, 1067)),
        ((512, 512), (1920, 1080), "contain", (420, 0, 1080, 1080)),
        ((512, 512), (1920, 1080), "cover", (0, -420, 1920, 1920)),
        ((512, 512), (1920, 1080), "stretch", (0, 0, 1920, 1080)),
    ],
)
def test_the_place_of_a_picture_in_a_window(
    picture: tuple[int, int], room: tuple[int, int], fit: str, place: tuple[int, int, int, int]
) -> None:
    assert fitted(picture, room, fit) == place
