"""A route that is written in and taken back: one place of the file changes, and then none."""

import difflib
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.profile.edit.saving import add_route
from bridge.profile.edit.undoing import Gone, Written, difference, taken_back
from bridge.profile.edit.writing import EditError

ROUTE = "apc/fader/1 -> noise_scale"
LONG = {"from": "apc/cc/1/47", "filters": [{"encoder": "twos complement"}], "to": "noise_scale"}

PROFILES: list[tuple[str, str, list[str]]] = [
    (
        "comments, anchors and blank lines",
        "# club\n\ninputs: &rig\n  apc: {midi: APC*}   # the desk\n\nroutes:\n  # hands\n  - td/a -> seed   # keep\n\n"
        "  # sound\n  - {from: td/b, to: [prompt, seed], filters: &soft [{smooth: 1 s}]}\n  # the end of the routes\n\n"
        "# about the lights\nlights: {}\nother: *soft\n",
        ["  - apc/fader/1 -> noise_scale"],
    ),
    ("no routes", "inputs: {apc: {midi: APC*}}\n", ["routes:", "  - apc/fader/1 -> noise_scale"]),
    (
        "no routes, and sections that come after them",
        "inputs: {}\n\n# pages\npages:\n  p: {}\n\nlights: {}\n",
        ["routes:", "  - apc/fader/1 -> noise_scale", ""],
    ),
    ("no line end at the end", "inputs: {}\nroutes:\n- td/a -> seed", ["- apc/fader/1 -> noise_scale"]),
    ("no routes and no line end", "inputs: {}", ["routes:", "  - apc/fader/1 -> noise_scale"]),
    ("an empty list", "routes: []\ninputs: {}\n", ["  - apc/fader/1 -> noise_scale"]),
    ("an empty list with a comment", "routes: []  # none yet\ninputs: {}\n", ["  - apc/fader/1 -> noise_scale"]),
    ("nothing after the key", "routes:\ninputs: {}\n", ["  - apc/fader/1 -> noise_scale"]),
    (
        "all routes commented out",
        "routes:\n  # - td/a -> seed\n  # - td/b -> seed\ninputs: {}\n",
        ["  - apc/fader/1 -> noise_scale"],
    ),
    ("a list in brackets", "routes: [td/a -> seed, td/b -> prompt]  # short\ninputs: {}\n", []),
    (
        "a list in brackets over lines",
        "routes: [\n  td/a -> seed,   # one\n  td/b -> prompt  # two\n]\n",
        ["  apc/fader/1 -> noise_scale"],
    ),
    (
        "dashes as deep as the key",
        "routes:\n- td/a -> seed\n- td/b -> prompt\n# end\n",
        ["- apc/fader/1 -> noise_scale"],
    ),
    ("dashes far in", "routes:\n      -   td/a -> seed\n", ["      -   apc/fader/1 -> noise_scale"]),
    ("Windows lines", "# c\r\nroutes:\r\n  - td/a -> seed\r\n\r\nlights: {}\r\n", ["  - apc/fader/1 -> noise_scale"]),
    ("a byte order mark", "\ufeffroutes:\n  - td/a -> seed\n", ["  - apc/fader/1 -> noise_scale"]),
    ("a byte order mark and no routes", "\ufeffstart: {}\n", ["routes:", "  - apc/fader/1 -> noise_scale"]),
    ("on top of another profile", "extends: house.yaml\n# mine\n", ["routes:", "  - apc/fader/1 -> noise_scale"]),
    (
        "a last route over lines",
        "routes:\n  - from: td/a\n    to: prompt\n    # how\n    filters:\n      - smooth: 1 s\n\nlights: {}\n",
        ["  - apc/fader/1 -> noise_scale"],
    ),
    ("an end of the document", "routes:\n  - td/a -> seed\n...\n", ["  - apc/fader/1 -> noise_scale"]),
    (
        "a text that keeps its blank lines at the end",
        "prompts:\n  bank:\n    reef: |+\n      a reef\n\n\n",
        ["routes:", "  - apc/fader/1 -> noise_scale"],
    ),
]


def changed(before: str, after: str) -> tuple[list[str], list[str]]:
    """Return the lines that went, and those that came."""
    old, new = ([*re.split(r"\r\n|\n|\r", text.removesuffix("\n").removesuffix("\r"))] for text in (before, after))
    lines = list(difflib.ndiff(old, new))
    return [line[2:] for line in lines if line[0] == "-"], sorted(line[2:] for line in lines if line[0] == "+")


