"""Pages: what a controller does meanwhile."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bridge.mapping import Mapping, compile
from bridge.mapping.pages import Pages
from bridge.profile.filters import When
from bridge.profile.model import Page, Profile, Route
from tests.mapping.build import mapping as made
from tests.mapping.build import route, send, target_of

FADER = route("noise_scale", signal="apc/fader/1")
PAGES = {
    "perform": Page("perform"),
    "looks": Page("looks", held="apc/shift", routes=(route("vace_context_scale", signal="apc/fader/1"),)),
    "bank": Page("bank", latched="apc/bank", routes=(route("base_seed", signal="apc/fader/1"),)),
}


def at(names: str, page: str) -> Pages:
    """Return the pages of a rig, turned to one of them."""
    pages = Pages([Page(name) for name in names])
    pages.turn(page)
    return pages


def show(*routes: Route) -> Mapping:
    return compile(Profile("test.yaml", routes=(FADER, *routes), pages=PAGES))


def fader(mapping: Mapping) -> set[str]:
    """Return what the fader drives."""
    send(mapping, 1.0, path="apc/fader/1")
    return set(send(mapping, 0.0, path="apc/fader/1"))


def test_a_held_page_is_there_for_as_long_as_its_button_is_down() -> None:
    mapping = show()
    assert fader(mapping) == {"noise_scale"}
    send(mapping, 127, path="apc/shift")
    assert fader(mapping) == {"vace_context_scale"}
    send(mapping, 0, path="apc/shift")
    assert fader(mapping) == {"noise_scale"}


def test_a_latched_page_stays_until_its_button_is_pressed_again() -> None:
    mapping = show()
    for value in (1, 0):
        send(mapping, value, path="apc/bank")
    assert fader(mapping) == {"base_seed"}
    send(mapping, 1, path="apc/shift")
    assert fader(mapping) == {"vace_context_scale"}
    send(mapping, 0, path="apc/shift")
    assert fader(mapping) == {"base_seed"}
    for value in (1, 0):
        send(mapping, value, path="apc/bank")
    assert fader(mapping) == {"noise_scale"}


def test_pages_are_turned_by_name_and_cycled() -> None:
    turn = [
        Route(f"apc/{step}", target_of(f"page/{step}", Profile("", pages=PAGES)), f"page/{step}")
        for step in ("next", "previous", "bank")
    ]
    mapping = show(*turn)
    send(mapping, path="apc/next")
    assert mapping.around.pages.current == ("looks",)
    send(mapping, path="apc/previous")
    send(mapping, path="apc/previous")
    assert mapping.around.pages.current == ("bank",)
    send(mapping, path="apc/next")
    assert mapping.around.pages.current == ("perform",)


def test_on_a_page_that_says_nothing_of_a_control_the_profiles_own_routes_hold() -> None:
    mapping = show(route("vace_context_scale", signal="apc/fader/2"))
    send(mapping, 1, path="apc/shift")

    assert send(mapping, 0.5, path="apc/fader/2") == {"vace_context_scale": 0.5}


def test_a_page_is_a_signal_and_a_condition() -> None:
    only = route("vace_context_scale", When(page="bank"), signal="td/y")
    mapping = show(route("manage_cache", signal="page/bank"), only)

    assert send(mapping, 0.5, path="td/y") == {}
    assert send(mapping, 1, path="apc/bank") == {"manage_cache": True}
    assert send(mapping, 0.5, path="td/y") == {"vace_context_scale": 0.5}
    send(mapping, 0, path="apc/bank")
    assert send(mapping, 1, path="apc/bank") == {"manage_cache": False}


def test_a_pad_of_a_grid_is_a_route_of_its_page() -> None:
    pad = Route("apc/pad/1/2", target_of("prompt/neon"), "prompt/neon")
    page = Page("perform", routes=(pad,))
    mapping = made(profile=replace(Profile("test.yaml"), pages={"perform": page}))
    mapping = compile(Profile("test.yaml", prompts=made().prompter._options, pages={"perform": page}))

    assert send(mapping, 127, path="apc/pad/1/2")["prompts"]["prompts"][0]["text"] == "neon rain"


def test_a_reload_stays_on_its_page() -> None:
    old = show()
    send(old, 1, path="apc/bank")
    kept = compile(Profile("test.yaml", routes=(FADER,), pages=PAGES), old, 1.0)
    assert kept.around.pages.current == ("bank",)

    less = {name: page for name, page in PAGES.items() if name != "bank"}
    gone = compile(Profile("test.yaml", routes=(FADER,), pages=less), kept, 2.0)
    assert gone.around.pages.current == ("perform",)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["turn", "latch", "down", "up"]))))
def test_there_is_always_a_page(steps: list[tuple[str, str]]) -> None:
    pages = at("abc", "a")
    down: list[str] = []
    for name, step in steps:
        match step:
            case "turn":
                pages.turn(name)
            case "latch":
                pages.latch([name])
            case _:
                down = [each for each in down if each != name] + ([name] if step == "down" else [])
                pages.hold(name, step == "down")
        assert pages.turned in (("a",), ("b",), ("c",))
        assert pages.current == ((down[-1],) if down else pages.turned)


def test_turning_to_no_page_or_to_the_one_in_force_changes_nothing() -> None:
    pages = at("abc", "a")
    pages.turn("nowhere")
    assert pages.turned == ("a",)
    pages.turn("b")
    pages.turn("b")
    pages.latch(["b"])
    assert pages.turned == ("a",)


def test_a_show_without_pages_has_none_whatever_is_turned() -> None:
    pages = Pages()
    pages.step(1)
    pages.turn("a")

    assert pages.current == ()


def test_a_latch_on_the_first_page_goes_back_to_where_one_came_from_or_stays() -> None:
    pages = at("abc", "c")
    pages.latch(["c"])
    assert pages.turned == ("a",)
    pages.latch(["b"])
    pages.latch(["b"])
    assert pages.turned == ("a",)


def test_after_an_edit_a_latch_goes_back_where_one_came_from_if_that_is_still_there() -> None:
    old = at("abc", "b")
    old.turn("c")
    kept, gone = at("abc", "a"), at("ac", "a")
    for new, back in ((kept, "b"), (gone, "a")):
        new.adopt(old)
        assert new.turned == ("c",)
        new.latch(["c"])
        assert new.turned == (back,)


def test_a_page_that_is_held_while_the_profile_is_edited_stays_held_if_it_is_still_there() -> None:
    old = at("abc", "a")
    old.hold("b", True)
    old.hold("c", True)
    kept, less = at("abc", "a"), at("ab", "a")
    kept.adopt(old)
    less.adopt(old)

    assert (kept.current, less.current) == (("c",), ("b",))
    kept.hold("c", False)
    assert kept.current == ("b",)


def test_a_page_that_a_trigger_turns_to_is_heard_as_a_signal() -> None:
    show = compile(Profile("test.yaml", routes=(FADER, route("manage_cache", signal="page/bank")), pages=PAGES))

    assert send(show, path="panel/page/bank") == {"manage_cache": True}
    assert send(show, path="panel/page/perform") == {"manage_cache": False}


def test_a_message_without_values_is_a_press_of_a_page_button() -> None:
    mapping = show()
    send(mapping, path="apc/bank")
    assert mapping.around.pages.current == ("bank",)
    send(mapping, path="apc/bank")
    assert mapping.around.pages.current == ("perform",)
    send(mapping, "no number", path="apc/bank")
    assert mapping.around.pages.current == ("perform",)


def test_the_buttons_of_pages_are_signals_of_the_profile_and_no_others() -> None:
    assert show().signals() == ["apc/fader/1", "apc/shift", "apc/bank"]


def test_a_button_that_repeats_itself_while_it_is_down_latches_once() -> None:
    mapping = show()
    for value in (1, 1):
        send(mapping, value, path="apc/bank")
    assert mapping.around.pages.current == ("bank",)
    for value in (0, 0, 1):
        send(mapping, value, path="apc/bank")
    assert mapping.around.pages.current == ("perform",)


def test_a_page_in_force_is_one_and_any_other_is_nothing() -> None:
    target = target_of("param/shown")
    signal = Route("page/bank", target, "param/shown")
    mapping = show(signal)

    assert send(mapping, 1, path="apc/bank") == {"shown": 1.0}
    send(mapping, 0, path="apc/bank")
    assert send(mapping, 1, path="apc/bank") == {"shown": 0.0}


def test_a_button_that_several_pages_share_goes_through_them() -> None:
    pages = {name: Page(name, latched="apc/bank") for name in ("b", "c")}
    mapping = compile(Profile("test.yaml", routes=(FADER,), pages={"a": Page("a"), **pages}))
    turned: list[str] = []
    for _ in range(4):
        send(mapping, 1, path="apc/bank")
        send(mapping, 0, path="apc/bank")
        turned += mapping.around.pages.current
    assert turned == ["b", "c", "a", "b"]

    everyone = {name: Page(name, latched="apc/bank") for name in ("a", "b")}
    mapping = compile(Profile("test.yaml", routes=(FADER,), pages=everyone))
    turned = []
    for _ in range(3):
        send(mapping, path="apc/bank")
        turned += mapping.around.pages.current
    assert turned == ["b", "a", "b"]


def test_a_button_of_a_page_is_down_from_a_half_up() -> None:
    mapping = show()
    for value, page in ((0.5, "looks"), (0.49, "perform"), (1.0, "looks"), (0, "perform")):
        send(mapping, value, path="apc/shift")
        assert mapping.around.pages.current == (page,)


def test_a_latch_on_the_first_page_alone_leads_there_and_back() -> None:
    pages = at("abc", "b")
    pages.latch(["a"])
    assert pages.turned == ("a",)
    pages.latch(["a"])
    assert pages.turned == ("b",)


def test_a_button_that_the_first_page_shares_goes_round_without_the_others() -> None:
    pages = at("abc", "c")
    turned: list[str] = []
    for _ in range(4):
        pages.latch(["a", "b"])
        turned += pages.turned

    assert turned == ["a", "b", "a", "b"]


def test_a_button_that_two_later_pages_share_leads_back_to_where_one_came_from() -> None:
    pages = at("abcd", "b")
    turned: list[str] = []
    for _ in range(4):
        pages.latch(["c", "d"])
        turned += pages.turned

    assert turned == ["c", "d", "b", "c"]


def test_a_button_that_is_let_go_on_another_page_can_be_pressed_again() -> None:
    profile = Profile("test.yaml", pages={"a": Page("a"), "b": Page("b", held="td/shift")})
    recall, save = (target_of(f"snapshot/{what}/1", profile) for what in ("recall", "save"))
    held = Page("b", held="td/shift", routes=(Route("td/pad", save, "snapshot/save/1"),))
    mapping = compile(
        Profile(
            "test.yaml", routes=(FADER, Route("td/pad", recall, "snapshot/recall/1")), pages={"a": Page("a"), "b": held}
        )
    )
    for path, value in [
        ("apc/fader/1", 0.25),
        ("td/shift", 1),
        ("td/pad", 1),
        ("td/shift", 0),
        ("td/pad", 0),
        ("apc/fader/1", 0.75),
        ("td/pad", 1),
        ("td/shift", 1),
        ("td/pad", 0),
        ("td/shift", 0),
    ]:
        send(mapping, value, path=path)
    assert mapping.initial()["noise_scale"] == 0.25
    send(mapping, 0.9, path="apc/fader/1")
    send(mapping, 1, path="td/pad")

    assert mapping.initial()["noise_scale"] == 0.25
