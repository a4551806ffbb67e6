"""Pages that one controller has of its own: turned by themselves, and before those of the whole rig."""

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bridge.mapping import Mapping, compile, compile_all, only
from bridge.mapping.pages import Pages
from bridge.profile.durations import Duration
from bridge.profile.filters import When
from bridge.profile.model import Page, PageTarget, Profile, Route, Scope, TempoSource
from bridge.signals import Batch
from tests.mapping.build import PROMPTS, route, send, target_of, told

BASE = Profile("test.yaml", prompts=PROMPTS, loras={name: f"{name}.pt" for name in "abcdef"})
STEPS = tuple(
    Route(f"{name}/{step}", PageTarget("", step), f"page/{step}")
    for name in ("apc", "lp", "td")
    for step in ("next", "previous")
)


def fader(target: str, name: str = "apc") -> Route:
    return route(target, signal=f"{name}/fader", profile=BASE)


def pages_of(*pages: Page) -> dict[str, Page]:
    return {page.name: page for page in pages}


RIG = (
    Page("perform", routes=(fader("noise_scale"), fader("vace_context_scale", "lp"))),
    Page("speed", latched="td/speed", routes=(fader("lora/a"), fader("lora/b", "lp"))),
)
APC = (
    Page("mixer", on="apc"),
    Page("colours", on="apc", latched="apc/bank", routes=(fader("lora/c"),)),
    Page("shifted", on="apc", held="apc/shift", routes=(fader("lora/d"),)),
)
LP = (
    Page("glow", on="lp", held="lp/shift", routes=(fader("lora/e", "lp"),)),
    Page("dark", on="lp", routes=(fader("lora/f", "lp"),)),
)
PAGES = pages_of(*RIG, *APC, *LP)


def show(*routes: Route, pages: dict[str, Page] = PAGES, after: Mapping | None = None, **more: Any) -> Mapping:
    return compile(replace(BASE, routes=(*STEPS, *routes), pages=pages, **more), after, after._now if after else 0.0)


def press(mapping: Mapping, path: str) -> tuple[str, ...]:
    """Press a button, let it go, and return the pages that are in force then."""
    for value in (1, 0):
        send(mapping, value, path=path)
    return in_force(mapping)


def in_force(mapping: Mapping) -> tuple[str, ...]:
    return mapping.around.pages.current


def driven(mapping: Mapping, name: str = "apc") -> list[str]:
    """Return what a controller's fader drives."""
    now = mapping._now + 1.0
    send(mapping, 0.5, path=f"{name}/fader", now=now)
    return [state.target for state in mapping.states() if state.at == now]


# Which pages are in force


def test_a_controllers_own_pages_come_before_the_rigs_in_the_order_of_the_file() -> None:
    mapping = show(pages=pages_of(RIG[0], *LP, RIG[1], *APC))
    assert in_force(mapping) == ("mixer", "perform")
    assert mapping.around.pages.names == ("perform", "speed", "glow", "dark", "mixer", "colours", "shifted")
    send(mapping, 1, path="lp/shift")
    assert in_force(mapping) == ("glow", "mixer", "perform")
    assert mapping.around.pages.turned == ("perform", "mixer")


def test_a_set_whose_first_page_has_a_button_starts_on_none_and_the_rigs_page_counts() -> None:
    for first in (LP[0], replace(LP[0], held=None, latched="lp/shift")):
        mapping = show(pages=pages_of(*RIG, first, LP[1]))
        assert in_force(mapping) == ("perform",)
        assert driven(mapping, "lp") == ["vace_context_scale"]
        send(mapping, 1, path="lp/shift")
        assert in_force(mapping) == ("glow", "perform")
        assert driven(mapping, "lp") == ["lora/e"]


def test_the_first_page_of_the_rig_is_in_force_whatever_button_it_has() -> None:
    assert Pages([Page("a", held="td/a"), Page("b")]).current == ("a",)
    assert Pages([Page("a", latched="td/a")]).current == ("a",)