@pytest.mark.parametrize(("text", "came"), [one[1:] for one in PROFILES], ids=[one[0] for one in PROFILES])
def test_the_difference_is_the_route_and_it_is_taken_back_to_the_byte(text: str, came: list[str]) -> None:
    new = add_route(text, ROUTE)
    gone, there = changed(text, new)
    # A line that has to change, as that of a list in brackets, or one that needs a comma now, is there before and after.
    changes = {"routes: []": "routes:", "routes: []  # none yet": "routes:  # none yet"}
    changes["routes: [td/a -> seed, td/b -> prompt]  # short"] = (
        f"routes: [td/a -> seed, td/b -> prompt, {ROUTE}]  # short"
    )
    changes["  td/b -> prompt  # two"] = "  td/b -> prompt,  # two"
    assert all(line in changes for line in gone)
    assert there == sorted([*came, *(changes[line] for line in gone)])
    assert taken_back(new, difference(text, new, ROUTE)) == text


@pytest.mark.parametrize("text", [one[1] for one in PROFILES], ids=[one[0] for one in PROFILES])
def test_several_are_taken_back_from_the_last_to_the_first(text: str) -> None:
    texts, stack = [text], []
    for route in (ROUTE, LONG, "apc/pad/1/1 -> scene/a b"):
        texts.append(add_route(texts[-1], route))
        stack.append(difference(texts[-2], texts[-1], route))
    while stack:
        assert taken_back(texts.pop(), stack.pop()) == texts[-1]


def learned(text: str, route: str = ROUTE, page: str | None = None) -> tuple[str, Written]:
    new = add_route(text, route, page)
    return new, difference(text, new, route, page)


SIMPLE = "start: {noise_scale: 0.5}\nroutes:\n  - td/a -> seed\n"


@pytest.mark.parametrize(
    ("text", "edit", "expected"),
    [
        (SIMPLE, ("start: {noise_scale: 0.5}", "# new\nstart: {noise_scale: 0.7}"), "above"),
        (SIMPLE, ("  - td/a -> seed\n", ""), "the neighbour"),
        (SIMPLE, (f"  - {ROUTE}\n", f"  - {ROUTE}\n  - td/c -> prompt\nlights: {{}}\n"), "below"),
        ("start: {}\n", (f"  - {ROUTE}\n", f"  - {ROUTE}\n  - td/c -> prompt\n"), "the new section"),
        ("routes: []\n", (f"  - {ROUTE}\n", f"  - {ROUTE}\n  - td/c -> prompt\n"), "the filled section"),
        ("routes: [td/a -> seed]\n", ("td/a -> seed", "td/z -> seed"), "in brackets"),
        ("start: {}", ("start: {}", "start: {seed: 1}"), "a last line without an end"),
    ],
    ids=lambda one: one if isinstance(one, str) and "\n" not in one else "",
)
def test_what_was_edited_elsewhere_since_stays(text: str, edit: tuple[str, str], expected: str) -> None:
    new, written = learned(text)
    edited = new.replace(*edit)
    assert edited != new
    result = taken_back(edited, written)
    gone, came = changed(edited, result)
    assert "".join(gone).count(ROUTE) == 1
    assert ROUTE not in result
    assert len(came) <= 1  # what is left of a line in brackets
    assert (edit[1] or "start:").splitlines()[-1] in result


def test_the_same_line_on_a_page_stays() -> None:
    text = (
        "pages:\n  looks:\n    routes:\n    - td/a -> seed\n    - apc/fader/1 -> noise_scale\nroutes:\n- td/b -> seed\n"
    )
    new, written = learned(text)
    assert taken_back("# new\n" + new, written) == "# new\n" + text
    new, written = learned(text.replace("    - apc/fader/1 -> noise_scale\n", ""), page="looks")
    assert taken_back(new.replace("td/b", "td/c"), written) == text.replace(
        "    - apc/fader/1 -> noise_scale\n", ""
    ).replace("td/b", "td/c")


def test_a_list_that_was_empty_is_empty_again_although_a_page_has_the_same_line() -> None:
    text = f"words:\n  one:\n    - a\n  two:\n    - b\npages:\n p:\n  routes:\n  - {ROUTE}\nroutes: []\n"
    new, written = learned(text)
    assert new.endswith(f"routes:\n  - {ROUTE}\n")
    assert taken_back("# new\n" + new, written) == "# new\n" + text


def test_of_what_stands_there_twice_the_one_that_was_written_goes() -> None:
    new, written = learned("routes:\n  - td/a -> seed\n  # below\n")
    twice = new.replace("  - td/a", f"  - {ROUTE}\n  - td/a")
    assert taken_back(twice, written).count(ROUTE) == 1


