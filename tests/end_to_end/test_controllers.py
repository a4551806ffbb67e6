"""A controller at a show: its controls drive the picture, its lamps say what the picture shows, and it may be unplugged."""

import itertools
from collections.abc import Iterator
from functools import partial
from typing import Any, Final

import pytest

from bridge.clock import now
from tests import jack
from tests.end_to_end.conftest import Show
from tests.end_to_end.rig import Rehearsal, wait_for
from tests.midi_device import Device

MORE: Final = """\
inputs: {{td: {{osc: {port}}}, apc: {{midi: "APC40*", controller: akai-apc40-mk2}}}}
scenes:
  calm: {{noise_scale: 0.2}}
  wild: {{noise_scale: 0.9}}
pages:
  perform: {{grids: {{apc/pad: "scene/*"}}}}
  other: {{while: apc/shift, routes: [apc/knob/1 -> vace_context_scale]}}
lights: {{scene: {{idle: dim red, waiting: blink red, active: red}}}}
"""
ROUTES: Final = """\
  - {from: apc/fader/1, to: noise_scale, takeover: pickup}
  - apc/knob/1 -> noise_scale
  - apc/encoder/cue -> noise_scale
"""
CALM, WILD = 32, 33
"""The notes of the first two pads, which are those scenes'."""


def idle(pad: int) -> bytes:
    """Return what the lamp of a pad is told, as the facts about this controller have it: the palette's dim red."""
    return bytes([0x90, pad, 7])


def waiting(pad: int) -> bytes:
    """Red, and channel 14 blinks."""
    return bytes([0x9D, pad, 5])


def active(pad: int) -> bytes:
    """Red."""
    return bytes([0x90, pad, 5])


@pytest.fixture(scope="module")
def server() -> Iterator[jack.Server]:
    with jack.server() as server:
        yield server


@pytest.fixture(scope="module")
def device(server: jack.Server) -> Iterator[Device]:
    with Device("APC40 mkII", server) as device:
        yield device


@pytest.fixture(scope="module")
def show(
    rehearsal: Rehearsal, server: jack.Server, device: Device, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Show]:
    """Return a show with a controller, which begins with its fader at the bottom."""
    with Show(
        rehearsal.url, tmp_path_factory.mktemp("midi"), environment=server.environment, edit=_with_controller
    ) as show:
        show.streaming()
        wait_for("the controller", lambda: not _detail(show), 10.0)
        yield show


def _with_controller(text: str) -> str:
    port = text.partition("osc: ")[2].partition("}")[0]
    head = [line for line in text.splitlines(keepends=True) if not line.startswith("inputs:")]
    return "".join(head) + ROUTES + MORE.format(port=port)


def status_of(show: Show) -> dict[str, Any]:
    status = show.bridge.status()
    assert status is not None
    return status


def value_of(show: Show, signal: str) -> Any:
    """Return what is asked of the target of a route."""
    return next(route for route in status_of(show)["routes"] if route["signal"] == signal)["asked"]


def hand_moves(show: Show, value: float) -> None:
    """Move the noise by OSC, and wait until it is moved: what a controller sends next comes another way, and may be sooner."""
    show.osc.send_message("/noise", value)
    wait_for("the value of OSC", lambda: value_of(show, "td/noise") == pytest.approx(value, abs=1e-6), 10.0)


def press(device: Device, pad: int) -> None:
    """Press a pad, softly, and let it go."""
    device.send(bytes([0x90, pad, 9]))
    device.send(bytes([0x80, pad, 0]))


