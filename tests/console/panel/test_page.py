"""The page in a real browser: what it shows, what a person does on it, and how it comes back."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest
from playwright.async_api import Page, expect

from bridge.status import InputStatus, Phase, RouteStatus
from tests.console.panel.browser import a_browser, asked, needs_browser, watch
from tests.console.panel.rig import BLUE, GREEN, RED, Colour, Show

pytestmark = needs_browser


async def canvas_shows(page: Page, colour: Colour) -> None:
    await page.wait_for_function(
        """colour => {
            const copy = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
            copy.drawImage(document.getElementById("picture"), 0, 0, 1, 1);
            const pixel = copy.getImageData(0, 0, 1, 1).data;
            return colour.every((value, index) => Math.abs(value - pixel[index]) < 12);
        }""",
        arg=colour,
    )


def test_it_shows_the_picture_and_the_state() -> None:
    async def scene(show: Show, page: Page) -> None:
        await canvas_shows(page, RED)
        show.paint(GREEN)
        await canvas_shows(page, GREEN)

        await expect(page.locator("#detail")).to_have_text("longlive plays")
        await expect(page.locator("#fps")).to_have_text("15.6")
        await expect(page.locator("#chunk")).to_have_text("0.77")
        await expect(page.locator("#age")).to_have_text("0.04")
        await expect(page.locator("#messages")).to_have_text("16 · 15")
        await expect(page.locator("#reconnects")).to_have_text("1")
        await expect(page.locator("#in-effect")).to_have_text("a reef")
        await expect(page.locator("#inputs")).to_contain_text("OSC on 127.0.0.1:9000")
        await expect(page.locator("#complaints li")).to_have_count(0)

        scope = replace(show.status.scope, phase=Phase.SEARCHING, detail="nothing answers", fps=0.0, frame_age=None)
        show.status = replace(show.status, scope=scope, complaints=("an old one", "the newest one"))
        await expect(page.get_by_role("heading", level=1)).to_have_text("searching")
        await expect(page.locator("#age")).to_have_text("–")
        await expect(page.locator("#complaints li")).to_have_text(["the newest one", "an old one"])
        await expect(page).to_have_title("searching · Scope Bridge")

    watch(scene)


def test_the_hint_that_there_is_no_picture_goes_with_the_first_frame() -> None:
    async def scene(show: Show, page: Page) -> None:
        await expect(page.get_by_text("No picture yet")).to_be_hidden()
        show.status = replace(show.status, scope=replace(show.status.scope, frames=0))
        await expect(page.get_by_text("No picture yet")).to_be_visible()

    watch(scene)


def test_a_prompt_is_typed_and_enter_means_go() -> None:
    async def scene(show: Show, page: Page) -> None:
        box = page.get_by_role("textbox", name="New prompt")
        await box.fill("a forest of glass")
        await box.press("Shift+Enter")
        assert show.batches == []
        await box.press("Backspace")
        await box.press("Enter")
        await asked(show, 1)
        assert show.asked() == [("panel/prompt", ("a forest of glass",))]
        await expect(box).to_have_value("")

        await box.press("ArrowUp")
        await expect(box).to_have_value("a forest of glass")
        await box.press_sequentially(", at dawn")
        await page.get_by_role("button", name="Send the prompt").click()
        await asked(show, 2)
        assert show.asked()[1] == ("panel/prompt", ("a forest of glass, at dawn",))

        await expect(box).to_have_value("")
        await box.press("Enter")
        await page.get_by_role("button", name="neon").click()
        await asked(show, 3)
        assert show.asked()[2:] == [("panel/prompt", ("neon",))]

    watch(scene)


def test_a_refusal_is_said_beside_the_prompt_moves_nothing_and_goes_with_the_next_that_is_taken() -> None:
    async def play() -> None:
        show = Show()
        async with asyncio.timeout(55), show.open(), a_browser(show, 390, 844) as (page, wrong):
            box, notice = page.get_by_role("textbox", name="New prompt"), page.get_by_role("status")
            neon = page.get_by_role("button", name="neon")
            place = await neon.bounding_box()

            show.refusal = "a prompt may not be 'noise', " + "which_is_a_word_without_any_end" * 8
            await box.fill("noise")
            await box.press("Enter")
            await expect(notice).to_have_text(f"Not taken: {show.refusal}")
            await expect(notice).to_have_class("notice wrong")
            await expect(box).to_have_value("noise")
            assert await neon.bounding_box() == place
            assert await page.evaluate("document.documentElement.scrollWidth") <= 390

            show.refusal = "no output is open"
            await page.get_by_role("button", name="Freeze all outputs").click()
            await expect(notice).to_have_text("Not taken: no output is open")

            show.refusal = None
            await neon.click()
            await expect(notice).to_have_class("notice")
            await expect(notice).not_to_contain_text("Not taken")
            assert all("400" in message for message in wrong), "the browser's own note of each refusal, nothing else"

    expect.set_options(timeout=20_000)
    asyncio.run(play())


def test_freeze_and_blackout_show_what_is_and_ask_for_the_other() -> None:
    async def scene(show: Show, page: Page) -> None:
        freeze = page.get_by_role("button", name="Freeze all outputs")
        blackout = page.get_by_role("button", name="Blackout all outputs")
        await freeze.click()
        await asked(show, 1)
        assert show.asked() == [("panel/output/all/freeze", (1,))]
        await expect(freeze).to_have_attribute("aria-pressed", "false")  # only the bridge says what is

        show.set_output(frozen=True, level=0.0)
        await expect(freeze).to_have_attribute("aria-pressed", "true")
        await expect(blackout).to_have_attribute("aria-pressed", "true")
        await expect(page.locator("#badges li")).to_have_text(["Frozen", "Blackout"])
        await freeze.click()
        await blackout.click()
        await page.get_by_role("button", name="Freeze program").click()
        await page.get_by_role("button", name="Blackout program").click()
        await asked(show, 5)
        assert sorted(show.asked()[1:]) == [
            ("panel/output/all/freeze", (0,)),
            ("panel/output/all/level", (1,)),
            ("panel/output/program/freeze", (0,)),
            ("panel/output/program/level", (1,)),
        ]

    watch(scene)


def test_one_of_two_outputs_frozen_is_neither_on_nor_off() -> None:
    async def scene(show: Show, page: Page) -> None:
        program = show.status.outputs[0]
        show.status = replace(show.status, outputs=(replace(program, frozen=True), replace(program, name="page")))
        freeze = page.get_by_role("button", name="Freeze all outputs")
        await expect(freeze).to_have_attribute("aria-pressed", "mixed")
        await expect(page.locator("#badges li")).to_have_text(["Frozen: program"])
        await freeze.click()
        await asked(show, 1)
        assert show.asked() == [("panel/output/all/freeze", (1,))]

    watch(scene)


def test_each_output_has_its_numbers_in_a_line() -> None:
    async def scene(show: Show, page: Page) -> None:
        program = replace(show.status.outputs[0], shown=150, age=0.04, delay=0.08, conversion=0.0012)
        quiet = replace(program, name="wall", sent=0, shown=0, age=None, delay=0.0, conversion=None)
        numbers = page.locator("#outputs .numbers")
        show.status = replace(show.status, seconds=30.0, outputs=(program, quiet))
        await expect(numbers).to_have_text(["age 0.04 s · late 0.08 s · 1.2 ms", ""])
        later = replace(program, sent=330, shown=165, overwritten=2)
        show.status = replace(show.status, seconds=31.0, outputs=(later, replace(quiet, detail="no NDI here")))
        await expect(numbers).to_have_text(["15.0 → 30.0 fps · age 0.04 s · late 0.08 s · 1.2 ms · 2 overwritten", ""])
        await expect(page.locator("#outputs .wrong")).to_have_text(["no NDI here"])
        show.status = replace(show.status, outputs=(replace(program, age=12.4), quiet))
        await expect(page.locator("#outputs .numbers.wrong")).to_contain_text("age 12 s")

    watch(scene)


def test_the_keys_f_and_b_work_but_not_while_typing() -> None:
    async def scene(show: Show, page: Page) -> None:
        box = page.get_by_role("textbox", name="New prompt")
        await box.press_sequentially("fab")
        await box.press("Escape")
        await page.keyboard.press("Control+f")
        await page.keyboard.press("f")
        await asked(show, 1)
        await page.keyboard.press("b")
        await asked(show, 2)
        assert show.asked() == [("panel/output/all/freeze", (1,)), ("panel/output/all/level", (0,))]
        await expect(box).to_have_value("fab")

    watch(scene)


def test_a_route_lights_up_and_shows_asked_beside_in_the_picture() -> None:
    async def scene(show: Show, page: Page) -> None:
        fader, prompt = page.locator(".route").nth(0), page.locator(".route").nth(1)
        await expect(fader.locator(".number")).to_have_text(["0.750", "0.500"])
        await expect(fader.locator(".number").nth(1)).to_have_class("number late")
        await expect(fader.locator(".light")).to_have_class("light")
        await expect(prompt.locator(".text")).to_have_text(["a reef", "a reef"])
        await expect(prompt.locator(".text").nth(1)).to_have_class("text shown")
        await expect(prompt.locator(".bar")).to_be_hidden()

        show.set_route(0, 1.5, 1.5, 0.02)
        await expect(fader.locator(".light")).to_have_class("light on")
        await expect(fader.locator(".number")).to_have_text(["1.500", "1.500"])
        await expect(fader.locator(".number").nth(1)).to_have_class("number")
        assert await fader.locator(".fill").evaluate("fill => fill.style.transform") == "scaleX(0.75)"

        show.set_route(0, 1.5, 1.5, 2.0)
        await expect(fader.locator(".light")).to_have_class("light")

        crossfade = RouteStatus("stage/xy", "a, b", [0.7081, 0.2919], None, 9.0)
        unasked = RouteStatus("stage/dice", "seed/random", None, 42, None)
        show.status = replace(show.status, routes=(crossfade, unasked))
        await expect(page.locator(".route .text.asked").first).to_have_text("0.708 0.292")
        await expect(page.locator(".route").nth(1).locator(".number").nth(1)).to_have_class("number")

        show.status = replace(show.status, routes=())
        await expect(page.locator("#routes")).to_have_text("The profile has no routes.")

    watch(scene)


def test_text_from_the_network_is_never_markup() -> None:
    evil = "<img src=x onerror=alert(1)>"

    async def scene(show: Show, page: Page) -> None:
        show.status = replace(
            show.status,
            inputs=(InputStatus(evil, evil, detail=evil),),
            routes=(RouteStatus(evil, evil, evil, evil, 0.0, detail=evil),),
            prompt=evil,
            bank=(evil,),
            complaints=(evil,),
        )
        await expect(page.locator("#in-effect")).to_have_text(evil)
        await expect(page.locator("#complaints li")).to_have_text([evil])
        await expect(page.locator(".route .target")).to_have_text(evil)
        await expect(page.locator("img")).to_have_count(0)

    watch(scene)


def test_it_says_when_the_bridge_is_lost_keeps_what_was_typed_and_recovers_by_itself() -> None:
    async def play() -> None:
        show = Show()
        show.paint(RED)
        async with asyncio.timeout(55), AsyncExitStack() as stack:
            async with show.open():
                page, _ = await stack.enter_async_context(a_browser(show, 1440, 900))
                await canvas_shows(page, RED)

            box = page.get_by_role("textbox", name="New prompt")
            await expect(page.get_by_role("alert")).to_contain_text("The bridge does not answer")
            await expect(page).to_have_title("lost · Scope Bridge")
            await canvas_shows(page, RED)  # the last picture stays
            await expect(page.locator("#dot")).to_have_css("background-color", "rgb(240, 112, 90)")
            await box.fill("kept")
            await box.press("Enter")
            await expect(page.get_by_role("status")).to_have_text("The bridge does not answer; nothing was sent.")
            await expect(box).to_have_value("kept")

            async with show.open():
                show.paint(BLUE)
                await expect(page.get_by_role("alert")).to_be_hidden()
                await canvas_shows(page, BLUE)
                await box.press("Enter")
                await asked(show, 1)
                assert show.asked() == [("panel/prompt", ("kept",))]

    expect.set_options(timeout=20_000)
    asyncio.run(play())


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1440, 900), (1024, 600)])
def test_it_fits_the_screen_and_nothing_moves_when_complaints_come(width: int, height: int) -> None:
    async def scene(show: Show, page: Page) -> None:
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        places = """() => ["stage", "state", "outputs", "prompt", "routes"].map(name =>
            JSON.stringify(document.querySelector("." + name).getBoundingClientRect()))"""
        before = await page.evaluate(places)
        show.status = replace(show.status, complaints=("something long is wrong, " * 8,) * 2)
        await expect(page.locator("#complaints li")).to_have_count(2)
        await expect(page.locator("#complaints li").first).to_be_in_viewport()
        assert await page.evaluate(places) == before

    watch(scene, width, height)


def test_a_hidden_page_lets_the_encoder_rest() -> None:
    async def scene(show: Show, page: Page) -> None:
        await canvas_shows(page, RED)
        assert show.preview.status().receivers == 1
        await page.evaluate(
            """() => {
                Object.defineProperty(document, "hidden", {configurable: true, get: () => true});
                document.dispatchEvent(new Event("visibilitychange"));
            }"""
        )
        for _ in range(2000):
            if show.preview.status().receivers == 0:
                break
            await asyncio.sleep(0.01)
        assert show.preview.status().receivers == 0
        show.paint(BLUE)
        await page.evaluate("() => { delete document.hidden; document.dispatchEvent(new Event('visibilitychange')); }")
        await canvas_shows(page, BLUE)

    watch(scene)