def test_a_show_may_have_pages_of_controllers_and_none_of_the_rig() -> None:
    mapping = show(pages=pages_of(*LP))
    assert in_force(mapping) == ()
    assert press(mapping, "td/next") == press(mapping, "panel/page/next") == ()
    assert press(mapping, "lp/next") == ("glow",)
    assert driven(mapping, "lp") == ["lora/e"]


def test_what_a_controller_has_no_own_page_for_is_as_on_the_rigs_and_then_as_in_the_profile() -> None:
    common = route("manage_cache", signal="apc/other")
    mapping = show(common)
    assert driven(mapping) == ["noise_scale"]  # the mixer has nothing for it
    assert press(mapping, "td/speed") == ("mixer", "speed")
    assert driven(mapping) == ["lora/a"]
    assert press(mapping, "apc/bank") == ("colours", "speed")
    assert driven(mapping) == ["lora/c"]
    assert driven(mapping, "lp") == ["lora/b"]
    assert send(mapping, 1, path="apc/other") == {"manage_cache": True}


# How they are turned


def test_each_set_is_held_latched_and_let_go_by_itself() -> None:
    mapping = show()
    assert press(mapping, "apc/bank") == ("colours", "perform")
    assert press(mapping, "td/speed") == ("colours", "speed")
    send(mapping, 1, path="lp/shift")
    send(mapping, 1, path="apc/shift")
    assert in_force(mapping) == ("shifted", "glow", "speed")
    assert (driven(mapping), driven(mapping, "lp")) == (["lora/d"], ["lora/e"])
    send(mapping, 0, path="lp/shift")
    assert in_force(mapping) == ("shifted", "speed")
    send(mapping, 0, path="apc/shift")
    assert press(mapping, "apc/bank") == ("mixer", "speed")
    assert press(mapping, "td/speed") == ("mixer", "perform")


def test_next_from_a_controller_goes_through_its_own_pages_and_from_anywhere_else_through_the_rigs() -> None:
    mapping = show()
    assert [press(mapping, "apc/next")[0] for _ in range(4)] == ["colours", "shifted", "mixer", "colours"]
    assert [press(mapping, "apc/previous")[0] for _ in range(2)] == ["mixer", "shifted"]
    assert press(mapping, "td/next") == ("shifted", "speed")
    assert press(mapping, "panel/page/next") == ("shifted", "perform")
    assert press(mapping, "panel/page/previous") == ("shifted", "speed")


def test_from_none_of_its_pages_next_leads_to_the_first_and_previous_to_the_last() -> None:
    assert press(show(), "lp/next") == ("mixer", "glow", "perform")
    assert press(show(), "lp/previous") == ("mixer", "dark", "perform")


def test_a_controller_without_pages_of_its_own_turns_the_rigs() -> None:
    mapping = show(pages=pages_of(*RIG, *LP))

    assert press(mapping, "apc/next") == ("speed",)


def test_a_pattern_turns_the_pages_of_the_controller_that_it_is_heard_from() -> None:
    mapping = compile(replace(BASE, pages=PAGES, routes=(Route("apc/arrow/*", PageTarget("", "next"), "page/next"),)))

    assert press(mapping, "apc/arrow/right") == ("colours", "perform")


def test_a_page_by_its_name_is_turned_to_in_its_own_set_whoever_says_so() -> None:
    mapping = show(
        Route("apc/a", PageTarget("speed"), "page/speed"), Route("lp/a", PageTarget("colours"), "page/colours")
    )
    assert press(mapping, "apc/a") == ("mixer", "speed")
    assert press(mapping, "lp/a") == ("colours", "speed")
    assert press(mapping, "panel/page/dark") == ("colours", "dark", "speed")
    assert press(mapping, "panel/page/perform") == ("colours", "dark", "perform")


def test_one_button_may_turn_pages_of_several_sets_at_once() -> None:
    mapping = show(
        pages=pages_of(
            Page("a"),
            Page("b", latched="td/bank"),
            Page("c", on="apc"),
            Page("d", on="apc", latched="td/bank"),
            Page("e", held="td/shift"),
            Page("f", on="lp", held="td/shift"),
        )
    )
    assert press(mapping, "td/bank") == ("d", "b")
    send(mapping, 1, path="td/shift")
    assert in_force(mapping) == ("d", "f", "e")
    send(mapping, 0, path="td/shift")
    assert press(mapping, "td/bank") == ("c", "a")


