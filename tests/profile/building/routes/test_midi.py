"""The signals of a controller: what they can be called, what arrives as them, and what a route makes of that."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge import profile
from bridge.profile import Profile, Severity
from bridge.profile.building.routes import midi
from bridge.profile.building.routes.signals import Signal, Sources
from bridge.profile.controllers.model import Address, Control, Controller, Report
from bridge.profile.filters import Accumulate, Choose, Encoder, Every, Smooth, Toggle
from bridge.profile.inputs import TOLERANCE, Midi, Osc
from bridge.profile.model import Route
from bridge.profile.shapes.structures import Given
from bridge.profile.source.problems import Notes, Place

BOX = Controller(
    "box",
    "Little Box",
    ("Little Box*",),
    {
        one.name: one
        for one in (
            Control("fader/1", "fader", Address("cc", 1, 7), touch=Address("note", 1, 104)),
            Control("fader/2", "fader", Address("cc14", 2, 7)),
            Control("encoder/1", "encoder", Address("cc", 1, 16), relative="offset"),
            Control("encoder/1/push", "button", Address("note", 1, 32)),
            Control("jog", "wheel", Address("bend", 3)),
            Control("shift", "button", Address("cc", 1, 98)),
            *(Control(f"pad/{1 + n // 3}/{1 + n % 3}", "pad", Address("note", 1, n)) for n in range(5)),
            *(Control(f"scene/{n}", "button", Address("note", 2, n)) for n in (1, 2)),
        )
    },
    (Report("template/{n}", bytes(4), b"\xf7", 8),),
)
WITH, WITHOUT = Midi("Little Box", BOX), Midi("Little Box")
SOURCES = Sources(["box", "raw"], {"box": WITH, "raw": WITHOUT})


def read(text: str) -> Signal | None:
    place = Place(1, 1, 1, len(text) + 1)
    return SOURCES.read(Given(text, place, place), Notes([text]))


def problem(text: str) -> tuple[str, tuple[str, ...]]:
    """Return what is said of the only thing that is wrong with a signal."""
    notes, place = Notes([text]), Place(1, 1, 1, len(text) + 1)
    assert SOURCES.read(Given(text, place, place), notes) is None
    (only,) = notes.problems()
    return only.message, only.hints


def brings(text: str) -> set[str]:
    signal = read(text)
    assert signal is not None
    return set(SOURCES.arrives(signal))


class TestNames:
    """With a controller, what has a name is heard by it alone."""

    @pytest.mark.parametrize(
        ("text", "what"),
        [
            ("box/fader/1", {"place"}),
            ("box/fader/1/touch", {"press"}),
            ("box/encoder/1", {"turn"}),
            ("box/encoder/1/push", {"press"}),
            ("box/encoder/1/push/velocity", {"force"}),
            ("box/jog", {"place"}),
            ("box/pad/2/1", {"press"}),
            ("box/pad/2/1/release", {"force"}),
            ("box/template/8", {"event"}),
            ("box/cc/1/1", {"place"}),
            ("box/note/3/1/pressure", {"force"}),
            ("box/clock", {"event"}),
            ("box/program/1", {"number"}),
            ("box/fader/{n}", {"place"}),
            ("box/pad/*/1", {"press"}),
            ("box/pad/{row}/{column}", {"press"}),
            ("box/*/1", {"place", "turn", "press", "event"}),
            ("box/template/*", {"event"}),
            ("box/**", {"place", "turn", "press", "force", "event"}),
            ("box/cc/1/*", {"place"}),
        ],
    )
    def test_a_name_or_a_message_says_what_arrives(self, text: str, what: set[str]) -> None:
        assert brings(text) == what

    @pytest.mark.parametrize(
        ("text", "name"),
        [
            ("box/cc/1/7", "fader/1"),
            ("box/cc/2/7", "fader/2"),
            ("box/cc/2/39", "fader/2"),
            ("box/cc14/2/7", "fader/2"),
            ("box/note/1/104", "fader/1/touch"),
            ("box/bend/3", "jog"),
            ("box/note/1/3", "pad/2/1"),
            ("box/note/1/3/velocity", "pad/2/1/velocity"),
        ],
    )
    def test_the_message_of_what_has_a_name_is_refused_with_the_name(self, text: str, name: str) -> None:
        message, hints = problem(text)

        assert message == f"{text.partition('/')[2]} is {name} on the Little Box, and is heard by that name alone"
        assert hints == (f"write box/{name}",)

    @pytest.mark.parametrize(
        ("text", "hint"),
        [
            ("box/fadr/1", "did you mean 'box/fader/1'?"),
            ("box/fader/3", "it has box/fader/1 to box/fader/2"),
            ("box/pad/2/3", "it has box/pad/1/1 to box/pad/2/2"),
            ("box/template/9", "it has box/template/1 to box/template/8"),
            ("box/aftertouch/1", "did you mean 'box/pressure/1'?"),
        ],
    )
    def test_a_control_that_is_not_there_is_refused_with_one_that_is(self, text: str, hint: str) -> None:
        message, hints = problem(text)

        assert message == f"the Little Box has no control called '{text.partition('/')[2]}'"
        assert hints == (hint,)

    @pytest.mark.parametrize("text", ["box/slider/{n}", "box/pad/*", "box/*/*/*/*/*", "box/fader/1/*/x"])
    def test_a_pattern_that_fits_nothing_is_refused(self, text: str) -> None:
        assert problem(text)[0] == f"'{text.partition('/')[2]}' fits no control of the Little Box"


class TestMessages:
    """Without a name, a signal is a kind of message, its channel and its number."""

    @pytest.mark.parametrize(
        ("text", "what"),
        [
            ("cc/1/0", "place"), ("cc/16/127", "place"), ("cc14/1/31", "place"), ("nrpn/1/16383", "place"),
            ("rpn/1/0", "place"), ("bend/1", "place"), ("pressure/16", "force"), ("note/1/60", "press"),
            ("note/1/60/velocity", "force"), ("note/1/60/bend", "place"), ("note/1/60/timbre", "place"),
            ("mpe/1/note", "place"), ("mpe/16/timbre", "place"), ("program/1", "number"), ("program/1/128", "event"),
            ("start", "event"), ("stop", "event"), ("continue", "event"), ("clock", "event"), ("reset", "event"),
            ("position", "number"), ("song", "number"), ("timecode", "number"), ("sysex", "number"),
            ("cc/*/48", "place"), ("note/1/{n}", "press"), ("note/1/*/velocity", "force"), ("note/**", "press"),
        ],
    )  # fmt: skip
    def test_every_form_is_good(self, text: str, what: str) -> None:
        assert brings(f"raw/{text}") == {what}

    @pytest.mark.parametrize(
        ("text", "hint"),
        [
            ("cc/48", "write raw/cc/1/48"),
            ("cc/*", "for example: raw/cc/1/48"),
            ("note/60", "write raw/note/1/60"),
            ("nrpn/9000", "write raw/nrpn/1/9000"),
            ("cc/0/48", "channels are counted from 1, as devices show them: raw/cc/1/48"),
            ("cc/17/48", "the highest channel is 16: raw/cc/16/48"),
            ("cc/1/128", "for example: raw/cc/1/48"),
            ("cc/1/007", "write raw/cc/1/7"),
            ("cc14/1/39", "a pair has the number of its upper half: raw/cc14/1/7"),
            ("program/1/0", "for example: raw/program/1"),
            ("mpe/2/bend", "write raw/mpe/1/bend"),
            ("mpe/1/notes", "write raw/mpe/1/note"),
            ("note/1/60/push", "write raw/note/1/60"),
            ("start/1", "write raw/start"),
            ("pitchbend/2", "did you mean 'raw/bend/2'?"),
            ("bend", "write raw/bend/1"),
        ],
    )
    def test_an_address_that_cannot_be_is_refused_with_one_that_can(self, text: str, hint: str) -> None:
        assert hint in problem(f"raw/{text}")[1]

    def test_a_name_without_a_controller_asks_for_the_controller(self) -> None:
        message, hints = problem("raw/fader/1")

        assert message == "'raw' names no controller, so none of its signals is called 'fader/1'"
        assert hints[0].startswith("say which it is: controller: ")

    @settings(deadline=None)
    @given(st.text(st.sampled_from("cnotebdprgm/0123456789*{n}[] äx"), max_size=24))
    def test_whatever_is_written_is_a_signal_or_is_said_to_be_none(self, path: str) -> None:
        for name in ("box", "raw"):
            notes = Notes([f"{name}/{path}"])
            place = Place(1, 1, 1, 2)
            signal = SOURCES.read(Given(f"{name}/{path}", place, place), notes)

            assert (signal is None) == bool(notes.problems())
            assert all(one.hints for one in notes.problems())
            if signal is not None:
                assert SOURCES.arrives(signal)

    @pytest.mark.parametrize("digits", ["9" * 5000, "١", "²", "-1", "1e3", ""])
    def test_numbers_that_are_none_are_refused(self, digits: str) -> None:
        for text in (f"cc/{digits}/1", f"cc/1/{digits}", f"program/1/{digits}"):
            assert midi.wrong("raw", WITHOUT, text, lambda port: None) is not None


class TestPads:
    """Grids are looked up on the controller."""

    def test_the_rows_of_a_grid_are_those_of_the_controller(self) -> None:
        assert midi.pads(WITH, "pad") == [["pad/1/1", "pad/1/2", "pad/1/3"], ["pad/2/1", "pad/2/2", None]]

    def test_what_is_only_counted_is_one_row(self) -> None:
        assert midi.pads(WITH, "scene") == [["scene/1", "scene/2"]]

    def test_only_what_is_pressed_lies_in_a_grid(self) -> None:
        assert midi.pads(WITH, "fader") is None
        assert midi.pads(WITHOUT, "pad") is None
        assert midi.grids(WITH) == ["pad", "scene"]

    @pytest.mark.parametrize("path", ["shift", "pad/1/1", "encoder/1/push", "fader/1/touch", "cc/1/99", "note/2/60"])
    def test_what_is_pressed_can_be_held(self, path: str) -> None:
        assert midi.held(WITH, path) is None

    @pytest.mark.parametrize(
        "path", ["fader/1", "encoder/1", "jog", "pad/1/1/velocity", "clock", "program/1/5", "bend/1"]
    )
    def test_what_is_not_pressed_cannot_be_held(self, path: str) -> None:
        assert midi.held(WITH, path) is not None


HEAD = """\
inputs:
  apc: {midi: "APC40 mkII*", controller: akai-apc40-mk2, takeover: {pickup: 0.03}}
  desk: {midi: Desk, takeover: scale}
  td: {osc: 9000}
