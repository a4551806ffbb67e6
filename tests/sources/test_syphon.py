"""The Syphon client, against a Syphon that takes what the real package takes."""

import threading

import numpy as np
import pytest

from bridge.errors import Unavailable
from bridge.sources.syphon import SyphonReader
from tests.syphon import install

SIZE = (6, 4)
RED = bytes((255, 0, 0, 255)) * 24
BLUE_FIRST = bytes((0, 0, 255, 255)) * 24


def opened(name: str) -> SyphonReader:
    reader = SyphonReader(name, sleep=lambda _: None)
    reader.open()
    return reader


@pytest.mark.parametrize(("data", "order"), [(RED, 70), (BLUE_FIRST, 80)])
def test_a_picture_is_read_once_in_its_colours(monkeypatch: pytest.MonkeyPatch, data: bytes, order: int) -> None:
    machine = install(monkeypatch)
    machine.server("Composition").show(SIZE, data, order)
    reader = opened("Composition")
    found = reader.read(0.0)
    assert found is not None
    assert reader.read(0.0) is None

    assert (found.width, found.height) == SIZE
    pixels = found.reformat(format="rgb24").to_ndarray()
    assert (abs(pixels.astype(int) - (255, 0, 0)) <= 1).all()
    assert reader.detail == ""


def test_it_wakes_up_when_a_picture_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = install(monkeypatch)
    shared = machine.server("Composition")
    reader = opened("Composition")
    reader.read(0.0)
    another = threading.Timer(0.05, shared.show, (SIZE, RED))
    another.start()
    assert reader.read(10.0) is not None
    another.join()


def test_a_server_is_awaited_for_ever_and_again_when_it_has_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = install(monkeypatch)
    reader = SyphonReader("Composition", sleep=lambda _: None)
    assert reader.open() == "Syphon server Composition"
    assert reader.read(0.1) is None
    assert reader.detail == "waits for the Syphon server Composition"

    first = machine.server("Composition")
    first.show(SIZE, RED)
    assert reader.read(0.1) is not None
    assert reader.detail == ""

    first.running = False
    del machine.servers["Composition"]
    assert reader.read(0.1) is None
    assert reader.detail == "waits for the Syphon server Composition"
    assert first.watched == []

    machine.server("Composition").show((2, 2), RED[:16])
    again = reader.read(0.1)
    assert again is not None
    assert (again.width, again.height) == (2, 2)


@pytest.mark.parametrize(
    ("name", "level"),
    [("Composition", 1), ("Arena", 3), ("VDMX", 2), ("VDMX - Arena", 3), ("Arena - Composition", 1), ("", 1)],
)
def test_a_server_is_meant_by_its_name_before_its_program(
    monkeypatch: pytest.MonkeyPatch, name: str, level: int
) -> None:
    machine = install(monkeypatch)
    for number, (server, program) in enumerate(
        [("Composition", "Arena"), ("Preview", "VDMX"), ("Arena", "VDMX")], start=1
    ):
        machine.server(server, program).show((1, 1), bytes([number] * 4))
    found = opened(name).read(0.0)
    assert found is not None
    assert np.unique(found.to_ndarray()).tolist() == [level]


def test_pictures_of_more_than_eight_bits_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = install(monkeypatch)
    machine.server("Composition").show(SIZE, RED, 115)
    with pytest.raises(Unavailable, match=r"more than 8 bits"):
        opened("Composition").read(0.0)


def test_it_lets_go_and_can_be_opened_again(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = install(monkeypatch)
    shared = machine.server("Composition")
    shared.show(SIZE, RED)
    reader = opened("Composition")
    reader.read(0.0)
    reader.close()
    reader.close()
    assert shared.watched == []
    assert reader.read(0.0) is None
    reader.open()
    assert reader.read(0.0) is not None


def test_without_metal_it_cannot_be(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = install(monkeypatch)
    machine.server("Composition")
    machine.metal = False
    with pytest.raises(Unavailable, match=r"^Syphon cannot receive pictures here: No Metal device is available$"):
        opened("Composition").read(0.0)


def test_elsewhere_it_says_what_to_use_instead() -> None:
    with pytest.raises(Unavailable, match=r"^Syphon is a macOS technology; on this machine use ndi$"):
        SyphonReader("Composition").open()
