"""A real browser on the page of a show."""

import asyncio
import os
import shutil
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Page, async_playwright, expect

from tests.console.panel.rig import RED, Show

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")

needs_browser = pytest.mark.skipif(
    CHROMIUM is None and os.environ.get("CI") != "true",
    reason="needs the browser chromium (apt-get install chromium)",
)

Scene = Callable[[Show, Page], Awaitable[None]]


@asynccontextmanager
async def a_browser(show: Show, width: int, height: int) -> AsyncGenerator[tuple[Page, list[str]], None]:
    assert CHROMIUM is not None, "the browser chromium is missing, and CI skips no test"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = await browser.new_page(viewport={"width": width, "height": height})
        page.set_default_timeout(20_000)
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda message: wrong.append(message.text) if message.type in ("error", "warning") else None)
        await page.goto(show.panel.url)
        await expect(page.get_by_role("heading", level=1)).to_have_text("streaming")
        yield page, wrong
        await browser.close()


def watch(scene: Scene, width: int = 1440, height: int = 900) -> None:
    """Play `scene` with the page open; nothing it does may leave an error in the browser's console."""

    async def play() -> None:
        show = Show()
        show.paint(RED)
        async with asyncio.timeout(55), show.open(), a_browser(show, width, height) as (page, wrong):
            await scene(show, page)
            assert wrong == []

    expect.set_options(timeout=20_000)
    asyncio.run(play())


async def asked(show: Show, count: int) -> None:
    for _ in range(2000):
        if len(show.batches) >= count:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"{count} signals were due, these came: {show.asked()}")