def test_a_button_that_all_pages_of_a_controller_share_goes_through_them_and_back_to_none() -> None:
    bank = [Page(name, on="apc", latched="apc/bank") for name in ("a", "b")]
    mapping = show(pages=pages_of(*RIG, *bank))

    assert [press(mapping, "apc/bank") for _ in range(4)] == [
        ("a", "perform"), ("b", "perform"), ("perform",), ("a", "perform"),
    ]  # fmt: skip


def test_a_button_that_shares_pages_never_sticks_wherever_one_came_from() -> None:
    pages = Pages([Page("a"), Page("b"), Page("c")])
    for name in ("b", "c"):
        pages.turn(name)
    turned: list[str] = []
    for _ in range(4):
        pages.latch(["b", "c"])
        turned += pages.turned

    assert turned == ["a", "b", "c", "a"]


def test_what_was_pressed_on_an_own_page_is_let_go_there() -> None:
    save, recall = (
        Route("apc/pad", target_of(f"snapshot/{what}/1"), f"snapshot/{what}/1") for what in ("save", "recall")
    )
    pages = pages_of(RIG[0], Page("own", on="apc", held="apc/shift", routes=(save,)))
    mapping = show(recall, pages=pages)
    send(mapping, 0.25, path="apc/fader")
    for path, value in [("apc/shift", 1), ("apc/pad", 1), ("apc/shift", 0), ("apc/pad", 0)]:
        send(mapping, value, path=path)
    send(mapping, 0.75, path="apc/fader")
    for path, value in [("apc/pad", 1), ("apc/shift", 1), ("apc/pad", 0)]:
        send(mapping, value, path=path)
    assert mapping.initial()["noise_scale"] == 0.25
    send(mapping, 0.75, path="apc/fader")
    send(mapping, 1, path="apc/pad")  # a press here, too: that on the other page was let go there
    send(mapping, 0, path="apc/shift")
    send(mapping, 0, path="apc/pad")
    send(mapping, 0.5, path="apc/fader")
    send(mapping, 1, path="apc/pad")

    assert mapping.initial()["noise_scale"] == 0.75


# What they mean for others


def test_each_page_that_comes_or_goes_is_a_signal_and_one_that_stays_is_none() -> None:
    routes = [route(f"param/{name}", signal=f"page/{name}", profile=BASE) for name in PAGES]
    mapping = show(*routes)
    assert send(mapping, 1, path="lp/shift") == {"glow": 1.0}
    assert send(mapping, 1, path="apc/bank") == {"mixer": 0.0, "colours": 1.0}
    assert send(mapping, 1, path="td/speed") == {"perform": 0.0, "speed": 1.0}
    assert send(mapping, 0, path="lp/shift") == {"glow": 0.0}


def test_pages_of_several_sets_that_turn_to_each_other_come_to_rest() -> None:
    mapping = show(
        Route("page/speed", PageTarget("colours"), "page/colours"),
        Route("page/colours", PageTarget("dark"), "page/dark"),
        Route("page/mixer", PageTarget("perform"), "page/perform"),
    )
    assert press(mapping, "panel/page/speed") == ("colours", "dark", "speed")
    assert press(mapping, "panel/page/mixer") == ("mixer", "dark", "perform")


def test_next_by_a_signal_of_a_page_turns_the_rigs() -> None:
    mapping = show(Route("page/colours", PageTarget("", "next"), "page/next"))

    assert press(mapping, "apc/bank") == ("colours", "speed")


def test_a_condition_holds_on_every_page_in_force() -> None:
    conditions = [route(f"param/{name}", When(page=name), signal="td/x", profile=BASE) for name in PAGES]
    mapping = show(*conditions)
    assert send(mapping, 0.5) == {"mixer": 0.5, "perform": 0.5}
    send(mapping, 1, path="lp/shift")
    send(mapping, 1, path="apc/bank")
    assert send(mapping, 0.6) == {"colours": 0.6, "glow": 0.6, "perform": 0.6}


def lfo(target: str) -> Route:
    return route(target, signal="lfo/saw", source=(0, 1), period=Duration(8.0), profile=BASE)


