"""The wrapper around NDI's library: what is sent is found and received, and nothing reaches what has ended."""

import gc
import importlib.abc
import os
import sys
import threading
import weakref
from collections.abc import Callable
from contextlib import ExitStack, closing
from fractions import Fraction
from types import ModuleType

import numpy as np
import pytest

from bridge.clock import now
from bridge.errors import Unavailable
from bridge.ndi import Announced, Finder, FourCC, Received, Receiver, Sender, addressed, choose

FPS = Fraction(30000, 1001)


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """A name that no other test on this machine uses at this time."""
    return f"Test {os.getpid()} {request.node.name}"[:100]


# ------------------------------------------------------------------------------------------------------ which is meant

RIG = [
    Announced("STAGE (Cam 1)", "10.0.0.2:5961"),
    Announced("STAGE (Cam 10)", "10.0.0.2:5962"),
    Announced("BACKUP (Cam 1)", "10.0.0.3:5961"),
    Announced("FOH (Resolume (main))", "10.0.0.4:5961"),
]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("STAGE (Cam 1)", "STAGE (Cam 1)"),
        ("stage (cam 10)", "STAGE (Cam 10)"),
        ("cam 10", "STAGE (Cam 10)"),
        ("Cam 1", "BACKUP (Cam 1)"),
        ("Resolume (main)", "FOH (Resolume (main))"),
        ("*resolume*", "FOH (Resolume (main))"),
        ("stage (*)", "STAGE (Cam 1)"),
        ("cam", None),
        ("1", None),
        ("", None),
    ],
)
def test_a_source_is_meant_by_its_whole_name_its_own_name_or_a_pattern(wanted: str, found: str | None) -> None:
    source = choose(wanted, RIG)

    assert (source and source.name) == found
    assert choose(wanted, reversed(RIG)) == source


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("192.168.1.5:5961", "192.168.1.5:5961"),
        ("ndi://cam.local:5961", "cam.local:5961"),
        ("[fe80::1]:5961", "[fe80::1]:5961"),
        ("Cam 1", None),
        ("STAGE (Cam: 1)", None),
        ("10.0.0.2", None),
    ],
)
def test_an_address_is_told_from_a_name(text: str, address: str | None) -> None:
    found = addressed(text)

    assert (found and found.address) == address


# -------------------------------------------------------------------------------------------------- sent, and received


