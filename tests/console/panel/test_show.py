"""The show on the page, in a real browser: what can be called, what is in force, and where a press goes."""

from dataclasses import replace
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from bridge.status import CueStatus, FaderStatus, ShowStatus, WordStatus
from tests.console.panel.browser import asked, needs_browser, watch
from tests.console.panel.rig import Show

pytestmark = needs_browser

FULL = ShowStatus(
    scene="intro",
    scenes=("intro", "drop"),
    cues=(CueStatus("doors", "intro"), CueStatus("first", "drop", "when the strings stop"), CueStatus("end", "intro")),
    turned=("perform",),
    pages=("perform", "looks"),
    bpm=124.0,
    words=(WordStatus("mood", "calm", ("calm", "tense")),),
    faders=(
        FaderStatus("base", "prompt/base/weight", 1.0, 0.0, 1.0),
        FaderStatus("arcane", "lora/arcane", None, 0.0, 2.0),
        FaderStatus("kick", "route/kick/amount", 0.6, 0.0, 1.0),
    ),
    snapshots=(2,),
)


def on(show: Show, **changes: Any) -> None:
    """Let the bridge say that the show is the full one, with some changes."""
    show.status = replace(show.status, show=replace(FULL, **changes))


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def test_a_profile_of_routes_alone_shows_nothing_more() -> None:
    async def scene(show: Show, page: Page) -> None:
        await expect(page.locator("#show")).to_be_hidden()
        on(show)
        await expect(page.locator("#show")).to_be_visible()
        await page.keyboard.press("g")
        await asked(show, 1)
        show.status = replace(show.status, show=ShowStatus())
        await expect(page.locator("#show")).to_be_hidden()
        await page.keyboard.press("g")
        await button(page, "neon").click()
        await asked(show, 2)
        assert show.asked() == [("panel/cue/go", (1,)), ("panel/prompt", ("neon",))]

    watch(scene)


def test_scenes_and_pages_light_up_when_the_bridge_says_so() -> None:
    async def scene(show: Show, page: Page) -> None:
        on(show)
        drop = button(page, "Scene drop")
        await expect(button(page, "Scene intro")).to_have_attribute("aria-pressed", "true")
        await expect(button(page, "Page perform")).to_have_attribute("aria-pressed", "true")
        await drop.click()
        await button(page, "Page looks").click()
        await asked(show, 2)
        assert show.asked() == [("panel/scene/drop", (1,)), ("panel/page/looks", (1,))]
        await expect(drop).to_have_attribute("aria-pressed", "false")  # only the bridge says what is

        on(show, scene="drop", turned=("looks",))
        await expect(drop).to_have_attribute("aria-pressed", "true")
        await expect(button(page, "Page looks")).to_have_attribute("aria-pressed", "true")

    watch(scene)


def test_the_list_of_cues_says_what_comes_next_and_what_waits() -> None:
    async def scene(show: Show, page: Page) -> None:
        on(show)
        about = page.locator(".about")
        await expect(about).to_have_text("next: doors")
        on(show, cue="doors")
        await expect(about).to_have_text("next: first – when the strings stop")
        await expect(button(page, "Cue doors")).to_have_attribute("aria-pressed", "true")
        on(show, cue="doors", coming="first")
        await expect(about).to_have_text("waits: first – when the strings stop")
        await expect(button(page, "Cue first")).to_have_class("waits")
        place = await button(page, "mood: calm").bounding_box()
        on(show, cue="end")
        await expect(about).to_have_text("that was the last cue")
        long = replace(FULL.cues[0], note="a note that goes on and on, " * 20)
        on(show, cues=(long, *FULL.cues[1:]))
        await expect(about).to_contain_text("goes on and on")
        assert await button(page, "mood: calm").bounding_box() == place, "nothing moves from under the finger"
        on(show, cue="end")
        await expect(button(page, "Cue first")).not_to_have_class("waits")

        await button(page, "Go to the next cue").click()
        await button(page, "Back to the cue before").click()
        await button(page, "Cue first").click()
        await asked(show, 3)
        assert [path for path, _ in show.asked()] == ["panel/cue/go", "panel/cue/back", "panel/cue/first"]

    watch(scene)


def test_a_word_is_said_by_a_button_and_any_other_text_is_shown() -> None:
    async def scene(show: Show, page: Page) -> None:
        on(show)
        await expect(button(page, "mood: calm")).to_have_attribute("aria-pressed", "true")
        await button(page, "mood: tense").click()
        await asked(show, 1)
        assert show.asked() == [("panel/word/mood", ("tense",))]

        on(show, words=(WordStatus("mood", "utterly lost", ("calm", "tense")),))
        await expect(page.get_by_role("group", name="mood")).to_contain_text("utterly lost")
        await expect(button(page, "mood: calm")).to_have_attribute("aria-pressed", "false")

    watch(scene)