def test_oscillators_swing_on_every_page_in_force() -> None:
    mapping = show(
        pages=pages_of(
            Page("a", routes=(lfo("noise_scale"),)),
            Page("b", on="apc", routes=(lfo("param/b"),)),
            Page("c", on="lp", held="lp/shift", routes=(lfo("param/c"),)),
        )
    )
    mapping.tick(0.0)
    assert mapping.moving
    told(mapping, 1.0)
    assert told(mapping, 2.0).keys() == {"noise_scale", "b"}
    send(mapping, 1, path="lp/shift", now=3.0)
    assert told(mapping, 4.0).keys() == {"noise_scale", "b", "c"}
    send(mapping, 0, path="lp/shift", now=4.0)
    assert told(mapping, 5.0).keys() == {"noise_scale", "b"}


def test_beats_are_heard_on_the_pages_of_all_and_a_control_on_one() -> None:
    def beat(target: str) -> Route:
        return route(target, signal="tempo/bpm", profile=BASE)

    mapping = show(
        beat("param/common"),
        pages=pages_of(
            Page("a", routes=(beat("param/a"),)),
            Page("b", on="apc", routes=(beat("param/b"),)),
            Page("c", on="lp", held="lp/shift", routes=(beat("param/c"),)),
        ),
    )
    assert send(mapping, 120.0, path="tempo/bpm").keys() == {"a", "b"}
    send(mapping, 1, path="lp/shift")
    assert send(mapping, 121.0, path="tempo/bpm").keys() == {"a", "b", "c"}
    common = show(beat("param/common"), pages=pages_of(Page("a"), Page("b", on="apc")))
    assert send(common, 122.0, path="tempo/bpm").keys() == {"common"}


def test_pages_are_turned_by_the_bar_in_their_own_set() -> None:
    mapping = show(
        pages=pages_of(Page("a"), Page("b", on="apc"), Page("c", on="apc", latched="tempo/bar")),
        tempo=(TempoSource("bpm", bpm=120.0),),
    )
    mapping.tick(10.0)
    assert in_force(mapping) == ("c", "a")
    mapping.tick(12.1)
    assert in_force(mapping) == ("b", "a")


def test_lamps_show_the_page_of_each_set() -> None:
    mapping = show(
        Route("apc/to", PageTarget("speed"), "page/speed"), Route("lp/to", PageTarget("mixer"), "page/mixer")
    )
    paths = ["apc/bank", "apc/shift", "lp/shift", "td/speed", "apc/to", "lp/to"]

    def lit() -> set[str]:
        states = mapping.controls(paths)
        assert {state.stands_for for state in states.values()} == {"page"}
        return {path for path, state in states.items() if state.chosen}

    assert lit() == {"lp/to"}
    press(mapping, "apc/bank")
    send(mapping, 1, path="lp/shift")
    assert lit() == {"apc/bank", "lp/shift"}
    press(mapping, "td/speed")
    send(mapping, 0, path="lp/shift")
    assert lit() == {"apc/bank", "td/speed", "apc/to"}


def test_a_fader_shows_what_it_drives_on_its_own_page_or_else_on_the_rigs() -> None:
    mapping = show(start={"noise_scale": (target_of("noise_scale"), 0.25)})
    send(mapping, 0.75, path="panel/lora/c")

    def way() -> float | None:
        return mapping.controls(["apc/fader"])["apc/fader"].way

    assert way() == 0.25
    press(mapping, "apc/bank")
    assert way() == 0.75
    press(mapping, "apc/bank")
    assert way() == 0.25


# Edits, restarts, several Scopes


def test_an_edit_leaves_each_set_where_it_was() -> None:
    old = show()
    press(old, "apc/bank")
    press(old, "panel/page/dark")
    send(old, 1, path="lp/shift")
    new = show(route("manage_cache", signal="td/y"), after=old)
    assert in_force(new) == ("colours", "glow", "perform")
    send(new, 0, path="lp/shift")
    assert in_force(new) == ("colours", "dark", "perform")
    assert press(new, "apc/bank") == ("mixer", "dark", "perform")


