"""Whatever is shown and moved, in the end a device shows its view; and never is it told more than it can take."""

from collections.abc import Callable
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.inputs.midi.feedback import Feedback
from bridge.profile.controllers.model import Address, Control, Controller, Lamp, Ring
from bridge.surface import Shown, View
from tests.inputs.midi.devices import ANIMATED, FREE, GRID, OWN_BLINK, SINGLE, cc, device, knob, note, pad

STYLES: Final = {"off": 0, "fan": 2, "pan": 3}
CONTROLS: Final = (
    pad(GRID, 1, "pad/1"),
    pad(SINGLE, 2, "pad/2"),
    pad(OWN_BLINK, 3, "pad/3"),
    pad(FREE, 4, "pad/4"),
    Control("push/1", "button", cc(5, 2), lamp=Lamp(cc(5, 2), ANIMATED)),
    knob("knob/1", 20, Ring(cc(20), off=0)),
    knob("knob/2", 21, Ring(cc(31), 1, 13, blinking=(14, 26), off=0)),
    knob("knob/3", 22, Ring(cc(22), style=cc(32), styles=STYLES)),
    knob("knob/4", 23, Ring(cc(33), 1, 11, own=False), lamp=Lamp(note(43), SINGLE)),
    Control("fader/1", "fader", Address("bend", 1), motor=Address("bend", 1), touch=note(104)),
    Control("fader/2", "fader", Address("cc14", 1, 7), motor=Address("cc14", 1, 7), beside="pad/2"),
    Control("fader/3", "fader", cc(9), beside="pad/1"),
)
NAMES: Final = tuple(control.name for control in CONTROLS)
LIGHTS: Final = ("", "off", "red", "dim red", "blink red", "pulse green", "#ff8800", "blink #0040ff")
HAND: Final = ("knob/1", "knob/2", "knob/3", "knob/4", "fader/1", "fader/2", "push/1")
END: Final = 1000.19
"""When both are looked at: just before a tick, so that the slowest has been told what the last one changed."""
BEGIN: Final = END - 6

places = st.sampled_from([0.0, 0.25, 0.5, 1.0])
views: st.SearchStrategy[View] = st.dictionaries(
    st.sampled_from(NAMES),
    st.builds(Shown, st.one_of(st.none(), places), st.sampled_from(LIGHTS), st.booleans()),
)
Act = Callable[[Feedback, "Seen"], None]


class Seen:
    """What somebody sees who looks at a device: what each thing was told last, or shows by itself."""

    def __init__(self) -> None:
        self.told: dict[tuple[str, int], list[bytes]] = {}

    def take(self, message: bytes) -> None:
        """Take a message. Of each address the last three are kept: no lamp is told more at once."""
        kind = {0x90: "note", 0xB0: "cc", 0xE0: "bend", 0xF0: "note"}[message[0] & 0xF0]
        log = self.told.setdefault((kind, 0 if kind == "bend" else message[1]), [])
        log.append(message)
        del log[:-3]

    def shows(self, other: "Seen") -> bool:
        """Return whether everything that the other one was told is what was told here last."""
        return all(self.told[at][-len(log) :] == log for at, log in other.told.items())


def show(view: View) -> Act:
    return lambda feedback, seen: feedback.show(view)


def move(name: str, place: float) -> Act:
    """The hand moves a control, and the device shows by itself what it does."""
    seven, low = round(place * 127), 127 if place == 1.0 else 0
    by_itself = {
        "knob/1": [bytes((0xB0, 20, seven))],
        "knob/2": [bytes((0xB0, 31, 1 + round(place * 12)))],
        "knob/3": [bytes((0xB0, 22, seven))],
        "fader/1": [bytes((0xE0, low, seven))],
        "fader/2": [bytes((0xB0, 7, seven)), bytes((0xB0, 39, low))],
        "push/1": [bytes((0xB1, 5, seven))],
    }

    def act(feedback: Feedback, seen: Seen) -> None:
        feedback.heard(name, (place,))
        for message in by_itself.get(name, []):
            seen.take(message)

    return act


def touch(down: bool) -> Act:
    return lambda feedback, seen: feedback.heard("fader/1/touch", (float(down),))


def refresh(feedback: Feedback, seen: Seen) -> None:
    feedback.refresh()


acts = st.one_of(
    st.builds(show, views),
    st.builds(move, st.sampled_from(HAND), places),
    st.builds(touch, st.booleans()),
    st.just(refresh),
)
steps = st.lists(st.tuples(acts, st.sampled_from([0.0, 0.001, 0.02, 0.05, 0.31])), max_size=12)


def play(feedback: Feedback, seen: Seen, times: list[float], now: float, until: float) -> None:
    """Do what a port does from `now` to `until`, noting when each message was sent."""
    while now <= until:
        for message in feedback.due(now):
            seen.take(message)
            times.append(now)
        later = feedback.next_due(now)
        assert later is None or later > now
        now = until + 1 if later is None else later


def fresh(controller: Controller, view: View) -> Seen:
    """Return what a device shows at the end that was connected to show only this."""
    feedback, seen = Feedback(controller), Seen()
    feedback.begin()
    feedback.show(view)
    play(feedback, seen, [], BEGIN, END)
    return seen


@settings(deadline=None)
@given(steps, views, st.sampled_from([60, 110, 500]))
def test_in_the_end_a_device_shows_its_last_view_and_was_never_told_too_much(
    done: list[tuple[Act, float]], last: View, rate: int
) -> None:
    controller = device(*CONTROLS, rate=rate)
    feedback, seen, times, now = Feedback(controller), Seen(), list[float](), BEGIN
    feedback.begin()
    for act, seconds in done:
        act(feedback, seen)
        play(feedback, seen, times, now, now + seconds)
        now += seconds
    feedback.heard("fader/1/touch", (0.0,))
    feedback.show(last)
    play(feedback, seen, times, now, END)

    assert seen.shows(fresh(controller, last))
    for first, time in enumerate(times):
        assert sum(time <= other < time + 1 - 1e-9 for other in times[first:]) <= rate
        assert sum(time <= other < time + 0.02 - 1e-9 for other in times[first:]) <= max(1, rate // 50)


@settings(deadline=None)
@given(views)
def test_the_same_view_again_sends_nothing(view: View) -> None:
    feedback = Feedback(device(*CONTROLS))
    feedback.show(view)
    play(feedback, Seen(), [], BEGIN, END)
    feedback.show(dict(view))

    assert feedback.due(END) == []


@settings(deadline=None)
@given(views)
def test_at_the_end_everything_that_can_be_dark_is(view: View) -> None:
    controller = device(*CONTROLS)
    feedback, seen = Feedback(controller), Seen()
    feedback.show(view)
    play(feedback, seen, [], BEGIN, END)
    for message in feedback.end()[:-1]:
        seen.take(message)
    dark = fresh(controller, {})
    dark.told.pop(("cc", 33))  # this ring cannot be

    assert seen.shows(dark)
    assert feedback.due(END + 1) == []