def test_a_fader_follows_the_hand_the_newest_place_last_and_then_the_bridge() -> None:
    async def scene(show: Show, page: Page) -> None:
        on(show)
        base, arcane = (
            page.get_by_role("slider", name="prompt/base/weight"),
            page.get_by_role("slider", name="lora/arcane"),
        )
        await expect(base).to_have_value("1")
        await expect(page.locator(".fader output")).to_have_text(["1.00", "–", "0.60"])
        on(show, faders=(replace(FULL.faders[0], value=0.25), *FULL.faders[1:]))
        await expect(base).to_have_value("0.25")

        await arcane.evaluate(
            """range => { for (const value of [0.5, 1, 1.5]) {
                range.value = value; range.dispatchEvent(new Event("input"));
            } }"""
        )
        await asked(show, 2)
        assert show.asked() == [("panel/lora/arcane", (0.5,)), ("panel/lora/arcane", (1.5,))]
        on(show, faders=(FULL.faders[0], replace(FULL.faders[1], value=1.5), FULL.faders[2]))
        await expect(page.locator(".fader output").nth(1)).to_have_text("1.50")
        await expect(arcane).to_have_value("1.5")

        kick = page.get_by_role("slider", name="route/kick/amount")
        await kick.evaluate("range => { range.value = 0.9; range.dispatchEvent(new Event('input')); }")
        await expect(kick).to_have_value("0.6")

    watch(scene)


def test_a_snapshot_is_kept_by_keep_and_a_number_and_brought_back_by_the_number() -> None:
    async def scene(show: Show, page: Page) -> None:
        on(show)
        keep = button(page, "Keep what is live: the next number that is pressed")
        await expect(button(page, "Snapshot 2")).to_be_visible()
        await keep.click()
        await expect(keep).to_have_attribute("aria-pressed", "true")
        await button(page, "Snapshot 1, empty").click()
        await expect(keep).to_have_attribute("aria-pressed", "false")
        await asked(show, 1)
        await button(page, "Snapshot 2").click()
        await asked(show, 2)
        assert [path for path, _ in show.asked()] == ["panel/snapshot/save/1", "panel/snapshot/recall/2"]
        on(show, snapshots=(1, 2))
        await expect(button(page, "Snapshot 1")).to_be_visible()

    watch(scene)


def test_tempo_undo_and_panic_are_at_hand() -> None:
    async def scene(show: Show, page: Page) -> None:
        await button(page, "Undo the last scene, cue, prompt or snapshot").click()
        await button(page, "Panic: fade everything to safe").click()
        on(show)
        await expect(page.locator(".bpm")).to_have_text("124 bpm")
        await button(page, "Tap the tempo").click()
        await asked(show, 3)
        assert sorted(path for path, _ in show.asked()) == ["panel/panic", "panel/tap", "panel/undo"]
        on(show, bpm=None)
        await expect(page.locator(".bpm")).to_have_count(0)

    watch(scene)


def test_notes_about_the_profile_are_there_for_whoever_asks() -> None:
    async def scene(show: Show, page: Page) -> None:
        notes = page.locator("#notes")
        await expect(notes).to_be_hidden()
        show.status = replace(show.status, notes=("club.yaml:3: MIDI inputs come with a later version",))
        await expect(notes).to_have_text("1 note about the profile" + show.status.notes[0])
        await expect(page.get_by_text("MIDI inputs come")).to_be_hidden()
        await notes.locator("summary").click()
        await expect(page.get_by_text("MIDI inputs come")).to_be_visible()

    watch(scene)


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1280, 720), (1100, 600)])
def test_a_full_show_fits_the_screen_and_covers_nothing(width: int, height: int) -> None:
    async def scene(show: Show, page: Page) -> None:
        long = ShowStatus(
            scenes=tuple(f"a scene called number {number}" for number in range(12)),
            cues=tuple(CueStatus(f"cue {number}", "x", "a long note " * 12) for number in range(12)),
            words=(WordStatus("a long word's name", "x" * 80, ("a choice of many letters " * 8, "b")),),
            faders=tuple(FaderStatus(f"fader {number}", f"lora/{number}", 0.5, 0, 2) for number in range(12)),
        )
        show.status = replace(show.status, complaints=("something is wrong",))
        few = ShowStatus(scenes=long.scenes[:4], cues=long.cues[:4], bpm=124.0)
        covered = """() => {
            const boxes = ["stage", "state", "show", "outputs", "prompt"].map(name =>
                document.querySelector("." + name).getBoundingClientRect());
            return boxes.some((one, index) => boxes.slice(index + 1).some(other =>
                one.left < other.right - 1 && other.left < one.right - 1 &&
                one.top < other.bottom - 1 && other.top < one.bottom - 1));
        }"""
        for shown, faders in ((long, 12), (few, 0)):
            show.status = replace(show.status, show=shown)
            await expect(page.locator(".fader")).to_have_count(faders)
            assert await page.evaluate("document.documentElement.scrollWidth") <= width
            assert await page.evaluate(covered) is False
            assert await page.evaluate("document.querySelector('.stage').clientHeight") > 150

    watch(scene, width, height)