def picture(fourcc: FourCC, width: int = 64, height: int = 32) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Return a picture of a middle grey; UYVA is half transparent."""
    if fourcc in ("RGBX", "BGRX"):
        return np.full((height, width, 4), 130, np.uint8)
    ycbcr = np.full((height, width, 2), 128, np.uint8)
    return ycbcr if fourcc == "UYVY" else np.concatenate([ycbcr, ycbcr[: height // 2]])


def until(receiver: Receiver, send: Callable[[], None], enough: Callable[[Received], bool]) -> Received:
    """Send until such a picture is received."""
    end = now() + 20
    while now() < end:
        send()
        received = receiver.receive(0.02)
        if received is not None and enough(received):
            return received
    raise AssertionError("no such picture came")


def test_what_is_sent_is_found_and_received_in_every_format_and_size(name: str) -> None:
    with ExitStack() as lives:
        sender = lives.enter_context(closing(Sender(name, FPS)))
        finder = lives.enter_context(closing(Finder()))
        receiver = lives.enter_context(closing(Receiver()))
        end = now() + 20
        while (source := choose(name, finder.sources())) is None and now() < end:
            finder.wait(0.2)
        assert source is not None
        assert source.name == sender.source
        assert source.name.endswith(f" ({name})")
        assert receiver.receive(0) is None
        assert not receiver.connected()
        receiver.connect(source)
        formats: list[tuple[FourCC, str]] = [("UYVY", "UYVY"), ("UYVA", "BGRA"), ("RGBX", "UYVY"), ("BGRX", "UYVY")]
        for number, (sent, came) in enumerate(formats):
            width, height = 64 + 32 * number, 32 + 2 * number
            pixels = picture(sent, width, height)
            received = until(
                receiver,
                lambda pixels=pixels, sent=sent: sender.send(pixels, sent),  # type: ignore[misc]
                lambda received, width=width: received.pixels.shape[1] == width,  # type: ignore[misc]
            )
            assert received.fourcc == came
            assert received.pixels.shape == (height, width, 4 if came == "BGRA" else 2)
            assert received.fps == FPS
            assert abs(received.pixels[..., :3].astype(int) - 128).max() <= 4
        assert sender.receivers() == 1
        assert receiver.connected()
        receiver.connect(None)
        while sender.receivers() and now() < end:
            receiver.receive(0.02)
        assert sender.receivers() == 0


@pytest.mark.parametrize(
    ("pixels", "fourcc"),
    [
        (np.zeros((32, 64, 4), np.uint8), "UYVY"),
        (np.zeros((32, 64, 2), np.uint8), "RGBX"),
        (np.zeros((32, 64), np.uint8), "UYVY"),
        (np.zeros((32, 128, 2), np.uint8)[:, ::2], "UYVY"),
        (np.zeros((32, 64, 2), np.uint16), "UYVY"),
        (np.zeros((31, 64, 2), np.uint8), "UYVY"),
        (np.zeros((32, 63, 2), np.uint8), "UYVY"),
        (np.zeros((32, 64, 2), np.uint8), "UYVA"),
        (np.zeros((0, 64, 2), np.uint8), "UYVY"),
    ],
)
def test_no_picture_is_sent_that_the_library_would_read_beyond(pixels: object, fourcc: FourCC, name: str) -> None:
    with closing(Sender(name, FPS)) as sender, pytest.raises(ValueError, match=r"^(NDI takes|UYV[YA] is|RGBX is) "):
        sender.send(pixels, fourcc)  # type: ignore[arg-type]


def test_the_memory_of_a_picture_lives_until_another_is_sent(name: str) -> None:
    with closing(Sender(name, FPS)) as sender:
        pixels = picture("UYVY")
        alive = weakref.ref(pixels)
        sender.send(pixels, "UYVY")
        del pixels
        gc.collect()
        assert alive() is not None
        sender.send(picture("UYVA"), "UYVA")
        gc.collect()
        assert alive() is None


def test_a_name_that_is_taken_is_unavailable_and_free_again_after_close(name: str) -> None:
    with closing(Sender(name, FPS)):
        with pytest.raises(Unavailable) as caught:
            Sender(name, FPS)
        assert str(caught.value) == (
            f"an NDI source called {name!r} is sent already, by this program or another on this machine; give this one another name"
        )
    Sender(name, FPS).close()


# ---------------------------------------------------------------------------------------------------------- their ends


def test_nothing_reaches_the_library_after_the_end(name: str) -> None:
    sender, receiver, finder = Sender(name, FPS), Receiver(), Finder()
    sender.send(picture("UYVY"), "UYVY")
    calls: list[Callable[[], object]] = [
        lambda: sender.send(picture("UYVY"), "UYVY"),
        sender.receivers,
        lambda: sender.pace(FPS),
        lambda: sender.fail_over("STAGE (Backup)"),
        lambda: sender.fail_over(""),
        lambda: receiver.connect(Announced("", "127.0.0.1:5961")),
        lambda: receiver.receive(0),
        receiver.connected,
        finder.sources,
        lambda: finder.wait(0),
    ]
    for call in calls:
        call()
    for life in (sender, receiver, finder):
        life.close()
        life.close()

    for call in calls:
        with pytest.raises(RuntimeError, match=r"^this NDI (sender|receiver|finder) is closed$"):
            call()


def test_closing_waits_for_the_threads_that_are_inside(name: str) -> None:
    sender, receiver, finder = Sender(name, FPS), Receiver(), Finder()
    pixels = picture("UYVY", 640, 360)
    refused: list[str] = []
    begun = threading.Semaphore(0)

    def use(call: Callable[[], object]) -> None:
        called = 0
        try:
            while True:
                call()
                called += 1
                if called == 3:
                    begun.release()
        except RuntimeError as error:
            refused.append(str(error))

    calls: list[Callable[[], object]] = [
        lambda: sender.send(pixels, "UYVY"),
        sender.receivers,
        lambda: receiver.receive(0.01),
        lambda: finder.wait(0.01),
        finder.sources,
    ]
    threads = [threading.Thread(target=use, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for _ in threads:
        begun.acquire()
    for life in (sender, receiver, finder):
        life.close()
    for thread in threads:
        thread.join()

    assert sorted(refused) == [
        "this NDI finder is closed",
        "this NDI finder is closed",
        "this NDI receiver is closed",
        "this NDI sender is closed",
        "this NDI sender is closed",
    ]


# ---------------------------------------------------------------------------------------------------------- the library


class Missing(importlib.abc.MetaPathFinder):
    """Makes the import of NDIlib fail."""

    def __init__(self, error: ImportError) -> None:
        self._error = error

    def find_spec(self, name: str, path: object, target: ModuleType | None = None) -> None:
        if name == "NDIlib":
            raise self._error


@pytest.fixture
def unloaded(monkeypatch: pytest.MonkeyPatch) -> Callable[[ImportError], None]:
    """Return what makes the import of NDIlib fail."""
    for name in [name for name in sys.modules if name.split(".")[0] == "NDIlib"]:
        monkeypatch.delitem(sys.modules, name)
    return lambda error: monkeypatch.setattr(sys, "meta_path", [Missing(error), *sys.meta_path])


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (
            ModuleNotFoundError("No module named 'NDIlib'", name="NDIlib"),
            'NDI is not installed; run: pip install "scope-bridge[ndi]"',
        ),
        (
            ImportError("libavahi-client.so.3: cannot open shared object file: No such file or directory"),
            "NDI needs a library of the system; run: sudo apt-get install libavahi-client3",
        ),
        (
            ImportError("libndi.so.6: cannot open shared object file: No such file or directory"),
            "NDI's library cannot be loaded: libndi.so.6: cannot open shared object file: No such file or directory",
        ),
    ],
)
def test_a_missing_library_is_unavailable_with_the_line_that_mends_it(
    error: ImportError, sentence: str, unloaded: Callable[[ImportError], None]
) -> None:
    unloaded(error)

    for begin in (lambda: Sender("Scope Bridge", FPS), Receiver, Finder):
        with pytest.raises(Unavailable) as caught:
            begin()
        assert str(caught.value) == sentence