loras: {change: smooth, arcane: arcane.safetensors, ghibli: ghibli.safetensors}
prompts: {bank: {reef: "a {mood} reef", neon: rain}, words: {mood: [calm, tense]}}
start: {prompt: reef}
routes:
  - td/heard -> param/b
  - desk/cc/9/9 -> param/c
  - apc/knob/8 -> param/d
"""
FIRST = 3


def show(*routes: str) -> Profile:
    reading = profile.read(HEAD + "".join(f"  - {route}\n" for route in routes), "x.yaml")
    assert [str(one) for one in reading.problems if one.severity is Severity.ERROR] == []
    assert reading.profile is not None
    return reading.profile


def route(written: str) -> Route:
    (only,) = show(written).routes[FIRST:]
    return only


def notes(*written: str) -> list[str]:
    reading = profile.read(HEAD + "".join(f"  - {route}\n" for route in written), "x.yaml")
    return [one.message for one in reading.problems if one.severity is Severity.NOTE]


class TestRoutes:
    """What a route makes of what arrives."""

    @pytest.mark.parametrize(
        ("written", "source"),
        [
            ("apc/fader/1 -> output/all/level", (0.0, 1.0)),
            ("apc/pad/1/1/velocity -> output/all/level", (0.0, 1.0)),
            ("apc/encoder/cue -> output/all/level", None),
            ("desk/cc/1/1 -> output/all/level", (0.0, 1.0)),
            ("desk/program/1 -> prompt", None),
            ("desk/position -> param/x", None),
            ("desk/clock -> tap", None),
        ],
    )
    def test_a_range_is_known_for_what_has_one(self, written: str, source: tuple[float, float] | None) -> None:
        assert route(written).source == source

    @pytest.mark.parametrize(
        ("written", "filters"),
        [
            ("apc/encoder/cue -> output/all/level", (Encoder(),)),
            ("apc/encoder/cue -> lora/arcane", (Encoder(),)),
            ("apc/encoder/cue -> word/mood", (Encoder(),)),
            ("apc/encoder/* -> param/x", (Encoder(),)),
            ("{from: apc/encoder/cue, to: prompt, filters: [{choose: [reef, neon]}]}", (Encoder(), Choose(("reef", "neon")))),
            ("{from: apc/encoder/cue, to: lora/1, filters: [{encoder: {turn: 30}}]}", (Encoder(turn=30.0),)),
            ("{from: apc/encoder/cue, to: lora/1, filters: [{accumulate: 0.1}]}", (Accumulate(0.1),)),
            ("{from: desk/cc/1/16, to: lora/1, filters: [{encoder: auto}]}", (Encoder("auto"),)),
            ("apc/encoder/cue -> prompt", (Encoder(),)),
            ("apc/encoder/cue -> temporal_interpolation_method", (Encoder(),)),
            ("{from: desk/cc/1/16, to: prompt/next, filters: [{encoder: offset}]}", (Encoder("offset"),)),
            ("{from: apc/encoder/cue, to: prompt/next, every: 4}", (Every(4),)),
            ("apc/encoder/cue -> prompt/next", ()),
            ("apc/encoder/cue -> output/all/freeze", ()),
            ("apc/fader/1 -> lora/1", ()),
        ],
    )  # fmt: skip
    def test_what_is_turned_turns_a_value_from_where_it_is(self, written: str, filters: tuple[object, ...]) -> None:
        assert route(written).filters == filters

    def test_other_filters_come_after_the_turning(self) -> None:
        made = route("{from: apc/encoder/cue, to: lora/1, out: [0, 0.5], filters: [{smooth: 1 s}]}")

        assert [type(one) for one in made.filters] == [Encoder, Smooth]
        assert made.out == (0.0, 0.5)

    def test_a_turned_route_may_say_where_its_way_ends_for_what_has_no_range(self) -> None:
        assert route("{from: apc/encoder/cue, to: param/glow, out: [0, 3]}").out == (0.0, 3.0)

    @pytest.mark.parametrize(
        ("written", "mode", "tolerance"),
        [
            ("apc/fader/1 -> lora/1", "pickup", 0.03),
            ("{from: apc/fader/1, to: lora/1, takeover: scale}", "scale", TOLERANCE),
            ("{from: apc/fader/1, to: lora/1, takeover: {scale: 0.1}}", "scale", 0.1),
            ("apc/encoder/cue -> lora/1", "jump", TOLERANCE),
            ("apc/pad/1/1/velocity -> lora/1", "jump", TOLERANCE),
            ("{from: apc/pad/1/1, to: lora/1, filters: [toggle]}", "jump", TOLERANCE),
            ("desk/cc/1/1 -> lora/1", "scale", TOLERANCE),
            ("desk/note/1/1 -> lora/1", "jump", TOLERANCE),
            ("td/x -> lora/1", "jump", TOLERANCE),
        ],
    )
    def test_only_what_has_a_place_takes_over(self, written: str, mode: str, tolerance: float) -> None:
        made = route(written)

        assert (made.takeover, made.takeover_tolerance) == (mode, tolerance)

    def test_how_hard_a_pad_is_hit_is_told_of_where_a_value_jumps(self) -> None:
        assert notes("apc/pad/1/1 -> output/all/level", "desk/note/1/60 -> lora/1") == [
            "apc/pad/1/1 is 1 while it is down and 0 when it is not, so output/all/level has nothing between its ends",
            "desk/note/1/60 is 1 while it is down and 0 when it is not, so lora/1 has nothing between its ends",
        ]

    @pytest.mark.parametrize(
        "written",
        [
            "apc/pad/1/1 -> prompt/next",
            "{from: apc/shift, to: output/all/freeze, filters: [toggle]}",
            "apc/fader/1 -> output/all/freeze",
            "apc/shift -> output/all/level",
            "apc/pad/1/1/velocity -> output/all/level",
            "{from: apc/pad/1/1, to: lora/1, filters: [{smooth: 1 s}]}",
        ],
    )
    def test_where_hitting_harder_cannot_be_meant_nothing_is_said(self, written: str) -> None:
        assert notes(written) == []

    @pytest.mark.parametrize("button", ["apc/shift", "apc/pad/1/1"])
    def test_a_button_that_holds_a_switch_is_told_how_to_turn_it_instead(self, button: str) -> None:
        (note,) = notes(f"{button} -> output/all/freeze")

        assert note == f"output/all/freeze is on only for as long as {button} is down"


def test_a_pad_of_a_grid_turns_a_switch_with_each_press() -> None:
    pages = "pages: {one: {grids: {apc/pad: [[output/all/freeze, tap]]}}}\n"
    read = profile.read(HEAD + "  - apc/fader/1 -> lora/1\n" + pages, "x.yaml").profile

    assert read is not None
    assert [route.filters for route in read.pages["one"].routes] == [(Toggle(),), ()]


class TestOwnFiles:
    """A controller of one's own."""

    OWN = 'title: Mine\nports: ["Mine*"]\ncontrols: {dial/1: {cc: 5, kind: knob}}\n'

    def reading(self, controller: str, files: dict[str, str], route: str = "apc/dial/1 -> lora/1") -> profile.Reading:
        def file(path: str) -> str:
            if path not in files:
                raise FileNotFoundError(path)
            return files[path]

        text = (
            f"inputs: {{apc: {{midi: X, controller: {controller}}}}}\nloras: {{arcane: a.safetensors}}\n"
            f"start: {{prompt: reef}}\nroutes: [{route}]\n"
        )
        return profile.read(text, "shows/club.yaml", {}, file)

    @pytest.mark.parametrize(
        ("controller", "path"),
        [
            ("mine", "shows/controllers/mine.yaml"),
            ("akai-apc40-mk2", "shows/controllers/akai-apc40-mk2.yaml"),
            ("rig/mine.yaml", "shows/rig/mine.yaml"),
        ],
    )
    def test_it_is_looked_for_beside_the_profile_comes_before_ours_and_is_watched(
        self, controller: str, path: str
    ) -> None:
        found = self.reading(controller, {path: self.OWN}).profile

        assert found is not None
        options = found.inputs["apc"]
        assert isinstance(options, Midi)
        assert options.controller is not None
        assert (options.controller.title, options.controller.file) == ("Mine", path)
        assert found.files == (path,)

    def test_what_is_wrong_with_it_is_said_with_its_own_path_and_line(self) -> None:
        wrong = self.OWN.replace("cc: 5", "cc: 500")
        reading = self.reading("mine", {"shows/controllers/mine.yaml": wrong})

        (only,) = reading.problems
        assert (only.path, only.line) == ("shows/controllers/mine.yaml", 3)
        assert reading.profile is None

    def test_of_a_controller_that_cannot_be_read_no_control_is_said_to_be_missing(self) -> None:
        (only,) = self.reading("nobody", {}, "apc/whatever -> lora/1").problems

        assert only.message == "there is no controller called 'nobody'"


def test_an_input_of_another_kind_is_not_asked_for_controls() -> None:
    sources = Sources(["td"], {"td": Osc(9000)})

    assert sources.arrives(Signal("td/fader/1", None)) == frozenset()
    assert not sources.hit(Signal("td/note/1/60", None))
