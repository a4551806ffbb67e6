"""Each controller that comes with the bridge, byte by byte against what is known of it: what it sends, what it takes."""

from collections import Counter
from collections.abc import Iterable

import pytest

from bridge.inputs.midi.decode import Decoder
from bridge.inputs.midi.feedback import Feedback
from bridge.profile.controllers.model import Controller
from bridge.profile.controllers.reading import names, shipped
from bridge.signals import Sample
from bridge.surface import Shown
from tests.profile.controllers.tables import DEVICES, Device, Sends, Shows

CASES = [pytest.param(name, id=name) for name in DEVICES]


@pytest.fixture
def controller(name: str) -> Controller:
    return shipped()[name]


@pytest.fixture
def device(name: str) -> Device:
    return DEVICES[name]


pytestmark = pytest.mark.parametrize("name", CASES)


def heard(decoder: Decoder, *messages: bytes) -> list[Sample]:
    samples: list[Sample] = []
    for message in messages:
        assert decoder.read(message, samples) == ""
    decoder.settle(samples)
    return samples


def messages_of(sends: Sends) -> list[tuple[list[bytes], list[tuple[str, float]]]]:
    """Return what a device sends for a control, and what of it is heard: below its name, and the value."""
    form, channel, number = sends
    match form:
        case "cc":
            return [([bytes((0xB0 | channel, number, value))], [("", value / 127)]) for value in (0, 1, 64, 127)]
        case "cc14":
            return [
                (
                    [bytes((0xB0 | channel, number, value >> 7)), bytes((0xB0 | channel, number + 32, value & 127))],
                    [("", value / 16383)],
                )
                for value in (0, 5, 8191, 16383)
            ]
        case "note":
            return [
                ([bytes((0x90 | channel, number, 100))], [("/velocity", 100 / 127), ("", 1.0)]),
                ([bytes((0x80 | channel, number, 0))], [("", 0.0)]),
                ([bytes((0x90 | channel, number, 0))], [("", 0.0)]),
                ([bytes((0xA0 | channel, number, 127))], [("/pressure", 1.0)]),
            ]
        case "bend":
            return [
                ([bytes((0xE0 | channel, 0, 0))], [("", 0.0)]),
                ([bytes((0xE0 | channel, 0, 64))], [("", 0.5)]),
                ([bytes((0xE0 | channel, 127, 127))], [("", 1.0)]),
            ]
        case "twos complement":
            turns = {1: 1.0, 3: 3.0, 127: -1.0, 125: -3.0}
        case "sign magnitude":
            turns = {1: 1.0, 10: 10.0, 65: -1.0, 72: -8.0}
        case "offset":
            turns = {65: 1.0, 70: 6.0, 63: -1.0, 60: -4.0}
    return [([bytes((0xB0 | channel, number, value))], [("", steps)]) for value, steps in turns.items()]


def test_the_table_has_every_control(controller: Controller, device: Device) -> None:
    assert set(controller.controls) == set(device.sends)
    assert {name for name, one in controller.controls.items() if one.lamp} == set(device.lamps)
    assert {name for name, one in controller.controls.items() if one.ring} == set(device.rings)
    assert {name for name, one in controller.controls.items() if one.ring and one.ring.style} == set(device.styles)
    assert {name for name, one in controller.controls.items() if one.touch} == set(device.touches)
    assert {name for name, one in controller.controls.items() if one.motor} == set(device.motors)
    assert {name for name, one in controller.controls.items() if one.unsure} == set(device.unsure)


def test_each_control_is_heard_by_its_name(controller: Controller, device: Device) -> None:
    decoder = Decoder("it", controller)
    for name, sends in device.sends.items():
        for messages, expected in messages_of(sends):
            came = heard(decoder, *messages)
            assert [path for path, _ in came] == [f"it/{name}{below}" for below, _ in expected]
            assert [values for _, values in came] == [pytest.approx((value,)) for _, value in expected]


def test_a_finger_on_a_control_is_heard(controller: Controller, device: Device) -> None:
    decoder = Decoder("it", controller)
    for name, (_, channel, number) in device.touches.items():
        down, up = bytes((0xB0 | channel, number, 127)), bytes((0xB0 | channel, number, 0))
        assert heard(decoder, down, up) == [(f"it/{name}/touch", (1.0,)), (f"it/{name}/touch", (0.0,))]


def test_what_it_tells_of_itself_is_a_signal(controller: Controller, device: Device) -> None:
    decoder = Decoder("it", controller)
    for message, signal in device.reports.items():
        assert heard(decoder, bytes.fromhex(message)) == [(f"it/{signal}", ())]
    assert bool(controller.reports) == bool(device.reports)


# What it takes


class Desk:
    """A device that is told what to show, and what it was told."""

    def __init__(self, controller: Controller) -> None:
        self.feedback = Feedback(controller)
        self._now = 0.0
        self.feedback.begin()
        self.told({})

    def told(self, view: dict[str, Shown]) -> list[bytes]:
        """Return all that the device is told for a view."""
        self.feedback.show(view)
        found: list[bytes] = []
        for _ in range(1000):
            found += self.feedback.due(self._now)
            due = self.feedback.next_due(self._now)
            if due is None:
                return found
            self._now = max(due, self._now + 1e-9)
        raise AssertionError("it never comes to an end")


