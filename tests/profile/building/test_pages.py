"""Pages and their grids: a pad is a route like any other."""

from collections.abc import Sequence
from typing import Any

import pytest

from bridge.profile.building.pages import Reader
from bridge.profile.language.pages import PAGES
from bridge.profile.model import Page, Route
from bridge.profile.shapes.shape import Subject
from bridge.profile.shapes.structures import Fields, Given
from bridge.profile.source.compose import compose
from bridge.profile.source.problems import Notes, lines_of
from bridge.profile.targets.names import Names

NAMES = Names(
    outputs=["program"],
    words=["mood"],
    bank=["reef", "neon"],
    slots=["base", "accent"],
    scenes=["intro", "drop"],
    cues=["doors"],
    pages=["perform"],
    routes=["kick"],
    loras=["arcane"],
    images=[],
    inputs=[],
)


def plainly(given: Sequence[Given[Fields]], page: str) -> list[Route]:
    """Return routes as they are written, named after their page."""
    return [Route(one.value["from"].value[0].value, None, one.value["to"].value[0].value, name=page) for one in given]


Pads = list[list[str | None]]


def reading(text: str, known: str = "apc", pads: Pads | None = None) -> tuple[dict[str, Page], Notes]:
    """Return the pages in `text`, a mapping without its key; only the input `known` can be heard, and `pads` are those of
    every grid."""
    notes = Notes(lines_of(text), "night.yaml")
    node = compose(text, notes)
    assert node is not None

    def heard(signal: Given[str]) -> bool:
        if not signal.value.startswith(f"{known}/"):
            notes.error(signal.place, f"nothing sends {signal.value}", "x")
            return False
        return True

    table: Any = PAGES.read(node, notes, Subject("pages", "")) or {}
    reader = Reader(NAMES, notes, heard, plainly, lambda signal: True, lambda grid, place: pads, [known])
    return reader.pages(table), notes


def pages(text: str) -> dict[str, Page]:
    found, notes = reading(text)
    assert notes.problems() == ()
    return found


def messages(text: str) -> list[str]:
    return [problem.message for problem in reading(text)[1].problems()]


def routes(page: Page) -> list[tuple[str, str]]:
    return [(route.signal, route.target_text) for route in page.routes]


def test_a_page_is_held_or_latched_and_the_order_is_that_of_the_file() -> None:
    found = pages("{perform: {}, looks: {while: apc/shift}, more: {from: apc/bank}, last: }")

    assert found == {
        "perform": Page("perform"),
        "looks": Page("looks", held="apc/shift"),
        "more": Page("more", latched="apc/bank"),
        "last": Page("last"),
    }
    assert list(found) == ["perform", "looks", "more", "last"]


def test_pads_are_counted_by_row_and_column_from_1_and_the_first_list_is_row_1() -> None:
    found = pages("p: {grids: {apc/pad: [[scene/intro, scene/drop], [prompt/reef]], apc/clip/stop: [[tap]]}}")

    assert routes(found["p"]) == [
        ("apc/pad/1/1", "scene/intro"),
        ("apc/pad/1/2", "scene/drop"),
        ("apc/pad/2/1", "prompt/reef"),
        ("apc/clip/stop/1/1", "tap"),
    ]


@pytest.mark.parametrize("nothing", ["~", "null", "''", '""', '" "'])
def test_an_empty_cell_is_a_pad_that_does_nothing(nothing: str) -> None:
    found = pages(f"p: {{grids: {{apc/pad: [[{nothing}, tap], ~, [{nothing}, undo]]}}}}")

    assert routes(found["p"]) == [("apc/pad/1/2", "tap"), ("apc/pad/3/2", "undo")]


def test_the_routes_of_a_page_come_before_its_pads_and_know_their_page() -> None:
    found = pages("p: {grids: {apc/pad: [[tap]]}, routes: [apc/fader/1 -> bypass]}")

    assert routes(found["p"]) == [("apc/fader/1", "bypass"), ("apc/pad/1/1", "tap")]
    assert {route.name for route in found["p"].routes} == {"p"}