def test_a_page_gets_routes_and_loses_them_again() -> None:
    text = "pages:\n  looks:\n    while: apc/shift\n  more: {while: apc/bank}\n"
    for page in ("looks", "more"):
        new, written = learned(text, page=page)
        assert taken_back(new, written) == text


@pytest.mark.parametrize(
    "edit", [(f"  - {ROUTE}\n", ""), ("noise_scale\n", "seed\n"), ("routes:", "lights: {}\nother:")]
)
def test_a_route_that_is_gone_is_said(edit: tuple[str, str]) -> None:
    new, written = learned("routes:\n  - td/a -> prompt\n")
    with pytest.raises(Gone, match=r"^'apc/fader/1 -> noise_scale' is not in routes: any more$"):
        taken_back(new.replace(*edit), written)


@pytest.mark.parametrize(
    "edit",
    [
        (f"- {ROUTE}", f"- {ROUTE}   # with a comment"),
        (f"- {ROUTE}", f'- "{ROUTE}"'),
        (f"- {ROUTE}", f"- &mine {ROUTE}"),
    ],
)
def test_a_route_that_was_written_otherwise_is_for_the_person_who_did(edit: tuple[str, str]) -> None:
    new, written = learned(SIMPLE)
    with pytest.raises(EditError, match=r"^'apc/fader/1 -> noise_scale' was written otherwise since, .*, on line 4$"):
        taken_back(new.replace(*edit), written)


def test_a_comment_that_was_put_into_the_new_section_is_not_lost() -> None:
    new, written = learned("start: {}\n")
    result = taken_back(new.replace("routes:\n", "routes:\n  # hands\n"), written)
    assert result == "start: {}\nroutes:\n  # hands\n"


def test_a_profile_that_cannot_be_read_is_left_alone() -> None:
    new, written = learned(SIMPLE)
    with pytest.raises(EditError, match="cannot be read"):
        taken_back(new + "a: [\n", written)


# Whatever the profile.

COMMENT = st.sampled_from(["", "", "# hands", "  # deeper", "    # deepest"])
LINES = st.lists(COMMENT, max_size=3)
ITEMS = st.sampled_from(
    ["td/a -> seed", "{from: td/b, to: prompt}  # x", "from: td/c\n{}  to: [a, b]", '"td/q -> seed"']
)


@st.composite
def profiles(draw: st.DrawFn) -> str:
    indent = " " * draw(st.integers(0, 4))
    rows = [*draw(LINES), "inputs: &rig {apc: {midi: A}}", *draw(LINES)]
    form = draw(st.sampled_from(["none", "empty", "null", "flow", "block"]))
    rows += {
        "none": [],
        "empty": ["routes: []" + draw(st.sampled_from(["", "   # none"]))],
        "null": ["routes:" + draw(st.sampled_from(["", "   # none", " null"]))],
        "flow": ["routes: [ td/a -> seed,td/b -> prompt ]"],
        "block": ["routes:"],
    }[form]
    if form == "block":
        for item in draw(st.lists(ITEMS, min_size=1, max_size=3)):
            rows += [f"{indent}- {line}" for line in [item.replace("{}", f"{indent}", 1) if "\n" in item else item]]
            rows += [line for line in draw(LINES) if form == "block"]
    rows += [*draw(st.sampled_from([[], ["lights: {}"], ["", "pages:", "  p: {while: apc/x}"]])), *draw(LINES)]
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    text = "\n".join(rows) + draw(st.sampled_from(["", "\n", "\n\n"]))
    return draw(st.sampled_from(["", "\ufeff"])) + text.replace("\n", newline)


@settings(max_examples=200, deadline=None)
@given(text=profiles(), routes=st.lists(st.sampled_from([ROUTE, LONG, "td/x y -> word/mood"]), max_size=3))
def test_every_other_line_stays_and_undo_brings_the_file_back(text: str, routes: list[str]) -> None:
    texts, stack = [text], []
    for route in routes:
        try:
            new = add_route(texts[-1], route)
        except EditError:
            break  # which says why, and changes nothing
        if new == texts[-1]:
            continue
        gone, came = changed(texts[-1], new)
        assert len(gone) <= 1
        assert len(came) - len(gone) in (0, 1, 2, 3)
        stack.append(difference(texts[-1], new, route))
        texts.append(new)
    while stack:
        assert taken_back(texts.pop(), stack.pop()) == texts[-1]
