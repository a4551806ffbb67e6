"""Which routes hear a signal."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.mapping import switchboard
from bridge.mapping.patterns import Patterns, fill, is_pattern
from bridge.signals import Batch
from tests.mapping.build import mapping, route, send


@pytest.mark.parametrize(
    ("pattern", "path", "hears"),
    [
        ("td/*", "td/a", True),
        ("td/*", "td/", True),
        ("td/*", "td/a/b", False),
        ("td/*", "td", False),
        ("td/fader*", "td/fader12", True),
        ("td/fader*", "td/knob", False),
        ("td/*/x", "td/a/x", True),
        ("td/*/x", "td/a/y", False),
        ("td/**", "td/a/b/c", True),
        ("td/**", "td", True),
        ("td/**", "apc/a", False),
        ("td/{n}", "td/7", True),
        ("td/{n}", "td/", False),
        ("td/{n}/{n}", "td/7/7", True),
        ("td/{n}/{n}", "td/7/8", False),
        ("td/{a}-{a}", "td/7-7", True),
        ("td/{a}-{a}", "td/7-8", False),
        ("td/a.c", "td/abc", False),
        ("*/x", "td/x", True),
    ],
)
def test_a_pattern_hears_what_it_says(pattern: str, path: str, hears: bool) -> None:
    patterns: Patterns[str] = Patterns()
    patterns.add(pattern, "it")

    assert bool(patterns.find(path)) is hears


def test_what_a_name_stands_for_is_the_same_in_the_target() -> None:
    patterns: Patterns[str] = Patterns()
    patterns.add("td/{who}/fader{n}", "it")
    ((_, captured),) = patterns.find("td/left/fader3")

    assert fill("lora/{n}/{who}/{other}", captured) == "lora/3/left/{other}"


def test_all_are_found_in_the_order_in_which_they_were_added() -> None:
    patterns: Patterns[int] = Patterns()
    for order, pattern in enumerate(["td/**", "td/x", "td/*", "*/x", "td/{n}"]):
        patterns.add(pattern, order)

    assert [thing for thing, _ in patterns.find("td/x")] == [0, 1, 2, 3, 4]


@given(
    st.lists(st.sampled_from(["a", "b", "ab", "*", "a*", "**"]), min_size=1, max_size=4),
    st.lists(st.sampled_from(["a", "b", "ab", "ba"]), min_size=1, max_size=4),
)
def test_the_tree_hears_what_one_regular_expression_would(pattern: list[str], path: list[str]) -> None:
    if "**" in pattern:
        pattern = [*pattern[: pattern.index("**")], "**"]
    written = "/".join(pattern)
    expression = re.escape(written).replace(r"/\*\*", "(/.*)?").replace(r"\*\*", ".*").replace(r"\*", "[^/]*")
    patterns: Patterns[str] = Patterns()
    patterns.add(written, "it")

    assert bool(patterns.find("/".join(path))) is bool(re.fullmatch(expression, "/".join(path)))


@pytest.mark.parametrize(("signal", "wild"), [("td/x", False), ("td/*", True), ("td/**", True), ("td/{n}", True)])
def test_a_name_without_wildcards_is_no_pattern(signal: str, wild: bool) -> None:
    assert is_pattern(signal) is wild


def test_one_route_drives_many_targets_by_what_the_signal_says() -> None:
    show = mapping(route("param/{n}", signal="td/fader/{n}"), route("noise_scale", signal="td/**"))

    assert send(show, 0.5, path="td/fader/glow") == {"glow": 0.5, "noise_scale": 0.5}
    assert send(show, 0.7, path="td/fader/grain") == {"grain": 0.7, "noise_scale": 0.7}
    assert [(state.signal, state.target) for state in show.states()] == [
        ("td/fader/glow", "param/glow"),
        ("td/fader/grain", "param/grain"),
        ("td/fader/glow", "noise_scale"),
        ("td/fader/grain", "noise_scale"),
    ]


def test_a_signal_whose_target_does_not_exist_changes_nothing() -> None:
    show = mapping(route("{n}", signal="td/{n}"))

    assert send(show, 0.5, path="td/noise_scale") == {"noise_scale": 0.5}
    assert send(show, 0.5, path="td/noise_scael") == {}
    assert not show.knows("td/noise_scael")


def test_a_sender_of_ever_new_addresses_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(switchboard, "MOST_ADDRESSES", 10)
    show = mapping(route("noise_scale", signal="td/**"))
    show.feed(Batch(0.0, [(f"td/{number}", (0.5,)) for number in range(100)]))
    show.feed(Batch(0.0, [(f"other/{number}", (0.5,)) for number in range(100)]))

    assert len(show.states()) == 10
    assert len(show._switchboard.heard) <= 40


@pytest.mark.parametrize(
    ("pattern", "path", "hears"),
    [
        ("td/*x", "td/ax", True),
        ("td/*x", "td/ay", False),
        ("td/a*b*c", "td/a1b2c", True),
        ("td/a*b*c", "td/a1b2d", False),
        ("td/{n}_left", "td/1_left", True),
        ("td/{n}_left", "td/1_right", False),
        ("td/a.b*", "td/axb1", False),
    ],
)
def test_what_stands_around_a_wildcard_must_be_there(pattern: str, path: str, hears: bool) -> None:
    patterns: Patterns[str] = Patterns()
    patterns.add(pattern, "x")

    assert bool(patterns.find(path)) is hears


def test_a_target_keeps_what_nothing_was_found_for() -> None:
    assert fill("lora/{n}", {"n": "ink"}) == "lora/ink"
    assert fill("lora/{m}", {"n": "ink"}) == "lora/{m}"
    assert fill("lora/*/{n}{n}", {"n": "1"}) == "lora/*/11"


def test_who_hears_a_path_comes_in_the_order_added() -> None:
    patterns: Patterns[str] = Patterns()
    for pattern, thing in (("td/*", "z"), ("td/x", "m"), ("td/x*", "y"), ("td/**", "a"), ("td/{n}", "b")):
        patterns.add(pattern, thing)

    assert [thing for thing, _ in patterns.find("td/x")] == ["z", "m", "y", "a", "b"]


def test_patterns_that_begin_alike_are_all_heard() -> None:
    patterns: Patterns[str] = Patterns()
    for pattern in ("td/a*", "td/a*/y", "td/a*/z", "td/{n}/y"):
        patterns.add(pattern, pattern)

    assert [thing for thing, _ in patterns.find("td/ab")] == ["td/a*"]
    assert [thing for thing, _ in patterns.find("td/ab/y")] == ["td/a*/y", "td/{n}/y"]


def test_a_name_in_two_segments_is_the_same_text_in_both() -> None:
    patterns: Patterns[str] = Patterns()
    patterns.add("td/{n}_in/{n}_out", "x")

    assert patterns.find("td/a_in/a_out") == [("x", {"n": "a"})]
    assert patterns.find("td/a_in/b_out") == []