@pytest.mark.parametrize(
    "target",
    [
        "scene/intro", "scene/save/mine", "cue/go", "cue/doors", "page/perform", "page/next", "prompt/reef",
        "prompt/random", "seed/random", "snapshot/save/1", "route/kick/on", "output/program/freeze", "record",
        "tap", "undo", "panic", "reset_cache", "manage_cache", "paused", "ctrl/key/KeyW",
    ],
)  # fmt: skip
def test_what_happens_or_switches_goes_onto_a_pad(target: str) -> None:
    assert routes(pages(f"p: {{grids: {{apc/pad: [[{target}]]}}}}")["p"]) == [("apc/pad/1/1", target)]


@pytest.mark.parametrize(
    "target",
    ["prompt", "word/mood", "noise_scale", "seed", "lora/arcane", "prompt/base/text", "prompt/base/weight",
     "route/kick/amount", "output/all/level", "bypass", "image/reference", "transition_steps"],
)  # fmt: skip
def test_a_value_does_not_go_onto_a_pad(target: str) -> None:
    found, notes = reading(f"p: {{grids: {{apc/pad: [[tap, '{target}']]}}}}")
    (problem,) = notes.problems()

    assert problem.message.startswith(f"a pad happens or switches, and {target} takes ")
    assert problem.hints[-1] == f"or give it a route: apc/pad/1/2 -> {target}"
    assert routes(found["p"]) == [("apc/pad/1/1", "tap")]


def test_a_grid_of_an_input_that_is_not_there_is_said_once_at_its_name() -> None:
    _, notes = reading("p: {grids: {apd/pad: [[tap, undo], [panic]]}}")

    assert [(one.message, one.column) for one in notes.problems()] == [("nothing sends apd/pad/1/1", 13)]


def test_a_button_that_cannot_be_heard_turns_no_page() -> None:
    found, notes = reading("{p: {while: apd/shift}, q: {from: apd/shift}}")

    assert (found["p"].held, found["q"].latched) == (None, None)
    assert [one.message for one in notes.problems()] == ["nothing sends apd/shift", "nothing sends apd/shift"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("p: {grids: {apc/pad: [tap]}}", "a grid is a list of rows, and 'tap' stands in none"),
        ("p: {grids: {apc/pad: [[tap], undo]}}", "a grid is a list of rows, and 'undo' stands in none"),
        (
            "p: {grids: {apc/pad: tap}}",
            "apc/pad takes a list of rows, each a list of targets, or all of a kind, like scene/*, not the text 'tap'",
        ),
        ("p: {grids: {apc/pad: [[scene/*]]}}", "scene/* is laid over many pads, and this is one"),
        (
            "p: {grids: {apc/pad: [scene/*]}}",
            "scene/* is laid over all pads of apc/pad, and how many there are is not known",
        ),
        ("p: {grids: {apc/pad: [lora/*]}}", "'lora/*' cannot be laid over pads"),
        ("p: {for: apd}", "the page 'p' is for the input 'apd', and there is none of that name"),
        ("p: {grids: {apc/pad: [{a: tap}]}}", "a row of a grid is a list of targets, not a mapping"),
        (
            "p: {grids: {apc/pad: [[[tap]]]}}",
            "a pad of a grid is the target that a press leads to, not a list",
        ),
        (
            "p: {grids: {apc/pad: [[apc/pad/1/1 -> tap]]}}",
            "a pad of a grid is the signal itself: only its target stands here",
        ),
        ("p: {grids: {apc/pad: [[true]]}}", "'a pad of a grid' takes a target, and true is a switch"),
        ("p: {grids: {apc/pad: [[scene/dorp]]}}", "there is no scene called 'dorp'"),
        ("p: {grids: {apc/pad: [[intro]]}}", "'intro' is the name of a scene, and a pad leads to a target"),
        (
            "p: {grids: {pad: [[tap]]}}",
            "a grid cannot be called 'pad': it is named after its pads: the input, a slash and what they are called "
            "there",
        ),
        ("next: {while: apc/a}", "a page cannot be called 'next': page/next goes on to the next page"),
        ("previous: {while: apc/a}", "a page cannot be called 'previous': page/previous goes back to the page before"),
        ("a/b: {while: apc/a}", "a page cannot be called 'a/b': a name has no / * { } [ ]"),
        ("p: {while: [apc/a]}", "'while' takes the signal of one button, and this can be several"),
        ("p: {from: 'apc/{n}'}", "'from' takes the signal of one button, and this can be several"),
        ("p: {from: 'apc/xy[1]'}", "'from' takes the signal of one button, and this can be several"),
        (
            "p: {while: apc/shift, from: apc/bank}",
            "the page 'p' is held by one button and latched by another, and only one of them can turn it",
        ),
        ("p: {pads: {apc/pad: [[tap]]}}", "there is no key 'pads' in a page"),
    ],
)
def test_pages_that_cannot_be_are_refused(text: str, message: str) -> None:
    assert messages(text) == [message]


