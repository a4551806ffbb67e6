"""The servers on the page: a standby and how to turn to it, further Scopes, and how far away they are."""

from dataclasses import replace

from playwright.async_api import Page, expect

from bridge.status import Phase, ScopeStatus
from tests.console.panel.browser import asked, needs_browser, watch
from tests.console.panel.rig import Show

pytestmark = needs_browser


def far(name: str = "", **more: object) -> ScopeStatus:
    known = ScopeStatus(f"http://{name or 'main'}", Phase.STREAMING, "frames come", name=name, fps=15.6)
    return replace(known, **more)  # type: ignore[arg-type]


def test_one_server_nearby_has_no_list_of_servers() -> None:
    async def scene(show: Show, page: Page) -> None:
        await expect(page.locator("#fps")).to_have_text("15.6")
        await expect(page.locator("#scopes")).to_be_hidden()

    watch(scene)


def test_a_standby_is_turned_to_and_back_with_one_press_once_it_is_ready() -> None:
    async def scene(show: Show, page: Page) -> None:
        lines = page.locator("#scopes li")
        show.status = replace(show.status, scope=far(standby="loading longlive"))
        await expect(lines).to_have_text(["standby loading longlive"])
        await expect(lines.get_by_role("button")).to_have_count(0)

        show.status = replace(show.status, scope=far(standby="ready"))
        await page.get_by_role("button", name="To standby").click()
        await asked(show, 1)
        assert show.asked() == [("panel/standby", (1,))]

        show.status = replace(show.status, scope=far(standby="ready", on_standby=True))
        await expect(lines.locator(".about")).to_have_text(["the standby plays; main server ready"])
        await page.get_by_role("button", name="Back to main").click()
        await asked(show, 2)
        assert show.asked()[1:] == [("panel/standby", (0,))]

    watch(scene)


def test_of_several_scopes_each_has_its_line_and_its_own_standby() -> None:
    async def scene(show: Show, page: Page) -> None:
        right = far("right", phase=Phase.LOADING, detail="loading memflow", standby="ready")
        show.status = replace(show.status, scope=far("left"), others=(right, far("back")))

        about = page.locator("#scopes .about")
        await expect(about).to_have_text(["right: loading memflow", "right: standby ready", "back: 16 frames / s"])
        await page.get_by_role("button", name="To standby").click()
        await asked(show, 1)
        assert show.asked() == [("panel/right/standby", (1,))]

    watch(scene)


def test_how_far_a_server_is_and_how_late_the_picture_is_told_when_it_is_known() -> None:
    async def scene(show: Show, page: Page) -> None:
        show.status = replace(show.status, scope=far(round_trip=0.084, bandwidth=4.26e6, latency=1.234))

        await expect(page.locator("#scopes .about")).to_have_text(["84 ms away · 4.3 Mbit/s · hand to picture 1.23 s"])

    watch(scene)
