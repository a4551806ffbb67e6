"""Frames, measured for real but not for long; what needs NDI, without it: the figures, and both ends of the way."""

import asyncio
import io
import json
import sys
import threading
from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bridge import cli
from bridge.bench import frames, mixer, watcher
from bridge.bench.camera import camera
from bridge.bench.measuring import QUICK, Figure, Stalls
from bridge.bench.watcher import Seen
from bridge.clock import now
from bridge.frames import Buffer
from bridge.outputs.incoming import Incoming
from bridge.profile.outputs import Ndi
from bridge.strip import Strip, draw, read_frame

SMALL = (320, 192)


@pytest.mark.timeout(60)
def test_a_frame_comes_sooner_than_with_aiortc_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(frames, "SHAPES", ((SMALL, 30, 1 / 15),))
    monkeypatch.setattr(frames, "LEAST", 0.6)
    monkeypatch.setattr(frames, "SPELLS", 1)

    assert cli.main(["bench", "frames", "--only", "sooner", "--quick", "--json"]) == 0

    median, most, lossy, interval = json.loads(capsys.readouterr().out)["figures"]["frames"]
    assert median["name"] == "last packet to decoded frame, VP8 320x192 at 30, median"
    assert 0 < median["value"] < median["peer_value"]
    assert median["peer_value"] > 20, "aiortc alone waits for the next frame: a thirtieth of a second"
    assert [figure["target"] for figure in (median, most, lossy, interval)] == [1 / 15, None, 1.0, 1.02]
    assert interval["value"] > 0


def test_converting_is_measured_beside_a_plain_loop_also_without_ndi(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "SIZES", (SMALL,))
    monkeypatch.setattr(frames, "_has_ndi", lambda: False)

    (figure,) = frames.PARTS["convert"].measure(QUICK)

    assert figure.name == "processor time, decoded frame to NDI's pixels, 320x192"
    assert figure.value > 0
    assert figure.peer_value
    assert figure.target is None


def test_what_goes_through_ndi_is_left_out_without_it_and_the_log_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    assert not [*frames.PARTS["path"].measure(QUICK), *frames.PARTS["eight"].measure(QUICK)]

    assert len(caplog.records) == 2
    assert "NDI is not installed" in caplog.text


def seen(*numbers: int, age: float = 0.02) -> list[Seen]:
    """Return pictures with these numbers, 25 a second."""
    return [Seen(number, age, place / 25) for place, number in enumerate(numbers)]


def played(monkeypatch: pytest.MonkeyPatch, part: str, ours: Sequence[list[Seen]]) -> dict[str, Figure]:
    """Return the figures of a part where a mixer sees `ours`, and a little less of the script."""

    async def bridged(sender: object, outputs: Sequence[Ndi], *rest: object) -> Sequence[list[Seen]]:
        return ours[: len(outputs)]

    async def scripted(sender: object, names: Sequence[str], *rest: object) -> Sequence[list[Seen]]:
        return [seen(1, 2, 5, 6, age=0.04) for _ in names]

    monkeypatch.setattr(frames, "_has_ndi", lambda: True)
    monkeypatch.setattr(frames, "bridged", bridged)
    monkeypatch.setattr(frames, "scripted", scripted)
    return {figure.name: figure for figure in frames.PARTS[part].measure(QUICK)}


def test_the_path_says_rate_loss_and_age_beside_the_script(monkeypatch: pytest.MonkeyPatch) -> None:
    figures = played(monkeypatch, "path", [seen(7, 8, 9, 11, 12)])

    assert len(figures) == 8
    name = "WebRTC to NDI, 576x320 at 30, evened out"
    assert figures[f"pictures per second, {name}"].value == pytest.approx(25)
    lost = figures[f"lost, {name}"]
    assert lost.value == pytest.approx(100 / 6)
    assert lost.peer_value == pytest.approx(100 * 2 / 6)
    median = figures[f"from the camera to the mixer, median, {name}"]
    assert median.ratio == pytest.approx(0.5)


def test_of_eight_outputs_every_picture_that_is_missing_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    figures = played(monkeypatch, "eight", [*[seen(*range(10))] * 6, seen(0, 1, 2, 4, 5), seen(1, 2, 9)])

    lost, fewest, *_ = figures.values()
    assert lost.name == "pictures lost, 8 outputs at once, 576x320 at 30, of 75"
    assert (lost.value, lost.target, lost.met) == (7, 0.0, False)
    assert fewest.value == pytest.approx(25)


