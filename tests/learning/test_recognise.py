"""Which control was moved, out of all that arrives."""

from collections.abc import Iterable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.learning.recognise import Moved, Recogniser
from bridge.profile.controllers.model import Address, Control, Controller
from bridge.profile.inputs import InputOptions, Midi, Osc
from bridge.signals import Batch, Sample, Value

Timed = tuple[float, str, tuple[Value, ...]]
"""A message: when, what, its values."""

NAMED = Controller(
    "acme-one",
    "Acme One",
    ("Acme*",),
    {
        "fader/1": Control("fader/1", "fader", Address("cc", 1, 7), touch=Address("note", 1, 104)),
        "knob/1": Control("knob/1", "encoder", Address("cc", 1, 16), "offset"),
        "pad/1/1": Control("pad/1/1", "pad", Address("note", 1, 36)),
        "shift": Control("shift", "button", Address("note", 1, 98)),
    },
)
INPUTS: dict[str, InputOptions] = {"apc": Midi("APC*"), "one": Midi("Acme*", NAMED), "td": Osc(9000), "cam": Osc(9001)}
BEGUN = 10.0


def heard(messages: Iterable[Timed], before: Iterable[Timed] = ()) -> Recogniser:
    """Return a recogniser that was told to begin at 10.0, and heard some messages since."""
    recogniser = Recogniser(INPUTS)
    for time, path, values in sorted(before):
        recogniser.hear(Batch(time, [(path, values)]))
    recogniser.begin()
    for time, path, values in sorted(messages, key=lambda one: one[0]):
        recogniser.hear(Batch(BEGUN + time, [(path, values)]))
    return recogniser


def moved(messages: Iterable[Timed], before: Iterable[Timed] = (), after: float = 20.0) -> Moved | None:
    return heard(messages, before).moved(BEGUN + after)


def told(path: str, *values: float, step: float = 0.02, start: float = 0.0) -> list[Timed]:
    """Return messages with a value each, evenly spaced."""
    return [(start + index * step, path, (value,)) for index, value in enumerate(values)]


def cc(path: str, *values: int, step: float = 0.02, start: float = 0.0) -> list[Timed]:
    return told(path, *(value / 127 for value in values), step=step, start=start)


def sweep(path: str, top: int = 127, step: float = 0.01) -> list[Timed]:
    return cc(path, *range(0, top + 1, 2), *range(top, -1, -3), step=step)


