"""Pages that nothing leads to: those of a controller are turned by themselves."""

import pytest

from bridge import profile
from bridge.profile.source.problems import Problem

HEAD = """\
inputs: {apc: {osc: 9000}, lp: {osc: 9001}, td: {osc: 9002}}
start: {prompt: reef}
tempo: 120
routes: [td/x -> param/x, apc/x -> param/y, lp/x -> param/z%s]
pages:
  perform: {}
  looks: {%s}
  mixer: {for: apc%s}
  colours: {for: apc%s}
"""


def problems(*more: str, turned: str = "") -> list[Problem]:
    read = profile.read(HEAD % (turned, *(*more, "", "", "")[:3]), "x.yaml", {})
    assert read.profile is not None, read.problems
    return list(read.problems)


def lost(*more: str, turned: str = "") -> list[str]:
    return [problem.message.removeprefix("nobody can reach the page ") for problem in problems(*more, turned=turned)]


@pytest.mark.parametrize(
    ("turned", "found"),
    [
        ("", ["'looks'", "'colours'"]),
        (", apc/next -> page/next", ["'looks'"]),
        (", apc/next -> page/previous", ["'looks'"]),
        (", apc/arrow/* -> page/next", ["'looks'"]),
        (", td/next -> page/next", ["'colours'"]),
        (", lp/next -> page/next", ["'colours'"]),
        (", tempo/bar -> page/next", ["'colours'"]),
        (", td/a -> page/colours", ["'looks'"]),
        (", apc/a -> page/looks", ["'colours'"]),
        (", apc/a -> page/next, td/a -> page/next", []),
        (", 'td/{n} -> page/{n}'", []),
    ],
)
def test_going_on_to_the_next_page_leads_through_the_pages_of_that_controller_or_else_the_rigs(
    turned: str, found: list[str]
) -> None:
    assert lost(turned=turned) == found


def test_a_page_of_a_controller_with_a_button_is_reached_and_so_is_its_first() -> None:
    assert lost("while: td/shift", "", ", while: apc/shift") == []
    assert lost("while: td/shift", "", ", from: lp/bank") == []
    assert lost("while: td/shift", ", while: apc/shift") == ["'colours'"]


def test_it_is_said_whose_pages_the_next_page_is_one_of() -> None:
    (looks,) = problems(turned=", apc/next -> page/next")
    assert looks.hints == (
        "say what holds it: while: apc/shift",
        "or lead to it by a route: - td/looks -> page/looks",
        "page/next from apc leads through its own pages only",
    )
    (colours,) = problems(turned=", td/next -> page/next")
    assert colours.hints[-1] == "page/next leads through the pages for apc only from a control of apc"
    assert len(problems()[1].hints) == 2