def moved(name: str, on: str | None) -> dict[str, Page]:
    return {**{one: page for one, page in PAGES.items() if one != name}, name: replace(PAGES[name], on=on)}


def test_a_page_that_an_edit_gives_to_a_controller_stays_in_force_there() -> None:
    old = show()
    press(old, "td/speed")
    new = show(pages=moved("speed", "lp"), after=old)
    assert in_force(new) == ("mixer", "speed", "perform")
    assert press(new, "td/speed") == ("mixer", "perform")

    with_own = show(pages=moved("speed", "apc"), after=press_and_return(show(), "td/speed"))
    assert in_force(with_own) == ("mixer", "perform")  # it has a page already


def press_and_return(mapping: Mapping, path: str) -> Mapping:
    press(mapping, path)
    return mapping


def test_a_page_that_an_edit_takes_from_a_controller_leaves_both_where_they_were() -> None:
    new = show(pages=moved("colours", None), after=press_and_return(show(), "apc/bank"))
    assert in_force(new) == ("mixer", "perform")
    assert press(new, "apc/bank") == ("mixer", "colours")
    assert driven(new) == ["lora/c"]


def test_a_page_that_is_held_while_an_edit_moves_it_stays_held() -> None:
    for on in (None, "apc"):
        old = show()
        send(old, 1, path="lp/shift")
        new = show(pages=moved("glow", on), after=old)
        assert "glow" in new.around.pages.current
        send(new, 0, path="lp/shift")
        assert in_force(new) == ("mixer", "dark", "perform")


def test_a_first_page_that_an_edit_gives_a_button_is_in_force_no_longer() -> None:
    old = show()
    pages = {**PAGES, "mixer": replace(PAGES["mixer"], held="apc/mix")}
    new = show(pages=pages, after=old)
    assert in_force(new) == ("perform",)
    turned = show(pages=pages, after=press_and_return(show(), "apc/bank"))
    assert turned.around.pages.current == ("colours", "perform")
    back = show(after=new)
    assert back.around.pages.current == ("mixer", "perform")


def test_a_controller_whose_pages_an_edit_takes_away_is_on_the_rigs() -> None:
    old = press_and_return(show(), "apc/bank")
    new = show(pages=pages_of(*RIG), after=old)
    assert in_force(new) == ("perform",)
    assert press(new, "apc/next") == ("speed",)


def test_a_restart_is_on_the_page_of_each_set() -> None:
    old = show()
    for path in ("apc/bank", "td/speed", "panel/page/dark"):
        press(old, path)
    send(old, 1, path="apc/shift")
    state = old.state()
    assert state["pages"] == ["speed", "colours", "dark"]
    new = show()
    new.resume(state)
    assert in_force(new) == ("colours", "dark", "speed")
    other = show()
    other.resume({"pages": ["dark", "gone", 7]})
    assert other.around.pages.current == ("mixer", "dark", "perform")


def test_every_scope_of_several_turns_the_same_pages_each_of_its_own_controller() -> None:
    scopes = {"left": Scope("http://a:8000", name="left"), "right": Scope("http://b:8000", name="right")}
    two = replace(BASE, scope=scopes["left"], scopes=scopes)
    across = route("right/noise_scale", signal="apc/fader", profile=two)
    pages = {**PAGES, "colours": replace(PAGES["colours"], routes=(across,))}
    profile = replace(two, routes=STEPS, pages=pages)
    assert [page.on for page in only(profile, "right").pages.values()] == [page.on for page in pages.values()]

    ensemble = compile_all(profile)
    ensemble.feed(Batch(0.0, [("apc/bank", (1,)), ("apc/bank", (0,)), ("lp/next", (1,))]))
    assert {part.around.pages.current for part in ensemble.parts.values()} == {("colours", "glow", "perform")}
    ensemble.feed(Batch(0.0, [("apc/fader", (0.5,))]))
    assert {name: [change.parameter for change in part.take(0.0)] for name, part in ensemble.parts.items()} == {
        "left": [],
        "right": ["noise_scale"],
    }
    more = {**scopes, "third": Scope("http://c:8000", name="third")}
    joined = ensemble.reloaded(replace(profile, scopes=more), 1.0)
    joined.feed(Batch(1.0, [("lp/next", (0,)), ("lp/next", (1,))]))
    assert {part.around.pages.current for part in joined.parts.values()} == {("colours", "dark", "perform")}