CASES: list[tuple[str, list[Timed], Moved]] = [
    ("a knob", sweep("apc/cc/1/48"), Moved("apc/cc/1/48", "place", 0.0, 1.0)),
    ("half of its way", sweep("apc/cc/1/48", 64), Moved("apc/cc/1/48", "place", 0.0, 64 / 127)),
    (
        "a fader of 14 bits, with its halves",
        [
            *sweep("apc/cc/1/7"),
            *cc("apc/cc/1/39", *(index * 37 % 128 for index in range(100)), step=0.01),
            *told("apc/cc14/1/7", *(index / 99 for index in range(100)), step=0.01),
        ],
        Moved("apc/cc14/1/7", "place", 0.0, 1.0),
    ),
    (
        "a fader whose upper half alone comes, although a pair was heard",
        [*sweep("apc/cc/1/7"), *told("apc/cc14/1/7", *(index / 99 for index in range(100)), step=0.01)],
        Moved("apc/cc/1/7", "place", 0.0, 1.0),
    ),
    (
        "an NRPN, with what it is made of",
        [
            *cc("apc/cc/1/99", *[8] * 60, step=0.02),
            *cc("apc/cc/1/98", *[0] * 60, step=0.02),
            *sweep("apc/cc/1/6"),
            *sweep("apc/cc/1/38"),
            *told("apc/cc14/1/6", *(index / 99 for index in range(100))),
            *told("apc/nrpn/1/1024", *(index / 60 for index in range(61))),
        ],
        Moved("apc/nrpn/1/1024", "place", 0.0, 1.0),
    ),
    ("pitch bend", told("apc/bend/1", 0.5, 0.6, 0.9, 1.0, 0.4, 0.0, 0.5), Moved("apc/bend/1", "place", 0.0, 1.0)),
    (
        "a pad, which says how hard it was hit, and aftertouch",
        [
            (0.0, "apc/note/1/60/velocity", (0.8,)),
            (0.0, "apc/note/1/60", (1.0,)),
            *told("apc/note/1/60/pressure", 0.1, 0.5, 0.9, 0.3, start=0.05),
            *told("apc/pressure/1", 0.1, 0.5, 0.9, 0.3, start=0.05),
            (0.4, "apc/note/1/60/release", (0.3,)),
            (0.4, "apc/note/1/60", (0.0,)),
        ],
        Moved("apc/note/1/60", "held", 0.0, 1.0),
    ),
    ("a key that was not let go yet", told("apc/note/1/60", 1.0), Moved("apc/note/1/60", "latched", 0.0, 1.0)),
    ("a button with a controller", cc("apc/cc/1/64", 127, 0, step=0.2), Moved("apc/cc/1/64", "held", 0.0, 1.0)),
    ("one with less than all", cc("apc/cc/1/64", 100, 0, step=0.2), Moved("apc/cc/1/64", "held", 0.0, 100 / 127)),
    ("one that stays on", cc("apc/cc/1/64", 127), Moved("apc/cc/1/64", "latched", 0.0, 1.0)),
    ("one that stays off", cc("apc/cc/1/64", 0), Moved("apc/cc/1/64", "latched", 0.0, 1.0)),
    ("one that stays, twice", cc("apc/cc/1/64", 127, 0, step=1.5), Moved("apc/cc/1/64", "latched", 0.0, 1.0)),
    (
        "one that says 127 at each press and nothing else",
        cc("apc/cc/1/64", 127, 127, 127, 127, 127, step=0.5),
        Moved("apc/cc/1/64", "latched", 0.0, 1.0),
    ),
    (
        "a knob that rests in its middle, and says each place several times",
        cc("apc/cc/1/48", 63, 63, 63, 63, 65, 65, 65, 65, 63, 63, *range(66, 128)),
        Moved("apc/cc/1/48", "place", 63 / 127, 1.0),
    ),
    ("an aftertouch alone", told("apc/pressure/1", 0.1, 0.5, 0.9, 0.0), Moved("apc/pressure/1", "place", 0.0, 0.9)),
    (
        "one program, after its bank",
        [
            (0.0, "apc/cc/1/0", (1.0,)),
            (0.0, "apc/cc/1/32", (1 / 127,)),
            (0.0, "apc/program/1", (129, 5)),
            (0.0, "apc/program/1/5", ()),
        ],
        Moved("apc/program/1/5", "trigger"),
    ),
    (
        "several programs are a number",
        [
            message
            for number in range(1, 6)
            for message in ((number * 0.1, "apc/program/1", (number,)), (number * 0.1, f"apc/program/1/{number}", ()))
        ],
        Moved("apc/program/1", "place", 1.0, 5.0),
    ),
    ("a transport key", [(0.0, "apc/start", ())], Moved("apc/start", "trigger")),
    (
        "a named fader that is touched",
        [(0.0, "one/fader/1/touch", (1.0,)), *sweep("one/fader/1"), (3.0, "one/fader/1/touch", (0.0,))],
        Moved("one/fader/1", "place", 0.0, 1.0),
    ),
    ("a named encoder", told("one/knob/1", 1.0, 1.0, 2.0, -1.0, -3.0), Moved("one/knob/1", "steps")),
    (
        "a named pad",
        [(0.0, "one/pad/1/1/velocity", (0.9,)), *told("one/pad/1/1", 1.0, 0.0, step=0.15)],
        Moved("one/pad/1/1", "held", 0.0, 1.0),
    ),
    (
        "an encoder, twos complement",
        cc("apc/cc/1/47", 1, 1, 1, 2, 1, 1, 127, 127, 126, 127, 127, 127),
        Moved("apc/cc/1/47", "encoder", relative="twos complement"),
    ),
    (
        "an encoder, offset",
        cc("apc/cc/1/47", 65, 65, 65, 66, 65, 65, 63, 63, 62, 63, 63, 63),
        Moved("apc/cc/1/47", "encoder", relative="offset"),
    ),
    (
        "an encoder, sign and magnitude",
        cc("apc/cc/1/47", 1, 1, 1, 2, 1, 1, 65, 65, 66, 65, 65, 65),
        Moved("apc/cc/1/47", "encoder", relative="sign magnitude"),
    ),
    (
        "an encoder, on and off",
        cc("apc/cc/1/47", 127, 127, 127, 127, 127, 0, 0, 0, 0, 0),
        Moved("apc/cc/1/47", "encoder", relative="on off"),
    ),
    (
        "an encoder turned so fast that it never says the same twice",
        cc("apc/cc/1/47", 1, 3, 5, 8, 6, 4, 2, 126, 122, 120, 123, 127),
        Moved("apc/cc/1/47", "encoder", relative="twos complement"),
    ),
    ("an encoder turned one way only", cc("apc/cc/1/47", *[1] * 12), Moved("apc/cc/1/47", "encoder")),
    ("OSC from 0 to 1", told("td/noise", 0.0, 0.3, 0.7, 1.0, 0.4), Moved("td/noise", "place", 0.0, 1.0)),
    ("OSC in a unit", told("td/steps", 200, 400, 1000), Moved("td/steps", "place", 200.0, 1000.0)),
    ("OSC below 0", told("td/tilt", -0.9, 0.2, 0.8), Moved("td/tilt", "place", -0.9, 0.8)),
    ("one OSC number", told("td/scale", 0.7), Moved("td/scale", "place", 0.7, 0.7)),
    ("an OSC button", told("td/go", 1, 0, step=0.2), Moved("td/go", "held", 0.0, 1.0)),
    ("an OSC trigger", [(0.0, "td/go", ())], Moved("td/go", "trigger")),
    ("OSC text", [(0.0, "td/prompt", ("reef",))], Moved("td/prompt", "text")),
    (
        "the value of several that moved",
        [(index * 0.02, "td/xy", (0.5, index / 30)) for index in range(31)],
        Moved("td/xy[2]", "place", 0.0, 1.0),
    ),
    (
        "TouchOSC's fader with the finger on it, and its page",
        [
            (0.0, "td/1", ()),
            (0.0, "td/1/fader1/z", (1,)),
            *told("td/1/fader1", 0.0, 0.4, 0.9, 0.5, start=0.1),
            (1.0, "td/1/fader1/z", (0,)),
        ],
        Moved("td/1/fader1", "place", 0.0, 0.9, others=("td/1",)),
    ),
]