class Lamps:
    """What a device was sent, kept until it is looked for."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self.sent: list[bytes] = []

    def has(self, *messages: bytes) -> bool:
        """Return whether these came, in this order, whatever came between."""
        self.sent += self._device.received()
        coming = iter(self.sent)
        return all(any(came == wanted for came in coming) for wanted in messages)


def test_a_control_reaches_the_picture_and_the_lamps_say_when(show: Show, device: Device) -> None:
    hand_moves(show, 0.5)  # what a hand takes after the scene is not the scene's to wait for
    lamps = Lamps(device)
    press(device, WILD)
    wait_for("its scene asked for, and in the picture", lambda: lamps.has(waiting(WILD), active(WILD)), 10.0)
    assert value_of(show, "td/noise") == 0.9
    assert status_of(show)["show"]["scene"] == "wild"


def test_a_ring_shows_the_value_whoever_moved_it(show: Show, device: Device) -> None:
    hand_moves(show, 0.3)
    lamps = Lamps(device)
    show.osc.send_message("/noise", 0.5)
    wait_for("the ring in the middle", lambda: lamps.has(bytes([0xB0, 48, 64])), 10.0)


def test_a_fader_waits_until_it_has_come_to_where_the_value_is(show: Show, device: Device) -> None:
    for value in (10, 20, 30):
        device.send(bytes([0xB0, 7, value]))
    hand_moves(show, 0.5)
    lamps = Lamps(device)
    device.send(bytes([0xB0, 7, 31]))
    wait_for("the lamp beside it blinking", lambda: lamps.has(bytes([0x90, 51, 127]), bytes([0x90, 51, 0])), 10.0)
    assert value_of(show, "apc/fader/1") == 0.5
    for value in range(32, 70):
        device.send(bytes([0xB0, 7, value]))
    wait_for("the fader's own value", lambda: value_of(show, "apc/fader/1") == pytest.approx(69 / 127, abs=1e-6), 10.0)


def test_an_encoder_turns_the_value_from_wherever_it_is(show: Show, device: Device) -> None:
    hand_moves(show, 0.5)
    device.send(bytes([0xB0, 47, 127]))
    wait_for("a step back", lambda: value_of(show, "apc/encoder/cue") == pytest.approx(0.49, abs=1e-6), 10.0)


def test_a_page_that_is_held_gives_a_knob_something_else_to_do(show: Show, device: Device) -> None:
    device.send(bytes([0x90, 98, 127]))
    wait_for("the page", lambda: status_of(show)["show"]["turned"] == ["other"], 10.0)
    device.send(bytes([0xB0, 48, 127]))
    wait_for("the page's target", lambda: 2.0 in [r["asked"] for r in status_of(show)["routes"]], 10.0)
    device.send(bytes([0x80, 98, 0]))
    wait_for("the page let go", lambda: status_of(show)["show"]["turned"] == ["perform"], 10.0)


def test_unplugged_and_plugged_in_again_it_is_back_with_its_lamps_and_nothing_else_noticed(
    show: Show, device: Device
) -> None:
    took: list[float] = []
    press(device, CALM)
    wait_for("its scene", lambda: status_of(show)["show"]["scene"] == "calm", 10.0)
    before = status_of(show)
    for turn in range(5):
        device.unplug()
        wait_for("its absence", lambda: "waiting" in _detail(show), 10.0)
        show.osc.send_message("/noise", 0.1 + turn / 100)
        device.received()
        lamps, plugged = Lamps(device), now()
        device.plug()
        wait_for("the lamp of its scene", partial(lamps.has, active(CALM)), 10.0)
        wait_for("that of the other", partial(lamps.has, idle(WILD)), 10.0)
        device.send(bytes([0xB0, 48, 20 + turn]))
        wait_for("its knob", partial(_knob_is, show, 20 + turn), 10.0)
        took.append(now() - plugged)
    after = status_of(show)
    print(f"back after {', '.join(f'{one:.2f}' for one in took)} s")
    assert after["scope"]["sessions"] == before["scope"]["sessions"]
    assert after["scope"]["frames"] > before["scope"]["frames"]
    assert next(one for one in after["inputs"] if one["name"] == "td")["refused"] == 0


def _knob_is(show: Show, place: int) -> bool:
    return bool(value_of(show, "apc/knob/1") == pytest.approx(place / 127, abs=1e-6))


def _detail(show: Show) -> str:
    return str(next(one for one in status_of(show)["inputs"] if one["name"] == "apc")["detail"])


def test_what_is_learned_beside_the_show_is_one_line_and_acts_at_once(show: Show, device: Device) -> None:
    before = show.profile.read_text(encoding="utf-8")
    learn = show.beside("learn", str(show.profile), "--to", "vace_context_scale")
    with learn:
        wait_for("what to do", lambda: any(line.startswith("Now move") for line in learn.lines), 20.0)
        for value in itertools.chain(range(0, 100, 3), range(100, 0, -3)):
            device.send(bytes([0xB0, 49, value]))
        wait_for(f"its end ({learn.lines}, {learn.story()})", lambda: not learn.alive, 20.0)
        assert learn.wait(1.0) == 0, learn.story()
    after = show.profile.read_text(encoding="utf-8").splitlines()
    assert [line for line in after if line not in before.splitlines()] == ["  - apc/knob/2 -> vace_context_scale"]
    assert len(after) == len(before.splitlines()) + 1

    def acts() -> bool:
        device.send(bytes([0xB0, 49, 127]))
        return any(r["signal"] == "apc/knob/2" and r["asked"] == 2.0 for r in status_of(show)["routes"])

    wait_for("the new route", acts, 10.0)


def test_when_the_bridge_ends_the_lamps_go_out(show: Show, device: Device) -> None:
    lamps = Lamps(device)
    show.bridge.end()
    wait_for("the lamps out", lambda: lamps.has(bytes([0x90, CALM, 0])), 10.0)
