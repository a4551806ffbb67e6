"""The Syphon server, against a Syphon that takes what the real package takes."""

import asyncio
import sys
import threading
from fractions import Fraction

import numpy as np
import pytest

from bridge.errors import Unavailable
from bridge.outputs.syphon import SyphonDriver
from bridge.profile.outputs import Syphon
from tests.syphon import install, mac

RATE = Fraction(30)


def picture(level: int, width: int = 6, height: int = 4) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.full((height, width, 4), level, np.uint8)


def test_pictures_are_shared_whole_and_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = install(monkeypatch)
    driver = SyphonDriver(Syphon("Scope"))
    assert driver.open(RATE) == "Syphon server Scope"
    seen: list[tuple[tuple[int, int], int]] = []
    shared = machine.servers["Scope"]
    shared.watched.append(lambda: seen.append((shared.size, shared.data[0])))
    for level in (1, 2, 3):
        driver.send(picture(level), 0.0)
    driver.send(picture(4, 8, 2), 0.0)
    driver.close()

    assert seen == [((6, 4), 1), ((6, 4), 2), ((6, 4), 3), ((8, 2), 4)]
    assert machine.servers == {}
    assert machine.pools > 5, "Objective-C's objects would pile up in our thread"


def test_nobody_who_watches_is_known_and_somebody_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = install(monkeypatch)
    driver = SyphonDriver(Syphon("Scope"))
    driver.open(RATE)
    assert driver.receivers() == 0
    machine.servers["Scope"].watched.append(lambda: None)
    assert driver.receivers() is None
    driver.close()
    driver.close()
    driver.send(picture(1), 0.0)
    assert driver.receivers() == 0


async def opened_and_closed(driver: SyphonDriver) -> None:
    """Use it as an output does: in a thread of its own."""

    def work() -> None:
        driver.open(RATE)
        closing.wait()
        driver.close()

    closing = threading.Event()
    thread = threading.Thread(target=work)
    thread.start()
    await asyncio.sleep(0.2)
    closing.set()
    await asyncio.to_thread(thread.join)
    await asyncio.sleep(0)


def test_the_first_thread_turns_the_run_loop_as_long_as_it_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = install(monkeypatch)

    async def show() -> int:
        driver = SyphonDriver(Syphon("Scope"))
        await opened_and_closed(driver)
        assert driver.detail == ""
        turned = machine.turned
        await asyncio.sleep(0.15)
        assert machine.turned == turned, "it turns for nobody"
        return turned

    assert asyncio.run(show()) >= 2


def test_without_an_event_loop_in_the_first_thread_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch)
    driver = SyphonDriver(Syphon("Scope"))
    driver.open(RATE)
    assert driver.detail.startswith("programs that are started later do not find it")
    driver.close()
    assert driver.detail == ""


def test_without_metal_it_cannot_be(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = install(monkeypatch)
    machine.metal = False
    with pytest.raises(Unavailable, match=r"^Syphon cannot share pictures here: No Metal device is available$"):
        SyphonDriver(Syphon("Scope")).open(RATE)


def test_elsewhere_it_says_what_to_use_instead() -> None:
    with pytest.raises(Unavailable, match=r"^Syphon is a macOS technology; on this machine use ndi$"):
        SyphonDriver(Syphon("Scope")).open(RATE)


def test_without_the_package_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    mac(monkeypatch)
    monkeypatch.delitem(sys.modules, "syphon", raising=False)
    with pytest.raises(Unavailable, match=r'^Syphon is not installed; run: pip install "scope-bridge\[syphon\]"$'):
        SyphonDriver(Syphon("Scope")).open(RATE)
