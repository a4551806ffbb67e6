"""Colours by name, and which one a lamp shows that lacks the one that is wanted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.profile.controllers.colours import RGB, nearest, rgb
from bridge.profile.language.lights import COLOURS

THREE = ("off", "green", "red", "yellow")
APC40 = ("off", "white", "red", "amber", "yellow", "lime", "green", "cyan", "blue", "magenta")

any_colour = st.sampled_from([*RGB, "on"]) | st.integers(0, 0xFFFFFF).map("#{:06x}".format)


def test_the_names_are_those_of_the_lights_of_a_profile() -> None:
    assert tuple(RGB) == COLOURS


@pytest.mark.parametrize(
    ("colour", "meant"), [("red", (255, 0, 0)), ("on", (255, 255, 255)), ("#1280fF", (18, 128, 255))]
)
def test_a_colour_has_parts(colour: str, meant: tuple[int, int, int]) -> None:
    assert rgb(colour) == meant


@pytest.mark.parametrize("colour", ["", "rot", "#12", "#12345g", "ffffff", "dim red", "# 12345"])
def test_what_is_no_colour_is_refused(colour: str) -> None:
    with pytest.raises(ValueError, match="is not a colour"):
        rgb(colour)


@pytest.mark.parametrize(
    ("colour", "among", "shown"),
    [
        ("orange", APC40, "red"),
        ("#ff8800", APC40, "amber"),
        ("purple", APC40, "blue"),
        ("pink", ("off", "red", "white", "magenta"), "red"),
        ("lime", THREE, "green"),
        ("cyan", THREE, "green"),
        ("magenta", THREE, "red"),
        ("white", THREE, "yellow"),
        ("#400000", APC40, "red"),
        ("#202020", APC40, "white"),
        ("blue", ("off", "on"), "on"),
        ("on", ("off", "red"), "red"),
        ("off", APC40, "off"),
        ("#000000", ("off", "on"), "off"),
        ("red", ("off",), "off"),
        ("red", (), "off"),
    ],
)
def test_a_lamp_shows_what_looks_most_like_it(colour: str, among: tuple[str, ...], shown: str) -> None:
    assert nearest(colour, among) == shown


@given(any_colour, st.lists(st.sampled_from([*RGB, "on"]), unique=True))
def test_a_lamp_is_lit_exactly_if_it_should_be_and_can(colour: str, among: list[str]) -> None:
    shown = nearest(colour, among)

    assert shown in (*among, "off")
    assert (shown == "off") == (not any(rgb(colour)) or set(among) <= {"off"})


@given(st.sampled_from(list(RGB)), st.lists(st.sampled_from(list(RGB))))
def test_a_colour_that_the_lamp_has_is_shown(colour: str, among: list[str]) -> None:
    assert nearest(colour, [*among, colour]) == colour