@pytest.mark.timeout(60)
def test_the_bridge_hands_the_cameras_pictures_to_each_output_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own connection, from a sender in another process; the outputs and the mixer stand in for NDI's."""
    live: list[Buffer] = []
    strips: list[list[Strip]] = []

    class Shown:
        async def run(self) -> None:
            await asyncio.Event().wait()

    def open_output(name: str, options: Ndi, incoming: Incoming) -> Shown:
        live.append(incoming.live)
        strips.append([])
        return Shown()

    async def watched(names: Sequence[str], seconds: float) -> Sequence[Sequence[Seen]]:
        async with asyncio.timeout(20):
            while not all(len(each) >= 5 for each in strips):
                await asyncio.sleep(0.01)
                for buffer, each in zip(live, strips, strict=True):
                    each += [strip for frame in buffer.drain() if (strip := read_frame(frame.video)) is not None]
        return [[Seen(strip.frame, now() - strip.start_ms / 1000, now()) for strip in each] for each in strips]

    monkeypatch.setattr(mixer, "open_output", open_output)
    monkeypatch.setattr(mixer, "_watched", watched)
    with camera() as sender:
        found = asyncio.run(mixer.bridged(sender, [Ndi("one"), Ndi("two")], SMALL, 30, 1.0))

    assert len(found) == 2
    for each in found:
        numbers = [one.frame for one in each]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        assert all(0 < one.age < 10 for one in each)


class Library:
    """Of NDI's library what a receiver calls, with a source that shows one picture twice and the next once."""

    FRAME_TYPE_VIDEO = 1
    RECV_COLOR_FORMAT_UYVY_BGRA = RECV_BANDWIDTH_HIGHEST = 0
    FindCreate = Source = RecvCreateV3 = SimpleNamespace

    def __init__(self) -> None:
        self.pictures = [self._picture(number) for number in (4, 4, 5)]
        self.freed = 0
        self.open = 0

    @staticmethod
    def _picture(number: int) -> SimpleNamespace:
        data = np.full((SMALL[1], SMALL[0], 2), 128, np.uint8)
        luma = np.full((SMALL[1], SMALL[0]), 128, np.uint8)
        draw(luma, Strip(number, 0, 1000 * now()))
        data[:, :, 1] = luma
        return SimpleNamespace(data=data, xres=SMALL[0])

    def initialize(self) -> bool:
        return True

    def find_create_v2(self, settings: object) -> object:
        self.open += 1
        return object()

    recv_create_v3 = find_create_v2

    def find_get_current_sources(self, finder: object) -> list[Any]:
        return [SimpleNamespace(ndi_name="MACHINE (Scope Bridge)", url_address="127.0.0.1:5961")]

    def find_wait_for_sources(self, finder: object, milliseconds: int) -> None: ...

    def find_destroy(self, finder: object) -> None:
        self.open -= 1

    recv_destroy = find_destroy

    def recv_capture_v2(self, receiver: object, milliseconds: int, **wanted: bool) -> tuple[int, Any, None, None]:
        return (1, self.pictures.pop(0), None, None) if self.pictures else (0, None, None, None)

    def recv_free_video_v2(self, receiver: object, video: object) -> None:
        self.freed += 1


def test_the_mixer_tells_each_picture_once_and_ends_with_its_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    library = Library()
    monkeypatch.setitem(sys.modules, "NDIlib", library)
    monkeypatch.setattr(sys, "stdin", Until(lambda: not library.pictures))

    assert watcher.main(["Scope Bridge"]) == 0

    ready, told = capsys.readouterr().out.splitlines()
    assert ready == "ready"
    found = [Seen(*one) for one in json.loads(told)["Scope Bridge"]]
    assert [one.frame for one in found] == [4, 5]
    assert all(0 <= one.age < 30 for one in found)
    assert (library.freed, library.open) == (3, 0)


class Until(io.StringIO):
    """An input that ends when something has happened."""

    def __init__(self, happened: Any) -> None:
        super().__init__()
        self._happened = happened

    def read(self, size: int | None = -1) -> str:
        while not self._happened():
            pass
        return ""


def test_the_mixer_gives_up_on_a_source_that_is_not_there(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    library = Library()
    monkeypatch.setitem(sys.modules, "NDIlib", library)
    monkeypatch.setattr(watcher, "FIND", 0.02)

    assert watcher.main(["another"]) == 1

    assert not capsys.readouterr().out
    assert library.open == 0


def test_a_busy_machine_is_told_from_a_slow_bridge(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = threading.Event()

    def clock() -> Iterator[float]:
        yield from (0.0, 0.005, 0.105, 0.110)
        looked.set()
        while True:
            yield 0.115

    ticking = clock()
    monkeypatch.setattr("bridge.bench.measuring.now", lambda: next(ticking))
    with Stalls() as stalls:
        assert looked.wait(10)

    assert stalls.longest == pytest.approx(0.095)