# Whatever happens

NAMES = "abcdefg"
OWNERS = (None, None, "apc", "apc", "apc", "lp", "lp")


@given(
    st.permutations(list(zip(NAMES, OWNERS, strict=True))),
    st.sets(st.sampled_from(NAMES)),
    st.lists(
        st.one_of(
            st.tuples(st.just("turn"), st.sampled_from(NAMES)),
            st.tuples(st.sampled_from(("down", "up")), st.sampled_from(NAMES)),
            st.tuples(st.just("latch"), st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True)),
            st.tuples(st.sampled_from(("next", "previous")), st.sampled_from(("", "apc", "lp", "td"))),
        ),
        max_size=30,
    ),
)
def test_each_set_has_one_page_in_force_the_rig_always_and_what_is_let_go_leaves_no_trace(
    order: list[tuple[str, str | None]], buttons: set[str], steps: list[tuple[str, Any]]
) -> None:
    profile = [Page(name, held=f"td/{name}" if name in buttons else None, on=on) for name, on in order]
    on = {page.name: page.on for page in profile}
    held, never = Pages(profile), Pages(profile)
    down: list[str] = []
    for step, name in steps:
        before = held.current
        match step:
            case "down" | "up":
                down = [one for one in down if one != name] + ([name] if step == "down" else [])
                held.hold(name, step == "down")
            case "turn" | "latch":
                for pages in (held, never):
                    getattr(pages, step)(name)
            case _:
                for pages in (held, never):
                    pages.step(1 if step == "next" else -1, name)
        moved = {on[page] for page in set(before) ^ set(held.current)}
        if step in ("turn", "down", "up"):
            assert moved <= {on[name]}  # the others stay where they are
        elif step != "latch":
            assert moved <= {name if name in OWNERS else None}
        assert held.turned == never.turned == tuple(sorted(held.turned, key=_place(profile)))
        in_force = [on[page] for page in held.current]
        assert len(set(in_force)) == len(in_force)
        assert in_force[-1:] == [None]
        assert in_force.count(None) == 1
        for owner in {on[page] for page in down}:
            assert next(page for page in reversed(down) if on[page] == owner) in held.current
    twin = held.copy()
    for pages in (twin, held):  # which do not let go of each other's
        assert {on[page] for page in down} <= {on[page] for page in pages.current if page in down}
        for name in down:
            pages.hold(name, False)
        assert pages.current == never.current
    assert set(held.current) == set(held.turned)


def _place(profile: list[Page]) -> Any:
    owners = list(dict.fromkeys(page.on for page in profile))
    on = {page.name: page.on for page in profile}
    return lambda name: owners.index(on[name])


@given(
    st.permutations(list(zip(NAMES, OWNERS, strict=True))),
    st.permutations(list(zip(NAMES, OWNERS, strict=True))),
    st.sets(st.sampled_from(NAMES)),
    st.lists(st.sampled_from(NAMES), max_size=5),
    st.lists(st.sampled_from(NAMES), max_size=3, unique=True),
)
def test_after_any_edit_each_set_is_on_one_of_its_pages_and_what_is_held_stays_held(
    before: list[tuple[str, str | None]],
    after: list[tuple[str, str | None]],
    gone: set[str],
    turned: list[str],
    down: list[str],
) -> None:
    old = Pages([Page(name, on=on) for name, on in before])
    for name in turned:
        old.turn(name)
    for name in down:
        old.hold(name, True)
    kept = [Page(name, on=on) for name, on in after if name not in gone]
    new = Pages(kept)
    new.adopt(old)
    on = {page.name: page.on for page in kept}
    assert [on[page] for page in new.turned] == list(dict.fromkeys(on.values()))  # those that are there still, by set
    owners = {on[name] for name in down if name in on}
    assert {on[page] for page in new.current if page in down} >= owners
    for name in down:
        new.hold(name, False)
    for page in old.turned:
        if on.get(page, "gone") == dict(before)[page]:
            assert page in new.current