def lamp_messages(shows: Shows, light: str) -> tuple[bytes, ...]:
    found = []
    for written in shows.lamp[light].split(", "):
        message = bytearray(bytes.fromhex(written.replace("nn", f"{shows.number:02X}")))
        if message[0] < 0xF0:
            message[0] = message[0] + shows.channel + (0x20 if shows.cc else 0)
        found.append(bytes(message))
    return tuple(found)


def in_order(told: list[bytes], groups: Iterable[tuple[bytes, ...]]) -> None:
    """Check that exactly the groups were told, each in its order."""
    left = Counter(told)
    for group in groups:
        left.subtract(group)
        places = [told.index(message) for message in group]
        assert places == sorted(places), f"{group} was told in another order"
    assert not {message.hex(" "): count for message, count in left.items() if count}


def test_each_lamp_shows_each_colour_in_each_manner(controller: Controller, device: Device) -> None:
    desk = Desk(controller)
    for light in sorted({light for shows in device.lamps.values() for light in shows.lamp}):
        able = {name: shows for name, shows in device.lamps.items() if light in shows.lamp}
        before = "red" if light == "off" else "off"
        desk.told({name: Shown(light=before) for name in device.lamps})
        told = desk.told({name: Shown(light=light if name in able else before) for name in device.lamps})

        in_order(told, (lamp_messages(shows, light) for shows in able.values()))


def test_the_table_has_every_colour_and_manner(controller: Controller, device: Device) -> None:
    for name, shows in device.lamps.items():
        lamp = controller.controls[name].lamp
        assert lamp is not None
        said = {light.rpartition(" ")[0] or "solid" for light in shows.lamp}
        colours = {light for light in shows.lamp if light.isalpha()}
        assert set(lamp.kind.colours) == colours or ("on" in lamp.kind.colours and len(colours) == 2)
        assert set(lamp.kind.manners) | {"solid"} == said
        assert bool(lamp.kind.free) == any(light.startswith("#") for light in shows.lamp)


@pytest.mark.parametrize("way", [0.0, 0.5, 1.0])
def test_each_ring_shows_the_way(controller: Controller, device: Device, way: float) -> None:
    desk = Desk(controller)
    low, high = device.ends
    value = {0.0: low, 0.5: (low + high + 1) // 2, 1.0: high}[way]
    away = {0.0: 1.0, 0.5: 1.0, 1.0: 0.0}[way]
    desk.told({name: Shown(way=away) for name in device.rings})
    told = desk.told({name: Shown(way=way) for name in device.rings})
    motors = {device.motors[name] for name in device.rings if name in device.motors}

    assert Counter(told) == Counter(
        bytes.fromhex(written.replace("vv", f"{value:02X}")) for written in [*device.rings.values(), *motors]
    )


def test_each_ring_fills_from_the_left_and_goes_dark(controller: Controller, device: Device) -> None:
    desk = Desk(controller)
    desk.feedback.refresh()
    told = Counter(desk.told({name: Shown(way=1.0) for name in device.rings}))
    styles = Counter(bytes.fromhex(written) for written in device.styles.values())
    assert styles <= told

    end = Counter(desk.feedback.end())
    kind, _, value = device.dark.partition(" ")
    if kind == "value":
        assert Counter(bytes.fromhex(one.replace("vv", value)) for one in device.rings.values()) <= end
    elif kind == "style":
        assert Counter(bytes.fromhex(one[:-2] + value) for one in device.styles.values()) <= end


def test_a_ring_that_can_blinks_while_its_control_waits(controller: Controller, device: Device) -> None:
    if device.waiting is None:
        assert all(one.ring is None or one.ring.blinking is None for one in controller.controls.values())
        return
    desk = Desk(controller)
    for way, value in zip((1.0, 0.0), reversed(device.waiting), strict=True):
        told = desk.told({name: Shown(way=way, waits=True) for name in device.rings})
        assert Counter(told) == Counter(
            bytes.fromhex(one.replace("vv", f"{value:02X}")) for one in device.rings.values()
        )


def test_each_motor_goes_where_the_value_is(controller: Controller, device: Device) -> None:
    desk = Desk(controller)
    for way, value in ((0.5, 64), (1.0, 127), (0.0, 0)):
        told = desk.told({name: Shown(way=way) for name in device.motors})
        assert Counter(told) == Counter(
            bytes.fromhex(one.replace("vv", f"{value:02X}")) for one in device.motors.values()
        )


def test_what_it_is_told_first_and_last(controller: Controller, device: Device) -> None:
    feedback = Feedback(controller)

    assert feedback.begin() == [bytes.fromhex(one) for one in (*device.start, *device.ask)]
    end = feedback.end()
    stop = [bytes.fromhex(one) for one in device.stop]
    assert end[len(end) - len(stop) :] == stop
    dark = Counter(message for shows in device.lamps.values() for message in lamp_messages(shows, "off"))
    assert dark <= Counter(end)


def test_the_table_has_every_controller(name: str) -> None:
    assert name in names()
    assert set(names()) == set(DEVICES)