@pytest.mark.parametrize(("messages", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_was_moved(messages: list[Timed], expected: Moved) -> None:
    assert moved(messages) == expected


NOISE: list[tuple[str, list[Timed]]] = [
    ("a clock", [(index / 48, "apc/clock", ()) for index in range(200)]),
    ("a timecode", [(index / 4, "apc/timecode", ("01:02:03:04", index / 4)) for index in range(20)]),
    ("a song position and SysEx", [(0.0, "apc/position", (12,)), (0.1, "apc/sysex", (b"\xf0\x7e\xf7",))]),
    ("a worn fader", cc("apc/cc/1/50", *[63, 64] * 200, step=0.01)),
    ("a worn fader at its end", cc("apc/cc/1/50", *[126, 127] * 200, step=0.01)),
    ("a fader brushed by a sleeve", cc("apc/cc/1/50", 20, 21, 22, 21)),
    ("a hand that rests on a fader", told("one/fader/1/touch", 1.0, 0.0, step=0.5)),
    ("the bridge's own signals", [(0.1, "tempo/beat", (1.0,)), (0.2, "scope/fps", (12.0,)), (0.3, "panel/x", (0.7,))]),
    ("an OSC value that trembles", told("td/level", *[400.0, 400.4] * 50)),
    ("what is no number", [(0.0, "td/a", (float("nan"),)), (0.1, "td/b", (None,)), (0.2, "td/c", (10**400,))]),
]


@pytest.mark.parametrize("noise", [case[1] for case in NOISE], ids=[case[0] for case in NOISE])
def test_noise_is_no_control_and_hides_none(noise: list[Timed]) -> None:
    assert moved(noise) is None
    found = moved([*noise, *sweep("apc/cc/1/48")])
    assert found is not None
    assert (found.signal, found.others) == ("apc/cc/1/48", ())


def test_what_streamed_before_is_no_hand_however_far_it_goes() -> None:
    before = [(9.0 + index / 60, "cam/left/hand", (index / 60,)) for index in range(60)]
    during = told("cam/left/hand", *(index % 60 / 59 for index in range(600)), step=1 / 60)
    found = moved([*during, *cc("apc/cc/1/48", *range(30, 50))], before)
    assert found is not None
    assert (found.signal, found.others) == ("apc/cc/1/48", ())
    assert moved(during, before) is None
    assert heard(during, before).complaint() == (
        "only cam/left/hand came, and that before anything was to be moved, too: a signal that comes all the time is "
        "learned by its name, with --from cam/left/hand"
    )


def test_a_controller_that_tells_where_it_stands_when_its_port_opens_can_be_learned() -> None:
    dump = [(9.1 + index / 2000, f"apc/cc/1/{48 + index % 8}", (0.5,)) for index in range(16)]
    found = moved(sweep("apc/cc/1/48"), dump)
    assert found is not None
    assert found.signal == "apc/cc/1/48"


def test_a_knob_is_waited_for_until_it_rests() -> None:
    recogniser = heard(cc("apc/cc/1/48", *range(0, 100, 2), step=0.02))
    assert recogniser.moved(BEGUN + 0.98 + 0.9) is None
    assert recogniser.moved(BEGUN + 0.98 + 1.05) == Moved("apc/cc/1/48", "place", 0.0, 98 / 127)


def test_a_worn_knob_rests_although_it_trembles_on() -> None:
    trembling = cc("apc/cc/1/48", *[98, 99] * 300, start=1.0, step=0.01)
    found = moved([*cc("apc/cc/1/48", *range(0, 100, 2), step=0.02), *trembling], after=2.3)
    assert found is not None
    assert found.signal == "apc/cc/1/48"


def test_a_button_is_known_soon_after_it_was_let_go() -> None:
    recogniser = heard(told("apc/note/1/36", 1.0, 0.0, step=0.1))
    assert recogniser.moved(BEGUN + 0.2) is None
    assert recogniser.moved(BEGUN + 0.45) == Moved("apc/note/1/36", "held", 0.0, 1.0)


def test_an_encoder_that_was_turned_one_way_is_wanted_the_other_way() -> None:
    recogniser = heard(cc("apc/cc/1/47", *[1] * 12))
    assert recogniser.moved(BEGUN + 2.0) is None
    assert recogniser.wish(BEGUN + 2.0) == "apc/cc/1/47 is an encoder: turn it the other way, too"
    for time, path, values in cc("apc/cc/1/47", *[127] * 6, start=2.1):
        recogniser.hear(Batch(BEGUN + time, [(path, values)]))
    assert recogniser.wish(BEGUN + 3.0) == ""
    assert recogniser.moved(BEGUN + 3.5) == Moved("apc/cc/1/47", "encoder", relative="twos complement")


def test_what_moved_too_little_to_be_recognised_is_spoken_of_when_it_has_come_to_rest() -> None:
    recogniser = heard(cc("apc/cc/1/48", 20, 21))
    assert recogniser.wish(BEGUN + 1.0) == ""
    assert recogniser.wish(BEGUN + 2.5) == "apc/cc/1/48 came, but hardly moved: move one control, all the way"


def test_who_cannot_wait_gets_what_is_known() -> None:
    recogniser = heard(cc("apc/cc/1/48", *range(0, 100, 2), step=0.02))
    assert recogniser.moved(BEGUN + 1.0, over=True) == Moved("apc/cc/1/48", "place", 0.0, 98 / 127)
    assert heard([]).moved(BEGUN, over=True) is None


def test_of_two_that_were_moved_the_one_that_went_farther_is_meant_and_the_other_is_told() -> None:
    found = moved([*sweep("apc/cc/1/48"), *cc("apc/cc/1/49", *range(60, 90))])
    assert found is not None
    assert (found.signal, found.others) == ("apc/cc/1/48", ("apc/cc/1/49",))


def test_a_button_is_meant_although_a_sleeve_goes_to_and_fro_over_a_fader() -> None:
    found = moved([*told("apc/note/1/36", 1.0, 0.0, step=0.2), *cc("apc/cc/1/49", *[60, 64, 68, 64] * 50)])
    assert found is not None
    assert (found.signal, found.others) == ("apc/note/1/36", ("apc/cc/1/49",))


@pytest.mark.parametrize(
    ("messages", "complaint"),
    [
        ([], "nothing arrived"),
        ([(0.0, "apc/clock", ())], "nothing arrived"),
        (cc("apc/cc/1/48", 20, 21), "apc/cc/1/48 came, but hardly moved: move one control, all the way"),
        (
            [one for number in range(5) for one in cc(f"apc/cc/1/{number + 64}", 20, 21)],
            "apc/cc/1/64, apc/cc/1/65, apc/cc/1/66 and 2 more came, but hardly moved: move one control, all the way",
        ),
    ],
)
def test_why_nothing_was_recognised(messages: list[Timed], complaint: str) -> None:
    assert heard(messages).complaint() == complaint


# Whatever arrives.

PATHS = st.sampled_from(
    [
        "apc/cc/1/7", "apc/cc/1/39", "apc/cc14/1/7", "apc/cc/1/98", "apc/cc/1/6", "apc/nrpn/1/5", "apc/note/1/60", "apc/program/1/3",
        "apc/note/1/60/velocity", "apc/clock", "apc/program/1", "one/knob/1", "one/fader/1", "one/fader/1/touch", "td/a", "td/a/z",
        "td/b", "apc", "apc/", "nobody/x", "apc/cc14/x/y", "apc/program", "one/mpe/1/bend",
    ]
)  # fmt: skip
VALUES: st.SearchStrategy[Value] = st.one_of(
    st.floats(), st.integers(), st.booleans(), st.text(max_size=3), st.none(), st.binary(max_size=3), st.just(1 / 127)
)
SAMPLES = st.lists(st.tuples(PATHS, st.lists(VALUES, max_size=4).map(tuple)), max_size=40)


@settings(max_examples=60, deadline=None)
@given(before=SAMPLES, during=SAMPLES)
def test_whatever_arrives_nothing_raises_and_what_wins_has_arrived(
    before: Sequence[Sample], during: Sequence[Sample]
) -> None:
    recogniser = Recogniser(INPUTS)
    for number, sample in enumerate(before):
        recogniser.hear(Batch(number * 0.03, [sample]))
    recogniser.begin()
    for number, sample in enumerate(during):
        recogniser.hear(Batch(BEGUN + number * 0.03, [sample]))
    found = recogniser.moved(BEGUN + 60)
    recogniser.wish(BEGUN + 1)
    recogniser.complaint()
    if found is not None:
        path = found.signal.partition("[")[0]
        assert path in {one for one, _ in during}
        assert path.rpartition("/")[2] not in ("velocity", "touch", "clock")
        assert found.low <= found.high


@settings(max_examples=60, deadline=None)
@given(
    number=st.integers(0, 127),
    values=st.lists(st.integers(0, 127), min_size=12, max_size=60, unique=True),
    trembling=st.integers(1, 126),
    beat=st.floats(0.005, 0.05),
)
def test_a_knob_that_is_moved_is_found_beside_a_worn_fader_and_a_clock(
    number: int, values: list[int], trembling: int, beat: float
) -> None:
    values = [*sorted(values), *sorted(values, reverse=True)[1:]]
    noise = cc("apc/cc/2/90", *[trembling, trembling + 1] * 100, step=beat)
    clock = [(index * beat, "apc/clock", ()) for index in range(100)]
    found = moved([*cc(f"apc/cc/1/{number}", *values), *noise, *clock])
    assert found is not None
    assert (found.signal, found.others) == (f"apc/cc/1/{number}", ())
