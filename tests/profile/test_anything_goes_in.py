"""Whatever text is read, nothing is raised, and every problem lies inside the file."""

from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge import profile
from bridge.profile.source import compose
from bridge.profile.source.problems import lines_of

ROOT = Path(__file__).parents[2]
GOOD = [
    (ROOT / name).read_text(encoding="utf-8")
    for name in ("mappings/demo.yaml", "mappings/touchdesigner.yaml", "tests/profile/full.yaml")
]
BAD = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "tests" / "errors").glob("*.yaml"))]
PIECES = [
    "{",
    "}",
    "[",
    "]",
    ":",
    ": ",
    "- ",
    "#",
    " #x",
    '"',
    "'",
    "&a ",
    "*a",
    "!t ",
    "|",
    ">",
    "\t",
    "\n",
    "\r",
    "%",
    "@",
]
PIECES += [
    "<<: ",
    "---\n",
    "...\n",
    "${",
    "null",
    "true",
    "\x00",
    "\x85",
    "\u2028",
    "\ufeff",
    "\ud800",
    "é",
    "夜",
    "\ue000",
    "? ",
]

relaxed = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def check(text: str) -> None:
    reading = profile.read(text, "x.yaml", {})
    lines = lines_of(text.removeprefix("\ufeff"))
    for problem in reading.problems:
        assert 1 <= problem.line <= len(lines)
        assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1
        assert problem.excerpt.text == lines[problem.line - 1]
        assert problem.message
    assert (reading.profile is None) == reading.errors
    assert profile.report(reading.problems, "x.yaml").splitlines()[-1].startswith(("no problems", *"123456789"))
    if reading.profile is not None:
        on_pages = [route for page in reading.profile.pages.values() for route in page.routes]
        assert len(profile.describe(reading.profile)) == len(reading.profile.routes) + len(on_pages)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A profile with pieces cut out, doubled, moved, or put in."""
    text = draw(st.sampled_from(GOOD + BAD))
    for _ in range(draw(st.integers(1, 5))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + draw(st.sampled_from([0, 1, 3, 20, 200])))))
        piece = draw(st.sampled_from(["", text[start:end] * 2, *PIECES]))
        text = text[:start] + piece + text[end:]
    return text


@relaxed
@given(mutated())
def test_a_mutated_profile_is_read_or_reported(text: str) -> None:
    check(text)


@relaxed
@given(st.text(max_size=120))
def test_any_text_is_read_or_reported(text: str) -> None:
    check(text)


@relaxed
@given(st.lists(st.sampled_from([*PIECES, "a", "routes", "start", "  ", "td/x -> prompt"]), max_size=25).map("".join))
def test_any_heap_of_yaml_signs_is_read_or_reported(text: str) -> None:
    check(text)


@settings(relaxed, max_examples=60)
@given(mutated())
def test_the_parser_written_in_python_does_as_well(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compose, "_Loader", yaml.SafeLoader)
        check(text)


@pytest.mark.parametrize("text", ["[" * 100_000, "{a: " * 50_000, "- " * 50_000, "a:\n" * 20_000, "x" * 3_000_000])
def test_masses_are_refused_in_little_time(text: str) -> None:
    check(text)