def test_every_mistake_of_a_grid_is_said_with_what_to_do() -> None:
    _, notes = reading("p: {grids: {apc/pad: [[scene/dorp, prompt], [word/mood, intro], {a: 1}]}}")

    assert len(notes.problems()) == 5
    assert all(problem.hints for problem in notes.problems())


def test_pages_may_share_a_button_which_goes_through_them() -> None:
    found = pages("{p: {from: apc/bank}, q: {from: apc/bank}}")

    assert [page.latched for page in found.values()] == ["apc/bank", "apc/bank"]


def grid(rows: int, columns: int) -> Pads:
    return [[f"apc/pad/{row}/{column}" for column in range(1, columns + 1)] for row in range(1, rows + 1)]


def laid(text: str, pads: Pads) -> tuple[list[tuple[str, str]], list[str]]:
    """Return where the pads of a page lead, and what is said."""
    found, notes = reading(f"p: {{grids: {{apc/pad: {text}}}}}", pads=pads)
    return routes(found["p"]), [problem.message for problem in notes.problems()]


class TestLaidOverPads:
    """All of a kind in one line, in the order of the profile."""

    def test_names_go_row_by_row_over_the_pads(self) -> None:
        assert laid("prompt/*", grid(2, 1)) == ([("apc/pad/1/1", "prompt/reef"), ("apc/pad/2/1", "prompt/neon")], [])

    def test_in_a_list_each_begins_a_row_of_its_own(self) -> None:
        assert laid("[scene/*, cue/*, [tap]]", grid(3, 3)) == (
            [
                ("apc/pad/1/1", "scene/intro"),
                ("apc/pad/1/2", "scene/drop"),
                ("apc/pad/2/1", "cue/doors"),
                ("apc/pad/3/1", "tap"),
            ],
            [],
        )

    def test_a_place_without_a_pad_is_passed_over(self) -> None:
        assert laid("scene/*", [[None, "apc/pad/1/2"], ["apc/pad/2/1", None]]) == (
            [("apc/pad/1/2", "scene/intro"), ("apc/pad/2/1", "scene/drop")],
            [],
        )

    def test_what_finds_no_pad_is_warned_of(self) -> None:
        assert laid("[scene/*, page/*]", grid(1, 1)) == (
            [("apc/pad/1/1", "scene/intro")],
            [
                "there are not enough pads for scene/*: left out is drop",
                "there are not enough pads for page/*: left out is perform",
            ],
        )

    def test_snapshots_fill_what_there_is(self) -> None:
        assert laid("snapshot/save/*", grid(1, 2)) == (
            [("apc/pad/1/1", "snapshot/save/1"), ("apc/pad/1/2", "snapshot/save/2")],
            [],
        )

    def test_nothing_of_a_kind_cannot_be_laid_out(self) -> None:
        assert laid("source/*", grid(2, 2))[1] == ["this profile has no video inputs, so source/* is nothing"]

    def test_rows_that_are_written_out_stay_within_the_pads(self) -> None:
        assert laid("[[tap, undo, panic], ~, [tap]]", grid(2, 2)) == (
            [("apc/pad/1/1", "tap"), ("apc/pad/1/2", "undo")],
            [
                "apc/pad is 2 rows of 2, and panic stands in column 3",
                "apc/pad is 2 rows of 2, and tap stands in row 3",
            ],
        )


def test_a_page_for_one_input_has_routes_of_that_input_alone() -> None:
    found = pages("p: {for: apc, routes: [apc/fader/1 -> bypass]}")

    assert found["p"].on == "apc"
